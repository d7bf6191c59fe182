"""Hostile octets on living connections, with an honest bind beside them that must not notice (RELIABILITY §4 B4).

Three doors: strangers at our listener, an account that binds there and then goes mad, and an SMSC that goes mad after our link has bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import psutil

from adapters.channel import Answer, Inbound, Refusal
from adapters.smpp import codec
from adapters.smpp.listener import Listener
from adapters.smpp.operator import Operator
from adapters.smpp.pdu import BindAnswer, BindRequest, Command, Outgoing
from adapters.smpp.profile import AccountSettings, BindMode, ListenerSettings, OperatorSettings, ReconnectSettings
from parsers.model import Address
from tests.core.samples import peer
from tests.faults.figures import percentile
from tests.faults.length import pick
from tests.faults.record import record
from tests.fuzz.__main__ import mutated
from tests.fuzz.targets import corpus
from tests.quiet import quiet
from tests.smpp.peers import Aggregator, KeepingInbox, binds, until, world

BUDGET_SECONDS = 120
SEED = 20261128
STREAMS = pick(20_000, 100_000)
LINK_SHARE = 50  # one stream in so many is an SMSC's: our link takes its time to come back
AT_ONCE = 16
HONEST_EVERY_SECONDS = 0.02
HONEST_SECONDS_MAX = 0.5
ALONE_SECONDS = 3.0
GROWTH_OCTETS_MAX = 10 * 2**20
STREAM_SECONDS_MAX = 5.0
HONEST, STRANGE, MAD = "127.0.0.1", "127.0.0.2", "127.0.0.3"
MANY = AccountSettings("tiga", "rahasia1", binds_max=32, sources=("127.0.0.0/8",))
TIGA = OperatorSettings(name="tiga", system_id="lapor1708", password="kita", account=MANY)
BIND = codec.bind(BindRequest(BindMode.TRANSCEIVER, "tiga", "rahasia1"), 1)
YES = codec.bind_answer(Command.BIND_TRANSCEIVER, 1, 0, BindAnswer("SMSC"))


@dataclass(slots=True)
class Found:
    """What the doors bore."""

    streams: Counter[str] = field(default_factory=Counter)
    octets: int = 0
    kept: int = 0
    """Messages that came out of the noise and were kept; they were messages."""
    alone: list[float] = field(default_factory=list)
    honest: list[float] = field(default_factory=list)
    refused: int = 0
    """Honest messages without a yes."""
    exceptions: int = 0
    growth_octets: int = 0

    @property
    def good(self) -> bool:
        unmoved = percentile(self.honest, 0.99) <= HONEST_SECONDS_MAX and not self.refused and bool(self.honest)
        return unmoved and not self.exceptions and self.growth_octets <= GROWTH_OCTETS_MAX


class Errors(logging.Handler):
    """Counts what was raised and only logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.exc_info is not None and record.exc_info[0] is not None


class Desk(KeepingInbox):
    """A front desk that counts, and keeps nothing that would be taken for growth."""

    taken = 0

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        self.taken += len(batch)
        return [Answer.KEPT] * len(batch)

    async def session_began(self, operator: str, bind: str) -> int:  # noqa: ARG002 - nobody asks which
        return 1

    async def session_ended(self, session: int) -> None:
        """Nothing to forget."""

    def refused(self, refusal: Refusal) -> None:
        """Nothing to keep."""


class Fuzz:
    """The doors, and who is at them."""

    def __init__(self, seed: int, *, planted: bool) -> None:
        self.random = Random(seed)
        self.inputs = corpus("session")
        self.found = Found()
        self.inbox = Desk()
        self.planted = planted
        self.mad = 0

    async def run(self, streams: int) -> Found:
        operator = Operator(TIGA, self.inbox, world(TIGA))
        listener = Listener(ListenerSettings("127.0.0.1:0", connections_max=1_000), {"tiga": operator}, world(TIGA))
        async with contextlib.AsyncExitStack() as stack:
            task = asyncio.ensure_future(listener.run())
            stack.push_async_callback(_ended, task)
            await asyncio.wait_for(listener.ready.wait(), 10)
            honest = Aggregator()
            assert await honest.bind(listener.port) == 0
            alone = asyncio.ensure_future(self._honest(honest, self.found.alone))
            await asyncio.sleep(ALONE_SECONDS)
            alone.cancel()
            await asyncio.gather(alone, return_exceptions=True)
            beside = asyncio.ensure_future(self._honest(honest, self.found.honest))
            stack.push_async_callback(_ended, beside)
            await self._doors(listener.port, streams // 20)  # until caches and tables are full
            before = psutil.Process().memory_info().rss
            await self._doors(listener.port, streams - streams // 20)
            self.found.growth_octets = psutil.Process().memory_info().rss - before
            honest.wire.close()
        return self.found

    async def _doors(self, port: int, streams: int) -> None:
        left = iter(range(streams - streams // LINK_SHARE))
        await asyncio.gather(*(self._knock(port, left) for _ in range(AT_ONCE)), self._link(streams // LINK_SHARE))
        self.found.kept = self.inbox.taken

    def _noise(self) -> bytes:
        octets = mutated(self.random.choice(self.inputs), self.random.choice(self.inputs), self.random)
        self.found.octets += len(octets)
        return octets

    async def _knock(self, port: int, left: object) -> None:
        """One hostile client after the other: a stranger, or somebody with an account."""
        for number in left:  # type: ignore[attr-defined]
            known = number % 2 == 0
            if self.planted:
                time.sleep(0.02)  # noqa: ASYNC251 - planted: somebody holds the loop
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(STREAM_SECONDS_MAX):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(MAD if known else STRANGE, 0))
                    try:
                        writer.write((BIND if known else b"") + self._noise())
                        await writer.drain()
                        if number % 4 < 2:
                            writer.write_eof()
                            await reader.read(4_096)
                    finally:
                        writer.transport.abort()
            self.found.streams["bound" if known else "stranger"] += 1

    async def _link(self, streams: int) -> None:
        """An SMSC that says yes to our bind, and then anything."""

        async def mad(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1_000)
            writer.write(YES + self._noise())
            await writer.drain()
            self.found.streams["link"] += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.read(4_096)

        if not streams:
            return
        goal = self.found.streams["link"] + streams
        async with peer(mad) as port:
            quick = ReconnectSettings(first_seconds=0.01, most_seconds=0.02, apart_seconds=0.01, already_bound_seconds=0.05)
            settings = replace(TIGA, name="empat", hosts=(f"127.0.0.1:{port}",), account=None, binds=binds(count=8), reconnect=quick)
            running = asyncio.ensure_future(Operator(settings, self.inbox, world(settings)).run())
            try:
                await until(lambda: self.found.streams["link"] >= goal, 900)
            finally:
                await _ended(running)

    async def _honest(self, honest: Aggregator, waits: list[float]) -> None:
        number = 0
        while True:
            number += 1
            sms = Outgoing(Address(1, 1, f"62811{number % 1000:07d}"), Address(0, 1, "1708"), b"AGAM jalan rusak nomor %d" % number)
            began = time.monotonic()
            outcome = await honest.wire.submit(sms)
            waits.append(time.monotonic() - began)
            self.found.refused += getattr(outcome, "status", -1) != 0
            await asyncio.sleep(HONEST_EVERY_SECONDS)


async def _ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def run(streams: int, *, seed: int = SEED, planted: bool = False) -> Found:
    """So many hostile streams."""
    errors, root = Errors(), logging.getLogger()
    root.addHandler(errors)
    try:
        with quiet({"adapters": logging.ERROR}):
            found = asyncio.run(Fuzz(seed, planted=planted).run(streams))
    finally:
        root.removeHandler(errors)
    found.exceptions = errors.count
    return found


def main() -> bool:
    """100,000 streams; prints the figures."""
    began = time.monotonic()
    found = run(STREAMS)
    record(
        "fuzz_live",
        seed=SEED,
        streams=found.streams.total(),
        **found.streams,
        megabytes=found.octets / 1e6,
        kept=found.kept,
        exceptions=found.exceptions,
        growth_mb=found.growth_octets / 2**20,
        honest=len(found.honest),
        honest_refused=found.refused,
        alone_p99_ms=percentile(found.alone, 0.99) * 1000,
        honest_p99_ms=percentile(found.honest, 0.99) * 1000,
        seconds=time.monotonic() - began,
    )
    return found.good and found.streams.total() >= STREAMS


if __name__ == "__main__":
    sys.exit(not main())
