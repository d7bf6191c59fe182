"""What citizens say against the real journal and the real front desk, where one text decides on what the one before has written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import Hand, ReplyResult, Sealer, Settlement
from forwarder.journal.breaks import whole_account
from forwarder.journal.documents import reporter_tag
from forwarder.journal.pins import pin_of
from forwarder.lifecycle import ComplaintMove, ReplyMove
from forwarder.records import Kind, Verdict
from forwarder.talk import Wish
from tests.gateway.talk_runs import composer_of
from tests.journal.people import KEY, House, part, segment
from tests.journal.test_arrivals import crash
from tests.journal.test_housekeeping import damage

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


def test_a_damaged_journal_gives_answers_back_and_waits_for_none(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say((PLACELESS, SARI), ("air pdam mati sudah 3 hari", BUDI))
        await phones.told(PLACE)
        await crash(phones.journal)
        damage(phones.house.path, "marked by an earlier run")
        phones.journal = phones.house.open()
        await phones.journal.salvage(tmp_path / str(phones.journal.opening.set_aside))
        assert {state for state, _ in phones.complaints()} == {"unknown"}
        assert phones.rows("SELECT ended FROM question ORDER BY complaint") == [("answered",), ("lapsed",)]
        first = phones.rows("SELECT number FROM complaint ORDER BY id")[0][0]
        case = await phones.journal.case(first)
        assert case is not None
        assert case.complaint is not None
        assert case.complaint.answers == (PLACE,)
        assert await phones.told("di belakang pasar", BUDI) == "added"
        connection = apsw.Connection(str(phones.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        assert not whole_account(connection, 0, phones.house.time.ms + 1).wrong
        connection.close()

    play(tmp_path, story)


def test_who_is_erased_is_not_asked_any_more_and_is_in_no_question(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told(PLACELESS)
        tag = reporter_tag(Sealer(KEY), "+" + SARI)
        assert phones.rows("SELECT reporter_tag FROM question") == [(tag,)]
        erased = await phones.journal.subjects.erase(tag, Hand("ani", "she asks for it"), force=True)
        assert erased.refused is None
        assert phones.rows("SELECT ended FROM question") == [("settled",)]
        assert phones.rows("SELECT reporter_tag FROM question") != [(tag,)]

    play(tmp_path, story)


def test_an_export_tells_what_was_asked_and_what_was_the_answer(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told(PLACELESS)
        await phones.told(PLACE)
        tag = reporter_tag(Sealer(KEY), "+" + SARI)
        _, first, second = [one async for one in phones.journal.subjects.export(tag, Hand("ani", "she asks for it"))]
        assert [one["asked"] for one in first["complaint"]["questions"]] == ["place"]
        assert second["answers"] == [first["complaint"]["number"]]

    play(tmp_path, story)


def test_who_was_refused_and_asks_again_asks_the_core_again(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        await phones.file()
        number = phones.rows("SELECT number FROM complaint")[0][0]
        for _ in range(2):
            assert await phones.told("RAHASIA") == "wish_rahasia"
            assert (await phones.journal.additions.decide(number, Wish.RAHASIA, Hand("ani", "no"), granted=False)).error is None
        assert await phones.told("RAHASIA") == "wish_rahasia"
        await phones.journal.additions.decide(number, Wish.RAHASIA, Hand("ani", "yes"), granted=True)
        assert await phones.told("RAHASIA") == "now_rahasia"

    play(tmp_path, story)


def test_a_question_that_had_its_answer_before_it_went_is_not_asked(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say(("AGAM", SARI), ("lampu jalan mati", SARI))
        phones.house.time.pass_(60)
        assert [job.kind for job in await phones.journal.start_replies(9, phones.house.time.ms)] == ["receipt"]

    play(tmp_path, story)


@pytest.mark.parametrize(("move", "asks"), [(ReplyMove.SENT, True), (ReplyMove.LOST_ANSWER, True), (ReplyMove.REFUSED, False)])
def test_what_may_be_on_the_citizens_phone_is_waited_for(tmp_path: Path, move: ReplyMove, *, asks: bool) -> None:
    async def story(phones: Phones) -> None:
        phones.house.time.pass_(12 * HOUR)  # a morning
        await phones.told(PLACELESS)
        [job] = await phones.journal.start_replies(9, phones.house.time.ms)
        await phones.journal.settle_replies([ReplyResult(job.reply_id, move)])
        phones.house.time.pass_(60)
        await phones.journal.lapse_questions()
        assert phones.complaints() == [("held", "question") if asks else ("ready", None)]
        phones.house.time.pass_(3 * HOUR)
        await phones.journal.lapse_questions()
        assert phones.complaints() == [("ready", None)]

    play(tmp_path, story)


def test_who_asks_every_day_is_still_the_reporter_of_his_case(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.told("AGAM jalan rusak di lawang")
        assert [await phones.told("STATUS") for _ in range(24)] == ["status_waiting"] * 24

    play(tmp_path, story)


def test_what_another_phone_does_by_a_pin_is_known_to_the_next_text_of_the_batch(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say((PLACELESS, SARI))
        [(one, number)] = phones.rows("SELECT id, number FROM complaint")
        await phones.say((f"BATAL {number} {pin_of(Sealer(KEY), one, 0)}", BUDI), ("tidak", SARI))
        assert phones.complaints() == [("closed", "its reporter takes it back")]
        assert phones.rows("SELECT count(*) FROM reply WHERE kind = 'receipt'") == [(0,)]

    play(tmp_path, story)


def test_what_was_taken_back_while_it_was_on_its_way_is_not_sent_again(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say(("AGAM jalan rusak di lawang", SARI))
        [one] = await phones.journal.ready(5, phones.house.time.ms)
        await phones.journal.start_filing([(one.complaint_id, one.attempt)], None)
        assert await phones.told("BATAL") == "wish_batal"
        await phones.journal.settle([Settlement(one.complaint_id, one.attempt, ComplaintMove.NOT_FILED, reason="503")])
        assert phones.complaints() == [("held", "withdrawn")]

    play(tmp_path, story)


def test_the_same_words_again_after_it_was_called_done_reach_the_core(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.journal.courses.begin(follows=True)
        await phones.say(("AGAM lampu jalan mati di lawang", SARI))
        await phones.file()
        for job in await phones.journal.start_replies(10, phones.house.time.ms + HOUR * 1000):
            await phones.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT)])
        [(tracking_id,)] = phones.rows("SELECT tracking_id FROM complaint")
        await phones.journal.courses.hear([Course(tracking_id, CourseStatus.DONE, "selesai")])
        phones.house.time.pass_(HOUR)
        for job in await phones.journal.start_replies(10, phones.house.time.ms):
            await phones.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT)])
        assert await phones.told("AGAM lampu jalan mati di lawang") == "added"
        assert phones.rows("SELECT count(*) FROM addition WHERE state = 'ready'") == [(1,)]

    play(tmp_path, story)


def test_time_files_nothing_of_a_citizen_who_restricted_his_data_until_he_lifts_it(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say((PLACELESS, SARI))
        tag, by = reporter_tag(Sealer(KEY), f"+{SARI}"), Hand("ani", "at his own word")
        assert await phones.journal.subjects.restrict(tag, by)
        phones.house.time.pass_(48 * HOUR)
        assert await phones.journal.lapse_questions() == 0
        assert phones.complaints() == [("held", "question")]
        assert await phones.journal.subjects.restrict(tag, by, lift=True)
        assert await phones.journal.lapse_questions() == 1
        assert phones.complaints() == [("ready", None)]

    play(tmp_path, story)
