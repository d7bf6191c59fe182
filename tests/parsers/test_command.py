"""Commands are not complaints and complaints are not commands."""

from __future__ import annotations

import random

import pytest

from parsers import command
from parsers import command_words as words
from parsers.command import CommandKind as Kind
from parsers.text import joined
from parsers.text import words as words_of
from tests.corpus import engine, labelled
from tests.tables import REGIONS, TABLE

SEED = 1708

COMMANDS = [
    ("STATUS", Kind.STATUS, None),
    ("STATUS 6164863", Kind.STATUS, "6164863"),
    ("STATUS G7K2QP", Kind.STATUS, "G7K2QP"),
    ("status g7k2qp", Kind.STATUS, "G7K2QP"),
    ("cek #6164863", Kind.STATUS, "6164863"),
    ("#6164863", Kind.STATUS, "6164863"),
    ("tracking id 6164863", Kind.STATUS, "6164863"),
    ("G7K2QP", Kind.STATUS, "G7K2QP"),
    ("G7K2QP?", Kind.STATUS, "G7K2QP"),
    ("G7K2QP pak", Kind.STATUS, "G7K2QP"),
    ("No. G7K2QP", Kind.STATUS, "G7K2QP"),
    ("No. G7K2QP ID 6164863", Kind.STATUS, "G7K2QP"),
    ("STATUS 6164863 G7K2QP", Kind.STATUS, "G7K2QP"),
    ("Assalamualaikum min, tolong cek status laporan saya nomor G7K2QP ya. Terima kasih", Kind.STATUS, "G7K2QP"),
    ("\u201cSTATUS\u201d G7K2QP", Kind.STATUS, "G7K2QP"),
    ("LAPOR STATUS G7K2QP", Kind.STATUS, "G7K2QP"),
    ("STATUS G7K2QP kirim ke 1708", Kind.STATUS, "G7K2QP"),
    ("STATUS G7K 2QP", Kind.STATUS, "G7K2QP"),
    ("setatus G7K2QP", Kind.STATUS, "G7K2QP"),
    ("STATUS#G7K2QP", Kind.STATUS, "G7K2QP"),
    ("CEK:6164863", Kind.STATUS, "6164863"),
    ("status-G7K2QP", Kind.STATUS, "G7K2QP"),
    ("status_G7K2QP", Kind.STATUS, "G7K2QP"),
    ("STATUSG7K2QP", Kind.STATUS, "G7K2QP"),
    ("cek6164863", Kind.STATUS, "6164863"),
    ("ID6164863", Kind.STATUS, "6164863"),
    ("https://www.lapor.go.id/pengaduan/6164863", Kind.STATUS, "6164863"),
    ("info status G7K2QP", Kind.STATUS, "G7K2QP"),
    ("info laporan 6164863", Kind.STATUS, "6164863"),
    ("bagaimana status laporan saya", Kind.STATUS, None),
    ("cek status laporan saya sudah sampai mana", Kind.STATUS, None),
    ("TAMBAH", Kind.ADD, None),
    ("tambah laporan", Kind.ADD, None),
    ("RAHASIA", Kind.RAHASIA, None),
    ("rahasiakan laporan saya", Kind.RAHASIA, None),
    ("rahasiakan identitas saya", Kind.RAHASIA, None),
    ("tolong rahasiakan nama saya", Kind.RAHASIA, None),
    ("mohon laporan saya dirahasiakan ya pak", Kind.RAHASIA, None),
    ("bisa dirahasiakan?", Kind.RAHASIA, None),
    ("laporan saya jangan disebarkan", Kind.RAHASIA, None),
    ("RAHASIA G7K2QP", Kind.RAHASIA, "G7K2QP"),
    ("RAHASIA#6164863", Kind.RAHASIA, "6164863"),
    ("ya rahasiakan saja", Kind.RAHASIA, None),
    ("anonim", Kind.ANONIM, None),
    ("anonim saja", Kind.ANONIM, None),
    ("annonim", Kind.ANONIM, None),
    ("ANONIM G7K2QP", Kind.ANONIM, "G7K2QP"),
    ("jgn sebut nama saya", Kind.ANONIM, None),
    ("nama saya jangan ditulis ya", Kind.ANONIM, None),
    ("mohon samarkan identitas saya", Kind.ANONIM, None),
    ("tanpa nama", Kind.ANONIM, None),
    ("batal", Kind.CANCEL, None),
    ("batl", Kind.CANCEL, None),
    ("Batalkan laporan G7K2QP", Kind.CANCEL, "G7K2QP"),
    ("batalkan laporan saya G7K2QP", Kind.CANCEL, "G7K2QP"),
    ("BATALG7K2QP", Kind.CANCEL, "G7K2QP"),
    ("laporan saya dibatalkan saja", Kind.CANCEL, None),
    ("saya mau membatalkan laporan 6164863", Kind.CANCEL, "6164863"),
    ("hapus laporan saya", Kind.CANCEL, None),
    ("tidak jadi lapor pak", Kind.CANCEL, None),
    ("INFO", Kind.INFO, None),
    ("bantuan", Kind.INFO, None),
    ("info pak", Kind.INFO, None),
    ("INFO kirim ke no 1708", Kind.INFO, None),
    ("minta info", Kind.INFO, None),
    ("cara lapor", Kind.INFO, None),
    ("STOP", Kind.STOP, None),
    ("berhenti.", Kind.STOP, None),
    ("STOP 1708", Kind.STOP, None),
    ("stop sms", Kind.STOP, None),
    ("jangan sms saya lagi", Kind.STOP, None),
    ("berhenti kirim sms ke saya", Kind.STOP, None),
    ("saya tidak mau terima sms lagi", Kind.STOP, None),
    ("MULAI", Kind.START, None),
    ("mulai lagi", Kind.START, None),
    ("mulai sms lagi", Kind.START, None),
]


@pytest.mark.parametrize(("text", "kind", "argument"), COMMANDS)
def test_a_command_and_its_argument_are_read(text: str, kind: object, argument: str | None) -> None:
    found = command.read(text)
    assert found is not None
    assert (found.kind, found.argument) == (kind, argument)


QUESTIONS = [
    ("tracking id 6164863 belum ada tindak lanjut", "6164863"),
    ("status laporan 6164863 belum ada tindak lanjut", "6164863"),
    ("gimana laporan saya G7K2QP kok blm diproses", "G7K2QP"),
    ("laporan #6164863 sudah 2 minggu tdk ada kabar", "6164863"),
    ("min id 5943588 belum di verifikasi juga", "5943588"),
    ("laporan saya 6164863 sudah 3 bulan pak", "6164863"),
    ("laporan 6164863 sdh 2mgg blm ada tanggapan", "6164863"),
    ("sudah sebulan laporan G7K2QP belum ditindaklanjuti", "G7K2QP"),
    ("laporan tgl 5 mei 2026 no 6164863 blm ditanggapi", "6164863"),
    ("kapan laporan kami G7K2QP ditindaklanjuti", "G7K2QP"),
    ("kapan laporan 6164863 diperbaiki", "6164863"),
    ("mohon segera ditindaklanjuti laporan 6164863", "6164863"),
    ("mohon tindak lanjut 6164863", "6164863"),
    ("6164863 kok lama pak", "6164863"),
    ("laporan 6164863 masih belum juga diperbaiki", "6164863"),
    ("laporan 6164863 sudah selesai?", "6164863"),
    ("laporan 6164863 sudah selesai belum", "6164863"),
    ("apakah laporan G7K2QP sudah ditangani", "G7K2QP"),
    ("apa kabar laporan 6164863", "6164863"),
    ("laporan 6164863 sudah dua minggu tidak ada jawaban", "6164863"),
    ("laporan GHKMPQ belum diproses", "GHKMPQ"),
    ("laporan GHKMPQ", "GHKMPQ"),
    ("laporan kulo 6164863 dereng diproses", "6164863"),
    ("laporan abdi 6164863 teu acan aya kabar", "6164863"),
    ("laporan ambo 6164863 alun ado kaba", "6164863"),
]


@pytest.mark.parametrize(("text", "number"), QUESTIONS)
def test_a_number_and_nothing_but_its_handling_ask_for_the_status(text: str, number: str) -> None:
    assert command.read(text) == command.Command(Kind.STATUS, number)


MORE_THAN_A_QUESTION = [
    "laporan 6164863 sudah selesai tapi jalannya rusak lagi di km 5",
    "laporan 6164863 sudah selesai",  # tells, and asks nothing
    "laporan 6164863 sudah selesai kok belum diperbaiki",  # what our answer calls finished is not
    "laporan 6164863 selesai tapi belum dikerjakan",
    "laporan 6164863 sudah diperbaiki, terima kasih",
    "kenapa laporan 6164863 ditolak",  # only a person can tell why
    "laporan 6164863 ditutup padahal belum dikerjakan",
    "laporan 6164863 tidak benar",
    "laporan 6164863 tidak perlu",
    "laporan 6164863 belum ada air",
    "laporan 6164863 belum dibayar",
    "laporan 6164863 sampai skrg belum ada petugas yang datang",
    "jalan 6164863 belum",
    "laporan kntrak belum diproses",  # a misspelt word, and no number
    "LAPORAN KNTRAK MARTA BELUM DIPROSES",
    "laporan 6164863 dan 6164864 belum diproses",  # which?
    "6164863 itu nomor laporan saya tp jalan masih rusak sampai sekarang tolong ditindaklanjuti",
    "min id 5943588 belum di verifikasi juga, pdhl got nya mampet terus",
    "bagaimana laporan saya",  # which, and whose? it joins the case that its sender has
    "kapan laporan saya ditindaklanjuti",
    "info lapor kok tidak ada tanggapan",
    "laporan saya belum ada tanggapan",
    "status permohonan ktp saya belum ada kabar",
    "lapor 081234567890 belum dijawab",
    "rt 02 rw 06 laporan 6164863 belum ada tindak lanjut",
]


@pytest.mark.parametrize("text", MORE_THAN_A_QUESTION)
def test_what_says_more_than_a_question_about_its_handling_is_kept_whole(text: str) -> None:
    assert command.read(text) is None


YES = ["ya", "Iya pak", "y", "iya betul", "benar sekali", "Ya, benar", "setuju", "iya terima kasih", "ya makasih", "betul itu pak"]
YES += ["inggih", "nggih pak", "injih", "yo", "leres", "muhun", "enya", "iyo", "yes"]
NO = ["tidak", "gak", "tdk", "t", "bukan", "bukan itu", "tidak benar", "tidak tahu", "tdk tau", "gak tau", "tidak ada", "ga usah"]
NO += ["tidak, terima kasih", "ora", "mboten", "dudu", "sanes", "ora ngerti", "henteu", "teu", "teu terang", "lain", "yang lain"]
NO += ["indak", "ndak", "tido", "indak ado", "ndak tau", "bukan, yang lain"]
THANKS = ["makasih", "terima kasih banyak", "terimakasih", "tks", "ok", "oke", "Okay.", "siap", "baik", "sip", "suwun", "matur nuwun"]
THANKS += ["hatur nuhun", "tarimo kasih", "ok makasih pak admin", "siap terima kasih min \U0001f64f", "sama2", "sama-sama", "ya sudah"]
THANKS += ["terima kasih atas bantuannya pak", "terima kasih sudah dibantu", "ok saya tunggu", "Terima kasih LAPOR!", "makasih ya", "ok ya"]
THANKS += ["\U0001f44d", "\U0001f44d\U0001f3fd", "\U0001f64f\U0001f64f", "\u2764\ufe0f", "mohon maaf", "thank you"]
GREETINGS = [
    "selamat pagi",
    "Assalamualaikum wr wb",
    "halo admin",
    "selamat siang pak, saya mau lapor",
    "punten",
    "sampurasun",
    "malam min",
    "sugeng enjing pak",
]
THANKS += ["maaf mengganggu", "selamat siang terima kasih"]
NO += ["saya tidak tahu"]
SAID = [
    *((text, Kind.YES) for text in YES),
    *((text, Kind.NO) for text in NO),
    *((text, Kind.THANKS) for text in THANKS),
    *((text, Kind.INFO) for text in GREETINGS),  # a greeting loses nothing, opens nothing, and hears how to report
]


@pytest.mark.parametrize(("text", "kind"), SAID)
def test_yes_no_thanks_and_greetings_are_heard_in_the_languages_of_java_and_west_sumatra(text: str, kind: object) -> None:
    assert command.read(text) == command.Command(kind)  # type: ignore[arg-type]


CHOICES = [
    *(
        ("1", "1"),
        (" 2. ", "2"),
        ("0", "0"),
        ("9", "9"),
        ("\uff11", "1"),
        ("(2)", "2"),
        ("#2", "2"),
        ("\u2461", "2"),
        ("2\ufe0f\u20e3", "2"),
    ),
    *(("satu", "1"), ("Dua", "2"), ("tiga", "3"), ("empat", "4"), ("lima", "5"), ("nol", "0")),
    *(("siji", "1"), ("loro", "2"), ("telu", "3"), ("papat", "4"), ("hiji", "1"), ("tilu", "3"), ("opat", "4")),
    *(("ciek", "1"), ("duo", "2"), ("tigo", "3"), ("ampek", "4"), ("limo", "5")),
    *(("pilih 2", "2"), ("pilih no 2", "2"), ("nomor 1", "1"), ("nomor dua", "2"), ("1 pak", "1"), ("balas satu", "1"), ("jawab: 2", "2")),
    *(("yang kedua", "2"), ("ke-2", "2"), ("no.2", "2"), ("no2", "2"), ("2 (dua)", "2"), ("ya 2", "2"), ("ok, 2", "2")),
    *(("saya pilih yang nomor 2 pak terima kasih", "2"), ("selamat pagi, 2", "2")),
]


@pytest.mark.parametrize(("text", "digit"), CHOICES)
def test_a_choice_is_a_digit_or_its_word_in_four_languages(text: str, digit: str) -> None:
    assert command.read(text) == command.Command(Kind.CHOICE, digit)


COMPLAINTS = [
    *("BANTUAN sosial belum cair", "bantuan untuk ibu saya", "cek bantuan", "status bantuan", "minta bantuan", "tolong bantu pak"),
    *("STOP pungli di pasar", "stop kirim sampah ke sini", "jangan kirim sampah lagi", "jangan ganggu warga", "hentikan semua ini pak"),
    *("saya tidak terima sms", "berhenti sekolah karena biaya", "jangan kirim lagi", "stop?"),
    *("INFO jalan rusak", "info gempa", "gimana cara lapor pungli", "cara mengurus ktp"),
    *("STATUS tanah warga", "STATUS warung", "status sampah", "statusnya janda", "cek kesehatan di puskesmas dipungut", "cek tps 234"),
    *("cek 3 titik jalan rusak", "cek 2", "status 2 hari", "cek tiket saya sudah bisa apa belum"),
    *("Rahasia: kepala desa minta uang", "RAHASIA pak lurah pungli", "rahasia umum", "Rahasiakan nama saya, ketua rt potong bansos"),
    *(
        "RAHASIA dan ANONIM",
        "anonim saja jalan rusak di desa kami",
        "jalan tanpa nama",
        "jangan sebut nama kepala desa",
        "nama saya hilang",
    ),
    *(
        "batal berangkat karena jalan putus",
        "BATAL G7K2QP karena lampu sudah menyala kembali sejak malam",
        "batal?",
        "laporan saya dibatalkan",
    ),
    *("kenapa laporan saya dibatalkan", "ktp tidak jadi", "gak jadi", "laporan saya sudah dihapus", "batalkan kenaikan tarif"),
    *("mulai kemarin air mati", "daftar antrian rsud lama", "mulai rusak"),
    *(
        "ya tidak ada air",
        "ya tidak",
        "y di sini banjir",
        "yo opo iki dalan rusak",
        "iyo jalan alah ancua",
        "muhun cai pareum",
        "benar tidak",
    ),
    *("betul tidak?", "ya?", "inggih lampune mati"),
    *("tidak ada air 3 hari", "tidak ada dokter", "bukan main macetnya", "lain kali jangan begitu", "ora ono banyu", "teu aya cai"),
    *("indak ado aia", "ndak iduik lampu", "lain lampu yang mati"),
    *(
        "2 hari air mati",
        "dua hari air mati",
        "2 hari",
        "dua minggu",
        "2 minggu lagi",
        "1 minggu sampah tidak diangkut",
        "satu bulan gelap",
    ),
    *(
        "dua anak sakit",
        "lima orang hanyut",
        "limo rumah tabaka",
        "opat poe cai pareum",
        "1 2 3",
        "no 1 rusak",
        "1 lampu mati",
        "yang 1 rusak",
    ),
    *("pilih kasih", "pilih 1 atau 2", "pilih 1 2", "\u2777", "pilih \u2777", "1?", "tidak 2", "kosong", "id 1", "2x", "2 G7K2QP"),
    *(
        "ok jalan rusak",
        "terima kasih tapi lampunya mati lagi",
        "makasih pak jalan sudah bagus",
        "siap pak lurah pungli",
        "baik buruk layanan",
    ),
    *("ok?", "sudah, terima kasih", "sip lampu sudah nyala", "maaf salah kirim", "kasih", "terima", "sukses selalu", "tunggu"),
    *("rahasia data", "kode rahasia", "pin rahasia", "data rahasia bocor", "3 sore", "7 pagi", "malam tidak ada", "kami tidak ada"),
    *("siang malam", "nyuwun tulung", "mengganggu pak", "halo tolong", "selamat pagi pak tolong", "sabagn tiket", "laporan ghkmpq"),
    *("selamat pagi jalan rusak", "halo lampu mati", "selamat datang", "tes", "tolong", "tolong pak", "pak", "1708", "LAPOR", "jangan"),
    *("tambah lampu jalan di desa kami", "TAMBAH lokasinya depan masjid raya", "tambah parah sinyal di kampung", "tambah 500000 per bulan"),
    *(
        "tambahkan: lampu jalan",
        "TAMBAH, lampu jalan mati",
        "tambahan guru untuk SD kami",
        "nambah parah banjirnya",
        "tambah 2",
        "TAMBAHG7K2QP teks",
    ),
    *("mohon tambah lampu jalan", "menambahkan lampu di jalan desa", "minta tambahan kuota solar", "tambahan dana bos belum cair"),
    *("081234567890123", "081234567", "081234567890", "STATUS 081234567", "4821", "2024", "3507120101800001"),
    *(
        "",
        "   ",
        "?",
        "\U0001f62d",
        "\U0001f44e",
        "\U0001f44d \U0001f62d",
        "AGAM jalan rusak",
        "AGAM",
        "jalan rusak kirim ke 1708",
        "kirim ke 1708",
    ),
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_what_says_more_than_a_command_is_none(text: str) -> None:
    assert command.read(text) is None


SLIPS = [
    *(("sttus", Kind.STATUS), ("staus G7K2QP", Kind.STATUS), ("ststus 6164863 4821", Kind.STATUS), ("statsu pak", Kind.STATUS)),
    *(("rahsia", Kind.RAHASIA), ("rahasua", Kind.RAHASIA), ("rahasiaka", Kind.RAHASIA), ("anonin", Kind.ANONIM)),
    *(("bstal", Kind.CANCEL), ("batakan", Kind.CANCEL), ("brhenti", Kind.STOP), ("berhneti", Kind.STOP), ("bntuan", Kind.INFO)),
    *(("tmbah", Kind.ADD), ("tmbah G7K2QP", Kind.ADD), ("informsi", Kind.INFO)),
]


@pytest.mark.parametrize(("text", "kind"), SLIPS)
def test_one_slip_in_a_command_word_is_forgiven(text: str, kind: object) -> None:
    found = command.read(text)
    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    "text",
    [
        *("tmbah G7K2QP lampunya masih mati", "tmbah lampu jalan", "sttus tanah", "rahsia umum", "brhenti sekolah", "bntuan belum cair"),
        *(
            "batam",
            "batak",
            "banal",
            "natal",
            "mulia",
            "tambak",
            "tambal",
            "rambah",
            "statis",
            "antonim",
            "formasi",
            "stts2",
            "kabut",
            "situs",
        ),
        *("tambak saya", "rahasiaka nama hp saya", "batam 6164863", "jalan sttus", "saya staus G7K2QP", "stat"),
    ],
)
def test_a_slip_with_more_than_a_number_behind_it_and_a_word_of_its_own_are_none(text: str) -> None:
    assert command.read(text) is None


@pytest.mark.parametrize("word", words.SLIPPED)
def test_no_slip_has_two_meanings(word: str) -> None:
    draw = random.Random(SEED)
    kind = command.KINDS[word]
    for _ in range(200):
        at, letter = draw.randrange(len(word)), draw.choice("abcdefghijklmnopqrstuvwxyz")
        slip = draw.choice((word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]))
        found = command.read(slip)
        assert found is None or found.kind is kind, (SEED, slip)


def test_no_name_of_a_region_and_no_keyword_is_taken_for_a_mistyped_command() -> None:
    names = {region.name for region in REGIONS.by_code.values()} | set(TABLE.aliases)
    names |= {word for name in names for word in words_of(name)} | {joined(name) for name in names}
    read = {name.lower() for name in names if not name.isdigit() and command.read(name) is not None}
    assert {name for name in read if not command.VOCABULARY.union(words.CHOICES).issuperset(words_of(name))} == set()
    assert {name for name in TABLE.aliases if command.read(name) is not None} == set()


ADDITIONS = [
    ("TAMBAH G7K2QP: masih mati pak", "G7K2QP", "masih mati pak"),
    ("TAMBAH 6164863 lampu di gang juga mati", "6164863", "lampu di gang juga mati"),
    ("tambahan utk 6164863: lampu jalan di depan pasar juga mati", "6164863", "lampu jalan di depan pasar juga mati"),
    ("tambah#G7K2QP#sudah 3 hari", "G7K2QP", "sudah 3 hari"),
    ("saya mau menambahkan laporan G7K2QP: foto menyusul", "G7K2QP", "foto menyusul"),
    ("Pak, tambahan laporan saya no. G7K2QP, lokasi km 3", "G7K2QP", "lokasi km 3"),
    ("TAMBAH G7K2QP 12345 rumah", "G7K2QP", "12345 rumah"),
    ("tambahan: sudah 3 hari", None, "sudah 3 hari"),
    ("TAMBAH: lokasinya depan masjid", None, "lokasinya depan masjid"),
    ("TAMBAH: info loker palsu", None, "info loker palsu"),
    ("tambah info lokasinya depan masjid raya", None, "lokasinya depan masjid raya"),
    ("tambahan informasi, rt 02", None, "rt 02"),
    ("info tambahan lokasi dekat pasar", None, "lokasi dekat pasar"),
    ("nambahin laporan saya yang tadi, lokasinya di km 3", None, "lokasinya di km 3"),
    ("menambahkan laporan saya: ada 5 rumah", None, "ada 5 rumah"),
]


@pytest.mark.parametrize(("text", "number", "added"), ADDITIONS)
def test_an_addition_carries_its_number_and_the_range_of_what_is_added(text: str, number: str | None, added: str) -> None:
    found = command.read(text)
    assert found is not None
    assert (found.kind, found.argument, found.pin, found.rest_behind_pin) == (Kind.ADD, number, None, None)
    assert found.rest is not None
    assert text[slice(*found.rest)] == added


@pytest.mark.parametrize(
    ("text", "number", "pin"),
    [
        ("TAMBAH", None, None),
        ("tambahan:", None, None),
        ("info tambahan", None, None),
        ("TAMBAH G7K2QP", "G7K2QP", None),
        ("tambah laporan G7K2QP ...", "G7K2QP", None),
        ("TAMBAH G7K2QP 1234", "G7K2QP", "1234"),
    ],
)
def test_without_a_word_to_add_there_is_no_range(text: str, number: str | None, pin: str | None) -> None:
    assert command.read(text) == command.Command(Kind.ADD, number, pin=pin)


@pytest.mark.parametrize(
    ("text", "pin", "rest", "behind"),
    [
        ("TAMBAH G7K2QP 1234 teks", "1234", "1234 teks", "teks"),
        ("TAMBAH G7K2QP 2024 kejadiannya", "2024", "2024 kejadiannya", "kejadiannya"),
        ("TAMBAH G7K2QP pin 1234: teks", "1234", "pin 1234: teks", "teks"),
        ("tambah 6164863#1234#teks", "1234", "1234#teks", "teks"),
    ],
)
def test_four_digits_before_what_is_added_may_be_the_pin_or_the_owners_words(text: str, pin: str, rest: str, behind: str) -> None:
    found = command.read(text)
    assert found is not None
    assert found.rest is not None
    assert found.rest_behind_pin is not None
    assert (found.pin, text[slice(*found.rest)], text[slice(*found.rest_behind_pin)]) == (pin, rest, behind)


def test_no_run_of_four_words_and_more_in_a_complaint_is_an_answer_or_ends_anything() -> None:
    """A long SMS of which one part came is such a run."""
    answers = {Kind.YES, Kind.NO, Kind.CHOICE, Kind.CANCEL, Kind.STOP, Kind.START}
    found = set()
    for one in labelled.read(labelled.TUNING):
        spoken = one.text.split() if one.kind == "complaint" else []
        runs = [" ".join(spoken[at : at + length]) for length in range(4, 9) for at in range(len(spoken) - length + 1)]
        found |= {run for run in runs if (read := command.read(run)) is not None and read.kind in answers}
    assert found <= {"tidak ada, kirim ke 1708", "nggih pak, nyuwun tulung"}


NO_COMPLAINTS = {
    "assalamualaikum": "a greeting says nothing that an officer could settle, and INFO tells its sender how to report",
    "selamat pagi pak": "the same",
    "halo 1708": "the same",
    "terima kasih atas tanggapannya": "thanks neither open a case nor extend one",
    "nama saya jangan ditulis ya": "a wish about a report, and none itself",
}
"""Labelled as complaints when the corpus knew no THANKS and the gateway no dialogue."""


def test_no_other_labelled_complaint_is_read_as_a_command() -> None:
    complaints = [one for one in (*labelled.read(labelled.TUNING), *labelled.read(labelled.HELD_OUT)) if one.kind == "complaint"]
    assert len(complaints) > 2000
    assert {one.id for one in complaints if engine.run(one).kind == "command" and one.text not in NO_COMPLAINTS} == set()


def test_every_labelled_command_is_read_as_that_command() -> None:
    commands = [one for one in (*labelled.read(labelled.TUNING), *labelled.read(labelled.HELD_OUT)) if one.kind == "command"]
    assert len(commands) > 100
    assert {one.id for one in commands if engine.run(one).command != one.command} == set()


@pytest.mark.parametrize(
    "text", ["status " * 1500, "G7K2QP " * 1500, "tambah " * 1500, "\0" * 10_000, "\u200b" * 10_000, "1" * 10_000, "ya " * 3000]
)
def test_a_hostile_text_is_no_command_and_does_no_harm(text: str) -> None:
    assert command.read(text) is None


@pytest.mark.parametrize("text", ["makasih " * 1500, "\U0001f44d" * 10_000, "tidak ada " * 1500, "laporan 6164863 belum " * 900])
def test_courtesy_without_end_is_none(text: str) -> None:
    assert command.read(text) is None


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("STATUS G7K2QP 4821", "4821"),
        ("status g7k2qp pin 4821", "4821"),
        ("cek 6164863 4821", "4821"),
        ("G7K2QP 4821", "4821"),
        ("RAHASIA G7K2QP 4821", "4821"),
        ("anonim 6164863 pin 4821", "4821"),
        ("BATAL G7K2QP 4821", "4821"),
        ("kapan G7K2QP 4821 diproses", "4821"),
        ("STATUS G7K2QP", None),
        ("RAHASIA G7K2QP", None),
    ],
)
def test_a_pin_stands_behind_the_number_it_opens(text: str, pin: str | None) -> None:
    read = command.read(text)
    assert read is not None
    assert (read.argument in ("G7K2QP", "6164863"), read.pin) == (True, pin)


@pytest.mark.parametrize(
    "text", ["STATUS 4821", "STATUS 4821 G7K2QP", "STATUS G7K2QP 4821 9999", "STATUS G7K2QP 48210", "YA 4821", "INFO G7K2QP 4821 x"]
)
def test_four_digits_elsewhere_make_no_command(text: str) -> None:
    assert command.read(text) is None


def test_every_word_of_a_rule_is_one_that_the_shadow_can_have() -> None:
    assert {word for word in command.VOCABULARY if words_of(word) != [word]} == set()
