"""Commands are not complaints and complaints are not commands."""

from __future__ import annotations

import pytest

from parsers import command
from parsers.command import CommandKind as Kind

COMMANDS = [
    ("STATUS", Kind.STATUS, None),
    ("STATUS 6164863", Kind.STATUS, "6164863"),
    ("STATUS G7K2QP", Kind.STATUS, "G7K2QP"),
    ("status g7k2qp", Kind.STATUS, "G7K2QP"),
    ("cek #6164863", Kind.STATUS, "6164863"),
    ("tracking id 6164863", Kind.STATUS, "6164863"),
    ("G7K2QP", Kind.STATUS, "G7K2QP"),
    ("No. G7K2QP", Kind.STATUS, "G7K2QP"),
    ("Assalamualaikum min, tolong cek status laporan saya nomor G7K2QP ya. Terima kasih", Kind.STATUS, "G7K2QP"),
    ("\u201cSTATUS\u201d G7K2QP", Kind.STATUS, "G7K2QP"),
    ("LAPOR STATUS G7K2QP", Kind.STATUS, "G7K2QP"),
    ("TAMBAH", Kind.ADD, None),
    ("RAHASIA", Kind.RAHASIA, None),
    ("rahasiakan laporan saya", Kind.RAHASIA, None),
    ("rahasiakan identitas saya", Kind.RAHASIA, None),
    ("RAHASIA G7K2QP", Kind.RAHASIA, "G7K2QP"),
    ("anonim", Kind.ANONIM, None),
    ("batal", Kind.CANCEL, None),
    ("Batalkan laporan G7K2QP", Kind.CANCEL, "G7K2QP"),
    ("INFO", Kind.INFO, None),
    ("bantuan", Kind.INFO, None),
    ("info pak", Kind.INFO, None),
    ("STOP", Kind.STOP, None),
    ("berhenti.", Kind.STOP, None),
    ("STOP 1708", Kind.STOP, None),
    ("MULAI", Kind.START, None),
    ("1", Kind.CHOICE, "1"),
    (" 2. ", Kind.CHOICE, "2"),
    ("0", Kind.CHOICE, "0"),
    ("\uff11", Kind.CHOICE, "1"),
    ("satu", Kind.CHOICE, "1"),
    ("Dua", Kind.CHOICE, "2"),
    ("ya", Kind.YES, None),
    ("Iya pak", Kind.YES, None),
    ("tidak", Kind.NO, None),
    ("gak", Kind.NO, None),
    ("STATUS G7K2QP kirim ke 1708", Kind.STATUS, "G7K2QP"),
    ("INFO kirim ke no 1708", Kind.INFO, None),
    ("STATUS G7K 2QP", Kind.STATUS, "G7K2QP"),
    ("setatus G7K2QP", Kind.STATUS, "G7K2QP"),
    ("annonim", Kind.ANONIM, None),
    ("pilih 2", Kind.CHOICE, "2"),
    ("nomor 1", Kind.CHOICE, "1"),
    ("1 pak", Kind.CHOICE, "1"),
    ("balas satu", Kind.CHOICE, "1"),
]


@pytest.mark.parametrize(("text", "kind", "argument"), COMMANDS)
def test_a_command_and_its_argument_are_read(text: str, kind: object, argument: str | None) -> None:
    found = command.read(text)
    assert found is not None
    assert (found.kind, found.argument) == (kind, argument)


COMPLAINTS = [
    "BANTUAN sosial belum cair",
    "STOP pungli di pasar",
    "INFO jalan rusak",
    "STATUS tanah warga",
    "2 hari air mati",
    "STATUS warung",
    "status sampah",
    "Rahasia: kepala desa minta uang",
    "RAHASIA pak lurah pungli",
    "tambah lampu jalan di desa kami",
    "ya tidak ada air",
    "tidak ada air 3 hari",
    "batal berangkat karena jalan putus",
    "mulai kemarin air mati",
    "cek kesehatan di puskesmas dipungut",
    "1 minggu sampah tidak diangkut",
    "satu bulan gelap",
    "dua anak sakit",
    "info gempa",
    "berhenti sekolah karena biaya",
    "status laporan 6164863 belum ada tindak lanjut",
    "daftar antrian rsud lama",
    "ok jalan rusak",
    "tolong",
    "1708",
    "LAPOR",
    "",
    "   ",
    "?",
    "\U0001f62d",
    "AGAM jalan rusak",
    "1 2 3",
    "y di sini banjir",
    "BATAL G7K2QP karena lampu sudah menyala kembali sejak malam",
    "anonim saja jalan rusak di desa kami",
    "cek 3 titik jalan rusak",
    "081234567890123",
    "cek tps 234",
    "pilih kasih",
    "no 1 rusak",
    "1 lampu mati",
    "jalan rusak kirim ke 1708",
    "kirim ke 1708",
    "\u2777",
    "pilih \u2777",
    "pilih 1 atau 2",
    "pilih 1 2",
    "1?",
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_what_says_more_than_a_command_is_none(text: str) -> None:
    assert command.read(text) is None


def test_an_addition_carries_its_number_and_the_range_of_what_is_added() -> None:
    text = "TAMBAH G7K2QP: masih mati pak"
    found = command.read(text)
    assert found is not None
    assert (found.kind, found.argument) == (Kind.ADD, "G7K2QP")
    assert found.rest is not None
    assert text[slice(*found.rest)] == "masih mati pak"


@pytest.mark.parametrize(
    "text", ["status " * 1500, "G7K2QP " * 1500, "tambah " * 1500, "\0" * 10_000, "\u200b" * 10_000, "1" * 10_000, "ya " * 3000]
)
def test_a_hostile_text_is_no_command_and_does_no_harm(text: str) -> None:
    assert command.read(text) is None


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("STATUS G7K2QP 4821", "4821"),
        ("status g7k2qp pin 4821", "4821"),
        ("cek 6164863 4821", "4821"),
        ("STATUS G7K2QP", None),
        ("RAHASIA G7K2QP", None),
    ],
)
def test_a_pin_stands_behind_the_number_it_opens(text: str, pin: str | None) -> None:
    read = command.read(text)
    assert read is not None
    assert read.pin == pin


@pytest.mark.parametrize("text", ["STATUS 4821", "BATAL G7K2QP 4821", "STATUS G7K2QP 4821 9999", "STATUS G7K2QP 48210"])
def test_four_digits_elsewhere_make_no_command(text: str) -> None:
    assert command.read(text) is None
