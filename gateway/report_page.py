"""The governor's report on a terminal, as a spreadsheet (CSV) and as JSON. The words of the columns are Indonesian: officers read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.privacy import one_line
from gateway.report import COLUMNS, Report, Row

Value = int | float | None
HIDDEN = "*"
NONE = "-"
NAME_COLUMNS = 40
FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would take for a formula (OWASP: CSV injection)
HEADINGS = ("MASUK", "SELESAI", "DIPROSES", "BELUM", "TUNDA", "TUTUP", "DI KAMI", "DISPOSISI", "JAWABAN", "%SELESAI", "%LEWAT", "%LEWAT")
SECOND = ("", "", "", "DISPOSISI", "", "", "", "MED / P90", "MED / P90", "", "DISPOSISI", "BATAS")
SHEET = (
    *("kode", "nama", "masuk", "selesai", "diproses", "belum_disposisi", "tunda", "ditutup", "di_kami"),
    *("disposisi_median", "disposisi_p90", "jawaban_median", "jawaban_p90"),
    *("persen_selesai", "persen_lewat_disposisi", "persen_lewat_batas"),
)


def page(report: Report) -> str:
    """For a terminal: hidden counts are `*`, what there is none of is `-`."""
    return "\n".join(map(one_line, _lines(report)))


def sheet(report: Report) -> str:
    """Exact CSV (RFC 4180): commas, CRLF, quotes where they are needed. Hidden counts are `*`, what there is none of is empty."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(SHEET)
    for row in (*report.rows, report.total):
        counts = [HIDDEN if row.counts[column] is None else row.counts[column] for column in COLUMNS]
        waits = [row.disposed_median, row.disposed_p90, row.answered_median, row.answered_p90]
        shares = [HIDDEN if share is None else f"{share:.1f}" for share in _shares(row)]
        writer.writerow([plain(row.code), plain(row.name), row.received, *counts, *waits, *shares])
    return written.getvalue()


def document(report: Report) -> dict[str, Any]:
    """As JSON: null where a value is hidden or there is none."""
    return {
        "from": report.wish.first.isoformat(),
        "to": report.wish.last.isoformat(),
        "by": report.wish.by,
        "region": report.wish.region or None,
        "as_of_ms": report.as_of_ms,
        "rows": [_fields(row) for row in report.rows],
        "total": _fields(report.total),
        "notes": list(report.notes),
    }


def _fields(row: Row) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in row.__slots__ if name != "counts"}
    return {**fields, **row.counts}


def _shares(row: Row) -> Sequence[float | None]:
    return row.share_done, row.share_late_disposed, row.share_late


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    plain = one_line(text) if not text.startswith("\t") else "\t" + one_line(text[1:])
    return f"'{plain}" if plain.startswith(FORMULA) else plain


def _lines(report: Report) -> Iterator[str]:
    yield report.title
    yield ""
    coded = any(row.code for row in report.rows)
    cells = [[_name(row, coded=coded), *_cells(row)] for row in (*report.rows, report.total)]
    cells = [["", *HEADINGS], ["", *SECOND], *cells]
    wide = [max(len(line[at]) for line in cells) for at in range(len(cells[0]))]
    for at, line in enumerate(cells):
        if at in (2, len(cells) - 1):
            yield "-" * (sum(wide) + 2 * (len(wide) - 1))
        yield "  ".join([line[0].ljust(wide[0]), *(cell.rjust(width) for cell, width in zip(line[1:], wide[1:], strict=True))]).rstrip()
    if report.notes:
        yield ""
        yield from report.notes


def _name(row: Row, *, coded: bool) -> str:
    return f"{row.code:<8} {row.name[:NAME_COLUMNS]}" if coded else row.name[:NAME_COLUMNS]


def _cells(row: Row) -> list[str]:
    return [
        str(row.received),
        *(_shown(row.counts[column]) for column in COLUMNS),
        _pair(row.disposed_median, row.disposed_p90),
        _pair(row.answered_median, row.answered_p90),
        *(HIDDEN if share is None else f"{share:.1f}" for share in _shares(row)),
    ]


def _shown(count: int | None) -> str:
    return HIDDEN if count is None else str(count)


def _pair(median: int | None, p90: int | None) -> str:
    return NONE if median is None else f"{median} / {p90}"
