"""The core's window over all gateways: together no more than the most careful of them allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from forwarder.core_share import NO_LIMIT, CoreShare
from forwarder.shared import Shared
from tests.valkey import valkey

Story = Callable[[CoreShare, CoreShare], Awaitable[None]]


def between(story: Story, hold_seconds: float = 60.0) -> None:
    with valkey() as server:

        async def run() -> None:
            shared = Shared(server.settings())
            try:
                one, two = (CoreShare(shared, letter=letter, hold_seconds=hold_seconds) for letter in "AB")
                await story(one, two)
            finally:
                await shared.close()

        asyncio.run(run())


def test_all_batches_together_stay_within_the_least_window() -> None:
    async def story(one: CoreShare, two: CoreShare) -> None:
        await one.publish(20, "closed")
        await two.publish(10, "closed")
        assert await one.take("a", 8) == 8
        assert await two.take("b", 8) == 2
        assert await one.take("c", 8) == 0
        await one.free("a")
        assert await one.take("c", 8) == 8
        assert await two.take("b", 8) == 2, "asked again, it holds no more than before"

    between(story)


def test_slots_of_a_dead_holder_come_back() -> None:
    async def story(one: CoreShare, two: CoreShare) -> None:
        await one.publish(4, "closed")
        assert await one.take("a", 4) == 4
        assert await two.take("b", 4) == 0
        await asyncio.sleep(0.3)
        assert await two.take("b", 4) == 4

    between(story, hold_seconds=0.2)


def test_any_order_of_taking_and_freeing_keeps_the_sum_within_the_window() -> None:
    seed = 20_261_128
    random = Random(seed)

    async def story(one: CoreShare, two: CoreShare) -> None:
        windows = {one: 16, two: 16}
        held: dict[str, int] = {}
        for step in range(400):
            who = random.choice((one, two))
            if random.random() < 0.1:
                windows[who] = random.randint(1, 32)
            for each, window in windows.items():
                await each.publish(window, "closed")
            batch = str(random.randint(0, 9))
            if random.random() < 0.4:
                await who.free(batch)
                held.pop(batch, None)
            else:
                others = sum(count for name, count in held.items() if name != batch)
                got = await who.take(batch, random.randint(1, 12))
                assert got == 0 or got + others <= min(windows.values()), f"seed {seed}, step {step}"
                held[batch] = got

    between(story)


def test_each_hears_of_the_others_that_live_and_never_of_itself() -> None:
    async def story(one: CoreShare, two: CoreShare) -> None:
        await one.publish(3, "open")
        assert await one.others() == (NO_LIMIT, "closed")
        assert await two.others() == (3, "open")
        await one.publish(7, "trial")
        assert await two.others() == (7, "trial")
        await two.forget("A")
        assert await two.others() == (NO_LIMIT, "closed")

    between(story)


def test_one_probe_at_a_time_over_all_gateways() -> None:
    async def story(one: CoreShare, two: CoreShare) -> None:
        assert [await one.may_probe(), await two.may_probe(), await one.may_probe()] == [True, False, False]

    between(story)
