"""Sealing: citizens' numbers, words and raw PDUs are unreadable on the disk, and are found by a keyed hash.

AES-256-GCM (NIST SP 800-38D) with keys derived from one master key by HKDF-SHA256 (RFC 5869); the hash is keyed BLAKE2b
(RFC 7693). A sealed value is bound to its purpose and its row, so values cannot be swapped between rows by whoever holds the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parsers.errors import GatewayError

MASTER_OCTETS_MIN = 16
TAG_OCTETS = 16
NONCE_OCTETS = 12
_PREFIX_OCTETS = 8
_COUNT_MAX = 1 << 8 * (NONCE_OCTETS - _PREFIX_OCTETS)


class SealError(GatewayError):
    """A sealed value cannot be opened: another key, another row, or changed on the disk."""


class Sealer:
    """Seals with one key and opens with it and with older ones; the first octet of a sealed value names its key.

    `master_key` is at least 16 secret octets, `older` earlier master keys by their id. `random` gives octets.
    """

    def __init__(
        self, master_key: bytes, *, key_id: int = 1, older: Mapping[int, bytes] | None = None, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        keys = {**(older or {}), key_id: master_key}
        if any(len(key) < MASTER_OCTETS_MIN for key in keys.values()):
            raise ValueError(f"a master key has at least {MASTER_OCTETS_MIN} octets")
        self._ciphers = {number: AESGCM(derive(key, b"lapor-gateway seal")) for number, key in keys.items()}
        self._cipher = self._ciphers[key_id]
        self._key_id = bytes([key_id])
        self._hash_key = derive(master_key, b"lapor-gateway tag")
        self._random = random
        self._prefix = b""
        self._count = _COUNT_MAX

    def seal(self, purpose: str, row: int, data: bytes) -> bytes:
        """Seal `data` for one column (`purpose`) of one row: key id, nonce, ciphertext and tag; 29 octets longer."""
        nonce = self._nonce()
        return self._key_id + nonce + self._cipher.encrypt(nonce, data, b"%s %d" % (purpose.encode(), row))

    def open(self, purpose: str, row: int, sealed: bytes) -> bytes:
        """What was sealed for this purpose and row; SealError for anything else."""
        cipher = self._ciphers.get(sealed[0]) if sealed else None
        if cipher is None:
            raise SealError(f"{purpose} of row {row} is sealed with a key we do not have")
        try:
            return cipher.decrypt(sealed[1 : 1 + NONCE_OCTETS], sealed[1 + NONCE_OCTETS :], b"%s %d" % (purpose.encode(), row))
        except (InvalidTag, ValueError) as error:
            raise SealError(f"{purpose} of row {row} cannot be opened") from error

    def tag(self, purpose: str, value: bytes) -> bytes:
        """The keyed hash (16 octets) by which a value is found again without being readable."""
        return blake2b(value, key=self._hash_key, digest_size=TAG_OCTETS, person=purpose.encode()).digest()

    def derived(self, purpose: str) -> bytes:
        """Another key (32 octets) of the same master, for what is neither sealing nor finding: complaint numbers."""
        return blake2b(purpose.encode(), key=self._hash_key, digest_size=32, person=b"derived").digest()

    def _nonce(self) -> bytes:
        """A random prefix per process and a counter: never the same twice, and no system call per value (SP 800-38D §8.2.1)."""
        if self._count >= _COUNT_MAX:
            self._prefix, self._count = self._random(_PREFIX_OCTETS), 0
        self._count += 1
        return self._prefix + (self._count - 1).to_bytes(NONCE_OCTETS - _PREFIX_OCTETS, "big")


def derive(master_key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key)
