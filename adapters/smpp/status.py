"""What a command_status means, in the specification's name and in words for people (SMPP 3.4 §5.1.3).

The words say what an operator's engineer and ours should look at next. Numbers not in the table are the operator's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        0x00: ("ESME_ROK", "accepted"),
        0x01: ("ESME_RINVMSGLEN", "the message's length is wrong"),
        0x02: ("ESME_RINVCMDLEN", "the PDU's length is wrong"),
        0x03: ("ESME_RINVCMDID", "this command is not known there"),
        0x04: ("ESME_RINVBNDSTS", "not allowed on this bind, or not bound yet"),
        0x05: ("ESME_RALYBND", "already bound: an older session of ours has not ended there, or all binds of the account are in use"),
        0x06: ("ESME_RINVPRTFLG", "the priority is wrong"),
        0x07: ("ESME_RINVREGDLVFLG", "the wish for a delivery receipt is wrong"),
        0x08: ("ESME_RSYSERR", "an error inside the other system"),
        0x0A: ("ESME_RINVSRCADR", "the source address is wrong, or not ours to use"),
        0x0B: ("ESME_RINVDSTADR", "the destination address is wrong"),
        0x0C: ("ESME_RINVMSGID", "the message id is not known there"),
        0x0D: ("ESME_RBINDFAIL", "the bind failed; ask the operator whether the account and our address are enabled"),
        0x0E: ("ESME_RINVPASWD", "the password is wrong"),
        0x0F: ("ESME_RINVSYSID", "the system_id is not known there"),
        0x11: ("ESME_RCANCELFAIL", "the message could not be cancelled"),
        0x13: ("ESME_RREPLACEFAIL", "the message could not be replaced"),
        0x14: ("ESME_RMSGQFUL", "the queue there is full; slow down and try later"),
        0x15: ("ESME_RINVSERTYP", "the service_type is wrong"),
        0x33: ("ESME_RINVNUMDESTS", "the number of destinations is wrong"),
        0x34: ("ESME_RINVDLNAME", "the distribution list is not known there"),
        0x40: ("ESME_RINVDESTFLAG", "the destination flag is wrong"),
        0x42: ("ESME_RINVSUBREP", "submit with replace is not possible"),
        0x43: ("ESME_RINVESMCLASS", "the esm_class is wrong"),
        0x44: ("ESME_RCNTSUBDL", "cannot submit to a distribution list"),
        0x45: ("ESME_RSUBMITFAIL", "the submit failed"),
        0x48: ("ESME_RINVSRCTON", "the source address's type of number is wrong"),
        0x49: ("ESME_RINVSRCNPI", "the source address's numbering plan is wrong"),
        0x50: ("ESME_RINVDSTTON", "the destination address's type of number is wrong"),
        0x51: ("ESME_RINVDSTNPI", "the destination address's numbering plan is wrong"),
        0x53: ("ESME_RINVSYSTYP", "the system_type is wrong"),
        0x54: ("ESME_RINVREPFLAG", "the replace_if_present flag is wrong"),
        0x55: ("ESME_RINVNUMMSGS", "the number of messages is wrong"),
        0x58: ("ESME_RTHROTTLED", "too fast: the agreed rate was exceeded"),
        0x61: ("ESME_RINVSCHED", "the scheduled delivery time is wrong"),
        0x62: ("ESME_RINVEXPIRY", "the validity period is wrong"),
        0x63: ("ESME_RINVDFTMSGID", "the predefined message is not known there"),
        0x64: ("ESME_RX_T_APPN", "the receiver cannot take it now; deliver it again later"),
        0x65: ("ESME_RX_P_APPN", "the receiver will never take it"),
        0x66: ("ESME_RX_R_APPN", "the receiver rejects this message"),
        0x67: ("ESME_RQUERYFAIL", "the query failed"),
        0xC0: ("ESME_RINVOPTPARSTREAM", "the optional parameters cannot be read"),
        0xC1: ("ESME_ROPTPARNOTALLWD", "an optional parameter is not allowed"),
        0xC2: ("ESME_RINVPARLEN", "a parameter's length is wrong"),
        0xC3: ("ESME_RMISSINGOPTPARAM", "an optional parameter is missing"),
        0xC4: ("ESME_RINVOPTPARAMVAL", "an optional parameter's value is wrong"),
        0xFE: ("ESME_RDELIVERYFAILURE", "the delivery failed"),
        0xFF: ("ESME_RUNKNOWNERR", "an error without a name"),
    }
)


def status_name(status: int) -> str:
    """The specification's name of a command_status, or its number in hex."""
    known = STATUSES.get(status)
    return known[0] if known else f"0x{status:08x}"


def explain(status: int) -> str:
    """Name, number and plain words: `ESME_RINVPASWD (0x0e): the password is wrong`."""
    known = STATUSES.get(status)
    if known:
        return f"{known[0]} (0x{status:02x}): {known[1]}"
    if 0x400 <= status <= 0x4FF:
        return f"0x{status:08x}: an error of the operator's own; ask for the list"
    return f"0x{status:08x}: not in the specification; ask the operator"
