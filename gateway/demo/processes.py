"""The processes of a play: gateways, workers, Redis, peers. None ends unnoticed, and none outlives the play, however that ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from parsers.errors import GatewayError

LEASH = (sys.executable, "-I", "-S", str(Path(__file__).with_name("leash.py")))
STOP_SECONDS = 15.0  # for an orderly end; then SIGKILL


class Processes:
    """Starts and stops them by name; `watched` makes one and takes everything down again."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._running: dict[str, asyncio.subprocess.Process] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def watched(cls) -> AsyncIterator[Self]:
        """Inside, a process that ends unasked ends the block, with a GatewayError that says which one and how."""
        try:
            async with asyncio.TaskGroup() as group:
                processes = cls(group)
                try:
                    yield processes
                finally:
                    await processes.stop(*processes.pids)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the first cause; what came after followed from it

    @property
    def pids(self) -> dict[str, int]:
        """Name to pid of what runs, in the order of starting."""
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, quiet: bool = False) -> None:
        """Start a command under a name that is free. It has no keyboard, and no ear for Ctrl-C, which is the play's; `quiet`: no screen."""
        self._running[name] = process = await asyncio.create_subprocess_exec(
            *LEASH,
            str(os.getpid()),
            *command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            process_group=0,
        )
        self._group.create_task(self._watch(name, process), name=f"watch {name}")

    async def stop(self, *names: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End these at once, and wait until they are gone; names that do not run are passed over."""
        asked = [self._running.pop(name) for name in names if name in self._running]
        await asyncio.gather(*(_end(process, how) for process in asked))

    async def _watch(self, name: str, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if self._running.get(name) is process:
            raise GatewayError(f"{name} (pid {process.pid}) {fate(code)}; what it had to say is above")


def fate(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended by itself with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


async def _end(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(how)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
