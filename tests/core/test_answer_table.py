"""The answer table over real HTTP: every way a core can answer, or fail to."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ssl
import tracemalloc
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from forwarder.core.contract import (
    CLASSES,
    RETRY_AFTER_S_MAX,
    Filed,
    Meaning,
    NotFiled,
    Outcome,
    Refused,
    Unknown,
    answer_table,
    outcome_of,
    retry_after,
)
from forwarder.core.settings import CoreSettings
from forwarder.core.simulator import MENU, STREAM, TOKEN, CoreSimulator, Fault, scripted
from tests.core.samples import client_of, complaint, core, peer

OK_BODY = b"<lapor><trackingid>7841120</trackingid></lapor>"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(OK_BODY) + OK_BODY


def kind(outcome: object) -> str:
    return "OurFault" if isinstance(outcome, NotFiled) and outcome.ours else type(outcome).__name__


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_of_the_menu_means_what_the_table_says(fault: Fault) -> None:
    async def run() -> tuple[Outcome, CoreSimulator]:
        async with core(scripted([fault]), hang_seconds=2.0, answer_seconds=0.6, connect_seconds=0.3) as (client, simulator):
            outcome = await client.file(complaint(), 1)
            return outcome, simulator

    outcome, simulator = asyncio.run(run())
    assert kind(outcome) == MENU[fault].outcome
    assert len(simulator.stored) == MENU[fault].stores
    assert simulator.calls == {fault: 1}


STATUSES = [
    *((status, "Filed") for status in (200, 201, 202)),
    *((status, "Unknown") for status in (203, 204, 206, 500, 501, 502, 504, 505, 511, 520, 599, 600, 999)),
    *((status, "OurFault") for status in (300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 407, 410, 415, 421, 426)),
    *((status, "Refused") for status in (400, 406, 408, 409, 411, 413, 414, 418, 422, 431, 451, 499)),
    *((status, "NotFiled") for status in (429, 503)),
]


@pytest.mark.parametrize(("status", "expect"), STATUSES)
def test_every_status_means_what_the_table_says(status: int, expect: str) -> None:
    body = b"" if status in (204, 304) else OK_BODY  # RFC 9110 §6.4.1: these have none
    answer = b"HTTP/1.1 %d X\r\nLocation: /elsewhere\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    outcome, requests = asyncio.run(_filed_with(_Answers(answer)))
    assert kind(outcome) == expect
    assert requests == 1


WIRE = [
    ("well", OK, "Filed"),
    ("chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(OK_BODY), OK_BODY), "Filed"),
    ("closed at the end", b"HTTP/1.0 200 OK\r\n\r\n" + OK_BODY, "Filed"),
    ("100 first", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, "Filed"),
    ("nothing", b"", "Unknown"),
    ("half a status line", b"HTTP/1.1 20", "Unknown"),
    ("no HTTP", b"220 smtp.example ESMTP\r\n", "Unknown"),
    ("octets", bytes(range(256)), "Unknown"),
    ("header cut", b"HTTP/1.1 200 OK\r\nContent-Le", "Unknown"),
    ("body cut", b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + OK_BODY, "Unknown"),
    ("chunk cut", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n<lapor>", "Unknown"),
    ("chunk garbage", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<lapor>", "Unknown"),
    ("negative length", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + OK_BODY, "Unknown"),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + OK_BODY, "Unknown"),
    ("a huge header", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "Unknown"),
    ("a switch of protocols", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "Unknown"),
    ("packed garbage", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", "Unknown"),
    ("packed otherwise", b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd", "Unknown"),
    ("503 cut", b"HTTP/1.1 503 Busy\r\nContent-Length: 4000\r\n\r\nbusy", "NotFiled"),
    ("cookies", b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n%s" % (len(OK_BODY), OK_BODY), "Filed"),
]


@pytest.mark.parametrize(("answer", "expect"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE])
def test_every_way_to_answer_on_the_wire_has_an_outcome(answer: bytes, expect: str) -> None:
    outcome, requests = asyncio.run(_filed_with(_Answers(answer)))
    assert kind(outcome) == expect
    assert requests == 1


def test_a_packed_answer_is_read_though_nobody_asked_for_it() -> None:
    packed = gzip.compress(OK_BODY)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
    assert asyncio.run(_filed_with(_Answers(answer)))[0] == Filed("7841120")


def test_a_reused_connection_that_is_cut_is_unknown_and_the_post_is_not_repeated() -> None:
    """aiohttp repeats idempotent requests on a connection that turns out dead; a POST must not be among them."""
    posts = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal posts
        for answer in (OK, b""):
            await _request(reader)
            posts += 1
            writer.write(answer)
            await writer.drain()

    async def run() -> list[Outcome]:
        async with peer(serve) as port:
            client = client_of(_settings(port))
            outcomes = [await client.file(complaint(), 1) for _ in range(2)]
            await asyncio.sleep(0.05)
            await client.close()
            return outcomes

    outcomes = asyncio.run(run())
    assert outcomes[0] == Filed("7841120")
    assert isinstance(outcomes[1], Unknown)
    assert posts == 2


def test_a_huge_answer_is_cut_off_and_not_kept_in_memory() -> None:
    async def run(fault: Fault) -> tuple[Outcome, int, CoreSimulator]:
        async with core(scripted([fault])) as (client, simulator):
            tracemalloc.start()
            try:
                return await client.file(complaint(), 1), tracemalloc.get_traced_memory()[1], simulator
            finally:
                tracemalloc.stop()

    for fault in (Fault.HUGE, Fault.GZIP_BOMB):
        outcome, peak, _ = asyncio.run(run(fault))
        assert isinstance(outcome, Unknown)
        assert peak < 16 * 1_048_576, fault


def test_connections_are_kept_and_never_more_than_allowed() -> None:
    async def run() -> tuple[list[Outcome], int, CoreSimulator]:
        async with core(connections_max=4) as (client, simulator):
            outcomes = await asyncio.gather(*(client.file(complaint(f"A{n:05}"), 1) for n in range(100)))
            connections = simulator._runner.server.connections
            return outcomes, len(connections), simulator

    outcomes, connections, simulator = asyncio.run(run())
    assert all(isinstance(outcome, Filed) for outcome in outcomes)
    assert 1 <= connections <= 4
    assert len(simulator.stored) == 100
    assert simulator.doubled == []


def test_a_host_that_never_takes_the_connection_took_nothing() -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async def run() -> Outcome:
        async with peer(silent) as port:
            settings = CoreSettings(url=f"https://127.0.0.1:{port}{STREAM}", token=TOKEN, connect_seconds=0.3, answer_seconds=4.0)
            client = client_of(settings)
            try:
                return await client.file(complaint(), 1)  # TCP stands, TLS never does
            finally:
                await client.close()

    assert asyncio.run(run()) == NotFiled("no connection: ConnectionTimeoutError")


@pytest.mark.parametrize(("days", "trusted", "expect"), [(1, True, "Filed"), (1, False, "NotFiled"), (-1, True, "NotFiled")])
def test_a_certificate_that_does_not_hold_means_that_nothing_was_sent(tmp_path: Path, days: int, *, trusted: bool, expect: str) -> None:
    certificate, key = _certificate(tmp_path, days)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def run() -> Outcome:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's side of a refused handshake
        async with peer(_Answers(OK), context) as port:
            url = f"https://localhost:{port}{STREAM}"
            client = client_of(CoreSettings(url=url, token=TOKEN, ca=certificate if trusted else None, connect_seconds=2, answer_seconds=5))
            try:
                return await client.file(complaint(), 1)
            finally:
                await client.close()

    assert kind(asyncio.run(run())) == expect


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("2", 2.0),
        ("1.5", 1.5),
        ("999999999", RETRY_AFTER_S_MAX),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_within_reason(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_later_overrides_win() -> None:
    table = answer_table({409: Meaning.READ, 404: Meaning.REFUSED}, {404: Meaning.UNKNOWN})
    assert table[409] is Meaning.READ
    assert table[404] is Meaning.UNKNOWN
    assert table[200] is Meaning.READ
    assert table[777] is Meaning.UNKNOWN
    assert {status // 100 for status, meaning in enumerate(table) if meaning is Meaning.OUR_FAULT} == {3, 4}
    assert set(CLASSES) == {1, 2, 3, 4, 5}


def test_a_site_may_say_what_a_status_means() -> None:
    answer = b"HTTP/1.1 409 Exists\r\nContent-Length: %d\r\n\r\n%s" % (len(OK_BODY), OK_BODY)
    assert asyncio.run(_filed_with(_Answers(answer), answers={409: Meaning.READ}))[0] == Filed("7841120")


def test_a_status_whose_body_decides_has_no_outcome_of_its_own() -> None:
    with pytest.raises(ValueError, match="body"):
        outcome_of(Meaning.READ, 200, None)
    assert outcome_of(Meaning.NOT_FILED, 429, None) == NotFiled("HTTP 429", 1.0)
    assert outcome_of(Meaning.REFUSED, 400, None) == Refused("HTTP 400")


class _Answers:
    """A raw server that answers each request so, then closes; counts the requests."""

    def __init__(self, answer: bytes) -> None:
        self.requests = 0
        self._answer = answer

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        self.requests += 1
        writer.write(self._answer)
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


async def _filed_with(serve: _Answers, **settings: object) -> tuple[Outcome, int]:
    async with peer(serve) as port:
        client = client_of(_settings(port, **settings))
        try:
            outcome = await client.file(complaint(), 1)
            await asyncio.sleep(0)
            return outcome, serve.requests
        finally:
            await client.close()


def _settings(port: int, **settings: object) -> CoreSettings:
    return CoreSettings(url=f"http://127.0.0.1:{port}{STREAM}", token=TOKEN, connect_seconds=2.0, answer_seconds=5.0, **settings)  # type: ignore[arg-type]


def _certificate(folder: Path, days: int) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "core.pem", folder / "core.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files
