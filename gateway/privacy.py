"""What a person at a screen may see of a citizen: the words, with every long number in them masked, and a masked sender."""

from __future__ import annotations

import re

_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){8,}")  # NIK, KPS, account and telephone numbers have nine digits or more
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def masked_text(text: str) -> str:
    """A citizen's text for a screen: long numbers lose their middle, control characters cannot move the terminal."""
    return _CONTROL.sub("\ufffd", _LONG_NUMBER.sub(_masked, text))


def _masked(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"{digits[:2]}{'*' * (len(digits) - 4)}{digits[-2:]}"
