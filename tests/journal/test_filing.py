"""Complaints and the core: started once, settled by what came back, never two tracking ids, never lost in a crash."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Grant, Journal, JournalSettings, Settlement
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason, ReplyState
from forwarder.records import Filing
from tests.journal.people import House, segment
from tests.journal.test_arrivals import crash

SETTINGS = JournalSettings(heartbeat_seconds=60)
MOVE, STATE = ComplaintMove, ComplaintState


async def begin(house: House, count: int = 1) -> tuple[Journal, list[Filing]]:
    """A journal with `count` complaints that are being sent."""
    journal = house.open()
    await journal.accept(house.many(journal, count))
    filings = await journal.ready(count, house.time.ms)
    assert await journal.start_filing([(one.complaint_id, one.attempt) for one in filings]) == {one.complaint_id for one in filings}
    return journal, filings


def yes(filing: Filing, tracking_id: str, attempt: int | None = None) -> Settlement:
    return Settlement(filing.complaint_id, attempt or filing.attempt, MOVE.FILED, tracking_id, "t" + tracking_id)


@dataclass(frozen=True)
class Answer:
    label: str
    move: ComplaintMove
    state: ComplaintState
    attempts: int
    charged: bool = True


ANSWERS = [
    Answer("certainly not taken", MOVE.NOT_FILED, STATE.READY, 1),
    Answer("our own fault, charged to nobody", MOVE.NOT_FILED, STATE.READY, 0, charged=False),
    Answer("refused", MOVE.REFUSED, STATE.PARKED, 1),
    Answer("the answer was lost", MOVE.LOST_ANSWER, STATE.UNKNOWN, 1),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.label)
def test_each_no_of_the_core_leads_to_its_state(tmp_path: Path, answer: Answer) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        result = Settlement(one.complaint_id, 1, answer.move, reason="because", next_ms=house.time.ms + 5000, charged=answer.charged)
        (settled,) = await journal.settle([result])
        assert (settled.state, settled.moved, settled.reply_id) == (answer.state, True, None)
        case = await journal.case(one.complaint.number)
        assert case is not None
        assert (case.state, case.attempts, case.reason) == (answer.state, answer.attempts, "because")
        assert journal.tally[answer.state] == 1
        assert sum(journal.tally.values()) == 1
        if answer.state is STATE.READY:
            assert not await journal.ready(1, house.time.ms + 4999)
            (again,) = await journal.ready(1, house.time.ms + 5000)
            assert again.attempt == answer.attempts + 1
        else:
            assert [item.number for item in await journal.waiting(state=answer.state)] == [one.complaint.number]
        (late,) = await journal.settle([result])
        assert not late.moved
        await journal.close()

    asyncio.run(run())


def test_a_tracking_id_is_written_once_and_said_again_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        first, same, second = await journal.settle([yes(one, "7841120"), yes(one, "7841120"), yes(one, "999")])
        assert (first.moved, same.moved, second.moved) == (True, False, False)
        assert first.alarm is None
        assert same.alarm is None
        assert second.alarm is not None
        case = await journal.case("7841120")
        assert case is not None
        assert (case.tracking_id, case.transaction_id, case.number) == ("7841120", "t7841120", one.complaint.number)
        assert [item.reason for item in await journal.waiting()] == [second.alarm]
        assert (await journal.counts()).alarms == 1
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_one_tracking_id_for_two_complaints_is_an_alarm_and_the_second_waits_for_a_person(tmp_path: Path, *, together: bool) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one, two) = await begin(house, 2)
        results = [yes(one, "7"), yes(two, "7")]
        settled = await journal.settle(results) if together else [(await journal.settle([each]))[0] for each in results]
        assert [each.moved for each in settled] == [True, False]
        assert settled[1].alarm is not None
        case = await journal.case(two.complaint.number)
        assert case is not None
        assert (case.state, case.tracking_id) == (STATE.UNKNOWN, None)
        await journal.close()

    asyncio.run(run())


def test_a_yes_to_an_older_attempt_still_counts_and_a_no_to_one_does_not(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        await journal.settle([Settlement(one.complaint_id, 1, MOVE.NOT_FILED)])
        await journal.start_filing([(one.complaint_id, 2)])
        (old,) = await journal.settle([Settlement(one.complaint_id, 1, MOVE.LOST_ANSWER)])
        assert (old.state, old.moved) == (STATE.SENDING, False)
        (late,) = await journal.settle([yes(one, "7", attempt=1)])
        assert (late.state, late.moved) == (STATE.FILED, True)
        await journal.close()

    asyncio.run(run())


def test_a_yes_that_comes_after_the_answer_was_given_up_is_believed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        await journal.settle([Settlement(one.complaint_id, 1, MOVE.LOST_ANSWER)])
        (late,) = await journal.settle([yes(one, "7")])
        assert (late.state, late.moved, late.alarm) == (STATE.FILED, True, None)
        await journal.close()

    asyncio.run(run())


def test_an_answer_about_nobody_is_an_alarm(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        settled = await journal.settle([Settlement(4711, 1, MOVE.FILED, "8"), yes(one, "7")])
        assert [each.state for each in settled] == [None, STATE.FILED]
        assert settled[0].alarm is not None
        await journal.close()

    asyncio.run(run())


def test_only_the_current_attempt_of_a_ready_complaint_is_started_and_only_once(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        (verdict,) = await journal.accept(house.many(journal, 1))
        one = verdict.complaint_id or 0
        assert await journal.start_filing([(one, 2), (one, 0), (4711, 1)]) == set()
        first, second = await asyncio.gather(journal.start_filing([(one, 1)]), journal.start_filing([(one, 1)]))
        assert sorted((first, second), key=len) == [set(), {one}]
        assert await journal.start_filing([(one, 1)]) == set()
        await journal.close()

    asyncio.run(run())


def test_the_receipt_and_the_tracking_id_are_one_sms_while_the_receipt_is_not_yet_started(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        (settled,) = await journal.settle([yes(one, "7")])
        (job,) = await journal.start_replies(10, house.time.ms)
        assert (job.reply_id, job.kind, job.number, job.tracking_id) == (settled.reply_id, "receipt_filed", one.complaint.number, "7")
        house.time.pass_(60)
        assert not await journal.start_replies(10, house.time.ms)
        await journal.close()

    asyncio.run(run())


def test_who_has_heard_nothing_keeps_his_place_before_second_words_when_the_core_is_back(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (told, waits) = await begin(house, 2)
        house.time.pass_(10)
        (receipt,) = await journal.start_replies(1, house.time.ms)
        assert receipt.number == told.complaint.number
        house.time.pass_(3600)  # the operator is slow, the core away
        await journal.settle([yes(told, "7")])
        house.time.pass_(1)
        await journal.settle([yes(waits, "8")])
        jobs = await journal.start_replies(10, house.time.ms)
        assert [(job.kind, job.number) for job in jobs] == [("receipt_filed", waits.complaint.number), ("filed", told.complaint.number)]
        await journal.close()

    asyncio.run(run())


def test_the_tracking_id_is_a_second_sms_when_the_receipt_was_started(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        assert not await journal.start_replies(10, house.time.ms)
        house.time.pass_(10)
        (receipt,) = await journal.start_replies(10, house.time.ms)
        (settled,) = await journal.settle([yes(one, "7")])
        (job,) = await journal.start_replies(10, house.time.ms)
        assert (receipt.kind, job.kind, job.reply_id) == ("receipt", "filed", settled.reply_id)
        await journal.close()

    asyncio.run(run())


def test_who_cannot_be_answered_gets_no_reply_when_filed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    house.composer.reply = None

    async def run() -> None:
        journal, (one,) = await begin(house)
        (settled,) = await journal.settle([yes(one, "7")])
        assert (settled.moved, settled.reply_id) == (True, None)
        assert sum((await journal.counts()).replies.values()) == 0
        await journal.close()

    asyncio.run(run())


def test_what_was_being_sent_when_we_died_is_unknown_and_never_ready(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, filings = await begin(house, 3)
        await journal.settle([yes(filings[0], "7")])
        await crash(journal)
        journal = house.open()
        assert (journal.opening.unknown, journal.opening.clean) == (2, False)
        assert not await journal.ready(10, house.time.ms)
        unknown = await journal.unknown(10)
        assert [one.complaint for one in unknown] == [one.complaint for one in filings[1:]]
        assert journal.tally[STATE.UNKNOWN] == 2
        await journal.close()
        assert house.open().opening.clean

    asyncio.run(run())


def test_absent_counts_when_said_twice_a_settling_time_apart(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        await journal.settle([Settlement(one.complaint_id, 1, MOVE.LOST_ANSWER)])
        said = []
        for wait in (0, 10, 49, 2):
            house.time.pass_(wait)
            said.append(await journal.note_absent(one.complaint_id, settling_ms=60_000))
        assert said == [False, False, False, True]
        assert not await journal.note_absent(one.complaint_id, settling_ms=0)
        (again,) = await journal.ready(1, house.time.ms)
        assert again.attempt == 2
        await journal.close()

    asyncio.run(run())


def test_a_look_up_that_finds_it_files_it_and_tells_the_citizen(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        await journal.settle([Settlement(one.complaint_id, 1, MOVE.LOST_ANSWER)])
        settled = await journal.note_found(one.complaint_id, "7")
        assert (settled.state, settled.moved) == (STATE.FILED, True)
        assert settled.reply_id is not None
        await journal.close()

    asyncio.run(run())


def test_the_oldest_is_offered_first_and_what_is_known_is_left_out(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        ids = []
        for number in range(5):
            ids += [verdict.complaint_id for verdict in await journal.accept(house.many(journal, 1, start=number))]
            house.time.pass_(1)
        assert [one.complaint_id for one in await journal.ready(3, house.time.ms)] == ids[:3]
        assert [one.complaint_id for one in await journal.ready(3, house.time.ms, {ids[0] or 0, ids[2] or 0})] == [ids[1], ids[3], ids[4]]
        await journal.close()

    asyncio.run(run())


def test_a_held_complaint_is_never_offered(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    house.composer.state = STATE.HELD

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, 1))
        assert not await journal.ready(10, house.time.ms)
        assert [one.reason for one in await journal.waiting()] == [HeldReason.REVIEW]
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("state", list(ComplaintState))
@pytest.mark.parametrize("move", [MOVE.STARTED, MOVE.FILED, MOVE.NOT_FILED, MOVE.REFUSED, MOVE.LOST_ANSWER, MOVE.FOUND])
def test_no_answer_moves_a_complaint_along_a_way_that_is_not_in_the_table(
    tmp_path: Path, state: ComplaintState, move: ComplaintMove
) -> None:
    """A yes is also a FOUND where it is not a FILED: it must not get lost."""
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> tuple[ComplaintState, bool]:
        journal = house.open()
        (verdict,) = await journal.accept(house.many(journal, 1))
        one = verdict.complaint_id or 0
        journal._writer._books.connection.execute(
            "UPDATE complaint SET state = ?, worker = 'w', batch = 'b' WHERE id = ?", (state.value, one)
        )
        journal._writer._books.tally.committed["complaint", "ready"] = 0
        if move is MOVE.STARTED:
            moved = bool(await journal.start_filing([(one, 1)]))
        else:
            tracking_id = "7" if move in (MOVE.FILED, MOVE.FOUND) else None
            moved = (await journal.settle([Settlement(one, 0, move, tracking_id, grant=Grant("w", "b"))]))[0].moved
        connection = apsw.Connection(str(house.path))
        now = ComplaintState(connection.execute("SELECT state FROM complaint").get)
        connection.close()
        await journal.close()
        return now, moved

    now, moved = asyncio.run(run())
    allowed = {MOVE.FILED, MOVE.FOUND} if move in (MOVE.FILED, MOVE.FOUND) else {move}
    targets = {NEXT_COMPLAINT[state][one] for one in allowed if one in NEXT_COMPLAINT[state]}
    assert (now in targets) if moved else (now is state)
    assert moved is bool(targets)


def test_tallies_agree_with_the_tables_after_a_long_life(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, filings = await begin(house, 12)
        moves = [MOVE.NOT_FILED, MOVE.REFUSED, MOVE.LOST_ANSWER]
        results = [
            yes(one, f"T{number}") if number % 4 == 0 else Settlement(one.complaint_id, 1, moves[number % 4 - 1])
            for number, one in enumerate(filings)
        ]
        await journal.settle(results)
        await journal.accept([house.arrival(journal, segment("STATUS X", f"62{number}")) for number in range(3)])
        house.time.pass_(11)
        await journal.start_replies(5, house.time.ms)
        await crash(journal)
        journal = house.open()
        counts = await journal.counts()
        connection = apsw.Connection(str(house.path))
        for noun, held in (("complaint", counts.complaints), ("reply", counts.replies)):
            rows = dict(connection.execute(f"SELECT state, count(*) FROM {noun} GROUP BY 1").fetchall())  # noqa: S608 - a word of ours
            assert {state.value: count for state, count in held.items() if count} == rows
        assert counts.messages == connection.execute("SELECT count(*) FROM message").get == 15
        assert counts.replies[ReplyState.SENDING] == 0
        connection.close()
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("tracking_id", ["\x00", "7\x008", "\ud800", "'; DROP TABLE complaint; --", "7" * 10_000, " "])
def test_any_tracking_id_is_kept(tmp_path: Path, tracking_id: str) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, (one,) = await begin(house)
        result = Settlement(one.complaint_id, 1, MOVE.FILED, tracking_id, "\ud800", reason="\x00")
        assert (await journal.settle([result]))[0].moved
        assert not (await journal.settle([result]))[0].alarm
        await journal.close()

    asyncio.run(run())
