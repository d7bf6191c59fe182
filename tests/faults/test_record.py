"""The book of figures: a row is whole or not there, and what would not be read back is not written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.faults import disk_death
from tests.faults.disk_death import ROUNDS, Death
from tests.faults.ledger import judge
from tests.faults.record import COLUMNS, record, rows
from tests.faults.simulated_days import DAYS_MAX, first_seed

HEAD = ",".join(COLUMNS) + "\n"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "figures.csv"
    monkeypatch.setenv("LAPOR_FIGURES", str(path))
    return path


def test_a_run_is_one_row_that_says_when_what_and_on_what(book: Path) -> None:
    record("kill_storm", seed=3, kills=500, share=0.25, held=True)
    (row,) = rows(book)
    assert (row.programme, row.length, row.seed) == ("kill_storm", "faults", 3)
    assert row.figures == {"kills": 500, "share": 0.25, "held": 1}
    assert row.commit
    assert "cores" in row.machine


def test_many_writers_at_once_leave_whole_rows_and_one_head(book: Path) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            record("storm", seed=number, turn=turn)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    found = list(rows(book))
    assert sorted((row.seed, row.figures["turn"]) for row in found) == [(number, turn) for number in range(4) for turn in range(5)]
    assert book.read_text(encoding="utf-8").count(HEAD) == 1


def test_nothing_is_written_that_would_not_be_read_back(book: Path) -> None:
    for programme, figures in (("Kill storm", {"kills": 1}), ("storm", {"Kills": 1}), ("storm", {}), ("storm", {"a b": 1})):
        with pytest.raises(ValueError):  # noqa: PT011 - each says something else
            record(programme, seed=1, **figures)
    assert not book.exists()


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 10:00,abc,2 cores,storm,faults,1,",
        "2026-11-22 10:00,abc,2 cores,storm,faults,1,kills=many",
        "2026-11-22 10:00,abc,2 cores,storm,faults,one,kills=1",
        "2026-11-22,abc,2 cores,storm,faults,1,kills=1",
        "2026-11-22 10:00,abc,2 cores,storm,short,1,kills=1",
        "2026-11-22 10:00,abc,2 cores,storm,faults,1",
        "2026-11-22 10:00,abc,2 cores,storm,faults,1,kills=1,more",
    ],
)
def test_a_wrong_line_is_named(book: Path, line: str) -> None:
    book.write_text(f"{HEAD}2026-11-22 10:00,abc,2 cores,storm,faults,1,kills=1\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"figures\.csv:3: "):
        list(rows(book))


def test_another_head_is_another_file(book: Path) -> None:
    book.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the first line is not"):
        list(rows(book))


def test_a_night_says_that_it_is_one(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENGTH", "nightly")
    record("storm", seed=1, kills=1)
    assert next(rows(book)).length == "nightly"


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_no_number_is_not_written(book: Path, value: float) -> None:
    with pytest.raises(ValueError, match="gap"):
        record("storm", seed=1, gap=value)
    assert not book.exists()


def test_the_seed_of_the_simulated_days_can_be_said_and_else_is_of_the_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED", "7")
    assert first_seed() == 7
    monkeypatch.delenv("SEED")
    assert first_seed() % DAYS_MAX == 0  # the days of two dates do not overlap


def test_a_run_that_fails_is_in_the_book_as_well(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = iter([Death(3, 2, 1, number, number, 0, judge(("a", "b"), ("a", "b"), ("a",), ())) for number in range(ROUNDS)])
    monkeypatch.setattr(disk_death, "death", lambda *_, **__: next(deaths))
    assert not disk_death.main()
    (row,) = rows(book)
    assert row.figures["deaths"] == ROUNDS
    assert row.figures["lost"] == sum(range(ROUNDS))
    assert row.figures["before"] == 3 * ROUNDS
