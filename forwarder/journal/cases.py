"""Complaints on their way to the core: started before a byte goes, settled with what came back, never filed twice.

Every decision is made here from the states as they are, by the table of lifecycle.py; the updates carry the same states in their
WHERE, so that a mistake changes no row and is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forwarder.journal import adding, course
from forwarder.journal.books import Books
from forwarder.journal.letters import add_reply
from forwarder.journal.moves import put
from forwarder.journal.orders import Grant, Settled, Settlement
from forwarder.journal.rows import Bulk, Value, clean, fetch, integers, read, texts, words
from forwarder.lifecycle import (
    NEXT_COMPLAINT,
    NEXT_REPLY,
    AdditionState,
    ComplaintMove,
    ComplaintState,
    HeldReason,
    ReplyMove,
    after,
    sources,
)
from forwarder.records import ReplyDraft
from forwarder.talk import Wish

RECEIPT, RECEIPT_FILED, FILED = "receipt", "receipt_filed", "filed"
DIED = "the gateway died while filing"

_STATES = "SELECT json_group_array(json_array(id, state, attempts, tracking_id, worker, batch)) FROM complaint WHERE id IN carray(?)"
_OWNERS = "SELECT json_group_array(json_array(tracking_id, id)) FROM complaint WHERE tracking_id IN carray(?)"
_MAY_START = words(sources(NEXT_COMPLAINT, ComplaintMove.STARTED))
_START = f"""
UPDATE complaint SET state = 'sending', attempts = attempts + 1, since_ms = ?2, next_ms = ?2, attention = nullif(attention, 'late part'),
                     worker = ?3, batch = ?4
WHERE id IN carray(?1) AND state IN ({_MAY_START})
"""  # noqa: S608 - words of lifecycle.py, no data
_YES = (*sources(NEXT_COMPLAINT, ComplaintMove.FILED), *sources(NEXT_COMPLAINT, ComplaintMove.FOUND))
_FILED = Bulk(
    "UPDATE complaint SET state = 'filed', tracking_id = v.column2, transaction_id = v.column3, since_ms = v.column4, next_ms = NULL,"
    " reason = NULL, absent_ms = NULL, batch = NULL FROM (VALUES ",
    4,
    f") AS v WHERE complaint.id = v.column1 AND complaint.tracking_id IS NULL AND complaint.state IN ({words(_YES)})",
)
_NO = frozenset({ComplaintMove.NOT_FILED, ComplaintMove.REFUSED, ComplaintMove.LOST_ANSWER})
_MAY_FAIL = words(sorted({state for move in _NO for state in sources(NEXT_COMPLAINT, move)}))
_NOT_FILED = Bulk(
    "UPDATE complaint SET state = v.column2, reason = v.column3, next_ms = v.column4, attempts = attempts - v.column5,"
    " since_ms = v.column6, batch = iif(v.column7, NULL, batch) FROM (VALUES ",
    7,
    f") AS v WHERE complaint.id = v.column1 AND complaint.state IN ({_MAY_FAIL})",
)
_TAKEN_BACK = f"""
SELECT DISTINCT complaint FROM addition
WHERE complaint IN carray(?) AND state = 'waiting' AND wish = '{Wish.CANCEL}' AND granted IS NULL
"""  # noqa: S608 - a word of ours
_UNSENT = words(sources(NEXT_REPLY, ReplyMove.STARTED))
_MAY_BE_ABSENT = words(sources(NEXT_COMPLAINT, ComplaintMove.ABSENT))
_FRESH = """
(attempts = 0 OR NOT EXISTS (SELECT 1 FROM post AS p WHERE p.message = reply.message AND p.answering = 'once'))
"""
"""A post's one answer that may have been tried keeps its words: X refuses the same text twice, and another one would be a second answer."""
_MERGEABLE = f"kind = '{RECEIPT}' AND state IN ({_UNSENT}) AND {_FRESH}"
_REPLIES = f"""
SELECT json_group_array(json_array(complaint, id, message, {_MERGEABLE})) FROM reply WHERE complaint IN carray(?)
"""  # noqa: S608 - words of lifecycle.py, no data
_MERGE = f"UPDATE reply SET kind = '{RECEIPT_FILED}', due_ms = min(due_ms, ?2) WHERE id IN carray(?1) AND state IN ({_UNSENT})"  # noqa: S608 - words of lifecycle.py, no data
_ATTENTION = "UPDATE complaint SET attention = ?2 WHERE id = ?1"
_ABSENT_FIRST = f"""
UPDATE complaint SET absent_ms = ?2 WHERE id = ?1 AND absent_ms IS NULL AND batch IS NULL AND state IN ({_MAY_BE_ABSENT})
"""  # noqa: S608 - words of lifecycle.py, no data
_ABSENT_AGAIN = f"""
UPDATE complaint SET state = 'ready', since_ms = ?2, next_ms = ?2, absent_ms = NULL, reason = 'not found at the core'
WHERE id = ?1 AND absent_ms <= ?2 - ?3 AND batch IS NULL AND state IN ({_MAY_BE_ABSENT})
"""  # noqa: S608 - words of lifecycle.py, no data
_FORGET = f"UPDATE complaint SET batch = NULL WHERE worker = ? AND batch IS NOT NULL AND state IN ({_MAY_BE_ABSENT})"  # noqa: S608 - words of lifecycle.py, no data


@dataclass(slots=True)
class _Case:
    """A complaint as it is now."""

    id: int
    state: ComplaintState
    attempts: int
    tracking_id: str | None
    grant: Grant | None
    """Of the attempt under way, or of an unknown one whose worker has not spoken."""


def start(books: Books, items: Sequence[tuple[int, int, Grant | None]]) -> list[bool]:
    """Ready → sending for the current attempt, and for whom; whether each moved."""
    if not items or books.filing_paused:
        return [False] * len(items)
    cases = _load(books, {complaint_id for complaint_id, _, _ in items})
    moved: dict[Grant | None, list[int]] = {}
    begun: set[int] = set()
    verdicts = []
    may = sources(NEXT_COMPLAINT, ComplaintMove.STARTED)
    for complaint_id, attempt, grant in items:
        case = cases.get(complaint_id)
        go = case is not None and case.state in may and case.attempts == attempt - 1 and complaint_id not in begun
        if go:
            begun.add(complaint_id)
            moved.setdefault(grant, []).append(complaint_id)
        verdicts.append(go)
    for given, ids in moved.items():
        worker, batch = (None, None) if given is None else (given.worker, given.batch)
        books.connection.execute(_START, (integers(ids), books.now_ms, worker, batch))
        _expect(books.connection.changes(), len(ids))
    books.tally.move("complaint", ComplaintState.READY, ComplaintState.SENDING, len(begun))
    books.doubt.filings.extend(begun)
    adding.absorb(books, list(begun))
    return verdicts


def settle(books: Books, results: Sequence[Settlement]) -> list[Settled]:
    """What the core answered, in the order given; the reply that tells the citizen in the same transaction."""
    if not results:
        return []
    results = [_plain(result) for result in results]
    cases = _load(books, {result.complaint_id for result in results})
    given = tuple(result.tracking_id for result in results if result.tracking_id is not None)
    owners = dict[str, int](map(tuple, read(books.connection, _OWNERS, (texts(given),)))) if given else {}
    yes: dict[int, Sequence[Value]] = {}
    no: dict[int, Sequence[Value]] = {}
    settled = [_judge(books, result, cases, owners, (yes, no)) for result in results]
    _expect(_FILED.run(books.connection, list(yes.values())), len(yes))
    _expect(_NOT_FILED.run(books.connection, list(no.values())), len(no))
    _heed_wishes(books, [complaint_id for complaint_id, row in no.items() if row[1] == ComplaintState.READY])
    adding.release(books, list(yes))
    if books.follows:
        course.follow(books, list(yes))
    replies = _tell(books, list(yes))
    course.overtaken(books, [str(row[1]) for row in yes.values()])
    return [replace(one, reply_id=replies.get(one.complaint_id)) if one.moved else one for one in settled]


def _heed_wishes(books: Books, ready: Sequence[int]) -> None:
    """What its reporter took back while it was on its way, and the core certainly did not take, is not sent again: a person settles it."""
    if not ready or not books.tally.holds("addition", AdditionState.WAITING):
        return
    for (complaint_id,) in fetch(books.connection, _TAKEN_BACK, (integers(ready),)):
        put(books, complaint_id, ComplaintMove.HOLD, ComplaintState.READY, reason=HeldReason.WITHDRAWN)


def absent(books: Books, items: Sequence[tuple[int, int]]) -> list[bool]:
    """(complaint id, settling ms): a look-up found nothing. True when that made an unknown complaint ready again."""
    moved = []
    for complaint_id, settling_ms in items:
        books.connection.execute(_ABSENT_AGAIN, (complaint_id, books.now_ms, settling_ms))
        again = books.connection.changes() == 1
        if again:
            books.tally.move("complaint", ComplaintState.UNKNOWN, ComplaintState.READY)
        else:
            books.connection.execute(_ABSENT_FIRST, (complaint_id, books.now_ms))
        moved.append(again)
    return moved


def forget_worker(books: Books, items: Sequence[str]) -> list[int]:
    """These workers' records are lost: what is unknown of theirs is looked up, or settled by a person, like any other. How many."""
    forgotten = []
    for worker in items:
        books.connection.execute(_FORGET, (worker,))
        forgotten.append(books.connection.changes())
    return forgotten


def recover(books: Books) -> int:
    """After a crash: what was `sending` is unknown, for nobody knows what the core got. How many."""
    target = after(NEXT_COMPLAINT, ComplaintState.SENDING, ComplaintMove.LOST_ANSWER)
    lost = [
        row[0]
        for row in read(
            books.connection, "SELECT json_group_array(json_array(id)) FROM complaint WHERE state = 'sending' AND next_ms IS NOT NULL"
        )
    ]
    now = books.now_ms
    _expect(_NOT_FILED.run(books.connection, [(one, target.value, DIED, now, 0, now, 0) for one in lost]), len(lost))
    books.tally.move("complaint", ComplaintState.SENDING, target, len(lost))
    return len(lost)


def give_back(books: Books, complaint_ids: Sequence[int]) -> None:
    """Starts whose commit failed: on disk or not, nobody sent anything, so they are ready as before."""
    if not complaint_ids:
        return
    cases = _load(books, set(complaint_ids))
    now = books.now_ms
    rows = [
        (case.id, after(NEXT_COMPLAINT, case.state, ComplaintMove.NOT_FILED).value, None, now, 1, now, 1)
        for case in cases.values()
        if case.state is ComplaintState.SENDING
    ]
    _expect(_NOT_FILED.run(books.connection, rows), len(rows))
    books.tally.move("complaint", ComplaintState.SENDING, ComplaintState.READY, len(rows))


def _plain(result: Settlement) -> Settlement:
    """What the core said may hold anything; a tracking id must not get lost for it."""
    said = (result.tracking_id or "", result.transaction_id or "", result.reason)
    if all(one.isascii() and "\0" not in one for one in said):
        return result
    tracking_id, transaction_id, reason = (clean(one) for one in said)
    return replace(result, tracking_id=tracking_id or None, transaction_id=transaction_id or None, reason=reason)


def _load(books: Books, ids: set[int]) -> dict[int, _Case]:
    return {
        complaint_id: _Case(complaint_id, ComplaintState(state), attempts, tracking, None if batch is None else Grant(worker, batch))
        for complaint_id, state, attempts, tracking, worker, batch in read(books.connection, _STATES, (integers(ids),))
    }


def _judge(
    books: Books,
    result: Settlement,
    cases: dict[int, _Case],
    owners: dict[str, int],
    rows: tuple[dict[int, Sequence[Value]], dict[int, Sequence[Value]]],
) -> Settled:
    case = cases.get(result.complaint_id)
    if case is None:
        books.alarm("an answer of the core names a complaint that the journal does not have", result.complaint_id)
        return Settled(result.complaint_id, None, moved=False, alarm="no such complaint")
    if result.move in (ComplaintMove.FILED, ComplaintMove.FOUND):
        return _judge_yes(books, result, case, owners, rows)
    if result.move not in _NO:
        raise LookupError(f"{result.move} is no answer of the core")
    if not _answers(case, result):
        return Settled(case.id, case.state, moved=False)
    return _put_no(books, result, case, rows[1])


def _answers(case: _Case, result: Settlement) -> bool:
    """Whether a no belongs to the attempt under way, or to the grant that an unknown one still waits to hear of."""
    if result.grant is not None and result.grant != case.grant:
        return False
    if case.state is ComplaintState.UNKNOWN:
        return result.grant is not None
    return case.state is ComplaintState.SENDING and case.attempts == result.attempt


def _judge_yes(
    books: Books,
    result: Settlement,
    case: _Case,
    owners: dict[str, int],
    rows: tuple[dict[int, Sequence[Value]], dict[int, Sequence[Value]]],
) -> Settled:
    """A tracking id is written once; a second one, or one for two complaints, is an alarm and a person's business."""
    tracking_id = result.tracking_id
    if not tracking_id:
        raise LookupError("a filed complaint needs a tracking id")
    if case.tracking_id == tracking_id:
        return Settled(case.id, case.state, moved=False)
    owner = owners.get(tracking_id)
    if case.tracking_id is not None:
        return _raise_alarm(books, case, "the core gave a second tracking id to this complaint")
    if owner is not None:
        if case.state is ComplaintState.SENDING:
            lost = replace(result, move=ComplaintMove.LOST_ANSWER, reason="the core gave the tracking id of another complaint")
            _put_no(books, lost, case, rows[1])
        return _raise_alarm(books, case, "the core gave one tracking id to two complaints")
    if case.state not in _YES:
        return _raise_alarm(books, case, f"the core filed a complaint that is {case.state} here")
    move = ComplaintMove.FILED if case.state is ComplaintState.SENDING else ComplaintMove.FOUND
    target = after(NEXT_COMPLAINT, case.state, move)
    rows[0][case.id] = (case.id, tracking_id, result.transaction_id, books.now_ms)
    rows[1].pop(case.id, None)
    books.tally.move("complaint", case.state, target)
    case.state, case.tracking_id = target, tracking_id
    owners[tracking_id] = case.id
    return Settled(case.id, target, moved=True)


def _put_no(books: Books, result: Settlement, case: _Case, rows: dict[int, Sequence[Value]]) -> Settled:
    target = after(NEXT_COMPLAINT, case.state, result.move)
    now = books.now_ms
    next_ms = result.next_ms if target is ComplaintState.READY and result.next_ms is not None else now
    rows[case.id] = (case.id, target.value, result.reason, next_ms, int(not result.charged), now, int(result.heard))
    if result.heard:
        case.grant = None
    books.tally.move("complaint", case.state, target)
    case.state = target
    return Settled(case.id, target, moved=True)


def _raise_alarm(books: Books, case: _Case, what: str) -> Settled:
    books.alarm(what, case.id)
    books.connection.execute(_ATTENTION, (case.id, what))
    return Settled(case.id, case.state, moved=False, alarm=what)


def _tell(books: Books, filed: Sequence[int]) -> dict[int, int]:
    """The reply with the tracking id, for every complaint whose citizen is answered at all.

    A receipt not yet started becomes the one SMS with both numbers; otherwise there is one more. Returns reply ids by complaint.
    """
    if not filed:
        return {}
    receipts: dict[int, int] = {}
    messages: dict[int, int] = {}
    for complaint, reply, message, mergeable in read(books.connection, _REPLIES, (integers(filed),)):
        complaint_id = complaint
        messages[complaint_id] = min(message, messages.get(complaint_id, message))
        if mergeable:
            receipts[complaint_id] = reply
    if receipts:
        books.connection.execute(_MERGE, (integers(receipts.values()), books.now_ms))
        _expect(books.connection.changes(), len(receipts))
    for complaint_id, message_id in messages.items():
        if complaint_id not in receipts:
            receipts[complaint_id] = add_reply(books, message_id, complaint_id, ReplyDraft(FILED, books.now_ms))
    return receipts


def _expect(changed: int, wanted: int) -> None:
    """An update that misses a row would break the table of states: the transaction is given up instead."""
    if changed != wanted:
        raise LookupError(f"{changed} rows changed instead of {wanted}")


def unsettled(item: Settlement, error: Exception) -> Settled:
    """What is said of one settlement that could not be stored by itself."""
    return Settled(item.complaint_id, None, moved=False, alarm=f"{type(error).__name__} while storing the core's answer")
