"""How long a step of a complaint may take by rule: working days by regulation, place and kind (config/deadlines.csv, docs/clocks.md).

A rule holds for what is received from its day on; what came before keeps the older one. A region's own row stands above that of the region
around it, whatever their days: a local rule is not undone by a newer national one, but by a row of its own with `-`.
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parsers import sheets
from parsers.errors import SettingsError
from parsers.model import Classification
from parsers.regions import Regions
from parsers.workdays import read_date

COLUMNS = ("from", "rule", "region", "step", "kind", "days", "basis")
NONE = "-"
"""In `days`: from this day on the region, or the country, has no rule of its own for this step."""
DAYS_MAX = 365  # Ours: the longest by law is 60; a year is a mistyped number.
_DAYS = re.compile(r"[1-9]\d{0,2}", re.ASCII)


class Step(enum.StrEnum):
    """What is waited for, in the order of a complaint's way (DOMAIN §2.1)."""

    VERIFY = "verify"  # an admin reads it and gives it to an instansi (disposisi); from the day it was received
    ANSWER = "answer"  # the instansi's first answer; from the disposisi
    FINISH = "finish"  # settled; from the day it was received
    CLOSE = "close"  # the core closes what was settled when its reporter says nothing; from the day it was finished


class Kind(enum.StrEnum):
    """By what the time until the end differs."""

    INFORMATION = "information"  # an aspiration, or a request for information
    COMPLAINT = "complaint"  # tidak berkadar pengawasan
    OVERSIGHT = "oversight"  # berkadar pengawasan: about an abuse of office


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many working days, by which rule."""

    days: int
    rule: str


Key = tuple[str, Step, Kind | None]
"""Region (empty: everywhere), step, and kind (None: every one)."""


@dataclass(frozen=True, slots=True, eq=False)
class Deadlines:
    """The table. `rows` has for each region, step and kind the days from which a rule holds, in order, with the rule (None: no own one)."""

    rows: Mapping[Key, tuple[Sequence[dt.date], Sequence[Deadline | None]]]

    def of(self, received: dt.date, step: Step, kind: Kind, region: str | None = None) -> Deadline | None:
        """The rule for what is received on that day there; None where there is none."""
        for place in _outwards(region or ""):
            for of_kind in (kind, None):
                days, rules = self.rows.get((place, step, of_kind), ((), ()))
                at = bisect.bisect_right(days, received)
                if at and (rule := rules[at - 1]) is not None:
                    return rule
        return None

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have rows of their own, in order."""
        return tuple(sorted({region for region, _, _ in self.rows if region}))


def kind_of(classification: str | None, *, oversight: bool = False) -> Kind:
    """By which of them a complaint is measured; what nobody classified is a complaint."""
    if oversight:
        return Kind.OVERSIGHT
    return Kind.COMPLAINT if classification in (None, Classification.PENGADUAN) else Kind.INFORMATION


def load(csv_text: str, known: Regions, *, name: str = "deadlines.csv") -> Deadlines:
    """Read config/deadlines.csv, `,` or `;` between the cells; raises SettingsError with every problem as `file:line: what`."""
    problems: list[str] = []
    found: dict[Key, dict[dt.date, Deadline | None]] = {}
    for number, cells in sheets.rows(csv_text, COLUMNS, name=name):
        if problem := sheets.width_problem(cells, COLUMNS) or _problem(cells, known):
            problems.append(f"{name}:{number}: {problem}")
            continue
        since, rule, region, step, kind, days, _ = cells
        rules = found.setdefault((region, Step(step), Kind(kind) if kind else None), {})
        day = dt.date.fromisoformat(since)
        if day in rules:
            problems.append(f"{name}:{number}: there is a row of {since} for the same region, step and kind already")
        rules[day] = None if days == NONE else Deadline(int(days), rule)
    problems += [] if problems else [f"{name}: {problem}" for problem in _missing(found)]
    if problems:
        raise SettingsError(problems[: sheets.PROBLEMS_MAX])
    return Deadlines({key: (tuple(sorted(rules)), tuple(rules[day] for day in sorted(rules))) for key, rules in found.items()})


def _outwards(region: str) -> Iterator[str]:
    """The region, what it lies in, and the country."""
    while region:
        yield region
        region = region.rpartition(".")[0]
    yield ""


def _problem(cells: Sequence[str], known: Regions) -> str | None:
    since, rule, region, step, kind, days, basis = cells
    for wrong, said in (
        (read_date(since) is None, f"{since[:20]!r} is no date; write it as 2026-12-25"),
        (bool(region) and region not in known, f"{region[:20]!r}: no region has this code{_meant(region, known)}"),
        (step not in list(Step), f"step {step[:20]!r} is none of {', '.join(Step)}"),
        (bool(kind) and kind not in list(Kind), f"kind {kind[:20]!r} is none of {', '.join(Kind)}; empty means all of them"),
        (not _is_days(days), f"days {days[:20]!r} is no whole number from 1 to {DAYS_MAX}, and not `{NONE}` for none"),
        (not rule, "the rule has no name: which regulation says so?"),
        (not basis, "the basis is empty: where is it read, such as `Pasal 12`, or a page?"),
    ):
        if wrong:
            return said
    return None


def _is_days(written: str) -> bool:
    return written == NONE or bool(_DAYS.fullmatch(written) and int(written) <= DAYS_MAX)


def _meant(region: str, known: Regions) -> str:
    near = known.meant(region)
    return f"; meant {' or '.join(near)}?" if near else "; empty means everywhere"


def _missing(found: Mapping[Key, object]) -> Iterator[str]:
    """Steps that no row of the whole country speaks of: then nothing would ever be late."""
    for step in Step:
        for kind in Kind:
            if not any(("", step, of_kind) in found for of_kind in (kind, None)):
                yield f"no row has the step {step} of kind {kind} for everywhere (region empty): add one; days `{NONE}` for none"
