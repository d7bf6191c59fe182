"""What words tell only in company: an abuse of office, a danger, a wish for secrecy.

Cues found by parsers/place.py count here when the words beside them do not make something else of them (*banjir diskon*, *rahasia
umum*), and everyday words count when the words beside them make a cue of them (*kabel putus*, *uang rokok*).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from parsers.text import Shadow
from parsers.vocabulary import CUES, Cue
from parsers.vocabulary_pairs import (
    DEALS,
    GRANTED,
    NAMELESS,
    NO_ABUSES,
    NO_DANGERS,
    NO_NAMES,
    NO_SECRETS,
    NO_TAKING,
    NOT_PAID,
    PAID_FOR,
    PAID_TO,
    PERILS,
    REPORTERS,
    SECRETS,
)

NEAR_WORDS = 3  # How far apart `jangan … nama` and `minta … uang` still belong together.
DEAL_WORDS = 2
TOLD_WORDS = 6  # How far from `jangan` stands what nobody may know, and who does not want it.
EMPTY: frozenset[str] = frozenset()
ABUSES = frozenset({Cue.TAKEN, Cue.CUT, Cue.DEAL, Cue.FREE, Cue.PAY})
SUM = re.compile(r"\d{1,4}(?:rb|rbu|ribu|jt|juta|k)")
PAID_AROUND = 6  # How far from `bayar` stands whom or for what.
PAID_WORDS = 4  # How far from `gratis` stands what was paid.

Hits = dict[Cue, list[int]]
"""The cues of a text and at which words they stand."""


def near(hits: Hits, one: Cue, other: Cue, *, words: int = NEAR_WORDS) -> bool:
    """Whether two cues stand within so many words."""
    return one in hits and other in hits and any(0 < abs(here - there) <= words for here in hits[one] for there in hits[other][:8])


def abuse(shadow: Shadow, hits: Hits) -> bool:
    """Whether money is taken for an office's work, or kept of what it should pay out, in other words than the plain ones."""
    if hits.keys().isdisjoint(ABUSES):
        return False
    words = shadow.words
    if near(hits, Cue.CUT, Cue.FUND) or near(hits, Cue.FREE, Cue.PAY, words=PAID_WORDS):
        return True
    if Cue.FREE in hits and beside(words, hits[Cue.FREE], GRANTED):
        return True
    if near(hits, Cue.TAKEN, Cue.MONEY) and apart(words, hits[Cue.MONEY], NO_TAKING):
        return True
    priced = bool(shadow.digits) and any(SUM.fullmatch(word) for word in words)
    if priced and (Cue.TAKEN in hits or Cue.CUT in hits):
        return True
    deals, priced = hits.get(Cue.DEAL, ()), priced or Cue.MONEY in hits
    return bool(beside(words, deals, DEALS)) or (priced and (bool(beside(words, deals, PAID_FOR)) or paid(words, hits.get(Cue.PAY, ()))))


def paid(words: Sequence[str], found: Sequence[int]) -> bool:
    """Whether a sum is paid to somebody in office, or for papers, and not as wages or a bill."""
    for at in found:
        around = words[max(at - PAID_AROUND, 0) : at + 1 + PAID_AROUND]
        if not PAID_TO.isdisjoint(around) and NOT_PAID.isdisjoint(around):
            return True
    return False


def beside(words: Sequence[str], found: Sequence[int], pairs: Mapping[str, frozenset[str]]) -> list[str]:
    """Those of the words found that have one of their company next to them or one word further."""
    return [
        words[at]
        for at in found
        if not pairs.get(words[at], EMPTY).isdisjoint((*words[max(at - DEAL_WORDS, 0) : at], *words[at + 1 : at + 1 + DEAL_WORDS]))
    ]


def apart(words: Sequence[str], found: Sequence[int], company: frozenset[str]) -> bool:
    """Whether one of the words found stands without that company."""
    return any(company.isdisjoint((*words[max(at - 1, 0) : at], *words[at + 1 : at + 2])) for at in found)


def dangers(words: Sequence[str], hits: Hits) -> tuple[str, ...]:
    """The dangers named, without figures of speech (*banjir diskon*), with pairs of words (*kabel putus*)."""
    named = [words[at] for at in hits.get(Cue.DANGER, ()) if apart(words, (at,), NO_DANGERS)]
    return tuple(dict.fromkeys([*named, *beside(words, hits.get(Cue.PERIL, ()), PERILS)]))


def nameless(words: Sequence[str], hits: Hits, secrets: Sequence[str]) -> bool:
    """Whether the reporter withholds the name: *jangan sebut nama saya*, *hamba Allah*; not *tanpa nama jalan*."""
    if not NAMELESS.isdisjoint(secrets):
        return True
    return near(hits, Cue.HIDE, Cue.NAME) and any(NO_NAMES.isdisjoint(words[at + 1 : at + 2]) for at in hits[Cue.NAME])


def untold(words: Sequence[str], hits: Hits) -> bool:
    """*Jangan sampai lurah tahu kalau saya yang lapor*: a prohibition, what nobody may know, and the reporter near it."""
    return any(
        0 < know - hide <= TOLD_WORDS and not REPORTERS.isdisjoint(words[max(hide - NEAR_WORDS, 0) : know + 1 + TOLD_WORDS])
        for hide in hits[Cue.HIDE]
        for know in hits[Cue.KNOW][:8]
    )


def secret(words: Sequence[str], found: Sequence[int]) -> bool:
    """Whether a word of secrecy is a wish, and not part of what happened (*bukan rahasia*, *akun anonim*)."""
    return any(NO_SECRETS.isdisjoint((*words[max(at - 1, 0) : at], *words[at + 1 : at + 2])) for at in found)


def afraid(words: Sequence[str], fears: Sequence[int]) -> bool:
    """Whether the reporter is afraid, and not of a danger (*takut tsunami*) or somebody else of something."""
    own = [at for at in fears if "anak" not in words[max(at - 2, 0) : at] and Cue.DANGER not in map(CUES.get, words[at + 1 : at + 4])]
    if len(words) <= NEAR_WORDS:
        return bool(own)
    return any(not REPORTERS.isdisjoint(words[max(at - NEAR_WORDS, 0) : at + 1 + NEAR_WORDS]) for at in own)


def private(words: Sequence[str], hits: Hits) -> list[str]:
    """The everyday words that wish for secrecy here: *antara kita saja*, *hamba Allah*."""
    return beside(words, hits[Cue.PRIVATE], SECRETS)


def told(words: Sequence[str], found: Sequence[int]) -> bool:
    """Whether a word of abuse tells of a case, and not of news or films about it."""
    return apart(words, found, NO_ABUSES)
