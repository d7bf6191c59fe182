"""Replies to citizens: which bind, how fast, in what form, and what the operator's answers mean."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.channel import Reply, SendResult
from adapters.smpp.operator import Operator
from adapters.smpp.pace import Pace
from adapters.smpp.parts import compose
from adapters.smpp.profile import BindMode, BindSettings, LongForm, MtSettings, Tlv
from adapters.smpp.timestamp import absolute_ms, relative
from parsers.model import Address
from tests.smpp.peers import SHORT, KeepingInbox, binds, operator_settings, play, running, scene, simulator, until, world

SARI = Address(1, 1, "6281234567890")
LONG = "Laporan Anda sudah kami teruskan ke instansi yang berwenang. " * 5


def test_a_reply_reaches_the_phone_and_its_id_is_canonical() -> None:
    async def story() -> None:
        async with scene() as at:
            sending = await at.operator.send(Reply(SARI, "LAPOR! No. G7K2QP"))
            assert (sending.result, sending.message_ids) == (SendResult.SENT, ("1001",))
            [bubble] = await at.smsc.expect_replies(SARI.value)
            assert bubble.text == "LAPOR! No. G7K2QP"

    play(story())


@pytest.mark.parametrize("form", list(LongForm))
@pytest.mark.parametrize("text", [LONG, LONG.replace("A", "Ā")], ids=["gsm7", "ucs2"])
def test_a_long_reply_arrives_as_one_text(form: LongForm, text: str) -> None:
    async def story() -> None:
        async with scene(mt=MtSettings(long_form=form, parts_max=10)) as at:
            assert (await at.operator.send(Reply(SARI, text))).result is SendResult.SENT
            [bubble] = await at.smsc.expect_replies(SARI.value)
            assert bubble.text == text

    play(story())


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (0x00, SendResult.SENT),
        (0x14, SendResult.LATER),
        (0x58, SendResult.LATER),
        (0x08, SendResult.LATER),
        (0x0B, SendResult.REFUSED),
        (0x45, SendResult.REFUSED),
        (0x400, SendResult.SENT),
        (0x0E, SendResult.LATER),
    ],
)
def test_answers_mean_what_the_operators_table_says(status: int, result: SendResult) -> None:
    async def story() -> None:
        async with scene(submit_statuses={"0x45": "refused", "0x0400": "sent"}) as at:
            at.smsc.faults.submit_status = status
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is result
            assert bool(at.operator.status()[0].sending_stopped) == (status == 0x0E)

    play(story())


def test_a_stopped_bind_sends_nothing_more_but_takes_messages() -> None:
    async def story() -> None:
        async with scene() as at:
            at.smsc.faults.submit_status = 0x0F
            await at.operator.send(Reply(SARI, "LAPOR!"))
            at.smsc.faults.submit_status = 0
            sending = await at.operator.send(Reply(SARI, "LAPOR!"))
            assert (sending.result, sending.detail) == (SendResult.LATER, "no bind is up")
            await at.smsc.send_mo(SARI.value, "AGAM jalan rusak")

    play(story())


def test_throttling_slows_us_down_and_drops_nothing() -> None:
    async def story() -> None:
        async with scene(mt=MtSettings(rate_per_second=1000, window=50)) as at:
            at.smsc.faults.throttle_next = 1
            first = await at.operator.send(Reply(SARI, "LAPOR!"))
            assert first.result is SendResult.LATER
            assert first.retry_after_s == 5.0
            assert at.operator.rate <= 600
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is SendResult.SENT

    play(story())


def test_a_submit_without_an_answer_is_unknown() -> None:
    async def story() -> None:
        async with scene(timers=SHORT) as at:
            at.smsc.faults.mute_submits = True
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is SendResult.UNKNOWN

    play(story())


def test_a_submit_in_flight_when_the_link_dies_is_unknown() -> None:
    async def story() -> None:
        async with scene() as at:
            at.smsc.faults.mute_submits = True
            sending = asyncio.create_task(at.operator.send(Reply(SARI, "LAPOR!")))
            await until(lambda: at.smsc.submitted == 1)
            at.smsc.bound[0].drop()
            assert (await sending).result is SendResult.UNKNOWN

    play(story())


@pytest.mark.parametrize("seconds", [0.0, 0.6])
def test_an_answer_to_another_submit_or_too_late_counts_for_nothing(seconds: float) -> None:
    async def story() -> None:
        async with scene(timers=SHORT) as at:
            at.smsc.faults.submit_answer_seconds = seconds
            at.smsc.faults.submit_answer_sequence = 0 if seconds else 5
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is SendResult.UNKNOWN
            at.smsc.faults.submit_answer_seconds = at.smsc.faults.submit_answer_sequence = 0
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is SendResult.SENT

    play(story())


def test_without_a_sending_bind_a_reply_waits() -> None:
    async def story() -> None:
        async with scene(binds=binds(BindMode.RECEIVER, name="rx")) as at:
            assert (await at.operator.send(Reply(SARI, "LAPOR!"))).result is SendResult.LATER

    play(story())


def test_many_replies_share_window_binds_and_rate() -> None:
    async def story() -> None:
        pair = (BindSettings("rx", BindMode.RECEIVER), BindSettings("tx", BindMode.TRANSMITTER, 2))
        async with scene(binds=pair, mt=MtSettings(window=5, rate_per_second=2000)) as at:
            at.smsc.faults.submit_answer_seconds = 0.01
            results = await asyncio.gather(*(at.operator.send(Reply(SARI, f"LAPOR! {number}")) for number in range(100)))
            assert {sending.result for sending in results} == {SendResult.SENT}
            assert len({sending.message_ids for sending in results}) == 100
            used = {bubble.bind for bubble in at.smsc.phone(SARI.value).received}
            assert len(used) == 2

    play(story())


@pytest.mark.parametrize("form", ["tlv", "text", "both"])
@pytest.mark.parametrize("first", [True, False])
def test_a_receipt_is_a_report_on_any_bind_even_before_the_answer(form: str, *, first: bool) -> None:
    async def story() -> None:
        pair = (BindSettings("rx", BindMode.RECEIVER), BindSettings("tx", BindMode.TRANSMITTER))
        async with scene(smsc_settings={"receipt_form": form}, binds=pair) as at:
            at.smsc.faults.receipt_first = first
            sending = await at.operator.send(Reply(SARI, "LAPOR!"))
            await until(lambda: bool(at.inbox.reports))
            [report] = at.inbox.reports
            assert (report.message_id, report.state) == (sending.message_ids[0], "DELIVRD")
            assert not at.inbox.segments

    play(story())


def test_a_receipt_in_the_other_notation_still_names_the_reply() -> None:
    async def story() -> None:
        async with scene(smsc_settings={"same_ids": False}) as at:
            sending = await at.operator.send(Reply(SARI, "LAPOR!"))
            await until(lambda: bool(at.inbox.reports))
            assert sending.message_ids[0] in at.inbox.reports[0].candidates

    play(story())


def test_every_mt_parameter_is_on_the_wire() -> None:
    mt = MtSettings(
        source="1708", source_ton=6, source_npi=9, destination_ton=2, destination_npi=8, service_type="FREE", protocol_id=3, priority=2,
        registered_delivery=0, validity_seconds=3661, tlvs=(Tlv(0x1400, "0a0b"),), data_coding=0xF1,
    )  # fmt: skip
    [outgoing] = compose(SARI, "LAPOR!", operator_settings("smsc.example:2775", mt=mt), 7)
    assert outgoing.source == Address(6, 9, "1708")
    assert outgoing.destination == Address(2, 8, SARI.value)
    assert (outgoing.service_type, outgoing.protocol_id, outgoing.priority) == ("FREE", 3, 2)
    assert (outgoing.registered_delivery, outgoing.validity) == (0, "000000010101000R")
    assert (outgoing.tlvs, outgoing.data_coding) == (((0x1400, b"\x0a\x0b"),), 0xF1)


def test_a_text_with_too_many_parts_is_refused() -> None:
    async def story() -> None:
        async with simulator() as smsc:
            settings = operator_settings(smsc.address, mt=MtSettings(parts_max=1))
            operator = Operator(settings, KeepingInbox(), world(settings))
            async with running(operator):
                assert (await operator.send(Reply(SARI, LONG))).result is SendResult.REFUSED

    play(story())


def test_the_pace_halves_once_per_burst_and_grows_back() -> None:
    now = [0.0]
    pace = Pace(100, lambda: now[0])
    for _ in range(5):
        pace.slow()
    assert pace.rate == 50
    assert pace.take() > 0
    now[0] = 60.0
    assert pace.take() == 0.0
    assert pace.rate == 100


def test_the_pace_holds_over_a_second() -> None:
    now, sent = [0.0], 0
    pace = Pace(20, lambda: now[0])
    while now[0] < 10:
        wait = pace.take()
        if wait:
            now[0] += wait + 1e-9
        else:
            sent += 1
    assert 198 <= sent <= 203


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("221122080000000+", 1669104000000),
        ("221122150000028+", 1669104000000),
        ("000000010101000R", None),
        ("", None),
        ("229922080000000+", None),
        ("221122080000099+", None),
        ("x" * 16, None),
    ],
)
def test_times_are_read_or_left_alone(text: str, expected: int | None) -> None:
    assert absolute_ms(text) == expected


@pytest.mark.parametrize(("seconds", "text"), [(60, "000000000100000R"), (86_400, "000001000000000R"), (63 * 86_400, "000063000000000R")])
def test_spans_are_written_as_days(seconds: int, text: str) -> None:
    assert relative(seconds) == text


def test_garbage_for_a_text_is_refused_and_not_raised() -> None:
    async def story() -> None:
        async with scene() as at:
            garbage: Any = "\ud800 lone"
            assert (await at.operator.send(Reply(SARI, garbage))).result is SendResult.REFUSED
            assert (await at.operator.send(Reply(Address(1, 1, "6" * 30), "LAPOR!"))).result is SendResult.REFUSED

    play(story())
