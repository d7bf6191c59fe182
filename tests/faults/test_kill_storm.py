"""The short storm of every push, and proof that the judge notices what it is there for."""

from pathlib import Path

import pytest

from tests.faults.kill_storm import storm
from tests.faults.ledger import hear, judge

SENT = ("a", "b", "c", "d")


def test_kills_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    outcome = storm(tmp_path, kills=4, rate=60.0, seed=20261122)
    assert outcome.good, str(outcome)


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


@pytest.mark.parametrize(
    ("heard", "answered", "doubled", "unanswered"),
    [
        ({"1": ["x"], "2": ["y"]}, 2, 0, ()),
        ({"1": ["x", "z"], "2": ["y"]}, 2, 0, ()),
        ({"1": ["x", "x"], "2": ["y"]}, 2, 1, ()),
        ({"1": ["x", "x", "x"], "2": []}, 1, 2, ("2",)),
        ({"1": ["x"]}, 1, 0, ("2",)),
        ({"1": ["x"], "2": ["y"], "3": ["z"]}, 3, 0, ()),
    ],
)
def test_who_heard_what_is_counted(heard: dict[str, list[str]], answered: int, doubled: int, unanswered: tuple[str, ...]) -> None:
    found = hear(("1", "2"), heard)
    assert (found.answered, found.doubled, found.unanswered) == (answered, doubled, unanswered)
    assert found.most == max(texts.count(text) for texts in heard.values() for text in texts)
