"""By what a complaint is known to all gateways, and what becomes of one that another gateway had first.

The tags are made with the key that all gateways share, for each may seal its journal with its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forwarder.journal import adding, documents
from forwarder.journal.amend import LATE_PART
from forwarder.journal.books import Books, Changes
from forwarder.journal.rows import Bulk, insert, integers, read, words
from forwarder.journal.seal import Sealer
from forwarder.lifecycle import NEXT_COMPLAINT, NEXT_REPLY, ComplaintMove, ComplaintState, ReplyMove, ReplyState, after, sources
from forwarder.records import Abroad
from parsers import segments
from parsers.model import Concat, Message, Segment

WHOLE = 0  # the place of a tag that stands for the whole message, not for one of its parts
REDELIVERED_MS = 600_000  # copies that came to two gateways within ten minutes are one sending: operators try another bind at once
LOST = "its first is lost with gateway"

_MAY = words(sources(NEXT_COMPLAINT, ComplaintMove.CLAIMED))
_TARGET = after(NEXT_COMPLAINT, ComplaintState.READY, ComplaintMove.CLAIMED)
_FOUND = f"""
SELECT json_group_array(json_array(c.id, m.received_ms)) FROM complaint AS c JOIN message AS m ON m.id = c.message
WHERE c.id IN carray(?) AND c.state IN ({_MAY})
"""  # noqa: S608 - words of lifecycle.py, no data
_DUPLICATE = Bulk(
    f"UPDATE complaint SET state = '{_TARGET}', elsewhere = v.column2, attention = v.column3, since_ms = v.column4, next_ms = NULL,"  # noqa: S608
    " reason = NULL FROM (VALUES ",
    4,
    f") AS v WHERE complaint.id = v.column1 AND complaint.state IN ({_MAY})",
)
_MAY_CHANGE = words(sources(NEXT_REPLY, ReplyMove.SUPPRESSED))
_UNSENT = f"SELECT json_group_array(json_array(id, complaint, state)) FROM reply WHERE complaint IN carray(?) AND state IN ({_MAY_CHANGE})"  # noqa: S608
_SILENCE = f"""
UPDATE reply SET state = 'none', reason = 'another gateway answers it', due_ms = NULL, settled_ms = ?2
WHERE id IN carray(?1) AND state IN ({_MAY_CHANGE})
"""  # noqa: S608 - words of lifecycle.py, no data
_RESEND = f"UPDATE reply SET kind = 'resend' WHERE id IN carray(?1) AND attempts = 0 AND state IN ({_MAY_CHANGE})"  # noqa: S608 - words of lifecycle.py, no data
_PUT = Bulk("INSERT OR IGNORE INTO claim (complaint, tag, part) VALUES ", 3)
_LOST = "UPDATE complaint SET attention = ?2 WHERE state = 'duplicate' AND substr(elsewhere, 2, 1) = ?1 AND attention IS NULL"


_ABROAD = insert("abroad", "reply", "number", "tracking_id", "instansi_name", "rahasia")
_REDIRECT = f"""
UPDATE reply SET kind = ?2, due_ms = ?3, complaint = NULL WHERE id = ?1 AND attempts = 0 AND state IN ({_MAY_CHANGE})
"""  # noqa: S608 - words of lifecycle.py, no data


@dataclass(frozen=True, slots=True)
class Redirect:
    """A reply not yet sent that shall speak of a complaint of another gateway."""

    reply_id: int
    kind: str
    about: Abroad


@dataclass(frozen=True, slots=True)
class Claim:
    """What one complaint is claimed by: (tag, part) each; part 0 is the whole message."""

    complaint_id: int
    number: str
    received_ms: int
    tags: tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A complaint that another gateway has: its number there, and when it came there.

    `late` says that ours says more, `lost` that the other gateway never comes back: then a person must look.
    """

    complaint_id: int
    number: str
    received_ms: int
    late: bool = False
    lost: bool = False


def claims_of(shared: Sealer, parts: Sequence[Segment], message: Message) -> tuple[tuple[bytes, int], ...]:
    """The tags of a joined message: each part under its reference, and the text, whose reference differs when it is sent again."""
    return (*_of_parts(shared, parts), (documents.joined_digest(shared, parts[0], message), WHOLE))


def part_claim(shared: Sealer, segment: Segment, concat: Concat) -> bytes:
    """One part of one long message."""
    return shared.tag(
        "part claim", documents.set_key(shared, segment, concat) + bytes([concat.part]) + documents.part_digest(shared, segment)
    )


def add_claims(books: Books, complaint_id: int, claims: Sequence[tuple[bytes, int]]) -> None:
    """A late part is claimed with the rest."""
    _PUT.run(books.connection, [(complaint_id, tag, part) for tag, part in claims])


def note_claimed(books: Books, items: Sequence[Claimed]) -> list[bool]:
    """Ready → duplicate of another gateway's complaint; whether each moved.

    Its receipt, if not yet sent: none where the copies came together, for the other gateway answers; else the number there.
    """
    if not items:
        return []
    came = dict[int, int](map(tuple, read(books.connection, _FOUND, (integers({item.complaint_id for item in items}),))))
    moved = {item.complaint_id: item for item in items if item.complaint_id in came}
    rows = [(one.complaint_id, one.number, _attention(one), books.now_ms) for one in moved.values()]
    if _DUPLICATE.run(books.connection, rows) != len(rows):
        raise LookupError("a complaint that may be claimed did not move")
    books.tally.move("complaint", ComplaintState.READY, _TARGET, len(rows))
    for one in moved.values():
        adding.leave_case(books, one.complaint_id, adding.ELSEWHERE.format(number=one.number))
    silent: list[int] = []
    told: list[int] = []
    for reply, complaint, state in read(books.connection, _UNSENT, (integers(moved),)) if moved else ():
        together = abs(came[complaint] - moved[complaint].received_ms) <= REDELIVERED_MS
        (silent if together else told).append(reply)
        if together:
            books.tally.move("reply", state, ReplyState.NONE)
    if silent:
        books.connection.execute(_SILENCE, (integers(silent), books.now_ms))
    if told:
        books.connection.execute(_RESEND, (integers(told),))
    return [item.complaint_id in moved for item in items]


def redirect(books: Books, items: Sequence[Redirect]) -> list[bool]:
    """Whether each reply was still here to be changed; it is due now."""
    moved = []
    for item in items:
        books.connection.execute(_REDIRECT, (item.reply_id, item.kind, books.now_ms))
        moved.append(books.connection.changes() == 1)
        if moved[-1]:
            there = item.about
            _ABROAD.run(books.connection, [(item.reply_id, there.number, there.tracking_id, there.instansi_name, int(there.rahasia))])
    return moved


def is_lost(books: Books, complaint_id: int) -> bool:
    """Whether the first of a duplicate went down with its gateway."""
    attention = books.connection.execute("SELECT attention FROM complaint WHERE id = ?", (complaint_id,)).get
    return attention is not None and attention.startswith(LOST)


def disclaim(books: Books, complaint_id: int) -> None:
    """A person says that the first, at another gateway, is lost: this one is its own from now on, and asks nobody."""
    books.connection.execute("UPDATE complaint SET elsewhere = NULL, attention = NULL WHERE id = ?", (complaint_id,))
    books.connection.execute("DELETE FROM claim WHERE complaint = ?", (complaint_id,))


def lose(books: Books, letters: Sequence[str]) -> list[int]:
    """Gateways that never come back: what was left to them is laid before a person; how many complaints each."""
    counts = []
    for letter in letters:
        books.connection.execute(_LOST, (letter, f"{LOST} {letter}"))
        counts.append(books.connection.changes())
    return counts


def share(books: Books, items: Sequence[tuple[Sealer, Changes]]) -> list[None]:
    """From the next transaction on, the other gateways hear of what changes."""
    for shared, changes in items:
        books.shared, books.changes = shared, changes
        changes.watch(books.connection)
    return [None] * len(items)


def _attention(one: Claimed) -> str | None:
    return LATE_PART if one.late else f"{LOST} {one.number[1]}" if one.lost else None


def _of_parts(shared: Sealer, parts: Sequence[Segment]) -> Iterator[tuple[bytes, int]]:
    for segment in parts:
        concat = segments.concat_of(segment)
        if concat is not None:
            yield part_claim(shared, segment, concat), concat.part
