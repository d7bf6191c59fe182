"""One complaint moves along its table (forwarder.lifecycle), by a person's hand, its reporter's, or time."""

from __future__ import annotations

from forwarder.journal import adding
from forwarder.journal.books import Books
from forwarder.journal.rows import words
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, after, sources

_MOVE = {
    move: f"""
UPDATE complaint SET state = ?2, reason = ?3, since_ms = ?4, next_ms = ?5, absent_ms = NULL
WHERE id = ?1 AND state IN ({words(sources(NEXT_COMPLAINT, move))})
"""  # noqa: S608 - words of lifecycle.py, no data
    for move in (ComplaintMove.RELEASED, ComplaintMove.HOLD, ComplaintMove.RESEND, ComplaintMove.CLOSE, ComplaintMove.FREED)
}


def put(books: Books, complaint_id: int, move: ComplaintMove, state: ComplaintState, *, reason: str | None = None) -> ComplaintState:
    """From `state` to where the move leads; LookupError where it is not allowed, or the complaint is not in that state."""
    target, now = after(NEXT_COMPLAINT, state, move), books.now_ms
    next_ms = None if target is ComplaintState.CLOSED else now
    books.connection.execute(_MOVE[move], (complaint_id, target.value, reason, now, next_ms))
    if books.connection.changes() != 1:
        raise LookupError(f"a {state} complaint did not move")
    books.tally.move("complaint", state, target)
    if target is ComplaintState.CLOSED:
        adding.leave_case(books, complaint_id, adding.CLOSED)
    return target
