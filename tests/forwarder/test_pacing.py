from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.pacing import NEXT_BREAKER, Breaker, BreakerInput, BreakerState, Turns, Window, back_off_seconds


@given(st.integers(-5, 10_000), st.floats(0.001, 100), st.floats(0.001, 10_000), st.floats(0, 1))
def test_a_back_off_never_passes_its_bound_and_never_is_nothing(attempt: int, first: float, most: float, share: float) -> None:
    wait = back_off_seconds(attempt, first=first, most=most, share=share)
    assert min(first, most) / 2 <= wait <= most


def test_a_back_off_doubles_up_to_its_bound() -> None:
    waits = [back_off_seconds(attempt, first=5, most=900, share=1.0) for attempt in range(1, 12)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


@pytest.mark.parametrize("state", list(BreakerState))
@pytest.mark.parametrize("event", list(BreakerInput))
def test_every_pair_of_the_breakers_table_is_decided(state: BreakerState, event: BreakerInput) -> None:
    probe = event in (BreakerInput.PROBE_GOOD, BreakerInput.PROBE_BAD)
    stopped = state in (BreakerState.OPEN, BreakerState.FAULT)
    assert (event in NEXT_BREAKER[state]) is (stopped or not probe)
    if not probe:
        closes = NEXT_BREAKER[state][event] in (BreakerState.CLOSED, BreakerState.TRIAL)
        assert not (stopped and closes), "only a probe ends a stop"


def breaker() -> Breaker:
    return Breaker(run_max=3, probe_first=30, probe_most=60, fault_first=5, fault_most=300)


def test_three_failures_in_a_row_open_it_and_probes_come_slower() -> None:
    it = breaker()
    assert [it.failed(0), it.failed(0)] == [False, False]
    assert it.answered() is False
    assert [it.failed(1), it.failed(1), it.failed(1)] == [False, False, True]
    assert (it.state, it.lets_through, it.probe_at) == (BreakerState.OPEN, False, 31)
    assert it.probed(good=False, now=31) is False
    assert it.probe_at == 91
    it.probed(good=False, now=91)
    assert it.probe_at == 151


def test_after_a_good_probe_one_lost_answer_is_enough_to_open_again() -> None:
    it = breaker()
    for _ in range(3):
        it.failed(0)
    assert it.probed(good=True, now=30) is True
    assert (it.state, it.lets_through, it.probe_at) == (BreakerState.TRIAL, True, None)
    assert it.failed(31) is True
    assert it.probe_at == 31 + 60
    it.probed(good=True, now=91)
    assert it.answered() is True
    assert it.state is BreakerState.CLOSED


def test_late_answers_neither_close_an_open_breaker_nor_put_off_its_probe() -> None:
    it = breaker()
    for _ in range(3):
        it.failed(0)
    it.answered()
    it.failed(10)
    assert (it.state, it.probe_at) == (BreakerState.OPEN, 30)


def test_our_fault_stops_at_once_and_is_probed_slower_and_slower() -> None:
    it = breaker()
    assert it.our_fault(0) is True
    waits = []
    now = 0.0
    for _ in range(8):
        waits.append(it.probe_at - now)
        now = it.probe_at
        it.probed(good=False, now=now)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    it.hurry(now)
    assert it.probe_at == now


def test_a_window_doubles_per_round_grows_by_one_later_and_is_halved_once_per_round() -> None:
    window = Window(start=4, most=64)
    for _ in range(4):
        window.grow(window.size)
    assert window.size == 8
    window.grow(1)
    assert window.size == 8, "a window that is not used does not grow"
    window.halve(started=9.0, now=10.0)
    window.halve(started=9.5, now=10.1)
    assert window.size == 4
    window.halve(started=10.5, now=11.0)
    assert window.size == 2
    for _ in range(2):
        window.grow(window.size)
    assert window.size in (2, 3)


def test_a_lost_answer_leaves_one_in_flight_and_half_the_old_size_is_found_again_fast() -> None:
    window = Window(start=32, most=64)
    window.shrink(1.0)
    assert window.size == 1
    for _ in range(15):
        window.grow(window.size)
    assert window.size == 16
    window.grow(16)
    assert window.size == 16
    window.shrink(2.0)
    window.shrink(2.0)
    assert window.size == 1


@given(st.lists(st.sampled_from(["grow", "halve", "shrink"]), max_size=300), st.integers(1, 100))
def test_a_window_stays_between_one_and_its_most(moves: list[str], most: int) -> None:
    window = Window(start=8, most=most)
    for now, move in enumerate(moves):
        {"grow": lambda: window.grow(window.size), "halve": lambda n=now: window.halve(n, n), "shrink": lambda n=now: window.shrink(n)}[
            move
        ]()
        assert 1 <= window.size <= most


def test_senders_take_turns() -> None:
    turns: Turns[str, int] = Turns(most=100, per_sender=50)
    for item in range(40):
        turns.put("flood", item)
    turns.put("sari", 100)
    turns.put("budi", 200)
    assert [turns.take() for _ in range(5)] == [0, 100, 200, 1, 2]


def test_a_flood_leaves_half_of_the_room_to_others() -> None:
    turns: Turns[str, int] = Turns(most=20, per_sender=4)
    taken = sum(turns.put("flood", item) for item in range(100))
    assert taken == 10
    assert sum(turns.put(f"sender {n}", n) for n in range(100)) == 10
    assert turns.full
    assert not turns.put("late", 1)


def test_everyone_comes_out_once_in_the_order_of_his_own() -> None:
    seed = 20261122
    print(f"seed={seed}")
    random = Random(seed)
    turns: Turns[int, tuple[int, int]] = Turns(most=500, per_sender=30)
    put = [(sender, n) for n in range(300) if turns.put(sender := random.randrange(9), (sender, n))]
    out = [turns.take() for _ in range(len(turns))]
    assert sorted(out) == sorted(put)
    for sender in range(9):
        own = [n for s, n in out if s == sender]
        assert own == sorted(own)
    with pytest.raises(LookupError):
        turns.take()
