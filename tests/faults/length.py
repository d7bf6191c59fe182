"""How long a fault test runs: what a person waits for (`make faults`), or what a night holds (`make nightly`)."""

from __future__ import annotations

import os
import time
from typing import TypeVar

Thing = TypeVar("Thing")
VARIABLE = "LENGTH"
FAULTS, NIGHTLY = "faults", "nightly"
SHARE = 0.85  # of a budget: the rest is for coming to rest and for the sums.
SAY_SECONDS = 15.0  # Between two lines of progress.


def name() -> str:
    """`nightly` where the variable says so, else `faults`."""
    return NIGHTLY if os.environ.get(VARIABLE) == NIGHTLY else FAULTS


def pick(faults: Thing, nightly: Thing) -> Thing:
    """The one of two sizes that this run takes."""
    return nightly if name() == NIGHTLY else faults


class Time:
    """The time a long run has: it stops by itself before it would be ended, does its sums, and says how far it came."""

    def __init__(self, budget_seconds: float) -> None:
        self._until = time.monotonic() + SHARE * budget_seconds

    @property
    def up(self) -> bool:
        """Whether it is time to do the sums."""
        return time.monotonic() >= self._until


class Progress:
    """Says now and then how far a long run is."""

    def __init__(self, what: str, of: int) -> None:
        self._what, self._of = what, of
        self._began = self._said = time.monotonic()

    def say(self, done: int) -> None:
        """`done` of them are done."""
        now = time.monotonic()
        if now - self._said >= SAY_SECONDS:
            self._said = now
            print(f"  {done} of {self._of} {self._what}, {now - self._began:.0f} s", flush=True)
