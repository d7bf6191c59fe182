"""The batches a gateway has out: offered to anybody, granted to one worker, or over. Pure; the time comes in.

A batch is granted once or never. What was not granted may be dropped at any moment and its complaints offered again in another batch:
whoever asks for the old one hears no.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from forwarder.handover import batch_name
from forwarder.records import Filing


@dataclass(slots=True)
class Batch:
    """Some complaints under one name. `open` are those a worker was granted and has not spoken of; times are monotonic seconds."""

    name: str
    rows: dict[int, Filing]
    offered_at: float
    worker: str | None = None
    granted_at: float = 0.0
    asked_at: float = 0.0
    slots: int = 0
    open: set[int] = field(default_factory=set)


class Batches:
    """What is out. `life` is a word that no other run of any gateway has: it makes every name unique."""

    def __init__(self, gateway: str, life: str) -> None:
        self._gateway, self._life = gateway, life
        self._numbers = itertools.count(1)
        self._out: dict[str, Batch] = {}

    def __len__(self) -> int:
        return len(self._out)

    def get(self, name: str) -> Batch | None:
        """A batch that is out."""
        return self._out.get(name)

    def offer(self, filings: Sequence[Filing], now: float, now_ms: int) -> Batch:
        """Give these a name."""
        name = batch_name(self._gateway, self._life, now_ms, next(self._numbers))
        batch = Batch(name, {filing.complaint_id: filing for filing in filings}, now)
        self._out[batch.name] = batch
        return batch

    def end(self, batch: Batch) -> None:
        """It is over, or dropped; saying so twice changes nothing."""
        self._out.pop(batch.name, None)

    def offered(self, *, before: float = float("inf")) -> list[Batch]:
        """Those nobody was granted, offered before a time."""
        return [batch for batch in self._out.values() if batch.worker is None and batch.offered_at < before]

    def granted(self, *, before: float = float("inf")) -> list[Batch]:
        """Those a worker has, granted before a time."""
        return [batch for batch in self._out.values() if batch.worker is not None and batch.granted_at < before]

    def silent(self, now: float, seconds: float) -> Iterator[Batch]:
        """Granted ones whose worker should be asked again; each is asked once in so many seconds."""
        for batch in self.granted(before=now - seconds):
            if batch.open and now - batch.asked_at >= seconds:
                batch.asked_at = now
                yield batch
