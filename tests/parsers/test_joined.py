"""Names of several words with the body joined to them, a slip in their last word, and openings before a keyword."""

from __future__ import annotations

import pytest

from parsers import keyword
from parsers.model import Certainty
from tests.tables import DAY, table

SMALL = table(
    "BANGGAI,72.01,",
    "NIAS,12.04,",
    "PADANG,13.71,",
    "KSB,52.07,",
    "AGAM,13.06,",
    "KOTA KUPANG,53.71,",
    "MUARA ENIM,16.03,",
    "BANJAR,63.03,",
)
SHARED = table("TANGERANG,36.03|36.71,", "JOGJA,34|34.71,")


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("BANGGAI LAUTpuskesmas tutup", "72.11"),
        ("BANGGAI KEPULAUANLAMPU MATI", "72.07"),
        ("NIAS SELATANgas langka", "12.14"),
        ("padang panjanglampu mati", "13.74"),
        ("KSB TEGAL jalan rusak", "33.28"),
    ],
)
def test_the_shorter_name_never_decides_over_a_longer_one_with_a_body_joined_to_it(text: str, longer: str) -> None:
    decision = keyword.match(SMALL, text, DAY)
    assert decision.certainty is Certainty.AMBIGUOUS
    assert longer in {candidate.region for candidate in decision.candidates}


@pytest.mark.parametrize("text", ["NIAS udara kotor", "PADANG panjang antrian", "BANJAR barusan banjir", "KSB jalan rusak"])
def test_words_that_only_begin_alike_leave_the_keyword_alone_or_ask(text: str) -> None:
    decision = keyword.match(SMALL, text, DAY)
    assert decision.certainty is (Certainty.AMBIGUOUS if "panjang" in text else Certainty.EXPLICIT)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("KOTA KUPANGsekolah kami bocor", "53.71"),
        ("muara en1m jalan rusak", "16.03"),
        ("MUARA EENIM jalan rusak", "16.03"),
        ("MUARA ENIMjalan rusak", "16.03"),
    ],
)
def test_a_slip_in_the_second_word_proposes_the_whole_name(text: str, region: str) -> None:
    decision = keyword.match(SMALL, text, DAY)
    assert (decision.certainty, decision.region) == (Certainty.PROPOSED, region)
    assert decision.body == (0, len(text))


@pytest.mark.parametrize(("text", "region"), [("TANGERANG SELTAN sampah", "36.74"), ("JOGJAktp belum jadi", "34.71")])
def test_a_shared_name_shows_all_that_it_may_mean(text: str, region: str) -> None:
    decision = keyword.match(SHARED, text, DAY)
    assert decision.certainty is Certainty.AMBIGUOUS
    assert region in {candidate.region for candidate in decision.candidates}


@pytest.mark.parametrize(
    "opening",
    ["Maaf mengganggu, ", "Yth bapak bupati, ", "Mohon izin melapor: ", "Yth Bupati di tempat. ", "numpang tanya min, LAPOR "],
)
def test_a_polite_opening_that_a_mark_ends_leaves_the_head_to_the_keyword(opening: str) -> None:
    text = f"{opening}AGAM jalan rusak"
    decision = keyword.match(SMALL, text, DAY)
    assert (decision.certainty, decision.region) == (Certainty.EXPLICIT, "13.06")
    assert text[slice(*decision.body)] == "jalan rusak"


@pytest.mark.parametrize("text", ["bupati AGAM tidak peduli", "mohon AGAM diperhatikan", "kepala dinas Agam minta uang"])
def test_without_a_mark_the_same_words_are_the_beginning_of_the_text(text: str) -> None:
    assert keyword.match(SMALL, text, DAY).certainty is Certainty.NATIONAL


def test_marks_alone_are_no_body() -> None:
    for text in (".", "?!", "AGAM .", "  ...  "):
        start, end = keyword.match(SMALL, text, DAY).body
        assert not text[start:end].strip(), text


@pytest.mark.parametrize(
    ("text", "asked"), [("TANGKAP limbah di kali", True), ("tangkap maling kabel", False), ("TANGKAP MALING KABEL", False)]
)
def test_an_everyday_word_near_a_keyword_is_one_only_when_it_alone_is_in_capitals(text: str, *, asked: bool) -> None:
    near = table("TANGKAB,36.03,")
    assert (keyword.match(near, text, DAY).certainty is Certainty.PROPOSED) is asked
