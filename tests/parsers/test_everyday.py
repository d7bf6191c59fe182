"""A keyword that is also a word, a phrase or a person's name is one only in its company (parsers/everyday.py)."""

from __future__ import annotations

import pytest

from parsers import keyword
from parsers.model import Certainty
from parsers.text import words
from parsers.vocabulary_head import EVERYDAY_NAMES, FIRST_NAMES, LOOKALIKES, SENSES
from tests.corpus.engine import TABLES
from tests.tables import DAY

WIDE = TABLES["wide"]


def certainty(text: str) -> Certainty:
    return keyword.match(WIDE, text, DAY).certainty


@pytest.mark.parametrize(
    "text",
    [
        "Intan Jaya nama adik saya",
        "Maaf pak, Intan Jaya nama adik saya",
        "Agam itu nama tetangga saya",
        "Lingga namanya, dia mencuri",
        "Bima memukul adiknya",
        "Muna hamil tua",
        "Oki anak saya hilang",
        "Agam, anak saya, dipukul",
        "Agam (12 tahun) dipukul",
        "Muna, 9 tahun, hilang",
        "Intan Jaya, S.Pd tidak masuk",
        "Sdr. Agam menipu saya",
        "Agam Saputra membully anak saya",
        "Agam dan temannya balapan",
        "Nama: Agam, alamat jl mawar, aduan: jalan rusak",
        "saya, Agam, mau lapor jalan rusak",
    ],
)
def test_a_persons_name_is_no_keyword(text: str) -> None:
    assert certainty(text) is not Certainty.EXPLICIT


@pytest.mark.parametrize(
    "text",
    [
        "Batu-batu besar berserakan",
        "Buru-buru ke kelurahan",
        "Batu - batu di jalan",
        "Agam-ku sayang",
        "sungai penuh sampah",
        "Tanah datar di desa kami",
        "bener meriah acaranya",
        "palu saya hilang",
        "MEDAN licin, motor jatuh",
        "BATU kali diambil truk",
        "Batu, pasir dan semen menumpuk",
        "Malang, nasib honorer tidak jelas",
        "Puncak, tempat indah",
        "pati singkong dibuang",
        "klu hujan jalan banjir",
        "sbb: jalan rusak",
        "belu ada perbaikan",
        "barru kemarin diaspal",
        "BANJAR KAJA jalan rusak",
        "medan jalan ini berat",
    ],
)
def test_an_everyday_word_is_no_keyword(text: str) -> None:
    assert certainty(text) is not Certainty.EXPLICIT


@pytest.mark.parametrize(
    "text",
    [
        "PATI jalan rusak",
        "pati jalan rusak",
        "pati 3 hari air mati",
        "SUNGAI PENUH sampah tidak diangkut",
        "sungaipenuh sampah tidak diangkut",
        "PALU di talise jalan rusak",
        "BATU: jalan rusak",
        "MEDAN JOHOR jalan rusak",
        "Agam Matur jalan longsor",
        "AGAM saya mau lapor",
        "pak AGAM jalan rusak",
        "bapak/ibu AGAM jalan rusak",
        "KLU jalan rusak",
        "SBB: jalan rusak",
        "BELU belum ada perbaikan",
        "LOTENG sekolah kami bocor",
        "AGAM AGAM jalan rusak",
        "BATANG, lampu jalan mati dan jalan rusak",
    ],
)
def test_with_a_mark_or_in_capitals_or_before_a_complaint_it_is_one(text: str) -> None:
    assert certainty(text) is Certainty.EXPLICIT


def test_every_everyday_name_is_a_name_of_the_gazetteer_or_the_wide_table() -> None:
    known = {*WIDE.aliases, *WIDE.regions.by_name, "tangkab"}
    assert {"".join(words(name)) for name in {*EVERYDAY_NAMES, *FIRST_NAMES, *LOOKALIKES, *SENSES}} <= known
