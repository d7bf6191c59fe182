"""Keys of persons: one a day, in the journal before what they seal, destroyed for good; and master keys that change under them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Deed, Hand, Journal, JournalSettings, Sealer, Settlement, erasure, numbering, verify
from forwarder.journal import holds as legal
from forwarder.journal.audit import beginning, link
from forwarder.journal.persons import KEY_MS, Keyring, Seals, row_of
from forwarder.journal.seal import Roots, SealError, key_of
from forwarder.journal.storage import APPLICATION_ID
from forwarder.lifecycle import ComplaintMove, ComplaintState, ReplyState
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
        await take(journal, steps=7)  # broken off
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


# ── one person's rights ──


@alive
async def test_an_export_has_all_that_is_held_and_nothing_of_anybody_else(house: House) -> None:
    journal = house.open()
    one = await settled(journal, house, ANA, CANARY)
    await journal.note(journal.number_of(one), Hand("budi", "sudah ditelepon"))
    await say(journal, house, BUDI, "bukan punya Ana")
    await journal.accept([part("AGAM belum ", 1, 2, source=ANA, received_ms=house.time.ms)])
    head, *messages = [part async for part in journal.subjects.export(tag(journal, ANA), BY)]
    assert json.loads(json.dumps([head, messages])), "JSON can hold it"
    assert (head["messages"], len(messages), len(head["parts"])) == (1, 1, 1)
    (message,) = messages
    assert message["text"] == "AGAM " + CANARY
    assert message["sender"]["value"] == "+" + ANA
    assert CANARY.encode().hex() in message["raw"]
    assert message["complaint"]["number"] == journal.number_of(one)
    assert message["complaint"]["tracking_id"] == f"{70_000 + one}"
    assert message["complaint"]["history"][0]["reason"] == "sudah ditelepon"
    assert [reply["kind"] for reply in message["replies"]] == ["receipt_filed"]
    assert [row["what"] for row in head["audit"]] == ["export"]
    assert "bukan punya Ana" not in json.dumps(messages)
    assert "tag" not in json.dumps([list(one) for one in messages])
    await journal.close()


@alive
async def test_what_is_restricted_is_neither_shown_nor_answered_and_comes_back_when_lifted(house: House) -> None:
    house.composer.state = ComplaintState.HELD
    journal = house.open()
    hidden = await say(journal, house, ANA, "dibatasi")
    other = await say(journal, house, BUDI, "tampil")
    mine = tag(journal, ANA)
    assert await journal.subjects.restrict(mine, BY)
    assert not await journal.subjects.restrict(mine, BY), "twice is once"
    assert [one.complaint_id for one in await journal.waiting()] == [other]
    assert len(await journal.waiting(reveal=True)) == 2
    case = await journal.case(journal.number_of(hidden))
    assert case is not None
    assert case.restricted
    house.time.pass_(20)
    assert len(await journal.start_replies(10, house.time.ms)) == 1
    assert (await journal.counts()).replies[ReplyState.NONE] == 1
    assert await journal.subjects.restrict(mine, BY, lift=True)
    assert len(await journal.waiting()) == 2
    await journal.close()
    assert value(house, "SELECT group_concat(what) FROM audit") == "restrict,lift"


def octets_in(house: House) -> bytes:
    return octets_of(house.directory)


def octets_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def canaries(house: House, source: str) -> Iterator[bytes]:
    """What must be nowhere afterwards: the words, the number, what they were sealed into, and the sealed keys."""
    yield from (CANARY.encode(), source.encode())
    connection = apsw.Connection(str(house.path))
    reporter = Sealer(KEY).tag("reporter", ("+" + source).encode())
    for sql in (
        "SELECT sealed_sender FROM message WHERE reporter_tag = ?",
        "SELECT sealed_content FROM message WHERE reporter_tag = ?",
        "SELECT r.sealed_pdu FROM message AS m JOIN raw AS r ON r.message = m.id WHERE m.reporter_tag = ?",
        "SELECT p.sealed_pdu FROM part_set AS s JOIN part AS p ON p.part_set = s.id WHERE s.reporter_tag = ?",
        "SELECT h.sealed_reason FROM message AS m JOIN history AS h ON h.complaint = m.complaint WHERE m.reporter_tag = ?",
    ):
        for (sealed,) in connection.execute(sql, (reporter,)).fetchall():
            yield sealed[9:]
            yield row_of(connection, key_of(sealed)) or b""
    connection.close()


async def a_life(journal: Journal, house: House, source: str) -> int:
    """Filed, noted, in parts, and asked for; nothing is open."""
    one = await settled(journal, house, source, CANARY)
    await journal.note(journal.number_of(one), Hand("budi", CANARY))
    for number in (1, 2):
        verdicts = await journal.accept([part(f"AGAM {CANARY} {number}", number, 2, source=source, received_ms=house.time.ms)])
    await file(journal, verdicts[0].complaint_id or 0)
    await journal.accept([house.arrival(journal, segment("STATUS", source, received_ms=house.time.ms))])
    house.time.pass_(20)
    await journal.start_replies(10, house.time.ms)
    return one


def test_an_erased_person_is_nowhere_and_the_complaint_stays(tmp_path: Path) -> None:
    house, left = House(tmp_path / "a", settings=SETTINGS), tmp_path / "backup"
    found = erase_one(house, left)
    assert not found, f"{len(found)} things are still there"


def erase_one(house: House, folder: Path) -> list[bytes]:
    """Erase Ana among others; what of her is still in the file, its log, or a backup made afterwards."""

    async def run() -> list[bytes]:
        journal = house.open()
        for number in range(6):
            await settled(journal, house, f"62812000000{number:02}", f"tetangga {number}")
            if number == 3:
                hers = await a_life(journal, house, ANA)
        wanted = list(canaries(house, ANA))
        assert len(wanted) > 12
        assert all(one in octets_in(house) for one in wanted[2:]), "the search can find"
        number = journal.number_of(hers)
        done = await journal.subjects.erase(tag(journal, ANA), BY)
        assert (done.refused, done.open, done.held, done.log_left) == (None, (), (), False)
        assert (done.messages, done.keys) == (3, 1)
        async for _ in journal.vault.make(folder):
            pass
        octets = octets_in(house) + octets_of(folder)
        case = await journal.case(number)
        assert case is not None
        assert (case.state, case.tracking_id, case.complaint) == (ComplaintState.FILED, f"{70_000 + hers}", None)
        assert [entry.reason for entry in case.history] == ["(erased)"]
        head, *messages = [one async for one in journal.subjects.export(tag(journal, ANA), BY)]
        assert (head["messages"], messages) == (0, [])
        assert (await journal.counts()).messages == 9, "counts stay"
        others = [case for one in range(hers) if (case := await journal.case(f"{70_000 + one}")) is not None]
        assert [case.complaint is not None for case in others] == [True] * 4, "and so do the others' words"
        await journal.close()
        return [one for one in wanted if one in octets or one in octets_in(house)]

    return asyncio.run(run())


@pytest.mark.parametrize("at", range(len(erasure._FORGET)))
def test_an_erasure_that_forgets_a_column_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The fault, planted: what each statement of the erasure is for shows when it is left out."""
    if any(word in erasure._FORGET[at] for word in ("post", "earlier", "claim", "reply", "pin_turn", "part_set SET")):
        pytest.skip("posts, the cluster and replies have tests of their own")
    monkeypatch.setattr(erasure, "_FORGET", (*erasure._FORGET[:at], "SELECT ?1", *erasure._FORGET[at + 1 :]))
    house = House(tmp_path / "a", settings=SETTINGS)
    with pytest.raises((AssertionError, JournalError)):
        assert not erase_one(house, tmp_path / "backup")


def test_an_erasure_that_keeps_the_keys_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "_DESTROY", "SELECT ?1, ?2")
    with pytest.raises(AssertionError):
        assert not erase_one(House(tmp_path / "a", settings=SETTINGS), tmp_path / "backup")


@alive
async def test_what_is_open_is_named_and_kept_until_it_is_forced(house: House) -> None:
    journal = house.open()
    one = await say(journal, house, ANA, "belum selesai")
    refused = await journal.subjects.erase(tag(journal, ANA), BY)
    assert refused.refused is not None
    assert "not settled" in refused.refused
    assert refused.open == (f"{journal.number_of(one)} (ready)",)
    assert len(await journal.ready(10, house.time.ms)) == 1, "nothing was done"
    await journal.start_filing([(one, 1)])
    sending = await journal.subjects.erase(tag(journal, ANA), BY, force=True)
    assert "being filed this moment" in (sending.refused or "")
    await journal.settle([Settlement(one, 1, ComplaintMove.REFUSED, reason="400")])
    done = await journal.subjects.erase(tag(journal, ANA), BY, force=True)
    assert (done.refused, done.open) == (None, (f"{journal.number_of(one)} (parked)",))
    assert (await journal.counts()).complaints[ComplaintState.CLOSED] == 1
    house.time.pass_(20)
    assert not await journal.start_replies(10, house.time.ms)
    assert (await journal.counts()).replies[ReplyState.NONE] == 1
    await journal.close()


@alive
async def test_a_long_message_that_is_not_whole_is_never_lost_by_an_erasure(house: House) -> None:
    journal = house.open()
    await journal.accept([part("AGAM belum ", 1, 2, source=ANA, received_ms=house.time.ms)])
    refused = await journal.subjects.erase(tag(journal, ANA), BY)
    assert "not whole yet" in (refused.refused or "")
    done = await journal.subjects.erase(tag(journal, ANA), BY, force=True)
    assert (done.refused, len(done.open), done.messages) == (None, 1, 1)
    assert (await journal.counts()).open_sets == 0
    await journal.close()


@alive
async def test_a_message_that_waits_for_the_writer_while_its_key_is_destroyed_is_kept(house: House) -> None:
    """Sealed before the erasure, stored after it: it is a new message, and must open."""
    journal = house.open()
    await settled(journal, house, ANA, "lama")
    scribe, write = journal._scribe, journal._writer.do
    late = [scribe.ready(house.arrival(journal, segment("AGAM baru", ANA, received_ms=house.time.ms)))]
    late += [scribe.ready(part("AGAM bag ", number, 2, source=ANA, received_ms=house.time.ms)) for number in (1, 2)]
    assert (await journal.subjects.erase(tag(journal, ANA), BY)).refused is None
    from forwarder.journal import works  # noqa: PLC0415

    await write(works.ACCEPT, late)
    texts = sorted(one.complaint.message.text for one in await journal.ready(10, house.time.ms))
    assert texts == ["AGAM bag AGAM bag ", "AGAM baru"]
    await journal.close()


@alive
async def test_an_erasure_that_was_broken_off_is_finished_by_the_next(house: House) -> None:
    journal = house.open()
    ids = [await settled(journal, house, ANA, f"aduan {number}") for number in range(7)]
    from forwarder.journal import works  # noqa: PLC0415

    (begun,) = await journal._writer.do(works.BEGIN_ERASURE, [erasure.Erase(tag(journal, ANA), BY)])
    assert begun.keys == 1
    case = await journal.case(journal.number_of(ids[0]))
    assert case is not None
    assert case.complaint is None, "its key is gone"
    await crash(journal)
    journal = house.open()
    done = await journal.subjects.erase(tag(journal, ANA), BY)
    assert (done.messages, done.keys) == (7, 1)
    await journal.close()


@alive
async def test_what_is_under_legal_hold_is_neither_erased_nor_purged(house: House) -> None:
    journal = house.open()
    kept = await settled(journal, house, ANA, CANARY)
    gone = await settled(journal, house, ANA, "boleh hilang")
    await journal.note(journal.number_of(kept), BY)
    assert await journal.subjects.hold("ZZZZZZ", BY) == "no such complaint"
    assert await journal.subjects.release(journal.number_of(kept), BY) == "it is not held"
    assert await journal.subjects.hold(journal.number_of(kept), BY) is None
    done = await journal.subjects.erase(tag(journal, ANA), BY)
    assert (done.held, done.messages) == ((journal.number_of(kept),), 1)
    house.time.pass_(400 * 86_400)
    await journal.purge(house.time.ms)
    case, other = await journal.case(journal.number_of(kept)), await journal.case(journal.number_of(gone))
    assert case is not None
    assert other is not None
    assert case.complaint is not None
    assert case.complaint.message.text == "AGAM " + CANARY
    assert await journal.raw(journal.number_of(kept))
    assert case.history[0].reason == BY.reason
    assert other.complaint is None
    assert [(one.number, one.who, one.reason) for one in await journal.subjects.held()] == [(case.number, "siti", BY.reason)]
    assert await journal.subjects.release(case.number, BY) is None
    assert not await journal.subjects.held()
    await journal.purge(house.time.ms)
    assert not await journal.raw(case.number)
    await journal.close()


def test_a_purge_without_the_hold_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from forwarder.journal import purge, purging  # noqa: PLC0415

    bare = tuple(purge.Kind(kind.name, kind.find.replace("legal_hold", "(SELECT 0 AS complaint)"), kind.erase) for kind in purge.KINDS)
    monkeypatch.setattr(purging, "KINDS", bare)
    with pytest.raises(AssertionError):
        test_what_is_under_legal_hold_is_neither_erased_nor_purged(tmp_path)


def test_the_audit_is_cut_at_its_beginning_alone_and_says_so(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(audit_days=30))

    async def run() -> None:
        journal = house.open()
        for number in range(4):
            await journal.subjects.note(Deed("siti", "view", f"GA{number:04}", "dilihat"))
            house.time.pass_(20 * 86_400)
        await journal.purge(house.time.ms)
        connection = connection_of(journal)
        rows = connection.execute("SELECT id, at_ms, who, what, about, sealed_reason, chain FROM audit ORDER BY id").fetchall()
        assert [row[3] for row in rows] == ["view", "cut"]
        last, chain = beginning(connection)
        assert last == rows[0][0] - 1
        for number, at_ms, who, what, about, sealed, expected in rows:
            chain = link(chain, number, at_ms, Deed(who, what, about), sealed)
            assert chain == expected
        await journal.close()

    asyncio.run(run())


def test_numbers_of_a_site_are_the_same_before_and_after_its_keys_are_kept_apart() -> None:
    """The journals of version 5 were numbered and tagged by what these derive from their first master key."""
    sealer = Sealer(KEY)
    assert numbering(sealer, SETTINGS).number_of(1) == numbering(sealer.rooted(Roots.of(KEY)), SETTINGS).number_of(1)
    assert legal.PURPOSE == "hold"
