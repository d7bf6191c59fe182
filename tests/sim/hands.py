"""The journal's work in the day's one thread: turns of the writer a moment after they are asked for, pools that do all in place."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from forwarder.journal.hands import Turns
from tests.sim.world import World

Result = TypeVar("Result")

BEAT_SECONDS = 30.0


class Place(Executor):
    """Does it now."""

    def submit(self, function: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)
        return future


class InlineHands:
    """forwarder.journal.hands.Hands for one life. `turned` is called after each turn; `slow` is what a commit takes, in seconds."""

    def __init__(self, world: World, turned: Callable[[], None]) -> None:
        self.world = world
        self.slow = (0.0005, 0.004)
        self.still = False  # the machine is off: no more turns by themselves
        self._random = world.random(f"hands {world.events}")
        self._turned = turned
        self._turns: Turns | None = None
        self._rung = False

    def pool(self, _name: str) -> Executor:
        return Place()

    def start(self, turns: Turns) -> None:
        self._turns = turns
        self.world.later(BEAT_SECONDS, self._beat)

    def ring(self) -> None:
        if not self._rung:
            self._rung = True
            self.world.later(self._random.uniform(*self.slow), self._turn)

    def join(self) -> None:
        self.still = True
        while self._turns is not None and self._turns.turn(0.0):
            pass

    def _turn(self) -> None:
        self._rung = False
        if not self.still and self._turns is not None:
            self._turns.turn(0.0)
            self._turned()

    def _beat(self) -> None:
        if not self.still:
            self._turn()
            self.world.later(BEAT_SECONDS, self._beat)
