"""Citizens, segments and a plain composer for the journal's tests: no parsing, every field filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from forwarder.journal import Journal, JournalSettings, Numbering, Sealer, numbering
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Arrival, Composed, FirstCopy, ReplyDraft
from forwarder.talk import Choice, Heard, Said, Talk
from forwarder.talk_settings import ConversationSettings
from gateway import dialogue
from gateway.dialogue import Manners
from parsers.model import (
    Address,
    Candidate,
    Certainty,
    Classification,
    Complaint,
    Concat,
    Decision,
    Hints,
    Message,
    Reporter,
    ReporterKind,
    Segment,
)

KEY = b"a master key for tests, no secret"
EPOCH_MS = 1_795_000_000_000
NUMBERS = numbering(Sealer(KEY), JournalSettings())


@dataclass
class Time:
    """Both clocks, moved by hand."""

    ms: int = EPOCH_MS
    seconds: float = 1000.0

    def clock(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)
        self.seconds += seconds


def segment(text: str = "AGAM lampu jalan mati", source: str = "6281234567789", **changes: object) -> Segment:
    """One PDU; its octets are the text."""
    octets = text.encode("utf-8", "surrogatepass")
    whole = Segment(
        operator="telkomsel",
        bind="a",
        session=1,
        command="deliver_sm",
        source=Address(1, 1, source),
        destination=Address(0, 1, "1708"),
        esm_class=0,
        data_coding=0,
        octets=octets,
        raw=b"\x00\x00\x00\x2a\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x07" + source.encode() + octets,
        received_ms=EPOCH_MS,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def decision(region: str = "13.06") -> Decision:
    return Decision(
        Certainty.EXPLICIT,
        region,
        "agam",
        "dinas pu",
        "AGAM",
        "agam-1",
        "v1",
        (5, 9),
        "keyword AGAM at the head",
        (Candidate("13.06", "agam", "AGAM"), Candidate(None, "nasional", "LAPOR")),
        "inspektorat",
    )


@dataclass
class Composer:
    """Makes a complaint of any text, a question of 'STATUS' (number and PIN behind it); a text with BUG raises, as our own code may."""

    numbers: Numbering = field(default_factory=lambda: NUMBERS)
    state: ComplaintState = ComplaintState.READY
    reply: str | None = "receipt"

    def whole(self, message_id: int, complaint_id: int, one: Segment) -> Composed:
        return self.join(message_id, complaint_id, (one,), 1)

    def join(self, message_id: int, complaint_id: int, segments: Sequence[Segment], total: int) -> Composed:
        text = b"".join(one.octets for one in segments).decode("utf-8", "surrogatepass")
        if "BUG" in text:
            raise RuntimeError("our own mistake")
        first = segments[0]
        reporter = Reporter(ReporterKind.MSISDN, "+" + first.source.value, first.source)
        message = Message(
            id=message_id,
            channel="SMS 1708",
            operator=first.operator,
            bind=first.bind,
            reporter=reporter,
            destination=first.destination.value,
            received_ms=first.received_ms,
            sent_ms=None,
            text=text,
            alphabet="gsm7",
            data_coding=first.data_coding,
            parts=len(segments),
            incomplete=len(segments) < total,
        )
        draft = None if self.reply is None else ReplyDraft(self.reply, first.received_ms + 10_000)
        if text.startswith("STATUS"):
            _, number, pin, *_ = [*text.split(), None, None]
            return Composed(message, None, said=Said(Heard.STATUS, number, pin))
        hints = Hints(
            ("13.06",),
            ("Lubuk Basung",),
            ("Senin",),
            ("nik",),
            ("kebakaran",),
            "jalan",
            Classification.ASPIRASI,
            oversight=True,
            wants_rahasia=True,
        )
        complaint = Complaint(
            self.numbers.number_of(complaint_id),
            message,
            decision(),
            hints,
            "Kab. Agam",
            anonim=True,
            rahasia=False,
            marks=("tidak lengkap",) if message.incomplete else (),
            fingerprint=b"\x01\x02",
        )
        reason = HeldReason.REVIEW if self.state is ComplaintState.HELD else None
        return Composed(message, complaint, self.state, reason, draft)

    @property
    def conversation(self) -> ConversationSettings:
        return ConversationSettings()

    @property
    def receipt_wait_ms(self) -> int:
        return 10_000

    def converse(self, composed: Composed, talk: Talk) -> Composed:
        return dialogue.converse(composed, talk, Manners())

    def chosen(self, complaint: Complaint, choice: Choice) -> Complaint:
        return replace(complaint, instansi_name=choice.name)

    def resend(self, composed: Composed, first: FirstCopy) -> Composed:
        assert first.number
        reply = None if composed.reply is None else replace(composed.reply, kind="resend")
        return replace(composed, state=ComplaintState.DUPLICATE, reason=None, reply=reply)


@dataclass
class House:
    """A journal in a directory, with its clocks; opens, crashes and opens again."""

    directory: Path
    time: Time = field(default_factory=Time)
    settings: JournalSettings = field(default_factory=JournalSettings)
    composer: Composer = field(default_factory=Composer)
    vfs: str = ""
    free: int = 1 << 40
    boot: str = "the first"
    name: str = "journal.db"
    key: bytes = KEY

    @property
    def path(self) -> Path:
        return self.directory / self.name

    def open(self) -> Journal:
        return Journal.open(
            self.path,
            sealer=Sealer(self.key),
            settings=self.settings,
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            composer=self.composer,
            free=lambda _: self.free,
            vfs=self.vfs,
            boot=self.boot,
        )

    def arrival(self, journal: Journal, one: Segment) -> Arrival:
        return Arrival(one, composed=self.composer.whole(journal.next_message_id(), journal.next_complaint_id(), one))

    def many(self, journal: Journal, count: int, start: int = 0) -> list[Arrival]:
        return [
            self.arrival(journal, segment(f"AGAM aduan nomor {number}", f"62812{number:08d}", received_ms=self.time.ms))
            for number in range(start, start + count)
        ]


def part(text: str, number: int, total: int = 3, reference: int = 44, **changes: object) -> Arrival:
    """One part of a long message."""
    return Arrival(segment(text, **changes), concat=Concat(reference, total, number))


async def opens(house: House, journal: Journal, sender: str, number: str, pin: str) -> bool:
    """Whether STATUS with this number and PIN is told how the case stands; no copy is one of the same delivery."""
    house.time.pass_(1)
    (verdict,) = await journal.accept([house.arrival(journal, segment(f"STATUS {number} {pin} {house.time.ms}", sender[1:]))])
    assert verdict.composed is not None
    assert verdict.composed.reply is not None
    about = verdict.composed.reply.about
    assert (about is None) == (verdict.composed.reply.kind == "status_unknown")
    return about is not None and journal.number_of(about) == number
