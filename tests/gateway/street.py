"""A street of citizens before the real front desk and the real journal: an operator and a core that say yes, and a clock moved by hand.

What is counted here is the conversation, not the wire: what a phone shows is the rendered text, what the core has is the whole `isi`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from forwarder.core import header
from forwarder.journal import AdditionResult, Journal, ReplyResult, Settlement
from forwarder.journal.breaks import whole_account
from forwarder.lifecycle import AdditionMove, AdditionState, ComplaintMove, ComplaintState, ReplyMove
from forwarder.records import Arrival, ReplyJob, Verdict
from forwarder.replies import Texts
from gateway import settings, tables
from gateway.composer import Composer, Desk
from gateway.secrets import Secrets
from gateway.tables import desk_of
from parsers.model import Concat, Segment
from tests.journal.people import EPOCH_MS, NUMBERS, House, segment

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that needs no sync: what is asked here is not about disks
AT_ONCE = 500
GSM7, UCS2 = 0, 8  # data_coding
STRANGE = frozenset("@$_[]{}~^|\\`")  # ASCII that GSM-7 writes otherwise
CHARACTERS_MAX = {GSM7: (160, 153), UCS2: (70, 67)}
"""Of one SMS, and of one part behind its header (3GPP TS 23.040 §9.2.3.24.1)."""
TRACKING_ID_FIRST = 5_000_000


@dataclass(frozen=True, slots=True)
class Sms:
    """What a phone shows: a text of ours."""

    phone: str
    kind: str
    text: str
    at_ms: int


@dataclass(slots=True)
class Street:
    """One journal and everybody around it."""

    house: House
    journal: Journal
    texts: Texts
    shown: Callable[[Sms], None] = lambda _: None
    filed: dict[str, list[str]] = field(default_factory=dict)
    """What the core has, by our number (GA7K2Q, or GA7K2Q-2 for an addition): more than one is filed twice."""
    filed_ms: dict[str, int] = field(default_factory=dict)
    kept: int = 1
    """How often the core keeps what it is told once; more is a planted fault."""
    _references: int = 0
    _next_id: int = TRACKING_ID_FIRST

    @property
    def now_ms(self) -> int:
        """UTC milliseconds."""
        return self.house.time.ms

    def pdus(self, phone: str, text: str) -> list[Arrival]:
        """One SMS, in as many parts as it takes."""
        coding = GSM7 if text.isascii() and STRANGE.isdisjoint(text) else UCS2
        whole, part = CHARACTERS_MAX[coding]
        if len(text) <= whole:
            return [self.house.arrival(self.journal, self._segment(phone, text, coding))]
        self._references = (self._references + 1) % 256
        cuts = [text[at : at + part] for at in range(0, len(text), part)]
        return [
            Arrival(self._segment(phone, one, coding), concat=Concat(self._references, len(cuts), number))
            for number, one in enumerate(cuts, start=1)
        ]

    def _segment(self, phone: str, text: str, coding: int) -> Segment:
        octets = text.encode("ascii" if coding == GSM7 else "utf-16-be")
        return segment("", phone, octets=octets, raw=octets, data_coding=coding, received_ms=self.now_ms)

    async def say(self, phone: str, text: str) -> Verdict:
        """A citizen's SMS; the verdict is of its last part."""
        return (await self.journal.accept(self.pdus(phone, text)))[-1]

    async def turn(self) -> None:
        """What is due now: the operator takes it, the core takes it, questions whose time is up are given up."""
        await self.journal.lapse_questions()
        await self.journal.expire_sets(self.now_ms)
        while await self.file():
            pass
        while await self.add():
            pass
        while await self.send():
            pass

    async def send(self) -> int:
        """The operator takes what is due; how many."""
        jobs = await self.journal.start_replies(AT_ONCE, self.now_ms)
        for job in jobs:
            self.shown(Sms(job.address, job.kind, self.texts.render(job), self.now_ms))
        await self.journal.settle_replies([self._taken(job) for job in jobs])
        return len(jobs)

    def _taken(self, job: ReplyJob) -> ReplyResult:
        return ReplyResult(job.reply_id, ReplyMove.SENT, (f"{job.reply_id:x}-{job.attempt}",))

    async def file(self) -> int:
        """The core takes what is ready; how many."""
        filings = await self.journal.ready(AT_ONCE, self.now_ms)
        started = await self.journal.start_filing([(one.complaint_id, one.attempt) for one in filings])
        results = []
        for filing in filings:
            if filing.complaint_id not in started:
                continue
            self._next_id += 1
            self._store(filing.complaint.number, header.build(filing.complaint))
            results.append(Settlement(filing.complaint_id, filing.attempt, ComplaintMove.FILED, str(self._next_id)))
        await self.journal.settle(results)
        return len(results)

    async def add(self) -> int:
        """The core takes additions to what it has; how many."""
        if not self.journal.additions.tally[AdditionState.READY]:
            return 0
        ready = await self.journal.additions.ready(AT_ONCE, self.now_ms)
        started = await self.journal.additions.start([(job.key, job.attempt) for job in ready.jobs])
        going = [job for job in ready.jobs if job.key in started]
        for job in going:
            self._store(job.supplement.key, header.build_supplement(job.supplement))
        await self.journal.additions.settle(
            [AdditionResult(job.key, job.attempt, AdditionMove.ADDED, job.supplement.tracking_id) for job in going]
        )
        return len(going)

    def _store(self, number: str, isi: str) -> None:
        self.filed.setdefault(number, []).extend([isi] * self.kept)
        self.filed_ms.setdefault(number, self.now_ms)

    def busy(self) -> bool:
        """Whether something may happen without anybody saying a word."""
        tally = self.journal.tally
        return bool(tally[ComplaintState.READY] or self.journal.additions.tally[AdditionState.READY] or self._asked() or self._due())

    def _asked(self) -> int:
        return self.look("SELECT count(*) FROM question WHERE ended IS NULL")

    def _due(self) -> int:
        return self.look("SELECT count(*) FROM reply WHERE state IN ('due', 'later')")

    def look(self, sql: str) -> int:
        """One number of the journal's."""
        return int(str(self.rows(sql)[0][0]))

    def rows(self, sql: str) -> list[tuple[apsw.SQLiteValue, ...]]:
        """What the journal's file says, beside the journal."""
        connection = apsw.Connection(str(self.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return list(connection.execute(sql))
        finally:
            connection.close()

    def breaks(self) -> list[str]:
        """What is wrong with the sums of all time."""
        connection = apsw.Connection(str(self.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = whole_account(connection, EPOCH_MS - 1, self.now_ms + 1)
        finally:
            connection.close()
        return [one.what for one in found.wrong] if found.breaks else []


def shipped(folder: Path) -> tuple[Desk, Texts]:
    """The front desk of a site with the shipped tables, and the texts it answers with."""
    (folder / "gateway.toml").touch()
    (folder / "operators.toml").touch()
    given = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "x"}
    site = settings.load(folder / "gateway.toml", Secrets(given), {})
    found = tables.load(site)
    return desk_of(site, found), found.texts


def street(folder: Path, name: str, *, desk: Desk | None = None) -> Street:
    """A new one, in a journal of this name."""
    own, texts = shipped(folder)
    house = House(folder, name=name, composer=Composer(desk or own, NUMBERS.number_of))  # type: ignore[arg-type]
    return Street(house, house.open(), texts)
