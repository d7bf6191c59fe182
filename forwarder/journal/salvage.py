"""Bringing back what can be read of a damaged journal: rows keep their ids, and nothing unfinished is ever sent by itself.

Whether a complaint that was `ready` in a damaged file had gone out since, nobody knows; so it comes back `unknown`, for a look-up or a
person; so does one that waited for an answer. A reply that was waiting comes back `unknown`, too: a second SMS is worse than none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from forwarder.journal.books import Books
from forwarder.journal.questions import LAPSED
from forwarder.journal.rows import Value, fetch
from forwarder.journal.storage import READ_FLAGS
from forwarder.lifecycle import AdditionState, ComplaintState, HeldReason, ReplyState

log = logging.getLogger(__name__)

TABLES = (
    "person",
    "restriction",
    "legal_hold",
    "session",
    "message",
    "raw",
    "part_set",
    "part",
    "complaint",
    "claim",
    "reply",
    "abroad",
    "history",
    "post",
    "earlier",
    "addition",
    "question",
    "answer",
    "course",
    "news",
    "heard",
    "cursor",
    "silence",
    "blocked",
    "closed_day",
    "habit",
    "redelivery",
)
WHOLE = frozenset(
    {"cursor", "silence", "heard", "closed_day", "habit", "redelivery", "restriction", "blocked"}
)  # small, without a number to walk along
SLICE = 200  # rows read at once; where one cannot be read, its slice is read row by row
FROM_DAMAGED = "salvaged from a damaged file"
_NUMBERED = ("message", "complaint", "reply", "part_set", "session", "person")
_KEYS = {
    "raw": "message",
    "part": "part_set",
    "post": "message",
    "earlier": "message",
    "addition": "complaint",
    "question": "complaint",
    "answer": "complaint",
    "course": "complaint",
    "news": "complaint",
    "claim": "complaint",
    "abroad": "reply",
    "legal_hold": "complaint",
}
_UNFINISHED = frozenset({ComplaintState.READY, ComplaintState.SENDING})
_UNADDED = frozenset({AdditionState.WAITING, AdditionState.READY, AdditionState.SENDING})
_UNSENT = frozenset({ReplyState.DUE, ReplyState.LATER, ReplyState.SENDING})
_EPOCH_MS = 1_767_225_600_000  # 2026-01-01, before the first journal


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one table as they were read: column names and values."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one slice."""

    rows: int
    unknown: int
    refused: int


def highest(file: Path, now_ms: int) -> int:
    """An id above all that the damaged file gave, so that no complaint number is said to two citizens.

    Where the file cannot tell, one per second since the first version: no gateway is that busy for years.
    """
    try:
        connection = apsw.Connection(str(file), flags=READ_FLAGS)
        there = {name for (name,) in fetch(connection, "SELECT name FROM sqlite_schema")}
        found = [connection.execute(f"SELECT max(id) FROM {table}").get or 0 for table in _NUMBERED if table in there]  # noqa: S608 - names of our own tables
        connection.close()
    except apsw.Error:
        found = []
    return max(found) + SLICE if found else max(0, now_ms - _EPOCH_MS) // 1000


def slices(file: Path) -> Iterator[Slice | int]:
    """What can be read, table by table; an int counts rows that cannot."""
    connection = apsw.Connection(str(file), flags=READ_FLAGS)
    try:
        for table in TABLES:
            yield from _table(connection, table)
    finally:
        connection.close()


def restore(books: Books, items: Sequence[Slice]) -> list[Restored]:
    """Put slices into the new journal; a row whose id or number is taken is refused."""
    return [_restore(books, item) for item in items]


def finish(books: Books, items: Sequence[None]) -> list[None]:
    """Everything is back: open sets are known again, and filing goes on."""
    books.connection.execute("DELETE FROM meta WHERE name IN ('filing_paused', 'resealed')")
    books.load()
    return list(items)


def _table(connection: apsw.Connection, table: str) -> Iterator[Slice | int]:
    key = _KEYS.get(table, "id")
    try:
        columns = tuple(str(row[1]) for row in fetch(connection, f"PRAGMA table_info({table})"))
        if not columns:  # a file of an older version
            return
        if table in WHOLE:
            yield Slice(table, columns, tuple(fetch(connection, f"SELECT {', '.join(columns)} FROM {table}")))  # noqa: S608 - names of our own tables
            return
        lowest, top = fetch(connection, f"SELECT min({key}), max({key}) FROM {table}")[0]  # noqa: S608 - names of our own tables
    except apsw.Error:
        log.exception("a table of the damaged journal cannot be read", extra={"table": table})
        yield 1
        return
    if lowest is None:
        return
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} BETWEEN ? AND ?"  # noqa: S608 - names of our own tables
    for start in range(lowest, top + 1, SLICE):
        end = min(start + SLICE - 1, top)
        try:
            rows = fetch(connection, sql, (start, end))
        except apsw.Error:
            yield from _one_by_one(connection, Slice(table, columns, ()), sql, range(start, end + 1))
            continue
        if rows:
            yield Slice(table, columns, tuple(rows))


def _one_by_one(connection: apsw.Connection, empty: Slice, sql: str, keys: range) -> Iterator[Slice | int]:
    lost = 0
    for key in keys:
        try:
            rows = fetch(connection, sql, (key, key))
        except apsw.Error:
            lost += 1
            continue
        if rows:
            yield Slice(empty.table, empty.columns, tuple(rows))
    yield lost


def _restore(books: Books, item: Slice) -> Restored:
    marks = ", ".join("?" * len(item.columns))
    sql = f"INSERT OR IGNORE INTO {item.table} ({', '.join(item.columns)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    rows = unknown = 0
    for values in item.rows:
        row, lost = _settle(books, item.table, dict(zip(item.columns, values, strict=True)))
        books.connection.execute(sql, tuple(row.values()))
        if books.connection.changes():
            rows += 1
            unknown += lost
            _count(books, item.table, row)
    if item.table == "blocked":
        books.know_blocked()
    return Restored(rows, unknown, len(item.rows) - rows)


def _settle(books: Books, table: str, row: dict[str, Value]) -> tuple[dict[str, Value], bool]:
    """The row as it may come back, and whether a complaint became unknown by that."""
    if table == "question" and row["ended"] is None:
        return row | {"ended": LAPSED}, False
    asked = table == "complaint" and (row["state"], row["reason"]) == (ComplaintState.HELD, HeldReason.QUESTION)
    if table == "complaint" and (asked or row["state"] in _UNFINISHED):
        now = books.now_ms
        return row | {"state": ComplaintState.UNKNOWN.value, "reason": FROM_DAMAGED, "since_ms": now, "next_ms": now}, True
    if table == "reply" and row["state"] in _UNSENT:
        return row | {"state": ReplyState.UNKNOWN.value, "reason": FROM_DAMAGED, "due_ms": None, "settled_ms": books.now_ms}, False
    if table == "addition" and row.get("state") in _UNADDED:
        now = books.now_ms
        return row | {"state": AdditionState.UNKNOWN.value, "reason": FROM_DAMAGED, "since_ms": now, "next_ms": now}, False
    if table == "session" and row["ended_ms"] is None:
        return row | {"ended_ms": books.now_ms}, False
    return row, False


def _count(books: Books, table: str, row: dict[str, Value]) -> None:
    if table == "message":
        books.tally.add("message", "stored")
    elif table in ("complaint", "reply", "addition") and row.get("state") is not None:
        books.tally.add(table, str(row["state"]))
    elif table == "course":
        books.tally.add(table, str(row["status"] or ""))
