"""What the journal is asked beyond records.py, and what it answers. All frozen; times are UTC milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from forwarder.lifecycle import AdditionMove, AdditionState, ComplaintMove, ComplaintState, ReplyMove, ReplyState
from forwarder.records import AdditionId
from parsers.model import Complaint


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave for one worker to file the complaints of one batch. `batch` is never used twice, not even for the same complaints."""

    worker: str
    batch: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """An unknown complaint whose worker has not yet said what became of it."""

    complaint_id: int
    attempt: int
    grant: Grant


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one attempt to file came to.

    `move` is FILED (with `tracking_id`), NOT_FILED (with `next_ms`; `charged` False gives the attempt back: the fault was ours),
    REFUSED or LOST_ANSWER. `attempt` is the one that was started: an answer to another attempt changes nothing but is an alarm if FILED.
    `reason` is one English phrase for people, without a citizen's words. `grant` is the one under which a worker answers: then an
    unknown one of that grant is settled too. `heard` is False where we give up waiting for the worker, whose record may yet speak.
    """

    complaint_id: int
    attempt: int
    move: ComplaintMove
    tracking_id: str | None = None
    transaction_id: str | None = None
    reason: str = ""
    next_ms: int | None = None
    charged: bool = True
    grant: Grant | None = None
    heard: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one settlement.

    `state` is the complaint's state now (None: no such complaint), `moved` whether this settlement moved it. `reply_id` names the
    reply that tells the citizen, due now. `alarm` says in one sentence what must never happen: a second tracking id, or one for two.
    """

    complaint_id: int
    state: ComplaintState | None
    moved: bool
    reply_id: int | None = None
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class AdditionResult:
    """What one attempt to add came to, as Settlement has it of a complaint.

    `move` is ADDED or FOUND (with the `tracking_id` of the record in which it stands), NOT_ADDED, REFUSED or LOST_ANSWER. `alarm` is kept
    with a lost answer that only a person can settle.
    """

    key: AdditionId
    attempt: int
    move: AdditionMove
    tracking_id: str | None = None
    reason: str = ""
    next_ms: int | None = None
    charged: bool = True
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class AdditionSettled:
    """What became of it: the addition's state now (None: there is none), whether this moved it, and what must never happen."""

    key: AdditionId
    state: AdditionState | None
    moved: bool
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did or saw, for the audit. `about` is a complaint number, or a reporter's tag in hex; `reason` may quote a citizen."""

    who: str
    what: str
    about: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplyResult:
    """What became of one reply.

    `move` is SENT, REFUSED, POSTPONED (with `next_ms`) or LOST_ANSWER; `message_ids` are the operator's, by which its delivery
    receipts are matched; `detail` is for people (no text, no number).
    """

    reply_id: int
    move: ReplyMove
    message_ids: tuple[str, ...] = ()
    detail: str = ""
    next_ms: int | None = None


class Refused(Protocol):
    """A "no" we gave an operator, as adapters.channel.Refusal has it."""

    @property
    def operator(self) -> str:
        """Who heard it."""

    @property
    def bind(self) -> str:
        """On which bind."""

    @property
    def command(self) -> str:
        """What was refused."""

    @property
    def status(self) -> int:
        """The command_status we gave."""

    @property
    def cause(self) -> str:
        """Why, for people."""

    @property
    def at_ms(self) -> int:
        """When."""


class Report(Protocol):
    """A delivery receipt, as adapters.channel.DeliveryReport has it."""

    @property
    def operator(self) -> str:
        """Who heard it."""

    @property
    def message_id(self) -> str:
        """The operator's id, as written in the receipt."""

    @property
    def state(self) -> str:
        """What became of the SMS: DELIVRD, UNDELIV and so on."""

    @property
    def error(self) -> str:
        """The network's error code."""

    @property
    def received_ms(self) -> int:
        """When it came."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who settles something at the desk, and why; both are kept for ever. `reason` is never empty."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What a desk move came to for one complaint: its state now, or why it did not move."""

    number: str
    state: ComplaintState | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item on the desk. `reason` is a HeldReason, the core's words or what a person must look at; `since_ms` gives its age."""

    complaint_id: int
    number: str
    state: ComplaintState
    reason: str
    since_ms: int
    operator: str
    region: str | None
    instansi_name: str
    attempts: int
    tracking_id: str | None


@dataclass(frozen=True, slots=True)
class ReplyView:
    """One reply of a case."""

    reply_id: int
    kind: str
    state: ReplyState
    due_ms: int
    attempts: int
    detail: str
    delivery: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing a person did to a complaint."""

    at_ms: int
    who: str
    move: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Addition:
    """What was said to a case later; `text` is None when it is erased or cannot be opened.

    `key` is its name at the core and on the desk, `state` where it is; both None for one from before additions were sent.
    """

    received_ms: int
    text: str | None
    key: str | None = None
    state: AdditionState | None = None
    reason: str = ""
    since_ms: int | None = None
    attempts: int = 0
    tracking_id: str | None = None


@dataclass(frozen=True, slots=True)
class AdditionWaiting:
    """One addition on the desk, as Waiting has it of a complaint. `state` is parked, unknown or desk."""

    key: str
    state: AdditionState
    reason: str
    since_ms: int
    instansi_name: str
    attempts: int


@dataclass(frozen=True, slots=True)
class AdditionMoved:
    """What a desk move came to for one addition: its state now, or why it did not move."""

    key: str
    state: AdditionState | None
    error: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """Everything the journal knows of one complaint. `complaint` is None for an unreadable one or when its text is erased."""

    complaint_id: int
    number: str
    state: ComplaintState
    reason: str
    attention: str | None
    since_ms: int
    next_ms: int | None
    attempts: int
    tracking_id: str | None
    transaction_id: str | None
    first: str | None
    operator: str
    bind: str
    received_ms: int
    complaint: Complaint | None
    replies: tuple[ReplyView, ...]
    history: tuple[HistoryEntry, ...]
    duplicates: int
    cause: str | None = None
    """Why nobody could read it, where it is unreadable."""
    additions: tuple[Addition, ...] = ()
    entered_by: str | None = None
    """Who typed it in for the citizen; None: it came by a channel."""
    restricted: bool = False
    """Whether the person has restricted what we do with his data: then nobody sees it who does not say why."""
    untold: tuple[str, ...] = ()
    """News that no message tells, each with its reason."""


@dataclass(frozen=True, slots=True)
class CaseState:
    """The little that an answer to STATUS needs; a duplicate is answered with its first."""

    complaint_id: int
    number: str
    state: ComplaintState
    tracking_id: str | None
    rahasia: bool = False
    elsewhere: str | None = None
    """The number of the same complaint at another gateway, which has it."""


@dataclass(frozen=True, slots=True)
class Oldest:
    """How many wait for one reason, and since when the oldest does."""

    state: ComplaintState
    reason: str
    count: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the journal holds: by state, and of what waits the oldest per reason."""

    complaints: Mapping[ComplaintState, int]
    replies: Mapping[ReplyState, int]
    messages: int
    open_sets: int
    oldest: Sequence[Oldest]
    alarms: int
    refusals: int
    additions: Mapping[AdditionState, int] = field(default_factory=dict)
    """Since when the oldest open addition of each state is in it."""
    look_ms: int | None = None
    """When the core should have been, or is to be, asked first how a complaint stands; None where nobody is asked for."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows lost what: raw PDUs, texts, numbers, closed sets, refusals, matched receipts."""

    raw: int = 0
    texts: int = 0
    numbers: int = 0
    sets: int = 0
    refusals: int = 0
    deliveries: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What was found when the journal was opened."""

    run: int
    created: bool
    clean: bool
    """Whether the run before ended in order."""
    unknown: int
    """Complaints found in `sending`, now `unknown`."""
    again: int
    """Replies found in `sending`, due once more."""
    open_sets: int
    set_aside: str | None
    """Name of the corrupt file that was set aside; then nothing is filed until `salvage`."""
    restored: str | None = None
    """What this journal was restored from, at the first start after it."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the journal does now; `cause` is None when it takes messages."""

    cause: str | None
    queue_rows: int
    wal_octets: int
    free_octets: int
    commits: int
    rows: int
    filing_paused: bool
    failures: int = 0
    """Transactions that could not be committed."""
    commit_seconds: float = 0.0
    """Spent in commits since the start."""
    sick: str | None = None
    """Why the file itself cannot be written; None also where only the floor or the mirror says no."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be read from a file that was set aside."""

    messages: int
    complaints: int
    replies: int
    unknown: int
    """Complaints that were unfinished: now `unknown`, never sent by themselves."""
    unreadable_rows: int
