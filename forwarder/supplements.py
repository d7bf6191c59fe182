"""Additions on their way to the core: behind the complaints, in the slots that those leave free, a few at a time, one of a case.

    journal.additions.ready ─> lend ─> start (commits `sending`) ─> core.supplement ─> weigh ─> settle (commits)

There are few of them, so the gateway itself sends them, also where workers file (docs/adr/0025). What a crash finds in `sending` is the
journal's to declare unknown; the reconciler asks for it where the core can be asked, and where not, a person is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from forwarder.clerk import wait_for
from forwarder.core.contract import CoreClient, Outcome, Refused, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.filing import Tell
from forwarder.journal import AdditionResult, AdditionSettled, Ready, Settlement
from forwarder.lifecycle import AdditionMove, AdditionState, ComplaintMove
from forwarder.records import Adding, AdditionId, Errand
from parsers.errors import JournalError

AT_ONCE = 4  # Ours: one that is not answered in time must not hold up all others, and the window is the complaints'.
PATIENT_MS = 600_000  # Ours: complaints go first, but what waited for ten minutes goes with them.
SWITCHED_OFF = "additions wait for a person: [core] supplements"
ERASED = "its text, or its complaint's, is erased"
NOBODY_CAN_ASK = "the core's answer to an addition is lost, and the core cannot be asked for it"
MOVES: Mapping[ComplaintMove, AdditionMove] = {
    ComplaintMove.FILED: AdditionMove.ADDED,
    ComplaintMove.NOT_FILED: AdditionMove.NOT_ADDED,
    ComplaintMove.REFUSED: AdditionMove.REFUSED,
    ComplaintMove.LOST_ANSWER: AdditionMove.LOST_ANSWER,
}
"""What an outcome is to an addition, by what it is to a complaint."""

log = logging.getLogger(__name__)


class AdditionsJournal(Protocol):
    """What is asked of the journal (forwarder.journal.Journal.additions)."""

    @property
    def tally(self) -> Mapping[AdditionState, int]:
        """Additions by state as of the last commit."""

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[AdditionId] = frozenset()) -> Ready:
        """What may be sent now, the first of each case."""

    async def start(self, items: Sequence[tuple[AdditionId, int]]) -> set[AdditionId]:
        """Ready → sending for (addition, attempt); those that moved."""

    async def settle(self, results: Sequence[AdditionResult]) -> list[AdditionSettled]:
        """Write down what the core answered."""

    async def leave(self, keys: Sequence[AdditionId], why: str) -> None:
        """These to a person."""

    async def leave_all(self, why: str) -> None:
        """All that is on its way to a person."""


class Lender(Protocol):
    """Who has the core's window and breaker: the dispatcher, whichever it is (forwarder.clerk.Clerk)."""

    async def lend(self, most: int, *, urgent: bool) -> int:
        """Slots, at most so many."""

    async def take_back(self, slots: int) -> None:
        """They are free again."""

    def weigh(self, errand: Errand[Hashable], outcome: Outcome, started: float) -> Settlement:
        """Let an outcome count."""

    def poison(self, errand: Errand[Hashable]) -> Refused | None:
        """Not to be sent again."""


class Supplements:
    """Sends what was added, by itself or, where `send` is False, to nobody but a person."""

    def __init__(  # noqa: PLR0913 - time, peers and listeners come in by name
        self,
        core: CoreClient,
        journal: AdditionsJournal,
        settings: DispatchSettings,
        lender: Lender,
        *,
        send: bool,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        tell: Tell,
    ) -> None:
        self._core = core
        self._journal = journal
        self._settings = settings
        self._lender = lender
        self._send = send
        self._clock = clock
        self._monotonic = monotonic
        self._tell = tell
        self._out: set[AdditionId] = set()  # sent, or about to be, and not yet written down
        self._results: list[AdditionResult] = []
        self._stopping = False
        self._look_now = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()

    def wake(self) -> None:
        """Something may have become ready."""
        self._look_now.set()

    async def run(self) -> None:
        """Until `stop`; a cancelled run may be run again, and writes down first what it had in flight."""
        self._finished.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                while not (self._stopping and not self._out):
                    self._look_now.clear()
                    try:
                        await self._settle()
                        if not self._stopping:
                            await self._look(tasks)
                    except JournalError as error:
                        log.warning("additions wait for the journal", extra={"cause": type(error).__name__})
                        await asyncio.sleep(self._settings.journal_wait_seconds)
                        continue
                    await wait_for(self._look_now, self._settings.poll_seconds)
        finally:
            self._finished.set()

    async def stop(self) -> None:
        """Begin nothing more, and wait for what is in flight; what is not answered within the limit is unknown at the next start."""
        self._stopping = True
        self._look_now.set()
        await wait_for(self._finished, self._settings.settle_seconds_max)

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        tally = self._journal.tally
        if not self._send:
            if tally[AdditionState.WAITING] or tally[AdditionState.READY]:
                await self._journal.leave_all(SWITCHED_OFF)
            return
        room = min(AT_ONCE, self._settings.unknown_max - tally[AdditionState.UNKNOWN]) - len(self._out)
        if not tally[AdditionState.READY] or room <= 0:
            return
        now_ms = self._clock()
        ready = await self._journal.ready(room, now_ms, frozenset(self._out))
        if ready.erased:
            await self._journal.leave(ready.erased, ERASED)
        if not ready.jobs:
            return
        urgent = now_ms - min(job.since_ms for job in ready.jobs) > PATIENT_MS
        slots = await self._lender.lend(len(ready.jobs), urgent=urgent)
        if slots:
            await self._start(tasks, ready.jobs[:slots], slots)

    async def _start(self, tasks: asyncio.TaskGroup, jobs: Sequence[Adding], slots: int) -> None:
        """Commit `sending`, then send those that moved. If it is not sure that they moved, they are given back: no byte went."""
        self._out.update(job.key for job in jobs)
        started: set[AdditionId] | None = None
        try:
            started = await self._journal.start([(job.key, job.attempt) for job in jobs])
        finally:
            if started is None:
                self._results += [self._unsent(job) for job in jobs]
            unused = slots - len(started or ())
            if unused:
                await self._lender.take_back(unused)
        for job in jobs:
            if job.key in started:
                tasks.create_task(self._supplement(job), name="supplement")
            else:  # a person was quicker
                self._out.discard(job.key)

    async def _supplement(self, job: Adding) -> None:
        """One request. Whatever breaks it off, its outcome is noted."""
        began = self._monotonic()
        outcome: Outcome = Unknown("broken off by us")
        try:
            outcome = self._lender.poison(job) or await self._core.supplement(job.supplement, job.attempt)
        except Exception as error:
            log.exception("our own code failed while adding", extra={"complaint_id": job.complaint_id})
            outcome = Unknown(f"{type(error).__name__} in our own code")
        finally:
            self._results.append(self._judged(job, self._lender.weigh(job, outcome, began)))
            self._look_now.set()
            await self._lender.take_back(1)

    def _judged(self, job: Adding, settlement: Settlement) -> AdditionResult:
        move = MOVES[settlement.move]
        self._tell(f"addition_{move}", key=job.known_as, attempt=job.attempt, tracking_id=settlement.tracking_id, reason=settlement.reason)
        lost = move is AdditionMove.LOST_ANSWER and not self._core.can_look_up
        return AdditionResult(
            job.key,
            job.attempt,
            move,
            settlement.tracking_id,
            settlement.reason,
            settlement.next_ms,
            settlement.charged,
            NOBODY_CAN_ASK if lost else None,
        )

    def _unsent(self, job: Adding) -> AdditionResult:
        next_ms = self._clock() + round(self._settings.journal_wait_seconds * 1000)
        reason = "the journal could not mark it"
        return replace(AdditionResult(job.key, job.attempt, AdditionMove.NOT_ADDED, reason=reason, next_ms=next_ms), charged=False)

    async def _settle(self) -> None:
        """Write outcomes down; one that cannot be written is kept and tried again."""
        if not self._results:
            return
        batch = list(self._results)
        settled = await self._journal.settle(batch)
        del self._results[: len(batch)]
        self._out.difference_update(result.key for result in batch)
        for one in settled:
            if one.alarm is not None:
                log.error("an addition needs a person", extra={"complaint_id": one.key[0], "alarm": one.alarm})
                self._tell("core_alarm", complaint_id=one.key[0], alarm=one.alarm)
