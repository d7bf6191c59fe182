"""A front desk in memory, a clock moved by hand, and a served webhook between a simulated partner and it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.channel import Answer, Cursor, Known, Reply, Taken
from adapters.webhook.intake import Intake, Limits
from adapters.webhook.settings import PartnerSettings, WebhookSettings
from adapters.webhook.simulator import Answered, Request, SimulatedPartner
from gateway.health import Health
from gateway.house_settings import HttpSettings
from gateway.http import HttpServer
from gateway.metrics import Metrics
from parsers.model import Address, Post

DAY = dt.timedelta(days=1)
NOW_S = 1_795_310_131
WAIT_SECONDS = 30.0
KEY, OLD_KEY, OTHER_KEY, WRONG_KEY = ("k" * 32, "o" * 32, "b" * 32, "w" * 32)
CANARY = "C4N4RY"
"""Stands in values that are refused, and must stand in no answer."""
AGAM = PartnerSettings("agam", "Aplikasi Agam", KEY, OLD_KEY, callback_url="https://agam.example/lapor", phones=True)
BANJAR = PartnerSettings("banjar", "WhatsApp Banjar", OTHER_KEY, body_octets_max=2_048)
PARTNERS = WebhookSettings((AGAM, BANJAR))
SHORT = Limits(body_seconds=0.2, store_seconds=0.2)
MESSAGE: dict[str, Any] = {
    "id": "m-1",
    "text": "AGAM lampu jalan mati",
    "author": {"id": "u-77"},
    "at": "2026-11-22T08:15:30+07:00",
}


@dataclass
class Clock:
    """Both clocks, moved by hand."""

    now_s: float = NOW_S

    def now_ms(self) -> int:
        return int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Inbox:
    """A front desk in memory (adapters.channel.PostInbox): knows a post by account and key, and takes nothing while `later`."""

    posts: list[Post] = field(default_factory=list)
    later: bool = False
    hangs: bool = False
    known: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        assert cursor is None
        if self.later:
            return [Taken(Answer.LATER)] * len(posts)
        taken = [self._take(post) for post in posts]
        if self.hangs:  # it is stored, and nobody hears of it
            await asyncio.get_running_loop().create_future()
        return taken

    async def cursor(self, source: str) -> str | None:
        raise NotImplementedError

    async def keep_cursor(self, cursor: Cursor) -> None:
        raise NotImplementedError

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        raise NotImplementedError

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        raise NotImplementedError

    def _take(self, post: Post) -> Taken:
        if post.text == "STATUS":
            return Taken(Answer.KEPT, "stored")
        version, number = self.known.get((post.account, post.key), (0, f"GA{len(self.known):04d}"))
        if version >= post.version:
            return Taken(Answer.KEPT, "redelivery", number)
        self.known[post.account, post.key] = (post.version, number)
        self.posts.append(post)
        return Taken(Answer.KEPT, "edited" if version else "stored", number)


class Dripping(Request):
    """A request whose body comes an octet at a time."""


class Cut(Request):
    """A request whose sender goes away in the middle of its body."""


class Chunked(Request):
    """A request that does not say how long its body is."""


class Served:
    """The webhook behind the one HTTP server, on a free port of loopback."""

    def __init__(self, settings: WebhookSettings = PARTNERS, limits: Limits = SHORT) -> None:
        self.clock = Clock()
        self.inbox = Inbox()
        self.intake = Intake(settings, self.inbox, now_ms=self.clock.now_ms, monotonic=self.clock.monotonic, limits=limits)
        self.http = HttpServer(HttpSettings(port=0), Health(), Metrics(), routes=self.intake.routes())
        self.port = 0

    async def __aenter__(self) -> Served:
        self.port = await self.http.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.stop()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def partner(self, name: str = "agam", key: str = KEY) -> SimulatedPartner:
        nonces = count()
        return SimulatedPartner(name, key, now_ms=self.clock.now_ms, nonce=lambda: f"nonce-{next(nonces):012d}")

    async def send(self, request: Request) -> Answered:
        if type(request) is Request:
            return await SimulatedPartner.send(self.address, request)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        framing = "Transfer-Encoding: chunked" if isinstance(request, Chunked) else f"Content-Length: {len(request.octets)}"
        lines = [
            f"{request.method} {request.path} HTTP/1.1",
            "Host: x",
            framing,
            *(f"{name}: {value}" for name, value in request.headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        if isinstance(request, Chunked):
            writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.octets), request.octets))
        elif isinstance(request, Cut):
            writer.write(request.octets[:10])
            writer.write_eof()
        else:
            writer.write(request.octets[:1])
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
                return Answered(int(head.split()[1]), json.loads(await reader.readexactly(int(length.split()[1]))))
        except asyncio.IncompleteReadError:
            return Answered(0, {})
        finally:
            writer.transport.abort()
            while self.http.guards:  # the server notices, and has nothing left to wait for when it stops
                await asyncio.sleep(0.005)


def changed(request: Request, *, octets: bytes | None = None, path: str | None = None, **headers: str | None) -> Request:
    """The request with other parts than were signed; `x_lapor_nonce="…"` is a header, None takes it away."""
    kept = dict(request.headers)
    for name, value in headers.items():
        title = next((one for one in kept if one.lower() == name.replace("_", "-")), name.replace("_", "-"))
        kept.pop(title, None)
        if value is not None:
            kept[title] = value
    return replace(request, headers=kept, octets=request.octets if octets is None else octets, path=path or request.path)


def reply(**changes: Any) -> Reply:
    """An answer to message `m-1`."""
    return replace(
        Reply(Address(0, 0, "m-1"), "Laporan Anda kami terima.", "R81", "receipt_filed", "G7K2QP", "7841120"),
        **changes,
    )


def certificate(host: str) -> tuple[bytes, bytes]:
    """A certificate that signed itself, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "throw-away")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), private
