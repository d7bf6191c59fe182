"""From segments or a post to a composed message: decode, read, match, build. Pure, so the journal may call it inside a transaction.

Everything that depends only on settings and tables is made once, when the composer is made; a new routing table is a new composer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, FirstCopy, ReplyDraft
from parsers import command, complaint, keyword, place, segments, sender, tags
from parsers import post as posts
from parsers.command import Command, CommandKind
from parsers.model import Answering, Assisted, Certainty, Complaint, Decision, Message, Post, Segment, Trigger
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
LISTENING = {CommandKind.STOP: False, CommandKind.START: True}
SUSPICIONS = {posts.PUBLICITY: HeldReason.PUBLICITY}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a composed message needs to know of the house: tables, texts' wait, our own numbers, what identity leaves us."""

    table: Table
    hashtags: Table
    regions: Regions
    topics: Topics
    policy: complaint.Disclosure
    ours: frozenset[str]
    alphabets: Mapping[str, Alphabet]
    receipt_wait_ms: int
    channel: str = "SMS 1708"
    post_answer_ms: int = DAY_MS
    """A post older than this when it arrives is not answered any more."""


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
            return Composed(message, None, reply=ReplyDraft(ANSWERED[ask.kind], message.received_ms), asks=ask.argument, pin=ask.pin)
        return self._request(message, complaint_id, self._complaint(message, complaint_id, shadow))

    def post(self, message_id: int, complaint_id: int, post: Post, *, amends: bool = False) -> Composed:
        """One post. A public one goes by its tags, and asks where it names a tracking id; what a program hands in goes like an SMS.

        `amends` says that an earlier version is a complaint: this one is, too, and a person sees it where it is a question or a command.
        """
        message = _written(message_id, post)
        if post.assisted is not None:
            return self._entered(message, complaint_id, post, post.assisted)
        public = post.trigger is not Trigger.DIRECT
        own = posts.words_of(post.text) if public else post.text
        ask = command.read(own)
        asked = posts.tracking_id(post.text) if post.answering is Answering.ONCE else None
        answers = post.answering is not Answering.NEVER and post.received_ms - post.posted_ms <= self._desk.post_answer_ms
        question = None if amends else self._asked(message, ask, asked)
        composed = question or self._posted(message, complaint_id, post, ask, own)
        return composed if answers else replace(composed, reply=None)

    def _asked(self, message: Message, ask: Command | None, tracking_id: str | None) -> Composed | None:
        """What is no complaint: a question about one, a request to be left alone; None for everything else."""
        if ask is not None and ask.kind in LISTENING:
            return Composed(message, None, listens=LISTENING[ask.kind])
        if tracking_id is not None or (ask is not None and ask.kind in ANSWERED):
            kind = ANSWERED[CommandKind.STATUS if ask is None or tracking_id else ask.kind]
            number = tracking_id or (ask.argument if ask else None)
            return Composed(message, None, reply=ReplyDraft(kind, message.received_ms), asks=number)
        return None

    def _posted(self, message: Message, complaint_id: int, post: Post, ask: Command | None, own: str) -> Composed:
        built = self._complaint(message, complaint_id, Shadow(message.text), post)
        if post.suspicion is not None or ask is not None:
            reason = SUSPICIONS.get(post.suspicion or "", HeldReason.REVIEW)
            return Composed(message, built, ComplaintState.HELD, reason, complaint_id=complaint_id)
        said = built.body if post.trigger is Trigger.DIRECT else own
        if not said.strip():
            return Composed(message, built, ComplaintState.HELD, HeldReason.REVIEW, ReplyDraft("empty", message.received_ms), complaint_id)
        return Composed(message, built, reply=self._receipt(message), complaint_id=complaint_id)

    def _entered(self, message: Message, complaint_id: int, post: Post, entry: Assisted) -> Composed:
        """What an officer typed in is never a command to a machine. The destination that the citizen named counts before the words."""
        message = replace(message, operator=entry.operator or message.operator, destination=post.channel, sent_ms=None)
        built = self._complaint(message, complaint_id, Shadow(message.text), post)
        if entry.destination is not None:
            decision, name = self.destination(entry.destination, built.decision, entry.who)
            decision = replace(decision, rule="entry", why=f"named by the citizen, entered by {entry.who}")
            built = replace(built, decision=decision, instansi_name=name)
        built = replace(built, rahasia=built.rahasia or entry.rahasia, anonim=built.anonim or entry.anonim)
        composed = self._report(message, complaint_id, built, answerable=True)
        return composed if post.answering is not Answering.NEVER else replace(composed, reply=None)

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

    def _report(self, message: Message, complaint_id: int, built: Complaint, *, answerable: bool = False) -> Composed:
        """A complaint, its receipt with it; who cannot be answered waits for a person, unless an officer stands for him."""
        if not answerable and not message.reporter.answerable:
            return Composed(message, built, ComplaintState.HELD, HeldReason.OPERATOR, complaint_id=complaint_id)
        if not built.body.strip():
            return Composed(message, built, ComplaintState.HELD, HeldReason.REVIEW, ReplyDraft("empty", message.received_ms), complaint_id)
        return Composed(message, built, reply=self._receipt(message), complaint_id=complaint_id)

    def _receipt(self, message: Message) -> ReplyDraft:
        return ReplyDraft("receipt", message.received_ms + self._desk.receipt_wait_ms)

    def _complaint(self, message: Message, complaint_id: int, shadow: Shadow, post: Post | None = None) -> Complaint:
        desk, day = self._desk, self._date(message.received_ms)
        hints = place.read(shadow, desk.regions, desk.topics)
        by_tags = post is not None and post.trigger is not Trigger.DIRECT
        table = desk.hashtags if by_tags else desk.table
        decision = keyword.weigh(table, tags.match(table, shadow.text, day) if by_tags else keyword.match(table, shadow, day), hints)
        if post is not None and post.place:
            hints = replace(hints, places=(post.place, *hints.places))
        return complaint.build(
            message,
            decision,
            hints,
            number=self._number_of(complaint_id),
            instansi_name=table.name_of(decision),
            policy=desk.policy,
            shadow=shadow,
        )

    def _date(self, at_ms: int) -> dt.date:
        day = (at_ms + WIB_MS) // DAY_MS
        if day != self._day[0]:
            self._day = (day, dt.date(1970, 1, 1) + dt.timedelta(days=day))
        return self._day[1]


def _written(message_id: int, post: Post) -> Message:
    """The message that a post is."""
    return Message(
        id=message_id,
        channel=post.channel,
        operator=post.account,
        bind=post.source,
        reporter=post.author,
        destination=post.account,
        received_ms=post.received_ms,
        sent_ms=post.posted_ms,
        text=post.text,
        alphabet="unicode",
        data_coding=0,
        links=post.links,
        quoted=post.quoted,
    )
