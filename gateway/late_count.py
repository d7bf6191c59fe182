"""Counts beside the road how many complaints are late by rule, for the metrics: each hour, in short looks with rests between them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from forwarder.journal import late
from forwarder.journal.late import UNHEARD
from forwarder.journal.terms import OPEN_STEPS
from parsers.due import Clocks
from parsers.errors import JournalError

FIRST_SECONDS = 60.0  # after the start, when what waited has gone its way
ROUND_SECONDS = 3_600.0  # Ours: deadlines pass at midnight, and the core is asked for a complaint some times a day.
REST_SECONDS = 0.2  # after each look of some 40 ms: a fifth of one processor, and a checkpoint finds nobody who reads

log = logging.getLogger(__name__)


class LateCount:
    """`found` is how many were late with each step when it was last counted; empty before the first time."""

    def __init__(
        self,
        path: Path,
        clocks: Callable[[], Clocks],
        now_ms: Callable[[], int],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._path, self._clocks, self._now_ms, self._sleep = path, clocks, now_ms, sleep
        self._rest_seconds = rest_seconds
        self._ending = threading.Event()
        self.found: Mapping[str, int] = {}

    async def run(self) -> None:
        """Until cancelled; a count that is under way then ends at its next rest."""
        try:
            await self._sleep(FIRST_SECONDS)
            while True:
                await self.round()
                await self._sleep(ROUND_SECONDS)
        finally:
            self._ending.set()

    async def round(self) -> None:
        """Count once; where the journal cannot be read, what was known stays."""
        wanted = late.Wanted(self._clocks(), self._now_ms())
        try:
            found = await asyncio.to_thread(late.tally, self._path, wanted, self._rest)
        except JournalError as error:
            log.warning("what is late by rule cannot be counted now", extra={"cause": str(error)})
            return
        self.found = {step: found[step] for step in (*OPEN_STEPS, UNHEARD)}

    def _rest(self) -> None:
        if self._ending.wait(self._rest_seconds):
            raise JournalError("the gateway stops")
