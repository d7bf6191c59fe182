"""The demo's stage: simulated operators, core and X in this process, and the real gateway in one of its own, to be killed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from adapters.x.simulated_login import Credentials
from adapters.x.simulator import XSimulator
from adapters.x.world import World
from forwarder.core.simulator import TOKEN, CoreSimulator
from gateway import control
from gateway.demo.peers import Core, Operator, Peers, X, here
from gateway.demo.processes import Processes
from gateway.settings import SOCKET
from gateway.simulate_verbs import CoreVerbs, OperatorVerbs, Pause, XVerbs
from parsers.errors import GatewayError

OPERATORS = ("telkomsel", "indosat")
RETRY_SECONDS = (0.3, 0.6, 1.0)
HANG_SECONDS = 1.0
CA = "ca.pem"
LAPOR = (sys.executable, "-m", "gateway.cli")
START_SECONDS = 60.0  # on a machine with other work; what ends before is noticed at once
LOOK_SECONDS = 0.02

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
server = "{x}"
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
binds = [{{ name = "trx", count = {binds} }}]
[operator.reconnect]
first_seconds = 0.2
most_seconds = 1.0
apart_seconds = 0.2
already_bound_seconds = 0.5
"""


class Stage:
    """Everything the play needs; `set_up` builds it and takes it down again."""

    def __init__(self, folder: Path, processes: Processes, peers: Peers) -> None:
        self.folder = folder
        self.processes = processes
        self.peers = peers
        self.events: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        login = Credentials()
        self.environment = {
            **os.environ,
            "LAPOR_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "LAPOR_CORE_TOKEN": TOKEN,
            "LAPOR_X_BEARER": login.bearer,
            "LAPOR_X_CONSUMER_KEY": login.consumer_key,
            "LAPOR_X_CONSUMER_SECRET": login.consumer_secret,
            "LAPOR_X_ACCESS_TOKEN": login.access_token,
            "LAPOR_X_ACCESS_SECRET": login.access_secret,
        }
        self._watchers: dict[str, asyncio.Task[None]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def set_up(cls) -> AsyncIterator[Self]:
        """Peers listen, the gateway runs and is bound. GatewayError for whatever does not come up, or ends unasked later."""
        with tempfile.TemporaryDirectory(prefix="lapor-demo-") as name:
            folder = Path(name)
            async with Processes.watched() as processes, cls.listening(folder, processes) as peers:
                stage = cls(folder, processes, peers)
                try:
                    await stage.prepare()
                    await stage.start_gateway()
                    yield stage
                finally:
                    await stage.stop_gateway()

    @classmethod
    @contextlib.asynccontextmanager
    async def listening(cls, folder: Path, _processes: Processes) -> AsyncIterator[Peers]:
        """The peers, in this process; the certificate that X shows is trusted by ca.pem."""
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        operators = {name: Simulator(SimulatorSettings(name=name, retry_seconds=RETRY_SECONDS), clocks, Random(1)) for name in OPERATORS}
        pause = Pause()
        core, x = CoreSimulator(delay=pause, hang_seconds=HANG_SECONDS), XSimulator(World(clocks.wall, Random(1)))
        async with contextlib.AsyncExitStack() as stack:
            for operator in operators.values():
                await operator.start()
                stack.push_async_callback(operator.stop)
            base = await core.start()
            stack.push_async_callback(core.stop)
            await x.start()
            stack.push_async_callback(x.stop)
            (folder / CA).write_bytes(x.ca_pem)
            yield Peers(
                {name: Operator(here(OperatorVerbs(operator).verbs())) for name, operator in operators.items()},
                Core(here(CoreVerbs(core, base, pause).verbs())),
                X(here(XVerbs(x).verbs())),
            )

    async def sent(self) -> int:
        """Texts that citizens sent and the gateway said yes to, long ones counted once; and posts on X."""
        return sum([await operator.kept() for operator in self.peers.operators.values()]) + self.peers.x.posted

    async def elsewhere(self) -> Counter[str]:
        """Messages the gateway has that are not at the core and need not be: commands, repetitions, what waits for a person."""
        return await elsewhere(self.folder / "state" / SOCKET)

    async def prepare(self) -> None:
        """Write the gateway's settings."""
        (self.folder / "gateway.toml").write_text(await self.gateway_table(), encoding="utf-8")
        (self.folder / "operators.toml").write_text(await self.operator_tables(binds=2), encoding="utf-8")

    async def start_gateway(self) -> None:
        """Start the gateway's process and wait until its binds are up; GatewayError when it does not come."""
        await self.processes.start("the gateway", self.command("run", self.folder), self.environment)
        await self.until_up({"the gateway": self.folder / "state" / SOCKET}, binds=2)

    async def kill_gateway(self) -> None:
        """SIGKILL: no warning, no cleaning up."""
        await self.processes.stop("the gateway", how=signal.SIGKILL)

    async def stop_gateway(self) -> None:
        """An orderly end."""
        for task in self._watchers.values():
            task.cancel()
        await self.processes.stop("the gateway")

    # ── for every sort of stage ──

    async def gateway_table(self) -> str:
        """gateway.toml, for where the peers are."""
        x, account = await self.peers.x.place()
        return GATEWAY_TOML.format(core=await self.peers.core.address(), account=account, x=x, ca=self.folder / CA)

    async def operator_tables(self, *, binds: int) -> str:
        """operators.toml, with so many binds to each."""
        places = {name: await operator.address() for name, operator in self.peers.operators.items()}
        return "\n".join(OPERATOR_TOML.format(name=name, address=address, binds=binds) for name, address in places.items())

    def command(self, verb: str, folder: Path) -> tuple[str, ...]:
        """`lapor-gateway VERB` with the settings in a folder."""
        return (*LAPOR, verb, "--config", str(folder / "gateway.toml"))

    async def until_up(self, sockets: Mapping[str, Path], *, binds: int) -> None:
        """Wait for gateways, name to socket, and for so many binds of each operator; then hear what they tell."""
        for name, socket in sockets.items():
            await until_answered(name, socket)
        for name, operator in self.peers.operators.items():
            try:
                await operator.expect_binds(binds, START_SECONDS)
            except TimeoutError:
                raise GatewayError(f"{name} has not {binds} binds after {START_SECONDS:.0f} s") from None
        for name, socket in sockets.items():
            if (watcher := self._watchers.get(name)) is None or watcher.done():
                self._watchers[name] = asyncio.create_task(self._watch(socket), name=f"demo watches {name}")
        await asyncio.sleep(0.1)

    async def _watch(self, socket: Path) -> None:
        with contextlib.suppress(GatewayError):
            async for event in control.stream(socket, "watch"):
                if isinstance(event, dict):
                    self.events.put_nowait(dict(event))


async def elsewhere(socket: Path) -> Counter[str]:
    """What one gateway has beside what it files, by kind."""
    found: Any = await control.call(socket, "status")
    holds = found["holds"]
    complaints = holds["complaints"]
    others = {name: complaints.get(state, 0) for state, name in (("duplicate", "repeated"), ("held", "on the desk"), ("parked", "parked"))}
    return Counter({**others, "answers and commands": holds["messages"] - sum(complaints.values())})


async def until_answered(name: str, socket: Path) -> None:
    """Wait until somebody answers there; GatewayError when nobody does in time. An end before that is noticed by its watcher."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(socket):  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise GatewayError(f"{name} did not come up within {START_SECONDS:.0f} s; what it had to say is above") from None


async def _answers(socket: Path) -> bool:
    try:
        await control.call(socket, "status")
    except GatewayError:
        return False
    return True
