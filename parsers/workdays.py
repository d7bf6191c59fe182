"""Working days: all days but Saturdays, Sundays and those of config/holidays.csv. Deadlines are counted in them (DOMAIN §2.1)."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsers.errors import SettingsError

COLUMNS = ("date", "kind", "name")
KINDS = ("libur nasional", "cuti bersama")
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EPOCH = dt.date(1970, 1, 1)
SATURDAY = 5  # datetime.date.weekday
PROBLEMS_MAX = 100  # Ours: a file of the wrong kind has one problem a line; nobody reads more.


@dataclass(frozen=True, slots=True, eq=False)
class Workdays:
    """The days on which offices are closed, with their names."""

    closed: Mapping[dt.date, str]

    def is_working(self, day: dt.date) -> bool:
        """Whether offices work on that day."""
        return day.weekday() < SATURDAY and day not in self.closed

    def between(self, first: dt.date, last: dt.date) -> int:
        """Working days after `first` up to and with `last`: what has come on Friday and was answered on Monday took one."""
        return sum(self.is_working(first + dt.timedelta(days=step)) for step in range(1, (last - first).days + 1))

    def counted(self, first: dt.date, last: dt.date) -> list[tuple[int, int]]:
        """Each day from `first` to `last` as (days since 1970, working days up to it): two of them tell what lies between."""
        found, working = [], 0
        for step in range((last - first).days + 1):
            day = first + dt.timedelta(days=step)
            working += self.is_working(day)
            found.append(((day - EPOCH).days, working))
        return found

    def missing(self, first: dt.date, last: dt.date) -> list[int]:
        """Years between the two of which no holiday is known: only their weekends are closed here."""
        known = {day.year for day in self.closed}
        return [year for year in range(first.year, last.year + 1) if year not in known]


def load(csv_text: str, *, name: str = "holidays.csv") -> Workdays:
    """Read config/holidays.csv, `,` or `;` between the cells; raises SettingsError with every problem as `file:line: what`."""
    problems: list[str] = []
    closed: dict[dt.date, str] = {}
    lines = csv_text.removeprefix("\ufeff").splitlines()
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    separator = ";" if kept and ";" in kept[0][1] else ","
    rows = csv.reader([line for _, line in kept], delimiter=separator)
    for (number, _), row in zip(kept, rows, strict=False):
        cells = [cell.strip() for cell in row]
        if number == kept[0][0]:
            problems += [] if tuple(cells) == COLUMNS else [f"{name}:{number}: the first row must be {','.join(COLUMNS)}"]
        elif problem := _problem(cells, closed):
            problems.append(f"{name}:{number}: {problem}")
        else:
            closed[dt.date.fromisoformat(cells[0])] = cells[2]
    if not kept:
        problems.append(f"{name}:1: the first row must be {','.join(COLUMNS)}; a file with that row alone has no holidays")
    if problems:
        raise SettingsError(problems[:PROBLEMS_MAX])
    return Workdays(closed)


def _problem(cells: list[str], known: Mapping[dt.date, str]) -> str | None:
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} cells, expected {len(COLUMNS)}: {','.join(COLUMNS)}"
    date, kind, title = cells
    try:
        day = dt.date.fromisoformat(date) if DATE.fullmatch(date) else None
    except ValueError:
        day = None
    if day is None:
        return f"{date[:20]!r} is no date; write it as 2026-12-25"
    if day in known:
        return f"{date} is there twice"
    if kind not in KINDS:
        return f"kind {kind[:20]!r} is none of {', '.join(KINDS)}"
    return None if title else "the name is empty"
