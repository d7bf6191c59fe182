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
    one.note("b1", begun=[1, 2], ended={}, now_ms=1_000)
    one.note("b1", begun=[3], ended={1: b"filed"}, now_ms=1_000)
    assert one.entry("b1", 1) == Entry(b"filed")
    assert one.entry("b1", 2) == Entry(None)
    assert one.entry("b1", 4) is None
    assert one.entry("b2", 1) is None
    one.close()


def test_it_outlives_its_process_and_keeps_its_name(tmp_path: Path) -> None:
    one = record(tmp_path)
    one.note("b1", begun=[1], ended={}, now_ms=1_000)
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


def test_it_forgets_what_is_old(tmp_path: Path) -> None:
    one = record(tmp_path)
    one.note("b1", begun=[1], ended={}, now_ms=1_000)
    one.note("b2", begun=[2], ended={}, now_ms=40 * DAY_MS)
    one.close()
    again = record(tmp_path, now_ms=41 * DAY_MS)
    assert (again.entry("b1", 1), again.entry("b2", 2)) == (None, Entry(None))
    again.close()


def test_begun_twice_is_refused_whole(tmp_path: Path) -> None:
    """A batch is granted once; a second beginning is a mistake of ours, and nothing of it may be sent."""
    one = record(tmp_path)
    one.note("b1", begun=[1], ended={}, now_ms=1_000)
    with pytest.raises(JournalError):
        one.note("b1", begun=[2, 1], ended={}, now_ms=1_000)
    assert one.entry("b1", 2) is None
    one.note("b1", begun=[2], ended={}, now_ms=1_000)
    one.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look like one" * 100, b"\0" * 5000])
def test_a_file_that_is_no_record_is_an_error_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.db").write_bytes(content)
    with pytest.raises(JournalError, match="sends nothing"):
        record(tmp_path)
