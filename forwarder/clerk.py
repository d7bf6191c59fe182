"""What every dispatcher does, whoever sends: it keeps the waiting room, judges outcomes, writes them down, reads the backlog, probes.

Loops under one parent: _settle writes down, _read brings the backlog, oldest first; a dispatcher adds its own, which send. While there is
a backlog, new complaints wait in the journal behind it.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from typing import Any

from forwarder.core.contract import CoreClient, Outcome, Refused
from forwarder.core.settings import DispatchSettings
from forwarder.filing import DispatchStatus, Fact, FilingJournal, Tell
from forwarder.journal import Settled, Settlement
from forwarder.lifecycle import ComplaintMove, ComplaintState
from forwarder.outcomes import Outcomes
from forwarder.records import Errand, Filing
from forwarder.room import Room
from parsers.errors import JournalError

SETTLED_AT_ONCE_MAX = 512  # results in one transaction

log = logging.getLogger(__name__)


class Clerk(ABC):
    """The common half of the dispatchers; `_parts` and `stop` are the other."""

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
    ) -> None:
        self._core = core
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._tell = tell
        self._on_settled = settled
        self._outcomes = Outcomes(settings, clock=clock, random=random)
        self._room = Room(settings)
        self._results: list[Settlement] = []
        self._lost = 0  # Unknown outcomes among the results
        self._in_flight = 0
        self._lent = 0  # slots that something else than a complaint has
        self._kept_free = 0
        self._probe: asyncio.Task[None] | None = None
        self._read_at = 0.0
        self._paused: str | None = None
        self._stopping = False
        self._fill_now = asyncio.Event()
        self._settle_now = asyncio.Event()
        self._read_now = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()

    # -- what others call

    def offer(self, filings: Sequence[Filing]) -> None:
        """Hold them in memory where there is room and nothing older waits in the journal."""
        for filing in filings:
            if not self._room.offer(filing) and self._room.wants_reading:
                self._read_now.set()
        self._fill_now.set()

    def forget(self, complaint_ids: Iterable[int]) -> None:
        """A person changed these: read them again if they are still ready."""
        self._room.release(complaint_ids)
        self.wake()

    def wake(self) -> None:
        """Look into the journal now."""
        self._room.look_outside()
        self._read_at = self._monotonic()
        self._read_now.set()
        self._fill_now.set()

    def pause(self, reason: str) -> None:
        """Start nothing until `resume`; what is in flight is finished."""
        self._paused = reason
        self._announce("filing_paused", reason=reason)

    def resume(self) -> None:
        """Start again; an open breaker is probed at once."""
        self._paused = None
        self._outcomes.breaker.hurry(self._monotonic())
        self._announce("filing_resumed")
        self.wake()

    @property
    def available(self) -> bool:
        """Whether the core is believed to answer."""
        return self._outcomes.breaker.lets_through

    async def lend(self, most: int, *, urgent: bool) -> int:
        """Slots for what is no complaint, at most `most`; complaints go first, unless it is `urgent`. Each comes back by `take_back`."""
        given = 0
        if self._stopped_by() is None and (urgent or not (len(self._room) or self._room.backlog)):
            given = max(0, await self._spare(most))
        self._lent += given
        self._kept_free = int(urgent and not given)  # the next slot that a complaint leaves
        return given

    async def take_back(self, slots: int) -> None:
        """What went out on these slots is answered, or never went."""
        self._lent -= slots
        self._fill_now.set()

    def weigh(self, errand: Errand[Hashable], outcome: Outcome, started: float) -> Settlement:
        """Let an outcome of what is no complaint count for window and breaker, too; what is returned says what becomes of it."""
        breaker = self._outcomes.breaker
        before, now = breaker.state, self._monotonic()
        settlement = self._outcomes.judge(errand, outcome, started=started, now=now, in_flight=self._in_flight + self._lent)
        if breaker.state is not before:
            self._announce(f"core_{breaker.state}", reason=settlement.reason)
        return settlement

    def poison(self, errand: Errand[Hashable]) -> Refused | None:
        """Not to be sent again, as of a complaint."""
        return self._outcomes.poison(errand)

    def status(self) -> DispatchStatus:
        """How filing stands, for `status` and the metrics."""
        outcomes, probe_at = self._outcomes, self._outcomes.breaker.probe_at
        return DispatchStatus(
            breaker=outcomes.breaker.state,
            stopped_by=self._stopped_by(),
            window=outcomes.window.size,
            in_flight=self._in_flight,
            unsettled=len(self._results),
            waiting=len(self._room),
            backlog=self._room.backlog,
            unknown_open=self._unknown_open(),
            probe_in_seconds=None if probe_at is None else max(0.0, probe_at - self._monotonic()),
            last_filed_ms=outcomes.last_filed_ms,
            counts=dict(outcomes.counts),
        )

    async def run(self) -> None:
        """File until `stop`; a cancelled run may be run again, and writes down first what it had in flight."""
        self._finished.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, part in self._parts(tasks).items():
                    tasks.create_task(part, name=f"dispatch-{name}")
                tasks.create_task(self._settle(), name="dispatch-settle")
                tasks.create_task(self._read(), name="dispatch-read")
        finally:
            self._finished.set()

    @abstractmethod
    def _parts(self, tasks: asyncio.TaskGroup) -> Mapping[str, Coroutine[Any, Any, None]]:
        """The loops that send, by name."""

    @abstractmethod
    async def _spare(self, most: int) -> int:
        """Slots of the window that nobody uses now, at most `most`."""

    @abstractmethod
    async def stop(self) -> None:
        """Finish what is in flight, within the limit; then `run` returns."""

    # -- judging

    def _judge(self, filing: Filing, outcome: Outcome, started: float) -> Settlement:
        """Take one outcome into account; what is returned must be written down."""
        settlement = self.weigh(filing, outcome, started)
        self._in_flight -= 1
        self._tell_of(filing, settlement, self._monotonic() - started)
        return settlement

    def _tell_of(self, filing: Filing, settlement: Settlement, seconds: float) -> None:
        self._tell(
            settlement.move.value,
            number=filing.complaint.number,
            attempt=filing.attempt,
            tracking_id=settlement.tracking_id,
            reason=settlement.reason,
            milliseconds=round(seconds * 1000),
        )

    def _unknown_open(self) -> int:
        return self._journal.tally.get(ComplaintState.UNKNOWN, 0) + self._lost

    def _stopped_by(self) -> str | None:
        if self._stopping:
            return "stopping"
        if self._paused is not None:
            return self._paused
        if not self._outcomes.breaker.lets_through:
            return f"breaker {self._outcomes.breaker.state}"
        if self._monotonic() < self._outcomes.quiet_until:
            return "the core asked for a pause"
        return None

    def _fill_wait(self) -> float | None:
        """Seconds until something may change without anybody calling."""
        now = self._monotonic()
        due = [now + self._settings.poll_seconds] if self._room.held else []
        probe_at = self._outcomes.breaker.probe_at
        if probe_at is not None and self._probe is None:
            due.append(probe_at)
        if self._outcomes.quiet_until > now:
            due.append(self._outcomes.quiet_until)
        return max(0.0, min(due) - now) if due else None

    # -- probing

    def _start_probe(self, tasks: asyncio.TaskGroup) -> None:
        probe_at = self._outcomes.breaker.probe_at
        if probe_at is None or self._probe is not None or self._stopping or self._monotonic() < probe_at:
            return
        self._probe = tasks.create_task(self._probe_core(), name="dispatch-probe")

    async def _may_probe(self) -> bool:
        """Whether it is ours to ask the core now."""
        return True

    async def _probe_core(self) -> None:
        if not await self._may_probe():
            self._probe = None
            return
        good = False
        try:
            good = await self._core.probe()
        except Exception:
            log.exception("our own code failed while probing the core")
        finally:
            self._probe = None
            changed = self._outcomes.breaker.probed(good=good, now=self._monotonic())
            self._outcomes.counts["probes"] += 1
            if changed:
                self._announce(f"core_{self._outcomes.breaker.state}")
            self._fill_now.set()

    # -- settling

    async def _settle(self) -> None:
        """Write outcomes down, as many as there are; one that cannot be written is kept and tried again."""
        while not (self._stopping and self._in_flight == 0 and not self._results):
            if not self._results:
                await wait_for(self._settle_now, None)
                self._settle_now.clear()
                continue
            batch = self._results[:SETTLED_AT_ONCE_MAX]
            try:
                settled = await self._journal.settle(batch)
            except JournalError as error:
                log.warning("outcomes wait for the journal", extra={"cause": type(error).__name__, "outcomes": len(self._results)})
                await asyncio.sleep(self._settings.journal_wait_seconds)
                continue
            del self._results[: len(batch)]
            self._written(batch, settled)

    def _written(self, batch: Sequence[Settlement], settled: Sequence[Settled]) -> None:
        self._room.release(settlement.complaint_id for settlement in batch)
        for settlement in batch:
            self._lost -= settlement.move is ComplaintMove.LOST_ANSWER
            if settlement.next_ms is not None:
                self._read_after((settlement.next_ms - self._clock()) / 1000)
        for result in settled:
            if result.alarm is not None:
                log.error("the core contradicts itself", extra={"complaint_id": result.complaint_id, "alarm": result.alarm})
                self._tell("core_alarm", complaint_id=result.complaint_id, alarm=result.alarm)
        self._on_settled(settled)
        self._fill_now.set()

    def _note(self, settlements: Sequence[Settlement]) -> None:
        self._results.extend(settlements)
        self._lost += sum(settlement.move is ComplaintMove.LOST_ANSWER for settlement in settlements)
        self._settle_now.set()
        self._fill_now.set()

    # -- the backlog

    async def _read(self) -> None:
        """Fetch those who wait in the journal; look from time to time who became ready by himself."""
        again = False
        while not self._stopping:
            self._read_now.clear()
            now = self._monotonic()
            if again or self._room.wants_reading or now >= self._read_at:
                self._read_at = now + self._settings.poll_seconds
                try:
                    again = await self._room.read(self._journal, self._clock())
                    self._fill_now.set()
                except JournalError as error:
                    log.warning("the backlog cannot be read", extra={"cause": type(error).__name__})
                    await asyncio.sleep(self._settings.journal_wait_seconds)
                if again or self._stopping:
                    continue
            await wait_for(self._read_now, max(0.0, self._read_at - self._monotonic()))

    def _read_after(self, seconds: float) -> None:
        at = self._monotonic() + max(0.0, seconds)
        if at < self._read_at:
            self._read_at = at
            self._read_now.set()

    # -- telling

    def _announce(self, event: str, **facts: Fact) -> None:
        log.warning("filing: %s", event, extra=facts)
        self._tell(event, **facts)

    def _wake_all(self) -> None:
        for event in (self._fill_now, self._settle_now, self._read_now):
            event.set()


async def wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Until the event, or so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
