"""What became of filed complaints at the core: as it was last heard, times set once, and what goes back noted.

What its citizen is told of it, and what it says of his wishes, is decided in the same transaction (news.py, wishes.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forwarder.core.answers import plain
from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import news, wishes
from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.rows import Bulk, clean, fetch, insert, texts
from forwarder.lifecycle import ComplaintState

WORDS_CHARACTERS_MAX = 200  # Ours: a status is a phrase; what is longer is something else.
NOT_HEARD = ""
"""In the tally: followed, and nothing heard yet."""
WHO = "the core"
RANK: Mapping[CourseStatus, int] = {
    CourseStatus.UNVERIFIED: 0,
    CourseStatus.DISPOSED: 1,
    CourseStatus.IN_PROCESS: 2,
    CourseStatus.DONE: 3,
    CourseStatus.ARCHIVED: 4,
}
"""The way of a complaint; one that is postponed is beside it, and comes back to where it likes."""
RANK_MOST = max(RANK.values())
_REACHED = frozenset({CourseStatus.DISPOSED, CourseStatus.IN_PROCESS, CourseStatus.DONE})

_FOLLOW = Bulk("INSERT OR IGNORE INTO course (complaint, look_ms) VALUES ", 2)
_IDS = f"SELECT tracking_id, id FROM complaint WHERE tracking_id IN carray(?) AND state = '{ComplaintState.FILED}'"  # noqa: S608 - a word of ours
_ROW = "SELECT status, words, since_ms, disposed_ms, answered_ms, finished_ms, answer_tag, asks FROM course WHERE complaint = ?"
_HEAR = """
INSERT INTO course (complaint, status, words, since_ms, heard_ms, disposed_ms, answered_ms, finished_ms, answer_tag, asks)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (complaint) DO UPDATE SET status = excluded.status, words = excluded.words, since_ms = excluded.since_ms,
    heard_ms = excluded.heard_ms, disposed_ms = excluded.disposed_ms, answered_ms = excluded.answered_ms,
    finished_ms = excluded.finished_ms, answer_tag = excluded.answer_tag, asks = excluded.asks
"""
_ANSWER = "UPDATE course SET sealed_answer = ?2 WHERE complaint = ?1"
_WHOSE = "SELECT m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?"
_STILL = "UPDATE course SET heard_ms = ?2 WHERE complaint = ?1"
_LOOK = "UPDATE course SET look_ms = ?2 WHERE complaint = ?1 AND look_ms IS NOT NULL"
_CALL = "INSERT OR IGNORE INTO heard (digest, at_ms) VALUES (?, ?)"
_HISTORY = insert("history", "complaint", "at_ms", "who", "move", "sealed_reason")


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the core said at once. `looks` says when each complaint that was asked for is asked for again, None: never.

    `digest` names a call of the core's own; one that was heard already changes nothing.
    """

    courses: Sequence[Course]
    looks: Sequence[tuple[int, int | None]] = ()
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of it, in complaints: `changed` and `still` are known, `back` of the changed went back, `strange` are none of ours."""

    changed: int = 0
    still: int = 0
    back: int = 0
    strange: int = 0
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A course as it is stored."""

    status: CourseStatus | None
    words: str | None
    since_ms: int | None
    disposed_ms: int | None
    answered_ms: int | None
    finished_ms: int | None
    answer_tag: bytes | None = None
    """Stands for the agency's newest answer, which is sealed; None where there is none, or nobody it could be told to."""
    asks: bool = False

    @property
    def news(self) -> news.Now:
        """As far as its citizen is concerned."""
        return news.Now(self.status, self.answer_tag, self.asks)


UNHEARD = Known(None, None, None, None, None, None)


def begin(books: Books, items: Sequence[bool]) -> list[None]:
    """From now on every filed complaint is followed, or none."""
    for item in items:
        books.follows = item
    return [None] * len(items)


def follow(books: Books, items: Sequence[int]) -> list[None]:
    """These complaints are filed and may be asked for at once."""
    if items:
        books.tally.add("course", NOT_HEARD, _FOLLOW.run(books.connection, [(complaint_id, books.now_ms) for complaint_id in items]))
    return [None] * len(items)


def hear(books: Books, items: Sequence[Hearing]) -> list[Heard]:
    """Write down what was said; what became of each."""
    return [_hear(books, item) for item in items]


def overtaken(books: Books, tracking_ids: Sequence[str]) -> None:
    """These are ours since now: hear what the core said of them before."""
    if courses := books.early.take(tracking_ids, books.now):
        _hear(books, Hearing(courses))


def _hear(books: Books, item: Hearing) -> Heard:
    if item.digest is not None:
        books.connection.execute(_CALL, (item.digest, books.now_ms))
        if not books.connection.changes():
            return Heard(replayed=True)
    asked = {clean(one.tracking_id) for one in item.courses}
    owners = dict(fetch(books.connection, _IDS, (texts(asked),))) if asked else {}
    changed = still = back = strange = 0
    for one in item.courses:
        complaint_id = owners.get(clean(one.tracking_id))
        if complaint_id is None:
            strange += 1
            if item.digest is not None:
                books.early.note(one, books.now)
            continue
        known = _known(books, complaint_id)
        new = _merged(books, known or UNHEARD, one, complaint_id)
        if new == known:
            still += 1
            books.connection.execute(_STILL, (complaint_id, books.now_ms))
        else:
            changed += 1
            back += _write(books, complaint_id, known, new)
        _heed(books, complaint_id, known or UNHEARD, new, one)
    for complaint_id, look_ms in item.looks:
        books.connection.execute(_LOOK, (complaint_id, look_ms))
    return Heard(changed, still, back, strange)


def _known(books: Books, complaint_id: int) -> Known | None:
    rows = fetch(books.connection, _ROW, (complaint_id,))
    if not rows:
        return None
    status, said, since_ms, disposed_ms, answered_ms, finished_ms, answer_tag, asks = rows[0]
    stands = None if status is None else CourseStatus(status)
    return Known(stands, said, since_ms, disposed_ms, answered_ms, finished_ms, answer_tag, bool(asks))


def _heed(books: Books, complaint_id: int, was: Known, new: Known, said: Course) -> None:
    """Keep the agency's answer, settle the citizen's wishes of which it speaks, and tell him the news."""
    if new.answer_tag is not None and new.answer_tag != was.answer_tag:
        key = books.key_of(books.connection.execute(_WHOSE, (complaint_id,)).get)
        books.connection.execute(_ANSWER, (complaint_id, books.documents.answer(complaint_id, plain(said.answer or "") or "", key)))
    wishes.hear(books, complaint_id, said, was.status)
    if new.news != was.news:
        news.tell(books, complaint_id, new.news)


def _answer_tag(books: Books, complaint_id: int, said: Course) -> bytes | None:
    """None where none is said, and where its citizen is erased: then there is no key of his to seal it with, and nobody to tell."""
    answer = plain(said.answer or "")
    if answer is None or books.connection.execute(_WHOSE, (complaint_id,)).get is None:
        return None
    return books.sealer.tag("answer", answer.encode())


def _merged(books: Books, was: Known, said: Course, complaint_id: int) -> Known:
    """What is known after this was said. A time that is there stays; one that cannot be is none. What the core does not say stays, too."""
    now, status = books.now_ms, said.status
    reached = now if status in _REACHED else None
    finished = now if status is CourseStatus.DONE else None
    return Known(
        status,
        clean(said.words)[:WORDS_CHARACTERS_MAX],
        was.since_ms if status is was.status else now,
        was.disposed_ms or _time(said.disposed_ms, now) or reached,
        was.answered_ms or _time(said.answered_ms, now),
        was.finished_ms or _time(said.finished_ms, now) or finished,
        _answer_tag(books, complaint_id, said) or was.answer_tag,
        was.asks if said.asks is None else said.asks,
    )


def _time(said_ms: int | None, now_ms: int) -> int | None:
    """A day ahead is a clock or a zone that is wrong; more is nonsense."""
    return said_ms if said_ms is not None and 0 < said_ms <= now_ms + DAY_MS else None


def _write(books: Books, complaint_id: int, known: Known | None, new: Known) -> bool:
    """Store it; whether its status went back, which is noted in its history."""
    row = (new.status and new.status.value, new.words, new.since_ms, books.now_ms, new.disposed_ms, new.answered_ms, new.finished_ms)
    books.connection.execute(_HEAR, (complaint_id, *row, new.answer_tag, int(new.asks)))
    was = None if known is None else known.status
    if was is not new.status:
        if known is not None:
            books.tally.add("course", NOT_HEARD if was is None else was.value, -1)
        books.tally.add("course", new.status.value if new.status else NOT_HEARD)
    if was is None or new.status is None or RANK.get(new.status, RANK_MOST) >= RANK.get(was, 0):
        return False
    reason = books.documents.reason(complaint_id, f"{was} → {new.status}")
    _HISTORY.run(books.connection, [(complaint_id, books.now_ms, WHO, "went back", reason)])
    return True
