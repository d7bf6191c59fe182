"""Where batches are handed over: what a gateway needs to deal with workers, and to agree with other gateways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from forwarder.doorbell import Doorbell
from forwarder.handover import Parcelled
from forwarder.journal import Unheard
from forwarder.pacing import BreakerState
from forwarder.queue_settings import QueueSettings
from forwarder.records import Filing
from forwarder.shared import Shared


class Share(Protocol):
    """The core's window, parted among batches, and what is believed of the core. Every method may raise SharedDown."""

    async def take(self, batch: str, want: int) -> int:
        """How many complaints of a batch may be in flight, at most `want`; 0: none now."""

    async def free(self, batch: str) -> None:
        """The batch is over."""

    async def publish(self, window: int, breaker: str) -> None:
        """Said each second: what this gateway would have on its way, and how its breaker stands."""

    async def others(self) -> tuple[int, str]:
        """(least window, worst breaker) of the other gateways."""

    async def may_probe(self) -> bool:
        """Whether this gateway may probe the core now."""


class Index(Protocol):
    """What the gateways of one site must agree on before anything is sent."""

    async def claim(self, filings: Sequence[Filing]) -> Mapping[int, str | None]:
        """Complaint id → None where it is ours, else the number of the same complaint at another gateway. SharedDown: not now."""


class WorkersJournal(Protocol):
    """What is asked of the journal about workers (forwarder.journal.Journal.workers)."""

    async def unheard(self, limit: int) -> list[Unheard]:
        """Unknown complaints whose worker has not spoken yet."""


class LocalShare:
    """The window of this gateway alone."""

    def __init__(self, window: Callable[[], int]) -> None:
        self._window = window
        self._taken: dict[str, int] = {}

    async def take(self, batch: str, want: int) -> int:
        """What is left of the window, at most `want`; asked again for the same batch, the answer takes the place of the one before."""
        others = sum(count for name, count in self._taken.items() if name != batch)
        given = max(0, min(want, self._window() - others))
        if given:
            self._taken[batch] = given
        else:
            self._taken.pop(batch, None)
        return given

    async def free(self, batch: str) -> None:
        """The batch is over."""
        self._taken.pop(batch, None)

    async def publish(self, window: int, breaker: str) -> None:
        """There is nobody to tell."""

    async def others(self) -> tuple[int, str]:
        """There is nobody else."""
        return self._window(), BreakerState.CLOSED.value

    async def may_probe(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Yard:
    """Where batches are handed over: this gateway's letter, a word for this run that no other has, and the way to the workers."""

    gateway: str
    life: str
    settings: QueueSettings
    parcels: Parcelled
    shared: Shared
    doorbell: Doorbell
    workers: WorkersJournal
    index: Index | None = None
    share: Share | None = None
    hold: Callable[[], str | None] = lambda: None
    """Why nothing may be offered now, for people: the other gateways have not told what they have."""
