"""The nouns that every floor speaks of: what arrived, what it says, where it goes.

All are frozen. Those that hold a citizen's words or number mask them in their `repr`, so that no log or traceback
can show them. Times are UTC in whole milliseconds since 1970 (`*_ms`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class Address(NamedTuple):
    """Where somebody is written to: type of number, numbering plan, and the digits or letters as sent (SMPP 3.4 §5.2.5-8).

    Channels without SMPP leave the first two at 0; `value` is then what an answer is attached to, the id of a post for example.
    """

    ton: int
    npi: int
    value: str

    def __repr__(self) -> str:
        return f"Address({self.ton}, {self.npi}, {mask(self.value)!r})"


def mask(value: str) -> str:
    """Hide the middle of a number or name: `+6281234567789` becomes `+62812***789`, short values become `***`."""
    return f"{value[:6]}***{value[-3:]}" if len(value) >= 11 else "***"


class Concat(NamedTuple):
    """Where one segment belongs in a long message (3GPP TS 23.040 §9.2.3.24.1; SMPP 3.4 §5.3.2.22-24)."""

    reference: int
    total: int
    part: int
    wide: bool = False
    """True for a 16-bit reference: 8-bit 44 and 16-bit 44 are different messages."""


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """One framed MO PDU as an operator handed it over: a whole short message or a part of a long one.

    `octets` is short_message, or message_payload where that is present, with the user data header still in it.
    `raw` is the whole PDU. `session` names the bound connection it came on (Journal.session_began).
    """

    operator: str
    bind: str
    session: int
    command: str
    source: Address
    destination: Address
    esm_class: int
    data_coding: int
    octets: bytes
    raw: bytes
    received_ms: int
    protocol_id: int = 0
    sar: Concat | None = None
    sent_ms: int | None = None

    def __repr__(self) -> str:
        return f"Segment({self.operator}/{self.bind} {self.command} dc={self.data_coding} {len(self.octets)} octets)"


@dataclass(frozen=True, slots=True, repr=False)
class Unreadable:
    """A framed MO PDU that nobody could read, or on which our own code failed: kept raw for a person."""

    operator: str
    bind: str
    session: int
    command: str
    cause: str
    raw: bytes
    received_ms: int

    def __repr__(self) -> str:
        return f"Unreadable({self.operator}/{self.bind} {self.command}: {self.cause})"


class ReporterKind(enum.StrEnum):
    """What the sender's address is; only the first three can be answered."""

    MSISDN = "msisdn"
    OPAQUE = "opaque"  # an operator's token in place of the number: answer on the same operator only
    ACCOUNT = "account"  # an account of another channel: answer there only
    UNNAMED = "unnamed"  # left no number with the officer who typed it in: nobody can be answered
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    OURS = "ours"


@dataclass(frozen=True, slots=True, repr=False)
class Reporter:
    """Who wrote (pelapor). `value` is E.164 with `+` for an MSISDN, `x:2244994945` for an account, else the address as sent."""

    kind: ReporterKind
    value: str
    address: Address

    @property
    def answerable(self) -> bool:
        """Whether a reply could reach a person; never true for short codes, names and ourselves (no loops)."""
        return self.kind in (ReporterKind.MSISDN, ReporterKind.OPAQUE, ReporterKind.ACCOUNT)

    def __repr__(self) -> str:
        return f"Reporter({self.kind} {mask(self.value)})"


class Trigger(enum.StrEnum):
    """Why a post concerns us."""

    MENTION = "mention"  # its author called us
    HASHTAG = "hashtag"  # it carries a tag of ours, and nobody called us
    REPLY = "reply"  # it answers somebody, perhaps us: it concerns us only where the conversation is known
    DIRECT = "direct"  # it was handed to us


class Answering(enum.StrEnum):
    """How often the author of a post may hear from us there."""

    NEVER = "never"
    ONCE = "once"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Assisted:
    """What an officer who types in for a citizen adds to the citizen's words.

    `operator` carries the SMS to the citizen, empty for none. `destination` is the region code that the citizen named, if any; the two
    flags are the citizen's wishes.
    """

    who: str
    operator: str
    destination: str | None = None
    rahasia: bool = False
    anonim: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One text of a channel that has whole texts and ids: a post, or what a program hands in for a citizen.

    `account` is which of our accounts or partners it concerns, and what carries the answer; `source` what it was found by. `key` is the
    same for all versions of a post, `id` is this version's; `version` counts from 1. `author.address` is what an answer is attached to.
    `to_us` says that it answers something of ours. `suspicion` says in a word why a person should look before it is filed. `raw` is
    the whole of it as it came.
    """

    channel: str
    account: str
    source: str
    id: str
    key: str
    author: Reporter
    text: str
    raw: bytes
    posted_ms: int
    received_ms: int
    version: int = 1
    trigger: Trigger = Trigger.DIRECT
    answering: Answering = Answering.ALWAYS
    thread: str | None = None
    parent: str | None = None
    to_us: bool = False
    quoted: str | None = None
    links: tuple[str, ...] = ()
    place: str | None = None
    suspicion: str | None = None
    assisted: Assisted | None = None
    """Set where an officer typed it in for the citizen; then it is answered by SMS, as if the citizen had sent one."""

    def __repr__(self) -> str:
        return f"Post({self.account} {self.trigger} {self.author!r} {len(self.text)} characters)"


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One whole text from one citizen, joined and decoded.

    `text` is the citizen's, untouched. `alphabet` is `gsm7`, `ucs2`, `latin1`, `octet` …; `damaged` says that some octets had no
    meaning in it. `incomplete` says that parts were missing; then `parts` counts those that came.
    """

    id: int
    channel: str
    operator: str
    bind: str
    reporter: Reporter
    destination: str
    received_ms: int
    sent_ms: int | None
    text: str
    alphabet: str
    data_coding: int
    parts: int = 1
    incomplete: bool = False
    damaged: bool = False
    links: tuple[str, ...] = ()
    """Addresses of the pictures that came with it."""
    quoted: str | None = None
    """What it quotes, as an address."""

    def __repr__(self) -> str:
        return f"Message({self.id} {self.operator} {self.reporter!r} {len(self.text)} characters)"


class Certainty(enum.StrEnum):
    """How sure the routing is of the region."""

    EXPLICIT = "explicit"  # a keyword at the head
    PROPOSED = "proposed"  # one near keyword: ask, do not decide
    AMBIGUOUS = "ambiguous"  # several could be meant
    HINTED = "hinted"  # no keyword; the text names a place
    NATIONAL = "national"  # nothing to go by
    EARLY = "early"  # the keyword is not valid yet
    LATE = "late"  # the keyword is no longer valid


@dataclass(frozen=True, slots=True)
class Candidate:
    """A region the citizen may have meant, and the alias that suggested it."""

    region: str | None
    instansi: str
    keyword: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a text goes and why. Only EXPLICIT routes past the national desk.

    `region` is a Kemendagri code (`13.06`) or None for national and for ministries. `body` is the half-open character range of
    the text that is left when the keyword and copied instructions are taken off. `rule` is the row of the table that decided,
    `why` one English sentence for people. `candidates` of an EXPLICIT decision are other regions that
    the text names too: recorded, never acted upon.
    """

    certainty: Certainty
    region: str | None
    instansi: str
    unit: str | None
    keyword: str | None
    rule: str
    version: str
    body: tuple[int, int]
    why: str
    candidates: tuple[Candidate, ...] = ()
    oversight: str | None = None


class Classification(enum.StrEnum):
    """What kind of report it is (klasifikasi)."""

    PENGADUAN = "pengaduan"
    ASPIRASI = "aspirasi"
    PERMINTAAN_INFORMASI = "permintaan informasi"


@dataclass(frozen=True, slots=True, repr=False)
class Hints:
    """What the text says besides its keyword; never decides over an explicit one.

    `identifiers` names the kinds of personal number found (`nik`, `kps`, `account`, `phone`), never the numbers.
    """

    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()
    topic: str | None = None
    classification: Classification = Classification.PENGADUAN
    oversight: bool = False  # berkadar pengawasan: the text reports an abuse of office
    wants_rahasia: bool = False
    wants_anonim: bool = False
    language: str = "id"

    def __repr__(self) -> str:
        return f"Hints({self.topic}, {self.classification}, {len(self.regions)} regions, {len(self.places)} places)"


@dataclass(frozen=True, slots=True, repr=False)
class Complaint:
    """One aduan: the citizen's message, where it goes, and what of the citizen leaves us.

    `number` is ours (`G7K2QP`). `instansi_name` is what the citizen and the core read (`Kab. Agam`). `marks` are words for the core's
    header: `tidak lengkap`, `rusak sebagian` … `fingerprint` only finds similar texts.
    """

    number: str
    message: Message
    decision: Decision
    hints: Hints
    instansi_name: str
    anonim: bool
    rahasia: bool
    marks: tuple[str, ...] = ()
    fingerprint: bytes = field(default=b"")
    answers: tuple[str, ...] = ()
    """What the citizen wrote when we asked back, before it was filed."""

    @property
    def words(self) -> str:
        """The citizen's whole text as written, and below it the answers to our questions, each as written: what the core gets."""
        return "\n\n".join((self.message.text, *(f"Jawaban pelapor: {one}" for one in self.answers)))

    @property
    def body(self) -> str:
        """The text without keyword and copied instructions; for people's lists, never for the core."""
        start, end = self.decision.body
        return self.message.text[start:end]

    def __repr__(self) -> str:
        return f"Complaint({self.number} {self.decision.certainty} {self.decision.region})"
