"""The journal at a change of releases: a copy of it while the gateway is stopped, and that copy back in its place.

A release brings an older journal forward, never back: an older release refuses a newer journal (forwarder/journal/storage.py). The copy
is what makes going back possible at all. Nothing here deletes a journal.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from place import InstallError, Place, sync_folder

PARTS = ("", "-wal")  # the index beside them (-shm) is made anew
WHY = "'the journal was put back as it was before an upgrade'"
UNFINISHED = (
    ("complaint", ("ready", "sending"), f"state = 'unknown', reason = {WHY}, since_ms = ?1, next_ms = ?1, absent_ms = NULL"),
    ("reply", ("due", "later", "sending"), f"state = 'unknown', reason = {WHY}, due_ms = NULL, settled_ms = ?1"),
)
TALLY = """
INSERT INTO tally (noun, state, count) VALUES (?, ?, ?) ON CONFLICT (noun, state) DO UPDATE SET count = count + excluded.count
"""
HEADER_VERSION = slice(60, 64)  # SQLite's file format, 1.3: the user version, most significant octet first


def folder_of(place: Place, name: str) -> Path:
    """Where the journal as it was before a release came is kept."""
    return place.at(place.backups) / f"before-{name}"


def version(place: Place, otherwise: int) -> int:
    """The version of the journal's file; `otherwise` where its newest page may still be in the log. 0: there is no journal."""
    log = place.journal.with_name("journal.db-wal")
    if not place.journal.exists():
        return 0
    if log.exists() and log.stat().st_size:
        return otherwise
    with place.journal.open("rb") as file:
        return int.from_bytes(file.read(HEADER_VERSION.stop)[HEADER_VERSION], "big")


def room(place: Place) -> None:
    """InstallError when there is no room for a copy."""
    target = place.at(place.backups)
    octets = sum(path.stat().st_size for path in _parts(place.journal))
    if octets and shutil.disk_usage(target).free < octets:
        raise InstallError(
            f"{target} has no room for a copy of the journal ({octets} octets); make room, then try again. Nothing was changed"
        )


def keep(place: Place, name: str) -> None:
    """Copy the journal before `name` gets it; the copy has its name when it is whole and on disk."""
    if not place.journal.exists():
        return
    target = folder_of(place, name)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    with held(place):
        for path in _parts(place.journal):
            _copy_synced(path, part / path.name)
    place.own(part, *part.iterdir())
    sync_folder(part)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    sync_folder(target.parent)


def put_back(place: Place, name: str) -> Path | None:
    """The journal as it was before `name`; the present one is set aside under the name returned. None: there was none before or now."""
    kept, state = folder_of(place, name), place.journal.parent
    aside = state / f"journal.db.of-{name}-{int(time.time())}"
    with held(place):
        for suffix in (*PARTS, "-shm"):
            path = state / f"journal.db{suffix}"
            if path.exists():
                path.rename(aside.with_name(aside.name + suffix))
        for path in sorted(_parts(kept / "journal.db"), reverse=True):  # the log first: a journal without its log would be whole, and old
            _copy_synced(path, state / path.name)
            place.own(state / path.name)
        sync_folder(state)
    return aside if aside.exists() else None


def send_nothing_again(place: Place) -> tuple[int, int]:
    """In a journal put back after another one took its place: what was unfinished may be finished by now, and nobody here knows.

    So complaints on their way are unknown, and replies not yet sent stay unsent (docs/adr/0015); how many of each. The words and columns
    are those of every version of the journal since its first.
    """
    now = int(time.time() * 1000)
    with held(place), closing(sqlite3.connect(place.journal, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        changed = [
            sum(_move(connection, noun, state, f"UPDATE {noun} SET {values} WHERE state = ?2", now) for state in states)  # noqa: S608 - words of ours
            for noun, states, values in UNFINISHED
        ]
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in _parts(place.journal):
        place.own(path)
    return changed[0], changed[1]


def _move(connection: sqlite3.Connection, noun: str, state: str, sql: str, now: int) -> int:
    """Rows of one state become unknown, and the tally says so."""
    count = connection.execute(sql, (now, state)).rowcount
    for name, more in ((state, -count), ("unknown", count)):
        connection.execute(TALLY, (noun, name, more))
    return count


@contextmanager
def held(place: Place) -> Iterator[None]:
    """No gateway can open the journal meanwhile; InstallError when one has it open."""
    lock = place.journal.with_name("journal.db.lock")
    if not lock.exists():
        yield
        return
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            reason = f"a gateway that the service manager does not know has the journal open ({lock})"
            raise InstallError(f"{reason}; end it, then try again") from None
        yield


def _parts(journal: Path) -> list[Path]:
    return [path for suffix in PARTS if (path := journal.with_name(journal.name + suffix)).exists()]


def _copy_synced(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
