"""How fast messages are taken in while Redis is emptied again and again, beside how fast they are when nobody touches it.

Both are measured in turns, so that a machine that grows slower is slower for both. Messages are taken as fast as the journal takes them,
while workers file; nothing is judged but the rate (worker_storm judges what is lost and doubled).
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.length import pick
from tests.faults.record import record
from tests.valkey import valkey
from tests.workers.site import GatewayHalf, Site

BUDGET_SECONDS = 80
SEED = 0  # nothing is drawn
AT_ONCE = 20  # messages in one commit, as a busy second brings them
PAUSE_SECONDS = 0.02
TURN_SECONDS = 4.0
EVERY_SECONDS = 0.25


async def _turn(gateway: GatewayHalf, seconds: float) -> float:
    """Messages taken in a second."""
    before, began = gateway.sent, time.monotonic()
    while time.monotonic() - began < seconds:
        await gateway.send(AT_ONCE)
        await asyncio.sleep(PAUSE_SECONDS)
    return (gateway.sent - before) / (time.monotonic() - began)


async def _empty(site: Site, emptied: list[float]) -> None:
    while True:
        await asyncio.to_thread(site.valkey.flush)
        emptied.append(time.monotonic())
        await asyncio.sleep(EVERY_SECONDS)


async def measure(turns: int) -> tuple[float, float, int]:
    """(messages a second in peace, the same while Redis is emptied, how often it was)."""
    peace, storm, emptied = list[float](), list[float](), list[float]()
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-emptied-") as folder:
        async with Site(Path(folder), server, core_seconds=lambda: 0.05) as site:
            gateway = site.gateway()
            await site.worker("w1")
            await _turn(gateway, TURN_SECONDS)  # connections, caches, the first batch
            for _ in range(turns):
                peace.append(await _turn(gateway, TURN_SECONDS))
                emptying = asyncio.create_task(_empty(site, emptied))
                storm.append(await _turn(gateway, TURN_SECONDS))
                emptying.cancel()
                await asyncio.gather(emptying, return_exceptions=True)
    return sum(peace) / turns, sum(storm) / turns, len(emptied)


def main() -> bool:
    """All turns; prints the two rates."""
    logging.basicConfig(level="CRITICAL")
    seed = int(os.environ.get("SEED", SEED))
    peace, storm, emptied = asyncio.run(measure(pick(1, 6)))
    record(
        "intake_emptied", seed=seed, emptied=emptied, rate=round(peace, 1), rate_emptied=round(storm, 1), change=round(storm / peace - 1, 3)
    )
    return storm >= 0.9 * peace


if __name__ == "__main__":
    sys.exit(not main())
