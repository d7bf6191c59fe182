"""The head of a text: its first words, and the alias that is found among them."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.routes import Alias
from parsers.text import Shadow
from parsers.vocabulary_head import SPACE_WORD

CHARACTERS_MAX = 400  # Ours: nobody greets for longer, and a hostile text must not be read at length.

BEHIND_CHARACTERS = 40  # Ours: so much of a text behind an alias tells whether all of it is in capitals.

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


def emphasised(head: Head, first: int, last: int) -> bool:
    """Whether words `first` to `last` (excluded) are in capitals and what follows is not."""
    end = head.span(last - 1)[1]
    return head.text[head.span(first)[0] : end].isupper() and not head.text[end : end + BEHIND_CHARACTERS].isupper()
