"""One labelled message: a text, and what an honest officer would decide about it (docs/corpus.md)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TUNING = HERE / "tuning.jsonl"
HELD_OUT = HERE / "held_out.jsonl"
WIDE = HERE / "routes_wide.csv"
DAY = dt.date(2026, 11, 22)
OPENED_IDS = ("h1-", "h2-")
"""Held out until their failures were listed and mended: their figures are too good now."""

HELD_OUT_IDS = (*OPENED_IDS, "h3-")

KINDS = ("complaint", "command", "empty")
DECISIONS = ("explicit", "proposed", "ambiguous", "hinted", "national", "early", "late")
COMMANDS = ("STATUS", "RAHASIA", "ANONIM", "BATAL", "INFO", "STOP", "CHOICE")
FIELDS = (
    *("id", "text", "channel", "table", "kind", "decision", "region", "candidates_include", "keyword", "unit", "topic"),
    *("rahasia", "anonim", "oversight", "danger", "identifiers", "classification", "command", "body", "tags", "note"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and its labels. Tuples hold every answer that honest officers could give; None and () mean: not labelled."""

    id: str
    text: str
    channel: str = "sms"
    table: str = "wide"
    kind: str = "complaint"
    decision: tuple[str, ...] = ()
    region: str | None = None
    candidates_include: tuple[str, ...] = ()
    keyword: str | None = None
    unit: str | None = None
    topic: tuple[str, ...] = ()
    rahasia: bool = False
    anonim: bool | None = False
    """None where the wish is about the name: anonim and rahasia would both do."""
    oversight: bool | None = None
    danger: bool | None = None
    identifiers: tuple[str, ...] | None = None
    classification: tuple[str, ...] = ("pengaduan",)
    command: str | None = None
    body: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    day: dt.date = DAY


def in_held_out(message_id: str) -> bool:
    """The rule of the split: what was written by people who never saw the engine is held out."""
    return message_id.startswith(HELD_OUT_IDS)


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a corpus file as they stand."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def read(path: Path) -> Iterator[Labelled]:
    """The messages of a corpus file."""
    for row in rows(path):
        identifiers = row["identifiers"]
        yield Labelled(
            **{
                **row,
                **{name: _several(row[name]) for name in ("decision", "topic", "classification", "candidates_include", "tags")},
                "identifiers": None if identifiers is None else tuple(identifiers),
                "day": dt.date.fromisoformat(row["day"]) if "day" in row else DAY,
            }
        )


def _several(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
