"""Replies: due in order, capped per number and day, once more after a crash and never twice; delivery receipts are advice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from forwarder.journal import Doors, Journal, JournalSettings, ReplyResult, Settlement
from forwarder.lifecycle import ComplaintMove, ReplyMove, ReplyState
from parsers.model import ReporterKind
from tests.journal.people import House, segment
from tests.journal.test_arrivals import crash

SETTINGS = JournalSettings(heartbeat_seconds=60)


@dataclass(frozen=True)
class Report:
    message_id: str
    operator: str = "telkomsel"
    state: str = "DELIVRD"
    error: str = "000"
    received_ms: int = 1


async def due(house: House, count: int = 1) -> Journal:
    journal = house.open()
    await journal.accept(house.many(journal, count))
    house.time.pass_(11)
    return journal


@pytest.mark.parametrize(("days", "told"), [(59, ["receipt_filed"]), (61, [])])
def test_the_core_s_number_does_not_go_to_a_phone_that_was_silent_so_long_that_it_may_be_another_s(
    tmp_path: Path, days: int, told: list[str]
) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        (verdict,) = await journal.accept(house.many(journal, 1))
        house.time.pass_(days * 86_400)  # parked, and settled by a person at last
        await journal.start_filing([(verdict.complaint_id or 0, 1)])
        await journal.settle([Settlement(verdict.complaint_id or 0, 1, ComplaintMove.FILED, "7")])
        assert [job.kind for job in await journal.start_replies(10, house.time.ms)] == told
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize(("out", "given"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_an_operator_is_given_as_many_as_it_has_room_for_oldest_first(tmp_path: Path, out: int, given: int) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house, 5)
        doors = Doors(3, {"telkomsel": out} if out else {})
        jobs = await journal.start_replies(10, house.time.ms, doors)
        assert [job.address[-1] for job in jobs] == ["0", "1", "2"][:given]
        assert len(await journal.start_replies(10, house.time.ms)) == 5 - given
        await journal.close()

    asyncio.run(run())


def test_a_reply_carries_all_that_the_outbox_needs(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        assert (job.kind, job.channel, job.operator) == ("receipt", "SMS 1708", "telkomsel")
        assert (job.reporter_value, job.reporter_kind) == ("+6281200000000", ReporterKind.MSISDN)
        assert (job.ton, job.npi, job.address) == (1, 1, "6281200000000")
        assert (job.instansi_name, job.tracking_id, job.language, job.rahasia) == ("Kab. Agam", None, "id", False)
        assert (job.attempt, job.again) == (1, False)
        assert await journal.case(job.number or "") is not None
        await journal.close()

    asyncio.run(run())


ENDS = [
    (ReplyMove.SENT, ReplyState.SENT),
    (ReplyMove.REFUSED, ReplyState.REFUSED),
    (ReplyMove.LOST_ANSWER, ReplyState.UNKNOWN),
    (ReplyMove.POSTPONED, ReplyState.LATER),
]


@pytest.mark.parametrize(("move", "state"), ENDS)
def test_each_result_leads_to_its_state_and_said_again_changes_nothing(tmp_path: Path, move: ReplyMove, state: ReplyState) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        result = ReplyResult(job.reply_id, move, detail="0x58", next_ms=house.time.ms + 5000)
        await journal.settle_replies([result, result])
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.REFUSED), ReplyResult(4711, ReplyMove.SENT)])
        counts = await journal.counts()
        assert {one: count for one, count in counts.replies.items() if count} == {state: 1}
        again = await journal.start_replies(10, house.time.ms + 4999)
        assert not again
        again = await journal.start_replies(10, house.time.ms + 5000)
        assert [one.attempt for one in again] == ([2] if state is ReplyState.LATER else [])
        await journal.close()

    asyncio.run(run())


def test_the_oldest_due_come_first_whether_new_or_postponed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house, 2)
        first, second = await journal.start_replies(10, house.time.ms)
        await journal.settle_replies([ReplyResult(first.reply_id, ReplyMove.POSTPONED, next_ms=house.time.ms + 20_000)])
        await journal.settle_replies([ReplyResult(second.reply_id, ReplyMove.POSTPONED, next_ms=house.time.ms + 1000)])
        await journal.accept(house.many(journal, 1, start=5))
        house.time.pass_(30)
        jobs = await journal.start_replies(2, house.time.ms)
        assert [job.reply_id for job in jobs] == [second.reply_id, second.reply_id + 1]
        assert [job.reply_id for job in await journal.start_replies(2, house.time.ms)] == [first.reply_id]
        await journal.close()

    asyncio.run(run())


def test_a_reply_found_in_sending_is_sent_once_more_marked_and_then_unknown(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        await crash(journal)
        journal = house.open()
        assert journal.opening.again == 1
        (again,) = await journal.start_replies(10, house.time.ms)
        assert (again.reply_id, again.again, again.attempt) == (job.reply_id, True, 2)
        await crash(journal)
        journal = house.open()
        assert not await journal.start_replies(10, house.time.ms)
        assert (await journal.counts()).replies[ReplyState.UNKNOWN] == 1
        await journal.close()

    asyncio.run(run())


def test_a_number_gets_so_many_replies_a_day_and_no_more(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(replies_per_day_max=3))

    async def run() -> None:
        journal = house.open()
        for number in range(5):
            await journal.accept([house.arrival(journal, segment(f"AGAM {number}", received_ms=house.time.ms))])
        await journal.accept([house.arrival(journal, segment("AGAM lain", "62899", received_ms=house.time.ms))])
        house.time.pass_(11)
        jobs = await journal.start_replies(100, house.time.ms)
        assert sorted(job.reporter_value for job in jobs) == ["+6281234567789"] * 3 + ["+62899"]
        assert (await journal.counts()).replies[ReplyState.NONE] == 2
        await journal.accept([house.arrival(journal, segment("AGAM besok", received_ms=house.time.ms))])
        house.time.pass_(86_400)
        assert len(await journal.start_replies(100, house.time.ms)) == 1
        await journal.close()

    asyncio.run(run())


def test_a_postponed_reply_is_not_counted_twice(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(replies_per_day_max=1))

    async def run() -> None:
        journal = await due(house)
        for _ in range(3):
            (job,) = await journal.start_replies(1, house.time.ms)
            await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.POSTPONED, next_ms=house.time.ms)])
        await journal.close()

    asyncio.run(run())


SPELLINGS = [
    ("as it was", "1A2B", "1A2B"),
    ("another case", "1A2B", "1a2b"),
    ("leading zeros", "00001a2b", "1A2B"),
    ("hex told, decimal reported", "1a2b", "6699"),
    ("decimal told, hex reported", "6699", "1A2B"),
    ("with spaces", " 77 ", "77"),
    ("a name", "abc-xyz/1", "ABC-XYZ/1"),
    ("nothing but zeros", "0000", "0"),
]


@pytest.mark.parametrize("early", [False, True], ids=["receipt after the answer", "receipt before the answer"])
@pytest.mark.parametrize(("label", "told", "reported"), SPELLINGS, ids=[label for label, *_ in SPELLINGS])
def test_a_delivery_receipt_finds_its_reply_however_the_id_is_written(
    tmp_path: Path, label: str, told: str, reported: str, *, early: bool
) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        if early:
            assert await journal.note_delivery([Report(reported)]) == 0, label
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, (told,))])
        if not early:
            assert await journal.note_delivery([Report(reported, "xl"), Report(reported), Report("nobody")]) == 1
        case = await journal.case(job.number or "")
        assert case is not None
        assert case.replies[0].delivery == "DELIVRD"
        await journal.close()

    asyncio.run(run())


def test_a_final_delivery_state_is_not_overwritten_by_a_passing_one(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, ("5",))])
        for state, expect in (("ACCEPTD", "ACCEPTD"), ("UNDELIV", "UNDELIV"), ("ENROUTE", "UNDELIV")):
            await journal.note_delivery([Report("5", state=state)])
            case = await journal.case(job.number or "")
            assert case is not None
            assert case.replies[0].delivery == expect
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("message_id", ["", "\x00", "9" * 500, "²", "-1", "0x1f", "é" * 70])
def test_any_message_id_is_stored_and_looked_for(tmp_path: Path, message_id: str) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = await due(house)
        (job,) = await journal.start_replies(10, house.time.ms)
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, (message_id,))])
        assert await journal.note_delivery([Report(message_id)]) == 1
        await journal.close()

    asyncio.run(run())
