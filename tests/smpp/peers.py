"""What the SMPP tests share: a front desk that keeps what it gets, a gateway's side set up against a simulator, and bounded waiting."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from adapters.channel import Answer, DeliveryReport, Inbound, Refusal
from adapters.smpp.bearer import LinkState
from adapters.smpp.dial import TcpDialler
from adapters.smpp.events import Bound, Event, SegmentArrived
from adapters.smpp.link import Surroundings
from adapters.smpp.operator import Operator
from adapters.smpp.pdu import BindRequest
from adapters.smpp.profile import BindMode, BindSettings, OperatorSettings, ReconnectSettings, Timers
from adapters.smpp.reception import Clocks
from adapters.smpp.session import Session
from adapters.smpp.simulator import Simulator, SimulatorSettings
from adapters.smpp.state import Role
from adapters.smpp.wire import Wire
from parsers.model import Segment, Unreadable

SEED = 1708
PASSWORD = "rahasia1"
CLOCKS = Clocks(wall=lambda: time.time_ns() // 1_000_000, monotonic=time.monotonic)
QUICK = ReconnectSettings(
    first_seconds=0.05, most_seconds=0.2, apart_seconds=0.02, already_bound_seconds=0.2, connect_seconds=2, unbind_seconds=2
)
SHORT = Timers(session_init_seconds=0.4, enquire_link_seconds=0.3, response_seconds=0.4, partial_pdu_seconds=0.4)


@dataclass(slots=True)
class KeepingInbox:
    """A front desk that keeps everything, unless told otherwise."""

    batches: list[list[Inbound]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    began: list[tuple[str, str]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    answer: Answer = Answer.KEPT
    error: Exception | None = None
    gate: asyncio.Event | None = None
    at_desk: int = 0
    at_desk_most: int = 0

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        self.at_desk += len(batch)
        self.at_desk_most = max(self.at_desk_most, self.at_desk)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.error is not None:
                raise self.error
            if self.answer is Answer.KEPT:
                self.batches.append(list(batch))
            return [self.answer] * len(batch)
        finally:
            self.at_desk -= len(batch)

    async def session_began(self, operator: str, bind: str) -> int:
        self.began.append((operator, bind))
        return len(self.began)

    async def session_ended(self, session: int) -> None:
        self.ended.append(session)

    def refused(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)

    def answered_late(self, session: int, received_ms: Sequence[int]) -> None:
        self.late.extend([session] * len(received_ms))

    @property
    def kept(self) -> list[Inbound]:
        return [item for batch in self.batches for item in batch]

    @property
    def segments(self) -> list[Segment]:
        return [item for item in self.kept if isinstance(item, Segment)]

    @property
    def unreadable(self) -> list[Unreadable]:
        return [item for item in self.kept if isinstance(item, Unreadable)]

    @property
    def reports(self) -> list[DeliveryReport]:
        return [item for item in self.kept if isinstance(item, DeliveryReport)]


def operator_settings(*hosts: str, **changes: Any) -> OperatorSettings:
    plain = OperatorSettings(name="satu", hosts=hosts, system_id="lapor", password=PASSWORD, reconnect=QUICK)
    return replace(plain, **changes)


def world(settings: OperatorSettings, clocks: Clocks = CLOCKS) -> Surroundings:
    return Surroundings(TcpDialler(settings), clocks, Random(SEED))


def binds(mode: BindMode = BindMode.TRANSCEIVER, count: int = 1, name: str = "trx") -> tuple[BindSettings, ...]:
    return (BindSettings(name, mode, count),)


@dataclass(slots=True)
class Scene:
    """A simulated operator and the gateway's side of him, up and running."""

    smsc: Simulator
    operator: Operator
    inbox: KeepingInbox


class Aggregator:
    """An ESME that binds to us."""

    def __init__(self) -> None:
        session = Session(Role.ESME, timers=Timers(), window=10, unacknowledged_max=100)
        self.wire = Wire(session, monotonic=CLOCKS.monotonic)
        self.wire.minder = self
        self.events: list[Event] = []
        self.over = asyncio.Event()

    def heed(self, events: list[Event]) -> None:
        self.events += events
        for event in events:
            if isinstance(event, SegmentArrived):
                self.wire.session.acknowledge(event.sequence)

    def closed(self) -> None:
        self.over.set()

    async def bind(self, port: int, system_id: str = "tiga", password: str = PASSWORD, mode: BindMode = BindMode.TRANSCEIVER) -> int:
        """The status that the bind was answered with."""
        await asyncio.get_running_loop().create_connection(lambda: self.wire, "127.0.0.1", port)
        self.wire.bind(BindRequest(mode, system_id, password))
        await until(lambda: bool(self.events))
        return 0 if isinstance(self.events[0], Bound) else getattr(self.events[0], "status", -1)


@contextlib.asynccontextmanager
async def running(operator: Operator) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(operator.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def simulator(**settings: Any) -> AsyncIterator[Simulator]:
    settings.setdefault("retry_seconds", (0.02, 0.05))
    smsc = Simulator(SimulatorSettings(**settings), CLOCKS, Random(SEED))
    await smsc.start()
    try:
        yield smsc
    finally:
        await smsc.stop()


@contextlib.asynccontextmanager
async def scene(*, smsc_settings: dict[str, Any] | None = None, **changes: Any) -> AsyncIterator[Scene]:
    async with simulator(**(smsc_settings or {})) as smsc:
        settings = operator_settings(smsc.address, **changes)
        inbox = KeepingInbox()
        operator = Operator(settings, inbox, world(settings))
        async with running(operator):
            await smsc.expect_binds(len(settings.bind_names()))
            await until(lambda: all(link.state is LinkState.BOUND for link in operator.status()))
            yield Scene(smsc, operator, inbox)


async def until(met: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.005)


def play(story: Coroutine[Any, Any, None], seconds: float = 30.0) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await story

    asyncio.run(bounded())
