"""What X's answers mean: one table of troubles, read from status, headers and wording, and what each asks of us.

tweepy tells little of a failed call and some of it wrongly (no class for 402, an AttributeError for a 4xx whose JSON is a string), so the
exchange itself is looked at, as the session recorded it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

BODY_OCTETS_MAX = 16_384  # Ours: of an error's body; X's have some hundred.
DETAIL_MAX = 120
WINDOW_MS_MAX = 3_600_000  # Ours: X's windows have 15 minutes; an end later than this is a slip, and must not close a door for years


class Trouble(enum.StrEnum):
    """One kind of failed call."""

    NETWORK = "network"  # nothing reached X
    LOST = "lost"  # bytes went, and no answer that can be read came
    OUTAGE = "outage"  # 5xx
    RATE = "rate"  # 429, this 15-minute window
    DAY = "day"  # 429 of the 24-hour limit, or one that says nothing
    CREDITS = "credits"  # 402, or the usage cap
    UNAUTHORIZED = "unauthorized"  # 401: a token was revoked, or our clock is wrong (OAuth 1 signs the time)
    DUPLICATE = "duplicate"  # we said exactly this already
    NOT_CALLED = "not called"  # X lets us answer only who called us
    TARGET = "target"  # the post is deleted, protected, restricted, or its author blocked us
    TOO_OLD = "too old"  # since_id is older than what search reaches
    FORBIDDEN = "forbidden"  # any other 403
    REFUSED = "refused"  # any other 4xx: our request was wrong
    BUDGET = "budget"  # ours: the day's money is spent
    CLOSED = "closed"  # ours: an earlier trouble still keeps this call back


@dataclass(slots=True)
class Exchange:
    """What the session saw of one call: whether the request was sent, and what came back."""

    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    @property
    def words(self) -> str:
        """An error's body in lower case."""
        return bytes(self.body).decode("utf-8", "replace").lower()


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a result. `until_ms`: not before; `sent`: X may have acted on it. `detail` is for people, without a post's words."""

    trouble: Trouble
    detail: str = ""
    until_ms: int | None = None
    sent: bool = True


WORDINGS: tuple[tuple[int, str, Trouble], ...] = (
    (403, "duplicate", Trouble.DUPLICATE),
    (403, "not been mentioned or otherwise engaged", Trouble.NOT_CALLED),
    (403, "where you are mentioned or are the author", Trouble.NOT_CALLED),
    (403, "usage-capped", Trouble.CREDITS),
    (403, "usage cap", Trouble.CREDITS),
    (403, "deleted or not visible", Trouble.TARGET),
    (403, "restricted who can reply", Trouble.TARGET),
    (403, "reply to this conversation is not allowed", Trouble.TARGET),
    (403, "blocked", Trouble.TARGET),
    (403, "protected", Trouble.TARGET),
    (400, "deleted or not visible", Trouble.TARGET),
    (400, "since_id", Trouble.TOO_OLD),
    (404, "", Trouble.TARGET),
    (402, "", Trouble.CREDITS),
    (401, "", Trouble.UNAUTHORIZED),
    (403, "", Trouble.FORBIDDEN),
)
"""Status and a part of the body (lower case; empty: any), the first that fits counts."""


def judge(exchange: Exchange, error: str, now_ms: int) -> Failure:
    """What a failed call was; `error` is the name of what was raised."""
    status = exchange.status
    if status is None:
        return Failure(Trouble.LOST if exchange.sent else Trouble.NETWORK, f"{error}, no answer", sent=exchange.sent)
    if 200 <= status < 400:
        return Failure(Trouble.LOST, f"{status} and no answer that can be read ({error})")
    if status >= 500:
        return Failure(Trouble.OUTAGE, f"{status}")
    if status == 429:
        return _limited(exchange, now_ms)
    words = exchange.words
    trouble = next((one for code, part, one in WORDINGS if code == status and part in words), Trouble.REFUSED)
    return Failure(trouble, f"{status} {trouble}"[:DETAIL_MAX])


def _limited(exchange: Exchange, now_ms: int) -> Failure:
    """Which limit it is: that of the window has its end in the future; that of the day has not, or says so."""
    reset = _number(exchange.headers.get("x-rate-limit-reset"))
    left_today = [_number(exchange.headers.get(f"x-{whose}-limit-24hour-remaining")) for whose in ("user", "app")]
    if 0 in left_today or reset is None or not now_ms < reset * 1000 <= now_ms + WINDOW_MS_MAX:
        return Failure(Trouble.DAY, "429, the limit of the day or one that says nothing")
    return Failure(Trouble.RATE, "429, this window is used up", until_ms=reset * 1000)


def window_left(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """(calls left in this window, its end in UTC milliseconds) as a good answer's headers say; None where they do not."""
    left, reset = _number(headers.get("x-rate-limit-remaining")), _number(headers.get("x-rate-limit-reset"))
    return None if left is None or reset is None else (left, reset * 1000)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 16 else None
