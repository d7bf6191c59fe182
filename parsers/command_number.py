"""How citizens write a complaint number, a tracking id, a PIN, the digit of a choice, and how long something takes.

What is found here was written as a number; whether it is one of ours only the journal knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.command_words import ANONIM, CANCEL, CHOICES, COURTESIES, DATING, KNOWN, MONTHS, NUMBERING, RAHASIA, REPORT, STATUS, UNITS
from parsers.text import Shadow

NUMBER_LETTERS = 6
YEAR_DIGITS = 4
DATE_WORDS = 3  # Ours: `tgl 12 mei 2026` has three behind its first.

NUMBER = re.compile(r"[a-hjkmnp-z][a-hjkmnp-z2-9]{5}")
"""A complaint number of ours: a letter first, without 0 O 1 I L (DESIGN §3)."""

SPOKEN = re.compile(r"(?:(?:ng|ny|kh|sy|[bcdfghjkmnpqrstvwxyz])?[aeu](?:ng|[hkmnprst])?)+")
"""Letters that make an Indonesian word: *STATUS warung* asks about no number."""

TRACKING_ID = re.compile(r"[1-9][0-9]{5,8}")
"""Seven digits in every published example (DOMAIN §2.2); never a 0 first, as in a phone number."""

PIN = re.compile(r"[0-9]{4}")
SPAN = re.compile(r"([0-9]{1,3})([a-z]+)")
FIGURES = re.compile(r"([a-z]+)([0-9]{1,9})")
BEFORE_NUMBER = STATUS | RAHASIA | ANONIM | CANCEL | NUMBERING | REPORT
BEFORE_CHOICE = frozenset({"no", "nomor", "nomer", "nmr", "pilih", "opsi", "angka"})
JOINED_MAX = 20  # Characters: `rahasiakan` and nine digits have 19.


@dataclass(slots=True)
class Parts:
    """A text taken apart: its words, in order, and what is written in digits. `spans`: it says how long or when."""

    words: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    pin: str | None = None
    spans: bool = False
    plain: bool = False
    """One of the numbers is of letters alone and not in capitals: a misspelt word as likely."""


def number_in(word: str) -> str | None:
    """A complaint number in capitals, or a tracking id; None for a word that only looks like one."""
    if TRACKING_ID.fullmatch(word):
        return word
    if len(word) == NUMBER_LETTERS and NUMBER.fullmatch(word) and not (word in COURTESIES or word in KNOWN or SPOKEN.fullmatch(word)):
        return word.upper()
    return None


def joined(word: str) -> tuple[str, str] | None:
    """A word and the number or digit written to its end: STATUSG7K2QP, ID6164863, no2."""
    if len(word) > JOINED_MAX or word.isalpha():
        return None
    before, number = word[:-NUMBER_LETTERS], word[-NUMBER_LETTERS:]
    if before in BEFORE_NUMBER and NUMBER.fullmatch(number) and not number.isalpha():
        return before, number.upper()
    match = FIGURES.fullmatch(word)
    if match is None:
        return None
    before, figures = match.groups()
    wanted = BEFORE_NUMBER if TRACKING_ID.fullmatch(figures) else BEFORE_CHOICE if len(figures) == 1 else ()
    return (before, figures) if before in wanted else None


def parts_of(shadow: Shadow, words: Sequence[str], vocabulary: frozenset[str]) -> Parts | None:
    """Take a text apart; None as soon as there is a word that is none of `vocabulary` and no number."""
    parts, at = Parts(), 0
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if word == "pin" and parts.numbers and PIN.fullmatch(following):
            pass  # it only says what follows
        elif word in CHOICES and following not in UNITS:
            parts.choices.append(CHOICES[word])
        elif word in vocabulary and word not in CHOICES:
            parts.words.append(word)
        else:
            taken = _digits(parts, words, at) if word.isdecimal() or word in CHOICES else _mixed(parts, shadow, words, at)
            if not taken:
                return None
            at += taken - 1
        at += 1
    return parts


def _digits(parts: Parts, words: Sequence[str], at: int) -> int:
    """How many words from `at` are a number, a PIN, a choice, a time; 0 where nothing here is written so."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
    if following in UNITS and len(word) <= YEAR_DIGITS:
        parts.spans = True
        return 2
    if len(word) <= YEAR_DIGITS and _dated(words, at):
        parts.spans = True
        return 1
    if len(word) == 1:
        parts.choices.append(str(int(word)))
        return 1
    if TRACKING_ID.fullmatch(word):
        parts.numbers.append(word)
        return 1
    if parts.pin is None and parts.numbers and PIN.fullmatch(word):
        parts.pin = word
        return 1
    return 0


def _dated(words: Sequence[str], at: int) -> bool:
    """Whether a figure belongs to a date: behind *tgl*, or beside a month."""
    if at + 1 < len(words) and words[at + 1] in MONTHS:
        return True
    for word in reversed(words[max(at - DATE_WORDS, 0) : at]):
        if word in DATING or word in MONTHS:
            return True
        if not word.isdecimal():
            return False
    return False


def _mixed(parts: Parts, shadow: Shadow, words: Sequence[str], at: int) -> int:
    """The same for a word of letters, or of letters and digits."""
    word = words[at]
    number = number_in(word)
    if number is not None:
        parts.numbers.append(number)
        parts.plain |= word.isalpha() and not shadow.text[slice(*shadow.span(at))].isupper()
        return 1
    split = joined(word)
    if split is not None:
        parts.words.append(split[0])
        parts.choices += [split[1]] * (len(split[1]) == 1)
        parts.numbers += [split[1]] * (len(split[1]) > 1)
        return 1
    span = SPAN.fullmatch(word)
    if span is not None and span[2] in UNITS:
        parts.spans = True
        return 1
    halves = word + words[at + 1] if at + 1 < len(words) else ""
    if len(halves) == NUMBER_LETTERS and not halves.isalpha() and not words[at + 1].isdigit() and number_in(halves):
        parts.numbers.append(halves.upper())
        return 2
    return 0
