"""How fast we may submit to one operator: a token bucket that halves when he asks for less and grows back by itself. Pure."""

from __future__ import annotations

from collections.abc import Callable

FLOOR_PER_SECOND = 0.2  # However often he says "slower", one message in five seconds still goes.
GROWTH_SECONDS = 30.0  # From the floor of one halving back to the full rate: slow enough not to swing.
BURST_SECONDS = 0.1  # What may be saved up: operators count by the second, so a deep bucket would break their limit.
HALVINGS_APART_SECONDS = 1.0  # One burst of throttling answers, already in flight, counts once.


class Pace:
    """A bucket of `rate` tokens a second, a tenth of a second deep; `monotonic` is in seconds."""

    def __init__(self, rate: float, monotonic: Callable[[], float]) -> None:
        self._full = rate
        self._monotonic = monotonic
        self._rate = rate
        self._depth = max(1.0, rate * BURST_SECONDS)
        self._tokens = self._depth
        self._filled = monotonic()
        self._slowed = self._filled - HALVINGS_APART_SECONDS

    @property
    def rate(self) -> float:
        """Messages a second that are allowed now."""
        return self._rate

    def take(self) -> float:
        """Take one token: 0.0 when there was one, else the seconds until there will be (nothing is taken)."""
        self._fill()
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate

    def slow(self) -> None:
        """The operator said RTHROTTLED or RMSGQFUL: half the rate, and no saved-up burst."""
        now = self._monotonic()
        self._fill()
        self._tokens = min(self._tokens, 0.0)
        if now - self._slowed >= HALVINGS_APART_SECONDS:
            self._rate = max(min(FLOOR_PER_SECOND, self._full), self._rate / 2)
            self._slowed = now

    def _fill(self) -> None:
        now = self._monotonic()
        passed = max(0.0, now - self._filled)
        self._filled = now
        self._rate = min(self._full, self._rate + passed * self._full / GROWTH_SECONDS)
        self._depth = max(1.0, self._rate * BURST_SECONDS)
        self._tokens = min(self._depth, self._tokens + passed * self._rate)
