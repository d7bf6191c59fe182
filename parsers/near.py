"""Finds names that a mistyped word may have meant, fast enough to ask for every unknown first word.

One slip (a letter missing, doubled, wrong or swapped with its neighbour) is found by comparing both with one letter taken out;
two slips leave at least one third of a long name whole. What is found is then measured (optimal string alignment distance).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

TWO_SLIPS_FROM = 6  # Letters of a name: below, two slips leave too little of it to be sure of anything.
WORD_MAX = 40  # Letters of a word asked about: above the longest name; an end to the work a hostile text can cause.


Third = tuple[int, int, str]
"""Length of a name, where in it a third begins, and that third."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """An index of names in the shadow's spelling, joined: `madiunkota`."""

    shortened: dict[str, list[str]] = field(default_factory=dict)
    thirds: dict[Third, list[str]] = field(default_factory=dict)

    def find(self, word: str, *, slips: int) -> dict[str, int]:
        """Names within `slips` (1 or 2) of `word`, and their distance, 0 for the name itself."""
        if len(word) > WORD_MAX:
            return {}
        shortened = self.shortened
        found = set(shortened.get(word, ()))
        for position in range(len(word)):
            found.update(shortened.get(word[:position] + word[position + 1 :], ()))
        if slips > 1:
            thirds = self.thirds
            for key in _thirds_near(word):
                found.update(thirds.get(key, ()))
        measured = ((name, OSA.distance(word, name, score_cutoff=slips)) for name in found)
        return {name: distance for name, distance in measured if distance <= slips}


def index(names: Iterable[str]) -> Nearby:
    """Build the index; one letter taken out of each name, and the thirds of each long one."""
    nearby = Nearby()
    for name in set(names):
        for variant in {name, *(name[:position] + name[position + 1 :] for position in range(len(name)))}:
            nearby.shortened.setdefault(variant, []).append(name)
        if len(name) >= TWO_SLIPS_FROM:
            for start, end in _thirds(len(name)):
                nearby.thirds.setdefault((len(name), start, name[start:end]), []).append(name)
    return nearby


@functools.cache
def _thirds(letters: int) -> tuple[tuple[int, int], ...]:
    first, second = letters // 3, 2 * letters // 3
    return ((0, first), (first, second), (second, letters))


@functools.cache
def _probes(letters: int) -> tuple[tuple[int, int, int, int], ...]:
    """Where in a word of `letters` an untouched third of a name may stand: (length of the name, its place there, and here from-to)."""
    return tuple(
        (length, start, start + shift, end + shift)
        for length in range(max(letters - 2, TWO_SLIPS_FROM), letters + 3)
        for start, end in _thirds(length)
        for shift in range(-2, 3)
        if start + shift >= 0 and end + shift <= letters and not start == 0 > shift
    )


def _thirds_near(word: str) -> Iterator[Third]:
    for length, start, here, end in _probes(len(word)):
        yield length, start, word[here:end]
