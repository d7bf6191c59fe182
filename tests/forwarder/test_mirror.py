"""The mirror: what is accepted is there, too, before the yes; what is not there is told later; and a journal can be made of it."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from forwarder import mirror
from forwarder.journal import Adopted, Journal, JournalSettings, Sealer, Settlement, adopt, audit, verify
from forwarder.journal.orders import Deed
from forwarder.lifecycle import ComplaintMove
from forwarder.mirror import AHEAD, MirrorDown, RedisMirror, entries, look, rooted, stream_of
from forwarder.mirror_settings import MirrorSettings
from forwarder.records import Kind
from parsers.errors import JournalError
from parsers.model import Segment
from tests.journal.people import EPOCH_MS, KEY, Composer, House, part, segment
from tests.journal.shaky import Shaky
from tests.journal.test_arrivals import crash
from tests.journal.test_audit import CUTTING
from tests.valkey import Valkey, valkey

WAIT_SECONDS = 30.0
QUICK = JournalSettings(heartbeat_seconds=0.1, free_octets_min=0, retry_seconds=0.05)


@dataclass
class Twin(House):
    """A house with a mirror."""

    server: Valkey | None = None
    key: bytes = KEY
    copies: int = 0
    changes: dict[str, object] = field(default_factory=dict)
    mirror: RedisMirror | None = None

    @property
    def where(self) -> MirrorSettings:
        assert self.server is not None
        return MirrorSettings(redis=self.server.url, replicas=self.copies, answer_seconds=0.5 if self.copies == 0 else 10.0, **self.changes)  # type: ignore[arg-type]

    def open(self) -> Journal:
        self.mirror = RedisMirror(self.where, "A", Sealer(self.key), monotonic=self.time.monotonic)
        return Journal.open(
            self.path,
            sealer=Sealer(KEY),
            settings=self.settings,
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            composer=self.composer,  # type: ignore[arg-type]  # understands no posts
            free=lambda _: self.free,
            vfs=self.vfs,
            mirror=self.mirror,
        )

    async def ready(self) -> Journal:
        journal = self.open()
        await until(lambda: journal.health().cause is None)
        return journal

    def adopt(self, path: Path, backup: Path | None = None) -> Adopted:
        def opened(where: Path) -> Journal:
            new = Twin(where.parent, self.time, self.settings, self.composer, name=where.name, server=self.server)
            return new.open()

        found = entries(self.where, "A", Sealer(KEY))
        return asyncio.run(adopt(found, path, backup=backup, replace=False, opened=opened, now_ms=self.time.ms))


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not met():
            await asyncio.sleep(0.01)


@pytest.fixture
def server() -> Iterator[Valkey]:
    with valkey(appendonly="yes", appendfsync="always") as one:
        yield one


def messages(path: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [
            tuple(row)
            for row in connection.execute("SELECT m.id, c.state FROM message AS m JOIN complaint AS c ON c.message = m.id ORDER BY 1")
        ]
    finally:
        connection.close()


def test_what_was_accepted_is_adopted_and_nothing_of_it_is_sent_by_itself(tmp_path: Path, server: Valkey) -> None:
    house, last = Twin(tmp_path / "old", settings=QUICK, server=server), list[Segment]()

    async def run() -> None:
        journal = await house.ready()
        session = await journal.begin_session("telkomsel", "a")
        verdicts = await journal.accept(house.many(journal, 20))
        ids = [verdict.complaint_id or 0 for verdict in verdicts]
        await journal.start_filing([(one, 1) for one in ids[:6]])
        await journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"T{one}") for one in ids[:5]])
        await journal.accept([part("AGAM KENARI ", 1, 2, source="62855")])
        last.append(segment("AGAM KENARI terakhir", session=session))
        await journal.accept([house.arrival(journal, last[0])])  # so that what was settled is there, too
        await crash(journal)

    asyncio.run(run())
    shutil.rmtree(house.directory)
    done = house.adopt(tmp_path / "new" / "journal.db")
    states = [state for _, state in messages(tmp_path / "new" / "journal.db")]
    assert states.count("filed") == 5
    assert states.count("unknown") == 17  # the rest, and what was made of the part
    assert len(states) == 22
    assert done.orphans == 0
    assert not verify(tmp_path / "new" / "journal.db", Sealer(KEY), every=True).problems
    octets = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file()).lower()
    for canary in (b"kenari", b"62855", b"aduan nomor", b"6281200000"):
        assert canary not in octets, canary
        assert canary.hex().encode() not in octets, canary

    async def again() -> None:
        after = Twin(tmp_path / "new", settings=QUICK, server=server, time=house.time)
        journal = await after.ready()
        assert journal.opening.restored is not None
        assert journal.opening.restored.startswith("adopted from the mirror as of 2026-")
        assert await journal.ready(100, house.time.ms) == []
        assert (await journal.accept([after.arrival(journal, last[0])]))[0].kind is Kind.REDELIVERY, "its yes may not have arrived"
        assert (await journal.accept(after.many(journal, 1, start=99)))[0].kind is Kind.STORED
        await journal.close()

    asyncio.run(again())
    house.adopt(tmp_path / "third" / "journal.db")
    assert len(messages(tmp_path / "third" / "journal.db")) == 23, "the mirror goes on with whoever adopted it, and nothing is made twice"


def test_while_the_mirror_is_away_operators_hear_later_and_afterwards_yes(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path, settings=QUICK, server=server)

    async def run() -> None:
        journal = await house.ready()
        first = (await journal.accept(house.many(journal, 1)))[0].complaint_id or 0
        server.kill()
        with pytest.raises(JournalError, match="the mirror did not confirm"):
            await journal.accept(house.many(journal, 1, start=1))
        with pytest.raises(JournalError, match="the mirror does not confirm"):
            await journal.accept(house.many(journal, 1, start=2))
        assert await journal.start_filing([(first, 1)]) == {first}, "what is here is still filed"
        server.start()
        await until(lambda: journal.health().cause is None)
        assert (await journal.accept(house.many(journal, 1, start=1)))[0].kind is Kind.REDELIVERY, "it is here, and there by now"
        assert (await journal.accept(house.many(journal, 1, start=2)))[0].kind is Kind.STORED
        await crash(journal)

    asyncio.run(run())
    house.adopt(tmp_path / "new" / "journal.db")
    assert [state for _, state in messages(tmp_path / "new" / "journal.db")] == ["unknown"] * 3


def test_what_the_mirror_had_not_confirmed_is_sent_after_a_restart(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path, settings=QUICK, server=server)

    async def run() -> None:
        journal = await house.ready()
        await journal.begin_session("telkomsel", "a")
        await until(lambda: house.mirror is not None and house.mirror.waiting == 0)
        server.kill()
        with pytest.raises(JournalError):
            await journal.accept(house.many(journal, 1))
        await crash(journal)
        server.start()
        journal = await house.ready()
        assert (await journal.accept(house.many(journal, 1)))[0].kind is Kind.REDELIVERY
        await crash(journal)

    asyncio.run(run())
    house.adopt(tmp_path / "new" / "journal.db")
    assert len(messages(tmp_path / "new" / "journal.db")) == 1


def test_what_the_mirror_has_and_our_disk_has_not_is_never_adopted_beside_its_copy(tmp_path: Path, server: Valkey) -> None:
    disk = Shaky()
    house = Twin(tmp_path, settings=QUICK, server=server, vfs=disk.name)

    async def run() -> None:
        journal = await house.ready()
        await journal.accept(house.many(journal, 1))
        disk.only, disk.fail_from = "sync", 0
        with pytest.raises(JournalError, match="disk error"):
            await journal.accept(house.many(journal, 1, start=1))
        disk.heal()
        house.time.pass_(1)
        await until(lambda: journal.health().cause is None)
        await journal.accept(house.many(journal, 1, start=1))
        await journal.close()

    try:
        asyncio.run(run())
    finally:
        disk.close()
    house.adopt(tmp_path / "new" / "journal.db")
    assert len(messages(tmp_path / "new" / "journal.db")) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"appendonly": "no"}, "keeps no AOF: set appendonly yes"),
        ({"appendonly": "yes", "include": "old.conf"}, "no WAITAOF: it must be Valkey, or Redis 7.2 or newer"),
        ({"appendonly": "yes", "maxmemory_policy": "allkeys-lru"}, "maxmemory-policy allkeys-lru may drop what is mirrored"),
        ({"appendonly": "yes", "requirepass": "x"}, "Authentication"),
    ],
    ids=["no AOF", "too old", "evicts", "no password"],
)
def test_a_server_that_cannot_be_a_mirror_is_named(tmp_path: Path, options: dict[str, str], says: str) -> None:
    (tmp_path / "old.conf").write_text('rename-command WAITAOF ""\n')  # as a server before 7.2
    options = {name: str(tmp_path / value) if name == "include" else value for name, value in options.items()}
    with valkey(**options) as server:
        house = Twin(tmp_path, settings=QUICK, server=server)

        async def run() -> None:
            journal = house.open()
            await until(lambda: says in (journal.health().cause or ""))
            with pytest.raises(JournalError, match="the mirror does not confirm"):
                await journal.accept(house.many(journal, 1))
            await journal.close()

        asyncio.run(run())


def test_a_replica_that_is_missing_is_no_silent_yes(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path, settings=QUICK, server=server)

    async def run() -> None:
        settings = MirrorSettings(redis=server.url, replicas=1, answer_seconds=0.2)
        mirror = RedisMirror(settings, "A", Sealer(KEY), monotonic=time.monotonic)
        journal = Journal.open(
            house.path,
            sealer=Sealer(KEY),
            settings=QUICK,
            clock=house.time.clock,
            composer=house.composer,
            mirror=mirror,  # type: ignore[arg-type]
        )
        await until(lambda: "only 1 of 2 disks" in (journal.health().cause or ""))
        await journal.close()

    asyncio.run(run())


def test_with_a_replica_both_disks_have_it_before_the_yes(tmp_path: Path, server: Valkey) -> None:
    (tmp_path / "replica").mkdir()
    (tmp_path / "replica.conf").write_text(f"replicaof 127.0.0.1 {server.port}\nrepl-diskless-sync-delay 0\n")
    with valkey(tmp_path / "replica", appendonly="yes", appendfsync="always", include=str(tmp_path / "replica.conf")) as replica:
        house = Twin(tmp_path / "old", settings=QUICK, server=server, copies=1)

        async def run() -> None:
            journal = await house.ready()
            await journal.accept(house.many(journal, 10))
            server.kill()
            replica.kill()
            await crash(journal)

        asyncio.run(run())
        replica.start()
        house.server = replica
        client = replica.client()
        assert client.xlen(stream_of("A")) > 0
        client.replicaof("NO", "ONE")
        client.close()
        house.copies = 0
        house.adopt(tmp_path / "new" / "journal.db")
    assert len(messages(tmp_path / "new" / "journal.db")) == 10


def test_another_key_and_an_older_journal_are_refused(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path / "a", settings=QUICK, server=server)

    async def run() -> None:
        journal = await house.ready()
        await journal.accept(house.many(journal, 3))
        await journal.accept(house.many(journal, 3, start=3))
        await journal.close()
        for directory, key, says in (("a", b"y" * 32, "sealed with another master key"), ("b", KEY, AHEAD)):
            other = Twin(tmp_path / directory, settings=QUICK, server=server, key=key)
            journal = other.open()
            await until(lambda: says in (journal.health().cause or ""))  # noqa: B023 - waited for here
            with pytest.raises(JournalError):
                await journal.accept(other.many(journal, 1))
            await journal.close()

    asyncio.run(run())
    with pytest.raises(MirrorDown, match="another master key"):
        next(entries(house.where, "A", Sealer(b"y" * 32)))
    with pytest.raises(MirrorDown, match="nothing of gateway B"):
        next(entries(house.where, "B", Sealer(KEY)))


def test_what_is_finished_and_old_is_forgotten_and_what_is_not_is_kept(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path, settings=QUICK, server=server, changes={"keep_hours": 1.0}, composer=Composer(reply=None))

    async def run() -> int:
        journal = await house.ready()
        for start in (0, 1, 2):
            await journal.accept(house.many(journal, 1, start=start))
            house.time.pass_(40 * 3600)  # more than a key of a person lives
        ids = [one.complaint_id for one in await journal.ready(10, house.time.ms)]
        await journal.start_filing([(one, 1) for one in ids[:2]])
        await journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"T{one}") for one in ids[:2]])
        house.time.pass_(3600)
        await journal.accept(house.many(journal, 1, start=3))
        house.time.pass_(120)
        client = server.client()
        await until(lambda: int(client.xrange(stream_of("A"), count=1)[0][1][b"t"]) > EPOCH_MS + 79 * 3600_000)
        first = int(client.xrange(stream_of("A"), count=1)[0][1][b"t"])
        client.close()
        await journal.close()
        return first

    assert asyncio.run(run()) == EPOCH_MS + 80 * 3600_000, "the oldest thing that is unfinished is the first"
    house.adopt(tmp_path / "new" / "journal.db")
    assert [state for _, state in messages(tmp_path / "new" / "journal.db")] == ["unknown", "unknown"]


def adopt_a_week_later(folder: Path, server: Valkey) -> list[str]:
    """A citizen writes twice within a day; the first is finished and forgotten by the mirror, the second is not. What does not open."""
    house = Twin(folder / "old", settings=QUICK, server=server, changes={"keep_hours": 1.0}, composer=Composer(reply=None))

    async def run() -> None:
        journal = await house.ready()
        (first,) = await journal.accept(house.many(journal, 1))
        await journal.start_filing([(first.complaint_id or 0, 1)])
        await journal.settle([Settlement(first.complaint_id or 0, 1, ComplaintMove.FILED, "T1")])
        house.time.pass_(20 * 3600)
        await journal.accept([house.arrival(journal, segment("AGAM yang kedua", "6281200000000", received_ms=house.time.ms))])
        for number in range(3):
            house.time.pass_(60 * 3600)
            await journal.accept([house.arrival(journal, segment("STATUS", f"6285{number}", received_ms=house.time.ms))])
        client = server.client()
        oldest = EPOCH_MS + (0 if mirror.KEYS_MS else 20 * 3_600_000)
        await until(lambda: int(client.xrange(stream_of("A"), count=1)[0][1][b"t"]) >= oldest)
        client.close()
        await crash(journal)

    asyncio.run(run())
    house.adopt(folder / "new" / "journal.db")
    return verify(folder / "new" / "journal.db", Sealer(KEY), every=True).problems


def test_what_is_adopted_has_the_keys_of_its_persons_although_they_are_older(tmp_path: Path, server: Valkey) -> None:
    assert not adopt_a_week_later(tmp_path, server)


def test_a_mirror_that_forgets_keys_too_early_is_noticed(tmp_path: Path, server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "KEYS_MS", 0)
    assert "cannot be opened" in adopt_a_week_later(tmp_path, server)[0]


def test_after_a_rotation_the_mirror_is_adopted_with_the_new_master_key_alone(tmp_path: Path, server: Valkey) -> None:
    house = Twin(tmp_path / "old", settings=QUICK, server=server)
    newest = b"the next master key, no secret"

    async def run() -> tuple[str, bytes]:
        journal = await house.ready()
        (verdict,) = await journal.accept(house.many(journal, 1))
        seals = journal._writer._books.sealer
        assert house.mirror is not None
        for one in (seals, house.mirror._sealer):  # in a gateway they are of one kin
            one.take({1: KEY, 2: newest})
        async for _ in journal.keys.rotate():
            pass
        await journal.accept(house.many(journal, 1, start=1))
        await crash(journal)
        return journal.number_of(verdict.complaint_id or 0), journal.subjects.tag_of("+6281200000000")

    number, tag = asyncio.run(run())
    alone = rooted(house.where, "A", Sealer(newest, key_id=2))
    with pytest.raises(MirrorDown, match="another master key"):
        rooted(house.where, "A", Sealer(KEY))

    def opened(where: Path) -> Journal:
        return Journal.open(where, sealer=alone, settings=QUICK, clock=house.time.clock, composer=house.composer)  # type: ignore[arg-type]

    target = tmp_path / "new" / "journal.db"
    asyncio.run(adopt(entries(house.where, "A", alone), target, backup=None, replace=False, opened=opened, now_ms=house.time.ms))
    assert not verify(target, Sealer(newest, key_id=2), every=True).problems

    async def again() -> None:
        journal = opened(target)
        assert journal.subjects.tag_of("+6281200000000") == tag
        case = await journal.case(number)
        assert case is not None
        assert case.complaint is not None
        await journal.close()

    asyncio.run(again())


ACL = "user mirror on >geheim ~gw:mirror:* +@stream +@string +@connection +waitaof +info\n"


def test_the_rights_that_are_asked_for_are_enough_and_fewer_are_named(tmp_path: Path) -> None:
    for acl, fits in ((ACL, True), (ACL.replace(" +info", ""), False)):
        (tmp_path / "acl.conf").write_text(acl)
        with valkey(appendonly="yes", include=str(tmp_path / "acl.conf")) as server:
            cause = look(MirrorSettings(redis=server.url, replicas=0, user="mirror", password="geheim"))
        assert (cause is None) is fits, cause
        assert fits or "info" in str(cause)


def test_with_the_newest_backup_what_was_finished_before_comes_back_too(tmp_path: Path, server: Valkey) -> None:
    from tests.journal.test_backup import made  # noqa: PLC0415 - only this test makes one

    house = Twin(tmp_path / "old", settings=QUICK, server=server)

    async def run() -> Path:
        journal = await house.ready()
        await journal.accept(house.many(journal, 5))
        backup = (await made(journal.vault, tmp_path / "backups")).path
        await journal.accept(house.many(journal, 5, start=5))
        await crash(journal)
        return backup

    backup = asyncio.run(run())
    client = server.client()
    client.execute_command("XTRIM", stream_of("A"), "MAXLEN", 1)
    client.close()
    assert house.adopt(tmp_path / "without" / "journal.db").late
    assert len(messages(tmp_path / "without" / "journal.db")) == 5
    assert not house.adopt(tmp_path / "with" / "journal.db", backup).late
    assert len(messages(tmp_path / "with" / "journal.db")) == 10


def test_the_audit_is_adopted_whole_with_what_was_cut_from_it_and_guarded_again(tmp_path: Path, server: Valkey) -> None:
    house, noted = Twin(tmp_path / "old", settings=QUICK, server=server), list[str]()

    async def run() -> None:
        journal = await house.ready()
        for number in range(5):
            house.time.pass_(60)
            await journal.audit.note(Deed("siti", "look", f"G7K2Q{number}", "why"))
        await journal.vault.write(CUTTING, [house.time.ms - 90_000])
        await journal.audit.note(Deed("siti", "look", "G7K2QP", "why"))
        noted.append(str(await journal.audit.head()))
        await until(lambda: journal.health().cause is None)
        await journal.accept(house.many(journal, 1))  # so that the mirror has all of it
        await crash(journal)

    asyncio.run(run())
    house.adopt(tmp_path / "new" / "journal.db")
    connection = apsw.Connection(str(tmp_path / "new" / "journal.db"))
    found = audit.check(connection, noted[0])
    assert (found.broken, found.first) == (None, 4)
    assert found.head.row == 8, "rows 4 to 7, and that it was restored"
    with pytest.raises(apsw.ConstraintError, match="never taken out"):
        connection.execute("DELETE FROM audit")
    connection.close()
