"""Short looks into the journal, one after another, through a connection of their own that cannot write."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import apsw

from forwarder.journal.persons import row_of
from forwarder.journal.storage import JournalCorrupt, Storage, check
from parsers.errors import JournalError

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Glance:
    """The reader of a journal: one thread of `readers`, one connection."""

    def __init__(self, storage: Storage, readers: Executor) -> None:
        self.readers = readers
        self._storage = storage
        self._connection: apsw.Connection | None = None

    async def read(self, look: Callable[[apsw.Connection], Result]) -> Result:
        """What `look` finds; JournalError when the file cannot be read now."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, self._look, look)

    def key_row(self, key_id: int) -> bytes | None:
        """In the reader's thread, inside a look: the row of a person's data key."""
        return None if self._connection is None else row_of(self._connection, key_id)

    def check_soon(self, damaged: Callable[[], None]) -> None:
        """Check the whole file beside the work; `damaged` is told when it is not sound."""
        self.readers.submit(self._check, damaged)

    def close(self) -> None:
        """Finish what was asked for, and let the file go."""
        self.readers.submit(self._forget).result()
        self.readers.shutdown()

    def _look(self, look: Callable[[apsw.Connection], Result]) -> Result:
        """After a disk error with a new connection next time."""
        try:
            if self._connection is None:
                self._connection = self._storage.reader()
            return look(self._connection)
        except apsw.Error as error:
            self._forget()
            raise JournalError(f"cannot be read: {type(error).__name__}") from error

    def _forget(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(apsw.Error):
                self._connection.close(force=True)
            self._connection = None

    def _check(self, damaged: Callable[[], None]) -> None:
        try:
            self._look(check)
        except (JournalCorrupt, JournalError):
            log.critical("the journal's file is damaged and will be set aside")
            damaged()
