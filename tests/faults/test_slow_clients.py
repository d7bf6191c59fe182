"""Slow clients for a moment, more than the server has places for; and that no deadline at all would be noticed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.slow_clients import SEED, run, unguarded


def test_slow_clients_are_thrown_out_and_the_honest_are_served(tmp_path: Path) -> None:
    found = asyncio.run(run(tmp_path, seed=SEED, clients=300, seconds=5.0))
    assert found.failed == 0
    assert len(found.borne) > 0, "everybody was borne for longer than the limit of a head"
    assert found.taken > 0


def test_a_server_without_a_deadline_is_found_out(tmp_path: Path) -> None:
    undo = unguarded()
    try:
        found = asyncio.run(run(tmp_path, seed=SEED, clients=20, seconds=5.0))
    finally:
        undo()
    assert not found.borne
    assert not found.good
