"""PINs: the key to a complaint for whoever does not write from the number that made it. Four digits, on its receipt, never in public.

A PIN is worked out, not stored: of the complaint's id and how often it was changed. Five wrong ones in an hour close the door to that
number for a day; a refusal does not say whether the complaint exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from forwarder.journal.books import DAY_MS, Books
from forwarder.journal.letters import add_reply
from forwarder.journal.rows import fetch, read, texts
from forwarder.journal.seal import Sealer
from forwarder.records import ReplyDraft
from parsers.text import fold

PIN_DIGITS = 4
WRONG_MAX = 5
HOUR_MS = 3_600_000
NEW_PIN = "pin"
"""The reply that tells a new PIN."""

_NUMBERS = re.compile(r"(?<![a-z0-9])([a-hjkmnp-z][a-hjkmnp-z2-9]{2})[ .-]?([a-hjkmnp-z2-9]{3})(?:(?![a-z0-9])|(?=\d{4}(?![a-z0-9])))")
_TRACKING_IDS = re.compile(r"(?<!\d)\d{6,9}(?!\d)")
_PINS = re.compile(rf"(?<!\d)\d(?:[ .-]?\d){{{PIN_DIGITS - 1}}}(?!\d)|\d{{{PIN_DIGITS}}}(?![a-z0-9])")
SEEN_MAX = 8
"""Ours: who writes more groups of four digits than these into a post gives no PIN away, but tries to change somebody's."""

_CASE = "SELECT id, pin_turn FROM complaint WHERE number = ?1 OR tracking_id = ?1"
_DOOR = "SELECT wrong, since_ms, shut_ms FROM pin_door WHERE reporter_tag = ?"
_KEEP_DOOR = """
INSERT INTO pin_door (reporter_tag, wrong, since_ms, shut_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (reporter_tag) DO UPDATE SET wrong = ?2, since_ms = ?3, shut_ms = ?4
"""
_TOLD = """
SELECT json_group_array(json_array(c.id, c.number, c.pin_turn, c.message,
                                   p.message IS NULL OR (m.entered_by IS NOT NULL AND p.answering <> 'never'))) FROM complaint AS c
JOIN message AS m ON m.id = c.message LEFT JOIN post AS p ON p.message = c.message
WHERE c.number IN carray(?1) OR c.tracking_id IN carray(?1)
"""
_TURN = "UPDATE complaint SET pin_turn = pin_turn + 1 WHERE id = ?"


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """Somebody names a complaint and its PIN."""

    reporter_tag: bytes
    number: str
    pin: str


def pin_of(sealer: Sealer, complaint_id: int, turn: int) -> str:
    """The PIN of a complaint after `turn` changes."""
    found = int.from_bytes(sealer.tag("pin", b"%d %d" % (complaint_id, turn)), "big")
    return f"{found % 10**PIN_DIGITS:0{PIN_DIGITS}}"


def admitted(books: Books, item: Attempt) -> int | None:
    """The complaint, where number and PIN belong together and the door is open; a wrong PIN is remembered."""
    wrong, since_ms, shut_ms = next(iter(fetch(books.connection, _DOOR, (item.reporter_tag,))), (0, books.now_ms, 0))
    if shut_ms > books.now_ms:
        return None
    for complaint_id, turn in fetch(books.connection, _CASE, (item.number,)):
        if pin_of(books.sealer, complaint_id, turn) == item.pin:
            return int(complaint_id)
    if books.now_ms - since_ms > HOUR_MS:
        wrong, since_ms = 0, books.now_ms
    wrong += 1
    shut = books.now_ms + DAY_MS if wrong >= WRONG_MAX else 0
    books.connection.execute(_KEEP_DOOR, (item.reporter_tag, 0 if shut else wrong, since_ms, shut))
    return None


def void_seen(books: Books, text: str) -> int:
    """All the world can read this text: PINs of complaints in it count no more, and their citizens get new ones by SMS. How many.

    Number and PIN are found in whatever width and however they are parted, as people can read them.
    """
    folded = fold(text)
    pins = {"".join(filter(str.isdigit, one)) for one in _PINS.findall(folded)}
    numbers = {(one + other).upper() for one, other in _NUMBERS.findall(folded)} | set(_TRACKING_IDS.findall(folded))
    if not numbers or not 0 < len(pins) <= SEEN_MAX:
        return 0
    voided = 0
    for complaint_id, _, turn, message_id, by_sms in read(books.connection, _TOLD, (texts(numbers),)):
        if pin_of(books.sealer, complaint_id, turn) in pins:
            books.connection.execute(_TURN, (complaint_id,))
            voided += 1
            if by_sms:
                add_reply(books, message_id, complaint_id, ReplyDraft(NEW_PIN, books.now_ms))
    return voided
