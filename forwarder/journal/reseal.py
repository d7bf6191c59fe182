"""Moving what an earlier version sealed by a master key itself under the keys of persons and of the house, a slice at a time.

Each table is walked once by its ids; how far stands in table meta, so a restart goes on where it stopped, and what this version wrote is
passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import apsw

from forwarder.journal import documents
from forwarder.journal.books import Books
from forwarder.journal.rows import fetch, integers, read
from forwarder.journal.seal import BY_DATA_KEY, HOUSE, DataKey, SealError, key_of

WALKED = "resealed"

_WALKED = "SELECT value FROM meta WHERE name = 'resealed'"
_PUT = "INSERT OR REPLACE INTO meta (name, value) VALUES ('resealed', CAST(? AS BLOB))"
_OF_COMPLAINT = "SELECT m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?"


@dataclass(frozen=True, slots=True)
class Table:
    """One table to walk: its next ids (after id, limit), those of them that hold old values, and what moves one row."""

    name: str
    ids: str
    old: str
    move: Callable[[Books, int], None]


@dataclass(frozen=True, slots=True)
class Slice:
    """Ids of one table that hold old values, and how far the walk comes with them."""

    table: str
    ids: tuple[int, ...]
    end: int


def message(books: Books, message_id: int) -> None:
    """Everything of one message but its parts."""
    tag = books.connection.execute("SELECT reporter_tag FROM message WHERE id = ?", (message_id,)).get
    key = books.key_of(tag)
    for table, row, column, purpose in (
        ("message", "id", "sealed_sender", "sender"),
        ("message", "id", "sealed_content", "content"),
        ("raw", "message", "sealed_pdu", "pdu"),
        ("post", "message", "sealed_ids", "post"),
    ):
        sealed = books.connection.execute(f"SELECT {column} FROM {table} WHERE {row} = ?", (message_id,)).get  # noqa: S608 - names of our own tables
        moved = _moved(books, purpose, message_id, sealed, key)
        if moved is not None:
            books.connection.execute(f"UPDATE {table} SET {column} = ?2 WHERE {row} = ?1", (message_id, moved))  # noqa: S608 - the same
    for version, sealed in fetch(books.connection, "SELECT version, sealed_content FROM earlier WHERE message = ?", (message_id,)):
        moved = _moved(books, "content", message_id, sealed, key)
        if moved is not None:
            sql = "UPDATE earlier SET sealed_content = ?3 WHERE message = ?1 AND version = ?2"
            books.connection.execute(sql, (message_id, version, moved))


def _parts(books: Books, set_id: int) -> None:
    key_tag = books.connection.execute("SELECT key_tag FROM part_set WHERE id = ?", (set_id,)).get
    for number, sealed in fetch(books.connection, "SELECT part, sealed_pdu FROM part WHERE part_set = ?", (set_id,)):
        if not sealed or sealed[:1] == BY_DATA_KEY:
            continue
        try:
            segment = books.documents.open_segment(key_tag, sealed)
        except SealError:
            continue
        tag = documents.source_tag(books.sealer, segment)
        moved = books.documents.segment(key_tag, segment, books.key_of(tag))
        books.connection.execute("UPDATE part SET sealed_pdu = ?3 WHERE part_set = ?1 AND part = ?2", (set_id, number, moved))
        books.connection.execute("UPDATE part_set SET reporter_tag = ?2 WHERE id = ?1", (set_id, tag))


def _history(books: Books, row: int) -> None:
    complaint, sealed = fetch(books.connection, "SELECT complaint, sealed_reason FROM history WHERE id = ?", (row,))[0]
    key = books.key_of(books.connection.execute(_OF_COMPLAINT, (complaint,)).get)
    moved = _moved(books, "reason", complaint, sealed, key)
    if moved is not None:
        books.connection.execute("UPDATE history SET sealed_reason = ?2 WHERE id = ?1", (row, moved))


_OLD = "substr({0}, 1, 1) NOT IN (x'00', x'')"
TABLES = (
    Table(
        "message",
        "SELECT json_group_array(id) FROM (SELECT id FROM message WHERE id > ?1 ORDER BY id LIMIT ?2)",
        f"""
SELECT json_group_array(id) FROM message AS m WHERE m.id IN carray(?) AND ({_OLD.format("m.sealed_sender")}
OR {_OLD.format("m.sealed_content")} OR EXISTS (SELECT 1 FROM raw AS r WHERE r.message = m.id AND {_OLD.format("r.sealed_pdu")})
OR EXISTS (SELECT 1 FROM post AS p WHERE p.message = m.id AND {_OLD.format("p.sealed_ids")})
OR EXISTS (SELECT 1 FROM earlier AS e WHERE e.message = m.id AND {_OLD.format("e.sealed_content")}))
""",  # noqa: S608 - names of our own tables
        message,
    ),
    Table(
        "part_set",
        "SELECT json_group_array(id) FROM (SELECT id FROM part_set WHERE id > ?1 ORDER BY id LIMIT ?2)",
        f"SELECT json_group_array(DISTINCT part_set) FROM part WHERE part_set IN carray(?) AND {_OLD.format('sealed_pdu')}",  # noqa: S608 - the same
        _parts,
    ),
    Table(
        "history",
        "SELECT json_group_array(id) FROM (SELECT id FROM history WHERE id > ?1 ORDER BY id LIMIT ?2)",
        f"SELECT json_group_array(id) FROM history WHERE id IN carray(?) AND {_OLD.format('sealed_reason')}",  # noqa: S608 - the same
        _history,
    ),
)


def walked(connection: apsw.Connection) -> dict[str, int]:
    """Up to which id each table is walked."""
    said = connection.execute(_WALKED).get
    return dict(json.loads(said)) if isinstance(said, bytes) else {}


def next_slice(connection: apsw.Connection, table: Table, limit: int) -> Slice | None:
    """What is to be moved next; None at the end. `limit` bounds the rows looked at."""
    ids = cast("list[int]", read(connection, table.ids, (walked(connection).get(table.name, 0), limit)))
    if not ids:
        return None
    return Slice(table.name, tuple(cast("list[int]", read(connection, table.old, (integers(ids),)))), ids[-1])


def left(connection: apsw.Connection) -> int:
    """Rows that hold old values and are not walked yet; reads all of them."""
    found = 0
    for table in TABLES:
        after = walked(connection).get(table.name, 0)
        while ids := cast("list[int]", read(connection, table.ids, (after, 1000))):
            found += len(read(connection, table.old, (integers(ids),)))
            after = ids[-1]
    return found


def move(books: Books, items: Sequence[Slice]) -> list[int]:
    """Move slices that were found; how many rows each."""
    moves = {table.name: table.move for table in TABLES}
    for item in items:
        for row in item.ids:
            moves[item.table](books, row)
        so_far = walked(books.connection)
        so_far[item.table] = max(item.end, so_far.get(item.table, 0))
        books.connection.execute(_PUT, (json.dumps(so_far),))
    return [len(item.ids) for item in items]


def _moved(books: Books, purpose: str, row: int, sealed: bytes | None, key: DataKey | None) -> bytes | None:
    """The value sealed anew; None where it is well sealed already, empty, or cannot be opened."""
    if not sealed or key_of(sealed) != HOUSE or (sealed[:1] == BY_DATA_KEY and key is None):
        return None
    try:
        return books.sealer.seal(purpose, row, books.sealer.open(purpose, row, sealed), key)
    except SealError:
        return None
