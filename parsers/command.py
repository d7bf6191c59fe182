"""Commands that a citizen sends to the service itself: STATUS, TAMBAH, RAHASIA, ANONIM, BATAL, INFO, STOP, MULAI, answers, and thanks.

A text is a command only if nothing is left after its command word, number, PIN and courtesies. *BANTUAN sosial belum cair*, *STOP pungli di
pasar* and *2 hari air mati* are complaints: taking one for a command would lose it, the other way costs an answer. So RULES names, for each
command, all the words that its text may have; one word more, and the text is none. TAMBAH alone has words of the citizen's own behind it.

A question needs no command word where the text names one number and every other word speaks of its handling (HANDLED), of time or is
courteous, and one of them asks, urges or says what is missing: *tracking id 6164863 belum ada tindak lanjut*. It is none if anything else
is said (*laporan 6164863 sudah selesai tapi jalannya rusak lagi*), nor if it tells that the work is done, which our answer would not keep.

A lone greeting is INFO: it says nothing that could be lost, and whoever greets wants to hear how to report. *Ok* and *makasih* are THANKS.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from parsers import command_words as said
from parsers.command_number import JOINED_MAX, Parts, number_in, parts_of
from parsers.text import INVISIBLE, Shadow, shadow_of

CHARACTERS_MAX = 160  # Ours: one SMS; `Assalamualaikum min, mau tanya laporan saya no G7K2QP sudah 2 minggu kok belum ada kabar ya` has 93.
WORDS_MAX = 26  # Ours: the same sentence has eighteen.
CHOICE_WORDS_MAX = 8  # Ours: `saya pilih yang nomor 2 pak terima kasih` has eight.
ADDING_WORDS_MAX = 12  # Words before what is added: `pak saya mau menambahkan laporan saya nomor G7K2QP` has eight.
SLIP_WORDS_MAX = 7  # Ours: `sttus laporan saya no G7K2QP 4821 pak` has seven.
SLIP_LETTERS_MIN = 5  # Letters of a mistyped word: fewer are a slip from too many words.


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
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Command:
    """A command and its argument: a complaint number (`G7K2QP`), a tracking id (`6164863`) or the digit of a choice.

    `pin` are the four digits that come behind the number. `rest` is the half-open character range of what is added, if anything is; only
    ADD has it. Four digits at its beginning are the PIN only if they open that case, for an owner may write *TAMBAH G7K2QP 2024
    kejadiannya*: if they do, the range is `rest_behind_pin`.
    """

    kind: CommandKind
    argument: str | None = None
    rest: tuple[int, int] | None = None
    pin: str | None = None
    rest_behind_pin: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A text is `kind` if it has a word of each of `needs` and no word beyond `allows`."""

    kind: CommandKind
    needs: tuple[frozenset[str], ...]
    allows: frozenset[str]
    numbered: bool = False
    """It may name a complaint."""
    asks: bool = False
    """It may have a question mark."""


_POLITE, _ANY = said.POLITE | said.YES, said.COURTESIES | said.YES
_TOLD = _ANY | said.OWN | said.WISHES
_GREETED = (said.POLITE - said.PLEASE) | said.SELF | said.REPORTING | said.WISHES | {"izin", "ijin", "apakabar"}


def _command(kind: CommandKind, *needs: frozenset[str], beside: frozenset[str] = _TOLD, asks: bool = False) -> Rule:
    """The rule of a command that may name a complaint: words of what it needs, and those `beside` them."""
    return Rule(kind, needs, beside.union(*needs), numbered=True, asks=asks)


RULES: tuple[Rule, ...] = (
    Rule(CommandKind.YES, (said.YES,), (_POLITE - said.DAYTIME) | said.SELF | said.SURELY),
    Rule(CommandKind.NO, (said.NO,), said.NO | (said.POLITE - said.PLEASE - said.DAYTIME) | {"saya", "sy", "aku"} | said.NONE_OF),
    _command(CommandKind.STATUS, said.STATUS, beside=_ANY, asks=True),
    Rule(CommandKind.STATUS, (said.STATUS, said.OWN_REPORT), said.STATUS | _ANY | said.WHEREABOUTS, asks=True),
    _command(CommandKind.ADD, said.ADD, beside=said.COURTESIES),
    _command(CommandKind.RAHASIA, said.RAHASIA - said.SECRET, beside=_TOLD | said.SECRET, asks=True),
    _command(CommandKind.RAHASIA, said.SECRET, beside=(_ANY | said.WISHES | {"ini", "itu"}) - {"kode", "pin"}, asks=True),
    _command(CommandKind.RAHASIA, said.HIDING, said.SPREADING, said.REPORT, asks=True),
    _command(CommandKind.ANONIM, said.ANONIM, asks=True),
    _command(CommandKind.ANONIM, said.HIDING, said.TELLING, said.NAME, asks=True),
    _command(CommandKind.ANONIM, said.MASKING, said.NAME, asks=True),
    _command(CommandKind.ANONIM, said.WITHOUT, said.NAME, asks=True),
    _command(CommandKind.CANCEL, said.CANCEL, beside=_ANY | said.WISHES | {"ini", "itu"}),
    _command(CommandKind.CANCEL, said.WITHDRAWN, said.WISHES | said.PLEASE, said.REPORT, beside=_ANY),
    _command(CommandKind.CANCEL, said.WITHDRAWING, said.REPORT, beside=_ANY | said.WISHES),
    _command(CommandKind.CANCEL, said.DROPPED, said.REPORTING, beside=_ANY | said.WISHES),
    Rule(CommandKind.INFO, (said.INFO,), said.INFO | (_ANY - {"untuk", "utk"}), asks=True),
    Rule(CommandKind.INFO, (said.ADVICE,), said.ADVICE | _ANY | said.WISHES, asks=True),
    Rule(CommandKind.INFO, (said.HOW, said.REPORTING | said.SMS), said.HOW | said.REPORTING | said.SMS | _ANY | said.WISHES, asks=True),
    _command(CommandKind.STOP, said.STOP, beside=_ANY | {"saja", "aja"}),
    _command(CommandKind.STOP, said.STOP, said.SMS, beside=_ANY | said.ANY_SMS),
    Rule(
        CommandKind.STOP,
        (said.HIDING | said.UNWILLING, said.MESSAGE),
        said.HIDING | said.UNWILLING | said.SMS | said.ANY_SMS | _POLITE | said.SELF,
    ),
    Rule(CommandKind.START, (said.START,), said.START | said.SMS | {"lagi", "terima", "menerima"} | _ANY),
    Rule(CommandKind.THANKS, (said.THANKS | said.SORRY,), (said.POLITE - said.PLEASE) | said.THANKED),
    Rule(CommandKind.INFO, (said.GREETING,), _GREETED, asks=True),
    Rule(CommandKind.INFO, (said.DAYTIME, said.CALLING), _GREETED, asks=True),
)
"""The first that fits counts."""

KINDS: dict[str, CommandKind] = {
    word: kind
    for kind, words in (
        (CommandKind.THANKS, said.THANKS),
        (CommandKind.YES, said.YES | said.WEAK_YES),
        (CommandKind.NO, said.NO),
        (CommandKind.STATUS, said.STATUS),
        (CommandKind.ADD, said.ADD),
        (CommandKind.RAHASIA, said.RAHASIA),
        (CommandKind.ANONIM, said.ANONIM),
        (CommandKind.CANCEL, said.CANCEL),
        (CommandKind.INFO, said.INFO),
        (CommandKind.STOP, said.STOP),
        (CommandKind.START, said.START),
    )
    for word in words
}
"""Words that are a command alone: no keyword should be one of them."""

CHOOSABLE = said.CHOOSING | (_POLITE - said.DAYTIME) | said.SELF
TALKING = said.HANDLED | said.STATUS | _ANY
OPENING = CHOOSABLE.union(said.CHOICES, said.WEAK_YES, *(rule.allows for rule in RULES), *said.PAIRS)
"""First words of a text that may be a command; where it has digits, a question about a number may begin with others."""

VOCABULARY = OPENING | TALKING

LEADING = said.POLITE | said.SELF | said.WISHES | {"izin", "ijin"}
NEXT_WORD = re.compile(r"[^\W_]")
PIN_AHEAD = re.compile(r"[\W_]*(?:pin[\W_]+)?([0-9]{4})(?![^\W_])")


def read(text: str | Shadow) -> Command | None:
    """Give the command that `text` is, or None for everything else; never raises."""
    shadow = shadow_of(text)
    words = shadow.words
    if not words:
        return Command(CommandKind.THANKS) if _gesture(shadow.folded) else None
    word = words[0]
    if (
        word not in OPENING
        and not (shadow.digits and (word in VOCABULARY or (len(word) <= JOINED_MAX and not word.isalpha())))
        and not _opens_otherwise(words)
    ):
        return None
    adding = _addition(shadow)
    if adding is not None:
        return adding
    if len(words) > WORDS_MAX or (len(shadow.folded) > CHARACTERS_MAX and len(shadow.folded.strip()) > CHARACTERS_MAX):
        return None
    return _whole(shadow, _without_tail(words))


def _gesture(folded: str) -> bool:
    """Whether a text without a word is a thumb up, or hands put together."""
    signs = folded[:CHARACTERS_MAX].replace(INVISIBLE, "").split()
    return bool(signs) and len(folded) <= CHARACTERS_MAX and all(sign in said.GESTURES for sign in "".join(signs))


def _opens_otherwise(words: Sequence[str]) -> bool:
    """Whether a first word that is none of ours may be a number of letters, or a slip: then the next is a courtesy or a number."""
    word = words[0]
    if len(words) > SLIP_WORDS_MAX or not SLIP_LETTERS_MIN <= len(word) <= JOINED_MAX:
        return False
    return len(words) == 1 or words[1] in VOCABULARY or not words[1].isalpha()


def _without_tail(words: list[str]) -> list[str]:
    """The words without a copied `kirim ke 1708`."""
    if words[-1] == "1708":
        for length in (4, 3, 2):
            if len(words) > length and words[-length] in said.SENDING and said.SENT_TO.issuperset(words[1 - length : -1]):
                return words[:-length]
    return words


def _whole(shadow: Shadow, words: list[str]) -> Command | None:
    """Read a text that must be a command from its first word to its last."""
    asks = "?" in shadow.folded
    meant = _slip(words)
    if meant is not None:
        words = [meant, *words[1:]]
    parts = parts_of(shadow, words, VOCABULARY)
    if parts is None:
        return None
    told = _paired(parts.words)
    if parts.choices:
        return _choice(parts, told, len(words)) if not asks else None
    if meant is not None and not (said.COURTESIES | {meant}).issuperset(told):
        return None
    number = _number(parts)
    if parts.numbers and number is None:
        return None
    return _ruled(parts, frozenset(told), number, asks=asks) or (_question(parts, told, number, asks=asks) if number else None)


def _paired(words: Sequence[str]) -> list[str]:
    """The words with two that mean one put together, and a *ya* at the beginning as the answer that it is there."""
    paired: list[str] = []
    for word in words:
        other = said.PAIRS.get((paired[-1], word)) if paired else None
        if other is None:
            paired.append(word)
        else:
            paired[-1] = other
    if paired and paired[0] in said.WEAK_YES:
        paired[0] = "iya"
    return paired


def _choice(parts: Parts, told: Sequence[str], length: int) -> Command | None:
    """A digit, or its word, with nothing but courtesies around it: *pilih 2*, *no 1*, *1 pak*, *2 (dua)*."""
    if length > CHOICE_WORDS_MAX or len(set(parts.choices)) != 1 or parts.numbers or parts.spans or not CHOOSABLE.issuperset(told):
        return None
    return Command(CommandKind.CHOICE, parts.choices[0])


def _number(parts: Parts) -> str | None:
    """The number that a text names; of ours and the core's together, as our receipt has them, ours."""
    if len(parts.numbers) == 2 and parts.numbers[0].isdecimal() != parts.numbers[1].isdecimal():
        return min(parts.numbers, key=str.isdecimal)
    return parts.numbers[0] if len(parts.numbers) == 1 else None


def _ruled(parts: Parts, told: frozenset[str], number: str | None, *, asks: bool) -> Command | None:
    """The first rule that fits."""
    if parts.spans:
        return None
    for rule in RULES:
        fits = (rule.numbered or number is None) and (rule.asks or not asks) and (len(parts.numbers) < 2 or rule.kind is CommandKind.STATUS)
        if fits and rule.allows.issuperset(told) and not any(need.isdisjoint(told) for need in rule.needs):
            return Command(rule.kind, number, pin=parts.pin)
    return None


def _question(parts: Parts, told: list[str], number: str, *, asks: bool) -> Command | None:
    """A number without a command word: alone and polite, named as one of ours, or with nothing but a question about its handling."""
    status = Command(CommandKind.STATUS, number, pin=parts.pin)
    words = frozenset(told)
    if not parts.spans and not parts.plain and _ANY.issuperset(words):
        return status if not said.NAMED.isdisjoint(words) or (not number.isalpha() and _POLITE.issuperset(words)) else None
    if parts.plain or not TALKING.issuperset(words):
        return None
    wanting = asks or not said.ASKING.isdisjoint(words)
    urging = not said.URGING.isdisjoint(words) and not said.HANDLING.isdisjoint(words)
    waiting = parts.spans or not said.SPANS.isdisjoint(words)
    if not (wanting or urging or (waiting and not said.DONE_YET.isdisjoint(words))):
        return None
    return status if not _claims(told) or _asks_whether(told, asks=asks) else None


def _claims(told: list[str]) -> bool:
    """Whether a text tells that something is finished: a word of it, and no *belum* or *kapan* right before."""
    return any(word in said.FINISHING and said.UNDONE.isdisjoint(told[max(at - 2, 0) : at]) for at, word in enumerate(told))


def _asks_whether(told: list[str], *, asks: bool) -> bool:
    """*Sudah selesai?*, *apakah sudah selesai*, *sudah selesai belum*: and nothing said to be missing all the same."""
    missing = [at for at, word in enumerate(told) if word in said.WANTING]
    at_the_end = bool(missing) and told[missing[0]] in said.NOT_YET and said.POLITE.issuperset(told[missing[0] + 1 :])
    return at_the_end or (not missing and (asks or not said.QUESTION.isdisjoint(told)))


def _slip(words: Sequence[str]) -> str | None:
    """The command word that the first one is one slip from: no other, and itself no word that we know."""
    word = words[0]
    if word in VOCABULARY or len(word) < SLIP_LETTERS_MIN or not word.isalpha() or len(words) > SLIP_WORDS_MAX:
        return None
    if word in said.KNOWN or word in said.NO_SLIPS:
        return None
    found = process.extract(word, said.SLIPPED, scorer=OSA.distance, score_cutoff=1, limit=2)
    return found[0][0] if len(found) == 1 else None


def _addition(shadow: Shadow) -> Command | None:
    """TAMBAH number text, or words that can only mean a case: *tambah lampu jalan di desa kami* is a complaint of its own."""
    words = shadow.words
    at = next((at for at, word in enumerate(words[:ADDING_WORDS_MAX]) if word not in LEADING), 0)
    if words[at] in ("info", "informasi") and words[at + 1 : at + 2] == ["tambahan"]:
        at += 1
    elif words[at] not in said.ADD:
        return None
    after = at + 1
    while after < len(words) and words[after] in said.COURTESIES and after < at + ADDING_WORDS_MAX:
        after += 1
    if after == len(words):
        return Command(CommandKind.ADD)
    number = number_in(words[after])
    if number is not None and words[after + 1 : after + 2] and words[after + 1] in said.AMOUNTS:
        return None
    return _to_number(shadow, after, number) if number is not None else _to_newest(shadow, at)


def _to_number(shadow: Shadow, at: int, number: str) -> Command:
    end = shadow.span(at)[1]
    pin = PIN_AHEAD.match(shadow.folded, end)
    if pin is None:
        return Command(CommandKind.ADD, number, _rest(shadow, end))
    behind = _rest(shadow, pin.end())
    return Command(CommandKind.ADD, number, _rest(shadow, end) if behind else None, pin[1], behind)


def _to_newest(shadow: Shadow, at: int) -> Command | None:
    """*Tambahan: …*, *tambah info …*, *info tambahan …*, *nambahin laporan saya …*: all that no wish for more of a thing begins with."""
    words, word = shadow.words, shadow.words[at]
    last = at
    if (at and words[at - 1] in said.NOTES and word == "tambahan") or (":" in shadow.gap(at) and word in ("tambah", "tambahan")):
        pass
    elif words[at + 1] in said.NOTES:
        last = at + 1
    else:
        last = at + 1 + (words[at + 1] in ("untuk", "utk", "pada", "di"))
        if last >= len(words) or words[last] not in said.REPORT - {"lapor"}:
            return None
        while last + 1 < len(words) and words[last + 1] in said.AFTER_REPORT:
            last += 1
    return Command(CommandKind.ADD, rest=_rest(shadow, shadow.span(last)[1]))


def _rest(shadow: Shadow, end: int) -> tuple[int, int] | None:
    """From the next word behind `end` to the end of the text; None where there is no word."""
    match = NEXT_WORD.search(shadow.folded, end)
    return (match.start(), len(shadow.folded)) if match else None
