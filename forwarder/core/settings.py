"""What is set per core and for filing: units in the names, a reason for each default.

gateway/settings.py fills these from config/gateway.toml and puts `token` in from the secrets: it may never stand in TOML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from forwarder.core.contract import Meaning

Seconds = Annotated[float, Gt(0), Le(86_400)]
NUMBER_FIELD = "{number}"


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """The national core as addstream speaks it (DOMAIN §3.1); what is unknown about it (§3.3) is a setting."""

    url: Annotated[str, MinLen(1)] = "https://www.lapor.go.id/api/stream/addstream"
    token: str = field(default="", repr=False, metadata={"secret": True})
    """The GUID in braces that the LAPOR team issues; from the secrets only."""
    probe_url: str | None = None
    """A harmless page for the probe of an open breaker (GET); None: the root of `url`'s host."""
    lookup_url: str | None = None
    """Where to ask for a complaint by our number, with `{number}` in it; None: what is unknown waits for a person."""
    empty: Annotated[str, MaxLen(8)] = ""
    """What stands in an element of pelapor that we have nothing for; the bot of 2018 sent `_` as last name (DOMAIN §3.1)."""
    answers: Mapping[int, Meaning] = field(default_factory=dict)
    """Where this core means something else by a status: `409 = "read"`."""
    tracking_id: str = r"[0-9]{4,12}"
    """What a tracking id looks like, as a regular expression: 7 digits in every example seen (DOMAIN §2.2)."""
    connect_seconds: Annotated[float, Gt(0), Le(120)] = 10.0
    """Name, TCP and TLS together; failing here is certain: nothing was taken."""
    answer_seconds: Annotated[float, Gt(0), Le(600)] = 30.0
    """The whole request; later than this the answer is lost and the complaint unknown."""
    keepalive_seconds: Annotated[float, Gt(0), Le(60)] = 3.0
    """Reuse a connection that was idle this long at most: shorter than any server's own limit (Apache's is 5 s),
    because a request on a connection that the server is just closing is an Unknown."""
    answer_octets_max: Annotated[int, Ge(1_024), Le(16_777_216)] = 262_144
    """A true answer has some hundred octets; what is longer is cut off and no answer."""
    isi_characters_max: Annotated[int, Ge(1_000), Le(1_000_000)] = 100_000
    """Ours: 255 parts of 153 characters and the header fit; a longer `isi` is parked, never cut."""
    ca: Path | None = None
    """The authority that signed the core's certificate (PEM); None: the system's list. There is no switch to skip the check."""
    certificate: Path | None = None
    """Our certificate and key (PEM), where the core wants one."""
    key: Path | None = None

    supplements: Literal["send", "desk"] = "send"
    """What a citizen adds to a case goes to the core behind it, or waits for a person: where officers there want to see it first."""
    follow_minutes: Annotated[float, Gt(0), Le(10_080)] = 60.0
    """A filed complaint is asked for after so long, and after so long again for each day of its age, a day at most. Only where the
    dialect can ask."""
    callbacks: bool = False
    """Whether the core may call us when something changes (POST /core/callback); only where the dialect knows its calls."""

    def __post_init__(self) -> None:
        for name in ("url", "probe_url", "lookup_url"):
            value: str | None = getattr(self, name)
            if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
                raise ValueError(f"{name}: not an http or https address")
        if self.lookup_url is not None and NUMBER_FIELD not in self.lookup_url:
            raise ValueError(f"lookup_url: needs {NUMBER_FIELD} where our number goes")
        if any(not 100 <= status <= 599 for status in self.answers):
            raise ValueError("answers: a status is 100 to 599")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together; give both or none")
        if self.connect_seconds >= self.answer_seconds:
            raise ValueError("connect_seconds must be shorter than answer_seconds, else a dead host counts as a lost answer")
        try:
            re.compile(self.tracking_id)
        except re.error as error:
            raise ValueError(f"tracking_id: not a regular expression: {error}") from None


@dataclass(frozen=True, slots=True)
class DispatchSettings:
    """How fast, how carefully and how long we try."""

    window_start: Annotated[int, Ge(1), Le(1_000)] = 8
    """Complaints in flight at the start; it doubles per round while the core says yes."""
    window_max: Annotated[int, Ge(1), Le(1_000)] = 100
    """The most ever in flight, and the most that one crash can leave unknown. It hides the time of the two commits around each request."""
    window_busy: Annotated[int, Ge(1), Le(1_000)] = 8
    """In flight while intake is busy: intake goes before filing."""
    unknown_max: Annotated[int, Ge(1), Le(10_000)] = 100
    """Filing stops at so many open unknowns, counting those in flight; a person could still settle these in a day."""
    unknown_run: Annotated[int, Ge(1), Le(100)] = 3
    """So many Unknown, or so many NotFiled, in a row open the breaker."""
    probe_first_seconds: Seconds = 30.0
    """First probe of an open breaker; the wait doubles while the core stays away."""
    probe_most_seconds: Seconds = 60.0
    """Back at work a minute after the core is."""
    fault_first_seconds: Seconds = 5.0
    """First probe after an answer that is our fault. Short, because some firewalls answer one odd text so; the wait doubles."""
    fault_most_seconds: Seconds = 300.0
    """Slow in the end: a wrong token is not mended by asking."""
    retry_first_seconds: Seconds = 5.0
    """First wait of a complaint that was certainly not taken; doubles, with jitter."""
    retry_most_seconds: Seconds = 900.0
    """It never waits longer than a quarter of an hour, and never gives up."""
    blame_max: Annotated[int, Ge(1), Le(100)] = 3
    """A complaint that alone draws 'our fault' so often, while others are filed, is parked: some firewalls answer a text so."""
    lost_max: Annotated[int, Ge(1), Le(1_000)] = 5
    """A complaint that was sent so often, its answer lost and the core without it each time, is parked: it may be what kills the core."""
    offered_max: Annotated[int, Ge(1), Le(1_000_000)] = 4_096
    """Complaints held in memory; the rest waits in the journal. About 3 kB each."""
    offered_per_sender_max: Annotated[int, Ge(1), Le(100_000)] = 32
    """Of one sender, once memory is half used: a flood waits in the journal while others pass."""
    skipped_max: Annotated[int, Ge(1), Le(100_000)] = 1_024
    """Complaints of a flood that are passed over in the journal to find others behind it."""
    page_rows: Annotated[int, Ge(1), Le(10_000)] = 256
    """Read from the journal at once."""
    journal_wait_seconds: Seconds = 1.0
    """How long to leave a journal alone that could not write."""
    poll_seconds: Seconds = 5.0
    """How often the journal is asked for what became ready by itself."""
    settle_seconds_max: Seconds = 30.0
    """How long what is in flight may take at a stop; the core's answer_seconds at least is sensible."""
    look_up_first_seconds: Seconds = 60.0
    """First look-up of an unknown one: the core may still be storing it. Doubles."""
    look_up_most_seconds: Seconds = 240.0
    """Every unknown one is settled within five minutes after the core is back."""
    absent_settling_seconds: Seconds = 150.0
    """'Absent' counts only when said twice, this far apart: with the probe before it, within five minutes after the core is back."""
