"""What people do: every move by the table of states, every move with who, when and why, nothing erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forwarder.journal import cases, documents, reseal
from forwarder.journal.amend import rewrite
from forwarder.journal.books import Books
from forwarder.journal.claims import disclaim, is_lost
from forwarder.journal.deeds import keep
from forwarder.journal.letters import add_reply
from forwarder.journal.moves import put
from forwarder.journal.orders import Hand, Moved, Settlement
from forwarder.journal.questions import SETTLED, end, give_receipt
from forwarder.journal.reads import complaints
from forwarder.journal.rows import fetch
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason, after
from forwarder.records import Composed
from parsers.model import Decision

_CASE = "SELECT id, state, message, tracking_id FROM complaint WHERE number = ?"
_SENDER = (
    "UPDATE message SET reporter_tag = ?2, sealed_sender = ?3, channel = ?4, destination = ?5, data_coding = ?6, cause = NULL WHERE id = ?1"
)
_ANSWERED = "SELECT count(*) FROM reply WHERE complaint = ?"
_REROUTED = {ComplaintState.HELD: ComplaintMove.RELEASED, ComplaintState.PARKED: ComplaintMove.RESEND}


@dataclass(frozen=True, slots=True)
class Move:
    """One move of one complaint. `reason` goes with HOLD."""

    number: str
    move: ComplaintMove
    by: Hand
    reason: HeldReason | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A person found it at the core."""

    number: str
    tracking_id: str
    by: Hand


@dataclass(frozen=True, slots=True)
class Reroute:
    """Another destination."""

    number: str
    decision: Decision
    instansi_name: str
    by: Hand


@dataclass(frozen=True, slots=True)
class Redecode:
    """A new reading of what nobody could read."""

    number: str
    composed: Composed
    by: Hand


@dataclass(frozen=True, slots=True)
class Note:
    """A person's note."""

    number: str
    by: Hand


def move(books: Books, items: Sequence[Move]) -> list[Moved]:
    """Moves along the table; an item that may not move hears why."""
    return [_move(books, item) for item in items]


def found(books: Books, items: Sequence[Found]) -> list[Moved]:
    """Filed by a person's word; the citizen is told like any other."""
    return [_found(books, item) for item in items]


def reroute(books: Books, items: Sequence[Reroute]) -> list[Moved]:
    """Another decision; held and parked complaints become ready with it, an unknown one still waits for a person's yes."""
    return [_reroute(books, item) for item in items]


def redecode(books: Books, items: Sequence[Redecode]) -> list[Moved]:
    """The new reading takes the place of the raw octets and goes the normal road."""
    return [_redecode(books, item) for item in items]


def note(books: Books, items: Sequence[Note]) -> list[Moved]:
    """Keep a note; what needed attention has had it."""
    moved = []
    for item in items:
        case = _case(books, item.number)
        if case is None:
            moved.append(_nowhere(item.number))
            continue
        books.connection.execute("UPDATE complaint SET attention = NULL WHERE id = ?", (case[0],))
        keep(books, item.number, case[0], "note", item.by)
        moved.append(Moved(item.number, case[1]))
    return moved


def _move(books: Books, item: Move) -> Moved:
    case = _case(books, item.number)
    if case is None:
        return _nowhere(item.number)
    complaint_id, state, _, tracking_id = case
    freed = state is ComplaintState.DUPLICATE and item.move is ComplaintMove.RESEND and is_lost(books, complaint_id)
    move = ComplaintMove.FREED if freed else item.move
    try:
        target = after(NEXT_COMPLAINT, state, move)
    except LookupError:
        return Moved(item.number, state, f"a {state} complaint has no move {item.move}")
    if target is ComplaintState.READY and tracking_id is not None:
        return Moved(item.number, state, "it has a tracking id: the core has it already")
    if target is ComplaintState.READY and complaint_id not in complaints(books.connection, books.documents, [complaint_id]):
        return Moved(item.number, state, "there is no readable text to file: redecode it, or close it")
    _put(books, complaint_id, state, move, None if item.reason is None else item.reason.value)
    if freed:
        disclaim(books, complaint_id)
    keep(books, item.number, complaint_id, item.move, item.by)
    return Moved(item.number, target)


def _put(books: Books, complaint_id: int, state: ComplaintState, move: ComplaintMove, reason: str | None) -> None:
    """A person's move ends the question that its reporter has; who was asked gets his receipt."""
    target = put(books, complaint_id, move, state, reason=reason)
    if end(books, complaint_id, SETTLED) and target is ComplaintState.READY:
        give_receipt(books, complaint_id)


def _found(books: Books, item: Found) -> Moved:
    case = _case(books, item.number)
    if case is None:
        return _nowhere(item.number)
    settled = cases.settle(books, [Settlement(case[0], 0, ComplaintMove.FOUND, item.tracking_id)])[0]
    if not settled.moved:
        return Moved(item.number, settled.state, settled.alarm or "it is filed with this tracking id already")
    keep(books, item.number, case[0], ComplaintMove.FOUND, item.by)
    return Moved(item.number, settled.state)


def _reroute(books: Books, item: Reroute) -> Moved:
    case = _case(books, item.number)
    if case is None:
        return _nowhere(item.number)
    complaint_id, state, _, _ = case
    if state not in (ComplaintState.HELD, ComplaintState.READY, ComplaintState.PARKED, ComplaintState.UNKNOWN):
        return Moved(item.number, state, f"a {state} complaint cannot be rerouted")
    complaint = complaints(books.connection, books.documents, [complaint_id]).get(complaint_id)
    if complaint is None:
        return Moved(item.number, state, "there is no readable text to reroute")
    rerouted = replace(complaint, decision=item.decision, instansi_name=item.instansi_name)
    rewrite(books, complaint_id, Composed(complaint.message, rerouted), rerouted=True)
    if state in _REROUTED:
        _put(books, complaint_id, state, _REROUTED[state], None)
    keep(books, item.number, complaint_id, "reroute", item.by)
    return Moved(item.number, ComplaintState.READY if state in _REROUTED else state)


def _redecode(books: Books, item: Redecode) -> Moved:
    case = _case(books, item.number)
    if case is None:
        return _nowhere(item.number)
    complaint_id, state, message_id, _ = case
    composed = item.composed
    if state is not ComplaintState.HELD or composed.complaint is None:
        return Moved(item.number, state, "only a held complaint can be read anew, and only as a complaint")
    message = replace(composed.message, id=message_id)
    complaint = replace(composed.complaint, message=message, number=item.number)
    tag = documents.reporter_tag(books.sealer, message.reporter.value)
    key = books.key_of(tag)
    sealed = books.documents.sender(message_id, message.reporter, key)
    books.connection.execute(_SENDER, (message_id, tag, sealed, message.channel, message.destination, message.data_coding))
    reseal.message(books, message_id)
    rewrite(books, complaint_id, replace(composed, message=message, complaint=complaint), rerouted=True)
    if composed.state is ComplaintState.READY:
        _put(books, complaint_id, state, ComplaintMove.RELEASED, None)
    else:
        _put(books, complaint_id, state, ComplaintMove.HOLD, (composed.reason or HeldReason.REVIEW).value)
    if composed.reply is not None and not books.connection.execute(_ANSWERED, (complaint_id,)).get:
        add_reply(books, message_id, complaint_id, composed.reply)  # a citizen who has a receipt gets no second one
    keep(books, item.number, complaint_id, "redecode", item.by)
    return Moved(item.number, ComplaintState.READY if composed.state is ComplaintState.READY else state)


def _case(books: Books, number: str) -> tuple[int, ComplaintState, int, str | None] | None:
    rows = fetch(books.connection, _CASE, (number,))
    if not rows:
        return None
    complaint_id, state, message, tracking_id = rows[0]
    return complaint_id, ComplaintState(state), message, tracking_id


def _nowhere(number: str) -> Moved:
    return Moved(number, None, "no such number")
