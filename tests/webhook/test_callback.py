"""The way back: what a partner answers to a callback, row by row, and what becomes of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.channel import Outbound, PostInbox, Sending, SendResult
from adapters.webhook.callback import Callback
from adapters.webhook.channel import WebhookChannel
from adapters.webhook.simulator import MENU, Fault, SimulatedPartner, scripted
from parsers.model import Answering
from tests.webhook.peers import AGAM, BANJAR, CANARY, KEY, MESSAGE, PARTNERS, WRONG_KEY, Clock, Inbox, Served, certificate, changed, reply


@dataclass(frozen=True)
class Answer:
    """How a partner answers a callback, and what we make of it; `waits`: seconds until the next attempt, where he named them."""

    label: str
    wire: Fault
    expect: SendResult
    detail: str = ""
    waits: float | None = None
    rests: bool = False
    """Whether the partner is then left alone for a while."""


SENT, LATER, REFUSED = SendResult.SENT, SendResult.LATER, SendResult.REFUSED
ANSWERED = [
    Answer("200", Fault.OK, SENT),
    Answer("204", Fault.EMPTY, SENT),
    Answer("200, and a body that never ends", Fault.SLOW_BODY, SENT),
    Answer("200, and 64 MB", Fault.HUGE, SENT),
    Answer("408", Fault.NO_TIME, LATER, "HTTP 408"),
    Answer("425", Fault.TOO_EARLY, LATER, "HTTP 425"),
    Answer("429 that says how long", Fault.TOO_MANY, LATER, "HTTP 429", 7, rests=True),
    Answer("500", Fault.ERROR, LATER, "HTTP 500"),
    Answer("502", Fault.GATEWAY, LATER, "HTTP 502"),
    Answer("503 for a day: no longer than an hour", Fault.BUSY, LATER, "HTTP 503", 3600, rests=True),
    Answer("503 until a time that is past", Fault.BUSY_UNTIL, LATER, "HTTP 503", 1, rests=True),
    Answer("no answer: the key makes a repeat harmless", Fault.HANG, LATER, "no answer in time", 15, rests=True),
    Answer("a connection that breaks", Fault.RESET, LATER, "the answer broke off"),
    Answer("an answer that is not HTTP", Fault.GARBAGE, LATER, "the answer broke off"),
    Answer("400", Fault.BAD_REQUEST, REFUSED, "HTTP 400"),
    Answer("401", Fault.UNAUTHORIZED, REFUSED, "HTTP 401"),
    Answer("404", Fault.NOT_FOUND, REFUSED, "HTTP 404"),
    Answer("409", Fault.CONFLICT, REFUSED, "HTTP 409"),
    Answer("410", Fault.GONE, REFUSED, "HTTP 410: the partner wants to hear no more of it"),
    Answer("a redirection is not followed", Fault.REDIRECT, REFUSED, "HTTP 307: redirects are not followed; correct callback_url"),
]


class Calling:
    """A simulated partner who listens, and our way to him."""

    def __init__(self, faults: list[Fault], **settings: Any) -> None:
        self.clock = Clock()
        nonces = iter(())
        self.partner = SimulatedPartner(
            "agam", KEY, now_ms=self.clock.now_ms, nonce=lambda: next(nonces), choose=scripted(faults), hang_seconds=5.0
        )
        self._settings = settings
        self.tls: dict[str, Any] = {}

    async def __aenter__(self) -> Calling:
        url = await self.partner.start(**self.tls)
        settings: dict[str, Any] = {"callback_url": url, "connect_seconds": 0.15, "answer_seconds": 0.3} | self._settings
        self.way = Callback(replace(AGAM, **settings), now_ms=self.clock.now_ms, monotonic=self.clock.monotonic)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.way.close()
        await self.partner.stop()


@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.label)
def test_what_a_partner_answers(row: Answer) -> None:
    async def story() -> None:
        async with Calling([row.wire]) as calling:
            sending = await calling.way.send(reply())
            assert (sending.result, sending.detail, sending.retry_after_s) == (row.expect, row.detail, row.waits)
            assert sending.message_ids == (("R81",) if row.expect is SENT else ())
            assert (calling.way.health().cause is None) is (row.expect is SENT or row.wire is Fault.GONE)
            assert calling.partner.truth.forged == 0
            after = await calling.way.send(reply(attempt=2))
            assert (after.result is LATER) is row.rests
            assert len(calling.partner.truth.called) == (0 if row.rests else 1)
            calling.clock.now_s += 3_601
            assert (await calling.way.send(reply(attempt=3))).result is SENT
            assert calling.way.health().cause is None

    asyncio.run(story())


def test_every_answer_is_in_the_table() -> None:
    assert {row.wire: row.expect for row in ANSWERED} == {fault: trick.result for fault, trick in MENU.items()}
    assert set(MENU) == set(Fault)


def test_what_a_callback_says() -> None:
    async def story() -> None:
        async with Calling([]) as calling:
            await calling.way.send(reply())
            await calling.way.send(reply(key="R82", kind="info", number=None, tracking_id=None, text='"😀"'))
            first, second = calling.partner.truth.called.values()
            assert (first.event, first.id, first.number, first.tracking_id) == ("receipt_filed", "m-1", "G7K2QP", "7841120")
            assert first.text == reply().text
            assert (second.event, second.number, second.tracking_id, second.text) == ("info", None, None, '"😀"')
            assert all(one.genuine for one in (first, second))
            assert first.line().startswith("m-1 <- receipt_filed")

    asyncio.run(story())


def test_a_repeat_has_the_same_key_another_nonce_and_no_effect() -> None:
    async def story() -> None:
        async with Calling([Fault.ERROR, Fault.OK, Fault.OK]) as calling:
            results = [(await calling.way.send(reply(attempt=attempt))).result for attempt in (1, 2, 3)]
            assert results == [LATER, SENT, SENT]
            assert list(calling.partner.truth.called) == ["R81"]
            assert calling.partner.truth.repeats == {"R81": 1}

    asyncio.run(story())


@pytest.mark.parametrize("seconds", [0, 301])
def test_who_has_another_key_or_another_time_does_not_believe_us(seconds: int) -> None:
    async def story() -> Sending:
        key = KEY if seconds else WRONG_KEY
        async with Calling([], key=key, previous_key=KEY if key != KEY else "") as calling:
            calling.partner._now_ms = lambda: calling.clock.now_ms() + seconds * 1000
            sending = await calling.way.send(reply())
            assert calling.partner.truth.forged == 1
            return sending

    assert asyncio.run(story()) == Sending(REFUSED, detail="HTTP 401")


def test_a_partner_without_an_address_is_not_called() -> None:
    async def story() -> Sending:
        return await Callback(BANJAR, now_ms=Clock().now_ms, monotonic=Clock().monotonic).send(reply())

    assert asyncio.run(story()) == Sending(REFUSED, detail="this partner takes no callbacks")
    with pytest.raises(ValueError, match="key"):
        Callback(replace(BANJAR, key=""), now_ms=Clock().now_ms, monotonic=Clock().monotonic)


def test_a_partner_who_is_not_there_is_left_alone_and_called_again() -> None:
    async def story() -> None:
        async with Calling([]) as calling:
            port = int(calling.way._url.port or 0)
            await calling.partner.stop()
            away = await calling.way.send(reply())
            assert (away.result, away.detail, away.retry_after_s) == (LATER, "no connection: ClientConnectorError", 15)
            calling.clock.now_s += 10
            rested = await calling.way.send(reply(attempt=2))
            assert (rested.result, rested.retry_after_s) == (LATER, 5)
            assert calling.way.health().cause == away.detail
            await calling.partner.start(port=port)
            calling.clock.now_s += 5
            assert (await calling.way.send(reply(attempt=3))).result is SENT

    asyncio.run(story())


CERTIFICATES = [
    ("of an authority we know", "127.0.0.1", True, SENT, ""),
    ("of nobody we know", "127.0.0.1", False, LATER, "no connection: ClientConnectorCertificateError"),
    ("of another host", "127.0.0.2", True, LATER, "no connection: ClientConnectorCertificateError"),
]


@pytest.mark.parametrize(("label", "host", "known", "result", "detail"), CERTIFICATES)
def test_a_certificate_is_checked(*, tmp_path: Path, label: str, host: str, known: bool, result: SendResult, detail: str) -> None:  # noqa: ARG001
    ca, private = tmp_path / "ca.pem", tmp_path / "ca.key"
    for path, octets in zip((ca, private), certificate(host), strict=True):
        path.write_bytes(octets)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(ca, private)

    async def story() -> Sending:
        calling = Calling([], ca=ca if known else None)
        calling.tls = {"ssl_context": context}
        async with calling:
            return await calling.way.send(reply())

    sending = asyncio.run(story())
    assert (sending.result, sending.detail) == (result, detail)


RETRY_AFTER = {
    "0": 1.0,
    "12": 12.0,
    "9" * 30: 3600.0,
    "Sun, 22 Nov 2026 01:16:01 GMT": 30.0,
    "Sun, 22 Nov 2099 01:16:01 GMT": 3600.0,
    "-1": None,
    "1.5": None,
    "soon": None,
    "٣": None,
    "": None,
}


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER.items(), ids=repr)
def test_how_long_a_partner_may_ask_us_to_wait(value: str, seconds: float | None) -> None:
    async def story() -> float | None:
        way = Callback(BANJAR, now_ms=Clock().now_ms, monotonic=Clock().monotonic)
        return way._wait(value)

    assert asyncio.run(story()) == seconds


def test_the_channel_fulfils_the_contract() -> None:
    async def story() -> None:
        clock, inbox = Clock(), Inbox()
        desk: PostInbox = inbox
        channel = WebhookChannel(PARTNERS, desk, now_ms=clock.now_ms, monotonic=clock.monotonic)
        ways: Mapping[str, Outbound] = channel.callbacks
        assert set(ways) == {"app:agam", "app:banjar"}
        assert [one.method for one in channel.routes()] == ["POST"]
        for way in ways.values():
            assert (way.caps.can_find, way.caps.answering) == (False, Answering.ALWAYS)
            assert (way.health().cause, way.health().last_in_ms) == (None, None)
            assert (await way.find(reply())).result is SendResult.UNKNOWN
        await channel.close()
        assert (await ways["app:agam"].send(reply())).result is SendResult.LATER

    asyncio.run(story())


def test_no_log_line_holds_a_word_or_a_number(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def story() -> None:
        async with Served() as served, Calling([Fault.BAD_REQUEST]) as calling:
            partner = served.partner()
            await partner.hand_in(served.address, {**MESSAGE, "text": CANARY, "author": {"id": CANARY, "phone": "081234567890"}})
            await partner.hand_in(served.address, {**MESSAGE, "id": f"{CANARY} "})
            await served.send(changed(partner.request(b""), x_lapor_partner="c4n4ry"))
            await calling.way.send(reply(text=CANARY))

    asyncio.run(story())
    ours = [record for record in caplog.records if record.name.startswith("adapters.webhook")]
    assert len(ours) == 4
    assert not [record for record in ours if "c4n4ry" in str(vars(record)).lower() or "81234567890" in str(vars(record))]
