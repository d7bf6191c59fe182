"""What the core says of filed complaints: times set once, what goes back noted, what came before changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import Settlement
from forwarder.journal.course import WORDS_CHARACTERS_MAX
from forwarder.lifecycle import ComplaintMove
from tests.journal.people import House
from tests.journal.test_housekeeping import SETTINGS

STATUS = CourseStatus
DAY = 86_400


class Desk:
    """A journal that follows, with filed complaints T1, T2 … and one that is not filed."""

    def __init__(self, house: House, journal: Any) -> None:
        self.house, self.journal, self.courses = house, journal, journal.courses
        self.ids: list[int] = []

    async def begin(self, count: int = 2, *, follows: bool = True) -> None:
        await self.courses.begin(follows=follows)
        await self.journal.accept(self.house.many(self.journal, count + 1))
        jobs = (await self.journal.ready(100, self.house.time.ms))[:count]
        await self.journal.start_filing([(one.complaint_id, 1) for one in jobs])
        self.ids = [one.complaint_id for one in jobs]
        filed = [Settlement(one, 1, ComplaintMove.FILED, f"T{at}") for at, one in enumerate(self.ids, 1)]
        await self.journal.settle(filed)

    async def row(self) -> dict[str, Any]:
        def look(one: Any) -> dict[str, Any]:
            cursor = one.execute("SELECT * FROM course WHERE complaint = ?", (self.ids[0],))
            names = [name for name, _ in cursor.get_description()]
            return dict(zip(names, next(iter(cursor)), strict=True))

        found: dict[str, Any] = await self.journal._read(look)
        return found

    async def history(self) -> list[tuple[str, str]]:
        case = await self.journal.case("T1")
        return [(one.who, one.reason) for one in case.history]


def play(tmp_path: Path, story: Callable[[Desk], Awaitable[None]], **begin: Any) -> None:
    async def main() -> None:
        house = House(tmp_path, settings=SETTINGS)
        desk = Desk(house, house.open())
        try:
            await desk.begin(**begin)
            await story(desk)
            counted = "SELECT coalesce(status, ''), count(*) FROM course GROUP BY 1"
            assert desk.courses.tally == dict(await desk.journal._read(lambda one: list(one.execute(counted))))
        finally:
            await desk.journal.close()

    asyncio.run(main())


def said(status: CourseStatus, of: str = "T1", words: str = "kata inti", **times: int | None) -> Course:
    return Course(of, status, words, **times)


def test_every_filed_complaint_is_followed_from_its_filing_on(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        now = desk.house.time.ms
        assert [(one.tracking_id, one.status, one.filed_ms) for one in await desk.courses.due(now, 10)] == [
            ("T1", None, now),
            ("T2", None, now),
        ]
        assert await desk.courses.due(now - 1, 10) == []
        await desk.courses.hear([said(STATUS.DISPOSED)], looks=[(desk.ids[0], now + 5), (desk.ids[1], None)])
        assert await desk.courses.due(now, 10) == []
        [one] = await desk.courses.due(now + 5, 10)
        assert (one.status, one.since_ms) == (STATUS.DISPOSED, now)

    play(tmp_path, story)


def test_what_was_filed_while_nobody_followed_is_found(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        now = desk.house.time.ms
        assert await desk.courses.due(now, 10) == []
        assert await desk.courses.missing(0, await desk.courses.newest(), now) == desk.ids
        assert await desk.courses.missing(0, 100, now + 1) == [], "too long ago"
        await desk.courses.follow(desk.ids)
        await desk.courses.follow(desk.ids)
        assert await desk.courses.missing(0, 100, now) == []
        assert len(await desk.courses.due(now, 10)) == 2

    play(tmp_path, story, follows=False)


def test_times_are_set_once_and_nonsense_is_no_time(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        now = desk.house.time.ms
        assert (await desk.courses.hear([said(STATUS.UNVERIFIED, disposed_ms=-5, answered_ms=now + 2 * DAY * 1000)])).changed == 1
        row = await desk.row()
        assert (row["status"], row["disposed_ms"], row["answered_ms"], row["finished_ms"]) == ("unverified", None, None, None)
        await desk.courses.hear([said(STATUS.DISPOSED, disposed_ms=now - 1_000)])
        desk.house.time.pass_(60)
        await desk.courses.hear([said(STATUS.IN_PROCESS, disposed_ms=now - 9_000, answered_ms=now)])
        desk.house.time.pass_(60)
        await desk.courses.hear([said(STATUS.DONE)])
        row = await desk.row()
        assert (row["disposed_ms"], row["answered_ms"], row["finished_ms"]) == (now - 1_000, now, now + 120_000), (
            "heard, where it tells none"
        )
        assert await desk.history() == []

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("first", "then", "back"),
    [
        (STATUS.DONE, STATUS.IN_PROCESS, True),
        (STATUS.ARCHIVED, STATUS.UNVERIFIED, True),
        (STATUS.DISPOSED, STATUS.DONE, False),
        (STATUS.IN_PROCESS, STATUS.POSTPONED, False),
        (STATUS.POSTPONED, STATUS.IN_PROCESS, False),
    ],
)
def test_a_status_that_goes_back_is_written_and_noted(tmp_path: Path, first: CourseStatus, then: CourseStatus, *, back: bool) -> None:
    async def story(desk: Desk) -> None:
        await desk.courses.hear([said(first)])
        finished = (await desk.row())["finished_ms"]
        heard = await desk.courses.hear([said(then)])
        row = await desk.row()
        assert (heard.back, row["status"], row["finished_ms"] or finished) == (int(back), then.value, row["finished_ms"])
        assert await desk.history() == ([("the core", f"{first} → {then}")] if back else [])

    play(tmp_path, story)


def test_a_call_that_came_before_changes_nothing_also_after_a_restart(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        old, new = b"\1" * 32, b"\2" * 32
        await desk.courses.hear([said(STATUS.DISPOSED)], digest=old)
        await desk.courses.hear([said(STATUS.DONE)], digest=new)
        before = await desk.row()
        desk.house.time.pass_(5)
        assert (await desk.courses.hear([said(STATUS.DISPOSED)], digest=old)).replayed
        await desk.journal.close()
        desk.journal = desk.house.open()
        desk.courses = desk.journal.courses
        assert (await desk.courses.hear([said(STATUS.DISPOSED)], digest=old)).replayed
        assert await desk.row() == before
        desk.house.time.pass_(401 * DAY)
        await desk.journal.purge(desk.house.time.ms)
        assert await desk.journal._read(lambda one: one.execute("SELECT count(*) FROM heard").get) == 0

    play(tmp_path, story)


def test_a_call_of_complaints_of_nobody_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        odd = "' OR 1=1; --\0"
        heard = await desk.courses.hear([said(STATUS.DONE, of) for of in ("T77", odd, "")] + [said(STATUS.DISPOSED)])
        assert (heard.strange, heard.changed) == (3, 1)
        heard = await desk.courses.hear([])
        assert (heard.strange, heard.changed, heard.still) == (0, 0, 0)

    play(tmp_path, story)


def test_the_cores_words_may_hold_anything_and_are_cut(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.courses.hear([said(STATUS.DISPOSED, words="\ud800\0" + "x" * 1_000)])
        row = await desk.row()
        assert len(row["words"]) == WORDS_CHARACTERS_MAX
        assert (await desk.courses.hear([said(STATUS.DISPOSED, words="\ud800\0" + "x" * 1_000)])).still == 1

    play(tmp_path, story)
