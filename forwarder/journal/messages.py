"""Storing whole messages: what is new, what is the same delivery again, what is the citizen saying it again.

A *redelivery* is an equal copy of a message whose first answer may not have arrived; it changes nothing. Any other equal copy is a
*resend*: its own message, tied to the first complaint (DESIGN §3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import apsw

from forwarder.journal import news
from forwarder.journal.blocking import heed
from forwarder.journal.books import Books, day_of
from forwarder.journal.letters import COMPLAINT, Letter, Rows, add, count, session_of, write
from forwarder.journal.rows import blobs, read
from forwarder.journal.talks import TAKEN_BACK, Talks
from forwarder.journal.turns import carry_out, say
from forwarder.lifecycle import ComplaintState
from forwarder.records import FirstCopy, Kind, Verdict
from forwarder.talk import Heard
from parsers.model import Post, Segment, Unreadable

_NUMBERS_DRAWN_MAX = 8
WISHED = frozenset({Heard.RAHASIA, Heard.ANONIM, Heard.CANCEL})

_COPIED = """
INSERT INTO redelivery (day, operator, copies) VALUES (?1, ?2, ?3) ON CONFLICT (day, operator) DO UPDATE SET copies = copies + ?3
"""
_COPIES = """
SELECT json_group_array(json_array(hex(m.digest_tag), m.id, m.answer_ms, m.answer_late, s.ended_ms, c.id, c.number, c.state, c.tracking_id,
                                   c.state = 'closed' AND c.reason = ?3))
FROM message AS m LEFT JOIN session AS s ON s.id = m.answer_session
LEFT JOIN complaint AS own ON own.id = m.complaint LEFT JOIN complaint AS c ON c.id = coalesce(own.first, own.id)
WHERE m.digest_tag IN carray(?1) AND m.received_ms >= ?2
"""


@dataclass(slots=True)
class _Copy:
    """An equal message that is stored already (or is about to be, in this very batch)."""

    message_id: int
    doubtful: bool
    complaint_id: int | None = None
    first: FirstCopy | None = None

    @classmethod
    def of(cls, letter: Letter, verdict: Verdict) -> _Copy:
        """A letter of this batch, whose answer has certainly not arrived."""
        composed = verdict.composed
        if composed is None or composed.complaint is None:
            return cls(letter.message_id, doubtful=True)
        first = FirstCopy(composed.complaint.number, composed.state, None)
        return cls(letter.message_id, doubtful=True, complaint_id=verdict.complaint_id, first=first)


def store(books: Books, letters: Sequence[Letter]) -> list[Verdict]:
    """Store whole messages in one go; a verdict each, in their order. Each is decided on what was known when the one before was written."""
    if not letters:
        return []
    if books.blocked:
        letters = [heeded(books, letter) for letter in letters]
    batch = _Batch(_copies(books, letters), Talks(books, _speakers(letters)))
    verdicts = [_next(books, letter, batch, alone=len(letters) == 1) for letter in letters]
    batch.flush(books)
    note_copies(books, [letter.source for letter, verdict in zip(letters, verdicts, strict=True) if verdict.kind is Kind.REDELIVERY])
    return verdicts


def heeded(books: Books, letter: Letter) -> Letter:
    """The letter of a blocked person says nothing to the dialogue."""
    return letter if letter.composed is None else replace(letter, composed=heed(books, letter.reporter_tag, letter.composed))


def _speakers(letters: Iterable[Letter]) -> Iterable[bytes]:
    """Whose standing with us decides what becomes of their message."""
    return (
        one.reporter_tag for one in letters if one.reporter_tag is not None and one.composed is not None and one.composed.said is not None
    )


@dataclass(slots=True)
class _Batch:
    """What a batch comes to. Rows are gathered until somebody writes a second time, or something is to be moved."""

    copies: dict[bytes, _Copy]
    talks: Talks
    rows: Rows = field(default_factory=Rows)
    wrote: set[bytes] = field(default_factory=set)
    """Whose standing changed since it was looked up, though the rows may be in: it is looked up again before his next message."""

    def flush(self, books: Books) -> None:
        """What was gathered goes in."""
        write(books, self.rows)
        self.rows.clear()


def _next(books: Books, letter: Letter, batch: _Batch, *, alone: bool) -> Verdict:
    tag = letter.reporter_tag
    if tag is not None and tag in batch.wrote:
        batch.flush(books)
        batch.talks.spoil(tag)
    verdict = _take(books, letter, batch)
    if alone:
        verdict = _draw_until_free(books, letter, batch.rows, verdict)
    if tag is not None:
        batch.wrote.add(tag)
    if verdict.composed is not None and verdict.composed.moves:
        batch.flush(books)
        carry_out(books, letter, verdict)
        if letter.composed is not None and letter.composed.said is not None and letter.composed.said.pin is not None:
            batch.wrote |= batch.talks.tags  # whose case it is
    return verdict


def note_copies(books: Books, sources: Iterable[Segment | Unreadable | Post]) -> None:
    """Redeliveries change nothing, and are counted by operator and day, so that an operator's own count can be understood."""
    by_operator = Counter(one.account if isinstance(one, Post) else one.operator for one in sources)
    for operator, copies in by_operator.items():
        books.connection.execute(_COPIED, (day_of(books.now_ms), operator, copies))


def _copies(books: Books, letters: Sequence[Letter]) -> dict[bytes, _Copy]:
    """What is stored of the same digests: the first copy's complaint, and whether any copy's answer is in doubt."""
    found: dict[bytes, _Copy] = {}
    doubt_ms = books.settings.answer_doubt_seconds * 1000
    rows = read(books.connection, _COPIES, (blobs(letter.digest_tag for letter in letters), books.remembered_since_ms, TAKEN_BACK))
    for digest, message, answer_ms, late, ended_ms, complaint, number, state, tracking, taken_back in sorted(rows, key=lambda row: row[1]):
        doubtful = bool(late) or (ended_ms is not None and ended_ms - answer_ms <= doubt_ms)
        tag = bytes.fromhex(digest)
        copy = found.get(tag)
        if copy is None:
            copy = found[tag] = _Copy(message, doubtful)
        elif doubtful:
            copy.message_id, copy.doubtful = message, True
        if copy.complaint_id is None and complaint is not None and not taken_back:  # he may have thought better of it
            copy.complaint_id = complaint
            tracking_id = tracking
            copy.first = FirstCopy(number, ComplaintState(state), tracking_id)
    return found


def _take(books: Books, letter: Letter, batch: _Batch) -> Verdict:
    copy = batch.copies.get(letter.digest_tag)
    if copy is None:
        verdict = _say(books, letter, batch)
        batch.copies[letter.digest_tag] = _Copy.of(letter, verdict)
        return verdict
    if copy.doubtful and letter.set_id is None:
        batch.rows.answered.append((copy.message_id, session_of(letter), books.now_ms))
        return Verdict(Kind.REDELIVERY)
    composed = letter.composed
    if composed is None or composed.complaint is None or copy.first is None or _means_more(books, letter, copy, batch):
        verdict = _say(books, letter, batch)
    else:
        composed = books.composer().resend(composed, copy.first)
        if composed.state is ComplaintState.DUPLICATE and composed.complaint is not None:
            composed = replace(composed, complaint=replace(composed.complaint, number=copy.first.number))
        verdict = add(books, letter, composed, batch.rows, copy.complaint_id)
    if letter.composed is None:
        return verdict
    if verdict.composed is not None and verdict.composed.complaint is not None and verdict.composed.state is not ComplaintState.DUPLICATE:
        batch.copies[letter.digest_tag] = _Copy.of(letter, verdict)
        return verdict
    batch.copies[letter.digest_tag] = _Copy(letter.message_id, doubtful=True, complaint_id=copy.complaint_id, first=copy.first)
    return (
        verdict
        if verdict.kind is Kind.ADDITION
        else replace(verdict, kind=Kind.RESEND, of=None if copy.first is None else copy.first.number)
    )


def _means_more(books: Books, letter: Letter, copy: _Copy, batch: _Batch) -> bool:
    """Whether words that were said before mean something else now.

    A wish is for the case that is meant now, an answer for its question; and who says again what was called done says that it is not.
    """
    said, tag = None if letter.composed is None else letter.composed.said, letter.reporter_tag
    if said is None or tag is None:
        return False
    asked = batch.talks.asked(tag)
    if said.heard in WISHED or (asked is not None and asked != copy.complaint_id):
        return True
    filed = copy.complaint_id is not None and copy.first is not None and copy.first.state is ComplaintState.FILED
    return filed and news.stands(books.connection, copy.complaint_id or 0).settled_ms is not None


def _say(books: Books, letter: Letter, batch: _Batch) -> Verdict:
    """A message on its own, or as the dialogue decides: its complaint, something said to a case, or a command that is answered."""
    composed, tag = letter.composed, letter.reporter_tag
    if composed is None or composed.said is None or tag is None:
        return add(books, letter, composed, batch.rows)
    return say(books, letter, books.composer().converse(composed, batch.talks.of(tag, composed)), batch.rows)


def _draw_until_free(books: Books, letter: Letter, rows: Rows, verdict: Verdict) -> Verdict:
    """Insert one complaint; where its number is taken, draw another (only after 21 million, or after another journal was merged)."""
    for _ in range(_NUMBERS_DRAWN_MAX):
        try:
            COMPLAINT.run(books.connection, rows.complaints)
        except apsw.ConstraintError:
            complaint_id = next(books.ids.complaint)
            number = books.numbering.number_of(complaint_id)
            rows.complaints = [(complaint_id, row[1], number, *row[3:]) for row in rows.complaints]
            rows.claims = [(complaint_id, *row[1:]) for row in rows.claims]
            rows.messages = [(*row[:13], complaint_id, *row[14:]) for row in rows.messages]
            rows.replies = [(*row[:2], complaint_id if row[2] == letter.complaint_id else row[2], *row[3:]) for row in rows.replies]
            composed = verdict.composed
            if composed is not None and composed.complaint is not None:
                composed = replace(composed, complaint=replace(composed.complaint, number=number))
            verdict = replace(verdict, composed=composed, complaint_id=complaint_id)
        else:
            rows.complaints, drawn = [], rows.complaints
            count(books, drawn)
            return verdict
    raise LookupError("no free complaint number")
