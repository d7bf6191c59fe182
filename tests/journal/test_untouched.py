"""What nobody touched: it goes on to the national desk, once and marked; what may be at the core already raises an alarm every day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from forwarder.core.header import Header, build, parse
from forwarder.journal import Hand, Journal, PassOn, Settlement
from forwarder.journal.revival import LOOK_FIRST
from forwarder.journal.trail import Wanted
from forwarder.journal.untouched import MARK, PASSED_ON
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, HeldReason
from parsers.model import Certainty
from tests.journal.people import House, decision, segment
from tests.journal.test_arrivals import crash
from tests.journal.test_clock_steps import SETTINGS, beat

HOUR = 3_600
DAY_MS = 86_400_000
BY = Hand("siti", "looked at it")
STATE = ComplaintState
NATIONAL = replace(decision(), certainty=Certainty.NATIONAL, region=None, instansi="nasional", rule="untouched")

Story = Callable[[House, Journal], Awaitable[None]]


def play(directory: Path, story: Story) -> None:
    house = House(directory, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await story(house, journal)
        await journal.close()

    asyncio.run(run())


async def held(house: House, journal: Journal, reason: HeldReason = HeldReason.REVIEW, text: str = "AGAM apa ini") -> tuple[int, str]:
    """One more that waits for a person: id and number. No row of history tells how it came to be held."""
    house.composer.state = STATE.HELD
    one = segment(text, f"6281{journal.next_message_id():09d}", received_ms=house.time.ms)
    arrival = house.arrival(journal, one)
    assert arrival.composed is not None
    (verdict,) = await journal.accept([replace(arrival, composed=replace(arrival.composed, reason=reason))])
    house.composer.state = STATE.READY
    assert verdict.complaint_id is not None
    return verdict.complaint_id, journal.number_of(verdict.complaint_id)


async def stuck(house: House, journal: Journal, move: ComplaintMove) -> tuple[int, str]:
    """One that is parked or unknown."""
    (verdict,) = await journal.accept([house.arrival(journal, segment("AGAM x", f"6282{journal.next_message_id():09d}"))])
    assert verdict.complaint_id is not None
    await journal.start_filing([(verdict.complaint_id, 1)])
    await journal.settle([Settlement(verdict.complaint_id, 1, move, reason="HTTP 4711")])
    return verdict.complaint_id, journal.number_of(verdict.complaint_id)


def before(house: House) -> int:
    return house.time.ms - DAY_MS


async def due(house: House, journal: Journal) -> set[int]:
    return set(await journal.ledger.untouched(before(house), 100))


async def pass_on(house: House, journal: Journal, complaint_id: int) -> bool:
    [moved] = await journal.ledger.pass_on(
        [PassOn(complaint_id, NATIONAL, "Admin Nasional", before(house), "nobody touched it for 24 hours")]
    )
    return moved


def test_the_move_leads_from_held_alone_and_to_ready() -> None:
    allowed = {state: moves[ComplaintMove.PASSED_ON] for state, moves in NEXT_COMPLAINT.items() if ComplaintMove.PASSED_ON in moves}
    assert allowed == {STATE.HELD: STATE.READY}


def test_what_nobody_touched_for_a_day_goes_to_the_national_desk_marked_and_with_its_history(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, number = await held(house, journal)
        house.time.pass_(24 * HOUR - 1)
        assert await due(house, journal) == set()
        assert not await pass_on(house, journal, complaint_id)
        house.time.pass_(2)
        assert await due(house, journal) == {complaint_id}
        assert await pass_on(house, journal, complaint_id)
        assert not await pass_on(house, journal, complaint_id)
        assert await due(house, journal) == set()
        (filing,) = await journal.ready(10, house.time.ms)
        complaint = filing.complaint
        assert (complaint.number, complaint.message.text, complaint.instansi_name) == (number, "AGAM apa ini", "Admin Nasional")
        assert complaint.marks == (MARK,)
        assert parse(build(complaint))[0].marks == ("diteruskan otomatis",)
        assert Header.of(complaint).certainty is Certainty.NATIONAL
        case = await journal.case(number)
        assert case is not None
        [entry] = case.history
        assert (entry.who, entry.move, entry.reason) == ("gateway", "passed_on", "nobody touched it for 24 hours")
        assert journal.tally[STATE.HELD] == 0
        assert journal.tally[STATE.READY] == 1

    play(tmp_path, story)


@pytest.mark.parametrize("reason", list(HeldReason))
def test_only_what_is_simply_waiting_goes_on(tmp_path: Path, reason: HeldReason) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, _ = await held(house, journal, reason)
        house.time.pass_(100 * HOUR)
        goes = reason in PASSED_ON
        assert await due(house, journal) == ({complaint_id} if goes else set())
        assert await pass_on(house, journal, complaint_id) is goes

    play(tmp_path, story)
    stays = {HeldReason.PUBLICITY, HeldReason.FLOOD, HeldReason.WITHDRAWN, HeldReason.RESTORED}
    assert set(HeldReason) - set(PASSED_ON) == stays | {HeldReason.NOTICE, HeldReason.MACHINE, HeldReason.BLOCKED}


@pytest.mark.parametrize("touch", ["note", "hold", "reroute"])
def test_what_somebody_touched_stays_however_long_ago(tmp_path: Path, touch: str) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, number = await held(house, journal)
        house.time.pass_(HOUR)
        if touch == "note":
            await journal.note(number, BY)
        elif touch == "hold":
            await journal.hold([number], HeldReason.REVIEW, BY)
        else:
            await journal.reroute(number, decision("32.73"), "Kota Bandung", BY)
            await journal.hold([number], HeldReason.REVIEW, BY)
        house.time.pass_(1_000 * HOUR)
        assert await due(house, journal) == set()
        assert not await pass_on(house, journal, complaint_id)

    play(tmp_path, story)


def test_what_a_citizen_had_restricted_stays_until_it_is_lifted(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, _ = await held(house, journal)
        case = await journal.case(journal.number_of(complaint_id))
        assert case is not None
        assert case.complaint is not None
        tag = journal.subjects.tag_of(case.complaint.message.reporter.value)
        await journal.subjects.restrict(tag, BY)
        house.time.pass_(25 * HOUR)
        assert await due(house, journal) == set()
        assert not await pass_on(house, journal, complaint_id)
        await journal.subjects.restrict(tag, BY, lift=True)
        assert await pass_on(house, journal, complaint_id)
        (row,) = [one for one in await journal.audit.rows(Wanted()) if one.what == "settle passed_on"]
        assert (row.who, row.about) == ("gateway", journal.number_of(complaint_id))

    play(tmp_path, story)


def test_a_touch_between_the_look_and_the_move_wins(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, number = await held(house, journal)
        house.time.pass_(25 * HOUR)
        assert await due(house, journal) == {complaint_id}
        await journal.note(number, BY)
        assert not await pass_on(house, journal, complaint_id)
        assert journal.tally[STATE.HELD] == 1

    play(tmp_path, story)


def test_what_a_lost_journal_may_have_filed_and_what_has_no_words_stays(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        restored, _ = await held(house, journal)
        blank, _ = await held(house, journal, text=" ")
        erased, _ = await held(house, journal)
        connection = journal._writer._books.connection
        connection.execute("UPDATE complaint SET attention = ? WHERE id = ?", (LOOK_FIRST, restored))
        connection.execute("UPDATE message SET sealed_content = NULL WHERE complaint = ?", (erased,))
        house.time.pass_(25 * HOUR)
        assert await due(house, journal) == {blank}
        assert [await pass_on(house, journal, one) for one in (restored, blank, erased)] == [False] * 3
        assert set(await journal.ledger.untouched(before(house), 100, {blank})) == set()

    play(tmp_path, story)


def test_the_longest_waiting_come_first_and_no_more_than_asked(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        ids = []
        for _ in range(5):
            ids.append((await held(house, journal))[0])
            house.time.pass_(60)
        house.time.pass_(24 * HOUR)
        assert list(await journal.ledger.untouched(before(house), 2)) == ids[:2]

    play(tmp_path, story)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("step_ms", [2 * DAY_MS, -2 * DAY_MS, 4_000 * DAY_MS])
def test_a_clock_that_is_set_makes_nobody_older(tmp_path: Path, step_ms: int, *, restart: bool) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, number = await held(house, journal)
        house.time.pass_(23 * HOUR)
        house.time.ms += step_ms
        await beat()
        if restart:
            await crash(journal)
            journal = house.open()
        assert await due(house, journal) == set()
        [row] = await journal.waiting()
        assert abs(house.time.ms - row.since_ms - 23 * HOUR * 1000) < 1_000
        house.time.pass_(HOUR + 1)
        assert await due(house, journal) == {complaint_id}
        assert await pass_on(house, journal, complaint_id)
        case = await journal.case(number)
        assert case is not None
        assert case.state is STATE.READY
        await journal.close()

    play(tmp_path, story)


@pytest.mark.parametrize("move", [ComplaintMove.LOST_ANSWER, ComplaintMove.REFUSED])
def test_unknown_and_parked_are_never_passed_on_and_raise_an_alarm_a_day(tmp_path: Path, move: ComplaintMove) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, number = await stuck(house, journal, move)
        house.time.pass_(24 * HOUR + 1)
        assert await due(house, journal) == set()
        assert not await pass_on(house, journal, complaint_id)
        assert [await journal.ledger.alarm_untouched(before(house), 24) for _ in range(3)] == [1, 0, 0]
        house.time.pass_(24 * HOUR)
        assert [await journal.ledger.alarm_untouched(before(house), 24) for _ in range(2)] == [1, 0]
        assert (await journal.counts()).alarms == 2
        await journal.note(number, BY)
        house.time.pass_(24 * HOUR)
        assert await journal.ledger.alarm_untouched(before(house), 24) == 0

    play(tmp_path, story)


def test_a_contradiction_of_the_core_is_one_alarm_a_day_and_not_one_for_each_look_up(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        complaint_id, _ = await stuck(house, journal, ComplaintMove.LOST_ANSWER)
        (verdict,) = await journal.accept([house.arrival(journal, segment("AGAM y", "62899"))])
        await journal.start_filing([(verdict.complaint_id or 0, 1)])
        await journal.settle([Settlement(verdict.complaint_id or 0, 1, ComplaintMove.FILED, "7841120")])
        for _ in range(5):
            assert (await journal.note_found(complaint_id, "7841120")).alarm
            house.time.pass_(60)
        assert (await journal.counts()).alarms == 1
        house.time.pass_(24 * HOUR)
        await journal.note_found(complaint_id, "7841120")
        assert (await journal.counts()).alarms == 2

    play(tmp_path, story)
