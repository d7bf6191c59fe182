"""Following filed complaints: often while young, seldom later, at last no more; one bad record keeps none of the others unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from forwarder.core.contract import Course, CourseStatus, Unknown
from forwarder.course import AT_ONCE, DAY_MS, FOLLOW_MS, LINGER_MS, WALK_IDS, Follower, next_look
from forwarder.journal import Followed, Heard
from tests import virtual
from tests.forwarder.peers import ScriptedCore

HOUR_MS = 3_600_000
STATUS = CourseStatus
NOW = 1_800_000_000_000


def followed(age_ms: int = 0, status: CourseStatus | None = None, since_ms: int | None = None) -> Followed:
    return Followed(1, "7", NOW - age_ms, status, since_ms)


@pytest.mark.parametrize(
    ("one", "said", "hours"),
    [
        (followed(), None, 1),
        (followed(DAY_MS), None, 2),
        (followed(10 * DAY_MS), None, 11),
        (followed(60 * DAY_MS), None, 24),
        (followed(FOLLOW_MS - 1), None, 24),
        (followed(FOLLOW_MS), None, None),
        (followed(20 * DAY_MS, STATUS.IN_PROCESS), STATUS.DONE, 21),
        (followed(20 * DAY_MS, STATUS.DONE, NOW - LINGER_MS + 1), STATUS.DONE, 21),
        (followed(20 * DAY_MS, STATUS.DONE, NOW - LINGER_MS), STATUS.DONE, None),
        (followed(20 * DAY_MS, STATUS.ARCHIVED, NOW - LINGER_MS), None, None),
        (followed(20 * DAY_MS, STATUS.DONE, NOW - LINGER_MS), STATUS.IN_PROCESS, 21),
        (followed(-5 * DAY_MS), None, 1),  # the clock was set back
    ],
)
def test_when_to_ask_again(one: Followed, said: CourseStatus | None, hours: int | None) -> None:
    course = None if said is None else Course("7", said, "")
    assert next_look(one, course, NOW, HOUR_MS) == (None if hours is None else NOW + hours * HOUR_MS)


class MemoryCourses:
    def __init__(self, count: int) -> None:
        self.looks: dict[int, int | None] = {}
        self.heard: list[Course] = []
        self.filed = list(range(1, count + 1))
        self.follows: bool | None = None

    async def begin(self, *, follows: bool) -> None:
        self.follows = follows

    async def newest(self) -> int:
        return max(self.filed, default=0)

    async def missing(self, after: int, until: int, since_ms: int) -> list[int]:  # noqa: ARG002
        return [one for one in self.filed if after < one <= until and one not in self.looks]

    async def follow(self, complaint_ids: Sequence[int]) -> None:
        self.looks |= dict.fromkeys(complaint_ids, 0)

    async def due(self, now_ms: int, limit: int) -> list[Followed]:
        due = sorted((look, one) for one, look in self.looks.items() if look is not None and look <= now_ms)
        return [Followed(one, f"T{one}", now_ms, None, None) for _, one in due][:limit]

    async def hear(self, courses: Sequence[Course], *, looks: Sequence[tuple[int, int | None]] = ()) -> Heard:
        self.heard += courses
        self.looks |= dict(looks)
        return Heard(changed=len(courses))


class Core(ScriptedCore):
    def __init__(self, bad: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.can_follow = True
        self.bad = bad
        self.asked: list[int] = []

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        self.asked.append(len(tracking_ids))
        if self.bad & set(tracking_ids):
            return Unknown("HTTP 500")
        return [Course(one, STATUS.DISPOSED, "Terdisposisi") for one in tracking_ids] + [Course("T999999", STATUS.DONE, "not asked for")]


def follow(core: Core, count: int, seconds: float) -> tuple[MemoryCourses, Follower]:
    async def main() -> tuple[MemoryCourses, Follower]:
        clock = virtual.loop().clock
        journal = MemoryCourses(count)
        follower = Follower(core, journal, follow_minutes=60, clock=clock, random=lambda: 0.5, available=lambda: core.healthy)
        task = asyncio.ensure_future(follower.run())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return journal, follower

    return virtual.run(main())


def test_all_that_were_filed_before_are_found_and_asked_for_in_batches() -> None:
    core = Core()
    journal, follower = follow(core, WALK_IDS + 120, 600)
    assert journal.follows is True
    assert {one.tracking_id for one in journal.heard} == {f"T{one}" for one in journal.filed}, "and nothing that nobody asked for"
    assert max(core.asked) == AT_ONCE
    assert follower.counts["changed"] == len(journal.filed)


def test_a_record_that_the_core_stumbles_over_keeps_none_of_the_others_unasked() -> None:
    core = Core(frozenset({"T7"}))
    journal, follower = follow(core, 60, 30 * 3600)
    assert {one.tracking_id for one in journal.heard} == {f"T{one}" for one in range(1, 61) if one != 7}
    assert follower.counts["failed"] > 0


def test_a_core_that_is_away_is_left_alone() -> None:
    core = Core()
    core.healthy = False
    follow(core, 10, 600)
    assert core.asked == []


def test_where_the_core_cannot_be_asked_nobody_is_followed() -> None:
    core = Core()
    core.can_follow = False
    journal, _ = follow(core, 10, 600)
    assert (journal.follows, journal.looks, core.asked) == (False, {}, [])
