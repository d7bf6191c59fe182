"""How far one source (mentions, or one search) has been read: pure, one page at a time, and small enough to be stored with each page.

A reading goes from the newest post back to an overlap before the newest one known, because X indexes some posts late. `high` moves only
when the whole window is stored; a crash between two pages goes on below the last page stored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from adapters.x.snowflake import first_of, time_of

DAY_MS = 86_400_000
REACH_MS = 7 * DAY_MS - 3_600_000  # search gives seven days, and refuses a since_id that is older; an hour for clocks that differ
MENTIONS_MAX = 800  # X gives no more of them, however far back since_id is


@dataclass(frozen=True, slots=True)
class Window:
    """`high`: everything up to this id is stored. While a reading is under way: its `low`, `top` (the newest id seen) and `until`.

    `until` is the oldest id stored of it; `seen` counts its posts. All are 0 at first and between two readings.
    """

    high: int = 0
    low: int = 0
    top: int = 0
    until: int = 0
    seen: int = 0

    @classmethod
    def read(cls, value: str | None) -> Window:
        """From what was stored; a value that cannot be read is none."""
        try:
            found = json.loads(value or "{}")
            return cls(**{name: int(found.get(name, 0)) for name in cls.__dataclass_fields__})
        except (ValueError, TypeError, AttributeError, OverflowError):
            return cls()

    def value(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def under_way(self) -> bool:
        """Whether a reading was begun and not finished."""
        return self.until > 0


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask X for next; None where a bound is not given. `gap_ms` is how much of the past cannot be had any more.

    Ids bound it on both sides: X refuses a request that has both ids and times as its bounds.
    """

    since_id: int | None
    until_id: int | None
    gap_ms: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a source can be read: by time (search), by count (mentions), and at the very first."""

    overlap_ms: int
    first_ms: int
    by_time: bool


def begin(window: Window, now_ms: int, reach: Reach) -> Window:
    """A reading's lower end: the overlap before what is known, or the first hours.

    One that was cut off so long ago that X gives nothing below it any more is over; `ask` names the gap.
    """
    if window.under_way and not (reach.by_time and time_of(window.until) < now_ms - REACH_MS):
        return window
    known = max(window.high, window.top)
    low = first_of(time_of(known) - reach.overlap_ms) if known else first_of(now_ms - reach.first_ms)
    return replace(window, low=low, top=known, until=0, seen=0)


def ask(window: Window, now_ms: int, reach: Reach) -> Ask:
    """The next page of a reading that was begun."""
    oldest_ms = now_ms - REACH_MS
    if not reach.by_time:
        return Ask(window.low or None, window.until or None)
    gap_ms = max(0, oldest_ms - time_of(window.high)) if window.high else 0
    return Ask(max(window.low, first_of(oldest_ms)), window.until or None, gap_ms)


def after(window: Window, ids: Sequence[int], *, more: bool) -> Window:
    """The window when a page is stored; without `more` the reading is whole and `high` moves."""
    top = max([window.top, *ids])
    if more and ids:
        return replace(window, top=top, until=min(ids), seen=window.seen + len(ids))
    return Window(high=top)


def missed(window: Window, ids: Sequence[int], reach: Reach) -> bool:
    """Whether the last page of a reading ends where X gives no more, not where we have been: posts may be lost (mentions only)."""
    return not reach.by_time and window.seen + len(ids) >= MENTIONS_MAX and bool(ids) and window.high > 0 and min(ids) > window.high
