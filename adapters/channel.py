"""The contract between a channel and the house: what comes in, what goes out, what is promised.

In: SMS come as segments (`Inbox.accept`), every other channel's texts as posts (`Inbox.accept_posts`), with the cursor of where they were
read from. Both are durable when the call returns; only then may the channel say yes to its peer, or read on.

Out: `Outbound.send` gives one of four results. UNKNOWN is one of its own: bytes went and nobody knows; a channel that can look up what
it sent (`Caps.can_find`) is asked before anything is sent again.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from parsers.model import Address, Answering, Post, Segment, Unreadable


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryReport:
    """What an operator says became of one of our replies: advice, never a condition.

    `message_id` is in its canonical form, as in Sending; `candidates` are all ids it may mean (hex or decimal), likeliest first.
    """

    operator: str
    message_id: str
    state: str  # DELIVRD, EXPIRED, UNDELIV, REJECTD … in capitals, or the text's own word
    error: str
    received_ms: int
    candidates: tuple[str, ...] = ()


Inbound = Segment | Unreadable | DeliveryReport


class Answer(enum.Enum):
    """What the channel may tell its peer about one inbound item."""

    KEPT = "kept"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A "no" we gave an operator, kept as a row so that nothing is refused unseen."""

    operator: str
    bind: str
    command: str
    status: int
    cause: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source has been read. `value` is the channel's own affair; it is stored with what was read, or not at all."""

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one post: KEPT with the number of its complaint, where it has one and the author may know it; else LATER."""

    answer: Answer
    kind: str = ""
    """What the journal made of it: stored, redelivery, edited, addition."""
    number: str | None = None


class Inbox(Protocol):
    """The front desk as a channel of segments sees it."""

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        """Store a batch; the answers are in its order. Never raises for what a batch contains."""

    async def session_began(self, operator: str, bind: str) -> int:
        """A connection is bound; the number names it in every Segment that follows."""

    async def session_ended(self, session: int) -> None:
        """The connection is gone: answers of its last seconds may not have arrived."""

    def refused(self, refusal: Refusal) -> None:
        """Note a "no" we gave; stored soon, never awaited."""

    def answered_late(self, session: int, received_ms: Sequence[int]) -> None:
        """These answers were written later than the peer waits for: a copy may follow."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that is stored: its key, and the id of the newest version we have."""

    key: str
    newest: str


class PostInbox(Protocol):
    """The front desk as a channel of posts sees it."""

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        """Store posts and the cursor behind them in one transaction; in their order. The cursor moved only when all are KEPT.

        Never raises for what a post contains; LATER for all of them when the journal does not take them now.
        """

    async def cursor(self, source: str) -> str | None:
        """The value stored last for a source; None before the first. JournalError when it cannot be read now."""

    async def keep_cursor(self, cursor: Cursor) -> None:
        """Store a cursor by itself. JournalError when it cannot be stored now."""

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        """Posts of an account that should be looked up now, because they may stand no more."""

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        """What a look-up said of posts by key: None while one stands, else why it is gone. How many were blanked now."""


class SendResult(enum.Enum):
    """What became of one outbound message."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sending:
    """The result of one attempt to send: `message_ids` are the operator's, `detail` is for people (no text, no number)."""

    result: SendResult
    message_ids: tuple[str, ...] = ()
    detail: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """One text for one citizen. `key` is the same for every attempt to send it; `kind`, `number` and `tracking_id` are for programs."""

    to: Address
    text: str
    key: str = ""
    kind: str = ""
    number: str | None = None
    tracking_id: str | None = None
    attempt: int = 1

    def __repr__(self) -> str:
        return f"Reply({self.key} {self.kind} {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Caps:
    """What a way out can carry: at most `characters_max`, as `count` counts them, and `answering` times to one message."""

    characters_max: int
    answering: Answering
    links: bool
    can_find: bool
    """Whether `find` can tell what became of an UNKNOWN."""
    count: Callable[[str], int] = len


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How a channel does: `cause` is None when it works. Times are UTC milliseconds; `lag_seconds` is how far behind reading is."""

    cause: str | None = None
    last_in_ms: int | None = None
    lag_seconds: float = 0.0
    budget_left: float | None = None


class Outbound(Protocol):
    """A channel's way out: one per operator, account or partner."""

    @property
    def caps(self) -> Caps:
        """What it can carry."""

    def health(self) -> ChannelHealth:
        """How it does now; never blocks."""

    async def send(self, reply: Reply) -> Sending:
        """Send one text; returns when the peer answered or will not. Never raises for the peer's behaviour."""

    async def find(self, reply: Reply) -> Sending:
        """What became of a text whose sending was UNKNOWN: SENT, REFUSED (it is not there), LATER (ask again), UNKNOWN (nobody can say)."""
