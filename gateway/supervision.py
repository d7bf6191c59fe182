"""Tasks with a parent: a part that fails is started again, but not for ever; then the process gives up upward."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


class GaveUp(RuntimeError):
    """A part failed more often than a restart can help; systemd starts the whole process anew."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a part may fail before restarts are no help."""

    restarts_max: int = 5
    per_seconds: float = 60.0
    pause_seconds: float = 1.0


async def supervise(
    name: str, start: Callable[[], Awaitable[None]], patience: Patience = Patience(), failed: Callable[[], None] = lambda: None
) -> None:
    """Run `start()` until it returns; when it raises, tell `failed`, log, and start it again. GaveUp when patience ends."""
    clock = asyncio.get_running_loop().time
    failures: deque[float] = deque(maxlen=patience.restarts_max)
    while True:
        try:
            await start()
        except Exception as error:
            now = clock()
            failed()
            log.exception("%s failed and is started again", name, extra={"part": name})
            if len(failures) == patience.restarts_max and now - failures[0] < patience.per_seconds:
                raise GaveUp(f"{name} failed {patience.restarts_max + 1} times within {patience.per_seconds:.0f} s") from error
            failures.append(now)
            await asyncio.sleep(patience.pause_seconds)
        else:
            return
