"""SIGKILL at the N-th system call of one scripted exchange, for every call that matters and N = 1, 2, 3 … until a clean run.

strace kills on entry: the call itself has not been made. It is attached when the gateway is ready, so the first call counted is the
exchange's own; each thread counts for itself. Other rows kill the start that follows a death in the middle of the exchange, and what it
does then.
Environment: POINTS, SEED.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import strace
from tests.faults.exchange import Stage, Sums
from tests.faults.length import Progress, Time, pick
from tests.faults.record import record

BUDGET_SECONDS = 150
SEED = 5
CALLS = ("pwrite64", "fdatasync", "read", "write", "writev", "sendto", "sendmsg", "ftruncate")
"""The journal's; and what libuv reads and writes sockets with (a kind that is never called ends at once)."""
START_CALLS = ("pwrite64", "fdatasync")
EXCHANGE, START = "the exchange", "the start"
CALLS_MAX = 400  # of one kind in one exchange: none makes more


@dataclass(frozen=True, slots=True)
class Point:
    """Die at the `number`-th `call`, in the exchange or in the start after a death."""

    where: str
    call: str
    number: int

    def inject(self) -> tuple[str, ...]:
        """What strace is told."""
        return ("-e", f"trace={self.call}", "-e", f"inject={self.call}:signal=SIGKILL:when={self.number}")


@dataclass(slots=True)
class Outcome:
    """Where it died, and what the sums said."""

    killed: list[Point] = field(default_factory=list)
    clean: list[Point] = field(default_factory=list)
    wrong: dict[Point, Sums] = field(default_factory=dict)
    answered_twice: int = 0
    given_up: int = 0
    """Answers that two deaths caught on their way: they stay unknown, and are not sent a third time."""

    def __str__(self) -> str:
        places = Counter(f"{point.call} in {point.where}" for point in self.killed)
        return f"{len(self.killed)} kills ({', '.join(f'{count} at {place}' for place, count in places.items())})"

    def count(self, what: str) -> int:
        """How many messages were lost or doubled, over all points."""
        return sum(len(getattr(sums.verdict, what)) for sums in self.wrong.values())


class Walk:
    """Goes through points on one stage: the gateway that is started after one death dies at the next point."""

    def __init__(self, folder: Path, seed: int, planted: str = "") -> None:
        self.stage = Stage(folder, seed, planted)
        self.outcome = Outcome()

    async def walk(self, points: Iterable[Point]) -> Outcome:
        """Die at each of them."""
        async with self.stage.set_up():
            for point in points:
                await self._die_at(point)
        return self.outcome

    async def _die_at(self, point: Point) -> None:
        exchange = self.stage.turn()
        gateway = self.stage.gateway
        if point.where == START:
            exchange.begin()
            await asyncio.sleep(self.stage.random.uniform(0.0, 0.03))
            await gateway.end(signal.SIGKILL)
            await gateway.launch()  # strace is there long before the interpreter has read the program
        async with strace.attached(gateway.pid, *point.inject()):
            if point.where == EXCHANGE:
                exchange.begin()
            lived = await self.stage.alive_until(exchange)
        if lived and await gateway.answers():
            self.outcome.clean.append(point)
        else:
            self.outcome.killed.append(point)
            await gateway.start(planted=self.stage.planted)
        sums = await exchange.sums()
        self.outcome.answered_twice += sums.answers.doubled
        self.outcome.given_up += len(sums.answers.unanswered)
        if not sums.good:
            self.outcome.wrong[point] = sums
            print(f"BROKEN at {point}: {sums}", flush=True)


class AllPoints:
    """Round after round until so many kills are done: the first call of each kind, the second … a kind ends with its first clean run."""

    def __init__(self, outcome: Outcome, count: int) -> None:
        self._outcome, self._count = outcome, count
        self._progress, self._time = Progress("kills at a system call", count), Time(BUDGET_SECONDS)

    def __iter__(self) -> Iterator[Point]:
        while True:
            rows = [(EXCHANGE, call) for call in CALLS] + [(START, call) for call in START_CALLS]
            for number in range(1, CALLS_MAX):
                for row in tuple(rows):
                    if len(self._outcome.killed) >= self._count or self._time.up:
                        return
                    point = Point(*row, number)
                    yield point
                    self._progress.say(len(self._outcome.killed))
                    if self._outcome.clean and self._outcome.clean[-1] == point:
                        rows.remove(row)


def kills(folder: Path, points: Iterable[Point] | None = None, *, count: int = 0, seed: int = SEED, planted: str = "") -> Outcome:
    """Die at these points, or at all of them round after round until `count` kills are done."""
    walk = Walk(folder, seed, planted)
    return asyncio.run(walk.walk(AllPoints(walk.outcome, count) if points is None else points))


def main() -> bool:
    """500 kills a night, 100 when a person waits."""
    if (why := strace.missing()) is not None:
        print(f"syscall_kills {why}")
        return False
    count, seed = int(os.environ.get("POINTS", pick(100, 500))), int(os.environ.get("SEED", SEED))
    with tempfile.TemporaryDirectory(prefix="lapor-kills-") as folder:
        found = kills(Path(folder), count=count, seed=seed)
    print(f"{found}, {len(found.clean)} kinds of call walked to their end, answers twice {found.answered_twice}, seed={seed}")
    record(
        "syscall_kills",
        seed=seed,
        kills=len(found.killed),
        kinds_to_their_end=len(found.clean),
        lost=found.count("lost"),
        doubled=found.count("doubled"),
        broken=len(found.wrong),
        answered_twice=found.answered_twice,
        answers_given_up=found.given_up,
    )
    return not found.wrong and bool(found.killed)


if __name__ == "__main__":
    sys.exit(not main())
