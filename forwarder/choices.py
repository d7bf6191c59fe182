"""The numbered line of a question by SMS: `1=Kab. Banjar 2=Kota Banjar 0=lainnya`, or `1=ya, Kab. Agam 0=bukan`.

A digit is all that a citizen must write, on any phone. A name is never cut, for two regions may begin alike; what has no room is
not offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsers import charset

CHOICES_MAX = 9  # One digit.
CHOICES_SEPTETS_MAX = 70  # Ours: Kab. Bandung, Kota Bandung and Kab. Bandung Barat take 62, as does one region with the longest name.
WORD_SEPTETS_MAX = 9  # Of `yes`, `no` and `other`, so that how many names fit does not depend on the language.
WORDS = ("yes", "no", "other")
"""What each language says for them: the table [choices] of a file of texts."""
SHORT = {"Kabupaten ": "Kab. ", "Provinsi ": "Prov. "}
_LAST = len(" 0=") + WORD_SEPTETS_MAX
_ONLY = len("1=, ") + WORD_SEPTETS_MAX


def offered(names: Sequence[str], room: int = CHOICES_SEPTETS_MAX) -> tuple[str, ...]:
    """The first of the names, shortened, that a line of `room` septets can offer: equally many in every language."""
    found: list[str] = []
    left = room - _LAST
    for name in map(shortened, names[:CHOICES_MAX]):
        if not charset.fits_gsm7(name, extension=False):
            break
        left -= len(name) + len("1=") + (1 if found else 0)
        if left < 0:
            break
        found.append(name)
    if len(found) == 1 and len(found[0]) + _ONLY + _LAST > room:
        return ()
    return tuple(found)


def numbered(names: Sequence[str], room: int, words: Mapping[str, str]) -> str:
    """The line of what is `offered`, in the words of one language; empty where nothing can be."""
    match offered(names, room):
        case ():
            return ""
        case (only,):
            return f"1={words['yes']}, {only} 0={words['no']}"
        case several:
            return " ".join((*(f"{digit}={name}" for digit, name in enumerate(several, 1)), f"0={words['other']}"))


def shortened(name: str) -> str:
    """`Kabupaten Agam` as `Kab. Agam`."""
    return next((short + name.removeprefix(long) for long, short in SHORT.items() if name.startswith(long)), name)
