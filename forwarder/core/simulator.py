"""The simulated core: a real HTTP server that keeps the truth of what it stored and misbehaves on demand.

It ships with the product: the demo, trainers, operators' engineers and our tests all file with it (`lapor-gateway simulate core`).
Whatever it answers, `stored` says what it has: more than one entry under a number is a complaint filed twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from aiohttp import web
from lxml import etree

from forwarder.core.header import Header, HeaderError, parse

STREAM = "/api/stream/addstream"
LOOK_UP = "/api/stream/lookup"
TOPICS = "/api/services/f01/gettopics"
TOKEN = "{00000000-SIMU-LATE-DCOR-E00000000000}"  # noqa: S105 - of the simulator only
TRACKING_ID_FIRST = 7_000_001  # seven digits, as all that were seen (DOMAIN §2.2)
REQUEST_OCTETS_MAX = 1_048_576
HUGE_OCTETS = 100 * 1_048_576
UNNUMBERED = "-"  # where complaints without a header line of ours are kept

XML = {"Content-Type": "text/xml; charset=UTF-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Fault(enum.StrEnum):
    """One way to answer. The names are what `simulate core --fault` takes."""

    OK = "ok"
    CREATED = "201"
    OTHER_ID = "other-id"
    DUPLICATE_ID = "duplicate-id"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    TOO_LARGE = "413"
    UNPROCESSABLE = "422"
    TOO_MANY = "429"
    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    GATEWAY = "502-html"
    BUSY = "503"
    HANG_BEFORE = "hang-before"
    HANG_AFTER = "hang-after"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CUT = "cut"
    GZIP_BOMB = "gzip-bomb"
    HUGE = "huge"
    BAD_XML = "bad-xml"
    NO_ID = "no-id"
    XXE = "xxe"
    LAUGHS = "billion-laughs"
    CHARSET = "wrong-charset"
    JSON = "json-nan"
    HTML = "html-200"
    EMPTY = "empty"
    REDIRECT = "redirect"


class Trick(NamedTuple):
    """What a fault does: whether the complaint is stored, and what the gateway must make of it."""

    stores: bool
    outcome: str


MENU: Mapping[Fault, Trick] = {
    Fault.OK: Trick(stores=True, outcome="Filed"),
    Fault.CREATED: Trick(stores=True, outcome="Filed"),
    Fault.OTHER_ID: Trick(stores=True, outcome="Filed"),
    Fault.DUPLICATE_ID: Trick(stores=True, outcome="Filed"),
    Fault.BAD_REQUEST: Trick(stores=False, outcome="Refused"),
    Fault.UNAUTHORIZED: Trick(stores=False, outcome="OurFault"),
    Fault.FORBIDDEN: Trick(stores=False, outcome="OurFault"),
    Fault.NOT_FOUND: Trick(stores=False, outcome="OurFault"),
    Fault.CONFLICT: Trick(stores=False, outcome="Refused"),
    Fault.TOO_LARGE: Trick(stores=False, outcome="Refused"),
    Fault.UNPROCESSABLE: Trick(stores=False, outcome="Refused"),
    Fault.TOO_MANY: Trick(stores=False, outcome="NotFiled"),
    Fault.ERROR_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.ERROR_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.GATEWAY: Trick(stores=True, outcome="Unknown"),
    Fault.BUSY: Trick(stores=False, outcome="NotFiled"),
    Fault.HANG_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.HANG_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.RESET_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.RESET_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.CUT: Trick(stores=True, outcome="Unknown"),
    Fault.GZIP_BOMB: Trick(stores=True, outcome="Unknown"),
    Fault.HUGE: Trick(stores=True, outcome="Unknown"),
    Fault.BAD_XML: Trick(stores=True, outcome="Unknown"),
    Fault.NO_ID: Trick(stores=False, outcome="Refused"),
    Fault.XXE: Trick(stores=True, outcome="Unknown"),
    Fault.LAUGHS: Trick(stores=True, outcome="Unknown"),
    Fault.CHARSET: Trick(stores=True, outcome="Unknown"),
    Fault.JSON: Trick(stores=True, outcome="Unknown"),
    Fault.HTML: Trick(stores=False, outcome="Unknown"),
    Fault.EMPTY: Trick(stores=True, outcome="Unknown"),
    Fault.REDIRECT: Trick(stores=False, outcome="OurFault"),
}
"""The fault menu (RELIABILITY §4 C2); what is stored behind a Refused would be a lie, and is not on it."""

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><lapor><trackingid>&j;</trackingid></lapor>"
)
ENTITY = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><lapor><trackingid>&x;</trackingid></lapor>'


ANSWERS: Mapping[Fault, tuple[int, Mapping[str, str], bytes]] = {
    Fault.BAD_REQUEST: (400, XML, b"<lapor><pesan>Format salah</pesan></lapor>"),
    Fault.UNAUTHORIZED: (401, HTML, b"401"),
    Fault.FORBIDDEN: (403, HTML, b"403"),
    Fault.NOT_FOUND: (404, HTML, b"404"),
    Fault.CONFLICT: (409, XML, b"<lapor><pesan>Sudah ada</pesan></lapor>"),
    Fault.TOO_LARGE: (413, HTML, b"413"),
    Fault.UNPROCESSABLE: (422, XML, b"<lapor><pesan>Isi tidak lengkap</pesan></lapor>"),
    Fault.TOO_MANY: (429, XML | {"Retry-After": "1"}, b""),
    Fault.ERROR_BEFORE: (500, HTML, b"500"),
    Fault.ERROR_AFTER: (500, HTML, b"500"),
    Fault.BUSY: (503, HTML, b"503"),
    Fault.REDIRECT: (307, {"Location": STREAM}, b""),
    Fault.GATEWAY: (502, HTML, b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
    Fault.BAD_XML: (200, XML, b"<lapor><trackingid>7000001</lapor>"),
    Fault.NO_ID: (200, XML, b"<lapor><pesan>Format salah</pesan></lapor>"),
    Fault.XXE: (200, XML, ENTITY.encode()),
    Fault.LAUGHS: (200, XML, LAUGHS.encode()),
    Fault.CHARSET: (200, XML, b'<?xml version="1.0" encoding="UTF-8"?><lapor nama="\xe9"><trackingid>7000001</trackingid></lapor>'),
    Fault.JSON: (200, {"Content-Type": "application/json"}, b'{"trackingid": NaN}'),
    Fault.HTML: (200, HTML, b"<html><body><p>Sedang pemeliharaan</p></body></html>"),
    Fault.EMPTY: (200, XML, b""),
}
"""Answers that are one fixed response."""

_IDS = (Fault.OK, Fault.CREATED, Fault.OTHER_ID, Fault.DUPLICATE_ID)


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """One complaint as the core has it. `header` is None when its first line is not ours."""

    tracking_id: str
    number: str
    header: Header | None
    text: str
    telpon: str
    names: tuple[str, str, str]  # email, namadepan, namabelakang
    anonim: bool
    rahasia: bool

    def line(self, fault: Fault = Fault.OK) -> str:
        """One readable line for a terminal, without the citizen's words."""
        flags = " ".join(word for word, on in (("anonim", self.anonim), ("rahasia", self.rahasia)) if on) or "terbuka"
        to = f"{self.header.instansi} ({self.header.certainty})" if self.header else "no header"
        note = "" if fault is Fault.OK else f"  answered: {fault}"
        return f"{self.tracking_id}  No. {self.number}  {to}  {flags}  {len(self.text)} characters{note}"


def scripted(faults: Iterable[Fault]) -> Callable[[], Fault]:
    """These in turn, then OK for ever."""
    script = iter(faults)
    return lambda: next(script, Fault.OK)


def seeded(random: Random, share: float, menu: Iterable[Fault] = tuple(Fault)) -> Callable[[], Fault]:
    """A fault of `menu` in this share of all calls, drawn from `random`."""
    faults = tuple(fault for fault in menu if fault is not Fault.OK)
    return lambda: random.choice(faults) if random.random() < share else Fault.OK


def _no_listener(stored: Stored | None, fault: Fault) -> None:
    """The default: nobody watches."""


class CoreSimulator:
    """The server. `choose` says how the next complaint is answered (None: well), `delay` after how many seconds; `told` hears of each."""

    def __init__(
        self,
        choose: Callable[[], Fault] | None = None,
        *,
        token: str = TOKEN,
        hang_seconds: float = 60.0,
        delay: Callable[[], float] = lambda: 0.0,
        told: Callable[[Stored | None, Fault], None] = _no_listener,
    ) -> None:
        self.choose = choose if choose is not None else scripted(())
        self.healthy = True
        """False: the probe page and the look-up answer 503 too."""
        self.stored: dict[str, list[Stored]] = {}
        self.calls: Counter[Fault] = Counter()
        self.probes = 0
        self._token = token
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

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        routes: Mapping[tuple[str, str], Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]] = {
            ("POST", STREAM): self._add,
            ("GET", LOOK_UP): self._look_up,
            ("POST", TOPICS): self._topics,
            ("GET", "/"): self._home,
        }
        serve = routes.get((request.method, request.path))
        return await serve(request) if serve is not None else web.Response(status=404)

    async def _home(self, _request: web.BaseRequest) -> web.StreamResponse:
        self.probes += 1
        return web.Response(text="LAPOR! (simulated core)\n", status=200 if self.healthy else 503)

    async def _topics(self, request: web.BaseRequest) -> web.StreamResponse:
        form = await request.post()
        if form.get("KEYTOKEN") != self._token:
            return web.Response(status=401)
        topics = [{"id": "1", "parent": "0", "topic_name": "Infrastruktur"}, {"id": "13", "parent": "1", "topic_name": "Jalan"}]
        return web.json_response(topics)

    async def _look_up(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self.healthy:
            return web.Response(status=503)
        root = etree.Element("lapor")
        number = etree.SubElement(root, "nomor")
        number.text = request.query.get("nomor", "")
        for entry in self.stored.get(number.text, ()):
            etree.SubElement(root, "trackingid").text = entry.tracking_id
        return web.Response(body=etree.tostring(root, encoding="utf-8"), headers=XML)

    async def _add(self, request: web.BaseRequest) -> web.StreamResponse:
        octets = await request.content.read(REQUEST_OCTETS_MAX)
        try:
            stored = self._read(octets)
        except PermissionError:
            return web.Response(status=401)
        except (etree.XMLSyntaxError, ValueError):
            return web.Response(status=400)
        fault = self.choose()
        self.calls[fault] += 1
        trick = MENU[fault]
        if trick.stores:
            self.stored.setdefault(stored.number, []).append(stored)
        self._told(stored if trick.stores else None, fault)
        await asyncio.sleep(self._delay())
        return await self._answer(request, fault, stored.tracking_id)

    def _read(self, octets: bytes) -> Stored:
        """What a request says; ValueError for what is no complaint, PermissionError for a wrong token."""
        root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
        if root.get("token") != self._token:
            raise PermissionError
        pelapor, laporan = root.find("pelapor"), root.find("laporan")
        if pelapor is None or laporan is None:
            raise ValueError("pelapor or laporan is missing")
        isi = laporan.findtext("isi") or ""
        header: Header | None = None
        text = isi
        with contextlib.suppress(HeaderError):
            header, text = parse(isi)
        return Stored(
            tracking_id=str(next(self._ids)),
            number=header.number if header else UNNUMBERED,
            header=header,
            text=text,
            telpon=pelapor.findtext("telpon") or "",
            names=(pelapor.findtext("email") or "", pelapor.findtext("namadepan") or "", pelapor.findtext("namabelakang") or ""),
            anonim=laporan.get("anonim") == "1",
            rahasia=laporan.get("rahasia") == "1",
        )

    async def _answer(self, request: web.BaseRequest, fault: Fault, tracking_id: str) -> web.StreamResponse:
        if fault in ANSWERS:
            status, headers, body = ANSWERS[fault]
            return web.Response(status=status, headers=headers, body=body)
        if fault in _IDS:
            if fault is not Fault.DUPLICATE_ID:
                self._last_id = str(next(self._ids)) if fault is Fault.OTHER_ID else tracking_id
            return _said(self._last_id, 201 if fault is Fault.CREATED else 200)
        if fault is Fault.CUT:
            return await _streamed(request, [b"<lapor><trackingid>70"], octets=4_096)
        if fault is Fault.HUGE:
            return await _streamed(request, (b" " * 65_536 for _ in range(HUGE_OCTETS // 65_536)), octets=HUGE_OCTETS)
        if fault is Fault.GZIP_BOMB:
            return web.Response(body=_bomb(), headers=XML | {"Content-Encoding": "gzip"})
        if fault in (Fault.HANG_BEFORE, Fault.HANG_AFTER):
            await asyncio.sleep(self._hang_seconds)
        return _dropped(request)


@functools.cache
def _bomb() -> bytes:
    """64 MB of nothing in 64 kB."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 1_048_576
    return b"".join([*(packer.compress(blanks) for _ in range(64)), packer.flush()])


def _said(tracking_id: str, status: int) -> web.Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<lapor><trackingid>{tracking_id}</trackingid><transaksiid>TRX{tracking_id}</transaksiid></lapor>"
    )
    return web.Response(status=status, body=body.encode(), headers=XML)


def _dropped(request: web.BaseRequest) -> web.Response:
    """Reset the connection; the response returned is never seen."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _streamed(request: web.BaseRequest, parts: Iterable[bytes] | Iterator[bytes], *, octets: int) -> web.StreamResponse:
    """Promise `octets`, send the parts, close; a client that goes away ends it."""
    response = web.StreamResponse(headers=XML | {"Content-Length": str(octets)})
    try:
        await response.prepare(request)
        for part in parts:
            await response.write(part)
    except ConnectionError:
        return response
    if request.transport is not None:
        request.transport.close()
    return response
