"""`lapor-gateway ledger` as an officer types it: the sums, an operator's list in every form, closed days, and garbage."""

from __future__ import annotations

import asyncio
import base64
import csv
import datetime as dt
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from forwarder.journal import Sealer, day_begins, numbering
from parsers.model import mask
from tests.gateway.road import SECRETS
from tests.gateway.site import Folder
from tests.journal.a_day import DAY, lived, planted
from tests.journal.people import EPOCH_MS, Composer, House, part, segment
from tests.journal.test_filing import SETTINGS

NAME = "2026-11-18"
WIB = dt.timezone(dt.timedelta(hours=7))


KEY = base64.b64decode(SECRETS["LAPOR_MASTER_KEY"])


@pytest.fixture
def office(folder: Folder) -> Folder:
    """A site."""
    return folder


@pytest.fixture(scope="module")
def a_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory.mktemp("day"))


def give(office: Folder, journal: Path) -> Path:
    """The site's journal is a copy of this one."""
    target = office.path / "state" / "journal.db"
    target.parent.mkdir(exist_ok=True)
    shutil.copy(journal, target)
    return target


def test_a_whole_day_on_one_page(office: Folder, a_day: Path) -> None:
    give(office, a_day)
    said = office.call("ledger", "--day", NAME)
    assert (said.code, said.err) == (0, "")
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0][:3] == ["ledger", "of", NAME]
    assert ["all", "16", "=", "2", "5", "1", "1", "1", "1", "1", "1", "1", "1", "1", "·"] in lines
    assert "waiting: " in said.out
    assert "parked: HTTP 4711 1" in said.out
    assert "delivered again, changed nothing: @lapor1708 1, telkomsel 1" in said.out
    assert "the operator keeps it: telkomsel 0x00000058 1" in said.out
    assert said.out.endswith("the sums agree\n")


def test_what_breaks_is_named_with_number_operator_and_time(office: Folder, a_day: Path) -> None:
    give(office, planted(a_day, "UPDATE complaint SET tracking_id = NULL WHERE state = 'filed'"))
    said = office.call("ledger", "--day", NAME)
    assert said.code == 1
    assert "2 break the sums:" in said.out
    named = [line for line in said.out.splitlines() if line.endswith("filed without a tracking id")]
    assert len(named) == 2
    assert all("telkomsel   2026-11-18 18:06:40" in line for line in named)
    short = office.call("ledger", "--day", NAME, "--limit", "1")
    assert "and 1 more (--limit N, or --json)" in short.out


def test_json_and_csv_say_the_same(office: Folder, a_day: Path) -> None:
    give(office, planted(a_day, "UPDATE complaint SET reason = '=1+1' WHERE state = 'parked'", "DELETE FROM history"))
    said = office.call("ledger", "--from", NAME, "--to", NAME, "--json")
    found = json.loads(said.out)
    assert said.code == 1
    assert sum(line["received"] for line in found["lines"]) == 16
    assert (found["breaks"], found["wrong"][0]["what"]) == (1, "closed by nobody")
    said = office.call("ledger", "--day", NAME, "--csv")
    rows = list(csv.DictReader(said.out.splitlines()))
    assert sum(int(row["count"]) for row in rows if row["what"] == "received") == 16
    assert [row["detail"] for row in rows if row["what"] == "parked"] == ["'=1+1"]
    counted = sum(one["count"] for line in found["lines"] for one in line["accounts"])
    named = {"received", "parts", "redelivered", "refused", "wrong"}
    assert sum(int(row["count"]) for row in rows if row["what"] not in named) == counted == 16


def test_a_running_gateways_file_is_read_beside_it(office: Folder) -> None:
    house = House(office.path / "state", settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, 3))
        said = await asyncio.to_thread(office.call, "ledger", "--day", NAME)
        assert (said.code, said.err) == (0, "")
        assert "telkomsel" in said.out
        await journal.close()

    asyncio.run(run())


WRONG = [
    (("--day", "yesterday"), "--day 'yesterday': no day; write 2026-11-28"),
    (("--day", "2026-02-30"), "no day"),
    (("--day", "0001-01-01"), "no day of this gateway's time"),
    (("--day", NAME, "--from", NAME), "one or the other"),
    (("--to", NAME), "--to needs --from"),
    (("--from", "2026-11-19", "--to", NAME), "is after --to 2026-11-18"),
    (("--from", "2060-01-01"), "is after yesterday"),
    (("--from", "1980-01-01", "--to", "2020-01-01"), "3660 days at most"),
    (("verify", "none.db"), "none.db: there is no journal"),
    (("verify", "gateway.toml"), "gateway.toml: is no journal"),
    (("verify", "--since", "x"), "--since 'x': no day"),
    (("compare", "none.csv"), "none.csv: No such file"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=lambda one: " ".join(one) if isinstance(one, tuple) else "")
def test_a_wrong_request_is_one_clear_sentence(office: Folder, a_day: Path, arguments: Sequence[str], says: str) -> None:
    give(office, a_day)
    said = office.call("ledger", *arguments)
    assert said.code == 1
    assert says in said.err
    assert "Traceback" not in said.err


def test_without_a_journal_it_says_so(office: Folder) -> None:
    said = office.call("ledger")
    assert said.code == 1
    assert "there is no journal" in said.err


def closed(directory: Path) -> Path:
    house = House(directory, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, 3))
        house.time.pass_(40 * 3_600)
        assert await journal.ledger.close_next(house.time.ms, 0) == DAY
        await journal.close()

    asyncio.run(run())
    return house.path


def test_closed_days_are_verified_and_a_changed_one_is_named(office: Folder, tmp_path: Path) -> None:
    give(office, closed(tmp_path / "closed"))
    said = office.call("ledger", "verify")
    assert (said.code, said.err) == (0, "")
    assert "1 days closed, 2026-11-18 to 2026-11-18, 3 messages" in said.out
    assert "ok: every day holds what it held" in said.out
    file = planted(office.path / "state" / "journal.db", "DELETE FROM message WHERE id = 3")
    said = office.call("ledger", "verify", str(file))
    assert said.code == 1
    assert f"{NAME}: it was closed with 3 messages, and 2 are here" in said.err


def test_no_closed_day_is_no_mistake(office: Folder, a_day: Path) -> None:
    give(office, a_day)
    said = office.call("ledger", "verify")
    assert (said.code, said.err) == (0, "")
    assert "no day is closed yet" in said.out


# ── an operator's list ──


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 messages of one second each, every fifth in two parts, from 20 senders."""
    house = House(tmp_path_factory.mktemp("traffic"), settings=SETTINGS, key=KEY, composer=Composer(numbering(Sealer(KEY), SETTINGS)))

    async def run() -> None:
        journal = house.open()
        for number in range(40):
            house.time.pass_(60)
            when, who = house.time.ms, f"6281200000{number % 20:03d}"
            if number % 5:
                await journal.accept([house.arrival(journal, segment(f"AGAM {number}", who, received_ms=when))])
            else:
                parts = [part(f"AGAM {number} {one}", one, 2, source=who, reference=number, received_ms=when + one) for one in (1, 2)]
                await journal.accept(parts)
        await journal.close()

    asyncio.run(run())
    return house.path


Line = tuple[int, str, int]
"""Time in ms, sender, parts."""


def wholes() -> list[Line]:
    return [(EPOCH_MS + 60_000 * (number + 1), f"6281200000{number % 20:03d}", 1 if number % 5 else 2) for number in range(40)]


def parts() -> list[Line]:
    return [line for line in wholes() for _ in range(line[2])]


def iso(ms: int, zone: dt.tzinfo = WIB) -> str:
    return f"{dt.datetime.fromtimestamp(ms / 1000, zone):%Y-%m-%d %H:%M:%S}"


def table(lines: Sequence[Line], head: str = "time,sender", row: Callable[[Line], str] | None = None) -> str:
    write = row or (lambda line: f"{iso(line[0])},{line[1]}")
    return "\n".join([*([head] if head else []), *map(write, lines)]) + "\n"


def slashed(line: Line) -> str:
    return f"{dt.datetime.fromtimestamp(line[0] / 1000, WIB):%d/%m/%Y %H:%M:%S}"


FORMS = {
    "as it should be": table(wholes()),
    "Excel's semicolons, day first, local numbers": table(wholes(), "Waktu;MSISDN", lambda one: f"{slashed(one)};0{one[1][2:]}"),
    "tabs, no header": table(wholes(), "", lambda one: f"x\t+{one[1]}\t{iso(one[0])}"),
    "quotes with line ends in them": table(
        wholes(), "id,text,time,from", lambda one: f'7,"jalan, ""rusak""\nparah",{iso(one[0])},{one[1]}'
    ),
    "UTC, said": table(wholes(), "time,sender", lambda one: f"{iso(one[0], dt.UTC).replace(' ', 'T')}Z,{one[1]}"),
    "UTC, not said": table(wholes(), "time,sender", lambda one: f"{iso(one[0], dt.UTC)},{one[1]}"),
    "WITA, not said": table(wholes(), "time,sender", lambda one: f"{iso(one[0] + 3_600_000)},{one[1]}"),
    "seconds since 1970": table(wholes(), "timestamp,source_addr", lambda one: f"{one[0] // 1000},{one[1]}"),
    "milliseconds since 1970": table(wholes(), "timestamp,source_addr", lambda one: f"{one[0]},{one[1]}"),
    "date and time apart": table(wholes(), "Tanggal|Jam|Pengirim", lambda one: f"{iso(one[0])[:10]}|{iso(one[0])[11:]}|{one[1]}"),
    "each part": table(parts()),
    "how many parts": table(wholes(), "time,sender,parts", lambda one: f"{iso(one[0])},{one[1]},{one[2]}"),
    "a clock 40 s ahead": table(wholes(), "time,sender", lambda one: f"{iso(one[0] + 40_000)},{one[1]}"),
    "in disorder": table(Random(5).sample(wholes(), 40)),
    "a byte order mark": "\ufeff" + table(wholes()),
    "Windows' line ends": table(wholes()).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", FORMS, ids=lambda one: one)
def test_the_same_list_in_any_form_agrees(office: Folder, traffic: Path, form: str) -> None:
    give(office, traffic)
    said = office.call("ledger", "compare", office.file("list.csv", FORMS[form]))
    assert (said.code, said.err) == (0, ""), said.out
    assert "both lists agree" in said.out
    assert f"a {'part' if form == 'each part' else 'message'}" in said.out


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_said(office: Folder, traffic: Path, encoding: str) -> None:
    give(office, traffic)
    text = table(wholes(), "time,sender,kota", lambda one: f"{iso(one[0])},{one[1]},Bogór")
    said = office.call("ledger", "compare", office.file("list.csv", text.encode(encoding)))
    assert said.code == 0, said.out
    assert "encoding: " in said.out


def test_what_is_missing_on_either_side_is_named_and_masked(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    lines = wholes()
    strange = (EPOCH_MS + 600_000, "6289912345678", 1)
    said = office.call("ledger", "compare", office.file("list.csv", table([lines[0], strange, *lines[2:7], *lines[8:]])))
    assert said.code == 1
    assert "1 they list and we never saw:" in said.out
    assert f"line 3       2026-11-18 18:16:40  {mask(strange[1])}" in said.out
    assert strange[1] not in said.out
    assert "2 we have and they do not list:" in said.out
    assert sum(line.strip()[:1].isalpha() and line.endswith(("18:08:40", "18:14:40")) for line in said.out.splitlines()) == 2
    found = json.loads(office.call("ledger", "compare", "list.csv", "--json").out)
    assert (len(found["unseen"]), len(found["unlisted"]), found["matched"], found["listing"]) == (1, 2, 38, "messages")
    assert strange[1] not in json.dumps(found)


def test_another_number_of_parts_is_named(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    row = lambda one: f"{iso(one[0])},{one[1]},{one[2] + (one[0] == wholes()[5][0])}"  # noqa: E731
    said = office.call("ledger", "compare", office.file("list.csv", table(wholes(), "time,sender,parts", row)))
    assert said.code == 1
    assert "3 there, 2 here" in said.out


def test_the_tolerance_counts(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    file = office.file("list.csv", table([(ms + 20_000, who, n) for ms, who, n in wholes()]))
    assert office.call("ledger", "compare", file, "--tolerance", "25").code == 0
    said = office.call("ledger", "compare", file, "--tolerance", "5", "--zone", "WIB")
    assert said.code == 1
    assert "40 they list and we never saw" in said.out


def test_one_line_is_never_matched_twice(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    said = office.call("ledger", "compare", office.file("list.csv", table([*wholes(), wholes()[3], wholes()[3]])))
    assert "2 they list and we never saw" in said.out


GARBAGE = [
    ("x,y,z", "its time cannot be read"),
    ("2026-11-18 18:10:40", "has 1 columns, needs 2"),
    ("2026-11-18 18:10:40,", "has no sender"),
    ("2026-11-18 18:10:40,---", "has no sender"),
    (f"2026-11-18 18:10:40,{'9' * 65}", "has no sender"),
    ("2026-13-18 18:10:40,6281200000001", "its time cannot be read"),
    ("\x00\x00,\x00", "has no sender"),
    ('2026-11-18 18:10:40,"62812', "its quotes do not close"),
    (f"{'7' * 200_000},6281200000001", "it is too long"),
    ("2026-11-18T18:10:40+99:00,6281200000001", "its time cannot be read"),
    ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + ",,,", "has no sender"),
]


@pytest.mark.parametrize(("garbage", "why"), GARBAGE, ids=[why for _, why in GARBAGE])
def test_garbage_is_named_by_its_line_and_the_rest_is_compared(office: Folder, traffic: Path, garbage: str, why: str) -> None:
    give(office, traffic)
    text = table(wholes()).splitlines()
    text.insert(9, garbage)
    said = office.call("ledger", "compare", office.file("list.csv", "\n".join(text)))
    assert said.code == 1
    assert f"line 10: {why}" in said.out or (why in said.out and "line 10: " in said.out)
    assert "1 skipped, 40 are here" in said.out
    assert "6281200000001" not in said.out


HOPELESS = [
    ("", "is empty"),
    ("\n\n\n", "is empty"),
    ("a,b,c\n1,2,3\n", "which column is the time? say --map time=NAME"),
    ("time,sender\nx,6281200000001\n", "no time in its column can be read; say how it is written"),
    ("time,name\n2026-11-18 18:10:40,budi\n", "which column is the sender?"),
    ("time,sender\n", "no time in its column"),
]


@pytest.mark.parametrize(("text", "says"), HOPELESS)
def test_what_is_no_list_is_said_with_its_remedy(office: Folder, traffic: Path, text: str, says: str) -> None:
    give(office, traffic)
    said = office.call("ledger", "compare", office.file("list.csv", text))
    assert said.code == 1
    assert says in said.err


OPTIONS = [
    (("--map", "sender"), "say FIELD=COLUMN"),
    (("--map", "text=x"), "there are time, date, sender, id, parts"),
    (("--map", "sender=none"), "no column 'none'; there are: time, sender"),
    (("--map", "sender=7"), "no column '7'"),
    (("--zone", "Mars"), "--zone 'Mars': say WIB"),
    (("--zone", "+99"), "hours ahead of UTC"),
    (("--zone", "nan"), "hours ahead of UTC"),
    (("--time-format", "%q"), "its time cannot be read"),
]


@pytest.mark.parametrize(("options", "says"), OPTIONS)
def test_a_wrong_option_is_said(office: Folder, traffic: Path, options: Sequence[str], says: str) -> None:
    give(office, traffic)
    said = office.call("ledger", "compare", office.file("list.csv", table(wholes())), *options)
    assert said.code == 1
    assert says in said.err or says in said.out
    assert "Traceback" not in said.err


def test_columns_can_be_named_or_numbered(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    file = office.file("list.csv", table(wholes(), "A;B", lambda one: f"{one[1]};{slashed(one)}"))
    for options in (("--map", "sender=A", "--map", "time=B"), ("--map", "sender=1", "--map", "time=2"), ()):
        said = office.call("ledger", "compare", file, *options)
        assert said.code == 0, said.out + said.err


def test_whose_list_it_is_must_be_said_where_it_is_not_clear(office: Folder, a_day: Path) -> None:
    give(office, a_day)
    file = office.file("list.csv", table([(EPOCH_MS, "6281200000001", 1)]))
    said = office.call("ledger", "compare", file)
    assert said.code == 1
    assert "say --operator; in its time we have @lapor1708, telkomsel" in said.err
    assert office.call("ledger", "compare", file, "--operator", "telkomsel").code in (0, 1)


def test_the_days_of_a_span_are_whole(office: Folder, traffic: Path) -> None:
    give(office, traffic)
    said = office.call("ledger", "--from", "2026-11-01", "--to", "2026-11-30", "--json")
    assert sum(line["received"] for line in json.loads(said.out)["lines"]) == 40
    assert day_begins(DAY) % 1000 == 0
