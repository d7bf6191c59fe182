"""Two gateways' journals in one process, and a Valkey between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from forwarder.epoch import Epoch
from forwarder.index import Index
from forwarder.journal import Journal, JournalSettings, Sealer, numbering
from forwarder.records import Arrival, Filing, Verdict
from forwarder.shared import Shared
from parsers.model import Concat, Segment
from tests.journal.people import Composer, Time, segment
from tests.valkey import KEY, Valkey

SEALS = Sealer(bytes.fromhex(KEY))
WEEK_SECONDS = 604_800


@dataclass
class Place:
    """One gateway: a journal with a master key of its own, and its view of the shared index."""

    folder: Path
    letter: str
    shared: Shared
    time: Time = field(default_factory=Time)
    waits_for: str = ""
    changed: list[tuple[frozenset[int], frozenset[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.settings = JournalSettings(gateway_letter=self.letter, heartbeat_seconds=60)
        self.sealer = Sealer(f"the master key of gateway {self.letter}, no secret".encode())
        self.composer = Composer(numbering(self.sealer, self.settings))
        self.journal: Journal = self._opened()
        self.index = self.new_index()
        self.epoch = Epoch(self.shared, SEALS, letter=self.letter, token=lambda: f"token of {self.letter}")

    def _opened(self) -> Journal:
        return Journal.open(
            self.folder / "journal.db",
            sealer=self.sealer,
            settings=self.settings,
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            composer=self.composer,
            free=lambda _: 1 << 40,
        )

    def new_index(self) -> Index:
        return Index(
            self.shared,
            self.journal.sharing,
            SEALS,
            letter=self.letter,
            seconds=WEEK_SECONDS,
            waits_for=lambda: self.waits_for,
            monotonic=self.time.monotonic,
        )

    async def begin(self) -> None:
        await self.journal.sharing.begin(SEALS, lambda complaints, sets: self.changed.append((complaints, sets)))

    async def take(self, text: str, source: str = "6281234567789", **changes: object) -> Verdict:
        one = segment(text, source, received_ms=self.time.ms, **changes)
        composed = self.composer.whole(self.journal.next_message_id(), self.journal.next_complaint_id(), one)
        return (await self.journal.accept([Arrival(one, composed=composed)]))[0]

    async def take_parts(self, *parts: Segment) -> list[Verdict]:
        return await self.journal.accept([Arrival(replace(one, received_ms=self.time.ms), concat=one.sar) for one in parts])

    async def ready(self) -> Sequence[Filing]:
        return await self.journal.ready(1_000, self.time.ms + 1_000_000)


def part(text: str, number: int, total: int = 2, reference: int = 44, source: str = "6281234567789", **changes: object) -> Segment:
    """One part of a long message, by its SAR parameters."""
    return segment(text, source, **{"sar": Concat(reference, total, number), **changes})


def place(folder: Path, letter: str, server: Valkey) -> Place:
    return Place(folder / letter, letter, Shared(server.settings()))
