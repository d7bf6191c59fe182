"""The journal as the other gateways hear of it: what complaints are claimed by, how cases stand, which long messages miss a part.

Everything here is read or written beside the road, in slices; where there is one gateway nobody calls it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from forwarder.journal import works
from forwarder.journal.arrivals import Scribe
from forwarder.journal.books import Changes
from forwarder.journal.claims import Claim, Claimed, Redirect
from forwarder.journal.documents import Documents
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.linked import Link
from forwarder.journal.rows import integers, read, words
from forwarder.journal.seal import Sealer, SealError
from forwarder.lifecycle import ComplaintState, SetState
from forwarder.records import Abroad
from parsers.model import Segment

_CLAIMS = """
SELECT json_group_array(json_array(c.id, c.number, m.received_ms, hex(k.tag), k.part))
FROM claim AS k JOIN complaint AS c ON c.id = k.complaint JOIN message AS m ON m.id = c.message
WHERE k.complaint IN carray(?) AND c.number IS NOT NULL
"""
_TAKEN = words((ComplaintState.SENDING, ComplaintState.FILED, ComplaintState.PARKED, ComplaintState.UNKNOWN))
_CLAIMED = f"""
SELECT json_group_array(id) FROM complaint WHERE id IN carray(?) AND state <> '{ComplaintState.DUPLICATE}'
AND (attempts > 0 OR state IN ({_TAKEN}) OR EXISTS (SELECT 1 FROM post AS p WHERE p.message = complaint.message))
"""  # noqa: S608 - words of lifecycle.py, no data
_CASES = """
SELECT json_group_array(json_array(c.id, c.number, c.state, c.tracking_id, c.rahasia, coalesce(c.instansi_name, ''), c.elsewhere,
                                   m.id, m.received_ms, hex(m.sealed_sender)))
FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id IN carray(?) AND c.number IS NOT NULL
"""
_WALK = """
SELECT json_group_array(json_array(id, received_ms)) FROM (
    SELECT c.id AS id, m.received_ms AS received_ms FROM complaint AS c JOIN message AS m ON m.id = c.message
    WHERE c.id < ?1 ORDER BY c.id DESC LIMIT ?2)
"""
_SETS = """
SELECT json_group_array(json_array(s.id, s.total, s.state, coalesce(s.closed_ms, 0), p.part, hex(s.key_tag), hex(p.sealed_pdu)))
FROM part_set AS s JOIN part AS p ON p.part_set = s.id WHERE s.id IN carray(?)
"""
_RECENT_SETS = """
SELECT json_group_array(id) FROM (SELECT id FROM part_set
    WHERE id > ?1 AND (state = 'open' OR (state = 'timed_out' AND closed_ms >= ?2) OR (state = 'joined' AND closed_ms >= ?3))
    ORDER BY id LIMIT ?4)
"""
_OPEN_SETS = "SELECT count(*) FROM part_set WHERE state = 'open'"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one case stands: what STATUS says of it. `reporter` is None when the number is erased."""

    complaint_id: int
    number: str
    state: ComplaintState
    tracking_id: str | None
    rahasia: bool
    instansi_name: str
    elsewhere: str | None
    received_ms: int
    reporter: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Half:
    """A long message as far as its parts came here: (number, segment) each; a part whose PDU is erased is left out."""

    set_id: int
    total: int
    state: SetState
    closed_ms: int
    parts: tuple[tuple[int, Segment], ...]


class Sharing:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], read: Look, scribe: Scribe, documents: Documents) -> None:
        self._write = write
        self._read = read
        self._scribe = scribe
        self._documents = documents

    async def begin(self, shared: Sealer, tell: Callable[[frozenset[int], frozenset[int]], None]) -> None:
        """From now on complaints are stored with their claims, and `tell` hears in the writer's thread what changed: (complaints, sets).

        Before the first door opens.
        """
        self._scribe.shared = shared
        await self._write(works.SHARE, [(shared, Changes(tell))])

    async def claims(self, complaint_ids: Iterable[int]) -> dict[int, Claim]:
        """What complaints are claimed by; one without claims came before there were several gateways."""
        ids = tuple(complaint_ids)
        if not ids:
            return {}
        rows = await self._read(lambda one: read(one, _CLAIMS, (integers(ids),)))
        found: dict[int, Claim] = {}
        for complaint_id, number, received_ms, tag, part in rows:
            known = found.get(complaint_id)
            tags = () if known is None else known.tags
            found[complaint_id] = Claim(complaint_id, number, received_ms, (*tags, (bytes.fromhex(tag), part)))
        return found

    async def claimed(self, complaint_ids: Sequence[int]) -> dict[int, Claim]:
        """The same of those that were claimed already: sent, or tried, or on their way; posts are claimed by being stored."""
        if not complaint_ids:
            return {}
        ids: list[Any] = await self._read(lambda one: read(one, _CLAIMED, (integers(complaint_ids),)))
        return await self.claims(ids)

    async def note_claimed(self, items: Sequence[Claimed]) -> list[bool]:
        """Another gateway has these: ready → duplicate of its number. Whether each moved."""
        moved: list[bool] = await self._write(works.CLAIMED, items) if items else []
        return moved

    async def redirect(self, reply_id: int, kind: str, about: Abroad) -> bool:
        """Let a reply that is not yet sent speak of a complaint of another gateway; whether it was in time."""
        moved: list[bool] = await self._write(works.REDIRECT, [Redirect(reply_id, kind, about)])
        return moved[0]

    async def walk(self, before: int, limit: int) -> list[tuple[int, int]]:
        """(complaint id, received) of the newest complaints below an id, newest first."""
        rows = await self._read(lambda one: read(one, _WALK, (before, limit)))
        return sorted(((number, ms) for number, ms in rows), reverse=True)

    async def standings(self, complaint_ids: Sequence[int]) -> list[Standing]:
        """How cases stand; a duplicate of one of our own has no number and is left out."""
        if not complaint_ids:
            return []
        return await self._read(lambda one: self._standings(one, complaint_ids))

    async def halves(self, set_ids: Sequence[int]) -> list[Half]:
        """Long messages as far as they came."""
        if not set_ids:
            return []
        return await self._read(lambda one: self._halves(one, set_ids))

    async def recent_sets(self, after: int, limit: int, *, timed_out_since_ms: int, joined_since_ms: int) -> list[int]:
        """Ids above `after`, oldest first: open sets, and closed ones of which the others may still have a part."""
        args = (after, timed_out_since_ms, joined_since_ms, limit)
        ids: list[Any] = await self._read(lambda one: read(one, _RECENT_SETS, args))
        return ids

    async def open_sets(self) -> int:
        """How many long messages miss a part."""
        count: int = await self._read(lambda one: one.execute(_OPEN_SETS).get)
        return count

    async def link(self, items: Sequence[Link]) -> list[bool]:
        """Close sets whose message another gateway has; whether each was open."""
        moved: list[bool] = await self._write(works.LINK, items) if items else []
        return moved

    async def lose_gateway(self, letter: str) -> int:
        """A gateway never comes back: complaints that were left to it are laid before a person. How many."""
        counts: list[int] = await self._write(works.LOSE, [letter])
        return counts[0]

    def _standings(self, connection: apsw.Connection, ids: Sequence[int]) -> list[Standing]:
        found = []
        for complaint, number, state, tracking, rahasia, instansi, elsewhere, message, received, sealed in read(
            connection, _CASES, (integers(ids),)
        ):
            reporter = None
            if sealed:
                try:
                    reporter = self._documents.open_address(message, bytes.fromhex(sealed))[1]
                except SealError:
                    continue
            stands = (number, ComplaintState(state), tracking, bool(rahasia), instansi, elsewhere, received, reporter)
            found.append(Standing(complaint, *stands))
        return found

    def _halves(self, connection: apsw.Connection, ids: Sequence[int]) -> list[Half]:
        found: dict[int, Half] = {}
        for set_id, total, state, closed_ms, number, key, sealed in sorted(
            read(connection, _SETS, (integers(ids),)), key=lambda row: row[4]
        ):
            half = found.get(set_id)
            parts = () if half is None else half.parts
            if sealed:
                parts = (*parts, (number, self._documents.open_segment(bytes.fromhex(key), bytes.fromhex(sealed))))
            found[set_id] = Half(set_id, total, SetState(state), closed_ms, parts)
        return list(found.values())
