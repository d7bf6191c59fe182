"""One person's rights: export, restriction, erasure to the last octet; what a court needs is kept; the audit forgets only its beginning."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import Deed, Hand, Journal, JournalSettings, Sealer, Settlement, erasure, purge, purging, works
from forwarder.journal.audit import CUT, check
from forwarder.journal.persons import row_of
from forwarder.journal.seal import key_of
from forwarder.lifecycle import ComplaintMove, ComplaintState, ReplyMove, ReplyState
from forwarder.records import Kind
from parsers.errors import JournalError
from tests.journal.people import KEY, House, part, segment
from tests.journal.test_arrivals import crash
from tests.journal.test_persons import ANA, BUDI, BY, CANARY, SETTINGS, alive, connection_of, file, say, settled, tag, value
from tests.journal.test_posts import DAY, SARI, Life, post
from tests.journal.test_posts import play as posts


@alive
async def test_an_export_has_all_that_is_held_and_nothing_of_anybody_else(house: House) -> None:
    journal = house.open()
    one = await settled(journal, house, ANA, CANARY)
    await journal.note(journal.number_of(one), Hand("budi", "sudah ditelepon"))
    await journal.courses.hear([Course(f"{70_000 + one}", CourseStatus.DONE, "Selesai", answer="Sudah diganti.")])
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
    assert message["complaint"]["course"]["answer"] == "Sudah diganti."
    assert [one["reply"] is not None for one in message["complaint"]["news"]] == [True, True]
    assert [reply["kind"] for reply in message["replies"]] == ["receipt_filed", "news_answer"]
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
        "SELECT o.sealed_answer FROM message AS m JOIN course AS o ON o.complaint = m.complaint WHERE m.reporter_tag = ?",
    ):
        for (sealed,) in connection.execute(sql, (reporter,)).fetchall():
            yield sealed[9:]
            yield row_of(connection, key_of(sealed)) or b""
    connection.close()


async def a_life(journal: Journal, house: House, source: str) -> int:
    """Filed, noted, answered by its agency, in parts, and asked for; nothing is open."""
    one = await settled(journal, house, source, CANARY)
    await journal.courses.hear([Course(f"{70_000 + one}", CourseStatus.DONE, "Selesai", answer=CANARY)])
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
        wanted = [*canaries(house, ANA), tag(journal, ANA)]
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


OWN_TESTS = ("post", "earlier", "reply", "UPDATE part ", "pin_turn", "question")
"""Words of the statements that have a planted fault of their own: posts, replies and parts of earlier versions here,
the cluster's in tests/cluster, that of questions in tests/gateway/test_talk_journal.py."""


@pytest.mark.parametrize("at", [at for at, sql in enumerate(erasure._FORGET) if not any(word in sql for word in OWN_TESTS)])
def test_an_erasure_that_forgets_a_column_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The fault, planted: what each statement of the erasure is for shows when it is left out."""
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
    await write(works.ACCEPT, late)
    texts = sorted(one.complaint.message.text for one in await journal.ready(10, house.time.ms))
    assert texts == ["AGAM bag AGAM bag ", "AGAM baru"]
    await journal.close()


@alive
async def test_an_erasure_that_was_broken_off_is_finished_by_the_next(house: House) -> None:
    journal = house.open()
    ids = [await settled(journal, house, ANA, f"aduan {number}") for number in range(7)]
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
        said = [what for (what,) in connection.execute("SELECT what FROM audit ORDER BY id").fetchall()]
        assert said == ["view", CUT]
        found = check(connection)
        assert (found.broken, found.rows) == (None, 2)
        await journal.close()

    asyncio.run(run())


# ── posts ──


def test_an_erased_author_is_nowhere_and_no_post_of_his_is_filed_again(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        (first,) = await life.take(post(100, "KENARI satu", thread="t"))
        await life.file(first)
        life.house.time.pass_(20)
        (job,) = await life.start()
        await life.settle(job.reply_id, ReplyMove.SENT, "555000111222333")
        await life.take(post(101, "KENARI dua", key="100", version=2, thread="t"))
        await life.take(post(102, "KENARI tambahan", thread="t"))
        await life.take(post(103, "STOP"))
        tags = await life.rows("SELECT key_tag, words_tag, thread_tag FROM post")
        ids = [row[0] for row in await life.rows("SELECT sealed_ids FROM post UNION ALL SELECT sealed_content FROM earlier")]
        mine = life.journal.subjects.tag_of(SARI)
        assert len(ids) == 4
        refused = (await life.journal.subjects.erase(mine, BY)).refused or ""
        assert "an addition to" in refused
        assert "not settled" in refused
        done = await life.journal.subjects.erase(mine, BY, force=True)
        assert (done.refused, done.messages, done.log_left) == (None, 3, False)
        octets = octets_of(tmp_path)
        for sealed in ids:
            assert sealed[9:] not in octets
        for gone in (mine, tags[0][1], tags[0][2], b"555000111222333", b"KENARI"):
            assert gone not in octets, gone
        for table in ("earlier", "raw", "claim", "handed", "silence", "pin_door", "reply_count", "restriction", "blocked"):
            assert await life.rows(f"SELECT * FROM {table}") == [], table  # noqa: S608 - names of our own tables
        again = post(104, "KENARI tiga", key="100", version=3, thread="t")
        assert await life.kinds(again, post(102, "KENARI tambahan", thread="t")) == [Kind.REDELIVERY] * 2, "a copy may still come"
        life.house.time.pass_(8 * DAY)
        await life.journal.purge(life.house.time.ms)
        assert tags[0][0] not in octets_of(tmp_path), "and then no more"
        (case,) = [await life.case(first)]
        assert (case.state, case.complaint, case.additions[0].text) == (ComplaintState.FILED, None, None)

    posts(tmp_path, story)


@pytest.mark.parametrize("word", ["post SET sealed_ids", "earlier", "raw", "message SET"])
def test_an_erasure_that_forgets_something_of_posts_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setattr(erasure, "_FORGET", tuple("SELECT ?1" if word in sql else sql for sql in erasure._FORGET))
    with pytest.raises((AssertionError, JournalError)):
        test_an_erased_author_is_nowhere_and_no_post_of_his_is_filed_again(tmp_path)


def test_an_answer_that_got_lost_is_not_asked_for_when_its_citizen_is_erased(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        (first,) = await life.take(post(100, "KENARI satu"))
        await life.file(first)
        life.house.time.pass_(20)
        (job,) = await life.start()
        await life.settle(job.reply_id, ReplyMove.LOST_ANSWER)
        assert (await life.journal.subjects.erase(life.journal.subjects.tag_of(SARI), BY)).refused is None
        life.house.time.pass_(3600)
        assert not await life.journal.feed.start_look_ups(10, life.house.time.ms)
        assert await life.rows("SELECT count(*) FROM reply WHERE due_ms IS NOT NULL") == [(0,)]

    posts(tmp_path, story)


def test_an_erasure_that_forgets_lost_answers_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "_FORGET", tuple("SELECT ?1" if "UPDATE reply" in sql else sql for sql in erasure._FORGET))
    with pytest.raises(AssertionError):
        test_an_answer_that_got_lost_is_not_asked_for_when_its_citizen_is_erased(tmp_path)


def test_parts_that_an_earlier_version_kept_go_with_their_message(tmp_path: Path) -> None:
    house = House(tmp_path, settings=SETTINGS)

    async def run() -> int:
        journal = house.open()
        await a_life(journal, house, ANA)
        connection_of(journal).execute("UPDATE part_set SET reporter_tag = NULL")  # as before version 6
        assert (await journal.subjects.erase(tag(journal, ANA), BY)).refused is None
        left = connection_of(journal).execute("SELECT count(*) FROM part WHERE sealed_pdu IS NOT NULL").get
        await journal.close()
        return int(left)

    assert asyncio.run(run()) == 0


def test_an_erasure_that_forgets_such_parts_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "_FORGET", tuple("SELECT ?1" if "UPDATE part " in sql else sql for sql in erasure._FORGET))
    with pytest.raises(AssertionError):
        test_parts_that_an_earlier_version_kept_go_with_their_message(tmp_path)


def test_a_copy_is_known_after_an_erasure_though_the_clock_was_set_forward(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(heartbeat_seconds=60))

    async def run() -> None:
        journal = house.open()
        one = segment(f"AGAM {CANARY}", ANA.lstrip("+"), session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        (stored,) = await journal.accept([house.arrival(journal, one)])
        await file(journal, stored.complaint_id or 0)
        connection_of(journal).execute("INSERT INTO claim (complaint, tag, part) VALUES (?, x'00', 0)", (stored.complaint_id,))
        house.time.ms += 30 * 86_400_000  # nobody waited so long
        await journal.accept(house.many(journal, 1, start=7))
        assert (await journal.subjects.erase(tag(journal, ANA), BY, force=True)).refused is None
        assert connection_of(journal).execute("SELECT count(*) FROM claim").get == 1
        again = segment(f"AGAM {CANARY}", ANA.lstrip("+"), session=await journal.begin_session("telkomsel", "a"), received_ms=house.time.ms)
        assert [one.kind for one in await journal.accept([house.arrival(journal, again)])] == [Kind.RESEND]
        assert (await journal.counts()).complaints[ComplaintState.DUPLICATE] == 1
        house.time.pass_(8 * 86_400)
        await journal.accept(house.many(journal, 1, start=8))
        await journal.purge(house.time.ms)
        assert connection_of(journal).execute("SELECT count(*) FROM claim").get == 0
        await journal.close()

    asyncio.run(run())


def test_erasing_many_leaves_no_copy_of_a_sealed_key_or_word_on_a_page_that_was_put_in_order(tmp_path: Path) -> None:
    """Rows that shrink make SQLite move their neighbours, which are erased after them."""
    house = House(tmp_path, settings=SETTINGS)
    count = 300

    async def run() -> None:
        journal = house.open()
        await journal.accept(house.many(journal, count))
        connection = connection_of(journal)
        keys = [sealed for (sealed,) in connection.execute("SELECT sealed_key FROM person ORDER BY id").fetchall()]
        contents = [sealed for (sealed,) in connection.execute("SELECT sealed_content FROM message ORDER BY id").fetchall()]
        for number in [*range(0, count, 2), *range(1, count, 2)]:
            await journal.subjects.erase(journal.subjects.tag_of(f"+62812{number:08d}"), BY, force=True)
        octets = octets_in(house)
        assert not [number for number, sealed in enumerate(keys) if sealed in octets]
        assert not [number for number, sealed in enumerate(contents) if sealed[9:] in octets]
        await journal.close()

    asyncio.run(run())
