"""Hints: what a text says besides its keyword. Regions, addresses, dates, topic, kind of report, wishes, personal numbers, dangers.

One pass over the words with look-ups in tables; positions are worked out only for texts that need them. Hints never decide over a
keyword. Those that protect the citizen (rahasia, oversight, personal numbers) rather find too much than too little.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parsers import company, language
from parsers.company import Hits
from parsers.model import Classification, Hints
from parsers.regions import Regions
from parsers.text import WORDS_MAX, Shadow, shadow_of
from parsers.topics import NO_TOPICS, Topics
from parsers.vocabulary import CUES, ORDINARY, PERSONAL_NUMBERS, Cue

CHARACTERS_MAX = WORDS_MAX * 16  # Ours: as far as figures are looked for; no text of that many words is longer.
REGIONS_MAX = 6  # Ours: a text that names more names none.
PLACES_MAX = 6
DATES_MAX = 4
PLACE_WORDS = 3  # Words after `jl` or `desa` that belong to the name.
ASKED_WORDS = 3  # How far from the beginning a question stands that has no question mark.

RT_RW = re.compile(
    r"(?<![^\W_])(?:rt|rw|rt ?/ ?rw)[ .:]*\d{1,3}(?: ?/ ?(?:rw[ .:]*)?\d{1,3})?(?!\d)|(?<![^\W_])km[ .]*\d{1,4}(?:[.,]\d)?(?!\d)"
)
DAY = re.compile(r"(?<![^\W_])(?:0?[1-9]|[12]\d|3[01])([/-])(?:0?[1-9]|1[0-2])(?:\1(?:20)?\d\d)?(?![\d/-])")
CLOCK = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-4])[.:][0-5]\d(?![\d.])(?: *(?:wib|wita|wit)(?![^\W_]))?")
LONG_FROM = 10
LONG_NUMBER = re.compile(r"\d(?:[ .-]?[\dx*]){9,19}")
"""Ten to twenty digits, in groups or not, perhaps with the last ones hidden by x."""

SHORT_NUMBER = re.compile(r"(?<!\d)\d{6,9}(?!\d)")
AMOUNT = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
"""A sum of money by its groups: 1.250.000.000 is no account."""

CUSTOMER_BEFORE = 20
"""Characters before a number in which *pelanggan* makes it a customer number of PLN or PDAM, which tells nobody who it is."""

MOBILE = re.compile(r"(?:\+?62|0)8\d(?:[ .-]?\d){6,10}")
TIMES = frozenset({Cue.DATE, Cue.SPAN, Cue.WHEN})
REGION_CUES: dict[Cue | None, str] = {Cue.OFFICE: "kab", Cue.CITY: "kab", Cue.PROVINCE: "kab", Cue.AT: "di"}
KINDS: dict[Cue | None, str] = {Cue.CITY: "kota", Cue.PROVINCE: "provinsi"}
LANGUAGES = (Cue.JAVANESE, Cue.SUNDANESE, Cue.MINANG)
KABUPATEN = frozenset({"kab", "kabupaten", "kabupten", "pemkab", "bupati", "wabup"})

Weights = tuple[tuple[str, int], ...]


class Entry(NamedTuple):
    """What one word may begin or mean. `codes` are those of a name that nothing beside it can change."""

    cue: Cue | None
    codes: tuple[str, ...]
    region: bool
    district: bool
    topics: Weights
    pairs: Mapping[str, Weights] | None


def read(text: str | Shadow, regions: Regions, topics: Topics = NO_TOPICS) -> Hints:
    """Collect the hints of `text`, keyword included; never raises, whatever the text."""
    shadow = shadow_of(text)
    words = shadow.words
    hits, named, score = _pass(words, regions, topics)
    districts = [code for at in hits[Cue.DISTRICT] for code in _district(words, at + 1, regions)] if Cue.DISTRICT in hits else ()
    places = _places(shadow, hits) if Cue.ADDRESS in hits or Cue.DISTRICT in hits else []
    dates = _dates(shadow, hits) if Cue.DATE in hits or (shadow.digits and Cue.SPAN in hits) else []
    identifiers: tuple[str, ...] = ()
    if shadow.digits:
        places += _numbered_places(shadow)
        dates += _numbered_dates(shadow, places, dates)
        identifiers = _identifiers(shadow, hits)
    secrets = company.private(words, hits) if Cue.PRIVATE in hits else []
    wants_anonim = (Cue.ANONIM in hits and company.secret(words, hits[Cue.ANONIM])) or company.nameless(words, hits, secrets)
    return Hints(
        _regions(named, districts, regions) if named or districts else (),
        tuple(dict.fromkeys(places))[:PLACES_MAX] if places else (),
        tuple(dict.fromkeys(dates))[:DATES_MAX] if dates else (),
        identifiers,
        company.dangers(words, hits) if Cue.DANGER in hits or Cue.PERIL in hits else (),
        _topic(score) if score else None,
        _classification(hits, shadow.folded),
        (Cue.OVERSIGHT in hits and company.told(words, hits[Cue.OVERSIGHT])) or company.abuse(shadow, hits),
        wants_anonim
        or bool(secrets)
        or (Cue.KNOW in hits and Cue.HIDE in hits and company.untold(words, hits))
        or (Cue.RAHASIA in hits and company.secret(words, hits[Cue.RAHASIA]))
        or (Cue.FEAR in hits and company.afraid(words, hits[Cue.FEAR])),
        wants_anonim,
        language.of(words),
    )


def _pass(words: Sequence[str], regions: Regions, topics: Topics) -> tuple[Hits, list[tuple[str, ...]], dict[str, int]]:
    """Look every word up once: the cues and where they stand, the codes that names may mean, and the weight of each topic."""
    hits: Hits = {}
    named: list[tuple[str, ...]] = []
    score: dict[str, int] = {}
    for at, entry in enumerate(map(_lexicon(regions, topics).get, words)):
        if entry is None:
            continue
        cue, codes, region, district, weights, pairs = entry
        if cue is not None:
            if cue in hits:
                hits[cue].append(at)
            else:
                hits[cue] = [at]
        if region or district:
            codes = codes or (_named(words, at, regions) if region else ()) or (_free_district(words, at, regions) if district else ())
            if codes:
                named.append(codes)
        for topic, weight in weights:
            score[topic] = score.get(topic, 0) + weight
        if pairs is not None and at + 1 < len(words):
            for topic, weight in pairs.get(words[at + 1], ()):
                score[topic] = score.get(topic, 0) + weight
    return hits, named, score


@functools.lru_cache(maxsize=2)
def _lexicon(regions: Regions, topics: Topics) -> Mapping[str, Entry]:
    """All that is known of each word in one table, so that a word costs one look-up; equal entries are one."""
    known = {*CUES, *regions.places, *regions.district_words, *topics.single, *topics.pairs}
    shared: dict[tuple[object, ...], Entry] = {}
    lexicon: dict[str, Entry] = {}
    for word in known:
        places, pairs = regions.places.get(word, ()), topics.pairs.get(word)
        settled = len(places) == 1 and len(places[0].codes) == 1 and not places[0].rest and not places[0].cue
        codes = places[0].codes if settled else ()
        entry = Entry(CUES.get(word), codes, bool(places), word in regions.district_words, topics.single.get(word, ()), pairs)
        lexicon[word] = entry if pairs else shared.setdefault(entry, entry)
    return lexicon


def _named(words: Sequence[str], at: int, regions: Regions) -> tuple[str, ...]:
    """The codes that the name at `at` may mean; the word before it narrows the kind, or gives leave to names that are words."""
    before = words[at - 1] if at else ""
    cue = CUES.get(before)
    for place in regions.places[words[at]]:
        if place.rest and tuple(words[at + 1 : at + 1 + len(place.rest)]) != place.rest:
            continue
        if place.cue and REGION_CUES.get(cue) != "kab" and (place.cue == "kab" or cue is not Cue.AT):
            continue
        kind = KINDS.get(cue) or ("kabupaten" if before in KABUPATEN else None)
        chosen = tuple(code for code in place.codes if regions[code].kind == kind) if kind else ()
        return chosen or place.codes
    return ()


def _district(words: Sequence[str], at: int, regions: Regions) -> tuple[str, ...]:
    """Where the kecamatan whose name begins at `at` may lie; the longest name counts."""
    for count in (4, 3, 2, 1):
        codes = regions.districts.get("".join(words[at : at + count])) if at + count <= len(words) else None
        if codes:
            return codes
    return ()


def _free_district(words: Sequence[str], at: int, regions: Regions) -> tuple[str, ...]:
    """A kecamatan named without `kec`: only names of several words that lie in one kabupaten."""
    for count in range(min(regions.district_words[words[at]], len(words) - at), 1, -1):
        codes = regions.districts.get("".join(words[at : at + count]), ())
        if len(codes) == 1:
            return codes
    return ()


def _regions(named: Sequence[tuple[str, ...]], districts: Sequence[str], regions: Regions) -> tuple[str, ...]:
    """Settle twins by the province or the kecamatan that is named too; a province gives way to a kabupaten in it."""
    if not districts and len(named[0]) == 1 and named.count(named[0]) == len(named):
        return named[0]
    certain = {codes[0] for codes in named if len(codes) == 1}
    provinces = {code[:2] for code in certain}
    chosen: list[str] = []
    for codes in named:
        own = [code for code in codes if code[:2] in provinces] if len(codes) > 1 else []
        chosen += own or codes
    parents = list(dict.fromkeys(districts))
    if len(parents) > 1:
        known = [parent for parent in parents if parent in chosen] or [parent for parent in parents if parent[:2] in chosen]
        parents = known if len(known) == 1 else []
    elif parents:
        chosen = [code for code in chosen if code == parents[0] or code not in regions.twins(parents[0])]
    found = list(dict.fromkeys([*chosen, *parents]))
    return tuple(
        code
        for code in found
        if len(code) > 2 or not any(other != code and other.startswith(code) for other in found) or _twin(code, found, regions)
    )[:REGIONS_MAX]


def _twin(code: str, found: Sequence[str], regions: Regions) -> bool:
    """Whether a province stays because only its own namesake (Bengkulu, Jambi) is named with it."""
    return all(other in regions.twins(code) for other in found if other != code and other.startswith(code))


def _places(shadow: Shadow, hits: Hits) -> list[str]:
    """Addresses as written: the cue and up to three words of a name behind it (`nagari lawang`, `kec matur`)."""
    found: list[str] = []
    text, words, spans = shadow.text, shadow.words, shadow.spans
    for at in sorted([*hits.get(Cue.ADDRESS, ()), *hits.get(Cue.DISTRICT, ())])[: 4 * PLACES_MAX]:
        last = at
        while last < at + PLACE_WORDS and last + 1 < len(words) and _nameable(words[last + 1]):
            gap = text[spans[last][1] : spans[last + 1][0]]
            if len(gap) > 3 or gap.strip(" .:-") or (last > at and "." in gap):
                break
            last += 1
        if last > at:
            found.append(text[spans[at][0] : spans[last][1]])
    return found


def _nameable(word: str) -> bool:
    """Whether a word may be part of a name: no everyday word and no cue, save one of another language (kec Matur)."""
    return word not in ORDINARY and CUES.get(word, Cue.MINANG) in LANGUAGES


def _dates(shadow: Shadow, hits: Hits) -> list[str]:
    """Times as written: runs of time words and numbers with a day, a month, or a number of days in them."""
    found: list[str] = []
    words, spans = shadow.words, shadow.spans
    last = -1
    for at in sorted([*hits.get(Cue.DATE, ()), *hits.get(Cue.SPAN, ())])[: 4 * DATES_MAX]:
        if at <= last:
            continue
        first, last = at, at
        while first and _timely(words[first - 1]):
            first -= 1
        while last + 1 < len(words) and _timely(words[last + 1]):
            last += 1
        if CUES.get(words[at]) is Cue.DATE or any(word.isdigit() for word in words[first : last + 1]):
            found.append(shadow.text[spans[first][0] : spans[last][1]])
    return found


def _numbered_places(shadow: Shadow) -> list[str]:
    """Neighbourhoods and kilometre posts: RT 06/03, km 12,5."""
    folded = shadow.folded
    return _written(RT_RW, shadow) if "rt" in folded or "rw" in folded or "km" in folded else []


def _numbered_dates(shadow: Shadow, places: Sequence[str], dates: Sequence[str]) -> list[str]:
    """Days and clock times in figures (12/5, 14.30 wib) that are not part of a place or date already found (RT 06/03)."""
    folded = shadow.folded
    found = _written(DAY, shadow) if "/" in folded or "-" in folded else []
    if "." in folded or ":" in folded:
        found += _written(CLOCK, shadow)
    return [date for date in found if not any(date in other for other in (*places, *dates))]


def _written(kind: re.Pattern[str], shadow: Shadow) -> list[str]:
    return [shadow.text[match.start() : match.end()] for match in kind.finditer(shadow.folded, 0, CHARACTERS_MAX)]


def _timely(word: str) -> bool:
    return CUES.get(word) in TIMES or (len(word) <= 4 and word.isdigit())


def _identifiers(shadow: Shadow, hits: Hits) -> tuple[str, ...]:
    """Kinds of personal numbers in the text, never the numbers: by their length, and by the word that announces them."""
    folded = shadow.folded
    announced = {PERSONAL_NUMBERS[shadow.words[at]] for at in hits[Cue.NUMBER]} if Cue.NUMBER in hits else set()
    found: dict[str, None] = {}
    is_long = shadow.digits + folded.count("x") + folded.count("*") >= LONG_FROM
    for match in LONG_NUMBER.finditer(folded, 0, CHARACTERS_MAX) if is_long else ():
        if (AMOUNT.fullmatch(match[0]) and not announced) or "pelanggan" in folded[max(match.start() - CUSTOMER_BEFORE, 0) : match.start()]:
            continue
        digits = sum(character.isalnum() or character == "*" for character in match[0])
        mobile = MOBILE.match(folded, max(match.start() - 1, 0)) or MOBILE.match(folded, match.start())
        if mobile and digits < 16:
            found["phone"] = None
        elif "kps" in announced and digits < 20:
            found["kps"] = None
        elif digits == 16:
            found["nik"] = None
        else:
            found.setdefault(
                next((kind for kind in ("account", "nik", "phone") if kind in announced), "account" if digits > 9 else "phone")
            )
    if announced and not found and SHORT_NUMBER.search(folded, 0, CHARACTERS_MAX):
        found.update(dict.fromkeys(sorted(announced)))
    return tuple(found)


def _topic(score: dict[str, int]) -> str | None:
    """The topic of the greatest weight; None when two are level, for then neither is known."""
    best = max(score.values())
    leaders = [topic for topic, weight in score.items() if weight == best]
    return leaders[0] if len(leaders) == 1 else None


def _classification(hits: Hits, shadow: str) -> Classification:
    """A complaint unless it only asks or only wishes: what is broken outweighs how it is said."""
    if Cue.TROUBLE in hits or Cue.OVERSIGHT in hits or Cue.DANGER in hits:
        return Classification.PENGADUAN
    if Cue.WISH in hits:
        return Classification.ASPIRASI
    asks = Cue.INFORMATION in hits or (Cue.ASK in hits and ("?" in shadow or hits[Cue.ASK][0] < ASKED_WORDS))
    return Classification.PERMINTAAN_INFORMASI if asks else Classification.PENGADUAN
