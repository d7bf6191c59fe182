"""The core's calls to us: POST /core/callback, signed as its dialect says, written into the courses, answered with constant words.

Whoever does not sign rightly hears one sentence. The same call again changes nothing, today or in a year; one about a complaint of nobody
here (another gateway's, perhaps, which asks the core itself) is counted and answered yes, for no repetition would help.
"""

from __future__ import annotations

import asyncio
import enum
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from aiohttp import http_exceptions, web

from forwarder.core.contract import CallbackError, Course
from forwarder.journal import Heard
from parsers.errors import JournalError

log = logging.getLogger(__name__)

PATH = "/core/callback"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LATER_SECONDS = 5
BROKEN = (ConnectionError, aiohttp.ClientError, web.RequestPayloadError, http_exceptions.HttpProcessingError)
"""What reading a body raises that breaks off or is not framed as HTTP."""


class Result(enum.StrEnum):
    """What became of a call: a label of lapor_core_callbacks_total."""

    HEARD = "heard"
    STILL = "still"  # it said what we knew
    REPLAYED = "replayed"
    STRANGE = "strange"  # of no complaint here
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    SIZE = "size"
    SLOW = "slow"
    CUT = "cut"
    LATER = "later"


ANSWERS: Mapping[Result, tuple[int, str]] = {
    Result.HEARD: (200, "ok\n"),
    Result.STILL: (200, "ok\n"),
    Result.REPLAYED: (200, "ok\n"),
    Result.STRANGE: (200, "ok\n"),
    Result.UNSIGNED: (401, "the signature is missing or wrong\n"),
    Result.UNREADABLE: (400, "the body is not as agreed\n"),
    Result.SIZE: (413, "the body is too large\n"),
    Result.SLOW: (408, "the body did not arrive in time\n"),
    Result.CUT: (400, "the body broke off\n"),
    Result.LATER: (503, "not stored now; send it again\n"),
}
"""Status and words of each."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take, of the 9 s that the server's guard gives for an answer; a true one has some hundred octets a complaint."""

    body_seconds: float = 4.0
    store_seconds: float = 4.0
    body_octets_max: int = 65_536


class CoursesJournal(Protocol):
    """What is asked of the journal (forwarder.journal.Journal.courses)."""

    async def hear(self, courses: Sequence[Course], *, looks: Sequence[tuple[int, int | None]] = (), digest: bytes | None = None) -> Heard:
        """Write down what was said."""


class Callbacks:
    """Hears the core. `read` is the client's read_callback."""

    def __init__(
        self,
        read: Callable[[Mapping[str, str], bytes], Sequence[Course]],
        journal: CoursesJournal,
        *,
        limits: Limits = Limits(),
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._read = read
        self._journal = journal
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        """For the one HTTP server."""
        return [web.post(PATH, self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """One call."""
        result = await self._take(request)
        self.counts[result.value] += 1
        status, words = ANSWERS[result]
        headers = HEADERS | {"Retry-After": str(LATER_SECONDS)} if result is Result.LATER else HEADERS
        response = web.Response(status=status, text=words, headers=headers)
        if result in (Result.SIZE, Result.SLOW, Result.CUT):
            response.force_close()  # the rest of that body is no request
        return response

    async def _take(self, request: web.Request) -> Result:
        octets = await self._body(request)
        if isinstance(octets, Result):
            return octets
        try:
            courses = self._read(request.headers, octets)
        except CallbackError as error:
            if error.signed:
                log.warning("the core called in a way that is not agreed", extra={"cause": str(error)})
            return Result.UNREADABLE if error.signed else Result.UNSIGNED
        except Exception:
            log.exception("our own code failed while reading the core's call")
            return Result.UNREADABLE
        try:
            async with asyncio.timeout(self._limits.store_seconds):
                heard = await self._journal.hear(courses, digest=hashlib.sha256(octets).digest())
        except (JournalError, TimeoutError):
            return Result.LATER
        return Result.REPLAYED if heard.replayed else Result.HEARD if heard.changed else Result.STILL if heard.still else Result.STRANGE

    async def _body(self, request: web.Request) -> bytes | Result:
        """The whole body within its limits."""
        most = self._limits.body_octets_max
        if request.content_length is not None and request.content_length > most:
            return Result.SIZE
        octets = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while part := await request.content.readany():
                    octets += part
                    if len(octets) > most:
                        return Result.SIZE
        except TimeoutError:
            return Result.SLOW
        except BROKEN:
            return Result.CUT
        return bytes(octets)
