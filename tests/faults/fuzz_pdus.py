"""A million mutated PDUs through codec and session, and every other target five times as often as in a test run (RELIABILITY §4 B1)."""

from __future__ import annotations

import sys
import time

from tests.faults.length import pick
from tests.faults.record import record
from tests.fuzz.__main__ import Find, run
from tests.fuzz.targets import TARGETS

BUDGET_SECONDS = 180
PDUS = {"frames": pick(120_000, 600_000), "session": pick(80_000, 400_000)}
TIMES = pick(1, 5)


def main() -> bool:
    """Prints the figures; a find is printed with its octets."""
    seed, done = int(time.time()), {}
    for name, target in TARGETS.items():
        try:
            done[name] = run(name, target, seed, count=PDUS.get(name, target.short * TIMES))
        except Find as find:
            print(f"find: {find}")
            return False
        print(f"{name}: {done[name]}", flush=True)
    pdus = sum(done[name].attempts for name in PDUS)
    record(
        "fuzz_pdus",
        seed=seed,
        pdus=pdus,
        attempts=sum(one.attempts for one in done.values()),
        targets=len(done),
        finds=0,
        slowest_ms=max(one.slowest_seconds for one in done.values()) * 1000,
        growth_mb=max(one.growth_octets for one in done.values()) / 2**20,
    )
    return pdus >= sum(PDUS.values())


if __name__ == "__main__":
    sys.exit(not main())
