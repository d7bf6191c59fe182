"""A journal made from what the mirror has: its transactions one after the other, upon the newest backup or upon nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import apsw

from forwarder.journal.journal import Journal
from forwarder.journal.restore import Restored, lay_in, moment, or_nothing, revive, take_place
from forwarder.journal.revival import Revive
from forwarder.journal.storage import Storage, closed_on_error, free_octets, migrate
from forwarder.journal.tape import AT, BEGINNING, NOT_MIRRORED, WAITING, Entry, place
from parsers.errors import JournalError

APPLIED_AT_ONCE = 500  # entries in one transaction

_NO_RUN = """
INSERT OR IGNORE INTO run (id, pid, began_ms, seen_ms, ended_ms) SELECT run, 0, min(began_ms), ?1, NULL FROM session GROUP BY run
"""
_ENTRY_RUN = "INSERT OR IGNORE INTO run (id, pid, began_ms, seen_ms, ended_ms) VALUES (?1, 0, ?2, ?2, NULL)"
_TALLY = (
    "DELETE FROM tally",
    "INSERT INTO tally SELECT 'message', 'stored', count(*) FROM message",
    "INSERT INTO tally SELECT 'refusal', 'noted', count(*) FROM refusal",
    "INSERT INTO tally SELECT 'alarm', 'raised', count(*) FROM alarm",
    "INSERT INTO tally SELECT 'complaint', state, count(*) FROM complaint GROUP BY state",
    "INSERT INTO tally SELECT 'reply', state, count(*) FROM reply GROUP BY state",
    "INSERT INTO tally SELECT 'addition', state, count(*) FROM addition WHERE state IS NOT NULL GROUP BY state",
    "INSERT INTO tally SELECT 'question', 'open', count(*) FROM question WHERE ended IS NULL",
    "INSERT INTO tally SELECT 'course', coalesce(status, ''), count(*) FROM course GROUP BY 2",
)
_META = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, CAST(?2 AS BLOB))"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What an adoption came to. `late` says that what came before the mirror's beginning is in no backup that was given."""

    restored: Restored
    entries: int
    orphans: int
    late: bool


@dataclass(slots=True)
class _Walk:
    """What was applied."""

    at: str
    at_ms: int = 0
    entries: int = 0
    orphans: int = 0
    late: bool = False


async def adopt(  # noqa: PLR0913 - what is to be done, and how here, comes in by name
    entries: Iterable[Entry], path: Path, *, backup: Path | None, replace: bool, opened: Callable[[Path], Journal], now_ms: int
) -> Adopted:
    """Make the journal at `path`; `opened` opens a journal with this site's settings. Errors as of restore."""
    storage = Storage(path)
    storage.lock(now_ms)
    try:
        lay_in(backup, storage, free_octets(path), replace=replace)
        with or_nothing(storage):
            walk = _build(entries, Storage(storage.restoring))
            item = Revive(f"adopted from the mirror as of {moment(walk.at_ms)}", walk.at_ms, hides_posts=False)
            revived = await revive(opened(storage.restoring), item)
        aside = take_place(storage, now_ms)
        return Adopted(Restored(walk.at_ms, revived, aside), walk.entries, walk.orphans, walk.late)
    finally:
        storage.unlock()


def _build(entries: Iterable[Entry], storage: Storage) -> _Walk:
    connection = storage.writer()
    with closed_on_error(connection):
        migrate(connection)
        version = connection.pragma("user_version")
        at = connection.execute("SELECT CAST(value AS TEXT) FROM meta WHERE name = ?", (AT,)).get or BEGINNING
        walk = _Walk(str(at))
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)  # they guard the audit against people; this is its own past
        connection.execute("BEGIN IMMEDIATE")
        for entry in _committed(entries, walk):
            if entry.version > version:
                raise JournalError(f"the mirror was written by a newer program (journal version {entry.version}): adopt with that one")
            _apply(connection, entry, walk)
            if walk.entries % APPLIED_AT_ONCE == 0:
                connection.execute("COMMIT")
                connection.execute("BEGIN IMMEDIATE")
        if not walk.entries:
            raise JournalError("the mirror has nothing that this backup does not have: restore the backup")
        _finish(connection, walk)
        connection.execute("COMMIT")
    connection.close()
    return walk


def _committed(entries: Iterable[Entry], walk: _Walk) -> Iterator[Entry]:
    """Those that the base does not have, without those that nothing builds upon: they were never committed. The last may be."""
    behind = (one for one in entries if place(one.id) > place(walk.at))
    end = Entry("0-0", "", 0, 0, b"")
    for first, (one, following) in enumerate(pairwise(chain(behind, [end]))):
        if first == 0:
            walk.late = place(one.after) > place(walk.at)
        if following is not end and following.after != one.id:
            walk.orphans += 1
            continue
        yield one


def _apply(connection: apsw.Connection, entry: Entry, walk: _Walk) -> None:
    apsw.Changeset.apply(entry.patch, connection, filter=lambda table: table not in NOT_MIRRORED, conflict=_conflict)
    connection.execute(_ENTRY_RUN, (place(entry.id)[0], entry.at_ms))
    walk.at, walk.at_ms = entry.id, entry.at_ms
    walk.entries += 1


def _conflict(reason: int, _: apsw.TableChange) -> int:
    """A row that is there already is taken as the mirror has it; one that is not there was finished, and is forgotten."""
    known = reason in (apsw.SQLITE_CHANGESET_DATA, apsw.SQLITE_CHANGESET_CONFLICT)
    return apsw.SQLITE_CHANGESET_REPLACE if known else apsw.SQLITE_CHANGESET_OMIT


def _finish(connection: apsw.Connection, walk: _Walk) -> None:
    connection.execute(_NO_RUN, (walk.at_ms,))
    connection.execute("UPDATE run SET seen_ms = max(seen_ms, ?1) WHERE ended_ms IS NULL", (walk.at_ms,))
    for sql in _TALLY:
        connection.execute(sql)
    connection.execute(f"DELETE FROM meta WHERE name > '{WAITING}' AND name < 'mirror;'")  # noqa: S608 - a word of ours
    connection.execute(_META, (AT, walk.at))
