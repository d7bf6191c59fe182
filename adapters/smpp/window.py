"""The submits that wait for their answers: each ends in exactly one, in time or given up (SMPP 3.4 §2.9, response_timer)."""

from __future__ import annotations

from collections import OrderedDict

from adapters.smpp.pdu import SEQUENCE_MAX

LATE_MAX = 10_000  # Ours: submits given up on whose answers are still recognised when they come.


class Window:
    """Open submits by sequence number, oldest first. Deadlines never decrease from one `add` to the next."""

    def __init__(self, size: int, sequence_first: int = 1) -> None:
        self.size = size
        self._number = sequence_first
        self._due: dict[int, float] = {}
        self._given_up: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._due

    @property
    def full(self) -> bool:
        """Whether another submit has to wait."""
        return len(self._due) >= self.size

    def number(self) -> int:
        """The next sequence number of ours, for any request: 1 to 0x7FFFFFFF and round again, past those still open."""
        number = self._number
        while number in self._due:
            number = number % SEQUENCE_MAX + 1
        self._number = number % SEQUENCE_MAX + 1
        return number

    def add(self, sequence: int, due: float) -> None:
        """Open a submit whose answer may take until `due`."""
        self._due[sequence] = due
        self._given_up.pop(sequence, None)

    def settle(self, sequence: int) -> bool:
        """Close the submit that was answered; False if it is not open."""
        return self._due.pop(sequence, None) is not None

    def settle_late(self, sequence: int) -> bool:
        """Recognise the answer to a submit that was given up; once."""
        return self._given_up.pop(sequence, self) is None

    def due(self) -> float | None:
        """When the oldest submit is given up."""
        return next(iter(self._due.values()), None)

    def give_up(self, now: float | None = None) -> list[int]:
        """Close every submit overdue at `now`, or every one; their late answers are still recognised."""
        overdue = [sequence for sequence, due in self._due.items() if now is None or due <= now]
        for sequence in overdue:
            del self._due[sequence]
            self._given_up[sequence] = None
        while len(self._given_up) > LATE_MAX:
            self._given_up.popitem(last=False)
        return overdue
