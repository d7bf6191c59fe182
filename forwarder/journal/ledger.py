"""The journal as the ledger sees it: days are closed, their sums looked at, and what nobody touched goes on or raises an alarm.

What reads much reads through a connection of its own, so that no answer and no filing waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from forwarder.journal import closing, untouched, works
from forwarder.journal.accounts import Account
from forwarder.journal.backup import whole
from forwarder.journal.books import day_begins
from forwarder.journal.breaks import whole_account
from forwarder.journal.documents import Documents
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.reads import complaints
from forwarder.journal.storage import APPLICATION_ID, Storage, migrations
from forwarder.journal.untouched import PassOn, Stuck
from parsers.errors import JournalError
from parsers.model import Complaint

Result = TypeVar("Result")


class Ledger:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(
        self,
        write: Callable[[Work, Sequence[Any]], Awaitable[Any]],
        look: Look,
        documents: Documents,
        storage: Storage,
        readers: Executor,
    ) -> None:
        self._write = write
        self._look = look
        self._documents = documents
        self._storage = storage
        self._readers = readers

    async def close_next(self, now_ms: int, close_ms: int) -> int | None:
        """Close the next day that ended `close_ms` ago; which one, None when there is none. ValueError where the clock looks wrong."""

        def ready(connection: apsw.Connection) -> closing.Closing | None:
            day = closing.next_day(connection, now_ms, close_ms)
            return None if day is None else closing.ready(connection, day)

        one = await self._aside(ready)
        if one is None:
            return None
        closed: list[bool] = await self._write(works.CLOSE_DAY, [one])
        return one.day if closed[0] else None

    async def last_account(self) -> tuple[int, Account] | None:
        """The newest closed day, and its sums as they are now."""

        def look(connection: apsw.Connection) -> tuple[int, Account] | None:
            newest = closing.last(connection)
            return None if newest is None else (newest.day, whole_account(connection, day_begins(newest.day), day_begins(newest.day + 1)))

        return await self._aside(look)

    async def untouched(self, before_ms: int, limit: int, exclude: AbstractSet[int] = frozenset()) -> dict[int, Complaint | None]:
        """Held complaints that nobody touched since before a time, by id; None for one that cannot be opened."""

        def look(connection: apsw.Connection) -> dict[int, Complaint | None]:
            ids = untouched.due(connection, before_ms, limit, exclude)
            opened = complaints(connection, self._documents, ids) if ids else {}
            return {one: opened.get(one) for one in ids}

        return await self._look(look)

    async def pass_on(self, items: Sequence[PassOn]) -> list[bool]:
        """Held → ready for the national desk; False for one that somebody touched meanwhile."""
        moved: list[bool] = await self._write(works.PASS_ON, items) if items else []
        return moved

    async def alarm_untouched(self, before_ms: int, hours: float) -> int:
        """Alarms for what is unknown or parked and untouched: for each complaint one a day. How many were raised now."""
        raised: list[int] = await self._write(works.ALARM_UNTOUCHED, [Stuck(before_ms, hours)])
        return raised[0]

    async def _aside(self, look: Callable[[apsw.Connection], Result]) -> Result:
        """A long look in a thread and through a connection of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._alone, look)

    def _alone(self, look: Callable[[apsw.Connection], Result]) -> Result:
        try:
            connection = self._storage.reader()
            try:
                return look(connection)
            finally:
                connection.close()
        except apsw.Error as error:
            raise JournalError(f"cannot be read: {type(error).__name__}") from error


@contextlib.contextmanager
def looking(file: Path) -> Iterator[apsw.Connection]:
    """A journal or a backup to read, whether a gateway writes to it or not; JournalError says why it cannot be read, and what to do."""
    if not file.is_file():
        raise JournalError(f"{file}: there is no journal")
    log = file.with_name(file.name + "-wal")
    try:
        connection = Storage(file).reader() if log.exists() else whole(file)
        try:
            _is_ours(connection, file)
            yield connection
        finally:
            connection.close()
    except apsw.CantOpenError:
        raise JournalError(f"{file}: cannot be opened; try as the user that the gateway runs as") from None
    except apsw.NotADBError:
        raise JournalError(f"{file}: is no journal") from None
    except apsw.Error as error:
        raise JournalError(f"{file}: cannot be read ({type(error).__name__}); `journal verify` says more") from error


def _is_ours(connection: apsw.Connection, file: Path) -> None:
    version, newest = connection.pragma("user_version"), max(number for number, _ in migrations())
    if connection.pragma("application_id") != APPLICATION_ID:
        raise JournalError(f"{file}: is a database, but no journal")
    if version > newest:
        raise JournalError(f"{file}: is of version {version}, newer than this program ({newest}); use the program that wrote it")
    if version < newest:
        raise JournalError(f"{file}: is of version {version} and keeps no ledger yet; a gateway of this version brings it to {newest}")
