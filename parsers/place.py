"""Hints: what a text says besides its keyword. Regions, addresses, dates, topic, kind of report, wishes, personal numbers, dangers.

One pass over the words with look-ups in tables; positions are worked out only for texts that need them. Hints never decide over a
keyword. Those that protect the citizen (rahasia, oversight, personal numbers) rather find too much than too little.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from parsers.model import Classification, Hints
from parsers.regions import Regions
from parsers.text import INVISIBLE, WORD, fold
from parsers.topics import NO_TOPICS, Topics
from parsers.vocabulary import CUES, ORDINARY, PERSONAL_NUMBERS, Cue

WORDS_MAX = 400  # Ours: about 2,500 characters, seventeen SMS; a hint that comes later helps nobody.
REGIONS_MAX = 6  # Ours: a text that names more names none.
PLACES_MAX = 6
DATES_MAX = 4
PLACE_WORDS = 3  # Words after `jl` or `desa` that belong to the name.
NEAR_WORDS = 3  # How far apart `jangan … nama` and `minta … uang` still belong together.
LANGUAGE_WORDS = 2  # One word may be borrowed, two are a language.

DIGIT = re.compile(r"\d")
FIGURES = re.compile(r"\d[ .:/-]{0,3}[\dx*]")
"""Two digits near each other: without them there is no date, clock or personal number to look for."""

RT_RW = re.compile(
    r"(?<![^\W_])(?:rt|rw|rt ?/ ?rw)[ .:]*\d{1,3}(?: ?/ ?(?:rw[ .:]*)?\d{1,3})?(?!\d)|(?<![^\W_])km[ .]*\d{1,4}(?:[.,]\d)?(?!\d)"
)
DAY = re.compile(r"(?<![^\W_])(?:0?[1-9]|[12]\d|3[01])([/-])(?:0?[1-9]|1[0-2])(?:\1(?:20)?\d\d)?(?![\d/-])")
CLOCK = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-4])[.:][0-5]\d(?![\d.])(?: *(?:wib|wita|wit)(?![^\W_]))?")
LONG_NUMBER = re.compile(r"\d(?:[ .-]?[\dx*]){9,19}")
"""Ten to twenty digits, in groups or not, perhaps with the last ones hidden by x."""

MOBILE = re.compile(r"(?:\+?62|0)8\d(?:[ -]?\d){6,10}")
ANCHORS = (Cue.DATE, Cue.SPAN)
REGION_CUES: dict[Cue | None, str] = {Cue.OFFICE: "kab", Cue.CITY: "kab", Cue.PROVINCE: "kab", Cue.AT: "di"}
KINDS: dict[Cue | None, str] = {Cue.CITY: "kota", Cue.PROVINCE: "provinsi"}
LANGUAGES = (Cue.JAVANESE, Cue.SUNDANESE, Cue.MINANG)
KABUPATEN = frozenset({"kab", "kabupaten", "kabupten", "pemkab", "bupati", "wabup"})

Hits = dict[Cue, list[int]]
Weights = tuple[tuple[str, int], ...]


class Entry(NamedTuple):
    """What one word may begin or mean."""

    cue: Cue | None
    region: bool
    district: bool
    topics: Weights
    pairs: Mapping[str, Weights] | None


def read(text: str, regions: Regions, topics: Topics = NO_TOPICS) -> Hints:
    """Collect the hints of `text`, keyword included; never raises, whatever the text."""
    shadow = fold(text)
    words = WORD.findall(shadow)[:WORDS_MAX]
    if INVISIBLE in shadow:
        words = [word.replace(INVISIBLE, "") for word in words]
    hits, named, score = _pass(words, regions, topics)
    spans: list[tuple[int, int]] = []
    has_digit = DIGIT.search(shadow) is not None
    if Cue.ADDRESS in hits or Cue.DISTRICT in hits or Cue.DATE in hits or (has_digit and Cue.SPAN in hits):
        spans = [match.span() for match in islice(WORD.finditer(shadow), WORDS_MAX)]
    districts = [code for at in hits.get(Cue.DISTRICT, ()) for code in _district(words, at + 1, regions)]
    places = _places(text, words, spans, hits) if spans else []
    dates = _dates(text, words, spans, hits) if spans else []
    identifiers: tuple[str, ...] = ()
    if has_digit and ("rt" in shadow or "rw" in shadow or "km" in shadow):
        places += [text[match.start() : match.end()] for match in RT_RW.finditer(shadow, 0, WORDS_MAX * 16)]
    if has_digit and FIGURES.search(shadow):
        dates += _numbered_dates(text, shadow, [*places, *dates])
        identifiers = _identifiers(shadow, words, hits)
    wants_anonim = Cue.ANONIM in hits or _near(hits, Cue.HIDE, Cue.NAME)
    return Hints(
        _regions(named, districts, regions) if named or districts else (),
        tuple(dict.fromkeys(places))[:PLACES_MAX],
        tuple(dict.fromkeys(dates))[:DATES_MAX],
        identifiers,
        tuple(dict.fromkeys(words[at] for at in hits[Cue.DANGER])) if Cue.DANGER in hits else (),
        _topic(score) if score else None,
        _classification(hits, shadow),
        Cue.OVERSIGHT in hits or _near(hits, Cue.TAKEN, Cue.MONEY) or _near(hits, Cue.CUT, Cue.FUND),
        Cue.RAHASIA in hits or wants_anonim,
        wants_anonim,
        _language(hits),
    )


def _pass(words: Sequence[str], regions: Regions, topics: Topics) -> tuple[Hits, list[tuple[str, ...]], dict[str, int]]:
    """Look every word up once: the cues and where they stand, the codes that names may mean, and the weight of each topic."""
    hits: Hits = {}
    named: list[tuple[str, ...]] = []
    score: dict[str, int] = {}
    look_up = _lexicon(regions, topics).get
    for at, word in enumerate(words):
        entry = look_up(word)
        if entry is None:
            continue
        if entry.cue is not None:
            hits.setdefault(entry.cue, []).append(at)
        if entry.region or entry.district:
            codes = (_named(words, at, regions) if entry.region else ()) or (_free_district(words, at, regions) if entry.district else ())
            named += [codes] * bool(codes)
        for topic, weight in entry.topics:
            score[topic] = score.get(topic, 0) + weight
        if entry.pairs is not None and at + 1 < len(words):
            for topic, weight in entry.pairs.get(words[at + 1], ()):
                score[topic] = score.get(topic, 0) + weight
    return hits, named, score


@functools.lru_cache(maxsize=4)
def _lexicon(regions: Regions, topics: Topics) -> Mapping[str, Entry]:
    """All that is known of each word in one table, so that a word costs one look-up."""
    known = {*CUES, *regions.places, *regions.district_words, *topics.single, *topics.pairs}
    return {
        word: Entry(
            CUES.get(word), word in regions.places, word in regions.district_words, topics.single.get(word, ()), topics.pairs.get(word)
        )
        for word in known
    }


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
    """The kecamatan whose name begins at `at`, the longest one."""
    for count in (4, 3, 2, 1):
        codes = regions.districts.get("".join(words[at : at + count])) if at + count <= len(words) else None
        if codes:
            return codes
    return ()


def _free_district(words: Sequence[str], at: int, regions: Regions) -> tuple[str, ...]:
    """A kecamatan named without `kec`: only names of several words that lie in one kabupaten."""
    for count in range(min(regions.district_words[words[at]], len(words) - at), 1, -1):
        codes = regions.districts.get("".join(words[at : at + count]), ())
        if codes and len({code[:5] for code in codes}) == 1:
            return (codes[0][:5],)
    return ()


def _regions(named: Sequence[tuple[str, ...]], districts: Sequence[str], regions: Regions) -> tuple[str, ...]:
    """Settle twins by the province or the kecamatan that is named too; a province gives way to a kabupaten in it."""
    certain = {codes[0] for codes in named if len(codes) == 1}
    provinces = {code[:2] for code in certain}
    chosen: list[str] = []
    for codes in named:
        own = [code for code in codes if code[:2] in provinces] if len(codes) > 1 else []
        chosen += own or codes
    parents = list(dict.fromkeys(code[:5] for code in districts))
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


def _near(hits: Hits, one: Cue, other: Cue) -> bool:
    return one in hits and other in hits and any(0 < abs(here - there) <= NEAR_WORDS for here in hits[one] for there in hits[other][:8])


def _places(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], hits: Hits) -> list[str]:
    """Addresses as written: the cue and up to three words of a name behind it (`nagari lawang`, `kec matur`)."""
    found: list[str] = []
    for at in sorted(hits.get(Cue.ADDRESS, []) + hits.get(Cue.DISTRICT, []))[: 4 * PLACES_MAX]:
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


def _dates(text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], hits: Hits) -> list[str]:
    """Times as written: runs of time words and numbers with a day, a month, or a number of days in them."""
    found: list[str] = []
    last = -1
    for at in sorted(place for cue in ANCHORS for place in hits.get(cue, ()))[: 4 * DATES_MAX]:
        if at <= last:
            continue
        first, last = at, at
        while first and _timely(words[first - 1]):
            first -= 1
        while last + 1 < len(words) and _timely(words[last + 1]):
            last += 1
        run = words[first : last + 1]
        if CUES.get(words[at]) is Cue.DATE or any(word.isdigit() for word in run):
            found.append(text[spans[first][0] : spans[last][1]])
    return found


def _numbered_dates(text: str, shadow: str, known: Sequence[str]) -> list[str]:
    """Days and clock times in figures (12/5, 14.30 wib) that are not part of a place or date already found (RT 06/03)."""
    found = [text[match.start() : match.end()] for kind in (DAY, CLOCK) for match in kind.finditer(shadow, 0, WORDS_MAX * 16)]
    return [date for date in found if not any(date in other for other in known)]


def _timely(word: str) -> bool:
    return CUES.get(word) in (Cue.DATE, Cue.SPAN, Cue.WHEN) or (word.isdigit() and len(word) <= 4)


def _identifiers(shadow: str, words: Sequence[str], hits: Hits) -> tuple[str, ...]:
    """Kinds of personal numbers in the text, never the numbers: by their length, and by the word that announces them."""
    announced = {PERSONAL_NUMBERS[words[at]] for at in hits.get(Cue.NUMBER, ())}
    found: dict[str, None] = {}
    for match in LONG_NUMBER.finditer(shadow, 0, WORDS_MAX * 16):
        digits = sum(character.isalnum() or character == "*" for character in match[0])
        mobile = MOBILE.match(shadow, max(match.start() - 1, 0)) or MOBILE.match(shadow, match.start())
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
    if announced and not found and re.search(r"(?<!\d)\d{6,9}(?!\d)", shadow[: WORDS_MAX * 16]):
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
    asks = Cue.INFORMATION in hits or (Cue.ASK in hits and ("?" in shadow or hits[Cue.ASK][0] < NEAR_WORDS))
    return Classification.PERMINTAAN_INFORMASI if asks else Classification.PENGADUAN


def _language(hits: Hits) -> str:
    counts = [(len(hits.get(cue, ())), cue.value) for cue in LANGUAGES]
    most, language = max(counts)
    return language if most >= LANGUAGE_WORDS else "id"
