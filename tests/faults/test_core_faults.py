"""The short run of the faulty core, and proof that its judge notices a complaint that is sent twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forwarder.core.simulator import DIALECTS
from tests.faults.core_faults import SEED, run


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_faulty_core_on_a_faulty_wire_doubles_nothing_and_leaves_nothing_stuck(tmp_path: Path, dialect: str) -> None:
    print(f"seed={SEED}")
    found = asyncio.run(run(tmp_path, seed=SEED, calls=120, lanes=3, count=25, dialect=dialect))
    assert found.good, str(found)
    assert found.troubles.total() > 0


@pytest.mark.parametrize("dialect", ["addstream", "mapped", "georeport"])
def test_a_client_that_sends_twice_is_found_out(tmp_path: Path, dialect: str) -> None:
    found = asyncio.run(run(tmp_path, seed=SEED, calls=40, lanes=2, count=30, planted=True, dialect=dialect))
    assert found.doubled > 0
    assert not found.good
