"""What machines write is told from what citizens write: no complaint of the corpus is taken for a notice."""

from __future__ import annotations

import itertools
import re
import tomllib
from random import Random

import pytest

from parsers import notice
from parsers.notice import SIGNS, Notice
from tests.corpus import generate
from tests.corpus.labelled import HELD_OUT, TUNING, read
from tests.tables import CONFIG

NOTICES = {
    Notice.BALANCE: """
        Sisa pulsa Anda Rp350. Isi ulang sekarang agar tidak terputus
        Yth Pelanggan, pulsa Anda Rp 0 dan akan memasuki masa tenggang
        Saldo utama Rp12.450 aktif s/d 30/12/2026
        Pengisian pulsa Rp 50.000 berhasil, saldo Anda bertambah
        Masa tenggang kartu Anda berakhir 12/01/2027, segera isi ulang
        Anda telah menerima transfer pulsa Rp 10.000 dari 081234567890
    """,
    Notice.PACKAGE: """
        Kuota internet Anda telah habis. Beli paket di *363# atau cek aplikasi
        Paket Freedom 3GB akan berakhir 30/11. Perpanjang di *123#
        Sisa kuota Anda 256MB berlaku hingga 01/12
        Pemakaian data Anda 80% dari 2GB
        Paket nelpon diperpanjang otomatis, berlaku 7 hari. Cek *888#
    """,
    Notice.PROMOTION: """
        PROMO! Diskon 50% paket data, balas YA
        Nikmati bonus 5GB dengan beli paket di *100#
        Undian berhadiah mobil! Ketik IKUT kirim ke 9899
        Gratis NSP lagu terbaru 7 hari, balas OK. Tarif normal berlaku. CS 188
        Selamat! Anda terpilih mendapatkan uang tunai 100jt. Hubungi 081234567890
        Tukar Poin Anda sekarang di *700#, hangus 31 Des
        SPESIAL untuk Anda: cashback 20rb klik https://contoh.id/x
    """,
    Notice.MISSED_CALL: """
        Panggilan tak terjawab dari 0812-3456-7890 pukul 13.02
        You have 1 missed call from +6281234567890
        081234567890 telah menghubungi Anda pada 28/11 13:02
        Nomor yang Anda hubungi sudah aktif kembali dan dapat dihubungi
        Anda mempunyai 2 pesan suara baru
    """,
    Notice.DELIVERY: """
        Pesan Anda gagal terkirim
        SMS ke 1708 gagal, pulsa tidak cukup
        Message delivered
        Delivered to 1708 on 28/11/26
        id:0123 sub:001 dlvrd:001 submit date:2611281302 done date:2611281302 stat:DELIVRD err:000
    """,
    Notice.AUTOMATIC: """
        Balasan otomatis: kantor tutup sampai Senin
        I'm driving right now, will call you back later
        Out of office until Monday. For urgent matters call my colleague.
        Ini pesan otomatis dari sistem. Mohon jangan membalas pesan ini.
        Terima kasih telah menghubungi kami. Jam layanan 08.00-16.00.
        Maaf saya sedang rapat, nanti saya telepon kembali
        Sms ini tidak perlu dibalas
        Please do not reply to this message
    """,
    Notice.CODE: """
        Kode verifikasi Anda adalah 1234. Berlaku 5 menit.
        OTP: 553201. Jangan bagikan ke siapa pun
        G-482913 is your Google verification code. Never share it
        553201 adalah kode masuk Anda
        Password baru Anda adalah x8Kd2
    """,
}
CITIZENS = """
pulsa saya terpotong 10 ribu padahal sisa pulsa Rp 25.000, tolong
saya dapat sms selamat anda mendapat hadiah 75 juta, apakah penipuan? nomornya 081234567890
warga sering ditipu undian berhadiah, klik link lalu uang hilang
kode OTP dari dukcapil tidak pernah masuk, sudah 3 hari
paket bantuan sembako habis sebelum dibagikan
kuota solar di SPBU habis tiap pagi, nelayan tidak melaut
kuota haji kami berakhir tahun ini, kapan diperpanjang
panggilan darurat 112 tidak diangkat sudah 3 kali
pesan kami ke dinas gagal terus, aplikasi error
sekolah bilang gratis tapi balas dendam kalau tidak bayar
promo tiket palsu di terminal, calo merajalela
Kepala desa sedang rapat terus, warga tidak dilayani
pejabat sedang rapat di hotel tiap minggu, uang rakyat habis, kembali ke kantor sore
jangan balas dengan janji, jalan kami rusak
petugas bilang pesan anda akan diteruskan tapi tidak ada kabar
LAPOR! jalan rusak di depan pasar
LAPOR! Laporan utk bupati: jembatan putus
LAPOR! laporan no 12 tahun lalu belum selesai
lapor 1708! lampu jalan mati
Terima kasih pak, lampu sudah menyala
terima kasih telah memperbaiki jalan kami
gas melon bonus dari pangkalan tidak ada, harga 35 ribu
masa aktif KIS habis, pasien ditolak
STATUS G7K2QP
1
sms ke dinas pu tidak pernah dibalas, jalan lubang
nomor pengaduan ini tidak menerima laporan kami? sudah dua kali
hadiah lomba 17an dari kecamatan tidak dibayar
saldo bansos kosong padahal sudah cair kata bank
""".strip().splitlines()


def templates() -> list[str]:
    found: list[str] = []
    for name in ("replies.id.toml", "replies.en.toml"):
        found += tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))["texts"].values()
    return found


OWN = notice.ours(templates())
VALUES = {
    "instansi": "Kab. Pesisir Selatan",
    "number": "G7K2QP",
    "tracking_id": "7841120",
    "pin": "4711",
    "choices": "1=Kab. Banjar (Kalsel) 2=Kota Banjar (Jabar) 3=Kota Banjarbaru (Kalsel) 0=lainnya",
}
FILLED = [re.sub(r"\{([a-z_]+)\}", lambda field: VALUES.get(field[1], "sedang diproses instansi"), one) for one in templates()]
CASES = [(kind, line.strip()) for kind, lines in NOTICES.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.example[:30] for sign in SIGNS])
def test_each_pattern_finds_its_example(sign: notice.Sign) -> None:
    assert sign.pattern.search(sign.example.lower())
    assert notice.read(sign.example) is sign.kind


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_a_machines_text_is_known(kind: Notice, text: str) -> None:
    assert notice.read(text) is kind


@pytest.mark.parametrize("text", CITIZENS)
def test_a_citizens_text_is_none(text: str) -> None:
    assert notice.read(text, OWN) is None


@pytest.mark.parametrize("text", FILLED)
def test_our_own_text_is_known_when_it_comes_back(text: str) -> None:
    assert notice.read(text, OWN) is Notice.OURS
    assert notice.read(f"Fwd: {text}", OWN) is Notice.OURS
    assert notice.read(f"  {text.upper()}\n", OWN) is Notice.OURS


@pytest.mark.parametrize("text", FILLED)
def test_with_a_word_of_the_citizen_it_is_the_citizens(text: str) -> None:
    assert notice.read(f"{text} kok belum ada kabar?", OWN) is None
    assert notice.read(f"kenapa saya dapat ini: {text}", OWN) is None


def test_no_complaint_and_no_command_of_the_corpus_is_a_notice() -> None:
    """2,497 texts of people who never saw these patterns, and 3,000 made by chance."""
    messages = itertools.chain(read(TUNING), read(HELD_OUT), generate.messages(20261128, 3_000))
    assert [one.text for one in messages if notice.read(one.text, OWN) is not None] == []


def test_any_text_is_read_without_an_error() -> None:
    seed = 20261128
    print(f"seed={seed}")
    random = Random(seed)
    letters = "abcpulsaotp kode 0123*#!{}\\\n\ud83d\ude00\u200b"
    for _ in range(2_000):
        found = notice.read("".join(random.choice(letters) for _ in range(random.randrange(600))), OWN)
        assert found is None or found in notice.Notice


def test_a_text_made_to_be_slow_is_not() -> None:
    """Counted in what the patterns are shown, not in time: nothing above the limit is looked at."""
    assert notice.read("sisa pulsa rp " * 100) is None
