"""When the host's clock is set back, whatever waits for a time waits no longer for it than it was told to.

Times to wait for are stored by the wall clock, because they outlive the process. A clock that was a day ahead and is set right would
otherwise leave every postponed answer and complaint waiting for that day.
"""

from __future__ import annotations

from forwarder.journal.books import Books

STEP_MS = 1_000  # smaller differences are the clock being disciplined; they only make a wait so much longer

_NEARER = (
    "UPDATE complaint SET next_ms = max(?1, next_ms - ?2) WHERE state = 'ready' AND next_ms > ?1",
    "UPDATE complaint SET absent_ms = ?1 WHERE state = 'unknown' AND next_ms IS NOT NULL AND absent_ms > ?1 AND ?2",
    "UPDATE reply SET due_ms = max(?1, due_ms - ?2) WHERE state IN ('due', 'later', 'unknown') AND due_ms > ?1",
)


def look(books: Books, now_ms: int, now: float) -> None:
    """Take the time of a new transaction; note how far the wall clock went back against the honest one since the last."""
    back_ms = round((now - books.now) * 1000) - (now_ms - books.now_ms)
    if back_ms >= STEP_MS:
        books.set_back_ms += back_ms
    books.now_ms, books.now = now_ms, now


def heed(books: Books) -> None:
    """Bring the times that are waited for nearer by as much as the clock went back; part of the next commit."""
    if books.set_back_ms:
        for sql in _NEARER:
            books.connection.execute(sql, (books.now_ms, books.set_back_ms))
