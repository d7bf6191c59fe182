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
from datetime import date
from typing import NamedTuple

from forwarder import choices
from forwarder.core.contract import CourseStatus
from forwarder.excerpt import excerpt
from forwarder.records import ReplyJob
from parsers import charset
from parsers.errors import SettingsError

KINDS: Mapping[str, frozenset[str]] = {
    "receipt": frozenset({"instansi", "number", "pin"}),
    "receipt_filed": frozenset({"instansi", "number", "tracking_id", "pin"}),
    "receipt_rahasia": frozenset({"number", "pin"}),
    "receipt_filed_rahasia": frozenset({"number", "tracking_id", "pin"}),
    "receipt_danger": frozenset({"instansi", "number", "pin"}),
    "receipt_danger_rahasia": frozenset({"number", "pin"}),
    "pin": frozenset({"number", "pin"}),
    "paper": frozenset({"number", "pin"}),
    "filed": frozenset({"number", "tracking_id"}),
    "resend": frozenset({"number"}),
    "ask_region": frozenset({"number", "choices"}),
    "ask_place": frozenset({"number"}),
    "empty": frozenset({"number"}),
    "added": frozenset({"number"}),
    "add_how": frozenset({"number"}),
    "request": frozenset({"number"}),
    "now_rahasia": frozenset({"number"}),
    "now_anonim": frozenset({"number"}),
    "wish_rahasia": frozenset({"number"}),
    "wish_anonim": frozenset({"number"}),
    "wish_batal": frozenset({"number"}),
    "withdrawn": frozenset({"number"}),
    "withdraw_desk": frozenset({"number"}),
    "granted": frozenset({"number", "wish"}),
    "denied": frozenset({"number", "wish"}),
    "status_waiting": frozenset({"number"}),
    "status_asked": frozenset({"number"}),
    "status_desk": frozenset({"number"}),
    "status_filed": frozenset({"number", "tracking_id", "status"}),
    "status_filed_due": frozenset({"number", "tracking_id", "status", "due"}),
    "status_closed": frozenset({"number"}),
    "status_unknown": frozenset(),
    "news": frozenset({"number", "status"}),
    "news_rahasia": frozenset({"number"}),
    "news_done": frozenset({"number"}),
    "news_answer": frozenset({"number", "answer"}),
    "news_asks": frozenset({"number", "answer"}),
    "news_asks_rahasia": frozenset({"number"}),
    "info": frozenset(),
    "stopped": frozenset(),
    "started": frozenset(),
}
"""Every kind of reply and the fields its text may name."""
SMS_ONLY = frozenset(
    {"pin", "paper", "ask_region", "ask_place"} | {"news", "news_rahasia", "news_done", "news_answer", "news_asks", "news_asks_rahasia"}
)
"""Kinds and fields that never stand in a post; `paper` is what an officer hands out. In public nothing is asked and no news told."""
REF = "ref"
"""In posts: a mark of this very answer. X refuses a text that it has had from us already, so each must differ from all others."""
PUBLIC_RAHASIA = frozenset({REF})
"""What a public answer about a rahasia complaint may name: nothing of the complaint."""
RAHASIA_KINDS: Mapping[str, str] = {
    "receipt": "receipt_rahasia",
    "receipt_filed": "receipt_filed_rahasia",
    "receipt_danger": "receipt_danger_rahasia",
    "ask_region": "ask_place",
    "news": "news_rahasia",
    "news_answer": "news_rahasia",
    "news_asks": "news_asks_rahasia",
}
"""Kinds that name the instansi, or say what the case is about, and what a rahasia complaint has in their place."""
IN_PUBLIC = "receipt_rahasia"
"""What is said in a post about a rahasia complaint in place of every other kind."""
FORBIDDEN = ("gratis", "free of charge", "http", "www.", ".id/", ".com")
LINKED = re.compile(r"[a-z0-9]\.[a-z]{2,}|@\w|#\w", re.IGNORECASE)
"""What X would make a link of."""
POST_CHARACTERS_MAX = 280  # as X counts them: characters beyond U+10FF count twice
FALLBACK = "id"
SMS, POSTS, STATUS, WISHES, CHOICES, MONTHS = "texts", "posts", "status", "wishes", "choices", "months"
UNHEARD = "unheard"
COURSES = (UNHEARD, *CourseStatus)
"""The phrases of [status]: how a filed complaint stands at the core."""
ANSWER_SEPTETS_MIN = 60  # Ours: a sentence of an instansi; less would be a riddle for the price of an SMS.


class Phrases(NamedTuple):
    """A table of words that one field is made of, beside the texts that name it. A file whose texts do not name it needs no table."""

    field: str
    keys: tuple[str, ...]
    septets_max: int = charset.SEPTETS_OF_ONE_SMS


PHRASES: Mapping[str, Phrases] = {
    STATUS: Phrases("status", COURSES),
    WISHES: Phrases("wish", ("rahasia", "anonim", "batal", "keberatan")),
    CHOICES: Phrases("choices", choices.WORDS, choices.WORD_SEPTETS_MAX),
    MONTHS: Phrases("due", tuple(str(month) for month in range(1, 13))),
}
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
    choices: str = "x" * choices.CHOICES_SEPTETS_MAX
    answer: str = "x" * ANSWER_SEPTETS_MIN
    status: str = ""
    """The longest phrase of the file's own [status]; `wish` and `due` likewise."""
    wish: str = ""
    due: str = ""

    def within(self, sets: Sets) -> Longest:
        """The same with the longest words of one file."""
        longest = {table: max(sets[table].values(), key=len, default="") for table in PHRASES}
        return replace(self, status=longest[STATUS], wish=longest[WISHES], due=f"31 {longest[MONTHS]} 2026")


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
        each = SMS if job.answering is None or job.kind in SMS_ONLY else POSTS  # a program that asks for its citizens reads what they would
        kind = _said_as(job, each)
        sets = self._by_language.get(job.language) or self._by_language[FALLBACK]
        text = sets[each][kind]
        facts = _facts(job, sets) | {"answer": ""}
        if "{choices}" in text:
            facts["choices"] = choices.numbered(job.choices, choices.CHOICES_SEPTETS_MAX, sets[CHOICES])
        if "{answer}" not in text:
            return text.format(**facts)
        quoted = excerpt(job.answer or "", charset.SEPTETS_OF_ONE_SMS - charset.septets(text.format(**facts)))
        return text.format(**facts | {"answer": quoted}) if quoted else sets[each][RAHASIA_KINDS[kind]].format(**facts)

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
        if language in by_language:
            problems.append(f"{name}: another file has language = {language!r} already; list one of them")
        by_language[language], found = _read(name, content, longest)
        problems += found
    if FALLBACK not in by_language and not problems:
        problems.append('replies: no file has language = "id", which every other language falls back to')
    if problems:
        raise SettingsError(problems)
    return Texts(by_language)


def _said_as(job: ReplyJob, each: str) -> str:
    """Which text a reply has: one without particulars for a rahasia complaint, the one with a date where a date is known."""
    hidden = RAHASIA_KINDS.get(job.kind) if job.rahasia else None
    if job.rahasia and each == POSTS:
        return hidden if hidden is not None and hidden not in SMS_ONLY else IN_PUBLIC
    if hidden is not None:
        return hidden
    if job.kind == "status_filed" and job.due is not None:
        return "status_filed_due"
    if job.kind == "ask_region" and not choices.offered(job.choices):
        return "ask_place"
    return job.kind


def _facts(job: ReplyJob, sets: Sets) -> dict[str, str | None]:
    """What the fields of a text stand for, in the words of one language."""
    return {
        "instansi": job.instansi_name,
        "number": job.number,
        "tracking_id": job.tracking_id,
        "pin": job.pin,
        "ref": f"R{job.reply_id}",
        "status": sets[STATUS].get(job.course or UNHEARD, ""),
        "wish": sets[WISHES].get(job.wish or "", ""),
        "due": _written(job.due, sets[MONTHS]),
    }


def _written(due: date | None, months: Mapping[str, str]) -> str:
    """A day as people write it in an SMS: 12 Des 2026."""
    return "" if due is None else f"{due.day} {months.get(str(due.month), '')} {due.year}"


def _read(name: str, content: Mapping[str, object], longest: Longest) -> tuple[Sets, list[str]]:
    """The sets of one file, and what is wrong with it."""
    sets: dict[str, Mapping[str, str]] = {}
    problems: list[str] = []
    texts = [text for each in SETS if isinstance(table := content.get(each), dict) for text in table.values()]
    for table, phrases in PHRASES.items():
        words = content.get(table, {})
        named = any(isinstance(text, str) and f"{{{phrases.field}}}" in text for text in texts)
        found = _phrase_problems(f"{name}: {table}", phrases, words) if words or named else []
        problems += found
        sets[table] = words if isinstance(words, dict) and not found else {}
    measure = longest.within(sets)
    for each, whose in SETS.items():
        table_of = content.get(each)
        if isinstance(table_of, dict):
            problems += _problems(name, each, table_of, measure)
            sets[each] = table_of
        else:
            problems.append(f"{name}: the table [{each}] is missing, what citizens read {whose}; copy it from the shipped file")
    return sets, problems


def _phrase_problems(where: str, phrases: Phrases, words: object) -> list[str]:
    """What is wrong with one table of words."""
    if not isinstance(words, dict):
        return [f"{where} must be a table of phrases"]
    found = [f"{where}.{word} is missing; copy it from the shipped file" for word in phrases.keys if word not in words]
    for word, phrase in words.items():
        if word not in phrases.keys:
            found.append(f"{where}.{word} is no {phrases.field} of this version; known are {', '.join(phrases.keys)}")
        elif not isinstance(phrase, str) or not charset.fits_gsm7(phrase, extension=False) or "{" in phrase:
            found.append(f"{where}.{word} must be a text in quotes, in the GSM-7 default alphabet, without fields")
        elif LINKED.search(phrase) or any(word in phrase.casefold() for word in FORBIDDEN):
            found.append(f"{where}.{word} has what networks or X would take for a link, or a promise of cost")
        elif len(phrase) > phrases.septets_max:
            found.append(f"{where}.{word} is {len(phrase)} characters; at most {phrases.septets_max} have room")
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
