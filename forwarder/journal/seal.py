"""Sealing: citizens' numbers, words and raw PDUs are unreadable on the disk, and are found by a keyed hash.

AES-256-GCM (NIST SP 800-38D); keys are derived from the master keys by HKDF-SHA256 (RFC 5869); the hash is keyed BLAKE2b (RFC 7693).
A sealed value is bound to its purpose and its row, so values cannot be swapped between rows by whoever holds the file. It says itself
what opens it:

    octet 0     1 … 255: the master key of this id          0: a data key
    then        nonce (12), ciphertext and tag              its id (8), nonce (12), ciphertext and tag

Data key 0 is the house's own; every other is one person's (persons.py).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parsers.errors import GatewayError

MASTER_OCTETS_MIN = 16
KEY_OCTETS = 32
KEY_ID_MAX = 255
TAG_OCTETS = 16
NONCE_OCTETS = 12
ID_OCTETS = 8
BY_DATA_KEY = b"\0"
HOUSE = 0
_NONCES = 1 << 8 * NONCE_OCTETS
_HEAD = 1 + ID_OCTETS


class SealError(GatewayError):
    """A sealed value cannot be opened: another key, another row, changed on the disk, or its person's key is destroyed."""


@dataclass(frozen=True, slots=True, repr=False)
class Roots:
    """What must outlive every master key (32 octets each): the key of all tags and numbers, and the house's own data key."""

    tags: bytes
    house: bytes

    @classmethod
    def of(cls, master_key: bytes) -> Roots:
        """Those of a journal whose first master key this is."""
        return cls(_derive(master_key, b"lapor-gateway tag"), _derive(master_key, b"lapor-gateway house"))

    @classmethod
    def read(cls, octets: bytes) -> Roots:
        """The roots as `octets` gave them; SealError for anything else."""
        if len(octets) != 2 * KEY_OCTETS:
            raise SealError("these are no roots")
        return cls(octets[:KEY_OCTETS], octets[KEY_OCTETS:])

    def octets(self) -> bytes:
        """For keeping, sealed."""
        return self.tags + self.house


class DataKey:
    """One data key: seals for one person, or for the house."""

    __slots__ = ("_head", "cipher", "id")

    def __init__(self, key_id: int, octets: bytes) -> None:
        self.id = key_id
        self.cipher = AESGCM(octets)
        self._head = BY_DATA_KEY + key_id.to_bytes(ID_OCTETS, "big")

    def seal(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """A sealed value that names this key; 37 octets longer than `data`."""
        return self._head + nonce + self.cipher.encrypt(nonce, data, bound)


class _Masters:
    """The master keys that are given now."""

    def __init__(self, keys: Mapping[int, bytes], newest: int) -> None:
        if any(len(key) < MASTER_OCTETS_MIN for key in keys.values()):
            raise ValueError(f"a master key has at least {MASTER_OCTETS_MIN} octets")
        self.newest = newest
        self.secrets = dict(keys)
        self.ciphers = {number: AESGCM(_derive(key, b"lapor-gateway seal")) for number, key in keys.items()}


class _Held:
    """Where all that seal with the same masters look for them: they are replaced as a whole when the secrets are read again."""

    def __init__(self, masters: _Masters) -> None:
        self.masters = masters


class Sealer:
    """Seals with one master key and opens with it and with older ones.

    `master_key` is at least 16 secret octets, `key_id` (1 to 255) its name in what it seals, `older` earlier master keys by their id.
    `random` gives octets.
    """

    def __init__(
        self,
        master_key: bytes,
        *,
        key_id: int = 1,
        older: Mapping[int, bytes] | None = None,
        roots: Roots | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.random = random
        self._held = _Held(_Masters({**(older or {}), key_id: master_key}, key_id))
        self._nonces = itertools.count(int.from_bytes(random(NONCE_OCTETS), "big"))
        self._root(roots or Roots.of(master_key))

    def _root(self, roots: Roots) -> None:
        self.roots = roots
        self._hash_key = roots.tags

    def rooted(self, roots: Roots) -> Sealer:
        """The same master keys with the tags, numbers and house key of one journal."""
        one = Sealer.__new__(Sealer)
        one._like(self, roots)  # noqa: SLF001 - of our kind
        return one

    def _like(self, other: Sealer, roots: Roots) -> None:
        self.random, self._held, self._nonces = other.random, other._held, other._nonces
        self._root(roots)

    @property
    def key_id(self) -> int:
        """The id of the master key that seals."""
        return self._held.masters.newest

    @property
    def key_ids(self) -> tuple[int, ...]:
        """Ids of all master keys that are here, ascending."""
        return tuple(sorted(self._held.masters.secrets))

    def roots_of(self, key_id: int) -> Roots:
        """The roots of a journal that began with this master key; SealError when it is not here."""
        try:
            return Roots.of(self._held.masters.secrets[key_id])
        except KeyError:
            raise SealError(f"master key {key_id} is not given") from None

    def take(self, keys: Mapping[int, bytes]) -> None:
        """Other master keys from now on, for everybody who seals with these; the one with the highest id seals."""
        self._held.masters = _Masters(keys, max(keys))

    def seal(self, purpose: str, row: int, data: bytes, key: DataKey | None = None) -> bytes:
        """Seal `data` for one column (`purpose`) of one row with a data key, or with the newest master key."""
        if key is not None:
            return key.seal(self._nonce(), data, _bound(purpose, row))
        return self.seal_by_master(purpose, row, data)

    def seal_by_master(self, purpose: str, row: int, data: bytes) -> bytes:
        """Key id, nonce, ciphertext and tag; 29 octets longer."""
        nonce, masters = self._nonce(), self._held.masters
        return bytes([masters.newest]) + nonce + masters.ciphers[masters.newest].encrypt(nonce, data, _bound(purpose, row))

    def open(self, purpose: str, row: int, sealed: bytes) -> bytes:
        """What was sealed for this purpose and row; SealError for anything else."""
        if sealed[:1] == BY_DATA_KEY:
            cipher, at = self._data_cipher(key_of(sealed), purpose, row), _HEAD
        else:
            known = self._held.masters.ciphers.get(sealed[0]) if sealed else None
            if known is None:
                raise SealError(f"{purpose} of row {row} is sealed with a key we do not have")
            cipher, at = known, 1
        try:
            return cipher.decrypt(sealed[at : at + NONCE_OCTETS], sealed[at + NONCE_OCTETS :], _bound(purpose, row))
        except (InvalidTag, ValueError) as error:
            raise SealError(f"{purpose} of row {row} cannot be opened") from error

    def _data_cipher(self, key_id: int, purpose: str, row: int) -> AESGCM:
        raise SealError(f"{purpose} of row {row} is sealed with data key {key_id}, which only its journal has")

    def tag(self, purpose: str, value: bytes) -> bytes:
        """The keyed hash (16 octets) by which a value is found again without being readable."""
        return blake2b(value, key=self._hash_key, digest_size=TAG_OCTETS, person=purpose.encode()).digest()

    def derived(self, purpose: str) -> bytes:
        """Another key (32 octets) of the same journal, for what is neither sealing nor finding: complaint numbers."""
        return blake2b(purpose.encode(), key=self._hash_key, digest_size=KEY_OCTETS, person=b"derived").digest()

    def _nonce(self) -> bytes:
        """Counted up from a random number: never the same twice, in whatever thread, and no system call per value (SP 800-38D §8.2)."""
        return (next(self._nonces) % _NONCES).to_bytes(NONCE_OCTETS, "big")


def key_of(sealed: bytes) -> int:
    """The id of the data key that a sealed value names; HOUSE also for what a master key sealed."""
    return int.from_bytes(sealed[1:_HEAD], "big") if sealed[:1] == BY_DATA_KEY else HOUSE


def _bound(purpose: str, row: int) -> bytes:
    return b"%s %d" % (purpose.encode(), row)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_OCTETS, salt=None, info=purpose).derive(master_key)
