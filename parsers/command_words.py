"""The words of commands and answers, in the shadow's spelling (parsers/text.py): what they mean is decided in parsers/command.py.

Indonesian with the short forms of SMS; yes, no, thanks and numbers also as they are said in Javanese, Sundanese and Minang. A word stands
here only if a text made of such words alone loses nothing when no complaint is made of it. Written for this project.
"""

from __future__ import annotations

from parsers.vocabulary import CUES, ORDINARY
from parsers.vocabulary_head import BEGINNINGS, EVERYDAY_NAMES, GREETINGS, HONORIFICS, LOOKALIKES, OPENERS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATUS = _words(
    """
    status statusnya sts stts sttus statu setatus stattus cek check lacak pantau tracking trackingid
    """
)
ADD = _words("tambah tambahan tambahkan nambah nambahin nambahkan menambahkan tambahin")
SECRET = _words("rahasia rahsia rhs")
RAHASIA = SECRET | _words("rahasiakan dirahasiakan merahasiakan rahasiain dirahasiain")
"""*rahasiakan data saya* is a wish, *rahasia data* and *kode rahasia* speak of what leaked."""

ANONIM = _words("anonim annonim anonimkan anonimus anonymous dianonimkan anonym")
CANCEL = _words("batal batalkan cancel cabut batalin membatalkan batl btal bstal")
INFO = _words("info informasi bantuan help menu panduan petunjuk")
STOP = _words("stop setop berhenti brhenti unreg unsubscribe hentikan")
START = _words("mulai start reg daftar aktifkan")

ADVICE = _words("info informasi panduan petunjuk")
"""Of INFO, what may be asked for: *minta info*; *minta bantuan* calls for help."""

WEAK_YES = _words("y ya yaa yo yes")
"""A yes only where a text begins with it: elsewhere it is a particle, as in *makasih ya*."""

YES = _words(
    """
    iya iyaa iyah iye iyes yoi yup yap yess betul btul btl benar bener bnr setuju inggih enggih nggih ngih injih njih leres enggeh
    nggeh muhun sumuhun enya enyak iyo batua
    """
)
NO = _words(
    """
    tidak tdk tdak tida t tak gak ga gk g nggak ngga enggak engga kagak kaga kgk ngak bukan bkn bukannya nope ora mboten boten dudu
    sanes henteu teu lain lainnya indak ndak tido indaak tiada takbenar takmau
    """
)
"""*lain* is the Sundanese no; whoever answers a numbered question with the Indonesian *yang lain* means none of the lines either."""

SURELY = _words("sekali skali banget bgt itu ini memang emang sangat pisan bana")
NONE_OF = _words("itu ini semua semuanya keduanya satupun ada juga yang yg")
"""What may stand beside a yes, and beside a no."""

THANKS = _words(
    """
    makasih makasi mksh mksih makaseh mkasih trimakasih terimakasih terimakasi trmksh trimksh trims trim tks tqs tq thx thanks thank
    thankyou thanx tenkyu suwun nuhun haturnuhun maturnuwun matursuwun tarimokasih ok oke okay okey okeh oks okee okok siap siapp sip
    siip sipp baik baiklah baeklah mantap mantab noted yasudah yaudah yowis samasama sama2 samisami
    """
)
"""Thanks, and that one has heard: none of them answers a question of ours, for *ok* may follow any SMS."""

THANKED = _words(
    """
    banyak bnyk byk sekali skali banget bgt sangat pisan bana atas bantuannya bantuanya bantuan2nya infonya informasinya responnya
    responsnya tanggapannya balasannya jawabannya perhatiannya kerjasamanya kerjasama pelayanannya layanannya waktunya responya
    sebelumnya kembali membantu dibantu merespon direspon membalas dibalas menjawab dijawab semoga sukses sehat selalu berkah amin
    aamiin saya sy kami aku kita tunggu ditunggu menunggu nunggu kabarnya kabar dan
    """
)
"""What is thanked for. *sudah* is none of them: *sudah, terima kasih* tells how a thing stands."""

DAYTIME = _words("pagi pgi pg siang siyang sore sre sonten malam mlm dalu ndalu wengi enjing enjang semeng")
"""A greeting behind *selamat* or before *pak*; *3 sore* is no third choice, and *malam tidak ada* no no."""

_NO_GREETING = DAYTIME | _words(
    """
    wa waa budaya tim team pun met ass om namo dear yth yts ykh ysh yang terhormat kepada kpd admin adm min mimin lapor1708 sp4n maaf mf
    maf maap ngapunten pangapunten sewu nyuwun misi mengganggu menganggu mengganggunya sejahtera
    """
)
"""Of GREETINGS, those that are other words as easily, and those that call, ask or excuse and greet nobody."""

GREETING = (GREETINGS - _NO_GREETING) | _words(
    """
    sugeng halo2 bu2 pak2 assalamu assalammualaikum waalaikumsalam wassalam wassalamualaikum hay helo hallow
    """
)
CALLING = HONORIFICS | _words(
    """
    min mimin admin adm yth ysh bapak2 ibu2 lapor 1708 lapor1708 sp4n pa bund bunda dear kepada kpd ndan
    """
)
PLEASE = _words("tolong tlg tlong mohon mhn mohonlah tulung nyuwun dimohon")
PARTICLES = _words("ya yah ye yaa dong dongg deh lah sih nih kan toh atuh mah euy wae")
SORRY = _words("maaf mf maap maf ngapunten pangapunten hampura")
"""A lone apology is a courtesy, too."""

POLITE = GREETING | DAYTIME | CALLING | PLEASE | PARTICLES | THANKS | SORRY
REPORT = _words("laporan laporanku laporannya lap lpr lapor aduan aduanku aduannya pengaduan tiket tiketnya")
OWN_REPORT = REPORT - {"tiket", "tiketnya"}
"""*cek tiket saya sudah bisa apa belum* may be one of a train."""

SELF = _words("saya sy sya aku kami kita ku q")
NUMBERING = _words(
    """
    nomor nomer nmr no id idnya nomornya tracking trackingid kode pin tiket dgn dengan ber http https www go
    """
)
NAMED = REPORT | _words("nomor nomer nmr no id idnya nomornya tracking trackingid kode")
"""Words that say of a number without a command word that it is one of ours: *tracking id 6164863*, *laporan saya G7K2QP*."""

COURTESIES = POLITE | REPORT | SELF | NUMBERING | _words("untuk utk ketik spasi identitas sms balas")
"""Words that may stand around a command without making it a complaint."""

WISHES = _words("saja aja mau ingin pengen minta bisa boleh harap agar supaya biar")
"""With a politeness they make a wish of what could be told as a fact: *laporan saya dibatalkan saja*."""

OWN = _words("nama namaku namanya nm identitas identitasku data nomor hp ini itu diri")
WITHOUT = _words("tanpa")
UNWILLING, DROPPED = _words("takmau"), _words("takjadi")  # as PAIRS has them
HIDING = _words("jangan jgn jngan jgan jangn ojo ulah tanpa")
TELLING = _words(
    """
    sebut disebut sebutkan disebutkan sebutin disebutin nyebut tulis ditulis cantumkan dicantumkan tampilkan ditampilkan munculkan
    dimunculkan bocorkan dibocorkan
    """
)
MASKING = _words("samarkan disamarkan samarin sembunyikan disembunyikan umpetin")
NAME = _words("nama namaku namanya nm identitas identitasku")
SPREADING = _words(
    """
    sebar sebarkan disebar disebarkan disebarluaskan publikasikan dipublikasikan umumkan diumumkan publish dipublish
    """
)
WITHDRAWN = _words("dibatalkan dibatalin dicabut ditarik dihapus dicancel")
WITHDRAWING = _words("cabut tarik hapus")
REPORTING = _words("lapor melapor melaporkan laporan aduan mengadu ngadu pengaduan")
HOW = _words("cara caranya format formatnya")
MESSAGE = _words("sms smsnya smsin disms kirimi kirimin dikirimi pesan pesannya balas bales hubungi dihubungi")
SMS = MESSAGE | _words("kirim kirimkan")
ANY_SMS = _words("ke ini lagi terus nomor hp terima menerima nerima semua dari saja aja")

SENDING = _words("kirim kirimkan krm sms")
SENT_TO = _words("ke kpd k no nomor")
"""A copied *kirim ke 1708*."""

NOTES = _words("info informasi infonya keterangan catatan penjelasan")
AFTER_REPORT = SELF | _words("tadi td yg yang sebelumnya kemarin kmrn ini itu tsb tersebut")
AMOUNTS = _words("rupiah rp rb ribu juta per orang org warga kk watt liter kg ton meter m unit kuota jiwa")
"""Behind *tambah 500000* they make a sum of the number."""

CHOOSING = _words(
    """
    pilih pilihan pilihanku milih memilih dipilih nomor nomer nmr no angka opsi balas jawab jawaban jawabannya yang yg ke itu ini aja
    saja adalah
    """
)
"""Words around the digit of a choice: *pilih 2*, *no 1*, *yang kedua*."""

CHOICES = {
    word: str(digit)
    for digit, words in enumerate(
        (
            "nol",
            "satu siji setunggal hiji ciek cie pertama",
            "dua loro kalih duo kedua",
            "tiga telu tilu tigo ketiga",
            "empat papat opat ampek sekawan keempat",
            "lima gangsal limo kelima",
            "enam nem genep anam keenam",
            "tujuh pitu tujuah ketujuh",
            "delapan wolu dalapan kedelapan",
            "sembilan sanga songo sambilan kesembilan",
        )
    )
    for word in words.split()
}
"""*salapan* is missing: nine in Sundanese and eight in Minang."""

UNITS = _words("jam hari hr hri minggu mggu mgg mg pekan bulan bln bl tahun thn th menit")
SPANS = _words("seminggu sebulan sehari setahun seharian sepekan berhari berminggu berbulan bertahun")
DATING = _words("tgl tanggal tertanggal tggl")
MONTHS = _words(
    "januari februari maret april mei juni juli agustus september oktober november desember jan feb mar apr jun jul agt agu sep okt nov des"
)
QUESTION = _words(
    """
    bagaimana bgmn bgmana gimana gmn gmana gmna piye pripun kumaha baa kapan kpn apakah mana sejauhmana perkembangan perkembangannya
    progres progress progresnya progressnya update updatenya updet kelanjutan kelanjutannya nasib nasibnya status statusnya tanya
    nanya bertanya menanyakan tanyakan nanyain cek segera sgr secepatnya info infonya informasi apakabar
    """
)
NOT_YET = _words("belum blm blom blum belom dereng durung acan alun")
WHY = _words("kok koq kenapa knp knapa mengapa")
DENYING = _words("tidak tdk tak gak ga nggak gk ngga indak ndak ora henteu teu")
MISSING = NOT_YET | WHY | _words("lama lambat lelet masih msh tiada")
WANTING = MISSING | DENYING
"""What says that something is missing; a mere no says it of a word of HANDLING only."""

FINISHING = _words(
    """
    selesai kelar beres rampung diselesaikan penyelesaian dikerjakan diperbaiki ditangani penanganan perbaikan perubahan
    direalisasikan realisasi ditutup ditolak dihapus diarsipkan dituntaskan tuntas
    """
)
HANDLING = FINISHING | _words(
    """
    ada adanya aya ado tindak lanjut lanjuti tindaklanjut tindaklanjuti tindaklanjutnya ditindak ditindaklanjuti ditindaklanjutin
    ditindaklanjut lanjutnya diproses dproses diprosess proses prosesnya verifikasi diverifikasi terverifikasi verif kabar kabarnya
    kaba tanggapan tanggapannya ditanggapi respon respons responnya direspon respond jawaban jawabannya dijawab balasan balasannya
    dibalas dibaca dilihat diteruskan disposisi disposisinya didisposisi terdisposisi solusi solusinya hasil hasilnya reaksi
    diperhatikan
    """
)
BETWEEN = _words(
    """
    sudah sdh udah udh dah telah sampai sampe smp saat ini itu sekarang skrg skrang skg skrng kini hari lagi juga jg jua pun saja aja
    yg yang dari sejak sjk tapi tp tetapi namun atau di lalu kemarin kmrn kemaren laporkan dilaporkan melapor melaporkan kirim dikirim
    kirimkan adukan diadukan dan mau ingin apa bisa pernah akan sempat cepat cpt sama sekali skali kulo kula abdi ambo
    """
)
WHEREABOUTS = QUESTION | _words("sudah sdh udah sampai sampe mau ingin apa bisa saat ini sekarang skrg")
"""What a question may have that names no number: it must say *status laporan*."""

HANDLED = QUESTION | WANTING | HANDLING | BETWEEN | SPANS | MONTHS | DATING
"""Of such words is a question about the handling of a complaint, and of nothing that could be wrong outside our office."""

ASKING, URGING = QUESTION | MISSING, PLEASE | DENYING
DONE_YET = _words("sudah sdh udah udh dah telah")
UNDONE = (WANTING - WHY) | QUESTION | PLEASE | _words("akan bisa pernah cepat cpt")
"""Words behind which *selesai* is no claim that it is finished."""

_DENIALS = "tidak tdk tdak tida tak gak ga gk nggak ngga enggak engga kagak kaga ora mboten henteu teu indak ndak tido"
_DENIED = _words("tahu tau taw ngerti ngertos reti terang nyaho apal benar betul bener leres batua setuju usah perlu")
PAIRS: dict[tuple[str, str], str] = {
    **{(no, word): "tiada" for no in _DENIALS.split() for word in ("ada", "ono", "wonten", "aya", "ado")},
    **{(no, word): "takbenar" for no in (*_DENIALS.split(), "bukan", "bkn") for word in _DENIED},
    **{(no, word): "takmau" for no in _DENIALS.split() for word in ("mau", "mo", "ingin", "pengen", "purun", "hoyong")},
    **{(no, "jadi"): "takjadi" for no in _DENIALS.split()},
    **{(one, other): "makasih" for one in ("terima", "trima", "tarimo", "trm", "terma") for other in ("kasih", "kasi", "ksh", "ksih")},
    **{(one, other): "makasih" for one in ("matur", "hatur", "nyuwun") for other in ("nuwun", "suwun", "nuhun", "sembah")},
    **{(already, word): word for already in ("sudah", "sdh", "udah", "telah") for word in _words("dibantu membantu merespon membalas")},
    ("thank", "you"): "makasih",
    ("sama", "sama"): "samasama",
    ("sami", "sami"): "samasama",
    ("ya", "sudah"): "yasudah",
    ("ya", "udah"): "yasudah",
    ("yo", "wis"): "yasudah",
    ("apa", "kabar"): "apakabar",
    **{(wish, time): "selamat" for wish in ("selamat", "slmt", "slamat", "met", "sugeng", "wilujeng", "rahajeng") for time in DAYTIME},
    **{(please, "maaf"): "maaf" for please in ("mohon", "mhn")},
    **{(please, leave): "izin" for please in ("mohon", "mhn") for leave in ("izin", "ijin")},
    **{(sorry, disturbing): "maaf" for sorry in ("maaf", "mf", "maap") for disturbing in ("mengganggu", "menganggu", "mengganggunya")},
}
"""Two words that mean one of ours together and, some of them, nothing alone: *terima kasih*, *tidak ada*."""

KNOWN = ORDINARY | CUES.keys() | BEGINNINGS | GREETINGS | HONORIFICS | OPENERS | EVERYDAY_NAMES | LOOKALIKES
NO_SLIPS = _words(
    """
    bantan batuan tampahan statis statik statue stasus antonim eponim tambak tambal tambat tamban tambar rambah lambah sambah tabah
    tumbah tambahi rambahan tambalan tambatan tambakan buntuan bantaan bantuin bantuanku tracing trucking cracking formasi
    """
)
"""Words one slip from a command that are words themselves, and not among those that the matchers know."""
SLIPPED = ("status", "rahasia", "rahasiakan", "anonim", "batalkan", "berhenti", "tambah", "tambahan", "informasi", "bantuan", "tracking")
"""What a citizen mistypes: those of six letters and more, for below every slip is a word (*batal*: batak, batam, bakal, banal, natal)."""
GESTURES = "👍👌🙏🤝😊🙂😀😁😄❤️💪🫡🏻🏼🏽🏾🏿"
"""Signs of thanks; without a word they say nothing else."""
