"""After a leak: who is affected, counted and listed; numbers only with a reason; a notice that lacks only what people alone know."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path

import apsw
import pytest

from forwarder.journal import JournalSettings
from forwarder.journal.exposure import Exposed, Window
from forwarder.journal.trail import Wanted
from gateway import control, moments
from gateway.breach import harmless
from gateway.cli import main
from gateway.control import ControlError
from parsers.errors import GatewayError
from tests.gateway.site import Folder
from tests.gateway.test_desk import SARI, Officer, at_the_desk
from tests.journal.people import House, segment

DAY_MS = 86_400_000
WHY = "notice by law, ticket 812"


def held(house: House, window: Window, *, reveal: bool = False) -> list[Exposed]:
    async def run() -> list[Exposed]:
        journal = house.open()
        found = [one async for rows in journal.exposure.rows(window, reveal=reveal) for one in rows]
        await journal.close()
        return found

    return asyncio.run(run())


def with_messages(folder: Path, count: int = 5, **settings: int) -> House:
    """A journal with a complaint a day, all settled as they came."""
    house = House(folder, settings=JournalSettings(heartbeat_seconds=60, **settings))  # type: ignore[arg-type]

    async def run() -> None:
        journal = house.open()
        for number in range(count):
            await journal.accept([house.arrival(journal, segment(source=f"62812345678{number}", received_ms=house.time.ms))])
            house.time.pass_(86_400)
        await journal.close()

    asyncio.run(run())
    connection = apsw.Connection(str(house.path))
    connection.execute("UPDATE complaint SET state = 'closed', next_ms = NULL")
    connection.close()
    return house


def test_what_came_before_the_end_was_held_and_what_came_after_was_not(tmp_path: Path) -> None:
    house = with_messages(tmp_path)
    begin = house.time.ms - 5 * DAY_MS
    assert len(held(house, Window(begin, begin + 2 * DAY_MS + 1))) == 3
    assert len(held(house, Window(begin - DAY_MS, begin))) == 0
    assert len(held(house, Window(begin, house.time.ms, "telkomsel"))) == 5
    assert not held(house, Window(begin, house.time.ms, "xl"))
    [*_, last] = held(house, Window(begin, house.time.ms), reveal=True)
    assert last.person == "+628123456784"
    assert last.kinds == ("number", "text", "pdu")
    assert "+628123456784" not in repr(last)


@pytest.mark.parametrize(("days_later", "affected"), [(0, 5), (9, 5), (10, 5), (11, 4), (13, 2), (30, 0)])
def test_what_was_forgotten_since_counts_if_it_was_held_then(tmp_path: Path, days_later: int, affected: int) -> None:
    house = with_messages(tmp_path, number_days=10, text_days=10, raw_days=1)
    first = house.time.ms - 5 * DAY_MS
    connection = apsw.Connection(str(house.path))
    connection.execute("UPDATE message SET sealed_sender = NULL, sealed_content = NULL, reporter_tag = NULL")
    connection.close()
    since = first + days_later * DAY_MS + 1
    found = held(house, Window(since, since + 365 * DAY_MS))
    assert len(found) == affected
    assert all("forgotten" in one.kinds and not one.person for one in found)


def test_an_unreadable_message_is_its_pdu_alone(tmp_path: Path) -> None:
    house = with_messages(tmp_path, count=1)
    connection = apsw.Connection(str(house.path))
    connection.execute("UPDATE message SET sealed_sender = NULL, sealed_content = NULL, reporter_tag = NULL, cause = 'x'")
    connection.close()
    [one] = held(house, Window(house.time.ms - DAY_MS, house.time.ms))
    assert one.kinds == ("pdu",)


def test_a_person_that_cannot_be_opened_is_said_and_stops_nobody(tmp_path: Path) -> None:
    house = with_messages(tmp_path, count=2)
    connection = apsw.Connection(str(house.path))
    connection.execute("UPDATE message SET sealed_sender = x'01020304' WHERE id = (SELECT min(id) FROM message)")
    connection.close()
    found = held(house, Window(0, house.time.ms), reveal=True)
    assert [one.person for one in found] == ["(cannot be opened)", "+628123456781"]


def test_the_page_the_table_and_the_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write("AGAM rumah saya di Jalan Mawar")
        await officer.write("AGAM lampu mati", "6281266010002")

        async def typed(*arguments: str) -> tuple[int, str, str]:
            line = ["breach", "--config", str(officer.road.folder / "gateway.toml"), "--since", "1h", *arguments]
            code = await asyncio.to_thread(main, line)
            said = capsys.readouterr()
            return code, said.out, said.err

        code, out, _ = await typed()
        assert code == 0
        assert re.search(r"2 messages of 2 persons who can still be told, 2 complaints", out)
        assert number in out
        assert "Pasal 46" in out
        assert out.count("[isi:") == 3
        assert "Mawar" not in out
        assert SARI[2:] not in out
        code, out, err = await typed("--csv", "--reveal")
        assert (code, "needs --reason" in err) == (2, True)
        assert SARI[2:] not in out
        code, out, _ = await typed("--csv")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert {row["number"] for row in rows} >= {number}
        assert not any(row["person"] for row in rows)
        code, out, _ = await typed("--csv", "--reveal", "--reason", WHY)
        assert {row["person"] for row in csv.DictReader(io.StringIO(out))} == {SARI, "6281266010002"}
        told = [(row.what, row.reason) for row in await officer.gateway.journal.audit.rows(Wanted())]
        assert [one[0] for one in told][-3:] == ["list breach", "list breach", "reveal breach"]
        assert told[-1][1] == WHY
        assert (await typed("--until", "2h"))[0] == 1
        assert (await typed("--operator", "niemand"))[0] == 0
        for garbage in ({}, {"since_ms": "x", "until_ms": 1}, {"since_ms": 2, "until_ms": 1}, {"since_ms": True, "until_ms": 3}):
            with pytest.raises(ControlError):
                await control.call(officer.gateway.site.socket_path, "breach", **garbage)  # type: ignore[arg-type]

    at_the_desk(tmp_path, story)


def test_without_a_gateway_and_without_a_message(folder: Folder) -> None:
    said = folder.call("breach", "--since", "7d")
    assert said.code == 0
    assert "0 messages of 0 persons" in said.out
    assert "list breach" in folder.call("audit", "show").out


@pytest.mark.parametrize("cell", ["=1+1", "+62811", "-1", "@SUM(A1)", "\tx", "\rx", "\0x"])
def test_no_cell_is_run_by_a_spreadsheet(cell: str) -> None:
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert harmless("G7K2QP") == "G7K2QP"


def test_times_as_people_give_them() -> None:
    now = 1_795_000_000_000
    assert moments.moment_of("2d", now, "--since") == now - 2 * DAY_MS
    assert moments.moment_of("31-12-2026", now, "--since") == moments.moment_of("2026-12-31 00:00", now, "--since")
    assert moments.moment_of("1-2-2026 14:30", now, "--since") == moments.moment_of("2026-02-01T14:30", now, "--since")
    assert moments.shown(moments.moment_of("2026-12-31 14:30", now, "--since")) == "31-12-2026 14:30"
    for wrong in ("", "yesterday", "32-12-2026", "9999999d", "2026-13-01", "\0", "1h\n2"):
        with pytest.raises(GatewayError, match="--since"):
            moments.moment_of(wrong, now, "--since")
