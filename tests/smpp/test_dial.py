"""Which addresses an operator's hosts lead to, and what a failed connect is called."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from adapters.smpp.dial import TcpDialler, plain_cause
from adapters.smpp.operator import Operator
from tests.smpp.peers import KeepingInbox, operator_settings, play, running, simulator, until, world


@pytest.mark.parametrize(
    ("host", "changes", "families"),
    [
        ("127.0.0.1:2775", {}, {socket.AF_INET}),
        ("[::1]:2775", {}, {socket.AF_INET6}),
        ("localhost:2775", {"ipv6": False}, {socket.AF_INET}),
        ("127.0.0.1:2775", {"local_address": "127.0.0.1"}, {socket.AF_INET}),
        ("[::1]:2775", {"local_address": "::1"}, {socket.AF_INET6}),
    ],
)
def test_names_lead_to_addresses_of_the_right_kind(host: str, changes: dict[str, object], families: set[socket.AddressFamily]) -> None:
    async def story() -> None:
        endpoints = await TcpDialler(operator_settings(host, **changes)).resolve(host)
        assert {endpoint.family for endpoint in endpoints} == families

    play(story())


@pytest.mark.parametrize("host", ["[::1]:2775", "x" * 70 + ".example:2775", "a..b:2775", "\udc00:2775"])
def test_what_is_no_address_for_us_is_an_ordinary_failure(host: str) -> None:
    async def story() -> None:
        with pytest.raises(OSError, match=r".+"):
            await TcpDialler(operator_settings(host, ipv6=False)).resolve(host)

    play(story())


def test_we_connect_from_the_address_the_operator_expects() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            settings = operator_settings(smsc.address, local_address="127.0.0.5")
            async with running(Operator(settings, KeepingInbox(), world(settings))):
                await smsc.expect_binds(1)
                assert smsc.bound[0].wire.peer == "127.0.0.5"

    play(story())


def test_a_peer_that_hangs_up_at_once_is_tried_again() -> None:
    async def story() -> None:
        hung_up = 0

        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal hung_up
            hung_up += 1
            writer.transport.abort()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        settings = operator_settings(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with running(Operator(settings, KeepingInbox(), world(settings))):
            await until(lambda: hung_up >= 5)
        server.close()

    play(story())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "firewall"),
        (ConnectionRefusedError(), "nothing listens"),
        (ConnectionResetError(), "reset"),
        (socket.gaierror(-2, "Name or service not known"), "does not resolve"),
        (ssl.SSLError(1, "wrong version"), "TLS failed"),
        (OSError(113, "No route to host"), "No route to host"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_a_failed_connect_has_a_plain_cause(error: BaseException, words: str) -> None:
    assert words in plain_cause(error)
