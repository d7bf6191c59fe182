"""Cuts a byte stream into PDUs and builds the PDUs we send; the only importer of smpplib (docs/adr: codec only).

smpplib builds; what it would silently do is refused here first: cutting a string that is too long, a password most of all, and writing
interface_version 0x34 over what was asked. Message PDUs are built by smpplib once per set of terms and then filled in: its own building
costs 60 µs each. Short answers are packed. The tests hold each of these against smpplib octet by octet.
"""

from __future__ import annotations

import functools
import struct
from typing import NamedTuple

import smpplib.command
import smpplib.consts
import smpplib.smpp

from adapters.smpp.pdu import (
    BIND_COMMANDS,
    PDU_OCTETS_MAX,
    PDU_OCTETS_MIN,
    RESPONSE,
    Alert,
    BindAnswer,
    BindRequest,
    Command,
    Outbind,
    Outgoing,
    Pdu,
    Tag,
    command_name,
)
from adapters.smpp.reader import read
from parsers.errors import FrameError
from parsers.model import Address

__all__ = [
    "TLV_NAMES",
    "FrameReader",
    "Pdu",
    "alert_notification",
    "bare",
    "bind",
    "bind_answer",
    "message",
    "message_answer",
    "outbind",
    "read",
]

TLV_NAMES: dict[int, str] = {tag: name for name, tag in smpplib.consts.OPTIONAL_PARAMS.items()}
SHORT_MESSAGE_OCTETS_MAX = 254  # SMPP 3.4 §5.2.21.
_COMMANDS = {mode: command for command, mode in BIND_COMMANDS.items()}
_HEADER = struct.Struct(">4I")
_ANSWER = struct.Struct(">4IB")
_TLV = struct.Struct(">HH")
_SAR = struct.Struct(">HHHHHBHHB")


class FrameReader:
    """Cuts what TCP delivers into whole PDUs, however the pieces fall (SMPP 3.4 §3.2).

    A length outside 16 … `octets_max` is a lie and is called so before its body is waited for. Bytes are joined only when a whole PDU
    is there, so a dripping peer costs no more than a fast one.
    """

    def __init__(self, octets_max: int = PDU_OCTETS_MAX) -> None:
        self._octets_max = octets_max
        self._rest = bytearray()
        self._needed = 4
        self.fault: FrameError | None = None
        """Set for good once a length has lied; frames that came before it were still given out."""

    @property
    def pending(self) -> int:
        """Octets of a PDU that is not whole yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, give every PDU that is now whole. FrameError at a lying length, or at the next call if whole PDUs came first."""
        if self.fault is not None:
            raise self.fault
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        frames: list[bytes] = []
        start, size, self._needed = 0, len(data), 4
        while size - start >= 4:
            length = int.from_bytes(data[start : start + 4], "big")
            if not PDU_OCTETS_MIN <= length <= self._octets_max:
                self.fault = FrameError(f"command_length {length} is outside {PDU_OCTETS_MIN} to {self._octets_max}")
                if frames:
                    return frames
                raise self.fault
            if size - start < length:
                self._needed = length
                break
            frames.append(data[start : start + length])
            start += length
        if start < size:
            self._rest += data[start:]
        return frames


def bare(command: int, sequence: int, status: int = 0) -> bytes:
    """Pack a PDU without a body: enquire_link, unbind, generic_nack, their responses, and every response that is an error."""
    return _HEADER.pack(PDU_OCTETS_MIN, command, status, sequence)


def message_answer(command: int, sequence: int, status: int = 0, message_id: str = "") -> bytes:
    """Pack submit_sm_resp, deliver_sm_resp or data_sm_resp; `message_id` ≤ 64 Latin-1 characters, for deliver_sm_resp always empty."""
    if not message_id:
        return _ANSWER.pack(17, command, status, sequence, 0)
    body = _text("message_id", message_id, 64) + b"\0"
    return _HEADER.pack(PDU_OCTETS_MIN + len(body), command, status, sequence) + body


def bind(request: BindRequest, sequence: int) -> bytes:
    """Build a bind request; ValueError when a value does not fit its field, with the field's name and never the value."""
    _text("system_id", request.system_id, 15)
    _text("password", request.password, 8)
    _text("system_type", request.system_type, 12)
    _text("address_range", request.address.value, 40)
    pdu = _make(
        _COMMANDS[request.mode],
        system_id=request.system_id,
        password=request.password,
        system_type=request.system_type,
        addr_ton=request.address.ton,
        addr_npi=request.address.npi,
        address_range=request.address.value,
    )
    pdu.interface_version = request.interface_version
    return _sealed(pdu, sequence)


def bind_answer(command: int, sequence: int, status: int, answer: BindAnswer) -> bytes:
    """Build the response to a bind command; beside an error it has no body (SMPP 3.4 §4.1.2)."""
    if status:
        return bare(command | RESPONSE, sequence, status)
    _text("system_id", answer.system_id, 15)
    return _sealed(_make(command | RESPONSE, system_id=answer.system_id, sc_interface_version=answer.interface_version), sequence)


def outbind(request: Outbind, sequence: int) -> bytes:
    """Pack an outbind, which smpplib does not know (SMPP 3.4 §4.1.7)."""
    body = _text("system_id", request.system_id, 15) + b"\0" + _text("password", request.password, 8) + b"\0"
    return _HEADER.pack(PDU_OCTETS_MIN + len(body), Command.OUTBIND, 0, sequence) + body


def alert_notification(alert: Alert, sequence: int) -> bytes:
    """Build an alert_notification; our simulator is the only one of us who sends it."""
    _text("source_addr", alert.source.value, 20)
    _text("esme_addr", alert.esme.value, 20)
    pdu = _make(
        Command.ALERT_NOTIFICATION,
        source_addr_ton=alert.source.ton,
        source_addr_npi=alert.source.npi,
        source_addr=alert.source.value,
        esme_addr_ton=alert.esme.ton,
        esme_addr_npi=alert.esme.npi,
        esme_addr=alert.esme.value,
        ms_availability_status=alert.availability,
    )
    return _sealed(pdu, sequence)


def message(command: int, outgoing: Outgoing, sequence: int) -> bytes:
    """Build submit_sm, deliver_sm or data_sm; ValueError when a value does not fit its field."""
    terms = _Terms(
        command,
        outgoing.service_type,
        outgoing.source,
        outgoing.esm_class,
        outgoing.protocol_id,
        outgoing.priority,
        outgoing.schedule,
        outgoing.validity,
        outgoing.registered_delivery,
        outgoing.replace_if_present,
        outgoing.data_coding,
        outgoing.default_message_id,
    )
    head, tail = _template(terms)
    ton, npi, value = outgoing.destination
    body = head + bytes((ton, npi)) + _text("destination_addr", value, 20) + b"\0" + tail
    in_payload = outgoing.in_payload or command == Command.DATA_SM
    if command != Command.DATA_SM:
        short = b"" if in_payload else outgoing.octets
        if len(short) > SHORT_MESSAGE_OCTETS_MAX:
            raise ValueError(f"short_message has {len(short)} octets, at most {SHORT_MESSAGE_OCTETS_MAX} go in: use message_payload")
        body += bytes((len(short),)) + short
    body += _tlvs(outgoing, in_payload=in_payload)
    return _HEADER.pack(PDU_OCTETS_MIN + len(body), command, 0, sequence) + body


class _Terms(NamedTuple):
    """What is the same in all messages to one operator: everything but destination, text and TLVs."""

    command: int
    service_type: str
    source: Address
    esm_class: int
    protocol_id: int
    priority: int
    schedule: str
    validity: str
    registered_delivery: int
    replace_if_present: int
    data_coding: int
    default_message_id: int


@functools.lru_cache(maxsize=256)
def _template(terms: _Terms) -> tuple[bytes, bytes]:
    """Let smpplib build a message to nobody and cut it where the destination goes in; the second piece ends before sm_length."""
    _text("service_type", terms.service_type, 5)
    _text("source_addr", terms.source.value, 20)
    _text("schedule_delivery_time", terms.schedule, 16)
    _text("validity_period", terms.validity, 16)
    fields: dict[str, int | str] = {
        "service_type": terms.service_type,
        "source_addr_ton": terms.source.ton,
        "source_addr_npi": terms.source.npi,
        "source_addr": terms.source.value,
        "esm_class": terms.esm_class,
        "registered_delivery": terms.registered_delivery,
        "data_coding": terms.data_coding,
    }
    if terms.command != Command.DATA_SM:
        fields |= {
            "protocol_id": terms.protocol_id,
            "priority_flag": terms.priority,
            "schedule_delivery_time": terms.schedule,
            "validity_period": terms.validity,
            "replace_if_present_flag": terms.replace_if_present,
            "sm_default_msg_id": terms.default_message_id,
        }
    body = _sealed(_make(terms.command, **fields), 1)[PDU_OCTETS_MIN:]
    cut = len(terms.service_type) + 1 + 2 + len(terms.source.value) + 1
    end = len(body) if terms.command == Command.DATA_SM else len(body) - 1
    return body[:cut], body[cut + 3 : end]


def _tlvs(outgoing: Outgoing, *, in_payload: bool) -> bytes:
    """The optional parameters in smpplib's order: SAR, message_payload, then the caller's own, which smpplib cannot write."""
    tlvs = b""
    if outgoing.sar is not None:
        reference, total, part, _ = outgoing.sar
        tlvs += _SAR.pack(Tag.SAR_MSG_REF_NUM, 2, reference, Tag.SAR_TOTAL_SEGMENTS, 1, total, Tag.SAR_SEGMENT_SEQNUM, 1, part)
    if in_payload and outgoing.octets:
        tlvs += _TLV.pack(Tag.MESSAGE_PAYLOAD, len(outgoing.octets)) + outgoing.octets
    for tag, value in outgoing.tlvs:
        tlvs += _TLV.pack(tag, len(value)) + value
    return tlvs


def _text(field: str, value: str, characters_max: int) -> bytes:
    """A C-octet string's octets, without its NUL; ValueError names the field only: a value may be a password or a number."""
    if len(value) > characters_max:
        raise ValueError(f"{field} has {len(value)} characters, at most {characters_max} fit")
    if "\0" in value or max(value, default="") > "\xff":
        raise ValueError(f"{field} has a character that SMPP cannot carry")
    return value.encode("latin-1")


def _make(command: int, **fields: int | str | None) -> smpplib.command.Command:
    """A PDU of smpplib's. Its `sequence=` keeps it from counting for itself, and is then ignored: see `_sealed`."""
    return smpplib.smpp.make_pdu(command_name(command), sequence=0, **fields)


def _sealed(pdu: smpplib.command.Command, sequence: int) -> bytes:
    pdu.sequence = sequence
    try:
        frame: bytes = pdu.generate()
    except struct.error:
        raise ValueError(f"{pdu.command}: a number does not fit its field") from None
    return frame
