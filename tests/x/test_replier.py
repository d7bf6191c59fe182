"""The way out to X: one answer to one post, none that is too old, and nothing posted again before our own timeline was looked through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.channel import Sending, SendResult
from adapters.x.answers import Exchange, Failure, Trouble
from adapters.x.replier import CAPS, PAGES_MAX, TIMELINE_POSTS, TRIES_MAX, UNKNOWN_SECONDS
from adapters.x.snowflake import first_of
from parsers.model import Answering
from tests.x.scripted import NOW_MS, OUR_ID, House, Inbox, page, post_id

HOUR_MS = 3_600_000
TO = post_id(0)
POSTED = {"data": {"id": "555", "text": "…"}}


def play(story: Callable[[House], Awaitable[None]], **settings: Any) -> House:
    house = House(Inbox(), **settings)
    asyncio.run(story(house))
    return house


def ours(number: int, to: str | None, name: str = "referenced_tweets") -> dict[str, Any]:
    """One of our own posts."""
    references = {} if to is None else {name: [{"type": "replied_to", "id": to}]}
    return {"id": post_id(number), "author_id": OUR_ID, "created_at": "2026-11-18T10:00:00.000Z"} | references


def test_an_answer_goes_to_its_post_and_its_id_is_kept() -> None:
    async def story(house: House) -> None:
        house.client.answers = [POSTED]
        assert await house.replier.send(house.reply()) == Sending(SendResult.SENT, ("555",))
        assert house.client.asked == [{"kind": "reply", "text": house.reply().text, "to": TO}]
        assert house.meter.purse.spent == 10_000

    play(story)


def test_an_answer_that_x_has_already_is_looked_up_once_for_its_id() -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(Trouble.DUPLICATE, "187"), page([ours(9, "1"), ours(8, TO)], more=True)]
        sending = await house.replier.send(house.reply())
        assert (sending.result, sending.message_ids) == (SendResult.SENT, (post_id(8),))
        assert [asked["kind"] for asked in house.client.asked] == ["reply", "timeline"]

    play(story)


NOT_FOUND: list[Any] = [page([]), page([ours(9, "1")]), Failure(Trouble.OUTAGE, "503"), page([{"id": "5", "author_id": OUR_ID}])]


@pytest.mark.parametrize("answer", NOT_FOUND, ids=repr)
def test_a_duplicate_that_is_not_found_counts_as_sent_without_an_id(answer: Any) -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(Trouble.DUPLICATE, "187"), answer]
        assert await house.replier.send(house.reply()) == Sending(SendResult.SENT, detail="187")
        assert [asked["kind"] for asked in house.client.asked] == ["reply", "timeline"]

    play(story)


NO_ID: list[Any] = [{}, {"data": None}, {"data": {}}, {"data": {"id": 5}}, {"data": {"id": "x"}}, {"data": [{"id": "1"}]}, {"errors": [{}]}]


@pytest.mark.parametrize("answer", NO_ID, ids=repr)
def test_a_yes_without_an_id_is_looked_up(answer: dict[str, Any]) -> None:
    async def story(house: House) -> None:
        house.client.answers = [answer]
        assert (await house.replier.send(house.reply())).result is SendResult.UNKNOWN

    play(story)


AGES = [(0, True), (23 * HOUR_MS, True), (24 * HOUR_MS, True), (24 * HOUR_MS + 1, False), (900 * HOUR_MS, False), (-HOUR_MS, True)]


@pytest.mark.parametrize(("age_ms", "answered"), AGES)
def test_no_post_older_than_a_day_is_answered(age_ms: int, *, answered: bool) -> None:
    async def story(house: House) -> None:
        house.client.answers = [POSTED]
        sending = await house.replier.send(house.reply(to=str(first_of(NOW_MS - age_ms))))
        assert sending.result is (SendResult.SENT if answered else SendResult.REFUSED)
        assert len(house.client.asked) == int(answered)
        assert (house.meter.purse.spent > 0) is answered

    play(story)


@pytest.mark.parametrize("attempt", range(1, TRIES_MAX + 2))
def test_a_403_in_unknown_words_is_tried_three_times(attempt: int) -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(Trouble.FORBIDDEN, "403 forbidden")]
        sending = await house.replier.send(house.reply(attempt))
        assert sending.result is (SendResult.LATER if attempt < TRIES_MAX else SendResult.REFUSED)
        assert sending.retry_after_s == UNKNOWN_SECONDS

    play(story)


def test_what_the_days_budget_does_not_hold_waits_for_midnight() -> None:
    async def story(house: House) -> None:
        house.client.answers = [POSTED]
        await house.replier.send(house.reply())
        sending = await house.replier.send(house.reply())
        assert sending.result is SendResult.LATER
        assert sending.retry_after_s == pytest.approx((86_400_000 - NOW_MS % 86_400_000) / 1000)
        assert len(house.client.asked) == 1

    play(story, budget_per_day=0.015)


def test_while_the_door_is_closed_nothing_is_posted() -> None:
    async def story(house: House) -> None:
        house.client.answers = [Failure(Trouble.UNAUTHORIZED, "401")]
        await house.replier.send(house.reply())
        sending = await house.replier.send(house.reply())
        assert (sending.result, len(house.client.asked)) == (SendResult.LATER, 1)
        assert sending.retry_after_s == 60
        house.now_ms += 60_000
        house.client.answers = [POSTED]
        assert (await house.replier.send(house.reply())).result is SendResult.SENT

    play(story)


def test_a_journal_that_fails_keeps_the_answer_back_before_a_byte_goes() -> None:
    async def story(house: House) -> None:
        house.client.answers = [POSTED]
        house.inbox.broken = 2
        for _ in range(2):
            assert (await house.replier.send(house.reply())).result is SendResult.LATER
        assert house.client.asked == []
        assert (await house.replier.send(house.reply())).result is SendResult.SENT

    play(story)


# ── finding ──


def test_an_answer_that_is_there_is_found_in_either_dialect_and_on_any_page() -> None:
    async def story(house: House) -> None:
        for name in ("referenced_tweets", "referenced_posts"):
            house.client.asked.clear()
            house.client.answers = [page([ours(9, "1"), ours(8, None)], more=True), page([ours(7, TO, name), ours(6, "2")])]
            found = await house.replier.find(house.reply())
            assert (found.result, found.message_ids) == (SendResult.SENT, (post_id(7),))
            first, second = house.client.asked
            assert (first["since_id"], first["until_id"], second["until_id"]) == (int(TO), None, int(post_id(8)))

    play(story)


ABSENT: list[tuple[str, Any]] = [
    ("an empty timeline", page([])),
    ("nothing at all", {}),
    ("answers to others", page([ours(9, "1"), ours(8, post_id(1)), ours(7, None)])),
    ("a quote of it", page([ours(9, None) | {"referenced_tweets": [{"type": "quoted", "id": TO}]}])),
    ("references of a wrong type", page([ours(9, None) | {"referenced_tweets": 7}, ours(8, None) | {"referenced_tweets": [7, None]}])),
    ("a page that says there is more and has nothing", page([], more=True)),
]


@pytest.mark.parametrize(("label", "answer"), ABSENT, ids=[row[0] for row in ABSENT])
def test_an_answer_that_is_not_there_was_not_posted(label: str, answer: dict[str, Any]) -> None:
    async def story(house: House) -> None:
        house.client.answers = [answer]
        assert (await house.replier.find(house.reply())).result is SendResult.REFUSED, label
        assert len(house.client.asked) == 1

    play(story)


LATER: list[tuple[str, list[Any], float]] = [
    ("X is down", [Failure(Trouble.OUTAGE, "503")], 1),
    ("the first page came and the second did not", [page([ours(9, "1")], more=True), Failure(Trouble.LOST)], 1),
    ("the window is used up", [Failure(Trouble.RATE, until_ms=NOW_MS + 500_000)], 500),
    ("another dialect", [page([{"id": "5", "author_id": OUR_ID}])], UNKNOWN_SECONDS),
]


@pytest.mark.parametrize(("label", "answers", "seconds"), LATER, ids=[row[0] for row in LATER])
def test_a_timeline_that_cannot_be_read_is_asked_again_and_says_nothing(label: str, answers: list[Any], seconds: float) -> None:
    async def story(house: House) -> None:
        house.client.answers = answers
        found = await house.replier.find(house.reply())
        assert found.result is SendResult.LATER, label
        assert found.retry_after_s is not None
        assert seconds <= found.retry_after_s <= seconds + 5

    play(story)


def test_a_timeline_too_long_to_look_through_says_nothing() -> None:
    async def story(house: House) -> None:
        house.client.answers = [lambda _: page([ours(900 - len(house.client.asked), "1")], more=True)]
        assert (await house.replier.find(house.reply())).result is SendResult.LATER
        assert len(house.client.asked) == PAGES_MAX

    play(story)


def test_looking_is_paid_for_like_any_reading() -> None:
    async def story(house: House) -> None:
        house.client.answers = [page([ours(9, "1"), ours(8, "2")])]
        await house.replier.find(house.reply())
        assert house.meter.purse.spent == 2000
        assert house.client.asked[0]["most"] == TIMELINE_POSTS

    play(story)


def test_a_time_out_of_which_nothing_is_known_is_unknown_and_may_have_cost_its_price() -> None:
    async def story(house: House) -> None:
        lost = (Failure(Trouble.LOST, "TimeoutError, no answer"), Exchange(sent=True))
        house.client.answers = [lost, page([ours(9, TO)])]
        sending = await house.replier.send(house.reply())
        assert (sending.result, sending.message_ids) == (SendResult.UNKNOWN, ())
        assert house.meter.purse.spent == 10_000
        assert (await house.replier.find(house.reply())).result is SendResult.SENT

    play(story)


def test_what_it_can_carry() -> None:
    house = House(Inbox())
    assert house.replier.caps is CAPS
    assert (CAPS.characters_max, CAPS.answering, CAPS.links, CAPS.can_find) == (280, Answering.ONCE, False, True)
    assert house.replier.health().cause is None
