"""Finds the names that a mistyped word may have meant, fast enough to ask for every unknown first word.

A slip is a letter missing, doubled, wrong or swapped with its neighbour (optimal string alignment distance). Names of nearly the
word's length stand next to each other and are measured in one call, which needs no index worth the name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

TWO_SLIPS_FROM = 6  # Letters of a name: below, two slips leave too little of it to be sure of anything.
WORD_MAX = 40  # Letters of a word asked about: above the longest name; an end to the work a hostile text can cause.


class Nearby:
    """Names in the shadow's spelling, joined (`madiunkota`); some of them are keywords."""

    __slots__ = ("_alike", "_all", "_keywords", "_known", "_tails")

    def __init__(self, names: Iterable[str], keywords: Iterable[str]) -> None:
        keywords = frozenset(keywords)
        self._known = keywords.union(names)
        self._all, self._keywords = _Ranked(self._known), _Ranked(keywords)
        alike: dict[str, list[str]] = {}
        tails: dict[str, list[str]] = {}
        for name in self._known:
            alike.setdefault(name[:1], []).append(name)
            tails.setdefault(name[1:], []).append(name)
        self._alike = {letter: _Ranked(found) for letter, found in alike.items()}
        self._tails = {tail: tuple(found) for tail, found in tails.items()}

    def find(self, word: str, *, slips: int) -> dict[str, int]:
        """Names within `slips` (1 or 2) of `word`, and their distance, 0 for the name itself."""
        return self._all.find(word, slips)

    def keywords(self, word: str) -> dict[str, int]:
        """Keywords within two slips."""
        return self._keywords.find(word, 2)

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
