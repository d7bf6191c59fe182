"""The journal as far as workers on other machines are concerned: what their records can still speak of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import apsw

from forwarder.journal import works
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Grant, Unheard
from forwarder.journal.rows import read

_UNHEARD = """
SELECT json_group_array(json_array(id, attempts, worker, batch)) FROM (
    SELECT id, attempts, worker, batch FROM complaint
    WHERE state = 'unknown' AND next_ms IS NOT NULL AND batch IS NOT NULL ORDER BY next_ms LIMIT ?)
"""


class Workers:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], look: Look) -> None:
        self._write = write
        self._look = look

    async def unheard(self, limit: int) -> list[Unheard]:
        """What is `unknown` and whose worker has not said yet what became of it, oldest first."""
        return await self._look(lambda one: unheard(one, limit))

    async def forget(self, worker: str) -> int:
        """That worker's record is lost: its unknown complaints are looked up like any other. How many."""
        forgotten: list[int] = await self._write(works.FORGET_WORKER, [worker])
        return forgotten[0]


def unheard(connection: apsw.Connection, limit: int) -> list[Unheard]:
    """Unknown complaints of which no worker has spoken, oldest first."""
    return [
        Unheard(complaint, attempts, Grant(worker, batch)) for complaint, attempts, worker, batch in read(connection, _UNHEARD, (limit,))
    ]
