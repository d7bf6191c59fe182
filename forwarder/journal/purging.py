"""The whole walk of a purge: kind by kind, slice by slice, each slice found by a reader and erased in a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from forwarder.journal import reseal, works
from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Purged
from forwarder.journal.purge import KINDS, REMEMBERED, Walk, days, summary

Write = Callable[[Work, Sequence[Any]], Awaitable[Any]]


async def purge(books: Books, now_ms: int, look: Look, write: Write) -> Purged:
    """Forget what is older than its days, move what an earlier version sealed, give the pages back."""
    counts: dict[str, int] = {}
    settings, kept = books.settings, days(books.settings)
    for kind in KINDS:
        before_ms = now_ms - kept[kind.name] * DAY_MS
        before_ms = min(before_ms, books.remembered_since_ms) if kind.name in REMEMBERED else before_ms
        walk = Walk(kind, before_ms, settings.purge_rows)
        while ids := await look(walk.next):
            counts[kind.name] = counts.get(kind.name, 0) + (await write(works.ERASE, [(kind, ids)]))[0]
    if settings.audit_days:
        while (await write(works.CUT_AUDIT, [now_ms - settings.audit_days * DAY_MS]))[0]:
            pass
    async for _ in reseal_all(look, write, settings.purge_rows):
        pass
    await _give_back(now_ms, write)
    if counts:
        for ask in (True, False):  # it is emptied after the first of these, when nobody reads it, else after a later one
            await write(works.EMPTY_LOG, [ask])
    return summary(counts)


async def _give_back(now_ms: int, write: Write) -> None:
    """Free pages, as long as there are fewer each time."""
    left = -1
    while left != 0:
        before, left = left, (await write(works.TIDY, [now_ms]))[0]
        if left == before:
            return


async def reseal_all(look: Look, write: Write, rows: int) -> AsyncGenerator[int, None]:
    """Move what an earlier version sealed; rows moved by each slice."""
    for table in reseal.TABLES:
        while (found := await look(lambda one: reseal.next_slice(one, table, rows))) is not None:  # noqa: B023 - awaited here
            yield (await write(works.RESEAL, [found]))[0]
