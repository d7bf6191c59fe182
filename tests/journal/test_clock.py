"""The wall clock may jump: what waits is counted by the monotonic one, and what was put off is not put off by a clock that goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from forwarder.journal import Journal, JournalSettings, Settlement
from forwarder.lifecycle import ComplaintMove
from forwarder.records import Kind
from tests.journal.people import Composer, House, part, segment

QUIET = JournalSettings(heartbeat_seconds=60)
HOUR, DAY, YEARS = 3_600, 86_400, 12 * 365 * 86_400
JUMPS = [HOUR, DAY, YEARS, -1, -HOUR, -DAY, -YEARS]
jumps = pytest.mark.parametrize("seconds", JUMPS)


def jump(house: House, seconds: float) -> None:
    """The wall clock alone."""
    house.time.ms += int(seconds * 1000)


def run(house: House, story: Callable[[Journal], Awaitable[None]]) -> None:
    async def main() -> None:
        journal = house.open()
        try:
            await story(journal)
        finally:
            await journal.close()

    asyncio.run(main())


@jumps
def test_a_long_message_is_joined_over_a_jump(tmp_path: Path, seconds: float) -> None:
    house = House(tmp_path, settings=QUIET)

    async def story(journal: Journal) -> None:
        for number in (1, 2, 3):
            verdicts = await journal.accept([part(f"bagian {number} ", number, received_ms=house.time.ms)])
            house.time.pass_(2)
            jump(house, seconds if number == 1 else 0)
            assert not await journal.expire_sets(house.time.ms)
        assert verdicts[0].kind is Kind.JOINED

    run(house, story)


@jumps
def test_a_long_message_is_joined_over_a_jump_that_nobody_saw(tmp_path: Path, seconds: float) -> None:
    house = House(tmp_path, settings=QUIET)

    async def first(journal: Journal) -> None:
        await journal.accept([part("bagian 1 ", 1, 2, received_ms=house.time.ms)])

    async def second(journal: Journal) -> None:
        house.time.pass_(2)
        assert not await journal.expire_sets(house.time.ms)
        assert (await journal.accept([part("bagian 2 ", 2, 2, received_ms=house.time.ms)]))[0].kind is Kind.JOINED

    run(house, first)
    jump(house, seconds)
    run(house, second)


@jumps
def test_a_redelivery_over_a_jump_opens_no_second_complaint(tmp_path: Path, seconds: float) -> None:
    house = House(tmp_path, settings=QUIET)

    async def story(journal: Journal) -> None:
        session = await journal.begin_session("telkomsel", "a")
        one = segment(session=session, received_ms=house.time.ms)
        assert (await journal.accept([house.arrival(journal, one)]))[0].kind is Kind.STORED
        await journal.end_session(session)
        jump(house, seconds)
        house.time.pass_(1)
        again = segment(session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        assert (await journal.accept([house.arrival(journal, again)]))[0].kind is Kind.REDELIVERY

    run(house, story)


@jumps
@pytest.mark.parametrize("restarts", [1, 3])
def test_a_redelivery_over_a_jump_that_nobody_saw_opens_no_second_complaint(tmp_path: Path, seconds: float, restarts: int) -> None:
    house = House(tmp_path, settings=QUIET)

    async def once(journal: Journal) -> None:
        one = segment(session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        assert (await journal.accept([house.arrival(journal, one)]))[0].kind is Kind.STORED

    async def forget(journal: Journal) -> None:
        house.time.pass_(HOUR)
        await journal.purge(house.time.ms)

    async def again(journal: Journal) -> None:
        one = segment(session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        assert (await journal.accept([house.arrival(journal, one)]))[0].kind is Kind.REDELIVERY

    run(house, once)
    jump(house, seconds)
    for _ in range(restarts):
        run(house, forget)
    run(house, again)


def test_a_clock_that_was_set_forward_makes_nothing_remembered_for_ever(tmp_path: Path) -> None:
    house = House(tmp_path, settings=QUIET)

    async def story(journal: Journal) -> None:
        one = segment(session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        await journal.accept([house.arrival(journal, one)])
        jump(house, YEARS)
        house.time.pass_(8 * DAY)
        await journal.accept(house.many(journal, 1, start=7))
        again = segment(session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        assert (await journal.accept([house.arrival(journal, again)]))[0].kind is Kind.STORED

    run(house, story)


def test_after_another_boot_a_day_more_is_a_day_that_passed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=QUIET)

    async def first(journal: Journal) -> None:
        await journal.accept([part("bagian 1 ", 1, 2, received_ms=house.time.ms)])

    async def second(journal: Journal) -> None:
        house.time.pass_(61)
        assert len(await journal.expire_sets(house.time.ms)) == 1

    run(house, first)
    house.boot = "the second"
    house.time.seconds = 0.0
    jump(house, DAY)
    run(house, second)


@jumps
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_what_was_put_off_a_minute_is_due_a_minute_later(tmp_path: Path, seconds: float, *, restart: bool) -> None:
    house = House(tmp_path, settings=QUIET, composer=Composer(reply=None))

    async def put_off(journal: Journal) -> None:
        await journal.accept(house.many(journal, 1))
        (filing,) = await journal.ready(10, house.time.ms)
        await journal.start_filing([(filing.complaint_id, filing.attempt)])
        later = Settlement(filing.complaint_id, filing.attempt, ComplaintMove.NOT_FILED, reason="busy", next_ms=house.time.ms + 60_000)
        await journal.settle([later])

    async def due(journal: Journal) -> None:
        await journal.accept(house.many(journal, 1, start=7))  # any transaction notices
        house.time.pass_(70)
        assert len(await journal.ready(10, house.time.ms)) == 2

    async def both(journal: Journal) -> None:
        await put_off(journal)
        house.time.pass_(1)
        jump(house, seconds)
        await due(journal)

    if not restart:
        run(house, both)
        return
    run(house, put_off)
    jump(house, seconds)
    run(house, due)


@jumps
@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_receipt_goes_out_on_time(tmp_path: Path, seconds: float, *, restart: bool) -> None:
    house = House(tmp_path, settings=QUIET)

    async def promise(journal: Journal) -> None:
        await journal.accept([house.arrival(journal, segment(received_ms=house.time.ms))])
        assert not await journal.start_replies(10, house.time.ms)

    async def due(journal: Journal) -> None:
        await journal.begin_session("telkomsel", "b")  # any transaction notices
        house.time.pass_(20)
        assert [job.kind for job in await journal.start_replies(10, house.time.ms)] == ["receipt"]

    async def both(journal: Journal) -> None:
        await promise(journal)
        jump(house, seconds)
        await due(journal)

    if not restart:
        run(house, both)
        return
    run(house, promise)
    jump(house, seconds)
    run(house, due)
