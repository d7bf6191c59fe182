"""What an instansi wrote becomes a piece of one SMS, whatever it wrote."""

import random

import pytest

from forwarder.excerpt import CHARACTERS_MAX, excerpt
from parsers import charset
from parsers.personal import hide

ROWS = [
    ("plain words stay", "Jalan sudah diperbaiki.", "Jalan sudah diperbaiki."),
    ("lines become one", "Yth. Pelapor,\r\n\r\n  sudah\tselesai", "Yth. Pelapor, sudah selesai"),
    ("typed quotes and dashes", "\u201csudah\u201d \u2013 \u2018ya\u2019 \u2026", "\"sudah\" - 'ya' ..."),
    ("what the extension table has", "[a] {b} ~ \u20ac 5 \\ |", "(a) (b) - EUR 5 / /"),
    ("letters with marks", "\u0101 \u00e9 \u0219\u00f1", "a \u00e9 s\u00f1"),
    ("full width", "\uff33\uff35\uff24\uff21\uff28", "SUDAH"),
    ("smileys", "terima kasih \U0001f64f\U0001f3fd sudah\u200b selesai", "terima kasih sudah selesai"),
    ("another script", "\u4f60\u597d selesai", "selesai"),
    ("a link", "Lihat https://lapor.go.id/r/123?x=1 untuk hasilnya", "Lihat untuk hasilnya"),
    ("a bare link", "Lihat lapor.go.id, terima kasih", "Lihat, terima kasih"),
    ("a short link", "Lihat bit.ly/2abcd ya", "Lihat ya"),
    ("www", "Lihat WWW.agamkab.go.id/berita.", "Lihat"),
    ("a run-on sentence is no link", "sudah selesai.Terima kasih", "sudah selesai. Terima kasih"),
    ("accounts and addresses", "Hubungi @pdam_agam atau humas@pdam.co.id ya", "Hubungi atau ya"),
    ("a telephone number", "Telp 0812 6601 0001 ya", "Telp 08********01 ya"),
    ("a number over two lines", "NIK 1306010101\n900001", f"NIK {hide('1306010101 900001')}"),
    ("a number with hidden marks", "hp 0812\u200b66010001", "hp 08********01"),
    ("prices, days and times stay", "Rp 1.250.000 tgl 12/11/2026 jam 14.30", "Rp 1.250.000 tgl 12/11/2026 jam 14.30"),
    ("nothing", "", ""),
    ("nothing that can be shown", "\U0001f64f \u4f60", ""),
]


@pytest.mark.parametrize(("label", "text", "expect"), ROWS, ids=[row[0] for row in ROWS])
def test_what_becomes_of_an_answer(label: str, text: str, expect: str) -> None:
    assert excerpt(text, 110) == expect, label


CUTS = [
    ("Jalan sudah diperbaiki", 22, "Jalan sudah diperbaiki"),
    ("Jalan sudah diperbaiki", 21, "Jalan sudah..."),
    ("Jalan sudah diperbaiki", 14, "Jalan sudah..."),
    ("Jalan sudah diperbaiki", 13, "Jalan..."),
    ("Jalan sudah, diperbaiki", 15, "Jalan sudah..."),
    ("Jalansudahdiperbaiki", 10, "Jalansu..."),
    ("Jalan", 4, "J..."),
    ("Jalan", 3, ""),
    ("Jalan", 0, ""),
    ("Jalan", -5, ""),
]


@pytest.mark.parametrize(("text", "room", "expect"), CUTS)
def test_it_is_cut_at_a_word(text: str, room: int, expect: str) -> None:
    assert excerpt(text, room) == expect


ALPHABET = "aA 0189.,:/@#-_[]{}\\~^|\u20ac\u00e9\u0101\u4f60\U0001f64f\u200b\n\r\t\x00\x1b\u2026\u201chttps://www.a.id\ud800"


def test_any_text_becomes_characters_of_one_septet_that_fit() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(3_000):
        text = "".join(dice.choices(ALPHABET, k=dice.randrange(0, 300)))
        room = dice.randrange(0, 160)
        made = excerpt(text, room)
        assert charset.fits_gsm7(made, extension=False), (seed, text)
        assert len(made) <= room, (seed, text)
        assert "http" not in made, (seed, text)
        assert "\n" not in made, (seed, text)


def test_a_hostile_text_is_looked_at_as_far_as_an_sms_could_need() -> None:
    for text in ("a." * 500_000, "@" * 1_000_000, "a-" * 500_000, "0" * 1_000_000, "www." * 300_000, " ." * 500_000):
        assert len(excerpt(text, 110)) <= 110
    assert excerpt(" " * CHARACTERS_MAX + "Jalan", 110) == ""
