"""Which alphabet an SMS is written in, and its octets to text and back (SMPP 3.4 §5.2.19; 3GPP TS 23.038).

Reading never fails: a citizen's words are worth more than their form. What has no meaning in the alphabet becomes U+FFFD, or the
Latin-1 character where an octet is too large for seven bits, and the result says `damaged`; the raw PDU is kept, so it can be read again
when an operator's setting turns out to be wrong. Writing is strict: what the alphabet does not hold raises CharsetError.
"""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from parsers import septets as packing
from parsers.errors import GatewayError
from parsers.shift_tables import ESCAPE, LOCKING, SINGLE

GSM7 = "gsm7"
UCS2 = "ucs2"
LATIN1 = "latin1"
ASCII = "ascii"
UTF8 = "utf-8"
OCTET = "octet"

ALPHABETS_OF_ZERO = (GSM7, LATIN1, ASCII, UTF8, UCS2)
"""What an operator may mean by data_coding 0, "SMSC default alphabet"."""

UNREADABLE = "\ufffd"


class CharsetError(GatewayError, ValueError):
    """A text cannot be written in the alphabet that was asked for; the message never quotes the text."""


class Decoded(NamedTuple):
    """A text as read: `alphabet` is what it was read in, `damaged` says that some octets had no meaning there."""

    text: str
    alphabet: str
    damaged: bool

    def __repr__(self) -> str:
        return f"Decoded({len(self.text)} characters, {self.alphabet}, damaged={self.damaged})"


class Coding(NamedTuple):
    """What one data_coding means. `alphabet` is None for the operator's default; not `certain`: reserved, or beyond us."""

    alphabet: str | None
    certain: bool = True


def decode(  # noqa: PLR0913 - all but the first two are settings of the operator or of the user data header
    octets: bytes,
    data_coding: int,
    *,
    alphabet0: str = GSM7,
    packed: bool = False,
    locking: int = 0,
    single: int = 0,
    fill: int = 0,
) -> Decoded:
    """Read user data without its header; never raises, whatever the octets and the data_coding.

    `alphabet0` is one of ALPHABETS_OF_ZERO. `packed` says that this operator packs septets, `fill` how many bits precede the first.
    `locking` and `single` are national language numbers (3GPP TS 23.038 §6.2.1.2.4); one that is reserved is read as the default table.
    """
    coding = CODINGS[data_coding & 0xFF]
    alphabet = coding.alphabet or alphabet0
    if alphabet == GSM7:
        text, damaged = _read_gsm7(packing.unpack(octets, fill=fill) if packed else octets, locking, single)
    else:
        text, damaged = _READERS[alphabet](octets)
    return Decoded(text, alphabet, damaged or not coding.certain)


def encode(  # noqa: PLR0913 - the last four are settings of the operator or of the user data header
    text: str, alphabet: str, *, locking: int = 0, single: int = 0, packed: bool = False, fill: int = 0
) -> bytes:
    """Write a text; GSM7 as one septet per octet unless `packed`. CharsetError for a character or alphabet that cannot be written."""
    if alphabet != GSM7:
        return _write(text, alphabet)
    octets = _write_gsm7(text, locking, single)
    return packing.pack(octets, fill=fill) if packed else octets


def split(  # noqa: PLR0913 - the last four are settings of the operator or of the user data header
    text: str, alphabet: str, *, octets_max: int, locking: int = 0, single: int = 0, packed: bool = False, fill: int = 0
) -> list[bytes]:
    """Cut a text into payloads of at most `octets_max` octets each (without header), as few as possible; an empty text is one.

    Cuts between characters only: never inside an escape pair, a surrogate pair or a UTF-8 sequence. CharsetError like `encode`, and
    where not even one character fits.
    """
    packed = packed and alphabet == GSM7
    room = (octets_max * 8 - fill) // 7 if packed else octets_max
    whole = encode(text, alphabet, locking=locking, single=single)
    if len(whole) <= room:
        return [packing.pack(whole, fill=fill) if packed else whole]
    parts: list[bytes] = []
    part = bytearray()
    for character in text:
        unit = encode(character, alphabet, locking=locking, single=single)
        if len(unit) > room:
            raise CharsetError(f"{octets_max} octets hold no character of {alphabet}")
        if len(part) + len(unit) > room:
            parts.append(bytes(part))
            part.clear()
        part += unit
    parts.append(bytes(part))
    return [packing.pack(each, fill=fill) for each in parts] if packed else parts


def fits_gsm7(text: str, *, extension: bool = True) -> bool:
    """Whether the default alphabet holds the text; without `extension`, whether each character takes one septet only."""
    return _EXTENDED.issuperset(text) if extension else _BASIC.issuperset(text)


SEPTETS_OF_ONE_SMS = 160  # 140 octets (3GPP TS 23.038 §6.1.2.1)


def septets(text: str) -> int:
    """How many septets the text takes in the default alphabet: two for each extension character. CharsetError if it does not fit."""
    return len(_write_gsm7(text, 0, 0))


def data_coding_of(alphabet: str) -> int:
    """The data_coding to announce for an alphabet; UTF-8 exists only as an operator's default, so it has 0."""
    try:
        return _DATA_CODING[alphabet]
    except KeyError:
        raise CharsetError(f"no data_coding for alphabet {alphabet}") from None


def coding_of(data_coding: int, alphabet0: str = GSM7) -> str:
    """The alphabet that `decode` reads a data_coding in."""
    return CODINGS[data_coding & 0xFF].alphabet or alphabet0


# ---- Seven bits


class _Table(NamedTuple):
    """A locking and a single shift table made ready: octet → character (256 each), and character → octets."""

    plain: str
    escaped: str
    units: Mapping[str, bytes]


_ESCAPED = re.compile(f"{chr(ESCAPE)}(?s:.)?")
_SAME_AS_ASCII = bytes(octet for octet, character in LOCKING[0].items() if octet == ord(character) and octet != ESCAPE)


def _read_gsm7(octets: bytes, locking: int, single: int) -> tuple[str, bool]:
    """Read one septet per octet. Most texts need no table at all: whatever is the same in ASCII is read as ASCII."""
    if not locking and not octets.translate(None, _SAME_AS_ASCII):
        return octets.decode("ascii"), False
    table = _table(locking if locking in LOCKING else 0, single if single in SINGLE else 0)
    text = codecs.charmap_decode(octets, "strict", table.plain)[0]
    damaged = locking not in LOCKING or not octets.isascii()
    if ESCAPE in octets:
        damaged = damaged or single not in SINGLE
        text = _ESCAPED.sub(lambda pair: _escaped(table, octets[pair.start() : pair.end()]), text)
    return text, damaged or UNREADABLE in text


def _escaped(table: _Table, pair: bytes) -> str:
    """Read an escape and its septet; one without a cell is read in the locking table (§6.2.1.1, note 1), a cut pair is unreadable."""
    return table.escaped[pair[1]] if len(pair) == 2 else UNREADABLE


def _write_gsm7(text: str, locking: int, single: int) -> bytes:
    """Write one septet per octet; the locking table goes before the single shift table."""
    if locking not in LOCKING or single not in SINGLE:
        raise CharsetError(f"no shift tables {locking} and {single}")
    if not locking and text.isascii() and not (octets := text.encode("ascii")).translate(None, _SAME_AS_ASCII):
        return octets
    try:
        return b"".join(map(_table(locking, single).units.__getitem__, text))
    except KeyError:
        raise CharsetError("a character is not in the 7-bit alphabet") from None


@functools.lru_cache(maxsize=len(LOCKING) * len(SINGLE))
def _table(locking: int, single: int) -> _Table:
    """Make a pair of tables ready; octets above 0x7F, which no septet can be, are read as Latin-1."""
    plain = [LOCKING[locking].get(octet, UNREADABLE) for octet in range(128)] + list(_LATIN1[128:])
    escaped = [SINGLE[single].get(octet, plain[octet]) for octet in range(256)]
    units: dict[str, bytes] = {}
    for octet, character in LOCKING[locking].items():
        units.setdefault(character, bytes((octet,)))
    del units[chr(ESCAPE)]
    for octet, character in SINGLE[single].items():
        units.setdefault(character, bytes((ESCAPE, octet)))
    return _Table("".join(plain), "".join(escaped), units)


# ---- Whole octets


def _read_ucs2(octets: bytes) -> tuple[str, bool]:
    """Read UTF-16, surrogates included. Big-endian, unless a mark or the octets themselves say otherwise; a mark is not text."""
    whole = octets[: len(octets) & ~1]
    codec, start = "utf-16-be", 0
    if whole.startswith(codecs.BOM_UTF16_BE):
        start = 2
    elif whole.startswith(codecs.BOM_UTF16_LE):
        codec, start = "utf-16-le", 2
    elif _evidently_little_endian(whole):
        codec = "utf-16-le"
    text, damaged = _read_with(codec, whole[start:])
    return (text, damaged) if len(whole) == len(octets) else (text + UNREADABLE, True)


def _evidently_little_endian(octets: bytes) -> bool:
    """Most second octets are zero: Latin letters the wrong way round, for no script has such a run of characters (U+xx00)."""
    zeros = octets[1::2].count(0)
    return len(octets) >= 4 and zeros * 4 > len(octets) and zeros > octets[::2].count(0)


def _read_octet(octets: bytes) -> tuple[str, bool]:
    """Read 8-bit data that names no alphabet: as UTF-8 where that fits without a fault (ASCII does), else as Latin-1.

    Phones and gateways that send text this way mean one of the two. Control characters betray that it was no text.
    """
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = _read_latin1(octets)[0]
    return text, UNREADABLE in text or _CONTROL.search(text) is not None


def _read_latin1(octets: bytes) -> tuple[str, bool]:
    """Read Latin-1; 0x80-0x9F, which it leaves to control codes, as Windows-1252, which is what senders mean by them."""
    text = codecs.charmap_decode(octets, "strict", _LATIN1)[0]
    return text, UNREADABLE in text


def _read_ascii(octets: bytes) -> tuple[str, bool]:
    """Read ASCII (IA5); an octet above 0x7F is shown as Latin-1, but counts as damage."""
    return _read_latin1(octets)[0], not octets.isascii()


def _read_with(codec: str, octets: bytes) -> tuple[str, bool]:
    """Read with one of Python's codecs."""
    try:
        return octets.decode(codec), False
    except UnicodeDecodeError:
        return octets.decode(codec, "replace"), True


def _write(text: str, alphabet: str) -> bytes:
    """Write with one of Python's codecs."""
    try:
        return text.encode(_CODECS[alphabet])
    except KeyError:
        raise CharsetError(f"no alphabet {alphabet}") from None
    except UnicodeEncodeError:
        raise CharsetError(f"a character is not in {alphabet}") from None


# ---- Tables

_CODECS = {
    UCS2: "utf-16-be",
    LATIN1: "iso8859-1",
    ASCII: "ascii",
    UTF8: "utf-8",
    OCTET: "utf-8",
    "cyrillic": "iso8859-5",
    "hebrew": "iso8859-8",
    "shift-jis": "shift_jis",
    "iso-2022-jp": "iso2022_jp",
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
}

_READERS: dict[str, Callable[[bytes], tuple[str, bool]]] = {name: functools.partial(_read_with, codec) for name, codec in _CODECS.items()}
_READERS |= {UCS2: _read_ucs2, LATIN1: _read_latin1, ASCII: _read_ascii, OCTET: _read_octet}

_DATA_CODING = {GSM7: 0, UTF8: 0, ASCII: 1, LATIN1: 3, OCTET: 4, "shift-jis": 5, "cyrillic": 6, "hebrew": 7, UCS2: 8}
_DATA_CODING |= {"iso-2022-jp": 10, "euc-jp": 13, "euc-kr": 14}

_LATIN1 = "".join(
    bytes((octet,)).decode("cp1252", "replace") if 0x80 <= octet <= 0x9F else chr(octet)  # five of them stay empty there too
    for octet in range(256)
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BASIC = frozenset(LOCKING[0].values()) - {chr(ESCAPE)}
_EXTENDED = _BASIC | frozenset(SINGLE[0].values())


def _coding(data_coding: int) -> Coding:
    """What a data_coding means: SMPP's own list first, then the groups of the GSM data coding scheme (3GPP TS 23.038 §4)."""
    if data_coding in _SMPP_CODINGS:
        return _SMPP_CODINGS[data_coding]
    group, alphabet = data_coding >> 4, (GSM7, OCTET, UCS2, GSM7)[data_coding >> 2 & 3]
    if group < 0x8:  # general, and marked for automatic deletion: bit 5 compressed (which nobody sends), bits 3-2 alphabet
        return Coding(alphabet, certain=not data_coding & 0x20 and data_coding >> 2 & 3 != 3)
    if group < 0xC:  # reserved: "shall be assumed to be the GSM 7 bit default alphabet"
        return Coding(GSM7, certain=False)
    if group < 0xF:  # message waiting: 0xE0-0xEF in UCS-2
        return Coding(UCS2 if group == 0xE else GSM7)
    return Coding(OCTET if data_coding & 0x04 else GSM7)  # message class


_SMPP_CODINGS = {
    0x00: Coding(None),
    0x01: Coding(ASCII),
    0x02: Coding(OCTET),
    0x03: Coding(LATIN1),
    0x04: Coding(OCTET),
    0x05: Coding("shift-jis"),
    0x06: Coding("cyrillic"),
    0x07: Coding("hebrew"),
    0x08: Coding(UCS2),
    0x09: Coding(OCTET, certain=False),  # pictograms: no public table
    0x0A: Coding("iso-2022-jp"),
    0x0B: Coding(UCS2, certain=False),  # reserved in SMPP, UCS-2 in GSM
    0x0C: Coding(None, certain=False),  # reserved in both
    0x0D: Coding("euc-jp"),
    0x0E: Coding("euc-kr"),
    0x0F: Coding(None, certain=False),
}
CODINGS = tuple(_coding(data_coding) for data_coding in range(256))
