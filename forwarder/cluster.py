"""One gateway among several: it beats each second, tells what its journal changed, and tells it all again to a Redis that was emptied.

Intake never waits for any of this: the journal says after each commit which rows changed, and one task works them off. While Redis is
away their ids wait here; when there are too many, everything is told again instead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forwarder.case_index import DAY_MS, CaseIndex
from forwarder.cluster_settings import ClusterSettings
from forwarder.core_share import CoreShare
from forwarder.epoch import BEAT_SECONDS, Epoch, Heard
from forwarder.halves import JOINED_SECONDS, Halves, Spans
from forwarder.index import Index
from forwarder.journal import Journal, JournalSettings, Sealer
from forwarder.lease import Lease
from forwarder.lifecycle import ComplaintState
from forwarder.shared import Shared, SharedDown
from parsers.errors import JournalError
from parsers.model import Segment

FORGOTTEN = "cluster/forgotten"  # the journal's cursor that names them
FRESH_SECONDS = 5.0  # what was heard of the others so long ago says nothing about now
PENDING_MAX = 50_000  # changed rows that wait for Redis; above it all is told again
AGAIN_SECONDS = 1.0
GATHER_SECONDS = 0.05  # changes of so long are told together
BREATH_SECONDS = 0.005  # between two slices of a replay: the messages' turn
NEWEST = 1 << 62

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Redis, this gateway's journal, the key of all gateways, clocks (UTC ms, monotonic seconds), and words that nobody else draws."""

    shared: Shared
    journal: Journal
    seals: Sealer
    clock: Callable[[], int]
    monotonic: Callable[[], float]
    token: Callable[[], str]


@dataclass(slots=True)
class Pending:
    """What changed in the journal and was not told yet, by ids; `lost` says that there was too much to remember."""

    complaints: set[int] = field(default_factory=set)
    sets: set[int] = field(default_factory=set)
    lost: bool = False

    def add(self, complaints: frozenset[int], sets: frozenset[int]) -> None:
        """After a commit."""
        self.complaints |= complaints
        self.sets |= sets
        if len(self.complaints) + len(self.sets) > PENDING_MAX:
            self.complaints.clear()
            self.sets.clear()
            self.lost = True


class Cluster:
    """The other gateways, as one gateway sees them. `accept` stores segments that came to another one, as if they had come here."""

    def __init__(
        self,
        around: Surroundings,
        settings: ClusterSettings,
        journal: JournalSettings,
        *,
        hold_seconds: float,
        accept: Callable[[Sequence[Segment]], Awaitable[bool]],
    ) -> None:
        letter = journal.gateway_letter
        timeout = max([journal.segment_timeout_seconds, *journal.segment_timeout_by_operator.values()])
        spans = Spans(timeout * 2 + journal.late_seconds, journal.late_seconds, settings.handover_seconds)
        shared, seals = around.shared, around.seals
        self.settings = settings
        self.letter = letter
        self.down: str | None = "Redis was not asked yet"
        self.replays = 0
        self.told = 0
        """Rows told to the others since the start."""
        self.forgotten: frozenset[str] = frozenset()
        self.epoch = Epoch(shared, seals, letter=letter, token=around.token)
        self.share = CoreShare(shared, letter=letter, hold_seconds=hold_seconds)
        self.cases = CaseIndex(shared, seals, letter=letter, days=settings.case_days, clock=around.clock)
        self.halves = Halves(shared, around.journal.sharing, seals, letter=letter, spans=spans, accept=accept)
        self.index = Index(
            shared,
            around.journal.sharing,
            seals,
            letter=letter,
            seconds=journal.tombstone_days * DAY_MS / 1000,
            waits_for=lambda: "".join(self.required),
            lost=lambda: self.forgotten,
            monotonic=around.monotonic,
        )
        self._around = around
        self._since_ms = around.clock()
        self._tombstone_ms = journal.tombstone_days * DAY_MS
        self._late_ms = round(journal.late_seconds * 1000)
        self._heard: Heard | None = None
        self._heard_at = 0.0
        self._told_token: str | None = None
        self._pending = Pending()
        self._telling = False
        self._changed = asyncio.Event()
        self._new_epoch = asyncio.Event()

    @property
    def required(self) -> tuple[str, ...]:
        """The gateways without whose word the index is not whole."""
        return tuple(sorted(set(self.settings.gateways) - self.forgotten | {self.letter}))

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The gateways of which the index still waits to hear; all of them while Redis cannot be asked."""
        heard = self._now_heard()
        return self.required if heard is None else tuple(one for one in self.required if one not in heard.replayed)

    @property
    def pending(self) -> int:
        """Changed rows that the others were not told of yet."""
        return len(self._pending.complaints) + len(self._pending.sets)

    @property
    def may_expire(self) -> bool:
        """Whether a long message that misses a part may be given up: no other gateway can have its rest without our knowing."""
        heard = self._now_heard()
        behind = self._pending.sets or self._pending.lost or self._telling
        return heard is not None and heard.token == self._told_token and not behind and not self.waits_for

    def lease(self) -> Lease:
        """The claim to be the one reader of X."""
        around, seconds = self._around, self.settings.lease_seconds
        name = f"{self.letter}:{around.token()}"
        return Lease(around.shared, around.seals, name=name, seconds=seconds, monotonic=around.monotonic)

    async def begin(self) -> None:
        """Before the first door opens."""
        loop = asyncio.get_running_loop()
        self.forgotten = frozenset(await self._around.journal.feed.cursor(FORGOTTEN) or "")

        def changed(complaints: frozenset[int], sets: frozenset[int]) -> None:
            loop.call_soon_threadsafe(self._note, complaints, sets)

        await self._around.journal.sharing.begin(self._around.seals, changed)

    async def run(self) -> None:
        """Until cancelled."""
        self._told_token = None  # what this process told before it broke off may be half
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_beating(), name="cluster beat")
            tasks.create_task(self._keep_telling(), name="cluster feed")
            tasks.create_task(self._keep_replaying(), name="cluster replay")

    async def beat(self) -> None:
        """We live; what the others left for us is looked at. SharedDown, JournalError."""
        heard = await self.epoch.beat(await self._facts(), self.forgotten)
        self._heard, self._heard_at = heard, self._around.monotonic()
        if heard.token != self._told_token:
            self._new_epoch.set()
        if heard.forgotten != self.forgotten:
            await self._forget(heard.forgotten)
        await self.halves.look()

    async def tell(self) -> None:
        """Tell what changed since. SharedDown, JournalError: it is told later."""
        while self._pending.complaints or self._pending.sets:
            most = self.settings.replay_rows
            complaints, sets = sorted(self._pending.complaints)[:most], sorted(self._pending.sets)[:most]
            self._pending.complaints.difference_update(complaints)
            self._pending.sets.difference_update(sets)
            self._telling = True
            try:
                await self.halves.tell(sets)
                await self._tell_claims(complaints)
                await self.cases.tell(await self._around.journal.sharing.standings(complaints))
            except BaseException:
                self._pending.add(frozenset(complaints), frozenset(sets))
                raise
            finally:
                self._telling = False
            self.told += len(complaints) + len(sets)

    async def replay(self) -> bool:
        """Tell everything of the window: long messages and claims first, without which nobody files; then the cases.

        False when the epoch ended meanwhile. SharedDown, JournalError: once more from the start.
        """
        if self._heard is None:
            return False
        token, self._pending.lost = self._heard.token, False
        await self._replay_sets()
        await self._replay_complaints(self._tombstone_ms, self._tell_claims)
        await self.index.tell(self.index.recent())
        if not await self.epoch.replayed(token):
            return False
        self._told_token = token
        if self._heard.token == token:
            self._heard = replace(self._heard, replayed=self._heard.replayed | {self.letter})
        self.replays += 1
        await self._replay_complaints(self.settings.case_days * DAY_MS, self._tell_cases)
        return True

    async def forget(self, letter: str) -> bool:
        """A gateway that never comes back: the index is whole without it. False when it lives."""
        if not await self.epoch.forget(letter):
            return False
        await self.share.forget(letter)
        await self._forget(self.forgotten | {letter})
        return True

    def _note(self, complaints: frozenset[int], sets: frozenset[int]) -> None:
        self._pending.add(complaints, sets)
        self._changed.set()
        if self._pending.lost:
            self._new_epoch.set()

    def _now_heard(self) -> Heard | None:
        return self._heard if self._around.monotonic() - self._heard_at <= FRESH_SECONDS else None

    async def _facts(self) -> Mapping[str, object]:
        journal = self._around.journal
        return {
            "since_ms": self._since_ms,
            "unknown": journal.tally.get(ComplaintState.UNKNOWN, 0),
            "ready": journal.tally.get(ComplaintState.READY, 0),
            "open_sets": await journal.sharing.open_sets(),
            "duplicates": self.index.duplicates,
            "taken": self.halves.taken,
            "linked": self.halves.linked,
        }

    async def _forget(self, letters: frozenset[str]) -> None:
        for letter in sorted(letters - self.forgotten):
            left = await self._around.journal.sharing.lose_gateway(letter)
            log.warning("a gateway is forgotten: the index is whole without it", extra={"gateway": letter, "left_to_it": left})
        await self._around.journal.feed.keep_cursor(FORGOTTEN, "".join(sorted(letters)))
        self.forgotten = letters

    async def _keep_beating(self) -> None:
        while True:
            try:
                await self.beat()
            except (SharedDown, JournalError) as error:
                if self.down is None:
                    log.warning("the other gateways cannot be reached; messages are taken, filing waits", extra={"cause": str(error)})
                self.down = str(error)
            else:
                if self.down is not None:
                    log.info("the other gateways can be reached")
                self.down = None
            await asyncio.sleep(BEAT_SECONDS)

    async def _keep_telling(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._changed.clear()
            try:
                await self.tell()
            except (SharedDown, JournalError):  # the beat says so
                self._changed.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _keep_replaying(self) -> None:
        while True:
            await self._new_epoch.wait()
            self._new_epoch.clear()
            try:
                if self._told_token is not None:
                    log.warning("Redis was emptied or is another one; all is told again")
                if not await self.replay():
                    self._new_epoch.set()
                    await asyncio.sleep(AGAIN_SECONDS)
            except (SharedDown, JournalError):
                self._new_epoch.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _replay_sets(self) -> None:
        now, after = self._around.clock(), 0
        since = {"timed_out_since_ms": now - self._late_ms, "joined_since_ms": now - JOINED_SECONDS * 1000}
        while ids := await self._around.journal.sharing.recent_sets(after, self.settings.replay_rows, **since):
            await self.halves.tell(ids)
            after = ids[-1]
            await asyncio.sleep(BREATH_SECONDS)

    async def _replay_complaints(self, window_ms: int, tell: Callable[[Sequence[int]], Awaitable[None]]) -> None:
        since, before = self._around.clock() - window_ms, NEWEST
        while rows := await self._around.journal.sharing.walk(before, self.settings.replay_rows):
            await tell([number for number, _ in rows])
            before = rows[-1][0]
            if max(received for _, received in rows) < since:
                return
            await asyncio.sleep(BREATH_SECONDS)

    async def _tell_claims(self, ids: Sequence[int]) -> None:
        await self.index.tell((await self._around.journal.sharing.claimed(ids)).values())

    async def _tell_cases(self, ids: Sequence[int]) -> None:
        await self.cases.tell(await self._around.journal.sharing.standings(ids))
