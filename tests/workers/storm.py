"""Everything that can die does: workers, Redis, gateways, at random moments under load; at the end each complaint is in the core once.

Settled by hand at the end is only what nobody can know: begun by a worker that died before the answer.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from forwarder.journal.orders import Hand
from forwarder.lifecycle import ComplaintState
from tests.faults.length import Time
from tests.valkey import valkey
from tests.workers.site import Site

HAND = Hand("test", "looked up in the core")
BLOWS = ("kill worker", "flush", "freeze worker", "kill redis", "kill gateway", "freeze redis")


@dataclass(frozen=True, slots=True)
class Weather:
    """How many of each blow, at what load."""

    blows: dict[str, int]
    rate: float = 60.0
    workers: int = 2
    seconds: tuple[float, float] = (0.2, 1.0)
    """Between two blows."""
    frozen_seconds: tuple[float, float] = (0.5, 3.0)


@dataclass(slots=True)
class Outcome:
    """What a storm came to."""

    accepted: int = 0
    filed: int = 0
    settled_by_hand: int = 0
    doubled: int = 0
    lost: int = 0
    unknown_by_one_kill_most: int = 0
    seconds: float = 0.0
    blows: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        return self.lost == 0 and self.doubled == 0

    def __str__(self) -> str:
        blows = ", ".join(f"{name} {count}" for name, count in sorted(self.blows.items()))
        return (
            f"{blows}: accepted {self.accepted} = filed {self.filed}, lost {self.lost}, doubled {self.doubled}; "
            f"settled by hand {self.settled_by_hand}; {self.seconds:.0f} s"
        )


class Storm:
    """One site in bad weather."""

    def __init__(self, site: Site, weather: Weather, random: Random, time_is: Time | None) -> None:
        self._site = site
        self._weather = weather
        self._random = random
        self._time = time_is
        self._workers: dict[str, asyncio.subprocess.Process] = {}
        self._sending = True
        self._writing = asyncio.Lock()
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        began = time.monotonic()
        self._gateway = self._site.gateway()
        for number in range(self._weather.workers):
            await self._start_worker(f"w{number}")
        await asyncio.sleep(1.5)
        loading = asyncio.create_task(self._load())
        blows = [blow for blow, count in self._weather.blows.items() for _ in range(count)]
        self._random.shuffle(blows)
        for blow in blows:
            if self._time is not None and self._time.up:
                break
            await asyncio.sleep(self._random.uniform(*self._weather.seconds))
            await self._strike(blow)
            self.outcome.blows[blow] += 1
        self._sending = False
        await loading
        await self._calm()
        self._count()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    async def _load(self) -> None:
        while self._sending:
            async with self._writing:
                await self._gateway.send(max(1, round(self._weather.rate / 10)))
            await asyncio.sleep(0.1)

    async def _start_worker(self, name: str) -> None:
        self._workers[name] = await self._site.worker(name)

    async def _strike(self, blow: str) -> None:
        name = self._random.choice(list(self._workers))
        match blow:
            case "kill worker":
                await self._site.end(self._workers[name], signal.SIGKILL)
                await self._start_worker(name)
            case "freeze worker":
                self._workers[name].send_signal(signal.SIGSTOP)
                await asyncio.sleep(self._random.uniform(*self._weather.frozen_seconds))
                self._workers[name].send_signal(signal.SIGCONT)
            case "flush":
                await asyncio.to_thread(self._site.valkey.flush)
            case "kill redis":
                await asyncio.to_thread(self._site.valkey.kill)
                await asyncio.sleep(self._random.uniform(0.0, 1.0))
                await asyncio.to_thread(self._site.valkey.start)
            case "freeze redis":
                self._site.valkey.freeze()
                await asyncio.sleep(self._random.uniform(*self._weather.frozen_seconds))
                self._site.valkey.thaw()
            case "kill gateway":
                async with self._writing:  # what is being accepted is accepted or not, before we count
                    await self._gateway.crash()
                    self._gateway.start()

    async def _calm(self) -> None:
        """Wait until all workers have spoken, then look up by hand what nobody can know, and wait again."""
        await self._site.quiet(seconds=300)
        await self._spoken()
        unknown = await self._gateway.journal.unknown(10_000)
        self.outcome.settled_by_hand = len(unknown)
        for one in unknown:
            stored = self._site.core.stored.get(one.complaint.number)
            if stored:
                await self._gateway.journal.settle_filed(one.complaint.number, stored[0].tracking_id, HAND)
            else:
                await self._gateway.journal.resend([one.complaint.number], HAND)
        self._gateway.dispatcher.wake()
        await self._site.quiet(seconds=120)

    async def _spoken(self) -> None:
        until = time.monotonic() + 60
        while await self._gateway.journal.workers.unheard(1):
            if time.monotonic() > until:
                raise TimeoutError(f"workers have not spoken: {await self._gateway.journal.workers.unheard(5)}")
            await asyncio.sleep(0.1)
        await self._site.quiet(seconds=60)

    def _count(self) -> None:
        out = self.outcome
        out.accepted, out.filed, _, out.doubled = self._site.judge()
        states = self._gateway.states()
        out.lost = out.accepted - min(out.filed, states.get(ComplaintState.FILED, 0))


def storm(weather: Weather, seed: int, *, time_is: Time | None = None, **site: object) -> Outcome:
    """One storm in a folder of its own; prints its seed. It ends with its blows, or when its time is up."""
    random = Random(seed)

    async def main() -> Outcome:
        core = Random(seed + 1)
        with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-workers-") as folder:
            options = {"core_seconds": lambda: core.uniform(0.0, 0.3), **site}
            async with Site(Path(folder), server, **options) as place:  # type: ignore[arg-type]
                return await Storm(place, weather, random, time_is).run()

    print(f"seed={seed}", flush=True)
    return asyncio.run(main())
