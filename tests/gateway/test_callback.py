"""The core's calls: signed or one sentence, bounded, the same again changes nothing, constant answers."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest

from forwarder.core.contract import CallbackError, Course, CourseStatus
from forwarder.journal import Heard
from gateway.callback import ANSWERS, PATH, Callbacks, Limits, Result
from gateway.health import Health
from gateway.http import HttpServer
from gateway.metrics import Metrics
from gateway.settings import HttpSettings
from parsers.errors import JournalError

KEY = b"a key for tests, no secret"
LIMITS = Limits(body_seconds=0.3, store_seconds=0.3, body_octets_max=1_000)


def read(headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:
    """A dialect's reading, as strict as one of ours."""
    if not hmac.compare_digest(headers.get("X-Signature", ""), hmac.new(KEY, octets, "sha256").hexdigest()):
        raise CallbackError("the signature is not the core's", signed=False)
    try:
        said = json.loads(octets)
    except ValueError:
        raise CallbackError("no JSON", signed=True) from None
    if said == "BUG":
        raise ZeroDivisionError
    return [Course(one, CourseStatus.DONE, "Selesai") for one in said]


class Journal:
    def __init__(self) -> None:
        self.digests: set[bytes] = set()
        self.heard: list[str] = []
        self.ill = ""

    async def hear(self, courses: Sequence[Course], *, digest: bytes | None = None) -> Heard:
        if self.ill == "slow":
            await asyncio.sleep(60)
        if self.ill:
            raise JournalError("no space")
        assert digest is not None
        if digest in self.digests:
            return Heard(replayed=True)
        self.digests.add(digest)
        known = [one.tracking_id for one in courses if one.tracking_id.startswith("7")]
        new = [one for one in known if one not in self.heard]
        self.heard += new
        return Heard(changed=len(new), still=len(known) - len(new), strange=len(courses) - len(known))


class Door:
    def __init__(self) -> None:
        self.journal = Journal()
        self.callbacks = Callbacks(read, self.journal, limits=LIMITS)
        self.url = ""

    async def call(self, body: bytes, signature: str | None = None, *, declared: bool = True) -> tuple[int, str]:
        headers = {"X-Signature": hmac.new(KEY, body, "sha256").hexdigest() if signature is None else signature}

        async def drop() -> object:
            yield body

        async with aiohttp.ClientSession() as client, client.post(self.url, data=body if declared else drop(), headers=headers) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    one = Door()
    server = HttpServer(HttpSettings(port=0), Health(), Metrics(), routes=one.callbacks.routes())
    one.url = f"http://127.0.0.1:{await server.start()}{PATH}"
    try:
        yield one
    finally:
        await server.stop()


def run(story: Callable[[Door], Awaitable[None]]) -> None:
    async def main() -> None:
        async with door() as one:
            await story(one)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("body", "signature", "result"),
    [
        (b'["7000001"]', None, Result.HEARD),
        (b'["9999999"]', None, Result.STRANGE),
        (b"[]", None, Result.STRANGE),
        (b'["7000001"]', "0" * 64, Result.UNSIGNED),
        (b'["7000001"]', "", Result.UNSIGNED),
        (b"", "", Result.UNSIGNED),
        (b"{", None, Result.UNREADABLE),
        (b"\xff\x00", None, Result.UNREADABLE),
        (b'"BUG"', None, Result.UNREADABLE),
        (b"[" + b" " * 2_000 + b"]", None, Result.SIZE),
    ],
)
@pytest.mark.parametrize("declared", [True, False], ids=["length", "chunked"])
def test_each_call_has_its_constant_answer(body: bytes, signature: str | None, result: Result, *, declared: bool) -> None:
    async def story(one: Door) -> None:
        assert await one.call(body, signature, declared=declared) == ANSWERS[result]
        assert one.callbacks.counts == {result.value: 1}
        assert one.journal.heard == (["7000001"] if result is Result.HEARD else [])

    run(story)


def test_the_same_call_again_changes_nothing_and_hears_yes() -> None:
    async def story(one: Door) -> None:
        for _ in range(3):
            assert await one.call(b'["7000001"]') == (200, "ok\n")
        assert await one.call(b'["7000001", "7000001"]') == (200, "ok\n")
        assert one.callbacks.counts == {"heard": 1, "replayed": 2, "still": 1}

    run(story)


@pytest.mark.parametrize("ill", ["full", "slow"])
def test_a_journal_that_cannot_write_asks_the_core_to_come_back(ill: str) -> None:
    async def story(one: Door) -> None:
        one.journal.ill = ill
        assert (await one.call(b'["7000001"]'))[0] == 503
        one.journal.ill = ""
        assert await one.call(b'["7000001"]') == (200, "ok\n")
        assert one.callbacks.counts == {"later": 1, "heard": 1}

    run(story)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def story(one: Door) -> None:
        host, port = one.url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n[".encode())
        async with asyncio.timeout(10):
            assert b"408" in await reader.read()
        writer.close()
        assert one.callbacks.counts == {"slow": 1}

    run(story)


def test_only_a_post_is_a_call() -> None:
    async def story(one: Door) -> None:
        async with aiohttp.ClientSession() as client, client.get(one.url) as answer:
            assert answer.status == 405
        assert not one.callbacks.counts

    run(story)
