"""The journal as far as its audit is concerned: writing that somebody looked, and reading who did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from forwarder.journal import audit, works
from forwarder.journal.audit import Checked, Head
from forwarder.journal.documents import reporter_tag
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.orders import Deed
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer, SealError

UNREADABLE = "(cannot be opened)"

_ROWS = """
SELECT id, at_ms, who, what, about, sealed_reason FROM audit
WHERE (?1 IS NULL OR about = ?1) AND (?2 IS NULL OR who = ?2 OR instr(who, ?2 || ' (') = 1 OR instr(who, '(' || ?2 || ')'))
AND at_ms >= ?3 ORDER BY id DESC LIMIT ?4
"""
_GRANTED = "SELECT max(at_ms) FROM audit WHERE about = ?1 AND who = ?2 AND what = ?3 AND at_ms BETWEEN ?4 AND ?5"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row for people. `reason` may quote a citizen."""

    row: int
    at_ms: int
    who: str
    what: str
    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: `about` a complaint number or a tag in hex, by `who` (a login name or the name given), since a time; newest `limit`."""

    about: str | None = None
    who: str | None = None
    since_ms: int = 0
    limit: int = 100


class Trail:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], look: Look, sealer: Sealer) -> None:
        self._write, self._look, self._sealer = write, look, sealer

    async def note(self, *deeds: Deed) -> list[int]:
        """Add rows; they are on disk when this returns, and what they speak of may be shown."""
        rows: list[int] = await self._write(works.AUDIT, deeds)
        return rows

    async def head(self) -> Head:
        """The newest row, for whoever notes it outside."""
        return await self._look(audit.head)

    async def rows(self, wanted: Wanted) -> list[AuditRow]:
        """Rows, oldest first."""
        return await self._look(lambda one: self._rows(one, wanted))

    async def check(self, noted: str | None = None) -> Checked:
        """Walk along the chain; ValueError when `noted` is no head."""
        return await self._look(lambda one: audit.check(one, noted))

    async def granted(self, deed: Deed, since_ms: int, until_ms: int) -> int | None:
        """When this person last did this to this case within the time; None: not."""
        bound = (deed.about, deed.who, deed.what, since_ms, until_ms)
        found: int | None = await self._look(lambda one: one.execute(_GRANTED, bound).get)
        return found

    def tag(self, reporter_value: str) -> str:
        """What stands in `about` for a person."""
        return reporter_tag(self._sealer, reporter_value).hex()

    def _rows(self, connection: apsw.Connection, wanted: Wanted) -> list[AuditRow]:
        found = fetch(connection, _ROWS, (wanted.about, wanted.who, wanted.since_ms, wanted.limit))
        return [AuditRow(row[0], row[1], row[2], row[3], row[4], self._reason(row[0], row[5])) for row in reversed(found)]

    def _reason(self, row: int, sealed: bytes) -> str:
        try:
            return self._sealer.open("audit", row, sealed).decode("utf-8", "surrogatepass")
        except (SealError, UnicodeDecodeError):
            return UNREADABLE
