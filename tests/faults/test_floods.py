"""Short floods; and that texts answered with yes and forgotten would be noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import floods
from tests.faults.floods import FLOODS, FORGETS, SEED, run


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine can do is measured in the long run only."""
    monkeypatch.setattr(floods, "ALONE_SECONDS", 0.2)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_kept_whole_and_bounded(name: str, tmp_path: Path) -> None:
    print(f"seed={SEED}")
    found = run(tmp_path, name, 300, per_second=200.0)
    assert found.kept == found.accepted > 300
    assert found.rss_octets_max <= floods.RSS_OCTETS_MAX
    assert (0 < found.open_sets <= 300 * 0.9 + floods.SETS_PER_SENDER_MAX) is (name == "first_parts")


def test_texts_that_are_answered_and_forgotten_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "DRAIN_SECONDS_MAX", 3.0)
    assert not run(tmp_path, "one_number", 100, per_second=100.0, planted=FORGETS).good
