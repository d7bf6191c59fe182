"""The routing tables that ran here, and the recorded texts on which a new one is tried.

The texts are opened a slice at a time, newest first, so that neither the reader's thread nor the memory is ever full of them.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import apsw

from forwarder.journal import shelf, works
from forwarder.journal.documents import Documents
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Hand
from forwarder.journal.rows import read
from forwarder.journal.seal import SealError
from forwarder.journal.shelf import Install, RoutingVersion

log = logging.getLogger(__name__)

Result = TypeVar("Result")
SLICE = 200  # texts opened in one look: some milliseconds of the reader's thread
EVER = 1 << 62  # above any id

_RECORDED = """
SELECT json_group_array(json_array(m.id, m.received_ms, c.number, c.certainty, c.version,
                                   CASE WHEN c.number IS NOT NULL AND (?3 = '' OR instr(?3, c.certainty)) THEN hex(m.sealed_content) END)
                        ORDER BY m.id DESC)
FROM (SELECT id, received_ms, complaint, sealed_content FROM message WHERE id < ?1 ORDER BY id DESC LIMIT ?2) AS m
LEFT JOIN complaint AS c ON c.id = m.complaint
"""


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """One citizen's text that became a complaint, and how sure the routing was of it then. Resends are left out."""

    number: str
    received_ms: int
    certainty: str
    version: str
    text: str

    def __repr__(self) -> str:
        return f"Recorded({self.number} {self.certainty} {len(self.text)} characters)"


class Look(Protocol):
    """A short look in the reader's thread."""

    async def __call__(self, look: Callable[[apsw.Connection], Result], /) -> Result:
        """What `look` returns; JournalError when it cannot."""


class Routing:
    """The shelf of routing tables of an open journal, and its recorded texts."""

    def __init__(self, do: Callable[[Work, Sequence[Any]], Awaitable[Any]], look: Look, documents: Documents) -> None:
        self._do, self._look, self._documents = do, look, documents

    async def install(self, kind: str, version: str, csv: str, by: Hand, back_to: int | None = None) -> RoutingVersion:
        """Put a table on the shelf; it is the one that runs, when this returns. `back_to` is the row that a rollback repeats."""
        installed: list[RoutingVersion] = await self._do(works.INSTALL, [Install(kind, version, csv, by, back_to)])
        return installed[0]

    async def active(self, kind: str) -> tuple[RoutingVersion, str] | None:
        """The table that runs, with its text; None before the first."""
        return await self._look(lambda one: shelf.active(one, kind))

    async def table(self, row: int) -> tuple[RoutingVersion, str] | None:
        """Any table of the shelf by its row."""
        return await self._look(lambda one: shelf.by_id(one, row))

    async def recorded(self, since_ms: int, certainties: Sequence[str] = ()) -> AsyncIterator[tuple[int, list[Recorded]]]:
        """Texts received since then, newest first, in slices: the newest time of each slice, and its texts (only of these certainties)."""
        below, newest = EVER, EVER
        while newest >= since_ms:
            rows = await self._look(partial(_slice, below=below, certainties=",".join(certainties)))
            if not rows:
                return
            below, newest = rows[-1][0], max(row[1] for row in rows)
            opened = (self._open(row) for row in rows if row[1] >= since_ms)
            yield newest, [one for one in opened if one is not None]

    def _open(self, row: Sequence[Any]) -> Recorded | None:
        message_id, received_ms, number, certainty, version, sealed = row
        if not sealed or certainty is None:
            return None
        try:
            text = self._documents.open_text(message_id, bytes.fromhex(sealed))
        except SealError:
            log.warning("a recorded text cannot be opened", extra={"message_id": message_id})
            return None
        return Recorded(number, received_ms, certainty, version, text)


def _slice(connection: apsw.Connection, *, below: int, certainties: str) -> list[list[Any]]:
    return read(connection, _RECORDED, (below, SLICE, certainties))
