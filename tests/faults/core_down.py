"""The core is away for an hour at 20 complaints a second (RELIABILITY §4 C3): how it is waited for, and how it is caught up.

Time is virtual. The dispatcher is the real one, the journal its peer in memory: what is measured is who goes when. One sender in ten is
a flood.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
import logging
import sys
from dataclasses import dataclass

from forwarder.core.contract import NotFiled, Outcome
from forwarder.lifecycle import ComplaintState
from parsers.model import Complaint
from tests import virtual
from tests.faults.record import record
from tests.forwarder.peers import Stage, stage
from tests.quiet import quiet

BUDGET_SECONDS = 40
SEED = 20261128
DOWN_SECONDS = 3_600
PER_SECOND = 20
FLOOD_EVERY = 10  # each tenth complaint is of one and the same number
BEFORE_SECONDS = 10
DRAIN_SECONDS_MAX = 3_600.0
PROBE_SECONDS_MIN = 30.0
PASSED_MAX = 2_000
"""So many younger ones may be filed before an older one of another sender: what memory and one look into the journal hold."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one outage came to."""

    held: int
    lost: int
    doubled: int
    probes: int
    probe_gap_seconds_min: float
    drain_seconds: float
    passed_max: int
    """The most younger complaints of other senders that one had to let pass."""
    flood_ahead: int
    """Of the flood, filed before the last of those that came before it was half over."""

    @property
    def good(self) -> bool:
        in_order = self.passed_max <= PASSED_MAX
        timely = self.drain_seconds <= DRAIN_SECONDS_MAX and self.probe_gap_seconds_min >= PROBE_SECONDS_MIN - 0.5
        return not self.lost and not self.doubled and in_order and timely


async def _away(_record: Complaint, _attempt: int) -> Outcome:
    return NotFiled("no connection: ClientConnectorError")


async def _second(it: Stage) -> None:
    for place in range(PER_SECOND):
        it.offer(1, sender="+628111" if place % FLOOD_EVERY == 0 else None)
    await asyncio.sleep(1)


async def _story(down_seconds: int, *, newest_first: bool) -> Found:
    it = stage(seed=SEED)
    it.core.answer_seconds = 0.5  # with 100 at once 200 complaints a second
    if newest_first:
        _plant(it)
    running = asyncio.ensure_future(it.dispatcher.run())
    for _ in range(BEFORE_SECONDS):
        await _second(it)
    await it.until(it.all_filed, 60)
    first = len(it.journal.rows)
    it.core.behave, it.core.healthy, it.core.probes = _away, False, []
    for _ in range(down_seconds):
        await _second(it)
    held, probes, sent = len(it.journal.rows) - first, list(it.core.probes), len(it.core.order)
    back = virtual.loop().time()
    it.core.behave, it.core.healthy = it.core.well, True
    backlog = it.journal.rows.keys() - set(it.journal.state(ComplaintState.FILED))
    drained = 0.0
    while not drained:
        await _second(it)  # the others go on writing
        if all(it.journal.rows[one].state is ComplaintState.FILED for one in backlog):
            drained = virtual.loop().time() - back
        assert virtual.loop().time() < back + 4 * DRAIN_SECONDS_MAX, "never drained"
    await it.until(it.all_filed, 600)
    await it.dispatcher.stop()
    await running
    gaps = [later - earlier for earlier, later in itertools.pairwise(probes)]
    return Found(
        held=held,
        lost=sum(not it.core.stored[row.complaint.number] for row in it.journal.rows.values()),
        doubled=len(it.core.doubled),
        probes=len(probes),
        probe_gap_seconds_min=min(gaps, default=PROBE_SECONDS_MIN),
        drain_seconds=drained,
        passed_max=_passed(it, it.core.order[sent:]),
        flood_ahead=_flood_ahead(it, it.core.order[sent:]),
    )


def _passed(it: Stage, order: list[str]) -> int:
    """For each complaint of an ordinary sender, how many younger ones went before it."""
    flood = {row.complaint.number for row in it.journal.rows.values() if row.complaint.message.reporter.value == "+628111"}
    places = {row.complaint.number: place for place, row in enumerate(it.journal.rows.values())}
    gone: list[int] = []
    passed = 0
    for number in dict.fromkeys(order):
        if number not in flood:
            place = places[number]
            passed = max(passed, len(gone) - bisect.bisect_left(gone, place))
            bisect.insort(gone, place)
    return passed


def _flood_ahead(it: Stage, order: list[str]) -> int:
    """How many of the flood went within the first half of all."""
    flood = {row.complaint.number for row in it.journal.rows.values() if row.complaint.message.reporter.value == "+628111"}
    return sum(number in flood for number in order[: len(order) // 2])


def _plant(it: Stage) -> None:
    """Planted: a journal that gives the youngest first."""
    kept = it.journal.ready

    async def ready(limit: int, now_ms: int, exclude: frozenset[int] = frozenset()) -> list[object]:
        return (await kept(10**9, now_ms, exclude))[::-1][:limit]

    it.journal.ready = ready  # type: ignore[assignment,method-assign]


def run(down_seconds: int, *, newest_first: bool = False) -> Found:
    """One outage of so many virtual seconds."""
    with quiet({"forwarder": logging.ERROR}):
        return virtual.run(_story(down_seconds, newest_first=newest_first))


def main() -> bool:
    """An hour; prints the figures."""
    found = run(DOWN_SECONDS)
    record(
        "core_down",
        seed=SEED,
        down_seconds=DOWN_SECONDS,
        held=found.held,
        lost=found.lost,
        doubled=found.doubled,
        probes=found.probes,
        probe_gap_seconds_min=found.probe_gap_seconds_min,
        drain_seconds=found.drain_seconds,
        younger_passed_max=found.passed_max,
        flood_in_first_half=found.flood_ahead,
    )
    return found.good and found.held >= PER_SECOND * DOWN_SECONDS


if __name__ == "__main__":
    sys.exit(not main())
