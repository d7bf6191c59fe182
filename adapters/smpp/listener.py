"""The other direction: operators and aggregators bind to us, or send outbind and let us bind on their own connection.

A stranger costs one socket for a few seconds: addresses nobody may come from are closed unread, the session-init timer and the one
for half a PDU end those who say nothing, and a wrong password is answered ever more slowly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping

from adapters.smpp.bearer import Bearer, Logbook, new_session
from adapters.smpp.dial import server_context
from adapters.smpp.doorkeeper import ESME_ROK, Admission, Doorkeeper
from adapters.smpp.events import BindArrived, BindRefused, Bound, Event, OutbindArrived
from adapters.smpp.link import Surroundings, bind_request
from adapters.smpp.operator import Operator
from adapters.smpp.profile import BindMode, HostPort, ListenerSettings
from adapters.smpp.state import Role
from adapters.smpp.status import explain
from adapters.smpp.wire import Wire

log = logging.getLogger(__name__)

OUR_SYSTEM_ID = "lapor-gateway"
UNBIND_SECONDS = 5.0  # For all guests together, when the listener closes.


class Listener:
    """One listening port; `run` serves it until it is cancelled."""

    def __init__(self, settings: ListenerSettings, operators: Mapping[str, Operator], world: Surroundings) -> None:
        self.settings = settings
        self.port = 0
        """The port in use, once it listens: the settings may have asked for any."""
        self.ready = asyncio.Event()
        self.doorkeeper = Doorkeeper([operator.settings for operator in operators.values()], world.clocks.monotonic)
        self.operators = operators
        self.world = world
        self._visitors: set[Visitor] = set()

    async def run(self) -> None:
        """Listen; raises OSError when the port cannot be had. At the end every guest is left in order."""
        host, port = HostPort.read(self.settings.listen)
        tls = server_context(self.settings.tls) if self.settings.tls is not None else None
        patience = self.settings.timers.session_init_seconds if tls is not None else None
        server = await asyncio.get_running_loop().create_server(
            self._answer_door, host, port, ssl=tls, ssl_handshake_timeout=patience, reuse_address=True
        )
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        log.info("listening for operators", extra={"address": str(HostPort(host, self.port))})
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            server.close()
            await asyncio.gather(*(visitor.farewell() for visitor in list(self._visitors)))

    def enter(self, visitor: Visitor) -> bool:
        """Note a new connection; False when there are too many or nobody may come from there."""
        if len(self._visitors) >= self.settings.connections_max:
            log.warning("too many connections", extra={"most": self.settings.connections_max})
            return False
        if not self.doorkeeper.knows(visitor.peer):
            log.warning("connection from an address no operator may use", extra={"peer": visitor.peer})
            return False
        self._visitors.add(visitor)
        return True

    def leave(self, visitor: Visitor) -> None:
        """Forget a connection."""
        self._visitors.discard(visitor)

    def binds_of(self, operator: str) -> int:
        """How many binds an operator has at this moment, over all listeners."""
        return self.operators[operator].guests

    def _answer_door(self) -> Wire:
        return Visitor(self).wire


class Visitor:
    """A connection somebody made to us; a guest of his operator once it is bound."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._world = listener.world
        session = new_session(Role.SMSC, None, listener.settings.timers, self._world.trace)
        self.wire = Wire(session, monotonic=self._world.clocks.monotonic, opened=self._enter)
        self.wire.minder = self
        self._bearer: Bearer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def peer(self) -> str:
        """The address it comes from."""
        return self.wire.peer

    def heed(self, events: list[Event]) -> None:
        """Before the bind: a bind or an outbind is all that counts."""
        for event in events:
            if isinstance(event, BindArrived):
                self._judge(event)
            elif isinstance(event, OutbindArrived):
                self._judge_outbind(event)

    def closed(self) -> None:
        """Gone before it was anybody's."""
        self._listener.leave(self)
        for task in self._tasks:
            task.cancel()

    async def farewell(self) -> None:
        """Leave in order."""
        if self._bearer is not None:
            await self._bearer.farewell(UNBIND_SECONDS)
        self.wire.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enter(self) -> None:
        self.wire.tune()
        if not self._listener.enter(self):
            self.wire.abort()

    def _judge(self, event: BindArrived) -> None:
        request = event.request
        admission = self._listener.doorkeeper.admit(request.system_id, request.password, self.peer, self._listener.binds_of)
        if admission.operator is None:
            self._start(self._refuse(event.sequence, admission))
            return
        operator = self._listener.operators[admission.operator.name]
        bearer = self._prepare(operator, operator.guest_name())
        operator.welcome(bearer)
        bearer.bound(request.mode)
        self.wire.answer_bind(event.sequence, ESME_ROK, OUR_SYSTEM_ID)

    async def _refuse(self, sequence: int, admission: Admission) -> None:
        """Say no, slowly to those who guess, and close."""
        log.warning("bind refused", extra={"peer": self.peer, "status": admission.status, "cause": admission.cause})
        await self._world.clocks.sleep(admission.wait_seconds)
        self.wire.answer_bind(sequence, admission.status, OUR_SYSTEM_ID)
        self.wire.close()

    def _judge_outbind(self, event: OutbindArrived) -> None:
        """An SMSC asks us to bind (SMPP 3.4 §2.2.1): we do, as a receiver, with our own system_id."""
        outbind = event.outbind
        admission = self._listener.doorkeeper.admit_outbind(outbind.system_id, outbind.password, self.peer)
        if admission.operator is None:
            log.warning("outbind refused", extra={"peer": self.peer, "cause": admission.cause})
            self.wire.close()
            return
        bearer = self._prepare(self._listener.operators[admission.operator.name], "outbind", self._heed_answer)
        self.wire.bind(bind_request(bearer.operator, BindMode.RECEIVER))

    def _heed_answer(self, event: Event) -> None:
        """What the SMSC says to the bind that its outbind asked for."""
        if self._bearer is not None and isinstance(event, Bound):
            self._bearer.bound(BindMode.RECEIVER)
        elif isinstance(event, BindRefused):
            log.error("bind after outbind refused", extra={"peer": self.peer, "status": event.status, "cause": explain(event.status)})
            self.wire.close()

    def _prepare(self, operator: Operator, name: str, heed: Callable[[Event], None] | None = None) -> Bearer:
        """The stranger has a name now: his own limits count, and his bearer minds the wire."""
        settings = operator.settings
        session = self.wire.session
        session.timers = settings.timers
        session.window.size = settings.mt.window
        session.unacknowledged_max = settings.unacknowledged_max
        logbook = Logbook(settings.name, name, self._world.clocks, peer=self.peer, connects=1)
        self._bearer = Bearer(settings, logbook, self.wire, operator.inbox, heed)
        self._start(self._host(operator, self._bearer))
        return self._bearer

    async def _host(self, operator: Operator, bearer: Bearer) -> None:
        """See the guest out when he goes."""
        await bearer.gone.wait()
        operator.dismiss(bearer)
        self._listener.leave(self)
        await bearer.reception.end()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
