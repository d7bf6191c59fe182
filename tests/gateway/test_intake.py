"""The front desk: kept or later, never lost and never refused for what is in a message, whatever our own code or the disk does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.channel import Answer, DeliveryReport, Inbound
from adapters.smpp.pdu import Outgoing
from forwarder.journal import Journal
from forwarder.lifecycle import ComplaintState
from forwarder.records import Arrival, Verdict
from gateway.app import Gateway
from parsers.errors import JournalError, JournalFull
from parsers.model import Address, Segment, Unreadable
from tests.gateway.road import Road

SARI, BUDI = "6281266010001", "6281266010002"
Story = Callable[[Road, Gateway], Awaitable[None]]


def walk(folder: Path, story: Story) -> Road:
    road = Road(folder, wait=0.0)

    async def main() -> None:
        async with road.peers(), road.running() as gateway:
            await story(road, gateway)

    asyncio.run(main())
    return road


def segment(text: str = "AGAM jalan rusak", source: str = SARI, *, esm_class: int = 0, coding: int = 0) -> Segment:
    octets = text.encode("latin-1") if coding == 0 else text.encode("utf-16-be")
    raw = b"raw " + octets
    return Segment(
        "satu", "a", 1, "deliver_sm", Address(1, 1, source), Address(0, 1, "1708"), esm_class, coding, octets, raw, 1_795_000_000_000
    )


def report(message_id: str = "1f") -> DeliveryReport:
    return DeliveryReport("satu", message_id, "DELIVRD", "000", 1_795_000_000_000)


class Moody:
    """A journal that raises these in turn, then is the real one again."""

    def __init__(self, real: Journal, *failures: Exception) -> None:
        self.real, self.failures = real, list(failures)
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return await self.real.accept(arrivals)


def test_while_the_journal_fails_the_operator_hears_later_and_what_he_brings_again_is_kept_once(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        moody = Moody(gateway.journal, JournalFull("the disk is full"), JournalError("disk error"), JournalError("disk error"))
        gateway.intake._journal = moody  # type: ignore[assignment]
        [mo] = await road.operator.send_mo(SARI, "AGAM jalan rusak")
        assert mo.answers == [0x64, 0x64, 0x64, 0]
        assert gateway.intake.counts["later"] == 3
        assert gateway.intake.refusals == {("satu", 0x64): 3}
        [bubble] = await road.operator.expect_replies(SARI)
        assert "No." in bubble.text
        async with asyncio.timeout(10):
            while (await gateway.journal.counts()).refusals != 3:
                await asyncio.sleep(0.02)

    road = walk(tmp_path, story)
    assert [len(entries) for entries in road.core.stored.values()] == [1]


BATCHES: list[tuple[str, list[Inbound], list[Answer]]] = [
    ("nothing", [], []),
    ("one of each", [segment(), report(), Unreadable("satu", "a", 1, "deliver_sm", "odd", b"\0" * 20, 1)], [Answer.KEPT] * 3),
    ("only receipts", [report("a"), report("a"), report("zz"), report("")], [Answer.KEPT] * 4),
    ("the same twice", [segment(), segment()], [Answer.KEPT] * 2),
    ("empty texts", [segment(""), segment(" "), segment("\0")], [Answer.KEPT] * 3),
    ("a header that lies", [segment("\x50abc", esm_class=0x40), segment("\x05\x00\x03", esm_class=0x40)], [Answer.KEPT] * 2),
    ("a header about nothing", [segment("", esm_class=0x40), segment("\x00", esm_class=0x40)], [Answer.KEPT] * 2),
    (
        "part 0 of 0 and part 9 of 2",
        [segment("\x05\0\3\1\0\0A", esm_class=0x40), segment("\x05\0\3\1\2\x09A", esm_class=0x40)],
        [Answer.KEPT] * 2,
    ),
    ("nobody", [segment(source=""), segment(source="\x1b[2J"), segment(source="x" * 20)], [Answer.KEPT] * 3),
    ("octets of no alphabet", [segment("\xff\xff")], [Answer.KEPT]),
    (
        "every coding",
        [
            Segment(
                "satu",
                "a",
                1,
                "deliver_sm",
                Address(1, 1, SARI),
                Address(0, 1, "1708"),
                0,
                coding,
                b"\xd8\x3d\x00A\xff",
                b"r%d" % coding,
                1,
            )
            for coding in range(256)
        ],
        [Answer.KEPT] * 256,
    ),
    (
        "an operator nobody configured",
        [Segment("gone", "a", 1, "deliver_sm", Address(1, 1, SARI), Address(0, 1, "1708"), 0, 0, b"AGAM", b"r", 1)],
        [Answer.KEPT],
    ),
]


@pytest.mark.parametrize(("label", "batch", "answers"), BATCHES, ids=[row[0] for row in BATCHES])
def test_a_batch_is_answered_in_its_order_and_nothing_in_it_is_refused(
    tmp_path: Path, label: str, batch: list[Inbound], answers: list[Answer]
) -> None:
    async def story(_: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        assert await gateway.intake.accept(batch) == answers, label

    walk(tmp_path, story)


def test_what_our_own_code_stumbles_over_is_kept_raw_and_its_neighbours_go_on(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        sound = gateway.intake.composer

        class Stumbling:
            def whole(self, message_id: int, complaint_id: int, one: Segment) -> object:
                if b"LUBANG" in one.octets:
                    raise ZeroDivisionError("a bug of ours with 6281266010001 in it")
                return sound.whole(message_id, complaint_id, one)

        gateway.intake.composer = Stumbling()  # type: ignore[assignment]
        [mo] = await road.operator.send_mo(SARI, "AGAM LUBANG")
        assert mo.answers == [0]
        await road.operator.send_mo(BUDI, "AGAM lampu mati")
        await road.operator.expect_replies(BUDI)
        [row] = await gateway.journal.waiting(state=ComplaintState.HELD, reason="unreadable")
        case = await gateway.journal.case(row.number)
        assert case is not None
        assert case.cause == "ZeroDivisionError in our own code"
        assert len(await gateway.journal.raw(row.number)) == 1

    assert len(walk(tmp_path, story).core.stored) == 1


def test_a_long_message_that_cannot_be_joined_is_kept_raw_and_acknowledged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        class Stumbling:
            def join(self, *_: object) -> object:
                raise ZeroDivisionError("a bug of ours")

        sound, gateway.journal.composer = gateway.journal.composer, Stumbling()  # type: ignore[assignment]
        mos = await road.operator.send_long(SARI, "AGAM " + "jalan berlubang di dekat pasar " * 9)
        gateway.journal.composer = sound
        assert [mo.answers for mo in mos] == [[0]] * len(mos)
        [row] = await gateway.journal.waiting(reason="unreadable")
        assert len(await gateway.journal.raw(row.number)) == len(mos)

    assert not walk(tmp_path, story).core.stored
    assert "dekat pasar" not in caplog.text


def test_a_row_that_the_journal_cannot_take_is_offered_once_more_as_octets(tmp_path: Path) -> None:
    class Picky(Moody):
        async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
            verdicts = await self.real.accept([one for one in arrivals if not self._bad(one)])
            found = iter(verdicts)
            return [Verdict(None, error="TypeError while storing") if self._bad(one) else next(found) for one in arrivals]

        @staticmethod
        def _bad(one: Arrival) -> bool:
            return isinstance(one.source, Segment) and one.source.source.value == SARI

    async def story(road: Road, gateway: Gateway) -> None:
        gateway.intake._journal = Picky(gateway.journal)  # type: ignore[assignment]
        answers = await gateway.intake.accept([segment("AGAM a", BUDI), segment("AGAM b", SARI), segment("AGAM c", BUDI)])
        assert answers == [Answer.KEPT] * 3
        [row] = await gateway.journal.waiting(reason="unreadable")
        assert (await gateway.journal.case(row.number)).cause == "TypeError while storing"  # type: ignore[union-attr]
        await road.until(lambda: len(road.core.stored) == 2)

    walk(tmp_path, story)


def test_a_row_that_cannot_be_kept_at_all_alone_hears_later(tmp_path: Path) -> None:
    class Picky(Moody):
        async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
            verdicts = await self.real.accept(arrivals)
            return [
                Verdict(None, error="no") if b"b" in one.source.raw else verdict for one, verdict in zip(arrivals, verdicts, strict=True)
            ]

    async def story(_: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        gateway.intake._journal = Picky(gateway.journal)  # type: ignore[assignment]
        batch: list[Inbound] = [segment("AGAM x", BUDI), segment("AGAM b", SARI), report(), segment("AGAM y", BUDI)]
        assert await gateway.intake.accept(batch) == [Answer.KEPT, Answer.LATER, Answer.KEPT, Answer.KEPT]

    walk(tmp_path, story)


def test_a_journal_that_fails_at_the_octets_takes_no_yes_from_their_neighbours(tmp_path: Path) -> None:
    class Picky(Moody):
        async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
            if not all(isinstance(one.source, Segment) for one in arrivals):
                raise JournalError("the disk is full")
            return [Verdict(None, error="no") if one.source.raw == b"" else (await self.real.accept([one]))[0] for one in arrivals]

    async def story(road: Road, gateway: Gateway) -> None:
        gateway.intake._journal = Picky(gateway.journal)  # type: ignore[assignment]
        bad = replace(segment("AGAM b", SARI), raw=b"")
        assert await gateway.intake.accept([segment("AGAM a", BUDI), bad]) == [Answer.KEPT, Answer.LATER]
        await road.until(lambda: len(road.core.stored) == 1)

    walk(tmp_path, story)


@pytest.mark.parametrize("asked", ["STATUS {number}", "status #{number}", "STATUS", "STATUS ZZZZZZ", "STATUS {tracking}", "INFO"])
def test_a_stranger_learns_nothing_of_another_citizens_complaint(tmp_path: Path, asked: str) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        await road.operator.expect_replies(SARI)
        [(number, [entry])] = road.core.stored.items()
        await road.operator.send_mo(BUDI, asked.format(number=number, tracking=entry.tracking_id))
        [answer] = await road.operator.expect_replies(BUDI)
        assert number not in answer.text
        assert entry.tracking_id not in answer.text
        assert "Agam" not in answer.text

    assert len(walk(tmp_path, story).core.stored) == 1


def test_a_receipt_is_advice_and_never_a_complaint(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        for text in ("id:7 sub:001 stat:DELIVRD err: 042", "id:8 STAT:delivrd", "", "AGAM jalan rusak", "\x1b[2J" * 30):
            road.operator.post(Outgoing(Address(0, 1, "1708"), Address(1, 1, SARI), text.encode(), esm_class=4))
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        await road.operator.expect_replies(SARI)
        assert gateway.intake.counts["report"] + gateway.intake.counts["unreadable"] >= 5

    road = walk(tmp_path, story)
    assert len(road.core.stored) == 1
