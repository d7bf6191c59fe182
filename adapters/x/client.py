"""The only place where tweepy is spoken: five calls of X's API v2, each giving a JSON object or a Failure, never an exception.

tweepy's own waiting is off (it recurses on a 429 without a reset header), its typed answers are not used (they know no long posts), and the
session is ours: it has the time limits, and it records what really went over the wire, which tweepy's exceptions do not tell.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp
import tweepy
from aiohttp.abc import AbstractResolver, ResolveResult
from tweepy.asynchronous import AsyncClient

from adapters.x.answers import BODY_OCTETS_MAX, Exchange, Failure, judge
from adapters.x.settings import XSettings
from parsers.post import Json

ANSWER_OCTETS_MAX = 8_388_608  # Ours: a page of 100 long posts has about a megabyte.
FIELDS = (
    *("created_at", "author_id", "conversation_id", "entities", "geo", "in_reply_to_user_id", "lang", "referenced_tweets", "note_tweet"),
    *("edit_controls", "attachments", "display_text_range"),
)
EXPANSIONS = ("author_id", "geo.place_id", "attachments.media_keys")
ASKED: dict[str, Any] = {
    "tweet_fields": list(FIELDS),
    "expansions": list(EXPANSIONS),
    "user_fields": ["username", "protected"],
    "media_fields": ["type", "url", "preview_image_url"],
    "place_fields": ["full_name"],
}
"""What is asked for with every post; in the dialect that tweepy speaks, which joins lists and no other sequence."""

_exchange: contextvars.ContextVar[Exchange] = contextvars.ContextVar("exchange")

logging.getLogger("tweepy").setLevel(logging.WARNING)  # at DEBUG it writes tokens and posts into the log


class Client:
    """One account. `now_ms` gives UTC milliseconds."""

    def __init__(self, settings: XSettings, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._tweepy = AsyncClient(
            settings.bearer,
            settings.consumer_key,
            settings.consumer_secret,
            settings.access_token,
            settings.access_secret,
            return_type=dict,
            wait_on_rate_limit=False,
        )

    async def mentions(self, most: int, *, since_id: int | None, until_id: int | None) -> tuple[Json | Failure, Exchange]:
        """Posts that mention us, newest first; 5 to 100 of them."""
        bounds = _given(since_id=since_id, until_id=until_id)
        return await self._call(
            lambda: self._tweepy.get_users_mentions(self._settings.user_id, max_results=most, user_auth=True, **bounds, **ASKED)
        )

    async def search(self, query: str, most: int, *, since_id: int | None, until_id: int | None) -> tuple[Json | Failure, Exchange]:
        """Posts of the last seven days that the query finds, newest first; 10 to 100 of them."""
        bounds = _given(since_id=since_id, until_id=until_id)
        return await self._call(lambda: self._tweepy.search_recent_tweets(query, max_results=most, **bounds, **ASKED))

    async def posts(self, ids: Sequence[str]) -> tuple[Json | Failure, Exchange]:
        """Posts by their ids, at most 100; those that are gone stand under `errors`."""
        return await self._call(lambda: self._tweepy.get_tweets(list(ids), **ASKED))

    async def timeline(self, most: int, since_id: int, until_id: int | None) -> tuple[Json | Failure, Exchange]:
        """What we posted ourselves since then, newest first; 5 to 100."""
        bounds = _given(since_id=since_id, until_id=until_id)
        wanted = ["created_at", "author_id", "referenced_tweets"]
        return await self._call(
            lambda: self._tweepy.get_users_tweets(self._settings.user_id, max_results=most, tweet_fields=wanted, user_auth=True, **bounds)
        )

    async def reply(self, text: str, to: str) -> tuple[Json | Failure, Exchange]:
        """Post an answer to a post."""
        return await self._call(lambda: self._tweepy.create_tweet(text=text, in_reply_to_tweet_id=to))

    async def close(self) -> None:
        """Close the connections."""
        if self._tweepy.session is not None:
            await self._tweepy.session.close()

    async def _call(self, make: Callable[[], Awaitable[Any]]) -> tuple[Json | Failure, Exchange]:
        exchange = Exchange()
        token = _exchange.set(exchange)
        try:
            if self._tweepy.session is None:  # a session wants a running loop, and its authority a file that can be read
                self._tweepy.session = session(self._settings)
            async with asyncio.timeout(self._settings.answer_seconds):
                answer = await make()
        except (
            tweepy.TweepyException,
            aiohttp.ClientError,
            TimeoutError,
            OSError,
            ValueError,
            AttributeError,
            TypeError,
            KeyError,
            RecursionError,
        ) as error:
            return judge(exchange, type(error).__name__, self._now_ms()), exchange
        finally:
            _exchange.reset(token)
        if not isinstance(answer, dict):
            return judge(exchange, f"{type(answer).__name__} in place of an object", self._now_ms()), exchange
        return answer, exchange


def session(settings: XSettings) -> aiohttp.ClientSession:
    """A session with our limits that records each exchange; to another server than X's where the settings name one."""
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_sent)
    trace.on_request_end.append(_answered)
    trace.on_response_chunk_received.append(_received)
    tls = ssl.create_default_context(cafile=settings.ca)
    if settings.server:
        connector = aiohttp.TCPConnector(resolver=_Redirect(settings.server), ssl=tls, use_dns_cache=False)
    else:
        connector = aiohttp.TCPConnector(ssl=tls)
    limits = aiohttp.ClientTimeout(total=settings.answer_seconds, connect=settings.connect_seconds, sock_connect=settings.connect_seconds)
    return aiohttp.ClientSession(connector=connector, timeout=limits, trace_configs=[trace], raise_for_status=False)


class _Redirect(AbstractResolver):
    """Sends X's names to one server, TLS, names and signatures as they are; knows no other name."""

    def __init__(self, server: str) -> None:
        host, _, port = server.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:  # noqa: ARG002
        """The server's address and port, for names of X only."""
        if host not in ("api.twitter.com", "api.x.com"):
            raise OSError(f"{host} is no server of X")
        found = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        return [ResolveResult(hostname=host, host=self._host, port=self._port, family=found, proto=0, flags=socket.AI_NUMERICHOST)]

    async def close(self) -> None:
        """Nothing to close."""


async def _sent(_: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestHeadersSentParams) -> None:
    _exchange.get().sent = True


async def _answered(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
    exchange = _exchange.get()
    exchange.status = params.response.status
    exchange.headers = {name.lower(): value for name, value in params.response.headers.items()}


async def _received(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceResponseChunkReceivedParams) -> None:
    exchange = _exchange.get()
    if exchange.status is not None and exchange.status >= 400:
        exchange.body += params.chunk[: BODY_OCTETS_MAX - len(exchange.body)]
    if len(params.chunk) > ANSWER_OCTETS_MAX:
        raise ValueError("an answer of this length is none")


def _given(**bounds: object) -> dict[str, Any]:
    return {name: value for name, value in bounds.items() if value is not None}
