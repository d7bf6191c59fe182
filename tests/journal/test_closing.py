# ruff: noqa: S608 - a test's own words
"""Closed days: what is hashed is final, the chain is whole, and whatever is changed afterwards is named by its day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Journal, JournalSettings, check_days, day_name, looking
from forwarder.journal.closing import BEGINNING, Checked, link
from forwarder.journal.storage import Storage
from forwarder.lifecycle import ComplaintState
from parsers.errors import JournalError
from tests.journal.a_day import DAY, lived, planted
from tests.journal.people import EPOCH_MS, House, part, segment
from tests.journal.test_arrivals import crash, unreadable
from tests.journal.test_filing import SETTINGS

HOUR = 3_600
CLOSE_MS = 6 * HOUR * 1000
TO_MORNING = 13 * HOUR  # from 18:06 to 7:06 of the next day, WIB

Story = Callable[[House, Journal], Awaitable[None]]


def play(directory: Path, story: Story, settings: JournalSettings = SETTINGS) -> House:
    house = House(directory, settings=settings)

    async def run() -> None:
        journal = house.open()
        await story(house, journal)
        await journal.close()

    asyncio.run(run())
    return house


async def say(house: House, journal: Journal, count: int, start: int = 0) -> None:
    await journal.accept(house.many(journal, count, start))


async def close_all(house: House, journal: Journal) -> list[int]:
    days = []
    while (day := await journal.ledger.close_next(house.time.ms, CLOSE_MS)) is not None:
        days.append(day)
    return days


def checked(path: Path, since: int | None = None) -> Checked:
    with looking(path) as connection:
        return check_days(connection, since)


async def three_days(house: House, journal: Journal) -> None:
    for number in range(3):
        await say(house, journal, 5, number * 5)
        house.time.pass_(24 * HOUR)
    assert await close_all(house, journal) == [DAY, DAY + 1, DAY + 2]


def closed(directory: Path) -> Path:
    return play(directory, three_days).path


def sums_of(path: Path) -> list[dict[str, object]]:
    connection = apsw.Connection(str(path))
    found = [json.loads(row[0]) for row in connection.execute("SELECT sums FROM closed_day ORDER BY day")]
    connection.close()
    return found


def test_a_day_is_closed_some_hours_after_its_end_and_once(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        assert await close_all(house, journal) == []
        await say(house, journal, 3)
        house.time.pass_(5.8 * HOUR + 5.9 * HOUR)
        assert await close_all(house, journal) == []
        house.time.pass_(0.3 * HOUR)
        assert await close_all(house, journal) == [DAY]
        assert await close_all(house, journal) == []
        first, second = await asyncio.gather(*[journal.ledger.close_next(house.time.ms + 86_400_000, CLOSE_MS) for _ in range(2)])
        assert {first, second} == {DAY + 1, None}

    path = play(tmp_path, story).path
    [sums, empty] = sums_of(path)
    assert sums == {
        "received": {"telkomsel SMS": 3},
        "late": 0,
        "messages": 3,
        "first": 2,
        "last": 4,
        "upto": 4,
        "ids": sha256(b"".join(one.to_bytes(8, "big") for one in (2, 3, 4))).hexdigest(),
    }
    assert (empty["messages"], empty["first"], empty["received"]) == (0, None, {})
    found = checked(path)
    assert (found.problems, found.days, found.messages, found.first, found.last) == ([], 2, 3, DAY, DAY + 1)


def test_the_chain_can_be_reckoned_by_hand(tmp_path: Path) -> None:
    connection = apsw.Connection(str(closed(tmp_path)))
    chain = BEGINNING
    for day, sums, kept in connection.execute("SELECT day, sums, chain FROM closed_day ORDER BY day"):
        number = str(day)
        chain = sha256(b"32:" + chain + f"{len(number)}:{number}{len(sums)}:{sums}".encode()).digest()
        assert kept == chain
        assert list(json.loads(sums)) == sorted(json.loads(sums))
    connection.close()


def test_what_becomes_of_messages_later_does_not_change_their_day(tmp_path: Path) -> None:
    settings = JournalSettings(heartbeat_seconds=60, raw_days=1, tombstone_days=1, number_days=1, text_days=1, refusal_days=1)

    async def story(house: House, journal: Journal) -> None:
        house.composer.state = ComplaintState.HELD
        await say(house, journal, 4)
        await journal.accept([part("AGAM ", 1, 2, source="62855"), part("x", 1, 3, source="62856")])
        house.composer.state = ComplaintState.READY
        house.time.pass_(TO_MORNING)
        assert await close_all(house, journal) == [DAY]
        numbers = [one.number for one in await journal.waiting()]
        await journal.accept([part("mati", 2, 2, source="62855", received_ms=house.time.ms)])
        assert len(await journal.expire_sets(house.time.ms)) == 1
        await journal.close_cases(numbers[:2], _by())
        await journal.release(numbers[2:], _by())
        house.time.pass_(90 * 24 * HOUR)
        assert (await journal.purge(house.time.ms)).texts
        assert len(await close_all(house, journal)) == 90

    path = play(tmp_path, story, settings).path
    assert checked(path).problems == []
    assert [one["messages"] for one in sums_of(path)][:3] == [4, 2, 0]


def _by() -> object:
    from forwarder.journal import Hand  # noqa: PLC0415

    return Hand("siti", "looked at")


def test_what_is_stored_after_its_day_was_closed_is_in_the_next_closing(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        await say(house, journal, 2)
        await journal.accept([part("AGAM ", 1, 2, source="62855")])
        house.time.pass_(TO_MORNING)
        assert await close_all(house, journal) == [DAY]
        await journal.expire_sets(house.time.ms)  # a message of yesterday, by the time of its part
        house.time.pass_(24 * HOUR)
        assert await close_all(house, journal) == [DAY + 1]
        house.time.ms -= 3 * 86_400_000  # the clock is set back behind the first day, and somebody writes
        await journal.accept([house.arrival(journal, segment("AGAM lampu", "62899", received_ms=house.time.ms))])
        house.time.ms += 4 * 86_400_000
        assert await close_all(house, journal) == [DAY + 2]

    path = play(tmp_path, story).path
    assert checked(path).problems == []
    assert [(one["messages"], one["late"]) for one in sums_of(path)] == [(2, 0), (1, 1), (1, 1)]


def test_reading_anew_what_nobody_could_read_does_not_change_its_day(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        from forwarder.records import Arrival  # noqa: PLC0415

        (verdict,) = await journal.accept([Arrival(unreadable())])
        house.time.pass_(TO_MORNING)
        assert await close_all(house, journal) == [DAY]
        composed = house.composer.whole(journal.next_message_id(), verdict.complaint_id or 0, segment())
        moved = await journal.redecode(journal.number_of(verdict.complaint_id or 0), composed, _by())  # type: ignore[arg-type]
        assert moved.error is None

    assert checked(play(tmp_path, story).path).problems == []


@dataclass(frozen=True)
class Change:
    """What is done to a file with closed days, of which day it is said, and what."""

    label: str
    statement: str
    day: int
    says: str


CHANGES = [
    Change("a message disappears", "DELETE FROM message WHERE id = 7", 1, "closed with 5 messages, and 4 are here"),
    Change("one is slipped in", "INSERT INTO message SELECT {message} FROM message WHERE id = 7", 1, "closed with 5 messages, and 6"),
    Change("one gets another id", "UPDATE message SET id = 0 - id WHERE id = 7", 1, "closed with 5 messages, and 4 are here"),
    Change("one is put in another's place", "UPDATE message SET id = 11 WHERE id = 10", 1, ""),
    Change("an operator loses one to another", "UPDATE message SET operator = 'xl' WHERE id = 7", 1, "have another operator"),
    Change(
        "one goes to the day before",
        "UPDATE message SET received_ms = received_ms - 86400000 WHERE id = 7",
        1,
        "closed with 5 messages, and 4",
    ),
    Change("sums are written anew", "UPDATE closed_day SET sums = replace(sums, '5', '4') WHERE day = {day}", 1, "the chain is broken"),
    Change("sums are no sums", "UPDATE closed_day SET sums = 'x' WHERE day = {day}", 1, "its sums cannot be read"),
    Change("sums are a list", "UPDATE closed_day SET sums = '[]' WHERE day = {day}", 1, "its sums cannot be read"),
    Change("a hash is another", "UPDATE closed_day SET chain = zeroblob(32) WHERE day = {day}", 1, "the chain is broken"),
    Change("a day is taken out", "DELETE FROM closed_day WHERE day = {day}", 2, "the day before it is missing"),
    Change("the first day is taken out", "DELETE FROM closed_day WHERE day = {day} - 1", 1, "the chain does not begin here"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.label)
def test_what_is_changed_in_a_closed_day_is_said_with_its_day(tmp_path: Path, change: Change) -> None:
    path = closed(tmp_path)
    connection = apsw.Connection(str(path))
    columns = [row[1] for row in connection.execute("PRAGMA table_info(message)")]
    connection.close()
    message = ", ".join("3" if name == "id" else "NULL" if name == "digest_tag" else name for name in columns)
    statements = [change.statement.format(day=DAY + 1, message=message)]
    if "INSERT" in change.statement or "id = 11" in change.statement:
        statements.insert(0, f"DELETE FROM message WHERE id = {3 if 'INSERT' in change.statement else 11}")
    problems = checked(planted(path, *statements)).problems
    assert any(one.startswith(day_name(DAY + change.day)) and change.says in one for one in problems), problems


def test_a_message_that_was_counted_and_never_stored_is_noticed_even_before_its_day_is_closed(tmp_path: Path) -> None:
    path = lived(tmp_path)
    assert checked(path).problems == []
    [problem] = checked(planted(path, "DELETE FROM message WHERE id = 3")).problems
    assert problem == "the journal counts 15 messages that it stored, and holds 14"


def test_a_chain_whose_beginning_is_lost_for_good_can_be_trusted_from_a_day_on(tmp_path: Path) -> None:
    path = planted(closed(tmp_path), f"DELETE FROM closed_day WHERE day = {DAY}")
    assert checked(path).problems
    assert checked(path, DAY + 2).problems == []


def test_nothing_is_closed_while_a_damaged_file_waits_for_its_salvage_and_afterwards_the_days_come_back(tmp_path: Path) -> None:
    house = House(tmp_path, settings=replace(SETTINGS, check_background_octets=1 << 30))

    async def run() -> None:
        journal = house.open()
        await three_days(house, journal)
        await journal.close()
        Storage(house.path).mark_damaged()
        journal = house.open()
        assert journal.opening.set_aside
        await say(house, journal, 1, 50)
        house.time.pass_(24 * HOUR)
        assert await close_all(house, journal) == []
        await journal.salvage(tmp_path / journal.opening.set_aside)
        assert await close_all(house, journal) == [DAY + 3]
        await journal.close()

    asyncio.run(run())
    found = checked(house.path)
    assert found.first == DAY
    assert found.problems == []
    assert found.days == 4


def test_the_clock_of_another_century_closes_nothing(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        await say(house, journal, 1)
        with pytest.raises(ValueError, match=r"nothing came for \d{4} days"):
            await journal.ledger.close_next(EPOCH_MS + 3_000 * 86_400_000, CLOSE_MS)

    assert checked(play(tmp_path, story).path).days == 0


def test_a_kill_between_two_days_leaves_a_whole_chain(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await say(house, journal, 2)
        house.time.pass_(40 * HOUR)
        assert await journal.ledger.close_next(house.time.ms, CLOSE_MS) == DAY
        await crash(journal)
        journal = house.open()
        house.time.pass_(24 * HOUR)
        assert await close_all(house, journal) == [DAY + 1, DAY + 2]
        await journal.close()

    asyncio.run(run())
    assert (checked(house.path).problems, checked(house.path).days) == ([], 3)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.parent, "there is no journal"),
        (lambda path: path.write_bytes(b"rubbish" * 1_000), "is no journal"),
        (lambda path: apsw.Connection(str(path)).execute("CREATE TABLE a (b)"), "is a database, but no journal"),
        (lambda path: path.mkdir(), "there is no journal"),
    ],
    ids=["nothing", "rubbish", "another database", "a folder"],
)
def test_what_is_no_journal_is_said(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    make(tmp_path / "journal.db")
    with pytest.raises(JournalError, match=says), looking(tmp_path / "journal.db"):
        pass


@pytest.mark.parametrize(("version", "says"), [(5, "keeps no ledger yet"), (99, "newer than this program")])
def test_a_file_of_another_version_is_not_guessed_at(tmp_path: Path, version: int, says: str) -> None:
    path = planted(lived(tmp_path), f"PRAGMA user_version = {version}")
    with pytest.raises(JournalError, match=says), looking(path):
        pass


def test_the_hash_of_a_day_depends_on_where_its_fields_end() -> None:
    assert link(BEGINNING, 1, "23") != link(BEGINNING, 12, "3")
