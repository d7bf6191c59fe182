"""A worker frozen for a minute at every step, with Redis emptied meanwhile and another worker at work: 0 doubled."""

from __future__ import annotations

import asyncio
import logging
import sys

from tests.faults.length import pick
from tests.faults.record import record
from tests.workers.frozen import STEPS, Outcome, freeze

BUDGET_SECONDS = 190
FROZEN_SECONDS = pick(10.0, 60.0)
AT_ONCE = 5


async def _some(steps: tuple[str, ...]) -> list[Outcome | BaseException]:
    """These steps beside each other; an end that none of them has is one that failed."""
    outcomes = await asyncio.gather(*[freeze(step, FROZEN_SECONDS) for step in steps], return_exceptions=True)
    for step, outcome in zip(steps, outcomes, strict=True):
        print(f"frozen {step}: {outcome!r}" if isinstance(outcome, BaseException) else outcome, flush=True)
    return outcomes


def main() -> bool:
    """Every step; then the planted fault, which must be found."""
    logging.basicConfig(level="CRITICAL")
    ends = [one for at in range(0, len(STEPS), AT_ONCE) for one in asyncio.run(_some(STEPS[at : at + AT_ONCE]))]
    found = [one for one in ends if isinstance(one, Outcome)]
    planted = asyncio.run(freeze("after _note", 0.0, hasty=True))
    print(f"planted, a gateway that does not wait for the worker's word: doubled {planted.doubled}", flush=True)
    record(
        "worker_frozen",
        seed=0,  # nothing is drawn
        steps=len(found),
        failed=len(ends) - len(found),
        frozen_seconds=FROZEN_SECONDS,
        accepted=sum(one.accepted for one in found),
        lost=sum(one.accepted - one.filed for one in found),
        doubled=sum(one.doubled for one in found),
        planted_doubled=planted.doubled,
    )
    return len(found) == len(STEPS) and all(one.good for one in found) and planted.doubled > 0


if __name__ == "__main__":
    sys.exit(not main())
