"""The waiting room before the core: what is held in memory, and what was left in the journal because there was no place for it.

Every complaint in here is `ready` in the journal too; the room only saves reading it back. While older ones wait in the journal, new ones
are not let past them, with one exception: where only a flood from some senders was left outside, everybody else walks in as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Protocol

from forwarder.core.settings import DispatchSettings
from forwarder.pacing import Turns
from forwarder.records import Filing

PAGES_HELD = 4  # Read ahead no more: each page costs the journal a walk past all that is held.


class Shelf(Protocol):
    """Where those outside wait: the journal."""

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[int] = frozenset()) -> list[Filing]:
        """What may be filed now, oldest first."""


class Room:
    """Bounded; senders take turns."""

    def __init__(self, settings: DispatchSettings) -> None:
        self._turns: Turns[str, Filing] = Turns(most=settings.offered_max, per_sender=settings.offered_per_sender_max)
        self._held: dict[int, Filing] = {}
        self._page_rows = settings.page_rows
        self._skipped_max = settings.skipped_max
        self._read_most = min(settings.offered_max, PAGES_HELD * settings.page_rows)
        self._low_water = max(1, self._read_most // 4)
        self._skipped: dict[int, str] = {}  # passed over in this walk through the journal: complaint id → sender
        self._senders_outside: set[str] = set()
        self._all_outside = True  # at the start nobody knows what the journal holds
        self._refused = False

    def __len__(self) -> int:
        return len(self._turns)

    @property
    def held(self) -> int:
        """Complaints in memory: waiting, in flight, or answered and not yet written down."""
        return len(self._held)

    @property
    def backlog(self) -> bool:
        """Whether some are left in the journal."""
        return self._all_outside or bool(self._senders_outside)

    @property
    def wants_reading(self) -> bool:
        """Whether it is time to fetch those outside."""
        return self.backlog and len(self._turns) < self._low_water

    def offer(self, filing: Filing) -> bool:
        """A new one walks in; False when it must wait outside, in the journal."""
        sender = _sender(filing)
        if self._all_outside or sender in self._senders_outside:
            self._refused = True
            return False
        if filing.complaint_id in self._held or self._put(filing):
            return True
        if self._turns.full:
            self._all_outside = True
        else:
            self._senders_outside.add(sender)
        return False

    def take(self, most: int) -> list[Filing]:
        """The next ones in turn. They stay known until `release`, so that none is read a second time."""
        batch: list[Filing] = []
        while len(batch) < most and len(self._turns):
            filing = self._turns.take()
            if self._held.get(filing.complaint_id) is filing:
                batch.append(filing)
        return batch

    def release(self, complaint_ids: Iterable[int]) -> None:
        """These are written down, or a person changed them: what is held of them is over."""
        for complaint_id in complaint_ids:
            self._held.pop(complaint_id, None)

    def look_outside(self) -> None:
        """Something became ready in the journal by another way."""
        self._all_outside = self._refused = True

    async def read(self, shelf: Shelf, now_ms: int) -> bool:
        """Fetch one page of those outside, oldest first; True when another page should follow at once. JournalError passes through."""
        self._refused = False
        page = await shelf.ready(self._page_rows, now_ms, self._held.keys() | self._skipped.keys())
        for filing in page:
            if filing.complaint_id not in self._held and not self._put(filing, self._read_most):
                self._skipped[filing.complaint_id] = _sender(filing)
        if len(page) < self._page_rows:
            return self._read_to_the_end()
        if len(self._turns) >= self._read_most or len(self._skipped) >= self._skipped_max:
            self._all_outside = True
            self._skipped.clear()
            return False
        return True

    def _read_to_the_end(self) -> bool:
        """The door opens again. Who was refused meanwhile is fetched with the door open, so nobody is forgotten."""
        again = self._refused and self._all_outside
        self._all_outside = False
        self._senders_outside = set(self._skipped.values())
        self._skipped.clear()
        return again

    def _put(self, filing: Filing, most: int | None = None) -> bool:
        if not self._turns.put(_sender(filing), filing, most=most):
            return False
        self._held[filing.complaint_id] = filing
        return True


def _sender(filing: Filing) -> str:
    return filing.complaint.message.reporter.value
