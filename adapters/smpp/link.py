"""One bind to one operator, kept up for as long as the gateway runs: connect, bind, wait, again.

Hosts in order with fail-over, names resolved at each connect, waits that grow and are drawn at random, a pause after ESME_RALYBND, the
operator's maintenance hours, and a clean unbind at the end. What passes on it is its bearer's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from random import Random

from adapters.channel import Inbox
from adapters.smpp.backoff import Backoff, Setback, setback_of
from adapters.smpp.bearer import Bearer, LinkState, LinkStatus, Logbook, new_session
from adapters.smpp.dial import Dialler, Endpoint, plain_cause
from adapters.smpp.events import BindRefused, Bound, Event
from adapters.smpp.pdu import BindRequest
from adapters.smpp.profile import BindMode, OperatorSettings
from adapters.smpp.reception import Clocks
from adapters.smpp.state import Role
from adapters.smpp.status import explain
from adapters.smpp.traffic import Trace
from adapters.smpp.wire import Wire
from parsers.model import Address

log = logging.getLogger(__name__)

MAINTENANCE_LOOK_SECONDS = 15.0  # How often we look whether the planned hours are over.


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a link takes from the world: the network, the clocks, chance, and a hook that sees every frame."""

    dialler: Dialler
    clocks: Clocks
    random: Random
    trace: Trace | None = None


class Link:
    """One bind; `run` keeps it up until it is cancelled."""

    def __init__(self, operator: OperatorSettings, name: str, mode: BindMode, inbox: Inbox, world: Surroundings) -> None:
        self.name = name
        self.mode = mode
        self.bearer: Bearer | None = None
        self._operator = operator
        self._inbox = inbox
        self._world = world
        self._backoff = Backoff(operator.reconnect, world.clocks.monotonic, world.random)
        self._logbook = Logbook(operator.name, name, world.clocks)
        self._refused: int | None = None
        self._bound_at: float | None = None

    def status(self) -> LinkStatus:
        """Where the bind is and what passed on it."""
        return self._logbook.status(self.bearer)

    async def run(self) -> None:
        """Keep the bind up; ends only by being cancelled, and then after a clean unbind."""
        self._logbook.enter(LinkState.WAITING)
        try:
            while True:
                for host in self._operator.hosts:
                    await self._sit_out_maintenance()
                    setback = await self._try(host)
                    last = host == self._operator.hosts[-1]
                    again = setback is not Setback.FAILED
                    await self._wait(setback if last or again else None)
                    if again:
                        break
        finally:
            self._logbook.enter(LinkState.STOPPED)

    async def _try(self, host: str) -> Setback:
        """Go through the addresses of one host until one binds; returns when that bind is over, or none did."""
        try:
            async with asyncio.timeout(self._operator.reconnect.connect_seconds):
                endpoints = await self._world.dialler.resolve(host)
        except OSError as error:
            self._failed(host, error)
            return Setback.FAILED
        setback = Setback.FAILED
        for endpoint in endpoints:
            await self._world.clocks.sleep(self._backoff.apart())
            setback = await self._connect(endpoint)
            if setback is not Setback.FAILED:
                break
        return setback

    async def _connect(self, endpoint: Endpoint) -> Setback:
        """Make one connection and stay on it."""
        self._logbook.enter(LinkState.CONNECTING)
        self._logbook.peer = str(endpoint)
        self._logbook.connects += 1
        self._backoff.connecting()
        session = new_session(Role.ESME, self._operator, self._operator.timers, self._world.trace)
        wire = Wire(session, monotonic=self._world.clocks.monotonic)
        bearer = Bearer(self._operator, self._logbook, wire, self._inbox, self._heed)
        try:
            async with asyncio.timeout(self._operator.reconnect.connect_seconds):
                await self._world.dialler.connect(endpoint, lambda: wire)
        except OSError as error:
            self._failed(str(endpoint), error)
            return Setback.FAILED
        return await self._stay(bearer)

    async def _stay(self, bearer: Bearer) -> Setback:
        """Bind, and stay until the connection is gone; a cancellation leaves in order."""
        self.bearer, self._refused, self._bound_at = bearer, None, None
        self._logbook.enter(LinkState.BINDING)
        try:
            bearer.wire.bind(bind_request(self._operator, self.mode))
            await bearer.gone.wait()
        except asyncio.CancelledError:
            await self._leave(bearer)
            raise
        finally:
            self.bearer = None
            bearer.wire.close()
            self._logbook.enter(LinkState.WAITING)
        await bearer.reception.end()
        if self._refused is not None:
            return setback_of(self._refused)
        return Setback.FAILED if self._bound_at is None else Setback.LOST

    async def _leave(self, bearer: Bearer) -> None:
        """Say goodbye to the SMSC, then to the front desk; both are bounded, because a stop must end."""
        seconds = self._operator.reconnect.unbind_seconds
        await bearer.farewell(seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await bearer.reception.end()

    def _heed(self, event: Event) -> None:
        if self.bearer is None:
            return
        if isinstance(event, Bound):
            self._bound_at = self._world.clocks.monotonic()
            self._logbook.last_error = ""
            self.bearer.bound(self.mode)
        elif isinstance(event, BindRefused):
            self._refused = event.status
            self._logbook.last_error = explain(event.status)
            log.error("bind refused", extra={"operator": self._operator.name, "bind": self.name, "status": event.status})
            self.bearer.wire.close()

    def _failed(self, where: str, error: OSError) -> None:
        cause = plain_cause(error)
        self._logbook.last_error = f"{where}: {cause}"
        log.warning("connect failed", extra={"operator": self._operator.name, "bind": self.name, "where": where, "cause": cause})

    async def _wait(self, setback: Setback | None) -> None:
        """Wait as the setback asks; None: only as long as two connects must lie apart."""
        self._logbook.enter(LinkState.WAITING)
        held = self._world.clocks.monotonic() - self._bound_at if self._bound_at is not None else 0.0
        self._bound_at = None
        await self._world.clocks.sleep(self._backoff.apart() if setback is None else self._backoff.wait(setback, held))

    async def _sit_out_maintenance(self) -> None:
        while self._operator.in_maintenance(self._world.clocks.wall()):
            self._logbook.enter(LinkState.MAINTENANCE)
            await self._world.clocks.sleep(MAINTENANCE_LOOK_SECONDS)


def bind_request(operator: OperatorSettings, mode: BindMode) -> BindRequest:
    """What we say when we bind to this operator."""
    return BindRequest(
        mode=mode,
        system_id=operator.system_id,
        password=operator.password,
        system_type=operator.system_type,
        interface_version=0x34 if operator.interface_version == 34 else 0x33,
        address=Address(operator.address_ton, operator.address_npi, operator.address_range),
    )
