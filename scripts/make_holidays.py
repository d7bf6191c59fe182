"""Write the rows of a year into config/holidays.csv from the library holidays; run by hand, never by a build, a test or a gateway.

usage: python -m scripts.make_holidays YEAR [--file FILE] [--replace]

The library (PyPI, MIT) knows what the joint decrees (SKB) say and calculates the rest; days that the moon decides are marked `(perkiraan)`
until they are decreed. pip fetches it into a folder of its own, for this one run: it wants an older python-dateutil than RQ brings, and
nothing else needs it. This prints what changes. A year that is there already and differs was edited by somebody: that stays, unless
--replace says otherwise. Read the result against the decree: the library is a base, no source of law.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import difflib
import importlib
import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "config" / "holidays.csv"
LIBRARY = "holidays==0.109"  # of 17 November 2026
KINDS: Mapping[str, str] = {"public": "libur nasional", "government": "cuti bersama"}
"""The library's categories, in the file's words; what is both is a holiday."""
ESTIMATED = "(perkiraan)"
YEAR_FIRST, YEAR_LAST = 2024, 2100  # Ours: what a complaint can have been received in, and what the library calculates.
Row = tuple[dt.date, str, str]


class Edited(Exception):
    """The year is in the file and differs from what would be written."""


@dataclass(frozen=True, slots=True)
class Year:
    """What the library says of a year, and which version of it."""

    year: int
    rows: Sequence[Row]
    version: str

    @property
    def comment(self) -> str:
        """The line above the table that says where its rows are from."""
        estimated = sum(ESTIMATED in name for _, _, name in self.rows)
        days = f"estimates, marked {ESTIMATED}: {estimated}" if estimated else "no day is an estimate"
        joint = "" if any(kind == KINDS["government"] for _, kind, _ in self.rows) else "; no cuti bersama yet"
        return f"# {self.year}: from the library holidays {self.version} (MIT); {days}{joint}. Compare with the decree (SKB)."


def known(year: int) -> Year:
    """What the library knows of a year."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, LIBRARY], check=True)
        sys.path.insert(0, folder)
        try:
            library = importlib.import_module("holidays")
            days = {category: library.country_holidays("ID", years=year, categories=(category,), language="id") for category in KINDS}
        finally:
            sys.path.remove(folder)
    return of(year, {category: dict(found.items()) for category, found in days.items()}, library.__version__)


def of(year: int, days: Mapping[str, Mapping[dt.date, str]], version: str) -> Year:
    """The year from its days by category; what is in several is what the first one says."""
    found: dict[dt.date, tuple[str, str]] = {}
    for category, kind in KINDS.items():
        for day, name in days.get(category, {}).items():
            found.setdefault(day, (kind, name))
    return Year(year, [(day, *found[day]) for day in sorted(found)], version)


def written(text: str, year: Year, *, replace: bool = False) -> str:
    """The file with that year in its place; Edited when it is there, differs, and is not to be replaced. Other years stay to the letter."""
    lines = text.splitlines()
    head = next((at for at, line in enumerate(lines) if line and not line.startswith("#")), len(lines))
    own = [at for at, line in enumerate(lines) if line.startswith(f"{year.year}-")]
    rows = [_row(row) for row in year.rows]
    if [lines[at] for at in own] == rows:
        return text
    if own and not replace:
        raise Edited
    separator = ";" if head < len(lines) and ";" in lines[head] else ","
    rows = [_row(row, separator) for row in year.rows]
    table = [line for line in lines[head + 1 :] if not line.startswith(f"{year.year}-")]
    place = next((at for at, line in enumerate(table) if re.match(r"\d{4}-", line) and line[:4] > str(year.year)), len(table))
    comments = [line for line in lines[:head] if not line.startswith(f"# {year.year}:")]
    made = [*comments, year.comment, *lines[head : head + 1], *table[:place], *rows, *table[place:]]
    return "\n".join(made) + "\n"


def difference(before: str, after: str) -> str:
    """What changes, as a unified diff without its file names."""
    return "\n".join([*difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)][2:])


def main() -> int:
    """Write, and say what changed; 1 for a year that somebody edited."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("year", type=int, choices=range(YEAR_FIRST, YEAR_LAST + 1), metavar="YEAR")
    options.add_argument("--file", type=Path, default=FILE, help=f"which table (default {FILE.name} of config/)")
    options.add_argument("--replace", action="store_true", help="also where the year is there and was edited")
    given = options.parse_args()
    before, year = given.file.read_text(encoding="utf-8-sig"), known(given.year)
    changed = difference(before, written(before, year, replace=True))
    if not changed:
        print(f"{given.file}: {year.year} says already what holidays {year.version} says")
        return 0
    print(changed)
    try:
        after = written(before, year, replace=given.replace)
    except Edited:
        print(f"{given.file}: {year.year} is there and differs, as above; --replace puts the library's days in its place", file=sys.stderr)
        return 1
    beside = given.file.with_suffix(".new")
    beside.write_text(after, encoding="utf-8")
    beside.replace(given.file)
    print(f"{given.file}: {year.year} has {len(year.rows)} days now")
    return 0


def _row(row: Row, separator: str = ",") -> str:
    day, kind, name = row
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="").writerow([day.isoformat(), kind, name])
    return line.getvalue()


if __name__ == "__main__":
    sys.exit(main())
