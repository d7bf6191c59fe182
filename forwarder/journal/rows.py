"""Many rows in one statement.

SQLite is fast and Python is not: apsw gives up the interpreter lock at every step, so a statement per row hands the processor to the
event loop and waits to get it back. Hence rows go in by 32, 8 or 1, and come out as one JSON value.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, cast

import apsw

Value = str | int | float | bytes | None
CHUNKS = (32, 16, 8, 4, 2, 1)


class Bulk:
    """A statement around a list of VALUES: `INSERT INTO t (a, b) VALUES …` or `UPDATE … FROM (VALUES …) …`.

    `width` is the number of columns of a row; `before` and `after` are the text around the rows and hold no parameters.
    """

    def __init__(self, before: str, width: int, after: str = "") -> None:
        row = "(" + ",".join("?" * width) + ")"
        self._sql = {size: before + ",".join([row] * size) + after for size in CHUNKS}

    def run(self, connection: apsw.Connection, rows: Sequence[Sequence[Value]]) -> int:
        """Run it for all rows, in order; returns how many rows of the table changed."""
        at, changed, count = 0, 0, len(rows)
        for size in CHUNKS:
            sql = self._sql[size]
            while count - at >= size:
                connection.execute(sql, list(chain.from_iterable(rows[at : at + size])))
                changed += connection.changes()
                at += size
        return changed


def insert(table: str, *columns: str) -> Bulk:
    """INSERT of whole rows."""
    return Bulk(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ", len(columns))  # noqa: S608 - names of columns, no data


def read(connection: apsw.Connection, sql: str, bindings: Sequence[object] = ()) -> list[list[Any]]:
    """Rows of a query written as `SELECT json_group_array(json_array(…)) …`: one step whatever their number.

    `Any` because the query alone says what its columns are; octets come as `hex(…)`.
    """
    return cast("list[list[Any]]", json.loads(connection.execute(sql, cast("tuple[apsw.SQLiteValue, ...]", bindings)).get))


def fetch(connection: apsw.Connection, sql: str, bindings: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Rows of a query that gives few; `Any` for the same reason."""
    return cast("list[tuple[Any, ...]]", connection.execute(sql, cast("tuple[apsw.SQLiteValue, ...]", bindings)).fetchall())


def integers(values: Iterable[int]) -> apsw.CArrayBinding:
    """A list of ids for `IN carray(?)`; never empty."""
    return apsw.carray(array("q", values))


def blobs(values: Iterable[bytes]) -> apsw.CArrayBinding:
    """A list of tags for `IN carray(?)`; never empty."""
    return apsw.carray(tuple(values))


def texts(values: Iterable[str]) -> apsw.CArrayBinding:
    """A list of words for `IN carray(?)`; never empty."""
    return apsw.carray(tuple(values))


def clean(text: str) -> str:
    """Words of a peer as SQLite can hold and find them: no NUL and no lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def words(values: Iterable[str]) -> str:
    """Words of our own (states, never data) as SQL: `'ready', 'held'`."""
    return ", ".join(f"'{value}'" for value in values)
