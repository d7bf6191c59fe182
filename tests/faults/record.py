"""The book of figures: every run of a fault test appends one row to docs/reliability.csv, and nobody writes there by hand.

A programme says it in one line: `record("kill_storm", seed=3, kills=500, lost=0, doubled=0)`. Date, commit, machine and length come by
themselves. A figure is a number (a truth is 0 or 1); LAPOR_FIGURES names another file, so that a trial leaves no trace in this one.
"""

from __future__ import annotations

import csv
import fcntl
import io
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import ROOT, commit, cores, memory_gib, processor
from tests.faults import length

BOOK = ROOT / "docs" / "reliability.csv"
COLUMNS = ("date", "commit", "machine", "programme", "length", "seed", "figures")
NAME = re.compile(r"[a-z][a-z0-9_]*")
FIGURE = re.compile(r"([a-z][a-z0-9_]*)=(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Row:
    """One run: when, of what, on what, and what it found."""

    date: str
    commit: str
    machine: str
    programme: str
    length: str
    seed: int
    figures: Mapping[str, float]

    @classmethod
    def read(cls, cells: Mapping[str, str | None]) -> Row:
        """A row of the book; ValueError says what is wrong with it."""
        if None in cells or None in cells.values():
            raise ValueError(f"a row has not the columns {', '.join(COLUMNS)}")
        text = {key: value or "" for key, value in cells.items()}
        figures = {}
        for one in text["figures"].split(" "):
            if (found := FIGURE.fullmatch(one)) is None:
                raise ValueError(f"{one!r} is no figure: name=number")
            figures[found[1]] = float(found[2])
        datetime.strptime(text["date"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        if NAME.fullmatch(text["programme"]) is None or text["length"] not in (length.FAULTS, length.NIGHTLY):
            raise ValueError(f"programme {text['programme']!r}, length {text['length']!r}")
        return cls(text["date"], text["commit"], text["machine"], text["programme"], text["length"], int(text["seed"]), figures)


def book() -> Path:
    """Where this run writes."""
    return Path(os.environ.get("LAPOR_FIGURES", BOOK))


def rows(path: Path = BOOK) -> Iterator[Row]:
    """Every row of the book, oldest first; ValueError names the line of a wrong one."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path}: the first line is not {','.join(COLUMNS)}")
        for cells in reader:
            try:
                yield Row.read(cells)
            except ValueError as error:
                raise ValueError(f"{path}:{reader.line_num}: {error}") from None


def record(programme: str, *, seed: int, **figures: float) -> None:
    """Append one row, whole or not at all; ValueError when a name or a figure would not be read back."""
    if not figures:
        raise ValueError("a row without figures says nothing")
    if strange := [key for key, value in figures.items() if not math.isfinite(value)]:
        raise ValueError(f"no numbers: {', '.join(strange)}")
    said = " ".join(f"{key}={_number(value)}" for key, value in figures.items())
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    machine = f"{cores()} cores; {processor()}; {memory_gib():.0f} GiB"
    cells = (when, commit(), machine, programme, length.name(), str(seed), said)
    Row.read(dict(zip(COLUMNS, cells, strict=True)))
    _append(book(), cells)
    print(f"recorded: {programme} {said} seed={seed}", flush=True)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _append(path: Path, cells: tuple[str, ...]) -> None:
    """One write under a lock: two programmes at once, or one that is killed, leave no half line between whole ones."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        if os.fstat(descriptor).st_size == 0:
            writer.writerow(COLUMNS)
        writer.writerow(cells)
        os.write(descriptor, lines.getvalue().encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
