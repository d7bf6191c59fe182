"""Who waits in memory and who in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet

from forwarder.core.settings import DispatchSettings
from forwarder.records import Filing
from forwarder.room import PAGES_HELD, Room
from tests.core.samples import complaint

SETTINGS = DispatchSettings(offered_max=1_000, offered_per_sender_max=4, page_rows=20, skipped_max=60)


class Shelf:
    """Ready rows, oldest first; notes how many were excluded. `meanwhile` happens while a page is being read."""

    def __init__(self, filings: list[Filing]) -> None:
        self.filings = filings
        self.excluded_most = 0
        self.meanwhile = lambda: None

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[int] = frozenset()) -> list[Filing]:  # noqa: ARG002 - all are due
        self.excluded_most = max(self.excluded_most, len(exclude))
        page = [filing for filing in self.filings if filing.complaint_id not in exclude][:limit]
        self.meanwhile()
        return page


def filing(number: int, sender: str | None = None) -> Filing:
    return Filing(number, 1, complaint(f"G{number:05}", sender=sender or f"+62{number:010}"))


async def read_all(room: Room, shelf: Shelf) -> int:
    pages = 1
    while await room.read(shelf, 0):
        pages += 1
        assert pages < 100
    return pages


def test_nobody_walks_in_before_the_journal_was_read() -> None:
    room, shelf = Room(SETTINGS), Shelf([filing(1)])
    assert not room.offer(filing(2))
    shelf.filings.append(filing(2))
    asyncio.run(read_all(room, shelf))
    assert not room.backlog
    assert room.offer(filing(3))
    assert [one.complaint_id for one in room.take(9)] == [1, 2, 3]


def test_who_is_refused_while_the_last_page_is_read_is_fetched_by_one_more() -> None:
    room, shelf = Room(SETTINGS), Shelf([])

    def meanwhile() -> None:
        late = filing(len(shelf.filings) + 1)
        if len(shelf.filings) < 2:
            shelf.filings.append(late)
            room.offer(late)

    shelf.meanwhile = meanwhile
    asyncio.run(read_all(room, shelf))
    assert sorted(one.complaint_id for one in room.take(9)) == [1, 2]
    assert not room.backlog


def test_a_long_backlog_is_read_ahead_by_some_pages_only() -> None:
    room, shelf = Room(SETTINGS), Shelf([filing(number) for number in range(2_000)])
    taken: list[int] = []
    while shelf.filings:
        if room.wants_reading:
            asyncio.run(read_all(room, shelf))
        batch = [one.complaint_id for one in room.take(7)]
        taken += batch
        room.release(batch)
        shelf.filings = [one for one in shelf.filings if one.complaint_id not in set(batch)]
    assert taken == sorted(taken)
    assert len(taken) == 2_000
    assert shelf.excluded_most <= PAGES_HELD * SETTINGS.page_rows + SETTINGS.skipped_max


def test_a_flood_outside_is_passed_over_to_those_behind_it() -> None:
    room = Room(SETTINGS)
    shelf = Shelf([*(filing(number, "+62flood") for number in range(70)), filing(100), filing(101)])
    asyncio.run(read_all(room, shelf))
    assert {100, 101} <= {one.complaint_id for one in room.take(5)}
    assert room.backlog, "some of the flood are outside"
    assert room.offer(filing(200)), "others walk in as before"
    assert not room.offer(filing(201, "+62flood")), "the flood keeps its order"


def test_one_that_was_changed_leaves_and_comes_back_as_it_is_now() -> None:
    room, shelf = Room(SETTINGS), Shelf([])
    asyncio.run(read_all(room, shelf))
    room.offer(filing(1))
    room.release([1])
    changed = filing(1)
    room.offer(changed)
    assert [one is changed for one in room.take(9)] == [True]
    assert room.held == 1
