"""A running gateway takes a new table between two messages, refuses a bad one and goes on; recorded texts try a table before that."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from forwarder.journal import Hand, Recorded
from gateway import control, local, rehearsal
from gateway.app import Gateway
from gateway.control import ControlError
from gateway.reading import Reader
from gateway.rehearsal import Rehearsal
from parsers.model import Certainty
from tests.gateway.road import SECRETS, Road
from tests.gateway.site import HEADER, SHIPPED
from tests.tables import HASHTAGS, REGIONS, TABLE, TOPICS, table

SARI = "6281266010001"
WIDER = SHIPPED.replace("PESSEL,13.01", "PESSEL|PESISIR,13.01")
NARROW = f"{HEADER}\nAGAM,13.06,\n"
EPOCH_MS = 1_795_000_000_000


def road(folder: Path, *stories: Callable[[Road, Gateway], Awaitable[None]]) -> Road:
    """One story after the other, the gateway restarted between them."""
    built = Road(folder, wait=0.05)

    async def main() -> None:
        async with built.peers():
            for story in stories:
                async with built.running() as gateway:
                    await story(built, gateway)

    asyncio.run(main())
    return built


async def ask(road: Road, verb: str, **args: Any) -> dict[str, Any]:
    answer = await control.call(road.folder / "state" / "control.sock", verb, **{"who": "Bu Siti", "why": "a test", **args})
    assert isinstance(answer, dict)
    return answer


async def decided(gateway: Gateway, road: Road, text: str) -> tuple[str, str | None, str]:
    """How the gateway decides a text of somebody new: certainty, region, version."""
    await road.operator.send_mo(f"62812660{zlib.crc32(text.encode()) % 100_000:05d}", text)
    await road.until(lambda: any(entry.text == text for entries in road.core.stored.values() for entry in entries))
    number = next(number for number, entries in road.core.stored.items() for entry in entries if entry.text == text)
    case = await gateway.journal.case(number)
    assert case is not None
    assert case.complaint is not None
    decision = case.complaint.decision
    return decision.certainty.value, decision.region, decision.version


def test_a_new_table_counts_from_the_next_message_and_after_a_restart_until_it_is_rolled_back(tmp_path: Path) -> None:
    versions: list[str] = []

    async def before(road: Road, gateway: Gateway) -> None:
        assert await decided(gateway, road, "PESISIR satu") == ("national", None, TABLE.version)
        versions.append((await ask(road, "route install", csv=WIDER, name="wider.csv"))["version"])
        assert await decided(gateway, road, "PESISIR dua") == ("explicit", "13.01", versions[0])

    async def after(road: Road, gateway: Gateway) -> None:
        assert await decided(gateway, road, "PESISIR tiga") == ("explicit", "13.01", versions[0])
        await ask(road, "route rollback")
        assert await decided(gateway, road, "PESISIR empat") == ("national", None, TABLE.version)
        with pytest.raises(ControlError, match="nothing to go back to"):
            await ask(road, "route rollback")

    async def last(road: Road, gateway: Gateway) -> None:
        assert await decided(gateway, road, "PESISIR lima") == ("national", None, TABLE.version)

    road(tmp_path, before, after, last)


def test_installing_under_load_drops_no_message_and_each_has_one_of_the_two_tables(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        async def write() -> None:
            for number in range(120):
                await road.operator.send_mo(f"62812660{number:05d}", f"PESISIR aduan nomor {number}")

        async def install() -> None:
            for csv in (WIDER, NARROW, WIDER, SHIPPED) * 3:
                await ask(road, "route install", csv=csv)

        await asyncio.gather(write(), install())
        await road.until(lambda: len(road.core.stored) == 120, 30)
        counts = gateway.intake.certainties
        assert counts[Certainty.EXPLICIT] + counts[Certainty.NATIONAL] + counts[Certainty.HINTED] == 120
        assert gateway.intake.composer is gateway.journal.composer
        assert gateway.tables.routes.version == TABLE.version

    road(tmp_path, story)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"csv": f"{HEADER}\nDHARMA,13.1,\n", "name": "new.csv"}, "new.csv:2: 13.1 is no region; meant 13.10 Dharmasraya"),
        ({"csv": ""}, "csv is missing"),
        ({}, "csv is missing"),
        ({"csv": 7}, "csv is missing"),
        ({"csv": "\ud800"}, "lone surrogates"),
        ({"csv": WIDER, "kind": "words"}, "kind must be one of routes, hashtags"),
        ({"csv": WIDER, "why": " "}, "a reason is required"),
        ({"csv": WIDER, "owner": "13.06"}, "region 13.01 is not in 13.06"),
        ({"csv": f"{HEADER}\n" + "AB,13.06,\n" * 850_000}, "more than 20000 rows"),
    ],
    ids=["wrong-code", "empty", "none", "number", "surrogate", "kind", "reason", "owner", "long"],
)
def test_a_bad_table_is_refused_loudly_and_the_old_one_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, args: dict[str, Any], sentence: str
) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        with caplog.at_level(logging.ERROR), pytest.raises(ControlError) as caught:
            await ask(road, "route install", **args)
        assert sentence in str(caught.value)
        assert ("the old one goes on" in caplog.text) is ("nothing is installed" in str(caught.value))
        assert await decided(gateway, road, "AGAM jalan rusak") == ("explicit", "13.06", TABLE.version)

    road(tmp_path, story)


def test_an_installed_table_that_loads_no_more_gives_way_to_the_one_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def install(road: Road, gateway: Gateway) -> None:
        await ask(road, "route install", csv=WIDER)
        await gateway.journal.routing.install("routes", "badbadbadbad", f"{HEADER}\nOLD,98.76,\n", Hand("a", "another regions.csv"))

    async def after(road: Road, gateway: Gateway) -> None:
        assert (await decided(gateway, road, "PESISIR jalan rusak"))[:2] == ("explicit", "13.01")

    with caplog.at_level(logging.ERROR):
        road(tmp_path, install, after)
    assert "an installed routing table does not load" in caplog.text


def test_a_running_gateway_rehearses_on_what_it_received_and_counts_first_words_without_a_route(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        for number, text in enumerate(["PESISIR lampu mati hp 081234567890", "pesisir air mati", "AGAM jalan rusak", "jalan rusak parah"]):
            await road.operator.send_mo(f"6281266010{number:03d}", text)
        await road.until(lambda: len(road.core.stored) == 4)
        socket = road.folder / "state" / "control.sock"
        answers = [one async for one in control.stream(socket, "route rehearse", csv=WIDER, name="new.csv", since_ms=0)]
        changes = [one["change"] for one in answers if isinstance(one, dict) and "change" in one]
        assert {(one["from"], one["to"]) for one in changes} == {("national desk (national)", "Kab. Pesisir Selatan")}  # type: ignore[index,call-overload]
        assert "081234567890" not in str(answers)
        summary = answers[-1]["summary"]  # type: ignore[index,call-overload]
        assert (summary["read"], summary["changed"], summary["ways"][0]["count"]) == (4, 2, 2)
        words = await ask(road, "route unmatched", since_ms=0)
        assert words["words"] == {"pesisir": 2}
        later = await ask(road, "route rehearse", csv=WIDER, since_ms=gateway.now_ms() + 1000)
        assert later["summary"]["read"] == 0
        with pytest.raises(ControlError, match="is no region"):
            await ask(road, "route rehearse", csv=f"{HEADER}\nX1,99.99,\n", since_ms=0)
        with pytest.raises(ControlError, match="since_ms"):
            await ask(road, "route rehearse", csv=WIDER)

    road(tmp_path, story)


def test_a_command_without_a_gateway_works_on_the_journal_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "PESISIR lampu mati")
        await road.until(lambda: len(road.core.stored) == 1)

    road(tmp_path, story)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    async def alone() -> list[Any]:
        given = local.answers(tmp_path / "gateway.toml", "route rehearse", csv=WIDER, name="new.csv", since_ms=0)
        async with contextlib.aclosing(given):  # type: ignore[type-var]
            return [one async for one in given]

    assert asyncio.run(alone())[-1]["summary"]["changed"] == 1


async def traffic(texts: list[str]) -> AsyncIterator[tuple[int, list[Recorded]]]:
    yield EPOCH_MS, [Recorded(f"G{number}", EPOCH_MS, "national", "v", text) for number, text in enumerate(texts)]


async def breathe() -> None:
    await asyncio.sleep(0)


def reader(*rows: str, columns: str = HEADER) -> Reader:
    return Reader(table(*rows, columns=columns), HASHTAGS, REGIONS, TOPICS)


@pytest.mark.parametrize(
    ("row", "day", "way"),
    [
        ("AGAM,13.06,,2026-12-01,", "2026-11-30", ("Kab. Agam", "national desk (early)")),
        ("AGAM,13.06,,2026-12-01,", "2026-12-01", None),
        ("AGAM,13.06,,,2026-12-31", "2027-01-01", ("Kab. Agam", "national desk (late)")),
        ("AGAM|X2,13.06,,,", "2026-11-30", None),
    ],
)
def test_a_table_is_rehearsed_as_of_a_day(row: str, day: str, way: tuple[str, str] | None) -> None:
    after = reader(row, columns=f"{HEADER},valid_from,valid_to")
    asked = Rehearsal(reader("AGAM,13.06,"), after, dt.date.fromisoformat(day), EPOCH_MS - 1000, EPOCH_MS)

    async def all_of_it() -> list[dict[str, Any]]:
        return [one async for one in rehearsal.rehearse(asked, traffic(["AGAM jalan rusak", "jalan rusak"]), breathe)]

    *_, last = asyncio.run(all_of_it())
    assert last["summary"]["ways"] == ([{"from": way[0], "to": way[1], "count": 1}] if way else [])


def test_first_words_without_a_route_hold_no_number_and_no_everyday_word() -> None:
    texts = [
        "SLEMAN jalan rusak",
        "min, sleman macet",
        "jalan rusak",
        "081234567890 lapor",
        "12/5 banjir",
        "status tanah",
        "x" * 40,
        "AGAM a",
        "",
    ]

    async def counted() -> dict[str, Any]:
        found = rehearsal.unmatched(traffic(texts), breathe, (EPOCH_MS - 1000, EPOCH_MS), reader("AGAM,13.06,"))
        return [one async for one in found][-1]

    assert asyncio.run(counted()) == {"words": {"sleman": 2}, "read": len(texts)}
