"""The desk: every move by the table, with who, when and why; nothing erased, nothing that moves by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from forwarder.journal import Hand, Journal, JournalSettings, Settlement
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason
from forwarder.records import Arrival, Composed
from parsers.errors import JournalError
from tests.journal.people import House, decision, segment
from tests.journal.test_arrivals import unreadable

SETTINGS = JournalSettings(heartbeat_seconds=60)
BY = Hand("siti", "the citizen called")
MOVE, STATE = ComplaintMove, ComplaintState


async def in_state(house: House, state: ComplaintState) -> tuple[Journal, str]:
    """A journal with one complaint in `state`, brought there by its own moves."""
    house.composer.state = STATE.HELD if state is STATE.HELD else STATE.READY
    journal = house.open()
    (verdict,) = await journal.accept([house.arrival(journal, segment())])
    number = journal.number_of(verdict.complaint_id or 0)
    answers = {STATE.PARKED: MOVE.REFUSED, STATE.UNKNOWN: MOVE.LOST_ANSWER, STATE.FILED: MOVE.FILED}
    if state in answers or state is STATE.SENDING:
        await journal.start_filing([(verdict.complaint_id or 0, 1)])
    if state in answers:
        await journal.settle([Settlement(verdict.complaint_id or 0, 1, answers[state], "7" if state is STATE.FILED else None)])
    if state is STATE.CLOSED:
        assert (await journal.close_cases([number], BY))[0].error is None
    if state is STATE.DUPLICATE:
        (again,) = await journal.accept([house.arrival(journal, segment())])
        journal._writer._books.connection.execute("UPDATE complaint SET number = 'DUPLIC' WHERE id = ?", (again.complaint_id,))
        number = "DUPLIC"
    return journal, number


VERBS = {
    MOVE.RELEASED: lambda journal, number: journal.release([number], BY),
    MOVE.HOLD: lambda journal, number: journal.hold([number], HeldReason.REVIEW, BY),
    MOVE.RESEND: lambda journal, number: journal.resend([number], BY),
    MOVE.CLOSE: lambda journal, number: journal.close_cases([number], BY),
}


@pytest.mark.parametrize("state", list(ComplaintState))
@pytest.mark.parametrize("move", list(VERBS))
def test_a_move_at_the_desk_goes_where_the_table_says_or_nowhere(tmp_path: Path, state: ComplaintState, move: ComplaintMove) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, state)
        (moved,) = await VERBS[move](journal, number)
        case = await journal.case(number)
        assert case is not None
        assert case.state is moved.state is NEXT_COMPLAINT[state].get(move, state)
        assert (moved.error is None) is (move in NEXT_COMPLAINT[state])
        if moved.error is None:
            assert [(one.who, one.move, one.reason) for one in case.history[-1:]] == [("siti", move.value, BY.reason)]
        assert journal.tally[case.state] >= 1
        assert sum(journal.tally.values()) == (2 if state is STATE.DUPLICATE else 1)
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("state", [STATE.HELD, STATE.READY, STATE.PARKED, STATE.UNKNOWN])
def test_what_a_person_found_at_the_core_is_filed_and_the_citizen_hears_it(tmp_path: Path, state: ComplaintState) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, state)
        assert (await journal.settle_filed(number, "7841120", BY)).state is STATE.FILED
        (job,) = await journal.start_replies(10, house.time.ms)
        assert job.tracking_id == "7841120"
        case = await journal.case("7841120")
        assert case is not None
        assert case.history[-1].move == MOVE.FOUND
        assert (await journal.settle_filed(number, "7841120", BY)).error is not None
        assert "second tracking id" in ((await journal.settle_filed(number, "8", BY)).error or "")
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("state", "then"),
    [(STATE.HELD, STATE.READY), (STATE.PARKED, STATE.READY), (STATE.READY, STATE.READY), (STATE.UNKNOWN, STATE.UNKNOWN)],
)
def test_a_rerouted_complaint_goes_to_its_new_place_with_its_text_untouched(
    tmp_path: Path, state: ComplaintState, then: ComplaintState
) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, state)
        before = await journal.case(number)
        moved = await journal.reroute(number, replace(decision("33.21"), instansi="demak"), "Kab. Demak", BY)
        assert (moved.state, moved.error) == (then, None)
        after = await journal.case(number)
        assert before is not None
        assert after is not None
        assert before.complaint is not None
        assert after.complaint == replace(
            before.complaint, decision=replace(decision("33.21"), instansi="demak"), instansi_name="Kab. Demak"
        )
        if then is STATE.READY:
            (filing,) = await journal.ready(10, house.time.ms)
            assert await journal.start_filing([(filing.complaint_id, filing.attempt)])
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("state", [STATE.SENDING, STATE.FILED, STATE.CLOSED])
def test_what_is_under_way_or_settled_is_not_rerouted(tmp_path: Path, state: ComplaintState) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, state)
        assert (await journal.reroute(number, decision(), "Kab. Agam", BY)).error is not None
        await journal.close()

    asyncio.run(run())


def test_what_was_unreadable_is_read_anew_and_goes_the_normal_road(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([Arrival(unreadable())])
        (waiting,) = await journal.waiting()
        assert (await journal.release([waiting.number], BY))[0].error is not None
        read = house.composer.whole(4711, 4711, segment("AGAM terbaca"))
        assert (await journal.redecode(waiting.number, read, BY)).state is STATE.READY
        (filing,) = await journal.ready(10, house.time.ms)
        assert (filing.complaint.number, filing.complaint.message.text) == (waiting.number, "AGAM terbaca")
        assert [one.number for one in await journal.by_reporter("+6281234567789")] == [waiting.number]
        house.time.pass_(11)
        (job,) = await journal.start_replies(10, house.time.ms)
        assert job.number == waiting.number
        assert (await journal.redecode(waiting.number, read, BY)).error is not None
        assert (await journal.redecode(waiting.number, Composed(read.message, None), BY)).error is not None
        await journal.close()

    asyncio.run(run())


def test_many_are_moved_at_once_and_each_hears_what_became_of_it(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    house.composer.state = STATE.HELD

    async def run() -> None:
        journal = house.open()
        verdicts = await journal.accept(house.many(journal, 30))
        numbers = [journal.number_of(verdict.complaint_id or 0) for verdict in verdicts]
        moved = await journal.release([*numbers, "ZZZZZZ", numbers[0]], BY)
        assert [one.error is None for one in moved] == [True] * 30 + [False, False]
        assert len(await journal.ready(100, house.time.ms)) == 30
        await journal.close()

    asyncio.run(run())


def test_a_note_clears_what_needed_attention_and_stays(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, STATE.FILED)
        case = await journal.case(number)
        assert case is not None
        await journal.settle([Settlement(case.complaint_id, 1, MOVE.FILED, "8")])
        assert [one.number for one in await journal.waiting()] == [number]
        assert (await journal.note(number, BY)).error is None
        assert not await journal.waiting()
        case = await journal.case(number)
        assert case is not None
        assert [(one.move, one.reason) for one in case.history] == [("note", BY.reason)]
        assert (await journal.note("ZZZZZZ", BY)).error is not None
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("by", [Hand("", "why"), Hand("siti", " ")])
def test_nobody_moves_anything_without_a_name_and_a_reason(tmp_path: Path, by: Hand) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal, number = await in_state(house, STATE.READY)
        with pytest.raises(JournalError):
            await journal.close_cases([number], by)
        case = await journal.case(number)
        assert case is not None
        assert (case.state, case.history) == (STATE.READY, ())
        await journal.close()

    asyncio.run(run())


def test_the_list_is_oldest_first_with_counts_and_ages_per_reason(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    house.composer.state = STATE.HELD

    async def run() -> None:
        journal = house.open()
        start = house.time.ms
        await journal.accept(house.many(journal, 2))
        house.time.pass_(60)
        await journal.accept([Arrival(unreadable())])
        house.composer.state = STATE.READY
        house.time.pass_(60)
        await journal.accept(house.many(journal, 4, start=10))
        assert [one.since_ms - start for one in await journal.waiting()] == [0, 0, 60_000]
        assert len(await journal.waiting(limit=2)) == 2
        assert len(await journal.waiting(reason="unreadable")) == 1
        assert not await journal.waiting(state=STATE.PARKED)
        oldest = {(one.state, one.reason): (one.count, one.since_ms - start) for one in (await journal.counts()).oldest}
        assert oldest == {(STATE.HELD, "review"): (2, 0), (STATE.HELD, "unreadable"): (1, 60_000), (STATE.READY, ""): (4, 120_000)}
        await journal.close()

    asyncio.run(run())
