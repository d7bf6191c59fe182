"""Commands reach the running gateway through its socket; garbage gets a clear answer and harms nobody."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
import uvloop

from gateway import control
from gateway.control import Args, ControlError, ControlServer, Json, Peer, call, stream
from parsers.errors import JournalError

WAIT_SECONDS = 30.0
LOOPS = (asyncio.new_event_loop, uvloop.new_event_loop)  # their transports differ in what they say to a late write
watchers: list[str] = []


async def echo(args: Args, _: Peer) -> Json:
    return dict(args)


async def whoami(_: Args, peer: Peer) -> Json:
    return [peer.pid, peer.uid]


async def count(args: Args, _: Peer) -> AsyncIterator[Json]:
    to = args["to"]
    assert isinstance(to, int)
    for number in range(to):
        yield number


async def watch(_: Args, __: Peer) -> AsyncIterator[Json]:
    watchers.append("began")
    try:
        yield "first"
        await asyncio.sleep(WAIT_SECONDS)
    finally:
        watchers.append("ended")


async def full(_: Args, __: Peer) -> Json:
    raise JournalError("the disk is full")


async def broken(_: Args, __: Peer) -> Json:
    raise RuntimeError("secret detail")


async def endless(_: Args, __: Peer) -> Json:
    return "x" * (control.ANSWER_OCTETS_MAX + 1)


VERBS = {"echo": echo, "whoami": whoami, "count": count, "watch": watch, "full": full, "broken": broken, "endless": endless}


def served(path: Path, story: Callable[[Path], Coroutine[None, None, None]]) -> None:
    async def whole() -> None:
        server = ControlServer(path, VERBS)
        await server.start()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await story(path)
        finally:
            await server.stop()

    for loop in LOOPS:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(whole())


def test_a_command_and_its_answer(tmp_path: Path) -> None:
    async def story(path: Path) -> None:
        assert await call(path, "echo", number="G7K2QP", text="Ümlaut\n", n=3) == {"number": "G7K2QP", "text": "Ümlaut\n", "n": 3}
        assert await call(path, "whoami") == [os.getpid(), os.getuid()]
        assert [answer async for answer in stream(path, "count", to=1000)] == list(range(1000))

    served(tmp_path / "s", story)


def test_only_the_owner_may_come_in_and_nothing_is_left_behind(tmp_path: Path) -> None:
    async def story(path: Path) -> None:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # noqa: PTH116 - a look at a socket does not block

    served(tmp_path / "s", story)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("full", "the disk is full"),
        ("broken", "the gateway failed at this command; its log says how"),
        ("endless", "the answer is too long; ask for less at once"),
        ("dance", "'dance' is no command of this gateway; it knows broken, count, echo, endless, full, watch, whoami"),
    ],
)
def test_a_no_is_a_sentence(tmp_path: Path, verb: str, sentence: str) -> None:
    async def story(path: Path) -> None:
        with pytest.raises(ControlError) as caught:
            await call(path, verb)
        assert str(caught.value) == sentence
        assert await call(path, "echo") == {}

    served(tmp_path / "s", story)


GARBAGE = {
    "no JSON": b"status\n",
    "half a line": b'{"verb": "echo"',
    "nothing": b"",
    "a list": b"[1, 2]\n",
    "a number as verb": b'{"verb": 7}\n',
    "args that are no object": b'{"verb": "echo", "args": [1]}\n',
    "no UTF-8": b"\xff\xfe\x00\n",
    "deep nesting": b"[" * 200_000 + b"\n",
    "too long a line": b"x" * (control.REQUEST_OCTETS_MAX + 10) + b"\n",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("octets", GARBAGE.values(), ids=GARBAGE)
def test_garbage_gets_a_clear_error_and_the_next_command_its_answer(tmp_path: Path, octets: bytes) -> None:
    async def story(path: Path) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(octets)
        writer.write_eof()
        answer = json.loads(await reader.readline())
        assert answer["error"].startswith("the request is")
        writer.close()
        assert await call(path, "echo", n=1) == {"n": 1}

    served(tmp_path / "s", story)


def test_a_watcher_that_hangs_up_ends_its_stream_and_leaves_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(path: Path) -> None:
        watchers.clear()
        answers = stream(path, "watch")
        assert await anext(answers) == "first"
        await answers.aclose()
        while watchers != ["began", "ended"]:
            await asyncio.sleep(0.01)

    served(tmp_path / "s", story)
    gc.collect()  # a task whose exception nobody fetched speaks when it is collected
    assert not [record.getMessage() for record in caplog.records if record.name == "asyncio"]


def test_stopping_ends_the_streams_too(tmp_path: Path) -> None:
    async def story() -> None:
        watchers.clear()
        server = ControlServer(tmp_path / "s", VERBS)
        await server.start()
        answers = stream(tmp_path / "s", "watch")
        assert await anext(answers) == "first"
        async with asyncio.timeout(WAIT_SECONDS):
            await server.stop()
            with pytest.raises(ControlError, match="ended before"):
                await anext(answers)
        assert watchers == ["began", "ended"]

    asyncio.run(story())


def test_without_a_gateway_the_error_says_so(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(ControlError, match=f"no gateway is running .no socket at {path}."):
        asyncio.run(call(path, "status"))


def test_a_socket_left_by_a_killed_gateway_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(ControlError, match="no gateway is running"):
        asyncio.run(call(path, "echo"))

    async def story(path: Path) -> None:
        assert await call(path, "echo") == {}

    served(path, story)


def test_a_living_gateway_keeps_its_socket(tmp_path: Path) -> None:
    async def story(path: Path) -> None:
        with pytest.raises(ControlError, match="another gateway answers here"):
            await ControlServer(path, VERBS).start()
        assert await call(path, "echo") == {}

    served(tmp_path / "s", story)


def test_a_path_that_is_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="longer than 107 octets"):
        asyncio.run(ControlServer(tmp_path / ("x" * 110), VERBS).start())
