"""Days are closed: what came on a day is counted once it is over and chained to the day before, so that nothing disappears unseen.

Only what is final is hashed: how many messages came, by operator and channel, and which ids they have. What became of them may still
change, and raw octets, texts and numbers are erased in their time; the rows stay. A message belongs to the first closing that could know
it: received before that day's end, and stored before the closing (its id is at most `upto`). What is stored later with an older time, as
a long message whose rest did not come, or after the clock was set back, is counted in the next closing as `late`.
"""

from __future__ import annotations

import datetime as dt
import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import apsw

from forwarder.journal.accounts import KIND, slices
from forwarder.journal.books import DAY_MS, Books, day_begins, day_of
from forwarder.journal.rows import fetch, read

BEGINNING = bytes(32)
"""What the first closed day is chained to."""
SILENT_DAYS_MAX = 366
"""So long may nothing have come before a day: longer, and the clock is likelier to be wrong than the line to be silent."""

_LAST = "SELECT day, chain, sums FROM closed_day ORDER BY day DESC LIMIT 1"
_CLOSE = "INSERT INTO closed_day (day, closed_ms, sums, chain) VALUES (?, ?, ?, ?)"
_DAYS = "SELECT day, sums, chain FROM closed_day ORDER BY day"
_RECEIVED = f"""
SELECT json_group_array(json_array(operator, kind, n)) FROM (
    SELECT operator, {KIND.format(name="channel")} AS kind, count(*) AS n FROM message INDEXED BY message_received
    WHERE received_ms >= ?1 AND received_ms < ?2 AND id <= ?3 GROUP BY 1, 2)
"""  # noqa: S608 - words of our own
_IDS = """
SELECT json_group_array(id) FROM message INDEXED BY message_received WHERE received_ms >= ?1 AND received_ms < ?2 AND id <= ?3 AND id > ?4
"""
_HELD = """
SELECT (SELECT count(*) FROM message), (SELECT count FROM tally WHERE noun = 'message' AND state = 'stored')
"""
EVER = 1 << 62  # later than any time, above any id
MONTH_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Closing:
    """One day ready to be closed, after the day `after` (None: it is the first)."""

    day: int
    after: int | None
    sums: str


@dataclass(frozen=True, slots=True)
class Last:
    """The newest closed day, and the highest message id that it and those before cover."""

    day: int
    chain: bytes
    upto: int


@dataclass(slots=True)
class Checked:
    """What a check of the closed days found; `problems` name the day."""

    days: int = 0
    messages: int = 0
    first: int | None = None
    last: int | None = None
    chain: bytes = BEGINNING
    problems: list[str] = field(default_factory=list)


def last(connection: apsw.Connection) -> Last | None:
    """The newest closed day."""
    rows = fetch(connection, _LAST)
    return Last(rows[0][0], rows[0][1], _upto(rows[0][2])) if rows else None


def next_day(connection: apsw.Connection, now_ms: int, close_ms: int) -> int | None:
    """The day to be closed next, if `close_ms` have gone by since its end. ValueError where the clock looks wrong."""
    newest = last(connection)
    received = connection.execute("SELECT min(received_ms) FROM message").get
    if newest is None and received is None:
        return None
    over = day_of(now_ms - close_ms)
    day = max(day_of(received), over - SILENT_DAYS_MAX) if newest is None else newest.day + 1
    if day >= over:
        return None
    until = connection.execute("SELECT max(received_ms) FROM message WHERE received_ms < ?", (day_begins(over),)).get or 0
    silent = over - max(day_of(until), 0 if newest is None else newest.day)
    if silent > SILENT_DAYS_MAX:
        raise ValueError(f"nothing came for {silent} days, says the clock")
    return day


def ready(connection: apsw.Connection, day: int) -> Closing:
    """What is to be written of a day that is over: read before the writer's queue, for it may take a second."""
    before = last(connection)
    upto = connection.execute("SELECT max(id) FROM message").get or 0
    known, start = 0 if before is None else before.upto, day_begins(day)
    begins = connection.execute("SELECT min(received_ms) FROM message").get
    late: list[int] = []
    for since in range(start if begins is None else begins, start, MONTH_MS):
        late += _numbers(connection, _IDS, (since, min(since + MONTH_MS, start), upto, known))
    return Closing(day, None if before is None else before.day, sums(connection, day, upto, late))


def sums(connection: apsw.Connection, day: int, upto: int, late: Sequence[int]) -> str:
    """What is final of a day, as sorted JSON. `late` are the ids of older messages that no closing before knew."""
    received: dict[str, int] = {}
    ids = array("Q", late)
    for since, until in slices(day_begins(day), day_begins(day + 1)):
        for operator, kind, count in read(connection, _RECEIVED, (since, until, upto)):
            received[f"{operator} {kind}"] = received.get(f"{operator} {kind}", 0) + count
        ids.extend(_numbers(connection, _IDS, (since, until, upto, 0)))
    whole = array("Q", sorted(ids))
    said = {"received": received, "late": len(late), "messages": len(whole), "upto": upto, "ids": digest(whole)}
    said |= {"first": whole[0], "last": whole[-1]} if whole else {"first": None, "last": None}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(ids: array[int]) -> str:
    """SHA-256 over ids in ascending order, each as 8 octets, the highest first; in hex."""
    octets = array("Q", ids)
    octets.byteswap()
    return sha256(octets.tobytes()).hexdigest()


def close(books: Books, items: Sequence[Closing]) -> list[bool]:
    """Write closed days; False for one that another came before. Chained here, where nobody comes in between."""
    closed = []
    for item in items:
        before = last(books.connection)
        stands = (None if before is None else before.day) == item.after and not books.filing_paused
        if stands:
            chain = link(BEGINNING if before is None else before.chain, item.day, item.sums)
            books.connection.execute(_CLOSE, (item.day, books.now_ms, item.sums, chain))
        closed.append(stands)
    return closed


def link(chain: bytes, day: int, text: str) -> bytes:
    """The hash of a day: SHA-256 over the hash of the day before, the day and its sums, each with its length."""
    fields = (chain, str(day).encode(), text.encode("utf-8", "surrogatepass"))
    return sha256(b"".join(b"%d:%s" % (len(one), one) for one in fields)).digest()


def check(connection: apsw.Connection, since: int | None = None) -> Checked:
    """Whether the chain is whole and each closed day still holds what it held; `since` trusts the chain before that day.

    Everything is read anew from the rows; many short reads.
    """
    found = Checked()
    rows = [_Row(day, text, chain, _upto(text)) for day, text, chain in fetch(connection, _DAYS)]
    late = _late(connection, rows)
    before: _Row | None = None
    for row in rows:
        if since is None or row.day >= since:
            found.first = row.day if found.first is None else found.first
            found.last, found.days = row.day, found.days + 1
            found.problems += [f"{name_of(row.day)}: {problem}" for problem in _check_day(connection, row, before, late)]
            found.messages += _said(row.text).get("messages") or 0
        before, found.chain = row, row.chain
    held, tally = fetch(connection, _HELD)[0]
    if held != (tally or 0):
        found.problems.append(f"the journal counts {tally or 0} messages that it stored, and holds {held}")
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of closed_day, and up to which id it knew messages."""

    day: int
    text: str
    chain: bytes
    upto: int


def _late(connection: apsw.Connection, rows: Sequence[_Row]) -> dict[int, list[int]]:
    """Ids of messages that came after their own day was closed, by the first closing that knew them."""
    if not rows:
        return {}
    stray = _numbers(connection, _IDS, (-EVER, day_begins(rows[0].day), EVER, 0))
    for row in rows:
        stray += _numbers(connection, _IDS, (day_begins(row.day), day_begins(row.day + 1), EVER, row.upto))
    ends = [row.upto for row in rows]
    late: dict[int, list[int]] = {}
    for number in stray:
        at = bisect_left(ends, number)
        if at < len(rows):
            late.setdefault(rows[at].day, []).append(number)
    return late


def _check_day(connection: apsw.Connection, row: _Row, before: _Row | None, late: dict[int, list[int]]) -> Iterator[str]:
    if before is not None and row.day != before.day + 1:
        yield f"the day before it is missing; the last one is {name_of(before.day)}"
    if link(BEGINNING if before is None else before.chain, row.day, row.text) != row.chain:
        yield "the chain is broken: this day or the one before was changed" if before else "the chain does not begin here: days are missing"
    said = _said(row.text)
    if not said:
        yield "its sums cannot be read"
        return
    now = json.loads(sums(connection, row.day, row.upto, late.get(row.day, ())))
    if now == said:
        return
    if now["messages"] != said.get("messages"):
        yield f"it was closed with {said.get('messages')} messages, and {now['messages']} are here"
    elif now["ids"] != said.get("ids"):
        yield f"it holds {now['messages']} messages as it did, but not the same ones"
    else:
        yield "its messages have another operator, channel or time than when it was closed"


def name_of(day: int) -> str:
    """A WIB day as people write it: 2026-11-28."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()


def _numbers(connection: apsw.Connection, sql: str, bindings: Sequence[int]) -> list[int]:
    found: list[Any] = read(connection, sql, bindings)
    return found


def _said(text: str) -> dict[str, Any]:
    """Sums as they were written; empty when they are no sums."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("upto"), int) else {}


def _upto(text: str) -> int:
    return int(_said(text).get("upto") or 0)
