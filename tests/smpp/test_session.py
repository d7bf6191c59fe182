"""The session, both roles: states, timers, window, and who gets which answer."""

from __future__ import annotations

import math

import pytest

from adapters.smpp import codec
from adapters.smpp.backlog import Backlog
from adapters.smpp.events import (
    AlertArrived,
    Answered,
    BindArrived,
    BindRefused,
    Bound,
    Ended,
    EndReason,
    LateAnswer,
    Nacked,
    Noted,
    OutbindArrived,
    ReceiptArrived,
    RefusalSent,
    SegmentArrived,
    Unanswered,
    UnbindArrived,
    UnknownArrived,
    UnreadableArrived,
)
from adapters.smpp.pdu import SEQUENCE_MAX, Alert, BindAnswer, BindRequest, Command, Outbind, Outgoing, ShortMessage
from adapters.smpp.profile import BindMode, Timers
from adapters.smpp.receipt import Receipt
from adapters.smpp.session import NEXT_STATE, Input, NotBound, Role, Session, State, WindowFull
from adapters.smpp.state import after
from adapters.smpp.traffic import AUTOMATIC_OCTETS_MAX
from adapters.smpp.window import LATE_MAX, Window
from tests.smpp.sessions import CITIZEN, OURS, REPLY, REQUEST, SMS, TIMERS, connected, deliver, esme, headers, smsc

# ── the table ──


def test_every_state_is_in_the_table_and_every_state_can_be_reached() -> None:
    assert set(NEXT_STATE) == set(State)
    assert {state for moves in NEXT_STATE.values() for state in moves.values()} == set(State)


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_every_session_can_end(state: State) -> None:
    assert after(state, Input.ENDED) is State.CLOSED


@pytest.mark.parametrize(
    ("state", "move"),
    [(State.CLOSED, Input.BIND), (State.OPEN, Input.UNBIND_SENT), (State.BOUND_RX, Input.BIND), (State.UNBOUND, Input.UNBIND_SENT)],
)
def test_a_move_that_is_not_in_the_table_is_a_bug(state: State, move: Input) -> None:
    with pytest.raises(LookupError):
        after(state, move)


def test_a_session_serves_one_connection() -> None:
    session = esme()
    session.lost()
    with pytest.raises(LookupError):
        session.connected(5.0)


def test_a_session_that_ended_neither_hears_nor_says_anything() -> None:
    session = esme()
    assert session.receive(deliver(4), 1.0)
    assert session.lost() == [Ended(EndReason.LOST)]
    assert session.lost() == []
    assert session.receive(deliver(5), 2.0) == []
    assert session.tick(1e9) == []
    assert session.deadline() is None
    assert session.acknowledge(4) is False
    session.answer_bind(1, 0, "LAPOR", 3.0)
    assert session.outgoing() == b""


# ── bind ──


@pytest.mark.parametrize(
    ("mode", "state"),
    [(BindMode.TRANSMITTER, State.BOUND_TX), (BindMode.RECEIVER, State.BOUND_RX), (BindMode.TRANSCEIVER, State.BOUND_TRX)],
)
def test_both_ends_are_bound_as_the_esme_asked(mode: BindMode, state: State) -> None:
    ours, theirs = connected(Role.ESME), connected(Role.SMSC)
    ours.bind(BindRequest(mode, "lapor", "rahasia8"), 0.0)
    (arrived,) = theirs.receive(ours.outgoing(), 0.0)
    assert arrived == BindArrived(1, BindRequest(mode, "lapor", "rahasia8"))
    theirs.answer_bind(1, 0, "SMSC", 0.0)
    assert ours.receive(theirs.outgoing(), 0.0) == [Bound("SMSC", 0x34)]
    assert (ours.state, theirs.state) == (state, state)


def test_a_peer_of_version_3_3_is_told_no_tlv() -> None:
    session = connected(Role.SMSC)
    session.receive(codec.bind(BindRequest(BindMode.RECEIVER, "old", "", interface_version=0x33), 1), 0.0)
    session.answer_bind(1, 0, "LAPOR", 0.0)
    assert codec.read(session.outgoing()).body == BindAnswer("LAPOR", None)


def test_a_refused_bind_leaves_the_connection_open_for_another() -> None:
    ours, theirs = connected(Role.ESME), connected(Role.SMSC)
    for expected in (1, 2):
        ours.bind(REQUEST, 0.0)
        (arrived,) = theirs.receive(ours.outgoing(), 0.0)
        assert isinstance(arrived, BindArrived)
        assert arrived.sequence == expected
        theirs.answer_bind(arrived.sequence, 0x0E, "SMSC", 0.0)
        assert ours.receive(theirs.outgoing(), 0.0) == [BindRefused(0x0E)]
        assert (ours.state, theirs.state) == (State.OPEN, State.OPEN)


def test_a_bind_that_does_not_fit_sends_nothing_and_moves_nothing() -> None:
    session = connected(Role.ESME)
    with pytest.raises(ValueError, match="password"):
        session.bind(BindRequest(BindMode.RECEIVER, "lapor", "too long a password"), 0.0)
    assert (session.state, session.outgoing()) == (State.OPEN, b"")


def test_answering_a_bind_nobody_asked_is_a_bug() -> None:
    session = connected(Role.SMSC)
    session.receive(codec.bind(REQUEST, 5), 0.0)
    with pytest.raises(LookupError):
        session.answer_bind(6, 0, "LAPOR", 0.0)


def test_an_esme_answers_no_bind_of_its_own() -> None:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    with pytest.raises(LookupError):
        session.answer_bind(1, 0, "LAPOR", 0.0)


@pytest.mark.parametrize(
    ("session", "frame", "status"),
    [
        (smsc(), codec.bind(REQUEST, 8), 0x05),
        (esme(), codec.bind(REQUEST, 8), 0x04),
        (connected(Role.SMSC), b"\0\0\0\x14\0\0\0\x09\0\0\0\0\0\0\0\x08oops", 0x0D),
    ],
    ids=["second bind", "bind to an ESME", "unreadable bind"],
)
def test_a_bind_out_of_place_is_refused_by_the_session_itself(session: Session, frame: bytes, status: int) -> None:
    state = session.state
    refusal = session.receive(frame, 1.0)[-1]
    assert isinstance(refusal, RefusalSent)
    assert (refusal.sequence, refusal.command, refusal.status) == (8, "bind_transceiver", status)
    assert headers(session.outgoing()) == [("bind_transceiver_resp", status, 8)]
    assert session.state is state


def test_a_bind_answer_that_says_yes_in_an_unreadable_body_is_a_yes() -> None:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    events = session.receive(b"\0\0\0\x14\x80\0\0\x09\0\0\0\0\0\0\0\x01oops", 0.0)
    assert isinstance(events[0], Noted)
    assert events[1:] == [Bound("", None)]


def test_a_message_before_the_bind_is_answered_waits_for_it() -> None:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    assert session.receive(deliver(3), 0.0) == []
    assert session.backlog == 1
    events = session.receive(codec.bind_answer(Command.BIND_TRANSCEIVER, 1, 0, BindAnswer("SMSC")), 0.0)
    assert [type(event) for event in events] == [Bound, SegmentArrived]
    session.outgoing()
    assert session.acknowledge(3)
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0, 3)]


def test_a_message_before_a_refused_bind_is_refused_with_it() -> None:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    session.receive(deliver(3), 0.0)
    session.outgoing()
    events = session.receive(codec.bare(Command.BIND_TRANSCEIVER_RESP, 1, 0x0D), 0.0)
    assert events == [BindRefused(0x0D), RefusalSent(3, "deliver_sm", 0x04, "the bind was refused")]
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0x04, 3)]
    assert session.backlog == 0


def test_messages_before_the_bind_is_answered_are_bounded() -> None:
    session = connected(Role.ESME, unacknowledged_max=2)
    session.bind(REQUEST, 0.0)
    session.outgoing()
    (refusal,) = session.receive(b"".join(deliver(sequence) for sequence in (1, 2, 3)), 0.0)
    assert isinstance(refusal, RefusalSent)
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0x14, 3)]


@pytest.mark.parametrize("role", list(Role))
def test_a_message_from_somebody_who_is_not_bound_is_refused(role: Role) -> None:
    session = connected(role)
    (refusal,) = session.receive(deliver(3), 0.0)
    assert refusal == RefusalSent(3, "deliver_sm", 0x04, "a message before the bind")
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0x04, 3)]


def test_a_stranger_cannot_hand_in_messages_while_his_bind_is_judged() -> None:
    session = connected(Role.SMSC)
    (_, refusal) = session.receive(codec.bind(REQUEST, 1) + codec.message(Command.SUBMIT_SM, SMS, 2), 0.0)
    assert isinstance(refusal, RefusalSent)
    assert headers(session.outgoing()) == [("submit_sm_resp", 0x04, 2)]


# ── outbind ──


def test_after_an_outbind_the_one_who_got_it_is_the_esme() -> None:
    ours, theirs = connected(Role.SMSC), connected(Role.SMSC)
    theirs.outbind(Outbind("smsc", "geheim"))
    assert ours.receive(theirs.outgoing(), 0.0) == [OutbindArrived(Outbind("smsc", "geheim"))]
    assert (ours.role, ours.state, theirs.state) == (Role.ESME, State.OUTBOUND, State.OUTBOUND)
    ours.bind(REQUEST, 0.0)
    (arrived,) = theirs.receive(ours.outgoing(), 0.0)
    assert isinstance(arrived, BindArrived)
    theirs.answer_bind(arrived.sequence, 0, "SMSC", 0.0)
    assert ours.receive(theirs.outgoing(), 0.0) == [Bound("SMSC", 0x34)]


def test_an_outbind_out_of_place_changes_nothing() -> None:
    session = esme()
    assert session.receive(codec.outbind(Outbind("smsc", "geheim"), 4), 0.0) == [Noted("an outbind out of place", "outbind", 4)]
    assert session.state is State.BOUND_TRX


# ── messages to us ──


@pytest.mark.parametrize("session", [esme(), smsc(), esme(BindMode.TRANSMITTER), smsc(BindMode.RECEIVER)])
@pytest.mark.parametrize("command", [Command.DELIVER_SM, Command.DATA_SM, Command.SUBMIT_SM])
def test_whoever_is_bound_may_hand_us_messages_by_any_command(session: Session, command: Command) -> None:
    (event,) = session.receive(codec.message(command, SMS, 77), 1.0)
    assert isinstance(event, SegmentArrived)
    assert (event.sequence, event.pdu.command) == (77, command.name.lower())
    assert session.outgoing() == b""
    assert session.backlog == 1
    session.acknowledge(77, message_id="M1")
    answer = codec.read(session.outgoing())
    assert (answer.command, answer.status, answer.sequence) == (command | 0x80000000, 0, 77)
    assert answer.body == (codec.read(codec.message_answer(command | 0x80000000, 1)).body if command is Command.DELIVER_SM else ("M1", {}))


def test_a_temporary_no_is_what_the_caller_chose() -> None:
    session = esme()
    session.receive(deliver(9), 1.0)
    session.acknowledge(9, 0x64)
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0x64, 9)]


def test_a_receipt_is_told_from_a_text() -> None:
    session = esme()
    receipt = Outgoing(CITIZEN, OURS, b"id:0A1 stat:DELIVRD err:000", esm_class=4)
    (event,) = session.receive(deliver(2, receipt), 1.0)
    assert isinstance(event, ReceiptArrived)
    assert (event.sequence, event.receipt.message_id, event.receipt.state) == (2, "0A1", "DELIVRD")
    assert session.acknowledge(2)


def test_what_cannot_be_read_is_kept_and_may_be_acknowledged() -> None:
    session = esme()
    frame = deliver(2)[:3] + b"\x20" + deliver(2)[4:32]
    (event,) = session.receive(frame, 1.0)
    assert isinstance(event, UnreadableArrived)
    assert (event.sequence, event.command, event.raw) == (2, "deliver_sm", frame)
    assert session.acknowledge(2)
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0, 2)]


def test_a_bug_in_our_reader_costs_no_message() -> None:
    def broken(frame: bytes) -> tuple[ShortMessage, Receipt | None]:
        raise ZeroDivisionError(frame)

    session = esme(read=broken)
    (event,) = session.receive(deliver(2), 1.0)
    assert event == UnreadableArrived(2, "deliver_sm", "our reader failed: ZeroDivisionError", deliver(2))


def test_a_peer_that_uses_one_number_for_everything_gets_an_answer_to_each() -> None:
    session = esme()
    session.receive(deliver(1) + codec.message(Command.DATA_SM, SMS, 1) + deliver(2) + deliver(2) + deliver(1), 1.0)
    assert session.backlog == 5
    for sequence in (2, 1, 1, 1, 2):
        session.acknowledge(sequence)
    assert headers(session.outgoing()) == [
        ("deliver_sm_resp", 0, 2),
        ("deliver_sm_resp", 0, 1),
        ("data_sm_resp", 0, 1),
        ("deliver_sm_resp", 0, 1),
        ("deliver_sm_resp", 0, 2),
    ]
    with pytest.raises(LookupError):
        session.acknowledge(1)


def test_a_backlog_owes_each_number_as_often_as_it_came_until_it_forgets_all() -> None:
    backlog = Backlog()
    for sequence, command in ((1, 5), (1, 6), (2, 7)):
        backlog.add(sequence, command)
    assert (backlog.settle(2), backlog.settle(1), len(backlog)) == (7, 5, 1)
    backlog.clear()
    assert len(backlog) == 0


def test_an_alert_is_told_and_never_answered() -> None:
    session = esme()
    assert session.receive(codec.alert_notification(Alert(CITIZEN, OURS, 0), 3), 1.0) == [AlertArrived(Alert(CITIZEN, OURS, 0))]
    (noted,) = session.receive(b"\0\0\0\x11\0\0\x01\x02\0\0\0\0\0\0\0\x03\x01", 1.0)
    assert isinstance(noted, Noted)
    assert session.outgoing() == b""


# ── messages from us ──


@pytest.mark.parametrize(
    ("session", "command"),
    [
        (esme(), "submit_sm"),
        (esme(BindMode.TRANSMITTER), "submit_sm"),
        (smsc(), "deliver_sm"),
        (smsc(BindMode.RECEIVER), "deliver_sm"),
    ],
)
def test_a_submit_ends_in_its_answer(session: Session, command: str) -> None:
    sequence = session.submit(REPLY, 1.0)
    assert headers(session.outgoing()) == [(command, 0, sequence)]
    answer = codec.message_answer(Command[command.upper()] | 0x80000000, sequence, 0, "1A2B")
    assert session.receive(answer, 2.0) == [Answered(sequence, 0, "1A2B", f"{command}_resp")]
    assert session.receive(answer, 3.0) == [Noted("an answer to nothing", f"{command}_resp", sequence)]
    assert len(session.window) == 0


def test_a_message_may_go_as_data_sm() -> None:
    session = esme()
    sequence = session.submit(Outgoing(OURS, CITIZEN, b"hallo", as_data_sm=True), 1.0)
    assert headers(session.outgoing()) == [("data_sm", 0, sequence)]


@pytest.mark.parametrize(
    "session",
    [esme(BindMode.RECEIVER), smsc(BindMode.TRANSMITTER), connected(Role.ESME), connected(Role.SMSC)],
)
def test_who_may_not_send_cannot(session: Session) -> None:
    with pytest.raises(NotBound):
        session.submit(REPLY, 1.0)
    assert session.outgoing() == b""


def test_the_window_is_never_overrun_and_opens_with_each_answer() -> None:
    session = esme(window=2)
    first, _ = session.submit(REPLY, 1.0), session.submit(REPLY, 1.0)
    with pytest.raises(WindowFull):
        session.submit(REPLY, 1.0)
    session.receive(codec.message_answer(Command.SUBMIT_SM_RESP, first, 0x58), 1.0)
    session.submit(REPLY, 1.0)
    session.window.size = 3
    session.submit(REPLY, 1.0)
    assert session.window.full


def test_a_message_that_does_not_fit_takes_no_place_in_the_window() -> None:
    session = esme()
    with pytest.raises(ValueError, match="short_message"):
        session.submit(Outgoing(OURS, CITIZEN, b"x" * 255), 1.0)
    assert len(session.window) == 0
    assert session.outgoing() == b""


def test_a_submit_without_answer_ends_unanswered_and_its_late_answer_is_recognised_once() -> None:
    session = esme()
    first, second = session.submit(REPLY, 1.0), session.submit(REPLY, 2.0)
    assert session.tick(20.9) == []
    assert session.tick(21.0) == [Unanswered(first)]
    assert session.tick(22.0) == [Unanswered(second)]
    late = codec.message_answer(Command.SUBMIT_SM_RESP, first, 0, "77")
    assert session.receive(late, 2400.0) == [LateAnswer(first, 0, "77")]
    assert session.receive(late, 2400.0) == [Noted("an answer to nothing", "submit_sm_resp", first)]


def test_late_answers_are_remembered_only_so_far() -> None:
    window = Window(LATE_MAX + 1)
    for sequence in range(LATE_MAX + 1):
        window.add(sequence, 1.0)
    assert len(window.give_up(1.0)) == LATE_MAX + 1
    assert not window.settle_late(0)
    assert window.settle_late(1)


@pytest.mark.parametrize(("status", "told"), [(0x45, 0x45), (0, 0xFF)])
def test_a_generic_nack_ends_our_submit_and_is_never_a_yes(status: int, told: int) -> None:
    session = esme()
    sequence = session.submit(REPLY, 1.0)
    assert session.receive(codec.bare(Command.GENERIC_NACK, sequence, status), 1.0) == [Answered(sequence, told, "", "generic_nack")]


def test_an_answer_whose_body_is_unreadable_still_answers() -> None:
    session = esme()
    sequence = session.submit(REPLY, 1.0)
    frame = b"\0\0\0\x13\x80\0\0\x04\0\0\0\0" + sequence.to_bytes(4, "big") + b"abc"
    noted, answered = session.receive(frame, 1.0)
    assert isinstance(noted, Noted)
    assert answered == Answered(sequence, 0, "", "submit_sm_resp")


def test_everything_in_the_window_ends_unanswered_with_the_connection() -> None:
    session = esme()
    sequences = [session.submit(REPLY, 1.0) for _ in range(3)]
    assert session.lost() == [*map(Unanswered, sequences), Ended(EndReason.LOST)]


def test_numbers_wrap_and_pass_over_those_still_open() -> None:
    session = esme(sequence_first=SEQUENCE_MAX - 1)
    assert session.submit(REPLY, 1.0) == SEQUENCE_MAX
    assert [session.submit(REPLY, 1.0) for _ in range(2)] == [1, 2]
    wrapped = Window(9, SEQUENCE_MAX)
    wrapped.add(SEQUENCE_MAX, 1.0)
    wrapped.add(1, 1.0)
    assert wrapped.number() == 2


def test_a_generic_nack_can_refuse_a_bind() -> None:
    for status, told in ((0x03, 0x03), (0, 0x0D)):
        session = connected(Role.ESME)
        session.bind(REQUEST, 0.0)
        assert session.receive(codec.bare(Command.GENERIC_NACK, 1, status), 0.0) == [BindRefused(told)]


def test_a_generic_nack_that_names_nothing_of_ours_is_told() -> None:
    session = esme()
    assert session.receive(codec.bare(Command.GENERIC_NACK, 0, 2) + codec.bare(Command.GENERIC_NACK, 99, 3), 1.0) == [
        Nacked(0, 2),
        Nacked(99, 3),
    ]
    assert session.state is State.BOUND_TRX


# ── unbind ──


def test_our_unbind_ends_when_it_is_answered_and_nothing_is_in_flight() -> None:
    session = esme()
    session.receive(deliver(5), 1.0)
    session.unbind(2.0)
    (_, _, sequence) = headers(session.outgoing())[-1]
    assert session.receive(deliver(6) + codec.bare(Command.UNBIND_RESP, sequence), 2.0)[0].sequence == 6  # type: ignore[union-attr]
    assert session.state is State.UNBOUND
    session.acknowledge(5)
    assert session.tick(2.0) == []
    session.acknowledge(6)
    assert session.deadline() == -math.inf
    assert session.tick(2.0) == [Ended(EndReason.UNBOUND)]
    assert headers(session.outgoing()) == [("deliver_sm_resp", 0, 5), ("deliver_sm_resp", 0, 6)]


def test_our_unbind_that_is_not_answered_ends_at_the_response_timer() -> None:
    session = esme()
    sequence = session.submit(REPLY, 1.0)
    session.unbind(2.0)
    with pytest.raises(NotBound):
        session.submit(REPLY, 3.0)
    assert session.tick(21.9) == [Unanswered(sequence)]
    assert session.deadline() == 22.0
    assert session.tick(22.0) == [Ended(EndReason.UNBOUND)]


def test_an_unbind_that_leaves_something_in_flight_says_so() -> None:
    session = esme()
    session.receive(deliver(5), 1.0)
    session.unbind(2.0)
    assert session.tick(22.0) == [Ended(EndReason.UNBOUND, "response to unbind")]


def test_a_peers_unbind_is_answered_at_once_and_ends_when_nothing_is_in_flight() -> None:
    session = esme()
    assert session.receive(codec.bare(Command.UNBIND, 4), 1.0) == [UnbindArrived(), Ended(EndReason.UNBOUND)]
    assert headers(session.outgoing()) == [("unbind_resp", 0, 4)]


def test_what_is_in_flight_at_a_peers_unbind_is_still_finished() -> None:
    session = esme()
    sequence = session.submit(REPLY, 1.0)
    session.outgoing()
    events = session.receive(deliver(5) + codec.bare(Command.UNBIND, 6) + deliver(7), 1.0)
    assert [type(event) for event in events] == [SegmentArrived, UnbindArrived, SegmentArrived]
    assert headers(session.outgoing()) == [("unbind_resp", 0, 6)]
    session.acknowledge(5)
    session.acknowledge(7)
    assert session.receive(codec.bare(Command.UNBIND, 8), 1.0) == [Noted("unbind said twice", "unbind", 8)]
    assert session.receive(codec.message_answer(Command.SUBMIT_SM_RESP, sequence, 0, "1"), 2.0) == [
        Answered(sequence, 0, "1", "submit_sm_resp"),
        Ended(EndReason.UNBOUND),
    ]


def test_two_unbinds_that_cross_end_both_sessions() -> None:
    ours, theirs = esme(), smsc()
    ours.unbind(1.0)
    theirs.unbind(1.0)
    from_ours, from_theirs = ours.outgoing(), theirs.outgoing()
    assert ours.receive(from_theirs, 1.0)[-1] == Ended(EndReason.UNBOUND)
    assert theirs.receive(from_ours, 1.0)[-1] == Ended(EndReason.UNBOUND)


def test_an_unbind_before_the_bind_is_answered_refuses_what_was_held() -> None:
    session = connected(Role.ESME)
    session.bind(REQUEST, 0.0)
    session.receive(deliver(3), 0.0)
    session.outgoing()
    events = session.receive(codec.bare(Command.UNBIND, 4), 0.0)
    assert [type(event) for event in events] == [UnbindArrived, RefusalSent, Ended]
    assert headers(session.outgoing()) == [("unbind_resp", 0, 4), ("deliver_sm_resp", 0x04, 3)]


def test_a_generic_nack_answers_an_unbind_too() -> None:
    session = esme()
    session.unbind(1.0)
    ((_, _, sequence),) = headers(session.outgoing())
    assert session.receive(codec.bare(Command.GENERIC_NACK, sequence, 3), 1.0) == [Ended(EndReason.UNBOUND)]


# ── timers ──


def test_an_answer_that_nobody_waits_for_is_noted() -> None:
    session = esme()
    assert session.receive(codec.bare(Command.ENQUIRE_LINK_RESP, 0) + codec.bare(Command.UNBIND_RESP, 5), 1.0) == [
        Noted("an answer to nothing", "enquire_link_resp", 0),
        Noted("an answer to nothing", "unbind_resp", 5),
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_connection_on_which_nobody_binds_ends(role: Role) -> None:
    session = connected(role)
    assert session.deadline() == 10.0
    assert session.tick(9.9) == []
    assert session.tick(10.0) == [Ended(EndReason.NOT_BOUND, "session_init")]


def test_a_bind_without_answer_ends_at_the_response_timer() -> None:
    session = connected(Role.ESME, timers=Timers(session_init_seconds=60, response_seconds=5))
    session.bind(REQUEST, 1.0)
    assert session.deadline() == 6.0
    assert session.tick(6.0) == [Ended(EndReason.NOT_BOUND, "response to bind")]


def test_silence_is_asked_and_a_peer_that_stays_silent_is_dead_within_twice_the_interval() -> None:
    session = esme()
    assert session.tick(29.9) == []
    assert session.tick(30.0) == []
    assert headers(session.outgoing()) == [("enquire_link", 0, 2)]
    assert session.deadline() == 50.0
    assert session.tick(50.0) == [Ended(EndReason.DEAD_PEER, "response to enquire_link")]


def test_a_long_response_timer_does_not_lengthen_the_life_of_a_dead_peer() -> None:
    session = esme(timers=Timers(enquire_link_seconds=10, response_seconds=300))
    session.tick(10.0)
    assert session.tick(20.0)[-1] == Ended(EndReason.DEAD_PEER, "response to enquire_link")


@pytest.mark.parametrize(
    "answer",
    [codec.bare(Command.ENQUIRE_LINK_RESP, 2), codec.bare(Command.GENERIC_NACK, 2, 3), deliver(9), codec.bare(Command.ENQUIRE_LINK, 9)],
    ids=["enquire_link_resp", "generic_nack", "deliver_sm", "enquire_link"],
)
def test_any_whole_pdu_proves_that_the_peer_lives(answer: bytes) -> None:
    session = esme()
    session.tick(30.0)
    session.receive(answer, 40.0)
    assert session.deadline() == 70.0
    assert session.tick(69.9) == []


def test_octets_of_half_a_pdu_prove_nothing_and_a_stalled_pdu_breaks_the_frame() -> None:
    session = esme()
    session.outgoing()
    for second in range(3):
        assert session.receive(deliver(1)[second : second + 1], float(second)) == []
    assert session.deadline() == 15.0
    assert session.tick(15.0) == [Ended(EndReason.BROKEN_FRAME, "half a PDU, and then nothing")]
    assert headers(session.outgoing()) == [("generic_nack", 0x02, 0)]


def test_a_pdu_that_comes_whole_in_time_stops_its_timer() -> None:
    session = esme()
    session.receive(deliver(1)[:20], 1.0)
    session.receive(deliver(1)[20:], 15.9)
    assert session.deadline() == 45.9


def test_without_messages_for_long_enough_we_take_our_leave() -> None:
    session = esme(timers=Timers(inactivity_seconds=100, enquire_link_seconds=60, response_seconds=20))
    session.submit(REPLY, 1.0)
    session.receive(codec.message_answer(Command.SUBMIT_SM_RESP, 2), 2.0)
    session.receive(codec.bare(Command.ENQUIRE_LINK, 1), 50.0)
    session.receive(deliver(1), 55.0)
    session.acknowledge(1)
    session.receive(codec.bare(Command.ENQUIRE_LINK, 1), 110.0)
    session.outgoing()
    assert session.tick(155.0) == []
    assert headers(session.outgoing()) == [("unbind", 0, 3)]
    assert session.state is State.UNBINDING


# ── frames, floods, counts ──


def test_a_broken_frame_ends_the_session_after_what_came_whole() -> None:
    session = esme()
    sequence = session.submit(REPLY, 1.0)
    session.outgoing()
    events = session.receive(deliver(5) + b"\0\0\0\x02", 1.0)
    assert [type(event) for event in events] == [SegmentArrived, Unanswered, Ended]
    assert events[1] == Unanswered(sequence)
    assert headers(session.outgoing()) == [("generic_nack", 0x02, 0)]
    assert session.state is State.CLOSED


def test_an_unknown_request_is_nacked_and_an_unknown_response_is_not() -> None:
    session = esme()
    assert session.receive(codec.bare(0x00000003, 6) + codec.bare(0x80000003, 7), 1.0) == [
        UnknownArrived(6, 3),
        Noted("a response that is none", "0x80000003", 7),
    ]
    assert headers(session.outgoing()) == [("generic_nack", 0x03, 6)]


def test_a_flood_of_enquire_links_is_answered_only_while_little_waits_to_be_written() -> None:
    session = esme()
    session.receive(codec.bare(Command.ENQUIRE_LINK, 1) * 10_000, 1.0)
    assert len(session.outgoing()) == AUTOMATIC_OCTETS_MAX
    counts = session.counts
    assert counts["in", "enquire_link", 0] == 10_000
    assert counts["out", "enquire_link_resp", 0] + counts["dropped", "enquire_link_resp", 0] == 10_000


def test_every_pdu_is_counted_and_shown_to_the_trace() -> None:
    seen: list[tuple[str, bytes]] = []
    session = connected(Role.ESME, trace=lambda direction, frame: seen.append((direction, frame)))
    session.bind(REQUEST, 0.0)
    session.receive(codec.bare(Command.BIND_TRANSCEIVER_RESP, 1, 0x0E), 0.0)
    assert session.counts == {("out", "bind_transceiver", 0): 1, ("in", "bind_transceiver_resp", 0x0E): 1}
    assert seen == [("out", codec.bind(REQUEST, 1)), ("in", codec.bare(Command.BIND_TRANSCEIVER_RESP, 1, 0x0E))]


def test_events_show_no_secret_in_their_repr() -> None:
    session = connected(Role.SMSC)
    shown = repr(session.receive(codec.bind(REQUEST, 1), 0.0))
    shown += repr(esme().receive(deliver(1) + deliver(2)[:3] + b"\x20" + deliver(2)[4:32], 1.0))
    assert "rahasia8" not in shown
    assert CITIZEN.value not in shown
    assert "lampu" not in shown
    assert TIMERS.response_seconds == 20
