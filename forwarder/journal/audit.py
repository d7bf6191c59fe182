"""The audit: who saw, settled, exported, erased or restricted what. Rows are only added, each with the hash of the one before.

Whoever changes, removes or slips in a row breaks every hash after it; reasons stay sealed, and the hash is over what is sealed, so that
it can be checked without any key.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import apsw

from forwarder.journal.books import Books
from forwarder.journal.orders import Deed
from forwarder.journal.rows import fetch, insert

_AUDIT = insert("audit", "id", "at_ms", "who", "what", "about", "sealed_reason", "chain")
_LAST = "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1"
_CUT = "SELECT value FROM meta WHERE name = 'audit_cut'"
_PUT_CUT = "INSERT OR REPLACE INTO meta (name, value) VALUES ('audit_cut', ?)"
_OLD = """
SELECT id, chain FROM audit WHERE id < (SELECT coalesce(min(id), 1 << 62) FROM audit WHERE at_ms >= ?1)
AND id < (SELECT coalesce(min(a.id), 1 << 62) FROM legal_hold AS h JOIN complaint AS c ON c.id = h.complaint
          JOIN audit AS a ON a.about = c.number)
ORDER BY id DESC LIMIT 1
"""
BEGINNING = bytes(32)
"""What the first row is chained to."""


def append(books: Books, deeds: Sequence[Deed]) -> None:
    """Add rows in this transaction; ValueError for a deed without a name."""
    (last, chain), rows = next(iter(fetch(books.connection, _LAST)), (0, BEGINNING)), []
    for number, deed in enumerate(deeds, last + 1):
        if not deed.who.strip():
            raise ValueError("an audit row needs a name")
        sealed = books.sealer.seal("audit", number, deed.reason.encode("utf-8", "surrogatepass"))
        chain = link(chain, number, books.now_ms, deed, sealed)
        rows.append((number, books.now_ms, deed.who, deed.what, deed.about, sealed, chain))
    _AUDIT.run(books.connection, rows)


def note(books: Books, deeds: Sequence[Deed]) -> list[None]:
    """The same, as a job of its own."""
    append(books, deeds)
    return [None] * len(deeds)


def beginning(connection: apsw.Connection) -> tuple[int, bytes]:
    """After which row the chain begins, and the hash of that row: (0, BEGINNING) until it was cut."""
    said = connection.execute(_CUT).get
    if not isinstance(said, bytes):
        return 0, BEGINNING
    number, _, chain = said.partition(b" ")
    return int(number), bytes.fromhex(chain.decode("ascii"))


def cut(books: Books, items: Sequence[int]) -> list[int]:
    """Take away rows from before a time (ms), at the chain's beginning alone; a row says so, and what the rest is chained to is kept.

    Rows about a complaint under legal hold keep themselves and all that came later. How many went.
    """
    gone = []
    for before_ms in items:
        upto, chain = next(iter(fetch(books.connection, _OLD, (before_ms,))), (0, b""))
        if upto:
            append(books, [Deed("lapor-gateway", "cut", "audit", f"rows up to {upto} are older than journal.audit_days")])
            books.connection.execute(_PUT_CUT, (b"%d %s" % (upto, chain.hex().encode()),))
            books.connection.execute("DELETE FROM audit WHERE id <= ?", (upto,))
        gone.append(books.connection.changes() if upto else 0)
    return gone


def link(chain: bytes, number: int, at_ms: int, deed: Deed, sealed_reason: bytes) -> bytes:
    """The hash of a row: SHA-256 over the hash before it and its fields, each with its length."""
    fields = (chain, str(number).encode(), str(at_ms).encode(), deed.who.encode(), deed.what.encode(), deed.about.encode(), sealed_reason)
    return sha256(b"".join(b"%d:%s" % (len(field), field) for field in fields)).digest()
