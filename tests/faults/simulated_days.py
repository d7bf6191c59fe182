"""Simulated days (tests/sim) for as long as the budget lasts; a night draws days that no night before it had (RELIABILITY §5).

`SEED=n` is the seed of the first day; without it the date makes it.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from tests.faults.length import pick
from tests.faults.record import record
from tests.sim.__main__ import simulate

BUDGET_SECONDS = 2_400
LAST_DAY_SECONDS = 60  # of it, for the day that is under way when the time is up
SECONDS = pick(40.0, BUDGET_SECONDS - LAST_DAY_SECONDS)
DAYS_MAX = 10_000
"""More than a night can live; the seeds of two dates stand so far apart."""


def first_seed() -> int:
    """Of today, unless SEED says another."""
    return int(os.environ.get("SEED", int(f"{datetime.now(UTC):%y%m%d}") * DAYS_MAX))


def main() -> bool:
    """40 seconds of days when a person waits, 39 minutes a night; says whether no promise was broken."""
    first = first_seed()
    total = simulate(first, DAYS_MAX, SECONDS)
    record(
        "simulated_days",
        seed=first,
        days=total.days,
        messages=total.messages,
        long=total.long,
        kills=total.kills,
        faults=total.faults.total(),
        answers_doubled=total.doubled,
        rest_seconds_most=total.rest_most,
        breaks=len(total.broken),
    )
    return total.days > 0 and not total.broken


if __name__ == "__main__":
    sys.exit(not main())
