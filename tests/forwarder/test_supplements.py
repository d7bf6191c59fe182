"""Additions on virtual time: behind the complaints, in the core's one window, never sent where nobody knows whether they were."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from forwarder.core.contract import Filed, NotFiled, Outcome, Refused, Supplement, Unknown
from forwarder.journal import AdditionResult, AdditionSettled, Ready
from forwarder.lifecycle import NEXT_ADDITION, AdditionMove, AdditionState, ComplaintState, after
from forwarder.pacing import BreakerState
from forwarder.records import Adding, AdditionId
from forwarder.supplements import ERASED, NOBODY_CAN_ASK, PATIENT_MS, SWITCHED_OFF, Supplements
from parsers.errors import JournalError
from tests import virtual
from tests.core.samples import complaint
from tests.forwarder.peers import Stage, stage

STATE, MOVE = AdditionState, AdditionMove


@dataclass
class Row:
    supplement: Supplement
    state: AdditionState = STATE.READY
    attempts: int = 0
    next_ms: int = 0
    since_ms: int = 0
    why: str | None = None
    alarm: str | None = None
    erased: bool = False


class MemoryAdditions:
    """Moves rows only along lifecycle.NEXT_ADDITION; a commit takes a moment, and may fail on demand."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.rows: dict[AdditionId, Row] = {}
        self.failing: str | None = None
        self._clock = clock

    def add(self, number: str, count: int = 1) -> None:
        for _ in range(count):
            turn = len(self.rows) + 2
            text = Supplement(f"{number}-{turn}", "7", complaint(number), f"tambahan {turn}", 0)
            self.rows[int(number[1:]), turn] = Row(text, since_ms=self._clock())

    @property
    def tally(self) -> Mapping[AdditionState, int]:
        return Counter(row.state for row in self.rows.values())

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[AdditionId] = frozenset()) -> Ready:
        await self._commit("ready")
        firsts: dict[int, AdditionId] = {}
        for key, row in self.rows.items():
            if row.state in (STATE.READY, STATE.SENDING, STATE.UNKNOWN, STATE.WAITING):
                firsts.setdefault(key[0], key)
        due = [key for key in firsts.values() if (row := self.rows[key]).state is STATE.READY and row.next_ms <= now_ms]
        jobs = [Adding(key, self.rows[key].attempts + 1, self.rows[key].supplement, self.rows[key].since_ms) for key in due]
        erased = [job.key for job in jobs if self.rows[job.key].erased]
        return Ready([job for job in jobs if job.key not in exclude and job.key not in erased][:limit], erased)

    async def start(self, items: Sequence[tuple[AdditionId, int]]) -> set[AdditionId]:
        await self._commit("start")
        moved = set()
        for key, attempt in items:
            row = self.rows[key]
            if row.state is STATE.READY and attempt == row.attempts + 1:
                self._move(row, MOVE.STARTED)
                row.attempts = attempt
                moved.add(key)
        return moved

    async def settle(self, results: Sequence[AdditionResult]) -> list[AdditionSettled]:
        await self._commit("settle")
        settled = []
        for one in results:
            row = self.rows[one.key]
            moved = row.state is STATE.SENDING and row.attempts == one.attempt
            if moved:
                self._move(row, one.move)
                row.attempts -= not one.charged
                row.next_ms, row.why, row.alarm = one.next_ms or 0, one.reason, one.alarm
            settled.append(AdditionSettled(one.key, row.state, moved, one.alarm))
        return settled

    async def leave(self, keys: Sequence[AdditionId], why: str) -> None:
        await self._commit("leave")
        for key in keys:
            self._move(self.rows[key], MOVE.LEFT)
            self.rows[key].why = why

    async def leave_all(self, why: str) -> None:
        await self.leave([key for key, row in self.rows.items() if MOVE.LEFT in NEXT_ADDITION[row.state]], why)

    def _move(self, row: Row, move: AdditionMove) -> None:
        row.state, row.since_ms = after(NEXT_ADDITION, row.state, move), self._clock()

    async def _commit(self, what: str) -> None:
        await asyncio.sleep(0.002)
        if self.failing == what:
            raise JournalError("no space")


@dataclass
class Play:
    it: Stage
    journal: MemoryAdditions
    sender: Supplements

    @property
    def states(self) -> list[AdditionState]:
        return [row.state for row in self.journal.rows.values()]

    async def until(self, met: Callable[[], bool], seconds: float = 3_600.0) -> None:
        await self.it.until(met, seconds)


def play(
    story: Callable[[Play], Awaitable[None]], *, behave: Any = None, send: bool = True, can_look_up: bool = True, **settings: object
) -> None:
    async def main() -> None:
        it = stage(behave, can_look_up=can_look_up, **settings)
        loop = virtual.loop()
        journal = MemoryAdditions(loop.clock)
        sender = Supplements(
            it.core,
            journal,
            it.dispatcher._settings,
            it.dispatcher,
            send=send,
            clock=loop.clock,
            monotonic=loop.time,
            tell=lambda event, **facts: it.events.append((event, facts)),
        )
        async with running(Play(it, journal, sender)) as one:
            await story(one)

    virtual.run(main())


@asynccontextmanager
async def running(one: Play) -> AsyncIterator[Play]:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(one.it.dispatcher.run())
        tasks.create_task(one.sender.run())
        await asyncio.sleep(0.01)
        yield one
        await one.sender.stop()
        await one.it.dispatcher.stop()


def test_what_was_said_goes_to_the_core_once_and_in_its_order() -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1", 3)
        one.journal.add("G2", 2)
        await one.until(lambda: set(one.states) == {STATE.ADDED})
        assert one.it.core.doubled == []
        assert [key for key in one.it.core.order if key.startswith("G1-")] == ["G1-2", "G1-3", "G1-4"]

    play(story)


def test_complaints_go_first_and_what_waited_long_goes_with_them() -> None:
    async def story(one: Play) -> None:
        one.it.core.answer_seconds = 20.0
        one.journal.add("G1")
        one.it.offer(400)
        began = virtual.loop().time()
        await one.until(lambda: STATE.ADDED in one.states, 7_200)
        assert virtual.loop().time() - began >= PATIENT_MS / 1000
        assert one.it.journal.tally[ComplaintState.READY] > 0, "complaints were still waiting"

    play(story, window_max=4)


def test_complaints_and_additions_share_one_window() -> None:
    async def story(one: Play) -> None:
        one.it.core.answer_seconds = 2.0
        for number in range(20):
            one.journal.add(f"G{number}")
        await one.until(lambda: one.it.core.in_flight == 3)
        one.it.offer(20)
        await one.until(lambda: set(one.states) == {STATE.ADDED} and one.it.all_filed())
        assert one.it.core.in_flight_most <= 3

    play(story, window_start=3, window_max=3)


def test_an_open_breaker_stops_them_and_its_probe_is_none_of_them() -> None:
    async def story(one: Play) -> None:
        for number in range(3):
            one.journal.add(f"G{number}")
        await one.until(lambda: one.it.dispatcher.status().breaker is BreakerState.OPEN)
        calls = one.it.core.calls
        one.it.core.healthy = False
        one.journal.add("G9")
        await asyncio.sleep(300)
        assert one.it.core.calls == calls
        one.it.core.healthy, one.it.core.behave = True, one.it.core.well
        await one.until(lambda: one.states[-1] is STATE.ADDED)

    async def lose(*_: object) -> Outcome:
        return Unknown("no answer in time")

    play(story, behave=lose)


@pytest.mark.parametrize(
    ("outcome", "state", "charged"),
    [
        (Refused("409"), STATE.PARKED, 1),
        (Unknown("cut"), STATE.UNKNOWN, 1),
        (NotFiled("503"), STATE.READY, 1),
        (NotFiled("401", ours=True), STATE.READY, 0),
        (Filed("9"), STATE.ADDED, 1),
    ],
)
def test_each_outcome_is_what_it_is_of_a_complaint(outcome: Outcome, state: AdditionState, charged: int) -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1")
        await one.until(lambda: one.it.core.calls == 1)
        await asyncio.sleep(0.1)
        [row] = one.journal.rows.values()
        assert (row.state, row.attempts) == (state, charged)
        fault = isinstance(outcome, NotFiled) and outcome.ours
        assert (one.it.dispatcher.status().breaker is BreakerState.FAULT) is fault
        assert one.it.dispatcher.status().counts.get("filed", 0) == 0, "counted by themselves"

    async def once(*_: object) -> Outcome:
        return outcome

    play(story, behave=once)


@pytest.mark.parametrize("can_look_up", [True, False])
def test_a_lost_answer_is_an_alarm_where_nobody_can_ask(*, can_look_up: bool) -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1")
        await one.until(lambda: STATE.UNKNOWN in one.states)
        [row] = one.journal.rows.values()
        assert row.alarm == (None if can_look_up else NOBODY_CAN_ASK)
        assert bool(one.it.told("core_alarm")) is not can_look_up
        await asyncio.sleep(1_000)
        assert one.it.core.calls == 1, "never sent again by itself"

    async def lose(*_: object) -> Outcome:
        return Unknown("cut")

    play(story, behave=lose, can_look_up=can_look_up)


def test_a_mistake_of_our_own_is_an_unknown_not_an_end() -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1")
        one.journal.add("G2")
        await one.until(lambda: set(one.states) == {STATE.UNKNOWN})

    async def broken(*_: object) -> Outcome:
        raise ZeroDivisionError

    play(story, behave=broken)


def test_switched_off_it_all_waits_for_a_person() -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1", 2)
        await one.until(lambda: set(one.states) == {STATE.DESK})
        assert {row.why for row in one.journal.rows.values()} == {SWITCHED_OFF}
        assert one.it.core.calls == 0

    play(story, send=False)


def test_an_erased_one_is_left_to_a_person_and_does_not_stop_the_next() -> None:
    async def story(one: Play) -> None:
        one.journal.add("G1", 2)
        next(iter(one.journal.rows.values())).erased = True
        await one.until(lambda: one.states == [STATE.DESK, STATE.ADDED])
        assert next(iter(one.journal.rows.values())).why == ERASED

    play(story)


@pytest.mark.parametrize("what", ["ready", "start", "settle", "leave"])
def test_a_journal_that_fails_for_a_while_loses_nothing_and_doubles_nothing(what: str) -> None:
    async def story(one: Play) -> None:
        one.journal.failing = what
        one.journal.add("G1", 2)
        next(iter(one.journal.rows.values())).erased = what == "leave"
        await asyncio.sleep(30)
        one.journal.failing = None
        await one.until(lambda: not {STATE.READY, STATE.SENDING} & set(one.states))
        assert one.states == [STATE.DESK if what == "leave" else STATE.ADDED, STATE.ADDED]
        assert one.it.core.doubled == []

    play(story)


def test_so_many_unknown_ones_are_enough() -> None:
    async def story(one: Play) -> None:
        for number in range(30):
            one.journal.add(f"G{number}")
        await asyncio.sleep(7_200)
        assert one.journal.tally[STATE.UNKNOWN] <= 5

    async def lose(*_: object) -> Outcome:
        return Unknown("cut")

    play(story, behave=lose, unknown_max=5)


def test_what_is_in_flight_at_a_stop_is_written_down() -> None:
    async def story(one: Play) -> None:
        one.it.core.answer_seconds = 5.0
        one.journal.add("G1")
        await one.until(lambda: STATE.SENDING in one.states)
        await one.sender.stop()
        assert one.states == [STATE.ADDED]

    play(story)


def test_a_cancelled_run_writes_down_what_it_broke_off() -> None:
    async def main() -> None:
        it = stage()
        it.core.answer_seconds = 50.0
        loop = virtual.loop()
        journal = MemoryAdditions(loop.clock)
        sender = Supplements(
            it.core,
            journal,
            it.dispatcher._settings,
            it.dispatcher,
            send=True,
            clock=loop.clock,
            monotonic=loop.time,
            tell=lambda *_, **__: None,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(it.dispatcher.run())
            await asyncio.sleep(0.1)
            journal.add("G1")
            first = asyncio.ensure_future(sender.run())
            await asyncio.sleep(6)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            tasks.create_task(sender.run())
            await asyncio.sleep(1)
            assert [row.state for row in journal.rows.values()] == [STATE.UNKNOWN]
            await sender.stop()
            await it.dispatcher.stop()

    virtual.run(main())
