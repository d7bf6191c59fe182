"""What was done to a complaint, written down where it is looked for: in its own history and in the audit."""

from __future__ import annotations

from forwarder.journal import audit
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed, Hand
from forwarder.journal.rows import insert

_HISTORY = insert("history", "complaint", "at_ms", "who", "move", "sealed_reason")
_WHOSE = "SELECT m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?"


def keep(books: Books, number: str, complaint_id: int, what: str, by: Hand) -> None:
    """Both, in the transaction of the move; ValueError without a name and a reason."""
    if not by.who.strip() or not by.reason.strip():
        raise ValueError("a move at the desk needs a name and a reason")
    key = books.key_of(books.connection.execute(_WHOSE, (complaint_id,)).get)
    reason = books.documents.reason(complaint_id, by.reason, key)
    _HISTORY.run(books.connection, [(complaint_id, books.now_ms, by.who, str(what), reason)])
    audit.append(books, [Deed(by.who, f"settle {what}", number, by.reason)])
