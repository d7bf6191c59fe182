"""The simulated X: its REST API over TLS for one account, for the demo, the tests and trainers.

It answers as X answers, or misbehaves on demand (Faults), about a world of users and posts (World) that keeps the truth: what was posted,
what our account answered, what was billed. An unmodified client talks to it when api.twitter.com leads here and `ca_pem` is trusted.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from adapters.x import simulated_problems as problems
from adapters.x.certificate import make_certificate
from adapters.x.faults import MENU, READS, Endpoint, Fault, Faults
from adapters.x.simulated_limits import WINDOW_MS, Limits
from adapters.x.simulated_login import Asked, Credentials, Login
from adapters.x.simulated_problems import Answer
from adapters.x.simulated_reading import Call, Reading
from adapters.x.simulated_settings import SimulatedSettings
from adapters.x.simulated_writing import Writing
from adapters.x.world import World

REQUEST_OCTETS_MAX = 1_048_576
FAILED = frozenset({401, 502, 503})  # answered without X's rate headers
ROUTES: tuple[tuple[str, re.Pattern[str], Endpoint], ...] = (
    ("GET", re.compile(r"/2/users/me"), Endpoint.ME),
    ("GET", re.compile(r"/2/users/([^/]+)/mentions"), Endpoint.MENTIONS),
    ("GET", re.compile(r"/2/users/([^/]+)/tweets"), Endpoint.TIMELINE),
    ("GET", re.compile(r"/2/tweets/search/recent"), Endpoint.SEARCH),
    ("GET", re.compile(r"/2/tweets"), Endpoint.POSTS),
    ("POST", re.compile(r"/2/tweets"), Endpoint.CREATE),
    ("DELETE", re.compile(r"/2/tweets/([^/]+)"), Endpoint.DELETE),
)
FORBIDDEN: Mapping[Fault, str] = {
    Fault.NOT_ENGAGED: problems.NOT_ENGAGED,
    Fault.NOT_MENTIONED: problems.NOT_MENTIONED,
    Fault.DUPLICATE: problems.DUPLICATE,
    Fault.GONE: problems.GONE,
    Fault.BLOCKED: problems.BLOCKED,
    Fault.RESTRICTED: problems.RESTRICTED,
    Fault.STRANGE: problems.STRANGE,
}


@dataclass(frozen=True, slots=True)
class Served:
    """One call as it ended: `status` None where no answer was sent, `posts` returned or made, `micros` billed (millionths of a dollar)."""

    endpoint: Endpoint
    fault: Fault
    status: int | None
    posts: int
    micros: int

    def line(self) -> str:
        """One line for a terminal."""
        note = "" if self.fault is Fault.OK else f"  fault: {self.fault}"
        return f"{self.endpoint}  {self.status or 'no answer'}  {self.posts} posts  ${self.micros / 1_000_000:.3f}{note}"


def _nobody(_: Served) -> None:
    """The default: nobody watches."""


class XSimulator:
    """The server. `signed_clock` is what OAuth 1 timestamps are compared with: real time, where `world` has a time of its own."""

    def __init__(  # noqa: PLR0913 - what a test or a trainer varies
        self,
        world: World,
        *,
        credentials: Credentials | None = None,
        faults: Faults | None = None,
        settings: SimulatedSettings | None = None,
        signed_clock: Callable[[], int] | None = None,
        told: Callable[[Served], None] = _nobody,
    ) -> None:
        self.world = world
        self.credentials = credentials if credentials is not None else Credentials()
        self.faults = faults if faults is not None else Faults()
        self.settings = settings if settings is not None else SimulatedSettings()
        self.calls: Counter[tuple[Endpoint, int | None]] = Counter()
        self.befallen: Counter[Fault] = Counter()
        self._told = told
        self._limits = Limits(self.settings.limits)
        self._login = Login(self.credentials, signed_clock if signed_clock is not None else world.clock)
        self._reading = Reading(world, self.settings)
        self._writing = Writing(world, self.settings)
        self._certificate = make_certificate()
        self._runner: web.ServerRunner | None = None

    @property
    def ca_pem(self) -> bytes:
        """The throw-away authority to trust."""
        return self._certificate.ca_pem

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._runner.addresses[0][1]) if self._runner is not None and self._runner.addresses else 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Port 0 takes a free one. OSError when the port is taken."""
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None, keepalive_timeout=3_600), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=self._certificate.context()).start()

    async def stop(self) -> None:
        """Close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # ── one call ──

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        call = await self._understood(request)
        if call is None:
            return _response(problems.problem(404, "Not Found", "Not Found"))
        fault = self.faults.take(call.endpoint)
        self.befallen[fault] += 1
        trick = MENU[fault]
        answer = self._carried_out(request, call, fault) if trick.happens else self._refused(fault)
        if fault is not Fault.OK and trick.happens and answer.status < 300:
            answer = self._spoiled(answer, fault)
        self._note(call, answer, fault)
        return await self._sent(request, answer, fault)

    async def _understood(self, request: web.BaseRequest) -> Call | None:
        for method, path, endpoint in ROUTES:
            match = path.fullmatch(request.path)
            if request.method == method and match is not None:
                body = await request.content.read(REQUEST_OCTETS_MAX) if method == "POST" else b""
                target = match.group(1) if match.groups() else ""
                return Call(endpoint, user=False, query=dict(request.query), target=target, body=body)
        return None

    def _carried_out(self, request: web.BaseRequest, call: Call, fault: Fault) -> Answer:
        """Login, limits and credits in X's order, then the call itself."""
        asked = Asked(
            request.method,
            f"https://{request.host}{request.rel_url.raw_path}",
            request.rel_url.raw_query_string,
            request.headers.get("Authorization", ""),
        )
        user = self._login.user(asked)
        if user is None:
            return problems.unauthorized()
        passed = self._limits.take(call.endpoint, self.world.clock(), user=user)
        if not passed.allowed:
            return problems.too_many(passed.headers)
        call = replace(call, user=user)
        if self.world.bill.empty:
            answer = problems.credits_depleted()
        elif call.endpoint in READS:
            answer = self._reading.answer(call, hollow=fault is Fault.EMPTY_PAGE)
        else:
            answer = self._writing.answer(call)
        return replace(answer, headers=passed.headers)

    def _refused(self, fault: Fault) -> Answer:
        """The answer of a fault that comes before the call was carried out."""
        now_s = self.world.clock() // 1000
        if fault in FORBIDDEN:
            return problems.forbidden(FORBIDDEN[fault])
        resets = {
            Fault.TOO_MANY: now_s + WINDOW_MS // 1000,
            Fault.DAY_LIMIT: now_s - 1,
        }
        headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(resets.get(fault, 0))}
        if fault is Fault.DAY_LIMIT:
            headers |= {"x-rate-limit-remaining": "299", "x-app-limit-24hour-limit": "10000", "x-app-limit-24hour-remaining": "0"}
            headers["x-app-limit-24hour-reset"] = str(now_s + 86_400)
        simple: dict[Fault, Answer] = {
            Fault.UNAUTHORIZED: problems.unauthorized(),
            Fault.CREDITS: problems.credits_depleted(),
            Fault.CAPPED: problems.usage_capped(403),
            Fault.CAPPED_429: problems.usage_capped(429),
            Fault.STRING: Answer(400, "Bad request."),
            Fault.TOO_MANY: problems.too_many(headers),
            Fault.NO_RESET: problems.too_many({}),
            Fault.DAY_LIMIT: problems.too_many(headers),
        }
        return simple[fault] if fault in simple else _broken(MENU[fault].status)

    def _spoiled(self, answer: Answer, fault: Fault) -> Answer:
        """What becomes on its way of an answer to a call that was carried out."""
        if fault is Fault.MISSING_FIELDS:
            body = dict(answer.body)
            body["data"] = [{name: item[name] for name in ("id", "text")} for item in body.get("data", ())]
            return replace(answer, body={name: value for name, value in body.items() if name != "includes" and value})
        if fault is Fault.PARTIAL:
            error = problems.not_authorized(str(self.world.clock() << 22), "referenced_tweets.id", "includes")
            return replace(answer, body=answer.body | {"errors": [*answer.body.get("errors", ()), error]})
        bodies: dict[Fault, Any] = {Fault.EMPTY: b"", Fault.HTML: problems.HTML, Fault.LIST: [answer.body]}
        if fault in bodies:
            return replace(answer, body=bodies[fault])
        status = MENU[fault].status
        return replace(_broken(status), micros=answer.micros, posts=answer.posts) if status in (500, 502, 503) else answer

    def _note(self, call: Call, answer: Answer, fault: Fault) -> None:
        sent = None if MENU[fault].status is None else answer.status
        self.calls[call.endpoint, sent] += 1
        self._told(Served(call.endpoint, fault, sent, answer.posts, answer.micros))

    async def _sent(self, request: web.BaseRequest, answer: Answer, fault: Fault) -> web.StreamResponse:
        if fault in (Fault.HANG_BEFORE, Fault.HANG_AFTER):
            await asyncio.sleep(self.settings.hang_seconds)
        if MENU[fault].status is None:
            return _dropped(request)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.settings.slow_seconds)
        return await _cut(request, answer) if fault is Fault.CUT and answer.status < 300 else _response(answer)


def _broken(status: int | None) -> Answer:
    """A server's or a proxy's failure: 500 in JSON, the others in HTML."""
    if status == 500:
        return problems.problem(500, "Internal Server Error", "Something is broken.")
    return Answer(status or 500, problems.HTML)


def _octets(answer: Answer) -> tuple[bytes, str]:
    if isinstance(answer.body, bytes):
        return answer.body, "text/html; charset=utf-8" if answer.body else "application/json; charset=utf-8"
    return json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode(), "application/json; charset=utf-8"


def _response(answer: Answer) -> web.Response:
    body, kind = _octets(answer)
    headers = {"Content-Type": kind, **answer.headers}
    if answer.status not in FAILED:
        headers["x-access-level"] = "read-write"
    return web.Response(status=answer.status, body=body, headers=headers)


def _dropped(request: web.BaseRequest) -> web.Response:
    """Reset the connection; the response returned is never seen."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promise the whole answer, send half, close."""
    body, kind = _octets(answer)
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": kind, "Content-Length": str(len(body))})
    try:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    except ConnectionError:
        return response
    if request.transport is not None:
        request.transport.close()
    return response
