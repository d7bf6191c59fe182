"""What breaks the sums, seen from the other side: rows that speak of a message, complaint or set that is not there.

A message that is lost has left traces: its raw PDU, its complaint, its reply, its post, its parts. Each question is one statement over the
ids of a time (accounts.Span), so that a day costs what the day holds and not what the journal holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from forwarder.journal.accounts import BROKEN, Account, Span, Wrong, account, first_id, span_of
from forwarder.journal.books import DAY_MS
from forwarder.journal.rows import fetch, read
from forwarder.lifecycle import ReplyState, SetState

INDEXES = {"complaint_tracking": "one tracking id for two complaints", "complaint_number": "one number for two complaints"}
CHANNEL_UNKNOWN = ""

_LOST = (
    (
        "its raw PDU",
        """
SELECT json_group_array(json_array(r.message, r.received_ms, '', NULL))
FROM raw AS r LEFT JOIN message AS m ON m.id = r.message
WHERE r.message BETWEEN ?1 AND ?2 AND m.id IS NULL AND r.received_ms >= ?3 AND r.received_ms < ?4
""",
    ),
    (
        "its post",
        """
SELECT json_group_array(json_array(p.message, ?3, p.account, NULL))
FROM post AS p LEFT JOIN message AS m ON m.id = p.message
WHERE p.message BETWEEN ?1 AND ?2 AND m.id IS NULL AND ?4
""",
    ),
    (
        "an addition",
        """
SELECT json_group_array(json_array(a.message, ?3, '', c.number))
FROM addition AS a LEFT JOIN message AS m ON m.id = a.message LEFT JOIN complaint AS c ON c.id = a.complaint
WHERE a.message BETWEEN ?1 AND ?2 AND m.id IS NULL AND ?4
""",
    ),
)
"""What speaks of a message by its id: ?1 to ?2 are ids, ?3 to ?4 times."""
_COMPLAINTS = """
SELECT json_group_array(json_array(c.message, c.since_ms, '', c.number)) FROM complaint AS c LEFT JOIN message AS m ON m.id = c.message
WHERE c.id BETWEEN ?1 AND ?2 AND m.id IS NULL
"""
_SETS_LOST = f"""
SELECT json_group_array(json_array(coalesce(s.message, -s.id), s.began_ms, s.operator, NULL)) FROM part_set AS s
LEFT JOIN message AS m ON m.id = s.message
WHERE s.id BETWEEN ?1 AND ?2 AND s.began_ms >= ?3 AND s.began_ms < ?4 AND m.id IS NULL
AND (s.message IS NOT NULL OR s.state IN ('{SetState.JOINED}', '{SetState.TIMED_OUT}'))
"""  # noqa: S608 - words of lifecycle.py, no data
_ESTRANGED = """
SELECT json_group_array(json_array(c.since_ms, m.operator, c.number, m.id)) FROM complaint AS c JOIN message AS m ON m.id = c.message
WHERE c.id BETWEEN ?1 AND ?2 AND m.complaint IS NOT c.id
"""
_REPLIES = f"""
SELECT json_group_array(json_array(coalesce(r.settled_ms, r.due_ms, 0), coalesce(m.operator, ''), c.number, r.message, CASE
    WHEN m.id IS NULL THEN 'a reply to nothing'
    WHEN r.complaint IS NOT NULL AND c.id IS NULL THEN 'a reply about a complaint that does not exist'
    WHEN r.state NOT IN ({", ".join(f"'{one}'" for one in ReplyState)}) THEN 'a reply in a state that does not exist'
    ELSE 'a reply that waits where nobody looks: an open state without a time' END))
FROM reply AS r LEFT JOIN message AS m ON m.id = r.message LEFT JOIN complaint AS c ON c.id = r.complaint
WHERE r.id BETWEEN ?1 AND ?2 AND (m.id IS NULL OR (r.complaint IS NOT NULL AND c.id IS NULL)
    OR r.state NOT IN ({", ".join(f"'{one}'" for one in ReplyState)}) OR (r.due_ms IS NULL AND r.state IN ('due', 'later', 'sending')))
"""  # noqa: S608 - words of lifecycle.py, no data
_SETS = f"""
SELECT json_group_array(json_array(began_ms, operator, NULL, message, CASE
    WHEN state NOT IN ({", ".join(f"'{one}'" for one in SetState)}) THEN 'a long message in a state that does not exist'
    WHEN here = 0 THEN 'a long message without any part'
    WHEN state = 'open' THEN 'all parts of a long message are here, and it is not joined'
    ELSE 'a long message was joined without all its parts' END))
FROM (SELECT s.*, (SELECT count(*) FROM part AS p WHERE p.part_set = s.id) AS here FROM part_set AS s
      WHERE s.id BETWEEN ?1 AND ?2 AND s.began_ms >= ?3 AND s.began_ms < ?4)
WHERE here = 0 OR (state = 'open' AND here >= total) OR (state = 'joined' AND here < total)
   OR state NOT IN ({", ".join(f"'{one}'" for one in SetState)})
"""  # noqa: S608 - words of lifecycle.py, no data
_PARTS = """
SELECT json_group_array(json_array(at, '', NULL, NULL, 'parts of a long message that does not exist')) FROM (
    SELECT min(p.received_ms) AS at FROM part AS p LEFT JOIN part_set AS s ON s.id = p.part_set
    WHERE p.part_set BETWEEN ?1 AND ?2 AND s.id IS NULL GROUP BY p.part_set)
WHERE at >= ?3 AND at < ?4
"""
_ADDITIONS = """
SELECT json_group_array(json_array(m.received_ms, m.operator, c.number, m.id, CASE
    WHEN c.id IS NULL OR m.complaint IS NOT a.complaint THEN 'an addition to a complaint that its message does not name'
    WHEN a.state = 'added' AND a.tracking_id IS NULL THEN 'an addition at the core without a tracking id'
    ELSE 'one tracking id for two' END))
FROM addition AS a JOIN message AS m ON m.id = a.message LEFT JOIN complaint AS c ON c.id = a.complaint
WHERE m.received_ms >= ?1 AND m.received_ms < ?2 AND (c.id IS NULL OR m.complaint IS NOT a.complaint
    OR (a.state = 'added' AND a.tracking_id IS NULL)
    OR EXISTS (SELECT 1 FROM complaint AS o WHERE o.tracking_id = a.tracking_id AND o.id <> a.complaint))
"""
_TRACES = {
    "history": "what somebody did to a complaint that does not exist",
    "course": "what the core says of a complaint that does not exist",
}
_TRACE = """
SELECT json_group_array(at) FROM (SELECT min(coalesce(t.{at}, 0)) AS at FROM {table} AS t LEFT JOIN complaint AS c ON c.id = t.complaint
WHERE t.complaint BETWEEN ?1 AND ?2 AND c.id IS NULL GROUP BY t.complaint)
"""


def whole_account(connection: apsw.Connection, start_ms: int, end_ms: int) -> Account:
    """The sums of a time, and everything that breaks them."""
    found = account(connection, start_ms, end_ms)
    span = span_of(connection, start_ms, end_ms)
    _lost(connection, found, span)
    for at_ms, operator, number, message_id, what in _strangers(connection, found, span):
        found.broke(Wrong(what, at_ms, operator, number, message_id))
    for name, rule in INDEXES.items():
        if not fetch(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?", (name,)):
            found.broke(Wrong(f"the journal's index {name}, which forbids {rule}, is gone", start_ms))
    return found


def _lost(connection: apsw.Connection, found: Account, span: Span) -> None:
    """Messages that are gone, each once, with all that still speaks of them: they came, and nothing accounts for them."""
    times = (found.start_ms, found.end_ms)
    lost: dict[int, tuple[int, str, str | None, list[str]]] = {}
    for trace, sql in _LOST:
        _note(lost, trace, read(connection, sql, (*span.messages, *times)))
    _note(lost, "its parts", read(connection, _SETS_LOST, (*span.sets, *times)))
    _note(lost, "its complaint", read(connection, _COMPLAINTS, span.complaints))
    for message_id, (at_ms, operator, number, traces) in sorted(lost.items()):
        what = f"the message is gone; {' and '.join(dict.fromkeys(traces))} {'is' if len(traces) == 1 else 'are'} left"
        line = found.line(operator, CHANNEL_UNKNOWN)
        line.received += 1
        line.accounts[BROKEN, "the message is gone"] += 1
        found.broke(Wrong(what, at_ms, operator, number, message_id if message_id > 0 else None))


def _note(lost: dict[int, tuple[int, str, str | None, list[str]]], trace: str, rows: Sequence[Sequence[Any]]) -> None:
    for message_id, at_ms, operator, number in rows:
        _, was, named, traces = lost.setdefault(message_id, (at_ms, operator, number, []))
        traces.append(trace)
        lost[message_id] = (at_ms, was or operator, named or number, traces)


def _strangers(connection: apsw.Connection, found: Account, span: Span) -> Iterator[Sequence[Any]]:
    """(time, operator, number, message id, what) of every other row that breaks."""
    times = (found.start_ms, found.end_ms)
    for at_ms, operator, number, message_id in read(connection, _ESTRANGED, span.complaints):
        yield at_ms, operator, number, message_id, "a complaint whose message names another"
    yield from read(connection, _REPLIES, _replies_of(connection, found, span))
    yield from read(connection, _SETS, (*span.sets, *times))
    yield from read(connection, _PARTS, (*span.sets, *times))
    yield from read(connection, _ADDITIONS, times)
    for table, what in _TRACES.items():
        at = "at_ms" if table == "history" else "heard_ms"
        rows: list[Any] = read(connection, _TRACE.format(table=table, at=at), span.complaints)
        for at_ms in rows:
            yield at_ms, "", None, None, what


def _replies_of(connection: apsw.Connection, found: Account, span: Span) -> tuple[int, int]:
    """The ids of replies that were written in a time: from its first receipt to before the next time's first."""
    first, last = span.complaints
    sql = "SELECT min(id) FROM reply WHERE complaint BETWEEN ? AND ?"
    low = connection.execute(sql, (first, last)).get
    high = connection.execute(sql, (last + 1, last + 1_000)).get
    if low is None:
        low = first_id(connection, "reply", "coalesce(settled_ms, due_ms, 0)", found.start_ms)
        high = high or first_id(connection, "reply", "coalesce(settled_ms, due_ms, 0)", found.end_ms + DAY_MS)
    return low, (high or 1 << 62) - 1
