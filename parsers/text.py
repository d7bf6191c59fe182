"""The shadow copy: what the matchers read in place of the citizen's text.

It has exactly as many characters as the text, so a position in one is a position in the other and nothing of the citizen's
words is ever changed. Letters lose case, width and accents; the many dashes, quotes and blanks become one each; what cannot be
seen (zero-width marks, variation selectors, combining accents) becomes INVISIBLE, which does not part a word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

INVISIBLE = "\0"
"""Stands for a character without a width of its own; `WORD` reads across it."""

WORD = re.compile(r"[^\W_]+(?:\0+[^\W_]+)*")
"""A run of letters and digits of the shadow; everything else separates, the underscore too."""

FOLDS_MAX = 4096
"""How many characters beyond ASCII the fold remembers: above what any real traffic has, and an end to what a hostile one can fill."""

DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043"
QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2039\u203a\u300c\u300d\u300e\u300f"
APOSTROPHES = "\u0060\u00b4\u2018\u2019\u201a\u201b\u2032\u02bc"


class Word(NamedTuple):
    """One word of the shadow and its half-open range in the text."""

    word: str
    start: int
    end: int


class _Folds(dict[int, str]):
    """One shadow character for each character of a text, worked out when it is first met."""

    def __missing__(self, point: int) -> str:
        folded = fold_character(chr(point))
        if len(self) < FOLDS_MAX:
            self[point] = folded
        return folded


def fold_character(character: str) -> str:
    """Give the one shadow character of `character` (UAX #15, NFKD, without marks)."""
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return INVISIBLE
    if category[0] == "Z":
        return "\n" if category in ("Zl", "Zp") else " "
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", character) if not unicodedata.combining(mark))
    if len(plain) != 1:
        plain = character if character.isalnum() or not plain else plain[0]
    lower = plain.lower()
    return lower if len(lower) == 1 else plain


FOLDS = _Folds(
    {ord(character): "-" for character in DASHES}
    | {ord(character): '"' for character in QUOTES}
    | {ord(character): "'" for character in APOSTROPHES}
    | {ord("\r"): "\n", ord("\v"): "\n", ord("\f"): "\n", ord("\t"): " "}
)


def fold(text: str) -> str:
    """Give the shadow of `text`, of the same length."""
    return text.lower() if text.isascii() else text.translate(FOLDS)


def words(text: str) -> list[str]:
    """Give the words of `text` in the shadow's spelling, without positions."""
    found = WORD.findall(fold(text))
    return [word.replace(INVISIBLE, "") for word in found] if not text.isascii() else found


def joined(text: str) -> str:
    """Give all words of `text` as one: `KAB. NGANJUK` becomes `kabnganjuk`."""
    return "".join(words(text))
