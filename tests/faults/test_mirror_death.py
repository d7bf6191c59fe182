"""Three disks thrown away at every push; `make faults` throws away twenty."""

from pathlib import Path

from tests.faults.mirror_death import storm


def test_no_accepted_message_is_missing_after_the_disk_is_thrown_away(tmp_path: Path) -> None:
    outcome = storm(tmp_path, kills=3, rate=60.0, seed=20261128)
    assert outcome.good, str(outcome)
    assert outcome.verdict.accepted > 50
