"""A TCP proxy that spoils what passes through it, by a seed: between any two peers, in either direction, at a known octet.

Toxiproxy's ideas, for one event loop. Each connection draws one trouble; up to `after` octets everything passes untouched.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import Random

READ_OCTETS = 65_536
LINGER_NOT = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close() sends RST (tcp(7))


class Kind(enum.StrEnum):
    """What may happen to the octets of one direction."""

    NONE = "none"
    DELAY = "delay"  # each read waits `seconds`
    DRIP = "drip"  # `octets` at a time, `seconds` apart
    CUT = "cut"  # both directions end, in order
    RESET = "reset"  # both end at once, with RST
    HALF_CLOSE = "half close"  # this direction ends, the other goes on
    BLACK_HOLE = "black hole"  # nothing passes any more, in neither direction, and nobody hangs up
    REPEAT = "repeat"  # the next `octets` pass twice
    CORRUPT = "corrupt"  # one octet is another one


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of one connection: which, in which direction (`up` is towards the server), and from which octet on."""

    kind: Kind = Kind.NONE
    after: int = 0
    up: bool = False
    seconds: float = 0.01
    octets: int = 1


def drawn(random: Random, kinds: tuple[Kind, ...] = tuple(Kind), *, after_max: int = 2_000) -> Callable[[], Trouble]:
    """Any of these kinds, anywhere, in either direction."""
    return lambda: Trouble(
        random.choice(kinds), random.randrange(after_max), random.random() < 0.5, random.uniform(0.001, 0.02), random.randint(1, 64)
    )


@dataclass(eq=False)
class _Joint:
    """The two sockets of one connection."""

    trouble: Trouble
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    dark: bool = False

    def end(self, *, rudely: bool) -> None:
        for writer in self.writers:
            if rudely and (found := writer.get_extra_info("socket")) is not None and found.family == socket.AF_INET:
                with contextlib.suppress(OSError):
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            writer.transport.abort() if rudely else writer.close()


class Wire:
    """Listens on a free port and passes on to `target`; `choose` is asked once for each connection."""

    def __init__(self, target: tuple[str, int], choose: Callable[[], Trouble] = Trouble) -> None:
        self.choose = choose
        self.port = 0
        self.accepted: list[float] = []
        """When each connection came, in seconds of the loop."""
        self.met: Counter[Kind] = Counter()
        """Troubles that really happened: their octet was reached."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._joints: set[_Joint] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, with TLS in front where a context is given; again on the same port after `stop_listening`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop_listening(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def drop(self) -> int:
        """Reset all connections now; how many."""
        joints = list(self._joints)
        for joint in joints:
            joint.end(rudely=True)
        return len(joints)

    async def stop(self) -> None:
        """End everything."""
        await self.stop_listening()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.drop()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted.append(asyncio.get_running_loop().time())
        task, joint = asyncio.current_task(), _Joint(self.choose(), [writer])
        assert task is not None
        self._tasks.add(task)
        self._joints.add(joint)
        try:
            there, back = await asyncio.open_connection(*self._target)
            joint.writers.append(back)
            await asyncio.gather(self._pass(joint, reader, back, up=True), self._pass(joint, there, writer, up=False))
        except (OSError, asyncio.CancelledError):
            joint.end(rudely=True)
        finally:
            joint.end(rudely=False)
            self._joints.discard(joint)
            self._tasks.discard(task)

    async def _pass(self, joint: _Joint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        """Pass one direction on until it ends; its trouble begins at its octet."""
        trouble, passed = joint.trouble, 0
        mine = trouble.up is up and trouble.kind is not Kind.NONE
        while octets := await reader.read(READ_OCTETS):
            if joint.dark:
                continue
            if mine and passed + len(octets) > trouble.after:
                clean = max(0, trouble.after - passed)
                writer.write(octets[:clean])
                if not await self._spoil(joint, octets[clean:], writer):
                    return
                mine = trouble.kind in (Kind.DELAY, Kind.DRIP)
            else:
                writer.write(octets)
            passed += len(octets)
            await writer.drain()
        if not joint.dark and writer.can_write_eof():
            writer.write_eof()

    async def _spoil(self, joint: _Joint, octets: bytes, writer: asyncio.StreamWriter) -> bool:
        """Let the trouble happen to these octets; whether this direction goes on."""
        trouble = joint.trouble
        self.met[trouble.kind] += 1
        match trouble.kind:
            case Kind.DRIP:
                for at in range(0, len(octets), trouble.octets):
                    writer.write(octets[at : at + trouble.octets])
                    await asyncio.sleep(trouble.seconds)
            case Kind.CUT | Kind.RESET:
                joint.end(rudely=trouble.kind is Kind.RESET)
                return False
            case Kind.HALF_CLOSE:
                writer.write_eof()
                return False
            case Kind.BLACK_HOLE:
                joint.dark = True
            case Kind.REPEAT:
                writer.write(octets[: trouble.octets] + octets)
            case Kind.CORRUPT:
                writer.write(bytes([octets[0] ^ 0x55]) + octets[1:])
            case _:
                await asyncio.sleep(trouble.seconds)
                writer.write(octets)
        return True


@contextlib.asynccontextmanager
async def wired(target: tuple[str, int], choose: Callable[[], Trouble] = Trouble, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """A proxy in front of `target`, stopped at the end."""
    wire = Wire(target, choose)
    await wire.start(tls)
    try:
        yield wire
    finally:
        await wire.stop()
