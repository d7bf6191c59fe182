"""One gateway: the product's own parts, wired as gateway/app.py wires them, in lives that begin, are killed and begin again."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from adapters.channel import Caps, ChannelHealth, Outbound, Reply, Sending
from adapters.smpp.link import Surroundings
from adapters.smpp.operator import Operator
from adapters.smpp.profile import BindMode, BindSettings, OperatorSettings, Timers
from adapters.smpp.reception import Clocks
from forwarder.core.addstream import AddStream
from forwarder.core.settings import CoreSettings, DispatchSettings
from forwarder.core.transport import Transport
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Journal, JournalSettings, Numbering, Sealer, Settled, numbering
from forwarder.reconcile import Reconciler
from forwarder.records import Composed
from forwarder.talk import Heard, Talk
from gateway import settings, tables
from gateway.composer import Composer
from gateway.intake import FrontDesk
from gateway.outbox import Outbox
from gateway.secrets import Secrets
from gateway.settings import Site
from gateway.supervision import supervise
from gateway.tables import Tables, desk_of
from gateway.watch import Watch
from parsers.errors import JournalError
from tests.sim.citizens import ACCOUNT
from tests.sim.core import LOOK_UP, URL, CoreWay
from tests.sim.disk import Disk
from tests.sim.hands import InlineHands
from tests.sim.ledger import Ledger
from tests.sim.peers import Peers
from tests.sim.road import Dialler, End
from tests.sim.timeline import Reader
from tests.sim.watcher import Watcher
from tests.sim.world import World

KEY = b"a master key for tests, no secret"
GIVEN = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "x"}
LOOK_SECONDS = 10.0
EXPIRE_SECONDS = 20.0
FINISH_SECONDS = 30.0
RESTART_SECONDS = 3.0  # systemd's, after a start that failed
JOURNAL = JournalSettings(heartbeat_seconds=60, wal_octets_max=4_194_304, checkpoint_octets=2_097_152, quiet_from="00:00", quiet_to="00:00")
"""Without quiet hours: a day here ends at any hour, and at its end everybody must have heard."""
DISPATCH = DispatchSettings(poll_seconds=15.0, unknown_max=20)
BINDS: Mapping[str, tuple[BindSettings, ...]] = {
    "utara": (BindSettings("trx", count=2),),
    "selatan": (BindSettings("rx", BindMode.RECEIVER, 2), BindSettings("tx", BindMode.TRANSMITTER)),
}


@functools.cache
def shipped() -> tuple[Site, Tables, Sealer, Numbering]:
    """Settings and tables as they ship, read once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "gateway.toml").touch()
        (folder / "operators.toml").touch()
        site = settings.load(folder / "gateway.toml", Secrets(GIVEN), {})
        sealer = Sealer(KEY)
        return site, tables.load(site), sealer, numbering(sealer, JOURNAL)


class Mute(Composer):
    """Takes every text for a complaint of its own: these days are about what is kept and filed. Others try the conversation."""

    def converse(self, composed: Composed, talk: Talk) -> Composed:
        if composed.said is not None and composed.said.heard in (Heard.REPORT, Heard.TEXT, Heard.KEYWORD):
            return composed
        return super().converse(composed, talk)


class Kinds(Protocol):
    """What the parts of a life are made of; a planted fault puts another kind in a place."""

    journal: Callable[..., Journal]
    desk: type[FrontDesk]
    dispatcher: type[InlineDispatcher]
    core: Callable[[AddStream], AddStream]
    opened: Callable[[Life], None]


class Product:
    """The product itself."""

    journal = Journal.open
    desk: type[FrontDesk] = FrontDesk
    dispatcher: type[InlineDispatcher] = InlineDispatcher

    @staticmethod
    def core(client: AddStream) -> AddStream:
        return client

    @staticmethod
    def opened(_life: Life) -> None:
        """A life has its journal."""


class House:
    """Holds the disk and the present life; `kill` ends one, and the next begins after a while."""

    def __init__(self, world: World, folder: Path, peers: Peers, kinds: Kinds | type[Product] = Product) -> None:
        self.world = world
        self.peers = peers
        self.kinds = kinds
        self.disk = Disk(world, folder, self._died)
        self.watcher = Watcher(world, self.disk)
        self.ledger = peers.ledger
        peers.core.hearers.append(lambda: self.burn("core"))
        self.fuses: dict[str, int] = {}
        self.power_cut = False
        self.down_seconds = 1.0
        self.life: Life | None = None
        self.lives = 0
        self.shut = False
        self.step_unseen = False
        self.boots = 1
        self._rebooted = False  # since the last life
        self._stopping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin a life; where the journal does not open, try again as systemd would."""
        if self.shut:
            return
        self.lives += 1
        self.watcher.expect()
        try:
            self.life = Life(self)
        except JournalError as error:
            self.world.note("house", f"does not start: {error}")
            if not self.disk.dead:
                self.world.later(RESTART_SECONDS, self.start)
            return
        self._rebooted = False
        self.life.begin()

    def kill(self) -> None:
        """The process ends at this very instant, or the whole host does."""
        life, self.life = self.life, None
        self.disk.dead = True
        self._end(life)

    def clock_stepped(self) -> None:
        """By a day: the journal sees it at its next turn, if there is one."""
        self.step_unseen = True
        self.ledger.steps_while_down += self.life is None and self._rebooted

    def restart(self) -> None:
        """Stop in order, and begin again."""
        life, self.life = self.life, None
        if life is not None:
            self._stopping = self.world.loop.create_task(self._restart(life))

    async def _restart(self, life: Life) -> None:
        await life.stop()
        ill = life.journal.health().cause
        if ill is not None:  # what it knew could not be written down: for the citizen that is as good as a kill
            self.ledger.ends += 1
        self.world.note("house", f"stopped in order, the journal is {ill or 'well'}")
        self.world.later(RESTART_SECONDS, self.start)

    def burn(self, kind: str) -> None:
        """Something happened before which, or after which, a kill may be due."""
        left = self.fuses.get(kind)
        if left is None or self.life is None:
            return
        if left > 1:
            self.fuses[kind] = left - 1
        else:
            del self.fuses[kind]
            self.world.fault(f"kill: {kind}")
            self.kill()

    def _died(self) -> None:
        """The disk says that the machine went off in the middle of a write or sync."""
        self.world.fault("kill: disk")
        life, self.life = self.life, None
        self._end(life)

    def _end(self, life: Life | None) -> None:
        self.ledger.kills += 1
        self.ledger.ends += 1
        if self.power_cut:  # the honest clock begins anew, and nothing tells how far the other one stepped
            self.boots, self._rebooted = self.boots + 1, True
            self.ledger.steps_while_down += self.step_unseen
        self.world.note("house", f"killed, power {'cut' if self.power_cut else 'stays'}, down for {self.down_seconds:.1f} s")
        buried = self.disk.life
        self.disk.next_life(power_cut=self.power_cut)
        self.disk.dead = True  # until the next life begins
        if life is not None:
            life.die()
        self.world.later(self.down_seconds, self._again, buried)

    def _again(self, buried: int) -> None:
        self.disk.dead = False
        self.disk.bury(buried)
        self.start()


class Life:
    """One process. `alive` is asked by everything that could leave it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.alive = True
        world = self.world = house.world
        site, house_tables, sealer, numbers = shipped()
        random = world.random(f"life {house.lives}")
        self.hands = InlineHands(world, self._turned)
        composer = Mute(desk_of(site, house_tables), numbers.number_of)
        self.journal = house.kinds.journal(
            house.disk.path,
            sealer=sealer,
            settings=JOURNAL,
            clock=world.wall,
            composer=composer,
            monotonic=world.now,
            free=lambda _: house.disk.free,
            vfs=house.disk.name,
            hands=self.hands,
            boot=str(house.boots),
        )
        opening = self.journal.opening
        world.note("house", f"life {house.lives}: clean={opening.clean} unknown={opening.unknown} again={opening.again}")
        if opening.set_aside is not None:
            world.broke("the journal was found damaged and set aside")
        self._ends: list[End] = []
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._parts: dict[str, asyncio.Task[None]] = {}
        core_settings = CoreSettings(url=URL, token="{0}", lookup_url=LOOK_UP if house.peers.core.can_look_up else None)
        client = house.kinds.core(
            AddStream(core_settings, cast("Transport", CoreWay(house.peers.core, self, core_settings)), site.settings.identity)
        )
        watch = Watch()
        self.dispatcher = house.kinds.dispatcher(
            client,
            self.journal,
            DISPATCH,
            clock=world.wall,
            monotonic=world.now,
            random=random.random,
            tell=watch.tell,
            settled=self._settled,
            intake_busy=lambda: self.desk.busy,
        )
        self.reconciler = Reconciler(
            client,
            self.journal,
            DISPATCH,
            monotonic=world.now,
            random=random.random,
            tell=watch.tell,
            settled=self._settled,
            wake=self.dispatcher.wake,
            available=lambda: self.dispatcher.available,
        )
        self.desk = house.kinds.desk(self.journal, composer, self.dispatcher, watch, self._wake_outbox)
        clocks = Clocks(world.wall, world.now)
        self.operators = {
            name: Operator(
                _operator(name),
                self.desk,
                Surroundings(Dialler(smsc, self, self._connected), clocks, world.random(f"{name} {house.lives}")),
            )
            for name, smsc in house.peers.smscs.items()
        }
        self.reader = Reader(house.peers.timeline, self.desk, self)
        told: dict[str, Outbound] = {name: Told(house.ledger, name, one) for name, one in self.operators.items()}
        self.outbox = Outbox(self.journal, house_tables.texts, told | {ACCOUNT: self.reader}, world.wall, watch, look_seconds=LOOK_SECONDS)
        house.kinds.opened(self)

    def begin(self) -> None:
        """All parts run."""
        parts: Sequence[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("dispatcher", self.dispatcher.run),
            ("reconciler", self.reconciler.run),
            ("expiry", self._expire),
            ("outbox", self.outbox.run),
            ("x", self.reader.run),
            *((f"operator {name}", one.run) for name, one in self.operators.items()),
        ]
        for name, start in parts:
            self._parts[name] = self.spawn(supervise(name, start, failed=functools.partial(self._failed, name)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Something that goes on in this process, as long as it lives."""
        task = self.world.loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._over)
        return task

    def die(self) -> None:
        """Nothing leaves from now on, and nobody hears; memory is thrown away."""
        self.alive = False
        self.hands.still = True
        for end in self._ends:
            end.cut()
        self.world.loop.call_soon(self._throw_away)

    async def stop(self) -> None:
        """In order, as gateway/app.py does it: what is in flight is finished, every bind takes its leave, the journal is closed last."""
        self.outbox.stop()
        await self.dispatcher.stop()
        await asyncio.wait([self._parts["outbox"]], timeout=FINISH_SECONDS)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.wait(self._parts.values())
        await self.journal.close()
        self.die()

    def _throw_away(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        self.world.loop.call_later(0.001, self._close)

    def _close(self) -> None:
        """Give back what the process held: files and the lock, which the kernel would."""
        with contextlib.suppress(JournalError):
            self.journal._close()

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None and self.alive:
            self.world.broke(f"a part of the gateway gave up: {error!r}")

    def _failed(self, name: str) -> None:
        if self.alive:
            self.world.broke(f"{name} failed and was started again")

    def _turned(self) -> None:
        if not self.alive:
            return
        journal = self.journal
        self.house.watcher.after_turn(journal.tally if journal.health().cause is None else None)
        self.house.step_unseen = self.house.step_unseen and journal.health().cause is not None
        self.house.burn("commit")

    def _connected(self, end: End) -> None:
        end.wrote = lambda _: self.house.burn("wire")
        self._ends.append(end)
        self._ends = [one for one in self._ends if not one.is_closing()]

    def _wake_outbox(self) -> None:
        self.outbox.wake()

    def _settled(self, settled: Sequence[Settled]) -> None:
        if any(one.reply_id is not None for one in settled):
            self.outbox.wake()

    async def _expire(self) -> None:
        while True:
            with contextlib.suppress(JournalError):
                await self.journal.lapse_questions()
                self.desk.take(await self.journal.expire_sets(self.world.wall()))
            await asyncio.sleep(EXPIRE_SECONDS)


class Told:
    """An operator's way out, with the ledger told of what is handed to it (adapters.channel.Outbound)."""

    def __init__(self, ledger: Ledger, name: str, operator: Operator) -> None:
        self.caps: Caps = operator.caps
        self._ledger = ledger
        self._name = name
        self._operator = operator

    def health(self) -> ChannelHealth:
        return self._operator.health()

    async def send(self, reply: Reply) -> Sending:
        self._ledger.handed(reply.key, (self._name, reply.to.value, reply.text))
        return await self._operator.send(reply)

    async def find(self, reply: Reply) -> Sending:
        return await self._operator.find(reply)


def _operator(name: str) -> OperatorSettings:
    return OperatorSettings(
        name=name,
        hosts=(f"{name}.example:2775",),
        system_id="lapor1708",
        password="rahasia1",
        binds=BINDS[name],
        timers=Timers(enquire_link_seconds=120.0),
    )
