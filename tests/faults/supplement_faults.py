"""Additions before a core that fails in every way of its menu, on a failing wire, with deaths between: none twice, lost or stuck.

Lanes run beside each other, each a sender, a reconciler and a journal on disk before a simulated core behind a spoiling proxy. Of each case
what was said first reaches the core first.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from forwarder.core.contract import CoreClient, Outcome, Supplement
from forwarder.core.settings import CoreSettings
from forwarder.core.simulator import LOOK_UP, MENU, STREAM, TOKEN, CoreSimulator, Fault, seeded
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Journal, Settlement
from forwarder.journal.adding import TWO_OF_ONE_ID
from forwarder.lifecycle import AdditionState, ComplaintMove
from forwarder.reconcile import Reconciler
from forwarder.records import Arrival
from forwarder.supplements import Supplements
from parsers.model import Trigger
from tests.core.samples import client_of
from tests.faults.core_faults import FAULTY_SHARE, TROUBLED_SHARE, TROUBLES
from tests.faults.length import Time, pick
from tests.faults.record import record
from tests.forwarder.test_faulted_run import QUICK, _clock
from tests.forwarder.test_filing_with_the_journal import Clocked
from tests.journal.test_arrivals import crash
from tests.journal.test_posts import Reader, post
from tests.wire import Kind, Trouble, drawn, wired

BUDGET_SECONDS = 80
SEED = 20261129
CALLS = pick(1_000, 10_000)
LANES = pick(12, 24)
CASES = pick(30, 44)  # a lane
SAID = 3  # to each
DEATHS = 2  # of a lane
QUIET_SECONDS = 90.0
PLANTED_QUIET_SECONDS = 3.0
SETTLED_BY_HAND_MOST = 20  # still open, when it is worth while to ask which of them wait for a person
KEYS = """
SELECT c.number || '-' || a.turn, a.state, a.reason FROM addition AS a JOIN complaint AS c ON c.id = a.complaint ORDER BY c.id, a.turn
"""
LIMITS = {"connect_seconds": 0.8, "answer_seconds": 1.0}  # a shared machine may be slow to connect, and that is no fault of the core
HANG_SECONDS = 1.2
PACE = replace(QUICK, poll_seconds=0.2)  # so many lanes would do nothing but look
OPEN = (AdditionState.WAITING, AdditionState.READY, AdditionState.SENDING, AdditionState.UNKNOWN)


class Twice:
    """Planted: a client that sends some additions a second time."""

    def __init__(self, client: CoreClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:
        if supplement.key.endswith("3"):
            await self._client.supplement(supplement, attempt)
        return await self._client.supplement(supplement, attempt)


@dataclass(slots=True)
class Found:
    """What the lanes came to."""

    calls: Counter[Fault] = field(default_factory=Counter)
    troubles: Counter[Kind] = field(default_factory=Counter)
    additions: int = 0
    added: int = 0
    parked: int = 0
    deaths: int = 0
    doubled: int = 0
    lost: int = 0
    """Added for us and not at the core, or at the core and parked for us, or gone."""
    contradicted: int = 0
    """Unknown with an alarm: the core had given its tracking id to another one, and a person sees it."""
    stuck: int = 0
    """None of these in the end; nor behind one that is contradicted."""
    out_of_order: int = 0

    @property
    def good(self) -> bool:
        return not (self.doubled or self.lost or self.stuck or self.out_of_order)

    def add(self, other: Found) -> None:
        self.calls += other.calls
        self.troubles += other.troubles
        for name in ("additions", "added", "parked", "deaths", "doubled", "lost", "contradicted", "stuck", "out_of_order"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Lane:
    """One journal, one core."""

    house: Clocked
    client: CoreClient
    random: Random
    journal: Journal

    async def begin(self, cases: int) -> None:
        """Cases that are filed, and what was said to them later."""
        firsts = [post(number, f"jalan rusak {number}", f"x:{number}") for number in range(1, cases + 1)]
        filed = [verdict.complaint_id or 0 for verdict in await self.take(firsts)]
        await self.journal.start_filing([(one, 1) for one in filed])
        await self.journal.settle([Settlement(one, 1, ComplaintMove.FILED, str(1_000_000 + one)) for one in filed])
        for said in range(SAID):
            later = [
                post(1_000 * (said + 1) + number, f"tambahan {said} {number}", f"x:{number}", thread=str(number), trigger=Trigger.REPLY)
                for number in range(1, cases + 1)
            ]
            await self.take(later)

    async def take(self, posts: list) -> list:  # type: ignore[type-arg]
        composer, now = self.house.composer, _clock()
        ids = self.journal.next_message_id, self.journal.next_complaint_id
        fresh = [replace(one, received_ms=now, posted_ms=now) for one in posts]
        return await self.journal.feed.accept([Arrival(one, composer.post(ids[0](), ids[1](), one)) for one in fresh], None)  # type: ignore[attr-defined]

    async def die(self) -> None:
        """As by SIGKILL, and the next life."""
        await crash(self.journal)
        self.journal = self.house.open()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Dispatcher, sender and reconciler; broken off at the end."""
        shared = {"monotonic": time.monotonic, "tell": lambda *_, **__: None}
        chance = {"random": self.random.random, "settled": lambda _: None}
        dispatcher = InlineDispatcher(self.client, self.journal, PACE, clock=_clock, **shared, **chance)  # type: ignore[arg-type]
        sender = Supplements(self.client, self.journal.additions, PACE, dispatcher, send=True, clock=_clock, **shared)  # type: ignore[arg-type]
        asking = Reconciler(
            self.client,
            self.journal.additions,
            PACE,
            wake=sender.wake,
            available=lambda: dispatcher.available,
            **shared,  # type: ignore[arg-type]
            **chance,  # type: ignore[arg-type]
        )
        tasks = [asyncio.ensure_future(one.run()) for one in (dispatcher, sender, asking)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until(self, left: int, seconds: float) -> None:
        """Until so few are still on their way; not for ever."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            still = sum(self.journal.additions.tally[state] for state in OPEN)
            if still <= left or (still <= SETTLED_BY_HAND_MOST and still <= left + len(await held_back(self.journal))):
                return
            await asyncio.sleep(0.1)


async def lane(folder: Path, seed: int, cases: int, *, planted: bool = False) -> Found:
    """One sender before one core, until all is added or parked."""
    random, found = Random(seed), Found(additions=cases * SAID, deaths=DEATHS)
    choose = drawn(random, TROUBLES, after_max=1_500)
    simulator = CoreSimulator(seeded(random, FAULTY_SHARE), hang_seconds=HANG_SECONDS)
    port = int((await simulator.start()).rpartition(":")[2])
    async with wired(("127.0.0.1", port), lambda: choose() if random.random() < TROUBLED_SHARE else Trouble()) as wire:
        url = f"http://{wire.address}"
        settings = CoreSettings(url=f"{url}{STREAM}", lookup_url=f"{url}{LOOK_UP}?nomor={{number}}", token=TOKEN, **LIMITS)
        client = client_of(settings)
        house = Clocked(folder, composer=Reader())
        one = Lane(house, Twice(client) if planted else client, random, house.open())  # type: ignore[arg-type]
        try:
            await one.begin(cases)
            for death in range(DEATHS):
                async with one.at_work():
                    await one.until(found.additions * (DEATHS - death) // (DEATHS + 1), QUIET_SECONDS / 3)
                await one.die()
            async with one.at_work():
                await one.until(0, PLANTED_QUIET_SECONDS if planted else QUIET_SECONDS)
            await judge(one.journal, simulator, found)
        finally:
            await client.close()
            await one.journal.close()
            await simulator.stop()
        found.calls, found.troubles = simulator.calls, wire.met
    return found


async def held_back(journal: Journal) -> set[str]:
    """Keys of what the core contradicts itself about, and of what waits behind it."""
    rows = await journal._read(lambda one: list(one.execute(KEYS)))
    held: set[str] = set()
    cases: set[str] = set()
    for key, state, reason in rows:
        number = key.partition("-")[0]
        if state == AdditionState.UNKNOWN and reason == TWO_OF_ONE_ID:
            cases.add(number)
        if number in cases and AdditionState(state) in OPEN:
            held.add(key)
    return held


async def judge(journal: Journal, simulator: CoreSimulator, found: Found) -> None:
    """What the journal says of each, and what the core has."""
    states = {key: state for key, state, _ in await journal._read(lambda one: list(one.execute(KEYS)))}
    held = await held_back(journal)
    at_core = list(simulator.stored)
    place = {key: at for at, key in enumerate(at_core)}
    found.lost += found.additions - len(states) + len(set(at_core) - set(states))
    for key, state in states.items():
        stored = len(simulator.stored.get(key, ()))
        found.doubled += stored > 1
        found.added += state == AdditionState.ADDED
        found.parked += state == AdditionState.PARKED
        found.contradicted += key in held
        found.stuck += key not in held and state not in (AdditionState.ADDED, AdditionState.PARKED)
        found.lost += state in (AdditionState.ADDED, AdditionState.PARKED) and bool(stored) is not (state == AdditionState.ADDED)
        number, _, turn = key.partition("-")
        before = place.get(f"{number}-{int(turn) - 1}")
        found.out_of_order += key in place and before is not None and before > place[key]


async def run(folder: Path, *, seed: int, calls: int, lanes: int = LANES, cases: int = CASES, planted: bool = False) -> Found:
    """Lanes beside each other, as often as it takes to have so many calls, or as the time allows."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # connections that the proxy tore
    found, batch, clock = Found(), 0, Time(BUDGET_SECONDS - QUIET_SECONDS / 3)
    while found.calls.total() < calls and (batch == 0 or not clock.up):
        folders = [folder / f"{batch}-{number}" for number in range(lanes)]
        for one in folders:
            one.mkdir()
        stories = [lane(one, seed + batch * 1_000 + number, cases, planted=planted) for number, one in enumerate(folders)]
        for one in await asyncio.gather(*stories):
            found.add(one)
        batch += 1
    return found


def main() -> bool:
    """10,000 calls; prints the figures and says whether all held."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lapor-supplement-") as folder:
        found = asyncio.run(run(Path(folder), seed=SEED, calls=CALLS))
    lost = sum(count for fault, count in found.calls.items() if MENU[fault].outcome == "Unknown")
    record(
        "supplement_faults",
        seed=SEED,
        calls=found.calls.total(),
        rows=len(found.calls),
        wire_troubles=found.troubles.total(),
        additions=found.additions,
        added=found.added,
        parked=found.parked,
        deaths=found.deaths,
        answers_lost=lost,
        doubled=found.doubled,
        lost=found.lost,
        contradicted=found.contradicted,
        stuck=found.stuck,
        out_of_order=found.out_of_order,
        seconds=time.monotonic() - began,
    )
    return found.good


if __name__ == "__main__":
    sys.exit(not main())
