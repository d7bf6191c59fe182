"""The simulated operator, against our own links and against smpplib's client as a second opinion."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
import smpplib.client
import smpplib.consts

from adapters.channel import Answer
from adapters.smpp import codec
from adapters.smpp.faults import Faults
from adapters.smpp.load import Load, LoadSettings
from adapters.smpp.parts import Cut, cut
from adapters.smpp.pdu import Command, Outgoing
from adapters.smpp.phone import Phone, segment_of
from adapters.smpp.profile import LongForm
from adapters.smpp.reader import read_message
from parsers import charset
from parsers.model import Address
from tests.smpp.peers import Aggregator, binds, play, scene, simulator, until

SARI = "6281234567890"
LONG = "AGAM lampu jalan mati di Lubuk Basung sejak Senin, sudah dilaporkan ke RT. " * 4


class SmpplibPeer:
    """smpplib's own client in a thread: binds, answers what is delivered, submits one text, unbinds."""

    def __init__(self, port: int) -> None:
        self.texts: list[bytes] = []
        self.answers: list[tuple[int, str]] = []
        self._port = port
        self._stop = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        client = smpplib.client.Client("127.0.0.1", self._port, timeout=1, allow_unknown_opt_params=True)
        client.set_message_received_handler(self._take)
        client.set_message_sent_handler(lambda pdu: self.answers.append((pdu.status, pdu.message_id.decode())))
        client.connect()
        client.bind_transceiver(system_id="lapor", password="rahasia1")
        client.send_message(source_addr="1708", destination_addr=SARI, short_message=b"LAPOR! No. G7K2QP", registered_delivery=True)
        while not self._stop.is_set():
            client.read_once()
        client.unbind()
        client.disconnect()

    def _take(self, pdu: Any) -> int:
        self.texts.append(pdu.short_message)
        return smpplib.consts.SMPP_ESME_ROK

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.to_thread(self.thread.join, 10)
        assert not self.thread.is_alive()


def test_smpplib_understands_the_simulator(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "smpp")

    async def story() -> None:
        async with simulator(passwords={"lapor": "rahasia1"}) as smsc:
            peer = SmpplibPeer(smsc.port)
            peer.thread.start()
            await smsc.expect_binds(1)
            await smsc.send_mo(SARI, "AGAM jalan rusak")
            await smsc.expect_replies(SARI)
            await until(lambda: len(peer.texts) == 2)
            await smsc.send_mo(SARI, "selesai")
            await peer.stop()
            assert peer.answers == [(0, "00001001")]
            assert peer.texts[0] == b"AGAM jalan rusak"
            assert b"stat:DELIVRD" in peer.texts[1]
            assert smsc.phone(SARI).received[0].text == "LAPOR! No. G7K2QP"

    play(story())


def test_what_got_no_yes_is_delivered_again_on_the_next_bind_and_counted_once() -> None:
    async def story() -> None:
        async with scene(binds=binds(count=2)) as at:
            at.inbox.answer = Answer.LATER
            [mo] = at.smsc.post_mo(SARI, "AGAM jalan rusak")
            first = ""
            await until(lambda: mo.deliveries == 1)
            first = mo.last_bind
            await until(lambda: mo.deliveries >= 2)
            assert mo.last_bind != first
            assert at.smsc.accepted == []
            at.inbox.answer = Answer.KEPT
            await mo.done
            assert at.smsc.accepted == [mo]
            assert at.smsc.phone(SARI).sent[0].kept

    play(story())


@pytest.mark.parametrize(("fault", "copies"), [("duplicate_next", 2), ("redeliver_next", 2)])
def test_copies_come_when_asked_for(fault: str, copies: int) -> None:
    async def story() -> None:
        async with scene() as at:
            setattr(at.smsc.faults, fault, 1)
            await at.smsc.send_mo(SARI, "AGAM jalan rusak")
            await until(lambda: len(at.inbox.segments) == copies)
            assert len({(each.source, each.octets) for each in at.inbox.segments}) == 1
            assert len(at.smsc.accepted) == 1

    play(story())


def test_a_drop_in_the_middle_loses_nothing() -> None:
    async def story() -> None:
        async with scene() as at:
            at.smsc.faults.drop_after = 3
            for number in range(10):
                at.smsc.post_mo(SARI, f"AGAM {number}")
            await until(lambda: len(at.smsc.accepted) == 10)
            assert {segment.octets for segment in at.inbox.segments} >= {f"AGAM {number}".encode() for number in range(10)}

    play(story())


def test_a_wrong_password_is_refused() -> None:
    async def story() -> None:
        async with simulator(passwords={"lapor": "other"}) as smsc:
            assert await Aggregator().bind(smsc.port, "lapor", "wrong") == 0x0E
            assert await Aggregator().bind(smsc.port, "stranger", "wrong") == 0x0F

    play(story())


@pytest.mark.parametrize("form", list(LongForm))
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("alphabet", [charset.GSM7, charset.UCS2, charset.LATIN1])
def test_a_long_text_is_whole_again_on_a_phone(form: LongForm, alphabet: str, *, wide: bool) -> None:
    phone = Phone(SARI)
    coding = charset.data_coding_of(alphabet)
    for number, part in enumerate(reversed(cut(LONG, Cut(alphabet, form, wide=wide), 300 if wide else 44))):
        outgoing = Outgoing(
            Address(0, 1, "1708"), Address(1, 1, SARI), part.octets, part.esm_class, coding, in_payload=part.in_payload, sar=part.sar
        )
        pdu = read_message(codec.message(Command.SUBMIT_SM, outgoing, number + 1))
        phone.take(segment_of(pdu, bind="a", received_ms=0))
    assert [bubble.text for bubble in phone.received] == [LONG]


@pytest.mark.parametrize("rate", [None, 2000.0])
def test_a_load_is_taken_whole(rate: float | None) -> None:
    async def story() -> None:
        async with scene() as at:
            load = Load(at.smsc, LoadSettings(500, rate=rate, window=50))
            report = await load.run()
            assert sorted(report.accepted) == list(range(500))
            assert report.percentile(0.99) > 0
            kept = {(segment.source.value, segment.octets.decode()) for segment in at.inbox.segments}
            assert kept == {(load.sender_of(number), load.text_of(number)) for number in range(500)}
            await at.smsc.send_mo(SARI, "and then as before")

    play(story())


def test_a_load_goes_on_over_a_drop() -> None:
    async def story() -> None:
        async with scene() as at:
            load = Load(at.smsc, LoadSettings(3000, rate=3000.0))
            task = asyncio.create_task(load.run())
            await until(lambda: len(load.report.accepted) > 100)
            at.smsc.bound[0].drop()
            report = await task
            assert sorted(report.accepted) == list(range(3000))
            assert len({segment.octets for segment in at.inbox.segments}) == 3000

    play(story())


def test_messages_come_in_reverse_when_asked_for() -> None:
    async def story() -> None:
        async with scene() as at:
            at.smsc.faults.reorder_next = 3
            for number in range(4):
                at.smsc.post_mo(SARI, f"AGAM {number}")
            await until(lambda: len(at.inbox.segments) == 4)
            assert [segment.octets[-1:] for segment in at.inbox.segments] == [b"2", b"1", b"0", b"3"]

    play(story())


def test_faults_are_set_by_name_and_cleared() -> None:
    faults = Faults()
    faults.apply("refuse_bind", "0x0d")
    faults.apply("stall_next")
    faults.apply("bind_answer_seconds", "0.5")
    assert (faults.refuse_bind, faults.stall_next, faults.bind_answer_seconds) == (13, True, 0.5)
    faults.clear()
    assert faults == Faults()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", "1"),
        ("refuse_bind", "many"),
        ("bind_answer_seconds", "soon"),
        ("bind_answer_seconds", "nan"),
        ("drop_after", "-2"),
        ("", ""),
    ],
)
def test_a_fault_that_is_none_is_said(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Faults().apply(name, value)
