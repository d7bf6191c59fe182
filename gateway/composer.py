"""From segments or a post to a composed message: decode, read, match, build. Pure, so the journal may call it inside a transaction.

Everything that depends only on settings and tables is made once, when the composer is made; a new routing table is a new composer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from forwarder.choices import offered
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, FirstCopy, ReplyDraft
from forwarder.talk import Asked, Choice, Heard, Said, Talk
from forwarder.talk_settings import ConversationSettings
from gateway import dialogue
from gateway.dialogue import Manners
from parsers import command, complaint, keyword, place, segments, sender, tags
from parsers import post as posts
from parsers.command import Command, CommandKind
from parsers.model import Answering, Assisted, Candidate, Certainty, Complaint, Decision, Message, Post, ReporterKind, Segment, Trigger
from parsers.regions import Regions
from parsers.routes import NATIONAL_INSTANSI, NATIONAL_NAME, Table
from parsers.text import Shadow
from parsers.topics import Topics
from parsers.zones import DAY_MS, HOUR_MS

WIB = dt.timezone(dt.timedelta(hours=7), "WIB")  # routing days begin in Jakarta
WIB_MS = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How one operator writes data_coding 0."""

    name: str = "gsm7"
    packed: bool = False


GSM7 = Alphabet()
HEARD: Mapping[CommandKind, Heard] = {kind: Heard[kind.name] for kind in CommandKind}
SHORT = frozenset(CommandKind) - {CommandKind.ADD, CommandKind.RAHASIA, CommandKind.ANONIM, CommandKind.CANCEL}
"""Commands that hold no words anybody could need; the others may have to be laid before a person, with a number."""
NAMED = frozenset({Certainty.EXPLICIT, Certainty.EARLY, Certainty.LATE})
"""There is a keyword at the head."""
UNSURE = frozenset({Certainty.AMBIGUOUS, Certainty.PROPOSED})
AGAIN = {ComplaintState.FILED: "status_filed", ComplaintState.CLOSED: "status_closed"}
"""What who says the same again wants to know of its first."""
FOR_A_PERSON = (ComplaintState.HELD, HeldReason.REVIEW)
"""How a keyword without words waits, and what was cut off behind a command."""
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
    conversation: ConversationSettings = field(default_factory=ConversationSettings)
    elsewhere_wait_ms: int = 0
    """How long a STATUS waits that another gateway may answer better; 0 where there is one gateway."""


class Composer:
    """Makes a Composed of segments (forwarder.records.Composer)."""

    def __init__(self, desk: Desk, number_of: Callable[[int], str], core_answers: Callable[[], bool] = lambda: True) -> None:
        """`core_answers` says whether the core is believed to take complaints now: if not, no receipt waits for it."""
        self._desk = desk
        self._core_answers = core_answers
        self._patient = Manners(desk.conversation.reply_hours * HOUR_MS, desk.receipt_wait_ms, desk.elsewhere_wait_ms)
        self._hasty = replace(self._patient, receipt_wait_ms=0)
        self._number_of = number_of
        self._day = (0, dt.date.min)

    def whole(self, message_id: int, complaint_id: int, segment: Segment) -> Composed:
        """One PDU that is a whole message."""
        return self.join(message_id, complaint_id, (segment,), 1)

    def join(self, message_id: int, complaint_id: int, parts: Sequence[Segment], total: int) -> Composed:
        """The parts that came, in order of part number; fewer than `total` is marked incomplete, and is no command."""
        message = self._message(message_id, parts, total)
        shadow = Shadow(message.text)
        ask = command.read(shadow)
        if not message.reporter.answerable:
            return self._report(message, complaint_id, self._complaint(message, complaint_id, shadow))
        half = message.incomplete and ask is not None and ask.kind is not CommandKind.ADD
        if ask is not None and ask.kind in SHORT and not half:
            return Composed(message, None, said=_command(ask), shadow=shadow)
        built = self._complaint(message, complaint_id, shadow)
        if half:
            return Composed(message, built, *FOR_A_PERSON, ReplyDraft("request", message.received_ms), complaint_id, shadow=shadow)
        said = self._said(built) if ask is None else _command(ask)
        if not built.body.strip():
            return Composed(message, built, *FOR_A_PERSON, ReplyDraft("empty", message.received_ms), complaint_id, said, shadow=shadow)
        return Composed(message, built, reply=self._receipt(message, built), complaint_id=complaint_id, said=said, shadow=shadow)

    def converse(self, composed: Composed, talk: Talk) -> Composed:
        """What becomes of a message, now that its sender is known (gateway.dialogue)."""
        return dialogue.converse(composed, talk, self._patient if self._core_answers() else self._hasty)

    def chosen(self, complaint: Complaint, choice: Choice) -> Complaint:
        """The same complaint where its reporter wants it."""
        decision = complaint.decision
        others = tuple(one for one in decision.candidates if one.region != choice.region)
        why = f"chosen by the reporter when asked; before: {decision.why}"
        certainty = Certainty.EXPLICIT
        decision = replace(
            decision,
            certainty=certainty,
            region=choice.region,
            instansi=choice.instansi,
            unit=None,
            rule="asked",
            why=why,
            candidates=others,
        )
        return replace(complaint, decision=decision, instansi_name=choice.name)

    @property
    def conversation(self) -> ConversationSettings:
        """What the site decided about talking with citizens."""
        return self._desk.conversation

    @property
    def receipt_wait_ms(self) -> int:
        """How long a receipt waits for the core's number; not at all where the core takes nothing now."""
        return self._desk.receipt_wait_ms if self._core_answers() else 0

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
        if composed.said is not None:  # a PIN that all the world can read opens nothing
            composed = replace(composed, said=replace(composed.said, pin=None, at_once=True, mute=not answers))
        return composed if answers else replace(composed, reply=None)

    def _asked(self, message: Message, ask: Command | None, tracking_id: str | None) -> Composed | None:
        """What is no complaint: a question about one, a request to be left alone; None for everything else."""
        if tracking_id is not None:
            return Composed(message, None, said=Said(Heard.STATUS, tracking_id))
        return Composed(message, None, said=_command(ask)) if ask is not None and ask.kind in SHORT else None

    def _posted(self, message: Message, complaint_id: int, post: Post, ask: Command | None, own: str) -> Composed:
        built = self._complaint(message, complaint_id, Shadow(message.text), post)
        if post.suspicion is not None or ask is not None:
            reason = SUSPICIONS.get(post.suspicion or "", HeldReason.REVIEW)
            said = None if post.suspicion is not None or ask is None else _command(ask)
            return Composed(message, built, ComplaintState.HELD, reason, complaint_id=complaint_id, said=said)
        words = built.body if post.trigger is Trigger.DIRECT else own
        if not words.strip():
            return Composed(message, built, ComplaintState.HELD, HeldReason.REVIEW, ReplyDraft("empty", message.received_ms), complaint_id)
        return Composed(message, built, reply=self._receipt(message, built), complaint_id=complaint_id)

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

    def resend(self, composed: Composed, first: FirstCopy) -> Composed:
        """The same words again: tied to the first, whose number the citizen hears, and by SMS how it stands."""
        reply = composed.reply
        if reply is not None:
            by_sms = composed.message.reporter.kind is not ReporterKind.ACCOUNT
            kind = AGAIN.get(first.state, "resend") if by_sms else "resend"
            reply = ReplyDraft(kind, composed.message.received_ms, reply.about)
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

    def _report(self, message: Message, complaint_id: int, built: Complaint, *, answerable: bool = False) -> Composed:
        """A complaint, its receipt with it; who cannot be answered waits for a person, unless an officer stands for him."""
        if not answerable and not message.reporter.answerable:
            return Composed(message, built, ComplaintState.HELD, HeldReason.OPERATOR, complaint_id=complaint_id)
        if not built.body.strip():
            return Composed(message, built, *FOR_A_PERSON, ReplyDraft("empty", message.received_ms), complaint_id)
        return Composed(message, built, reply=self._receipt(message, built), complaint_id=complaint_id)

    def _receipt(self, message: Message, built: Complaint) -> ReplyDraft:
        """At once where there is danger, for it says whom to call; else after a moment, so that the core's number may stand in it."""
        if built.hints.danger:
            return ReplyDraft("receipt_danger", message.received_ms)
        return ReplyDraft("receipt", message.received_ms + self.receipt_wait_ms)

    def _said(self, built: Complaint) -> Said:
        """What a text that is no command says to a dialogue, and what would be asked back."""
        empty = not built.body.strip()
        heard = Heard.KEYWORD if empty else Heard.REPORT if built.decision.certainty in NAMED else Heard.TEXT
        asked, choices = (Asked.MATTER, ()) if empty else self._missing(built)
        return Said(heard, ask=asked if self._desk.conversation.ask else None, choices=choices, danger=bool(built.hints.danger))

    def _missing(self, built: Complaint) -> tuple[Asked | None, tuple[Choice, ...]]:
        """A region that one digit would settle, or any word of where it is; of a rahasia complaint no SMS names a place."""
        decision, hints = built.decision, built.hints
        if decision.certainty in UNSURE and decision.candidates:
            several = tuple(self._choice(one) for one in decision.candidates)
            choices = several[: len(offered([one.name for one in several]))]
            return (Asked.REGION, choices) if choices and not built.rahasia else (Asked.PLACE, ())
        if decision.certainty is Certainty.NATIONAL and not hints.regions and not hints.places:
            return Asked.PLACE, ()
        return None, ()

    def _choice(self, candidate: Candidate) -> Choice:
        known = candidate.region is not None and candidate.region in self._desk.regions
        name = self._desk.regions[candidate.region].title if known and candidate.region is not None else candidate.instansi
        return Choice(candidate.region, candidate.instansi, candidate.keyword, name)

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


def _command(ask: Command) -> Said:
    """What a command says to a dialogue."""
    choice = int(ask.argument) if ask.kind is CommandKind.CHOICE and ask.argument is not None else None
    number = None if ask.kind is CommandKind.CHOICE else ask.argument
    return Said(HEARD[ask.kind], number, ask.pin, choice, holds_words=ask.rest is not None)


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
