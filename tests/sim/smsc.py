"""An operator's SMSC: takes our binds, delivers until we say yes, answers our submits, and does what the weather says.

It delivers again what got no answer, or "later", over whichever bind is there then; parts of one message go over several.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from adapters.smpp.events import Answered, BindArrived, Event, SegmentArrived
from adapters.smpp.pdu import Outgoing
from adapters.smpp.profile import Timers
from adapters.smpp.session import NotBound, Session, WindowFull
from adapters.smpp.state import Role
from adapters.smpp.wire import SubmitOutcome, Wire
from parsers.model import Address
from tests.sim.citizens import Parcel
from tests.sim.road import End, Owner, Road, join
from tests.sim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.sim.ledger import Ledger

TIMERS = Timers(enquire_link_seconds=600.0, response_seconds=30.0)
RETRY_SECONDS = (2.0, 30.0)  # drawn between these, before a message is delivered again
REPEAT_SHARE = 0.02  # so much is delivered once more though we said yes
WINDOW = 10
LATER = (0x58, 0x64, 0x08, 0x14)


class Smsc:
    """One of them. `mood` is how it takes submits: well, silent, busy, late; `refuses` is the status it answers binds with."""

    alive = True

    def __init__(self, world: World, name: str, ledger: Ledger, filed: Callable[[], Collection[str]]) -> None:
        self.world = world
        self.name = name
        self.road = Road(world, name)
        self.random = world.random(f"smsc {name}")
        self.mood = "well"
        self.refuses = 0
        self.binds: list[Bind] = []
        self.open = 0  # parcels not accepted
        self.taken = 0
        self._ledger = ledger
        self._filed = filed
        self._waiting: deque[Parcel] = deque()
        self._receipts = 0
        self._submits = 0

    # ── from the citizens ──

    def post(self, parcel: Parcel, delay: float) -> None:
        """A citizen's PDU: delivered after `delay` at the earliest."""
        self.open += 1
        self.world.later(delay, self.deliver, parcel)

    def deliver(self, parcel: Parcel) -> None:
        """Hand it over on a bind with room, or let it wait for one."""
        ready = [bind for bind in self.binds if bind.receives and not bind.wire.session.window.full]
        if not ready:
            self._waiting.append(parcel)
            return
        if parcel.letter.tried is None:
            parcel.letter.tried = self.world.now()
        bind = self.random.choice(ready)
        try:
            future = bind.wire.submit(parcel.message)
        except (NotBound, WindowFull):
            self._waiting.append(parcel)
            return
        future.add_done_callback(lambda done: self._answered(parcel, done))

    def flush(self) -> None:
        """A bind is up, or has room: deliver what waits."""
        waiting, self._waiting = self._waiting, deque()
        for parcel in waiting:
            self.deliver(parcel)

    def _answered(self, parcel: Parcel, done: asyncio.Future[SubmitOutcome]) -> None:
        outcome = done.result()
        part = f"{parcel.letter.token}/{parcel.part}"
        if isinstance(outcome, Answered) and outcome.status == 0:
            self.world.note(self.name, f"{part} accepted")
            self._ledger.accept(parcel.letter, parcel.part)
            if not parcel.accepted:
                parcel.accepted = True
                self.open -= 1
                if self.random.random() < REPEAT_SHARE:
                    self.world.fault("repeated", part)
                    self.world.later(self.random.uniform(0.1, 40.0), self.deliver, parcel)
            if self._waiting:
                self.flush()
        elif not parcel.accepted:
            said = f"0x{outcome.status:02x}" if isinstance(outcome, Answered) else "nothing"
            self.world.note(self.name, f"{part} heard {said}, comes again")
            self.world.later(self.random.uniform(*RETRY_SECONDS), self.deliver, parcel)

    # ── from the gateway ──

    def answer(self, near: asyncio.Protocol, owner: Owner) -> End:
        """A connection of the gateway's."""
        bind = Bind(self)
        ends = join(self.road, near, owner, bind.wire, self)
        bind.end = ends[1]
        return ends[0]

    def bound(self, bind: Bind) -> None:
        self.binds.append(bind)
        self.world.later(0.05, self.flush)

    def gone(self, bind: Bind) -> None:
        if bind in self.binds:
            self.binds.remove(bind)

    def take(self, bind: Bind, event: SegmentArrived) -> None:
        """A submit of ours."""
        pdu, mood = event.pdu, self.mood
        self._submits += 1
        if mood == "busy":
            self._say(bind, event.sequence, self.random.choice(LATER), 0.1)
            return
        self.taken += 1
        text, citizen = pdu.octets.decode("latin-1"), pdu.destination.value
        self.world.note(self.name, f"takes {len(text)} characters for {citizen}")
        self._ledger.answered(self.name, citizen, text, self._filed())
        if mood == "silent":
            return
        self._say(bind, event.sequence, 0, self.random.uniform(32.0, 50.0) if mood == "late" else self.random.uniform(0.01, 0.3))
        if mood == "falling" and self.random.random() < 0.5:
            bind.drop()
        if pdu.registered_delivery and self.random.random() < 0.2:
            self.world.later(self.random.uniform(0.005, 20.0), self._report, f"{self._submits:x}")

    def _say(self, bind: Bind, sequence: int, status: int, delay: float) -> None:
        message_id = f"{self._submits:x}" if status == 0 else ""
        self.world.later(delay, bind.say, sequence, status, message_id)

    def _report(self, message_id: str) -> None:
        """A delivery receipt; nobody waits for our answer to it for long."""
        text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err:000 text:-"
        ready = [bind for bind in self.binds if bind.receives and not bind.wire.session.window.full]
        if ready:
            self._receipts += 1
            self.random.choice(ready).wire.submit(Outgoing(Address(1, 1, "628"), Address(0, 1, "1708"), text.encode(), 0x04))

    # ── what the weather does ──

    def drop(self) -> None:
        """Every connection breaks."""
        for bind in tuple(self.binds):
            bind.drop()

    def go_down(self) -> None:
        self.road.down = True
        self.drop()

    def heal(self) -> None:
        self.mood, self.refuses, self.road.down = "well", 0, False
        self.road.unclog()

    def unrest(self) -> str | None:
        """What is still to be done, None when nothing is."""
        return f"{self.name} has {self.open} not accepted" if self.open else None


class Bind:
    """One connection of the gateway's, from the SMSC's end."""

    def __init__(self, smsc: Smsc) -> None:
        self.smsc = smsc
        self.end: End | None = None
        session = Session(Role.SMSC, timers=TIMERS, window=WINDOW, unacknowledged_max=1000)
        self.wire = Wire(session, monotonic=smsc.world.now)
        self.wire.minder = self
        self.receives = False

    def heed(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, BindArrived):
                self._judge(event)
            elif isinstance(event, SegmentArrived):
                self.smsc.take(self, event)

    def closed(self) -> None:
        self.smsc.gone(self)

    def say(self, sequence: int, status: int, message_id: str) -> None:
        """Answer a submit, if the connection is still there."""
        if self.wire.open and self.wire.session.acknowledge(sequence, status, message_id):
            self.wire.flush()

    def drop(self) -> None:
        """The connection breaks; what is on its way to us is lost."""
        self.smsc.gone(self)
        if self.end is not None:
            self.end.close()

    def _judge(self, event: BindArrived) -> None:
        smsc = self.smsc
        self.wire.answer_bind(event.sequence, smsc.refuses, "SMSC")
        smsc.world.note(smsc.name, f"a {event.request.mode} binds: 0x{smsc.refuses:02x}")
        if smsc.refuses == 0:
            self.receives = event.request.mode.receives
            smsc.bound(self)
