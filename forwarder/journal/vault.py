"""Making backups of one journal, whether a gateway writes to it or nobody does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import apsw

from forwarder.journal.backup import Copy, Manifest, older, ready_folder, remove
from forwarder.journal.jobs import Work
from forwarder.journal.seal import Sealer
from forwarder.journal.settings import JournalSettings
from forwarder.journal.storage import Storage
from forwarder.journal.verify import verify
from forwarder.journal.writer import Writer
from parsers.errors import JournalError, JournalFull

REST_SECONDS_MAX = 0.05  # between two steps: as long as the step took, at most this
HURRY = 0.5  # of the log's bound: from here on there is no rest


class Log(Protocol):
    """The writer of a journal in use, as far as a backup must mind it (forwarder.journal.writer.Writer)."""

    copied: bool
    wal_octets: int
    cause: str | None

    @property
    def clock(self) -> Callable[[], int]:
        """UTC in milliseconds."""

    @property
    def monotonic(self) -> Callable[[], float]:
        """Seconds."""


@dataclass(slots=True)
class Still:
    """The log of a journal that nobody writes to. `clock` gives UTC milliseconds, `monotonic` seconds."""

    clock: Callable[[], int]
    monotonic: Callable[[], float]
    copied: bool = False
    wal_octets: int = 0
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backup is. `what` is copying or verifying."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is in its place. `log_octets` is how far the write-ahead log grew meanwhile, `same_disk` a warning."""

    path: Path
    manifest: Manifest
    octets: int
    opened: int
    removed: tuple[str, ...]
    log_octets: int
    same_disk: bool


class Vault:
    """Backups of one journal, one at a time."""

    def __init__(self, storage: Storage, sealer: Sealer, settings: JournalSettings, log: Log) -> None:
        self.last_ms = 0
        """When the last backup of this process was made; 0: none yet."""
        self._storage, self._sealer, self._settings, self._log = storage, sealer, settings, log
        self._busy = False

    async def write(self, work: Work, items: Sequence[Any]) -> Any:  # noqa: ANN401 - every kind has its own results
        """Have the journal's writer do something, in one transaction; JournalError when nobody writes here."""
        if not isinstance(self._log, Writer):
            raise JournalError("nobody writes to this journal")
        return await self._log.do(work, items)

    async def make(self, folder: Path, keep: int | None = None) -> AsyncGenerator[Progress | Made, None]:
        """Make a backup in `folder`, verify it, then remove all but the newest `keep`; what was done as it is done, at last Made.

        JournalError says why there is none; then nothing is left of it, and the older ones are as they were.
        """
        if keep is not None and keep < 1:
            raise JournalError("--keep keeps one at least")
        if self._busy:
            raise JournalError("a backup is being made already")
        self._busy = True
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal-backup")
        try:
            async with contextlib.aclosing(self._make(thread, folder, keep)) as steps:
                async for one in steps:
                    yield one
        except apsw.FullError:
            raise JournalFull(f"{folder}: no space left; the older backups are as they were") from None
        except (apsw.Error, OSError) as error:
            raise JournalError(f"{folder}: the backup failed: {getattr(error, 'strerror', None) or type(error).__name__}") from error
        finally:
            self._busy = self._log.copied = False
            thread.shutdown(wait=False)

    async def _make(self, thread: ThreadPoolExecutor, folder: Path, keep: int | None) -> AsyncGenerator[Progress | Made, None]:
        loop, letter = asyncio.get_running_loop(), self._settings.gateway_letter
        octets = self._storage.file_octets() + self._storage.wal_octets()
        ready_folder(folder, letter, octets, journal=self._storage.path, floor=self._settings.free_octets_min)
        self._log.copied = True
        begun = thread.submit(lambda: Copy(self._storage.reader(), folder, letter, self._log.clock()))
        try:
            copy = await asyncio.wrap_future(begun)
            async with contextlib.aclosing(self._copy(thread, copy)) as steps:
                async for progress in steps:
                    yield progress
            grown, self._log.copied = self._log.wal_octets, False
            manifest, sum_ = await loop.run_in_executor(thread, copy.finish)
            yield Progress("verifying", 0, 1)
            found = await loop.run_in_executor(thread, lambda: verify(copy.part, self._sealer, sum_=sum_))
            if found.problems:
                raise JournalError(f"the backup is not sound and is thrown away: it {found.problems[0]}")
            await loop.run_in_executor(thread, copy.publish, sum_)
        finally:
            await asyncio.shield(loop.run_in_executor(thread, _end, begun))
        self.last_ms = manifest.made_ms
        gone = older(folder, letter, keep) if keep is not None else []
        await loop.run_in_executor(thread, remove, gone)
        octets, same = await loop.run_in_executor(thread, _lies, copy.path, self._storage.path)
        yield Made(copy.path, manifest, octets, found.opened, tuple(one.name for one in gone), grown, same)

    async def _copy(self, thread: ThreadPoolExecutor, copy: Copy) -> AsyncGenerator[Progress, None]:
        """Step by step, with a rest as long as each step while the log allows it."""
        bound = self._settings.backup_log_octets_max
        done, total = 0, 1
        while done < total:
            began = self._log.monotonic()
            done, total = await asyncio.get_running_loop().run_in_executor(thread, copy.step)
            if self._log.cause is not None:
                raise JournalError(f"the journal cannot be written ({self._log.cause}); mend that first")
            if self._log.wal_octets > bound and done < total:
                raise JournalError(
                    f"given up: the write-ahead log grew to {bound >> 20} MB before all was copied; "
                    "make it at a quieter hour or on a faster disk, or raise journal.backup_log_octets_max"
                )
            yield Progress("copying", done, total)
            if self._log.wal_octets < bound * HURRY:
                await asyncio.sleep(min(REST_SECONDS_MAX, self._log.monotonic() - began))


def _end(begun: Future[Copy]) -> None:
    """In the backup's thread, after all that it was given to do: whoever waited may have gone before there was a copy."""
    if not begun.cancelled() and begun.exception() is None:
        begun.result().abandon()


def _lies(path: Path, journal: Path) -> tuple[int, bool]:
    """How large a backup is, and whether it lies on the journal's own disk, with which it would die."""
    return path.stat().st_size, path.stat().st_dev == journal.parent.stat().st_dev
