"""A simulated partner: signs and hands in complaints, answers callbacks as told, and keeps the truth of both.

For tests, the demo and a partner's programmer: what it sends and how it checks a callback is what docs/webhook.md asks of a real one.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from adapters.channel import SendResult
from adapters.webhook.callback import IDEMPOTENCY_KEY
from adapters.webhook.settings import PATH
from adapters.webhook.signature import NONCE, PARTNER, SIGNATURE, TIMESTAMP, Signed, sign

CALLBACK_PATH = "/lapor"
KEY = "a-key-that-everybody-knows-for-trying-only"
WINDOW_SECONDS = 300
ANSWER_SECONDS = 15.0  # the gateway's guard lets no answer be later
HUGE_OCTETS = 64_000_000


class Fault(enum.StrEnum):
    """How a callback is answered."""

    OK = "ok"
    EMPTY = "empty"
    SLOW_BODY = "slow_body"
    HUGE = "huge"
    NO_TIME = "no_time"
    TOO_EARLY = "too_early"
    TOO_MANY = "too_many"
    ERROR = "error"
    GATEWAY = "gateway"
    BUSY = "busy"
    BUSY_UNTIL = "busy_until"
    HANG = "hang"
    RESET = "reset"
    GARBAGE = "garbage"
    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    REDIRECT = "redirect"


class Trick(NamedTuple):
    """What a fault does: status and headers of the answer (0: none that is one), and what the gateway must make of it."""

    status: int
    result: SendResult
    headers: Mapping[str, str] = {}


MENU: Mapping[Fault, Trick] = {
    Fault.OK: Trick(200, SendResult.SENT),
    Fault.EMPTY: Trick(204, SendResult.SENT),
    Fault.SLOW_BODY: Trick(200, SendResult.SENT),
    Fault.HUGE: Trick(200, SendResult.SENT),
    Fault.NO_TIME: Trick(408, SendResult.LATER),
    Fault.TOO_EARLY: Trick(425, SendResult.LATER),
    Fault.TOO_MANY: Trick(429, SendResult.LATER, {"Retry-After": "7"}),
    Fault.ERROR: Trick(500, SendResult.LATER),
    Fault.GATEWAY: Trick(502, SendResult.LATER),
    Fault.BUSY: Trick(503, SendResult.LATER, {"Retry-After": "86400"}),
    Fault.BUSY_UNTIL: Trick(503, SendResult.LATER, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}),
    Fault.HANG: Trick(0, SendResult.LATER),
    Fault.RESET: Trick(0, SendResult.LATER),
    Fault.GARBAGE: Trick(0, SendResult.LATER),
    Fault.BAD_REQUEST: Trick(400, SendResult.REFUSED),
    Fault.UNAUTHORIZED: Trick(401, SendResult.REFUSED),
    Fault.NOT_FOUND: Trick(404, SendResult.REFUSED),
    Fault.CONFLICT: Trick(409, SendResult.REFUSED),
    Fault.GONE: Trick(410, SendResult.REFUSED),
    Fault.REDIRECT: Trick(307, SendResult.REFUSED, {"Location": CALLBACK_PATH}),
}


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request as it goes over the wire; change any part of it to misbehave."""

    headers: Mapping[str, str]
    octets: bytes
    method: str = "POST"
    path: str = PATH


@dataclass(frozen=True, slots=True)
class Answered:
    """What the gateway said."""

    status: int
    document: Mapping[str, Any]
    retry_after: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Called:
    """One callback as it came: whether it was signed rightly, and what it says."""

    genuine: bool
    key: str
    event: str
    id: str
    number: str | None
    tracking_id: str | None
    text: str

    def line(self, fault: Fault = Fault.OK) -> str:
        """One readable line for a terminal; the text is ours, not the citizen's."""
        note = "" if fault is Fault.OK else f"  answered: {fault}"
        forged = "" if self.genuine else "  FORGED"
        return f"{self.id} <- {self.event}: {self.text}{forged}{note}"


@dataclass(slots=True)
class Truth:
    """What really happened, as the partner saw it."""

    numbers: dict[str, str | None] = field(default_factory=dict)
    """The number of each message that the gateway took, by the partner's id."""
    contradictions: list[str] = field(default_factory=list)
    """Ids that were answered with two numbers: must stay empty."""
    called: dict[str, Called] = field(default_factory=dict)
    """Callbacks that were taken, by their key."""
    repeats: Counter[str] = field(default_factory=Counter)
    """How often a callback came again after it was taken: allowed, and without effect."""
    forged: int = 0

    def note_answer(self, message_id: str, number: str | None) -> None:
        """The gateway took a message."""
        if self.numbers.setdefault(message_id, number) != number:
            self.contradictions.append(message_id)

    def note_call(self, called: Called) -> None:
        """A callback was taken."""
        if called.key in self.called:
            self.repeats[called.key] += 1
        else:
            self.called[called.key] = called


def scripted(faults: Iterable[Fault]) -> Callable[[], Fault]:
    """These in turn, then OK for ever."""
    script: Iterator[Fault] = iter(faults)
    return lambda: next(script, Fault.OK)


def _nobody(_called: Called, _fault: Fault) -> None:
    """The default: nobody watches."""


class SimulatedPartner:
    """One partner. `now_ms` is UTC in milliseconds, `nonce` gives a new one each time, `choose` says how the next callback is answered."""

    def __init__(  # noqa: PLR0913 - time and chance come in by name
        self,
        name: str,
        key: str = KEY,
        *,
        now_ms: Callable[[], int],
        nonce: Callable[[], str],
        choose: Callable[[], Fault] | None = None,
        hang_seconds: float = 60.0,
        told: Callable[[Called, Fault], None] = _nobody,
    ) -> None:
        self.name = name
        self.choose = choose if choose is not None else scripted(())
        self.truth = Truth()
        self._key = key.encode()
        self._now_ms = now_ms
        self._nonce = nonce
        self._hang_seconds = hang_seconds
        self._told = told
        self._runner: web.ServerRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0, **tls: Any) -> str:  # noqa: ANN401 - ssl_context, where one is wanted
        """Listen for callbacks; returns the address to set as callback_url. Port 0 takes a free one."""
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, **tls).start()
        taken = self._runner.addresses[0]
        return f"{'https' if tls else 'http'}://{taken[0]}:{taken[1]}{CALLBACK_PATH}"

    async def stop(self) -> None:
        """Close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def request(self, octets: bytes, *, method: str = "POST", path: str = PATH, at_s: int | None = None) -> Request:
        """Sign a body as it should be; `at_s` for a clock that is wrong."""
        timestamp = str(self._now_ms() // 1000 if at_s is None else at_s)
        nonce = self._nonce()
        headers = {
            "Content-Type": "application/json",
            PARTNER: self.name,
            TIMESTAMP: timestamp,
            NONCE: nonce,
            SIGNATURE: sign(self._key, timestamp, nonce, method, path, octets),
        }
        return Request(headers, octets, method, path)

    async def hand_in(self, gateway: str, message: Mapping[str, Any]) -> Answered:
        """Hand one message in at `http://host:port`, and keep what was said; aiohttp.ClientError when nobody answers."""
        answered = await self.send(gateway, self.request(json.dumps(message).encode()))
        if answered.status == 202:
            self.truth.note_answer(message["id"], answered.document["number"])
        return answered

    @staticmethod
    async def send(gateway: str, request: Request) -> Answered:
        """Send a request just as it is."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(request.method, gateway + request.path, data=request.octets, headers=dict(request.headers)) as response,
        ):
            document = await response.json() if response.content_type == "application/json" else {}
            return Answered(response.status, document, response.headers.get("Retry-After"))

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        octets = await request.read()
        called = self._read(request, octets)
        if not called.genuine:
            self.truth.forged += 1
            return web.Response(status=401)
        fault = self.choose()
        trick = MENU[fault]
        if trick.result is SendResult.SENT:
            self.truth.note_call(called)
        self._told(called, fault)
        return await self._answer(request, fault, trick)

    def _read(self, request: web.BaseRequest, octets: bytes) -> Called:
        """What a callback says, and whether it is genuine: signed over its octets, just now, and with one key inside and outside."""
        document: dict[str, Any] = {}
        genuine = False
        with contextlib.suppress(ValueError, KeyError):  # HeaderWrong is one, too
            found = json.loads(octets)
            document = found if isinstance(found, dict) else {}
            signed = Signed.of(request.headers)
            genuine = (
                signed.is_by([self._key], request.method, request.raw_path, octets)
                and abs(signed.at_s - self._now_ms() // 1000) <= WINDOW_SECONDS
                and request.headers.get(IDEMPOTENCY_KEY) == document["key"]
            )
        key, event, message_id, text = (str(document.get(name, "")) for name in ("key", "event", "id", "text"))
        return Called(genuine, key, event, message_id, document.get("number"), document.get("tracking_id"), text)

    async def _answer(self, request: web.BaseRequest, fault: Fault, trick: Trick) -> web.StreamResponse:
        match fault:
            case Fault.HANG:
                await asyncio.sleep(self._hang_seconds)
            case Fault.SLOW_BODY | Fault.HUGE:
                return await self._stream(request, fault)
            case Fault.GARBAGE if request.transport is not None:
                request.transport.write(b"\x00\x01 nonsense\r\n\r\n")
                request.transport.close()
            case Fault.RESET if request.transport is not None:
                request.transport.abort()
        return web.Response(status=trick.status or 200, headers=trick.headers)

    async def _stream(self, request: web.BaseRequest, fault: Fault) -> web.StreamResponse:
        """A yes whose body is much too long, or never ends."""
        response = web.StreamResponse(headers={"Content-Length": str(HUGE_OCTETS)})
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            for _ in range(HUGE_OCTETS // 64_000 if fault is Fault.HUGE else 1):
                await response.write(bytes(64_000 if fault is Fault.HUGE else 1))
            await asyncio.sleep(self._hang_seconds)
        return response
