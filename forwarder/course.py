"""Asks the core how filed complaints stand, where its dialect can be asked: often while they are young, seldom later, and at last no more.

What it says is written down as it is heard (journal.courses). Asking changes nothing at the core, so a lost answer is asked for again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from forwarder import pacing
from forwarder.core.contract import CoreClient, Course, CourseStatus, Unknown
from forwarder.journal import Followed, Heard
from parsers.errors import JournalError

DAY_MS = 86_400_000
MINUTE_MS = 60_000
SELDOM_MS = DAY_MS
FOLLOW_MS = 120 * DAY_MS  # Ours: the law gives an instansi 60 days for the hardest kind; what lasts twice as long is not seen through here.
LINGER_MS = 10 * DAY_MS  # Ours: so long a citizen may answer that it is not settled, and it goes on.
AT_ONCE = 50  # Ours: complaints in one question; a core with pages has pages of 20 to 100.
WALK_IDS = 5_000  # complaints looked through at once at the start, so that nobody waits for the reader
POLL_SECONDS = 5.0
BREATH_SECONDS = 0.2  # between two questions while many are due: filing goes first
FAILED_FIRST_SECONDS, FAILED_MOST_SECONDS = 30.0, 900.0
DONE = frozenset({CourseStatus.DONE, CourseStatus.ARCHIVED})

log = logging.getLogger(__name__)


class CoursesJournal(Protocol):
    """What is asked of the journal (forwarder.journal.Journal.courses)."""

    async def begin(self, *, follows: bool) -> None:
        """From now on filed complaints are followed, or not."""

    async def newest(self) -> int:
        """The newest complaint's id."""

    async def missing(self, after: int, until: int, since_ms: int) -> list[int]:
        """Filed complaints of these ids that nobody follows."""

    async def follow(self, complaint_ids: Sequence[int]) -> None:
        """Follow these."""

    async def due(self, now_ms: int, limit: int) -> list[Followed]:
        """Whom to ask for now."""

    async def hear(self, courses: Sequence[Course], *, looks: Sequence[tuple[int, int | None]] = (), digest: bytes | None = None) -> Heard:
        """Write down what was said."""


class Follower:
    """One question at a time. `counts` says what became of them, in complaints."""

    def __init__(  # noqa: PLR0913 - time, chance and peers come in by name
        self,
        core: CoreClient,
        journal: CoursesJournal,
        *,
        follow_minutes: float,
        clock: Callable[[], int],
        random: Callable[[], float],
        available: Callable[[], bool],
    ) -> None:
        """`available` says whether the core is believed to answer."""
        self._core = core
        self._journal = journal
        self._every_ms = round(follow_minutes * MINUTE_MS)
        self._clock = clock
        self._random = random
        self._available = available
        self._size = AT_ONCE
        self._failures = 0
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Until cancelled; returns at once where the core cannot be asked."""
        await self._journal.begin(follows=self._core.can_follow)
        if not self._core.can_follow:
            return
        await self._catch_up()
        while True:
            try:
                wait = await self.round() if self._available() else POLL_SECONDS
            except JournalError as error:
                log.warning("what the core says of complaints waits for the journal", extra={"cause": type(error).__name__})
                wait = POLL_SECONDS
            await asyncio.sleep(wait)

    async def round(self) -> float:
        """One question; the seconds until the next. JournalError passes through: then it is asked again."""
        size = self._size
        due = await self._journal.due(self._clock(), size)
        if not due:
            return POLL_SECONDS
        said = await self._ask([one.tracking_id for one in due])
        if isinstance(said, Unknown):
            return await self._failed(due, said)
        self._failures, self._size = 0, min(AT_ONCE, 2 * self._size)
        now, of = self._clock(), {one.tracking_id: one for one in said}
        looks = [(one.complaint_id, next_look(one, of.get(one.tracking_id), now, self._every_ms)) for one in due]
        asked = {one.tracking_id for one in due}
        heard = await self._journal.hear([one for one in said if one.tracking_id in asked], looks=looks)
        self.counts.update(changed=heard.changed, still=heard.still, back=heard.back, untold=len(due) - heard.changed - heard.still)
        return BREATH_SECONDS if len(due) == size else POLL_SECONDS

    async def _ask(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        try:
            return await self._core.course(tracking_ids)
        except Exception as error:
            log.exception("our own code failed while asking how complaints stand")
            return Unknown(f"{type(error).__name__} in our own code")

    async def _failed(self, due: Sequence[Followed], said: Unknown) -> float:
        """Ask for half as many: one that the core stumbles over must not keep the others from being asked for. Alone, it waits its turn."""
        self.counts["failed"] += 1
        self._failures += 1
        log.warning("the core does not say how complaints stand", extra={"cause": said.reason, "complaints": len(due)})
        if len(due) == 1:
            await self._journal.hear([], looks=[(due[0].complaint_id, next_look(due[0], None, self._clock(), self._every_ms))])
        self._size = max(1, len(due) // 2)
        return pacing.back_off_seconds(self._failures, first=FAILED_FIRST_SECONDS, most=FAILED_MOST_SECONDS, share=self._random())

    async def _catch_up(self) -> None:
        """Complaints that were filed while nobody followed any."""
        newest, since_ms = await self._journal.newest(), self._clock() - FOLLOW_MS
        for after in range(0, newest, WALK_IDS):
            await self._journal.follow(await self._journal.missing(after, min(newest, after + WALK_IDS), since_ms))


def next_look(one: Followed, said: Course | None, now_ms: int, every_ms: int) -> int | None:
    """When to ask again, in UTC ms; None when it was followed to its end."""
    age = max(0, now_ms - one.filed_ms)
    changed = said is not None and said.status is not one.status
    status = said.status if said is not None else one.status
    since_ms = now_ms if changed or one.since_ms is None else one.since_ms
    if age >= FOLLOW_MS or (status in DONE and now_ms - since_ms >= LINGER_MS):
        return None
    return now_ms + min(SELDOM_MS, every_ms * (DAY_MS + age) // DAY_MS)
