"""Dispatcher, reconciler, real journal and real HTTP together: what the core stored and what the journal says agree."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from forwarder.core.simulator import CoreSimulator, Fault, scripted, seeded
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Journal, Settled
from forwarder.lifecycle import ComplaintState
from forwarder.reconcile import Reconciler
from forwarder.records import Filing
from tests.core.samples import core
from tests.forwarder.test_faulted_run import QUICK, QUICK_CORE
from tests.journal.people import House

COMPLAINTS = 150
SEED = 20261122


class Clocked(House):
    """The journal's house on the real clock: the dispatcher waits in real time too."""

    def open(self) -> Journal:
        self.time.clock = _clock  # type: ignore[method-assign]
        self.time.monotonic = time.monotonic  # type: ignore[method-assign]
        return super().open()


async def accepted(house: House, journal: Journal, count: int) -> list[Filing]:
    verdicts = await journal.accept(house.many(journal, count))
    return [
        Filing(verdict.complaint_id, 1, verdict.composed.complaint)
        for verdict in verdicts
        if verdict.complaint_id is not None and verdict.composed is not None and verdict.composed.complaint is not None
    ]


@pytest.mark.parametrize("offered", [True, False])
def test_every_way_a_core_can_fail_leaves_journal_and_core_in_agreement(tmp_path: Path, *, offered: bool) -> None:
    """Once with complaints handed over in memory, once with all of them read back from the journal."""
    print(f"seed={SEED}")

    async def story() -> tuple[CoreSimulator, dict[str, ComplaintState], list[Settled]]:
        random = Random(SEED + offered)
        house = Clocked(tmp_path)
        journal = house.open()
        settled: list[Settled] = []
        async with core(seeded(random, share=0.5), **QUICK_CORE) as (client, simulator):
            shared = {"monotonic": time.monotonic, "random": random.random, "tell": lambda *_, **__: None, "settled": settled.extend}
            settings = replace(QUICK, offered_max=40, page_rows=16)
            dispatcher = InlineDispatcher(client, journal, settings, clock=_clock, **shared)
            reconciler = Reconciler(client, journal, settings, wake=dispatcher.wake, available=lambda: True, **shared)
            filings = await accepted(house, journal, COMPLAINTS)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(dispatcher.run())
                looking = tasks.create_task(reconciler.run())
                if offered:
                    dispatcher.offer(filings)
                async with asyncio.timeout(100):
                    while journal.tally.get(ComplaintState.FILED, 0) + journal.tally.get(ComplaintState.PARKED, 0) < COMPLAINTS:
                        await asyncio.sleep(0.02)
                await dispatcher.stop()
                looking.cancel()
        states = {}
        for filing in filings:
            case = await journal.case(filing.complaint.number)
            assert case is not None
            states[case.number] = case.state
        await journal.close()
        return simulator, states, settled

    simulator, states, settled = asyncio.run(story())
    assert simulator.doubled == []
    assert {number for number, state in states.items() if state is ComplaintState.FILED} == set(simulator.stored)
    assert len(states) == COMPLAINTS
    assert any(one.alarm is not None for one in settled) is (simulator.calls[Fault.DUPLICATE_ID] > 0), (
        "one id for two complaints is an alarm"
    )


def test_what_was_in_flight_when_the_process_died_is_never_sent_again_by_itself(tmp_path: Path) -> None:
    async def story() -> CoreSimulator:
        house = Clocked(tmp_path)
        journal = house.open()
        async with core(scripted([Fault.HANG_AFTER] * 8), answer_seconds=5.0, connect_seconds=1.0, hang_seconds=5.0) as (client, simulator):
            shared = {"monotonic": time.monotonic, "random": Random(SEED).random, "tell": lambda *_, **__: None, "settled": lambda _: None}
            dispatcher = InlineDispatcher(client, journal, QUICK, clock=_clock, **shared)
            filings = await accepted(house, journal, 20)
            task = asyncio.ensure_future(dispatcher.run())
            dispatcher.offer(filings)
            while len(simulator.stored) < 8:
                await asyncio.sleep(0.01)
            task.cancel()  # and nothing is written down any more, as after SIGKILL
            await asyncio.gather(task, return_exceptions=True)
            await journal.close()
            journal = house.open()
            assert journal.tally[ComplaintState.UNKNOWN] == 8
            second = InlineDispatcher(client, journal, QUICK, clock=_clock, **shared)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(second.run())
                async with asyncio.timeout(30):
                    while journal.tally.get(ComplaintState.FILED, 0) < 12:
                        await asyncio.sleep(0.02)
                await second.stop()
            assert journal.tally[ComplaintState.UNKNOWN] == 8
            await journal.close()
            return simulator

    simulator = asyncio.run(story())
    assert simulator.doubled == []
    assert len(simulator.stored) == 20


def _clock() -> int:
    return time.time_ns() // 1_000_000
