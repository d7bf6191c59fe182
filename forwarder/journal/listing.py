"""What we have of one operator in a time, to hold it beside his own list: when each part came, and whose it is, as a keyed tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import apsw

from forwarder.journal.accounts import first_id, slices
from forwarder.journal.books import DAY_MS
from forwarder.journal.documents import Documents, reporter_tag
from forwarder.journal.rows import fetch, integers, read
from forwarder.journal.seal import Sealer, SealError
from parsers.model import Address

OPEN = 0
"""The message id of parts that are no message."""

_OPERATORS = "SELECT DISTINCT operator FROM message WHERE received_ms >= ? AND received_ms < ? ORDER BY 1"
_MESSAGES = """
SELECT json_group_array(json_array(m.id, m.received_ms, m.parts, hex(m.reporter_tag), coalesce(c.number, f.number), m.part_set))
FROM message AS m LEFT JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first
WHERE m.received_ms >= ? AND m.received_ms < ? AND m.operator = ?
"""
_PARTS = "SELECT json_group_array(json_array(part_set, received_ms)) FROM part WHERE part_set IN carray(?)"
_UNFINISHED = """
SELECT json_group_array(json_array(p.received_ms, hex(s.key_tag), hex(p.sealed_pdu))) FROM part_set AS s JOIN part AS p ON p.part_set = s.id
WHERE s.id BETWEEN ?1 AND ?2 AND s.operator = ?5 AND s.message IS NULL AND p.sealed_pdu IS NOT NULL
AND p.received_ms >= ?3 AND p.received_ms < ?4
"""


@dataclass(frozen=True, slots=True)
class Ours:
    """One message of ours, or a part that is none yet; `tag` is None where the number is erased.

    `times` are those of its parts, UTC milliseconds, ascending; `exact` says that each is known (parts are forgotten after some days).
    """

    message_id: int
    number: str | None
    tag: bytes | None
    times: tuple[int, ...]
    exact: bool


def tagger(sealer: Sealer) -> Callable[[str], bytes]:
    """The keyed tag of a sender, as parsers.model.Reporter.value has it."""
    return lambda value: reporter_tag(sealer, value)


def operators(connection: apsw.Connection, start_ms: int, end_ms: int) -> list[str]:
    """Who handed us anything in a time."""
    return [str(row[0]) for row in fetch(connection, _OPERATORS, (start_ms, end_ms))]


def ours(connection: apsw.Connection, operator: str, start_ms: int, end_ms: int) -> Iterator[Ours]:
    """The messages of an operator, in many short reads."""
    for since, until in slices(start_ms, end_ms):
        rows = read(connection, _MESSAGES, (since, until, operator))
        times = _times(connection, [row[5] for row in rows if row[5] is not None])
        for message_id, at_ms, parts, tag, number, set_id in rows:
            known = sorted(times.get(set_id, ()))
            exact = len(known) >= parts if set_id is not None else True
            when = tuple(known) if known and exact else (at_ms,) * parts
            yield Ours(message_id, number, bytes.fromhex(tag) if tag else None, when, exact)


def unfinished(
    connection: apsw.Connection, sealer: Sealer, operator: str, span: tuple[int, int], whose: Callable[[Address], str]
) -> Iterator[Ours]:
    """Parts of an operator that are no message of ours. `whose` reads a source address as Reporter.value has it."""
    start_ms, end_ms = span
    documents = Documents(sealer)
    first = first_id(connection, "part_set", "began_ms", start_ms - 2 * DAY_MS)
    last = first_id(connection, "part_set", "began_ms", end_ms)
    for at_ms, key, sealed in read(connection, _UNFINISHED, (first, last, start_ms, end_ms, operator)):
        try:
            source = documents.open_segment(bytes.fromhex(key), bytes.fromhex(sealed)).source
        except SealError:
            continue
        yield Ours(OPEN, None, reporter_tag(sealer, whose(source)), (at_ms,), exact=True)


def _times(connection: apsw.Connection, set_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for set_id, at_ms in read(connection, _PARTS, (integers(set_ids),)) if set_ids else ():
        found.setdefault(set_id, []).append(at_ms)
    return found
