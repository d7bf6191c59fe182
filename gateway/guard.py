"""The guard at the front desk: nobody talks to a machine, nobody floods others, nothing is dropped.

It stands between the composer and the journal. What it holds is kept like everything else and waits for a person with its reason; what
it does not answer is answered as soon as a person releases it and the core has it. One rule after the other (docs/guards.md), the first
that holds decides. Posts have limits of their own (forwarder.journal.posts), and blocked numbers are known to the journal.

What it remembers is in memory, bounded, and by keyed hashes, never by numbers or words; it is lost when the process ends. Then a flood may
have its hour's share once more, a loop its two answers, and everybody writes for the first time. That is little beside a look-up on the
disk for every SMS, and the daily cap of replies to one number, which is on the disk, bounds what it can cost.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, ReplyDraft
from forwarder.talk import Heard
from gateway.composer import Composer, Desk
from gateway.guard_settings import GuardSettings
from gateway.related import Related
from parsers import abuse, notice
from parsers.complaint import similar
from parsers.model import Certainty, ReporterKind, Segment
from parsers.notice import Notice
from parsers.text import Shadow
from parsers.zones import HOUR_MS

SENDERS_MAX = 50_000  # numbers remembered: in the burst of 2013 (DOMAIN §2.4) those of some minutes, else of weeks; about 20 MB
TEXTS_MAX = 10_000  # texts remembered
QUICK_ALIKE_MAX = 2  # quick texts one after the other that say nearly the same
QUICK_MAX = 3  # and whatever they say: a citizen who sends his story in pieces needs no more before we have answered
BURST_WORDS_MIN = 3  # a campaign's bare keyword is everybody's
SAME_WORDS = "teks sama dari banyak nomor"
"""The mark for the core's people, in their language."""
COUNTED = (HeldReason.FLOOD, HeldReason.NOTICE, HeldReason.MACHINE, HeldReason.ABUSE, "unanswered", "same_words")
TEXTS = frozenset({Heard.REPORT, Heard.TEXT, Heard.KEYWORD})
HUMAN = frozenset({ReporterKind.MSISDN, ReporterKind.OPAQUE})
"""Senders of SMS who may be a person; all others wait already."""


@dataclass(slots=True)
class _Sender:
    """What is remembered of one number. Times are those of its messages."""

    hour_ms: int = 0
    complaints: int = 0
    """Since `hour_ms`, an hour at most."""
    told_ms: int = 0
    """When the last SMS to it left; 0: none did."""
    quick: int = 0
    alike: int = 0
    """How many quick texts came one after the other, and how many of those alike."""
    sketch: bytes = b""
    words: int = 0
    same: int = 0
    """How often the last words came, and when first."""
    same_ms: int = 0
    at_ms: int = -1


@dataclass(slots=True)
class _Text:
    """What is remembered of one text."""

    hour_ms: int
    first: int = 0
    others: set[int] | None = None
    """The numbers of the hour; no more are kept than the limit needs, and most texts are one number's."""
    burst_ms: int = 0
    burst: int = 0
    """New numbers since `burst_ms`."""


class Guard:
    """Judges SMS one by one; may be asked from several threads. `salt` is secret, `own` finds our own texts (parsers.notice.ours)."""

    def __init__(self, settings: GuardSettings, salt: bytes, own: re.Pattern[str] | None = None) -> None:
        self.settings = settings
        self.own = own  # replaced whole when new texts are installed
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        """What was held, by reason, and what was kept without an answer (`unanswered`) or marked (`same_words`)."""
        self._salt = salt.hex()
        self._senders: OrderedDict[int, _Sender] = OrderedDict()
        self._texts: OrderedDict[int, _Text] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many numbers it remembers."""
        return len(self._senders)

    def judge(self, composed: Composed) -> Composed:
        """The message as it shall be stored: as it came, or held, or without its answer."""
        if composed.message.reporter.kind not in HUMAN:
            return composed
        with self._lock:
            return self._judge(composed)

    def undo(self, composed: Composed) -> None:
        """It is no message of its own: the journal could not take it, and the operator brings it again; or it had it already."""
        if composed.message.reporter.kind not in HUMAN:
            return
        with self._lock:
            one, _ = self._sender(hash(self._salt + composed.message.reporter.value))
            one.complaints = max(0, one.complaints - (not is_command(composed)))
            one.same, one.quick, one.alike = max(0, one.same - 1), max(0, one.quick - 1), max(0, one.alike - 1)
            one.at_ms = -1

    def told(self, reporter_value: str, now_ms: int) -> None:
        """An SMS of ours to this number (parsers.model.Reporter.value) leaves."""
        with self._lock:
            self._sender(hash(self._salt + reporter_value))[0].told_ms = now_ms

    def _judge(self, composed: Composed) -> Composed:
        message = composed.message
        key = hash(self._salt + message.reporter.value)
        one, new = self._sender(key)
        shadow = composed.shadow or Shadow(message.text)
        words = hash(self._salt + " ".join(shadow.folded.split()))
        again = one.words == words and one.at_ms == message.received_ms  # the journal may ask twice about a long SMS
        one.at_ms = message.received_ms
        machine = self._machine(one, composed, again=again)
        if not again:
            self._count(one, composed, words)
        if composed.complaint is None:
            return self._unanswered(composed) if machine or one.same > self.settings.same_text_answers_max else composed
        reason = HeldReason.MACHINE if machine else self._notice(composed, shadow)
        if reason is not None:
            return self._held(composed, reason, None)
        flood = self._flood(one, composed)
        if flood is not None:
            return flood
        composed, farm = self._same_words(composed, self._text(words, key, message.received_ms), shadow, new=new)
        if farm:
            return self._held(composed, HeldReason.FLOOD, None)
        if _is_prank(composed, shadow):
            composed = self._held(composed, HeldReason.ABUSE, composed.reply)
        return self._unanswered(composed) if one.same > self.settings.same_text_answers_max else composed

    def _machine(self, one: _Sender, composed: Composed, *, again: bool) -> bool:
        """Whether a machine answers us: two texts alike, or three of any kind, each within seconds of an SMS of ours.

        It stays one until it writes slowly or gives a command; as it hears nothing, only what we tell it of its cases can be answered.
        """
        message = composed.message
        since_ms = message.received_ms - one.told_ms
        if is_command(composed) or not 0 <= since_ms < self.settings.machine_seconds * 1000:
            one.quick = one.alike = 0
            return False
        if not again:
            sketch = b"" if composed.complaint is None else composed.complaint.fingerprint
            one.quick += 1
            one.alike = one.alike + 1 if one.alike and similar(one.sketch, sketch) else 1
            one.sketch = sketch
        return one.alike >= QUICK_ALIKE_MAX or one.quick >= QUICK_MAX

    def _count(self, one: _Sender, composed: Composed, words: int) -> None:
        now_ms = composed.message.received_ms
        if not 0 <= now_ms - one.hour_ms < HOUR_MS:
            one.hour_ms, one.complaints = now_ms, 0
        one.complaints += not is_command(composed)
        if one.words != words or not 0 <= now_ms - one.same_ms < HOUR_MS:
            one.words, one.same, one.same_ms = words, 0, now_ms
        one.same += 1

    def _notice(self, composed: Composed, shadow: Shadow) -> HeldReason | None:
        """Whether a machine wrote it; with a keyword before it only our own words are a machine's, which begin with one."""
        kind, complaint = notice.read(shadow, self.own), composed.complaint
        explicit = complaint is not None and complaint.decision.certainty is Certainty.EXPLICIT
        return None if kind is None or (explicit and kind is not Notice.OURS) else HeldReason.NOTICE

    def _flood(self, one: _Sender, composed: Composed) -> Composed | None:
        over = one.complaints - self.settings.sms_per_sender_hour_max
        if over <= 0:
            return None
        return self._held(composed, HeldReason.FLOOD, composed.reply if over == 1 else None)

    def _same_words(self, composed: Composed, text: _Text, shadow: Shadow, *, new: bool) -> tuple[Composed, bool]:
        """The complaint, marked where many say the same; and whether it is one of a SIM farm's."""
        complaint, settings, now_ms = composed.complaint, self.settings, composed.message.received_ms
        if complaint is None or len(shadow.words) < BURST_WORDS_MIN:
            return composed, False
        if not 0 <= now_ms - text.burst_ms < settings.same_words_burst_seconds * 1000:
            text.burst_ms, text.burst = now_ms, 0
        text.burst += new
        if text.others is not None and len(text.others) >= settings.same_words_senders_max:
            self.counts["same_words"] += 1
            composed = replace(composed, complaint=replace(complaint, marks=(*complaint.marks, SAME_WORDS)))
        return composed, new and text.burst > settings.same_words_burst_max

    def _held(self, composed: Composed, reason: HeldReason, reply: ReplyDraft | None) -> Composed:
        self.counts[reason] += 1
        return replace(composed, state=ComplaintState.HELD, reason=reason, reply=reply, said=None)

    def _unanswered(self, composed: Composed) -> Composed:
        said = composed.said
        self.counts["unanswered"] += composed.reply is not None or (said is not None and not said.mute)
        return replace(composed, reply=None, said=None if said is None else replace(said, at_once=True, mute=True))

    def _sender(self, key: int) -> tuple[_Sender, bool]:
        one = self._senders.get(key)
        if one is not None:
            self._senders.move_to_end(key)
            return one, False
        one = self._senders[key] = _Sender()
        if len(self._senders) > SENDERS_MAX:
            self._senders.popitem(last=False)
        return one, True

    def _text(self, words: int, sender: int, now_ms: int) -> _Text:
        """What is known of a text, this number counted in."""
        text = self._texts.get(words)
        if text is None or not 0 <= now_ms - text.hour_ms < HOUR_MS:
            text = self._texts[words] = _Text(now_ms, sender)
            if len(self._texts) > TEXTS_MAX:
                self._texts.popitem(last=False)
            return text
        self._texts.move_to_end(words)
        if sender != text.first:
            text.others = set() if text.others is None else text.others
            if len(text.others) < self.settings.same_words_senders_max:
                text.others.add(sender)
        return text


class GuardedComposer(Composer):
    """The composer of a running gateway: every whole SMS is judged, a long one when its last part is stored."""

    def __init__(
        self, desk: Desk, number_of: Callable[[int], str], guard: Guard, core_answers: Callable[[], bool], related: Related | None = None
    ) -> None:
        super().__init__(desk, number_of, core_answers)
        self._guard = guard
        self._related = related or Related()

    def join(self, message_id: int, complaint_id: int, parts: Sequence[Segment], total: int) -> Composed:
        """As Composer, judged."""
        return self._related.mark(self._guard.judge(super().join(message_id, complaint_id, parts, total)))


def is_command(composed: Composed) -> bool:
    """Whether it is a command or an answer, not a text: a machine gives none."""
    return composed.complaint is None or (composed.said is not None and composed.said.heard not in TEXTS)


def _is_prank(composed: Composed, shadow: Shadow) -> bool:
    """Whether nothing is in it, behind its keyword; what tells of danger is never looked at."""
    complaint = composed.complaint
    if complaint is None or composed.state is not ComplaintState.READY or complaint.hints.danger:
        return False
    if complaint.decision.keyword is None:
        return abuse.is_prank(shadow)
    return not abuse.says_something(shadow) and abuse.is_prank(complaint.body)
