"""The routing table: which alias belongs to which region, instansi and unit, and from when to when.

A table is read once, checked whole and compiled for parsers/keyword.py; after that it never changes. Every decision names its
row (`routes.csv:12`) and the table's version, a hash of its text. Columns and their meaning: docs/routing.md.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parsers.errors import SettingsError
from parsers.findings import Finding, error
from parsers.model import Certainty, Decision
from parsers.near import Nearby
from parsers.regions import Regions
from parsers.text import words

REQUIRED = ("alias", "region", "instansi")
OPTIONAL = ("name", "unit", "valid_from", "valid_to", "successor", "ordinary", "oversight", "owner", "approver", "note")
ROWS_MAX = 20_000  # Ours: four times the aliases a nation of 514 regions would publish; above it somebody took the wrong file.
CHARACTERS_MAX = 8_000_000  # Ours: ROWS_MAX rows of 400 characters.
FINDINGS_MAX = 200  # Ours: what a person reads of a file that is wrong throughout.
ALIAS_WORDS_MAX = 6  # Ours: the longest published alias has two; a phrase of seven is a sentence.
NAME_MAX = 37  # Characters: `Kab. Kepulauan Siau Tagulandang Biaro`, for which the one-SMS replies are measured.
NATIONAL_NAME = "Admin Nasional"
NATIONAL_INSTANSI = "Admin Nasional SP4N-LAPOR!"
REACH_LETTERS = 3  # Ours: of Indonesian words about one in five begins like some alias.
NUMBER_WORD = "<nomor>"
NUMBER_KEY = "\1"  # What a number is in a joined alias: never part of a word.
SMS_NAME = re.compile(r"[A-Za-z0-9 .,'()/&+-]*")
KIND_WORDS = {
    "kabupaten": "kab",
    "kabupten": "kab",
    "kotamadya": "kota",
    "kodya": "kota",
    "pemkab": "kab",
    "pemkot": "kota",
    "pemko": "kota",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One row: where its aliases lead. Several `regions` mean that both use the alias; no region and no instansi, the nation."""

    line: int
    rule: str
    aliases: tuple[str, ...]
    regions: tuple[str, ...]
    instansi: str
    name: str
    unit: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    successor: tuple[str, ...] = ()
    ordinary: frozenset[str] = frozenset()
    oversight: str | None = None
    owner: str = ""
    approver: str = ""
    note: str = ""

    @property
    def region(self) -> str | None:
        """The one region it leads to."""
        return self.regions[0] if len(self.regions) == 1 else None

    @property
    def national(self) -> bool:
        """Whether it is a word for the service itself (LAPOR), after which a regional alias may come."""
        return not self.regions and not self.instansi

    def meets(self, other: Route) -> bool:
        """Whether both are valid on some day."""
        return not (_before(self.valid_to, other.valid_from) or _before(other.valid_to, self.valid_from))


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write a keyword. `keys` are its words; `spellings` other blanks that mean the same (KULON PROGO).

    `against` is the code of the region that this spelling really names (KOTA BANJAR, where BANJAR is the kabupaten's).
    """

    text: str
    keys: tuple[str, ...]
    route: Route
    spellings: frozenset[tuple[str, ...]] = frozenset()
    against: str | None = None


@dataclass(frozen=True, slots=True)
class UnitWord:
    """A unit below a region, named by a word in the body (AGAM+PDAM)."""

    keys: tuple[str, ...]
    route: Route


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A routing table, compiled. `aliases` is keyed by the joined spelling; several entries are for different days.

    `longer` holds for the joined aliases that begin the name of another region what is missing of it, and its codes. `reach` says
    how long the aliases get that begin with some letters (three, or fewer), `names_reach` the same with the names of regions: a word
    of which neither knows the beginning needs no further look.
    """

    name: str
    version: str
    routes: tuple[Route, ...]
    by_rule: Mapping[str, Route]
    regions: Regions
    aliases: Mapping[str, tuple[Alias, ...]]
    units: Mapping[str, tuple[UnitWord, ...]]
    longer: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    reach: Mapping[str, int]
    names_reach: Mapping[str, int]
    words_max: int
    nearby: Nearby = field(repr=False)

    def name_of(self, decision: Decision) -> str:
        """What citizens and the core read for where a decision leads; at most NAME_MAX characters of one SMS's alphabet."""
        route = self.by_rule.get(decision.rule) if decision.certainty is Certainty.EXPLICIT else None
        return route.name if route else NATIONAL_NAME


def load(csv_text: str, *, regions: Regions, name: str) -> Table:
    """Read, check and compile a table; raises SettingsError with every problem as `file:line: what`."""
    table, findings = check(csv_text, regions=regions, name=name)
    if table is None:
        raise SettingsError([finding.sentence(name) for finding in findings])
    return table


def check(csv_text: str, *, regions: Regions, name: str) -> tuple[Table | None, list[Finding]]:
    """The same without raising: the table, or None and what is wrong with it, in the order of the lines."""
    findings: list[Finding] = []
    routes = [_route(line, cells, name, regions, findings) for line, cells in _rows(csv_text, findings)]
    if not routes and not findings:
        findings.append(error(1, "empty"))
    aliases = _aliases(routes, regions, findings)
    units = _units(routes, aliases, findings)
    if findings:
        return None, sorted(findings, key=lambda finding: finding.line)[:FINDINGS_MAX]
    version = hashlib.sha256(csv_text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    longest = max((len(alias.keys) for found in aliases.values() for alias in found), default=1)
    by_rule = {route.rule: route for route in routes}
    return Table(
        name,
        version,
        tuple(routes),
        by_rule,
        regions,
        aliases,
        units,
        _longer(aliases, regions),
        reach=_reach(aliases),
        names_reach=_reach([*aliases, *regions.by_name]),
        words_max=longest + 2,
        nearby=Nearby(regions.by_name, [joined for joined in aliases if NUMBER_KEY not in joined]),
    ), []


def _reach(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        for letters in range(1, REACH_LETTERS + 1):
            found[name[:letters]] = max(found.get(name[:letters], 0), len(name))
    return found


def _longer(aliases: Mapping[str, tuple[Alias, ...]], regions: Regions) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """What makes another region's name of an alias: `selatan` of NIAS, `baru` of BANJAR."""
    codes = {name: set(found) for name, found in regions.by_name.items()}
    for name, found in aliases.items():
        codes.setdefault(name, set()).update(code for alias in found for code in alias.route.regions)
    longer: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, own in codes.items():
        for length in range(2, len(name)):
            if name[:length] in aliases:
                other = own - {code for alias in aliases[name[:length]] for code in alias.route.regions}
                longer.setdefault(name[:length], []).extend([(name[length:], tuple(sorted(other)))] * bool(other))
    return {name: tuple(found) for name, found in longer.items() if found}


def decode(octets: bytes, *, name: str) -> str:
    """Read a table's file as UTF-8, with or without a byte order mark; raises SettingsError with the line that is not."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = octets[: problem.start].count(b"\n") + 1
        why = "UTF-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else f"octet 0x{octets[problem.start]:02X}, perhaps Windows-1252"
        raise SettingsError([error(line, "encoding", why=why).sentence(name)]) from None


def _rows(csv_text: str, findings: list[Finding]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and named cells of each row; what cannot be read goes to `findings`."""
    if len(csv_text) > CHARACTERS_MAX:
        findings.append(error(1, "too_long", limit=ROWS_MAX))
        return
    lines = csv_text.removeprefix("\ufeff").splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip('"').startswith("#")), len(lines))
    if first == len(lines):
        findings.append(error(1, "empty"))
        return
    separator = ";" if lines[first].count(";") > lines[first].count(",") else ","
    header = [cell.strip().strip('"').lower() for cell in lines[first].split(separator)]
    if not _header(first + 1, header, findings):
        return
    reader = csv.reader(lines[first + 1 :], delimiter=separator, strict=True)
    try:
        for count, cells in enumerate(reader):
            line = first + 1 + reader.line_num
            if count >= ROWS_MAX:
                findings.append(error(line, "too_long", limit=ROWS_MAX))
                return
            if not any(cells) or cells[0].startswith("#"):
                continue
            if "\ufffd" in "".join(cells):
                findings.append(error(line, "encoding", why="U+FFFD in it"))
            elif len(cells) != len(header):
                findings.append(error(line, "cells", count=len(cells), expected=len(header)))
            else:
                yield line, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as problem:
        findings.append(error(first + 1 + reader.line_num, "csv", why=str(problem)))


def _header(line: int, header: list[str], findings: list[Finding]) -> bool:
    known = (*REQUIRED, *OPTIONAL)
    found = [error(line, "column_missing", column=column) for column in REQUIRED if column not in header]
    found += [error(line, "column_unknown", column=column, known=", ".join(known)) for column in header if column not in known]
    found += [error(line, "column_twice", column=column) for column in known if header.count(column) > 1]
    findings.extend(found)
    return not found


def _route(line: int, cells: Mapping[str, str], name: str, regions: Regions, findings: list[Finding]) -> Route:
    get = cells.get
    codes = _split(get("region", ""))
    for code in codes:
        if code not in regions:
            meant = " or ".join(f"{guess} {regions[guess].name}" for guess in regions.meant(code))
            findings.append(error(line, "region_unknown", region=code, meant=f"; meant {meant}?" if meant else ""))
    first = regions[codes[0]] if codes and codes[0] in regions else None
    instansi = get("instansi", "") or (first.office if first and len(codes) == 1 else "")
    if get("unit") and not instansi:
        findings.append(error(line, "instansi_missing"))
    title = get("name", "") or (first.title if first else instansi or NATIONAL_NAME)
    if len(title) > NAME_MAX:
        findings.append(error(line, "name_long", name=title, count=len(title), limit=NAME_MAX))
    if not SMS_NAME.fullmatch(title):
        findings.append(error(line, "name_letters", name=title))
    start, end = (_date(line, column, get(column, ""), findings) for column in ("valid_from", "valid_to"))
    if start and end and end < start:
        findings.append(error(line, "dates_backwards", to=end, start=start))
    return Route(
        line=line,
        rule=f"{name}:{line}",
        aliases=tuple(_split(cells["alias"])),
        regions=tuple(codes),
        instansi=instansi or NATIONAL_INSTANSI * bool(codes),
        name=title,
        unit=get("unit") or None,
        valid_from=start,
        valid_to=end,
        successor=tuple(_split(get("successor", ""))),
        ordinary=frozenset(word.lower() for word in _split(get("ordinary", ""))),
        oversight=get("oversight") or None,
        owner=get("owner", ""),
        approver=get("approver", ""),
        note=get("note", ""),
    )


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _date(line: int, column: str, value: str, findings: list[Finding]) -> dt.date | None:
    """Read `2026-12-31`, or `31/12/2026` as an Indonesian spreadsheet writes it."""
    if not value:
        return None
    day_first = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", value)
    try:
        if day_first:
            day, month, year = map(int, day_first.groups())
            return dt.date(year, month, day)
        return dt.date.fromisoformat(value)
    except ValueError:
        findings.append(error(line, "date", column=column, value=value))
        return None


def _before(end: dt.date | None, start: dt.date | None) -> bool:
    return end is not None and start is not None and end < start


def keys_of(alias: str) -> tuple[str, ...]:
    """The words of an alias as the engine compares them: `KAB. NGANJUK` gives kab, nganjuk."""
    head, numbered, rest = alias.partition(NUMBER_WORD)
    keys = [KIND_WORDS.get(word, word) for word in words(head)]
    return (*keys, NUMBER_KEY, *words(rest)) if numbered else tuple(keys)


def _aliases(routes: Sequence[Route], regions: Regions, findings: list[Finding]) -> dict[str, tuple[Alias, ...]]:
    found: dict[str, tuple[Alias, ...]] = {}
    for route in routes:
        if not route.aliases:
            findings.append(error(route.line, "alias_empty"))
        for text in (alias for alias in route.aliases if "+" not in alias):
            keys = keys_of(text)
            why = _unusable(keys, route)
            if why:
                findings.append(error(route.line, "alias_unusable", alias=text, why=why))
                continue
            joined = "".join(keys)
            rival = next((other for other in found.get(joined, ()) if other.route.meets(route)), None)
            if rival and rival.route is not route:
                findings.append(error(route.line, "alias_twice", alias=text, other=rival.route.line))
            if rival:
                continue
            found[joined] = (*found.get(joined, ()), Alias(text, keys, route, _spellings(joined, route, regions)))
    _add_kinds(found, regions)
    return found


def _add_kinds(found: dict[str, tuple[Alias, ...]], regions: Regions) -> None:
    for joined, aliases in list(found.items()):
        for derived in (derived for alias in aliases for derived in _with_kind(joined, alias, regions)):
            key = "".join(derived.keys)
            if not any(other.route.meets(derived.route) for other in found.get(key, ())):
                found[key] = (*found.get(key, ()), derived)


def _unusable(keys: tuple[str, ...], route: Route) -> str | None:
    if not keys or keys == (NUMBER_KEY,):
        return "has no letter or digit"
    if len(keys) > ALIAS_WORDS_MAX:
        return f"has more than {ALIAS_WORDS_MAX} words"
    if len("".join(keys)) < 2:
        return "is a single character"
    return "is a number" if "".join(keys).isdigit() and not route.national else None


def _spellings(joined: str, route: Route, regions: Regions) -> frozenset[tuple[str, ...]]:
    """Other blanks that mean the same without doubt: those of the region's names, and the kind parted from the official one."""
    if route.region is None or route.region not in regions:
        return frozenset()
    region = regions[route.region]
    name = tuple(words(region.name))
    kind = "kota" if region.kind == "kota" else "kab"
    forms = (name, (kind, *name), (*name, kind), ("".join(name), kind), (kind, "".join(name)))
    others = (
        (joined[:letters], *place.rest)
        for letters in range(2, len(joined))
        if joined[:letters] not in regions.by_name  # BANJAR BARU may be Banjar
        for place in regions.places.get(joined[:letters], ())
        if route.region in place.codes
    )
    return frozenset(form for form in (*forms, *others) if "".join(form) == joined)


def _with_kind(joined: str, alias: Alias, regions: Regions) -> Iterator[Alias]:
    """`KAB AGAM` for an AGAM that is the kabupaten's, and a warning post at `KOTA BANJAR` where BANJAR is not the kota's."""
    code = alias.route.region
    if code is None or code not in regions or joined not in regions.by_name or code not in regions.by_name[joined]:
        return
    kinds = {"kabupaten": "kab", "kota": "kota"}
    if regions[code].kind in kinds:
        yield Alias(alias.text, (kinds[regions[code].kind], *alias.keys), alias.route)
    for other in regions.by_name[joined]:
        kind = kinds.get(regions[other].kind)
        if kind and other != code and regions[other].kind != regions[code].kind:
            yield Alias(alias.text, (kind, *alias.keys), alias.route, against=other)


def _units(routes: Sequence[Route], aliases: Mapping[str, tuple[Alias, ...]], findings: list[Finding]) -> dict[str, tuple[UnitWord, ...]]:
    units: dict[str, tuple[UnitWord, ...]] = {}
    for route in routes:
        for text in route.aliases:
            head, plus, unit = text.partition("+")
            joined = "".join(keys_of(head))
            if plus and joined not in aliases:
                findings.append(error(route.line, "unit_lost", alias=text, head=head.strip()))
            elif plus:
                units[joined] = (*units.get(joined, ()), UnitWord(tuple(words(unit)), route))
    return units
