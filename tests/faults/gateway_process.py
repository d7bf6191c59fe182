"""A gateway in a process of its own for the fault tests: settings written, started, ended; optionally under another program.

`planted` runs it with a fault of ours put in, to show that a check would notice; the product itself has no such switch.
"""

from __future__ import annotations

import asyncio
import base64
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from adapters.smpp.simulator import Simulator
from forwarder.core.simulator import TOKEN

GATEWAY = """\
[house]
state = "state"
[core]
url = "{core}/api/stream/addstream"
[dispatch]
window_max = {window}
window_start = {window}
unknown_max = 10000
poll_seconds = 0.2
[replies]
enabled = false
[journal]
free_octets_min = 0
[http]
port = 0
[log]
level = "ERROR"
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
"""
ACK_FIRST = """
import asyncio
from adapters.channel import Answer
from gateway import cli, intake
kept = intake.FrontDesk.accept
async def accept(self, batch):
    self._planted = asyncio.ensure_future(kept(self, batch))
    return [Answer.KEPT] * len(batch)
intake.FrontDesk.accept = accept
raise SystemExit(cli.main())
"""
"""Says yes before the journal has it."""


ENVIRONMENT = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": TOKEN}


class GatewayProcess:
    """One gateway that can be killed and started again on the same state."""

    def __init__(self, folder: Path, smsc: Simulator, *, window: int = 16, binds: int = 2) -> None:
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None
        self._smsc = smsc
        self._window = window
        self._binds = binds

    @property
    def state(self) -> Path:
        """Where journal and control socket are."""
        return self.folder / "state"

    def write(self, core: str) -> None:
        """Write its settings."""
        (self.folder / "gateway.toml").write_text(GATEWAY.format(core=core, window=self._window), encoding="utf-8")
        (self.folder / "operators.toml").write_text(OPERATOR.format(address=self._smsc.address, binds=self._binds), encoding="utf-8")

    async def start(self, *under: str, planted: str = "") -> None:
        """Start it, under another program if one is given, and wait for its binds."""
        program = ("-c", planted) if planted else ("-m", "gateway.cli")
        command = (*under, sys.executable, *program, "run", "--config", str(self.folder / "gateway.toml"))
        self.process = await asyncio.create_subprocess_exec(*command, env=ENVIRONMENT)
        await self._smsc.expect_binds(self._binds, 30)

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
