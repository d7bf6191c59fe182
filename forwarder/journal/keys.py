"""The journal as far as its master keys go: how it is sealed, and sealing everything by the newest while it is in use."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from forwarder.journal import masters, purging, reseal, works
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.masters import KeyStatus
from forwarder.journal.seal import Sealer
from parsers.errors import JournalError


@dataclass(frozen=True, slots=True)
class Resealed:
    """How far a rotation is: persons' keys sealed anew of all that are to be, and values of earlier versions moved."""

    keys: int
    total: int
    values: int


class Keys:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], read: Look, sealer: Sealer, slice_rows: int) -> None:
        self._write, self._read, self._sealer, self._rows = write, read, sealer, slice_rows

    async def status(self) -> KeyStatus:
        """How the journal is sealed; reads every row once."""
        return await self._read(lambda one: masters.counted(one, self._sealer, reseal.left(one)))

    async def rotate(self) -> AsyncGenerator[Resealed, None]:
        """Seal everything by the newest master key, a slice at a time; broken off, it goes on where it was. Then only that one is needed.

        JournalError where something is left: it cannot be opened by any key that is given.
        """
        newest = self._sealer.key_id
        await self._write(works.BEGIN_ROTATION, [None])
        values = done = last = 0
        async for moved in purging.reseal_all(self._read, self._write, self._rows):
            values += moved
            yield Resealed(done, done, values)
        status = await self.status()
        total = sum(count for master, count in status.keys.items() if master != newest)
        while ids := await self._read(lambda one: masters.old(one, last, newest, self._rows)):  # noqa: B023 - awaited here
            done += (await self._write(works.RESEAL_KEYS, [ids]))[0]
            last = ids[-1]
            yield Resealed(done, max(done, total), values)
        if await self._read(lambda one: masters.old(one, 0, newest, 1)):
            raise JournalError("some keys of persons cannot be opened by any master key that is given: nothing may be taken away")
        await self._write(works.END_ROTATION, [None])
