"""What the ledger costs with a million complaints: its own time, and what whoever waits for an ack notices of it.

usage: python -m bench.ledger [--rows N] [--rounds N] [--lines N]

Gateway, load generator, core and ledger share the machine's cores. The ledger is the command as an officer types it, one after another;
`index` is what message_received costs whoever writes.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import tempfile
import time
from pathlib import Path

import apsw
import uvloop

from bench import beside
from bench.million import ROWS, Million, build
from forwarder.journal import Journal, JournalSettings, Sealer, day_name, day_of
from tests.journal.people import Composer, House

LONG = True
ROUNDS = 3
LINES = 100_000
WIB = dt.timezone(dt.timedelta(hours=7))


async def measure(folder: Path, key: bytes, million: Million, rounds: int) -> None:
    """The commands beside the messages, then without."""
    day = day_name(day_of(million.end_ms - 1))
    commands = {"ledger of a day": ("ledger", "--day", day, "--csv"), "ledger verify": ("ledger", "verify")}
    await beside.measure(folder, key, commands, rounds=rounds)
    for label, arguments in commands.items():
        runs = [await beside.run(folder, arguments, beside.surroundings(key)) for _ in range(rounds)]
        seconds, processor, _ = min(runs)
        print(f"{label:<32}{seconds:>7.2f} s at best of {rounds} without load, {processor:.2f} s of processor", flush=True)


async def close_days(path: Path, key: bytes) -> None:
    """Close every day, as a gateway does that ran all the time."""
    composer: object = Composer()
    journal = Journal.open(path, sealer=Sealer(key), settings=JournalSettings(), clock=_wall, composer=composer)  # type: ignore[arg-type]
    began, closed = time.monotonic(), 0
    while await journal.ledger.close_next(_wall(), 0) is not None:
        closed += 1
    await journal.close()
    print(f"{'closing a day':<32}{(time.monotonic() - began) / max(1, closed):>7.2f} s ({closed} days)", flush=True)


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
    words = ("ledger", "compare", str(folder / "list.csv"), "--operator", "indosat", "--limit", "0")
    seconds, processor, said = await beside.run(folder, words, beside.surroundings(key), code=1)  # 1: it differs
    last = " · ".join(said.strip().splitlines()[-3:])
    print(f"{'compare':<32}{seconds:>7.2f} s for {lines} lines, {processor:.2f} s of processor: {last}", flush=True)


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
        print(million.built, flush=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(close_days(million.path, key))
            runner.run(measure(folder, key, million, given.rounds))
            runner.run(compare(folder, key, million, given.lines))
            runner.run(index_cost(folder))


if __name__ == "__main__":
    main()
