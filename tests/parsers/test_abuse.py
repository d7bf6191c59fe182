"""Anger is no prank: whoever names a matter is a complainant, however he curses. What holds nothing at all waits for a person."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from parsers import abuse
from tests.corpus import generate
from tests.corpus.labelled import HELD_OUT, TUNING, read

ANGRY = """
Pemerintah tolol! jalan rusak dari dulu gak diperbaiki
bupati goblok, jembatan putus dibiarkan
ANJING KALIAN SEMUA JALAN BERLUBANG TIAP HARI ORANG JATUH
bangsat petugas samsat minta uang terus
woy pemda tai, sampah numpuk seminggu bau nya minta ampun
dasar pejabat babi, bansos dikorupsi
kades kampret dana desa dimakan sendiri
PLN brengsek listrik mati tiap malam anjing
PDAM bajingan air tidak mengalir 5 hari bayar terus
lurah bego urus ktp 6 bulan belum jadi
dokter puskesmas setan pasien dibiarkan menunggu
polisi tolol laporan maling motor saya tidak diproses
jancok dalane bolong kabeh pak bupati
asu tenan banyu pdam ora mili wis telung dino
cuk lampu dalan mati peteng ndedet
goblog sia pamarentah, jalan butut teu dibebenerkeun
anying runtah numpuk di pasar teu diangkut
belegug dinas teh, cai pdam teu ngocor
pantek jalan kampuang kami ancua bana
kanciang aia pdam indak iduik saminggu
kalera camat mintak pitih untuak surek
sialan! anak saya jatuh di lubang jalan depan sd, luka parah
monyet lah kalian, banjir lagi rumah kami kerendam
tolol amat bikin drainase mampet begini, banjir terus
bodoh sekali dinas pu, aspal baru sebulan sudah mengelupas
guru bangsat memukul anak saya di sekolah
kepala sekolah keparat pungli uang bangku
idiot yg atur lampu merah, macet 2 jam tiap pagi
bacot doang pemerintah, harga beras mahal rakyat lapar
gila kalian, antri bbm 3 jam habis
goblok goblok goblok solar langka nelayan tidak melaut
matamu pak camat pungutan prona 2 juta
ndasmu pejabat, pupuk subsidi ilang
anjing liar menggigit anak di rt 5
anjing tetangga menggonggong tiap malam, satpol pp tidak datang
monyet masuk kebun warga merusak tanaman
babi hutan merusak ladang jagung kami
tai sapi berserakan di jalan desa bau
setan jalanan balap liar tiap malam minggu
banci razia satpol kasar sekali kepada pedagang
gigolo dan lonte mangkal di depan masjid, warga resah
BANGSAT SEMUA!!! RUMAH SAYA KEBANJIRAN TIDAK ADA BANTUAN
kurang ajar petugas bpjs menolak ibu saya
biadab, limbah pabrik dibuang ke sungai ikan mati semua
otak udang kalian, trotoar dibongkar tidak ditutup lagi
TOLONG KAMI ANJING, LONGSOR MENUTUP JALAN
kontol lah negara ini, gaji honorer 5 bulan tidak dibayar
fuck pemerintah jembatan gantung putus anak sekolah nyebrang sungai
shit, listrik padam lagi komp rusak semua
edan tenan pungli neng pasar saben dina
goblok yang pasang tiang listrik miring mau roboh
woi tolol jalan woi jalan rusak
lapor anjing lapor gak pernah ditanggapi, lampu jalan mati 3 bulan
hahaha lucu sekali, jalan diaspal cuma depan rumah bupati
wkwkwk dana covid kemana pak, tidak transparan
hebat sekali ya pemerintah kita, sampah dibiarkan menggunung
kapan mati itu pejabat yang makan uang bansos
iblis rentenir masuk desa, warga diancam
bedebah tambang liar merusak sungai kami
sudah 10 kali lapor tolol, air keruh terus
kampret kampret angkot ngetem sembarangan macet
pecat aja camat goblok, pelayanan buruk pungli jalan terus
muka tembok kades, bantuan dipotong 200 ribu
dasar maling berdasi, proyek mangkrak
rampok kalian semua pajak naik jalan hancur
bodoh amat sih! anak stunting di desa kami tidak ada bantuan
puskesmas babi, dokternya cuma 1 dan kasar
sekolah setan minta sumbangan terus
jalan jalan jalan rusak woyyyyyyyyy
banjiiiiiiiiiirrrrrrr lagiiiiiiii tolonggggg
TOLOOOOONG kebakaran di pasar!!!!!!
aaaaaaaaaa jalan rusak lagi
??????? kapan diperbaiki jembatan putus itu ???????
!!!!!! listrik mati !!!!!!
zzzz antri di disdukcapil dari subuh
wkwkwk bupati korupsi bansos
haha hehe jalan berlubang
tai kucing janji manis, irigasi jebol sawah kering
cih najis, toilet terminal kotor bau pesing
gw muak anjir, sinyal hilang terus di desa
lo pikir gw sabar, ktp ditahan petugas, bangsat
pak presiden tolol menteri tolol gas melon langka
mampus kalian kalau tidak diperbaiki jalan ini
ah taik lah, rsud menolak pasien bpjs
minta pulsa dari warga itu petugas pendataan, pungli
pocong di jalan? bukan, itu lampu jalan mati semua gelap
kirim pulsa ke oknum polisi baru diproses
saya butuh istri saya dirawat, rsud menolak karena bpjs mati
""".strip().splitlines()

PRANKS = """
tolol lu semua
anjing
ANJING ANJING ANJING
bangsat kalian
goblok goblok goblok
bupati goblok
presiden tolol bego
dasar babi
woi monyet
kontol
kntl memek
fuck you
jancok
asu kabeh asu
ndasmu
goblog sia
anying
belegug siah
pantek
pantek ang kanciang
otak udang lu
bego banget sih lu
pemerintah tai
admin tolol
lapor anjing
wkwkwkwk
wkwkwkwkwkwk lucu
hahahaha
hahaha hihihi
hehehehe min
xixixi
aaaaaaaaaaa
aaaa bbbbb ccccc
zzzzzzzzz
hmmmmmmmmm
lalalalala
asdfghjkl
asdfgh jkl
qwertyuiop
zxcvbnm
qwerty asdfgh zxcvb
sdfghjklkjhgf
bcdfghjkl
123456789012345
wkwk asdf asdfgh
????????
!!!!!!
.....
:) :) :)
$$$$$
minta pulsa dong
kirim pulsa 50rb ya
min kirimin kuota dong
cariin jodoh dong min
tolong carikan saya pacar
mau pacar
kenalan yuk
boleh kenalan gak
boleh minta wa
i love you
aku cinta kamu
lagi apa min
udah makan belum
cuma iseng
cuma ngetes aja
sekedar iseng hehe
salah sambung
salah kirim maaf
berani gak lu
ayo balas kalau berani
sebarkan pesan ini ke 10 orang
teruskan sms ini ke 12 teman kalau tidak kamu akan sial
ada pocong di rumah
ada hantu di kamar mandi
ultraman vs godzilla menang siapa
tebak tebakan yuk
kenapa ayam menyeberang jalan
mabar yuk
slot gacor maxwin
mantan saya jahat
pacar saya selingkuh
tolong kerjain pr saya
ulangan matematika bantu jawab
jadikan saya presiden
selamat ulang tahun min
""".strip().splitlines()

TRYING = ["tes", "halo", "halo 1708", "p", "ini nomor apa ya", "test 123", "assalamualaikum", "min", "", "   ", "AGAM", "1", "ya", "123456"]
"""Who tries the number is no prankster: he wants to know whether anybody is there."""


def test_there_are_as_many_of_each_as_promised() -> None:
    assert len(set(ANGRY)) >= 80
    assert len(set(PRANKS)) >= 60


@pytest.mark.parametrize("text", ANGRY)
def test_anger_with_a_matter_is_a_complaint(text: str) -> None:
    assert not abuse.is_prank(text)
    assert not abuse.is_prank(text.upper())
    assert not abuse.is_prank(f"AGAM {text}")


@pytest.mark.parametrize("text", PRANKS)
def test_a_prank_is_seen(text: str) -> None:
    assert abuse.is_prank(text)
    assert abuse.is_prank(f"  {text.upper()} ")


@pytest.mark.parametrize("text", TRYING)
def test_who_tries_the_number_is_no_prankster(text: str) -> None:
    assert not abuse.is_prank(text)


@pytest.mark.parametrize("prank", PRANKS)
@pytest.mark.parametrize("matter", ["jalan rusak di desa kami", "banjir", "petugas minta uang", "bansos dipotong"])
def test_a_matter_beside_any_prank_makes_it_a_complaint(prank: str, matter: str) -> None:
    assert not abuse.is_prank(f"{prank}. {matter}")


def test_no_complaint_of_the_corpus_is_a_prank() -> None:
    """2,497 texts of people who never saw these words, and 6,000 made by chance; commands are asked for before this, *1* is one."""
    messages = itertools.chain(read(TUNING), read(HELD_OUT), generate.messages(20261128, 6_000))
    assert [one.text for one in messages if one.kind == "complaint" and abuse.is_prank(one.text)] == []


def test_a_complaint_of_the_corpus_with_a_curse_before_it_is_none_either() -> None:
    messages = [one for one in itertools.chain(read(TUNING), read(HELD_OUT)) if one.kind == "complaint" and one.text not in TRYING]
    taken = [one.text for one in messages if abuse.is_prank(f"bangsat! {one.text}")]
    assert len(taken) * 200 <= len(messages), taken


def test_any_text_has_a_score() -> None:
    seed = 20261128
    print(f"seed={seed}")
    random = Random(seed)
    letters = "abkwhrsu 0123?!\n\ud83d\ude00\u200b\ud800"
    for _ in range(2_000):
        assert 0 <= abuse.score("".join(random.choice(letters) for _ in range(random.randrange(300)))) <= 3
