"""A journal in memory and a core by script: peers of the dispatcher that keep the same promises as the real ones."""

from __future__ import annotations

import asyncio
import bisect
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from random import Random

from forwarder.core.contract import Absent, Course, Filed, Outcome, Supplement, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Settled, Settlement
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, after
from forwarder.records import Filing
from parsers.errors import JournalError
from parsers.model import Complaint
from tests import virtual
from tests.core.samples import complaint


@dataclass
class Row:
    complaint: Complaint
    state: ComplaintState = ComplaintState.READY
    attempts: int = 0
    next_ms: int = 0
    reason: str = ""
    tracking_id: str | None = None
    absent_ms: int | None = None
    history: list[ComplaintState] = field(default_factory=list)


class MemoryJournal:
    """Moves rows only along lifecycle.NEXT_COMPLAINT; a commit takes a moment, and may fail on demand."""

    def __init__(self, clock: Callable[[], int], *, commit_seconds: float = 0.002) -> None:
        self.rows: dict[int, Row] = {}
        self.tally: Counter[ComplaintState] = Counter()
        self._ready: list[int] = []  # sorted: oldest first
        self._unknown: set[int] = set()
        self.failing = False
        self.batches: Counter[str] = Counter()
        self._clock = clock
        self._commit_seconds = commit_seconds

    def add(self, record: Complaint) -> Filing:
        complaint_id = len(self.rows) + 1
        self.rows[complaint_id] = Row(record)
        self.tally[ComplaintState.READY] += 1
        self._ready.append(complaint_id)
        return Filing(complaint_id, 1, record)

    def state(self, state: ComplaintState) -> list[int]:
        return [complaint_id for complaint_id, row in self.rows.items() if row.state is state]

    async def start_filing(self, items: Sequence[tuple[int, int]]) -> set[int]:
        await self._commit("start")
        moved = set()
        for complaint_id, attempt in items:
            row = self.rows[complaint_id]
            if row.state is ComplaintState.READY and attempt == row.attempts + 1:
                self._move(complaint_id, row, ComplaintMove.STARTED)
                row.attempts = attempt
                moved.add(complaint_id)
        return moved

    async def settle(self, results: Sequence[Settlement]) -> list[Settled]:
        await self._commit("settle")
        settled = []
        for result in results:
            row = self.rows[result.complaint_id]
            moved = row.state is ComplaintState.SENDING and row.attempts == result.attempt
            if moved:
                self._move(result.complaint_id, row, result.move)
                row.tracking_id, row.reason, row.next_ms = result.tracking_id, result.reason, result.next_ms or 0
                row.attempts -= not result.charged
            settled.append(Settled(result.complaint_id, row.state, moved))
        return settled

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[int] = frozenset()) -> list[Filing]:
        await self._commit("ready")
        due = (
            Filing(complaint_id, row.attempts + 1, row.complaint)
            for complaint_id in self._ready
            if complaint_id not in exclude and (row := self.rows[complaint_id]).state is ComplaintState.READY and row.next_ms <= now_ms
        )
        return list(itertools.islice(due, limit))

    async def unknown(self, limit: int) -> list[Filing]:
        await self._commit("unknown")
        return [Filing(i, self.rows[i].attempts, self.rows[i].complaint) for i in sorted(self._unknown)][:limit]

    async def note_found(self, complaint_id: int, tracking_id: str) -> Settled:
        await self._commit("found")
        row = self.rows[complaint_id]
        self._move(complaint_id, row, ComplaintMove.FOUND)
        row.tracking_id = tracking_id
        return Settled(complaint_id, row.state, moved=True)

    async def note_absent(self, complaint_id: int, *, settling_ms: int) -> bool:
        await self._commit("absent")
        row = self.rows[complaint_id]
        if row.absent_ms is None:
            row.absent_ms = self._clock()
        if self._clock() - row.absent_ms < settling_ms:
            return False
        row.absent_ms = None
        self._move(complaint_id, row, ComplaintMove.ABSENT)
        return True

    def _move(self, complaint_id: int, row: Row, move: ComplaintMove) -> None:
        self.tally[row.state] -= 1
        if row.state is ComplaintState.READY:
            del self._ready[bisect.bisect_left(self._ready, complaint_id)]
        self._unknown.discard(complaint_id)
        row.state = after(NEXT_COMPLAINT, row.state, move)
        if row.state is ComplaintState.READY:
            bisect.insort(self._ready, complaint_id)
        elif row.state is ComplaintState.UNKNOWN:
            self._unknown.add(complaint_id)
        row.history.append(row.state)
        self.tally[row.state] += 1

    async def _commit(self, what: str) -> None:
        self.batches[what] += 1
        await asyncio.sleep(self._commit_seconds)
        if self.failing:
            raise JournalError("no space")


Behaviour = Callable[[Complaint, int], Awaitable[Outcome]]


class ScriptedCore:
    """Files by a function; keeps the truth of what it stored and how many were in flight."""

    def __init__(self, behave: Behaviour | None = None, *, can_look_up: bool = True) -> None:
        self.behave = behave or self.well
        self.stored: Counter[str] = Counter()
        self.order: list[str] = []
        self.calls = 0
        self.in_flight = 0
        self.in_flight_most = 0
        self.probes: list[float] = []
        self.healthy = True
        self.can_look_up = can_look_up
        self.can_append = False
        self.can_follow = False
        self.can_hear = False
        self.courses: dict[str, Course] = {}
        self.answer_seconds = 0.05
        self._last_id = 7_000_000

    async def well(self, record: Complaint, _attempt: int) -> Outcome:
        await asyncio.sleep(self.answer_seconds)
        return self.store(record)

    def store(self, record: Complaint) -> Filed:
        self.stored[record.number] += 1
        self._last_id += 1
        return Filed(str(self._last_id))

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:
        self.calls += 1
        self.order.append(complaint.number)
        self.in_flight += 1
        self.in_flight_most = max(self.in_flight, self.in_flight_most)
        try:
            return await self.behave(complaint, attempt)
        finally:
            self.in_flight -= 1

    async def look_up(self, number: str) -> Filed | Absent | Unknown:
        await asyncio.sleep(self.answer_seconds)
        if not self.healthy:
            return Unknown("no answer in time")
        return Filed("7000001") if self.stored[number] else Absent()

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:
        return await self.file(replace(supplement.complaint, number=supplement.key), attempt)

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        return [self.courses[one] for one in tracking_ids if one in self.courses] if self.healthy else Unknown("no answer in time")

    async def probe(self) -> bool:
        self.probes.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.01 if self.healthy else 30.0)
        return self.healthy

    async def close(self) -> None:
        """Nothing to close."""

    @property
    def doubled(self) -> list[str]:
        return [number for number, count in self.stored.items() if count > 1]


@dataclass
class Stage:
    """Everything one run of the dispatcher needs, on virtual time."""

    journal: MemoryJournal
    core: ScriptedCore
    dispatcher: InlineDispatcher
    events: list[tuple[str, Mapping[str, object]]]
    settled: list[Settled]
    busy: bool = False

    def told(self, event: str) -> list[Mapping[str, object]]:
        return [facts for name, facts in self.events if name == event]

    def offer(self, count: int, *, sender: str | None = None) -> list[Filing]:
        filings = []
        for _ in range(count):
            number = f"G{len(self.journal.rows):05}"
            filings.append(self.journal.add(complaint(number, sender=sender or f"+62812{len(self.journal.rows):07}")))
        self.dispatcher.offer(filings)
        return filings

    async def until(self, done: Callable[[], bool], seconds: float = 3_600.0) -> None:
        end = virtual.loop().time() + seconds
        while not done():
            assert virtual.loop().time() < end, f"not within {seconds} s: {dict(self.journal.tally)} {self.dispatcher.status()}"
            await asyncio.sleep(0.25)

    def all_filed(self) -> bool:
        return self.journal.tally[ComplaintState.FILED] == len(self.journal.rows)


def stage(behave: Behaviour | None = None, *, seed: int = 1, can_look_up: bool = True, **settings: object) -> Stage:
    """To be called inside virtual.run."""
    loop = virtual.loop()
    journal = MemoryJournal(loop.clock)
    core = ScriptedCore(behave, can_look_up=can_look_up)
    events: list[tuple[str, Mapping[str, object]]] = []
    settled: list[Settled] = []
    made: list[Stage] = []
    dispatcher = InlineDispatcher(
        core,
        journal,
        DispatchSettings(**settings),  # type: ignore[arg-type]
        clock=loop.clock,
        monotonic=loop.time,
        random=Random(seed).random,
        tell=lambda event, **facts: events.append((event, facts)),
        settled=settled.extend,
        intake_busy=lambda: made[0].busy,
    )
    made.append(Stage(journal, core, dispatcher, events, settled))
    return made[0]
