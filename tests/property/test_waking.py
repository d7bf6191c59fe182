"""What must hold of every span of waking time: it never goes back, two of them make one, and exactly so much of it is awake."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.zones import DAY_MS, MINUTE_MS, Zone, next_waking, waking_after

TIMES = st.integers(min_value=-3 * DAY_MS, max_value=40_000 * DAY_MS)
SPANS = st.integers(min_value=0, max_value=40 * DAY_MS)
ZONES = st.sampled_from(list(Zone))
HOURS = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda pair: pair[0] < pair[1])


def awake_until(at_ms: int, zone: Zone, opens: int, closes: int) -> int:
    """Waking milliseconds since the zone's 1 January 1970, counted the plain way."""
    day, within = divmod(at_ms + zone.ahead_ms, DAY_MS)
    return day * (closes - opens) * MINUTE_MS + sum(
        max(0, min(within, end) - start) for start, end in [(opens * MINUTE_MS, closes * MINUTE_MS)]
    )


@given(TIMES, SPANS, ZONES, HOURS)
def test_so_much_waking_time_passes_and_not_a_moment_more(at_ms: int, span_ms: int, zone: Zone, hours: tuple[int, int]) -> None:
    opens, closes = hours
    over_ms = waking_after(at_ms, span_ms, zone, opens=opens, closes=closes)

    def passed(until_ms: int) -> int:
        return awake_until(until_ms, zone, opens, closes) - awake_until(at_ms, zone, opens, closes)

    assert passed(over_ms) == span_ms
    assert span_ms == 0 or passed(over_ms - 1) == span_ms - 1


@given(TIMES, SPANS, SPANS, ZONES)
def test_two_spans_make_one(at_ms: int, first_ms: int, then_ms: int, zone: Zone) -> None:
    assert waking_after(waking_after(at_ms, first_ms, zone), then_ms, zone) == waking_after(at_ms, first_ms + then_ms, zone)


@given(TIMES, SPANS, SPANS, SPANS, ZONES)
def test_later_and_longer_is_never_earlier(at_ms: int, on_ms: int, span_ms: int, more_ms: int, zone: Zone) -> None:
    over_ms = waking_after(at_ms, span_ms, zone)
    assert over_ms >= at_ms + span_ms
    assert waking_after(at_ms, span_ms + more_ms, zone) >= over_ms
    assert waking_after(at_ms + on_ms, span_ms, zone) >= over_ms
    assert next_waking(at_ms + on_ms, zone) >= next_waking(at_ms, zone)


@given(TIMES, ZONES, HOURS)
def test_the_next_waking_moment_is_awake_and_none_lies_before_it(at_ms: int, zone: Zone, hours: tuple[int, int]) -> None:
    opens, closes = hours
    woken_ms = next_waking(at_ms, zone, opens=opens, closes=closes)
    within = (woken_ms + zone.ahead_ms) % DAY_MS
    assert opens * MINUTE_MS <= within < closes * MINUTE_MS
    assert next_waking(woken_ms, zone, opens=opens, closes=closes) == woken_ms
    assert awake_until(woken_ms, zone, opens, closes) == awake_until(at_ms, zone, opens, closes)
