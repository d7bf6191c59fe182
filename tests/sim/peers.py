"""Everybody outside the gateway, and the ledger that sees them all: they outlive every life of every house."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tests.sim.citizens import SMSCS
from tests.sim.core import Core
from tests.sim.ledger import Ledger
from tests.sim.road import Road
from tests.sim.smsc import Smsc
from tests.sim.timeline import Timeline
from tests.sim.world import World


class Peers:
    """Two operators, X and the core. `filed` gives the tracking ids that the journals have as filed."""

    def __init__(self, world: World, filed: Callable[[], Collection[str]], *, can_look_up: bool) -> None:
        self.ledger = Ledger(world)
        self.smscs = {name: Smsc(world, name, self.ledger, filed) for name in SMSCS}
        self.core = Core(world, self.ledger, filed, can_look_up=can_look_up)
        self.timeline = Timeline(world, self.ledger, filed)

    @property
    def roads(self) -> list[Road]:
        """The way to each of them."""
        return [*(smsc.road for smsc in self.smscs.values()), self.core.road, self.timeline.road]

    def heal(self) -> None:
        """All of them do well."""
        for smsc in self.smscs.values():
            smsc.heal()
        self.core.heal()
        self.timeline.heal()

    def unrest(self) -> list[str]:
        """What they still want to hand over."""
        said = [*(smsc.unrest() for smsc in self.smscs.values()), self.timeline.unrest()]
        return [reason for reason in said if reason]
