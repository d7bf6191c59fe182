"""Days are closed when they are over, and the last one's sums are looked at again every hour: what breaks them is an alarm.

A day is closed by the wall clock, and only while that was steady: a clock that was set forward closes no day before somebody can see it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from forwarder.journal import Journal, day_name
from gateway.house_settings import LedgerSettings
from parsers.errors import JournalError

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
BETWEEN_SECONDS = 0.2  # from one day to the next, where many are to be closed: reading beside the road, never all at once
STEADY_SECONDS = 600.0  # since the start and since the clock was set
STEP_SECONDS = 60.0
LOOK_SECONDS = 3_600.0


class Closer:
    """Closes days. `gap` is what breaks the sums of the last closed one, `day` its number; None before the first look."""

    def __init__(  # noqa: PLR0913 - clocks come in by name
        self,
        journal: Journal,
        settings: LedgerSettings,
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        steady_seconds: float = STEADY_SECONDS,
    ) -> None:
        self._journal = journal
        self._close_ms = round(settings.close_hours * 3_600_000)
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._sleep = sleep
        self._steady_seconds = steady_seconds
        self._anchor = (now_ms(), monotonic())
        self._steady_from = monotonic() + steady_seconds
        self._look_at = monotonic()
        self._doubtful = False
        self.day: int | None = None
        self.gap: int | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except JournalError as error:
                log.warning("the ledger waits for the journal", extra={"cause": str(error)})
            await self._sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Close every day that is due, then look at the last one if it is new or an hour has gone by. JournalError passes through."""
        if self._steady() and not self._journal.health().filing_paused:
            while (day := await self._close()) is not None:
                log.info("day closed", extra={"day": day_name(day)})
                self._look_at = self._monotonic()
                await self._sleep(BETWEEN_SECONDS)
        if self._monotonic() >= self._look_at:
            self._look_at = self._monotonic() + LOOK_SECONDS
            await self._look()

    async def _close(self) -> int | None:
        day, doubt = None, ""
        try:
            day = await self._journal.ledger.close_next(self._now_ms(), self._close_ms)
        except ValueError as error:
            doubt = str(error)
        if doubt and not self._doubtful:
            log.error("no day is closed: %s; set the clock right, or restart when it is", doubt)
        self._doubtful = bool(doubt)
        return day

    async def _look(self) -> None:
        found = await self._journal.ledger.last_account()
        if found is None:
            return
        self.day, account = found
        if account.breaks and account.breaks != self.gap:
            log.error(
                "messages of a closed day break its sums: `lapor-gateway ledger --day %s`",
                day_name(self.day),
                extra={"messages": account.breaks},
            )
        self.gap = account.breaks

    def _steady(self) -> bool:
        """Whether the wall clock has gone as fast as the other one for long enough."""
        wall, seconds = self._now_ms(), self._monotonic()
        stepped = abs(wall - self._anchor[0] - round((seconds - self._anchor[1]) * 1000)) > STEP_SECONDS * 1000
        self._anchor = (wall, seconds)
        if stepped:
            self._steady_from = seconds + self._steady_seconds
        return seconds >= self._steady_from
