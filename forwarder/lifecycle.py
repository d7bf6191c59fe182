"""The four state tables: segment set, complaint, addition, reply. Each is the only place where its states change.

A pair that is not in a table is a bug and raises. Pure: the journal asks here before it writes.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeVar


class SetState(enum.StrEnum):
    """A long message on its way to being whole."""

    OPEN = "open"
    JOINED = "joined"
    TIMED_OUT = "timed_out"  # filed as it is, marked incomplete
    LINKED = "linked"  # its parts are in a message of another gateway


class SetMove(enum.StrEnum):
    """What can happen to a segment set."""

    COMPLETED = "completed"
    EXPIRED = "expired"
    TAKEN_OVER = "taken_over"


class ComplaintState(enum.StrEnum):
    """Where a complaint is between the citizen's phone and the national core."""

    HELD = "held"  # waits for a person, an answer or a time: see HeldReason
    READY = "ready"
    SENDING = "sending"
    FILED = "filed"
    PARKED = "parked"  # the core refused it: a person decides
    UNKNOWN = "unknown"  # bytes went, the answer was lost: never resent blindly
    DUPLICATE = "duplicate"  # a resend of an earlier one, which carries it
    CLOSED = "closed"  # settled by a person without filing; never erased


class HeldReason(enum.StrEnum):
    """Why a held complaint is held."""

    QUESTION = "question"
    REVIEW = "review"
    UNREADABLE = "unreadable"
    OPERATOR = "operator"
    GRACE = "grace"
    PUBLICITY = "publicity"  # an office's advertisement, it seems
    FLOOD = "flood"  # one author of many, or one text of many
    NOTICE = "notice"  # a machine's text: an operator's notice, an automatic reply, our own SMS coming back
    MACHINE = "machine"  # its sender answers each of our SMS within seconds
    ABUSE = "abuse"  # nothing in it that anybody could act upon, it seems
    BLOCKED = "blocked"  # its sender is on the block list
    WITHDRAWN = "withdrawn"  # its author deleted it before it was filed
    RESTORED = "restored"  # a post older than the restore: the lost journal may have filed it under a number nobody knows


class ComplaintMove(enum.StrEnum):
    """What can happen to a complaint."""

    RELEASED = "released"
    STARTED = "started"
    FILED = "filed"
    NOT_FILED = "not_filed"
    REFUSED = "refused"
    LOST_ANSWER = "lost_answer"
    FOUND = "found"
    ABSENT = "absent"
    HOLD = "hold"
    RESEND = "resend"
    CLOSE = "close"
    CLAIMED = "claimed"  # another gateway has it, and files it
    FREED = "freed"  # that gateway is lost for ever, and a person says so
    RESTORED = "restored"  # from a backup: what became of it since, nobody knows
    PASSED_ON = "passed_on"  # nobody touched it: the national desk of the core has it


class AdditionState(enum.StrEnum):
    """Where something is that was said to a case later, between the citizen and the core."""

    WAITING = "waiting"  # its complaint is not filed yet, and goes first
    READY = "ready"
    SENDING = "sending"
    ADDED = "added"
    PARKED = "parked"  # the core refused it: a person decides
    UNKNOWN = "unknown"  # bytes went, the answer was lost: never resent blindly
    DESK = "desk"  # not to be sent by itself: see its reason
    CLOSED = "closed"  # settled without being sent; never erased


class AdditionMove(enum.StrEnum):
    """What can happen to an addition."""

    RELEASED = "released"  # its complaint is filed
    STARTED = "started"
    ADDED = "added"
    NOT_ADDED = "not_added"
    REFUSED = "refused"
    LOST_ANSWER = "lost_answer"
    FOUND = "found"
    ABSENT = "absent"
    RESEND = "resend"  # a person says so; from waiting it goes on at once where its complaint is filed
    RENEWED = "renewed"  # it says more than was added: the rest of a long SMS
    LEFT = "left"  # to a person
    CLOSE = "close"
    RESTORED = "restored"  # from a backup: what became of it since, nobody knows


class ReplyState(enum.StrEnum):
    """Where one message to a citizen is."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"
    NONE = "none"  # deliberately not sent, with a reason


class ReplyMove(enum.StrEnum):
    """What can happen to a reply."""

    STARTED = "started"
    SENT = "sent"
    REFUSED = "refused"
    POSTPONED = "postponed"
    LOST_ANSWER = "lost_answer"
    SUPPRESSED = "suppressed"
    AGAIN = "again"  # found in sending after a crash: once more, marked, at most once
    FOUND = "found"  # an unknown one was seen where it should be
    ABSENT = "absent"  # an unknown one is not there: it may be sent
    RESTORED = "restored"  # from a backup: it may have been sent since


NEXT_SET: Mapping[SetState, Mapping[SetMove, SetState]] = {
    SetState.OPEN: {
        SetMove.COMPLETED: SetState.JOINED,
        SetMove.EXPIRED: SetState.TIMED_OUT,
        SetMove.TAKEN_OVER: SetState.LINKED,
    },
    SetState.JOINED: {},
    SetState.TIMED_OUT: {},
    SetState.LINKED: {},
}

NEXT_COMPLAINT: Mapping[ComplaintState, Mapping[ComplaintMove, ComplaintState]] = {
    ComplaintState.HELD: {
        ComplaintMove.RELEASED: ComplaintState.READY,
        ComplaintMove.HOLD: ComplaintState.HELD,
        ComplaintMove.FOUND: ComplaintState.FILED,
        ComplaintMove.CLOSE: ComplaintState.CLOSED,
        ComplaintMove.PASSED_ON: ComplaintState.READY,
    },
    ComplaintState.READY: {
        ComplaintMove.STARTED: ComplaintState.SENDING,
        ComplaintMove.CLAIMED: ComplaintState.DUPLICATE,
        ComplaintMove.HOLD: ComplaintState.HELD,
        ComplaintMove.FOUND: ComplaintState.FILED,
        ComplaintMove.CLOSE: ComplaintState.CLOSED,
        ComplaintMove.RESTORED: ComplaintState.UNKNOWN,
    },
    ComplaintState.SENDING: {
        ComplaintMove.FILED: ComplaintState.FILED,
        ComplaintMove.NOT_FILED: ComplaintState.READY,
        ComplaintMove.REFUSED: ComplaintState.PARKED,
        ComplaintMove.LOST_ANSWER: ComplaintState.UNKNOWN,
        ComplaintMove.RESTORED: ComplaintState.UNKNOWN,
    },
    ComplaintState.PARKED: {
        ComplaintMove.RESEND: ComplaintState.READY,
        ComplaintMove.FOUND: ComplaintState.FILED,
        ComplaintMove.CLOSE: ComplaintState.CLOSED,
    },
    ComplaintState.UNKNOWN: {
        ComplaintMove.NOT_FILED: ComplaintState.READY,  # its worker's record says so, late but for certain
        ComplaintMove.REFUSED: ComplaintState.PARKED,
        ComplaintMove.LOST_ANSWER: ComplaintState.UNKNOWN,
        ComplaintMove.FOUND: ComplaintState.FILED,
        ComplaintMove.ABSENT: ComplaintState.READY,
        ComplaintMove.RESEND: ComplaintState.READY,
        ComplaintMove.CLOSE: ComplaintState.CLOSED,
    },
    ComplaintState.FILED: {},
    ComplaintState.DUPLICATE: {ComplaintMove.FREED: ComplaintState.READY},
    ComplaintState.CLOSED: {ComplaintMove.RESEND: ComplaintState.READY},
}

NEXT_ADDITION: Mapping[AdditionState, Mapping[AdditionMove, AdditionState]] = {
    AdditionState.WAITING: {
        AdditionMove.RELEASED: AdditionState.READY,
        AdditionMove.LEFT: AdditionState.DESK,
        AdditionMove.CLOSE: AdditionState.CLOSED,
        AdditionMove.RESTORED: AdditionState.UNKNOWN,
    },
    AdditionState.READY: {
        AdditionMove.STARTED: AdditionState.SENDING,
        AdditionMove.LEFT: AdditionState.DESK,
        AdditionMove.CLOSE: AdditionState.CLOSED,
        AdditionMove.RESTORED: AdditionState.UNKNOWN,
    },
    AdditionState.SENDING: {
        AdditionMove.ADDED: AdditionState.ADDED,
        AdditionMove.NOT_ADDED: AdditionState.READY,
        AdditionMove.REFUSED: AdditionState.PARKED,
        AdditionMove.LOST_ANSWER: AdditionState.UNKNOWN,
        AdditionMove.RESTORED: AdditionState.UNKNOWN,
    },
    AdditionState.ADDED: {AdditionMove.RENEWED: AdditionState.READY},
    AdditionState.PARKED: {
        AdditionMove.FOUND: AdditionState.ADDED,
        AdditionMove.RESEND: AdditionState.WAITING,
        AdditionMove.CLOSE: AdditionState.CLOSED,
    },
    AdditionState.UNKNOWN: {
        AdditionMove.FOUND: AdditionState.ADDED,
        AdditionMove.ABSENT: AdditionState.READY,
        AdditionMove.RESEND: AdditionState.WAITING,
        AdditionMove.CLOSE: AdditionState.CLOSED,
    },
    AdditionState.DESK: {
        AdditionMove.FOUND: AdditionState.ADDED,
        AdditionMove.RESEND: AdditionState.WAITING,
        AdditionMove.CLOSE: AdditionState.CLOSED,
    },
    AdditionState.CLOSED: {AdditionMove.RESEND: AdditionState.WAITING},
}

NEXT_REPLY: Mapping[ReplyState, Mapping[ReplyMove, ReplyState]] = {
    ReplyState.DUE: {
        ReplyMove.STARTED: ReplyState.SENDING,
        ReplyMove.SUPPRESSED: ReplyState.NONE,
        ReplyMove.RESTORED: ReplyState.UNKNOWN,
    },
    ReplyState.LATER: {
        ReplyMove.STARTED: ReplyState.SENDING,
        ReplyMove.SUPPRESSED: ReplyState.NONE,
        ReplyMove.RESTORED: ReplyState.UNKNOWN,
    },
    ReplyState.SENDING: {
        ReplyMove.SENT: ReplyState.SENT,
        ReplyMove.REFUSED: ReplyState.REFUSED,
        ReplyMove.POSTPONED: ReplyState.LATER,
        ReplyMove.LOST_ANSWER: ReplyState.UNKNOWN,
        ReplyMove.AGAIN: ReplyState.DUE,
        ReplyMove.RESTORED: ReplyState.UNKNOWN,
    },
    ReplyState.SENT: {},
    ReplyState.REFUSED: {},
    ReplyState.UNKNOWN: {ReplyMove.FOUND: ReplyState.SENT, ReplyMove.ABSENT: ReplyState.DUE},
    ReplyState.NONE: {},
}

State = TypeVar("State", SetState, ComplaintState, AdditionState, ReplyState)
Move = TypeVar("Move", SetMove, ComplaintMove, AdditionMove, ReplyMove)


def after(table: Mapping[State, Mapping[Move, State]], state: State, move: Move) -> State:
    """The state that `move` leads to; LookupError for a move the table does not allow."""
    try:
        return table[state][move]
    except KeyError:
        raise LookupError(f"{type(state).__name__} {state} has no move {move}") from None


def sources(table: Mapping[State, Mapping[Move, State]], move: Move) -> tuple[State, ...]:
    """Every state from which `move` is allowed: the WHERE clause of a bulk update."""
    return tuple(state for state, moves in table.items() if move in moves)
