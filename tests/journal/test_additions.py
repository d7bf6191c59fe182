"""Additions in the journal: every move by the table, behind their complaint, in order, never twice, and nothing of them unseen."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import AdditionResult, Hand, JournalSettings, Sealer, Settlement, verify
from forwarder.journal.adding import CLOSED, DIED, ELSEWHERE, FILED_WHOLE, TURNS_PER_RESTORE
from forwarder.journal.claims import Claimed
from forwarder.journal.restore import restore
from forwarder.journal.standing import WITHDRAWN
from forwarder.journal.storage import migrate
from forwarder.lifecycle import NEXT_ADDITION, AdditionMove, AdditionState, ComplaintMove, ComplaintState, after
from parsers.errors import JournalError
from parsers.model import Trigger
from tests.journal.people import KEY, House, Time, part
from tests.journal.shaky import Shaky
from tests.journal.test_backup import made
from tests.journal.test_posts import ACCOUNT, BUDI, Life, play, post

STATE, MOVE = AdditionState, AdditionMove
BY = Hand("siti", "looked into the core")
DAY = 86_400


def more(number: int, text: str = "juga lampunya mati", **changes: Any) -> Any:
    """What Sari says further in the conversation of her first post."""
    return post(number, text, thread="1", parent="1", trigger=Trigger.REPLY, **changes)


async def begun(life: Life, *texts: str) -> Any:
    """A filed complaint and what was said to it; the verdict of the first."""
    [one] = await life.take(post(1))
    await life.file(one)
    for at, text in enumerate(texts):
        await life.take(more(2 + at, text))
    return one


async def states(life: Life, of: Any) -> list[AdditionState | None]:
    return [one.state for one in (await life.case(of)).additions]


async def sent(life: Life, move: AdditionMove, tracking_id: str | None = None, **changes: Any) -> Any:
    """Start the first that may go and settle it so."""
    [job, *_] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
    assert await life.journal.additions.start([(job.key, job.attempt)]) == {job.key}
    [settled] = await life.journal.additions.settle([AdditionResult(job.key, job.attempt, move, tracking_id, "why", **changes)])
    return job, settled


def test_the_table_leads_nowhere_but_where_it_says() -> None:
    for state, move in itertools.product(AdditionState, AdditionMove):
        if move in NEXT_ADDITION[state]:
            assert isinstance(after(NEXT_ADDITION, state, move), AdditionState)
        else:
            with pytest.raises(LookupError):
                after(NEXT_ADDITION, state, move)
    assert {one for moves in NEXT_ADDITION.values() for one in moves.values()} == set(AdditionState) - set(), "every state is reached"


def test_what_is_said_before_the_complaint_is_filed_goes_after_it_in_its_order(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.take(more(2, "kedua"), more(3, "ketiga"))
        assert await states(life, one) == [STATE.WAITING, STATE.WAITING]
        assert (await life.journal.additions.ready(10, life.house.time.ms)).jobs == []
        await life.file(one)
        for text, key in (("kedua", 2), ("ketiga", 3)):
            [job] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
            supplement = job.supplement
            assert (supplement.text, supplement.key) == (text, f"{supplement.complaint.number}-{key}")
            assert supplement.tracking_id == (await life.case(one)).tracking_id
            await sent(life, MOVE.ADDED, f"9{key}")
        assert await states(life, one) == [STATE.ADDED, STATE.ADDED]
        assert [each.tracking_id for each in (await life.case(one)).additions] == ["92", "93"]

    play(tmp_path, story)


def test_an_unknown_one_holds_back_what_was_said_after_it(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua", "ketiga")
        job, settled = await sent(life, MOVE.LOST_ANSWER, alarm="nobody can ask")
        assert (settled.state, settled.alarm) == (STATE.UNKNOWN, "nobody can ask")
        assert (await life.journal.additions.ready(10, life.house.time.ms)).jobs == []
        assert [each.key for each in await life.journal.additions.unknown(10)] == [job.key]
        assert (await life.journal.counts()).alarms == 1
        await life.journal.additions.note_found(job.key, "95")
        assert [each.supplement.text for each in (await life.journal.additions.ready(10, life.house.time.ms)).jobs] == ["ketiga"]
        assert await states(life, one) == [STATE.ADDED, STATE.READY]

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("move", "state"), [(MOVE.REFUSED, STATE.PARKED), (MOVE.NOT_ADDED, STATE.READY), (MOVE.LOST_ANSWER, STATE.UNKNOWN)]
)
def test_each_answer_of_the_core_has_its_state(tmp_path: Path, move: AdditionMove, state: AdditionState) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        job, settled = await sent(life, move)
        assert (settled.state, settled.moved) == (state, True)
        again = await life.journal.additions.settle([AdditionResult(job.key, job.attempt, move)])
        assert not again[0].moved, "the same answer twice changes nothing"
        assert (await life.case(one)).additions[0].attempts == 1
        waits = [each.key for each in await life.journal.additions.waiting()]
        assert waits == ([] if state is STATE.READY else [f"{(await life.case(one)).number}-2"])

    play(tmp_path, story)


def test_a_fault_of_ours_is_not_charged_and_a_stale_attempt_does_not_start(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        job, _ = await sent(life, MOVE.NOT_ADDED, charged=False, next_ms=life.house.time.ms + 5_000)
        assert (await life.case(one)).additions[0].attempts == 0
        assert (await life.journal.additions.ready(10, life.house.time.ms)).jobs == [], "not before its time"
        assert await life.journal.additions.start([(job.key, 2)]) == set()
        assert await life.journal.additions.start([(job.key, 1), (job.key, 1)]) == {job.key}

    play(tmp_path, story)


def test_absent_counts_when_it_was_said_twice_a_settling_time_apart(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        job, _ = await sent(life, MOVE.LOST_ANSWER)
        assert not await life.journal.additions.note_absent(job.key, settling_ms=150_000)
        life.house.time.pass_(149)
        assert not await life.journal.additions.note_absent(job.key, settling_ms=150_000)
        life.house.time.pass_(2)
        assert await life.journal.additions.note_absent(job.key, settling_ms=150_000)
        assert await states(life, one) == [STATE.READY]
        assert not await life.journal.additions.note_absent(job.key, settling_ms=0)

    play(tmp_path, story)


def test_an_id_of_another_complaint_is_an_alarm_and_its_own_complaints_is_none(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua", "ketiga")
        [other] = await life.take(post(9, "lain", BUDI))
        await life.file(other)
        _, settled = await sent(life, MOVE.ADDED, (await life.case(one)).tracking_id)
        assert (settled.state, settled.alarm) == (STATE.ADDED, None), "the core appended it"
        _, settled = await sent(life, MOVE.ADDED, (await life.case(other)).tracking_id)
        assert settled.state is STATE.UNKNOWN
        assert settled.alarm
        assert (await life.journal.counts()).alarms == 1

    play(tmp_path, story)


def test_a_crash_while_sending_makes_it_unknown_and_nothing_sends_it_again(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        [job] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
        await life.journal.additions.start([(job.key, job.attempt)])
        await life.died()
        [addition] = (await life.case(one)).additions
        assert (addition.state, addition.reason) == (STATE.UNKNOWN, DIED)
        assert (await life.journal.additions.ready(10, life.house.time.ms)).jobs == []
        assert (await life.journal.counts()).alarms == 1

    play(tmp_path, story)


# ── what stays with a person ──


def test_of_a_closed_complaint_it_stays_with_the_desk_and_goes_on_when_a_person_says_so(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.take(more(2))
        number = (await life.case(one)).number
        await life.journal.close_cases([number], BY)
        await life.take(more(3))
        assert [(each.state, each.reason) for each in (await life.case(one)).additions] == [(STATE.DESK, CLOSED)] * 2
        moved = await life.journal.additions.move(number, 2, MOVE.RESEND, BY)
        assert moved.error == "its complaint is closed: send that first"
        await life.journal.resend([number], BY)
        assert (await life.journal.additions.move(number, 2, MOVE.RESEND, BY)).state is STATE.WAITING
        await life.file(one)
        assert await states(life, one) == [STATE.READY, STATE.DESK]
        assert (await life.journal.additions.move(number, 3, MOVE.CLOSE, BY)).state is STATE.CLOSED
        assert [each.move for each in (await life.case(one)).history] == ["close", "resend", f"resend {number}-2", f"close {number}-3"]

    play(tmp_path, story)


def test_of_a_complaint_that_another_gateway_has_it_stays_with_the_desk(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.take(more(2))
        await life.journal.sharing.note_claimed([Claimed(one.complaint_id, "GB2222", 0)])
        await life.take(more(3))
        reason = ELSEWHERE.format(number="GB2222")
        assert [(each.state, each.reason) for each in (await life.case(one)).additions] == [(STATE.DESK, reason)] * 2

    play(tmp_path, story)


def test_what_its_author_took_back_or_changed_does_not_go_in_its_old_words(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua", "ketiga")
        [stale] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
        await life.take(more(2, "kedua, diralat", version=2, id="22", key="2"))
        assert await life.journal.additions.start([(stale.key, stale.attempt)]) == set()
        [fresh] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
        assert fresh.supplement.text == "kedua, diralat"
        await life.journal.feed.note_standing(ACCOUNT, {"2": "deleted"})
        assert await life.journal.additions.start([(fresh.key, fresh.attempt)]) == set()
        first = (await life.case(one)).additions[0]
        assert (first.state, first.reason) == (STATE.DESK, WITHDRAWN)
        assert (await life.journal.additions.move((await life.case(one)).number, 2, MOVE.RESEND, BY)).error

    play(tmp_path, story)


def test_an_erased_text_is_named_and_never_sent(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        life.journal._writer._books.connection.execute("UPDATE message SET sealed_content = NULL WHERE id = (SELECT message FROM addition)")
        found = await life.journal.additions.ready(10, life.house.time.ms)
        assert (found.jobs, len(found.erased)) == ([], 1)
        await life.journal.additions.leave(found.erased, "erased")
        assert await states(life, one) == [STATE.DESK]
        assert (await life.journal.additions.move((await life.case(one)).number, 2, MOVE.RESEND, BY)).error

    play(tmp_path, story)


def test_the_purge_waits_for_what_is_on_its_way(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        life.house.time.pass_(400 * DAY)
        await life.journal.purge(life.house.time.ms)
        assert [each.text for each in (await life.case(one)).additions] == ["kedua"]
        await sent(life, MOVE.ADDED, "92")
        await life.journal.purge(life.house.time.ms)
        assert [each.text for each in (await life.case(one)).additions] == [None]

    play(tmp_path, story)


@pytest.mark.parametrize("together", [True, False], ids=["in one page", "one after the other"])
def test_of_a_flood_the_core_hears_by_a_persons_hand(tmp_path: Path, *, together: bool) -> None:
    async def story(life: Life) -> None:
        one = await begun(life)
        said = [more(number, f"kata {number}") for number in range(2, 25)]
        for page in [said] if together else [[post_] for post_ in said]:
            await life.take(*page)
        reasons = Counter((each.state, each.reason) for each in (await life.case(one)).additions)
        assert reasons == {(STATE.READY, ""): 19, (STATE.DESK, "flood"): 4}, "the complaint itself is one of the twenty"
        life.house.time.pass_(3_601)
        await life.take(more(90, "besok"))
        assert (await life.case(one)).additions[-1].state is STATE.READY

    play(tmp_path, story)


@pytest.mark.parametrize("state", list(AdditionState))
@pytest.mark.parametrize("move", [MOVE.FOUND, MOVE.RESEND, MOVE.CLOSE])
def test_a_move_at_the_desk_goes_where_the_table_says_or_nowhere(tmp_path: Path, state: AdditionState, move: AdditionMove) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        number = (await life.case(one)).number
        connection, books = life.journal._writer._books.connection, life.journal._writer._books
        connection.execute("UPDATE addition SET state = ?, next_ms = 1", (state.value,))
        books.tally.committed["addition", "ready"] -= 1
        books.tally.committed["addition", state.value] += 1
        connection.execute("UPDATE tally SET state = ? WHERE noun = 'addition'", (state.value,))
        moved = await life.journal.additions.move(number, 2, move, BY, "97" if move is MOVE.FOUND else None)
        [now] = await states(life, one)
        if move not in NEXT_ADDITION[state]:
            assert (moved.state, now) == (state, state)
            assert moved.error
            return
        target = after(NEXT_ADDITION, state, move)
        assert moved.error is None
        assert moved.state is now is (STATE.READY if target is STATE.WAITING else target)

    play(tmp_path, story)


@pytest.mark.parametrize(("number", "turn"), [("NOSUCH", 2), ("'; --", 2), ("G" * 500, 99), ("", 0)])
def test_garbage_at_the_desk_moves_nothing(tmp_path: Path, number: str, turn: int) -> None:
    async def story(life: Life) -> None:
        one = await begun(life, "kedua")
        assert (await life.journal.additions.move(number, turn, MOVE.CLOSE, BY)).error
        with pytest.raises(JournalError):
            await life.journal.additions.move((await life.case(one)).number, 2, MOVE.CLOSE, Hand("", ""))
        assert await states(life, one) == [STATE.READY]

    play(tmp_path, story)


def test_a_message_that_waits_by_itself_can_be_tied_to_the_case_it_speaks_of(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        one = await begun(life)
        life.house.composer.state = ComplaintState.HELD
        [two] = await life.take(post(7, "TAMBAH lampu juga", thread="70"))
        to, number = (await life.case(one)).number, (await life.case(two)).number
        assert (await life.journal.additions.tie(number, number, BY)).error
        assert (await life.journal.additions.tie(number, "NOSUCH", BY)).error
        assert (await life.journal.additions.tie(to, number, BY)).error, "what is filed stands by itself"
        moved = await life.journal.additions.tie(number, to, BY)
        assert (moved.state, moved.error) == (ComplaintState.CLOSED, None)
        [job] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
        assert (job.supplement.text, job.supplement.key) == ("TAMBAH lampu juga", f"{to}-2")

    play(tmp_path, story)


# ── late parts ──


async def half(house: House, journal: Any) -> Any:
    """A long SMS of three parts of which one came, filed as it is; its id."""
    await journal.accept([part("AGAM satu ", 1, received_ms=house.time.ms)])
    house.time.pass_(1801)
    [verdict] = await journal.expire_sets(house.time.ms)
    return verdict.complaint_id


def late(house: House, number: int) -> Any:
    return part({2: "dua ", 3: "tiga"}[number], number, received_ms=house.time.ms)


def test_each_late_part_goes_with_the_whole_text_under_a_key_of_its_own(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(heartbeat_seconds=60))

    async def run() -> None:
        journal = house.open()
        complaint = await half(house, journal)
        number = journal.number_of(complaint)
        await journal.start_filing([(complaint, 1)])
        await journal.accept([late(house, 2)])
        await journal.settle([Settlement(complaint, 1, ComplaintMove.FILED, "7")])
        said = []
        for _ in range(2):
            [job] = (await journal.additions.ready(10, house.time.ms)).jobs
            await journal.additions.start([(job.key, job.attempt)])
            said.append((job.supplement.key, job.supplement.text))
            if len(said) == 1:
                await journal.accept([late(house, 3)])  # while the rest is on its way
            await journal.additions.settle([AdditionResult(job.key, job.attempt, MOVE.ADDED, str(len(said)))])
        assert said == [(f"{number}-2", "AGAM satu dua "), (f"{number}-3", "AGAM satu dua tiga")]
        assert (await journal.additions.ready(10, house.time.ms)).jobs == []
        assert journal.additions.tally[STATE.ADDED] == 1
        await journal.close()

    asyncio.run(run())


def test_a_complaint_that_is_sent_again_with_its_late_part_needs_no_addition(tmp_path: Path) -> None:
    house = House(tmp_path, settings=JournalSettings(heartbeat_seconds=60))

    async def run() -> None:
        journal = house.open()
        complaint = await half(house, journal)
        await journal.start_filing([(complaint, 1)])
        await journal.accept([late(house, 2)])
        await journal.settle([Settlement(complaint, 1, ComplaintMove.NOT_FILED, next_ms=0)])
        [filing] = await journal.ready(10, house.time.ms)
        assert filing.complaint.message.text == "AGAM satu dua "
        await journal.start_filing([(complaint, filing.attempt)])
        await journal.settle([Settlement(complaint, filing.attempt, ComplaintMove.FILED, "7")])
        case = await journal.case("7")
        assert case is not None
        assert [(one.state, one.reason) for one in case.additions] == [(STATE.CLOSED, FILED_WHOLE)]
        await journal.close()

    asyncio.run(run())


# ── ways back ──


def test_after_a_restore_nothing_is_sent_by_itself_and_no_key_is_given_twice(tmp_path: Path) -> None:
    life = Life(tmp_path / "old", JournalSettings(heartbeat_seconds=60, free_octets_min=0))

    async def before() -> Path:
        one = await begun(life, "kedua", "ketiga", "keempat")
        await sent(life, MOVE.ADDED, "92")
        [job] = (await life.journal.additions.ready(10, life.house.time.ms)).jobs
        await life.journal.additions.start([(job.key, job.attempt)])
        [waiting] = await life.take(post(50, "lain", BUDI))
        await life.take(post(51, "tambahan", BUDI, thread="50", parent="50", trigger=Trigger.REPLY))
        assert await states(life, one) == [STATE.ADDED, STATE.SENDING, STATE.READY]
        assert await states(life, waiting) == [STATE.WAITING]
        backup = (await made(life.journal.vault, tmp_path / "backups")).path
        await life.journal.close()
        return backup

    backup = asyncio.run(before())
    found = verify(backup, Sealer(KEY), every=True)
    assert not found.problems
    assert found.rows["addition added"] == 1
    target = House(tmp_path / "new", life.house.time, life.house.settings, life.house.composer)

    def opened(path: Path) -> Any:
        return House(target.directory, target.time, target.settings, target.composer, name=path.name).open()

    asyncio.run(restore(backup, target.path, found, replace=False, opened=opened, now_ms=target.time.ms))

    async def then() -> None:
        life.house, life.journal = target, target.open()
        try:
            assert life.journal.additions.tally[STATE.UNKNOWN] == 3
            assert (await life.journal.additions.ready(10, target.time.ms)).jobs == []
            await life.take(more(80, "sesudahnya"))
            keys = {one.key.partition("-")[2] for one in await life.journal.additions.waiting()}
            assert keys == {"3", "4", "2"}
            [row] = await life.rows("SELECT turn FROM addition ORDER BY message DESC LIMIT 1")
            assert row == (TURNS_PER_RESTORE + 1,)
        finally:
            await life.journal.close()

    asyncio.run(then())


def test_a_tally_that_does_not_fit_is_found_by_verify(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await begun(life, "kedua")
        connection = life.journal._writer._books.connection
        connection.execute("UPDATE addition SET state = 'added'")
        with pytest.raises(JournalError, match="addition"):
            await made(life.journal.vault, tmp_path / "backups")
        connection.execute("UPDATE addition SET state = 'ready'")

    play(tmp_path / "old", story, free_octets_min=0)


def test_what_is_salvaged_of_a_damaged_file_is_unknown(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await begun(life, "kedua", "ketiga")
        await life.journal.close()
        connection = apsw.Connection(str(life.house.path))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()
        damaged = life.house.path.with_name("damaged.db")
        life.house.path.rename(damaged)
        life.journal = life.house.open()
        await life.journal.salvage(damaged)
        assert life.journal.additions.tally[STATE.UNKNOWN] == 2

    play(tmp_path, story)


def test_what_an_older_journal_has_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    connection = apsw.Connection(str(path))
    migrate(connection, to=5)
    connection.execute("INSERT INTO addition (complaint, message) VALUES (1, 2), (1, 3)")
    connection.close()

    async def story(life: Life) -> None:
        assert await life.rows("SELECT state, turn, next_ms FROM addition") == [(None, None, None)] * 2
        assert (await life.journal.additions.ready(10, life.house.time.ms)).jobs == []
        assert await life.journal.additions.waiting() == []

    play(tmp_path, story)


# ── kills ──


async def live(house: House, went: list[str], begun: Callable[[], None] = lambda: None) -> None:
    """A short life with additions; stops where the journal says no. `went` is what the core was sent."""
    journal = house.open()
    try:
        complaint = await half(house, journal)
        await journal.start_filing([(complaint, 1)])
        begun()
        await journal.accept([late(house, 2)])
        await journal.settle([Settlement(complaint, 1, ComplaintMove.FILED, "T7")])
        await send(journal, house, went)
        await journal.accept([late(house, 3)])
        await send(journal, house, went)
    finally:
        await journal.close()


async def send(journal: Any, house: House, went: list[str]) -> None:
    for job in (await journal.additions.ready(10, house.time.ms)).jobs:
        if await journal.additions.start([(job.key, job.attempt)]):
            went.append(job.supplement.key)
            await journal.additions.settle([AdditionResult(job.key, job.attempt, MOVE.ADDED, f"T7-{len(went)}")])


@pytest.mark.parametrize("planted", [False, True], ids=["as built", "planted: an unknown one is sent again"])
def test_a_kill_at_every_write_and_sync_sends_nothing_twice(tmp_path: Path, *, planted: bool) -> None:
    disk = Shaky()
    settings = JournalSettings(heartbeat_seconds=60)
    since: list[int] = []
    asyncio.run(live(House(tmp_path / "whole", settings=settings, vfs=disk.name), [], lambda: since.append(len(disk.events))))
    disk.close()
    twice = lost = 0
    for at in range(since[0], len(disk.events) + 1, 7 if planted else 1):
        graves = (tmp_path / f"killed{at}", tmp_path / f"cut{at}")
        disk = Shaky(seed=at, die_at=at, graves=graves)
        went: list[str] = []
        time = Time()
        with suppress(JournalError, IndexError, ValueError):
            asyncio.run(live(House(tmp_path / f"live{at}", settings=settings, vfs=disk.name, time=time), went))
        disk.close()
        for grave in graves:
            doubled, gone = asyncio.run(again(House(grave, settings=settings, time=Time(time.ms + 60_000)), list(went), planted=planted))
            twice, lost = twice + doubled, lost + gone
    assert (twice > 0) is planted
    assert planted or lost == 0


async def again(house: House, went: list[str], *, planted: bool) -> tuple[int, int]:
    """The next life sends what may go: (sent twice, sent and known to nobody any more)."""
    journal = house.open()
    try:
        before = set(went)
        if planted:
            for job in await journal.additions.unknown(10):
                await journal.additions.note_absent(job.key, settling_ms=-1)
                await journal.additions.note_absent(job.key, settling_ms=-1)
        await send(journal, house, went)
        rows = await journal._read(lambda one: list(one.execute("SELECT count(*) FROM addition WHERE state IS NOT NULL")))
        return len(went) - len(set(went)), int(bool(before) and rows == [(0,)])
    finally:
        await journal.close()
