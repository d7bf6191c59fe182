"""Backups: one whole file of one state, made beside the work; what is wrong with a file is said, with what to do."""

from __future__ import annotations

import asyncio
import contextlib
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from forwarder.journal import Findings, Hand, Journal, JournalSettings, Made, Sealer, Still, Vault, verify
from forwarder.journal import backup as copying
from forwarder.journal.storage import APPLICATION_ID, Storage
from forwarder.journal.verify import SEALED
from forwarder.records import Arrival
from parsers.errors import JournalError, JournalFull
from tests.journal.people import KEY, House, part
from tests.journal.test_arrivals import unreadable

SETTINGS = JournalSettings(heartbeat_seconds=60, free_octets_min=0)


async def made(vault: Vault, folder: Path, keep: int | None = None) -> Made:
    async with contextlib.aclosing(vault.make(folder, keep)) as steps:
        found = [one async for one in steps]
    assert isinstance(found[-1], Made)
    return found[-1]


def live(house: House, count: int = 30) -> None:
    """A journal with every kind of sealed value in it."""

    async def run() -> None:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        verdicts = await journal.accept(house.many(journal, count))
        await journal.accept([part("AGAM belum ", 1, 2, source="62855"), Arrival(unreadable(body=b"x"))])
        await journal.note(journal.number_of(verdicts[0].complaint_id or 0), Hand("siti", "a reason"))
        await journal.close()

    asyncio.run(run())


def backed_up(house: House, folder: Path, count: int = 30) -> Path:
    live(house, count)

    async def run() -> Path:
        journal = house.open()
        try:
            return (await made(journal.vault, folder)).path
        finally:
            await journal.close()

    return asyncio.run(run())


def test_a_backup_under_load_is_one_whole_state_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    house = House(tmp_path / "state", settings=SETTINGS)
    live(house, 2_000)
    stored = []

    async def load(journal: Journal, done: asyncio.Event) -> None:
        number = 10_000
        while not done.is_set():
            await journal.accept(house.many(journal, 5, number))
            number += 5
            stored.append(number)
            await asyncio.sleep(0)

    async def run() -> Made:
        journal, done = house.open(), asyncio.Event()
        loading = asyncio.create_task(load(journal, done))
        try:
            return await made(journal.vault, tmp_path / "backups")
        finally:
            done.set()
            await loading
            await journal.close()

    one = asyncio.run(run())
    assert len(stored) > 3, "nothing was stored while the backup was made"
    found = verify(one.path, Sealer(KEY), every=True)
    assert not found.problems
    assert found.manifest == one.manifest
    assert found.opened == found.sealed > 4_000
    assert 2_000 <= found.rows["message stored"] - 1 < 2_000 + 5 * len(stored)
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    assert re.fullmatch(r"journal-A-20261118T110640Z\.db", one.path.name)
    assert sorted(path.name for path in one.path.parent.iterdir()) == [one.path.name, one.path.name + ".sha256"]


def test_nothing_personal_can_be_read_in_a_backup(tmp_path: Path) -> None:
    house = House(tmp_path / "state", settings=SETTINGS)
    octets = backed_up(house, tmp_path / "backups").read_bytes().lower()
    for canary in (b"628120000", b"aduan nomor", b"62855", b"belum", b"a reason"):
        assert canary not in octets, canary
        assert canary.hex().encode() not in octets, canary


def test_every_sealed_column_is_opened() -> None:
    schema = (Path(copying.__file__).with_name("schema.sql")).read_text(encoding="utf-8")
    found = set()
    for table, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", schema, re.DOTALL):
        found |= {f"{table}.{column}" for column in re.findall(r"^ +(sealed_\w+)", body, re.MULTILINE)}
    assert found == set(SEALED), "a column that verify does not open, or one that is no more"


def test_the_log_stays_bounded_and_a_slow_backup_is_given_up(tmp_path: Path) -> None:
    bound = 4_194_304
    house = House(
        tmp_path / "state", settings=replace(SETTINGS, backup_log_octets_max=bound, wal_octets_max=bound, checkpoint_octets=1_048_576)
    )
    live(house, 6_000)

    async def slowly(journal: Journal) -> None:
        async with contextlib.aclosing(journal.vault.make(tmp_path / "backups")) as steps:
            async for _ in steps:
                await journal.accept(house.many(journal, 3_000, 100_000 * house.time.ms))
                house.time.pass_(1)

    async def run() -> tuple[int, int]:
        journal = house.open()
        try:
            with pytest.raises(JournalError, match=r"given up: the write-ahead log grew to 4 MB.*backup_log_octets_max"):
                await slowly(journal)
            grown = journal.health().wal_octets
            async with asyncio.timeout(30):
                while journal.health().wal_octets > bound:
                    await journal.accept(house.many(journal, 1, 1))
            return grown, journal.health().wal_octets
        finally:
            await journal.close()

    grown, after = asyncio.run(run())
    assert grown > bound
    assert after < bound, "the log is emptied when the backup has let go"
    assert not list((tmp_path / "backups").iterdir())


def test_a_backup_that_nobody_waits_for_any_more_leaves_nothing(tmp_path: Path) -> None:
    house = House(tmp_path / "state", settings=SETTINGS)
    live(house, 2_000)

    async def run() -> None:
        journal = house.open()
        making = asyncio.create_task(made(journal.vault, tmp_path / "backups"))
        while not list(tmp_path.glob("backups/.*.part")):  # noqa: ASYNC240
            await asyncio.sleep(0)
        with pytest.raises(JournalError, match="being made already"):
            await made(journal.vault, tmp_path / "other")
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert not list((tmp_path / "backups").iterdir())
        assert (await made(journal.vault, tmp_path / "backups")).path.exists()
        await journal.close()

    asyncio.run(run())


def test_older_ones_go_only_when_the_new_one_is_verified(tmp_path: Path) -> None:
    house, folder = House(tmp_path / "state", settings=SETTINGS), tmp_path / "backups"
    live(house)
    folder.mkdir()
    strangers = [folder / name for name in ("journal-B-20260101T000000Z.db", "notes.txt", "journal-A-2026.db")]
    for one in strangers:
        one.touch()
    (folder / ".journal-A-20260101T000000Z.db.part").touch()  # an earlier one was killed

    async def run() -> list[str]:
        journal = house.open()
        for _ in range(4):
            house.time.pass_(60)
            last = await made(journal.vault, folder, keep=2)
        with pytest.raises(JournalError, match="exists already"):
            await made(journal.vault, folder, keep=1)
        assert last.removed == ("journal-A-20261118T110840Z.db",)
        journal._writer._books.connection.execute("UPDATE tally SET count = count + 1 WHERE noun = 'message'")
        house.time.pass_(60)
        with pytest.raises(JournalError, match="not sound and is thrown away: it counts"):
            await made(journal.vault, folder, keep=1)
        await journal.close()
        return sorted(path.name for path in folder.iterdir())

    names = asyncio.run(run())
    ours = [f"journal-A-20261118T11{minute}40Z.db" for minute in ("09", "10")]
    assert names == sorted([*ours, *(name + ".sha256" for name in ours), *(one.name for one in strangers)])


@pytest.mark.parametrize(
    ("prepare", "error", "says"),
    [
        (lambda folder: folder.touch(), JournalError, "is no folder"),
        (lambda folder: folder.mkdir(), JournalFull, "own disk.*free_octets_min"),
    ],
)
def test_a_folder_that_will_not_do_is_refused(tmp_path: Path, prepare: Callable[[Path], None], error: type[Exception], says: str) -> None:
    house = House(tmp_path / "state", settings=replace(SETTINGS, free_octets_min=1 << 60))
    asyncio.run(house.open().close())
    prepare(tmp_path / "backups")
    storage = Storage(house.path)
    vault = Vault(storage, Sealer(KEY), house.settings, Still(house.time.clock, house.time.monotonic))
    with pytest.raises(error, match=says):
        asyncio.run(made(vault, tmp_path / "backups"))
    with pytest.raises(JournalError, match="parent does not exist"):
        asyncio.run(made(vault, tmp_path / "no" / "backups"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def changed(sql: str, *, sum_: bool = True) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = apsw.Connection(str(path))
        connection.execute(sql)
        connection.close()
        if sum_:
            copying.sum_path(path).write_text(f"{copying.digest(path)}  {path.name}\n")

    return change


def flipped(path: Path) -> None:
    """Every sealed text with one bit changed."""
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT id, sealed_content FROM message WHERE sealed_content IS NOT NULL").fetchall()
    for number, sealed in rows:
        assert isinstance(sealed, bytes)
        connection.execute("UPDATE message SET sealed_content = ? WHERE id = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]), number))
    connection.close()
    copying.sum_path(path).unlink()


def torn(path: Path) -> None:
    """Pages in the middle overwritten, as a dying disk does; the sum is lost."""
    octets = bytearray(path.read_bytes())
    octets[8192:40960] = bytes(32768)
    path.write_bytes(octets)
    copying.sum_path(path).unlink()


BAD = [
    ("empty", lambda path: path.write_bytes(b""), "is no journal"),
    ("text", lambda path: path.write_text("hello"), "is no journal"),
    ("cut", cut, "has another SHA-256 than .* says: it was cut or changed"),
    ("cut, sum lost", lambda path: (cut(path), copying.sum_path(path).unlink()), "is damaged"),
    ("torn", torn, "is damaged"),
    ("other database", changed("PRAGMA application_id = 7"), "is a database, but no journal"),
    ("newer", changed("PRAGMA user_version = 99"), "of version 99, newer than this program"),
    ("no key check", changed("DELETE FROM meta WHERE name = 'key_check'"), "another key"),
    ("a row gone", changed("DELETE FROM message WHERE id = 3"), "counts 31 of `message stored` in its tally and holds 30"),
    (
        "tally and row gone",
        changed("DELETE FROM message WHERE id = 3; UPDATE tally SET count = 30 WHERE noun = 'message'"),
        "does not hold what its manifest says",
    ),
    ("text changed", flipped, "values of message.sealed_content cannot be opened"),
    ("log beside", lambda path: path.with_name(path.name + "-wal").write_bytes(b"x"), "is not whole"),
]


@pytest.mark.parametrize(("spoil", "says"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, spoil: Callable[[Path], object], says: str) -> None:
    path = backed_up(House(tmp_path / "state", settings=SETTINGS), tmp_path)
    assert not verify(path, Sealer(KEY)).problems
    spoil(path)
    problems = verify(path, Sealer(KEY)).problems
    assert problems
    assert re.search(says, "; ".join(problems)), problems


def test_another_key_is_named_and_a_plain_copy_is_taken_with_a_note(tmp_path: Path) -> None:
    house = House(tmp_path / "state", settings=SETTINGS)
    path = backed_up(house, tmp_path)
    assert "sealed with another key" in verify(path, Sealer(b"y" * 32)).problems[0]
    found: Findings = verify(house.path, Sealer(KEY))
    assert not found.problems
    assert any("no backup: made by copying" in note for note in found.notes)


def test_verifying_leaves_nothing_beside_a_file_in_a_folder_nobody_may_write(tmp_path: Path) -> None:
    path = backed_up(House(tmp_path / "state", settings=SETTINGS), tmp_path / "with #? and %20")
    before = sorted(one.name for one in path.parent.iterdir())
    assert not verify(path, Sealer(KEY)).problems
    assert sorted(one.name for one in path.parent.iterdir()) == before
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        assert connection.pragma("application_id") == APPLICATION_ID
        assert connection.pragma("journal_mode") == "delete"
