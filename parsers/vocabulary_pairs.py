"""Words that tell something only in company: of an abuse, a danger or a wish for secrecy, and what unmakes them.

All are in the shadow's spelling (parsers/text.py). Read by parsers/company.py; the cues themselves are in vocabulary.py. Written for
this project.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PAPERS = _words("sim ktp kk akta akte surat skck paspor stnk bpkb sertifikat ijin izin")

_OFFICERS = _words(
    "kades lurah camat bupati walikota sekdes kadus perangkat pejabat kepala ketua rt rw kepsek petugas pegawai oknum polisi aparat"
)

DEALS: dict[str, frozenset[str]] = {
    "damai": _words("minta uang bayar tilang polisi ditilang"), "nembak": _PAPERS, "tembak": _PAPERS, "ditembak": _PAPERS,
    "beli": _words("jabatan bangku kursi suara"), "spek": _words("dikurangi kurang tidak tdk beda"),
    "perpisahan": _words("uang iuran"), "karcis": _words("tanpa"), "main": _words("proyek"),
    "biaya": _words("pungut narik dipungut mungut"),
    "rokok": _words("uang duit"), "rokoknya": _words("uang duit mana"), "kopi": _words("uang duit"), "kopinya": _words("uang duit mana"),
    "lelah": _words("uang duit"), "lelahnya": _words("uang duit mana"), "tempel": _words("salam"), "raib": _words("uang dana kas duit"),
    "kwitansi": _words("tanpa"), "kuitansi": _words("tanpa"), "bangku": _words("bayar beli"), "tender": _words("diatur titipan menang"),
    "dijual": _words("bantuan aset bansos beras kades ketua pupuk traktor"), "jual": _words("bantuan bansos jabatan aset"),
    "keluarga": _OFFICERS, "kerabat": _OFFICERS, "famili": _OFFICERS, "kroni": _OFFICERS,
    "ditahan": _words("kks atm buku pkh pip"), "sumbangan": _words("wajib paksa dipatok dipaksa"), "iuran": _words("paksa dipaksa"),
    "dimakan": _words("dana uang kas duit"), "dipangan": _words("dana dhuwit duit"), "volume": _words("dikurangi"),
    "seragam": _words("wajib paksa dipaksa"),
    "dipalak": _words("petugas oknum polisi aparat uang duit"), "malak": _words("petugas oknum polisi aparat uang duit"),
    "palak": _words("petugas oknum polisi aparat uang duit"), "dipalaki": _words("petugas oknum polisi aparat"),
    "pribadi": _words("kantong rekening kepentingan dipakai pakai dipake digunakan"), "transparan": _words("tidak tdk gak ga nggak ora"),
    "dipalsukan": _words("tangan ttd tandatangan spj nota data laporan"), "spj": _words("palsu bodong"), "titip": _words("absen"),
    "dananya": _words("kemana jelas hilang raib habis"), "anggarannya": _words("kemana jelas hilang raib habis"),
    "anggaran": _words("kemana jelas hilang raib"), "rab": _words("sesuai tidak"), "het": _words("atas diatas melebihi"),
    "kasih": _words("uang duit amplop"), "jabatan": _words("jual beli bayar dijual"), "administrasi": _words("uang duit"),
    "belakang": _words("jalur pintu lewat"),
    "tips": _words("minta uang"), "cepat": _words("bayar uang duit"), "cepet": _words("bayar uang duit"),
    "dilayani": _words("uang bayar duit amplop"), "tebang": _words("pilih"), "pilih": _words("kasih"),
    "orang": _words("dalam"), "kantong": _words("masuk pribadi sendiri"), "setor": _words("harus wajib disuruh"),
}  # fmt: skip
"""What makes an abuse of office of an everyday word, next to it or one word further: *nembak sim*, *jual beli jabatan*."""

PAID_FOR = dict.fromkeys(("urus", "ngurus", "mengurus", "bikin", "buat", "nggawe", "nyieun"), _PAPERS)
"""The same where a sum of money is named as well: *150rb utk bikin kk*."""

NO_ABUSES = _words("anti berita sinetron film tentang lagu buku novel pelajaran")
"""Beside a word of abuse these speak of no case: *berita korupsi di tv*."""

NO_TAKING = _words("pesangon kembali dikembalikan ganti gaji lembur thr santunan upah")
"""Beside money these make a right of what is asked for: *minta uang pesangon*."""

PERILS: dict[str, frozenset[str]] = {
    "kabel": _words("putus menjuntai terkelupas kendor nyala terbuka jatuh rendah nyetrum telanjang"),
    "gas": _words("bocor meledak beracun"),
    "angin": _words("kencang puting ribut topan beliung kuat"),
    "api": _words("besar membesar menjalar merambat kobaran membakar rumah hutan lahan gudang kios toko kebun padamkan"),
    "pohon": _words("tumbang roboh menimpa"),
    "ular": _words("masuk kobra piton"),
    "asap": _words("tebal beracun pekat"),
    "jurang": _words("masuk jatuh terjun"),
    "anjlok": _words("kereta jalan jembatan"),
    "lapuk": _words("jembatan kayu papan atap tiang"),
    "miring": _words("jembatan tiang gedung tower pohon bangunan"),
    "ombak": _words("besar tinggi"),
    "tanggul": _words("bocor kritis retak rembes"),
    "munggah": _words("banyu banyune"),
    "tali": _words("putus"),
    "rem": _words("blong"),
    "awan": _words("panas"),
    "setinggi": _words("dada leher lutut pinggang dengkul atap paha betis meter"),
    "gunung": _words("siaga awas meletus erupsi"),
    "retak": _words("tanah bendungan tanggul tebing lereng memanjang jembatan dinding bukit"),
    "jatuh": _words("jurang jembatan motor sungai tertimpa korban sumur tangga hampir"),
    "sesak": _words("napas nafas"),
    "korban": _words("jiwa tewas luka meninggal nyawa"),
    "parang": _words("bawa pakai acungkan mengacungkan pake"),
    "bergerak": _words("tanah lereng bukit"),
    "tiang": _words("roboh ambruk tumbang"),
    "hampir": _words("putus jatuh roboh ambruk runtuh tertabrak celaka"),
    "nyaris": _words("putus jatuh roboh ambruk runtuh tertabrak celaka"),
    "bah": _words("air"),
    "kejang": _words("anak panas"),
    "muntah": _words("massal keracunan"),
}
"""What makes a danger of an everyday word, next to it or one word further: *kabel putus*, *air setinggi leher*."""

NO_DANGERS = _words(
    "diskon jenggot iklan pesanan orderan order harga harganya promo nilai mata hadiah pujian spam simulasi lomba latihan usul harapan"
)
"""Beside a word of danger these are its figures of speech: *banjir diskon*, *kebakaran jenggot*."""

SECRETS: dict[str, frozenset[str]] = {
    "antara": _words("kita"), "cukup": _words("bapak pak admin kita bpk ibu min"), "hamba": _words("allah"),
    "nn": _words("pelapor nama dari"), "name": _words("no"), "diteror": _words("nanti takut bisa"),
    "diketahui": _words("ingin mau jangan usah"), "inisial": _words("saja aja"), "fulan": _words("sebut nama saya"),
    "privasi": _words("jaga dijaga saya mohon"),
    "dibocorkan": _words("jangan jgn"), "bocorin": _words("jangan jgn"), "dibocorin": _words("jangan jgn"),
}  # fmt: skip
"""What makes a wish for secrecy of an everyday word, next to it or one word further."""

NAMELESS = _words("hamba nn name inisial fulan")
"""Those of SECRETS that stand for a name withheld."""

NO_NAMES = _words("jalan jelas desa gang toko sekolah perusahaan produk merk pt")
"""Behind *nama* these make it not the reporter's: *tanpa nama jalan*."""

REPORTERS = _words(
    """
    saya sy aku ak kami kmi abdi ambo kulo lapor melapor melaporkan laporan pelapor ketahuan diketahui identitas nama dipecat
    dilaporkan dendam keselamatan dimutasi diteror dikucilkan dipersulit dikeluarkan diusir dibalas
    """
)
"""Who is afraid: near a word of fear they make a wish for secrecy of it."""

NO_SECRETS = _words(
    """
    bukan kode ujian soal sandi pin nomor dokumen akun pesan penelepon umum negara dagang resep password perusahaan dapur data
    """
)
"""Beside *rahasia* or *anonim* these speak of something else: *kode rahasia*, *rahasia umum*, *akun anonim*."""

GRANTED = {"gratis": _words("harusnya seharusnya mestinya")}
"""What should cost nothing, and is told of because it did: *harusnya gratis*."""

_RIGHTS = _words("gaji gajinya honor honornya upah thr pesangon lembur tagihan listrik terima trima pajak ganti")

PAID_TO = (
    _OFFICERS | _PAPERS | _words("pegawainya petugasnya panitia loket bpn samsat satpam panitianya pendamping pengurus honorer cpns pppk")
)
"""Near a sum that is paid these make an abuse of it: *bayar 200 ribu ke pak kades*."""

NOT_PAID = _RIGHTS
"""Near it these make a right or a bill of it: *gaji petugas belum dibayar 3 juta*."""
