"""When the host's clock is set right or wrong, nothing waits longer than it was told to, and no long message is cut in two.

Times are stored by the wall clock, because they outlive the process. A clock that was a day ahead and is set right would otherwise leave
every postponed answer and complaint waiting for that day; one that was a day behind would make every part of an open set a day late.
"""

from __future__ import annotations

from forwarder.journal.books import DAY_MS, Books, OpenSets
from forwarder.journal.rows import fetch

STEP_MS = 1_000  # smaller differences are the clock being disciplined

_NEARER = (
    "UPDATE complaint SET next_ms = max(?1, next_ms - ?2) WHERE state = 'ready' AND next_ms > ?1",
    "UPDATE complaint SET absent_ms = ?1 WHERE state = 'unknown' AND next_ms IS NOT NULL AND absent_ms > ?1 AND ?2",
    "UPDATE reply SET due_ms = max(?1, due_ms - ?2) WHERE state IN ('due', 'later', 'unknown') AND due_ms > ?1",
)
_LAST = "SELECT boot, beat_ms, beat_seconds, ahead_ms, ahead_until_ms, (SELECT max(seen_ms) FROM run) FROM run ORDER BY id DESC LIMIT 1"
_NEVER = (None, 0, 0.0, 0, 0, None)
_WAITING = """
UPDATE complaint SET since_ms = since_ms + ?1, next_ms = next_ms + ?1 WHERE state IN ('held', 'parked', 'unknown') AND next_ms IS NOT NULL
"""
_SETS = "UPDATE part_set SET began_ms = began_ms + ?2 WHERE state = 'open' OR closed_ms > ?1"


def look(books: Books, now_ms: int, now: float) -> None:
    """Take the time of a new transaction; note how far the wall clock stepped against the honest one since the last."""
    step_ms = now_ms - books.now_ms - round((now - books.now) * 1000)
    books.now_ms, books.now = now_ms, now
    if abs(step_ms) >= STEP_MS:
        _stepped(books, step_ms)


def _stepped(books: Books, step_ms: int) -> None:
    books.step_ms += step_ms
    books.ahead_until_ms += step_ms
    if step_ms > 0:
        books.ahead_ms = step_ms + (books.ahead_ms if books.now_ms < books.ahead_until_ms else 0)
        books.ahead_until_ms = books.now_ms + books.settings.tombstone_days * DAY_MS


def wake(books: Books) -> None:
    """At a start: heed what the clock did since the last run. On another boot of the host only a step back can be seen."""
    boot, beat_ms, beat_seconds, books.ahead_ms, books.ahead_until_ms, seen_ms = next(iter(fetch(books.connection, _LAST)), _NEVER)
    if boot and boot == books.boot:
        step_ms = books.now_ms - beat_ms - round((books.now - beat_seconds) * 1000)
        if abs(step_ms) >= STEP_MS:
            _stepped(books, step_ms)
            move_sets(books)
            books.sets = OpenSets()
            books.sets.load(books.connection, books.now_ms, books.now)
    elif seen_ms is not None:
        books.step_ms = min(0, books.now_ms - seen_ms)
    come_nearer(books)
    books.step_ms = 0


def move_sets(books: Books) -> None:
    """What began before a step began as long ago as before it; first in its transaction, before parts that know the new time."""
    if books.step_ms:
        late_ms = books.now_ms - books.step_ms - round(books.settings.late_seconds * 1000)
        books.connection.execute(_SETS, (late_ms, books.step_ms))
        books.connection.execute(_WAITING, (books.step_ms,))  # nobody had a day to look at what came an hour ago


def come_nearer(books: Books) -> None:
    """What is waited for comes nearer by as much as the clock went back; last in its transaction, for what was reckoned before it too."""
    if books.step_ms < 0:
        for sql in _NEARER:
            books.connection.execute(sql, (books.now_ms, -books.step_ms))
