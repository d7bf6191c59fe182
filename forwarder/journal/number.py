"""Complaint numbers: six characters a citizen can read out, unique by construction, and not to be guessed from the one before.

A letter first (so that no number looks like a tracking id), then the gateway's letter, then four characters; never 0, O, 1, I or L.
The number is a keyed permutation of the complaint id: a Feistel network whose outputs outside the range walk on
(Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
"""

from __future__ import annotations

import sys
from array import array
from hashlib import blake2b

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
CHARACTERS = "23456789" + LETTERS
TAIL = 4
NUMBERS = len(LETTERS) * len(CHARACTERS) ** TAIL
"""Numbers of one gateway: 21,240,983. After that the permutation begins again and the unique index makes the journal draw anew."""

_HALF_BITS = 13  # twice 13 bits are 67 million, the smallest even power of two above NUMBERS
_HALF_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 6
_ROUND_KEY_OCTETS = 2


class Numbering:
    """Turns complaint ids into numbers for one gateway. `key` is any 16 to 64 secret octets."""

    def __init__(self, key: bytes, gateway_letter: str) -> None:
        if len(gateway_letter) != 1 or gateway_letter not in LETTERS:
            raise ValueError(f"a gateway's letter is one of {LETTERS}")
        self._letter = gateway_letter
        self._rounds = [_round_table(key, number) for number in range(_ROUNDS)]

    def number_of(self, complaint_id: int) -> str:
        """The number of a complaint id (0 or more): `GA7K2Q` for gateway A."""
        value = self._permute(complaint_id % NUMBERS)
        while value >= NUMBERS:
            value = self._permute(value)
        tail = ""
        for _ in range(TAIL):
            value, digit = divmod(value, len(CHARACTERS))
            tail += CHARACTERS[digit]
        return f"{LETTERS[value]}{self._letter}{tail}"

    def id_of(self, number: str, last: int) -> int | None:
        """The id that has this number, the greatest up to `last`; None for what is no number of this gateway."""
        value = self._value(number)
        if value is None:
            return None
        value = self._undo(value)
        while value >= NUMBERS:
            value = self._undo(value)
        return None if value > last else value + (last - value) // NUMBERS * NUMBERS

    def _value(self, number: str) -> int | None:
        if len(number) != 2 + TAIL or number[1] != self._letter or number[0] not in LETTERS:
            return None
        value = LETTERS.index(number[0])
        for character in reversed(number[2:]):
            if character not in CHARACTERS:
                return None
            value = value * len(CHARACTERS) + CHARACTERS.index(character)
        return value

    def _permute(self, value: int) -> int:
        left, right = value >> _HALF_BITS, value & _HALF_MASK
        for table in self._rounds:
            left, right = right, left ^ (table[right] & _HALF_MASK)
        return left << _HALF_BITS | right

    def _undo(self, value: int) -> int:
        left, right = value >> _HALF_BITS, value & _HALF_MASK
        for table in reversed(self._rounds):
            left, right = right ^ (table[left] & _HALF_MASK), left
        return left << _HALF_BITS | right


def _round_table(key: bytes, number: int) -> array[int]:
    """One round function as a table of 8,192 values: made once, so that a number costs a microsecond."""
    octets = b"".join(
        blake2b(block.to_bytes(4, "big"), key=key, digest_size=64, person=b"number%d" % number).digest()
        for block in range((_HALF_MASK + 1) * _ROUND_KEY_OCTETS // 64)
    )
    table = array("H", octets)
    if sys.byteorder == "big":
        table.byteswap()
    return table
