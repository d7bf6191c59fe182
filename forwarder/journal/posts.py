"""Posts: a page of them and the cursor behind it in one transaction; each is new, known, edited, an addition, or none of ours.

A post is known by its key, whatever version comes and however often. What its author says further in a conversation that we know, and
whatever answers one of our answers, is an addition to that case, never a second complaint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from forwarder.journal.adding import reread
from forwarder.journal.amend import NOT_YET_SENT, rewrite
from forwarder.journal.blocking import is_blocked
from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.cursors import keep_cursors
from forwarder.journal.deliveries import plain_id
from forwarder.journal.letters import Letter, Rows, add, write
from forwarder.journal.messages import heeded, note_copies
from forwarder.journal.moves import put
from forwarder.journal.persons import PersonKey
from forwarder.journal.pins import void_seen
from forwarder.journal.revival import may_be_filed
from forwarder.journal.rows import Value, blobs, fetch, insert, read, texts
from forwarder.journal.standing import LOOK_AFTER_MS
from forwarder.journal.talks import TAKEN_BACK, Talks
from forwarder.journal.thread import RAHASIA, add_to
from forwarder.journal.turns import carry_out, listen, say
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason
from forwarder.records import Composed, FirstCopy, Kind, Verdict
from forwarder.talk import Heard, Talk
from parsers.model import Complaint, Post, Trigger
from parsers.zones import HOUR_MS

ALIKE_MAX = 1_000  # rows looked at for the same words: a flood of them needs no exact count
SAID_PER_COMPLAINT = 4  # Ours: of the complaints an author may have in an hour; a conversation of twenty posts is told in one go
EDITED = "edited by its author"

_POST = insert("post", *("message", "account", "key_tag", "thread_tag", "words_tag", "version", "answering", "look_ms", "sealed_ids"))
_EARLIER = insert("earlier", "message", "version", "sealed_content")
_KNOWN = """
SELECT json_group_array(json_array(hex(p.key_tag), p.message, p.version, p.gone, c.id, c.message, c.state, coalesce(c.number, f.number)))
FROM post AS p JOIN message AS m ON m.id = p.message LEFT JOIN complaint AS c ON c.id = m.complaint
LEFT JOIN complaint AS f ON f.id = c.first WHERE p.key_tag IN carray(?)
"""
_THREADS = """
SELECT json_group_array(
    json_array(hex(p.thread_tag), hex(m.reporter_tag), coalesce(f.id, c.id), coalesce(c.number, f.number)) ORDER BY p.message)
FROM post AS p JOIN message AS m ON m.id = p.message JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first
WHERE p.thread_tag IN carray(?)
"""
_ANSWERS = """
SELECT json_group_array(json_array(h.message_id, c.id, c.number)) FROM handed AS h JOIN reply AS r ON r.id = h.reply
LEFT JOIN complaint AS c ON c.id = r.complaint WHERE h.operator = ? AND h.message_id IN carray(?)
"""
_ALIKE = """
SELECT json_group_array(json_array(words, reporter))
FROM (SELECT hex(p.words_tag) AS words, hex(m.reporter_tag) AS reporter FROM post AS p JOIN message AS m ON m.id = p.message
      WHERE p.words_tag IN carray(?) AND m.received_ms >= ? AND p.gone IS NULL AND m.complaint IS NOT NULL
      ORDER BY p.message DESC LIMIT ?)
"""
_SAID = """
SELECT json_group_array(json_array(digest, reporter, coalesce(f.id, c.id), coalesce(c.number, f.number), coalesce(f.state, c.state),
                                   coalesce(f.tracking_id, c.tracking_id)) ORDER BY received_ms)
FROM (SELECT hex(m.digest_tag) AS digest, hex(m.reporter_tag) AS reporter, m.complaint AS complaint, m.received_ms AS received_ms
      FROM message AS m JOIN post AS p ON p.message = m.id WHERE m.digest_tag IN carray(?) AND m.received_ms >= ? AND p.gone IS NULL
      ORDER BY m.id DESC LIMIT ?)
JOIN complaint AS c ON c.id = complaint LEFT JOIN complaint AS f ON f.id = c.first
WHERE NOT (coalesce(f.state, c.state) = 'closed' AND coalesce(f.reason, c.reason, '') = ?)
"""
_RECENT = """
SELECT json_group_array(json_array(reporter, many)) FROM (
    SELECT hex(reporter_tag) AS reporter, count(*) AS many FROM message
    WHERE reporter_tag IN carray(?) AND received_ms >= ? AND complaint IS NOT NULL GROUP BY reporter_tag)
"""
_VERSION = "UPDATE post SET version = ?2, words_tag = ?3, sealed_ids = ?4 WHERE message = ?1"
_CONTENT = "UPDATE message SET sealed_content = ?2 WHERE id = ?1"
_DIGEST = "UPDATE message SET digest_tag = ?2 WHERE id = ?1"
_RAW = "UPDATE raw SET sealed_pdu = ?2 WHERE message = ?1"
_SENDER = "UPDATE message SET sealed_sender = ?2, reporter_tag = ?3, cause = NULL WHERE id = ?1 AND sealed_sender IS NULL"
_WAS = "SELECT sealed_content, reporter_tag FROM message WHERE id = ?"
_ATTENTION = "UPDATE complaint SET attention = ?2 WHERE id = ?1"
_IS_RAHASIA = "SELECT rahasia FROM complaint WHERE id = ?"
_BEGINS = "UPDATE message SET complaint = ?2, sealed_content = ?3 WHERE id = ?1"


@dataclass(frozen=True, slots=True)
class Slip:
    """One post, sealed and tagged before the writer's queue; `letter.composed` is None where our own code could not read it."""

    post: Post
    letter: Letter
    key_tag: bytes
    thread_tag: bytes | None
    words_tag: bytes
    sealed_ids: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Posts that are stored together, and how far their source has been read when they are: (source, value)."""

    slips: Sequence[Slip]
    cursor: tuple[str, str] | None = None


class _Known(NamedTuple):
    """A post that is stored; the complaint it began or belongs to, if any. `own` says that it began it."""

    message_id: int
    version: int
    gone: bool
    complaint_id: int | None = None
    own: bool = False
    state: str = ""
    number: str | None = None


class _Case(NamedTuple):
    """A complaint that a post may belong to."""

    complaint_id: int
    number: str
    state: str = ""
    tracking_id: str | None = None


@dataclass(slots=True)
class _View:
    """What is stored of what a page speaks of; kept true while its posts are taken one after the other."""

    known: dict[bytes, _Known] = field(default_factory=dict)
    threads: dict[tuple[bytes, bytes], _Case] = field(default_factory=dict)
    opened: dict[bytes, _Case] = field(default_factory=dict)
    """The first case of each conversation, whoever's it is."""
    answers: dict[str, _Case | None] = field(default_factory=dict)
    """The case of each answer of ours; None for one to a question that concerned none."""
    own_words: dict[tuple[bytes, bytes], _Case] = field(default_factory=dict)
    authors_of: dict[bytes, set[bytes]] = field(default_factory=dict)
    recent: Counter[bytes] = field(default_factory=Counter)


def take(books: Books, pages: Sequence[Page]) -> list[list[Verdict]]:
    """Store whole pages; the verdicts of each in the order of its posts."""
    return [_take_page(books, page) for page in pages]


def _take_page(books: Books, page: Page) -> list[Verdict]:
    rows = Rows()
    verdicts: list[Verdict] = []
    if page.slips:
        view = _view(books, page.slips)
        posts: list[Sequence[Value]] = []
        verdicts = [_take(books, slip, view, rows, posts) for slip in page.slips]
        write(books, rows)
        _POST.run(books.connection, posts)
        note_copies(books, [slip.post for slip, one in zip(page.slips, verdicts, strict=True) if one.kind is Kind.REDELIVERY])
    if page.cursor is not None:
        keep_cursors(books, [page.cursor])
    return verdicts


def _view(books: Books, slips: Sequence[Slip]) -> _View:
    view = _View()
    for key, message, version, gone, complaint, began, state, number in read(
        books.connection, _KNOWN, (blobs({slip.key_tag for slip in slips}),)
    ):
        own = complaint is not None and began == message
        view.known[bytes.fromhex(key)] = _Known(message, version, gone is not None, complaint, own, state or "", number)
    for thread, reporter, complaint, number in _rows(books, _THREADS, {slip.thread_tag for slip in slips if slip.thread_tag}):
        case = _Case(complaint, number)
        view.threads[bytes.fromhex(thread), bytes.fromhex(reporter or "")] = case
        view.opened.setdefault(bytes.fromhex(thread), case)
    _see_answers(books, slips, view)
    _see_words(books, slips, view)
    return view


def _see_answers(books: Books, slips: Sequence[Slip], view: _View) -> None:
    parents = {plain_id(slip.post.parent) for slip in slips if slip.post.parent}
    for account in {slip.post.account for slip in slips} if parents else ():
        for message_id, complaint, number in read(books.connection, _ANSWERS, (account, texts(parents))):
            view.answers[message_id] = None if complaint is None else _Case(complaint, number)


def _see_words(books: Books, slips: Sequence[Slip], view: _View) -> None:
    """Who said the same within a day, what each author said within the days of a resend, and how much each wrote within the hour."""
    said, since_ms = blobs({slip.letter.digest_tag for slip in slips}), books.now_ms - books.settings.tombstone_days * DAY_MS
    for digest, author, *case in read(books.connection, _SAID, (said, since_ms, ALIKE_MAX, TAKEN_BACK)):
        view.own_words.setdefault((bytes.fromhex(digest), bytes.fromhex(author or "")), _Case(*case))
    words = blobs({slip.words_tag for slip in slips})
    for tag, author in read(books.connection, _ALIKE, (words, books.now_ms - DAY_MS, ALIKE_MAX)):
        view.authors_of.setdefault(bytes.fromhex(tag), set()).add(bytes.fromhex(author or ""))
    authors = {slip.letter.reporter_tag for slip in slips if slip.letter.reporter_tag}
    if authors:
        for author, many in read(books.connection, _RECENT, (blobs(authors), books.now_ms - HOUR_MS)):
            view.recent[bytes.fromhex(author)] = many


def _rows(books: Books, sql: str, tags: set[bytes]) -> Iterator[list[Any]]:
    yield from read(books.connection, sql, (blobs(tags),)) if tags else ()


def _take(books: Books, slip: Slip, view: _View, rows: Rows, posts: list[Sequence[Value]]) -> Verdict:
    known = view.known.get(slip.key_tag)
    if known is not None and (slip.post.version <= known.version or known.gone):
        return Verdict(Kind.REDELIVERY, complaint_id=known.complaint_id, of=known.number)
    if slip.post.trigger is not Trigger.DIRECT:
        void_seen(books, slip.post.text)
    if known is not None:
        _flush(books, rows, posts)
        return _edit(books, slip, known, view)
    letter = heeded(books, slip.letter)
    composed, case = may_be_filed(books, slip.post, letter.composed), _case(slip, view)
    if case is None and slip.post.trigger is Trigger.REPLY:
        if plain_id(slip.post.parent or "") not in view.answers:
            return Verdict(Kind.NOT_OURS)
        composed = _for_a_person(composed)
    talk, tag = None, letter.reporter_tag
    if composed is not None and composed.said is not None and tag is not None:
        _flush(books, rows, posts)
        talk = Talks(books, (tag,)).of(tag, composed, None if case is None else case.complaint_id)
    if composed is not None and talk is not None and (case is None or _is_meant(composed, talk)):
        verdict = say(books, letter, books.composer().converse(composed, talk), rows)
        _flush(books, rows, posts)
        carry_out(books, letter, verdict)
        complaint_id = verdict.complaint_id
    elif case is not None and (composed is None or composed.complaint is not None):
        _flush(books, rows, posts)
        author = tag or b""
        flood = view.recent[author] >= SAID_PER_COMPLAINT * books.settings.posts_per_author_hour_max or is_blocked(books, author)
        view.recent[author] += 1
        add_to(books, letter, case.complaint_id, rows, flood=flood)
        verdict = Verdict(Kind.ADDITION, complaint_id=case.complaint_id, of=case.number)
        complaint_id = case.complaint_id
    elif composed is None or composed.complaint is None:
        verdict, complaint_id = add(books, letter, composed, rows), letter.complaint_id
    else:
        verdict = _report(books, slip, composed, view, rows)
        complaint_id = letter.complaint_id
    posts.append(_post_row(books, slip))
    state = ComplaintState.HELD if verdict.composed is None else verdict.composed.state
    own = complaint_id is not None and complaint_id == letter.complaint_id
    view.known[slip.key_tag] = _Known(letter.message_id, slip.post.version, False, complaint_id, own, state.value, verdict.of)  # noqa: FBT003
    return verdict


def _is_meant(composed: Composed, talk: Talk) -> bool:
    """Whether what is said in a conversation may be done: a wish that names no case is for that of the conversation alone."""
    return composed.complaint is None or talk.named is not None or (composed.said is not None and composed.said.number is not None)


def _for_a_person(composed: Composed | None) -> Composed | None:
    """What answers an answer of ours that concerned no case: nothing that is filed or answered by itself, and nothing that is lost."""
    if composed is None or composed.complaint is None:
        return composed
    return replace(composed, state=ComplaintState.HELD, reason=HeldReason.REVIEW, reply=None)


def _flush(books: Books, rows: Rows, posts: list[Sequence[Value]]) -> None:
    """What was gathered so far goes in: the next post of this page changes something that may be among it."""
    write(books, rows)
    _POST.run(books.connection, posts)
    rows.clear()
    posts.clear()


def _case(slip: Slip, view: _View) -> _Case | None:
    """The case that a post adds to: one whose answer it answers, or its author's own in the same conversation.

    What answers us in a conversation that we know belongs to it also where nobody knows yet whether that answer of ours was posted.
    """
    parent = view.answers.get(plain_id(slip.post.parent)) if slip.post.parent else None
    if parent is not None or slip.thread_tag is None or slip.letter.reporter_tag is None:
        return parent
    own = view.threads.get((slip.thread_tag, slip.letter.reporter_tag))
    return own or (view.opened.get(slip.thread_tag) if slip.post.to_us else None)


def _report(books: Books, slip: Slip, composed: Composed, view: _View, rows: Rows) -> Verdict:
    """A complaint of its own: the same words of its author again, part of a flood, or simply new."""
    letter, author = slip.letter, slip.letter.reporter_tag or b""
    first = view.own_words.get((letter.digest_tag, author))
    others = view.authors_of.setdefault(slip.words_tag, set())
    flood = view.recent[author] >= books.settings.posts_per_author_hour_max or len(others - {author}) >= books.settings.posts_same_words_max
    others.add(author)
    view.recent[author] += 1
    if first is not None:
        return _repeat(books, letter, composed, first, rows)
    if flood and composed.state is ComplaintState.READY:
        composed = replace(composed, state=ComplaintState.HELD, reason=HeldReason.FLOOD, reply=None)
    verdict = add(books, letter, composed, rows)
    if composed.complaint is not None and letter.complaint_id is not None:
        case = _Case(letter.complaint_id, composed.complaint.number, composed.state)
        view.own_words[letter.digest_tag, author] = case
        if slip.thread_tag is not None:
            view.threads[slip.thread_tag, author] = case
            view.opened.setdefault(slip.thread_tag, case)
        verdict = replace(verdict, of=case.number)
    return verdict


def _repeat(books: Books, letter: Letter, composed: Composed, first: _Case, rows: Rows) -> Verdict:
    composed = books.composer().resend(composed, FirstCopy(first.number, ComplaintState(first.state), first.tracking_id))
    if composed.complaint is not None:
        composed = replace(composed, complaint=replace(composed.complaint, number=first.number))
    return replace(add(books, letter, composed, rows, first.complaint_id), kind=Kind.RESEND, of=first.number)


def _edit(books: Books, slip: Slip, known: _Known, view: _View) -> Verdict:
    """The newest version takes the place of the one before, which is kept. Nobody is answered twice, nothing is filed twice."""
    connection, message_id = books.connection, known.message_id
    was, tag = fetch(connection, _WAS, (message_id,))[0]
    if was is not None:
        _EARLIER.run(connection, [(message_id, known.version, was)])
    _heed(books, slip.letter)
    composed, key = None, books.key_of(slip.letter.reporter_tag or tag)
    if slip.letter.composed is not None:
        composed = books.composer().post(message_id, known.complaint_id or slip.letter.complaint_id or 0, slip.post, amends=known.own)
        # the version before may have been one that nobody could read
        connection.execute(_SENDER, (message_id, books.documents.sender(message_id, slip.post.author, key), slip.letter.reporter_tag))
    if composed is not None and composed.complaint is not None and known.own:
        _amend(books, slip, known, composed, composed.complaint)
    elif composed is not None and composed.complaint is not None and known.complaint_id is None:
        known = _begin(books, slip, known, composed, view)
    else:
        _reword(books, known, composed, key)
    connection.execute(_RAW, (message_id, books.documents.raw(message_id, slip.post.raw, key)))
    connection.execute(_VERSION, (message_id, slip.post.version, slip.words_tag, books.documents.post_ids(message_id, slip.post, key)))
    connection.execute(_DIGEST, (message_id, slip.letter.digest_tag))
    view.known[slip.key_tag] = known._replace(version=slip.post.version)
    return Verdict(Kind.EDITED, complaint_id=known.complaint_id, of=known.number)


def _amend(books: Books, slip: Slip, known: _Known, composed: Composed, complaint: Complaint) -> None:
    """A complaint in its author's new words; what became a command, or calls us no more, waits for a person where it is not filed yet."""
    state = ComplaintState(known.state)
    if known.complaint_id is None:
        return
    waits = state in NOT_YET_SENT
    secret = complaint.rahasia or bool(books.connection.execute(_IS_RAHASIA, (known.complaint_id,)).get)  # never taken back by an edit
    kept = replace(composed, complaint=replace(complaint, number=known.number or ""), state=state)
    rewrite(books, known.complaint_id, kept, rerouted=waits)
    if secret:
        books.connection.execute(RAHASIA, (known.complaint_id,))
    if not waits:
        books.connection.execute(_ATTENTION, (known.complaint_id, EDITED))
    elif state is ComplaintState.READY and (composed.state is ComplaintState.HELD or slip.post.trigger is Trigger.REPLY):
        put(books, known.complaint_id, ComplaintMove.HOLD, state, reason=composed.reason or HeldReason.REVIEW)


def _begin(books: Books, slip: Slip, known: _Known, composed: Composed, view: _View) -> _Known:
    """A question or command that became a complaint by its author's edit; answered in public it was already."""
    if slip.post.trigger is not Trigger.DIRECT:
        composed = replace(composed, reply=None)
    letter = replace(slip.letter, message_id=known.message_id, composed=composed)
    rows = Rows()
    verdict = _report(books, replace(slip, letter=letter), composed, view, rows)
    rows.messages, rows.raws = [], []  # stored already
    write(books, rows)
    sealed = books.documents.content(composed.message, composed.complaint, books.key_of(letter.reporter_tag))
    books.connection.execute(_BEGINS, (known.message_id, letter.complaint_id, sealed))
    state = composed.state if verdict.composed is None else verdict.composed.state
    return known._replace(complaint_id=letter.complaint_id, own=True, state=state.value, number=verdict.of)


def _reword(books: Books, known: _Known, composed: Composed | None, key: PersonKey | None) -> None:
    """New words of what is no complaint of its own; where it belongs to a case, a person looks at it."""
    if composed is not None:
        books.connection.execute(_CONTENT, (known.message_id, books.documents.content(composed.message, None, key)))
        reread(books, known.message_id)
    if known.complaint_id is not None:
        books.connection.execute(_ATTENTION, (known.complaint_id, EDITED))


def _heed(books: Books, letter: Letter) -> None:
    """An edit that asks to be left alone, or to be told again, counts; any other command of an edit is a person's."""
    said = None if letter.composed is None else letter.composed.said
    if said is not None and said.heard in (Heard.STOP, Heard.START):
        listen(books, letter.reporter_tag, wanted=said.heard is Heard.START)


def _post_row(books: Books, slip: Slip) -> Sequence[Value]:
    letter, post = slip.letter, slip.post
    look = books.now_ms + LOOK_AFTER_MS[0] if post.trigger is not Trigger.DIRECT else None
    ids, key = slip.sealed_ids, letter.key
    if key is not None and key.id in books.ring.destroyed:
        ids = books.documents.post_ids(letter.message_id, post, books.key_of(letter.reporter_tag))
    return (letter.message_id, post.account, slip.key_tag, slip.thread_tag, slip.words_tag, post.version, post.answering.value, look, ids)
