"""The Unix socket through which commands reach the running gateway: one request a connection, JSON lines both ways.

- to it: `{"verb": "desk settle", "args": {"number": "G7K2QP", "filed": "7841120"}}`
- from it: `{"answer": …}` once or, for a stream, many times; then `{"done": true}`, or `{"error": "one sentence"}`

Only who may read the journal can open it (0600); who it was says the kernel (SO_PEERCRED, unix(7)), and the handler is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pwd
import socket
import stat
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from parsers.errors import GatewayError

log = logging.getLogger(__name__)

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

REQUEST_OCTETS_MAX = 16_777_216  # Ours: a routing table of 20,000 rows, every other request is far below.
ANSWER_OCTETS_MAX = 4_194_304  # Ours: a desk list of 10,000 rows; longer things are streams.
REQUEST_SECONDS = 5.0  # Ours: the client is a program on this machine.
CONNECTIONS_MAX = 32  # Ours: a few people and a few watchers.
PATH_OCTETS_MAX = 107  # unix(7): sun_path has 108 octets with its NUL.
CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class ControlError(GatewayError):
    """A command could not be carried out; the sentence is for the person who gave it."""


class NoGateway(ControlError):
    """No gateway runs here, so nobody holds the journal: a command may do its work by itself."""


NAME_CHARACTERS_MAX = 80  # Ours: of a name that somebody gives himself.


class Unanswered(ControlError):
    """Who was asked ended, or hung up, before it had answered: what was asked for may have been done."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who gave a command, as the kernel says; `user` goes into the desk's rows."""

    pid: int
    uid: int
    user: str

    def named(self, given: object) -> str:
        """Who it was, for rows that are kept: the name that was given, and always the user."""
        name = given.strip()[:NAME_CHARACTERS_MAX] if isinstance(given, str) else ""
        return f"{name} ({self.user})" if name not in ("", self.user) else self.user


Args = Mapping[str, Json]
Handler = Callable[[Args, Peer], Awaitable[Json] | AsyncIterator[Json]]
"""A coroutine function (one answer) or an async generator (a stream). It raises GatewayError, or ValueError for bad args."""


class ControlServer:
    """Listens until it is stopped. `path` must be on a local file system, at most 107 octets long; `setting` is what names it.

    `owner` is who listens, for the sentences: a gateway, beside its journal, or a simulator.
    """

    def __init__(self, path: Path, verbs: Mapping[str, Handler], *, owner: str = "gateway", setting: str = "house.state") -> None:
        self._path = path
        self._verbs = verbs
        self._owner = owner
        self._setting = setting
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket that nobody answers is removed first. ControlError when somebody does, for other files and for long paths."""
        if len(os.fsencode(self._path)) > PATH_OCTETS_MAX:
            raise ControlError(f"{self._path}: longer than {PATH_OCTETS_MAX} octets, as a socket may be; choose a shorter {self._setting}")
        if await _answers(self._path):
            raise ControlError(f"{self._path}: another {self._owner} answers here")
        if not _free(self._path):
            raise ControlError(f"{self._path}: there is a file that is no socket; choose another {self._setting}")
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, sock=_bound(self._path), limit=REQUEST_OCTETS_MAX)

    async def stop(self) -> None:
        """Stop listening, end what is being served (streams, too), remove the socket."""
        if self._server is None:
            return
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_unix_server runs us in one
        self._serving.add(task)
        try:
            await _send(writer, await self._converse(reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or we are stopping: nobody is left to tell
        finally:
            self._serving.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Json]:
        """Answer one request; returns the last line."""
        if len(self._serving) > CONNECTIONS_MAX:
            return {"error": "too many commands at once; try again"}
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                verb, args = await _request(reader)
            handler = self._handler(verb)
            peer = _peer(writer)
            log.info("command", extra={"verb": verb, "user": peer.user, "pid": peer.pid})
            await _answer(handler(args, peer), reader, writer)
        except TimeoutError:
            return {"error": f"no whole request within {REQUEST_SECONDS:.0f} s"}
        except (GatewayError, ValueError) as error:
            return {"error": str(error) or type(error).__name__}
        except ConnectionError:
            raise
        except Exception:
            log.exception("a command failed")
            return {"error": f"the {self._owner} failed at this command; its log says how"}
        return {"done": True}

    def _handler(self, verb: str) -> Handler:
        if verb not in self._verbs:
            raise ControlError(f"{verb[:40]!r} is no command of this {self._owner}; it knows {', '.join(sorted(self._verbs))}")
        return self._verbs[verb]


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Json]]:
    """The verb and args of the one request; ValueError says what is wrong with it."""
    try:
        request = json.loads(await reader.readuntil())
    except asyncio.LimitOverrunError:
        raise ValueError(f"the request is longer than {REQUEST_OCTETS_MAX} octets") from None
    except (asyncio.IncompleteReadError, ValueError, RecursionError):
        raise ValueError("the request is no line of JSON") from None
    if not isinstance(request, dict) or not isinstance(request.get("verb"), str) or not isinstance(request.get("args", {}), dict):
        raise ValueError('the request is not of the form {"verb": "…", "args": {…}}')  # noqa: TRY004 - a wrong request, no bug of ours
    return request["verb"], request.get("args", {})


async def _answer(result: Awaitable[Json] | AsyncIterator[Json], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write what a handler gives, until it has given all or the client hangs up, which a quiet stream would not notice by itself."""
    given = asyncio.create_task(_write(result, writer))
    gone = asyncio.create_task(_hung_up(reader))
    try:
        await asyncio.wait({given, gone}, return_when=asyncio.FIRST_COMPLETED)
        if given.done():
            given.result()
    finally:
        given.cancel()
        gone.cancel()
        await asyncio.gather(given, gone, return_exceptions=True)


async def _write(result: Awaitable[Json] | AsyncIterator[Json], writer: asyncio.StreamWriter) -> None:
    if not isinstance(result, AsyncIterator):
        await _send(writer, {"answer": await result})
        return
    async for answer in result:
        await _send(writer, {"answer": answer})


async def _send(writer: asyncio.StreamWriter, answer: dict[str, Json]) -> None:
    if writer.is_closing():
        raise ConnectionResetError("the client has gone")
    writer.write(_line(answer))
    await writer.drain()


async def _hung_up(reader: asyncio.StreamReader) -> None:
    while await reader.read(REQUEST_OCTETS_MAX):
        pass  # whatever else it says is no part of the one request


def _line(answer: dict[str, Json]) -> bytes:
    line = json.dumps(answer).encode() + b"\n"
    return line if len(line) <= ANSWER_OCTETS_MAX else _line({"error": "the answer is too long; ask for less at once"})


def _peer(writer: asyncio.StreamWriter) -> Peer:
    unix: socket.socket = writer.get_extra_info("socket")
    pid, uid, _ = CREDENTIALS.unpack(unix.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return Peer(pid, uid, user_of(uid))


def user_of(uid: int) -> str:
    """The name of a user, else the number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _bound(path: Path) -> socket.socket:
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # 0600 from its first moment
    try:
        unix.bind(os.fspath(path))
    except OSError:
        unix.close()
        raise
    finally:
        os.umask(before)
    return unix


def _free(path: Path) -> bool:
    """Whether nothing is lost when this name is taken: nothing is there, or a socket that was left behind."""
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return True


async def _answers(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


async def stream(path: Path, verb: str, /, **args: Json) -> AsyncGenerator[Json, None]:
    """Give a command and yield each of its answers; ControlError when there is no gateway or it says no."""
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_OCTETS_MAX + 1)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NoGateway(f"no gateway is running (no socket at {path})") from None
    except OSError as error:
        if len(os.fsencode(path)) > PATH_OCTETS_MAX:
            raise NoGateway(f"{path}: longer than {PATH_OCTETS_MAX} octets, as a socket may be; no gateway runs there") from None
        if not isinstance(error, PermissionError):
            raise
        raise ControlError(f"this user may not command the gateway ({path}); try as the user it runs as, or root") from None
    try:
        writer.write(json.dumps({"verb": verb, "args": args}).encode() + b"\n")
        await writer.drain()
        while (line := await reader.readline()).endswith(b"\n"):
            answer = json.loads(line)
            if "error" in answer:
                raise ControlError(answer["error"])
            if "done" in answer:
                return
            yield answer["answer"]
        raise Unanswered("the gateway ended before it had answered")
    except ConnectionError:
        raise Unanswered("the gateway ended before it had answered") from None
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def call(path: Path, verb: str, /, **args: Json) -> Json:
    """Give a command and return its one answer (None when it has none); errors as in `stream`."""
    async with contextlib.aclosing(stream(path, verb, **args)) as answers:
        given = [answer async for answer in answers]
    return given[-1] if given else None
