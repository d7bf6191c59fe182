"""What a command that reads the journal costs whoever waits for an ack.

A gateway with a million complaints takes 200 SMS a second, by turns without the command and with it, one run of it after the other. Load
generator, gateway, core and command share the machine's cores. Used by `bench.report` and `bench.ledger`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import resource
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.road import GATEWAY, OPERATOR, SEED
from forwarder.core.barecore import BareCore

RATE = 200.0
ROUND_SECONDS = 15
ROUNDS = 4
GAP_SECONDS = 0.2


@dataclass(slots=True)
class Turn:
    """The rounds of one kind: ack latencies in ms; of each run of the command its seconds, and those of the processor."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


async def measure(folder: Path, key: bytes, commands: Mapping[str, Sequence[str]], *, rounds: int = ROUNDS) -> None:
    """Run the gateway on that folder's journal; print what `lapor-gateway` with each of these arguments takes, and costs the acks."""
    environment = surroundings(key)
    turns = {name: Turn() for name in commands}
    alone = Turn()
    async with _gateway(folder, environment) as smsc:
        await _round(smsc, Turn(), (), folder, environment)  # warm: what the first messages cost is nobody's fault
        for _ in range(rounds):
            await _round(smsc, alone, (), folder, environment)
            for name, arguments in commands.items():
                await _round(smsc, turns[name], arguments, folder, environment)
    _acks("alone", alone)
    for name, turn in turns.items():
        _say(name, alone, turn)


def surroundings(key: bytes) -> dict[str, str]:
    """The environment of a gateway whose journal has this key, and of its commands."""
    return {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(key).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}


async def run(folder: Path, arguments: Sequence[str], environment: dict[str, str], code: int = 0) -> tuple[float, float, str]:
    """Run one command of that gateway: its seconds, those of the processor, what it printed; RuntimeError when it ends otherwise."""
    began, before = time.monotonic(), _children()
    words = (sys.executable, "-m", "gateway.start", *arguments, "--config", str(folder / "gateway.toml"))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=pipe, stderr=pipe)
    said, wrong = await process.communicate()
    if process.returncode != code or not said:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {wrong.decode(errors='replace')}")
    return time.monotonic() - began, _children() - before, said.decode()


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


async def _round(smsc: Simulator, turn: Turn, arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    """So many seconds of messages; with arguments, one run of the command after the other meanwhile."""
    done = asyncio.Event()
    running = asyncio.create_task(_again(folder, arguments, environment, done, turn)) if arguments else None
    words = f"AGAM lampu jalan mati sejak Senin, putaran {time.monotonic_ns()}, laporan nomor"  # no round repeats another one's
    report = await Load(smsc, LoadSettings(int(RATE * ROUND_SECONDS), rate=RATE, text=words)).run()
    done.set()
    if running is not None:
        await running
    turn.p50.append(report.percentile(0.5) * 1000)
    turn.p99.append(report.percentile(0.99) * 1000)


def _children() -> float:
    """Processor seconds of all children that have ended: those of one run, between before and after it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _again(folder: Path, arguments: Sequence[str], environment: dict[str, str], done: asyncio.Event, turn: Turn) -> None:
    """Run the command until told to stop, from another process: starting one holds up whoever starts it, and this one measures acks."""
    command = (sys.executable, "-m", "gateway.start", *arguments, "--config", str(folder / "gateway.toml"))
    words = (sys.executable, "-m", "bench.again", str(GAP_SECONDS), "0", "--", *command)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
    await done.wait()
    said, wrong = await process.communicate(b"")  # without input its standard input would stay open
    if process.returncode != 0:
        raise RuntimeError(wrong.decode(errors="replace"))
    for seconds, processor in map(json.loads, said.splitlines()):
        turn.runs.append(seconds)
        turn.processor.append(processor)


def _acks(label: str, turn: Turn) -> None:
    each = " ".join(f"{one:.1f}" for one in turn.p99)
    print(
        f"{label:<24} ack p50 {statistics.median(turn.p50):.2f} ms, p99 {statistics.median(turn.p99):.1f} ms (rounds: {each})", flush=True
    )


def _say(name: str, alone: Turn, beside: Turn) -> None:
    _acks(f"{name} beside", beside)
    took = sorted(beside.runs)
    used = statistics.median(beside.processor)
    print(f"{name}: {len(took)} runs, median {statistics.median(took):.2f} s, longest {took[-1]:.2f} s; of the processor {used:.2f} s")
    change = statistics.median(beside.p99) / statistics.median(alone.p99) - 1
    print(f"ack p99 moved by {change * 100:+.0f} %; machine load {os.getloadavg()[0]:.1f}")
