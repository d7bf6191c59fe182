"""How long a fault test runs: what a person waits for (`make faults`), or what a night holds (`make nightly`)."""

from __future__ import annotations

import os
import time
from typing import TypeVar

Thing = TypeVar("Thing")
VARIABLE = "LENGTH"
FAULTS, NIGHTLY = "faults", "nightly"
SAY_SECONDS = 15.0  # Between two lines of progress.


def name() -> str:
    """`nightly` where the variable says so, else `faults`."""
    return NIGHTLY if os.environ.get(VARIABLE) == NIGHTLY else FAULTS


def pick(faults: Thing, nightly: Thing) -> Thing:
    """The one of two sizes that this run takes."""
    return nightly if name() == NIGHTLY else faults


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
