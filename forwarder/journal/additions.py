"""The journal as whoever sends additions sees it: what may go now, what became of it, and what waits for a person."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import apsw

from forwarder.core.contract import Supplement
from forwarder.journal import addition_desk, reads, works
from forwarder.journal.books import Tally
from forwarder.journal.documents import Documents
from forwarder.journal.feed import Look
from forwarder.journal.jobs import Work
from forwarder.journal.orders import AdditionMoved, AdditionResult, AdditionSettled, AdditionWaiting, Hand, Moved
from forwarder.journal.rows import read, words
from forwarder.journal.seal import SealError
from forwarder.journal.wishes import Decided
from forwarder.lifecycle import AdditionMove, AdditionState
from forwarder.records import Adding, AdditionId
from forwarder.talk import Wish
from parsers.model import Complaint

log = logging.getLogger(__name__)

DESK = (AdditionState.PARKED, AdditionState.UNKNOWN, AdditionState.DESK)
_BEFORE = words((AdditionState.WAITING, AdditionState.READY, AdditionState.SENDING, AdditionState.UNKNOWN))
_JOBS = f"""
SELECT json_group_array(json_array(a.complaint, a.message, a.turn, a.attempts, a.since_ms, c.number, c.tracking_id, m.received_ms,
                                   hex(m.sealed_content), a.wish) ORDER BY a.next_ms, a.turn)
FROM (SELECT o.* FROM addition AS o WHERE o.state = ?1 AND o.next_ms <= ?2 AND (?3 OR NOT EXISTS (
          SELECT 1 FROM addition AS b WHERE b.complaint = o.complaint AND b.turn < o.turn AND b.state IN ({_BEFORE})))
      ORDER BY o.next_ms, o.turn LIMIT ?4) AS a
JOIN complaint AS c ON c.id = a.complaint JOIN message AS m ON m.id = a.message
"""  # noqa: S608 - words of lifecycle.py, no data
_WAITING = """
SELECT json_group_array(json_array(c.number || '-' || a.turn, a.state, iif({wish}, 'wish: ' || a.wish || coalesce(', ' || a.reason, ''),
                                   coalesce(a.reason, '')), {since}, coalesce(c.instansi_name, ''), a.attempts) ORDER BY {since})
FROM ({inner}) AS a JOIN complaint AS c ON c.id = a.complaint JOIN message AS m ON m.id = a.message
"""
_OPEN_WISH = "wish IS NOT NULL AND granted IS NULL"
_FOR_REASON = f"(?2 IS NULL OR reason = ?2 OR ({_OPEN_WISH} AND 'wish: ' || wish = ?2))"
_BY_STATE = _WAITING.format(
    wish="a.wish IS NOT NULL AND a.granted IS NULL",
    since="a.since_ms",
    inner=f"SELECT * FROM addition WHERE state = ?1 AND next_ms IS NOT NULL AND {_FOR_REASON} ORDER BY next_ms LIMIT ?3",  # noqa: S608 - SQL of our own
)
_WISHES = _WAITING.format(
    wish="1",
    since="m.received_ms",
    inner=f"SELECT * FROM addition WHERE {_OPEN_WISH} AND state NOT IN ({words(DESK)}) AND {_FOR_REASON} ORDER BY message LIMIT ?3",  # noqa: S608
)
"""Wishes that wait for the core's word alone; ?1 is not needed."""
EVER = 1 << 62  # milliseconds: later than any time


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """What may go now, and what never will: its words, or its complaint's, are erased."""

    jobs: Sequence[Adding]
    erased: Sequence[AdditionId]


class Additions:
    """Part of the journal. Every async method raises JournalError when it could not be done."""

    def __init__(self, write: Callable[[Work, Sequence[Any]], Awaitable[Any]], read_: Look, documents: Documents, tally: Tally) -> None:
        self._write = write
        self._read = read_
        self._documents = documents
        self._tally = tally

    @property
    def tally(self) -> Mapping[AdditionState, int]:
        """Additions by state as of the last commit; costs nothing."""
        return {state: self._tally.committed["addition", state.value] for state in AdditionState}

    async def ready(self, limit: int, now_ms: int, exclude: AbstractSet[AdditionId] = frozenset()) -> Ready:
        """What may be sent now, the first of each case, without those of `exclude`."""
        found = await self._read(lambda one: self._jobs(one, (AdditionState.READY.value, now_ms, False, limit + len(exclude))))
        return Ready([job for job in found.jobs if job.key not in exclude][:limit], found.erased)

    async def start(self, items: Sequence[tuple[AdditionId, int]]) -> set[AdditionId]:
        """Mark (addition, attempt) as `sending`; those that moved: only these may be sent."""
        moved: list[bool] = await self._write(works.START_ADDITIONS, items)
        return {key for (key, _), one in zip(items, moved, strict=True) if one}

    async def settle(self, results: Sequence[AdditionResult]) -> list[AdditionSettled]:
        """Store what the core answered; the same answer twice changes nothing."""
        settled: list[AdditionSettled] = await self._write(works.SETTLE_ADDITIONS, results)
        return settled

    async def leave(self, keys: Sequence[AdditionId], why: str) -> None:
        """These to a person."""
        await self._write(works.LEAVE_ADDITIONS, [(key, why) for key in keys])

    async def leave_all(self, why: str) -> None:
        """All that is on its way to a person."""
        await self._write(works.LEAVE_ALL_ADDITIONS, [why])

    async def unknown(self, limit: int) -> list[Adding]:
        """What is `unknown`, oldest first: for look-ups, never for sending."""
        found = await self._read(lambda one: self._jobs(one, (AdditionState.UNKNOWN.value, EVER, True, limit)))
        return list(found.jobs)

    async def note_found(self, key: AdditionId, tracking_id: str) -> AdditionSettled:
        """A look-up found an unknown one at the core."""
        return (await self.settle([AdditionResult(key, 0, AdditionMove.FOUND, tracking_id)]))[0]

    async def note_absent(self, key: AdditionId, *, settling_ms: int) -> bool:
        """A look-up found nothing; said twice, `settling_ms` apart, it is ready again (True)."""
        moved: list[bool] = await self._write(works.ABSENT_ADDITIONS, [(key, settling_ms)])
        return moved[0]

    async def waiting(self, state: AdditionState | None = None, reason: str | None = None, limit: int = 100) -> list[AdditionWaiting]:
        """What waits for a person, oldest first: with the wishes for which the core's decision is not known yet."""
        wanted = DESK if state is None else (state,)
        rows = await self._read(lambda one: [row for each in wanted for row in read(one, _BY_STATE, (each.value, reason, limit))])
        if state is None:
            rows += await self._read(lambda one: read(one, _WISHES, (None, reason, limit)))
        found = [AdditionWaiting(key, AdditionState(stands), *rest) for key, stands, *rest in rows]
        return sorted(found, key=lambda one: (one.since_ms, one.key))[:limit]

    async def move(self, number: str, turn: int, move: AdditionMove, by: Hand, tracking_id: str | None = None) -> AdditionMoved:
        """A person's move: FOUND (with the tracking id of the record in which it stands), RESEND or CLOSE."""
        item = addition_desk.Move(number, turn, move, by, tracking_id)
        moved: list[AdditionMoved] = await self._write(works.MOVE_ADDITIONS, [item])
        return moved[0]

    async def decide(self, number: str, wish: Wish, by: Hand, *, granted: bool) -> Moved:
        """A person says what the core decided upon a wish: it is settled, and its citizen told once."""
        moved: list[Moved] = await self._write(works.DECIDE, [Decided(number, wish, granted, by)])
        return moved[0]

    async def tie(self, number: str, to: str, by: Hand) -> Moved:
        """What waits as a complaint of its own belongs to another case: closed, its words follow that one."""
        moved: list[Moved] = await self._write(works.TIE, [addition_desk.Tie(number, to, by)])
        return moved[0]

    def _jobs(self, connection: apsw.Connection, wanted: tuple[str, int, bool, int]) -> Ready:
        rows = read(connection, _JOBS, wanted)
        complaints = reads.complaints(connection, self._documents, sorted({row[0] for row in rows})) if rows else {}
        jobs: list[Adding] = []
        erased: list[AdditionId] = []
        for complaint_id, message, turn, attempts, since_ms, number, tracking_id, received_ms, sealed, wish in rows:
            key, complaint = (complaint_id, message), complaints.get(complaint_id)
            text = self._text(message, sealed)
            if complaint is None or not text:
                erased.append(key)
                continue
            asks = None if wish is None else Wish(wish)
            said = Supplement(f"{number}-{turn}", tracking_id, _flagged(complaint, asks), text, received_ms, asks)
            jobs.append(Adding(key, attempts + 1, said, since_ms))
        return Ready(jobs, erased)

    def _text(self, message: int, sealed: str | None) -> str | None:
        if not sealed:
            return None
        try:
            return self._documents.open_text(message, bytes.fromhex(sealed))
        except SealError:
            log.exception("an addition cannot be opened", extra={"message_id": message})
            return None


def _flagged(complaint: Complaint, wish: Wish | None) -> Complaint:
    """What asks to be hidden is hidden itself: where the core cannot append, it is a record of its own."""
    return replace(
        complaint, rahasia=complaint.rahasia or wish is Wish.RAHASIA, anonim=complaint.anonim or wish in (Wish.RAHASIA, Wish.ANONIM)
    )
