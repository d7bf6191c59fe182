"""One gateway: everything is built here, in order, and stopped here, in order.

Start: journal (lock, recovery) → core and dispatcher → outbox → doors (listeners, binds) → control socket, HTTP → ready.
Stop: what is in flight is finished and stored, every bind leaves with an unbind, the journal is closed last.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random

from adapters.channel import Answer, Outbound
from adapters.smpp.dial import TcpDialler
from adapters.smpp.link import Surroundings
from adapters.smpp.listener import Listener
from adapters.smpp.operator import Operator
from adapters.smpp.reception import Clocks
from adapters.webhook.channel import WebhookChannel
from adapters.x.channel import World, XChannel
from forwarder.core import dialects
from forwarder.dispatch import InlineDispatcher
from forwarder.doorbell import Doorbell
from forwarder.handover import Parcelled
from forwarder.journal import Counts, Journal, Numbering, Settled, sealer_at
from forwarder.reconcile import Reconciler
from forwarder.relay import RqDispatcher
from forwarder.shared import Shared
from forwarder.yard import Yard
from gateway import gauges, verbs
from gateway.after_filing import AfterFiling
from gateway.alarms.causes import causes
from gateway.alarms.keeper import Keeper
from gateway.alarms.rounds import Rounds
from gateway.clock import boot_id, wall_ms
from gateway.closing import Closer
from gateway.cluster import ClusterDesk, cluster_of
from gateway.composer import Composer
from gateway.control import ControlServer
from gateway.dialogue import STATUS_REPLY
from gateway.elsewhere import Elsewhere
from gateway.guard import Guard, GuardedComposer
from gateway.health import Health
from gateway.http import HttpServer
from gateway.intake import FrontDesk
from gateway.late_count import LateCount
from gateway.logs import Brake
from gateway.metrics import Metrics
from gateway.notify import Notifier
from gateway.outbox import Outbox
from gateway.related import Related
from gateway.reload import Reload
from gateway.settings import Site
from gateway.site_journal import journal_settings, mirror_of, sealer_of
from gateway.supervision import supervise
from gateway.tables import Tables, desk_of, tags_in
from gateway.untouched import Untouched
from gateway.upkeep import Upkeep
from gateway.watch import Watch
from gateway.x_turn import XTurn
from parsers import notice
from parsers.model import Segment

log = logging.getLogger(__name__)

SALT_OCTETS = 16  # of the guard's hashes, drawn at each start
COUNT_SECONDS = 15.0  # how often the journal is asked what it holds, for the metrics
FINISH_SECONDS = 30.0  # what replies in flight may take at a stop


class Gateway:
    """Everything that runs, wired. `run` ends when `stop` was called, or by the failure of a part that restarts did not help."""

    def __init__(self, site: Site, tables: Tables, notifier: Notifier, brake: Brake | None = None) -> None:
        self.site = site
        self.tables = tables
        self.watch = Watch()
        self.health = Health()
        self.metrics = Metrics()
        self.restarts: dict[str, int] = {}
        self.lag_seconds = 0.0
        self._http_port = 0
        self.brake = brake
        self.held: Counts | None = None
        self.now_ms = wall_ms
        self._notifier = notifier
        self._stopping = asyncio.Event()
        self._random = Random()  # noqa: S311 - spreads retries, keeps no secret
        self.sealer = sealer = sealer_at(site.journal_path, sealer_of(site.secrets))
        numbering = Numbering(sealer.derived("number"), site.settings.journal.gateway_letter)
        self._number_of = numbering.number_of
        self._built = False
        self.guard = Guard(site.settings.guard, secrets.token_bytes(SALT_OCTETS))
        self.related = Related()
        self.composer, guarded = self._composers(tables)
        self.mirror = mirror_of(site, sealer)
        self.journal = Journal.open(
            site.journal_path,
            sealer=sealer,
            settings=journal_settings(site),
            clock=wall_ms,
            composer=guarded,
            monotonic=time.monotonic,
            mirror=self.mirror,
            boot=boot_id(),
        )
        self._build(guarded)
        self.upkeep = Upkeep(self.journal, self.intake, wall_ms, may_expire=self._may_expire, lapsed=self._lapsed)
        self._built = True

    def _build(self, guarded: GuardedComposer) -> None:
        settings = self.site.settings
        self.core = dialects.client_of(
            settings.core, settings.identity, self.site.path.parent, connections_max=settings.dispatch.window_max
        )
        self.shared = Shared(settings.queue) if settings.queue.enabled else None
        self.cluster = cluster_of(
            self.site, self.journal, journal_settings(self.site), self.shared, clock=wall_ms, accept=self._accept_of_others
        )
        self.dispatcher = self._dispatcher()
        self.reconciler = Reconciler(
            self.core,
            self.journal,
            settings.dispatch,
            monotonic=time.monotonic,
            random=self._random.random,
            tell=self.watch.tell,
            settled=self._settled,
            wake=self.dispatcher.wake,
            available=lambda: self.dispatcher.available,
        )
        self.after_filing = AfterFiling(self.core, self.journal, settings, self.dispatcher, random=self._random, tell=self.watch.tell)
        clocks = Clocks(wall_ms, time.monotonic)
        self.intake = FrontDesk(self.journal, guarded, self.dispatcher, self.watch, self._wake_outbox)
        self.intake.unkept, self.intake.stored, self.intake.hidden = self.guard.undo, self.related.keep, self.related.forget
        if self.cluster is not None:
            self.intake.elsewhere = Elsewhere(self.journal, self.cluster.cases, STATUS_REPLY, self._wake_outbox)
        self.operators = {
            one.name: Operator(one, self.intake, Surroundings(TcpDialler(one), clocks, self._random)) for one in self.site.smpp.operator
        }
        self.listeners = [
            Listener(one, self.operators, Surroundings(TcpDialler(self.site.smpp.operator[0]), clocks, self._random))
            for one in self.site.smpp.listener
            if self.operators
        ]
        world = World(wall_ms, asyncio.sleep, self._random.random)
        self.lease = self.cluster.lease() if self.cluster is not None and settings.x.enabled else None
        inbox = self.intake if self.cluster is None or self.lease is None else XTurn(self.intake, self.lease, self.cluster.index)
        self.x = XChannel(settings.x, tags_in(self.tables.hashtags), inbox, world) if settings.x.enabled else None
        if self.x is not None and (lease := self.lease) is not None:
            self.x.turn = lambda: lease.held
        self.webhook = WebhookChannel(settings.webhook, self.intake, now_ms=wall_ms, monotonic=time.monotonic)
        self.reload = Reload(self.journal, self.site, self.tables, self._take)
        channels: dict[str, Outbound] = {**self.operators, **self.webhook.callbacks}
        if self.x is not None:
            channels[self.x.account] = self.x.replier
        most = settings.replies.unsettled_max
        self.outbox = Outbox(
            self.journal,
            self.tables.texts,
            channels,
            wall_ms,
            self.watch,
            unsettled_max=most,
            told=self.guard.told,
            clocks=self.tables.clocks,
        )
        self._build_watch()

    def _build_watch(self) -> None:
        """Whoever counts, watches, raises alarms and answers questions."""
        settings = self.site.settings
        self.closer = Closer(self.journal, settings.ledger, now_ms=wall_ms, monotonic=time.monotonic)
        self.untouched = Untouched(
            self.journal,
            lambda: self.composer,
            settings.desk,
            now_ms=wall_ms,
            monotonic=time.monotonic,
            wake=self.dispatcher.wake,
        )
        self.late = LateCount(self.site.journal_path, lambda: self.tables.clocks, wall_ms)
        self.workers_desk = ClusterDesk(self.site, self.journal, self.shared, self.cluster, wall_ms)
        self.rounds = Rounds(self, self.workers_desk.seen if self.shared is not None else None)
        self.alarms = Keeper(settings, self.metrics, clock=wall_ms, monotonic=time.monotonic, causes=causes(self))
        self.control = ControlServer(self.site.socket_path, verbs.of(self))
        self.http = HttpServer(
            settings.http,
            self.health,
            self.metrics,
            routes=[*self.webhook.routes(), *self.after_filing.routes()],
        )
        gauges.wire(self)

    def _dispatcher(self) -> InlineDispatcher | RqDispatcher:
        """Whoever files: this process itself, or workers wherever they are."""
        settings, random, tell = self.site.settings, self._random.random, self.watch.tell
        if self.shared is None:
            return InlineDispatcher(
                self.core,
                self.journal,
                settings.dispatch,
                clock=wall_ms,
                monotonic=time.monotonic,
                random=random,
                tell=tell,
                settled=self._settled,
                intake_busy=lambda: self.intake.busy,
            )
        yard = Yard(
            settings.journal.gateway_letter,
            secrets.token_hex(6),
            settings.queue,
            Parcelled(settings.queue.key_octets() or b""),
            self.shared,
            Doorbell(settings.queue),
            self.journal.workers,
            None if self.cluster is None else self.cluster.index,
            None if self.cluster is None else self.cluster.share,
            self._hold,
        )
        return RqDispatcher(
            self.core,
            self.journal,
            settings.dispatch,
            yard,
            clock=wall_ms,
            monotonic=time.monotonic,
            random=random,
            tell=tell,
            settled=self._settled,
        )

    @property
    def redis_down(self) -> str | None:
        """Why Redis cannot be reached; None while it can, or is not used."""
        down = self.dispatcher.down if isinstance(self.dispatcher, RqDispatcher) else None
        return down or (self.cluster.down if self.cluster is not None else None)

    def _hold(self) -> str | None:
        """Why nothing may be filed yet, where there are several gateways."""
        waits = () if self.cluster is None else self.cluster.waits_for
        return f"the index waits for gateway {', '.join(waits)}" if waits else None

    def stop(self) -> None:
        """Begin the orderly end; `run` returns when it is done."""
        self._stopping.set()

    async def run(self) -> None:
        """From the first door to the last."""
        try:
            await self.reload.start()
            if self.cluster is not None:
                await self.cluster.begin()
            async with contextlib.AsyncExitStack() as stack:
                await self._open_doors(stack)
                async with asyncio.TaskGroup() as parts:
                    tasks = {name: parts.create_task(self._part(name, start), name=name) for name, start in self._parts()}
                    self._announce()
                    await self._stopping.wait()
                    await self._finish(tasks)
                    for task in tasks.values():
                        task.cancel()
        finally:
            await self.core.close()
            if self.shared is not None:
                await self.shared.close()
            await self.webhook.close()
            await self.journal.close()

    def _take(self, tables: Tables) -> None:
        """Other tables from the next message on: whoever composes gets the new composer in one step of the event loop."""
        self.tables = tables
        self.composer, guarded = self._composers(tables)
        self.intake.composer = self.journal.composer = guarded
        if self.x is not None:
            self.x.tags = tags_in(tables.hashtags)

    def _composers(self, tables: Tables) -> tuple[Composer, GuardedComposer]:
        """What reads a text anew for a person, and what judges it, too, as it comes; the guard knows the texts that it may come back as."""
        desk = desk_of(self.site, tables)
        self.guard.own = notice.ours(tables.texts.sms())
        return Composer(desk, self._number_of), GuardedComposer(desk, self._number_of, self.guard, self._core_answers, self.related)

    def _core_answers(self) -> bool:
        return not self._built or self.dispatcher.available

    async def _open_doors(self, stack: contextlib.AsyncExitStack) -> None:
        await self.control.start()
        stack.push_async_callback(self.control.stop)
        self._http_port = await self.http.start()
        stack.push_async_callback(self.http.stop)

    def _announce(self) -> None:
        opening = self.journal.opening
        log.info(
            "the gateway runs",
            extra={
                "operators": len(self.operators),
                "http": self._http_port,
                "journal": str(self.site.journal_path),
                "clean": opening.clean,
            },
        )
        if opening.unknown:
            log.warning("complaints were on their way when the last run died: `desk list` shows them", extra={"unknown": opening.unknown})
        if opening.restored:
            log.warning("this journal was %s: what was unfinished in it is unknown, see `desk list`", opening.restored)
        if opening.set_aside:
            log.error("the journal was corrupt and is set aside; filing waits for `journal salvage`", extra={"file": opening.set_aside})
        self.health.started()
        self._notifier.ready()

    async def _finish(self, tasks: Mapping[str, asyncio.Task[None]]) -> None:
        """What is on its way is finished first, then the doors close."""
        log.info("stopping: what is in flight is finished first")
        self._notifier.stopping()
        self.outbox.stop()
        await asyncio.gather(self.after_filing.supplements.stop(), self.dispatcher.stop())
        if "outbox" in tasks:
            await asyncio.wait([tasks["outbox"]], timeout=FINISH_SECONDS)

    def _parts(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        parts: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("dispatcher", self.dispatcher.run),
            ("reconciler", self.reconciler.run),
            *self.after_filing.parts(),
            ("expiry", self.upkeep.expire),
            ("purge", self.upkeep.purge),
            ("pulse", self._pulse),
            ("closing", self.closer.run),
            ("untouched", self.untouched.run),
            ("late", self.late.run),
            ("counts", lambda: gauges.follow(self, COUNT_SECONDS)),
            ("rounds", self.rounds.run),
            ("alarms", self.alarms.run),
        ]
        if self.cluster is not None:
            parts.append(("cluster", self.cluster.run))
        if self.intake.elsewhere is not None:
            parts.append(("elsewhere", self.intake.elsewhere.run))
        if self.lease is not None:
            parts.append(("lease of X", self.lease.run))
        if self.site.settings.replies.enabled:
            parts.append(("outbox", self.outbox.run))
        if self.x is not None:
            parts.append(("x", self.x.run))
        parts += [(f"listener {one.settings.listen}", one.run) for one in self.listeners]
        parts += [(f"operator {name}", one.run) for name, one in self.operators.items()]
        return parts

    async def _part(self, name: str, start: Callable[[], Awaitable[None]]) -> None:
        def failed() -> None:
            self.restarts[name] = self.restarts.get(name, 0) + 1

        await supervise(name, start, failed=failed)

    def _settled(self, settled: Sequence[Settled]) -> None:
        if any(one.reply_id is not None for one in settled):
            self._wake_outbox()
        self.after_filing.settled(settled)

    async def _accept_of_others(self, segments: Sequence[Segment]) -> bool:
        """Parts that came to another gateway, and are ours to join."""
        return all(answer is Answer.KEPT for answer in await self.intake.accept(segments))

    def _wake_outbox(self) -> None:
        self.outbox.wake()

    def _may_expire(self) -> bool:
        return self.cluster is None or self.cluster.may_expire

    def _lapsed(self) -> None:
        self.dispatcher.wake()
        self._wake_outbox()

    async def _pulse(self) -> None:
        """Tell the service manager that the loop turns, and measure how late it does."""
        loop = asyncio.get_running_loop()
        seconds = self._notifier.watchdog_seconds or 1.0
        while True:
            due = loop.time() + seconds
            await asyncio.sleep(seconds)
            self.lag_seconds = max(0.0, loop.time() - due)
            self._notifier.alive()
