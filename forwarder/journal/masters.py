"""Master keys: which of them a journal still needs, and sealing everything by the newest.

What outlives them all, the roots, lies in table meta, sealed by the newest, and so does the list of those still needed. A master key that
is missing is said before a single row is mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import apsw

from forwarder.journal.backup import whole
from forwarder.journal.books import Books
from forwarder.journal.persons import PERSON, ROOTS, rooted
from forwarder.journal.rows import fetch, integers, read
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.storage import Storage
from parsers.errors import JournalError

KEY_CHECK, KEY_WORD = "key_check", b"lapor-gateway"
NEEDED = "master_keys"

_PUT = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, CAST(?2 AS BLOB))"
_META = "SELECT value FROM meta WHERE name = ?"
_OLD = """
SELECT json_group_array(id) FROM (SELECT id FROM person WHERE id > ?1 AND substr(sealed_key, 1, 1) NOT IN (x'00', ?2) ORDER BY id LIMIT ?3)
"""
_KEYS = "SELECT id, sealed_key FROM person WHERE id IN carray(?)"
_RESEAL = "UPDATE person SET sealed_key = ?2 WHERE id = ?1"
_BY_MASTER = "SELECT hex(substr(sealed_key, 1, 1)), count(*) FROM person GROUP BY 1"


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """How a journal is sealed. `needed` are master keys that may not be taken away, `keys` counts persons' keys by master key."""

    newest: int
    given: tuple[int, ...]
    needed: tuple[int, ...]
    keys: dict[int, int] = field(default_factory=dict)
    destroyed: int = 0
    by_master: int = 0
    """Values of earlier versions, sealed by a master key itself."""

    @property
    def spare(self) -> tuple[int, ...]:
        """Given master keys that this journal does not need any more."""
        return tuple(one for one in self.given if one not in self.needed)


def sealer_at(path: Path, sealer: Sealer) -> Sealer:
    """The sealer with the roots of the journal at `path`; as it was where there is none, or none that can be read."""
    if not path.exists():
        return sealer
    try:
        connection = Storage(path).reader() if path.with_name(path.name + "-wal").exists() else whole(path)
    except apsw.Error:
        return sealer
    try:
        return rooted(sealer, connection)
    except (apsw.Error, SealError):
        return sealer  # whoever opens it says what is wrong
    finally:
        connection.close()


def check(connection: apsw.Connection, sealer: Sealer) -> None:
    """Note what a new journal, or one of an earlier version, does not know yet. JournalError names a master key that is missing.

    SealError when it was sealed with another: before a single row is mixed.
    """
    checked = connection.execute(_META, (KEY_CHECK,)).get
    needed = needed_of(connection) or ((sealer.key_id,) if checked is None else (checked[0],))
    missing = [one for one in needed if one not in sealer.key_ids]
    if missing:
        raise JournalError(
            f"the journal still needs master key {missing[0]}: give it back in the secret master_key, then `lapor-gateway keys rotate`"
        )
    if checked is not None:
        sealer.open(KEY_CHECK, 0, checked)
    else:
        connection.execute(_PUT, (KEY_CHECK, sealer.seal_by_master(KEY_CHECK, 0, KEY_WORD)))
    if connection.execute(_META, (ROOTS,)).get is None:
        connection.execute(_PUT, (ROOTS, sealer.seal_by_master(ROOTS, 0, sealer.roots.octets())))
    _need(connection, {*needed, sealer.key_id})


def needed_of(connection: apsw.Connection) -> tuple[int, ...]:
    """Master keys without which something of this journal cannot be opened; nothing in one of an earlier version."""
    said = connection.execute(_META, (NEEDED,)).get
    return tuple(int(one) for one in said.split()) if isinstance(said, bytes) else ()


def begin(books: Books, items: Sequence[None]) -> list[None]:
    """The newest master key is needed from now on, and seals the roots."""
    connection, sealer = books.connection, books.sealer
    _need(connection, {*needed_of(connection), sealer.key_id})
    connection.execute(_PUT, (ROOTS, sealer.seal_by_master(ROOTS, 0, sealer.roots.octets())))
    connection.execute(_PUT, (KEY_CHECK, sealer.seal_by_master(KEY_CHECK, 0, KEY_WORD)))
    return list(items)


def old(connection: apsw.Connection, after: int, newest: int, limit: int) -> list[int]:
    """Persons' keys above id `after` that an older master key sealed."""
    return cast("list[int]", read(connection, _OLD, (after, bytes([newest]), limit)))


def reseal(books: Books, items: Sequence[Sequence[int]]) -> list[int]:
    """Seal these persons' keys by the newest master key; how many each. One that cannot be opened stays as it is."""
    return [_reseal(books, ids) for ids in items]


def finish(books: Books, items: Sequence[None]) -> list[None]:
    """Only the newest master key is needed from now on, where nothing is left that another one sealed; LookupError where there is."""
    newest = books.sealer.key_id
    if old(books.connection, 0, newest, 1):
        raise LookupError("an older master key still seals something")
    _need(books.connection, {newest})
    return list(items)


def counted(connection: apsw.Connection, sealer: Sealer, by_master: int) -> KeyStatus:
    """How the journal is sealed; reads all of table person."""
    counts = {int(octet, 16): count for octet, count in fetch(connection, _BY_MASTER)}
    destroyed = counts.pop(0, 0)
    return KeyStatus(sealer.key_id, sealer.key_ids, needed_of(connection), counts, destroyed, by_master)


def _reseal(books: Books, ids: Sequence[int]) -> int:
    done = 0
    for key_id, sealed in fetch(books.connection, _KEYS, (integers(ids),)):
        if sealed[:1] in (b"\0", bytes([books.sealer.key_id])):
            continue
        try:
            octets = books.sealer.open(PERSON, key_id, sealed)
        except SealError:
            continue
        books.connection.execute(_RESEAL, (key_id, books.sealer.seal_by_master(PERSON, key_id, octets)))
        done += 1
    return done


def _need(connection: apsw.Connection, ids: set[int]) -> None:
    connection.execute(_PUT, (NEEDED, " ".join(str(one) for one in sorted(ids))))
