"""All that the journal holds of one person, as plain values: for the person who asks (UU 27/2022), and for nobody else.

Columns are told by their names in schema.sql; what is sealed is opened, tags are left out. A page of messages at a time, so that the
reader is never held for long.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import apsw

from forwarder.journal.documents import Documents
from forwarder.journal.holds import HELD
from forwarder.journal.rows import fetch
from forwarder.journal.seal import SealError

Fields = dict[str, Any]
"""Values that JSON knows; `Any`, because each table has its own."""

UNOPENED = "(cannot be opened)"

_PAGE = "SELECT * FROM message WHERE reporter_tag = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
_COMPLAINT = "SELECT * FROM complaint WHERE id = ?1 AND message = ?2"
_REPLIES = """
SELECT * FROM reply WHERE complaint = ?1 AND message = ?2 UNION ALL SELECT * FROM reply WHERE complaint IS NULL AND message = ?2 ORDER BY id
"""
_HISTORY = "SELECT at_ms, who, move, sealed_reason FROM history WHERE complaint = ? ORDER BY id"
_ADDED_TO = "SELECT a.*, coalesce(c.number, '') AS number FROM addition AS a JOIN complaint AS c ON c.id = a.complaint WHERE a.message = ?1"
_ANSWERS = "SELECT coalesce(c.number, '') FROM answer AS a JOIN complaint AS c ON c.id = a.complaint WHERE a.message = ?1"
_QUESTIONS = "SELECT turn, asked, choices, asked_ms, until_ms, ended FROM question WHERE complaint = ?1 ORDER BY turn"
_PARTS = "SELECT p.part, p.received_ms, p.sealed_pdu, s.key_tag FROM part_set AS s JOIN part AS p ON p.part_set = s.id WHERE s.id = ?"
_OPEN_SETS = "SELECT id FROM part_set WHERE reporter_tag = ?1 AND message IS NULL ORDER BY id"
_AUDIT = "SELECT at_ms, who, what FROM audit WHERE about = ?1 ORDER BY id"
_HELD = f"SELECT count(*) FROM message AS m WHERE m.reporter_tag = ?1 AND {HELD.format(complaint='m.complaint')}"  # noqa: S608 - of our own
_SINCE = "SELECT (SELECT since_ms FROM {table} WHERE reporter_tag = ?1)"


def head(connection: apsw.Connection, documents: Documents, tag: bytes) -> Fields:
    """What is known of a person beside messages: how many there are, wishes, doors, what was done with the data."""
    since = {name: connection.execute(_SINCE.format(table=name), (tag,)).get for name in ("restriction", "silence", "blocked")}
    return {
        "messages": connection.execute("SELECT count(*) FROM message WHERE reporter_tag = ?", (tag,)).get,
        "restricted_since_ms": since["restriction"],
        "silent_since_ms": since["silence"],
        "blocked_since_ms": since["blocked"],
        "wrong_pins": _rows(connection, "SELECT * FROM pin_door WHERE reporter_tag = ?1", (tag,)),
        "replies_by_day": _rows(connection, "SELECT * FROM reply_count WHERE reporter_tag = ?1 ORDER BY day", (tag,)),
        "messages_held": connection.execute(_HELD, (tag,)).get,
        "audit": _rows(connection, _AUDIT, (tag.hex(),)),
        "parts": [part for (one,) in fetch(connection, _OPEN_SETS, (tag,)) for part in _parts(connection, documents, one)],
    }


def page(connection: apsw.Connection, documents: Documents, tag: bytes, after: int, limit: int) -> list[Fields]:
    """Messages above id `after`, each with all that hangs on it."""
    return [_message(connection, documents, row) for row in _full_rows(connection, _PAGE, (tag, after, limit))]


def _message(connection: apsw.Connection, documents: Documents, row: Mapping[str, Any]) -> Fields:
    message_id = row["id"]
    told = _plain(row)
    with _or_told(told, "sender"):
        if row["sealed_sender"]:
            kind, value, ton, npi, address = documents.open_address(message_id, row["sealed_sender"])
            told["sender"] = {"kind": kind, "value": value, "ton": ton, "npi": npi, "address": address}
    told["text"] = _text(documents, message_id, row["sealed_content"])
    with _or_told(told, "raw"):
        sealed = connection.execute("SELECT sealed_pdu FROM raw WHERE message = ?", (message_id,)).get
        told["raw"] = documents.open_raw(message_id, sealed).hex() if sealed else None
    if row["part_set"] is not None:
        told["parts_kept"] = list(_parts(connection, documents, row["part_set"]))
    told["post"] = _post(connection, documents, message_id)
    earlier = fetch(connection, "SELECT version, sealed_content FROM earlier WHERE message = ? ORDER BY version", (message_id,))
    told["earlier"] = [{"version": version, "text": _text(documents, message_id, sealed)} for version, sealed in earlier]
    told["added_to"] = _rows(connection, _ADDED_TO, (message_id,))
    told["answers"] = [number for (number,) in fetch(connection, _ANSWERS, (message_id,))]
    told["complaint"] = _complaint(connection, documents, row["complaint"], message_id)
    told["replies"] = _rows(connection, _REPLIES, (row["complaint"], message_id))
    return told


def _complaint(connection: apsw.Connection, documents: Documents, complaint_id: int | None, message_id: int) -> Fields | None:
    found = _rows(connection, _COMPLAINT, (complaint_id, message_id))
    if not found:
        return None
    told = found[0]
    told["course"] = _course(connection, documents, complaint_id or 0)
    told["news"] = _rows(connection, "SELECT * FROM news WHERE complaint = ?1 ORDER BY at_ms, what", (complaint_id,))
    told["questions"] = _rows(connection, _QUESTIONS, (complaint_id,))
    told["history"] = []
    for at_ms, who, move, sealed in fetch(connection, _HISTORY, (complaint_id,)):
        entry: Fields = {"at_ms": at_ms, "who": who, "move": move, "reason": None}
        with _or_told(entry, "reason"):
            entry["reason"] = documents.open_reason(complaint_id or 0, sealed)
        told["history"].append(entry)
    return told


def _course(connection: apsw.Connection, documents: Documents, complaint_id: int) -> Fields | None:
    for row in _full_rows(connection, "SELECT * FROM course WHERE complaint = ?1", (complaint_id,)):
        told = {**_plain(row), "answer": None}
        with _or_told(told, "answer"):
            if row["sealed_answer"]:
                told["answer"] = documents.open_answer(complaint_id, row["sealed_answer"])
        return told
    return None


def _post(connection: apsw.Connection, documents: Documents, message_id: int) -> Fields | None:
    for row in _full_rows(connection, "SELECT * FROM post WHERE message = ?1", (message_id,)):
        told = _plain(row)
        with _or_told(told, "id"):
            if row["sealed_ids"]:
                told["id"], told["first_id"] = documents.open_post_ids(message_id, row["sealed_ids"])
        return told
    return None


def _parts(connection: apsw.Connection, documents: Documents, set_id: int) -> Iterator[Fields]:
    for number, received_ms, sealed, key_tag in fetch(connection, _PARTS, (set_id,)):
        told: Fields = {"part": number, "received_ms": received_ms, "raw": None}
        with _or_told(told, "raw"):
            if sealed:
                told["raw"] = documents.open_segment(key_tag, sealed).raw.hex()
        yield told


def _text(documents: Documents, message_id: int, sealed: bytes | None) -> str | None:
    try:
        return documents.open_text(message_id, sealed) if sealed else None
    except SealError:
        return UNOPENED


def _rows(connection: apsw.Connection, sql: str, bindings: Sequence[Any]) -> list[Fields]:
    return [_plain(row) for row in _full_rows(connection, sql, bindings)]


def _full_rows(connection: apsw.Connection, sql: str, bindings: Sequence[Any]) -> list[Fields]:
    cursor = connection.execute(sql, tuple(bindings))
    try:
        names = [str(column[0]) for column in cursor.get_description()]
    except apsw.ExecutionCompleteError:
        return []
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _plain(row: Mapping[str, Any]) -> Fields:
    """Without what is sealed and without tags."""
    return {name: value for name, value in row.items() if not name.startswith("sealed_") and not name.endswith("_tag")}


@contextlib.contextmanager
def _or_told(told: Fields, name: str) -> Iterator[None]:
    """What cannot be opened is said to be there."""
    try:
        yield
    except SealError:
        told[name] = UNOPENED
