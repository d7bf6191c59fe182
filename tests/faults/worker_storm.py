"""Workers killed 500 times, Redis emptied 100 times, gateways killed 500 times, under load: 0 lost, 0 doubled.

Gateways die here by losing all they have in memory; `kill_storm` kills their whole process. Each storm has its share of the time and ends
when that is over: how many blows it came to is among the figures.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections import Counter

from tests.faults.length import Time, pick
from tests.faults.record import record
from tests.workers.storm import BLOWS, Outcome, Weather, storm

BUDGET_SECONDS = 560
REST_SECONDS = 60  # of it, for coming to rest
SHARES = (0.45, 0.15, 0.25, 0.15)  # of the time, storm by storm
SEED = 1708
NIGHT = ({"kill worker": 500}, {"flush": 100}, {"kill gateway": 500})
SHORT = ({"kill worker": 40}, {"flush": 10}, {"kill gateway": 40})
MIXED = {"kill worker": 20, "flush": 20, "kill redis": 20, "kill gateway": 20, "freeze worker": 10, "freeze redis": 10}
PAUSES = ((0.05, 0.5), (0.2, 1.0), (0.05, 0.4))


def storms() -> list[Weather]:
    """The three single ones, then the mixed one."""
    single = [Weather(blows, seconds=seconds) for blows, seconds in zip(pick(SHORT, NIGHT), PAUSES, strict=True)]
    return [*single, Weather(pick(dict.fromkeys(BLOWS, 5), MIXED))]


def main() -> bool:
    """All storms, one after another."""
    logging.basicConfig(level="CRITICAL")
    seed, weathers, found = int(os.environ.get("SEED", SEED)), storms(), list[Outcome]()
    for number, (weather, share) in enumerate(zip(weathers, SHARES, strict=True)):
        try:
            found.append(storm(weather, seed + number, time_is=Time((BUDGET_SECONDS - REST_SECONDS) * share)))
        except Exception:  # noqa: BLE001 - a storm that does not come to rest is one of the figures
            traceback.print_exc()
        else:
            print(found[-1], flush=True)
    blows = sum((one.blows for one in found), Counter[str]())
    record(
        "worker_storm",
        seed=seed,
        workers_killed=blows["kill worker"],
        emptied=blows["flush"],
        gateways_killed=blows["kill gateway"],
        redis_killed=blows["kill redis"],
        frozen=blows["freeze worker"] + blows["freeze redis"],
        restless=len(weathers) - len(found),
        accepted=sum(one.accepted for one in found),
        settled_by_hand=sum(one.settled_by_hand for one in found),
        lost=sum(one.lost for one in found),
        doubled=sum(one.doubled for one in found),
    )
    return len(found) == len(weathers) and all(one.good for one in found)


if __name__ == "__main__":
    sys.exit(not main())
