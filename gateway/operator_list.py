"""An operator's own list of what he handed us: a CSV file in whatever form he has, read line by line, and what was guessed is said.

What cannot be read is named by its line and skipped. Texts are never read, and numbers are shown masked only.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parsers.errors import GatewayError

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1_000  # lines by which columns and delimiter are guessed
TIMES = 200  # of these, by which the form of the time is
JOINED_MAX = 20  # lines of one record: texts in quotes may hold line ends; a quote that is never closed must not swallow the file
OCTETS_MAX = 1 << 28  # 256 MB: three million lines
CHARACTERS_MAX = 131_072  # of one record
SENDER_MAX = 64
FIELDS = ("time", "date", "sender", "id", "parts")


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


NAMES: Mapping[str, frozenset[str]] = {
    "time": _set("time timestamp datetime received received_at receive_time waktu jam submit_time mo_time created_at sent_at"),
    "date": _set("date tanggal tgl"),
    "sender": _set("sender from msisdn source source_addr src a_number anumber originator pengirim nomor number orig"),
    "id": _set("id message_id msgid msg_id messageid smsc_id mo_id"),
    "parts": _set("parts segments total_parts sms_count jumlah_part"),
}
"""What columns are called, in lower case with _ for blanks."""
FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"),
    *("%Y%m%d%H%M%S", "%Y%m%d %H%M%S", "%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d-%m-%Y %H:%M"),
    *("%Y-%m-%d %H:%M", "%d-%b-%y %I.%M.%S %p", "%d/%m/%y %H:%M:%S"),
)
ISO, EPOCH_S, EPOCH_MS = "ISO 8601", "seconds since 1970", "milliseconds since 1970"
EPOCH_FROM, EPOCH_TO = 1_000_000_000, 4_000_000_000  # 2001 to 2096


class ListError(GatewayError):
    """The file cannot be read as a list; the sentence says why and what to give."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """One line. `at` is naive where the file gives no zone; `sender` as written; `parts` is 0 where it does not say."""

    line: int
    at: dt.datetime
    sender: str
    id: str = ""
    parts: int = 0


@dataclass(slots=True)
class OperatorList:
    """What was read, which lines were not and why, and what was guessed."""

    rows: list[Theirs] = field(default_factory=list)
    garbage: list[tuple[int, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    counts_parts: bool = False
    """Whether each line says of how many parts it is: then a line is a whole message."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the file is to be read; None is guessed. `columns` are names or numbers (from 1) by field."""

    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    time_format: str | None = None


def read(path: Path, form: Form) -> OperatorList:
    """Read a file; ListError when nothing of it can be understood, OSError when it cannot be opened."""
    found = OperatorList()
    lines = [line.removesuffix("\r") for line in _decoded(path, found.said).split("\n")]
    if not any(line.strip() for line in lines):
        raise ListError(f"{path}: is empty")
    delimiter = form.delimiter or _delimiter(lines[:SAMPLE], found.said)
    records = _records(lines, delimiter)
    head = [cells for _, cells in records[:SAMPLE] if cells]
    places, header = _places(head, form.columns, path)
    sample = [_when(cells, places) for cells in head[1 if header else 0 :]]
    parse = _clock(form.time_format or _format([one for one in sample if one][:TIMES], found.said, path))
    named = ", ".join(f"{name} = {head[0][place].strip()[:20] if header else f'column {place + 1}'}" for name, place in places.items())
    found.said.append(f"columns: {named}")
    found.counts_parts = "parts" in places
    for number, cells in records[1 if header else 0 :]:
        _take(found, number, cells, places, parse)
    return found


def _take(
    found: OperatorList, number: int, cells: Sequence[str] | None, places: Mapping[str, int], parse: Callable[[str], dt.datetime]
) -> None:
    if cells is None:
        found.garbage.append((number, "its quotes do not close, or it is too long"))
        return
    if not any(cell.strip() for cell in cells):
        return
    if len(cells) <= max(places.values()):
        found.garbage.append((number, f"has {len(cells)} columns, needs {max(places.values()) + 1}"))
        return
    sender = cells[places["sender"]].strip()
    if not any(character.isalnum() for character in sender) or len(sender) > SENDER_MAX:
        found.garbage.append((number, "has no sender"))
        return
    try:
        at = parse(_when(cells, places))
    except (ValueError, OverflowError):
        found.garbage.append((number, "its time cannot be read"))
        return
    parts = cells[places["parts"]].strip() if "parts" in places else "0"
    if not parts.isascii() or not parts.isdigit() or int(parts[:6]) > 255:
        found.garbage.append((number, "its number of parts is none"))
        return
    told = cells[places["id"]].strip()[:SENDER_MAX] if "id" in places else ""
    found.rows.append(Theirs(number, at, sender, told, int(parts)))


def _decoded(path: Path, said: list[str]) -> str:
    with path.open("rb") as opened:
        octets = opened.read(OCTETS_MAX + 1)
    if len(octets) > OCTETS_MAX:
        raise ListError(f"{path}: is larger than {OCTETS_MAX >> 20} MB; give a day at a time")
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        said.append("encoding: UTF-16")
        return octets.decode("utf-16", "replace")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        said.append("encoding: no UTF-8, read as Latin-1")
        return octets.decode("latin-1")


def _delimiter(lines: Sequence[str], said: list[str]) -> str:
    """The one that stands equally often in most lines."""

    def score(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines if line.count(mark))
        return max(((lines_, count) for count, lines_ in counts.items()), default=(0, 0))

    best = max(DELIMITERS, key=score)
    said.append(f"delimiter: {'tab' if best == chr(9) else best}")
    return best


def _records(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str] | None]]:
    """Records with the number of their first line; None for one that is broken."""
    found: list[tuple[int, list[str] | None]] = []
    at = 0
    while at < len(lines):
        end, quotes = at, lines[at].count('"')
        while quotes % 2 and end + 1 < len(lines) and end - at < JOINED_MAX:
            end += 1
            quotes += lines[end].count('"')
        whole = quotes % 2 == 0
        record = "\n".join(lines[at : end + 1]) if whole else lines[at]
        found.append((at + 1, _cells(record, delimiter) if whole and len(record) <= CHARACTERS_MAX else None))
        at = end + 1 if whole else at + 1
    return found


def _cells(record: str, delimiter: str) -> list[str] | None:
    if '"' not in record:
        return record.split(delimiter)
    try:
        return next(csv.reader(record.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return None


def _places(head: Sequence[Sequence[str]], given: Mapping[str, str], path: Path) -> tuple[dict[str, int], bool]:
    """Which column holds what, and whether the first line says so."""
    titles = ["_".join(cell.strip().lower().split()) for cell in head[0]] if head else []
    header = not any(_looks_like_time(title) for title in titles)
    places: dict[str, int] = {}
    for name in FIELDS:
        if name in given:
            places[name] = _column(given[name], titles, path)
        else:
            at = next((at for at, title in enumerate(titles) if title in NAMES[name]), None)
            if at is not None and header:
                places[name] = at
    body = head[1:] if header else head
    if "time" not in places and "date" in places:
        places["time"] = places.pop("date")
    for name, fits in (("time", _looks_like_time), ("sender", _looks_like_number)):
        if name not in places:
            places |= _by_content(name, fits, body, set(places.values()))
    for name in ("time", "sender"):
        if name not in places:
            known = ", ".join(titles) if header else f"{len(titles)} columns without names"
            raise ListError(f"{path}: which column is the {name}? say --map {name}=NAME or {name}=NUMBER; there are: {known[:200]}")
    return places, header


def _column(typed: str, titles: Sequence[str], path: Path) -> int:
    name = "_".join(typed.strip().lower().split())
    if name in titles:
        return titles.index(name)
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(titles):
        return int(typed) - 1
    raise ListError(f"{path}: no column {typed[:40]!r}; there are: {', '.join(titles)[:200]}")


def _by_content(name: str, fits: Callable[[str], bool], body: Sequence[Sequence[str]], taken: set[int]) -> dict[str, int]:
    counts = Counter(at for cells in body for at, cell in enumerate(cells) if at not in taken and fits(cell.strip()))
    if not counts:
        return {}
    at, many = counts.most_common(1)[0]
    return {name: at} if many * 2 > len(body) else {}


def _looks_like_number(cell: str) -> bool:
    digits = cell.lstrip("+").replace(" ", "").replace("-", "")
    return digits.isdigit() and 9 <= len(digits) <= 15


def _looks_like_time(cell: str) -> bool:
    return any(_parses(one, cell) for one in (ISO, *FORMATS)) or _parses(EPOCH_S, cell) or _parses(EPOCH_MS, cell)


def _parses(name: str, text: str) -> bool:
    try:
        _clock(name)(text)
    except (ValueError, OverflowError):
        return False
    return True


def _when(cells: Sequence[str], places: Mapping[str, int]) -> str:
    """Date and time as one text; empty where the line is too short."""
    wanted = [places[name] for name in ("date", "time") if name in places]
    return " ".join(cells[at].strip() for at in wanted) if all(at < len(cells) for at in wanted) else ""


def _format(sample: Iterable[str], said: list[str], path: Path) -> str:
    """The format that most times of the sample have; of two that fit equally, the one with the day first."""
    texts = list(sample)
    fits = {name: sum(_parses(name, text) for text in texts) for name in (ISO, EPOCH_S, EPOCH_MS, *FORMATS)}
    best = max(fits, key=lambda name: fits[name])
    if not fits[best]:
        raise ListError(f"{path}: no time in its column can be read; say how it is written: --time-format '%d/%m/%Y %H:%M:%S'")
    said.append(f"time: {best}")
    return best


def _clock(name: str) -> Callable[[str], dt.datetime]:
    if name == ISO:
        return _iso
    if name in (EPOCH_S, EPOCH_MS):
        return lambda text: _epoch(text, 1 if name == EPOCH_S else 1_000)
    return lambda text: dt.datetime.strptime(text, name)  # noqa: DTZ007 - the zone is given or guessed later


def _iso(text: str) -> dt.datetime:
    if len(text) < len("2026-11-28 08:15") or text[4] != "-":
        raise ValueError
    return dt.datetime.fromisoformat(text)


def _epoch(text: str, per_second: int) -> dt.datetime:
    seconds = float(text) / per_second
    if not EPOCH_FROM <= seconds <= EPOCH_TO:
        raise ValueError
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def named(garbage: Sequence[tuple[int, str]], limit: int) -> Iterator[str]:
    """Lines that were skipped, by their number."""
    for number, why in garbage[:limit]:
        yield f"line {number}: {why}; skipped"
    if len(garbage) > limit:
        yield f"… and {len(garbage) - limit} more lines skipped"
