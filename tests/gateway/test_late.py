"""The nudge list: what is late with which step, in which zone, of whom; who is hidden; and nothing is called late that nobody heard of."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import apsw
import pytest

from forwarder.journal import late as journal
from forwarder.journal import reporting
from forwarder.journal.late import UNHEARD, Wanted
from gateway import late_page
from gateway.late import Nudge, nudge
from gateway.late_count import LateCount
from parsers import deadlines, workdays
from parsers.deadlines import Kind
from parsers.due import Clocks, Standing, next_due
from parsers.errors import JournalError
from parsers.zones import day_of, zone_of
from tests.gateway.counted import Filed, begin, fill, ms
from tests.gateway.site import Folder
from tests.tables import CONFIG, REGIONS

TERMS = (CONFIG / "deadlines.csv").read_text(encoding="utf-8")
CALENDAR = workdays.load((CONFIG / "holidays.csv").read_text(encoding="utf-8"))
CLOCKS = Clocks(deadlines.load(TERMS, REGIONS), CALENDAR)
NOW = "2026-11-27 12:00"  # a Friday
MONDAY = "2026-11-02 08:00"
SEED = 20261128


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def listed(path: Path, complaints: Sequence[Filed], *, reveal: bool = False, limit: int = 1000, now: str = NOW, **wish: object) -> Nudge:
    """The list of exactly these complaints; each has the number its id makes."""
    fill(path, complaints, wish.pop("restricted", ()))  # type: ignore[arg-type]
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE complaint SET number = printf('G%05d', id), tracking_id = CAST(7000000 + id AS TEXT)")
    connection.close()
    wanted = Wanted(wish.pop("clocks", CLOCKS), ms(now) or 0, **wish)  # type: ignore[arg-type]
    lines = journal.lines(path, wanted, limit, reveal=reveal)
    return nudge(wanted, journal.count(path, wanted), lines, heard=journal.hears(path), reveal=reveal)


def said(found: Nudge) -> list[str]:
    return [f"{line.step} {line.due} {line.over}" for line in found.lines]


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (Filed("2026-11-24 09:00", "unverified"), []),  # three working days are not over
        (Filed("2026-11-23 09:00", "unverified"), ["verify 2026-11-26 1"]),
        (Filed(MONDAY, "unverified"), ["verify 2026-11-05 16"]),
        (Filed(MONDAY, "postponed"), ["verify 2026-11-05 16"]),
        (Filed("2026-11-18 09:00", "disposed", disposed="2026-11-20 16:00"), []),
        (Filed("2026-11-18 09:00", "disposed", disposed="2026-11-19 16:00"), ["answer 2026-11-26 1"]),
        (Filed("2026-11-18 09:00", "disposed", disposed="2026-11-19 16:00", answered="2026-11-20 08:00"), []),
        (Filed("2026-11-18 09:00", "in_process", disposed="2026-11-19 16:00"), []),  # at work: it answered
        (Filed("2026-11-09 09:00", "in_process", disposed="2026-11-09 16:00"), []),  # fourteen working days
        (Filed("2026-11-06 09:00", "in_process", disposed="2026-11-09 16:00"), ["finish 2026-11-26 1"]),
        (Filed(MONDAY, "disposed", disposed="2026-11-04 16:00", answered="2026-11-05 08:00"), ["finish 2026-11-20 5"]),
        (Filed(MONDAY, "disposed", disposed="2026-11-20 16:00"), ["finish 2026-11-20 5"]),  # the end was due before the answer
        (Filed("2026-11-19 09:00", "in_process", kind="aspirasi", disposed=MONDAY), ["finish 2026-11-26 1"]),
        (Filed("2026-11-20 09:00", "in_process", kind="permintaan informasi", disposed=MONDAY), []),
        (Filed(MONDAY, "done", disposed=MONDAY, finished=MONDAY), []),
        (Filed(MONDAY, "archived"), []),
        (Filed(MONDAY, "in_process", disposed=MONDAY, finished=MONDAY), []),  # it was settled once
        (Filed(MONDAY, state="held"), []),  # waits with us: the desk has it
        (Filed(MONDAY, "unverified", state="closed"), []),
        (Filed("2027-11-02 08:00", "unverified"), []),  # a clock that was set
        (Filed("1980-01-01 08:00", "unverified"), []),  # before any rule
    ],
)
def test_what_is_late_with_which_step(path: Path, complaint: Filed, expected: list[str]) -> None:
    found = listed(path, [complaint])
    assert said(found) == expected
    assert found.total.total == len(expected)


@pytest.mark.parametrize(("region", "late"), [("13.06", []), ("63.03", []), ("91.71", ["verify 2026-11-26 1"]), (None, [])])
def test_a_day_is_over_at_its_own_midnight(path: Path, region: str | None, late: list[str]) -> None:
    """23:30 WIB of the last day is tomorrow in Jayapura; 22:30 was not yet when it came."""
    one = Filed("2026-11-23 08:00", "unverified", region=region)
    assert said(listed(path, [one], now="2026-11-26 22:30")) == late


def test_one_list_by_instansi_with_counts_and_the_oldest_first(path: Path) -> None:
    agam, pdam = "Kab. Agam", "PDAM"
    found = listed(
        path,
        [
            Filed("2026-11-23 09:00", "unverified", instansi=agam),
            Filed(MONDAY, "disposed", disposed="2026-11-03 09:00", instansi=pdam),
            Filed("2026-11-16 09:00", "unverified", instansi=agam),
            Filed(MONDAY, "in_process", disposed=MONDAY, instansi=agam),
            Filed(MONDAY, "done", disposed=MONDAY, finished=MONDAY, instansi=pdam),
        ],
    )
    assert [(group.name, dict(group.late), group.median_age, max(group.ages)) for group in found.groups] == [
        (agam, {"verify": 2, "finish": 1}, 9, 19),
        (pdam, {"answer": 1}, 19, 19),
    ]
    assert [(line.instansi, line.number) for line in found.lines] == [
        (agam, "G00004"),
        (agam, "G00003"),
        (agam, "G00001"),
        (pdam, "G00002"),
    ]
    assert found.total.total == 4
    assert not found.notes
    page = late_page.page(found)
    assert "Terlambat menurut aturan, keadaan 27-11-2026 12:00 WIB" in page
    assert re.search(r"G00002 +7000002 +jawaban +10-11-2026 +13 +Belum Ditindaklanjuti", page)
    assert re.search(r"^JUMLAH +2 +1 +1 +4 ", page, re.MULTILINE)


def test_what_is_left_out_is_said(path: Path) -> None:
    found = listed(path, [Filed(MONDAY, "unverified", many=5)], limit=2)
    assert (len(found.lines), found.total.total) == (2, 5)
    assert found.notes == ["3 more are late and not listed: `--limit` lists more, `--instansi` those of one"]


@pytest.mark.parametrize(
    ("wish", "late"),
    [
        ({}, 4),
        ({"region": "13"}, 3),
        ({"region": "13.06"}, 2),
        ({"region": "13.06.01"}, 1),
        ({"region": "1"}, 0),
        ({"instansi": "kab. agam"}, 3),
        ({"instansi": "' OR 1=1"}, 0),
        ({"least": 16}, 4),
        ({"least": 17}, 0),
    ],
)
def test_only_what_was_asked_for(path: Path, wish: dict[str, object], late: int) -> None:
    complaints = [
        Filed(MONDAY, "unverified", region="13.06"),
        Filed(MONDAY, "unverified", region="13.06.01"),
        Filed(MONDAY, "unverified", region="13.07"),
        Filed(MONDAY, "unverified", region=None, instansi="Admin Nasional"),
    ]
    found = listed(path, complaints, **wish)
    assert (found.total.total, len(found.lines)) == (late, late)


HIDDEN = [
    Filed(MONDAY, "unverified", rahasia=True),
    Filed(MONDAY, "unverified", tag=b"restricted"),
    Filed(MONDAY, "in_process", disposed=MONDAY, rahasia=True),  # about an abuse of office, for all that is readable: 60 days
]


def test_rahasia_and_restricted_are_counted_apart_and_never_listed(path: Path) -> None:
    found = listed(path, [Filed(MONDAY, "unverified"), *HIDDEN], restricted=[b"restricted"])
    assert [line.number for line in found.lines] == ["G00001"]
    assert found.total.total == 1
    assert found.notes == ["2 more are rahasia, or of citizens who asked for restriction (verify 2): `--reveal` lists their numbers"]
    assert "G00002" not in json.dumps(late_page.document(found)) + late_page.page(found) + late_page.sheet(found)
    narrow = nudge(
        Wanted(CLOCKS, ms(NOW) or 0, instansi="Kab. Agam"),
        journal.count(path, Wanted(CLOCKS, ms(NOW) or 0, instansi="Kab. Agam")),
        [],
        heard=True,
        reveal=False,
    )
    assert not narrow.hidden.total()  # how many secret ones one instansi has is a secret


def test_revealed_they_stand_there_by_their_number_alone(path: Path) -> None:
    found = listed(path, [Filed(MONDAY, "unverified"), *HIDDEN], restricted=[b"restricted"], reveal=True)
    assert [(line.instansi, line.number, line.tracking_id, line.status) for line in found.lines] == [
        ("Kab. Agam", "G00001", "7000001", "unverified"),
        ("(rahasia)", "G00002", "", ""),
        ("(rahasia)", "G00003", "", ""),
    ]
    assert not found.notes


def test_what_the_core_never_spoke_of_is_not_called_late(path: Path) -> None:
    found = listed(path, [Filed(MONDAY, many=3), Filed("2026-11-26 08:00")])
    assert (found.total.total, found.unheard, found.lines) == (0, 3, [])
    assert [note.split(":")[0] for note in found.notes] == [
        "The core never said how a complaint stands",
        "3 are over the first deadline and not called late",
    ]
    assert "Tidak ada yang terlambat." in late_page.page(found)
    found = listed(path, [Filed(MONDAY, "unverified")])
    assert [note.split(":")[0] for note in found.notes] == ["3 are over the first deadline and not called late"]


def test_no_name_of_an_instansi_is_a_formula_or_moves_the_terminal(path: Path) -> None:
    found = listed(path, [Filed(MONDAY, "unverified", instansi='=HYPERLINK("x")\x1b[2J')])
    [_, row] = list(csv.reader(io.StringIO(late_page.sheet(found))))
    assert row[0].startswith("'=HYPERLINK")
    assert "\x1b" not in late_page.page(found) + late_page.sheet(found)


def test_a_year_without_holidays_is_said(path: Path) -> None:
    bare = Clocks(CLOCKS.deadlines, workdays.load("date,kind,name\n"))
    assert listed(path, [], clocks=bare).notes[-1] == "holidays.csv has no holidays of 2026: only its weekends are no working days here"


def anything(random: Random) -> Filed:
    """A complaint as it comes; times of the core's before ours and after now among them."""
    start = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)

    def when() -> str:
        return f"{start + dt.timedelta(minutes=random.randrange(175_000)):%Y-%m-%d %H:%M}"

    def perhaps() -> str | None:
        return when() if random.random() < 0.5 else None

    return Filed(
        when(),
        random.choice(["unverified", "disposed", "in_process", "postponed", "done", "archived"]),
        region=random.choice([None, "13.06", "13.06.01", "33.08", "63.03", "91.71", "33"]),
        kind=random.choice(["pengaduan", "aspirasi", "permintaan informasi"]),
        disposed=perhaps(),
        answered=perhaps(),
        rahasia=random.random() < 0.2,
    )


@pytest.mark.parametrize("turn", range(4))
def test_the_journal_counts_late_what_next_due_says(path: Path, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(SEED + turn)
    print("seed", SEED + turn)
    own = "2026-09-01,Perbup,33.08,finish,complaint,3,x\n2026-09-01,Pergub,33,verify,,1,x\n2026-10-01,Perbup,13.06,answer,,-,x\n"
    clocks = Clocks(deadlines.load(TERMS + own, REGIONS), CALENDAR)
    complaints = [anything(random) for _ in range(400)]
    monkeypatch.setattr(reporting, "SLICE", 77)
    found = listed(path, complaints, reveal=True, clocks=clocks)
    now_ms, expected = ms(NOW) or 0, Counter[str]()
    for at, one in enumerate(complaints, 1):
        kind = Kind.INFORMATION if one.kind != "pengaduan" else Kind.OVERSIGHT if one.rahasia else Kind.COMPLAINT
        disposed = ms(one.disposed)
        standing = Standing(
            ms(one.at) or 0,
            kind,
            one.region,
            one.status,
            None if disposed is None else min(disposed, now_ms),
            ms(one.answered),
        )
        due, today = next_due(clocks, standing), day_of(now_ms, zone_of(one.region))
        if one.status not in ("done", "archived") and due is not None and (over := CALENDAR.between(due.day, today)):
            expected[f"G{at:05d} {due.step} {due.day} {over}"] += 1
    assert len(expected) > 100
    assert Counter(f"{line.number} {line.step} {line.due} {line.over}" for line in found.lines) == expected


# Counted beside the road


def counting(path: Path) -> LateCount:
    return LateCount(path, lambda: CLOCKS, lambda: ms(NOW) or 0, rest_seconds=0)


def test_the_metric_has_each_step_with_what_is_rahasia_and_without_who_is_restricted(path: Path) -> None:
    listed(path, [Filed(MONDAY, "unverified", many=3), *HIDDEN, Filed(MONDAY)], restricted=[b"restricted"])
    late = counting(path)
    assert not late.found
    asyncio.run(late.round())
    assert late.found == {"verify": 4, "answer": 0, "finish": 0, UNHEARD: 1}


def test_a_journal_that_cannot_be_read_leaves_what_was_known(path: Path) -> None:
    listed(path, [Filed(MONDAY, "unverified")])
    late = counting(path)
    asyncio.run(late.round())
    path.write_bytes(b"garbage" * 1000)
    asyncio.run(late.round())
    assert late.found["verify"] == 1


def test_a_gateway_that_stops_does_not_wait_for_the_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed(path, [Filed(MONDAY, "unverified", many=50)])
    monkeypatch.setattr(reporting, "SLICE", 1)
    rested: list[int] = []

    async def main() -> None:
        late = LateCount(path, lambda: CLOCKS, lambda: ms(NOW) or 0, rest_seconds=0, sleep=lambda _: asyncio.sleep(0))
        inner = late._rest

        def rest() -> None:
            rested.append(1)
            if len(rested) == 3:
                loop.call_soon_threadsafe(task.cancel)
                late._ending.wait(60)
            inner()

        late._rest = rest  # type: ignore[method-assign]
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(late.run())
        await asyncio.wait([task])

    asyncio.run(main())
    assert len(rested) == 3


# The command


@pytest.fixture(name="site")
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    (tmp_path / "state").mkdir()
    return Folder(tmp_path, monkeypatch, capsys)


def test_the_command_in_its_three_forms(site: Folder) -> None:
    fill(site.path / "state" / "journal.db", [Filed("2026-06-08 08:00", "unverified", many=2), Filed(MONDAY, rahasia=True)])
    page = site.call("late")
    assert (page.code, "Kab. Agam" in page.out) == (0, True)
    found = json.loads(site.call("late", "--json", "--region", "13").out)
    assert (found["region"], found["total"]["verify"], len(found["late"])) == ("13", 2, 2)
    rows = list(csv.DictReader(io.StringIO(site.call("late", "--csv", "--limit", "1").out)))
    assert [(row["langkah"], row["batas_menurut_aturan"]) for row in rows] == [("verifikasi", "2026-06-11")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--days", "0"),
        ("--days", "-1"),
        ("--limit", "100001"),
        ("--limit", "9" * 5000),
        ("--limit", "٣"),
        ("--csv", "--json"),
    ],
)
def test_a_wrong_use_is_refused(site: Folder, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        site.call("late", *arguments)
    assert refused.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--region", "13.6"), "--region 13.6: no region has this code; meant 13.06?"),
        (("--region", "x"), "--region x: no region has this code; regions.csv has the codes"),
        ((), "there is no journal yet"),
    ],
)
def test_what_cannot_be_asked_is_said(site: Folder, arguments: tuple[str, ...], expected: str) -> None:
    found = site.call("late", *arguments)
    assert found.code == 1
    assert expected in found.err


def test_without_a_gateway_revealing_is_a_row_of_the_audit_too(site: Folder) -> None:
    path = site.path / "state" / "journal.db"
    listed(path, HIDDEN)
    path.unlink()
    begin_of_this_site(site)
    listed(path, HIDDEN)
    shown = site.call("late", "--reveal", "--who", "siti")
    assert shown.code == 0
    assert "(rahasia)" in shown.out
    assert re.search(r"siti \(\w+\) +reveal late", site.call("audit", "show").out)


def begin_of_this_site(site: Folder) -> None:
    """A journal that this site's key opens."""
    assert site.route("install", site.file("t.csv", (CONFIG / "routes.csv").read_text(encoding="utf-8") + "\n"), "--why", "first").code == 0


def test_where_the_audit_cannot_be_written_nothing_is_shown(site: Folder) -> None:
    path = site.path / "state" / "journal.db"
    listed(path, HIDDEN)  # another key made it
    shown = site.call("late", "--reveal")
    assert shown.code != 0
    assert "G00001" not in shown.out


def test_a_file_that_is_no_journal_is_one_sentence(site: Folder, path: Path) -> None:
    (site.path / "state" / "journal.db").write_bytes(b"garbage" * 1000)
    assert site.call("late").code == 1
    begin(path)
    connection = apsw.Connection(str(path))
    connection.execute("DROP TABLE course")
    connection.close()
    with pytest.raises(JournalError, match="migrated by `run`"):
        journal.hears(path)
