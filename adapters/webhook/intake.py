"""The door of the signed webhook: POST /v1/complaints becomes a post on disk, and only then a 202 with its number.

Whoever is not known, or signs wrongly, hears one and the same sentence, after the same steps: nobody learns here who our partners are.
What is wrong with a request that is signed rightly is told in full, field and remedy, and never a value of it.
Waits are bounded so that an answer of ours is out before the server's guard (gateway.http) cuts the connection off.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import http_exceptions, web

from adapters.channel import Answer, PostInbox, Taken
from adapters.webhook import body
from adapters.webhook.settings import BODY_OCTETS_MOST, PATH, PartnerSettings, WebhookSettings
from adapters.webhook.signature import HeaderWrong, Nonces, Seen, Signed
from parsers.model import Post

log = logging.getLogger(__name__)

LATER_SECONDS = 5  # when to come back after a 503: a journal that was busy is well again, one that is ill is asked rarely enough
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
STRANGER = b"a key of nobody, so that a name we do not know takes as long as one we know"
BROKEN = (ConnectionError, aiohttp.ClientError, web.RequestPayloadError, http_exceptions.HttpProcessingError)
"""What reading a body raises that breaks off or is not framed as HTTP."""


class Reason(enum.StrEnum):
    """Why a request was not taken: the `error` of the answer."""

    HEADERS = "headers"
    SIGNATURE = "signature"
    CLOCK = "clock"
    NONCE = "nonce"
    TYPE = "type"
    SIZE = "size"
    SLOW = "slow"
    CUT = "cut"
    RATE = "rate"
    BODY = "body"
    LATER = "later"


ANSWERS: Mapping[Reason, tuple[int, str]] = {
    Reason.HEADERS: (401, "a header of the signature is missing or wrong"),
    Reason.SIGNATURE: (401, "unknown partner or wrong signature; sign timestamp, nonce, method, path and the raw body with your key"),
    Reason.CLOCK: (401, "the timestamp is too far from our clock, which the Date of this answer tells; set your clock, then sign anew"),
    Reason.NONCE: (409, "this nonce came before with another body; make a new one for every request"),
    Reason.TYPE: (415, "send Content-Type: application/json in UTF-8, and no Content-Encoding"),
    Reason.SIZE: (413, "the body is too large; shorten the text, and send pictures as links"),
    Reason.SLOW: (408, "the body did not arrive in time; send it again"),
    Reason.CUT: (400, "the body broke off; send it again"),
    Reason.RATE: (429, "too many requests; wait as Retry-After says, then send it again"),
    Reason.BODY: (400, "the body is not as agreed"),
    Reason.LATER: (503, "not stored now; wait as Retry-After says, then send it again with the same id"),
}
"""Status and sentence of each; docs/webhook.md has the same table for the partner's programmer."""


class NotTaken(Exception):
    """A request ends here with a "no"; `said` says it closer than the table, without any value of the request."""

    def __init__(self, reason: Reason, *, said: str = "", field: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.said = said
        self.field = field
        self.retry_after_s = retry_after_s

    def response(self) -> web.Response:
        """The answer."""
        status, sentence = ANSWERS[self.reason]
        document = {"error": self.reason.value, "message": self.said or sentence}
        if self.field:
            document["field"] = self.field
        headers = HEADERS if self.retry_after_s is None else HEADERS | {"Retry-After": str(self.retry_after_s)}
        response = web.json_response(document, status=status, headers=headers)
        if self.reason in (Reason.SIZE, Reason.SLOW, Reason.CUT):
            response.force_close()  # the rest of that body is no request
        return response


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one request may take, of the 9 s that the server's guard gives for an answer."""

    body_seconds: float = 4.0
    store_seconds: float = 4.0


class Rate:
    """How many requests one partner may still make: as many as fit a minute at once, refilled evenly."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._most = float(per_minute)
        self._left = self._most
        self._at = now

    def wait(self, now: float) -> float:
        """0 when one more may pass now, and it is counted; else the seconds until one may."""
        self._left = min(self._most, self._left + (now - self._at) * self._most / 60)
        self._at = now
        if self._left < 1:
            return (1 - self._left) * 60 / self._most
        self._left -= 1
        return 0.0


class Desk:
    """What is remembered of one partner between two requests."""

    def __init__(self, settings: PartnerSettings, now: float) -> None:
        self.settings = settings
        self.rate = Rate(settings.rate_per_minute, now)
        minutes = 2 * settings.window_seconds / 60  # a timestamp may lie ahead by a window, and is good for another one
        self.nonces = Nonces(math.ceil(settings.rate_per_minute * (minutes + 1)))
        self.last_in_ms: int | None = None


class Intake:
    """Takes complaints of all partners. `now_ms` is UTC in milliseconds, `monotonic` seconds."""

    def __init__(
        self,
        settings: WebhookSettings,
        inbox: PostInbox,
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
        limits: Limits = Limits(),
    ) -> None:
        if missing := next(settings.without_key(), None):
            raise ValueError(f"the key of partner {missing} is missing from the secrets")
        self.counts: Counter[tuple[str, str]] = Counter()
        """(partner, what became of it); the partner is empty where no partner is called so. Anybody may use a partner's name."""
        self._desks = {one.name: Desk(one, monotonic()) for one in settings.partner}
        self._octets_max = max((one.body_octets_max for one in settings.partner), default=BODY_OCTETS_MOST)
        self._inbox = inbox
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        """For the one HTTP server."""
        return [web.post(PATH, self.take)]

    def last_in_ms(self, name: str) -> int | None:
        """When a partner last handed something in that was kept."""
        return self._desks[name].last_in_ms

    async def take(self, request: web.Request) -> web.Response:
        """One request, from its first header to what the journal said."""
        who = ""
        try:
            signed = _signed(request)
            who = signed.partner if signed.partner in self._desks else ""
            octets = await self._octets(request)
            desk = self._desk(signed, request, octets)
            self._admit(desk, signed, request, octets)
            taken = await self._keep(_read(desk, octets, self._now_ms()))
        except NotTaken as no:
            self.counts[who, no.reason.value] += 1
            log.warning("not taken", extra={"partner": who or "unknown", "reason": no.reason.value, "field": no.field})
            return no.response()
        desk.last_in_ms = self._now_ms()
        self.counts[who, taken.kind] += 1
        log.info("handed in", extra={"partner": who, "kind": taken.kind, "octets": len(octets)})
        return web.json_response({"number": taken.number, "known": taken.kind == "redelivery"}, status=202, headers=HEADERS)

    async def _octets(self, request: web.Request) -> bytes:
        """The body as it came, never more than any partner may send; who it is is not known yet."""
        if (request.content_length or 0) > self._octets_max:
            raise NotTaken(Reason.SIZE)
        parts = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for part in request.content.iter_any():
                    parts += part
                    if len(parts) > self._octets_max:
                        raise NotTaken(Reason.SIZE)
        except TimeoutError:
            raise NotTaken(Reason.SLOW) from None
        except BROKEN:
            raise NotTaken(Reason.CUT) from None
        return bytes(parts)

    def _desk(self, signed: Signed, request: web.Request, octets: bytes) -> Desk:
        """Whose request it is."""
        desk = self._desks.get(signed.partner)
        keys = (STRANGER,) if desk is None else desk.settings.keys
        ours = signed.is_by(keys, request.method, request.raw_path, octets)
        if desk is None or not ours:
            raise NotTaken(Reason.SIGNATURE)
        return desk

    def _admit(self, desk: Desk, signed: Signed, request: web.Request, octets: bytes) -> None:
        """What a partner whom we know must keep to. The rate counts what he signed, so that a stranger cannot use it up."""
        now_s = self._now_ms() // 1000
        if abs(signed.at_s - now_s) > desk.settings.window_seconds:
            raise NotTaken(Reason.CLOCK)
        if (wait := desk.rate.wait(self._monotonic())) > 0:
            raise NotTaken(Reason.RATE, retry_after_s=math.ceil(wait))
        if len(octets) > desk.settings.body_octets_max:
            raise NotTaken(Reason.SIZE)
        until_s = signed.at_s + desk.settings.window_seconds
        if desk.nonces.note(signed.nonce, octets, until_s=until_s, now_s=now_s) is Seen.OTHER:
            raise NotTaken(Reason.NONCE)
        if not _is_json(request):
            raise NotTaken(Reason.TYPE)

    async def _keep(self, post: Post) -> Taken:
        """Durable, then yes. What the journal stores after we lost patience is a redelivery when it comes again."""
        try:
            async with asyncio.timeout(self._limits.store_seconds):
                (taken,) = await self._inbox.accept_posts([post])
        except TimeoutError:
            taken = Taken(Answer.LATER)
        if taken.answer is not Answer.KEPT:
            raise NotTaken(Reason.LATER, retry_after_s=LATER_SECONDS)
        return taken


def _signed(request: web.Request) -> Signed:
    """Who says he sent it; and no packed body: aiohttp would unpack it before anybody could check what was signed."""
    if "Content-Encoding" in request.headers:
        raise NotTaken(Reason.TYPE)
    try:
        return Signed.of(request.headers)
    except HeaderWrong as error:
        raise NotTaken(Reason.HEADERS, said=str(error)) from None


def _is_json(request: web.Request) -> bool:
    return request.content_type == "application/json" and (request.charset or "utf-8").lower() in ("utf-8", "utf8")


def _read(desk: Desk, octets: bytes, received_ms: int) -> Post:
    try:
        return body.read(octets, desk.settings, received_ms)
    except body.BodyWrong as error:
        raise NotTaken(Reason.BODY, said=str(error), field=error.field) from None
