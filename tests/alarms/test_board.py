"""An alarm is raised once and over once, whatever its condition does in between."""

from __future__ import annotations

from random import Random

import pytest

from gateway.alarms.board import ABOUTS_MAX, NEXT_STATE, Board, Finding, Input, State

HOLD, CLEAR = 60.0, 120.0


def board() -> Board:
    return Board(lambda _: HOLD, CLEAR)


def wrong(about: str = "satu", value: float = 2.0) -> list[Finding]:
    return [Finding("A01", about, value, 1.0)]


def walk(moments: list[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """(seconds, whether it is wrong) → (seconds, raised or over) of each change."""
    one = board()
    return [(at, change.raised) for at, bad in moments for change in one.look(wrong() if bad else [], at, round(at * 1000))]


def test_every_state_but_quiet_hears_everything_it_can_hear() -> None:
    assert set(NEXT_STATE) == set(State)
    assert NEXT_STATE[State.QUIET] == {Input.WRONG: State.RISING}  # what is quiet and well has no entry
    assert all({Input.WRONG, Input.WELL} <= set(NEXT_STATE[one]) for one in State if one is not State.QUIET)
    assert {one for one in State if Input.LASTED in NEXT_STATE[one]} == {State.RISING, State.FALLING}


@pytest.mark.parametrize(
    ("moments", "changes"),
    [
        ([(0, True), (59, True)], []),
        ([(0, True), (60, True)], [(60, True)]),
        ([(0, True), (30, False), (31, True), (89, True)], []),  # well in between: it begins anew
        ([(0, True), (60, True), (61, False), (180, False)], [(60, True)]),
        ([(0, True), (60, True), (61, False), (181, False)], [(60, True), (181, False)]),
        ([(0, True), (60, True), (61, False), (170, True), (171, False), (290, False)], [(60, True)]),
        ([(0, True), (60, True), (61, False), (170, True), (171, False), (291, False)], [(60, True), (291, False)]),
    ],
)
def test_it_is_raised_when_it_lasted_and_over_when_all_was_well_for_long(
    moments: list[tuple[float, bool]], changes: list[tuple[float, bool]]
) -> None:
    assert walk(moments) == changes


def test_without_a_hold_it_is_raised_at_the_first_look() -> None:
    one = Board(lambda _: 0.0, 0.0)
    assert [change.raised for change in one.look(wrong(), 5.0, 5_000)] == [True]
    assert [change.raised for change in one.look([], 6.0, 6_000)] == [False]
    assert one.raised == []


@pytest.mark.parametrize("seed", range(5))
def test_what_flaps_for_a_day_is_one_alarm(seed: int) -> None:
    random, one, changes = Random(seed), board(), []
    for at in range(0, 86_400, 5):
        changes += one.look(wrong() if at < 61 or random.random() < 0.5 else [], float(at), at * 1000)
    assert [change.raised for change in changes] == [True]


@pytest.mark.parametrize("seed", range(20))
def test_raised_and_over_take_turns_and_never_come_too_early(seed: int) -> None:
    random, one, changes, bad, switched = Random(seed), board(), [], False, 0.0
    for at in range(0, 50_000, 5):
        if random.random() < 0.02:
            bad, switched = not bad, float(at)
        for change in one.look(wrong() if bad else [], float(at), at * 1000):
            assert change.raised == bad
            assert at - switched >= (HOLD if change.raised else CLEAR)
            changes.append(change.raised)
    assert changes == [number % 2 == 0 for number in range(len(changes))]
    assert changes


def test_it_says_since_when_it_is_wrong_and_what_it_is_now() -> None:
    one = board()
    one.look(wrong(value=2.0), 0.0, 1_000)
    one.look(wrong(value=9.0), 60.0, 61_000)
    (entry,) = one.raised
    assert (entry.wrong_ms, entry.finding.value) == (1_000, 9.0)


def test_each_thing_has_its_own_alarm() -> None:
    one = board()
    one.look(wrong("a"), 0.0, 0)
    assert [change.finding.about for change in one.look([*wrong("a"), *wrong("b")], 60.0, 60_000)] == ["a"]
    assert one.stands("A01") == {"a"}
    assert one.stands("A02") == frozenset()


def test_an_outage_of_everything_is_bounded_and_the_worst_is_kept() -> None:
    one = Board(lambda _: 0.0, 0.0)
    found = [Finding("A04", str(number), float(number), 0.0) for number in range(ABOUTS_MAX * 3)]
    changes = one.look(found, 0.0, 0)
    assert len(changes) == ABOUTS_MAX
    assert str(ABOUTS_MAX * 3 - 1) in one.stands("A04")
