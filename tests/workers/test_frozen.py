"""The steps at which a freeze is most dangerous; all of them, for longer, are in `python -m tests.faults worker_frozen`."""

from __future__ import annotations

import asyncio

import pytest

from tests.workers.frozen import freeze


@pytest.mark.timeout(300)
@pytest.mark.parametrize("step", ["asked", "after _note"])
def test_a_worker_that_thaws_late_files_nothing_twice(step: str) -> None:
    outcome = asyncio.run(freeze(step, 5.0))
    assert outcome.good, outcome


@pytest.mark.timeout(300)
def test_believing_the_core_before_the_worker_spoke_would_file_twice() -> None:
    """The planted fault: so the test above can fail."""
    assert asyncio.run(freeze("after _note", 0.0, hasty=True)).doubled > 0
