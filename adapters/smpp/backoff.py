"""How long a bind waits before it tries again: growing, drawn at random, never in step with its siblings. Pure."""

from __future__ import annotations

import enum
from collections.abc import Callable
from random import Random

from adapters.smpp.profile import ReconnectSettings

STEADY_SECONDS = 10.0  # A bind that held this long was a good one: its loss begins a new count of failures.
DOUBLINGS_MAX = 16  # Past any bound; keeps the power small.


class Setback(enum.StrEnum):
    """Why a bind is not up."""

    FAILED = "failed"  # no connection, or a bind refused for a passing reason
    LOST = "lost"  # it was bound and is gone
    ALREADY_BOUND = "already bound"  # the SMSC still holds our old session
    ACCOUNT = "account"  # system_id, password or rights: people must act, so ask rarely


_ACCOUNT_STATUSES = frozenset({0x0D, 0x0E, 0x0F})  # RBINDFAIL, RINVPASWD, RINVSYSID
_ALREADY_BOUND = 0x05


def setback_of(status: int) -> Setback:
    """What kind of setback a refused bind is."""
    if status == _ALREADY_BOUND:
        return Setback.ALREADY_BOUND
    return Setback.ACCOUNT if status in _ACCOUNT_STATUSES else Setback.FAILED


class Backoff:
    """The waits of one bind; `monotonic` in seconds."""

    def __init__(self, settings: ReconnectSettings, monotonic: Callable[[], float], random: Random) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._random = random
        self._connected_at = float("-inf")
        self._failures = 0

    def apart(self) -> float:
        """Seconds until the next connect may begin, whatever the reason for it."""
        return max(0.0, self._connected_at + self._settings.apart_seconds - self._monotonic())

    def connecting(self) -> None:
        """A connect begins."""
        self._connected_at = self._monotonic()

    def wait(self, setback: Setback, held_seconds: float = 0.0) -> float:
        """Seconds to wait after a setback; `held_seconds` is how long the bind had been up."""
        if held_seconds >= STEADY_SECONDS:
            self._failures = 0
        bound = min(self._settings.most_seconds, self._settings.first_seconds * 2.0 ** min(self._failures, DOUBLINGS_MAX))
        self._failures += 1
        if setback is Setback.ALREADY_BOUND:
            return max(self.apart(), self._settings.already_bound_seconds + self._random.uniform(0, self._settings.first_seconds))
        if setback is Setback.ACCOUNT:
            bound = self._settings.most_seconds
        return max(self.apart(), self._random.uniform(0, bound))
