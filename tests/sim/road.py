"""The network between the gateway and one peer: latency, connections that break, and clogs behind which everything waits in order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from adapters.smpp.dial import Endpoint
from tests.sim.world import World


class Owner(Protocol):
    """The process at one end of a connection: what a dead one writes nobody gets."""

    alive: bool


class Road:
    """One peer's way. `clogged`: nothing passes, nothing is lost; `down`: nobody listens at the other end."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.clogged = False
        self.down = False
        self.random = world.random(f"road {name}")
        self._waiting: list[tuple[Lane, Callable[..., object], tuple[Any, ...]]] = []
        self._open = asyncio.Event()
        self._open.set()

    def carry(self, lane: Lane, call: Callable[..., object], *args: Any) -> None:
        """Have something arrive, after all that went before on its lane."""
        if self.clogged:
            self._waiting.append((lane, call, args))
            return
        lane.last = max(lane.last + 1e-6, self.world.now() + self.random.uniform(0.001, 0.02))
        self.world.loop.call_at(lane.last, call, *args)

    def clog(self) -> None:
        """Nothing passes from now on."""
        self.clogged = True
        self._open.clear()
        self.world.note(self.name, "clogged")

    def unclog(self) -> None:
        """What waits passes."""
        if not self.clogged:
            return
        self.clogged = False
        self._open.set()
        waiting, self._waiting = self._waiting, []
        self.world.note(self.name, f"unclogged, {len(waiting)} passed on")
        for lane, call, args in waiting:
            self.carry(lane, call, *args)

    async def passable(self) -> None:
        """Wait out a clog, as a connect does."""
        await self._open.wait()


class Lane:
    """One direction of one connection: first in, first out."""

    def __init__(self) -> None:
        self.last = 0.0


class End(asyncio.Transport):
    """One end of a connection, as asyncio's protocols know it."""

    def __init__(self, road: Road, protocol: asyncio.Protocol, owner: Owner) -> None:
        super().__init__()
        self.road = road
        self.protocol = protocol
        self.owner = owner
        self.peer: End | None = None
        self.wrote: Callable[[bytes], None] | None = None  # hears of every write before it leaves
        self._lane = Lane()
        self._closing = False
        self._gone = False
        self._paused = False
        self._unread: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or not self.owner.alive or self.peer is None:
            return
        octets = bytes(data)
        if self.wrote is not None:
            self.wrote(octets)
            if not self.owner.alive:
                return
        self.road.carry(self._lane, self.peer.arrive, octets)

    def arrive(self, octets: bytes) -> None:
        """Bytes of the other end."""
        if self._gone or self._closing or not self.owner.alive:
            return
        if self._paused:
            self._unread.append(octets)
        else:
            self.protocol.data_received(octets)

    def close(self) -> None:
        """Take leave: the other end hears it behind our last bytes."""
        if self._closing:
            return
        self._closing = True
        if self.peer is not None and self.owner.alive:
            self.road.carry(self._lane, self.peer.lose)
        self.road.world.loop.call_soon(self.lose)

    def abort(self) -> None:
        self.close()

    def lose(self) -> None:
        """This end is gone, and knows it."""
        if self._gone:
            return
        self._gone = self._closing = True
        if self.owner.alive:
            self.protocol.connection_lost(None)

    def cut(self) -> None:
        """The process at this end died, or the network did: nothing of it is said here, the other end finds out."""
        self._gone = self._closing = True
        if self.peer is not None:
            self.road.carry(self._lane, self.peer.lose)

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        unread, self._unread = self._unread, []
        for octets in unread:
            self.arrive(octets)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is buffered here."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (f"{self.road.name}.example", 2775) if name == "peername" else default


def join(road: Road, near: asyncio.Protocol, owner: Owner, far: asyncio.Protocol, host: Owner) -> tuple[End, End]:
    """A connection between two protocols, both told of it."""
    ends = End(road, near, owner), End(road, far, host)
    ends[0].peer, ends[1].peer = ends[1], ends[0]
    far.connection_made(ends[1])
    near.connection_made(ends[0])
    return ends


class Answerer(Protocol):
    """A peer that can be dialled."""

    road: Road

    def answer(self, near: asyncio.Protocol, owner: Owner) -> End:
        """A connection of the gateway's; the near end of it."""


class Dialler:
    """adapters.smpp.dial.Dialler without a network."""

    def __init__(self, peer: Answerer, owner: Owner, connected: Callable[[End], None]) -> None:
        self._peer = peer
        self._owner = owner
        self._connected = connected

    async def resolve(self, host: str) -> Sequence[Endpoint]:
        return [Endpoint(host, host, 2775, socket.AF_INET)]

    async def connect(self, endpoint: Endpoint, protocol: Callable[[], asyncio.Protocol]) -> None:
        road = self._peer.road
        await road.passable()
        await asyncio.sleep(road.random.uniform(0.002, 0.04))
        if road.down:
            raise ConnectionRefusedError(endpoint.host)
        self._connected(self._peer.answer(protocol(), self._owner))
