"""A short run of every fuzz target belongs to every test run, always the same one; the long ones to `make nightly` and `make fuzz`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from parsers.errors import PduError
from tests.fuzz.__main__ import OCTETS_MAX, Find, mutated, run
from tests.fuzz.targets import TARGETS, Target, corpus

SEED = 1708


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_octets_give_an_answer_or_the_documented_error(name: str) -> None:
    print(f"seed={SEED}")
    assert run(name, TARGETS[name], SEED, count=TARGETS[name].short).attempts == TARGETS[name].short


def test_a_run_has_a_hundred_thousand_attempts_and_begins_with_the_five_bytes_that_felled_osmomsc() -> None:
    assert sum(target.short for target in TARGETS.values()) >= 100_000
    assert corpus("frames")[0] == corpus("session")[0] == b"\x00\x00\x00\x03\x00"


def test_mutation_depends_on_the_seed_alone_and_is_bounded() -> None:
    made = [[mutated(b"AGAM" * n, b"x" * 50, Random(n)) for n in range(0, 2_000, 100)] for _ in range(2)]
    assert made[0] == made[1]
    assert max(map(len, made[0])) <= OCTETS_MAX


def _raises(octets: bytes) -> None:
    if len(octets) > 60:
        raise PduError("truncated")


def _stalls(octets: bytes) -> None:
    end = time.thread_time() + (1.2 if len(octets) > 60 else 0.0)
    while time.thread_time() < end:
        pass


HOARDER = """
from tests.fuzz.__main__ import run
from tests.fuzz.targets import Target
kept = []
run("frames", Target(lambda octets: kept.append(octets + bytes(1_000)), 0), 1, count=30_000)
"""


@pytest.mark.parametrize("planted", [_raises, _stalls])
def test_a_target_that_raises_another_error_or_stalls_is_a_find(planted: object) -> None:
    with pytest.raises(Find):
        run("frames", Target(planted, 0), SEED, count=30_000)  # type: ignore[arg-type]


def test_a_target_that_hoards_is_a_find() -> None:
    """In a process of its own: here, what earlier tests gave back would be hoarded first, and the process would not grow."""
    done = subprocess.run([sys.executable, "-c", HOARDER], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode != 0
    assert "Find: frames: the process grew by" in done.stderr
