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

from forwarder.core.contract import CourseStatus, Meaning

Seconds = Annotated[float, Gt(0), Le(86_400)]
NUMBER_FIELD = "{number}"
TRACKING_ID_FIELD = "{tracking_id}"
SHIPPED_URL = "https://www.lapor.go.id/api/stream/addstream"
FORM_FIELD = re.compile(r"[\w.:-]+(?:\[[\w.:-]*\])*")  # name, attribute[code]


@dataclass(frozen=True, slots=True)
class GeoReportSettings:
    """The dialect `georeport`: Open311 GeoReport v2; `core.url` is then the endpoint without its resources (…/open311/v2)."""

    format: Literal["json", "xml"] = "json"
    """In which of its two forms the core answers."""
    jurisdiction_id: str = ""
    """Which authority is meant, where one server serves several; empty: none is named."""
    service_code: str = ""
    """The service of a complaint for which `services` has none; needed, for a request without one is refused. `check --core` lists them."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Service codes by region and topic, by topic, or by region, in this order: `{ "13.06/Jalan" = "4", Jalan = "3", "13.06" = "2" }`."""
    number_field: str = ""
    """A form field of the core that takes our number, which is never used twice: `attribute[nomor]`. It stands in the description, too."""
    rahasia_field: str = ""
    """A form field that takes 1 for a complaint that must not be public. Empty: GeoReport publishes all, so a rahasia one is parked."""
    anonim_field: str = ""
    """A form field that takes 1 where the name may not be shown. Empty: no identity is sent for an anonim one, whatever [identity] says."""
    append_path: str = ""
    """An extension that adds to a request: `/requests/{tracking_id}/notes.json`. Empty: an addition becomes a request of its own."""
    append_field: str = "notes"
    """The form field that takes the text of an addition there."""
    append_lookup_url: str = ""
    """Where to ask for an addition there, with `{number}` in it; empty: one whose answer got lost waits for a person, for a search over
    requests does not find it, and 'absent' would send it twice."""
    statuses: Mapping[str, CourseStatus] = field(default_factory=lambda: {"open": CourseStatus.UNVERIFIED, "closed": CourseStatus.DONE})
    """What its status words mean. The standard knows two: `open` says that it has been reported, `closed` that it is resolved."""
    at_once: Annotated[int, Ge(1), Le(500)] = 50
    """How many requests are asked for at once; 1 asks for each by its own address."""
    zone: Literal["WIB", "WITA", "WIT", "UTC"] = "WIB"
    """Of times that name none."""
    redeem_seconds: Annotated[float, Gt(0), Le(60)] = 10.0
    """How long a core that first gives a token is asked for the id; then the complaint is unknown."""
    redeem_every_seconds: Annotated[float, Gt(0), Le(60)] = 1.0
    """How often."""

    def __post_init__(self) -> None:
        for name in ("number_field", "rahasia_field", "anonim_field", "append_field"):
            value: str = getattr(self, name)
            if value and FORM_FIELD.fullmatch(value) is None:
                raise ValueError(f"{name}: not the name of a form field, such as attribute[nomor]")
        if self.append_path and (not self.append_path.startswith("/") or TRACKING_ID_FIELD not in self.append_path):
            raise ValueError(f"append_path: begins with / and needs {TRACKING_ID_FIELD} where the id goes")
        if self.append_lookup_url and NUMBER_FIELD not in self.append_lookup_url:
            raise ValueError(f"append_lookup_url: needs {NUMBER_FIELD} where the number goes")


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """The national core, in one of three dialects (docs/core-dialects.md); what is unknown about it (DOMAIN §3.3) is a setting."""

    dialect: Literal["addstream", "mapped", "georeport"] = "addstream"
    """addstream: XML, as the bot of 2018 spoke it. mapped: JSON by the file `mapping`. georeport: Open311, see [core.georeport]."""
    url: Annotated[str, MinLen(1)] = SHIPPED_URL
    """Of addstream the whole address; of mapped and georeport what stands before every path."""
    mapping: str = ""
    """The mapping file of the dialect `mapped`, beside gateway.toml or as a whole path; copy core-mapping.example.toml."""
    token: str = field(default="", repr=False, metadata={"secret": True})
    """The GUID in braces that the LAPOR team issues; from the secrets only."""
    callback_key: str = field(default="", repr=False, metadata={"secret": True})
    """What the core signs its callbacks with, where the mapping has any; from the secrets only."""
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
    georeport: GeoReportSettings = field(default_factory=GeoReportSettings)
    supplements: Literal["send", "desk"] = "send"
    """What a citizen adds to a case goes to the core behind it, or waits for a person: where officers there want to see it first."""
    follow_minutes: Annotated[float, Gt(0), Le(10_080)] = 60.0
    """A filed complaint is asked for after so long, and after so long again for each day of its age, a day at most. Only where the
    dialect can ask."""

    def __post_init__(self) -> None:
        for name in ("url", "probe_url", "lookup_url"):
            value: str | None = getattr(self, name)
            if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
                raise ValueError(f"{name}: not an http or https address")
        if not (self.token.isprintable() and self.callback_key.isprintable()):
            raise ValueError("the secret core_token or core_callback_key holds a line break or another control character")
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
