"""Working days and deadlines as tables that a count over the whole journal joins: they live with its connection, not in the file.

`temp.working` has a row for each day and class of regions: how many working days there were up to it, and what a complaint received on it
may take there by rule. `temp.place` says which regions have rules of their own; all others are of class 0. Days are the region's.
"""

from __future__ import annotations

import datetime as dt

import apsw

from forwarder.journal.books import DAY_MS
from parsers.deadlines import Kind, Step
from parsers.due import Clocks
from parsers.model import Classification
from parsers.zones import EPOCH, PROVINCES, Zone

CLASS_DAYS = 1 << 20  # days between two classes in the key: far beyond any day
OPEN_STEPS = (Step.VERIFY, Step.ANSWER, Step.FINISH)
"""What an office may be late with; closing is the core's own."""
_RULES = tuple((step, kind) for step in OPEN_STEPS for kind in Kind)
_TABLES = f"""
CREATE TEMP TABLE working (key INTEGER PRIMARY KEY, n INTEGER NOT NULL, {", ".join(f"{step}_{kind} INTEGER" for step, kind in _RULES)});
CREATE TEMP TABLE place (region TEXT PRIMARY KEY, class INTEGER NOT NULL) WITHOUT ROWID;
"""
_WORKING = f"INSERT INTO temp.working VALUES (?, ?{', ?' * len(_RULES)})"  # noqa: S608 - question marks


def _ahead() -> str:
    def of(zone: Zone) -> str:
        return f"WHEN substr(c.region, 1, 2) IN ({', '.join(repr(code) for code in PROVINCES[zone])}) THEN {zone.ahead_ms}"

    return f"CASE {of(Zone.WITA)} {of(Zone.WIT)} ELSE {Zone.WIB.ahead_ms} END"


AHEAD = _ahead()
"""How far clocks where complaint `c` comes from are ahead of UTC."""
_AROUND = ("c.region", "substr(c.region, 1, 5)", "substr(c.region, 1, 2)")
CLASS = f"coalesce({', '.join(f'(SELECT class FROM temp.place WHERE region = {part})' for part in _AROUND)}, 0) * {CLASS_DAYS}"  # noqa: S608
"""What the key of its region's class begins with."""


def day_of(moment: str) -> str:
    """The day on which a moment (a term of SQL) is, where complaint `c` comes from, in days since 1970."""
    return f"({moment} + {AHEAD}) / {DAY_MS}"


def rule(step: Step) -> str:
    """The working days that `c`, received on the day of `w`, may take for a step (a term of SQL; NULL: there is no rule).

    Whether a complaint is about an abuse of office is sealed, and all that are are rahasia: a rahasia one has their time.
    """
    plain = f"coalesce(c.classification, '{Classification.PENGADUAN}') = '{Classification.PENGADUAN}'"
    return f"iif({plain}, iif(c.rahasia, w.{step}_{Kind.OVERSIGHT}, w.{step}_{Kind.COMPLAINT}), w.{step}_{Kind.INFORMATION})"


def spread(connection: apsw.Connection, clocks: Clocks, first: dt.date, last: dt.date) -> None:
    """Make both tables, for all days from before `first` until after `last`."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(_TABLES)
    regions = clocks.deadlines.regions
    connection.executemany("INSERT INTO temp.place VALUES (?, ?)", [(region, at) for at, region in enumerate(regions, 1)])
    days = clocks.workdays.counted(first - dt.timedelta(days=1), last + dt.timedelta(days=1))
    for at, region in enumerate(["", *regions]):
        rows = [(at * CLASS_DAYS + day, working, *_rules(clocks, EPOCH + dt.timedelta(days=day), region)) for day, working in days]
        connection.executemany(_WORKING, rows)


def _rules(clocks: Clocks, day: dt.date, region: str) -> list[int | None]:
    found = [clocks.deadlines.of(day, step, kind, region) for step, kind in _RULES]
    return [None if rule is None else rule.days for rule in found]
