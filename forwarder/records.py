"""What passes between the front desk, the journal, the dispatcher and the outbox.

Everything here is made before the writer's queue or returned after its commit; times are UTC milliseconds.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from forwarder.core.contract import Supplement
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.talk import Choice, Move, Said, Talk
from forwarder.talk_settings import ConversationSettings
from parsers.due import Standing
from parsers.model import Complaint, Concat, Message, Post, Segment, Unreadable
from parsers.text import Shadow

KeyT_co = TypeVar("KeyT_co", bound=Hashable, covariant=True)


@dataclass(frozen=True, slots=True)
class Abroad:
    """A complaint of another gateway, as a reply speaks of it."""

    number: str
    tracking_id: str | None
    instansi_name: str
    rahasia: bool


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A reply to be stored with what it answers. The text is rendered when it is sent, from `kind` and the record."""

    kind: str  # a template of config/replies.*.toml: receipt, receipt_filed, filed, resend, …
    due_ms: int
    about: int | None = None
    """The complaint (id) it speaks of, where that is not the one stored with it: the answer to a STATUS."""
    abroad: Abroad | None = None
    """The same, where another gateway has it."""
    withheld: str | None = None
    """Why it is not sent at all: a row that says so, and no SMS."""


@dataclass(frozen=True, slots=True, repr=False)
class Composed:
    """A whole message, understood: what the front desk made of it, ready to be stored.

    `complaint` is None for a command or answer. `state` is where the complaint begins; `reason` with HELD.
    """

    message: Message
    complaint: Complaint | None
    state: ComplaintState = ComplaintState.READY
    reason: HeldReason | None = None
    reply: ReplyDraft | None = None
    complaint_id: int | None = None
    """Whose number the complaint carries, where the front desk gave it."""
    said: Said | None = None
    """What it says to a dialogue; None where there is none: an officer's entry, a machine's text."""
    moves: tuple[Move, ...] = ()
    """What the dialogue wants done with it."""
    elsewhere: str | None = None
    """The number at another gateway of the case that a question is about."""
    shadow: Shadow | None = field(default=None, compare=False)
    """The text as it was read, for whoever reads it again before it is stored."""


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """One inbound PDU or post for the journal: a whole message (`composed`), a part (`concat`), or an unreadable one.

    Exactly one of `composed` and `concat` is set for a Segment; neither for an Unreadable, nor for a Post that nobody could read.
    """

    source: Segment | Unreadable | Post
    composed: Composed | None = None
    concat: Concat | None = None


class Kind(enum.StrEnum):
    """What the journal made of an arrival."""

    STORED = "stored"  # a new whole message
    PART = "part"  # a part of a set still open
    JOINED = "joined"  # the last part: the whole message is stored
    REDELIVERY = "redelivery"  # known already: nothing changed
    RESEND = "resend"  # the same words again from the same sender: own message, tied to the first complaint
    LATE_PART = "late_part"  # amends a message that was filed or stored incomplete
    UNREADABLE = "unreadable"
    EDITED = "edited"  # a newer version of a post that is known
    ADDITION = "addition"  # belongs to a case that is known
    NOT_OURS = "not_ours"  # a post of a conversation that we do not know: not stored


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What became of one arrival; it is on disk when this is returned.

    `composed` is what was stored (None for parts, redeliveries and unreadable PDUs); `set_id` names the segment set, `of` the number of
    the complaint that it is, repeats, or belongs to.
    `error` is set instead, when this row alone could not be stored: answer "later".
    """

    kind: Kind | None
    composed: Composed | None = None
    complaint_id: int | None = None
    reply_id: int | None = None
    set_id: int | None = None
    of: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class FirstCopy:
    """The earlier complaint that a resend repeats."""

    number: str
    state: ComplaintState
    tracking_id: str | None


class Composer(Protocol):
    """The front desk's pure part, which the journal's writer calls inside a transaction. No I/O, no clock."""

    def join(self, message_id: int, complaint_id: int, segments: Sequence[Segment], total: int) -> Composed:
        """Join the parts (in order of part number; fewer than `total` = incomplete), decode, understand."""

    def post(self, message_id: int, complaint_id: int, post: Post, *, amends: bool = False) -> Composed:
        """Understand one post; `amends` where an earlier version is a complaint: it stays one."""

    def resend(self, composed: Composed, first: FirstCopy) -> Composed:
        """Turn a composed complaint into a duplicate of `first`, with the reply that says so."""

    @property
    def conversation(self) -> ConversationSettings:
        """What the site decided about talking with citizens."""

    @property
    def receipt_wait_ms(self) -> int:
        """How long a receipt waits for the core's number."""

    def converse(self, composed: Composed, talk: Talk) -> Composed:
        """Decide what a message comes to, now that its sender is known: as what it is stored, its reply, its moves."""

    def chosen(self, complaint: Complaint, choice: Choice) -> Complaint:
        """The same complaint with the destination that its reporter chose."""


@dataclass(frozen=True, slots=True, repr=False)
class Filing:
    """What the dispatcher hands the core for one attempt."""

    complaint_id: int
    attempt: int
    complaint: Complaint

    @property
    def key(self) -> int:
        """By which it is told from all others."""
        return self.complaint_id

    @property
    def known_as(self) -> str:
        """By which the core is asked whether it has it."""
        return self.complaint.number

    @property
    def sender(self) -> str:
        """Whose it is."""
        return self.complaint.message.reporter.value

    @property
    def counted_as(self) -> str:
        """What stands before the words that its outcomes are counted by."""
        return ""


AdditionId = tuple[int, int]
"""An addition: the complaint it belongs to, the message that says it."""


@dataclass(frozen=True, slots=True, repr=False)
class Adding:
    """The same of an addition to a filed complaint."""

    key: AdditionId
    attempt: int
    supplement: Supplement
    since_ms: int
    """When it became ready, or unknown."""

    @property
    def complaint_id(self) -> int:
        """The complaint it belongs to."""
        return self.key[0]

    @property
    def known_as(self) -> str:
        """As Filing has it: our number and a counter."""
        return self.supplement.key

    @property
    def sender(self) -> str:
        """As Filing has it."""
        return self.supplement.complaint.message.reporter.value

    @property
    def counted_as(self) -> str:
        """As Filing has it."""
        return "addition_"


class Errand(Protocol[KeyT_co]):
    """A Filing or an Adding, for whoever need not know which."""

    @property
    def complaint_id(self) -> int:
        """The complaint."""

    @property
    def attempt(self) -> int:
        """From 1."""

    @property
    def key(self) -> KeyT_co:
        """By which it is told from all others."""

    @property
    def known_as(self) -> str:
        """By which the core is asked."""

    @property
    def sender(self) -> str:
        """Whose it is."""

    @property
    def counted_as(self) -> str:
        """What stands before its words in the counts."""


@dataclass(frozen=True, slots=True, repr=False)
class ReplyJob:
    """What the outbox needs to send one reply: to whom, by which operator, about what. `again` marks the one resend after a crash."""

    reply_id: int
    kind: str
    channel: str
    operator: str
    reporter_value: str
    reporter_kind: str
    ton: int
    npi: int
    address: str
    number: str | None
    instansi_name: str
    tracking_id: str | None
    language: str
    rahasia: bool
    attempt: int
    again: bool
    received_ms: int
    answering: str | None = None
    """How often a post may be answered (parsers.model.Answering); None for an SMS."""
    pin: str | None = None
    """The complaint's PIN; only an SMS to its own citizen may carry it."""
    course: str | None = None
    """How the complaint stands at the core (forwarder.core.contract.CourseStatus); None while nothing was heard."""
    choices: tuple[str, ...] = ()
    """The names that a question offers, in the order of their digits."""
    wish: str | None = None
    """What was granted or denied: rahasia, anonim, batal or keberatan."""
    due: date | None = None
    """By when the rules want the next step, where that is known and still to come."""
    standing: Standing | None = None
    """Of a STATUS about a filed complaint: what its clocks see, from which `due` is worked out when it is sent."""
    answer: str | None = None
    """What the instansi wrote, or asks: as the core has it. An excerpt of it is all that is sent, and nothing for a rahasia complaint."""
