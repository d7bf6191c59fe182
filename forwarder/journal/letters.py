"""One message as rows: what is sealed and tagged before the writer's queue, and how it is inserted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forwarder.journal.books import Books
from forwarder.journal.persons import PersonKey
from forwarder.journal.rows import Bulk, Value, clean, insert
from forwarder.lifecycle import ComplaintState, HeldReason, ReplyState
from forwarder.records import Composed, Kind, ReplyDraft, Verdict
from parsers.model import Post, Segment, Unreadable

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
COMPLAINT = insert("complaint", "id", "message", "number", "first", "state", "reason", "since_ms", "next_ms", "attempts", *_DECISION)
_CLAIM = insert("claim", "complaint", "tag", "part")
_ABROAD = insert("abroad", "reply", "number", "tracking_id", "instansi_name", "rahasia")
_REPLY = insert("reply", "id", "message", "complaint", "kind", "state", "due_ms", "attempts", "again", "reason", "settled_ms")
_ANSWERED = Bulk(
    "UPDATE message SET answer_session = v.column2, answer_ms = v.column3, answer_late = 0 FROM (VALUES ",
    3,
    ") AS v WHERE message.id = v.column1",
)
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


def write(books: Books, rows: Rows) -> None:
    """Insert what was gathered, and count it."""
    if rows.keys:
        books.keep_keys(rows.keys)
    COMPLAINT.run(books.connection, rows.complaints)
    _MESSAGE.run(books.connection, rows.messages)
    _RAW.run(books.connection, rows.raws)
    _REPLY.run(books.connection, rows.replies)
    _ANSWERED.run(books.connection, rows.answered)
    _CLAIM.run(books.connection, rows.claims)
    _ABROAD.run(books.connection, rows.abroad)
    books.tally.add("message", "stored", len(rows.messages))
    for state, number in Counter(str(row[4]) for row in rows.replies).items():
        books.tally.add("reply", state, number)
    count(books, rows.complaints)


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


def add(books: Books, letter: Letter, composed: Composed | None, rows: Rows, first: int | None = None) -> Verdict:
    """Gather the rows of one new message; `first` is the complaint it repeats."""
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
        rows.replies.append(_reply_row(books, reply_id, letter.message_id, about, draft))
        if draft.abroad is not None:
            there = draft.abroad
            rows.abroad.append((reply_id, there.number, there.tracking_id, there.instansi_name, int(there.rahasia)))
    kind = Kind.STORED if letter.set_id is None else Kind.JOINED
    return Verdict(kind, composed, letter.complaint_id, reply_id, letter.set_id)


def add_reply(books: Books, message_id: int, complaint_id: int | None, draft: ReplyDraft) -> int:
    """One more reply to a message that is stored already; its id."""
    reply_id = next(books.ids.reply)
    _REPLY.run(books.connection, [_reply_row(books, reply_id, message_id, complaint_id, draft)])
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


def _reply_row(books: Books, reply_id: int, message_id: int, about: int | None, draft: ReplyDraft) -> Sequence[Value]:
    """A reply that is due, or one that is never sent, with the reason."""
    if draft.withheld is not None:
        return (reply_id, message_id, about, draft.kind, ReplyState.NONE.value, None, 0, 0, draft.withheld, books.now_ms)
    return (reply_id, message_id, about, draft.kind, ReplyState.DUE.value, draft.due_ms, 0, 0, None, None)


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
        session_of(letter),
        books.now_ms,
        0,
        letter.reporter_tag,
        letter.sealed_sender,
        letter.sealed_content,
        source.assisted.who if isinstance(source, Post) and source.assisted is not None else None,
    )


def session_of(letter: Letter) -> int:
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


def count(books: Books, complaints: Sequence[Sequence[Value]]) -> None:
    """Into the tally: complaints by the state they begin in."""
    for state, count in Counter(str(row[4]) for row in complaints).items():
        books.tally.add("complaint", state, count)
