"""A routing table as rows of a spreadsheet: cut out a region, put an owner's rows in, add a word. What it does not touch stays as it is.

Checking is parsers/routes.py's; this only moves rows, and is fed with tables that were checked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parsers.findings import Finding, error
from parsers.routes import OPTIONAL, REQUIRED, Table, keys_of

COLUMNS = (*REQUIRED, *OPTIONAL)
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its line in the file and its cells by column; empty cells are left out."""

    line: int
    cells: Cells

    @property
    def codes(self) -> tuple[str, ...]:
        """Its region codes."""
        return tuple(code.strip() for code in self.cells.get("region", "").split("|") if code.strip())

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its aliases as written."""
        return tuple(alias.strip() for alias in self.cells.get("alias", "").split("|") if alias.strip())


def rows_of(text: str) -> list[Row]:
    """The rows of a table that loads; notes and empty lines are left out."""
    lines, first, separator = _begin(text)
    header = [cell.strip().strip('"').lower() for cell in lines[first].split(separator)]
    reader = csv.reader(lines[first + 1 :], delimiter=separator)
    found = []
    for cells in reader:
        if any(cells) and not cells[0].startswith("#"):
            named = zip(header, (cell.strip() for cell in cells), strict=False)
            found.append(Row(first + 1 + reader.line_num, {column: cell for column, cell in named if cell}))
    return found


def text_of(rows: Iterable[Row], notes: Iterable[str] = ()) -> str:
    """Rows as a table with every column, separated by commas."""
    written = io.StringIO()
    written.writelines(f"# {note}\n" for note in notes)
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.cells.get(column, "") for column in COLUMNS] for row in rows)
    return written.getvalue()


def inside(codes: Iterable[str], region: str) -> bool:
    """Whether all codes are the region or below it, and there is one."""
    found = list(codes)
    return bool(found) and all(code == region or code.startswith(f"{region}.") for code in found)


def touches(codes: Iterable[str], region: str) -> bool:
    """Whether any code is the region or below it."""
    return any(inside([code], region) for code in codes)


def region_rows(text: str, region: str) -> list[Row]:
    """The rows of one region and of what is below it, those shared with others too."""
    return [row for row in rows_of(text) if touches(row.codes, region)]


def trespasses(running: str, given: str, table: Table, owner: str) -> list[Finding]:
    """Rows of `given` that its owner may not set: outside the region, and not word for word in the running table.

    A unit word (AGAM+PDAM) belongs to whom its keyword belongs to. `table` is `given` merged and checked, for whose keyword it is.
    """
    known = {_key(row) for row in rows_of(running)}
    found = []
    for row in rows_of(given):
        if _key(row) in known:
            continue
        if not inside(row.codes, owner):
            found.append(error(row.line, "owner", region="|".join(row.codes) or "-", owner=owner))
        found += [error(row.line, "owner_unit", alias=alias, owner=owner) for alias in _foreign_units(row, table, owner)]
    return found


def merged(running: str, given: str, owner: str) -> tuple[str, dict[int, tuple[bool, int]]]:
    """The running table with the owner's rows replaced by those of `given`; notes and all other rows stay in their order.

    With it, for every line of a row, whether it is the owner's, and the line where it stood: in `given`, else in the running table.
    """
    mine = [row for row in rows_of(given) if inside(row.codes, owner)]
    kept = rows_of(running)
    place = next((index for index, row in enumerate(kept) if inside(row.codes, owner)), len(kept))
    before = [row for row in kept[:place] if not inside(row.codes, owner)]
    after = [row for row in kept[place:] if not inside(row.codes, owner)]
    rows = [*before, *mine, *after]
    text = text_of(rows, _notes(running))
    owners = {id(row) for row in mine}
    return text, {there.line: (id(row) in owners, row.line) for there, row in zip(rows_of(text), rows, strict=True)}


def learned(running: str, word: str, region: str) -> str:
    """The running table with one more keyword for a region, as a row of its own at the end."""
    row = Row(0, {"alias": word, "region": region, "owner": region, "note": "learned from recorded texts"})
    return text_of([*rows_of(running), row], _notes(running))


def _begin(text: str) -> tuple[list[str], int, str]:
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.strip() and not line.lstrip('"').startswith("#"))
    return lines, first, ";" if lines[first].count(";") > lines[first].count(",") else ","


def _notes(text: str) -> Iterator[str]:
    """The notes before the first row."""
    lines, first, _ = _begin(text)
    for line in lines[:first]:
        note = line.strip().strip('"').rstrip(";,").lstrip("#").strip()
        if note:
            yield note


def _key(row: Row) -> frozenset[tuple[str, str]]:
    return frozenset(row.cells.items())


def _foreign_units(row: Row, table: Table, owner: str) -> Iterator[str]:
    for alias in row.aliases:
        head, plus, _ = alias.partition("+")
        holders = table.aliases.get("".join(keys_of(head)), ()) if plus else ()
        if any(not inside(holder.route.regions, owner) for holder in holders):
            yield alias
