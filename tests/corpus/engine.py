"""What the engine decides about one labelled message, put together as gateway/composer.py puts it together."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers import command, keyword, place, routes, tags
from parsers.command import CommandKind
from parsers.model import Decision, Hints
from tests.corpus.labelled import WIDE, Labelled
from tests.tables import HASHTAGS, REGIONS, TABLE, TOPICS

TABLES = {"shipped": TABLE, "wide": routes.load(WIDE.read_text(encoding="utf-8"), regions=REGIONS, name=WIDE.name)}
COMMANDS = {CommandKind.CANCEL: "BATAL", CommandKind.YES: "CHOICE", CommandKind.NO: "CHOICE"}
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
    matched = tags.match(table, text, message.day) if message.channel == "x" else keyword.match(table, text, message.day)
    decision = keyword.weigh(table, matched, hints)
    start, end = decision.body
    body = text[start:end]
    return Outcome("complaint" if body.strip() else "empty", None, decision, hints, body)
