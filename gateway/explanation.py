"""Why a text goes where it goes, on one screen of 80 columns: step by step, in the order in which the gateway reads."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator

from gateway.privacy import masked_text
from gateway.reading import Reader, Reading, X
from parsers import complaint
from parsers.model import Candidate, Certainty, Decision
from parsers.routes import Route
from parsers.text import words
from parsers.vocabulary_head import SKIPPED

COLUMNS = 80
LABEL = 12
TEXT_LINES = 3
BODY_CHARACTERS = 130
HEAD_WORDS = 8
DATE = "%d-%m-%Y"
MEANING = {
    Certainty.EXPLICIT: "a valid keyword stands at the head",
    Certainty.PROPOSED: "one keyword may be meant; nothing is guessed",
    Certainty.AMBIGUOUS: "several offices may be meant; nothing is guessed",
    Certainty.HINTED: "no keyword, but the text names a place",
    Certainty.NATIONAL: "nothing to go by",
    Certainty.EARLY: "the keyword is not valid yet",
    Certainty.LATE: "the keyword is no longer valid",
}


def page(reading: Reading, reader: Reader, day: dt.date, *, channel: str, policy: complaint.Disclosure) -> str:
    """The whole explanation; long numbers are masked, as on the desk."""
    return "\n".join(_lines(reading, reader, day, channel=channel, policy=policy))


def _lines(reading: Reading, reader: Reader, day: dt.date, *, channel: str, policy: complaint.Disclosure) -> Iterator[str]:
    table = reader.hashtags if channel == X else reader.routes
    yield from _quoted(reading.text)
    yield f"read on {day.strftime(DATE)} ({channel}) by table {table.name}, version {table.version}"
    yield ""
    if reading.command is not None:
        yield from _step("1 command", f"{reading.command.kind.value.upper()} {reading.command.argument or ''}".strip())
        yield from _step("", "Nothing but courtesies is left after the command and its argument, so it is no complaint.")
        return
    decision = reading.decision
    route = table.by_rule.get(decision.rule)
    yield from _step("1 command", "none: words are left that belong to no command")
    yield from _step("2 head", _head(reading) if channel != X else "only hashtags count in a post")
    yield from _step("3 keyword", decision.keyword or "none")
    yield from _step("4 rule", f"row {decision.rule}: {_row(route)}" if route else f"no row ({decision.rule})")
    yield from _step("5 certainty", f"{decision.certainty.value.upper()}: {MEANING[decision.certainty]}")
    yield from _step("", f"why: {decision.why}")
    yield from _step("6 goes to", _destination(decision, reader))
    if decision.unit:
        yield from _step("", f"unit: {decision.unit}")
    if decision.oversight:
        yield from _step("", f"also to {decision.oversight}, for it reports an abuse of office")
    label = "also named" if decision.certainty is Certainty.EXPLICIT else "candidates"
    for candidate in decision.candidates:
        yield from _step(label, _candidate(candidate))
        label = ""
    yield ""
    yield from _heard(reading, policy)


def _quoted(text: str) -> Iterator[str]:
    lines = [line for paragraph in masked_text(text).splitlines() or [""] for line in textwrap.wrap(paragraph, COLUMNS - 2) or [""]]
    yield from (f"| {line}".rstrip() for line in lines[:TEXT_LINES])
    if len(lines) > TEXT_LINES:
        yield f"| … {len(text)} characters"


def _head(reading: Reading) -> str:
    """The first words, with those in brackets that the engine passes over."""
    found = words(reading.text)[:HEAD_WORDS]
    first = next((index for index, word in enumerate(found) if word not in SKIPPED), len(found))
    if not found:
        return "no word in it"
    passed = f"({' '.join(found[:first])}: passed over) " if first else ""
    return masked_text(f"{passed}{' '.join(found[first:])} …" if len(found) == HEAD_WORDS else f"{passed}{' '.join(found[first:])}")


def _row(route: Route) -> str:
    parts = ["|".join(route.aliases)]
    parts += [f"from {route.valid_from.strftime(DATE)}"] if route.valid_from else []
    parts += [f"to {route.valid_to.strftime(DATE)}"] if route.valid_to else []
    parts += [f"owner {route.owner}"] if route.owner else []
    return ", ".join(parts)


def _destination(decision: Decision, reader: Reader) -> str:
    region = decision.region if decision.certainty is Certainty.EXPLICIT else None
    title = f"{region} {reader.regions[region].title}: " if region is not None and region in reader.regions else ""
    return f"{title}{decision.instansi}"


def _candidate(candidate: Candidate) -> str:
    by = f" (by {candidate.keyword})" if candidate.keyword else ""
    return f"{candidate.region or '-'} {candidate.instansi}{by}"


def _heard(reading: Reading, policy: complaint.Disclosure) -> Iterator[str]:
    hints = reading.hints
    named = [
        *(f"region {code}" for code in hints.regions),
        *(f"place {place}" for place in hints.places),
        *(f"time {date}" for date in hints.dates),
        *(f"danger {word}" for word in hints.danger),
        *(f"holds a personal number ({kind})" for kind in hints.identifiers),
    ]
    said = masked_text("; ".join(named))
    yield from _step("hints", (said if len(said) <= BODY_CHARACTERS else said[:BODY_CHARACTERS] + " …") or "none")
    yield from _step("topic", f"{hints.topic or 'none'}; {hints.classification.value}; language {hints.language}")
    body = masked_text(" ".join(reading.body.split()))
    body = body if len(body) <= BODY_CHARACTERS else body[:BODY_CHARACTERS] + " …"
    yield from _step("body", body or "empty: the citizen is asked to write again")
    rahasia = [
        *["asked for"] * hints.wants_rahasia,
        *["abuse of office"] * hints.oversight,
        *["personal number"] * bool(hints.identifiers),
    ]
    anonim = "asked for" if hints.wants_anonim else "as every complaint here" if policy.anonim_default else "no"
    yield from _step("flags", f"rahasia: {', '.join(rahasia) or 'no'}; anonim: {anonim}")


def _step(label: str, said: str) -> Iterator[str]:
    indent = " " * (LABEL + 1)
    yield from textwrap.wrap(said, COLUMNS, initial_indent=f"{label:<{LABEL}} ", subsequent_indent=indent) or [label]
