"""The short run of the faulty core, and proof that its judge notices a complaint that is sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.core_faults import SEED, run


def test_a_faulty_core_on_a_faulty_wire_doubles_nothing_and_leaves_nothing_stuck(tmp_path: Path) -> None:
    print(f"seed={SEED}")
    found = asyncio.run(run(tmp_path, seed=SEED, calls=120, lanes=3, count=25))
    assert found.good, str(found)
    assert found.troubles.total() > 0


def test_a_client_that_sends_twice_is_found_out(tmp_path: Path) -> None:
    found = asyncio.run(run(tmp_path, seed=SEED, calls=40, lanes=2, count=30, planted=True))
    assert found.doubled > 0
    assert not found.good
