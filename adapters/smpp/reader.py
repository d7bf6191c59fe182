"""Reads whole PDUs strictly: every length, every NUL, every TLV (SMPP 3.4 §3, §4, §5).

smpplib takes truncated PDUs for whole ones, so what a peer sends passes here. Strict means: where a field begins is never guessed. A slip
that leaves every other field where it belongs is noted and forgiven, because a readable complaint is worth more than a correct one.
The walk of a message PDU is the gateway's hottest code; hence local names instead of a cursor object.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TypeVar

from adapters.smpp.pdu import (
    BIND_COMMANDS,
    COMMAND_NAMES,
    NO_TLVS,
    RESPONSE,
    Alert,
    BindAnswer,
    BindRequest,
    Body,
    Command,
    MessageAnswer,
    Outbind,
    Pdu,
    ShortMessage,
    Tag,
    command_name,
)
from parsers.errors import PduError
from parsers.model import Address, Concat

HEADER = struct.Struct(">4I")
_TLV = struct.Struct(">HH")
ADDRESS_CHARACTERS_MAX = 20  # SMPP 3.4 §4.4.1: 21 octets with the NUL.
SHORT_MESSAGE_OCTETS_MAX = 254  # SMPP 3.4 §5.2.21.
PADDING_OCTETS_MAX = 3  # Fewer octets than a TLV's header, all zero: some SMSCs end a PDU with a NUL of their own.
TON_ALPHANUMERIC = 5  # SMPP 3.4 §5.2.5.
_DATA_SM = int(Command.DATA_SM)
_PAYLOAD = int(Tag.MESSAGE_PAYLOAD)
_SAR_REFERENCE, _SAR_TOTAL, _SAR_PART = int(Tag.SAR_MSG_REF_NUM), int(Tag.SAR_TOTAL_SEGMENTS), int(Tag.SAR_SEGMENT_SEQNUM)
_Read = TypeVar("_Read")
_Terms = tuple[int, int, int, str, str, int, int, int, int]
_new = tuple.__new__  # A NamedTuple's own __new__ costs twice as much.

MESSAGE_COMMANDS = frozenset({int(Command.DELIVER_SM), int(Command.DATA_SM), int(Command.SUBMIT_SM)})
ANSWER_COMMANDS = frozenset(command | RESPONSE for command in MESSAGE_COMMANDS)
BIND_ANSWER_COMMANDS = frozenset(command | RESPONSE for command in BIND_COMMANDS)


def read(frame: bytes) -> Pdu:
    """Read one whole frame; PduError where its contents contradict its own lengths or the specification."""
    if len(frame) < HEADER.size or int.from_bytes(frame[:4], "big") != len(frame):
        raise PduError("command_length is not the frame's", raw=frame)
    _, command, status, sequence = HEADER.unpack_from(frame)
    body = BODIES.get(command)
    return Pdu(command, status, sequence, body(frame) if body else None)


def attempt(reader: Callable[[bytes], _Read], frame: bytes) -> tuple[_Read | None, str]:
    """Read, or say why not. The one place where a bug in a reader of ours is caught: it must not cost a citizen's message."""
    try:
        return reader(frame), ""
    except PduError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 - see above; the type alone is told, a message could quote the PDU
        return None, f"our reader failed: {type(error).__name__}"


def read_message(frame: bytes) -> ShortMessage:
    """Read deliver_sm, submit_sm or data_sm. PduError names the field and the octet at which reading stopped."""
    _, command, status, _ = HEADER.unpack_from(frame)
    notes: list[str] = ["status in a request"] if status else []
    service_type, source, destination, at = _addresses(frame, notes)
    terms, octets, at = _data_terms(frame, at) if command == _DATA_SM else _terms(frame, at, notes)
    tlvs, sar = NO_TLVS, None
    if at < len(frame):
        tlvs = _tlvs(frame, at, notes)
        if tlvs:
            octets, sar = _payload(octets, tlvs, notes), _sar(tlvs, notes)
    head = (COMMAND_NAMES[command], status, service_type, source, destination)
    return _new(ShortMessage, (*head, *terms, octets, tlvs, sar, tuple(notes), frame))


def _addresses(frame: bytes, notes: list[str]) -> tuple[str, Address, Address, int]:
    """service_type and both addresses, with which all three message PDUs begin, and the offset behind them."""
    field, at = "service_type", HEADER.size
    try:
        end = frame.index(0, at)
        service_type = frame[at:end].decode("latin-1") if end > at else ""
        field, at = "source_addr", end + 1
        end = frame.index(0, at + 2)
        value = frame[at + 2 : end].decode("latin-1")
        if not value.isdigit() or end - at > ADDRESS_CHARACTERS_MAX + 2:
            _judge_address(frame, field, at, end, notes)
        source = _new(Address, (frame[at], frame[at + 1], value))
        field, at = "destination_addr", end + 1
        end = frame.index(0, at + 2)
        value = frame[at + 2 : end].decode("latin-1")
        if not value.isdigit() or end - at > ADDRESS_CHARACTERS_MAX + 2:
            _judge_address(frame, field, at, end, notes)
        return service_type, source, _new(Address, (frame[at], frame[at + 1], value)), end + 1
    except ValueError:
        raise _cut(field, frame, at) from None


def _judge_address(frame: bytes, field: str, at: int, end: int, notes: list[str]) -> None:
    """Forgive a long or empty address; a control octet in it means that its NUL is missing and the next fields were swallowed.

    Alphanumeric senders may come as raw GSM 7-bit octets, which reach down to 1.
    """
    if frame[at] != TON_ALPHANUMERIC and any(octet < 0x20 for octet in frame[at + 2 : end]):
        raise PduError(f"{field} has a control octet: its NUL is missing", raw=frame, offset=at)
    if end - at - 2 > ADDRESS_CHARACTERS_MAX:
        notes.append(f"{field} above 20 characters")
    elif end == at + 2:
        notes.append(f"{field} is empty")


def _terms(frame: bytes, at: int, notes: list[str]) -> tuple[_Terms, bytes, int]:
    """What deliver_sm and submit_sm say between the addresses and the TLVs: how, when, and the short_message itself."""
    field = "esm_class"
    try:
        esm_class, protocol_id, priority = frame[at : at + 3]
        field, at = "schedule_delivery_time", at + 3
        end = frame.index(0, at)
        schedule = frame[at:end].decode("latin-1") if end > at else ""
        field, at = "validity_period", end + 1
        end = frame.index(0, at)
        validity = frame[at:end].decode("latin-1") if end > at else ""
        field, at = "registered_delivery", end + 1
        registered_delivery, replace_if_present, data_coding, default_message_id, length = frame[at : at + 5]
    except ValueError:
        raise _cut(field, frame, at) from None
    at += 5
    octets = frame[at : at + length]
    if len(octets) != length:
        raise PduError("sm_length is past the end", raw=frame, offset=at - 1)
    if length > SHORT_MESSAGE_OCTETS_MAX:
        notes.append("sm_length above 254")
    terms = (esm_class, protocol_id, priority, schedule, validity, registered_delivery, replace_if_present, data_coding, default_message_id)
    return terms, octets, at + length


def _data_terms(frame: bytes, at: int) -> tuple[_Terms, bytes, int]:
    """The same of data_sm, which has three octets there and its text in a TLV."""
    try:
        esm_class, registered_delivery, data_coding = frame[at : at + 3]
    except ValueError:
        raise _cut("esm_class", frame, at) from None
    return (esm_class, 0, 0, "", "", registered_delivery, 0, data_coding, 0), b"", at + 3


def _tlvs(frame: bytes, at: int, notes: list[str]) -> Mapping[int, bytes]:
    """Every TLV up to the frame's last octet, unknown ones too; of a repeated one the last counts, as in smpplib."""
    tlvs: dict[int, bytes] = {}
    size = len(frame)
    while size - at > PADDING_OCTETS_MAX:
        tag, length = _TLV.unpack_from(frame, at)
        end = at + 4 + length
        if end > size:
            raise PduError(f"TLV 0x{tag:04x} is past the end", raw=frame, offset=at)
        if tag in tlvs:
            notes.append(f"TLV 0x{tag:04x} repeated")
        tlvs[tag] = frame[at + 4 : end]
        at = end
    if at < size:
        if any(frame[at:]):
            raise PduError("octets left that are no TLV", raw=frame, offset=at)
        notes.append("padding behind the last field")
    return tlvs or NO_TLVS


def _payload(octets: bytes, tlvs: Mapping[int, bytes], notes: list[str]) -> bytes:
    """message_payload where it has octets, else short_message (SMPP 3.4 §5.3.2.32: never both)."""
    payload = tlvs.get(_PAYLOAD)
    if not payload:
        return octets
    if octets:
        notes.append("short_message and message_payload: message_payload counts")
    return payload


def _sar(tlvs: Mapping[int, bytes], notes: list[str]) -> Concat | None:
    """The SAR TLVs as sent, whether they make sense or not; None unless all three are there (SMPP 3.4 §5.3.2.22-24)."""
    reference, total, part = tlvs.get(_SAR_REFERENCE), tlvs.get(_SAR_TOTAL), tlvs.get(_SAR_PART)
    if reference and total and part:
        if len(reference) != 2 or len(total) != 1 or len(part) != 1:
            notes.append("a SAR TLV of odd length")
        number = int.from_bytes
        return _new(Concat, (number(reference, "big"), number(total, "big"), number(part, "big"), True))
    if reference or total or part:
        notes.append("a SAR TLV is missing")
    return None


def read_message_answer(frame: bytes) -> MessageAnswer:
    """Read submit_sm_resp, deliver_sm_resp or data_sm_resp; without a body it has no message_id (usual beside an error)."""
    if len(frame) == HEADER.size:
        return MessageAnswer()
    message_id, at = _string(frame, HEADER.size, "message_id")
    return MessageAnswer(message_id, _tlvs(frame, at, []))


def read_bind_answer(frame: bytes) -> BindAnswer:
    """Read the response to a bind; its body may be missing, as beside an error it must be."""
    if len(frame) == HEADER.size:
        return BindAnswer()
    system_id, at = _string(frame, HEADER.size, "system_id")
    version = _tlvs(frame, at, []).get(Tag.SC_INTERFACE_VERSION)
    return BindAnswer(system_id, version[-1] if version else None)


def read_bind(frame: bytes) -> BindRequest:
    """Read a bind request."""
    _, command, _, _ = HEADER.unpack_from(frame)
    system_id, at = _string(frame, HEADER.size, "system_id")
    password, at = _string(frame, at, "password")
    system_type, at = _string(frame, at, "system_type")
    if at >= len(frame):
        raise _cut("interface_version", frame, at)
    address, _ = _address(frame, at + 1, "address_range")
    return BindRequest(BIND_COMMANDS[command], system_id, password, system_type, frame[at], address)


def read_outbind(frame: bytes) -> Outbind:
    """Read an outbind."""
    system_id, at = _string(frame, HEADER.size, "system_id")
    password, _ = _string(frame, at, "password")
    return Outbind(system_id, password)


def read_alert(frame: bytes) -> Alert:
    """Read an alert_notification."""
    source, at = _address(frame, HEADER.size, "source_addr")
    esme, at = _address(frame, at, "esme_addr")
    availability = _tlvs(frame, at, []).get(Tag.MS_AVAILABILITY_STATUS)
    return Alert(source, esme, availability[-1] if availability else None)


BODIES: Mapping[int, Callable[[bytes], Body]] = {
    **dict.fromkeys(MESSAGE_COMMANDS, read_message),
    **dict.fromkeys(ANSWER_COMMANDS, read_message_answer),
    **dict.fromkeys(BIND_COMMANDS, read_bind),
    **dict.fromkeys(BIND_ANSWER_COMMANDS, read_bind_answer),
    int(Command.OUTBIND): read_outbind,
    int(Command.ALERT_NOTIFICATION): read_alert,
}
"""Which command has which body; those not here have none that we know."""


def _string(frame: bytes, at: int, field: str) -> tuple[str, int]:
    end = frame.find(0, at)
    if end < 0:
        raise _cut(field, frame, at)
    return frame[at:end].decode("latin-1"), end + 1


def _address(frame: bytes, at: int, field: str) -> tuple[Address, int]:
    if at + 2 > len(frame):
        raise _cut(field, frame, at)
    value, end = _string(frame, at + 2, field)
    return Address(frame[at], frame[at + 1], value), end


def _cut(field: str, frame: bytes, at: int) -> PduError:
    return PduError(f"{field} ({command_name(HEADER.unpack_from(frame)[1])}) is cut or has no NUL", raw=frame, offset=at)
