"""The way back to a partner: what a citizen should hear, as one signed POST to the partner's address.

Every attempt carries the same Idempotency-Key, so a repeat is harmless: a lost answer is simply "later" here, and nothing is ever
unknown. The address is the administrator's own word (settings), so no list of forbidden networks stands before it; but it is called
over verified TLS only, no redirect is followed, and nothing that it answers is kept but the status.
"""

from __future__ import annotations

import asyncio
import email.utils
import hashlib
import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from yarl import URL

from adapters.channel import Caps, ChannelHealth, Reply, Sending, SendResult
from adapters.webhook.settings import PartnerSettings
from adapters.webhook.signature import NONCE, PARTNER, SIGNATURE, TIMESTAMP, sign
from parsers.model import Answering

log = logging.getLogger(__name__)

CAPS = Caps(4_096, Answering.ALWAYS, links=True, can_find=False)  # what WhatsApp and Telegram carry (X-CHANNEL §7)
CONNECTIONS_MAX = 8  # to one partner: his burst must not take the places of everybody's replies
KEEPALIVE_SECONDS = 3.0  # shorter than any server's own limit (Apache's is 5 s): it does not close as we write
ANSWER_OCTETS_MAX = 4_096  # read so that the connection can be used again; what is longer is cut off
RETRY_SECONDS_MAX = 3_600  # a partner may ask for an hour; who asks for more is asked again all the same
REST_SECONDS = 15.0  # a partner that was not there is left alone so long
GONE = "HTTP 410: the partner wants to hear no more of it"
IDEMPOTENCY_KEY = "Idempotency-Key"
LATER = frozenset({408, 425, 429})
BUSY = frozenset({429, 503})
"""Statuses that speak of the whole partner, not of one callback."""


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One callback, ready to be sent."""

    headers: dict[str, str]
    octets: bytes


class Callback:
    """One partner's way back (adapters.channel.Outbound). To be made inside a running event loop; OSError for an unreadable `ca`."""

    caps = CAPS

    def __init__(
        self,
        settings: PartnerSettings,
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        last_in_ms: Callable[[], int | None] = lambda: None,
    ) -> None:
        if not settings.key:
            raise ValueError(f"the key of partner {settings.name} is missing from the secrets")
        self._settings = settings
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._last_in_ms = last_in_ms
        self._url = URL(settings.callback_url)
        self._session = _session(settings) if settings.callback_url else None
        self._cause: str | None = None
        self._rest_until = 0.0

    def health(self) -> ChannelHealth:
        """What the last callback met with."""
        return ChannelHealth(self._cause, self._last_in_ms())

    async def send(self, reply: Reply) -> Sending:
        """Call the partner once (see adapters.channel.Outbound)."""
        if self._session is None:
            return Sending(SendResult.REFUSED, detail="this partner takes no callbacks")
        if (rest := self._rest_until - self._monotonic()) > 0:
            return Sending(SendResult.LATER, detail=f"the partner is left alone: {self._cause}", retry_after_s=rest)
        call = self._call(reply)
        try:
            async with self._session.post(self._url, data=call.octets, headers=call.headers, allow_redirects=False) as response:
                sending = self._judge(response, reply)
                await _drain(response)
        except (TimeoutError, aiohttp.ClientConnectorError) as error:
            self._rest(REST_SECONDS)
            cause = "no answer in time" if isinstance(error, TimeoutError) else f"no connection: {type(error).__name__}"
            sending = Sending(SendResult.LATER, detail=cause, retry_after_s=REST_SECONDS)
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError):  # RuntimeError: the session is closed
            sending = Sending(SendResult.LATER, detail="the answer broke off")
        self._note(sending)
        return sending

    async def find(self, reply: Reply) -> Sending:  # noqa: ARG002 - nobody keeps what could be asked for
        """Never asked: no callback is ever unknown."""
        return Sending(SendResult.UNKNOWN, detail="a partner cannot be asked; the callback is repeated with its key")

    async def close(self) -> None:
        """Close all connections; callbacks in flight are later."""
        if self._session is not None:
            await self._session.close()

    def _call(self, reply: Reply) -> Call:
        """The nonce is new for every attempt and needs no dice: key, attempt and time are never the same twice."""
        document = {
            "event": reply.kind,
            "id": reply.to.value,
            "number": reply.number,
            "tracking_id": reply.tracking_id,
            "text": reply.text,
            "key": reply.key,
        }
        octets = json.dumps(document, separators=(",", ":")).encode()
        now_ms = self._now_ms()
        timestamp = str(now_ms // 1000)
        nonce = hashlib.sha256(f"{reply.key} {reply.attempt} {now_ms} ".encode() + octets).hexdigest()[:32]
        headers = {
            "Content-Type": "application/json",
            PARTNER: self._settings.name,
            TIMESTAMP: timestamp,
            NONCE: nonce,
            SIGNATURE: sign(self._settings.key.encode(), timestamp, nonce, "POST", self._url.raw_path_qs, octets),
            IDEMPOTENCY_KEY: reply.key,
        }
        return Call(headers, octets)

    def _judge(self, response: aiohttp.ClientResponse, reply: Reply) -> Sending:
        """What a status means; only this many, so that a partner's programmer can know them all."""
        status = response.status
        if 200 <= status < 300:
            return Sending(SendResult.SENT, (reply.key,))
        if status in LATER or status >= 500:
            wait = self._wait(response.headers.get("Retry-After"))
            if status in BUSY:
                self._rest(REST_SECONDS if wait is None else wait)
            return Sending(SendResult.LATER, detail=f"HTTP {status}", retry_after_s=wait)
        if 300 <= status < 400:
            return Sending(SendResult.REFUSED, detail=f"HTTP {status}: redirects are not followed; correct callback_url")
        return Sending(
            SendResult.REFUSED, detail="HTTP 410: the partner wants to hear no more of it" if status == 410 else f"HTTP {status}"
        )

    def _rest(self, seconds: float) -> None:
        self._rest_until = max(self._rest_until, self._monotonic() + seconds)

    def _note(self, sending: Sending) -> None:
        self._cause = sending.detail if sending.result is not SendResult.SENT and sending.detail != GONE else None
        if self._cause is not None:
            log.warning(
                "a callback was not taken", extra={"partner": self._settings.name, "result": sending.result.value, "cause": self._cause}
            )

    def _wait(self, value: str | None) -> float | None:
        """Seconds of a Retry-After (RFC 9110 §10.2.3), in either form, from 1 s to an hour; None for nonsense."""
        if value is None:
            return None
        if value.isascii() and value.isdigit():
            return float(min(max(int(value[:9]), 1), RETRY_SECONDS_MAX))
        try:
            at = email.utils.parsedate_to_datetime(value).timestamp()
        except (ValueError, OverflowError):
            return None
        return min(max(at - self._now_ms() / 1000, 1.0), RETRY_SECONDS_MAX)


def _session(settings: PartnerSettings) -> aiohttp.ClientSession:
    """A small pool, no cookies, no proxy from the environment, no unpacking."""
    context = ssl.create_default_context(cafile=settings.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX, keepalive_timeout=KEEPALIVE_SECONDS, ssl=context, ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(
            total=settings.answer_seconds, connect=settings.connect_seconds, sock_connect=settings.connect_seconds, ceil_threshold=3600
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "lapor-gateway"},
        skip_auto_headers=("Accept",),
        auto_decompress=False,
        trust_env=False,
        read_bufsize=ANSWER_OCTETS_MAX,
    )


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read a short answer to its end, so that its connection can be used again; whatever goes wrong, the status has spoken."""
    left = ANSWER_OCTETS_MAX
    try:
        while left > 0 and (part := await response.content.read(left)):
            left -= len(part)
    except (TimeoutError, asyncio.IncompleteReadError, aiohttp.ClientError, OSError, ValueError):
        response.close()
