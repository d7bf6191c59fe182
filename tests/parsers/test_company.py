"""Words that tell of a danger, an abuse or a wish for secrecy only beside others (parsers/company.py)."""

from __future__ import annotations

import pytest

from parsers import place
from parsers.model import Hints
from tests.tables import REGIONS, TOPICS


def read(text: str) -> Hints:
    return place.read(text, REGIONS, TOPICS)


@pytest.mark.parametrize(
    "text",
    [
        "kabel listrik putus menjuntai ke jalan",
        "bau gas bocor di pasar",
        "angin kencang tadi malam",
        "air setinggi leher",
        "tanah retak memanjang",
        "jembatan hampir putus",
        "gunung siaga, abu tebal",
        "orang dibacok di pasar",
        "kapal oleng dihantam ombak",
        "rumah kelem banyu",
    ],
)
def test_a_danger_is_heard_in_pairs_and_in_other_languages(text: str) -> None:
    assert read(text).danger


@pytest.mark.parametrize("text", ["banjir diskon di toko", "kepala dinas kebakaran jenggot", "banjir pesanan", "harga meledak harganya"])
def test_a_figure_of_speech_is_no_danger(text: str) -> None:
    assert not read(text).danger


@pytest.mark.parametrize(
    "text",
    [
        "bantuan beras ditilep pak rt",
        "ditanya mana uang rokoknya",
        "salam tempel dulu baru jadi",
        "harusnya gratis di puskesmas",
        "katanya gratis kok bayar",
        "bayar 200 ribu ke pak kades",
        "sopir dipalak petugas",
        "bantuan cuma buat keluarga kades",
        "aspal dijual, aset dijual kades",
        "dana desa tidak transparan",
        "parkir tanpa kwitansi",
    ],
)
def test_an_abuse_of_office_is_heard_in_pairs(text: str) -> None:
    assert read(text).oversight


@pytest.mark.parametrize(
    "text",
    [
        "berita korupsi di tv",
        "usul pelajaran anti korupsi",
        "minta uang pesangon kami",
        "gaji petugas belum dibayar 3 juta",
        "terima kasih pelayanan gratis dan cepat",
        "tagihan listrik harus dibayar 300 ribu di loket",
    ],
)
def test_news_wages_and_bills_are_no_abuse(text: str) -> None:
    assert not read(text).oversight


@pytest.mark.parametrize(
    "text",
    [
        "jangan sampai pak lurah tau kalau saya yg lapor",
        "jgn bawa2 nama saya",
        "identitas saya tolong ditutup",
        "cukup bapak yg tahu",
        "antara kita saja pak",
        "takut dimutasi pak, saya pegawai",
        "jangan bilang siapa siapa ini dari saya",
        "ojo nganti pak lurah ngerti nek aku sing lapor",
    ],
)
def test_a_wish_that_nobody_may_know_is_heard(text: str) -> None:
    assert read(text).wants_rahasia


@pytest.mark.parametrize("text", ["Dari hamba Allah. kades bolos", "pelapor: NN. limbah", "no name please", "nama saya jangan ditulis"])
def test_a_name_withheld_is_heard(text: str) -> None:
    assert read(text).wants_anonim


@pytest.mark.parametrize(
    "text",
    [
        "jangan sampai ada korban lagi",
        "kami takut rumah roboh",
        "anak saya takut sekolah",
        "tanpa nama jalan, kurir bingung",
        "nama saya tidak ada di daftar bansos",
    ],
)
def test_other_fears_and_names_are_no_wish_for_secrecy(text: str) -> None:
    assert not read(text).wants_rahasia
