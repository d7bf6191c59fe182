"""Yes means kept: the order of sync and answer, torn logs, kills at every write, disks that fail and recover."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Journal, JournalSettings, ReplyResult, Settlement
from forwarder.journal.jobs import deliver
from forwarder.journal.writer import Writer
from forwarder.lifecycle import ComplaintMove, ComplaintState, ReplyMove
from forwarder.records import Kind, Verdict
from parsers.errors import JournalError, JournalFull
from tests.journal.people import House, Time, part, segment
from tests.journal.shaky import Event, Shaky, copy_files

QUIET = JournalSettings(heartbeat_seconds=60)
WAL = "journal.db-wal"


@pytest.fixture
def disk() -> Iterator[Shaky]:
    one = Shaky()
    yield one
    one.close()


class Eager(Writer):
    """A planted fault: says yes first, and commits when the test has looked."""

    looked = threading.Event()

    def _commit(self, jobs: Sequence[Any]) -> None:
        deliver([(job, [Verdict(Kind.STORED)] * len(job.items)) for job in jobs])
        if jobs:
            assert self.looked.wait(10)
            self.looked.clear()
        super()._commit(jobs)


def plant(journal: Journal) -> None:
    Eager.looked.clear()
    journal._writer.__class__ = Eager


def promised_before_synced(events: Sequence[Event]) -> bool:
    """Whether an answer given after these events came too early: no row written, or not synced."""
    places = {kind: [at for at, event in enumerate(events) if event.kind == kind and event.file == WAL] for kind in ("write", "sync")}
    return not places["write"] or not places["sync"] or places["sync"][-1] < places["write"][-1]


async def answers(journal: Journal, house: House, disk: Shaky) -> list[list[Event]]:
    """What happened on the disk for each of five answers, when it was given."""
    seen = []
    for number in range(5):
        disk.events.clear()
        await journal.accept(house.many(journal, 3, start=number * 3))
        seen.append(list(disk.events))
    return seen


def test_every_answer_comes_after_the_sync_of_its_row(tmp_path: Path, disk: Shaky) -> None:
    house = House(tmp_path, settings=QUIET, vfs=disk.name)

    async def run() -> None:
        journal = house.open()
        assert not [events for events in await answers(journal, house, disk) if promised_before_synced(events)]
        await journal.close()

    asyncio.run(run())


def test_the_order_check_sees_a_journal_that_does_not_sync(tmp_path: Path, disk: Shaky) -> None:
    house = House(tmp_path, settings=QUIET, vfs=disk.name)

    async def run() -> None:
        journal = house.open()
        journal._writer._books.connection.execute("PRAGMA synchronous = OFF")
        assert all(promised_before_synced(events) for events in await answers(journal, house, disk))
        await journal.close()

    asyncio.run(run())


def test_the_order_check_sees_an_answer_before_the_commit(tmp_path: Path, disk: Shaky) -> None:
    house = House(tmp_path, settings=QUIET, vfs=disk.name)

    async def run() -> None:
        journal = house.open()
        plant(journal)
        disk.events.clear()
        await journal.accept(house.many(journal, 3))
        early = promised_before_synced(list(disk.events))
        Eager.looked.set()
        await journal.close()
        assert early

    asyncio.run(run())


async def lengths(journal: Journal, house: House) -> list[tuple[int, set[str]]]:
    """Length of the log at each answer, and the numbers promised by then."""
    promised: set[str] = set()
    seen = []
    for number in range(8):
        arrivals = house.many(journal, 3, start=number * 3)
        await journal.accept(arrivals)
        promised |= {one.composed.complaint.number for one in arrivals if one.composed and one.composed.complaint}
        seen.append((house.path.with_name(WAL).stat().st_size, set(promised)))
        Eager.looked.set()
    return seen


def missing_after_tearing(tmp_path: Path, seen: Sequence[tuple[int, set[str]]]) -> tuple[int, int]:
    """Reopen the files with the log cut or scribbled at every interesting point beyond each answer: (reopenings, missing numbers)."""
    database, log = (tmp_path / "copy" / "journal.db").read_bytes(), (tmp_path / "copy" / WAL).read_bytes()
    reopenings = missing = 0
    for length, promised in seen:
        cuts = {length, length + 1, length + 23, length + 24, length + 25, length + 4119, length + 4120, length + 4121, len(log)}
        for cut in sorted(one for one in cuts if one <= len(log)):
            for tail in (b"", b"\xff" * 5000, bytes(5000), log[32:5032]):
                target = tmp_path / f"torn{reopenings}"
                target.mkdir()
                (target / "journal.db").write_bytes(database)
                (target / WAL).write_bytes(log[:cut] + tail)
                connection = apsw.Connection(str(target / "journal.db"))
                kept = {row[0] for row in connection.execute("SELECT number FROM complaint")}
                assert connection.execute("PRAGMA quick_check(1)").get == "ok"
                connection.close()
                missing += len(promised - kept)
                reopenings += 1
    return reopenings, missing


@pytest.mark.parametrize("planted", [False, True], ids=["as built", "planted fault: yes before the commit"])
def test_a_log_torn_after_the_last_sync_loses_no_accepted_row(tmp_path: Path, *, planted: bool) -> None:
    house = House(tmp_path / "live", settings=QUIET)

    async def run() -> list[tuple[int, set[str]]]:
        journal = house.open()
        if planted:
            plant(journal)
        seen = await lengths(journal, house)
        await journal.counts()
        await asyncio.sleep(0.1 if planted else 0)
        copy_files(house.directory, tmp_path / "copy")
        await journal.close()
        return seen

    reopenings, missing = missing_after_tearing(tmp_path, asyncio.run(run()))
    assert reopenings > 100
    assert (missing > 0) is planted


# What a citizen's messages go through, for the tests that break something at every step of it.


@dataclass
class Promised:
    """What we said yes to, and what was done with it."""

    messages: dict[str, str] = field(default_factory=dict)  # source → text
    filed: dict[str, str] = field(default_factory=dict)  # number → tracking id
    sent_to_core: list[str] = field(default_factory=list)


async def live(house: House, promised: Promised) -> None:
    """A short life: three messages, a long one, filing, replies, the end. Stops where the journal says no."""
    journal = house.open()
    try:
        await journal.begin_session("telkomsel", "a")
        for number in range(3):
            one = segment(f"AGAM aduan {number}", f"6281200{number:06d}", received_ms=house.time.ms)
            await journal.accept([house.arrival(journal, one)])
            promised.messages[one.source.value] = f"AGAM aduan {number}"
        for number, text in ((2, "panjang sekali"), (1, "AGAM aduan yang ")):
            await journal.accept([part(text, number, 2, source="6281299999999")])
        promised.messages["6281299999999"] = "AGAM aduan yang panjang sekali"
        await file_all(journal, house, promised)
        house.time.pass_(11)
        jobs = await journal.start_replies(10, house.time.ms)
        await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, ("a1",)) for job in jobs])
    finally:
        await journal.close()


async def file_all(journal: Journal, house: House, promised: Promised) -> None:
    filings = await journal.ready(10, house.time.ms)
    started = await journal.start_filing([(one.complaint_id, one.attempt) for one in filings])
    results = []
    for one in filings:
        if one.complaint_id in started:
            promised.sent_to_core.append(one.complaint.number)
            results.append(Settlement(one.complaint_id, one.attempt, ComplaintMove.FILED, f"T{one.complaint.number}"))
    for settled, result in zip(await journal.settle(results), results, strict=True):
        assert settled.moved
        number = journal.number_of(result.complaint_id)
        promised.filed[number] = result.tracking_id or ""


async def judge(house: House, promised: Promised) -> None:
    """After the end: every message is there, filed ones stay filed, and nothing is sent to the core a second time."""
    journal = house.open()
    try:
        await file_all(journal, house, promised)
        for source, text in promised.messages.items():
            found = await journal.by_reporter("+" + source)
            assert len([one for one in found if one.state is not ComplaintState.DUPLICATE]) == 1, source
            case = await journal.case(found[0].number)
            assert case is not None
            assert case.complaint is not None
            assert case.complaint.message.text == text
            assert case.state in (ComplaintState.FILED, ComplaintState.UNKNOWN)
        for number, tracking_id in promised.filed.items():
            case = await journal.case(number)
            assert case is not None
            assert case.tracking_id == tracking_id
        assert len(promised.sent_to_core) == len(set(promised.sent_to_core))
    finally:
        await journal.close()


SHARES = 4  # of one test, side by side


def count_events(tmp_path: Path) -> int:
    disk = Shaky()
    asyncio.run(live(House(tmp_path / "whole", settings=QUIET, vfs=disk.name), Promised()))
    disk.close()
    return len(disk.events)


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a disk that is off speaks up where apsw can only report it
@pytest.mark.parametrize("share", range(SHARES))
def test_a_kill_or_a_power_cut_at_every_write_and_sync_loses_nothing_and_doubles_nothing(tmp_path: Path, share: int) -> None:
    events = count_events(tmp_path)
    assert events > 60
    for at in range(1 + share, events + 1, SHARES):
        graves = (tmp_path / f"killed{at}", tmp_path / f"cut{at}")
        disk = Shaky(seed=at, die_at=at, graves=graves)
        promised = Promised()
        time = Time()
        with suppress(JournalError):
            asyncio.run(live(House(tmp_path / f"live{at}", settings=QUIET, vfs=disk.name, time=time), promised))
        disk.close()
        assert disk.dead, at
        for grave in graves:
            copy = Promised(dict(promised.messages), dict(promised.filed), list(promised.sent_to_core))
            asyncio.run(judge(House(grave, settings=QUIET, time=Time(time.ms + 60_000)), copy))


def test_the_kill_test_sees_a_journal_that_does_not_sync(tmp_path: Path) -> None:
    disk = Shaky(seed=7)
    house = House(tmp_path / "live", settings=QUIET, vfs=disk.name)

    async def run() -> None:
        journal = house.open()
        journal._writer._books.connection.execute("PRAGMA synchronous = OFF")
        await journal.accept(house.many(journal, 1))
        disk.power_cut(house.directory, tmp_path / "cut")
        await journal.close()

    asyncio.run(run())
    disk.close()
    promised = Promised(messages={"6281200000000": "AGAM aduan nomor 0"})
    with pytest.raises(AssertionError):
        asyncio.run(judge(House(tmp_path / "cut", settings=QUIET), promised))


ILLS = [(apsw.IOError, None), (apsw.FullError, "write"), (apsw.IOError, "sync"), (apsw.ReadOnlyError, "write")]


@pytest.mark.parametrize(("error", "only"), ILLS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_disk_that_fails_at_any_write_hears_no_false_yes_and_is_used_again_when_it_is_well(
    tmp_path: Path, error: type[apsw.Error], only: str | None
) -> None:
    for at in range(1, 60, 2):
        asyncio.run(fail_and_recover(tmp_path / str(at), at, error, only))


async def fail_and_recover(directory: Path, at: int, error: type[apsw.Error], only: str | None) -> None:
    disk = Shaky(error=error, only=only)
    house = House(directory, settings=QUIET, vfs=disk.name)
    journal = house.open()
    disk.events.clear()
    disk.fail_from = at
    promised, refused, kinds = Promised(), 0, set[type[JournalError]]()
    for number in range(6):
        one = segment(f"AGAM aduan {number}", f"6281200{number:06d}", received_ms=house.time.ms)
        for _ in range(4):
            try:
                verdicts = await journal.accept([house.arrival(journal, one)])
            except JournalError as no:
                kinds.add(type(no))
                refused += 1
                if refused % 2 == 0:
                    disk.heal()
                house.time.pass_(2)
                continue
            assert verdicts[0].kind in (Kind.STORED, Kind.REDELIVERY)
            promised.messages[one.source.value] = f"AGAM aduan {number}"
            break
        for _ in range(6):
            try:
                await file_all(journal, house, promised)
                break
            except JournalError:
                disk.heal()
                house.time.pass_(2)
    assert len(promised.messages) == 6
    assert kinds <= {JournalFull if error is apsw.FullError else JournalError}
    assert journal.health().cause is None
    await journal.close()
    disk.close()
    await judge(House(directory, settings=QUIET, time=house.time), promised)


def test_below_the_floor_of_free_space_nothing_new_is_taken_but_what_is_here_is_settled(tmp_path: Path) -> None:
    house = House(tmp_path, settings=QUIET)

    async def run() -> None:
        journal = house.open()
        promised = Promised()
        await journal.accept(house.many(journal, 2))
        house.free = 1000
        house.time.pass_(2)
        with pytest.raises(JournalFull):
            await journal.accept(house.many(journal, 1, start=5))
        assert journal.health().cause is not None
        await file_all(journal, house, promised)
        assert len(promised.filed) == 2
        house.free = 1 << 40
        house.time.pass_(2)
        assert (await journal.accept(house.many(journal, 1, start=5)))[0].kind is Kind.STORED
        assert journal.health().cause is None
        await journal.close()

    asyncio.run(run())
