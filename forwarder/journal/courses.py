"""The journal as whoever follows filed complaints sees it: whom to ask for, and what the core said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import works
from forwarder.journal.books import Tally
from forwarder.journal.course import Heard, Hearing
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.rows import read

_DUE = """
SELECT json_group_array(json_array(c.id, c.tracking_id, c.since_ms, o.status, o.since_ms)) FROM (
    SELECT complaint, status, since_ms, look_ms FROM course WHERE look_ms <= ?1 ORDER BY look_ms LIMIT ?2) AS o
JOIN complaint AS c ON c.id = o.complaint WHERE c.tracking_id IS NOT NULL
"""
_MISSING = """
SELECT json_group_array(c.id) FROM complaint AS c WHERE c.id > ?1 AND c.id <= ?2 AND c.state = 'filed' AND c.since_ms >= ?3
AND NOT EXISTS (SELECT 1 FROM course AS o WHERE o.complaint = c.id)
"""
_NEWEST = "SELECT max(id) FROM complaint"


@dataclass(frozen=True, slots=True)
class Followed:
    """A filed complaint to ask for. `since_ms` is when its status was first heard; None while nothing was."""

    complaint_id: int
    tracking_id: str
    filed_ms: int
    status: CourseStatus | None
    since_ms: int | None


class Courses:
    """Part of the journal. Every async method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], read_: Look, tally: Tally) -> None:
        self._write = write
        self._read = read_
        self._tally = tally

    @property
    def tally(self) -> Mapping[str, int]:
        """How many filed complaints stand how, as of the last commit; an empty status: nothing heard yet."""
        return {status: count for (noun, status), count in self._tally.committed.items() if noun == "course" and count}

    async def begin(self, *, follows: bool) -> None:
        """From now on every complaint that is filed is followed, or none."""
        await self._write(works.BEGIN_FOLLOWING, [follows])

    async def newest(self) -> int:
        """The newest complaint's id."""
        return await self._read(lambda one: int(one.execute(_NEWEST).get or 0))

    async def missing(self, after: int, until: int, since_ms: int) -> list[int]:
        """Complaints of these ids, filed since then, that nobody follows."""
        ids: list[Any] = await self._read(lambda one: read(one, _MISSING, (after, until, since_ms)))
        return ids

    async def follow(self, complaint_ids: Sequence[int]) -> None:
        """Follow these; they are filed."""
        if complaint_ids:
            await self._write(works.FOLLOW, complaint_ids)

    async def due(self, now_ms: int, limit: int) -> list[Followed]:
        """Whom to ask for now, the longest waiting first."""
        rows = await self._read(lambda one: read(one, _DUE, (now_ms, limit)))
        return [
            Followed(complaint_id, tracking_id, filed_ms, None if status is None else CourseStatus(status), since_ms)
            for complaint_id, tracking_id, filed_ms, status, since_ms in rows
        ]

    async def hear(self, courses: Sequence[Course], *, looks: Sequence[tuple[int, int | None]] = (), digest: bytes | None = None) -> Heard:
        """What the core said; `looks` when to ask again for whom, `digest` of a call that the core made by itself."""
        heard: list[Heard] = await self._write(works.HEAR, [Hearing(courses, looks, digest)])
        return heard[0]
