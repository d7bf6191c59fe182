"""One SMPP session, either end of it, as a machine without I/O: bytes and time go in, events and bytes come out (SMPP 3.4 §2, §7).

It owns no socket, no clock and no task. What the peer does wrong becomes an answer of the protocol or a note; what its owner does wrong
raises LookupError. Only a broken frame, silence or a leave-taking ends a session; a message that cannot be read never does.

Decisions that the specification leaves open:
- Whoever is bound may hand us messages, by any of the three commands and on any kind of bind: nothing is dropped for its form.
- A message that comes before the answer to our bind is held until we are bound, then given out; if we are refused, it is refused.
- After an unbind, from either side, what is in flight is still answered; the session ends when nothing is, or at the response timer.
- Any whole PDU proves that the peer lives; enquire_link is only sent into silence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

from adapters.smpp import codec, events
from adapters.smpp.events import Ended, EndReason, Event
from adapters.smpp.exchange import Exchange, NotBound, ReadMessage, WindowFull, read_arrival
from adapters.smpp.pdu import (
    BIND_COMMANDS,
    BIND_IDS,
    PDU_OCTETS_MAX,
    RESPONSE,
    Alert,
    BindAnswer,
    BindRequest,
    Command,
    MessageAnswer,
    Outbind,
    Outgoing,
    Pdu,
    command_name,
)
from adapters.smpp.profile import Timers
from adapters.smpp.reader import ANSWER_COMMANDS, BIND_ANSWER_COMMANDS, HEADER, MESSAGE_COMMANDS, attempt
from adapters.smpp.state import BOUND, BOUND_AS, NEXT_STATE, SENDS, TAKES, Input, Pending, Role, State, Timer, after
from adapters.smpp.traffic import Trace, Traffic
from adapters.smpp.window import Window
from parsers.errors import FrameError

__all__ = ["NEXT_STATE", "Input", "NotBound", "Role", "Session", "State", "WindowFull"]

ESME_RINVCMDLEN, ESME_RINVCMDID, ESME_RINVBNDSTS, ESME_RALYBND, ESME_RBINDFAIL, ESME_RMSGQFUL = 0x02, 0x03, 0x04, 0x05, 0x0D, 0x14
SC_INTERFACE_VERSION = 0x34  # What we speak (SMPP 3.4 §5.2.4); said only to peers that know TLVs.
_SUBMITS: Mapping[Role, Command] = {Role.ESME: Command.SUBMIT_SM, Role.SMSC: Command.DELIVER_SM}


class Session:
    """The protocol of one connection. Times are monotonic seconds.

    Call `receive`, `tick` (at `deadline()`) and `lost`, act on their events in order, and write what `outgoing()` gives after anything.
    `timers`, `window.size` and `unacknowledged_max` may be changed when a listener learns who the peer is.
    """

    def __init__(  # noqa: PLR0913 - one role, and six settings by name
        self,
        role: Role,
        *,
        timers: Timers,
        window: int,
        unacknowledged_max: int,
        octets_max: int = PDU_OCTETS_MAX,
        sequence_first: int = 1,
        trace: Trace | None = None,
        read: ReadMessage = read_arrival,
    ) -> None:
        self.role = role
        self.state = State.CLOSED
        self.timers = timers
        self.window = Window(window, sequence_first)
        self.unacknowledged_max = unacknowledged_max
        self._traffic = Traffic(trace)
        self._exchange = Exchange(self._traffic, self.window, read)
        self._frames = codec.FrameReader(octets_max)
        self._events: list[Event] = []
        self._due: dict[Timer, float] = {}
        self._bind: Pending | None = None
        self._enquiry = self._farewell = 0
        self._now = 0.0
        self._spent = False

    @property
    def backlog(self) -> int:
        """Messages taken and not yet acknowledged; at `unacknowledged_max` the owner of the socket stops reading."""
        return len(self._exchange.backlog)

    @property
    def counts(self) -> dict[tuple[str, str, int], int]:
        """PDUs by direction (`in`, `out`, or `dropped` for answers a flood did not get), command name and status."""
        return self._traffic.counts()

    def outgoing(self) -> bytes:
        """Everything to write since the last call."""
        return self._traffic.drain()

    def deadline(self) -> float | None:
        """When `tick` is next needed, None for never."""
        submit = self.window.due()
        return min(self._due.values() if submit is None else (submit, *self._due.values()), default=None)

    def connected(self, now: float) -> None:
        """The transport is there. LookupError the second time: a session serves one connection."""
        if self._spent:
            raise LookupError("an SMPP session serves one connection")
        self._spent = True
        self._move(Input.CONNECTED)
        self._due[Timer.SESSION_INIT] = now + self.timers.session_init_seconds

    def bind(self, request: BindRequest, now: float) -> None:
        """Ask to be bound (ESME). ValueError when a value does not fit its field; nothing was sent then."""
        sequence = self.window.number()
        frame = codec.bind(request, sequence)
        self._move(Input.BIND)
        self._bind = Pending(sequence, request.mode, BIND_IDS[request.mode], request.interface_version)
        self._due[Timer.BIND_ANSWER] = now + self.timers.response_seconds
        self._traffic.send(frame, self._bind.command)

    def answer_bind(self, sequence: int, status: int, system_id: str, now: float) -> None:
        """Answer a BindArrived (SMSC) under our name `system_id`. Without effect when the peer has left meanwhile."""
        pending = self._bind
        if pending is None:
            return
        if pending.sequence != sequence or self.role is Role.ESME:
            raise LookupError(f"no bind request {sequence} waits for an answer")
        version = SC_INTERFACE_VERSION if pending.interface_version >= SC_INTERFACE_VERSION else None
        frame = codec.bind_answer(pending.command, sequence, status, BindAnswer(system_id, version))
        self._traffic.send(frame, pending.command | RESPONSE, status)
        self._bind_answered(BOUND_AS[pending.mode] if status == 0 else Input.BIND_REFUSED, now)

    def outbind(self, request: Outbind) -> None:
        """Ask the peer to bind (SMSC). ValueError when a value does not fit its field."""
        frame = codec.outbind(request, self.window.number())
        self._move(Input.OUTBIND)
        self._traffic.send(frame, Command.OUTBIND)

    def submit(self, message: Outgoing, now: float) -> int:
        """Send one message; under the sequence number returned exactly one Answered or Unanswered follows.

        Raises NotBound, WindowFull, or ValueError when a value does not fit its field; nothing was sent then.
        """
        if self.state not in SENDS[self.role]:
            raise NotBound(f"this session is {self.state}")
        sequence = self.window.number()
        command = Command.DATA_SM if message.as_data_sm else _SUBMITS[self.role]
        self._exchange.submit(command, message, sequence, now + self.timers.response_seconds)
        self._active(now)
        return sequence

    def acknowledge(self, sequence: int, status: int = 0, message_id: str = "") -> bool:
        """Answer a message that arrived; False when the connection is gone, and the question with it.

        `message_id` is for submit_sm and data_sm; a deliver_sm_resp has none (SMPP 3.4 §4.6.2). LookupError if nothing is owed.
        """
        if self.state is State.CLOSED:
            return False
        self._exchange.acknowledge(sequence, status, message_id)
        if self.state is State.UNBOUND and self._exchange.idle:
            self._due[Timer.UNBIND] = -math.inf
        return True

    def unbind(self, now: float) -> None:
        """Take leave; Ended follows when that is answered and nothing is in flight, at the response timer at the latest."""
        self._move(Input.UNBIND_SENT)
        self._farewell = self.window.number()
        self._traffic.send(codec.bare(Command.UNBIND, self._farewell), Command.UNBIND)
        self._due = {Timer.UNBIND: now + self.timers.response_seconds}

    def lost(self) -> list[Event]:
        """The transport is gone. Open submits end Unanswered; what we owed is forgotten, for the peer will send it again."""
        self._events = []
        self._end(EndReason.LOST)
        return self._events

    def tick(self, now: float) -> list[Event]:
        """Do what is due."""
        self._now, self._events = now, [*self._exchange.give_up(now)]
        for timer in sorted((timer for timer, at in self._due.items() if at <= now), key=self._due.__getitem__):
            if self._due.pop(timer, None) is not None:
                self._expire(timer)
        self._finish()
        return self._events

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take bytes as they came; give what they mean. Never raises for what they contain."""
        self._now, self._events = now, []
        if self.state is State.CLOSED:
            return self._events
        try:
            frames = self._frames.feed(data)
        except FrameError:
            frames = []
        for frame in frames:
            self._take(frame)
            if self._finish():
                return self._events
        if self._frames.fault is not None:
            self._end_broken(str(self._frames.fault))
        else:
            self._watch(heard=bool(frames))
        return self._events

    def _take(self, frame: bytes) -> None:
        """One whole PDU: count it, read it, act on it."""
        _, command, status, sequence = HEADER.unpack_from(frame)
        self._traffic.take(frame, command, status)
        if command in MESSAGE_COMMANDS:
            self._take_message(frame, command, sequence)
            return
        pdu, cause = attempt(codec.read, frame)
        if pdu is None:
            pdu = Pdu(command, status, sequence, None)
            self._note(cause, pdu)
        self._HANDLERS.get(command, Session._on_unknown)(self, pdu)

    def _take_message(self, frame: bytes, command: int, sequence: int) -> None:
        if self.state in TAKES:
            self._events.append(self._exchange.arrive(frame, command, sequence))
        elif self.state is not State.BINDING or self.role is not Role.ESME:
            self._refuse(Pdu(command, 0, sequence, None), ESME_RINVBNDSTS, "a message before the bind")
        elif self._exchange.held >= self.unacknowledged_max:
            self._refuse(Pdu(command, 0, sequence, None), ESME_RMSGQFUL, "too many messages before the bind was answered")
        else:
            self._exchange.hold(self._exchange.arrive(frame, command, sequence))

    def _on_message_answer(self, pdu: Pdu) -> None:
        message_id = pdu.body.message_id if isinstance(pdu.body, MessageAnswer) else ""
        self._events.append(self._exchange.answered(pdu.command, pdu.status, pdu.sequence, message_id))

    def _on_bind(self, pdu: Pdu) -> None:
        if self.role is not Role.SMSC:
            self._refuse(pdu, ESME_RINVBNDSTS, "we do not take binds on this connection")
        elif self.state not in (State.OPEN, State.OUTBOUND):
            self._refuse(pdu, ESME_RALYBND, "a second bind on one connection")
        elif not isinstance(pdu.body, BindRequest):
            self._refuse(pdu, ESME_RBINDFAIL, "an unreadable bind")
        else:
            self._move(Input.BIND)
            self._bind = Pending(pdu.sequence, pdu.body.mode, pdu.command, pdu.body.interface_version)
            self._events.append(events.BindArrived(pdu.sequence, pdu.body))

    def _on_bind_answer(self, pdu: Pdu) -> None:
        """The bind response, or a generic_nack in its place."""
        pending = self._bind
        if pending is None or pending.sequence != pdu.sequence or self.role is Role.SMSC:
            self._note("an answer to no bind of ours", pdu)
        elif pdu.status or pdu.command == Command.GENERIC_NACK:
            self._bind_answered(Input.BIND_REFUSED, self._now)
            self._events.append(events.BindRefused(pdu.status or ESME_RBINDFAIL))
            self._events += self._exchange.refuse_held(ESME_RINVBNDSTS, "the bind was refused")
        else:
            answer = pdu.body if isinstance(pdu.body, BindAnswer) else BindAnswer()
            self._bind_answered(BOUND_AS[pending.mode], self._now)
            self._events.append(events.Bound(answer.system_id, answer.interface_version))
            self._events += self._exchange.release()

    def _on_outbind(self, pdu: Pdu) -> None:
        """Whoever gets an outbind is the ESME from then on (SMPP 3.4 §2.2.1)."""
        if self.state is State.OPEN and isinstance(pdu.body, Outbind):
            self.role = Role.ESME
            self._move(Input.OUTBIND)
            self._events.append(events.OutbindArrived(pdu.body))
        else:
            self._note("an outbind out of place", pdu)

    def _on_unbind(self, pdu: Pdu) -> None:
        self._traffic.answer(codec.bare(Command.UNBIND_RESP, pdu.sequence), Command.UNBIND_RESP)
        if self.state is State.UNBOUND:
            self._note("unbind said twice", pdu)
            return
        self._move(Input.UNBIND_ARRIVED)
        self._bind = None
        self._due = {Timer.UNBIND: self._now + self.timers.response_seconds}
        self._events.append(events.UnbindArrived())
        self._events += self._exchange.refuse_held(ESME_RINVBNDSTS, "unbind before the bind was answered")

    def _on_enquire_link(self, pdu: Pdu) -> None:
        self._traffic.answer(codec.bare(Command.ENQUIRE_LINK_RESP, pdu.sequence), Command.ENQUIRE_LINK_RESP)

    def _on_own_answer(self, pdu: Pdu) -> None:
        if not self._settle_own(pdu.sequence):
            self._note("an answer to nothing", pdu)

    def _on_alert(self, pdu: Pdu) -> None:
        if isinstance(pdu.body, Alert):
            self._events.append(events.AlertArrived(pdu.body))

    def _on_nack(self, pdu: Pdu) -> None:
        """It ends whichever request of ours it names; an enquire_link that is not understood was still answered."""
        if pdu.sequence in self.window:
            self._on_message_answer(pdu)
        elif self._bind is not None and self._bind.sequence == pdu.sequence:
            self._on_bind_answer(pdu)
        elif not self._settle_own(pdu.sequence):
            self._events.append(events.Nacked(pdu.sequence, pdu.status))

    def _on_unknown(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            self._note("a response that is none", pdu)
            return
        self._traffic.answer(codec.bare(Command.GENERIC_NACK, pdu.sequence, ESME_RINVCMDID), Command.GENERIC_NACK, ESME_RINVCMDID)
        self._events.append(events.UnknownArrived(pdu.sequence, pdu.command))

    def _refuse(self, pdu: Pdu, status: int, cause: str) -> None:
        self._events.append(self._exchange.refuse(pdu.sequence, pdu.command, status, cause))

    def _note(self, cause: str, pdu: Pdu) -> None:
        self._events.append(events.Noted(cause, command_name(pdu.command), pdu.sequence))

    def _settle_own(self, sequence: int) -> bool:
        """Whether this is the number of our enquire_link or unbind, which is answered with that."""
        if sequence and sequence == self._enquiry:
            self._enquiry = 0
            return True
        if self.state is State.UNBINDING and sequence == self._farewell:
            self._move(Input.UNBIND_ANSWERED)
            return True
        return False

    def _bind_answered(self, move: Input, now: float) -> None:
        self._move(move)
        self._bind = None
        self._due.pop(Timer.BIND_ANSWER, None)
        if self.state in BOUND:
            self._due.pop(Timer.SESSION_INIT, None)
            self._due[Timer.ENQUIRE_LINK] = now + self.timers.enquire_link_seconds
            self._active(now)

    def _active(self, now: float) -> None:
        if self.timers.inactivity_seconds:
            self._due[Timer.INACTIVITY] = now + self.timers.inactivity_seconds

    def _watch(self, *, heard: bool) -> None:
        """Set the timers of silence: a whole PDU proves life; the octets of half a one do not."""
        if heard:
            self._due.pop(Timer.PARTIAL_PDU, None)
            if self.state in BOUND:
                self._due.pop(Timer.ENQUIRE_ANSWER, None)
                self._due[Timer.ENQUIRE_LINK] = self._now + self.timers.enquire_link_seconds
                if self._events:
                    self._active(self._now)
        if self._frames.pending:
            self._due.setdefault(Timer.PARTIAL_PDU, self._now + self.timers.partial_pdu_seconds)

    def _expire(self, timer: Timer) -> None:
        match timer:
            case Timer.ENQUIRE_LINK:
                self._enquiry = self.window.number()
                self._traffic.send(codec.bare(Command.ENQUIRE_LINK, self._enquiry), Command.ENQUIRE_LINK)
                wait = min(self.timers.response_seconds, self.timers.enquire_link_seconds)
                self._due[Timer.ENQUIRE_ANSWER] = self._now + wait
            case Timer.ENQUIRE_ANSWER:
                self._end(EndReason.DEAD_PEER, timer)
            case Timer.INACTIVITY:
                self.unbind(self._now)
            case Timer.UNBIND:
                self._end(EndReason.UNBOUND, "" if self._exchange.idle else timer)
            case Timer.PARTIAL_PDU:
                self._end_broken("half a PDU, and then nothing")
            case _:  # SESSION_INIT, BIND_ANSWER
                self._end(EndReason.NOT_BOUND, timer)

    def _finish(self) -> bool:
        """After a leave-taking: end as soon as nothing is in flight."""
        if self.state is not State.UNBOUND or not self._exchange.idle:
            return False
        self._end(EndReason.UNBOUND)
        return True

    def _end_broken(self, cause: str) -> None:
        """The stream is out of step: say so once, under sequence 0 (SMPP 3.4 §4.3.1), and stop."""
        self._traffic.answer(codec.bare(Command.GENERIC_NACK, 0, ESME_RINVCMDLEN), Command.GENERIC_NACK, ESME_RINVCMDLEN)
        self._end(EndReason.BROKEN_FRAME, cause)

    def _end(self, reason: EndReason, detail: str = "") -> None:
        if self.state is State.CLOSED:
            return
        self._move(Input.ENDED)
        self._due.clear()
        self._bind = None
        self._exchange.forget()
        self._events += [*self._exchange.give_up(), Ended(reason, detail)]

    def _move(self, move: Input) -> None:
        self.state = after(self.state, move)

    _HANDLERS: ClassVar[Mapping[int, Callable[[Session, Pdu], None]]] = {
        **dict.fromkeys(ANSWER_COMMANDS, _on_message_answer),
        **dict.fromkeys(BIND_COMMANDS, _on_bind),
        **dict.fromkeys(BIND_ANSWER_COMMANDS, _on_bind_answer),
        int(Command.OUTBIND): _on_outbind,
        int(Command.UNBIND): _on_unbind,
        int(Command.UNBIND_RESP): _on_own_answer,
        int(Command.ENQUIRE_LINK): _on_enquire_link,
        int(Command.ENQUIRE_LINK_RESP): _on_own_answer,
        int(Command.ALERT_NOTIFICATION): _on_alert,
        int(Command.GENERIC_NACK): _on_nack,
    }
