"""The journal as far as one person's rights go: what is held of him, restricted, erased; and complaints under legal hold.

The door for the command line, and for whoever shows it otherwise. A person is named by the value of parsers.model.Reporter (`+62811…`,
`x:2244994945`, `app:…`), or by the tag that `whose` gives for a complaint number. Everything done here has a row in the audit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from forwarder.journal import blocking, holds, restriction, subject, works
from forwarder.journal.blocking import Block, Blocked
from forwarder.journal.documents import Documents, reporter_tag
from forwarder.journal.erasure import Begun, Erase, Mine
from forwarder.journal.feed import Look
from forwarder.journal.holds import Held, Wish
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.restriction import Restrict
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer
from forwarder.journal.subject import Fields

EXPORT_MESSAGES = 100  # messages of one page of an export
EMPTYINGS_MAX = 20  # tries to empty the log: a reader may hold it for a moment

_WHOSE = """
SELECT m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.number = ?1 OR c.tracking_id = ?1 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to. `refused` says why nothing was done; `open` are complaints that kept it, or that it closed.

    `held` are under legal hold and were left alone; `log_left` says that somebody reads the write-ahead log, which is emptied when he ends.
    """

    refused: str | None
    open: tuple[str, ...]
    held: tuple[str, ...]
    keys: int = 0
    messages: int = 0
    sets: int = 0
    log_left: bool = False


class Subjects:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(
        self,
        write: Callable[[Work, Sequence[Any]], Awaitable[Any]],
        read: Look,
        sealer: Sealer,
        documents: Documents,
        slice_rows: int,
    ) -> None:
        self._write, self._read, self._sealer, self._documents, self._rows = write, read, sealer, documents, slice_rows

    def tag_of(self, reporter_value: str) -> bytes:
        """The tag of a person."""
        return reporter_tag(self._sealer, reporter_value)

    async def whose(self, number: str) -> bytes | None:
        """The tag of the person who made this complaint (our number or the core's); None where nobody knows, or it is erased."""
        found = await self._read(lambda one: fetch(one, _WHOSE, (number,)))
        return found[0][0] if found else None

    async def export(self, tag: bytes, by: Hand) -> AsyncGenerator[Fields, None]:
        """All that is held of a person: first what is known beside messages, then each message with what hangs on it."""
        await self.note(Deed(by.who, "export", tag.hex(), by.reason))
        yield await self._read(lambda one: subject.head(one, self._documents, tag))
        last = 0
        while page := await self._read(lambda one: subject.page(one, self._documents, tag, last, EXPORT_MESSAGES)):  # noqa: B023 - awaited
            for one in page:
                yield one
            last = page[-1]["id"]

    async def restrict(self, tag: bytes, by: Hand, *, lift: bool = False) -> bool:
        """Keep what a person wrote from being shown, answered and counted, or lift that; whether it changed anything."""
        changed: list[bool] = await self._write(works.RESTRICT, [Restrict(tag, by, lift)])
        return changed[0]

    async def block(self, tag: bytes, by: Hand, until_ms: int) -> bool:
        """Put a person on the block list until a time, or (0) take him off; whether it changed anything."""
        changed: list[bool] = await self._write(works.BLOCK, [Block(tag, by, until_ms)])
        return changed[0]

    async def blocked(self, now_ms: int) -> list[Blocked]:
        """The block list, the oldest block first."""
        return await self._read(lambda one: blocking.listed(one, self._documents.sealer, now_ms))

    async def erase(self, tag: bytes, by: Hand, *, force: bool = False) -> Erased:
        """Forget a person. What was done when this returns is on disk, overwritten in the file, and out of the write-ahead log."""
        begun: Begun = (await self._write(works.BEGIN_ERASURE, [Erase(tag, by, force)]))[0]
        if begun.refused is not None:
            return Erased(begun.refused, begun.open, begun.held)
        messages = await self._walk(Mine(tag, begun.upto, self._rows), works.FORGET)
        sets = await self._walk(Mine(tag, begun.upto_set, self._rows, sets=True), works.FORGET_SETS)
        emptied = (await self._write(works.EMPTY_LOG, [True]))[0]
        for _ in range(EMPTYINGS_MAX):
            if emptied := (await self._write(works.EMPTY_LOG, [False]))[0]:
                break
        return Erased(None, begun.open, begun.held, begun.keys, messages, sets, not emptied)

    async def hold(self, number: str, by: Hand) -> str | None:
        """Put a complaint under legal hold; None, or why not."""
        done: list[str | None] = await self._write(works.LEGAL_HOLD, [Wish(number, by, hold=True)])
        return done[0]

    async def release(self, number: str, by: Hand) -> str | None:
        """Let a complaint go again; None, or why not."""
        done: list[str | None] = await self._write(works.LEGAL_HOLD, [Wish(number, by, hold=False)])
        return done[0]

    async def held(self) -> list[Held]:
        """All complaints under legal hold, the oldest hold first."""
        return await self._read(lambda one: holds.held(one, self._documents.sealer))

    async def restricted(self, tag: bytes) -> bool:
        """Whether a person is restricted."""
        return tag in await self._read(lambda one: restriction.among(one, {tag}))

    async def note(self, deed: Deed) -> None:
        """Keep what somebody did or saw in the audit."""
        await self._write(works.AUDIT, [deed])

    async def _walk(self, walk: Mine, work: Work) -> int:
        done = 0
        while ids := await self._read(walk.next):
            done += (await self._write(work, [ids]))[0]
        return done
