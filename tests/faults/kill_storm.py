"""SIGKILL at random moments under load, against an operator that delivers again what was not acknowledged.

After the last kill the gateway runs on until it is quiet; what it left `unknown` is settled by a person who looks into the core, and
then every accepted message must be in the core exactly once.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from gateway import control
from gateway.settings import SOCKET
from parsers.errors import GatewayError
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Verdict, judge

KILLS = 200
SEED = 3
WINDOW = 16  # complaints in flight to the core: the most that one kill may leave unknown
CORE_SECONDS = (0.0, 0.08)  # how long the core thinks, so that a kill finds something in flight
LIFE_SECONDS = (0.2, 1.0)  # between being bound and the next kill
QUIET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One storm: kills, how many were left unknown, and the verdict after they were settled."""

    kills: int
    unknown: int
    unknown_most: int
    """The most that one kill added."""
    redelivered: int
    verdict: Verdict

    def __str__(self) -> str:
        left = f"{self.unknown} left unknown (at most {self.unknown_most} by one kill) and settled"
        return f"{self.kills} kills, {self.redelivered} redeliveries, {left}: {self.verdict}"


class Storm:
    """Peers that outlive the gateway, and the gateway that is killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        settings = SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0)
        self.smsc = Simulator(settings, clocks, self.random)
        self.core = CoreSimulator(delay=lambda: self.random.uniform(*CORE_SECONDS))
        self.gateway = GatewayProcess(folder, self.smsc, window=WINDOW)

    async def run(self, kills: int, rate: float) -> Outcome:
        """Kill so many times under so many messages a second, then let it come to rest."""
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        try:
            await self.gateway.start()
            load = Load(self.smsc, LoadSettings(count=1_000_000, rate=rate))
            loading = asyncio.create_task(load.run())
            known = most = 0
            for _ in range(kills):
                await asyncio.sleep(self.random.uniform(*LIFE_SECONDS))
                await self.gateway.end(signal.SIGKILL)
                await self.gateway.start()
                before, known = known, (await self._ask("status"))["holds"]["complaints"].get("unknown", 0)
                most = max(most, known - before)
            load.stop()
            await loading
            unknown = await self._settle_by_hand()
            desk = await self._on_desk()
            sent = [load.text_of(number) for number in range(load.offered)]
            accepted = [load.text_of(number) for number in load.report.accepted]
            core = [entry.text for entries in self.core.stored.values() for entry in entries]
            return Outcome(kills, unknown, most, load.report.redelivered, judge(sent, accepted, core, desk))
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()

    async def _settle_by_hand(self) -> int:
        """Wait until only unknown ones are left, then look each up in the core, as an officer would."""
        unknown = await self._only_unknown()
        for number in unknown:
            stored = self.core.stored.get(number)
            how = {"move": "filed", "tracking_id": stored[0].tracking_id} if stored else {"move": "resend"}
            await self._ask("desk settle", numbers=[number], reason="looked up in the core", **how)
        await self._only_unknown()
        return len(unknown)

    async def _only_unknown(self) -> list[str]:
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            held = (await self._ask("status"))["holds"]["complaints"]
            if not held.get("ready") and not held.get("sending"):
                waiting = (await self._ask("desk list", state="unknown", limit=10_000))["waiting"]
                return [row["number"] for row in waiting]
            await asyncio.sleep(0.1)
        raise GatewayError(f"not quiet after {QUIET_SECONDS:.0f} s: {held}")

    async def _on_desk(self) -> list[str]:
        """The texts of what still waits for a person; none, when all was settled."""
        waiting = (await self._ask("desk list", limit=10_000))["waiting"]
        return [(await self._ask("desk show", number=row["number"]))["text"] for row in waiting]

    async def _ask(self, verb: str, **args: object) -> dict[str, object]:
        return await control.call(self.gateway.state / SOCKET, verb, **args)


def storm(folder: Path, *, kills: int, rate: float, seed: int) -> Outcome:
    """Run one storm."""
    return asyncio.run(Storm(folder, seed).run(kills, rate))


def main() -> bool:
    """200 kills under 60 messages a second."""
    with tempfile.TemporaryDirectory(prefix="lapor-storm-") as folder:
        outcome = storm(Path(folder), kills=KILLS, rate=60.0, seed=SEED)
    print(outcome)
    return outcome.verdict.good and outcome.unknown_most <= WINDOW


if __name__ == "__main__":
    sys.exit(not main())
