"""The regions of Indonesia by Kemendagri code, and the names under which people write of them.

Data: config/regions.csv (docs/regions.md). A name at the head of a text never decides by itself; that is the routing table's
right. This is the gazetteer behind it: it names offices, finds hints, and keeps near names from being taken for each other.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.errors import SettingsError
from parsers.text import joined, words
from parsers.vocabulary import ORDINARY

COLUMNS = ("code", "name", "kind", "parent", "short", "cue")
TITLES = {"provinsi": "Prov.", "kabupaten": "Kab.", "kota": "Kota", "kecamatan": "Kec."}
OFFICES = {"provinsi": "Pemerintah Provinsi", "kabupaten": "Pemerintah Kabupaten", "kota": "Pemerintah Kota", "kecamatan": "Kecamatan"}
PROBLEMS_MAX = 100  # Ours: a file of the wrong kind has one problem a line; nobody reads more.


class Region(NamedTuple):
    """One region. `parent` is the code above it, empty for a province."""

    code: str
    name: str
    kind: str
    parent: str

    @property
    def title(self) -> str:
        """What people read: `Kab. Agam`."""
        return f"{TITLES[self.kind]} {self.name}"

    @property
    def office(self) -> str:
        """Who answers for it: `Pemerintah Kabupaten Agam`."""
        return f"{OFFICES[self.kind]} {self.name}"


class Place(NamedTuple):
    """One way to write the name of one or several regions. `cue` says what must stand before it (docs/regions.md)."""

    rest: tuple[str, ...]
    codes: tuple[str, ...]
    cue: str


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The gazetteer. `places` finds names by their first word, longest first.

    `districts` says for the whole name of a kecamatan in which kabupaten and kota there is one; `district_words` how many words the
    longest names have that begin with a word.
    """

    by_code: Mapping[str, Region]
    by_name: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[Place, ...]]
    districts: Mapping[str, tuple[str, ...]]
    district_words: Mapping[str, int]

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def __getitem__(self, code: str) -> Region:
        return self.by_code[code]

    def named(self, name: str) -> tuple[str, ...]:
        """Codes of the provinces, kabupaten and kota of that name, however spaced; empty when there is none."""
        return self.by_name.get(joined(name), ())

    def twins(self, code: str) -> tuple[str, ...]:
        """Codes of the other regions of the same name."""
        return tuple(other for other in self.by_name.get(joined(self.by_code[code].name), ()) if other != code)

    def meant(self, code: str) -> list[str]:
        """Codes that a mistyped one may stand for: Excel makes 13.1 of 13.10, and 13.01 is one slip away."""
        clean = code.strip().replace(",", ".")
        head, dot, tail = clean.partition(".")
        guesses = [clean, f"{head}.{tail}0", f"{head}.0{tail}", f"{head}.{tail[-2:]}"] if dot else [f"{clean[:2]}.{clean[2:]}", f"0{clean}"]
        return [guess for guess in dict.fromkeys(guesses) if guess in self.by_code and guess != code]


def load(csv_text: str, *, name: str = "regions.csv") -> Regions:
    """Read config/regions.csv; raises SettingsError with every problem as `file:line: what`."""
    problems: list[str] = []
    by_code: dict[str, Region] = {}
    rows: list[tuple[Region, str, str]] = []
    for line, row in _rows(csv_text, name):
        if len(row) != len(COLUMNS):
            problems.append(f"{name}:{line}: {len(row)} columns, expected {len(COLUMNS)}: {','.join(COLUMNS)}")
            continue
        code, title, kind, parent, short, cue = row
        problem = _problem(row, by_code)
        if problem:
            problems.append(f"{name}:{line}: {problem}")
            continue
        region = Region(code, title, sys.intern(kind), sys.intern(parent))  # of seven thousand rows only some hundreds differ in these
        by_code[code] = region
        if kind != "kecamatan":
            rows.append((region, short, cue))
    orphans = [region for region in by_code.values() if region.parent and region.parent not in by_code]
    problems += [f"{name}: {region.code} lies in {region.parent}, which is not there" for region in orphans]
    if not by_code and not problems:
        problems.append(f"{name}:1: no region in it")
    if problems:
        raise SettingsError(problems[:PROBLEMS_MAX])
    return _index(by_code, rows)


def _rows(csv_text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    lines = csv_text.removeprefix("\ufeff").splitlines()
    first = next((number for number, line in enumerate(lines) if line and not line.startswith("#")), len(lines))
    if first == len(lines) or tuple(lines[first].replace(";", ",").split(",")) != COLUMNS:
        raise SettingsError([f"{name}:{min(first, len(lines)) + 1}: the first row must be {','.join(COLUMNS)}"])
    reader = csv.reader(lines[first + 1 :], delimiter=";" if ";" in lines[first] else ",")
    for row in reader:
        if row:
            yield first + 1 + reader.line_num, row


def _problem(row: list[str], known: Mapping[str, Region]) -> str | None:
    code, title, kind, _, _, cue = row
    if code in known:
        return f"{code} is there twice"
    if kind not in TITLES:
        return f"kind {kind!r} is none of {', '.join(TITLES)}"
    if not words(title):
        return "the name is empty"
    return None if cue in ("", "di", "kab") else f"cue {cue!r} is neither di nor kab"


def _index(by_code: dict[str, Region], rows: list[tuple[Region, str, str]]) -> Regions:
    spelled: dict[tuple[str, ...], list[str]] = {}
    cues: dict[tuple[str, ...], str] = {}
    for region, short, cue in rows:
        for spelling in (region.name, *filter(None, short.split("|"))):
            key = tuple(words(spelling))
            spelled.setdefault(key, []).append(region.code)
            if cue or (len(key) == 1 and len(key[0]) <= 3 and key[0] in ORDINARY):
                cues[key] = cue or "kab"
    by_name: dict[str, list[str]] = {}
    for key, codes in spelled.items():
        by_name.setdefault("".join(key), []).extend(code for code in codes if code not in by_name.get("".join(key), ()))
    for name, codes in by_name.items():
        spelled.setdefault((name,), codes)
    places: dict[str, list[Place]] = {}
    for key, codes in spelled.items():
        places.setdefault(key[0], []).append(Place(key[1:], tuple(codes), cues.get(key, "")))
    districts, district_words = _districts([region for region in by_code.values() if region.kind == "kecamatan"])
    return Regions(
        by_code=by_code,
        by_name={name: tuple(codes) for name, codes in by_name.items()},
        places={first: tuple(sorted(found, key=lambda place: -len(place.rest))) for first, found in places.items()},
        districts=districts,
        district_words=district_words,
    )


def _districts(kecamatan: Sequence[Region]) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """The parents of kecamatan by joined name; and by first word the length of names that may be believed without `kec`.

    Those have several words, lie in one kabupaten only, and are of no ordinary or short words.
    """
    parents: dict[str, tuple[str, ...]] = {}
    alone: dict[str, tuple[str, ...]] = {}
    for region in kecamatan:
        name, parent = joined(region.name), region.parent
        known = parents.get(name)
        if known is None:
            parents[name] = alone.setdefault(parent, (parent,))
        elif parent not in known:
            parents[name] = (*known, parent)
    lengths: dict[str, int] = {}
    for region in kecamatan:
        key = words(region.name)
        if len(key) > 1 and len(parents["".join(key)]) == 1 and not any(word in ORDINARY or len(word) < 4 for word in key):
            lengths[key[0]] = max(lengths.get(key[0], 0), len(key))
    return parents, lengths
