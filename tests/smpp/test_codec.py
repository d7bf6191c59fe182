"""Frames, the strict reader, and our builders held against smpplib octet by octet."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import smpplib.consts
import smpplib.smpp

from adapters.smpp import codec
from adapters.smpp.pdu import (
    PDU_OCTETS_MAX,
    Alert,
    BindAnswer,
    BindRequest,
    Command,
    MessageAnswer,
    Outbind,
    Outgoing,
    ShortMessage,
    Tag,
    command_name,
)
from adapters.smpp.profile import BindMode
from adapters.smpp.status import STATUSES, explain, status_name
from parsers.errors import FrameError, PduError
from parsers.model import Address, Concat
from tests.smpp.sessions import CITIZEN, OURS, REPLY, REQUEST, SMS, deliver


class Counter:
    """What smpplib wants as a client."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


def theirs(command: int, sequence: int = 9, status: int = 0, **fields: Any) -> bytes:
    """The PDU as smpplib alone builds it."""
    pdu = smpplib.smpp.make_pdu(command_name(command), client=Counter(), status=status, **fields)
    pdu.sequence = sequence
    if "interface_version" in fields:
        pdu.interface_version = fields["interface_version"]
    frame: bytes = pdu.generate()
    return frame


def raw(command: int, body: bytes, sequence: int = 9, status: int = 0) -> bytes:
    return struct.pack(">4I", 16 + len(body), command, status, sequence) + body


def body_of(frame: bytes) -> Any:
    return codec.read(frame).body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


HEAD = b"\0\x01\x016281234567890\0\x03\x001708\0"
TERMS = b"\0\0\0\0\0\0\0\0\0"
PLAIN = HEAD + TERMS + b"\x05hallo"


# ── frames ──


@pytest.mark.parametrize("size", [1, 3, 16, 64, 1000])
def test_frames_do_not_depend_on_how_the_bytes_arrive(size: int) -> None:
    frames = [deliver(1), codec.bare(Command.ENQUIRE_LINK, 2), deliver(3)]
    stream = b"".join(frames)
    reader = codec.FrameReader()
    got = [frame for start in range(0, len(stream), size) for frame in reader.feed(stream[start : start + size])]
    assert got == frames
    assert reader.pending == 0


@pytest.mark.parametrize("length", [0, 2, 15, PDU_OCTETS_MAX + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_lying_length_is_refused_at_once(length: int) -> None:
    with pytest.raises(FrameError):
        codec.FrameReader().feed(struct.pack(">I", length))


@pytest.mark.parametrize("length", [16, PDU_OCTETS_MAX])
def test_the_shortest_and_the_longest_pdu_pass(length: int) -> None:
    frame = raw(Command.DATA_SM, bytes(length - 16))
    assert codec.FrameReader().feed(frame) == [frame]


def test_whole_pdus_before_a_lying_length_are_given_out_first() -> None:
    reader = codec.FrameReader()
    assert reader.feed(deliver(1) + b"\0\0\0\x02") == [deliver(1)]
    assert reader.fault is not None
    with pytest.raises(FrameError):
        reader.feed(b"")


def test_octets_of_a_pdu_that_is_not_whole_are_counted_as_pending() -> None:
    reader = codec.FrameReader()
    assert reader.feed(deliver(1)[:30]) == []
    assert reader.pending == 30


# ── our builders and smpplib ──


@pytest.mark.parametrize("mode", list(BindMode))
@pytest.mark.parametrize("version", [0x33, 0x34])
def test_a_bind_is_smpplibs_with_the_version_we_asked_for(mode: BindMode, version: int) -> None:
    request = BindRequest(mode, "lapor", "rahasia8", "SMPP", version, Address(3, 1, "^1708$"))
    frame = codec.bind(request, 9)
    assert frame == theirs(
        Command[f"BIND_{mode.name}"],
        system_id="lapor",
        password="rahasia8",
        system_type="SMPP",
        interface_version=version,
        addr_ton=3,
        addr_npi=1,
        address_range="^1708$",
    )
    assert codec.read(frame) == (Command[f"BIND_{mode.name}"], 0, 9, request)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("password", {"password": "nine_char"}),
        ("system_id", {"system_id": "x" * 16}),
        ("system_type", {"system_type": "x" * 13}),
        ("address_range", {"address": Address(0, 0, "9" * 41)}),
        ("password", {"password": "nul\0nul"}),
        ("password", {"password": "日本"}),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_never_cut_or_quoted(field: str, change: dict[str, Any]) -> None:
    request = BindRequest(**({"mode": BindMode.RECEIVER, "system_id": "lapor", "password": "geheim"} | change))
    with pytest.raises(ValueError, match=field) as caught:
        codec.bind(request, 1)
    assert str(next(iter(change.values()))) not in str(caught.value)


def test_a_number_that_does_not_fit_its_octet_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        codec.bind(BindRequest(BindMode.RECEIVER, "a", "b", interface_version=256), 1)


SHORT = {
    "service_type": "CMT",
    "source_addr_ton": 5,
    "source_addr_npi": 0,
    "source_addr": "LAPOR",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": CITIZEN.value,
    "esm_class": 0x40,
    "registered_delivery": 1,
    "data_coding": 8,
}
LONG = SHORT | {
    "protocol_id": 65,
    "priority_flag": 3,
    "schedule_delivery_time": "261122120000028+",
    "validity_period": "000001000000000R",
    "replace_if_present_flag": 1,
    "sm_default_msg_id": 7,
}
FULL = Outgoing(
    Address(5, 0, "LAPOR"),
    CITIZEN,
    b"\x05\0\x03\x01\x02\x01\0A",
    esm_class=0x40,
    data_coding=8,
    service_type="CMT",
    protocol_id=65,
    priority=3,
    schedule="261122120000028+",
    validity="000001000000000R",
    registered_delivery=1,
    replace_if_present=1,
    default_message_id=7,
)


def changed(message: Outgoing, **fields: Any) -> Outgoing:
    return Outgoing(**({name: getattr(message, name) for name in Outgoing.__slots__} | fields))


@pytest.mark.parametrize("command", [Command.SUBMIT_SM, Command.DELIVER_SM])
@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (FULL, {"short_message": FULL.octets}),
        (changed(FULL, octets=b""), {}),
        (changed(FULL, octets=b"x" * 254), {"short_message": b"x" * 254}),
        (changed(FULL, octets=b"x" * 700, in_payload=True), {"message_payload": b"x" * 700}),
        (
            changed(FULL, sar=Concat(513, 3, 2, wide=True)),
            {"short_message": FULL.octets, "sar_msg_ref_num": 513, "sar_total_segments": 3, "sar_segment_seqnum": 2},
        ),
    ],
    ids=["every field", "empty", "longest", "payload", "sar"],
)
def test_a_message_spliced_together_is_what_smpplib_builds_whole(command: Command, message: Outgoing, fields: dict[str, Any]) -> None:
    assert codec.message(command, message, 9) == theirs(command, **LONG, **fields)


def test_a_data_sm_spliced_together_is_what_smpplib_builds_whole() -> None:
    expected = theirs(Command.DATA_SM, **SHORT, sar_msg_ref_num=1, sar_total_segments=2, sar_segment_seqnum=1, message_payload=b"hallo")
    assert codec.message(Command.DATA_SM, changed(FULL, octets=b"hallo", sar=Concat(1, 2, 1, wide=True)), 9) == expected


def test_an_operators_own_tlvs_are_appended_as_given() -> None:
    frame = codec.message(Command.SUBMIT_SM, changed(REPLY, tlvs=((0x1403, b"7"), (0x1400, b""))), 9)
    assert frame.endswith(tlv(0x1403, b"7") + tlv(0x1400, b""))
    assert body_of(frame).tlvs == {0x1403: b"7", 0x1400: b""}


@pytest.mark.parametrize(
    "message",
    [
        changed(REPLY, octets=b"x" * 255),
        changed(REPLY, destination=Address(1, 1, "6" * 21)),
        changed(REPLY, destination=Address(256, 1, "62812")),
        changed(REPLY, destination=Address(1, 1, "62\0812")),
        changed(REPLY, source=Address(5, 0, "x" * 21)),
        changed(REPLY, source=Address(300, 0, "1708")),
        changed(REPLY, service_type="TOOLONG"),
        changed(REPLY, validity="x" * 17),
        changed(REPLY, schedule="x" * 17),
        changed(REPLY, priority=-1),
    ],
)
def test_a_message_that_does_not_fit_is_refused_without_quoting_it(message: Outgoing) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        codec.message(Command.SUBMIT_SM, message, 1)
    assert "62812" not in str(caught.value)


ANSWERS = [Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP, Command.DATA_SM_RESP]


@pytest.mark.parametrize("command", ANSWERS)
@pytest.mark.parametrize("message_id", ["", "1A2B", "x" * 64])
def test_a_packed_message_answer_is_smpplibs(command: Command, message_id: str) -> None:
    frame = codec.message_answer(command, 9, 0, message_id)
    assert frame == theirs(command, message_id=message_id)
    assert codec.read(frame) == (command, 0, 9, MessageAnswer(message_id))


def test_a_packed_refusal_is_smpplibs() -> None:
    assert codec.message_answer(Command.DELIVER_SM_RESP, 9, 0x64) == theirs(Command.DELIVER_SM_RESP, status=0x64)


@pytest.mark.parametrize(
    "command",
    [Command.ENQUIRE_LINK, Command.ENQUIRE_LINK_RESP, Command.UNBIND, Command.UNBIND_RESP, Command.GENERIC_NACK],
)
@pytest.mark.parametrize("status", [0, 3])
def test_a_packed_pdu_without_a_body_is_smpplibs(command: Command, status: int) -> None:
    assert codec.bare(command, 0x7FFFFFFF, status) == theirs(command, 0x7FFFFFFF, status)


@pytest.mark.parametrize("command", [Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER])
@pytest.mark.parametrize("version", [None, 0x34])
def test_a_bind_answer_is_smpplibs(command: Command, version: int | None) -> None:
    frame = codec.bind_answer(command, 9, 0, BindAnswer("LAPOR", version))
    assert frame == theirs(command | 0x80000000, system_id="LAPOR", sc_interface_version=version)
    assert body_of(frame) == BindAnswer("LAPOR", version)


def test_a_bind_refusal_has_no_body() -> None:
    assert codec.bind_answer(Command.BIND_RECEIVER, 9, 0x0E, BindAnswer("LAPOR", 0x34)) == codec.bare(Command.BIND_RECEIVER_RESP, 9, 0x0E)


def test_outbind_and_alert_notification_come_back_as_they_were_sent() -> None:
    outbind, alert = Outbind("smsc", "geheim"), Alert(CITIZEN, OURS, 2)
    assert codec.read(codec.outbind(outbind, 3)) == (Command.OUTBIND, 0, 3, outbind)
    assert codec.read(codec.alert_notification(alert, 4)) == (Command.ALERT_NOTIFICATION, 0, 4, alert)
    assert body_of(codec.alert_notification(Alert(CITIZEN, OURS), 4)).availability is None


# ── the strict reader and smpplib's ──

FIELDS = {
    "service_type": "service_type",
    "esm_class": "esm_class",
    "protocol_id": "protocol_id",
    "priority": "priority_flag",
    "schedule": "schedule_delivery_time",
    "validity": "validity_period",
    "registered_delivery": "registered_delivery",
    "replace_if_present": "replace_if_present_flag",
    "data_coding": "data_coding",
    "default_message_id": "sm_default_msg_id",
}


def agree(frame: bytes) -> None:
    """Every field that both readers know has the same value."""
    ours = body_of(frame)
    them = smpplib.smpp.parse_pdu(frame, client=Counter(), allow_unknown_opt_params=True)
    for name, their_name in FIELDS.items():
        value, their_value = getattr(ours, name), getattr(them, their_name, None)
        assert value == (their_value.decode("latin-1") if isinstance(their_value, bytes) else their_value or type(value)()), name
    assert ours.source == (them.source_addr_ton, them.source_addr_npi, them.source_addr.decode())
    assert ours.destination == (them.dest_addr_ton, them.dest_addr_npi, them.destination_addr.decode())
    assert ours.octets == (getattr(them, "message_payload", None) or getattr(them, "short_message", None) or b"")
    if ours.sar:
        assert ours.sar[:3] == (them.sar_msg_ref_num, them.sar_total_segments, them.sar_segment_seqnum)


@pytest.mark.parametrize("command", [Command.SUBMIT_SM, Command.DELIVER_SM, Command.DATA_SM])
@pytest.mark.parametrize("message", [SMS, FULL, changed(FULL, in_payload=True), changed(FULL, sar=Concat(9, 2, 1, wide=True), octets=b"")])
def test_both_readers_agree_on_valid_messages(command: Command, message: Outgoing) -> None:
    agree(codec.message(command, message, 3))


def test_where_the_readers_differ_on_purpose() -> None:
    unknown = raw(Command.DELIVER_SM, PLAIN + tlv(0x1400, b"kept"))
    assert body_of(unknown).tlvs == {0x1400: b"kept"}  # smpplib drops it
    standard = raw(Command.DELIVER_SM, PLAIN + tlv(0x1204, b"\x01"))
    with pytest.raises(KeyError):  # ms_validity: smpplib knows the tag and not that deliver_sm may have it
        smpplib.smpp.parse_pdu(standard, client=Counter())
    assert body_of(standard).tlvs == {0x1204: b"\x01"}
    cut = raw(Command.DELIVER_SM, PLAIN[:-2])
    assert smpplib.smpp.parse_pdu(cut, client=Counter()).short_message == b"hal"  # and would be acknowledged
    with pytest.raises(PduError):
        codec.read(cut)
    with pytest.raises(smpplib.exceptions.UnknownCommandError):
        smpplib.smpp.parse_pdu(codec.outbind(Outbind("a", "b"), 1), client=Counter())


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (HEAD.replace(b"6281234567890", b"6" * 21) + TERMS + b"\0", "source_addr above 20 characters"),
        (HEAD.replace(b"1708", b"1" * 60) + TERMS + b"\0", "destination_addr above 20 characters"),
        (HEAD.replace(b"6281234567890", b"") + TERMS + b"\0", "source_addr is empty"),
        (HEAD + TERMS + b"\xff" + b"x" * 255, "sm_length above 254"),
        (PLAIN + b"\0", "padding behind the last field"),
        (PLAIN + b"\0\0\0", "padding behind the last field"),
        (PLAIN + tlv(Tag.MESSAGE_PAYLOAD, b"other"), "short_message and message_payload: message_payload counts"),
        (PLAIN + tlv(0x1400, b"a") * 2, "TLV 0x1400 repeated"),
        (PLAIN + tlv(Tag.SAR_MSG_REF_NUM, b"\0\x01"), "a SAR TLV is missing"),
        (
            PLAIN + tlv(Tag.SAR_MSG_REF_NUM, b"\x01") + tlv(Tag.SAR_TOTAL_SEGMENTS, b"\x02") + tlv(Tag.SAR_SEGMENT_SEQNUM, b"\x01"),
            "a SAR TLV of odd length",
        ),
    ],
)
def test_a_slip_that_costs_nothing_is_noted_and_forgiven(body: bytes, note: str) -> None:
    pdu = body_of(raw(Command.DELIVER_SM, body))
    assert isinstance(pdu, ShortMessage)
    assert pdu.notes == (note,)


def test_a_status_in_a_request_is_noted_and_forgiven() -> None:
    pdu = body_of(raw(Command.DELIVER_SM, PLAIN, status=0x45))
    assert (pdu.notes, pdu.status, pdu.octets) == (("status in a request",), 0x45, b"hallo")


@pytest.mark.parametrize(
    ("source", "value"),
    [(b"\x05\0TELKOMSEL", "TELKOMSEL"), (b"\x05\0A\x11B", "A\x11B"), (b"\x01\x01+62812", "+62812"), (b"\0\0caf\xe9", "café")],
)
def test_an_address_need_not_be_digits(source: bytes, value: str) -> None:
    assert body_of(raw(Command.DELIVER_SM, b"\0" + source + b"\0\x03\x001708\0" + TERMS + b"\0")).source.value == value


@pytest.mark.parametrize(
    ("body", "octets"),
    [
        (HEAD + TERMS + b"\0", b""),
        (HEAD + TERMS + b"\0" + tlv(Tag.MESSAGE_PAYLOAD, b""), b""),
        (PLAIN + tlv(Tag.MESSAGE_PAYLOAD, b""), b"hallo"),
        (HEAD + TERMS + b"\0" + tlv(Tag.MESSAGE_PAYLOAD, b"payload"), b"payload"),
    ],
)
def test_the_text_is_in_the_payload_where_that_has_octets(body: bytes, octets: bytes) -> None:
    pdu = body_of(raw(Command.DELIVER_SM, body))
    assert (pdu.octets, pdu.notes) == (octets, ())


def test_every_cut_of_a_message_is_unreadable_and_none_is_taken_for_whole() -> None:
    whole = PLAIN + tlv(0x1400, b"value")
    for size in range(len(whole)):
        frame = raw(Command.DELIVER_SM, whole[:size])
        if size == len(PLAIN):
            continue  # cut exactly before the TLVs it is a whole PDU
        with pytest.raises(PduError) as caught:
            codec.read(frame)
        assert caught.value.raw == frame
        assert 16 <= caught.value.offset <= len(frame)
        assert "628" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        HEAD.replace(b"7890\0", b"7890") + TERMS + b"\x05hallo",
        HEAD + TERMS + b"\x50hallo",
        HEAD + TERMS + b"\x02hallo",
        PLAIN + b"\0\x01",
        PLAIN + b"\x14\0\0\x09ab",
        b"",
    ],
    ids=["NUL missing", "sm_length too long", "sm_length too short", "octets left", "TLV too long", "no body"],
)
def test_where_the_text_begins_or_ends_is_never_guessed(body: bytes) -> None:
    with pytest.raises(PduError):
        codec.read(raw(Command.DELIVER_SM, body))


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (Command.DATA_SM, HEAD + b"\0\0"),
        (Command.BIND_TRANSCEIVER, b"a\0b\0c\0"),
        (Command.BIND_TRANSCEIVER, b"a\0b\0c\x00\x34"),
        (Command.BIND_TRANSCEIVER, b"a\0b\0c\x00\x34\0\0range"),
        (Command.BIND_TRANSCEIVER, b"a\0b"),
        (Command.BIND_TRANSCEIVER_RESP, b"a"),
        (Command.SUBMIT_SM_RESP, b"id"),
        (Command.OUTBIND, b"a\0b"),
        (Command.ALERT_NOTIFICATION, b"\x01\x01628\0"),
    ],
)
def test_every_other_body_is_read_as_strictly(command: Command, body: bytes) -> None:
    with pytest.raises(PduError):
        codec.read(raw(command, body))


@pytest.mark.parametrize("command", [*ANSWERS, Command.BIND_RECEIVER_RESP])
def test_a_response_may_lack_its_body(command: Command) -> None:
    assert codec.read(codec.bare(command, 1, 0x45)).body in (MessageAnswer(), BindAnswer())


def test_a_frame_whose_length_is_not_its_own_is_unreadable() -> None:
    with pytest.raises(PduError):
        codec.read(deliver(1) + b"\0")
    with pytest.raises(PduError):
        codec.read(b"\0\0\0\x03")


def test_a_command_nobody_knows_has_no_body_and_a_hex_name() -> None:
    assert codec.read(raw(0x00010200, b"whatever")).body is None
    assert command_name(0x00010200) == "0x00010200"


# ── what may be shown ──


def test_nothing_shows_a_password_a_number_or_a_text_in_its_repr() -> None:
    shown = repr([REQUEST, Outbind("smsc", "rahasia8"), SMS, body_of(deliver(1)), codec.read(deliver(1))])
    assert "rahasia8" not in shown
    assert CITIZEN.value not in shown
    assert "lampu" not in shown


def test_the_statuses_have_the_names_smpplib_gives_them() -> None:
    standard = {getattr(smpplib.consts, name): name.removeprefix("SMPP_") for name in dir(smpplib.consts) if name.startswith("SMPP_ESME_R")}
    assert {status: name for status, (name, _) in STATUSES.items()} == standard


def test_a_status_is_explained_in_plain_words() -> None:
    assert explain(0x0E) == "ESME_RINVPASWD (0x0e): the password is wrong"
    assert "operator's own" in explain(0x410)
    assert "not in the specification" in explain(0x1234)
    assert (status_name(0x58), status_name(0x410)) == ("ESME_RTHROTTLED", "0x00000410")
