"""Restricted persons: what they wrote is kept, and neither shown, answered nor counted, until it is lifted (UU 27/2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from forwarder.journal import audit
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.rows import blobs, read

RESTRICTED = "the citizen asked that nothing be done with it"
OF_MESSAGE = "EXISTS (SELECT 1 FROM restriction AS z WHERE z.reporter_tag = m.reporter_tag)"
"""SQL: whether the message `m` is of a restricted person."""

_PUT = "INSERT OR IGNORE INTO restriction (reporter_tag, since_ms) VALUES (?, ?)"
_LIFT = "DELETE FROM restriction WHERE reporter_tag = ?"
_AMONG = "SELECT json_group_array(json_array(hex(reporter_tag))) FROM restriction WHERE reporter_tag IN carray(?)"


@dataclass(frozen=True, slots=True)
class Restrict:
    """Restrict the person of this tag, or lift it."""

    reporter_tag: bytes
    by: Hand
    lift: bool = False


def settle(books: Books, items: Sequence[Restrict]) -> list[bool]:
    """Whether each changed something; each has its audit row."""
    changed = []
    for item in items:
        if item.lift:
            books.connection.execute(_LIFT, (item.reporter_tag,))
        else:
            books.connection.execute(_PUT, (item.reporter_tag, books.now_ms))
        changed.append(books.connection.changes() == 1)
        if changed[-1]:
            audit.append(books, [Deed(item.by.who, "lift" if item.lift else "restrict", item.reporter_tag.hex(), item.by.reason)])
    return changed


def among(connection: apsw.Connection, tags: set[bytes]) -> set[bytes]:
    """Which of these persons are restricted."""
    return {bytes.fromhex(row[0]) for row in read(connection, _AMONG, (blobs(tags),))} if tags else set()
