"""Additions on their way to the core: after their complaint, in the order they were said, started before a byte goes, never sent twice.

An addition is a message and the case that it was said to. What is late of a long SMS is one, too: there the message is the case's own, and
its whole text goes. The turn makes its key at the core (`G7K2QP-2`); a turn is never given twice, not even after a restore.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from forwarder.journal.books import Books
from forwarder.journal.orders import AdditionResult, AdditionSettled
from forwarder.journal.rows import Value, clean, fetch, insert, integers, words
from forwarder.lifecycle import NEXT_ADDITION, AdditionMove, AdditionState, ComplaintState, after, sources
from forwarder.records import AdditionId
from forwarder.talk import Wish

DIED = "the gateway died while sending it"
CLOSED = "its complaint was closed"
ELSEWHERE = "another gateway has its complaint: {number}"
TWO_OF_ONE_ID = "the core gave one tracking id to an addition and to another case"
REWORDED = "its author changed the words of a wish"
FILED_WHOLE = "its complaint was filed with it"
UNHEARD = "an addition was on its way to the core when the gateway died"
TURNS_PER_RESTORE = 100  # Ours: far more than is said to one case between a backup and the loss of its disk.

_NOUN = "addition"
_S, _M = AdditionState, AdditionMove
_ROW = "SELECT state, turn, attempts, tracking_id, more, reason FROM addition WHERE complaint = ? AND message = ?"
_OWNER = """
SELECT coalesce(f.id, c.id), coalesce(f.state, c.state), coalesce(f.elsewhere, c.elsewhere)
FROM complaint AS c LEFT JOIN complaint AS f ON f.id = c.first WHERE c.id = ?
"""
_ADD = insert("addition", "complaint", "message", "turn", "state", "reason", "since_ms", "next_ms", "wish")
_LAST_TURN = "SELECT max(turn) FROM addition WHERE complaint = ?"
_PUT = """
UPDATE addition SET state = ?4, reason = ?5, since_ms = ?6, next_ms = ?7, absent_ms = NULL
WHERE complaint = ?1 AND message = ?2 AND state = ?3
"""
_STALE = "UPDATE addition SET attempts = attempts + 1 WHERE message = ? AND state = 'ready'"
_MORE = "UPDATE addition SET more = 1 WHERE complaint = ? AND message = ?"
_TURN = "UPDATE addition SET turn = ?3, more = 0, attempts = 0 WHERE complaint = ?1 AND message = ?2"
_BEGIN = "UPDATE addition SET attempts = attempts + 1, more = 0 WHERE complaint = ? AND message = ?"
_UNCHARGE = "UPDATE addition SET attempts = attempts - 1 WHERE complaint = ? AND message = ?"
_STANDS = "UPDATE addition SET tracking_id = ?3 WHERE complaint = ?1 AND message = ?2"
_REASON = "UPDATE addition SET reason = ?3 WHERE complaint = ?1 AND message = ?2"
_OTHERS = """
SELECT (SELECT count(*) FROM complaint WHERE tracking_id = ?1 AND id <> ?2)
     + (SELECT count(*) FROM addition WHERE tracking_id = ?1 AND complaint <> ?2)
"""
_ABSENT_FIRST = "UPDATE addition SET absent_ms = ?3 WHERE complaint = ?1 AND message = ?2 AND state = 'unknown' AND absent_ms IS NULL"
_ABSENT_LONG = "SELECT count(*) FROM addition WHERE complaint = ?1 AND message = ?2 AND state = 'unknown' AND absent_ms <= ?3"
_SENDING = "SELECT complaint, message FROM addition WHERE state = 'sending' AND next_ms IS NOT NULL"
_FILED = "SELECT state = ?2 FROM complaint WHERE id = ?1"
_META = "INSERT OR REPLACE INTO meta (name, value) VALUES ('turns_from', CAST(?1 AS BLOB))"
_MOVES = {
    _M.ADDED: (_M.ADDED, _M.FOUND),
    _M.FOUND: (_M.FOUND,),
    _M.NOT_ADDED: (_M.NOT_ADDED,),
    _M.REFUSED: (_M.REFUSED,),
    _M.LOST_ANSWER: (_M.LOST_ANSWER,),
}
"""What an answer may be, by the move that it is said as: an answer that comes late was found."""


Which = tuple[str, Any]
"""A condition and its ?1; `Any`, for it is an id, a list of ids or a word."""


@dataclass(slots=True)
class Row:
    """An addition as it is now."""

    key: AdditionId
    state: AdditionState
    turn: int
    attempts: int
    tracking_id: str | None
    more: bool
    reason: str | None


def begin(books: Books, complaint_id: int, message_id: int, *, why: str | None = None, wish: Wish | None = None) -> None:
    """Something was said to a case: it goes to the core behind its complaint, or for the reason of `why` to a person.

    Of a duplicate it goes to its first; `wish` is what it asks of the core. Said again of the same message,
    where a part came later still: what it says now goes.
    """
    ((owner, state, elsewhere),) = fetch(books.connection, _OWNER, (complaint_id,))
    row = load(books, (owner, message_id))
    if row is not None:
        _say_more(books, row)
        return
    why = why or _not_here(ComplaintState(state), elsewhere)
    first = _S.DESK if why else _S.READY if state == ComplaintState.FILED else _S.WAITING
    now = books.now_ms
    _ADD.run(books.connection, [(owner, message_id, _next_turn(books, owner), first.value, why, now, now, wish)])
    books.tally.add(_NOUN, first)


def release(books: Books, complaint_ids: Sequence[int]) -> None:
    """These complaints are filed: what was said to them since may follow."""
    if complaint_ids and books.tally.holds(_NOUN, _S.WAITING):
        _sweep(books, _M.RELEASED, ("complaint IN carray(?1)", integers(complaint_ids)))


def absorb(books: Books, complaint_ids: Sequence[int]) -> None:
    """These complaints are sent now: with what came late of themselves."""
    if complaint_ids and books.tally.holds(_NOUN, _S.WAITING):
        own = "complaint IN carray(?1) AND message = (SELECT message FROM complaint AS c WHERE c.id = addition.complaint)"
        _sweep(books, _M.CLOSE, (own, integers(complaint_ids)), FILED_WHOLE, _S.WAITING)


def leave_case(books: Books, complaint_id: int, why: str) -> None:
    """Nothing more of this case is sent by itself."""
    _sweep(books, _M.LEFT, ("complaint = ?1", complaint_id), why)


def leave_message(books: Books, message_id: int, why: str) -> None:
    """Its author took it back."""
    _sweep(books, _M.LEFT, ("message = ?1", message_id), why)


def close_of(books: Books, reporter_tag: bytes, why: str) -> None:
    """Nothing of this person that is open is sent any more, but what a court needs is left."""
    his = "message IN (SELECT id FROM message WHERE reporter_tag = ?1) AND complaint NOT IN (SELECT complaint FROM legal_hold)"
    _sweep(books, _M.CLOSE, (his, reporter_tag), why)


def leave(books: Books, items: Sequence[tuple[AdditionId, str]]) -> list[bool]:
    """Each to a person, for this reason; whether it was still on its way."""
    return [_may(books, key, _M.LEFT, why) for key, why in items]


def leave_all(books: Books, items: Sequence[str]) -> list[None]:
    """All that is on its way to a person, for this reason."""
    for why in items:
        _sweep(books, _M.LEFT, ("?1 IS NOT NULL", why), why)
    return [None] * len(items)


def reread(books: Books, message_id: int) -> None:
    """Its words changed: whoever holds the old ones in memory may not start it, and whether it still asks for the same a person reads."""
    books.connection.execute(_STALE, (message_id,))
    _sweep(books, _M.LEFT, ("message = ?1 AND wish IS NOT NULL", message_id), REWORDED)


def start(books: Books, items: Sequence[tuple[AdditionId, int]]) -> list[bool]:
    """(addition, attempt): ready → sending; whether each moved. Only the current attempt, and only behind a filed complaint."""
    moved = []
    for key, attempt in items:
        row = None if books.filing_paused else load(books, key)
        go = row is not None and row.state is _S.READY and row.attempts == attempt - 1 and _is_filed(books, key)
        if row is not None and go:
            put(books, row, _M.STARTED)
            books.connection.execute(_BEGIN, key)
            books.doubt.additions.append(key)
        moved.append(go)
    return moved


def settle(books: Books, results: Sequence[AdditionResult]) -> list[AdditionSettled]:
    """What the core answered, in the order given; the same answer twice changes nothing."""
    return [_settle(books, result) for result in results]


def unsettled(item: AdditionResult, error: Exception) -> AdditionSettled:
    """What is said of one answer that could not be stored by itself."""
    return AdditionSettled(item.key, None, moved=False, alarm=f"{type(error).__name__} while storing the core's answer")


def absent(books: Books, items: Sequence[tuple[AdditionId, int]]) -> list[bool]:
    """(addition, settling ms): a look-up found nothing. True when that made an unknown one ready again."""
    moved = []
    for key, settling_ms in items:
        row = load(books, key)
        again = bool(books.connection.execute(_ABSENT_LONG, (*key, books.now_ms - settling_ms)).get)
        if row is not None and again:
            put(books, row, _M.ABSENT, "not found at the core")
        else:
            books.connection.execute(_ABSENT_FIRST, (*key, books.now_ms))
        moved.append(again)
    return moved


def recover(books: Books) -> int:
    """After a crash: what was `sending` is unknown, for nobody knows what the core got. How many."""
    keys: list[AdditionId] = fetch(books.connection, _SENDING)
    for key in keys:
        row = load(books, key)
        if row is not None:
            put(books, row, _M.LOST_ANSWER, DIED)
            books.alarm(UNHEARD, key[0])
    return len(keys)


def give_back(books: Books, keys: Sequence[AdditionId]) -> None:
    """Starts whose commit failed: on disk or not, nobody sent anything, so they are ready as before."""
    for key in keys:
        row = load(books, key)
        if row is not None and row.state is _S.SENDING:
            put(books, row, _M.NOT_ADDED)
            books.connection.execute(_UNCHARGE, key)


def revive(books: Books, origin: str) -> int:
    """From a backup: what was on its way may be there by now, and nobody here knows. How many."""
    moved = _sweep(books, _M.RESTORED, ("?1 IS NOT NULL", origin), origin)
    books.connection.execute("UPDATE addition SET absent_ms = NULL WHERE absent_ms IS NOT NULL")
    skip_turns(books)
    return moved


def skip_turns(books: Books) -> None:
    """Leave out the turns that a lost journal may have given."""
    books.turns_from += TURNS_PER_RESTORE
    books.connection.execute(_META, (str(books.turns_from),))


def load(books: Books, key: AdditionId) -> Row | None:
    """One addition; None when there is none that could ever be sent."""
    rows = fetch(books.connection, _ROW, key)
    if not rows or rows[0][0] is None:
        return None
    state, turn, attempts, tracking_id, more, reason = rows[0]
    return Row(key, AdditionState(state), turn, attempts, tracking_id, bool(more), reason)


def put(books: Books, row: Row, move: AdditionMove, why: str | None = None, next_ms: int | None = None) -> None:
    """One move by the table; `row` is kept true."""
    target, now = after(NEXT_ADDITION, row.state, move), books.now_ms
    due = None if target in (_S.ADDED, _S.CLOSED) else next_ms or now
    books.connection.execute(_PUT, (*row.key, row.state.value, target.value, why, now, due))
    if books.connection.changes() != 1:
        raise LookupError(f"a {row.state} addition did not move")
    books.tally.move(_NOUN, row.state, target)
    row.state = target


def _settle(books: Books, result: AdditionResult) -> AdditionSettled:
    row = load(books, result.key)
    if row is None:
        books.alarm("an answer of the core names an addition that the journal does not have", result.key[0])
        return AdditionSettled(result.key, None, moved=False, alarm="no such addition")
    result = replace(result, reason=clean(result.reason), tracking_id=None if result.tracking_id is None else clean(result.tracking_id))
    if result.move in (_M.ADDED, _M.FOUND):
        return _settle_yes(books, result, row)
    if row.state is not _S.SENDING or row.attempts != result.attempt:
        return AdditionSettled(row.key, row.state, moved=False)
    put(books, row, result.move, result.reason, result.next_ms)
    if not result.charged:
        books.connection.execute(_UNCHARGE, row.key)
    if result.alarm is not None:
        books.alarm(result.alarm, row.key[0])
    return AdditionSettled(row.key, row.state, moved=True, alarm=result.alarm)


def _settle_yes(books: Books, result: AdditionResult, row: Row) -> AdditionSettled:
    """It stands in its complaint's record, or in one of its own; one that is another complaint's is an alarm and a person's business."""
    tracking_id = result.tracking_id
    if not tracking_id:
        raise LookupError("what was added stands in a record that has a tracking id")
    if row.state is _S.ADDED and row.tracking_id == tracking_id:
        return AdditionSettled(row.key, row.state, moved=False)
    move = next((one for one in _MOVES[result.move] if one in NEXT_ADDITION[row.state]), None)
    if move is None:
        return _contradiction(books, row, f"the core added what is {row.state} here")
    if books.connection.execute(_OTHERS, (tracking_id, row.key[0])).get:
        if row.state is _S.SENDING:
            put(books, row, _M.LOST_ANSWER, "the core gave the tracking id of another complaint")
        return _contradiction(books, row, TWO_OF_ONE_ID)
    put(books, row, move)
    books.connection.execute(_STANDS, (*row.key, tracking_id))
    if row.more:
        _renew(books, row)
    return AdditionSettled(row.key, row.state, moved=True)


def _contradiction(books: Books, row: Row, what: str) -> AdditionSettled:
    """An alarm, once: each look-up finds it again."""
    if row.reason != what:
        books.alarm(what, row.key[0])
        books.connection.execute(_REASON, (*row.key, what))
    return AdditionSettled(row.key, row.state, moved=False, alarm=what)


def _say_more(books: Books, row: Row) -> None:
    """The message of an addition says more than it did; what a person has is read anew when he sends it."""
    if row.state is _S.ADDED:
        _renew(books, row)
    elif row.state is _S.READY:
        reread(books, row.key[1])
    elif row.state in (_S.SENDING, _S.UNKNOWN):
        books.connection.execute(_MORE, row.key)


def _renew(books: Books, row: Row) -> None:
    """The whole goes once more, under a key of its own."""
    put(books, row, _M.RENEWED)
    books.connection.execute(_TURN, (*row.key, _next_turn(books, row.key[0])))


def _next_turn(books: Books, complaint_id: int) -> int:
    last = books.connection.execute(_LAST_TURN, (complaint_id,)).get
    return max(int(last or 1), books.turns_from) + 1


def _not_here(state: ComplaintState, elsewhere: str | None) -> str | None:
    """Why it cannot follow its complaint."""
    if state is ComplaintState.CLOSED:
        return CLOSED
    return ELSEWHERE.format(number=elsewhere) if state is ComplaintState.DUPLICATE else None


def _is_filed(books: Books, key: AdditionId) -> bool:
    return bool(books.connection.execute(_FILED, (key[0], ComplaintState.FILED.value)).get)


def _may(books: Books, key: AdditionId, move: AdditionMove, why: str) -> bool:
    row = load(books, key)
    if row is None or move not in NEXT_ADDITION[row.state]:
        return False
    put(books, row, move, why)
    return True


def _sweep(books: Books, move: AdditionMove, which: Which, why: str | None = None, state: AdditionState | None = None) -> int:
    """One move of all that `which` names, from `state` or from wherever it is allowed; how many."""
    moved = 0
    for source in sources(NEXT_ADDITION, move) if state is None else (state,):
        if not books.tally.holds(_NOUN, source):
            continue
        target = after(NEXT_ADDITION, source, move)
        due: Value = None if target in (_S.ADDED, _S.CLOSED) else books.now_ms
        sql = (
            f"UPDATE addition SET state = {words((target,))}, reason = ?2, since_ms = ?3, next_ms = ?4, absent_ms = NULL"  # noqa: S608 - words of lifecycle.py, no data
            f" WHERE state = {words((source,))} AND next_ms IS NOT NULL AND {which[0]}"
        )
        books.connection.execute(sql, (which[1], why, books.now_ms, due))
        changed = books.connection.changes()
        books.tally.move(_NOUN, source, target, changed)
        moved += changed
    return moved
