"""The simulated X's world keeps X's rules: ids, entities, replies, edits, deletions, what is shown when, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from adapters.x.simulated_bill import DAY_MS, Bill
from adapters.x.simulated_post import EDIT_MS, Post, Shelf
from adapters.x.simulated_query import QueryRefused, compile_query
from adapters.x.simulated_text import head, links_in, weight
from adapters.x.snowflake import time_of
from adapters.x.world import Bounds, Denied, World

NOW_MS = 1_795_000_000_000
MINUTE = 60_000
ALL = Bounds()


@dataclass
class Clock:
    """Time moved by hand."""

    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class Scene:
    clock: Clock = field(default_factory=Clock)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(self.clock, Random(1))

    def post(self, text: str, by: str = "sari", **more: object) -> Post:
        """A second later, somebody posts."""
        self.clock.now_ms += 1000
        return self.world.write(self.world.user(by), text, **more)  # type: ignore[arg-type]

    def mentions(self) -> list[int]:
        return [post.id for post in self.world.mentions(self.world.account, ALL, 1_000).posts]

    def search(self, query: str) -> list[int]:
        compiled = compile_query(query, self.world)
        return [post.id for post in self.world.search(compiled.matches, compiled.keys, ALL, 1_000).posts]


def test_ids_carry_the_time_and_only_grow() -> None:
    at = Scene()
    posts = [at.world.write(at.world.account, str(number)) for number in range(5)]
    assert [time_of(post.id) for post in posts] == [NOW_MS] * 5
    at.clock.now_ms -= 5_000
    assert at.post("the clock went back").id > posts[-1].id


ENTITIES = [
    ("@lapor1708 jalan rusak", ["@0-10 lapor1708"]),
    ("😀 @lapor1708", ["@2-12 lapor1708"]),
    ("A shirt. Let us go @ManUtd 🙌🏼🔴 #mufc", ["@19-26 ManUtd", "#31-36 mufc"]),
    ("jalan&#lapor <b> @sari", ["@27-32 sari"]),
    ("\uff03LAPOR \uff20sari", ["@7-12 sari", "#0-6 LAPOR"]),
    ("#2026 #agam26 #a#b a#c me@lapor1708", ["#6-13 agam26"]),
    ("lihat https://x.id/a?b=1&c=2, ya", [">6-29 https://x.id/a?b=1&c=2"]),
    ("lapor.go.id dan x.id", [">0-23 http://lapor.go.id"]),
]


@pytest.mark.parametrize(("text", "found"), ENTITIES, ids=[text for text, _ in ENTITIES])
def test_entities_have_their_places_in_code_points_of_the_escaped_text(text: str, found: list[str]) -> None:
    post = Scene().post(text)
    mentions = [f"@{item.start}-{item.end} {item.username}" for item in post.entities.mentions]
    tags = [f"#{item.start}-{item.end} {item.tag}" for item in post.entities.tags]
    links = [f">{item.start}-{item.end} {item.target.expanded}" for item in post.entities.links]
    assert mentions + tags + links == found
    assert all(post.text[item.start] in "@\uff20" for item in post.entities.mentions)
    assert all(post.text[item.start : item.end] == item.url for item in post.entities.links)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("No. G7K2QP", 0),
        ("lapor.go.id", 1),
        ("Lihat lapor.go.id.", 1),
        ("t.co/abc t.co", 2),
        ("a.id", 0),
        ("a.id/b", 1),
        ("jalan rusak.di Agam", 0),
        ("agam@agamkab.go.id", 0),
        ("http://localhost", 1),
    ],
)
def test_what_x_makes_a_link(text: str, links: int) -> None:
    assert len(links_in(text)) == links


@pytest.mark.parametrize(
    ("text", "weighs"),
    [("abc", 3), ("日本", 4), ("😀", 2), ("👩‍👩‍👧", 2), ("🙋🏽", 2), ("https://contoh.id/" + "a" * 200, 23), ("cafe\u0301", 4), ("“…”", 4)],
)
def test_how_long_x_finds_a_text(text: str, weighs: int) -> None:
    assert weight(text) == weighs


def test_a_long_post_is_cut_and_whole_in_its_note() -> None:
    post = Scene().post("@lapor1708 " + "jalan rusak & gelap " * 30 + "#aduanagam")
    assert weight(post.text) <= 285  # `&amp;` counts as one on X
    assert post.text.endswith(post.entities.links[-1].url)
    assert not post.entities.tags
    assert [tag.tag for tag in post.body_entities.tags] == ["aduanagam"] if post.body_entities else False
    assert post.body is not None
    assert post.body.endswith("#aduanagam")
    assert head("日本語", 5) == "日本"


def test_a_reply_inherits_names_that_are_no_call() -> None:
    at = Scene()
    first = at.post("@lapor1708 jalan rusak @pemkab")
    reply = at.post("betul", by="budi", reply_to=first.id)
    asked = at.post("@lapor1708 betul", by="budi", reply_to=first.id)
    assert reply.text == "@sari @lapor1708 betul"
    assert reply.display == (17, 22)
    assert [post.calls(at.world.account) for post in (first, reply, asked)] == [True, False, True]
    assert all(post.mentions(at.world.account) for post in (first, reply, asked))
    assert {post.conversation_id for post in (first, reply, asked)} == {first.id}
    assert at.mentions() == [asked.id, reply.id, first.id]
    assert at.post("sendiri", reply_to=first.id).text == "@lapor1708 sendiri"
    assert at.post("ke yang lama", reply_to=5).text == "ke yang lama"


def test_quotes_and_pictures_append_links_beyond_the_words() -> None:
    at = Scene()
    first = at.post("jalan rusak")
    post = at.post("@lapor1708 ini", quote=first.id, media=[at.world.photo("lubang"), at.world.video()])
    assert post.display == (0, 14)
    kinds = [link.target.expanded.rpartition("/status/")[2] for link in post.entities.links]
    assert kinds == [str(first.id), f"{post.id}/photo/1"]
    assert post.entities.links[1].target.media_key == post.media[0].key


def test_a_repost_is_cut_and_found_only_by_its_author() -> None:
    at = Scene()
    first = at.post("@lapor1708 #lapor " + "jalan rusak " * 15)
    again = at.world.repost(at.world.user("budi"), first)
    assert again.text.startswith("RT @sari: @lapor1708 #lapor ")
    assert len(again.text) == 140
    assert at.mentions() == [first.id]
    assert at.search("from:budi") == [again.id]
    assert at.search("from:budi -is:retweet") == []
    at.world.reposts_found = True
    assert at.world.repost(at.world.user("ani"), first).id in at.mentions()


def test_an_edit_is_a_new_id_in_the_old_chain_and_takes_its_place() -> None:
    at = Scene()
    first = at.post("@lapor1708 jalan rusk")
    second = at.world.edit(first, "@lapor1708 jalan rusak")
    assert (first.chain.ids, second.root) == ([first.id, second.id], first.id)
    assert at.mentions() == [second.id]
    late = at.world.edit(second, "bukan apa-apa", late_ms=MINUTE)
    assert at.mentions() == [second.id]
    at.clock.now_ms += MINUTE
    assert at.mentions() == []
    at.world.delete(first)
    assert late.chain.deleted_ms == at.clock.now_ms


@pytest.mark.parametrize("why", ["reply", "late", "often", "gone", "repost"])
def test_what_cannot_be_edited(why: str) -> None:
    at = Scene()
    post = at.post("jalan rusak", reply_to=at.post("a").id if why == "reply" else None)
    if why == "late":
        at.clock.now_ms += EDIT_MS
    elif why == "gone":
        at.world.delete(post)
    elif why == "repost":
        post = at.world.repost(at.world.user("budi"), post)
    elif why == "often":
        for number in range(5):
            at.world.edit(post, str(number))
    with pytest.raises(Denied):
        at.world.edit(post, "baru")


def test_a_post_is_shown_late_on_each_shelf_by_itself() -> None:
    at = Scene()
    post = at.post("@lapor1708 #lapor", late_ms={Shelf.MENTIONS: 10 * MINUTE, Shelf.SEARCH: MINUTE})
    newer = at.post("@lapor1708 #lapor lagi")
    assert (at.mentions(), at.search("#lapor")) == ([newer.id], [newer.id])
    at.clock.now_ms += MINUTE
    assert (at.mentions(), at.search("#lapor")) == ([newer.id], [newer.id, post.id])
    at.clock.now_ms += 9 * MINUTE
    assert at.mentions() == [newer.id, post.id]


@pytest.mark.parametrize("flag", ["protected", "suspended"])
def test_who_hides_or_is_suspended_is_not_shown(flag: str) -> None:
    at = Scene()
    at.post("@lapor1708 #lapor")
    setattr(at.world.user("sari"), flag, True)
    assert (at.mentions(), at.search("#lapor")) == ([], [])


def test_mentions_reach_back_800_and_our_own_are_none() -> None:
    at = Scene()
    posts = [at.post("@lapor1708 jalan rusak") for _ in range(850)]
    at.post("@lapor1708 kami sendiri", by="lapor1708")
    assert at.mentions() == [post.id for post in reversed(posts[50:])]
    older = at.world.mentions(at.world.account, Bounds(below=posts[51].id), 100)
    assert ([post.id for post in older.posts], older.more) == ([posts[50].id], False)


def test_a_name_may_change_and_is_free_again() -> None:
    at = Scene()
    sari = at.world.user("sari")
    at.world.rename(sari, "sari_baru")
    assert at.world.user("SARI_BARU") is sari
    assert at.world.user("sari") is not sari
    with pytest.raises(Denied):
        at.world.rename(sari, "lapor1708")
    with pytest.raises(Denied):
        at.world.add_user("lapor1708")


SUMMONS: list[tuple[str, Callable[[Scene], Post], bool]] = [
    ("mention", lambda at: at.post("@lapor1708 jalan rusak"), True),
    ("hashtag only", lambda at: at.post("#aduanagam jalan rusak"), False),
    ("inherited mention", lambda at: at.post("ya", by="budi", reply_to=at.post("@lapor1708 a").id), False),
    ("quote of ours", lambda at: at.post("apa ini?", quote=at.world.answer("Selamat pagi").id), True),
    ("quote of others", lambda at: at.post("apa ini?", quote=at.post("a", by="budi").id), False),
    ("our own", lambda at: at.world.answer("Selamat pagi"), True),
]


@pytest.mark.parametrize(("make", "summoned"), [row[1:] for row in SUMMONS], ids=[row[0] for row in SUMMONS])
def test_who_may_be_answered(make: Callable[[Scene], Post], *, summoned: bool) -> None:
    at = Scene()
    assert at.world.summons(make(at)) is summoned


def test_the_ledger_knows_what_we_answered_and_what_twice() -> None:
    at = Scene()
    first, other = at.post("@lapor1708 jalan rusak"), at.post("@lapor1708 lampu mati")
    edited = at.world.edit(first, "@lapor1708 jalan rusak parah")
    at.world.answer("No. A", reply_to=first.id)
    at.world.answer("No. B", reply_to=other.id)
    assert at.world.doubled == []
    at.world.answer("No. C", reply_to=edited.id)
    assert at.world.doubled == [first.id]
    assert [(reply.root, reply.summoned, reply.with_link) for reply in at.world.replies[:2]] == [
        (first.id, True, False),
        (other.id, True, False),
    ]
    assert at.world.said_already("No. B", other.id)
    assert not at.world.said_already("No. B", first.id) or first.author is other.author
    at.clock.now_ms += DAY_MS
    assert not at.world.said_already("No. B", other.id)


QUERY = "(#aduanagam OR #lapor) -is:retweet -from:lapor1708 -@lapor1708"
MATCHES = [
    (QUERY, "#aduanagam jalan rusak", True),
    (QUERY, "\uff03LAPOR jalan rusak", True),
    (QUERY, "#lapor1 jalan rusak", False),
    (QUERY, "#lapor @lapor1708 jalan rusak", False),
    ("jalan rusak", "Jalan utama RUSAK", True),
    ("jalan rusak", "jalanan rusak", False),
    ('"jalan rusak"', "jalan utama rusak", False),
    ("kafe", "di kafé", True),
    ("#lapor lang:in", "#lapor a", True),
    ("#lapor lang:id", "#lapor a", False),
    ("#lapor -is:quote -is:reply -has:media -has:geo", "#lapor a", True),
    ("#lapor has:links has:images", "#lapor a", False),
    ("a b OR c", "c", True),
    ("a (b OR c)", "c", False),
    ("from:sari to:budi", "a", False),
    ("-from:tiada #lapor", "#lapor", True),
    ("@tiada OR #lapor", "#lapor", True),
    ("conversation_id:5 OR in_reply_to_tweet_id:5 OR quotes_of_tweet_id:5", "a", False),
]


@pytest.mark.parametrize(("query", "text", "found"), MATCHES, ids=[f"{row[0]} / {row[1]}" for row in MATCHES])
def test_queries_find_what_x_would_find(query: str, text: str, *, found: bool) -> None:
    at = Scene()
    post = at.post(text)
    assert (at.search(query) == [post.id]) is found


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "no viable alternative"),
        ("(#a", "missing ')'"),
        ("#a)", "missing EOF"),
        ("OR #a", "no viable alternative"),
        ("#a OR", "no viable alternative"),
        ('"#a', "no viable alternative at character '\"'"),
        ("has:media", "cannot be used as a standalone"),
        ("lang:in is:reply", "cannot be used as a standalone"),
        ("-#a", "at least one positive"),
        ("#a OR -#b", "at least one positive"),
        ("#a -(#b OR #c)", "Negated"),
        ("filter:replies #a", "invalid operator 'filter'"),
        ("is:funny #a", "invalid operator 'is'"),
        ("min_faves:3 #a", "invalid operator 'min_faves'"),
        ("a and b", "Ambiguous use of and"),
        ("(" * 30 + "#a" + ")" * 30, "too deep"),
        ("x" * 513, "maximum limit of 512"),
    ],
)
def test_queries_that_x_refuses(query: str, why: str) -> None:
    with pytest.raises(QueryRefused, match=r".+") as refused:
        compile_query(query, Scene().world)
    assert why in str(refused.value)


def test_a_search_does_not_walk_what_cannot_match() -> None:
    at = Scene()
    for number in range(3_000):
        at.post(f"cerita nomor {number}")
    wanted = at.post("#aduanagam jalan rusak")
    looked: list[int] = []
    query = compile_query(QUERY, at.world)

    def matches(post: Post) -> bool:
        looked.append(post.id)
        return query.matches(post)

    assert at.world.search(matches, query.keys, ALL, 100).posts == [wanted]
    assert looked == [wanted.id]


def test_resources_are_billed_once_a_utc_day_and_posts_each_time() -> None:
    bill = Bill(credit=60_000)
    morning = NOW_MS - NOW_MS % DAY_MS
    assert bill.posts([1, 2, 2], morning, owned=True) == 2_000
    assert bill.posts([2, 3], morning + 1, owned=False) == 5_000
    assert bill.posts([1], morning + DAY_MS, owned=False) == 5_000
    assert [bill.users([7, 7], morning + DAY_MS), bill.users([7], morning + DAY_MS)] == [10_000, 0]
    costs = [bill.create(morning + DAY_MS, summoned=summoned, link=link) for summoned in (True, False) for link in (False, True)]
    assert costs == [10_000, 200_000, 15_000, 200_000]
    assert bill.delete(morning + DAY_MS) == 10_000
    assert bill.empty
    assert [(day.owned, day.posts, day.micros) for day in bill.days.values()] == [(2, 1, 7_000), (0, 1, 450_000)]
    assert bill.total == 457_000


def test_what_is_forgotten_is_as_if_it_had_never_been() -> None:
    at = Scene()
    old = at.post("@lapor1708 #lapor lama")
    at.world.answer("No. A", reply_to=old.id)
    at.clock.now_ms += DAY_MS
    new = at.post("@lapor1708 #lapor baru", reply_to=old.id)
    at.world.forget(at.clock.now_ms - MINUTE)
    assert (at.mentions(), at.search("#lapor"), set(at.world.posts)) == ([new.id], [new.id], {new.id})
    assert len(at.world.replies) == 1
