"""Copying a journal that is written to: one state of it, in small steps, into one file that needs nothing beside it.

The copy reads one state through a connection of its own (SQLite's online backup), so no answer waits for it; meanwhile the write-ahead
log cannot be emptied, hence a copy that is too slow for it is given up. A file gets its name when it is whole, synced and verified.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import apsw

from forwarder.journal.number import LETTERS
from forwarder.journal.rows import fetch
from forwarder.journal.storage import READ_FLAGS, WRITE_FLAGS, closed_on_error, sync_directory
from parsers.errors import JournalError, JournalFull

STEP_PAGES = 256  # 1 MB: about a millisecond of work
SYNC_STEPS = 16  # a sync of 16 MB at a time: one of a gigabyte would hold up the journal's own on the same disk
HASH_OCTETS = 1 << 20
SUM_SUFFIX = ".sha256"
_NAME = re.compile(rf"journal-([{LETTERS}])-\d{{8}}T\d{{6}}Z\.db")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself, kept in its table `meta`: whose, of when, of which version, and how many rows in which state."""

    letter: str
    made_ms: int
    version: int
    rows: dict[str, int]
    """By noun and state, as table `tally` has them: `complaint ready`."""

    @property
    def made(self) -> str:
        """When, for people."""
        return f"{dt.datetime.fromtimestamp(self.made_ms / 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


class Copy:
    """One copy under way. `part` is the file until it has its name."""

    def __init__(self, source: apsw.Connection, folder: Path, letter: str, now_ms: int) -> None:
        self.name = f"journal-{letter}-{dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC):%Y%m%dT%H%M%SZ}.db"
        self.path = folder / self.name
        self.part = folder / f".{self.name}.part"
        self._letter, self._now_ms = letter, now_ms
        self._source = source
        self._steps = 0
        self._backup: apsw.Backup | None = None
        if self.path.exists():
            raise JournalError(f"{self.path}: exists already")
        self._file = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._target = apsw.Connection(str(self.part), flags=WRITE_FLAGS)
        try:
            self._target.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM meta").fetchall()  # from here on the source stands still
            self._backup = self._target.backup("main", source, "main")
        except BaseException:
            self.abandon()
            raise

    def step(self) -> tuple[int, int]:
        """Copy a little more; pages copied, and pages in all. With the last one the source is free again."""
        backup = self._backup
        if backup is None:
            return 1, 1
        backup.step(STEP_PAGES)
        self._steps += 1
        if backup.done or self._steps % SYNC_STEPS == 0:
            os.fdatasync(self._file)
        pages = backup.page_count - backup.remaining, backup.page_count
        if backup.done:
            self._free_source()
        return pages

    def finish(self) -> tuple[Manifest, str]:
        """Write the manifest, make it one file, sync it; its manifest and its SHA-256."""
        rows = {f"{noun} {state}": count for noun, state, count in fetch(self._target, "SELECT noun, state, count FROM tally") if count}
        manifest = Manifest(self._letter, self._now_ms, self._target.pragma("user_version"), rows)
        self._target.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('backup', ?)", (json.dumps(asdict(manifest)).encode(),))
        if self._target.execute("PRAGMA journal_mode = DELETE").get != "delete":
            raise JournalError(f"{self.part}: could not be made one file")
        self._target.close()
        os.fsync(self._file)
        return manifest, digest(self.part)

    def publish(self, sum_: str) -> None:
        """Give it its name; the sum beside it comes first, so that a file with this name is whole with all that belongs to it."""
        beside = sum_path(self.path)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{sum_}  {self.name}\n")
            file.flush()
            os.fsync(file.fileno())
        self.part.rename(self.path)
        sync_directory(self.path.parent)

    def abandon(self) -> None:
        """Leave nothing behind but what has its name."""
        self._free_source()
        with contextlib.suppress(apsw.Error):
            self._target.close(force=True)
        with contextlib.suppress(OSError):
            os.close(self._file)
        self.part.unlink(missing_ok=True)

    def _free_source(self) -> None:
        """Let go of the state that was read: first the copying, for a connection that still copies does not close."""
        with contextlib.suppress(apsw.Error):
            if self._backup is not None:
                self._backup.close(force=True)
            self._backup = None
            self._source.close(force=True)


def ready_folder(folder: Path, letter: str, octets: int, *, journal: Path, floor: int) -> None:
    """A folder that can take a backup of this size; parts that an earlier death left there are removed. JournalError says what to do."""
    with _told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_dir():
            raise JournalError(f"{folder}: is no folder; name the folder that backups are kept in")
        for left in folder.glob(f".journal-{letter}-*.db.part"):
            left.unlink()
        space = os.statvfs(folder)
        same = folder.stat().st_dev == journal.parent.stat().st_dev
    free = space.f_bavail * space.f_frsize
    if free < octets:
        raise JournalFull(f"{folder}: {free >> 20} MB are free and the backup needs {octets >> 20}: make room, or name another folder")
    if same and free - octets < floor:
        raise JournalFull(
            f"{folder}: on the journal's own disk, where the backup would leave less than journal.free_octets_min: name another disk"
        )


def older(folder: Path, letter: str, keep: int) -> list[Path]:
    """Backups of this gateway beyond the newest `keep`; the oldest first."""
    ours = sorted(path for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)) and match[1] == letter)
    return ours[: max(0, len(ours) - keep)]


def remove(paths: Sequence[Path]) -> None:
    """Delete backups and their sums."""
    for path in paths:
        path.unlink(missing_ok=True)
        sum_path(path).unlink(missing_ok=True)


def sum_path(path: Path) -> Path:
    """Where the SHA-256 of a backup stands, in the form of sha256sum(1)."""
    return path.with_name(path.name + SUM_SUFFIX)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while octets := file.read(HASH_OCTETS):
            hashed.update(octets)
    return hashed.hexdigest()


def whole(path: Path) -> apsw.Connection:
    """A connection to a file that nobody writes to, which leaves nothing beside it."""
    quoted = quote(os.fsencode(path.absolute()))
    connection = apsw.Connection(f"file:{quoted}?immutable=1", flags=READ_FLAGS | apsw.SQLITE_OPEN_URI)
    with closed_on_error(connection):
        connection.execute("PRAGMA cache_size = -16384")
    return connection


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise JournalError(f"{folder}: its parent does not exist; create the folder first") from None
    except FileExistsError:
        raise JournalError(f"{folder}: is no folder; name the folder that backups are kept in") from None
    except OSError as error:
        raise JournalError(
            f"{folder}: cannot be written by the gateway ({error.strerror}): make it the gateway's own and, under systemd, "
            "name it in ReadWritePaths= of its unit"
        ) from None
