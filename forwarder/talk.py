"""What passes between the journal and the dialogue: how a citizen stands with us, what he said, and what shall be done about it.

The journal makes a `Talk` inside the transaction that stores the message, asks the composer (gateway.dialogue decides, pure), and carries
out the moves in the same transaction. So two messages of one citizen are never decided on the same knowledge.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from forwarder.lifecycle import ComplaintState
from parsers.model import Candidate, Certainty


class Heard(enum.StrEnum):
    """What a text is to the dialogue."""

    REPORT = "report"  # a keyword at the head, and words behind it
    TEXT = "text"  # words without a keyword
    KEYWORD = "keyword"  # a keyword and nothing else
    STATUS = "status"
    ADD = "add"
    RAHASIA = "rahasia"
    ANONIM = "anonim"
    CANCEL = "cancel"
    INFO = "info"
    STOP = "stop"
    START = "start"
    CHOICE = "choice"
    YES = "yes"
    NO = "no"
    THANKS = "thanks"


class Asked(enum.StrEnum):
    """What we may ask back."""

    REGION = "region"  # which of these, by a number
    PLACE = "place"
    MATTER = "matter"  # what happened: there was a keyword and no text


class Wish(enum.StrEnum):
    """What a citizen asks for a complaint that the core has, or may have: the core's to agree to."""

    RAHASIA = "rahasia"
    ANONIM = "anonim"
    CANCEL = "batal"
    OBJECTION = "keberatan"  # what is called done is not


UNANSWERED: Mapping[Asked, str] = {
    Asked.REGION: "daerah tidak dipilih pelapor",
    Asked.PLACE: "tempat tidak disebut pelapor",
    Asked.MATTER: "isi tidak dijawab pelapor",
}
"""The mark, in the core's language, of a complaint that goes on without an answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a numbered question: a region, as the routing would have it, and its name for the citizen."""

    region: str | None
    instansi: str
    keyword: str
    name: str

    @property
    def candidate(self) -> Candidate:
        """The same for a decision."""
        return Candidate(self.region, self.instansi, self.keyword)


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What one text says to the dialogue. `number` is ours or the core's; `choice` the digit of an answer."""

    heard: Heard
    number: str | None = None
    pin: str | None = None
    choice: int | None = None
    holds_words: bool = True
    """Of ADD: whether there is anything to add."""
    ask: Asked | None = None
    """What would be asked back, were it a complaint of its own."""
    choices: tuple[Choice, ...] = ()
    danger: bool = False
    at_once: bool = False
    """Nothing is asked back: its channel, or its sender, cannot be asked."""
    mute: bool = False
    """Nothing may be answered: it is too old, or its author wants no answer there."""


@dataclass(frozen=True, slots=True, repr=False)
class TalkCase:
    """A complaint that this citizen may see and change."""

    complaint_id: int
    number: str
    state: ComplaintState
    tracking_id: str | None
    rahasia: bool
    anonim: bool
    oversight: bool
    certainty: Certainty | None
    region: str | None
    topic: str | None
    said_ms: int
    """When its reporter last wrote about it."""
    told_ms: int
    """When we last wrote to him about it; 0: never."""
    asked: int = 0
    """How many questions it had."""
    settled_ms: int | None = None
    """When he was told that the core calls it done, and it still does."""
    asks: bool = False
    """The instansi asked him for facts, and has none yet."""
    wishes: frozenset[Wish] = frozenset()
    """What he asked of the core for it, and nobody decided yet."""
    taken_back: bool = False
    """Closed because he said so, by nobody else."""
    denied: frozenset[Wish] = frozenset()
    """What the core refused him, and never granted: it is so with us alone."""
    elsewhere: str | None = None
    """Its number at another gateway, which has it."""
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What we asked and nobody answered yet."""

    case: TalkCase
    asked: Asked
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Talk:
    """How the sender of one message stands with us when it is stored. All cases are his own and not too old, or named with their PIN."""

    now_ms: int
    named: TalkCase | None = None
    """The case whose number he wrote."""
    recent: tuple[TalkCase, ...] = ()
    """His own, newest first."""
    question: Question | None = None
    silent: bool = False
    """He asked not to hear from us."""

    @property
    def newest(self) -> TalkCase | None:
        """What a command means that names nothing."""
        return next(iter(self.recent), None)

    @property
    def replied(self) -> TalkCase | None:
        """What words mean that name nothing: the case whose news asked for a reply and came after his last words; else the newest."""
        newest = self.newest
        if newest is None:
            return None
        invited = [one for one in self.recent if (one.asks or one.settled_ms is not None) and one.told_ms > newest.said_ms]
        return max(invited, key=lambda one: one.told_ms, default=newest)


@dataclass(frozen=True, slots=True)
class Join:
    """The message belongs to a case: an addition to it, or (`answers`) the answer to its question, which is filed with it."""

    complaint_id: int
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Keep the complaint back until this question has its answer or its time is up. The message's own reply asks it."""

    complaint_id: int
    asked: Asked
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """The question has its answer, or gets none: the complaint is filed. `mark` tells the core's people why it is as it is."""

    complaint_id: int
    mark: str | None = None
    choice: Choice | None = None
    """Where it goes now; None: where it would have gone."""


@dataclass(frozen=True, slots=True)
class Hide:
    """From now on it is rahasia, or anonim, with us."""

    complaint_id: int
    wish: Wish


@dataclass(frozen=True, slots=True)
class Request:
    """The core, which has the complaint or may have it, is asked for this behind it; where `why` says so, by a person."""

    complaint_id: int
    wish: Wish
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Its reporter takes back what was not filed yet: closed and kept. Where `why` says so, a person settles it."""

    complaint_id: int
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """Whether the sender wants to hear from us."""

    wanted: bool


Move = Join | Ask | Release | Hide | Request | Withdraw | Listen
"""What shall be done besides storing the message, in this order and in the same transaction."""
