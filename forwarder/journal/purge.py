"""Forgetting: raw PDUs, texts, numbers and tombstones go after their days, a slice at a time, and their pages are overwritten.

`secure_delete` zeroes what is freed and the log is emptied afterwards. Complaints, tracking ids, history and counts stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import apsw

from forwarder.journal.books import Books, day_of
from forwarder.journal.holds import HELD
from forwarder.journal.orders import Purged
from forwarder.journal.rows import integers, read
from forwarder.journal.settings import JournalSettings

VACUUM_PAGES = 256  # 1 MB per transaction
REPLY_COUNT_DAYS = 2
CALL_DAYS = 400  # Ours: so long is a call of the core known again; a case is followed for 120 days.

_NOTHING_OPEN = """
NOT EXISTS (SELECT 1 FROM addition AS a WHERE (a.complaint = coalesce(c.first, c.id) OR a.message = m.id) AND a.next_ms IS NOT NULL)
"""
_SETTLED = f"(c.id IS NULL OR (c.next_ms IS NULL AND c.since_ms < ?1 AND {_NOTHING_OPEN})) AND m.received_ms < ?1"
ERASED = "erased"
"""Column post.gone of a post whose author is erased, while its key is still kept for copies."""

_OWN = "SELECT c.id FROM message AS m JOIN complaint AS c ON c.id = m.complaint AND c.message = m.id WHERE m.id IN carray(?)"
"""Complaints that began with these messages."""
_HELD = HELD.format(complaint="m.complaint")
_MESSAGES = """
SELECT json_group_array(id) FROM (SELECT m.id FROM message AS m LEFT JOIN complaint AS c ON c.id = m.complaint
WHERE m.id > ?3 AND {column} IS NOT NULL AND {old} AND NOT {held} ORDER BY m.id LIMIT ?2)
"""


_CLOSED_SETS = f"""
SELECT json_group_array(id) FROM (SELECT s.id FROM part_set AS s LEFT JOIN message AS m ON m.id = s.message
WHERE s.state <> 'open' AND s.closed_ms < ?1 AND s.id > ?3 AND NOT {_HELD} ORDER BY s.id LIMIT ?2)
"""  # noqa: S608 - SQL of our own
_CLAIMED = f"""
SELECT json_group_array(id) FROM (SELECT DISTINCT k.complaint AS id FROM claim AS k JOIN complaint AS c ON c.id = k.complaint
JOIN message AS m ON m.id = c.message WHERE k.complaint > ?3 AND c.next_ms IS NULL AND m.received_ms < ?1
AND NOT {HELD.format(complaint="c.id")} ORDER BY 1 LIMIT ?2)
"""  # noqa: S608 - the same


_RAW = f"""
SELECT json_group_array(message) FROM (SELECT r.message AS message FROM raw AS r LEFT JOIN message AS m ON m.id = r.message
WHERE r.received_ms < ?1 AND r.message > ?3 AND NOT {_HELD} ORDER BY r.message LIMIT ?2)
"""  # noqa: S608 - the same
_HANDED = f"""
SELECT json_group_array(id) FROM (SELECT d.id AS id FROM handed AS d LEFT JOIN reply AS r ON r.id = d.reply
WHERE d.at_ms < ?1 AND d.id > ?3 AND NOT {HELD.format(complaint="r.complaint")} ORDER BY d.id LIMIT ?2)
"""  # noqa: S608 - the same
_ERASED_POSTS = f"""
SELECT json_group_array(message) FROM (SELECT p.message AS message FROM post AS p JOIN message AS m ON m.id = p.message
WHERE p.gone = '{ERASED}' AND m.received_ms < ?1 AND p.message > ?3 ORDER BY p.message LIMIT ?2)
"""  # noqa: S608 - a word of ours


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of forgetting: which rows (`find`: before ms, limit, after id), and what happens to them (`erase`, by list of ids)."""

    name: str
    find: str
    erase: tuple[str, ...]


KINDS = (
    Kind(
        "raw",
        _RAW,
        ("DELETE FROM raw WHERE message IN carray(?)",),
    ),
    Kind(
        "parts",
        _CLOSED_SETS,
        ("UPDATE part SET sealed_pdu = NULL WHERE part_set IN carray(?) AND sealed_pdu IS NOT NULL",),
    ),
    Kind(
        "sets",
        _CLOSED_SETS,
        ("DELETE FROM part WHERE part_set IN carray(?)", "DELETE FROM part_set WHERE id IN carray(?)"),
    ),
    Kind(
        "digests",
        _MESSAGES.format(column="m.digest_tag", old="m.received_ms < ?1", held=_HELD),
        ("UPDATE message SET digest_tag = NULL WHERE id IN carray(?)",),
    ),
    Kind("posts", _ERASED_POSTS, ("UPDATE post SET key_tag = randomblob(16), gone = 'forgotten' WHERE message IN carray(?)",)),
    Kind("claims", _CLAIMED, ("DELETE FROM claim WHERE complaint IN carray(?)",)),
    Kind(
        "texts",
        _MESSAGES.format(column="m.sealed_content", old=_SETTLED, held=_HELD),
        (
            "UPDATE message SET sealed_content = NULL WHERE id IN carray(?)",
            "DELETE FROM earlier WHERE message IN carray(?)",
            f"UPDATE course SET sealed_answer = NULL WHERE sealed_answer IS NOT NULL AND complaint IN ({_OWN})",  # noqa: S608 - SQL of our own
        ),
    ),
    Kind(
        "numbers",
        _MESSAGES.format(column="m.sealed_sender", old=_SETTLED, held=_HELD),
        (
            f"UPDATE question SET reporter_tag = randomblob(16) WHERE complaint IN ({_OWN})",  # noqa: S608 - SQL of our own
            "UPDATE message SET sealed_sender = NULL, reporter_tag = NULL WHERE id IN carray(?)",
            "UPDATE post SET sealed_ids = NULL, thread_tag = NULL, look_ms = NULL WHERE message IN carray(?)",
        ),
    ),
    Kind(
        "refusals",
        "SELECT json_group_array(id) FROM (SELECT id FROM refusal WHERE at_ms < ?1 AND id > ?3 ORDER BY id LIMIT ?2)",
        ("DELETE FROM refusal WHERE id IN carray(?)",),
    ),
    Kind(
        "deliveries",
        _HANDED,
        ("DELETE FROM handed WHERE id IN carray(?)",),
    ),
    Kind(
        "strays",
        "SELECT json_group_array(id) FROM (SELECT id FROM stray_report WHERE at_ms < ?1 AND id > ?3 ORDER BY id LIMIT ?2)",
        ("DELETE FROM stray_report WHERE id IN carray(?)",),
    ),
    Kind(
        "calls",
        "SELECT json_group_array(rowid) FROM (SELECT rowid FROM heard WHERE at_ms < ?1 AND rowid > ?3 ORDER BY rowid LIMIT ?2)",
        ("DELETE FROM heard WHERE rowid IN carray(?)",),
    ),
    Kind(
        "sessions",
        "SELECT json_group_array(id) FROM (SELECT id FROM session WHERE ended_ms < ?1 AND id > ?3 ORDER BY id LIMIT ?2)",
        ("DELETE FROM session WHERE id IN carray(?)",),
    ),
)


REMEMBERED = frozenset({"sets", "digests", "claims", "sessions"})
"""By these a message is known when it comes again: a clock that was set forward makes none of them older."""


def days(settings: JournalSettings) -> dict[str, int]:
    """How many days each kind is kept."""
    return {
        "raw": settings.raw_days,
        "parts": settings.raw_days,
        "sets": max(settings.tombstone_days, settings.raw_days),
        "digests": settings.tombstone_days,
        "posts": settings.tombstone_days,
        "claims": settings.tombstone_days,
        "texts": settings.text_days,
        "numbers": settings.number_days,
        "refusals": settings.refusal_days,
        "deliveries": settings.delivery_days,
        "strays": settings.delivery_days,
        "calls": CALL_DAYS,
        "sessions": settings.tombstone_days + 1,
    }


@dataclass(slots=True)
class Walk:
    """A walk over the rows of one kind that are older than `before_ms`, by slices of `limit`; read, so that the writer does not wait."""

    kind: Kind
    before_ms: int
    limit: int
    last: int = 0

    def next(self, connection: apsw.Connection) -> list[int]:
        """The next slice of ids; empty at the end."""
        ids = cast("list[int]", read(connection, self.kind.find, (self.before_ms, self.limit, self.last)))
        self.last = ids[-1] if ids else self.last
        return ids


def erase(books: Books, items: Sequence[tuple[Kind, Sequence[int]]]) -> list[int]:
    """Erase slices that were found; how many rows each."""
    counts = []
    for kind, ids in items:
        for statement in kind.erase:
            books.connection.execute(statement, (integers(ids),))
        if kind.name == "refusals":
            books.tally.add("refusal", "noted", -len(ids))
        if kind.name == "strays":
            books.strays = books.connection.execute("SELECT count(*) FROM stray_report").get
        counts.append(len(ids))
    return counts


def tidy(books: Books, items: Sequence[int]) -> list[int]:
    """Forget reply counts of past days and give free pages back; free pages that are left. Items: now in ms."""
    left = []
    for now_ms in items:
        day = day_of(now_ms) - REPLY_COUNT_DAYS
        books.connection.execute("DELETE FROM reply_count WHERE day < ?", (day,))
        books.connection.execute("DELETE FROM blocked WHERE until_ms <= ?", (now_ms,))
        books.connection.execute(f"PRAGMA incremental_vacuum({VACUUM_PAGES})").fetchall()
        left.append(books.connection.pragma("freelist_count"))
    return left


def summary(counts: dict[str, int]) -> Purged:
    """The result in words of orders.py."""
    return Purged(
        raw=counts.get("raw", 0) + counts.get("parts", 0),
        texts=counts.get("texts", 0),
        numbers=counts.get("numbers", 0),
        sets=counts.get("sets", 0),
        refusals=counts.get("refusals", 0),
        deliveries=counts.get("deliveries", 0) + counts.get("strays", 0),
    )
