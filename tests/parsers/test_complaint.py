"""A complaint is safe before it is filed, keeps the citizen's words, and is found again by its fingerprint."""

from __future__ import annotations

import pytest

from parsers import complaint, keyword, place
from parsers.complaint import Disclosure, Identity
from parsers.model import Address, Complaint, Message, Reporter, ReporterKind
from tests.tables import DAY, REGIONS, TABLE, TOPICS


def build(
    text: str,
    *,
    policy: Disclosure | None = None,
    kind: ReporterKind = ReporterKind.MSISDN,
    incomplete: bool = False,
    damaged: bool = False,
) -> Complaint:
    reporter = Reporter(kind, "+6281234567890", Address(1, 1, "6281234567890"))
    message = Message(1, "sms", "satu", "trx", reporter, "1708", 0, None, text, "gsm7", 0, incomplete=incomplete, damaged=damaged)
    hints = place.read(text, REGIONS, TOPICS)
    decision = keyword.weigh(TABLE, keyword.match(TABLE, text, DAY), hints)
    return complaint.build(message, decision, hints, number="G7K2QP", instansi_name=TABLE.name_of(decision), policy=policy or Disclosure())


@pytest.mark.parametrize("text", ["AGAM jalan rusak", "jalan rusak"])
def test_an_sms_is_anonim_and_not_rahasia_without_a_reason(text: str) -> None:
    assert (build(text).anonim, build(text).rahasia) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "AGAM RAHASIA kades",
        "jangan sebut nama saya",
        "saya takut",
        "ada pungli",
        "nik 3507123456780001",
        "hp 081234567890",
        "rekening 1234567890123",
        "kps 1234567890",
    ],
)
def test_it_is_rahasia_where_the_text_asks_accuses_or_carries_a_personal_number(text: str) -> None:
    assert build(text).rahasia


def test_a_site_may_file_openly_but_a_wish_for_anonymity_counts() -> None:
    openly = Disclosure(anonim_default=False)
    assert build("jalan rusak", policy=openly).anonim is False
    assert build("anonim jalan rusak", policy=openly).anonim is True


@pytest.mark.parametrize(
    ("text", "policy", "kind", "identity"),
    [
        ("jalan", Disclosure(), ReporterKind.MSISDN, None),
        ("jalan", Disclosure(anonim_default=False), ReporterKind.MSISDN, "+6281234567890"),
        ("jalan", Disclosure(anonim=Identity.NUMBER), ReporterKind.MSISDN, "+6281234567890"),
        ("takut", Disclosure(anonim=Identity.NUMBER), ReporterKind.MSISDN, None),
        ("jalan", Disclosure(anonim=Identity.NUMBER), ReporterKind.OPAQUE, None),
    ],
)
def test_the_strictest_flag_decides_what_identity_leaves_us(
    text: str, policy: Disclosure, kind: ReporterKind, identity: str | None
) -> None:
    assert policy.identity(build(text, policy=policy, kind=kind)) == identity


def test_the_policy_says_itself_in_one_sentence() -> None:
    assert Disclosure().describe() == (
        "Complaints are filed anonim unless the text asks for more; of the citizen the core is given: "
        "open: the phone number, anonim: nothing, rahasia: nothing."
    )


def test_the_citizens_text_is_untouched_and_the_body_is_a_range_of_it() -> None:
    text = "  AGAM \u2014 jalan \U0001f62d rusak\u00a0\n"
    built = build(text)
    assert built.message.text == text
    assert built.body == "jalan \U0001f62d rusak\u00a0\n"


@pytest.mark.parametrize(
    ("built", "mark"),
    [
        (build("AGAM jalan", incomplete=True), "tidak lengkap"),
        (build("AGAM jalan", damaged=True), "rusak sebagian"),
        (build("AGAM"), "isi kosong"),
        (build("AGAM pungli"), "berkadar pengawasan"),
        (build("AGAM nik 3507123456780001"), "memuat nomor pribadi"),
        (build("AGAM banjir"), "bahaya: banjir"),
        (build("AGAM jalan rusak di kota padang"), "menyebut daerah lain"),
    ],
)
def test_marks_say_what_an_officer_must_know(built: Complaint, mark: str) -> None:
    assert mark in built.marks


def test_an_ordinary_complaint_has_no_marks() -> None:
    assert build("AGAM jalan rusak di kec matur").marks == ()


def test_a_repr_shows_neither_words_nor_number() -> None:
    assert "jalan" not in repr(build("AGAM jalan rusak"))
    assert "81234567890" not in repr(build("AGAM jalan rusak"))


@pytest.mark.parametrize(
    "other",
    [
        "agam JALAN rusak parah di depan pasar lubuk basung!",
        "jalan rusak parah di depan pasar lubuk basung",
        "AGAM jalan rusak parah di depan pasar lubuk basung pak",
    ],
)
def test_fingerprints_of_nearly_the_same_text_are_similar(other: str) -> None:
    assert complaint.similar(complaint.fingerprint("AGAM jalan rusak parah di depan pasar lubuk basung"), complaint.fingerprint(other))


def test_fingerprints_of_different_texts_are_not_similar() -> None:
    assert not complaint.similar(complaint.fingerprint("jalan rusak di pasar"), complaint.fingerprint("guru tidak masuk sejak senin"))
    assert complaint.fingerprint("?!") == b""
    assert not complaint.similar(b"", b"")
    assert complaint.similar(complaint.fingerprint("banjir"), complaint.fingerprint("BANJIR"))
