"""Complaints to file, and a core to file them with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forwarder.core import dialects
from forwarder.core.addstream import AddStream
from forwarder.core.contract import CoreClient, Supplement
from forwarder.core.settings import CoreSettings, GeoReportSettings
from forwarder.core.simulator import LOOK_UP, STREAM, TOKEN, CoreSimulator, Fault, settings_for
from forwarder.core.transport import Transport
from parsers.complaint import Disclosure
from parsers.model import Address, Candidate, Certainty, Complaint, Decision, Hints, Message, Reporter, ReporterKind

if TYPE_CHECKING:
    import ssl

TEXT = "AGAM lampu jalan mati di Lubuk Basung sejak Senin"


def complaint(
    number: str = "G7K2QP",
    text: str = TEXT,
    *,
    sender: str = "+6281234567890",
    kind: ReporterKind = ReporterKind.MSISDN,
    anonim: bool = True,
    rahasia: bool = False,
    hints: Hints | None = None,
    marks: tuple[str, ...] = (),
    candidates: tuple[Candidate, ...] = (),
) -> Complaint:
    reporter = Reporter(kind, sender, Address(1, 1, sender.lstrip("+")))
    message = Message(1, "SMS 1708", "telkomsel", "trx1", reporter, "1708", 1_795_335_330_123, None, text, "gsm7", 0)
    decision = Decision(
        Certainty.EXPLICIT, "13.06", "pemkab-agam", None, "AGAM", "routes.csv:2", "v1", (5, len(text)), "keyword", candidates
    )
    return Complaint(number, message, decision, hints or Hints(), "Kab. Agam", anonim, rahasia, marks)


def supplement(
    key: str = "G7K2QP-2", text: str = "sampai hari ini masih mati", *, tracking_id: str = "7841120", **first: Any
) -> Supplement:
    """An addition to `complaint(**first)`."""
    return Supplement(key, tracking_id, complaint(key.partition("-")[0], **first), text, 1_795_400_000_789)


NOTHING_MORE = Disclosure()


@asynccontextmanager
async def core(
    choose: Callable[[], Fault] | None = None,
    *,
    connections_max: int = 8,
    hang_seconds: float = 30.0,
    policy: Disclosure = NOTHING_MORE,
    **settings: object,
) -> AsyncIterator[tuple[AddStream, CoreSimulator]]:
    """A simulated core on a free port and a client for it; both are closed at the end."""
    simulator = CoreSimulator(choose, hang_seconds=hang_seconds)
    base = await simulator.start()
    chosen = {"connect_seconds": 2.0, "answer_seconds": 10.0, "lookup_url": f"{base}{LOOK_UP}?nomor={{number}}"} | settings
    client = client_of(CoreSettings(url=f"{base}{STREAM}", token=TOKEN, **chosen), connections_max=connections_max, policy=policy)  # type: ignore[arg-type]
    try:
        yield client, simulator
    finally:
        await client.close()
        await simulator.stop()


SHIPPED = Path(__file__).parents[2] / "config"


def reaching(dialect: str, base: str, **more: Any) -> CoreSettings:
    """Settings for a simulated core at `base`; `georeport` may hold some of that table's."""
    said = settings_for(dialect, base)
    own = {**said.pop("georeport", {}), **more.pop("georeport", {})}  # type: ignore[dict-item]
    mapping = {"mapping": dialects.EXAMPLE} if dialect == "mapped" else {}
    chosen: dict[str, Any] = {
        "token": TOKEN,
        "connect_seconds": 2.0,
        "answer_seconds": 10.0,
        "callback_key": "k" * 32,
        **mapping,
        **said,
        **more,
    }
    return CoreSettings(georeport=GeoReportSettings(**own), **chosen)


@asynccontextmanager
async def spoken(
    dialect: str,
    choose: Callable[[], Fault] | None = None,
    *,
    hang_seconds: float = 30.0,
    policy: Disclosure = NOTHING_MORE,
    **settings: Any,
) -> AsyncIterator[tuple[CoreClient, CoreSimulator]]:
    """A simulated core of any dialect and a client for it."""
    simulator = CoreSimulator(choose, dialect=dialect, hang_seconds=hang_seconds)
    client = dialects.client_of(reaching(dialect, await simulator.start(), **settings), policy, SHIPPED, connections_max=8)
    try:
        yield client, simulator
    finally:
        await client.close()
        await simulator.stop()


def client_of(settings: CoreSettings, *, connections_max: int = 8, policy: Disclosure = NOTHING_MORE) -> AddStream:
    return AddStream(settings, Transport(settings, connections_max=connections_max), policy)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A raw server on a free port: yields the port, and at the end leaves no connection behind."""
    writers: list[asyncio.StreamWriter] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)  # the transports close in the loop's next turns
