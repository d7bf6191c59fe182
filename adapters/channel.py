"""The contract between a channel and the front desk: what comes in, what goes out, what is promised.

An inbound batch is durable when `accept` returns; only then may the channel say yes to its peer.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from parsers.model import Address, Segment, Unreadable


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


class Inbox(Protocol):
    """The front desk as a channel sees it."""

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


class Outbound(Protocol):
    """A channel's way out: one per operator or account."""

    async def send(self, to: Address, text: str) -> Sending:
        """Send one message; returns when the peer answered or will not. Never raises for the peer's behaviour."""
