"""Why a word at the head may not be the keyword it looks like, and which keyword it may be instead.

What is decided here only ever takes certainty away: rival names, everyday words, typos, joined bodies. Each answer carries the
sentence that people read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from parsers.head import Found, Head
from parsers.model import Candidate, Certainty, Decision
from parsers.routes import NATIONAL_INSTANSI, REACH_LETTERS, Alias, Table
from parsers.vocabulary import CUES, HONORIFICS, ORDINARY, OVER_DIGITS

LONGER_WORDS = 3  # Words after an alias that may make it another, longer name: TANJUNG JABUNG BARAT.
ONE_SLIP_FROM = 4  # Letters of an alias: a typo of BBM is any three letters.
TWO_SLIPS_FROM = 7  # Letters of an alias from which two slips still leave it recognisable.
RIVAL_FROM = 5  # Letters of a name that counts as nearly as near at one slip more.
SURE_FROM = 6  # Letters of a region without a keyword whose typo is worth a hint.
WORD_MAX = 32  # Letters of a first word that may be an alias with the body joined to it.
CANDIDATES_MAX = 5

HALF_ALIASES = frozenset({"halo", "hallo", "kab", "kota"})
"""Greetings and kinds that are also the first half of published keywords."""

Names = Mapping[str, int]


def rivals(table: Table, head: Head, found: Found) -> tuple[list[Candidate], str]:
    """Other regions that the words at the head may name, and why; none when the alias stands alone."""
    alias, route = found.alias, found.alias.route
    if alias.against:
        region = table.regions[alias.against]
        return [
            Candidate(region.code, region.office, alias.text)
        ], f"the words name {region.title}, the keyword {alias.text} is another region's"
    if len(route.regions) > 1:
        return [
            Candidate(code, table.regions[code].office, alias.text) for code in route.regions
        ], f"{alias.text} is used by several regions"
    if not found.exact:
        shorter = table.aliases.get(head.words[found.first], ())
        others = [other for other in shorter if other.route.region != route.region and not other.route.national]
        return _of_aliases(others), f"{alias.text} is one word; a shorter keyword stands here too"
    longer = _longer(table, head, found)
    return longer, f"{alias.text} and the words after it are also the name of another region"


def _longer(table: Table, head: Head, found: Found) -> list[Candidate]:
    """Regions whose longer name begins with the alias: BANJAR BARU, BANDUNG BARAT; and twins named by a kind behind: BANJAR KOTA."""
    region, words, last = found.alias.route.region, head.words, found.last
    if region is None:
        return []
    name = words[last - 1]
    reach = table.names_reach.get(name[:REACH_LETTERS], 0)
    for index in range(last, min(last + LONGER_WORDS, len(words))):
        if head.gap(index - 1).strip(" -\0"):
            break
        name += words[index]
        if len(name) <= reach:
            codes = table.regions.by_name.get(name, ())
            others = [alias for alias in table.aliases.get(name, ()) if alias.route.region not in (region, None)]
            if others or (codes and region not in codes):
                return _of_aliases(others) or _of_regions(table, codes, found.alias.text)
        elif index > last:
            break
        if index == last and words[index] in ("kota", "kab", "kabupaten") and region in table.regions:
            kind = "kota" if words[index] == "kota" else "kabupaten"
            twins = [code for code in table.regions.twins(region) if table.regions[code].kind == kind != table.regions[region].kind]
            if twins:
                return _of_regions(table, twins, found.alias.text)
    return _nearly_longer(table, head, found)


def _nearly_longer(table: Table, head: Head, found: Found) -> list[Candidate]:
    """The same with a typo in the rest of the name: NIAS SELTAN is not Nias. Everyday words are no typos of it unless shouted."""
    last, words = found.last, head.words
    rests = table.longer.get("".join(found.alias.keys))
    if not rests or last == len(words) or head.gap(last - 1).strip(" -\0"):
        return []
    if (words[last] in ORDINARY or words[last] in CUES) and not head.text[slice(*head.spans[last])].isupper():
        return []
    codes: list[str] = []
    for rest, others in rests:
        typed = ""
        for word in words[last : last + LONGER_WORDS]:
            typed += word
            if len(typed) >= len(rest) - 1:
                break
        slips = 2 if len(rest) >= TWO_SLIPS_FROM else 1
        if len(rest) >= ONE_SLIP_FROM and OSA.distance(typed, rest, score_cutoff=slips) <= slips:
            codes += others
    return _of_regions(table, dict.fromkeys(codes), found.alias.text)


def everyday(head: Head, found: Found) -> str:
    """Why the alias may be an everyday word here, or a person's name; empty when it is the keyword."""
    text, route, last = found.alias.text, found.alias.route, found.last
    if not found.exact:
        return f"{text} is written as one word"
    before = found.first - 1
    if before >= 0 and head.words[before] in HONORIFICS and not head.parted(before):
        return f"{text} after '{head.words[before]}' may be a person's name"
    if not route.ordinary or last == len(head.words) or head.parted(last - 1):
        return ""
    if head.words[last] in route.ordinary:
        return f"'{text} {head.words[last]}' is everyday speech; a mark after the keyword would make it one"
    return f"{text} is also an everyday word; a mark after it would make it a keyword" if "*" in route.ordinary else ""


def successors(table: Table, alias: Alias) -> tuple[Candidate, ...]:
    """Who took over from an expired or coming row: aliases of the table or offices by name; else the row's own office."""
    route, found = alias.route, []
    for successor in route.successor:
        heirs = table.aliases.get("".join(successor.lower().split()), ())
        found += _of_aliases(heirs) or [Candidate(None, successor, alias.text)]
    return tuple(found) or (Candidate(route.region, route.instansi, alias.text),)


def propose(table: Table, head: Head, at: int, day: dt.date) -> Decision | None:
    """A keyword that the first word may have meant: a slip, digits for letters, a body joined to it. None for an everyday word."""
    if at >= len(head.words):
        return None
    word = head.words[at]
    half = word in HALF_ALIASES or (at and head.words[at - 1] in HALF_ALIASES)
    if (word in ORDINARY or word in CUES) and not half:
        return None
    named = head.text[head.spans[at][0]].isupper()
    shouted = head.text[slice(*head.spans[at])].isupper()
    for spelling in _spellings(head, at):
        if spelling in table.regions.by_name:
            return None
        names = _near(table, spelling, day, shouted=shouted)
        if names:
            return _proposal(table, spelling, names, day) if named or _has_alias(table, names, day) else None
    return _joined_body(table, head, at, day)


def _spellings(head: Head, at: int) -> Iterable[str]:
    """What to look for near, the longest first: with a greeting before it or the next words behind; then alone, digits as letters."""
    word, words = head.words[at], head.words
    joined = [word]
    for index in range(at, min(at + LONGER_WORDS, len(words)) - 1):
        if not head.glued(index):
            break
        joined.append(joined[-1] + words[index + 1])
    if at and words[at - 1] in HALF_ALIASES:
        yield words[at - 1] + word
    yield from reversed(joined[1:])
    if word not in HALF_ALIASES and not word.isdigit():
        yield word
        if not word.isalpha():
            yield word.translate(OVER_DIGITS)


def _near(table: Table, spelling: str, day: dt.date, *, shouted: bool) -> Names:
    """Aliases and region names near enough to have been meant, with their distance; empty when none is an alias or long enough."""
    likely = table.nearby.likely(spelling)
    meant = {name: slips for name, slips in likely.items() if slips <= _slips_max(name) and _like(spelling, name, shouted=shouted)}
    meant = {name: slips for name, slips in meant.items() if not table.aliases.get(name) or _current(table, name, day)}
    if not meant:
        return {}
    nearest = min(meant.values())
    found = likely | table.nearby.keywords(spelling) if nearest < 2 else table.nearby.find(spelling, slips=2)
    return {name: slips for name, slips in found.items() if slips <= nearest or (slips == nearest + 1 and _rival(table, spelling, name))}


def _rival(table: Table, spelling: str, name: str) -> bool:
    """Whether a name one slip further off counts as nearly as near: long enough, and an alias or begun with the same letter."""
    return len(name) >= RIVAL_FROM and (name in table.aliases or name[0] == spelling[0])


def _slips_max(name: str) -> int:
    if len(name) < ONE_SLIP_FROM:
        return 0
    return 1 if len(name) < TWO_SLIPS_FROM or name.startswith("kab") else 2


def _like(word: str, name: str, *, shouted: bool) -> bool:
    """Whether a word looks like the name and not like a word of its own: it begins alike, or is one slip away.

    Short names need more: written in capitals, or a letter missing, swapped or doubled.
    """
    if len(name) > RIVAL_FROM:
        return word[0] == name[0] or OSA.distance(word, name, score_cutoff=1) <= 1
    return shouted or len(word) < len(name) or sorted(word) == sorted(name) or set(word) == set(name)


def _current(table: Table, name: str, day: dt.date) -> bool:
    routes = [alias.route for alias in table.aliases.get(name, ()) if not alias.route.national]
    return any((route.valid_from or day) <= day <= (route.valid_to or day) for route in routes)


def _has_alias(table: Table, names: Names, day: dt.date) -> bool:
    return any(_current(table, name, day) for name in names)


def _proposal(table: Table, spelling: str, names: Names, day: dt.date) -> Decision | None:
    ordered = sorted(names, key=lambda name: (names[name], name))
    aliases = [alias for name in ordered for alias in table.aliases.get(name, ()) if _current(table, name, day) and not alias.against]
    candidates = _of_aliases(aliases)
    known = {candidate.region for candidate in candidates}
    for name in ordered:
        if names[name] == names[ordered[0]] or candidates:
            candidates += [near for near in _of_regions(table, table.regions.by_name.get(name, ()), "") if near.region not in known]
    candidates = list(dict.fromkeys(candidates))
    if not aliases:
        if len(spelling) < SURE_FROM or names[ordered[0]] > 1:
            return None
        return _doubtful(table, Certainty.HINTED, candidates, (None, "national", "the first word is nearly the name of a region"))
    first = aliases[0]
    if len({candidate.region or candidate.instansi for candidate in candidates}) == 1:
        return _doubtful(table, Certainty.PROPOSED, candidates, (first.text, first.route.rule, f"the first word is nearly {first.text}"))
    why = "the first word is near to several names: " + ", ".join(
        candidate.keyword or candidate.instansi for candidate in candidates[:CANDIDATES_MAX]
    )
    return _doubtful(table, Certainty.AMBIGUOUS, candidates, (None, first.route.rule, why))


def _joined_body(table: Table, head: Head, at: int, day: dt.date) -> Decision | None:
    """AGAMjalan rusak: the longest alias that begins the word, when capitals end with it or an everyday word follows."""
    word = head.words[at]
    if not ONE_SLIP_FROM < len(word) <= WORD_MAX:
        return None
    original = head.text[slice(*head.spans[at])]
    for length in range(len(word) - 1, ONE_SLIP_FROM - 1, -1):
        if word[:length] not in table.aliases or not _current(table, word[:length], day):
            continue
        turns = len(original) == len(word) and original[:length].isupper() and original[length:].islower() and len(word) - length > 3
        if turns or (word[length:] in ORDINARY and len(word) - length > 2):
            alias = table.aliases[word[:length]][0]
            why = f"the first word begins with {alias.text}; a blank may be missing"
            return _doubtful(table, Certainty.PROPOSED, _of_aliases([alias]), (alias.text, alias.route.rule, why))
    return None


def _doubtful(table: Table, certainty: Certainty, candidates: list[Candidate], rest: tuple[str | None, str, str]) -> Decision:
    keyword, rule, why = rest
    region = candidates[0].region if len(candidates) == 1 else None
    return Decision(
        certainty, region, NATIONAL_INSTANSI, None, keyword, rule, table.version, (0, 0), why, tuple(candidates[:CANDIDATES_MAX])
    )


def _of_aliases(aliases: Iterable[Alias]) -> list[Candidate]:
    return [Candidate(alias.route.region, alias.route.instansi, alias.text) for alias in aliases]


def _of_regions(table: Table, codes: Iterable[str], keyword: str) -> list[Candidate]:
    return [Candidate(code, table.regions[code].office, keyword) for code in codes]
