"""The dispatcher for many machines: batches go to whatever worker is free; only what a worker is granted is `sending`.

    ready ──> basket, doorbell ──> a worker asks ── start_filing (commits `sending`) ──> leave ──> core ──> words ── settle (commits)

Redis may be emptied at any moment: a batch that nobody asked for is offered again under another name, and of a granted one the worker's
own record speaks. What a worker that is gone leaves behind is unknown until then. Handover.py has the words and the ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from forwarder import handover
from forwarder.batches import Batch, Batches
from forwarder.clerk import Clerk, wait_for
from forwarder.core.contract import CoreClient, Filed, NotFiled, Refused, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.filing import FilingJournal, Tell
from forwarder.handover import Ask, Basket, Leave, NeverSent, Query, Word, Words
from forwarder.journal import Grant, Settled, Settlement
from forwarder.lifecycle import ComplaintMove
from forwarder.pacing import BreakerState
from forwarder.parcel import ParcelError
from forwarder.records import Filing
from forwarder.shared import Entry, SharedDown
from forwarder.yard import LocalShare, Yard
from parsers.errors import JournalError

log = logging.getLogger(__name__)

READ_MOST = 256  # entries of the stream at once
LISTEN_SECONDS = 1.0
WATCH_SECONDS = 1.0
DOWN_SECONDS = 1.0  # how long Redis is left alone after it did not answer
UNHEARD_MOST = 1_000


class RqDispatcher(Clerk):
    """Offers, grants, hears."""

    def __init__(  # noqa: PLR0913 - time, chance and listeners come in by name
        self,
        core: CoreClient,
        journal: FilingJournal,
        settings: DispatchSettings,
        yard: Yard,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        tell: Tell,
        settled: Callable[[Sequence[Settled]], None],
    ) -> None:
        super().__init__(core, journal, settings, clock=clock, monotonic=monotonic, random=random, tell=tell, settled=settled)
        self._yard = yard
        self._queue = yard.settings
        self._share = yard.share or LocalShare(self._limit)
        self._batches = Batches(yard.gateway, yard.life)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="doorbell")
        self._down: str | None = None
        self._down_until = 0.0
        self._asked_at = 0.0
        self._others_say: str | None = None
        self._beside = f"beside {yard.gateway}"  # under this name the slots are held that are no batch's
        self._lives = False  # our word lay in Redis already

    @property
    def down(self) -> str | None:
        """Why Redis cannot be asked now; None while it can."""
        return self._down

    def _parts(self, tasks: asyncio.TaskGroup) -> Mapping[str, Coroutine[Any, Any, None]]:
        return {"fill": self._fill(tasks), "listen": self._listen(), "watch": self._watch()}

    async def stop(self) -> None:
        """Grant nothing more, and wait a while for what is granted. What is not heard of then is unknown at the next start, until it is."""
        self._stopping = True
        self._wake_all()
        try:
            async with asyncio.timeout(self._settings.settle_seconds_max):
                await self._finished.wait()
        except TimeoutError:
            log.warning("workers are still at work; they are heard at the next start", extra={"in_flight": self._in_flight})
            self._in_flight = 0
            self._wake_all()
            await self._finished.wait()
        self._thread.shutdown()
        with contextlib.suppress(SharedDown):
            self._yard.doorbell.close()

    # -- offering

    async def _fill(self, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping:
            self._fill_now.clear()
            self._start_probe(tasks)
            if not await self._offer():
                await wait_for(self._fill_now, self._fill_wait())
        if self._probe is not None:
            self._probe.cancel()
        self._drop(self._batches.offered())
        self._wake_all()

    async def _offer(self) -> bool:
        """Ring once with all there is room for; False when there was nothing to ring for."""
        if self._stopped_by() is not None:
            return False
        batches: list[Batch] = []
        while len(self._batches) < self._queue.batches_max and (rows := self._room.take(self._queue.batch_rows)):
            batches.append(self._batches.offer(rows, self._monotonic(), self._clock()))
        if self._room.wants_reading:
            self._read_now.set()
        if not batches:
            return False
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._ring, batches)
        except SharedDown as error:
            self._is_down(error)
            self._drop(batch for batch in batches if batch.worker is None)
            return False
        return True

    def _ring(self, batches: Sequence[Batch]) -> None:
        """In the doorbell's thread."""
        seal, gateway = self._yard.parcels.basket.seal, self._yard.gateway
        self._yard.doorbell.ring([(batch.name, seal(Basket(gateway, batch.name, tuple(batch.rows.values())))) for batch in batches])

    def _drop(self, batches: Iterable[Batch]) -> None:
        """Nobody was granted these: their complaints are ready as before, and are read again."""
        dropped = False
        for batch in batches:
            self._batches.end(batch)
            self._room.release(batch.rows)
            dropped = True
        if dropped:
            self.wake()

    # -- granting

    async def _listen(self) -> None:
        """Read the stream from its beginning again and again: whatever is in it is not yet dealt with."""
        stream = handover.inbound(self._yard.gateway)
        while not (self._stopping and self._in_flight == 0):
            try:
                entries = await self._yard.shared.read(stream, "0", most=READ_MOST, seconds=LISTEN_SECONDS)
                if entries:
                    await self._take_in(entries)
                    await self._yard.shared.do("XDEL", stream, *[entry.id for entry in entries])
            except SharedDown as error:
                self._is_down(error)
                await asyncio.sleep(DOWN_SECONDS)

    async def _take_in(self, entries: Sequence[Entry]) -> None:
        said: list[Ask | Words] = []
        for entry in entries:
            try:
                said.append(self._yard.parcels.inbound.open(entry.body))
            except ParcelError as error:
                log.warning("something in the stream cannot be read and is dropped", extra={"cause": str(error)})
        await asyncio.gather(*[self._answer(one) for one in said if isinstance(one, Ask)])
        for one in said:
            if isinstance(one, Words):
                await self._hear(one)

    async def _answer(self, ask: Ask) -> None:
        """Commit `sending`, then say yes. A yes that does not arrive is found out by asking the worker for its record."""
        batch = self._batches.get(ask.grant.batch)
        leave = Leave(ask.nonce, (), 0)
        if batch is not None and batch.worker is None:
            batch.worker, batch.granted_at = ask.grant.worker, self._monotonic()  # before anything is awaited: one batch, one worker
            leave = await self._grant(batch, ask)
        key = handover.leaves(ask.grant.worker)
        try:
            await self._yard.shared.batch(
                [("RPUSH", key, self._yard.parcels.leave.seal(leave)), ("EXPIRE", key, handover.LEAVE_SECONDS)],
            )
        except SharedDown as error:
            self._is_down(error)

    async def _grant(self, batch: Batch, ask: Ask) -> Leave:
        no = Leave(ask.nonce, (), 0)
        slots = await self._slots(batch, ask.window)
        if not slots:
            self._drop([batch])
            return no
        batch.slots = slots
        started: set[int] = set()
        try:
            ours = await self._ours(batch)
            started = await self._journal.start_filing([(one.complaint_id, one.attempt) for one in ours], ask.grant)
        except SharedDown as error:
            self._is_down(error)
            self._room.release(batch.rows)
            self.wake()
        except JournalError as error:
            log.warning("filing waits for the journal", extra={"cause": type(error).__name__, "complaints": len(batch.rows)})
            self._note([self._outcomes.give_back(one, "the journal could not mark it") for one in batch.rows.values()])
        else:
            self._room.release(batch.rows.keys() - started)
        batch.open = started
        self._in_flight += len(started)
        self._take_out_poison(batch, ask.grant)
        if not batch.open:
            await self._end(batch)
            return no
        return Leave(ask.nonce, tuple(sorted(batch.open)), slots)

    def _take_out_poison(self, batch: Batch, grant: Grant) -> None:
        """What was sent so often in vain goes to a person instead of to one more worker."""
        for row in [batch.rows[one] for one in batch.open]:
            refused = self._outcomes.poison(row)
            if refused is not None:
                batch.open.discard(row.complaint_id)
                self._note([replace(self._judge(row, refused, self._monotonic()), grant=grant)])

    async def _slots(self, batch: Batch, wanted: int) -> int:
        """How many of a batch may be in flight at once; 0: not now."""
        wanted = min(wanted, self._limit(), self._room_for_unknowns())
        if self._stopped_by() is not None or not wanted:
            return 0
        if self._kept_free:
            await self._take(self._beside, self._lent + self._kept_free)
        return await self._take(batch.name, wanted)

    async def _spare(self, most: int) -> int:
        wanted = min(most, self._limit() - self._lent, self._room_for_unknowns() - self._lent)
        return max(0, await self._take(self._beside, self._lent + wanted) - self._lent) if wanted > 0 else 0

    async def _take(self, name: str, want: int) -> int:
        """Slots of the window that all share; none while Redis is down."""
        try:
            return await self._share.take(name, want)
        except SharedDown as error:
            self._is_down(error)
            return 0

    async def _free(self, name: str) -> None:
        try:
            await self._share.free(name)
        except SharedDown as error:
            self._is_down(error)

    async def take_back(self, slots: int) -> None:
        """As the clerk's; the other gateways may have them."""
        await super().take_back(slots)
        await (self._take(self._beside, self._lent) if self._lent else self._free(self._beside))

    async def _ours(self, batch: Batch) -> list[Filing]:
        """What no other gateway has; the index sees to what another one has."""
        if self._yard.index is None:
            return list(batch.rows.values())
        owners = await self._yard.index.claim(list(batch.rows.values()))
        return [one for one in batch.rows.values() if owners.get(one.complaint_id) is None]

    def _limit(self) -> int:
        return 1 if self._outcomes.breaker.state is BreakerState.TRIAL else self._outcomes.window.size

    def _room_for_unknowns(self) -> int:
        """So many more may be begun without more than `unknown_max` becoming unknown by a crash of everything."""
        out = sum(min(batch.slots, len(batch.open)) for batch in self._batches.granted())
        return max(0, self._settings.unknown_max - self._unknown_open() - out)

    async def _end(self, batch: Batch) -> None:
        self._batches.end(batch)
        await self._free(batch.name)
        self._fill_now.set()

    # -- hearing

    async def _hear(self, words: Words) -> None:
        """Have it written down. Should we die before, the worker's record says it again."""
        batch = self._batches.get(words.grant.batch)
        if batch is not None and batch.worker != words.grant.worker:
            batch = None  # RQ may run one job twice; the other worker has no say in what this one was granted
        self._note([self._judged(word, words.grant, batch) for word in words.words])
        if batch is not None and not batch.open:
            await self._end(batch)

    def _judged(self, word: Word, grant: Grant, batch: Batch | None) -> Settlement:
        if batch is None or word.complaint_id not in batch.open:
            return self._late(word, grant)
        batch.open.discard(word.complaint_id)
        if isinstance(word.outcome, NeverSent):
            self._in_flight -= 1
            self._outcomes.counts["given_back"] += 1
            return self._late(word, grant)
        started = self._monotonic() - word.seconds
        return replace(self._judge(batch.rows[word.complaint_id], word.outcome, started), grant=grant)

    def _late(self, word: Word, grant: Grant) -> Settlement:
        """Of an earlier run, or said twice: it counts for the complaint, not for window and breaker."""
        attempt, now = word.attempt, self._clock()
        match word.outcome:
            case Filed(tracking_id, transaction_id):
                move = ComplaintMove.FILED
                return Settlement(word.complaint_id, attempt, move, tracking_id, transaction_id or None, grant=grant)
            case Refused(reason):
                return Settlement(word.complaint_id, attempt, ComplaintMove.REFUSED, reason=reason, grant=grant)
            case Unknown(reason):
                return Settlement(word.complaint_id, attempt, ComplaintMove.LOST_ANSWER, reason=reason, grant=grant)
            case NotFiled(reason) | NeverSent(reason):
                charged = isinstance(word.outcome, NotFiled)
                next_ms = now + (round(self._settings.retry_first_seconds * 1000) if charged else 0)
                return Settlement(
                    word.complaint_id, attempt, ComplaintMove.NOT_FILED, reason=reason, next_ms=next_ms, charged=charged, grant=grant
                )

    # -- watching

    async def _watch(self) -> None:
        while not self._stopping:
            try:
                await self._notice_emptied()
                await self._agree()
                await self._ask_records()
            except SharedDown as error:
                self._is_down(error)
            except JournalError as error:
                log.warning("lost batches wait for the journal", extra={"cause": str(error)})
            now = self._monotonic()
            self._drop(self._batches.offered(before=now - self._queue.offer_seconds))
            for batch in self._batches.granted(before=now - self._queue.lost_seconds):
                if batch.open:  # else its grant is still being written down
                    await self._give_up(batch)
            self._fill_now.set()
            await wait_for(self._finished, WATCH_SECONDS)

    async def _notice_emptied(self) -> None:
        """A word of ours lies in Redis; where it is gone, so is all that was offered."""
        key, life = f"gw:life:{self._yard.gateway}", self._yard.life.encode()
        if await self._yard.shared.do("GET", key) != life:
            await self._yard.shared.do("SET", key, life)
            if self._lives:
                self._drop(self._batches.offered(before=self._monotonic()))
            self._lives = True
        if self._down is not None and self._monotonic() >= self._down_until:
            self._down = None
            self._announce("redis_up")
            self.wake()

    async def _agree(self) -> None:
        """Tell the other gateways what we believe of the core, and believe the worst of what they do."""
        await self._share.publish(self._limit(), self._outcomes.breaker.state.value)
        _, worst = await self._share.others()
        stops = worst in (BreakerState.OPEN.value, BreakerState.FAULT.value)
        self._others_say = f"another gateway found the core {worst}" if stops else None

    async def _may_probe(self) -> bool:
        try:
            if await self._share.may_probe():
                return True
        except SharedDown:
            return True
        await asyncio.sleep(WATCH_SECONDS)
        return False

    async def _ask_records(self) -> None:
        now = self._monotonic()
        wanted: dict[str, list[tuple[str, int, int]]] = {}
        for batch in self._batches.silent(now, self._queue.ask_worker_seconds):
            items = [(batch.name, one, batch.rows[one].attempt) for one in sorted(batch.open)]
            wanted.setdefault(batch.worker or "", []).extend(items)
        if now - self._asked_at >= self._queue.ask_worker_seconds:
            self._asked_at = now
            for row in await self._yard.workers.unheard(UNHEARD_MOST):
                wanted.setdefault(row.grant.worker, []).append((row.grant.batch, row.complaint_id, row.attempt))
        for worker, rows in wanted.items():
            key = handover.queries(worker)
            sealed = self._yard.parcels.query.seal(Query(self._yard.gateway, tuple(rows)))
            await self._yard.shared.batch([("RPUSH", key, sealed), ("LTRIM", key, -8, -1), ("EXPIRE", key, handover.QUERY_SECONDS)])

    async def _give_up(self, batch: Batch) -> None:
        """Unknown, until its worker's record is heard."""
        reason = f"worker {batch.worker} was granted it and is not heard of"
        grant = Grant(batch.worker or "", batch.name)
        lost = [
            Settlement(one, batch.rows[one].attempt, ComplaintMove.LOST_ANSWER, reason=reason, grant=grant, heard=False)
            for one in sorted(batch.open)
        ]
        self._in_flight -= len(lost)
        self._outcomes.counts["unknown"] += len(lost)
        self._note(lost)
        self._announce("worker_lost", worker=batch.worker, complaints=len(lost))
        await self._end(batch)

    def _stopped_by(self) -> str | None:
        return super()._stopped_by() or self._down or self._yard.hold() or self._others_say

    def _is_down(self, error: SharedDown) -> None:
        self._down_until = self._monotonic() + DOWN_SECONDS
        if self._down is None:
            self._down = str(error)
            self._announce("redis_down", cause=str(error))
