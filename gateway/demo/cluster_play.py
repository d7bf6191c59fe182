"""The play of many machines: the same citizens, one long SMS over two machines, one SMS at both, a gateway killed, Redis emptied."""

from __future__ import annotations

import asyncio
import sys
import time

from gateway import cluster as page
from gateway.demo.citizens import ON_X, STORIES, Citizen
from gateway.demo.cluster_stage import ClusterStage
from gateway.demo.play import Play
from gateway.demo.screen import Screen
from parsers.errors import GatewayError

TWICE = Citizen("Ibu Wati, Demak", "6281566010020", "indosat", "DEMAK banjir rob di Sayung setinggi lutut, sekolah libur", "")
AFTER = Citizen("Pak Joko, Nganjuk", "6281266010021", "telkomsel", "NGANJUK lampu merah di alun-alun mati, macet tiap pagi", "")


async def cluster(*, once: bool) -> int:
    """Play it. 0 when every citizen was answered and filed once; 1 otherwise. `once`: no prompt at the end."""
    screen = Screen(sys.stdout)
    began = time.monotonic()
    screen.line("lapor-gateway on many machines: gateways, workers, Redis, operators, X and core, each a process of its own.")
    screen.remark("Each operator has a bind on each gateway. One gateway reads X; complaints go to the core by any worker.")
    try:
        async with ClusterStage.set_up() as stage:
            screen.remark(f"Up after {time.monotonic() - began:.1f} s: 2 journals, 4 binds, 2 workers, the index is whole.")
            play = ClusterPlay(stage, screen)
            await play.processes()
            for citizen in STORIES:
                await play.story(citizen)
            await play.post(ON_X)
            await play.at_both()
            await play.crash()
            await play.emptied()
            good = await play.verdict()
            await play.machines()
            if not once and screen.terminal and sys.stdin.isatty():
                good = await play.prompt()
            return 0 if good else 1
    except (GatewayError, TimeoutError, OSError) as error:
        screen.bad(f"The demo broke off: {str(error) or type(error).__name__}")
        return 1


class ClusterPlay(Play):
    """What is shown of many machines beyond what one shows."""

    asks = False
    a_part = "on its gateway's disk, and waits for the other half"
    after_a_crash = "what it had granted to workers they told its successor; what nobody knows is asked of the core"

    def __init__(self, stage: ClusterStage, screen: Screen) -> None:
        super().__init__(stage, screen)
        self._machines = stage

    async def processes(self) -> None:
        """Everything that runs, with its pid."""
        pids = await self._machines.pids()
        together = (f"{name} {pid}".replace(" ", "\u00a0") for name, pid in pids.items())  # no line ends within a pair
        self._screen.step("processes", ", ".join(together))

    async def at_both(self) -> None:
        """The operator hears no answer in time and tries the other machine: both keep it, one files it."""
        screen, operator, core = self._screen, self._peers.operators[TWICE.operator], self._peers.core
        screen.title(f"{TWICE.who}: one SMS at both gateways")
        screen.phone("to 1708", TWICE.text, incoming=True)
        before, filed = len(await operator.received(TWICE.msisdn)), await core.filed()
        binds = await operator.bound()
        await asyncio.gather(*(operator.send(TWICE.msisdn, TWICE.text, binds=[bind]) for bind in binds))
        screen.step("kept", "by both gateways: each has said yes, for each has it on disk")
        await self._answer(operator, TWICE.msisdn, before)
        screen.step("core", f"filed {await core.filed() - filed} time: the other copy is a duplicate of its number")

    async def emptied(self) -> None:
        """Everything in Redis is gone; the journals tell it again."""
        screen = self._screen
        screen.title("FLUSHALL: Redis forgets everything")
        began = time.monotonic()
        await self._machines.empty_redis()
        await self.story(AFTER)
        screen.step("index", f"whole again, and the SMS filed, {time.monotonic() - began:.1f} s after Redis was emptied")

    async def machines(self) -> None:
        """How the machines stand."""
        self._screen.title("lapor-gateway cluster status")
        for line in page.render(await self._machines.cluster_status()).splitlines():
            self._screen.line(line)
