"""The head of a text: its first words, where they stand, and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.routes import Alias
from parsers.text import INVISIBLE, WORD
from parsers.vocabulary import SPACE_WORD

GLUE = " .-_'\"" + INVISIBLE  # What may stand inside a name: KAB.NGANJUK, KULON-PROGO.
BLANK = " " + INVISIBLE


@dataclass(slots=True)
class Head:
    """The first words of a text and where they stand in it."""

    text: str
    shadow: str
    words: list[str]
    spans: list[tuple[int, int]]

    def gap(self, index: int) -> str:
        """What stands between word `index` and the next."""
        return self.shadow[self.spans[index][1] : self.spans[index + 1][0]] if index + 1 < len(self.words) else "\n"

    def glued(self, index: int) -> bool:
        """Whether the next word may belong to the same name: KAB.NGANJUK, KULON-PROGO."""
        gap = self.gap(index)
        return len(gap) <= 3 and not gap.strip(GLUE)

    def parted(self, index: int) -> bool:
        """Whether more than blanks stands after word `index`: a mark that makes a keyword of it."""
        return bool(self.gap(index).strip(BLANK))


@dataclass(slots=True)
class Found:
    """An alias at words `first` to `last` (excluded) of a head; `exact` unless only the blanks had to be moved."""

    alias: Alias
    first: int
    last: int
    exact: bool


def read_head(text: str, shadow: str, characters: int) -> Head:
    """Cut the first `characters` of a text into words, without the word `spasi` and without a word cut in two."""
    spans = [match.span() for match in WORD.finditer(shadow, 0, characters)]
    if spans and spans[-1][1] == characters < len(shadow):
        spans.pop()
    if SPACE_WORD in shadow:
        spans = [(start, end) for start, end in spans if shadow[start:end] != SPACE_WORD]
    words = [shadow[start:end] for start, end in spans]
    if INVISIBLE in shadow:
        words = [word.replace(INVISIBLE, "") for word in words]
    return Head(text, shadow, words, spans)
