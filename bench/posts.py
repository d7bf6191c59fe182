"""What reading X costs: processor time of a poll that brings 100 new posts, and memory over 100,000 of them.

The simulated X runs in a process of its own, so only the gateway's side is counted: TLS, JSON, reading, composing, sealing, the journal.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

import psutil

from adapters.x.settings import XSettings
from adapters.x.simulated_limits import Limit
from adapters.x.simulated_settings import SimulatedSettings
from adapters.x.simulator import XSimulator
from adapters.x.world import World
from gateway import tables
from tests.x.life import Fate, Life

PAGE = 100
NEW = PAGE - 1  # the newest post of the poll before comes again, which makes it a page
POLLS = 1_000
WARM_POLLS = 20
KEPT_MS = 600_000
SAYS = ("jalan rusak parah di nagari Lawang", "lampu jalan mati dekat pasar", "air pdam mati 3 hari di jorong Batang", "sampah menumpuk")


def now_ms() -> int:
    """UTC in milliseconds."""
    return time.time_ns() // 1_000_000


async def serve(ca: Path) -> None:
    """The simulated X: a line on standard input makes a page of new posts; the first line out is its port and our account."""
    random = Random(1)
    world = World(now_ms, random)
    limits = {endpoint: Limit(10**9, 10**9) for endpoint in SimulatedSettings().limits}
    simulator = XSimulator(world, settings=SimulatedSettings(limits=limits))
    await simulator.start()
    ca.write_bytes(simulator.ca_pem)  # noqa: ASYNC240 - once, before anybody waits
    people = [world.user(f"warga{number}") for number in range(2_000)]
    print(simulator.port, world.account.id, flush=True)
    loop, count = asyncio.get_running_loop(), 0
    while await loop.run_in_executor(None, sys.stdin.readline):
        for _ in range(NEW):
            count += 1
            world.write(random.choice(people), f"@lapor1708 {random.choice(SAYS)} no {count} #aduanagam")
        world.forget(now_ms() - KEPT_MS)
        print(count, flush=True)
    await simulator.stop()


async def measure(polls: int) -> None:
    """Poll page after page; print what each cost, and what memory did."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = subprocess.Popen(  # noqa: ASYNC220 - once, before anybody waits
            [sys.executable, "-m", "bench.posts", "--serve", str(folder / "ca.pem")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert peer.stdin is not None  # noqa: S101 - it is a pipe
        assert peer.stdout is not None  # noqa: S101
        port, account = peer.stdout.readline().split()
        login = XSimulator(World(now_ms, Random(1))).credentials
        settings = XSettings(
            enabled=True, user_id=account, server=f"127.0.0.1:{port}", ca=folder / "ca.pem", budget_per_day=100_000.0, overlap_seconds=0.0,
            bearer=login.bearer, consumer_key=login.consumer_key, consumer_secret=login.consumer_secret,
            access_token=login.access_token, access_secret=login.access_secret,
        )  # fmt: skip
        life = Life(folder, settings, now_ms, Random(2), Fate())
        life.begin()
        tables.freeze()
        source = next(one for one in life.x.sources if one.name == "mentions")
        await life.x.poller.poll(source)
        costs, sizes = [], []
        for number in range(polls):
            peer.stdin.write("more\n")
            peer.stdin.flush()
            await asyncio.to_thread(peer.stdout.readline)
            before = time.process_time()
            await life.x.poller.poll(source)
            costs.append(time.process_time() - before)
            if number % (polls // 10 or 1) == 0:
                sizes.append(psutil.Process().memory_info().rss >> 20)
        kept = life.x.poller.counts["stored"]
        await life.end()
        peer.stdin.close()
        peer.wait(timeout=20)
    warm = sorted(costs[WARM_POLLS:] or costs)
    p99 = warm[int(len(warm) * 0.99)]
    print(f"a poll of {PAGE} new posts  median {median(warm) * 1000:.1f} ms  p99 {p99 * 1000:.1f} ms of processor time ({kept:,} stored)")
    print(f"memory over {polls * PAGE:,} posts         {' '.join(map(str, sizes))} MB")


def main() -> None:
    """Measure, or serve."""
    reader = argparse.ArgumentParser(prog="python -m bench.posts", description="What reading X costs.")
    reader.add_argument("--polls", type=int, default=POLLS)
    reader.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = reader.parse_args()
    asyncio.run(serve(options.serve) if options.serve else measure(options.polls))


if __name__ == "__main__":
    main()
