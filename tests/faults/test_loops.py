"""Machines fall silent; and that one which goes on would be noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import loops
from tests.faults.loops import NO_GUARD, SEED, run


def test_two_machines_stop_after_two_messages_and_a_citizen_is_answered_each_time(tmp_path: Path) -> None:
    print(f"seed={SEED}")
    found = run(tmp_path, each=1)
    assert found.good, found


def test_a_loop_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "ROUNDS", 5)
    found = run(tmp_path, each=1, planted=NO_GUARD)
    assert max(found.answers.values()) > 3
    assert not found.good
