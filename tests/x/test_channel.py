"""X as one channel: its searches, its new tags, and posts that their authors took back or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.channel import Known
from adapters.x.answers import Failure, Trouble
from adapters.x.channel import LOOK_UP_POSTS, QUERY_CHARACTERS_MAX, World, XChannel, queries
from adapters.x.settings import XSettings
from parsers.post import FieldsMissing
from tests.x.scripted import NOW_MS, OUR_ID, Client, Inbox, item, page


class House:
    """A channel whose client is a scripted one."""

    def __init__(self, tags: tuple[str, ...] = ("lapor", "aduanagam"), **settings: Any) -> None:
        self.inbox, self.client, self.now_ms = Inbox(), Client(), NOW_MS
        self.slept: list[float] = []
        given = XSettings(enabled=True, user_id=OUR_ID, **settings)
        self.x = XChannel(given, tags, self.inbox, World(lambda: self.now_ms, self.sleep, lambda: 0.5))
        self.x.client = self.client  # type: ignore[assignment]

    async def sleep(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def until(self, met: Callable[[], bool]) -> None:
        """Run the channel until something is so."""
        running = asyncio.create_task(self.x.run())
        async with asyncio.timeout(5):
            while not met():
                await asyncio.sleep(0)
                assert not running.done(), running.exception()
        running.cancel()
        await asyncio.wait([running])


def play(story: Callable[[House], Awaitable[None]], **settings: Any) -> House:
    async def main() -> House:
        house = House(**settings)
        await story(house)
        return house

    return asyncio.run(main())


# ── searches ──


@pytest.mark.parametrize("count", [0, 1, 2, 30, 200])
def test_every_tag_stands_in_one_search_and_each_search_within_xs_limit(count: int) -> None:
    tags = [f"laporkabupaten{number}" for number in range(count)]
    found = queries("lapor1708", tags)
    assert all(len(one) <= QUERY_CHARACTERS_MAX for one in found)
    assert sorted(word.strip("(#)") for one in found for word in one.split() if "#" in word) == sorted(tags)
    assert all(one.endswith(" -is:retweet -from:lapor1708 -@lapor1708") for one in found)


def test_new_tags_are_searched_from_where_the_search_was() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([])]
        mentions, search = house.x.sources
        await house.x.poller.poll(search)
        search.last_ok_ms = 5
        house.x.tags = ["lapor", "#LaporBaru"]
        assert house.x.tags == {"lapor", "laporbaru"}
        assert house.x.sources[0] is mentions
        assert house.x.sources[1].last_ok_ms == 5
        await house.x.poller.poll(house.x.sources[1])
        assert ["#laporbaru" in asked["query"] for asked in house.client.asked] == [False, True]
        house.client.answers = [page([item(1, text="#laporbaru lampu mati", entities=None)])]
        await house.x.poller.poll(house.x.sources[1])
        assert len(house.inbox.posts) == 1

    play(story)


def test_more_tags_than_one_search_holds_are_more_sources_and_fewer_are_fewer() -> None:
    async def story(house: House) -> None:
        house.x.tags = [f"laporkabupaten{number}" for number in range(60)]
        assert [one.name for one in house.x.sources][:3] == ["mentions", "search", "search1"]
        house.x.tags = []
        assert [one.name for one in house.x.sources] == ["mentions"]

    play(story)


# ── posts that stand no more ──


def gone(post_id: str, kind: str = "resource-not-found", **more: Any) -> dict[str, Any]:
    return {"resource_id": post_id, "type": f"https://api.x.com/2/problems/{kind}"} | more


def test_posts_are_looked_up_and_what_is_gone_is_told_with_its_reason() -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known("k1", "1"), Known("k2", "2"), Known("k3", "3"), Known("k4", "4")]
        errors = [gone("2"), gone("3", "not-authorized-for-resource"), gone("4", "something-new"), gone("77"), 7, {"type": None}]
        house.client.answers = [page([item(1, id="1")], errors=errors)]
        assert await house.x.look_up() == 4
        assert house.client.asked == [{"kind": "posts", "ids": ["1", "2", "3", "4"]}]
        assert house.inbox.said == [{"k1": None, "k2": "deleted", "k3": "protected", "k4": None}]
        assert house.x.blanked == 2
        assert await house.x.look_up() == 0
        assert len(house.client.asked) == 1

    play(story)


def test_a_look_up_that_failed_says_nothing_of_any_post() -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known("k1", "1")]
        house.client.answers = [Failure(Trouble.OUTAGE)]
        assert await house.x.look_up() == 0
        assert house.inbox.said == []

    play(story)


def test_an_edit_that_a_look_up_shows_is_read_whole_and_handed_over() -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known("1", "1")]
        old = item(1, id="1", edit_history_tweet_ids=["1", "5"])
        new = item(5, id="5", edit_history_tweet_ids=["1", "5"], text="@lapor1708 jalan rusak, sudah lama")
        house.client.answers = [page([old]), page([new])]
        await house.x.look_up()
        assert house.client.asked[1]["ids"] == ["5"]
        [post] = house.inbox.posts
        assert (post.id, post.key, post.version, post.source) == ("5", "1", 2, "look-up")

    play(story)


@pytest.mark.parametrize("trouble", ["call", "journal"])
def test_a_post_whose_edit_is_not_on_disk_is_looked_at_again(trouble: str) -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known("1", "1"), Known("k2", "2"), Known("k3", "3")]
        old = item(1, id="1", edit_history_tweet_ids=["1", "5"])
        new = item(5, id="5", edit_history_tweet_ids=["1", "5"], text="@lapor1708 jalan rusak, sudah lama")
        house.inbox.later = int(trouble == "journal")
        house.client.answers = [
            page([old, item(3, id="3")], errors=[gone("2")]),
            page([new]) if trouble == "journal" else Failure(Trouble.OUTAGE),
        ]
        assert await house.x.look_up() == 0
        assert house.inbox.said == [{"k2": "deleted", "k3": None}]

    play(story)


def test_look_ups_in_another_dialect_blank_nothing_by_mistake() -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known("k1", "1")]
        house.client.answers = [page([item(1, id="1", author_id=None)])]
        with pytest.raises(FieldsMissing):
            await house.x.look_up()
        assert house.inbox.said == [{"k1": None}]
        assert all(why is None for said in house.inbox.said for why in said.values())

    play(story)


# ── the whole of it ──


def test_mentions_searches_and_look_ups_go_on_side_by_side_and_a_failing_journal_stops_none() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(1)])]
        house.inbox.broken = 20
        house.inbox.due = [Known("k1", item(1)["id"])]
        await house.until(lambda: len(house.client.asked) > 40)
        kinds = [asked["kind"] for asked in house.client.asked]
        assert {"mentions", "search", "posts"} <= set(kinds)
        assert kinds[-1] == "close"
        assert house.x.health().cause is None
        assert len({post.id for post in house.inbox.posts}) == 1

    play(story)


def test_health_names_the_worst_source_and_how_far_behind_it_is() -> None:
    async def story(house: House) -> None:
        mentions, search = house.x.sources
        assert house.x.health().lag_seconds == 0
        mentions.last_ok_ms, search.last_ok_ms, search.cause = NOW_MS - 5000, NOW_MS - 90_000, "outage: 503"
        health = house.x.health()
        assert (health.cause, health.lag_seconds) == ("search: outage: 503", 90)
        assert health.budget_left == 30.0

    play(story)


BAD: list[dict[str, Any]] = [
    {"enabled": True, "user_id": ""},
    {"enabled": True, "user_id": "\u0661"},
    {"handle": "@lapor"},
    {"handle": ""},
    {"server": "localhost"},
    {"connect_seconds": 30.0, "answer_seconds": 30.0},
]


@pytest.mark.parametrize("given", BAD, ids=repr)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+: |must be shorter"):
        XSettings(**given)


def test_no_secret_is_in_the_repr_of_the_settings() -> None:
    secrets = dict.fromkeys(("bearer", "consumer_key", "consumer_secret", "access_token", "access_secret"), "S3CRET")
    assert "S3CRET" not in repr(XSettings(**secrets))


def test_looking_up_takes_no_more_than_x_allows_at_once() -> None:
    async def story(house: House) -> None:
        house.inbox.due = [Known(str(number), str(number)) for number in range(250)]
        house.client.answers = [lambda asked: page([item(1, id=one) for one in asked["ids"]])]
        while await house.x.look_up() == LOOK_UP_POSTS:
            pass
        assert [len(asked["ids"]) for asked in house.client.asked] == [100, 100, 50]

    play(story)
