"""One seed, one day: people write, things go wrong; then the faults stop, and within an hour all is filed, answered or before a person."""

from __future__ import annotations

import asyncio
import gc
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

from forwarder.journal import Journal
from forwarder.lifecycle import ComplaintState, ReplyState
from parsers.errors import JournalError
from tests.sim.citizens import Sending, Writers
from tests.sim.house import DISPATCH, JOURNAL, House, Kinds, Product
from tests.sim.peers import Peers
from tests.sim.person import Person
from tests.sim.weather import Event, Weather
from tests.sim.world import Loop, World

SCENES, SCENE_SECONDS, REST_SECONDS = 5, 300.0, 20.0
GAP_SECONDS = (1_800.0, 18_000.0)  # between two scenes the host sleeps
HOUR_SECONDS = 3_600.0
LOOK_SECONDS = 15.0
OPEN_REPLIES = (ReplyState.DUE, ReplyState.SENDING, ReplyState.LATER)
OPEN_COMPLAINTS = (ComplaintState.READY, ComplaintState.SENDING, ComplaintState.UNKNOWN)
MEMORY = Path("/dev/shm")  # noqa: S108 - the days leave nothing there


@dataclass(slots=True)
class Outcome:
    """What one day came to."""

    seed: int
    hash: str
    messages: int
    long: int
    kills: int
    doubled: int
    events: int
    commits: int
    rest_seconds: float
    faults: Counter[str] = field(default_factory=Counter)
    breaks: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


class Scream(logging.Handler):
    """Our own code failing is a break, whatever else it did to save the message: a log line with a traceback that is no disk's fault."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self.world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, JournalError | apsw.Error | OSError):
            self.world.broke(f"our own code failed: {record.getMessage()}: {error!r}")


class Day:
    """Everything of one day."""

    def __init__(self, seed: int, loop: Loop, folder: Path, kinds: Kinds | type[Product]) -> None:
        self.world = World(seed, loop)
        shape = self.world.random("shape")
        self.peers = Peers(self.world, self._filed, can_look_up=shape.random() < 0.6)
        self.house = House(self.world, folder, self.peers, kinds)
        active = SCENES * SCENE_SECONDS
        self.weather = Weather(self.world, self.house, active)
        self.person = Person(self.world, self.house)
        self.sendings = Writers(self.world.random("citizens"), active).draw()
        self.faults = self.weather.draw()
        self._gaps: Random = self.world.random("gaps")
        self.rest_seconds = 0.0

    def _filed(self) -> Collection[str]:
        return self.house.watcher.filed()

    async def run(self) -> None:
        """Until it is over, or something broke."""
        self.house.watcher.begin()
        try:
            self.house.start()
            self.person.start()
            for number in range(SCENES):
                if not await self._scene(number):
                    return
            self.weather.clear()
            await self._come_to_rest()
            if not self.world.breaks:
                await self._audit()
        finally:
            await self._close()

    async def _scene(self, number: int) -> bool:
        """People write for a while; then the host sleeps."""
        begins, ends = number * SCENE_SECONDS, (number + 1) * SCENE_SECONDS
        for sending in self.sendings:
            if begins <= sending.at < ends or (number == SCENES - 1 and sending.at >= ends):
                self.world.later(min(sending.at, ends) - begins, self._send, sending)
        for event in self.faults:
            if begins <= event.at < ends:
                self.world.later(event.at - begins, self._happen, event)
        over = await self._pass(SCENE_SECONDS + REST_SECONDS)
        if number < SCENES - 1 and not over:
            self.world.sleep_through(self._gaps.uniform(*GAP_SECONDS))
        return not over

    async def _pass(self, seconds: float) -> bool:
        """Let time pass, with a look at the bounds; True when something broke."""
        end = self.world.now() + seconds
        while not self.world.breaks and self.world.now() < end:
            self._bounds()
            try:
                async with asyncio.timeout(min(LOOK_SECONDS, end - self.world.now())):
                    await self.world.over.wait()
            except TimeoutError:
                continue
        return bool(self.world.breaks)

    def _send(self, sending: Sending) -> None:
        letter, peers = sending.letter, self.peers
        peers.ledger.write(letter)
        if letter.kind == "post":
            peers.timeline.publish(letter)
        for parcel, delay in zip(sending.parcels, sending.delays, strict=True):
            peers.smscs[letter.channel].post(parcel, delay)

    @staticmethod
    def _happen(event: Event) -> None:
        event.do()

    def _bounds(self) -> None:
        """Nothing grows past its limit."""
        life = self.house.life
        if life is None or not life.alive:
            return
        status, health = life.dispatcher.status(), life.journal.health()
        bounds = {
            "complaints in memory": (status.waiting, DISPATCH.offered_max),
            "unknown": (status.unknown_open, DISPATCH.unknown_max),
            "in flight": (status.in_flight, DISPATCH.window_max),
            "rows queued": (health.queue_rows, JOURNAL.queue_rows_max),
            "octets of log": (health.wal_octets, JOURNAL.wal_octets_max + 1_048_576),
            "replies in flight": (life.outbox.in_flight, 512),
        }
        for what, (now, most) in bounds.items():
            if now > most:
                self.world.broke(f"{now} {what}, at most {most} are allowed")

    async def _come_to_rest(self) -> None:
        """The faults have stopped: within one hour nothing may be on its way any more."""
        began = self.world.now()
        while reasons := self._unrest():
            late_set = self.house.ledger.steps_while_down and len(reasons) == 1 and reasons[0].endswith("sets open")
            if self.world.now() - began > HOUR_SECONDS * (2 if late_set else 1):  # then a part is a day late, and begins a set of its own
                self.world.broke(f"not at rest an hour after the faults stopped: {'; '.join(reasons)}")
                return
            if await self._pass(LOOK_SECONDS):
                return
        self.rest_seconds = self.world.now() - began

    def _unrest(self) -> list[str]:
        house = self.house
        reasons = self.peers.unrest()
        if house.life is None:
            return [*reasons, "the gateway is down"]
        tally = house.life.journal.tally
        reasons += [f"{tally[state]} {state}" for state in OPEN_COMPLAINTS if tally[state]]
        reasons += [f"{count} replies {state}" for state in OPEN_REPLIES if (count := house.watcher.replies(state))]
        sets = sum(state == "open" for state in house.watcher.mirror.rows["part_set"].values())
        return [*reasons, f"{sets} sets open"] if sets else reasons

    async def _audit(self) -> None:
        """The four sets, compared; and what the journal says of itself."""
        life, world = self.house.life, self.world
        if life is None:
            world.broke("the gateway is down at the end")
            return
        on_desk = await self._texts_on_desk(life.journal)
        for token in self.house.ledger.lost(on_desk):
            world.broke(f"{token} was accepted and is nowhere")
        for token in self.house.ledger.open():
            world.broke(f"{token} was never accepted")
        counts = await life.journal.counts()
        stored = {state.value: count for state, count in counts.complaints.items() if count}
        told = {state: count for state, count in self.house.watcher.mirror.counts["complaint"].items() if count}
        if stored != told:
            world.broke(f"the stored tally says {stored}, the table {told}")
        world.note("day", f"ends: {stored}")

    async def _texts_on_desk(self, journal: Journal) -> list[str]:
        waiting = await journal.waiting(limit=10_000)
        texts = []
        for one in waiting:
            case = await journal.case(one.number)
            if case is not None and case.complaint is not None and (one.reason or one.state is ComplaintState.FILED):
                texts.append(case.complaint.message.text)
                texts += [addition.text or "" for addition in case.additions]
        return texts

    async def _close(self) -> None:
        house = self.house
        house.shut = True
        house.watcher.end()
        life, house.life = house.life, None
        if life is not None:
            life.die()
        await asyncio.sleep(1.0)
        house.disk.close()

    def outcome(self) -> Outcome:
        world, ledger = self.world, self.house.ledger
        letters = ledger.letters.values()
        return Outcome(
            world.seed,
            world.hash,
            len(letters),
            sum(letter.kind == "long" for letter in letters),
            ledger.kills,
            ledger.doubled,
            world.events,
            self.house.watcher.commits,
            self.rest_seconds,
            world.faults,
            world.breaks,
            list(world.story),
        )


def live(seed: int, kinds: Kinds | type[Product] = Product) -> Outcome:
    """One day."""
    folder = Path(tempfile.mkdtemp(prefix="lapor-sim-", dir=MEMORY if MEMORY.is_dir() else None))
    root = logging.getLogger()
    level, handlers = root.level, root.handlers
    garbage = gc.isenabled()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, Loop)
            day = Day(seed, loop, folder, kinds)
            root.handlers, root.level = [Scream(day.world)], logging.ERROR
            runner.run(day.run())
            return day.outcome()
    finally:
        root.handlers, root.level = handlers, level
        shutil.rmtree(folder, ignore_errors=True)
        if garbage:
            gc.enable()
