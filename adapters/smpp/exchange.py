"""The messages of one session, both ways: what was handed to us and is not answered, what we submitted and is not answered.

It knows nothing of binds, states and timers; the session says when each thing may happen.
"""

from __future__ import annotations

from collections.abc import Callable

from adapters.smpp import codec, receipt
from adapters.smpp.backlog import Backlog
from adapters.smpp.events import Answered, LateAnswer, Noted, ReceiptArrived, RefusalSent, SegmentArrived, Unanswered, UnreadableArrived
from adapters.smpp.pdu import RESPONSE, Command, Outgoing, ShortMessage, command_name
from adapters.smpp.reader import attempt, read_message
from adapters.smpp.traffic import Traffic
from adapters.smpp.window import Window
from parsers.errors import GatewayError

ESME_RUNKNOWNERR = 0xFF
_KIND_BITS = 0x3C  # SMPP 3.4 §5.2.12: message type; zero for an ordinary text.
_DELIVER_SM_RESP = int(Command.DELIVER_SM_RESP)
_new = tuple.__new__  # A NamedTuple's own __new__ costs twice as much.

MessageArrived = SegmentArrived | ReceiptArrived | UnreadableArrived
ReadMessage = Callable[[bytes], tuple[ShortMessage, receipt.Receipt | None]]


class NotBound(GatewayError):
    """The session cannot send messages now; another bind of the operator may."""


class WindowFull(GatewayError):
    """As many submits are unanswered as the operator allows; try again after the next answer."""


def read_arrival(frame: bytes) -> tuple[ShortMessage, receipt.Receipt | None]:
    """Read a message PDU and, where it is one, the delivery receipt in it."""
    pdu = read_message(frame)
    return pdu, receipt.of(pdu) if pdu.esm_class & _KIND_BITS or pdu.tlvs else None


class Exchange:
    """Messages taken and given. `read` is handed in so that a test can show what a bug in it costs: nothing."""

    def __init__(self, traffic: Traffic, window: Window, read: ReadMessage) -> None:
        self.backlog = Backlog()
        self.window = window
        self._traffic = traffic
        self._read = read
        self._held: list[MessageArrived] = []

    @property
    def idle(self) -> bool:
        """Whether nothing waits for an answer, on either side."""
        return not self.backlog and not self.window

    def arrive(self, frame: bytes, command: int, sequence: int) -> MessageArrived:
        """Read a message PDU and owe its answer; whatever goes wrong in reading, the message is kept as UnreadableArrived."""
        self.backlog.add(sequence, command | RESPONSE)
        arrival, cause = attempt(self._read, frame)
        if arrival is None:
            return UnreadableArrived(sequence, command_name(command), cause, frame)
        pdu, note = arrival
        if note is None:
            return _new(SegmentArrived, (sequence, pdu))
        return ReceiptArrived(sequence, note, pdu)

    def hold(self, arrival: MessageArrived) -> None:
        """Keep a message that came before our bind was answered."""
        self._held.append(arrival)

    @property
    def held(self) -> int:
        """Messages kept until we are bound."""
        return len(self._held)

    def release(self) -> list[MessageArrived]:
        """Give out what was held, in its order."""
        held, self._held = self._held, []
        return held

    def refuse(self, sequence: int, command: int, status: int, cause: str) -> RefusalSent:
        """Say no to a request of the peer's, in the session's own name."""
        self._traffic.answer(codec.bare(command | RESPONSE, sequence, status), command | RESPONSE, status)
        return RefusalSent(sequence, command_name(command), status, cause)

    def refuse_held(self, status: int, cause: str) -> list[RefusalSent]:
        """Say no to everything that was held."""
        return [
            self.refuse(arrival.sequence, self.backlog.settle(arrival.sequence) & ~RESPONSE, status, cause) for arrival in self.release()
        ]

    def acknowledge(self, sequence: int, status: int, message_id: str) -> None:
        """Answer a message that arrived. LookupError when nothing is owed under this number."""
        command = self.backlog.settle(sequence)
        if command == _DELIVER_SM_RESP:
            message_id = ""
        self._traffic.send(codec.message_answer(command, sequence, status, message_id), command, status)

    def submit(self, command: int, message: Outgoing, sequence: int, due: float) -> None:
        """Send a message and open it in the window. WindowFull, or ValueError when a value does not fit; nothing was sent then."""
        if self.window.full:
            raise WindowFull(f"{len(self.window)} submits are unanswered")
        frame = codec.message(command, message, sequence)
        self.window.add(sequence, due)
        self._traffic.send(frame, command)

    def answered(self, command: int, status: int, sequence: int, message_id: str) -> Answered | LateAnswer | Noted:
        """Match an answer with the submit it belongs to; a generic_nack is never a yes, whatever its status says."""
        if command == Command.GENERIC_NACK:
            status = status or ESME_RUNKNOWNERR
        if self.window.settle(sequence):
            return Answered(sequence, status, message_id, command_name(command))
        if self.window.settle_late(sequence):
            return LateAnswer(sequence, status, message_id)
        return Noted("an answer to nothing", command_name(command), sequence)

    def give_up(self, now: float | None = None) -> list[Unanswered]:
        """Close the submits overdue at `now`, or all."""
        return [Unanswered(sequence) for sequence in self.window.give_up(now)]

    def forget(self) -> None:
        """The connection is gone: nothing we owe can be answered."""
        self.backlog.clear()
        self._held.clear()
