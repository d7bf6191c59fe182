"""What the alarms ask of the journal: how much each operator brings in which hour, and what must never happen and did.

Messages are counted once, some seconds after they came, into table `habit`, a slice at a time; so a habit is known at once after a restart,
and outlives the purge. How far was counted stands beside it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from forwarder.journal import works
from forwarder.journal.feed import Look
from forwarder.journal.habit import HOUR_MS, Slice
from forwarder.journal.jobs import Work
from forwarder.journal.rows import fetch, read

SETTLED_MS = 60_000  # ids are given before the commit: what is older than this has no younger neighbour still on its way
SLICE_ROWS = 2_000  # messages counted at once: about 10 ms of the reader's thread
WHATS_MAX = 100  # kinds of alarm rows looked at; the journal itself knows about six

_TO = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name = 'heard_to'"
_SLICE = """
SELECT json_group_array(json_array(operator, hour, n, last, id)) FROM (
    SELECT operator, received_ms / ?3 AS hour, count(*) AS n, max(received_ms) AS last, max(id) AS id
    FROM (SELECT id, operator, received_ms FROM message WHERE id > ?1 AND received_ms <= ?2 ORDER BY id LIMIT ?4) GROUP BY 1, 2)
"""
_TAIL = """
SELECT json_group_array(json_array(operator, last))
FROM (SELECT operator, max(received_ms) AS last FROM message WHERE id > ? GROUP BY 1)
"""
_HEARD = "SELECT json_group_array(json_array(operator, hour, messages)) FROM habit WHERE hour >= ?"
_ALARMS = """
SELECT json_group_array(json_array(what, n, last)) FROM (
    SELECT what, count(*) AS n, max(at_ms) AS last FROM alarm WHERE at_ms > ?1 GROUP BY 1 ORDER BY last DESC LIMIT ?2)
"""


@dataclass(frozen=True, slots=True)
class Happened:
    """What must never happen and did: in the journal's own words, how often, and when last."""

    what: str
    count: int
    last_ms: int


class Lookout:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], look: Look) -> None:
        self._write = write
        self._look = look

    async def count(self, now_ms: int) -> int:
        """Count one slice of messages into their hours; how many were counted, 0 when all are."""
        one = await self._look(lambda connection: _slice(connection, now_ms))
        if one is None:
            return 0
        counted: list[int] = await self._write(works.HABIT, [one])
        return counted[0]

    async def heard(self, since_ms: int) -> dict[str, dict[int, int]]:
        """Messages by operator and hour (UTC hours since 1970) since then; an hour without any is not there."""
        found: dict[str, dict[int, int]] = {}
        for operator, hour, messages in await self._look(lambda one: read(one, _HEARD, (since_ms // HOUR_MS,))):
            found.setdefault(operator, {})[hour] = messages
        return found

    async def last(self) -> Mapping[str, int]:
        """When each operator's newest message came, of those not counted yet: UTC milliseconds."""
        return dict(await self._look(lambda one: read(one, _TAIL, (_counted_to(one),))))

    async def happened(self, since_ms: int) -> list[Happened]:
        """The journal's alarms since then, by what happened; the newest first."""
        return [Happened(*row) for row in await self._look(lambda one: read(one, _ALARMS, (since_ms, WHATS_MAX)))]


def _counted_to(connection: apsw.Connection) -> int:
    found = fetch(connection, _TO)
    return int(found[0][0]) if found else 0


def _slice(connection: apsw.Connection, now_ms: int) -> Slice | None:
    after = _counted_to(connection)
    rows = read(connection, _SLICE, (after, now_ms - SETTLED_MS, HOUR_MS, SLICE_ROWS))
    if not rows:
        return None
    return Slice(after, max(row[4] for row in rows), tuple((operator, hour, n) for operator, hour, n, _, _ in rows))
