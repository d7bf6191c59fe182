"""What an instansi wrote, made fit for one SMS: only what every phone shows and every network lets through, and nobody's numbers.

The words are an officer's, typed into the core: with links, smileys and telephone numbers of strangers. What is taken out is not replaced,
for the citizen finds the whole answer at the core; what is cut ends at a word, with dots.
"""

from __future__ import annotations

import re
import unicodedata

from parsers import charset, personal

CHARACTERS_MAX = 2_000  # looked at: far more than an SMS holds
DOTS = "..."
_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212~\u2022\u00b7\u25aa\u25cf", "-"),
        **dict.fromkeys("[{", "("),
        **dict.fromkeys("]}", ")"),
        **dict.fromkeys("\\|", "/"),
        "\u2026": DOTS,
        "\u20ac": "EUR",
    }
)
"""What people and word processors type and the default alphabet has not, as it has."""
_ENDINGS = "id|com|net|org|gov|go|info|co|io|me|ly|gl|app|link|site|online|xyz|my"
_LINK = re.compile(
    rf"(?:https?:/|www\.)\S+|(?<![\w.@-])(?:[\w-]{{1,63}}\.){{1,6}}(?:(?:{_ENDINGS})\b(?![.\w])(?:[/:?]\S*)?|[a-z]{{2,24}}/\S+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]{0,64}@[\w.-]{0,64}")
"""An e-mail address or the name of an account."""
_RUN_ON = re.compile(r"(?<=[a-z0-9])\.(?=[a-z]{2})", re.IGNORECASE)
"""*selesai.Terima kasih*, which a phone would make a link of."""
_SCHEME = re.compile(r"https?|www\.", re.IGNORECASE)
"""What is left of a link that was broken off: networks swallow it all the same."""
_GAPS = re.compile(r"\s+([.,;:!?](?:\s|$))")


def excerpt(text: str, room: int) -> str:
    """As much of the text as `room` septets hold, in the default alphabet without extension; never raises, whatever the text."""
    plain = " ".join(_plain(text[:CHARACTERS_MAX].translate(_TYPED)).split())
    plain = _ADDRESS.sub(" ", _LINK.sub(" ", plain))
    plain = _SCHEME.sub(" ", personal.hide(_RUN_ON.sub(". ", plain)))
    plain = _GAPS.sub(r"\1", " ".join(plain.split()))
    if len(plain) <= room:
        return plain
    if room <= len(DOTS):
        return ""
    head = plain[: room - len(DOTS) + 1]
    cut = head.rpartition(" ")[0] or head[:-1]
    return cut.rstrip(" .,;:!?-(/'\"") + DOTS


def _plain(text: str) -> str:
    """The text in characters of one septet: a letter loses a mark that the alphabet has not, all else is a blank."""
    return "".join(_character(one) for one in text)


def _character(one: str) -> str:
    if charset.fits_gsm7(one, extension=False):
        return one
    if unicodedata.category(one) in ("Cf", "Mn", "Me"):
        return ""
    simpler = "".join(mark for mark in unicodedata.normalize("NFKD", one) if not unicodedata.combining(mark))
    return simpler if simpler and charset.fits_gsm7(simpler, extension=False) else " "
