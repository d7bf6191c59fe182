"""What a person at a screen may see of a citizen: the words, with all in them that names a person masked, and a masked sender."""

from __future__ import annotations

import re

from parsers import personal

_UNSEEN = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
_CONTROL = re.compile(rf"[\x00-\x08\x0b-\x1f{_UNSEEN}]")
_BREAKING = re.compile(rf"[\x00-\x1f{_UNSEEN}]")


def masked_text(text: str) -> str:
    """A citizen's text for a screen: numbers of persons lose their middle, control characters cannot move the terminal."""
    return on_screen(personal.hide(text))


def on_screen(text: str) -> str:
    """Anything for a terminal: line ends and tabs stay, what would move, colour or turn it becomes U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def one_line(text: str) -> str:
    """The same for words of a peer inside one line: they cannot begin another."""
    return _BREAKING.sub("\ufffd", text)
