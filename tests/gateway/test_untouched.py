"""The two tasks that look after what waits and what is over: clocks by hand, a real journal, and the whole road once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from forwarder.journal import Journal, JournalSettings
from forwarder.lifecycle import ComplaintState, HeldReason
from gateway.app import Gateway
from gateway.closing import STEADY_SECONDS, Closer
from gateway.house_settings import DeskSettings, LedgerSettings
from gateway.untouched import AT_ONCE_MAX, WATCHED_SECONDS, Untouched
from parsers.model import Candidate, Certainty, Decision
from tests.gateway.road import Road
from tests.gateway.test_desk import Officer
from tests.journal.a_day import DAY
from tests.journal.people import House, segment

HOUR = 3_600
SETTINGS = JournalSettings(heartbeat_seconds=0.05)
A_DAY = DeskSettings()
STATE = ComplaintState


class National:
    """A composer that knows the national desk."""

    def destination(self, region: str, before: Decision, who: str) -> tuple[Decision, str]:
        assert (region, who) == ("national", "gateway")
        return replace(before, certainty=Certainty.NATIONAL, region=None, instansi="nasional", candidates=()), "Admin Nasional"


@dataclass
class Watch:
    """Both tasks over one journal, and a clock moved by hand."""

    house: House
    journal: Journal
    settings: DeskSettings = A_DAY
    woken: int = 0
    untouched: Untouched = field(init=False)
    closer: Closer = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """As a process starts."""
        clocks: dict[str, Any] = {"now_ms": self.house.time.clock, "monotonic": self.house.time.monotonic}
        composer: Any = National()
        self.untouched = Untouched(self.journal, lambda: composer, self.settings, wake=self._wake, **clocks)
        self.closer = Closer(self.journal, LedgerSettings(), sleep=self._sleep, **clocks)

    def _wake(self) -> None:
        self.woken += 1

    async def _sleep(self, seconds: float) -> None:
        self.house.time.pass_(seconds)

    async def held(self, count: int, reason: HeldReason = HeldReason.REVIEW, text: str = "AGAM apa") -> None:
        self.house.composer.state = STATE.HELD
        for _ in range(count):
            one = segment(text, f"6281{self.journal.next_message_id():09d}", received_ms=self.house.time.ms)
            arrival = self.house.arrival(self.journal, one)
            assert arrival.composed is not None
            await self.journal.accept([replace(arrival, composed=replace(arrival.composed, reason=reason))])
        self.house.composer.state = STATE.READY

    def counts(self) -> tuple[int, int]:
        return self.journal.tally[STATE.HELD], self.journal.tally[STATE.READY]


Story = Callable[[Watch], Awaitable[None]]


def play(directory: Path, story: Story, settings: DeskSettings = A_DAY) -> None:
    async def run() -> None:
        house = House(directory, settings=SETTINGS)
        watch = Watch(house, house.open(), settings)
        await story(watch)
        await watch.journal.close()

    asyncio.run(run())


def test_a_day_later_it_goes_on_and_the_dispatcher_is_woken(tmp_path: Path) -> None:
    async def story(watch: Watch) -> None:
        await watch.held(2)
        watch.house.time.pass_(24 * HOUR - 10)
        await watch.untouched.round()
        assert (watch.counts(), watch.woken) == ((2, 0), 0)
        watch.house.time.pass_(20)
        await watch.untouched.round()
        assert (watch.counts(), watch.woken, watch.untouched.passed) == ((0, 2), 1, 2)
        (filing, _) = await watch.journal.ready(10, watch.house.time.ms)
        decision = filing.complaint.decision
        assert decision.rule == "untouched"
        assert decision.why == "nobody touched it for 24 hours"
        assert decision.candidates[0] == Candidate("13.06", "agam", "AGAM")
        await watch.untouched.round()
        assert watch.woken == 1

    play(tmp_path, story)


def test_a_heap_goes_on_in_bounded_batches_and_one_without_words_does_not_stop_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(watch: Watch) -> None:
        await watch.held(AT_ONCE_MAX, text=" ")
        await watch.held(AT_ONCE_MAX + 7)
        watch.house.time.pass_(25 * HOUR)
        seen = []
        for _ in range(4):
            await watch.untouched.round()
            seen.append(watch.counts()[1])
        assert seen == [0, AT_ONCE_MAX, AT_ONCE_MAX + 7, AT_ONCE_MAX + 7]

    with caplog.at_level(logging.WARNING):
        play(tmp_path, story)
    assert sum("holds no words" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize("hours", [0.0, 24.0, 0.5])
def test_nothing_goes_on_before_the_process_has_watched_a_while_or_where_it_is_off(tmp_path: Path, hours: float) -> None:
    async def story(watch: Watch) -> None:
        await watch.held(1)
        watch.house.time.pass_(48 * HOUR)
        watch.start()  # the process begins anew, and believes a clock that may be wrong
        await watch.untouched.round()
        assert watch.counts() == (1, 0)
        watch.house.time.pass_(min(WATCHED_SECONDS, hours * HOUR) + 1)
        await watch.untouched.round()
        assert watch.counts() == ((0, 1) if hours else (1, 0))

    play(tmp_path, story, DeskSettings(untouched_hours=hours))


def test_a_clock_that_jumps_days_ahead_sends_nobody(tmp_path: Path) -> None:
    async def story(watch: Watch) -> None:
        await watch.held(3)
        watch.house.time.pass_(2 * HOUR)
        watch.house.time.ms += 30 * 86_400_000
        await asyncio.sleep(0.3)  # heartbeats: the journal notices the step
        await watch.untouched.round()
        assert watch.counts() == (3, 0)

    play(tmp_path, story)


def test_run_returns_at_once_where_it_is_switched_off(tmp_path: Path) -> None:
    async def story(watch: Watch) -> None:
        async with asyncio.timeout(5):
            await watch.untouched.run()

    play(tmp_path, story, DeskSettings(untouched_hours=0))


def test_days_are_closed_and_the_gap_is_what_breaks_the_last_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(watch: Watch) -> None:
        await watch.closer.round()
        assert (watch.closer.day, watch.closer.gap) == (None, None)
        await watch.journal.accept(watch.house.many(watch.journal, 3))
        watch.house.time.pass_(30 * HOUR)
        await watch.closer.round()
        assert (watch.closer.day, watch.closer.gap) == (DAY, 0)
        connection = watch.journal._writer._books.connection
        connection.execute("UPDATE complaint SET next_ms = NULL")
        await watch.closer.round()
        assert watch.closer.gap == 0  # looked at every hour
        watch.house.time.pass_(HOUR + 1)
        await watch.closer.round()
        assert (watch.closer.day, watch.closer.gap) == (DAY, 3)

    with caplog.at_level(logging.ERROR):
        play(tmp_path, story)
    [record] = [record for record in caplog.records if "break its sums" in record.message]
    assert "ledger --day 2026-11-18" in record.getMessage()


def test_no_day_is_closed_until_the_clock_was_steady(tmp_path: Path) -> None:
    async def story(watch: Watch) -> None:
        await watch.journal.accept(watch.house.many(watch.journal, 1))
        watch.house.time.pass_(2)
        await watch.closer.round()
        watch.house.time.ms += 5 * 86_400_000  # set forward, and nobody was asked
        await watch.closer.round()
        watch.house.time.pass_(STEADY_SECONDS - 1)
        await watch.closer.round()
        assert watch.closer.day is None
        watch.house.time.ms -= 5 * 86_400_000  # set right
        watch.house.time.pass_(STEADY_SECONDS + 1)
        await watch.closer.round()
        watch.house.time.pass_(STEADY_SECONDS + 1)
        await watch.closer.round()
        assert watch.closer.day is None
        watch.house.time.pass_(13 * HOUR)
        await watch.closer.round()
        assert watch.closer.day == DAY

    play(tmp_path, story)


def test_a_clock_of_another_century_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(watch: Watch) -> None:
        await watch.journal.accept(watch.house.many(watch.journal, 1))
        watch.house.time.ms += 4_000 * 86_400_000
        watch.house.time.seconds += 4_000 * 86_400
        for _ in range(3):
            await watch.closer.round()
        assert watch.closer.day is None

    with caplog.at_level(logging.ERROR):
        play(tmp_path, story)
    assert sum("no day is closed" in record.message for record in caplog.records) == 1


def test_on_the_whole_road_the_core_gets_it_marked(tmp_path: Path) -> None:
    road = Road(tmp_path)

    async def main() -> None:
        async with road.peers(), road.running() as gateway:
            officer = Officer(road, gateway)
            await road.operator.send_mo("6281266010001", "AGAM")  # no words but the keyword: held for a person
            [row] = await officer.waiting()
            await _age(gateway, 25 * HOUR * 1000)
            gateway.untouched._began -= WATCHED_SECONDS
            await gateway.untouched.round()
            await officer.until(row["number"], "filed")
            shown = await officer.show(row["number"])
            [entry] = shown["history"]
            assert (entry["who"], entry["move"]) == ("gateway", "passed_on")
            assert shown["marks"] == ["isi kosong", "diteruskan otomatis"]
            [entry] = road.core.stored[row["number"]]
            assert (entry.header.instansi, entry.header.marks[-1], entry.text) == ("Admin Nasional", "diteruskan otomatis", "AGAM")

    asyncio.run(main())


async def _age(gateway: Gateway, ms: int) -> None:
    """Everything held has waited so much longer."""
    connection = gateway.journal._writer._books.connection
    connection.execute("UPDATE complaint SET since_ms = since_ms - ? WHERE state = 'held'", (ms,))
