"""The whole road of a third channel: handed in over HTTP, filed once, called back once, and known again by the next gateway."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

from adapters.webhook.simulator import SimulatedPartner
from forwarder.core.simulator import CoreSimulator
from gateway import settings, tables
from gateway.app import Gateway
from gateway.notify import Notifier
from gateway.secrets import Secrets
from tests.gateway.road import GATEWAY, SECRETS
from tests.webhook.peers import KEY, MESSAGE

PARTNER = """
[[webhook.partner]]
name = "agam"
title = "Aplikasi Agam"
callback_url = "{url}"
"""
WAIT_SECONDS = 30.0


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[str]:
    """A gateway with this folder's journal; its address."""
    site = settings.load(folder / "gateway.toml", Secrets({**SECRETS, "LAPOR_WEBHOOK_PARTNER_AGAM_KEY": KEY}), {})
    gateway = Gateway(site, tables.load(site), Notifier({}))
    run = asyncio.create_task(gateway.run())
    try:
        await until(lambda: gateway.http._server is not None)
        yield f"http://127.0.0.1:{gateway.http._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    finally:
        gateway.stop()
        async with asyncio.timeout(WAIT_SECONDS):
            await run


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not met():
            await asyncio.sleep(0.01)


def test_a_complaint_goes_in_and_its_answer_comes_back_and_a_restart_changes_nothing(tmp_path: Path) -> None:
    nonces = count()
    message = {**MESSAGE, "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "text": "AGAM lampu \ud83d jalan mati"}
    partner = SimulatedPartner(
        "agam",
        KEY,
        now_ms=lambda: time.time_ns() // 1_000_000,
        nonce=lambda: f"nonce-{next(nonces):012d}",
    )

    async def story() -> CoreSimulator:
        core = CoreSimulator()
        toml = GATEWAY.format(core=await core.start(), wait=0.0) + PARTNER.format(url=await partner.start())
        (tmp_path / "gateway.toml").write_text(toml, encoding="utf-8")
        (tmp_path / "operators.toml").write_text("", encoding="utf-8")
        async with running(tmp_path) as address:
            first = await partner.hand_in(address, message)
            assert (first.status, first.document["known"]) == (202, False)
            await until(lambda: bool(core.stored))
            await partner.hand_in(address, {**message, "id": "m-2", "text": "STATUS"})
            await until(lambda: {called.id for called in partner.truth.called.values()} == {"m-1", "m-2"})
        async with running(tmp_path) as address:
            again = await partner.hand_in(address, message)
            assert again.document == {"number": first.document["number"], "known": True}
        await partner.stop()
        await core.stop()
        return core

    core = asyncio.run(story())
    assert [len(entries) for entries in core.stored.values()] == [1]
    ((number, (stored, *_)),) = core.stored.items()
    assert (partner.truth.numbers["m-1"], partner.truth.contradictions) == (number, [])
    assert stored.text == message["text"].replace("\ud83d", "\ufffd")
    assert stored.header is not None
    assert (stored.header.channel, stored.header.destination, stored.telpon) == ("Aplikasi Agam", "app:agam", "")
    told = list(partner.truth.called.values())
    assert all(called.genuine for called in told)
    assert (stored.tracking_id in {called.tracking_id for called in told}, partner.truth.repeats, partner.truth.forged) == (True, {}, 0)
