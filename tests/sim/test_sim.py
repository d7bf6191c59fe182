"""The simulated day: every promise holds over a few of them, a seed is a day, and every planted fault is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.__main__ import main
from tests.sim.day import Outcome, live
from tests.sim.house import Product
from tests.sim.planted import PLANTED

SEEDS = [int(line.split()[0]) for line in (Path(__file__).parent / "seeds.txt").read_text().splitlines() if line[:1].isdigit()]
SHORT = range(101, 104)
FOUND_WITHIN = 6  # seeds: each planted fault was found by its third at the latest when this was written
AGAIN = "from tests.sim.day import live; print(live({}).hash)"


def failure(day: Outcome) -> str:
    return "\n".join([f"seed={day.seed}", *day.story, *day.breaks])


@pytest.mark.parametrize("seed", [*SEEDS, *SHORT])
def test_every_promise_holds_over_a_day(seed: int) -> None:
    day = live(seed)
    assert not day.breaks, failure(day)
    assert day.messages >= 200
    assert day.long >= 20
    assert sum(day.faults.values()) >= 5
    assert day.kills >= 1


def test_a_seed_is_a_day_whoever_runs_it() -> None:
    first = live(SHORT[0])
    assert live(SHORT[0]).hash == first.hash
    environment = {**os.environ, "PYTHONHASHSEED": "1708"}
    command = [sys.executable, "-c", AGAIN.format(SHORT[0])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=110)
    assert done.stdout.strip() == first.hash


@pytest.mark.parametrize("kinds", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(kinds: type[Product]) -> None:
    seeds = range(1, 1 + FOUND_WITHIN)
    found = next((day for seed in seeds if (day := live(seed, kinds)).breaks), None)
    assert found is not None, f"nothing found in seeds {seeds}"
    assert not live(found.seed).breaks, "the fault was found, and not something else"


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--days", "1", "--seed", str(SHORT[0])]) == 0
    out = capsys.readouterr().out
    assert "# simulated days" in out
    assert f"seed={SHORT[0]}" in out
    for word in ("days/s", "messages", "long ones", "kills", "faults:", "0 breaks"):
        assert word in out
