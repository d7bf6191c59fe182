"""A core for benchmarks: the least HTTP/1.1 that can file complaints, and counts each number so that doubles are visible.

It reads the number by position instead of parsing XML, so on the same two processors it takes next to nothing from the gateway.
For everything else use simulator.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import cast

from forwarder.core.simulator import TRACKING_ID_FIRST

NUMBER_MARK = b"[No: "  # the first field of the header line
LENGTH_MARK = b"content-length:"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
BODY = b"<lapor><trackingid>%d</trackingid><transaksiid>%d</transaksiid></lapor>"


class BareCore:
    """`counts` says how often each number was filed; `answer_after_seconds` lets each answer wait."""

    def __init__(self, *, answer_after_seconds: float = 0.0) -> None:
        self.counts: Counter[bytes] = Counter()
        self.answer_after_seconds = answer_after_seconds
        self._server: asyncio.Server | None = None
        self._next_id = TRACKING_ID_FIRST

    @property
    def doubled(self) -> int:
        """Numbers that were filed more than once."""
        return sum(count > 1 for count in self.counts.values())

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base address."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), host, port)
        name = self._server.sockets[0].getsockname()
        return f"http://{name[0]}:{name[1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def answer(self, body: bytes) -> bytes:
        """Count the number in the body and give it the next tracking id; a request without a body is a probe."""
        if not body:
            return HEAD % 0
        start = body.find(NUMBER_MARK) + len(NUMBER_MARK)
        self.counts[body[start : body.find(b"]", start)]] += 1
        self._next_id += 1
        said = BODY % (self._next_id, self._next_id)
        return HEAD % len(said) + said


class _Connection(asyncio.Protocol):
    """Cuts requests out of the stream; answers all of one read in one write."""

    def __init__(self, core: BareCore) -> None:
        self._core = core
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class, but in all that counts

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        answers: list[bytes] = []
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            head = buffer[:end].lower()
            mark = head.find(LENGTH_MARK)
            length = int(head[mark + len(LENGTH_MARK) :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            if len(buffer) < end + 4 + length:
                break
            answers.append(self._core.answer(buffer[end + 4 : end + 4 + length]))
            buffer = buffer[end + 4 + length :]
        self._buffer = buffer
        if answers:
            self._write(b"".join(answers))

    def _write(self, octets: bytes) -> None:
        if self._transport is None:
            return
        if self._core.answer_after_seconds:
            asyncio.get_running_loop().call_later(self._core.answer_after_seconds, self._transport.write, octets)
        else:
            self._transport.write(octets)
