"""One bind to an operator, tried once and explained: what an engineer wants to know before the first citizen writes.

It resolves, connects, binds, enquires and unbinds, says each step in plain words, and on request shows every PDU masked, with offsets.
It keeps nothing, so what the operator delivers meanwhile is answered with "later".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from adapters.channel import Answer, Inbound, Refusal
from adapters.smpp.bearer import Bearer, Logbook, new_session
from adapters.smpp.dial import Endpoint, plain_cause
from adapters.smpp.events import BindRefused, Bound, Ended, Event
from adapters.smpp.link import Surroundings, bind_request
from adapters.smpp.profile import BindSettings, OperatorSettings
from adapters.smpp.state import Role
from adapters.smpp.status import explain
from adapters.smpp.trace import mask_frame
from adapters.smpp.wire import Wire

QUIET_SECONDS = 1.0  # Silence before the enquiry, and the time for its answer.

REMEDIES: Mapping[int, str] = {
    0x03: "This SMSC does not know this kind of bind: try receiver and transmitter instead of transceiver, or interface_version = 33.",
    0x04: "Ask the operator whether the account may bind in this mode (operator.binds, mode).",
    0x05: "Stop the gateway that still holds the bind, or wait until the SMSC has noticed; ask how many binds the account may have.",
    0x08: "The operator's side fails; try the next host, then call him.",
    0x0D: "Ask the operator whether the account is enabled and whether our address is on his list (operator.local_address).",
    0x0E: "Check the secret operator_NAME_password: at most 8 characters, no line end; ask the operator to set it anew.",
    0x0F: "Check operator.system_id, letter by letter, and whether this is the right host.",
    0x53: "Check operator.system_type; some operators want it empty.",
    0x58: "Too many binds in a short time; wait a minute.",
}


class NobodysDesk:
    """A front desk that keeps nothing: everything is asked to come again."""

    def __init__(self) -> None:
        self.offered = 0

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        """Put everything off."""
        self.offered += len(batch)
        return [Answer.LATER] * len(batch)

    async def session_began(self, operator: str, bind: str) -> int:  # noqa: ARG002 - the contract's names
        """Number nothing."""
        return 0

    async def session_ended(self, session: int) -> None:
        """Nothing was kept."""

    def refused(self, refusal: Refusal) -> None:
        """The report says how many."""

    def answered_late(self, session: int, received_ms: Sequence[int]) -> None:
        """Nothing was kept."""


class Probe:
    """Tries one operator; `say` takes the report line by line."""

    def __init__(self, operator: OperatorSettings, world: Surroundings, say: Callable[[str], None], *, trace: bool = False) -> None:
        timers = replace(operator.timers, enquire_link_seconds=QUIET_SECONDS)
        self._operator = replace(operator, timers=timers)
        self._world = world
        self._say = say
        self._trace = trace
        self._desk = NobodysDesk()
        self._bound = asyncio.Event()
        self._settled = asyncio.Event()
        self._cause = ""

    async def run(self, bind: BindSettings | None = None) -> bool:
        """Try the hosts in order until one binds; whether every step went well there."""
        if not self._operator.hosts:
            self._say(f"{self._operator.name} has no hosts: he binds to us, or sends outbind; see [[listener]].")
            return False
        chosen = bind if bind is not None else self._operator.binds[0]
        for host in self._operator.hosts:
            for endpoint in await self._resolve(host):
                if await self._connect(endpoint, chosen):
                    return True
        self._say("FAILED: no host took the bind.")
        return False

    async def _resolve(self, host: str) -> Sequence[Endpoint]:
        try:
            async with asyncio.timeout(self._operator.reconnect.connect_seconds):
                found = await self._world.dialler.resolve(host)
        except OSError as error:
            self._say(f"resolve {host}: FAILED, {plain_cause(error)}")
            return ()
        self._say(f"resolve {host}: ok, {', '.join(str(endpoint) for endpoint in found)}")
        return found

    async def _connect(self, endpoint: Endpoint, bind: BindSettings) -> bool:
        session = new_session(Role.ESME, self._operator, self._operator.timers, self._show if self._trace else None)
        wire = Wire(session, monotonic=self._world.clocks.monotonic)
        logbook = Logbook(self._operator.name, "probe", self._world.clocks)
        bearer = Bearer(self._operator, logbook, wire, self._desk, self._heed)
        secured = "TCP and TLS" if self._operator.tls is not None else "TCP, without TLS"
        try:
            async with asyncio.timeout(self._operator.reconnect.connect_seconds):
                await self._world.dialler.connect(endpoint, lambda: wire)
        except OSError as error:
            self._say(f"connect {endpoint}: FAILED, {plain_cause(error)}")
            return False
        self._say(f"connect {endpoint}: ok ({secured})")
        try:
            return await self._talk(bearer, bind)
        finally:
            wire.close()
            await bearer.gone.wait()

    async def _talk(self, bearer: Bearer, bind: BindSettings) -> bool:
        """Bind, enquire, unbind."""
        self._bound.clear()
        self._settled.clear()
        try:
            bearer.wire.bind(bind_request(self._operator, bind.mode))
        except ValueError as error:
            self._say(f"bind as {bind.mode}: FAILED, {error}")
            return False
        await self._wait(self._settled, bearer, self._operator.timers.response_seconds + 1)
        if not self._bound.is_set():
            self._say(f"bind as {bind.mode}: FAILED, {self._cause or bearer.logbook.last_error or 'no answer'}")
            return False
        bearer.bound(bind.mode)
        self._say(f"bind as {bind.mode}: ok, {self._cause}")
        await self._wait(bearer.gone, bearer, 1.9 * QUIET_SECONDS)
        alive = self._enquired(bearer)
        await bearer.farewell(self._operator.reconnect.unbind_seconds)
        parted = bearer.wire.session.counts.get(("in", "unbind_resp", 0), 0) > 0
        self._say("unbind: ok, answered" if parted else "unbind: not answered; the SMSC may hold the session for a while")
        if self._desk.offered:
            self._say(f"{self._desk.offered} messages came meanwhile; each was asked to come again later, none was taken.")
        self._say("OK: this operator can be bound." if alive else "FAILED: the bind is up, but the SMSC does not answer enquire_link.")
        return alive

    def _enquired(self, bearer: Bearer) -> bool:
        """Whether the peer lives; while messages come there is no silence to ask into."""
        if bearer.wire.session.counts.get(("in", "enquire_link_resp", 0), 0):
            self._say("enquire_link: ok, answered")
        elif self._desk.offered:
            self._say("enquire_link: not asked, because messages kept coming")
        else:
            self._say(f"enquire_link: FAILED, {bearer.logbook.last_error or 'no answer'}")
            return False
        return True

    async def _wait(self, event: asyncio.Event, bearer: Bearer, seconds: float) -> None:
        """Wait for the event or the end of the connection, whichever is first, no longer than `seconds`."""
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(bearer.gone.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def _heed(self, event: Event) -> None:
        match event:
            case Bound(system_id, version):
                self._cause = f"the SMSC calls itself {system_id or '(nothing)'}" + (f", speaks 0x{version:02x}" if version else "")
                self._bound.set()
                self._settled.set()
            case BindRefused(status):
                self._cause = f"{explain(status)}. {REMEDIES.get(status, 'Ask the operator.')}".replace("NAME", self._operator.name)
                self._settled.set()
            case Ended(reason, detail):
                if not self._cause:
                    self._cause = f"{reason} {detail}".strip()
                self._settled.set()
            case _:
                pass

    def _show(self, direction: str, frame: bytes) -> None:
        arrow = "<-" if direction == "in" else "->"
        for line in mask_frame(frame).splitlines():
            self._say(f"  {arrow} {line}")


async def probe(
    operator: OperatorSettings, world: Surroundings, say: Callable[[str], None], *, bind: BindSettings | None = None, trace: bool = False
) -> bool:
    """Try one bind once, explained line by line; whether it worked."""
    return await Probe(operator, world, say, trace=trace).run(bind)
