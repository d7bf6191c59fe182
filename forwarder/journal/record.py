"""A worker's own record: what it was granted, what it began to send, what came back. It outlives the process and every Redis.

The order is the promise: `note` is on disk before the first byte of what it names is sent. So a complaint that the record does not name
was never sent, and may be offered to anybody. One process has the record at a time; its lock dies with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import apsw

from forwarder.journal.rows import fetch, insert
from forwarder.journal.storage import Storage, empty_log
from parsers.errors import JournalError

SCHEMA = """
CREATE TABLE IF NOT EXISTS self (
    name         TEXT NOT NULL,
    remembers_ms INTEGER NOT NULL     -- batches offered earlier may have been forgotten
) STRICT;
CREATE TABLE IF NOT EXISTS sent (
    batch      TEXT NOT NULL,
    complaint  INTEGER NOT NULL,
    offered_ms INTEGER NOT NULL,      -- when its gateway offered the batch, by the gateway's clock
    outcome    BLOB,                  -- what came back, sealed; NULL: nothing yet
    PRIMARY KEY (batch, complaint)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_offered ON sent (offered_ms);
"""
_SENT = insert("sent", "batch", "complaint", "offered_ms")
LOG_OCTETS_MAX = 4_194_304  # of the write-ahead log; above it it is emptied into the file


@dataclass(frozen=True, slots=True)
class Entry:
    """What the record says of one complaint under one grant: it was begun; `outcome` is None where nothing came back."""

    outcome: bytes | None


class Record:
    """One file of one worker; methods may be called from any thread. Every method raises JournalError when the disk fails."""

    def __init__(self, storage: Storage, connection: apsw.Connection, name: str, remembers_ms: int) -> None:
        self.name = name
        self.remembers_ms = remembers_ms
        """Of a batch that was offered earlier the record may have forgotten what was begun: there its silence proves nothing."""
        self.broken = False
        """A write failed: what is on the disk is not known until the file is opened anew (https://lwn.net/Articles/752063/)."""
        self._storage = storage
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, name: Callable[[], str], now_ms: int, days: int) -> Self:
        """Open or begin the record at `path`; `name` gives the worker's name where it is new. Batches older than `days` are forgotten.

        Old is told by the time that a batch has in its name: the gateway's clock, whatever this machine's showed when it began.

        JournalLocked when another process has it: only the process that sent may speak for it.
        """
        storage = Storage(path)
        storage.lock(now_ms)
        try:
            connection = storage.writer()
            connection.execute(SCHEMA)
            if not fetch(connection, "SELECT name FROM self"):
                connection.execute("INSERT INTO self VALUES (?, 0)", (name(),))
            _forget(connection, now_ms - days * 86_400_000)
            known, remembers_ms = fetch(connection, "SELECT name, remembers_ms FROM self")[0]
            empty_log(connection)
        except apsw.Error as error:
            storage.unlock()
            raise JournalError(f"{path}: cannot be written: {type(error).__name__}; a worker without its record sends nothing") from error
        return cls(storage, connection, str(known), int(remembers_ms))

    def note(self, batch: str, *, begun: Sequence[int], ended: Mapping[int, bytes], offered_ms: int) -> None:
        """Store what is about to be sent and what came back, in one transaction; durable when this returns."""
        with self._lock:
            self._whole()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for complaint_id, outcome in ended.items():
                    self._connection.execute(
                        "UPDATE sent SET outcome = ? WHERE batch = ? AND complaint = ?", (outcome, batch, complaint_id)
                    )
                _SENT.run(self._connection, [(batch, complaint_id, offered_ms) for complaint_id in begun])
                self._connection.execute("COMMIT")
                self._care_for_log()
            except apsw.Error as error:
                self.broken = True
                raise JournalError(f"the worker's record cannot be written: {type(error).__name__}") from error

    def entry(self, batch: str, complaint_id: int) -> Entry | None:
        """What is known of one complaint under one grant; None: it was never begun, if the batch is not older than `remembers_ms`."""
        with self._lock:
            self._whole()
            try:
                found = fetch(self._connection, "SELECT outcome FROM sent WHERE batch = ? AND complaint = ?", (batch, complaint_id))
            except apsw.Error as error:
                raise JournalError(f"the worker's record cannot be read: {type(error).__name__}") from error
        return Entry(found[0][0]) if found else None

    def close(self) -> None:
        """Close the file and let the next process have it."""
        with self._lock:
            self._connection.close(force=True)
            self._storage.unlock()

    def _whole(self) -> None:
        if self.broken:
            raise JournalError("the worker's record could not be written; it must be opened anew before it is written or believed")

    def _care_for_log(self) -> None:
        if self._storage.wal_octets() > LOG_OCTETS_MAX:
            empty_log(self._connection)


def _forget(connection: apsw.Connection, before_ms: int) -> None:
    """What is forgotten is remembered as forgotten, in the same transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM sent WHERE offered_ms < ?", (before_ms,))
    if connection.changes():
        connection.execute("UPDATE self SET remembers_ms = max(remembers_ms, ?)", (before_ms,))
    connection.execute("COMMIT")
