"""The desk on a terminal: what waits as a table, one complaint as a page. Times are the officer's own clock."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.privacy import one_line
from gateway.status import age

Json = dict[str, Any]
COLUMNS = 100
LABELS = (
    ("state", "state"),
    ("reason", "reason"),
    ("cause", "cause"),
    ("attention", "look at"),
    ("tracking_id", "tracking id"),
    ("first", "repeats"),
    ("attempts", "attempts"),
    ("reporter", "reporter"),
    ("operator", "operator"),
    ("entered_by", "entered by"),
    ("instansi", "goes to"),
    ("region", "region"),
    ("certainty", "certainty"),
    ("why", "why"),
    ("keyword", "keyword"),
    ("rule", "rule"),
    ("topic", "topic"),
    ("classification", "kind"),
    ("marks", "marks"),
    ("untold", "not told"),
    ("links", "pictures"),
    ("quoted", "quotes"),
)


def listing(found: Json, now_ms: int | None = None) -> str:
    """What waits, a line each."""
    rows = sorted(
        [*found["waiting"], *({**row, "number": row["key"]} for row in found.get("additions", []))], key=lambda row: int(row["since_ms"])
    )
    hidden = found.get("restricted", 0)
    more = [f"{hidden} more are of citizens who asked for restriction: `--reveal` shows them."] if hidden else []
    if not rows:
        return "\n".join(more) or "Nothing waits for a person."
    now = now_ms if now_ms is not None else int(dt.datetime.now(dt.UTC).timestamp() * 1000)
    lines = [f"{'NUMBER':<12}{'STATE':<9}{'AGE':<12}{'GOES TO':<38}REASON"]
    lines += [
        f"{row['number']:<12}{row['state']:<9}{age(now - row['since_ms']):<12}{row['instansi_name'][:36]:<38}{row['reason'][:60]}"
        for row in rows
    ]
    return "\n".join(
        [
            *map(one_line, lines),
            *more,
            "",
            "`lapor-gateway desk show NUMBER` shows one; `desk settle NUMBER …` moves it on, `desk add` an addition, `desk wish` a wish.",
        ]
    )


def case(found: Json) -> str:
    """One complaint."""
    return "\n".join(map(one_line, _case_lines(found)))


def moved(rows: Sequence[Json]) -> str:
    """What a settlement came to, a line each."""
    return "\n".join(one_line(f"{row['number']:<12}{row['error'] or 'now ' + str(row['state'])}") for row in rows)


def _case_lines(found: Json) -> Iterator[str]:
    yield f"{found['number']}  received {_when(found['received_ms'])}" + (
        ", as it is: the audit keeps that you saw it" if found.get("revealed") else ""
    )
    for key, label in LABELS:
        value = found.get(key)
        if value not in (None, "", [], 0):
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            yield f"  {label:<12} {shown}"
    flags = [name for name in ("anonim", "rahasia", "incomplete", "restricted") if found.get(name)]
    if flags:
        yield f"  {'flags':<12} {', '.join(flags)}"
    for candidate in found.get("candidates", []):
        yield f"  {'could be':<12} {candidate['keyword']} {candidate['region'] or ''} {candidate['instansi']}"
    yield from _words(found)
    yield from _addition_lines(found["additions"])
    for reply in found["replies"]:
        delivered = f", {reply['delivery']}" if reply["delivery"] else ""
        yield f"  reply        {reply['kind']}: {reply['state']}{delivered} {reply['detail']}".rstrip()
    for entry in found["history"]:
        yield f"  {_when(entry['at_ms'])}  {entry['who']}: {entry['move']} ({entry['reason']})"


def _addition_lines(additions: Sequence[Json]) -> Iterator[str]:
    for one in additions:
        yield f"  added {_when(one['received_ms'])}: {one['text'] or '(erased)'}"
        if one["state"] is not None:
            record = f", record {one['tracking_id']}" if one["tracking_id"] else ""
            yield f"    {one['key']}: {one['state']}{record} since {_when(one['since_ms'])} {one['reason']}".rstrip()


def _words(found: Json) -> Iterator[str]:
    if "text" in found:
        yield ""
        for paragraph in found["text"].splitlines() or [""]:
            yield from textwrap.wrap(paragraph, COLUMNS - 4, initial_indent="  | ", subsequent_indent="  | ") or ["  |"]


def _when(at_ms: int) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).astimezone().strftime("%d-%m-%Y %H:%M")
