"""Working days: weekends, national holidays and cuti bersama are none; a file with mistakes is refused with every line of them."""

from __future__ import annotations

import datetime as dt

import pytest

from parsers.errors import SettingsError
from parsers.workdays import load
from tests.tables import CONFIG

SHIPPED = load((CONFIG / "holidays.csv").read_text(encoding="utf-8"))
HEAD = "date,kind,name\n"


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-11-27", "2026-11-27", 0),
        ("2026-11-27", "2026-11-30", 1),  # Friday to Monday
        ("2026-11-28", "2026-11-29", 0),
        ("2026-11-23", "2026-11-30", 5),
        ("2026-03-17", "2026-03-25", 1),  # Nyepi and Idulfitri: only the 25th is worked
        ("2026-05-13", "2026-05-18", 1),  # Kenaikan with its cuti bersama
        ("2026-12-23", "2026-12-28", 1),
        ("2026-01-01", "2026-12-31", 240),  # 261 weekdays, 21 of them closed
    ],
)
def test_days_between(first: str, last: str, days: int) -> None:
    assert SHIPPED.between(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) == days


def test_the_decree_of_2026_has_17_holidays_and_8_days_of_cuti_bersama() -> None:
    lines = [line for line in (CONFIG / "holidays.csv").read_text(encoding="utf-8").splitlines() if line.startswith("2026-")]
    assert (sum(",libur nasional," in line for line in lines), sum(",cuti bersama," in line for line in lines)) == (17, 8)


def test_counting_by_the_table_is_counting_by_hand() -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    counted = dict(SHIPPED.counted(first, last))
    epoch = dt.date(1970, 1, 1)
    for day in (first, dt.date(2026, 3, 22), dt.date(2026, 8, 17), last):
        assert counted[(last - epoch).days] - counted[(day - epoch).days] == SHIPPED.between(day, last)


def test_a_year_without_holidays_is_known_as_such() -> None:
    assert SHIPPED.missing(dt.date(2025, 12, 1), dt.date(2028, 1, 1)) == [2025, 2028]
    assert load(HEAD).missing(dt.date(2026, 1, 1), dt.date(2026, 1, 1)) == [2026]


def test_the_table_ends_with_its_last_year() -> None:
    assert SHIPPED.last == dt.date(2027, 12, 31)
    assert load(HEAD).last is None
    assert load(HEAD + "2030-05-01,libur nasional,X\n2029-05-01,libur nasional,X\n").last == dt.date(2030, 12, 31)


def test_a_spreadsheets_semicolons_and_mark_are_read() -> None:
    assert not load("\ufeffdate;kind;name\r\n2026-12-25;libur nasional;Natal\r\n").is_working(dt.date(2026, 12, 25))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holidays.csv:1: the first row must be date,kind,name"),
        ("tanggal,jenis,nama\n", "holidays.csv:1: the first row must be"),
        (HEAD + "25-12-2026,libur nasional,Natal\n", "holidays.csv:2: '25-12-2026' is no date; write it as 2026-12-25"),
        (HEAD + "2026-02-30,libur nasional,X\n", "holidays.csv:2: '2026-02-30' is no date"),
        (HEAD + "2026-12-25,libur,Natal\n", "holidays.csv:2: kind 'libur' is none of libur nasional, cuti bersama"),
        (HEAD + "2026-12-25,libur nasional\n", "holidays.csv:2: 2 cells, expected 3"),
        (HEAD + "2026-12-25,libur nasional,\n", "holidays.csv:2: the name is empty"),
        (HEAD + "2026-12-25,libur nasional,A\n\n# x\n2026-12-25,cuti bersama,B\n", "holidays.csv:5: 2026-12-25 is there twice"),
        ("\0" * 50, "holidays.csv:1: the first row must be"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r".") as refused:
        load(text)
    assert refused.value.problems[0].startswith(said)
