"""What citizens ask of the core for a complaint that it has: rahasia, anonim, to take it back, to look again. Settled once, by its word.

A wish is an addition with a word in `wish`. It is open until the core's course says that it is granted, or a person says what the core
decided; only then is it so with us, and the citizen is told. What a course does not say is no refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import adding, news
from forwarder.journal.books import Books
from forwarder.journal.deeds import keep
from forwarder.journal.letters import add_reply
from forwarder.journal.orders import Hand, Moved
from forwarder.journal.rows import fetch
from forwarder.lifecycle import NEXT_ADDITION, AdditionMove, ComplaintState
from forwarder.records import ReplyDraft
from forwarder.talk import Wish

GRANTED, DENIED = "granted", "denied"
"""Replies that say what became of a wish."""
CORE = Hand("the core", "its course says so")
SETTLED = "the core decided: {word}"

_S = CourseStatus
_OPENED_AGAIN = frozenset({_S.UNVERIFIED, _S.DISPOSED, _S.IN_PROCESS})
_SAYS: Mapping[Wish, Callable[[Course, CourseStatus | None], bool]] = {
    Wish.RAHASIA: lambda said, _: said.rahasia is True,
    Wish.ANONIM: lambda said, _: said.anonim is True,
    Wish.CANCEL: lambda said, _: said.status is _S.ARCHIVED,
    Wish.OBJECTION: lambda said, was: was is _S.DONE and said.status in _OPENED_AGAIN,
}
"""What a course must say, and how the complaint stood before, for a wish to be granted."""
_FLAG: Mapping[Wish, str] = {
    Wish.RAHASIA: "UPDATE complaint SET rahasia = 1 WHERE id = ? AND rahasia = 0",
    Wish.ANONIM: "UPDATE complaint SET anonim = 1 WHERE id = ? AND anonim = 0",
}
_OPEN = "SELECT message FROM addition WHERE complaint = ? AND wish = ? AND granted IS NULL ORDER BY message"
_SETTLE = "UPDATE addition SET granted = ?3, granted_ms = ?4 WHERE complaint = ?1 AND message = ?2 AND granted IS NULL"
_CASE = "SELECT id, state FROM complaint WHERE number = ?"
_NUMBER = "SELECT coalesce(number, '') FROM complaint WHERE id = ?"
_ANSWERED = """
SELECT EXISTS (SELECT 1 FROM reply WHERE complaint = ?2 AND message = ?1)
    OR EXISTS (SELECT 1 FROM reply WHERE complaint IS NULL AND message = ?1)
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """A person says what the core decided upon a wish for the complaint of this number."""

    number: str
    wish: Wish
    granted: bool
    by: Hand


def decide(books: Books, items: Sequence[Decided]) -> list[Moved]:
    """Settle wishes by a person's word; one that is not open hears so."""
    return [_decide(books, item) for item in items]


def hear(books: Books, complaint_id: int, said: Course, was: CourseStatus | None) -> None:
    """Settle what this course grants. What is rahasia or anonim at the core is so here, whoever made it so."""
    for wish, says in _SAYS.items():
        if not says(said, was):
            continue
        hidden = _hide(books, complaint_id, wish)
        messages = _open(books, complaint_id, wish)
        if hidden or messages:
            what = f"wish {wish} yes" if messages else wish.value
            keep(books, books.connection.execute(_NUMBER, (complaint_id,)).get, complaint_id, what, CORE)
        reply = _settle(books, complaint_id, messages, wish, granted=True) if messages else None
        if reply is not None and wish not in _FLAG:
            news.covered(books, complaint_id, said.status, reply)


def _decide(books: Books, item: Decided) -> Moved:
    found = fetch(books.connection, _CASE, (item.number,))
    if not found:
        return Moved(item.number, None, "no such number")
    complaint_id, state = found[0][0], ComplaintState(found[0][1])
    messages = _open(books, complaint_id, item.wish)
    if not messages:
        return Moved(item.number, state, f"no open wish for {item.wish}: `desk list` shows the open ones")
    if item.granted:
        _hide(books, complaint_id, item.wish)
    _settle(books, complaint_id, messages, item.wish, granted=item.granted)
    keep(books, item.number, complaint_id, f"wish {item.wish} {_word(granted=item.granted)}", item.by)
    return Moved(item.number, state)


def _hide(books: Books, complaint_id: int, wish: Wish) -> bool:
    """From now on it is so with us, too; whether it was not."""
    if wish not in _FLAG:
        return False
    books.connection.execute(_FLAG[wish], (complaint_id,))
    return books.connection.changes() == 1


def _open(books: Books, complaint_id: int, wish: Wish) -> list[int]:
    return [message for (message,) in fetch(books.connection, _OPEN, (complaint_id, wish.value))]


def _settle(books: Books, complaint_id: int, messages: Sequence[int], wish: Wish, *, granted: bool) -> int | None:
    """All that ask for the same get one answer, to the newest; None where its sender is not answered there."""
    for message in messages:
        books.connection.execute(_SETTLE, (complaint_id, message, int(granted), books.now_ms))
        row = adding.load(books, (complaint_id, message))
        if row is not None and AdditionMove.CLOSE in NEXT_ADDITION[row.state]:
            adding.put(books, row, AdditionMove.CLOSE, SETTLED.format(word=_word(granted=granted)))
    if granted and wish is Wish.OBJECTION:
        news.begin_anew(books, complaint_id)
    newest = messages[-1]
    if news.is_public(books.connection, newest) or not books.connection.execute(_ANSWERED, (newest, complaint_id)).get:
        return None
    return add_reply(books, newest, complaint_id, ReplyDraft(GRANTED if granted else DENIED, books.now_ms))


def _word(*, granted: bool) -> str:
    return "yes" if granted else "no"
