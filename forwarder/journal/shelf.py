"""The shelf of routing tables: rows are only added, one of each kind runs, and each knows which one a rollback goes back to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import apsw

from forwarder.journal import audit
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.rows import fetch
from forwarder.journal.storage import READ_FLAGS, Storage
from parsers.errors import JournalError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_COLUMNS = ("id", "kind", "version", "installed_ms", "who", "why", "active", "previous")
_SELECT = f"SELECT {', '.join(_COLUMNS)}, csv FROM routing_version "  # noqa: S608 - names of columns
_ACTIVE = _SELECT + "WHERE kind = ? AND active = 1"
_BY_ID = _SELECT + "WHERE id = ?"
_HISTORY = f"SELECT {', '.join(_COLUMNS)} FROM routing_version WHERE kind = ? ORDER BY id DESC LIMIT ?"  # noqa: S608
_BY_HASH = _SELECT + "WHERE kind = ?1 AND substr(version, 1, length(?2)) = ?2 ORDER BY id DESC LIMIT 1"
_PUT = "INSERT INTO routing_version (kind, version, csv, installed_ms, who, why, active, previous) VALUES (?, ?, ?, ?, ?, ?, 1, ?)"
_SHELVED = "SELECT count(*) FROM sqlite_schema WHERE name = 'routing_version'"
_CARRY = "INSERT INTO routing_version (id, kind, version, installed_ms, who, why, active, previous, csv) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class RoutingVersion:
    """One installed table. `version` is the hash that complaints carry; `previous` the row that a rollback goes back to."""

    id: int
    kind: str
    version: str
    installed_ms: int
    who: str
    why: str
    active: bool
    previous: int | None


@dataclass(frozen=True, slots=True)
class Install:
    """A table to put on the shelf; `back_to` is the row that it repeats, when it is a rollback."""

    kind: str
    version: str
    csv: str
    by: Hand
    back_to: int | None = None


def install(books: Books, items: Sequence[Install]) -> list[RoutingVersion]:
    """Put tables on the shelf, each to run from now on."""
    return [_install(books, item) for item in items]


def _install(books: Books, item: Install) -> RoutingVersion:
    if not item.by.who.strip() or not item.by.reason.strip():
        raise ValueError("an installed table needs a name and a reason")
    connection = books.connection
    if item.back_to is None:
        previous = connection.execute("SELECT id FROM routing_version WHERE kind = ? AND active = 1", (item.kind,)).get
    else:
        previous = connection.execute("SELECT previous FROM routing_version WHERE id = ?", (item.back_to,)).get
    connection.execute("UPDATE routing_version SET active = 0 WHERE kind = ? AND active = 1", (item.kind,))
    connection.execute(_PUT, (item.kind, item.version, item.csv, books.now_ms, item.by.who, item.by.reason, previous))
    row = connection.last_insert_rowid()
    deed = "install" if item.back_to is None else "roll back"
    audit.append(books, [Deed(item.by.who, f"{deed} {item.kind}", item.version, item.by.reason)])
    return RoutingVersion(row, item.kind, item.version, books.now_ms, item.by.who, item.by.reason, active=True, previous=previous)


def active(connection: apsw.Connection, kind: str) -> tuple[RoutingVersion, str] | None:
    """The table that runs and its text; None before the first, and in a journal older than the shelf."""
    if not connection.execute(_SHELVED).get:
        return None
    return _one(fetch(connection, _ACTIVE, (kind,)))


def by_id(connection: apsw.Connection, row: int) -> tuple[RoutingVersion, str] | None:
    """Any table of the shelf."""
    return _one(fetch(connection, _BY_ID, (row,)))


def by_hash(connection: apsw.Connection, kind: str, version: str) -> tuple[RoutingVersion, str] | None:
    """The newest table whose version begins so."""
    return _one(fetch(connection, _BY_HASH, (kind, version))) if connection.execute(_SHELVED).get else None


def history(connection: apsw.Connection, kind: str, limit: int) -> list[RoutingVersion]:
    """What was installed, newest first."""
    return [_version(row) for row in fetch(connection, _HISTORY, (kind, limit))] if connection.execute(_SHELVED).get else []


def carry_over(connection: apsw.Connection, aside: Path) -> int:
    """Take the shelf of a damaged journal into the new one, so that damage never changes the routing; how many tables."""
    try:
        damaged = apsw.Connection(str(aside), flags=READ_FLAGS)
        rows = fetch(damaged, f"SELECT {', '.join(_COLUMNS)}, csv FROM routing_version ORDER BY id")  # noqa: S608 - names of columns
        damaged.close()
    except apsw.Error:
        log.warning("the installed routing tables of the damaged journal cannot be read; the routing file is installed anew")
        return 0
    connection.executemany(_CARRY, rows)
    return len(rows)


def glance(path: Path, kind: str, version: str | None = None) -> tuple[RoutingVersion, str] | None:
    """The table that runs on the journal at `path`, or the newest of this version, whoever has the journal; None without one.

    Needs neither lock nor key, for tables are no secret. JournalError when this user may not read it.
    """
    return _glance(path, lambda one: active(one, kind) if version is None else by_hash(one, kind, version), None)


def glance_history(path: Path, kind: str, limit: int) -> list[RoutingVersion]:
    """The same for the list of what was installed."""
    return _glance(path, lambda one: history(one, kind, limit), [])


def _glance(path: Path, look: Callable[[apsw.Connection], Result], nothing: Result) -> Result:
    try:
        if not path.exists():
            return nothing
        connection = Storage(path).reader()
    except (apsw.Error, OSError) as error:
        raise JournalError(f"{path} cannot be read by this user: {type(error).__name__}; try as the user the gateway runs as") from None
    try:
        return look(connection)
    except apsw.Error as error:
        raise JournalError(f"{path} cannot be read: {type(error).__name__}") from None
    finally:
        connection.close()


def _one(rows: Sequence[tuple[Any, ...]]) -> tuple[RoutingVersion, str] | None:
    return (_version(rows[0][:-1]), rows[0][-1]) if rows else None


def _version(row: Sequence[Any]) -> RoutingVersion:
    number, kind, version, installed_ms, who, why, runs, previous = row
    return RoutingVersion(number, kind, version, installed_ms, who, why, bool(runs), previous)
