"""Why a word at the head may not be the keyword it looks like, and which keyword it may be instead.

What is decided here only ever takes certainty away: rival names, typos, joined bodies. Each answer carries the
sentence that people read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import OSA

from parsers.head import Found, Head, emphasised
from parsers.model import Candidate, Certainty, Decision
from parsers.routes import KIND_WORDS, NATIONAL_INSTANSI, REACH_LETTERS, Alias, Table
from parsers.text import BLANK
from parsers.vocabulary import CUES, NEAR_NAMES, ORDINARY, OVER_DIGITS
from parsers.vocabulary_head import BEGINNINGS, EVERYDAY_NAMES, FIXED, LINKS, PAIRS, PLAIN

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
        return [*_of_aliases(table, [alias]), *_nearly_longer(table, head, found)], f"{alias.text} is used by several regions"
    if not found.exact:
        shorter = table.aliases.get(head.words[found.first], ())
        others = [other for other in shorter if other.route.region != route.region and not other.route.national]
        return _of_aliases(table, others), f"{alias.text} is one word; a shorter keyword stands here too"
    return _in_company(table, head, found) if found.last < len(head.words) else ([], "")


def _in_company(table: Table, head: Head, found: Found) -> tuple[list[Candidate], str]:
    """Other regions that the alias and the words behind it may name."""
    alias, word = found.alias, head.words[found.last]
    if word in PLAIN and found.last == found.first + 1:
        return [], ""
    mark = head.gap(found.last - 1).strip(BLANK)
    linked = _linked(table, head, found, mark) if mark or word in LINKS or word in table.regions.places else []
    if linked or mark.strip("-."):
        return linked, f"{alias.text} and another region are named together"
    within = _shorter(table, head, found)
    if within:
        return within, f"the last word of {alias.text} may belong to the text"
    longer = _longer(table, head, found) or _kecamatan(table, head, found) or _mistyped_kind(table, head, found)
    return longer, f"{alias.text} and the words after it are also the name of another region" if longer else ""


def _linked(table: Table, head: Head, found: Found, mark: str) -> list[Candidate]:
    """Other regions named in one breath with the alias: SUBANG - BANDUNG, *Jember ke Lumajang*, SIDOARJO, GRESIK dan LAMONGAN."""
    last, words, own = found.last, head.words, found.alias.route.region
    if own is None or (mark and (mark not in "-/," or words[last] in BEGINNINGS)):
        return []
    shouted = emphasised(head, found.first, last)
    if not mark:
        return _strange(table, own, _name_at(table, head, last + (words[last] in LINKS), shouted=shouted)[0])
    codes, end = _name_at(table, head, last, shouted=shouted)
    if mark == "," and not (end < len(words) and (words[end] in LINKS or head.gap(end - 1).strip() == ",")):
        return []
    return _strange(table, own, codes)


def _name_at(table: Table, head: Head, at: int, *, shouted: bool) -> tuple[tuple[str, ...], int]:
    """The codes of the longest region's name that begins at a word, and where it ends; an everyday one only when written like a name."""
    for end in range(min(at + LONGER_WORDS, len(head.words)), at, -1):
        codes = table.regions.by_name.get("".join(head.words[at:end]))
        if codes:
            typed = head.text[slice(*head.span(at))]
            name = typed.isupper() if shouted else typed[0].isupper()
            return (codes, end) if name or "_".join(head.words[at:end]) not in EVERYDAY_NAMES else ((), at)
    return (), at


def _strange(table: Table, own: str, codes: Sequence[str]) -> list[Candidate]:
    """The regions that are neither one's own nor above or below it."""
    if any(code.startswith(own) or own.startswith(code) for code in codes):
        return []
    return _of_regions(table, codes, "")


def _shorter(table: Table, head: Head, found: Found) -> list[Candidate]:
    """Regions of a shorter name where the last word may be of the text: BUTON *tengah malam*, ACEH BARAT *daya listrik*."""
    first, last, words = found.first, found.last, head.words
    if last - first < 2 or last == len(words) or head.parted(last - 1):
        return []
    shorter = table.aliases.get("".join(words[first : last - 1]), ())
    others = [alias for alias in shorter if not alias.route.national and alias.route.region != found.alias.route.region]
    if not others:
        return []
    pair = words[last] in PAIRS.get(words[last - 1], ())
    turned = head.text[slice(*head.span(last - 1))].islower() and emphasised(head, first, last - 1)
    if (turned and (pair or words[last] not in BEGINNINGS)) or (pair and words[last] in FIXED and not emphasised(head, first, last)):
        return _of_aliases(table, others)
    return []


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
                return _of_aliases(table, others) or _of_regions(table, codes, found.alias.text)
        elif index > last:
            break
        if index == last and words[index] in ("kota", "kab", "kabupaten") and region in table.regions:
            kind = "kota" if words[index] == "kota" else "kabupaten"
            twins = [code for code in table.regions.twins(region) if table.regions[code].kind == kind != table.regions[region].kind]
            if twins:
                return _of_regions(table, twins, found.alias.text)
    return _nearly_longer(table, head, found)


def _kecamatan(table: Table, head: Head, found: Found) -> list[Candidate]:
    """Where the kecamatan lies whose name begins with the alias: BATANG ANAI is in Padang Pariaman, SIAK HULU in Kampar."""
    region, words, last = found.alias.route.region, head.words, found.last
    if words[last] in PLAIN:
        return []
    name = "".join(words[found.first : last + 1])
    parents = table.regions.districts.get(name)
    if parents is None and last + 1 < len(words):
        parents = table.regions.districts.get(name + words[last + 1])
    if not parents or region is None or any(parent.startswith(region) for parent in parents):
        return []
    return _of_regions(table, parents, found.alias.text)


def _nearly_longer(table: Table, head: Head, found: Found) -> list[Candidate]:
    """The same with a typo in the rest of the name: NIAS SELTAN is not Nias. Everyday words are no typos of it unless shouted."""
    last, words = found.last, head.words
    rests = table.longer.get("".join(found.alias.keys))
    if not rests or last == len(words) or head.gap(last - 1).strip(" -\0"):
        return []
    joined = _with_a_body(words[last : last + LONGER_WORDS], rests)
    if joined:
        return _of_regions(table, joined, found.alias.text)
    if (words[last] in ORDINARY or words[last] in CUES) and not head.text[slice(*head.span(last))].isupper():
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


def _with_a_body(words: Sequence[str], rests: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """The regions of the longest name whose last word has the body joined to it: BANGGAI LAUTpuskesmas is not Banggai."""
    best = 0
    regions: tuple[str, ...] = ()
    for rest, codes in rests:
        typed = ""
        for word in words:
            typed += word
            if len(typed) > len(rest):
                break
        if len(rest) > best and typed.startswith(rest) and len(rest) >= ONE_SLIP_FROM and word not in ORDINARY and word not in CUES:
            best, regions = len(rest), codes
    return regions


def _mistyped_kind(table: Table, head: Head, found: Found) -> list[Candidate]:
    """KSB TEGAL: a short alias one slip from `kab` or `kota` before the name of another region, or one of its own."""
    last, words = found.last, head.words
    if last != found.first + 1 or last == len(words) or not head.glued(found.first):
        return []
    codes = table.regions.by_name.get(words[last])
    name = words[found.first]
    if not codes or found.alias.route.region in codes or all(OSA.distance(name, kind, score_cutoff=1) > 1 for kind in ("kab", "kota")):
        return []
    return _of_regions(table, codes, found.alias.text)


def successors(table: Table, alias: Alias) -> tuple[Candidate, ...]:
    """Who took over from an expired or coming row: aliases of the table or offices by name; else the row's own office."""
    route, found = alias.route, []
    for successor in route.successor:
        heirs = table.aliases.get("".join(successor.lower().split()), ())
        found += _of_aliases(table, heirs) or [Candidate(None, successor, alias.text)]
    return tuple(found) or (Candidate(route.region, route.instansi, alias.text),)


def propose(table: Table, head: Head, at: int, day: dt.date) -> Decision | None:
    """A keyword that the first word may have meant: a slip, digits for letters, a body joined to it. None for an everyday word."""
    if at >= len(head.words):
        return None
    word = head.words[at]
    for count in range(LONGER_WORDS + 1, 1, -1):
        found = _joined_body(table, head, at, day, words=count)
        if found is not None:
            return found
    half = word in HALF_ALIASES or (at and head.words[at - 1] in HALF_ALIASES)
    shouted = head.text[slice(*head.span(at))].isupper()
    if (word in ORDINARY or word in CUES) and not half and not (word in NEAR_NAMES and shouted and not head.text.isupper()):
        return _second_slipped(table, head, at, day)
    named = head.text[head.span(at)[0]].isupper()
    nearest: tuple[str, Names] | None = None
    for spelling in _spellings(head, at):
        if spelling in table.regions.by_name and spelling not in table.aliases:
            if nearest is None:
                return None
            break
        names = _near(table, spelling, day, shouted=shouted)
        if names and (nearest is None or min(names.values()) < min(nearest[1].values())):
            nearest = spelling, names
    if nearest is not None:
        return _proposal(table, *nearest, day) if named or _has_alias(table, nearest[1], day) else None
    return _joined_body(table, head, at, day, words=1)


def _second_slipped(table: Table, head: Head, at: int, day: dt.date) -> Decision | None:
    """TANAH BBUMBU: an everyday word that begins a name, and one slip in what is no everyday word behind it."""
    words = head.words
    if at + 1 == len(words) or words[at + 1] in ORDINARY or words[at + 1] in CUES or not head.glued(at):
        return None
    if len(words[at]) >= table.names_reach.get(words[at][:REACH_LETTERS], 0):
        return None
    for spelling in _spellings(head, at, alone=False):
        names = {name: slips for name, slips in table.nearby.likely(spelling).items() if slips < 2 and name.startswith(words[at])}
        if names and _has_alias(table, names, day):
            return _proposal(table, spelling, names, day)
    return None


def _spellings(head: Head, at: int, *, alone: bool = True) -> Iterable[str]:
    """What to look for near, the longest first: with a greeting before it or the next words behind; then alone, digits as letters."""
    word, words = head.words[at], head.words
    joined = [word]
    for index in range(at, min(at + LONGER_WORDS, len(words)) - 1):
        if not head.glued(index):
            break
        joined.append(joined[-1] + words[index + 1])
    if at and words[at - 1] in HALF_ALIASES:
        yield words[at - 1] + word
    for spelling in reversed(joined[1:]):
        yield spelling
        if not spelling.isalpha() and not spelling.isdigit():
            yield spelling.translate(OVER_DIGITS)
    if alone and word not in HALF_ALIASES and not word.isdigit():
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
    candidates = _of_aliases(table, aliases)
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


def _joined_body(table: Table, head: Head, at: int, day: dt.date, *, words: int) -> Decision | None:
    """AGAMjalan rusak: the longest alias that ends within the last of `words` words.

    Only when capitals end with it, or an everyday word follows.
    """
    last = at + words - 1
    if last >= len(head.words):
        return None
    before, word = (
        "".join([KIND_WORDS.get(head.words[at], head.words[at]), *head.words[at + 1 : last]]) if words > 1 else "",
        head.words[last],
    )
    if len(before) >= table.reach.get((before + word)[:REACH_LETTERS], 0) or len(before + word) <= ONE_SLIP_FROM or len(word) > WORD_MAX:
        return None
    original = head.text[slice(*head.span(last))]
    for length in range(len(word) - 1, max(ONE_SLIP_FROM - len(before), 2) - 1, -1):
        name, body = before + word[:length], word[length:]
        if name not in table.aliases or not _current(table, name, day):
            continue
        turns = len(original) == len(word) and original[:length].isupper() and original[length:].islower() and len(body) > 2
        if turns or (body in ORDINARY and len(body) > 2):
            return _with_blank(table, [alias for alias in table.aliases[name] if not alias.against] or table.aliases[name])
    return None


def _with_blank(table: Table, aliases: Sequence[Alias]) -> Decision:
    """What an alias with the body joined to it proposes: its region, or all of its regions."""
    alias = aliases[0]
    candidates = _of_regions(table, [alias.against], alias.text) if alias.against else _of_aliases(table, [alias])
    certainty = Certainty.PROPOSED if len(candidates) == 1 else Certainty.AMBIGUOUS
    why = f"the text begins with {alias.text}; a blank may be missing"
    return _doubtful(table, certainty, candidates, (alias.text, alias.route.rule, why))


def _doubtful(table: Table, certainty: Certainty, candidates: list[Candidate], rest: tuple[str | None, str, str]) -> Decision:
    keyword, rule, why = rest
    region = candidates[0].region if len(candidates) == 1 else None
    return Decision(
        certainty, region, NATIONAL_INSTANSI, None, keyword, rule, table.version, (0, 0), why, tuple(candidates[:CANDIDATES_MAX])
    )


def _of_aliases(table: Table, aliases: Iterable[Alias]) -> list[Candidate]:
    found: list[Candidate] = []
    for alias in aliases:
        route = alias.route
        several = len(route.regions) > 1
        found += (
            [Candidate(code, table.regions[code].office, alias.text) for code in route.regions]
            if several
            else [Candidate(route.region, route.instansi, alias.text)]
        )
    return found


def _of_regions(table: Table, codes: Iterable[str], keyword: str) -> list[Candidate]:
    return [Candidate(code, table.regions[code].office, keyword) for code in codes]
