"""The shadow copy: what the matchers read in place of the citizen's text.

It has exactly as many characters as the text, so a position in one is a position in the other and nothing of the citizen's
words is ever changed. Letters lose case, width and accents; the many dashes, quotes and blanks become one each; what cannot be
seen (zero-width marks, variation selectors, combining accents) becomes INVISIBLE, which does not part a word.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from itertools import islice

INVISIBLE = "\0"
"""Stands for a character without a width of its own; `WORD` reads across it."""

WORD = re.compile(r"[^\W_]+(?:\0+[^\W_]+)*")
"""A run of letters and digits of the shadow; everything else separates, the underscore too."""

WORDS_MAX = 400  # Ours: about 2,500 characters, seventeen SMS; what comes later helps nobody.
AHEAD = 4  # Ours: words whose places are found together; the head of most texts is no longer.
GLUE = " .-_'\"" + INVISIBLE  # What may stand inside a name: KAB.NGANJUK, KULON-PROGO.
BLANK = " " + INVISIBLE

FOLDS_MAX = 4096
"""How many characters beyond ASCII the fold remembers: above what any real traffic has, and an end to what a hostile one can fill."""

DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043"
QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2039\u203a\u300c\u300d\u300e\u300f"
APOSTROPHES = "\u0060\u00b4\u2018\u2019\u201a\u201b\u2032\u02bc"


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


class Shadow:
    """A text, its shadow and the words in it: worked out once, and shared by all who read the text.

    `words` are the first WORDS_MAX, without what cannot be seen; `spans` their half-open ranges. `digits` counts the digits of the text.
    """

    __slots__ = ("_spans", "digits", "folded", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.words, self.digits = _cut(self.folded)
        self._spans: list[tuple[int, int]] = []

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the words stand; found only when somebody asks, for most texts are settled without."""
        if len(self._spans) < len(self.words):
            self._find(len(self.words))
        return self._spans

    def span(self, index: int) -> tuple[int, int]:
        """Where word `index` stands; those far behind it are not looked for."""
        if index >= len(self._spans):
            self._find(index + AHEAD)
        return self._spans[index]

    def _find(self, count: int) -> None:
        """Find the first `count` words again, from where we stopped."""
        if INVISIBLE in self.folded:
            self._spans = _spans(self.folded, self.words)
            return
        end = self._spans[-1][1] if self._spans else 0
        for word in self.words[len(self._spans) : count]:
            start = self.folded.find(word, end)
            end = start + len(word)
            self._spans.append((start, end))

    def narrowed(self, end: int, without: str) -> Shadow:
        """The same text with those of its words only that end before `end` and are not `without`; what stands later costs nothing."""
        other = copy.copy(self)
        spans = _spans(self.folded[:end], self.words)
        pairs = [(word, span) for word, span in zip(self.words, spans, strict=False) if span[1] < end and word != without]
        other.words = [word for word, _ in pairs]
        other._spans = [span for _, span in pairs]  # noqa: SLF001 - one of its own class
        return other

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next; a line's end after the last."""
        if index + 1 >= len(self._spans):
            if index + 1 >= len(self.words):
                return "\n"
            self._find(index + 1 + AHEAD)
        return self.folded[self._spans[index][1] : self._spans[index + 1][0]]

    def glued(self, index: int) -> bool:
        """Whether the next word may belong to the same name: KAB.NGANJUK, KULON-PROGO."""
        gap = self.gap(index)
        return gap == " " or (len(gap) <= 3 and not gap.strip(GLUE))

    def parted(self, index: int) -> bool:
        """Whether more than blanks stands after word `index`: a mark that makes a keyword of it."""
        return bool(self.gap(index).strip(BLANK))


def shadow_of(text: str | Shadow) -> Shadow:
    """Give the shadow of a text, or the one it already is."""
    return text if isinstance(text, Shadow) else Shadow(text)


def fold(text: str) -> str:
    """Give the shadow of `text` as a plain string of the same length."""
    return text.lower() if text.isascii() else text.translate(FOLDS)


def words(text: str) -> list[str]:
    """Give the first words of `text` in the shadow's spelling, without positions."""
    return _cut(fold(text))[0]


def joined(text: str) -> str:
    """Give all words of `text` as one: `KAB. NGANJUK` becomes `kabnganjuk`."""
    return "".join(words(text))


_DIGIT = re.compile(r"\d")
_NUL = INVISIBLE.encode()
_SPACED = bytes(octet if octet < 128 and chr(octet).isalnum() else ord(" ") for octet in range(256))
_NO_DIGITS = bytes(octet for octet in range(256) if not ord("0") <= octet <= ord("9"))


def _cut(folded: str) -> tuple[list[str], int]:
    """Cut a shadow into words, and count its digits. ASCII, which most texts are once folded, needs no regular expression."""
    if folded.isascii():
        octets = folded.encode("ascii")
        found = octets.translate(_SPACED, _NUL).decode("ascii").split()
        digits = len(octets.translate(None, _NO_DIGITS))
    else:
        found = WORD.findall(folded)
        digits = len(_DIGIT.findall(folded))
        if INVISIBLE in folded:
            found = [word.replace(INVISIBLE, "") for word in found]
    del found[WORDS_MAX:]
    return found, digits


def _spans(folded: str, found: list[str]) -> list[tuple[int, int]]:
    """Find the words again, one after the other; by pattern where something invisible stands in one."""
    if INVISIBLE in folded:
        return [match.span() for match in islice(WORD.finditer(folded), WORDS_MAX)]
    spans: list[tuple[int, int]] = []
    end = 0
    for word in found:
        start = folded.find(word, end)
        if start < 0:  # the shadow was cut before this word
            break
        end = start + len(word)
        spans.append((start, end))
    return spans
