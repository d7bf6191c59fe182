"""Health, readiness and metrics are served on loopback, and a slow client holds nothing open."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Coroutine

import aiohttp
import pytest
import uvloop
from aiohttp import web

from gateway.health import Health
from gateway.house_settings import HttpSettings
from gateway.http import HttpServer, Limits
from gateway.metrics import Metrics

SHIPPED = Limits()
SHORT = Limits(head_seconds=0.2, answer_seconds=0.3, connections_max=8, body_octets_max=1024)
FOREVER_SECONDS = 30.0  # far above every limit here: a connection still open then was never cut off


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def megabytes(_: web.Request) -> web.Response:
    return web.Response(body=bytes(64_000_000))


ROUTES = [web.post("/echo", echo), web.get("/megabytes", megabytes)]


class Served:
    """A server of its own, on a free port."""

    def __init__(self, limits: Limits = SHIPPED) -> None:
        self.health = Health()
        self.metrics = Metrics()
        self.http = HttpServer(HttpSettings(port=0), self.health, self.metrics, routes=ROUTES, limits=limits)
        self.port = 0

    async def __aenter__(self) -> Served:
        self.port = await self.http.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.stop()

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.status, await answer.text()


def run(story: Callable[[], Coroutine[None, None, None]]) -> None:
    for loop in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(story())


def test_alive_before_everything_is_built_ready_only_after() -> None:
    async def story() -> None:
        async with Served() as served:
            assert await served.get("/healthz") == (200, "ok\n")
            status, text = await served.get("/readyz")
            assert (status, json.loads(text)["checks"]) == (503, {"started": "the gateway is starting"})
            served.health.add("journal", lambda: None)
            served.health.started()
            status, text = await served.get("/readyz")
            assert (status, json.loads(text)) == (200, {"ready": True, "checks": {"journal": "ok"}})

    run(story)


def test_one_failing_check_makes_it_unready_and_says_why() -> None:
    def broken() -> str | None:
        raise OSError("secret path")

    async def story() -> None:
        async with Served() as served:
            served.health.started()
            served.health.add("journal", lambda: "the disk is full")
            served.health.add("core", broken)
            status, text = await served.get("/readyz")
            assert status == 503
            assert json.loads(text)["checks"] == {"journal": "the disk is full", "core": "the check itself failed; the log says how"}
            assert "secret" not in text

    run(story)


def test_metrics_are_read_when_somebody_looks() -> None:
    async def story() -> None:
        counts = {("stored",): 2}
        async with Served() as served:
            served.metrics.read("lapor_arrivals_total", lambda: counts)
            counts["stored",] = 7
            status, text = await served.get("/metrics")
        assert status == 200
        assert 'lapor_arrivals_total{kind="stored"} 7.0' in text

    run(story)


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(FOREVER_SECONDS)


async def drip_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def never_read(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /megabytes HTTP/1.1\r\nHost: x\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.sleep(FOREVER_SECONDS)


async def drip_after_an_answer(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await drip_head(writer)


Client = Callable[[asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize("client", [silence, drip_head, drip_body, never_read, drip_after_an_answer])
def test_a_slow_client_is_cut_off_and_an_honest_one_beside_it_is_served(client: Client) -> None:
    async def story() -> None:
        async with Served(SHORT) as served:
            _, writer = await asyncio.open_connection("127.0.0.1", served.port)
            slow = asyncio.ensure_future(client(writer))
            assert (await served.get("/healthz"))[0] == 200
            async with asyncio.timeout(FOREVER_SECONDS):
                while not (served.http.closed["head"] or served.http.closed["answer"]):
                    await asyncio.sleep(0.01)
                while served.http.guards:
                    await asyncio.sleep(0.01)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            writer.transport.abort()
            assert "lapor_http_closed_total{phase=" in (await served.get("/metrics"))[1]

    run(story)


def test_the_shipped_limits_close_any_connection_within_fifteen_seconds() -> None:
    assert SHIPPED.head_seconds + SHIPPED.answer_seconds <= 15


def test_too_many_connections_are_turned_away_and_the_door_opens_again() -> None:
    async def story() -> None:
        async with Served(SHORT) as served:
            writers = [(await asyncio.open_connection("127.0.0.1", served.port))[1] for _ in range(SHORT.connections_max * 3)]
            async with asyncio.timeout(FOREVER_SECONDS):
                while served.http.closed["too many"] < SHORT.connections_max:
                    await asyncio.sleep(0.01)
                for writer in writers:
                    writer.transport.abort()
                while served.http.guards:
                    await asyncio.sleep(0.01)
            assert (await served.get("/healthz"))[0] == 200

    run(story)


def test_those_who_ask_are_served_while_more_than_fit_keep_silent() -> None:
    """Who has waited longest for its own head to be whole makes room, not who comes last."""

    async def story() -> None:
        async with Served(dataclasses.replace(SHORT, head_seconds=20.0)) as served:
            writers = [(await asyncio.open_connection("127.0.0.1", served.port))[1] for _ in range(SHORT.connections_max * 2)]
            for _ in range(5):
                assert (await served.get("/healthz"))[0] == 200
            assert served.http.closed["too many"] >= SHORT.connections_max
            for writer in writers:
                writer.transport.abort()

    run(story)


GARBAGE = {
    "nul octets": b"\x00" * 64 + b"\r\n\r\n",
    "a version that is none": b"GET / HTTP/9.9\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01",
    "a very long path": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    "empty lines": b"\r\n" * 5_000,
}


@pytest.mark.parametrize("octets", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_refused_and_the_next_client_is_served(octets: bytes) -> None:
    async def story() -> None:
        async with Served(SHORT) as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(octets)
            async with asyncio.timeout(FOREVER_SECONDS):
                try:
                    answer = await reader.read(1024)
                except ConnectionError:
                    answer = b""
            assert not answer or b" 40" in answer.split(b"\r\n")[0]
            writer.close()
            assert (await served.get("/healthz"))[0] == 200

    run(story)


def test_a_body_over_the_limit_is_refused() -> None:
    async def story() -> None:
        async with Served() as served, aiohttp.ClientSession(f"http://127.0.0.1:{served.port}") as client:
            answer = await client.post("/echo", data=b"x" * 300_000)
            assert answer.status == 413

    run(story)
