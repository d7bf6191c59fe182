"""Everything rude that an SMSC can do to a session, row by row (RELIABILITY §4 B5): what the link is told, what is written, where we stand.

Rows about alphabets and the sense of user data headers end here with a SegmentArrived whose octets are untouched; the parsers judge those.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from adapters.smpp import codec
from adapters.smpp.events import (
    AlertArrived,
    Answered,
    BindRefused,
    Bound,
    Ended,
    Event,
    LateAnswer,
    Nacked,
    Noted,
    OutbindArrived,
    ReceiptArrived,
    RefusalSent,
    SegmentArrived,
    Unanswered,
    UnbindArrived,
    UnknownArrived,
    UnreadableArrived,
)
from adapters.smpp.pdu import PDU_OCTETS_MAX, SEQUENCE_MAX, Alert, BindAnswer, Command, Outbind, Outgoing, Tag
from adapters.smpp.session import Role, Session, State
from parsers.model import Address, Concat
from tests.smpp.sessions import CITIZEN, OURS, REPLY, REQUEST, SMS, connected, deliver, esme, headers

HEAD = b"\0\x01\x016281234567890\0\x03\x001708\0"
TERMS = b"\0\0\0\0\0\0\0\0\0"


def raw(body: bytes, command: int = Command.DELIVER_SM, status: int = 0) -> bytes:
    return struct.pack(">4I", 16 + len(body), command, status, 9) + body


def text(
    octets: bytes, *, esm_class: int = 0, data_coding: int = 0, sar: Concat | None = None, tlvs: tuple[tuple[int, bytes], ...] = ()
) -> bytes:
    return deliver(9, Outgoing(CITIZEN, OURS, octets, esm_class, data_coding, sar=sar, tlvs=tlvs))


def binding() -> Session:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    return session


def submitted() -> Session:
    session = esme()
    session.submit(REPLY, 0.0)
    return session


def overdue() -> Session:
    session = submitted()
    session.tick(29.0)
    return session


def at_the_last_number() -> Session:
    session = esme(sequence_first=SEQUENCE_MAX - 2)
    session.submit(REPLY, 0.0)
    session.submit(REPLY, 0.0)
    return session


def opened() -> Session:
    return connected(Role.ESME)


YES = codec.bind_answer(Command.BIND_TRANSCEIVER, 1, 0, BindAnswer("SMSC"))
ACK = ("deliver_sm_resp", 0, 9)


@dataclass(frozen=True)
class Case:
    """`wire` arrives at `session`; `expect` are the kinds of the events, `answers` what is written after every message is acknowledged."""

    label: str
    wire: bytes
    expect: tuple[type[Event], ...]
    answers: tuple[tuple[str, int, int], ...] = ()
    session: Callable[[], Session] = esme
    state: State = State.BOUND_TRX


BROKEN = ((Ended,), (("generic_nack", 0x02, 0),))
CASES = [
    Case("length 0", b"\0\0\0\0", *BROKEN, state=State.CLOSED),
    Case("length 2", b"\0\0\0\x02", *BROKEN, state=State.CLOSED),
    Case("length 15", b"\0\0\0\x0f", *BROKEN, state=State.CLOSED),
    Case("length 4 GiB", b"\xff\xff\xff\xff", *BROKEN, state=State.CLOSED),
    Case("length one octet above our limit", struct.pack(">I", PDU_OCTETS_MAX + 1), *BROKEN, state=State.CLOSED),
    Case("a short length, the five bytes that felled OsmoMSC", b"\0\0\0\x03\x01", *BROKEN, state=State.CLOSED),
    Case("bind_resp with the wrong sequence", codec.bare(0x80000009, 44), (Noted,), session=binding, state=State.BINDING),
    Case("bind_resp with the wrong sequence, then the right one", codec.bare(0x80000009, 44) + YES, (Noted, Bound), session=binding),
    Case("bind_resp twice", YES + YES, (Bound, Noted), session=binding),
    Case("bind_resp before any bind", YES, (Noted,), session=opened, state=State.OPEN),
    Case("bind refused 0x0D", codec.bare(0x80000009, 1, 0x0D), (BindRefused,), session=binding, state=State.OPEN),
    Case("bind refused 0x0E", codec.bare(0x80000009, 1, 0x0E), (BindRefused,), session=binding, state=State.OPEN),
    Case("bind refused 0x05", codec.bare(0x80000009, 1, 0x05), (BindRefused,), session=binding, state=State.OPEN),
    Case("bind answered with another kind of bind", codec.bare(0x80000001, 1), (Bound,), session=binding),
    Case("deliver_sm before bind_resp", deliver(9) + YES, (Bound, SegmentArrived), (ACK,), session=binding),
    Case("deliver_sm before bind", deliver(9), (RefusalSent,), (("deliver_sm_resp", 0x04, 9),), session=opened, state=State.OPEN),
    Case("a status in a request", raw(HEAD + TERMS + b"\x02hi", status=8), (SegmentArrived,), (ACK,)),
    Case("an unknown command", codec.bare(0x00000111, 9) + deliver(9), (UnknownArrived, SegmentArrived), (("generic_nack", 0x03, 9), ACK)),
    Case("an unknown response", codec.bare(0x80000111, 9), (Noted,)),
    Case("data_sm", codec.message(Command.DATA_SM, SMS, 9), (SegmentArrived,), (("data_sm_resp", 0, 9),)),
    Case("alert_notification", codec.alert_notification(Alert(CITIZEN, OURS, 0), 9), (AlertArrived,)),
    Case("unbind", codec.bare(Command.UNBIND, 9), (UnbindArrived, Ended), (("unbind_resp", 0, 9),), state=State.CLOSED),
    Case(
        "unbind with our message still in flight",
        codec.bare(Command.UNBIND, 8) + deliver(9),
        (UnbindArrived, SegmentArrived),
        (("unbind_resp", 0, 8), ACK),
        session=submitted,
        state=State.UNBOUND,
    ),
    Case("enquire_link flood", codec.bare(Command.ENQUIRE_LINK, 9) * 500, (), (("enquire_link_resp", 0, 9),) * 500),
    Case("outbind on a bound session", codec.outbind(Outbind("smsc", "x"), 9), (Noted,)),
    Case("outbind first", codec.outbind(Outbind("smsc", "x"), 9), (OutbindArrived,), session=opened, state=State.OUTBOUND),
    Case("submit_sm_resp to nothing", codec.message_answer(0x80000004, 77, 0, "1"), (Noted,)),
    Case("deliver_sm_resp to nothing", codec.message_answer(0x80000005, 77), (Noted,)),
    Case("enquire_link_resp to nothing", codec.bare(0x80000015, 77), (Noted,)),
    Case("unbind_resp to nothing", codec.bare(0x80000006, 77), (Noted,)),
    Case("generic_nack to nothing", codec.bare(0x80000000, 0, 3), (Nacked,)),
    Case("generic_nack to a submit", codec.bare(0x80000000, 2, 3), (Answered,), session=submitted),
    Case("bind request to us", codec.bind(REQUEST, 9), (RefusalSent,), (("bind_transceiver_resp", 0x04, 9),)),
    Case(
        "the sequence wraps at 0x7FFFFFFF",
        codec.message_answer(0x80000004, SEQUENCE_MAX) + codec.message_answer(0x80000004, SEQUENCE_MAX - 1),
        (Answered, Answered),
        session=at_the_last_number,
    ),
    Case("a sequence above 0x7FFFFFFF", deliver(0xFFFFFFFF), (SegmentArrived,), (("deliver_sm_resp", 0, 0xFFFFFFFF),)),
    Case("sequence 0", deliver(0), (SegmentArrived,), (("deliver_sm_resp", 0, 0),)),
    Case("one sequence for everything", deliver(9) * 3, (SegmentArrived,) * 3, (ACK,) * 3),
    Case("throttled 0x58", codec.bare(0x80000004, 2, 0x58), (Answered,), session=submitted),
    Case("submit_sm_resp after its time", codec.message_answer(0x80000004, 2, 0, "77"), (LateAnswer,), session=overdue),
    Case("source address too long", raw(HEAD.replace(b"628", b"6" * 40) + TERMS + b"\x02hi"), (SegmentArrived,), (ACK,)),
    Case("destination too long", raw(HEAD.replace(b"1708", b"1" * 200) + TERMS + b"\x02hi"), (SegmentArrived,), (ACK,)),
    Case("address without NUL", raw(HEAD.replace(b"890\0", b"890") + TERMS + b"\x02hi"), (UnreadableArrived,), (ACK,)),
    Case("nothing but NULs missing", raw(b"\x01" * 60), (UnreadableArrived,), (ACK,)),
    Case("address alphanumeric", deliver(9, Outgoing(Address(5, 0, "TELKOMSEL"), OURS, b"promo")), (SegmentArrived,), (ACK,)),
    Case("no body at all", raw(b""), (UnreadableArrived,), (ACK,)),
    Case("sm_length past the end", raw(HEAD + TERMS + b"\x50hi"), (UnreadableArrived,), (ACK,)),
    Case("sm_length too short", raw(HEAD + TERMS + b"\x02halo, siapa"), (UnreadableArrived,), (ACK,)),
    Case("a TLV past the end", raw(HEAD + TERMS + b"\x02hi\x04\x24\0\x50a"), (UnreadableArrived,), (ACK,)),
    Case("unknown TLV", text(b"hi", tlvs=((0x1499, b"vendor"),)), (SegmentArrived,), (ACK,)),
    Case("esm_class says UDH but none", text(b"", esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("UDH says 200 octets", text(b"\xc8\0\x03\x01\x02", esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("UDH says 5 octets and 200 follow", text(b"\x05" + bytes(200), esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("UDH part 0 of 2", text(b"\x05\0\x03\x01\x02\0hi", esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("UDH part 3 of 2", text(b"\x05\0\x03\x01\x02\x03hi", esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("UDH total 0", text(b"\x05\0\x03\x01\0\x01hi", esm_class=0x40), (SegmentArrived,), (ACK,)),
    Case("part 0", text(b"hi", sar=Concat(1, 2, 0)), (SegmentArrived,), (ACK,)),
    Case("part 3 of 2", text(b"hi", sar=Concat(1, 2, 3)), (SegmentArrived,), (ACK,)),
    Case("total 0", text(b"hi", sar=Concat(1, 0, 1)), (SegmentArrived,), (ACK,)),
    Case("1 of 1", text(b"hi", sar=Concat(1, 1, 1)), (SegmentArrived,), (ACK,)),
    Case("SAR and UDH disagree", text(b"\x05\0\x03\x01\x02\x01hi", esm_class=0x40, sar=Concat(9, 3, 2)), (SegmentArrived,), (ACK,)),
    Case("a receipt that looks like a text", text(b"halo apa kabar", esm_class=4), (ReceiptArrived,), (ACK,)),
    Case("an empty receipt", text(b"", esm_class=4), (ReceiptArrived,), (ACK,)),
    Case("a text that looks like a receipt", text(b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000"), (SegmentArrived,), (ACK,)),
    Case("a receipt without its bits, told by its TLVs", text(b"", tlvs=((0x1E, b"1A\0"), (0x427, b"\2"))), (ReceiptArrived,), (ACK,)),
    Case("data_coding reserved", text(b"hi", data_coding=0xC7), (SegmentArrived,), (ACK,)),
    Case("UCS-2 of odd length", text(b"\0A\0", data_coding=8), (SegmentArrived,), (ACK,)),
    Case("lone surrogate", text(b"\xd8\x3d", data_coding=8), (SegmentArrived,), (ACK,)),
    Case("byte order mark", text(b"\xfe\xff\0A", data_coding=8), (SegmentArrived,), (ACK,)),
    Case("little-endian UCS-2", text(b"A\0G\0", data_coding=8), (SegmentArrived,), (ACK,)),
    Case("message_payload beside sm_length > 0", text(b"hi", tlvs=((Tag.MESSAGE_PAYLOAD, b"more"),)), (SegmentArrived,), (ACK,)),
    Case("both empty", text(b""), (SegmentArrived,), (ACK,)),
]


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
@pytest.mark.parametrize("size", [1, 7, 100_000], ids=["byte by byte", "by sevens", "at once"])
def test_a_rude_smsc(case: Case, size: int) -> None:
    session = case.session()
    session.outgoing()
    events, written = [], b""
    for start in range(0, len(case.wire), size):
        arrived = session.receive(case.wire[start : start + size], 30.0)
        events += arrived
        written += session.outgoing()
    for event in events:
        if isinstance(event, SegmentArrived | ReceiptArrived | UnreadableArrived):
            assert session.acknowledge(event.sequence)
    written += session.outgoing()
    assert tuple(type(event) for event in events) == case.expect
    assert tuple(headers(written)) == case.answers
    assert session.state is case.state


def test_no_text_changes_on_its_way_through_the_session() -> None:
    kept = [event.pdu.octets for case in CASES for event in case.session().receive(case.wire, 30.0) if isinstance(event, SegmentArrived)]
    assert b"\xc8\0\x03\x01\x02" in kept
    assert b"more" in kept
    assert b"A\0G\0" in kept


def test_silence_after_the_bind_is_death_within_twice_the_enquire_interval() -> None:
    session = esme()
    now, ended = 0.0, False
    while not ended:
        now = session.deadline() or 0.0
        ended = any(isinstance(event, Ended) for event in session.tick(now))
    assert now <= 60.0


def test_a_bind_resp_that_comes_late_finds_nobody() -> None:
    session = binding()
    assert [type(event) for event in session.tick(20.0)] == [Ended]
    assert session.receive(YES, 21.0) == []


def test_an_answer_after_forty_minutes_is_still_recognised() -> None:
    session = submitted()
    assert session.tick(20.0) == [Unanswered(2)]
    assert session.receive(codec.message_answer(Command.SUBMIT_SM_RESP, 2, 0, "late"), 2400.0) == [LateAnswer(2, 0, "late")]


def test_several_things_due_at_once_end_the_session_once() -> None:
    session = binding()
    session.receive(b"\0", 0.0)
    assert [type(event) for event in session.tick(1e6)] == [Ended]
