"""The short versions of the durability tests, one gateway each: every push pulls a plug, tears a log, sickens a disk."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.faults import sick_disk, strace, torn_log
from tests.faults.plants import commit_late
from tests.faults.syscall_kills import EXCHANGE, START, Point, kills

needs_strace = pytest.mark.skipif(strace.missing() is not None, reason=str(strace.missing()))
POINTS = [
    Point(EXCHANGE, "pwrite64", 9),
    Point(EXCHANGE, "fdatasync", 1),
    Point(EXCHANGE, "fdatasync", 2),
    Point(EXCHANGE, "write", 2),
    Point(EXCHANGE, "read", 3),
    Point(START, "fdatasync", 2),
]


@needs_strace
def test_a_kill_at_a_system_call_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    found = kills(tmp_path, POINTS, seed=20261122)
    assert not found.wrong
    assert len(found.killed) >= len(POINTS) // 2


@needs_strace
def test_a_disk_that_fails_under_a_gateway_hears_no_false_yes_and_is_used_again(tmp_path: Path) -> None:
    found = sick_disk.suffer(tmp_path, itertools.islice(sick_disk.ills(), 0, 15, 2), retry=0.2)
    assert found.good, str(found)
    assert found.silent < found.points


@pytest.mark.parametrize("planted", [False, True], ids=["as built", "planted fault: yes before the commit"])
def test_a_torn_log_holds_every_accepted_row(tmp_path: Path, *, planted: bool) -> None:
    found = torn_log.tear(tmp_path, 200, 20261122, commit_late if planted else None)
    assert found.corrupt == 0
    assert bool(found.missing) is planted
