"""Settles what is `unknown` by asking the core for our number, where its dialect can be asked.

Found: filed, and the citizen hears the tracking id. Absent twice, a settling time apart: ready again. Anything else: it stays, and a
person sees it on the desk. Nothing is ever sent from here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from forwarder import pacing
from forwarder.core.contract import Absent, CoreClient, Filed
from forwarder.core.settings import DispatchSettings
from forwarder.dispatch import Tell
from forwarder.records import Errand
from parsers.errors import JournalError

PAGE_ROWS = 1_000  # oldest first; unknown_max is far below it

log = logging.getLogger(__name__)


KeyT = TypeVar("KeyT", bound=Hashable)
SettledT_co = TypeVar("SettledT_co", bound="Contradicted", covariant=True)


class Contradicted(Protocol):
    """What became of a find."""

    @property
    def alarm(self) -> str | None:
        """What must never happen and did."""


class UnknownJournal(Protocol[KeyT, SettledT_co]):
    """What is asked of the journal: forwarder.journal.Journal of complaints, Journal.additions of what was added to them."""

    async def unknown(self, limit: int) -> Sequence[Errand[KeyT]]:
        """What is unknown, oldest first."""

    async def note_found(self, key: KeyT, tracking_id: str, /) -> SettledT_co:
        """The core has it."""

    async def note_absent(self, key: KeyT, /, *, settling_ms: int) -> bool:
        """The core says it does not have it; True when that made it ready."""


@dataclass(slots=True)
class Asked:
    """How often one was asked for, and when next (monotonic seconds)."""

    times: int
    next_at: float


class Reconciler(Generic[KeyT, SettledT_co]):
    """One look-up at a time, gently: the core may just be recovering."""

    def __init__(  # noqa: PLR0913 - time, chance and listeners come in by name
        self,
        core: CoreClient,
        journal: UnknownJournal[KeyT, SettledT_co],
        settings: DispatchSettings,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float],
        tell: Tell,
        settled: Callable[[Sequence[SettledT_co]], None],
        wake: Callable[[], None],
        available: Callable[[], bool],
    ) -> None:
        """`wake` tells the dispatcher that something became ready; `available` says whether the core is believed to answer."""
        self._core = core
        self._journal = journal
        self._settings = settings
        self._monotonic = monotonic
        self._random = random
        self._tell = tell
        self._on_settled = settled
        self._wake = wake
        self._available = available
        self._asked: dict[KeyT, Asked] = {}

    async def run(self) -> None:
        """Until cancelled; returns at once where the core cannot be asked."""
        while self._core.can_look_up:
            if self._available():
                try:
                    await self.round()
                except JournalError as error:
                    log.warning("look-ups wait for the journal", extra={"cause": type(error).__name__})
            await asyncio.sleep(self._settings.poll_seconds)

    async def round(self) -> None:
        """Ask once for each that is due. JournalError passes through; nothing is lost by it but the answer."""
        rows = await self._journal.unknown(PAGE_ROWS)
        now = self._monotonic()
        first = now + self._settings.look_up_first_seconds
        self._asked = {row.key: self._asked.get(row.key, Asked(0, first)) for row in rows}
        for row in rows:
            asked = self._asked[row.key]
            if asked.next_at <= self._monotonic() and self._available():
                await self._ask(row, asked)

    async def _ask(self, row: Errand[KeyT], asked: Asked) -> None:
        answer = await self._core.look_up(row.known_as)
        asked.times += 1
        wait = pacing.back_off_seconds(
            asked.times, first=self._settings.look_up_first_seconds, most=self._settings.look_up_most_seconds, share=self._random()
        )
        asked.next_at = self._monotonic() + wait
        match answer:
            case Filed(tracking_id):
                settled = await self._journal.note_found(row.key, tracking_id)
                self._tell("found", number=row.known_as, tracking_id=tracking_id, alarm=settled.alarm)
                self._on_settled([settled])
            case Absent():
                asked.next_at = self._monotonic() + self._settings.absent_settling_seconds
                if await self._journal.note_absent(row.key, settling_ms=round(self._settings.absent_settling_seconds * 1000)):
                    self._tell("absent", number=row.known_as)
                    self._wake()
