"""What the gateway makes of a text: for whoever asks why, tries a new table, or reads texts by machine. The composer decides the same way.

A post on X goes by its hashtags, an SMS by its keyword.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from gateway.control import Json
from gateway.tables import Kind, Tables
from parsers import command, keyword, place, tags
from parsers.command import Command
from parsers.model import Candidate, Decision, Hints
from parsers.regions import Regions
from parsers.routes import Table
from parsers.topics import Topics

MENTION = re.compile(r"@\w+")
SMS, X = "sms", "x"
CHANNELS = (SMS, X)


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """One text, read: a command, or a decision with its hints. `body` is what is left of the text without keyword and instruction."""

    text: str
    command: Command | None
    decision: Decision
    hints: Hints

    @property
    def body(self) -> str:
        """The citizen's own words, untouched; of a command what follows it (TAMBAH number text)."""
        start, end = self.decision.body if self.command is None else self.command.rest or (0, 0)
        return self.text[start:end]

    @property
    def kind(self) -> str:
        """`command`, `empty` (a keyword and nothing else) or `complaint`."""
        return "command" if self.command is not None else "complaint" if self.body.strip() else "empty"

    def __repr__(self) -> str:
        return f"Reading({self.kind} {self.decision.certainty} {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads texts by one set of tables; pure."""

    routes: Table
    hashtags: Table
    regions: Regions
    topics: Topics

    def read(self, text: str, day: dt.date, channel: str = SMS) -> Reading:
        """Read a text as it would be on `day`; never raises, whatever the text."""
        on_x = channel == X
        ask = command.read(MENTION.sub("", text) if on_x else text)
        if ask is not None and on_x and ask.rest is not None:
            ask = replace(ask, rest=None, rest_behind_pin=None)  # their range is not one of the text with the mention
        hints = place.read(text, self.regions, self.topics)
        table = self.hashtags if on_x else self.routes
        matched = tags.match(table, text, day) if on_x else keyword.match(table, text, day)
        return Reading(text, ask, keyword.weigh(table, matched, hints), hints)

    def decide(self, text: str, day: dt.date) -> Decision:
        """The decision of an SMS alone."""
        return keyword.weigh(self.routes, keyword.match(self.routes, text, day), place.read(text, self.regions, self.topics))


def reader_of(tables: Tables) -> Reader:
    """Reads by the tables of a gateway."""
    return Reader(tables.routes, tables.hashtags, tables.regions, tables.topics)


def with_table(reader: Reader, table: Table, kind: Kind = Kind.ROUTES) -> Reader:
    """The same reader with another table."""
    return replace(reader, routes=table) if kind is Kind.ROUTES else replace(reader, hashtags=table)


def document(reading: Reading) -> dict[str, Json]:
    """A reading for machines: the keys and values of docs/route-read.md, all of them, always."""
    ask, decision, hints = reading.command, reading.decision, reading.hints
    says = ask is None
    return {
        "kind": reading.kind,
        "decision": decision.certainty.value if says else None,
        "region": decision.region if says else None,
        "instansi": decision.instansi if says else None,
        "unit": decision.unit if says else None,
        "topic": hints.topic if says else None,
        "keyword": decision.keyword if says else None,
        "candidates": [_candidate(one) for one in decision.candidates] if says else [],
        "body": reading.body,
        "hints": {
            "regions": list(hints.regions),
            "places": list(hints.places),
            "dates": list(hints.dates),
            "identifiers": list(hints.identifiers),
            "danger": list(hints.danger),
            "oversight": hints.oversight,
            "language": hints.language,
            "argument": ask.argument if ask is not None else None,
        },
        "classification": hints.classification.value if says else None,
        "rahasia": says and hints.wants_rahasia,
        "anonim": says and hints.wants_anonim,
        "command": ask.kind.value.upper() if ask is not None else None,
        "rule": decision.rule if says else None,
        "version": decision.version,
    }


def _candidate(one: Candidate) -> Json:
    return {"region": one.region, "instansi": one.instansi, "keyword": one.keyword}
