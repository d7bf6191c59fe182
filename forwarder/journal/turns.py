"""What the dialogue decided, carried out: questions asked and ended, answers and wishes tied to their case, flags, withdrawals, silence.

Everything happens in the transaction that stores the message. What another hand did to a case meanwhile counts: a move that finds it
otherwise than the dialogue saw it does the part that still makes sense.
"""

from __future__ import annotations

from dataclasses import replace

from forwarder.journal import adding
from forwarder.journal.books import Books
from forwarder.journal.deeds import keep
from forwarder.journal.letters import Letter, Rows, add
from forwarder.journal.moves import put
from forwarder.journal.orders import Hand
from forwarder.journal.questions import ANSWERED, WITHDRAWN, ask, end, release
from forwarder.journal.rows import fetch
from forwarder.journal.talks import TAKEN_BACK
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason
from forwarder.records import Composed, Kind, Verdict
from forwarder.talk import Ask, Hide, Join, Listen, Move, Release, Request, Wish, Withdraw

WHO = "pelapor"

_ANSWER = "INSERT OR IGNORE INTO answer (complaint, message) VALUES (?, ?)"
_STATE = "SELECT state, reason FROM complaint WHERE id = ?"
_WAITS = (ComplaintState.HELD.value, HeldReason.QUESTION.value)
_FLAGS = {
    Wish.RAHASIA: "UPDATE complaint SET rahasia = 1, attempts = attempts + (state = 'ready') WHERE id = ? AND rahasia = 0",
    Wish.ANONIM: "UPDATE complaint SET anonim = 1, attempts = attempts + (state = 'ready') WHERE id = ? AND anonim = 0",
}
"""A ready one is charged an attempt, so that nobody files it as it still is in memory."""
_ATTENTION = "UPDATE complaint SET attention = ?2 WHERE id = ?1"
_NUMBER = "SELECT coalesce(number, '') FROM complaint WHERE id = ?"
_SILENT = "INSERT OR IGNORE INTO silence (reporter_tag, since_ms) VALUES (?, ?)"
_HEAR = "DELETE FROM silence WHERE reporter_tag = ?"


def say(books: Books, letter: Letter, composed: Composed, rows: Rows) -> Verdict:
    """Gather the rows of a message as the dialogue decided; its moves follow when they are in (`carry_out`)."""
    if composed.complaint is not None:
        return add(books, letter, composed, rows)
    case = next((move.complaint_id for move in composed.moves if isinstance(move, Join | Request)), None)
    verdict = add(books, replace(letter, complaint_id=case), composed, rows)
    return verdict if case is None else replace(verdict, kind=Kind.ADDITION)


def carry_out(books: Books, letter: Letter, verdict: Verdict) -> None:
    """The moves of one message that is stored."""
    if verdict.composed is None:
        return
    for move in verdict.composed.moves:
        _carry_out(books, letter, verdict, move)


def _carry_out(books: Books, letter: Letter, verdict: Verdict, move: Move) -> None:
    message_id = letter.message_id
    match move:
        case Join(complaint_id, answers=True) if fetch(books.connection, _STATE, (complaint_id,)) == [_WAITS]:
            books.connection.execute(_ANSWER, (complaint_id, message_id))
        case Join(complaint_id):
            adding.begin(books, complaint_id, message_id)
        case Ask(_, asked, choices):
            ask(books, letter, verdict, asked, choices)
        case Release(complaint_id, mark, choice):
            release(books, complaint_id, mark, choice, ANSWERED)
        case Hide(complaint_id, wish):
            books.connection.execute(_FLAGS[wish], (complaint_id,))
        case Request(complaint_id, wish, why):
            adding.begin(books, complaint_id, message_id, why=why, wish=wish)
        case Withdraw(complaint_id, why):
            _withdraw(books, complaint_id, why)
        case Listen(wanted):
            listen(books, letter.reporter_tag, wanted=wanted)


def listen(books: Books, reporter_tag: bytes | None, *, wanted: bool) -> None:
    """Whether a citizen wants to hear from us, from now on."""
    if wanted:
        books.connection.execute(_HEAR, (reporter_tag,))
    elif reporter_tag is not None:
        books.connection.execute(_SILENT, (reporter_tag, books.now_ms))


def _withdraw(books: Books, complaint_id: int, why: str | None) -> None:
    """Closed and kept; with a reason, before a person."""
    end(books, complaint_id, WITHDRAWN)
    state = ComplaintState(fetch(books.connection, _STATE, (complaint_id,))[0][0])
    if why is not None:
        if ComplaintMove.HOLD in NEXT_COMPLAINT[state]:
            put(books, complaint_id, ComplaintMove.HOLD, state, reason=HeldReason.WITHDRAWN)
        else:
            books.connection.execute(_ATTENTION, (complaint_id, why))
        return
    put(books, complaint_id, ComplaintMove.CLOSE, state, reason=TAKEN_BACK)
    keep(books, fetch(books.connection, _NUMBER, (complaint_id,))[0][0], complaint_id, ComplaintMove.CLOSE, Hand(WHO, TAKEN_BACK))
