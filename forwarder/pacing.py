"""How fast to try: back-off, the breaker's one table, the concurrency window, and turns between senders. Pure; time comes in as seconds.

The window grows and shrinks as TCP's does (RFC 5681: slow start, additive increase, multiplicative decrease), because a core is like a
road: the only way to know its capacity is to go a little faster until it says no.
"""

from __future__ import annotations

import enum
from collections import OrderedDict, deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar


def back_off_seconds(attempt: int, *, first: float, most: float, share: float) -> float:
    """The wait after failure number `attempt` (from 1): doubles up to `most`; `share` (0-1, random) spreads it over its upper half."""
    bound = min(most, first * 2.0 ** min(max(attempt, 1) - 1, 60))
    return bound * (0.5 + 0.5 * share)


class BreakerState(enum.StrEnum):
    """Whether complaints may go."""

    CLOSED = "closed"  # they go
    OPEN = "open"  # the core is away or loses answers: only probes go
    TRIAL = "trial"  # a probe came back: one complaint at a time, and the first lost answer opens again
    FAULT = "fault"  # something of ours is wrong: slow probes, an alarm


class BreakerInput(enum.StrEnum):
    """What the breaker hears."""

    ANSWERED = "answered"  # a certain yes or no to one complaint
    FAILED = "failed"  # an Unknown or NotFiled, not enough of them yet
    TRIPPED = "tripped"  # so many in a row that it is enough
    OUR_FAULT = "our_fault"
    PROBE_GOOD = "probe_good"
    PROBE_BAD = "probe_bad"


_S, _I = BreakerState, BreakerInput

NEXT_BREAKER: Mapping[BreakerState, Mapping[BreakerInput, BreakerState]] = {
    _S.CLOSED: {_I.ANSWERED: _S.CLOSED, _I.FAILED: _S.CLOSED, _I.TRIPPED: _S.OPEN, _I.OUR_FAULT: _S.FAULT},
    _S.TRIAL: {_I.ANSWERED: _S.CLOSED, _I.FAILED: _S.OPEN, _I.TRIPPED: _S.OPEN, _I.OUR_FAULT: _S.FAULT},
    # What was in flight when it opened is still answered; only a probe closes it.
    _S.OPEN: {
        _I.ANSWERED: _S.OPEN,
        _I.FAILED: _S.OPEN,
        _I.TRIPPED: _S.OPEN,
        _I.OUR_FAULT: _S.FAULT,
        _I.PROBE_GOOD: _S.TRIAL,
        _I.PROBE_BAD: _S.OPEN,
    },
    _S.FAULT: {
        _I.ANSWERED: _S.FAULT,
        _I.FAILED: _S.FAULT,
        _I.TRIPPED: _S.FAULT,
        _I.OUR_FAULT: _S.FAULT,
        _I.PROBE_GOOD: _S.TRIAL,
        _I.PROBE_BAD: _S.FAULT,
    },
}
"""The breaker's one table; a pair that is not in it is a bug."""


class Breaker:
    """Stops filing when answers get lost or the core is away, and says when to probe. It never lets a complaint be the probe."""

    def __init__(self, *, run_max: int, probe_first: float, probe_most: float, fault_first: float, fault_most: float) -> None:
        self.state = BreakerState.CLOSED
        self._run_max = run_max
        self._probe_first = probe_first
        self._probe_most = probe_most
        self._fault_first = fault_first
        self._fault_most = fault_most
        self._run = 0
        self._stops = 0
        self._probe_at: float | None = None

    @property
    def lets_through(self) -> bool:
        """Whether complaints may go now."""
        return self.state in (BreakerState.CLOSED, BreakerState.TRIAL)

    @property
    def probe_at(self) -> float | None:
        """When the next probe is due; None while complaints go."""
        return self._probe_at

    def answered(self) -> bool:
        """A certain answer to a complaint; True when that changed the state."""
        self._run = 0
        changed = self._move(BreakerInput.ANSWERED)
        if self.state is BreakerState.CLOSED:
            self._stops = 0
        return changed

    def failed(self, now: float) -> bool:
        """A lost answer, or a core that took nothing; True when that opened it."""
        self._run += 1
        changed = self._move(BreakerInput.TRIPPED if self._run >= self._run_max else BreakerInput.FAILED)
        if changed:
            self._stop(now)
        return changed

    def our_fault(self, now: float) -> bool:
        """The core would answer any complaint so; True when that changed the state."""
        changed = self._move(BreakerInput.OUR_FAULT)
        if changed:
            self._stop(now)
        return changed

    def probed(self, *, good: bool, now: float) -> bool:
        """What a probe came to; True when complaints may go again."""
        changed = self._move(BreakerInput.PROBE_GOOD if good else BreakerInput.PROBE_BAD)
        if changed:
            self._run = 0
            self._probe_at = None
        else:
            self._stop(now)
        return changed

    def hurry(self, now: float) -> None:
        """A person says that it is mended: probe now instead of later."""
        if self._probe_at is not None:
            self._probe_at = now

    def _stop(self, now: float) -> None:
        self._stops += 1
        fault = self.state is BreakerState.FAULT
        first, most = (self._fault_first, self._fault_most) if fault else (self._probe_first, self._probe_most)
        self._probe_at = now + min(most, first * 2.0 ** min(self._stops - 1, 60))

    def _move(self, event: BreakerInput) -> bool:
        before = self.state
        self.state = NEXT_BREAKER[before][event]
        return self.state is not before


class Window:
    """How many complaints may be in flight: it grows while the core says yes, and shrinks at once when it does not."""

    def __init__(self, *, start: int, most: int) -> None:
        self._most = float(most)
        self._size = float(min(start, most))
        self._slow_start_until = float(most)
        self._cut_at = float("-inf")

    @property
    def size(self) -> int:
        """Complaints that may be in flight now; at least 1."""
        return int(self._size)

    def grow(self, in_flight: int) -> None:
        """A yes arrived while `in_flight` were out (itself included); a window that is not used does not grow."""
        if in_flight < int(self._size):
            return
        step = 1.0 if self._size < self._slow_start_until else 1.0 / self._size
        self._size = min(self._most, self._size + step)

    def halve(self, started: float, now: float) -> None:
        """The core asks for less. What was started before the last cut says nothing new."""
        if started < self._cut_at:
            return
        self._cut_at = now
        self._size = max(1.0, self._size / 2)
        self._slow_start_until = self._size

    def shrink(self, now: float) -> None:
        """An answer got lost: one at a time, until it goes well again."""
        self._slow_start_until = max(1.0, self._size / 2) if self._size > 1.0 else self._slow_start_until
        self._size = 1.0
        self._cut_at = now


Sender = TypeVar("Sender", bound=Hashable)
Item = TypeVar("Item")


class Turns(Generic[Sender, Item]):
    """A bounded waiting room in which senders take turns: a flood from one delays only itself (round robin).

    One sender may have more than `per_sender` places while the room is less than half full: turns are fair anyway, the share only keeps
    room for others.
    """

    def __init__(self, *, most: int, per_sender: int) -> None:
        self._most = most
        self._per_sender = per_sender
        self._queues: OrderedDict[Sender, deque[Item]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def full(self) -> bool:
        """Whether nobody else finds room."""
        return self._length >= self._most

    def put(self, sender: Sender, item: Item, *, most: int | None = None) -> bool:
        """Let it wait; False when the room, or the sender's share of it, is full. `most` makes the room smaller for this one."""
        queue = self._queues.get(sender)
        room = self._most if most is None else min(most, self._most)
        if self._length >= room:
            return False
        if queue is not None and len(queue) >= self._per_sender and self._length * 2 >= room:
            return False
        if queue is None:
            queue = self._queues[sender] = deque()
        queue.append(item)
        self._length += 1
        return True

    def take(self) -> Item:
        """The next one in turn; LookupError when nobody waits."""
        sender, queue = self._queues.popitem(last=False)
        item = queue.popleft()
        self._length -= 1
        if queue:
            self._queues[sender] = queue
        return item
