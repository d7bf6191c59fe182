"""One SMPP session on one socket: bytes to the session, its events to whoever minds it, its bytes to the peer.

All bytes of one read become one list of events, and everything they call for leaves in one write. A peer that takes our bytes slowly
is not read any further, so nothing here grows without a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

from adapters.smpp.dial import tune
from adapters.smpp.events import Answered, Ended, Event, Unanswered
from adapters.smpp.pdu import BindRequest, Outbind, Outgoing
from adapters.smpp.session import Session
from adapters.smpp.state import BOUND

WRITE_OCTETS_MAX = 256 * 1024  # Unsent answers; above it we stop reading until the peer takes some.
TICK_SECONDS_MIN = 0.001

SubmitOutcome = Answered | Unanswered


class Minder(Protocol):
    """Who minds a wire."""

    def heed(self, events: list[Event]) -> None:
        """Act on the events of one read or one timer; answers to submits are not among them."""

    def closed(self) -> None:
        """The socket is gone; called once."""


class Wire(asyncio.Protocol):
    """Moves bytes between a socket and a sans-IO session, and gives the session its timers. `monotonic` is in seconds."""

    def __init__(self, session: Session, *, monotonic: Callable[[], float], opened: Callable[[], None] | None = None) -> None:
        self.session = session
        self.ended: Ended | None = None
        self.minder: Minder | None = None
        self._monotonic = monotonic
        self._opened = opened
        self.read_at: float | None = None
        """When the last bytes came, in monotonic seconds."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._submits: dict[int, asyncio.Future[SubmitOutcome]] = {}
        self._holds: set[str] = set()
        self._loop = asyncio.get_running_loop()

    @property
    def peer(self) -> str:
        """The peer's address, without the port; empty when there is no socket."""
        name = self._transport.get_extra_info("peername") if self._transport is not None else None
        return str(name[0]) if name else ""

    @property
    def bound(self) -> bool:
        """Whether messages may pass."""
        return self._transport is not None and self.session.state in BOUND

    @property
    def congested(self) -> bool:
        """Whether the peer takes our bytes more slowly than we make them."""
        return "write" in self._holds

    @property
    def open(self) -> bool:
        """Whether bytes can still leave."""
        return self._transport is not None and not self._transport.is_closing()

    # ── asyncio.Protocol ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the session and its timers."""
        stream = cast("asyncio.Transport", transport)  # uvloop's is one without being an instance
        self._transport = stream
        stream.set_write_buffer_limits(high=WRITE_OCTETS_MAX)
        self.session.connected(self._monotonic())
        self._arm()
        if self._opened is not None:
            self._opened()

    def data_received(self, data: bytes) -> None:
        """Give one read to the session, its events to the minder, and write what they call for."""
        self.read_at = self._monotonic()
        self._pass_on(self.session.receive(data, self.read_at))

    def pause_writing(self) -> None:
        """The peer does not take our answers: take nothing from it either."""
        self.hold("write")

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.release("write")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the session's own reason is the better one
        """End the session; what was submitted and not answered is unanswered for good."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._deliver(self.session.lost())
        for sequence, future in list(self._submits.items()):
            if not future.done():
                future.set_result(Unanswered(sequence))
        self._submits.clear()
        if self.minder is not None:
            self.minder.closed()

    def tune(self) -> None:
        """Set what small PDUs and long silences want of a socket."""
        if self._transport is not None:
            tune(self._transport)

    # ── what links, listeners and the operator do with it ──

    def bind(self, request: BindRequest) -> None:
        """Ask the SMSC to bind us; without effect when it has hung up already."""
        if self.open:
            self.session.bind(request, self._monotonic())
            self.flush()

    def answer_bind(self, sequence: int, status: int, system_id: str) -> None:
        """Tell the ESME whether it is bound."""
        self.session.answer_bind(sequence, status, system_id, self._monotonic())
        self.flush()

    def outbind(self, request: Outbind) -> None:
        """Ask the ESME to bind to us on this connection."""
        self.session.outbind(request)
        self.flush()

    def write_raw(self, octets: bytes) -> None:
        """Write bytes that no session would: for the simulator's faults."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def submit(self, message: Outgoing) -> asyncio.Future[SubmitOutcome]:
        """Send one message; raises WindowFull or NotBound before any byte left. The future always ends: see Timers.response_seconds."""
        sequence = self.session.submit(message, self._monotonic())
        future: asyncio.Future[SubmitOutcome] = self._loop.create_future()
        self._submits[sequence] = future
        self.flush()
        return future

    def unbind(self) -> None:
        """Take our leave; the session ends when the peer answers or the response timer runs out."""
        if self.bound:
            self.session.unbind(self._monotonic())
            self.flush()

    def leave(self, seconds: float) -> None:
        """Take our leave, and close after `seconds` even when something is still in flight."""
        self.unbind()
        self._loop.call_later(seconds, self.close)

    def close(self) -> None:
        """Write what is outgoing, then close."""
        if self._transport is not None:
            self.flush()
            self._transport.close()

    def abort(self) -> None:
        """Close at once, unsent bytes included."""
        if self._transport is not None:
            self._transport.abort()

    def hold(self, reason: str) -> None:
        """Stop reading until every reason to is released: TCP then pushes back."""
        if not self._holds and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds.add(reason)

    def release(self, reason: str) -> None:
        """Drop one reason to hold; read again when it was the last."""
        self._holds.discard(reason)
        if not self._holds and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def flush(self) -> None:
        """Write all that the session has for the peer, in one piece."""
        octets = self.session.outgoing()
        if octets and self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)
        self._arm()

    # ── inside ──

    def _pass_on(self, events: list[Event]) -> None:
        if events:
            self._deliver(events)
        self.flush()
        if self.ended is not None:
            self.close()

    def _deliver(self, events: list[Event]) -> None:
        """Settle the answers to our submits here; the minder gets the rest."""
        others = []
        for event in events:
            kind = type(event)
            if kind is Answered or kind is Unanswered:
                self._settle(event)  # type: ignore[arg-type]  # narrowed by the exact type above
            else:
                if kind is Ended:
                    self.ended = event  # type: ignore[assignment]  # as above
                others.append(event)
        if others and self.minder is not None:
            self.minder.heed(others)

    def _settle(self, event: Answered | Unanswered) -> None:
        future = self._submits.pop(event.sequence, None)
        if future is not None and not future.done():
            future.set_result(event)

    def _arm(self) -> None:
        """Keep one timer, set to the earliest deadline or before it; an early one only sets itself again."""
        deadline = self.session.deadline() if self._transport is not None else None
        if deadline is None or (self._timer is not None and self._timer_at <= deadline):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_later(max(TICK_SECONDS_MIN, deadline - self._monotonic()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._pass_on(self.session.tick(self._monotonic()))
