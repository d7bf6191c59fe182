"""Offices advertise the service under the same tags: that waits for a person. What a citizen suffers never looks like it."""

from __future__ import annotations

import pytest

from parsers.publicity import is_publicity

ADVERTS = """
Sobat Agam, yuk manfaatkan kanal SP4N-LAPOR! untuk menyampaikan aspirasi dan pengaduan Anda. #lapor #aduanagam
Ayo sampaikan aspirasi dan pengaduan masyarakat melalui kanal SP4N LAPOR! @lapor1708
Diskominfo Agam menggelar sosialisasi SP4N-LAPOR! bagi admin OPD di aula kantor bupati. @lapor1708 #sp4nlapor
Punya aspirasi atau pengaduan pelayanan publik? Sampaikan lewat SMS 1708 atau unduh aplikasinya. #lapor
Siaran pers: Pemkab Pemalang raih penghargaan pengelolaan pengaduan terbaik 2026 #halobupati
Apel pagi dirangkai pembinaan admin kanal pengaduan oleh Sekda. #sp4nlapor @lapor1708
Infografis: cara menyampaikan pengaduan lewat kanal SP4N-LAPOR! Simak ya, sobat! #lapor
Monev pengelolaan pengaduan triwulan III bersama Diskominfo dan admin penghubung. #sp4nlapor
Bimtek admin SP4N LAPOR! digelar Diskominfo selama dua hari, diikuti 40 peserta. Humas #sp4nlapor
Kami siap melayani dengan prima, transparan dan akuntabel. Sampaikan pengaduan Anda! @lapor1708
Satu kanal untuk semua pengaduan: terintegrasi, transparan, akuntabel. #yoklapor #sp4nlapor
Yuk laporkan lewat kanal resmi! Narahubung: Humas Kota Denpasar. #lapordenpasar
Zona integritas menuju WBK dan WBBM: kami melayani dengan hati. #sp4nlapor
Sahabat Sleman, gunakan kanal LAPOR Sleman untuk aspirasi dan aduan Anda! #laporsleman
Dirgahayu Kabupaten Demak! Humas melayani pengaduan 24 jam. #lapordemak
Kunjungi stan kami di pameran pelayanan publik, dapatkan infografis kanal pengaduan. #sp4nlapor
Salurkan aspirasi dan pengaduan Anda melalui hotline 1708, terintegrasi di seluruh Indonesia. @lapor1708
Rilis Humas: sosialisasi kanal pengaduan di Kecamatan Lubuk Basung berjalan lancar. #aduanagam
Ayo, sobat! Jangan ragu sampaikan aspirasi. Layanan kami prima dan presisi. #laporgub
Kegiatan pembinaan dan monev layanan pengaduan se-Jawa Tengah hari ini. #laporgub
Sobat Purwakarta, manfaatkan layanan pengaduan online kami. Mudah dan cepat! #aduanpurwakarta
Diskominfo mensosialisasikan SP4N LAPOR! kepada mahasiswa; ayo gunakan! #lapor
Kini layanan pengaduan terintegrasi dengan MPP. Kunjungi gerai kami. #laporkabtangerang
Penghargaan kompetisi pengelolaan pengaduan diterima Kominfo hari ini, apel syukur digelar. #sp4nlapor
Yuk unduh aplikasi SP4N LAPOR! Sampaikan keluhan dan aspirasimu dari rumah. @lapor1708
Humas Polres siap melayani, prima dan presisi, hotline 110 dan 1708. #lapor
Aspirasi Anda penting! Manfaatkan kanal kami: SMS 1708, web, dan media sosial. Sampaikan sekarang. #elapordiy
Sahabat, kanal pengaduan layanan publik DIY kini lebih transparan. #lapordiy
Bimtek dan pembinaan narahubung kanal aduan digelar di Hotel Pangeran. Kominfo #aduanagam
Gunakan hak suara Anda: salurkan aspirasi lewat kanal SP4N-LAPOR! #yoklapor
""".strip().splitlines()

COMPLAINTS = """
@lapor1708 jalan di depan pasar Lubuk Basung rusak parah, sudah dilaporkan lewat kanal ini tapi tidak ditanggapi #aduanagam
@lapor1708 tolong sampaikan ke dinas, lampu jalan mati sejak Senin di Padang Baru
#lapor layanan pengaduan di kecamatan lambat sekali, petugas humas kasar
@lapor1708 layanan KTP di disdukcapil antri dari subuh, pengaduan di hotline tidak diangkat
Aspirasi dan pengaduan kami ke kanal resmi belum dijawab tiga bulan @lapor1708
@lapor1708 admin hotline diskominfo tidak melayani pengaduan kami
#lapordenpasar sampah menumpuk di Jalan Gatot Subroto, bau sekali
@lapor1708 sekolah minta uang pembinaan 500 ribu per siswa, apa benar?
@lapor1708 bansos dipotong oleh perangkat desa, mohon ditindak
@lapor1708 air PDAM mati tiga hari di Kelurahan Sawahan, kami harus mandi di mana
@lapor1708 oknum petugas layanan samsat minta uang, katanya layanan prima
Sobat lapor, banjir lagi di kampung kami, yuk bantu sampaikan ke BPBD @lapor1708
@lapor1708 ayo pak bupati, lihat jembatan kami yang hampir putus
@lapor1708 unduh aplikasi gagal terus, kunjungi kantor pun tutup, layanan apa ini
#aduanagam pungli di pasar, sudah kami laporkan lewat hotline dan kanal humas
@lapor1708 tolong perbaiki irigasi di Nagari Tiku, sawah kami kering
@lapor1708 pelayanan di puskesmas buruk, dokter tidak ada sejak pagi
@lapor1708 tiang listrik miring mau roboh di dekat SD 03 Tanjung Raya
@lapor1708 KIS saya nonaktif padahal sedang sakit, mohon dibantu
#laporsleman pupuk subsidi langka, harga mahal di pengecer
@lapor1708 anak saya ditolak masuk SD karena akta belum jadi
@lapor1708 proyek drainase tidak transparan dan tidak akuntabel, papan anggaran tidak ada
@lapor1708 pengaduan saya ditutup tanpa jawaban, mana layanan prima itu
Sosialisasi terus tapi jalan kami tetap berlubang, humas jangan cuma apel @lapor1708
@lapor1708 calo berkeliaran di kantor layanan paspor, narahubung tidak bisa dihubungi
@lapor1708 gaji guru honorer belum dibayar empat bulan
#lapor anjing liar menggigit warga di RT 05, tolong dinas turun
@lapor1708 mohon pasang rambu di tikungan Kelok 44
@lapor1708 penerangan gelap di jalan Diponegoro rawan begal
@lapor1708 bantuan gempa untuk kami belum turun, aspirasi sudah kami sampaikan lewat kanal pengaduan
""".strip().splitlines()


def test_there_are_thirty_of_each() -> None:
    assert (len(ADVERTS), len(COMPLAINTS)) == (30, 30)


@pytest.mark.parametrize("text", ADVERTS)
def test_an_offices_advert_waits_for_a_person(text: str) -> None:
    assert is_publicity(text)


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_citizens_trouble_is_never_publicity(text: str) -> None:
    assert not is_publicity(text)
