"""What SMPP PDUs are made of, as nouns: commands, tags, and one record per kind of body (SMPP 3.4 §4, §5).

The records that pass once per message are NamedTuples, because building one costs a tenth of a frozen dataclass.
Whatever holds a citizen's words, a number or a password masks it in its `repr`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from adapters.smpp.profile import BindMode
from parsers.model import Address, Concat

PDU_OCTETS_MIN = 16  # SMPP 3.4 §3.2: the header alone.
PDU_OCTETS_MAX = 8192  # Ours: above the largest message_payload we accept.
SEQUENCE_MAX = 0x7FFFFFFF  # SMPP 3.4 §3.2: the allowed range ends here, then it begins again at 1.
RESPONSE = 0x80000000  # SMPP 3.4 §5.1.2.1: the bit that turns a request's id into its response's.


class Command(enum.IntEnum):
    """The command ids both roles know (SMPP 3.4 §5.1.2.1)."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103


COMMAND_NAMES: Mapping[int, str] = MappingProxyType({int(command): command.name.lower() for command in Command})


def command_name(command: int) -> str:
    """The specification's name of a command id, or the id in hex."""
    return COMMAND_NAMES.get(command) or f"0x{command:08x}"


class Tag(enum.IntEnum):
    """The TLVs that mean something to us (SMPP 3.4 §5.3.2); all others are carried along unread."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


NO_TLVS: Mapping[int, bytes] = MappingProxyType({})
NO_ADDRESS = Address(0, 0, "")


BIND_COMMANDS: Mapping[int, BindMode] = MappingProxyType(
    {
        int(Command.BIND_TRANSMITTER): BindMode.TRANSMITTER,
        int(Command.BIND_RECEIVER): BindMode.RECEIVER,
        int(Command.BIND_TRANSCEIVER): BindMode.TRANSCEIVER,
    }
)
BIND_IDS: Mapping[BindMode, int] = MappingProxyType({mode: command for command, mode in BIND_COMMANDS.items()})


@dataclass(frozen=True, slots=True)
class BindRequest:
    """bind_transmitter, bind_receiver or bind_transceiver (SMPP 3.4 §4.1); `address` is addr_ton, addr_npi, address_range."""

    mode: BindMode
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    interface_version: int = 0x34
    address: Address = NO_ADDRESS


@dataclass(frozen=True, slots=True)
class BindAnswer:
    """The body of a bind response; `interface_version` is the SMSC's, None where it does not say (SMPP 3.4 §4.1.2)."""

    system_id: str = ""
    interface_version: int | None = None


@dataclass(frozen=True, slots=True)
class Outbind:
    """An SMSC asks us to bind on the connection it opened (SMPP 3.4 §4.1.7)."""

    system_id: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """alert_notification: a subscriber can be reached again (SMPP 3.4 §4.12.1)."""

    source: Address
    esme: Address
    availability: int | None = None


class MessageAnswer(NamedTuple):
    """The body of submit_sm_resp, deliver_sm_resp or data_sm_resp (SMPP 3.4 §4.4.2, §4.6.2, §4.7.2)."""

    message_id: str = ""
    tlvs: Mapping[int, bytes] = NO_TLVS


class ShortMessage(NamedTuple):
    """The body of deliver_sm, data_sm or submit_sm (SMPP 3.4 §4.4.1, §4.6.1, §4.7.1); fields data_sm lacks keep their zeros.

    `octets` is short_message, or message_payload where that is present, with the user data header still in it. `sar` repeats the
    three SAR TLVs as sent, sense or nonsense. `notes` are the peer's slips that cost nothing; they name fields, never contents.
    """

    command: str
    status: int
    service_type: str
    source: Address
    destination: Address
    esm_class: int
    protocol_id: int
    priority: int
    schedule: str
    validity: str
    registered_delivery: int
    replace_if_present: int
    data_coding: int
    default_message_id: int
    octets: bytes
    tlvs: Mapping[int, bytes]
    sar: Concat | None
    notes: tuple[str, ...]
    raw: bytes

    def __repr__(self) -> str:
        return f"ShortMessage({self.command} dc={self.data_coding} esm=0x{self.esm_class:02x} {len(self.octets)} octets)"


Body = BindRequest | BindAnswer | Outbind | Alert | MessageAnswer | ShortMessage | None


class Pdu(NamedTuple):
    """One PDU that was read: its header, and its body where its command has one that we know."""

    command: int
    status: int
    sequence: int
    body: Body


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """One message of ours: submit_sm or data_sm to an SMSC, deliver_sm or data_sm to an ESME that bound to us.

    `octets` goes into short_message (≤ 254) or, with `in_payload`, into message_payload. `tlvs` are appended in their order, the
    SAR ones come from `sar`. `schedule` and `validity` are SMPP times (§7.1.1), empty for the SMSC's default.
    """

    source: Address
    destination: Address
    octets: bytes
    esm_class: int = 0
    data_coding: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    registered_delivery: int = 0
    replace_if_present: int = 0
    default_message_id: int = 0
    in_payload: bool = False
    as_data_sm: bool = False
    sar: Concat | None = None
    tlvs: tuple[tuple[int, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"Outgoing(dc={self.data_coding} esm=0x{self.esm_class:02x} {len(self.octets)} octets)"
