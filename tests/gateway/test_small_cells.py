"""No small group can be read out of a table: an attacker who adds and subtracts whatever is shown finds five values or more for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from gateway.small_cells import LEAST, fold, is_small, protect

Table = list[list[int]]
Hidden = Sequence[Sequence[bool]]


def ways(left: int, places: int) -> Iterator[tuple[int, ...]]:
    """Every way to spread a sum over places, none negative."""
    if places == 0:
        if left == 0:
            yield ()
        return
    for one in range(left + 1):
        for rest in ways(left - one, places - 1):
            yield one, *rest


def attack(rows: Table, hidden: Hidden, cell: tuple[int, int]) -> set[int]:
    """Every value that a hidden count may have, given all that is shown. By trying all tables, not by the rule's own reasoning."""
    columns = range(len(rows[0]))
    sums = [None if hidden[-1][column] else sum(row[column] for row in rows) for column in columns]
    states: set[tuple[tuple[int, ...], int]] = {(tuple(0 for _ in columns), -1)}
    for at, row in enumerate(rows):
        open_ = [column for column in columns if hidden[at][column]]
        left = sum(row[column] for column in open_)
        after = set()
        for spread in ways(left, len(open_)):
            values = list(row)
            for column, value in zip(open_, spread, strict=True):
                values[column] = value
            for before, found in states:
                total = tuple(0 if sums[column] is None else before[column] + values[column] for column in columns)
                if all(known is None or now <= known for now, known in zip(total, sums, strict=True)):
                    after.add((total, values[cell[1]] if at == cell[0] else found))
        states = after
    wanted = tuple(known or 0 for known in sums)
    return {found for total, found in states if total == wanted}


def small_counts(rows: Table) -> list[tuple[int, int]]:
    return [(at, column) for at, row in enumerate(rows) for column, count in enumerate(row) if is_small(count)]


def random_table(random: Random) -> Table:
    while True:
        rows = [[random.choice((0, 0, 1, 2, 3, 4, 5, 7)) for _ in range(random.choice((2, 3)))] for _ in range(random.choice((1, 2, 3, 4)))]
        width = len(rows[0])
        rows = [(row + [0] * width)[:width] for row in rows]
        if all(sum(row) >= LEAST for row in rows) and max(map(sum, rows)) <= 14:
            return rows


@pytest.mark.parametrize("seed", range(150))
def test_subtracting_finds_nothing(seed: int) -> None:
    rows = random_table(Random(seed))
    hidden = protect(rows)
    assert len(hidden) == len(rows) + 1
    for cell in small_counts(rows):
        assert hidden[cell[0]][cell[1]], (seed, rows)
        assert len(attack(rows, hidden, cell)) >= LEAST, (seed, rows, hidden, cell)


def test_the_attack_finds_what_the_naive_rule_gives_away() -> None:
    rows = [[3, 20], [9, 30]]
    naive = [[True, False], [False, False], [False, False]]
    assert attack(rows, naive, (0, 0)) == {3}
    corner = [[True, True], [False, False], [False, False]]
    assert attack(rows, corner, (0, 0)) == {3}
    assert len(attack(rows, protect(rows), (0, 0))) >= LEAST


def test_a_bridge_between_two_rectangles_is_closed() -> None:
    """Each row and column has two hidden counts or none, and yet one would be known: the rule counted by twos is not enough."""
    rows = [[6, 6, 9, 9], [6, 6, 3, 9], [9, 9, 6, 6], [9, 9, 6, 6]]
    by_twos = [[True, True, False, False], [True, True, True, False], [False, False, True, True], [False, False, True, True], [False] * 4]
    assert attack(rows, by_twos, (1, 2)) == {3}
    assert len(attack(rows, protect(rows), (1, 2))) >= LEAST


def test_small_sums_of_columns_are_hidden_too() -> None:
    rows = [[1, 40], [2, 50], [0, 60]]
    hidden = protect(rows)
    assert hidden[-1][0]
    assert all(len(attack(rows, hidden, cell)) >= LEAST for cell in small_counts(rows))


def test_what_is_large_is_shown() -> None:
    assert not any(map(any, protect([[10, 20, 0], [5, 0, 7]])))


@pytest.mark.parametrize(
    ("sums", "together"),
    [
        ([10, 20], []),
        ([10, 3, 20], [0, 1]),  # 3 alone would be the sum less the others
        ([10, 3, 2, 20], [1, 2]),
        ([1, 1, 1, 7, 9], [0, 1, 2, 3]),
        ([3], [0]),
        ([0, 5], []),
    ],
)
def test_small_rows_are_put_together(sums: list[int], together: list[int]) -> None:
    assert fold(sums) == together


def test_a_long_table_is_done_in_a_moment() -> None:
    random = Random(7)
    rows = [[random.choice((0, 2, 3, 9, 40, 200)) for _ in range(6)] + [5] for _ in range(600)]
    hidden = protect(rows)
    assert all(hidden[at][column] for at, column in small_counts(rows))
