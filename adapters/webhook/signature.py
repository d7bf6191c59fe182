r"""Who sent a request, when, and whether it came before: HMAC-SHA-256 over the raw body and what stands around it (RFC 2104).

Signed is `timestamp \n nonce \n METHOD \n path \n body`, and each part for a reason:
- the **timestamp**, so that what somebody overheard is worth nothing when the window is over;
- the **nonce**, so that a request is known again within the window, and two equal ones can be told apart;
- the **method** and the **path** with its query, so that a signature is good for one door only: not for another address that is added
  later, and not for the way back, for callbacks are signed with the same key;
- the **body** as octets, before anybody parses it: two parsers that read one text differently cannot be played off against each other.
The parts before the body hold no line end, so no two requests give the same octets. The partner's name is not signed: each has his own
key, and a name with another's key fails. `v1` names all of this, so that a later way can stand beside it.
"""

from __future__ import annotations

import enum
import hashlib
import heapq
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

PARTNER, TIMESTAMP, NONCE, SIGNATURE = "X-Lapor-Partner", "X-Lapor-Timestamp", "X-Lapor-Nonce", "X-Lapor-Signature"
SCHEME = "v1="
FORMS = {
    PARTNER: (re.compile(r"[a-z][a-z0-9-]{0,23}"), "your name as we gave it to you"),
    TIMESTAMP: (re.compile(r"[0-9]{1,11}"), "the time in whole seconds since 1970, UTC"),
    NONCE: (re.compile(r"[A-Za-z0-9._~-]{16,64}"), "16 to 64 letters and digits, new for every request"),
    SIGNATURE: (re.compile(r"v1=[0-9a-fA-F]{64}"), "v1= and 64 hexadecimal digits"),
}
"""What each header looks like, and how a person would say it."""


class Headers(Protocol):
    """Headers of a request: aiohttp's, whatever case they came in."""

    def getall(self, key: str, default: list[str]) -> list[str]:
        """All values of a header."""


class HeaderWrong(ValueError):
    """A header is missing, there twice, or not of its form; the message names it and says what belongs there."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the headers of a request say about who signed it, and when."""

    partner: str
    timestamp: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, headers: Headers) -> Signed:
        """Read the four headers; HeaderWrong for the first one that cannot be read."""
        found: list[str] = []
        for name, (form, words) in FORMS.items():
            values = headers.getall(name, [])
            if len(values) != 1 or form.fullmatch(values[0]) is None:
                raise HeaderWrong(f"{name}: send it once: {words}")
            found.append(values[0])
        return cls(*found)

    @property
    def at_s(self) -> int:
        """When it was signed, by the signer's clock."""
        return int(self.timestamp)

    def is_by(self, keys: Iterable[bytes], method: str, path: str, body: bytes) -> bool:
        """Whether one of these keys signed it; how long it takes tells nothing about how much of it was right."""
        given = self.signature.lower().encode()
        made = [sign(key, self.timestamp, self.nonce, method, path, body).encode() for key in keys]
        matches = [hmac.compare_digest(given, one) for one in made]  # every one of them, whichever fits
        return any(matches)


def sign(key: bytes, timestamp: str, nonce: str, method: str, path: str, body: bytes) -> str:  # noqa: PLR0913, PLR0917 - what is signed
    """The value of X-Lapor-Signature. `path` is the one in the request line, with its query."""
    head = f"{timestamp}\n{nonce}\n{method}\n{path}\n".encode("utf-8", "surrogateescape")
    return SCHEME + hmac.new(key, head + body, hashlib.sha256).hexdigest()


class Seen(enum.Enum):
    """What is known of a nonce."""

    NEW = "new"
    SAME = "same"  # with the same body: a repeat whose answer got lost
    OTHER = "other"  # with another body: the signer makes his nonces wrongly


class Nonces:
    """The nonces of one partner, each with what it signed, until its timestamp is outside the window.

    They live in memory and are forgotten at a restart: that is safe, because the body is signed, so all that an old request can do is to
    come again as it is; and then the partner's own id of the message, which the journal keeps, makes it a redelivery. For the same reason
    one may be forgotten early when there are too many, which the rate of a partner prevents unless the clocks run apart.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bodies: dict[str, bytes] = {}
        self._ends: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._bodies)

    def note(self, nonce: str, body: bytes, *, until_s: int, now_s: int) -> Seen:
        """Note a nonce until then, and say whether it was here."""
        while self._ends and (self._ends[0][0] < now_s or len(self._ends) >= self._most):
            self._bodies.pop(heapq.heappop(self._ends)[1], None)
        digest = hashlib.sha256(body).digest()
        known = self._bodies.get(nonce)
        if known is not None:
            return Seen.SAME if known == digest else Seen.OTHER
        self._bodies[nonce] = digest
        heapq.heappush(self._ends, (until_s, nonce))
        return Seen.NEW
