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
CREATE TABLE IF NOT EXISTS self (name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sent (
    batch     TEXT NOT NULL,
    complaint INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,       -- UTC, when it began
    outcome   BLOB,                   -- what came back, sealed; NULL: nothing yet
    PRIMARY KEY (batch, complaint)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sent_at ON sent (at_ms);
"""
_SENT = insert("sent", "batch", "complaint", "at_ms")
LOG_OCTETS_MAX = 4_194_304  # of the write-ahead log; above it it is emptied into the file


@dataclass(frozen=True, slots=True)
class Entry:
    """What the record says of one complaint under one grant: it was begun; `outcome` is None where nothing came back."""

    outcome: bytes | None


class Record:
    """One file of one worker; methods may be called from any thread. Every method raises JournalError when the disk fails."""

    def __init__(self, storage: Storage, connection: apsw.Connection, name: str) -> None:
        self.name = name
        self._storage = storage
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, name: Callable[[], str], now_ms: int, days: int) -> Self:
        """Open or begin the record at `path`; `name` gives the worker's name where it is new. What is older than `days` is forgotten.

        JournalLocked when another process has it: only the process that sent may speak for it.
        """
        storage = Storage(path)
        storage.lock(now_ms)
        try:
            connection = storage.writer()
            connection.execute(SCHEMA)
            known = fetch(connection, "SELECT name FROM self")
            if not known:
                connection.execute("INSERT INTO self VALUES (?)", (name(),))
                known = fetch(connection, "SELECT name FROM self")
            connection.execute("DELETE FROM sent WHERE at_ms < ?", (now_ms - days * 86_400_000,))
            empty_log(connection)
        except apsw.Error as error:
            storage.unlock()
            raise JournalError(f"{path}: cannot be written: {type(error).__name__}; a worker without its record sends nothing") from error
        return cls(storage, connection, str(known[0][0]))

    def note(self, batch: str, *, begun: Sequence[int], ended: Mapping[int, bytes], now_ms: int) -> None:
        """Store what is about to be sent and what came back, in one transaction; durable when this returns."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for complaint_id, outcome in ended.items():
                    self._connection.execute(
                        "UPDATE sent SET outcome = ? WHERE batch = ? AND complaint = ?", (outcome, batch, complaint_id)
                    )
                _SENT.run(self._connection, [(batch, complaint_id, now_ms) for complaint_id in begun])
                self._connection.execute("COMMIT")
                self._care_for_log()
            except apsw.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise JournalError(f"the worker's record cannot be written: {type(error).__name__}") from error

    def entry(self, batch: str, complaint_id: int) -> Entry | None:
        """What is known of one complaint under one grant; None: it was never begun."""
        with self._lock:
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

    def _care_for_log(self) -> None:
        if self._storage.wal_octets() > LOG_OCTETS_MAX:
            empty_log(self._connection)
