"""A worker's record: what is begun is on disk first, one process speaks for it, and what it does not name was never sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from forwarder.journal import JournalLocked
from forwarder.journal.record import Entry, Record
from parsers.errors import JournalError

DAY_MS = 86_400_000


def record(path: Path, now_ms: int = 1_000) -> Record:
    return Record.open(path / "record.db", name=lambda: "host-1-abc", now_ms=now_ms, days=30)


def test_it_says_what_was_begun_and_what_came_back(tmp_path: Path) -> None:
    one = record(tmp_path)
    one.note("b1", begun=[1, 2], ended={}, offered_ms=1_000)
    one.note("b1", begun=[3], ended={1: b"filed"}, offered_ms=1_000)
    assert one.entry("b1", 1) == Entry(b"filed")
    assert one.entry("b1", 2) == Entry(None)
    assert one.entry("b1", 4) is None
    assert one.entry("b2", 1) is None
    one.close()


def test_it_outlives_its_process_and_keeps_its_name(tmp_path: Path) -> None:
    one = record(tmp_path)
    one.note("b1", begun=[1], ended={}, offered_ms=1_000)
    one.close()
    again = Record.open(tmp_path / "record.db", name=lambda: "another", now_ms=2_000, days=30)
    assert again.name == "host-1-abc"
    assert again.entry("b1", 1) == Entry(None)
    again.close()


def test_only_one_process_speaks_for_it(tmp_path: Path) -> None:
    one = record(tmp_path)
    with pytest.raises(JournalLocked):
        record(tmp_path)
    one.close()
    record(tmp_path).close()


def test_it_forgets_what_is_old_and_remembers_that_it_did(tmp_path: Path) -> None:
    """Its silence about a forgotten batch would send that once more."""
    one = record(tmp_path)
    assert one.remembers_ms == 0
    one.note("b1", begun=[1], ended={}, offered_ms=1_000)
    one.note("b2", begun=[2], ended={}, offered_ms=40 * DAY_MS)
    one.close()
    for now_ms in (41 * DAY_MS, 41 * DAY_MS + 1):  # the second time there is nothing to forget
        again = record(tmp_path, now_ms=now_ms)
        assert (again.entry("b1", 1), again.entry("b2", 2)) == (None, Entry(None))
        assert again.remembers_ms == 11 * DAY_MS
        again.close()


def test_a_write_that_failed_leaves_it_mute_until_it_is_opened_anew(tmp_path: Path) -> None:
    """A batch is granted once; a second beginning is a mistake of ours. And after a failed sync nobody knows what the disk has."""
    one = record(tmp_path)
    one.note("b1", begun=[1], ended={}, offered_ms=1_000)
    with pytest.raises(JournalError):
        one.note("b1", begun=[2, 1], ended={}, offered_ms=1_000)
    with pytest.raises(JournalError, match="opened anew"):
        one.note("b1", begun=[3], ended={}, offered_ms=1_000)
    with pytest.raises(JournalError, match="opened anew"):
        one.entry("b1", 2)
    one.close()
    again = record(tmp_path)
    assert [again.entry("b1", number) for number in (1, 2, 3)] == [Entry(None), None, None]
    again.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look like one" * 100, b"\0" * 5000])
def test_a_file_that_is_no_record_is_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.db").write_bytes(content)
    with pytest.raises(JournalError, match="sends nothing"):
        record(tmp_path)
