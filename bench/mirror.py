"""What the mirror costs: acks and their latency with it and without, and how long it takes to adopt 10,000 messages from it.

usage: python -m bench.mirror [--count N]

Valkey, gateway, load generator and core share the machine's cores and its one disk: WAITAOF 1 0, appendfsync always.
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
from pathlib import Path
from random import Random

import uvloop

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.road import GATEWAY, OPERATOR, SEED
from forwarder.core.barecore import BareCore
from tests.valkey import Valkey, valkey

COUNT = 10_000
RATED = 1_500
MIRROR = """
[mirror]
redis = "{url}"
replicas = 0
answer_seconds = 10
"""


async def compare(server: Valkey, count: int) -> None:
    """A line per case: off and on, twice, for the machine is noisy."""
    print(f"{'case':<28}{'acks/s':>8}{'p50 ms':>8}{'p99 ms':>8}")
    for rate, many in ((200.0, RATED), (None, count)):
        for mirrored in (False, True, False, True):
            with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
                await _run(Path(folder), server, rate, many, mirrored=mirrored)


async def _run(folder: Path, server: Valkey, rate: float | None, count: int, *, mirrored: bool) -> None:
    server.flush()
    core, clocks = BareCore(), Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
    base = await core.start()
    await smsc.start()
    toml = GATEWAY.format(core=base, replies="false")
    if mirrored:
        toml = toml.replace("[journal]\n", '[journal]\nack_after = "mirror"\n') + MIRROR.format(url=server.url)
    (folder / "gateway.toml").write_text(toml, encoding="utf-8")
    (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
    environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
    words = (sys.executable, "-m", "gateway.cli")
    config = ("--config", str(folder / "gateway.toml"))
    gateway = await asyncio.create_subprocess_exec(*words, "run", *config, env=environment)
    try:
        await smsc.expect_binds(1, 30)
        await asyncio.sleep(1.5)
        report = await Load(smsc, LoadSettings(count, rate=rate)).run()
        label = f"{'at full speed' if rate is None else f'{rate:.0f}/s'}, mirror {'on' if mirrored else 'off'}"
        p50, p99 = (report.percentile(share) * 1000 for share in (0.5, 0.99))
        print(f"{label:<28}{report.per_second:>8.0f}{p50:>8.2f}{p99:>8.1f}", flush=True)
    finally:
        gateway.send_signal(signal.SIGKILL if mirrored else signal.SIGTERM)
        await gateway.wait()
        await smsc.stop()
        await core.stop()
    if mirrored and rate is None:
        began = time.monotonic()
        adopting = await asyncio.create_subprocess_exec(*words, "journal", "adopt", "--replace", *config, env=environment)
        if await adopting.wait():
            raise SystemExit("the adoption failed")
        print(f"adopted {len(report.accepted)} messages in {time.monotonic() - began:.1f} s", flush=True)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=COUNT)
    given, _ = options.parse_known_args()
    with valkey(appendonly="yes", appendfsync="always") as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(compare(server, given.count))


if __name__ == "__main__":
    main()
