"""Long messages: any order, any bind, twice, late, never; by every cap."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from random import Random

import pytest

from forwarder.journal import Journal, JournalSettings
from forwarder.journal.books import DAY_MS
from forwarder.lifecycle import AdditionState, ComplaintState
from forwarder.records import Kind
from parsers.model import Concat, Segment
from tests.journal.people import House, part
from tests.journal.test_arrivals import crash

SETTINGS = JournalSettings(heartbeat_seconds=60)
SENDER = "+6281234567789"
TEXTS = ("AGAM jalan ", "rusak di ", "Lubuk Basung")


async def texts(journal: Journal) -> list[str]:
    cases = [await journal.case(one.number) for one in await journal.by_reporter(SENDER)]
    return sorted(case.complaint.message.text for case in cases if case is not None and case.complaint is not None)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
@pytest.mark.parametrize("together", [True, False], ids=["one read", "one by one"])
def test_parts_join_in_any_order_over_any_bind(tmp_path: Path, order: tuple[int, ...], *, together: bool) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        parts = [part(TEXTS[number - 1], number, bind="ab"[number % 2], session=number) for number in order]
        if together:
            verdicts = await journal.accept(parts)
        else:
            verdicts = [(await journal.accept([one]))[0] for one in parts]
        assert [verdict.kind for verdict in verdicts] == [Kind.PART, Kind.PART, Kind.JOINED]
        assert len({verdict.set_id for verdict in verdicts}) == 1
        assert await texts(journal) == ["".join(TEXTS)]
        (filing,) = await journal.ready(10, house.time.ms)
        assert verdicts[2].composed is not None
        assert filing.complaint == verdicts[2].composed.complaint
        assert len(await journal.raw(filing.complaint.number)) == 3
        await journal.close()

    asyncio.run(run())


def test_parts_survive_a_crash_between_them(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        for number in (2, 3, 1):
            journal = house.open()
            await journal.accept([part(TEXTS[number - 1], number)])
            await crash(journal)
        journal = house.open()
        assert journal.opening.open_sets == 0
        assert await texts(journal) == ["".join(TEXTS)]
        await journal.close()

    asyncio.run(run())


KEYS = [
    ("another sender", {"source": "6289999999999"}, {}),
    ("another operator", {"operator": "xl"}, {}),
    ("another reference", {}, {"reference": 45}),
    ("another total", {}, {"total": 4}),
]


@pytest.mark.parametrize(("label", "changes", "concat"), KEYS, ids=[label for label, _, _ in KEYS])
def test_parts_of_different_messages_never_meet(tmp_path: Path, label: str, changes: dict[str, object], concat: dict[str, int]) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[0], 1), part(TEXTS[1], 2)])
        assert (await journal.accept([part(TEXTS[2], 3, **concat, **changes)]))[0].kind is Kind.PART, label  # type: ignore[arg-type]
        await journal.close()

    asyncio.run(run())


def test_a_wide_reference_is_another_message_than_the_same_narrow_one(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        narrow, wide = part(TEXTS[0], 1, 2), part(TEXTS[1], 2, 2)
        object.__setattr__(wide, "concat", Concat(44, 2, 2, wide=True))
        assert [verdict.kind for verdict in await journal.accept([narrow, wide])] == [Kind.PART, Kind.PART]
        await journal.close()

    asyncio.run(run())


def test_an_equal_part_is_a_redelivery_open_or_closed_and_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[0], 1)])
        assert (await journal.accept([part(TEXTS[0], 1)]))[0].kind is Kind.REDELIVERY
        await journal.accept([part(TEXTS[1], 2), part(TEXTS[2], 3)])
        await journal.close()
        house.time.pass_(6 * 86_400)
        journal = house.open()
        assert (await journal.accept([part(TEXTS[2], 3)]))[0].kind is Kind.REDELIVERY
        house.time.pass_(2 * 86_400)
        assert (await journal.accept([part(TEXTS[2], 3)]))[0].kind is Kind.PART
        assert await texts(journal) == ["".join(TEXTS)]
        await journal.close()

    asyncio.run(run())


def test_a_part_number_with_other_octets_begins_another_message(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[0], 1, 2)])
        (other,) = await journal.accept([part("AGAM lain ", 1, 2)])
        assert other.kind is Kind.PART
        (joined,) = await journal.accept([part("sekali", 2, 2)])
        assert joined.kind is Kind.JOINED
        assert joined.set_id == other.set_id
        assert await texts(journal) == ["AGAM lain sekali"]
        await journal.close()

    asyncio.run(run())


def test_a_part_too_long_after_the_first_begins_another_message(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(late_seconds=3600))

    async def run() -> None:
        journal = house.open()
        (first,) = await journal.accept([part(TEXTS[0], 1, 2)])
        house.time.pass_(3_601)
        (second,) = await journal.accept([part(TEXTS[1], 2, 2, received_ms=house.time.ms)])
        assert second.kind is Kind.PART
        assert second.set_id != first.set_id
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("step_ms", [-2 * DAY_MS, -3_600_000, 3_600_000, 2 * DAY_MS])
def test_a_clock_that_is_set_right_cuts_no_message_in_two(tmp_path: Path, step_ms: int) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        (first,) = await journal.accept([part(TEXTS[0], 1, 2)])
        house.time.pass_(5)
        house.time.ms += step_ms
        (second,) = await journal.accept([part(TEXTS[1], 2, 2, received_ms=house.time.ms)])
        assert second.kind is Kind.JOINED
        assert second.set_id == first.set_id
        assert await texts(journal) == [TEXTS[0] + TEXTS[1]]
        await journal.close()

    asyncio.run(run())


def test_what_stays_incomplete_is_filed_as_it_is(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(segment_timeout_by_operator={"telkomsel": 600.0}))

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[2], 3), part(TEXTS[0], 1), part("xl ", 1, operator="xl", source="62899")])
        house.time.pass_(599)
        assert not await journal.expire_sets(house.time.ms)
        house.time.pass_(2)
        (verdict,) = await journal.expire_sets(house.time.ms)
        assert verdict.composed is not None
        assert verdict.composed.message.incomplete
        assert verdict.composed.message.parts == 2
        assert await texts(journal) == [TEXTS[0] + TEXTS[2]]
        house.time.pass_(1200)
        assert len(await journal.expire_sets(house.time.ms)) == 1
        assert not await journal.expire_sets(house.time.ms)
        assert len(await journal.ready(10, house.time.ms)) == 2
        await journal.close()

    asyncio.run(run())


CLOCKS = [
    ("forward a day", 86_400, 0, 0),
    ("back a day", -86_400, 1801, 1),
    ("back an hour, and waiting in full", -3600, 1801, 1),
]


@pytest.mark.parametrize(("label", "step", "wait", "expired"), CLOCKS, ids=[label for label, *_ in CLOCKS])
def test_a_clock_that_jumps_expires_nothing_early_or_never(tmp_path: Path, label: str, step: int, wait: int, expired: int) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[0], 1)])
        house.time.ms += step * 1000
        house.time.pass_(wait)
        assert len(await journal.expire_sets(house.time.ms)) == expired, label
        await journal.close()

    asyncio.run(run())


def test_after_a_long_absence_parts_get_a_minute_to_arrive(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(TEXTS[0], 1), part(TEXTS[1], 2)])
        await crash(journal)
        house.time.pass_(7200)
        journal = house.open()
        assert journal.opening.open_sets == 1
        house.time.pass_(59)
        assert not await journal.expire_sets(house.time.ms)
        (joined,) = await journal.accept([part(TEXTS[2], 3, received_ms=house.time.ms)])
        assert joined.kind is Kind.JOINED
        house.time.pass_(10)
        assert not await journal.expire_sets(house.time.ms)
        await journal.close()

    asyncio.run(run())


async def timed_out(house: House, journal: Journal) -> None:
    await journal.accept([part(TEXTS[0], 1, 2)])
    house.time.pass_(1801)
    assert len(await journal.expire_sets(house.time.ms)) == 1


def test_a_late_part_makes_a_waiting_complaint_whole_and_the_old_text_can_no_longer_be_filed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await timed_out(house, journal)
        (old,) = await journal.ready(1, house.time.ms)
        (late,) = await journal.accept([part("terlambat", 2, 2, received_ms=house.time.ms)])
        assert late.kind is Kind.LATE_PART
        assert late.complaint_id == old.complaint_id
        assert await texts(journal) == [TEXTS[0] + "terlambat"]
        assert await journal.start_filing([(old.complaint_id, old.attempt)]) == set()
        (new,) = await journal.ready(1, house.time.ms)
        assert not new.complaint.message.incomplete
        assert new.complaint.marks == ()
        assert await journal.start_filing([(new.complaint_id, new.attempt)]) == {new.complaint_id}
        assert (await journal.accept([part("terlambat", 2, 2)]))[0].kind is Kind.REDELIVERY
        assert (await journal.counts()).messages == 1
        await journal.close()

    asyncio.run(run())


def test_a_part_later_than_the_sending_is_added_and_never_a_second_complaint(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await timed_out(house, journal)
        (old,) = await journal.ready(1, house.time.ms)
        await journal.start_filing([(old.complaint_id, 1)])
        (late,) = await journal.accept([part("terlambat", 2, 2, received_ms=house.time.ms)])
        assert late.kind is Kind.LATE_PART
        assert late.composed is not None
        assert late.composed.state is ComplaintState.SENDING
        case = await journal.case(old.complaint.number)
        assert case is not None
        assert [(one.text, one.state) for one in case.additions] == [(TEXTS[0] + "terlambat", AdditionState.WAITING)]
        assert await journal.waiting() == []
        assert await texts(journal) == [TEXTS[0] + "terlambat"]
        assert sum((await journal.counts()).complaints.values()) == 1
        await journal.close()

    asyncio.run(run())


def test_a_phone_that_uses_one_reference_for_all_may_end_two_messages_with_the_same_words(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(text, number) for number, text in enumerate(TEXTS, 1)])
        house.time.pass_(3_600)
        await journal.accept([part("something else, ", 1, received_ms=house.time.ms), part(TEXTS[1], 2, received_ms=house.time.ms)])
        [last] = await journal.accept([part(TEXTS[2], 3, received_ms=house.time.ms)])
        assert last.kind is Kind.JOINED
        assert await texts(journal) == ["".join(TEXTS), "something else, " + TEXTS[1] + TEXTS[2]]
        await journal.close()

    asyncio.run(run())


def test_the_same_long_message_with_another_reference_is_a_resend(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept([part(text, number) for number, text in enumerate(TEXTS, 1)])
        verdicts = await journal.accept([part(text, number, reference=45) for number, text in enumerate(TEXTS, 1)])
        assert verdicts[2].kind is Kind.RESEND
        assert len(await journal.ready(10, house.time.ms)) == 1
        await journal.close()

    asyncio.run(run())


def test_a_long_message_our_own_code_stumbles_over_is_kept_for_a_person(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        verdicts = await journal.accept([part("BUG ", 1, 2), part("lagi", 2, 2), part(TEXTS[0], 1, 2, reference=7)])
        assert [verdict.kind for verdict in verdicts] == [Kind.PART, Kind.UNREADABLE, Kind.PART]
        (waiting,) = await journal.waiting()
        assert waiting.reason == "unreadable"
        assert len(await journal.raw(waiting.number)) == 2
        await journal.close()

    asyncio.run(run())


def test_a_sender_with_too_many_open_sets_has_the_oldest_filed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(sets_per_sender_max=3, sets_max=5))

    async def run() -> None:
        journal = house.open()
        for reference in range(5):
            await journal.accept([part(f"AGAM {reference}", 1, reference=reference)])
        assert await texts(journal) == ["AGAM 0", "AGAM 1"]
        for number in range(4):
            await journal.accept([part("AGAM x", 1, source=f"628990{number}")])
        assert (await journal.counts()).open_sets == 5
        assert (await journal.counts()).messages == 4
        await journal.close()

    asyncio.run(run())


def test_shuffled_repeated_crossed_long_messages_come_out_exact(tmp_path: Path) -> None:
    """256 senders share one reference; every part comes one to three times, in any order, with crashes in between."""
    seed = 20261122
    random = Random(seed)
    house = House(tmp_path, settings=SETTINGS)
    wanted: dict[str, str] = {}
    parts = []
    for sender in range(256):
        total = random.randint(2, 5)
        pieces = [f"AGAM {sender} bagian {number} {random.random()} " for number in range(1, total + 1)]
        wanted[f"62811{sender:06d}"] = "".join(pieces)
        for number, piece in enumerate(pieces, 1):
            parts += [part(piece, number, total, source=f"62811{sender:06d}", bind=random.choice("abc"))] * random.randint(1, 3)
    random.shuffle(parts)

    async def run() -> None:
        at = 0
        while at < len(parts):
            journal = house.open()
            for _ in range(8):
                size = random.randint(1, 40)
                await journal.accept(parts[at : at + size])
                at += size
            await crash(journal)
        journal = house.open()
        filings = await journal.ready(1000, house.time.ms)
        assert {one.complaint.message.reporter.value[1:]: one.complaint.message.text for one in filings} == wanted, f"seed={seed}"
        assert len(filings) == 256
        await journal.close()

    asyncio.run(run())


def test_a_segment_comes_back_from_its_row_as_it_was(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    seen: list[Segment] = []
    join = house.composer.join

    def spy(message_id: int, complaint_id: int, segments: tuple[Segment, ...], total: int) -> object:
        seen.extend(segments)
        return join(message_id, complaint_id, segments, total)

    house.composer.join = spy  # type: ignore[method-assign,assignment]
    given = [
        part("\ud83d", 1, 2, sar=Concat(44, 2, 1), protocol_id=3, sent_ms=5, esm_class=0x40, data_coding=8),
        part("\x00\xff", 2, 2, sar=Concat(44, 2, 2), protocol_id=3),
    ]

    async def run() -> None:
        journal = house.open()
        await journal.accept(given)
        await journal.close()

    asyncio.run(run())
    assert seen == [one.source for one in given]
