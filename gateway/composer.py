"""From segments to a composed message: decode, read, match, build. Pure, so the journal may call it inside a transaction.

Everything that depends only on settings and tables is made once, when the composer is made; a new routing table is a new composer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, FirstCopy, ReplyDraft
from parsers import command, complaint, keyword, place, segments, sender
from parsers.command import CommandKind
from parsers.model import Certainty, Complaint, Decision, Message, Segment
from parsers.regions import Regions
from parsers.routes import NATIONAL_INSTANSI, NATIONAL_NAME, Table
from parsers.text import Shadow
from parsers.topics import Topics

WIB = dt.timezone(dt.timedelta(hours=7), "WIB")  # routing days begin in Jakarta
DAY_MS = 86_400_000
WIB_MS = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How one operator writes data_coding 0."""

    name: str = "gsm7"
    packed: bool = False


GSM7 = Alphabet()
ANSWERED = {CommandKind.STATUS: "status_unknown", CommandKind.INFO: "info"}
"""Commands that the front desk answers by itself, without a complaint and without a person."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a composed message needs to know of the house: tables, texts' wait, our own numbers, what identity leaves us."""

    table: Table
    regions: Regions
    topics: Topics
    policy: complaint.Disclosure
    ours: frozenset[str]
    alphabets: Mapping[str, Alphabet]
    receipt_wait_ms: int
    channel: str = "SMS 1708"


class Composer:
    """Makes a Composed of segments (forwarder.records.Composer)."""

    def __init__(self, desk: Desk, number_of: Callable[[int], str]) -> None:
        self._desk = desk
        self._number_of = number_of
        self._day = (0, dt.date.min)

    def whole(self, message_id: int, complaint_id: int, segment: Segment) -> Composed:
        """One PDU that is a whole message."""
        return self.join(message_id, complaint_id, (segment,), 1)

    def join(self, message_id: int, complaint_id: int, parts: Sequence[Segment], total: int) -> Composed:
        """The parts that came, in order of part number; fewer than `total` is marked incomplete."""
        message = self._message(message_id, parts, total)
        shadow = Shadow(message.text)
        ask = command.read(shadow)
        if ask is None or not message.reporter.answerable:
            return self._report(message, complaint_id, self._complaint(message, complaint_id, shadow))
        if ask.kind in ANSWERED:
            return Composed(message, None, reply=ReplyDraft(ANSWERED[ask.kind], message.received_ms))
        return self._request(message, complaint_id, self._complaint(message, complaint_id, shadow))

    def resend(self, composed: Composed, first: FirstCopy) -> Composed:  # noqa: ARG002 - the text speaks of the first by its row
        """The same words again: tied to the first, whose number the citizen hears."""
        reply = composed.reply
        if reply is not None:
            reply = ReplyDraft("resend", composed.message.received_ms, reply.about)
        return replace(composed, state=ComplaintState.DUPLICATE, reason=None, reply=reply)

    def destination(self, region: str, before: Decision, who: str) -> tuple[Decision, str]:
        """A person's choice of destination, as a decision and the name people read; ValueError for a code that is no region."""
        chosen = replace(before, rule="desk", why=f"chosen at the desk by {who}", unit=None, candidates=())
        if region == "national":
            return replace(chosen, certainty=Certainty.NATIONAL, region=None, instansi=NATIONAL_INSTANSI), NATIONAL_NAME
        if region not in self._desk.regions:
            raise ValueError(f"{region} is no region code of regions.csv, such as 13.06; or say national")
        entry = self._desk.regions[region]
        return replace(chosen, certainty=Certainty.EXPLICIT, region=region, instansi=entry.office), entry.title

    def _message(self, message_id: int, parts: Sequence[Segment], total: int) -> Message:
        first = parts[0]
        alphabet = self._desk.alphabets.get(first.operator, GSM7)
        decoded = segments.text_of(parts, alphabet0=alphabet.name, packed=alphabet.packed)
        return Message(
            id=message_id,
            channel=self._desk.channel,
            operator=first.operator,
            bind=first.bind,
            reporter=sender.read(first.source, ours=self._desk.ours),
            destination=first.destination.value,
            received_ms=first.received_ms if len(parts) == 1 else max(part.received_ms for part in parts),
            sent_ms=first.sent_ms,
            text=decoded.text,
            alphabet=decoded.alphabet,
            data_coding=first.data_coding,
            parts=len(parts),
            incomplete=len(parts) < total,
            damaged=decoded.damaged,
        )

    def _request(self, message: Message, complaint_id: int, held: Complaint) -> Composed:
        """A command that needs a person is laid before one, with a number."""
        return Composed(message, held, ComplaintState.HELD, HeldReason.REVIEW, ReplyDraft("request", message.received_ms), complaint_id)

    def _report(self, message: Message, complaint_id: int, built: Complaint) -> Composed:
        if not message.reporter.answerable:
            return Composed(message, built, ComplaintState.HELD, HeldReason.OPERATOR, complaint_id=complaint_id)
        if not built.body.strip():
            return Composed(message, built, ComplaintState.HELD, HeldReason.REVIEW, ReplyDraft("empty", message.received_ms), complaint_id)
        return Composed(
            message, built, reply=ReplyDraft("receipt", message.received_ms + self._desk.receipt_wait_ms), complaint_id=complaint_id
        )

    def _complaint(self, message: Message, complaint_id: int, shadow: Shadow) -> Complaint:
        desk = self._desk
        hints = place.read(shadow, desk.regions, desk.topics)
        decision = keyword.weigh(desk.table, keyword.match(desk.table, shadow, self._date(message.received_ms)), hints)
        return complaint.build(
            message,
            decision,
            hints,
            number=self._number_of(complaint_id),
            instansi_name=desk.table.name_of(decision),
            policy=desk.policy,
            shadow=shadow,
        )

    def _date(self, at_ms: int) -> dt.date:
        day = (at_ms + WIB_MS) // DAY_MS
        if day != self._day[0]:
            self._day = (day, dt.date(1970, 1, 1) + dt.timedelta(days=day))
        return self._day[1]
