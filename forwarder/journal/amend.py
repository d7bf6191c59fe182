"""A late part, a new reading, another destination: changing what is stored of a message without making a second complaint."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from forwarder.journal.adding import begin, reread
from forwarder.journal.books import Books
from forwarder.journal.documents import reporter_tag
from forwarder.journal.letters import decision_row
from forwarder.journal.reads import complaints
from forwarder.journal.rows import fetch
from forwarder.lifecycle import ComplaintState
from forwarder.records import Composed
from parsers.model import Segment

log = logging.getLogger(__name__)

LATE_PART = "late part"
NOT_YET_SENT = (ComplaintState.READY, ComplaintState.HELD)

CHOSEN = frozenset({"asked", "desk"})
"""Rules of decisions that a person made: a new reading changes none."""

_OWNER = """
SELECT m.complaint, c.state, coalesce(c.number, f.number), c.message = m.id,
       EXISTS (SELECT 1 FROM answer AS w WHERE w.complaint = c.id AND w.message = m.id)
FROM message AS m LEFT JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first WHERE m.id = ?
"""
_STALE = "UPDATE complaint SET attempts = attempts + (state = 'ready') WHERE id = ?"
_MESSAGE = "UPDATE message SET parts = ?, incomplete = ?, damaged = ?, alphabet = ?, sealed_content = ? WHERE id = ?"
_DECISION = """
UPDATE complaint SET region = ?, instansi = ?, instansi_name = ?, unit = ?, certainty = ?, keyword = ?, rule = ?, version = ?, topic = ?,
                     classification = ?, language = ?, anonim = ?, rahasia = ?, attempts = attempts + (state = 'ready')
WHERE id = ?
"""
_ATTENTION = "UPDATE complaint SET attention = ? WHERE id = ?"


def amend(books: Books, message_id: int, segments: Sequence[Segment], total: int) -> tuple[Composed | None, int | None]:
    """Join again with the late part. Not yet sent: the whole text is filed. Already sent: it is added. Never raises for the text.

    What only belongs to a case says nothing of where that goes. Where the whole is no complaint any more, or cannot be read, a person sees
    it. `segments` is empty when earlier parts are erased: then only a person is told. Returns what is stored now (its `state` is the
    complaint's) and the complaint's id.
    """
    complaint_id, state, number, own, answers = fetch(books.connection, _OWNER, (message_id,))[0]
    try:
        composed = books.composer().join(message_id, complaint_id or 0, segments, total) if segments else None
    except Exception as error:
        log.exception("a late part could not be joined", extra={"message_id": message_id, "error": type(error).__name__})
        composed = None
    if complaint_id is None:
        return None, None
    if composed is None or composed.complaint is None:
        books.connection.execute(_ATTENTION, (LATE_PART, complaint_id))
        return None, complaint_id
    composed = replace(composed, complaint=replace(composed.complaint, number=number), state=ComplaintState(state), reason=None, reply=None)
    waits = state in NOT_YET_SENT
    rewrite(books, complaint_id, _kept(books, complaint_id, composed) if own else composed, rerouted=waits and bool(own))
    if waits and answers:
        books.connection.execute(_STALE, (complaint_id,))
    if not waits or not (own or answers):
        begin(books, complaint_id, message_id)
    return composed, complaint_id


def _kept(books: Books, complaint_id: int, composed: Composed) -> Composed:
    """A new reading of a complaint, which takes back nothing that its reporter or an officer decided meanwhile."""
    before, now = complaints(books.connection, books.documents, [complaint_id]).get(complaint_id), composed.complaint
    if before is None or now is None:
        return composed
    now = replace(now, rahasia=now.rahasia or before.rahasia, anonim=now.anonim or before.anonim)
    if before.decision.rule in CHOSEN:
        now = replace(now, decision=before.decision, instansi_name=before.instansi_name)
    return replace(composed, complaint=now)


def rewrite(books: Books, complaint_id: int, composed: Composed, *, rerouted: bool) -> None:
    """Put a new reading in the place of the old one.

    `rerouted` says whether the decision changes, too; a ready complaint is then charged an attempt, so that nobody files the old reading
    that is still in memory (only the current attempt may be started).
    """
    message = composed.message
    key = books.key_of(reporter_tag(books.sealer, message.reporter.value))
    sealed = books.documents.content(message, composed.complaint, key)
    row = (message.parts, int(message.incomplete), int(message.damaged), message.alphabet, sealed, message.id)
    books.connection.execute(_MESSAGE, row)
    reread(books, message.id)
    if rerouted:
        books.connection.execute(_DECISION, (*decision_row(composed), complaint_id))
