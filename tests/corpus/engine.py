"""What the engine decides about one labelled message, put together as gateway/composer.py puts it together."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from parsers import command, keyword, place, routes
from parsers.command import CommandKind
from parsers.model import Candidate, Certainty, Decision, Hints
from tests.corpus.labelled import WIDE, Labelled
from tests.tables import HASHTAGS, REGIONS, TABLE, TOPICS

TABLES = {"shipped": TABLE, "wide": routes.load(WIDE.read_text(encoding="utf-8"), regions=REGIONS, name=WIDE.name)}
COMMANDS = {CommandKind.CANCEL: "BATAL"}
HASHTAG = re.compile(r"[#\uff03](\w+)")
MENTION = re.compile(r"@\w+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The engine's answer: a command, or a decision with its hints."""

    kind: str
    command: str | None = None
    decision: Decision | None = None
    hints: Hints | None = None
    body: str = ""

    @property
    def certainty(self) -> str:
        return "" if self.decision is None else str(self.decision.certainty)

    @property
    def candidates(self) -> frozenset[str]:
        """Codes and keywords that the citizen or the desk would be shown."""
        if self.decision is None:
            return frozenset()
        codes = {self.decision.region} | {candidate.region for candidate in self.decision.candidates}
        return frozenset(code for code in codes if code) | {candidate.keyword for candidate in self.decision.candidates}


def run(message: Labelled) -> Outcome:
    """Command first, then hints, then the keyword: the order of the composer."""
    text = message.text
    ask = command.read(MENTION.sub("", text) if message.channel == "x" else text)
    if ask is not None:
        return Outcome("command", COMMANDS.get(ask.kind, ask.kind.name))
    hints = place.read(text, REGIONS, TOPICS)
    table = HASHTAGS if message.channel == "x" else TABLES[message.table]
    matched = _by_tags(message) if message.channel == "x" else keyword.match(table, text, message.day)
    decision = keyword.weigh(table, matched, hints)
    start, end = decision.body
    body = text[start:end]
    return Outcome("complaint" if body.strip() else "empty", None, decision, hints, body)


def _by_tags(message: Labelled) -> Decision:
    """One regional tag decides, two leave it open; the national tags say nothing."""
    found = [keyword.match_tag(HASHTAGS, tag, message.day) for tag in HASHTAG.findall(message.text)]
    asked = [decision for decision in found if decision.certainty is not Certainty.NATIONAL and (decision.region or decision.candidates)]
    if not asked:
        return replace(keyword.match_tag(HASHTAGS, "lapor", message.day), body=(0, len(message.text)))
    if len({decision.region for decision in asked}) == 1:
        return replace(asked[0], body=(0, len(message.text)))
    regions = tuple(
        candidate for decision in asked for candidate in (decision.candidates or (Candidate(decision.region, decision.instansi, "#"),))
    )
    return replace(asked[0], certainty=Certainty.AMBIGUOUS, region=None, candidates=regions, body=(0, len(message.text)))
