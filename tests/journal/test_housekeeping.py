"""The file itself: one owner, sealed, of our version, forgetful on time, set aside when damaged, salvaged with care."""

from __future__ import annotations

import asyncio
import re
import stat
from importlib.resources import files
from pathlib import Path
from random import Random

import apsw
import pytest

from forwarder.journal import Hand, Journal, JournalLocked, JournalSettings, Sealer, Settlement
from forwarder.journal.storage import APPLICATION_ID, migrate, migrations
from forwarder.lifecycle import ComplaintMove, ComplaintState
from forwarder.records import Arrival, Kind
from parsers.errors import JournalError
from tests.journal.people import KEY, House, Time, part, segment
from tests.journal.test_arrivals import crash, unreadable

SETTINGS = JournalSettings(heartbeat_seconds=60)
DAY = 86_400


def file_a_life(house: House) -> list[str]:
    """Two filed, one ready, one being sent, one open set; then a crash. The numbers in that order."""

    async def run() -> list[str]:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        filings = []
        for number in range(4):
            await journal.accept(house.many(journal, 1, start=number))
            house.time.pass_(1)
        filings = await journal.ready(10, house.time.ms)
        await journal.start_filing([(one.complaint_id, 1) for one in (*filings[:2], filings[3])])
        await journal.settle([Settlement(one.complaint_id, 1, ComplaintMove.FILED, f"T{one.complaint_id}") for one in filings[:2]])
        await journal.accept([part("AGAM belum ", 1, 2, source="62855")])
        await crash(journal)
        return [one.complaint.number for one in filings]

    return asyncio.run(run())


def test_the_file_is_ours_alone(tmp_path: Path) -> None:
    house = House(tmp_path / "new")
    journal = house.open()
    try:
        for path in house.directory.glob("journal.db*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
        assert stat.S_IMODE(house.directory.stat().st_mode) == 0o700
        with pytest.raises(JournalLocked, match=r"pid \d+ since 2026-11-18 11:06:40 UTC: stop that gateway"):
            house.open()
    finally:
        asyncio.run(journal.close())
    asyncio.run(house.open().close())


def test_durability_settings_are_as_promised(tmp_path: Path) -> None:
    journal = House(tmp_path).open()
    connection = journal._writer._books.connection
    told = {name: connection.pragma(name) for name in ("journal_mode", "synchronous", "secure_delete", "auto_vacuum", "application_id")}
    asyncio.run(journal.close())
    assert told == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "auto_vacuum": 2, "application_id": APPLICATION_ID}


def test_neither_number_nor_text_nor_raw_octets_can_be_found_in_the_files(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    canaries = ["6281987654321", "KENARI rahasia sekali", "alasan kenari", "628111999888"]

    async def run() -> None:
        journal = house.open()
        one = segment("AGAM " + canaries[1], canaries[0])
        (verdict,) = await journal.accept([house.arrival(journal, one)])
        await journal.accept([part(canaries[1], number, 2, source=canaries[3]) for number in (1, 2)])
        await journal.accept([part(canaries[1] + "x", 1, 2, reference=9, source=canaries[3])])
        await journal.accept([Arrival(unreadable(body=canaries[1].encode()))])

        await journal.note(journal.number_of(verdict.complaint_id or 0), Hand("siti", canaries[2]))
        house.time.pass_(11)
        await journal.start_replies(10, house.time.ms)
        search()
        await crash(journal)

    def search() -> None:
        for path in house.directory.iterdir():
            octets = path.read_bytes()
            for canary in canaries:
                for spelled in (canary.encode(), canary.encode("utf-16-be"), canary.encode().hex().encode()):
                    assert spelled.lower() not in octets.lower(), (path.name, canary)

    asyncio.run(run())
    search()


def test_another_key_is_refused_before_a_row_is_touched(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    asyncio.run(house.open().close())
    with pytest.raises(JournalError, match="another key"):
        Journal.open(house.path, sealer=Sealer(b"x" * 32), settings=SETTINGS, clock=house.time.clock, composer=house.composer)
    asyncio.run(house.open().close())


def test_an_older_key_still_opens_what_it_sealed(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    numbers = file_a_life(house)

    async def run() -> None:
        sealer = Sealer(b"the next master key", key_id=2, older={1: KEY})
        journal = Journal.open(house.path, sealer=sealer, settings=SETTINGS, clock=house.time.clock, composer=house.composer)
        case = await journal.case(numbers[0])
        assert case is not None
        assert case.complaint is not None
        await journal.close()

    asyncio.run(run())


def normal(connection: apsw.Connection) -> set[tuple[str, str]]:
    """The schema without comments and spaces."""
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {(str(name), re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", re.sub(r"--[^\n]*", "", str(sql))))) for name, sql in rows}


def test_the_page_to_read_is_the_schema_that_the_migrations_make() -> None:
    page, made = apsw.Connection(":memory:"), apsw.Connection(":memory:")
    page.execute(files("forwarder.journal").joinpath("schema.sql").read_text(encoding="utf-8"))
    migrate(made)
    assert normal(page) == normal(made)


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(list(migrations())) + 1))


@pytest.mark.parametrize("version", [number for number, _ in migrations()])
def test_a_journal_of_every_older_version_opens(tmp_path: Path, version: int) -> None:
    """Each version's file was written by that version: see journals/README."""
    house = House(tmp_path, settings=SETTINGS)
    dump = Path(__file__).with_name("journals") / f"{version:04}.sql"
    connection = apsw.Connection(str(house.path))
    connection.execute(dump.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}")
    connection.close()

    async def run() -> None:
        journal = house.open()
        assert journal.opening.set_aside is None
        assert (journal.opening.unknown, journal.opening.open_sets) == (1, 1)
        case = await journal.case("T2")
        assert case is not None
        assert case.complaint is not None
        assert case.complaint.message.text == "AGAM aduan nomor 0"
        assert len(await journal.ready(10, house.time.ms + 10_000)) == 1
        assert (await journal.accept([part("selesai", 2, 2, source="62855")]))[0].kind is Kind.JOINED
        await journal.close()

    asyncio.run(run())


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    asyncio.run(house.open().close())
    connection = apsw.Connection(str(house.path))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(JournalError, match="newer than this program"):
        house.open()
    assert house.path.exists()


def count(path: Path, sql: str) -> int:
    connection = apsw.Connection(str(path))
    found: int = connection.execute(sql).get
    connection.close()
    return found


def test_each_kind_is_forgotten_after_its_days_and_counts_stay(tmp_path: Path) -> None:
    settings = JournalSettings(raw_days=1, tombstone_days=7, number_days=30, text_days=60, refusal_days=5, purge_rows=2)
    house = House(tmp_path, settings=settings)

    async def run() -> None:
        journal = house.open()
        session = await journal.begin_session("telkomsel", "a")
        verdicts = await journal.accept(house.many(journal, 5))
        await journal.accept(
            [part("AGAM ", 1, 2, source="62855"), part("lama", 2, 2, source="62855"), part("AGAM x", 1, 2, source="62856")]
        )
        ids = [verdict.complaint_id or 0 for verdict in verdicts]
        await journal.start_filing([(one, 1) for one in ids[:4]])
        await journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"T{one}") for one in ids[:4]])
        journal.note_refusal(Refusal())
        await journal.end_session(session)
        erased = []
        for days in (0.9, 0.2, 4, 3, 23, 31):
            house.time.pass_(days * DAY)
            purged = await journal.purge(house.time.ms)
            erased.append((purged.raw, purged.sets, purged.refusals, purged.numbers, purged.texts))
        assert erased == [(0, 0, 0, 0, 0), (6, 0, 0, 0, 0), (1, 0, 1, 0, 0), (1, 1, 0, 0, 0), (0, 0, 0, 4, 0), (0, 0, 0, 0, 4)]
        case = await journal.case(f"T{ids[0]}")
        assert case is not None
        assert case.state is ComplaintState.FILED
        assert case.complaint is None
        (still,) = [one for one in await journal.ready(10, house.time.ms) if one.complaint_id == ids[4]]
        assert still.complaint.message.text == "AGAM aduan nomor 4"
        assert (await journal.counts()).open_sets == 1
        assert (await journal.counts()).messages == 6
        await journal.close()

    asyncio.run(run())
    assert count(house.path, "SELECT count(*) FROM message WHERE digest_tag IS NOT NULL") == 0
    assert count(house.path, "SELECT count(*) FROM message WHERE sealed_sender IS NULL AND reporter_tag IS NULL") == 4


class Refusal:
    operator, bind, command, status, cause, at_ms = "telkomsel", "a", "deliver_sm", 0x64, "disk \x00 full", Time().ms


def test_what_is_erased_leaves_no_octets_behind(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(raw_days=1))

    async def run() -> bytes:
        journal = house.open()
        await journal.accept(house.many(journal, 200))
        sealed: bytes = journal._writer._books.connection.execute("SELECT sealed_pdu FROM raw ORDER BY message LIMIT 1").get
        house.time.pass_(2 * DAY)
        assert (await journal.purge(house.time.ms)).raw == 200
        await journal.close()
        return sealed

    sealed = asyncio.run(run())
    assert all(sealed[20:60] not in path.read_bytes() for path in house.directory.iterdir())
    assert count(house.path, "PRAGMA freelist_count") == 0


DAMAGES = ["header", "page", "not a database", "another database", "marked by an earlier run"]


def damage(path: Path, how: str) -> None:
    octets = bytearray(path.read_bytes())
    if how == "header":
        octets[:100] = bytes(100)
    elif how == "page":
        random = Random(5)
        for page in range(1, len(octets) // 4096, 3):
            octets[page * 4096 : page * 4096 + 64] = random.randbytes(64)
    elif how == "not a database":
        octets = bytearray(b"this is no journal at all\n" * 400)
    elif how == "another database":
        path.unlink()
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.close()
        return
    else:
        path.with_name(path.name + ".damaged").touch()
    path.write_bytes(octets)


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_is_set_aside_and_nothing_is_filed_until_it_is_salvaged(tmp_path: Path, how: str) -> None:
    house = House(tmp_path, settings=SETTINGS)
    numbers = file_a_life(house)
    copy_log(house.path)
    damage(house.path, how)

    async def run() -> None:
        journal = house.open()
        assert journal.opening.set_aside is not None
        aside = tmp_path / journal.opening.set_aside
        assert aside.exists()
        assert journal.health().filing_paused
        (verdict,) = await journal.accept([house.arrival(journal, segment("AGAM baru"))])
        assert verdict.kind is Kind.STORED
        assert journal.number_of(verdict.complaint_id or 0) not in numbers
        assert not await journal.ready(10, house.time.ms)
        assert await journal.start_filing([(verdict.complaint_id or 0, 1)]) == set()
        await journal.close()
        journal = house.open()
        assert journal.opening.set_aside is None
        assert journal.health().filing_paused
        if how in ("marked by an earlier run", "page"):
            salvaged = await journal.salvage(aside)
            assert not journal.health().filing_paused
            if how == "page":
                assert salvaged.unreadable_rows > 0
            else:
                await judge_salvaged(journal, house, numbers)
            await check_tally(journal, house)
        await journal.close()

    asyncio.run(run())


async def judge_salvaged(journal: Journal, house: House, numbers: list[str]) -> None:
    states = []
    for number in numbers:
        case = await journal.case(number)
        assert case is not None
        assert case.complaint is not None
        states.append(case.state)
    filed, unknown = ComplaintState.FILED, ComplaintState.UNKNOWN
    assert states == [filed, filed, unknown, unknown]
    assert len(await journal.ready(10, house.time.ms)) == 1
    assert not [job for job in await journal.start_replies(10, house.time.ms + 60_000) if job.number in numbers]
    (joined,) = await journal.accept([part("selesai", 2, 2, source="62855")])
    assert joined.kind is Kind.JOINED


async def check_tally(journal: Journal, house: House) -> None:
    connection = apsw.Connection(str(house.path))
    rows = dict(connection.execute("SELECT state, count(*) FROM complaint GROUP BY 1").fetchall())
    connection.close()
    assert {state.value: count for state, count in journal.tally.items() if count} == rows


def copy_log(path: Path) -> None:
    """Everything into the file, as after an orderly end."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def test_a_file_that_breaks_while_we_run_is_set_aside_without_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, 300))
        journal._writer.damaged()
        with pytest.raises(JournalError):
            await journal.accept(house.many(journal, 1, start=1000))
        house.time.pass_(2)
        assert (await journal.accept(house.many(journal, 1, start=1000)))[0].kind is Kind.STORED
        assert journal.health().filing_paused
        await journal.close()

    asyncio.run(run())
    assert list(tmp_path.glob("journal.db.damaged-*"))


def test_a_large_file_is_checked_beside_the_work(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(check_background_octets=0, heartbeat_seconds=0.1, retry_seconds=0.01))
    file_a_life(house)
    copy_log(house.path)
    octets = bytearray(house.path.read_bytes())
    last = len(octets) - 4096
    octets[last : last + 16] = b"\xff" * 16
    house.path.write_bytes(octets)

    async def run() -> None:
        journal = house.open()
        for _ in range(100):
            await asyncio.sleep(0.05)
            house.time.pass_(1)
            if journal.health().filing_paused:
                break
        assert journal.health().filing_paused
        assert (await journal.counts()).alarms == 1
        await journal.close()

    asyncio.run(run())


def test_the_log_stays_bounded_while_the_journal_is_busy(tmp_path: Path) -> None:
    settings = JournalSettings(wal_octets_max=4_194_304, checkpoint_octets=1_048_576, heartbeat_seconds=60)
    house = House(tmp_path, settings=settings)

    async def run() -> None:
        journal = house.open()
        largest = 0
        for number in range(60):
            await journal.accept(house.many(journal, 200, start=number * 200))
            largest = max(largest, journal.health().wal_octets)
        assert settings.checkpoint_octets < largest < 2 * settings.wal_octets_max
        await journal.close()

    asyncio.run(run())


def test_settings_that_disagree_are_named() -> None:
    assert JournalSettings().problems() == []
    assert len(JournalSettings(gateway_letter="O", checkpoint_octets=1 << 30, wal_octets_max=1 << 23).problems()) == 2
