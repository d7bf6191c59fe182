"""The whole walk of a salvage: slice by slice out of the file that was set aside, each in a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from forwarder.journal import salvage, works
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Salvaged


async def bring_back(file: Path, readers: Executor, write: Callable[[Work, Sequence[Any]], Awaitable[Any]]) -> Salvaged:
    """What could be read of `file`; filing goes on afterwards. JournalError when it could not be written."""
    loop = asyncio.get_running_loop()
    slices = salvage.slices(file)
    counts: dict[str, int] = {}
    unknown = lost = 0
    while (one := await loop.run_in_executor(readers, next, slices, None)) is not None:
        if isinstance(one, int):
            lost += one
            continue
        restored = (await write(works.RESTORE, [one]))[0]
        counts[one.table] = counts.get(one.table, 0) + restored.rows
        unknown += restored.unknown
        lost += restored.refused
    await write(works.RESTORED, [None])
    return Salvaged(counts.get("message", 0), counts.get("complaint", 0), counts.get("reply", 0), unknown, lost)
