"""Simulate days: `python -m tests.sim --days N --seconds S --seed FIRST`, or one again with `--seed-only X`.

Every failure prints its seed, the commit and the last events of that day; put the seed into seeds.txt, and it is run for ever.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.machine import commit, header
from tests.sim.day import Outcome, live

PROGRESS_DAYS = 100


@dataclass(slots=True)
class Sum:
    """What many days came to."""

    days: int = 0
    messages: int = 0
    long: int = 0
    kills: int = 0
    doubled: int = 0
    commits: int = 0
    rest_most: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    broken: dict[int, str] = field(default_factory=dict)

    def add(self, day: Outcome) -> None:
        """One more."""
        self.days += 1
        self.messages += day.messages
        self.long += day.long
        self.kills += day.kills
        self.doubled += day.doubled
        self.commits += day.commits
        self.rest_most = max(self.rest_most, day.rest_seconds)
        self.faults += day.faults
        if day.breaks:
            self.broken[day.seed] = day.breaks[0]

    def show(self, first: int, seconds: float) -> None:
        """The figures."""
        rate = self.days / seconds if seconds else 0.0
        print(f"{self.days} days in {seconds:.0f} s: {rate:.2f} days/s, {seconds / max(1, self.days):.2f} s a day; seeds {first} on")
        print(f"{self.messages} messages, {self.long} long ones; {self.kills} kills; {self.commits} commits")
        print(f"{self.doubled} answers doubled, each over a kill; at rest at most {self.rest_most:.0f} s after the faults stopped")
        print(f"{sum(self.faults.values())} faults: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items())))
        print(f"{len(self.broken)} breaks" + "".join(f"\n  seed {seed}: {what}" for seed, what in self.broken.items()), flush=True)


def tell(day: Outcome) -> None:
    """A failure, so that whoever reads it can have it again."""
    print(f"\nseed={day.seed} commit {commit()} broke: python -m tests.sim --seed-only {day.seed}")
    print("\n".join(f"  {line}" for line in day.story))
    print("\n".join(f"  BROKEN: {what}" for what in day.breaks) + "\n", flush=True)


def main(words: list[str] | None = None) -> int:
    """0 when no promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--days", type=int, default=2_000, help="how many days (default 2000)")
    parser.add_argument("--seconds", type=float, default=2_400.0, help="stop after so many seconds (default 2400)")
    parser.add_argument("--seed", type=int, default=1, metavar="FIRST", help="seed of the first day (default 1); each day has the next")
    parser.add_argument("--seed-only", type=int, metavar="X", help="this one day, with its last events")
    given = parser.parse_args(words)
    only = given.seed_only is not None
    first, days = (given.seed_only, 1) if only else (given.seed, given.days)
    return 1 if simulate(first, days, given.seconds, only=only).broken else 0


def simulate(first: int, days: int, seconds: float, *, only: bool = False) -> Sum:
    """So many days from this seed on, or for so many seconds; prints how it goes, and the figures."""
    print(header("simulated days", first))
    total, began = Sum(), time.monotonic()
    try:
        for seed in range(first, first + days):
            if time.monotonic() - began > seconds:
                break
            day = live(seed)
            total.add(day)
            if day.breaks or only:
                tell(day) if day.breaks else print("\n".join(f"  {line}" for line in day.story))
            elif total.days % PROGRESS_DAYS == 0:
                print(f"… {total.days} days, {total.kills} kills, {len(total.broken)} breaks", flush=True)
    except KeyboardInterrupt:
        print("stopped")
    total.show(first, time.monotonic() - began)
    return total


if __name__ == "__main__":
    sys.exit(main())
