"""The subject areas of LAPOR! and the words that lead to them (config/topics.csv)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from parsers.errors import SettingsError
from parsers.text import words

COLUMNS = ("topic", "core", "strong", "weak")
STRONG, WEAK = 3, 1  # Ours: two weak words never outweigh one that settles it.


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """Words and pairs of words, each with the topics it leads to and their weight; `core` holds the core's ids."""

    single: Mapping[str, tuple[tuple[str, int], ...]]
    pairs: Mapping[str, Mapping[str, tuple[tuple[str, int], ...]]]
    core: Mapping[str, str]


NO_TOPICS = Topics({}, {}, {})


def load(csv_text: str, *, name: str = "topics.csv") -> Topics:
    """Read config/topics.csv; raises SettingsError with every problem as `file:line: what`."""
    problems: list[str] = []
    single: dict[str, list[tuple[str, int]]] = {}
    pairs: dict[str, dict[str, list[tuple[str, int]]]] = {}
    core: dict[str, str] = {}
    lines = csv_text.removeprefix("\ufeff").splitlines()
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    separator = ";" if kept and ";" in kept[0][1] else ","
    for (number, _), row in zip(kept, csv.reader([line for _, line in kept], delimiter=separator), strict=False):
        if number == kept[0][0]:
            problems += [] if tuple(row) == COLUMNS else [f"{name}:{number}: the first row must be {','.join(COLUMNS)}"]
        elif len(row) != len(COLUMNS):
            problems.append(f"{name}:{number}: {len(row)} cells, expected {len(COLUMNS)}")
        elif not row[0] or row[0] in core:
            problems.append(f"{name}:{number}: topic '{row[0]}' is empty or there twice")
        else:
            core[row[0]] = row[1]
            for cell, weight in ((row[2], STRONG), (row[3], WEAK)):
                for phrase in cell.split():
                    _add(single, pairs, phrase, (row[0], weight))
    if problems or not core:
        raise SettingsError(problems or [f"{name}:1: no topic in it"])
    return Topics(
        {word: tuple(found) for word, found in single.items()},
        {first: {second: tuple(found) for second, found in seconds.items()} for first, seconds in pairs.items()},
        core,
    )


def _add(
    single: dict[str, list[tuple[str, int]]], pairs: dict[str, dict[str, list[tuple[str, int]]]], phrase: str, entry: tuple[str, int]
) -> None:
    """File a word, or a pair written with `_`; a pair weighs more than both its words."""
    found = words(phrase)
    if len(found) == 2:
        topic, weight = entry
        pairs.setdefault(found[0], {}).setdefault(found[1], []).append((topic, weight + WEAK))
    elif found:
        single.setdefault(found[0], []).append(entry)
