"""A spreadsheet of entries (CSV) as rows of the entry form, however it was saved: comma, semicolon or tab; UTF-8, UTF-16, Windows-1252.

Every line that cannot be read is named with its number, and the others are taken.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.entry_form import digest
from parsers.errors import GatewayError

OCTETS_MAX = 67_108_864  # Ours: 64 MB, two thousand letters of the longest kind
ROWS_MAX = 20_000  # Ours: a year of letters of a large office; more is the wrong file.
CELL_CHARACTERS_MAX = 4_194_304  # Ours: above any text that is refused by the form, which says it better
UTF16 = (b"\xff\xfe", b"\xfe\xff")
NAMES: Mapping[str, str] = {
    name: column
    for column, names in (
        ("channel", "channel kanal saluran asal"),
        ("number", "number nomor nomor_hp no_hp hp no_telepon telepon telp"),
        ("text", "text isi aduan laporan isi_aduan isi_laporan"),
        ("destination", "destination tujuan kode_daerah daerah region"),
        ("rahasia", "rahasia"),
        ("anonim", "anonim"),
        ("key", "key kunci no_agenda nomor_agenda agenda"),
    )
    for name in names.split()
}
"""What a column may be called, and which field it is."""


class SheetError(GatewayError):
    """The file as a whole cannot be read; the sentence says why, and what would work."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row: the line where it begins, and its fields; `problem` instead where it cannot be read."""

    line: int
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def __repr__(self) -> str:
        return f"Row(line {self.line})"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows and what it was taken for: `encoding`, `separator`."""

    rows: list[Row]
    encoding: str
    separator: str


def read(octets: bytes) -> Sheet:
    """Read a file; SheetError where it has no header that we know. Each row without a key gets one of what it says."""
    if len(octets) > OCTETS_MAX:
        raise SheetError(f"is larger than {OCTETS_MAX >> 20} MB; split it")
    content, encoding = _decoded(octets)
    head = next((line for line in content.splitlines() if line.strip()), "")
    separator = max(",;\t", key=head.count)
    before = csv.field_size_limit(CELL_CHARACTERS_MAX)
    try:
        rows = _rows(content, separator)
        header = next(rows, None)
        columns = _columns(header.cells if header is not None else [])
        found = _keyed([_named(row, columns) for row in rows])
    finally:
        csv.field_size_limit(before)
    if len(found) > ROWS_MAX:
        raise SheetError(f"has more than {ROWS_MAX} rows; split it")
    return Sheet(found, encoding, separator)


@dataclass(frozen=True, slots=True)
class _Cells:
    line: int
    cells: list[str]
    problem: str = ""


def _decoded(octets: bytes) -> tuple[str, str]:
    """The text and its encoding. Windows-1252 is what Excel writes here; octets that it does not know show as control characters."""
    try:
        if octets[:2] in UTF16:
            return octets.decode("utf-16"), "UTF-16"
        if b"\0" in octets:
            raise SheetError("is no text file; save the spreadsheet as CSV (UTF-8)")
        return octets.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        if octets[:2] in UTF16:
            raise SheetError("begins as UTF-16 and is none; save the spreadsheet as CSV (UTF-8)") from None
    try:
        return octets.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return octets.decode("latin-1"), "Latin-1"


def _rows(content: str, separator: str) -> Iterator[_Cells]:
    """Rows with something in them; a line that is no row of CSV is a row with its problem."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            said = str(error)
            if "end of data" in said:
                yield _Cells(line, [], "a quote opens here and is never closed; this line and all behind it are not read")
                return
            yield _Cells(line, [], f"is no row of CSV ({said}); a text with a quote in it needs two of them, and quotes around it")
        else:
            if any(cell.strip() for cell in cells):
                yield _Cells(line, cells)
        line = reader.line_num + 1


def _columns(header: list[str]) -> list[str | None]:
    """Which field each column is; None for one that we do not know, which is passed over."""
    named = [NAMES.get("_".join(cell.strip().lower().replace(".", " ").split())) for cell in header]
    twice = [name for name, count in Counter(filter(None, named)).items() if count > 1]
    if twice:
        raise SheetError(f"has two columns for {twice[0]}; leave one")
    if missing := [name for name in ("channel", "text") if name not in named]:
        raise SheetError(f"its first row names no column for {' and '.join(missing)}; it must have kanal and isi, and may have {_others()}")
    return named


def _others() -> str:
    return "nomor, tujuan, rahasia, anonim, kunci"


def _named(row: _Cells, columns: list[str | None]) -> Row:
    if row.problem:
        return Row(row.line, {}, row.problem)
    if any(cell.strip() for cell in row.cells[len(columns) :]):
        return Row(row.line, {}, "has more cells than the first row; a text with the separator in it needs quotes around it")
    return Row(row.line, {name: cell for name, cell in zip(columns, row.cells, strict=False) if name is not None})


def _keyed(rows: list[Row]) -> list[Row]:
    """Each row with a key: its own, or one of what it says, so that the same file again is known row by row."""
    alike: Counter[str] = Counter()
    owners: dict[str, int] = {}
    found = []
    for row in rows:
        own = row.fields.get("key", "").strip()
        if row.problem:
            found.append(row)
        elif own and own in owners:
            found.append(Row(row.line, {}, f"has the key of line {owners[own]}; give each row its own"))
        elif own:
            owners[own] = row.line
            found.append(row)
        else:
            said = digest(row.fields, 0)
            alike[said] += 1
            found.append(Row(row.line, {**row.fields, "key": digest(row.fields, alike[said])}))
    return found
