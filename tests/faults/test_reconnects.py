"""A short storm of lost connections, and that hammering, marching in step and a lost text would be noticed."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.reconnects import SEED, real, storm


def test_binds_come_back_gently_each_at_its_own_time_and_lose_nothing() -> None:
    print(f"seed={SEED}")
    found = storm(40, 600)
    assert found.good, str(found)
    assert found.dead_seconds <= 2 * 30 + 1
    assert found.accepted > 100


@pytest.mark.parametrize("planted", ["hammer", "step", "loss"])
def test_a_planted_fault_is_found_out(planted: str) -> None:
    assert not storm(10, 60 if planted == "hammer" else 600, planted=planted).good


def test_resets_at_random_octets_of_a_real_line_lose_nothing() -> None:
    drops, accepted, lost = asyncio.run(real(8, SEED))
    assert drops >= 8
    assert accepted > 0
    assert lost == 0
