"""The short run of additions before a faulty core, and proof that its judge notices one that is sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.supplement_faults import SEED, run


def test_additions_before_a_faulty_core_are_added_once_in_their_order_and_none_is_stuck(tmp_path: Path) -> None:
    print(f"seed={SEED}")
    found = asyncio.run(run(tmp_path, seed=SEED, calls=100, lanes=3, cases=8))
    assert found.good, str(found)
    assert found.added > 0
    assert found.deaths > 0


def test_a_client_that_adds_twice_is_found_out(tmp_path: Path) -> None:
    found = asyncio.run(run(tmp_path, seed=SEED, calls=40, lanes=2, cases=10, planted=True))
    assert found.doubled > 0
    assert not found.good
