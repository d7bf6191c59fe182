"""The wall clock jumps under load: an hour back, a day forward, a second back again and again, 2038, New Year, and home again.

libfaketime moves the gateway's wall clock by a file that is written while it runs; the monotonic clock stays true. Long messages are
open when the clock jumps, connections are cut so that the operator delivers again, a tenth of the filings is put off by the core, and in
every second run the gateway is killed at the jump. Nothing may be lost or filed twice, no long message given up before its time, and the
core may be asked at most twice as often as by a gateway whose clock is true. Environment: SEED.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import glob
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Mo, Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator, Fault, seeded
from parsers.errors import GatewayError
from tests.faults import rest
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Verdict, judge
from tests.faults.length import Time, pick
from tests.faults.record import record

BUDGET_SECONDS = 260
SEED = 11
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
RATE = 50.0
AT_ONCE = 8  # runs: each waits more than it works
BEFORE_SECONDS, BETWEEN_SECONDS, AFTER_SECONDS = 1.5, 1.0, 1.5
LONG_MESSAGES = 10
PUT_OFF_SHARE = 0.05  # of the filings; the core says 503
ATTEMPTS_TIMES_MAX = 2.0
HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Step:
    """Where the wall clock goes, one after another: seconds from the true time."""

    name: str
    offsets: tuple[int, ...]


def steps(now: float) -> list[Step]:
    """All of them; the dates are seen from `now`."""

    def until(when: dt.datetime) -> int:
        return round(when.timestamp() - now)

    year = dt.datetime.fromtimestamp(now, dt.UTC).year
    new_year = until(dt.datetime(year, 12, 31, 23, 59, 58, tzinfo=dt.UTC))
    new_year_wib = until(dt.datetime(year, 12, 31, 16, 59, 58, tzinfo=dt.UTC))
    y2038 = until(dt.datetime(2038, 1, 19, 3, 14, 6, tzinfo=dt.UTC))  # the next second but one is 2^31
    return [
        Step("true", (0,)),
        Step("an hour back", (-HOUR,)),
        Step("an hour forward", (HOUR,)),
        Step("a day forward", (DAY,)),
        Step("a second back, ten times", tuple(-number for number in range(1, 11))),
        Step("New Year, UTC", (new_year,)),
        Step("New Year, WIB", (new_year_wib,)),
        Step("2038", (y2038,)),
        Step("a day forward and home", (DAY, 0)),
        Step("2038 and home", (y2038, 0)),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run."""

    step: Step
    killed: bool
    verdict: Verdict
    early: int
    """Long messages that were taken for pieces of several, though all parts came in time."""
    attempts: int
    filed: int

    @property
    def per_filing(self) -> float:
        """Requests to the core for one complaint."""
        return self.attempts / max(1, self.filed)

    def __str__(self) -> str:
        what = f"{self.step.name}{', killed' if self.killed else ''}"
        return f"{what}: {self.verdict}, {self.early} long ones in pieces, {self.per_filing:.2f} requests for one complaint"


def library() -> str | None:
    """libfaketime for programs with threads, where Debian puts it."""
    return next(iter(glob.glob(LIBRARY)), None)  # noqa: PTH207 - a pattern from the root


class Run:
    """A gateway whose wall clock is ours."""

    def __init__(self, folder: Path, seed: int, planted: str = "") -> None:
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0), clocks, self.random)
        self.core = CoreSimulator(seeded(self.random, PUT_OFF_SHARE, (Fault.BUSY,)))
        self._clock = folder / "clock"
        self._planted = planted
        environment = {
            "LD_PRELOAD": library() or "",
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.gateway = GatewayProcess(folder, self.smsc, environment=environment)
        self.sent: list[str] = []
        self._long: list[str] = []
        self._sending: list[Mo] = []

    async def run(self, step: Step, *, kill: bool) -> Outcome:
        """Load, jump, load, and the sums."""
        self._set_clock(0)
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        try:
            await self.gateway.start(planted=self._planted)
            await self._load(BEFORE_SECONDS)
            waiting = [self._begin_long(number) for number in range(LONG_MESSAGES)]
            await self._load(0.3)
            for offset in step.offsets:
                self._set_clock(offset)
                for bind in list(self.smsc.bound):
                    bind.drop()
                if kill and offset == step.offsets[0]:
                    await self.gateway.end(signal.SIGKILL)
                    await self.gateway.start(planted=self._planted)
                await self._load(BETWEEN_SECONDS)
            for mo in waiting:
                self._sending.append(mo)
                self.smsc._enqueue(mo)
            await self._load(AFTER_SECONDS)
            return await self._judge(step, kill=kill)
        finally:
            await self.gateway.end(signal.SIGKILL)
            await self.smsc.stop()
            await self.core.stop()

    def _set_clock(self, offset: int) -> None:
        beside = self._clock.with_suffix(".new")
        beside.write_text(f"{offset:+d}\n", encoding="ascii")
        beside.replace(self._clock)

    async def _load(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            text = f"AGAM lampu jalan mati di jorong {len(self.sent)}"
            self._sending += self.smsc.post_mo(f"62814{len(self.sent):08d}", text)
            self.sent.append(text)
            await asyncio.sleep(1 / RATE)

    def _begin_long(self, number: int) -> Mo:
        """Send all parts but the last; that one is returned."""
        text = f"{'AGAM jalan berlubang dekat pasar, mohon ditambal. ' * 5}Laporan panjang {number}"
        *first, last = self.smsc._compose(f"62815{number:08d}", text, None)
        self.sent.append(text)
        self._long.append(text)
        for mo in first:
            self._sending.append(mo)
            self.smsc._enqueue(mo)
        return last

    async def _judge(self, step: Step, *, kill: bool) -> Outcome:
        async with asyncio.timeout(60):
            await asyncio.gather(*(mo.done for mo in self._sending))
        await rest.settle_by_hand(self.gateway, self.core)
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        verdict = judge(self.sent, self.sent, core, await rest.on_desk(self.gateway))
        early = len(set(self._long) & set(verdict.lost))
        verdict = replace(verdict, lost=tuple(text for text in verdict.lost if text not in self._long))
        return Outcome(step, kill, verdict, early, sum(self.core.calls.values()), len(core))


def step_once(folder: Path, step: Step, *, kill: bool, seed: int, planted: str = "") -> Outcome:
    """One run in its folder."""
    return asyncio.run(Run(folder, seed, planted).run(step, kill=kill))


def main() -> bool:
    """Every step, with and without a kill, some side by side; more seeds while there is time."""
    if library() is None:
        print("clock_steps needs libfaketime: apt-get install libfaketime")
        return False
    seed = int(os.environ.get("SEED", SEED))
    return _held(asyncio.run(_all(seed, pick(1, 3))), seed)


async def _all(seed: int, turns: int) -> Sequence[Outcome | GatewayError | None]:
    """What came of each run; None: there was no time for it."""
    time_is, gate = Time(BUDGET_SECONDS), asyncio.Semaphore(AT_ONCE)

    async def one(turn: int, step: Step, *, kill: bool) -> Outcome | GatewayError | None:
        async with gate:
            if time_is.up:
                return None
            with tempfile.TemporaryDirectory(prefix="lapor-clock-") as folder:
                try:
                    outcome = await Run(Path(folder), seed + turn).run(step, kill=kill)
                except GatewayError as error:
                    print(f"BROKEN: {step.name}{', killed' if kill else ''}: {error}", flush=True)
                    return error
            print(outcome, flush=True)
            return outcome

    now = time.time()
    first, *more = [[one(turn, step, kill=kill) for step in steps(now) for kill in (False, True)] for turn in range(turns)]
    return [*await asyncio.gather(*first), *[one for turn in more for one in await asyncio.gather(*turn) if one is not None]]


def _held(all_of_them: Sequence[Outcome | GatewayError | None], seed: int) -> bool:
    found = [one for one in all_of_them if isinstance(one, Outcome)]
    stuck, left_out = sum(isinstance(one, GatewayError) for one in all_of_them), all_of_them.count(None)
    true = max(one.per_filing for one in found if one.step.offsets == (0,))
    times = max(one.per_filing for one in found) / true
    figures = {
        "runs": len(found) + stuck,
        "accepted": sum(one.verdict.accepted for one in found),
        "lost": sum(len(one.verdict.lost) for one in found),
        "doubled": sum(len(one.verdict.doubled) for one in found),
        "early": sum(one.early for one in found),
        "stuck": stuck,
        "left_out": left_out,
        "attempts_times": times,
    }
    print(", ".join(f"{name} {value:g}" for name, value in figures.items()) + f", seed={seed}")
    record("clock_steps", seed=seed, **figures)
    wrong = any(figures[name] for name in ("lost", "doubled", "early", "stuck", "left_out"))
    return not wrong and times <= ATTEMPTS_TIMES_MAX


if __name__ == "__main__":
    sys.exit(not main())
