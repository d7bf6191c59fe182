"""Takes what arrives on one bound connection to the front desk, and says yes to the operator only when it is kept.

One read is one batch is one write of answers. Batches do not wait for each other. Whatever goes wrong on our side, the operator
hears "later" in the way he understands, and a row says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from adapters.channel import Answer, DeliveryReport, Inbound, Inbox, Refusal
from adapters.smpp import receipt as receipts
from adapters.smpp.events import ReceiptArrived, SegmentArrived, UnreadableArrived
from adapters.smpp.pdu import ShortMessage
from adapters.smpp.profile import OperatorSettings
from adapters.smpp.state import Role
from adapters.smpp.timestamp import absolute_ms
from adapters.smpp.wire import Wire
from parsers.errors import JournalError
from parsers.model import Segment, Unreadable

log = logging.getLogger(__name__)

LEAVE_SECONDS = 1.0  # For an operator who repeats only what got no answer: say unbind, then go, so that he repeats soon.
COMPLAINT_SECONDS = 5.0  # Between two log lines about a front desk that fails.
NO_STATUS = -1  # In a Refusal row: we gave no answer and unbound.

MessageArrived = SegmentArrived | ReceiptArrived | UnreadableArrived
MESSAGES = (SegmentArrived, ReceiptArrived, UnreadableArrived)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Wall time in UTC milliseconds for records, monotonic seconds for waiting."""

    wall: Callable[[], int]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Reception:
    """The MO side of one connection, whichever side bound to which."""

    def __init__(self, operator: OperatorSettings, bind: str, inbox: Inbox, wire: Wire, clocks: Clocks) -> None:
        self._operator = operator
        self._bind = bind
        self._inbox = inbox
        self._wire = wire
        self._clocks = clocks
        self._session: int | None = None
        self._beginning = asyncio.Lock()
        self._unanswered = 0
        self._quiet_until = float("-inf")
        self._tasks: set[asyncio.Task[None]] = set()
        self._gives_ids = wire.session.role is Role.SMSC

    @property
    def unanswered(self) -> int:
        """Messages that are at the front desk now."""
        return self._unanswered

    def begin(self) -> None:
        """The connection is bound: have it numbered before the first message needs the number."""
        self._start(self._begin_early())

    def take(self, batch: list[MessageArrived]) -> None:
        """Bring the messages of one read to the front desk."""
        self._unanswered += len(batch)
        if self._unanswered >= self._operator.unacknowledged_max:
            self._wire.hold("unanswered")
        self._start(self._keep(batch, self._clocks.wall(), self._clocks.monotonic()))

    async def settle(self, seconds: float) -> None:
        """Wait until all that was taken is answered, at most so long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def end(self) -> None:
        """The connection is gone: finish what is at the front desk, then say that the session ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._session is not None:
            try:
                await self._inbox.session_ended(self._session)
            except Exception:
                log.exception("the end of a session was not stored", extra={"operator": self._operator.name, "bind": self._bind})

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _begin_early(self) -> None:
        try:
            await self._number()
        except Exception:
            log.exception("a session could not be stored", extra={"operator": self._operator.name, "bind": self._bind})

    async def _number(self) -> int:
        """The session's number; asked for once, again after a failure."""
        if self._session is None:
            async with self._beginning:
                if self._session is None:
                    self._session = await self._inbox.session_began(self._operator.name, self._bind)
        return self._session

    async def _keep(self, batch: list[MessageArrived], received_ms: int, taken: float) -> None:
        """Store one batch, then answer it: the only place where a yes is written."""
        cause = "the message could not be stored"
        try:
            session = await self._number()
            answers = await self._inbox.accept([self._readable(event, session, received_ms) for event in batch])
        except Exception as error:  # noqa: BLE001 - whatever failed, the operator hears "later"; _complain logs it
            self._complain(error, len(batch))
            answers, cause = [Answer.LATER] * len(batch), f"{cause}: {type(error).__name__}"
        answers += [Answer.LATER] * (len(batch) - len(answers))
        self._unanswered -= len(batch)
        written = self._answer(batch, answers, cause)
        late = self._clocks.monotonic() - taken > self._operator.timers.response_seconds
        missed = answers.count(Answer.KEPT) if late else answers.count(Answer.KEPT) - written
        if missed and self._session is not None:
            self._inbox.answered_late(self._session, [received_ms] * missed)
        if self._unanswered <= self._operator.unacknowledged_max // 2:
            self._wire.release("unanswered")

    def _complain(self, error: Exception, count: int) -> None:
        """Log that the front desk failed, seldom: a full disk fails every batch, and rows say it of each message."""
        now = self._clocks.monotonic()
        if now < self._quiet_until:
            return
        self._quiet_until = now + COMPLAINT_SECONDS
        extra = {"operator": self._operator.name, "bind": self._bind, "count": count, "cause": type(error).__name__}
        log.error("a batch could not be stored", extra=extra, exc_info=None if isinstance(error, JournalError) else error)

    def _answer(self, batch: list[MessageArrived], answers: list[Answer], cause: str) -> int:
        """Write the answers of one batch in one piece; how many a yes was written for."""
        acknowledge, written = self._wire.session.acknowledge, 0
        for event, answer in zip(batch, answers, strict=False):
            if answer is not Answer.KEPT:
                self._put_off(event, cause)
            elif self._gives_ids:
                written += acknowledge(event.sequence, 0, f"{self._session or 0:x}-{event.sequence:x}")
            else:
                written += acknowledge(event.sequence)
        self._wire.flush()
        return written if self._wire.open else 0

    def _put_off(self, event: MessageArrived, cause: str) -> None:
        """Say "later" as this operator understands it: a status, or no answer at all and our leave."""
        status = self._operator.later_status.status
        if status is None and self._wire.bound:
            self._wire.leave(LEAVE_SECONDS)
        elif status is not None:
            self._wire.session.acknowledge(event.sequence, status)
        command = event.command if isinstance(event, UnreadableArrived) else event.pdu.command
        self.note_refusal(command, NO_STATUS if status is None else status, cause)

    def note_refusal(self, command: str, status: int, cause: str) -> None:
        """Leave a row for a "no", ours or the session's."""
        self._inbox.refused(Refusal(self._operator.name, self._bind, command, status, cause, self._clocks.wall()))

    def _readable(self, event: MessageArrived, session: int, received_ms: int) -> Inbound:
        """A fault of ours must not make the operator repeat a message for ever: it is kept raw instead."""
        try:
            return self._inbound(event, session, received_ms)
        except Exception as error:
            log.exception("a message could not be read", extra={"operator": self._operator.name, "bind": self._bind})
            command, raw = (event.command, event.raw) if isinstance(event, UnreadableArrived) else (event.pdu.command, event.pdu.raw)
            return Unreadable(self._operator.name, self._bind, session, command, type(error).__name__, raw, received_ms)

    def _inbound(self, event: MessageArrived, session: int, received_ms: int) -> Inbound:
        operator, bind = self._operator.name, self._bind
        if type(event) is SegmentArrived:
            return segment_of(event.pdu, operator, bind, session, received_ms)
        if type(event) is UnreadableArrived:
            return Unreadable(operator, bind, session, event.command, event.cause, event.raw, received_ms)
        if type(event) is ReceiptArrived:
            return _report(operator, event, received_ms)
        raise TypeError(f"{type(event).__name__} is no message")


def segment_of(pdu: ShortMessage, operator: str, bind: str, session: int, received_ms: int) -> Segment:
    """A message PDU as the front desk knows it."""
    return Segment(
        operator,
        bind,
        session,
        pdu.command,
        pdu.source,
        pdu.destination,
        pdu.esm_class,
        pdu.data_coding,
        pdu.octets,
        pdu.raw,
        received_ms,
        pdu.protocol_id,
        pdu.sar,
        absolute_ms(pdu.schedule) if pdu.schedule else None,
    )


def _report(operator: str, event: ReceiptArrived, received_ms: int) -> DeliveryReport:
    found = event.receipt
    return DeliveryReport(operator, receipts.canonical(found.message_id), found.state, found.error, received_ms, found.candidates)
