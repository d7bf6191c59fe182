"""Forgetting one person: his keys are destroyed at once, then what they sealed is overwritten a slice at a time.

Complaints, tracking ids and counts stay. What is still open is named and nothing is done, for erasing must not lose a complaint; `force`
closes it. What is under legal hold is left alone, with the keys that it needs, and named. Given again, an erasure that was broken off ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import apsw

from forwarder.journal import adding, audit
from forwarder.journal.books import Books
from forwarder.journal.holds import HELD
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.persons import SEALED_OCTETS
from forwarder.journal.purge import ERASED
from forwarder.journal.questions import SETTLED, end
from forwarder.journal.rows import fetch, integers, read, words
from forwarder.journal.sets import close
from forwarder.lifecycle import (
    NEXT_COMPLAINT,
    NEXT_REPLY,
    AdditionState,
    ComplaintMove,
    ComplaintState,
    ReplyMove,
    ReplyState,
    SetMove,
    after,
    sources,
)

FORGOTTEN = "its citizen is erased"

_OPEN = f"""
SELECT c.id, c.state, coalesce(c.number, '') FROM message AS m JOIN complaint AS c ON c.id = m.complaint AND c.message = m.id
WHERE m.reporter_tag = ?1 AND c.next_ms IS NOT NULL AND NOT {HELD.format(complaint="c.id")} ORDER BY c.id
"""  # noqa: S608 - SQL of our own
_ADDING = f"""
SELECT DISTINCT coalesce(c.number, ''), a.state FROM message AS m JOIN addition AS a ON a.message = m.id
JOIN complaint AS c ON c.id = a.complaint
WHERE m.reporter_tag = ?1 AND a.next_ms IS NOT NULL AND NOT {HELD.format(complaint="c.id")}
"""  # noqa: S608 - the same
_HELD = f"""
SELECT DISTINCT coalesce(c.number, f.number, '') FROM message AS m JOIN complaint AS c ON c.id = m.complaint
LEFT JOIN complaint AS f ON f.id = c.first WHERE m.reporter_tag = ?1 AND {HELD.format(complaint="c.id")}
"""  # noqa: S608 - the same
_MINE = f"""
SELECT json_group_array(id) FROM (SELECT m.id FROM message AS m WHERE m.reporter_tag = ?1 AND m.id > ?2 AND m.id <= ?3
AND NOT {HELD.format(complaint="m.complaint")} ORDER BY m.id LIMIT ?4)
"""  # noqa: S608 - the same
_SETS = f"""
SELECT json_group_array(id) FROM (SELECT s.id FROM part_set AS s LEFT JOIN message AS m ON m.id = s.message
WHERE s.reporter_tag = ?1 AND s.id > ?2 AND s.id <= ?3 AND NOT {HELD.format(complaint="coalesce(m.complaint, 0)")} ORDER BY s.id LIMIT ?4)
"""  # noqa: S608 - the same
_OPEN_SETS = "SELECT json_group_array(id) FROM part_set WHERE reporter_tag = ? AND state = 'open'"
_OF_MESSAGES = """
SELECT substr(sealed_sender, 1, 9) FROM message WHERE id IN carray(?1)
UNION SELECT substr(sealed_content, 1, 9) FROM message WHERE id IN carray(?1)
UNION SELECT substr(sealed_pdu, 1, 9) FROM raw WHERE message IN carray(?1)
UNION SELECT substr(sealed_ids, 1, 9) FROM post WHERE message IN carray(?1)
UNION SELECT substr(sealed_content, 1, 9) FROM earlier WHERE message IN carray(?1)
UNION SELECT substr(p.sealed_pdu, 1, 9) FROM message AS m JOIN part AS p ON p.part_set = m.part_set WHERE m.id IN carray(?1)
UNION SELECT substr(h.sealed_reason, 1, 9) FROM complaint AS c JOIN history AS h ON h.complaint = c.id
      WHERE c.id IN (SELECT complaint FROM message WHERE id IN carray(?1)) AND c.message IN carray(?1)
UNION SELECT substr(o.sealed_answer, 1, 9) FROM complaint AS c JOIN course AS o ON o.complaint = c.id
      WHERE c.id IN (SELECT complaint FROM message WHERE id IN carray(?1)) AND c.message IN carray(?1)
"""
_OF_SETS = "SELECT DISTINCT substr(sealed_pdu, 1, 9) FROM part WHERE part_set IN carray(?1)"
_DESTROY = "UPDATE person SET sealed_key = ?2 WHERE id IN carray(?1)"
_CLOSE = f"""
UPDATE complaint SET state = '{ComplaintState.CLOSED}', reason = ?2, since_ms = ?3, next_ms = NULL, absent_ms = NULL
WHERE id = ?1 AND state IN ({words(sources(NEXT_COMPLAINT, ComplaintMove.CLOSE))})
"""  # noqa: S608 - words of lifecycle.py, no data
_UNSENT = words(sources(NEXT_REPLY, ReplyMove.SUPPRESSED))
_HIS_REPLIES = f"""
SELECT r.id, r.state FROM reply AS r JOIN message AS m ON m.id = r.message
WHERE r.state IN ({_UNSENT}) AND r.due_ms IS NOT NULL AND m.reporter_tag = ?1 AND NOT {HELD.format(complaint="m.complaint")}
"""  # noqa: S608 - the same
_SUPPRESS = f"UPDATE reply SET state = 'none', reason = ?2, due_ms = NULL, settled_ms = ?3 WHERE id IN carray(?1) AND state IN ({_UNSENT})"  # noqa: S608
_DOORS = ("silence", "pin_door", "reply_count", "restriction", "blocked")
_HIS = """
SELECT c.id FROM message AS m JOIN complaint AS c ON c.id = m.complaint AND c.message = m.id WHERE m.id IN carray(?1)
"""
_FORGET = (
    "DELETE FROM raw WHERE message IN carray(?1)",
    "DELETE FROM earlier WHERE message IN carray(?1)",
    "UPDATE post SET sealed_ids = NULL, thread_tag = NULL, look_ms = NULL, words_tag = randomblob(16) WHERE message IN carray(?1)",
    f"UPDATE post SET gone = '{ERASED}' WHERE message IN carray(?1)",  # noqa: S608 - a word of ours
    "UPDATE part SET sealed_pdu = NULL WHERE part_set IN (SELECT part_set FROM message WHERE id IN carray(?1)) AND sealed_pdu IS NOT NULL",
    f"UPDATE history SET sealed_reason = x'' WHERE complaint IN ({_HIS}) AND sealed_reason <> x''",  # noqa: S608 - SQL of our own
    f"UPDATE course SET sealed_answer = NULL, answer_tag = NULL WHERE complaint IN ({_HIS})",  # noqa: S608 - SQL of our own
    "UPDATE reply SET due_ms = NULL, settled_ms = due_ms WHERE state = 'unknown' AND due_ms IS NOT NULL AND message IN carray(?1)",
    f"UPDATE complaint SET pin_turn = pin_turn WHERE id IN ({_HIS})",  # noqa: S608 - the same
    f"UPDATE question SET reporter_tag = randomblob(16) WHERE complaint IN ({_HIS})",  # noqa: S608 - the same
    "UPDATE message SET sealed_sender = NULL, sealed_content = NULL, reporter_tag = NULL WHERE id IN carray(?1)",
)
"""In this order: whose a message is goes last. A complaint is touched so that the other gateways hear of it."""
_FORGET_SETS = (
    "UPDATE part SET sealed_pdu = NULL WHERE part_set IN carray(?1) AND sealed_pdu IS NOT NULL",
    "UPDATE part_set SET reporter_tag = NULL WHERE id IN carray(?1)",
)
_FORGET_OLD = (
    "UPDATE message SET digest_tag = NULL WHERE id IN carray(?1) AND received_ms < ?2",
    "UPDATE post SET key_tag = randomblob(16) WHERE message IN (SELECT id FROM message WHERE id IN carray(?1) AND received_ms < ?2)",
    "DELETE FROM claim WHERE complaint IN (SELECT complaint FROM message WHERE id IN carray(?1) AND received_ms < ?2)",
)
"""What a copy is known by stays while a copy may come, as for everybody (tombstone_days): else it would be a second complaint."""
_HANDED = """
DELETE FROM handed WHERE reply IN (SELECT id FROM reply WHERE complaint IN (SELECT complaint FROM message WHERE id IN carray(?1))
                                   UNION SELECT id FROM reply WHERE complaint IS NULL AND message IN carray(?1))
"""


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase the person of this tag; `force` closes what is open."""

    reporter_tag: bytes
    by: Hand
    force: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """What an erasure came to: refused, or begun for messages up to `upto` and sets up to `upto_set`."""

    refused: str | None = None
    open: tuple[str, ...] = ()
    """Complaints that are open, by number and state: why it was refused, or what was closed."""
    held: tuple[str, ...] = ()
    keys: int = 0
    upto: int = 0
    upto_set: int = 0


@dataclass(slots=True)
class Mine:
    """A walk over what is one person's, by slices; read, so that the writer does not wait. `sets` walks the sets, else the messages."""

    reporter_tag: bytes
    upto: int
    limit: int
    sets: bool = False
    last: int = field(default=0)

    def next(self, connection: apsw.Connection) -> list[int]:
        """The next slice of ids; empty at the end."""
        sql = _SETS if self.sets else _MINE
        ids = cast("list[int]", read(connection, sql, (self.reporter_tag, self.last, self.upto, self.limit)))
        self.last = ids[-1] if ids else self.last
        return ids


def begin(books: Books, items: Sequence[Erase]) -> list[Begun]:
    """Destroy the keys of persons, or say why not; one transaction, with its audit row."""
    return [_begin(books, item) for item in items]


def forget(books: Books, items: Sequence[Sequence[int]]) -> list[int]:
    """Overwrite what these messages held; how many each."""
    before = books.remembered_since_ms  # also over a clock that was set forward: a copy of before may still come
    for ids in items:
        books.connection.execute(_HANDED, (integers(ids),))
        for sql in _FORGET_OLD:
            books.connection.execute(sql, (integers(ids), before))
        for sql in _FORGET:
            books.connection.execute(sql, (integers(ids),))
    return [len(ids) for ids in items]


def forget_sets(books: Books, items: Sequence[Sequence[int]]) -> list[int]:
    """The same of long messages, whatever they became."""
    for ids in items:
        for sql in _FORGET_SETS:
            books.connection.execute(sql, (integers(ids),))
    return [len(ids) for ids in items]


def _begin(books: Books, item: Erase) -> Begun:
    connection, tag = books.connection, item.reporter_tag
    sets = cast("list[int]", read(connection, _OPEN_SETS, (tag,)))
    still = fetch(connection, _OPEN, (tag,))
    refused = _refusal(books, item, still, sets)
    if refused is not None:
        return Begun(refused, tuple(f"{number} ({state})" for _, state, number in still))
    if sets:
        close(books, sets, SetMove.EXPIRED)
        still = fetch(connection, _OPEN, (tag,))
    named = tuple(f"{number} ({state})" for _, state, number in still)
    _close(books, still)
    adding.close_of(books, tag, FORGOTTEN)
    _suppress(books, tag)
    upto, upto_set = (connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").get for table in ("message", "part_set"))  # noqa: S608
    held = tuple(number for (number,) in fetch(connection, _HELD, (tag,)))
    keys = _keys(books, tag, upto, upto_set) - _kept(connection, tag)
    if keys:
        connection.execute(_DESTROY, (integers(keys), bytes(SEALED_OCTETS)))
        books.ring.forget(keys)
    for table in _DOORS if not held else ():
        connection.execute(f"DELETE FROM {table} WHERE reporter_tag = ?", (tag,))  # noqa: S608 - names of our own tables
    books.know_blocked()
    audit.append(books, [Deed(item.by.who, "erase", tag.hex(), item.by.reason)])
    return Begun(None, named, held, len(keys), upto, upto_set)


def _refusal(books: Books, item: Erase, still: Sequence[tuple[int, str, str]], sets: Sequence[int]) -> str | None:
    for number, state in fetch(books.connection, _ADDING, (item.reporter_tag,)):
        if state == AdditionState.SENDING:
            return f"an addition to {number} is being sent this moment; give the command again"
        if not item.force:
            return f"an addition to {number} is not settled: wait, settle it at the desk, or --force closes it unsent"
    if any(state == ComplaintState.SENDING for _, state, _ in still):
        return "a complaint is being filed this moment; give the command again"
    if sets and not item.force:
        return "a long message is not whole yet and is filed as it is within journal.segment_timeout_seconds; wait, or --force"
    if still and not item.force:
        return "a complaint is not settled: file it, close it at the desk, or --force closes it unfiled"
    return None


def _close(books: Books, still: Iterable[tuple[int, str, str]]) -> None:
    for complaint, state, _ in still:
        target = after(NEXT_COMPLAINT, ComplaintState(state), ComplaintMove.CLOSE)
        books.connection.execute(_CLOSE, (complaint, FORGOTTEN, books.now_ms))
        if books.connection.changes() != 1:
            raise LookupError(f"a {state} complaint did not close")
        books.tally.move("complaint", state, target)
        end(books, complaint, SETTLED)


def _suppress(books: Books, tag: bytes) -> None:
    rows = dict(fetch(books.connection, _HIS_REPLIES, (tag,)))
    if rows:
        books.connection.execute(_SUPPRESS, (integers(rows), FORGOTTEN, books.now_ms))
        for state in rows.values():
            books.tally.move("reply", state, ReplyState.NONE)


def _keys(books: Books, tag: bytes, upto: int, upto_set: int) -> set[int]:
    """The data keys that sealed anything of this person that is not held."""
    found: set[int] = set()
    for sql, walk in ((_OF_MESSAGES, Mine(tag, upto, 1000)), (_OF_SETS, Mine(tag, upto_set, 1000, sets=True))):
        while ids := walk.next(books.connection):
            found |= _named(books.connection, sql, ids)
    return found


def _kept(connection: apsw.Connection, tag: bytes) -> set[int]:
    """Those that what is held needs."""
    sql = f"SELECT json_group_array(m.id) FROM message AS m WHERE m.reporter_tag = ?1 AND {HELD.format(complaint='m.complaint')}"  # noqa: S608
    ids = cast("list[int]", read(connection, sql, (tag,)))
    return _named(connection, _OF_MESSAGES, ids) if ids else set()


def _named(connection: apsw.Connection, sql: str, ids: Sequence[int]) -> set[int]:
    heads = [head for (head,) in fetch(connection, sql, (integers(ids),)) if head is not None]
    return {int.from_bytes(head[1:], "big") for head in heads if len(head) == 9 and head[0] == 0} - {0}


def empty_log(books: Books, items: Sequence[bool]) -> list[bool]:
    """True asks that the log be emptied, which is done after a transaction when nobody reads it; False, whether it was since."""
    done = []
    for asked in items:
        books.empty_log = books.empty_log or asked
        done.append(not books.empty_log)
    return done
