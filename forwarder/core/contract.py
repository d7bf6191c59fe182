"""What the national core can say to one complaint, and the one table of what its HTTP answers mean.

    Filed      it has it, and this is the tracking id
    NotFiled   it certainly did not take it: try again later
    Refused    it read it and does not want it: a person decides
    Unknown    bytes went and no certain answer came: never sent again blindly

A dialect (addstream, …) and a site's settings may override single statuses; nothing else in the project looks at a status code.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from forwarder.talk import Wish
from parsers.errors import GatewayError
from parsers.model import Complaint


@dataclass(frozen=True, slots=True)
class Filed:
    """The core has it. `tracking_id` is public (lapor.go.id/pengaduan/ID), `transaction_id` the core's receipt for its support."""

    tracking_id: str
    transaction_id: str = ""


@dataclass(frozen=True, slots=True)
class NotFiled:
    """The core certainly did not take it. `ours`: it would answer any complaint so, because something of ours is wrong."""

    reason: str
    retry_after_s: float | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The core does not want this one as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken: only a look-up or a person may say."""

    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The answer of a look-up: the core says that it has no complaint of this number."""


Outcome = Filed | NotFiled | Refused | Unknown


class CourseStatus(enum.StrEnum):
    """How a filed complaint stands at the core, in our words for LAPOR's public ones (DOMAIN §2.1)."""

    UNVERIFIED = "unverified"  # Belum Terverifikasi
    DISPOSED = "disposed"  # Terdisposisi Belum Ditindaklanjuti
    IN_PROCESS = "in_process"  # Terdisposisi Sedang Diproses
    DONE = "done"  # Terdisposisi Selesai
    POSTPONED = "postponed"  # Tertunda
    ARCHIVED = "archived"  # Arsip


@dataclass(frozen=True, slots=True)
class Course:
    """What the core says of one filed complaint. `words` are its own; times are UTC milliseconds, None where it tells none."""

    tracking_id: str
    status: CourseStatus
    words: str
    disposed_ms: int | None = None
    """When it first reached an instansi."""
    answered_ms: int | None = None
    """When the first answer was given."""
    finished_ms: int | None = None
    answer: str | None = field(default=None, repr=False)
    """The newest public answer of the agency to the citizen, as plain words (answers.plain); None where it says none."""
    asks: bool | None = None
    """Whether the agency waits for facts from the citizen; None, here and below, where the core does not say."""
    rahasia: bool | None = None
    """Whether it is rahasia there: the core's word on that wish."""
    anonim: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Supplement:
    """What a citizen added to a filed complaint: a later message, or a part of the first that came late.

    `key` is ours and never used twice (`G7K2QP-2`): a core that knows keys against doubles gets it, and an unknown one is looked up by it.
    `complaint` is the first one, for its flags, its number and its destination; `text` is the citizen's, as written. With a `wish` the
    core is asked for more than to keep it.
    """

    key: str
    tracking_id: str
    complaint: Complaint
    text: str
    received_ms: int
    wish: Wish | None = None


class CallbackError(GatewayError):
    """What was handed to us as the core's word is not: `signed` says whether it was the core that said it, and only the form is wrong."""

    def __init__(self, cause: str, *, signed: bool) -> None:
        super().__init__(cause)
        self.signed = signed


class Meaning(enum.StrEnum):
    """What a status code says before the body is looked at."""

    READ = "read"  # the body decides
    NOT_FILED = "not_filed"
    OUR_FAULT = "our_fault"
    REFUSED = "refused"
    UNKNOWN = "unknown"


STATUSES: Mapping[int, Meaning] = {
    200: Meaning.READ,
    201: Meaning.READ,
    202: Meaning.READ,
    400: Meaning.REFUSED,
    401: Meaning.OUR_FAULT,  # the token is wrong or has run out
    402: Meaning.OUR_FAULT,
    403: Meaning.OUR_FAULT,
    404: Meaning.OUR_FAULT,  # the address is wrong or has moved
    405: Meaning.OUR_FAULT,
    407: Meaning.OUR_FAULT,  # a proxy stands between
    409: Meaning.REFUSED,
    410: Meaning.OUR_FAULT,
    413: Meaning.REFUSED,
    415: Meaning.OUR_FAULT,  # another dialect is spoken there
    421: Meaning.OUR_FAULT,
    422: Meaning.REFUSED,
    426: Meaning.OUR_FAULT,
    429: Meaning.NOT_FILED,
    503: Meaning.NOT_FILED,
}
"""The answer table by status (RFC 9110 §15). What is not named: see CLASSES."""

CLASSES: Mapping[int, Meaning] = {
    1: Meaning.UNKNOWN,
    2: Meaning.UNKNOWN,  # a yes without a body to prove it
    3: Meaning.OUR_FAULT,  # never followed: a redirected POST is a second POST
    4: Meaning.REFUSED,
    5: Meaning.UNKNOWN,  # 500, 502, 504 …: it may have been stored before something broke
}
"""The answer table by the first digit."""

TOO_MANY = 429
TOO_MANY_WAIT_S = 1.0  # Ours: a core that says "too many" and not until when has a limit per second, as a rule.
RETRY_AFTER_S_MAX = 900.0  # Ours: a core that says "in a month" is asked again after a quarter of an hour.


def answer_table(*overrides: Mapping[int, Meaning]) -> tuple[Meaning, ...]:
    """The meaning of each status 0-999; later overrides win: the dialect's first, then the site's."""
    table = [CLASSES.get(status // 100, Meaning.UNKNOWN) for status in range(1000)]
    for statuses in (STATUSES, *overrides):
        for status, meaning in statuses.items():
            table[status] = meaning
    return tuple(table)


def outcome_of(meaning: Meaning, status: int, retry_after_s: float | None) -> NotFiled | Refused | Unknown:
    """The outcome where the status alone decides; ValueError for READ."""
    reason = f"HTTP {status}"
    match meaning:
        case Meaning.NOT_FILED:
            return NotFiled(reason, TOO_MANY_WAIT_S if retry_after_s is None and status == TOO_MANY else retry_after_s)
        case Meaning.OUR_FAULT:
            return NotFiled(reason, retry_after_s, ours=True)
        case Meaning.REFUSED:
            return Refused(reason)
        case Meaning.UNKNOWN:
            return Unknown(reason)
        case Meaning.READ:
            raise ValueError("the body decides")


def retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 §10.2.3), capped; None for a date, nonsense or none: then our own back-off counts."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, RETRY_AFTER_S_MAX)


class CoreClient(Protocol):
    """One national core in one dialect. Never raises for what the core or the network does."""

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:
        """Hand over one complaint, in one request that is sent at most once."""

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:
        """Hand over one addition, in one request that is sent at most once.

        `Filed.tracking_id` is the record in which it now stands: the first one's where the core appends, a new one where it became a
        record of its own that names the first.
        """

    async def look_up(self, number: str) -> Filed | Absent | Unknown:
        """Ask whether the core has a complaint of our number, or an addition of our key; Unknown where the dialect cannot ask."""

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        """How these filed complaints stand, in any order; one that the core does not tell of is left out. Asking changes nothing there."""

    async def probe(self) -> bool:
        """Whether the core answers at all, asked without a complaint."""

    def read_callback(self, headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:
        """What the core tells us by itself, signed; pure. CallbackError where it is not the core's, not readable, or there is no such call.

        A callback carries no time of its own that could be trusted: the same one may come again, and changes nothing then.
        """

    @property
    def can_hear(self) -> bool:
        """Whether the dialect has a call of the core to us, and its key is there."""

    @property
    def can_look_up(self) -> bool:
        """Whether look_up can ever answer."""

    @property
    def can_append(self) -> bool:
        """Whether the dialect has a call that adds to a filed complaint; else an addition becomes a record of its own."""

    @property
    def can_follow(self) -> bool:
        """Whether course can ever answer."""

    async def close(self) -> None:
        """Close all connections."""
