"""The way back from a backup: nothing unfinished is sent by itself, no number is given twice, nothing that is there is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from forwarder.journal import (
    Grant,
    Hand,
    Journal,
    JournalLocked,
    JournalSettings,
    ReplyResult,
    Restored,
    Sealer,
    Settlement,
    fits,
    restore,
    verify,
)
from forwarder.journal.number import NUMBERS
from forwarder.journal.revival import IDS_LEAST, IDS_MOST, LOOK_FIRST, skip_of
from forwarder.journal.storage import migrations
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason, ReplyMove
from forwarder.records import Arrival, Kind, Verdict
from parsers.errors import JournalError
from parsers.model import Post, Trigger
from tests.journal.people import KEY, House, part
from tests.journal.test_arrivals import crash
from tests.journal.test_backup import made
from tests.journal.test_posts import CURSOR, Reader, post

SETTINGS = JournalSettings(heartbeat_seconds=60, free_octets_min=0)
NOTED = "restored from the backup of 2026-11-18 11:06:52 UTC"


@dataclass
class Site:
    """A gateway's journal, the backup of it, and the machine it comes back on."""

    house: House
    backup: Path

    def restore(self, target: House, *, replace: bool = False, free: int = 1 << 40) -> Restored:
        found = verify(self.backup, Sealer(KEY), every=True)
        assert not found.problems

        def opened(path: Path) -> Journal:
            return replace_path(target, path).open()

        going = restore(self.backup, target.path, found, replace=replace, opened=opened, now_ms=target.time.ms, free=lambda _: free)
        return asyncio.run(going)


def replace_path(house: House, path: Path) -> House:
    return House(house.directory, house.time, house.settings, house.composer, name=path.name)


def row(house: House, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(house.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [tuple(one) for one in connection.execute(sql)]
    finally:
        connection.close()


async def page(house: House, journal: Journal, posts: list[Post]) -> list[Verdict]:
    """Store a page of posts and the cursor behind it."""
    composer = house.composer
    assert isinstance(composer, Reader)
    arrivals = [Arrival(one, composed=composer.post(journal.next_message_id(), journal.next_complaint_id(), one)) for one in posts]
    return await journal.feed.accept(arrivals, CURSOR)


BEFORE = ["ready", "sending", "unknown", "filed", "parked", "held review", "held grace", "held question", "closed"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A backup of a journal with a complaint in every state, replies in every state, and an open set."""
    house = House(tmp_path / "old", settings=SETTINGS, composer=Reader())

    async def run() -> Path:
        journal = house.open()
        await journal.begin_session("telkomsel", "a")
        await journal.accept([arrival for number in range(9) for arrival in house.many(journal, 1, number)])
        ids = [one.complaint_id for one in await journal.ready(100, house.time.ms)]
        of = dict(zip(BEFORE, ids, strict=False))
        number = {name: journal.number_of(one) for name, one in of.items()}
        await journal.start_filing([(of[name], 1) for name in ("unknown", "filed", "parked")])
        await journal.start_filing([(of["sending"], 1)], Grant("worker", "batch"))
        await journal.settle(
            [
                Settlement(of["unknown"], 1, ComplaintMove.LOST_ANSWER, reason="time-out"),
                Settlement(of["filed"], 1, ComplaintMove.FILED, "T1"),
                Settlement(of["parked"], 1, ComplaintMove.REFUSED, reason="409"),
            ]
        )
        await journal.note_absent(of["unknown"], settling_ms=1)
        for name in ("review", "grace", "question"):
            await journal.hold([number[f"held {name}"]], HeldReason(name), Hand("siti", "wait"))
        await journal.close_cases([number["closed"]], Hand("siti", "spam"))
        house.time.pass_(11)
        jobs = await journal.start_replies(4, house.time.ms)
        await journal.settle_replies(
            [
                ReplyResult(jobs[0].reply_id, ReplyMove.SENT, ("1",)),
                ReplyResult(jobs[1].reply_id, ReplyMove.POSTPONED, next_ms=house.time.ms),
                ReplyResult(jobs[2].reply_id, ReplyMove.REFUSED),
            ]
        )
        await journal.accept([part("AGAM belum ", 1, 2, source="62855")])
        await page(house, journal, [post(1)])
        house.time.pass_(1)
        path = (await made(journal.vault, tmp_path / "backups")).path
        await crash(journal)
        return path

    return Site(house, asyncio.run(run()))


def test_everything_unfinished_is_unknown_and_nothing_is_sent_by_itself(site: Site, tmp_path: Path) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())
    target.time.pass_(3600)
    done = site.restore(target)
    states = row(target, "SELECT id, state, reason, attention, absent_ms FROM complaint ORDER BY id")
    wanted = {
        "ready": ("unknown", NOTED, None, None),
        "sending": ("unknown", "the gateway died while filing", None, None),
        "unknown": ("unknown", "time-out", None, None),
        "filed": ("filed", None, None, None),
        "parked": ("parked", "409", LOOK_FIRST, None),
        "held review": ("held", "review", LOOK_FIRST, None),
        "held grace": ("unknown", NOTED, None, None),
        "held question": ("unknown", NOTED, None, None),
        "closed": ("closed", None, None, None),
    }
    assert [one[1:] for one in states[:9]] == list(wanted.values())
    assert {one[1:3] for one in states[9:]} == {("unknown", NOTED)}, "the post and the set that was open"
    assert row(target, "SELECT state, total FROM part_set") == [("timed_out", 2)]
    assert not row(target, "SELECT id FROM reply WHERE state IN ('due', 'later', 'sending')")
    asked = row(target, "SELECT p.message FROM reply AS r JOIN post AS p ON p.message = r.message WHERE r.due_ms IS NOT NULL")
    assert len(asked) == 1, "X is asked whether its one answer is there"
    assert done.revived.unknown == 7
    assert done.revived.desk == 2
    assert done.revived.sets == 1
    assert not verify(target.path, Sealer(KEY)).problems, "the tally still agrees"

    async def run() -> None:
        journal = target.open()
        assert journal.opening.restored == NOTED
        assert await journal.ready(100, target.time.ms) == []
        target.time.pass_(3600)
        assert await journal.start_replies(100, target.time.ms) == []
        assert len(await journal.unknown(100)) == 7
        assert await journal.workers.unheard(100) == [], "a worker's record speaks of an attempt that may not be the last one"
        said = Settlement(states[1][0], 1, ComplaintMove.NOT_FILED, reason="503", grant=Grant("worker", "batch"))  # type: ignore[arg-type]
        assert not (await journal.settle([said]))[0].moved
        settled = await journal.note_found(states[0][0], "T7")  # type: ignore[arg-type]
        assert settled.reply_id is not None, "the citizen hears the tracking id"
        assert (await journal.counts()).alarms == 1
        await journal.close()
        journal = target.open()
        assert journal.opening.restored is None, "said once"
        await journal.close()

    asyncio.run(run())


@pytest.mark.parametrize("seconds", [0, 60, 86_400, 30 * 86_400, -100])
def test_no_number_is_given_twice(site: Site, tmp_path: Path, seconds: int) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())

    async def lost() -> set[str]:
        """What the old gateway went on to give after the backup: as many as the busiest intake could."""
        journal = site.house.open()
        verdicts = await journal.accept(site.house.many(journal, 500, 1_000))
        await crash(journal)
        return {journal.number_of(verdict.complaint_id or 0) for verdict in verdicts}

    given = asyncio.run(lost())
    target.time.pass_(seconds)
    done = site.restore(target)
    assert done.revived.skipped == skip_of(seconds * 1000) >= IDS_LEAST
    for _ in range(2):  # it holds over restarts, also before the first message

        async def run() -> str:
            journal = target.open()
            number = journal.number_of(journal.next_complaint_id())
            await journal.close()
            return number

        assert asyncio.run(run()) not in given

    async def further() -> None:
        journal = target.open()
        verdicts = await journal.accept(target.many(journal, 500, 5_000))
        assert not given & {journal.number_of(verdict.complaint_id or 0) for verdict in verdicts}
        assert min(verdict.complaint_id or 0 for verdict in verdicts) >= done.revived.first_id
        await journal.close()

    asyncio.run(further())


def test_the_step_of_the_numbers_is_bounded_on_both_sides() -> None:
    assert [skip_of(ms) for ms in (-5, 0)] == [IDS_LEAST] * 2
    assert skip_of(10**15) == IDS_MOST
    assert NUMBERS > 3 * IDS_MOST
    assert skip_of(1000) - skip_of(0) == 20


def test_a_post_found_again_is_held_and_not_answered_and_a_new_one_goes_its_way(site: Site, tmp_path: Path) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())
    target.time.pass_(3600)
    site.restore(target)

    async def run() -> None:
        journal = target.open()
        assert await journal.feed.cursor(CURSOR[0]) == CURSOR[1], "reading goes on from the backup's cursor"
        now = target.time.ms
        lost, partner = post(2, posted_ms=now - 60_000), post(4, posted_ms=now - 3_600_000, trigger=Trigger.DIRECT)
        question = post(5, "STATUS GA7K2Q", posted_ms=now - 60_000)
        target.time.pass_(60)
        new = post(3, posted_ms=target.time.ms)
        verdicts = await page(target, journal, [post(1), lost, question, new, partner])
        assert verdicts[0].kind is Kind.REDELIVERY
        held = verdicts[1].composed
        assert held is not None
        assert (held.state, held.reason, verdicts[1].reply_id) == (ComplaintState.HELD, HeldReason.RESTORED, None)
        assert verdicts[2].reply_id is None, "the lost gateway may have answered it in public"
        for verdict in verdicts[3:]:
            assert verdict.composed is not None
            assert verdict.composed.state is ComplaintState.READY
        await journal.close()

    asyncio.run(run())


def test_a_late_part_after_the_restore_makes_no_second_complaint(site: Site, tmp_path: Path) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())
    site.restore(target)

    async def run() -> None:
        journal = target.open()
        before = sum((await journal.counts()).complaints.values())
        (verdict,) = await journal.accept([part("selesai", 2, 2, source="62855")])
        assert verdict.kind is Kind.LATE_PART
        assert sum((await journal.counts()).complaints.values()) == before
        assert await journal.ready(10, target.time.ms) == []
        await journal.close()

    asyncio.run(run())


def test_a_journal_that_is_there_is_set_aside_and_never_deleted(site: Site) -> None:
    with pytest.raises(JournalError, match="a journal is there already; with --replace"):
        site.restore(site.house)
    assert not site.house.path.with_name("journal.db.restoring").exists()
    before = row(site.house, "SELECT count(*) FROM complaint")
    done = site.restore(site.house, replace=True)
    assert done.aside is not None
    assert done.aside.name == f"journal.db.replaced-{site.house.time.ms}"
    assert row(replace_path(site.house, done.aside), "SELECT count(*) FROM complaint") == before
    asyncio.run(site.house.open().close())


def test_a_gateway_that_runs_is_named(site: Site) -> None:
    journal = site.house.open()
    with pytest.raises(JournalLocked, match="stop that gateway first"):
        site.restore(site.house, replace=True)
    asyncio.run(journal.close())


def test_after_a_restore_that_was_broken_off_no_gateway_begins_an_empty_journal(site: Site, tmp_path: Path) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())
    target.directory.mkdir()
    target.path.with_name("journal.db.restoring").write_bytes(b"half of it")
    with pytest.raises(JournalError, match="a restore was broken off; give it again"):
        target.open()
    site.restore(target)
    asyncio.run(target.open().close())
    assert sorted(path.name for path in target.directory.iterdir()) == ["journal.db", "journal.db.lock"]


def test_the_backup_of_another_gateway_is_refused(site: Site) -> None:
    found = verify(site.backup, Sealer(KEY))
    fits(found, "A")
    with pytest.raises(JournalError, match="it is of gateway A and this is gateway B"):
        fits(found, "B")


@pytest.mark.parametrize("version", [number for number, _ in migrations()])
def test_a_journal_of_an_older_version_comes_back_as_one_of_this(tmp_path: Path, version: int) -> None:
    dump = Path(__file__).with_name("journals") / f"{version:04}.sql"
    old = tmp_path / "journal-A-20260101T000000Z.db"
    connection = apsw.Connection(str(old))
    connection.execute(dump.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {0x4C41504F}; PRAGMA user_version = {version}")
    connection.close()
    target = House(tmp_path / "new", settings=SETTINGS)
    done = Site(target, old).restore(target)
    assert done.revived.first_id > IDS_LEAST

    async def run() -> None:
        journal = target.open()
        assert await journal.ready(10, target.time.ms + 10**9) == []
        await journal.close()

    asyncio.run(run())


def test_a_restore_without_space_leaves_what_was_there(site: Site, tmp_path: Path) -> None:
    target = House(tmp_path / "new", time=site.house.time, settings=SETTINGS, composer=Reader())
    with pytest.raises(JournalError, match="0 MB are free and the journal needs"):
        site.restore(target, free=1000)
    assert not target.path.exists()
    assert not target.path.with_name("journal.db.restoring").exists()
