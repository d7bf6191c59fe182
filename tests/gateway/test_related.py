"""Nearly the same words of different citizens: named, never merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forwarder.records import Composed
from gateway.related import DAYS_MS, REMEMBERED_MAX, Related
from parsers import complaint as complaints
from parsers.model import Address, Certainty, Complaint, Decision, Hints, Message, Reporter, ReporterKind

NOW = 1_795_000_000_000
WORDS = "jalan rusak parah di depan pasar lubuk basung dekat terminal"


def said(text: str = WORDS, sender: str = "+6281234567001", number: str = "GA2222", at_ms: int = NOW, **changes: object) -> Complaint:
    message = Message(
        1, "SMS 1708", "o", "b", Reporter(ReporterKind.MSISDN, sender, Address(1, 1, sender)), "1708", at_ms, None, text, "gsm7", 0
    )
    decision = Decision(Certainty.EXPLICIT, "13.06", "Pemkab Agam", None, "AGAM", "r", "v", (0, len(text)), "why")
    plain = Complaint(number, message, decision, Hints(), "Kab. Agam", anonim=True, rahasia=False, fingerprint=complaints.fingerprint(text))
    return replace(plain, **changes)  # type: ignore[arg-type]


def marks(related: Related, complaint: Complaint) -> tuple[str, ...]:
    marked = related.mark(Composed(complaint.message, complaint)).complaint
    assert marked is not None
    assert (marked.number, marked.message) == (complaint.number, complaint.message)
    return marked.marks


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [
        (said(), said(sender="+6281234567002", number="GA3333"), True),
        (said(), said(WORDS + " tolong", "+6281234567002", "GA3333"), True),
        (said(), said("air pdam mati sudah tiga hari di rumah kami", "+6281234567002", "GA3333"), False),
        (said(), said(number="GA3333"), False),
        (said(rahasia=True), said(sender="+6281234567002", number="GA3333"), False),
        (said(), said(sender="+6281234567002", number="GA3333", at_ms=NOW + DAYS_MS + 1), False),
        (said(), said(sender="+6281234567002", number="GA3333", decision=replace(said().decision, region="51.03")), False),
        (said(fingerprint=b""), said(sender="+6281234567002", number="GA3333", fingerprint=b""), False),
    ],
    ids=["the same", "nearly", "another matter", "his own", "rahasia", "old", "another region", "no words"],
)
def test_who_says_nearly_the_same_names_the_first(first: Complaint, second: Complaint, *, named: bool) -> None:
    related = Related()
    related.keep(first)
    assert marks(related, second) == (("serupa dengan GA2222",) if named else ())
    assert related.found == named


def test_what_was_not_stored_is_named_by_nobody() -> None:
    related = Related()
    assert marks(related, said()) == ()
    assert marks(related, said(sender="+6281234567002", number="GA3333")) == ()


def test_what_was_made_rahasia_is_named_no_more() -> None:
    related = Related()
    related.keep(said())
    related.forget("GA2222")
    assert marks(related, said(sender="+6281234567002", number="GA3333")) == ()


def test_its_memory_has_a_bound() -> None:
    related = Related()
    for number in range(300):
        related.keep(said(f"kata {number} lain {number} sekali {number} lagi {number}", number=f"N{number}"))
    assert len(related._by_hash) <= 4 * REMEMBERED_MAX
