"""Whether posts still stand: what their authors took back is blanked here, words, versions and raw octets; the record stays.

Nobody tells us of a deletion, so each post is looked up after a day and after three: whoever takes a post back does so soon, X's
developer agreement asks for a day, and each look costs as much as a new post.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from forwarder.journal.adding import leave_message
from forwarder.journal.amend import NOT_YET_SENT
from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.documents import Documents
from forwarder.journal.moves import put
from forwarder.journal.rows import fetch, read
from forwarder.journal.seal import SealError
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason

LOOK_AFTER_MS = (DAY_MS, 3 * DAY_MS)
"""How old a post is when it is looked up. Ours: 1,000 posts a day then cost 10 dollars a day, every day for a week would be 35."""
WITHDRAWN = "its author took it back"

_DUE = """
SELECT json_group_array(json_array(message, hex(sealed_ids))) FROM (
    SELECT message, sealed_ids FROM post WHERE account = ?1 AND look_ms <= ?2 AND sealed_ids IS NOT NULL ORDER BY look_ms LIMIT ?3)
"""
_POST = """
SELECT p.message, m.received_ms, m.sealed_content, m.reporter_tag, c.id, c.state, c.message
FROM post AS p JOIN message AS m ON m.id = p.message LEFT JOIN complaint AS c ON c.id = m.complaint WHERE p.key_tag = ? AND p.gone IS NULL
"""
_LOOKED = "UPDATE post SET look_ms = ?2 WHERE message = ?1"
_GONE = "UPDATE post SET look_ms = NULL, gone = ?2 WHERE message = ?1"
_BLANK = "UPDATE message SET sealed_content = ?2 WHERE id = ?1"
_WORDS = ("DELETE FROM raw WHERE message = ?", "DELETE FROM earlier WHERE message = ?")
_ATTENTION = "UPDATE complaint SET attention = ?2 WHERE id = ?1"


@dataclass(frozen=True, slots=True)
class Known:
    """A post to look up: its key, and the id of the newest version we have."""

    key: str
    newest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a look-up said of one post: `gone` is why it is there no more, None while it stands."""

    key_tag: bytes
    gone: str | None


def due(connection: apsw.Connection, documents: Documents, account: str, now_ms: int, limit: int) -> list[Known]:
    """Posts of an account whose next look-up is due, the longest waiting first."""
    found = []
    for message, sealed in read(connection, _DUE, (account, now_ms, limit)):
        try:
            newest, key = documents.open_post_ids(message, bytes.fromhex(sealed))
        except SealError:
            continue
        found.append(Known(key, newest))
    return found


def note(books: Books, items: Sequence[Standing]) -> list[bool]:
    """Keep what was said; True for each that was blanked now."""
    return [_note(books, item) for item in items]


def _note(books: Books, item: Standing) -> bool:
    found = fetch(books.connection, _POST, (item.key_tag,))
    if not found:
        return False
    message, received_ms, sealed, tag, complaint, state, began = found[0]
    if item.gone is None:
        again = next((received_ms + span for span in LOOK_AFTER_MS if received_ms + span > books.now_ms), None)
        books.connection.execute(_LOOKED, (message, again))
        return False
    books.connection.execute(_GONE, (message, item.gone))
    if sealed is not None:
        books.connection.execute(_BLANK, (message, books.documents.blanked(message, sealed, books.key_of(tag))))
    for sql in _WORDS:
        books.connection.execute(sql, (message,))
    leave_message(books, message, WITHDRAWN)
    if complaint is not None:
        _lay_before_a_person(books, complaint, ComplaintState(state), own=began == message)
    return True


def _lay_before_a_person(books: Books, complaint: int, state: ComplaintState, *, own: bool) -> None:
    """Not filed yet: it waits for a person. Filed or an addition: a person is told."""
    if not own or state not in NOT_YET_SENT:
        books.connection.execute(_ATTENTION, (complaint, WITHDRAWN))
        return
    put(books, complaint, ComplaintMove.HOLD, state, reason=HeldReason.WITHDRAWN)
