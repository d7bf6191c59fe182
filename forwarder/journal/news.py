"""What a citizen is told of how his complaint stands at the core: each thing once, and not more often than he can bear.

It is decided in the transaction that hears the core. News waits `news_settle_minutes` as a reply that is due then; what is heard meanwhile
changes that reply, so several changes are one message, and what went back is none. A reply that started says what it says: what comes after
is the next one. What a citizen is not told stands in table `news` with its reason, and is told with the next message that goes.

Who is told: the reporter of the complaint itself, where he was answered at all. A duplicate is his own copy of it, so its road is left
alone: he would read everything twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import apsw

from forwarder.core.contract import CourseStatus
from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.letters import add_reply
from forwarder.journal.quiet import put_off
from forwarder.journal.rows import fetch, words
from forwarder.journal.settings import JournalSettings
from forwarder.lifecycle import NEXT_REPLY, ReplyMove, ReplyState, after, sources
from forwarder.records import ReplyDraft
from parsers.model import Answering
from parsers.zones import MINUTE_MS, Zone, day_of, midnight_ms, zone_of

NEWS, DONE, ANSWER, ASKS = "news", "news_done", "news_answer", "news_asks"
KINDS = (ASKS, ANSWER, DONE, NEWS)
"""Replies that tell news, the weightiest first: a message that tells several things is of the first kind among them."""
WORDED = frozenset({ANSWER, ASKS})
"""Those that repeat what the agency says."""
HIDDEN: Mapping[str, str] = {NEWS: "news_rahasia", ANSWER: "news_rahasia", ASKS: "news_asks_rahasia"}
"""Their texts where the complaint is rahasia when it is sent: nothing of it is repeated. That it is done repeats nothing by itself."""
OF_STATUS: Mapping[CourseStatus, str] = {
    CourseStatus.DISPOSED: NEWS,
    CourseStatus.IN_PROCESS: NEWS,
    CourseStatus.POSTPONED: NEWS,
    CourseStatus.ARCHIVED: NEWS,
    CourseStatus.DONE: DONE,
}
"""A complaint that waits for verification stands as its receipt said: no news."""
ANSWER_IS, ASKS_IS = "answer:", "asks:"
"""What stands before the digest in `news.what`; a status stands there as it is."""
LOST = ("UNDELIV", "REJECTD", "DELETED", "EXPIRED")
"""Delivery receipts that say for good that an SMS did not arrive (SMPP 3.4 §5.2.28)."""

WENT_BACK = "it went back before it was told"
NOBODY = "nobody is answered there"
PUBLIC = "all the world would read it"
QUIET = "the citizen has not written for long"
UNDELIVERED = "the last message did not arrive"
OVER_BUDGET = "as many were sent as a case may have"

_UNTOLD = (ReplyState.NONE, ReplyState.REFUSED)
_OPEN = sources(NEXT_REPLY, ReplyMove.SUPPRESSED)
_ROWS = """
SELECT n.what, n.reply, r.kind, r.state, r.again FROM news AS n LEFT JOIN reply AS r ON r.id = n.reply WHERE n.complaint = ?
"""
_PUT = """
INSERT INTO news (complaint, what, reply, why, at_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (complaint, what) DO UPDATE SET reply = excluded.reply, why = excluded.why, at_ms = excluded.at_ms
"""
_DROP = "DELETE FROM news WHERE complaint = ? AND reply = ?"
_FORGET = f"""
DELETE FROM news WHERE complaint = ? AND what IN ({words(OF_STATUS)})
AND NOT EXISTS (SELECT 1 FROM reply AS r WHERE r.id = news.reply AND r.state IN ({words(_OPEN)}))
"""  # noqa: S608 - words of our own
_KIND = f"UPDATE reply SET kind = ?2 WHERE id = ?1 AND state IN ({words(_OPEN)})"  # noqa: S608 - the same
_SUPPRESS = f"""
UPDATE reply SET state = '{ReplyState.NONE}', reason = ?2, due_ms = NULL, settled_ms = ?3 WHERE id = ?1 AND state IN ({words(_OPEN)})
"""  # noqa: S608 - the same
_CASE = "SELECT c.message, c.region, m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?"
_PUBLIC = f"""
SELECT count(*) FROM post AS p JOIN message AS m ON m.id = p.message
WHERE p.message = ? AND m.entered_by IS NULL AND p.answering IN ({words((Answering.ONCE, Answering.NEVER))})
"""  # noqa: S608 - the same
_REPLIES = """
SELECT r.kind, r.state, r.delivery, coalesce(r.due_ms, r.settled_ms), m.received_ms
FROM reply AS r JOIN message AS m ON m.id = r.message WHERE r.complaint = ?1 AND m.reporter_tag = ?2 ORDER BY r.id DESC
"""
_SAID = """
SELECT max(received_ms) FROM message WHERE reporter_tag = ?2 AND (complaint = ?1
    OR complaint IN (SELECT id FROM complaint WHERE first = ?1) OR id IN (SELECT message FROM addition WHERE complaint = ?1))
"""
_STANDS = f"""
SELECT (SELECT r.settled_ms FROM news AS n JOIN reply AS r ON r.id = n.reply
        WHERE n.complaint = o.complaint AND n.what = '{CourseStatus.DONE}' AND r.state IN ('sent', 'unknown') AND o.status = n.what),
       coalesce(o.asks, 0) AND EXISTS (SELECT 1 FROM news AS n JOIN reply AS r ON r.id = n.reply
        WHERE n.complaint = o.complaint AND n.what >= '{ASKS_IS}' AND n.what < 'asks;' AND r.state IN ('sent', 'unknown'))
FROM course AS o WHERE o.complaint = ?
"""  # noqa: S608 - the same

STATUS_OF = f"(SELECT n.what FROM news AS n WHERE n.complaint = r.complaint AND n.reply = r.id AND n.what IN ({words(OF_STATUS)}))"  # noqa: S608
"""SQL: the status that reply `r` tells; one that is sent again after a crash says what it said, whatever came since."""
ANSWER_OF = f"""
(SELECT hex(o.sealed_answer) FROM course AS o WHERE r.kind IN ({words(WORDED)}) AND o.complaint = r.complaint
 AND EXISTS (SELECT 1 FROM news AS n WHERE n.complaint = r.complaint AND n.reply = r.id
             AND n.what IN ('{ANSWER_IS}' || lower(hex(o.answer_tag)), '{ASKS_IS}' || lower(hex(o.answer_tag)))))
"""  # noqa: S608 - the same
"""SQL: the answer that reply `r` tells, sealed; NULL where there is a newer one by now, which has its own reply."""


class Now(NamedTuple):
    """How a complaint stands, as far as there may be news in it. `answer_tag` stands for the agency's answer."""

    status: CourseStatus | None
    answer_tag: bytes | None
    asks: bool


@dataclass(frozen=True, slots=True)
class Stands:
    """What the dialogue must know of a case.

    `settled_ms` is when its citizen was told that it is done, None while it is not; `asks_open`: he was told that the agency waits for
    facts, and it still does.
    """

    settled_ms: int | None = None
    asks_open: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """One thing that was decided upon; what became of its reply, if it had one."""

    what: str
    reply: int | None
    kind: str | None
    state: str | None
    again: int | None

    @property
    def waits(self) -> bool:
        """Whether its reply may still say something else: certainly nothing of it went, and it says nothing but news."""
        return self.state in _OPEN and not self.again and self.kind in KINDS

    @property
    def told(self) -> bool:
        """Whether the citizen has it, or may have it."""
        return self.state is not None and self.state not in _UNTOLD and not self.waits


def last_said(books: Books, complaint_id: int, tag: bytes) -> int:
    """When a citizen last wrote in a case; 0: never."""
    said_ms: int | None = books.connection.execute(_SAID, (complaint_id, tag)).get
    return said_ms or 0


def tell(books: Books, complaint_id: int, now: Now) -> None:
    """Decide what the citizen is told, now that his complaint stands so."""
    rows = [_Row(*row) for row in fetch(books.connection, _ROWS, (complaint_id,))]
    told = {row.what for row in rows if row.told}
    waiting = next((row for row in rows if row.waits), None)
    new = {what: kind for what, kind in _facts(now).items() if what not in told}
    if waiting is not None and waiting.reply is not None:
        books.connection.execute(_DROP, (complaint_id, waiting.reply))
        if not new:
            _suppress(books, waiting.reply, ReplyState(waiting.state or ""))
            return
    if not new:
        return
    kind = min(new.values(), key=KINDS.index)
    reply, why = (waiting.reply, None) if waiting is not None else _begin(books, complaint_id, kind)
    if waiting is not None:
        books.connection.execute(_KIND, (reply, kind))
    for what in new:
        books.connection.execute(_PUT, (complaint_id, what, reply, why, books.now_ms))


def covered(books: Books, complaint_id: int, status: CourseStatus | None, reply_id: int) -> None:
    """Another reply says that it stands so."""
    if status is not None and status in OF_STATUS:
        books.connection.execute(_PUT, (complaint_id, status.value, reply_id, None, books.now_ms))


def begin_anew(books: Books, complaint_id: int) -> None:
    """Its course begins anew, because its citizen objected and was heard: what was told of it may come again."""
    books.connection.execute(_FORGET, (complaint_id,))


def stands(connection: apsw.Connection, complaint_id: int) -> Stands:
    """What the dialogue must know; two look-ups by keys."""
    for settled_ms, asks_open in fetch(connection, _STANDS, (complaint_id,)):
        return Stands(settled_ms, bool(asks_open))
    return Stands()


def is_public(connection: apsw.Connection, message_id: int) -> bool:
    """Whether all the world reads an answer to this message: only what was said at once goes there."""
    return bool(connection.execute(_PUBLIC, (message_id,)).get)


def as_sent(kind: str, answer: str | None, status: str | None, *, rahasia: bool) -> tuple[str, str | None]:
    """(kind, answer) of a reply when it is sent: nothing is repeated of a rahasia complaint, and no answer that is not there any more."""
    if kind == ANSWER and (rahasia or answer is None):
        kind = DONE if status == CourseStatus.DONE else NEWS
    if rahasia:
        return HIDDEN.get(kind, kind), None
    return kind, answer if kind in WORDED else None


def _facts(now: Now) -> dict[str, str]:
    """Each thing that there is to tell, and the kind of reply that tells it alone."""
    digest = (now.answer_tag or b"").hex()
    facts = {f"{ASKS_IS}{digest}": ASKS} if now.asks else {}
    if now.answer_tag:
        facts[f"{ANSWER_IS}{digest}"] = ANSWER
    if now.status is not None and now.status in OF_STATUS:
        facts[now.status.value] = OF_STATUS[now.status]
    return facts


def _begin(books: Books, complaint_id: int, kind: str) -> tuple[int | None, str | None]:
    """(reply, None), or (None, why not)."""
    found = fetch(books.connection, _CASE, (complaint_id,))
    if not found:
        return None, NOBODY
    message, region, tag = found[0]
    public = is_public(books.connection, message)
    replies = fetch(books.connection, _REPLIES, (complaint_id, tag)) if tag is not None else []
    if public or not replies:
        return None, PUBLIC if public else NOBODY
    said_ms = max(*(received_ms for *_, received_ms in replies), last_said(books, complaint_id, tag))
    sent = [(state, delivery) for _, state, delivery, _, _ in replies if state in (ReplyState.SENT, ReplyState.REFUSED)]
    times = [at_ms for news, state, _, at_ms, _ in replies if news in KINDS and state != ReplyState.NONE]
    settings = books.settings
    if books.now_ms - said_ms > settings.news_silence_days * DAY_MS:
        return None, QUIET
    if sent and (sent[0][0] == ReplyState.REFUSED or (len(sent) > 1 and all(delivery in LOST for _, delivery in sent[:2]))):
        return None, UNDELIVERED
    if len(times) >= settings.news_per_case_max:
        return None, OVER_BUDGET
    due_ms = _due(books.settings, books.now_ms, region, [at_ms for at_ms in times if at_ms is not None])
    return add_reply(books, message, complaint_id, ReplyDraft(kind, due_ms)), None


def _due(settings: JournalSettings, now_ms: int, region: str | None, times: Sequence[int]) -> int:
    """When it goes: after it had time to settle, outside the quiet hours, and on a day that has room."""
    zone = zone_of(region)

    def waking(at_ms: int) -> int:
        return put_off(settings, NEWS, 0, region, at_ms) or at_ms

    full = _full_days(times, zone, settings.news_per_day_max)
    due_ms = waking(now_ms + round(settings.news_settle_minutes * MINUTE_MS))
    while day_of(due_ms, zone) in full:  # a case has few messages, so this ends soon
        due_ms = waking(midnight_ms(day_of(due_ms, zone), zone) + DAY_MS)
    return due_ms


def _full_days(times: Sequence[int], zone: Zone, most: int) -> AbstractSet[object]:
    days = [day_of(at_ms, zone) for at_ms in times]
    return {day for day in days if days.count(day) >= most}


def _suppress(books: Books, reply_id: int, state: ReplyState) -> None:
    books.connection.execute(_SUPPRESS, (reply_id, WENT_BACK, books.now_ms))
    if books.connection.changes() != 1:
        raise LookupError(f"a reply that is {state} was not suppressed")
    books.tally.move("reply", state, after(NEXT_REPLY, state, ReplyMove.SUPPRESSED))
