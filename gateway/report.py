"""The governor's report: what came in these days, what became of it, and how long it took, by region, instansi, unit, channel or topic.

Pure: the journal counts (forwarder.journal.reporting), a page shows it (report_page). What every column means says docs/report.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from forwarder.journal.reporting import By, Kind, Question
from forwarder.lifecycle import ComplaintState
from gateway.small_cells import LEAST, fold, protect
from parsers.due import Clocks
from parsers.errors import GatewayError
from parsers.regions import Regions
from parsers.workdays import Workdays

WIB = dt.timezone(dt.timedelta(hours=7), "WIB")
DAYS_MAX = 3660  # Ours: ten years; more is a mistyped year.
CODE_LEVELS = {0: 2, 2: 5, 5: 8, 8: 8}
"""How many characters the codes inside a region have, by those of its own: provinces, kabupaten and kota, kecamatan."""

COLUMNS = ("done", "in_process", "untouched", "postponed", "closed", "waiting")
"""What became of a complaint: each is in one of them, so they add up to what was received."""
OF_STATUS: Mapping[str, str] = {
    "unverified": "untouched",
    "disposed": "in_process",
    "in_process": "in_process",
    "done": "done",
    "postponed": "postponed",
    "archived": "closed",
}
"""The core's last word on a filed complaint (schema.sql, course.status), as a column."""

NOBODY: Mapping[By, str] = {
    "region": "Nasional, tanpa daerah",
    "instansi": "(tanpa instansi)",
    "unit": "(tanpa unit)",
    "channel": "(tanpa kanal)",
    "topic": "(tanpa topik)",
}
"""The name of a group that has none."""


class ReportError(GatewayError):
    """There is no such report; the sentence says why, and what would work."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to know: days in WIB, both included; `region` a code or empty."""

    first: dt.date
    last: dt.date
    by: By = "region"
    region: str = ""


@dataclass(slots=True)
class Tally:
    """What was counted for one row."""

    received: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    disposed: Counter[int] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    late_disposed: int = 0
    late: int = 0

    def add(self, kind: Kind, many: int) -> None:
        """So many complaints of one kind. What was closed is late no more, unless it was disposed late."""
        column = column_of(kind)
        self.received += many
        self.columns[column] += many
        if kind.disposed is not None:
            self.disposed[kind.disposed] += many
        if kind.answered is not None:
            self.answered[kind.answered] += many
        open_or_done = column != "closed"
        self.late_disposed += many * (kind.late_disposed and (open_or_done or kind.disposed is not None))
        self.late += many * (kind.late_finished and open_or_done)

    def join(self, other: Tally) -> None:
        """Both together."""
        self.received += other.received
        self.late_disposed += other.late_disposed
        self.late += other.late
        for mine, more in ((self.disposed, other.disposed), (self.answered, other.answered)):
            mine.update(more)
        self.columns.update(other.columns)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it may be shown: None where a value is hidden or there is none. Waits in working days, shares in percent."""

    code: str
    name: str
    received: int
    counts: Mapping[str, int | None]
    disposed_median: int | None
    disposed_p90: int | None
    answered_median: int | None
    answered_p90: int | None
    share_done: float | None
    share_late_disposed: float | None
    share_late: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A table with its sums as `total`; `notes` are for whoever reads it."""

    wish: Wish
    title: str
    as_of_ms: int
    rows: Sequence[Row]
    total: Row
    notes: Sequence[str]


def question(wish: Wish, known: Regions, clocks: Clocks, now_ms: int) -> Question:
    """What the journal is asked; ReportError for days or a region that are none."""
    today = dt.datetime.fromtimestamp(now_ms / 1000, WIB).date()
    if wish.first > wish.last:
        raise ReportError(f"--from {wish.first} is after --to {wish.last}; change them over")
    if wish.first > today:
        raise ReportError(f"--from {wish.first} is in the future (today is {today}): nothing can have come yet")
    if (wish.last - wish.first).days >= DAYS_MAX:
        raise ReportError(f"--from {wish.first} --to {wish.last} is more than ten years; is a year mistyped?")
    if wish.region and wish.region not in known:
        near = known.meant(wish.region)
        meant = f"; meant {' or '.join(near)}?" if near else "; regions.csv has the codes, such as 13 or 13.06"
        raise ReportError(f"{wish.region[:20]}: no region has this code{meant}")
    return Question(
        by=wish.by,
        region=wish.region,
        level=CODE_LEVELS[len(wish.region)],
        first_ms=_midnight_ms(wish.first),
        end_ms=_midnight_ms(wish.last + dt.timedelta(days=1)),
        now_ms=now_ms,
        clocks=clocks,
    )


def report(wish: Wish, found: Mapping[Kind, int], known: Regions, calendar: Workdays, now_ms: int) -> Report:
    """The table of what was found; ReportError where so few came that nothing may be shown."""
    groups: dict[str, Tally] = {}
    for kind, many in found.items():
        groups.setdefault(kind.group, Tally()).add(kind, many)
    total = Tally()
    for each in groups.values():
        total.join(each)
    if total.received < LEAST:
        raise ReportError(
            f"fewer than {LEAST} complaints to count between {wish.first} and {wish.last}: nothing is shown of so few, or none"
        )
    named = _ordered(wish.by, groups, known)
    rows, together = _folded(named)
    hidden = protect([[tally.columns[column] for column in COLUMNS] for _, _, tally in rows])
    late_disposed = protect([[tally.late_disposed, tally.received - tally.late_disposed] for _, _, tally in rows])
    late = protect([[tally.late, tally.received - tally.late] for _, _, tally in rows])
    shown = [
        _row(code, name, tally, [*hidden[at], late_disposed[at][0], late[at][0]])
        for at, (code, name, tally) in enumerate([*rows, ("", "JUMLAH", total)])
    ]
    notes = list(_notes(wish, sum(map(sum, hidden)), together, calendar, now_ms))
    return Report(wish, _title(wish, known, now_ms), now_ms, shown[:-1], shown[-1], notes)


def column_of(kind: Kind) -> str:
    """What became of such complaints."""
    if kind.state == ComplaintState.FILED:
        return OF_STATUS[kind.status or "unverified"]
    return "closed" if kind.state == ComplaintState.CLOSED else "waiting"


def at_share(waits: Mapping[int, int], share: float) -> int | None:
    """The wait that this share of complaints did not exceed (nearest rank); None where so few waited that it is not shown."""
    many = sum(waits.values())
    if many < LEAST:
        return None
    left = share * many
    for days in sorted(waits):
        left -= waits[days]
        if left <= 1e-9:
            return days
    raise AssertionError("the shares of all waits are the whole")


def _ordered(by: By, groups: Mapping[str, Tally], known: Regions) -> list[tuple[str, str, Tally]]:
    """Code, name and counts: regions by their code, everything else by how much came."""

    def name(group: str) -> str:
        return NOBODY[by] if not group else known[group].title if by == "region" and group in known else group

    rows = [(group if by == "region" else "", name(group), tally) for group, tally in groups.items()]
    order: Callable[[tuple[str, str, Tally]], tuple[object, ...]] = (
        (lambda row: (row[0] == "", row[0])) if by == "region" else (lambda row: (-row[2].received, row[1]))
    )
    return sorted(rows, key=order)


def _folded(rows: Sequence[tuple[str, str, Tally]]) -> tuple[list[tuple[str, str, Tally]], int]:
    """Small rows put together behind the others, and how many they are."""
    together = fold([tally.received for _, _, tally in rows])
    if not together:
        return list(rows), 0
    others = Tally()
    for at in together:
        others.join(rows[at][2])
    kept = [row for at, row in enumerate(rows) if at not in set(together)]
    return [*kept, ("", f"Lainnya ({len(together)})", others)], len(together)


def _row(code: str, name: str, tally: Tally, hidden: Sequence[bool]) -> Row:
    """What of a row may be shown; `hidden` has the columns, then what was disposed late, then what is late."""
    *columns, late_disposed, late = hidden
    counts = {column: None if hides else tally.columns[column] for column, hides in zip(COLUMNS, columns, strict=True)}

    def percent(count: int | None) -> float | None:
        return None if count is None else round(100 * count / tally.received, 1)

    return Row(
        code=code,
        name=name,
        received=tally.received,
        counts=counts,
        disposed_median=at_share(tally.disposed, 0.5),
        disposed_p90=at_share(tally.disposed, 0.9),
        answered_median=at_share(tally.answered, 0.5),
        answered_p90=at_share(tally.answered, 0.9),
        share_done=percent(counts["done"]),
        share_late_disposed=percent(None if late_disposed else tally.late_disposed),
        share_late=percent(None if late else tally.late),
    )


def _notes(wish: Wish, hidden: int, together: int, calendar: Workdays, now_ms: int) -> Iterable[str]:
    if hidden:
        yield (
            f"* {hidden} counts are hidden: each of 1 to {LEAST - 1}, and as many others as it takes that no hidden one can be had by "
            "subtracting"
        )
    if together:
        yield f"Lainnya: {together} rows put together, because some have fewer than {LEAST} complaints"
    today = dt.datetime.fromtimestamp(now_ms / 1000, WIB).date()
    for year in calendar.missing(wish.first, max(wish.last, today)):
        yield f"holidays.csv has no holidays of {year}: only its weekends are no working days here"


def _title(wish: Wish, known: Regions, now_ms: int) -> str:
    where = f", {known[wish.region].title} ({wish.region})" if wish.region else ""
    as_of = dt.datetime.fromtimestamp(now_ms / 1000, WIB)
    return f"Laporan masuk {wish.first:%d-%m-%Y} s.d. {wish.last:%d-%m-%Y}{where}; keadaan {as_of:%d-%m-%Y %H:%M} WIB"


def _midnight_ms(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), WIB).timestamp() * 1000)
