"""A worker frozen for a minute at every step, with Redis emptied meanwhile and another worker at work: 0 doubled."""

from __future__ import annotations

import asyncio
import logging
import sys

from tests.workers.frozen import STEPS, freeze

FROZEN_SECONDS = 60.0
AT_ONCE = 3


def main() -> bool:
    """Every step; then the planted fault, which must be found."""
    logging.basicConfig(level="CRITICAL")

    async def some(steps: tuple[str, ...]) -> bool:
        outcomes = await asyncio.gather(*[freeze(step, FROZEN_SECONDS) for step in steps])
        print(*outcomes, sep="\n", flush=True)
        return all(outcome.good for outcome in outcomes)

    good = [asyncio.run(some(STEPS[at : at + AT_ONCE])) for at in range(0, len(STEPS), AT_ONCE)]
    planted = asyncio.run(freeze("after _note", 0.0, hasty=True))
    print(f"planted, a gateway that does not wait for the worker's word: doubled {planted.doubled}", flush=True)
    return all(good) and planted.doubled > 0


if __name__ == "__main__":
    sys.exit(not main())
