"""What an operator says became of a message of ours (SMPP 3.4 Appendix B, §5.2.12, §5.3.2.12, §5.3.2.35).

Receipts look like texts; the esm_class tells. They are read from TLVs, then from text that every SMSC writes in its own way, and are
advice only: whatever cannot be read stays empty. The text's own echo of our message is never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from adapters.smpp.pdu import ShortMessage, Tag

RECEIPT_BITS = 0x24  # SMPP 3.4 §5.2.12: SMSC delivery receipt (0x04) and intermediate notification (0x20).
INTERMEDIATE_BIT = 0x20
ACKNOWLEDGEMENT_BITS = 0x18  # The recipient's own acknowledgements: read as a receipt only where they name a message id.
UCS2_CODINGS = frozenset({8, 0x18, 0x19, 0x48})
TEXT_OCTETS_MAX = 512  # Ours: the fields stand in the first hundred characters; the rest is an echo of our text.

STATES: Mapping[int, str] = MappingProxyType(
    {
        0: "SCHEDULED",
        1: "ENROUTE",
        2: "DELIVRD",
        3: "EXPIRED",
        4: "DELETED",
        5: "UNDELIV",
        6: "ACCEPTD",
        7: "UNKNOWN",
        8: "REJECTD",
        9: "SKIPPED",
    }
)
SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "DELIVERED": "DELIVRD",
        "DELIVERD": "DELIVRD",
        "UNDELIVERABLE": "UNDELIV",
        "UNDELIVERED": "UNDELIV",
        "UNDELIVRD": "UNDELIV",
        "ACCEPTED": "ACCEPTD",
        "REJECTED": "REJECTD",
    }
)

_FIELD = re.compile(
    r"(?<![A-Za-z])(id|submit[ _]?date|done[ _]?date|stat(?:us)?|err(?:or)?)[ \t]{0,4}[:=][ \t]{0,4}([^\s,;]{1,64})",
    re.IGNORECASE,
)
_ECHO = re.compile(r"(?<![A-Za-z])te?xt[ \t]{0,4}[:=]", re.IGNORECASE)
_DECIMAL = re.compile(r"[0-9]{1,20}", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,16}", re.ASCII)


class Receipt(NamedTuple):
    """One delivery receipt. `ids` as the operator wrote them, the TLV's before the text's; `state` in capitals; dates as written."""

    ids: tuple[str, ...]
    state: str
    error: str
    submitted: str
    done: str
    intermediate: bool

    @property
    def message_id(self) -> str:
        """The operator's id of our message, empty where none could be read."""
        return self.ids[0] if self.ids else ""

    @property
    def candidates(self) -> tuple[str, ...]:
        """The canonical ids this receipt may mean, likeliest first."""
        return tuple(dict.fromkeys(form for message_id in self.ids for form in candidates(message_id)))


def of(pdu: ShortMessage) -> Receipt | None:
    """The receipt that a message PDU is, or None for a text. Receipt bits make a receipt even of what cannot be read."""
    kind = pdu.esm_class & (RECEIPT_BITS | ACKNOWLEDGEMENT_BITS)
    if kind & RECEIPT_BITS:
        return read(pdu)
    named = Tag.RECEIPTED_MESSAGE_ID in pdu.tlvs
    if not kind and not (named and Tag.MESSAGE_STATE in pdu.tlvs):
        return None
    receipt = read(pdu)
    if kind:
        return receipt if receipt.ids else None
    return receipt if not pdu.octets or _fields(_text(pdu)) else None


def read(pdu: ShortMessage) -> Receipt:
    """Read the TLVs, then the text for what they leave open; never raises."""
    fields = _fields(_text(pdu))
    ids = (_tlv_id(pdu.tlvs), fields.get("id", ""))
    state = pdu.tlvs.get(Tag.MESSAGE_STATE, b"")
    word = fields.get("stat", "").upper()
    return Receipt(
        ids=tuple(dict.fromkeys(message_id for message_id in ids if message_id)),
        state=STATES.get(state[-1] if state else -1) or SYNONYMS.get(word, word),
        error=fields.get("err", "") or _network_error(pdu.tlvs.get(Tag.NETWORK_ERROR_CODE, b"")),
        submitted=fields.get("submit", ""),
        done=fields.get("done", ""),
        intermediate=bool(pdu.esm_class & INTERMEDIATE_BIT),
    )


def canonical(message_id: str) -> str:
    """The form under which an id from submit_sm_resp is kept: lower case, no leading zeros, no white space."""
    return message_id.strip().lower().lstrip("0") or ("0" if message_id.strip() else "")


def candidates(message_id: str) -> tuple[str, ...]:
    """The canonical ids that an id in a receipt may mean: as written, as decimal of a hex id, as hex of a decimal id.

    SMSCs answer submit_sm with one notation and write receipts in the other; the form as written counts first.
    """
    plain = canonical(message_id)
    forms = [plain] if plain else []
    if _DECIMAL.fullmatch(plain):
        forms.append(f"{int(plain):x}")
    if _HEXADECIMAL.fullmatch(plain):
        forms.append(str(int(plain, 16)))
    return tuple(dict.fromkeys(forms))


def _text(pdu: ShortMessage) -> str:
    octets = pdu.octets[:TEXT_OCTETS_MAX]
    text = octets.decode("utf-16-be", "replace") if pdu.data_coding in UCS2_CODINGS else octets.decode("latin-1")
    echo = _ECHO.search(text)
    return text[: echo.start()] if echo else text


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(_field_name(name.lower()), value)
    return found


def _field_name(name: str) -> str:
    for short in ("submit", "done", "stat", "err"):
        if name.startswith(short):
            return short
    return name


def _tlv_id(tlvs: Mapping[int, bytes]) -> str:
    return tlvs.get(Tag.RECEIPTED_MESSAGE_ID, b"").split(b"\0", 1)[0].decode("latin-1").strip()


def _network_error(value: bytes) -> str:
    return f"{int.from_bytes(value[1:3], 'big'):03d}" if len(value) == 3 else ""
