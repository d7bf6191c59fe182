"""Storing whole messages: what is new, what is the same delivery again, what is the citizen saying it again.

A *redelivery* is an equal copy of a message whose first answer may not have arrived; it changes nothing. Any other equal copy is a
*resend*: its own message, tied to the first complaint (DESIGN §3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import apsw

from forwarder.journal.blocking import heed
from forwarder.journal.books import Books, day_of
from forwarder.journal.persons import PersonKey
from forwarder.journal.rows import Bulk, Value, blobs, clean, insert, read
from forwarder.lifecycle import ComplaintState, HeldReason, ReplyState
from forwarder.records import Composed, FirstCopy, Kind, ReplyDraft, Verdict
from parsers.model import Post, Segment, Unreadable

_NUMBERS_DRAWN_MAX = 8

_MESSAGE = insert(
    "message",
    *("id", "channel", "operator", "bind", "destination", "received_ms", "sent_ms", "alphabet", "data_coding", "parts", "incomplete"),
    *("damaged", "cause", "complaint", "part_set", "digest_tag", "answer_session", "answer_ms", "answer_late", "reporter_tag"),
    *("sealed_sender", "sealed_content", "entered_by"),
)
_RAW = insert("raw", "message", "received_ms", "sealed_pdu")
_DECISION = (
    *("region", "instansi", "instansi_name", "unit", "certainty", "keyword", "rule", "version", "topic", "classification", "language"),
    *("anonim", "rahasia"),
)
_COMPLAINT = insert("complaint", "id", "message", "number", "first", "state", "reason", "since_ms", "next_ms", "attempts", *_DECISION)
_CLAIM = insert("claim", "complaint", "tag", "part")
_ABROAD = insert("abroad", "reply", "number", "tracking_id", "instansi_name", "rahasia")
_REPLY = insert("reply", "id", "message", "complaint", "kind", "state", "due_ms", "attempts", "again")
_COPIED = """
INSERT INTO redelivery (day, operator, copies) VALUES (?1, ?2, ?3) ON CONFLICT (day, operator) DO UPDATE SET copies = copies + ?3
"""
_ANSWERED = Bulk(
    "UPDATE message SET answer_session = v.column2, answer_ms = v.column3, answer_late = 0 FROM (VALUES ",
    3,
    ") AS v WHERE message.id = v.column1",
)
_COPIES = """
SELECT json_group_array(json_array(hex(m.digest_tag), m.id, m.answer_ms, m.answer_late, s.ended_ms, c.id, c.number, c.state, c.tracking_id))
FROM message AS m LEFT JOIN session AS s ON s.id = m.answer_session
LEFT JOIN complaint AS own ON own.id = m.complaint LEFT JOIN complaint AS c ON c.id = coalesce(own.first, own.id)
WHERE m.digest_tag IN carray(?) AND m.received_ms >= ?
"""
_NO_DECISION: tuple[Value, ...] = (None,) * 10 + ("id", 1, 0)


@dataclass(frozen=True, slots=True)
class Letter:
    """One whole message ready to be stored, sealed and tagged. `composed` is None for what nobody could read.

    `sealed_raw` is None where the PDUs lie in `part`; then `set_id` names the set.
    """

    message_id: int
    complaint_id: int | None
    composed: Composed | None
    source: Segment | Unreadable | Post
    digest_tag: bytes
    reporter_tag: bytes | None
    sealed_sender: bytes | None
    sealed_content: bytes | None
    sealed_raw: bytes | None
    set_id: int | None = None
    claims: Sequence[tuple[bytes, int]] = ()
    """What it is claimed by in the shared index: (tag, part); nothing where there is one gateway."""
    key: PersonKey | None = None
    """What seals it; None for what nobody could read."""


@dataclass(slots=True)
class _Copy:
    """An equal message that is stored already (or is about to be, in this very batch)."""

    message_id: int
    doubtful: bool
    complaint_id: int | None = None
    first: FirstCopy | None = None

    @classmethod
    def of(cls, letter: Letter) -> _Copy:
        """A letter of this batch, whose answer has certainly not arrived."""
        complaint = None if letter.composed is None else letter.composed.complaint
        if letter.composed is None or complaint is None:
            return cls(letter.message_id, doubtful=True)
        return cls(
            letter.message_id,
            doubtful=True,
            complaint_id=letter.complaint_id,
            first=FirstCopy(complaint.number, letter.composed.state, None),
        )


@dataclass(slots=True)
class Rows:
    """Rows of one batch, until they are inserted together."""

    messages: list[Sequence[Value]] = field(default_factory=list)
    raws: list[Sequence[Value]] = field(default_factory=list)
    complaints: list[Sequence[Value]] = field(default_factory=list)
    replies: list[Sequence[Value]] = field(default_factory=list)
    answered: list[Sequence[Value]] = field(default_factory=list)
    claims: list[Sequence[Value]] = field(default_factory=list)
    abroad: list[Sequence[Value]] = field(default_factory=list)
    keys: list[PersonKey] = field(default_factory=list)

    def clear(self) -> None:
        """They are inserted."""
        for each in (self.messages, self.raws, self.complaints, self.replies, self.answered, self.claims, self.abroad, self.keys):
            each.clear()


def store(books: Books, letters: Sequence[Letter]) -> list[Verdict]:
    """Store whole messages in one go; a verdict each, in their order."""
    if not letters:
        return []
    copies = _copies(books, letters)
    rows = Rows()
    verdicts = [_take(books, letter, copies, rows) for letter in letters]
    note_copies(books, [letter.source for letter, verdict in zip(letters, verdicts, strict=True) if verdict.kind is Kind.REDELIVERY])
    if len(letters) == 1:
        verdicts = _draw_until_free(books, letters[0], rows, verdicts)
        rows.complaints, drawn = [], rows.complaints
        write(books, rows)
        _count(books, drawn)
        return verdicts
    write(books, rows)
    return verdicts


def write(books: Books, rows: Rows) -> None:
    """Insert what was gathered, and count it."""
    if rows.keys:
        books.keep_keys(rows.keys)
    _COMPLAINT.run(books.connection, rows.complaints)
    _MESSAGE.run(books.connection, rows.messages)
    _RAW.run(books.connection, rows.raws)
    _REPLY.run(books.connection, rows.replies)
    _ANSWERED.run(books.connection, rows.answered)
    _CLAIM.run(books.connection, rows.claims)
    _ABROAD.run(books.connection, rows.abroad)
    books.tally.add("message", "stored", len(rows.messages))
    books.tally.add("reply", ReplyState.DUE, len(rows.replies))
    _count(books, rows.complaints)


def note_copies(books: Books, sources: Iterable[Segment | Unreadable | Post]) -> None:
    """Redeliveries change nothing, and are counted by operator and day, so that an operator's own count can be understood."""
    by_operator = Counter(one.account if isinstance(one, Post) else one.operator for one in sources)
    for operator, copies in by_operator.items():
        books.connection.execute(_COPIED, (day_of(books.now_ms), operator, copies))


def renewed(books: Books, letter: Letter, composed: Composed | None) -> Letter:
    """A letter sealed anew: the key that sealed it was destroyed while it waited for the writer, and it is a message of its own."""
    key, made = books.key_of(letter.reporter_tag), books.documents
    if composed is None or key is None:
        return letter
    message = composed.message
    return replace(
        letter,
        sealed_sender=made.sender(message.id, message.reporter, key),
        sealed_content=made.content(message, composed.complaint, key),
        sealed_raw=None if letter.sealed_raw is None else made.raw(message.id, letter.source.raw, key),
        key=key,
    )


def add_reply(books: Books, message_id: int, complaint_id: int | None, draft: ReplyDraft) -> int:
    """One more reply to a message that is stored already; its id."""
    reply_id = next(books.ids.reply)
    _REPLY.run(books.connection, [(reply_id, message_id, complaint_id, draft.kind, ReplyState.DUE.value, draft.due_ms, 0, 0)])
    books.tally.add("reply", ReplyState.DUE)
    return reply_id


def decision_row(composed: Composed) -> tuple[Value, ...]:
    """The columns of table complaint that hold the decision, in the order of `_DECISION`."""
    complaint = composed.complaint
    if complaint is None:
        return _NO_DECISION
    decision, hints = complaint.decision, complaint.hints
    return (
        decision.region,
        decision.instansi,
        complaint.instansi_name,
        decision.unit,
        decision.certainty.value,
        decision.keyword,
        decision.rule,
        decision.version,
        hints.topic,
        hints.classification.value,
        hints.language,
        int(complaint.anonim),
        int(complaint.rahasia),
    )


def _copies(books: Books, letters: Sequence[Letter]) -> dict[bytes, _Copy]:
    """What is stored of the same digests: the first copy's complaint, and whether any copy's answer is in doubt."""
    found: dict[bytes, _Copy] = {}
    doubt_ms = books.settings.answer_doubt_seconds * 1000
    rows = read(books.connection, _COPIES, (blobs(letter.digest_tag for letter in letters), books.remembered_since_ms))
    for digest, message, answer_ms, late, ended_ms, complaint, number, state, tracking in sorted(rows, key=lambda row: row[1]):
        doubtful = bool(late) or (ended_ms is not None and ended_ms - answer_ms <= doubt_ms)
        tag = bytes.fromhex(digest)
        copy = found.get(tag)
        if copy is None:
            copy = found[tag] = _Copy(message, doubtful)
        elif doubtful:
            copy.message_id, copy.doubtful = message, True
        if copy.complaint_id is None and complaint is not None:
            copy.complaint_id = complaint
            tracking_id = tracking
            copy.first = FirstCopy(number, ComplaintState(state), tracking_id)
    return found


def _take(books: Books, letter: Letter, copies: dict[bytes, _Copy], rows: Rows) -> Verdict:
    copy = copies.get(letter.digest_tag)
    if copy is None:
        copies[letter.digest_tag] = _Copy.of(letter)
        return add(books, letter, letter.composed, rows)
    if copy.doubtful and letter.set_id is None:
        rows.answered.append((copy.message_id, _session(letter), books.now_ms))
        return Verdict(Kind.REDELIVERY)
    composed = letter.composed
    if composed is not None and composed.complaint is not None and copy.first is not None:
        composed = books.composer().resend(composed, copy.first)
        if composed.state is ComplaintState.DUPLICATE and composed.complaint is not None:
            composed = replace(composed, complaint=replace(composed.complaint, number=copy.first.number))
    verdict = add(books, letter, composed, rows, copy.complaint_id)
    if letter.composed is None:
        return verdict
    copies[letter.digest_tag] = _Copy(letter.message_id, doubtful=True, complaint_id=copy.complaint_id, first=copy.first)
    return replace(verdict, kind=Kind.RESEND, of=None if copy.first is None else copy.first.number)


def add(books: Books, letter: Letter, composed: Composed | None, rows: Rows, first: int | None = None) -> Verdict:
    """Gather the rows of one new message; `first` is the complaint it repeats."""
    composed = None if composed is None else heed(books, letter.reporter_tag, composed)
    books.doubt.messages.append(letter.message_id)
    key = letter.key
    if key is not None and key.id in books.ring.destroyed:
        letter = renewed(books, letter, letter.composed)
    elif key is not None and key.sealed is not None:
        rows.keys.append(key)
    rows.messages.append(_message_row(books, letter, composed))
    if letter.sealed_raw is not None:
        rows.raws.append((letter.message_id, letter.source.received_ms, letter.sealed_raw))
    if letter.complaint_id is not None and (composed is None or composed.complaint is not None):
        rows.complaints.append(_complaint_row(books, letter, composed, first))
        if composed is None or composed.state is not ComplaintState.DUPLICATE:
            rows.claims += [(letter.complaint_id, tag, part) for tag, part in letter.claims]
    if composed is None:
        return Verdict(Kind.UNREADABLE, None, letter.complaint_id, None, letter.set_id)
    draft = composed.reply
    if draft is None:
        reply_id = None
    else:
        reply_id = next(books.ids.reply)
        duplicate = composed.state is ComplaintState.DUPLICATE and composed.complaint is not None
        about = draft.about if draft.about is not None else first if duplicate else letter.complaint_id
        rows.replies.append((reply_id, letter.message_id, about, draft.kind, ReplyState.DUE.value, draft.due_ms, 0, 0))
        if draft.abroad is not None:
            there = draft.abroad
            rows.abroad.append((reply_id, there.number, there.tracking_id, there.instansi_name, int(there.rahasia)))
    kind = Kind.STORED if letter.set_id is None else Kind.JOINED
    return Verdict(kind, composed, letter.complaint_id, reply_id, letter.set_id)


def _message_row(books: Books, letter: Letter, composed: Composed | None) -> Sequence[Value]:
    source = letter.source
    read_out: tuple[Value, ...]
    if composed is None and isinstance(source, Post):
        where = (source.channel, source.account, source.source, source.account)
        read_out = (*where, source.received_ms, source.posted_ms, "", 0, 1, 0, 0, "could not be read")
    elif composed is None and not isinstance(source, Post):
        cause = clean(source.cause) if isinstance(source, Unreadable) else "could not be joined"
        read_out = ("SMS", source.operator, source.bind, "", source.received_ms, None, "", 0, 1, 0, 0, cause)
    elif composed is not None:
        message = composed.message
        read_out = (
            message.channel,
            message.operator,
            message.bind,
            message.destination,
            message.received_ms,
            message.sent_ms,
            message.alphabet,
            message.data_coding,
            message.parts,
            int(message.incomplete),
            int(message.damaged),
            None,
        )
    return (
        letter.message_id,
        *read_out,
        letter.complaint_id,
        letter.set_id,
        letter.digest_tag,
        _session(letter),
        books.now_ms,
        0,
        letter.reporter_tag,
        letter.sealed_sender,
        letter.sealed_content,
        source.assisted.who if isinstance(source, Post) and source.assisted is not None else None,
    )


def _session(letter: Letter) -> int:
    """The connection a message came on; posts come on none."""
    return 0 if isinstance(letter.source, Post) else letter.source.session


def _complaint_row(books: Books, letter: Letter, composed: Composed | None, first: int | None) -> Sequence[Value]:
    now = books.now_ms
    if composed is None or composed.complaint is None:
        number = books.numbering.number_of(letter.complaint_id or 0)
        state, reason = ComplaintState.HELD, HeldReason.UNREADABLE.value
        return (letter.complaint_id, letter.message_id, number, None, state.value, reason, now, now, 0, *_NO_DECISION)
    state = composed.state
    duplicate = state is ComplaintState.DUPLICATE
    return (
        letter.complaint_id,
        letter.message_id,
        None if duplicate else composed.complaint.number,
        first if duplicate else None,
        state.value,
        None if composed.reason is None else composed.reason.value,
        now,
        None if duplicate or state is ComplaintState.CLOSED else now,
        0,
        *decision_row(composed),
    )


def _draw_until_free(books: Books, letter: Letter, rows: Rows, verdicts: list[Verdict]) -> list[Verdict]:
    """Insert one complaint; where its number is taken, draw another (only after 21 million, or after another journal was merged)."""
    for _ in range(_NUMBERS_DRAWN_MAX):
        try:
            _COMPLAINT.run(books.connection, rows.complaints)
        except apsw.ConstraintError:
            complaint_id = next(books.ids.complaint)
            number = books.numbering.number_of(complaint_id)
            rows.complaints = [(complaint_id, row[1], number, *row[3:]) for row in rows.complaints]
            rows.claims = [(complaint_id, *row[1:]) for row in rows.claims]
            rows.messages = [(*row[:13], complaint_id, *row[14:]) for row in rows.messages]
            rows.replies = [(*row[:2], complaint_id if row[2] == letter.complaint_id else row[2], *row[3:]) for row in rows.replies]
            composed = verdicts[0].composed
            if composed is not None and composed.complaint is not None:
                composed = replace(composed, complaint=replace(composed.complaint, number=number))
            verdicts = [replace(verdicts[0], composed=composed, complaint_id=complaint_id)]
        else:
            return verdicts
    raise LookupError("no free complaint number")


def _count(books: Books, complaints: Sequence[Sequence[Value]]) -> None:
    for state, count in Counter(str(row[4]) for row in complaints).items():
        books.tally.add("complaint", state, count)
