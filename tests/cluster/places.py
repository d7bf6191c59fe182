"""Gateways' journals in one process, and a Valkey between them; each can be killed at any step it takes towards Redis."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from forwarder.cluster import Cluster, Surroundings
from forwarder.cluster_settings import ClusterSettings
from forwarder.journal import Journal, JournalSettings, Sealer, Settlement, numbering
from forwarder.lifecycle import ComplaintMove
from forwarder.records import Arrival, Filing, Kind, Verdict
from forwarder.shared import Script, Shared
from parsers import segments
from parsers.model import Concat, Segment
from tests.journal.people import Composer, Time, segment
from tests.journal.test_arrivals import crash
from tests.valkey import KEY, Valkey

SEALS = Sealer(bytes.fromhex(KEY))
CLUSTER = ClusterSettings(gateways=("A", "B"), handover_seconds=0.05, replay_rows=3)
HANDOVER_SECONDS = 0.06


class Killed(BaseException):
    """The process is gone in the middle of what it did."""


class Steps(Shared):
    """A way to Redis that counts its steps and may die before or after one of them."""

    def __init__(self, server: Valkey) -> None:
        super().__init__(server.settings())
        self.steps = 0
        self.dies_at: int | None = None
        """The number of the step; odd halves are after it: 2·n before step n, 2·n+1 behind it."""

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[str | bytes | float]) -> Any:
        self.point()
        answer = await super().run(script, keys, args)
        self.point()
        return answer

    def point(self) -> None:
        """One place where the process may die."""
        self.steps += 1
        if self.steps - 1 == self.dies_at:
            self.dies_at = None
            raise Killed


@dataclass
class Place:
    """One gateway: a journal with a master key of its own, and its view of the others."""

    folder: Path
    letter: str
    server: Valkey
    time: Time = field(default_factory=Time)
    cluster_settings: ClusterSettings = CLUSTER
    waits_for: str | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.settings = JournalSettings(gateway_letter=self.letter, heartbeat_seconds=60)
        self.sealer = Sealer(f"the master key of gateway {self.letter}, no secret".encode())
        self.composer = Composer(numbering(self.sealer, self.settings))
        self.shared = Steps(self.server)
        self.journal: Journal
        self.cluster: Cluster

    async def begin(self) -> None:
        """Start the process."""
        self.journal = Journal.open(
            self.folder / "journal.db",
            sealer=self.sealer,
            settings=self.settings,
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            composer=self.composer,
            free=lambda _: 1 << 40,
        )
        around = Surroundings(self.shared, self.journal, SEALS, self.time.clock, self.time.monotonic, secrets.token_hex)
        self.cluster = Cluster(around, self.cluster_settings, self.settings, hold_seconds=60, accept=self.accept)
        self.index, self.epoch = self.cluster.index, self.cluster.epoch
        self.index._waits_for = lambda: "".join(self.cluster.required) if self.waits_for is None else self.waits_for
        await self.cluster.begin()

    async def die(self) -> None:
        """SIGKILL, and a new start."""
        await crash(self.journal)
        await self.begin()

    async def accept(self, others: Sequence[Segment]) -> bool:
        """As the front desk does with segments of another gateway."""
        self.shared.point()
        verdicts = await self.journal.accept([Arrival(one, concat=segments.concat_of(one)) for one in others])
        self.shared.point()
        return all(verdict.error is None for verdict in verdicts)

    async def settle(self) -> None:
        """What the tasks of a running gateway do by themselves within a second or two."""
        await asyncio.sleep(0)  # what the writer told has arrived
        await self.cluster.beat()
        if self.cluster._new_epoch.is_set():
            self.cluster._new_epoch.clear()
            await self.cluster.replay()
        await self.cluster.tell()

    async def give_up(self) -> None:
        """Half an hour later: what is incomplete is filed as it is, where that is allowed."""
        self.time.pass_(2_000)
        await self.settle()
        self.time.pass_(2)
        if self.cluster.may_expire:
            await self.journal.expire_sets(self.time.ms)
        await self.settle()

    async def file(self) -> list[str]:
        """Claim what is ready and file what is ours; the texts that went to the core."""
        rows = await self.ready()
        owners = await self.index.claim(rows)
        ours = [row for row in rows if owners[row.complaint_id] is None]
        started = await self.journal.start_filing([(row.complaint_id, row.attempt) for row in ours])
        yes = [
            Settlement(row.complaint_id, row.attempt, ComplaintMove.FILED, f"{self.letter}{row.complaint_id:06}")
            for row in ours
            if row.complaint_id in started
        ]
        await self.journal.settle(yes)
        return [row.complaint.message.text for row in ours if row.complaint_id in started]

    async def take(self, text: str, source: str = "6281234567789", **changes: object) -> Verdict:
        """One SMS."""
        one = segment(text, source, received_ms=self.time.ms, **changes)
        composed = self.composer.whole(self.journal.next_message_id(), self.journal.next_complaint_id(), one)
        return (await self.journal.accept([Arrival(one, composed=composed)]))[0]

    async def take_parts(self, *parts: Segment) -> list[Kind | None]:
        """Parts of long ones; what the journal made of each."""
        arrivals = [Arrival(replace(one, received_ms=self.time.ms), concat=one.sar) for one in parts]
        return [verdict.kind for verdict in await self.journal.accept(arrivals)]

    async def ready(self) -> Sequence[Filing]:
        """What may be filed."""
        return await self.journal.ready(1_000, self.time.ms + 1_000_000)

    async def close(self) -> None:
        """Stop in order."""
        await self.journal.close()
        await self.shared.close()


def part(text: str, number: int, total: int = 2, reference: int = 44, source: str = "6281234567789", **changes: object) -> Segment:
    """One part of a long message, by its SAR parameters."""
    return segment(text, source, **{"sar": Concat(reference, total, number), **changes})


def place(folder: Path, letter: str, server: Valkey) -> Place:
    return Place(folder / letter, letter, server)
