"""The words of the body that the matchers know: ordinary Indonesian, places, dates, dangers, abuses, wishes.

All are in the shadow's spelling (parsers/text.py) and include the short forms of SMS. They help to find and to doubt, never to
rewrite: the citizen's own words go on as they are. Written for this project; `kel` is kelurahan here, not keluarga. The words of the
head are in vocabulary_head.py.
"""

from __future__ import annotations

import enum


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


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
    abon akbar akur alang ambisi amat angka angkat angsa asma bahwa bakung balon bambu banget bangga bangkai bangkit bangku bangsa
    bangsal bangsat bantal banteng banting bawang bayang belalang belatung belenggu benang bendera bendung bendungan bengkak bengkel
    bengkok bentak bentang bentar benteng berang berani beres betah bimbang binatang bincang bingkai bingung bintang bintik bius bogem
    bom bombai bonceng boncengan bondong borong borongan botol bulanan bumbu bungker bunting buntung cadang cadangan camping corong
    dahulu dalang damping depo dorong dorongan edan ember endap endemi gampang gandum ganjal ganjar garam garis garong garuk gebrak gerak
    geram gudang halang halangan hambar hampar inhuman isak jajan jalang jamban jambret jambu jati jelang jendela jinak juara kaleng
    kalung kampas kamper kampus kandas kandung kandungan kangkung kantin kantong kantung kaos kapten kapur karang karangan karantina
    karpet kartun katarak kawan kawin kebaya kebiri kedai kelabang kelinci kembang kemiri kenal kencang kencing kendala kendara kendati
    kendi kendor kendur kenduri kental kentang kentut kenyang kenyal kepang kepiting kepung keran kerang keranda keranjang kerap kereta
    keri kerumun kerumunan kesini ketapel ketat kipas kolak koleksi koneksi konser konsul kontan kopling koreng korsel kosong kotoran
    kukang kumpul kumpulan kuping kutil kutip label laden lagak lajang lambang lampau lampion landai langganan langgar langit langkah
    lantai lantas lapang larang larangan layang lebat legong lembab lembaga lembah lembar lembek lembur lembut lempar lempeng lengah
    lengan lengket lilin limpah lontar loteng lumayan mahar makelar malaikat mampir mangga mantan mantap mantri mayat mayor melati
    menantu mentah mentari merana merapat merata meradang merpati mukim mulut nanas nangka natal nihil nyamar padan pahala palang palsu
    palung pampang panah pancang pancing pandai pandang pandangan pangkal pangkalan pangkas pangkat pangku panjar pantang pantas pantul
    panutan parang parau paruh pasang pasangan pasaran pasir pasung patok patung payung pecinan pedang pegang pekan pekarangan pelang
    pelosok pematang pembalap penasaran pengang perahu perangkat peranti percik perih periksa perintis piagam pilar pincang pinggang
    pinggiran pingsan piring pisang pisau piutang poster prihatin pundak radang ragu rangka rangkap rantang rantau rebah rebana rembes
    remang renang rendam rendang rental rentan resik rimbun rombong rombongan rongsok sabana sabung sadar samar samping sampel sandang
    sandar sanggar sanggah sanggul sangka sangkar sangkut santai santan santun sarang sasar sasaran sebar sebentar seberang sejajar
    sekadar sekala sela selang selaras semak semangka semarak sembah sembahyang sembelit sembrono sempat sempit semprot senang sendal
    sendat sengaja sengat sengsara sensus senter sentuh sepatu sepi serak seragam serakah serampangan serangan serangga serbu serdadu
    serempak serempet serikat serong sersan setang setir sidang sikat siksa siku silang simbol simbang sinar sindir sinting sirine
    sogokan sopan sombong songong sorot sosok suara sulap suling sumbang sumbangan sumbat sumpah sunat sungkan tabah tabiat takar takaran
    talang tambah tambahan tambak tampar tampil tampung tanda tandang tandas tanggap tanggapan tangis tangkai tangki tangkis tantang
    taruhan tatanan tatap tatkala taut tawakal tebal tegur tekan telanjang tembang tempuh tenaga tendang tenggelam tengkar tengkorak
    terbang terjang tertawa tikung tikungan timbang tindih tingkah tingkat tirai titip tobat topeng toples tulus tumbal tumbuh tumpang
    tumpul tuna tunai tunggal tungku tuntas tuntut ubah uban ulang umbar unggas ungkap untung batangan batubara bangkal demokrasi
    demonstrasi demo kampungan kudusan malangnya medannya natural padangan pantai2 sampannya serangannya sorongan subangan sampahan
    tegalan bungkus bungkuk bentrok bentrokan begini2 mandul mandek mampus sikut sakau sambut sambutan kendaraannya lahar lahap lahir
    rohani rohaniwan kampanye bintara bintal karuan balutan tarikan landasan ketupat katapel selayang ambruk amblas gowes manakala belut
    belum2 endog endapan enggak engga
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
    PERIL = "peril"  # a danger only beside the words of PERILS: kabel putus
    OVERSIGHT = "oversight"
    FREE = "free"  # gratis, with PAY
    PAY = "pay"
    MONEY = "money"  # uang, with TAKEN
    TAKEN = "taken"
    FUND = "fund"  # bansos, with CUT
    CUT = "cut"
    DEAL = "deal"  # an abuse only beside the words of DEALS: nembak sim
    RAHASIA = "rahasia"
    PRIVATE = "private"  # a wish for secrecy only beside the words of SECRETS: antara kita
    KNOW = "know"  # tahu, bilang: after HIDE, of the reporter
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
        tewas nabrak menabrak blong kebanjiran terseret terjebak terperangkap terperosok banjirnya longsoran terendam kerendam terguling
        terbalik dibacok pembacokan bacok membacok bentrok bentrokan tertembak penembakan tembakan karam oleng amblas ambles badai
        sekarat pingsan evakuasi dievakuasi mengungsi ngungsi disekap sajam bom rabies kobaran kebakar nyemplung kecemplung kejebur
        celaka nyawa maut menjuntai diculik penculikan pembunuhan dibunuh diperkosa pemerkosaan perkosaan dikeroyok pengeroyokan
        celurit clurit golok buaya harimau tersambar disambar kesamber kelelep kelem kakeueum kabeuleum kaduruk tarandam tabakar tarbakar
        tatimbun lindu rubuh ngamuk kritis ambyuk kebledug mbledug mledak meledug njeblug kebakran terpanggang tertancap tercebur
        kabakaran topan tornado tergenang kejepit ketimpa kejatuhan keracun terluka sandera disandera bunuh
        kobong longsore banjire kecelakaane
        tumbang meluap luapan berdarah bersimbah luka tergelincir terlindas kelindas ketabrak keserempet terserempet nyungsep kecebur
        ditusuk penusukan ditikam penikaman ditebas dianiaya penganiayaan disiksa kdrt kerusuhan rusuh senpi pistol ditodong dipukuli
        dicabuli pencabulan mayday amonia vulkanik likuifaksi kintir kapalid palid kabanjiran beledug seuneu banjia ambrug konslet
        korsleting korslet kebakarannya diamuk gelombang terisolir terisolasi tersesat tenggelamnya ditabrak
        nubruk tubruk menubruk
    """,
    Cue.PERIL: """
        kabel gas angin api setinggi gunung retak jatuh sesak korban parang bergerak tiang hampir nyaris bah kejang muntah
        pohon ular asap jurang anjlok lapuk miring ombak tanggul munggah napas tali rem awan
    """,
    Cue.OVERSIGHT: """
        pungli korupsi korup dikorupsi suap disuap menyuap penyuapan gratifikasi pemerasan memeras diperas peras sogok menyogok
        disogok kolusi nepotisme pungutan kkn markup penyelewengan diselewengkan menyelewengkan penyalahgunaan menyalahgunakan
        penggelapan menggelapkan calo percaloan fiktif maladministrasi pemeras nyogok nyuap disuapi sogokan suapan amplop upeti pelicin
        oknum beking bekingi bekengi dibekingi membekingi backing mungli dipungli punglinya pungutli korup2 ngorupsi dikorup
        tilep ditilep menilep nilep dikantongi mengantongi kongkalikong kongkalingkong siluman bancakan digelapkan diembat mengembat
        selewengkan diselewengkn dimanipulasi memanipulasi dimarkup digelembungkan penggelembungan japrem pungly memperkaya titipan
        dikorupsikan mengorupsi ngembat dientit ngentit
        penyimpangan menyimpangkan kecurangan nepotis manipulasi rekayasa kutipan ordal dibackingi dibacking membackingi bekingan
        backingan memalak pemalakan palakan sogokannya upetinya suapnya selewengan korupsinya
        dikorupsinya dikentit
    """,
    Cue.FREE: """
        gratis gratisan free
    """,
    Cue.PAY: """
        bayar membayar dibayar mbayar mayar bayari bayarin ditarik ditarif dipatok
        bayarnya ngasih serahkan nyerahin serahin tarif dikenakan dikenai
    """,
    Cue.MONEY: """
        uang duit uangnya duitnya bayaran setoran imbalan fee jatah dhuwit dhuit duwit duwek pitih pitis artos tebusan juta jt ribu rb
        rebu biayanya
        ratus ratusan jutaan cepek gocap ceban goceng seket satus rongatus ewu saratus sarebu nominal tarifnya pungutannya
    """,
    Cue.TAKEN: """
        njaluki dijaluk dipintai minta meminta dimintai mintai diminta dimintain mintain dipintain nagih menagih setor nyetor disuruh
        memungut dipungut mungut
        pungut narik njaluk jaluk dijaluki menta dipenta mentaan mintak maminta mamintak
        ditarikin narikin dikutip mengutip ngutip kutip mematok matok dimintak dimintaki nodong menarik menariki dipungutin mungutin tebus
        ditebus menebus
    """,
    Cue.DEAL: """
        damai nembak tembak ditembak beli belikan spek perpisahan karcis main biaya orang urus ngurus mengurus bikin kantong setor
        dipalak malak palak dipalaki
        rokok rokoknya kopi kopinya lelah lelahnya tempel raib kwitansi kuitansi bangku tender dijual jual keluarga kerabat famili kroni
        ditahan
        sumbangan iuran dimakan dipangan nggawe nyieun buat seragam volume
        pribadi transparan dipalsukan spj titip dananya anggarannya anggaran rab het jabatan administrasi belakang tips cepat cepet
        dilayani tebang jatahnya pilih kasih
    """,
    Cue.FUND: """
        bansos blt pkh dana gaji honor bantuan bantuannya beasiswa pip
        honornya bansosnya gajinya raskin beras insentif tunjangan bos tpg santunan kip sembako subsidi jasa upah
    """,
    Cue.CUT: """
        memotong dipotong potong motong pemotongan sunat disunat
        dipotongin dipangkas memangkas pangkas potongan disunati nyunat menyunat dikerat
    """,
    Cue.RAHASIA: """
        rahasia rahasiakan dirahasiakan dirahasiakn dirahasikan rahasiakn rahasiain merahasiakan kerahasiaan rhs rahasiakeun dirahasiakeun
        rahasiakno dirahasiakno rahsia rahasian kerahasiannya kerahasiaannya kerahasian rahasianya dirahasiain dirahasiakanlah
        dirahasiaken rahasiaken dirahasiakeun
        confidential
    """,
    Cue.PRIVATE: """
        antara cukup hamba nn name diteror dibocorkan bocorin dibocorin incognito
        diketahui inisial fulan privasi
    """,
    Cue.KNOW: """
        tau tahu taw ketauan bilang bilang2 ngomong ngerti weruh terang nyaho kasihtau ngadu tersebar disebarkan disebar
        dikasih cerita ceritain kasitau dicurigai curiga
    """,
    Cue.FEAR: """
        takut tkt ketakutan wedi sieun ketahuan diancam terancam ancaman mengancam intimidasi diintimidasi dilindungi lindungi perlindungan
    """,
    Cue.ANONIM: """
        anonim anonymous anonimus anonimkan dianonimkan noname
        annonim anonym anomim anonime
    """,
    Cue.NAME: """
        nama namanya nm identitas pelapor
        namaku namane identitasnya identitasku pelapornya jeneng jenengku nami ngaran
    """,
    Cue.HIDE: """
        jangan jgn jngan jngn jgan jan ojo ojok tanpa disebut sebut sebutkan disebutkan nyebut dibuka bocorkan sembunyikan disembunyikan
        disamarkan samarkan samarin ditutupi tutupi usah ditutup ulah
        dijaga jagain diamankan samaran tutupin nyebutin disebutin disebutkannya
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

PERSONAL_NUMBERS = {
    "nik": "nik", "ktp": "nik", "kk": "nik", "kps": "kps", "kks": "kps", "kis": "kps",
    "rek": "account", "rekening": "account", "norek": "account", "hp": "phone", "wa": "phone", "telp": "phone", "telpon": "phone",
}  # fmt: skip
"""What kind of personal number a word announces."""
