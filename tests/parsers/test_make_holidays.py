"""Writing a year of holidays: estimates are marked, an edited year stays, other years stay to the letter, and what is written loads."""

from __future__ import annotations

import datetime as dt

import pytest

from parsers import workdays
from scripts.make_holidays import Edited, Year, difference, of, written
from tests.tables import CONFIG

SHIPPED = (CONFIG / "holidays.csv").read_text(encoding="utf-8")
NATAL = dt.date(2028, 12, 25)
EID = dt.date(2028, 2, 27)
Y2028 = of(
    2028,
    {"public": {NATAL: "Hari Raya Natal", EID: "Hari Raya Idul Fitri (perkiraan)"}, "government": {NATAL: "Cuti Bersama Natal"}},
    "0.109",
)


def test_what_is_both_is_a_holiday_and_estimates_are_counted() -> None:
    assert list(Y2028.rows) == [
        (EID, "libur nasional", "Hari Raya Idul Fitri (perkiraan)"),
        (NATAL, "libur nasional", "Hari Raya Natal"),
    ]
    said = "estimates, marked (perkiraan): 1; no cuti bersama yet. Compare with the decree (SKB)."
    assert Y2028.comment == f"# 2028: from the library holidays 0.109 (MIT); {said}"


@pytest.mark.parametrize("year", [2025, 2028])
def test_a_new_year_stands_in_its_place_and_all_others_stay(year: int) -> None:
    text = written(SHIPPED, Year(year, [(dt.date(year, 12, 25), "libur nasional", "Natal, hari pertama")], "1"))
    assert [line for line in text.splitlines() if str(year) not in line] == [line for line in SHIPPED.splitlines() if str(year) not in line]
    dates = [line[:10] for line in text.splitlines() if line[:2] == "20"]
    assert dates == sorted(dates)
    assert workdays.load(text).closed[dt.date(year, 12, 25)] == "Natal, hari pertama"
    assert written(text, Year(year, [(dt.date(year, 12, 25), "libur nasional", "Natal, hari pertama")], "2")) == text


def test_an_edited_year_is_not_overwritten_unless_told_to() -> None:
    edited = written(SHIPPED, Y2028).replace("2028-12-25,libur nasional,Hari Raya Natal", "2028-12-25,libur nasional,Natal")
    with pytest.raises(Edited):
        written(edited, Y2028)
    again = written(edited, Y2028, replace=True)
    assert again == written(SHIPPED, Y2028)
    assert difference(edited, again).splitlines()[1:] == ["-2028-12-25,libur nasional,Natal", "+2028-12-25,libur nasional,Hari Raya Natal"]


def test_a_spreadsheets_table_keeps_its_semicolons() -> None:
    text = written("date;kind;name\n2026-12-25;libur nasional;Natal\n", Y2028)
    assert "2028-12-25;libur nasional;Hari Raya Natal" in text.splitlines()
    assert len(workdays.load(text).closed) == 3


def test_an_empty_table_takes_its_first_year() -> None:
    assert len(workdays.load(written("date,kind,name\n", Y2028)).closed) == 2
