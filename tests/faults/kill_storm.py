"""SIGKILL at random moments under load, against an operator that delivers again what was not acknowledged.

After the last kill the gateway runs on until it is quiet; what it left `unknown` is settled by a person who looks into the core, and
then every accepted message must be in the core exactly once, and every citizen answered. What was on its way to an operator when we
died is said once more, never a third time; how many that are for each kill is counted.
Environment: KILLS, SEED.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from tests.faults import rest
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Answers, Verdict, hear, judge
from tests.faults.length import Progress, Time, pick
from tests.faults.record import record

BUDGET_SECONDS = 440
SEED = 3
RATE = 60.0
WINDOW = 16  # complaints in flight to the core: the most that one kill may leave unknown
CORE_SECONDS = (0.0, 0.08)  # how long the core thinks, so that a kill finds something in flight
SUBMIT_SECONDS = 0.02  # … and the operator, before it says yes to a reply
LIFE_SECONDS = (0.2, 1.0)  # between being bound and the next kill


@dataclass(frozen=True, slots=True)
class Outcome:
    """One storm: kills, how many were left unknown, and the verdict after they were settled."""

    kills: int
    unknown: int
    unknown_most: int
    """The most that one kill added."""
    redelivered: int
    verdict: Verdict
    answers: Answers
    answered_twice_most: int
    """The most that one kill let a citizen hear twice."""
    given_up: int
    """Answers that two deaths caught on their way: unknown, and not sent a third time."""

    @property
    def good(self) -> bool:
        """Nothing lost or filed twice, everybody answered and nobody three times, no more unknown than were in flight."""
        return (
            self.verdict.good and len(self.answers.unanswered) <= self.given_up and self.answers.most <= 2 and self.unknown_most <= WINDOW
        )

    def __str__(self) -> str:
        left = f"{self.unknown} left unknown (at most {self.unknown_most} by one kill) and settled"
        heard = f"{self.answers} (at most {self.answered_twice_most} by one kill)"
        return f"{self.kills} kills, {self.redelivered} redeliveries, {left}: {self.verdict}; {heard}"


class Storm:
    """Peers that outlive the gateway, and the gateway that is killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        settings = SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0)
        self.smsc = Simulator(settings, clocks, self.random)
        self.smsc.faults.submit_answer_seconds = SUBMIT_SECONDS
        self.core = CoreSimulator(delay=lambda: self.random.uniform(*CORE_SECONDS))
        self.gateway = GatewayProcess(folder, self.smsc, window=WINDOW, replies=True)

    async def run(self, kills: int, rate: float, planted: str = "") -> Outcome:
        """Kill so many times under so many messages a second, then let it come to rest."""
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        progress, time_is = Progress("kills", kills), Time(BUDGET_SECONDS)
        try:
            await self.gateway.start(planted=planted)
            load = Load(self.smsc, LoadSettings(count=1_000_000, rate=rate))
            loading = asyncio.create_task(load.run())
            known = most = heard = twice = done = 0
            while done < kills and not time_is.up:
                done += 1
                await asyncio.sleep(self.random.uniform(*LIFE_SECONDS))
                await self.gateway.end(signal.SIGKILL)
                await self.gateway.start(planted=planted)
                before, known = known, await self._unknown()
                most = max(most, known - before)
                before, heard = heard, self._answers([]).doubled
                twice = max(twice, heard - before)
                progress.say(done)
            load.stop()
            await loading
            left = await rest.settle_by_hand(self.gateway, self.core)
            return await self._judge(load, done, left, most, max(twice, self._answers([]).doubled - heard))
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()

    async def _unknown(self) -> int:
        holds: Any = (await self.gateway.ask("status"))["holds"]
        return int(holds["complaints"].get("unknown", 0))

    async def _judge(self, load: Load, kills: int, left: int, most: int, twice: int) -> Outcome:
        sent = [load.text_of(number) for number in range(load.offered)]
        accepted = [load.text_of(number) for number in load.report.accepted]
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        verdict = judge(sent, accepted, core, await rest.on_desk(self.gateway))
        filed = set(core)
        expecting = [load.sender_of(number) for number in load.report.accepted if load.text_of(number) in filed]
        return Outcome(
            kills, left, most, load.report.redelivered, verdict, self._answers(expecting), twice, await rest.given_up(self.gateway)
        )

    def _answers(self, expecting: list[str]) -> Answers:
        return hear(expecting, {number: [bubble.text for bubble in phone.received] for number, phone in self.smsc.phones.items()})


def storm(folder: Path, *, kills: int, rate: float, seed: int, planted: str = "") -> Outcome:
    """Run one storm."""
    return asyncio.run(Storm(folder, seed).run(kills, rate, planted))


def main() -> bool:
    """500 kills a night, 100 when a person waits, under 60 messages a second."""
    kills, seed = int(os.environ.get("KILLS", pick(100, 500))), int(os.environ.get("SEED", SEED))
    with tempfile.TemporaryDirectory(prefix="lapor-storm-") as folder:
        outcome = storm(Path(folder), kills=kills, rate=RATE, seed=seed)
    print(f"{outcome}, seed={seed}")
    record(
        "kill_storm",
        seed=seed,
        kills=outcome.kills,
        accepted=outcome.verdict.accepted,
        redelivered=outcome.redelivered,
        lost=len(outcome.verdict.lost),
        doubled=len(outcome.verdict.doubled),
        unknown=outcome.unknown,
        unknown_most=outcome.unknown_most,
        answered=outcome.answers.answered,
        unanswered=len(outcome.answers.unanswered),
        answered_twice=outcome.answers.doubled,
        answered_twice_most=outcome.answered_twice_most,
        answers_given_up=outcome.given_up,
        same_answer_most=outcome.answers.most,
    )
    return outcome.good


if __name__ == "__main__":
    sys.exit(not main())
