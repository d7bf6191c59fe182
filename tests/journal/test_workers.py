"""Complaints that a worker on another machine files: only its own grant may speak of them, late or not, and never twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forwarder.journal import Grant, Journal, JournalSettings, Settlement, Unheard
from forwarder.lifecycle import ComplaintMove, ComplaintState
from forwarder.records import Filing
from tests.journal.people import House
from tests.journal.test_arrivals import crash

SETTINGS = JournalSettings(heartbeat_seconds=60)
MOVE, STATE = ComplaintMove, ComplaintState
GRANT = Grant("worker-1", "b1")


async def granted(house: House, grant: Grant = GRANT) -> tuple[Journal, Filing]:
    """A journal with one complaint that a worker sends."""
    journal = house.open()
    await journal.accept(house.many(journal, 1))
    (one,) = await journal.ready(1, house.time.ms)
    assert await journal.start_filing([(one.complaint_id, one.attempt)], grant) == {one.complaint_id}
    return journal, one


async def unknown(house: House) -> tuple[Journal, Filing]:
    """The same after we gave up waiting for the worker."""
    journal, one = await granted(house)
    await settle(journal, one, MOVE.LOST_ANSWER, heard=False)
    return journal, one


async def settle(
    journal: Journal, one: Filing, move: ComplaintMove, *, grant: Grant | None = GRANT, heard: bool = True, charged: bool = True
) -> bool:
    tracking_id = "7841120" if move is MOVE.FILED else None
    result = Settlement(one.complaint_id, one.attempt, move, tracking_id, grant=grant, heard=heard, charged=charged)
    return (await journal.settle([result]))[0].moved


@pytest.mark.parametrize(
    ("move", "state"),
    [(MOVE.FILED, STATE.FILED), (MOVE.NOT_FILED, STATE.READY), (MOVE.REFUSED, STATE.PARKED), (MOVE.LOST_ANSWER, STATE.UNKNOWN)],
)
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_its_worker_says_what_became_of_it(tmp_path: Path, move: ComplaintMove, state: ComplaintState, *, late: bool) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, one = await (unknown(house) if late else granted(house))
        assert await settle(journal, one, move)
        assert journal.tally[state] == 1
        assert await journal.workers.unheard(10) == []
        assert not await settle(journal, one, MOVE.NOT_FILED), "said twice, it changes nothing"
        assert journal.tally[state] == 1
        await journal.close()

    asyncio.run(run())


def test_another_grant_cannot_speak_of_it(tmp_path: Path) -> None:
    """The attempt of a grant that was given back has the same number: the words of the old worker must not touch the new one's."""
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, one = await granted(house)
        assert await settle(journal, one, MOVE.NOT_FILED, charged=False)
        assert await journal.start_filing([(one.complaint_id, one.attempt)], Grant("worker-2", "b2")) == {one.complaint_id}
        for move in (MOVE.NOT_FILED, MOVE.REFUSED, MOVE.LOST_ANSWER):
            assert not await settle(journal, one, move, grant=GRANT)
            assert not await settle(journal, one, move, grant=Grant("worker-1", "b2")), "RQ ran one job twice"
        assert journal.tally[STATE.SENDING] == 1
        assert await settle(journal, one, MOVE.FILED, grant=GRANT), "a tracking id is the truth, whoever brings it"
        await journal.close()

    asyncio.run(run())


def test_what_is_unknown_after_a_crash_waits_for_the_word_of_its_worker(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, one = await granted(house)
        await crash(journal)
        journal = house.open()
        assert journal.tally[STATE.UNKNOWN] == 1
        assert await journal.workers.unheard(10) == [Unheard(one.complaint_id, 1, GRANT)]
        for _ in range(3):
            house.time.ms += 600_000
            assert not await journal.note_absent(one.complaint_id, settling_ms=1000), "a look-up before the worker spoke proves nothing"
        assert await settle(journal, one, MOVE.LOST_ANSWER)
        assert not await journal.note_absent(one.complaint_id, settling_ms=1000)
        house.time.ms += 2_000
        assert await journal.note_absent(one.complaint_id, settling_ms=1000)
        await journal.close()

    asyncio.run(run())


def test_a_worker_that_never_comes_back_is_forgotten_by_hand(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, one = await unknown(house)
        assert await journal.workers.forget("worker-2") == 0
        assert await journal.workers.forget("worker-1") == 1
        assert await journal.workers.unheard(10) == []
        assert not await journal.note_absent(one.complaint_id, settling_ms=1000)
        house.time.ms += 2_000
        assert await journal.note_absent(one.complaint_id, settling_ms=1000)
        await journal.close()

    asyncio.run(run())
