"""The one table of the conversation: how a citizen stands with us and what he said, and which turn of ours it is. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from forwarder.lifecycle import ComplaintState
from forwarder.talk import Asked, Heard, Talk
from parsers.zones import DAY_MS

OBJECTION_MS = 10 * DAY_MS  # DOMAIN §2.1: so long a citizen may say that what is called done is not


class Stand(enum.StrEnum):
    """How the sender stands with us."""

    NEW = "new"  # no case that he may touch
    KNOWN = "known"  # a case, and nothing said about it lately
    TALKING = "talking"  # a case of which we spoke a short while ago
    SETTLED = "settled"  # the core calls it done, and he may still object
    ASKED_REGION = "asked_region"
    ASKED_PLACE = "asked_place"
    ASKED_MATTER = "asked_matter"


class Turn(enum.StrEnum):
    """What we do about a text."""

    BEGIN = "begin"  # a complaint of its own
    ADD = "add"
    OBJECT = "object"
    ANSWER = "answer"
    CHOOSE = "choose"
    DECLINE = "decline"
    TELL = "tell"
    HIDE = "hide"
    WITHDRAW = "withdraw"
    HELP = "help"
    SILENCE = "silence"
    LISTEN = "listen"
    SHRUG = "shrug"  # kept, and nothing is said


_COMMANDS: Mapping[Heard, Turn] = {
    Heard.STATUS: Turn.TELL,
    Heard.RAHASIA: Turn.HIDE,
    Heard.ANONIM: Turn.HIDE,
    Heard.CANCEL: Turn.WITHDRAW,
    Heard.INFO: Turn.HELP,
    Heard.STOP: Turn.SILENCE,
    Heard.START: Turn.LISTEN,
    Heard.THANKS: Turn.SHRUG,
}
_KNOWN: Mapping[Heard, Turn] = {
    **_COMMANDS,
    Heard.REPORT: Turn.BEGIN,
    Heard.TEXT: Turn.BEGIN,
    Heard.KEYWORD: Turn.BEGIN,
    Heard.ADD: Turn.ADD,
    Heard.CHOICE: Turn.SHRUG,
    Heard.YES: Turn.SHRUG,
    Heard.NO: Turn.SHRUG,
}
_ASKED: Mapping[Heard, Turn] = {
    **_KNOWN,
    Heard.TEXT: Turn.ANSWER,
    Heard.KEYWORD: Turn.ANSWER,
    Heard.ADD: Turn.ANSWER,
    Heard.NO: Turn.DECLINE,
}
TURNS: Mapping[Stand, Mapping[Heard, Turn]] = {
    Stand.NEW: {**_KNOWN, Heard.CHOICE: Turn.HELP, Heard.YES: Turn.HELP, Heard.NO: Turn.HELP},
    Stand.KNOWN: _KNOWN,
    Stand.TALKING: {**_KNOWN, Heard.TEXT: Turn.ADD},
    Stand.SETTLED: {**_KNOWN, Heard.TEXT: Turn.ADD, Heard.NO: Turn.OBJECT},
    Stand.ASKED_REGION: {**_ASKED, Heard.CHOICE: Turn.CHOOSE, Heard.YES: Turn.CHOOSE},
    Stand.ASKED_PLACE: _ASKED,
    Stand.ASKED_MATTER: {**_ASKED, Heard.REPORT: Turn.ANSWER},
}
"""Every pair has its turn."""

STANDS: Mapping[Asked, Stand] = {
    Asked.REGION: Stand.ASKED_REGION,
    Asked.PLACE: Stand.ASKED_PLACE,
    Asked.MATTER: Stand.ASKED_MATTER,
}


def stand(talk: Talk, reply_ms: int) -> Stand:
    """How the sender stands with us at this moment; within `reply_ms` of the last word a text without a keyword goes on with it."""
    if talk.question is not None:
        return STANDS[talk.question.asked]
    case = talk.replied
    if case is None:
        return Stand.NEW
    if case.settled_ms is not None and talk.now_ms - case.settled_ms <= OBJECTION_MS:
        return Stand.SETTLED
    if case.asks:
        return Stand.TALKING
    spoke_ms = max(case.said_ms, case.told_ms)
    return Stand.TALKING if case.state is not ComplaintState.CLOSED and talk.now_ms - spoke_ms <= reply_ms else Stand.KNOWN
