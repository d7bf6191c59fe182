"""One connection of an operator that is bound or about to be: its wire, its reception, and what may be sent on it.

Links, listeners and outbind make bearers in their own ways; from then on an operator's bearers are all alike, and a reply may leave on
any of them that sends.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.channel import Inbox
from adapters.smpp.events import AlertArrived, Ended, Event, LateAnswer, Nacked, Noted, RefusalSent, UnbindArrived, UnknownArrived
from adapters.smpp.pdu import Outgoing
from adapters.smpp.profile import BindMode, OperatorSettings, Timers
from adapters.smpp.reception import MESSAGES, Clocks, MessageArrived, Reception
from adapters.smpp.session import Session
from adapters.smpp.state import SENDS, Role
from adapters.smpp.traffic import Trace
from adapters.smpp.wire import SubmitOutcome, Wire

log = logging.getLogger(__name__)


class LinkState(enum.StrEnum):
    """Where a bind is, in a person's words."""

    STOPPED = "stopped"
    WAITING = "waiting"  # for the next try
    CONNECTING = "connecting"
    BINDING = "binding"
    BOUND = "bound"
    UNBINDING = "unbinding"
    MAINTENANCE = "maintenance"  # the operator's planned hours: no alarm


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """What `status` shows of one bind.

    Counts are by direction (`in`, `out`, `dropped`), command and command_status, over all its connections.
    """

    operator: str
    bind: str
    mode: BindMode | None
    state: LinkState
    since_ms: int
    last_pdu_ms: int | None
    counts: Mapping[tuple[str, str, int], int]
    window_used: int
    window_size: int
    unanswered: int
    peer: str
    connects: int
    last_error: str
    sending_stopped: str = ""


@dataclass(slots=True)
class Logbook:
    """What is known of one bind across its connections."""

    operator: str
    bind: str
    clocks: Clocks
    state: LinkState = LinkState.STOPPED
    since_ms: int = 0
    peer: str = ""
    connects: int = 0
    last_error: str = ""
    last_pdu_ms: int | None = None
    _tally: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def enter(self, state: LinkState) -> None:
        """Note a new state and when it began."""
        if state is not self.state:
            self.state, self.since_ms = state, self.clocks.wall()

    def close(self, wire: Wire) -> None:
        """Take over the counts of a connection that is gone."""
        self.last_pdu_ms = self._last_pdu(wire)
        self._tally.update(wire.session.counts)

    def status(self, bearer: Bearer | None) -> LinkStatus:
        """Sum up for people."""
        tally = self._tally.copy()
        if bearer is not None:
            tally.update(bearer.wire.session.counts)
        return LinkStatus(
            operator=self.operator,
            bind=self.bind,
            mode=bearer.mode if bearer is not None else None,
            state=self.state,
            since_ms=self.since_ms,
            last_pdu_ms=self._last_pdu(bearer.wire) if bearer is not None else self.last_pdu_ms,
            counts=dict(sorted(tally.items())),
            window_used=len(bearer.wire.session.window) if bearer is not None else 0,
            window_size=bearer.wire.session.window.size if bearer is not None else 0,
            unanswered=bearer.reception.unanswered if bearer is not None else 0,
            peer=self.peer,
            connects=self.connects,
            last_error=self.last_error,
            sending_stopped=bearer.stopped if bearer is not None else "",
        )

    def _last_pdu(self, wire: Wire) -> int | None:
        if wire.read_at is None:
            return self.last_pdu_ms
        return self.clocks.wall() - int((self.clocks.monotonic() - wire.read_at) * 1000)


def new_session(role: Role, operator: OperatorSettings | None, timers: Timers, trace: Trace | None = None) -> Session:
    """Make a session with the operator's limits; a stranger's, at the listener, are the smallest."""
    return Session(
        role,
        timers=timers,
        window=operator.mt.window if operator is not None else 1,
        unacknowledged_max=operator.unacknowledged_max if operator is not None else 1,
        trace=trace,
    )


class Bearer:
    """A connection and what it carries; `heed` gets the events that are not messages."""

    def __init__(
        self, operator: OperatorSettings, logbook: Logbook, wire: Wire, inbox: Inbox, heed: Callable[[Event], None] | None = None
    ) -> None:
        self.operator = operator
        self.logbook = logbook
        self.wire = wire
        self.mode: BindMode | None = None
        self.stopped = ""
        """Why nothing more is sent on it, in plain words; empty while it may send."""
        self.gone = asyncio.Event()
        self.reception = Reception(operator, logbook.bind, inbox, wire, logbook.clocks)
        self._heed = heed
        wire.minder = self

    @property
    def sends(self) -> bool:
        """Whether a reply may leave here now."""
        session = self.wire.session
        return not self.stopped and self.wire.open and session.state in SENDS[session.role] and not self.wire.congested

    @property
    def room(self) -> int:
        """How many more submits the window takes."""
        window = self.wire.session.window
        return window.size - len(window)

    def submit(self, message: Outgoing) -> asyncio.Future[SubmitOutcome]:
        """Send; raises WindowFull or NotBound before any byte left."""
        return self.wire.submit(message)

    def stop_sending(self, cause: str) -> None:
        """Our account is at fault here: take messages, send none, until the next bind."""
        self.stopped = cause
        log.error("sending on this bind is stopped", extra={"operator": self.operator.name, "bind": self.logbook.bind, "cause": cause})

    def bound(self, mode: BindMode) -> None:
        """The bind is up."""
        self.mode = mode
        self.logbook.enter(LinkState.BOUND)
        self.reception.begin()
        log.info("bound", extra={"operator": self.operator.name, "bind": self.logbook.bind, "peer": self.logbook.peer})

    def heed(self, events: list[Event]) -> None:
        """Share out one read's events: messages to the reception, the rest to the owner and the log."""
        messages: list[MessageArrived] = []
        for event in events:
            if isinstance(event, MESSAGES):
                messages.append(event)
                continue
            self._note(event)
            if self._heed is not None:
                self._heed(event)
        if messages:
            self.reception.take(messages)

    def closed(self) -> None:
        """The socket is gone."""
        self.logbook.close(self.wire)
        self.gone.set()

    async def farewell(self, seconds: float) -> None:
        """Leave in order: answer what was taken, unbind, wait for the answer, close; at most so long altogether."""
        self.logbook.enter(LinkState.UNBINDING)
        try:
            async with asyncio.timeout(seconds):
                await self.reception.settle(seconds / 2)
                self.wire.unbind()
                if self.wire.open:
                    await self.gone.wait()
        except TimeoutError:
            log.warning("the unbind was not answered", extra={"operator": self.operator.name, "bind": self.logbook.bind})
        finally:
            self.wire.close()

    def _note(self, event: Event) -> None:
        extra: dict[str, object] = {"operator": self.operator.name, "bind": self.logbook.bind}
        match event:
            case Ended(reason, detail):
                self.logbook.last_error = f"{reason}: {detail}" if detail else str(reason)
                log.info("session ended", extra={**extra, "reason": str(reason)})
            case Noted(cause, command, _):
                log.info("slip of the peer", extra={**extra, "cause": cause, "command": command})
            case RefusalSent(_, command, status, cause):
                self.reception.note_refusal(command, status, cause)
            case UnknownArrived(_, command):
                log.info("unknown command answered with generic_nack", extra={**extra, "command": f"0x{command:08x}"})
            case Nacked(_, status):
                log.warning("generic_nack", extra={**extra, "status": status})
            case LateAnswer(_, status, _):
                log.warning("an answer to a submit came too late", extra={**extra, "status": status})
            case UnbindArrived():
                log.info("the peer unbinds", extra=extra)
            case AlertArrived():
                log.info("alert_notification", extra=extra)
            case _:
                pass
