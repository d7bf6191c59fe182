"""How much an operator brings at this hour of the week, and how much of it is missing now. Pure.

Nights, Sundays and offices' hours differ by two orders of magnitude, so one limit for all hours is either deaf or cries wolf. The median
of eight weeks forgives a holiday, and one campaign, in the past; a holiday today is why this alarm is a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

HOUR_MS = 3_600_000
WEEK_HOURS = 168
WEEKS = 8
SPAN_HOURS_MAX = 2 * 24  # of silence that is looked at: after two days everybody knows


def usual(heard: Mapping[int, int], hour: int, weeks_least: int) -> float | None:
    """The median of messages in this hour of the week over the last weeks; None before it was heard for `weeks_least` of them.

    `heard` are messages by hour (UTC hours since 1970); an hour that is not there had none.
    """
    if not heard:
        return None
    began = min(heard)
    weeks = [heard.get(one, 0) for week in range(1, WEEKS + 1) if (one := hour - week * WEEK_HOURS) >= began]
    return float(median(weeks)) if len(weeks) >= weeks_least else None


def missed(heard: Mapping[int, int], since_ms: int, now_ms: int, *, median_least: float, weeks_least: int) -> float:
    """How many messages should have come from `since_ms` to `now_ms`, by hours that usually have at least `median_least`."""
    should = 0.0
    since_ms = max(since_ms, now_ms - SPAN_HOURS_MAX * HOUR_MS)
    for hour in range(since_ms // HOUR_MS, now_ms // HOUR_MS + 1):
        often = usual(heard, hour, weeks_least)
        if often is not None and often >= median_least:
            begins, ends = max(since_ms, hour * HOUR_MS), min(now_ms, (hour + 1) * HOUR_MS)
            should += often * max(0, ends - begins) / HOUR_MS
    return should
