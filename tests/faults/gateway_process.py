"""A gateway in a process of its own for the fault tests: settings written, started, ended; optionally under another program.

`planted` runs it with a fault of ours put in (plants.py), to show that a check would notice; the product itself has no such switch.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from adapters.smpp.simulator import Simulator
from forwarder.core.simulator import TOKEN
from gateway import control
from gateway.settings import SOCKET
from parsers.errors import GatewayError

GATEWAY = """\
[house]
state = "{state}"
[core]
url = "{core}/api/stream/addstream"
[dispatch]
window_max = {window}
window_start = {window}
unknown_max = 10000
poll_seconds = 0.2
[replies]
enabled = {replies}
receipt_wait_seconds = 0.5
[journal]
free_octets_min = {free}
retry_seconds = {retry}
[http]
port = {port}
[log]
level = "{level}"
style = "{style}"
"""
OPERATOR = """\
[[operator]]
name = "faults"
hosts = ["{address}"]
system_id = "lapor1708"
binds = [{{ name = "trx", count = {binds} }}]
[operator.reconnect]
first_seconds = 0.05
most_seconds = 0.2
apart_seconds = 0.05
already_bound_seconds = 0.1
[operator.mt]
rate_per_second = 1000
"""
STALE_SECONDS = 5.0
START_SECONDS = 60.0  # Ours: a shared machine may be slow, a test must not fail for it.

ENVIRONMENT = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": TOKEN}


class GatewayProcess:
    """One gateway that can be killed and started again on the same state."""

    def __init__(
        self,
        folder: Path,
        smsc: Simulator,
        *,
        window: int = 16,
        binds: int = 2,
        replies: bool = False,
        state: Path | None = None,
        free: int = 0,
        retry: float = 1.0,
        port: int = 0,
        level: str = "ERROR",
        log: IO[bytes] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.state = folder / "state" if state is None else state
        """Where journal and control socket are."""
        self.process: asyncio.subprocess.Process | None = None
        self.replies = replies
        self._smsc = smsc
        self._binds = binds
        self._log = log
        self._environment = environment or {}
        self._settings = {"window": window, "replies": str(replies).lower(), "free": free, "retry": retry, "port": port}
        self._settings |= {"level": level, "style": "readable" if log is None else "json"}

    def write(self, core: str) -> None:
        """Write its settings."""
        settings = GATEWAY.format(core=core, state=self.state, **self._settings)
        (self.folder / "gateway.toml").write_text(settings, encoding="utf-8")
        (self.folder / "operators.toml").write_text(OPERATOR.format(address=self._smsc.address, binds=self._binds), encoding="utf-8")

    async def start(self, *under: str, planted: str = "") -> None:
        """Start it, under another program if one is given, and wait for its binds."""
        await self.launch(*under, planted=planted)
        await self._smsc.expect_binds(self._binds, START_SECONDS)

    async def launch(self, *under: str, planted: str = "") -> None:
        """Start it and wait for nothing: it may not live long enough."""
        if self.process is not None:  # the binds of the one that died are no sign of life of this one
            with contextlib.suppress(TimeoutError):
                await self._smsc.expect_binds(0, STALE_SECONDS)
        program = ("-c", planted) if planted else ("-m", "gateway.cli")
        command = (*under, sys.executable, *program, "run", "--config", str(self.folder / "gateway.toml"))
        self.process = await asyncio.create_subprocess_exec(*command, env={**ENVIRONMENT, **self._environment}, stderr=self._log)

    async def command(self, *words: str) -> str:
        """Give a command with the gateway's own settings; what it said. AssertionError with its words when it failed."""
        command = (sys.executable, "-m", "gateway.cli", *words, "--config", str(self.folder / "gateway.toml"))
        process = await asyncio.create_subprocess_exec(*command, env=ENVIRONMENT, stdout=PIPE, stderr=PIPE)
        async with asyncio.timeout(120):
            said, wrong = await process.communicate()
        assert process.returncode == 0, wrong.decode()
        return said.decode()

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait until it is gone."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(how)
            async with asyncio.timeout(60):
                await self.process.wait()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.returncode is None

    async def answers(self) -> bool:
        """Whether it runs, asked of itself: its death may not be known here yet. One that does not answer is ended."""
        try:
            await self.ask("status")
        except (GatewayError, OSError):
            await self.end(signal.SIGKILL)
            return False
        return True

    @property
    def pid(self) -> int:
        """The running process."""
        assert self.process is not None
        return self.process.pid

    async def ask(self, verb: str, **args: object) -> dict[str, object]:
        """One command through its control socket."""
        return await control.call(self.state / SOCKET, verb, **args)
