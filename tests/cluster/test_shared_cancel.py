"""Whoever is told to stop while he waits for Redis stops, whatever the client library makes of it."""

from __future__ import annotations

import asyncio

from forwarder.shared import Script, Shared, SharedDown
from tests.valkey import valkey

TRIES = 60


def test_a_task_that_is_cancelled_while_it_asks_redis_ends() -> None:
    with valkey() as server:

        async def ask_for_ever(shared: Shared) -> None:
            while True:
                try:
                    await shared.run(Script("return redis.call('INFO', 'server')"), (), ())
                except SharedDown:
                    continue

        async def run() -> None:
            for at in range(TRIES):
                shared = Shared(server.settings())
                task = asyncio.create_task(ask_for_ever(shared))
                await asyncio.sleep(at / 10_000)
                task.cancel()
                _, still = await asyncio.wait([task], timeout=20)
                assert not still, f"cancelled after {at / 10} ms"
                await shared.close()

        asyncio.run(run())
