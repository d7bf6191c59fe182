"""What a filed complaint waits for by rule, and until which day. `Menurut aturan`: what the regulation says, never our promise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.deadlines import Deadlines, Kind, Step
from parsers.workdays import Workdays
from parsers.zones import day_of, zone_of

UNTAKEN = (None, "unverified", "postponed")
"""How the core says that no instansi may have it (schema.sql, course.status); None: nothing was heard yet."""
UNANSWERED = (*UNTAKEN, "disposed")
"""Without an answer, as the core says; who is at work (Terdisposisi Sedang Diproses) has given one."""
DONE, ARCHIVED = "done", "archived"


@dataclass(frozen=True, slots=True)
class Clocks:
    """What time is counted by: how long steps may take, and on which days offices work."""

    deadlines: Deadlines
    workdays: Workdays


@dataclass(frozen=True, slots=True)
class Standing:
    """A filed complaint as its clocks see it. Times are UTC milliseconds; `status` as the core was last heard, None: not yet."""

    received_ms: int
    kind: Kind
    region: str | None = None
    status: str | None = None
    disposed_ms: int | None = None
    answered_ms: int | None = None
    finished_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The last day, in the region's zone, on which a step is in time, and which rule says so. It may be past: then the step is late."""

    step: Step
    day: dt.date
    rule: str


def next_due(clocks: Clocks, standing: Standing) -> Due | None:
    """The next day by rule for what the complaint waits for; None where it waits for nothing, or no rule speaks of it.

    Not with an instansi yet: the disposisi. There without an answer: the answer, or the end where that is due earlier. Answered: the end.
    Settled: the day on which it is closed, unless its reporter says something.
    """
    return min(_dues(clocks, standing), key=lambda due: due.day, default=None)


def _dues(clocks: Clocks, standing: Standing) -> Iterator[Due]:
    if standing.status == DONE:
        yield from _due(clocks, standing, Step.CLOSE, standing.finished_ms)
    if standing.status in (DONE, ARCHIVED):
        return
    if standing.disposed_ms is None and standing.status in UNTAKEN:
        yield from _due(clocks, standing, Step.VERIFY, standing.received_ms)
    elif standing.answered_ms is None and standing.status in UNANSWERED:
        yield from _due(clocks, standing, Step.ANSWER, standing.disposed_ms)
    yield from _due(clocks, standing, Step.FINISH, standing.received_ms)


def _due(clocks: Clocks, standing: Standing, step: Step, since_ms: int | None) -> Iterator[Due]:
    """The rule is that of the day it was received; a clock of the core's may run before ours."""
    zone = zone_of(standing.region)
    rule = clocks.deadlines.of(day_of(standing.received_ms, zone), step, standing.kind, standing.region)
    if rule is not None and since_ms is not None:
        since = day_of(max(since_ms, standing.received_ms), zone)
        yield Due(step, clocks.workdays.after(since, rule.days), rule.rule)
