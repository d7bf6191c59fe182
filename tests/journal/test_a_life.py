"""Any life of a journal: whatever comes in whatever order, with crashes, nothing is lost, doubled or moved along no way."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import apsw
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from forwarder.journal import Hand, JournalSettings, ReplyResult, Settlement
from forwarder.lifecycle import NEXT_COMPLAINT, ComplaintMove, ComplaintState, ReplyMove
from forwarder.records import Kind
from tests.journal.people import House, part, segment
from tests.journal.test_arrivals import crash

BY = Hand("siti", "a reason")
ANSWERS = [ComplaintMove.FILED, ComplaintMove.NOT_FILED, ComplaintMove.REFUSED, ComplaintMove.LOST_ANSWER]
people = st.integers(0, 3)
wording = st.integers(0, 3)


def reachable(state: ComplaintState) -> set[ComplaintState]:
    """Every state a complaint can come to from here, itself included."""
    found, new = {state}, {state}
    while new:
        new = {target for one in new for target in NEXT_COMPLAINT[one].values()} - found
        found |= new
    return found


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.house = House(Path(self.directory.name), settings=JournalSettings(heartbeat_seconds=60, sets_per_sender_max=2))
        self.loop = asyncio.new_event_loop()
        self.journal = self.house.open()
        self.session = self.run(self.journal.begin_session("telkomsel", "a"))
        self.stored = 0
        self.before: dict[int, tuple[str, str | None]] = {}
        self.sent: dict[int, int] = {}  # complaint → times that bytes went to the core without a clear no

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.journal.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.directory.cleanup()

    @rule(who=people, what=wording)
    def a_message_comes(self, who: int, what: int) -> None:
        one = segment(f"AGAM aduan {what}", f"62810{who}", session=self.session, received_ms=self.house.time.ms)
        (verdict,) = self.run(self.journal.accept([self.house.arrival(self.journal, one)]))
        self.stored += verdict.kind in (Kind.STORED, Kind.RESEND)

    @rule(who=people, number=st.integers(1, 3), reference=st.integers(0, 2))
    def a_part_comes(self, who: int, number: int, reference: int) -> None:
        one = part(f"AGAM bagian {number} ", number, source=f"62810{who}", reference=reference, received_ms=self.house.time.ms)
        (verdict,) = self.run(self.journal.accept([one]))
        assert verdict.error is None

    @rule(seconds=st.sampled_from([1, 30, 700, 1900, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.house.time.pass_(seconds)
        self.run(self.journal.expire_sets(self.house.time.ms))

    @rule(step=st.sampled_from([-86_400_000, -3_600_000, 3_600_000]))
    def the_clock_jumps(self, step: int) -> None:
        self.house.time.ms += step

    @rule(answers=st.lists(st.sampled_from(ANSWERS), max_size=5), lost=st.booleans())
    def the_core_is_asked(self, answers: list[ComplaintMove], *, lost: bool) -> None:
        filings = self.run(self.journal.ready(5, self.house.time.ms))[: len(answers)]
        started = self.run(self.journal.start_filing([(one.complaint_id, one.attempt) for one in filings]))
        assert started == {one.complaint_id for one in filings}
        for one in filings:
            assert self.sent.get(one.complaint_id, 0) == 0, "sent twice without a clear no"
            self.sent[one.complaint_id] = 1
        if lost:
            self.everything_dies()
            return
        results = []
        for one, answer in zip(filings, answers, strict=False):
            tracking_id = f"T{one.complaint_id}" if answer is ComplaintMove.FILED else None
            results.append(Settlement(one.complaint_id, one.attempt, answer, tracking_id))
            if answer in (ComplaintMove.NOT_FILED, ComplaintMove.REFUSED):
                self.sent[one.complaint_id] = 0
        assert all(settled.moved for settled in self.run(self.journal.settle(results)))

    @rule(move=st.sampled_from(list(ReplyMove)[1:5]))
    def replies_go(self, move: ReplyMove) -> None:
        jobs = self.run(self.journal.start_replies(5, self.house.time.ms))
        self.run(self.journal.settle_replies([ReplyResult(job.reply_id, move, next_ms=self.house.time.ms + 60_000) for job in jobs]))

    @rule(verb=st.sampled_from(["release", "resend", "close_cases", "found"]))
    def a_person_settles(self, verb: str) -> None:
        for one in self.run(self.journal.waiting(limit=3)):
            if verb == "found":
                self.run(self.journal.settle_filed(one.number, f"T{one.complaint_id}", BY))
                continue
            (moved,) = self.run(getattr(self.journal, verb)([one.number], BY))
            if moved.state is ComplaintState.READY:
                self.sent[one.complaint_id] = 0  # a person said yes

    @rule()
    def everything_dies(self) -> None:
        self.run(crash(self.journal))
        self.journal = self.house.open()
        assert self.journal.opening.set_aside is None
        self.session = self.run(self.journal.begin_session("telkomsel", "a"))

    @rule()
    def it_is_purged(self) -> None:
        self.run(self.journal.purge(self.house.time.ms))

    @invariant()
    def the_books_agree(self) -> None:
        connection = apsw.Connection(str(self.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        rows = connection.execute("SELECT id, state, tracking_id FROM complaint").fetchall()
        now = {int(str(number)): (str(state), None if tracking is None else str(tracking)) for number, state, tracking in rows}
        messages = connection.execute("SELECT count(*) FROM message").get
        loose = connection.execute(
            "SELECT count(*) FROM part_set AS s WHERE state <> 'open' AND NOT EXISTS (SELECT 1 FROM message WHERE id = s.message)"
        ).get
        connection.close()
        for number, (state, tracking_id) in self.before.items():
            assert now[number][0] in reachable(ComplaintState(state)), (state, now[number][0])
            assert tracking_id in (None, now[number][1])
        assert loose == 0
        assert messages >= self.stored
        tally = {state.value: count for state, count in self.journal.tally.items() if count}
        states = [state for state, _ in now.values()]
        assert tally == {state: states.count(state) for state in set(states)}
        tracking = [one for _, one in now.values() if one is not None]
        assert len(tracking) == len(set(tracking))
        self.before = now


Life.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
