"""The routing on a terminal: what was installed, how two tables differ, what a rehearsal found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forwarder.journal import RoutingVersion
from gateway.difference import Effect, RowChange
from gateway.sheet import Row

CELL_MAX = 40
EFFECTS_MAX = 200  # lines; a table of another kind differs everywhere, and nobody reads more
DATE = "%d-%m-%Y"


def history(versions: Sequence[RoutingVersion]) -> str:
    """What was installed, newest first; the first line runs."""
    if not versions:
        return "Nothing is installed: the file runs, and becomes the first version when the gateway starts."
    lines = [f"{'':2}{'VERSION':<14}{'INSTALLED':<18}{'WHO':<22}WHY"]
    lines += [
        f"{'* ' if one.active else '  '}{one.version:<14}{_when(one.installed_ms):<18}{one.who[:20]:<22}{one.why[:80]}" for one in versions
    ]
    return "\n".join([*lines, "", "* runs. `lapor-gateway route rollback` goes back to the one before."])


def rows(changes: Sequence[RowChange]) -> Iterator[str]:
    """The rows that differ: `-` gone, `+` new, `~` changed, with line and columns."""
    if not changes:
        yield "No row differs."
    for change in changes:
        if change.old is None and change.new is not None:
            yield f"+ {change.new.line:>5}  {_row(change.new)}"
        elif change.new is None and change.old is not None:
            yield f"- {change.old.line:>5}  {_row(change.old)}"
        elif change.old is not None and change.new is not None:
            yield f"~ {change.new.line:>5}  {_row(change.new)}"
            for column in change.columns:
                before, after = (_cut(row.cells.get(column, "")) or "(empty)" for row in (change.old, change.new))
                yield f"         {column}: {before} → {after}"


def effects(found: Iterable[Effect]) -> Iterator[str]:
    """The decisions that differ, a line each."""
    count = 0
    for count, effect in enumerate(found, 1):
        if count <= EFFECTS_MAX:
            since = f"  from {effect.day.strftime(DATE)}" if effect.day else ""
            yield f"  {effect.text.upper():<24} {effect.before} → {effect.after}{since}"
    if count > EFFECTS_MAX:
        yield f"  … and {count - EFFECTS_MAX} more"
    yield f"{count} keywords are decided differently." if count != 1 else "1 keyword is decided differently."


def change(found: dict[str, Any]) -> str:
    """One recorded text that would be decided differently."""
    return f"{found['number']:<8}{found['from']} → {found['to']}\n        {' '.join(found['text'].split())}\n        {found['why']}"


def summary(found: dict[str, Any]) -> Iterator[str]:
    """The counts at the end of a rehearsal."""
    yield f"{found['read']} recorded texts, {found['changed']} would be decided differently"
    yield from (f"{way['count']:>8}  {way['from']} → {way['to']}" for way in found["ways"])


def progress(found: dict[str, Any]) -> str:
    """How far long work is."""
    return f"{round(found['share'] * 100):>3} %  {found['read']} texts, {found['changed']} found"


def unmatched(words: dict[str, int], least: int, limit: int) -> Iterator[str]:
    """First words without a route, the most frequent first."""
    shown = [(word, count) for word, count in words.items() if count >= least]
    if not shown:
        yield f"No first word without a route came {least} times or more."
        return
    yield f"{'COUNT':>7}  FIRST WORD"
    yield from (f"{count:>7}  {word.upper()}" for word, count in shown[:limit])
    yield ""
    yield "`lapor-gateway route learn WORD REGION` shows what a word would change."


def _row(row: Row) -> str:
    where = row.cells.get("region") or row.cells.get("instansi") or "national"
    unit = f" / {row.cells['unit']}" if "unit" in row.cells else ""
    return f"{_cut(row.cells.get('alias', ''))} → {_cut(where)}{unit}"


def _cut(cell: str) -> str:
    return cell if len(cell) <= CELL_MAX else cell[: CELL_MAX - 1] + "…"


def _when(at_ms: int) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).astimezone().strftime("%d-%m-%Y %H:%M")
