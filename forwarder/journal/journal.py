"""The journal as the rest of the house sees it: what is awaited here is on disk when the wait ends.

Hashing and sealing happen in the caller's thread; one writer thread commits, one reader thread reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Self

from forwarder.journal.orders import (
    Case,
    CaseState,
    Counts,
    Hand,
    Health,
    Moved,
    Opening,
    Purged,
    Refused,
    ReplyResult,
    Report,
    Salvaged,
    Settled,
    Settlement,
    Waiting,
)
from forwarder.journal.seal import Sealer
from forwarder.journal.settings import JournalSettings
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Arrival, Composed, Composer, Filing, ReplyJob, Verdict
from parsers.model import Decision

Clock = Callable[[], int]


class Journal:
    """The durable truth of one gateway. Every `async` method raises JournalError when it could not be done (JournalFull: no space)."""

    opening: Opening

    @classmethod
    def open(
        cls, path: Path, *, sealer: Sealer, settings: JournalSettings, clock: Clock, composer: Composer, vfs: str = ""
    ) -> Self:
        """Open or begin the journal at `path`; blocks.

        JournalLocked when another process has it, JournalError when the disk, the file or the key is not fit. A corrupt file is set
        aside and a new one begun, with filing paused (see `opening.set_aside`). `clock` gives UTC milliseconds.
        """
        raise NotImplementedError

    composer: Composer
    """May be replaced when new tables are installed."""

    def next_message_id(self) -> int:
        """A message id never given before."""
        raise NotImplementedError

    def next_complaint_id(self) -> int:
        """A complaint id never given before."""
        raise NotImplementedError

    def number_of(self, complaint_id: int) -> str:
        """The complaint number of an id; also available before the journal is open: Numbering(sealer.derived("number"), letter)."""
        raise NotImplementedError

    @property
    def tally(self) -> Mapping[ComplaintState, int]:
        """Complaints by state as of the last commit; costs nothing."""
        raise NotImplementedError

    def health(self) -> Health:
        """How the journal does now; never blocks."""
        raise NotImplementedError

    # -- arrivals

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        """Store arrivals; a verdict each, in their order. JournalError when nothing could be stored."""
        raise NotImplementedError

    async def expire_sets(self, now_ms: int) -> list[Verdict]:
        """File long messages that are incomplete for too long, as they are."""
        raise NotImplementedError

    async def begin_session(self, operator: str, bind: str) -> int:
        """A connection is bound; the number names it in its Segments."""
        raise NotImplementedError

    async def end_session(self, session: int) -> None:
        """The connection is gone."""
        raise NotImplementedError

    def note_late(self, session: int, received_ms: Sequence[int]) -> None:
        """Answers to these arrivals (by `received_ms`) came late: a copy will be a redelivery. Stored soon, not awaited."""
        raise NotImplementedError

    def note_refusal(self, refusal: Refused) -> None:
        """Keep a row of a "no" that we gave an operator. Stored soon, not awaited."""
        raise NotImplementedError

    # -- filing

    async def start_filing(self, items: Sequence[tuple[int, int]]) -> set[int]:
        """Mark (complaint id, attempt) as `sending`, charging the attempt; returns the ids that moved: only these may be sent."""
        raise NotImplementedError

    async def settle(self, results: Sequence[Settlement]) -> list[Settled]:
        """Store what the core answered, and the reply that tells the citizen, in one transaction; in the order given."""
        raise NotImplementedError

    async def note_absent(self, complaint_id: int, *, settling_ms: int) -> bool:
        """A look-up found nothing for an `unknown`; said twice, `settling_ms` apart, it is ready again (True)."""
        raise NotImplementedError

    async def note_found(self, complaint_id: int, tracking_id: str) -> Settled:
        """A look-up found an `unknown` (or parked, held) complaint at the core: filed."""
        raise NotImplementedError

    async def ready(self, limit: int, now_ms: int, exclude: Set[int] = frozenset()) -> list[Filing]:
        """What is ready to be filed now, oldest first, without the ids of `exclude`."""
        raise NotImplementedError

    async def unknown(self, limit: int) -> list[Filing]:
        """What is `unknown`, oldest first: for look-ups, never for sending."""
        raise NotImplementedError

    # -- replies

    async def start_replies(self, limit: int, now_ms: int) -> list[ReplyJob]:
        """Mark due replies as `sending` and return them; those above a number's daily cap become `none`."""
        raise NotImplementedError

    async def settle_replies(self, results: Sequence[ReplyResult]) -> None:
        """Store what became of replies that were started."""
        raise NotImplementedError

    async def note_delivery(self, reports: Sequence[Report]) -> int:
        """Store delivery receipts; returns how many belong to a reply of ours (the rest is kept: they may come first)."""
        raise NotImplementedError

    # -- reading

    async def counts(self) -> Counts:
        """What the journal holds."""
        raise NotImplementedError

    async def waiting(self, *, state: ComplaintState | None = None, reason: str | None = None, limit: int = 100) -> list[Waiting]:
        """What waits for a person, oldest first: held, parked, unknown, and what needs attention though it is settled."""
        raise NotImplementedError

    async def case(self, number: str) -> Case | None:
        """Everything about one complaint, by our number or the core's tracking id."""
        raise NotImplementedError

    async def case_of(self, reporter_value: str, number: str | None = None) -> CaseState | None:
        """A complaint of this reporter: by number, or the newest. None for another's: a stranger learns nothing."""
        raise NotImplementedError

    async def by_reporter(self, reporter_value: str, limit: int = 100) -> list[Waiting]:
        """The complaints of one number, newest first, found by its keyed hash."""
        raise NotImplementedError

    async def raw(self, number: str) -> list[bytes]:
        """The raw PDUs of a complaint, while they are kept."""
        raise NotImplementedError

    # -- the desk

    async def release(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Held → ready."""
        raise NotImplementedError

    async def hold(self, numbers: Sequence[str], reason: HeldReason, by: Hand) -> list[Moved]:
        """Ready or held → held for `reason`."""
        raise NotImplementedError

    async def settle_filed(self, number: str, tracking_id: str, by: Hand) -> Moved:
        """A person found it at the core: filed, the citizen hears it."""
        raise NotImplementedError

    async def resend(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Parked, unknown or closed → ready: a person says that it may be sent again."""
        raise NotImplementedError

    async def close_cases(self, numbers: Sequence[str], by: Hand) -> list[Moved]:
        """Settled without filing; nothing is erased."""
        raise NotImplementedError

    async def reroute(self, number: str, decision: Decision, instansi_name: str, by: Hand) -> Moved:
        """Another destination; a held or parked one becomes ready with it."""
        raise NotImplementedError

    async def redecode(self, number: str, composed: Composed, by: Hand) -> Moved:
        """A new reading of an unreadable (or held) message: it takes the place of the old one and goes the normal road."""
        raise NotImplementedError

    async def note(self, number: str, by: Hand) -> Moved:
        """A person's note; clears what needed attention on a settled complaint."""
        raise NotImplementedError

    # -- housekeeping

    async def purge(self, now_ms: int) -> Purged:
        """Erase what is older than the settings say, a slice at a time."""
        raise NotImplementedError

    async def salvage(self, file: Path) -> Salvaged:
        """Bring back what can be read of a file that was set aside; filing goes on afterwards."""
        raise NotImplementedError

    async def close(self) -> None:
        """Commit what is queued, note the end of the run, release the file."""
        raise NotImplementedError
