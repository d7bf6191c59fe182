"""Complaints of different citizens that say nearly the same about the same region: each goes its way and names the first, none is merged.

In memory, bounded, by the sketches of their words; it is lost when the process ends, and then fewer are named. A rahasia complaint is never
named to anybody.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from forwarder.records import Composed
from parsers.model import Complaint

REMEMBERED_MAX = 50_000  # complaints: at 575 a day (DOMAIN §2.4) three months, in the burst of 2013 some minutes
DAYS_MS = 7 * 86_400_000  # Ours: a pothole is told of for days; what is older is another one, or the first was not heard
HASH_OCTETS = 4
SAME_MIN = 2  # of the four hashes of a sketch (parsers.complaint.similar)
MARK = "serupa dengan {number}"
"""For the core's people, in their language."""


@dataclass(frozen=True, slots=True)
class _One:
    """A complaint that is stored."""

    number: str
    sender: int
    at_ms: int


class Related:
    """Which stored complaint says nearly the same. May be asked from several threads."""

    def __init__(self) -> None:
        self.found = 0
        """Complaints that named another one, since the start."""
        self._by_hash: OrderedDict[tuple[str | None, bytes], _One] = OrderedDict()
        self._lock = threading.Lock()

    def mark(self, composed: Composed) -> Composed:
        """The message, its complaint marked where another citizen's says nearly the same."""
        complaint = composed.complaint
        if complaint is None or len(complaint.fingerprint) < SAME_MIN * HASH_OCTETS:
            return composed
        with self._lock:
            other = self._other(complaint)
        if other is None:
            return composed
        self.found += 1
        return replace(composed, complaint=replace(complaint, marks=(*complaint.marks, MARK.format(number=other))))

    def keep(self, complaint: Complaint) -> None:
        """It is stored: later ones may name it."""
        if complaint.rahasia:
            return
        one = _One(complaint.number, hash(complaint.message.reporter.value), complaint.message.received_ms)
        with self._lock:
            for key in _keys(complaint):
                known = self._by_hash.get(key)
                if known is None or one.at_ms - known.at_ms > DAYS_MS:
                    self._by_hash[key] = one
            while len(self._by_hash) > REMEMBERED_MAX * HASH_OCTETS:
                self._by_hash.popitem(last=False)

    def forget(self, number: str) -> None:
        """It is rahasia from now on: no later one names it. Rare, so all are looked through."""
        with self._lock:
            self._by_hash = OrderedDict((key, one) for key, one in self._by_hash.items() if one.number != number)

    def _other(self, complaint: Complaint) -> str | None:
        seen: dict[str, int] = {}
        own, now_ms = hash(complaint.message.reporter.value), complaint.message.received_ms
        for key in _keys(complaint):
            one = self._by_hash.get(key)
            if one is None or one.sender == own or now_ms - one.at_ms > DAYS_MS:
                continue
            seen[one.number] = seen.get(one.number, 0) + 1
            if seen[one.number] >= SAME_MIN:
                return one.number
        return None


def _keys(complaint: Complaint) -> list[tuple[str | None, bytes]]:
    """Its region with each hash of its sketch."""
    sketch, region = complaint.fingerprint, complaint.decision.region
    return [(region, sketch[at : at + HASH_OCTETS]) for at in range(0, len(sketch), HASH_OCTETS)]
