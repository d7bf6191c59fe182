"""The citizens of the demo: six by SMS, one on X, and three who write while the gateway is killed. Invented people, invented numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citizen:
    """Who writes what, from which operator; `swapped` sends the last part first, each part on another bind."""

    who: str
    msisdn: str
    operator: str
    text: str
    point: str
    swapped: bool = False
    answer: str = ""
    """What she answers when she is asked back."""


STORIES = (
    Citizen(
        "Bu Sari, Lubuk Basung",
        "6281266010001",
        "telkomsel",
        "AGAM lampu jalan mati di depan Pasar Lubuk Basung sejak Senin, gelap sekali",
        "The first word is the keyword of Kabupaten Agam.",
    ),
    Citizen(
        "Pak Darto, Balaraja",
        "6281566010002",
        "indosat",
        "TANGKAB jalan raya Serang km 24 dekat Pasar Sentiong Balaraja berlubang dalam sudah 2 bulan, kemarin dua motor jatuh. "
        "Anak sekolah lewat sini tiap pagi, mohon segera ditambal sebelum ada korban lagi. Terima kasih",
        "A long SMS. Its two parts arrive swapped, on two different binds.",
        swapped=True,
    ),
    Citizen(
        "Mbak Rini, Nganjuk",
        "6281266010003",
        "telkomsel",
        "KAB. NGANJUK pungutan “sukarela” di sekolah, wali murid keberatan 😢",
        "Smart quotes and an emoji: her phone writes UCS-2. The keyword has a dot and a space in it.",
    ),
    Citizen(
        "A grandmother's old phone",
        "6281566010004",
        "indosat",
        "tolong pak air pdam sdh 3 hari tdk jalan, anak cucu tdk bisa mandi",
        "No keyword and no place. It is a complaint all the same; she is asked where, and what she answers goes with it.",
        answer="di lubuk basung, dekat terminal",
    ),
    Citizen(
        "Pak Anwar, Painan",
        "6281266010005",
        "telkomsel",
        '"PESSEL (spasi) jembatan gantung putus di nagari Taratak" kirim ke 1708',
        "He copied the instruction from the poster, quotes and (spasi) and all.",
    ),
    Citizen(
        "Someone who is afraid",
        "6281566010006",
        "indosat",
        "AGAM ada pungli di kantor camat, petugas minta uang utk surat. jangan sebut nama saya",
        "Pungli, and a wish not to be named: filed as rahasia, and the answer names no place.",
    ),
)


@dataclass(frozen=True, slots=True)
class Poster:
    """Who posts what on X."""

    who: str
    handle: str
    text: str
    point: str


ON_X = Poster(
    "Uda Rizal, on X",
    "rizal_lawang",
    "@lapor1708 jembatan gantung di nagari Lawang miring, anak sekolah takut lewat #AduanAgam",
    "A post that calls @lapor1708. Its hashtag is Kabupaten Agam's; the one public answer has the number and no link.",
)

IN_THE_CRASH = (
    Citizen("Uni Lina", "6281266010007", "telkomsel", "AGAM sampah menumpuk di pasar Bawan sudah seminggu", ""),
    Citizen("Mas Bowo", "6281566010008", "indosat", "HALLO DEMAK pupuk subsidi langka di Sayung", ""),
    Citizen("Ibu Ani", "6281266010009", "telkomsel", "INHU puskesmas tutup jam 10 pagi, banyak yang antri", ""),
)
