"""Counting complaints for a report: short looks at the file, by whoever may read it, while a gateway writes to it or not.

Needs neither lock nor key: what reports need stands in the clear. Citizens' words, numbers and tags do not leave this module; neither does
anything of a rahasia complaint, or of a person whose processing is restricted.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import apsw

from forwarder.journal.storage import Storage
from forwarder.journal.terms import CLASS, ZONE, day_of, rule, spread
from forwarder.lifecycle import ComplaintState
from parsers import zones
from parsers.deadlines import Step
from parsers.due import Clocks
from parsers.errors import JournalError
from parsers.zones import Zone

By = Literal["region", "instansi", "unit", "channel", "topic"]

_GROUPS: dict[By, str] = {
    "region": "coalesce(substr(c.region, 1, :level), '')",
    "instansi": "coalesce(c.instansi_name, c.instansi, '')",
    "unit": "iif(c.unit IS NULL, '', coalesce(c.instansi_name, c.instansi, '') || ' / ' || c.unit)",
    "channel": "m.channel",
    "topic": "coalesce(c.topic, '')",
}
SLICE = 20_000
"""Complaints in one look, some 50 ms: while one lasts the write-ahead log cannot begin anew, and a writer at its limit waits for it."""

_UNTIL = "SELECT id FROM complaint WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
_DAY = day_of("max(m.received_ms, min(k.{0}, :now))")  # a clock of the core's may run before or behind ours
_COUNT = f"""
SELECT {{group}}, c.state, k.status, d.n - w.n, a.n - w.n,
       coalesce(coalesce(d.n, t.n) - w.n > {rule(Step.VERIFY)}, 0), coalesce(coalesce(f.n, t.n) - w.n > {rule(Step.FINISH)}, 0)
FROM complaint AS c CROSS JOIN message AS m ON m.id = c.message
LEFT JOIN {ZONE}
CROSS JOIN temp.working AS w ON w.key = {CLASS} + {day_of("m.received_ms")}
CROSS JOIN temp.working AS t ON t.key = {day_of(":now")}
LEFT JOIN course AS k ON k.complaint = c.id
LEFT JOIN temp.working AS d ON d.key = {_DAY.format("disposed_ms")}
LEFT JOIN temp.working AS a ON a.key = {_DAY.format("answered_ms")}
LEFT JOIN temp.working AS f ON f.key = {_DAY.format("finished_ms")}
WHERE c.id > :after AND c.id <= :until
  AND c.state <> '{ComplaintState.DUPLICATE}' AND c.rahasia = 0 AND m.received_ms >= :first AND m.received_ms < :end
  AND (:region = '' OR c.region = :region OR substr(c.region, 1, length(:region) + 1) = :region || '.')
  AND NOT EXISTS (SELECT 1 FROM restriction AS r WHERE r.reporter_tag = m.reporter_tag)
"""  # noqa: S608 - words of lifecycle.py and numbers, no data


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: received from `first_ms` until before `end_ms`, of `region` (empty: all) and what lies in it, as of `now_ms`.

    `level` is how many characters of a region's code make a group. `clocks` says what is late.
    """

    by: By
    region: str
    level: int
    first_ms: int
    end_ms: int
    now_ms: int
    clocks: Clocks


class Kind(NamedTuple):
    """Complaints that are alike for a report. Waits are working days since they were received; None: not yet.

    `late_disposed`, `late_finished`: later than its deadline, or still waiting behind it.
    """

    group: str
    state: str
    status: str | None
    disposed: int | None
    answered: int | None
    late_disposed: int
    late_finished: int


def count(path: Path, question: Question, rest: Callable[[], None] = lambda: None) -> Counter[Kind]:
    """How many complaints there are of each kind; JournalError when there is no journal that this user may read.

    `rest` is called between two looks and should wait now and then: a checkpoint asks ten times a second whether anybody reads.
    """
    bound = {
        "level": question.level,
        "region": question.region,
        "first": question.first_ms,
        "end": question.end_ms,
        "now": question.now_ms,
    }
    days = [zones.day_of(at_ms, Zone.WIB) for at_ms in (question.first_ms, max(question.end_ms, question.now_ms))]
    rows: Counter[Any] = Counter()
    with reading(path) as connection:
        spread(connection, question.clocks, *days)
        for cursor in in_slices(connection, _COUNT.format(group=_GROUPS[question.by]), bound, rest):
            rows.update(cursor)  # counted in C
    return Counter({Kind(*cast("tuple[Any, ...]", row)): many for row, many in rows.items()})  # the query says what its columns are


@contextlib.contextmanager
def reading(path: Path) -> Iterator[apsw.Connection]:
    """A connection that reads a journal's file; JournalError where there is none, or this user may not, or it is of another version."""
    if not path.exists():
        raise JournalError(f"{path}: there is no journal yet; `lapor-gateway run` begins one")
    try:
        connection = Storage(path).reader()
    except (apsw.Error, OSError) as error:
        raise JournalError(f"{path} cannot be read by this user: {type(error).__name__}; try as the user the gateway runs as") from None
    try:
        yield connection
    except apsw.Error as error:
        raise JournalError(
            f"{path} cannot be counted: {type(error).__name__}; a journal of an older version is migrated by `run`"
        ) from None
    finally:
        connection.close()


def in_slices(connection: apsw.Connection, sql: str, bound: Mapping[str, Any], rest: Callable[[], None]) -> Iterator[apsw.Cursor]:
    """The rows of each look, complaints of `:after` < id <= `:until`; a cursor is read to its end before the next one is asked for."""
    newest, after = connection.execute("SELECT coalesce(max(id), 0) FROM complaint").get, 0
    while after < newest:
        until = connection.execute(_UNTIL, (after, SLICE - 1)).get or newest
        yield connection.execute(sql, {**bound, "after": after, "until": min(until, newest)})
        after = until
        rest()
