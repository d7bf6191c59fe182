"""The demo's stage: simulated operators, core and X here, and the real gateway in a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Self

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from adapters.x.simulator import XSimulator
from adapters.x.world import World
from forwarder.core.simulator import CoreSimulator, Fault
from gateway import control
from gateway.settings import SOCKET
from parsers.errors import GatewayError

OPERATORS = ("telkomsel", "indosat")
TOKEN = "{DEMO0000-0000-0000-0000-000000000000}"  # noqa: S105 - the simulated core's
START_SECONDS = 20.0

GATEWAY_TOML = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
lookup_url = "{core}/api/stream/lookup?nomor={{number}}"
answer_seconds = 5.0
connect_seconds = 2.0
[dispatch]
look_up_first_seconds = 0.5
look_up_most_seconds = 1.0
absent_settling_seconds = 0.5
poll_seconds = 0.2
[journal]
free_octets_min = 0
[http]
port = 0
[x]
enabled = true
user_id = "{account}"
server = "127.0.0.1:{port}"
ca = "{ca}"
mentions_seconds = 0.5
search_seconds = 1.0
[log]
level = "ERROR"
"""
OPERATOR_TOML = """\
[[operator]]
name = "{name}"
hosts = ["{address}"]
system_id = "lapor1708"
binds = [{{ name = "trx", count = 2 }}]
[operator.reconnect]
first_seconds = 0.2
most_seconds = 1.0
apart_seconds = 0.2
already_bound_seconds = 0.5
"""


class Stage:
    """Everything the play needs; `set_up` builds it and takes it down again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slow_seconds = 0.0  # how long the core thinks before it answers: time for a kill in mid-flight
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.operators = {
            name: Simulator(SimulatorSettings(name=name, retry_seconds=(0.3, 0.6, 1.0)), clocks, Random(1)) for name in OPERATORS
        }
        self.core = CoreSimulator(self._choose, token=TOKEN, hang_seconds=1.0)
        self.world = World(clocks.wall, Random(1))
        self.x = XSimulator(self.world)
        self.gateway: asyncio.subprocess.Process | None = None
        self.events: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        login = self.x.credentials
        self._environment = {
            **os.environ,
            "LAPOR_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "LAPOR_CORE_TOKEN": TOKEN,
            "LAPOR_X_BEARER": login.bearer,
            "LAPOR_X_CONSUMER_KEY": login.consumer_key,
            "LAPOR_X_CONSUMER_SECRET": login.consumer_secret,
            "LAPOR_X_ACCESS_TOKEN": login.access_token,
            "LAPOR_X_ACCESS_SECRET": login.access_secret,
        }
        self.posted = 0
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def set_up(cls) -> AsyncIterator[Self]:
        """Operators and core listen, the gateway runs and is bound."""
        with tempfile.TemporaryDirectory(prefix="lapor-demo-") as folder:
            stage = cls(Path(folder))
            try:
                await stage._build()
                await stage.start_gateway()
                yield stage
            finally:
                await stage._take_down()

    @property
    def sent(self) -> int:
        """Texts that citizens sent and the gateway said yes to, long ones counted once; and posts on X."""
        phones = [phone for operator in self.operators.values() for phone in operator.phones.values()]
        return sum(1 for phone in phones for bubble in phone.sent if bubble.kept) + self.posted

    @property
    def filed(self) -> int:
        """Complaints the core has, each counted once."""
        return len(self.core.stored)

    @property
    def doubled(self) -> int:
        """Complaints the core has twice."""
        return len(self.core.doubled)

    async def elsewhere(self) -> dict[str, int]:
        """Messages the gateway has that are not at the core and need not be: commands, repetitions, what waits for a person."""
        found: Any = await control.call(self.folder / "state" / SOCKET, "status")
        holds = found["holds"]
        complaints = holds["complaints"]
        others = {
            name: complaints.get(state, 0) for state, name in (("duplicate", "repeated"), ("held", "on the desk"), ("parked", "parked"))
        }
        return {**others, "commands": holds["messages"] - sum(complaints.values())}

    def post(self, handle: str, text: str) -> int:
        """Somebody writes on X; the post's id."""
        self.posted += 1
        return self.world.write(self.world.user(handle), text).id

    def answers(self, post_id: int) -> list[str]:
        """What our account answered there."""
        return [reply.text for reply in self.world.replies if reply.reply_to == post_id]

    async def start_gateway(self) -> None:
        """Start the gateway's process and wait until its binds are up; GatewayError when it does not come."""
        self.gateway = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.cli", "run", "--config", str(self.folder / "gateway.toml"), env=self._environment
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                for operator in self.operators.values():
                    await operator.expect_binds(2, START_SECONDS)
                while not (self.folder / "state" / SOCKET).exists():  # noqa: ASYNC110 - another process makes it
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise GatewayError("the gateway did not come up; its own words are above") from None
        self._watching = asyncio.create_task(self._watch(), name="demo watches")
        await asyncio.sleep(0.1)

    async def kill_gateway(self) -> None:
        """SIGKILL: no warning, no cleaning up."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self.gateway is not None and self.gateway.returncode is None:
            self.gateway.send_signal(how)
            try:
                async with asyncio.timeout(10):
                    await self.gateway.wait()
            except TimeoutError:
                self.gateway.kill()
                await self.gateway.wait()

    async def _watch(self) -> None:
        with contextlib.suppress(GatewayError):
            async for event in control.stream(self.folder / "state" / SOCKET, "watch"):
                if isinstance(event, dict):
                    self.events.put_nowait(dict(event))

    def _choose(self) -> Fault:
        return Fault.HANG_AFTER if self.slow_seconds else Fault.OK

    async def _build(self) -> None:
        for operator in self.operators.values():
            await operator.start()
        core = await self.core.start()
        await self.x.start()
        ca = self.folder / "ca.pem"
        ca.write_bytes(self.x.ca_pem)
        settings = GATEWAY_TOML.format(core=core, account=self.world.account.id, port=self.x.port, ca=ca)
        (self.folder / "gateway.toml").write_text(settings, encoding="utf-8")
        tables = [OPERATOR_TOML.format(name=name, address=operator.address) for name, operator in self.operators.items()]
        (self.folder / "operators.toml").write_text("\n".join(tables), encoding="utf-8")

    async def _take_down(self) -> None:
        await self._end(signal.SIGTERM)
        for operator in self.operators.values():
            await operator.stop()
        await self.core.stop()
        await self.x.stop()
