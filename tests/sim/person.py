"""The person at the desk: looks into the core for what is unknown or parked, says what she found, and lets what is held wait."""

from __future__ import annotations

from forwarder.journal import Hand
from forwarder.lifecycle import ComplaintState
from parsers.errors import JournalError
from tests.sim.house import House, Life
from tests.sim.world import World

LOOK_SECONDS = 300.0
PATIENCE_SECONDS = 700.0  # what is unknown for a shorter time may be settled by the look-up, or may still be on its way


class Person:
    """Comes by every few minutes."""

    def __init__(self, world: World, house: House) -> None:
        self.world = world
        self.house = house
        self.moves = 0
        self._seen: dict[str, float] = {}  # number → when she saw it unknown first

    def start(self) -> None:
        self.world.later(LOOK_SECONDS, self._come)

    def _come(self) -> None:
        life = self.house.life
        if life is not None:
            life.spawn(self._look(life))
        self.start()

    async def _look(self, life: Life) -> None:
        try:
            for one in await life.journal.waiting(limit=1_000):
                if one.state is ComplaintState.UNKNOWN and self._waits(one.number):
                    continue
                if one.state in (ComplaintState.UNKNOWN, ComplaintState.PARKED):
                    await self._settle(life, one.number)
        except JournalError:
            return

    def _waits(self, number: str) -> bool:
        return self.world.now() - self._seen.setdefault(number, self.world.now()) < PATIENCE_SECONDS

    async def _settle(self, life: Life, number: str) -> None:
        """Found: filed. Not there: sent again, by her word."""
        ledger = self.house.ledger
        by = Hand("petugas", "looked up in the core")
        under = ledger.records.get(number)
        self.moves += 1
        self._seen.pop(number, None)
        if under:
            self.world.note("person", f"found {number}")
            await life.journal.settle_filed(number, under[0].tracking_id, by)
        else:
            self.world.note("person", f"sends {number} again")
            ledger.resent[number] += 1
            await life.journal.resend([number], by)
        life.dispatcher.wake()
