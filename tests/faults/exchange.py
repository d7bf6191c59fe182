"""One scripted exchange, new citizens each time: a short SMS, a long one over two binds, a command; and the sums over it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Mo, Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from tests.faults import rest
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Answers, Verdict, hear, judge

LONG = "AGAM jalan berlubang di km 24 dekat pasar, mohon ditambal sebelum ada korban lagi. " * 3
SECONDS = 60.0
OVER_SECONDS = 12.0  # Ours: a slow machine takes two; beyond, the gateway counts as one that lived.


@dataclass(frozen=True, slots=True)
class Sums:
    """One exchange, judged."""

    verdict: Verdict
    answers: Answers
    given_up: int
    """Answers that are unknown since this exchange began."""

    @property
    def good(self) -> bool:
        """Each complaint once, each citizen answered, nobody three times; an answer that two deaths caught is known to be unknown."""
        return self.verdict.good and len(self.answers.unanswered) <= self.given_up and self.answers.most <= 2

    def __str__(self) -> str:
        return f"{self.verdict}; {self.answers}"


class Exchange:
    """One turn of it. `number` makes the citizens and their words its own."""

    def __init__(self, stage: Stage, number: int) -> None:
        self._stage = stage
        self.senders = tuple(f"62812{role}{number:07d}" for role in range(3))
        self.texts = (f"AGAM lampu jalan mati, laporan {number}", f"{LONG}Laporan {number}")
        self._sending: asyncio.Task[list[list[Mo]]] | None = None

    def begin(self) -> None:
        """Hand everything to the operator; it delivers until it has heard yes."""
        smsc, (short, long, asking) = self._stage.smsc, self.senders
        binds = ("b", "a") if self._stage.random.random() < 0.5 else ("a", "b")
        both = self._stage.random.random() < 0.5
        sending = (
            smsc.send_mo(short, self.texts[0]),
            smsc.send_long(long, self.texts[1], order=(2, 1) if both else (), binds=binds),
            smsc.send_mo(asking, "STATUS A2B3C4"),
        )

        async def all_of_it() -> list[list[Mo]]:
            return list(await asyncio.gather(*sending))

        self._sending = asyncio.create_task(all_of_it())

    @property
    def over(self) -> bool:
        """Whether everything was accepted, filed and answered."""
        assert self._sending is not None
        stored = {entry.text for entries in self._stage.core.stored.values() for entry in entries}
        heard = all(self._stage.smsc.phone(number).received for number in self.senders)
        return self._sending.done() and heard and stored.issuperset(self.texts)

    async def sums(self) -> Sums:
        """Wait until it is over, and judge it."""
        assert self._sending is not None
        async with asyncio.timeout(SECONDS):
            await self._sending
        await rest.settle_by_hand(self._stage.gateway, self._stage.core)
        stage = self._stage
        core = [entry.text for entries in stage.core.stored.values() for entry in entries if f"{entry.text} ".endswith(self._mark)]
        phones = {number: [bubble.text for bubble in stage.smsc.phone(number).received] for number in self.senders}
        before, stage.given_up = stage.given_up, await rest.given_up(stage.gateway)
        return Sums(judge(self.texts, self.texts, core, ()), hear(self.senders, phones), stage.given_up - before)

    @property
    def _mark(self) -> str:
        return f" {self.texts[0].rpartition(' ')[2]} "


class Stage:
    """Peers that outlive the gateway; a gateway that may die at any time."""

    def __init__(self, folder: Path, seed: int, planted: str = "") -> None:
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=5.0), clocks, self.random)
        self.core = CoreSimulator()
        self.gateway = GatewayProcess(folder, self.smsc, replies=True)
        self.planted = planted
        self.given_up = 0
        self._turns = 0

    @contextlib.asynccontextmanager
    async def set_up(self) -> AsyncIterator[Stage]:
        """Peers and gateway run as long as the block lasts."""
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        try:
            await self.gateway.start(planted=self.planted)
            yield self
        finally:
            await self.gateway.end(signal.SIGKILL)
            await self.smsc.stop()
            await self.core.stop()

    def turn(self) -> Exchange:
        """The next exchange."""
        self._turns += 1
        return Exchange(self, self._turns)

    async def alive_until(self, exchange: Exchange) -> bool:
        """Wait until the exchange is over: True; or until the gateway is dead: False. An answer that is given up is waited for in vain."""
        deadline = time.monotonic() + OVER_SECONDS
        while self.gateway.alive:
            if exchange.over or time.monotonic() >= deadline:
                return True
            await asyncio.sleep(0.005)
        return False
