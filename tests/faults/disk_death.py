"""The disk of a gateway dies: a backup under load, more traffic, SIGKILL, the state thrown away, a restore, and the gateway runs on.

Nothing may be in the core twice. What was accepted before the backup must be there once; what was accepted after it and had not been
filed when the disk died is what the documentation says is lost. Whatever was filed after the backup is found by look-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import apsw

from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import LOOK_UP, CoreSimulator
from gateway import control
from gateway.settings import SOCKET
from parsers.errors import GatewayError
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Verdict, judge
from tests.faults.length import Time
from tests.faults.record import record

BUDGET_SECONDS = 60
SEED = 7
ROUNDS = 10
ROUND_SECONDS = 15
QUIET_SECONDS = 60.0
SLOW, FAST = (0.3, 0.6), (0.0, 0.02)  # seconds the core thinks before and after the backup: something is unfinished in it, and filed later
LOOK_UPS = """\
lookup_url = "{core}{path}?nomor={{number}}"
[dispatch]
look_up_first_seconds = 0.05
look_up_most_seconds = 0.2
absent_settling_seconds = 0.2
"""


@dataclass(frozen=True, slots=True)
class Death:
    """What one death came to."""

    before: int
    """Accepted before the backup began."""
    restored_unknown: int
    found: int
    """Of these, filed after the backup, as the look-up said."""
    lost: int
    """Accepted after the backup and not filed: what a backup cannot hold."""
    lost_before: int
    """Of these accepted before the backup: never."""
    stray: int
    """Numbers given to two complaints: never."""
    verdict: Verdict

    @property
    def good(self) -> bool:
        """Whether what was promised held."""
        return not (self.lost_before or self.stray or self.verdict.doubled or self.verdict.strange)

    def __str__(self) -> str:
        return (
            f"{self.before} accepted before the backup, {self.restored_unknown} unknown after the restore ({self.found} found filed); "
            f"lost {self.lost} accepted later, {self.lost_before} earlier; doubled {len(self.verdict.doubled)}, numbers twice {self.stray}"
        )


class DiskDeath:
    """Peers that outlive the gateway, and the gateway whose disk dies."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0), clocks, self.random)
        self.thinks = SLOW
        self.core = CoreSimulator(delay=lambda: self.random.uniform(*self.thinks))
        self.gateway = GatewayProcess(folder, self.smsc)

    async def run(self, rate: float, seconds: float, *, revived: bool = True) -> Death:
        """One death, `seconds` of load before the backup and as many after it; not `revived`: the backup is only copied into place."""
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        config = self.folder / "gateway.toml"
        toml = config.read_text(encoding="utf-8")
        config.write_text(toml.replace("[dispatch]\n", LOOK_UPS.format(core=base, path=LOOK_UP)), encoding="utf-8")
        try:
            return await self._die(Load(self.smsc, LoadSettings(count=1_000_000, rate=rate)), seconds, revived=revived)
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()

    async def _die(self, load: Load, seconds: float, *, revived: bool) -> Death:
        await self.gateway.start()
        loading = asyncio.create_task(load.run())
        await asyncio.sleep(seconds)
        before = list(load.report.accepted)
        made = await self.gateway.command("journal", "backup", str(self.folder / "backups"), "--keep", "2")
        (backup,) = re.findall(r"^(\S+\.db): ", made, re.MULTILINE)
        self.thinks = FAST
        await asyncio.sleep(seconds)
        await self.gateway.end(signal.SIGKILL)
        shutil.rmtree(self.gateway.state)
        filed = {entry.text for entries in self.core.stored.values() for entry in entries}
        accepted = list(load.report.accepted)
        if revived:
            await self.gateway.command("journal", "restore", backup)
        else:
            self.gateway.state.mkdir()
            shutil.copy(backup, self.gateway.state / "journal.db")
        unknown = self._unknown()
        found = unknown & self.core.stored.keys()
        await self.gateway.start()
        await asyncio.sleep(seconds / 2)
        load.stop()
        await loading
        await self._quiet()
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        verdict = judge(map(load.text_of, range(load.offered)), map(load.text_of, load.report.accepted), core, ())
        lost = set(verdict.lost)
        beyond = lost - ({load.text_of(number) for number in accepted} - filed)
        return Death(
            before=len(before),
            restored_unknown=len(unknown),
            found=len(found),
            lost=len(lost),
            lost_before=len(lost & set(map(load.text_of, before))) + len(beyond),
            stray=sum(len(entries) > 1 for entries in self.core.stored.values()),
            verdict=verdict,
        )

    def _unknown(self) -> set[str]:
        """The numbers that are unknown in the journal that was restored."""
        with contextlib.closing(apsw.Connection(str(self.gateway.state / "journal.db"))) as journal:
            return {str(row[0]) for row in journal.execute("SELECT number FROM complaint WHERE state = 'unknown'")}

    async def _quiet(self) -> None:
        """Wait until all is settled."""
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            held = (await self._ask("status"))["holds"]["complaints"]
            if not any(held.get(state) for state in ("ready", "sending", "unknown")):
                return
            await asyncio.sleep(0.1)
        raise GatewayError(f"not quiet after {QUIET_SECONDS:.0f} s: {held}")

    async def _ask(self, verb: str) -> dict[str, Any]:
        return await control.call(self.gateway.state / SOCKET, verb)


def death(folder: Path, *, rate: float, seconds: float, seed: int, revived: bool = True) -> Death:
    """One death of a disk."""
    return asyncio.run(DiskDeath(folder, seed).run(rate, seconds, revived=revived))


def main() -> bool:
    """Ten deaths under 80 messages a second."""
    time_is, deaths = Time(BUDGET_SECONDS - ROUND_SECONDS), list[Death]()
    while len(deaths) < ROUNDS and not time_is.up:
        with tempfile.TemporaryDirectory(prefix="lapor-disk-") as folder:
            deaths.append(death(Path(folder), rate=80.0, seconds=2.0, seed=SEED + len(deaths)))
        print(deaths[-1], flush=True)
    record(
        "disk_death",
        seed=SEED,
        deaths=len(deaths),
        before=sum(one.before for one in deaths),
        accepted=sum(one.verdict.accepted for one in deaths),
        restored_unknown=sum(one.restored_unknown for one in deaths),
        found=sum(one.found for one in deaths),
        lost_after=sum(one.lost - one.lost_before for one in deaths),
        lost=sum(one.lost_before for one in deaths),
        doubled=sum(len(one.verdict.doubled) for one in deaths),
        numbers_twice=sum(one.stray for one in deaths),
    )
    return all(one.good for one in deaths)


if __name__ == "__main__":
    sys.exit(not main())
