"""What an alarm goes by: one metric against one limit. Looked at here by the gateway itself, written by rules.py for Prometheus."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.alarms.board import Finding
from gateway.metrics import ROWS

Series = Mapping[tuple[str, ...], float]
Read = Callable[[str], Series]
"""The series of a metric by their labels, in the table's order; empty where nobody reads it."""
Compare = Literal[">", ">=", "<", "<="]

SLACK = 0.1  # of the limit: so much better must it be before a measured alarm is over
SAMPLES_PER_SPAN = 60  # growth over a quarter of an hour is known to 15 seconds
SERIES_MAX = 2_000  # whose growth is remembered


@dataclass(frozen=True, slots=True)
class Sign:
    """`metric` compared with `limit`, for each value of the labels `by`; of several series the worst counts.

    `where` and `but` choose series by whole regular expressions. With `grown_seconds` growth over that span is compared, summed; with
    `share` that growth as a share of all growth of `metric`, where all grew by `least`. `measured` values must be well by a margin. With
    `every` all of several series must be wrong, so the best counts.
    """

    metric: str
    compare: Compare
    limit: float
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    but: Mapping[str, str] = field(default_factory=dict)
    grown_seconds: float = 0.0
    share: bool = False
    least: float = 0.0
    measured: bool = False
    every: bool = False

    @property
    def above(self) -> bool:
        """Whether more is worse."""
        return self.compare.startswith(">")

    def wrong(self, value: float, *, stands: bool) -> bool:
        """Whether a value is an alarm; `stands` where it is one already."""
        margin = SLACK if stands and self.measured else 0.0
        limit = self.limit * (1 - margin if self.above else 1 + margin)
        return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[self.compare]

    def chooses(self, labels: Mapping[str, str]) -> bool:
        """Whether a series counts."""
        return all(re.fullmatch(pattern, labels.get(name, "")) for name, pattern in self.where.items()) and not any(
            re.fullmatch(pattern, labels.get(name, "")) for name, pattern in self.but.items()
        )


@dataclass(frozen=True, slots=True)
class Look:
    """One look: how metrics are read, how counters grew, and when it is (monotonic seconds)."""

    read: Read
    growth: Growth
    now: float


class Growth:
    """What counters were, for as long as somebody asks how they grew."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, tuple[str, ...], float], deque[tuple[float, float]]] = {}
        self._began: float | None = None

    def begin(self, now: float) -> None:
        """A look begins; a counter that appears in a later one has grown from nothing."""
        if self._began is None:
            self._began = now

    def of(self, metric: str, labels: tuple[str, ...], value: float, now: float, span: float) -> float:
        """How much it grew within the last `span` seconds; since the first look where that was later."""
        key = (metric, labels, span)
        samples = self._samples.get(key)
        if samples is None:
            if len(self._samples) >= SERIES_MAX:
                return 0.0
            samples = self._samples[key] = deque([(now, value if now == self._began else 0.0)])
        if now - samples[-1][0] >= span / SAMPLES_PER_SPAN:
            samples.append((now, value))
        while len(samples) > 1 and samples[1][0] <= now - span:
            samples.popleft()
        return max(0.0, value - samples[0][1])


def findings(code: str, sign: Sign, look: Look, *, stands: frozenset[str]) -> Iterator[Finding]:
    """What one sign finds wrong now, a finding for each thing; `stands` are those about which the alarm stands already."""
    for about, value in _values(sign, look).items():
        if sign.wrong(value, stands=about in stands):
            yield Finding(code, about, value, sign.limit)


def _values(sign: Sign, look: Look) -> dict[str, float]:
    names = ROWS[sign.metric].labels
    chosen: dict[str, list[float]] = {}
    whole: dict[str, float] = {}
    for labels, number in look.read(sign.metric).items():
        named = dict(zip(names, labels, strict=True))
        about = "/".join(named[name] for name in sign.by)
        value = look.growth.of(sign.metric, labels, number, look.now, sign.grown_seconds) if sign.grown_seconds else number
        whole[about] = whole.get(about, 0.0) + value
        if sign.chooses(named):
            chosen.setdefault(about, []).append(value)
    if sign.share:
        return {about: sum(values) / whole[about] for about, values in chosen.items() if whole[about] >= max(sign.least, 1e-9)}
    if sign.grown_seconds:
        return {about: sum(values) for about, values in chosen.items()}
    counts = max if sign.above is not sign.every else min
    return {about: counts(values) for about, values in chosen.items()}
