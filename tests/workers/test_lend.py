"""What the dispatcher of many machines lends of the core's window for what it does not hand to workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from forwarder.batches import Batch
from forwarder.core.settings import DispatchSettings
from forwarder.relay import RqDispatcher
from forwarder.shared import SharedDown
from tests import virtual
from tests.core.samples import complaint
from tests.forwarder.peers import MemoryJournal, ScriptedCore

BESIDE = "beside G"


def play(story: Callable[[RqDispatcher], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        loop = virtual.loop()
        yard = SimpleNamespace(settings=None, share=None, gateway="G", life="1", hold=lambda: None, index=None)
        dispatcher = RqDispatcher(
            ScriptedCore(),
            MemoryJournal(loop.clock),
            DispatchSettings(window_start=3, window_max=3, **settings),
            yard,  # type: ignore[arg-type]
            clock=loop.clock,
            monotonic=loop.time,
            random=lambda: 0.5,
            tell=lambda *_, **__: None,
            settled=lambda _: None,
        )
        try:
            await story(dispatcher)
        finally:
            dispatcher._thread.shutdown()

    virtual.run(main())


def held(dispatcher: RqDispatcher) -> dict[str, int]:
    return dict(dispatcher._share._taken)  # type: ignore[union-attr]


def test_slots_come_from_the_window_and_go_back() -> None:
    async def story(dispatcher: RqDispatcher) -> None:
        assert await dispatcher.lend(2, urgent=True) == 2
        assert await dispatcher.lend(4, urgent=True) == 1
        assert held(dispatcher) == {BESIDE: 3}
        await dispatcher.take_back(2)
        assert held(dispatcher) == {BESIDE: 1}
        await dispatcher.take_back(1)
        assert held(dispatcher) == {}

    play(story)


def test_while_complaints_wait_only_what_is_urgent_has_a_slot() -> None:
    async def story(dispatcher: RqDispatcher) -> None:
        assert dispatcher._room.backlog
        assert await dispatcher.lend(2, urgent=False) == 0
        await dispatcher._room.read(dispatcher._journal, 0)
        assert await dispatcher.lend(2, urgent=False) == 2

    play(story)


def test_what_is_urgent_has_the_next_slot_that_a_batch_would_take() -> None:
    async def story(dispatcher: RqDispatcher) -> None:
        await dispatcher._share.take("first", 3)
        assert await dispatcher.lend(1, urgent=True) == 0
        await dispatcher._share.free("first")
        batch = Batch("second", {1: SimpleNamespace(complaint=complaint())}, 0.0)  # type: ignore[dict-item]
        assert await dispatcher._slots(batch, 3) == 2
        assert await dispatcher.lend(1, urgent=True) == 1
        assert held(dispatcher) == {BESIDE: 1, "second": 2}

    play(story)


def test_without_the_shared_window_nothing_is_lent() -> None:
    class Down:
        async def take(self, *_: object) -> int:
            raise SharedDown("gone")

        free = take

    async def story(dispatcher: RqDispatcher) -> None:
        dispatcher._share = Down()  # type: ignore[assignment]
        assert await dispatcher.lend(1, urgent=True) == 0
        assert dispatcher.status().stopped_by is not None
        await dispatcher.take_back(0)

    play(story)


def test_a_paused_dispatcher_lends_nothing() -> None:
    async def story(dispatcher: RqDispatcher) -> None:
        dispatcher.pause("the test")
        assert await dispatcher.lend(1, urgent=True) == 0
        await asyncio.sleep(0)

    play(story)
