"""What citizens are told: the texts, their checks at load, and one pure function that renders a reply.

A language has two sets: `texts` for SMS and `posts` for every channel that has posts, some of which all the world can read.
An SMS must fit one GSM-7 message with its longest values, because a second part costs money and may not arrive; extension characters and
web addresses are swallowed by some networks, and a post with one costs twenty times as much; and nothing of the citizen's own text ever
goes back (a forged sender would make us a relay).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from forwarder.core.contract import CourseStatus
from forwarder.records import ReplyJob
from parsers import charset
from parsers.errors import SettingsError

KINDS: Mapping[str, frozenset[str]] = {
    "receipt": frozenset({"instansi", "number", "pin"}),
    "receipt_filed": frozenset({"instansi", "number", "tracking_id", "pin"}),
    "receipt_rahasia": frozenset({"number", "pin"}),
    "receipt_filed_rahasia": frozenset({"number", "tracking_id", "pin"}),
    "pin": frozenset({"number", "pin"}),
    "paper": frozenset({"number", "pin"}),
    "filed": frozenset({"number", "tracking_id"}),
    "resend": frozenset({"number"}),
    "empty": frozenset({"number"}),
    "request": frozenset({"number"}),
    "status_waiting": frozenset({"number"}),
    "status_desk": frozenset({"number"}),
    "status_filed": frozenset({"number", "tracking_id", "status"}),
    "status_closed": frozenset({"number"}),
    "status_unknown": frozenset(),
    "info": frozenset(),
}
"""Every kind of reply and the fields its text may name."""
SMS_ONLY = frozenset({"pin", "paper"})
"""Kinds and fields that never stand in a post; `paper` is what an officer hands the citizen."""
REF = "ref"
"""In posts: a mark of this very answer. X refuses a text that it has had from us already, so each must differ from all others."""
PUBLIC_RAHASIA = frozenset({REF})
"""What a public answer about a rahasia complaint may name: nothing of the complaint."""
RAHASIA_KINDS = frozenset({"receipt", "receipt_filed"})
"""Kinds that name the instansi, and so have a second text for a rahasia complaint that does not."""
IN_PUBLIC = "receipt_rahasia"
"""What is said in a post about a rahasia complaint in place of every other kind."""
FORBIDDEN = ("gratis", "free of charge", "http", "www.", ".id/", ".com")
LINKED = re.compile(r"[a-z0-9]\.[a-z]{2,}|@\w|#\w", re.IGNORECASE)
"""What X would make a link of."""
POST_CHARACTERS_MAX = 280  # as X counts them: characters beyond U+10FF count twice
FALLBACK = "id"
SMS, POSTS, STATUS = "texts", "posts", "status"
UNHEARD = "unheard"
COURSES = (UNHEARD, *CourseStatus)
"""The phrases of [status]: how a filed complaint stands at the core. A file whose texts do not name {status} needs none of them."""
SETS = {SMS: "by SMS", POSTS: "on X and in other channels of posts"}
Sets = Mapping[str, Mapping[str, str]]
"""The texts of one language: by set, then by kind."""


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest value each field can take: what a text is measured with."""

    instansi: str = "Kab. Kepulauan Siau Tagulandang Biaro"
    number: str = "W7W2WW"
    tracking_id: str = "12345678"  # 7 digits in every published example; one more to be safe
    ref: str = "R999999999"
    pin: str = "9999"
    status: str = ""
    """The longest phrase of the file's own [status]."""


class Texts:
    """The texts of one or more languages, checked; immutable after `load`."""

    def __init__(self, by_language: Mapping[str, Sets]) -> None:
        self._by_language = by_language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are, the fallback first."""
        return tuple(sorted(self._by_language, key=lambda language: (language != FALLBACK, language)))

    def sms(self) -> tuple[str, ...]:
        """Every text for SMS with its fields as they stand, in every language."""
        return tuple(text for sets in self._by_language.values() for text in sets[SMS].values())

    def render(self, job: ReplyJob) -> str:
        """The text of one reply; the fallback language where the citizen's has none. In posts nothing is said of a rahasia complaint."""
        each = SMS if job.answering is None else POSTS
        kind = job.kind
        if job.rahasia and (kind in RAHASIA_KINDS or each == POSTS):
            kind = f"{kind}_rahasia" if kind in RAHASIA_KINDS else IN_PUBLIC
        sets = self._by_language.get(job.language) or self._by_language[FALLBACK]
        return sets[each][kind].format(
            instansi=job.instansi_name,
            number=job.number,
            tracking_id=job.tracking_id,
            pin=job.pin,
            ref=f"R{job.reply_id}",
            status=sets.get(STATUS, {}).get(job.course or UNHEARD, ""),
        )

    def paper(self, language: str, number: str, pin: str) -> str:
        """What an officer gives the citizen on paper, or reads out."""
        sets = self._by_language.get(language) or self._by_language[FALLBACK]
        return sets[SMS]["paper"].format(number=number, pin=pin)


def load(sources: Iterable[tuple[str, str]], *, longest: Longest | None = None) -> Texts:
    """Read reply files (name, TOML text); SettingsError names every text that breaks a rule, with the rule."""
    longest = longest or Longest()
    problems: list[str] = []
    by_language: dict[str, Sets] = {}
    for name, toml in sources:
        try:
            content = tomllib.loads(toml)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{name}: not TOML: {error}")
            continue
        language = content.get("language")
        if not isinstance(language, str):
            problems.append(f'{name}: needs language = "…"')
            continue
        phrases = content.get(STATUS, {})
        found = _phrase_problems(name, phrases, content)
        problems += found
        sets: dict[str, Mapping[str, str]] = {STATUS: {} if found else phrases}
        measure = replace(longest, status=max(sets[STATUS].values(), key=len, default=""))
        for each, whose in SETS.items():
            texts = content.get(each)
            if isinstance(texts, dict):
                problems += _problems(name, each, texts, measure)
                sets[each] = texts
            else:
                problems.append(f"{name}: the table [{each}] is missing, what citizens read {whose}; copy it from the shipped file")
        by_language[language] = sets
    if FALLBACK not in by_language and not problems:
        problems.append('replies: no file has language = "id", which every other language falls back to')
    if problems:
        raise SettingsError(problems)
    return Texts(by_language)


def _phrase_problems(name: str, phrases: object, content: Mapping[str, object]) -> list[str]:
    """What is wrong with [status]; nothing where no text names one and there is none."""
    texts = [text for each in SETS if isinstance(table := content.get(each), dict) for text in table.values()]
    if not phrases and not any(isinstance(text, str) and "{status}" in text for text in texts):
        return []
    if not isinstance(phrases, dict):
        return [f"{name}: [{STATUS}] must be a table of phrases"]
    found = [f"{name}: {STATUS}.{word} is missing; copy it from the shipped file" for word in COURSES if word not in phrases]
    for word, phrase in phrases.items():
        if word not in COURSES:
            found.append(f"{name}: {STATUS}.{word} is no status of this version; known are {', '.join(COURSES)}")
        elif not isinstance(phrase, str) or not charset.fits_gsm7(phrase, extension=False) or "{" in phrase:
            found.append(f"{name}: {STATUS}.{word} must be a text in quotes, in the GSM-7 default alphabet, without fields")
        elif LINKED.search(phrase) or any(word in phrase.casefold() for word in FORBIDDEN):
            found.append(f"{name}: {STATUS}.{word} has what networks or X would take for a link, or a promise of cost")
    return found


def _problems(name: str, each: str, texts: Mapping[str, object], longest: Longest) -> list[str]:
    known = KINDS if each == SMS else KINDS.keys() - SMS_ONLY
    found = [f"{name}: {each}.{kind} is missing; copy it from the shipped file" for kind in KINDS if kind in known and kind not in texts]
    for kind, text in texts.items():
        if kind not in known:
            found.append(f"{name}: {each}.{kind} is no reply of this version; known are {', '.join(known)}")
        elif not isinstance(text, str):
            found.append(f"{name}: {each}.{kind} must be a text in quotes")
        else:
            found += [f"{name}: {each}.{kind} {problem}" for problem in _rules(each, kind, text, longest)]
    return found


def _rules(each: str, kind: str, text: str, longest: Longest) -> list[str]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        return [f"has a bracket out of place: {error}"]
    if any(name is not None and (spec or conversion) for _, name, spec, conversion in parsed):
        return ["uses a format or conversion in a field; write the bare {name}"]
    public = KINDS[kind] - SMS_ONLY | {REF} if each == POSTS else KINDS[kind]
    allowed = PUBLIC_RAHASIA if each == POSTS and kind.endswith("_rahasia") else public
    fields = {name for _, name, _, _ in parsed if name is not None}
    if strange := fields - allowed:
        return [f"names {{{min(strange)}}}, which it cannot know; it may use {sorted(allowed) or 'no field'}"]
    filled = text.format(**asdict(longest))
    problems = [f"contains {word!r}" for word in FORBIDDEN if word in filled.casefold()]
    return problems + (_fits_a_post(kind, text, filled) if each == POSTS else _fits_an_sms(filled))


def _fits_an_sms(filled: str) -> list[str]:
    if not charset.fits_gsm7(filled, extension=False):
        return ["has a character outside the GSM-7 default alphabet"]
    length, most = charset.septets(filled), charset.SEPTETS_OF_ONE_SMS
    return [f"is {length} characters with its longest values; at most {most} fit one SMS"] if length > most else []


def _fits_a_post(kind: str, text: str, filled: str) -> list[str]:
    own = f"{{{REF}}}" in text or ("{number}" in text and kind.startswith("receipt"))  # a complaint has one receipt
    problems = [] if own else [f"does not name {{{REF}}}: X refuses the same text twice"]
    problems += [f"has {found[0]!r}, which X would make a link or a call of"] if (found := LINKED.search(text)) else []
    if (length := post_characters(filled)) > POST_CHARACTERS_MAX:
        problems.append(f"is {length} characters with its longest values; at most {POST_CHARACTERS_MAX} fit one post")
    return problems


def post_characters(text: str) -> int:
    """How long X takes a text to be: 1 for a character up to U+10FF, 2 beyond (X's counting of weighted characters, version 3)."""
    return sum(1 if ord(character) < 0x1100 else 2 for character in text)
