"""Keys of persons: one a day, in the journal before what they seal, destroyed for good; and master keys that change under them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Hand, Journal, JournalSettings, Sealer, Settlement, numbering, verify
from forwarder.journal.persons import KEY_MS, Keyring, Seals, row_of
from forwarder.journal.seal import Roots, SealError, key_of
from forwarder.journal.storage import APPLICATION_ID
from forwarder.lifecycle import ComplaintMove
from forwarder.records import Arrival, Kind
from parsers.errors import JournalError
from tests.journal.people import KEY, House, part, segment
from tests.journal.test_arrivals import crash, unreadable

SETTINGS = JournalSettings(heartbeat_seconds=60, purge_rows=3)
BY = Hand("siti", "surat nomor 7")
ANA, BUDI, CITRA = "6281100000001", "6281100000002", "6281100000003"
CANARY = "KENARI kuning di pohon"
NEXT = b"the next master key, no secret"


def connection_of(journal: Journal) -> apsw.Connection:
    return journal._writer._books.connection


def value(house: House, sql: str, *bindings: object) -> Any:
    connection = apsw.Connection(str(house.path))
    found = connection.execute(sql, bindings).get  # type: ignore[arg-type]
    connection.close()
    return found


def tag(journal: Journal, number: str) -> bytes:
    return journal.subjects.tag_of("+" + number)


async def say(journal: Journal, house: House, source: str, text: str) -> int:
    """A complaint of this citizen; its id."""
    (verdict,) = await journal.accept([house.arrival(journal, segment("AGAM " + text, source, received_ms=house.time.ms))])
    house.time.pass_(1)
    return verdict.complaint_id or 0


async def file(journal: Journal, *ids: int) -> None:
    await journal.start_filing([(one, 1) for one in ids])
    await journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"{70_000 + one}") for one in ids])


async def settled(journal: Journal, house: House, source: str, text: str) -> int:
    """One that is filed and answered."""
    one = await say(journal, house, source, text)
    await file(journal, one)
    house.time.pass_(20)
    return one


def alive(test: Callable[[House], Any]) -> Callable[[Path], None]:
    """A test in a journal of its own, all of which must open in the end."""

    def run(tmp_path: Path) -> None:
        house = House(tmp_path, settings=SETTINGS)
        asyncio.run(test(house))
        found = verify(house.path, Sealer(KEY), every=True)
        assert not [one for one in found.problems if "not whole" not in one]

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


# ── keys ──


@alive
async def test_a_person_has_one_key_a_day_and_another_person_another(house: House) -> None:
    journal = house.open()
    for source in (ANA, ANA, BUDI, ANA):
        await say(journal, house, source, "lampu mati")
    house.time.pass_(86_400)
    await say(journal, house, ANA, "lampu mati lagi")
    heads = connection_of(journal).execute("SELECT sealed_sender FROM message ORDER BY id").fetchall()
    ids = [key_of(sealed) for (sealed,) in heads]
    assert ids[0] == ids[1] == ids[3]
    assert len({ids[0], ids[2], ids[4]}) == 3
    assert connection_of(journal).execute("SELECT count(*) FROM person").get == 3
    await journal.close()


@alive
async def test_everything_of_a_person_is_sealed_by_his_key_and_what_nobody_could_read_by_the_houses(house: House) -> None:
    journal = house.open()
    one = await say(journal, house, ANA, CANARY)
    await journal.note(journal.number_of(one), BY)
    for number in (1, 2):
        await journal.accept([part("AGAM bagian ", number, 2, source=ANA, received_ms=house.time.ms)])
    await journal.accept([Arrival(unreadable())])
    connection = connection_of(journal)
    (mine,) = {key_of(row[0]) for row in connection.execute("SELECT sealed_sender FROM message WHERE sealed_sender IS NOT NULL")}
    for sql in (
        "SELECT sealed_content FROM message WHERE sealed_content IS NOT NULL",
        "SELECT sealed_pdu FROM raw ORDER BY message LIMIT 1",
        "SELECT sealed_pdu FROM part",
        "SELECT sealed_reason FROM history",
    ):
        found = {key_of(row[0]) for row in connection.execute(sql)}
        assert found == {mine}, sql
    nobodys = connection.execute("SELECT r.sealed_pdu FROM raw AS r JOIN message AS m ON m.id = r.message WHERE m.cause IS NOT NULL").get
    assert nobodys[:9] == bytes(9)
    await journal.close()


@alive
async def test_a_key_is_in_the_journal_although_the_first_message_that_it_sealed_was_refused(house: House) -> None:
    journal = house.open()
    first = house.arrival(journal, segment("AGAM satu", ANA))
    await journal.accept([first])
    wrong = house.arrival(journal, segment("AGAM dua", BUDI))
    broken = Arrival(wrong.source, composed=first.composed)  # its message id is taken: the row does not fit, and is cut out
    verdicts = await journal.accept([broken, house.arrival(journal, segment("AGAM tiga", CITRA))])
    assert [one.kind for one in verdicts] == [None, Kind.STORED]
    await say(journal, house, BUDI, "empat")
    await crash(journal)
    journal = house.open()
    texts = [one.complaint.message.text for one in await journal.ready(10, house.time.ms)]
    assert sorted(texts) == ["AGAM empat", "AGAM satu", "AGAM tiga"]
    await journal.close()


@alive
async def test_after_a_crash_nothing_is_sealed_by_a_key_that_is_not_there(house: House) -> None:
    for round_ in range(3):
        journal = house.open()
        for source in (ANA, BUDI):
            await say(journal, house, source, f"putaran {round_}")
        await journal.accept([part("AGAM belum ", 1, 2, reference=round_, source=CITRA, received_ms=house.time.ms)])
        await crash(journal)
    journal = house.open()
    assert len(await journal.ready(10, house.time.ms)) == 6
    await journal.close()


def test_a_key_that_only_the_journal_has_opens_nothing_elsewhere(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> tuple[int, bytes]:
        journal = house.open()
        await say(journal, house, ANA, CANARY)
        row, sealed = connection_of(journal).execute("SELECT id, sealed_content FROM message").fetchall()[0]
        await journal.close()
        return row, sealed

    row, sealed = asyncio.run(run())
    with pytest.raises(SealError, match="only its journal has"):
        Sealer(KEY).open("content", row, sealed)
    connection = apsw.Connection(str(house.path))
    sealer = Sealer(KEY)
    seals = Seals(sealer, Keyring(sealer, journal_ids()), lambda key_id: row_of(connection, key_id))
    assert CANARY.encode() in seals.open("content", row, sealed)
    for changed in (sealed[:1] + b"\xff" * 8 + sealed[9:], sealed[:8] + b"\x63" + sealed[9:], sealed[:9], sealed[:4], b"\0"):
        with pytest.raises(SealError):
            seals.open("content", row, changed)
    connection.close()


def journal_ids() -> Any:
    from forwarder.journal.books import Ids  # noqa: PLC0415

    return Ids()


# ── values of earlier versions ──


@pytest.mark.parametrize("version", [4, 5])
def test_the_purge_moves_what_an_earlier_version_sealed(tmp_path: Path, version: int) -> None:
    house = House(tmp_path, settings=SETTINGS)
    dump = Path(__file__).with_name("journals") / f"{version:04}.sql"
    connection = apsw.Connection(str(house.path))
    connection.execute(dump.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}")
    connection.close()

    async def run() -> None:
        journal = house.open()
        await journal.note("T2", BY) if await journal.case("T2") is None else None
        status = await journal.keys.status()
        assert status.by_master > 0
        await journal.purge(house.time.ms)
        assert (await journal.keys.status()).by_master == 0
        case = await journal.case("T2")
        assert case is not None
        assert case.complaint is not None
        assert case.complaint.message.text == "AGAM aduan nomor 0"
        sources = connection_of(journal).execute("SELECT count(*) FROM part_set WHERE reporter_tag IS NULL").get
        assert sources == 0
        assert (await journal.accept([part("selesai", 2, 2, source="62855")]))[0].kind is Kind.JOINED
        await journal.close()

    asyncio.run(run())
    for sql in (
        "SELECT count(*) FROM message WHERE substr(sealed_sender, 1, 1) <> x'00' OR substr(sealed_content, 1, 1) <> x'00'",
        "SELECT count(*) FROM raw WHERE substr(sealed_pdu, 1, 1) <> x'00'",
        "SELECT count(*) FROM part WHERE substr(sealed_pdu, 1, 1) <> x'00'",
    ):
        assert value(house, sql) == 0, sql
    assert not verify(house.path, Sealer(KEY), every=True).problems


# ── master keys ──


def opened(house: House, sealer: Sealer) -> Journal:
    composer: Any = house.composer
    return Journal.open(house.path, sealer=sealer, settings=SETTINGS, clock=house.time.clock, composer=composer)


def test_a_rotation_seals_everything_anew_and_the_old_key_may_go(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)
    both = Sealer(NEXT, key_id=2, older={1: KEY})
    alone = Sealer(NEXT, key_id=2)

    async def run() -> tuple[int, str, bytes]:
        journal = house.open()
        ids = [await say(journal, house, f"62812000000{number:02}", f"aduan {number}") for number in range(8)]
        await journal.accept([part("AGAM belum ", 1, 2, source=ANA, received_ms=house.time.ms)])
        first, mine = ids[0], tag(journal, ANA)
        number = journal.number_of(first)
        await journal.close()
        with pytest.raises(JournalError, match="still needs master key 1"):
            opened(house, alone)
        journal = opened(house, both)
        assert await say(journal, house, BUDI, "di antaranya")
        status = await journal.keys.status()
        assert (status.newest, status.needed, status.keys) == (2, (1, 2), {1: 9, 2: 1})
        await take(journal, steps=5)  # broken off
        await crash(journal)
        journal = opened(house, both)
        assert (await journal.keys.status()).keys[2] > 1
        assert await take(journal) > 0
        status = await journal.keys.status()
        assert (status.needed, status.spare, status.keys) == ((2,), (1,), {2: 10})
        await journal.close()
        return first, number, mine

    first, number, mine = asyncio.run(run())

    async def afterwards() -> None:
        journal = opened(house, alone)
        assert journal.number_of(first) == number, "complaint numbers go on"
        assert tag(journal, ANA) == mine, "and so do tags"
        assert len(await journal.ready(20, house.time.ms)) == 9
        assert (await journal.accept([part("selesai", 2, 2, source=ANA, received_ms=house.time.ms)]))[0].kind is Kind.JOINED
        await journal.close()

    asyncio.run(afterwards())
    assert not verify(house.path, alone, every=True).problems
    assert "sealed with another key" in verify(house.path, Sealer(KEY)).problems[0]


async def take(journal: Journal, steps: int = 1000) -> int:
    done = 0
    async for _ in journal.keys.rotate():
        done += 1
        if done == steps:
            break
    return done


def test_a_missing_master_key_is_named_and_nothing_is_taken_away_for_what_cannot_be_opened(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = house.open()
        await say(journal, house, ANA, "satu")
        await say(journal, house, BUDI, "dua")
        await journal.close()
        connection = apsw.Connection(str(house.path))
        connection.execute("UPDATE person SET sealed_key = CAST(x'01' || randomblob(60) AS BLOB) WHERE id = (SELECT min(id) FROM person)")
        connection.close()
        journal = opened(house, Sealer(NEXT, key_id=2, older={1: KEY}))
        with pytest.raises(JournalError, match="cannot be opened by any master key"):
            await take(journal)
        assert (await journal.keys.status()).needed == (1, 2)
        await journal.close()

    asyncio.run(run())


def test_a_new_journal_with_two_master_keys_needs_the_newest_alone(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> None:
        journal = opened(house, Sealer(NEXT, key_id=2, older={1: KEY}))
        assert (await journal.keys.status()).needed == (2,)
        await journal.close()

    asyncio.run(run())
    asyncio.run(opened(house, Sealer(NEXT, key_id=2)).close())


def test_masters_may_be_replaced_while_they_seal() -> None:
    sealer = Sealer(KEY)
    like = sealer.rooted(Roots.of(NEXT))
    sealer.take({1: KEY, 7: NEXT})
    assert (like.key_id, like.key_ids) == (7, (1, 7))
    assert like.seal("x", 1, b"a")[0] == 7
    assert sealer.tag("a", b"b") == Sealer(KEY).tag("a", b"b")
    assert like.tag("a", b"b") == Sealer(NEXT).tag("a", b"b")
    with pytest.raises(SealError):
        sealer.roots_of(9)


def test_keys_are_made_anew_after_a_day_and_when_the_clock_went_back() -> None:
    sealer = Sealer(KEY)
    ring = Keyring(sealer, journal_ids())
    first = ring.of(b"a" * 16, 1000)
    assert ring.of(b"a" * 16, 1000 + KEY_MS - 1) is first
    assert ring.of(b"a" * 16, 999) is not first
    assert ring.of(b"a" * 16, 1000 + KEY_MS) is not first


def test_numbers_of_a_site_are_the_same_before_and_after_its_keys_are_kept_apart() -> None:
    """The journals of version 5 were numbered and tagged by what these derive from their first master key."""
    sealer = Sealer(KEY)
    assert numbering(sealer, SETTINGS).number_of(1) == numbering(sealer.rooted(Roots.of(KEY)), SETTINGS).number_of(1)
