"""Reading the small tables of config/: commas or a spreadsheet's semicolons, comment lines, and each row with its line number."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from parsers.errors import SettingsError

PROBLEMS_MAX = 100  # Ours: a file of the wrong kind has one problem a line; nobody reads more.


def rows(csv_text: str, columns: Sequence[str], *, name: str) -> list[tuple[int, list[str]]]:
    """Line number and trimmed cells of each row below the head; SettingsError where the head is missing or another one.

    Lines that begin with `#` say something to people. A cell holds no line break: these tables have a row a line.
    """
    lines = csv_text.removeprefix("\ufeff").splitlines()
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    head = f"the first row must be {','.join(columns)}"
    if not kept:
        raise SettingsError([f"{name}:1: {head}; a file with that row alone is an empty table"])
    separator = ";" if ";" in kept[0][1] else ","
    found = [(number, [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]) for number, line in kept]
    if tuple(found[0][1]) != tuple(columns):
        raise SettingsError([f"{name}:{found[0][0]}: {head}"])
    return found[1:]


def width_problem(cells: Sequence[str], columns: Sequence[str]) -> str | None:
    """What is wrong with a row that has too few cells or too many."""
    return None if len(cells) == len(columns) else f"{len(cells)} cells, expected {len(columns)}: {','.join(columns)}"
