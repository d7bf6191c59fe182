"""What is said to a case in its conversation: its reporter's words go to the core behind it, anybody else's to a person."""

from __future__ import annotations

from dataclasses import replace

from forwarder.journal.adding import begin
from forwarder.journal.books import Books
from forwarder.journal.letters import Letter, Rows, add
from forwarder.lifecycle import ComplaintState, HeldReason

FROM_ANOTHER = "said by somebody else than the reporter"
FOR_A_PERSON = "a command or an advertisement, it seems"
RAHASIA = "UPDATE complaint SET rahasia = 1 WHERE id = ?"

_REPORTER = "SELECT m.reporter_tag FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE c.id = ?"


def add_to(books: Books, letter: Letter, complaint_id: int, rows: Rows, *, flood: bool) -> None:
    """Keep a message with a case. One that nobody could read is kept, too; of a flood the core hears by a person's hand."""
    composed = letter.composed
    without = None if composed is None else replace(composed, complaint=None, reply=None)
    add(books, replace(letter, complaint_id=complaint_id), without, rows)
    if composed is not None and composed.complaint is not None and composed.complaint.rahasia:
        books.connection.execute(RAHASIA, (complaint_id,))  # from now on nothing is said of it in public
    begin(books, complaint_id, letter.message_id, why=_why_not_sent(books, letter, complaint_id, flood=flood))


def _why_not_sent(books: Books, letter: Letter, complaint_id: int, *, flood: bool) -> str | None:
    composed = letter.composed
    if composed is None:
        return HeldReason.UNREADABLE
    if books.connection.execute(_REPORTER, (complaint_id,)).get != letter.reporter_tag:
        return FROM_ANOTHER
    if composed.state is ComplaintState.HELD:
        return HeldReason.RESTORED if composed.reason is HeldReason.RESTORED else FOR_A_PERSON
    return HeldReason.FLOOD if flood else None
