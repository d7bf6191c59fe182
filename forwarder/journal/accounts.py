"""Do the sums agree? What arrived in a time, and what became of each of it, counted from the rows and never from the counts of states.

*Received* is counted by arrival: messages as they were stored, and parts of long messages that are no message (yet). Each must be
accounted for by something that speaks of it: a complaint that began with it, an addition, an answer. What nothing speaks of breaks the
sum; breaks.py finds it from the other side, too. Everything is read in slices, so that neither the writer nor its log waits for us.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from forwarder.journal.books import DAY_MS, day_of
from forwarder.journal.rows import fetch, integers, read
from forwarder.lifecycle import ComplaintState, HeldReason, SetState

HOUR_MS = 3_600_000
NAMED_MAX = 1_000  # of the messages that break the sum; the count goes on
NEIGHBOURS = 1_000  # messages looked at on each side of a time, to find where its ids begin and end
FILED, WAITING, PARKED, UNKNOWN, DUPLICATE, ELSEWHERE = "filed", "waiting", "parked", "unknown", "duplicate", "elsewhere"
CLOSED, ANSWERED, ADDITION, UNREADABLE, UNFINISHED, BROKEN = "closed", "answered", "addition", "unreadable", "unfinished", "broken"
CLASSES = (FILED, WAITING, PARKED, UNKNOWN, DUPLICATE, ELSEWHERE, CLOSED, ANSWERED, ADDITION, UNREADABLE, UNFINISHED)
"""What a message can have come to. `elsewhere` are duplicates of another gateway's, `unfinished` parts of long messages."""

KIND = "substr({name}, 1, instr({name} || ' ', ' ') - 1)"
"""A channel's first word: SMS, X, Loket. It is known when a message is stored, and stays when what was unreadable is read anew."""
_OPEN = "c.next_ms IS NULL AND c.state IN ('held', 'ready', 'sending', 'parked', 'unknown')"
_DEAD = """c.state = 'sending' AND (NOT EXISTS (SELECT 1 FROM run) OR (c.since_ms < (SELECT began_ms FROM run ORDER BY id DESC LIMIT 1)
    AND EXISTS (SELECT 1 FROM run AS r WHERE r.id < (SELECT max(id) FROM run) AND c.since_ms BETWEEN r.began_ms AND r.ended_ms)))"""
_WRONG = f"""CASE
    WHEN c.id IS NULL THEN 'its complaint does not exist'
    WHEN a.message IS NOT NULL OR w.message IS NOT NULL THEN NULL
    WHEN c.message <> m.id THEN 'it names a complaint that began with another message, and is no addition to it'
    WHEN c.state NOT IN ({", ".join(f"'{one}'" for one in ComplaintState)}) THEN 'its complaint is in a state that does not exist'
    WHEN c.state = 'duplicate' AND c.elsewhere IS NULL AND (c.first IS NULL OR c.first = c.id OR f.id IS NULL) THEN 'duplicate of nothing'
    WHEN c.state = 'duplicate' AND c.elsewhere IS NULL AND f.state = 'duplicate' AND f.elsewhere IS NULL THEN 'duplicate of a duplicate'
    WHEN c.state <> 'duplicate' AND c.number IS NULL THEN 'a complaint without a number'
    WHEN c.state = 'filed' AND c.tracking_id IS NULL THEN 'filed without a tracking id'
    WHEN c.state <> 'filed' AND c.tracking_id IS NOT NULL THEN 'has a tracking id, and is not filed'
    WHEN c.tracking_id IN carray(?3) THEN 'one tracking id for two'
    WHEN c.state = 'closed' AND NOT EXISTS (SELECT 1 FROM history AS h WHERE h.complaint = c.id) THEN 'closed by nobody'
    WHEN {_OPEN} THEN 'waits where nobody looks: an open state without a time'
    WHEN c.next_ms IS NOT NULL AND c.state IN ('filed', 'duplicate', 'closed') THEN 'settled, and still in the queue'
    WHEN {_DEAD} THEN 'sending, and no run that sends it'
END"""  # noqa: S608 - words of our own
_CLASS = f"""CASE
    WHEN a.message IS NOT NULL OR w.message IS NOT NULL THEN '{ADDITION}'
    WHEN c.state = 'duplicate' AND c.elsewhere IS NOT NULL THEN '{ELSEWHERE}'
    WHEN c.state = 'held' AND c.reason = '{HeldReason.UNREADABLE}' THEN '{UNREADABLE}'
    WHEN c.state IN ('held', 'ready', 'sending') THEN '{WAITING}'
    ELSE c.state END"""
_DETAIL = """CASE
    WHEN a.message IS NOT NULL THEN coalesce(a.state, '')
    WHEN w.message IS NOT NULL THEN 'answer'
    WHEN c.state = 'held' THEN 'held: ' || coalesce(c.reason, '')
    WHEN c.state IN ('ready', 'sending') THEN c.state
    WHEN c.state IN ('parked', 'unknown') THEN coalesce(c.reason, '')
    ELSE '' END"""
_FROM = """
FROM message AS m LEFT JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first
LEFT JOIN addition AS a ON a.complaint = m.complaint AND a.message = m.id
LEFT JOIN answer AS w ON w.complaint = m.complaint AND w.message = m.id
WHERE m.received_ms >= ?1 AND m.received_ms < ?2 AND m.complaint IS NOT NULL
"""
_BY_CLASS = f"""
SELECT json_group_array(json_array(operator, kind, iif(wrong IS NULL, class, '{BROKEN}'), iif(wrong IS NULL, detail, wrong), n)) FROM (
    SELECT m.operator AS operator, {KIND.format(name="m.channel")} AS kind, {_WRONG} AS wrong, {_CLASS} AS class, {_DETAIL} AS detail,
           count(*) AS n {_FROM} GROUP BY 1, 2, 3, 4, 5)
"""  # noqa: S608 - words of our own
_NAMED = f"""
SELECT json_group_array(json_array(id, number, operator, received_ms, wrong)) FROM (
    SELECT m.id AS id, coalesce(c.number, f.number) AS number, m.operator AS operator, m.received_ms AS received_ms, {_WRONG} AS wrong
    {_FROM} AND wrong IS NOT NULL ORDER BY m.received_ms LIMIT ?4)
"""  # noqa: S608 - words of our own
_ARRIVED = f"""
SELECT json_group_array(json_array(operator, kind, n, parts)) FROM (
    SELECT operator, {KIND.format(name="channel")} AS kind, count(*) AS n, sum(parts) AS parts FROM message
    WHERE received_ms >= ? AND received_ms < ? GROUP BY 1, 2)
"""  # noqa: S608 - words of our own
_LOOSE = f"""
SELECT json_group_array(json_array(m.id, m.operator, {KIND.format(name="m.channel")}, m.received_ms)) FROM message AS m
WHERE m.received_ms >= ? AND m.received_ms < ? AND m.complaint IS NULL
"""  # noqa: S608 - words of our own
_SPOKEN_TO = (
    "SELECT json_group_array(message) FROM post WHERE message IN carray(?)",
    "SELECT json_group_array(message) FROM reply WHERE complaint IS NULL AND message IN carray(?)",
    "SELECT json_group_array(message) FROM reply WHERE complaint IS NOT NULL AND message IN carray(?)",
)
"""What speaks of a message that is no complaint, the cheapest question first. Who asks on X not to be written to gets no answer."""
_UNFINISHED = f"""
SELECT json_group_array(json_array(operator, state, n)) FROM (
    SELECT s.operator AS operator, s.state AS state, count(*) AS n FROM part_set AS s JOIN part AS p ON p.part_set = s.id
    WHERE s.id BETWEEN ?3 AND ?4 AND s.state IN ('{SetState.OPEN}', '{SetState.LINKED}') AND s.message IS NULL
    AND p.sealed_pdu IS NOT NULL AND p.received_ms >= ?1 AND p.received_ms < ?2 GROUP BY 1, 2)
"""  # noqa: S608 - words of lifecycle.py, no data
_TWICE = "SELECT json_group_array(tracking_id) FROM (SELECT tracking_id FROM complaint {how} GROUP BY 1 HAVING count(*) > 1)"
_REFUSED = """
SELECT json_group_array(json_array(operator, status, n)) FROM (
    SELECT operator, status, count(*) AS n FROM refusal WHERE id >= ?3 AND at_ms >= ?1 AND at_ms < ?2 GROUP BY 1, 2)
"""
_COPIES = "SELECT json_group_array(json_array(operator, copies)) FROM redelivery WHERE day BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One row that breaks the sum. `message_id` and `number` are as far as they are known; `operator` is empty where it is not."""

    what: str
    at_ms: int
    operator: str = ""
    number: str | None = None
    message_id: int | None = None


@dataclass(slots=True)
class Line:
    """One operator and channel: what came, and what became of it by class and detail."""

    received: int = 0
    parts: int = 0
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, name: str) -> int:
        """How many came to this class."""
        return sum(count for (one, _), count in self.accounts.items() if one == name)

    @property
    def accounted(self) -> int:
        """All of which something speaks."""
        return sum(count for (name, _), count in self.accounts.items() if name != BROKEN)


@dataclass(slots=True)
class Account:
    """What came from `start_ms` to before `end_ms`. `wrong` names at most NAMED_MAX of the `breaks`."""

    start_ms: int
    end_ms: int
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    """By operator and channel."""
    wrong: list[Wrong] = field(default_factory=list)
    breaks: int = 0
    refusals: dict[tuple[str, int], int] = field(default_factory=dict)
    """By operator and status: what we did not take; the operator keeps it."""
    copies: dict[str, int] = field(default_factory=dict)
    """By operator: redeliveries, which changed nothing."""

    def line(self, operator: str, channel: str) -> Line:
        """The line of an operator and channel."""
        return self.lines.setdefault((operator, channel), Line())

    def broke(self, wrong: Wrong) -> None:
        """One more that breaks the sum."""
        self.breaks += 1
        if len(self.wrong) < NAMED_MAX:
            self.wrong.append(wrong)


@dataclass(frozen=True, slots=True)
class Span:
    """Ids that belong to a time: of messages, complaints and segment sets, from the first to the last, with the gaps at both ends."""

    messages: tuple[int, int]
    complaints: tuple[int, int]
    sets: tuple[int, int]


def account(connection: apsw.Connection, start_ms: int, end_ms: int) -> Account:
    """The sums of a time without what breaks.py finds; many short reads."""
    found = Account(start_ms, end_ms)
    twice = shared_tracking_ids(connection)
    loose: list[Sequence[Any]] = []
    for since, until in slices(start_ms, end_ms):
        for operator, kind, count, parts in read(connection, _ARRIVED, (since, until)):
            line = found.line(operator, kind)
            line.received += count
            line.parts += parts
        broken = 0
        for operator, kind, name, detail, count in read(connection, _BY_CLASS, (since, until, twice)):
            found.line(operator, kind).accounts[name, detail] += count
            broken += count if name == BROKEN else 0
        found.breaks += broken
        room = NAMED_MAX - len(found.wrong)
        for message_id, number, operator, at_ms, what in (
            read(connection, _NAMED, (since, until, twice, room)) if broken and room > 0 else ()
        ):
            found.wrong.append(Wrong(what, at_ms, operator, number, message_id))
        loose += read(connection, _LOOSE, (since, until))
    _answered(connection, found, loose)
    span = span_of(connection, start_ms, end_ms)
    for operator, state, count in read(connection, _UNFINISHED, (start_ms, end_ms, *span.sets)):
        line = found.line(operator, "SMS")
        line.received += count
        line.parts += count
        line.accounts[UNFINISHED, "joined at another gateway" if state == SetState.LINKED else ""] += count
    _beside(connection, found)
    return found


def slices(start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """A time by hours."""
    for since in range(start_ms, end_ms, HOUR_MS):
        yield since, min(since + HOUR_MS, end_ms)


def shared_tracking_ids(connection: apsw.Connection) -> apsw.CArrayBinding:
    """Tracking ids that two complaints have: the unique index forbids it, so it was lost or the file is not ours alone."""
    known = fetch(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'complaint_tracking'")
    how = "INDEXED BY complaint_tracking WHERE tracking_id IS NOT NULL" if known else "WHERE tracking_id IS NOT NULL"
    found: list[Any] = read(connection, _TWICE.format(how=how))
    return apsw.carray(tuple(found) or ("",))


def span_of(connection: apsw.Connection, start_ms: int, end_ms: int) -> Span:
    """Where the ids of a time begin and end; also for a time of which no message is left."""
    own = fetch(connection, "SELECT min(id), max(id) FROM message WHERE received_ms >= ? AND received_ms < ?", (start_ms, end_ms))[0]
    theirs = fetch(
        connection, "SELECT min(complaint), max(complaint) FROM message WHERE received_ms >= ? AND received_ms < ?", (start_ms, end_ms)
    )[0]
    before = "SELECT {what} FROM (SELECT id, complaint FROM message WHERE received_ms < ?1 ORDER BY received_ms DESC LIMIT ?2)"
    after = "SELECT {what} FROM (SELECT id, complaint FROM message WHERE received_ms >= ?1 ORDER BY received_ms LIMIT ?2)"
    spans = []
    for name, (lowest, highest) in (("id", own), ("complaint", theirs)):
        low = connection.execute(before.format(what=f"max({name})"), (start_ms, NEIGHBOURS)).get
        high = connection.execute(after.format(what=f"min({name})"), (end_ms, NEIGHBOURS)).get
        first = (low or 0) + 1
        last = (high or 1 << 62) - 1
        spans.append((min(first, lowest or first), max(last, highest or last)))
    sets = first_id(connection, "part_set", "began_ms", start_ms - 2 * DAY_MS), first_id(connection, "part_set", "began_ms", end_ms)
    return Span(spans[0], spans[1], sets)


def first_id(connection: apsw.Connection, table: str, column: str, at_ms: int) -> int:
    """The first id of a table whose rows were written in the order of a time, from a time on; one above the last when all are older."""
    low, high = fetch(connection, f"SELECT min(id), max(id) FROM {table}")[0]  # noqa: S608 - names of our own tables
    if low is None:
        return 0
    high += 1
    sql = f"SELECT id, {column} FROM {table} WHERE id >= ? ORDER BY id LIMIT 1"  # noqa: S608 - the same
    while low < high:
        middle = (low + high) // 2
        found = fetch(connection, sql, (middle,))
        if found and found[0][1] < at_ms:
            low = found[0][0] + 1
        else:
            high = middle
    return int(low)


def _answered(connection: apsw.Connection, found: Account, loose: Sequence[Sequence[Any]]) -> None:
    """Messages that are no complaint: a command or question, to which a reply was written; or nothing that we know."""
    silent = {row[0] for row in loose}
    for sql in _SPOKEN_TO:
        if silent:
            spoken: list[Any] = read(connection, sql, (integers(silent),))
            silent.difference_update(spoken)
    for message_id, operator, kind, at_ms in loose:
        if message_id not in silent:
            found.line(operator, kind).accounts[ANSWERED, ""] += 1
            continue
        what = "no complaint, and no command that was answered"
        found.line(operator, kind).accounts[BROKEN, what] += 1
        found.broke(Wrong(what, at_ms, operator, None, message_id))


def _beside(connection: apsw.Connection, found: Account) -> None:
    """What was not taken, and what came again: neither is part of the sum."""
    first = first_id(connection, "refusal", "at_ms", found.start_ms - DAY_MS)
    for operator, status, count in read(connection, _REFUSED, (found.start_ms, found.end_ms, first)):
        found.refusals[operator, status] = count
    for operator, copies in read(connection, _COPIES, (day_of(found.start_ms), day_of(found.end_ms - 1))):
        found.copies[operator] = found.copies.get(operator, 0) + copies


def totals(lines: Mapping[tuple[str, str], Line]) -> Line:
    """All lines as one."""
    whole = Line()
    for line in lines.values():
        whole.received += line.received
        whole.parts += line.parts
        whole.accounts.update(line.accounts)
    return whole
