"""A keyword behind a polite opening stands at the head; one behind the matter itself does not."""

from __future__ import annotations

import pytest

from parsers import keyword
from parsers.model import Certainty
from tests.corpus.engine import TABLES
from tests.tables import DAY

WIDE = TABLES["wide"]


def decided(text: str) -> tuple[Certainty, str | None]:
    decision = keyword.match(WIDE, text, DAY)
    return decision.certainty, decision.region


@pytest.mark.parametrize(
    "opening",
    [
        "Kpd yth Bpk Bupati beserta jajarannya, dengan hormat,",
        "Dengan hormat. Perkenalkan nama saya Sulastri.",
        "Epang gawan mo'at,",
        "Rahajeng semeng bapak,",
        "Adil ka' talino bacuramin ka' saruga,",
        "Terima kasih atas bantuannya.",
        "Mohon maaf lahir batin pak.",
        "eh salah, maksudnya",
        "ralat:",
        "PENTING!",
        "RAHASIA.",
        "lapor ulang:",
        "pak jokowi,",
        "Laporan warga.",
        "INFO",
        "Untuk",
    ],
)
def test_an_opening_in_any_language_leaves_the_head_to_a_keyword_in_capitals(opening: str) -> None:
    assert decided(f"{opening} WAJO jalan rusak") == (Certainty.EXPLICIT, "73.13")


def test_behind_a_strange_opening_a_mark_does_what_capitals_do() -> None:
    assert decided("Epang gawan mo'at, wajo: jalan rusak") == (Certainty.EXPLICIT, "73.13")
    assert decided("Epang gawan mo'at, wajo jalan rusak")[0] is not Certainty.EXPLICIT


def test_behind_talk_a_keyword_needs_capitals_and_a_label_mark() -> None:
    assert decided("Saya guru honorer di pedalaman, WAJO: gaji belum dibayar") == (Certainty.EXPLICIT, "73.13")
    assert decided("Saya guru honorer di pedalaman, WAJO gaji belum dibayar")[0] is not Certainty.EXPLICIT


def test_a_label_before_the_keyword_needs_the_mark_behind_it() -> None:
    assert decided("Warga WAJO: jalan rusak") == (Certainty.EXPLICIT, "73.13")
    assert decided("Warga WAJO jalan rusak")[0] is not Certainty.EXPLICIT


@pytest.mark.parametrize(
    "text",
    ["jalan kami rusak, WAJO gelap", "lampu mati semua, WAJO gelap", "banjir besar! WAJO: tolong", "kades minta uang: WAJO: tolong"],
)
def test_what_tells_of_a_trouble_is_no_opening(text: str) -> None:
    assert decided(text)[0] is not Certainty.EXPLICIT


def test_an_opening_has_an_end() -> None:
    assert decided("epang gawan moat " * 6 + ", WAJO: jalan rusak")[0] is not Certainty.EXPLICIT


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("BONE eh salah, maksudnya WAJO jalan rusak", "73.13"),
        ("KENDAL eh maaf BATANG: jalan rusak", "33.25"),
        ("WAJO maaf mengganggu, jalan rusak", "73.13"),
        ("WAJO salah alamat tagihan pdam", "73.13"),
    ],
)
def test_a_keyword_taken_back_at_once_gives_way_to_the_one_that_is_meant(text: str, region: str) -> None:
    assert decided(text) == (Certainty.EXPLICIT, region)


@pytest.mark.parametrize(
    "text",
    [
        "SUBANG - PURWAKARTA jalan rusak",
        "Cianjur/Purwakarta jalan rusak",
        "SIDOARJO, GRESIK dan LAMONGAN banjir",
        "GRESIK dan LAMONGAN banjir",
        "SUBANG PURWAKARTA macet",
        "BUTON tengah malam maling masuk",
        "ACEH BARAT daya listrik turun",
        "BATANG ANAI jalan longsor",
        "SIAK HULU jalan rusak",
    ],
)
def test_two_regions_named_in_one_breath_are_asked(text: str) -> None:
    assert decided(text)[0] is Certainty.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("BUTON TENGAH jalan rusak", "74.14"),
        ("Buton Tengah jalan rusak", "74.14"),
        ("ACEH BARAT DAYA listrik padam", "11.12"),
        ("SUBANG: jalan ke purwakarta rusak", "32.13"),
        ("AGAM sumbar jalan rusak", "13.06"),
        ("PEMKAB AGAM jalan rusak", "13.06"),
    ],
)
def test_a_longer_name_and_a_place_further_on_leave_no_doubt(text: str, region: str) -> None:
    assert decided(text) == (Certainty.EXPLICIT, region)
