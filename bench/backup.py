"""What a backup costs whoever waits for an ack: latency with and without one under way, in a journal that holds much.

usage: python -m bench.backup [--rows N]

Load generator, gateway and core share the machine's cores; the backup lies on the journal's own disk, which is the worst place.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from adapters.smpp.load import Load, LoadReport, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.road import GATEWAY, OPERATOR, SEED
from forwarder.core.barecore import BareCore
from forwarder.journal import Journal, Sealer, numbering
from forwarder.lifecycle import ComplaintState
from gateway import control
from tests.journal.people import Composer, House

ROWS = 100_000
SLICE = 2_000
COUNT = 2_000
FAST = 10_000


async def compare(rows: int) -> None:
    """Fill a journal, then measure at two rates without and with backups one after the other."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        folder = Path(name)
        core = BareCore()
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
        base = await core.start()
        await smsc.start()
        (folder / "gateway.toml").write_text(GATEWAY.format(core=base, replies="false"), encoding="utf-8")
        (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
        key = os.urandom(32)
        environment = {**os.environ, "LAPOR_MASTER_KEY": base64.b64encode(key).decode(), "LAPOR_CORE_TOKEN": "{BENCH}"}
        command = (sys.executable, "-m", "gateway.cli", "run", "--config", str(folder / "gateway.toml"))
        try:
            path = folder / "state" / "journal.db"
            await _fill(path, key, rows)
            print(f"journal of {rows} messages, {path.stat().st_size >> 20} MB")
            process = await asyncio.create_subprocess_exec(*command, env=environment)
            await smsc.expect_binds(1, 60)
            await asyncio.sleep(2)
            try:
                await _table(folder, smsc)
            finally:
                await _end(process)
        finally:
            await smsc.stop()
            await core.stop()


async def _fill(path: Path, key: bytes, rows: int) -> None:
    """Messages of the past, sealed as any: a backup opens some of them."""
    house, sealer = House(path.parent), Sealer(key)
    house.composer = Composer(numbering(sealer, house.settings), state=ComplaintState.CLOSED, reply=None)
    composer: Any = house.composer  # it understands no posts, and gets none
    journal = Journal.open(path, sealer=sealer, settings=house.settings, clock=house.time.clock, composer=composer)
    for start in range(0, rows, SLICE):
        await journal.accept(house.many(journal, SLICE, start))
    await journal.close()


async def _table(folder: Path, smsc: Simulator) -> None:
    print(f"{'case':<34}{'acks/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'worst':>8}{'backups':>9}{'s each':>8}{'log MB':>8}")
    for rate, count in ((200.0, COUNT), (None, FAST)):
        for backing in (False, True, False, True):
            load, done = Load(smsc, LoadSettings(count, rate=rate)), asyncio.Event()
            saving = asyncio.create_task(_backups(folder, done)) if backing else None
            report = await load.run()
            done.set()
            made = await saving if saving is not None else []
            _line(f"{'at full speed' if rate is None else f'{rate:.0f}/s'}{', backups one after another' if backing else ''}", report, made)


def _line(label: str, report: LoadReport, made: list[tuple[float, float]]) -> None:
    p50, p99, worst = (report.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
    seconds = sum(one for one, _ in made) / len(made) if made else 0.0
    log = max((one for _, one in made), default=0.0)
    print(f"{label:<34}{report.per_second:>8.0f}{p50:>8.2f}{p99:>8.1f}{worst:>8.0f}{len(made):>9}{seconds:>8.1f}{log:>8.0f}", flush=True)


async def _backups(folder: Path, done: asyncio.Event) -> list[tuple[float, float]]:
    """Backups until told to stop: seconds, and how far the log grew meanwhile (MB)."""
    made = []
    while not done.is_set():
        began = time.monotonic()
        answers = control.stream(folder / "state" / "control.sock", "journal backup", folder=str(folder / "backups"), keep=1)
        async with contextlib.aclosing(answers) as steps:
            last = [step async for step in steps][-1]
        made.append((time.monotonic() - began, last["log_octets"] / 2**20))  # type: ignore[index,call-overload,operator]
        await asyncio.sleep(1)  # a name has a second in it
    return made


async def _end(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        await process.wait()


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    given, _ = options.parse_known_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(compare(given.rows))


if __name__ == "__main__":
    main()
