"""Workers killed 500 times, Redis emptied 100 times, gateways killed 500 times, under load: 0 lost, 0 doubled.

Gateways die here by losing all they have in memory; `kill_storm` kills their whole process.
"""

from __future__ import annotations

import logging
import sys

from tests.workers.storm import Weather, storm

SEED = 1708
STORMS = (
    Weather({"kill worker": 500}, seconds=(0.05, 0.5)),
    Weather({"flush": 100}, seconds=(0.2, 1.0)),
    Weather({"kill gateway": 500}, seconds=(0.05, 0.4)),
    Weather({"kill worker": 20, "flush": 20, "kill redis": 20, "kill gateway": 20, "freeze worker": 10, "freeze redis": 10}),
)


def main() -> bool:
    """All storms, one after another."""
    logging.basicConfig(level="CRITICAL")
    good = True
    for number, weather in enumerate(STORMS):
        outcome = storm(weather, SEED + number)
        print(outcome, flush=True)
        good = good and outcome.good
    return good


if __name__ == "__main__":
    sys.exit(not main())
