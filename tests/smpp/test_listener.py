"""Operators that bind to us, and SMSCs that ask us to bind: who may, what they hand over, what strangers get."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import pytest

from adapters.channel import Answer, Reply, SendResult
from adapters.smpp import codec
from adapters.smpp.doorkeeper import Doorkeeper
from adapters.smpp.events import SegmentArrived
from adapters.smpp.listener import Listener
from adapters.smpp.operator import Operator
from adapters.smpp.pdu import Command, Outgoing
from adapters.smpp.profile import AccountSettings, BindMode, ListenerSettings, OperatorSettings, OutbindSettings
from parsers.model import Address
from tests.smpp.peers import SHORT, Aggregator, KeepingInbox, play, simulator, until, world

SARI = Address(1, 1, "6281234567890")
CODE = Address(0, 1, "1708")
TIGA = OperatorSettings(
    name="tiga",
    system_id="lapor1708",
    password="kita",
    account=AccountSettings("tiga", "rahasia1", binds_max=2),
    outbind=OutbindSettings("SMSC", "keluar"),
)


@dataclasses.dataclass
class Door:
    listener: Listener
    operator: Operator
    inbox: KeepingInbox

    @property
    def port(self) -> int:
        return self.listener.port


@contextlib.asynccontextmanager
async def door(settings: OperatorSettings = TIGA, **listening: object) -> AsyncIterator[Door]:
    inbox = KeepingInbox()
    operator = Operator(settings, inbox, world(settings))
    listener = Listener(ListenerSettings("127.0.0.1:0", **listening), {settings.name: operator}, world(settings))  # type: ignore[arg-type]
    task = asyncio.create_task(listener.run())
    await asyncio.wait_for(listener.ready.wait(), 5)
    try:
        yield Door(listener, operator, inbox)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [("tiga", "rahasia1", 0x00), ("tiga", "wrong", 0x0E), ("tiga", "", 0x0E), ("empat", "rahasia1", 0x0F), ("", "", 0x0F)],
)
def test_a_bind_is_judged(system_id: str, password: str, status: int) -> None:
    async def story() -> None:
        async with door() as at:
            peer = Aggregator()
            assert await peer.bind(at.port, system_id, password) == status
            assert at.operator.guests == (status == 0)
            if status:
                await asyncio.wait_for(peer.over.wait(), 5)

    play(story())


def test_more_binds_than_agreed_are_already_bound() -> None:
    async def story() -> None:
        async with door() as at:
            peers = [Aggregator() for _ in range(3)]
            assert [await peer.bind(at.port) for peer in peers] == [0, 0, 0x05]
            peers[0].wire.abort()
            await until(lambda: at.operator.guests == 1)
            assert await Aggregator().bind(at.port) == 0

    play(story())


def test_an_account_without_a_password_lets_nobody_in() -> None:
    keeper = Doorkeeper([dataclasses.replace(TIGA, account=AccountSettings("tiga"))], lambda: 0.0)
    assert keeper.admit("tiga", "", "127.0.0.1", lambda _: 0).status == 0x0E


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 0), ("::1", 0), ("::ffff:127.0.0.1", 0), ("192.0.2.9", 0x0D), ("2001:db8::1", 0x0D)],
)
def test_an_account_is_tied_to_its_networks(address: str, status: int) -> None:
    keeper = Doorkeeper([TIGA], lambda: 0.0)
    assert keeper.admit("tiga", "rahasia1", address, lambda _: 0).status == status
    assert keeper.knows(address) == (status == 0)


def test_guessing_gets_slower_and_then_shuts_out_even_the_right_password_for_a_while() -> None:
    now = [0.0]
    keeper = Doorkeeper([TIGA], lambda: now[0])
    answers = [keeper.admit("tiga", f"guess{number}", "127.0.0.1", lambda _: 0) for number in range(8)]
    assert [answer.wait_seconds for answer in answers[:3]] == [0, 0, 0]
    assert answers[-1].wait_seconds == 5
    assert keeper.admit("tiga", "rahasia1", "127.0.0.1", lambda _: 0).status == 0x0D
    assert keeper.admit("tiga", "rahasia1", "::1", lambda _: 0).status == 0
    now[0] = 120.0
    assert keeper.admit("tiga", "rahasia1", "127.0.0.1", lambda _: 0).status == 0


def test_the_memory_of_guessers_is_bounded() -> None:
    keeper = Doorkeeper([TIGA], lambda: 0.0)
    for number in range(5000):
        keeper.admit("x", "y", f"10.0.{number >> 8}.{number & 255}", lambda _: 0)
    assert len(keeper._failures) <= 4096


@pytest.mark.parametrize("as_data_sm", [False, True])
def test_a_message_is_kept_and_its_answer_has_an_id(*, as_data_sm: bool) -> None:
    async def story() -> None:
        async with door() as at:
            peer = Aggregator()
            await peer.bind(at.port, mode=BindMode.TRANSMITTER)
            outcome = await peer.wire.submit(Outgoing(SARI, CODE, b"AGAM jalan rusak", as_data_sm=as_data_sm))
            assert getattr(outcome, "status", None) == 0
            assert getattr(outcome, "message_id", "")
            [segment] = at.inbox.segments
            assert (segment.operator, segment.bind, segment.octets) == ("tiga", "guest1", b"AGAM jalan rusak")

    play(story())


def test_what_cannot_be_kept_is_put_off() -> None:
    async def story() -> None:
        async with door() as at:
            at.inbox.answer = Answer.LATER
            peer = Aggregator()
            await peer.bind(at.port)
            outcome = await peer.wire.submit(Outgoing(SARI, CODE, b"AGAM jalan rusak"))
            assert getattr(outcome, "status", None) == 0x64
            assert at.inbox.refusals[0].bind == "guest1"

    play(story())


@pytest.mark.parametrize(
    ("mode", "result"),
    [(BindMode.TRANSCEIVER, SendResult.SENT), (BindMode.RECEIVER, SendResult.SENT), (BindMode.TRANSMITTER, SendResult.LATER)],
)
def test_a_reply_goes_back_as_deliver_sm_on_a_bind_that_receives(mode: BindMode, result: SendResult) -> None:
    async def story() -> None:
        async with door() as at:
            peer = Aggregator()
            await peer.bind(at.port, mode=mode)
            assert (await at.operator.send(Reply(SARI, "LAPOR! No. G7K2QP"))).result is result
            texts = [event.pdu for event in peer.events if isinstance(event, SegmentArrived)]
            assert [(pdu.command, pdu.octets) for pdu in texts] == [("deliver_sm", b"LAPOR! No. G7K2QP")] * (result is SendResult.SENT)

    play(story())


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0\0\0\x20\0\0\0\x09", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\x16\x03\x01\x02\x00\x01" + b"\0" * 40],
    ids=["nothing", "half a bind", "HTTP", "noise", "TLS"],
)
def test_whoever_does_not_bind_is_cut_off_and_the_others_are_served(octets: bytes) -> None:
    async def story() -> None:
        async with door(timers=SHORT) as at:
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            writer.write(octets)
            peer = Aggregator()
            assert await peer.bind(at.port) == 0
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 5)
            writer.close()
            assert at.operator.guests == 1

    play(story())


def test_a_message_before_the_bind_is_refused_and_not_kept() -> None:
    async def story() -> None:
        async with door() as at:
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            writer.write(codec.message(Command.SUBMIT_SM, Outgoing(SARI, CODE, b"AGAM"), 5))
            answer = await asyncio.wait_for(reader.readexactly(16), 5)
            assert int.from_bytes(answer[8:12], "big") == 0x04
            assert not at.inbox.kept
            writer.close()

    play(story())


def test_there_is_a_most_of_connections() -> None:
    async def story() -> None:
        async with door(connections_max=2) as at:
            peers = [Aggregator() for _ in range(2)]
            for peer in peers:
                assert await peer.bind(at.port) == 0
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()

    play(story())


def test_an_outbind_makes_us_bind_as_a_receiver_and_take_messages() -> None:
    async def story() -> None:
        async with door() as at, simulator(passwords={"lapor1708": "kita"}) as smsc:
            await smsc.outbind(f"127.0.0.1:{at.port}", "keluar")
            await smsc.expect_binds(1)
            assert smsc.bound[0].mode is BindMode.RECEIVER
            await smsc.send_mo(SARI.value, "AGAM jalan rusak")
            assert [segment.bind for segment in at.inbox.segments] == ["outbind"]

    play(story())


def test_an_outbind_from_whom_we_do_not_know_is_closed() -> None:
    async def story() -> None:
        async with door() as at, simulator() as smsc:
            await smsc.outbind(f"127.0.0.1:{at.port}", "guess")
            await asyncio.sleep(0.1)
            assert smsc.bind_requests == 0

    play(story())


def test_a_closing_listener_takes_leave_of_its_guests() -> None:
    async def story() -> None:
        peer = Aggregator()
        async with door() as at:
            await peer.bind(at.port)
        await asyncio.wait_for(peer.over.wait(), 5)
        assert peer.wire.session.counts[("in", "unbind", 0)] == 1
        assert at.inbox.ended == [1]

    play(story())
