"""Redelivery, resend and addition: what is the same delivery again, and what is the citizen saying it again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Journal, JournalSettings
from forwarder.lifecycle import ComplaintState, HeldReason, ReplyState
from forwarder.records import Arrival, Kind
from parsers.errors import JournalError
from parsers.model import Address, Unreadable
from tests.journal.people import House, segment

SETTINGS = JournalSettings(heartbeat_seconds=60, answer_doubt_seconds=60)


def unreadable(sequence: int = 7, body: bytes = b"\x00odd octets", session: int = 1) -> Unreadable:
    raw = b"\x00\x00\x00\x2a\x00\x00\x00\x05\x00\x00\x00\x00" + sequence.to_bytes(4, "big") + body
    return Unreadable("telkomsel", "a", session, "deliver_sm", "no NUL", raw, 1_795_000_000_000)


async def accept_one(house: House, journal: Journal, **changes: object) -> Kind | None:
    return (await journal.accept([house.arrival(journal, segment(**changes))]))[0].kind  # type: ignore[arg-type]


@dataclass(frozen=True)
class Between:
    """What happens between the first copy and the second, and what the second is."""

    label: str
    act: Callable[[House, Journal, int], Awaitable[Journal]]
    expect: Kind


async def nothing(house: House, journal: Journal, _session: int) -> Journal:
    house.time.pass_(5)
    return journal


async def ends(house: House, journal: Journal, session: int) -> Journal:
    house.time.pass_(5)
    await journal.end_session(session)
    return journal


async def ends_much_later(house: House, journal: Journal, session: int) -> Journal:
    house.time.pass_(61)
    await journal.end_session(session)
    return journal


async def is_late(house: House, journal: Journal, session: int) -> Journal:
    journal.note_late(session, [1_795_000_000_000])
    house.time.pass_(5)
    return journal


async def is_late_for_another(house: House, journal: Journal, session: int) -> Journal:
    journal.note_late(session, [1_795_000_000_001])
    journal.note_late(session + 1, [1_795_000_000_000])
    house.time.pass_(5)
    return journal


async def dies(house: House, journal: Journal, _session: int) -> Journal:
    house.time.pass_(5)
    await crash(journal)
    return house.open()


async def dies_much_later(house: House, journal: Journal, _session: int) -> Journal:
    house.time.pass_(61)
    await journal.begin_session("xl", "b")  # any commit is a heartbeat
    await crash(journal)
    return house.open()


async def stops_in_order_much_later(house: House, journal: Journal, _session: int) -> Journal:
    house.time.pass_(61)
    await journal.close()
    return house.open()


async def ends_and_eight_days_pass(house: House, journal: Journal, session: int) -> Journal:
    await journal.end_session(session)
    house.time.pass_(8 * 86_400)
    return journal


async def crash(journal: Journal) -> None:
    """The process dies: nothing is noted, the lock goes."""
    journal._writer._end = journal._writer._close_connection  # type: ignore[method-assign]
    await journal.close()


CASES = [
    Between("the connection goes on", nothing, Kind.RESEND),
    Between("the connection ends soon after", ends, Kind.REDELIVERY),
    Between("the connection ends much later", ends_much_later, Kind.RESEND),
    Between("the answer was late", is_late, Kind.REDELIVERY),
    Between("another answer was late", is_late_for_another, Kind.RESEND),
    Between("the gateway dies soon after", dies, Kind.REDELIVERY),
    Between("the gateway dies much later", dies_much_later, Kind.RESEND),
    Between("the gateway stops in order much later", stops_in_order_much_later, Kind.RESEND),
    Between("more than seven days pass", ends_and_eight_days_pass, Kind.STORED),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_an_equal_copy_is_a_redelivery_only_when_our_answer_may_not_have_arrived(tmp_path: Path, case: Between) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        assert await accept_one(house, journal, session=session) is Kind.STORED
        journal = await case.act(house, journal, session)
        again = await journal.begin_session("telkomsel", "a")
        assert await accept_one(house, journal, session=again, received_ms=house.time.ms) is case.expect
        stored = {Kind.REDELIVERY: 1, Kind.RESEND: 2, Kind.STORED: 2}[case.expect]
        assert (await journal.counts()).messages == stored
        await journal.close()

    asyncio.run(run())


def test_a_third_copy_is_judged_by_the_answer_to_the_second(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        first = await journal.begin_session("telkomsel", "a")
        assert await accept_one(house, journal, session=first) is Kind.STORED
        await journal.end_session(first)
        second = await journal.begin_session("telkomsel", "a")
        assert await accept_one(house, journal, session=second) is Kind.REDELIVERY
        house.time.pass_(120)
        assert await accept_one(house, journal, session=second) is Kind.RESEND
        await journal.close()

    asyncio.run(run())


DIFFERENT = [
    ("another operator", {"operator": "xl"}),
    ("another sender", {"source": Address(1, 1, "628999")}),
    ("another type of number", {"source": Address(0, 1, "6281234567789")}),
    ("another destination", {"destination": Address(0, 1, "91708")}),
    ("another esm_class", {"esm_class": 0x40}),
    ("another alphabet", {"data_coding": 8}),
    ("other octets", {"octets": b"AGAM lampu jalan nyala"}),
]


@pytest.mark.parametrize(("label", "changes"), DIFFERENT, ids=[label for label, _ in DIFFERENT])
def test_what_differs_in_any_of_the_six_is_another_message(tmp_path: Path, label: str, changes: dict[str, object]) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        await accept_one(house, journal, session=session)
        await journal.end_session(session)
        text = {} if "source" not in changes else {"source": "6281234567789"}
        one = segment(**text)
        for name, value in {**changes, "session": session}.items():
            one = type(one)(**{field: value if field == name else getattr(one, field) for field in one.__slots__})
        assert (await journal.accept([house.arrival(journal, one)]))[0].kind is Kind.STORED, label
        await journal.close()

    asyncio.run(run())


def test_two_equal_copies_in_one_batch_are_one_message(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        verdicts = await journal.accept([house.arrival(journal, segment()), house.arrival(journal, segment())])
        assert [verdict.kind for verdict in verdicts] == [Kind.STORED, Kind.REDELIVERY]
        await journal.close()

    asyncio.run(run())


def test_a_resent_complaint_gets_the_first_ones_number_and_never_goes_to_the_core(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        first = (await journal.accept([house.arrival(journal, segment(session=session))]))[0]
        assert first.composed is not None
        assert first.composed.complaint is not None
        number = first.composed.complaint.number
        for _ in range(2):
            again = (await journal.accept([house.arrival(journal, segment(session=session))]))[0]
            assert (again.kind, again.of) == (Kind.RESEND, number)
            assert again.composed is not None
            assert again.composed.complaint is not None
            assert again.composed.state is ComplaintState.DUPLICATE
            assert again.composed.complaint.number == number
        assert [one.complaint.number for one in await journal.ready(10, house.time.ms)] == [number]
        case = await journal.case(number)
        assert case is not None
        assert case.duplicates == 2
        house.time.pass_(11)
        jobs = await journal.start_replies(10, house.time.ms)
        assert sorted((job.kind, job.number) for job in jobs) == [("receipt", number), ("resend", number), ("resend", number)]
        state = await journal.case_of("+6281234567789")
        assert state is not None
        assert state.number == number
        assert await journal.case_of("+6281234567789", "ZZZZZZ") is None
        assert await journal.case_of("+628999", number) is None
        await journal.close()

    asyncio.run(run())


def test_a_command_said_again_is_executed_again(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        kinds = [await accept_one(house, journal, text="STATUS GA2345", session=session) for _ in range(2)]
        assert kinds == [Kind.STORED, Kind.RESEND]
        counts = await journal.counts()
        assert counts.messages == 2
        assert sum(counts.complaints.values()) == 0
        assert counts.replies[ReplyState.DUE] == 2
        await journal.close()

    asyncio.run(run())


def test_what_nobody_can_read_is_held_with_a_number_and_its_raw_octets(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        verdict = (await journal.accept([Arrival(unreadable(session=session))]))[0]
        assert verdict.kind is Kind.UNREADABLE
        (waiting,) = await journal.waiting()
        assert (waiting.state, waiting.reason) == (ComplaintState.HELD, HeldReason.UNREADABLE)
        assert await journal.raw(waiting.number) == [unreadable().raw]
        case = await journal.case(waiting.number)
        assert case is not None
        assert case.complaint is None
        await journal.end_session(session)
        assert (await journal.accept([Arrival(unreadable(sequence=9))]))[0].kind is Kind.REDELIVERY
        assert not await journal.ready(10, house.time.ms)
        await journal.close()

    asyncio.run(run())


def test_a_row_that_fails_is_answered_alone_and_its_neighbours_are_kept(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        arrivals = house.many(journal, 5)
        broken = house.arrival(journal, segment("AGAM lain", "6289"))
        assert broken.composed is not None
        object.__setattr__(broken.composed.message, "id", arrivals[1].composed.message.id)  # type: ignore[union-attr]
        verdicts = await journal.accept([*arrivals[:3], broken, *arrivals[3:]])
        assert [verdict.kind for verdict in verdicts] == [Kind.STORED] * 3 + [None] + [Kind.STORED] * 2
        assert verdicts[3].error == "ConstraintError while storing"
        assert (await journal.counts()).messages == 5
        assert journal.tally[ComplaintState.READY] == 5
        assert journal.health().cause is None
        await journal.close()

    asyncio.run(run())


def test_a_number_that_is_taken_is_drawn_again(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        first = house.arrival(journal, segment("AGAM satu", "62811"))
        second = house.arrival(journal, segment("AGAM dua", "62812"))
        assert first.composed is not None
        assert first.composed.complaint is not None
        assert second.composed is not None
        object.__setattr__(second.composed.complaint, "number", first.composed.complaint.number)
        verdicts = await journal.accept([first, second])
        numbers = [verdict.composed.complaint.number for verdict in verdicts if verdict.composed and verdict.composed.complaint]
        assert [verdict.kind for verdict in verdicts] == [Kind.STORED, Kind.STORED]
        assert len(set(numbers)) == 2
        for number, verdict in zip(numbers, verdicts, strict=True):
            case = await journal.case(number)
            assert case is not None
            assert case.complaint_id == verdict.complaint_id
            assert case.complaint is not None
            assert case.complaint.message.text == verdict.composed.message.text  # type: ignore[union-attr]
        assert len(await journal.ready(10, house.time.ms)) == 2
        await journal.close()

    asyncio.run(run())


def test_more_than_the_queue_holds_is_refused_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(queue_rows_max=100))

    async def run() -> None:
        journal = house.open()
        with pytest.raises(JournalError, match="busy"):
            await journal.accept(house.many(journal, 101))
        assert len(await journal.accept(house.many(journal, 100))) == 100
        await journal.close()
        with pytest.raises(JournalError, match="closed"):
            await journal.accept(house.many(journal, 1))

    asyncio.run(run())


def test_all_that_is_queued_goes_in_one_commit(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        before = journal.health().commits
        verdicts = await asyncio.gather(*(journal.accept(house.many(journal, 3, start=3 * number)) for number in range(40)))
        assert all(verdict.kind is Kind.STORED for batch in verdicts for verdict in batch)
        assert journal.health().commits - before <= 5
        assert journal.health().rows >= 120
        await journal.close()

    asyncio.run(run())


def test_ids_and_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        seen: set[int] = set()
        for start in range(3):
            journal = house.open()
            verdicts = await journal.accept(house.many(journal, 4, start=start * 4))
            assert all(verdict.kind is Kind.STORED for verdict in verdicts)
            seen |= {verdict.complaint_id or 0 for verdict in verdicts}
            await journal.close()
        assert len(seen) == 12
        connection = apsw.Connection(str(house.path))
        assert connection.execute("SELECT count(DISTINCT number) FROM complaint").get == 12
        connection.close()

    asyncio.run(run())
