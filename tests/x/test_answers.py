"""The failure table (X-CHANNEL section 8), row by row: what X said, what it is, what becomes of a reading and of a reply.

What the poller does with a failed reading (cursor unmoved, and when it comes back) is told from the same rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from adapters.channel import SendResult
from adapters.x.answers import BODY_OCTETS_MAX, DETAIL_MAX, Exchange, Failure, Trouble, judge, window_left
from adapters.x.gate import EVERYWHERE, SPANS
from adapters.x.replier import OUTCOMES
from tests.x.scripted import NOW_MS, House, Inbox, item, page

SOON, PAST = NOW_MS // 1000 + 600, NOW_MS // 1000 - 1
SENT, LATER, REFUSED, UNKNOWN = SendResult.SENT, SendResult.LATER, SendResult.REFUSED, SendResult.UNKNOWN
FIRST = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged "
    "by the author of the post you are replying to."
)
SECOND = "You can only reply to or quote posts where you are mentioned or are the author."


@dataclass(frozen=True)
class Row:
    """One row of the table. `waits` bounds the seconds until the source is read again, `replies` those until the reply is tried again."""

    label: str
    status: int | None
    body: str
    trouble: Trouble
    reply: SendResult
    waits: tuple[float, float]
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bool = True
    replies: tuple[float, float] | None = None
    costs: bool = False
    """Whether the reading may have cost something."""


TABLE = [
    Row("refused port, no name, no TLS: nothing reached X", None, "", Trouble.NETWORK, LATER, (0.7, 1.3), sent=False, replies=(0.7, 1.3)),
    Row("a time-out after the request went", None, "", Trouble.LOST, UNKNOWN, (0.7, 1.3), costs=True),
    Row("a 200 that is cut, HTML or no object", 200, "<html>", Trouble.LOST, UNKNOWN, (0.7, 1.3), costs=True),
    Row("a redirection", 302, "", Trouble.LOST, UNKNOWN, (0.7, 1.3), costs=True),
    Row("500", 500, '{"title":"Internal Server Error"}', Trouble.OUTAGE, UNKNOWN, (0.7, 1.3)),
    Row("503 with HTML", 503, "<html><body>over capacity</body></html>", Trouble.OUTAGE, UNKNOWN, (0.7, 1.3)),
    Row("504", 504, "", Trouble.OUTAGE, UNKNOWN, (0.7, 1.3)),
    Row(
        "429 of the 15 minutes",
        429,
        '{"title":"Too Many Requests"}',
        Trouble.RATE,
        LATER,
        (600, 605),
        {"x-rate-limit-reset": str(SOON), "x-rate-limit-remaining": "0"},
        replies=(600, 605),
    ),
    Row(
        "429 of the day: its window is past",
        429,
        "",
        Trouble.DAY,
        LATER,
        (675, 1125),
        {"x-rate-limit-reset": str(PAST)},
        replies=(675, 1125),
    ),
    Row(
        "429 of the user's day",
        429,
        "",
        Trouble.DAY,
        LATER,
        (675, 1125),
        {"x-rate-limit-reset": str(SOON), "x-user-limit-24hour-remaining": "0"},
        replies=(675, 1125),
    ),
    Row(
        "429 of the app's day, though the user has some left",
        429,
        "",
        Trouble.DAY,
        LATER,
        (675, 1125),
        {"x-rate-limit-reset": str(SOON), "x-user-limit-24hour-remaining": "7", "x-app-limit-24hour-remaining": "0"},
        replies=(675, 1125),
    ),
    Row("429 that says nothing", 429, "<html>", Trouble.DAY, LATER, (675, 1125), replies=(675, 1125)),
    Row("429 with rubbish", 429, "", Trouble.DAY, LATER, (675, 1125), {"x-rate-limit-reset": "soon"}, replies=(675, 1125)),
    Row("429 until the end of the world", 429, "", Trouble.DAY, LATER, (675, 1125), {"x-rate-limit-reset": "9" * 15}, replies=(675, 1125)),
    Row("402 credits used up", 402, '{"title":"Payment Required"}', Trouble.CREDITS, LATER, (2700, 4500), replies=(2700, 4500)),
    Row(
        "403 usage-capped",
        403,
        '{"type":"https://api.x.com/2/problems/usage-capped"}',
        Trouble.CREDITS,
        LATER,
        (2700, 4500),
        replies=(2700, 4500),
    ),
    Row(
        "403 usage cap exceeded",
        403,
        '{"detail":"Usage cap exceeded: Monthly product cap"}',
        Trouble.CREDITS,
        LATER,
        (2700, 4500),
        replies=(2700, 4500),
    ),
    Row(
        "401 token revoked, or our clock is wrong", 401, '{"title":"Unauthorized"}', Trouble.UNAUTHORIZED, LATER, (45, 75), replies=(45, 75)
    ),
    Row(
        "403 duplicate (187): it was posted",
        403,
        '{"detail":"You are not allowed to create a Tweet with duplicate content."}',
        Trouble.DUPLICATE,
        SENT,
        (60, 3600),
    ),
    Row("403 not summoned, first wording", 403, FIRST, Trouble.NOT_CALLED, REFUSED, (60, 3600)),
    Row("403 not summoned, second wording", 403, SECOND.upper(), Trouble.NOT_CALLED, REFUSED, (60, 3600)),
    Row(
        "403 the post is gone",
        403,
        "You attempted to reply to a Tweet that is deleted or not visible to you.",
        Trouble.TARGET,
        REFUSED,
        (60, 3600),
    ),
    Row(
        "400 the post is gone",
        400,
        "You attempted to reply to a Tweet that is deleted or not visible to you.",
        Trouble.TARGET,
        REFUSED,
        (60, 3600),
    ),
    Row(
        "403 the author restricts who may reply",
        403,
        "The original author restricted who can reply to this Tweet.",
        Trouble.TARGET,
        REFUSED,
        (60, 3600),
    ),
    Row("403 the author blocked us", 403, "You have been blocked from the author of this Tweet", Trouble.TARGET, REFUSED, (60, 3600)),
    Row("403 protected", 403, "cannot reply to a protected Tweet", Trouble.TARGET, REFUSED, (60, 3600)),
    Row("404", 404, "", Trouble.TARGET, REFUSED, (60, 3600)),
    Row("403 in words of next year", 403, '{"detail":"Forbidden"}', Trouble.FORBIDDEN, LATER, (60, 3600), replies=(900, 900)),
    Row("400 since_id too old", 400, '{"message":"\'since_id\' must be a tweet id created after [1]"}', Trouble.TOO_OLD, REFUSED, (0, 5)),
    Row("400 anything else: our own fault", 400, '{"title":"Invalid Request"}', Trouble.REFUSED, REFUSED, (60, 3600)),
    Row("422 the wrong dialect", 422, '"post.fields"', Trouble.REFUSED, REFUSED, (60, 3600)),
    Row("410", 410, "", Trouble.REFUSED, REFUSED, (60, 3600)),
]


def exchange(row: Row) -> Exchange:
    return Exchange(row.sent, row.status, row.headers, bytearray(row.body.encode()))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_what_each_answer_is(row: Row) -> None:
    failure = judge(exchange(row), "HTTPException", NOW_MS)
    assert failure.trouble is row.trouble
    assert failure.sent is row.sent
    assert len(failure.detail) <= DETAIL_MAX
    assert failure.until_ms == (SOON * 1000 if row.trouble is Trouble.RATE else None)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_what_becomes_of_a_reading_that_failed(row: Row) -> None:
    """Nothing is stored, the cursor stays, the other kinds of call go on where they may; when it is over, all is read."""

    async def story() -> None:
        inbox = Inbox()
        house = House(inbox)
        house.client.answers = [
            page([item(3), item(2), item(1)]),
            (judge(exchange(row), "Error", NOW_MS), exchange(row)),
            page([item(4), item(3)]),
        ]
        source = house.source()
        await house.poller.poll(source)
        stored = dict(inbox.cursors)
        spent = house.meter.purse.spent
        wait = await house.poller.poll(source)
        assert row.waits[0] <= wait <= row.waits[1]
        assert {name: value for name, value in inbox.cursors.items() if "purse" not in name} == {
            name: value for name, value in stored.items() if "purse" not in name
        }
        assert [post.id for post in inbox.posts] == [item(n)["id"] for n in (1, 2, 3)]
        assert source.cause is not None
        assert (house.meter.gate.wait("reply", NOW_MS) > 0) is (row.trouble in EVERYWHERE)
        assert (house.meter.purse.spent > spent) is row.costs
        house.now_ms += round(wait * 1000)
        assert await house.poller.poll(source) == source.every_seconds
        assert source.cause is None
        assert inbox.posts[-1].id == item(4)["id"]

    asyncio.run(story())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_what_becomes_of_a_reply_that_failed(row: Row) -> None:
    async def story() -> None:
        house = House(Inbox())
        house.client.answers = [(judge(exchange(row), "Error", NOW_MS), exchange(row))]
        sending = await house.replier.send(house.reply())
        assert sending.result is row.reply
        assert sending.message_ids == ()
        if row.reply is LATER:
            assert row.replies is not None
            assert sending.retry_after_s is not None
            assert row.replies[0] <= sending.retry_after_s <= row.replies[1]
        assert (house.meter.purse.spent > 0) is (row.costs or row.trouble is Trouble.OUTAGE)

    asyncio.run(story())


def test_every_trouble_has_a_row_and_an_outcome() -> None:
    ours = {Trouble.BUDGET, Trouble.CLOSED}
    assert {row.trouble for row in TABLE} == set(Trouble) - ours
    assert set(OUTCOMES) == set(Trouble)
    assert all(OUTCOMES[row.trouble] is row.reply for row in TABLE)
    assert set(SPANS) <= set(Trouble) - ours


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"{" * BODY_OCTETS_MAX, b'"Duplicate"', b""], ids=["octets", "long", "a string", "empty"]
)
def test_any_body_is_judged(body: bytes) -> None:
    for status in range(100, 600):
        assert isinstance(judge(Exchange(sent=True, status=status, headers={}, body=bytearray(body)), "Error", NOW_MS), Failure)


def test_no_word_of_a_body_reaches_people() -> None:
    failure = judge(Exchange(sent=True, status=403, headers={}, body=bytearray(b'{"detail":"RAHASIA SEKALI duplicate"}')), "Error", NOW_MS)
    assert "rahasia" not in failure.detail.lower()


HEADERS: list[tuple[dict[str, str], tuple[int, int] | None]] = [
    ({"x-rate-limit-remaining": "7", "x-rate-limit-reset": "100"}, (7, 100_000)),
    ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "100"}, (0, 100_000)),
    ({"x-rate-limit-remaining": "7"}, None),
    ({"x-rate-limit-reset": "100"}, None),
    ({"x-rate-limit-remaining": "-1", "x-rate-limit-reset": "100"}, None),
    ({"x-rate-limit-remaining": "1", "x-rate-limit-reset": "\u0661"}, None),
    ({"x-rate-limit-remaining": "1", "x-rate-limit-reset": "9" * 30}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "left"), HEADERS, ids=repr)
def test_what_is_left_of_a_window(headers: dict[str, str], left: tuple[int, int] | None) -> None:
    assert window_left(headers) == left
