"""Working days and deadlines as tables that a count over the whole journal joins: they live with its connection, not in the file.

`temp.working` has a row for each day and class of regions: how many working days there were up to it, and what a complaint received on it
may take there by rule. `temp.place` gives regions with rules of their own a class, all others are of class 0. `temp.zone` says how far the
clocks of a province (its code as a number) are ahead, and whether such a region lies in it.
"""

from __future__ import annotations

import datetime as dt

import apsw

from forwarder.journal.books import DAY_MS
from parsers.deadlines import Kind, Step
from parsers.due import Clocks
from parsers.model import Classification
from parsers.zones import EPOCH, PROVINCE_DIGITS, PROVINCES, Zone

CLASS_DAYS = 1 << 20  # days between two classes in the key: far beyond any day
OPEN_STEPS = (Step.VERIFY, Step.ANSWER, Step.FINISH)
"""What an office may be late with; closing is the core's own."""
_RULES = tuple((step, kind) for step in OPEN_STEPS for kind in Kind)
_TABLES = f"""
CREATE TEMP TABLE working (key INTEGER PRIMARY KEY, n INTEGER NOT NULL, {", ".join(f"{step}_{kind} INTEGER" for step, kind in _RULES)});
CREATE TEMP TABLE place (region TEXT PRIMARY KEY, class INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE zone (province INTEGER PRIMARY KEY, ahead_ms INTEGER NOT NULL, own INTEGER NOT NULL);
"""
_WORKING = f"INSERT INTO temp.working VALUES (?, ?{', ?' * len(_RULES)})"  # noqa: S608 - question marks


ZONE = "temp.zone AS z ON z.province = CAST(substr(c.region, 1, 2) AS INTEGER)"
"""What is joined (LEFT JOIN) for a complaint `c` before its days and rules are asked for."""
_AROUND = ("c.region", "substr(c.region, 1, 5)", "substr(c.region, 1, 2)")
_CLASSES = ", ".join(f"(SELECT class FROM temp.place WHERE region = {part})" for part in _AROUND)  # noqa: S608 - words of ours
CLASS = f"iif(z.own, coalesce({_CLASSES}, 0), 0) * {CLASS_DAYS}"
"""What the key of its region's class begins with."""


def day_of(moment: str) -> str:
    """The day on which a moment (a term of SQL) is, where complaint `c` comes from, in days since 1970."""
    return f"({moment} + coalesce(z.ahead_ms, {Zone.WIB.ahead_ms})) / {DAY_MS}"


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
    own = {region[:PROVINCE_DIGITS] for region in regions}
    zones = [(int(code), zone.ahead_ms, code in own) for zone, provinces in PROVINCES.items() for code in provinces]
    connection.executemany("INSERT INTO temp.zone VALUES (?, ?, ?)", zones)
    days = clocks.workdays.counted(first - dt.timedelta(days=1), last + dt.timedelta(days=1))
    for at, region in enumerate(["", *regions]):
        rows = [(at * CLASS_DAYS + day, working, *_rules(clocks, EPOCH + dt.timedelta(days=day), region)) for day, working in days]
        connection.executemany(_WORKING, rows)


def _rules(clocks: Clocks, day: dt.date, region: str) -> list[int | None]:
    found = [clocks.deadlines.of(day, step, kind, region) for step, kind in _RULES]
    return [None if rule is None else rule.days for rule in found]
