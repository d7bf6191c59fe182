"""A short run of every fuzz target belongs to every test run; the long ones to `make fuzz`."""

from __future__ import annotations

import time
from random import Random

import pytest

from tests.fuzz.__main__ import OCTETS_MAX, mutated
from tests.fuzz.targets import TARGETS

ATTEMPTS = 2_000


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_octets_give_an_answer_or_the_documented_error(name: str) -> None:
    seed = time.time_ns() % 1_000_000
    print(f"seed={seed}")
    random, target = Random(seed), TARGETS[name]
    for octets in target.corpus:
        target.attempt(octets)
    for _ in range(ATTEMPTS):
        target.attempt(mutated(random.choice(target.corpus), random.choice(target.corpus), random))


def test_mutation_depends_on_the_seed_alone_and_is_bounded() -> None:
    made = [[mutated(b"AGAM" * n, b"x" * 50, Random(n)) for n in range(0, 2_000, 100)] for _ in range(2)]
    assert made[0] == made[1]
    assert max(map(len, made[0])) <= OCTETS_MAX
