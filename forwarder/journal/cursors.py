"""How far each source of posts has been read, and what else a channel wants to know after a crash."""

from __future__ import annotations

from collections.abc import Sequence

from forwarder.journal.books import Books

_CURSOR = """
INSERT INTO cursor (source, value, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT (source) DO UPDATE SET value = ?2, at_ms = ?3
"""


def keep_cursors(books: Books, items: Sequence[tuple[str, str]]) -> list[None]:
    """(source, value): how far a source was read, or what a channel wants to know after a crash."""
    for source, value in items:
        books.connection.execute(_CURSOR, (source, value, books.now_ms))
    return [None] * len(items)
