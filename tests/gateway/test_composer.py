"""From segments to a composed message: what is filed, held or answered, and a person's choice of destination; pure, so in milliseconds."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import FirstCopy
from forwarder.talk import Asked, Heard, Talk
from gateway import settings, tables
from gateway.composer import Composer
from gateway.secrets import Secrets
from gateway.tables import desk_of
from parsers.model import Address, Certainty, Segment

SARI = "6281266010001"
NOW_MS = 1_795_000_000_000
GIVEN = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "x"}


@pytest.fixture(scope="module")
def composer(tmp_path_factory: pytest.TempPathFactory) -> Composer:
    folder: Path = tmp_path_factory.mktemp("site")
    (folder / "gateway.toml").touch()
    (folder / "operators.toml").touch()
    site = settings.load(folder / "gateway.toml", Secrets(GIVEN), {})
    return Composer(desk_of(site, tables.load(site)), lambda complaint_id: f"G{complaint_id:05}")


def segment(text: str, source: str = SARI, coding: int = 8) -> Segment:
    octets = text.encode("utf-16-be", "surrogatepass")
    return Segment("satu", "a", 1, "deliver_sm", Address(1, 1, source), Address(0, 1, "1708"), 0, coding, octets, b"raw", NOW_MS)


READY, HELD = ComplaintState.READY, ComplaintState.HELD
CASES = [
    ("AGAM jalan rusak", SARI, READY, None, "receipt"),
    ("jalan rusak", SARI, READY, None, "receipt"),
    ("AGAM", SARI, HELD, HeldReason.REVIEW, "empty"),
    ("", SARI, HELD, HeldReason.REVIEW, "empty"),
    (" \n\t ", SARI, HELD, HeldReason.REVIEW, "empty"),
    ("AGAM jalan rusak", "1708", HELD, HeldReason.OPERATOR, None),
    ("STATUS G7K2QP", "TELKOMSEL", HELD, HeldReason.OPERATOR, None),
    ("AGAM jalan rusak", "", HELD, HeldReason.OPERATOR, None),
    ("\ud800 \ud83d\ude00 AGAM jalan rusak", SARI, READY, None, "receipt"),
]


@pytest.mark.parametrize("case", CASES, ids=[repr(case[:2]) for case in CASES])
def test_what_becomes_of_a_message(composer: Composer, case: tuple[str, str, ComplaintState, HeldReason | None, str | None]) -> None:
    text, source, state, reason, reply = case
    composed = composer.whole(1, 7, segment(text, source))
    assert composed.complaint is not None
    assert (composed.state, composed.reason) == (state, reason)
    assert (composed.reply.kind if composed.reply else None) == reply
    assert (composed.complaint.number, composed.complaint_id) == ("G00007", 7)
    composed.message.text.encode()  # no lone surrogate is left in it


@pytest.mark.parametrize(
    ("text", "heard", "number"), [("STATUS G7K2QP", Heard.STATUS, "G7K2QP"), ("status", Heard.STATUS, None), ("INFO", Heard.INFO, None)]
)
def test_a_question_is_no_complaint(composer: Composer, text: str, heard: Heard, number: str | None) -> None:
    composed = composer.whole(1, 7, segment(text))
    assert (composed.complaint, composed.reply) == (None, None)
    assert composed.said is not None
    assert (composed.said.heard, composed.said.number) == (heard, number)


@pytest.mark.parametrize(
    ("text", "asked", "choices"),
    [
        ("AGAM", Asked.MATTER, []),
        ("jalan rusak parah", Asked.PLACE, []),
        ("AGAM jalan rusak", None, []),
        ("jalan rusak di Lubuk Basung", None, []),
        ("BANJAR BARU sampah menumpuk", Asked.REGION, ["63.72", "63.03"]),
        ("AGM jalan berlubang", Asked.REGION, ["13.06"]),
        ("AGM rahasia, camat minta uang", Asked.PLACE, []),
    ],
)
def test_what_is_missing_would_be_asked(composer: Composer, text: str, asked: Asked | None, choices: list[str]) -> None:
    said = composer.whole(1, 7, segment(text)).said
    assert said is not None
    assert (said.ask, sorted(one.region or "" for one in said.choices)) == (asked, sorted(choices))


def test_the_receipt_waits_for_the_core_and_other_answers_do_not(composer: Composer) -> None:
    receipt = composer.whole(1, 7, segment("AGAM jalan rusak")).reply
    info = composer.converse(composer.whole(1, 7, segment("INFO")), Talk(NOW_MS)).reply
    danger = composer.whole(1, 7, segment("AGAM ada kebakaran di pasar")).reply
    assert receipt is not None
    assert info is not None
    assert danger is not None
    assert (receipt.due_ms, info.due_ms, danger.due_ms) == (NOW_MS + 10_000, NOW_MS, NOW_MS)


@pytest.mark.parametrize(("parts", "total", "incomplete"), [(2, 2, False), (1, 2, True), (2, 255, True)])
def test_what_misses_a_part_says_so(composer: Composer, parts: int, total: int, *, incomplete: bool) -> None:
    message = composer.join(1, 7, [segment("AGAM jalan "), segment("rusak")][:parts], total).message
    assert (message.parts, message.incomplete) == (parts, incomplete)


def test_a_resend_is_a_duplicate_that_is_answered_at_once(composer: Composer) -> None:
    composed = composer.resend(composer.whole(1, 7, segment("AGAM jalan rusak")), FirstCopy("G00001", READY, None))
    assert composed.state is ComplaintState.DUPLICATE
    assert composed.reply is not None
    assert (composed.reply.kind, composed.reply.due_ms) == ("resend", NOW_MS)


@pytest.mark.parametrize(("region", "certainty"), [("13.06", Certainty.EXPLICIT), ("national", Certainty.NATIONAL)])
def test_a_persons_choice_of_destination(composer: Composer, region: str, certainty: Certainty) -> None:
    complaint = composer.whole(1, 7, segment("jalan rusak")).complaint
    assert complaint is not None
    decision, name = composer.destination(region, complaint.decision, "ani")
    assert (decision.certainty, decision.rule) == (certainty, "desk")
    assert name
    for wrong in ("", "99.99", "AGAM", "13.06 "):
        with pytest.raises(ValueError, match="no region code"):
            composer.destination(wrong, complaint.decision, "ani")
