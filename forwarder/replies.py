"""What citizens are told: the texts, their checks at load, and one pure function that renders a reply.

A text must fit one GSM-7 SMS with its longest values, because a second part costs money and may not arrive; extension characters and
web addresses are swallowed by some networks; and nothing of the citizen's own text ever goes back (a forged sender would make us a relay).
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forwarder.records import ReplyJob
from parsers import charset
from parsers.errors import SettingsError

KINDS: Mapping[str, frozenset[str]] = {
    "receipt": frozenset({"instansi", "number"}),
    "receipt_filed": frozenset({"instansi", "number", "tracking_id"}),
    "receipt_rahasia": frozenset({"number"}),
    "receipt_filed_rahasia": frozenset({"number", "tracking_id"}),
    "filed": frozenset({"number", "tracking_id"}),
    "resend": frozenset({"number"}),
    "empty": frozenset({"number"}),
    "request": frozenset({"number"}),
    "status_waiting": frozenset({"number"}),
    "status_desk": frozenset({"number"}),
    "status_filed": frozenset({"number", "tracking_id"}),
    "status_closed": frozenset({"number"}),
    "status_unknown": frozenset(),
    "info": frozenset(),
}
"""Every kind of reply and the fields its text may name."""
RAHASIA_KINDS = frozenset({"receipt", "receipt_filed"})
"""Kinds that name the instansi, and so have a second text for a rahasia complaint that does not."""
FORBIDDEN = ("gratis", "free of charge", "http", "www.", ".id/", ".com")
FALLBACK = "id"


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest value each field can take: what a text is measured with."""

    instansi: str = "Kab. Kepulauan Siau Tagulandang Biaro"
    number: str = "W7W2WW"
    tracking_id: str = "12345678"  # 7 digits in every published example; one more to be safe


class Texts:
    """The texts of one or more languages, checked; immutable after `load`."""

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self._by_language = by_language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are, the fallback first."""
        return tuple(sorted(self._by_language, key=lambda language: (language != FALLBACK, language)))

    def render(self, job: ReplyJob) -> str:
        """The text of one reply; the fallback language where the citizen's has none."""
        kind = f"{job.kind}_rahasia" if job.rahasia and job.kind in RAHASIA_KINDS else job.kind
        texts = self._by_language.get(job.language) or self._by_language[FALLBACK]
        return texts[kind].format(instansi=job.instansi_name, number=job.number, tracking_id=job.tracking_id)


def load(sources: Iterable[tuple[str, str]], *, longest: Longest | None = None) -> Texts:
    """Read reply files (name, TOML text); SettingsError names every text that breaks a rule, with the rule."""
    longest = longest or Longest()
    problems: list[str] = []
    by_language: dict[str, Mapping[str, str]] = {}
    for name, toml in sources:
        try:
            content = tomllib.loads(toml)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{name}: not TOML: {error}")
            continue
        texts = content.get("texts")
        language = content.get("language")
        if not isinstance(language, str) or not isinstance(texts, dict):
            problems.append(f'{name}: needs language = "…" and a table [texts]')
            continue
        problems += _problems(name, texts, longest)
        by_language[language] = texts
    if FALLBACK not in by_language and not problems:
        problems.append('replies: no file has language = "id", which every other language falls back to')
    if problems:
        raise SettingsError(problems)
    return Texts(by_language)


def _problems(name: str, texts: Mapping[str, object], longest: Longest) -> list[str]:
    found = [f"{name}: texts.{kind} is missing; copy it from the shipped file" for kind in KINDS if kind not in texts]
    for kind, text in texts.items():
        if kind not in KINDS:
            found.append(f"{name}: texts.{kind} is no reply of this version; known are {', '.join(KINDS)}")
        elif not isinstance(text, str):
            found.append(f"{name}: texts.{kind} must be a text in quotes")
        else:
            found += [f"{name}: texts.{kind} {problem}" for problem in _rules(kind, text, longest)]
    return found


def _rules(kind: str, text: str, longest: Longest) -> list[str]:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        return [f"has a bracket out of place: {error}"]
    if any(name is not None and (spec or conversion) for _, name, spec, conversion in parsed):
        return ["uses a format or conversion in a field; write the bare {name}"]
    fields = {name for _, name, _, _ in parsed if name is not None}
    if strange := fields - KINDS[kind]:
        return [f"names {{{min(strange)}}}, which it cannot know; it may use {sorted(KINDS[kind]) or 'no field'}"]
    filled = text.format(instansi=longest.instansi, number=longest.number, tracking_id=longest.tracking_id)
    problems = [f"contains {word!r}" for word in FORBIDDEN if word in filled.casefold()]
    if not charset.fits_gsm7(filled, extension=False):
        problems.append("has a character outside the GSM-7 default alphabet")
    elif (length := charset.septets(filled)) > charset.SEPTETS_OF_ONE_SMS:
        problems.append(f"is {length} characters with its longest values; at most {charset.SEPTETS_OF_ONE_SMS} fit one SMS")
    return problems
