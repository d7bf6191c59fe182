"""Legal hold: complaints that no purge and no erasure may touch, because a court or an auditor needs them.

A hold on a complaint holds its message, what was added to it, its duplicates and its replies with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from forwarder.journal import audit
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer, SealError

PURPOSE = "hold"
HELD = "EXISTS (SELECT 1 FROM complaint AS hc JOIN legal_hold AS h ON h.complaint IN (hc.id, hc.first) WHERE hc.id = {complaint})"
"""SQL: whether the complaint of this id is held, by itself or with its first."""

_FIND = "SELECT id, message FROM complaint WHERE number = ?1 OR tracking_id = ?1"
_HOLD = "INSERT OR REPLACE INTO legal_hold (complaint, since_ms, who, sealed_reason) VALUES (?, ?, ?, ?)"
_RELEASE = "DELETE FROM legal_hold WHERE complaint = ?"
_LIST = """
SELECT h.complaint, c.number, c.state, h.since_ms, h.who, h.sealed_reason FROM legal_hold AS h JOIN complaint AS c ON c.id = h.complaint
ORDER BY h.since_ms, h.complaint
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold the complaint of this number (ours or the core's), or let it go."""

    number: str
    by: Hand
    hold: bool


@dataclass(frozen=True, slots=True)
class Held:
    """One complaint that is held, since when, by whom and why."""

    number: str
    state: str
    since_ms: int
    who: str
    reason: str


def settle(books: Books, items: Sequence[Wish]) -> list[str | None]:
    """Hold or release; None, or why not."""
    return [_settle(books, item) for item in items]


def held(connection: apsw.Connection, sealer: Sealer) -> list[Held]:
    """All that is held, the oldest first."""
    return [
        Held(number or "", state, since, who, _opened(sealer, complaint, sealed))
        for complaint, number, state, since, who, sealed in fetch(connection, _LIST)
    ]


def _settle(books: Books, item: Wish) -> str | None:
    found = fetch(books.connection, _FIND, (item.number,))
    if not found:
        return "no such complaint"
    complaint = found[0][0]
    if item.hold:
        sealed = books.sealer.seal(PURPOSE, complaint, item.by.reason.encode("utf-8", "surrogatepass"))
        books.connection.execute(_HOLD, (complaint, books.now_ms, item.by.who, sealed))
    else:
        books.connection.execute(_RELEASE, (complaint,))
        if not books.connection.changes():
            return "it is not held"
    audit.append(books, [Deed(item.by.who, "hold" if item.hold else "release", item.number, item.by.reason)])
    return None


def _opened(sealer: Sealer, complaint: int, sealed: bytes) -> str:
    try:
        return sealer.open(PURPOSE, complaint, sealed).decode("utf-8", "surrogatepass")
    except SealError:
        return "(cannot be opened)"
