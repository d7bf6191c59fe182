"""The journal knows how much each operator brings in each hour: each message counted once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from forwarder.journal import Journal
from forwarder.journal import lookout as lookouts
from forwarder.journal.habit import HOUR_MS, KEPT_HOURS, Slice
from tests.journal.people import EPOCH_MS, House, segment
from tests.journal.test_arrivals import crash

HOUR = EPOCH_MS // HOUR_MS


async def arrive(house: House, journal: Journal, count: int, operator: str = "telkomsel", start: int = 0) -> None:
    numbers = range(start, start + count)
    segments = [segment(f"AGAM aduan {n}", f"62812{n:08d}", operator=operator, received_ms=house.time.ms) for n in numbers]
    await journal.accept([house.arrival(journal, one) for one in segments])


async def count_all(house: House, journal: Journal) -> int:
    counted = 0
    while one := await journal.lookout.count(house.time.ms):
        counted += one
    return counted


def test_messages_are_counted_into_their_hours_by_operator(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        await arrive(house, journal, 3)
        await arrive(house, journal, 2, "indosat", 100)
        house.time.pass_(3_600)
        await arrive(house, journal, 4, start=200)
        assert await journal.lookout.last() == {"telkomsel": house.time.ms, "indosat": house.time.ms - HOUR_MS}
        house.time.pass_(120)
        assert await count_all(house, journal) == 9
        assert await journal.lookout.heard(0) == {"telkomsel": {HOUR: 3, HOUR + 1: 4}, "indosat": {HOUR: 2}}
        assert await journal.lookout.heard(house.time.ms) == {"telkomsel": {HOUR + 1: 4}}
        assert await journal.lookout.last() == {}
        await journal.close()

    asyncio.run(run())


def test_what_came_just_now_waits_for_its_neighbours(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        await arrive(house, journal, 3)
        house.time.pass_(59)
        assert await count_all(house, journal) == 0
        house.time.pass_(1)
        assert await count_all(house, journal) == 3
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("rows", [1, 2, 7, 1_000])
def test_in_slices_with_a_crash_between_them_each_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    house = House(tmp_path)
    monkeypatch.setattr(lookouts, "SLICE_ROWS", rows)

    async def run() -> None:
        journal = house.open()
        for number in range(5):
            await arrive(house, journal, 4, start=number * 10)
            house.time.pass_(3_000)
        await journal.lookout.count(house.time.ms)
        await crash(journal)
        journal = house.open()
        await arrive(house, journal, 4, start=90)
        house.time.pass_(120)
        await count_all(house, journal)
        assert await count_all(house, journal) == 0
        heard = await journal.lookout.heard(0)
        assert sum(heard["telkomsel"].values()) == 24
        expected = Counter((EPOCH_MS + number * 3_000_000) // HOUR_MS for number in range(6) for _ in range(4))
        assert heard["telkomsel"] == dict(expected)
        await journal.close()

    asyncio.run(run())


def test_a_slice_that_was_counted_is_not_counted_again(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        await arrive(house, journal, 3)
        house.time.pass_(120)
        one = await journal._read(lambda connection: lookouts._slice(connection, house.time.ms))
        assert isinstance(one, Slice)
        counted = await asyncio.gather(*(journal._writer.do(lookouts.works.HABIT, [one]) for _ in range(3)))
        assert sorted(counted) == [[0], [0], [3]]
        assert await journal.lookout.heard(0) == {"telkomsel": {HOUR: 3}}
        await journal.close()

    asyncio.run(run())


def test_ten_weeks_are_kept(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        await arrive(house, journal, 3)
        house.time.pass_(120)
        await count_all(house, journal)
        house.time.pass_(KEPT_HOURS * 3_600)
        await arrive(house, journal, 1, start=50)
        house.time.pass_(7_200)
        await count_all(house, journal)
        assert list((await journal.lookout.heard(0))["telkomsel"].values()) == [1]
        await journal.close()

    asyncio.run(run())


def test_what_the_journal_noted_is_told_by_what_it_was(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        books = journal._writer._books
        what = ["a second id", "a second id", "one id for two"]
        await journal._writer.do(
            lookouts.works.Work("planted", lambda _, items: [books.alarm(one) for one in items]),
            what,
        )
        found = {one.what: one.count for one in await journal.lookout.happened(house.time.ms - 1)}
        assert found == {"a second id": 2, "one id for two": 1}
        assert await journal.lookout.happened(house.time.ms) == []
        await journal.close()

    asyncio.run(run())
