"""What a session tells its link: one frozen record per thing that happened, in the order in which it happened.

Those that come once per message are NamedTuples (see pdu.py). No event's `repr` shows a text, a number or a password.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.smpp.pdu import Alert, BindRequest, Outbind, ShortMessage
from adapters.smpp.receipt import Receipt


class SegmentArrived(NamedTuple):
    """A message or a part of one; to be stored, then `acknowledge(sequence)`."""

    sequence: int
    pdu: ShortMessage


class ReceiptArrived(NamedTuple):
    """A delivery receipt; to be noted, then `acknowledge(sequence)`. Never a complaint, however little of it could be read."""

    sequence: int
    receipt: Receipt
    pdu: ShortMessage


@dataclass(frozen=True, slots=True)
class UnreadableArrived:
    """A framed message PDU that could not be read; to be stored raw, then `acknowledge(sequence)` with 0: never refused."""

    sequence: int
    command: str
    cause: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """Our bind was accepted. `system_id` is the SMSC's name, `interface_version` its version where it says one."""

    system_id: str
    interface_version: int | None


@dataclass(frozen=True, slots=True)
class BindRefused:
    """Our bind was refused with this command_status; the connection is still open."""

    status: int


@dataclass(frozen=True, slots=True)
class BindArrived:
    """An ESME wants to bind to us; to be judged, then `answer_bind(sequence, …)`."""

    sequence: int
    request: BindRequest


@dataclass(frozen=True, slots=True)
class OutbindArrived:
    """An SMSC asks us to bind on this connection; to be judged, then `bind(…)`. From here on we are the ESME."""

    outbind: Outbind


@dataclass(frozen=True, slots=True)
class AlertArrived:
    """A subscriber can be reached again; SMPP has no answer to it."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Answered:
    """The peer's answer to one `submit`: status 0 means accepted. `command` names the answering PDU, generic_nack included."""

    sequence: int
    status: int
    message_id: str
    command: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One `submit` whose answer did not come within the response timer, or before the end: the peer may have it or not."""

    sequence: int


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer to a `submit` that was already Unanswered: too late to count, in time for its delivery receipt to be matched."""

    sequence: int
    status: int
    message_id: str


@dataclass(frozen=True, slots=True)
class UnbindArrived:
    """The peer takes its leave; it is answered already. What is in flight may still be acknowledged until Ended."""


@dataclass(frozen=True, slots=True)
class UnknownArrived:
    """A request with a command id that we do not serve; it was answered with generic_nack ESME_RINVCMDID."""

    sequence: int
    command: int


@dataclass(frozen=True, slots=True)
class Nacked:
    """A generic_nack that belongs to no request of ours."""

    sequence: int
    status: int


@dataclass(frozen=True, slots=True)
class RefusalSent:
    """A request that the session itself refused, because of the session's state; for the row that every refusal leaves."""

    sequence: int
    command: str
    status: int
    cause: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A slip of the peer that changed nothing: a response to nothing, a second bind response, an unreadable answer."""

    cause: str
    command: str
    sequence: int


class EndReason(enum.StrEnum):
    """Why a session ended."""

    BROKEN_FRAME = "broken frame"
    DEAD_PEER = "peer is silent"
    NOT_BOUND = "not bound in time"
    UNBOUND = "unbound"
    LOST = "connection lost"


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over: write what is outgoing, close the connection. Every open submit was Unanswered before this."""

    reason: EndReason
    detail: str = ""


Event = (
    SegmentArrived
    | ReceiptArrived
    | UnreadableArrived
    | Bound
    | BindRefused
    | BindArrived
    | OutbindArrived
    | AlertArrived
    | Answered
    | Unanswered
    | LateAnswer
    | UnbindArrived
    | UnknownArrived
    | Nacked
    | RefusalSent
    | Noted
    | Ended
)
