"""A wall clock that is set back: what waits, waits as long as it was told to, and not until the clock has caught up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forwarder.journal import JournalSettings, ReplyResult, Settlement
from forwarder.journal.books import DAY_MS
from forwarder.lifecycle import ComplaintMove, ReplyMove
from forwarder.records import Kind
from tests.journal.people import House, part
from tests.journal.test_arrivals import crash
from tests.journal.test_filing import begin

SETTINGS = JournalSettings(heartbeat_seconds=0.1)


async def beat() -> None:
    await asyncio.sleep(0.5)  # a few heartbeats: the journal notices without being told


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("step_ms", [3_600_000, DAY_MS])
def test_what_is_postponed_by_a_clock_that_is_ahead_does_not_wait_until_it_is_caught_up(
    tmp_path: Path, step_ms: int, *, restart: bool
) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        house.time.ms += step_ms
        journal, (one,) = await begin(house)
        later = house.time.ms + 60_000
        await journal.settle([Settlement(one.complaint_id, 1, ComplaintMove.NOT_FILED, reason="busy", next_ms=later)])
        house.time.pass_(15)
        (job,) = await journal.start_replies(10, house.time.ms)
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.POSTPONED, next_ms=house.time.ms + 60_000)])
        house.time.ms -= step_ms
        if restart:
            await crash(journal)
            journal = house.open()
        else:
            await beat()
            assert not await journal.ready(10, house.time.ms)
            assert not await journal.start_replies(10, house.time.ms)
        house.time.pass_(61)
        assert len(await journal.ready(10, house.time.ms)) == 1
        assert len(await journal.start_replies(10, house.time.ms)) == 1
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("step_ms", [-2 * DAY_MS, 2 * DAY_MS])
def test_a_part_is_as_late_as_it_is_whatever_the_clock_did_before_a_restart(tmp_path: Path, step_ms: int, *, closed: bool) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        (first,) = await journal.accept([part("AGAM lampu ", 1, 2)])
        house.time.pass_(5)
        if closed:
            house.time.pass_(1_900)
            assert len(await journal.expire_sets(house.time.ms)) == 1
        house.time.ms += step_ms
        await beat()
        await crash(journal)
        journal = house.open()
        (second,) = await journal.accept([part("mati", 2, 2, received_ms=house.time.ms)])
        assert second.kind is (Kind.LATE_PART if closed else Kind.JOINED)
        assert second.set_id == first.set_id
        await journal.close()

    asyncio.run(run())


def test_an_absence_noted_by_a_clock_that_was_ahead_still_counts_one_settling_time_later(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        house.time.ms += DAY_MS
        journal, (one,) = await begin(house)
        await journal.settle([Settlement(one.complaint_id, 1, ComplaintMove.LOST_ANSWER)])
        assert not await journal.note_absent(one.complaint_id, settling_ms=300_000)
        house.time.ms -= DAY_MS
        await beat()
        assert not await journal.note_absent(one.complaint_id, settling_ms=300_000)
        house.time.pass_(301)
        assert await journal.note_absent(one.complaint_id, settling_ms=300_000)
        await journal.close()

    asyncio.run(run())
