"""Five hundred HTTP clients that drip, keep silent or never read, and an honest partner beside them (RELIABILITY §4 E3).

A whole gateway runs, with its webhook. Each slow client comes back as soon as it is thrown out; how long each was borne is measured, and
how long the honest ones waited.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import aiohttp

from adapters.webhook.simulator import SimulatedPartner
from forwarder.core.simulator import CoreSimulator
from gateway import http
from tests.faults.figures import percentile
from tests.faults.length import pick
from tests.faults.record import record
from tests.gateway.road import GATEWAY, SECRETS
from tests.webhook.peers import KEY, MESSAGE
from tests.webhook.test_road import running as beside

BUDGET_SECONDS = 100
SEED = 20261128
CLIENTS = 500
SECONDS = pick(30.0, 80.0)
BORNE_SECONDS_MAX = 15.0
HONEST_SECONDS_MAX = 0.5
BACK_SECONDS_MAX = 2.0
ALONE_SHARE = 0.2  # of the time the honest ones are alone first: what this machine can do
HONEST_EVERY_SECONDS = 0.1
START_SECONDS_MAX = 60.0
PARTNER = '[[webhook.partner]]\nname = "agam"\ntitle = "Aplikasi Agam"\nrate_per_minute = 6000\n'


Running = Callable[[Path], contextlib.AbstractAsyncContextManager[str]]


def _drips(head: bytes, piece: bytes) -> Callable[[Random], AsyncIterator[bytes]]:
    async def drip(random: Random) -> AsyncIterator[bytes]:
        yield head
        while True:
            await asyncio.sleep(random.uniform(0.2, 2.0))
            yield piece

    return drip


POST = b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SLOW: dict[str, Callable[[Random], AsyncIterator[bytes]]] = {
    "header": _drips(b"GET /readyz HTTP/1.1\r\n", b"X-A: b\r\n"),
    "body": _drips(POST + b"Content-Length: 20000\r\n\r\n", b"{"),
    "chunked": _drips(POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
    "never reads": _drips(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b""),
    "silent": _drips(b"", b""),
}


@dataclass(slots=True)
class Found:
    """What the slow clients got, and the honest ones."""

    borne: list[float] = field(default_factory=list)
    """Seconds that each slow connection was open."""
    kinds: Counter[str] = field(default_factory=Counter)
    alone: list[float] = field(default_factory=list)
    """Seconds of each honest request before the slow ones came."""
    honest: list[float] = field(default_factory=list)
    failed: int = 0
    taken: int = 0

    @property
    def good(self) -> bool:
        timely = max(self.borne, default=0.0) <= BORNE_SECONDS_MAX and percentile(self.honest, 0.99) <= HONEST_SECONDS_MAX
        return timely and not self.failed and bool(self.borne) and bool(self.honest)


async def _slow(port: int, kind: str, random: Random, found: Found, end: float) -> None:
    """One slow client; it comes back when it is thrown out."""
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        with contextlib.suppress(ConnectionError):
            async for octets in SLOW[kind](random):
                if writer.is_closing() or time.monotonic() > end:
                    break
                if not octets and (reader.at_eof() or _gone(writer)):
                    break
                writer.write(octets)
                await writer.drain()
        if time.monotonic() < end:
            found.borne.append(time.monotonic() - began)
            found.kinds[kind] += 1
        writer.transport.abort()
        await asyncio.sleep(random.uniform(0.0, BACK_SECONDS_MAX))


def _gone(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end has hung up: a client that never reads does not hear of it otherwise."""
    found = writer.get_extra_info("socket")
    try:
        return found is None or found.getsockopt(6, 11, 104)[0] != 1  # TCP_INFO: 1 is ESTABLISHED
    except OSError:
        return True


async def _honest(partner: SimulatedPartner, address: str, found: Found, waits: list[float], end: float) -> None:
    """Hands in a message and looks at the health page, again and again."""
    async with aiohttp.ClientSession() as session:
        for number in count():
            if time.monotonic() > end:
                return
            at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            message = {
                **MESSAGE,
                "id": f"{id(waits)}-{number}",
                "text": f"AGAM lampu jalan mati nomor {number} {id(waits)}",
                "author": {"id": f"u-{number}"},
                "at": at,
            }
            for ask in (lambda: partner.hand_in(address, message), lambda: _healthy(session, address)):  # noqa: B023 - asked at once
                began = time.monotonic()
                try:
                    found.failed += (await ask()).status not in (200, 202)
                except (aiohttp.ClientError, TimeoutError):
                    found.failed += 1
                waits.append(time.monotonic() - began)
            await asyncio.sleep(HONEST_EVERY_SECONDS)


async def _healthy(session: aiohttp.ClientSession, address: str) -> aiohttp.ClientResponse:
    async with session.get(f"{address}/healthz") as answer:
        return answer


@contextlib.asynccontextmanager
async def alone(folder: Path) -> AsyncIterator[str]:
    """The gateway in a process of its own, so that its clients do not share its loop; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = folder / "gateway.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("port = 0", f"port = {port}"), encoding="utf-8")
    environment = {**SECRETS, "LAPOR_WEBHOOK_PARTNER_AGAM_KEY": KEY}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway.cli", "run", "--config", str(file), env=environment)
    try:
        async with asyncio.timeout(START_SECONDS_MAX), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    if (await _healthy(session, f"http://127.0.0.1:{port}")).status == 200:
                        break
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        async with asyncio.timeout(START_SECONDS_MAX):
            await process.wait()


async def run(folder: Path, *, seed: int, clients: int, seconds: float, running: Running = beside) -> Found:
    """So many slow clients for so long."""
    found, core, nonces = Found(), CoreSimulator(), count()
    toml = GATEWAY.format(core=await core.start(), wait=0.0) + PARTNER
    (folder / "gateway.toml").write_text(toml, encoding="utf-8")
    (folder / "operators.toml").write_text("", encoding="utf-8")
    partner = SimulatedPartner("agam", KEY, now_ms=lambda: time.time_ns() // 1_000_000, nonce=lambda: f"nonce-{next(nonces):012d}")
    kinds = tuple(SLOW)
    async with running(folder) as address:
        port, end = int(address.rpartition(":")[2]), time.monotonic() + seconds * ALONE_SHARE
        await _honest(partner, address, found, found.alone, end)
        end = time.monotonic() + seconds
        slow = [_slow(port, kinds[number % len(kinds)], Random(seed + number), found, end) for number in range(clients)]
        await asyncio.gather(*slow, _honest(partner, address, found, found.honest, end))
        found.taken = len(partner.truth.numbers)
    await core.stop()
    return found


def unguarded() -> Callable[[], None]:
    """Planted: no deadline of ours; gives back what undoes it."""
    kept = http.Guard.phase
    http.Guard.phase = lambda *_: None  # type: ignore[assignment,method-assign]

    def undo() -> None:
        http.Guard.phase = kept  # type: ignore[method-assign]

    return undo


def main() -> bool:
    """500 slow clients; prints the figures."""
    with tempfile.TemporaryDirectory(prefix="lapor-slow-") as folder:
        found = asyncio.run(run(Path(folder), seed=SEED, clients=CLIENTS, seconds=SECONDS, running=alone))
    record(
        "slow_clients",
        seed=SEED,
        clients=CLIENTS,
        seconds=SECONDS,
        thrown_out=len(found.borne),
        kinds=len(found.kinds),
        borne_seconds_max=max(found.borne, default=0.0),
        honest=len(found.honest),
        honest_failed=found.failed,
        honest_taken=found.taken,
        honest_alone_p99_ms=percentile(found.alone, 0.99) * 1000,
        honest_p50_ms=percentile(found.honest, 0.5) * 1000,
        honest_p99_ms=percentile(found.honest, 0.99) * 1000,
    )
    return found.good and set(found.kinds) == set(SLOW)


if __name__ == "__main__":
    sys.exit(not main())
