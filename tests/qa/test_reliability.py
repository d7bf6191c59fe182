"""The book of figures is well formed, the page says what the book says, and a night is long enough for all fault tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from tests.faults.__main__ import allowed, budget, names, night
from tests.faults.length import FAULTS, NIGHTLY
from tests.faults.record import BOOK, Row, rows
from tests.faults.table import FIGURES, PAGE, Figure, Source, command, measured, newest, page
from tests.qa.tracked import ROOT

NIGHT_SECONDS = 5_700
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
    told = {word for figure in FIGURES.values() for word in figure.command.split()}
    there = {*names(), *(f"tests.{main.parent.name}" for main in (ROOT / "tests").glob("*/__main__.py"))}
    assert told <= there
    assert all(figure.command for figure in FIGURES.values() if figure.sources), "a figure that nobody can print"
    assert set(names()) <= told, "a fault test that is in no line of the page"


@pytest.mark.parametrize("name", names())
def test_every_fault_test_writes_into_the_book(name: str) -> None:
    assert "record(" in (ROOT / "tests" / "faults" / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("figure", [figure for figure in FIGURES.values() if figure.sources], ids=lambda figure: figure.property)
def test_the_page_names_no_figure_that_its_programmes_do_not_record(figure: Figure) -> None:
    recorded = {name for word in figure.command.split() for name in _names(word)}
    named = {field for source in figure.sources for _, field, _, _ in Formatter().parse(source.says) if field}
    assert named
    begun = tuple(name for name in recorded if name.endswith("_"))  # the rest is put together where it is written
    assert not [field for field in named - recorded if not field.startswith(begun)]


def _names(word: str) -> Iterator[str]:
    """What a programme can call a figure: arguments, keys and fields of what it writes whole."""
    path = ROOT / word.replace(".", "/") / "__main__.py" if "." in word else ROOT / "tests" / "faults" / f"{word}.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


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


def test_a_figure_of_two_programmes_says_which_of_them_has_not_run() -> None:
    figure = Figure("a property", "a goal", (Source("storm", "lost {lost:.0f}"), Source("flood", "kept {kept:.0f}")))
    assert measured(figure, newest((SHORT,))) == "lost 22 (2026-11-22, abc, seed 1, short); flood: not yet"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", ""),
        ("storm", "`python -m tests.faults storm`"),
        ("storm flood", "`python -m tests.faults storm flood`"),
        ("tests.systemd", "`python -m tests.systemd`"),
        ("storm tests.systemd", "`python -m tests.faults storm`, `python -m tests.systemd`"),
    ],
)
def test_the_command_that_prints_a_figure_is_named(words: str, says: str) -> None:
    assert command(Figure("a property", "a goal", command=words)) == says


@pytest.mark.parametrize(("name", "minutes", "more"), [("soak", "120", 7_200), ("soak", "0", 0), ("kill_storm", "120", 0)])
def test_a_soak_of_so_many_minutes_is_not_ended_before_them(name: str, minutes: str, more: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINUTES", minutes)
    assert allowed(name) == budget(name) + more
