"""The one thread that writes: takes all that is queued, one transaction, never lingers; then every waiting caller hears at once.

A row that fails is cut out and answered alone. A commit that fails is never tried again: close, reopen, empty the log into the file,
read again (a second fsync may say yes about pages the kernel has thrown away: https://lwn.net/Articles/752063/).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
from collections.abc import Callable, Sequence
from typing import Any

import apsw

from forwarder.journal import runs, steps
from forwarder.journal.books import Books, Doubt
from forwarder.journal.hands import Hands
from forwarder.journal.jobs import Failed, Job, Outcome, Work, deliver
from forwarder.journal.storage import JournalCorrupt, Storage, empty_log
from forwarder.journal.tape import Entry, Mirror, Tape
from parsers.errors import JournalError, JournalFull

log = logging.getLogger(__name__)

FRAME_OCTETS = 4096 + 24  # one page in the log, with its header
FREE_SECONDS = 1.0  # how often the disk's free space is looked at
CONTENT_ERRORS = (apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, apsw.RangeError)
"""What SQLite says about a row; any other apsw.Error is about the disk."""

Done = tuple[Entry | None, list[Outcome], tuple[int, ...]]
"""What a transaction came to: its entry for the mirror, what each job's caller hears, the messages it stored."""


class Writer:
    """Owns the writing connection. `clock` gives UTC ms, `monotonic` seconds, `free_octets` the free space on the disk."""

    def __init__(  # noqa: PLR0913 - clocks, disk and remedy come in by name
        self,
        storage: Storage,
        books: Books,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        free_octets: Callable[[], int],
        begin_anew: Callable[[], str],
        hands: Hands,
        mirror: Mirror | None = None,
    ) -> None:
        self.cause: str | None = None
        self.commits = 0
        self.rows = 0
        self.failures = 0
        self.commit_seconds = 0.0
        self.wal_octets = 0
        self.free = free_octets()
        self._storage, self._books = storage, books
        self.clock, self.monotonic, self._free_octets = clock, monotonic, free_octets
        self._begin_anew = begin_anew
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._submitted = 0  # rows; written by callers
        self._taken = 0  # rows; written by the thread
        self._full = False
        self.closed = False
        self._doubt = Doubt()
        self._retry_at = 0.0
        self._free_at = 0.0
        self.hands = hands
        self._checkpoint = hands.pool("journal-checkpoint")
        self._checkpointing = False
        self._checkpoint_error: apsw.Error | None = None
        self.copied = False
        """A backup reads one state of the file: the log only grows until it has it, and whoever copies minds how far."""
        self._watch_log()
        self.tape = Tape(books, mirror, self._put)

    def start(self) -> None:
        """Begin to take jobs."""
        self.hands.start(self)

    @property
    def queued(self) -> int:
        """Rows that wait."""
        return self._submitted - self._taken

    async def do(self, work: Work, items: Sequence[Any]) -> Any:  # noqa: ANN401 - every kind has its own results
        """Queue items and wait until they are on disk; their results. JournalError when they are not."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._put(Job(work, items, future, loop))
        return await future

    def post(self, work: Work, items: Sequence[Any]) -> None:
        """Queue items that nobody waits for; they are dropped when the queue is full."""
        with contextlib.suppress(JournalError):
            self._put(Job(work, items, None, None))

    def run(self) -> None:
        """Take turns until `stop` was called; a turn without work is a heartbeat."""
        while self.turn(self._books.settings.heartbeat_seconds):
            pass

    def turn(self, seconds: float) -> bool:
        """One transaction of what is queued, after waiting at most `seconds` for the first of it; False after the last one."""
        jobs, going = self._take(seconds)
        try:
            self._work(jobs)
        except Exception as error:
            log.exception("the journal's writer failed; it reopens the file")
            self._fall_ill(error)
            deliver([(job, self._refusal()) for job in jobs])
        self._taken += sum(len(job.items) for job in jobs)
        if not going:
            self._end()
        return going

    def stop(self) -> None:
        """Work off what is queued, note the end of the run, close the file; blocks until done."""
        self.closed = True
        self._queue.put(None)
        self.hands.join()
        self._checkpoint.shutdown()
        if self.tape.mirror is not None:
            self.tape.mirror.close()

    def damaged(self) -> None:
        """A check found the file damaged: it is set aside before the next transaction."""
        self._checkpoint_error = apsw.CorruptError("found by quick_check")

    def _put(self, job: Job) -> None:
        if self.queued + len(job.items) > self._books.settings.queue_rows_max:
            raise JournalError("busy: too many rows wait for the disk")
        if self.closed:
            raise JournalError("the journal is closed")
        self._submitted += len(job.items)
        self._queue.put(job)
        self.hands.ring()

    def _work(self, jobs: Sequence[Job]) -> None:
        steps.look(self._books, self.clock(), self.monotonic())
        if self._books.now >= self._free_at:  # also at a heartbeat: health must know without a message
            self.free, self._free_at = self._free_octets(), self._books.now + FREE_SECONDS
        if self._ready():
            self._commit([job for job in jobs if self._admit(job)])
        else:
            deliver([(job, self._refusal()) for job in jobs])

    def _take(self, seconds: float) -> tuple[list[Job], bool]:
        """All that is queued, up to a transaction's fill; after so many seconds' silence nothing. False at the end."""
        jobs: list[Job] = []
        rows = 0
        try:
            job = self._queue.get(timeout=seconds)
            while job is not None:
                jobs.append(job)
                rows += len(job.items)
                if rows >= self._books.settings.commit_rows_max:
                    return jobs, True
                job = self._queue.get_nowait()
        except queue.Empty:
            return jobs, True
        return jobs, False

    def _admit(self, job: Job) -> bool:
        """Below the floor of free space nothing new comes in; what is here is still settled."""
        if not job.work.inbound:
            return True
        if refusal := self.tape.refusal:
            deliver([(job, JournalError(refusal))])
            return False
        if self.free >= self._books.settings.free_octets_min:
            return True
        deliver([(job, JournalFull("free space is below the floor"))])
        return False

    def _commit(self, jobs: Sequence[Job]) -> None:
        try:
            entry, outcomes, messages = self._transaction(jobs, self._all)
        except (apsw.Error, JournalCorrupt) as error:
            self._fall_ill(error)
            deliver([(job, self._refusal()) for job in jobs])
            return
        self.commits += 1
        self.rows += sum(len(job.items) for job in jobs)
        if self._books.changes is not None:
            self._books.changes.committed()
        self.tape.told(entry, outcomes, messages)
        self._care_for_log()

    def _transaction(self, jobs: Sequence[Job], work: Callable[[Sequence[Job]], list[Outcome]]) -> Done:
        """Everything in one transaction; when a row does not fit, once more with each row by itself."""
        books, connection = self._books, self._books.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            self.tape.begin(jobs)
            steps.move_sets(books)
            outcomes = work(jobs)
            runs.beat(books)
            steps.come_nearer(books)
            books.tally.store(connection)
            entry = self.tape.end()
        except CONTENT_ERRORS as error:
            return self._again(jobs, work, error)
        except (apsw.Error, JournalCorrupt):
            raise
        except Exception as error:  # noqa: BLE001 - one row must never take its neighbours along, whatever it does to us
            return self._again(jobs, work, error)
        began = self.monotonic()
        connection.execute("COMMIT")
        self.commit_seconds += self.monotonic() - began
        books.tally.commit()
        messages = tuple(books.doubt.messages)
        books.doubt.kept()
        books.step_ms = 0
        return entry, outcomes, messages

    def _again(self, jobs: Sequence[Job], work: Callable[[Sequence[Job]], list[Outcome]], error: Exception) -> Done:
        self._books.connection.execute("ROLLBACK")
        self._forget()
        if work == self._each:
            raise apsw.InternalError("a transaction fails though each of its rows is cut out") from error
        log.warning("a row could not be stored; its batch is stored row by row", extra={"error": type(error).__name__})
        done = self._transaction(jobs, self._each)
        self._books.sets.load(self._books.connection, self._books.now_ms, self._books.now)
        return done

    def _all(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Jobs of a kind together, kinds in the order of their first job."""
        by_work: dict[str, list[Job]] = {}
        for job in jobs:
            by_work.setdefault(job.work.name, []).append(job)
        outcomes: list[Outcome] = []
        for group in by_work.values():
            items = group[0].items if len(group) == 1 else [item for job in group for item in job.items]
            results = group[0].work.handle(self._books, items)
            at = 0
            for job in group:
                outcomes.append((job, results[at : at + len(job.items)]))
                at += len(job.items)
        return outcomes

    def _each(self, jobs: Sequence[Job]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for job in jobs:
            results = [self._alone(job.work, item) for item in job.items]
            failed = next((one for one in results if isinstance(one, Failed)), None)
            if failed is None:
                outcomes.append((job, results))
            elif job.work.alone is None:
                outcomes.append((job, JournalError(f"{job.work.name} failed: {type(failed.error).__name__}")))
            else:
                pairs = zip(job.items, results, strict=True)
                answers = [job.work.alone(item, one.error) if isinstance(one, Failed) else one for item, one in pairs]
                outcomes.append((job, answers))
        return outcomes

    def _alone(self, work: Work, item: object) -> object:
        """One row in its savepoint."""
        books, connection = self._books, self._books.connection
        pending, keys = books.tally.pending.copy(), books.doubt.keys.copy()
        connection.execute("SAVEPOINT alone")
        try:
            result: object = work.handle(books, [item])[0]
        except Exception as error:
            if isinstance(error, apsw.Error) and not isinstance(error, CONTENT_ERRORS):
                raise
            connection.execute("ROLLBACK TO alone")
            books.tally.pending = pending
            books.doubt.keys = keys
            books.know_blocked()
            log.exception("a row could not be stored", extra={"work": work.name})
            result = Failed(error)
        connection.execute("RELEASE alone")
        return result

    def _forget(self) -> None:
        """The transaction is undone: memory must not know more than the disk."""
        books = self._books
        books.tally.pending.clear()
        books.doubt.clear()
        books.know_blocked()
        books.sets.load(books.connection, books.now_ms, books.now)

    def _ready(self) -> bool:
        """Whether the file can be written, after trying to reopen it where it could not."""
        if self._checkpoint_error is not None and self.cause is None:
            error, self._checkpoint_error = self._checkpoint_error, None
            self._fall_ill(error)
        if self.cause is None:
            return True
        if self._books.now < self._retry_at:
            return False
        self._retry_at = self._books.now + self._books.settings.retry_seconds
        try:
            self._reopen()
        except (apsw.Error, JournalError, OSError) as error:
            self._note_illness(error)
            self._close_connection()
            return False
        log.warning("the journal takes messages again")
        self.cause = None
        return True

    def _fall_ill(self, error: Exception) -> None:
        self.failures += 1
        books = self._books
        self._doubt.take(books.doubt)
        self._note_illness(error)
        self._retry_at = books.now + books.settings.retry_seconds
        self._close_connection()
        log.error("the journal cannot be written", extra={"cause": self.cause})
        if isinstance(error, apsw.CorruptError | apsw.NotADBError | JournalCorrupt):
            self._storage.mark_damaged()

    def _note_illness(self, error: Exception) -> None:
        self._full = isinstance(error, apsw.FullError)
        self.cause = "the disk is full" if self._full else f"disk error: {type(error).__name__}"

    def _close_connection(self) -> None:
        with contextlib.suppress(apsw.Error):
            self._books.connection.close(force=True)

    def _reopen(self) -> None:
        """Read everything again, from a file into which the whole log has been copied and synced."""
        books = self._books
        if self._storage.damaged:
            self._begin_anew()
        else:
            books.connection = self._storage.writer()
            if not empty_log(books.connection):
                raise JournalError("another connection reads; the log cannot be emptied yet")
            books.load()
        self._watch_log()
        books.connection.execute("BEGIN IMMEDIATE")
        runs.heal(books, self._doubt)
        runs.beat(books)
        books.tally.store(books.connection)
        books.connection.execute("COMMIT")
        books.tally.commit()
        self._doubt.clear()

    def _refusal(self) -> JournalError:
        return JournalFull(self.cause or "") if self._full else JournalError(self.cause or "the journal is closed")

    def _watch_log(self) -> None:
        self.wal_octets = self._storage.wal_octets()

        def committed(_connection: apsw.Connection, _database: str, pages: int) -> int:
            self.wal_octets = pages * FRAME_OCTETS
            return apsw.SQLITE_OK

        self._books.connection.set_wal_hook(committed)
        if self._books.changes is not None:
            self._books.changes.watch(self._books.connection)

    def _care_for_log(self) -> None:
        """Keep the log bounded: a second thread copies it into the file beside us; only a log at its limit is emptied here."""
        settings = self._books.settings
        if self.copied:
            return
        if self._books.empty_log or self.wal_octets > settings.wal_octets_max:
            try:
                if empty_log(self._books.connection):
                    self.wal_octets, self._books.empty_log = 0, False
            except apsw.Error as error:
                self._fall_ill(error)
        elif self.wal_octets > settings.checkpoint_octets and not self._checkpointing:
            self._checkpointing = True
            self._checkpoint.submit(self._copy_log)

    def _copy_log(self) -> None:
        try:
            connection = self._storage.checkpointer()
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()
        except apsw.BusyError:
            log.debug("another checkpoint is under way")
        except apsw.Error as error:
            self._checkpoint_error = error
        finally:
            self._checkpointing = False

    def _end(self) -> None:
        """The last transaction: the end of this run. A sick disk keeps us from noting it, then the next start calls it a crash."""
        books = self._books
        if self.cause is None:
            try:
                books.connection.execute("BEGIN IMMEDIATE")
                runs.end(books)
                books.connection.execute("COMMIT")
                empty_log(books.connection)
            except apsw.Error:
                log.exception("the end of the run could not be noted")
        self._close_connection()
