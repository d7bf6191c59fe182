"""A site of many machines on one: Valkey, a core, gateways' journals with their rq dispatchers in this process, workers in their own.

Everything between a message on disk and its tracking id is the product's; only intake and channels are left out.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Self

from forwarder.core.addstream import AddStream
from forwarder.core.settings import CoreSettings, DispatchSettings
from forwarder.core.simulator import STREAM, TOKEN, CoreSimulator, Fault
from forwarder.core.transport import Transport
from forwarder.doorbell import Doorbell
from forwarder.handover import Parcelled
from forwarder.journal import Journal, JournalSettings, Numbering, Sealer, numbering
from forwarder.lifecycle import ComplaintState
from forwarder.queue_settings import QueueSettings
from forwarder.reconcile import Reconciler
from forwarder.relay import RqDispatcher
from forwarder.shared import Shared
from forwarder.yard import Yard
from parsers.complaint import Disclosure
from tests.journal.people import KEY as MASTER_KEY
from tests.journal.people import Composer, House, Time
from tests.valkey import KEY, Valkey

DISPATCH = DispatchSettings(
    window_start=64,
    window_max=128,
    unknown_max=10_000,
    poll_seconds=0.2,
    journal_wait_seconds=0.2,
    probe_first_seconds=0.3,
    probe_most_seconds=1.0,
    retry_first_seconds=0.1,
    retry_most_seconds=0.5,
    fault_first_seconds=0.2,
    settle_seconds_max=10.0,
    look_up_first_seconds=0.5,
    look_up_most_seconds=2.0,
    absent_settling_seconds=1.0,
)
QUEUE = {"offer_seconds": 3.0, "ask_worker_seconds": 0.5, "lost_seconds": 20.0, "batch_seconds": 15.0}
SETTINGS = """\
[house]
our_numbers = ["1708"]
[core]
url = "{core}"
answer_seconds = {answer_seconds}
connect_seconds = 2
[queue]
redis = "{redis}"
user = "{user}"
batch_seconds = {batch_seconds}
lost_seconds = {lost_seconds}
[worker]
window = {window}
record_days = 30
[log]
level = "ERROR"
"""


class RealTime(Time):
    """The clocks of this machine."""

    def clock(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class GatewayHalf:
    """Journal and dispatcher of one gateway; `crash` throws both away."""

    site: Site
    letter: str = "A"
    journal: Journal = field(init=False)
    dispatcher: RqDispatcher = field(init=False)
    _running: asyncio.Task[None] | None = None
    _reconciling: asyncio.Task[None] | None = None
    sent: int = 0

    def __post_init__(self) -> None:
        folder = self.site.folder / self.letter
        folder.mkdir(exist_ok=True)
        settings = JournalSettings(gateway_letter=self.letter, free_octets_min=0)
        self.house = House(folder, RealTime(), settings, Composer(numbers=_numbers(self.letter), reply=None))

    def start(self) -> None:
        site = self.site
        self.journal = self.house.open()
        core = CoreSettings(
            url=f"{site.core_url}{STREAM}", token=TOKEN, lookup_url=site.lookup_url, answer_seconds=site.answer_seconds, connect_seconds=2
        )
        self.core = AddStream(core, Transport(core, connections_max=4), Disclosure())
        queue = replace(site.redis or site.valkey.settings(), **{**QUEUE, **site.queue})
        self.shared = Shared(queue)
        yard = Yard(
            self.letter,
            secrets.token_hex(4),
            queue,
            Parcelled(bytes.fromhex(KEY)),
            self.shared,
            Doorbell(queue),
            self.journal.workers,
            hold=lambda: site.hold(),  # noqa: PLW0108 - a test changes it on the way
        )
        world = {"monotonic": time.monotonic, "random": Random(1).random, "tell": _nobody, "settled": lambda _: None}
        self.dispatcher = RqDispatcher(self.core, self.journal, site.dispatch, yard, clock=self.house.time.clock, **world)
        self._running = asyncio.create_task(self.dispatcher.run())
        reconciler = Reconciler(
            self.core, self.journal, site.dispatch, wake=self.dispatcher.wake, available=lambda: self.dispatcher.available, **world
        )
        self._reconciling = asyncio.create_task(reconciler.run())

    async def send(self, count: int) -> None:
        """So many citizens write; their words are on disk afterwards."""
        verdicts = await self.journal.accept(self.house.many(self.journal, count, self.sent))
        self.sent += count
        self.dispatcher.offer([])
        assert all(verdict.error is None for verdict in verdicts)
        self.dispatcher.wake()

    async def stop(self) -> None:
        """In order."""
        await self.dispatcher.stop()
        await self._end()
        await self.journal.close()

    async def crash(self) -> None:
        """The process dies: no word to anybody, no end of the run noted."""
        await self._end()
        self.journal._writer._end = self.journal._writer._close_connection  # type: ignore[method-assign]
        await self.journal.close()

    async def _end(self) -> None:
        for task in (self._running, self._reconciling):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self.shared.close()
        await self.core.close()

    def states(self) -> dict[str, int]:
        return {state.value: count for state, count in self.journal.tally.items() if count}


@dataclass
class Site:
    """Begin with `async with`; everything started through it ends with it."""

    folder: Path
    valkey: Valkey
    choose: Callable[[], Fault] | None = None
    core_seconds: Callable[[], float] = lambda: 0.0
    answer_seconds: float = 10.0
    window: int = 16
    can_look_up: bool = False
    hold: Callable[[], str | None] = lambda: None
    redis: QueueSettings | None = None
    """How gateways and workers reach Redis, where it is not the plain way."""
    elsewhere: str = ""
    """The address of a core in another process; else there is one here."""
    queue: dict[str, float] = field(default_factory=dict)
    dispatch: DispatchSettings = DISPATCH
    gateways: list[GatewayHalf] = field(default_factory=list)
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.core = CoreSimulator(self.choose, delay=self.core_seconds)
        self.core_url = self.elsewhere or await self.core.start()
        self.lookup_url = f"{self.core_url}/api/stream/lookup?nomor={{number}}" if self.can_look_up else None
        queue = {**QUEUE, **self.queue}
        text = SETTINGS.format(
            core=f"{self.core_url}{STREAM}",
            redis=self.valkey.url if self.redis is None else self.redis.redis,
            user="" if self.redis is None else self.redis.user,
            window=self.window,
            answer_seconds=self.answer_seconds,
            batch_seconds=queue["batch_seconds"],
            lost_seconds=queue["lost_seconds"],
        )
        (self.folder / "gateway.toml").write_text(text, encoding="utf-8")
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            await self.end(worker, signal.SIGKILL)
        for gateway in self.gateways:
            await gateway.crash()
        if not self.elsewhere:
            await self.core.stop()

    def gateway(self, letter: str = "A") -> GatewayHalf:
        one = GatewayHalf(self, letter)
        self.gateways.append(one)
        one.start()
        return one

    async def worker(self, name: str = "w1", *, planted: str = "", **environment: str) -> asyncio.subprocess.Process:
        """One worker process with a record of its own; `planted` is code that runs before it, to show or to hit a step."""
        state = self.folder / name
        state.mkdir(exist_ok=True)
        env = {
            **os.environ,
            "LAPOR_QUEUE_KEY": KEY,
            "LAPOR_QUEUE_PASSWORD": "" if self.redis is None else self.redis.password,
            "LAPOR_CORE_TOKEN": TOKEN,
            "STATE_DIRECTORY": str(state),
            **environment,
        }
        code = f"{planted}\nfrom gateway.cli import main\nraise SystemExit(main())"
        command = (sys.executable, "-c", code, "worker", "--slot", "1", "--config", str(self.folder / "gateway.toml"))
        process = await asyncio.create_subprocess_exec(*command, env=env, stdin=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2])
        self.workers.append(process)
        return process

    async def end(self, worker: asyncio.subprocess.Process, how: signal.Signals = signal.SIGTERM) -> None:
        if worker.returncode is None:
            worker.send_signal(how)
            await asyncio.wait_for(worker.wait(), 60)

    async def quiet(self, *, seconds: float = 60.0, also: Sequence[ComplaintState] = ()) -> None:
        """Until nothing is on its way any more; TimeoutError says what is."""
        busy = {"ready", "sending", *also}
        until = time.monotonic() + seconds
        while any(busy & one.states().keys() for one in self.gateways):
            if time.monotonic() > until:
                raise TimeoutError(f"not quiet after {seconds:.0f} s: {[one.states() for one in self.gateways]}")
            await asyncio.sleep(0.05)

    def judge(self) -> tuple[int, int, int, int]:
        """(accepted, in the core once, unknown, doubled) over all gateways."""
        stored = Counter({number: len(entries) for number, entries in self.core.stored.items()})
        unknown = sum(one.states().get("unknown", 0) for one in self.gateways)
        doubled = sum(count > 1 for count in stored.values())
        return sum(one.sent for one in self.gateways), len(stored), unknown, doubled


def _numbers(letter: str) -> Numbering:
    return numbering(Sealer(MASTER_KEY), JournalSettings(gateway_letter=letter))


def _nobody(event: str, /, **facts: object) -> None:
    """Nobody watches."""
