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
    length = len(shadow.folded)
    if length <= CHARACTERS_MAX and SPACE_WORD not in shadow.folded:
        return shadow
    return shadow.narrowed(CHARACTERS_MAX if length > CHARACTERS_MAX else length + 1, SPACE_WORD)
