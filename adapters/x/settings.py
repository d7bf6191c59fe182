"""What is set for X: units in the names, a reason for each default.

gateway/settings.py fills these from config/gateway.toml and puts the five secrets in: they may never stand in TOML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le, MaxLen

Seconds = Annotated[float, Gt(0), Le(86_400)]
Dollars = Annotated[float, Ge(0), Le(100_000)]


@dataclass(frozen=True, slots=True)
class Prices:
    """What X bills, in US dollars (its price list of August 2026); the meter in `status` counts with these."""

    mention: Dollars = 0.001
    """One post of our own account's mentions or timeline, once per UTC day, where the app belongs to the account; else 0.005."""
    post: Dollars = 0.005
    """One post found by search or looked up by its id, once per UTC day."""
    reply: Dollars = 0.01
    """One reply to somebody who called us. With a link it would be 0.20, so our texts have none."""


@dataclass(frozen=True, slots=True)
class XSettings:
    """The X account that citizens call. A government needs X's Enterprise plan for it; everything here works on either plan."""

    enabled: bool = False
    """False: nothing is read from X or posted there."""
    handle: Annotated[str, MaxLen(15)] = "lapor1708"
    """The account's name without @, for people and for the search; we know ourselves by user_id."""
    user_id: str = ""
    """The account's number: it stands before the dash in the access token. A name may change, the number does not."""
    bearer: str = field(default="", repr=False, metadata={"secret": True})
    """Bearer token of the app: for reading."""
    consumer_key: str = field(default="", repr=False, metadata={"secret": True})
    """OAuth 1 key of the app."""
    consumer_secret: str = field(default="", repr=False, metadata={"secret": True})
    """OAuth 1 secret of the app."""
    access_token: str = field(default="", repr=False, metadata={"secret": True})
    """OAuth 1 token of the account: for replies."""
    access_secret: str = field(default="", repr=False, metadata={"secret": True})
    """OAuth 1 token's secret of the account."""
    agencies: tuple[str, ...] = ()
    """Ids or names of offices' accounts: what they post is publicity, and waits for a person."""
    mentions_seconds: Seconds = 20.0
    """How often mentions are read: 45 of the 300 calls that X allows in 15 minutes."""
    search_seconds: Seconds = 30.0
    """How often posts with our tags are searched."""
    overlap_seconds: Annotated[float, Ge(0), Le(86_400)] = 900.0
    """Each reading begins this long before the newest post known: X shows some posts minutes late. Reading one twice a day is free."""
    pages_max: Annotated[int, Ge(1), Le(100)] = 8
    """Pages of 100 in one reading; X gives no more than the last 800 mentions, so more are a gap and an alarm."""
    first_hours: Annotated[float, Ge(0), Le(160)] = 24.0
    """How far back the very first reading goes: an account without a cursor must not answer last month's posts."""
    answer_hours: Annotated[float, Ge(0), Le(160)] = 24.0
    """Posts older than this are filed and not answered any more."""
    budget_per_day: Dollars = 30.0
    """US dollars per UTC day; what would pass it waits for the next day, with an alarm. 1,000 posts a day cost about 13 with their
    answers, and 10 to look up twice; look-ups leave half of the budget for reading, answers a fifth."""
    budget_warn: Annotated[float, Gt(0), Le(1)] = 0.8
    """Share of the day's budget at which the log warns."""
    prices: Prices = field(default_factory=Prices)
    look_up_seconds: Seconds = 3600.0
    """How often posts whose look-up is due are asked for, 100 at a time: do they still stand? Each is, after one day and after three."""
    connect_seconds: Annotated[float, Gt(0), Le(120)] = 10.0
    """Name, TCP and TLS together; failing here is certain: nothing was posted."""
    answer_seconds: Annotated[float, Gt(0), Le(600)] = 30.0
    """A whole call; later than this nobody knows whether a reply was posted, and our own timeline is asked."""
    server: str = ""
    """`host:port` in place of api.twitter.com, with the certificate of `ca`: a simulated X, or a proxy. Empty: X itself."""
    ca: Path | None = None
    """The authority that signed the server's certificate (PEM); None: the system's list."""

    def __post_init__(self) -> None:
        if self.enabled and not (self.user_id.isascii() and self.user_id.isdigit()):
            raise ValueError("user_id: the account's number in digits is needed where enabled = true")
        if not self.handle.replace("_", "").isalnum():
            raise ValueError("handle: letters, digits and _ only, without @")
        if self.server and not self.server.rpartition(":")[2].isdigit():
            raise ValueError("server: write host:port, for example 127.0.0.1:8443")
        if self.connect_seconds >= self.answer_seconds:
            raise ValueError("connect_seconds must be shorter than answer_seconds, else a dead host counts as a lost answer")
