"""One number floods the gateway: how long the others wait for their ack and for their receipt, before and meanwhile.

usage: python -m bench.flood [--count N] [--seconds N]

10,000 SMS from one number within a minute beside 50 a second of as many citizens, with replies, sealing and filing on. The gateway runs in
a process of its own; operator and core share the other. The receipt is timed from the SMS to the submit_sm that carries it, with
`receipt_wait_seconds` = 0.
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
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.road import OPERATOR
from forwarder.core.barecore import BareCore
from gateway import control

COUNT = 10_000
SECONDS = 60.0
BEFORE_SECONDS = 15.0  # the others alone: what this machine can do
OTHERS_PER_SECOND = 50
DRAIN_SECONDS = 120.0
FLOODER = "6281100000001"
P99_SECONDS_MAX = 0.5
GATEWAY = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
[journal]
free_octets_min = 0
[replies]
receipt_wait_seconds = 0
[http]
port = 0
[log]
level = "ERROR"
"""


@dataclass(slots=True)
class Waits:
    """Seconds that the others waited for their ack, and for their receipt."""

    acks: list[float] = field(default_factory=list)
    receipts: list[float] = field(default_factory=list)

    def line(self, label: str) -> str:
        """The figures in milliseconds."""
        found = [1000 * share(each, part) for each in (self.acks, self.receipts) for part in (0.5, 0.99)]
        return f"{label:<24}{len(self.acks):>7}{found[0]:>10.1f}{found[1]:>10.1f}{found[2]:>12.1f}{found[3]:>12.1f}"


def share(values: list[float], part: float) -> float:
    """The value that this part of them does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class Flood:
    """An operator, a core, a gateway, and who writes."""

    def __init__(self, smsc: Simulator) -> None:
        self.smsc = smsc
        self.others = 0
        self.accepted = 0
        self._open: set[asyncio.Task[None]] = set()

    async def write(self, seconds: float, flood_per_second: float, waits: Waits) -> None:
        """Others at their rate for so long, and the flood beside them."""
        loop = asyncio.get_running_loop()
        began, sent, others = loop.time(), 0, 0
        while (passed := loop.time() - began) < seconds:
            while others < passed * OTHERS_PER_SECOND:
                others += 1
                self._spawn(self._other(waits))
            while sent < passed * flood_per_second:
                sent += 1
                self._spawn(self._flooder(sent))
            await asyncio.sleep(0.002)

    async def settled(self) -> None:
        """Until everybody has heard, or long enough."""
        if self._open:
            await asyncio.wait(self._open, timeout=DRAIN_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _flooder(self, number: int) -> None:
        [mo] = self.smsc.post_mo(FLOODER, f"AGAM lampu jalan mati di gang {number}")
        await mo.done
        self.accepted += mo.accepted_ms is not None

    async def _other(self, waits: Waits) -> None:
        self.others += 1
        number, began = f"62813{self.others:07d}", time.monotonic()
        [mo] = self.smsc.post_mo(number, f"AGAM jalan rusak di depan rumah nomor {self.others}")
        await mo.done
        waits.acks.append(time.monotonic() - began)
        self.accepted += mo.accepted_ms is not None
        await self.smsc.expect_replies(number, 1, DRAIN_SECONDS)
        waits.receipts.append(time.monotonic() - began)


async def measure(count: int, seconds: float) -> bool:
    """Before, and meanwhile; prints both, and where everything is in the end."""
    with tempfile.TemporaryDirectory(prefix="lapor-flood-") as name:
        folder, core = Path(name), BareCore()
        smsc = Simulator(
            SimulatorSettings(receipts=False, window=1000), Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic), Random(1)
        )
        (folder / "gateway.toml").write_text(GATEWAY.format(core=await core.start()), encoding="utf-8")
        await smsc.start()
        (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
        environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli", "run", "--config", str(folder / "gateway.toml"), env=environment
        )
        try:
            await smsc.expect_binds(1, 20)
            return await _measured(Flood(smsc), count, seconds, lambda: control.call(folder / "state" / "control.sock", "status"))
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                await process.wait()
            await smsc.stop()
            await core.stop()


async def _measured(flood: Flood, count: int, seconds: float, status: Callable[[], Awaitable[Any]]) -> bool:
    before, during = Waits(), Waits()
    await flood.write(BEFORE_SECONDS, 0, before)
    await flood.settled()
    await flood.write(seconds, count / seconds, during)
    await flood.settled()
    held = (await status())["holds"]
    complaints = held["complaints"]
    answered = len(flood.smsc.phone(FLOODER).received)
    print(f"{'the others':<24}{'SMS':>7}{'ack p50':>10}{'p99 ms':>10}{'receipt p50':>12}{'p99 ms':>12}")
    print(before.line("before"))
    print(during.line("during the flood"))
    kept = sum(complaints.values())
    rest = ", ".join(f"{state} {number}" for state, number in complaints.items() if number)
    print(f"accepted {flood.accepted}, kept {kept}: {rest}; the flooder was answered {answered} times")
    return kept == flood.accepted and share(during.acks, 0.99) <= P99_SECONDS_MAX


def main() -> None:
    """One flood; prints a line for before and one for meanwhile."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=COUNT)
    options.add_argument("--seconds", type=float, default=SECONDS)
    given, _ = options.parse_known_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print("held" if runner.run(measure(given.count, given.seconds)) else "BROKEN", flush=True)


if __name__ == "__main__":
    main()
