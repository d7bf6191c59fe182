"""One death of a disk at every push; `make faults` has ten."""

from pathlib import Path

from tests.faults.disk_death import death


def test_after_a_restore_nothing_is_filed_twice_and_only_what_came_later_is_lost(tmp_path: Path) -> None:
    outcome = death(tmp_path, rate=60.0, seconds=1.5, seed=20261128)
    assert outcome.good, str(outcome)
    assert outcome.before > 10
    assert outcome.found > 0, "nothing was unfinished in the backup and filed afterwards: the test proves nothing"


def test_the_check_notices_a_backup_that_was_only_copied_into_place(tmp_path: Path) -> None:
    outcome = death(tmp_path, rate=60.0, seconds=1.5, seed=20261128, revived=False)
    assert not outcome.good, str(outcome)
    assert outcome.verdict.doubled
