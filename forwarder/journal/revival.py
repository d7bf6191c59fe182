"""A journal that comes back from a backup or a mirror: what was unfinished in it may be finished in the world, and nobody here knows.

So nothing of it is sent by itself again (docs/adr/0015). Complaint ids begin far above what the lost journal can have given, for a number
said to two citizens cannot be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forwarder.journal import adding, audit
from forwarder.journal.books import Books
from forwarder.journal.number import NUMBERS
from forwarder.journal.orders import Deed
from forwarder.journal.questions import end_all
from forwarder.journal.replies import LOOK_UP_MS
from forwarder.journal.rows import fetch, words
from forwarder.journal.sets import close
from forwarder.lifecycle import NEXT_COMPLAINT, NEXT_REPLY, ComplaintMove, ComplaintState, HeldReason, ReplyMove, SetMove, after, sources
from forwarder.records import Composed
from parsers.model import Post, Trigger

IDS_LEAST = 200_000
"""Ids left out at least. Ours: 50 s of the fastest intake measured (4,000 a second), for a backup that was made in this minute."""
IDS_PER_SECOND = 20
"""Ids left out for each second since the backup. Ours: 1.7 million a day, where the whole country wrote 800 reports a day (2015)."""
IDS_MOST: int = NUMBERS // 4
"""Three days at that rate; a larger step would soon come round to the numbers of old complaints."""
LOOK_FIRST = "restored: look into the core before it is released or sent"

_RELEASED_BY_ITSELF = words((HeldReason.QUESTION, HeldReason.GRACE))
_UNFINISHED = {
    state: f"UPDATE complaint SET state = 'unknown', reason = ?2, since_ms = ?1, next_ms = ?1, absent_ms = NULL WHERE state = '{state}'"  # noqa: S608 - words of lifecycle.py, no data
    for state in sources(NEXT_COMPLAINT, ComplaintMove.RESTORED)
}
_ASKED_ANEW = "UPDATE complaint SET absent_ms = NULL WHERE state = 'unknown' AND absent_ms IS NOT NULL"
_NO_WORKER = "UPDATE complaint SET batch = NULL WHERE batch IS NOT NULL"
"""A worker's record may speak of this attempt while a later one, which this journal does not know, was filed."""
_ON_THE_DESK = "UPDATE complaint SET attention = ?1 WHERE state IN ('held', 'parked') AND next_ms IS NOT NULL"
_TIMED = f"UPDATE complaint SET state = 'ready' WHERE state = 'held' AND reason IN ({_RELEASED_BY_ITSELF})"  # noqa: S608 - words of lifecycle.py, no data
_ONCE = "EXISTS (SELECT 1 FROM post AS p WHERE p.message = reply.message AND p.answering = 'once')"
_UNSENT = {
    state: f"""
UPDATE reply SET state = 'unknown', reason = ?2, due_ms = iif({_ONCE}, ?1 + {LOOK_UP_MS}, NULL), settled_ms = iif({_ONCE}, NULL, ?1)
WHERE state = '{state}'
"""  # noqa: S608 - words of lifecycle.py, no data
    for state in sources(NEXT_REPLY, ReplyMove.RESTORED)
}
_META = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, CAST(?2 AS BLOB))"


@dataclass(frozen=True, slots=True)
class Revive:
    """One coming back. `origin` says from what, for people; it knows the world until `as_of_ms`; `hides_posts`: later posts are lost."""

    origin: str
    as_of_ms: int
    hides_posts: bool = True


@dataclass(frozen=True, slots=True)
class Revived:
    """What there is after a revival, in rows. `first_id` is the next complaint id, `skipped` how many were left out."""

    unknown: int
    desk: int
    replies: int
    sets: int
    first_id: int
    skipped: int


def revive(books: Books, items: Sequence[Revive]) -> list[Revived]:
    """Settle what cannot be known any more, in one transaction; the last thing before a revived journal is put in its place."""
    return [_revive(books, item) for item in items]


def skip_of(elapsed_ms: int) -> int:
    """How many ids are left out after so long."""
    return min(IDS_MOST, IDS_LEAST + max(0, elapsed_ms) * IDS_PER_SECOND // 1000)


def may_be_filed(books: Books, post: Post, composed: Composed | None) -> Composed | None:
    """A post that was found again after a restore: the lost journal may have filed and answered it, so it does neither by itself."""
    if composed is None or (post.trigger is Trigger.DIRECT and post.assisted is None) or post.posted_ms >= books.restored_ms:
        return composed
    if composed.complaint is None or composed.state is not ComplaintState.READY:
        return replace(composed, reply=None, said=None if composed.said is None else replace(composed.said, mute=True))
    return replace(composed, state=ComplaintState.HELD, reason=HeldReason.RESTORED, reply=None)


def of_this_run(books: Books) -> str | None:
    """What this run is the first one after, for people; None when the last one was an ordinary run."""
    found = fetch(books.connection, "SELECT CAST(value AS TEXT) FROM meta WHERE name = 'restored'")
    if not found:
        return None
    told = json.loads(found[0][0])
    return str(told["origin"]) if told["run"] == books.run - 1 else None


def _revive(books: Books, item: Revive) -> Revived:
    connection, now = books.connection, books.now_ms
    skipped = skip_of(now - item.as_of_ms)
    books.ids.load(connection, 0)
    first = int(next(books.ids.complaint)) + skipped
    books.ids.load(connection, first - 1)
    sets = [one.id for one in books.sets]
    close(books, sets, SetMove.EXPIRED)
    end_all(books)
    connection.execute(_TIMED)
    books.tally.move("complaint", ComplaintState.HELD, ComplaintState.READY, connection.changes())
    for state, sql in _UNFINISHED.items():
        connection.execute(sql, (now, item.origin))
        books.tally.move("complaint", state, after(NEXT_COMPLAINT, state, ComplaintMove.RESTORED), connection.changes())
    adding.revive(books, item.origin)
    connection.execute(_ASKED_ANEW)
    connection.execute(_NO_WORKER)
    unknown = connection.execute("SELECT count(*) FROM complaint WHERE state = 'unknown' AND next_ms IS NOT NULL").get
    connection.execute(_ON_THE_DESK, (LOOK_FIRST,))
    desk = connection.changes()
    replies = 0
    for reply_state, sql in _UNSENT.items():
        connection.execute(sql, (now, item.origin))
        replies += connection.changes()
        books.tally.move("reply", reply_state, after(NEXT_REPLY, reply_state, ReplyMove.RESTORED), connection.changes())
    _remember(books, item, first)
    return Revived(unknown, desk, replies, len(sets), first, skipped)


def _remember(books: Books, item: Revive, first: int) -> None:
    if item.hides_posts:
        books.restored_ms = books.now_ms
        books.connection.execute(_META, ("restored_ms", str(books.now_ms)))
    books.connection.execute(_META, ("ids_from", str(first)))
    books.connection.execute(_META, ("restored", json.dumps({"origin": item.origin, "run": books.run, "as_of_ms": item.as_of_ms})))
    books.connection.execute("DELETE FROM meta WHERE name = 'backup'")
    books.alarm(item.origin)
    audit.append(books, [Deed("gateway", "restore journal", "journal", item.origin)])
