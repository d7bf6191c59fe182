"""Short storms; the long ones are in `python -m tests.faults worker_storm`."""

from __future__ import annotations

import pytest

from tests.workers.storm import Weather, storm


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "blows",
    [{"flush": 5, "kill worker": 4}, {"kill redis": 2, "freeze redis": 1}, {"kill gateway": 3, "freeze worker": 2, "kill worker": 2}],
    ids=", ".join,
)
def test_nothing_is_lost_and_nothing_is_filed_twice(blows: dict[str, int]) -> None:
    outcome = storm(Weather(blows), seed=1708)
    assert outcome.good, outcome
    assert outcome.accepted > 0
