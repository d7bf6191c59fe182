"""Everything an operator and we must agree on before a bind works: one frozen record per operator.

Operators differ in nearly all of it and publish little, so nothing here is fixed in code. Defaults are the commonest choice;
docs/operator-form.md asks for each one by name. gateway/settings.py fills these classes from operators.toml and puts the passwords in
from the secrets: a field with `metadata["secret"]` may never stand in TOML. Seconds are `*_seconds`, octets `*_octets`.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NamedTuple

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from adapters.smpp.maintenance import Maintenance

Octet = Annotated[int, Ge(0), Le(255)]
Ton = Annotated[int, Ge(0), Le(6)]  # SMPP 3.4 §5.2.5
Npi = Annotated[int, Ge(0), Le(18)]  # SMPP 3.4 §5.2.6
Seconds = Annotated[float, Gt(0), Le(86_400)]
SystemId = Annotated[str, MaxLen(15)]  # SMPP 3.4 §5.2.1: 16 octets with the NUL
Password = Annotated[str, MaxLen(8)]  # SMPP 3.4 §5.2.2: 9 octets with the NUL; in clear on the wire


class HostPort(NamedTuple):
    """Where to connect or listen; `host` may be a name, an IPv4 or an IPv6 address (without brackets)."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> HostPort:
        """Read `smsc.example:2775` or `[2001:db8::1]:2775`; ValueError says what is wrong."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isdecimal() or not 0 <= int(port) <= 65535:
            raise ValueError(f"{text!r} is not host:port, such as smsc.example:2775 or [2001:db8::1]:2775")
        if host.startswith("[") and host.endswith("]"):
            return cls(str(ipaddress.IPv6Address(host[1:-1])), int(port))
        if not host or ":" in host:
            raise ValueError(f"{text!r}: an IPv6 address needs brackets, such as [2001:db8::1]:2775")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class BindMode(enum.StrEnum):
    """Which way messages go on a bind (SMPP 3.4 §2.2)."""

    TRANSCEIVER = "transceiver"
    RECEIVER = "receiver"
    TRANSMITTER = "transmitter"

    @property
    def sends(self) -> bool:
        """Whether the ESME may submit on it."""
        return self is not BindMode.RECEIVER

    @property
    def receives(self) -> bool:
        """Whether the SMSC may deliver on it."""
        return self is not BindMode.TRANSMITTER


class Alphabet(enum.StrEnum):
    """What data_coding 0 means at this operator: "SMSC default alphabet" is each one's own choice (SMPP 3.4 §5.2.19)."""

    GSM7 = "gsm7"
    LATIN1 = "latin1"
    ASCII = "ascii"
    UTF8 = "utf-8"
    UCS2 = "ucs2"


class LongForm(enum.StrEnum):
    """How a text that needs more than one part is sent."""

    UDH = "udh"  # user data header, understood by every phone (3GPP TS 23.040 §9.2.3.24)
    SAR = "sar"  # sar_* TLVs: the SMSC makes the header (SMPP 3.4 §5.3.2.22)
    PAYLOAD = "payload"  # one PDU with message_payload: the SMSC cuts (SMPP 3.4 §5.3.2.32)


class LaterStatus(enum.StrEnum):
    """What makes this SMSC deliver again: they differ in which status they retry; some retry none."""

    TEMPORARY = "temporary"
    THROTTLED = "throttled"
    QUEUE_FULL = "queue_full"
    SYSTEM_ERROR = "system_error"
    UNBIND = "unbind"

    @property
    def status(self) -> int | None:
        """The command_status to answer with; None: give no answer and unbind."""
        return _LATER[self]


_LATER: Mapping[LaterStatus, int | None] = {
    LaterStatus.TEMPORARY: 0x64,  # ESME_RX_T_APPN
    LaterStatus.THROTTLED: 0x58,  # ESME_RTHROTTLED
    LaterStatus.QUEUE_FULL: 0x14,  # ESME_RMSGQFUL
    LaterStatus.SYSTEM_ERROR: 0x08,  # ESME_RSYSERR
    LaterStatus.UNBIND: None,
}


class SubmitMeaning(enum.StrEnum):
    """What an answer to our submit_sm means for the message."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    STOP_BIND = "stop_bind"  # our account, not this message: send nothing more on this bind and tell people


SUBMIT_MEANINGS: Mapping[int, SubmitMeaning] = {
    0x00: SubmitMeaning.SENT,
    0x04: SubmitMeaning.LATER,  # RINVBNDSTS: not bound for this; another bind may be
    0x08: SubmitMeaning.LATER,  # RSYSERR
    0x0D: SubmitMeaning.STOP_BIND,  # RBINDFAIL
    0x0E: SubmitMeaning.STOP_BIND,  # RINVPASWD
    0x0F: SubmitMeaning.STOP_BIND,  # RINVSYSID
    0x14: SubmitMeaning.LATER,  # RMSGQFUL
    0x45: SubmitMeaning.LATER,  # RSUBMITFAIL: most SMSCs say it when they are short of something
    0x58: SubmitMeaning.LATER,  # RTHROTTLED
    0x64: SubmitMeaning.LATER,  # RX_T_APPN
    0x66: SubmitMeaning.REFUSED,  # RX_R_APPN
    0xFE: SubmitMeaning.LATER,  # RDELIVERYFAILURE
    0xFF: SubmitMeaning.LATER,  # RUNKNOWNERR
}
"""What the standard statuses mean; any other one refuses the message (SMPP 3.4 §5.1.3)."""

SLOW_DOWN = frozenset({0x14, 0x58})
"""Statuses that ask for a lower rate, besides a later retry: RMSGQFUL, RTHROTTLED."""


@dataclass(frozen=True, slots=True)
class Timers:
    """The SMPP timers by their names (SMPP 3.4 §7.2)."""

    session_init_seconds: Seconds = 10.0
    """session_init_timer: from the connection to the bind (or to its answer)."""
    enquire_link_seconds: Seconds = 30.0
    """enquire_link_timer: silence after which we ask whether the peer is there. With the response timer: dead within twice this."""
    inactivity_seconds: Annotated[float, Ge(0), Le(86_400)] = 0.0
    """inactivity_timer: without any message for this long we unbind; 0 = never, because a complaint may come at any hour."""
    response_seconds: Seconds = 30.0
    """response_timer: how long an answer may take, theirs and ours. Ask the operator for his: a late answer means a second copy."""
    partial_pdu_seconds: Seconds = 30.0
    """Half a PDU for this long is a stalled peer: the link is dropped (no clause; ours)."""


@dataclass(frozen=True, slots=True)
class ReconnectSettings:
    """How a bind comes back; every wait is drawn between 0 and its bound, so that binds do not march in step."""

    first_seconds: Seconds = 1.0
    """Bound of the first wait; it doubles with every failure."""
    most_seconds: Annotated[float, Gt(0), Le(60)] = 60.0
    """The bound never grows past this: bound again at most a minute after the SMSC is back."""
    apart_seconds: Annotated[float, Ge(0.01), Le(60)] = 1.0
    """Least time between two connects of one bind: a peer that takes and drops us is not hammered."""
    already_bound_seconds: Seconds = 15.0
    """Wait after ESME_RALYBND: the SMSC must first notice that our old session is gone."""
    connect_seconds: Seconds = 10.0
    """How long resolving, TCP and TLS together may take for one address."""
    unbind_seconds: Seconds = 5.0
    """How long a clean unbind may take at shutdown before the socket is closed."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """TLS towards this peer. Files are PEM; the private key belongs into the credentials directory."""

    ca: Path | None = None
    """The authority that signed the peer's certificate; without it the system's list counts."""
    certificate: Path | None = None
    """Our certificate (chain), when the peer wants one; always for a listener."""
    key: Path | None = None
    server_name: str | None = None
    """The name in the SMSC's certificate, when it is not the host we connect to."""
    verify: bool = True
    """False takes any certificate: encryption without knowing with whom. `check` warns."""

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("tls: certificate and key go together; give both or none")


@dataclass(frozen=True, slots=True)
class BindSettings:
    """One kind of bind to this operator; `count` of them are kept up at the same time."""

    name: Annotated[str, MinLen(1), MaxLen(24)]
    mode: BindMode = BindMode.TRANSCEIVER
    count: Annotated[int, Ge(1), Le(32)] = 1

    def names(self) -> tuple[str, ...]:
        """`trx`, or `trx1`, `trx2` … when there are several."""
        return (self.name,) if self.count == 1 else tuple(f"{self.name}{number}" for number in range(1, self.count + 1))


@dataclass(frozen=True, slots=True)
class Tlv:
    """A fixed optional parameter for every MT, such as an operator's charging code."""

    tag: Annotated[int, Ge(1), Le(0xFFFF)]
    hex: Annotated[str, MaxLen(510)] = ""
    """The value in hexadecimal, most significant octet first."""

    def __post_init__(self) -> None:
        bytes.fromhex(self.hex)

    @property
    def value(self) -> bytes:
        """The octets as sent."""
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True)
class MtSettings:
    """How our answers to citizens are submitted (SMPP 3.4 §4.4)."""

    source: Annotated[str, MinLen(1), MaxLen(20)] = "1708"
    source_ton: Ton = 3
    """3 = network specific: a short code belongs to no numbering plan; some want 0 or 6."""
    source_npi: Npi = 0
    destination_ton: Ton | None = None
    """None: as the citizen's own address came; encrypted numbers need exactly that."""
    destination_npi: Npi | None = None
    service_type: Annotated[str, MaxLen(5)] = ""
    """Often the charging code; the answers must cost the citizen nothing."""
    protocol_id: Octet = 0
    priority: Annotated[int, Ge(0), Le(3)] = 0
    registered_delivery: Octet = 1
    """1 asks for a delivery receipt (SMPP 3.4 §5.2.17). Receipts are advice: nothing waits for one."""
    validity_seconds: Annotated[int, Ge(60), Le(63 * 86_400)] | None = 86_400
    """How long the SMSC tries: an answer a day later confuses. None: the SMSC's own default."""
    tlvs: tuple[Tlv, ...] = ()
    data_coding: Octet = 0
    """data_coding for texts that fit the operator's default alphabet; others go as UCS-2 (8)."""
    long_form: LongForm = LongForm.UDH
    parts_max: Annotated[int, Ge(1), Le(10)] = 3
    """A longer text is refused, not sent: every part costs."""
    rate_per_second: Annotated[float, Gt(0), Le(10_000)] = 20.0
    """The operator's limit over all binds; above it comes ESME_RTHROTTLED."""
    window: Annotated[int, Ge(1), Le(1000)] = 10
    """Submits without an answer on one bind (SMPP 3.4 §2.9 suggests ten)."""
    retry_after_seconds: Seconds = 5.0
    """Wait after 'later' when the peer names none."""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The other direction: with what the operator or aggregator binds to us."""

    system_id: Annotated[str, MinLen(1), MaxLen(15)]
    password: Password = field(default="", repr=False, metadata={"secret": True})
    sources: Annotated[tuple[str, ...], MinLen(1)] = ("127.0.0.1/32", "::1/128")
    """Networks he may come from. SMPP passwords are short and in clear: the address is the better lock."""
    binds_max: Annotated[int, Ge(1), Le(32)] = 4

    def __post_init__(self) -> None:
        for source in self.sources:
            ipaddress.ip_network(source)


@dataclass(frozen=True, slots=True)
class OutbindSettings:
    """The operator connects to our listener and asks us to bind (SMPP 3.4 §2.2.1); our own system_id and password go back to him."""

    system_id: SystemId = ""
    password: Password = field(default="", repr=False, metadata={"secret": True})
    sources: Annotated[tuple[str, ...], MinLen(1)] = ("127.0.0.1/32", "::1/128")

    def __post_init__(self) -> None:
        for source in self.sources:
            ipaddress.ip_network(source)


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """One operator: how to reach him, who we are there, and what his SMSC means by what it says."""

    name: Annotated[str, MinLen(1), MaxLen(32)]
    """Ours, for logs, journal and console: `telkomsel`."""
    hosts: tuple[str, ...] = ()
    """`host:port` in order of preference; the next one is tried when one fails. Empty when only the operator connects."""
    system_id: SystemId = ""
    password: Password = field(default="", repr=False, metadata={"secret": True})
    system_type: Annotated[str, MaxLen(12)] = ""
    interface_version: Annotated[int, Ge(33), Le(34)] = 34
    """34 is SMPP 3.4 (0x34 on the wire), 33 is 3.3, which knows no TLVs and no transceiver."""
    address_range: Annotated[str, MaxLen(40)] = ""
    address_ton: Ton = 0
    address_npi: Npi = 0
    binds: tuple[BindSettings, ...] = (BindSettings("trx"),)
    local_address: str | None = None
    """Our address to connect from, where the operator's firewall or a VPN expects one."""
    ipv6: bool = True
    """False asks names for IPv4 addresses only."""
    tls: TlsSettings | None = None
    timers: Timers = field(default_factory=Timers)
    reconnect: ReconnectSettings = field(default_factory=ReconnectSettings)
    mt: MtSettings = field(default_factory=MtSettings)
    alphabet0: Alphabet = Alphabet.GSM7
    packed: bool = False
    """True: seven-bit text comes and goes eight characters in seven octets."""
    segment_timeout_seconds: Annotated[int, Ge(60), Le(7 * 86_400)] = 1800
    """A long message whose parts have not all come by then is filed as it is, marked incomplete."""
    late_seconds: Annotated[int, Ge(60), Le(7 * 86_400)] = 86_400
    """A part later than this after the first belongs to another message: references are used again."""
    answer_doubt_seconds: Annotated[int, Ge(1), Le(3600)] = 60
    """Answers of a session's last seconds may not have arrived: equal copies after it are redeliveries."""
    later_status: LaterStatus = LaterStatus.TEMPORARY
    submit_statuses: Mapping[str, SubmitMeaning] = field(default_factory=dict)
    """Where this SMSC differs from SUBMIT_MEANINGS: `"0x45" = "refused"`."""
    unacknowledged_max: Annotated[int, Ge(1), Le(10_000)] = 512
    """MO taken from one bind and not yet answered; beyond it we stop reading and TCP pushes back."""
    maintenance: tuple[Maintenance, ...] = ()
    account: AccountSettings | None = None
    outbind: OutbindSettings | None = None

    def __post_init__(self) -> None:
        for host in self.hosts:
            if HostPort.read(host).port == 0:
                raise ValueError(f"{host!r}: a port to connect to is 1 to 65535")
        for status in self.submit_statuses:
            int(status, 16)
        names = self.bind_names()
        if len(set(names)) != len(names):
            raise ValueError(f"operator {self.name}: two binds share a name; names are {', '.join(names)}")
        if not (self.hosts or self.account or self.outbind):
            raise ValueError(f"operator {self.name}: give hosts (we connect), account (he binds to us) or outbind")
        if self.interface_version == 33 and any(bind.mode is BindMode.TRANSCEIVER for bind in self.binds) and self.hosts:
            raise ValueError(f"operator {self.name}: SMPP 3.3 has no transceiver; use a receiver and a transmitter bind")

    def bind_names(self) -> tuple[str, ...]:
        """Name every single bind we keep up."""
        return tuple(name for bind in self.binds for name in bind.names())

    def submit_meaning(self, status: int) -> SubmitMeaning:
        """Say what a submit status means here."""
        for key, meaning in self.submit_statuses.items():
            if int(key, 16) == status:
                return meaning
        return SUBMIT_MEANINGS.get(status, SubmitMeaning.REFUSED)

    def in_maintenance(self, now_ms: int) -> bool:
        """Whether the operator's planned hours are running."""
        return any(hours.covers(now_ms) for hours in self.maintenance)


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """A port of ours on which operators bind to us or send outbind; their accounts say who may."""

    listen: str
    """`host:port`; a port of 0 takes a free one."""
    tls: TlsSettings | None = None
    connections_max: Annotated[int, Ge(1), Le(1000)] = 64
    """Open sockets, bound or not: a stranger cannot use up our descriptors."""
    timers: Timers = field(default_factory=Timers)
    """Used until the peer has said who he is; then his operator's count."""

    def __post_init__(self) -> None:
        HostPort.read(self.listen)
        if self.tls is not None and self.tls.certificate is None:
            raise ValueError(f"listener {self.listen}: tls needs our certificate and key")


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """operators.toml as a whole."""

    operator: tuple[OperatorSettings, ...] = ()
    listener: tuple[ListenerSettings, ...] = ()

    def __post_init__(self) -> None:
        names = [operator.name for operator in self.operator]
        if len(set(names)) != len(names):
            raise ValueError("two operators share a name")
        accounts = [operator.account.system_id for operator in self.operator if operator.account]
        if len(set(accounts)) != len(accounts):
            raise ValueError("two operators bind to us with the same system_id: nobody could tell them apart")
        if not self.listener and any(operator.account or operator.outbind for operator in self.operator):
            raise ValueError("an operator has an account or outbind, but there is no [[listener]]")
