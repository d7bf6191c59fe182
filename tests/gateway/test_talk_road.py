"""A conversation over the whole road: a citizen's phone, an operator, the gateway, the core; what each side reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.smpp.phone import Bubble
from forwarder.journal import Hand
from forwarder.lifecycle import ComplaintState
from gateway import control
from gateway.app import Gateway
from tests.gateway.road import Road

SARI, BUDI = "6281266010001", "6281266010002"
Story = Callable[["Talk"], Awaitable[None]]


class Talk:
    """Sari's phone on a road whose gateway asks back."""

    def __init__(self, road: Road, gateway: Gateway) -> None:
        self.road, self.gateway = road, gateway

    async def say(self, text: str, phone: str = SARI) -> Bubble:
        """Send one text; the next SMS that comes to that phone."""
        had = len(self.road.operator.phone(phone).received)
        await self.road.operator.send_mo(phone, text)
        return (await self.road.operator.expect_replies(phone, had + 1))[had]

    async def next(self, phone: str = SARI) -> Bubble:
        """One SMS more."""
        had = len(self.road.operator.phone(phone).received)
        return (await self.road.operator.expect_replies(phone, had + 1))[had]

    def records(self) -> list[str]:
        """What the core has, each whole `isi` below its header line."""
        return [entry.text for entries in self.road.core.stored.values() for entry in entries]

    async def number(self) -> str:
        """Of Sari's newest complaint."""
        return (await self.gateway.journal.by_reporter("+" + SARI))[0].number


def play(folder: Path, story: Story, *, wait: float = 0.0) -> None:
    road = Road(folder, wait=wait, asks=True)

    async def main() -> None:
        async with road.peers(), road.running() as gateway:
            await story(Talk(road, gateway))

    asyncio.run(main())


def pin_of(bubble: Bubble) -> str:
    return bubble.text.split("PIN ")[1][:4]


def test_a_digit_chooses_the_region_and_the_complaint_goes_there(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        asked = await talk.say("BANJAR BARU sampah menumpuk di pasar")
        number = await talk.number()
        assert number in asked.text
        assert "1=" in asked.text
        assert talk.records() == []
        digit = asked.text.split("=Kota Banjarbaru")[0][-1]
        receipt = await talk.say(digit)
        assert number in receipt.text
        await talk.road.until(lambda: talk.records() == ["BANJAR BARU sampah menumpuk di pasar"])
        case = await talk.gateway.journal.case(number)
        assert case is not None
        assert case.complaint is not None
        assert (case.complaint.decision.region, case.complaint.decision.rule) == ("63.72", "asked")

    play(tmp_path, story)


def test_where_it_is_goes_to_the_core_in_one_record_with_the_complaint(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        asked = await talk.say("jalan berlubang parah, banyak yang jatuh")
        assert "Di mana" in asked.text
        told = await talk.say("di depan masjid raya, lubuk basung")
        assert await talk.number() in told.text
        await talk.road.until(lambda: bool(talk.records()))
        whole = "jalan berlubang parah, banyak yang jatuh\n\nJawaban pelapor: di depan masjid raya, lubuk basung"
        assert talk.records() == [whole]
        shown = await control.call(talk.road.folder / "state" / "control.sock", "desk show", number=await talk.number(), who="ani")
        assert shown["text"] == whole, "an officer reads the answer, too"

    play(tmp_path, story)


def test_a_keyword_alone_is_asked_what_happened_and_then_where_and_no_more(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        asked = await talk.say("AGAM")
        assert "kejadian apa" in asked.text
        await talk.say("lampu jalan mati")
        await talk.road.until(lambda: talk.records() == ["AGAM\n\nJawaban pelapor: lampu jalan mati"])

    play(tmp_path, story)


def test_no_is_an_answer_too_and_thanks_are_none(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        await talk.say("AGM jalan berlubang")
        await talk.road.operator.send_mo(SARI, "makasih")
        await talk.say("indak")
        await talk.road.until(lambda: talk.records() == ["AGM jalan berlubang"])
        case = await talk.gateway.journal.case(await talk.number())
        assert case is not None
        assert case.complaint is not None
        assert "daerah tidak dipilih pelapor" in case.complaint.marks

    play(tmp_path, story)


def test_rahasia_after_filing_is_asked_of_the_core_and_the_citizen_reads_the_truth(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        await talk.say("AGAM jalan rusak di Lubuk Basung")
        await talk.road.until(lambda: talk.gateway.journal.tally[ComplaintState.FILED] == 1)
        number = await talk.number()
        told = await talk.say("RAHASIA")
        while "rahasia" not in told.text:  # the core's number may have come as an SMS of its own
            told = await talk.next()
        assert "terlanjur diteruskan" in told.text
        await talk.road.until(lambda: f"{number}-2" in talk.road.core.stored)
        again = await talk.say("rahasia")
        assert "terlanjur diteruskan" in again.text, "as long as nobody has agreed"

    play(tmp_path, story, wait=10.0)


def test_what_was_not_filed_yet_is_hidden_or_taken_back_at_once(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        talk.gateway.dispatcher.pause("the test")
        await talk.say("AGAM jalan rusak di Lubuk Basung")
        assert "sekarang rahasia" in (await talk.say("RAHASIA")).text
        first = await talk.number()
        assert first not in {one.number for one in talk.gateway.related._by_hash.values()}, "no later complaint names it"
        await talk.say("AGAM air pdam mati", BUDI)
        assert "kami batalkan" in (await talk.say("BATAL", BUDI)).text
        talk.gateway.dispatcher.resume()
        await talk.road.until(lambda: first in talk.road.core.stored)
        [entry] = talk.road.core.stored[first]
        assert entry.rahasia
        assert len(talk.records()) == 1
        assert talk.gateway.journal.tally[ComplaintState.CLOSED] == 1

    play(tmp_path, story)


def test_another_phone_needs_the_pin_and_five_wrong_ones_close_the_door(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        receipt = await talk.say("AGAM jalan rusak di Lubuk Basung")
        number, pin = await talk.number(), pin_of(receipt)
        assert number in (await talk.say(f"STATUS {number} {pin}", BUDI)).text
        wrong = f"{(int(pin) + 1) % 10_000:04}"
        refused = {(await talk.say(f"STATUS {number} {wrong}{' ya' * turn}", BUDI)).text for turn in range(5)}
        refused.add((await talk.say(f"cek {number} {pin}", BUDI)).text)
        refused.add((await talk.say("STATUS KZ2345 1234", BUDI)).text)
        assert len(refused) == 1
        assert number not in refused.pop()

    play(tmp_path, story)


@pytest.mark.parametrize("text", ["tambahan: sudah ada korban", "TAMBAH {number} sudah ada korban", "sudah ada korban tadi pagi"])
def test_more_words_follow_the_complaint_to_the_core(tmp_path: Path, text: str) -> None:
    async def story(talk: Talk) -> None:
        await talk.say("AGAM jalan rusak di Lubuk Basung")
        number = await talk.number()
        await talk.road.until(lambda: number in talk.road.core.stored)
        said = text.format(number=number)
        await talk.road.operator.send_mo(SARI, said)
        await talk.road.until(lambda: f"{number}-2" in talk.road.core.stored)
        [entry] = talk.road.core.stored[f"{number}-2"]
        assert entry.text == said

    play(tmp_path, story, wait=10.0)


def test_stop_is_answered_once_and_complaints_still_come_in(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        assert "MULAI" in (await talk.say("STOP")).text
        await talk.road.operator.send_mo(SARI, "AGAM jalan rusak di Lubuk Basung")
        await talk.road.until(lambda: len(talk.records()) == 1)
        await talk.road.operator.send_mo(SARI, "STATUS")
        told = await talk.say("MULAI")
        assert "kami kabari lagi" in told.text
        assert len(talk.road.operator.phone(SARI).received) == 2

    play(tmp_path, story)


def test_the_end_of_a_question_by_a_person_ends_it_for_the_citizen_too(tmp_path: Path) -> None:
    async def story(talk: Talk) -> None:
        await talk.say("jalan berlubang parah, banyak yang jatuh")
        number = await talk.number()
        [moved] = await talk.gateway.journal.release([number], Hand("ani", "clear enough"))
        assert not moved.error
        await talk.road.until(lambda: number in talk.road.core.stored)
        phone = talk.road.operator.phone(SARI)
        await talk.road.until(lambda: any("PIN" in bubble.text for bubble in phone.received))  # a receipt, as anybody gets
        await talk.road.operator.send_mo(SARI, "BANJAR BARU lampu mati")  # may be asked again: nothing is open
        await talk.road.until(lambda: any("1=" in bubble.text for bubble in phone.received))

    play(tmp_path, story)
