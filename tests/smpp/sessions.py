"""Two ends of a session on a table: what each test needs to have happened before its own first line."""

from __future__ import annotations

from adapters.smpp import codec
from adapters.smpp.events import BindArrived, Bound
from adapters.smpp.pdu import BindAnswer, BindRequest, Command, Outgoing
from adapters.smpp.profile import BindMode, Timers
from adapters.smpp.session import Session
from adapters.smpp.state import Role
from parsers.model import Address

TIMERS = Timers(session_init_seconds=10, enquire_link_seconds=30, response_seconds=20, partial_pdu_seconds=15)
REQUEST = BindRequest(BindMode.TRANSCEIVER, "lapor", "rahasia8", "LAPOR", 0x34, Address(3, 0, "1708"))
CITIZEN = Address(1, 1, "6281234567890")
OURS = Address(3, 0, "1708")
SMS = Outgoing(CITIZEN, OURS, b"AGAM lampu jalan mati")
REPLY = Outgoing(OURS, CITIZEN, b"LAPOR! Laporan sudah kami simpan, No. G7K2QP.", registered_delivery=1)


def connected(role: Role, *, timers: Timers = TIMERS, window: int = 10, unacknowledged_max: int = 512, **others: object) -> Session:
    session = Session(role, timers=timers, window=window, unacknowledged_max=unacknowledged_max, **others)  # type: ignore[arg-type]
    session.connected(0.0)
    return session


def esme(mode: BindMode = BindMode.TRANSCEIVER, **others: object) -> Session:
    """Bound to an SMSC that answered at time 0; our bind had sequence 1."""
    session = connected(Role.ESME, **others)  # type: ignore[arg-type]
    session.bind(BindRequest(mode, "lapor", "rahasia8"), 0.0)
    bind = codec.read(session.outgoing())
    events = session.receive(codec.bind_answer(bind.command, bind.sequence, 0, BindAnswer("SMSC", 0x34)), 0.0)
    assert events == [Bound("SMSC", 0x34)]
    return session


def smsc(mode: BindMode = BindMode.TRANSCEIVER, **others: object) -> Session:
    """With an ESME bound to it at time 0."""
    session = connected(Role.SMSC, **others)  # type: ignore[arg-type]
    (event,) = session.receive(codec.bind(BindRequest(mode, "aggregator", "geheim"), 7), 0.0)
    assert isinstance(event, BindArrived)
    session.answer_bind(event.sequence, 0, "LAPOR", 0.0)
    session.outgoing()
    return session


def deliver(sequence: int = 1, message: Outgoing = SMS) -> bytes:
    return codec.message(Command.DELIVER_SM, message, sequence)


def headers(data: bytes) -> list[tuple[str, int, int]]:
    """Every PDU in `data` as (command name, status, sequence)."""
    pdus = [codec.read(frame) for frame in codec.FrameReader().feed(data)]
    return [(Command(pdu.command).name.lower(), pdu.status, pdu.sequence) for pdu in pdus]
