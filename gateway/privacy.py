"""What a person at a screen may see of a citizen: the words, with all in them that names a person masked, and a masked sender."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from parsers import personal

_UNSEEN = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
_CONTROL = re.compile(rf"[\x00-\x08\x0b-\x1f{_UNSEEN}]")
_BREAKING = re.compile(rf"[\x00-\x1f{_UNSEEN}]")


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """Who may see what of a citizen, on this gateway."""

    reveal_minutes: Annotated[int, Ge(0), Le(1440)] = 15
    """So long a reason given with `desk show --reveal` counts for the same person and case: long enough for one call, too short for a
    screen that is left alone. Each look is a row of the audit all the same. 0: each look needs its reason."""


def masked_text(text: str) -> str:
    """A citizen's text for a screen: numbers of persons lose their middle, control characters cannot move the terminal."""
    return on_screen(personal.hide(text))


def on_screen(text: str) -> str:
    """Anything for a terminal: line ends and tabs stay, what would move, colour or turn it becomes U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def one_line(text: str) -> str:
    """The same for words of a peer inside one line: they cannot begin another."""
    return _BREAKING.sub("\ufffd", text)
