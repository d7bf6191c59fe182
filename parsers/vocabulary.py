"""The words that the matchers know: greetings, copied instructions, ordinary Indonesian, places, dates, dangers, wishes.

All are in the shadow's spelling (parsers/text.py) and include the short forms of SMS. They help to find and to doubt, never to
rewrite: the citizen's own words go on as they are. Written for this project; `kel` is kelurahan here, not keluarga.
"""

from __future__ import annotations

import enum


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREETINGS = _words(
    """
    assalamualaikum assalamu assalamualaikm alaikum aslm ass asw aslkm wr wb wrwb warahmatullahi wabarakatuh warohmatullohi
    wabarokatuh salam selamat slmt slamat met pagi pgi siang sore malam mlm sejahtera halo hallo hello hai hi hei dear yth yts ykh
    yang terhormat kepada kpd permisi maaf mf maf maap misi mengganggu menganggu mengganggunya
    shalom syalom swastiastu swastyastu om namo budaya horas punten sampurasun kulonuwun nuwun
    sewu tabik pun admin adm min mimin team tim lapor1708 sp4n ndan komandan
    sugeng enjing enjang siyang sonten dalu ndalu wilujeng wengi rahajeng semeng rahayu tabea tabe mejuah juah yaahowu
    bismillah bismillahirrahmanirrahim bismillahirrohmanirrohim
    """
)
"""Words that may stand before a keyword without taking the head position from it."""

HONORIFICS = _words(
    """
    pak bapak bpk bu ibu mas mbak mba bang abang kak kakak uda uni om tante kang teh gan bro sis saudara sdr
    """
)
"""After these a keyword may be a person's name (*pak Agam*) unless a mark parts them."""

OPENERS = _words(
    """
    bupati walikota wali kota gubernur camat lurah presiden kapolres kadis kepala dinas bupatiku di tempat ditempat mohon minta izin
    ijin numpang tanya nanya bertanya mau ingin hendak melapor melaporkan lapor mengadu ngadu tolong bantu bantuan bantuannya waktu
    waktunya sebelumnya hormat saya kami sy sejahtera kita semua tercinta untuk utk operator petugas menteri ketua bagi sehat dgn
    aduan pengaduan laporan keluhan perihal hal pesan tes test dibantu ditindaklanjuti dh
    """
)
"""Words of longer openings (*Yth bapak bupati, …*, *mohon izin melapor: …*); they count as such when a mark or CLOSERS ends them."""

CLOSERS = GREETINGS | _words(
    """
    lapor melapor melaporkan mengadu ngadu aduan pengaduan laporan izin ijin sebelumnya semua sehat hormat
    """
)
"""Words that call us or say that a report begins: a keyword right behind them stands at the head (*izin lapor min AGAM …*)."""

OFFICES = _words(
    """
    bupati walikota kota gubernur camat lurah presiden menteri kapolres kadis kepala dinas ketua
    """
)
"""Words behind which an addressee's name or place may follow (*Bupati Agam, …*)."""

INSTRUCTIONS = _words(
    """
    ke ketik ktk ketikan ketikkan tulis format formatnya isi sms keyword kode kata kunci contoh cth dengan
    """
)
"""Words of the published instruction that people copy before the keyword."""

SPACE_WORD = "spasi"
"""The word that stands for a blank in every published instruction."""

NATIONAL_MARKS = _words(
    """
    lapor 1708 lapor1708 sp4nlapor sp4n
    """
)

ORDINARY = _words(
    """
    a ada adalah adanya agar air akan akibat akses aku alat alhamdulillah aliran aman ambil ambulan ambulance anak aneh angkot anggota
    antara antri antrian apa apakah apabila api arah asap aspal atas atap atau ayah ayo bagaimana bagi bagian bagus bahan bahaya
    bahkan baik bak banjir bansos bantu bantuan banyak baru bapak barang barat batu batang bau bawah bayar bayi bbm becek begal begini
    belakang beli belum benar bencana berbahaya berapa beras berat berdebu berharap berhari beri berita berlubang bermasalah bersih
    besar besok biar biasa biaya bibit bidan bisa bisakah bising blm blom bln blt boleh bpjs bpk bu buat buka bukan buku bulan bupati
    buruk bus butuh cair calo camat cara cari cek cepat cukup curah daerah daftar dalam damai dan dana dapat dari darurat data datang
    debu dekat demi dengan depan derita desa dgn di dia diam dibangun diberi dibuka dibuang dikerjakan dilaporkan diminta dinas
    dipotong diperbaiki disini ditindak dkt dlm dokter dpt dr drainase dua dusun e e-ktp ekonomi elpiji empat entah gadis gaji ganggu
    gang gara gas gelap gempa genangan gimana gratis guru habis hama hampir hancur hanya harap harga hari harus hasil hati hewan
    hilang hidup hp hr hujan hutan ibu ijin ikan imb informasi info ingin ini internet irigasi isi izin jadi jadwal jaga jalan
    jalannya jalur jam jaman jangan jaringan jatuh jauh jelas jembatan jgn jika jl jln jual jumlah juta kab kabupaten kabel kades
    kadang kadus kali kalo kalau kami kampung kamu kantor kapan kapal karena kartu karyawan kasar kasihan kasus kata kawasan kayu
    kebakaran kebersihan kec kecamatan kecelakaan kecil kejadian kel keluar keluarga keluhan keluhkan kelurahan kemana kemarau kemarin
    kenapa kendaraan kepada kepala kepling keras kerja kesehatan ketika ketua khusus kios kita kk klinik klo km kmrn kni kok komplain
    kondisi kontrak korban korupsi kos kost kota kotor krn ktp kuat kurang kursi kya kyk lagi lahan lain laku lalu lama lampu langka
    langsung lapangan lapor laporan laporkan larut layanan lebih lelah lewat lho liar lihat lima limbah lingkungan listrik lokasi
    longsor loket los lpg luar lubang lumpur lupa lurah lurus macet maka makan makin maksud malah malam malang maling mama mana mandi
    marah masa masalah masih masjid masuk masyarakat mata mati mau medan melapor melaporkan memang membuat meminta mengadu mengadukan
    mengapa mengeluh mengenai menjadi menumpuk menunggu merah mereka meresahkan merusak mesin meteran mhn minggu minim minta minum
    minyak miring miskin mobil mohon motor muara muda mudah muka mulai murah murid musim nasib ndak negara nelayan ngantri nggak nomor
    numpuk nunggu nya obat oknum ojek olah orang orng oleh pabrik pada padam padat padahal padi pagar pagi pajak pak paket paling
    panas panen panjang pantai parah parit parkir pas pasar pasca pasien pasti patah pecah pedagang pegawai pejabat pelayanan pelajar
    pelaku pembagian pembangunan pembuangan pemerintah pemuda pencuri pencurian pengaduan pengangkutan pengurusan pengurus penerangan
    penting penuh penumpang per peras perawat perbaikan pergi perizinan perlu permintaan permohonan pernah pertanian perumahan
    perusahaan petani petugas pinggir pintu pipa pkl pohon pokok polisi polusi pos pria program proses proyek puskesmas pungli
    pungutan pupuk pusat putus rakyat ramai raskin rata rawan rel resah ribu ribut roboh rs rsud rt ruang rumah rusak rusaknya rw saat
    sabar saja sakit salah saluran sama sampah sampai sana sangat sapi saran satu satpol saya sbg sdh sdr sebab sebagai sebelah
    sebelum sedang segera sehat sejak sekali sekarang sekitar sekolah selain selalu selama selokan seluruh sembako semen semoga semua
    sendiri sepeda seperti sering serobot sertifikat setelah setiap si siang siapa sinyal sisa siswa siswi situ smp sma sd smk soal
    solar spbu sampe stop subsidi subuh sudah sulit sumur sungai surat swasta tagihan tahun tak tambang tanah tanaman tanam tangan
    tanggul tanpa tapi tarif tau tdk telah telat telepon tembok tempat tengah tentang terang terbakar terganggu terhadap terima teriak
    terjadi terkait terlalu terlambat terlantar ternak ternyata tersebut tertutup terus tetangga tetap thn tiang tiap tiba tidak tiga
    tikus tim tindak tinggal tinggi tkdk tlg tlong toko tolong tong transportasi truk trs trus tugas tukang tumbang tunggu turun tutup
    uang udah udara ujung ukuran umum unit untuk upah upaya urus urusan usaha usul utang utama utk viral vaksin wabah wajib waktu
    walau wali wanita warga warung wilayah ya yaitu yang yg zona antrean aktif kapok kalender listriknya airnya lampunya sampahnya
    jembatannya sekolahnya desanya desaku rumahku kampungku jalanku jaringannya gedung toilet wc halte terminal stasiun bandara
    pelabuhan taman trotoar zebra rambu lalin marka posyandu balita ibuhamil lansia difabel disabilitas beasiswa pip kip pkh umkm
    bumdes pdam pln telkom pegadaian bank kredit pinjol pinjaman judi online narkoba agama agamis alam ayam asam malas miras
    perampokan penipuan penganiayaan kekerasan pelecehan perkelahian tawuran balap knalpot anjing kucing ular nyamuk dbd demam diare
    stunting gizi kuning hijau putih hitam biru pagi2 masing jelas2 bu2 mending mestinya seharusnya sebaiknya dimohon diharapkan
    memohon meminta2 sungguh nasional dimana gajinya honor abang abu acara adik adil aduh ajak ajukan akhirnya aksi alasan allah anda
    andai angin anggaran antar apalagi apotik arus asli asuransi awas awal bagai bahas bangun bangunan banjirnya bapaknya baskom batas
    batal beda bekas beliau bentuk berdasarkan berkas bersama bertahun betapa betul bikin bimbingan bis bohong bola bongkar bosan
    brapa budaya bukti bumi buntu cabang calon cape capek cat cerita cium cuaca cuma curang dapur dasar debat deras dewan dikarenakan
    dikirim dimohonkan diri dompet dosa duduk duka efek elektronik emang esok fakta fasilitas formulir gabah gadai galau galian gambar
    ganti gapura gawat genting gerbang gigi golongan guna gunung haji halaman hamil hanyut hargai hebat heran hingga hitung hormat
    hotel ibunya ide ikut ingat insya insyaallah iuran jahat jamu jangka janji jasa jawab jemput jenazah jernih jujur jurang kabur
    kaca kafan kain kakek kala kamar kambing kandang kantornya karung kasir kebijakan kebun kecewa kekurangan kembali kena
    kerbau kertas kesal ketemu kiri kolam komunitas korek kualitas kuburan kuliah kunci lambat lancar lapak lelang lemari lengkap
    lestari libur lift lingkar lokasinya lomba lunas luka macan madrasah magang mahal main makam malaria mampu mandor mangkrak markas
    masak massa materi media mekanik menara menang mental merasa meriam mertua mesum milik minat mitra modal moga mungkin muncul
    mutasi naik nakal nanti nenek niat nikah nyata obral olahraga omong ongkos orangtua pahit pajang paman pangan panggil panitia
    papan parkiran pasukan patut payah pecat pedas pejalan pekerja pelaksanaan pelan pemalsuan pembeli pemilik pencemaran penduduk
    penjual penyakit percuma perkara pernikahan pesan pesta petir pihak pikir pilih pinjam plang pompa pondok posko potong praktek
    pulang punya puyeng racun rakit rambut ranting rapat rasa rekan rem rencana resmi retak rezim rokok ruko rugi rujak
    rumput sabun sah salam salut sampan sandal santri sarana sate saudara sawah sedih selera semangat sembuh sengketa senin serah
    serius setan setoran sewa sial siaran silakan simpan siram sistem skrg sogok sosial sudut suka sumber supaya susu tabung
    tagih takut tali tamat tamu tandon tangga tani taruh tebing tebu tegang tegas teman tepi terapi tiket timbunan tinja tolak tower
    traffic tua tujuan tumpukan ujian ukur ulah umat undang usia utara wajar waktunya warisan wisuda yakin zakat ziarah lebah
    lebar kabar kendali kudis rebung sambal sampul sanggup sekarat sembarang seram serba sikap singa subur tambal tegar tuhan waduk
    blok kawat kapas kopi kuda kutu landas nasi pacar perang polan puncuk sigap sirup tarik tuan wajah bolong kering
    kur tabrakan tangkap bata menabrak tabrak ditangkap nabrak beruntun
    lindung lorong gorong lowongan pemerasan simpang tabungan tanggal ladang
    """
)
"""Everyday words: never taken for a mistyped keyword, and signs that a body has been joined to one."""

NEAR_NAMES = _words("banjr bata kur malak tabrakan tangkap")
"""Everyday words one slip from a name: where only they are in capitals they may be the mistyped keyword (TANGKAP for TANGKAB)."""

OVER_DIGITS = str.maketrans("013456789", "oieasgtbg")
"""What a digit stands for when a thumb or a joke puts it in a word: 4GAM."""


class Cue(enum.StrEnum):
    """What a word in the body tells."""

    ADDRESS = "address"  # a place name follows
    DISTRICT = "district"  # a kecamatan follows
    OFFICE = "office"  # a region follows: kab, bupati
    CITY = "city"  # a kota follows
    PROVINCE = "province"
    AT = "at"  # a preposition: a place may follow
    DATE = "date"  # is a time by itself: kemarin, senin
    SPAN = "span"  # is a time with a number: 3 hari
    WHEN = "when"  # goes with a time: sejak, tgl
    DANGER = "danger"
    OVERSIGHT = "oversight"
    MONEY = "money"  # uang, with TAKEN
    TAKEN = "taken"
    FUND = "fund"  # bansos, with CUT
    CUT = "cut"
    DEAL = "deal"  # an abuse only beside the words of DEALS: nembak sim
    RAHASIA = "rahasia"
    FEAR = "fear"  # a wish for secrecy where it is the reporter's own
    ANONIM = "anonim"
    NAME = "name"  # nama, identitas: after HIDE
    HIDE = "hide"
    WISH = "wish"
    ASK = "ask"
    INFORMATION = "information"
    TROUBLE = "trouble"
    NUMBER = "number"  # names the kind of personal number that follows
    JAVANESE = "jv"
    SUNDANESE = "su"
    MINANG = "min"


_CUES = {
    Cue.ADDRESS: """
        jl jln jalan gg gang kp kampung kpg dsn dusun ds desa nagari jorong kel kelurahan lingkungan depan dpn belakang blkg sebelah
        sblh dekat dkt simpang spg spng simp pasar psr perum perumahan komplek komp blok banjaran gampong pekon lorong lrg jembatan
        terminal
    """,
    Cue.DISTRICT: """
        kec kecamatan camat kecmatan
    """,
    Cue.OFFICE: """
        kab kabupaten kabupten pemkab bupati wabup dprd pemda rsud polres kapolres dinas disdik dinkes daerah wilayah
    """,
    Cue.CITY: """
        kota pemkot walikota kotamadya kodya
    """,
    Cue.PROVINCE: """
        prov propinsi provinsi prop pemprov gubernur polda
    """,
    Cue.AT: """
        di dari ke asal dr arah menuju warga
    """,
    Cue.DATE: """
        kemarin kmrn kemaren tadi td tdi semalam barusan senin selasa rabu kamis jumat sabtu januari februari maret april mei juni
        juli agustus september oktober november desember jan feb mar apr jun jul agt agu sep sept okt nov des nop
    """,
    Cue.SPAN: """
        hari hr minggu mggu mgg bulan bln tahun thn th jam menit
    """,
    Cue.WHEN: """
        sejak sjk tgl tanggal lalu sdh sudah selama pukul pkl wib wita wit pagi siang sore malam mlm pgi
    """,
    Cue.DANGER: """
        banjir kebakaran longsor kecelakaan gempa tsunami erupsi roboh ambruk hanyut tenggelam tersengat kesetrum keracunan begal
        perampokan rampok tawuran kabakaran lahar puting beliung darurat bnjir banjr bjir banjirr kbakaran kebakran terbakar karhutla rob
        galodo galodoh caah kahuruan kobongan gempo hanyuik runtuah jebol jebolnya meledak ledakan meletus letusan tabrakan tertabrak
        kcelakaan kecelakan laka tertimbun tersetrum percikan runtuh ambrol longsr lngsor lonsor tenggelem tertimpa menimpa terjepit
        tewas nabrak menabrak blong kebanjiran terseret terjebak terperangkap terperosok banjirnya longsoran
    """,
    Cue.OVERSIGHT: """
        pungli korupsi korup dikorupsi suap disuap menyuap penyuapan gratifikasi pemerasan memeras diperas peras sogok menyogok
        disogok kolusi nepotisme pungutan kkn markup penyelewengan diselewengkan menyelewengkan penyalahgunaan menyalahgunakan
        penggelapan menggelapkan calo percaloan fiktif maladministrasi pemeras nyogok nyuap disuapi sogokan suapan amplop upeti pelicin
        oknum beking bekingi bekengi dibekingi membekingi backing mungli dipungli punglinya pungutli korup2 ngorupsi dikorup
    """,
    Cue.MONEY: """
        uang duit uangnya duitnya bayaran setoran imbalan fee jatah dhuwit dhuit duwit duwek pitih pitis artos tebusan juta jt ribu rb
        rebu biayanya
    """,
    Cue.TAKEN: """
        minta meminta dimintai mintai diminta dimintain mintain dipintain nagih menagih setor nyetor disuruh memungut dipungut mungut
        pungut narik njaluk jaluk dijaluki menta dipenta mentaan mintak maminta mamintak dipalak malak palak
    """,
    Cue.DEAL: """
        damai nembak tembak ditembak beli belikan spek perpisahan karcis main biaya orang urus ngurus mengurus bikin kantong setor
    """,
    Cue.FUND: """
        bansos blt pkh dana gaji honor bantuan bantuannya beasiswa pip
    """,
    Cue.CUT: """
        memotong dipotong potong motong pemotongan sunat disunat
    """,
    Cue.RAHASIA: """
        rahasia rahasiakan dirahasiakan dirahasiakn dirahasikan rahasiakn rahasiain merahasiakan kerahasiaan rhs rahasiakeun dirahasiakeun
        rahasiakno dirahasiakno rahsia rahasian
    """,
    Cue.FEAR: """
        takut tkt ketakutan ketahuan diancam terancam ancaman mengancam intimidasi diintimidasi dilindungi lindungi perlindungan
    """,
    Cue.ANONIM: """
        anonim anonymous anonimus
    """,
    Cue.NAME: """
        nama namanya nm identitas pelapor
    """,
    Cue.HIDE: """
        jangan jgn jngan tanpa disebut sebut sebutkan disebutkan dibuka dibocorkan bocorkan sembunyikan disembunyikan disamarkan
    """,
    Cue.WISH: """
        usul usulan mengusulkan saran menyarankan sebaiknya alangkah aspirasi masukan berharap semoga kiranya andai diusulkan
    """,
    Cue.ASK: """
        bagaimana gimana bgmn kapan kpn apakah apa berapa brp dimana dmn siapa mana bisakah bolehkah adakah syarat persyaratan
        caranya cara
    """,
    Cue.INFORMATION: """
        info informasi infonya informasinya tanya bertanya nanya tny
    """,
    Cue.TROUBLE: """
        rusak mati putus bocor belum blm blum tutup berlubang macet hilang banjir longsor bau kotor numpuk menumpuk parah padam roboh
        lambat lama antri langka mahal tidak tdk gak ga nggak gk susah sulit buruk kasar pungli lapor keluhan mengeluh mengadukan
        mengadu aduan jelek macetnya sakit korupsi salah sampah tercemar kering ambruk rawan tolak ditolak bolong gelap
        kekeringan gagal mampet liar ilegal dipersulit digusur
        mengelupas error menggunung ngetem dibiarkan ditahan
        hancur limbah ancur wereng
    """,
    Cue.NUMBER: """
        nik ktp kk kps kks kis rek rekening norek hp wa telp telpon
    """,
    Cue.JAVANESE: """
        ora wis kulo kula nggih mboten dalan dalane ndang opo iki piye sampun mawon suwun lampune banyune gak iso ono mergo wes
        durung dereng niki pripun nyuwun
    """,
    Cue.SUNDANESE: """
        teu abdi kumaha aya henteu nuhun atuh ieu wae geus tos hoyong jalanna lampuna caina pisan keur mah euy urang kuring naon
    """,
    Cue.MINANG: """
        indak ambo awak alah kito apo baa tu lai dek manga jalannyo aia lampunyo ndak talok sajo pulo samo lamo bana
    """,
}

CUES: dict[str, Cue] = {word: cue for cue, found in reversed(_CUES.items()) for word in found.split()}
"""The cue of each word; where two would claim a word the earlier line of the table above has it."""

_PAPERS = _words("sim ktp kk akta akte surat skck paspor stnk bpkb sertifikat ijin izin")

DEALS: dict[str, frozenset[str]] = {
    "damai": _words("minta uang bayar tilang polisi ditilang"), "nembak": _PAPERS, "tembak": _PAPERS, "ditembak": _PAPERS,
    "beli": _words("jabatan bangku kursi suara"), "spek": _words("dikurangi kurang tidak tdk beda"),
    "perpisahan": _words("uang iuran"), "karcis": _words("tanpa"), "main": _words("proyek"),
    "biaya": _words("pungut narik dipungut mungut"),
    "orang": _words("dalam"), "kantong": _words("masuk pribadi sendiri"), "setor": _words("harus wajib disuruh"),
}  # fmt: skip
"""What makes an abuse of office of an everyday word, next to it or one word further: *nembak sim*, *jual beli jabatan*."""

PAID_FOR = dict.fromkeys(("urus", "ngurus", "mengurus", "bikin"), _PAPERS)
"""The same where a sum of money is named as well: *150rb utk bikin kk*."""

REPORTERS = _words(
    """
    saya sy aku ak kami kmi abdi ambo kulo lapor melapor melaporkan laporan pelapor ketahuan diketahui identitas nama dipecat
    dilaporkan dendam keselamatan
    """
)
"""Who is afraid: near a word of fear they make a wish for secrecy of it."""

NO_SECRETS = _words(
    """
    bukan kode ujian soal sandi pin nomor dokumen akun pesan penelepon umum negara dagang resep password perusahaan dapur data
    """
)
"""Beside *rahasia* or *anonim* these speak of something else: *kode rahasia*, *rahasia umum*, *akun anonim*."""

PERSONAL_NUMBERS = {
    "nik": "nik", "ktp": "nik", "kk": "nik", "kps": "kps", "kks": "kps", "kis": "kps",
    "rek": "account", "rekening": "account", "norek": "account", "hp": "phone", "wa": "phone", "telp": "phone", "telpon": "phone",
}  # fmt: skip
"""What kind of personal number a word announces."""
