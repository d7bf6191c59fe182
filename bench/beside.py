"""What a command that reads the journal costs whoever waits for an ack.

A gateway with a million complaints takes 200 SMS a second, by turns without the command and with it, one run of it after the other. Load
generator, gateway, core and command share the machine's cores. Used by `bench.report`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.million import Million, build
from bench.road import GATEWAY, OPERATOR, SEED
from forwarder.core.barecore import BareCore

RATE = 200.0
ROUND_SECONDS = 15
ROUNDS = 4
GAP_SECONDS = 0.2

Arguments = Callable[[Million], Sequence[str]]


@dataclass(slots=True)
class Turn:
    """The rounds of one kind: ack latencies in ms; of each run of the command its seconds, and those of the processor."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


async def measure(name: str, arguments: Arguments, *, rows: int, rounds: int = ROUNDS) -> None:
    """Build the million, run the gateway, print the figures of `lapor-gateway` with these arguments."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        key = os.urandom(32)
        path = Path(folder) / "state" / "journal.db"
        million = await asyncio.to_thread(build, path, key, time.time_ns() // 1_000_000, rows=rows)
        print(f"{million.rows} complaints, {million.path.stat().st_size >> 20} MB, built in {million.seconds:.0f} s", flush=True)
        environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(key).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
        command = (sys.executable, "-m", "gateway.cli", *arguments(million), "--config", str(Path(folder) / "gateway.toml"))
        async with _gateway(Path(folder), environment) as smsc:
            alone, beside = Turn(), Turn()
            await _round(smsc, Turn(), None, environment)  # warm: what the first messages cost is nobody's fault
            for _ in range(rounds):
                await _round(smsc, alone, None, environment)
                await _round(smsc, beside, command, environment)
    _say(name, alone, beside)


@contextlib.asynccontextmanager
async def _gateway(folder: Path, environment: dict[str, str]) -> AsyncIterator[Simulator]:
    """A gateway on that journal, bound to an operator who sends."""
    core = BareCore()
    clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
    base = await core.start()
    await smsc.start()
    (folder / "gateway.toml").write_text(GATEWAY.format(core=base, replies="false"), encoding="utf-8")
    (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
    running = (sys.executable, "-m", "gateway.cli", "run", "--config", str(folder / "gateway.toml"))
    process = await asyncio.create_subprocess_exec(*running, env=environment)
    try:
        await smsc.expect_binds(1, 60)
        await asyncio.sleep(2)
        yield smsc
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await process.wait()
        await smsc.stop()
        await core.stop()


async def _round(smsc: Simulator, turn: Turn, command: Sequence[str] | None, environment: dict[str, str]) -> None:
    """So many seconds of messages; with the command, one run after the other meanwhile."""
    done = asyncio.Event()
    running = asyncio.create_task(_again(command, environment, done, turn)) if command is not None else None
    words = f"AGAM lampu jalan mati sejak Senin, putaran {time.monotonic_ns()}, laporan nomor"  # no round repeats another one's
    report = await Load(smsc, LoadSettings(int(RATE * ROUND_SECONDS), rate=RATE, text=words)).run()
    done.set()
    turn.runs += await running if running is not None else []
    turn.p50.append(report.percentile(0.5) * 1000)
    turn.p99.append(report.percentile(0.99) * 1000)


def _children() -> float:
    """Processor seconds of all children that have ended: those of one run, between before and after it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _again(command: Sequence[str], environment: dict[str, str], done: asyncio.Event, turn: Turn) -> list[float]:
    """Run the command until told to stop; the seconds of each run."""
    took = []
    while not done.is_set():
        began, before = time.monotonic(), _children()
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        if process.returncode != 0 or not said:
            raise RuntimeError(f"the command ended with {process.returncode}")
        took.append(time.monotonic() - began)
        turn.processor.append(_children() - before)
        await asyncio.sleep(GAP_SECONDS)
    return took


def _say(name: str, alone: Turn, beside: Turn) -> None:
    for label, turn in (("alone", alone), (f"{name} beside", beside)):
        each = " ".join(f"{one:.1f}" for one in turn.p99)
        print(
            f"{label:<16} ack p50 {statistics.median(turn.p50):.2f} ms, p99 {statistics.median(turn.p99):.1f} ms (rounds: {each})",
            flush=True,
        )
    took = sorted(beside.runs)
    used = statistics.median(beside.processor)
    print(f"{name}: {len(took)} runs, median {statistics.median(took):.2f} s, longest {took[-1]:.2f} s; of the processor {used:.2f} s")
    change = statistics.median(beside.p99) / statistics.median(alone.p99) - 1
    print(f"ack p99 moved by {change * 100:+.0f} %; machine load {os.getloadavg()[0]:.1f}")
