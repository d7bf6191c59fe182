"""What waits for a person and is touched by nobody: it goes on to the national desk of the core, or raises an alarm every day.

Touched is what has a row in `history`. Passed on is only what may be sent: never what may be at the core already (unknown, parked, or
held after a restore), what looks like a flood, a machine or an advertisement, who is on the block list, what its author took back, and
what its citizen had restricted. A supposed prank goes on: that nothing is in it is our own reading of a citizen's words, and a wrong one
must cost an officer's minute, not the complaint; of a machine's text, a flood and a blocked number we know more than their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import apsw

from forwarder.journal.amend import rewrite
from forwarder.journal.books import Books
from forwarder.journal.deeds import keep
from forwarder.journal.orders import Hand
from forwarder.journal.questions import LAPSED, end
from forwarder.journal.reads import complaints
from forwarder.journal.restriction import OF_MESSAGE
from forwarder.journal.revival import LOOK_FIRST
from forwarder.journal.rows import fetch, integers, read, words
from forwarder.journal.wishes import CORE
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason, after, sources
from forwarder.records import Composed
from parsers.model import Decision

MARK = "diteruskan otomatis"
WHO = "gateway"
PASSED_ON = (
    *(HeldReason.QUESTION, HeldReason.REVIEW, HeldReason.OPERATOR, HeldReason.GRACE, HeldReason.UNREADABLE),
    HeldReason.ABUSE,
)
"""What is held for these reasons is a complaint that waits, whatever else it is; where there is a text, somebody can read it."""
ALARMS_AT_ONCE_MAX = 1_000

_UNTOUCHED = "c.next_ms IS NOT NULL AND c.since_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM history AS h WHERE h.complaint = c.id)"
_DUE = f"""
SELECT json_group_array(id) FROM (
    SELECT c.id AS id FROM complaint AS c JOIN message AS m ON m.id = c.message
    WHERE c.state = 'held' AND c.reason IN ({words(PASSED_ON)}) AND {_UNTOUCHED} AND c.tracking_id IS NULL AND c.attention IS NOT ?3
    AND m.sealed_content IS NOT NULL AND NOT {OF_MESSAGE} AND c.id NOT IN carray(?4) AND (?5 IS NULL OR c.id = ?5)
    ORDER BY c.next_ms LIMIT ?2)
"""  # noqa: S608 - words of lifecycle.py, no data
_PASS = f"""
UPDATE complaint SET state = ?2, reason = NULL, since_ms = ?3, next_ms = ?3
WHERE id = ?1 AND state IN ({words(sources(NEXT_COMPLAINT, ComplaintMove.PASSED_ON))})
"""  # noqa: S608 - words of lifecycle.py, no data
_STUCK = f"""
SELECT c.id, c.state FROM complaint AS c WHERE c.state IN ('unknown', 'parked') AND {_UNTOUCHED}
AND NOT EXISTS (SELECT 1 FROM alarm AS a WHERE a.complaint = c.id AND a.at_ms >= ?2 AND a.what = c.state || ?3) ORDER BY c.next_ms LIMIT ?4
"""  # noqa: S608 - words of our own

WISH = "a wish is open"
_WISHES = f"""
SELECT DISTINCT a.complaint, '{WISH}' FROM addition AS a JOIN message AS m ON m.id = a.message
WHERE a.wish IS NOT NULL AND a.granted IS NULL AND m.received_ms <= ?1
AND NOT EXISTS (SELECT 1 FROM history AS h WHERE h.complaint = a.complaint AND h.at_ms >= m.received_ms AND h.who <> '{CORE.who}')
AND NOT EXISTS (SELECT 1 FROM alarm AS x WHERE x.complaint = a.complaint AND x.at_ms >= ?2 AND x.what = '{WISH}' || ?3) LIMIT ?4
"""  # noqa: S608 - the same


@dataclass(frozen=True, slots=True)
class PassOn:
    """One complaint to be passed on, if it is still untouched since before `before_ms`; the decision that sends it to the national desk."""

    complaint_id: int
    decision: Decision
    instansi_name: str
    before_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """What nobody touched since before `before_ms` and nothing may send: an alarm for each, and for each day one."""

    before_ms: int
    hours: float


def due(
    connection: apsw.Connection, before_ms: int, limit: int, exclude: AbstractSet[int] = frozenset(), only: int | None = None
) -> list[int]:
    """Ids of held complaints that nobody touched since before a time, the longest waiting first; `only` asks for one of them."""
    found: list[Any] = read(connection, _DUE, (before_ms, limit, LOOK_FIRST, integers(exclude or {0}), only))
    return found


def pass_on(books: Books, items: Sequence[PassOn]) -> list[bool]:
    """Held → ready, for the national desk and marked; False for one that somebody touched meanwhile, or that has no words to send."""
    return [_pass_on(books, item) for item in items]


def alarm(books: Books, items: Sequence[Stuck]) -> list[int]:
    """Alarms for unknown and parked complaints, and for wishes that nobody settled; how many were raised now."""
    raised = []
    for item in items:
        said = f" for {item.hours:g} hours, and nobody touched it"
        stuck = fetch(books.connection, _STUCK, (item.before_ms, books.day_ms, said, ALARMS_AT_ONCE_MAX))
        stuck += fetch(books.connection, _WISHES, (item.before_ms, books.day_ms, said, ALARMS_AT_ONCE_MAX))
        for complaint_id, what in stuck:
            books.alarm(what + said, complaint_id)
        raised.append(len(stuck))
    return raised


def _pass_on(books: Books, item: PassOn) -> bool:
    connection = books.connection
    if books.filing_paused or not due(connection, item.before_ms, 1, only=item.complaint_id):
        return False
    complaint = complaints(connection, books.documents, [item.complaint_id]).get(item.complaint_id)
    if complaint is None or not complaint.message.text.strip():
        return False
    marks = complaint.marks if MARK in complaint.marks else (*complaint.marks, MARK)
    passed = replace(complaint, decision=item.decision, instansi_name=item.instansi_name, marks=marks)
    rewrite(books, item.complaint_id, Composed(complaint.message, passed), rerouted=True)
    target = after(NEXT_COMPLAINT, ComplaintState.HELD, ComplaintMove.PASSED_ON)
    connection.execute(_PASS, (item.complaint_id, target.value, books.now_ms))
    if connection.changes() != 1:
        raise LookupError("a held complaint did not move")
    books.tally.move("complaint", ComplaintState.HELD, target)
    end(books, item.complaint_id, LAPSED)
    keep(books, complaint.number, item.complaint_id, ComplaintMove.PASSED_ON, Hand(WHO, item.reason))
    return True
