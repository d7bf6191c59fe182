"""Half messages: a set whose other parts came to another gateway is closed here when they are joined there.

What stays is a tombstone of all parts, so that a copy of any of them is known as a redelivery here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forwarder.journal import documents
from forwarder.journal.books import Books
from forwarder.journal.rows import Bulk, Value, integers, read, words
from forwarder.lifecycle import NEXT_SET, SetMove, SetState, after, sources
from parsers.model import Segment

_OPEN = f"""
SELECT json_group_array(json_array(id)) FROM part_set WHERE id IN carray(?) AND state IN ({words(sources(NEXT_SET, SetMove.TAKEN_OVER))})
"""  # noqa: S608 - words of lifecycle.py, no data
_CLOSE = "UPDATE part_set SET state = ?2, closed_ms = ?3 WHERE id = ?1"
_TOMBSTONE = Bulk("INSERT OR IGNORE INTO part (part_set, part, digest_tag, received_ms, sealed_pdu) VALUES ", 5)


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """A set that is joined elsewhere, and the parts that came there: (number, segment)."""

    set_id: int
    others: tuple[tuple[int, Segment], ...]


def link(books: Books, items: Sequence[Link]) -> list[bool]:
    """Open → linked; whether each moved. The others' parts leave their digests here, never their words."""
    if not items:
        return []
    still = {row[0] for row in read(books.connection, _OPEN, (integers({item.set_id for item in items}),))}
    target = after(NEXT_SET, SetState.OPEN, SetMove.TAKEN_OVER)
    moved = []
    for item in items:
        moved.append(item.set_id in still)
        if item.set_id not in still:
            continue
        still.discard(item.set_id)
        rows: list[Sequence[Value]] = [
            (item.set_id, number, documents.part_digest(books.sealer, segment), books.now_ms, None) for number, segment in item.others
        ]
        _TOMBSTONE.run(books.connection, rows)
        books.connection.execute(_CLOSE, (item.set_id, target.value, books.now_ms))
        books.sets.drop(item.set_id)
    return moved
