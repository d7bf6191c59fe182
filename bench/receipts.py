"""How soon a citizen holds his receipt: from the last octet of his SMS to our `submit_sm`, at 50 SMS a second.

usage: python -m bench.receipts [--seconds N] [--rate N]

Three times. With the core away (its port is closed, the breaker open) no receipt waits for the core's number; that is the goal. With a
core that answers at once, and with one that takes 300 ms, the receipt waits for it, and the citizen reads one SMS instead of two.
The gateway runs in a process of its own with a journal on this disk; operator, core and load share the machine's cores with it. Every
citizen writes once, every second SMS is cut in two. Beside the operator's record stands the journal's: from received to submitted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import apsw

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from bench.beside import run, surroundings
from bench.machine import header
from forwarder.core.menu import TOKEN
from forwarder.core.simulator import CoreSimulator
from forwarder.pacing import BreakerState

SEED = 1
RATE = 50.0
SECONDS = 60.0
GOAL_SECONDS = 1.0
SLOW_SECONDS = 0.3
BREAKER_SECONDS_MAX = 120.0
DRAIN_SECONDS = 60.0
HERE = "127.0.0.1"
GATEWAY = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
[journal]
free_octets_min = 0
[http]
port = 0
[log]
level = "ERROR"
"""
OPERATOR = """\
[[operator]]
name = "satu"
hosts = ["{address}"]
system_id = "lapor1708"
binds = [{{ name = "trx", count = 2 }}]
[operator.mt]
rate_per_second = 200
window = 100
"""
SHORT = "AGAM lampu jalan mati sejak Senin di Lubuk Basung, laporan nomor {number:06d}"
LONG = (
    "AGAM jembatan di nagari Lawang hampir putus, tiang sebelah timur miring dan warga takut lewat kalau hujan. Sudah dua kali kami"
    " sampaikan ke kantor camat, belum ada yang datang melihat. Laporan nomor {number:06d}"
)
"""With the keyword, a place and a matter, so that nothing is asked back: a question is due at once anyway."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run: `answers` is after how many seconds the core does; None: its port is closed."""

    label: str
    answers: float | None


CASES = (Case("core down, breaker open", None), Case("core answers at once", 0.0), Case("core answers after 300 ms", SLOW_SECONDS))


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from the last octet of an SMS to its receipt, in order; the journal's own record of the same; how many heard nothing."""

    seconds: list[float]
    stored: list[float]
    unanswered: int
    breaker: str

    @property
    def p99(self) -> float:
        """The figure of the goal."""
        return share_of(self.seconds, 0.99)


def share_of(ordered: list[float], share: float) -> float:
    """The value that this share of them does not exceed; never of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


async def measure(case: Case, seconds: float, rate: float) -> Figures:
    """One run of a fresh gateway."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        folder = Path(name)
        async with _core(case) as base, _gateway(folder, base) as smsc:
            if case.answers is None:
                await _open_the_breaker(folder, smsc)
            last = await _send(smsc, int(seconds * rate), rate)
            with contextlib.suppress(TimeoutError):
                await smsc.expect(lambda: all(smsc.phone(one).received for one in last), DRAIN_SECONDS)
            breaker = await _breaker(folder)
        waits = sorted((smsc.phone(one).received[0].at_ms - at_ms) / 1000 for one, at_ms in last.items() if smsc.phone(one).received)
        return Figures(waits, _stored(folder, min(last.values())), len(last) - len(waits), breaker)


@contextlib.asynccontextmanager
async def _core(case: Case) -> AsyncIterator[str]:
    """The address of a core that answers so, or of a port where nobody listens."""
    if case.answers is None:
        with socket.socket() as taken:  # bound and not listening: nobody else gets the port, and every connection is refused
            taken.bind((HERE, 0))
            yield f"http://{HERE}:{taken.getsockname()[1]}"
        return
    wait = case.answers
    core = CoreSimulator(token=TOKEN, delay=lambda: wait)
    yield await core.start()
    await core.stop()


@contextlib.asynccontextmanager
async def _gateway(folder: Path, base: str) -> AsyncIterator[Simulator]:
    """A gateway in a process of its own, bound to a simulated operator."""
    clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc = Simulator(SimulatorSettings(receipts=False, window=1000), clocks, Random(SEED))
    await smsc.start()
    (folder / "gateway.toml").write_text(GATEWAY.format(core=base), encoding="utf-8")
    (folder / "operators.toml").write_text(OPERATOR.format(address=smsc.address), encoding="utf-8")
    running = (sys.executable, "-m", "gateway.cli", "run", "--config", str(folder / "gateway.toml"))
    process = await asyncio.create_subprocess_exec(*running, env=_environment())
    try:
        await smsc.expect_binds(2, 60)
        yield smsc
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await process.wait()
        await smsc.stop()


def _environment() -> dict[str, str]:
    return surroundings(bytes(range(32))) | {"LAPOR_CORE_TOKEN": TOKEN}


async def _open_the_breaker(folder: Path, smsc: Simulator) -> None:
    """A few early SMS find out that nobody is there."""
    async with asyncio.timeout(BREAKER_SECONDS_MAX):
        for number in range(10):
            await smsc.send_mo(f"62810{number:08d}", SHORT.format(number=900_000 + number))
        while await _breaker(folder) != BreakerState.OPEN:  # each look is a process of its own, so it has its pauses
            pass


async def _breaker(folder: Path) -> str:
    """As `lapor-gateway status` has it."""
    _, _, said = await run(folder, ("status", "--json"), _environment())
    return str(json.loads(said)["filing"]["breaker"])


async def _send(smsc: Simulator, count: int, rate: float) -> dict[str, int]:
    """`count` citizens, one SMS each, evenly; by number the time at which the last octet of it left the operator, UTC ms."""
    last: dict[str, int] = {}
    began = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        text = (LONG if number % 2 else SHORT).format(number=number)
        citizen = f"62811{number:08d}"
        smsc.post_mo(citizen, text)
        last[citizen] = smsc.phone(citizen).sent[-1].at_ms
    return last


def _stored(folder: Path, since_ms: int) -> list[float]:
    """Seconds from the last part received to the operator's yes to our submit_sm, as the journal has them."""
    journal = next((folder / "state").glob("**/journal*.db"))
    connection = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = connection.execute(
            "SELECT r.settled_ms - m.received_ms FROM reply AS r JOIN message AS m ON m.id = r.message"
            " WHERE r.state = 'sent' AND r.kind IN ('receipt', 'receipt_filed') AND m.received_ms >= ?",
            (since_ms,),
        ).fetchall()
    finally:
        connection.close()
    return sorted(int(str(milliseconds)) / 1000 for (milliseconds,) in rows)


def main() -> None:
    """Print a line per case; ends with 1 where the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=SECONDS)
    options.add_argument("--rate", type=float, default=RATE)
    given, _ = options.parse_known_args()
    print(header("receipts", SEED), flush=True)
    print(f"{'case':<28}{'receipts':>9}{'p50 s':>8}{'p99 s':>8}{'max s':>8}{'none':>6}{'journal p99 s':>15}  breaker at the end")
    missed = False
    for case in CASES:
        found = asyncio.run(measure(case, given.seconds, given.rate))
        middle, most = share_of(found.seconds, 0.5), share_of(found.seconds, 1.0)
        print(
            f"{case.label:<28}{len(found.seconds):>9}{middle:>8.3f}{found.p99:>8.3f}{most:>8.3f}{found.unanswered:>6}"
            f"{share_of(found.stored, 0.99):>15.3f}  {found.breaker}",
            flush=True,
        )
        missed |= case.answers is None and (found.p99 > GOAL_SECONDS or bool(found.unanswered))
    print(f"goal: p99 at most {GOAL_SECONDS:.0f} s with the core down: {'MISSED' if missed else 'held'}")
    if missed:
        sys.exit(1)


if __name__ == "__main__":
    main()
