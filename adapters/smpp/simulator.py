"""A simulated operator: an SMSC with phones behind it, for the demo, the tests, trainers and operators' engineers.

It speaks real SMPP over TCP, any number of binds, and behaves like a real SMSC: what is not answered with a yes is delivered again on
the next bind, by a schedule. It keeps the truth of what was accepted, so that a ledger can be drawn up against it, and misbehaves
on demand (see Faults).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from adapters.smpp.events import Answered
from adapters.smpp.faults import Faults
from adapters.smpp.parts import Cut, cut
from adapters.smpp.pdu import Outbind, Outgoing, ShortMessage, Tag
from adapters.smpp.phone import Bubble, Phone, Way, segment_of
from adapters.smpp.profile import Alphabet, HostPort, LongForm, Timers
from adapters.smpp.reception import Clocks
from adapters.smpp.session import NotBound, WindowFull
from adapters.smpp.simulated_bind import SimulatedBind
from adapters.smpp.wire import SubmitOutcome
from parsers import charset
from parsers.model import Address

LATER_STATUSES = frozenset({0x04, 0x08, 0x14, 0x45, 0x58, 0x64, 0xFE, 0xFF})
"""After these we deliver again, as most SMSCs do; any other "no" is final."""
RECEIPT = 0x04  # esm_class of an SMSC delivery receipt (SMPP 3.4 §5.2.12).
ESME_RTHROTTLED = 0x58
STOP_SECONDS = 2.0  # For sockets to close, TLS included.


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """How the simulated operator is set up; spans in seconds."""

    name: str = "satu"
    listen: str = "127.0.0.1:0"
    system_id: str = "SMSC"
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    """Who may bind, system_id to password; empty: anybody."""
    short_code: str = "1708"
    window: int = 100
    """deliver_sm without an answer on one bind."""
    retry_seconds: tuple[float, ...] = (0.2, 1.0, 5.0, 30.0)
    """Waits before the 2nd, 3rd … delivery; the last one repeats."""
    response_seconds: float = 10.0
    receipts: bool = True
    receipt_seconds: float = 0.05
    receipt_form: str = "both"
    """`tlv`, `text` or `both`."""
    hexadecimal_ids: bool = True
    """Ids in submit_sm_resp; receipts write the same number in decimal when False stands in `same_ids`."""
    same_ids: bool = True
    alphabet0: Alphabet = Alphabet.GSM7
    timers: Timers = field(default_factory=Timers)


@dataclass(slots=True, repr=False, eq=False)
class Mo:
    """One PDU on its way to the gateway. `accepted_ms` is when the gateway said yes: from then on it is the gateway's."""

    outgoing: Outgoing
    bubble: Bubble | None
    bind: str | None
    done: asyncio.Future[int | None]
    deliveries: int = 0
    answers: list[int | None] = field(default_factory=list)
    accepted_ms: int | None = None
    last_bind: str = ""
    siblings: list[Mo] = field(default_factory=list)


class Simulator:
    """The simulated SMSC; `start` listens, `stop` ends it."""

    def __init__(self, settings: SimulatorSettings, clocks: Clocks, random: Random) -> None:
        self.settings = settings
        self.clocks = clocks
        self.random = random
        self.faults = Faults()
        self.binds: list[SimulatedBind] = []
        self.connections: set[SimulatedBind] = set()
        """Every open socket, bound or not."""
        self.phones: dict[str, Phone] = {}
        self.sent: list[Mo] = []
        """Every MO PDU handed in, receipts excepted."""
        self.accepted: list[Mo] = []
        """Those the gateway said yes to, in that order: the truth for the ledger."""
        self.submitted = 0
        """submit_sm taken and answered with a yes."""
        self.bind_requests = 0
        self.changed = asyncio.Condition()
        self._queue: deque[Mo] = deque()
        self._held_back: list[Mo] = []
        self._turn = 0
        self._next_id = 0x1000
        self._reference = random.randrange(0x10000)
        self._server: asyncio.Server | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # ── running ──

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    @property
    def address(self) -> str:
        """`host:port` for operators.toml."""
        return str(HostPort(HostPort.read(self.settings.listen).host, self.port))

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, with TLS where a context is given."""
        host, port = HostPort.read(self.settings.listen)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SimulatedBind(self).wire, host, port, reuse_address=True, ssl=tls)

    async def stop(self) -> None:
        """Close everything at once, as an SMSC that falls over does."""
        await self.stop_listening()
        for bind in list(self.connections):
            bind.wire.abort()
        with contextlib.suppress(TimeoutError):
            await self.expect(lambda: not self.connections, STOP_SECONDS)
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()

    async def stop_listening(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def outbind(self, address: str, password: str = "") -> None:
        """Connect to the gateway's listener and ask it to bind (SMPP 3.4 §2.2.1)."""
        host, port = HostPort.read(address)
        bind = SimulatedBind(self)
        await asyncio.get_running_loop().create_connection(lambda: bind.wire, host, port)
        bind.wire.outbind(Outbind(self.settings.system_id, password))

    # ── citizens ──

    def phone(self, number: str) -> Phone:
        """The phone with this number, digits only."""
        return self.phones.setdefault(number, Phone(number))

    async def send_mo(self, sender: str, text: str, *, bind: str | None = None, cut: Cut | None = None) -> list[Mo]:
        """Send one text; returns when the gateway has said yes or a final no to each of its parts."""
        return await self._delivered(self.post_mo(sender, text, bind=bind, cut=cut))

    def post_mo(self, sender: str, text: str, *, bind: str | None = None, cut: Cut | None = None) -> list[Mo]:
        """Send one text without waiting for anything."""
        mos = self._compose(sender, text, cut)
        for mo in mos:
            mo.bind = bind
            self._enqueue(mo)
        return mos

    async def send_long(  # noqa: PLR0913 - the three in the middle are what a test or a trainer varies
        self, sender: str, text: str, *, order: Sequence[int] = (), binds: Sequence[str] = (), gap: float = 0.0, cut: Cut | None = None
    ) -> list[Mo]:
        """Send as `post_long` does; returns when the gateway has said yes or a final no to each part."""
        return await self._delivered(await self.post_long(sender, text, order=order, binds=binds, gap=gap, cut=cut))

    async def post_long(  # noqa: PLR0913 - as above
        self, sender: str, text: str, *, order: Sequence[int] = (), binds: Sequence[str] = (), gap: float = 0.0, cut: Cut | None = None
    ) -> list[Mo]:
        """Hand in a text's parts in this order (from 1), each on the bind named at its place, `gap` seconds apart; answers later.

        A part that `order` leaves out never comes. Returns what was handed in. ValueError for an order that names no part, or one twice.
        """
        mos = self._compose(sender, text, cut, order)
        for place, mo in enumerate(mos):
            mo.bind = binds[place] if place < len(binds) else None
            if place and gap:
                await self.clocks.sleep(gap)
            self._enqueue(mo)
        return mos

    def post(self, outgoing: Outgoing, *, bind: str | None = None) -> Mo:
        """Send one PDU as it is."""
        mo = self._mo(outgoing, None)
        mo.bind = bind
        self._enqueue(mo)
        return mo

    # ── expectations, each bounded ──

    async def expect(self, met: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so; TimeoutError if it is not in time."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(met)

    async def expect_binds(self, count: int, seconds: float = 10.0) -> None:
        """Wait for so many binds."""
        await self.expect(lambda: len(self.bound) == count, seconds)

    async def expect_replies(self, number: str, count: int = 1, seconds: float = 10.0) -> list[Bubble]:
        """Wait until a phone has got so many texts."""
        await self.expect(lambda: len(self.phone(number).received) >= count, seconds)
        return self.phone(number).received

    @property
    def bound(self) -> list[SimulatedBind]:
        """The binds that are up, oldest first."""
        return [bind for bind in self.binds if bind.wire.bound]

    # ── what binds report ──

    def wake(self) -> None:
        """Something changed: look at the queue, tell who waits."""
        self.pump()
        task = asyncio.get_running_loop().create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def pump(self) -> None:
        """Deliver what is queued, as far as binds have room."""
        for _ in range(len(self._queue)):
            mo = self._queue.popleft()
            bind = self._choose(mo)
            if bind is None:
                self._queue.append(mo)
                if mo.bind is None:
                    self._queue.rotate(1)
                    return
                continue
            self._deliver(mo, bind)

    def take_reply(self, pdu: ShortMessage, bind: str) -> tuple[int, str]:
        """A submit_sm arrives: the status and the message id to answer with."""
        if self.faults.throttle_next > 0:
            self.faults.throttle_next -= 1
            return ESME_RTHROTTLED, ""
        if self.faults.submit_status:
            return self.faults.submit_status, ""
        self._next_id += 1
        number = self._next_id
        message_id = f"{number:08X}" if self.settings.hexadecimal_ids else str(number)
        self.submitted += 1
        self.phone(pdu.destination.value).take(segment_of(pdu, bind=bind, received_ms=self.clocks.wall()))
        if self.settings.receipts and pdu.registered_delivery & 1:
            receipt_id = message_id if self.settings.same_ids else str(number)
            if self.faults.receipt_first:
                self._enqueue_receipt(pdu, receipt_id)
            else:
                self.later(self.settings.receipt_seconds, lambda: self._enqueue_receipt(pdu, receipt_id))
        return 0, message_id

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after a while, unless the simulator is stopped by then."""

        def act() -> None:
            self._timers.discard(handle)
            do()

        handle = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(handle)

    # ── inside ──

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _delivered(self, mos: list[Mo]) -> list[Mo]:
        await asyncio.gather(*(mo.done for mo in mos))
        return mos

    def _compose(self, sender: str, text: str, how: Cut | None, order: Sequence[int] = ()) -> list[Mo]:
        alphabet = charset.GSM7 if charset.fits_gsm7(text) else charset.UCS2
        how = how if how is not None else Cut(alphabet)
        self._reference = (self._reference + 1) & 0xFFFF
        parts = cut(text, how, self._reference if how.wide or how.form is LongForm.SAR else self._reference & 0xFF)
        if len(order) != len(set(order) & set(range(1, len(parts) + 1))):
            raise ValueError(f"order must name parts from 1 to {len(parts)}, each once at most")
        bubble = Bubble(Way.SENT, text, self.clocks.wall(), len(parts), kept=False)
        self.phone(sender).bubbles.append(bubble)
        plain = how.alphabet == self.settings.alphabet0
        coding = 0 if plain else charset.data_coding_of(how.alphabet)
        source, destination = Address(1, 1, sender), Address(0, 1, self.settings.short_code)
        mos = [
            self._mo(Outgoing(source, destination, part.octets, part.esm_class, coding, in_payload=part.in_payload, sar=part.sar), bubble)
            for part in parts
        ]
        for mo in mos:
            mo.siblings = mos
        return [mos[number - 1] for number in order] or mos

    def _mo(self, outgoing: Outgoing, bubble: Bubble | None) -> Mo:
        return Mo(outgoing, bubble, None, asyncio.get_running_loop().create_future())

    def _enqueue(self, mo: Mo) -> None:
        if mo.outgoing.esm_class != RECEIPT:
            self.sent.append(mo)
        if self.faults.reorder_next > 0:
            self.faults.reorder_next -= 1
            self._held_back.insert(0, mo)
        else:
            self._queue.append(mo)
        if self.faults.reorder_next == 0:
            self._queue.extend(self._held_back)
            self._held_back.clear()
        self.pump()

    def _choose(self, mo: Mo) -> SimulatedBind | None:
        """The bind asked for, else the next in turn that delivers and has room; a second try goes to another one where there is one."""
        ready = [bind for bind in self.binds if bind.ready and mo.bind in (None, bind.name)]
        if mo.bind is None and mo.deliveries and len(ready) > 1:
            ready = [bind for bind in ready if bind.name != mo.last_bind] or ready
        if not ready:
            return None
        self._turn += 1
        return ready[self._turn % len(ready)]

    def _deliver(self, mo: Mo, bind: SimulatedBind) -> None:
        mo.deliveries += 1
        mo.last_bind = bind.name
        try:
            answer = bind.deliver(mo.outgoing)
        except (NotBound, WindowFull):
            self._queue.append(mo)
            return
        answer.add_done_callback(lambda future: self._answered(mo, future.result()))

    def _answered(self, mo: Mo, outcome: SubmitOutcome) -> None:
        status = outcome.status if isinstance(outcome, Answered) else None
        mo.answers.append(status)
        if status == 0:
            self._accept(mo)
        elif status is None or status in LATER_STATUSES:
            waits = self.settings.retry_seconds
            self.later(waits[min(mo.deliveries, len(waits)) - 1], lambda: self._requeue(mo))
        elif not mo.done.done():
            mo.done.set_result(status)
        self.wake()

    def _accept(self, mo: Mo) -> None:
        if mo.accepted_ms is None and mo.outgoing.esm_class != RECEIPT:
            mo.accepted_ms = self.clocks.wall()
            self.accepted.append(mo)
        if not mo.done.done():
            mo.done.set_result(0)
        if mo.bubble is not None and all(each.accepted_ms is not None for each in mo.siblings):
            mo.bubble.kept = True
        if self.faults.redeliver_next > 0 and mo.outgoing.esm_class != RECEIPT:
            self.faults.redeliver_next -= 1
            self._requeue(mo)

    def _requeue(self, mo: Mo) -> None:
        self._queue.append(mo)
        self.pump()

    def _enqueue_receipt(self, pdu: ShortMessage, message_id: str) -> None:
        text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err:000 text:-"
        form = self.settings.receipt_form
        tlvs = ((int(Tag.RECEIPTED_MESSAGE_ID), message_id.encode() + b"\0"), (int(Tag.MESSAGE_STATE), b"\x02"))
        outgoing = Outgoing(
            source=pdu.destination,
            destination=pdu.source,
            octets=b"" if form == "tlv" else text.encode(),
            esm_class=RECEIPT,
            tlvs=() if form == "text" else tlvs,
        )
        self._enqueue(self._mo(outgoing, None))
