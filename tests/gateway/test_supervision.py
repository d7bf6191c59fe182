"""A failing part is started again, but not for ever."""

import asyncio

import pytest

from gateway import supervision
from gateway.supervision import Patience


def test_a_part_that_fails_is_started_again_and_may_end() -> None:
    starts = 0

    async def part() -> None:
        nonlocal starts
        starts += 1
        if starts < 4:
            raise RuntimeError("broken")

    asyncio.run(supervision.supervise("part", part, Patience(pause_seconds=0)))
    assert starts == 4


def test_a_part_that_keeps_failing_gives_up_upward() -> None:
    starts = 0

    async def part() -> None:
        nonlocal starts
        starts += 1
        raise RuntimeError("broken")

    with pytest.raises(supervision.GaveUp, match="part failed 3 times"):
        asyncio.run(supervision.supervise("part", part, Patience(restarts_max=2, pause_seconds=0)))
    assert starts == 3
