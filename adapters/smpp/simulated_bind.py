"""One connection to the simulated operator, from the SMSC's end: admits binds, delivers, answers submits, and does what Faults says."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Protocol

from adapters.smpp import codec
from adapters.smpp.events import BindArrived, Event, ReceiptArrived, SegmentArrived, Unanswered, UnbindArrived, UnreadableArrived
from adapters.smpp.pdu import Command, Outgoing
from adapters.smpp.profile import BindMode
from adapters.smpp.session import Session
from adapters.smpp.state import Role
from adapters.smpp.wire import SubmitOutcome, Wire

if TYPE_CHECKING:
    from adapters.smpp.simulator import Simulator

ESME_RINVPASWD, ESME_RINVSYSID, ESME_RSUBMITFAIL = 0x0E, 0x0F, 0x45
RAW_SEQUENCE_FIRST = 0x30000000  # Far from the session's own numbers.


class SimulatedWire(Wire):
    """A wire that can be deaf, and through which a load can be pushed past the session (see load.py)."""

    tap: Tap | None = None
    deaf = False

    def data_received(self, data: bytes) -> None:
        """Read as usual, unless a fault or a load wants otherwise."""
        if self.deaf:
            return
        rest = self.tap.take(data) if self.tap is not None else data
        if rest:
            super().data_received(rest)


class Tap(Protocol):
    """Takes bytes before the session does."""

    def take(self, data: bytes) -> bytes:
        """Take what is its own; return the rest, whole PDUs only."""


class SimulatedBind:
    """A gateway's connection to the simulator; `name` is `a`, `b` … in the order of binding, as free."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        settings = simulator.settings
        timers = settings.timers
        session = Session(Role.SMSC, timers=timers, window=settings.window, unacknowledged_max=1000)
        self.wire = SimulatedWire(session, monotonic=simulator.clocks.monotonic, opened=lambda: simulator.connections.add(self))
        self.wire.minder = self
        self.name = ""
        self.system_id = ""
        self.mode: BindMode | None = None
        self._stalled = False
        self._raw_sequence = RAW_SEQUENCE_FIRST

    @property
    def ready(self) -> bool:
        """Whether another message may be delivered here now."""
        window = self.wire.session.window
        delivers = self.mode is not None and self.mode.receives
        return delivers and self.wire.bound and not self._stalled and self.wire.tap is None and not window.full

    def deliver(self, outgoing: Outgoing) -> asyncio.Future[SubmitOutcome]:
        """Write one deliver_sm, with whatever fault is on; raises NotBound or WindowFull."""
        faults = self._simulator.faults
        if faults.stall_next:
            faults.stall_next = False
            return self._write_half(outgoing)
        if faults.broken_tlv_next:
            faults.broken_tlv_next = False
            return self._write_broken(outgoing)
        answer = self.wire.submit(outgoing)
        if faults.duplicate_next > 0 and not self.wire.session.window.full:
            faults.duplicate_next -= 1
            self.wire.submit(outgoing)
        if faults.drop_after == 0:
            faults.drop_after = -1
            self.wire.abort()
        elif faults.drop_after > 0:
            faults.drop_after -= 1
        return answer

    def unbind(self) -> None:
        """Take leave of the gateway."""
        self.wire.unbind()

    def drop(self) -> None:
        """Cut the connection."""
        self.wire.abort()

    # ── the wire's minder ──

    def heed(self, events: list[Event]) -> None:
        """Answer what the gateway says."""
        for event in events:
            if isinstance(event, SegmentArrived):
                self._take_submit(event)
            elif isinstance(event, BindArrived):
                self._simulator.bind_requests += 1
                self._judge(event)
            elif isinstance(event, ReceiptArrived):
                self.wire.session.acknowledge(event.sequence)
            elif isinstance(event, UnreadableArrived):
                self.wire.session.acknowledge(event.sequence, ESME_RSUBMITFAIL)
            elif isinstance(event, UnbindArrived):
                self._simulator.wake()

    def closed(self) -> None:
        """The connection is gone."""
        self._simulator.connections.discard(self)
        if self in self._simulator.binds:
            self._simulator.binds.remove(self)
        self._simulator.wake()

    # ── inside ──

    def _judge(self, event: BindArrived) -> None:
        settings, faults = self._simulator.settings, self._simulator.faults
        request = event.request
        status = 0
        if faults.refuse_bind and faults.refuse_binds_next != 0:
            status = faults.refuse_bind
            faults.refuse_binds_next -= faults.refuse_binds_next > 0
        elif settings.passwords and request.system_id not in settings.passwords:
            status = ESME_RINVSYSID
        elif settings.passwords and settings.passwords[request.system_id] != request.password:
            status = ESME_RINVPASWD
        self.system_id, self.mode = request.system_id, request.mode
        if faults.bind_answer_seconds:
            self._simulator.later(faults.bind_answer_seconds, lambda: self._answer(event.sequence, status))
        else:
            self._answer(event.sequence, status)

    def _answer(self, sequence: int, status: int) -> None:
        faults = self._simulator.faults
        if faults.bind_answer_sequence:
            self.wire.write_raw(codec.bare(Command.BIND_TRANSCEIVER_RESP, sequence + faults.bind_answer_sequence, status))
            return
        self.wire.answer_bind(sequence, status, self._simulator.settings.system_id)
        if faults.bind_answer_twice:
            self.wire.write_raw(codec.bare(Command.BIND_TRANSCEIVER_RESP, sequence, status))
        if status == 0:
            taken = {bind.name for bind in self._simulator.binds}
            self.name = next(name for name in "abcdefghijklmnopqrstuvwxyz" if name not in taken)
            self._simulator.binds.append(self)
            self.wire.deaf = faults.silent
            self._simulator.wake()

    def _take_submit(self, event: SegmentArrived) -> None:
        faults = self._simulator.faults
        status, message_id = self._simulator.take_reply(event.pdu, self.name)
        if faults.mute_submits:
            return
        if faults.submit_answer_sequence:
            number = event.sequence + faults.submit_answer_sequence
            self.wire.write_raw(codec.message_answer(Command.SUBMIT_SM_RESP, number, status, message_id))
        elif faults.submit_answer_seconds:
            self._simulator.later(faults.submit_answer_seconds, lambda: self._answer_submit(event.sequence, status, message_id))
        else:
            self.wire.session.acknowledge(event.sequence, status, message_id)
        self._simulator.wake()

    def _answer_submit(self, sequence: int, status: int, message_id: str) -> None:
        self.wire.session.acknowledge(sequence, status, message_id)
        self.wire.flush()

    def _write_half(self, outgoing: Outgoing) -> asyncio.Future[SubmitOutcome]:
        """Half a PDU, and then silence: delivered again when the gateway gives up on this connection."""
        self._stalled = True
        frame = codec.message(Command.DELIVER_SM, outgoing, self._raw_number())
        self.wire.write_raw(frame[: len(frame) // 2])
        future: asyncio.Future[SubmitOutcome] = asyncio.get_running_loop().create_future()
        future.set_result(Unanswered(0))
        return future

    def _write_broken(self, outgoing: Outgoing) -> asyncio.Future[SubmitOutcome]:
        """A TLV that ends after its PDU; the answer is not waited for, the message itself is delivered again whole."""
        frame = codec.message(Command.DELIVER_SM, outgoing, self._raw_number()) + b"\x14\x00\x00\x40\x01"
        self.wire.write_raw(struct.pack(">I", len(frame)) + frame[4:])
        future: asyncio.Future[SubmitOutcome] = asyncio.get_running_loop().create_future()
        future.set_result(Unanswered(0))
        return future

    def _raw_number(self) -> int:
        self._raw_sequence += 1
        return self._raw_sequence
