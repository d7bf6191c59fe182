"""What the ledger costs with a million complaints: its own time, and what whoever waits for an ack notices of it.

usage: python -m bench.ledger [--rows N] [--rounds N] [--lines N]

Gateway, load generator, core and ledger share the machine's cores. The ledger is the command as an officer types it, one after another;
`index` is what message_received costs whoever writes.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import datetime as dt
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import apsw
import uvloop

from adapters.smpp.load import Load, LoadReport, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.million import ROWS, Million, build
from bench.road import GATEWAY, OPERATOR, SEED
from forwarder.core.barecore import BareCore
from forwarder.journal import Journal, JournalSettings, Sealer, day_name, day_of
from tests.journal.people import Composer, House

LONG = True
RATE = 200.0
COUNT = 2_000
ROUNDS = 3
LINES = 100_000
CLOSE_MS = 6 * 3_600_000
WIB = dt.timezone(dt.timedelta(hours=7))


async def measure(folder: Path, key: bytes, million: Million, options: argparse.Namespace) -> None:
    """The commands alone, then beside the messages."""
    core = BareCore()
    clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
    base = await core.start()
    await smsc.start()
    config = folder / "gateway.toml"
    config.write_text(GATEWAY.format(core=base, replies="false"), encoding="utf-8")
    (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
    environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(key).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
    day = day_name(day_of(million.end_ms - 1))
    commands = {"ledger of a day": ("--day", day, "--csv"), "ledger verify": ("verify",)}
    try:
        for label, arguments in commands.items():
            before = _spent()
            seconds = [await _run(config, environment, arguments) for _ in range(options.rounds)]
            spent = (_spent() - before) / len(seconds)
            print(f"{label:<32}{min(seconds):>7.2f} s at best of {len(seconds)} without load, {spent:.2f} s of processor each", flush=True)
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway.cli", "run", "--config", str(config), env=environment)
        try:
            await smsc.expect_binds(1, 120)
            await asyncio.sleep(3)
            await _beside(smsc, config, environment, (commands, options.rounds))
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                await process.wait()
    finally:
        await smsc.stop()
        await core.stop()


async def _beside(smsc: Simulator, config: Path, environment: dict[str, str], what: tuple[dict[str, tuple[str, ...]], int]) -> None:
    """Acks at 200/s with the ledger and without, in turns; the best of each counts, for the machine has others."""
    commands, rounds = what
    await Load(smsc, LoadSettings(COUNT, rate=RATE)).run()
    print(f"{'acks at ' + format(RATE, '.0f') + '/s':<32}{'acks/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'worst':>8}{'runs':>6}{'s each':>8}")
    p99: dict[str, list[float]] = {}
    for _ in range(rounds):
        for label, arguments in {"alone": (), **commands}.items():
            load, done = Load(smsc, LoadSettings(COUNT, rate=RATE)), asyncio.Event()
            running = asyncio.create_task(_repeat(config, environment, arguments, done)) if arguments else None
            report = await load.run()
            done.set()
            took = await running if running is not None else []
            p99.setdefault(label, []).append(report.percentile(0.99))
            _line(label, report, took)
    alone = min(p99["alone"])
    for label in commands:
        print(f"p99 with {label}: {(min(p99[label]) / alone - 1) * 100:+.1f} % (best of {rounds} each)")


def _line(label: str, report: LoadReport, took: list[float]) -> None:
    p50, p99, worst = (report.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
    mean = statistics.mean(took) if took else 0.0
    print(f"{label:<32}{report.per_second:>8.0f}{p50:>8.2f}{p99:>8.2f}{worst:>8.0f}{len(took):>6}{mean:>8.2f}", flush=True)


async def _repeat(config: Path, environment: dict[str, str], arguments: tuple[str, ...], done: asyncio.Event) -> list[float]:
    took = []
    while not done.is_set():
        took.append(await _run(config, environment, arguments))
        await asyncio.sleep(1)
    return took


async def _run(config: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> float:
    """One command, in seconds; SystemExit when it finds anything wrong."""
    began = time.monotonic()
    words = (sys.executable, "-m", "gateway.cli", "ledger", "--config", str(config), *arguments)
    process = await asyncio.create_subprocess_exec(
        *words, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode:
        raise SystemExit(f"ledger {' '.join(arguments)}: {said.decode(errors='replace')}")
    return time.monotonic() - began


async def close_days(path: Path, key: bytes) -> None:
    """Close every day, as a gateway does that ran all the time."""
    composer: object = Composer()
    journal = Journal.open(path, sealer=Sealer(key), settings=JournalSettings(), clock=_wall, composer=composer)  # type: ignore[arg-type]
    began, closed = time.monotonic(), 0
    while await journal.ledger.close_next(_wall(), 0) is not None:
        closed += 1
    await journal.close()
    print(f"{'closing a day':<32}{(time.monotonic() - began) / max(1, closed):>7.2f} s ({closed} days)", flush=True)


def _spent() -> float:
    """Processor seconds of all commands that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wall() -> int:
    return time.time_ns() // 1_000_000


async def index_cost(folder: Path) -> None:
    """Messages a second with the index that the ledger reads by, and without it."""
    rates: dict[str, list[float]] = {"with": [], "without": []}
    for turn in range(4):
        for label, found in rates.items():
            house = House(folder / f"{label}{turn}")
            await house.open().close()
            if label == "without":
                connection = apsw.Connection(str(house.path))
                connection.execute("DROP INDEX message_received")
                connection.close()
            journal = house.open()
            began = time.perf_counter()
            for start in range(0, 20_000, 100):
                house.time.pass_(0.1)
                await journal.accept(house.many(journal, 100, start))
            found.append(20_000 / (time.perf_counter() - began))
            await journal.close()
    with_, without = max(rates["with"]), max(rates["without"])
    change = (with_ / without - 1) * 100
    print(f"{'accept, batches of 100':<32}{with_:>7.0f}/s with message_received, {without:.0f}/s without: {change:+.1f} %")


async def compare(folder: Path, key: bytes, million: Million, lines: int) -> None:
    """An operator's list of so many lines, none of which we have, and as many of ours: the dearest case, for nothing fits."""
    step = (million.end_ms - million.first_ms) // lines
    with (folder / "list.csv").open("w", encoding="utf-8") as written:
        written.write("time,sender,id\n")
        for number in range(lines):
            at = dt.datetime.fromtimestamp((million.first_ms + number * step) / 1000, WIB)
            written.write(f"{at:%Y-%m-%d %H:%M:%S},62812{number % 40_000:08d},m{number}\n")
    environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(key).decode()}
    words = (sys.executable, "-m", "gateway.cli", "ledger", "compare", "--config", str(folder / "gateway.toml"), str(folder / "list.csv"))
    began, before = time.monotonic(), _spent()
    process = await asyncio.create_subprocess_exec(
        *words, "--operator", "indosat", "--limit", "0", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    last = " · ".join(said.decode().strip().splitlines()[-3:])
    print(
        f"{'compare':<32}{time.monotonic() - began:>7.2f} s for {lines} lines, {_spent() - before:.2f} s of processor: {last}", flush=True
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--lines", type=int, default=LINES)
    given, _ = options.parse_known_args()
    key = os.urandom(32)
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        folder = Path(name)
        million = build(folder / "state" / "journal.db", key, _wall(), rows=given.rows)
        octets = million.path.stat().st_size
        print(f"{million.rows} complaints of {million.messages} messages, {octets >> 20} MB, built in {million.seconds:.0f} s")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(close_days(million.path, key))
            runner.run(measure(folder, key, million, given))
            runner.run(compare(folder, key, million, given.lines))
            runner.run(index_cost(folder))


if __name__ == "__main__":
    main()
