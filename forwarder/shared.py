"""What several machines share: one Redis or Valkey, reached here and nowhere else.

Nothing in it is the truth: it may be emptied at any moment. Whatever goes wrong on the way to it is one error, SharedDown, which says
"not now" and never "no".
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import redis.asyncio as aio
from redis import Redis, RedisError, Sentinel
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from forwarder.queue_settings import QueueSettings, RedisAddress, address_of
from parsers.errors import GatewayError

ANSWER_SECONDS = 5.0  # a Redis that answers later is as good as none
CONNECT_SECONDS = 3.0
BLOCK_SECONDS_MAX = 2.0  # how long one read may wait for news: below ANSWER_SECONDS

Result = TypeVar("Result")
Command = Sequence[str | bytes | float]

__all__ = ["BLOCK_SECONDS_MAX", "Entry", "Redis", "Script", "Shared", "SharedDown", "blocking", "guarded"]


class SharedDown(GatewayError):
    """Redis cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script: one step that nobody sees half done."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One entry of a stream; `id` is Redis's, `body` its only field."""

    id: str
    body: bytes


class Shared:
    """An asynchronous connection pool. Every method raises SharedDown."""

    def __init__(self, settings: QueueSettings) -> None:
        self._redis = _asynchronous(settings)

    async def do(self, *command: str | bytes | float) -> Any:  # noqa: ANN401 - Redis answers what the command says
        """One command; bytes stay bytes."""
        return await self._guard(lambda: self._redis.execute_command(*command))

    async def batch(self, commands: Sequence[Command]) -> list[Any]:
        """Several commands in one round trip; not atomic."""
        if not commands:
            return []

        async def run() -> object:
            async with self._redis.pipeline(transaction=False) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                return await pipe.execute()

        answers: list[Any] = await self._guard(run)
        return answers

    async def run(self, script: Script, keys: Sequence[str], args: Command) -> Any:  # noqa: ANN401 - as the script says
        """Run a script; sent once, afterwards called by its hash."""

        async def call() -> object:
            try:
                return await self._redis.execute_command("EVALSHA", script.sha, len(keys), *keys, *args)
            except NoScriptError:
                return await self._redis.execute_command("EVAL", script.text, len(keys), *keys, *args)

        return await self._guard(call)

    async def read(self, stream: str, after: str, *, most: int, seconds: float) -> list[Entry]:
        """Entries behind `after`, oldest first; waits up to `seconds` for the first."""
        block = max(1, round(min(seconds, BLOCK_SECONDS_MAX) * 1000))
        found = await self.do("XREAD", "COUNT", most, "BLOCK", block, "STREAMS", stream, after)
        if not found:
            return []
        return [Entry(entry_id.decode(), next(iter(fields.values()))) for entry_id, fields in found[0][1]]

    async def close(self) -> None:
        """Close all connections, those to sentinels too."""
        manager = getattr(self._redis.connection_pool, "sentinel_manager", None)
        for one in (self._redis, *(manager.sentinels if manager is not None else ())):
            with contextlib.suppress(RedisError, OSError):
                await one.aclose(close_connection_pool=True)

    async def _guard(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what was asked
        """One error for all that goes wrong. A cancellation is ours to obey: the library swallows one that comes with an answer."""
        task = asyncio.current_task()
        before = task.cancelling() if task is not None else 0
        try:
            async with asyncio.timeout(ANSWER_SECONDS + CONNECT_SECONDS):
                return await call()
        except (RedisError, OSError, TimeoutError) as error:
            raise SharedDown(f"Redis cannot be asked: {type(error).__name__}") from error
        finally:
            if task is not None and task.cancelling() > before:
                raise asyncio.CancelledError


def guarded(call: Callable[[], Result]) -> Result:
    """What a call of a blocking connection gives; SharedDown for whatever goes wrong on the way."""
    try:
        return call()
    except (RedisError, OSError) as error:
        raise SharedDown(f"Redis cannot be asked: {type(error).__name__}") from error


def blocking(settings: QueueSettings, answer_seconds: float | None = None) -> Redis:
    """The connection RQ wants: one that blocks its thread, for `answer_seconds` at most (None: as RQ sets it, who waits for jobs)."""
    address = address_of(settings.redis)
    login = _login(settings, address)
    if answer_seconds is not None:
        login["socket_timeout"] = answer_seconds
    if address.path is not None:
        return Redis(unix_socket_path=address.path, **login)
    if address.service is None:
        host, port = address.hosts[0]
        return Redis(host=host, port=port, **login, **_tls(settings, address))
    tls = {**_tls(settings, address)}
    sentinel = Sentinel(list(address.hosts), sentinel_kwargs={"socket_timeout": CONNECT_SECONDS, **tls}, **login, **tls)
    master: Redis = sentinel.master_for(address.service)
    return master


def _asynchronous(settings: QueueSettings) -> aio.Redis:
    address = address_of(settings.redis)
    login = {**_login(settings, address), "socket_timeout": ANSWER_SECONDS}
    if address.path is not None:
        return aio.Redis(unix_socket_path=address.path, **login)
    if address.service is None:
        host, port = address.hosts[0]
        return aio.Redis(host=host, port=port, **login, **_tls(settings, address))
    tls = {**_tls(settings, address)}
    sentinel = AsyncSentinel(list(address.hosts), sentinel_kwargs={"socket_timeout": CONNECT_SECONDS, **tls}, **login, **tls)
    master: aio.Redis = sentinel.master_for(address.service)
    return master


def _login(settings: QueueSettings, address: RedisAddress) -> dict[str, Any]:
    """No silent second try: whoever calls knows best whether a command may be said twice."""
    return {
        "db": address.database,
        "username": settings.user or None,
        "password": settings.password or None,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _tls(settings: QueueSettings, address: RedisAddress) -> dict[str, Any]:
    if not address.tls:
        return {}
    return {
        "ssl": True,
        "ssl_ca_certs": None if settings.ca is None else str(settings.ca),
        "ssl_certfile": None if settings.certificate is None else str(settings.certificate),
        "ssl_keyfile": None if settings.certificate_key is None else str(settings.certificate_key),
        "ssl_check_hostname": True,
        "ssl_min_version": ssl.TLSVersion.TLSv1_2,
    }
