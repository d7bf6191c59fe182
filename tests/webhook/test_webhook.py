"""The third channel as one table in and one table out: what a partner sends and what he hears, what he answers and what we make of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channel import Reply
from adapters.webhook import body
from adapters.webhook.intake import ANSWERS, Limits, Reason
from adapters.webhook.settings import BODY_OCTETS_MOST, PartnerSettings, WebhookSettings
from adapters.webhook.signature import Nonces, Seen
from adapters.webhook.simulator import Answered, Request, SimulatedPartner
from gateway import http
from parsers.model import Address, Answering, Post, ReporterKind, Trigger
from tests.smpp.test_link import Authority, authority  # noqa: F401 - a fixture
from tests.webhook.peers import (
    AGAM,
    BANJAR,
    CANARY,
    KEY,
    MESSAGE,
    NOW_S,
    OLD_KEY,
    OTHER_KEY,
    WRONG_KEY,
    Chunked,
    Cut,
    Dripping,
    Inbox,
    Served,
    changed,
)

Wire = Callable[[SimulatedPartner], list[Request]]


@dataclass(frozen=True)
class Kept:
    """202, and so many posts in the end, the last of them with these fields."""

    post: Mapping[str, Any] = field(default_factory=dict)
    number: str | None = "GA0000"
    known: bool = False
    posts: int = 1


@dataclass(frozen=True)
class No:
    """Another answer: its status, reason and field, and so many posts as came before it."""

    reason: Reason
    field: str = ""
    posts: int = 0


@dataclass(frozen=True)
class Case:
    """What a partner sends, and the answer to the last of it."""

    label: str
    wire: Wire
    expect: Kept | No
    key: str = KEY
    name: str = "agam"


def says(octets: bytes | None = None, **fields: Any) -> Wire:
    """One request with the usual message, some fields of it changed (None: left out), or with these octets."""
    message = {name: value for name, value in {**MESSAGE, **fields}.items() if value is not None}
    return lambda partner: [partner.request(json.dumps(message).encode() if octets is None else octets)]


def forged(*, octets: bytes | None = None, path: str | None = None, **headers: str | None) -> Wire:
    """One request that is changed after it was signed."""
    return lambda partner: [changed(says()(partner)[0], octets=octets, path=path, **headers)]


def at(seconds: int) -> Wire:
    """One request signed by a clock that is so far from ours."""
    return lambda partner: [partner.request(json.dumps(MESSAGE).encode(), at_s=NOW_S + seconds)]


def both(first: Wire, second: Wire) -> Wire:
    return lambda partner: first(partner) + second(partner)


def again(first: Wire, *, octets: bytes | None = None) -> Wire:
    """A request, and another one with the same nonce, signed rightly; with the same body unless another is given."""

    def wire(partner: SimulatedPartner) -> list[Request]:
        (request,) = first(partner)
        nonce = request.headers["X-Lapor-Nonce"]
        twin = SimulatedPartner(partner.name, KEY, now_ms=lambda: NOW_S * 1000, nonce=lambda: nonce)
        return [request, twin.request(request.octets if octets is None else octets)]

    return wire


def on_the_wire(kind: type[Request]) -> Wire:
    def wire(partner: SimulatedPartner) -> list[Request]:
        (request,) = says()(partner)
        return [kind(request.headers, request.octets)]

    return wire


def flood(requests: int) -> Wire:
    return lambda partner: [one for n in range(requests) for one in says(id=f"m-{n}")(partner)]


def capitals(partner: SimulatedPartner) -> list[Request]:
    (request,) = says()(partner)
    return [changed(request, x_lapor_signature="v1=" + request.headers["X-Lapor-Signature"][3:].upper())]


AT_MS = 1_795_310_130_000
BARE = {
    "channel": "Aplikasi Agam",
    "account": "app:agam",
    "source": "webhook",
    "id": "m-1",
    "key": "m-1",
    "text": "AGAM lampu jalan mati",
    "posted_ms": AT_MS,
    "received_ms": NOW_S * 1000,
    "version": 1,
    "trigger": Trigger.DIRECT,
    "answering": Answering.ALWAYS,
    "thread": None,
    "parent": None,
    "quoted": None,
    "links": (),
    "place": None,
    "suspicion": None,
    "raw": json.dumps(MESSAGE).encode(),
}
LINKS = [f"https://foto.example/{n}?a=b%20c#d" for n in range(4)]
FULL: dict[str, Any] = {"version": 3, "conversation": "c-9", "reply_to": "R81", "place": " Pasar Lama, Lubuk Basung ", "links": LINKS}
NULLS = json.dumps({**MESSAGE, **dict.fromkeys(FULL)}).encode()
ODD = 'a\x00b\r\n\t\u202e\ufeff😀 ﷺ e\u0301 "; DROP TABLE x;-- {{7*7}} </isi>'
BROKEN = "setengah \ud83d saja"

GOOD = [
    Case("the least there can be", says(), Kept(BARE)),
    Case(
        "all there can be",
        says(**FULL),
        Kept({"version": 3, "thread": "c-9", "parent": "R81", "place": "Pasar Lama, Lubuk Basung", "links": tuple(LINKS)}),
    ),
    Case("null is left out", says(octets=NULLS), Kept(BARE | {"raw": NULLS})),
    Case("keys we do not know", says(rating=5, author={"id": "u-77", "name": CANARY}, more={"a": [1, 2.5e300, None]}), Kept({"id": "m-1"})),
    Case("a partner without callbacks", says(), Kept({"answering": Answering.NEVER, "account": "app:banjar"}), OTHER_KEY, "banjar"),
    Case("no words, a picture", says(text="", links=LINKS[:1]), Kept({"text": "", "links": tuple(LINKS[:1])})),
    Case("a place of blanks", says(place="  "), Kept({"place": None})),
    Case("any character", says(text=ODD), Kept({"text": ODD})),
    Case("any character, not escaped", says(octets=json.dumps(MESSAGE | {"text": ODD}, ensure_ascii=False).encode()), Kept({"text": ODD})),
    Case("half of a character survives", says(text=BROKEN, place="\udead"), Kept({"text": BROKEN, "place": "\udead"})),
    Case("the longest text", says(text="a" * body.TEXT_CHARACTERS_MAX), Kept({"text": "a" * 25_000})),
    Case("the longest id", says(id="!~" * 64), Kept({"id": "!~" * 64})),
    Case("a question has no number", says(text="STATUS"), Kept(number=None, posts=0)),
    Case("UTC, in small letters", says(at="2026-11-22t01:15:30z"), Kept({"posted_ms": AT_MS})),
    Case("a part of a second", says(at="2026-11-22T01:15:30.1239999-00:00"), Kept({"posted_ms": AT_MS + 123})),
    Case("a phone whose clock is ahead", says(at="2027-11-22T01:15:30Z"), Kept({"posted_ms": NOW_S * 1000})),
    Case("a phone whose clock lost its battery", says(at="1904-01-01T00:00:00Z"), Kept({"posted_ms": 0})),
    Case("no length said", on_the_wire(Chunked), Kept(BARE)),
    Case("charset said", forged(content_type='application/json; charset="UTF-8"'), Kept(BARE)),
    Case("the signature in capitals", capitals, Kept(BARE)),
]


def phone(label: str, number: str | None, value: str) -> Case:
    expect = Kept({"kind": ReporterKind.MSISDN if value.startswith("+") else ReporterKind.ACCOUNT, "value": value})
    case = Case(label, says(author={"id": "u", "phone": number}), expect)
    return replace(case, key=OTHER_KEY, name="banjar") if "banjar" in value else case


PHONES = [
    phone("a mobile number of home", "0812-3456-7890", "+6281234567890"),
    phone("a number from abroad", "+1 202 555 0123", "+12025550123"),
    phone("no number", None, "app:agam:u"),
    phone("a number that is none", "12", "app:agam:u"),
    phone("half a character for a number", "\ud800", "app:agam:u"),
    phone("a number of a partner whom we do not believe", "081234567890", "app:banjar:u"),
]

SIGNED = [
    Case("the key before", says(), Kept(), OLD_KEY),
    Case("another's key", says(), No(Reason.SIGNATURE), OTHER_KEY),
    Case("nobody's key", says(), No(Reason.SIGNATURE), WRONG_KEY),
    Case("a name we do not know", says(), No(Reason.SIGNATURE), KEY, "c4n4ry"),
    Case("signed for another method", lambda p: [replace(p.request(b"{}", method="PUT"), method="POST")], No(Reason.SIGNATURE)),
    Case("signed for another path", lambda p: [replace(p.request(b"{}", path="/v1/other"), path="/v1/complaints")], No(Reason.SIGNATURE)),
    Case("a query that is not signed", forged(path="/v1/complaints?a=b"), No(Reason.SIGNATURE)),
    Case("a query that is signed", lambda p: [p.request(json.dumps(MESSAGE).encode(), path="/v1/complaints?a=%20b")], Kept()),
    Case("another body", forged(octets=json.dumps(MESSAGE | {"text": CANARY}).encode()), No(Reason.SIGNATURE)),
    Case("a blank more", forged(octets=json.dumps(MESSAGE).encode() + b" "), No(Reason.SIGNATURE)),
    Case("another nonce", forged(x_lapor_nonce="0123456789abcdef"), No(Reason.SIGNATURE)),
    Case("another time", forged(x_lapor_timestamp=str(NOW_S + 1)), No(Reason.SIGNATURE)),
    Case("another's name", forged(x_lapor_partner="banjar"), No(Reason.SIGNATURE)),
    Case("a signature of another kind", forged(x_lapor_signature="v2=" + "0" * 64), No(Reason.HEADERS)),
    Case("half a signature", forged(x_lapor_signature="v1=" + "0" * 32), No(Reason.HEADERS)),
    Case("no signature", forged(x_lapor_signature=None), No(Reason.HEADERS)),
    Case("no name", forged(x_lapor_partner=None), No(Reason.HEADERS)),
    Case("a name that is none", forged(x_lapor_partner=CANARY), No(Reason.HEADERS)),
    Case("a short nonce", forged(x_lapor_nonce="0123456789abcde"), No(Reason.HEADERS)),
    Case("a long nonce", forged(x_lapor_nonce="0" * 65), No(Reason.HEADERS)),
    Case("a time that is none", forged(x_lapor_timestamp="1e9"), No(Reason.HEADERS)),
    Case("a time in other digits", forged(x_lapor_timestamp="١٧٩٥٣١٠١٣١"), No(Reason.HEADERS)),
    Case("a clock as far behind as it may be", at(-300), Kept()),
    Case("a clock too far behind", at(-301), No(Reason.CLOCK)),
    Case("a clock as far ahead as it may be", at(300), Kept()),
    Case("a clock too far ahead", at(301), No(Reason.CLOCK)),
    Case("the beginning of time", at(-NOW_S), No(Reason.CLOCK)),
    Case("the end of time", at(10**11 - 1 - NOW_S), No(Reason.CLOCK)),
]

REPEATED = [
    Case("the same request again: its answer got lost", again(says()), Kept(known=True)),
    Case("the same message, signed anew", both(says(), says()), Kept(known=True)),
    Case("the same id with other words is the same message", both(says(), says(text="lain")), Kept({"text": MESSAGE["text"]}, known=True)),
    Case("an edit", both(says(), says(text="lain", version=2)), Kept({"text": "lain"}, posts=2)),
    Case("an edit that comes before what it edits", both(says(text="lain", version=2), says()), Kept({"text": "lain"}, known=True)),
    Case("another message", both(says(), says(id="m-2")), Kept(number="GA0001", posts=2)),
    Case("a nonce with another body", again(says(), octets=json.dumps(MESSAGE | {"id": "m-2"}).encode()), No(Reason.NONCE, posts=1)),
    Case("a minute's worth at once", flood(120), Kept(number="GA0119", posts=120)),
    Case("one more", flood(121), No(Reason.RATE, posts=120)),
]

TRANSPORT = [
    Case("no content type", forged(content_type=""), No(Reason.TYPE)),
    Case("a form", forged(content_type="application/x-www-form-urlencoded"), No(Reason.TYPE)),
    Case("another charset", forged(content_type="application/json; charset=utf-16"), No(Reason.TYPE)),
    Case("packed", forged(content_encoding="gzip"), No(Reason.TYPE)),
    Case("as long as a body may be", says(octets=json.dumps(MESSAGE).encode().ljust(65_536)), Kept()),
    Case("an octet too long", says(octets=json.dumps(MESSAGE).encode().ljust(65_537)), No(Reason.SIZE)),
    Case("too long for this partner", says(text="x" * 2_048), No(Reason.SIZE), OTHER_KEY, "banjar"),
    Case("much too long", says(octets=b" " * 1_000_000), No(Reason.SIZE)),
    Case("too long, and no length said", lambda p: [Chunked(r.headers, r.octets) for r in says(octets=b" " * 70_000)(p)], No(Reason.SIZE)),
    Case("an octet at a time", on_the_wire(Dripping), No(Reason.SLOW)),
]


def wrong(label: str, field: str, **fields: Any) -> Case:
    return Case(label, says(**fields), No(Reason.BODY, field))


GARBAGE = [
    Case(f"garbage: {label}", says(octets=octets), No(Reason.BODY))
    for label, octets in {
        "nothing": b"",
        "blanks": b"  ",
        "a word": CANARY.encode(),
        "no object": b'["C4N4RY"]',
        "a number": b"1",
        "null": b"null",
        "half": json.dumps(MESSAGE).encode()[:-1],
        "two": json.dumps(MESSAGE).encode() * 2,
        "XML": b"<lapor>C4N4RY</lapor>",
        "not UTF-8": b'{"id": "\xff"}',
        "half a character in octets": b'{"id": "\xed\xa0\x80"}',
        "UTF-16": json.dumps(MESSAGE).encode("utf-16"),
        "a byte order mark": json.dumps(MESSAGE).encode("utf-8-sig"),
        "NaN": json.dumps(MESSAGE | {"version": float("nan")}).encode(),
        "Infinity": json.dumps(MESSAGE | {"x": float("-inf")}).encode(),
        "a key twice": b'{"id": "m-1", "C4N4RY": 1, "C4N4RY": 2}',
        "a key twice, deep inside": b'{"id": "m-1", "author": {"id": "a", "id": "b"}}',
        "much too deep": b"[" * 60_000,
        "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "a number of 60,000 digits": b'{"version": ' + b"9" * 60_000 + b"}",
    }.items()
]
FIELDS = [
    wrong("no id", "id", id=None),
    wrong("an id of no letters", "id", id=""),
    wrong("an id too long", "id", id="x" * 129),
    wrong("an id with a blank", "id", id="C4N4RY 1"),
    wrong("an id in letters that can be written in two ways", "id", id="caf\u00e9C4N4RY"),
    wrong("an id with a line end", "id", id="C4N4RY\n"),
    wrong("a number for an id", "id", id=1001),
    wrong("no text", "text", text=None),
    wrong("a list for a text", "text", text=[CANARY]),
    wrong("a text too long", "text", text="x" * 25_001),
    wrong("no author", "author", author=None),
    wrong("a name for an author", "author", author=CANARY),
    wrong("an author without id", "author.id", author={"phone": "081234567890"}),
    wrong("an author with half a character", "author.id", author={"id": "\ud800"}),
    wrong("a number for a phone", "author.phone", author={"id": "u", "phone": 6281234567890}),
    wrong("a phone too long", "author.phone", author={"id": "u", "phone": "0" * 33}),
    wrong("no time", "at", at=None),
    wrong("a time without zone", "at", at="2026-11-22T08:15:30"),
    wrong("a date", "at", at="2026-11-22"),
    wrong("a week", "at", at="2026-W47-7T08:15:30+07:00"),
    wrong("a time in words", "at", at=CANARY),
    wrong("a time in other digits", "at", at="٢٠٢٦-11-22T08:15:30Z"),
    wrong("seconds since 1970", "at", at=1_795_310_130),
    wrong("a day that is none", "at", at="2026-02-30T08:15:30Z"),
    wrong("a zone that is none", "at", at="2026-02-20T08:15:30+24:00"),
    wrong("version 0", "version", version=0),
    wrong("version 2.0", "version", version=2.0),
    wrong("version true", "version", version=True),
    wrong("version in words", "version", version="2"),
    wrong("a version too high", "version", version=1_000_001),
    wrong("a conversation with a blank", "conversation", conversation="a b"),
    wrong("a reply to nothing", "reply_to", reply_to=""),
    wrong("a list for a place", "place", place=[]),
    wrong("a place too long", "place", place="x" * 201),
    wrong("a text for links", "links", links="https://foto.example/C4N4RY"),
    wrong("five links", "links", links=[*LINKS, "https://foto.example/5"]),
    wrong("a link that is not https", "links[1]", links=[LINKS[0], "http://foto.example/C4N4RY"]),
    wrong("a link that runs", "links[0]", links=["javascript:alert('C4N4RY')"]),
    wrong("a link without host", "links[0]", links=["https:///C4N4RY"]),
    wrong("a link with a password", "links[0]", links=["https://C4N4RY@foto.example/"]),
    wrong("a link with a blank", "links[0]", links=["https://foto.example/C4N4RY 1"]),
    wrong("a link with a line end", "links[0]", links=["https://foto.example/C4N4RY\n"]),
    wrong("a link in other letters", "links[0]", links=["https://föto.example/"]),
    wrong("a link to half an address", "links[0]", links=["https://[::1/C4N4RY"]),
    wrong("a link to a port that is none", "links[0]", links=["https://foto.example:99999/"]),
    wrong("a link too long", "links[0]", links=["https://foto.example/" + "x" * 500]),
    wrong("a number for a link", "links[2]", links=[*LINKS[:2], 7]),
]

CASES = [*GOOD, *PHONES, *SIGNED, *REPEATED, *TRANSPORT, *GARBAGE, *FIELDS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_what_is_handed_in(case: Case) -> None:
    async def story() -> tuple[Answered, Inbox]:
        async with Served() as served:
            for request in case.wire(served.partner(case.name, case.key)):
                answered = await served.send(request)
            return answered, served.inbox

    answered, inbox = asyncio.run(story())
    assert len(inbox.posts) == case.expect.posts
    assert CANARY not in json.dumps(answered.document)
    if isinstance(case.expect, Kept):
        assert (answered.status, answered.document) == (202, {"number": case.expect.number, "known": case.expect.known})
        for name, value in case.expect.post.items():
            assert seen(inbox.posts[-1], name) == value, name
        return
    status, sentence = ANSWERS[case.expect.reason]
    assert (answered.status, answered.document["error"]) == (status, case.expect.reason)
    assert answered.document.get("field", "") == case.expect.field
    if case.expect.reason in (Reason.SIGNATURE, Reason.CLOCK):
        assert answered.document["message"] == sentence


def seen(post: Post, name: str) -> object:
    """A field of a post or of its author."""
    assert post.author.address == Address(0, 0, post.id)
    return getattr(post.author if name in ("kind", "value") else post, name)


def test_every_reason_is_in_the_table() -> None:
    told = {case.expect.reason for case in CASES if isinstance(case.expect, No)}
    assert told == set(Reason) - {Reason.LATER, Reason.CUT}  # they have stories of their own
    assert set(ANSWERS) == set(Reason)


def test_who_goes_away_in_the_middle_leaves_nothing_behind() -> None:
    async def story() -> None:
        async with Served() as served:
            assert (await served.send(on_the_wire(Cut)(served.partner())[0])).status in (0, 400)
            while not any(reason in ("cut", "slow") for _, reason in served.intake.counts):
                await asyncio.sleep(0.01)
            assert served.inbox.posts == []
            assert (await served.partner().hand_in(served.address, MESSAGE)).status == 202

    asyncio.run(story())


def test_what_is_not_on_disk_is_later_and_the_same_number_when_it_was_after_all() -> None:
    async def story() -> None:
        async with Served() as served:
            partner = served.partner()
            request = says()(partner)[0]
            served.inbox.later = True
            answered = await served.send(request)
            assert (answered.status, answered.document["error"], answered.retry_after) == (503, "later", "5")
            served.inbox.later, served.inbox.hangs = False, True
            assert (await served.send(request)).status == 503
            served.inbox.hangs = False
            assert await served.send(request) == Answered(202, {"number": "GA0000", "known": True})
            assert len(served.inbox.posts) == 1

    asyncio.run(story())


def test_the_rate_is_refilled_evenly_and_a_stranger_cannot_use_it_up() -> None:
    async def story() -> None:
        async with Served(WebhookSettings((replace(AGAM, rate_per_minute=6),))) as served:
            for request in flood(20)(served.partner(key=WRONG_KEY)):
                assert (await served.send(request)).status == 401
            *fitting, late = flood(7)(served.partner())
            assert {(await served.send(one)).status for one in fitting} == {202}
            answered = await served.send(late)
            assert (answered.status, answered.retry_after) == (429, "10")
            served.clock.now_s += 9.9
            assert (await served.send(late)).retry_after == "1"
            served.clock.now_s += 0.2
            assert (await served.send(late)).status == 202
            assert served.intake.counts["agam", "rate"] == 2
            assert served.intake.counts["agam", "signature"] == 20

    asyncio.run(story())


def test_an_old_request_is_worth_nothing_when_the_window_is_over() -> None:
    async def story() -> None:
        async with Served() as served:
            request = says()(served.partner())[0]
            assert (await served.send(request)).status == 202
            served.clock.now_s += 301
            assert (await served.send(request)).document["error"] == "clock"
            assert (await served.partner().hand_in(served.address, MESSAGE)).document == {"number": "GA0000", "known": True}

    asyncio.run(story())


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_another_method_is_none_of_the_door(method: str) -> None:
    async def story() -> int:
        async with Served() as served:
            return (await served.send(served.partner().request(b"", method=method))).status

    assert asyncio.run(story()) == 405


def test_without_partners_the_door_knows_nobody_and_without_a_key_there_is_no_door() -> None:
    async def story() -> int:
        async with Served(WebhookSettings()) as served:
            return (await served.partner().hand_in(served.address, MESSAGE)).status

    assert asyncio.run(story()) == 401
    with pytest.raises(ValueError, match="agam"):
        Served(WebhookSettings((replace(AGAM, key="", previous_key=""),)))


def test_an_answer_of_ours_is_out_before_the_server_cuts_off() -> None:
    shipped, server = Limits(), http.Limits()
    assert shipped.body_seconds + shipped.store_seconds < server.answer_seconds
    assert server.body_octets_max >= BODY_OCTETS_MOST


def test_nonces_end_with_their_window_and_are_never_too_many() -> None:
    nonces = Nonces(3)
    assert nonces.note("a", b"1", until_s=10, now_s=0) is Seen.NEW
    assert nonces.note("a", b"1", until_s=12, now_s=10) is Seen.SAME
    assert nonces.note("a", b"2", until_s=12, now_s=10) is Seen.OTHER
    assert nonces.note("a", b"2", until_s=21, now_s=11) is Seen.NEW
    for number in range(100):
        nonces.note(str(number), b"", until_s=100 + number, now_s=11)
        assert len(nonces) <= 3
    assert nonces.note("99", b"", until_s=200, now_s=11) is Seen.SAME


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([*MESSAGE.values(), *FULL.values()]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["id", "phone", "x"]), inner, max_size=3),
    max_leaves=8,
)
FIELD = {name: VALUES | st.just(value) for name, value in {**MESSAGE, **FULL}.items()}
BODIES = st.binary(max_size=200) | st.fixed_dictionaries({}, optional=FIELD).map(lambda one: json.dumps(one).encode())
NAMES = {"", "author.id", "author.phone", *MESSAGE, *FULL}


@given(octets=BODIES, partner=st.sampled_from([AGAM, BANJAR]))
def test_any_body_becomes_a_post_or_a_named_error(octets: bytes, partner: PartnerSettings) -> None:
    outcome: Post | body.BodyWrong
    try:
        outcome = body.read(octets, partner, NOW_S * 1000)
    except body.BodyWrong as error:
        outcome = error
    if isinstance(outcome, body.BodyWrong):
        assert outcome.field.partition("[")[0] in NAMES
        assert str(outcome).startswith(f"{outcome.field}: " if outcome.field else ("the body ", "an object ", "NaN "))
    else:
        assert outcome.raw == octets
        assert 0 <= outcome.posted_ms <= outcome.received_ms
        assert outcome.author.value.startswith(("app:", "+"))


@given(text=st.text(st.characters(exclude_categories=())), place=st.text(st.characters(exclude_categories=()), max_size=200))
def test_the_citizens_words_come_through_unchanged(text: str, place: str) -> None:
    post = body.read(json.dumps({**MESSAGE, "text": text, "place": place}).encode(), AGAM, NOW_S * 1000)
    assert post.text == text
    assert (post.place or "") == place.strip()


def test_what_was_handed_in_shows_in_the_health_of_its_partner() -> None:
    async def story() -> None:
        async with Served() as served:
            await served.partner().hand_in(served.address, MESSAGE)
            assert served.intake.last_in_ms("agam") == NOW_S * 1000
            assert served.intake.last_in_ms("banjar") is None
            assert served.intake.counts == {("agam", "stored"): 1}

    asyncio.run(story())


def test_the_truth_of_a_partner_knows_a_contradiction() -> None:
    async def story() -> SimulatedPartner:
        async with Served() as served:
            partner = served.partner()
            await partner.hand_in(served.address, MESSAGE)
            await partner.hand_in(served.address, MESSAGE)
            assert (partner.truth.numbers, partner.truth.contradictions) == ({"m-1": "GA0000"}, [])
            partner.truth.note_answer("m-1", "GA0001")
            return partner

    assert asyncio.run(story()).truth.contradictions == ["m-1"]


def test_replies_and_posts_hide_what_they_hold() -> None:
    post = body.read(json.dumps({**MESSAGE, "text": CANARY, "author": {"id": CANARY * 3}}).encode(), AGAM, NOW_S * 1000)
    for shown in (repr(post), repr(Reply(Address(0, 0, CANARY), CANARY)), repr(AGAM)):
        assert CANARY not in shown
        assert KEY not in shown
