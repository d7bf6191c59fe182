"""One operator: all binds to him and from him, and the one way by which answers to his citizens leave.

A reply goes on whichever of his binds sends and has most room in its window, no faster than he allows. His answers are read by his
own table. Whatever may have reached him without an answer is UNKNOWN: only the outbox decides what that means.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from adapters.channel import Caps, ChannelHealth, Inbox, Reply, Sending, SendResult
from adapters.smpp import receipt
from adapters.smpp.bearer import Bearer, LinkState, LinkStatus
from adapters.smpp.events import Answered
from adapters.smpp.link import Link, Surroundings
from adapters.smpp.pace import Pace
from adapters.smpp.parts import compose
from adapters.smpp.pdu import Outgoing
from adapters.smpp.profile import SLOW_DOWN, OperatorSettings, SubmitMeaning
from adapters.smpp.session import NotBound, WindowFull
from adapters.smpp.status import explain
from adapters.smpp.wire import SubmitOutcome
from parsers import charset
from parsers.charset import CharsetError
from parsers.model import Answering

log = logging.getLogger(__name__)

WAITING_MAX = 1000  # Replies that may stand in line for a slot; the outbox keeps the others.
PATIENCE_SECONDS = 10.0  # In line for longer: back to the outbox, which knows what is most urgent.
PART_TRIES_MAX = 5  # A part after the first is worth waiting for: half a text is worse than a late one.


class Operator:
    """Groups the binds of one operator; the channel's way out (adapters.channel.Outbound)."""

    def __init__(self, settings: OperatorSettings, inbox: Inbox, world: Surroundings) -> None:
        self.settings = settings
        self.inbox = inbox
        self.links = tuple(
            Link(settings, name, bind.mode, inbox, world) for bind in settings.binds for name in bind.names() if settings.hosts
        )
        self._world = world
        self._guests: dict[Bearer, None] = {}
        self._pace = Pace(settings.mt.rate_per_second, world.clocks.monotonic)
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()
        self._waiting = 0
        self._reference = world.random.randrange(256)

    @property
    def name(self) -> str:
        """Ours for him."""
        return self.settings.name

    @property
    def rate(self) -> float:
        """Replies a second that he takes now."""
        return self._pace.rate

    @property
    def guests(self) -> int:
        """Connections that he made to us and that are bound."""
        return len(self._guests)

    async def run(self) -> None:
        """Keep all binds up until cancelled; each then leaves in order."""
        async with asyncio.TaskGroup() as group:
            for link in self.links:
                group.create_task(link.run(), name=f"{self.name}/{link.name}")
            await asyncio.get_running_loop().create_future()

    def guest_name(self) -> str:
        """Give a bind name that none of his connections to us has: `guest1`, `guest2` and so on."""
        taken = {bearer.logbook.bind for bearer in self._guests}
        return next(name for number in range(1, len(taken) + 2) if (name := f"guest{number}") not in taken)

    def welcome(self, bearer: Bearer) -> None:
        """He bound to us: replies may leave there too."""
        self._guests[bearer] = None

    def dismiss(self, bearer: Bearer) -> None:
        """That connection is gone."""
        self._guests.pop(bearer, None)

    def status(self) -> list[LinkStatus]:
        """Every bind of his, ours to him first."""
        return [link.status() for link in self.links] + [bearer.logbook.status(bearer) for bearer in self._guests]

    caps = Caps(charset.SEPTETS_OF_ONE_SMS, Answering.ALWAYS, links=False, can_find=False, count=charset.septets)
    """One SMS: a second part costs money and may not arrive."""

    def health(self) -> ChannelHealth:
        """Down when none of his binds is up (see adapters.channel.Outbound)."""
        binds = self.status()
        up = any(bind.state in (LinkState.BOUND, LinkState.MAINTENANCE) for bind in binds)
        last = max((bind.last_pdu_ms for bind in binds if bind.last_pdu_ms is not None), default=None)
        return ChannelHealth(None if up or not binds else f"none of {len(binds)} binds is up", last)

    async def find(self, reply: Reply) -> Sending:  # noqa: ARG002 - an SMSC cannot be asked what it has (SMPP 3.4 §4.8: only by its id)
        """Nobody can say what became of an SMS without an answer."""
        return Sending(SendResult.UNKNOWN, detail="an operator cannot be asked")

    async def send(self, reply: Reply) -> Sending:
        """Send one reply; returns when he answered or will not (see adapters.channel.Outbound)."""
        self._reference = (self._reference + 1) & 0xFF
        try:
            messages = compose(reply.to, reply.text, self.settings, self._reference)
        except CharsetError as error:
            return Sending(SendResult.REFUSED, detail=str(error))
        sending = await self._send_part(messages[0])
        for number, message in enumerate(messages[1:], start=1):
            if sending.result is not SendResult.SENT:
                break
            following = await self._send_rest(message)
            ids = sending.message_ids + following.message_ids
            if following.result is not SendResult.SENT:
                return Sending(SendResult.UNKNOWN, ids, f"{number} of {len(messages)} parts went; then {following.detail}")
            sending = Sending(SendResult.SENT, ids)
        return sending

    async def _send_rest(self, message: Outgoing) -> Sending:
        """Send a part after the first; "later" is waited out here, because the citizen has half a text already."""
        for _ in range(PART_TRIES_MAX - 1):
            sending = await self._send_part(message)
            if sending.result is not SendResult.LATER:
                return sending
            await self._world.clocks.sleep(sending.retry_after_s or self.settings.mt.retry_after_seconds)
        return await self._send_part(message)

    async def _send_part(self, message: Outgoing) -> Sending:
        """Send one PDU on a bind with room."""
        bearer = await self._slot()
        if bearer is None:
            return self._later("no bind has room" if any(self._senders()) else "no bind is up")
        try:
            answer = bearer.submit(message)
        except (NotBound, WindowFull) as error:
            return self._later(str(error))
        except ValueError as error:
            return Sending(SendResult.REFUSED, detail=str(error))
        try:
            return self._read(bearer, await answer)
        finally:
            self._freed.set()

    def _read(self, bearer: Bearer, outcome: SubmitOutcome) -> Sending:
        """What his answer means, by his table."""
        if not isinstance(outcome, Answered):
            return Sending(SendResult.UNKNOWN, detail="the operator did not answer")
        if outcome.status in SLOW_DOWN:
            self._pace.slow()
            log.warning("slowing down", extra={"operator": self.name, "status": outcome.status, "rate": round(self._pace.rate, 2)})
        match self.settings.submit_meaning(outcome.status):
            case SubmitMeaning.SENT:
                message_id = receipt.canonical(outcome.message_id)
                return Sending(SendResult.SENT, (message_id,) if message_id else ())
            case SubmitMeaning.REFUSED:
                return Sending(SendResult.REFUSED, detail=explain(outcome.status))
            case SubmitMeaning.STOP_BIND:
                bearer.stop_sending(explain(outcome.status))
        return self._later(explain(outcome.status))

    def _later(self, detail: str) -> Sending:
        return Sending(SendResult.LATER, detail=detail, retry_after_s=self.settings.mt.retry_after_seconds)

    def _senders(self) -> Iterator[Bearer]:
        for link in self.links:
            if link.bearer is not None and link.bearer.sends:
                yield link.bearer
        for bearer in self._guests:
            if bearer.sends:
                yield bearer

    def _roomiest(self) -> Bearer | None:
        bearer = max(self._senders(), key=lambda each: each.room, default=None)
        return bearer if bearer is not None and bearer.room > 0 else None

    async def _slot(self) -> Bearer | None:
        """A bind with room, when the pace allows; first come, first served. None: none is up, or the line is too long."""
        if not self._turn.locked() and (bearer := self._roomiest()) is not None and self._pace.take() == 0.0:
            return bearer
        if self._waiting >= WAITING_MAX:
            return None
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turn:
                return await self._wait_for_slot()
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1

    async def _wait_for_slot(self) -> Bearer | None:
        while True:
            bearer = self._roomiest()
            if bearer is not None:
                seconds = self._pace.take()
                if seconds == 0.0:
                    return bearer
                await self._world.clocks.sleep(seconds)
            elif any(self._senders()):
                self._freed.clear()
                await self._freed.wait()
            else:
                return None
