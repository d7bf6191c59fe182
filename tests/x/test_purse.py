"""The purse: a day on X never costs more than its budget, whatever order things happen in and wherever the process dies."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x.purse import DAY_MS, IDS_MAX, Purse, micro

NOON = 20_777 * DAY_MS + DAY_MS // 2
TOMORROW = NOON + DAY_MS


def at_noon(budget: int = 1000, **changes: object) -> Purse:
    one = Purse(budget)
    one.left(NOON)
    for name, value in changes.items():
        setattr(one, name, value)
    return one


def test_dollars_are_counted_in_whole_millionths() -> None:
    assert [micro(dollars) for dollars in (0, 0.001, 0.005, 0.01, 20, 1 / 3)] == [0, 1000, 5000, 10_000, 20_000_000, 333_333]


def test_what_a_call_may_cost_is_charged_before_it_and_set_right_after_it() -> None:
    one = at_noon()
    assert one.take(500, NOON)
    assert (one.spent, one.calls, one.left(NOON)) == (500, 1, 500)
    one.settle(500, 5, ["a", "b", "a"], one.day)
    assert one.spent == 10


def test_a_call_that_does_not_fit_is_not_made_and_not_charged() -> None:
    one = at_noon(1000)
    assert one.take(1000, NOON)
    assert not one.take(1, NOON)
    assert one.take(0, NOON)
    assert (one.spent, one.left(NOON), one.calls) == (1000, 0, 2)


def test_a_post_read_twice_a_day_is_billed_once_and_on_the_next_day_again() -> None:
    one = at_noon()
    for moment, spent in ((NOON, 20), (NOON + 1, 20), (TOMORROW, 20)):
        assert one.take(100, moment)
        one.settle(100, 10, ["a", "b"], one.day)
        assert one.spent == spent


def test_what_cost_nothing_comes_back() -> None:
    one = at_noon()
    one.take(100, NOON)
    one.refund(100, one.day)
    assert (one.spent, one.calls) == (0, 1)


def test_a_post_read_at_two_prices_costs_the_dearer_one_whichever_is_settled_first() -> None:
    for prices in ((1, 5), (5, 1)):
        one = at_noon()
        for _ in prices:
            assert one.take(100, NOON)
        for price in prices:
            one.settle(100, price, ["a"], one.day)
        assert one.spent == 5


KEPT = [(600, 400, True), (600, 401, False), (1000, 0, True), (1000, 1, False), (0, 1000, True), (0, 1001, False)]


@pytest.mark.parametrize(("cost", "kept_back", "taken"), KEPT)
def test_what_is_kept_back_must_be_left_over(cost: int, kept_back: int, *, taken: bool) -> None:
    one = at_noon(1000)
    assert one.take(cost, NOON, kept_back) is taken
    assert (one.spent, one.calls) == ((cost, 1) if taken else (0, 0))
    assert one.take(1000 - one.spent, NOON), "what was kept back is there for a call that keeps nothing back"


@pytest.mark.parametrize("how", ["settle", "refund"])
def test_what_was_charged_yesterday_takes_nothing_from_today(how: str) -> None:
    one = at_noon()
    one.take(600, NOON)
    yesterday = one.day
    one.take(700, TOMORROW)
    one.settle(600, 10, ["a"], yesterday) if how == "settle" else one.refund(600, yesterday)
    assert one.spent == 700
    one.settle(700, 10, ["a"], one.day)
    assert one.spent == 10, "and what was billed yesterday is billed again today"


def test_the_clock_may_go_back_and_brings_no_money() -> None:
    one = at_noon()
    assert one.take(900, TOMORROW)
    assert not one.take(200, NOON)
    assert one.left(NOON) == 100


@pytest.mark.parametrize(("ms", "seconds"), [(0, 86_400), (1, 86_399.999), (DAY_MS - 1000, 1), (NOON, 43_200)])
def test_there_is_money_again_at_midnight_utc(ms: int, seconds: float) -> None:
    assert Purse(1).until_tomorrow(ms) == pytest.approx(seconds)


WARNS = [(0, 100, False), (79, 100, False), (80, 100, True), (100, 100, True), (0, 0, False)]


@pytest.mark.parametrize(("spent", "budget", "warns"), WARNS)
def test_people_are_warned_before_it_is_empty(spent: int, budget: int, *, warns: bool) -> None:
    assert at_noon(budget, spent=spent).warns is warns


def test_a_stored_purse_goes_on_where_it_was_and_begins_anew_on_another_day() -> None:
    one = at_noon()
    one.take(700, NOON)
    again, later = Purse(1000), Purse(1000)
    again.load(one.value())
    later.load(one.value())
    assert (again.left(NOON), later.left(TOMORROW)) == (300, 1000)


@pytest.mark.parametrize(
    "value", [None, "", "{", "[]", "null", "7", '{"day":"x"}', '{"day":-5,"spent":-9}', '{"spent":Infinity}', '{"spent":null}']
)
def test_a_purse_that_nobody_can_read_is_empty_of_costs(value: str | None) -> None:
    one = at_noon(spent=5)
    one.load(value)
    assert (one.day, one.spent, one.calls) == (0, 0, 0)


def test_memory_is_bounded_and_what_is_not_remembered_is_counted_again() -> None:
    one = at_noon(10 * IDS_MAX)
    one.settle(0, 1, map(str, range(IDS_MAX)), one.day)
    for _ in range(2):
        one.settle(0, 1, ["x", "y"], one.day)
    assert one.spent == IDS_MAX + 2
    one.settle(0, 1, ["0", "x"], one.day)
    assert one.spent == IDS_MAX + 3
    assert len(one._billed) == IDS_MAX


# ── whatever happens ──


@dataclass
class X:
    """What X really bills: each post once a day; and a gateway that stores its purse before each call, and dies."""

    budget: int
    now: int = NOON
    purse: Purse = field(default_factory=lambda: Purse(0))
    stored: str | None = None
    open: list[tuple[int, int, list[str], int]] = field(default_factory=list)
    billed: set[tuple[int, str]] = field(default_factory=set)
    bills: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.purse = Purse(self.budget)

    def begin(self, price: int, most: int, ids: list[str], *, refused: bool) -> None:
        """A call is paid for and made: X bills what it gives, at once; nothing where it says no."""
        if not self.purse.take(price * most, self.now):
            return
        self.stored = self.purse.value()
        given, day = ids[:most], self.purse.day
        for one in () if refused else given:
            if (day, one) not in self.billed:
                self.billed.add((day, one))
                self.bills[day] = self.bills.get(day, 0) + price
        self.open.append((price * most, 0 if refused else price, given, day))

    def end(self, which: int, how: str) -> None:
        """The answer of one of the calls under way, in any order."""
        if not self.open:
            return
        taken, price, ids, day = self.open.pop(which % len(self.open))
        if how == "said" and price:
            self.purse.settle(taken, price, ids, day)
        elif how == "said":
            self.purse.refund(taken, day)

    def crash(self) -> None:
        self.open.clear()
        self.purse = Purse(self.budget)
        self.purse.load(self.stored)


MOVES = st.one_of(
    st.tuples(
        st.just("begin"), st.integers(1, 5), st.integers(1, 100), st.lists(st.sampled_from("abcdefghij"), unique=True), st.booleans()
    ),
    st.tuples(st.just("end"), st.integers(0, 9), st.sampled_from(["said", "lost"])),
    st.tuples(st.just("time"), st.integers(-DAY_MS // 4, DAY_MS)),
    st.tuples(st.just("crash")),
)


@settings(max_examples=300)
@given(budget=st.integers(0, 400), moves=st.lists(MOVES, max_size=60))
def test_no_day_costs_more_than_its_budget(budget: int, moves: list[tuple[object, ...]]) -> None:
    x = X(budget)
    for move in moves:
        match move:
            case ("begin", int(price), int(most), list(ids), bool(refused)):
                x.begin(price, most, ids, refused=refused)
            case ("end", int(which), str(how)):
                x.end(which, how)
            case ("time", int(ms)):
                x.now += ms
            case _:
                x.crash()
        assert 0 <= x.purse.spent <= budget
        assert all(bill <= budget for bill in x.bills.values())
        assert x.bills.get(x.purse.day, 0) <= x.purse.spent or x.purse.day == 0
