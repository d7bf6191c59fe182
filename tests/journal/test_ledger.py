# ruff: noqa: S608 - a test's own words
"""The ledger of a day: every message is accounted for once, and everything that can break a sum is seen when it is planted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Line, day_begins, totals
from forwarder.journal.accounts import CLASSES, first_id, span_of
from tests.journal.a_day import DAY, SPAN, account_of, lived, planted
from tests.journal.people import EPOCH_MS, House, part
from tests.journal.test_filing import SETTINGS


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory.mktemp("day"))


def test_a_day_with_one_of_everything_adds_up(day: Path) -> None:
    found = account_of(day)
    assert found.wrong == []
    assert found.breaks == 0
    whole = totals(found.lines)
    assert whole.received == whole.accounted == 16
    assert whole.parts == 17
    assert {name: whole.of(name) for name in CLASSES} == {
        "filed": 2,
        "waiting": 5,  # one ready, one sending, one held, the joined one, the post
        "parked": 1,
        "unknown": 1,
        "duplicate": 1,
        "elsewhere": 1,
        "closed": 1,
        "answered": 1,
        "addition": 1,
        "unreadable": 1,
        "unfinished": 1,
    }
    assert set(found.lines) == {("telkomsel", "SMS"), ("@lapor1708", "X")}
    assert found.lines["@lapor1708", "X"].received == 2
    assert whole.accounts["waiting", "held: review"] == 1
    assert found.copies == {"telkomsel": 1, "@lapor1708": 1}
    assert found.refusals == {("telkomsel", 0x58): 1}


@pytest.mark.parametrize("shift", [-1, 1])
def test_the_days_around_it_are_empty(day: Path, shift: int) -> None:
    found = account_of(day, day_begins(DAY + shift), day_begins(DAY + shift + 1))
    assert (found.breaks, found.lines) == (0, {})


def test_hours_add_up_to_their_day(day: Path) -> None:
    whole = totals(account_of(day).lines)
    sums = Line()
    for hour in range(24):
        since = SPAN[0] + hour * 3_600_000
        part_of_day = totals(account_of(day, since, since + 3_600_000).lines)
        sums.received += part_of_day.received
        sums.accounts.update(part_of_day.accounts)
    assert (sums.received, sums.accounts) == (whole.received, whole.accounts)


@dataclass(frozen=True)
class Plant:
    """What is done to the file, what the ledger says, and how many messages are then not accounted for."""

    label: str
    statements: Sequence[str]
    says: str
    gap: int = 1


def of(state: str, change: str) -> list[str]:
    return [f"UPDATE complaint SET {change} WHERE id = (SELECT min(id) FROM complaint WHERE state = '{state}')"]


FILED = "(SELECT min(id) FROM complaint WHERE state = 'filed')"
STATUS = "(SELECT min(message) FROM reply WHERE kind = 'status_unknown')"
ADDED = "(SELECT min(message) FROM addition)"
PLANTS = [
    Plant("no complaint and no command", [f"DELETE FROM reply WHERE message = {STATUS}"], "no complaint, and no command"),
    Plant(
        "a message forgets its complaint",
        [f"UPDATE message SET complaint = NULL WHERE complaint = {FILED}", "DELETE FROM reply"],
        "names another",
    ),
    Plant("the complaint is gone", [f"DELETE FROM complaint WHERE id = {FILED}"], "its complaint does not exist"),
    Plant("two messages, one complaint", [f"UPDATE message SET complaint = {FILED} WHERE id = {STATUS}"], "began with another message"),
    Plant(
        "the message is gone",
        [f"DELETE FROM message WHERE complaint = {FILED}"],
        "the message is gone; its raw PDU and its complaint are left",
    ),
    Plant("an unreadable one is gone", ["DELETE FROM message WHERE cause IS NOT NULL"], "the message is gone"),
    Plant("a joined one is gone", ["DELETE FROM message WHERE part_set IS NOT NULL"], "its parts and its complaint are left"),
    Plant("a post is gone", ["DELETE FROM message WHERE id = (SELECT min(message) FROM post)"], "its post and its complaint are left"),
    Plant("an added post is gone", [f"DELETE FROM message WHERE id = {ADDED}"], "an addition"),
    Plant("a state that does not exist", of("filed", "state = 'lost'"), "in a state that does not exist"),
    Plant("filed without a tracking id", of("filed", "tracking_id = NULL"), "filed without a tracking id"),
    Plant("a tracking id and not filed", of("ready", "tracking_id = '99'"), "has a tracking id, and is not filed"),
    Plant(
        "one tracking id for two",
        ["DROP INDEX complaint_tracking", "UPDATE complaint SET tracking_id = '7' WHERE state = 'filed'"],
        "one tracking id for two",
        2,
    ),
    Plant("duplicate of nothing", of("duplicate", "first = 4711, elsewhere = NULL"), "duplicate of nothing"),
    Plant("duplicate without a first", of("duplicate", "first = NULL, elsewhere = NULL"), "duplicate of nothing"),
    Plant("duplicate of itself", of("duplicate", "first = id, elsewhere = NULL"), "duplicate of nothing"),
    Plant("no number", of("filed", "number = NULL"), "a complaint without a number"),
    Plant("closed by nobody", ["DELETE FROM history"], "closed by nobody"),
    Plant("ready without a time", of("ready", "next_ms = NULL"), "waits where nobody looks"),
    Plant("held without a time", of("held", "next_ms = NULL"), "waits where nobody looks"),
    Plant("unknown without a time", of("unknown", "next_ms = NULL"), "waits where nobody looks"),
    Plant("filed and still in the queue", of("filed", "next_ms = 1"), "settled, and still in the queue"),
    Plant(
        "sending, and the run is over",
        ["INSERT INTO run (id, pid, began_ms, seen_ms) SELECT id + 1, 1, seen_ms + 1000, seen_ms + 1000 FROM run"],
        "no run that sends it",
    ),
    Plant("sending without any run", ["DELETE FROM run"], "no run that sends it"),
    Plant(
        "a set without its message",
        ["UPDATE part_set SET message = NULL WHERE state = 'joined'"],
        "the message is gone; its parts is left",
        1,
    ),
    Plant("whole and not joined", ["UPDATE part_set SET total = 1 WHERE state = 'open'"], "all parts of a long message are here", 0),
    Plant("joined with parts missing", ["DELETE FROM part WHERE part = 2"], "joined without all its parts", 0),
    Plant(
        "a set without parts", ["DELETE FROM part WHERE part_set = (SELECT id FROM part_set WHERE state = 'open')"], "without any part", 0
    ),
    Plant("a set in no state", ["UPDATE part_set SET state = 'lost' WHERE state = 'joined'"], "a long message in a state that", 0),
    Plant("parts of nothing", ["DELETE FROM part_set WHERE state = 'open'"], "parts of a long message that does not exist", 0),
    Plant("a reply to nothing", ["UPDATE reply SET message = 4711 WHERE id = (SELECT min(id) FROM reply)"], "a reply to nothing", 0),
    Plant(
        "a reply about nothing",
        ["UPDATE reply SET complaint = 4711 WHERE id = (SELECT max(id) FROM reply) - 2"],
        "a complaint that does not exist",
        0,
    ),
    Plant(
        "a reply without a time",
        ["UPDATE reply SET due_ms = NULL WHERE id = (SELECT min(id) FROM reply WHERE state = 'due')"],
        "waits where nobody",
        0,
    ),
    Plant("a reply in no state", ["UPDATE reply SET state = 'lost' WHERE id = (SELECT min(id) FROM reply)"], "a reply in a state that", 0),
    Plant("an addition to another", [f"UPDATE addition SET complaint = {FILED}"], "an addition to a complaint that its message"),
    Plant("added without a tracking id", ["UPDATE addition SET state = 'added'"], "an addition at the core without a tracking id", 0),
    Plant(
        "an addition with another's tracking id",
        [f"UPDATE addition SET state = 'added', tracking_id = (SELECT tracking_id FROM complaint WHERE id = {FILED})"],
        "one tracking id for two",
        0,
    ),
    Plant("a complaint whose message names another", [f"UPDATE message SET complaint = 4711 WHERE complaint = {FILED}"], "names another"),
    Plant(
        "history of nothing",
        [f"INSERT INTO history SELECT 99, id + 1000, 1, 'a', 'note', x'00' FROM complaint WHERE id = {FILED}"],
        "somebody did",
        0,
    ),
    Plant(
        "a course of nothing",
        ["INSERT INTO course VALUES ((SELECT max(id) FROM complaint) + 5, 'done', '', 1, NULL, NULL, NULL, NULL)"],
        "core says",
        0,
    ),
    Plant("an index is gone", ["DROP INDEX complaint_number"], "complaint_number, which forbids", 0),
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.label)
def test_what_breaks_a_sum_is_named(day: Path, plant: Plant) -> None:
    found = account_of(planted(day, *plant.statements))
    assert plant.says in "; ".join(one.what for one in found.wrong)
    assert found.breaks >= 1
    whole = totals(found.lines)
    assert whole.received - whole.accounted >= plant.gap
    if not plant.gap:
        assert whole.received == whole.accounted


def test_every_break_names_who_when_and_which(day: Path) -> None:
    found = account_of(planted(day, *of("filed", "tracking_id = NULL")))
    [one] = found.wrong
    assert (one.operator, one.at_ms, one.what) == ("telkomsel", EPOCH_MS, "filed without a tracking id")
    assert one.number
    assert one.message_id


def test_a_thousand_breaks_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, 1_100))
        await journal.close()

    asyncio.run(run())
    found = account_of(planted(house.path, "UPDATE complaint SET state = 'lost'"))
    assert found.breaks == 1_100
    assert len(found.wrong) == 1_000


def test_parts_that_another_gateway_joined_are_counted_as_its(day: Path) -> None:
    found = account_of(planted(day, "UPDATE part_set SET state = 'linked' WHERE state = 'open'"))
    assert found.breaks == 0
    assert totals(found.lines).accounts["unfinished", "joined at another gateway"] == 1


@pytest.mark.parametrize("sizes", [(0, 0, 0), (1, 0, 0), (3, 5, 2), (0, 4, 0), (400, 1, 900)])
def test_the_first_id_of_a_time_is_found_whatever_ids_are_missing(sizes: tuple[int, int, int]) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE refusal (id INTEGER PRIMARY KEY, at_ms INTEGER)")
    number = 7
    for at_ms, size in zip((10, 20, 30), sizes, strict=True):
        for _ in range(size):
            number += 1 + number % 3
            connection.execute("INSERT INTO refusal VALUES (?, ?)", (number, at_ms))
    for at_ms in (5, 10, 15, 20, 25, 30, 35):
        first = first_id(connection, "refusal", "at_ms", at_ms)
        assert connection.execute("SELECT count(*) FROM refusal WHERE (id < ?1) = (at_ms >= ?2)", (first, at_ms)).get == 0


def test_ids_of_a_day_reach_to_its_neighbours(day: Path) -> None:
    connection = apsw.Connection(str(day))
    span = span_of(connection, *SPAN)
    assert span.messages[0] == 1
    assert span.complaints[0] == 1
    assert span.messages[1] > connection.execute("SELECT max(id) FROM message").get
    connection.close()


def test_copies_are_counted_by_operator_and_day_and_survive_a_batch_that_is_stored_row_by_row(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        for _ in range(4):
            await journal.accept([part("AGAM ", 1, 2), part("AGAM ", 1, 2)])
        house.time.pass_(86_400)
        await journal.accept([part("AGAM ", 1, 2)])
        await journal.close()

    asyncio.run(run())
    assert account_of(house.path).copies == {"telkomsel": 7}
    assert account_of(house.path, day_begins(DAY + 1), day_begins(DAY + 2)).copies == {"telkomsel": 1}
