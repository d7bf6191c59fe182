"""Delivery receipts of operators: advice about a reply of ours, matched by ids that are written in several ways, and perhaps too early."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forwarder.journal.books import Books
from forwarder.journal.orders import Report
from forwarder.journal.rows import Bulk, Value, clean, insert, integers, read, texts

FINAL_REPORTS = frozenset({"DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "REJECTD"})

_MATCH = "SELECT json_group_array(json_array(operator, message_id, reply)) FROM handed WHERE message_id IN carray(?)"
_STRAY = insert("stray_report", "operator", "message_id", "state", "error", "at_ms")
_STRAYS = (
    "SELECT json_group_array(json_array(id, operator, message_id, state, error, at_ms)) FROM stray_report WHERE message_id IN carray(?)"
)
_DELIVERED = Bulk(
    "UPDATE reply SET delivery = v.column2, delivery_ms = v.column3 FROM (VALUES ",
    4,
    ") AS v WHERE reply.id = v.column1 AND (reply.delivery IS NULL OR v.column4)",
)


def note_delivery(books: Books, reports: Sequence[Report]) -> list[bool]:
    """Whether each receipt belongs to a reply of ours; the others are kept: a receipt may come before the answer to submit_sm."""
    if not reports:
        return []
    wanted = {one for report in reports for one in _spellings(report.message_id)}
    matched = read(books.connection, _MATCH, (texts(wanted),)) if wanted else []
    replies = {(operator, message_id): reply for operator, message_id, reply in matched}
    updates: list[Sequence[Value]] = []
    strays: list[Sequence[Value]] = []
    verdicts = []
    for report in reports:
        reply = next((replies[report.operator, one] for one in _spellings(report.message_id) if (report.operator, one) in replies), None)
        verdicts.append(reply is not None)
        if reply is None:
            strays.append((report.operator, plain_id(report.message_id), clean(report.state), clean(report.error), report.received_ms))
        else:
            updates.append((reply, clean(report.state), report.received_ms, int(report.state in FINAL_REPORTS)))
    _DELIVERED.run(books.connection, updates)
    _STRAY.run(books.connection, strays)
    books.strays += len(strays)
    return verdicts


def plain_id(message_id: str) -> str:
    """An operator's message id as we compare it: any case, with or without leading zeros."""
    return clean(message_id).strip().lower().lstrip("0") or "0"


def claim_strays(books: Books, handed: Sequence[tuple[str, str, int, int]]) -> None:
    """Match receipts that came before the operator told us the id."""
    spelled: dict[tuple[str, str], int] = {}
    for operator, message_id, reply, _ in handed:
        for one in _spellings(message_id):
            spelled[operator, one] = reply
    rows = read(books.connection, _STRAYS, (texts({message_id for _, message_id in spelled}),))
    claimed = [row for row in rows if (row[1], row[2]) in spelled]
    updates = [
        (spelled[operator, message_id], state, at_ms, int(state in FINAL_REPORTS)) for _, operator, message_id, state, _, at_ms in claimed
    ]
    _DELIVERED.run(books.connection, updates)
    if claimed:
        books.connection.execute("DELETE FROM stray_report WHERE id IN carray(?)", (integers(row[0] for row in claimed),))
        books.strays -= len(claimed)


def _spellings(message_id: str) -> Iterable[str]:
    """The same id as operators write it in a receipt: as it was, hex for decimal, decimal for hex (SMPP 3.4 §4.7, and practice)."""
    plain = plain_id(message_id)
    found = [plain]
    if len(plain) <= 20 and plain.isascii():
        if plain.isdigit():
            found.append(f"{int(plain):x}")
        if all(character in "0123456789abcdef" for character in plain):
            found.append(str(int(plain, 16)))
    return found
