"""An operator's silence is told from a quiet night, a Sunday, a holiday and a young operator."""

from __future__ import annotations

import math
from random import Random

import pytest

from gateway.alarms.habit import HOUR_MS, WEEK_HOURS, missed, usual

NOW_HOUR = 498_611  # some Saturday of 2026
WEEK = range(WEEK_HOURS)
LIMITS = {"median_least": 6.0, "weeks_least": 4}


def by_day(hour: int) -> int:
    """Twenty an hour by day, one at night."""
    return 20 if 0 <= (hour + 7) % 24 - 6 < 16 else 1


def heard(weeks: int = 9) -> dict[int, int]:
    return {hour: by_day(hour) for hour in range(NOW_HOUR - weeks * WEEK_HOURS, NOW_HOUR)}


def day_hour() -> int:
    return next(hour for hour in range(NOW_HOUR, NOW_HOUR + 24) if by_day(hour) == 20 and by_day(hour + 3) == 20)


def night_hour() -> int:
    return next(hour for hour in range(NOW_HOUR, NOW_HOUR + 24) if by_day(hour) == 1 and by_day(hour + 5) == 1)


def at(hour: float) -> int:
    return round(hour * HOUR_MS)


def test_the_median_of_eight_weeks_forgives_one_holiday_and_one_campaign() -> None:
    hour = day_hour()
    often = heard()
    often[hour - WEEK_HOURS] = 0
    often[hour - 3 * WEEK_HOURS] = 5_000
    assert usual(often, hour, 4) == 20


@pytest.mark.parametrize(("weeks", "known"), [(1, False), (3, False), (4, True), (9, True)])
def test_a_young_operator_has_no_habit(weeks: int, known: bool) -> None:  # noqa: FBT001
    often = dict.fromkeys(range(day_hour() - weeks * WEEK_HOURS, NOW_HOUR), 20)
    assert (usual(often, day_hour(), 4) is not None) == known
    assert (missed(often, at(day_hour()), at(day_hour() + 3), **LIMITS) > 0) == known


def test_hours_that_had_nothing_count_as_nothing() -> None:
    hour = day_hour()
    often = {one: n for one, n in heard().items() if (one - hour) % WEEK_HOURS}
    assert usual(often, hour, 4) == 0


def test_two_hours_of_a_day_in_silence_are_forty_messages() -> None:
    assert missed(heard(), at(day_hour() + 0.5), at(day_hour() + 2.5), **LIMITS) == pytest.approx(40)


def test_a_night_in_silence_is_none() -> None:
    assert missed(heard(), at(night_hour()), at(night_hour() + 5), **LIMITS) == 0


def test_a_silence_that_begins_at_night_grows_only_from_the_morning_on() -> None:
    morning = next(hour for hour in range(night_hour(), night_hour() + 24) if by_day(hour) == 20)
    assert missed(heard(), at(night_hour()), at(morning + 1), **LIMITS) == pytest.approx(20)


def test_nothing_known_and_a_clock_set_back_are_no_silence() -> None:
    assert missed({}, 0, at(NOW_HOUR), **LIMITS) == 0
    assert missed(heard(), at(day_hour() + 3), at(day_hour()), **LIMITS) == 0


def test_a_silence_without_end_costs_no_more_than_two_days() -> None:
    assert missed(heard(), 0, at(NOW_HOUR + 40), **LIMITS) <= 2 * 24 * 20


def test_of_months_with_chance_no_hour_is_a_false_alarm_and_each_silence_is_found() -> None:
    """Messages as chance brings them, 20 an hour by day: chance never leaves out thirty, two hours of silence do."""
    random, often, worst = Random(7), {}, 0.0
    last = float(NOW_HOUR)
    for hour in range(NOW_HOUR, NOW_HOUR + 20 * WEEK_HOURS):
        came, at_ = 0, float(hour)
        while (at_ := at_ - math.log(1 - random.random()) / by_day(hour)) < hour + 1:
            if hour > NOW_HOUR + 9 * WEEK_HOURS:
                worst = max(worst, missed(often, at(last), at(at_), **LIMITS))
            came, last = came + 1, at_
        often[hour] = came
        often.pop(hour - 10 * WEEK_HOURS, None)
    assert worst < 30
    morning = next(hour for hour in range(max(often) + 1, max(often) + 48) if by_day(hour) == 20)
    assert missed(often, at(morning), at(morning + 2.5), **LIMITS) >= 30
