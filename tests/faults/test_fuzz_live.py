"""Hostile octets at every SMPP door for a moment; and that somebody who holds the loop would be noticed."""

from __future__ import annotations

import pytest

from tests.faults import fuzz_live
from tests.faults.fuzz_live import SEED, run


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_live, "ALONE_SECONDS", 0.5)


def test_hostile_octets_on_living_connections_disturb_nobody() -> None:
    print(f"seed={SEED}")
    found = run(1_000)
    assert set(found.streams) == {"stranger", "bound", "link"}
    assert (found.exceptions, found.refused) == (0, 0)
    assert found.honest


def test_somebody_who_holds_the_loop_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_live, "HONEST_SECONDS_MAX", 0.05)
    assert not run(200, planted=True).good
