"""The block list: what a blocked person writes is kept and held, by every road, and right after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from forwarder.journal import Hand, Journal, works
from forwarder.journal.blocking import Block
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Kind
from tests.journal.people import House, part, segment
from tests.journal.test_arrivals import crash
from tests.journal.test_persons import ANA, BUDI, BY, alive, connection_of, say, tag, value
from tests.journal.test_posts import SARI, Life, post
from tests.journal.test_posts import play as posts

DAY_MS = 86_400_000


async def blocked(house: House, *, days: float = 30) -> Journal:
    journal = house.open()
    assert await journal.subjects.block(tag(journal, ANA), BY, house.time.ms + round(days * DAY_MS))
    return journal


async def state_of(journal: Journal, complaint_id: int) -> tuple[ComplaintState, str | None, int]:
    case = await journal.case(journal.number_of(complaint_id))
    assert case is not None
    return case.state, case.reason, len(case.replies)


@alive
async def test_what_a_blocked_number_writes_is_held_and_not_answered_and_others_are_not_touched(house: House) -> None:
    journal = await blocked(house)
    mine, other = await say(journal, house, ANA, "jalan rusak"), await say(journal, house, BUDI, "lampu mati")
    assert await state_of(journal, mine) == (ComplaintState.HELD, HeldReason.BLOCKED, 0)
    assert await state_of(journal, other) == (ComplaintState.READY, "", 1)
    house.time.pass_(60)
    assert [job.reporter_value for job in await journal.start_replies(10, house.time.ms)] == ["+" + BUDI]
    assert [one.number for one in await journal.waiting(reason="blocked")] == [journal.number_of(mine)]
    await journal.close()


@alive
async def test_the_same_of_a_long_sms_a_resend_and_a_command(house: House) -> None:
    journal = await blocked(house)
    await say(journal, house, ANA, "jalan rusak")
    house.time.pass_(120)
    (again,) = await journal.accept([house.arrival(journal, segment("AGAM jalan rusak", ANA, session=2, received_ms=house.time.ms))])
    parts = [part(f"AGAM bagian {n} ", n, 2, source=ANA, received_ms=house.time.ms) for n in (1, 2)]
    joined = (await journal.accept(parts))[1]
    ask = house.arrival(journal, segment("STATUS", ANA, received_ms=house.time.ms))
    (command,) = await journal.accept([ask])
    assert joined.composed is not None
    assert (joined.kind, joined.composed.state, joined.composed.reason) == (Kind.JOINED, ComplaintState.HELD, HeldReason.BLOCKED)
    assert again.kind in (Kind.RESEND, Kind.REDELIVERY)
    assert command.kind is Kind.STORED
    assert value(house, "SELECT count(*) FROM reply WHERE state <> 'none'") == 0
    assert value(house, "SELECT reason FROM reply") == "the number is on the block list"
    await journal.close()


@alive
async def test_what_was_due_before_the_block_is_not_sent(house: House) -> None:
    journal = house.open()
    before = await say(journal, house, ANA, "jalan rusak")
    await journal.subjects.block(tag(journal, ANA), BY, house.time.ms + DAY_MS)
    house.time.pass_(60)
    assert not await journal.start_replies(10, house.time.ms)
    case = await journal.case(journal.number_of(before))
    assert case is not None
    assert [(one.state.value, one.detail) for one in case.replies] == [("none", "the number is on the block list")]
    await journal.close()


@alive
async def test_a_block_outlives_a_crash_and_ends_on_its_day_or_when_it_is_taken_off(house: House) -> None:
    journal = await blocked(house, days=1)
    await crash(journal)
    journal = house.open()
    assert (await state_of(journal, await say(journal, house, ANA, "satu")))[1] == HeldReason.BLOCKED
    assert await journal.subjects.block(tag(journal, ANA), BY, 0)
    assert not await journal.subjects.block(tag(journal, ANA), BY, 0), "twice is once"
    assert (await state_of(journal, await say(journal, house, ANA, "dua")))[0] is ComplaintState.READY
    await journal.subjects.block(tag(journal, ANA), BY, house.time.ms + DAY_MS)
    house.time.pass_(86_400 + 1)
    assert (await state_of(journal, await say(journal, house, ANA, "tiga")))[0] is ComplaintState.READY
    assert await journal.subjects.blocked(house.time.ms) == []
    await journal.purge(house.time.ms)
    assert value(house, "SELECT count(*) FROM blocked") == 0
    await journal.close()


@alive
async def test_a_transaction_that_is_undone_blocks_nobody(house: House) -> None:
    journal = house.open()
    books = journal._writer._books

    def breaks(_books: object, _items: object) -> list[bool]:
        works.BLOCK.handle(books, [Block(tag(journal, ANA), BY, house.time.ms + DAY_MS)])
        raise ValueError("planted")

    with pytest.raises(Exception, match="ValueError"):
        await journal._writer.do(replace(works.BLOCK, name="breaks", handle=breaks), [1])
    assert (await state_of(journal, await say(journal, house, ANA, "satu")))[0] is ComplaintState.READY
    assert value(house, "SELECT count(*) FROM blocked") == 0
    await journal.close()


@alive
async def test_the_list_says_who_and_why_and_no_number(house: House) -> None:
    journal = await blocked(house)
    mine = await say(journal, house, ANA, "jalan rusak")
    await journal.subjects.block(tag(journal, ANA), Hand("ani", "masih iseng"), house.time.ms + 2 * DAY_MS)
    (line,) = await journal.subjects.blocked(house.time.ms)
    assert (line.who, line.reason, line.messages, line.number) == ("ani", "masih iseng", 1, journal.number_of(mine))
    assert ANA not in repr(line)
    head = await anext(journal.subjects.export(tag(journal, ANA), BY))
    assert head["blocked_since_ms"] == line.since_ms
    deeds = [row[0] for row in connection_of(journal).execute("SELECT what FROM audit ORDER BY id")]
    assert deeds == ["block", "block", "export"]
    await journal.close()


def test_a_blocked_account_of_a_channel_of_posts_is_held_too(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.journal.subjects.block(life.journal.subjects.tag_of(SARI), BY, life.house.time.ms + DAY_MS)
        await life.take(post(1))
        assert [(one.state, one.reason) for one in await life.journal.waiting()] == [(ComplaintState.HELD, HeldReason.BLOCKED)]
        assert await life.rows("SELECT count(*) FROM reply") == [(0,)]

    posts(tmp_path, story)
