"""Replies on their way to citizens: capped per number and day, `sending` before a byte goes, once more after a crash and never twice.

The author of a public post hears from us once at most: the first reply that starts has the post's one answer. One of those that got lost
is never sent again by itself; its channel is asked first whether it is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from forwarder.journal import news
from forwarder.journal.blocking import BLOCKED, is_blocked
from forwarder.journal.books import DAY_MS, Books, day_of
from forwarder.journal.deliveries import claim_strays, plain_id
from forwarder.journal.orders import ReplyResult
from forwarder.journal.pins import pin_of
from forwarder.journal.questions import note_sent
from forwarder.journal.quiet import put_off
from forwarder.journal.restriction import RESTRICTED, among
from forwarder.journal.rows import Bulk, Value, blobs, clean, insert, integers, read, texts, words
from forwarder.journal.seal import SealError
from forwarder.journal.talks import choices_of
from forwarder.lifecycle import NEXT_REPLY, ReplyMove, ReplyState, after, sources
from forwarder.records import ReplyJob
from parsers.deadlines import kind_of
from parsers.due import Standing
from parsers.model import Answering

OVER_CAP = "daily cap of this number"
NO_ADDRESS = "the number is erased or cannot be opened"
SILENCED = "the citizen asked not to hear from us"
ANSWERED = "this post has had its one answer"
GOODBYE = "stopped"
"""The answer to STOP itself."""
NOT_ASKED = "the question had its answer before it was sent"
ANOTHER_S = "the citizen has been silent so long that the number may be another's"
ENDED = ""
"""In the place of a question's choices."""
ASKS = frozenset({"ask_region", "ask_place"})
NUMBERED = frozenset({"receipt", "receipt_filed", "filed"})
"""What tells a number of a complaint by itself, however late; news has its own measure (journal.news)."""
LOOKED_THROUGH_MAX = 4_096  # due replies looked through for those of operators that have room: a backlog of one must cost a look little
LOOK_UP_MS = 60_000  # after an answer got lost, and between two look-ups: what was posted shows within seconds

_DUE = (
    "SELECT json_group_array(json_array(due_ms, id)) FROM (SELECT * FROM reply WHERE state = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT ?3)"
)
_DUE_BESIDE = """
SELECT json_group_array(json_array(due_ms, id, operator)) FROM (
    SELECT r.due_ms AS due_ms, r.id AS id, m.operator AS operator
    FROM (SELECT id, due_ms, message FROM reply WHERE state = ?1 AND due_ms <= ?2 ORDER BY due_ms LIMIT ?4) AS r
    JOIN message AS m ON m.id = r.message WHERE m.operator NOT IN carray(?5) ORDER BY r.due_ms LIMIT ?3)
"""
_STANDING = """
SELECT json_array(w.received_ms, d.classification, d.region, d.rahasia, o.status, o.disposed_ms, o.answered_ms, o.finished_ms)
FROM complaint AS d JOIN message AS w ON w.id = d.message LEFT JOIN course AS o ON o.complaint = d.id WHERE d.id = coalesce(f.id, c.id)
"""
_JOBS = f"""
SELECT json_group_array(json_array(r.id, r.kind, r.state, r.attempts, r.again, m.id, m.channel, m.operator, m.received_ms,
                                   hex(m.reporter_tag), hex(m.sealed_sender), coalesce(x.number, c.elsewhere, c.number, f.number),
                                   coalesce(x.instansi_name, c.instansi_name, ''), coalesce(x.tracking_id, c.tracking_id, f.tracking_id),
                                   coalesce(c.language, 'id'), coalesce(x.rahasia, c.rahasia, 0),
                                   iif(m.entered_by IS NULL, p.answering, NULL), p.answer,
                                   iif(c.elsewhere IS NULL, c.id, NULL), c.pin_turn,
                                   coalesce({news.STATUS_OF}, (SELECT o.status FROM course AS o WHERE o.complaint = coalesce(f.id, c.id))),
                                   (SELECT iif(q.ended IS NULL, q.choices, '') FROM question AS q WHERE q.reply = r.id),
                                   {news.ANSWER_OF},
                                   (SELECT a.wish FROM addition AS a WHERE a.complaint = r.complaint AND a.message = r.message),
                                   coalesce(f.region, c.region),
                                   iif(r.kind = 'status_filed', ({_STANDING}), NULL), r.due_ms))
FROM reply AS r JOIN message AS m ON m.id = r.message LEFT JOIN post AS p ON p.message = m.id
LEFT JOIN complaint AS c ON c.id = r.complaint LEFT JOIN complaint AS f ON f.id = c.first
LEFT JOIN abroad AS x ON x.reply = r.id
WHERE r.id IN carray(?)
"""  # noqa: S608 - words of our own
_START = f"""
UPDATE reply SET state = 'sending', due_ms = ?2, attempts = attempts + 1
WHERE id IN carray(?1) AND state IN ({words(sources(NEXT_REPLY, ReplyMove.STARTED))})
"""  # noqa: S608 - words of lifecycle.py, no data
_PUT_OFF = Bulk(
    "UPDATE reply SET due_ms = v.column2 FROM (VALUES ",
    2,
    f") AS v WHERE reply.id = v.column1 AND reply.state IN ({words(sources(NEXT_REPLY, ReplyMove.STARTED))})",
)
_SUPPRESS = Bulk(
    "UPDATE reply SET state = 'none', reason = v.column2, due_ms = NULL, settled_ms = v.column3 FROM (VALUES ",
    3,
    f") AS v WHERE reply.id = v.column1 AND reply.state IN ({words(sources(NEXT_REPLY, ReplyMove.SUPPRESSED))})",
)
_SETTLE = Bulk(
    "UPDATE reply SET state = v.column2, reason = v.column3, due_ms = v.column4, settled_ms = v.column5, again = again + v.column6"
    " FROM (VALUES ",
    6,
    f") AS v WHERE reply.id = v.column1 AND reply.state IN ({words(sources(NEXT_REPLY, ReplyMove.SENT))})",
)
_RESOLVE = Bulk(
    "UPDATE reply SET state = v.column2, reason = v.column3, due_ms = v.column4, settled_ms = v.column5 FROM (VALUES ",
    5,
    f") AS v WHERE reply.id = v.column1 AND reply.state IN ({words(sources(NEXT_REPLY, ReplyMove.FOUND))})",
)
_STATES = """
SELECT json_group_array(json_array(r.id, r.state, r.again, m.operator, p.answering = 'once')) FROM reply AS r
JOIN message AS m ON m.id = r.message LEFT JOIN post AS p ON p.message = m.id WHERE r.id IN carray(?)
"""
_ASKED = "UPDATE reply SET due_ms = ?2, attempts = attempts + 1 WHERE id IN carray(?1) AND state = 'unknown'"
_TAKE_ANSWER = "UPDATE post SET answer = ?1 WHERE message = (SELECT message FROM reply WHERE id = ?1)"
_SILENT = "SELECT json_group_array(json_array(hex(reporter_tag))) FROM silence WHERE reporter_tag IN carray(?)"
_SENDING = "SELECT json_group_array(json_array(id)) FROM reply WHERE state = 'sending' AND due_ms IS NOT NULL"
_COUNTS = "SELECT json_group_array(json_array(hex(reporter_tag), replies)) FROM reply_count WHERE day = ? AND reporter_tag IN carray(?)"
_COUNT = Bulk(
    "INSERT INTO reply_count (day, reporter_tag, replies) VALUES ",
    3,
    " ON CONFLICT (day, reporter_tag) DO UPDATE SET replies = replies + excluded.replies",
)
_HANDED = insert("handed", "operator", "message_id", "reply", "at_ms")


@dataclass(frozen=True, slots=True)
class Doors:
    """How many more replies each operator may be given: `most` at once, less what it has. What it has no room for is not started."""

    most: int = 1 << 30
    taken: Mapping[str, int] = field(default_factory=dict)

    @property
    def shut(self) -> tuple[str, ...]:
        """Operators that have no room."""
        return tuple(name for name, count in self.taken.items() if count >= self.most)

    def room(self, operator: str) -> int:
        """How many more it may be given."""
        return self.most - self.taken.get(operator, 0)


OPEN = Doors()


def start(books: Books, limit: int, due_ms: int, doors: Doors = OPEN) -> list[ReplyJob]:
    """Take up to `limit` replies that are due at `due_ms`; those that may not go become `none`, with the reason.

    Those that would wake somebody are due in the morning, and those of operators without room stay due.
    """
    rows = _due(books, sources(NEXT_REPLY, ReplyMove.STARTED), limit, due_ms, doors)
    if not rows:
        return []
    day = day_of(books.now_ms)
    tags = {bytes.fromhex(row[9]) for row in rows if row[9]}
    counts, silent, restricted = _counts(books, day, tags), _silent(books, tags), among(books.connection, tags)
    jobs: list[ReplyJob] = []
    suppressed: list[Sequence[Value]] = []
    begun: Counter[bytes] = Counter()
    given: Counter[str] = Counter()
    waits: list[Sequence[Value]] = []
    answered: set[int] = set()
    for row in rows:
        if given[row[7]] >= doors.room(row[7]):  # looked at first: behind a slow operator stand hundreds, each with a sealed number
            continue
        tag = bytes.fromhex(row[9] or "")
        job = _job(books, row)
        first_try = row[2] == ReplyState.DUE and not row[4]
        over = first_try and counts[tag] >= books.settings.replies_per_day_max
        why = NO_ADDRESS if job is None else RESTRICTED if tag in restricted else SILENCED if tag in silent and row[1] != GOODBYE else None
        why = why or (BLOCKED if is_blocked(books, tag) else None) or (ANOTHER_S if _silent_long(books, row, tag) else None)
        asked = row[21] == ENDED or (row[1] in ASKS and row[21] is None)
        why = why or (OVER_CAP if over else _answered(row, answered)) or (NOT_ASKED if asked else None)
        if job is None or why:
            suppressed.append((row[0], why, books.now_ms))
            books.tally.move("reply", row[2], ReplyState.NONE)
            continue
        morning_ms = None if row[16] is not None else put_off(books.settings, row[1], row[8], row[24], books.now_ms)
        if morning_ms is not None:
            waits.append((row[0], morning_ms))
            continue
        given[row[7]] += 1
        if first_try:
            counts[tag] += 1
            begun[tag] += 1
        answered.add(row[5])
        jobs.append(job)
        books.tally.move("reply", row[2], ReplyState.SENDING)
    _mark(books, jobs, suppressed)
    _expect(_PUT_OFF.run(books.connection, waits), len(waits))
    _COUNT.run(books.connection, [(day, tag, count) for tag, count in begun.items()])
    return jobs


def _silent_long(books: Books, row: Sequence[Any], tag: bytes) -> bool:
    """Whether nobody of this number has said a word in the case for longer than news would be told."""
    since_ms = books.now_ms - books.settings.news_silence_days * DAY_MS - books.stepped_ms
    if row[1] not in NUMBERED or row[8] >= since_ms or row[16] is not None:
        return False
    return news.last_said(books, row[18], tag) < since_ms


def _answered(row: Sequence[Any], begun: AbstractSet[int]) -> str | None:
    """Why a public post hears no more: another reply had its one answer, or one to the same message (`begun`) starts now."""
    return ANSWERED if row[16] == Answering.ONCE and (row[17] not in (None, row[0]) or row[5] in begun) else None


def start_look_ups(books: Books, limit: int, due_ms: int) -> list[ReplyJob]:
    """Unknown replies whose channel should be asked now."""
    rows = _due(books, (ReplyState.UNKNOWN,), limit, due_ms)
    jobs = [job for row in rows if (job := _job(books, row)) is not None]
    if rows:
        books.connection.execute(_ASKED, (integers(row[0] for row in rows), books.now_ms + LOOK_UP_MS))
    return jobs


def resolve(books: Books, results: Sequence[ReplyResult]) -> list[None]:
    """What look-ups found: FOUND is sent, ABSENT is due again, anything else is asked again, and in the end stays unknown."""
    if not results:
        return []
    states = {row[0]: row for row in read(books.connection, _STATES, (integers({one.reply_id for one in results}),))}
    rows: list[Sequence[Value]] = []
    handed: list[tuple[str, str, int, int]] = []
    for result in results:
        known = states.pop(result.reply_id, None)
        if known is None or known[1] != ReplyState.UNKNOWN:
            continue
        settled = result.move in (ReplyMove.FOUND, ReplyMove.ABSENT)
        target = after(NEXT_REPLY, ReplyState.UNKNOWN, result.move) if settled else ReplyState.UNKNOWN
        due_ms = None if result.move in (ReplyMove.FOUND, ReplyMove.LOST_ANSWER) else result.next_ms or books.now_ms
        rows.append((result.reply_id, target.value, clean(result.detail) or None, due_ms, None if due_ms else books.now_ms))
        handed += [(known[3], plain_id(one), result.reply_id, books.now_ms) for one in result.message_ids]
        books.tally.move("reply", ReplyState.UNKNOWN, target)
    _expect(_RESOLVE.run(books.connection, rows), len(rows))
    _HANDED.run(books.connection, handed)
    return [None] * len(results)


def settle(books: Books, results: Sequence[ReplyResult]) -> list[None]:
    """Store what became of started replies; a result for a reply that is not `sending` changes nothing."""
    if not results:
        return []
    states = {row[0]: row for row in read(books.connection, _STATES, (integers({one.reply_id for one in results}),))}
    rows: dict[int, Sequence[Value]] = {}
    handed: list[tuple[str, str, int, int]] = []
    for result in results:
        known = states.get(result.reply_id)
        if known is None:
            continue
        handed += [(known[3], plain_id(one), result.reply_id, books.now_ms) for one in result.message_ids]
        if known[1] != ReplyState.SENDING or result.reply_id in rows:
            continue
        target = after(NEXT_REPLY, ReplyState.SENDING, result.move)
        asks = target is ReplyState.UNKNOWN and bool(known[4])
        waits = target in (ReplyState.LATER, ReplyState.DUE) or asks
        due_ms = (result.next_ms if result.next_ms is not None else books.now_ms + LOOK_UP_MS * asks) if waits else None
        rows[result.reply_id] = (result.reply_id, target.value, clean(result.detail) or None, due_ms, None if waits else books.now_ms, 0)
        books.tally.move("reply", ReplyState.SENDING, target)
    _expect(_SETTLE.run(books.connection, list(rows.values())), len(rows))
    _HANDED.run(books.connection, handed)
    if books.strays and handed:
        claim_strays(books, handed)
    went = (ReplyState.SENT, ReplyState.UNKNOWN)  # what the operator did not answer to, the citizen may well have on his phone
    note_sent(
        books, [one for one, row in rows.items() if row[1] in went], [one for one, row in rows.items() if row[1] == ReplyState.REFUSED]
    )
    return [None] * len(results)


def recover(books: Books, *, ours: Sequence[int] | None = None) -> int:
    """Replies found in `sending`: due once more, marked; the second time unknown. A post's one answer is unknown at once, and asked for.

    `ours` are starts whose commit failed: nobody sent them, so they are due as before.
    """
    found = [row[0] for row in read(books.connection, _SENDING)] if ours is None else list(ours)
    if not found:
        return 0
    again: list[Sequence[Value]] = []
    for reply_id, state, had_one, _, once in read(books.connection, _STATES, (integers(found),)):
        if state != ReplyState.SENDING:
            continue
        lost = ours is None and bool(had_one or once)
        target = after(NEXT_REPLY, ReplyState.SENDING, ReplyMove.LOST_ANSWER if lost else ReplyMove.AGAIN)
        reason = ("the gateway died while sending" if once else "the gateway died twice while sending") if lost else None
        settled_ms, due_ms = (books.now_ms, None) if lost and not once else (None, books.now_ms + LOOK_UP_MS * lost)
        again.append((reply_id, target.value, reason, due_ms, settled_ms, int(not lost and ours is None)))
        books.tally.move("reply", ReplyState.SENDING, target)
    _expect(_SETTLE.run(books.connection, again), len(again))
    return len(again)


def _due(books: Books, states: Sequence[ReplyState], limit: int, due_ms: int, doors: Doors = OPEN) -> list[list[Any]]:
    """The oldest replies of these states whose time has come, with all that a job needs; of each operator as many as it has room for.

    Behind a slow operator stand hundreds: only those that can go are read whole.
    """
    found: list[list[Any]] = []
    shut, through = doors.shut, LOOKED_THROUGH_MAX if doors.shut else limit
    for state in states:
        if not books.tally.holds("reply", state):
            continue
        if doors.taken:
            found += read(books.connection, _DUE_BESIDE, (state.value, due_ms, limit, through, texts(shut or ("",))))
        else:
            found += read(books.connection, _DUE, (state.value, due_ms, limit))
    chosen: list[int] = []
    given: Counter[str] = Counter()
    for _, number, *operator in sorted(found)[:limit]:
        if operator:
            given.update(operator)
            if given[operator[0]] > doors.room(operator[0]):
                continue
        chosen.append(number)
    if not chosen:
        return []
    return sorted(read(books.connection, _JOBS, (integers(chosen),)), key=lambda row: (row[-1], row[0]))


def _counts(books: Books, day: int, tags: set[bytes]) -> Counter[bytes]:
    if not tags:
        return Counter()
    rows = read(books.connection, _COUNTS, (day, blobs(tags)))
    return Counter({bytes.fromhex(tag): replies for tag, replies in rows})


def _silent(books: Books, tags: set[bytes]) -> set[bytes]:
    """Those of the citizens who asked not to hear from us."""
    return {bytes.fromhex(row[0]) for row in read(books.connection, _SILENT, (blobs(tags),))} if tags else set()


def _job(books: Books, row: Sequence[Any]) -> ReplyJob | None:
    """What the outbox needs; None when there is nobody left to send it to."""
    reply_id, kind, _, attempts, again, message, channel, operator, received_ms, _, sealed = row[:11]
    number, instansi, tracking, language, rahasia = row[11:16]
    if not sealed:
        return None
    try:
        whose, value, ton, npi, address = books.documents.open_address(message, bytes.fromhex(sealed))
    except SealError:
        return None
    about = (number, instansi, tracking, language, bool(rahasia))
    tries = (attempts + 1, bool(again), received_ms, row[16], None if row[18] is None else pin_of(books.sealer, row[18], row[19]), row[20])
    kind, answer = news.as_sent(kind, _answer(books, row[18], row[22]), row[20], rahasia=bool(rahasia))
    choices = () if not row[21] else tuple(one.name for one in choices_of(row[21]))
    return ReplyJob(
        reply_id,
        kind,
        channel,
        operator,
        value,
        whose,
        ton,
        npi,
        address,
        *about,
        *tries,
        choices=choices,
        answer=answer,
        wish=row[23],
        standing=_standing(row[25]),
    )


def _standing(found: str | None) -> Standing | None:
    """A filed complaint as its clocks see it. What is rahasia counts as an abuse of office: no date may come too early."""
    if found is None:
        return None
    received_ms, classification, region, rahasia, status, *times = json.loads(found)
    return (
        None if classification is None else Standing(received_ms, kind_of(classification, oversight=bool(rahasia)), region, status, *times)
    )


def _answer(books: Books, complaint_id: int | None, sealed: str | None) -> str | None:
    """What the agency says; None where it is erased."""
    if complaint_id is None or not sealed:
        return None
    try:
        return books.documents.open_answer(complaint_id, bytes.fromhex(sealed))
    except SealError:
        return None


def _mark(books: Books, jobs: Sequence[ReplyJob], suppressed: Sequence[Sequence[Value]]) -> None:
    _expect(_SUPPRESS.run(books.connection, suppressed), len(suppressed))
    note_sent(books, (), [int(str(row[0])) for row in suppressed])
    if jobs:
        ids = [job.reply_id for job in jobs]
        books.connection.execute(_START, (integers(ids), books.now_ms))
        _expect(books.connection.changes(), len(ids))
        books.doubt.replies.extend(ids)
    for job in jobs:
        if job.answering == Answering.ONCE:
            books.connection.execute(_TAKE_ANSWER, (job.reply_id,))


def _expect(changed: int, wanted: int) -> None:
    """An update that misses a row would break the table of states: the transaction is given up instead."""
    if changed != wanted:
        raise LookupError(f"{changed} replies changed instead of {wanted}")
