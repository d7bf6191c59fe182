"""The audit: every deed leaves its row in the deed's own transaction, no row is ever touched, and a touched one is named."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Hand, Journal, JournalSettings, Sealer, verify
from forwarder.journal import audit as chains
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Deed
from forwarder.journal.trail import Wanted
from forwarder.lifecycle import HeldReason
from parsers.errors import JournalError
from tests.journal.people import KEY, House, segment

SETTINGS = JournalSettings(heartbeat_seconds=60)
BY = Hand("siti", "the citizen called")
NOTED = "what was noted"
GUARDS = ("audit_unchanged", "audit_at_its_end", "audit_kept")


def lived(folder: Path, story: Callable[[House, Journal], Awaitable[None]] | None = None, rows: int = 6) -> House:
    """A journal whose audit has some rows, closed."""
    house = House(folder, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        for number in range(rows):
            house.time.pass_(60)
            await journal.audit.note(Deed("siti", "look", f"G7K2Q{number}", f"reason {number}"))
        if story is not None:
            await story(house, journal)
        await journal.close()

    asyncio.run(run())
    return house


def opened(house: House, *, guarded: bool = True) -> apsw.Connection:
    """The file in the hands of somebody who has SQL."""
    connection = apsw.Connection(str(house.path))
    for guard in () if guarded else GUARDS:
        connection.execute(f"DROP TRIGGER {guard}")
    return connection


def checked(house: House, noted: str | None = None) -> chains.Checked:
    connection = opened(house)
    try:
        return chains.check(connection, noted)
    finally:
        connection.close()


def test_a_whole_chain_holds_without_any_key(tmp_path: Path) -> None:
    found = checked(lived(tmp_path))
    assert (found.rows, found.first, found.head.row, found.broken) == (6, 1, 6, None)


def test_a_move_at_the_desk_and_its_row_are_one_transaction(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        (verdict,) = await journal.accept([house.arrival(journal, segment())])
        number = journal.number_of(verdict.complaint_id or 0)
        await journal.hold([number], HeldReason.REVIEW, BY)
        await journal.note(number, BY)
        await journal.close_cases([number], BY)
        assert (await journal.close_cases([number], BY))[0].error  # nothing moved: no row
        found = await journal.audit.rows(Wanted(about=number))
        assert [(row.who, row.what, row.reason) for row in found] == [
            ("siti", f"settle {what}", "the citizen called") for what in ("hold", "note", "close")
        ]
        with pytest.raises(JournalError):  # one without a name: neither the move nor its row
            await journal.note(number, Hand(" ", "x"))
        assert len(await journal.audit.rows(Wanted(about=number))) == 3

    lived(tmp_path, story, rows=0)


def test_a_routing_table_is_installed_with_its_row(tmp_path: Path) -> None:
    async def story(_: House, journal: Journal) -> None:
        first = await journal.routing.install("routes", "abc", "csv", BY)
        await journal.routing.install("routes", "def", "csv", BY)
        await journal.routing.install("routes", "abc", "csv", BY, first.id)
        found = await journal.audit.rows(Wanted())
        assert [(row.what, row.about) for row in found] == [
            ("install routes", "abc"),
            ("install routes", "def"),
            ("roll back routes", "abc"),
        ]

    lived(tmp_path, story, rows=0)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET who = 'budi' WHERE id = 3",
        "UPDATE audit SET chain = zeroblob(32)",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit WHERE id = 6",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT 2, at_ms, who, what, about, sealed_reason, chain FROM audit WHERE id = 3",
        "INSERT OR REPLACE INTO audit SELECT 6, at_ms, 'budi', what, about, sealed_reason, chain FROM audit WHERE id = 6",
        "REPLACE INTO audit SELECT 1, at_ms, 'budi', what, about, sealed_reason, chain FROM audit WHERE id = 1",
    ],
)
def test_the_journal_itself_refuses(tmp_path: Path, sql: str) -> None:
    house = lived(tmp_path)
    connection = opened(house)
    with pytest.raises(apsw.ConstraintError, match="audit"):
        connection.execute(sql)
    connection.close()
    assert checked(house).broken is None


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit SET who = 'budi' WHERE id = 3", 3),
        ("UPDATE audit SET what = 'reveal' WHERE id = 1", 1),
        ("UPDATE audit SET about = 'G7K2Q9' WHERE id = 6", 6),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 4", 4),
        ("UPDATE audit SET sealed_reason = (SELECT sealed_reason FROM audit WHERE id = 1) WHERE id = 2", 2),
        ("UPDATE audit SET chain = zeroblob(32) WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id <= 2", 1),
        ("UPDATE audit SET id = 9 WHERE id = 6", 6),
        ("INSERT INTO audit SELECT 7, at_ms, who, what, about, sealed_reason, chain FROM audit WHERE id = 6", 7),
        ("UPDATE audit SET who = '' WHERE id = 2", 2),
    ],
)
def test_what_somebody_did_without_the_guards_is_named(tmp_path: Path, sql: str, broken: int) -> None:
    house = lived(tmp_path)
    connection = opened(house, guarded=False)
    connection.execute(sql)
    connection.close()
    found = checked(house)
    assert found.broken == broken
    assert found.why


def test_a_tail_that_was_cut_off_is_seen_by_the_head_that_was_noted(tmp_path: Path) -> None:
    house = lived(tmp_path)
    noted = str(checked(house).head)
    connection = opened(house, guarded=False)
    connection.execute("DELETE FROM audit WHERE id > 4")
    connection.close()
    assert checked(house).broken is None  # the chain alone cannot know
    assert checked(house, noted).broken == 5
    assert checked(house, str(checked(house).head)).broken is None


def test_a_chain_made_anew_has_another_head(tmp_path: Path) -> None:
    house = lived(tmp_path)
    noted = str(checked(house).head)
    connection = opened(house, guarded=False)
    chain = chains.BEGINNING
    for number, at_ms, who, what, about, sealed in connection.execute(
        "SELECT id, at_ms, who, what, about, sealed_reason FROM audit ORDER BY id"
    ).fetchall():
        deed = Deed("budi" if number == 2 else str(who), str(what), str(about))
        assert isinstance(sealed, bytes)
        assert isinstance(number, int)
        assert isinstance(at_ms, int)
        chain = chains.link(chain, number, at_ms, deed, sealed)
        connection.execute("UPDATE audit SET who = ?, chain = ? WHERE id = ?", (deed.who, chain, number))
    connection.close()
    assert checked(house).broken is None
    assert checked(house, noted).broken == 6


@pytest.mark.parametrize("noted", ["", "6", "6:", "6:abc", "x:0123456789abcdef", "6:0123456789abcdeg", "6:::::", "-1:0123456789abcdef"])
def test_a_head_that_is_none_is_refused(tmp_path: Path, noted: str) -> None:
    with pytest.raises(ValueError, match="ROW:HASH"):
        checked(lived(tmp_path, rows=1), noted)


CUTTING = Work("cut", lambda books, items: [chains.cut(books, before_ms) for before_ms in items])


async def cut(journal: Journal, before_ms: int) -> int:
    done: list[int] = await journal.vault.write(CUTTING, [before_ms])
    return done[0]


def test_the_chain_is_cut_at_its_beginning_and_still_holds(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        old = str((await journal.audit.check()).head)
        assert await cut(journal, house.time.ms - 3 * 60_000 + 1) == 3
        found = await journal.audit.check()
        assert (found.rows, found.first, found.head.row, found.broken) == (4, 4, 7, None)
        assert (await journal.audit.check(old)).broken is None
        assert await cut(journal, 0) == 0
        house.time.pass_(3600)
        await journal.audit.note(Deed("siti", "look", "G7K2QP"))
        assert await cut(journal, house.time.ms) == 4  # the row that said so before is cut, too
        found = await journal.audit.check(old)
        assert (found.rows, found.first, found.broken, "cut away" in found.why) == (2, 8, None, True)

    lived(tmp_path, story)


def test_no_cut_leaves_nothing_behind_it(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        assert await cut(journal, house.time.ms + 1) == 6
        found = await journal.audit.check()
        assert (found.rows, found.first, found.broken) == (1, 7, None)
        await journal.audit.note(Deed("siti", "look", "G7K2QP"))
        assert (await journal.audit.check()).rows == 2

    lived(tmp_path, story)


def test_a_beginning_that_was_taken_away_is_no_cut(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        await cut(journal, house.time.ms - 4 * 60_000 + 1)

    house = lived(tmp_path, story)
    connection = opened(house, guarded=False)
    connection.execute("DELETE FROM audit WHERE id <= 5")
    connection.close()
    assert checked(house).broken == 1


def test_a_clock_that_went_back_cuts_nothing_younger(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        house.time.ms -= 3_600_000
        await journal.audit.note(Deed("siti", "look", "G7K2QP"))
        assert await cut(journal, house.time.ms + 1) == 0

    lived(tmp_path, story)


def test_what_is_under_legal_hold_keeps_its_rows_and_all_behind_them(tmp_path: Path) -> None:
    async def story(house: House, journal: Journal) -> None:
        (verdict,) = await journal.accept([house.arrival(journal, segment())])
        await journal.note(journal.number_of(verdict.complaint_id or 0), BY)
        await journal.audit.note(Deed("siti", "look", "G7K2QP"))
        connection = opened(house)
        connection.execute("INSERT INTO legal_hold VALUES (?, 1, 'siti', x'00')", (verdict.complaint_id,))
        connection.close()
        assert await cut(journal, house.time.ms + 60_000) == 6
        assert (await journal.audit.check()).first == 7

    lived(tmp_path, story)


def test_who_is_found_by_the_login_name_or_by_the_name_given(tmp_path: Path) -> None:
    async def story(_: House, journal: Journal) -> None:
        for who in ("budi (root)", "root", "budiman", "siti (budi)"):
            await journal.audit.note(Deed(who, "look", "G7K2QP"))
        assert [row.who for row in await journal.audit.rows(Wanted(who="budi"))] == ["budi (root)", "siti (budi)"]
        assert [row.who for row in await journal.audit.rows(Wanted(who="root", limit=1))] == ["root"]

    lived(tmp_path, story, rows=0)


def test_names_of_garbage_are_kept_as_they_can_be_and_still_hold(tmp_path: Path) -> None:
    async def story(_: House, journal: Journal) -> None:
        await journal.audit.note(Deed("si\0ti\ud83d" + "x" * 500, "look\udc00", "\x1b[2J", "\ud83d why"))
        [row] = await journal.audit.rows(Wanted())
        assert (len(row.who), row.reason) == (200, "\ud83d why")
        with pytest.raises(JournalError):
            await journal.audit.note(Deed("", "look", "G7K2QP"))

    assert checked(lived(tmp_path, story, rows=0)).broken is None


def test_a_backup_and_a_file_of_before_the_audit_are_looked_at_alike(tmp_path: Path) -> None:
    made: list[Path] = []

    async def story(_: House, journal: Journal) -> None:
        async for step in journal.vault.make(tmp_path / "backups"):
            made.extend([step.path] if hasattr(step, "path") else [])

    lived(tmp_path, story)
    [file] = made
    connection = apsw.Connection(str(file))
    assert chains.check(connection).broken is None
    connection.execute("DROP TRIGGER audit_unchanged; UPDATE audit SET who = 'budi' WHERE id = 2")
    assert chains.check(connection).broken == 2
    connection.close()
    file.with_name(file.name + ".sha256").unlink(missing_ok=True)
    notes = verify(file, Sealer(KEY)).notes
    assert any("its audit does not hold from row 2" in note for note in notes)
    assert chains.check(apsw.Connection(":memory:")).rows == 0
    assert chains.check(apsw.Connection(":memory:"), "1:" + "0" * 16).broken == 0


def test_a_damaged_journal_hands_its_audit_on(tmp_path: Path) -> None:
    house = lived(tmp_path, rows=40)
    before = checked(house)
    octets = bytearray(house.path.read_bytes())
    octets[100:140] = os.urandom(40)  # the schema's page: nothing of it can be read
    beside = tmp_path / "lost.db"
    beside.write_bytes(octets)
    fresh = apsw.Connection(":memory:")
    from forwarder.journal.storage import migrate  # noqa: PLC0415 - this test alone makes a journal by hand

    migrate(fresh)
    assert chains.carry_over(fresh, beside) == 0
    assert chains.carry_over(fresh, house.path) == 40
    assert chains.check(fresh, str(before.head)).broken is None
