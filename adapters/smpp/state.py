"""Where an SMPP session stands, and the one table by which it moves (SMPP 3.4 §2.2; UNBOUND and OUTBOUND as in 5.0 §2.3).

The names are the ESME's, in both roles: BOUND_TX is a bind on which the ESME transmits.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

from adapters.smpp.profile import BindMode


class Role(enum.StrEnum):
    """Which end of the session we are."""

    ESME = "esme"
    SMSC = "smsc"


class State(enum.StrEnum):
    """Where a session stands."""

    CLOSED = "closed"
    OPEN = "open"
    OUTBOUND = "outbound"  # an outbind was said: the ESME is expected to bind
    BINDING = "binding"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBINDING = "unbinding"  # we said unbind and wait for the answer
    UNBOUND = "unbound"  # unbind was answered: what is in flight is finished, nothing new begins


class Timer(enum.StrEnum):
    """What a session may be waiting for; submits have deadlines of their own."""

    SESSION_INIT = "session_init"
    BIND_ANSWER = "response to bind"
    ENQUIRE_LINK = "enquire_link"
    ENQUIRE_ANSWER = "response to enquire_link"
    INACTIVITY = "inactivity"
    UNBIND = "response to unbind"
    PARTIAL_PDU = "partial_pdu"


class Input(enum.StrEnum):
    """What moves a session."""

    CONNECTED = "connected"
    OUTBIND = "outbind"
    BIND = "bind"
    BOUND_AS_TRANSMITTER = "bound as transmitter"
    BOUND_AS_RECEIVER = "bound as receiver"
    BOUND_AS_TRANSCEIVER = "bound as transceiver"
    BIND_REFUSED = "bind refused"
    UNBIND_SENT = "unbind sent"
    UNBIND_ARRIVED = "unbind arrived"
    UNBIND_ANSWERED = "unbind answered"
    ENDED = "ended"


class Pending(NamedTuple):
    """A bind request that waits for its answer, on either side."""

    sequence: int
    mode: BindMode
    command: int
    interface_version: int


_BOUND: Mapping[Input, State] = {
    Input.UNBIND_SENT: State.UNBINDING,
    Input.UNBIND_ARRIVED: State.UNBOUND,
    Input.ENDED: State.CLOSED,
}

NEXT_STATE: Mapping[State, Mapping[Input, State]] = {
    State.CLOSED: {Input.CONNECTED: State.OPEN},
    State.OPEN: {
        Input.OUTBIND: State.OUTBOUND,
        Input.BIND: State.BINDING,
        Input.UNBIND_ARRIVED: State.UNBOUND,
        Input.ENDED: State.CLOSED,
    },
    State.OUTBOUND: {
        Input.BIND: State.BINDING,
        Input.UNBIND_ARRIVED: State.UNBOUND,
        Input.ENDED: State.CLOSED,
    },
    State.BINDING: {
        Input.BOUND_AS_TRANSMITTER: State.BOUND_TX,
        Input.BOUND_AS_RECEIVER: State.BOUND_RX,
        Input.BOUND_AS_TRANSCEIVER: State.BOUND_TRX,
        Input.BIND_REFUSED: State.OPEN,
        Input.UNBIND_ARRIVED: State.UNBOUND,
        Input.ENDED: State.CLOSED,
    },
    State.BOUND_TX: _BOUND,
    State.BOUND_RX: _BOUND,
    State.BOUND_TRX: _BOUND,
    State.UNBINDING: {
        Input.UNBIND_ARRIVED: State.UNBOUND,
        Input.UNBIND_ANSWERED: State.UNBOUND,
        Input.ENDED: State.CLOSED,
    },
    State.UNBOUND: {Input.ENDED: State.CLOSED},
}

BOUND_AS: Mapping[BindMode, Input] = {
    BindMode.TRANSMITTER: Input.BOUND_AS_TRANSMITTER,
    BindMode.RECEIVER: Input.BOUND_AS_RECEIVER,
    BindMode.TRANSCEIVER: Input.BOUND_AS_TRANSCEIVER,
}

BOUND: frozenset[State] = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})
TAKES = BOUND | {State.UNBINDING, State.UNBOUND}
"""Where messages are taken: to the very end, because refusing one may lose it."""

SENDS: Mapping[Role, frozenset[State]] = {
    Role.ESME: frozenset({State.BOUND_TX, State.BOUND_TRX}),
    Role.SMSC: frozenset({State.BOUND_RX, State.BOUND_TRX}),
}


def after(state: State, move: Input) -> State:
    """The state that `move` leads to; LookupError for a move the table does not allow: that is a bug of ours, never of the peer."""
    try:
        return NEXT_STATE[state][move]
    except KeyError:
        raise LookupError(f"an SMPP session that is {state} has no move '{move}'") from None
