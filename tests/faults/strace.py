"""strace(1) on a gateway that runs: it is attached when the gateway is ready, so that calls are counted from there on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

ATTACH_SECONDS = 10.0


@functools.cache
def missing() -> str | None:
    """Why strace cannot be used here; None when it can."""
    if shutil.which("strace") is None:
        return "needs strace: apt-get install strace"
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        command = ["strace", "-f", "-o", "/dev/null", "-p", str(sleeper.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=ATTACH_SECONDS)
    finally:
        sleeper.kill()
        sleeper.communicate()
    return None if "attached" in said else f"strace may not look at other processes here: {said.strip()}"


@contextlib.asynccontextmanager
async def attached(pid: int, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """strace on every thread of a process as long as the block lasts; RuntimeError when it does not attach."""
    command = ("strace", "-f", "-o", "/dev/null", *options, "-p", str(pid))
    tracer = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert tracer.stderr is not None
    try:
        async with asyncio.timeout(ATTACH_SECONDS):
            said = (await tracer.stderr.readline()).decode("utf-8", "replace")
        if "attached" not in said:
            raise RuntimeError(f"strace: {said.strip()}")
        yield tracer
    finally:
        if tracer.returncode is None:
            tracer.send_signal(signal.SIGINT)
        async with asyncio.timeout(ATTACH_SECONDS):
            await tracer.communicate()
