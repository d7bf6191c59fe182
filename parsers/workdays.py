"""Working days: all days but Saturdays, Sundays and those of config/holidays.csv. Deadlines are counted in them (DOMAIN §2.1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsers import sheets
from parsers.errors import SettingsError

COLUMNS = ("date", "kind", "name")
KINDS = ("libur nasional", "cuti bersama")
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EPOCH = dt.date(1970, 1, 1)
SATURDAY = 5  # datetime.date.weekday


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

    def after(self, first: dt.date, days: int) -> dt.date:
        """The day on which the `days`th working day after `first` has come: what is done on it took so many."""
        day = first
        while days > 0:
            day += dt.timedelta(days=1)
            days -= self.is_working(day)
        return day

    def counted(self, first: dt.date, last: dt.date) -> list[tuple[int, int]]:
        """Each day from `first` to `last` as (days since 1970, working days up to it): two of them tell what lies between."""
        found, working = [], 0
        for step in range((last - first).days + 1):
            day = first + dt.timedelta(days=step)
            working += self.is_working(day)
            found.append(((day - EPOCH).days, working))
        return found

    @property
    def last(self) -> dt.date | None:
        """The last day of the last year of which holidays are known; None where there are none."""
        return dt.date(max(day.year for day in self.closed), 12, 31) if self.closed else None

    def missing(self, first: dt.date, last: dt.date) -> list[int]:
        """Years between the two of which no holiday is known: only their weekends are closed here."""
        known = {day.year for day in self.closed}
        return [year for year in range(first.year, last.year + 1) if year not in known]


def load(csv_text: str, *, name: str = "holidays.csv") -> Workdays:
    """Read config/holidays.csv, `,` or `;` between the cells; raises SettingsError with every problem as `file:line: what`."""
    problems: list[str] = []
    closed: dict[dt.date, str] = {}
    for number, cells in sheets.rows(csv_text, COLUMNS, name=name):
        if problem := sheets.width_problem(cells, COLUMNS) or _problem(cells, closed):
            problems.append(f"{name}:{number}: {problem}")
        else:
            closed[dt.date.fromisoformat(cells[0])] = cells[2]
    if problems:
        raise SettingsError(problems[: sheets.PROBLEMS_MAX])
    return Workdays(closed)


def read_date(written: str) -> dt.date | None:
    """A day as `2026-12-25`; None for what is none."""
    try:
        return dt.date.fromisoformat(written) if DATE.fullmatch(written) else None
    except ValueError:
        return None


def _problem(cells: list[str], known: Mapping[dt.date, str]) -> str | None:
    date, kind, title = cells
    day = read_date(date)
    if day is None:
        return f"{date[:20]!r} is no date; write it as 2026-12-25"
    if day in known:
        return f"{date} is there twice"
    if kind not in KINDS:
        return f"kind {kind[:20]!r} is none of {', '.join(KINDS)}"
    return None if title else "the name is empty"
