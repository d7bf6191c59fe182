"""Floods: one number, one text, and first parts whose rest never comes (RELIABILITY §4 E2). Others must not notice, and nothing is dropped.

The gateway runs in a process of its own; beside each flood twenty others a second write, and their waits for the yes are measured.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from adapters.smpp.parts import Cut
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Mo, Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from gateway import control
from gateway.settings import SOCKET
from tests.faults.figures import percentile
from tests.faults.gateway_process import GatewayProcess
from tests.faults.length import pick
from tests.faults.record import record

BUDGET_SECONDS = 100
SEED = 20261128
COUNT = pick(2_000, 10_000)
PER_SECOND = 167.0
SHORTER = 6  # Of the floods that are no figure of their own, so many times less.
OTHERS_PER_SECOND = 20
OTHERS_SECONDS_MAX = 0.5
ALONE_SECONDS = 3.0  # the others write alone first: what this machine can do
RSS_OCTETS_MAX = 300 * 2**20
SETS_MAX = 2_000
SETS_PER_SENDER_MAX = 20
DRAIN_SECONDS_MAX = 300.0
SETTINGS = f"sets_max = {SETS_MAX}\nsets_per_sender_max = {SETS_PER_SENDER_MAX}\n"
FORGETS = """
from adapters.channel import Answer
from gateway import cli, intake
kept = intake.FrontDesk.accept
async def accept(self, batch):
    mine = [one for one in batch if not getattr(one, "octets", b"").endswith(b"7")]
    answers = iter(await kept(self, mine) if mine else ())
    return [next(answers) if one in mine else Answer.KEPT for one in batch]
intake.FrontDesk.accept = accept
raise SystemExit(cli.main())
"""
"""Planted: some are answered with yes and forgotten."""


@dataclass(slots=True)
class Found:
    """What one flood came to."""

    flood: int = 0
    alone: list[float] = field(default_factory=list)
    """Seconds that each text waited for its yes before the flood."""
    others: list[float] = field(default_factory=list)
    """Seconds that each other citizen's text waited for its yes."""
    accepted: int = 0
    kept: int = 0
    """At the core, held as a flood, or in an open set: nothing else may become of what was accepted."""
    held: int = 0
    rss_octets_max: int = 0
    open_sets: int = 0

    @property
    def good(self) -> bool:
        bounded = self.rss_octets_max <= RSS_OCTETS_MAX and self.open_sets <= SETS_MAX
        return bounded and self.kept == self.accepted > 0 and percentile(self.others, 0.99) <= OTHERS_SECONDS_MAX


class Flood:
    """Peers, the gateway, and who writes."""

    def __init__(self, folder: Path) -> None:
        self.clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.smsc = Simulator(SimulatorSettings(receipts=False), self.clocks, Random(SEED))
        self.core = CoreSimulator()
        self.gateway = GatewayProcess(folder, self.smsc, window=64)
        self.found = Found()
        self._waits: list[asyncio.Task[None]] = []

    async def run(self, writes: Iterator[Callable[[], list[Mo]]], per_second: float, *, planted: str = "") -> Found:
        """Write all of it at this rate, others beside it; then see where everything is."""
        await self.smsc.start()
        self.gateway.write(await self.core.start())
        file = self.gateway.folder / "gateway.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("[journal]\n", f"[journal]\n{SETTINGS}"), encoding="utf-8")
        try:
            await self.gateway.start(planted=planted)
            watching = asyncio.ensure_future(self._watch())
            mos = await self._alone()
            mos += await self._write(writes, per_second)
            await asyncio.wait([*self._waits, *(mo.done for mo in mos)], timeout=DRAIN_SECONDS_MAX)
            accepted = Counter(mo.outgoing.octets for mo in mos if mo.accepted_ms is not None)
            self.found.accepted = accepted.total()
            await self._rest()
            watching.cancel()
        finally:
            await self.gateway.end()
            await self.smsc.stop()
            await self.core.stop()
        return self.found

    async def _alone(self) -> list[Mo]:
        mos: list[Mo] = []
        for number in range(round(ALONE_SECONDS * OTHERS_PER_SECOND)):
            mos += self.smsc.post_mo(f"62814{number:07d}", f"AGAM jalan rusak di muka kantor, nomor {number}")
            self._waits.append(asyncio.ensure_future(self._time(mos[-1], self.found.alone)))
            await asyncio.sleep(1 / OTHERS_PER_SECOND)
        return mos

    async def _write(self, writes: Iterator[Callable[[], list[Mo]]], per_second: float) -> list[Mo]:
        mos: list[Mo] = []
        began, others = time.monotonic(), 0
        for number, write in enumerate(writes):
            mos += write()
            self.found.flood += 1
            while others < (time.monotonic() - began) * OTHERS_PER_SECOND:
                others += 1
                [mo] = self.smsc.post_mo(f"62813{others:07d}", f"AGAM jalan rusak di depan rumah saya, nomor {others}")
                self._waits.append(asyncio.ensure_future(self._time(mo, self.found.others)))
                mos.append(mo)
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        return mos

    async def _time(self, mo: Mo, waits: list[float]) -> None:
        began = time.monotonic()
        await mo.done
        waits.append(time.monotonic() - began)

    async def _watch(self) -> None:
        assert self.gateway.process is not None
        process = psutil.Process(self.gateway.process.pid)
        while True:
            self.found.rss_octets_max = max(self.found.rss_octets_max, process.memory_info().rss)
            await asyncio.sleep(0.5)

    async def _rest(self) -> None:
        """Until everything is filed, but for what waits for its other parts."""
        end, quiet = time.monotonic() + DRAIN_SECONDS_MAX, 0
        while time.monotonic() < end and quiet < 5:
            held = (await control.call(self.gateway.state / SOCKET, "status"))["holds"]
            self.found.open_sets = held["open_sets"]
            self.found.held = held["complaints"].get("held", 0)
            self.found.kept = sum(len(entries) for entries in self.core.stored.values()) + held["open_sets"] + self.found.held
            busy = any(held["complaints"].get(state) for state in ("ready", "sending", "unknown"))
            quiet = 0 if busy or self.found.kept < self.found.accepted else quiet + 5
            if not busy and self.found.kept < self.found.accepted:
                quiet += 1
            await asyncio.sleep(0.3)


def one_number(it: Flood, count: int) -> Iterator[Callable[[], list[Mo]]]:
    """Different texts of one number."""
    for number in range(count):
        yield lambda number=number: it.smsc.post_mo("6281100000001", f"AGAM lampu jalan mati, ini laporan nomor {number}")  # type: ignore[misc]


def one_text(it: Flood, count: int) -> Iterator[Callable[[], list[Mo]]]:
    """One text of as many numbers: a campaign."""
    for number in range(count):
        yield lambda number=number: it.smsc.post_mo(f"62812{number:07d}", "AGAM tolak tambang di nagari kami")  # type: ignore[misc]


def first_parts(it: Flood, count: int) -> Iterator[Callable[[], list[Mo]]]:
    """First parts of long messages, a tenth of them of one number; the others never come."""
    for number in range(count):
        yield lambda number=number: [_first_part(it, number)]  # type: ignore[misc]


def _first_part(it: Flood, number: int) -> Mo:
    sender = "6281100000001" if number % 10 == 0 else f"62812{number:07d}"
    mos = it.smsc._compose(sender, f"AGAM laporan panjang nomor {number} " + "tentang jalan rusak " * 10, Cut(wide=True))
    it.smsc._enqueue(mos[0])
    return mos[0]


FLOODS = {"one_number": one_number, "one_text": one_text, "first_parts": first_parts}


def run(folder: Path, name: str, count: int, *, per_second: float = PER_SECOND, planted: str = "") -> Found:
    """One flood."""

    async def story() -> Found:
        it = Flood(folder)
        return await it.run(FLOODS[name](it, count), per_second, planted=planted)

    return asyncio.run(story())


def main() -> bool:
    """The three floods; prints the figures."""
    good = True
    for name in FLOODS:
        with tempfile.TemporaryDirectory(prefix="lapor-flood-") as folder:
            found = run(Path(folder), name, COUNT if name == "one_number" else COUNT // SHORTER)
        record(
            f"flood_{name}",
            seed=SEED,
            flood=found.flood,
            accepted=found.accepted,
            kept=found.kept,
            held=found.held,
            open_sets=found.open_sets,
            others=len(found.others),
            alone_p99_ms=percentile(found.alone, 0.99) * 1000,
            others_p99_ms=percentile(found.others, 0.99) * 1000,
            rss_mb_max=found.rss_octets_max / 2**20,
        )
        good = good and found.good
    return good


if __name__ == "__main__":
    sys.exit(not main())
