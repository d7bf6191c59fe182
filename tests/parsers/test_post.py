"""Posts of X as the gateway reads them: whose they are, what they say, why they concern us, and why most of them do not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import post as posts
from parsers.model import Answering, Post, ReporterKind, Trigger
from parsers.post import FieldsMissing, Includes, Skip, Us, ids_of, includes_of, items_of, read

OUR_ID, SARI, BUDI = "170800", "2244994945", "99"
NOW_MS = 1_795_000_000_000
US = Us(OUR_ID, "lapor1708", posts.tags_of(["#lapor", "aduanagam", "\uff03LaporSleman"]), frozenset({"77", "diskominfo_agam"}))
NOTHING = Includes()
CALL = "@lapor1708 jalan rusak di Lubuk Basung"


def mention(start: int = 0, end: int = 10, **of: str) -> dict[str, Any]:
    """An entity that calls us, unless told otherwise."""
    return {"start": start, "end": end, **(of or {"username": "lapor1708", "id": OUR_ID})}


def item(text: object = CALL, **changes: Any) -> dict[str, Any]:
    """A post of Sari's that calls us, as X gives it; a field of None is left out."""
    fields = {
        "id": "1900000000000000001",
        "author_id": SARI,
        "created_at": "2026-11-18T10:00:00.000Z",
        "text": text,
        "entities": {"mentions": [mention()]},
        "edit_history_tweet_ids": ["1900000000000000001"],
        "conversation_id": "1900000000000000001",
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def taken(one: dict[str, Any], includes: Includes = NOTHING, us: Us = US) -> Post:
    """The post that an item is."""
    found = read(one, includes, us, source="mentions", received_ms=NOW_MS)
    assert isinstance(found, Post), found
    return found


MENTION, HASHTAG, REPLY = Trigger.MENTION, Trigger.HASHTAG, Trigger.REPLY
REPLIED = [{"type": "replied_to", "id": "1899"}]
AT_BUDI = "@budi @lapor1708 "
PHOTOS = Includes(
    media={
        "3_1": {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg"},
        "3_2": {"media_key": "3_2", "type": "photo", "url": "https://pbs.twimg.com/media/b.jpg"},
        "7_1": {"media_key": "7_1", "type": "video", "preview_image_url": "https://pbs.twimg.com/v.jpg"},
        "0_1": {"media_key": "0_1", "type": "photo", "url": "http://plain.example/a.jpg"},
        "0_2": {"media_key": "0_2", "type": "photo", "url": "https://x/" + "a" * 600},
        "0_3": {"media_key": "0_3", "type": "photo"},
    },
    places={"p1": {"id": "p1", "full_name": "Agam, Indonesia"}, "p2": {"id": "p2", "full_name": ""}, "p3": {"id": "p3", "full_name": 7}},
    users={"55": {"id": "55", "username": "Diskominfo_Agam"}},
)


@dataclass(frozen=True)
class Case:
    label: str
    item: dict[str, Any]
    expect: Skip | dict[str, Any]
    includes: Includes = field(default=PHOTOS)


CASES = [
    # why it concerns us
    Case("called by name", item(), {"trigger": MENTION, "answering": Answering.ONCE, "text": CALL, "suspicion": None}),
    Case("called at the end", item("Jalan rusak @LAPOR1708", entities={"mentions": [mention(12, 22)]}), {"trigger": MENTION}),
    Case(
        "we were renamed: the id counts",
        item("@dulu jalan rusak", entities={"mentions": [mention(0, 5, username="dulu", id=OUR_ID)]}),
        {"trigger": MENTION},
    ),
    Case("the name alone counts, too, in any case", item(entities={"mentions": [mention(username="LAPOR1708")]}), {"trigger": MENTION}),
    Case(
        "somebody else's name", item("@budi jalan rusak", entities={"mentions": [mention(0, 5, username="budi", id="9")]}), Skip.NOT_CALLED
    ),
    Case("a name that only begins like ours", item(entities={"mentions": [mention(username="lapor1708x", id="9")]}), Skip.NOT_CALLED),
    Case("nothing of ours", item("jalan rusak", entities=None), Skip.NOT_CALLED),
    Case(
        "inherited from the post it answers",
        item(
            AT_BUDI + "iya benar",
            entities={"mentions": [mention(0, 5, username="budi", id=BUDI), mention(6, 16)]},
            display_text_range=[17, 26],
            referenced_tweets=REPLIED,
        ),
        {"trigger": REPLY, "answering": Answering.NEVER, "parent": "1899"},
    ),
    Case(
        "inherited, and called again in the author's own words",
        item(
            AT_BUDI + "iya @lapor1708",
            entities={"mentions": [mention(6, 16), mention(21, 31)]},
            display_text_range=[17, 31],
            referenced_tweets=REPLIED,
        ),
        {"trigger": MENTION, "parent": "1899"},
    ),
    Case(
        "an answer to us",
        item("terima kasih", entities=None, in_reply_to_user_id=OUR_ID, referenced_tweets=REPLIED),
        {"trigger": REPLY, "answering": Answering.NEVER, "parent": "1899", "to_us": True},
    ),
    Case("an answer to us that calls us", item(in_reply_to_user_id=OUR_ID, referenced_tweets=REPLIED), {"trigger": MENTION, "to_us": True}),
    Case("an answer to somebody else that calls us", item(in_reply_to_user_id=BUDI), {"trigger": MENTION, "to_us": False}),
    Case("an answer to somebody else", item("ya", entities=None, in_reply_to_user_id=BUDI, referenced_tweets=REPLIED), Skip.NOT_CALLED),
    Case("our tag", item("jalan rusak #AduanAgam", entities=None), {"trigger": HASHTAG, "answering": Answering.NEVER}),
    Case("our tag in full width", item("jalan rusak \uff03aduanagam", entities=None), {"trigger": HASHTAG}),
    Case("our tag, written in full width in the table", item("#laporsleman lampu mati", entities=None), {"trigger": HASHTAG}),
    Case("a tag that only begins like ours", item("#laporan #laporkan", entities=None), Skip.NOT_CALLED),
    Case("a tag inside a word", item("abc#lapor", entities=None), Skip.NOT_CALLED),
    Case("a tag at the end of a link", item("lihat https://x.co/#lapor", entities=None), Skip.NOT_CALLED),
    Case("tag and name: the name counts", item("@lapor1708 #lapor jalan rusak"), {"trigger": MENTION}),
    Case(
        "tag in an inherited conversation",
        item(AT_BUDI + "#lapor", entities={"mentions": [mention(6, 16)]}, display_text_range=[17, 23]),
        {"trigger": HASHTAG},
    ),
    # what is none of ours
    Case("our own", item(author_id=OUR_ID), Skip.OWN),
    Case("our own though renamed, with our tag", item("#lapor", author_id=OUR_ID, entities=None), Skip.OWN),
    Case("a repost by reference", item(referenced_tweets=[{"type": "retweeted", "id": "1899"}]), Skip.REPOST),
    Case("a repost by reference, new dialect", item(referenced_posts=[{"type": "retweeted", "id": "1899"}]), Skip.REPOST),
    Case("a repost by its text", item("RT @budi: @lapor1708 jalan rusak"), Skip.REPOST),
    Case("no repost: it only speaks of RT", item("@lapor1708 ketua RT @budi minta uang"), {"trigger": MENTION}),
    # what it belongs to
    Case(
        "a quote that calls us",
        item(referenced_tweets=[{"type": "quoted", "id": "1899"}]),
        {"trigger": MENTION, "quoted": "https://x.com/i/status/1899", "parent": None},
    ),
    Case("a quote whose id is none", item(referenced_tweets=[{"type": "quoted", "id": "../../evil"}]), {"quoted": None}),
    Case("quoted, new dialect", item(referenced_posts=[{"type": "quoted", "id": "1899"}]), {"quoted": "https://x.com/i/status/1899"}),
    Case(
        "a quote and an answer at once",
        item(referenced_tweets=[{"type": "quoted", "id": "5"}, *REPLIED]),
        {"quoted": "https://x.com/i/status/5", "parent": "1899"},
    ),
    Case("a conversation", item(conversation_id="1888"), {"thread": "1888"}),
    Case("a conversation that is none", item(conversation_id="x"), {"thread": None}),
    Case("without a conversation", item(conversation_id=None), {"thread": None}),
    # versions
    Case(
        "edited twice",
        item(id="3", edit_history_tweet_ids=["1", "2", "3"]),
        {"id": "3", "key": "1", "version": 3},
    ),
    Case("edited, new dialect", item(id="3", edit_history_tweet_ids=None, edit_history_post_ids=["1", "3"]), {"key": "1", "version": 2}),
    Case("an earlier version, shown late", item(id="1", edit_history_tweet_ids=["1", "3"]), {"id": "1", "key": "1", "version": 1}),
    Case("without a history", item(id="3", edit_history_tweet_ids=None), {"key": "3", "version": 1}),
    Case("with an empty history", item(id="3", edit_history_tweet_ids=[]), {"key": "3", "version": 1}),
    Case("with a history of rubbish", item(id="3", edit_history_tweet_ids=["x", None, {}]), {"key": "3", "version": 1}),
    # what it says
    Case(
        "a long post",
        item("@lapor1708 Jalan…", note_tweet={"text": "@lapor1708 Jalan yang panjang sekali", "entities": {"mentions": [mention()]}}),
        {"text": "@lapor1708 Jalan yang panjang sekali", "trigger": MENTION},
    ),
    Case(
        "a long post, new dialect, called only in its tail",
        item("Jalan…", entities=None, note_post={"text": "Jalan rusak @lapor1708", "entities": {"mentions": [mention(12, 22)]}}),
        {"text": "Jalan rusak @lapor1708", "trigger": MENTION},
    ),
    Case("a note that is none", item(note_tweet={"text": 7}), {"text": CALL}),
    Case(
        "a shortened link is written out",
        item(
            "@lapor1708 lihat https://t.co/abc",
            entities={"mentions": [mention()], "urls": [{"url": "https://t.co/abc", "expanded_url": "https://kab.id/a"}]},
        ),
        {"text": "@lapor1708 lihat https://kab.id/a"},
    ),
    Case(
        "the link to its own picture goes",
        item(
            "@lapor1708 lubang https://t.co/pic",
            entities={
                "mentions": [mention()],
                "urls": [{"url": "https://t.co/pic", "expanded_url": "https://x.com/a/status/1/photo/1", "media_key": "3_1"}],
            },
            attachments={"media_keys": ["3_1", "3_2"]},
        ),
        {"text": "@lapor1708 lubang ", "links": ("https://pbs.twimg.com/media/a.jpg", "https://pbs.twimg.com/media/b.jpg")},
    ),
    Case(
        "links of a long post",
        item(
            note_tweet={
                "text": "@lapor1708 https://t.co/n",
                "entities": {"urls": [{"url": "https://t.co/n", "expanded_url": "https://n.id"}]},
            }
        ),
        {"text": "@lapor1708 https://n.id"},
    ),
    Case("what X escapes", item("@lapor1708 lampu &amp; jalan &lt;2 m&gt; &amp;amp;"), {"text": "@lapor1708 lampu & jalan <2 m> &amp;"}),
    Case(
        "an address keeps its own signs",
        item(
            "@lapor1708 https://t.co/a",
            entities={"mentions": [mention()], "urls": [{"url": "https://t.co/a", "expanded_url": "https://a.id/?x=1&copy=2&region=3"}]},
        ),
        {"text": "@lapor1708 https://a.id/?x=1&copy=2&region=3"},
    ),
    Case("a video is its preview", item(attachments={"media_keys": ["7_1"]}), {"links": ("https://pbs.twimg.com/v.jpg",)}),
    Case(
        "pictures that are no https, too long, or nowhere",
        item(attachments={"media_keys": ["0_1", "0_2", "0_3", "9_9", 7, None]}),
        {"links": ()},
    ),
    Case("at most four pictures", item(attachments={"media_keys": ["3_1"] * 9}), {"links": ("https://pbs.twimg.com/media/a.jpg",) * 4}),
    Case("a place", item(geo={"place_id": "p1"}), {"place": "Agam, Indonesia"}),
    Case("an empty place", item(geo={"place_id": "p2"}), {"place": None}),
    Case("a place that is a number", item(geo={"place_id": "p3"}), {"place": None}),
    Case("coordinates without a place", item(geo={"coordinates": {"type": "Point", "coordinates": [100.0, -0.3]}}), {"place": None}),
    Case(
        "control characters and a lone surrogate stay as they are",
        item("@lapor1708 \0\x1b[2J\ud83d"),
        {"text": "@lapor1708 \0\x1b[2J\ud83d"},
    ),
    Case("no longer than the longest long post", item("@lapor1708 " + "a" * 90_000), {"text": ("@lapor1708 " + "a" * 90_000)[:25_000]}),
    # when
    Case("the time of X", item(), {"posted_ms": 1_794_996_000_000}),
    Case("another zone", item(created_at="2026-11-18T17:00:00+07:00"), {"posted_ms": 1_794_996_000_000}),
    Case("a time that nobody can read", item(created_at="kemarin"), {"posted_ms": NOW_MS, "suspicion": "unreadable"}),
    Case("the last second of the calendar", item(created_at="9999-12-31T23:59:59-23:59"), {}),
    Case("the first second of the calendar", item(created_at="0001-01-01T00:00:00+23:59"), {}),
    # suspicion
    Case("without a text", item(None), {"text": "", "suspicion": "unreadable"}),
    Case("a text that is a number", item(7), {"text": "", "suspicion": "unreadable"}),
    Case("blank", item(" \n"), {"suspicion": "unreadable"}),
    Case("an agency by id", item(author_id="77"), {"suspicion": "publicity"}),
    Case("an agency by name, in any case", item(author_id="55"), {"suspicion": "publicity"}),
    Case("an advert of anybody", item("@lapor1708 Sobat, ayo manfaatkan kanal SP4N-LAPOR!"), {"suspicion": "publicity"}),
    # rubbish in every other field
    Case(
        "every other field of a wrong type",
        item(
            entities={
                "mentions": [mention(), 7, {"start": "x"}, {"username": None}],
                "urls": [{"url": ""}, {"url": 1, "expanded_url": 2}, 5],
            },
            referenced_tweets={"type": "retweeted"},
            edit_history_tweet_ids="123",
            attachments=[1],
            geo="here",
            note_tweet=[],
            display_text_range=["a"],
            conversation_id=5,
            in_reply_to_user_id=[],
        ),
        {"trigger": MENTION, "links": (), "place": None, "version": 1, "text": CALL},
    ),
    Case("entities that are a list", item(entities=[mention()]), Skip.NOT_CALLED),
    Case("a start that is no number", item(entities={"mentions": [mention(start="0")]}), {"trigger": REPLY}),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_what_a_post_is(case: Case) -> None:
    found = read(case.item, case.includes, US, source="mentions", received_ms=NOW_MS)
    if isinstance(case.expect, Skip):
        assert found is case.expect
        return
    assert isinstance(found, Post), found
    assert {name: getattr(found, name) for name in case.expect} == case.expect
    assert json.loads(found.raw) == case.item


def test_who_wrote_it_and_what_an_answer_is_attached_to() -> None:
    one = taken(item())
    assert (one.channel, one.account, one.source) == ("X @lapor1708", "@lapor1708", "mentions")
    assert (one.author.kind, one.author.value, one.author.address.value) == (ReporterKind.ACCOUNT, f"x:{SARI}", "1900000000000000001")
    assert one.author.answerable
    assert SARI not in repr(one)
    assert "jalan" not in repr(one)


@pytest.mark.parametrize("lost", [("author_id",), ("created_at",), ("author_id", "created_at")], ids=" and ".join)
def test_a_page_without_a_field_that_was_asked_for_is_refused_whole(lost: tuple[str, ...]) -> None:
    page = {"data": [item(), item(**dict.fromkeys(lost))]}
    with pytest.raises(FieldsMissing, match=" and ".join(lost)):
        items_of(page)


@pytest.mark.parametrize("value", [None, 7, [], {"id": "1"}])
def test_a_field_of_another_type_is_missing(value: object) -> None:
    with pytest.raises(FieldsMissing):
        items_of({"data": [{"id": "1", "author_id": value, "created_at": "2026-11-18T10:00:00Z"}]})


EMPTY_PAGES: list[dict[str, Any]] = [
    {},
    {"meta": {"result_count": 0}},
    {"data": None},
    {"data": {"id": "1"}},
    {"data": "1"},
    {"data": [7, None, "x", [], {}]},
    {"data": [{"id": 5, "text": "a"}, {"id": "x"}, {"id": ""}, {"id": "1" * 21}, {"id": "\u0661"}]},
]


@pytest.mark.parametrize("page", EMPTY_PAGES, ids=repr)
def test_what_is_no_post_is_no_post_and_costs_nothing(page: dict[str, Any]) -> None:
    assert items_of(page) == []
    assert ids_of(page) == []


def test_what_is_billed_is_known_though_a_field_is_missing() -> None:
    assert ids_of({"data": [{"id": "1"}, {"id": "2", "author_id": "3"}]}) == ["1", "2"]


INCLUDES: list[object] = [
    None,
    7,
    [],
    "x",
    {},
    {"users": 7, "media": {}, "places": "x"},
    {"users": [7, {}, {"name": "a"}], "media": [None]},
]


@pytest.mark.parametrize("value", INCLUDES, ids=repr)
def test_includes_that_are_none_are_left_out(value: object) -> None:
    assert includes_of({"includes": value}) == Includes()


def test_includes_are_found_by_their_ids() -> None:
    page = {"includes": {"users": [{"id": "5", "username": "a"}], "media": [{"media_key": "3_1"}], "places": [{"id": "p"}]}}
    found = includes_of(page)
    assert (set(found.users), set(found.media), set(found.places)) == ({"5"}, {"3_1"}, {"p"})


# ── words ──

WORDS = [
    ("@lapor1708 STATUS G7K2QP", "STATUS G7K2QP"),
    ("STATUS G7K2QP @lapor1708 #lapor", "STATUS G7K2QP"),
    ("\uff20lapor1708 STOP", "STOP"),
    ("@lapor1708 cek #5943588", "cek #5943588"),
    ("@lapor1708 \uff035943588", "\uff035943588"),
    ("#lapor1708 #2tahun jalan", "jalan"),
    ("surel a@b.id tetap", "surel a@b.id tetap"),
    ("@lapor1708 @budi #aduanagam \uff03lapor", ""),
    ("@lapor1708", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[row[0] for row in WORDS])
def test_the_words_of_a_post_are_without_names_and_tags(text: str, words: str) -> None:
    assert posts.words_of(text).split() == words.split()


ASKED = [
    ("@lapor1708 tracking ID #5943588 belum di verifikasi", "5943588"),
    ("@LAPOR1708 tolong cek ID #6164863", "6164863"),
    ("trackingid 6164863 bagaimana", "6164863"),
    ("Tracking ID: 6164863", "6164863"),
    ("laporan saya no. 6164863 kok lama", "6164863"),
    ("nomor aduan 6164863", "6164863"),
    ("min cek 6164863 dong", "6164863"),
    ("status 616486", "616486"),
    ("tiket #616486399", "616486399"),
    ("#6164863 belum ada kabar", "6164863"),
    ("jalan rusak sejak 2026", None),
    ("hubungi 081266010001", None),
    ("no hp saya 081266010001", None),
    ("tahun 20261125 lampu mati", None),
    ("cek no. 6164863", "6164863"),
    ("laporan sy nomor: 6164863", "6164863"),
    ("nomor laporan saya 6164863", "6164863"),
    ("tiang listrik no 1234567 roboh", None),
    ("rumah nomor 123456 kebanjiran", None),
    ("cek 12345", None),
    ("cek 1234567890", None),
    ("STATUS G7K2QP", None),
    ("rp 5000000 diminta lurah", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "number"), ASKED, ids=[row[0] for row in ASKED])
def test_which_tracking_id_a_post_asks_about(text: str, number: str | None) -> None:
    assert posts.tracking_id(text) == number


@pytest.mark.parametrize(
    "text", ["#" * 25_000, "no " * 8_000, "id" + "." * 25_000, "status saya " * 2_000, "@" * 25_000, "\ud800" * 25_000]
)
def test_hostile_texts_are_read_like_any_other(text: str) -> None:
    assert posts.tracking_id(text) is None
    assert len(posts.words_of(text)) <= len(text)
    assert taken(item(text)).text == text[: posts.CHARACTERS_MAX]


# ── whatever comes ──

_FIELDS = """
    text entities mentions urls start end username id url expanded_url media_key display_text_range referenced_tweets referenced_posts
    type edit_history_tweet_ids edit_history_post_ids note_tweet note_post attachments media_keys geo place_id conversation_id
    in_reply_to_user_id users media places full_name
"""
NAMES = st.sampled_from(_FIELDS.split())
WORDS_OF_JSON = st.text(st.characters(), max_size=20) | st.sampled_from([OUR_ID, "1", "@lapor1708", "#lapor"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS_OF_JSON,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | NAMES, inner, max_size=6),
    max_leaves=25,
)  # fmt: skip
WRITTEN = st.text(max_size=60) | st.just("2026-11-18T10:00:00.000Z") | st.datetimes().map(lambda at: at.isoformat())
IDS = st.integers(0, 10**19 - 1).map(str)


@given(st.dictionaries(NAMES, JSON, max_size=12), IDS, st.text(max_size=20) | IDS, WRITTEN, JSON)
def test_any_object_with_an_id_an_author_and_a_time_is_a_post_or_skipped(
    fields: dict[str, Any], post_id: str, author: str, created: str, includes: Any
) -> None:
    page = {"data": [fields | {"id": post_id, "author_id": author, "created_at": created}], "includes": includes}
    [one] = items_of(page)
    found = read(one, includes_of(page), US, source="mentions", received_ms=NOW_MS)
    assert isinstance(found, Post | Skip)
    if isinstance(found, Post):
        assert found.key.isdigit()
        assert found.version >= 1
        assert all(link.startswith("https://") for link in found.links)
        posts.words_of(found.text)
        posts.tracking_id(found.text)


@given(st.dictionaries(st.sampled_from(["data", "includes", "meta", "errors"]), JSON))
def test_any_page_is_read_or_refused(page: dict[str, Any]) -> None:
    includes_of(page)
    ids = ids_of(page)
    try:
        assert [one["id"] for one in items_of(page)] == ids
    except FieldsMissing:
        assert ids


def test_an_id_beyond_63_bits_is_none() -> None:
    """Were it believed, the next reading would begin behind all posts to come."""
    whole = {"author_id": "1", "created_at": "2026-11-18T10:00:00.000Z"}
    page = {"data": [whole | {"id": "9" * 20}, whole | {"id": "9" * 18}]}
    assert [one["id"] for one in items_of(page)] == ["9" * 18]
