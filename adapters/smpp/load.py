"""A load on one bind of the simulated operator: as many different citizens' texts as asked for, at a rate or flat out.

The PDUs are built once with gaps for sequence, sender and text number, so that the generator takes a small part of the processor it
shares with what it measures. Like any SMSC it delivers again, on the next bind, what got no yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.smpp import codec
from adapters.smpp.pdu import Command, Outgoing
from adapters.smpp.simulated_bind import SimulatedBind, Tap
from adapters.smpp.simulator import LATER_STATUSES, Simulator
from parsers import charset
from parsers.model import Address

DELIVER_SM_RESP = int(Command.DELIVER_SM_RESP).to_bytes(4, "big")
SEQUENCE_FIRST = 0x40000000  # Above everything the session itself uses.
SENDER = "6281100000000"
NUMBER = "00000000"
BURST_SECONDS = 0.01  # At a rate, PDUs leave in bursts this far apart.


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What to send. Text and sender differ from message to message, so that none is a copy of another."""

    count: int
    rate: float | None = None
    """Messages a second; None: as fast as the window lets."""
    window: int = 100
    text: str = "AGAM lampu jalan mati sejak Senin di Lubuk Basung, laporan nomor"
    senders: int = 100_000_000
    bind: str | None = None


@dataclass(slots=True)
class LoadReport:
    """What came of it: `accepted` are the numbers of the texts that got a yes, `seconds` from the first PDU to the last answer."""

    accepted: list[int] = field(default_factory=list)
    refused: list[tuple[int, int]] = field(default_factory=list)
    redelivered: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Yes answers a second."""
        return len(self.accepted) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Seconds from a PDU to its yes that this share of them did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Load(Tap):
    """One load on one bind at a time; `run` drives it to its end."""

    def __init__(self, simulator: Simulator, settings: LoadSettings) -> None:
        self.report = LoadReport()
        self._simulator = simulator
        self._settings = settings
        self._count = settings.count
        self._monotonic = simulator.clocks.monotonic
        self._pieces = _template(settings.text, simulator.settings.short_code)
        self._frames = codec.FrameReader()
        self._todo: list[int] = []
        self._next = 0
        self._flying: dict[int, float] = {}
        self._bind: SimulatedBind | None = None
        self._credit = 0.0
        self._progress = asyncio.Event()

    async def run(self) -> LoadReport:
        """Send everything; returns when each text has its yes or its final no."""
        began = self._monotonic()
        ticked = began
        while self._finished < self._count:
            if self._bind is None or not self._bind.wire.bound:
                self._move()
            if self._settings.rate is not None:
                now = self._monotonic()
                self._credit = min(self._credit + (now - ticked) * self._settings.rate, self._settings.rate)
                ticked = now
                self._fill()
            self._progress.clear()
            try:
                async with asyncio.timeout(BURST_SECONDS):
                    await self._progress.wait()
            except TimeoutError:
                continue
        self.report.seconds = self._monotonic() - began
        if self._bind is not None:
            self._bind.wire.tap = None
        return self.report

    @property
    def offered(self) -> int:
        """How many texts were begun: those with the numbers below this."""
        return self._next

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what was begun has its answer."""
        self._count = self._next

    def text_of(self, number: int) -> str:
        """The text with this number, as the citizen wrote it."""
        return f"{self._settings.text} {number:08d}"

    def sender_of(self, number: int) -> str:
        """Who wrote it."""
        return f"62811{number % self._settings.senders:08d}"

    def take(self, data: bytes) -> bytes:
        """Read the answers to our PDUs; hand the rest back."""
        others: list[bytes] = []
        now = self._monotonic()
        for frame in self._frames.feed(data):
            if frame[4:8] == DELIVER_SM_RESP and frame[12] >= SEQUENCE_FIRST >> 24:
                self._answered(int.from_bytes(frame[12:16], "big") - SEQUENCE_FIRST, int.from_bytes(frame[8:12], "big"), now)
            else:
                others.append(frame)
        self._fill()
        if self._finished >= self._count:
            self._progress.set()
        return b"".join(others)

    @property
    def _finished(self) -> int:
        return len(self.report.accepted) + len(self.report.refused)

    def _answered(self, number: int, status: int, now: float) -> None:
        since = self._flying.pop(number, None)
        if since is None:
            return
        if status == 0:
            self.report.accepted.append(number)
            self.report.latencies.append(now - since)
        elif status in LATER_STATUSES:
            self.report.redelivered += 1
            self._simulator.later(self._simulator.settings.retry_seconds[0], lambda: self._again(number))
        else:
            self.report.refused.append((number, status))

    def _again(self, number: int) -> None:
        self._todo.append(number)
        self._fill()

    def _move(self) -> None:
        """Take the next bind that delivers; what was in flight on the old one is delivered again there."""
        name = self._settings.bind
        found = next((bind for bind in self._simulator.bound if bind.ready and name in (None, bind.name)), None)
        if found is None:
            return
        self._bind = found
        self._frames = codec.FrameReader()
        found.wire.tap = self
        self.report.redelivered += len(self._flying)
        self._todo.extend(self._flying)
        self._flying.clear()
        self._fill()

    def _fill(self) -> None:
        """Fill the window, as far as the rate allows, in one write."""
        if self._bind is None or not self._bind.wire.bound:
            return
        settings = self._settings
        room = settings.window - len(self._flying)
        left = len(self._todo) + self._count - self._next
        count = min(room, left) if settings.rate is None else min(room, left, int(self._credit))
        if count <= 0:
            return
        now, head, middle, tail, fill = self._monotonic(), *self._pieces
        out: list[bytes] = []
        for _ in range(count):
            if self._todo:
                number = self._todo.pop()
            else:
                number, self._next = self._next, self._next + 1
            self._flying[number] = now
            out += (head, (SEQUENCE_FIRST + number).to_bytes(4, "big"), middle, fill(number % settings.senders), tail, fill(number))
        self._credit -= count
        self._bind.wire.write_raw(b"".join(out))


def _template(text: str, short_code: str) -> tuple[bytes, bytes, bytes, Callable[[int], bytes]]:
    """Cut a deliver_sm around its sequence number, the end of the sender and the end of the text."""
    octets = charset.encode(f"{text} {NUMBER}", charset.GSM7)
    frame = codec.message(Command.DELIVER_SM, Outgoing(Address(1, 1, SENDER), Address(0, 1, short_code), octets), 1)
    sender = frame.index(SENDER.encode()) + len(SENDER) - len(NUMBER)
    return (
        frame[:12],
        frame[16:sender],
        frame[sender + len(NUMBER) : -len(NUMBER)],
        lambda number: b"%08d" % number,
    )
