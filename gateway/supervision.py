"""Tasks with a parent: a part that fails is started again, but not for ever; then the process gives up upward."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

RESTARTS_MAX = 5
PER_SECONDS = 60.0
PAUSE_SECONDS = 1.0


class GaveUp(RuntimeError):
    """A part failed more often than a restart can help; systemd starts the whole process anew."""


async def supervise(
    name: str,
    start: Callable[[], Awaitable[None]],
    *,
    restarts_max: int = RESTARTS_MAX,
    per_seconds: float = PER_SECONDS,
    pause_seconds: float = PAUSE_SECONDS,
    failed: Callable[[], None] = lambda: None,
) -> None:
    """Run `start()` until it returns; when it raises, log and start it again. GaveUp after `restarts_max` failures in `per_seconds`."""
    clock = asyncio.get_running_loop().time
    failures: deque[float] = deque(maxlen=restarts_max)
    while True:
        try:
            await start()
        except Exception as error:
            now = clock()
            failed()
            log.exception("%s failed and is started again", name, extra={"part": name})
            if len(failures) == restarts_max and now - failures[0] < per_seconds:
                raise GaveUp(f"{name} failed {restarts_max + 1} times within {per_seconds:.0f} s") from error
            failures.append(now)
            await asyncio.sleep(pause_seconds)
        else:
            return
