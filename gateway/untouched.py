"""Nothing waits unseen: what nobody at the desk touched goes on to the national desk of the core, a few at a time.

The time a complaint has waited is the journal's, which moves with the clock when that is set (forwarder/journal/steps.py). A clock that
was set while no gateway ran is seen by nobody; so nothing goes on before this process has watched for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from forwarder.journal import Journal, PassOn
from gateway.composer import Composer
from gateway.house_settings import DeskSettings
from parsers.errors import JournalError
from parsers.model import Candidate, Complaint, Decision

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
AT_ONCE_MAX = 50  # in a round: an hour of a desk that nobody opened for days is spread over an hour and more
WATCHED_SECONDS = 3_600.0  # of this process: time enough for a person or a time server to set a wrong clock right
RULE = "untouched"


class Untouched:
    """Sees to it, round after round."""

    def __init__(  # noqa: PLR0913 - clocks and listeners come in by name
        self,
        journal: Journal,
        composer: Callable[[], Composer],
        settings: DeskSettings,
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        wake: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`wake` tells the dispatcher that something became ready."""
        self._journal = journal
        self._composer = composer
        self._settings = settings
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._wake = wake
        self._sleep = sleep
        self._began = monotonic()
        self._wordless: set[int] = set()
        self.passed = 0
        """How many went on since the start."""

    async def run(self) -> None:
        """Until cancelled; returns at once where it is switched off."""
        while self._settings.untouched_hours:
            await self._sleep(ROUND_SECONDS)
            try:
                await self.round()
            except JournalError as error:
                log.warning("what nobody touched waits for the journal", extra={"cause": str(error)})

    async def round(self) -> None:
        """Pass on at most AT_ONCE_MAX, and raise the alarms of the day. JournalError passes through; nothing is lost by it."""
        hours = self._settings.untouched_hours
        if not hours or self._monotonic() - self._began < min(WATCHED_SECONDS, hours * 3_600):
            return
        before_ms = self._now_ms() - round(hours * 3_600_000)
        if not self._journal.health().filing_paused:
            await self._pass_on(before_ms)
        if raised := await self._journal.ledger.alarm_untouched(before_ms, hours):
            log.error("complaints are unknown or parked and nobody touches them: `desk list`", extra={"complaints": raised})

    async def _pass_on(self, before_ms: int) -> None:
        due = await self._journal.ledger.untouched(before_ms, AT_ONCE_MAX, self._wordless)
        items = [self._item(number, complaint, before_ms) for number, complaint in due.items() if _has_words(complaint)]
        wordless = due.keys() - {item.complaint_id for item in items if item is not None}
        if wordless:
            log.warning("nobody touches what holds no words to pass on: `desk list`", extra={"complaints": len(wordless)})
            self._wordless |= wordless
        given = [item for item in items if item is not None]
        moved = sum(await self._journal.ledger.pass_on(given))
        if moved:
            self.passed += moved
            log.warning("complaints that nobody touched go to the national desk", extra={"complaints": moved})
            self._wake()

    def _item(self, complaint_id: int, complaint: Complaint | None, before_ms: int) -> PassOn | None:
        if complaint is None:
            return None
        hours = f"{self._settings.untouched_hours:g}"
        decision, name = self._composer().destination("national", complaint.decision, "gateway")
        decision = replace(decision, rule=RULE, why=f"nobody touched it for {hours} hours", candidates=_candidates(complaint.decision))
        return PassOn(complaint_id, decision, name, before_ms, f"nobody touched it for {hours} hours: to the national desk")


def _has_words(complaint: Complaint | None) -> bool:
    return complaint is not None and bool(complaint.message.text.strip())


def _candidates(before: Decision) -> tuple[Candidate, ...]:
    """Where it would have gone stays as a hint, first of all."""
    own = (Candidate(before.region, before.instansi, before.keyword),) if before.region and before.keyword else ()
    return (*own, *(one for one in before.candidates if one not in own))
