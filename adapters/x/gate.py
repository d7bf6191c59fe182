"""The gate: when each kind of call may be made again. Pure; times come in as arguments.

A window that is used up closes its own kind of call until its end; a limit of the day, no credits, or a token that is not taken any more
close for longer each time; an outage closes for seconds, doubling to a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.x.answers import Failure, Trouble, window_left

OUTAGE_SECONDS = (1.0, 60.0)
DAY_SECONDS = (900.0, 21_600.0)
CREDITS_SECONDS = (3600.0, 3600.0)
UNAUTHORIZED_SECONDS = (60.0, 3600.0)
JITTER_SECONDS = 5.0  # after a window's end: not all of us at once

SPANS: Mapping[Trouble, tuple[float, float]] = {
    Trouble.NETWORK: OUTAGE_SECONDS,
    Trouble.LOST: OUTAGE_SECONDS,
    Trouble.OUTAGE: OUTAGE_SECONDS,
    Trouble.DAY: DAY_SECONDS,
    Trouble.CREDITS: CREDITS_SECONDS,
    Trouble.UNAUTHORIZED: UNAUTHORIZED_SECONDS,
}
"""First and longest wait; it doubles while the trouble lasts. Troubles that are not here concern one post, not the road."""

EVERYWHERE = frozenset({Trouble.CREDITS, Trouble.UNAUTHORIZED})
"""Troubles of the account: they close every kind of call."""
ALL = "*"


@dataclass(slots=True)
class _Door:
    opens_ms: int = 0
    trouble: Trouble | None = None
    since_ms: int = 0
    again: int = 0


@dataclass(slots=True)
class Gate:
    """One door for each kind of call, and one for all. `random` gives numbers from 0 to 1."""

    random: Callable[[], float]
    _doors: dict[str, _Door] = field(default_factory=dict)

    def wait(self, kind: str, now_ms: int) -> float:
        """Seconds until this kind of call may be made; 0 when it may now."""
        return max(0, *(door.opens_ms - now_ms for door in (self._door(kind), self._door(ALL)))) / 1000

    def passed(self, kind: str, headers: Mapping[str, str], now_ms: int) -> None:
        """A call succeeded: troubles are over; where it was the window's last one, the door is closed until its end."""
        for one in (kind, ALL):
            self._doors[one] = _Door()
        left = window_left(headers)
        if left is not None and left[0] == 0 and left[1] > now_ms:
            self._doors[kind].opens_ms = left[1] + round(self.random() * JITTER_SECONDS * 1000)

    def failed(self, kind: str, failure: Failure, now_ms: int) -> None:
        """A call failed: close what must be closed, for as long as the table says."""
        door = self._door(ALL if failure.trouble in EVERYWHERE else kind)
        if failure.trouble is Trouble.RATE and failure.until_ms is not None:
            door.opens_ms = failure.until_ms + round(self.random() * JITTER_SECONDS * 1000)
            return
        span = SPANS.get(failure.trouble)
        if span is None:
            return
        if door.trouble is not failure.trouble:
            door.trouble, door.since_ms, door.again = failure.trouble, now_ms, 0
        seconds = min(span[1], span[0] * 2**door.again)
        door.again = min(door.again + 1, 30)
        door.opens_ms = now_ms + round(seconds * (0.75 + 0.5 * self.random()) * 1000)

    def troubles(self, now_ms: int) -> dict[str, tuple[Trouble, float]]:
        """What goes on now, by kind of call (`*`: all): the trouble, and for how many seconds it has lasted."""
        return {kind: (door.trouble, (now_ms - door.since_ms) / 1000) for kind, door in self._doors.items() if door.trouble is not None}

    def _door(self, kind: str) -> _Door:
        return self._doors.setdefault(kind, _Door())
