"""The poller against a scripted X: oldest first, the cursor with the last of them, nothing lost and nothing paid twice."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from adapters.x.answers import Exchange, Failure, Trouble
from adapters.x.meter import KEPT_BACK, Kind
from adapters.x.poller import AGAIN_SECONDS, ALARM_MS, BATCH_POSTS, BLANK_PAGES, CUT_MAX, DIALECT_SECONDS, ON_SECONDS, SEEN_MAX
from adapters.x.settings import XSettings
from adapters.x.snowflake import first_of
from adapters.x.window import DAY_MS, REACH_MS, Window
from tests.x.scripted import NOW_MS, OUR_ID, House, Inbox, item, page, post_id

CURSOR = "x/@lapor1708/mentions"
PURSE = "x/@lapor1708/purse"
OUTAGE = Failure(Trouble.OUTAGE, "503")


def play(story: Callable[[House], Awaitable[None]], **settings: Any) -> House:
    house = House(Inbox(), **settings)
    asyncio.run(story(house))
    return house


def numbers(house: House) -> list[int]:
    """Which posts were handed over, in their order."""
    known = {post_id(n): n for n in range(-2000, 3000)}
    return [known[post.id] for post in house.inbox.posts]


def window(house: House, name: str = CURSOR) -> Window:
    return Window.read(house.inbox.cursors.get(name))


def newest(numbers: range) -> list[dict[str, Any]]:
    """Posts as X gives them."""
    return [item(n) for n in sorted(numbers, reverse=True)]


def test_posts_are_handed_over_oldest_first_and_the_cursor_with_them() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page(newest(range(5, 8)), more=True), page(newest(range(5)))]
        source = house.source()
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == list(range(8))
        assert house.inbox.batches == [(8, True)]
        assert window(house) == Window(high=int(post_id(7)))
        assert (source.last_ok_ms, source.cause) == (NOW_MS, None)
        assert house.poller.last_in_ms == NOW_MS
        assert house.poller.counts["stored"] == 8
        assert [asked["until_id"] for asked in house.client.asked] == [None, int(post_id(5))]

    play(story)


def test_of_a_long_reading_only_the_last_batch_carries_the_cursor() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page(newest(range(at, at + 100)), more=at > 0) for at in (200, 100, 0)]
        await house.poller.poll(house.source())
        assert house.inbox.batches == [(BATCH_POSTS, False), (BATCH_POSTS, False), (BATCH_POSTS, True)]
        assert numbers(house) == list(range(300))

    play(story)


def test_what_is_none_of_ours_is_counted_and_moves_the_cursor() -> None:
    async def story(house: House) -> None:
        others = [item(3, author_id=OUR_ID), item(2, text="RT @a: b"), item(1, entities=None)]
        house.client.answers = [page(others)]
        await house.poller.poll(house.source())
        assert not house.inbox.posts
        assert window(house) == Window(high=int(post_id(3)))
        assert {name: house.poller.counts[name] for name in ("own", "repost", "not_called")} == {"own": 1, "repost": 1, "not_called": 1}

    play(story)


def test_nothing_new_writes_nothing_and_reads_on_an_overlap_before_what_is_known() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(1)])]
        source = house.source()
        await house.poller.poll(source)
        for _ in range(3):
            await house.poller.poll(source)
        assert numbers(house) == [1]
        assert len(house.inbox.batches) == 1
        since = {asked["since_id"] for asked in house.client.asked[1:]}
        assert since == {first_of(NOW_MS - 1_800_000 + 1000 - 900_000)}
        assert house.meter.purse.spent == 1000, "the overlap is free within the day"

    play(story)


def test_an_empty_first_reading_begins_with_the_first_hours() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([])]
        assert await house.poller.poll(house.source()) == 20.0
        assert house.client.asked[0]["since_id"] == first_of(NOW_MS - DAY_MS)
        assert CURSOR not in house.inbox.cursors

    play(story)


def test_a_post_that_x_shows_late_is_found_in_the_overlap() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(5)]), page([item(5), item(2)])]
        source = house.source()
        await house.poller.poll(source)
        await house.poller.poll(source)
        assert numbers(house) == [5, 2]

    play(story)


def test_when_the_journal_says_later_the_cursor_stays_and_all_is_read_again() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page(newest(range(3)))]
        source = house.source()
        house.inbox.later = 1
        assert await house.poller.poll(source) == AGAIN_SECONDS
        assert CURSOR not in house.inbox.cursors
        assert source.cause is not None
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [0, 1, 2]
        assert source.cause is None

    play(story)


def test_a_journal_that_fails_between_two_batches_keeps_the_first_and_no_cursor() -> None:
    async def story(house: House) -> None:
        pages = [page(newest(range(100, 150)), more=True), page(newest(range(100)))]
        house.client.answers = pages * 2
        taking = house.inbox.accept_posts

        async def once(posts: Any, cursor: Any = None) -> Any:
            if house.inbox.batches:
                house.inbox.later, house.inbox.accept_posts = 1, taking  # type: ignore[method-assign]
            return await taking(posts, cursor)

        house.inbox.accept_posts = once  # type: ignore[method-assign]
        source = house.source()
        assert await house.poller.poll(source) == AGAIN_SECONDS
        assert (numbers(house), CURSOR in house.inbox.cursors) == (list(range(100)), False)
        await house.poller.poll(source)
        assert numbers(house) == [*range(100), *range(150)], "those stored already come again: the journal knows them"
        assert window(house) == Window(high=int(post_id(149)))

    play(story)


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_journal_that_cannot_be_read_or_written_costs_nothing_but_time(broken: int) -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(1)])]
        house.inbox.broken = broken
        source = house.source()
        for _ in range(broken):
            assert AGAIN_SECONDS <= await house.poller.poll(source) <= 20
            if house.inbox.broken or not house.inbox.posts:
                assert house.client.asked == []
                assert house.meter.purse.spent == 0
        house.now_ms += 20_000
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [1]

    play(story)


def test_an_hour_without_a_journal_leaves_the_days_money_where_it_is() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(1)])]
        source = house.source()
        await house.poller.poll(source)
        spent = house.meter.purse.spent
        house.inbox.broken = 700
        while house.inbox.broken:
            house.now_ms += round(await house.poller.poll(source) * 1000)
        assert house.meter.purse.spent == spent

    play(story, budget_per_day=1.0)


def test_an_outage_of_a_day_leaves_the_days_money_where_it_is() -> None:
    async def story(house: House) -> None:
        house.client.answers = [OUTAGE]
        source = house.source(Kind.SEARCH)
        for _ in range(500):
            house.now_ms += round(await house.poller.poll(source) * 1000)
        assert house.meter.purse.spent == 0
        assert house.meter.calls["search", "outage"] == 500

    play(story)


# ── many pages ──


def test_more_pages_than_at_once_are_stored_and_the_reading_goes_on_below_them() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page(newest(range(at, at + 10)), more=at > 0) for at in (30, 20, 10, 0)]
        source = house.source()
        assert await house.poller.poll(source) == ON_SECONDS
        assert (numbers(house), window(house).under_way, window(house).high) == (list(range(20, 40)), True, 0)
        assert source.last_ok_ms is None
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [*range(20, 40), *range(20)]
        assert window(house) == Window(high=int(post_id(39)))

    play(story, pages_max=2)


FORTY: list[Any] = [page(newest(range(at, at + 10)), more=at > 0) for at in (30, 20, 10, 0)]


@pytest.mark.parametrize("dies", [False, True], ids=["trouble", "crash"])
@pytest.mark.parametrize("page_that_fails", [1, 2, 3])
def test_a_reading_that_fails_before_its_end_stores_nothing_and_is_begun_again(page_that_fails: int, *, dies: bool) -> None:
    async def story(house: House) -> None:
        def die(_: dict[str, Any]) -> None:
            raise asyncio.CancelledError

        house.client.answers = [*FORTY[:page_that_fails], die if dies else OUTAGE, *FORTY]
        house.inbox.cursors[CURSOR] = before = Window(high=int(post_id(-100))).value()
        source = house.source()
        if dies:
            with pytest.raises(asyncio.CancelledError):
                await house.poller.poll(source)
        else:
            assert 1 <= await house.poller.poll(source) <= 10
        assert (house.inbox.cursors[CURSOR], numbers(house), house.inbox.batches) == (before, [], [])
        again = House(house.inbox) if dies else house  # another process
        again.now_ms, again.client = NOW_MS + 10_000, house.client
        assert await again.poller.poll(again.source() if dies else source) == 20.0
        assert numbers(house) == list(range(40)), "an addition never before its complaint"
        assert house.client.asked[page_that_fails + 1]["until_id"] is None
        assert window(house) == Window(high=int(post_id(39)))
        assert house.poller.counts["stored"] == (0 if dies else 40)

    play(story)


def test_after_some_tries_a_reading_is_stored_as_far_as_it_goes_and_goes_on_below() -> None:
    async def story(house: House) -> None:
        first = FORTY[:2]
        house.client.answers = [one for _ in range(CUT_MAX) for one in (*first, OUTAGE)] + FORTY[2:]
        house.inbox.cursors[CURSOR] = Window(high=int(post_id(-100))).value()
        source = house.source()
        for attempt in range(1, CUT_MAX + 1):
            assert numbers(house) == [], attempt
            house.now_ms += round(1000 * await house.poller.poll(source))
            assert source.cut == attempt
            assert source.cause == "outage: 503"
        assert numbers(house) == list(range(20, 40))
        assert (window(house).under_way, window(house).high) == (True, int(post_id(-100)))
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [*range(20, 40), *range(20)]
        assert window(house) == Window(high=int(post_id(39)))
        assert (source.cut, source.cause) == (0, None)

    play(story)


def test_an_outage_takes_none_of_the_tries_of_the_reading_after_it() -> None:
    async def story(house: House) -> None:
        house.client.answers = [*[OUTAGE] * 3 * CUT_MAX, FORTY[0], OUTAGE, *FORTY]
        source = house.source()
        for _ in range(3 * CUT_MAX + 1):
            house.now_ms += round(1000 * await house.poller.poll(source))
            assert numbers(house) == []
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == list(range(40))

    play(story)


def test_what_a_reading_left_is_counted_once_however_often_it_is_begun_again() -> None:
    async def story(house: House) -> None:
        name = "x/@lapor1708/search"
        house.inbox.cursors[name] = Window(high=first_of(NOW_MS - 9 * DAY_MS)).value()
        top = page([item(3, author_id=OUR_ID), item(2)], more=True, errors=[{}])
        house.client.answers = [top, OUTAGE, top, OUTAGE, top, page([item(1)])]
        source = house.source(Kind.SEARCH)
        for _ in range(3):
            house.now_ms += round(1000 * await house.poller.poll(source))
        assert numbers(house) == [1, 2]
        assert house.poller.gaps == 1
        assert house.poller.counts == {"own": 1, "partial": 1, "stored": 2}

    play(story)


@pytest.mark.parametrize("pages_max", [1, 2, 8])
@pytest.mark.parametrize("blank", range(BLANK_PAGES + 2))
def test_an_empty_page_in_the_middle_of_a_window_is_asked_for_again_and_not_for_ever(blank: int, pages_max: int) -> None:
    async def story(house: House) -> None:
        house.client.answers = [FORTY[0], *[page([])] * blank, *FORTY[1:], page([])]
        source = house.source()
        while await house.poller.poll(source) == ON_SECONDS:
            assert len(house.client.asked) < 20
        read = 1 if blank > BLANK_PAGES else 4
        assert sorted(numbers(house)) == list(range(40 - 10 * read, 40))
        assert len(house.client.asked) == read + blank
        below = {asked["until_id"] for asked in house.client.asked[1 : blank + 2]}
        assert below == {int(post_id(30))}
        assert window(house) == Window(high=int(post_id(39)))

    play(story, pages_max=pages_max)


def test_a_failure_of_the_first_page_leaves_no_reading_under_way() -> None:
    async def story(house: House) -> None:
        house.client.answers = [OUTAGE]
        await house.poller.poll(house.source())
        assert CURSOR not in house.inbox.cursors

    play(story)


def test_800_mentions_and_no_more_is_a_gap_and_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    async def story(house: House) -> None:
        house.inbox.cursors[CURSOR] = Window(high=int(post_id(-1000))).value()
        house.client.answers = [page(newest(range(at, at + 100)), more=at > 0) for at in range(700, -1, -100)]
        assert await house.poller.poll(house.source()) == 20.0
        assert house.poller.gaps == 1
        assert window(house) == Window(high=int(post_id(799)))

    play(story)
    assert [record.levelno for record in caplog.records if "gap" in record.message] == [logging.ERROR]


def test_a_week_away_is_a_gap_counted_once_and_read_as_far_back_as_x_gives() -> None:
    async def story(house: House) -> None:
        name = "x/@lapor1708/search"
        house.inbox.cursors[name] = Window(high=first_of(NOW_MS - 9 * DAY_MS)).value()
        house.client.answers = [OUTAGE, OUTAGE, page([item(2)], more=True), page([item(1)])]
        source, least = house.source(Kind.SEARCH), []
        for _ in range(3):
            least.append(first_of(house.now_ms - REACH_MS))
            house.now_ms += round(await house.poller.poll(source) * 1000)
        assert house.poller.gaps == 1
        assert [asked["since_id"] for asked in house.client.asked] == [*least, least[-1]]
        assert window(house, name) == Window(high=int(post_id(2)))

    play(story)


def test_a_source_that_has_no_post_for_a_week_has_no_gap() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([item(1)]), page([])]
        source = house.source(Kind.SEARCH)
        for _ in range(20):
            await house.poller.poll(source)
            house.now_ms += DAY_MS
        assert house.poller.gaps == 0
        house.now_ms += 8 * DAY_MS
        for _ in range(3):
            await house.poller.poll(source)
        assert house.poller.gaps == 1, "but one that was not read for so long has"

    play(story)


def test_a_since_id_that_x_finds_too_old_is_a_younger_one_at_once_and_not_for_ever() -> None:
    async def story(house: House) -> None:
        house.inbox.cursors[CURSOR] = Window(high=first_of(NOW_MS - 8 * DAY_MS)).value()
        house.client.answers = [Failure(Trouble.TOO_OLD), Failure(Trouble.TOO_OLD), page([item(1)])]
        source = house.source()
        assert await house.poller.poll(source) == 1.0
        assert await house.poller.poll(source) == DIALECT_SECONDS
        since = [asked["since_id"] for asked in house.client.asked]
        assert since == [first_of(NOW_MS - 8 * DAY_MS - 900_000), first_of(NOW_MS - REACH_MS)]
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [1]
        assert REACH_MS < 7 * DAY_MS

    play(story)


# ── pages that are not as they should be ──


@pytest.mark.parametrize("lost", ["author_id", "created_at"])
def test_another_dialect_stores_nothing_moves_nothing_and_is_an_alarm(lost: str, caplog: pytest.LogCaptureFixture) -> None:
    async def story(house: House) -> None:
        house.inbox.cursors[CURSOR] = before = Window(high=int(post_id(0))).value()
        house.client.answers = [page([item(2), item(1, **{lost: None})])]
        source = house.source()
        assert await house.poller.poll(source) == DIALECT_SECONDS
        assert house.inbox.cursors[CURSOR] == before
        assert not house.inbox.posts
        assert "dialect" in (source.cause or "")
        house.client.answers = [page([item(2), item(1)])]
        await house.poller.poll(source)
        assert numbers(house) == [1, 2]
        assert source.cause is None

    play(story)
    assert [record.levelno for record in caplog.records if "lacks fields" in record.message] == [logging.ERROR]


def test_errors_beside_the_posts_are_counted_and_the_posts_kept() -> None:
    async def story(house: House) -> None:
        errors = [{"type": "https://api.x.com/2/problems/resource-not-found", "resource_id": "1"}] * 3
        house.client.answers = [page([item(1)], errors=errors)]
        await house.poller.poll(house.source())
        assert numbers(house) == [1]
        assert house.poller.counts["partial"] == 3

    play(story)


STRANGE: list[Any] = [
    {},
    {"data": None, "meta": None},
    {"data": [], "meta": []},
    {"data": {}, "meta": {"next_token": "t"}},
    {"data": [7, {"id": "x"}], "errors": "x"},
    {"errors": [7, None]},
    {"includes": 7},
]


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_a_page_that_is_none_is_an_empty_one(strange: dict[str, Any]) -> None:
    async def story(house: House) -> None:
        house.client.answers = [strange]
        assert await house.poller.poll(house.source()) == 20.0
        assert not house.inbox.posts

    play(story)


# ── money and memory ──


def test_a_budget_that_runs_low_makes_pages_small_and_then_stops_until_midnight() -> None:
    async def story(house: House) -> None:
        served: list[int] = []

        def give(asked: dict[str, Any]) -> dict[str, Any]:
            top = min(asked["until_id"] or 1 << 70, int(post_id(999)) + 1)
            found = [n for n in range(999, -1, -1) if int(post_id(n)) < top][: asked["most"]]
            served.append(len(found))
            return page([item(n) for n in found], more=bool(found) and found[-1] > 0)

        house.client.answers = [give]
        source = house.source()
        wait = ON_SECONDS
        while wait == ON_SECONDS:
            wait = await house.poller.poll(source)
        assert served == [100, 100, 50]
        assert house.meter.purse.spent == 250_000
        assert source.cause == "budget: the day's budget"
        assert wait == pytest.approx((DAY_MS - NOW_MS % DAY_MS) / 1000)
        assert house.meter.calls["mentions", "budget"] == 1
        house.now_ms += round(wait * 1000)
        while wait != 20.0 and len(served) < 20:
            wait = await house.poller.poll(source)
            house.now_ms += 1000 + (DAY_MS if source.cause else 0)
        assert sorted(numbers(house)) == list(range(1000))

    play(story, budget_per_day=0.25, pages_max=20)


def test_less_than_x_lets_us_ask_for_is_not_asked_for() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([])]
        assert await house.meter.affordable(Kind.MENTIONS, 100) == 5
        assert await house.meter.affordable(Kind.SEARCH, 100) == 0
        await house.poller.poll(house.source(Kind.SEARCH))
        assert house.client.asked == []

    play(story, budget_per_day=0.005)


def test_people_are_warned_once_a_day(caplog: pytest.LogCaptureFixture) -> None:
    async def story(house: House) -> None:
        house.client.answers = [lambda _: page([item(n) for n in range(house.now_ms // 1000 % 1000 + 40, house.now_ms // 1000 % 1000, -1)])]
        source = house.source()
        for _ in range(4):
            await house.poller.poll(source)
            house.now_ms += 60_000
        assert house.meter.budget().warns

    play(story, budget_per_day=0.16)
    assert len([record for record in caplog.records if "today's budget" in record.message]) == 1


def test_the_purse_is_on_disk_before_the_call_and_known_after_a_crash() -> None:
    async def story(house: House) -> None:
        stored: list[int] = []

        def look(_: dict[str, Any]) -> dict[str, Any]:
            stored.append(json.loads(house.inbox.cursors[PURSE])["spent"])
            return page([item(1)])

        house.client.answers = [look]
        await house.poller.poll(house.source())
        assert stored == [100_000]
        again = House(house.inbox)
        await again.meter.affordable(Kind.MENTIONS, 1)
        assert again.meter.budget().spent == 0.1

    play(story)


def test_calls_that_begin_together_read_the_purse_once() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([])]
        house.inbox.cursors[PURSE] = json.dumps({"day": NOW_MS // DAY_MS, "spent": 7, "calls": 1})
        reading, looks = house.inbox.cursor, iter(range(1, 9))

        async def slow(source: str) -> str | None:
            found = await reading(source)
            for _ in range(next(looks)):
                await asyncio.sleep(0)
            return found

        house.inbox.cursor = slow  # type: ignore[method-assign]
        never = asyncio.Event()

        async def hang() -> Any:
            await never.wait()

        calls = [asyncio.create_task(house.meter.call(Kind.SEARCH, 100, hang, lambda _: ())) for _ in range(4)]
        for _ in range(30):
            await asyncio.sleep(0)
        assert house.meter.purse.spent == 7 + 4 * 500_000
        for call in calls:
            call.cancel()

    play(story)


def test_what_was_seen_is_remembered_within_bounds(caplog: pytest.LogCaptureFixture) -> None:
    async def story(house: House) -> None:
        house.poller._remember([str(n) for n in range(3 * SEEN_MAX)])
        assert len(house.poller._seen) == SEEN_MAX
        assert str(3 * SEEN_MAX - 1) in house.poller._seen
        house.client.answers = [page([item(1)])]
        await house.poller.poll(house.source())
        assert len(house.poller._seen) == SEEN_MAX

    play(story)
    assert not caplog.records


def test_what_belongs_to_nothing_yet_is_asked_about_again_within_the_overlap() -> None:
    """It may answer an answer of ours of which nobody knows yet whether it was posted."""

    async def story(house: House) -> None:
        house.client.answers = [page([item(1)]), page([item(1)]), page([item(1)])]
        house.inbox.kind = "not_ours"
        source = house.source()
        await house.poller.poll(source)
        house.inbox.kind = "addition"
        await house.poller.poll(source)
        await house.poller.poll(source)
        assert house.poller.counts == {"not_ours": 1, "addition": 1}

    play(story)


def test_nothing_seen_is_forgotten_that_a_reading_brings_again() -> None:
    assert 2 * 100 * XSettings().pages_max < SEEN_MAX


def test_while_a_door_is_closed_no_call_is_made() -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(Trouble.RATE, until_ms=NOW_MS + 600_000)]
        source = house.source()
        wait = await house.poller.poll(source)
        for _ in range(5):
            assert await house.poller.poll(source) == wait
        assert len(house.client.asked) == 1
        assert source.cause == "rate: ", "the trouble itself stays to be seen"
        house.client.answers = [page([item(1)])]
        assert await house.poller.poll(house.source(Kind.SEARCH)) == 20.0, "other kinds of call go on"

    play(story)


def test_a_good_answer_that_used_the_windows_last_call_is_the_last_one_in_it() -> None:
    async def story(house: House) -> None:
        exchange = Exchange(sent=True, status=200, headers={"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(NOW_MS // 1000 + 300)})
        house.client.answers = [(page([item(2)], more=True), exchange), page([item(2)], more=True), page([item(1)])]
        source = house.source()
        assert 300 <= await house.poller.poll(source) <= 305
        assert len(house.client.asked) == 1
        house.now_ms += 305_000
        assert await house.poller.poll(source) == 20.0
        assert numbers(house) == [1, 2]

    play(story)


@pytest.mark.parametrize("trouble", sorted(Trouble))
def test_a_trouble_that_does_not_pass_by_itself_is_an_alarm_once_whatever_call_met_it(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(trouble, "no", until_ms=NOW_MS + 1)]
        await house.replier.send(house.reply())
        for _ in range(3):
            house.now_ms += 22_000_000
            await house.poller.poll(house.source())
        house.client.answers = [page([])]
        house.now_ms += 22_000_000
        await house.poller.poll(house.source())
        house.client.answers = [Failure(trouble, "no", until_ms=NOW_MS + 1)]
        await house.poller.poll(house.source())

    play(story)
    alarms = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(alarms) == (2 if trouble in (Trouble.CREDITS, Trouble.UNAUTHORIZED, Trouble.DAY) else 0)


def test_a_source_that_is_not_read_for_five_minutes_is_an_alarm_once(caplog: pytest.LogCaptureFixture) -> None:
    def alarms() -> list[str]:
        return [record.source for record in caplog.records if record.message == "X is not read for long"]  # type: ignore[attr-defined]

    async def story(house: House) -> None:
        sources = house.source(), house.source(Kind.SEARCH)
        for again in (1, 2):
            house.client.answers = [OUTAGE]
            began = house.now_ms
            while house.now_ms < began + ALARM_MS:
                for source in sources:
                    await house.poller.poll(source)
                assert len(alarms()) == 2 * (again - 1)
                house.now_ms += 20_000
            for _ in range(30):
                for source in sources:
                    await house.poller.poll(source)
                house.now_ms += 20_000
            assert alarms() == ["mentions", "search"] * again
            assert all(source.failing_ms == began and source.alarmed for source in sources)
            house.client.answers = [page([])]
            house.now_ms += 600_000
            for source in sources:
                await house.poller.poll(source)
            assert not any(source.alarmed or source.failing_ms or source.cause for source in sources)

    play(story)
    assert {record.levelno for record in caplog.records if "for long" in record.message} == {logging.ERROR}


SHARES = [(Kind.MENTIONS, 0.0), (Kind.SEARCH, 0.0), (Kind.TIMELINE, 0.1), (Kind.REPLY, 0.2), (Kind.POSTS, 0.5)]


@pytest.mark.parametrize(("kind", "share"), SHARES)
def test_a_call_leaves_its_share_of_the_days_budget_for_what_is_more_urgent(kind: Kind, share: float) -> None:
    async def story(house: House) -> None:
        made: list[Kind] = []

        async def call() -> Any:
            made.append(kind)
            return {}, Exchange(sent=True, status=200)

        price = {Kind.MENTIONS: 1000, Kind.TIMELINE: 1000, Kind.REPLY: 10_000}.get(kind, 5000)
        house.inbox.cursors[PURSE] = json.dumps({"day": NOW_MS // DAY_MS, "spent": 30_000_000 - round(30_000_000 * share) - 10 * price})
        refused = await house.meter.call(kind, 11, call, lambda _: ())
        assert isinstance(refused, Failure)
        assert (refused.trouble, refused.sent, made) == (Trouble.BUDGET, False, [])
        assert await house.meter.call(kind, 10, call, lambda _: ()) == {}
        assert made == [kind]

    play(story)
    assert {one: KEPT_BACK.get(one, 0.0) for one in Kind} == dict(SHARES)


def test_an_hour_of_polls_is_flat_in_memory_and_asks_no_faster_than_it_should() -> None:
    async def story(house: House) -> None:
        def give(asked: dict[str, Any]) -> dict[str, Any]:
            top = (house.now_ms - NOW_MS) // 1000
            return page([item(n) for n in range(top, -1, -7) if int(post_id(n)) > asked["since_id"]][:100])

        house.client.answers = [give]
        source, times = house.source(), []
        while house.now_ms < NOW_MS + 3_600_000:
            times.append(house.now_ms)
            house.now_ms += round(await house.poller.poll(source) * 1000)
        assert all(b - a >= 1000 for a, b in pairwise(times))
        assert len({post.key for post in house.inbox.posts}) == len(house.inbox.posts)

    play(story)
