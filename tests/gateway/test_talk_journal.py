"""What citizens say against the real journal and the real front desk, where one text decides on what the one before has written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Settlement
from forwarder.lifecycle import ComplaintMove
from forwarder.records import Kind, Verdict
from tests.gateway.talk_runs import composer_of
from tests.journal.people import House, part, segment

SARI, BUDI = "6281266010001", "6281266010002"
HOUR = 3_600
PLACELESS, PLACE = "jalan berlubang parah banyak yang jatuh", "di depan masjid raya"


class Phones:
    """Texts of some phones, and the journal that they come to."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, composer=composer_of(folder))  # type: ignore[arg-type]
        self.journal = self.house.open()
        self._session = 0

    async def say(self, *texts: tuple[str, str]) -> list[Verdict]:
        """One batch; no text is a copy of the same delivery."""
        arrivals = []
        for text, phone in texts:
            self._session += 1
            one = segment(text, phone, received_ms=self.house.time.ms, session=self._session)
            arrivals.append(self.house.arrival(self.journal, one))
        return await self.journal.accept(arrivals)

    async def half(self, text: str) -> None:
        """The first of two parts, which is stored alone when the second does not come."""
        await self.journal.accept([part(text, 1, 2, source=SARI, received_ms=self.house.time.ms)])
        for _ in range(4):
            self.house.time.pass_(15 * 60)
            await self.journal.expire_sets(self.house.time.ms)

    async def rest(self, text: str) -> None:
        """The second part, late."""
        [verdict] = await self.journal.accept([part(text, 2, 2, source=SARI, received_ms=self.house.time.ms)])
        assert verdict.kind is Kind.LATE_PART

    async def told(self, text: str, phone: str = SARI) -> str | None:
        """The kind of the answer to one text, which comes an hour after whatever came before."""
        self.house.time.pass_(HOUR)
        [verdict] = await self.say((text, phone))
        reply = None if verdict.composed is None else verdict.composed.reply
        return None if reply is None else reply.kind

    async def file(self) -> None:
        """The core takes all that is ready."""
        for one in await self.journal.ready(50, self.house.time.ms):
            await self.journal.start_filing([(one.complaint_id, one.attempt)], None)
            await self.journal.settle([Settlement(one.complaint_id, one.attempt, ComplaintMove.FILED, f"7{one.complaint_id:06}")])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = apsw.Connection(str(self.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def complaints(self) -> list[tuple[Any, ...]]:
        """(state, reason) of each, in their order."""
        return self.rows("SELECT state, reason FROM complaint ORDER BY id")


def play(folder: Path, story: Callable[[Phones], Awaitable[None]]) -> None:
    async def main() -> None:
        phones = Phones(folder)
        try:
            await story(phones)
        finally:
            await phones.journal.close()

    asyncio.run(main())


def test_an_answer_in_the_batch_of_its_complaint_is_one_though_others_write_between(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say((PLACELESS, SARI), ("air pdam mati sudah 3 hari", BUDI), (PLACE, SARI))
        assert phones.complaints() == [("ready", None), ("held", "question")]
        assert phones.rows("SELECT count(*) FROM answer") == [(1,)]

    play(tmp_path, story)


def test_a_wish_in_the_same_words_is_for_the_case_that_is_meant_now(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        await phones.file()
        assert await phones.told("BATAL") == "wish_batal"
        await phones.told("BADUNG sampah menumpuk di pantai kuta")
        assert await phones.told("BATAL") == "withdrawn"
        assert phones.complaints() == [("filed", None), ("closed", "its reporter takes it back")]

    play(tmp_path, story)


def test_an_answer_in_the_words_of_an_older_one_answers_the_question_that_is_open_now(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told(PLACELESS)
        await phones.told(PLACE)
        await phones.file()
        phones.house.time.pass_(2 * 24 * HOUR)
        assert await phones.told("air pdam mati lagi sejak kemarin pak") == "ask_place"
        assert await phones.told(PLACE) == "receipt"
        assert phones.complaints() == [("filed", None), ("ready", None)]

    play(tmp_path, story)


def test_the_question_itself_is_not_answered_by_the_complaint_sent_again(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        assert await phones.told(PLACELESS) == "ask_place"
        assert await phones.told(PLACELESS) == "resend"
        assert phones.complaints()[0] == ("held", "question")

    play(tmp_path, story)


def test_what_was_taken_back_and_is_said_again_is_a_complaint(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        assert await phones.told("BATAL") == "withdrawn"
        assert await phones.told("AGAM jalan rusak di lawang") == "receipt"
        assert await phones.told("AGAM jalan rusak di lawang") == "resend"
        assert [state for state, _ in phones.complaints()] == ["closed", "ready", "duplicate"]

    play(tmp_path, story)


def test_a_late_part_of_an_addition_does_not_move_the_case(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        await phones.half("sudah ada korban ")
        await phones.rest("dua orang anak sekolah di badung")
        assert phones.rows("SELECT region, state FROM complaint") == [("13.06", "ready")]
        assert phones.rows("SELECT state FROM addition") == [("waiting",)]

    play(tmp_path, story)


def test_a_late_part_of_an_answer_is_filed_with_it_whoever_has_the_answer_in_memory(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told(PLACELESS)
        await phones.half("di depan masjid raya ")
        [held] = await phones.journal.ready(1, phones.house.time.ms)
        await phones.rest("lubuk basung")
        assert await phones.journal.start_filing([(held.complaint_id, held.attempt)], None) == set()
        [filing] = await phones.journal.ready(1, phones.house.time.ms)
        assert filing.complaint.answers == ("di depan masjid raya lubuk basung",)
        assert phones.rows("SELECT count(*) FROM addition") == [(0,)]

    play(tmp_path, story)


def test_a_late_part_takes_back_no_choice_and_no_wish_of_its_reporter(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.half("BANJAR BARU sampah menumpuk ")
        assert await phones.told("RAHASIA") == "now_rahasia"
        assert await phones.told("1") == "receipt"
        await phones.rest("di pasar besar")
        assert phones.rows("SELECT region, rahasia FROM complaint") == [("63.72", 1)]

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("half", "rest"),
    [("STATUS", " kami di sini: dua anak hanyut di sungai"), ("BATAL", "kan rencana itu, pasar lawang jangan digusur")],
)
def test_half_a_text_is_no_command_and_its_rest_is_not_lost(tmp_path: Path, half: str, rest: str) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        await phones.half(half)
        await phones.rest(rest)
        assert phones.complaints() == [("ready", None), ("held", "review")]
        number = phones.rows("SELECT number FROM complaint ORDER BY id DESC LIMIT 1")[0][0]
        case = await phones.journal.case(number)
        assert case is not None
        assert case.complaint is not None
        assert case.complaint.message.text == half + rest

    play(tmp_path, story)
