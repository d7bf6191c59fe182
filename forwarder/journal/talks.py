"""How the senders of a batch stand with us, looked up inside the transaction that stores their messages.

Who writes for the first time costs one look into an index. Of somebody known the newest few cases are opened, because only their words tell
whether he says the same again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from forwarder.journal import news
from forwarder.journal.books import Books
from forwarder.journal.pins import Attempt, admitted
from forwarder.journal.reads import complaints
from forwarder.journal.rows import blobs, integers, read
from forwarder.lifecycle import ComplaintState
from forwarder.records import Composed
from forwarder.talk import Asked, Choice, Question, Talk, TalkCase, Wish
from parsers.model import Certainty

RECENT_MAX = 3  # cases that a text without a number may be about, or may repeat
SAID_MAX = 20  # a citizen's last messages that belong to a case, in which his recent cases are found
LOOKED_THROUGH_MAX = 500  # of his messages, for them: who asks for the status every hour has as many in 30 days as a machine in a minute
OPEN = "open"
TAKEN_BACK = "its reporter takes it back"
"""Why a complaint is closed that its reporter took back before it was filed."""
NOUN = "question"

_SAID = """
SELECT json_group_array(json_array(hex(m.reporter_tag), coalesce(c.first, c.id), m.received_ms) ORDER BY m.id DESC)
FROM carray(?1) AS t JOIN message AS m ON m.id IN (
    SELECT id FROM (SELECT id, complaint FROM message WHERE reporter_tag = t.value ORDER BY id DESC LIMIT ?4)
    WHERE complaint IS NOT NULL ORDER BY id DESC LIMIT ?2)
JOIN complaint AS c ON c.id = m.complaint JOIN message AS own ON own.id = c.message
WHERE m.received_ms >= ?3 AND own.reporter_tag = m.reporter_tag
"""
_CASES = """
SELECT json_group_array(json_array(c.id, c.number, c.state, c.tracking_id, c.rahasia, c.anonim, c.region, c.topic, c.certainty, c.elsewhere,
    (SELECT max(settled_ms) FROM reply AS r WHERE r.complaint = c.id AND r.state = 'sent'),
    (SELECT max(turn) FROM question AS q WHERE q.complaint = c.id),
    (SELECT json_group_array(wish) FROM addition AS a WHERE a.complaint = c.id AND a.wish IS NOT NULL AND a.granted IS NULL),
    (SELECT json_group_array(wish) FROM (SELECT wish FROM addition AS a WHERE a.complaint = c.id AND a.granted IS NOT NULL
                                         GROUP BY wish HAVING max(a.granted) = 0)), coalesce(c.reason, '')))
FROM complaint AS c WHERE c.id IN carray(?)
"""
_QUESTIONS = """
SELECT json_group_array(json_array(hex(reporter_tag), complaint, asked, choices)) FROM question
WHERE reporter_tag IN carray(?) AND ended IS NULL AND asked_ms >= ?
"""
_SILENT = "SELECT json_group_array(json_array(hex(reporter_tag))) FROM silence WHERE reporter_tag IN carray(?)"
_BY_NUMBER = "SELECT id FROM complaint WHERE number = ?1 OR tracking_id = ?1 ORDER BY number = ?1 DESC LIMIT 1"
_LAST_SAID = """
SELECT max(m.received_ms) FROM complaint AS c JOIN message AS own ON own.id = c.message JOIN message AS m ON m.complaint = c.id
WHERE (c.id = ?2 OR c.first = ?2) AND own.reporter_tag = ?1 AND m.reporter_tag = ?1
"""


@dataclass(slots=True)
class _Known:
    """What is stored of one sender."""

    said: dict[int, int] = field(default_factory=dict)
    """His recent cases, newest first, each with the time when he last spoke in it."""
    asked: tuple[int, Asked, tuple[Choice, ...]] | None = None
    silent: bool = False


class Talks:
    """The senders of one batch. What is written for one of them is looked up again before his next message (`spoil`)."""

    def __init__(self, books: Books, tags: Iterable[bytes]) -> None:
        self._books = books
        self._known: dict[bytes, _Known] = {}
        self._load(set(tags))

    def _load(self, tags: set[bytes]) -> None:
        books = self._books
        self._known.update((tag, _Known()) for tag in tags)
        if not tags:
            return
        given, since_ms = blobs(tags), books.now_ms - books.access_ms
        for tag, complaint_id, received_ms in read(books.connection, _SAID, (given, SAID_MAX, since_ms, LOOKED_THROUGH_MAX)):
            self._known[bytes.fromhex(tag)].said.setdefault(complaint_id, received_ms)
        for (tag,) in read(books.connection, _SILENT, (given,)):
            self._known[bytes.fromhex(tag)].silent = True
        if books.tally.holds(NOUN, OPEN):
            for tag, complaint_id, asked, choices in read(books.connection, _QUESTIONS, (given, since_ms)):
                self._known[bytes.fromhex(tag)].asked = (complaint_id, Asked(asked), choices_of(choices))

    def spoil(self, tag: bytes) -> None:
        """Something was written for this sender."""
        self._load({tag})

    @property
    def tags(self) -> AbstractSet[bytes]:
        """The senders of the batch."""
        return self._known.keys()

    def asked(self, tag: bytes) -> int | None:
        """The complaint about which this sender has an open question."""
        asked = self._known[tag].asked
        return None if asked is None else asked[0]

    def of(self, tag: bytes, composed: Composed, about: int | None = None) -> Talk:
        """How the sender of a message stands with us now; `about` is the case in whose conversation he wrote, if it is his own."""
        known, now_ms = self._known[tag], self._books.now_ms
        said = dict(list(known.said.items())[:RECENT_MAX])
        if known.asked is not None:
            said.setdefault(known.asked[0], now_ms)
        cases = self._cases(said)
        question = None
        if known.asked is not None and known.asked[0] in cases:
            question = Question(cases[known.asked[0]], known.asked[1], known.asked[2])
        recent = tuple(cases[one] for one in known.said if one in cases)
        named = self._named(tag, composed, cases)
        if about is not None and named is None:
            named = cases.get(about) or self._own(tag, about)
        return Talk(now_ms, named, recent, question, known.silent)

    def _named(self, tag: bytes, composed: Composed, cases: Mapping[int, TalkCase]) -> TalkCase | None:
        """The case whose number the message names, where its sender may see it: his own, or by its PIN."""
        if composed.said is None or composed.said.number is None:
            return None
        number, pin = composed.said.number, composed.said.pin
        own = next((one for one in cases.values() if number in (one.number, one.tracking_id)), None)
        if own is not None:
            return own
        books = self._books
        complaint_id: int | None = books.connection.execute(_BY_NUMBER, (number,)).get
        own = None if complaint_id is None else self._own(tag, complaint_id)
        if own is not None or pin is None:
            return own
        opened = admitted(books, Attempt(tag, number, pin))
        return None if opened is None else self._cases({opened: books.now_ms}).get(opened)

    def _own(self, tag: bytes, complaint_id: int) -> TalkCase | None:
        """A case of this sender's in which he spoke lately, be it as old as it may."""
        books = self._books
        said_ms = books.connection.execute(_LAST_SAID, (tag, complaint_id)).get
        if said_ms is None or said_ms < books.now_ms - books.access_ms:
            return None
        return self._cases({complaint_id: said_ms}).get(complaint_id)

    def _cases(self, said: Mapping[int, int]) -> dict[int, TalkCase]:
        """Cases by id, with the time when he last spoke in each."""
        if not said:
            return {}
        books = self._books
        words = complaints(books.connection, books.documents, list(said))
        found: dict[int, TalkCase] = {}
        for row in read(books.connection, _CASES, (integers(said),)):
            (
                complaint_id,
                number,
                state,
                tracking,
                rahasia,
                anonim,
                region,
                topic,
                certainty,
                elsewhere,
                told_ms,
                turn,
                wishes,
                denied,
                reason,
            ) = row
            complaint, stands = words.get(complaint_id), news.stands(books.connection, complaint_id)
            found[complaint_id] = TalkCase(
                complaint_id,
                number or elsewhere or "",
                ComplaintState(state),
                tracking,
                rahasia=bool(rahasia),
                anonim=bool(anonim),
                oversight=complaint is not None and complaint.hints.oversight,
                certainty=None if certainty is None else Certainty(certainty),
                region=region,
                topic=topic,
                said_ms=said[complaint_id],
                told_ms=told_ms or 0,
                asked=turn or 0,
                elsewhere=elsewhere,
                fingerprint=b"" if complaint is None else complaint.fingerprint,
                settled_ms=stands.settled_ms,
                asks=stands.asks_open,
                taken_back=(state, reason) == (ComplaintState.CLOSED, TAKEN_BACK),
                wishes=frozenset(map(Wish, json.loads(wishes))),
                denied=frozenset(map(Wish, json.loads(denied))),
            )
        return {one: found[one] for one in said if one in found}


def choices_of(text: str) -> tuple[Choice, ...]:
    """Column question.choices."""
    return tuple(Choice(*one) for one in json.loads(text))


def choices_text(choices: Sequence[Choice]) -> str:
    """The same written."""
    return json.dumps([(one.region, one.instansi, one.keyword, one.name) for one in choices])
