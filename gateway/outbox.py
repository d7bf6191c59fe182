"""The outbox: reply rows become messages to citizens; nobody else sends.

A row is `sending` on disk before a byte leaves, so a crash sends a reply once more at the most, and knows that it does.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.channel import Outbound, Reply, Sending, SendResult
from forwarder.journal import Doors, Journal, ReplyResult
from forwarder.lifecycle import ReplyMove
from forwarder.records import ReplyJob
from forwarder.replies import Texts
from gateway.watch import Watch
from parsers.due import Clocks, next_due
from parsers.errors import JournalError
from parsers.model import Address
from parsers.zones import day_of, zone_of

log = logging.getLogger(__name__)

IN_FLIGHT_MAX = 512  # replies taken from the journal and not yet settled, over all operators
UNSETTLED_MAX = 16  # of one operator: left us, and the answer is not on the disk yet
AHEAD = 1  # of one operator, as many as may be out wait at its door, so that it is never idle while the journal is asked for more
LOOK_SECONDS = 0.5  # how often the journal is asked for rows whose time has come
ASK_SECONDS = 5.0  # how often the journal is asked for lost answers whose channel should be asked
ASK_AGAIN_SECONDS = 60.0
ASKED_MAX = 20
ASK_DAYS_MAX = 2  # afterwards nobody would be answered any more
RETRY_SECONDS = (5.0, 15.0, 60.0, 300.0, 900.0)  # wait after the first, second … "later"; the last one for ever after

MOVES: Mapping[SendResult, ReplyMove] = {
    SendResult.SENT: ReplyMove.SENT,
    SendResult.LATER: ReplyMove.POSTPONED,
    SendResult.REFUSED: ReplyMove.REFUSED,
    SendResult.UNKNOWN: ReplyMove.LOST_ANSWER,
}

FOUND: Mapping[SendResult, ReplyMove] = {
    SendResult.SENT: ReplyMove.FOUND,
    SendResult.REFUSED: ReplyMove.ABSENT,
    SendResult.LATER: ReplyMove.POSTPONED,
    SendResult.UNKNOWN: ReplyMove.LOST_ANSWER,
}
"""What a channel says of a lost answer."""


class Outbox:
    """Takes due rows from the journal, renders them, and gives each to the operator that heard the citizen."""

    def __init__(  # noqa: PLR0913 - how often it looks comes in by name
        self,
        journal: Journal,
        texts: Texts,
        channels: Mapping[str, Outbound],
        clock: Callable[[], int],
        watch: Watch,
        *,
        look_seconds: float = LOOK_SECONDS,
        unsettled_max: int = UNSETTLED_MAX,
        told: Callable[[str, int], None] = lambda _reporter, _now_ms: None,
        clocks: Clocks | None = None,
    ) -> None:
        """`clocks` tell until when the rules want a step; without them no answer names a day."""
        self.texts = texts  # replaced whole when new texts are installed
        self._journal = journal
        self._channels = channels
        self._can_ask = any(channel.caps.can_find for channel in channels.values())
        self._clock = clock
        self._watch = watch
        self._look_seconds = look_seconds
        self._clocks = clocks
        self._told = told  # hears to whom an SMS leaves, and when
        self._due = asyncio.Event()
        self._answered = asyncio.Event()
        self._room = asyncio.Event()
        self._results: list[ReplyResult] = []
        self._out: dict[int, asyncio.Semaphore] = {}  # reply id → the door it went out by, until its result is on the disk
        self._doors = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(unsettled_max))
        self._most = unsettled_max * (1 + AHEAD)
        self._taken: dict[int, str] = {}  # reply id → its operator, from the journal's yes until its result is on the disk
        self._stopping = False
        self._over = False  # nothing more will be started: once what is in flight is settled, all is done
        self.in_flight = 0
        self.counts: dict[str, int] = {result.value: 0 for result in SendResult}

    def wake(self) -> None:
        """Rows have become due: look at once."""
        self._due.set()

    def stop(self) -> None:
        """Start nothing more; `run` returns when what is in flight is answered and stored."""
        self._stopping = True
        for event in (self._due, self._answered, self._room):
            event.set()

    async def run(self) -> None:
        """Send what is due until `stop`."""
        async with asyncio.TaskGroup() as group:
            self._over = False
            group.create_task(self._settle(), name="outbox settles")
            asking = group.create_task(self._keep_asking(), name="outbox asks") if self._can_ask else None
            while not self._stopping:
                if self.in_flight >= IN_FLIGHT_MAX:
                    await _signal(self._room, self._look_seconds)
                    continue
                jobs = await self._start()
                for job in jobs:
                    self.in_flight += 1
                    group.create_task(self._send(job), name=f"reply {job.reply_id}")
                if not jobs:
                    await _signal(self._due, self._look_seconds)
            self._over = True
            self._answered.set()
            if asking is not None:
                asking.cancel()

    async def _keep_asking(self) -> None:
        """Where an answer got lost, ask the channels that can be asked, before anything is sent again."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            try:
                jobs = await self._journal.feed.start_look_ups(ASKED_MAX, self._clock())
                await self._journal.feed.resolve_replies([await self._ask(job) for job in jobs])
            except JournalError as error:
                log.warning("lost answers wait for the journal", extra={"cause": str(error)})

    async def _ask(self, job: ReplyJob) -> ReplyResult:
        channel = self._channels.get(job.operator)
        found = Sending(SendResult.LATER, detail="its channel is not configured")
        if channel is not None:
            try:
                found = await channel.find(self._reply(job))
            except Exception:  # a bug of ours must not keep the other answers unknown
                log.exception("a lost answer could not be asked for", extra={"reply_id": job.reply_id})
        move = FOUND[found.result]
        if move is ReplyMove.POSTPONED and self._clock() - job.received_ms > ASK_DAYS_MAX * 86_400_000:
            move = ReplyMove.LOST_ANSWER
        return ReplyResult(
            job.reply_id, move, found.message_ids, found.detail, self._clock() + int(1000 * (found.retry_after_s or ASK_AGAIN_SECONDS))
        )

    async def _start(self) -> list[ReplyJob]:
        try:
            jobs = await self._journal.start_replies(
                IN_FLIGHT_MAX - self.in_flight, self._clock(), Doors(self._most, Counter(self._taken.values()))
            )
        except JournalError as error:
            log.warning("replies wait for the journal", extra={"cause": str(error)})
            return []
        self._taken |= {job.reply_id: job.operator for job in jobs}
        return jobs

    async def _send(self, job: ReplyJob) -> None:
        sending = Sending(SendResult.LATER, detail="the outbox was stopped before it went out")
        try:
            await self._go_out(job)
            sending = Sending(SendResult.UNKNOWN, detail="the outbox was stopped before the operator answered")
            sending = await self._hand_over(job)
        except Exception:  # a bug of ours must not take the other replies with it
            log.exception("a reply could not be handed over", extra={"reply_id": job.reply_id})
            sending = Sending(SendResult.UNKNOWN, detail="our own code failed")
        finally:  # also when the outbox itself fails and is started again: no reply stays in flight for ever
            self.in_flight -= 1
            self.counts[sending.result.value] += 1
            self._results.append(self._result(job, sending))
            self._answered.set()
            self._room.set()

    async def _go_out(self, job: ReplyJob) -> None:
        """Wait until few enough of this operator are out: what is out and not settled is said once more by the next life."""
        door = self._doors[job.operator]
        await door.acquire()
        self._out[job.reply_id] = door

    async def _hand_over(self, job: ReplyJob) -> Sending:
        channel = self._channels.get(job.operator)
        if channel is None:
            return Sending(SendResult.LATER, detail=f"operator {job.operator} is not configured any more")
        reply = self._reply(job)
        self._told(job.reporter_value, self._clock())  # its answer may be here before the operator's
        sending = await channel.send(reply)
        if sending.result is SendResult.SENT:
            self._told(job.reporter_value, self._clock())
        if self._watch.watched:
            self._watch.tell(
                "reply", number=job.number, kind=job.kind, result=sending.result.value, operator=job.operator, detail=sending.detail
            )
        return sending

    def _dated(self, job: ReplyJob) -> ReplyJob:
        """With the day until which the rules want the next step, where it is still to come."""
        due = None if job.standing is None or self._clocks is None else next_due(self._clocks, job.standing)
        if due is None or job.standing is None or due.day < day_of(self._clock(), zone_of(job.standing.region)):
            return job
        return replace(job, due=due.day)

    def _reply(self, job: ReplyJob) -> Reply:
        return Reply(
            to=Address(job.ton, job.npi, job.address),
            text=self.texts.render(self._dated(job)),
            key=f"R{job.reply_id}",
            kind=job.kind,
            number=job.number,
            tracking_id=job.tracking_id,
            attempt=job.attempt,
        )

    def _result(self, job: ReplyJob, sending: Sending) -> ReplyResult:
        next_ms = None
        if sending.result is SendResult.LATER:
            wait = RETRY_SECONDS[min(job.attempt, len(RETRY_SECONDS)) - 1]
            next_ms = self._clock() + int(1000 * max(wait, sending.retry_after_s or 0.0))
        return ReplyResult(job.reply_id, MOVES[sending.result], sending.message_ids, sending.detail, next_ms)

    async def _settle(self) -> None:
        """Store results in batches; what the journal cannot take now is offered again."""
        while not (self._over and self.in_flight == 0 and not self._results):
            await _signal(self._answered, self._look_seconds)
            results, self._results = self._results, []
            if not results:
                continue
            try:
                await self._journal.settle_replies(results)
            except JournalError as error:
                log.warning("results of replies wait for the journal", extra={"cause": str(error), "results": len(results)})
                self._results = results + self._results
                self._answered.set()  # as soon as the disk is well again: what is not written down is sent once more by the next life
                await asyncio.sleep(LOOK_SECONDS)
                continue
            for result in results:
                self._taken.pop(result.reply_id, None)
                if (door := self._out.pop(result.reply_id, None)) is not None:
                    door.release()
            self._due.set()  # there is room again


async def _signal(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not longer; the next wait begins anew."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()
