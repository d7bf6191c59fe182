"""The session under chance: the same events however the bytes come, and two roles driven at random against simple books."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.smpp import codec
from adapters.smpp.events import (
    Answered,
    BindArrived,
    BindRefused,
    Bound,
    Ended,
    Event,
    ReceiptArrived,
    RefusalSent,
    SegmentArrived,
    Unanswered,
    UnreadableArrived,
)
from adapters.smpp.pdu import BindAnswer, BindRequest, Command, Outgoing
from adapters.smpp.profile import BindMode
from adapters.smpp.session import NotBound, Session, WindowFull
from adapters.smpp.state import BOUND, SENDS, Role, State
from tests.property.test_smpp_codec import mutated
from tests.smpp.sessions import CITIZEN, OURS, REPLY, REQUEST, connected, deliver, esme, headers

WINDOW = 3
BACKLOG = 8
SEED = 1708

pdus = st.one_of(
    st.integers(0, 5).map(deliver),
    st.integers(0, 5).map(lambda sequence: deliver(sequence)[:3] + b"\x20" + deliver(sequence)[4:32]),
    st.integers(0, 5).map(lambda sequence: deliver(sequence, Outgoing(CITIZEN, OURS, b"id:1 stat:DELIVRD", 4))),
    st.integers(0, 5).map(lambda sequence: codec.message_answer(Command.SUBMIT_SM_RESP, sequence, 0, "1")),
    st.tuples(
        st.sampled_from([*Command, 0x00000003, 0x80000003]), st.integers(0, 5), st.sampled_from([0, 0x0D, 0x58])
    ).map(lambda head: codec.bare(*head)),
    st.just(codec.bind(REQUEST, 3)),
    st.just(codec.bind_answer(Command.BIND_TRANSCEIVER, 1, 0, BindAnswer("SMSC"))),
    st.binary(min_size=1, max_size=6),
)  # fmt: skip


def before_bind_answer() -> Session:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    session.outgoing()
    return session


def with_submits() -> Session:
    session = esme()
    session.submit(REPLY, 0.0)
    session.submit(REPLY, 0.0)
    session.outgoing()
    return session


MAKERS = [before_bind_answer, with_submits, lambda: connected(Role.SMSC), lambda: connected(Role.ESME)]


@given(st.sampled_from(MAKERS), st.lists(pdus, max_size=12).map(b"".join), st.lists(st.integers(0, 600), max_size=12))
@settings(max_examples=400, deadline=None)
def test_the_same_bytes_mean_the_same_however_they_come(make: type[Session], stream: bytes, cuts: list[int]) -> None:
    sizes = [cut for cut in sorted(cuts) if cut < len(stream)]
    whole, bytewise, random_cuts = (told(make(), stream, at) for at in ([], list(range(len(stream))), sizes))
    assert whole == bytewise == random_cuts


def told(session: Session, stream: bytes, cuts: list[int]) -> tuple[list[Event], bytes, State, int]:
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        events += session.receive(stream[start:end], 1.0)
    return events, session.outgoing(), session.state, session.backlog


def test_mutated_pdus_never_raise_and_every_message_framed_is_told() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    session, taken = esme(), 0
    for _ in range(20_000):
        if session.state not in BOUND:
            session, taken = esme(), 0
        before = sum(count for (way, command, _), count in session.counts.items() if way == "in" and command in MESSAGES)
        arrived = [event for event in session.receive(mutated(chance), 1.0) if isinstance(event, KEPT)]
        after = sum(count for (way, command, _), count in session.counts.items() if way == "in" and command in MESSAGES)
        assert len(arrived) == after - before
        taken += len(arrived)
        for event in arrived:
            session.acknowledge(event.sequence)
        assert session.backlog == 0
        session.outgoing()


MESSAGES = ("deliver_sm", "data_sm", "submit_sm")
KEPT = (SegmentArrived, ReceiptArrived, UnreadableArrived)


class TwoEnds(RuleBasedStateMachine):
    """An ESME and an SMSC of ours on one pair of byte streams, driven at random; the books say what must hold."""

    @initialize(mode=st.sampled_from([*BindMode, BindMode.TRANSCEIVER]), bound=st.sampled_from([True, True, False]))
    def connect(self, mode: BindMode, *, bound: bool) -> None:
        self.now = 0.0
        self.mode = mode
        self.ends = {role: connected(role, window=WINDOW, unacknowledged_max=BACKLOG) for role in Role}
        self.wires = dict.fromkeys(Role, b"")
        self.open: dict[Role, set[int]] = {role: set() for role in Role}
        self.owed: dict[Role, list[int]] = {role: [] for role in Role}
        self.ended: dict[Role, int] = dict.fromkeys(Role, 0)
        self.judged: list[int] = []
        if bound:
            self.bind()
            self.carry(Role.ESME, 400)
            self.judge(0)
            self.carry(Role.SMSC, 400)
            assert {session.state for session in self.ends.values()} <= BOUND

    def heed(self, role: Role, events: list[Event]) -> None:
        """Keep the books of one end."""
        for event in events:
            assert not self.ended[role], "nothing follows the end"
            match event:
                case Answered(sequence=sequence) | Unanswered(sequence=sequence):
                    self.open[role].remove(sequence)
                case SegmentArrived(sequence=sequence) | UnreadableArrived(sequence=sequence) | ReceiptArrived(sequence=sequence):
                    self.owed[role].append(sequence)
                case BindArrived(sequence=sequence):
                    self.judged.append(sequence)
                case Ended():
                    self.ended[role] += 1
                    assert not self.open[role], "every submit ended before the session did"
                    self.owed[role].clear()
                case Bound() | BindRefused() | RefusalSent():
                    pass

    def flush(self, role: Role) -> None:
        self.wires[role] += self.ends[role].outgoing()

    @precondition(lambda self: self.ends[Role.ESME].state in (State.OPEN, State.OUTBOUND))
    @rule()
    def bind(self) -> None:
        self.ends[Role.ESME].bind(BindRequest(self.mode, "lapor", "rahasia8"), self.now)
        self.flush(Role.ESME)

    @precondition(lambda self: self.judged)
    @rule(status=st.sampled_from([0, 0, 0, 0x0D]))
    def judge(self, status: int) -> None:
        self.ends[Role.SMSC].answer_bind(self.judged.pop(), status, "SMSC", self.now)
        self.flush(Role.SMSC)

    @rule(role=st.sampled_from(list(Role)))
    def submit(self, role: Role) -> None:
        session = self.ends[role]
        try:
            sequence = session.submit(REPLY, self.now)
        except NotBound:
            assert session.state not in SENDS[role]
        except WindowFull:
            assert len(self.open[role]) == WINDOW
        else:
            assert sequence not in self.open[role]
            self.open[role].add(sequence)
            self.flush(role)

    @rule(role=st.sampled_from(list(Role)), size=st.sampled_from([4000, 4000, 4000, 1, 17, 60]))
    def carry(self, role: Role, size: int) -> None:
        """Some of what `role` wrote reaches the other end."""
        other = Role.SMSC if role is Role.ESME else Role.ESME
        self.heed(other, self.ends[other].receive(self.wires[role][:size], self.now))
        self.wires[role] = self.wires[role][size:]
        self.flush(other)

    @rule(role=st.sampled_from(list(Role)), status=st.sampled_from([0, 0x64]), most=st.integers(1, 3))
    def acknowledge(self, role: Role, status: int, most: int) -> None:
        for _ in self.owed[role][:most]:
            assert self.ends[role].acknowledge(self.owed[role].pop(), status, "1")
            self.flush(role)

    @rule(role=st.sampled_from(list(Role)), size=st.sampled_from([4000, 150, 17]))
    def talk(self, role: Role, size: int) -> None:
        """One message, most of the way there and back."""
        other = Role.SMSC if role is Role.ESME else Role.ESME
        self.submit(role)
        self.carry(role, size)
        self.acknowledge(other, 0, 1)
        self.carry(other, size)

    @rule(seconds=st.sampled_from([0.1, 0.1, 0.1, 1.0, 1.0, 1.0, 5.0, 25.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for role in Role:
            self.heed(role, self.ends[role].tick(self.now))
            self.flush(role)
            deadline = self.ends[role].deadline()
            assert deadline is None or deadline > self.now

    @rule(role=st.sampled_from(list(Role)), sure=st.sampled_from([True, *[False] * 9]))
    def leave(self, role: Role, *, sure: bool) -> None:
        if sure and self.ends[role].state in BOUND:
            self.ends[role].unbind(self.now)
            self.flush(role)

    @rule(role=st.sampled_from(list(Role)))
    def nonsense(self, role: Role) -> None:
        """A stranger's PDUs slip in between whole ones: nobody trips."""
        if not self.wires[role]:
            self.wires[role] += codec.bare(0x00000111, 9) + codec.bare(0x80000015, 0) + codec.bare(0x80000000, 0, 3)

    @invariant()
    def the_books_agree(self) -> None:
        for role, session in getattr(self, "ends", {}).items():
            assert len(session.window) == len(self.open[role])
            assert self.ended[role] == (session.state is State.CLOSED)
            assert session.backlog == len(self.owed[role]) or session.state is State.BINDING
            assert session.state is State.CLOSED or session.deadline() is not None

    def teardown(self) -> None:
        """However it stood: the end is one Ended, and no submit stays open."""
        for role, session in getattr(self, "ends", {}).items():
            self.heed(role, session.lost())
            assert self.ended[role] == 1
            assert not self.open[role]
            assert headers(session.outgoing()) is not None


TwoEnds.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
test_two_ends_driven_at_random_keep_their_books = TwoEnds.TestCase
