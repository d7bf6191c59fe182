"""Claims: of all copies of one message one is filed, whatever becomes of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from forwarder.lifecycle import ComplaintState, ReplyState
from forwarder.shared import SharedDown
from tests.cluster.places import Place, part, place
from tests.valkey import Valkey, valkey

TEXT = "AGAM lampu jalan mati"


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


def between(folder: Path, server: Valkey, story: Callable[[Place, Place], Awaitable[None]]) -> None:
    """Tell a story of gateways A and B."""
    server.flush()

    async def run() -> None:
        one, two = place(folder, "A", server), place(folder, "B", server)
        for each in (one, two):
            each.waits_for = ""
            await each.begin()
        try:
            await story(one, two)
        finally:
            for each in (one, two):
                await each.close()

    asyncio.run(run())


def test_the_first_to_claim_a_message_files_it_and_the_other_has_a_duplicate(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        first, copy = await one.take(TEXT), await two.take(TEXT)
        assert first.composed is not None
        assert first.composed.complaint is not None
        number = first.composed.complaint.number
        assert await one.index.claim(await one.ready()) == {first.complaint_id: None}
        assert await two.index.claim(await two.ready()) == {copy.complaint_id: number}
        assert await one.index.claim(await one.ready()) == {first.complaint_id: None}, "ours stays ours"
        assert list(await two.ready()) == []
        counts = await two.journal.counts()
        assert (counts.complaints[ComplaintState.DUPLICATE], counts.replies[ReplyState.NONE]) == (1, 1)
        assert (await one.journal.counts()).replies[ReplyState.DUE] == 1

    between(tmp_path, server, story)


def test_words_said_again_a_day_later_elsewhere_are_answered_with_the_first_number(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        first = await one.take(TEXT)
        await one.index.claim(await one.ready())
        two.time.pass_(86_400)
        await two.take(TEXT)
        await two.index.claim(await two.ready())
        (job,) = await two.journal.start_replies(10, two.time.ms + 60_000)
        assert first.composed is not None
        assert first.composed.complaint is not None
        assert (job.kind, job.number, job.pin) == ("resend", first.composed.complaint.number, None)

    between(tmp_path, server, story)


def test_other_words_another_sender_or_another_operator_are_another_complaint(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        await one.take(TEXT)
        await one.index.claim(await one.ready())
        await two.take(TEXT + " sekali")
        await two.take(TEXT, "6281299999999")
        await two.take(TEXT, operator="indosat")
        assert set((await two.index.claim(await two.ready())).values()) == {None}

    between(tmp_path, server, story)


def test_a_joined_message_is_known_by_its_parts_and_by_its_text(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        await one.take_parts(part("AGAM jalan ", 1), part("rusak", 2))
        await one.index.claim(await one.ready())
        await two.take_parts(part("AGAM jalan ", 1), part("rusak", 2))
        await two.take_parts(part("AGAM jalan ", 1, reference=45), part("rusak", 2, reference=45))
        await two.take_parts(part("AGAM jalan ", 1, reference=46, operator="xl"), part("rusak", 2, reference=46, operator="xl"))
        numbers = list((await two.index.claim(await two.ready())).values())
        assert [number is None for number in numbers] == [False, True]

    between(tmp_path, server, story)


def test_the_same_last_words_under_the_same_reference_are_no_duplicate(tmp_path: Path, server: Valkey) -> None:
    """Some phones use one reference for everything, and many people end with thanks."""

    async def story(one: Place, two: Place) -> None:
        await one.take_parts(part("AGAM jalan rusak. ", 1), part("terima kasih", 2))
        await one.index.claim(await one.ready())
        await two.take_parts(part("AGAM lampu mati. ", 1), part("terima kasih", 2))
        assert list((await two.index.claim(await two.ready())).values()) == [None]

    between(tmp_path, server, story)


def test_a_whole_message_whose_half_was_filed_elsewhere_is_laid_before_a_person(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        await one.take_parts(part("AGAM jalan ", 1))
        one.time.pass_(4000)
        await one.journal.expire_sets(one.time.ms)
        await one.index.claim(await one.ready())
        await two.take_parts(part("AGAM jalan ", 1), part("rusak", 2))
        (number,) = (await two.index.claim(await two.ready())).values()
        assert number is not None
        assert number[1] == "A"
        (waiting,) = await two.journal.waiting()
        assert (waiting.state, waiting.reason) == (ComplaintState.DUPLICATE, "late part")

    between(tmp_path, server, story)


def test_nothing_is_claimed_until_every_gateway_has_replayed(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        one.waits_for = "AB"
        await one.take(TEXT)
        with pytest.raises(SharedDown, match="A, B"):
            await one.index.claim(await one.ready())
        heard = await one.epoch.beat({}, frozenset())
        assert await one.epoch.replayed(heard.token)
        with pytest.raises(SharedDown, match="waits for gateway B"):
            await one.index.claim(await one.ready())
        heard = await two.epoch.beat({}, frozenset())
        assert await two.epoch.replayed(heard.token)
        assert set((await one.index.claim(await one.ready())).values()) == {None}
        server.flush()
        with pytest.raises(SharedDown):
            await one.index.claim(await one.ready())
        assert not await two.epoch.replayed(heard.token), "that epoch is over"

    between(tmp_path, server, story)


def test_after_a_flush_what_was_claimed_is_told_again_even_if_no_disk_knows_it_yet(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        await one.take(TEXT)
        await two.take(TEXT)
        assert set((await one.index.claim(await one.ready())).values()) == {None}  # granted, and `sending` not committed yet
        server.flush()
        await one.index.tell(one.index.recent())
        (number,) = (await two.index.claim(await two.ready())).values()
        assert number is not None

    between(tmp_path, server, story)


def test_no_post_is_called_new_until_every_gateway_has_told_what_it_has(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        one.waits_for = two.waits_for = "AB"
        for each in (one, two):
            token = (await each.epoch.beat({}, frozenset())).token
            await each.epoch.replayed(token)
        assert await one.index.posts_elsewhere([("acc", "100")]) == [False]
        server.flush()
        for _ in range(2):  # emptied, and emptied with a new epoch in which nobody has told anything
            with pytest.raises(SharedDown, match="to tell what it has"):
                await one.index.posts_elsewhere([("acc", "100")])
            token = (await two.epoch.beat({}, frozenset())).token
        await one.epoch.replayed(token)
        with pytest.raises(SharedDown, match="gateway B "):
            await one.index.posts_elsewhere([("acc", "100")])
        await two.epoch.replayed(token)
        assert await one.index.posts_elsewhere([("acc", "100")]) == [False]

    between(tmp_path, server, story)


def test_a_thousand_copies_raced_over_two_gateways_have_one_owner_each(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        for at in range(300):
            await one.take(f"{TEXT} {at}")
            await two.take(f"{TEXT} {at}")
        rows = await one.ready(), await two.ready()
        mine, theirs = await asyncio.gather(one.index.claim(rows[0]), two.index.claim(rows[1]))
        owned = sum(number is None for number in (*mine.values(), *theirs.values()))
        assert owned == 300
        assert len(await one.ready()) + len(await two.ready()) == 300

    between(tmp_path, server, story)


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_a_redis_that_is_gone_says_not_now(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forwarder.shared.ANSWER_SECONDS", 0.3)
    with valkey() as server:

        async def story(one: Place, _: Place) -> None:
            await one.take(TEXT)
            getattr(server, how)()
            with pytest.raises(SharedDown):
                await one.index.claim(await one.ready())
            assert len(await one.ready()) == 1
            server.thaw()

        between(tmp_path, server, story)


def test_no_number_and_no_word_of_a_citizen_lies_in_redis(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        first = await one.take("AGAM KENARI jembatan", "6281277770001")
        await two.take_parts(part("AGAM KENARI ", 1, source="6281277770001"), part("jalan", 2, source="6281277770001"))
        await one.index.claim(await one.ready())
        await two.index.claim(await two.ready())
        assert first.composed is not None
        assert first.composed.complaint is not None
        dump = everything(server)
        for secret in (b"KENARI", b"81277770001", first.composed.complaint.number.encode()):
            assert secret not in dump
        assert b"gw:claim:" in dump

    between(tmp_path, server, story)


def everything(server: Valkey) -> bytes:
    """All that is in Redis, as it is there."""
    client = server.client()
    found = []
    for key in client.keys("*"):
        kind = client.type(key)
        found += [key, client.dump(key) or b""]
        if kind == b"string":
            found.append(client.get(key))
        elif kind == b"hash":
            found += [word for pair in client.hgetall(key).items() for word in pair]
        elif kind == b"list":
            found += client.lrange(key, 0, -1)
    client.close()
    return b"\n".join(found)
