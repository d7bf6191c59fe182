"""What is allowed in a routing table but should be looked at: twins, prefixes, near names, shadowed and expired rows, everyday words.

These are warnings; errors are found by parsers/routes.py and stop a load. A person reads them before every install.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from parsers.command import KINDS
from parsers.findings import Finding, warning
from parsers.routes import NUMBER_KEY, Alias, Table
from parsers.vocabulary import ORDINARY
from parsers.vocabulary_head import GREETINGS, HONORIFICS, INSTRUCTIONS

NAMED_MAX = 4  # Names in one sentence; the rest would hide them.
NEAR_FROM = 4  # Letters of a name below which everything is near.


def lint(table: Table, day: dt.date) -> list[Finding]:
    """All warnings of `table` as of `day`, in the order of its lines."""
    prefixes, near = _prefixes(table), _one_slip(table)
    found: list[Finding] = []
    for joined, aliases in table.aliases.items():
        for alias in aliases:
            if "".join(alias.keys) != joined or alias.against or alias.route.national or NUMBER_KEY in joined or _derived(alias):
                continue
            found += [*_names(table, joined, alias, near), *_readings(joined, alias), *_prefix(table, joined, alias, prefixes)]
    for route in table.routes:
        if route.valid_to is not None and route.valid_to < day:
            found.append(warning(route.line, "expired", alias="|".join(route.aliases), to=route.valid_to))
        for successor in route.successor:
            if successor.isupper() and "".join(successor.lower().split()) not in table.aliases:
                found.append(warning(route.line, "successor_unknown", successor=successor))
    return sorted(found, key=lambda finding: finding.line)


def _derived(alias: Alias) -> bool:
    """Whether the table added the spelling itself (KAB AGAM of AGAM)."""
    return len(alias.keys) > 1 and alias.keys[0] in ("kab", "kota") and not alias.text.lower().startswith(("kab", "kota", "kodya"))


def _one_slip(table: Table) -> dict[str, set[str]]:
    """The names and aliases one slip from each alias, worked out together: two such words are alike with one letter taken from either."""
    shortened: dict[str, list[str]] = {}
    for name in {*table.aliases, *table.regions.by_name}:
        if len(name) >= NEAR_FROM - 1 and NUMBER_KEY not in name:
            for form in {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}:
                shortened.setdefault(form, []).append(name)
    found: dict[str, set[str]] = {}
    for names in shortened.values():
        for name in names if len(names) > 1 else ():
            if name in table.aliases:
                found.setdefault(name, set()).update(names)
    return {name: {other for other in others if OSA.distance(name, other, score_cutoff=1) == 1} for name, others in found.items()}


def _names(table: Table, joined: str, alias: Alias, one_slip: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Twins of the region under the alias's name, and other regions' names one slip away."""
    route, regions = alias.route, table.regions
    if route.region in regions.by_name.get(joined, ()):
        others = [code for code in regions.by_name[joined] if code != route.region]
        if others:
            titles = ", ".join(regions[code].title for code in others)
            yield warning(route.line, "twin", alias=alias.text, title=regions[route.region or others[0]].title, others=titles)
    if len(joined) < NEAR_FROM:
        return
    near = [name for name in one_slip.get(joined, ()) if route.region not in _codes(table, name)]
    if near:
        yield warning(route.line, "near", alias=alias.text, other=", ".join(sorted(near)[:NAMED_MAX]))


def _readings(joined: str, alias: Alias) -> Iterator[Finding]:
    """Aliases that another part of the gateway, or an ordinary sentence, takes for itself."""
    line, text = alias.route.line, alias.text
    for words, what in ((KINDS, "a command"), (GREETINGS, "a greeting"), (HONORIFICS, "an address"), (INSTRUCTIONS, "copied instruction")):
        if joined in words:
            yield warning(line, "shadowed", alias=text, what=what)
    if len(alias.keys) == 1 and joined in ORDINARY and not alias.route.ordinary:
        yield warning(line, "ordinary", alias=text)


def _prefixes(table: Table) -> dict[str, list[str]]:
    """Which names and aliases each alias begins: the work is done once, by looking up every beginning of every name."""
    found: dict[str, list[str]] = {}
    for name in {*table.aliases, *table.regions.by_name}:
        for length in range(NEAR_FROM, len(name)):
            if name[:length] in table.aliases:
                found.setdefault(name[:length], []).append(name)
    return found


def _prefix(table: Table, joined: str, alias: Alias, prefixes: dict[str, list[str]]) -> Iterator[Finding]:
    longer = sorted(name for name in prefixes.get(joined, ()) if alias.route.region not in _codes(table, name) and NUMBER_KEY not in name)
    if longer and alias.route.region is not None:
        yield warning(alias.route.line, "prefix", alias=alias.text, longer=", ".join(longer[:NAMED_MAX]))


def _codes(table: Table, name: str) -> set[str | None]:
    """Every region that a joined name leads to or is the name of."""
    return {*table.regions.by_name.get(name, ()), *(alias.route.region for alias in table.aliases.get(name, ()))}
