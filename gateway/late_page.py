"""The nudge list on a terminal, as a spreadsheet (CSV) and as JSON. The words of its columns are Indonesian: officers read them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from forwarder.journal.terms import OPEN_STEPS
from gateway.privacy import one_line
from gateway.report_page import plain
from parsers.deadlines import Step
from parsers.zones import Zone

if TYPE_CHECKING:
    from gateway.late import Group, Line, Nudge

NAME_COLUMNS = 40
STEPS: Mapping[Step, str] = {Step.VERIFY: "verifikasi", Step.ANSWER: "jawaban", Step.FINISH: "selesai"}
STATUSES: Mapping[str, str] = {
    "": "",
    "unverified": "Belum Terverifikasi",
    "disposed": "Belum Ditindaklanjuti",
    "in_process": "Sedang Diproses",
    "postponed": "Tertunda",
}
SHEET = ("instansi", "nomor", "id_pelacakan", "langkah", "batas_menurut_aturan", "lewat_hari_kerja", "keadaan")


def page(nudge: Nudge) -> str:
    """For a terminal."""
    return "\n".join(map(one_line, _lines(nudge)))


def sheet(nudge: Nudge) -> str:
    """The lines as exact CSV (RFC 4180): commas, CRLF, quotes where they are needed."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(SHEET)
    for line in nudge.lines:
        cells = (line.instansi, line.number, line.tracking_id, STEPS[line.step], line.due.isoformat(), line.over, STATUSES[line.status])
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in cells])
    return written.getvalue()


def document(nudge: Nudge) -> dict[str, Any]:
    """As JSON; steps by their English names (docs/clocks.md)."""
    wanted = nudge.wanted
    return {
        "as_of_ms": wanted.now_ms,
        "region": wanted.region or None,
        "instansi": wanted.instansi or None,
        "days": wanted.least,
        "groups": [_group(group) for group in nudge.groups],
        "total": _group(nudge.total),
        "late": [_fields(line) for line in nudge.lines],
        "hidden": {str(step): nudge.hidden[step] for step in OPEN_STEPS},
        "unheard": nudge.unheard,
        "notes": list(nudge.notes),
    }


def _group(group: Group) -> dict[str, Any]:
    counts = {str(step): group.late[step] for step in OPEN_STEPS}
    return {"instansi": group.name, **counts, "late": group.total, "median_age": group.median_age, "oldest_age": max(group.ages, default=0)}


def _fields(line: Line) -> dict[str, Any]:
    return {
        "instansi": line.instansi,
        "number": line.number,
        "tracking_id": line.tracking_id or None,
        "step": str(line.step),
        "due": line.due.isoformat(),
        "over": line.over,
        "status": line.status or None,
    }


def _lines(nudge: Nudge) -> Iterator[str]:
    as_of = dt.datetime.fromtimestamp((nudge.wanted.now_ms + Zone.WIB.ahead_ms) / 1000, dt.UTC)
    yield f"Terlambat menurut aturan, keadaan {as_of:%d-%m-%Y %H:%M} WIB (hari kerja)"
    yield ""
    if nudge.groups:
        yield f"{'INSTANSI':<{NAME_COLUMNS}}{'VERIFIKASI':>12}{'JAWABAN':>9}{'SELESAI':>9}{'JUMLAH':>9}{'UMUR MEDIAN':>13}{'TERTUA':>8}"
        yield from map(_row, nudge.groups)
        yield "-" * (NAME_COLUMNS + 60)
        yield _row(nudge.total)
    else:
        yield "Tidak ada yang terlambat."
    instansi = None
    for line in nudge.lines:
        if line.instansi != instansi:
            instansi = line.instansi
            yield ""
            yield instansi
            yield f"  {'NOMOR':<9}{'ID PELACAKAN':<15}{'LANGKAH':<12}{'BATAS':<12}{'LEWAT':>6}  KEADAAN"
        said = (
            f"{line.number:<9}{line.tracking_id[:14]:<15}{STEPS[line.step]:<12}{line.due:%d-%m-%Y}  {line.over:>6}  {STATUSES[line.status]}"
        )
        yield f"  {said}".rstrip()
    if nudge.notes:
        yield ""
        yield from nudge.notes


def _row(group: Group) -> str:
    steps = [group.late[step] for step in OPEN_STEPS]
    name, oldest = group.name[: NAME_COLUMNS - 1], max(group.ages, default=0)
    return f"{name:<{NAME_COLUMNS}}{steps[0]:>12}{steps[1]:>9}{steps[2]:>9}{group.total:>9}{group.median_age:>13}{oldest:>8}"
