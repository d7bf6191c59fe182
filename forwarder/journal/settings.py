"""The journal's settings: each with its unit, its bounds and the reason for its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len

from forwarder.journal.number import LETTERS

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How the journal keeps, finds and forgets. All have defaults that suit one gateway on one disk."""

    gateway_letter: Annotated[str, Len(1, 1)] = "A"
    """Second character of every complaint number: tells gateways apart, so numbers never clash. One of A to Z without I, L and O."""

    ack_after: Literal["disk", "mirror"] = "disk"
    """When an operator hears yes: after this disk's sync, or after that and the mirror's ([mirror]), which are waited for side by side."""

    answer_doubt_seconds: Annotated[float, Ge(0), Le(3600)] = 60.0
    """An answer written this shortly before a connection or the process ended may not have arrived; above an operator's response timer."""

    segment_timeout_seconds: Annotated[float, Ge(60), Le(86_400)] = 1800.0
    """A long message still incomplete after this is filed as it is; Kannel waits as long. Operators may set their own."""

    segment_timeout_by_operator: Mapping[str, Annotated[float, Ge(60), Le(86_400)]] = field(default_factory=dict)
    """Seconds per operator, where it differs."""

    segment_seen_seconds: Annotated[float, Ge(0), Le(3600)] = 60.0
    """This process must have watched a set this long before it gives up on it: parts may wait at the operator while we were down."""

    late_seconds: Annotated[float, Ge(60), Le(604_800)] = 86_400.0
    """A part later than this after the first belongs to another message: phones count references up to 255 and begin again."""

    tombstone_days: Annotated[int, Ge(1), Le(90)] = 7
    """So long is a closed set and a message's digest remembered, to know a redelivery; above every operator's retry period."""

    sets_per_sender_max: Annotated[int, Ge(1), Le(1000)] = 20
    """Open long messages of one sender; above it the oldest is filed as it is, so that a flood cannot fill the table."""

    sets_max: Annotated[int, Ge(1), Le(10_000_000)] = 100_000
    """Open long messages in all; above it the oldest is filed as it is."""

    posts_per_author_hour_max: Annotated[int, Ge(1), Le(1000)] = 5
    """Complaints of one author on X or of one app's user in an hour; more are held for a person, without an answer."""

    posts_same_words_max: Annotated[int, Ge(1), Le(1000)] = 5
    """So many other authors with the same words within a day make a flood: what comes after is held for a person."""

    replies_per_day_max: Annotated[int, Ge(1), Le(10_000)] = 20
    """SMS to one number and day (WIB); more is a loop or a prank, and each costs money."""

    news_settle_minutes: Annotated[float, Ge(0), Le(1440)] = 10.0
    """News from the core waits this long, so that an officer's slip is taken back unseen, and an answer and the closing are one SMS."""

    news_per_day_max: Annotated[int, Ge(1), Le(100)] = 2
    """News of one case on one day; what is more goes out on the next, as one message. A citizen reads few of many."""

    news_per_case_max: Annotated[int, Ge(1), Le(1000)] = 8
    """News of one case in all: twice the steps that a case has. What is more is not sent; `desk show` lists it."""

    news_silence_days: Annotated[int, Ge(1), Le(3650)] = 60
    """News ends when the citizen has not written for so long: numbers are given to others, and the hardest case may take as long."""

    quiet_from: str = "21:00"
    """From this time of day in the complaint's region no SMS goes out, but an answer to one of the last 10 minutes and what tells of
    danger; what is due waits for quiet_to."""

    quiet_to: str = "06:00"
    """Until this time of day; the same as quiet_from: no quiet hours."""

    queue_rows_max: Annotated[int, Ge(100), Le(1_000_000)] = 20_000
    """Rows waiting for the writer; above it operators hear "later" at once instead of waiting in memory."""

    commit_rows_max: Annotated[int, Ge(1), Le(100_000)] = 2_000
    """Rows in one transaction: bounds how long the last of them waits."""

    heartbeat_seconds: Annotated[float, Ge(0.1), Le(60)] = 2.0
    """An idle journal notes this often that it is alive; after a crash it says when we died."""

    wal_octets_max: Annotated[int, Ge(4_194_304), Le(4_294_967_296)] = 67_108_864
    """Write-ahead log; above it the writer itself empties it into the file. 64 MB is about a minute at full speed."""

    checkpoint_octets: Annotated[int, Ge(1_048_576), Le(1_073_741_824)] = 8_388_608
    """From this size on a second thread copies the log into the file, beside the writer, so that no answer waits for it."""

    backup_log_octets_max: Annotated[int, Ge(4_194_304), Le(17_179_869_184)] = 268_435_456
    """While a backup copies, the write-ahead log cannot be emptied; a backup that is slower than this much of it is given up. 256 MB."""

    free_octets_min: Annotated[int, Ge(0)] = 268_435_456
    """Below this free space nothing new is taken (operators hear "later"); what is here can still be settled. 256 MB."""

    check_background_octets: Annotated[int, Ge(0)] = 67_108_864
    """A file above this is checked in the background after the start; a smaller one before it (about 0.2 s)."""

    retry_seconds: Annotated[float, Ge(0.01), Le(60)] = 1.0
    """After a disk error the journal is reopened at most this often."""

    raw_days: Annotated[int, Ge(1), Le(3650)] = 14
    """Raw PDUs: long enough to dispute a message with an operator, no longer."""

    text_days: Annotated[int, Ge(1), Le(3650)] = 365
    """Citizens' texts after their complaint is settled; the core keeps the complaint itself."""

    number_days: Annotated[int, Ge(1), Le(3650)] = 180
    """Citizens' numbers after their complaint is settled; later replies are the core's."""

    audit_days: Annotated[int, Ge(0), Le(36_500)] = 0
    """Rows of the audit; 0: for ever. Its chain is cut at the beginning alone, and a row says so."""

    refusal_days: Annotated[int, Ge(1), Le(3650)] = 90
    """Rows about a "no" that we gave an operator."""

    delivery_days: Annotated[int, Ge(1), Le(3650)] = 14
    """Operators' message ids of our replies, and receipts that match nothing."""

    purge_rows: Annotated[int, Ge(1), Le(100_000)] = 500
    """Rows per purge transaction, so that answers do not wait for the cleaning."""

    def __post_init__(self) -> None:
        """ValueError for a time of day that is none."""
        for name in ("quiet_from", "quiet_to"):
            if _CLOCK.fullmatch(getattr(self, name)) is None:
                raise ValueError(f'{name} must be a time of day from "00:00" to "24:00"')

    @property
    def waking_minutes(self) -> tuple[int, int] | None:
        """(from, until) minutes of the day in which SMS go out; None: at any time."""
        opens, closes = _minutes(self.quiet_to), _minutes(self.quiet_from)
        return None if opens == closes else (opens, closes)

    def problems(self) -> list[str]:
        """What one bound cannot say: empty when the settings agree with each other."""
        found = []
        if self.gateway_letter not in LETTERS:
            found.append(f"gateway_letter must be one of {LETTERS}")
        if self.checkpoint_octets >= self.wal_octets_max:
            found.append("checkpoint_octets must be below wal_octets_max")
        if (hours := self.waking_minutes) is not None and hours[0] > hours[1]:
            found.append(
                "quiet_to must be earlier in the day than quiet_from: people sleep over midnight; the same time for no quiet hours"
            )
        return found


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return 60 * int(hour) + int(minute)
