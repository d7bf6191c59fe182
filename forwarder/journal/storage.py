"""The journal's file: one owner, one format, checked at the start, set aside when it is damaged.

Only this module opens connections. Durability rests on three settings (https://sqlite.org/wal.html, https://sqlite.org/pragma.html):
`journal_mode=WAL`, `synchronous=FULL` (a commit returns after the log is synced) and no automatic checkpoint in the writer's way.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import apsw

from parsers.errors import JournalError

log = logging.getLogger(__name__)

APPLICATION_ID = 0x4C41504F  # "LAPO": so that `file` and we know the format
BUSY_MS = 5_000  # another connection of ours may be at a checkpoint
CACHE_KIB = 16_384  # pages in memory: enough that indexes of a million rows stay warm
STATEMENTS = 512  # prepared and kept: every statement of ours in every size
WRITE_FLAGS = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
READ_FLAGS = apsw.SQLITE_OPEN_READONLY
_SUFFIXES = ("", "-wal", "-shm")
_DURABLE = ("synchronous = FULL", "wal_autocheckpoint = 0")
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")


class JournalLocked(JournalError):
    """Another process has this journal; the message says which and since when."""


class JournalCorrupt(JournalError):
    """The file is damaged or is no journal; it must be set aside."""


def _second(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


class Storage:
    """One journal file and the lock beside it. `vfs` names the apsw VFS all files go through (tests record and break it)."""

    def __init__(self, path: Path, vfs: str = "") -> None:
        self.path = path
        self._vfs = vfs
        self._lock: int | None = None

    def lock(self, now_ms: int) -> None:
        """Take the journal for this process until it ends; JournalLocked names the holder (flock(2): it dies with the process)."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._beside(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 200, 0).decode("ascii", "replace").strip() or "an unknown process"
            os.close(descriptor)
            raise JournalLocked(f"{self.path} is held by {holder}: stop that gateway first, or set another [house] state") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} since {_second(now_ms)}".encode(), 0)
        self._lock = descriptor

    def unlock(self) -> None:
        """Let the next process have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def writer(self) -> apsw.Connection:
        """The one connection that writes; the file exists afterwards, readable by its owner alone."""
        created = not self.path.exists()
        if created:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return self._connect(WRITE_FLAGS, ("auto_vacuum = INCREMENTAL", "journal_mode = WAL", "secure_delete = ON", *_DURABLE))

    def reader(self) -> apsw.Connection:
        """A connection that cannot write."""
        return self._connect(READ_FLAGS, ())

    def checkpointer(self) -> apsw.Connection:
        """A connection that copies the log into the file and does nothing else."""
        return self._connect(WRITE_FLAGS, _DURABLE)

    def wal_octets(self) -> int:
        """Size of the write-ahead log."""
        try:
            return self._beside("-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def file_octets(self) -> int:
        """Size of the file without its log."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def restoring(self) -> Path:
        """Where a backup lies until it is this journal; while it does, the journal does not open."""
        return self._beside(".restoring")

    def set_aside(self, now_ms: int, why: str = "damaged") -> Path:
        """Rename a journal and its log, so that another can take its place; returns where it lies."""
        aside = self.path.with_name(f"{self.path.name}.{why}-{now_ms}")
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                self._beside(suffix).rename(aside.with_name(aside.name + suffix))
        with contextlib.suppress(FileNotFoundError):
            self._beside(".damaged").unlink()
        sync_directory(self.path.parent)
        return aside

    def mark_damaged(self) -> None:
        """Remember over a restart that the file must be set aside."""
        with contextlib.suppress(OSError):
            self._beside(".damaged").touch(mode=0o600)

    @property
    def damaged(self) -> bool:
        """Whether an earlier run found it damaged."""
        return self._beside(".damaged").exists()

    def _connect(self, flags: int, pragmas: Sequence[str]) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=flags, vfs=self._vfs or None, statementcachesize=STATEMENTS)
        with closed_on_error(connection):
            connection.set_busy_timeout(BUSY_MS)
            for pragma in (f"cache_size = -{CACHE_KIB}", *pragmas):
                connection.execute(f"PRAGMA {pragma}")
        return connection

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def migrations() -> Iterator[tuple[int, str]]:
    """Every migration in order: its number and its text."""
    found = {}
    for entry in files("forwarder.journal").joinpath("migrations").iterdir():
        if match := _MIGRATION.fullmatch(entry.name):
            found[int(match[1])] = entry
    for number in sorted(found):
        yield number, found[number].read_text(encoding="utf-8")


def migrate(connection: apsw.Connection, to: int | None = None) -> bool:
    """Bring the file to this version, one transaction per step; True if it was new. JournalError for a file of a newer version."""
    version = connection.pragma("user_version")
    application = connection.pragma("application_id")
    if application not in (0, APPLICATION_ID) or (application == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get):
        raise JournalCorrupt("the file is a database, but no journal")
    known = list(migrations())
    if version > known[-1][0]:
        raise JournalError(f"the journal is of version {version}, newer than this program ({known[-1][0]})")
    for number, text in known:
        if version < number <= (to or number):
            connection.execute("BEGIN IMMEDIATE")
            with _rollback_on_error(connection):
                connection.execute(text)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number}")
                connection.execute("COMMIT")
    return bool(version == 0)


def check(connection: apsw.Connection) -> None:
    """JournalCorrupt when the file's structure is broken (PRAGMA quick_check)."""
    verdict = connection.execute("PRAGMA quick_check(1)").get
    if verdict != "ok":
        raise JournalCorrupt("quick_check found the file damaged")


def empty_log(connection: apsw.Connection) -> bool:
    """Copy the whole log into the file and truncate it; False when a reader stood in the way."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    return busy == 0


def sync_directory(path: Path) -> None:
    """Make renames and new names durable (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_octets(path: Path) -> int:
    """Free space where the journal lies."""
    return shutil.disk_usage(path.parent).free


@contextlib.contextmanager
def closed_on_error(connection: apsw.Connection) -> Iterator[None]:
    """A connection that did not come up is closed at once, not whenever its memory is freed."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(apsw.Error):
            connection.close(force=True)
        raise


@contextlib.contextmanager
def _rollback_on_error(connection: apsw.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
