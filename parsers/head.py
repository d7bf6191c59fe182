"""The head of a text: its first words, and the alias that is found among them."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.routes import Alias
from parsers.text import Shadow
from parsers.vocabulary import SPACE_WORD

CHARACTERS_MAX = 400  # Ours: nobody greets for longer, and a hostile text must not be read at length.

Head = Shadow
"""A shadow of which only the first words count."""


@dataclass(slots=True)
class Found:
    """An alias at words `first` to `last` (excluded) of a head; `exact` unless only the blanks had to be moved."""

    alias: Alias
    first: int
    last: int
    exact: bool


def head_of(shadow: Shadow) -> Head:
    """The first words of a text, without the word `spasi`; nearly always all that it has."""
    if len(shadow.folded) <= CHARACTERS_MAX and SPACE_WORD not in shadow.folded:
        return shadow
    end = CHARACTERS_MAX if len(shadow.folded) > CHARACTERS_MAX else len(shadow.folded) + 1
    ends = shadow.spans
    return shadow.narrowed([index for index, word in enumerate(shadow.words) if ends[index][1] < end and word != SPACE_WORD])
