"""The gate: what each trouble closes, for how long, and what opens it again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x.answers import Failure, Trouble
from adapters.x.gate import EVERYWHERE, JITTER_SECONDS, SPANS, Gate

NOW = 1_795_000_000_000
EVEN = 0.5  # the middle of the jitter: a wait is then just its span


def gate(chance: float = EVEN) -> Gate:
    return Gate(lambda: chance)


def waits(one: Gate, failure: Failure, times: int, kind: str = "search") -> list[float]:
    """The waits after so many failures, each at the end of the wait before."""
    now, found = NOW, []
    for _ in range(times):
        one.failed(kind, failure, now)
        found.append(one.wait(kind, now))
        now += round(found[-1] * 1000)
    return found


OUTAGE = [1, 2, 4, 8, 16, 32, 60, 60]
GROWTH = [
    (Trouble.NETWORK, OUTAGE),
    (Trouble.LOST, OUTAGE),
    (Trouble.OUTAGE, OUTAGE),
    (Trouble.DAY, [900, 1800, 3600, 7200, 14_400, 21_600, 21_600]),
    (Trouble.CREDITS, [3600, 3600]),
    (Trouble.UNAUTHORIZED, [60, 120, 240, 480, 960, 1920, 3600, 3600]),
]


@pytest.mark.parametrize(("trouble", "seconds"), GROWTH, ids=[row[0].value for row in GROWTH])
def test_the_waits_of_each_trouble(trouble: Trouble, seconds: list[float]) -> None:
    assert waits(gate(), Failure(trouble), len(seconds)) == seconds
    assert set(SPANS) == {row[0] for row in GROWTH}


@pytest.mark.parametrize("trouble", sorted(Trouble))
def test_only_troubles_of_the_account_close_all_doors(trouble: Trouble) -> None:
    one = gate()
    one.failed("search", Failure(trouble, until_ms=NOW + 60_000), NOW)
    assert (one.wait("search", NOW) > 0) is (trouble in SPANS or trouble is Trouble.RATE)
    assert (one.wait("reply", NOW) > 0) is (trouble in EVERYWHERE)


def test_a_window_that_is_used_up_closes_its_own_door_until_its_end_and_a_little_longer() -> None:
    for chance, more in ((0.0, 0.0), (1.0, JITTER_SECONDS)):
        one = gate(chance)
        one.failed("mentions", Failure(Trouble.RATE, until_ms=NOW + 700_000), NOW)
        assert one.wait("mentions", NOW) == 700 + more
        assert one.wait("search", NOW) == 0
        assert one.wait("mentions", NOW + 706_000) == 0


def test_a_success_that_used_the_windows_last_call_closes_it_too() -> None:
    one = gate(0.0)
    reset = NOW // 1000 + 300
    one.passed("search", {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}, NOW)
    assert one.wait("search", NOW) == pytest.approx(300)
    for headers in (
        {},
        {"x-rate-limit-remaining": "1", "x-rate-limit-reset": str(reset)},
        {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1"},
    ):
        one.passed("search", headers, NOW)
        assert one.wait("search", NOW) == 0


def test_a_success_opens_its_door_and_that_of_all_but_not_its_neighbours() -> None:
    one = gate()
    one.failed("search", Failure(Trouble.OUTAGE), NOW)
    one.failed("reply", Failure(Trouble.CREDITS), NOW)
    assert set(one.troubles(NOW)) == {"search", "*"}
    one.passed("mentions", {}, NOW)
    assert (one.wait("mentions", NOW), one.wait("reply", NOW)) == (0, 0)
    assert one.wait("search", NOW) == 1
    one.passed("search", {}, NOW)
    assert one.troubles(NOW) == {}
    assert waits(one, Failure(Trouble.OUTAGE), 2) == [1, 2], "and the next trouble begins with the shortest wait"


def test_another_trouble_begins_with_its_own_first_wait_and_is_timed_from_then() -> None:
    one = gate()
    waits(one, Failure(Trouble.OUTAGE), 5)
    one.failed("search", Failure(Trouble.DAY), NOW + 100_000)
    assert one.wait("search", NOW + 100_000) == 900
    assert one.troubles(NOW + 400_000) == {"search": (Trouble.DAY, 300)}


@given(st.lists(st.tuples(st.sampled_from(sorted(SPANS)), st.integers(0, 10**7)), min_size=1, max_size=60), st.floats(0, 1))
def test_no_wait_is_longer_than_its_trouble_allows_nor_none_at_all(failures: list[tuple[Trouble, int]], chance: float) -> None:
    one, now = gate(chance), NOW
    for trouble, later in failures:
        now += later
        before = one.wait("search", now)
        one.failed("search", Failure(trouble), now)
        assert 0 < one.wait("search", now) <= max(before, SPANS[trouble][1] * 1.25)


def test_an_outage_of_days_overflows_nothing() -> None:
    one = gate()
    for _ in range(5000):
        one.failed("search", Failure(Trouble.OUTAGE), NOW)
    assert one.wait("search", NOW) == 60
