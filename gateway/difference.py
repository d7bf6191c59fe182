"""How two routing tables differ: in their rows, and in what they decide about texts that begin with any of their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from gateway import sheet
from gateway.reading import Reader
from gateway.rehearsal import described
from gateway.sheet import Row
from parsers import keyword
from parsers.routes import NUMBER_WORD, Route, Table, keys_of

BODY = "lampu padam"  # follows every keyword tried: no word that any alias or region has
CARD_NUMBER = "123456789"
DAYS_MAX = 12  # days on which rows begin or end that are looked at; the soonest
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that only one table has, or that both have differently (`old` and `new`)."""

    old: Row | None
    new: Row | None

    @property
    def columns(self) -> list[str]:
        """Where a row that both have differs."""
        if self.old is None or self.new is None:
            return []
        return [column for column in sheet.COLUMNS if self.old.cells.get(column) != self.new.cells.get(column)]


@dataclass(frozen=True, slots=True)
class Effect:
    """One text that is decided differently from `day` on (None: today already)."""

    text: str
    before: str
    after: str
    day: dt.date | None


def rows(old: str, new: str) -> list[RowChange]:
    """The rows that differ: paired by their aliases, else by a common alias, region and unit; order and notes do not count."""
    left, right = sheet.rows_of(old), sheet.rows_of(new)
    same = {frozenset(row.cells.items()) for row in left} & {frozenset(row.cells.items()) for row in right}
    left = [row for row in left if frozenset(row.cells.items()) not in same]
    right = [row for row in right if frozenset(row.cells.items()) not in same]
    found = []
    for row in left:
        partner = next((other for other in right if _akin(row, other)), None)
        if partner is not None:
            right.remove(partner)
        found.append(RowChange(row, partner))
    return found + [RowChange(None, row) for row in right]


def effects(before: Reader, after: Reader, today: dt.date) -> Iterator[Effect]:
    """Texts decided differently, each once, by the first day on which it is; today, and the days on which rows begin or end."""
    tables = (before.routes, after.routes)
    tried = list(dict.fromkeys(text for table in tables for route in table.routes for text in _texts(route)))
    tried += [name for name in before.regions.by_name if name not in {*before.routes.aliases, *after.routes.aliases}]
    told: set[str] = set()
    for day in (today, *_days(tables, today)):
        for text in tried:
            if text in told:
                continue
            old, new = (keyword.match(table, f"{text} {BODY}", day) for table in tables)
            if (old.certainty, old.region, old.instansi, old.unit, old.candidates) != (
                new.certainty,
                new.region,
                new.instansi,
                new.unit,
                new.candidates,
            ):
                told.add(text)
                yield Effect(text, described(before, old), described(after, new), None if day == today else day)


def _akin(one: Row, other: Row) -> bool:
    """Whether two rows that differ are the same row, changed."""
    ours, theirs = ({"".join(keys_of(alias)) for alias in row.aliases if "+" not in alias} or set(row.aliases) for row in (one, other))
    return bool(ours & theirs)


def _texts(route: Route) -> Iterator[str]:
    """What to try of one row: each alias, its unit words, and its everyday words behind it."""
    for alias in route.aliases:
        text = alias.replace("+", " ").replace(NUMBER_WORD, CARD_NUMBER)
        yield text
        yield from (f"{text} {word}" for word in sorted(route.ordinary) if word != "*")


def _days(tables: tuple[Table, ...], today: dt.date) -> list[dt.date]:
    begins = {route.valid_from for table in tables for route in table.routes if route.valid_from}
    ends = {route.valid_to + ONE_DAY for table in tables for route in table.routes if route.valid_to and route.valid_to < dt.date.max}
    return sorted(day for day in begins | ends if day > today)[:DAYS_MAX]
