"""Data keys of persons: whatever is sealed for one citizen goes when the keys of that citizen are destroyed.

A person gets a new key each day, not one for life. So no key need be looked for before a message is sealed, and the mirror, which forgets
what is finished, has every key beside what it seals (docs/adr/0020). A key lies in table `person`, sealed by a master key, and goes there
in the transaction of the first value that it seals. Which keys are whose stands nowhere: what they seal says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import apsw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forwarder.journal.rows import Bulk, fetch
from forwarder.journal.seal import HOUSE, KEY_OCTETS, NONCE_OCTETS, DataKey, Roots, Sealer, SealError

if TYPE_CHECKING:
    from forwarder.journal.books import Ids

KEY_MS = 86_400_000
"""How long a key seals: as long as the mirror keeps more than it otherwise would."""
KEPT = 2_048  # keys in memory, 3 KB each: more than write on one day; one that is looked for again costs 10 µs
DRAWN_KEYS = 64
ROW_MAX = (1 << 63) - 1  # SQLite's; more is garbage
PERSON = "person"
SEALED_OCTETS = 1 + NONCE_OCTETS + KEY_OCTETS + 16
"""Of a row's sealed key: with as many octets it is overwritten where it lies, and no page is put in order for it."""
ROOTS = "roots"

_KEEP = Bulk("INSERT OR IGNORE INTO person (id, sealed_key, began_ms) VALUES ", 3)
_KEY = "SELECT sealed_key FROM person WHERE id = ?"
_META = "SELECT value FROM meta WHERE name = ?"


class PersonKey(DataKey):
    """A data key that seals for one person from `began_ms` on. `sealed` is its row until that is on the disk, then None."""

    __slots__ = ("began_ms", "sealed")

    def __init__(self, key_id: int, octets: bytes, began_ms: int, sealed: bytes) -> None:
        super().__init__(key_id, octets)
        self.began_ms = began_ms
        self.sealed: bytes | None = sealed


class Keyring:
    """The keys that seal now and those lately used; for all threads of one journal."""

    def __init__(self, sealer: Sealer, ids: Ids) -> None:
        self.destroyed: set[int] = set()
        """Keys destroyed by this process: what was sealed with one before, and waits for the writer, is sealed anew."""
        self._sealer, self._ids = sealer, ids
        self._by_tag: dict[bytes, PersonKey] = {}
        self._ciphers: dict[int, AESGCM] = {}
        self._drawn = b""
        self._lock = threading.Lock()

    def of(self, reporter_tag: bytes, now_ms: int) -> PersonKey:
        """The key that seals for this person now."""
        key = self._by_tag.get(reporter_tag)
        if key is not None and 0 <= now_ms - key.began_ms < KEY_MS:
            return key
        with self._lock:
            key_id, octets = next(self._ids.person), self._draw()
            key = PersonKey(key_id, octets, now_ms, self._sealer.seal_by_master(PERSON, key_id, octets))
            self._by_tag.pop(reporter_tag, None)
            self._by_tag[reporter_tag] = key
            self._keep(key_id, key.cipher)
            if len(self._by_tag) > KEPT:
                del self._by_tag[next(iter(self._by_tag))]
        return key

    def cipher(self, key_id: int, look: Callable[[int], bytes | None]) -> AESGCM:
        """What opens values sealed with this key; `look` gives its row. SealError when there is no such key, or no more."""
        known = self._ciphers.get(key_id)
        if known is not None:
            return known
        sealed = look(key_id) if key_id <= ROW_MAX else None
        if sealed is None:
            raise SealError(f"there is no data key {key_id}")
        cipher = AESGCM(self._sealer.open(PERSON, key_id, sealed))
        with self._lock:
            self._keep(key_id, cipher)
        return cipher

    def forget(self, key_ids: Iterable[int]) -> None:
        """These are destroyed."""
        gone = set(key_ids)
        with self._lock:
            self.destroyed |= gone
            self._by_tag = {tag: key for tag, key in self._by_tag.items() if key.id not in gone}
            for key_id in gone:
                self._ciphers.pop(key_id, None)

    def _draw(self) -> bytes:
        """Octets of a new key. The system is asked for many keys' at once: each time it is costs 20 µs."""
        if len(self._drawn) < KEY_OCTETS:
            self._drawn = self._sealer.random(KEY_OCTETS * DRAWN_KEYS)
        octets, self._drawn = self._drawn[:KEY_OCTETS], self._drawn[KEY_OCTETS:]
        return octets

    def _keep(self, key_id: int, cipher: AESGCM) -> None:
        self._ciphers[key_id] = cipher
        if len(self._ciphers) > KEPT:
            del self._ciphers[next(iter(self._ciphers))]


class Seals(Sealer):
    """A sealer that has the data keys of one journal; `look` gives a row of table person. What is nobody's is sealed by the house's key."""

    def __init__(self, sealer: Sealer, ring: Keyring, look: Callable[[int], bytes | None]) -> None:
        self._like(sealer, sealer.roots)
        self._ring, self._look = ring, look
        self._house = DataKey(HOUSE, sealer.roots.house)

    def seal(self, purpose: str, row: int, data: bytes, key: DataKey | None = None) -> bytes:
        """Seal for one column of one row, with a person's key or the house's."""
        return super().seal(purpose, row, data, key or self._house)

    def _data_cipher(self, key_id: int, purpose: str, row: int) -> AESGCM:
        if key_id == HOUSE:
            return self._house.cipher
        try:
            return self._ring.cipher(key_id, self._look)
        except SealError as error:
            raise SealError(f"{purpose} of row {row} cannot be opened: {error}") from error


def row_of(connection: apsw.Connection, key_id: int) -> bytes | None:
    """The sealed key of a row of table person."""
    sealed: bytes | None = connection.execute(_KEY, (key_id,)).get
    return sealed


def keep(connection: apsw.Connection, keys: Sequence[PersonKey]) -> None:
    """Put keys into the journal that are not yet in it."""
    _KEEP.run(connection, [(key.id, key.sealed, key.began_ms) for key in keys if key.sealed is not None])


def rooted(sealer: Sealer, connection: apsw.Connection) -> Sealer:
    """The sealer with the roots of this journal: those it keeps, else those of its first master key. SealError when that is not given."""
    if not fetch(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'meta'"):
        return sealer
    kept = connection.execute(_META, (ROOTS,)).get
    if isinstance(kept, bytes):
        return sealer.rooted(Roots.read(sealer.open(ROOTS, 0, kept)))
    checked = connection.execute(_META, ("key_check",)).get
    return sealer.rooted(sealer.roots_of(checked[0])) if isinstance(checked, bytes) and checked else sealer
