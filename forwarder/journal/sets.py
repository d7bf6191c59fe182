"""Long messages: parts of one sender come in any order, over any bind, more than once, late, or never.

A set is durable from its first part. A closed set stays as a tombstone, so that an equal part is known as a redelivery.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forwarder.journal import documents
from forwarder.journal.amend import amend
from forwarder.journal.books import DAY_MS, Books, OpenSet
from forwarder.journal.claims import add_claims, claims_of
from forwarder.journal.letters import Letter
from forwarder.journal.messages import note_copies, store
from forwarder.journal.persons import PersonKey
from forwarder.journal.rows import Bulk, Value, blobs, insert, integers, read, words
from forwarder.lifecycle import NEXT_SET, SetMove, SetState, after, sources
from forwarder.records import Kind, Verdict
from parsers.model import Concat, Segment, Unreadable

log = logging.getLogger(__name__)

EXPIRED_AT_ONCE_MAX = 200  # sets per transaction, so that answers do not wait for a storm of time-outs

_SET = insert("part_set", "id", "key_tag", "sender_tag", "operator", "total", "state", "began_ms", "reporter_tag")
_PART = insert("part", "part_set", "part", "digest_tag", "received_ms", "sealed_pdu")
_SETS = """
SELECT json_group_array(json_array(id, hex(key_tag), total, state, began_ms, closed_ms, message)) FROM part_set WHERE key_tag IN carray(?)
"""
_PARTS = "SELECT json_group_array(json_array(part_set, part, hex(digest_tag))) FROM part WHERE part_set IN carray(?)"
_SEALED = """
SELECT json_group_array(json_array(p.part_set, p.part, hex(s.key_tag), hex(p.sealed_pdu), s.total))
FROM part AS p JOIN part_set AS s ON s.id = p.part_set WHERE p.part_set IN carray(?)
"""
_CLOSE = {
    move: Bulk(
        "UPDATE part_set SET state = v.column2, closed_ms = v.column3, message = v.column4 FROM (VALUES ",
        4,
        f") AS v WHERE part_set.id = v.column1 AND part_set.state IN ({words(sources(NEXT_SET, move))})",
    )
    for move in SetMove
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part, tagged and sealed before the writer's queue."""

    segment: Segment
    concat: Concat
    key_tag: bytes
    sender_tag: bytes
    digest_tag: bytes
    sealed_pdu: bytes
    reporter_tag: bytes
    key: PersonKey


@dataclass(slots=True)
class _Set:
    """A set as far as this batch needs to know it."""

    id: int
    total: int
    state: SetState
    began_ms: int
    closed_ms: int | None = None
    message: int | None = None
    digests: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class _Batch:
    """What the parts of one batch come to."""

    by_key: dict[bytes, list[_Set]]
    sets: list[Sequence[Value]] = field(default_factory=list)
    parts: list[Sequence[Value]] = field(default_factory=list)
    complete: dict[int, int] = field(default_factory=dict)  # set id → place of the part that completed it
    late: list[tuple[int, _Set]] = field(default_factory=list)
    senders: dict[bytes, None] = field(default_factory=dict)  # of sets begun here
    keys: list[PersonKey] = field(default_factory=list)


def take(books: Books, parts: Sequence[Part]) -> list[Verdict]:
    """Store parts; the one that completes its set gets the verdict of the whole message. A verdict each, in their order."""
    if not parts:
        return []
    batch = _Batch(_known(books, parts))
    verdicts = [_place(books, at, part, batch) for at, part in enumerate(parts)]
    note_copies(books, [part.segment for part, verdict in zip(parts, verdicts, strict=True) if verdict.kind is Kind.REDELIVERY])
    if books.changes is not None:
        books.changes.sets.update(row[0] for row in batch.parts if isinstance(row[0], int))
    books.keep_keys(batch.keys)
    _SET.run(books.connection, batch.sets)
    _PART.run(books.connection, batch.parts)
    stored = close(books, list(batch.complete), SetMove.COMPLETED)
    for (set_id, at), verdict in zip(batch.complete.items(), stored, strict=True):
        verdicts[at] = replace(verdict, set_id=set_id)
    for at, late in batch.late:
        verdicts[at] = _amend(books, late, verdicts[at])
    _keep_bounds(books, batch)
    return verdicts


def expire(books: Books) -> list[Verdict]:
    """File the sets that waited long enough, as they are; the clock may jump, the waiting is counted by the monotonic one."""
    settings = books.settings
    own = settings.segment_timeout_by_operator
    shortest = min([settings.segment_timeout_seconds, *own.values()])
    due: list[int] = []
    for one in books.sets:
        watched = books.now - one.seen
        if one.age + watched < shortest or len(due) == EXPIRED_AT_ONCE_MAX:
            break
        timeout = own.get(one.operator, settings.segment_timeout_seconds)
        if one.age + watched >= timeout and watched >= min(settings.segment_seen_seconds, timeout):
            due.append(one.id)
    return close(books, due, SetMove.EXPIRED)


def close(books: Books, set_ids: Sequence[int], move: SetMove) -> list[Verdict]:
    """Make messages of open sets: joined, or as they are; a verdict each."""
    if not set_ids:
        return []
    segments = _segments(books, set_ids)
    letters = [_letter(books, set_id, *segments[set_id]) for set_id in set_ids]
    target = after(NEXT_SET, SetState.OPEN, move)
    rows = [(letter.set_id, target.value, books.now_ms, letter.message_id) for letter in letters]
    if _CLOSE[move].run(books.connection, rows) != len(rows):
        raise LookupError("a segment set was closed twice")
    for set_id in set_ids:
        books.sets.drop(set_id)
    if books.changes is not None:
        books.changes.sets.update(set_ids)
    return store(books, letters)


def _known(books: Books, parts: Sequence[Part]) -> dict[bytes, list[_Set]]:
    """Open sets and tombstones of these parts' keys, oldest first, with the digests of their parts."""
    rows = read(books.connection, _SETS, (blobs({part.key_tag for part in parts}),))
    by_id: dict[int, _Set] = {}
    by_key: dict[bytes, list[_Set]] = {}
    forgotten = books.now_ms - books.settings.tombstone_days * DAY_MS
    for set_id, key, total, state, began, closed, message in sorted(rows, key=lambda row: row[0]):
        if closed is not None and closed < forgotten:
            continue
        one = _Set(set_id, total, SetState(state), began)
        one.closed_ms = None if closed is None else closed
        one.message = None if message is None else message
        by_id[one.id] = one
        by_key.setdefault(bytes.fromhex(key), []).append(one)
    if by_id:
        for set_id, number, digest in read(books.connection, _PARTS, (integers(by_id),)):
            by_id[set_id].digests[number] = bytes.fromhex(digest)
    return by_key


def _place(books: Books, at: int, part: Part, batch: _Batch) -> Verdict:
    """Find the set a part belongs to, or begin one."""
    number = part.concat.part
    known = batch.by_key.setdefault(part.key_tag, [])
    newest = known[-1] if known else None
    for one in reversed(known):
        if one.digests.get(number) == part.digest_tag and not _used_again(books, one, newest, part):
            return Verdict(Kind.REDELIVERY, set_id=one.id)
    if newest is None or newest.state is SetState.LINKED or number in newest.digests or _too_late(books, newest, part):
        newest = _begin(books, part, batch)
        known.append(newest)
    newest.digests[number] = part.digest_tag
    batch.parts.append((newest.id, number, part.digest_tag, part.segment.received_ms, _sealed(books, part, batch)))
    if newest.state is SetState.TIMED_OUT:
        batch.late.append((at, newest))
        return Verdict(Kind.LATE_PART, set_id=newest.id)
    if len(newest.digests) == newest.total:
        newest.state = SetState.JOINED
        batch.complete[newest.id] = at
    return Verdict(Kind.PART, set_id=newest.id)


def _sealed(books: Books, part: Part, batch: _Batch) -> bytes:
    """Column part.sealed_pdu, anew where its key was destroyed while the part waited for the writer."""
    if part.key.id in books.ring.destroyed:
        return books.documents.segment(part.key_tag, part.segment, books.key_of(part.reporter_tag))
    if part.key.sealed is not None:
        batch.keys.append(part.key)
    return part.sealed_pdu


def _used_again(books: Books, closed: _Set, newest: _Set | None, part: Part) -> bool:
    """Whether an equal part belongs to a newer message: some phones use one reference for all, and many end with the same words."""
    if newest is None or newest is closed or newest.state is not SetState.OPEN or part.concat.part in newest.digests:
        return False
    return part.segment.received_ms - closed.began_ms > books.settings.answer_doubt_seconds * 1000


def _too_late(books: Books, one: _Set, part: Part) -> bool:
    """By the clock that does not jump while the set is open: a host whose clock is set right must not cut a message in two."""
    if one.state is SetState.OPEN:
        watched = books.sets.watched(one.id, books.now)  # its parts may have waited at the operator while we were down
        return books.sets.waited(one.id, books.now) > books.settings.late_seconds and watched >= books.settings.segment_seen_seconds
    return part.segment.received_ms - one.began_ms > books.settings.late_seconds * 1000


def _begin(books: Books, part: Part, batch: _Batch) -> _Set:
    set_id, began_ms = next(books.ids.part_set), part.segment.received_ms
    row = (
        set_id,
        part.key_tag,
        part.sender_tag,
        part.segment.operator,
        part.concat.total,
        SetState.OPEN.value,
        began_ms,
        part.reporter_tag,
    )
    batch.sets.append(row)
    batch.senders[part.sender_tag] = None
    books.sets.add(OpenSet(set_id, part.sender_tag, part.segment.operator, books.now, 0.0))
    return _Set(set_id, part.concat.total, SetState.OPEN, began_ms)


def _keep_bounds(books: Books, batch: _Batch) -> None:
    """Above the caps the oldest sets are filed as they are, at once: nothing is dropped, and nobody fills the table."""
    settings = books.settings
    due: list[int] = []
    for sender in batch.senders:
        while books.sets.of(sender) > settings.sets_per_sender_max:
            due.append(books.sets.oldest(sender).id)
            books.sets.drop(due[-1])
    while len(books.sets) > settings.sets_max:
        due.append(books.sets.oldest().id)
        books.sets.drop(due[-1])
    close(books, due, SetMove.EXPIRED)


def _segments(books: Books, set_ids: Sequence[int]) -> dict[int, tuple[list[Segment], int]]:
    """The parts that came, in order of part number, and how many there should be; parts whose PDU is erased are missing."""
    found: dict[int, tuple[list[Segment], int]] = {}
    rows = read(books.connection, _SEALED, (integers(set_ids),))
    for set_id, _, key, sealed, total in sorted(rows, key=lambda row: (row[0], row[1])):
        segments, _ = found.setdefault(set_id, ([], total))
        if sealed:
            segments.append(books.documents.open_segment(bytes.fromhex(key), bytes.fromhex(sealed)))
    return found


def _letter(books: Books, set_id: int, segments: Sequence[Segment], total: int) -> Letter:
    """Join and understand; what our own code stumbles over becomes an unreadable message for a person, never an error."""
    message_id, complaint_id = next(books.ids.message), next(books.ids.complaint)
    first = segments[0]
    try:
        composed = books.composer().join(message_id, complaint_id, segments, total)
    except Exception as error:
        log.exception("a long message could not be joined and is kept raw", extra={"set_id": set_id, "error": type(error).__name__})
        cause = f"{type(error).__name__} while joining"
        source = Unreadable(first.operator, first.bind, first.session, first.command, cause, first.raw, first.received_ms)
        digest = documents.unreadable_digest(books.sealer, source)
        return Letter(message_id, complaint_id, None, source, digest, None, None, None, None, set_id)
    message, complaint = composed.message, composed.complaint
    tag = documents.reporter_tag(books.sealer, message.reporter.value)
    key = books.key_of(tag)
    return Letter(
        message_id,
        None if complaint is None else complaint_id,
        composed,
        first,
        documents.joined_digest(books.sealer, first, message),
        tag,
        books.documents.sender(message_id, message.reporter, key),
        books.documents.content(message, complaint, key),
        None,
        set_id,
        () if books.shared is None else claims_of(books.shared, segments, message),
        key,
    )


def _amend(books: Books, late: _Set, verdict: Verdict) -> Verdict:
    """A part that came after its set was filed as it is: our record becomes whole, never a second complaint."""
    segments, total = _segments(books, [late.id])[late.id]
    if late.message is None:
        return verdict
    erased = len(segments) < len(late.digests)
    composed, complaint_id = amend(books, late.message, () if erased else segments, total)
    if books.shared is not None and complaint_id is not None and composed is not None:
        add_claims(books, complaint_id, claims_of(books.shared, segments, composed.message))
    return replace(verdict, composed=composed, complaint_id=complaint_id)
