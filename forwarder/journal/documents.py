"""The personal half of a row: reporter, text, segment as compact JSON, sealed; and back into the nouns of parsers.model.

JSON is pure ASCII, so texts with lone surrogates (a phone cut a character) come back exactly as they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from forwarder.journal.seal import DataKey, Sealer
from forwarder.records import Composed
from parsers import sender
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
    Post,
    Reporter,
    ReporterKind,
    Segment,
    Unreadable,
)
from parsers.post import words_of
from parsers.text import words

Row = Mapping[str, Any]
"""A row by its columns' names; `Any`, because the query alone says what each holds."""

NOBODY: frozenset[str] = frozenset()

_encode = json.JSONEncoder(separators=(",", ":")).encode
_SENDER = "sender"
_CONTENT = "content"
_PDU = "pdu"
_PART = "part"
_REASON = "reason"
_POST = "post"
_ANSWER = "answer"


class Documents:
    """Seals and opens the personal columns with one sealer; `key` is the data key of whose they are, None for what is nobody's."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    @property
    def sealer(self) -> Sealer:
        """What seals and opens here."""
        return self._sealer

    def sender(self, message_id: int, reporter: Reporter, key: DataKey | None = None) -> bytes:
        """Column message.sealed_sender."""
        address = reporter.address
        document = _encode([reporter.kind, reporter.value, address.ton, address.npi, address.value])
        return self._sealer.seal(_SENDER, message_id, document.encode(), key)

    def open_sender(self, message_id: int, sealed: bytes) -> Reporter:
        """The reporter; SealError when the row was tampered with."""
        kind, value, ton, npi, address = self.open_address(message_id, sealed)
        return Reporter(ReporterKind(kind), value, Address(ton, npi, address))

    def open_address(self, message_id: int, sealed: bytes) -> tuple[str, str, int, int, str]:
        """The same in parts (kind, value, ton, npi, address), for the outbox, which needs no Reporter."""
        kind, value, ton, npi, address = json.loads(self._sealer.open(_SENDER, message_id, sealed).decode())
        return kind, value, ton, npi, address

    def content(self, message: Message, complaint: Complaint | None, key: DataKey | None = None) -> bytes:
        """Column message.sealed_content: the text, what was read out of it, and what came with it."""
        parts: list[object] = [message.text, None if complaint is None else _reading(complaint)]
        if message.links or message.quoted:
            parts.append([message.links, message.quoted])
        return self._sealer.seal(_CONTENT, message.id, _encode(parts).encode(), key)

    def blanked(self, message_id: int, sealed: bytes, key: DataKey | None = None) -> bytes:
        """Column message.sealed_content of a text that its author took back: nothing of the words is left, the decision stays."""
        reading = json.loads(self._sealer.open(_CONTENT, message_id, sealed))[1]
        return self._sealer.seal(_CONTENT, message_id, _encode(["", None if reading is None else _without_words(reading)]).encode(), key)

    def post_ids(self, message_id: int, post: Post, key: DataKey | None = None) -> bytes:
        """Column post.sealed_ids: the id of the newest version and the key."""
        return self._sealer.seal(_POST, message_id, _encode([post.id, post.key]).encode(), key)

    def open_post_ids(self, message_id: int, sealed: bytes) -> tuple[str, str]:
        """(id of the newest version, key)."""
        newest, key = json.loads(self._sealer.open(_POST, message_id, sealed))
        return newest, key

    def open_text(self, message_id: int, sealed: bytes) -> str:
        """The text alone of column message.sealed_content."""
        text: str = json.loads(self._sealer.open(_CONTENT, message_id, sealed))[0]
        return text

    def open_complaint(self, row: Row) -> Complaint:
        """The complaint of a row of complaint joined with its message; equal to the one that was stored."""
        text, reading, came_with = self._content(row)
        return _complaint(row, self._message(row, text, came_with), reading)

    def raw(self, message_id: int, pdu: bytes, key: DataKey | None = None) -> bytes:
        """Column raw.sealed_pdu."""
        return self._sealer.seal(_PDU, message_id, pdu, key)

    def open_raw(self, message_id: int, sealed: bytes) -> bytes:
        """The PDU as it came."""
        return self._sealer.open(_PDU, message_id, sealed)

    def segment(self, key_tag: bytes, segment: Segment, key: DataKey | None = None) -> bytes:
        """Column part.sealed_pdu, bound to the set's key: a part is sealed before anyone knows its set."""
        document = _encode(
            [
                segment.operator,
                segment.bind,
                segment.session,
                segment.command,
                segment.source,
                segment.destination,
                segment.esm_class,
                segment.data_coding,
                segment.octets.hex(),
                segment.raw.hex(),
                segment.received_ms,
                segment.protocol_id,
                segment.sar,
                segment.sent_ms,
            ]
        )
        return self._sealer.seal(_PART, _row_of(key_tag), document.encode(), key)

    def open_segment(self, key_tag: bytes, sealed: bytes) -> Segment:
        """The segment as it came."""
        fields = json.loads(self._sealer.open(_PART, _row_of(key_tag), sealed))
        operator, bind, session, command, source, destination, esm_class, data_coding, octets, raw, received, protocol, sar, sent = fields
        return Segment(
            operator,
            bind,
            session,
            command,
            Address(*source),
            Address(*destination),
            esm_class,
            data_coding,
            bytes.fromhex(octets),
            bytes.fromhex(raw),
            received,
            protocol,
            None if sar is None else Concat(*sar),
            sent,
        )

    def answer(self, complaint_id: int, text: str, key: DataKey | None = None) -> bytes:
        """Column course.sealed_answer."""
        return self._sealer.seal(_ANSWER, complaint_id, text.encode(), key)

    def open_answer(self, complaint_id: int, sealed: bytes) -> str:
        """What the agency says to the citizen."""
        return self._sealer.open(_ANSWER, complaint_id, sealed).decode()

    def reason(self, complaint_id: int, text: str, key: DataKey | None = None) -> bytes:
        """Column history.sealed_reason."""
        return self._sealer.seal(_REASON, complaint_id, text.encode("utf-8", "surrogatepass"), key)

    def open_reason(self, complaint_id: int, sealed: bytes) -> str | None:
        """What a person gave as reason; None when it is erased with the citizen whom it may quote."""
        if not sealed:
            return None
        return self._sealer.open(_REASON, complaint_id, sealed).decode("utf-8", "surrogatepass")

    def _content(self, row: Row) -> tuple[str, Sequence[Any] | None, Sequence[Any]]:
        text, reading, *more = json.loads(self._sealer.open(_CONTENT, row["message"], row["sealed_content"]).decode())
        return text, reading, more[0] if more else ((), None)

    def _message(self, row: Row, text: str, came_with: Sequence[Any]) -> Message:
        message_id = row["message"]
        return Message(
            message_id,
            row["channel"],
            row["operator"],
            row["bind"],
            self.open_sender(message_id, row["sealed_sender"]),
            row["destination"],
            row["received_ms"],
            row["sent_ms"],
            text,
            row["alphabet"],
            row["data_coding"],
            row["parts"],
            bool(row["incomplete"]),
            bool(row["damaged"]),
            tuple(came_with[0]),
            came_with[1],
        )


def _reading(complaint: Complaint) -> list[object]:
    decision, hints = complaint.decision, complaint.hints
    return [
        decision.body,
        decision.why,
        [(one.region, one.instansi, one.keyword) for one in decision.candidates],
        decision.oversight,
        [
            hints.regions,
            hints.places,
            hints.dates,
            hints.identifiers,
            hints.danger,
            hints.oversight,
            hints.wants_rahasia,
            hints.wants_anonim,
        ],
        complaint.marks,
        complaint.fingerprint.hex(),
    ]


def _without_words(reading: Sequence[Any]) -> list[object]:
    """A reading whose places, times and dangers, which are the author's words, are taken out; so is the fingerprint."""
    _, why, candidates, oversight, found, marks, _ = reading
    regions, _, _, identifiers, _, *flags = found
    return [(0, 0), why, candidates, oversight, [regions, (), (), identifiers, (), *flags], marks, ""]


def _complaint(row: Row, message: Message, reading: Sequence[Any] | None) -> Complaint:
    if reading is None:
        raise LookupError("this message became no complaint")
    body, why, candidates, oversight, found, marks, fingerprint = reading
    start, end = body
    regions, places, dates, identifiers, danger, reports_abuse, rahasia, anonim = found
    decision = Decision(
        Certainty(row["certainty"]),
        row["region"],
        row["instansi"],
        row["unit"],
        row["keyword"],
        row["rule"],
        row["version"],
        (start, end),
        why,
        tuple(Candidate(*one) for one in candidates),
        oversight,
    )
    hints = Hints(
        tuple(regions),
        tuple(places),
        tuple(dates),
        tuple(identifiers),
        tuple(danger),
        row["topic"],
        Classification(row["classification"]),
        bool(reports_abuse),
        bool(rahasia),
        bool(anonim),
        row["language"],
    )
    return Complaint(
        row["number"],
        message,
        decision,
        hints,
        row["instansi_name"],
        bool(row["anonim"]),
        bool(row["rahasia"]),
        tuple(marks),
        bytes.fromhex(fingerprint),
    )


def digest(sealer: Sealer, segment: Segment) -> bytes:
    """What makes two arrivals equal: operator, source, destination, esm_class, data_coding, octets (DESIGN §3)."""
    head = "\0".join(
        (segment.operator, _address(segment.source), _address(segment.destination), str(segment.esm_class), str(segment.data_coding), "")
    )
    return sealer.tag("digest", head.encode("utf-8", "surrogatepass") + segment.octets)


def joined_digest(sealer: Sealer, first: Segment, message: Message) -> bytes:
    """The same for a joined message: its reference differs in every copy, so the text counts."""
    head = "\0".join((first.operator, _address(first.source), _address(first.destination), "joined", str(first.data_coding), message.text))
    return sealer.tag("digest", head.encode("utf-8", "surrogatepass"))


def unreadable_digest(sealer: Sealer, item: Unreadable) -> bytes:
    """The same for what nobody could read: the PDU without its header, whose sequence number differs in every copy."""
    return sealer.tag("digest", f"{item.operator}\0{item.command}\0unreadable\0".encode() + item.raw[16:])


def post_key(sealer: Sealer, account: str, key: str) -> bytes:
    """One post in all its versions, however it was found."""
    return sealer.tag("post", f"{account}\0{key}".encode("utf-8", "surrogatepass"))


def thread_tag(sealer: Sealer, account: str, thread: str) -> bytes:
    """One conversation."""
    return sealer.tag("thread", f"{account}\0{thread}".encode("utf-8", "surrogatepass"))


def words_tag(sealer: Sealer, post: Post) -> bytes:
    """The words of a post whatever its names and tags: the same from many are a flood. A post without words is like no other."""
    return sealer.tag("words", f"{post.account}\0{_said(post)}".encode("utf-8", "surrogatepass"))


def post_digest(sealer: Sealer, post: Post, composed: Composed | None) -> bytes:
    """What makes two posts of an author say the same: words, what they show and quote, the place, and the regions their tags may mean."""
    decision = None if composed is None or composed.complaint is None else composed.complaint.decision
    regions = () if decision is None else (decision.region, *(one.region for one in decision.candidates))
    whole = _encode([post.account, _said(post), post.quoted, post.links, post.place, regions])
    return sealer.tag("digest", f"post\0{whole}".encode("utf-8", "surrogatepass"))


def _said(post: Post) -> str:
    return " ".join(words(words_of(post.text))) or f"\0{post.key}"


def set_key(sealer: Sealer, segment: Segment, concat: Concat) -> bytes:
    """Which long message a part belongs to (3GPP TS 23.040 §9.2.3.24.1): operator, not bind."""
    head = "\0".join(
        (
            segment.operator,
            _address(segment.source),
            _address(segment.destination),
            str(concat.reference),
            "16" if concat.wide else "8",
            str(concat.total),
        )
    )
    return sealer.tag("set", head.encode("utf-8", "surrogatepass"))


def part_digest(sealer: Sealer, segment: Segment) -> bytes:
    """What makes two parts with the same number equal."""
    return sealer.tag("part", segment.data_coding.to_bytes(1, "big") + segment.octets)


def sender_tag(sealer: Sealer, segment: Segment) -> bytes:
    """One sender of one operator, as sent."""
    return sealer.tag("sender", f"{segment.operator}\0{_address(segment.source)}".encode("utf-8", "surrogatepass"))


def reporter_tag(sealer: Sealer, value: str) -> bytes:
    """One reporter, whatever operator and spelling (`value` as parsers.model.Reporter has it)."""
    return sealer.tag("reporter", value.encode("utf-8", "surrogatepass"))


def source_tag(sealer: Sealer, segment: Segment) -> bytes:
    """The reporter's tag of a segment that nobody has read yet; which numbers are our own changes nothing in it."""
    return reporter_tag(sealer, sender.read(segment.source, ours=NOBODY).value)


def _address(address: Address) -> str:
    return f"{address[0]}.{address[1]}.{address[2]}"


def _row_of(key_tag: bytes) -> int:
    return int.from_bytes(key_tag[:8], "big")
