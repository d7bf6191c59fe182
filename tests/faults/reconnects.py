"""A storm of lost connections, then a refusing, a silent and a forbidding SMSC: how binds come back (RELIABILITY §4 B6, B7).

Two hours of virtual time with the shipped waits, a network in memory and a seed; then a real one over loopback through the spoiling proxy.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

from adapters.smpp.bearer import LinkState
from adapters.smpp.dial import TcpDialler
from adapters.smpp.link import Link, Surroundings
from adapters.smpp.operator import Operator
from adapters.smpp.profile import BindMode, ReconnectSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulated_bind import SimulatedBind
from adapters.smpp.simulator import Simulator, SimulatorSettings
from tests import virtual
from tests.faults.length import pick
from tests.faults.record import record
from tests.network import MemoryDialler
from tests.quiet import quiet
from tests.smpp.peers import CLOCKS, KeepingInbox, binds, operator_settings, running, until
from tests.wire import Kind, Trouble, wired

BUDGET_SECONDS = 130
SEED = 20261128
BINDS = 4
DROPS = pick(200, 1_000)
REAL_DROPS = pick(50, 200)
OUTAGE_SECONDS = 3_600.0
BACK_SECONDS_MAX = 70.0
APART_SECONDS_MIN = 1.0
UNBIND_SECONDS_MAX = 1.0
STEP_SECONDS = 0.1  # two connects this near are one step
IN_STEP_MAX = 4  # so many steps together may be chance
CUT_OCTETS = (1, 4_000)
BLOCKED = 0x0D


@dataclass(slots=True)
class Found:
    """What the storm came to."""

    drops: int = 0
    connects: int = 0
    apart_seconds_min: float = float("inf")
    in_step_max: int = 0
    back_seconds: dict[str, float] = field(default_factory=dict)
    dead_seconds: float = 0.0
    """From an SMSC that falls silent to the end of the link."""
    unbind_seconds_max: float = 0.0
    accepted: int = 0
    unsettled: int = 0
    """Texts of citizens that were never taken at all."""
    lost: int = 0

    @property
    def good(self) -> bool:
        apart = self.apart_seconds_min >= APART_SECONDS_MIN - 0.001 and self.in_step_max <= IN_STEP_MAX
        back = max(self.back_seconds.values(), default=0.0) <= BACK_SECONDS_MAX and self.unbind_seconds_max <= UNBIND_SECONDS_MAX
        return apart and back and not self.lost and not self.unsettled


class NoChance(Random):
    """Planted: waits that are not drawn."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - the signature is Random's
        return b


class Storm:
    """One operator with its binds, each on a line of its own, in virtual time."""

    def __init__(self, seed: int, *, planted: str = "") -> None:
        loop = virtual.loop()
        self.clocks = Clocks(loop.clock, loop.time)
        self.random = Random(seed)
        self.mode = "up"
        self.cutting = False
        self.drops = 0
        self.smsc = Simulator(SimulatorSettings(receipts=False), self.clocks, Random(seed))
        self.inbox = KeepingInbox()
        pauses = {"apart_seconds": 0.01, "first_seconds": 0.2, "most_seconds": 0.5} if planted == "hammer" else {}
        settings = replace(operator_settings("smsc:2775"), reconnect=ReconnectSettings(**pauses))
        self.diallers = [MemoryDialler(self.answer, self.cut_after) for _ in range(BINDS)]
        chance = NoChance if planted == "step" else Random
        self.links = [
            Link(settings, f"trx{number}", BindMode.TRANSCEIVER, self.inbox, Surroundings(dialler, self.clocks, chance(seed + number)))
            for number, dialler in enumerate(self.diallers)
        ]

    def answer(self) -> asyncio.Protocol | None:
        """What is behind the address now."""
        if self.mode == "refused":
            raise ConnectionRefusedError
        return None if self.mode == "black hole" else SimulatedBind(self.smsc).wire

    def cut_after(self) -> int | None:
        """Where the next line breaks."""
        self.drops += self.cutting
        return self.random.randint(*CUT_OCTETS) if self.cutting else None

    @property
    def all_bound(self) -> bool:
        return all(link.status().state is LinkState.BOUND for link in self.links)

    async def wait(self, seconds: float) -> float:
        """Until all are bound; how long that took."""
        began = virtual.loop().time()
        while not self.all_bound and virtual.loop().time() - began < seconds:
            await asyncio.sleep(0.05)
        return virtual.loop().time() - began

    async def citizens(self, stop: asyncio.Event) -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            self.smsc.post_mo(f"62812{number % 997:07d}", f"AGAM lampu jalan mati, laporan nomor {number}")
            await asyncio.sleep(0.5)


async def _story(drops: int, outage_seconds: float, planted: str) -> Found:
    it, found, stop = Storm(SEED, planted=planted), Found(), asyncio.Event()
    tasks = [asyncio.ensure_future(link.run()) for link in it.links]
    writing = asyncio.ensure_future(it.citizens(stop))
    found.back_seconds["first"] = await it.wait(100)
    it.cutting = True
    for bind in it.smsc.bound:
        bind.drop()
    while it.drops // 2 < drops:
        await asyncio.sleep(1)
    it.cutting = False
    for bind in list(it.smsc.connections):
        bind.drop()
    await asyncio.sleep(0.5)
    found.drops = it.drops // 2
    found.back_seconds["drops"] = await it.wait(300)
    for outage in ("refused", "black hole", "bind refused"):
        it.mode = outage
        it.smsc.faults.refuse_bind = BLOCKED if outage == "bind refused" else 0
        for bind in list(it.smsc.connections):
            bind.drop()
        await asyncio.sleep(outage_seconds + it.random.uniform(0, 60))
        it.mode, it.smsc.faults.refuse_bind = "up", 0
        found.back_seconds[outage] = await it.wait(300)
    await _leave(it, found)
    found.dead_seconds = await _dead(it)
    stop.set()
    await writing
    end = virtual.loop().time() + 600
    while any(mo.accepted_ms is None for mo in it.smsc.sent) and virtual.loop().time() < end:
        await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await it.smsc.stop()
    _count(it, found, planted)
    return found


async def _leave(it: Storm, found: Found) -> None:
    """The SMSC unbinds each, one after the other."""
    for _ in range(BINDS):
        await it.wait(300)
        bind, began = it.smsc.bound[0], virtual.loop().time()
        bind.unbind()
        while bind in it.smsc.connections and virtual.loop().time() - began < 100:
            await asyncio.sleep(0.01)
        found.unbind_seconds_max = max(found.unbind_seconds_max, virtual.loop().time() - began)


async def _dead(it: Storm) -> float:
    """Every line stays open, and the SMSC says nothing any more: how long until the last link has noticed."""
    await it.wait(300)
    lines, began = list(it.smsc.connections), virtual.loop().time()
    for bind in lines:
        bind.wire.deaf = True
    while any(bind in it.smsc.connections for bind in lines) and virtual.loop().time() - began < 600:
        await asyncio.sleep(0.1)
    took = virtual.loop().time() - began
    await it.wait(300)
    return took


def _count(it: Storm, found: Found, planted: str) -> None:
    kept = Counter(segment.octets for segment in it.inbox.segments)
    if planted == "loss":
        kept.pop(next(iter(kept)))
    accepted = [mo.outgoing.octets for mo in it.smsc.accepted]
    found.connects = sum(len(dialler.times) for dialler in it.diallers)
    found.accepted = len(accepted)
    found.unsettled = sum(mo.accepted_ms is None for mo in it.smsc.sent)
    found.lost = sum(octets not in kept for octets in accepted)
    for dialler in it.diallers:
        found.apart_seconds_min = min([found.apart_seconds_min, *(after - before for before, after in itertools.pairwise(dialler.times))])
    for one, other in itertools.permutations(it.diallers, 2):
        found.in_step_max = max(found.in_step_max, in_step(one.times, other.times))


def in_step(one: list[float], other: list[float]) -> int:
    """The longest run of connects of one bind that each had one of the other bind beside it."""
    longest = run = 0
    for at in one:
        run = run + 1 if any(abs(at - there) < STEP_SECONDS for there in other) else 0
        longest = max(longest, run)
    return longest


def storm(drops: int, outage_seconds: float, *, planted: str = "") -> Found:
    """One storm in virtual time."""
    with quiet({"adapters": logging.CRITICAL}):
        return virtual.run(_story(drops, outage_seconds, planted))


async def real(drops: int, seed: int) -> tuple[int, int, int]:
    """Over loopback: the line is reset at random octets so often; (drops, accepted, lost)."""
    random, inbox = Random(seed), KeepingInbox()
    smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.05,)), CLOCKS, Random(seed))
    await smsc.start()
    spoiling = True

    def choose() -> Trouble:
        kind = random.choice((Kind.RESET, Kind.CUT)) if spoiling else Kind.NONE
        return Trouble(kind, random.randint(*CUT_OCTETS), random.random() < 0.5)

    async with wired(("127.0.0.1", smsc.port), choose) as wire:
        settings = operator_settings(wire.address, binds=binds(count=2))
        operator = Operator(settings, inbox, Surroundings(TcpDialler(settings), CLOCKS, random))
        async with running(operator):
            number, end = 0, time.monotonic() + 300
            while sum(wire.met.values()) < drops and time.monotonic() < end:
                smsc.post_mo(f"62812{number % 997:07d}", f"AGAM lampu jalan mati, laporan nomor {number}")
                number += 1
                await asyncio.sleep(0.005)
            spoiling = False
            wire.drop()
            await until(lambda: all(mo.accepted_ms is not None for mo in smsc.sent), 120)
    await smsc.stop()
    kept = {segment.octets for segment in inbox.segments}
    return sum(wire.met.values()), len(smsc.accepted), sum(mo.outgoing.octets not in kept for mo in smsc.accepted)


def main() -> bool:
    """1,000 drops and three hours of outages in virtual time, 200 drops for real; prints the figures."""
    found = storm(DROPS, OUTAGE_SECONDS)
    real_drops, real_accepted, real_lost = asyncio.run(real(REAL_DROPS, SEED))
    record(
        "reconnects",
        seed=SEED,
        binds=BINDS,
        drops=found.drops,
        connects=found.connects,
        apart_seconds_min=found.apart_seconds_min,
        in_step_max=found.in_step_max,
        **{f"back_seconds_after_{name.replace(' ', '_')}": seconds for name, seconds in found.back_seconds.items()},
        dead_peer_seconds=found.dead_seconds,
        unbind_seconds_max=found.unbind_seconds_max,
        accepted=found.accepted,
        lost=found.lost,
        unsettled=found.unsettled,
        real_drops=real_drops,
        real_accepted=real_accepted,
        real_lost=real_lost,
    )
    return found.good and real_drops >= REAL_DROPS and not real_lost and found.dead_seconds <= 2 * 60


if __name__ == "__main__":
    sys.exit(not main())
