"""What the gateway tells whoever watches: one short event per step of a message, named, masked, never stored.

The demo, `lapor-gateway watch` and the counters all listen here. Telling costs one attribute look-up when nobody does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

Fact = str | int | float | bool | None
EVENTS_WAITING_MAX = 1_000  # a watcher that does not read loses the oldest events, never slows a message


class Watch:
    """Passes events to any number of watchers."""

    def __init__(self) -> None:
        self._queues: list[asyncio.Queue[dict[str, Fact]]] = []

    @property
    def watched(self) -> bool:
        """Whether anybody listens: ask before building an expensive fact."""
        return bool(self._queues)

    def tell(self, event: str, /, **facts: Fact) -> None:
        """Tell all watchers one event; facts name things (numbers of ours, regions, counts), never quote people."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait({"event": event, **facts})

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[dict[str, Fact]]]:
        """A queue of all events from now until the end of the block."""
        queue: asyncio.Queue[dict[str, Fact]] = asyncio.Queue(EVENTS_WAITING_MAX)
        self._queues.append(queue)
        try:
            yield queue
        finally:
            self._queues.remove(queue)
