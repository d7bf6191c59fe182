"""Trying a routing table on recorded texts: which decisions would change, and which first words have no route.

Texts are worked off some at a time with a breath between, so that a running gateway's messages never wait for it. What is shown of
a text is its beginning, masked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from forwarder.journal import Recorded
from gateway.control import Json
from gateway.privacy import masked_text
from gateway.reading import Reader
from parsers import command
from parsers.model import Certainty, Decision
from parsers.text import words
from parsers.vocabulary import ORDINARY
from parsers.vocabulary_head import SKIPPED

AT_ONCE = 20  # texts between two breaths: some milliseconds
SHOWN_CHARACTERS = 32  # of a text: greeting and keyword, not the story
WITHOUT_ROUTE = (Certainty.NATIONAL.value, Certainty.HINTED.value)
WORD_MAX = 24  # characters; above it is no word that anybody would publish
DIGITS_MAX = 5  # in a first word: more is somebody's number

Traffic = AsyncIterator[tuple[int, list[Recorded]]]
Breath = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Two tables on one day; `since_ms` and `now_ms` bound the traffic, for the progress."""

    before: Reader
    after: Reader
    day: dt.date
    since_ms: int
    now_ms: int


async def rehearse(asked: Rehearsal, traffic: Traffic, breathe: Breath) -> AsyncIterator[dict[str, Json]]:
    """Yield `{"change": …}` for every decision that would change, `{"progress": …}` as it goes, and `{"summary": …}` at the end."""
    read = changed = 0
    ways: Counter[tuple[str, str]] = Counter()
    async for newest_ms, texts in traffic:
        for number, one in enumerate(texts):
            if number % AT_ONCE == 0:
                await breathe()
            read += 1
            old, new = asked.before.decide(one.text, asked.day), asked.after.decide(one.text, asked.day)
            if _where(old) != _where(new):
                changed += 1
                ways[described(asked.before, old), described(asked.after, new)] += 1
                yield {"change": _change(asked, one, old, new)}
        yield {"progress": {"read": read, "changed": changed, "share": share(asked.since_ms, asked.now_ms, newest_ms)}}
    counted: list[Json] = [{"from": before, "to": after, "count": count} for (before, after), count in ways.most_common()]
    yield {"summary": {"read": read, "changed": changed, "ways": counted}}


async def unmatched(traffic: Traffic, breathe: Breath, bounds: tuple[int, int], known: Reader) -> AsyncIterator[dict[str, Json]]:
    """Count the first words of texts without a route: `{"progress": …}` as it goes, `{"words": {word: count}}` at the end.

    `bounds` are the times between which texts are asked for. Everyday words, commands, numbers and what has a route by now are left out.
    """
    read = 0
    counts: Counter[str] = Counter()
    async for newest_ms, texts in traffic:
        for number, one in enumerate(texts):
            if number % AT_ONCE == 0:
                await breathe()
            read += 1
            word = first_word(one.text)
            if word and _publishable(word) and word not in known.routes.aliases:
                counts[word] += 1
        yield {"progress": {"read": read, "changed": len(counts), "share": share(*bounds, newest_ms)}}
    yield {"words": dict(counts.most_common()), "read": read}


def first_word(text: str) -> str:
    """The first word of a text after greetings and copied instructions, as the engine compares it; empty when there is none."""
    return next((word for word in words(text) if word not in SKIPPED), "")


def described(reader: Reader, decision: Decision) -> str:
    """A decision in one phrase: `Kab. Agam / PDAM`, `national desk (ambiguous)`."""
    if decision.certainty is not Certainty.EXPLICIT:
        return f"national desk ({decision.certainty})"
    return reader.routes.name_of(decision) + (f" / {decision.unit}" if decision.unit else "")


def share(since_ms: int, now_ms: int, newest_ms: int) -> float:
    """How much of the time asked for has been gone through, 0 to 1; the newest texts come first."""
    return min(1.0, max(0.0, (now_ms - newest_ms) / max(1, now_ms - since_ms)))


def _where(decision: Decision) -> tuple[object, ...]:
    """What makes two decisions different for the citizen and the desk: where it goes, how sure, who else could be meant."""
    return (
        decision.certainty,
        decision.region,
        decision.instansi,
        decision.unit,
        decision.oversight,
        tuple(sorted(one.region or one.instansi for one in decision.candidates)),
    )


def _change(asked: Rehearsal, one: Recorded, old: Decision, new: Decision) -> dict[str, Json]:
    shown = masked_text(one.text)
    return {
        "number": one.number,
        "received_ms": one.received_ms,
        "from": described(asked.before, old),
        "to": described(asked.after, new),
        "why": new.why,
        "text": shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "…",
    }


def _publishable(word: str) -> bool:
    digits = sum(letter.isdigit() for letter in word)
    return 2 <= len(word) <= WORD_MAX and digits <= DIGITS_MAX and digits < len(word) and word not in ORDINARY and word not in command.KINDS
