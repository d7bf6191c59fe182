"""From `ready` to the core and back in one process: who goes next, how many at once, and what is written before and after.

    offer() ─┐
             ├─> Turns ── start_filing (commits `sending`) ── core.file() ── judge ── settle (commits) ──> reply
    ready() ─┘            only for free slots, one batch       one task each           one batch

_fill starts; the rest is the clerk's. Rows found in `sending` after a crash are the journal's to declare unknown, not ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from forwarder.clerk import SETTLED_AT_ONCE_MAX, Clerk, wait_for
from forwarder.core.contract import CoreClient, Outcome, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.filing import Dispatcher, DispatchStatus, FilingJournal, Tell
from forwarder.journal import Settled
from forwarder.pacing import BreakerState
from forwarder.records import Filing
from parsers.errors import JournalError

__all__ = ["DispatchStatus", "Dispatcher", "InlineDispatcher", "Tell"]

STARTS_AT_ONCE = 2  # one commit of `sending` on its way while the next one gathers: the slots are not idle meanwhile

log = logging.getLogger(__name__)


class InlineDispatcher(Clerk):
    """The embedded dispatcher: one process, one core, no server."""

    def __init__(  # noqa: PLR0913 - time, chance and listeners come in by name
        self,
        core: CoreClient,
        journal: FilingJournal,
        settings: DispatchSettings,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        tell: Tell,
        settled: Callable[[Sequence[Settled]], None],
        intake_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(core, journal, settings, clock=clock, monotonic=monotonic, random=random, tell=tell, settled=settled)
        self._intake_busy = intake_busy
        self._posts: set[asyncio.Task[None]] = set()
        self._full_of_unknowns = False
        self._starts = asyncio.Semaphore(STARTS_AT_ONCE)

    def _parts(self, tasks: asyncio.TaskGroup) -> Mapping[str, Coroutine[Any, Any, None]]:
        return {"fill": self._fill(tasks)}

    async def stop(self) -> None:
        """Finish what is in flight; what is not answered within the limit is broken off and unknown.

        Outcomes that a failing journal does not take stay behind as `sending`: the next start declares them unknown.
        """
        self._stopping = True
        self._wake_all()
        for last in (False, True):
            try:
                async with asyncio.timeout(self._settings.journal_wait_seconds if last else self._settings.settle_seconds_max):
                    await self._finished.wait()
            except TimeoutError:
                log.warning("the stop takes too long", extra={"in_flight": self._in_flight, "unsettled": len(self._results)})
            for post in tuple(self._posts):
                post.cancel()

    async def _fill(self, tasks: asyncio.TaskGroup) -> None:
        while not (self._stopping and self._in_flight == 0):
            self._fill_now.clear()
            self._start_probe(tasks)
            batch = self._room.take(self._free())
            if self._room.wants_reading:
                self._read_now.set()
            if batch:
                self._in_flight += len(batch)
                await self._starts.acquire()
                tasks.create_task(self._start(tasks, batch))
            else:
                await wait_for(self._fill_now, self._fill_wait())
        if self._probe is not None:
            self._probe.cancel()
        self._wake_all()

    async def _start(self, tasks: asyncio.TaskGroup, batch: list[Filing]) -> None:
        """Commit `sending`, then send those that moved. If it is not sure that they moved, they are given back: no byte went."""
        started: set[int] | None = None
        try:
            started = await self._journal.start_filing([(filing.complaint_id, filing.attempt) for filing in batch])
        except JournalError as error:
            log.warning("filing waits for the journal", extra={"cause": type(error).__name__, "complaints": len(batch)})
        finally:
            if started is None:
                self._in_flight -= len(batch)
                self._note([self._outcomes.give_back(filing, "the journal could not mark it") for filing in batch])
        if started is None:
            await asyncio.sleep(self._settings.journal_wait_seconds)
        self._starts.release()
        if started is None:
            return
        for filing in batch:
            if filing.complaint_id in started:
                post = tasks.create_task(self._file(filing))
                self._posts.add(post)
                post.add_done_callback(self._posts.discard)
            else:  # a person was quicker
                self._in_flight -= 1
                self._room.release((filing.complaint_id,))

    async def _file(self, filing: Filing) -> None:
        """One request. Whatever breaks it off, its outcome is noted."""
        started = self._monotonic()
        outcome: Outcome = Unknown("broken off by us")
        try:
            outcome = self._outcomes.poison(filing) or await self._core.file(filing.complaint, filing.attempt)
        except Exception as error:
            log.exception("our own code failed while filing", extra={"complaint_id": filing.complaint_id})
            outcome = Unknown(f"{type(error).__name__} in our own code")
        finally:
            self._note([self._judge(filing, outcome, started)])

    def _free(self) -> int:
        """How many may be started now. What is in flight, or answered and not yet written down, is unknown after a crash: it counts."""
        if self._stopped_by() is not None or len(self._results) >= SETTLED_AT_ONCE_MAX:
            return 0
        limit, room = self._limit(), self._settings.unknown_max - self._unknown_open()
        if (room <= 0) is not self._full_of_unknowns:
            self._full_of_unknowns = room <= 0
            self._announce("unknown_max" if room <= 0 else "unknown_below_max", unknown=self._unknown_open())
        busy = self._in_flight + len(self._results) + self._lent + self._kept_free
        free = min(limit, room) - busy
        return free if free >= limit // 2 or not busy else 0  # half a window at once: a commit for each slot would cost more

    async def _spare(self, most: int) -> int:
        room = min(self._limit(), self._settings.unknown_max - self._unknown_open())
        return min(most, room - self._in_flight - len(self._results) - self._lent)

    def _limit(self) -> int:
        limit = 1 if self._outcomes.breaker.state is BreakerState.TRIAL else self._outcomes.window.size
        return self._settings.window_busy if limit > self._settings.window_busy and self._intake_busy() else limit
