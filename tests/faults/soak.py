"""Fifty messages a second and a fault every few seconds: what grows, what lags, what is lost (RELIABILITY §4 E4).

usage: python -m tests.faults soak --minutes 120

The gateway runs in Python's development mode; an exception that nobody looked at, a coroutine that nobody awaited or a file that nobody
closed is a failure. Growth is a line fitted through the last third of the samples: the journal's caches fill for some 17,000 messages, and
then it is flat. A short run cannot tell 1 MB an hour from noise, so what it may grow in all has a floor.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
import psutil

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import LOOK_UP, STREAM, CoreSimulator, Fault, Stored, seeded
from gateway import control
from gateway.settings import SOCKET
from tests.faults.figures import percentile
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Verdict, judge
from tests.faults.length import pick
from tests.faults.record import record

BUDGET_SECONDS = 450
SEED = 20261128
MINUTES = pick(2.0, 8.0)  # a night has no more room; --minutes 120 for a release
PER_SECOND = 50.0
SAMPLE_SECONDS = 0.5
COLD_SECONDS_MIN = 30.0  # a shorter soak is a test of the soak, and starts once
FAULT_SECONDS = (3.0, 10.0)
CORE_FAULTY_SHARE = 0.02
CORE_AWAY_SECONDS = (2.0, 8.0)
CORE_CALM_SECONDS = 90.0  # after a core that was away: a probe, and the backlog
SLOPE_OCTETS_PER_HOUR_MAX = 2**20
GROWTH_OCTETS_FLOOR = 12 * 2**20  # what a run shorter than an hour may show without a leak: caches and the allocator's pages
FILES_GROWTH_MAX = 8  # connections that happen to be open
QUIET_SECONDS = 600.0
LIMITS = {"lag_p99_ms": 50.0, "accept_p99_ms": 100.0, "filed_p99_s": 5.0, "cold_start_s": 5.0}
"""RELIABILITY §1 #20."""
COMPLAINS = re.compile(r"never retrieved|never awaited|ResourceWarning|unclosed|Traceback")
PLANTED = """
import asyncio
from gateway import app, cli
kept = app.Gateway._pulse
hoard = []
async def fails():
    raise ZeroDivisionError("planted")
async def pulse(self):
    async def leak():
        while True:
            hoard.append(b"x" * 2**20)
            asyncio.ensure_future(fails())
            await asyncio.sleep(0.1)
    self._planted = asyncio.ensure_future(leak())
    await kept(self)
app.Gateway._pulse = pulse
raise SystemExit(cli.main())
"""
"""Planted: memory that only grows, and exceptions that nobody looks at."""


@dataclass(slots=True)
class Found:
    """What the gateway did over the time."""

    seconds: float = 0.0
    cold_start_seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[float, int, int, int]] = field(default_factory=list)
    """Seconds, octets of memory, files, threads."""
    lags: list[float] = field(default_factory=list)
    accepts: list[float] = field(default_factory=list)
    filed: list[float] = field(default_factory=list)
    """Seconds from yes to the core, for what was accepted while the core was well."""
    complaints: list[str] = field(default_factory=list)
    """Lines of the log that are a failure."""
    verdict: Verdict | None = None

    @property
    def settled(self) -> list[tuple[float, int, int, int]]:
        return self.samples[len(self.samples) * 2 // 3 :]

    @property
    def slope(self) -> float:
        """Octets an hour."""
        return fitted([(at, float(octets)) for at, octets, *_ in self.settled]) * 3600

    @property
    def files_growth(self) -> int:
        return _growth([files for *_, files, _threads in self.settled])

    @property
    def threads_growth(self) -> int:
        return _growth([threads for *_, threads in self.settled])

    @property
    def good(self) -> bool:
        grown = self.slope * self.seconds / 3600
        flat = grown <= max(GROWTH_OCTETS_FLOOR, SLOPE_OCTETS_PER_HOUR_MAX * self.seconds / 3600)
        steady = flat and self.files_growth <= FILES_GROWTH_MAX and self.threads_growth <= 1
        return steady and not self.complaints and self.verdict is not None and self.verdict.good


def fitted(points: list[tuple[float, float]]) -> float:
    """The slope of the line through these points (least squares)."""
    if len(points) < 2:
        return 0.0
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def _growth(values: list[int]) -> int:
    """Between the middles of the first and the last quarter: a moment's peak is none."""
    quarter = max(1, len(values) // 4)
    return sorted(values[-quarter:])[quarter // 2] - sorted(values[:quarter])[quarter // 2] if values else 0


class TimedLoad(Load):
    """A load that remembers when each text got its yes."""

    def __init__(self, simulator: Simulator, settings: LoadSettings) -> None:
        super().__init__(simulator, settings)
        self.yes: dict[str, float] = {}

    def _answered(self, number: int, status: int, now: float) -> None:
        if status == 0:
            self.yes.setdefault(self.text_of(number), now)
        super()._answered(number, status, now)


class DevelopmentGateway(GatewayProcess):
    """A gateway in development mode, with its log in a file and a look-up at the core."""

    port = 0

    def write(self, core: str) -> None:
        super().write(core)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        file = self.folder / "gateway.toml"
        text = file.read_text(encoding="utf-8").replace("port = 0", f"port = {self.port}")
        look_up = f'{STREAM}"\nlookup_url = "{core}{LOOK_UP}?nomor={{number}}"\nanswer_seconds = 3.0\nconnect_seconds = 1.0'
        look_ups = "look_up_first_seconds = 2.0\nlook_up_most_seconds = 5.0\nabsent_settling_seconds = 5.0\nprobe_first_seconds = 1.0\n"
        text = text.replace(f'{STREAM}"', look_up).replace("[dispatch]\n", f"[dispatch]\n{look_ups}probe_most_seconds = 5.0\n")
        file.write_text(text, encoding="utf-8")

    async def start(self, *under: str, planted: str = "") -> None:
        """As always, but in development mode and with the log kept."""
        dev = ("env", "PYTHONDEVMODE=1", f"PATH={os.environ['PATH']}")
        log = str(self.folder / "log")
        await super().start("sh", "-c", f'exec "$@" 2>>{log}', "sh", *dev, *under, planted=planted)


class Soak:
    """Peers, their faults, the gateway, and what is measured of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.found = Found()
        self.trouble_until = 0.0
        self.clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        settings = SimulatorSettings(receipts=False, retry_seconds=(0.2,), response_seconds=5.0)
        self.smsc = Simulator(settings, self.clocks, self.random)
        menu = (Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.BUSY, Fault.GATEWAY, Fault.CUT, Fault.ERROR_BEFORE, Fault.EMPTY, Fault.HTML)
        self.usual = seeded(self.random, CORE_FAULTY_SHARE, menu)
        self.core = CoreSimulator(self.usual, told=self._told)
        self.gateway = DevelopmentGateway(folder, self.smsc, window=32)
        self.load = TimedLoad(self.smsc, LoadSettings(count=100_000_000, rate=PER_SECOND))
        self.at_core: dict[str, float] = {}
        self.in_trouble: list[tuple[float, float]] = []

    async def run(self, seconds: float, *, planted: str = "") -> Found:
        """So long, then until all is quiet."""
        found = self.found
        await self.smsc.start()
        self.gateway.write(await self.core.start())
        try:
            if seconds >= COLD_SECONDS_MIN:
                await self._cold_start()
            await self.gateway.start(planted=planted)
            began = time.monotonic()
            tasks = [asyncio.ensure_future(one) for one in (self.load.run(), self._sample(), self._spoil())]
            await asyncio.sleep(seconds)
            found.seconds = time.monotonic() - began
            for task in tasks[1:]:
                task.cancel()
            self.core.choose, self.core.healthy = self.usual, True
            self.smsc.faults.clear()
            self.load.stop()
            await tasks[0]
            await self._quiet()
            desk = [(await self._ask("desk show", number=row["number"]))["text"] for row in await self._waiting()]
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()
        self._judge(desk)
        return found

    async def _cold_start(self) -> None:
        """As in production: no development mode."""
        plain, began = GatewayProcess(self.gateway.folder, self.smsc, window=32), time.monotonic()
        await plain.start()
        self.found.cold_start_seconds = time.monotonic() - began
        await plain.end()
        await self.smsc.expect_binds(0)

    async def _sample(self) -> None:
        assert self.gateway.process is not None
        process, began = psutil.Process(self.gateway.process.pid), time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, psutil.Error):
                    row = (process.memory_info().rss, process.num_fds(), process.num_threads())
                    self.found.samples.append((time.monotonic() - began, *row))
                    async with session.get(f"http://127.0.0.1:{self.gateway.port}/metrics") as answer:
                        page = await answer.text()
                    self.found.lags += [float(one) for one in re.findall(r"^lapor_loop_lag_seconds (\S+)", page, re.MULTILINE)]
                await asyncio.sleep(SAMPLE_SECONDS)

    async def _spoil(self) -> None:
        faults = self.smsc.faults
        menu: dict[str, Callable[[], object]] = {
            "drop": lambda: [bind.drop() for bind in self.smsc.bound[:1]],
            "unbind": lambda: [bind.unbind() for bind in self.smsc.bound[-1:]],
            "duplicate": lambda: setattr(faults, "duplicate_next", 5),
            "redeliver": lambda: setattr(faults, "redeliver_next", 5),
            "broken tlv": lambda: setattr(faults, "broken_tlv_next", True),
            "stall": lambda: setattr(faults, "stall_next", True),
        }
        while True:
            await asyncio.sleep(self.random.uniform(*FAULT_SECONDS))
            name = self.random.choice([*menu, "core away", "core hangs"])
            self.found.faults[name] += 1
            if name in menu:
                menu[name]()
            else:
                await self._core_away(Fault.BUSY if name == "core away" else Fault.HANG_AFTER)

    async def _core_away(self, fault: Fault) -> None:
        began = time.monotonic()
        self.core.choose, self.core.healthy = (lambda: fault), False
        await asyncio.sleep(self.random.uniform(*CORE_AWAY_SECONDS))
        self.core.choose, self.core.healthy = self.usual, True
        self.in_trouble.append((began - 5.0, time.monotonic() + CORE_CALM_SECONDS))

    def _told(self, stored: Stored | None, _fault: Fault) -> None:
        if stored is not None:
            self.at_core.setdefault(stored.text, time.monotonic())

    async def _quiet(self) -> None:
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            held = (await self._ask("status"))["holds"]["complaints"]
            if not any(held.get(state) for state in ("ready", "sending", "unknown")):
                return
            await asyncio.sleep(0.5)

    async def _waiting(self) -> list[dict[str, str]]:
        return (await self._ask("desk list", limit=10_000))["waiting"]  # type: ignore[no-any-return]

    async def _ask(self, verb: str, **args: object) -> dict[str, object]:
        return await control.call(self.gateway.state / SOCKET, verb, **args)

    def _judge(self, desk: list[str]) -> None:
        found, load = self.found, self.load
        found.accepts = load.report.latencies
        for text, at in load.yes.items():
            if text in self.at_core and not any(begin <= at <= end for begin, end in self.in_trouble):
                found.filed.append(self.at_core[text] - at)
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        sent, accepted = ([load.text_of(number) for number in numbers] for numbers in (range(load.offered), load.report.accepted))
        found.verdict = judge(sent, accepted, core, desk)
        log = (self.gateway.folder / "log").read_text(encoding="utf-8", errors="replace")
        found.complaints = [line for line in log.splitlines() if COMPLAINS.search(line)]


def run(folder: Path, seconds: float, *, planted: str = "") -> Found:
    """One soak."""

    async def story() -> Found:
        return await Soak(folder, SEED).run(seconds, planted=planted)

    return asyncio.run(story())


def main() -> bool:
    """So many minutes; prints the figures."""
    minutes = float(os.environ.get("MINUTES", MINUTES))
    with tempfile.TemporaryDirectory(prefix="lapor-soak-") as folder:
        found = run(Path(folder), minutes * 60)
    for line in found.complaints[:10]:
        print(f"log: {line}")
    print(found.verdict)
    figures = {
        "lag_p99_ms": percentile(found.lags, 0.99) * 1000,
        "accept_p99_ms": percentile(found.accepts, 0.99) * 1000,
        "filed_p99_s": percentile(found.filed, 0.99),
        "cold_start_s": found.cold_start_seconds,
    }
    record(
        "soak",
        seed=SEED,
        minutes=found.seconds / 60,
        accepted=found.verdict.accepted if found.verdict else 0,
        faults=found.faults.total(),
        lost=len(found.verdict.lost) if found.verdict else -1,
        doubled=len(found.verdict.doubled) if found.verdict else -1,
        rss_slope_mb_per_hour=found.slope / 2**20,
        rss_mb=found.samples[-1][1] / 2**20 if found.samples else 0,
        files_growth=found.files_growth,
        threads_growth=found.threads_growth,
        complaints=len(found.complaints),
        **figures,
    )
    over = [f"{name} {figures[name]:.3g} > {limit:g}" for name, limit in LIMITS.items() if figures[name] > limit]
    if over:
        print(f"above the goals: {', '.join(over)}")
    return found.good and not over


if __name__ == "__main__":
    sys.exit(not main())
