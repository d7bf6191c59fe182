"""How long `lapor-gateway late` takes on a million complaints of which half are late, alone and while 200 SMS a second come in.

usage: python -m bench.late [--rows N] [--rounds N] [--alone]

With --alone no gateway runs beside it. The count for the metric is made by the gateway itself, once an hour and with rests; here without.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.beside import ROUNDS, measure, run, surroundings
from bench.machine import header
from bench.million import ROWS, build
from forwarder.journal import late
from gateway import settings, tables

LONG = True
RUNS = 5
COMMANDS: dict[str, Sequence[str]] = {"late": ("late",), "late of one": ("late", "--instansi", "Agam", "--limit", "10000", "--csv")}


def timed(label: str, does: Callable[[], object]) -> None:
    """Do it some times; print the median's seconds and the processor's."""
    took: list[tuple[float, float]] = []
    for _ in range(RUNS):
        began, before = time.monotonic(), time.process_time()
        does()
        took.append((time.monotonic() - began, time.process_time() - before))
    seconds, processor = sorted(took)[RUNS // 2]
    print(f"{label:<24} {seconds:.2f} s, of the processor {processor:.2f} s (median of {RUNS})", flush=True)


def inside(path: Path, now_ms: int) -> None:
    """What a gateway counts for its metric, in this process."""
    _, clocks = tables.measures(settings.without_secrets(settings.find(None)))
    wanted = late.Wanted(clocks, now_ms)
    print(f"late by step: {dict(late.tally(path, wanted))}")
    timed("count for the metric", lambda: late.tally(path, wanted))


async def alone(folder: Path, key: bytes) -> None:
    """Each command as a process of its own, nothing else on this journal."""
    environment = surroundings(key)
    (folder / "gateway.toml").touch()
    for name, arguments in COMMANDS.items():
        took = sorted([(await run(folder, arguments, environment))[:2] for _ in range(RUNS)])
        seconds, processor = took[RUNS // 2]
        print(f"{name:<24} {seconds:.2f} s, of the processor {processor:.2f} s (median of {RUNS}, longest {took[-1][0]:.2f} s)", flush=True)


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--alone", action="store_true")
    given, _ = options.parse_known_args()
    key, now_ms = os.urandom(32), time.time_ns() // 1_000_000
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        million = build(Path(folder) / "state" / "journal.db", key, now_ms, rows=given.rows)
        print(million.built, flush=True)
        inside(million.path, now_ms)
        asyncio.run(alone(Path(folder), key))
        if not given.alone:
            asyncio.run(measure(Path(folder), key, COMMANDS, rounds=given.rounds))


if __name__ == "__main__":
    print(header("late"), flush=True)
    main()
