"""The shelf of routing tables: rows are only added, one of a kind runs, a rollback goes one further back, damage changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Hand, Journal, RoutingVersion, shelf
from forwarder.journal.storage import APPLICATION_ID
from parsers.errors import JournalError
from tests.journal.people import EPOCH_MS, House
from tests.journal.test_arrivals import crash

SITI = Hand("siti", "the minister said so")
DUMPS = Path(__file__).with_name("journals")


def told(house: House, story: Callable[[Journal], Awaitable[None]]) -> None:
    async def main() -> None:
        journal = house.open()
        try:
            await story(journal)
        finally:
            await journal.close()

    asyncio.run(main())


def versions(path: Path, kind: str = "routes") -> list[tuple[str, bool]]:
    return [(one.version, one.active) for one in shelf.glance_history(path, kind, 100)]


def test_the_newest_installed_table_runs_also_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def install(journal: Journal) -> None:
        assert await journal.routing.active("routes") is None
        await journal.routing.install("routes", "one", "first,table\n", SITI)
        house.time.pass_(60)
        await journal.routing.install("routes", "two", "zweite,Tabelle \u00e9\r\n", Hand("budi", "better"))
        await journal.routing.install("hashtags", "tags", "x\n", SITI)

    async def look(journal: Journal) -> None:
        assert await journal.routing.active("routes") == (
            RoutingVersion(2, "routes", "two", EPOCH_MS + 60_000, "budi", "better", active=True, previous=1),
            "zweite,Tabelle \u00e9\r\n",
        )

    told(house, install)
    told(house, look)
    assert versions(house.path) == [("two", True), ("one", False)]
    assert versions(house.path, "hashtags") == [("tags", True)]


def test_a_rollback_is_a_row_of_its_own_and_the_next_one_goes_further_back(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def back(journal: Journal) -> int | None:
        running = await journal.routing.active("routes")
        assert running is not None
        if running[0].previous is None:
            return None
        older = await journal.routing.table(running[0].previous)
        assert older is not None
        installed = await journal.routing.install("routes", older[0].version, older[1], SITI, older[0].id)
        return installed.id

    async def story(journal: Journal) -> None:
        for name in ("one", "two", "three"):
            await journal.routing.install("routes", name, name, SITI)
        assert [await back(journal) for _ in range(3)] == [4, 5, None]
        await journal.routing.install("routes", "four", "four", SITI)
        assert await back(journal) == 7

    told(house, story)
    assert [name for name, _ in versions(house.path)] == ["one", "four", "one", "two", "three", "two", "one"]
    assert [runs for _, runs in versions(house.path)] == [True] + [False] * 6


@pytest.mark.parametrize("by", [Hand("", "why"), Hand("who", "  ")])
def test_nobody_installs_without_a_name_and_a_reason(tmp_path: Path, by: Hand) -> None:
    async def story(journal: Journal) -> None:
        await journal.routing.install("routes", "one", "first", SITI)
        with pytest.raises(JournalError, match="install failed"):
            await journal.routing.install("routes", "two", "second", by)
        active = await journal.routing.active("routes")
        assert active is not None
        assert active[1] == "first"

    told(House(tmp_path), story)


def test_a_table_is_read_beside_a_running_gateway_without_key_or_lock(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def story(journal: Journal) -> None:
        await journal.routing.install("routes", "abc123", "the table", SITI)
        for version in (None, "abc123", "abc"):
            found = shelf.glance(house.path, "routes", version)
            assert found is not None
            assert found[1] == "the table"
        assert shelf.glance(house.path, "routes", "zzz") is None

    told(house, story)
    assert shelf.glance(tmp_path / "nowhere.db", "routes") is None
    (tmp_path / "garbage.db").write_bytes(b"no database" * 400)
    with pytest.raises(JournalError, match="cannot be read"):
        shelf.glance(tmp_path / "garbage.db", "routes")


def test_a_journal_older_than_the_shelf_has_none_until_it_is_opened(tmp_path: Path) -> None:
    house = House(tmp_path)
    connection = apsw.Connection(str(house.path))
    connection.execute((DUMPS / "0001.sql").read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1")
    connection.close()
    assert shelf.glance(house.path, "routes") is None
    assert shelf.glance_history(house.path, "routes", 9) == []

    async def story(journal: Journal) -> None:
        assert await journal.routing.active("routes") is None
        await journal.routing.install("routes", "one", "first", SITI)

    told(house, story)
    assert versions(house.path) == [("one", True)]


def test_damage_does_not_change_the_routing(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def before() -> None:
        journal = house.open()
        await journal.routing.install("routes", "one", "first", SITI)
        await journal.routing.install("routes", "two", "second", SITI)
        await crash(journal)

    asyncio.run(before())
    (tmp_path / "journal.db.damaged").touch()

    async def after(journal: Journal) -> None:
        assert journal.opening.set_aside is not None
        active = await journal.routing.active("routes")
        assert active is not None
        assert (active[0].version, active[0].previous, active[1]) == ("two", 1, "second")

    told(house, after)


def test_recorded_texts_come_newest_first_in_slices_without_resends_and_only_as_far_back_as_asked(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def story(journal: Journal) -> None:
        for start in range(0, 500, 50):
            await journal.accept(house.many(journal, 50, start=start))
            house.time.pass_(1)
        await journal.accept(house.many(journal, 5, start=495))  # the same words again: resends
        slices = [texts async for _, texts in journal.routing.recorded(EPOCH_MS + 2000)]
        texts = [one.text for texts in slices for one in texts]
        assert texts == [f"AGAM aduan nomor {number}" for number in range(499, 99, -1)]
        assert max(map(len, slices)) <= 200
        assert not [one async for _, texts in journal.routing.recorded(0, ("national",)) for one in texts]
        assert len([one async for _, texts in journal.routing.recorded(0, ("national", "explicit")) for one in texts]) == 500
        assert "nomor" not in repr(slices)

    told(house, story)
