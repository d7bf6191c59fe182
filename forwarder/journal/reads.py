"""Reading: short looks through a connection that cannot write. Only table `message` holds citizens' words, and they are opened here."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import apsw

from forwarder.journal.documents import Documents
from forwarder.journal.orders import Addition, Case, CaseState, Counts, HistoryEntry, Oldest, ReplyView, Waiting
from forwarder.journal.restriction import OF_MESSAGE
from forwarder.journal.rows import fetch, integers, read
from forwarder.journal.seal import SealError
from forwarder.lifecycle import AdditionState, ComplaintState, ReplyState
from forwarder.records import Filing
from parsers.model import Complaint

log = logging.getLogger(__name__)

ERASED = "(erased)"
"""In the place of an officer's reason that went with the citizen whom it may quote."""
DESK = (ComplaintState.HELD, ComplaintState.PARKED, ComplaintState.UNKNOWN)

_READING = (
    *("id", "message", "number", "state", "attempts", "region", "instansi", "instansi_name", "unit", "certainty", "keyword", "rule"),
    *("version", "topic", "classification", "language", "anonim", "rahasia"),
)
_WRITTEN = (
    *("channel", "operator", "bind", "destination", "received_ms", "sent_ms", "alphabet", "data_coding", "parts", "incomplete", "damaged"),
)
_COLUMNS = (*_READING, *_WRITTEN, "sealed_sender", "sealed_content", "answers")
_ANSWERS = """
SELECT json_group_array(json_array(w.id, hex(w.sealed_content)) ORDER BY w.id) FROM answer AS a JOIN message AS w ON w.id = a.message
WHERE a.complaint = c.id AND w.sealed_content IS NOT NULL
"""
_SELECT = f"""
SELECT json_group_array(json_array({", ".join(f"c.{name}" for name in _READING)}, {", ".join(f"m.{name}" for name in _WRITTEN)},
                                   hex(m.sealed_sender), hex(m.sealed_content), ({_ANSWERS})) ORDER BY c.next_ms, c.id)
"""
_OPEN = """
SELECT json_group_array(id) FROM (SELECT id FROM complaint WHERE state = ?1 AND next_ms <= ?2 ORDER BY next_ms, id LIMIT ?3)
"""
_BY_ID = f"{_SELECT} FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id IN carray(?)"
_WAITING = """
SELECT json_group_array(json_array(c.id, coalesce(c.number, f.number), c.state, coalesce(c.attention, c.reason, ''), c.since_ms, m.operator,
                                   c.region, coalesce(c.instansi_name, ''), c.attempts, coalesce(c.tracking_id, f.tracking_id)))
FROM ({inner}) AS c JOIN message AS m ON m.id = c.message LEFT JOIN complaint AS f ON f.id = c.first WHERE {seen}
"""
_BY_STATE = _WAITING.format(
    inner="SELECT * FROM complaint WHERE state = ?1 AND next_ms IS NOT NULL AND (?2 IS NULL OR reason = ?2) ORDER BY next_ms LIMIT ?3",
    seen=f"?4 OR NOT {OF_MESSAGE}",
)
_BY_ATTENTION = _WAITING.format(
    inner="SELECT * FROM complaint WHERE attention IS NOT NULL AND (?1 IS NULL OR attention = ?1) ORDER BY since_ms LIMIT ?2",
    seen=f"?3 OR NOT {OF_MESSAGE}",
)
_BY_REPORTER = _WAITING.format(
    inner="SELECT o.* FROM message AS w JOIN complaint AS o ON o.id = w.complaint WHERE w.reporter_tag = ?1 ORDER BY w.id DESC LIMIT ?2",
    seen="1",
)
_CASE = f"""
SELECT c.id, c.number, c.state, c.reason, c.attention, c.since_ms, c.next_ms, c.attempts, c.tracking_id, c.transaction_id, f.number,
       m.operator, m.bind, m.received_ms, (SELECT count(*) FROM complaint AS d WHERE d.first = c.id), m.cause, m.entered_by,
       {OF_MESSAGE}
FROM complaint AS c JOIN message AS m ON m.id = c.message LEFT JOIN complaint AS f ON f.id = c.first
WHERE c.number = ?1 OR c.tracking_id = ?1 ORDER BY c.number = ?1 DESC LIMIT 1
"""  # noqa: S608 - SQL of our own
_OF_REPORTER = """
SELECT json_group_array(json_array(c.id, c.number, c.state, c.tracking_id, c.rahasia, c.elsewhere) ORDER BY mine.message DESC)
FROM (SELECT coalesce(o.first, o.id) AS id, m.id AS message FROM message AS m JOIN complaint AS o ON o.id = m.complaint AND o.message = m.id
      WHERE m.reporter_tag = ?1 ORDER BY m.id DESC LIMIT 500) AS mine
JOIN complaint AS c ON c.id = mine.id WHERE ?2 IS NULL OR c.number = ?2 OR c.tracking_id = ?2
"""
_REPLIES = """
SELECT json_group_array(json_array(id, kind, state, due_ms, attempts, reason, delivery, settled_ms) ORDER BY id)
FROM reply WHERE complaint = ?
"""
_HISTORY = "SELECT json_group_array(json_array(at_ms, who, move, hex(sealed_reason)) ORDER BY id) FROM history WHERE complaint = ?"
_ADDITIONS = """
SELECT json_group_array(json_array(m.id, m.received_ms, hex(m.sealed_content), c.number || '-' || a.turn, a.state,
                                   coalesce('wish: ' || a.wish || CASE a.granted WHEN 1 THEN ' (granted)' WHEN 0 THEN ' (denied)'
                                       ELSE ' (open)' END || iif(a.reason IS NULL, '', ', '), '') || coalesce(a.reason, ''),
                                   a.since_ms, a.attempts, a.tracking_id) ORDER BY m.id)
FROM (SELECT * FROM addition WHERE complaint = ? ORDER BY message LIMIT 100) AS a JOIN message AS m ON m.id = a.message
JOIN complaint AS c ON c.id = a.complaint
"""
_UNTOLD = """
SELECT json_group_array(substr(what, 1, instr(what || ':', ':') - 1) || ': ' || why ORDER BY at_ms, what)
FROM news WHERE complaint = ? AND why IS NOT NULL
"""
_OLDEST = """
SELECT json_group_array(json_array(state, reason, n, since)) FROM (
    SELECT state, coalesce(reason, '') AS reason, count(*) AS n, min(since_ms) AS since FROM complaint
    WHERE next_ms IS NOT NULL AND state IN ('held', 'parked', 'unknown') GROUP BY 1, 2
    UNION ALL
    SELECT 'ready', '', 1, (SELECT since_ms FROM complaint WHERE state = 'ready' AND next_ms IS NOT NULL ORDER BY next_ms LIMIT 1)
    UNION ALL
    SELECT state, attention, count(*), min(since_ms) FROM complaint WHERE attention IS NOT NULL GROUP BY 1, 2)
WHERE since IS NOT NULL
"""
_OLDEST_ADDITIONS = "SELECT state, min(since_ms) FROM addition WHERE next_ms IS NOT NULL GROUP BY state"
_RAW = "SELECT r.message, r.sealed_pdu FROM complaint AS c JOIN raw AS r ON r.message = c.message WHERE c.number = ?"
_RAW_PARTS = """
SELECT s.key_tag, p.sealed_pdu FROM complaint AS c JOIN message AS m ON m.id = c.message JOIN part_set AS s ON s.id = m.part_set
JOIN part AS p ON p.part_set = s.id WHERE c.number = ? AND p.sealed_pdu IS NOT NULL ORDER BY p.part
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints to rebuild: `limit` in `state` whose time has come at `now_ms`, without those of `exclude`."""

    state: ComplaintState
    limit: int
    now_ms: int
    exclude: AbstractSet[int] = frozenset()


def filings(connection: apsw.Connection, documents: Documents, wanted: Wanted) -> list[Filing]:
    """Complaints on their way, oldest first, rebuilt for the core. What cannot be opened is left out (and stays)."""
    found: list[Filing] = []
    ids: list[Any] = read(connection, _OPEN, (wanted.state.value, wanted.now_ms, wanted.limit + len(wanted.exclude)))
    new = [one for one in ids if one not in wanted.exclude][: wanted.limit]
    for values in read(connection, _BY_ID, (integers(new),)) if new else ():
        row = dict(zip(_COLUMNS, values, strict=True))
        complaint = _complaint(documents, row)
        if complaint is None:
            log.error("a complaint cannot be opened and stays where it is", extra={"complaint_id": row["id"]})
        else:
            found.append(Filing(row["id"], row["attempts"] + 1, complaint))
    return found


def waiting(
    connection: apsw.Connection, state: ComplaintState | None, reason: str | None, limit: int, *, reveal: bool = False
) -> list[Waiting]:
    """The desk's list, oldest first; what is of restricted persons only with `reveal`."""
    rows: list[list[Any]] = []
    for one in DESK if state is None else (state,):
        rows += read(connection, _BY_STATE, (one.value, reason, limit, reveal))
    if state is None:
        known = {row[0] for row in rows}
        rows += [row for row in read(connection, _BY_ATTENTION, (reason, limit, reveal)) if row[0] not in known]
    rows.sort(key=lambda row: (row[4], row[0]))
    return [_waiting(row) for row in rows[:limit]]


def by_reporter(connection: apsw.Connection, reporter_tag: bytes, limit: int) -> list[Waiting]:
    """One reporter's complaints, newest first."""
    rows = sorted(read(connection, _BY_REPORTER, (reporter_tag, limit)), key=lambda row: -row[0])
    return [_waiting(row) for row in rows]


def case(connection: apsw.Connection, documents: Documents, number: str) -> Case | None:
    """Everything about one complaint."""
    found = fetch(connection, _CASE, (number,))
    if not found:
        return None
    (
        complaint_id,
        own,
        state,
        reason,
        attention,
        since,
        next_ms,
        attempts,
        tracking,
        transaction,
        first,
        operator,
        bind,
        received,
        more,
        cause,
        entered_by,
        restricted,
    ) = found[0]
    rows = read(connection, f"{_SELECT} FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?", (complaint_id,))
    row: dict[str, Any] = dict(zip(_COLUMNS, rows[0], strict=True)) | {"number": own or first}
    history = read(connection, _HISTORY, (complaint_id,))
    return Case(
        complaint_id=complaint_id,
        number=own or first or "",
        state=ComplaintState(state),
        reason=reason or "",
        attention=attention,
        since_ms=since,
        next_ms=next_ms,
        attempts=attempts,
        tracking_id=tracking,
        transaction_id=transaction,
        first=first,
        operator=operator,
        bind=bind,
        received_ms=received,
        complaint=_complaint(documents, row),
        replies=tuple(_reply(one) for one in read(connection, _REPLIES, (complaint_id,))),
        history=tuple(_entry(documents, complaint_id, one) for one in history),
        duplicates=more,
        cause=cause,
        entered_by=entered_by,
        restricted=bool(restricted),
        untold=tuple(map(str, read(connection, _UNTOLD, (complaint_id,)))),
        additions=tuple(_addition(documents, one) for one in read(connection, _ADDITIONS, (complaint_id,))),
    )


def case_of(connection: apsw.Connection, reporter_tag: bytes, number: str | None) -> CaseState | None:
    """A reporter's own complaint, the newest where no number is given; a duplicate is answered with its first."""
    rows = read(connection, _OF_REPORTER, (reporter_tag, number))
    if not rows:
        return None
    complaint_id, own, state, tracking, rahasia, elsewhere = rows[0]
    return CaseState(complaint_id, own, ComplaintState(state), tracking, bool(rahasia), elsewhere)


def raw(connection: apsw.Connection, documents: Documents, number: str) -> list[bytes]:
    """The PDUs as they came."""
    whole = [documents.open_raw(message, sealed) for message, sealed in fetch(connection, _RAW, (number,))]
    return whole or [documents.open_segment(key, sealed).raw for key, sealed in fetch(connection, _RAW_PARTS, (number,))]


def counts(connection: apsw.Connection) -> Counts:
    """By state from the tally; the oldest per reason from what is open."""
    tally = {
        (noun, state): count
        for noun, state, count in read(connection, "SELECT json_group_array(json_array(noun, state, count)) FROM tally")
    }
    oldest = [Oldest(ComplaintState(state), reason, count, since) for state, reason, count, since in read(connection, _OLDEST)]
    ready = tally.get(("complaint", ComplaintState.READY.value), 0)
    return Counts(
        complaints={state: tally.get(("complaint", state.value), 0) for state in ComplaintState},
        replies={state: tally.get(("reply", state.value), 0) for state in ReplyState},
        messages=tally.get(("message", "stored"), 0),
        open_sets=connection.execute("SELECT count(*) FROM part_set WHERE state = 'open'").get,
        oldest=[Oldest(one.state, one.reason, ready, one.since_ms) if one.state is ComplaintState.READY else one for one in oldest],
        alarms=tally.get(("alarm", "raised"), 0),
        refusals=tally.get(("refusal", "noted"), 0),
        additions={AdditionState(state): since for state, since in fetch(connection, _OLDEST_ADDITIONS)},
        look_ms=connection.execute("SELECT min(look_ms) FROM course WHERE look_ms IS NOT NULL").get,
    )


def complaints(connection: apsw.Connection, documents: Documents, ids: Sequence[int]) -> dict[int, Complaint]:
    """Complaints by id, rebuilt; without those whose text is erased."""
    rows = read(connection, _BY_ID, (integers(ids),))
    built = {values[0]: _complaint(documents, dict(zip(_COLUMNS, values, strict=True))) for values in rows}
    return {number: one for number, one in built.items() if one is not None}


def _complaint(documents: Documents, row: Mapping[str, Any]) -> Complaint | None:
    """Rebuilt from its row; None for an unreadable one, an erased one, or one that was tampered with."""
    if not row["sealed_sender"] or not row["sealed_content"] or row["rule"] is None:
        return None
    octets = {name: bytes.fromhex(row[name]) for name in ("sealed_sender", "sealed_content")}
    try:
        complaint = documents.open_complaint({**row, **octets})
        answers = tuple(documents.open_text(message, bytes.fromhex(sealed)) for message, sealed in json.loads(row["answers"]))
        return replace(complaint, answers=answers) if answers else complaint
    except (SealError, LookupError):
        return None


def _waiting(row: Sequence[Any]) -> Waiting:
    complaint_id, number, state, reason, since, operator, region, instansi, attempts, tracking = row
    return Waiting(complaint_id, number, ComplaintState(state), reason, since, operator, region, instansi, attempts, tracking)


def _addition(documents: Documents, row: Sequence[Any]) -> Addition:
    message, received_ms, sealed, key, state, *rest = row
    try:
        text = documents.open_text(message, bytes.fromhex(sealed)) if sealed else None
    except SealError:
        text = None
    return Addition(received_ms, text, key, None if state is None else AdditionState(state), *rest)


def _reply(row: Sequence[Any]) -> ReplyView:
    reply_id, kind, state, due_ms, attempts, reason, delivery, settled_ms = row
    return ReplyView(reply_id, kind, ReplyState(state), due_ms or settled_ms or 0, attempts, reason or "", delivery)


def _entry(documents: Documents, complaint_id: int, row: Sequence[Any]) -> HistoryEntry:
    at_ms, who, move, sealed = row
    try:
        reason = documents.open_reason(complaint_id, bytes.fromhex(sealed))
    except SealError:
        reason = None
    return HistoryEntry(at_ms, who, move, ERASED if reason is None else reason)
