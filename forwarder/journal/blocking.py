"""The block list: what a blocked number or account writes is kept and held, never answered, never filed by itself; until a day.

The writer knows the list by heart: it is read with everything else when the file is opened, changed in the transaction that changes the
table, and read again where a transaction was undone. So it costs a message nothing, and is right after every crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import apsw

from forwarder.journal import audit
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer, SealError
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, ReplyDraft

PURPOSE = "block"
BLOCKED = "the number is on the block list"

_PUT = """
INSERT INTO blocked (id, reporter_tag, since_ms, until_ms, who, sealed_reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (reporter_tag) DO UPDATE SET id = excluded.id, until_ms = excluded.until_ms, who = excluded.who,
                                         sealed_reason = excluded.sealed_reason
"""
_NEXT = "SELECT coalesce(max(id), 0) + 1 FROM blocked"
_LIFT = "DELETE FROM blocked WHERE reporter_tag = ?"
_OVER = "DELETE FROM blocked WHERE until_ms <= ?"
_ALL = """
SELECT b.id, b.since_ms, b.until_ms, b.who, b.sealed_reason,
       (SELECT count(*) FROM message AS m WHERE m.reporter_tag = b.reporter_tag AND m.received_ms >= b.since_ms),
       (SELECT c.number FROM message AS m JOIN complaint AS c ON c.id = m.complaint
        WHERE m.reporter_tag = b.reporter_tag AND c.number IS NOT NULL ORDER BY m.id DESC LIMIT 1)
FROM blocked AS b WHERE b.until_ms > ? ORDER BY b.since_ms, b.id
"""


@dataclass(frozen=True, slots=True)
class Block:
    """Put the person of this tag on the list until a time, or (0) take him off."""

    reporter_tag: bytes
    by: Hand
    until_ms: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """One line of the list; `messages` came since then, `number` is the newest complaint, by which it can be named without its number."""

    since_ms: int
    until_ms: int
    who: str
    reason: str
    messages: int
    number: str | None


def settle(books: Books, items: Sequence[Block]) -> list[bool]:
    """Whether each changed something; each has its audit row. A second block of the same takes the place of the first."""
    connection = books.connection
    connection.execute(_OVER, (books.now_ms,))
    changed = []
    for item in items:
        if item.until_ms:
            number = connection.execute(_NEXT).get
            sealed = books.sealer.seal(PURPOSE, number, item.by.reason.encode("utf-8", "surrogatepass"))
            connection.execute(_PUT, (number, item.reporter_tag, books.now_ms, item.until_ms, item.by.who, sealed))
        else:
            connection.execute(_LIFT, (item.reporter_tag,))
        changed.append(connection.changes() == 1)
        if changed[-1]:
            audit.append(books, [Deed(item.by.who, "block" if item.until_ms else "unblock", item.reporter_tag.hex(), item.by.reason)])
    books.know_blocked()
    return changed


def is_blocked(books: Books, reporter_tag: bytes | None) -> bool:
    """Whether this person is on the list now."""
    return bool(books.blocked) and books.blocked.get(reporter_tag or b"", 0) > books.now_ms


def heed(books: Books, reporter_tag: bytes | None, composed: Composed) -> Composed:
    """The message as it is stored: a blocked person's is held and not answered; a duplicate stays one, a command changes nothing."""
    if not is_blocked(books, reporter_tag):
        return composed
    composed = replace(composed, reply=None, said=None)
    if composed.complaint is None:
        return replace(composed, reply=ReplyDraft("info", books.now_ms, withheld=BLOCKED))
    if composed.state is ComplaintState.DUPLICATE:
        return composed
    return replace(composed, state=ComplaintState.HELD, reason=HeldReason.BLOCKED)


def listed(connection: apsw.Connection, sealer: Sealer, now_ms: int) -> list[Blocked]:
    """The list, the oldest block first."""
    return [
        Blocked(since, until, who, _opened(sealer, number, sealed), messages, complaint)
        for number, since, until, who, sealed, messages, complaint in fetch(connection, _ALL, (now_ms,))
    ]


def _opened(sealer: Sealer, number: int, sealed: bytes) -> str:
    try:
        return sealer.open(PURPOSE, number, sealed).decode("utf-8", "surrogatepass")
    except SealError:
        return "(cannot be opened)"
