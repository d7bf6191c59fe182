"""The simulated X against an unmodified tweepy: TLS, logins, both dialects, pages, limits, reply rules, money and every fault."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import aiohttp
import pytest
import tweepy
from aiohttp.abc import AbstractResolver, ResolveResult
from oauthlib.oauth1 import Client as Signer
from tweepy.asynchronous import AsyncClient

from adapters.x.faults import CREATES, MENU, READS, Endpoint, Fault, Faults, scripted, seeded
from adapters.x.simulated_limits import WINDOW_MS, Limit
from adapters.x.simulated_post import Place, Post, Shelf
from adapters.x.simulated_settings import SimulatedSettings
from adapters.x.simulator import Served, XSimulator
from adapters.x.snowflake import first_of
from adapters.x.world import World
from gateway.simulate_x import act

Result = TypeVar("Result")
DAY_MS = 86_400_000
NOW_MS = 1_795_000_000_000
QUERY = "(#aduanagam OR #lapor) -is:retweet -from:lapor1708 -@lapor1708"
FIELDS = [
    *("created_at", "author_id", "conversation_id", "entities", "geo", "in_reply_to_user_id", "lang", "referenced_tweets", "note_tweet"),
    *("edit_controls", "attachments", "possibly_sensitive", "display_text_range", "reply_settings", "public_metrics"),
]
ASKED: dict[str, list[str]] = {
    "tweet_fields": FIELDS,
    "expansions": ["author_id", "geo.place_id", "attachments.media_keys", "referenced_tweets.id", "in_reply_to_user_id"],
    "user_fields": ["username", "name", "location", "protected"],
    "media_fields": ["type", "url", "preview_image_url", "alt_text", "variants"],
    "place_fields": ["full_name", "geo", "country_code", "place_type"],
}
BASE = "https://api.twitter.com"
US = "170800"


class OnlyX(AbstractResolver):
    """X's names lead to the simulator, every other name nowhere."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:  # noqa: ARG002
        if host not in ("api.twitter.com", "api.x.com"):
            raise OSError(f"{host} is not X")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Clock:
    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class Scene:
    clock: Clock
    world: World
    sim: XSimulator
    http: aiohttp.ClientSession
    x: AsyncClient
    served: list[Served] = field(default_factory=list)

    def post(self, text: str = "@lapor1708 jalan rusak", by: str = "sari", **more: Any) -> Post:
        self.clock.now_ms += 1000
        return self.world.write(self.world.user(by), text, **more)

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """A request with the app's bearer token."""
        given = {"Authorization": f"Bearer {self.sim.credentials.bearer}"} | headers
        async with self.http.get(BASE + path, headers=given) as response:
            return response.status, await response.json()


def real_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.asynccontextmanager
async def scene(faults: Faults | None = None, **settings: Any) -> AsyncIterator[Scene]:
    clock = Clock()
    served: list[Served] = []
    world = World(clock, Random(1))
    sim = XSimulator(world, faults=faults, settings=SimulatedSettings(**settings), signed_clock=real_ms, told=served.append)
    await sim.start()
    trusted = ssl.create_default_context(cadata=sim.ca_pem.decode())
    connector = aiohttp.TCPConnector(resolver=OnlyX(sim.port), ssl=trusted)
    keys = sim.credentials
    x = AsyncClient(
        keys.bearer,
        keys.consumer_key,
        keys.consumer_secret,
        keys.access_token,
        keys.access_secret,
        return_type=dict,
        wait_on_rate_limit=False,
    )
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=5)) as http:
            x.session = http
            yield Scene(clock, world, sim, http, x, served)
    finally:
        await sim.stop()


def play(story: Coroutine[None, None, Result]) -> Result:
    return asyncio.run(story)


def ids(answer: Any) -> list[int]:
    return [int(item["id"]) for item in answer.get("data", ())]


def test_tweepy_reads_and_answers() -> None:
    async def story() -> None:
        async with scene() as at:
            post = at.post("@lapor1708 #aduanagam jalan rusak", media=[at.world.photo("lubang")])
            tagged = at.post("#lapor lampu mati", by="budi")
            mentions = await at.x.get_users_mentions(US, max_results=100, user_auth=True, **ASKED)
            assert ids(mentions) == [post.id]
            assert mentions["meta"] == {"result_count": 1, "newest_id": str(post.id), "oldest_id": str(post.id)}
            assert [user["username"] for user in mentions["includes"]["users"]] == ["sari"]
            assert mentions["includes"]["media"][0]["alt_text"] == "lubang"
            at.clock.now_ms += 60_000
            assert ids(await at.x.search_recent_tweets(QUERY, max_results=100, **ASKED)) == [tagged.id]
            made = await at.x.create_tweet(text="No. G7K2QP", in_reply_to_tweet_id=post.id)
            own = await at.x.get_users_tweets(US, tweet_fields=["referenced_tweets"], user_auth=True)
            assert own["data"][0]["id"] == made["data"]["id"]
            assert own["data"][0]["referenced_tweets"] == [{"type": "replied_to", "id": str(post.id)}]
            assert ids(await at.x.get_tweets([post.id, tagged.id], **ASKED)) == [post.id, tagged.id]
            assert (await at.x.get_me())["data"]["id"] == US
            assert await at.x.delete_tweet(made["data"]["id"]) == {"data": {"deleted": True}}
            assert "data" not in await at.x.get_users_tweets(US, user_auth=True)
            assert at.world.replies[0].deleted

    play(story())


def test_who_does_not_trust_its_authority_gets_nothing() -> None:
    async def story() -> None:
        async with scene() as at, aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=OnlyX(at.sim.port))) as http:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await http.get(BASE + "/2/users/me")

    play(story())


def signed(at: Scene, **changes: Any) -> str:
    """An OAuth 1 header for /2/users/me, with something changed."""
    keys = at.sim.credentials
    given = {
        "client_key": keys.consumer_key,
        "client_secret": keys.consumer_secret,
        "resource_owner_key": keys.access_token,
        "resource_owner_secret": keys.access_secret,
    }
    return str(Signer(**(given | changes)).sign(BASE + "/2/users/me")[1]["Authorization"])


LOGINS: list[tuple[str, Callable[[Scene], str], int]] = [
    ("ours", signed, 200),
    ("user token", lambda at: f"Bearer {at.sim.credentials.user_token}", 200),
    ("app alone", lambda at: f"Bearer {at.sim.credentials.bearer}", 403),
    ("nothing", lambda _: "", 401),
    ("another token", lambda _: "Bearer x", 401),
    ("another kind", lambda _: "Basic eDp5", 401),
    ("no signature", lambda _: "OAuth", 401),
    ("wrong secret", lambda at: signed(at, client_secret="x"), 401),
    ("wrong token secret", lambda at: signed(at, resource_owner_secret="x"), 401),
    ("wrong key", lambda at: signed(at, client_key="x"), 401),
    ("too old", lambda at: signed(at, timestamp=str(real_ms() // 1000 - 301)), 401),
    ("from the future", lambda at: signed(at, timestamp=str(real_ms() // 1000 + 302)), 401),
    ("no time", lambda at: signed(at, timestamp="now"), 401),
]


@pytest.mark.parametrize(("header", "status"), [row[1:] for row in LOGINS], ids=[row[0] for row in LOGINS])
def test_logins_are_really_checked(header: Callable[[Scene], str], status: int) -> None:
    async def story() -> None:
        async with scene() as at:
            assert (await at.get("/2/users/me", Authorization=header(at)))[0] == status

    play(story())


def test_a_signature_counts_once_and_for_its_own_request_only() -> None:
    async def story() -> None:
        async with scene() as at:
            header = signed(at)
            statuses = [(await at.get(f"/2/users/me{query}", Authorization=header))[0] for query in ("?user.fields=name", "", "")]
            assert statuses == [401, 200, 401]

    play(story())


def test_an_app_alone_may_not_post() -> None:
    async def story() -> None:
        async with scene() as at:
            with pytest.raises(tweepy.Forbidden, match="Application-Only is forbidden"):
                await at.x.create_tweet(text="halo", user_auth=False)
            assert at.world.replies == []

    play(story())


OLD = "tweet.fields=author_id,created_at,referenced_tweets,note_tweet&expansions=referenced_tweets.id"
NEW = "post.fields=created_at,note_post&expansions=author_id,referenced_posts"
HISTORY = {"tweets": "edit_history_tweet_ids", "posts": "edit_history_post_ids"}
DIALECTS = [
    ("both", OLD, "tweets", {"author_id", "created_at", "referenced_tweets", "note_tweet"}),
    ("both", NEW, "posts", {"author_id", "created_at", "referenced_posts", "note_post"}),
    ("both", "", "tweets", set()),
    ("both", "tweet.fields=note_post,created_at", "tweets", {"created_at"}),
    ("both", "post.fields=author_id,note_tweet,referenced_posts", "posts", set()),
    ("both", "expansions=referenced_posts", "tweets", {"referenced_tweets"}),
    ("old", OLD, "tweets", {"author_id", "created_at", "referenced_tweets", "note_tweet"}),
    ("old", "post.fields=created_at,note_post", "tweets", set()),
    ("new", "tweet.fields=created_at,author_id,note_tweet", "posts", set()),
    ("new", NEW, "posts", {"author_id", "created_at", "referenced_posts", "note_post"}),
]


@pytest.mark.parametrize(("dialect", "query", "answered", "fields"), DIALECTS, ids=[f"{row[0]} {row[1]}" for row in DIALECTS])
def test_a_name_of_the_other_dialect_is_billed_and_its_field_missing(dialect: str, query: str, answered: str, fields: set[str]) -> None:
    async def story() -> None:
        async with scene(dialect=dialect) as at:
            at.post("@lapor1708 " + "panjang sekali " * 30, reply_to=at.post("jalan rusak", by="budi").id)
            status, answer = await at.get(f"/2/users/{US}/mentions?{query}")
            assert status == 200
            assert set(answer["data"][0]) == {"id", "text", HISTORY[answered]} | fields
            assert set(answer.get("includes", {})) <= {answered, "users"}
            assert (answered in answer.get("includes", {})) is ("referenced" in query and "expansions" in query)
            assert at.world.bill.total == 5_000

    play(story())


@pytest.mark.parametrize(
    ("strict", "query", "told"),
    [
        (False, "tweet.fields=bogus", "The `tweet.fields` query parameter value [bogus] is not one of ["),
        (False, "post.fields=bogus", "The `post.fields` query parameter value [bogus] is not one of ["),
        (False, "expansions=bogus", "The `expansions` query parameter value [bogus] is not one of ["),
        (False, "user.fields=bogus", "The `user.fields` query parameter value [bogus] is not one of ["),
        (False, "bogus=1", "The query parameter [bogus] is not one of ["),
        (True, "tweet.fields=note_post", "The `tweet.fields` query parameter value [note_post] is not one of ["),
        (True, "expansions=referenced_posts", "The `expansions` query parameter value [referenced_posts] is not one of ["),
        (False, "max_results=4", "The `max_results` query parameter value [4] is not between 5 and 100"),
        (False, "max_results=101", "The `max_results` query parameter value [101] is not between 5 and 100"),
        (False, "since_id=x", "The `since_id` query parameter value [x] does not match ^[0-9]{1,19}$"),
        (False, "start_time=2026-11-18", "The `start_time` query parameter value [2026-11-18] is not a valid RFC3339 date-time"),
        (False, "pagination_token=abc", "Invalid 'pagination_token'"),
    ],
)
def test_what_no_dialect_knows_is_refused(*, strict: bool, query: str, told: str) -> None:
    async def story() -> None:
        async with scene(strict=strict) as at:
            status, answer = await at.get(f"/2/users/{US}/mentions?{query}")
            assert (status, answer["title"]) == (400, "Invalid Request")
            assert answer["errors"][0]["message"].startswith(told)

    play(story())


def test_pages_give_each_post_once_newest_first() -> None:
    async def story() -> None:
        async with scene() as at:
            posts = [at.post(f"@lapor1708 #lapor {number}").id for number in range(25)]
            found: list[int] = []
            token: str | None = None
            for _ in range(4):
                page = await at.x.get_users_mentions(US, max_results=10, pagination_token=token, since_id=posts[1])
                at.post("@lapor1708 sementara itu")
                found += ids(page)
                token = page["meta"].get("next_token")
                if token is None:
                    break
            assert found == posts[:1:-1]
            by_id = await at.x.get_users_mentions(US, max_results=100, until_id=posts[3], user_auth=True)
            assert ids(by_id) == posts[2::-1]
            first = await at.x.search_recent_tweets("#lapor", max_results=10, since_id=posts[0])
            with pytest.raises(tweepy.BadRequest, match="pagination_token"):
                await at.x.search_recent_tweets("#aduanagam", max_results=10, next_token=first["meta"]["next_token"])

    play(story())


def test_times_bound_a_reading() -> None:
    async def story() -> None:
        async with scene() as at:
            posts = [at.post("@lapor1708 #lapor").id for _ in range(5)]
            begin, end = "2026-11-18T11:06:42Z", "2026-11-18T14:06:44+03:00"
            mentions = await at.x.get_users_mentions(US, start_time=begin, end_time=end)
            at.clock.now_ms += 60_000
            search = await at.x.search_recent_tweets("#lapor", start_time=begin, end_time=end)
            assert ids(mentions) == ids(search) == posts[2:0:-1]

    play(story())


def test_a_search_without_bounds_ends_thirty_seconds_ago() -> None:
    async def story() -> None:
        async with scene() as at:
            post = at.post("#lapor")
            assert "data" not in await at.x.search_recent_tweets("#lapor")
            assert ids(await at.x.search_recent_tweets("#lapor", since_id=post.id - 1)) == [post.id]
            at.clock.now_ms += 31_000
            assert ids(await at.x.search_recent_tweets("#lapor")) == [post.id]

    play(story())


WEEK_ERRORS: list[tuple[str, Callable[[], dict[str, Any]], str]] = [
    ("old since_id", lambda: {"since_id": first_of(NOW_MS - 8 * DAY_MS)}, "Please use a 'since_id' that is larger than"),
    ("old start_time", lambda: {"start_time": "2026-11-01T00:00:00Z"}, "'start_time' must be on or after 2026-11-11T11:06Z"),
    ("end now", lambda: {"end_time": "2026-11-18T11:06:40Z"}, "minimum of 10 seconds prior"),
    ("id and time", lambda: {"until_id": 5, "start_time": "2026-11-17T00:00:00Z"}, "in conjunction with"),
    ("too few", lambda: {"max_results": 9}, "not between 10 and 100"),
    ("query", lambda: {"query": "has:media"}, "standalone operator"),
]


@pytest.mark.parametrize(("given", "told"), [row[1:] for row in WEEK_ERRORS], ids=[row[0] for row in WEEK_ERRORS])
def test_search_refuses_what_x_refuses(given: Callable[[], dict[str, Any]], told: str) -> None:
    async def story() -> None:
        async with scene() as at:
            with pytest.raises(tweepy.BadRequest, match="400") as refused:
                await at.x.search_recent_tweets(**({"query": QUERY} | given()))
            assert told in str(refused.value)

    play(story())


def test_what_is_gone_or_hidden_stands_under_errors() -> None:
    async def story() -> None:
        async with scene() as at:
            kept, gone, hidden = at.post(), at.post(), at.post(by="budi")
            reply = at.post("@lapor1708 betul", by="ani", reply_to=gone.id)
            at.world.delete(gone)
            at.world.user("budi").protected = True
            answer = await at.x.get_tweets([kept.id, gone.id, hidden.id, 5])
            assert ids(answer) == [kept.id]
            kinds = [(error["resource_id"], error["type"].rpartition("/")[2]) for error in answer["errors"]]
            not_found, not_authorized = "resource-not-found", "not-authorized-for-resource"
            assert kinds == [(str(gone.id), not_found), (str(hidden.id), not_authorized), ("5", not_found)]
            page = await at.x.get_users_mentions(US, **ASKED)
            assert ids(page) == [reply.id, kept.id]
            assert page["errors"][0]["parameter"] == "referenced_tweets.id"
            assert "errors" in await at.x.get_users_mentions("5")
            with pytest.raises(tweepy.BadRequest):
                await at.x.get_users_mentions("me")

    play(story())


def test_limits_are_counted_by_the_clock_for_app_and_user_apart() -> None:
    async def story() -> None:
        async with scene(limits={Endpoint.MENTIONS: Limit(app=2, user=1), Endpoint.CREATE: Limit(None, 5, app_day=2)}) as at:
            left = []
            for _ in range(2):
                async with at.http.get(
                    f"{BASE}/2/users/{US}/mentions", headers={"Authorization": f"Bearer {at.sim.credentials.bearer}"}
                ) as got:
                    left.append([got.headers[f"x-rate-limit-{name}"] for name in ("limit", "remaining", "reset")])
            reset = str((NOW_MS + WINDOW_MS) // 1000)
            assert left == [["2", "1", reset], ["2", "0", reset]]
            with pytest.raises(tweepy.TooManyRequests) as full:
                await at.x.get_users_mentions(US)
            assert full.value.reset_time == int(reset)
            await at.x.get_users_mentions(US, user_auth=True)
            at.clock.now_ms += WINDOW_MS
            await at.x.get_users_mentions(US)
            for number in range(2):
                await at.x.create_tweet(text=f"{number}")
            at.clock.now_ms += WINDOW_MS
            with pytest.raises(tweepy.TooManyRequests) as day:
                await at.x.create_tweet(text="3")
            headers = day.value.response.headers
            assert day.value.reset_time == at.clock.now_ms // 1000
            assert (headers["x-app-limit-24hour-remaining"], headers["x-rate-limit-remaining"]) == ("0", "5")
            at.clock.now_ms += DAY_MS
            await at.x.create_tweet(text="3")

    play(story())


ENGAGED, MENTIONED = "you have not been mentioned or otherwise engaged", "where you are mentioned or are the author"
RULES: list[tuple[str, Callable[[Scene], int], dict[str, Any], str]] = [
    ("called", lambda at: at.post().id, {}, ""),
    ("hashtag", lambda at: at.post("#lapor").id, {}, ENGAGED),
    ("hashtag, other words", lambda at: at.post("#lapor").id, {"wording": "mentioned"}, MENTIONED),
    ("hashtag, enterprise", lambda at: at.post("#lapor").id, {"enterprise": True}, ""),
    ("inherited", lambda at: at.post("ya", by="budi", reply_to=at.post().id).id, {}, ENGAGED),
    ("never was", lambda _: 5, {}, "deleted or not visible"),
    ("never was, 400", lambda _: 5, {"gone_status": 400}, "deleted or not visible"),
    ("deleted", lambda at: done(at, at.world.delete), {}, "deleted or not visible"),
    ("protected", lambda at: done(at, lambda post: setattr(post.author, "protected", True)), {}, "deleted or not visible"),
    ("blocks us", lambda at: done(at, lambda post: setattr(post.author, "blocks_us", True)), {}, "You have been blocked"),
    ("followers only", lambda at: at.post(reply_settings="following").id, {}, "restricted who can reply"),
    ("mentioned only", lambda at: at.post(reply_settings="mentionedUsers").id, {}, ""),
]


def done(at: Scene, change: Callable[[Post], None]) -> int:
    post = at.post()
    change(post)
    return post.id


@pytest.mark.parametrize(("target", "settings", "told"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_whom_x_lets_us_answer(target: Callable[[Scene], int], settings: dict[str, Any], told: str) -> None:
    async def story() -> None:
        async with scene(**settings) as at:
            post_id = target(at)
            if told:
                with pytest.raises(tweepy.HTTPException, match=told) as refused:
                    await at.x.create_tweet(text="No. G7K2QP", in_reply_to_tweet_id=post_id)
                assert refused.value.response.status == settings.get("gone_status", 403)
            else:
                await at.x.create_tweet(text="No. G7K2QP", in_reply_to_tweet_id=post_id)
            assert len(at.world.replies) == (not told)

    play(story())


BODIES = [
    ("halo", "not valid JSON"),
    ("[]", "object expected"),
    ("{}", "$.text: is missing"),
    ('{"text":" "}', "$.text: is missing"),
    ('{"text":"a","reply":5}', "$.reply: object expected"),
    ('{"text":"a","reply":{}}', "$.reply.in_reply_to_tweet_id: is missing but it is required"),
    ('{"text":"a","reply":{"in_reply_to_tweet_id":"x"}}', "does not match the regex pattern"),
    ('{"text":"a","quote_tweet_id":"x"}', "does not match the regex pattern"),
    ('{"text":"a","in_reply_to":"5"}', "$.in_reply_to: is not defined in the schema"),
    (json.dumps({"text": "a" * 281}), "too long"),
    ('{"text":"sudah"}', "duplicate content"),
]


@pytest.mark.parametrize(("body", "told"), BODIES, ids=[body[:50] for body, _ in BODIES])
def test_posts_that_x_does_not_take(body: str, told: str) -> None:
    async def story() -> None:
        async with scene() as at:
            await at.x.create_tweet(text="sudah")
            headers = {"Authorization": f"Bearer {at.sim.credentials.user_token}", "Content-Type": "application/json"}
            async with at.http.post(f"{BASE}/2/tweets", data=body, headers=headers) as response:
                assert response.status in (400, 403)
                assert told in await response.text()
            assert len(at.world.replies) == 1

    play(story())


def test_only_our_own_posts_can_be_deleted() -> None:
    async def story() -> None:
        async with scene() as at:
            post = at.post()
            with pytest.raises(tweepy.Forbidden, match="not authorized to delete"):
                await at.x.delete_tweet(post.id)
            with pytest.raises(tweepy.BadRequest):
                await at.x.delete_tweet("x")
            assert post.chain.deleted_ms is None

    play(story())


def test_everything_is_billed_as_x_says() -> None:
    async def story() -> None:
        async with scene() as at:
            post = at.post()
            for user_auth in (True, True, False):
                await at.x.get_users_mentions(US, user_auth=user_auth)
            other = at.post("#lapor", by="budi")
            await at.x.get_tweets([post.id, other.id, 5])
            await at.x.create_tweet(text="No. A", in_reply_to_tweet_id=post.id)
            await at.x.create_tweet(text="lapor.go.id", in_reply_to_tweet_id=post.id)
            await at.x.create_tweet(text="Selamat pagi")
            await at.x.get_me()
            assert [served.micros for served in at.served] == [1_000, 0, 0, 5_000, 10_000, 200_000, 15_000, 10_000]
            assert at.world.bill.total == sum(served.micros for served in at.served)
            assert at.served[0].line() == "mentions  200  1 posts  $0.001"
            at.world.bill.credit = 1
            with pytest.raises(tweepy.HTTPException, match="does not have any credits") as empty:
                await at.x.get_users_mentions(US)
            assert empty.value.response.status == 402

    play(story())


def test_what_comes_by_expansion_is_billed_where_set() -> None:
    async def story() -> None:
        async with scene(expanded_billed=True) as at:
            at.post("@lapor1708 ya", by="budi", reply_to=at.post("jalan rusak").id)
            await at.x.get_users_mentions(US, user_auth=True, **ASKED)
            assert at.world.bill.total == 1_000 + 5_000 + 2 * 10_000

    play(story())


def test_places_and_old_versions_are_expanded() -> None:

    async def story() -> None:
        async with scene() as at:
            post = at.post(place=Place("07d9f6", "Lubuk Basung, Indonesia", "Lubuk Basung"))
            at.world.edit(post, "@lapor1708 jalan rusak parah")
            wanted = ["geo.place_id", "edit_history_tweet_ids", "entities.mentions.username"]
            page = await at.x.get_users_mentions(US, expansions=wanted, place_fields=["full_name"], tweet_fields=["geo"])
            assert page["includes"]["places"] == [{"id": "07d9f6", "full_name": "Lubuk Basung, Indonesia"}]
            assert [old["text"] for old in page["includes"]["tweets"]] == ["@lapor1708 jalan rusak"]
            assert page["data"][0]["edit_history_tweet_ids"] == [str(post_id) for post_id in post.chain.ids]
            assert page["includes"]["users"][0]["id"] == US

    play(story())


async def outcome(call: Awaitable[Any]) -> str:
    """What tweepy makes of it, within a moment."""
    try:
        async with asyncio.timeout(0.5):
            answer = await call
    except (tweepy.TweepyException, aiohttp.ClientError, TimeoutError, AttributeError) as error:
        return type(error).__name__
    return type(answer).__name__


SEEN = {
    Fault.UNAUTHORIZED: "Unauthorized",
    Fault.CREDITS: "HTTPException",
    Fault.CAPPED_429: "TooManyRequests",
    Fault.TOO_MANY: "TooManyRequests",
    Fault.NO_RESET: "TooManyRequests",
    Fault.DAY_LIMIT: "TooManyRequests",
    Fault.STRING: "AttributeError",
    Fault.ERROR_BEFORE: "TwitterServerError",
    Fault.ERROR_AFTER: "TwitterServerError",
    Fault.GATEWAY: "ContentTypeError",
    Fault.GATEWAY_AFTER: "ContentTypeError",
    Fault.BUSY_HTML: "ContentTypeError",
    Fault.BUSY_AFTER: "ContentTypeError",
    Fault.HTML: "ContentTypeError",
    Fault.RESET_BEFORE: "ServerDisconnectedError",
    Fault.RESET_AFTER: "ServerDisconnectedError",
    Fault.HANG_BEFORE: "TimeoutError",
    Fault.HANG_AFTER: "TimeoutError",
    Fault.CUT: "ClientPayloadError",
    Fault.EMPTY: "NoneType",
    Fault.LIST: "list",
}


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_does_to_a_reply_what_the_menu_says(fault: Fault) -> None:
    async def story() -> None:
        async with scene(hang_seconds=2.0, slow_seconds=0.05) as at:
            post = at.post()
            trick = MENU[fault]
            if Endpoint.CREATE not in trick.at:
                with pytest.raises(ValueError, match="cannot befall"):
                    at.sim.faults.next(fault, endpoint=Endpoint.CREATE)
                return
            at.sim.faults.next(fault, endpoint=Endpoint.CREATE)
            expected = SEEN.get(fault, "Forbidden" if trick.status == 403 else "dict")
            assert await outcome(at.x.create_tweet(text="No. G7K2QP", in_reply_to_tweet_id=post.id)) == expected
            assert len(at.world.replies) == trick.happens
            assert at.world.bill.total == (10_000 if trick.happens else 0)
            assert at.sim.befallen == {fault: 1}
            assert [served.status for served in at.served] == [201 if trick.happens and trick.status == 200 else trick.status]
            again = await outcome(at.x.create_tweet(text="No. G7K2QP", in_reply_to_tweet_id=post.id))
            assert again == ("Forbidden" if trick.happens else "dict")
            assert at.world.doubled == []

    play(story())


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Fault.MISSING_FIELDS, {"data": {"id", "text"}}),
        (Fault.PARTIAL, {"errors": {"not-authorized-for-resource"}}),
        (Fault.EMPTY_PAGE, {"meta": {"result_count", "next_token"}}),
    ],
)
def test_faults_of_a_page_are_a_200(fault: Fault, seen: dict[str, set[str]]) -> None:
    async def story() -> None:
        async with scene() as at:
            post = at.post()
            at.sim.faults.next(fault)
            page = await at.x.get_users_mentions(US, max_results=5, **ASKED)
            if "data" in seen:
                assert set(page["data"][0]) == seen["data"]
                assert "includes" not in page
            if "errors" in seen:
                assert page["errors"][0]["type"].endswith(*seen["errors"])
                assert ids(page) == [post.id]
            if "meta" in seen:
                assert set(page["meta"]) == seen["meta"]
                assert ids(await at.x.get_users_mentions(US, pagination_token=page["meta"]["next_token"])) == [post.id]

    play(story())


@pytest.mark.parametrize(
    ("fault", "headers"),
    [
        (Fault.TOO_MANY, {"x-rate-limit-reset": str((NOW_MS + WINDOW_MS) // 1000)}),
        (Fault.DAY_LIMIT, {"x-rate-limit-reset": str(NOW_MS // 1000 - 1), "x-app-limit-24hour-remaining": "0"}),
        (Fault.NO_RESET, {}),
        (Fault.CAPPED_429, {}),
    ],
)
def test_the_kinds_of_429_differ_in_their_headers(fault: Fault, headers: dict[str, str]) -> None:
    async def story() -> None:
        async with scene() as at:
            at.sim.faults.next(fault)
            with pytest.raises(tweepy.TooManyRequests) as full:
                await at.x.get_users_mentions(US)
            given = full.value.response.headers
            assert {name: given[name] for name in headers} == headers
            assert ("x-rate-limit-reset" in given) is bool(headers)

    play(story())


def test_faults_are_set_by_name_for_some_calls_and_cleared() -> None:
    faults = Faults()
    faults.apply("402@create", 2)
    faults.apply("503-html")
    faults.apply("401@search", -1)
    assert [faults.take(Endpoint.MENTIONS) for _ in range(2)] == [Fault.BUSY_HTML, Fault.OK]
    assert [faults.take(Endpoint.CREATE) for _ in range(3)] == [Fault.CREDITS, Fault.CREDITS, Fault.OK]
    assert {faults.take(Endpoint.SEARCH) for _ in range(9)} == {Fault.UNAUTHORIZED}
    faults.clear()
    assert faults.take(Endpoint.SEARCH) is Fault.OK
    for wrong in ("nope", "402@nope", "403-duplicate@search", ""):
        with pytest.raises(ValueError, match=r".+"):
            faults.apply(wrong)


def test_faults_by_script_and_by_seed() -> None:
    script = scripted([Fault.CUT, Fault.EMPTY], Endpoint.CREATE)
    assert [script(name) for name in (Endpoint.SEARCH, Endpoint.CREATE, Endpoint.CREATE, Endpoint.CREATE)] == [
        *(Fault.OK, Fault.CUT, Fault.EMPTY, Fault.OK),
    ]
    first, second = seeded(Random(7), 0.5), seeded(Random(7), 0.5)
    drawn = [first(Endpoint.CREATE) for _ in range(4_000)]
    assert drawn == [second(Endpoint.CREATE) for _ in range(4_000)]
    assert (
        set(drawn)
        == {fault for fault in Fault if Endpoint.CREATE in MENU[fault].at}
        == set(Fault)
        - {
            *(Fault.MISSING_FIELDS, Fault.PARTIAL, Fault.EMPTY_PAGE),
        }
    )
    assert 1_800 < drawn.count(Fault.OK) < 2_200
    assert Faults(lambda _: Fault.DUPLICATE).take(Endpoint.SEARCH) is Fault.OK
    assert {*READS, *CREATES, Endpoint.DELETE} == set(Endpoint)


def test_a_late_post_is_found_by_the_overlap() -> None:
    async def story() -> None:
        async with scene() as at:
            late = at.post(late_ms={Shelf.MENTIONS: 300_000})
            newer = at.post()
            assert ids(await at.x.get_users_mentions(US)) == [newer.id]
            at.clock.now_ms += 300_000
            assert ids(await at.x.get_users_mentions(US, since_id=newer.id)) == []
            assert ids(await at.x.get_users_mentions(US, since_id=newer.id - (900_000 << 22))) == [newer.id, late.id]

    play(story())


def test_films_names_and_hidden_references() -> None:
    async def story() -> None:
        async with scene() as at:
            hidden = at.post("rahasia", by="budi")
            film = at.post("@lapor1708 lihat", reply_to=hidden.id, media=[at.world.video()])
            at.world.user("budi").protected = True
            expansions = "expansions=username,referenced_posts,attachments.media_keys"
            wanted = f"post.fields=public_metrics&media.fields=preview_image_url,variants&{expansions}"
            _, page = await at.get(f"/2/users/{US}/mentions?{wanted}")
            assert page["data"][0]["username"] == "sari"
            assert "repost_count" in page["data"][0]["public_metrics"]
            assert set(page["includes"]["media"][0]) == {"media_key", "type", "preview_image_url", "variants"}
            assert page["errors"][0]["type"].endswith("not-authorized-for-resource")
            _, timeline = await at.get(f"/2/users/{hidden.author.id}/tweets")
            assert timeline["errors"][0]["detail"].startswith("Sorry, you are not authorized to see the user")
            _, deep = await at.get(
                f"/2/tweets?ids={at.post('ya', by='ani', reply_to=film.id).id}"
                "&expansions=referenced_tweets.id.author_id,referenced_tweets.id.attachments.media_keys"
            )
            assert [user["username"] for user in deep["includes"]["users"]] == ["sari"]
            assert [media["type"] for media in deep["includes"]["media"]] == ["video"]
            _, found = await at.get(f"/2/tweets?ids={film.id}&post.fields=lang")
            assert found["meta"] == {"result_count": 1}

    play(story())


@pytest.mark.parametrize("path", ["/2/tweets", "/2/tweets?ids=" + ",".join("12345"[:1] * 101), "/2/tweets?ids=x"])
def test_ids_are_one_to_a_hundred_numbers(path: str) -> None:
    async def story() -> None:
        async with scene() as at:
            assert (await at.get(path))[0] == 400

    play(story())


def test_a_strict_x_refuses_the_other_parameter() -> None:
    async def story() -> None:
        async with scene(strict=True, dialect="old") as at:
            assert (await at.get(f"/2/users/{US}/mentions?post.fields=lang"))[0] == 400
            assert (await at.get(f"/2/users/{US}/mentions?tweet.fields=lang"))[0] == 200

    play(story())


def test_other_paths_are_404() -> None:
    async def story() -> None:
        async with scene() as at:
            assert [(await at.get(path))[0] for path in ("/", "/2/users", "/2/tweets/search/all")] == [404] * 3

    play(story())


def test_typed_lines_become_posts() -> None:
    said: list[str] = []
    at = XSimulator(World(Clock(), Random(1)))
    act(at, "@sari @lapor1708 jalan rusak", said.append)
    first = said[-1].split()[0]
    for line in (f"reply {first} @budi betul", f"edit {first} @lapor1708 jalan rusak parah", f"delete {first}", "fault 402@create 2", "hm"):
        act(at, line, said.append)
    assert [line.partition("  ")[2] for line in said] == [
        *("@sari: @lapor1708 jalan rusak", "@budi: @sari @lapor1708 betul", "@sari: @lapor1708 jalan rusak parah", "deleted", ""),
    ]
    assert said[-1].startswith("Type `@HANDLE TEXT`")
    assert [at.faults.take(Endpoint.CREATE) for _ in range(3)] == [Fault.CREDITS, Fault.CREDITS, Fault.OK]
    act(at, "fault 401 -1", said.append)
    act(at, "well", said.append)
    assert at.faults.take(Endpoint.ME) is Fault.OK
    for wrong in ("delete 5", "edit x y", "fault nope", f"edit {first} baru", "fault 402 soon"):
        with pytest.raises(ValueError, match=r".+"):
            act(at, wrong, said.append)
