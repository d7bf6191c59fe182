"""What is late by rule: filed complaints whose step should be done, as the core was last heard. Short looks at the file, as for a report.

The step and how far it is over its day are what `parsers.due.next_due` says of each, counted in SQL; a test holds the two side by side. Of
whom the core never said a word nothing is known: such a complaint is `unheard`, not late.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import apsw

from forwarder.core.contract import CourseStatus
from forwarder.journal.books import DAY_MS
from forwarder.journal.reporting import in_slices, reading
from forwarder.journal.terms import CLASS, ZONE, day_of, rule, spread
from forwarder.lifecycle import ComplaintState
from parsers import zones
from parsers.deadlines import Kind, Step, kind_of
from parsers.due import ARCHIVED, DONE, UNANSWERED, UNTAKEN, Clocks, Standing
from parsers.zones import Zone

UNHEARD = "unheard"
"""In place of a step: over the first deadline, and the core never said how it stands."""
BACK_MS = 3_660 * DAY_MS  # Ours: ten years; what was received before counts as received then.
NEVER = -(1 << 20)  # over its day by so much: where no rule speaks

Rest = Callable[[], None]


def _words(statuses: Sequence[str | None]) -> str:
    return ", ".join(repr(str(status)) for status in statuses if status is not None)


_STATUS = f"coalesce(k.status, '{CourseStatus.UNVERIFIED}')"
_WAITS = f"""CASE WHEN k.disposed_ms IS NULL AND {_STATUS} IN ({_words(UNTAKEN)}) THEN '{Step.VERIFY}'
             WHEN k.answered_ms IS NULL AND {_STATUS} IN ({_words(UNANSWERED)}) THEN '{Step.ANSWER}' ELSE '{Step.FINISH}' END"""
_OVER = f"""CASE waits WHEN '{Step.VERIFY}' THEN age - of_verify WHEN '{Step.ANSWER}' THEN with_instansi - of_answer END"""
_OPEN = f"""
SELECT c.id, c.number, c.tracking_id, coalesce(c.instansi_name, c.instansi, '') AS instansi, c.region, c.classification, c.rahasia,
       k.status, m.received_ms, k.disposed_ms, k.answered_ms, k.heard_ms IS NULL AS silent, t.n - w.n AS age, t.n - d.n AS with_instansi,
       {rule(Step.VERIFY)} AS of_verify, {rule(Step.ANSWER)} AS of_answer, {rule(Step.FINISH)} AS of_finish, {_WAITS} AS waits,
       EXISTS (SELECT 1 FROM restriction AS r WHERE r.reporter_tag = m.reporter_tag) AS restricted
FROM complaint AS c CROSS JOIN message AS m ON m.id = c.message
LEFT JOIN {ZONE}
LEFT JOIN course AS k ON k.complaint = c.id
CROSS JOIN temp.working AS w ON w.key = {CLASS} + {day_of("min(max(m.received_ms, :floor), :now)")}
CROSS JOIN temp.working AS t ON t.key = {day_of(":now")}
LEFT JOIN temp.working AS d ON d.key = {day_of("max(m.received_ms, :floor, min(k.disposed_ms, :now))")}
WHERE c.id > :after AND c.id <= :until AND c.state = '{ComplaintState.FILED}'
  AND k.finished_ms IS NULL AND {_STATUS} NOT IN ('{DONE}', '{ARCHIVED}')
  AND (:region = '' OR c.region = :region OR substr(c.region, 1, length(:region) + 1) = :region || '.')
  AND (:instansi = '' OR lower(c.instansi) = :instansi OR lower(c.instansi_name) = :instansi)
"""  # noqa: S608 - words of ours, no data
_LATE = f"""
SELECT *, rahasia OR restricted AS hidden, max(over_step, over_end) AS over,
       CASE WHEN silent THEN '{UNHEARD}' WHEN over_step >= over_end THEN waits ELSE '{Step.FINISH}' END AS step
FROM (SELECT *, coalesce({_OVER}, {NEVER}) AS over_step, coalesce(age - of_finish, {NEVER}) AS over_end FROM ({_OPEN}))
WHERE max(over_step, over_end) >= :least
"""  # noqa: S608
_COUNT = f"SELECT instansi, step, hidden, age FROM ({_LATE})"  # noqa: S608
_TALLY = f"SELECT step, count(*) FROM ({_LATE}) WHERE NOT restricted GROUP BY step"  # noqa: S608
_LINES = f"""
SELECT number, tracking_id, instansi, region, classification, rahasia, status, received_ms, disposed_ms, answered_ms, age, over, step,
       hidden
FROM ({_LATE}) WHERE step <> '{UNHEARD}' AND (:reveal OR NOT hidden) ORDER BY id LIMIT :limit
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Wanted:
    """Late by `least` working days or more as of `now_ms`; of a region and what lies in it, of an instansi by code or name (empty: all)."""

    clocks: Clocks
    now_ms: int
    region: str = ""
    instansi: str = ""
    least: int = 1


class Alike(NamedTuple):
    """What is counted together. `step` may be `unheard`; `hidden`: rahasia, or of a restricted person; `age` in working days."""

    instansi: str
    step: str
    hidden: int
    age: int


@dataclass(frozen=True, slots=True)
class Late:
    """One complaint that is late, `over` its day by so many working days. `hidden` as above: then its number alone may be shown."""

    number: str
    tracking_id: str | None
    instansi: str
    step: Step
    over: int
    age: int
    standing: Standing
    hidden: bool


def count(path: Path, wanted: Wanted, rest: Rest = lambda: None) -> Counter[Alike]:
    """How many are late, by what makes them alike; JournalError when there is no journal that this user may read."""
    rows: Counter[Any] = Counter()
    for cursor in _looks(path, wanted, _COUNT, {}, rest):
        rows.update(cursor)  # counted in C
    return Counter({Alike(*cast("tuple[Any, ...]", row)): many for row, many in rows.items()})


def tally(path: Path, wanted: Wanted, rest: Rest = lambda: None) -> Counter[str]:
    """The same by step alone, counted where it costs a waiting event loop least: in the database."""
    found: Counter[str] = Counter()
    for cursor in _looks(path, wanted, _TALLY, {}, rest):
        for step, many in cursor:
            found[str(step)] += cast("int", many)
    return found


def hears(path: Path) -> bool:
    """Whether the core has ever said of a complaint how it stands."""
    with reading(path) as connection:
        return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM course WHERE heard_ms IS NOT NULL)").get)


def lines(path: Path, wanted: Wanted, limit: int, *, reveal: bool, rest: Rest = lambda: None) -> list[Late]:
    """The first `limit` that are late, in the order in which they were stored; with `reveal` also those that are hidden else."""
    found: list[Late] = []
    bound = {"reveal": reveal, "limit": limit}
    for cursor in _looks(path, wanted, _LINES, bound, rest):
        found += [_late(cast("tuple[Any, ...]", row)) for row in cursor]
        if len(found) >= limit:
            break
    return found[:limit]


def _looks(path: Path, wanted: Wanted, sql: str, bound: dict[str, Any], rest: Rest) -> Iterator[apsw.Cursor]:
    floor_ms = wanted.now_ms - BACK_MS
    bound = {
        **bound,
        "region": wanted.region,
        "instansi": wanted.instansi.lower(),
        "now": wanted.now_ms,
        "floor": floor_ms,
        "least": wanted.least,
    }
    with reading(path) as connection:
        spread(connection, wanted.clocks, _first(connection, floor_ms), zones.day_of(wanted.now_ms, Zone.WIB))
        yield from in_slices(connection, sql, bound, rest)


def _first(connection: apsw.Connection, floor_ms: int) -> dt.date:
    """The day of the oldest message, which the index of their times knows."""
    oldest = connection.execute("SELECT min(received_ms) FROM message").get
    return zones.day_of(max(floor_ms, int(oldest or 0)), Zone.WIB)


def _late(row: tuple[Any, ...]) -> Late:
    number, tracking_id, instansi, region, classification, rahasia, status, received, disposed, answered, age, over, step, hidden = row
    kind = kind_of(classification)
    kind = Kind.OVERSIGHT if rahasia and kind is Kind.COMPLAINT else kind  # whether it is one is sealed (terms.rule)
    standing = Standing(received, kind, region, status, disposed, answered)
    return Late(number or "", tracking_id, instansi, Step(step), over, age, standing, bool(hidden))
