"""Putting a backup in the place of a journal that is lost; nothing that is there is overwritten or deleted.

The copy lies beside the journal until everything unfinished in it is settled (revival.py), then it gets the journal's name. While it
lies there no gateway starts: it would begin an empty journal, and give its numbers a second time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forwarder.journal import works
from forwarder.journal.journal import Journal
from forwarder.journal.revival import Revive, Revived
from forwarder.journal.storage import Storage, free_octets, sync_directory
from forwarder.journal.verify import Findings
from parsers.errors import JournalError, JournalFull

COPY_OCTETS = 1 << 20
_LEFT = ("", "-wal", "-shm", ".lock")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to; `aside` is where the journal lies now that was there before."""

    as_of_ms: int
    revived: Revived
    aside: Path | None


async def restore(  # noqa: PLR0913 - what is to be done, and how here, comes in by name
    file: Path,
    path: Path,
    found: Findings,
    *,
    replace: bool,
    opened: Callable[[Path], Journal],
    now_ms: int,
    free: Callable[[Path], int] = free_octets,
) -> Restored:
    """Restore `file`, of which `found` says that it is sound, as the journal at `path`; `opened` opens a journal with this site's settings.

    JournalLocked while a gateway runs there, JournalError when a journal is there and `replace` is not given, JournalFull without space.
    """
    storage = Storage(path)
    storage.lock(now_ms)
    try:
        lay_in(file, storage, free(path), replace=replace)
        with or_nothing(storage):
            revived = await revive(
                opened(storage.restoring), Revive(f"restored from the backup of {moment(found.as_of_ms)}", found.as_of_ms)
            )
        return Restored(found.as_of_ms, revived, take_place(storage, now_ms))
    finally:
        storage.unlock()


async def revive(journal: Journal, item: Revive) -> Revived:
    """Settle in an open journal what nobody can know any more, and close it."""
    try:
        revived: list[Revived] = await journal.vault.write(works.REVIVE, [item])
        return revived[0]
    finally:
        await journal.close()


@contextlib.contextmanager
def or_nothing(storage: Storage) -> Iterator[None]:
    """What cannot be made whole is taken away again, so that what was there goes on; only a kill leaves it lying."""
    try:
        yield
    except BaseException:
        _clear(storage.restoring)
        raise


def fits(found: Findings, letter: str) -> None:
    """JournalError for a sound backup of another gateway: its numbers would be given twice."""
    theirs = found.manifest.letter if found.manifest is not None else letter
    if theirs != letter:
        raise JournalError(
            f"it is of gateway {theirs} and this is gateway {letter}: name the right file, or set [journal] gateway_letter = {theirs!r}"
        )


def moment(at_ms: int) -> str:
    """A time, for people."""
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def lay_in(file: Path | None, storage: Storage, free: int, *, replace: bool) -> None:
    """Copy it beside where the journal will be, synced; without a file only make the place free."""
    octets = 0 if file is None else file.stat().st_size
    if free < octets:
        raise JournalFull(f"{storage.path.parent}: {free >> 20} MB are free and the journal needs {octets >> 20}; make room first")
    if storage.path.exists() and not replace:
        raise JournalError(f"{storage.path}: a journal is there already; with --replace it is set aside, never deleted")
    part = storage.restoring
    _clear(part)
    if file is None:
        return
    try:
        with (
            file.open("rb") as source,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as target,
        ):
            shutil.copyfileobj(source, target, COPY_OCTETS)
            target.flush()
            os.fsync(target.fileno())
    except OSError:
        _clear(part)
        raise


def take_place(storage: Storage, now_ms: int) -> Path | None:
    """Set what was there aside and give the restored one its name."""
    part = storage.restoring
    log = part.with_name(part.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise JournalError(f"{part}: could not be finished; give the command again")
    aside = storage.set_aside(now_ms, "replaced")
    part.rename(storage.path)
    _clear(part)
    sync_directory(storage.path.parent)
    return aside if aside.exists() else None


def _clear(part: Path) -> None:
    for suffix in _LEFT:
        with contextlib.suppress(FileNotFoundError):
            part.with_name(part.name + suffix).unlink()
