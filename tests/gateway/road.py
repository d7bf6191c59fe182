"""The whole road in one process: simulated operators and core, and a real gateway with a real journal between them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import TOKEN, CoreSimulator
from gateway import settings, tables
from gateway.app import Gateway
from gateway.notify import Notifier
from gateway.secrets import Secrets

SECRETS = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(), "LAPOR_CORE_TOKEN": TOKEN}

GATEWAY = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
lookup_url = "{core}/api/stream/lookup?nomor={{number}}"
answer_seconds = 2.0
connect_seconds = 1.0
[dispatch]
look_up_first_seconds = 0.1
look_up_most_seconds = 0.5
absent_settling_seconds = 0.1
poll_seconds = 0.05
probe_first_seconds = 0.2
[journal]
free_octets_min = 0
[replies]
receipt_wait_seconds = {wait}
[conversation]
ask = false
[guard]
machine_seconds = 0.0
[http]
port = 0
"""
OPERATOR = """\
[[operator]]
name = "{name}"
hosts = ["{address}"]
system_id = "lapor1708"
binds = [{{ name = "trx", count = 2 }}]
[operator.mt]
rate_per_second = 1000
[operator.reconnect]
first_seconds = 0.05
most_seconds = 0.2
apart_seconds = 0.05
already_bound_seconds = 0.1
"""


def clocks() -> Clocks:
    """Real time."""
    return Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)


class Road:
    """Peers that outlive the gateway, and a gateway that can be stopped and started."""

    def __init__(
        self, folder: Path, *, wait: float = 10.0, operators: tuple[str, ...] = ("satu",), asks: bool = False, machine_seconds: float = 0.0
    ) -> None:
        """`asks`: citizens are asked back; `machine_seconds`: as of [guard], off because tests write as fast as machines."""
        self.folder = folder
        self._wait = wait
        self._toml = {"ask = false": f"ask = {str(asks).lower()}", "machine_seconds = 0.0": f"machine_seconds = {machine_seconds}"}
        self.operators = {name: Simulator(SimulatorSettings(name=name, retry_seconds=(0.1,)), clocks(), Random(1)) for name in operators}
        self.core = CoreSimulator()
        self.gateway: Gateway | None = None

    @property
    def operator(self) -> Simulator:
        """The first operator."""
        return next(iter(self.operators.values()))

    @contextlib.asynccontextmanager
    async def peers(self) -> AsyncIterator[Road]:
        """Operators and core listen."""
        for simulator in self.operators.values():
            await simulator.start()
        base = await self.core.start()
        toml = GATEWAY.format(core=base, wait=self._wait)
        for line, other in self._toml.items():
            toml = toml.replace(line, other)
        (self.folder / "gateway.toml").write_text(toml, encoding="utf-8")
        tomls = [OPERATOR.format(name=name, address=simulator.address) for name, simulator in self.operators.items()]
        (self.folder / "operators.toml").write_text("\n".join(tomls), encoding="utf-8")
        try:
            yield self
        finally:
            for simulator in self.operators.values():
                await simulator.stop()
            await self.core.stop()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        """A gateway that is bound everywhere; stopped in order at the end."""
        site = settings.load(self.folder / "gateway.toml", Secrets(SECRETS), {})
        gateway = self.gateway = Gateway(site, tables.load(site), Notifier({}))
        running = asyncio.create_task(gateway.run())
        try:
            for simulator in self.operators.values():
                await simulator.expect_binds(2)
            yield gateway
        finally:
            gateway.stop()
            async with asyncio.timeout(20):
                await running

    async def until(self, met: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds):
            while not met():
                await asyncio.sleep(0.01)
