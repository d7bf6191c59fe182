"""The disk of a gateway dies under load, again and again, and each time a new one adopts what the mirror has; sometimes Valkey dies, too.

Every message that an operator heard yes for must be in the core once in the end, or wait on the desk. No backup is used.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adapters.smpp.load import Load, LoadSettings
from forwarder.core.simulator import LOOK_UP
from tests.faults.disk_death import FAST, LOOK_UPS, DiskDeath
from tests.faults.ledger import Verdict, judge
from tests.faults.length import Time
from tests.faults.record import record
from tests.valkey import Valkey, valkey

BUDGET_SECONDS = 80
KILLS = 20
SEED = 11
LIFE_SECONDS = (0.4, 1.2)
MIRROR = """\
[mirror]
redis = "{url}"
replicas = 0
answer_seconds = 1.0
[dispatch]
"""


@dataclass(frozen=True, slots=True)
class Adoptions:
    """What a run came to."""

    kills: int
    servers_killed: int
    redelivered: int
    unknown: int
    verdict: Verdict

    @property
    def good(self) -> bool:
        """Nothing accepted is missing; nothing is there twice but what an operator delivered again."""
        return not (self.verdict.lost or self.verdict.strange) and len(self.verdict.doubled) == 0

    def __str__(self) -> str:
        return (
            f"{self.kills} disks thrown away ({self.servers_killed} with Valkey killed, too), {self.redelivered} redeliveries, "
            f"{self.unknown} unknown adopted: {self.verdict}"
        )


class MirrorDeath(DiskDeath):
    """The same peers; the gateway says yes after the mirror."""

    async def adoptions(self, server: Valkey, kills: int, rate: float) -> Adoptions:
        """Throw the disk away so many times."""
        self.thinks = FAST
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        config = self.folder / "gateway.toml"
        toml = config.read_text(encoding="utf-8").replace("[journal]\n", '[journal]\nack_after = "mirror"\n')
        mirrored = MIRROR.format(url=server.url) + LOOK_UPS.format(core=base, path=LOOK_UP).partition("[dispatch]\n")[2]
        look_up = LOOK_UPS.format(core=base, path=LOOK_UP).partition("[dispatch]")[0]
        config.write_text(toml.replace("[dispatch]\n", look_up + mirrored), encoding="utf-8")
        try:
            return await self._storm(server, Load(self.smsc, LoadSettings(count=1_000_000, rate=rate)), kills)
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()

    async def _storm(self, server: Valkey, load: Load, kills: int) -> Adoptions:
        await self.gateway.start()
        loading = asyncio.create_task(load.run())
        time_is, unknown, servers, done = Time(BUDGET_SECONDS), 0, 0, 0
        for number in range(kills):
            if time_is.up:
                break
            done += 1
            await asyncio.sleep(self.random.uniform(*LIFE_SECONDS))
            if number % 3 == 2:
                server.kill()
                servers += 1
            await self.gateway.end(signal.SIGKILL)
            shutil.rmtree(self.gateway.state)
            if number % 3 == 2:
                server.start()
            said = await self.gateway.command("journal", "adopt")
            unknown += int(re.findall(r"^(\d+) unfinished", said, re.MULTILINE)[0])
            await self.gateway.start()
        await asyncio.sleep(1)
        load.stop()
        await loading
        await self._quiet()
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        sent, accepted = map(load.text_of, range(load.offered)), map(load.text_of, load.report.accepted)
        return Adoptions(done, servers, load.report.redelivered, unknown, judge(sent, accepted, core, ()))


def storm(folder: Path, *, kills: int, rate: float, seed: int) -> Adoptions:
    """One run with a server of its own, which syncs every write."""
    with valkey(appendonly="yes", appendfsync="always") as server:
        return asyncio.run(MirrorDeath(folder, seed).adoptions(server, kills, rate))


def main() -> bool:
    """Twenty disks under 80 messages a second."""
    with tempfile.TemporaryDirectory(prefix="lapor-mirror-") as folder:
        outcome = storm(Path(folder), kills=KILLS, rate=80.0, seed=SEED)
    print(outcome)
    record(
        "mirror_death",
        seed=SEED,
        kills=outcome.kills,
        servers_killed=outcome.servers_killed,
        accepted=outcome.verdict.accepted,
        redelivered=outcome.redelivered,
        unknown=outcome.unknown,
        lost=len(outcome.verdict.lost),
        doubled=len(outcome.verdict.doubled),
    )
    return outcome.good


if __name__ == "__main__":
    sys.exit(not main())
