"""A text as the parts that one or more PDUs carry: alphabet, cutting, UDH, SAR or message_payload. Pure.

One SMS holds 140 octets (3GPP TS 23.040 §9.2.3.24): 160 septets or 70 UCS-2 units; seven septets or three units less with a header.
"""

from __future__ import annotations

from typing import NamedTuple

from adapters.smpp.pdu import Outgoing
from adapters.smpp.profile import LongForm, OperatorSettings
from adapters.smpp.timestamp import relative
from parsers import charset, segments
from parsers.model import Address, Concat

SEPTETS_MAX = 160
HEADER_OCTETS = 6  # A header with an 8-bit reference; a 16-bit one has 7.
WIDE_HEADER_OCTETS = 7
PAYLOAD_OCTETS_MAX = 4096  # Ours: far above any reply, far below what a PDU may hold.


class Part(NamedTuple):
    """What one PDU carries of a text."""

    octets: bytes
    esm_class: int = 0
    sar: Concat | None = None
    in_payload: bool = False

    def __repr__(self) -> str:
        return f"Part({len(self.octets)} octets)"


class Cut(NamedTuple):
    """How a text is written and cut; `wide` takes a 16-bit reference."""

    alphabet: str = charset.GSM7
    form: LongForm = LongForm.UDH
    packed: bool = False
    wide: bool = False


def cut(text: str, how: Cut, reference: int) -> list[Part]:
    """Cut a text into parts, one if it fits; CharsetError for a character the alphabet lacks."""
    unpacked = how.alphabet == charset.GSM7 and not how.packed
    room = SEPTETS_MAX if unpacked else segments.USER_DATA_OCTETS_MAX
    if how.form is LongForm.PAYLOAD:
        [octets] = charset.split(text, how.alphabet, octets_max=PAYLOAD_OCTETS_MAX, packed=how.packed)
        return [Part(octets, in_payload=len(octets) > room)]
    whole = charset.split(text, how.alphabet, octets_max=room, packed=how.packed)
    if len(whole) == 1:
        return [Part(whole[0])]
    header = WIDE_HEADER_OCTETS if how.wide else HEADER_OCTETS
    fill = -header * 8 % 7
    room -= (header * 8 + fill) // 7 if unpacked else header
    pieces = charset.split(
        text, how.alphabet, octets_max=room, packed=how.packed, fill=fill if how.packed and how.form is LongForm.UDH else 0
    )
    places = [Concat(reference, len(pieces), number, how.wide) for number in range(1, len(pieces) + 1)]
    if how.form is LongForm.SAR:
        return [Part(piece, sar=place) for piece, place in zip(pieces, places, strict=True)]
    return [Part(segments.header(place) + piece, segments.UDH_INDICATOR) for piece, place in zip(pieces, places, strict=True)]


def compose(to: Address, text: str, operator: OperatorSettings, reference: int) -> list[Outgoing]:
    """Make the submits of one reply by the operator's terms; CharsetError when the text cannot be written or has too many parts."""
    mt = operator.mt
    alphabet, data_coding = _alphabet(text, operator)
    parts = cut(text, Cut(alphabet, mt.long_form, operator.packed and alphabet == charset.GSM7), reference & 0xFF)
    if len(parts) > mt.parts_max:
        raise charset.CharsetError(f"the text needs {len(parts)} parts, {mt.parts_max} are allowed")
    destination = Address(
        to.ton if mt.destination_ton is None else mt.destination_ton,
        to.npi if mt.destination_npi is None else mt.destination_npi,
        to.value,
    )
    return [
        Outgoing(
            source=Address(mt.source_ton, mt.source_npi, mt.source),
            destination=destination,
            octets=part.octets,
            esm_class=part.esm_class,
            data_coding=data_coding,
            service_type=mt.service_type,
            protocol_id=mt.protocol_id,
            priority=mt.priority,
            validity=relative(mt.validity_seconds) if mt.validity_seconds is not None else "",
            registered_delivery=mt.registered_delivery,
            in_payload=part.in_payload,
            sar=part.sar,
            tlvs=tuple((tlv.tag, tlv.value) for tlv in mt.tlvs),
        )
        for part in parts
    ]


def _alphabet(text: str, operator: OperatorSettings) -> tuple[str, int]:
    """The operator's default alphabet when it holds the text, else UCS-2."""
    try:
        charset.encode(text, operator.alphabet0)
    except charset.CharsetError:
        return charset.UCS2, charset.data_coding_of(charset.UCS2)
    return str(operator.alphabet0), operator.mt.data_coding
