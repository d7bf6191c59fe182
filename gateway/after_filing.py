"""What goes on between us and the core after a complaint is filed: what is added to it, and what the core says of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from aiohttp import web

from forwarder.clerk import Clerk
from forwarder.core.contract import CoreClient
from forwarder.course import Follower
from forwarder.filing import Tell
from forwarder.journal import Journal, Settled
from forwarder.lifecycle import ComplaintState
from forwarder.reconcile import Reconciler
from forwarder.supplements import Supplements
from gateway.callback import Callbacks
from gateway.clock import wall_ms
from gateway.settings import GatewaySettings


class AfterFiling:
    """Built once with the gateway; its tasks are the gateway's."""

    def __init__(  # noqa: PLR0913 - chance and listeners come in by name
        self, core: CoreClient, journal: Journal, settings: GatewaySettings, clerk: Clerk, *, random: Random, tell: Tell
    ) -> None:
        self.supplements = Supplements(
            core,
            journal.additions,
            settings.dispatch,
            clerk,
            send=settings.core.supplements == "send",
            clock=wall_ms,
            monotonic=time.monotonic,
            tell=tell,
        )
        self.reconciler = Reconciler(
            core,
            journal.additions,
            settings.dispatch,
            monotonic=time.monotonic,
            random=random.random,
            tell=tell,
            settled=lambda _: self.supplements.wake(),
            wake=self.supplements.wake,
            available=lambda: clerk.available,
        )
        self.follower = Follower(
            core,
            journal.courses,
            follow_minutes=settings.core.follow_minutes,
            clock=wall_ms,
            random=random.random,
            available=lambda: clerk.available,
        )
        self.callbacks = Callbacks(core.read_callback, journal.courses)
        self._can_hear = core.can_hear

    def parts(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """What runs, by name."""
        return [
            ("supplements", self.supplements.run),
            ("supplements looked up", self.reconciler.run),
            ("courses", self.follower.run),
        ]

    def routes(self) -> list[web.RouteDef]:
        """Where the core calls us, where it can."""
        return self.callbacks.routes() if self._can_hear else []

    def settled(self, settled: Sequence[Settled]) -> None:
        """Complaints got their answers: what was said to the filed ones may follow."""
        if any(one.moved and one.state is ComplaintState.FILED for one in settled):
            self.supplements.wake()
