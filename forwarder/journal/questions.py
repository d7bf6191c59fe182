"""What we ask citizens back: one question at a time, ended by an answer or by its time, and then the complaint goes on.

The time runs from when an operator took the SMS that asks, in waking hours where the complaint is. Where none takes it, the complaint does
not wait for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from forwarder.journal.amend import rewrite
from forwarder.journal.books import Books
from forwarder.journal.letters import Letter, add_reply
from forwarder.journal.moves import put
from forwarder.journal.reads import complaints
from forwarder.journal.rows import fetch, insert, integers
from forwarder.journal.talks import NOUN, OPEN, choices_text
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason
from forwarder.records import Composed, ReplyDraft, Verdict
from forwarder.talk import UNANSWERED, Asked, Choice
from parsers.zones import HOUR_MS, MINUTE_MS, waking_after, zone_of

ANSWERED, LAPSED, WITHDRAWN, SETTLED = "answered", "lapsed", "withdrawn", "settled"
LAPSED_AT_ONCE_MAX = 200  # questions in one transaction, so that answers do not wait for a storm of time-outs

_ASK = insert("question", "complaint", "turn", "reporter_tag", "asked", "choices", "reply", "asked_ms", "until_ms")
_LAST_TURN = "SELECT max(turn) FROM question WHERE complaint = ?"
_END = "UPDATE question SET ended = ?2 WHERE complaint = ?1 AND ended IS NULL"
_STATE = "SELECT state, reason FROM complaint WHERE id = ?"
_DUE = """
SELECT complaint, asked FROM question AS q WHERE ended IS NULL AND until_ms <= ?
AND NOT EXISTS (SELECT 1 FROM restriction AS r WHERE r.reporter_tag = q.reporter_tag) ORDER BY until_ms LIMIT ?
"""
"""What a citizen has restricted waits until he lifts it: time alone sends nothing of his."""
_OPEN_OF = "SELECT complaint, asked FROM question WHERE reporter_tag = ? AND ended IS NULL"
_MESSAGE = "SELECT message FROM complaint WHERE id = ?"
_OF_REPLIES = """
SELECT q.complaint, q.turn, c.region FROM question AS q JOIN complaint AS c ON c.id = q.complaint
WHERE q.reply IN carray(?) AND q.ended IS NULL AND q.sent = 0
"""
_WAIT = "UPDATE question SET until_ms = ?3, sent = ?4 WHERE complaint = ?1 AND turn = ?2"


def ask(books: Books, letter: Letter, verdict: Verdict, asked: Asked, choices: Sequence[Choice]) -> None:
    """Keep a question: of the message's own complaint, or one more of its case."""
    composed = verdict.composed
    if composed is None or composed.reply is None or verdict.reply_id is None or letter.reporter_tag is None:
        raise LookupError("a question without a reply, or without somebody to ask")
    about = verdict.complaint_id if composed.complaint is not None else composed.reply.about
    if about is None:
        raise LookupError("a question about no complaint")
    end(books, about, ANSWERED)
    for forgotten, was in fetch(books.connection, _OPEN_OF, (letter.reporter_tag,)):
        release(books, forgotten, UNANSWERED[Asked(was)], None, LAPSED)  # so old that its number may be another's by now
    turn = (books.connection.execute(_LAST_TURN, (about,)).get or 0) + 1
    row = (about, turn, letter.reporter_tag, asked.value, choices_text(choices), verdict.reply_id, books.now_ms)
    _ASK.run(books.connection, [(*row, waiting_ends(books, None, sent=False))])
    books.tally.add(NOUN, OPEN)


def end(books: Books, complaint_id: int, how: str) -> bool:
    """The open question of a complaint, if there is one, is over; whether there was one."""
    books.connection.execute(_END, (complaint_id, how))
    ended = books.connection.changes()
    books.tally.add(NOUN, OPEN, -ended)
    return bool(ended)


def end_all(books: Books) -> None:
    """No question is open any more: what their complaints are now, nobody here knows."""
    books.connection.execute("UPDATE question SET ended = ? WHERE ended IS NULL", (LAPSED,))
    books.tally.add(NOUN, OPEN, -books.connection.changes())


def lapse(books: Books) -> int:
    """Complaints whose question got no answer in time go on as they are, and their citizens get a receipt; how many."""
    due = fetch(books.connection, _DUE, (books.now_ms, LAPSED_AT_ONCE_MAX)) if books.tally.holds(NOUN, OPEN) else []
    for complaint_id, asked in due:
        if release(books, complaint_id, UNANSWERED[Asked(asked)], None, LAPSED):
            give_receipt(books, complaint_id)
    return len(due)


def give_receipt(books: Books, complaint_id: int) -> None:
    """Who was asked has had no receipt yet, and no PIN."""
    message_id = books.connection.execute(_MESSAGE, (complaint_id,)).get
    add_reply(books, message_id, complaint_id, ReplyDraft("receipt", books.now_ms + books.composer().receipt_wait_ms))


def release(books: Books, complaint_id: int, mark: str | None, choice: Choice | None, ended: str) -> bool:
    """End the question of a complaint, and file it; False where somebody else has moved it meanwhile."""
    end(books, complaint_id, ended)
    rows = fetch(books.connection, _STATE, (complaint_id,))
    if not rows or rows[0] != (ComplaintState.HELD.value, HeldReason.QUESTION.value):
        return False
    complaint = complaints(books.connection, books.documents, [complaint_id]).get(complaint_id)
    if complaint is None:  # erased meanwhile: a person sees what is left
        put(books, complaint_id, ComplaintMove.HOLD, ComplaintState.HELD, reason=HeldReason.REVIEW)
        return False
    if choice is not None:
        complaint = books.composer().chosen(complaint, choice)
    if mark is not None and mark not in complaint.marks:
        complaint = replace(complaint, marks=(*complaint.marks, mark))
    if choice is not None or mark is not None:
        rewrite(books, complaint_id, Composed(complaint.message, complaint), rerouted=True)
    put(books, complaint_id, ComplaintMove.RELEASED, ComplaintState.HELD)
    return True


def waiting_ends(books: Books, region: str | None, *, sent: bool) -> int:
    """When a question is given up: after some waking time from its sending; one that nobody sends, after some hours."""
    settings, hours = books.composer().conversation, books.settings.waking_minutes
    if not sent:
        return books.now_ms + settings.unsent_hours * HOUR_MS
    span_ms = settings.question_minutes * MINUTE_MS
    if hours is None:
        return books.now_ms + span_ms
    return waking_after(books.now_ms, span_ms, zone_of(region), opens=hours[0], closes=hours[1])


def note_sent(books: Books, sent: Collection[int], given_up: Collection[int]) -> None:
    """Replies that an operator took, and such as nobody will: the questions among them begin to wait, or wait no longer."""
    if not books.tally.holds(NOUN, OPEN):
        return
    for replies, taken in ((sent, True), (given_up, False)):
        for complaint_id, turn, region in fetch(books.connection, _OF_REPLIES, (integers(replies),)) if replies else ():
            until = waiting_ends(books, region, sent=True) if taken else books.now_ms
            books.connection.execute(_WAIT, (complaint_id, turn, until, int(taken)))
