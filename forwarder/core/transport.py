"""One pooled HTTP client for the core, which knows of every failure whether the core can have seen the request.

Before the first byte (name, TCP, TLS, waiting for a free connection) it is certainly not taken; from then on nothing is certain. That
includes a kept-alive connection which the server closes as we write: so connections are reused for a short idle time only.
A request that changes something is sent at most once: no redirect is followed, and aiohttp's own second try of idempotent methods on a
connection that turned out dead (RFC 9110 §9.2.2) is off, for a core may be asked by PUT as well.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from forwarder.core.contract import Meaning, NotFiled, Refused, Unknown, answer_table, outcome_of, retry_after
from forwarder.core.settings import CoreSettings

CONTENT_TYPE = "text/xml; charset=UTF8"  # sic, as published (DOMAIN §3.1)
CHUNK_OCTETS = 65_536  # our own read buffer; bounds what one answer can hold in memory besides its cap


@dataclass(frozen=True, slots=True, repr=False)
class Body:
    """A complete answer whose body decides; `status` for the reason."""

    status: int
    octets: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request that changes something; `answers` says what its statuses mean."""

    method: str
    url: str
    octets: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Meaning, ...] = ()


class AnswerTooLarge(Exception):
    """More octets than a true answer can have."""


class Transport:
    """One aiohttp session: keep-alive, a limited pool, no cookies, no proxy from the environment."""

    def __init__(self, settings: CoreSettings, *, connections_max: int, told: Callable[[str, int], None] = lambda *_: None) -> None:
        """To be made inside a running event loop; loads certificates, so OSError and ssl.SSLError for unreadable files.

        `told` hears the method and the status of every answer.
        """
        self._url = settings.url
        self._told = told
        self._octets_max = settings.answer_octets_max
        self._table = answer_table(settings.answers)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections_max, keepalive_timeout=settings.keepalive_seconds, ssl=tls_context(settings), ttl_dns_cache=60
            ),
            timeout=aiohttp.ClientTimeout(
                total=settings.answer_seconds, connect=settings.connect_seconds, sock_connect=settings.connect_seconds, ceil_threshold=3600
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": CONTENT_TYPE, "Accept-Encoding": "identity", "User-Agent": "lapor-gateway"},
            skip_auto_headers=("Accept",),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=CHUNK_OCTETS,
        )
        self._session._retry_connection = False  # noqa: SLF001 - it has no public switch; test_answer_table fails when it is gone

    async def post(self, octets: bytes) -> Body | NotFiled | Refused | Unknown:
        """Send one body once to the core's only address."""
        return await self.send(Request("POST", self._url, octets))

    async def send(self, request: Request) -> Body | NotFiled | Refused | Unknown:
        """Send one request once; what the status alone decides comes back decided."""
        table = request.answers or self._table
        url = URL(request.url, encoded=bool(request.answers))
        try:
            async with self._session.request(
                request.method, url, data=request.octets, headers=request.headers, allow_redirects=False
            ) as response:
                self._told(request.method, response.status)
                meaning = table[response.status]
                if meaning is not Meaning.READ:
                    return outcome_of(meaning, response.status, retry_after(response.headers.get("Retry-After")))
                return Body(response.status, await self._read(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NotFiled(f"no connection: {type(error).__name__}")
        except AnswerTooLarge:
            return Unknown(f"the answer is longer than {self._octets_max} octets")
        except TimeoutError:
            return Unknown("no answer in time")
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            return Unknown(f"the answer broke off: {type(error).__name__}")

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Body | Unknown:
        """Read a page; any failure is Unknown. Only for look-ups and probes, which change nothing at the core."""
        try:
            async with self._session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as response:
                self._told("GET", response.status)
                return Body(response.status, await self._read(response))
        except (AnswerTooLarge, TimeoutError, aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            return Unknown(type(error).__name__)

    async def status(self, url: str) -> int | None:
        """The status of a page, its body unread; None when no answer came."""
        try:
            async with self._session.get(URL(url, encoded=True), allow_redirects=False) as response:
                return response.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
            return None

    async def close(self) -> None:
        """Close the pool; requests in flight break off."""
        await self._session.close()

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, unpacked, never more than the limit in memory."""
        content = response.content
        if content.is_eof():  # nearly always: header and body came in one segment
            octets = content.read_nowait()
        else:
            parts: list[bytes] = []
            size = 0
            while part := await content.readany():
                parts.append(part)
                size += len(part)
                if size > self._octets_max:
                    raise AnswerTooLarge
            octets = b"".join(parts)
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity":
            octets = self._unpack(octets, encoding)
        if len(octets) > self._octets_max:
            raise AnswerTooLarge
        return octets

    def _unpack(self, octets: bytes, encoding: str) -> bytes:
        """Some servers pack though we ask for identity; unpacked at most one octet past the limit (a bomb stays small)."""
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise ValueError("a content encoding that nobody asked for")
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        unpacked = unpacker.decompress(octets, self._octets_max + 1)
        if not unpacker.eof and len(unpacked) <= self._octets_max:
            raise ValueError("the packed answer is cut off")
        return unpacked


def tls_context(settings: CoreSettings) -> ssl.SSLContext:
    """Verify host and chain, TLS 1.2 or newer, our own certificate where the core wants one."""
    context = ssl.create_default_context(cafile=settings.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate is not None:
        context.load_cert_chain(settings.certificate, settings.key)
    return context
