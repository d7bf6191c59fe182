"""Deadlines: by regulation, region and kind, from a day on; the next day by rule; and a file with mistakes is refused with every line."""

from __future__ import annotations

import datetime as dt

import pytest

from parsers import workdays
from parsers.deadlines import Kind, Step, kind_of, load
from parsers.due import Clocks, Standing, next_due
from parsers.errors import SettingsError
from tests.tables import CONFIG, REGIONS

SHIPPED = (CONFIG / "deadlines.csv").read_text(encoding="utf-8")
CALENDAR = workdays.load((CONFIG / "holidays.csv").read_text(encoding="utf-8"))
CLOCKS = Clocks(load(SHIPPED, REGIONS), CALENDAR)
HEAD = "from,rule,region,step,kind,days,basis\n"
WIB = dt.timezone(dt.timedelta(hours=7))
TODAY = dt.date(2026, 11, 28)


def days(text: str, received: str, step: Step, kind: Kind, region: str | None = None) -> int | None:
    found = load(text, REGIONS).of(dt.date.fromisoformat(received), step, kind, region)
    return found and found.days


@pytest.mark.parametrize(
    ("step", "kind", "expected"),
    [
        (Step.VERIFY, Kind.COMPLAINT, 3),
        (Step.VERIFY, Kind.OVERSIGHT, 3),
        (Step.ANSWER, Kind.INFORMATION, 5),
        (Step.CLOSE, Kind.COMPLAINT, 10),
        (Step.FINISH, Kind.INFORMATION, 5),
        (Step.FINISH, Kind.COMPLAINT, 14),
        (Step.FINISH, Kind.OVERSIGHT, 60),
    ],
)
def test_what_ships_is_3_5_10_and_5_14_60_under_both_regulations(step: Step, kind: Kind, expected: int) -> None:
    older, newer = (CLOCKS.deadlines.of(day, step, kind) for day in (dt.date(2024, 1, 1), TODAY))
    assert older is not None
    assert newer is not None
    assert (older.days, older.rule) == (expected, "PermenPANRB 62/2018")
    assert (newer.days, newer.rule) == (expected, "PermenPANRB 5/2025")


def test_before_the_first_regulation_there_is_none() -> None:
    assert CLOCKS.deadlines.of(dt.date(2017, 12, 31), Step.VERIFY, Kind.COMPLAINT) is None


OWN = (
    SHIPPED
    + """\
2026-06-01,Perbup,33.08,finish,complaint,10,a test
2026-06-01,Pergub,33,finish,,12,a test
2026-09-01,Perbup,33.08,finish,complaint,-,a test
2030-01-01,Permen baru,,finish,complaint,7,a test
"""
)


@pytest.mark.parametrize(
    ("received", "kind", "region", "expected"),
    [
        ("2026-05-31", Kind.COMPLAINT, "33.08", 14),
        ("2026-06-01", Kind.COMPLAINT, "33.08", 10),
        ("2026-06-01", Kind.COMPLAINT, "33.08.01", 10),
        ("2026-06-01", Kind.OVERSIGHT, "33.08", 12),  # the province's, for every kind
        ("2026-06-01", Kind.COMPLAINT, "33.07", 12),
        ("2026-06-01", Kind.COMPLAINT, "34.04", 14),
        ("2026-06-01", Kind.COMPLAINT, None, 14),
        ("2026-09-01", Kind.COMPLAINT, "33.08", 12),  # `-`: what it lies in holds again
        ("2031-01-01", Kind.COMPLAINT, "33.07", 12),  # a newer national rule does not undo a local one
        ("2031-01-01", Kind.COMPLAINT, "34.04", 7),
    ],
)
def test_the_nearest_rule_of_its_day_holds(received: str, kind: Kind, region: str | None, expected: int) -> None:
    assert days(OWN, received, Step.FINISH, kind, region) == expected


def test_the_regions_with_rules_of_their_own_are_known() -> None:
    assert load(OWN, REGIONS).regions == ("33", "33.08")
    assert CLOCKS.deadlines.regions == ()


@pytest.mark.parametrize(
    ("classification", "oversight", "kind"),
    [
        ("pengaduan", False, Kind.COMPLAINT),
        (None, False, Kind.COMPLAINT),
        ("aspirasi", False, Kind.INFORMATION),
        ("permintaan informasi", False, Kind.INFORMATION),
        ("pengaduan", True, Kind.OVERSIGHT),
    ],
)
def test_what_a_complaint_is_measured_by(classification: str | None, oversight: bool, kind: Kind) -> None:  # noqa: FBT001 - a row
    assert kind_of(classification, oversight=oversight) is kind


ROW = "2026-01-01,Permen,,verify,,3,x\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "deadlines.csv:1: the first row must be from,rule,region,step,kind,days,basis"),
        ("\0" * 50, "deadlines.csv:1: the first row must be"),
        ("PK\x03\x04\ufffd\n", "deadlines.csv:1: the first row must be"),
        (HEAD + "01-01-2026,P,,verify,,3,x\n", "deadlines.csv:2: '01-01-2026' is no date; write it as 2026-12-25"),
        (HEAD + "2026-01-01,P,13.6,verify,,3,x\n", "deadlines.csv:2: '13.6': no region has this code; meant 13.06?"),
        (HEAD + "2026-01-01,P,zz,verify,,3,x\n", "deadlines.csv:2: 'zz': no region has this code; empty means everywhere"),
        (HEAD + "2026-01-01,P,,verifikasi,,3,x\n", "deadlines.csv:2: step 'verifikasi' is none of verify, answer, finish, close"),
        (HEAD + "2026-01-01,P,,verify,aspirasi,3,x\n", "deadlines.csv:2: kind 'aspirasi' is none of information, complaint, oversight"),
        (HEAD + "2026-01-01,P,,verify,,0,x\n", "deadlines.csv:2: days '0' is no whole number from 1 to 365, and not `-` for none"),
        (HEAD + "2026-01-01,P,,verify,,366,x\n", "deadlines.csv:2: days '366'"),
        (HEAD + "2026-01-01,P,,verify,,3 hari,x\n", "deadlines.csv:2: days '3 hari'"),
        (HEAD + "2026-01-01,P,,verify,,٣,x\n", "deadlines.csv:2: days '٣'"),
        (HEAD + "2026-01-01,,,verify,,3,x\n", "deadlines.csv:2: the rule has no name: which regulation says so?"),
        (HEAD + "2026-01-01,P,,verify,,3,\n", "deadlines.csv:2: the basis is empty"),
        (HEAD + "2026-01-01,P,,verify,,3\n", "deadlines.csv:2: 6 cells, expected 7"),
        (HEAD + ROW + "# a note\n\n" + ROW, "deadlines.csv:5: there is a row of 2026-01-01 for the same region, step and kind already"),
        (HEAD + ROW, "deadlines.csv: no row has the step answer of kind information for everywhere (region empty)"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r".") as refused:
        load(text, REGIONS)
    assert refused.value.problems[0].startswith(said)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r".") as refused:
        load(HEAD + "x,P,,verify,,3,x\n" * 3 + ROW, REGIONS)
    assert [problem.split(":")[1] for problem in refused.value.problems] == ["2", "3", "4"]


def test_a_spreadsheets_semicolons_and_mark_are_read() -> None:
    text = "\ufeff" + "\r\n".join(line for line in SHIPPED.splitlines() if not line.startswith("#")).replace(",", ";")
    assert days(text, "2026-11-28", Step.FINISH, Kind.COMPLAINT) == 14


def ms(when: str) -> int:
    return round(dt.datetime.fromisoformat(when).replace(tzinfo=WIB).timestamp() * 1000)


MONDAY = ms("2026-11-02 08:00")


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(MONDAY, Kind.COMPLAINT), "verify 2026-11-05"),
        (Standing(MONDAY, Kind.COMPLAINT, "13.06", "unverified"), "verify 2026-11-05"),
        (Standing(ms("2026-11-06 23:30"), Kind.COMPLAINT, "13.06"), "verify 2026-11-11"),  # a Friday
        (Standing(ms("2026-11-06 23:30"), Kind.COMPLAINT, "63.03"), "verify 2026-11-11"),  # Saturday there
        (Standing(ms("2026-11-08 23:30"), Kind.COMPLAINT, "13.06"), "verify 2026-11-11"),  # a Sunday
        (Standing(ms("2026-11-08 23:30"), Kind.COMPLAINT, "91.71"), "verify 2026-11-12"),  # Monday there
        (Standing(ms("2026-12-22 08:00"), Kind.COMPLAINT), "verify 2026-12-29"),  # Natal and its cuti bersama
        (Standing(MONDAY, Kind.COMPLAINT, None, "disposed", ms("2026-11-04 09:00")), "answer 2026-11-11"),
        (Standing(MONDAY, Kind.INFORMATION, None, "disposed", ms("2026-11-04 09:00")), "finish 2026-11-09"),  # due before the answer
        (Standing(MONDAY, Kind.COMPLAINT, None, "disposed", ms("2026-11-04 09:00"), ms("2026-11-05 09:00")), "finish 2026-11-20"),
        (Standing(MONDAY, Kind.COMPLAINT, None, "disposed"), "finish 2026-11-20"),  # nobody said when it got there
        (Standing(MONDAY, Kind.COMPLAINT, None, "in_process", ms("2026-11-04 09:00")), "finish 2026-11-20"),
        (Standing(MONDAY, Kind.OVERSIGHT, None, "in_process", ms("2026-11-04 09:00")), "finish 2027-01-29"),
        (Standing(MONDAY, Kind.COMPLAINT, None, "postponed"), "verify 2026-11-05"),
        (Standing(MONDAY, Kind.COMPLAINT, None, "postponed", MONDAY, MONDAY), "finish 2026-11-20"),
        (Standing(MONDAY, Kind.COMPLAINT, None, "unverified", ms("2026-11-04 09:00")), "answer 2026-11-11"),  # it went back
        (Standing(MONDAY, Kind.COMPLAINT, None, "disposed", ms("2026-10-01 09:00")), "answer 2026-11-09"),  # a clock before ours
        (Standing(MONDAY, Kind.COMPLAINT, None, "done", MONDAY, None, ms("2026-11-10 09:00")), "close 2026-11-24"),
        (Standing(MONDAY, Kind.COMPLAINT, None, "done", MONDAY), None),
        (Standing(MONDAY, Kind.COMPLAINT, None, "archived", MONDAY), None),
        (Standing(ms("2016-11-02 08:00"), Kind.COMPLAINT), None),
    ],
)
def test_the_next_day_by_rule(standing: Standing, expected: str | None) -> None:
    due = next_due(CLOCKS, standing)
    assert (due and f"{due.step} {due.day}") == expected
    assert due is None or due.rule == "PermenPANRB 5/2025"


@pytest.mark.parametrize(
    ("first", "many"), [("2026-11-27", 0), ("2026-11-27", 1), ("2026-03-17", 4), ("2026-12-23", 3), ("2026-11-28", 60)]
)
def test_the_day_after_so_many_working_days_is_a_working_day(first: str, many: int) -> None:
    start = dt.date.fromisoformat(first)
    day = CALENDAR.after(start, many)
    assert CALENDAR.between(start, day) == many
    assert many == 0 or CALENDAR.is_working(day)
