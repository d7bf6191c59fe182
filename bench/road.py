"""The whole road under load: acks, end to end, latency, processor and memory of the gateway, with sealing and filing on.

usage: python -m bench.road [--count N] [--quick]

The gateway runs in a process of its own; the load generator and a bare core share the other. Both share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import uvloop

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.barecore import BareCore

SEED = 1
DRAIN_SECONDS = 60.0
GATEWAY = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
[journal]
free_octets_min = 0
replies_per_day_max = 10000
[replies]
enabled = {replies}
[http]
port = 0
[log]
level = "WARNING"
"""
OPERATOR = """\
[[operator]]
name = "bench"
hosts = ["{address}"]
system_id = "lapor1708"
binds = [{{ name = "trx", count = 1 }}]
[operator.mt]
rate_per_second = 10000
window = 500
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One run."""

    label: str
    count: int
    window: int
    rate: float | None = None
    replies: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it."""

    acks_per_second: float
    filed_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    rss_mb: float
    lost: int
    doubled: int


async def measure(case: Case) -> Figures:
    """Run one case against a fresh gateway."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        folder = Path(name)
        core = BareCore()
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
        base = await core.start()
        await smsc.start()
        (folder / "gateway.toml").write_text(GATEWAY.format(core=base, replies=str(case.replies).lower()), encoding="utf-8")
        (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
        environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli", "run", "--config", str(folder / "gateway.toml"), env=environment
        )
        try:
            await smsc.expect_binds(1, 20)
            await asyncio.sleep(0.5)
            return await _measured(case, smsc, core, psutil.Process(process.pid))
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(60):
                    await process.wait()
            await smsc.stop()
            await core.stop()


async def _measured(case: Case, smsc: Simulator, core: BareCore, gateway: psutil.Process) -> Figures:
    used = sum(gateway.cpu_times()[:2])
    began = time.monotonic()
    report = await Load(smsc, LoadSettings(case.count, rate=case.rate, window=case.window)).run()
    deadline = time.monotonic() + DRAIN_SECONDS
    while len(core.counts) < case.count or (case.replies and smsc.submitted < case.count):
        await asyncio.sleep(0.005)
        if time.monotonic() > deadline:
            raise SystemExit(f"{case.label}: {len(core.counts)} of {len(report.accepted)} filed, {smsc.submitted} answered, then nothing")
    seconds = time.monotonic() - began
    await asyncio.sleep(0.3)
    return Figures(
        acks_per_second=report.per_second,
        filed_per_second=case.count / seconds,
        p50_ms=report.percentile(0.5) * 1000,
        p99_ms=report.percentile(0.99) * 1000,
        cpu_ms=(sum(gateway.cpu_times()[:2]) - used) * 1000 / case.count,
        rss_mb=gateway.memory_info().rss / 2**20,
        lost=len(report.accepted) - len(core.counts),
        doubled=core.doubled,
    )


def cases(count: int, *, quick: bool) -> list[Case]:
    """The runs of one bench."""
    full = [Case(f"window {window}", count, window) for window in (1, 10, 100)]
    full += [Case("window 100, with replies", count, 100, replies=True), Case("200/s offered", 2_000, 100, rate=200.0)]
    return full[2:3] if quick else [*full, Case("100,000 messages", 100_000, 100)]


def main() -> None:
    """Print a line per case."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--quick", action="store_true", help="only window 100")
    given = options.parse_args()
    print(f"{'case':<26}{'acks/s':>8}{'filed/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'CPU ms':>8}{'RSS MB':>8}{'lost':>6}{'doubled':>8}")
    for case in cases(given.count, quick=given.quick):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(measure(case))
        print(
            f"{case.label:<26}{found.acks_per_second:>8.0f}{found.filed_per_second:>9.0f}{found.p50_ms:>8.1f}{found.p99_ms:>8.1f}"
            f"{found.cpu_ms:>8.3f}{found.rss_mb:>8.0f}{found.lost:>6}{found.doubled:>8}",
            flush=True,
        )


if __name__ == "__main__":
    main()
