"""X's rate limits: windows of 15 minutes by endpoint and kind of login, and the 24 hours of the app (X: rate limits, August 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.x.faults import Endpoint

WINDOW_MS = 900_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls in a window. None: this kind of login has no such limit."""

    app: int | None
    user: int | None
    app_day: int | None = None


LIMITS: Mapping[Endpoint, Limit] = {
    Endpoint.MENTIONS: Limit(450, 300),
    Endpoint.SEARCH: Limit(450, 300),
    Endpoint.POSTS: Limit(3_500, 5_000),
    Endpoint.ME: Limit(None, 75),
    Endpoint.TIMELINE: Limit(10_000, 900),
    Endpoint.CREATE: Limit(None, 100, app_day=10_000),
    Endpoint.DELETE: Limit(None, 50),
}


@dataclass(slots=True)
class _Window:
    """Calls since `begin_ms`; it opens with the first call after the last one closed."""

    length_ms: int
    begin_ms: int = -1
    calls: int = 0

    def reset_s(self) -> int:
        """When it closes, in seconds since 1970."""
        return (self.begin_ms + self.length_ms) // 1000

    def left(self, most: int, now_ms: int) -> int:
        if self.begin_ms < 0 or now_ms >= self.begin_ms + self.length_ms:
            return most
        return most - self.calls

    def take(self, now_ms: int) -> None:
        if self.begin_ms < 0 or now_ms >= self.begin_ms + self.length_ms:
            self.begin_ms, self.calls = now_ms, 0
        self.calls += 1


@dataclass(slots=True)
class Passed:
    """Whether a call may go on, and the headers to send with whatever is answered."""

    allowed: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Limits:
    """Counts calls by the clock it is given."""

    limits: Mapping[Endpoint, Limit] = field(default_factory=lambda: dict(LIMITS))
    _windows: dict[tuple[Endpoint, bool], _Window] = field(default_factory=dict)
    _days: dict[Endpoint, _Window] = field(default_factory=dict)

    def take(self, endpoint: Endpoint, now_ms: int, *, user: bool) -> Passed:
        """Count one call. Past the day's limit the window of 15 minutes is not touched, so that its reset lies in the past."""
        limit = self.limits[endpoint]
        window = self._windows.setdefault((endpoint, user), _Window(WINDOW_MS))
        day = self._days.setdefault(endpoint, _Window(DAY_MS))
        most = limit.user if user else limit.app
        allowed = limit.app_day is None or day.left(limit.app_day, now_ms) > 0
        if allowed and most is not None and window.left(most, now_ms) <= 0:
            allowed = False
        elif allowed:
            window.take(now_ms)
            day.take(now_ms)
        headers: dict[str, str] = {}
        if most is not None:
            headers |= _headers("x-rate-limit-", most, window, now_ms)
        if limit.app_day is not None:
            headers |= _headers("x-app-limit-24hour-", limit.app_day, day, now_ms)
        return Passed(allowed, headers)


def _headers(name: str, most: int, window: _Window, now_ms: int) -> dict[str, str]:
    left = max(0, window.left(most, now_ms))
    return {f"{name}limit": str(most), f"{name}remaining": str(left), f"{name}reset": str(window.reset_s())}
