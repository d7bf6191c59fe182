"""The simulated core: a real HTTP server that keeps the truth of what it stored and misbehaves on demand, in each dialect alike.

It ships with the product: the demo, trainers, operators' engineers and our tests all file with it (`lapor-gateway simulate core`).
Whatever it answers, `stored` says what it has: more than one entry under a number is a complaint filed twice.
"""

from __future__ import annotations

import asyncio
import functools
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from aiohttp import web

from forwarder.core.contract import Course
from forwarder.core.menu import MENU, TOKEN, TRACKING_ID_FIRST, UNNUMBERED, Fault, Stored, Trick, scripted, seeded
from forwarder.core.simulated_georeport import ANONIM, RAHASIA, GeoReportSpeech
from forwarder.core.simulated_georeport import BASE as OPEN311
from forwarder.core.simulated_json import BASE as API
from forwarder.core.simulated_json import JsonSpeech
from forwarder.core.simulated_xml import LOOK_UP, STREAM, XmlSpeech
from forwarder.core.speech import ENTITY, LAUGHS, Shelf, Speech

__all__ = [
    "DIALECTS",
    "ENTITY",
    "LAUGHS",
    "LOOK_UP",
    "MENU",
    "STREAM",
    "TOKEN",
    "TOPICS",
    "TRACKING_ID_FIRST",
    "UNNUMBERED",
    "CoreSimulator",
    "Fault",
    "Stored",
    "Trick",
    "scripted",
    "seeded",
    "settings_for",
]

TOPICS = "/api/services/f01/gettopics"
REQUEST_OCTETS_MAX = 1_048_576
HUGE_OCTETS = 100 * 1_048_576
DIALECTS: Mapping[str, Callable[[str], Speech]] = {
    "addstream": XmlSpeech,
    "mapped": JsonSpeech,
    "georeport": GeoReportSpeech,
    "georeport-xml": lambda token: GeoReportSpeech(token, "xml"),
    "georeport-tokens": lambda token: GeoReportSpeech(token, tokens=True),
}
_IDS = (Fault.OK, Fault.CREATED, Fault.OTHER_ID, Fault.DUPLICATE_ID)


def settings_for(dialect: str, base: str) -> dict[str, object]:
    """What [core] says to file with a simulated core at `base`; `mapped` needs the example's `mapping` besides."""
    if dialect == "addstream":
        return {"dialect": dialect, "url": base + STREAM, "lookup_url": f"{base}{LOOK_UP}?nomor={{number}}"}
    if dialect == "mapped":
        return {"dialect": dialect, "url": base + API}
    form = "xml" if dialect.endswith("xml") else "json"
    own = {
        "format": form,
        "service_code": "99",
        "rahasia_field": RAHASIA,
        "anonim_field": ANONIM,
        "append_path": f"/requests/{{tracking_id}}/notes.{form}",
        "append_lookup_url": f"{base}{OPEN311}/requests.{form}?q={{number}}",
    }
    return {"dialect": "georeport", "url": base + OPEN311, "lookup_url": own["append_lookup_url"], "georeport": own}


def _no_listener(stored: Stored | None, fault: Fault) -> None:
    """The default: nobody watches."""


class CoreSimulator:
    """The server, in one of DIALECTS.

    `choose` says how the next complaint is answered (None: well), `delay` after how many seconds; `told` hears of each.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        choose: Callable[[], Fault] | None = None,
        *,
        dialect: str = "addstream",
        token: str = TOKEN,
        hang_seconds: float = 60.0,
        delay: Callable[[], float] = lambda: 0.0,
        told: Callable[[Stored | None, Fault], None] = _no_listener,
    ) -> None:
        self.choose = choose if choose is not None else scripted(())
        self.healthy = True
        """False: the probe page and the look-up answer 503 too."""
        self.shelf = Shelf()
        self.stored = self.shelf.stored
        self.calls: Counter[Fault] = Counter()
        self.probes = 0
        self._token = token
        self._speech = DIALECTS[dialect](token)
        self._hang_seconds = hang_seconds
        self._delay = delay
        self._told = told
        self._ids = iter(range(TRACKING_ID_FIRST, 10_000_000))
        self._last_id = str(TRACKING_ID_FIRST - 1)
        self._runner: web.ServerRunner | None = None

    @property
    def doubled(self) -> list[str]:
        """Numbers that were stored more than once: must stay empty."""
        return [number for number, entries in self.stored.items() if len(entries) > 1 and number != UNNUMBERED]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base address. Port 0 takes a free one. OSError when the port is taken."""
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        address = self._runner.addresses[0]
        return f"http://{address[0]}:{address[1]}"

    async def stop(self) -> None:
        """Close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def stand(self, course: Course) -> None:
        """From now on this complaint stands so."""
        self.shelf.standing[course.tracking_id] = course

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._speech.takes(request):
            return await self._add(request)
        routes: Mapping[tuple[str, str], Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]] = {
            ("POST", TOPICS): self._topics,
            ("GET", "/"): self._home,
        }
        if (serve := routes.get((request.method, request.path))) is not None:
            return await serve(request)
        if not self.healthy:
            return web.Response(status=503)
        return self._speech.asked(request, self.shelf) or web.Response(status=404)

    async def _home(self, _request: web.BaseRequest) -> web.StreamResponse:
        self.probes += 1
        return web.Response(text="LAPOR! (simulated core)\n", status=200 if self.healthy else 503)

    async def _topics(self, request: web.BaseRequest) -> web.StreamResponse:
        form = await request.post()
        if form.get("KEYTOKEN") != self._token:
            return web.Response(status=401)
        topics = [{"id": "1", "parent": "0", "topic_name": "Infrastruktur"}, {"id": "13", "parent": "1", "topic_name": "Jalan"}]
        return web.json_response(topics)

    async def _add(self, request: web.BaseRequest) -> web.StreamResponse:
        octets = await request.content.read(REQUEST_OCTETS_MAX)
        try:
            stored = self._speech.read(request, octets, str(next(self._ids)))
        except PermissionError:
            return web.Response(status=401)
        except ValueError:
            return web.Response(status=400)
        fault = self.choose()
        self.calls[fault] += 1
        trick = MENU[fault]
        if trick.stores:
            self.stored.setdefault(stored.number, []).append(stored)
        self._told(stored if trick.stores else None, fault)
        await asyncio.sleep(self._delay())
        return await self._answer(request, fault, stored)

    async def _answer(self, request: web.BaseRequest, fault: Fault, stored: Stored) -> web.StreamResponse:
        speech = self._speech
        if fault in speech.answers:
            status, headers, body = speech.answers[fault]
            return web.Response(status=status, headers=headers, body=body)
        if fault in _IDS:
            if fault is not Fault.DUPLICATE_ID:
                self._last_id = str(next(self._ids)) if fault is Fault.OTHER_ID else stored.tracking_id
            said = speech.yes(request, stored, self._last_id)
            return web.Response(body=said, status=201 if fault is Fault.CREATED else 200, headers=speech.content)
        if fault is Fault.CUT:
            return await _streamed(request, [speech.cut], speech.content, octets=4_096)
        if fault is Fault.HUGE:
            return await _streamed(request, (b" " * 65_536 for _ in range(HUGE_OCTETS // 65_536)), speech.content, octets=HUGE_OCTETS)
        if fault is Fault.GZIP_BOMB:
            return web.Response(body=_bomb(), headers={**speech.content, "Content-Encoding": "gzip"})
        if fault in (Fault.HANG_BEFORE, Fault.HANG_AFTER):
            await asyncio.sleep(self._hang_seconds)
        return _dropped(request)


@functools.cache
def _bomb() -> bytes:
    """64 MB of nothing in 64 kB."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 1_048_576
    return b"".join([*(packer.compress(blanks) for _ in range(64)), packer.flush()])


def _dropped(request: web.BaseRequest) -> web.Response:
    """Reset the connection; the response returned is never seen."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _streamed(
    request: web.BaseRequest, parts: Iterable[bytes] | Iterator[bytes], content: Mapping[str, str], *, octets: int
) -> web.StreamResponse:
    """Promise `octets`, send the parts, close; a client that goes away ends it."""
    response = web.StreamResponse(headers={**content, "Content-Length": str(octets)})
    try:
        await response.prepare(request)
        for part in parts:
            await response.write(part)
    except ConnectionError:
        return response
    if request.transport is not None:
        request.transport.close()
    return response
