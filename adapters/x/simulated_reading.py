"""The reading half of the simulated X: mentions, recent search, posts by id, our timeline, ourselves, with X's limits and refusals."""

from __future__ import annotations

import base64
import datetime as dt
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.x import simulated_problems as problems
from adapters.x.faults import Endpoint
from adapters.x.simulated_bill import DAY_MS
from adapters.x.simulated_post import Post
from adapters.x.simulated_problems import Answer
from adapters.x.simulated_query import QueryRefused, compile_query
from adapters.x.simulated_settings import SimulatedSettings
from adapters.x.simulated_view import View
from adapters.x.simulated_wish import PARAMETERS, Wish, read_wish
from adapters.x.snowflake import first_of
from adapters.x.world import Bounds, Found, World

SEARCH_DAYS = 7
SETTLING_MS = 30_000  # a search without bounds ends so long before now (X: recent search, paginate)
END_MS = 10_000
IDS_MAX = 100
ID = re.compile(r"[0-9]{1,19}")
SPAN = ("since_id", "until_id", "start_time", "end_time", "max_results", "pagination_token")
TAKEN: Mapping[Endpoint, tuple[str, ...]] = {
    Endpoint.MENTIONS: (*SPAN, *PARAMETERS),
    Endpoint.TIMELINE: (*SPAN, "exclude", *PARAMETERS),
    Endpoint.SEARCH: ("query", *SPAN, "next_token", "sort_order", *PARAMETERS),
    Endpoint.POSTS: ("ids", *PARAMETERS),
    Endpoint.ME: PARAMETERS,
}
MOST: Mapping[Endpoint, tuple[int, int, int]] = {
    Endpoint.MENTIONS: (5, 100, 10),
    Endpoint.TIMELINE: (5, 100, 10),
    Endpoint.SEARCH: (10, 100, 10),
}
"""max_results: least, most, and what it is when not given."""


class Refused(Exception):
    """X answers this instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Call:
    """One request, understood so far. `target`: the id in the path; `user`: our account calls, not the app alone."""

    endpoint: Endpoint
    user: bool
    query: Mapping[str, str]
    target: str = ""
    body: bytes = b""


class Reading:
    """Answers what reads."""

    def __init__(self, world: World, settings: SimulatedSettings) -> None:
        self._world = world
        self._settings = settings
        self._view = View(world)

    def answer(self, call: Call, *, hollow: bool = False) -> Answer:
        """The answer to a reading call; `hollow`: an empty page that says there are more."""
        try:
            self._check(call)
            wish = read_wish(call.query, dialect=self._settings.dialect, strict=self._settings.strict)
            if isinstance(wish, Answer):
                return wish
            if call.endpoint is Endpoint.ME:
                return self._me(call, wish)
            if call.endpoint is Endpoint.POSTS:
                return self._posts(call, wish)
            return self._page(call, wish, hollow=hollow)
        except Refused as refused:
            return refused.answer

    def _check(self, call: Call) -> None:
        taken = TAKEN[call.endpoint]
        for name, value in call.query.items():
            if name not in taken:
                raise Refused(problems.invalid(f"The query parameter [{name}] is not one of [{','.join(sorted(taken))}]", **{name: value}))
        for name in ("since_id", "until_id"):
            if name in call.query:
                _number(name, call.query[name])
        if call.target and not ID.fullmatch(call.target):
            raise Refused(_no_match("id", call.target))

    def _me(self, call: Call, wish: Wish) -> Answer:
        if not call.user:
            return problems.app_only()
        account = self._world.account
        micros = self._world.bill.users([account.id], self._world.clock())
        return Answer(200, {"data": self._view.user(account, wish)}, micros=micros)

    def _posts(self, call: Call, wish: Wish) -> Answer:
        ids = [value for value in call.query.get("ids", "").split(",") if value]
        if not 1 <= len(ids) <= IDS_MAX:
            message = f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and {IDS_MAX}"
            raise Refused(problems.invalid(message, ids=call.query.get("ids", "")))
        posts: list[Post] = []
        errors: list[dict[str, Any]] = []
        for value in dict.fromkeys(ids):
            post = self._world.posts.get(_number("ids", value))
            if post is None or post.chain.deleted_ms is not None:
                errors.append(problems.not_found(value, "ids"))
            elif not self._world.public(post.author):
                errors.append(problems.not_authorized(value, "ids", "data"))
            else:
                posts.append(post)
        body = self._view.page(posts, wish)
        if errors:
            body["errors"] = errors + body.get("errors", [])
        if wish.new:
            body["meta"] = {"result_count": len(posts)}
        return Answer(200, body, len(posts), self._billed(posts, body, owned=False))

    def _page(self, call: Call, wish: Wish, *, hollow: bool) -> Answer:
        most = _most(call)
        if call.endpoint is Endpoint.SEARCH:
            find, scope = self._searching(call), call.query["query"]
            bounds = self._search_bounds(call)
        else:
            find, scope = self._listing(call), call.target
            bounds = self._list_bounds(call)
        scope = f"{call.endpoint}:{scope}"
        token = call.query.get("pagination_token", call.query.get("next_token"))
        if token is not None:
            below = _place(token, scope)
            bounds = Bounds(bounds.above, below if bounds.below is None else min(below, bounds.below))
        found = find(bounds, most) if not hollow else Found([], more=True)
        meta: dict[str, Any] = {"result_count": len(found.posts)}
        if found.posts:
            meta |= {"newest_id": str(found.posts[0].id), "oldest_id": str(found.posts[-1].id)}
        if found.more:
            last = found.posts[-1].id if found.posts else bounds.below or first_of(self._world.clock() + DAY_MS)
            meta["next_token"] = _token(last, scope)
        body = self._view.page(found.posts, wish) | {"meta": meta}
        owned = self._settings.owned and call.user and call.target == str(self._world.account.id)
        return Answer(200, body, len(found.posts), self._billed(found.posts, body, owned=owned))

    def _searching(self, call: Call) -> Callable[[Bounds, int], Found]:
        text = call.query.get("query", "")
        try:
            query = compile_query(text, self._world)
        except QueryRefused as error:
            raise Refused(problems.invalid(str(error), query=text)) from None
        return lambda bounds, most: self._world.search(query.matches, query.keys, bounds, most)

    def _listing(self, call: Call) -> Callable[[Bounds, int], Found]:
        user = self._world.users.get(int(call.target))
        if user is None:
            raise Refused(Answer(200, {"errors": [problems.not_found(call.target, "id", "user")]}))
        if not self._world.public(user):
            detail = f"Sorry, you are not authorized to see the user with id: [{call.target}]."
            raise Refused(Answer(200, {"errors": [problems.not_authorized(call.target, "id", "data") | {"detail": detail}]}))
        if call.endpoint is Endpoint.MENTIONS:
            return lambda bounds, most: self._world.mentions(user, bounds, most)
        return lambda bounds, most: self._world.timeline(user, bounds, most)

    def _list_bounds(self, call: Call) -> Bounds:
        """Ids win over times (X: mentions)."""
        since, until = call.query.get("since_id"), call.query.get("until_id")
        start, end = _moment(call, "start_time"), _moment(call, "end_time")
        above = int(since) if since else first_of(start) - 1 if start is not None else 0
        return Bounds(above, int(until) if until else first_of(end) if end is not None else None)

    def _search_bounds(self, call: Call) -> Bounds:
        now = self._world.clock()
        oldest = now - SEARCH_DAYS * DAY_MS
        since, until = call.query.get("since_id"), call.query.get("until_id")
        start, end = _moment(call, "start_time"), _moment(call, "end_time")
        if (since or until) and (start is not None or end is not None):
            message = "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'."
            raise Refused(problems.invalid(message, since_id=since or ""))
        if since and int(since) < first_of(oldest):
            message = (
                f"'since_id' must be a tweet id created after {_minute(oldest)}. "
                f"Please use a 'since_id' that is larger than {first_of(oldest)}"
            )
            raise Refused(problems.invalid(message, since_id=since))
        if start is not None and start < oldest:
            told = _minute(start)
            message = f"Invalid 'start_time':'{told}'. 'start_time' must be on or after {_minute(oldest)}"
            raise Refused(problems.invalid(message, start_time=told))
        if end is not None and end > now - END_MS:
            message = f"Invalid 'end_time':'{_minute(end)}'. 'end_time' must be a minimum of 10 seconds prior to the request time."
            raise Refused(problems.invalid(message, end_time=call.query["end_time"]))
        above = int(since) if since else first_of(start if start is not None else oldest) - 1
        if until or since:
            return Bounds(above, int(until) if until else None)
        return Bounds(above, first_of(end if end is not None else now - SETTLING_MS))

    def _billed(self, posts: Iterable[Post], body: Mapping[str, Any], *, owned: bool) -> int:
        now = self._world.clock()
        micros = self._world.bill.posts((post.id for post in posts), now, owned=owned)
        if self._settings.expanded_billed:
            includes = body.get("includes", {})
            others = (*includes.get("tweets", ()), *includes.get("posts", ()))
            micros += self._world.bill.posts((int(other["id"]) for other in others), now, owned=False)
            micros += self._world.bill.users((int(user["id"]) for user in includes.get("users", ())), now)
        return micros


def _most(call: Call) -> int:
    least, most, usual = MOST[call.endpoint]
    value = call.query.get("max_results", str(usual))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise Refused(
            problems.invalid(f"The `max_results` query parameter value [{value}] is not between {least} and {most}", max_results=value)
        )
    return int(value)


def _number(name: str, value: str) -> int:
    if not ID.fullmatch(value):
        raise Refused(_no_match(name, value))
    return int(value)


def _no_match(name: str, value: str) -> Answer:
    return problems.invalid(f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$", **{name: value})


def _moment(call: Call, name: str) -> int | None:
    """A time parameter in UTC milliseconds."""
    value = call.query.get(name)
    if value is None:
        return None
    try:
        when = dt.datetime.fromisoformat(value)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None or "T" not in value:
        raise Refused(problems.invalid(f"The `{name}` query parameter value [{value}] is not a valid RFC3339 date-time", **{name: value}))
    return round(when.timestamp() * 1000)


def _minute(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%dT%H:%MZ}"


def _token(last: int, scope: str) -> str:
    """Where the next page begins, bound to what was asked."""
    return base64.b32hexencode(f"{zlib.crc32(scope.encode()):08x}{last:x}".encode()).decode().lower().rstrip("=")


def _place(token: str, scope: str) -> int:
    try:
        text = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode("ascii")
        last = int(text[8:], 16)
    except ValueError:
        text, last = "", 0
    if text[:8] != f"{zlib.crc32(scope.encode()):08x}":
        raise Refused(problems.invalid("Invalid 'pagination_token'", pagination_token=token))
    return last
