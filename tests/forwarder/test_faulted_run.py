"""The whole road over real HTTP against a core that misbehaves in every way of its menu (RELIABILITY §4 C2)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from random import Random

from forwarder.core.settings import DispatchSettings
from forwarder.core.simulator import MENU, CoreSimulator, Fault, seeded
from forwarder.dispatch import InlineDispatcher
from forwarder.lifecycle import ComplaintState
from forwarder.reconcile import Reconciler
from tests.core.samples import complaint, core
from tests.forwarder.peers import MemoryJournal

LANES = 9
COMPLAINTS = 120  # per lane: with what is sent again, more than 1,000 calls in all
SEED = 20261122

QUICK = DispatchSettings(
    probe_first_seconds=0.02,
    probe_most_seconds=0.05,
    fault_first_seconds=0.02,
    fault_most_seconds=0.05,
    retry_first_seconds=0.02,
    retry_most_seconds=0.1,
    journal_wait_seconds=0.02,
    poll_seconds=0.05,
    look_up_first_seconds=0.1,
    look_up_most_seconds=0.2,
    absent_settling_seconds=0.4,
    blame_max=20,
)
QUICK_CORE = {"connect_seconds": 0.2, "answer_seconds": 0.4, "hang_seconds": 0.6}


def test_whatever_the_core_does_nothing_is_filed_twice_and_nothing_is_stuck() -> None:
    print(f"seed={SEED}")
    lanes = asyncio.run(_all_lanes())
    calls: Counter[Fault] = Counter()
    for simulator, journal in lanes:
        calls += simulator.calls
        assert simulator.doubled == []
        for row in journal.rows.values():
            stored = len(simulator.stored.get(row.complaint.number, ()))
            assert row.state in (ComplaintState.FILED, ComplaintState.PARKED), f"{row.state} after {row.history}"
            assert stored == (row.state is ComplaintState.FILED), f"stored {stored} times, {row.state} after {row.history}"
    assert calls.total() >= 1_000
    assert set(calls) == set(Fault), "the whole menu was served"
    assert sum(count for fault, count in calls.items() if MENU[fault].outcome == "Unknown") >= 100


async def _all_lanes() -> list[tuple[CoreSimulator, MemoryJournal]]:
    return await asyncio.gather(*(_lane(SEED + lane) for lane in range(LANES)))


async def _lane(seed: int) -> tuple[CoreSimulator, MemoryJournal]:
    random = Random(seed)
    async with core(seeded(random, share=0.55), **QUICK_CORE) as (client, simulator):
        journal = MemoryJournal(_clock, commit_seconds=0.0005)
        shared = {"monotonic": time.monotonic, "random": random.random, "tell": lambda *_args, **_facts: None, "settled": lambda _: None}
        dispatcher = InlineDispatcher(client, journal, QUICK, clock=_clock, **shared)
        reconciler = Reconciler(client, journal, QUICK, wake=dispatcher.wake, available=lambda: True, **shared)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dispatcher.run())
            looking = tasks.create_task(reconciler.run())
            for number in range(COMPLAINTS):
                dispatcher.offer([journal.add(complaint(f"G{number:05}", sender=f"+62812{number % 40:07}"))])
                await asyncio.sleep(0.001)
            async with asyncio.timeout(100):
                while journal.tally[ComplaintState.FILED] + journal.tally[ComplaintState.PARKED] < COMPLAINTS:
                    await asyncio.sleep(0.02)
            await dispatcher.stop()
            looking.cancel()
        return simulator, journal


def _clock() -> int:
    return time.time_ns() // 1_000_000
