"""What filing is to the rest of the house: the Dispatcher, how it stands, whom it tells, and what it asks of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from forwarder.journal import Grant, Settled, Settlement
from forwarder.lifecycle import ComplaintState
from forwarder.pacing import BreakerState
from forwarder.records import Filing
from forwarder.room import Shelf

Fact = str | int | float | bool | None


class FilingJournal(Shelf, Protocol):
    """What the dispatcher asks of the journal (forwarder.journal.Journal)."""

    @property
    def tally(self) -> Mapping[ComplaintState, int]:
        """Complaints by state as of the last commit."""

    async def start_filing(self, items: Sequence[tuple[int, int]], grant: Grant | None = None) -> set[int]:
        """Ready → sending for (complaint id, attempt), by the worker of `grant`; the ids that moved."""

    async def settle(self, results: Sequence[Settlement]) -> list[Settled]:
        """Write down what the core answered."""


class Tell(Protocol):
    """Whoever watches: event names and facts, never a citizen's words."""

    def __call__(self, event: str, /, **facts: Fact) -> None:
        """One step of one complaint, or of the core."""


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """How filing stands. `stopped_by` says in words why nothing goes, None while it does; `counts` since the start of the process."""

    breaker: BreakerState
    stopped_by: str | None
    window: int
    in_flight: int
    unsettled: int
    waiting: int
    backlog: bool
    unknown_open: int
    probe_in_seconds: float | None
    last_filed_ms: int | None
    counts: Mapping[str, int]


class Dispatcher(Protocol):
    """Takes what is ready and sees to it that it is filed once: `inline` here, `rq` over many machines."""

    def offer(self, filings: Sequence[Filing]) -> None:
        """These are in the journal and ready; they may be taken now or read from it later."""

    def forget(self, complaint_ids: Iterable[int]) -> None:
        """A person changed these: what is held in memory of them is stale."""

    def wake(self) -> None:
        """Something became ready in the journal by another way."""

    def pause(self, reason: str) -> None:
        """Start nothing until `resume`."""

    def resume(self) -> None:
        """Start again; an open breaker is probed at once."""

    def status(self) -> DispatchStatus:
        """How it stands now."""

    async def run(self) -> None:
        """Until `stop`."""

    async def stop(self) -> None:
        """Finish what is in flight, within the limit; then `run` returns."""
