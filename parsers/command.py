"""Commands that a citizen sends to the service itself: STATUS, TAMBAH, RAHASIA, ANONIM, BATAL, INFO, STOP, MULAI, and answers.

A text is a command only if nothing is left after the command word and its argument, courtesies aside. *BANTUAN sosial belum cair*,
*STOP pungli di pasar* and *2 hari air mati* are complaints: taking one for a command would lose it, the other way costs an answer.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from itertools import pairwise

from parsers.text import INVISIBLE, WORD, Shadow, shadow_of

CHARACTERS_MAX = 100  # Ours: `Assalamualaikum min, tolong cek status laporan saya nomor G7K2QP ya. Terima kasih` has 82.
WORDS_MAX = 16  # Ours: the same sentence has twelve.


class CommandKind(enum.StrEnum):
    """What the citizen wants of the service."""

    STATUS = "status"
    ADD = "tambah"
    RAHASIA = "rahasia"
    ANONIM = "anonim"
    CANCEL = "batal"
    INFO = "info"
    STOP = "stop"
    START = "mulai"
    CHOICE = "choice"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its argument: a complaint number (`G7K2QP`), a tracking id (`6164863`) or the digit of a choice.

    `pin` are the four digits that come behind the number of a STATUS. `rest` is the half-open character range of what is added; only ADD
    has it.
    """

    kind: CommandKind
    argument: str | None = None
    rest: tuple[int, int] | None = None
    pin: str | None = None


KINDS: dict[str, CommandKind] = {
    word: kind
    for kind, words in (
        (CommandKind.STATUS, "status sts stts sttus statu setatus stattus cek check lacak pantau tracking trackingid"),
        (CommandKind.ADD, "tambah tambahan tambahkan"),
        (CommandKind.RAHASIA, "rahasia rahasiakan rahsia rhs"),
        (CommandKind.ANONIM, "anonim annonim anonimkan anonimus anonymous"),
        (CommandKind.CANCEL, "batal batalkan cancel cabut"),
        (CommandKind.INFO, "info informasi bantuan help menu panduan petunjuk"),
        (CommandKind.STOP, "stop berhenti unreg unsubscribe hentikan"),
        (CommandKind.START, "mulai start reg daftar"),
        (CommandKind.YES, "ya iya y yes betul benar setuju ok oke okay"),
        (CommandKind.NO, "tidak tdk t bukan gak ga nggak"),
    )
    for word in words.split()
}
CHOOSING = frozenset(
    word
    for line in ("pilih pilihan pilihanku milih nomor nomer nmr no angka opsi", "balas jawab jawaban jawabannya yang yg")
    for word in line.split()
)
"""Words around the digit of a choice: *pilih 2*, *no 1*. Courtesies may stand there too."""

CHOICES = {"nol": "0", "satu": "1", "dua": "2", "tiga": "3"}
COURTESIES = frozenset(
    word
    for line in (
        "tolong tlg mohon mhn min admin pak bapak bpk bu ibu kak mas mbak ya dong yth lapor 1708 saya sy aku kami laporan lap lpr",
        "aduan pengaduan nomor nomer nmr no id tracking trackingid kode dgn dengan untuk utk terima kasih terimakasih trims",
        "makasih trmksh tks thx selamat pagi siang sore malam assalamualaikum asw halo hallo hai tiket ketik spasi laporanku",
        "aduanku identitas status cek sms balas pin",
    )
    for word in line.split()
)
"""Words that may stand around a command without making it a complaint."""

SENDING = frozenset({"kirim", "kirimkan", "krm", "sms"})
SENT_TO = frozenset({"ke", "kpd", "k", "no", "nomor"})
CHOICE_WORDS_MAX = 4  # Ours: `saya pilih nomor 2` has four.
NUMBER_LETTERS = 6

NUMBER = re.compile(r"[a-hjkmnp-z][a-hjkmnp-z2-9]{5}")
"""A complaint number of ours: a letter first, without 0 O 1 I L (DESIGN §3)."""

SPOKEN = re.compile(r"(?:(?:ng|ny|kh|sy|[bcdfghjkmnpqrstvwxyz])?[aeu](?:ng|[hkmnprst])?)+")
"""Letters that make an Indonesian word: *STATUS warung* asks about no number."""

TRACKING_ID = re.compile(r"\d{6,9}")  # Seven digits in every published example (DOMAIN §2.2).
PIN = re.compile(r"\d{4}")
TAKES_NUMBER = frozenset(
    {CommandKind.STATUS, CommandKind.ADD, CommandKind.RAHASIA, CommandKind.ANONIM, CommandKind.CANCEL, CommandKind.STOP}
)


def read(text: str | Shadow) -> Command | None:
    """Give the command that `text` is, or None for everything else; never raises."""
    shadow = shadow_of(text)
    if not shadow.words:
        return None
    word = shadow.words[0]
    if (
        word not in KINDS
        and word not in COURTESIES
        and word not in CHOOSING
        and not (len(word) < 10 and (word in CHOICES or not word.isalpha() or len(word) == 6))
    ):
        return None
    if KINDS.get(word) is CommandKind.ADD:
        return _addition(shadow.folded, shadow.spans[0][1])
    if len(shadow.folded) > CHARACTERS_MAX and len(shadow.folded.strip()) > CHARACTERS_MAX:
        return None
    asks = "?" in shadow.folded
    words = _without_tail(shadow.words)
    return (None if asks else _choice(words)) or _whole(words, asks=asks)


def _without_tail(words: list[str]) -> list[str]:
    """The words without a copied `kirim ke 1708`."""
    if words[-1] == "1708":
        for length in (4, 3, 2):
            if len(words) > length and words[-length] in SENDING and SENT_TO.issuperset(words[1 - length : -1]):
                return words[:-length]
    return words


def _choice(words: list[str]) -> Command | None:
    """A digit, or its word, with nothing but courtesies around it: *pilih 2*, *no 1*, *1 pak*."""
    if len(words) > CHOICE_WORDS_MAX:
        return None
    digits = [word for word in words if word in CHOICES or (len(word) == 1 and word.isdecimal())]  # ❷ is a digit and no number
    if len(digits) != 1 or any(word != digits[0] and word not in CHOOSING and word not in COURTESIES for word in words):
        return None
    return Command(CommandKind.CHOICE, CHOICES.get(digits[0]) or str(int(digits[0])))


def _whole(words: list[str], *, asks: bool) -> Command | None:
    """Read a text that must be a command from its first word to its last."""
    if len(words) == 1 and not asks:
        alone = _alone(words[0])
        if alone is not None:
            return alone
    kind, argument, pin = None, None, None
    words = _closed_up(words)
    for word in words[:WORDS_MAX]:
        number = _number(word)
        if number is not None and argument is None and (kind is None or kind in TAKES_NUMBER):
            argument = number
        elif argument is not None and pin is None and kind in (None, CommandKind.STATUS) and PIN.fullmatch(word):
            pin = word
        elif kind is None and word in KINDS:
            kind = KINDS[word]
        elif word not in COURTESIES:
            return None
    if len(words) > WORDS_MAX or (kind is None and (argument is None or not _named(words))):
        return None
    if kind in (CommandKind.YES, CommandKind.NO) and argument is not None:
        return None
    return Command(kind or CommandKind.STATUS, argument, pin=pin)


def _closed_up(words: list[str]) -> list[str]:
    """The words with a complaint number written in two halves as one: STATUS G7K 2QP."""
    for at, (word, other) in enumerate(pairwise(words)):
        mixed = not (word + other).isalpha() and not word.isdigit() and not other.isdigit()
        if len(word) + len(other) == NUMBER_LETTERS and mixed and word not in COURTESIES:
            return [*words[:at], word + other, *words[at + 2 :]] if _number(word + other) else words
    return words


def _alone(word: str) -> Command | None:
    number = _number(word)
    return Command(CommandKind.STATUS, number) if number is not None and word not in KINDS and not word.isalpha() else None


def _named(words: list[str]) -> bool:
    """Whether a number without a command word is said to be one of ours: *tracking id 6164863*, *laporan saya G7K2QP*."""
    return not {"id", "tracking", "nomor", "no", "laporan", "aduan", "pengaduan", "tiket", "status", "cek"}.isdisjoint(words)


def _number(word: str) -> str | None:
    """A complaint number in capitals, or a tracking id; None for a word that only looks like one."""
    if TRACKING_ID.fullmatch(word):
        return word
    if NUMBER.fullmatch(word) and word not in KINDS and word not in COURTESIES and not SPOKEN.fullmatch(word):
        return word.upper()
    return None


def _addition(shadow: str, after: int) -> Command | None:
    """TAMBAH number text: an addition only with its number, because *tambah lampu jalan di desa kami* is a complaint of its own."""
    for match in WORD.finditer(shadow, after, after + CHARACTERS_MAX):
        word = match[0].replace(INVISIBLE, "")
        number = _number(word)
        if number is not None:
            rest = re.compile(r"[\W_]*").match(shadow, match.end())
            return Command(CommandKind.ADD, number, (rest.end() if rest else match.end(), len(shadow)))
        if word not in COURTESIES:
            return None
    return Command(CommandKind.ADD) if not WORD.search(shadow, after + CHARACTERS_MAX) else None
