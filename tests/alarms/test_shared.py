"""Alarms of a gateway whose workers are elsewhere: a Redis that goes and comes back, and nobody at work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway import settings, tables
from gateway.alarms import rounds
from gateway.app import Gateway
from gateway.notify import Notifier
from gateway.secrets import Secrets
from tests.alarms.test_road import LIMITS, until
from tests.gateway.road import SECRETS, Road
from tests.valkey import KEY, valkey

QUEUE = """
redis_seconds = 0.5
[queue]
redis = "{redis}"
"""


def test_no_worker_and_no_redis_are_told_apart_and_over_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "WORKERS_SECONDS", 1.0)

    async def story() -> None:
        road = Road(tmp_path)
        with valkey() as server:
            async with road.peers():
                file = tmp_path / "gateway.toml"
                file.write_text(file.read_text(encoding="utf-8") + LIMITS + QUEUE.format(redis=server.url), encoding="utf-8")
                site = settings.load(file, Secrets({**SECRETS, "LAPOR_QUEUE_KEY": KEY}), {})
                gateway = Gateway(site, tables.load(site), Notifier({}))
                task = asyncio.create_task(gateway.run())
                try:
                    await road.operator.expect_binds(2)
                    await until(gateway, "A16")
                    await asyncio.to_thread(server.kill)
                    assert "A15" in await until(gateway, "A15")
                    await asyncio.to_thread(server.start)
                    await until(gateway, "A16")
                finally:
                    gateway.stop()
                    async with asyncio.timeout(20):
                        await task

    asyncio.run(story())
