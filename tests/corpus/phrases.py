"""The words the generator puts together: complaints by topic, slang, languages, greetings. All written for this project."""

from __future__ import annotations

PROBLEMS: dict[str, tuple[str, ...]] = {
    "pendidikan dan pengajaran": (
        "sekolah kami atapnya bocor",
        "guru sering tidak masuk kelas",
        "siswa ditarik uang gedung",
        "ijazah anak saya ditahan",
    ),
    "kesehatan": ("puskesmas tutup jam 10 pagi", "pasien bpjs ditolak rsud", "obat di puskesmas habis", "dokter tidak pernah datang"),
    "kemaritiman": ("dermaga rusak kapal susah sandar", "nelayan tidak dapat solar", "kapal trawl masuk wilayah nelayan"),
    "tempat tinggal": ("perumahan subsidi bocor semua", "developer belum kasih sertifikat rumah", "rusunawa lift nya mati"),
    "perbankan": ("saldo di bank hilang sendiri", "pinjol meneror keluarga saya", "kredit KUR dipersulit bank"),
    "pertanian": ("pupuk subsidi langka", "sawah kekeringan gagal panen", "hama wereng menyerang padi"),
    "komunikasi dan informasi": ("sinyal internet tidak ada", "tower bts mati sudah sebulan", "aplikasi layanan error terus"),
    "perhubungan": ("angkot ngetem bikin macet", "lampu merah mati semua", "parkir liar menutup jalan", "bus tidak berhenti di halte"),
    "hukum dan keamanan": ("maling motor makin banyak", "judi dan miras dibiarkan", "laporan di polsek tidak diproses", "begal tiap malam"),
    "lingkungan hidup": ("sampah menumpuk tidak diangkut", "limbah pabrik dibuang ke sungai", "asap pembakaran sampah tiap sore"),
    "jaminan sosial": (
        "bansos tidak tepat sasaran",
        "pkh belum cair 3 bulan",
        "blt dipotong ketua rt",
        "lansia miskin tidak dapat bantuan",
    ),
    "reformasi birokrasi": (
        "ktp sudah 6 bulan belum jadi",
        "urus kk dipersulit petugas",
        "pelayanan kantor kelurahan lambat",
        "akta lahir salah ketik",
    ),
    "penanggulangan bencana": (
        "banjir masuk rumah warga",
        "longsor menutup akses desa",
        "kebakaran di dekat pasar",
        "tanggul jebol tadi malam",
    ),
    "infrastruktur": (
        "jalan rusak parah",
        "jembatan hampir putus",
        "lampu jalan mati total",
        "air pdam tidak mengalir",
        "drainase mampet",
        "aspal mengelupas",
    ),
    "sumber daya alam": ("tambang pasir liar merusak sungai", "galian c ilegal tetap jalan", "penambangan emas liar"),
    "pembangunan desa": ("dana desa tidak transparan", "kades jarang masuk kantor", "bumdes tidak jelas uangnya"),
    "pariwisata": ("tempat wisata kotor sekali", "tiket objek wisata ditarik dua kali", "wisatawan ditipu calo"),
    "ketenagakerjaan dan usaha": ("pabrik phk tanpa pesangon", "gaji di bawah umk", "thr belum dibayar perusahaan", "pkl digusur paksa"),
    "energi": ("listrik padam tiap malam", "gas melon langka dan mahal", "tiang listrik miring", "antri solar di spbu"),
}
DANGER_WORDS = ("banjir", "longsor", "kebakaran", "jebol")
TAILS = (
    "",
    "",
    " tolong diperbaiki",
    " mohon ditindaklanjuti pak",
    " sudah 2 minggu",
    " sejak senin",
    " bagaimana ini",
    " rt 03 rw 01",
    " depan pasar",
    " dekat masjid",
    " tiap hari begini terus",
    " sdh dilaporkan tapi tidak ada tanggapan",
    " terima kasih",
    " km 12",
    "!!!",
    "...",
)
SLANG: dict[str, tuple[str, ...]] = {
    "jalan": ("jln", "jl"),
    "tidak": ("tdk", "gak", "ga", "gk", "tak"),
    "sudah": ("sdh", "udah", "udh"),
    "belum": ("blm", "blom"),
    "yang": ("yg",),
    "dengan": ("dgn",),
    "untuk": ("utk",),
    "tolong": ("tlg", "tlong"),
    "mohon": ("mhn",),
    "rumah": ("rmh",),
    "sampai": ("smp",),
    "karena": ("krn",),
    "bulan": ("bln",),
    "malam": ("mlm",),
    "pasar": ("psr",),
    "depan": ("dpn",),
    "dekat": ("dkt",),
    "terus": ("trs",),
    "saya": ("sy",),
    "banyak": ("bnyk",),
    "dari": ("dr",),
    "sekali": ("skali",),
    "bagaimana": ("gmn",),
    "semua": ("smua",),
    "minggu": ("mggu",),
    "orang": ("org",),
    "hari": ("hr",),
    "bisa": ("bs",),
}
LANGUAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "jawa": {
        "infrastruktur": ("dalane bolong kabeh pak", "lampu dalan mati peteng", "banyu pdam ora mili"),
        "energi": ("listrik mati wae saben bengi",),
        "pertanian": ("pupuk angel golek",),
    },
    "sunda": {
        "infrastruktur": ("jalan butut pisan pa", "cai pdam teu ngocor"),
        "energi": ("listrik pareum wae",),
        "lingkungan hidup": ("runtah numpuk teu diangkut",),
    },
    "minang": {"infrastruktur": ("jalan alah ancua bana", "aia pdam indak iduik"), "energi": ("lampu mati taruih",)},
    "betawi": {"infrastruktur": ("jalanan ancur banget dah", "lampu jalan kaga nyala"), "perhubungan": ("angkot ngetem mulu bikin macet",)},
    "bugis": {
        "infrastruktur": ("jalanan rusa maneng puang", "lampu jalan mati mi"),
        "kesehatan": ("dokter jarang mi datang di puskesmas",),
    },
}
SPOKEN = {"33": "jawa", "34": "jawa", "35": "jawa", "32": "sunda", "13": "minang", "31": "betawi", "73": "bugis"}
GREETINGS = (
    "Assalamualaikum ",
    "Ass wr wb. ",
    "Selamat pagi pak, ",
    "Yth Bapak, ",
    "min ",
    "Selamat siang ",
    "Kepada Yth. ",
    "Maaf mengganggu, ",
    "Permisi, ",
)
PREFIXES = ("LAPOR ", "lapor ", "LAPOR 1708! ", "Lapor: ")
SEPARATORS = (
    " ",
    " ",
    " ",
    "#",
    " # ",
    ": ",
    ":",
    " - ",
    "-",
    ", ",
    ". ",
    "/",
    "|",
    "\n",
    "\t",
    "\u00a0",
    "  ",
    "(spasi)",
    " (spasi) ",
    "<spasi>",
    " spasi ",
)
MARKS = ("#", ": ", " - ", "#  ")
WISHES = (" mohon identitas saya dirahasiakan", ", tolong rahasiakan nama saya", " jangan sebut nama saya")
COMMAND_WORDS = (
    "STOP",
    "INFO",
    "stop",
    "info",
    "Info",
    "BATAL",
    "batal",
    "BANTUAN",
    "status",
    "2 hari",
    "3 bulan",
    "1 minggu",
    "5 tahun",
    "satu minggu",
    "dua hari",
)
STATUS_SHAPES = (
    "STATUS {}",
    "status {}",
    "Status: {}",
    "STATUS#{}",
    "cek {}",
    "STATUS no {}",
    "cek status {}",
    "STATUS laporan {}",
    "Ketik STATUS {}",
    "STATUS {} kirim ke 1708",
)
BARE_COMMANDS = {
    "RAHASIA": "RAHASIA",
    "ANONIM": "ANONIM",
    "BATAL": "BATAL",
    "INFO": "INFO",
    "STOP": "STOP",
    "1": "CHOICE",
    "2": "CHOICE",
    "satu": "CHOICE",
    "dua": "CHOICE",
}
DIGITS = {"A": "4", "I": "1", "O": "0", "E": "3", "S": "5"}
_NEAR_KEYS = """
A:SQZ B:VNG C:XVD D:SFE E:WRD G:FHT H:GJY I:UOK J:HKU K:JLI L:KOP M:NJK
N:BMH O:IPL P:OL R:ETF S:ADW T:RYG U:YIJ W:QES Y:TUH
"""
KEYBOARD: dict[str, str] = dict(pair.split(":") for pair in _NEAR_KEYS.split())
_EVERYDAY = """
agama agar agak pasar bantuan tangkap barang batas padang sampai malam dalam makan jalan depan besar tanah pesan kota kabupaten bandar
banding bandul gantung kampar kapur lahan bagan garuk darat belum bulan timur barat utara selatan bagai kudis pulau sedang sidang sering
serong
"""
EVERYDAY = frozenset(_EVERYDAY.split())
