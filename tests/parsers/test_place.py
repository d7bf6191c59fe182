"""Hints: regions, addresses, dates, topic, kind of report, wishes, personal numbers, dangers, language."""

from __future__ import annotations

import pytest

from parsers import place
from parsers.model import Classification, Hints
from tests.tables import REGIONS, TOPICS


def read(text: str) -> Hints:
    return place.read(text, REGIONS, TOPICS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("rsud antri dr subuh, bengkulu", ("17", "17.71")),
        ("kota bengkulu banjir", ("17.71",)),
        ("provinsi bengkulu banjir", ("17",)),
        ("jalan kabupaten agam rusak", ("13.06",)),
        ("jalan agam sumbar rusak", ("13.06",)),
        ("sampah di Kota Banjar jawa barat", ("32.79",)),
        ("sampah di Kab. Banjar", ("63.03",)),
        ("di malang jalan rusak", ("35.07", "35.73")),
        ("malang nasib kami", ()),
        ("batu besar jatuh", ()),
        ("usul taman di kota batu", ("35.79",)),
        ("pessel banjir", ("13.01",)),
        ("lampu mati di tangsel", ("36.74",)),
        ("nagari lawang kec matur", ("13.06",)),
        ("kec. simpang empat pasbar jalan putus", ("13.12",)),
        ("lampu mati di lubuk basung", ("13.06",)),
        ("jalan di kulonprogo dan kulon progo", ("34.01",)),
        ("jalan rusak parah tolong diperbaiki", ()),
        ("banjir di bandung barat", ("32.17",)),
        ("gunung kidul kekeringan", ("34.03",)),
    ],
)
def test_regions_are_found_by_their_names_and_company(text: str, codes: tuple[str, ...]) -> None:
    assert read(text).regions == codes


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("AGAM jln rusak parah di nagari lawang kec matur, tlg", ("nagari lawang", "kec matur")),
        ("jl. Sudirman No 12 RT 03/RW 01 kel. Sukamaju", ("jl. Sudirman No 12", "kel. Sukamaju", "RT 03/RW 01")),
        ("rt06/03 gelap", ("rt06/03",)),
        ("rusak di km 12", ("km 12",)),
        ("jalan rusak di depan sekolah", ()),
    ],
)
def test_addresses_are_given_as_written(text: str, places: tuple[str, ...]) -> None:
    assert read(text).places == places


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("mati sejak senin", ("sejak senin",)),
        ("sdh 3 hari air mati", ("sdh 3 hari",)),
        ("2 hr lalu", ("2 hr lalu",)),
        ("tgl 12/5 jam 14.30 wib", ("tgl 12/5 jam 14.30 wib",)),
        ("12-05-2026 kejadian", ("12-05-2026",)),
        ("12 mei 2026", ("12 mei 2026",)),
        ("kmrn malam", ("kmrn malam",)),
        ("td pagi", ("td pagi",)),
        ("hari ini gelap", ()),
        ("rt 06/03 gelap", ()),
    ],
)
def test_dates_and_times_are_given_as_written(text: str, dates: tuple[str, ...]) -> None:
    assert read(text).dates == dates


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("nik 3507xxxxxxxxxxxx", ("nik",)),
        ("3507123456780001 belum dapat", ("nik",)),
        ("3507 1234 5678 0001", ("nik",)),
        ("nomor KPS 1234567890123", ("kps",)),
        ("hub 0812-3456-7890", ("phone",)),
        ("+6281234567890", ("phone",)),
        ("rekening bri 123456789012345", ("account",)),
        ("hp 7654321", ("phone",)),
        ("No 12 RT 3", ()),
        ("tahun 2026", ()),
        ("Rp 1.500.000", ()),
        ("proyek 1.250.000.000 rusak", ()),
        ("rekening 1.250.000.000", ("account",)),
        ("081.234.567.890", ("phone",)),
        ("id pelanggan pln 512345678901", ()),
    ],
)
def test_personal_numbers_are_named_by_kind(text: str, kinds: tuple[str, ...]) -> None:
    assert read(text).identifiers == kinds


@pytest.mark.parametrize(
    "text",
    [
        "RAHASIA kepala desa",
        "jangan sebut nama saya",
        "tolong rahasiakan",
        "saya takut dipukul",
        "mohon identitas jangan dibuka",
        "tanpa nama ya",
        "saya diancam",
        "punten rahasiakeun nami abdi",
    ],
)
def test_a_wish_for_secrecy_is_heard_in_any_form(text: str) -> None:
    assert read(text).wants_rahasia


@pytest.mark.parametrize(
    "text",
    [
        "sudah bukan rahasia lagi jalan ini rusak",
        "kode rahasia atm dicuri",
        "ujian rahasia bocor",
        "akun anonim menyebar fitnah",
        "air laut surut, warga takut tsunami",
        "saya takut banjir",
        "ronda takut preman mabuk",
    ],
)
def test_a_secret_in_the_story_is_no_wish_for_secrecy(text: str) -> None:
    assert not read(text).wants_rahasia
    assert not read(text).wants_anonim


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("anonim saja", True), ("jangan sebut nama saya", True), ("tanpa nama", True), ("RAHASIA", False), ("jalan rusak", False)],
)
def test_a_wish_for_anonymity_is_heard(text: str, *, wanted: bool) -> None:
    assert read(text).wants_anonim is wanted


@pytest.mark.parametrize(
    ("text", "abuse"),
    [
        ("pungutan di sekolah", True),
        ("kades korupsi", True),
        ("minta uang utk surat", True),
        ("bansos dipotong rt", True),
        ("diperas oknum", True),
        ("kami dimintai duit", True),
        ("sekdes minta 2 juta buat surat waris", True),
        ("polisi minta damai 500 ribu", True),
        ("bikin sim nembak 800 ribu", True),
        ("jual beli jabatan perangkat desa", True),
        ("oknum polisi bekingi tambang", True),
        ("kena tilang disuruh nyogok 200rb", True),
        ("pak lurah njaluk dhuwit kanggo tanda tangan", True),
        ("kuwu menta duit keur surat", True),
        ("150rb utk bikin kk apa memang bayar", True),
        ("jual beli motor ramai", False),
        ("bikin kk lama", False),
        ("minta jalan diperbaiki", False),
        ("bansos belum cair", False),
        ("jalan rusak", False),
    ],
)
def test_an_abuse_of_office_is_heard(text: str, *, abuse: bool) -> None:
    assert read(text).oversight is abuse


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("pupuk subsidi langka", "pertanian"),
        ("puskesmas tutup", "kesehatan"),
        ("sampah menumpuk", "lingkungan hidup"),
        ("lampu jalan mati", "infrastruktur"),
        ("lampu mati sejak pagi", "energi"),
        ("banjir di perumahan kami", "penanggulangan bencana"),
        ("penambangan emas liar", "sumber daya alam"),
        ("got mampet", "infrastruktur"),
        ("bansos blm cair", "jaminan sosial"),
        ("ktp blm jadi", "reformasi birokrasi"),
        ("listrik padam", "energi"),
        ("guru tidak masuk", "pendidikan dan pengajaran"),
        ("tidak ada sinyal telkomsel", "komunikasi dan informasi"),
        ("tolong kami", None),
    ],
)
def test_the_topic_follows_the_words(text: str, topic: str | None) -> None:
    assert read(text).topic == topic


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bagaimana cara urus ktp?", Classification.PERMINTAAN_INFORMASI),
        ("mohon info jadwal vaksin", Classification.PERMINTAAN_INFORMASI),
        ("usul dibangun taman", Classification.ASPIRASI),
        ("semoga pelayanan makin baik", Classification.ASPIRASI),
        ("kapan jalan rusak diperbaiki?", Classification.PENGADUAN),
        ("jalan rusak", Classification.PENGADUAN),
    ],
)
def test_what_is_broken_outweighs_how_it_is_said(text: str, kind: object) -> None:
    assert read(text).classification is kind


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("dalan ora didandani wis suwe", "jv"),
        ("jalanna teu acan, kumaha ieu", "su"),
        ("jalan ko indak elok, kito manga", "min"),
        ("jalan rusak", "id"),
    ],
)
def test_the_language_is_guessed_from_small_words(text: str, language: str) -> None:
    assert read(text).language == language


def test_dangers_are_named() -> None:
    assert read("banjir dan longsor").danger == ("banjir", "longsor")
    for text in ("tanggul jebol", "bnjir masuk rumah", "rob di tambaklorok", "galodo gadang", "caah gede", "gunung meletus"):
        assert read(text).danger, text


def test_a_text_without_topics_table_still_gives_its_hints() -> None:
    assert place.read("agam banjir", REGIONS).regions == ("13.06",)
