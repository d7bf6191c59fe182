"""Arrivals made ready for the writer's queue: tagged and sealed in the caller's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from forwarder.journal import documents, messages, sets
from forwarder.journal.books import Books, Ids
from forwarder.journal.documents import Documents
from forwarder.journal.letters import Letter
from forwarder.journal.number import Numbering
from forwarder.journal.persons import Keyring
from forwarder.journal.posts import Page, Slip
from forwarder.journal.seal import Sealer
from forwarder.journal.sets import Part
from forwarder.records import Arrival, Composed, Verdict
from parsers.model import Concat, Post, Segment, Unreadable

Claims = Sequence[tuple[bytes, int]]
Source = TypeVar("Source")


class Scribe:
    """Seals arrivals. Holds what that needs and no connection."""

    def __init__(self, sealer: Sealer, numbering: Numbering, ids: Ids, ring: Keyring) -> None:
        self._sealer = sealer
        self._ring = ring
        self._documents = Documents(sealer)
        self._numbering = numbering
        self._ids = ids
        self.last_complaint = 0
        """The newest complaint id given to the front desk."""
        self.shared: Sealer | None = None
        """Has the key of all gateways, where there are several."""

    def ready(self, arrival: Arrival) -> Letter | Part:
        """A whole message, an unreadable PDU or a part, ready to be stored."""
        source = arrival.source
        if isinstance(source, Unreadable):
            return self._unreadable(source)
        if isinstance(source, Post):
            raise TypeError("posts come by pages")
        if arrival.composed is not None:
            digest = documents.digest(self._sealer, source)
            return self._whole(arrival.composed, source, digest, self._claims(documents.digest, source))
        if arrival.concat is None:
            raise ValueError("an arrival is a whole message, a part or unreadable")
        return self._part(source, arrival.concat)

    def _part(self, source: Segment, concat: Concat) -> Part:
        set_key, reporter_tag = documents.set_key(self._sealer, source, concat), documents.source_tag(self._sealer, source)
        key = self._ring.of(reporter_tag, source.received_ms)
        return Part(
            source,
            concat,
            set_key,
            documents.sender_tag(self._sealer, source),
            documents.part_digest(self._sealer, source),
            self._documents.segment(set_key, source, key),
            reporter_tag,
            key,
        )

    def page(self, arrivals: Sequence[Arrival], cursor: tuple[str, str] | None) -> Page:
        """Posts and the cursor behind them, ready to be stored."""
        return Page([self._slip(arrival, arrival.source) for arrival in arrivals if isinstance(arrival.source, Post)], cursor)

    def _slip(self, arrival: Arrival, post: Post) -> Slip:
        key = documents.post_key(self._sealer, post.account, post.key)
        digest = documents.post_digest(self._sealer, post, arrival.composed)
        claims = () if self.shared is None else ((documents.post_key(self.shared, post.account, post.key), 0),)
        if arrival.composed is None:
            message_id, complaint_id = next(self._ids.message), next(self._ids.complaint)
            letter = Letter(message_id, complaint_id, None, post, digest, None, None, None, self._documents.raw(message_id, post.raw))
            letter = replace(letter, claims=claims)
        else:
            letter = self._whole(arrival.composed, post, digest, claims)
        return Slip(
            post,
            letter,
            key,
            None if post.thread is None else documents.thread_tag(self._sealer, post.account, post.thread),
            documents.words_tag(self._sealer, post),
            self._documents.post_ids(letter.message_id, post, letter.key),
        )

    def _whole(self, composed: Composed, source: Segment | Post, digest: bytes, claims: Claims) -> Letter:
        message, complaint = composed.message, composed.complaint
        complaint_id = None
        if complaint is not None:
            known = composed.complaint_id or self._numbering.id_of(complaint.number, self.last_complaint)
            complaint_id = known or next(self._ids.complaint)
        reporter_tag = documents.reporter_tag(self._sealer, message.reporter.value)
        key = self._ring.of(reporter_tag, message.received_ms)
        return Letter(
            message.id,
            complaint_id,
            composed,
            source,
            digest,
            reporter_tag,
            self._documents.sender(message.id, message.reporter, key),
            self._documents.content(message, complaint, key),
            self._documents.raw(message.id, source.raw, key),
            claims=claims,
            key=key,
        )

    def _unreadable(self, source: Unreadable) -> Letter:
        message_id, complaint_id = next(self._ids.message), next(self._ids.complaint)
        digest = documents.unreadable_digest(self._sealer, source)
        raw = self._documents.raw(message_id, source.raw)
        claims = self._claims(documents.unreadable_digest, source)
        return Letter(message_id, complaint_id, None, source, digest, None, None, None, raw, claims=claims)

    def _claims(self, digest: Callable[[Sealer, Source], bytes], source: Source) -> Claims:
        return () if self.shared is None else ((digest(self.shared, source), 0),)


def accept(books: Books, items: Sequence[Letter | Part]) -> list[Verdict]:
    """Store whole messages and parts of one transaction; a verdict each, in their order."""
    letters = [item for item in items if isinstance(item, Letter)]
    stored = iter(messages.store(books, letters))
    if len(letters) == len(items):
        return list(stored)
    taken = iter(sets.take(books, [item for item in items if isinstance(item, Part)]))
    return [next(stored) if isinstance(item, Letter) else next(taken) for item in items]


def refused(_item: Letter | Part, error: Exception) -> Verdict:
    """What one arrival hears that could not be stored by itself."""
    return Verdict(None, error=f"{type(error).__name__} while storing")
