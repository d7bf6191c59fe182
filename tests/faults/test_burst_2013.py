"""A thousandth of the burst, and proof that SMS which are answered with yes and forgotten would be noticed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.channel import Answer, Inbound
from gateway.intake import FrontDesk
from tests.faults import burst_2013
from tests.faults.burst_2013 import SEED, run

SHARE = 0.0005


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a quarter of the virtual time."""
    for name in ("BURST_SECONDS", "DOWN_SECONDS"):
        monkeypatch.setattr(burst_2013, name, getattr(burst_2013, name) / 4)


def test_a_burst_is_filed_and_answered_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print(f"seed={SEED}")
    found = run(SHARE)
    assert found.good, str(found)
    assert found.asked
    assert "oldest unanswered" in capsys.readouterr().out


class Forgets(FrontDesk):
    """Says yes to each tenth batch, and keeps it nowhere."""

    batches = 0

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        self.batches += 1
        return [Answer.KEPT] * len(batch) if self.batches % 10 == 0 else await super().accept(batch)


def test_texts_that_are_answered_and_forgotten_are_found_out() -> None:
    found = run(SHARE, Forgets)
    assert not found.good
    assert found.lost == found.silent > 0
