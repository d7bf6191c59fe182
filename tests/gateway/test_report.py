"""The governor's report: every column from complaints that are known to the last one, who is left out, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import reporting
from gateway import report as reports
from gateway import report_page
from gateway.report import COLUMNS, Report, Wish, at_share
from parsers import deadlines, workdays
from parsers.due import Clocks
from parsers.errors import GatewayError
from tests.gateway.counted import TAG, Filed, begin, fill, ms
from tests.gateway.site import Folder
from tests.tables import CONFIG, REGIONS

CALENDAR = workdays.load((CONFIG / "holidays.csv").read_text(encoding="utf-8"))
TERMS = (CONFIG / "deadlines.csv").read_text(encoding="utf-8")
CLOCKS = Clocks(deadlines.load(TERMS, REGIONS), CALENDAR)
NOW = "2026-11-27 12:00"  # a Friday
NOVEMBER = Wish(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
MONDAY = "2026-11-02 08:00"

Site = Callable[[], Folder]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def made(
    path: Path,
    complaints: Sequence[Filed],
    wish: Wish = NOVEMBER,
    restricted: Sequence[bytes] = (),
    *,
    now: str = NOW,
    clocks: Clocks = CLOCKS,
) -> Report:
    """The report of exactly these complaints."""
    fill(path, complaints, restricted)
    now_ms = ms(now) or 0
    question = reports.question(wish, REGIONS, clocks, now_ms)
    return reports.report(wish, reporting.count(path, question), REGIONS, CALENDAR, now_ms)


def counts(row: reports.Row) -> list[int | None]:
    return [row.received, *(row.counts[column] for column in COLUMNS)]


def test_each_complaint_is_in_one_column(path: Path) -> None:
    found = made(
        path,
        [
            Filed(MONDAY, "done", many=10, disposed=MONDAY, finished=MONDAY),
            Filed(MONDAY, "in_process", many=6, disposed=MONDAY),
            Filed(MONDAY, "disposed", many=5, disposed=MONDAY),
            Filed(MONDAY, "unverified", many=7),
            Filed(MONDAY, None, many=8),
            Filed(MONDAY, "postponed", many=9),
            Filed(MONDAY, "archived", many=5),
            Filed(MONDAY, state="closed", many=6),
            *(Filed(MONDAY, state=state, many=5) for state in ("held", "ready", "sending", "parked", "unknown")),
        ],
    )
    assert counts(found.total) == [81, 10, 11, 15, 9, 11, 25]
    assert [counts(row) for row in found.rows] == [counts(found.total)]
    assert not found.notes


def test_duplicates_rahasia_and_restricted_persons_are_not_counted(path: Path) -> None:
    plain = [Filed(MONDAY, many=6), Filed(MONDAY, many=7, tag=None)]
    left_out = [Filed(MONDAY, state="duplicate", many=50), Filed(MONDAY, many=60, rahasia=True), Filed(MONDAY, many=70, tag=b"restricted")]
    found = made(path, [*plain, *left_out], restricted=[b"restricted"])
    assert found.total.received == 13
    assert made(path, [], restricted=[TAG]).total.received == 7


@pytest.mark.parametrize(
    ("at", "counted"),
    [("2026-10-31 23:59:59", 0), ("2026-11-01 00:00", 5), ("2026-11-30 23:59:59", 5), ("2026-12-01 00:00", 0)],
)
def test_days_begin_in_jakarta_and_the_last_one_counts(path: Path, at: str, counted: int) -> None:
    assert made(path, [Filed(at, many=5), Filed(MONDAY, many=5)], now="2026-12-02 00:00").total.received == 5 + counted


def test_waits_are_working_days_median_and_ninety(path: Path) -> None:
    friday = "2026-11-06 23:00"
    found = made(
        path,
        [
            Filed(friday, "done", disposed="2026-11-06 23:30", answered="2026-11-07 10:00", finished="2026-11-09 08:00", many=5),
            Filed(friday, "done", disposed="2026-11-09 01:00", answered="2026-11-12 10:00", finished="2026-11-12 11:00", many=4),
            Filed(friday, "in_process", disposed="2026-11-16 01:00", answered="2026-11-20 10:00"),
        ],
    )
    assert (found.total.disposed_median, found.total.disposed_p90) == (0, 1)
    assert (found.total.answered_median, found.total.answered_p90) == (0, 4)


@pytest.mark.parametrize(
    ("complaint", "late_disposed", "late"),
    [
        (Filed("2026-11-24 09:00"), 0, 0),  # three working days are not over
        (Filed("2026-11-23 09:00"), 100, 0),
        (Filed(MONDAY, "disposed", disposed="2026-11-05 16:00"), 0, 100),
        (Filed(MONDAY, "disposed", disposed="2026-11-06 00:00"), 100, 100),
        (Filed("2026-11-09 09:00", "in_process", disposed="2026-11-09 16:00"), 0, 0),  # fourteen working days
        (Filed("2026-11-06 09:00", "in_process", disposed="2026-11-09 16:00"), 0, 100),
        (Filed(MONDAY, "done", disposed=MONDAY, finished="2026-11-20 23:00"), 0, 0),
        (Filed(MONDAY, "done", disposed=MONDAY, finished="2026-11-23 00:00"), 0, 100),
        (Filed(MONDAY, "done", kind="permintaan informasi", disposed=MONDAY, finished="2026-11-09 23:00"), 0, 0),
        (Filed(MONDAY, "done", kind="permintaan informasi", disposed=MONDAY, finished="2026-11-10 00:00"), 0, 100),
        (Filed(MONDAY, "done", kind="aspirasi", disposed=MONDAY, finished="2026-11-10 00:00"), 0, 100),
        (Filed(MONDAY, state="held"), 100, 100),  # the citizen waits here as well
        (Filed(MONDAY, state="closed"), 0, 0),
        (Filed(MONDAY, "archived", disposed="2026-11-26 00:00"), 100, 0),
    ],
)
def test_later_than_the_deadline(path: Path, complaint: Filed, late_disposed: int, late: int) -> None:
    found = made(path, [complaint] * 5)
    assert (found.total.share_late_disposed, found.total.share_late) == (late_disposed, late)


LOCAL = """\
2026-11-01,Perbup,13.06,verify,,5,a test
2026-11-10,Perbup baru,13.06,verify,,1,a test
2026-11-01,Pergub,13,finish,complaint,2,a test
2026-11-10,Pergub,13,finish,complaint,-,a test
"""


@pytest.mark.parametrize(
    ("region", "at", "times", "late"),
    [
        ("13.06", MONDAY, ("2026-11-09 08:00", None), (0, 100)),  # five days there; the end after the province's two
        ("13.06.01", MONDAY, ("2026-11-09 08:00", None), (0, 100)),  # what lies in it, too
        ("13.07", MONDAY, ("2026-11-09 08:00", None), (100, 100)),  # not what lies beside it
        ("32.73", MONDAY, ("2026-11-09 08:00", "2026-11-10 08:00"), (100, 0)),
        ("13.06", "2026-11-10 08:00", ("2026-11-12 08:00", "2026-11-16 08:00"), (100, 0)),  # the newer rows: one day; the country's end
        ("13.06", "2026-11-09 08:00", ("2026-11-12 08:00", "2026-11-16 08:00"), (0, 100)),  # received before them
        (None, MONDAY, ("2026-11-09 08:00", "2026-11-10 08:00"), (100, 0)),
    ],
)
def test_a_rule_of_its_own_holds_in_a_region_from_its_day_on(
    path: Path, region: str | None, at: str, times: tuple[str, str | None], late: tuple[int, int]
) -> None:
    disposed, finished = times
    clocks = Clocks(deadlines.load(TERMS + LOCAL, REGIONS), CALENDAR)
    one = Filed(at, "done" if finished else "disposed", region=region, disposed=disposed, finished=finished, many=5)
    found = made(path, [one], clocks=clocks)
    assert (found.total.share_late_disposed, found.total.share_late) == late


def test_where_no_rule_speaks_nothing_is_late(path: Path) -> None:
    none = Clocks(deadlines.load(TERMS + "2026-01-01,x,,verify,,-,y\n2026-01-01,x,,finish,complaint,-,y\n", REGIONS), CALENDAR)
    found = made(path, [Filed(MONDAY, many=5)], clocks=none)
    assert (found.total.share_late_disposed, found.total.share_late) == (0, 0)


@pytest.mark.parametrize(
    ("region", "disposed"),
    [("13.06", "2026-11-05 23:59:59"), ("63.03", "2026-11-05 22:59:59"), ("91.71", "2026-11-05 21:59:59")],
)
def test_a_region_counts_its_days_from_its_own_midnight(path: Path, region: str, disposed: str) -> None:
    """Until midnight of the third working day there: WIB, WITA, WIT."""
    late = disposed.replace("59:59", "00:00").replace("23:", "24:").replace("22:", "23:").replace("21:", "22:").replace("05 24:", "06 00:")
    in_time, too_late = (Filed(MONDAY, "disposed", region=region, disposed=at, many=5) for at in (disposed, late))
    assert made(path, [in_time]).total.share_late_disposed == 0
    assert made(path, [too_late]).total.share_late_disposed == 50


def test_holidays_give_time(path: Path) -> None:
    wish = Wish(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    nyepi = Filed("2026-03-17 09:00", "disposed", disposed="2026-03-27 09:00", many=5)  # Nyepi and Idulfitri lie between
    assert made(path, [nyepi], wish).total.share_late_disposed == 0


def test_clocks_of_the_core_cannot_make_a_wait_negative_or_endless(path: Path) -> None:
    wild = [
        Filed("2026-11-20 09:00", "done", disposed="1999-01-01 00:00", answered="2099-01-01 00:00", finished="1970-01-01 09:00", many=5),
    ]
    found = made(path, wild)
    assert (found.total.disposed_median, found.total.answered_median) == (0, 5)
    assert found.total.share_late == 0


def test_a_regions_report_has_what_lies_in_it_one_level_below(path: Path) -> None:
    complaints = [
        Filed(MONDAY, region="13", many=5),
        Filed(MONDAY, region="13.06", many=6),
        Filed(MONDAY, region="13.06.01", many=7),
        Filed(MONDAY, region="13.71", many=8),
        Filed(MONDAY, region="14.02", many=9),
        Filed(MONDAY, region=None, many=10),
    ]
    whole = made(path, complaints)
    assert [(row.code, row.received) for row in whole.rows] == [("13", 26), ("14", 9), ("", 10)]
    province = made(path, [], Wish(NOVEMBER.first, NOVEMBER.last, region="13"))
    assert [(row.code, row.name, row.received) for row in province.rows] == [
        ("13", "Prov. Sumatera Barat", 5),
        ("13.06", "Kab. Agam", 13),
        ("13.71", "Kota Padang", 8),
    ]
    agam = made(path, [], Wish(NOVEMBER.first, NOVEMBER.last, region="13.06"))
    assert [(row.code, row.received) for row in agam.rows] == [("13.06", 6), ("13.06.01", 7)]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("instansi", {"Kab. Agam": 11, "Kota Padang": 6}),
        ("unit", {"Kab. Agam / Dinas PU": 5, "(tanpa unit)": 12}),
        ("channel", {"SMS 1708": 11, "Loket": 6}),
        ("topic", {"jalan": 5, "(tanpa topik)": 12}),
    ],
)
def test_by_everything_else(path: Path, by: Any, names: dict[str, int]) -> None:
    complaints = [
        Filed(MONDAY, unit="Dinas PU", many=5),
        Filed(MONDAY, topic=None, many=6),
        Filed(MONDAY, instansi="Kota Padang", region="13.71", channel="Loket", topic=None, many=6),
    ]
    found = made(path, complaints, Wish(NOVEMBER.first, NOVEMBER.last, by=by))
    assert {row.name: row.received for row in found.rows} == names


def test_small_rows_lie_together_and_small_counts_are_hidden(path: Path) -> None:
    complaints = [
        Filed(MONDAY, "done", region="13.06", many=30),
        Filed(MONDAY, region="13.06", many=3),
        Filed(MONDAY, "done", region="13.71", many=20),
        Filed(MONDAY, region="13.71", many=9),
        Filed(MONDAY, region="13.01", many=2),
        Filed(MONDAY, region="13.02", many=4),
    ]
    found = made(path, complaints, Wish(NOVEMBER.first, NOVEMBER.last, region="13"))
    assert [(row.name, row.received) for row in found.rows] == [("Kab. Agam", 33), ("Kota Padang", 29), ("Lainnya (2)", 6)]
    agam, *others = found.rows
    assert agam.counts["untouched"] is None
    assert agam.counts["done"] is None
    assert agam.share_done is None
    assert any(row.counts["untouched"] is None for row in others)
    assert any(note.startswith("* ") for note in found.notes)
    assert sum(value is None for row in (*found.rows, found.total) for value in row.counts.values()) >= 4
    page = report_page.page(found)
    assert " 3 " not in page
    assert "*" in page


def test_the_share_of_few_late_ones_is_hidden(path: Path) -> None:
    done = Filed(MONDAY, "done", disposed=MONDAY, finished=MONDAY, many=7)
    found = made(path, [done, Filed("2026-11-23 09:00", "disposed", disposed="2026-11-27 09:00", many=3)])
    assert (found.total.share_late_disposed, found.total.share_late) == (None, 0.0)
    late = made(path, [Filed(MONDAY, "in_process", disposed=MONDAY, many=4)])
    assert (late.total.share_late_disposed, late.total.share_late) == (None, None)


def test_waits_of_few_are_not_shown(path: Path) -> None:
    found = made(path, [Filed(MONDAY, many=9), Filed(MONDAY, "done", disposed=MONDAY, many=4)])
    assert found.total.disposed_median is None


@pytest.mark.parametrize("many", [0, 1, 4])
def test_few_and_none_are_answered_alike(path: Path, many: int) -> None:
    with pytest.raises(GatewayError, match="fewer than 5 complaints to count between 2026-11-01 and 2026-11-30"):
        made(path, [Filed(MONDAY, many=many), Filed(MONDAY, many=9, rahasia=True)])


@pytest.mark.parametrize(("waits", "half", "most"), [({0: 5}, 0, 0), ({1: 9, 50: 1}, 1, 1), ({1: 8, 50: 2}, 1, 50), ({1: 4}, None, None)])
def test_the_wait_that_so_many_did_not_exceed(waits: dict[int, int], half: int | None, most: int | None) -> None:
    assert (at_share(waits, 0.5), at_share(waits, 0.9)) == (half, most)


@pytest.mark.parametrize("slice_", [1, 2, 7, 8, 9, 100])
def test_however_it_is_cut_into_short_looks(path: Path, monkeypatch: pytest.MonkeyPatch, slice_: int) -> None:
    fill(path, [Filed(MONDAY, "done", many=3), Filed(MONDAY, many=3), Filed(MONDAY, state="held", many=3)])
    connection = apsw.Connection(str(path))  # ids with a gap, as after a restore
    connection.execute("UPDATE complaint SET id = id + 5000000 WHERE id > 4")
    connection.close()
    monkeypatch.setattr(reporting, "SLICE", slice_)
    assert made(path, [], Wish(NOVEMBER.first, NOVEMBER.last)).total.received == 9


def test_no_look_lasts_while_it_rests(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of a gateway that writes can begin anew between two looks: a checkpoint that waits for readers finds none."""
    fill(path, [Filed(MONDAY, many=30)])
    monkeypatch.setattr(reporting, "SLICE", 10)
    busy: list[int] = []

    def rest() -> None:
        writing = apsw.Connection(str(path))
        writing.execute("UPDATE complaint SET since_ms = since_ms + 1")
        busy.append(writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0])
        writing.close()

    question = reports.question(NOVEMBER, REGIONS, CLOCKS, ms(NOW) or 0)
    assert sum(reporting.count(path, question, rest).values()) == 30
    assert busy == [0, 0, 0]


def test_every_status_of_the_core_has_a_column() -> None:
    schema = (Path(reporting.__file__).parent / "schema.sql").read_text(encoding="utf-8")
    [line] = [line for line in schema.splitlines() if "our word for it:" in line]
    assert set(line.partition("our word for it: ")[2].split(", ")) == set(reports.OF_STATUS)


# The command


@pytest.fixture(name="site")
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    (tmp_path / "state").mkdir()
    return Folder(tmp_path, monkeypatch, capsys)


PAST = "2026-06-08 08:00"
JUNE = ("report", "--from", "2026-06-01", "--to", "2026-06-30")


def test_on_a_terminal_as_csv_and_as_json(site: Folder) -> None:
    fill(
        site.path / "state" / "journal.db",
        [Filed(PAST, "done", disposed=PAST, answered=PAST, finished=PAST, many=20), Filed(PAST, region=None, many=10)],
    )
    shown = site.call(*JUNE)
    assert shown.code == 0
    assert "Laporan masuk 01-06-2026 s.d. 30-06-2026; keadaan" in shown.out
    assert [line.split() for line in shown.out.splitlines() if "Sumatera Barat" in line] == [
        ["13", "Prov.", "Sumatera", "Barat", "20", "20", "0", "0", "0", "0", "0", "0", "/", "0", "0", "/", "0", "100.0", "0.0", "0.0"]
    ]
    assert len({len(line) for line in shown.out.splitlines()[2:] if line.strip() and not line.startswith(("*", " " * 20))}) <= 3
    sheet = site.call(*JUNE, "--csv")
    rows = list(csv.reader(io.StringIO(sheet.out, newline="")))
    assert sheet.out.count("\r\n") == len(rows) == 4
    assert rows[0] == list(report_page.SHEET)
    assert rows[1][:5] == ["13", "Prov. Sumatera Barat", "20", "20", "0"]
    assert rows[3][:4] == ["", "JUMLAH", "30", "20"]
    document = json.loads(site.call(*JUNE, "--json").out)
    assert document["total"]["received"] == 30
    assert [row["done"] for row in document["rows"]] == [20, 0]


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", 'a"b,c\nd'])
def test_no_cell_is_a_formula(site: Folder, evil: str) -> None:
    fill(site.path / "state" / "journal.db", [Filed(PAST, instansi=evil, many=6), Filed(PAST, many=6)])
    rows = list(csv.reader(io.StringIO(site.call(*JUNE, "--by", "instansi", "--csv").out, newline="")))
    assert len(rows) == 4
    names = [row[1] for row in rows[1:3]]
    assert not [name for name in names if name.startswith(report_page.FORMULA)]
    assert ("'" + evil in names) == (evil[0] in "".join(report_page.FORMULA))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--from", "2026-06-30", "--to", "2026-06-01"), 1, "--from 2026-06-30 is after --to 2026-06-01; change them over"),
        (("--from", "2190-01-01", "--to", "2190-01-02"), 1, "is in the future"),
        (("--from", "1990-01-01", "--to", "2026-06-01"), 1, "more than ten years"),
        (("--from", "2026-06-01", "--to", "2026-06-02", "--region", "13.6"), 1, "13.6: no region has this code; meant 13.06?"),
        (("--from", "2026-06-01", "--to", "2026-06-02", "--region", "Agam"), 1, "no region has this code; regions.csv has the codes"),
        (("--from", "2026-06-01", "--to", "2026-06-02", "--region", "' OR 1=1"), 1, "no region has this code"),
        (("--from", "2026-06-01", "--to", "2026-06-02"), 1, "fewer than 5 complaints"),
    ],
)
def test_what_is_refused(site: Folder, arguments: tuple[str, ...], code: int, said: str) -> None:
    begin(site.path / "state" / "journal.db")
    answer = site.call("report", *arguments)
    assert answer.code == code
    assert said in answer.err
    assert not answer.out


@pytest.mark.parametrize("arguments", [("--from", "01-06-2026", "--to", "2026-06-02"), ("--from", "2026-06-31", "--to", "2026-07-01"), ()])
def test_wrong_use(site: Folder, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        site.call("report", *arguments)


def test_without_a_journal_or_with_one_that_is_none(site: Folder) -> None:
    assert "there is no journal yet" in site.call(*JUNE).err
    (site.path / "state" / "journal.db").write_bytes(b"no database at all" * 100)
    answer = site.call(*JUNE)
    assert answer.code == 1
    assert "cannot be" in answer.err


def test_nothing_is_written(site: Folder) -> None:
    path = site.path / "state" / "journal.db"
    fill(path, [Filed(PAST, many=9)])
    before = path.read_bytes()
    assert site.call(*JUNE).code == 0
    assert path.read_bytes() == before


def test_while_somebody_writes(site: Folder) -> None:
    path = site.path / "state" / "journal.db"
    fill(path, [Filed(PAST, many=9)])
    writing = apsw.Connection(str(path))
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("UPDATE complaint SET state = 'duplicate'")
    assert site.call(*JUNE, "--json").code == 0
    writing.execute("COMMIT")
    writing.close()
    assert site.call(*JUNE).code == 1


def test_a_broken_calendar_is_a_mistake_in_the_configuration(site: Folder) -> None:
    fill(site.path / "state" / "journal.db", [Filed(PAST, many=9)])
    site.file("holidays.csv", "date,kind,name\n2026-13-01,libur nasional,X\n")
    assert site.call(*JUNE).code == 78
    checked = site.call("check")
    assert checked.code == 78
    assert "holidays.csv:2: '2026-13-01' is no date" in checked.err
    shutil.copy(CONFIG / "holidays.csv", site.path / "holidays.csv")
    assert site.call(*JUNE).code == 0
