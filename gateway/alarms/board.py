"""Which alarms are raised: each is raised once and over once, however its condition flickers. Pure; the time comes in.

quiet ──wrong──> rising ──lasted hold──> raised ──well──> falling ──lasted clear──> quiet
                   └──well──> quiet         ^──────wrong──────┘
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

ABOUTS_MAX = 200  # of one alarm: an outage of everything must not fill the log; the worst are kept


class State(enum.StrEnum):
    """Where one alarm about one thing is."""

    QUIET = "quiet"
    RISING = "rising"
    RAISED = "raised"
    FALLING = "falling"


class Input(enum.StrEnum):
    """What a look says of it."""

    WRONG = "wrong"
    WELL = "well"
    LASTED = "lasted"  # in its state for as long as that state's span


NEXT_STATE: dict[State, dict[Input, State]] = {
    State.QUIET: {Input.WRONG: State.RISING},
    State.RISING: {Input.WRONG: State.RISING, Input.WELL: State.QUIET, Input.LASTED: State.RAISED},
    State.RAISED: {Input.WRONG: State.RAISED, Input.WELL: State.FALLING},
    State.FALLING: {Input.WRONG: State.RAISED, Input.WELL: State.FALLING, Input.LASTED: State.QUIET},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong about one thing: the value found, the limit it passed."""

    code: str
    about: str
    value: float
    limit: float


@dataclass(slots=True)
class Entry:
    """One alarm about one thing; `wrong_ms` is since when it has been so (UTC), `at` when it came into its state (monotonic seconds)."""

    finding: Finding
    wrong_ms: int
    at: float
    state: State = State.QUIET


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm was raised (or is over) now."""

    finding: Finding
    since_ms: int
    raised: bool


class Board:
    """Keeps an entry for whatever is not quiet. `hold` gives the seconds after which what is wrong is an alarm, by code."""

    def __init__(self, hold: Callable[[str], float], clear_seconds: float) -> None:
        self._hold = hold
        self._clear_seconds = clear_seconds
        self._entries: dict[tuple[str, str], Entry] = {}

    @property
    def raised(self) -> list[Entry]:
        """What stands as an alarm, the oldest first."""
        standing = (State.RAISED, State.FALLING)
        return sorted((one for one in self._entries.values() if one.state in standing), key=lambda one: one.wrong_ms)

    def stands(self, code: str) -> frozenset[str]:
        """What one alarm stands about: there a condition must be well by a margin before it counts as well."""
        return frozenset(one.finding.about for one in self.raised if one.finding.code == code)

    def look(self, found: Iterable[Finding], now: float, now_ms: int) -> list[Change]:
        """Take in what one look found, of everything; what changed by it. `now` is monotonic seconds."""
        wrong = {(one.code, one.about): one for one in _bounded(found)}
        for key, finding in wrong.items():
            self._entries.setdefault(key, Entry(finding, now_ms, now)).finding = finding
        changes = []
        for key, entry in list(self._entries.items()):
            before = entry.state
            self._move(entry, Input.WRONG if key in wrong else Input.WELL, now)
            if self._lasted(entry, now):
                self._move(entry, Input.LASTED, now)
            if entry.state is State.QUIET:
                del self._entries[key]
            stood, stands = (one in (State.RAISED, State.FALLING) for one in (before, entry.state))
            if stood != stands:
                changes.append(Change(entry.finding, entry.wrong_ms, raised=stands))
        return changes

    def _move(self, entry: Entry, said: Input, now: float) -> None:
        if said is Input.WELL and entry.state is State.QUIET:
            return
        after = NEXT_STATE[entry.state][said]
        if after is not entry.state:
            entry.state, entry.at = after, now

    def _lasted(self, entry: Entry, now: float) -> bool:
        spans: Mapping[State, float] = {State.RISING: self._hold(entry.finding.code), State.FALLING: self._clear_seconds}
        return entry.state in spans and now - entry.at >= spans[entry.state]


def _bounded(found: Iterable[Finding]) -> list[Finding]:
    """At most so many of one code; those that passed their limit by most."""
    by_code: dict[str, list[Finding]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one)
    kept: list[Finding] = []
    for several in by_code.values():
        several.sort(key=lambda one: -abs(one.value - one.limit))
        kept += several[:ABOUTS_MAX]
    return kept
