"""Finds the names that a mistyped word may have meant, fast enough to ask for every unknown first word.

A slip is a letter missing, doubled, wrong or swapped with its neighbour (optimal string alignment distance). Names of nearly the
word's length and first letter stand next to each other and are measured in one call; whatever else is within two slips is found by
the letters that are left when some are taken away, as SymSpell does it (Garbe 2012), on both sides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import combinations

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

TWO_SLIPS_FROM = 6  # Letters of a name: below, two slips leave too little of it to be sure of anything.
PREFIX = 7  # First letters of a name that are shortened for the index: 29 spellings a name; more would only cost memory.
WORD_MAX = 40  # Letters of a word asked about: above the longest name; an end to the work a hostile text can cause.


class Nearby:
    """Names in the shadow's spelling, joined (`madiunkota`); some of them are keywords."""

    __slots__ = ("_alike", "_keywords", "_known", "_shortened", "_tails")

    def __init__(self, names: Iterable[str], keywords: Iterable[str]) -> None:
        self._keywords = frozenset(keywords)
        self._known = self._keywords.union(names)
        self._shortened = _Shortened(self._known)
        alike: dict[str, list[str]] = {}
        tails: dict[str, list[str]] = {}
        for name in self._known:
            alike.setdefault(name[:1], []).append(name)
            tails.setdefault(name[1:], []).append(name)
        self._alike = {letter: _Ranked(found) for letter, found in alike.items()}
        self._tails = {tail: tuple(found) for tail, found in tails.items()}

    def find(self, word: str, *, slips: int) -> dict[str, int]:
        """Names within `slips` (1 or 2) of `word`, and their distance, 0 for the name itself."""
        return self._shortened.find(word, slips)

    def keywords(self, word: str) -> dict[str, int]:
        """Keywords within two slips."""
        return {name: slips for name, slips in self.find(word, slips=2).items() if name in self._keywords}

    def likely(self, word: str) -> dict[str, int]:
        """Names within one slip, and within two only those that begin with the same letter: for a fraction of the work."""
        alike = self._alike.get(word[:1])
        found = alike.find(word, 2) if alike else {}
        for name in (*self._tails.get(word[1:], ()), *self._tails.get(word, ()), word[1:], word[1:2] + word[:1] + word[2:]):
            if name in self._known and name[:1] != word[:1]:
                found[name] = 1
        return found


class _Ranked:
    """Names by their length, so that those of nearly a word's length are one slice."""

    __slots__ = ("_names", "_starts")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names, key=lambda name: (len(name), name))
        self._starts = [bisect_left(self._names, letters, key=len) for letters in range(WORD_MAX + 4)]

    def find(self, word: str, slips: int) -> dict[str, int]:
        letters = len(word)
        if letters > WORD_MAX:
            return {}
        like = self._names[self._starts[max(letters - slips, 0)] : self._starts[letters + slips + 1]]
        found = process.extract(word, like, scorer=OSA.distance, score_cutoff=slips, limit=None) if like else ()
        return {name: distance for name, distance, _ in found if distance < 2 or _recognisable(word, name)}


class _Shortened:
    """Names by their first letters with none, one or two of them left out: two words within two slips have such a rest in common."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in sorted(names):
            for rest in set(_rests(name)):
                self._names.setdefault(rest, []).append(name)

    def find(self, word: str, slips: int) -> dict[str, int]:
        if len(word) > WORD_MAX:
            return {}
        found: dict[str, int] = {}
        like = {name for rest in set(_rests(word)) for name in self._names.get(rest, ())}
        for name in like:
            if abs(len(name) - len(word)) <= slips:
                distance = OSA.distance(word, name, score_cutoff=slips)
                if distance <= slips and (distance < 2 or _recognisable(word, name)):
                    found[name] = distance
        return found


def _rests(word: str) -> Iterator[str]:
    """The first letters of a word, whole and without one or two of them."""
    prefix = word[:PREFIX]
    for left in range(len(prefix), max(len(prefix) - 3, -1), -1):
        yield from map("".join, combinations(prefix, left))


def _recognisable(word: str, name: str) -> bool:
    """Whether two slips leave enough of a name: one of its thirds about where it was, or all but one letter in their order."""
    if len(word) == len(name) and Indel.distance(word, name) == 2:
        return True
    letters = len(name)
    first, second = letters // 3, 2 * letters // 3
    return letters >= TWO_SLIPS_FROM and (
        name[:first] in word[: first + 2]
        or name[first:second] in word[max(first - 2, 0) : second + 2]
        or name[second:] in word[second - 2 :]
    )
