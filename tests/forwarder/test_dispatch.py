"""The dispatcher on virtual time, against a journal in memory and a scripted core."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from forwarder.core.contract import NotFiled, Outcome, Refused, Unknown
from forwarder.lifecycle import ComplaintState
from forwarder.pacing import BreakerState
from forwarder.reconcile import Reconciler
from tests import virtual
from tests.forwarder.peers import Behaviour, Stage, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from parsers.model import Complaint

FILED, READY, UNKNOWN, PARKED, SENDING = (
    ComplaintState.FILED,
    ComplaintState.READY,
    ComplaintState.UNKNOWN,
    ComplaintState.PARKED,
    ComplaintState.SENDING,
)


@asynccontextmanager
async def running(it: Stage) -> AsyncIterator[Stage]:
    """The dispatcher at work; at the end it is stopped in order."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(it.dispatcher.run())
        await asyncio.sleep(0.01)
        yield it
        await it.dispatcher.stop()
    assert it.dispatcher.status().in_flight == 0
    assert it.dispatcher.status().unsettled == 0
    assert it.journal.tally[SENDING] == 0


def once(outcome: Outcome, otherwise: Callable[[Complaint, int], Coroutine[None, None, Outcome]]) -> Behaviour:
    """This outcome for the first call, then as `otherwise`."""
    answers = [outcome]

    async def behave(record: Complaint, attempt: int) -> Outcome:
        return answers.pop() if answers else await otherwise(record, attempt)

    return behave


def test_what_is_offered_is_filed_once_and_told() -> None:
    async def story() -> None:
        async with running(stage()) as it:
            it.offer(500)
            await it.until(it.all_filed, 60)
        assert it.core.doubled == []
        assert len(it.told("filed")) == 500
        assert all(row.history == [SENDING, FILED] for row in it.journal.rows.values())
        assert it.journal.batches["start"] + it.journal.batches["settle"] < 300, "batched"
        assert len(it.settled) == 500

    virtual.run(story())


def test_nothing_is_sent_before_it_is_marked_and_never_more_than_the_window() -> None:
    async def story() -> None:
        it = stage(window_start=4, window_max=16)

        async def behave(record: Complaint, attempt: int) -> Outcome:
            assert it.journal.tally[SENDING] >= it.core.in_flight
            assert it.journal.tally[SENDING] <= 16 + 512
            return await it.core.well(record, attempt)

        it.core.behave = behave
        async with running(it):
            it.offer(300)
            await it.until(it.all_filed, 60)
        assert it.core.in_flight_most == 16, "the window grew to its bound and no further"

    virtual.run(story())


def test_a_backlog_is_read_from_the_journal_oldest_first() -> None:
    async def story() -> None:
        it = stage(offered_max=50, page_rows=20, window_start=1, window_max=1)
        it.offer(300)
        async with running(it):
            await it.until(it.all_filed, 600)
        assert it.core.order == sorted(it.core.order)
        assert it.core.doubled == []

    virtual.run(story())


def test_what_comes_while_a_backlog_is_read_is_not_forgotten() -> None:
    async def story() -> None:
        it = stage(offered_max=40, page_rows=10)
        it.offer(200)
        async with running(it):
            for _ in range(200):
                it.offer(3)
                await asyncio.sleep(0.01)
            await it.until(it.all_filed, 120)
        assert it.core.doubled == []
        assert len(it.core.stored) == 800

    virtual.run(story())


def test_a_flood_from_one_sender_delays_only_itself() -> None:
    async def story() -> None:
        it = stage(window_start=2, window_max=2, offered_max=400)
        async with running(it):
            it.offer(2_000, sender="+628999999999")
            await asyncio.sleep(1)
            late = it.offer(10)
            numbers = {filing.complaint.number for filing in late}
            done = it.core.calls
            await it.until(lambda: numbers <= set(it.core.order), 60)
            assert it.core.calls - done <= 40, "they took turns with the flood"
            await it.until(it.all_filed, 600)
        assert it.core.doubled == []

    virtual.run(story())


def test_a_flood_in_the_journal_does_not_hide_those_behind_it() -> None:
    async def story() -> None:
        it = stage(window_start=2, window_max=2, offered_max=400, page_rows=50)
        it.offer(900, sender="+628999999999")
        late = {filing.complaint.number for filing in it.offer(10)}
        async with running(it):
            await it.until(lambda: late <= set(it.core.order), 60)
            assert it.core.calls < 200
            await it.until(it.all_filed, 600)

    virtual.run(story())


def test_intake_goes_before_filing() -> None:
    async def story() -> None:
        it = stage(window_start=32, window_max=32, window_busy=3)
        it.busy = True
        async with running(it):
            it.offer(60)
            await it.until(it.all_filed, 60)
            assert it.core.in_flight_most == 3
            it.busy = False
            it.offer(60)
            await it.until(it.all_filed, 60)
        assert it.core.in_flight_most == 32

    virtual.run(story())


def test_three_lost_answers_open_the_breaker_and_the_probe_is_never_a_complaint() -> None:
    async def story() -> None:
        it = stage(window_start=1)

        async def lost(_record: Complaint, _attempt: int) -> Outcome:
            return Unknown("HTTP 502")

        it.core.behave, it.core.healthy = lost, False
        async with running(it):
            it.offer(50)
            await asyncio.sleep(600)
            assert it.core.calls == 3
            assert it.journal.tally[UNKNOWN] == 3
            assert it.dispatcher.status().breaker is BreakerState.OPEN
            assert 6 <= len(it.core.probes) <= 20
            assert min(b - a for a, b in itertools.pairwise(it.core.probes)) >= 30
            it.core.behave, it.core.healthy = it.core.well, True
            await it.until(lambda: it.journal.tally[FILED] == 47, 180)
        assert len(it.told("core_open")) == 1
        assert len(it.told("core_closed")) == 1

    virtual.run(story())


def test_after_the_break_complaints_go_one_at_a_time_until_one_is_answered() -> None:
    async def story() -> None:
        it = stage(window_start=16)
        flying: list[int] = []

        async def behave(record: Complaint, attempt: int) -> Outcome:
            flying.append(it.core.in_flight)
            if len(flying) <= 20:
                await asyncio.sleep(1)
                return Unknown("no answer in time")
            return await it.core.well(record, attempt)

        it.core.behave = behave
        async with running(it):
            it.offer(60)
            await it.until(lambda: it.journal.tally[FILED] + it.journal.tally[UNKNOWN] == 60, 3_600)
        assert max(flying[16:21]) == 1
        assert it.core.doubled == []

    virtual.run(story())


def test_filing_stops_at_so_many_unknowns_and_goes_on_by_itself_when_they_are_settled() -> None:
    async def story() -> None:
        it = stage(unknown_max=5, unknown_run=100, window_start=4)

        async def lost(_record: Complaint, _attempt: int) -> Outcome:
            await asyncio.sleep(0.05)
            return Unknown("HTTP 500")

        it.core.behave = lost
        async with running(it):
            it.offer(50)
            await asyncio.sleep(120)
            assert it.core.calls == 5, "those in flight count too"
            assert len(it.told("unknown_max")) == 1
            it.core.behave = it.core.well
            for complaint_id in it.journal.state(UNKNOWN)[:2]:
                await it.journal.note_found(complaint_id, "7000009")
            await it.until(lambda: it.journal.tally[READY] == 0, 60)
        assert it.journal.tally[UNKNOWN] == 3
        assert len(it.told("unknown_below_max")) == 1

    virtual.run(story())


def test_a_core_that_asks_for_patience_gets_it() -> None:
    async def story() -> None:
        it = stage(window_start=16)
        starts: list[float] = []

        async def limited(record: Complaint, attempt: int) -> Outcome:
            now = virtual.loop().time()
            if sum(now - start < 1 for start in starts) >= 5:
                return NotFiled("HTTP 429", 2.0)
            starts.append(now)
            return await it.core.well(record, attempt)

        it.core.behave = limited
        async with running(it):
            it.offer(100)
            await it.until(it.all_filed, 600)
        assert it.dispatcher.status().counts["not_filed"] < 200
        assert not it.told("core_open"), "a core that paces us is not away"

    virtual.run(story())


def test_a_core_that_is_away_charges_few_and_everything_is_filed_when_it_is_back() -> None:
    async def story() -> None:
        it = stage()

        async def away(_record: Complaint, _attempt: int) -> Outcome:
            return NotFiled("no connection: ClientConnectorError")

        it.core.behave, it.core.healthy = away, False
        async with running(it):
            for _ in range(3_600):
                it.offer(20)
                await asyncio.sleep(1)
            assert sum(row.attempts for row in it.journal.rows.values()) <= 64
            assert len(it.core.probes) <= 3_600 / 30
            it.core.behave, it.core.healthy = it.core.well, True
            it.core.answer_seconds = 0.5
            await it.until(it.all_filed, 3_600)
        assert len(it.journal.rows) == 72_000
        assert it.core.doubled == []
        order = it.core.order[64:]
        late = sum(a > b for a, b in itertools.pairwise(order))
        assert late < 500, "oldest first"

    virtual.run(story())


def test_our_fault_pauses_the_core_with_an_alarm_and_charges_nobody() -> None:
    async def story() -> None:
        it = stage()

        async def unauthorized(_record: Complaint, _attempt: int) -> Outcome:
            await asyncio.sleep(0.05)
            return NotFiled("HTTP 401", ours=True)

        it.core.behave = unauthorized
        async with running(it):
            it.offer(100)
            await asyncio.sleep(3_600)
            assert it.core.calls <= 8 + 20, "one complaint after each good probe, ever slower"
            assert all(row.attempts == 0 for row in it.journal.rows.values())
            assert it.journal.tally[READY] == 100
            assert it.told("core_fault")[0]["reason"] == "HTTP 401"
            assert it.dispatcher.status().stopped_by == "breaker fault"
            it.core.behave = it.core.well
            it.dispatcher.resume()
            await it.until(it.all_filed, 60)

    virtual.run(story())


def test_one_text_that_a_firewall_dislikes_is_parked_and_does_not_stop_the_others() -> None:
    async def story() -> None:
        it = stage()

        async def firewall(record: Complaint, attempt: int) -> Outcome:
            if record.message.reporter.value == "+628666":
                return NotFiled("HTTP 403", ours=True)
            return await it.core.well(record, attempt)

        it.core.behave = firewall
        async with running(it):
            for second in range(900):
                it.offer(1)
                if second < 100:
                    it.offer(1, sender="+628666")
                await asyncio.sleep(1)
            await it.until(lambda: it.journal.tally[READY] == 0, 60)
        assert it.journal.tally[FILED] == 900
        assert {row.reason for row in it.journal.rows.values() if row.state is PARKED} == {"HTTP 403 to this complaint alone"}
        assert it.journal.tally[PARKED] == 100
        assert len(it.told("core_fault")) <= 12, "after some needless pauses it takes more to pause"

    virtual.run(story())


def test_a_refused_one_is_parked_and_the_next_one_goes() -> None:
    async def story() -> None:
        it = stage()
        it.core.behave = once(Refused("HTTP 422"), it.core.well)
        async with running(it):
            it.offer(3)
            await it.until(lambda: it.journal.tally[FILED] == 2, 10)
        assert [it.journal.rows[i].reason for i in it.journal.state(PARKED)] == ["HTTP 422"]

    virtual.run(story())


def test_our_own_bug_while_filing_leaves_an_unknown_and_not_a_dead_dispatcher(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        it = stage()

        async def broken(_record: Complaint, _attempt: int) -> Outcome:
            it.core.behave = it.core.well
            raise ZeroDivisionError

        it.core.behave = broken
        async with running(it):
            it.offer(3)
            await it.until(lambda: it.journal.tally[FILED] == 2, 10)
        assert it.journal.tally[UNKNOWN] == 1

    virtual.run(story())
    assert "AGAM" not in caplog.text
    assert "+62812" not in caplog.text


def test_a_journal_that_cannot_write_stops_filing_and_loses_no_outcome() -> None:
    async def story() -> None:
        it = stage(window_start=8, window_max=8)
        async with running(it):
            it.offer(100)
            await asyncio.sleep(0.2)
            it.journal.failing = True
            await asyncio.sleep(60)
            called = it.core.calls
            await asyncio.sleep(60)
            assert it.core.calls == called, "nothing goes that cannot be marked first"
            it.journal.failing = False
            await it.until(it.all_filed, 60)
        assert it.core.doubled == []

    virtual.run(story())


def test_paused_by_a_person_nothing_starts_until_he_says_so() -> None:
    async def story() -> None:
        async with running(stage()) as it:
            it.dispatcher.pause("maintenance")
            it.offer(20)
            await asyncio.sleep(60)
            assert it.core.calls == 0
            assert it.dispatcher.status().stopped_by == "maintenance"
            it.dispatcher.resume()
            await it.until(it.all_filed, 10)

    virtual.run(story())


def test_what_a_person_changed_is_read_again_and_never_sent_as_it_was() -> None:
    async def story() -> None:
        it = stage()
        it.dispatcher.pause("maintenance")
        async with running(it):
            filings = it.offer(3)
            it.journal.rows[2].complaint = changed = filings[0].complaint
            it.dispatcher.forget([2])
            it.dispatcher.resume()
            await it.until(it.all_filed, 30)
        assert it.core.stored[changed.number] == 2, "row 2 went with its new contents"
        assert it.core.stored[filings[1].complaint.number] == 0

    virtual.run(story())


def test_a_stop_finishes_what_is_in_flight() -> None:
    async def story() -> None:
        it = stage()
        it.core.answer_seconds = 5.0
        async with running(it):
            it.offer(100)
            await asyncio.sleep(1)
            assert it.core.in_flight == 8
        assert it.journal.tally[FILED] == 8
        assert it.journal.tally[READY] == 92

    virtual.run(story())


def test_a_stop_does_not_wait_for_ever() -> None:
    async def story() -> None:
        it = stage(settle_seconds_max=10.0)
        it.core.answer_seconds = 3_600.0
        async with running(it):
            it.offer(100)
            await asyncio.sleep(1)
            before = virtual.loop().time()
        assert virtual.loop().time() - before < 12
        assert it.journal.tally[UNKNOWN] == 8

    virtual.run(story())


def test_a_stop_ends_even_when_the_journal_takes_nothing_any_more() -> None:
    async def story() -> None:
        it = stage(settle_seconds_max=5.0)
        it.offer(10)
        task = asyncio.ensure_future(it.dispatcher.run())
        await asyncio.sleep(0.03)
        it.journal.failing = True
        await asyncio.sleep(1)
        before = virtual.loop().time()
        await it.dispatcher.stop()
        assert virtual.loop().time() - before < 10
        assert it.journal.tally[SENDING] == 8, "the next start declares them unknown"
        assert it.dispatcher.status().unsettled >= 8
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    virtual.run(story())


def test_a_run_that_was_cancelled_writes_down_what_it_had_in_flight_when_it_runs_again() -> None:
    async def story() -> None:
        it = stage()
        it.core.answer_seconds = 5.0
        it.offer(20)
        task = asyncio.ensure_future(it.dispatcher.run())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert it.dispatcher.status().in_flight == 0
        async with running(it):
            await it.until(lambda: it.journal.tally[READY] == 0, 600)
        assert it.journal.tally[UNKNOWN] == 8
        assert it.core.doubled == []

    virtual.run(story())


def test_a_row_that_a_person_took_away_is_not_sent() -> None:
    async def story() -> None:
        it = stage()
        it.dispatcher.pause("maintenance")
        async with running(it):
            it.offer(3)
            it.journal.rows[2].state = ComplaintState.HELD
            it.dispatcher.resume()
            await it.until(lambda: it.journal.tally[FILED] == 2, 30)
        assert it.core.calls == 2

    virtual.run(story())


def reconciler(it: Stage) -> Reconciler:
    return Reconciler(
        it.core,
        it.journal,
        it.dispatcher._settings,
        monotonic=virtual.loop().time,
        random=lambda: 0.5,
        tell=lambda event, **facts: it.events.append((event, facts)),
        settled=it.settled.extend,
        wake=it.dispatcher.wake,
        available=lambda: it.dispatcher.available,
    )


@asynccontextmanager
async def reconciling(it: Stage) -> AsyncIterator[Stage]:
    async with running(it):
        task = asyncio.ensure_future(reconciler(it).run())
        try:
            yield it
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("stored", [True, False])
def test_an_unknown_is_found_or_twice_absent_and_then_sent_again(*, stored: bool) -> None:
    async def story() -> None:
        it = stage()

        async def lost(record: Complaint, _attempt: int) -> Outcome:
            it.core.behave = it.core.well
            if stored:
                it.core.store(record)
            return Unknown("no answer in time")

        it.core.behave = lost
        async with reconciling(it):
            start = virtual.loop().time()
            it.offer(1)
            await it.until(it.all_filed, 900)
            took = virtual.loop().time() - start
        assert it.core.stored["G00000"] == 1
        assert it.core.calls == (1 if stored else 2)
        assert took < 100 if stored else 210 <= took < 270

    virtual.run(story())


def test_without_a_look_up_an_unknown_waits_for_a_person() -> None:
    async def story() -> None:
        it = stage(can_look_up=False)
        it.core.behave = once(Unknown("HTTP 502"), it.core.well)
        async with reconciling(it):
            it.offer(2)
            await asyncio.sleep(86_400)
        assert it.journal.tally[UNKNOWN] == 1
        assert it.core.calls == 2

    virtual.run(story())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_core_that_hangs_for_an_hour_leaves_few_unknown_none_doubled_and_all_filed_after(seed: int) -> None:
    """20 complaints a second; each call hangs for a minute and half of them are stored; our own limit is 30 s."""
    print(f"seed={seed}")

    async def story() -> None:
        it = stage(seed=seed)
        hanging = [0]

        async def hang(record: Complaint, _attempt: int) -> Outcome:
            hanging[0] += 1
            if hanging[0] % 2:
                it.core.store(record)
            await asyncio.sleep(30)
            return Unknown("no answer in time")

        async with reconciling(it):
            for second in range(3_600 + 120):
                if second == 60:
                    it.core.behave, it.core.healthy = hang, seed == 3  # with seed 3 the probe page answers all the time
                it.offer(20)
                await asyncio.sleep(1)
            hung = it.journal.tally[UNKNOWN]
            it.core.behave, it.core.healthy = it.core.well, True
            await it.until(it.all_filed, 7_200)
        assert 0 < hung <= 100
        assert it.core.doubled == []
        assert len(it.core.stored) == len(it.journal.rows) == 74_400

    virtual.run(story())


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_what_an_outage_left_unknown_is_settled_within_five_minutes_after_it(seed: int, *, stored: bool) -> None:
    print(f"seed={seed}")

    async def story() -> None:
        it, random = stage(seed=seed), Random(seed)

        async def hang(record: Complaint, _attempt: int) -> Outcome:
            if stored:
                it.core.store(record)
            await asyncio.sleep(30)
            return Unknown("no answer in time")

        async with reconciling(it):
            it.offer(50)
            await asyncio.sleep(30 + random.uniform(0, 60))
            it.core.behave, it.core.healthy = hang, False
            for _ in range(random.randrange(100, 3_000)):
                it.offer(1)
                await asyncio.sleep(1)
            left = set(it.journal.state(UNKNOWN))
            it.core.behave, it.core.healthy = it.core.well, True
            await it.until(lambda: not left & set(it.journal.state(UNKNOWN)), 300)
        assert left
        assert it.core.doubled == []

    virtual.run(story())


def test_a_probe_or_look_up_that_stumbles_over_our_own_bug_stops_nothing() -> None:
    async def story() -> None:
        it = stage()

        async def broken() -> bool:
            raise ZeroDivisionError

        async def away(_record: Complaint, _attempt: int) -> Outcome:
            return NotFiled("no connection: ClientConnectorError")

        well = it.core.probe
        it.core.behave, it.core.probe = away, broken  # type: ignore[method-assign]
        async with running(it):
            it.offer(5)
            await asyncio.sleep(120)
            assert it.dispatcher.status().probe_in_seconds is not None
            it.core.behave, it.core.probe = it.core.well, well  # type: ignore[method-assign]
            await it.until(it.all_filed, 1_200)

    virtual.run(story())


def test_look_ups_wait_while_the_journal_or_the_core_is_away() -> None:
    async def story() -> None:
        it = stage()

        async def lost(record: Complaint, _attempt: int) -> Outcome:
            it.core.store(record)
            return Unknown("no answer in time")

        it.core.behave, it.core.healthy = lost, False
        async with reconciling(it):
            it.offer(3)
            await asyncio.sleep(60)
            it.journal.failing = True
            await asyncio.sleep(600)
            assert it.journal.tally[UNKNOWN] == 3
            it.journal.failing, it.core.healthy = False, True
            await it.until(it.all_filed, 300)
        assert it.core.doubled == []

    virtual.run(story())
