"""Texts that a machine wrote: operators' notices, automatic replies, codes of other services, and our own SMS coming back.

Nobody reads an answer to them, and some answer each answer (medic/cht-gateway #122, seen in Indonesia). What is a notice is kept and laid
before a person, never answered and never dropped. A pattern must be sure by itself: a citizen who tells what an operator wrote to him is
a citizen, so whatever speaks of *saya* or asks for help is none, automatic replies aside, which speak for somebody.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers.text import Shadow, fold, shadow_of

CHARACTERS_MAX = 480  # Ours: three SMS; no notice seen is longer, and a pattern must not walk through a hostile text for ever.
BEFORE_OURS_MAX = 12  # Ours: characters that a phone puts before what it passes on: `Fwd: `, `Balas: `.
FIELD_CHARACTERS_MAX = 120  # Ours: above the longest value of a field of our texts: the choices of a question fill most of one SMS.


class Notice(enum.StrEnum):
    """What kind of machine wrote it."""

    OURS = "ours"  # our own SMS, coming back
    BALANCE = "balance"
    PACKAGE = "package"
    PROMOTION = "promotion"
    MISSED_CALL = "missed_call"
    DELIVERY = "delivery"
    AUTOMATIC = "automatic"  # somebody's phone or mailbox answers for him
    CODE = "code"  # a password of one use


_CITIZEN = """
saya sy aku gue gw ane ambo kulo abdi kami kita warga tolong tlg bantu penipuan penipu ditipu menipu lapor laporan keluhan
"""
CITIZEN = frozenset(_CITIZEN.split())
"""Words of somebody who tells of a notice; an operator's own has none of them."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One pattern over the shadow. `word` must be among the words before the pattern is tried; `example` is one that it finds."""

    kind: Notice
    word: tuple[str, ...]
    pattern: re.Pattern[str]
    example: str


def _sign(kind: Notice, words: str, pattern: str, example: str) -> Sign:
    return Sign(kind, tuple(words.split()), re.compile(pattern), example)


_CALL = r"(?:\+?62|0)8\d[\d\- ]{6,12}"
_TAP = r"\bketik \w+ (?:kirim|ke|spasi|lalu)\b|\bbalas (?:ya|ok|y|\d)\b"
_DIAL = rf"(?:\*\d{{2,4}}[*#]|{_TAP}|\bklik\b|\bs ?& ?k\b|https?:|bit\.ly|\bwa\.me\b|\bhub(?:ungi)?\b)"
SIGNS: tuple[Sign, ...] = (
    _sign(
        Notice.BALANCE,
        "sisa saldo",
        r"\b(?:sisa|saldo) (?:pulsa|utama|bonus)\b.{0,40}?(?:\brp\b|\brp\.?\d|\d ?[mg]b\b|\d+ ?(?:menit|sms)\b)",
        "Sisa pulsa Anda Rp 2.350 berlaku s.d. 12/12/2026.",
    ),
    _sign(
        Notice.BALANCE,
        "pulsa",
        r"^(?:info: ?|yth\.? ?(?:pelanggan)?,? ?)?pulsa (?:anda|utama)\b.{0,30}(?:\brp|\d)",
        "Pulsa Anda Rp1.250. Segera isi ulang agar tetap bisa berkomunikasi.",
    ),
    _sign(
        Notice.BALANCE,
        "ulang pulsa",
        r"\b(?:pengisian|isi ulang) (?:pulsa )?(?:rp\.? ?)?[\d.]* ?.{0,30}\bberhasil\b|\banda (?:telah )?menerima (?:transfer )?pulsa\b",
        "Isi ulang pulsa Rp 25.000 ke 081234567890 berhasil. SN 0441882.",
    ),
    _sign(
        Notice.BALANCE,
        "aktif tenggang",
        r"\bmasa (?:aktif|tenggang) (?:kartu|nomor|pulsa|sim)\b.{0,40}(?:\bberakhir|\bhabis|\bs\.?d\b|\bhingga|\bsampai|\d)",
        "Masa aktif kartu Anda akan berakhir 03/12/2026. Isi ulang sekarang.",
    ),
    _sign(
        Notice.PACKAGE,
        "paket kuota internet",
        r"\b(?:paket|kuota)\b.{0,60}\b(?:aktif|berakhir|habis|diperpanjang|perpanjang|kedaluwarsa|terpakai|tersisa)\b.{0,80}"
        r"(?:\*\d{2,4}[*#]|\bcek\b|\d ?[gm]b\b|\bberlaku\b|\d{1,2}/\d{1,2})",
        "Paket Internet 10GB Anda telah aktif, berlaku s.d. 12/12/2026. Cek kuota *363#",
    ),
    _sign(
        Notice.PACKAGE,
        "kuota sisa pemakaian",
        r"\b(?:sisa kuota|kuota tersisa|pemakaian (?:data|kuota|internet) anda)\b.{0,40}\d",
        "Sisa kuota internet Anda 120MB. Beli paket di *123#",
    ),
    _sign(
        Notice.PROMOTION,
        "promo diskon bonus cashback gratis hadiah undian spesial poin nsp rbt",
        rf"\b(?:promo|diskon|bonus|cashback|gratis|hadiah|undian|spesial|poin|nsp|rbt)\b.*{_DIAL}|"
        rf"{_DIAL}.*\b(?:promo|diskon|bonus|cashback|gratis|undian|poin|nsp|rbt)\b",
        "PROMO SPESIAL! Nelpon seharian cuma Rp 2.000. Aktifkan di *858*5# sekarang juga. S&K berlaku",
    ),
    _sign(
        Notice.PROMOTION,
        "selamat",
        r"\bselamat\b.{0,40}\b(?:anda|nomor|no|kartu)\b.{0,40}\b(?:mendapat\w*|dapat|memenangkan|meraih|terpilih|pemenang|berhak)\b",
        "SELAMAT! Nomor Anda mendapatkan hadiah Rp 75 juta dari MKIOS. PIN: 7734H2. Info klik bit.ly/hadiah",
    ),
    _sign(
        Notice.MISSED_CALL,
        "panggilan missed miscall call",
        rf"\b(?:panggilan (?:tak|tidak) terjawab|missed calls?|miscall)\b.{{0,40}}(?:\d|\bdari\b)|"
        rf"\banda (?:menerima|mendapat|memiliki) \d+ (?:panggilan|miscall|missed)|{_CALL}.{{0,30}}\bpanggilan (?:tak|tidak) terjawab\b",
        "Anda menerima 2 panggilan tak terjawab dari 081234567890 pada 28/11 13:02.",
    ),
    _sign(
        Notice.MISSED_CALL,
        "menghubungi hubungi dihubungi",
        rf"\bnomor (?:yang anda hubungi|{_CALL})\b.{{0,40}}\b(?:sudah aktif|kembali aktif|dapat dihubungi|mencoba menghubungi|"
        rf"telah menghubungi)|{_CALL}.{{0,20}}\b(?:mencoba|telah) menghubungi anda\b",
        "Nomor 081234567890 mencoba menghubungi Anda 3 kali, terakhir 28/11 13:02.",
    ),
    _sign(
        Notice.MISSED_CALL,
        "pesan voice mailbox voicemail",
        r"\banda (?:memiliki|mempunyai|mendapat) \d+ (?:pesan suara|voice ?mail)|\bveronica\b.{0,30}\bpesan\b",
        "Anda memiliki 1 pesan suara baru. Hubungi 222 untuk mendengarkan.",
    ),
    _sign(
        Notice.DELIVERY,
        "sms pesan message delivered undeliverable stat delivery",
        rf"\b(?:sms|pesan)(?: anda)? (?:ke|kepada|untuk) (?:nomor )?(?:\+?\d{{3,15}}|{_CALL}).{{0,30}}"
        r"\b(?:terkirim|gagal|tertunda|diterima)|\bpesan (?:anda )?gagal terkirim\b|^(?:message |sms )?delivered\b|"
        r"^delivery (?:report|status)\b|\bstat:(?:delivrd|undeliv|expired)",
        "SMS ke 1708 telah terkirim pada 28/11/26 13:02",
    ),
    _sign(
        Notice.AUTOMATIC,
        "auto autoreply automatic otomatis autorespon autoresponder office",
        r"\bauto[ -]?(?:reply|respon\w*|matic (?:reply|response|message))\b|\b(?:balas(?:an)?|pesan|jawaban|respon) otomatis\b|"
        r"\bout of (?:the )?office\b",
        "[Auto reply] Saya sedang rapat, nanti saya hubungi kembali.",
    ),
    _sign(
        Notice.AUTOMATIC,
        "menyetir mengemudi berkendara berkendaraan rapat meeting driving",
        r"\b(?:saya|sy|aku|maaf|sorry|i'?m|i am)\b.{0,20}\b(?:menyetir|mengemudi|berkendara\w*|rapat|meeting|driving)\b.{0,60}"
        r"\b(?:nanti|kembali|later|back|setelah|segera)\b",
        "Maaf, saya sedang mengemudi. Saya akan menghubungi Anda kembali nanti.",
    ),
    _sign(
        Notice.AUTOMATIC,
        "reply membalas balas balasan dibalas",
        r"\b(?:do not|don'?t) reply\b|\bjangan (?:mem)?balas (?:sms|pesan|nomor)(?: ke)? (?:ini|nomor ini)\b|"
        r"\b(?:nomor|sms|pesan) ini (?:tidak|tdk) (?:(?:dapat|bisa|perlu|untuk) )*(?:menerima |di)?balas(?:an)?\b",
        "Mohon tidak membalas. Nomor ini tidak menerima balasan.",
    ),
    _sign(
        Notice.AUTOMATIC,
        "menghubungi terimakasih kasih contacting",
        r"\bterima ?kasih (?:telah|sudah|atas) (?:menghubungi|pesan anda)\b|\bthank you for (?:contacting|your (?:message|email))\b",
        "Terima kasih telah menghubungi Toko Makmur. Pesan Anda akan segera dibalas.",
    ),
    _sign(
        Notice.CODE,
        "otp kode code verifikasi verification password sandi",
        r"\b(?:otp|kode (?:otp|verifikasi|aktivasi|keamanan|rahasia)|(?:verification|security|login) code|password|sandi)\b.{0,80}"
        r"(?:jangan (?:berikan|beri|bagikan|sebar\w*|beritahu\w*)|\bberlaku\b|\bis \d|\badalah\b|(?:never|do not|don'?t) share)",
        "Kode OTP Anda 482913. JANGAN berikan kepada siapa pun, termasuk petugas.",
    ),
    _sign(
        Notice.CODE,
        "code kode otp",
        r"\b\d{4,8}\b.{0,12}\b(?:is your|adalah kode|merupakan kode)\b|<#>",
        "482913 is your WhatsApp code. Don't share it",
    ),
)
TRIED: dict[str, tuple[Sign, ...]] = {}
"""The signs to be tried for each word."""
for _one in SIGNS:
    for _word in _one.word:
        TRIED[_word] = (*TRIED.get(_word, ()), _one)
_FIELD = re.compile(r"\{[a-z_]+\}")
_OPENING = "lapor!"


def ours(templates: Iterable[str]) -> re.Pattern[str]:
    """What finds the given texts of ours, whole and with any value in their fields; in the shadow's spelling."""
    return re.compile("|".join(sorted({_pattern(fold(one)) for one in templates})) or r"(?!)")


def _pattern(template: str) -> str:
    """One text; a field at its end holds no question, which would be the citizen's behind it."""
    *parts, last = (re.escape(part) for part in _FIELD.split(template))
    field = rf".{{0,{FIELD_CHARACTERS_MAX}}}"
    return last if not parts else field.join(parts) + (field if last else rf"[^?]{{0,{FIELD_CHARACTERS_MAX}}}") + last


def read(text: str | Shadow, own: re.Pattern[str] | None = None) -> Notice | None:
    """What kind of machine wrote a text, None for everything else; `own` as `ours` gives it. Never raises."""
    shadow = shadow_of(text)
    folded = shadow.folded
    if len(folded) > CHARACTERS_MAX:
        return None
    if own is not None and _OPENING in folded and _comes_back(folded, own):
        return Notice.OURS
    if TRIED.keys().isdisjoint(shadow.words):
        return None
    told = not CITIZEN.isdisjoint(shadow.words)
    for word in shadow.words:
        for sign in TRIED.get(word, ()):
            if (not told or sign.kind is Notice.AUTOMATIC) and sign.pattern.search(folded):
                return sign.kind
    return None


def _comes_back(folded: str, own: re.Pattern[str]) -> bool:
    """Whether it is one of our texts and nothing else: with a word of the citizen's behind it, it is the citizen's."""
    at = folded.find(_OPENING)
    return at <= BEFORE_OURS_MAX and own.fullmatch(folded[at:].strip()) is not None
