"""Shows one PDU to a person: field by field with offsets, with passwords, people's numbers and texts masked.

`bind --once --trace` prints it and its output travels by e-mail, so whatever this page does not know to be harmless is masked; in a PDU
that cannot be walked to its end everything is, because a field may have swallowed its neighbour.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adapters.smpp.codec import TLV_NAMES
from adapters.smpp.pdu import BIND_COMMANDS, Command, Tag, command_name
from adapters.smpp.reader import ANSWER_COMMANDS, BIND_ANSWER_COMMANDS, HEADER
from adapters.smpp.status import explain
from parsers.model import mask

SHORT_CODE_DIGITS_MAX = 6  # A number this short names a service, not a person: 1708 is worth seeing.
INTERFACE_VERSIONS = frozenset({0x33, 0x34, 0x50})  # SMPP 3.4 §5.2.4, 5.0 §4.7.13.
OCTETS_PER_LINE = 16


class Kind(enum.Enum):
    """What may be shown of a field."""

    NUMBER = enum.auto()
    TEXT = enum.auto()  # a name the two sides agreed on
    ADDRESS = enum.auto()
    SECRET = enum.auto()
    LENGTH = enum.auto()  # sm_length: a number that says how long the next field is
    MESSAGE = enum.auto()
    REST = enum.auto()  # what could not be walked


class Field(NamedTuple):
    """One field of a PDU: where it begins, its name, and its octets with the NUL."""

    at: int
    name: str
    kind: Kind
    octets: bytes


Layout = tuple[tuple[str, Kind], ...]

_ADDRESSES: Layout = (
    ("service_type", Kind.TEXT),
    ("source_addr_ton", Kind.NUMBER),
    ("source_addr_npi", Kind.NUMBER),
    ("source_addr", Kind.ADDRESS),
    ("dest_addr_ton", Kind.NUMBER),
    ("dest_addr_npi", Kind.NUMBER),
    ("destination_addr", Kind.ADDRESS),
    ("esm_class", Kind.NUMBER),
)
_MESSAGE: Layout = (
    *_ADDRESSES,
    ("protocol_id", Kind.NUMBER),
    ("priority_flag", Kind.NUMBER),
    ("schedule_delivery_time", Kind.TEXT),
    ("validity_period", Kind.TEXT),
    ("registered_delivery", Kind.NUMBER),
    ("replace_if_present_flag", Kind.NUMBER),
    ("data_coding", Kind.NUMBER),
    ("sm_default_msg_id", Kind.NUMBER),
    ("sm_length", Kind.LENGTH),
    ("short_message", Kind.MESSAGE),
)
_DATA: Layout = (*_ADDRESSES, ("registered_delivery", Kind.NUMBER), ("data_coding", Kind.NUMBER))
_BIND: Layout = (
    ("system_id", Kind.TEXT),
    ("password", Kind.SECRET),
    ("system_type", Kind.TEXT),
    ("interface_version", Kind.NUMBER),
    ("addr_ton", Kind.NUMBER),
    ("addr_npi", Kind.NUMBER),
    ("address_range", Kind.ADDRESS),
)
_ALERT: Layout = (
    ("source_addr_ton", Kind.NUMBER),
    ("source_addr_npi", Kind.NUMBER),
    ("source_addr", Kind.ADDRESS),
    ("esme_addr_ton", Kind.NUMBER),
    ("esme_addr_npi", Kind.NUMBER),
    ("esme_addr", Kind.ADDRESS),
)
LAYOUTS: Mapping[int, Layout] = {
    **dict.fromkeys(BIND_COMMANDS, _BIND),
    **dict.fromkeys(BIND_ANSWER_COMMANDS, (("system_id", Kind.TEXT),)),
    **dict.fromkeys(ANSWER_COMMANDS, (("message_id", Kind.TEXT),)),
    int(Command.DELIVER_SM): _MESSAGE,
    int(Command.SUBMIT_SM): _MESSAGE,
    int(Command.DATA_SM): _DATA,
    int(Command.OUTBIND): (("system_id", Kind.TEXT), ("password", Kind.SECRET)),
    int(Command.ALERT_NOTIFICATION): _ALERT,
}
HARMLESS_TLVS = frozenset(
    {
        Tag.SAR_MSG_REF_NUM,
        Tag.SAR_TOTAL_SEGMENTS,
        Tag.SAR_SEGMENT_SEQNUM,
        Tag.SC_INTERFACE_VERSION,
        Tag.MS_AVAILABILITY_STATUS,
        Tag.NETWORK_ERROR_CODE,
        Tag.MESSAGE_STATE,
    }
)


def mask_frame(frame: bytes) -> str:
    """One PDU as lines of offset, octets in hex, field and value; `**` stands for an octet that is nobody's business."""
    if len(frame) < HEADER.size:
        return f"{len(frame)} octets, too few for a PDU"
    _, command, status, sequence = HEADER.unpack_from(frame)
    fields = list(_walk(frame, command))
    whole = all(map(_plausible, fields))
    lines = [f"{command_name(command)} sequence {sequence}, {explain(status)}, {len(frame)} octets"]
    lines += [_line(at, frame[at : at + 4].hex(" "), name) for at, name in zip(range(0, 16, 4), _HEADER_FIELDS, strict=True)]
    for field in fields:
        lines += _lines(field, whole=whole)
    return "\n".join(lines)


_HEADER_FIELDS = ("command_length", "command_id", "command_status", "sequence_number")


def _walk(frame: bytes, command: int) -> Iterator[Field]:
    at = HEADER.size
    if at < len(frame):
        for name, kind in LAYOUTS.get(command, ()):
            end = _end(frame, at, kind)
            if not at <= end <= len(frame):
                yield Field(at, f"{name} and what follows, unreadable", Kind.REST, frame[at:])
                return
            yield Field(at, name, kind, frame[at:end])
            at = end
    yield from _walk_tlvs(frame, at)


def _plausible(field: Field) -> bool:
    """False for what gives a shifted walk away: were a NUL missing, a system_id would run on into the password."""
    if field.kind is Kind.TEXT:
        return all(0x20 <= octet < 0x7F for octet in field.octets.rstrip(b"\0"))
    if field.name == "interface_version":
        return field.octets[0] in INTERFACE_VERSIONS
    return field.kind is not Kind.REST


def _end(frame: bytes, at: int, kind: Kind) -> int:
    """Where the field that begins at `at` ends; outside the frame if it does not."""
    if kind in (Kind.NUMBER, Kind.LENGTH):
        return at + 1
    if kind is Kind.MESSAGE:
        return at + frame[at - 1]
    return frame.find(0, at) + 1 or -1


def _walk_tlvs(frame: bytes, at: int) -> Iterator[Field]:
    while at < len(frame):
        tag = int.from_bytes(frame[at : at + 2], "big")
        end = at + 4 + int.from_bytes(frame[at + 2 : at + 4], "big")
        if at + 4 > len(frame) or end > len(frame):
            yield Field(at, "no TLV", Kind.REST, frame[at:])
            return
        name = f"TLV 0x{tag:04x} {TLV_NAMES.get(tag, 'unknown')}"
        yield Field(at, f"{name}, {end - at - 4} octets", Kind.NUMBER, frame[at : at + 4])
        kind = Kind.NUMBER if tag in HARMLESS_TLVS else Kind.TEXT if tag == Tag.RECEIPTED_MESSAGE_ID else Kind.SECRET
        if end > at + 4:
            yield Field(at + 4, "  its value", kind, frame[at + 4 : end])
        at = end


def _lines(field: Field, *, whole: bool) -> Iterator[str]:
    value = field.octets.rstrip(b"\0").decode("latin-1")
    open_ = whole and field.kind in (Kind.NUMBER, Kind.LENGTH)
    shown = ""
    if field.kind is Kind.TEXT and whole:
        open_, shown = True, ascii(value)
    elif field.kind is Kind.ADDRESS and whole:
        open_ = len(value) <= SHORT_CODE_DIGITS_MAX and (value.isdigit() or not value)
        shown = ascii(value if open_ else mask(value))
    elif not open_:
        shown = f"{len(field.octets)} octets masked"
    elif len(field.octets) == 1:
        shown = str(field.octets[0])
    octets = field.octets.hex(" ").split() if open_ else ["**"] * len(field.octets)
    yield _line(field.at, " ".join(octets[:OCTETS_PER_LINE]), f"{field.name} {shown}".rstrip())
    if open_:
        for start in range(OCTETS_PER_LINE, len(octets), OCTETS_PER_LINE):
            yield _line(field.at + start, " ".join(octets[start : start + OCTETS_PER_LINE]), "")


def _line(at: int, octets: str, words: str) -> str:
    return f"{at:04x}  {octets:<{3 * OCTETS_PER_LINE - 1}}  {words}".rstrip()
