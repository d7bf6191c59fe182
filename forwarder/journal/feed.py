"""The journal as channels of posts see it: pages with their cursors in, look-ups of posts and of lost answers; and cases by their PIN."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import apsw

from forwarder.journal import standing, works
from forwarder.journal.arrivals import Scribe
from forwarder.journal.documents import Documents, post_key
from forwarder.journal.jobs import Work
from forwarder.journal.orders import ReplyResult
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer
from forwarder.journal.standing import Known, Standing
from forwarder.records import Arrival, ReplyJob, Verdict

Result = TypeVar("Result")


class Look(Protocol):
    """A short look in the reader's thread."""

    async def __call__(self, look: Callable[[apsw.Connection], Result], /) -> Result:
        """What `look` returns; JournalError when it cannot."""


class Feed:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(
        self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], read: Look, scribe: Scribe, sealer: Sealer, documents: Documents
    ) -> None:
        self._write = write
        self._read = read
        self._scribe = scribe
        self._sealer = sealer
        self._documents = documents

    async def accept(self, arrivals: Sequence[Arrival], cursor: tuple[str, str] | None) -> list[Verdict]:
        """Store posts and (source, value) behind them in one transaction, all or nothing; a verdict each, in their order."""
        verdicts: list[list[Verdict]] = await self._write(works.ACCEPT_PAGE, [self._scribe.page(arrivals, cursor)])
        return verdicts[0]

    async def cursor(self, source: str) -> str | None:
        """What was stored last for a source."""
        found = await self._read(lambda one: fetch(one, "SELECT value FROM cursor WHERE source = ?", (source,)))
        return str(found[0][0]) if found else None

    async def keep_cursor(self, source: str, value: str) -> None:
        """Store a value by itself."""
        await self._write(works.CURSOR, [(source, value)])

    async def due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        """Posts that should be looked up now, because they may stand no more."""
        return await self._read(lambda one: standing.due(one, self._documents, account, now_ms, limit))

    async def note_standing(self, account: str, said: Mapping[str, str | None]) -> int:
        """What a look-up said by key: None while a post stands, else why it is gone. How many were blanked."""
        items = [Standing(post_key(self._sealer, account, key), gone) for key, gone in said.items()]
        blanked: list[bool] = await self._write(works.STANDING, items)
        return sum(blanked)

    async def start_look_ups(self, limit: int, now_ms: int) -> list[ReplyJob]:
        """Replies whose answer got lost and whose channel should be asked now."""
        jobs: list[list[ReplyJob]] = await self._write(works.LOOK_UPS, [(limit, now_ms)])
        return jobs[0]

    async def resolve_replies(self, results: Sequence[ReplyResult]) -> None:
        """What the channel said: FOUND, ABSENT (due again), POSTPONED (asked again at `next_ms`), LOST_ANSWER (unknown for ever)."""
        if results:
            await self._write(works.RESOLVE_REPLIES, results)
