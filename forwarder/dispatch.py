"""From `ready` to the core and back: who goes next, how many at once, and what is written before and after.

    offer() ─┐
             ├─> Turns ── start_filing (commits `sending`) ── core.file() ── judge ── settle (commits) ──> reply
    ready() ─┘            only for free slots, one batch       one task each           one batch

Three loops under one parent: _fill starts, _settle writes down, _read brings the backlog, oldest first. While there is a backlog, new
complaints wait in the journal behind it. Rows found in `sending` after a crash are the journal's to declare unknown, not ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from forwarder.core.contract import CoreClient, Outcome, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.filing import Dispatcher, DispatchStatus, Fact, FilingJournal, Tell
from forwarder.journal import Settled, Settlement
from forwarder.lifecycle import ComplaintMove, ComplaintState
from forwarder.outcomes import Outcomes
from forwarder.pacing import BreakerState
from forwarder.records import Filing
from forwarder.room import Room
from parsers.errors import JournalError

SETTLED_AT_ONCE_MAX = 512  # results in one transaction

__all__ = ["DispatchStatus", "Dispatcher", "InlineDispatcher", "Tell"]

STARTS_AT_ONCE = 2  # one commit of `sending` on its way while the next one gathers: the slots are not idle meanwhile

log = logging.getLogger(__name__)


class InlineDispatcher:
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
        self._core = core
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._tell = tell
        self._on_settled = settled
        self._intake_busy = intake_busy
        self._outcomes = Outcomes(settings, clock=clock, random=random)
        self._room = Room(settings)
        self._results: list[Settlement] = []
        self._lost = 0  # Unknown outcomes among the results
        self._in_flight = 0
        self._posts: set[asyncio.Task[None]] = set()
        self._probe: asyncio.Task[None] | None = None
        self._read_at = 0.0
        self._paused: str | None = None
        self._stopping = False
        self._full_of_unknowns = False
        self._starts = asyncio.Semaphore(STARTS_AT_ONCE)
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
                tasks.create_task(self._fill(tasks), name="dispatch-fill")
                tasks.create_task(self._settle(), name="dispatch-settle")
                tasks.create_task(self._read(), name="dispatch-read")
        finally:
            self._finished.set()

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

    # -- starting

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
                await _wait(self._fill_now, self._fill_wait())
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
            outcome = await self._core.file(filing.complaint, filing.attempt)
        except Exception as error:
            log.exception("our own code failed while filing", extra={"complaint_id": filing.complaint_id})
            outcome = Unknown(f"{type(error).__name__} in our own code")
        finally:
            self._judge(filing, outcome, started)

    def _judge(self, filing: Filing, outcome: Outcome, started: float) -> None:
        breaker = self._outcomes.breaker
        before, now = breaker.state, self._monotonic()
        settlement = self._outcomes.judge(filing, outcome, started=started, now=now, in_flight=self._in_flight)
        self._in_flight -= 1
        self._note([settlement])
        self._tell(
            settlement.move.value,
            number=filing.complaint.number,
            attempt=filing.attempt,
            tracking_id=settlement.tracking_id,
            reason=settlement.reason,
            milliseconds=round((now - started) * 1000),
        )
        if breaker.state is not before:
            self._announce(f"core_{breaker.state}", reason=settlement.reason)

    def _free(self) -> int:
        """How many may be started now. What is in flight, or answered and not yet written down, is unknown after a crash: it counts."""
        if self._stopped_by() is not None or len(self._results) >= SETTLED_AT_ONCE_MAX:
            return 0
        limit = 1 if self._outcomes.breaker.state is BreakerState.TRIAL else self._outcomes.window.size
        if limit > self._settings.window_busy and self._intake_busy():
            limit = self._settings.window_busy
        room = self._settings.unknown_max - self._unknown_open()
        if (room <= 0) is not self._full_of_unknowns:
            self._full_of_unknowns = room <= 0
            self._announce("unknown_max" if room <= 0 else "unknown_below_max", unknown=self._unknown_open())
        busy = self._in_flight + len(self._results)
        free = min(limit, room) - busy
        return free if free >= limit // 2 or not busy else 0  # half a window at once: a commit for each slot would cost more

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

    async def _probe_core(self) -> None:
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
                await _wait(self._settle_now, None)
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
            await _wait(self._read_now, max(0.0, self._read_at - self._monotonic()))

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


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    """Until the event, or so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
