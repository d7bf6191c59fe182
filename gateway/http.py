"""The one HTTP server: /healthz, /readyz and /metrics on loopback, and whatever routes the wiring adds.

aiohttp has no deadline for a client that sends a byte a minute (RELIABILITY §3 measured 150 s and more), so a guard stands between the
socket and it: a request's head must be whole `head_seconds` after the connection was ready for it, and its answer must be on the way
`answer_seconds` later. Whoever is slower is cut off; honest clients do not notice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from gateway.health import Health
from gateway.house_settings import HttpSettings
from gateway.metrics import Metrics

log = logging.getLogger(__name__)

CONTENT_TYPE_METRICS = "text/plain; version=0.0.4; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
BACKLOG = 1_024  # Ours: when so many connect at once nobody waits a second for TCP to ask again; the kernel has its own limit above it.
STOP_SECONDS = 5.0  # Ours: what is being answered at the end may finish for so long.


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take. Ours: 5 + 9 s stay below the 15 s after which no connection may hang."""

    head_seconds: float = 5.0
    answer_seconds: float = 9.0
    connections_max: int = 256
    body_octets_max: int = 262_144


class Guard(asyncio.Protocol):
    """Passes bytes on to aiohttp's protocol and aborts the connection when a phase of it lasts too long."""

    def __init__(self, inner: asyncio.Protocol, server: HttpServer) -> None:
        self._inner = inner
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.asked = False
        """Whether a whole head has come and its answer is not made."""

    def phase(self, name: str, seconds: float) -> None:
        """A phase begins, and with it the time it may last; who begins one is the last to make room for others."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.cut_off, name)
        self.asked = name == "answer"
        if self._transport in self._server.guards:
            self._server.guards[self._transport] = self._server.guards.pop(self._transport)

    def cut_off(self, phase: str) -> None:
        """End the connection, for this reason."""
        if self._transport is not None:
            self._server.closed[phase] += 1
            self._server.guards.pop(self._transport, None)
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in; if there are too many, the one who let us wait longest for a whole head goes."""
        self._transport = cast("asyncio.Transport", transport)  # a server's connections have no other kind
        self._inner.connection_made(transport)
        self._server.guards[self._transport] = self
        self.phase("head", self._server.limits.head_seconds)
        if len(self._server.guards) > self._server.limits.connections_max:
            next((one for one in self._server.guards.values() if not one.asked), self).cut_off("too many")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._server.guards.pop(self._transport, None)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes do not buy time: only a whole head does."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """As aiohttp says."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """As aiohttp says; a client that does not read runs into the phase's end."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """As aiohttp says."""
        self._inner.resume_writing()


class HttpServer:
    """Serves until it is stopped."""

    def __init__(
        self,
        settings: HttpSettings,
        health: Health,
        metrics: Metrics,
        *,
        routes: Iterable[web.AbstractRouteDef] = (),
        limits: Limits = Limits(),
    ) -> None:
        self.limits = limits
        self.guards: dict[asyncio.Transport, Guard] = {}
        self.closed: Counter[str] = Counter()
        self._settings = settings
        self._health = health
        self._metrics = metrics
        self._server: asyncio.Server | None = None
        application = web.Application(client_max_size=limits.body_octets_max, middlewares=[self._timed])
        application.add_routes(
            [web.get("/healthz", self._alive), web.get("/readyz", self._ready), web.get("/metrics", self._numbers), *routes]
        )
        patience = limits.head_seconds + limits.answer_seconds + 60.0  # aiohttp's own limit must not be quicker than the guard, who counts
        self._runner = web.AppRunner(application, access_log=None, keepalive_timeout=patience)
        metrics.read("lapor_http_closed_total", lambda: {(phase,): count for phase, count in self.closed.items()})

    async def start(self) -> int:
        """Listen, and return the port; OSError when it is taken or not ours."""
        await self._runner.setup()
        make = cast("web.Server", self._runner.server)  # setup() made it
        loop, settings = asyncio.get_running_loop(), self._settings
        self._server = await loop.create_server(lambda: Guard(make(), self), settings.host, settings.port, backlog=BACKLOG)
        port = int(self._server.sockets[0].getsockname()[1])
        log.info("http listens", extra={"host": self._settings.host, "port": port})
        return port

    async def stop(self) -> None:
        """Stop listening, let what is being answered finish for a while, then cut the rest off."""
        if self._server is not None:
            self._server.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._runner.cleanup()
        except TimeoutError:
            log.warning("http connections were cut off", extra={"connections": len(self.guards)})
        for transport in list(self.guards):
            transport.abort()

    @web.middleware
    async def _timed(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """A whole head has come: the answer's time runs; when the answer is made, the time to read it and to ask again."""
        guard = self.guards.get(cast("asyncio.Transport", request.transport))
        if guard is not None:
            guard.phase("answer", self.limits.answer_seconds)
        try:
            return await handler(request)
        finally:
            if guard is not None:
                guard.phase("head", self.limits.head_seconds)

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n", headers=NO_STORE)

    async def _ready(self, _: web.Request) -> web.Response:
        report = self._health.report()
        return web.json_response(report.document(), status=200 if report.ready else 503, headers=NO_STORE)

    async def _numbers(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={**NO_STORE, "Content-Type": CONTENT_TYPE_METRICS})
