"""SIGTERM and a closed terminal end a command as Ctrl-C does: in order, with everything it holds closed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

ENDING = (signal.SIGTERM, signal.SIGHUP)


async def until_terminated(main: Coroutine[Any, Any, int], *, code: int) -> int:
    """Run `main` to its end; when the process is told to end, cancel it, let it close what it holds, and return `code`.

    SIGHUP stays ignored where it was (nohup). The first signal counts; a second one ends the process at once, as if we had never listened.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    heard = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    told = False

    def end() -> None:
        nonlocal told
        told = True
        for number in heard:
            loop.remove_signal_handler(number)
        task.cancel()

    for number in heard:
        loop.add_signal_handler(number, end)
    try:
        return await main
    except asyncio.CancelledError:
        if not told:
            raise
        return code
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
