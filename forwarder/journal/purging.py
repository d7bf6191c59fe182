"""The whole walk of a purge: kind by kind, slice by slice, each slice found by a reader and erased in a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from forwarder.journal import reseal, works
from forwarder.journal.books import DAY_MS
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Purged
from forwarder.journal.purge import KINDS, Walk, days, summary
from forwarder.journal.settings import JournalSettings

Write = Callable[[Work, Sequence[Any]], Awaitable[Any]]


async def purge(settings: JournalSettings, now_ms: int, look: Look, write: Write) -> Purged:
    """Forget what is older than its days, move what an earlier version sealed, give the pages back."""
    counts: dict[str, int] = {}
    kept = days(settings)
    for kind in KINDS:
        walk = Walk(kind, now_ms - kept[kind.name] * DAY_MS, settings.purge_rows)
        while ids := await look(walk.next):
            counts[kind.name] = counts.get(kind.name, 0) + (await write(works.ERASE, [(kind, ids)]))[0]
    if settings.audit_days:
        await write(works.CUT_AUDIT, [now_ms - settings.audit_days * DAY_MS])
    async for _ in reseal_all(look, write, settings.purge_rows):
        pass
    left = -1
    while left != 0:
        before, left = left, (await write(works.TIDY, [now_ms]))[0]
        if left == before:
            break
    if counts:
        for ask in (True, False):  # it is emptied after the first of these, when nobody reads it, else after a later one
            await write(works.EMPTY_LOG, [ask])
    return summary(counts)


async def reseal_all(look: Look, write: Write, rows: int) -> AsyncGenerator[int, None]:
    """Move what an earlier version sealed; rows moved by each slice."""
    for table in reseal.TABLES:
        while (found := await look(lambda one: reseal.next_slice(one, table, rows))) is not None:  # noqa: B023 - awaited here
            yield (await write(works.RESEAL, [found]))[0]
