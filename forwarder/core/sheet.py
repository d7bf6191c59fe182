"""A TOML text being read: takes out one thing at a time, and notes what is wrong with its line, key and remedy instead of stopping."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forwarder.core.answers import EPOCH_MS, EPOCH_S, ISO, PATH, ZONES
from forwarder.core.mapping import Template
from parsers.toml_lines import line_of

Place = tuple[str | int, ...]
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NAMED = re.compile(r"\{([^{}]*)\}")
STRFTIME = re.compile(r"(?:[^%]|%[YmdHMSzf%])+")


@dataclass(slots=True)
class Sheet:
    """`lines` says on which line each key stands; every problem reads `file:line: key what is wrong and what would be right`."""

    name: str
    content: dict[str, Any]
    lines: dict[Place, int]
    problems: list[str] = field(default_factory=list)

    def wrong(self, place: Place, sentence: str) -> None:
        """Note a mistake, once."""
        problem = f"{self.name}:{line_of(self.lines, place) or 1}: {_shown(place)} {sentence}"
        if problem not in self.problems:
            self.problems.append(problem)

    def template(self, place: Place, text: str, names: Sequence[str]) -> Template:
        """A text cut up at its names."""
        parts = NAMED.split(text)
        if any("{" in part or "}" in part for part in parts[::2]):
            self.wrong(place, "has a brace out of place; braces hold one name: {number}")
        for name in parts[1::2]:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                self.wrong(place, f"names {{{name}}}; {'meant ' + near[0] + '?' if near else 'here it may name ' + ', '.join(names)}")
        return Template(tuple(parts))

    def where(self, place: Place, value: object) -> str | None:
        """A path in an answer; None where none is given."""
        if value is None:
            return None
        text = self.text(place, value)
        if PATH.fullmatch(text) is None:
            self.wrong(place, "is no path into an answer: data.id, [0].id, or . for the answer itself")
            return None
        return text

    def form(self, place: Place, value: object, *, writing: bool) -> str:
        """`iso`, `epoch_s`, `epoch_ms`, or a form of strftime."""
        text = self.text(place, value)
        if text in (ISO, EPOCH_S, EPOCH_MS) or ("%Y" in text and STRFTIME.fullmatch(text)):
            return text
        self.wrong(
            place, f"must be iso, epoch_s, epoch_ms, or a form such as %d-%m-%Y %H:%M:%S{' of' if writing else ' with'} %Y m d H M S z f"
        )
        return ISO

    def zone(self, place: Place, value: object) -> dt.tzinfo:
        """WIB, WITA, WIT or UTC."""
        return ZONES.get(self.one_of(place, value, ZONES), dt.UTC)

    def absent(self, place: Place) -> frozenset[int]:
        """Statuses of which each says that the core has none."""
        value = self.table(place[:-1]).get("absent", [])
        if not isinstance(value, list) or not all(isinstance(one, int) and 400 <= one <= 499 for one in value):
            self.wrong(place, "must be a list of statuses, 400 to 499: [404]")
            return frozenset()
        return frozenset(value)

    def whole(self, place: Place, value: object, least: int, most: int) -> int:
        """A whole number within bounds."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(place, f"must be a whole number, {least} to {most}")
        return least

    def flag(self, place: Place, value: object) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            self.wrong(place, "must be true or false")
        return value is True

    def text(self, place: Place, value: object) -> str:
        """A text."""
        if not isinstance(value, str):
            self.wrong(place, "must be a text in quotes")
            return ""
        return value

    def one_of(self, place: Place, value: object, known: Collection[str]) -> str:
        """One of these words."""
        if isinstance(value, str) and value in known:
            return value
        near = difflib.get_close_matches(value, known, 1) if isinstance(value, str) else []
        self.wrong(place, f"must be one of {', '.join(known)}" + (f"; meant {near[0]}?" if near else ""))
        return ""

    def table(self, place: Place, *, needed: bool = True) -> dict[str, Any]:
        """The table at a place; what is none is said once."""
        at: object = self.content
        for part in place:
            at = at.get(part) if isinstance(at, dict) else None
        if isinstance(at, dict):
            return at
        if at is not None or needed:
            self.wrong(place, "is missing" if at is None else "must be a table")
        return {}

    def known(self, place: Place, table: Mapping[str, object], keys: tuple[str, ...]) -> None:
        """Say every key that means nothing."""
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1)
                self.wrong((*place, key), f"means nothing here; {'meant ' + near[0] + '?' if near else 'known are ' + ', '.join(keys)}")


def _shown(place: Place) -> str:
    return ".".join(f'"{part}"' if isinstance(part, str) and "." in part else str(part) for part in place) or "the file"
