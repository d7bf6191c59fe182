"""A scripted X and a front desk in memory, for the tests of the poller, the meter and the replier; time is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.channel import Answer, ChannelHealth, Cursor, Known, Reply, Taken
from adapters.x.answers import Exchange, Failure
from adapters.x.meter import Kind, Meter
from adapters.x.poller import Poller, Source
from adapters.x.replier import Replier
from adapters.x.settings import XSettings
from adapters.x.snowflake import first_of
from adapters.x.window import DAY_MS, Ask, Reach
from parsers.errors import JournalError
from parsers.model import Address, Post
from parsers.post import Json, Us

NOW_MS = 1_795_000_000_000
OUR_ID = "170800"
US = Us(OUR_ID, "lapor1708", frozenset({"aduanagam"}))
Result = tuple[Json | Failure, Exchange]
Answered = Json | Failure | Result | Callable[..., Any]


def post_id(number: int) -> str:
    """The id of a post made so many seconds after (before, where negative) half an hour before NOW_MS."""
    return str(first_of(NOW_MS - 1_800_000 + number * 1000))


def item(number: int, **changes: Any) -> dict[str, Any]:
    """A post that calls us; a field of None is left out."""
    fields = {
        "id": post_id(number),
        "author_id": "2244994945",
        "created_at": "2026-11-18T10:00:00.000Z",
        "text": f"@lapor1708 jalan rusak di km {number}",
        "entities": {"mentions": [{"start": 0, "end": 10, "id": OUR_ID, "username": "lapor1708"}]},
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def page(items: Sequence[Json], *, more: bool = False, **changes: Any) -> dict[str, Any]:
    """A page, newest first; `more` says that there is another."""
    return {"data": list(items), "meta": {"result_count": len(items)} | ({"next_token": "t"} if more else {})} | changes


@dataclass
class Client:
    """X: gives these answers in turn, the last for ever; keeps what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def mentions(self, most: int, **bounds: Any) -> Result:
        return self._next(kind="mentions", most=most, **bounds)

    async def search(self, query: str, most: int, **bounds: Any) -> Result:
        return self._next(kind="search", query=query, most=most, **bounds)

    async def posts(self, ids: Sequence[str]) -> Result:
        return self._next(kind="posts", ids=list(ids))

    async def timeline(self, most: int, since_id: int, until_id: int | None) -> Result:
        return self._next(kind="timeline", most=most, since_id=since_id, until_id=until_id)

    async def reply(self, text: str, to: str) -> Result:
        return self._next(kind="reply", text=text, to=to)

    async def close(self) -> None:
        self.asked.append({"kind": "close"})

    def _next(self, **asked: Any) -> Result:
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(asked)
        return answer if isinstance(answer, tuple) else (answer, Exchange(sent=True, status=200))


@dataclass
class Inbox:
    """A front desk in memory (adapters.channel.PostInbox). `later` and `broken` say how often it does not take what comes."""

    posts: list[Post] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    batches: list[tuple[int, bool]] = field(default_factory=list)
    """Of each batch: how many posts, and whether the cursor came with it."""
    later: int = 0
    broken: int = 0
    kind: str = "stored"
    due: list[Known] = field(default_factory=list)
    said: list[dict[str, str | None]] = field(default_factory=list)

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        if self.later:
            self.later -= 1
            return [Taken(Answer.LATER)] * len(posts)
        self.batches.append((len(posts), cursor is not None))
        self.posts += posts
        if cursor is not None:
            self.cursors[cursor.source] = cursor.value
        return [Taken(Answer.KEPT, self.kind, "GA0001")] * len(posts)

    async def cursor(self, source: str) -> str | None:
        self._may_break()
        return self.cursors.get(source)

    async def keep_cursor(self, cursor: Cursor) -> None:
        self._may_break()
        self.cursors[cursor.source] = cursor.value

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        self._may_break()
        assert account == "@lapor1708"
        assert now_ms > 0
        due, self.due = self.due[:limit], self.due[limit:]
        return due

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        assert account == "@lapor1708"
        self.said.append(dict(said))
        return sum(why is not None for why in said.values())

    def _may_break(self) -> None:
        if self.broken:
            self.broken -= 1
            raise JournalError("the disk is full")


class House:
    """Poller, meter and replier of one account around a scripted X."""

    def __init__(self, inbox: Inbox, **settings: Any) -> None:
        self.now_ms = NOW_MS
        self.inbox = inbox
        self.client = Client()
        self.settings = XSettings(enabled=True, user_id=OUR_ID, **settings)
        self.us = US
        self.meter = Meter(self.settings, inbox, self.clock, lambda: 0.5)
        self.poller = Poller(self.settings, lambda: self.us, self.meter, inbox, self.clock)
        self.replier = Replier(self.settings, self.client, self.meter, self.clock, ChannelHealth)  # type: ignore[arg-type]

    def clock(self) -> int:
        return self.now_ms

    def source(self, kind: Kind = Kind.MENTIONS) -> Source:
        async def fetch(most: int, wanted: Ask) -> Result:
            bounds = {"since_id": wanted.since_id, "until_id": wanted.until_id}
            return await self.client.mentions(most, **bounds) if kind is Kind.MENTIONS else await self.client.search("q", most, **bounds)

        reach = Reach(900_000, DAY_MS, by_time=kind is Kind.SEARCH)
        return Source(kind.value, kind, fetch, 20.0, reach)

    def reply(self, attempt: int = 1, to: str | None = None) -> Reply:
        return Reply(
            Address(0, 0, to or post_id(0)), "LAPOR! Laporan sudah kami simpan, No. GA7K2Q.", "R7", "receipt", "GA7K2Q", attempt=attempt
        )
