"""A core that fails in every way of its menu, on a wire that fails too: whatever happens, nothing is filed twice and nothing is stuck.

Lanes run beside each other, each a dispatcher, a reconciler and a journal on disk before a simulated core behind a spoiling proxy
(RELIABILITY §4 C2). The certificate that expired is a row of its own: a core that cannot be trusted gets nothing. This programme speaks
addstream; core_faults_mapped and core_faults_georeport do the same in the other dialects.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from forwarder.core import dialects
from forwarder.core.contract import CoreClient, Outcome
from forwarder.core.simulator import MENU, CoreSimulator, Fault, seeded
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Journal, Settled, Settlement
from forwarder.lifecycle import ComplaintState
from forwarder.reconcile import Reconciler
from parsers.model import Complaint
from tests.core.samples import NOTHING_MORE, SHIPPED, reaching
from tests.core.test_answer_table import _certificate
from tests.faults.length import Time, pick
from tests.faults.record import record
from tests.forwarder.test_faulted_run import QUICK, QUICK_CORE, _clock
from tests.forwarder.test_filing_with_the_journal import Clocked, accepted
from tests.wire import Kind, Trouble, drawn, wired

BUDGET_SECONDS = 80
SEED = 20261128
CALLS = pick(2_000, 10_000)
ADDSTREAM = "addstream"
LANES = 24  # each of them waits most of the time
COMPLAINTS = 100  # a lane
LAST_BATCH = 0.7  # of the budget: what has begun by then ends within it
FAULTY_SHARE = 0.5  # of the core's answers
TROUBLED_SHARE = 0.1  # of the connections
LEASE_SECONDS = 60.0  # above the client's own limit nothing may be `sending`
QUIET_SECONDS = 300.0
PLANTED_QUIET_SECONDS = 3.0  # what was stored twice is never settled
CONTRADICTION = "one tracking id to two complaints"
TROUBLES = (Kind.DELAY, Kind.DRIP, Kind.CUT, Kind.RESET, Kind.HALF_CLOSE, Kind.BLACK_HOLE)
"""TLS would make a cut of what these leave out: no octet is changed or repeated on the way to the core."""


class Watched:
    """The journal, and how long each complaint was `sending`."""

    def __init__(self, journal: Journal) -> None:
        self.seconds_max = 0.0
        self._journal = journal
        self._since: dict[int, float] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    async def start_filing(self, items: Sequence[tuple[int, int]]) -> set[int]:
        moved = await self._journal.start_filing(items)
        self._since |= dict.fromkeys(moved, time.monotonic())
        return moved

    async def settle(self, results: Sequence[Settlement]) -> list[Settled]:
        settled = await self._journal.settle(results)
        for result in results:
            if (since := self._since.pop(result.complaint_id, None)) is not None:
                self.seconds_max = max(self.seconds_max, time.monotonic() - since)
        return settled


class Twice:
    """Planted: a client that sends some complaints a second time."""

    def __init__(self, client: CoreClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:
        if complaint.number.endswith(tuple("ABC")):
            await self._client.file(complaint, attempt)
        return await self._client.file(complaint, attempt)


@dataclass(slots=True)
class Found:
    """What the lanes came to."""

    calls: Counter[Fault] = field(default_factory=Counter)
    troubles: Counter[Kind] = field(default_factory=Counter)
    complaints: int = 0
    filed: int = 0
    parked: int = 0
    doubled: int = 0
    contradicted: int = 0
    """Unknown with an alarm: the core had given its tracking id to another one, and a person sees it."""
    stuck: int = 0
    """None of these in the end."""
    untrue: int = 0
    """Filed for us and not at the core, or at the core and parked for us."""
    sending_seconds_max: float = 0.0
    expired_stored: int = 0
    """What a core with an expired certificate got."""

    @property
    def good(self) -> bool:
        return not (self.doubled or self.stuck or self.untrue or self.expired_stored) and self.sending_seconds_max <= LEASE_SECONDS

    def add(self, other: Found) -> None:
        self.calls += other.calls
        self.troubles += other.troubles
        for name in ("complaints", "filed", "parked", "contradicted", "doubled", "stuck", "untrue", "expired_stored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sending_seconds_max = max(self.sending_seconds_max, other.sending_seconds_max)


def client_of(dialect: str, base: str, **settings: object) -> CoreClient:
    """A client for the core at `base`."""
    return dialects.client_of(reaching(dialect, base, **settings), NOTHING_MORE, SHIPPED, connections_max=8)


async def lane(folder: Path, seed: int, count: int, *, planted: bool = False, dialect: str = ADDSTREAM) -> Found:
    """One dispatcher before one core, until every complaint is filed or parked."""
    random, found = Random(seed), Found(complaints=count)
    choose = drawn(random, TROUBLES, after_max=1_500)
    simulator = CoreSimulator(seeded(random, FAULTY_SHARE), dialect=dialect, hang_seconds=QUICK_CORE["hang_seconds"])
    base = await simulator.start()
    port = int(base.rpartition(":")[2])
    async with wired(("127.0.0.1", port), lambda: choose() if random.random() < TROUBLED_SHARE else Trouble()) as wire:
        client = client_of(dialect, f"http://{wire.address}", **{name: QUICK_CORE[name] for name in ("connect_seconds", "answer_seconds")})
        house = Clocked(folder)
        journal = house.open()
        watched = Watched(journal)
        try:
            filings = await accepted(house, journal, count)
            async with at_work(Twice(client) if planted else client, watched, random) as dispatcher:  # type: ignore[arg-type]
                dispatcher.offer(filings)
                await quiet(journal, count, PLANTED_QUIET_SECONDS if planted else QUIET_SECONDS)
            for filing in filings:
                case = await journal.case(filing.complaint.number)
                state = case.state if case is not None else None
                stored = len(simulator.stored.get(filing.complaint.number, ()))
                found.filed += state is ComplaintState.FILED
                found.parked += state is ComplaintState.PARKED
                waits = state is ComplaintState.UNKNOWN and case is not None and case.attention is not None
                found.contradicted += waits
                found.stuck += not waits and state not in (ComplaintState.FILED, ComplaintState.PARKED)
                found.untrue += not waits and bool(stored) is not (state is ComplaintState.FILED)
        finally:
            await client.close()
            await journal.close()
            await simulator.stop()
        found.calls, found.troubles, found.doubled = simulator.calls, wire.met, len(simulator.doubled)
        found.sending_seconds_max = watched.seconds_max
    return found


@asynccontextmanager
async def at_work(client: CoreClient, journal: Watched, random: Random) -> AsyncIterator[InlineDispatcher]:
    """Dispatcher and reconciler, stopped in order at the end."""
    shared = {"monotonic": time.monotonic, "random": random.random, "tell": lambda *_, **__: None, "settled": lambda _: None}
    dispatcher = InlineDispatcher(client, journal, QUICK, clock=_clock, **shared)  # type: ignore[arg-type]
    reconciler = Reconciler(client, journal, QUICK, wake=dispatcher.wake, available=lambda: dispatcher.available, **shared)  # type: ignore[arg-type]
    running, looking = asyncio.ensure_future(dispatcher.run()), asyncio.ensure_future(reconciler.run())
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()
        looking.cancel()
        await asyncio.gather(running, looking, return_exceptions=True)


async def quiet(journal: Journal, count: int, seconds: float = QUIET_SECONDS) -> None:
    """Until all are filed, parked or a person's; not for ever."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tally = journal.tally
        settled = tally[ComplaintState.FILED] + tally[ComplaintState.PARKED]
        if settled + tally[ComplaintState.UNKNOWN] >= count:
            waiting = await journal.waiting(limit=1_000)
            settled += sum(one.state is ComplaintState.UNKNOWN and CONTRADICTION in one.reason for one in waiting)
        if settled >= count:
            return
        await asyncio.sleep(0.02)


async def expired(folder: Path, seed: int, count: int = 20, *, dialect: str = ADDSTREAM) -> Found:
    """The core's certificate has expired; later it is renewed. Nothing goes before, everything after, once."""
    found, random = Found(complaints=count), Random(seed)
    simulator = CoreSimulator(dialect=dialect)
    base = await simulator.start()
    port = int(base.rpartition(":")[2])
    old, new = (folder / name for name in ("old", "new"))
    contexts = []
    for where, days in ((old, -1), (new, 1)):
        where.mkdir()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*_certificate(where, days))
        contexts.append(context)
    (folder / "ca.pem").write_bytes((old / "core.pem").read_bytes() + (new / "core.pem").read_bytes())
    house = Clocked(folder)
    journal = house.open()
    async with wired(("127.0.0.1", port)) as wire:
        await wire.stop_listening()
        await wire.start(contexts[0])
        limits = {"connect_seconds": 1.0, "answer_seconds": 3.0}
        client = client_of(dialect, f"https://localhost:{wire.port}", ca=folder / "ca.pem", **limits)
        filings = await accepted(house, journal, count)
        async with at_work(client, Watched(journal), random) as dispatcher:
            dispatcher.offer(filings)
            await asyncio.sleep(1.0)
            found.expired_stored = len(simulator.stored)
            await wire.stop_listening()
            await wire.start(contexts[1])
            await quiet(journal, count)
        found.filed, found.doubled = journal.tally[ComplaintState.FILED], len(simulator.doubled)
        found.stuck = count - found.filed
        await client.close()
        await journal.close()
        await simulator.stop()
    return found


async def run(
    folder: Path,
    *,
    seed: int,
    calls: int,
    lanes: int = LANES,
    count: int = COMPLAINTS,
    planted: bool = False,
    dialect: str = ADDSTREAM,
    limit: Time | None = None,
) -> Found:
    """Lanes beside each other, as often as it takes to have so many calls; fewer where the time is up before."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's side of a refused handshake
    (folder / "expired").mkdir()
    found, batch = await expired(folder / "expired", seed, dialect=dialect), 0
    while found.calls.total() < calls and not (limit is not None and limit.up):
        folders = [folder / f"{batch}-{number}" for number in range(lanes)]
        for one in folders:
            one.mkdir()
        stories = [lane(one, seed + batch * 1_000 + number, count, planted=planted, dialect=dialect) for number, one in enumerate(folders)]
        for one in await asyncio.gather(*stories):
            found.add(one)
        batch += 1
    return found


def measured(dialect: str, seconds: float = BUDGET_SECONDS) -> tuple[bool, dict[str, float]]:
    """10,000 calls, or as many as the time is enough for: whether all held, and the figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lapor-core-") as folder:
        found = asyncio.run(run(Path(folder), seed=SEED, calls=CALLS, dialect=dialect, limit=Time(LAST_BATCH * seconds)))
    lost = sum(count for fault, count in found.calls.items() if MENU[fault].outcome == "Unknown")
    return found.good and set(found.calls) == set(Fault), {
        "calls": found.calls.total(),
        "rows": len(found.calls),
        "rows_missing": len(set(Fault) - set(found.calls)),
        "wire_troubles": found.troubles.total(),
        "complaints": found.complaints,
        "filed": found.filed,
        "parked": found.parked,
        "contradicted": found.contradicted,
        "answers_lost": lost,
        "doubled": found.doubled,
        "stuck": found.stuck,
        "untrue": found.untrue,
        "sending_seconds_max": found.sending_seconds_max,
        "expired_certificate_stored": found.expired_stored,
        "seconds": time.monotonic() - began,
    }


def main() -> bool:
    """Record the figures and say whether all held."""
    good, figures = measured(ADDSTREAM)
    record("core_faults", seed=SEED, **figures)
    return good


if __name__ == "__main__":
    sys.exit(not main())
