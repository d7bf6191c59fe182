"""One wave of long messages with kills; and that a set known by its reference alone would be noticed."""

from __future__ import annotations

from pathlib import Path

from tests.faults.long_messages import MIXED, SEED, run


def test_long_messages_arrive_to_the_letter_whatever_becomes_of_their_parts(tmp_path: Path) -> None:
    print(f"seed={SEED}")
    found = run(tmp_path, 96, senders=48, kills=1)
    assert found.good, str(found)
    assert found.parts > 2 * found.messages
    assert found.deliveries > found.parts


def test_parts_of_different_citizens_that_meet_are_found_out(tmp_path: Path) -> None:
    assert not run(tmp_path, 16, senders=16, kills=0, planted=MIXED).good
