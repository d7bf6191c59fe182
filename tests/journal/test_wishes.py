"""Wishes: open until the core's course or a person settles them, then so with us, and told once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forwarder.core.contract import CourseStatus
from forwarder.journal import AdditionResult, whole_account
from forwarder.journal.books import day_begins, day_of
from forwarder.lifecycle import AdditionMove, AdditionState
from forwarder.records import Composed
from forwarder.talk import Heard, Said, Wish
from parsers.errors import JournalError
from parsers.model import Segment
from tests.journal.people import Composer, House, segment
from tests.journal.test_housekeeping import SETTINGS
from tests.journal.test_news import DAY, SETTLED, Ward
from tests.journal.test_persons import ANA, BY

STATUS, STATE = CourseStatus, AdditionState
HEARD = {"RAHASIA": Heard.RAHASIA, "ANONIM": Heard.ANONIM, "BATAL": Heard.CANCEL, "TIDAK": Heard.NO}
HOUR = 3_600


class Listener(Composer):
    """Knows the commands that wish for something."""

    def join(self, message_id: int, complaint_id: int, segments: Sequence[Segment], total: int) -> Composed:
        composed = super().join(message_id, complaint_id, segments, total)
        if composed.complaint is not None:
            plain = replace(composed.complaint, hints=replace(composed.complaint.hints, oversight=False))
            composed = replace(composed, complaint=plain)
        word, _, number = composed.message.text.partition(" ")
        return composed if word not in HEARD else Composed(composed.message, None, said=Said(HEARD[word], number.strip() or None))


class Asking(Ward):
    """A ward whose citizen asks the core for something."""

    async def wish(self, word: str) -> list[str]:
        """He writes it; what he is told at once."""
        self.house.time.pass_(20)
        text = segment(f"{word} {self.number}", ANA, received_ms=self.house.time.ms)
        await self.journal.accept([self.house.arrival(self.journal, text)])
        self.house.time.pass_(20)
        return await self.told()

    async def sent(self) -> Any:
        """The first that is on its way reaches the core; what went."""
        [job, *_] = (await self.journal.additions.ready(10, self.house.time.ms)).jobs
        await self.journal.additions.start([(job.key, job.attempt)])
        await self.journal.additions.settle([AdditionResult(job.key, job.attempt, AdditionMove.ADDED, "T1")])
        return job.supplement

    async def open(self) -> list[tuple[str, str]]:
        return [(one.state.value, one.reason) for one in await self.journal.additions.waiting()]

    async def case(self) -> Any:
        return await self.journal.case(self.number)

    async def decide(self, wish: Wish, *, granted: bool) -> str | None:
        return (await self.journal.additions.decide(self.number, wish, BY, granted=granted)).error


def play(tmp_path: Path, story: Callable[[Asking], Awaitable[None]]) -> None:
    async def main() -> None:
        ward = Asking(House(tmp_path, settings=SETTINGS, composer=Listener()))
        try:
            await ward.begin()
            await story(ward)
            day = day_of(ward.house.time.ms)
            span = (day_begins(day - 200), day_begins(day + 1))
            account = await ward.journal._read(lambda one: whole_account(one, *span))
            assert not account.wrong, "the ledger adds up"
        finally:
            await ward.journal.close()

    asyncio.run(main())


def test_a_wish_is_told_to_the_core_with_its_word_and_its_own_flag(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        assert await ward.wish("RAHASIA") == ["wish_rahasia"]
        supplement = await ward.sent()
        assert (supplement.wish, supplement.text) == (Wish.RAHASIA, f"RAHASIA {ward.number}")
        assert (supplement.complaint.rahasia, supplement.complaint.anonim) == (True, True), "it may become a record of its own"
        assert (await ward.case()).complaint.rahasia, "with us at once; what is true at the core its people say"
        assert await ward.open() == [("added", "wish: rahasia")]
        assert [one.reason for one in (await ward.case()).additions] == ["wish: rahasia (open)"]

    play(tmp_path, story)


@pytest.mark.parametrize(("wish", "word"), [(Wish.RAHASIA, "RAHASIA"), (Wish.CANCEL, "BATAL")])
@pytest.mark.parametrize("granted", [True, False])
@pytest.mark.parametrize("reached", [True, False])
def test_a_person_says_what_the_core_decided_and_the_citizen_hears_it_once(
    tmp_path: Path, wish: Wish, word: str, *, granted: bool, reached: bool
) -> None:
    async def story(ward: Asking) -> None:
        await ward.wish(word)
        if reached:
            await ward.sent()
        assert await ward.decide(wish, granted=granted) is None
        [job] = await ward.jobs()
        assert (job.kind, job.wish, job.number) == ("granted" if granted else "denied", wish.value, ward.number)
        case = await ward.case()
        assert case.complaint.rahasia is (wish is Wish.RAHASIA), "with us it stays hidden, whatever the core decided"
        assert [one.state for one in case.additions] == [STATE.ADDED if reached else STATE.CLOSED]
        assert (case.history[-1].move, case.history[-1].who) == (f"wish {wish} {'yes' if granted else 'no'}", BY.who)
        assert await ward.open() == []
        assert "no open wish" in (await ward.decide(wish, granted=granted) or "")
        assert await ward.later(DAY) == []

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("word", "said", "told"),
    [
        ("RAHASIA", {"rahasia": True}, "granted"),
        ("RAHASIA", {"rahasia": False}, None),
        ("RAHASIA", {"anonim": True}, None),
        ("RAHASIA", {}, None),
        ("BATAL", {"status": STATUS.ARCHIVED}, "granted"),
        ("BATAL", {"status": STATUS.DONE}, None),
    ],
)
def test_the_course_settles_what_it_says_and_silence_is_no_refusal(
    tmp_path: Path, word: str, said: dict[str, Any], told: str | None
) -> None:
    async def story(ward: Asking) -> None:
        await ward.hear(STATUS.IN_PROCESS)
        assert await ward.later() == ["news"]
        await ward.wish(word)
        await ward.sent()
        for expected in ([told] if told else [], []):
            await ward.hear(**{"status": STATUS.IN_PROCESS, **said})
            assert await ward.told() == expected
        news = await ward.later()
        assert news == (["news_done"] if said.get("status") is STATUS.DONE else []), "what granted it says that it is archived"
        assert len(await ward.open()) == (0 if told else 1)
        if told:
            assert (await ward.case()).history[-1].who == "the core"

    play(tmp_path, story)


def test_an_objection_that_is_heard_lets_the_end_be_told_again(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.hear(STATUS.IN_PROCESS)
        await ward.later()
        await ward.hear(STATUS.DONE)
        assert await ward.later() == ["news_done"]
        assert await ward.wish("TIDAK") == ["added"]
        assert (await ward.sent()).wish is Wish.OBJECTION
        await ward.hear(STATUS.IN_PROCESS)
        assert await ward.told() == ["granted"]
        assert await ward.later(2 * DAY) == [], "which says that it goes on"
        await ward.hear(STATUS.DONE)
        assert await ward.later(2 * DAY) == ["news_done"]

    play(tmp_path, story)


def test_after_ten_days_nobody_objects(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.hear(STATUS.DONE)
        await ward.later()
        ward.house.time.pass_(10 * DAY)
        await ward.wish("TIDAK")
        assert (await ward.case()).additions == ()

    play(tmp_path, story)


def test_what_is_rahasia_at_the_core_is_so_here_whoever_made_it_so(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.hear(STATUS.DISPOSED, rahasia=True)
        await ward.hear(STATUS.DISPOSED, rahasia=True)
        case = await ward.case()
        assert case.complaint.rahasia
        assert [(one.who, one.move) for one in case.history] == [("the core", "rahasia")]
        assert await ward.later() == ["news_rahasia"]

    play(tmp_path, story)


def test_the_same_wish_twice_is_one_with_one_answer(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.wish("RAHASIA")
        await ward.wish("RAHASIA")
        assert await ward.open() == [("ready", "wish: rahasia")]
        assert await ward.decide(Wish.RAHASIA, granted=True) is None
        assert await ward.told() == ["granted"]
        assert await ward.open() == []

    play(tmp_path, story)


def test_where_nothing_is_sent_a_wish_lies_on_the_desk_with_its_word(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.wish("BATAL")
        await ward.journal.additions.leave_all("switched off")
        assert await ward.open() == [("desk", "wish: batal, switched off")]
        assert len(await ward.journal.additions.waiting(reason="wish: batal")) == 1
        assert len(await ward.journal.additions.waiting(STATE.DESK, "wish: batal")) == 1
        assert await ward.journal.additions.waiting(reason="wish: rahasia") == []

    play(tmp_path, story)


def test_a_wish_that_nobody_settles_raises_an_alarm_a_day(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        await ward.wish("RAHASIA")
        await ward.sent()
        ward.house.time.pass_(25 * HOUR)
        before_ms = ward.house.time.ms - 24 * HOUR * 1_000
        assert await ward.journal.ledger.alarm_untouched(before_ms, 24) == 1
        assert await ward.journal.ledger.alarm_untouched(before_ms, 24) == 0, "once a day"
        ward.house.time.pass_(DAY)
        assert await ward.journal.ledger.alarm_untouched(ward.house.time.ms - 24 * HOUR * 1_000, 24) == 1
        await ward.decide(Wish.RAHASIA, granted=False)
        ward.house.time.pass_(2 * DAY)
        assert await ward.journal.ledger.alarm_untouched(ward.house.time.ms - 24 * HOUR * 1_000, 24) == 0

    play(tmp_path, story)


def test_nobody_settles_a_wish_of_a_number_that_is_none(tmp_path: Path) -> None:
    async def story(ward: Asking) -> None:
        moved = await ward.journal.additions.decide("ZZZZZZ", Wish.CANCEL, BY, granted=True)
        assert (moved.state, moved.error) == (None, "no such number")
        await ward.wish("BATAL")
        with pytest.raises(JournalError):
            await ward.journal.additions.decide(ward.number, Wish.CANCEL, replace(BY, reason=" "), granted=True)
        assert len(await ward.open()) == 1, "and nothing of it stays"
        assert await ward.later(SETTLED) == []

    play(tmp_path, story)
