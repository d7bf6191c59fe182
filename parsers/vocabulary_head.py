"""The words of the head that the matchers know: greetings, openings, copied instructions, and keywords that are also words or people.

All are in the shadow's spelling (parsers/text.py) and include the short forms of SMS. The words of the body are in vocabulary.py.
Written for this project.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREETINGS = _words(
    """
    assalamualaikum assalamu assalamualaikm alaikum aslm ass asw aslkm wr wb wrwb warahmatullahi wabarakatuh warohmatullohi
    wabarokatuh salam selamat slmt slamat met pagi pgi siang sore malam mlm sejahtera halo hallo hello hai hi hei dear yth yts ykh
    yang terhormat kepada kpd permisi maaf mf maf maap misi mengganggu menganggu mengganggunya
    shalom syalom swastiastu swastyastu om namo budaya horas punten sampurasun kulonuwun nuwun nyuwun
    ngapunten pangapunten pangapuro pangapura wa waa amakanie foi nimo koyao nayaklak
    sewu tabik pun admin adm min mimin team tim lapor1708 sp4n ndan komandan
    sugeng enjing enjang siyang sonten dalu ndalu wilujeng wengi rahajeng semeng rahayu tabea tabe mejuah juah yaahowu
    bismillah bismillahirrahmanirrahim bismillahirrohmanirrohim asalamualaikum assalammualaikum asslmkm asslamualaikum asswrwb askum
    samlekum salamualaikum pg sre ysh slm
    """
)
"""Words that may stand before a keyword without taking the head position from it."""

HONORIFICS = _words(
    """
    pak bapak bpk bu ibu mas mbak mba bang abang kak kakak uda uni om tante kang teh gan bro sis saudara sdr sdri
    """
)
"""After these a keyword may be a person's name (*pak Agam*) unless a mark parts them."""

OPENERS = _words(
    """
    bupati walikota wali kota gubernur camat lurah presiden kapolres kadis kepala dinas bupatiku di tempat ditempat mohon minta izin
    ijin numpang tanya nanya bertanya mau ingin hendak melapor melaporkan lapor mengadu ngadu tolong bantu bantuan bantuannya waktu
    waktunya sebelumnya hormat saya kami sy sejahtera kita semua tercinta untuk utk operator petugas menteri ketua bagi sehat dgn
    aduan pengaduan laporan keluhan perihal hal pesan tes test dibantu ditindaklanjuti dh
    dan yg ini itu atas dari dr para bapak2 ibu2 selalu sukses semoga lancar baik hati apa kabar kabarnya bagaimana perkenalkan nama
    perkenankan sekalian numpang kasih tau tahu aja saja juga dulu sekedar sekadar singkat langsung menyampaikan disampaikan sampaikan
    masyarakat warga rakyat daerah wilayah tujuan lokasi alamat tuhan allah puji syukur terima terimakasih trims makasih mewakili atau
    satu dua tiga lahir batin bersama surat tertanda salah kirim tadi td barusan ralat koreksi benar betul maksud maksudnya maksudku
    rahasia rahasiakan anonim penting urgent darurat gawat sos segera info informasi usul saran masukan cek ulang ulangi lagi sekali
    kedua lanjutan sambungan bos bosku bosq lur lek cak ganggu raya hormati banggakan sayangi cintai p halo2 pemkab pemkot pemda pemko
    mintak sebelumnyo adil keliru bukan eh kode mhn mhon berikut sbb yaitu yakni adalah ya nih dong deh
    """
)
"""Words of longer openings (*Yth bapak bupati, …*, *mohon izin melapor: …*): they say nothing about a trouble."""

CLOSERS = GREETINGS | _words(
    """
    lapor melapor melaporkan mengadu ngadu aduan pengaduan laporan izin ijin sebelumnya semua sehat hormat maksudnya maksudku
    rahasia anonim penting urgent darurat gawat sos info informasi usul saran tanya nanya tes test cek ulang lagi lanjutan bos bosku
    untuk utk tujuan p sampaikan disampaikan bantuannya
    """
)
"""Words that call us or say that a report begins: a keyword right behind them stands at the head (*izin lapor min AGAM …*)."""

NAMING = _words("nama namanya pelapor pengirim identitas oleh an saya sy aku kami")
"""Words behind which somebody is named: *Nama: Agam, alamat …*, *saya, Agam, …*."""

ABBREVIATED = _words("bpk sdr sdri")
"""Honorifics whose full stop parts nothing: *Sdr. Agam*."""

OFFICES = _words(
    """
    bupati walikota kota gubernur camat lurah presiden menteri kapolres kadis kepala dinas ketua
    """
)
"""Words behind which an addressee's name or place may follow (*Bupati Agam, …*)."""

TAKEN_BACK = _words(
    """
    eh ups salah keliru ralat koreksi maksud maksudnya maksudku maksd sori sorry bukan harusnya seharusnya yang yg benar betul tapi
    tadi ketik tulis kirim maaf maap maf pak bu min saya
    """
)
"""Words between a keyword that is taken back and the one that is meant (*BONE eh salah, maksudnya WAJO*)."""

RETRACTS = _words("eh ups salah keliru ralat koreksi maksud maksudnya maksudku maksd sori sorry bukan")
"""Of them, those that take a keyword back right behind it."""

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

SKIPPED = GREETINGS | HONORIFICS | INSTRUCTIONS | NATIONAL_MARKS | {SPACE_WORD}
"""Words that never take the head position from a keyword."""

POLITE = OPENERS | SKIPPED

EVERYDAY_NAMES = _words(
    """
    banjar batang batu batu_bara bener_meriah biak bone bukit_tinggi buru empat_lawang gunung_mas ketapang kota_baru kuningan
    kupang lahat landak lebak lima_puluh_kota 50_kota malang medan metro padang padang_panjang pagar_alam palu pati pulang_pisau
    puncak raja_ampat serang sorong sungai_penuh tanah_datar tanah_laut tebing_tinggi tegal tulang_bawang solo oki pali
    kobar mubar tuba matra tts karo klu sbb hst loteng mateng meranti
    """
)
"""Names of regions that are also words or phrases: without a mark or capitals the words behind decide."""

LOOKALIKES = _words(
    """
    belu barru banggai bitung berau paser batam bungo dumai lingga agam tapin malaka buton bima sanggau garut kendal tebo wajo
    """
)
"""Names one slip from an everyday word (*belu ada* for *belum ada*, *barru saja* for *baru saja*)."""

SMALL = _words("saja aja kemarin sekarang skrg lagi ada")
"""With WHERE and CONTINUES the small words behind such a name that is not in capitals."""

SHORT_FORMS = _words("klu sbb")
"""Of them, those that are short for something else (*klu hujan*, *sbb: jalan rusak*): keywords only in capitals."""

FIRST_NAMES = _words("agam bima lingga muna oki natuna malaka")
"""Names that people bear, too: with a second name behind they are a person's (*Agam Saputra*)."""

SENSES: dict[str, frozenset[str]] = {
    name: _words(behind)
    for name, behind in {
        "sungai_penuh": "sampah lumpur eceng busa limbah sedimen ikan bangkai air batu",
        "tulang_bawang": "sapi putih merah daun daunnya goreng busuk",
        "tebing_tinggi": "longsor ambrol retak runtuh curam",
        "tanah_datar": "milik luas kosong seluas",
        "tanah_laut": "diuruk direklamasi dikavling",
        "gunung_mas": "milik ilegal",
        "pagar_alam": "hancur roboh rusak bambu",
        "kota_baru": "dibangun",
        "metro": "tv mini globe",
        "pati": "singkong beras santan kanji aci jagung sagu tapioka ubi gandum",
        "bone": "marrow",
        "palu": "godam hakim arit besi tukang",
        "medan": "merdeka laga berat perang juang magnet terjal",
        "padang": "rumput ilalang gembala pasir luas savana",
        "batang": "pohon kayu pipa besi bambu rokok pisang kelapa tubuh air hidung hidungnya leher jagung tebu sawit karet",
        "landak": "masuk liar jawa mini",
        "kuningan": "curian bekas rongsok antik",
        "ketapang": "tumbang roboh rindang",
        "malang": "nasib nian benar sekali betul melintang",
        "serang": "balik warga orang siapa hama wereng tikus nyamuk preman petugas",
        "puncak": "musim kemarau hujan acara gunung bukit antrian arus mudik",
        "kupang": "laut hijau kerang",
        "lahat": "kuburan kubur sendiri",
        "bangkalan": "kayu",
        "lamongan": "soto",
        "banjar": "adat dinas desa sebelah setempat kaja kelod kangin kauh pura bandang rob besar",
        "buru": "waktu babi binatang",
        "bima": "sakti",
        "agam": "islam kristen katolik hindu budha buddha konghucu",
        "tangkab": "pelaku maling pencuri bandar preman koruptor begal dia mereka orang penjahat saja itu oknum",
        "manggarai": "stasiun kereta jakarta",
        "sabang": "hari malam minggu bulan",
        "kudus": "hatiku suci malam",
        "loteng": "rumah sekolah gedung kelas bocor ambruk masjid kantor puskesmas",
        "meranti": "ditebang dicuri gelondongan",
        "mateng": "pohon jeruk buah",
        "brebes": "mili",
        "lingga": "yoni",
        "subang": "emas telinga anting mutiara",
        "karimun": "parkir estilo",
        "pesisir_selatan": "pulau jawa sumatera pantai",
        "pesisir_barat": "pulau jawa sumatera pantai",
        "kapuas": "meluap surut keruh",
        "batanghari": "meluap surut keruh",
        "kampar": "meluap surut keruh",
        "siak": "meluap surut keruh",
        "kerinci": "erupsi meletus",
        "toba": "airnya",
        "hulu_sungai_tengah": "hutan",
    }.items()
}
"""Words behind a name that make a phrase with it (*pati singkong*, *sungai penuh sampah*)."""

NAMED = _words("yang yg itu adalah ialah bukan bernama")
"""Behind any name that is not in capitals these speak of a person or a thing: *Agam itu nama tetangga saya*."""

CONTINUES = NAMED | _words(
    """
    ini tsb tersebut nya pun dan atau serta merupakan nian sekali banget kali amat sangat paling lagi lah dong
    sih kok besar kecil luas lebar tinggi rendah panjang pendek tua muda baru lama indah cantik busuk hijau merah hitam putih kuning
    masuk keluar pulang pergi datang terus milik punya hatiku nasib dengan dgn oleh agar supaya kalau kalo jika seperti kayak kaya
    gersang licin tandus terjal curam sulit ke menuju
    """
)
"""Words with which a sentence goes on whose first word was none of ours: even after capitals they make an everyday name doubtful."""

PERSON_DOES = _words(
    """
    memukul mukul mencuri nyuri menipu nipu berkata bilang ngomong menampar menendang membunuh mengancam menganiaya melamar menikah
    anaknya suaminya istrinya adiknya kakaknya ayahnya ibunya bapaknya temannya orangnya berumur umurnya kelahiran namanya
    """
)
"""What people do or have, and regions do not: the name before is a person's."""

PERSON_IS = _words(
    """
    sakit hamil meninggal nangis menangis umur kelas pulang dipukul dipukuli dibully diculik dikeroyok ditangkap dipecat ditilang ditipu
    dirawat wafat
    """
)
"""What a person is or suffers: a name before it that is not in capitals is hardly a region's."""

QUARTERS = _words("utara selatan timur barat tengah tenggara")
"""Last words of names that no person bears: *Sumbawa Barat anak tetangga tenggelam*."""

DEGREES = _words("s sh se sp spd st mm mpd amd skm")
"""Behind a comma a name's: *Intan Jaya, S.Pd*."""

SUFFIXES = _words("nya ku mu an lah kah isasi")
"""What makes a word of a name behind a hyphen: *Agam-ku*."""

KIN = _words(
    """
    adik adek adikku kakak anak anakku ibu ayah bapak suami istri isteri teman tetangga guru saudara sepupu keponakan cucu kakek nenek
    pacar mantan bos atasan pelaku korban
    """
)
"""Of whom a name is told: *Intan Jaya nama adik saya*."""

BEGINNINGS = _words(
    """
    jalan jln jl jalanan jalannya jembatan lampu lampunya air aer pdam listrik pln sampah puskesmas pkm rsud rs sekolah sd sdn smp smpn
    sma sman smk guru banjir longsor macet tolong tlg tlong mohon mhn lapor laporan aduan pengaduan pak bapak bpk bu ibu min admin ada
    dinas disdukcapil dukcapil ktp kk e-ktp ektp akta bansos blt pkh bpjs pupuk petani sawah irigasi selokan got drainase gorong
    trotoar pasar parkir terminal angkot bus sinyal internet jaringan wifi tower pabrik limbah polusi asap tambang galian penambangan
    hutan kayu desa kec kecamatan kel kelurahan nagari kades camat lurah bupati walikota pungli korupsi oknum petugas pegawai guru2
    dokter bidan obat pasien antrian antri pelayanan perizinan izin pajak pbb bbm solar pertalite spbu gas elpiji lpg tabung token
    tiang kabel gardu pju penerangan rambu perumahan rumah rumahku developer kontrakan maling pencurian begal narkoba judi preman miras
    tawuran polisi polsek polres kapal dermaga pelabuhan nelayan wisata tiket toilet wc taman alun lapangan gaji thr umk umr buruh
    karyawan pekerja phk honor honorer dana bantuan program proyek bangunan gedung tanggul sungai kali bendungan embung sumur kebakaran
    kecelakaan gempa orang warga anak anjing ternak sapi hama wereng bibit harga sembako beras minyak cabai bank atm kredit pinjol kur
    saldo umkm pedagang pkl koperasi tarif ongkos bandara kereta stasiun travel truk odol sopir tidak tdk gak ga nggak tak belum blm
    sudah sdh udah sejak sjk di saya sy kami kenapa knp kapan bagaimana gimana gmn apakah apa usul saran info minta urus ngurus bikin
    aspal jalur simpang pohon lubang debu bau kebisingan suara hewan monyet gajah ular kantor kampung dusun rt rw gang gg perbaiki
    perbaikan lahan tanah sertifikat bts aplikasi website dalan dalane banyu runtah cai lorong lebih sangat aia ikan
    rusunawa rusun siswa murid ijazah seragam komite zonasi ppdb kuota pulsa hoaks tambak garam abrasi rob tagihan voltase meteran huntap
    huntara pengungsi tsunami angin puting mati padam pemadaman pelaku balap knalpot musik karaoke hotel vila villa rokok tps tpa
    posyandu bumdes wisatawan pengunjung tempat lansia stunting dbd fogging vaksin imunisasi ambulans ambulan igd ugd rawat perawat kwh
    poros ruas km flyover underpass lalin sampahnya airnya
    siswi smkn kampus universitas kuliah mahasiswa dosen beasiswa pip kip spp disdik kurikulum madrasah paud tk pendidikan kepsek jkn
    kesehatan ambulance demam malaria gizi apotek klinik poli tpi perikanan trawl cantrang mangrove mercusuar melaut kpr rutilahu
    pengembang nasabah tabungan pinjaman leasing pegadaian ojk fintech padi gabah panen benih traktor pertanian ppl poktan kebun sawit
    karet jagung kedelai telkomsel indosat telkom indihome operator provider trayek dishub ojek penumpang sim stnk bpkb samsat halte
    kemacetan tabrakan transjakarta feri polda rampok penipuan penganiayaan kdrt pembunuhan pengadilan jaksa kejaksaan hukum keamanan
    pelecehan pencuri memukuli dipukuli prostitusi ganja lapas imigrasi paspor fitnah tilang ditilang perjudian togel pembegalan curanmor
    pencemaran tercemar dlh penebangan comberan bpnt kks kps dtks raskin rastra kis difabel disabilitas yatim blsm imb asn pns pppk cpns
    birokrasi suap gratifikasi domisili kua erupsi bpbd pengungsian bencana kekeringan karhutla galodo caah bnjir kbakaran meletus
    tenggelam hanyut tertimbun jebol roboh pamsimas talud stadion jalane jalanne jalanna jalang jlan batubara peti penambang apbdes musdes
    sekdes kadus kuwu pariwisata turis homestay museum candi komodo upah pesangon perusahaan lembur tki pmi disnaker lowongan prakerja
    pertamax pertamina watt
    """
)
"""Words with which a complaint begins: behind an everyday name that is not in capitals they leave it the keyword."""

WHERE = _words("di saya sy kami tidak tdk gak ga nggak tak belum blm sudah sdh udah orang warga anak ikan tanah ada")
"""Of BEGINNINGS, those that go on with an everyday sense as easily: they need a keyword in capitals."""

LINKS = _words("dan sampai hingga")
"""Words between the names of two regions: *Sabang sampai Merauke*, *GRESIK dan LAMONGAN*."""

PAIRS: dict[str, frozenset[str]] = {
    "tengah": _words("malam hari jalan sawah laut hutan musim lapangan kebun"),
    "daya": _words("listrik beli tampung tahan"),
    "barat": _words("laut daya"),
    "timur": _words("laut"),
    "laut": _words("tercemar kotor pasang surut dangkal"),
}
"""Words that make an everyday pair with the last word of a longer name: *BUTON tengah malam*."""

LABELS = ":#|>"
"""Marks behind a keyword in capitals that make it one even where much was said before it."""

FIXED = _words("malam hari beli tampung")
"""Of them, those that are said in no other way: capitals need not tell."""

PLAIN = (BEGINNINGS | GREETINGS | INSTRUCTIONS | NATIONAL_MARKS) - WHERE - KIN - PERSON_IS - CONTINUES - frozenset().union(*SENSES.values())
"""Words behind a keyword of one word that leave no doubt at all, unless it is an everyday name: most texts need no further look."""
