"""What the hand-over to workers carries and costs: relay journal → queue; one worker, two, four; one batch beside its filing.

The core is a process of its own that answers in 50 ms; the gateway's journal and dispatcher run here, each worker in its process, Valkey
in its own. So two cores carry all of it: where the workers' sum stops growing, look at the load first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from forwarder.core.simulator import CoreSimulator
from forwarder.doorbell import Doorbell
from forwarder.handover import Basket, Parcelled
from tests.valkey import KEY, valkey
from tests.workers.site import DISPATCH, Site

CORE_SECONDS = 0.05
WORKERS = (1, 2, 4)
ROWS_PER_WORKER = 3_000
BATCH_ROWS = 48
PAGE_ROWS = BATCH_ROWS * 20
PAGES = 25
LINE = (1, 16)  # complaints in a batch
LINE_BATCHES = 150
SERVE = "from bench.workers import serve; serve()"


def serve() -> None:
    """The core: its address on the first line; at the end how many it stored, and how many twice."""

    async def run() -> None:
        core = CoreSimulator(delay=lambda: CORE_SECONDS)
        print(await core.start(), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        print(len(core.stored), sum(len(entries) > 1 for entries in core.stored.values()), flush=True)
        await core.stop()

    asyncio.run(run())


@contextlib.contextmanager
def core() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The core's process and its address."""
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()


async def filed(workers: int) -> None:
    """So many workers, window 16 each, until all is filed."""
    rows = ROWS_PER_WORKER * workers
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder, core() as (url, process):
        async with Site(Path(folder), server, elsewhere=url, dispatch=DISPATCH) as site:
            gateway = site.gateway()
            for number in range(workers):
                await site.worker(f"w{number}")
            await gateway.send(BATCH_ROWS * workers)
            await site.quiet(seconds=60)
            for _ in range(0, rows, 1_000):
                await gateway.send(1_000)
            began, before = time.monotonic(), gateway.states()["filed"]
            await site.quiet(seconds=300)
            seconds = time.monotonic() - began
        out, _ = process.communicate("", timeout=10)
    stored, doubled = out.split()
    rate = (rows + BATCH_ROWS * workers - before) / seconds
    limit = 16 * workers / CORE_SECONDS
    print(
        f"workers={workers} window=16 core_ms=50 filed_per_second={rate:.0f} limit={limit:.0f} stored={stored} doubled={doubled}",
        flush=True,
    )


async def relay() -> None:
    """From the journal to the queue: read, unseal, pack, seal, enqueue; nobody takes them. The same page each time."""
    with valkey(appendonly="yes", appendfsync="everysec") as server, tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        async with Site(Path(folder), server) as site:
            gateway = site.gateway()
            await gateway.dispatcher.stop()
            await gateway.journal.accept(gateway.house.many(gateway.journal, PAGE_ROWS))
            parcels, bell = Parcelled(bytes.fromhex(KEY)), Doorbell(server.settings())
            now = gateway.house.time.clock() + 1000
            spent = dict.fromkeys(("read", "pack", "ring"), 0.0)
            began, used = time.monotonic(), time.process_time()
            for turn in range(PAGES):
                at = time.monotonic()
                page = await gateway.journal.ready(PAGE_ROWS, now)
                spent["read"] += (read := time.monotonic()) - at
                batches = [page[first : first + BATCH_ROWS] for first in range(0, len(page), BATCH_ROWS)]
                sealed = [(f"A-{turn}-{place}", parcels.basket.seal(Basket("A", "b", tuple(batch)))) for place, batch in enumerate(batches)]
                spent["pack"] += (packed := time.monotonic()) - read
                bell.ring(sealed)
                spent["ring"] += time.monotonic() - packed
            seconds, processor = time.monotonic() - began, time.process_time() - used
    rows = PAGES * PAGE_ROWS
    shares = " ".join(f"{name}_us={1e6 * value / rows:.1f}" for name, value in spent.items())
    print(f"relay rows={rows} rows_per_second={rows / seconds:.0f} {shares} processor_us_per_row={1e6 * processor / rows:.1f}", flush=True)


async def overhead() -> None:
    """A batch of one complaint, one at a time, against a core that answers at once: what a job costs from doorbell to settled."""
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        async with Site(Path(folder), server) as site:
            gateway = site.gateway()
            await site.worker("w1")
            times = []
            for _ in range(200):
                began, done = time.monotonic(), gateway.states().get("filed", 0)
                await gateway.send(1)
                while gateway.states().get("filed", 0) == done:  # noqa: ASYNC110 - another process files
                    await asyncio.sleep(0.0005)
                times.append((time.monotonic() - began) * 1000)
    print(
        f"batch_of_one journal_to_filed_ms median={median(times[20:]):.1f} (store, ring, ask, grant, record, POST, words, settle)",
        flush=True,
    )


async def per_batch(rows: int) -> float:
    """Milliseconds from one job to the next of one worker with a backlog of batches of so many complaints; the core answers at once."""
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        async with Site(Path(folder), server, window=max(LINE), queue={"batch_rows": rows}) as site:
            gateway = site.gateway()
            await site.worker("w1")
            await gateway.send(rows)
            await site.quiet(seconds=60)
            began = time.monotonic()
            await gateway.send(rows * LINE_BATCHES)
            await site.quiet(seconds=120)
            return (time.monotonic() - began) * 1000 / LINE_BATCHES


def line() -> None:
    """What a job costs beside its complaints: where the line through a small and a large batch meets none."""
    small, large = (min(asyncio.run(per_batch(rows)) for _ in range(3)) for rows in LINE)
    row = (large - small) / (LINE[1] - LINE[0])
    print(
        f"batch_rows={LINE[0]}:{small:.1f}ms {LINE[1]}:{large:.1f}ms row_ms={row:.2f} batch_overhead_ms={small - row * LINE[0]:.1f}",
        flush=True,
    )


def main() -> None:
    """All of them."""
    logging.basicConfig(level="ERROR")
    asyncio.run(relay())
    asyncio.run(overhead())
    line()
    for workers in WORKERS:
        asyncio.run(filed(workers))


if __name__ == "__main__":
    main()
