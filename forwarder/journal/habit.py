"""Table `habit`: how many messages each operator brought in each hour, for the last weeks. The writer's part of lookout.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forwarder.journal.books import Books

HOUR_MS = 3_600_000
KEPT_HOURS = 10 * 168  # ten weeks: a habit is learned of eight

_TO = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name = 'heard_to'"
_KEEP_TO = "INSERT OR REPLACE INTO meta (name, value) VALUES ('heard_to', ?)"
_ADD = """
INSERT INTO habit (hour, operator, messages) VALUES (?1, ?2, ?3)
ON CONFLICT (hour, operator) DO UPDATE SET messages = messages + excluded.messages
"""
_FORGET = "DELETE FROM habit WHERE hour < ?"


@dataclass(frozen=True, slots=True)
class Slice:
    """Messages with ids above `after` up to `to`, counted: (operator, hour, messages)."""

    after: int
    to: int
    rows: tuple[tuple[str, int, int], ...]


def count(books: Books, items: Sequence[Slice]) -> list[int]:
    """Add slices; how many messages each had, 0 for one that was counted already."""
    return [_count(books, item) for item in items]


def _count(books: Books, item: Slice) -> int:
    connection = books.connection
    if (connection.execute(_TO).get or 0) != item.after:
        return 0
    oldest = books.now_ms // HOUR_MS - KEPT_HOURS
    for operator, hour, messages in item.rows:
        if hour >= oldest:
            connection.execute(_ADD, (hour, operator, messages))
    connection.execute(_FORGET, (oldest,))
    connection.execute(_KEEP_TO, (str(item.to).encode(),))
    return sum(messages for _, _, messages in item.rows)
