"""A network in memory for virtual time: two protocols joined by octets that travel for a moment, and a dialler that finds them.

A connection may be cut after so many octets. What a paused end is sent waits, as in a socket's buffer.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

from adapters.smpp.dial import Endpoint

TRAVEL_SECONDS = 0.01


class Pipe(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, protocol: asyncio.Protocol, octets_max: int | None) -> None:
        super().__init__()
        self.other: Pipe | None = None
        self.protocol = protocol
        self.left = octets_max
        self.closed = False
        self._paused = False
        self._waiting: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.closed or self.other is None:
            return
        octets = bytes(data)
        cut = self.left is not None and len(octets) >= self.left
        if self.left is not None:
            octets, self.left = octets[: self.left], self.left - len(octets)
        asyncio.get_running_loop().call_later(TRAVEL_SECONDS, self.other._arrive, octets)
        if cut:
            asyncio.get_running_loop().call_later(2 * TRAVEL_SECONDS, self.abort)

    def _arrive(self, octets: bytes) -> None:
        if self.closed:
            return
        if self._paused:
            self._waiting.append(octets)
        elif octets:
            self.protocol.data_received(octets)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        waiting, self._waiting = b"".join(self._waiting), []
        asyncio.get_running_loop().call_soon(self._arrive, waiting)

    def close(self) -> None:
        self._end(TRAVEL_SECONDS)

    def abort(self) -> None:
        self._end(0.0)

    def _end(self, seconds: float) -> None:
        for end in (self, self.other):
            if end is not None and not end.closed:
                asyncio.get_running_loop().call_later(seconds if end is self else seconds + TRAVEL_SECONDS, end._lost)
        self.closing = True

    closing = False

    def _lost(self) -> None:
        if not self.closed:
            self.closed = True
            self.protocol.connection_lost(None)

    def is_closing(self) -> bool:
        return self.closing or self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 2775) if name == "peername" else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Octets leave at once."""


class MemoryDialler:
    """Fulfils adapters.smpp.dial.Dialler. `answer` gives the protocol of the far end, raises OSError, or None: nobody answers, ever."""

    def __init__(self, answer: Callable[[], asyncio.Protocol | None], octets_max: Callable[[], int | None] = lambda: None) -> None:
        self.times: list[float] = []
        self._answer = answer
        self._octets_max = octets_max

    async def resolve(self, host: str) -> Sequence[Endpoint]:
        return [Endpoint(host, "127.0.0.1", 2775, socket.AF_INET)]

    async def connect(self, endpoint: Endpoint, protocol: Callable[[], asyncio.Protocol]) -> None:  # noqa: ARG002 - there is one
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(TRAVEL_SECONDS)
        far = self._answer()
        if far is None:
            await asyncio.get_running_loop().create_future()
        near, there = Pipe(protocol(), self._octets_max()), Pipe(far, self._octets_max())  # type: ignore[arg-type]
        near.other, there.other = there, near
        there.protocol.connection_made(there)
        near.protocol.connection_made(near)
