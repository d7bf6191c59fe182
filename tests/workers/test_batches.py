"""Batches: granted once or never, dropped at any moment before, asked for while silent."""

from __future__ import annotations

import pytest

from forwarder.batches import Batches
from forwarder.handover import offered_ms
from forwarder.records import Filing
from tests.core.samples import complaint

NOW_MS = 1_795_000_000_123
ROWS = [Filing(number, 1, complaint()) for number in (1, 2)]


def test_no_name_is_given_twice() -> None:
    one, other = Batches("A", "life1"), Batches("A", "life2")
    names = [batches.offer(ROWS, 0.0, NOW_MS).name for batches in (one, one, other)]
    assert len(set(names)) == 3
    assert all(name.startswith("A-") for name in names)


def test_what_is_offered_too_long_is_found_and_what_is_granted_is_not() -> None:
    batches = Batches("A", "l")
    old, new = batches.offer(ROWS, 0.0, NOW_MS), batches.offer(ROWS, 10.0, NOW_MS)
    granted = batches.offer(ROWS, 0.0, NOW_MS)
    granted.worker, granted.granted_at, granted.open = "w", 1.0, {1, 2}
    assert batches.offered(before=5.0) == [old]
    assert batches.offered() == [old, new]
    assert batches.granted(before=5.0) == [granted]
    batches.end(old)
    batches.end(old)
    assert batches.get(old.name) is None
    assert len(batches) == 2


def test_a_silent_worker_is_asked_again_and_again_but_not_at_once() -> None:
    batches = Batches("A", "l")
    one = batches.offer(ROWS, 0.0, NOW_MS)
    one.worker, one.granted_at, one.open = "w", 0.0, {1}
    assert list(batches.silent(5.0, 10.0)) == []
    assert list(batches.silent(11.0, 10.0)) == [one]
    assert list(batches.silent(12.0, 10.0)) == []
    assert list(batches.silent(21.0, 10.0)) == [one]
    one.open.clear()
    assert list(batches.silent(99.0, 10.0)) == []


def test_a_name_says_when_it_was_offered() -> None:
    assert offered_ms(Batches("A", "l").offer(ROWS, 0.0, NOW_MS).name) == NOW_MS


@pytest.mark.parametrize("name", ["", "A-1", "A-1-", "A-1-xyz-1", "no name of ours"])
def test_a_name_that_is_none_of_ours_is_as_old_as_can_be(name: str) -> None:
    assert offered_ms(name) == 0
