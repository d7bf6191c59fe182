"""The short storm of every push, and proof that the judge notices what it is there for."""

from pathlib import Path

import pytest

from tests.faults.kill_storm import WINDOW, storm
from tests.faults.ledger import judge

SENT = ("a", "b", "c", "d")


def test_kills_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    outcome = storm(tmp_path, kills=4, rate=60.0, seed=20261122)
    assert outcome.verdict.good, str(outcome)
    assert outcome.unknown_most <= WINDOW


@pytest.mark.parametrize(
    ("accepted", "core", "desk", "lost", "doubled", "strange"),
    [
        (SENT, SENT, (), (), (), ()),
        (SENT, ("a", "b", "c"), ("d",), (), (), ()),
        (("a",), SENT, (), (), (), ()),
        (SENT, ("a", "b", "c"), (), ("d",), (), ()),
        (SENT, ("a", "b", "c", "d", "d"), (), (), ("d",), ()),
        (SENT, ("a", "b", "c", "d", "e"), (), (), (), ("e",)),
    ],
)
def test_the_four_sets_are_compared(  # noqa: PLR0917 - a row is a row
    accepted: tuple[str, ...],
    core: tuple[str, ...],
    desk: tuple[str, ...],
    lost: tuple[str, ...],
    doubled: tuple[str, ...],
    strange: tuple[str, ...],
) -> None:
    verdict = judge(SENT, accepted, core, desk)
    assert (verdict.lost, verdict.doubled, verdict.strange) == (lost, doubled, strange)
    assert verdict.good is not bool(lost or doubled or strange)
