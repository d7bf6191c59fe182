"""The processes of a play: whose end is noticed, and who is left when the play itself is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.demo.processes import Processes, fate
from parsers.errors import GatewayError
from tests.signals import HEEDS_CTRL_C

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
STARTER = """\
import asyncio, os, sys
from gateway.demo.processes import Processes
async def main():
    async with Processes.watched() as processes:
        for name in "ab":
            await processes.start(name, (sys.executable, "-c", "import time; time.sleep(600)"), dict(os.environ))
        print(*processes.pids.values(), flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


def alive(pid: int) -> bool:
    """Whether a process still runs; one that waits only to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def ignores(pid: int, number: signal.Signals) -> bool:
    """Whether a process has said that it does not listen to a signal."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return bool(int(status.partition("SigIgn:")[2].split()[0], 16) >> (number - 1) & 1)


def left(pids: Iterable[int], seconds: float = WAIT_SECONDS) -> list[int]:
    """Which of these still run when so many seconds are over; none as soon as there is none."""
    pids, end = list(pids), time.monotonic() + seconds
    while (found := [pid for pid in pids if alive(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_the_starter_ends_nothing_is_left(how: signal.Signals) -> None:
    with subprocess.Popen(
        [*HEEDS_CTRL_C, sys.executable, "-c", STARTER],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as play:
        assert play.stdout is not None
        pids = [int(word) for word in play.stdout.readline().split()]
        assert [alive(pid) for pid in pids] == [True, True]
        play.send_signal(how)
        play.wait(WAIT_SECONDS)
    assert not left(pids)


@pytest.mark.parametrize(
    ("code", "words"),
    [("import sys; sys.exit(3)", "ended by itself with exit code 3"), ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL")],
)
def test_an_end_that_nobody_asked_for_ends_the_play_with_its_name_and_pid(code: str, words: str) -> None:
    pids: list[int] = []

    async def main() -> None:
        async with asyncio.timeout(WAIT_SECONDS), Processes.watched() as processes:
            await processes.start("other", SLEEPER, ENVIRONMENT)
            await processes.start("core", (sys.executable, "-c", code), ENVIRONMENT)
            pids.extend(processes.pids.values())
            await asyncio.sleep(600)

    with pytest.raises(GatewayError) as caught:
        asyncio.run(main())
    assert str(caught.value) == f"core (pid {pids[1]}) {words}; what it had to say is above"
    assert not left(pids, 0.0)


def test_an_end_that_was_asked_for_is_none_and_a_name_is_free_again() -> None:
    async def main() -> None:
        async with Processes.watched() as processes:
            for _ in range(2):
                await processes.start("core", SLEEPER, ENVIRONMENT)
                [pid] = processes.pids.values()
                await processes.stop("core", "moon", how=signal.SIGKILL)
                assert not alive(pid)
            assert not processes.pids

    asyncio.run(main())


def test_an_error_of_the_play_itself_goes_on_as_it_is() -> None:
    async def main() -> None:
        async with Processes.watched() as processes:
            await processes.start("core", SLEEPER, ENVIRONMENT)
            raise GatewayError("the play's own")

    with pytest.raises(GatewayError, match="the play's own"):
        asyncio.run(main())


def test_what_does_not_listen_to_a_polite_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.demo.processes.STOP_SECONDS", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"

    async def main() -> None:
        async with Processes.watched() as processes:
            await processes.start("deaf", (sys.executable, "-c", deaf), ENVIRONMENT, quiet=True)
            [pid] = processes.pids.values()
            while not ignores(pid, signal.SIGTERM):
                await asyncio.sleep(0.01)
            await processes.stop("deaf")
            assert not alive(pid)

    asyncio.run(main())


def test_a_process_whose_starter_has_gone_before_it_was_leashed_does_not_begin() -> None:
    leash = ROOT / "gateway" / "demo" / "leash.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", leash, "1", "true"], capture_output=True, text=True, timeout=WAIT_SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (1, "leash: who started this has ended\n")


def test_a_fate_is_said_in_words() -> None:
    assert (fate(0), fate(-9), fate(-99)) == ("ended by itself with exit code 0", "was killed by SIGKILL", "was killed by signal 99")
