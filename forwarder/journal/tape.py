"""What each transaction changes, recorded for the mirror as SQLite's own patchset: the rows as they are on the disk, sealed as there.

An entry is kept in the journal, in the transaction that it describes, until the mirror has it on a disk; so neither a mirror that was
away nor a restart leaves a gap. Each names the entry that it builds upon: one that nothing builds upon was never committed here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import apsw

from forwarder.journal.books import Books
from forwarder.journal.jobs import Job, Outcome, Work, deliver
from forwarder.journal.rows import Value, fetch, integers
from parsers.errors import JournalError

NOT_MIRRORED = frozenset({"meta", "tally"})  # what belongs to one file alone: adoption makes its own
HORIZON_MS = 60_000  # how often it is asked what is unfinished, so that the mirror may forget the rest
AT, WAITING = "mirror_at", "mirror:"
BEGINNING = "0-0"

_PUT = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
_CONFIRMED = f"DELETE FROM meta WHERE name > '{WAITING}' AND name <= ?"  # noqa: S608 - a word of ours
_UNCONFIRMED = f"SELECT name, value FROM meta WHERE name > '{WAITING}' AND name < 'mirror;' ORDER BY name"  # noqa: S608 - a word of ours
_UNFINISHED = """
SELECT min(at) FROM (
    SELECT min(m.received_ms) AS at FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.next_ms IS NOT NULL
    UNION ALL SELECT min(began_ms) FROM part_set WHERE state = 'open'
    UNION ALL SELECT min(m.received_ms) FROM reply AS r JOIN message AS m ON m.id = r.message WHERE r.due_ms IS NOT NULL)
"""


@dataclass(slots=True)
class Entry:
    """One transaction. `id` grows over all runs of a journal; `confirmed` ends when the mirror has it, or with why it has not."""

    id: str
    after: str
    at_ms: int
    version: int
    patch: bytes
    confirmed: Future[None] = field(default_factory=Future)


class Mirror(Protocol):
    """Where entries go. It calls nothing of ours but what hangs on `Entry.confirmed`."""

    cause: str | None
    """Why nothing new may be accepted now; None while it confirms."""
    last: str
    """The newest entry that is confirmed."""
    horizon_ms: int
    """Nothing unfinished is older."""

    def begin(self, at: str, waiting: Sequence[Entry]) -> None:
        """The journal stands at entry `at`; `waiting` were not confirmed when it closed."""

    def send(self, entry: Entry) -> None:
        """Take an entry, in order; never blocks."""

    def close(self) -> None:
        """Send what is left, for a bounded time."""


class Tape:
    """Records one writer's transactions; without a mirror it does nothing."""

    def __init__(self, books: Books, mirror: Mirror | None, again: Callable[[Job], None]) -> None:
        self.mirror = mirror
        self._books = books
        self._again = again  # gives the writer one more job
        self._session: apsw.Session | None = None
        self._number = 0
        self._at = BEGINNING
        self._asked_ms = 0
        if mirror is not None:
            self._at = _text(books.connection, AT) or BEGINNING
            mirror.begin(self._at, list(_left(books.connection, self._at)))

    @property
    def refusal(self) -> str | None:
        """Why nothing new may be accepted: what is not mirrored is not accepted."""
        return None if self.mirror is None or self.mirror.cause is None else f"the mirror does not confirm: {self.mirror.cause}"

    def begin(self, jobs: Sequence[Job]) -> None:
        """A transaction began; a heartbeat's is not recorded."""
        self._session = None
        if self.mirror is None or not jobs:
            return
        connection = self._books.connection
        self._at = _text(connection, AT) or BEGINNING  # a commit that seemed to fail may be on the disk
        self._session = apsw.Session(connection, "main")
        for (table,) in fetch(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
            if table not in NOT_MIRRORED:
                self._session.attach(table)

    def end(self) -> Entry | None:
        """The transaction is about to be committed: keep what it changes with it, and send that, so that both disks write at once."""
        if self.mirror is None or self._session is None:
            return None
        books, connection = self._books, self._books.connection
        patch = self._session.patchset()
        self._session.close()
        self._session = None
        if not patch:
            return None
        self._number += 1
        entry = Entry(f"{books.run}-{self._number}", self._at, books.now_ms, connection.pragma("user_version"), patch)
        connection.execute(_CONFIRMED, (_name(self.mirror.last),))
        connection.execute(_PUT, (_name(entry.id), b"\n".join((entry.after.encode(), b"%d" % entry.at_ms, b"%d" % entry.version, patch))))
        connection.execute(_PUT, (AT, entry.id.encode()))
        if books.now_ms - self._asked_ms > HORIZON_MS:
            self._asked_ms = books.now_ms
            self.mirror.horizon_ms = connection.execute(_UNFINISHED).get or books.now_ms
        self.mirror.send(entry)
        return entry

    def told(self, entry: Entry | None, outcomes: Sequence[Outcome], messages: Sequence[int]) -> None:
        """The transaction is on our disk: who brought something new hears of it when it is on the mirror's, too, everybody else now."""
        if entry is None:
            deliver(outcomes)
            return
        deliver([one for one in outcomes if not one[0].work.inbound])
        new = [one for one in outcomes if one[0].work.inbound]
        if new:
            entry.confirmed.add_done_callback(lambda confirmed: self._confirmed(confirmed, new, tuple(messages)))

    def _confirmed(self, confirmed: Future[None], outcomes: Sequence[Outcome], messages: Sequence[int]) -> None:
        """In the mirror's thread. A copy of what is told "later" will be a redelivery: that is stored before anybody hears the "later"."""
        error = confirmed.exception()
        if error is None:
            deliver(outcomes)
            return
        with contextlib.suppress(JournalError):  # closing: then the connection ends, and a copy is a redelivery for that
            self._again(Job(DOUBT, messages, None, None))
        deliver([(job, JournalError(f"the mirror did not confirm: {error}")) for job, _ in outcomes])


def doubt(books: Books, items: Sequence[int]) -> list[None]:
    """These messages are stored, and their operator was told "later"."""
    if items:
        books.connection.execute("UPDATE message SET answer_late = 1 WHERE id IN carray(?)", (integers(items),))
    return [None] * len(items)


DOUBT = Work("doubt", doubt)


def place(entry_id: str) -> tuple[int, int]:
    """An entry's id as numbers, for comparing."""
    run, _, number = entry_id.partition("-")
    return int(run), int(number)


def _name(entry_id: str) -> str:
    run, number = place(entry_id)
    return f"{WAITING}{run:016x}-{number:016x}"


def _left(connection: apsw.Connection, at: str) -> Iterator[Entry]:
    """Entries that the mirror had not confirmed when the journal was closed, or died."""
    rows: list[tuple[str, Value]] = [(str(name), value) for name, value in fetch(connection, _UNCONFIRMED)]
    for name, value in rows:
        run, _, number = name.removeprefix(WAITING).partition("-")
        entry_id = f"{int(run, 16)}-{int(number, 16)}"
        if isinstance(value, bytes) and place(entry_id) <= place(at):
            after, at_ms, version, patch = value.split(b"\n", 3)
            yield Entry(entry_id, after.decode(), int(at_ms), int(version), patch)


def _text(connection: apsw.Connection, name: str) -> str | None:
    value = connection.execute("SELECT CAST(value AS TEXT) FROM meta WHERE name = ?", (name,)).get
    return None if value is None else str(value)
