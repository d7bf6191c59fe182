"""Lives of the process and of its connections: by them a later copy of a message is judged."""

from __future__ import annotations

import os
from collections.abc import Sequence

from forwarder.journal import cases, replies, steps
from forwarder.journal.books import Books, Doubt
from forwarder.journal.orders import Refused
from forwarder.journal.rows import clean, insert, integers

LATE_AMONG = 20_000  # messages: a late answer belongs to one of the newest

_RUN = insert("run", "id", "pid", "began_ms", "seen_ms")
_BEAT = """
UPDATE run SET seen_ms = max(seen_ms, ?2), boot = ?3, beat_ms = ?2, beat_seconds = ?4, ahead_ms = ?5, ahead_until_ms = ?6 WHERE id = ?1
"""
_SESSION = insert("session", "id", "run", "operator", "bind", "began_ms")
_REFUSAL = insert("refusal", "at_ms", "operator", "bind", "command", "status", "cause")
_END_OF_DEAD = """
UPDATE session SET ended_ms = max(began_ms, coalesce((SELECT seen_ms FROM run WHERE run.id = session.run), began_ms)) WHERE ended_ms IS NULL
"""
_LATE = "UPDATE message SET answer_late = 1 WHERE id > ?1 AND answer_session = ?2 AND received_ms IN carray(?3)"


def begin(books: Books, set_aside: str | None) -> tuple[bool, int, int]:
    """A new life: end what died, recover what it left. Gives (whether the last one ended in order, unknown complaints, replies again)."""
    connection, now = books.connection, books.now_ms
    clean = connection.execute("SELECT count(*) FROM run WHERE ended_ms IS NULL").get == 0
    steps.wake(books)
    connection.execute(_END_OF_DEAD)
    connection.execute("UPDATE run SET ended_ms = seen_ms WHERE ended_ms IS NULL")
    books.run = (connection.execute("SELECT max(id) FROM run").get or 0) + 1
    _RUN.run(connection, [(books.run, os.getpid(), now, now)])
    beat(books)
    if set_aside is not None:
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('filing_paused', ?)", (set_aside.encode(),))
        books.alarm("the journal's file was damaged and set aside; nothing is filed until it is salvaged")
    return clean, cases.recover(books), replies.recover(books)


def beat(books: Books) -> None:
    """Note that we live, and both clocks; part of every commit. `seen_ms` never goes back, whatever the clock does."""
    books.connection.execute(_BEAT, (books.run, books.now_ms, books.boot or None, books.now, books.ahead_ms, books.ahead_until_ms))


def end(books: Books) -> None:
    """The run ends in order."""
    books.connection.execute("UPDATE session SET ended_ms = ? WHERE ended_ms IS NULL", (books.now_ms,))
    books.connection.execute(
        "UPDATE run SET seen_ms = max(seen_ms, ?1), ended_ms = max(seen_ms, ?1) WHERE id = ?2", (books.now_ms, books.run)
    )


def heal(books: Books, doubt: Doubt) -> None:
    """After a commit that failed: what may be on the disk all the same was answered "later" and acted on by nobody."""
    if doubt.messages:
        books.connection.execute("UPDATE message SET answer_late = 1 WHERE id IN carray(?)", (integers(doubt.messages),))
    cases.give_back(books, doubt.filings)
    replies.recover(books, ours=doubt.replies)


def begin_sessions(books: Books, items: Sequence[tuple[int, str, str]]) -> list[int]:
    """(id, operator, bind) of new connections."""
    _SESSION.run(books.connection, [(number, books.run, operator, bind, books.now_ms) for number, operator, bind in items])
    return [number for number, _, _ in items]


def end_sessions(books: Books, items: Sequence[int]) -> list[None]:
    """Connections that are gone."""
    books.connection.execute(
        "UPDATE session SET ended_ms = ?2 WHERE id IN carray(?1) AND ended_ms IS NULL", (integers(items), books.now_ms)
    )
    return [None] * len(items)


def note_late(books: Books, items: Sequence[tuple[int, Sequence[int]]]) -> list[None]:
    """(session, received times) of answers that came late."""
    newest = books.connection.execute("SELECT max(id) FROM message").get or 0
    for session, received_ms in items:
        if received_ms:
            books.connection.execute(_LATE, (newest - LATE_AMONG, session, integers(received_ms)))
    return [None] * len(items)


def note_refusals(books: Books, items: Sequence[Refused]) -> list[None]:
    """Every "no" we gave."""
    rows = [(one.at_ms, one.operator, one.bind, one.command, one.status, clean(one.cause)) for one in items]
    _REFUSAL.run(books.connection, rows)
    books.tally.add("refusal", "noted", len(rows))
    return [None] * len(items)
