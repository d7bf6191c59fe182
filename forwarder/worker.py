"""One worker: it takes a basket, asks the basket's gateway for leave, files, and says what became of each complaint.

    job ── Ask ──> leave within grant_seconds? ── record: begun (on disk) ── core.file() ── record: outcome (on disk) ── Words ──> gateway

The order in `_file` is the promise: nothing is sent that is not first in the record. Whatever the gateway did not hear it asks for, and
a thread of its own answers from the record, also while a batch is under way. RQ runs `file_basket` and nothing else (doorbell.py).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from forwarder import handover
from forwarder.core.contract import CoreClient, Filed, Refused, Unknown
from forwarder.doorbell import BasketJob, payload_octets
from forwarder.handover import Ask, Basket, Beat, Leave, NeverSent, Outcome, Parcelled, Query, Word, Words
from forwarder.journal import Grant, Sealer
from forwarder.journal.record import Record
from forwarder.parcel import ParcelError, Parcels
from forwarder.queue_settings import QueueSettings, WorkerSettings
from forwarder.records import Filing
from forwarder.shared import BLOCK_SECONDS_MAX, Redis, Shared, SharedDown, blocking, guarded
from parsers.errors import JournalError

log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
SPEAK_SECONDS = 0.2  # outcomes wait so long for company before they are sent
SPEAK_AT_ONCE = 16
AGAIN_SECONDS = 1.0  # before a Redis that failed is tried anew
REDIS_WAIT_SECONDS = 10.0  # RQ doubles its waits for a Redis that is away up to this
FORGOTTEN = "older than the worker's record remembers"
DIED = "the worker died, or was broken off, while filing"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time, chance and the process, given by whoever starts a worker. `token` gives a word that was never given before."""

    clock: Callable[[], int]
    monotonic: Callable[[], float]
    token: Callable[[], str]
    host: str
    pid: int


class Speech:
    """Words that wait a moment for company."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._words: list[Word] = []
        self._said_at = monotonic()

    def add(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """What should be said now; nothing while it may wait."""
        self._words += words
        if not self._words or (len(self._words) < SPEAK_AT_ONCE and self._monotonic() - self._said_at < SPEAK_SECONDS):
            return ()
        return self.rest()

    def rest(self) -> tuple[Word, ...]:
        """All that is left."""
        words, self._words, self._said_at = tuple(self._words), [], self._monotonic()
        return words


class Worker:
    """One process. `core` makes the client of the core, inside the worker's event loop."""

    def __init__(
        self,
        queue: QueueSettings,
        settings: WorkerSettings,
        record: Record,
        core: Callable[[], CoreClient],
        world: Surroundings,
    ) -> None:
        key = queue.key_octets()
        if key is None:
            raise ValueError("queue_key is missing")
        self.filed = 0
        self.jobs = 0
        self.batch = ""
        """The batch under way; of it the record has not yet the last word."""
        self._queue = queue
        self._settings = settings
        self._record = record
        self._world = world
        self._parcels = Parcelled(key)
        self._outcomes: Parcels[Outcome] = Parcels(Outcome, "outcome", Sealer(key))
        self._loop = asyncio.Runner()
        self._shared, self._core = self._loop.run(_connect(queue, core))
        self._noting = ThreadPoolExecutor(1, thread_name_prefix="worker-note")
        self._stopping = threading.Event()
        self._since_ms = world.clock()

    def run(self) -> None:
        """Work until `stop`, or until `jobs_max` jobs are done; blocks. A Redis that is away is waited for."""
        speaking = threading.Thread(target=self._speak_of_the_past, name="worker-record", daemon=True)
        speaking.start()
        _workers.append(self)
        try:
            while not self._stopping.is_set() and self.jobs < self._settings.jobs_max:
                self._serve()
        finally:
            _workers.remove(self)
            self._stopping.set()
            speaking.join()
            self._loop.run(self._close())
            self._loop.close()
            self._noting.shutdown()
            self._record.close()
        if self._record.broken:
            raise JournalError("the worker's record could not be written: free or mend its disk")

    def stop(self) -> None:
        """Begin nothing more; may be called from a signal's handler."""
        self._stopping.set()

    def _serve(self) -> None:
        """RQ's loop, which gives up when Redis fails in the middle of a job; then it is begun anew."""
        connection = blocking(self._queue)
        try:
            guarded(connection.ping)
            queue = Queue(handover.QUEUE, connection=connection, serializer=JSONSerializer, job_class=BasketJob)
            name = f"{self._record.name}-{self._world.token()}"  # RQ refuses a name that a dead one still holds
            rq_worker = guarded(
                lambda: _RqWorker([queue], name=name, connection=connection, job_class=BasketJob, serializer=JSONSerializer)
            )
            rq_worker.stopping = self._stopping
            rq_worker.max_connection_wait_time = REDIS_WAIT_SECONDS
            rq_worker.log_job_description = False
            guarded(lambda: rq_worker.work(max_jobs=self._settings.jobs_max - self.jobs, logging_level="CRITICAL"))
        except SharedDown as error:
            log.warning("waiting for Redis", extra={"cause": str(error)})
        finally:
            guarded(connection.close)
        if not self._stopping.is_set() and self.jobs < self._settings.jobs_max:
            self._stopping.wait(AGAIN_SECONDS)

    def file(self, payload: str) -> None:
        """One job; blocks."""
        self.jobs += 1
        try:
            basket = self._parcels.basket.open(payload_octets(payload))
        except (ParcelError, ValueError) as error:
            log.error("a basket cannot be opened; its gateway offers it again", extra={"cause": str(error)})  # noqa: TRY400 - no news in the trace
            return
        self._loop.run(self._take(basket))

    # -- one batch

    async def _take(self, basket: Basket) -> None:
        grant = Grant(self._record.name, basket.batch)
        self.batch = basket.batch
        try:
            leave = await self._ask(basket, grant)
            if leave is None:
                words = [Word(row.complaint_id, row.attempt, NeverSent("leave came too late, or not at all")) for row in basket.rows]
                await self._say(basket.gateway, Words(grant, tuple(words), over=True))
            elif leave.complaint_ids:
                await self._file(basket, grant, leave)
        finally:
            self.batch = ""

    async def _ask(self, basket: Basket, grant: Grant) -> Leave | None:
        """The gateway's leave; None when it did not come in time by our own clock: then nothing of it is ever sent."""
        ask = Ask(grant, self._world.token(), self._settings.window)
        asked = self._world.monotonic()
        until = asked + self._queue.grant_seconds
        try:
            await self._shared.do("XADD", handover.inbound(basket.gateway), "*", "b", self._parcels.inbound.seal(ask))
            while (left := until - self._world.monotonic()) > 0:
                found = await self._shared.do("BLPOP", handover.leaves(grant.worker), max(0.01, min(left, BLOCK_SECONDS_MAX)))
                if found is None:
                    continue
                leave = self._parcels.leave.open(found[1])
                if leave.nonce == ask.nonce:
                    return leave if self._world.monotonic() < until else None
        except (SharedDown, ParcelError) as error:
            log.warning("no leave could be had", extra={"cause": str(error), "batch": basket.batch})
        return None

    async def _file(self, basket: Basket, grant: Grant, leave: Leave) -> None:
        """File what was granted, so many at a time, until one answer is neither yes nor no: the rest goes back unsent."""
        wanted = set(leave.complaint_ids)
        waiting = deque(row for row in basket.rows if row.complaint_id in wanted)
        until = self._world.monotonic() + self._queue.batch_seconds
        under_way: set[asyncio.Task[Word]] = set()
        speech = Speech(self._world.monotonic)
        ended: list[Word] = []
        smooth = True
        while waiting or under_way:
            going = smooth and not self._stopping.is_set() and self._world.monotonic() < until
            begun = [waiting.popleft() for _ in range(min(leave.slots - len(under_way), len(waiting)))] if going else []
            if not begun and not under_way:
                break
            if begun or ended:
                smooth = await self._note(grant.batch, begun, ended) and smooth
                if smooth:
                    under_way |= {asyncio.create_task(self._post(row)) for row in begun}
                else:
                    waiting.extendleft(reversed(begun))
            if words := speech.add(ended):
                await self._say(basket.gateway, Words(grant, words, over=False))
            ended = await _finished(under_way)
            smooth = smooth and all(isinstance(word.outcome, Filed | Refused) for word in ended)
        if ended:
            await self._note(grant.batch, [], ended)
        rest = [Word(row.complaint_id, row.attempt, NeverSent("handed back unsent")) for row in waiting]
        await self._say(basket.gateway, Words(grant, (*speech.rest(), *ended, *rest), over=True))

    async def _note(self, batch: str, begun: Sequence[Filing], ended: Sequence[Word]) -> bool:
        """Put it on disk, in the record's thread, so that answers are read meanwhile; False when the disk would not."""
        outcomes = {word.complaint_id: self._outcomes.seal(word.outcome) for word in ended}
        self.filed += sum(isinstance(word.outcome, Filed) for word in ended)
        ids = [row.complaint_id for row in begun]
        note = partial(self._record.note, batch, begun=ids, ended=outcomes, offered_ms=handover.offered_ms(batch))
        try:
            await asyncio.get_running_loop().run_in_executor(self._noting, note)
        except JournalError as error:
            log.error("nothing is sent without a record", extra={"cause": str(error)})  # noqa: TRY400 - the cause says all
            self._stopping.set()  # whoever starts us anew opens it anew
            return False
        return True

    async def _post(self, row: Filing) -> Word:
        started = self._world.monotonic()
        outcome: Outcome
        try:
            outcome = await self._core.file(row.complaint, row.attempt)
        except Exception as error:
            log.exception("our own code failed while filing", extra={"complaint_id": row.complaint_id})
            outcome = Unknown(f"{type(error).__name__} in our own code")
        return Word(row.complaint_id, row.attempt, outcome, self._world.monotonic() - started)

    async def _say(self, gateway: str, words: Words) -> None:
        """Once; what does not arrive is asked for."""
        try:
            await self._shared.do("XADD", handover.inbound(gateway), "*", "b", self._parcels.inbound.seal(words))
        except SharedDown as error:
            log.warning("the gateway must ask for what became of a batch", extra={"batch": words.grant.batch, "cause": str(error)})

    async def _close(self) -> None:
        await self._core.close()
        await self._shared.close()

    # -- the record speaks

    def _speak_of_the_past(self) -> None:
        """In its own thread, so that a long batch keeps nobody waiting: beat, and answer queries."""
        connection = blocking(self._queue, BLOCK_SECONDS_MAX * 2)
        while not self._stopping.is_set():
            try:
                guarded(lambda: connection.hset(handover.WORKERS, self._record.name, self._beat()))
                found = guarded(lambda: connection.execute_command("BLPOP", handover.queries(self._record.name), BEAT_SECONDS))
                if found is not None:
                    self._answer(connection, self._parcels.query.open(found[1]))
            except (SharedDown, ParcelError, JournalError) as error:
                log.warning("the record cannot speak", extra={"cause": str(error)})
                self._stopping.wait(BEAT_SECONDS)
            except Exception:  # a worker whose record is silent would leave its complaints unknown for ever
                log.exception("our own code failed while the record spoke")
                self._stopping.wait(BEAT_SECONDS)
        with suppress(SharedDown):
            guarded(lambda: connection.hdel(handover.WORKERS, self._record.name))
            guarded(connection.close)

    def _beat(self) -> bytes:
        world = self._world
        return self._parcels.beat.seal(Beat(world.clock(), self._since_ms, world.host, world.pid, self.batch, self.filed))

    def _answer(self, connection: Redis, query: Query) -> None:
        """What the record says. Of the batch under way it says nothing yet."""
        spoken: dict[str, list[Word]] = {}
        for batch, complaint_id, attempt in query.items:
            if batch != self.batch:
                spoken.setdefault(batch, []).append(Word(complaint_id, attempt, self._recorded(batch, complaint_id)))
        for batch, words in spoken.items():
            if batch == self.batch:  # it began meanwhile
                continue
            sealed = self._parcels.inbound.seal(Words(Grant(self._record.name, batch), tuple(words), over=True))
            guarded(lambda sealed=sealed: connection.xadd(handover.inbound(query.gateway), {"b": sealed}))  # type: ignore[misc]

    def _recorded(self, batch: str, complaint_id: int) -> Outcome:
        """Silence proves that nothing was sent, unless the record may have forgotten it; what cannot be read proves nothing."""
        entry = self._record.entry(batch, complaint_id)
        if entry is None:
            forgotten = handover.offered_ms(batch) < self._record.remembers_ms
            return Unknown(FORGOTTEN) if forgotten else NeverSent("the worker's record does not have it")
        if entry.outcome is None:
            return Unknown(DIED)
        try:
            return self._outcomes.open(entry.outcome)
        except ParcelError as error:
            return Unknown(f"the worker's record has {error}")


class _RqWorker(SimpleWorker):
    """RQ's loop without its forks; a signal also tells the batch under way to end soon."""

    stopping: threading.Event

    def execute_job(self, job: Job, queue: Queue) -> None:
        """One job; after it we may have to end, for a record that cannot be written."""
        super().execute_job(job, queue)
        self._stop_requested = self._stop_requested or self.stopping.is_set()

    def subscribe(self) -> None:
        """No commands by Redis: nobody who can write there shall stop a worker, and its thread dies loudly with every lost connection."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""

    def handle_warm_shutdown_request(self) -> None:
        """SIGTERM or SIGINT: finish the job, which hands back what it has not begun."""
        self.stopping.set()


_workers: list[Worker] = []
"""The one worker of this process while it runs: RQ calls a function by its name."""


def file_basket(payload: str) -> None:
    """What RQ calls with one sealed basket."""
    _workers[-1].file(payload)


async def _connect(queue: QueueSettings, core: Callable[[], CoreClient]) -> tuple[Shared, CoreClient]:
    """Both belong to the running loop."""
    return Shared(queue), core()


async def _finished(under_way: set[asyncio.Task[Word]]) -> list[Word]:
    """Words of those that are answered; waits for the first."""
    if not under_way:
        return []
    done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    under_way -= done
    return [task.result() for task in done]
