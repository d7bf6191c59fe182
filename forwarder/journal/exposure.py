"""Whose data were held in some time, for the day on which they leaked: counts by kind, and a list of complaints and persons.

What was held and is forgotten by now counts as well, as far as the settings tell: rows keep when they were settled, and nothing goes before
its days are over. So a person is rather named too often than left out. The list is read in slices: messages are taken meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import apsw

from forwarder.journal.books import DAY_MS
from forwarder.journal.documents import Documents
from forwarder.journal.feed import Look
from forwarder.journal.rows import read
from forwarder.journal.seal import SealError
from forwarder.journal.settings import JournalSettings

SLICE = 2_000  # messages in one look: some milliseconds of the reader's thread
UNREADABLE = "(cannot be opened)"

# Settled rows are kept so many days after they came and were settled; what is open is kept.
_UNTIL = "iif(c.next_ms IS NULL, max(m.received_ms, coalesce(c.since_ms, 0)), 4611686018427387904)"
_ROWS = f"""
SELECT json_group_array(json_array(id, number, elsewhere, channel, operator, received_ms, person, words, gone, pdu, rahasia, tag, sealed)
                        ORDER BY id)
FROM (
    SELECT m.id AS id, coalesce(c.number, f.number) AS number, c.elsewhere AS elsewhere, m.channel AS channel, m.operator AS operator,
        m.received_ms AS received_ms, m.sealed_sender IS NOT NULL OR (m.cause IS NULL AND {_UNTIL} + ?8 * {DAY_MS} >= ?3) AS person,
        m.sealed_content IS NOT NULL OR (m.cause IS NULL AND {_UNTIL} + ?6 * {DAY_MS} >= ?3) AS words,
        m.sealed_sender IS NULL AND m.cause IS NULL AS gone,
        m.received_ms + ?5 * {DAY_MS} >= ?3 AND p.message IS NULL AS pdu, coalesce(c.rahasia, 0) AS rahasia,
        hex(m.reporter_tag) AS tag, iif(?7, hex(m.sealed_sender), '') AS sealed
    FROM (SELECT * FROM message WHERE id > ?1 ORDER BY id LIMIT {SLICE}) AS m LEFT JOIN complaint AS c ON c.id = m.complaint
    LEFT JOIN complaint AS f ON f.id = c.first LEFT JOIN post AS p ON p.message = m.id
    WHERE m.received_ms < ?2 AND (?4 IS NULL OR m.operator = ?4))
WHERE person OR words OR pdu
"""  # noqa: S608 - numbers and words of ours
_LAST = "SELECT max(id) FROM (SELECT id FROM message WHERE id > ? ORDER BY id LIMIT ?)"
_BESIDE = {
    "reasons that officers gave": "SELECT count(*) FROM history WHERE at_ms < ?1",
    "ids of posts": """
        SELECT count(*) FROM post AS p JOIN message AS m ON m.id = p.message WHERE p.sealed_ids IS NOT NULL AND m.received_ms < ?1""",
    "earlier words of edited posts": "SELECT count(*) FROM earlier AS e JOIN message AS m ON m.id = e.message WHERE m.received_ms < ?1",
    "parts of unfinished long messages": """
        SELECT count(*) FROM part AS p JOIN part_set AS s ON s.id = p.part_set
        WHERE s.message IS NULL AND p.sealed_pdu IS NOT NULL AND p.received_ms < ?1""",
}


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody may have had what we held: from `since_ms` until `until_ms`; of one operator, or of all."""

    since_ms: int
    until_ms: int
    operator: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Exposed:
    """One message that was held. `tag` stands for the person; `person` is the number or handle, if asked for and still held."""

    message_id: int
    number: str | None
    channel: str
    operator: str
    received_ms: int
    kinds: tuple[str, ...]
    rahasia: bool
    tag: str
    person: str

    def __repr__(self) -> str:
        return f"Exposed({self.message_id} {self.number})"


class Exposure:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, look: Look, documents: Documents, settings: JournalSettings) -> None:
        self._look, self._documents, self._settings = look, documents, settings

    async def beside(self, window: Window) -> dict[str, int]:
        """What else was held until then, of all operators together: rows by kind."""
        return await self._look(lambda one: {kind: one.execute(sql, (window.until_ms,)).get for kind, sql in _BESIDE.items()})

    async def rows(self, window: Window, *, reveal: bool) -> AsyncIterator[list[Exposed]]:
        """Every message that was held, in slices, by id; with the person where `reveal`."""
        after = 0
        while True:
            last, found = await self._look(partial(self._slice, after=after, window=window, reveal=reveal))
            if last is None:
                return
            after = last
            yield found

    def _slice(self, connection: apsw.Connection, *, after: int, window: Window, reveal: bool) -> tuple[int | None, list[Exposed]]:
        kept = self._settings
        bound = (after, window.until_ms, window.since_ms - DAY_MS, window.operator, kept.raw_days, kept.text_days, reveal, kept.number_days)
        last: int | None = connection.execute(_LAST, (after, SLICE)).get
        return last, [self._exposed(row) for row in read(connection, _ROWS, bound)]

    def _exposed(self, row: list[Any]) -> Exposed:
        message_id, number, elsewhere, channel, operator, received_ms, person, words, gone, pdu, rahasia, tag, sealed = row
        told = (("number", person), ("text", words), ("pdu", pdu), ("forgotten", gone))
        kinds = tuple(name for name, held in told if held)
        return Exposed(
            message_id, number or elsewhere, channel, operator, received_ms, kinds, bool(rahasia), tag, self._person(message_id, sealed)
        )

    def _person(self, message_id: int, sealed: str) -> str:
        if not sealed:
            return ""
        try:
            return self._documents.open_address(message_id, bytes.fromhex(sealed))[1]
        except (SealError, ValueError, LookupError):
            return UNREADABLE
