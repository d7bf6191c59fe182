"""What people do with additions: settle, send again, let be, and tie a message to the case that it speaks of. Each with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forwarder.journal import adding, desk
from forwarder.journal.books import Books
from forwarder.journal.deeds import keep
from forwarder.journal.orders import AdditionMoved, AdditionResult, Hand, Moved
from forwarder.journal.reads import complaints
from forwarder.journal.rows import fetch
from forwarder.journal.seal import SealError
from forwarder.lifecycle import NEXT_ADDITION, NEXT_COMPLAINT, AdditionMove, AdditionState, ComplaintMove, ComplaintState, after
from forwarder.records import AdditionId

_FIND = """
SELECT a.complaint, a.message, c.state, m.sealed_content FROM addition AS a JOIN complaint AS c ON c.id = a.complaint
JOIN message AS m ON m.id = a.message WHERE c.number = ?1 AND a.turn = ?2
"""
_CASE = "SELECT id, state, message FROM complaint WHERE number = ?"
_MAY_FOLLOW = (ComplaintState.CLOSED, ComplaintState.DUPLICATE)
"""States of a complaint that nothing is sent behind."""
_TIED = (ComplaintState.HELD, ComplaintState.PARKED)


@dataclass(frozen=True, slots=True)
class Move:
    """One move of one addition: FOUND (with `tracking_id`), RESEND or CLOSE. `turn` is what stands behind the number."""

    number: str
    turn: int
    move: AdditionMove
    by: Hand
    tracking_id: str | None = None

    @property
    def key(self) -> str:
        """As the desk names it."""
        return f"{self.number}-{self.turn}"


@dataclass(frozen=True, slots=True)
class Tie:
    """The message of complaint `number` is nothing of its own: it belongs to the case of `to`."""

    number: str
    to: str
    by: Hand


def move(books: Books, items: Sequence[Move]) -> list[AdditionMoved]:
    """Moves along the table; one that may not move hears why."""
    return [_move(books, item) for item in items]


def tie(books: Books, items: Sequence[Tie]) -> list[Moved]:
    """Close what waits as a complaint of its own and let its words follow the case; nothing is erased."""
    return [_tie(books, item) for item in items]


def _move(books: Books, item: Move) -> AdditionMoved:
    found = fetch(books.connection, _FIND, (item.number, item.turn))
    if not found:
        return AdditionMoved(item.key, None, "no such addition; `desk show` of its complaint names them")
    complaint, message, stands, sealed = found[0]
    key = (complaint, message)
    row = adding.load(books, key)
    if row is None:
        return AdditionMoved(item.key, None, "no such addition")
    try:
        after(NEXT_ADDITION, row.state, item.move)
    except LookupError:
        return AdditionMoved(item.key, row.state, f"an addition that is {row.state} has no move {item.move}")
    if item.move is AdditionMove.FOUND:
        moved = _found(books, item, key)
    elif item.move is AdditionMove.RESEND:
        moved = _resend(books, item, row, ComplaintState(stands), sealed)
    else:
        adding.put(books, row, item.move, "closed at the desk")
        moved = AdditionMoved(item.key, AdditionState.CLOSED)
    if moved.error is None:
        keep(books, item.key.rpartition("-")[0], complaint, f"{item.move} {item.key}", item.by)
    return moved


def _found(books: Books, item: Move, key: AdditionId) -> AdditionMoved:
    (settled,) = adding.settle(books, [AdditionResult(key, 0, AdditionMove.FOUND, item.tracking_id)])
    return AdditionMoved(item.key, settled.state, None if settled.moved else settled.alarm or "it stands there already")


def _resend(books: Books, item: Move, row: adding.Row, stands: ComplaintState, sealed: bytes | None) -> AdditionMoved:
    if stands in _MAY_FOLLOW:
        return AdditionMoved(item.key, row.state, f"its complaint is {stands}: send that first")
    if not _readable(books, row.key[1], sealed):
        return AdditionMoved(item.key, row.state, "its text is erased, or nobody could read it")
    if row.key[0] not in complaints(books.connection, books.documents, [row.key[0]]):
        return AdditionMoved(item.key, row.state, "the text of its complaint is erased, or nobody could read it")
    adding.put(books, row, AdditionMove.RESEND)
    adding.release(books, [row.key[0]] if stands is ComplaintState.FILED else [])
    now = adding.load(books, row.key)
    return AdditionMoved(item.key, None if now is None else now.state)


def _readable(books: Books, message_id: int, sealed: bytes | None) -> bool:
    try:
        return bool(sealed and books.documents.open_text(message_id, sealed))
    except SealError:
        return False


def _tie(books: Books, item: Tie) -> Moved:
    mine, theirs = fetch(books.connection, _CASE, (item.number,)), fetch(books.connection, _CASE, (item.to,))
    if not mine:
        return Moved(item.number, None, "no such number")
    complaint_id, state, message = mine[0][0], ComplaintState(mine[0][1]), mine[0][2]
    if not theirs or theirs[0][0] == complaint_id:
        return Moved(item.number, state, f"{item.to} is no other case of this gateway")
    if state not in _TIED:
        return Moved(item.number, state, f"only what is {' or '.join(_TIED)} can be tied to another case; this is {state}")
    if complaint_id not in complaints(books.connection, books.documents, [complaint_id]):
        return Moved(item.number, state, "there is no readable text to tie")
    target = after(NEXT_COMPLAINT, state, ComplaintMove.CLOSE)
    by = replace(item.by, reason=f"belongs to {item.to}: {item.by.reason}")
    (moved,) = desk.move(books, [desk.Move(item.number, ComplaintMove.CLOSE, by)])
    if moved.error is not None:
        return moved
    adding.begin(books, theirs[0][0], message)
    keep(books, item.to, theirs[0][0], f"tied {item.number}", item.by)
    return Moved(item.number, target)
