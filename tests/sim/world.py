"""The world of one simulated day: one thread, virtual time, one seed, and the story of what happened, from which a hash is made.

Actors are written against this: `later` for what they do, `now` and `wall` for the time, `random(name)` for chance, `note` for the
story. Nothing else may decide anything, so that a seed is a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import selectors
from collections import Counter, deque
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from tests.virtual import JumpingSelector, VirtualLoop

Result = TypeVar("Result")

STORY_EVENTS = 50  # the last events, shown beside a failure
STEP_SECONDS = 1e-6  # what a turn of the loop takes: time never stands still, or a wait of next to nothing would be for ever
READ_SECONDS = 0.0005  # what a look into the journal takes
MORNING_MS = 1_795_305_600_000  # 2026-11-22 07:00 WIB


class StillSelector(JumpingSelector):
    """Time and nothing else: there are no sockets here, so the kernel is never asked."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits and no timer is set: a deadlock")
        self.now += max(timeout, STEP_SECONDS)
        return []


class Loop(VirtualLoop):
    """One thread: what others do in an executor is done in place, a moment later."""

    def __init__(self) -> None:
        self.selector = StillSelector()
        asyncio.SelectorEventLoop.__init__(self, self.selector)

    def run_in_executor(self, _executor: Any, function: Callable[..., Result], *args: Any) -> asyncio.Future[Result]:  # type: ignore[override]
        future: asyncio.Future[Result] = self.create_future()
        self.call_later(READ_SECONDS, _do, future, function, args)
        return future

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector."""


def _do(future: asyncio.Future[Any], function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    if future.cancelled():
        return
    try:
        future.set_result(function(*args))
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
        future.set_exception(error)


class World:
    """Time, chance and the story of one day. `broke` says that a promise was broken: the day is over then."""

    def __init__(self, seed: int, loop: Loop) -> None:
        self.seed = seed
        self.loop = loop
        self.step_ms = 0  # how far the wall clock is from honest
        self.story: deque[str] = deque(maxlen=STORY_EVENTS)
        self.events = 0
        self.faults: Counter[str] = Counter()
        self.breaks: list[str] = []
        self.over = asyncio.Event()
        self._hash = hashlib.sha256()
        self._began = loop.time()

    def random(self, name: str) -> Random:
        """A source of chance of its own for each actor: one that draws more does not change the others."""
        return Random(f"{self.seed}/{name}")

    def now(self) -> float:
        """Monotonic seconds: always honest."""
        return self.loop.selector.now

    def wall(self) -> int:
        """UTC milliseconds, as the host's clock has them: it may be wrong, and it steps."""
        return MORNING_MS + round((self.loop.selector.now - self._began) * 1000) + self.step_ms

    def later(self, seconds: float, call: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        """Have something happen."""
        return self.loop.call_later(seconds, call, *args)

    def note(self, who: str, what: str) -> None:
        """One event of the story."""
        line = f"{self.loop.selector.now - self._began:.4f} {who}: {what}"
        self.events += 1
        self.story.append(line)
        self._hash.update(line.encode())

    def fault(self, kind: str, detail: str = "") -> None:
        """One fault begins; counted by kind."""
        self.faults[kind] += 1
        self.note("fault", f"{kind} {detail}")

    def broke(self, promise: str) -> None:
        """A promise is broken."""
        self.note("BROKEN", promise)
        self.breaks.append(promise)
        self.over.set()

    def sleep_through(self, seconds: float) -> None:
        """The host is frozen for a while and wakes: all that was due meanwhile is due at once."""
        self.loop.selector.now += seconds
        self.note("host", f"was asleep for {seconds:.0f} s")

    @property
    def hash(self) -> str:
        """What the whole story comes to."""
        return self._hash.hexdigest()
