"""The audit: who saw, settled, exported, erased or restricted what. Rows are only added, each with the hash of the one before.

Whoever changes, removes or slips in a row breaks every hash after it; reasons stay sealed, and the hash is over what is sealed, so that
it can be checked without any key.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from forwarder.journal.books import Books
from forwarder.journal.orders import Deed
from forwarder.journal.rows import fetch, insert

_AUDIT = insert("audit", "id", "at_ms", "who", "what", "about", "sealed_reason", "chain")
_LAST = "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1"
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


def link(chain: bytes, number: int, at_ms: int, deed: Deed, sealed_reason: bytes) -> bytes:
    """The hash of a row: SHA-256 over the hash before it and its fields, each with its length."""
    fields = (chain, str(number).encode(), str(at_ms).encode(), deed.who.encode(), deed.what.encode(), deed.about.encode(), sealed_reason)
    return sha256(b"".join(b"%d:%s" % (len(field), field) for field in fields)).digest()
