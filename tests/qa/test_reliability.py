"""The book of figures is well formed, the page says what the book says, and a night is long enough for all fault tests."""

from __future__ import annotations

import pytest

from tests.faults.__main__ import night
from tests.faults.length import FAULTS, NIGHTLY
from tests.faults.record import BOOK, Row, rows
from tests.faults.table import FIGURES, PAGE, Figure, Source, measured, newest, page
from tests.qa.tracked import ROOT

NIGHT_SECONDS = 4_800
BENCH_AND_FUZZ_SECONDS = 600


def row(programme: str, length: str, date: str, **figures: float) -> Row:
    return Row(date, "abc", "2 cores", programme, length, 1, figures)


def test_every_row_of_the_book_can_be_read() -> None:
    assert all(one.figures for one in rows(BOOK))


def test_the_page_says_what_the_book_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(rows(BOOK)), "make docs"


def test_the_twenty_figures_are_there_and_none_is_without_a_word() -> None:
    assert set(range(1, 21)) <= set(FIGURES)
    assert not [number for number, figure in FIGURES.items() if not measured(figure, newest(rows(BOOK)))]


def test_what_stands_in_a_book_has_its_program() -> None:
    there = {path.stem for path in (ROOT / "tests" / "faults").glob("*.py")}
    told = {source.programme: figure.command.split() for figure in FIGURES.values() for source in figure.sources}
    assert not [programme for programme in newest(rows(BOOK)) if programme in told and not there.issuperset(told[programme])]


SHORT, LATER_SHORT = (row("storm", FAULTS, f"2026-11-{day} 10:00", lost=day) for day in (22, 23))
NIGHT, LATER_NIGHT = (row("storm", NIGHTLY, f"2026-11-{day} 10:00", lost=day) for day in (22, 23))


@pytest.mark.parametrize(
    ("book", "says"),
    [
        ((), "not yet: nobody looked"),
        ((row("other", NIGHTLY, "2026-11-22 10:00", lost=1),), "not yet: nobody looked"),
        ((SHORT,), "lost 22 (2026-11-22, abc, seed 1, short)"),
        ((SHORT, LATER_SHORT), "lost 23 (2026-11-23, abc, seed 1, short)"),
        ((NIGHT, LATER_SHORT), "lost 22 (2026-11-22, abc, seed 1)"),
        ((SHORT, LATER_NIGHT), "lost 23 (2026-11-23, abc, seed 1)"),
        ((NIGHT, LATER_NIGHT), "lost 23 (2026-11-23, abc, seed 1)"),
    ],
)
def test_the_newest_night_counts_before_the_newest_run(book: tuple[Row, ...], says: str) -> None:
    figure = Figure("a property", "a goal", (Source("storm", "lost {lost:.0f}"),), missing="nobody looked")
    assert measured(figure, newest(book)) == says


def test_all_budgets_fit_into_a_night() -> None:
    assert night() + BENCH_AND_FUZZ_SECONDS <= NIGHT_SECONDS
