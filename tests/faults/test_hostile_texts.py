"""Every fortieth hostile text on every path; and that one lost letter would be noticed."""

from __future__ import annotations

from pathlib import Path

from tests import hostile
from tests.faults.hostile_texts import PATHS, run


def test_there_are_two_thousand_hostile_lines() -> None:
    assert len(set(hostile.lines())) >= 2_000


def test_hostile_texts_reach_the_core_to_the_letter_on_every_path(tmp_path: Path) -> None:
    found = run(tmp_path, hostile.lines()[::40])
    assert found.good, f"{found.changed} {found}"
    assert set(found.sent) == set(PATHS)


def test_a_lost_letter_is_found_out(tmp_path: Path) -> None:
    assert not run(tmp_path, hostile.lines()[5:300:10], planted=True).good
