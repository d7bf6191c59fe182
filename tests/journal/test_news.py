"""What a citizen is told of his case: each thing once, several as one, nothing that went back, and never more than he can bear."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import JournalSettings, ReplyResult, Settlement, news
from forwarder.journal.news import Stands
from forwarder.lifecycle import ComplaintMove, ComplaintState, ReplyMove
from forwarder.records import Composed, ReplyJob
from parsers.model import Answering, Segment
from tests.journal.people import Composer, House, decision, segment
from tests.journal.test_housekeeping import SETTINGS
from tests.journal.test_persons import ANA, BY
from tests.journal.test_posts import Life, post
from tests.journal.test_posts import play as play_posts

STATUS = CourseStatus
UNVERIFIED, DISPOSED, IN_PROCESS, DONE, POSTPONED, ARCHIVED = CourseStatus
MINUTE, DAY = 60, 86_400
SETTLED = 11 * MINUTE  # more than news wait


@dataclass
class Report:
    """A delivery receipt."""

    message_id: str
    state: str
    operator: str = "telkomsel"
    error: str = "000"
    received_ms: int = 0


class Ward:
    """One filed complaint whose citizen has his receipt, and what its core says."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.journal = house.open()
        self.number = ""
        self.one = 0
        self._ids = iter(range(100_000))

    async def begin(self, text: str = "AGAM lampu jalan mati") -> None:
        [verdict] = await self.journal.accept([self.house.arrival(self.journal, segment(text, ANA, received_ms=self.house.time.ms))])
        self.one = verdict.complaint_id or 0
        self.number = self.journal.number_of(self.one)
        await self.journal.start_filing([(self.one, 1)])
        await self.journal.settle([Settlement(self.one, 1, ComplaintMove.FILED, "T1")])
        self.house.time.pass_(20)
        assert await self.told() == ["receipt_filed"]

    async def hear(self, status: CourseStatus, answer: str | None = None, *, asks: bool | None = None, **more: Any) -> None:
        await self.journal.courses.hear([Course("T1", status, "kata inti", answer=answer, asks=asks, **more)])

    async def jobs(self) -> list[ReplyJob]:
        """What goes out now; each is sent."""
        jobs = await self.journal.start_replies(50, self.house.time.ms)
        await self.journal.settle_replies([ReplyResult(one.reply_id, ReplyMove.SENT, (f"M{next(self._ids)}",)) for one in jobs])
        return jobs

    async def told(self) -> list[str]:
        """The same, by kind."""
        return [one.kind for one in await self.jobs()]

    async def later(self, seconds: float = SETTLED) -> list[str]:
        """What goes out after a while."""
        self.house.time.pass_(seconds)
        return await self.told()

    async def stands(self) -> Stands:
        found: Stands = await self.journal._read(lambda one: news.stands(one, self.one))
        return found

    async def untold(self) -> tuple[str, ...]:
        case = await self.journal.case(self.number)
        assert case is not None
        return case.untold


def play(tmp_path: Path, story: Callable[[Ward], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        ward = Ward(House(tmp_path, settings=replace(SETTINGS, **settings)))
        try:
            await ward.begin()
            await story(ward)
        finally:
            await ward.journal.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "answer", "asks", "kind"),
    [
        (UNVERIFIED, None, None, None),
        (DISPOSED, None, None, "news"),
        (IN_PROCESS, None, False, "news"),
        (POSTPONED, None, None, "news"),
        (ARCHIVED, None, None, "news"),
        (DONE, None, None, "news_done"),
        (DONE, "Sudah diganti.", None, "news_answer"),
        (IN_PROCESS, "Di RT mana?", True, "news_asks"),
        (UNVERIFIED, None, True, "news_asks"),
        (UNVERIFIED, "Terima kasih.", None, "news_answer"),
        (DISPOSED, " \n\0 ", None, "news"),
    ],
)
def test_one_message_tells_the_weightiest(
    tmp_path: Path, status: CourseStatus, answer: str | None, *, asks: bool | None, kind: str | None
) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(status, answer, asks=asks)
        assert await ward.told() == [], "it settles first"
        assert await ward.later() == ([kind] if kind else [])
        await ward.hear(status, answer, asks=asks)
        assert await ward.later() == [], "once"

    play(tmp_path, story)


def test_the_reply_carries_the_newest_state_and_the_newest_answer_whole(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(DISPOSED, "Kami teruskan.")
        ward.house.time.pass_(MINUTE)
        await ward.hear(DONE, "Lampu\r\nsudah\x1b[2J diganti. " * 20)
        ward.house.time.pass_(SETTLED)
        [job] = await ward.jobs()
        assert (job.kind, job.course, job.number) == ("news_answer", "done", ward.number)
        assert job.answer == ("Lampu sudah [2J diganti. " * 20).strip()
        assert "Lampu" not in repr(job)
        assert await ward.later() == []

    play(tmp_path, story)


def test_what_goes_back_before_it_was_told_is_not_told_and_what_comes_again_is(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS)
        assert await ward.later() == ["news"]
        for _ in range(3):
            await ward.hear(DONE)
            ward.house.time.pass_(5 * MINUTE)
            await ward.hear(IN_PROCESS)
        assert await ward.later() == []
        await ward.hear(DONE)
        assert await ward.later() == ["news_done"]
        await ward.hear(IN_PROCESS)
        assert await ward.later() == [], "that it is in process was told"

    play(tmp_path, story)


def test_what_was_passed_over_on_the_way_may_still_be_told_when_it_comes_again(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(DISPOSED)
        await ward.hear(IN_PROCESS)
        assert await ward.later() == ["news"]
        await ward.hear(DISPOSED)
        assert await ward.later() == ["news"]
        await ward.hear(IN_PROCESS)
        await ward.hear(DISPOSED)
        assert await ward.later(2 * DAY) == []

    play(tmp_path, story)


def test_an_answer_is_told_once_though_it_is_said_in_each_poll_and_missing_in_each_call(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS, "Besok kami ke sana.")
        assert await ward.later() == ["news_answer"]
        for _ in range(3):
            await ward.hear(IN_PROCESS)
            await ward.hear(IN_PROCESS, "Besok  kami ke sana. ")
        assert await ward.later() == []
        await ward.hear(IN_PROCESS, "Sudah kami datangi.")
        assert await ward.later() == ["news_answer"]
        await ward.hear(IN_PROCESS, "Besok kami ke sana.")
        assert await ward.later(DAY) == []

    play(tmp_path, story)


def test_a_day_has_two_news_and_what_is_more_comes_as_one_on_the_next_morning(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        for status in (DISPOSED, IN_PROCESS):
            await ward.hear(status)
            assert await ward.later() == ["news"]
        await ward.hear(POSTPONED)
        await ward.hear(DONE)
        assert await ward.later(60 * MINUTE) == []
        assert await ward.later(10 * 60 * MINUTE) == [], "half past five in the morning"
        assert await ward.later(60 * MINUTE) == ["news_done"]
        await ward.hear(ARCHIVED)
        assert await ward.later() == ["news"], "a new day"

    play(tmp_path, story)


def test_nobody_is_woken_by_news(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        ward.house.time.pass_(4 * 3600)  # 22:07 WIB
        await ward.hear(DONE)
        assert await ward.later(60 * MINUTE) == []
        assert await ward.later(7 * 3600) == ["news_done"]

    play(tmp_path, story)


def test_where_news_goes_out_at_night_it_does(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        ward.house.time.pass_(4 * 3600)
        await ward.hear(DONE)
        assert await ward.later() == ["news_done"]

    play(tmp_path, story, quiet_from="00:00", quiet_to="00:00")


class Papua(Composer):
    """Everything goes to Merauke, where it is two hours later than in Jakarta."""

    def join(self, message_id: int, complaint_id: int, segments: Sequence[Segment], total: int) -> Composed:
        composed = super().join(message_id, complaint_id, segments, total)
        if composed.complaint is None:
            return composed
        return replace(composed, complaint=replace(composed.complaint, decision=decision("93.01")))


def test_it_is_night_where_the_case_is(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(DONE)  # 20:07 in Merauke
        assert await ward.later(2 * 3600) == [], "20:07 in Jakarta"
        assert await ward.later(8 * 3600) == ["news_done"], "04:07 in Jakarta"

    async def main() -> None:
        ward = Ward(House(tmp_path, settings=SETTINGS, composer=Papua()))
        try:
            await ward.begin()
            await story(ward)
        finally:
            await ward.journal.close()

    asyncio.run(main())


def test_a_case_has_eight_news_and_what_is_more_stands_at_the_desk(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        sent = 0
        for number in range(12):
            await ward.hear(IN_PROCESS, f"Langkah {number}.")
            sent += len(await ward.later(DAY))
        assert sent == 8
        assert await ward.untold() == ("answer: " + news.OVER_BUDGET,) * 4

    play(tmp_path, story)


def test_news_ends_when_the_citizen_is_silent_and_goes_on_when_he_writes(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        ward.house.time.pass_(61 * DAY)
        await ward.hear(DISPOSED)
        assert await ward.later(DAY) == []
        assert await ward.untold() == ("disposed: " + news.QUIET,)
        ward.house.composer.state = ComplaintState.HELD
        more = ward.house.arrival(ward.journal, segment("AGAM masih mati juga", ANA, received_ms=ward.house.time.ms))
        [verdict] = await ward.journal.accept([more])
        tied = await ward.journal.additions.tie(ward.journal.number_of(verdict.complaint_id or 0), ward.number, BY)
        assert tied.error is None
        ward.house.time.pass_(20)
        await ward.told()
        await ward.hear(IN_PROCESS)
        assert await ward.later(DAY) == ["news"]

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("receipts", "goes_on"),
    [
        (("DELIVRD", "DELIVRD"), True),
        (("UNDELIV",), True),
        (("UNDELIV", "REJECTD"), False),
        (("EXPIRED", "DELETED"), False),
        (("UNDELIV", "DELIVRD"), True),
        (("", ""), True),
    ],
)
def test_news_ends_when_two_messages_did_not_arrive(tmp_path: Path, receipts: Sequence[str], *, goes_on: bool) -> None:
    async def story(ward: Ward) -> None:
        for number, state in enumerate(receipts):
            await ward.hear(IN_PROCESS, f"Langkah {number}.")
            ward.house.time.pass_(SETTLED)
            [job] = await ward.journal.start_replies(5, ward.house.time.ms)
            await ward.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, (f"D{number}",))])
            if state:
                assert await ward.journal.note_delivery([Report(f"D{number}", state)]) == 1
        await ward.hear(DONE)
        assert await ward.later(DAY) == (["news_done"] if goes_on else [])
        assert await ward.untold() == (() if goes_on else ("done: " + news.UNDELIVERED,))

    play(tmp_path, story)


def test_a_message_that_the_operator_refused_tells_nothing_and_ends_the_news(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS)
        ward.house.time.pass_(SETTLED)
        [job] = await ward.journal.start_replies(5, ward.house.time.ms)
        await ward.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.REFUSED, detail="0x0B")])
        await ward.hear(DONE)
        assert await ward.later(DAY) == []
        assert await ward.untold() == ("done: " + news.UNDELIVERED,)

    play(tmp_path, story)


def test_what_died_while_it_was_sent_is_told_once_more_and_never_changed(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS)
        ward.house.time.pass_(SETTLED)
        [first] = await ward.journal.start_replies(5, ward.house.time.ms)
        await ward.journal.close()
        ward.journal = ward.house.open()
        await ward.hear(DONE)
        ward.house.time.pass_(SETTLED)
        jobs = await ward.jobs()
        assert [(one.kind, one.again, one.course) for one in jobs] == [("news", True, "in_process"), ("news_done", False, "done")]
        assert jobs[0].reply_id == first.reply_id

    play(tmp_path, story)


def test_an_answer_that_died_while_it_was_sent_is_not_followed_by_the_next_one_twice(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS, "Besok kami ke sana.")
        ward.house.time.pass_(SETTLED)
        await ward.journal.start_replies(5, ward.house.time.ms)
        await ward.journal.close()
        ward.journal = ward.house.open()
        await ward.hear(IN_PROCESS, "Sudah kami datangi.")
        ward.house.time.pass_(SETTLED)
        jobs = await ward.jobs()
        assert [(one.kind, one.again, one.answer) for one in jobs] == [
            ("news", True, None),
            ("news_answer", False, "Sudah kami datangi."),
        ]

    play(tmp_path, story)


def test_news_that_waits_is_changed_by_what_comes_after_a_restart(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(IN_PROCESS)
        await ward.journal.close()
        ward.journal = ward.house.open()
        await ward.hear(DONE, "Beres.")
        assert await ward.later() == ["news_answer"]
        assert await ward.later(DAY) == []

    play(tmp_path, story)


def test_nothing_of_a_rahasia_case_is_repeated_also_when_it_became_so_later(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(DISPOSED, "Lampu di depan rumah Ibu Sari segera diganti.")
        await ward.hear(DISPOSED, rahasia=True)
        ward.house.time.pass_(SETTLED)
        [job] = await ward.jobs()
        assert (job.kind, job.answer, job.rahasia) == ("news_rahasia", None, True)
        await ward.hear(DONE, "Lampu di depan rumah Ibu Sari sudah diganti.")
        ward.house.time.pass_(SETTLED)
        [job] = await ward.jobs()
        assert (job.kind, job.answer) == ("news_done", None), "which repeats nothing, and he may object"
        ward.house.time.pass_(DAY)
        await ward.hear(IN_PROCESS, "Di RT mana?", asks=True)
        ward.house.time.pass_(SETTLED)
        [job] = await ward.jobs()
        assert (job.kind, job.answer) == ("news_asks_rahasia", None)

    play(tmp_path, story)


def test_who_wants_silence_or_restriction_hears_nothing(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        tag = ward.journal.subjects.tag_of("+" + ANA)
        await ward.hear(DONE, "Beres.")
        await ward.journal.subjects.restrict(tag, BY)
        assert await ward.later() == []
        await ward.journal.subjects.restrict(tag, BY, lift=True)
        assert await ward.later(DAY) == []
        await ward.hear(ARCHIVED)
        assert await ward.later(DAY) == ["news_answer"], "with the next, what was not told"

    play(tmp_path, story)


def test_an_answer_goes_with_the_citizen_and_a_reply_that_waits_for_it_does_not_fail(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        await ward.hear(DONE, "Beres, Ibu Sari.")
        tag = ward.journal.subjects.tag_of("+" + ANA)
        assert (await ward.journal.subjects.erase(tag, BY)).refused is None
        sealed = await ward.journal._read(lambda one: one.execute("SELECT count(sealed_answer) + count(answer_tag) FROM course").get)
        assert sealed == 0
        await ward.hear(ARCHIVED, "Beres, Ibu Sari.")
        assert await ward.journal._read(lambda one: one.execute("SELECT count(sealed_answer) FROM course").get) == 0
        assert await ward.later(DAY) == []

    play(tmp_path, story)


def test_the_dialogue_learns_when_he_was_told_that_it_is_done_and_whether_facts_are_asked_for(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        assert await ward.stands() == Stands()
        await ward.hear(IN_PROCESS, "Di RT mana?", asks=True)
        assert await ward.stands() == Stands(), "not told yet"
        await ward.later()
        assert await ward.stands() == Stands(None, asks_open=True)
        await ward.hear(IN_PROCESS, asks=False)
        assert await ward.stands() == Stands()
        await ward.hear(DONE, "Beres.")
        await ward.later()
        told_ms = ward.house.time.ms
        ward.house.time.pass_(DAY)
        assert await ward.stands() == Stands(told_ms), "an answer that came with the end told it, too"
        await ward.hear(IN_PROCESS)
        assert await ward.stands() == Stands()

    play(tmp_path, story)


@pytest.mark.parametrize(("answering", "told"), [(Answering.ONCE, 0), (Answering.NEVER, 0), (Answering.ALWAYS, 1)])
def test_a_post_in_public_hears_no_news(tmp_path: Path, answering: Answering, told: int) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(replace(post(1), answering=answering))
        await life.file(one)
        case = await life.case(one)
        life.house.time.pass_(20)
        for job in await life.journal.start_replies(5, life.house.time.ms):
            await life.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT)])
        await life.journal.courses.hear([Course(str(case.tracking_id), DONE, "", answer="Beres.")])
        life.house.time.pass_(2 * DAY)
        assert len(await life.journal.start_replies(5, life.house.time.ms)) == told
        untold = (await life.case(one)).untold
        assert len(untold) == (0 if told else 2), untold

    play_posts(tmp_path, story)


def test_a_call_that_overtakes_our_own_commit_is_heard_with_it(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        journal, house = ward.journal, ward.house
        arrivals = house.many(journal, 2)
        first, second = [one.complaint_id or 0 for one in await journal.accept(arrivals)]
        await journal.start_filing([(first, 1), (second, 1)])
        for digest, status in ((b"a" * 32, DISPOSED), (b"b" * 32, IN_PROCESS)):
            heard = await journal.courses.hear([Course("T7", status, "")], digest=digest)
            assert heard.strange == 1
        await journal.courses.hear([Course("T8", DONE, "")])
        await journal.settle([Settlement(first, 1, ComplaintMove.FILED, "T7"), Settlement(second, 1, ComplaintMove.FILED, "T8")])
        assert journal.courses.tally == {"in_process": 1}, "the newest word of the core's own call; what was asked for is asked again"
        assert sorted(await ward.later()) == ["news", "receipt_filed", "receipt_filed"]

    play(tmp_path, story)


def test_such_calls_are_kept_for_an_hour_and_no_more_than_a_thousand(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        early = ward.journal._books.early
        for number in range(1_200):
            await ward.journal.courses.hear([Course(f"X{number}", DONE, "")], digest=number.to_bytes(32))
        assert len(early) == 1_000
        assert early.take(["X5", "X1199"], ward.house.time.seconds) == [Course("X1199", DONE, "")]
        assert early.take(["X1199"], ward.house.time.seconds + 3_601) == []

    play(tmp_path, story)


def test_a_course_that_wanders_tells_each_thing_once(tmp_path: Path) -> None:
    seed = Random().randrange(10**9)
    print("seed", seed)
    random = Random(seed)

    async def story(ward: Ward) -> None:
        told: list[tuple[str, str | None, str | None]] = []
        for _ in range(300):
            answer = random.choice([None, None, "Satu.", "Dua.", "Tiga."])
            await ward.hear(random.choice(list(CourseStatus)), answer, asks=random.choice([None, False, True]))
            ward.house.time.pass_(random.choice([1, 5 * MINUTE, SETTLED, DAY]))
            told += [(job.kind, job.course, job.answer) for job in await ward.jobs()]
        assert len(told) <= 8
        assert len(told) == len(set(told)), told

    play(tmp_path, story)


def test_the_settings_are_the_journals(tmp_path: Path) -> None:
    async def story(ward: Ward) -> None:
        for number in range(5):
            await ward.hear(IN_PROCESS, f"Langkah {number}.")
            await ward.told()
        await ward.hear(DONE)
        assert await ward.later(1) == []
        assert await ward.untold() == ("done: " + news.OVER_BUDGET,)

    play(tmp_path, story, news_settle_minutes=0.0, news_per_day_max=100, news_per_case_max=5)
    assert JournalSettings().news_per_case_max == 8
