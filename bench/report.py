"""How long `lapor-gateway report` takes on a million complaints while 200 SMS a second come in, and what it costs their acks.

usage: python -m bench.report [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.beside import ROUNDS, measure
from bench.machine import header
from bench.million import ROWS, Million, build

LONG = True
WIB = dt.timezone(dt.timedelta(hours=7))


def wish(million: Million) -> Sequence[str]:
    """The whole country over all its days."""
    first = dt.datetime.fromtimestamp(million.first_ms / 1000, WIB).date()
    last = dt.datetime.fromtimestamp(million.end_ms / 1000, WIB).date()
    return "report", "--from", str(first), "--to", str(last)


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    given, _ = options.parse_known_args()
    key = os.urandom(32)
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        million = build(Path(folder) / "state" / "journal.db", key, time.time_ns() // 1_000_000, rows=given.rows)
        print(million.built, flush=True)
        asyncio.run(measure(Path(folder), key, {"report": wish(million)}, rounds=given.rounds))


if __name__ == "__main__":
    print(header("report"), flush=True)
    main()
