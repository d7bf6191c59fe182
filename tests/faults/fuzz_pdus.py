"""A million mutated PDUs through codec and session, and every other target five times as often as in a test run (RELIABILITY §4 B1)."""

from __future__ import annotations

import sys
import time

from tests.faults.length import SHARE, pick
from tests.faults.record import record
from tests.fuzz.__main__ import Find, run
from tests.fuzz.targets import TARGETS

BUDGET_SECONDS = 150
PDUS = {"frames": pick(120_000, 600_000), "session": pick(80_000, 400_000)}
TIMES = pick(1, 5)
LAST_SECONDS = 90.0  # kept for the PDUs


def main() -> bool:
    """Prints the figures; a find is printed with its octets."""
    seed, done, began = int(time.time()), {}, time.monotonic()
    for name, target in sorted(TARGETS.items(), key=lambda one: one[1].pdus):  # the PDUs last: what is slow then is slow for them
        try:
            left = began + BUDGET_SECONDS * SHARE - time.monotonic() - (0 if name in PDUS else LAST_SECONDS)
            done[name] = run(name, target, seed, count=PDUS.get(name, target.short * TIMES), seconds=left)
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
