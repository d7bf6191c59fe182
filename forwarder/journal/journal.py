"""The journal as the rest of the house sees it: what is awaited here is on disk when the wait ends.

Hashing and sealing happen in the caller's thread; one writer thread commits, one reader thread reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Self

from forwarder.journal import desk, purging, reads, works
from forwarder.journal.additions import Additions
from forwarder.journal.arrivals import Scribe
from forwarder.journal.books import Books
from forwarder.journal.courses import Courses
from forwarder.journal.documents import Documents, reporter_tag
from forwarder.journal.entries import Entries
from forwarder.journal.exposure import Exposure
from forwarder.journal.feed import Feed
from forwarder.journal.glance import Glance
from forwarder.journal.hands import Hands, Threads
from forwarder.journal.jobs import Work
from forwarder.journal.keys import Keys
from forwarder.journal.ledger import Ledger
from forwarder.journal.lookout import Lookout
from forwarder.journal.masters import sealer_at
from forwarder.journal.opening import Openings
from forwarder.journal.orders import (
    Case,
    CaseState,
    Counts,
    Grant,
    Hand,
    Health,
    Moved,
    Opening,
    Purged,
    Refused,
    ReplyResult,
    Report,
    Salvaged,
    Settled,
    Settlement,
    Waiting,
)
from forwarder.journal.persons import Seals
from forwarder.journal.reads import Wanted
from forwarder.journal.replies import OPEN, Doors
from forwarder.journal.rescue import bring_back
from forwarder.journal.routing import Routing
from forwarder.journal.seal import Sealer
from forwarder.journal.settings import JournalSettings
from forwarder.journal.sharing import Sharing
from forwarder.journal.storage import Storage, free_octets
from forwarder.journal.subjects import Subjects
from forwarder.journal.tape import Mirror
from forwarder.journal.trail import Trail
from forwarder.journal.vault import Vault
from forwarder.journal.workers import Workers
from forwarder.journal.writer import Writer
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason
from forwarder.records import Arrival, Composed, Composer, Filing, ReplyJob, Verdict
from parsers.model import Decision

Clock = Callable[[], int]
EVER = 1 << 62  # milliseconds: later than any time


class Journal:
    """The durable truth of one gateway. Every `async` method raises JournalError when it could not be done (JournalFull: no space)."""

    def __init__(self, storage: Storage, books: Books, opening: Opening, *, writer: Writer, openings: Openings) -> None:
        self.opening = opening
        self._openings = openings
        self._storage = storage
        self._books = books
        self._writer = writer
        self._glance = Glance(storage, writer.hands.pool("journal-reader"))
        self._read = self._glance.read
        self._documents = Documents(Seals(books.sealer, books.ring, self._glance.key_row))
        self._scribe = Scribe(books.sealer, books.numbering, books.ids, books.ring)
        self._aside = writer.hands.pool("journal-ledger")
        self.routing = Routing(writer.do, self._read, self._documents)
        self.workers = Workers(writer.do, self._read)
        self.vault = Vault(storage, books.sealer, books.settings, writer)
        self.feed = Feed(writer.do, self._read, self._scribe, books.sealer, self._documents)
        self.additions = Additions(writer.do, self._read, self._documents, books.tally)
        self.courses = Courses(writer.do, self._read, books.tally)
        self.ledger = Ledger(writer.do, self._read, self._documents, storage, self._aside)
        self.entries = Entries(self._read, books.sealer)
        self.audit = Trail(writer.do, self._read, books.sealer)
        self.exposure = Exposure(self._read, self._documents, books.settings)
        self.lookout = Lookout(writer.do, self._read)
        self.subjects = Subjects(writer.do, self._read, books.sealer, self._documents, books.settings.purge_rows)
        self.keys = Keys(writer.do, self._read, books.sealer, books.settings.purge_rows)
        self.sharing = Sharing(writer.do, self._read, self._scribe, self._documents)

    @classmethod
    def open(  # noqa: PLR0913 - the key, settings, clocks and disk come in by name
        cls,
        path: Path,
        *,
        sealer: Sealer,
        settings: JournalSettings,
        clock: Clock,
        composer: Composer,
        monotonic: Callable[[], float] | None = None,
        free: Callable[[Path], int] = free_octets,
        vfs: str = "",
        mirror: Mirror | None = None,
        hands: Hands | None = None,
        boot: str = "",
    ) -> Self:
        """Open or begin the journal at `path`; blocks.

        JournalLocked when another process has it, JournalError when the disk, the file or the key is not fit. A corrupt file is set
        aside and a new one begun, with filing paused (see `opening.set_aside`). `clock` gives UTC milliseconds, `monotonic` seconds
        (without it the clock is trusted not to jump), `free` the free octets of the disk; `vfs` names an apsw VFS; with a `mirror` nothing
        is accepted that is not there, too; `hands` do the work. `boot` names the boot over which `monotonic` goes on.
        """
        seconds = monotonic if monotonic is not None else lambda: clock() / 1000
        storage, sealer = Storage(path, vfs), sealer_at(path, sealer)
        openings = Openings(storage, sealer, settings, clock=clock, monotonic=seconds, composer=composer, boot=boot)
        books, opening = openings.open()
        writer = Writer(
            storage,
            books,
            clock=clock,
            monotonic=seconds,
            free_octets=lambda: free(path),
            begin_anew=lambda: openings.begin_anew(books),
            mirror=mirror,
            hands=hands or Threads(),
        )
        writer.start()
        journal = cls(storage, books, opening, writer=writer, openings=openings)
        if storage.file_octets() > settings.check_background_octets:
            journal._glance.check_soon(writer.damaged)
        return journal

    @property
    def composer(self) -> Composer:
        """The front desk's pure part; may be replaced when new tables are installed."""
        return self._openings.composer

    @composer.setter
    def composer(self, composer: Composer) -> None:
        self._openings.composer = composer

    def next_message_id(self) -> int:
        """A message id never given before."""
        return next(self._books.ids.message)

    def next_complaint_id(self) -> int:
        """A complaint id never given before."""
        self._scribe.last_complaint = next(self._books.ids.complaint)
        return self._scribe.last_complaint

    def number_of(self, complaint_id: int) -> str:
        """The complaint number of an id; also to be had before the journal is open: `numbering(sealer, settings)`."""
        return self._books.numbering.number_of(complaint_id)

    @property
    def tally(self) -> Mapping[ComplaintState, int]:
        """Complaints by state as of the last commit; costs nothing."""
        committed = self._books.tally.committed
        return {state: committed["complaint", state.value] for state in ComplaintState}

    def health(self) -> Health:
        """How the journal does now; never blocks."""
        writer = self._writer
        low = None if writer.free >= self._books.settings.free_octets_min else "free space is below the floor"
        cause = writer.cause or writer.tape.refusal or low
        counts = (writer.queued, writer.wal_octets, writer.free, writer.commits, writer.rows)
        return Health(cause, *counts, self._books.filing_paused, writer.failures, writer.commit_seconds, writer.cause)

    # Arrivals

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        """Store arrivals; a verdict each, in their order. JournalError when nothing could be stored."""
        if not arrivals:
            return []
        items = [self._scribe.ready(arrival) for arrival in arrivals]
        verdicts: list[Verdict] = await self._writer.do(works.ACCEPT, items)
        return verdicts

    async def expire_sets(self, now_ms: int) -> list[Verdict]:
        """File long messages that are incomplete for too long, as they are; at most 200 at once. Waiting is counted by `monotonic`."""
        verdicts: list[list[Verdict]] = await self._writer.do(works.EXPIRE, [now_ms])
        return verdicts[0]

    async def lapse_questions(self) -> int:
        """Let complaints go on whose citizens did not answer in time; how many, at most 200 at once."""
        lapsed: list[int] = await self._writer.do(works.LAPSE, [None])
        return lapsed[0]

    async def begin_session(self, operator: str, bind: str) -> int:
        """A connection is bound; the number names it in its Segments."""
        numbers: list[int] = await self._writer.do(works.BEGIN_SESSION, [(next(self._books.ids.session), operator, bind)])
        return numbers[0]

    async def end_session(self, session: int) -> None:
        """The connection is gone."""
        await self._writer.do(works.END_SESSION, [session])

    def note_late(self, session: int, received_ms: Sequence[int]) -> None:
        """Answers to these arrivals (by `received_ms`) came late: a copy will be a redelivery. Stored soon, not awaited."""
        self._writer.post(works.LATE, [(session, tuple(received_ms))])

    def note_refusal(self, refusal: Refused) -> None:
        """Keep a row of a "no" that we gave an operator. Stored soon, not awaited."""
        self._writer.post(works.REFUSAL, [refusal])

    # Filing

    async def start_filing(self, items: Sequence[tuple[int, int]], grant: Grant | None = None) -> set[int]:
        """Mark (complaint id, attempt) as `sending`, by the worker of `grant` or by us; the ids that moved: only these may be sent."""
        if not items:
            return set()
        moved: list[bool] = await self._writer.do(works.START, [(complaint_id, attempt, grant) for complaint_id, attempt in items])
        return {complaint_id for (complaint_id, _), one in zip(items, moved, strict=True) if one}

    async def settle(self, results: Sequence[Settlement]) -> list[Settled]:
        """Store what the core answered, and the reply that tells the citizen, in one transaction; in the order given.

        After a JournalError it may be said again: the same answer twice changes nothing.
        """
        if not results:
            return []
        settled: list[Settled] = await self._writer.do(works.SETTLE, results)
        return settled

    async def note_absent(self, complaint_id: int, *, settling_ms: int) -> bool:
        """A look-up found nothing for an `unknown`; said twice, `settling_ms` apart, it is ready again (True)."""
        moved: list[bool] = await self._writer.do(works.ABSENT, [(complaint_id, settling_ms)])
        return moved[0]

    async def note_found(self, complaint_id: int, tracking_id: str) -> Settled:
        """A look-up found an `unknown` (or parked, held) complaint at the core: filed."""
        return (await self.settle([Settlement(complaint_id, 0, ComplaintMove.FOUND, tracking_id)]))[0]

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[int] = frozenset()) -> list[Filing]:
        """What is ready to be filed now, oldest first, without the ids of `exclude`; nothing while filing is paused."""
        if self._books.filing_paused:
            return []
        given = frozenset(exclude)
        return await self._read(lambda one: reads.filings(one, self._documents, Wanted(ComplaintState.READY, limit, now_ms, given)))

    async def unknown(self, limit: int) -> list[Filing]:
        """What is `unknown`, oldest first: for look-ups, never for sending."""
        return await self._read(lambda one: reads.filings(one, self._documents, Wanted(ComplaintState.UNKNOWN, limit, EVER)))

    # Replies

    async def start_replies(self, limit: int, now_ms: int, doors: Doors = OPEN) -> list[ReplyJob]:
        """Mark replies that are due at `now_ms` as `sending` and return them; those above a number's daily cap become `none`.

        What would wake somebody waits for the morning, what its operator has no room for stays due.
        """
        jobs: list[list[ReplyJob]] = await self._writer.do(works.START_REPLIES, [(limit, now_ms, doors)])
        return jobs[0]

    async def settle_replies(self, results: Sequence[ReplyResult]) -> None:
        """Store what became of replies that were started; the same result twice changes nothing."""
        if results:
            await self._writer.do(works.SETTLE_REPLIES, results)

    async def note_delivery(self, reports: Sequence[Report]) -> int:
        """Store delivery receipts; returns how many belong to a reply of ours (the rest is kept: they may come first)."""
        if not reports:
            return 0
        matched: list[bool] = await self._writer.do(works.DELIVERY, reports)
        return sum(matched)

    # Reading

    async def counts(self) -> Counts:
        """What the journal holds."""
        return await self._read(reads.counts)

    async def waiting(
        self, *, state: ComplaintState | None = None, reason: str | None = None, limit: int = 100, reveal: bool = False
    ) -> list[Waiting]:
        """What waits for a person, oldest first: held, parked, unknown, and what needs attention though it is settled.

        What is of a restricted person only with `reveal`.
        """
        return await self._read(lambda one: reads.waiting(one, state, reason, limit, reveal=reveal))

    async def case(self, number: str) -> Case | None:
        """Everything about one complaint, by our number or the core's tracking id."""
        return await self._read(lambda one: reads.case(one, self._documents, number))

    async def case_of(self, reporter_value: str, number: str | None = None) -> CaseState | None:
        """A complaint of this reporter: by number, or the newest. None for another's: a stranger learns nothing."""
        tag = reporter_tag(self._books.sealer, reporter_value)
        return await self._read(lambda one: reads.case_of(one, tag, number))

    async def by_reporter(self, reporter_value: str, limit: int = 100) -> list[Waiting]:
        """The complaints of one number, newest first, found by its keyed hash."""
        tag = reporter_tag(self._books.sealer, reporter_value)
        return await self._read(lambda one: reads.by_reporter(one, tag, limit))

    async def raw(self, number: str) -> list[bytes]:
        """The raw PDUs of a complaint, while they are kept."""
        return await self._read(lambda one: reads.raw(one, self._documents, number))

    # The desk

    async def release(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Held → ready."""
        return await self._move(numbers, ComplaintMove.RELEASED, by)

    async def hold(self, numbers: Sequence[str], reason: HeldReason, by: Hand) -> list[Moved]:
        """Ready or held → held for `reason`."""
        return await self._move(numbers, ComplaintMove.HOLD, by, reason)

    async def settle_filed(self, number: str, tracking_id: str, by: Hand) -> Moved:
        """A person found it at the core: filed, the citizen hears it."""
        return await self._one(works.FOUND, desk.Found(number, tracking_id, by))

    async def resend(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Parked, unknown or closed → ready: a person says that it may be sent again."""
        return await self._move(numbers, ComplaintMove.RESEND, by)

    async def close_cases(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Settled without filing; nothing is erased."""
        return await self._move(numbers, ComplaintMove.CLOSE, by)

    async def reroute(self, number: str, decision: Decision, instansi_name: str, by: Hand) -> Moved:
        """Another destination; a held or parked one becomes ready with it."""
        return await self._one(works.REROUTE, desk.Reroute(number, decision, instansi_name, by))

    async def redecode(self, number: str, composed: Composed, by: Hand) -> Moved:
        """A new reading of an unreadable (or held) message: it takes the place of the old one and goes the normal road."""
        return await self._one(works.REDECODE, desk.Redecode(number, composed, by))

    async def note(self, number: str, by: Hand) -> Moved:
        """A person's note; clears what needed attention on a settled complaint."""
        return await self._one(works.NOTE, desk.Note(number, by))

    # Housekeeping

    async def purge(self, now_ms: int) -> Purged:
        """Erase what is older than the settings say, a slice at a time; then give the pages back."""
        return await purging.purge(self._books, now_ms, self._read, self._writer.do)

    async def salvage(self, file: Path) -> Salvaged:
        """Bring back what can be read of a file that was set aside; filing goes on afterwards."""
        return await bring_back(file, self._glance.readers, self._writer.do)

    async def close(self) -> None:
        """Commit what is queued, note the end of the run, release the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._writer.closed:
            return
        self._glance.close()
        self._aside.shutdown()
        self._writer.stop()
        self._storage.unlock()

    async def _move(self, numbers: Sequence[str], move: ComplaintMove, by: Hand, reason: HeldReason | None = None) -> list[Moved]:
        if not numbers:
            return []
        moved: list[Moved] = await self._writer.do(works.MOVE, [desk.Move(number, move, by, reason) for number in numbers])
        return moved

    async def _one(self, work: Work, item: object) -> Moved:
        moved: list[Moved] = await self._writer.do(work, [item])
        return moved[0]
