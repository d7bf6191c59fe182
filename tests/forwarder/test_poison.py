"""A complaint that kills whoever takes it is parked after a few tries, and nobody waits for it (RELIABILITY §4 C5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from forwarder.core.contract import Outcome, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.lifecycle import ComplaintState
from forwarder.reconcile import Reconciler
from parsers.model import Complaint
from tests import virtual
from tests.forwarder.peers import Stage, stage

TRIES = DispatchSettings().lost_max
POISON = "G00003"
OTHERS_SECONDS_MAX = 90.0  # one probe of an open breaker; without poison a second


@asynccontextmanager
async def at_work(it: Stage, **settings: object) -> AsyncIterator[Stage]:
    loop = virtual.loop()
    reconciler = Reconciler(
        it.core,
        it.journal,
        DispatchSettings(**settings),  # type: ignore[arg-type]
        monotonic=loop.time,
        random=lambda: 0.5,
        tell=lambda *_, **__: None,
        settled=lambda _: None,
        wake=it.dispatcher.wake,
        available=lambda: it.dispatcher.available,
    )
    tasks = [asyncio.ensure_future(one) for one in (it.dispatcher.run(), reconciler.run())]
    try:
        yield it
    finally:
        await it.dispatcher.stop()
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def poisoned(it: Stage, *, ours: bool) -> None:
    """The one complaint makes our own code fail, or the core die under it."""

    async def behave(record: Complaint, attempt: int) -> Outcome:
        if record.number != POISON:
            return await it.core.well(record, attempt)
        if ours:
            raise RecursionError
        return Unknown("connection reset")

    it.core.behave = behave


@pytest.mark.parametrize("ours", [True, False], ids=["our own code fails", "the core dies"])
def test_a_poisonous_complaint_is_parked_with_its_reason_and_the_others_are_filed(*, ours: bool) -> None:
    async def story() -> None:
        it = stage()
        poisoned(it, ours=ours)
        began: dict[str, float] = {}
        waits: list[float] = []
        async with at_work(it):
            loop = virtual.loop()
            for _ in range(3_600):
                (filing,) = it.offer(1)
                began[filing.complaint.number] = loop.time()
                await asyncio.sleep(1)
                waits += [loop.time() - began.pop(number) for number in tuple(began) if it.core.stored[number]]
        assert it.core.order.count(POISON) == TRIES
        [parked] = it.journal.state(ComplaintState.PARKED)
        assert it.journal.rows[parked].complaint.number == POISON
        assert str(TRIES) in it.journal.rows[parked].reason
        assert set(began) <= {POISON, *list(began)[-2:]}
        assert max(waits) <= OTHERS_SECONDS_MAX
        assert it.core.doubled == []

    virtual.run(story())


def test_what_is_resent_by_a_person_gets_as_many_tries_again() -> None:
    async def story() -> None:
        it = stage()
        poisoned(it, ours=True)
        filings = [*it.offer(4)]
        async with at_work(it):
            await it.until(lambda: bool(it.journal.state(ComplaintState.PARKED)), 7_200)
        outcomes = it.dispatcher._outcomes
        assert outcomes.poison(filings[3]) is None

    virtual.run(story())


def test_complaints_lost_with_a_core_that_is_away_are_not_taken_for_poison() -> None:
    """Answers lost fewer times than that, or while the core has it, park nobody."""

    async def story() -> None:
        it = stage()
        tries: dict[str, int] = {}

        async def behave(record: Complaint, attempt: int) -> Outcome:
            tries[record.number] = tries.get(record.number, 0) + 1
            if tries[record.number] < TRIES:
                return Unknown("no answer in time")
            return await it.core.well(record, attempt)

        it.core.behave = behave
        async with at_work(it):
            it.offer(3)
            await it.until(it.all_filed, 14_400)
        assert it.core.doubled == []

    virtual.run(story())
