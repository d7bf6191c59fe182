"""Five minutes without a core, and proof that a queue in the wrong order would be noticed."""

from __future__ import annotations

from tests.faults.core_down import run


def test_a_core_that_is_away_is_waited_for_gently_and_caught_up_with_oldest_first() -> None:
    found = run(300)
    assert found.good, str(found)
    assert found.held == 6_000


def test_a_journal_that_gives_the_youngest_first_is_found_out() -> None:
    assert not run(180, newest_first=True).good
