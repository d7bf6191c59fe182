"""Octets to text and back: every alphabet, every data_coding, and what no alphabet holds."""

from __future__ import annotations

import unicodedata

import pytest

from parsers import charset, septets
from parsers.charset import CharsetError, Decoded
from parsers.shift_tables import ESCAPE, LOCKING, SINGLE

LANGUAGES = {4: "BENGALI", 5: "GUJARATI", 6: "DEVANAGARI", 7: "KANNADA", 8: "MALAYALAM", 9: "ORIYA"}
LANGUAGES |= {10: "GURMUKHI", 11: "TAMIL", 12: "TELUGU", 13: "ARABIC"}


# ---- The tables


def test_the_standard_has_thirteen_languages_and_spanish_has_no_locking_table() -> None:
    assert list(LOCKING) == [0, 1, *range(3, 14)]
    assert list(SINGLE) == list(range(14))


@pytest.mark.parametrize("language", LOCKING)
def test_every_locking_table_keeps_digits_line_ends_escape_and_most_small_letters(language: int) -> None:
    table = LOCKING[language]
    assert "".join(table[septet] for septet in range(0x30, 0x3A)) == "0123456789"
    assert "".join(table[septet] for septet in range(0x61, 0x7B)) == "abcdefghijklmnopqrstuvwxyz"
    assert (table[0x0A], table[0x0D], table[ESCAPE], table[0x20], table[0x2C], table[0x2E]) == ("\n", "\r", "\x1b", " ", ",", ".")


@pytest.mark.parametrize("language", SINGLE)
def test_every_single_shift_table_has_the_default_extension_characters(language: int) -> None:
    table = SINGLE[language]
    wanted = {0x0A: "\f", 0x14: "^", 0x1B: " ", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
    assert {septet: table[septet] for septet in wanted} == wanted


@pytest.mark.parametrize("language", LOCKING)
def test_no_locking_table_names_a_character_twice_or_one_that_unicode_does_not_have(language: int) -> None:
    characters = list(LOCKING[language].values())
    assert len(set(characters)) == len(characters)
    assert all(unicodedata.category(character) != "Cn" for character in characters)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_of_a_table_are_of_its_script(language: int) -> None:
    marks = [*LOCKING[language].values(), *SINGLE[language].values()]
    letters = [each for each in marks if each > "\u036f" and unicodedata.category(each)[0] in "LM"]
    assert len(letters) > 50
    assert {unicodedata.name(each).split()[0] for each in letters} <= {LANGUAGES[language]}


# Cells on which published copies of Annex A disagree, or misprints of older releases; what each stands for is certain from its neighbours.
@pytest.mark.parametrize(
    ("language", "septet", "character"),
    [
        (0, 0x09, "Ç"),
        (1, 0x1F, "É"),
        (7, 0x24, "\u0ca1"),
        (7, 0x3D, "\u0caa"),
        (9, 0x47, "\u0b33"),
        (13, 0x00, "\u0627"),
        (13, 0x7F, "\u0670"),
    ],
)
def test_disputed_cells_of_the_locking_tables(language: int, septet: int, character: str) -> None:
    assert LOCKING[language][septet] == character


@pytest.mark.parametrize(
    ("language", "septet", "character"),
    [
        (10, 0x23, "\u0a6d"),
        (11, 0x24, "\u0bee"),
        (11, 0x25, "\u0bef"),
        (12, 0x22, "\u0c6c"),
        (12, 0x23, "\u0c6d"),
        (3, 0x7F, "â"),
        (2, 0x6F, "ó"),
        (1, 0x69, "\u0131"),
        (4, 0x19, "\u09e6"),
        (6, 0x3A, "\u0971"),
        (13, 0x3F, "\u06d4"),
    ],
)
def test_disputed_cells_of_the_single_shift_tables(language: int, septet: int, character: str) -> None:
    assert SINGLE[language][septet] == character


# ---- Reading seven bits


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"AGAM jalan rusak", "AGAM jalan rusak"),
        (b"\x00\x01\x02\x03", "@£$¥"),
        (b"\x11\x24\x40\x5f\x60", "_¤¡§¿"),
        (b"\x1b<RT 03\x1b>\x1be", "[RT 03]€"),
        (b"a\x1bbc", "abc"),  # no such cell: the default alphabet's own character
        (b"a\x1b\x1bb", "a b"),  # reserved for another extension table: a space
        (b"\x1b\x0a\x0a\x0d", "\f\n\r"),
    ],
)
def test_unpacked_default_alphabet(octets: bytes, text: str) -> None:
    assert charset.decode(octets, 0) == Decoded(text, "gsm7", damaged=False)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1b", "a\ufffd"),  # a pair cut by a bad phone
        (b"caf\xe9", "café"),  # Latin-1 sent as the default alphabet
        (b"\x80\x93\x81", "€“\ufffd"),
        (b"\x1b\xe9", "é"),
    ],
)
def test_what_is_no_septet_is_read_as_well_as_can_be_and_marked(octets: bytes, text: str) -> None:
    assert charset.decode(octets, 0) == Decoded(text, "gsm7", damaged=True)


@pytest.mark.parametrize(
    ("octets", "locking", "single", "text"),
    [
        (b"\x07\x0b\x1b\x53", 1, 1, "ıĞŞ"),
        (b"\x1b\x41\x1b\x6f", 0, 2, "Áó"),
        (b"\x16\x18\x1b\x12", 3, 3, "^€Φ"),
        (b"\x15\x50 \x1b\x1c", 6, 6, "\u0915\u093e \u0966"),
        (b"\x00\x41\x20abc", 13, 13, "\u0627\u0636 abc"),
        (b"A", 1, 0, "A"),
    ],
)
def test_national_language_tables(octets: bytes, locking: int, single: int, text: str) -> None:
    assert charset.decode(octets, 0, locking=locking, single=single) == Decoded(text, "gsm7", damaged=False)


def test_an_empty_cell_of_a_locking_table_is_damage() -> None:
    assert charset.decode(b"\x0c\x1b\x30", 0, locking=4, single=4) == Decoded("\ufffd\u09f6", "gsm7", damaged=True)


@pytest.mark.parametrize(
    ("locking", "single", "damaged"), [(2, 0, True), (14, 0, True), (255, 255, True), (0, 14, True), (0, 13, False), (-1, 0, True)]
)
def test_reserved_languages_are_read_as_the_default_and_marked_where_it_matters(*, locking: int, single: int, damaged: bool) -> None:
    assert charset.decode(b"\x00\x1b=", 0, locking=locking, single=single) == Decoded("@~", "gsm7", damaged)


def test_a_reserved_single_shift_table_that_no_escape_uses_does_no_damage() -> None:
    assert charset.decode(b"\x00", 0, single=99) == Decoded("@", "gsm7", damaged=False)


# ---- Packed septets


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("", ""),
        ("e8329bfd4697d9ec37", "hellohello"),
        ("c8329bfd06", "Hello"),
        ("31d98c56b3dd70", "12345678"),  # eight septets fill seven octets
        ("31d98c56b3dd00", "1234567"),  # seven, and zeros for a filler
        ("31d98c56b3dd1a", "1234567"),  # seven, and the return of §6.1.2.3.1
        ("9b32", "€"),  # an escape pair
        ("6100", "a@"),  # two septets leave two bits: no room for a filler
    ],
)
def test_packed_default_alphabet(octets: str, text: str) -> None:
    assert charset.decode(bytes.fromhex(octets), 0, packed=True) == Decoded(text, "gsm7", damaged=False)


@pytest.mark.parametrize("header_octets", range(12))
def test_septets_behind_a_header_begin_on_a_septet_boundary(header_octets: int) -> None:
    fill = septets.fill_bits(header_octets)
    assert (header_octets * 8 + fill) % 7 == 0
    packed = charset.encode("Jembatan putus {2}", "gsm7", packed=True, fill=fill)
    assert len(packed) == (20 * 7 + fill + 7) // 8
    assert charset.decode(packed, 0, packed=True, fill=fill).text == "Jembatan putus {2}"


def test_only_the_seven_bit_alphabet_is_packed() -> None:
    assert charset.decode("Jalan".encode("utf-16-be"), 8, packed=True).text == "Jalan"
    assert charset.decode(b"Jalan", 0, alphabet0="latin1", packed=True).text == "Jalan"
    assert charset.encode("Jalan", "latin1", packed=True) == b"Jalan"
    assert charset.split("Jalan", "latin1", octets_max=3, packed=True) == [b"Jal", b"an"]


# ---- Reading whole octets


@pytest.mark.parametrize(
    ("octets", "text", "damaged"),
    [
        (b"", "", False),
        ("Jalan rusak… 😀".encode("utf-16-be"), "Jalan rusak… 😀", False),
        (b"\xfe\xff\x00A\x00B", "AB", False),
        (b"\xff\xfeA\x00B\x00", "AB", False),
        ("Jalan rusak".encode("utf-16-le"), "Jalan rusak", False),
        ("😀 jalan rusak".encode("utf-16-le"), "😀 jalan rusak", False),
        ("一".encode("utf-16-be"), "一", False),
        ("井水污染".encode("utf-16-be"), "井水污染", False),
        (b"\x00A\x00\x00\x00\x00", "A\0\0", False),  # padded with zeros
        (b"\x00A\x00", "A\ufffd", True),  # half a character
        (b"A", "\ufffd", True),
        (b"\x00A\xd8\x3d", "A\ufffd", True),  # half a surrogate pair
        (b"\xde\x00\x00A", "\ufffdA", True),
        (b"\xff\xfd", "\ufffd", False),  # the citizen's own replacement character
    ],
)
def test_ucs2(*, octets: bytes, text: str, damaged: bool) -> None:
    assert charset.decode(octets, 8) == Decoded(text, "ucs2", damaged)


@pytest.mark.parametrize(
    ("data_coding", "octets", "text", "alphabet", "damaged"),
    [
        (1, b"AGAM @home", "AGAM @home", "ascii", False),
        (1, b"caf\xe9", "café", "ascii", True),
        (3, b"caf\xe9 \x93jalan\x94", "café “jalan”", "latin1", False),
        (3, b"\x81", "\ufffd", "latin1", True),
        (2, b"AGAM jalan", "AGAM jalan", "octet", False),
        (4, "café".encode(), "café", "octet", False),
        (4, b"caf\xe9", "café", "octet", False),
        (4, b"\x01\x06\x03", "\x01\x06\x03", "octet", True),  # a WAP push, no text
        (4, b"\xff\x81", "ÿ\ufffd", "octet", True),
        (5, "道路".encode("shift_jis"), "道路", "shift-jis", False),
        (5, b"\x81", "\ufffd", "shift-jis", True),
        (6, "дорога".encode("iso8859-5"), "дорога", "cyrillic", False),
        (7, "כביש".encode("iso8859-8"), "כביש", "hebrew", False),
        (9, b"abc", "abc", "octet", True),
        (10, "道路".encode("iso2022_jp"), "道路", "iso-2022-jp", False),
        (13, "道路".encode("euc_jp"), "道路", "euc-jp", False),
        (14, "도로".encode("euc_kr"), "도로", "euc-kr", False),
    ],
)
def test_the_alphabets_of_smpp(*, data_coding: int, octets: bytes, text: str, alphabet: str, damaged: bool) -> None:
    assert charset.decode(octets, data_coding) == Decoded(text, alphabet, damaged)


@pytest.mark.parametrize(
    ("codings", "alphabet", "certain"),
    [
        ([0x00], "gsm7", True),
        ([0x08, 0x18, 0x19, 0x1A, 0x1B, 0x48, 0x58], "ucs2", True),
        ([0x10, 0x11, 0x12, 0x13, 0x40, 0x50], "gsm7", True),
        ([0x14, 0x15, 0x16, 0x17, 0x44, 0x54], "octet", True),
        ([0x0B], "ucs2", False),
        ([0x0C, 0x0F, 0x1C, 0x5C], "gsm7", False),
        ([0x20, 0x30, 0x60, 0x70], "gsm7", False),  # said to be compressed
        ([0x28, 0x38, 0x68], "ucs2", False),
        (range(0x80, 0xC0), "gsm7", False),
        (range(0xC0, 0xE0), "gsm7", True),
        (range(0xE0, 0xF0), "ucs2", True),
        ([0xF0, 0xF1, 0xF2, 0xF3, 0xF8], "gsm7", True),
        ([0xF4, 0xF5, 0xF6, 0xF7, 0xFC], "octet", True),
    ],
)
def test_the_groups_of_the_gsm_data_coding_scheme(*, codings: list[int], alphabet: str, certain: bool) -> None:
    text = "AGAM jalan rusak"
    for data_coding in codings:
        assert charset.decode(charset.encode(text, alphabet), data_coding) == Decoded(text, alphabet, not certain)
        assert charset.coding_of(data_coding) == alphabet


@pytest.mark.parametrize(
    ("alphabet0", "octets", "text"),
    [
        ("gsm7", b"\x00\x1be", "@€"),
        ("latin1", b"@\xe9", "@é"),
        ("ascii", b"@_", "@_"),
        ("utf-8", "@é😀".encode(), "@é😀"),
        ("ucs2", b"\x00@\x20\xac", "@€"),
    ],
)
def test_the_operator_says_what_data_coding_0_means(alphabet0: str, octets: bytes, text: str) -> None:
    assert alphabet0 in charset.ALPHABETS_OF_ZERO
    assert charset.decode(octets, 0, alphabet0=alphabet0) == Decoded(text, alphabet0, damaged=False)
    assert charset.coding_of(0, alphabet0) == alphabet0


def test_broken_utf8_is_read_with_replacements() -> None:
    assert charset.decode(b"jalan \xc3", 0, alphabet0="utf-8") == Decoded("jalan \ufffd", "utf-8", damaged=True)


# ---- Writing


@pytest.mark.parametrize(
    ("text", "alphabet", "octets"),
    [
        ("", "gsm7", b""),
        ("AGAM", "gsm7", b"AGAM"),
        ("a@b", "gsm7", b"a\x00b"),
        ("[€]", "gsm7", b"\x1b<\x1be\x1b>"),
        ("😀", "ucs2", b"\xd8\x3d\xde\x00"),
        ("é", "latin1", b"\xe9"),
        ("é", "utf-8", b"\xc3\xa9"),
        ("a", "ascii", b"a"),
    ],
)
def test_texts_are_written(text: str, alphabet: str, octets: bytes) -> None:
    assert charset.encode(text, alphabet) == octets


def test_the_locking_table_goes_before_the_single_shift_table() -> None:
    assert charset.encode("çğ€", "gsm7", locking=1, single=1) == b"\x60\x0c\x04"
    assert charset.encode("çğ€", "gsm7", single=1) == b"\x1bc\x1bg\x1be"


@pytest.mark.parametrize(
    ("text", "alphabet", "options"),
    [
        ("rahasia 😀", "gsm7", {}),
        ("rahasia `", "gsm7", {}),
        ("rahasia \x1b", "gsm7", {}),
        ("rahasia €", "latin1", {}),
        ("rahasia é", "ascii", {}),
        ("rahasia \ud800", "ucs2", {}),
        ("rahasia", "ebcdic", {}),
        ("rahasia", "gsm7", {"locking": 2}),
        ("rahasia", "gsm7", {"single": 14}),
    ],
)
def test_what_cannot_be_written_is_refused_without_quoting_it(text: str, alphabet: str, options: dict[str, int]) -> None:
    with pytest.raises(CharsetError) as refusal:
        charset.encode(text, alphabet, **options)
    assert "rahasia" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "basic", "extended", "count"),
    [("AGAM 1", True, True, 6), ("a@b_c£", True, True, 6), ("[a]", False, True, 5), ("", True, True, 0), ("a\fb", False, True, 4)],
)
def test_what_a_text_takes_in_the_default_alphabet(*, text: str, basic: bool, extended: bool, count: int) -> None:
    assert (charset.fits_gsm7(text, extension=False), charset.fits_gsm7(text), charset.septets(text)) == (basic, extended, count)


@pytest.mark.parametrize("text", ["`", "a“b", "ç", "\x1b", "😀"])
def test_what_the_default_alphabet_does_not_hold(text: str) -> None:
    assert not charset.fits_gsm7(text)
    with pytest.raises(CharsetError):
        charset.septets(text)


@pytest.mark.parametrize(
    ("text", "alphabet", "octets_max", "parts"),
    [
        ("", "gsm7", 153, [b""]),
        ("abcdef", "gsm7", 6, [b"abcdef"]),
        ("abcdef", "gsm7", 4, [b"abcd", b"ef"]),
        ("abc[d", "gsm7", 4, [b"abc", b"\x1b<d"]),  # the pair stays whole
        ("[]", "gsm7", 2, [b"\x1b<", b"\x1b>"]),
        ("a😀b", "ucs2", 4, [b"\x00a", b"\xd8\x3d\xde\x00", b"\x00b"]),
        ("ab", "ucs2", 3, [b"\x00a", b"\x00b"]),
        ("aé", "utf-8", 2, [b"a", b"\xc3\xa9"]),
    ],
)
def test_texts_are_cut_between_characters(text: str, alphabet: str, octets_max: int, parts: list[bytes]) -> None:
    assert charset.split(text, alphabet, octets_max=octets_max) == parts


def test_a_packed_part_holds_153_septets_behind_an_8_bit_header_and_152_behind_a_16_bit_one() -> None:
    for header_octets, count in ((6, 153), (7, 152)):
        fill = septets.fill_bits(header_octets)
        parts = charset.split("a" * 400, "gsm7", octets_max=140 - header_octets, packed=True, fill=fill)
        assert [len(charset.decode(part, 0, packed=True, fill=fill).text) for part in parts] == [count, count, 400 - 2 * count]
        assert max(map(len, parts)) + header_octets <= 140


def test_a_packed_text_that_fits_is_one_part() -> None:
    assert charset.split("hellohello", "gsm7", octets_max=140, packed=True) == [bytes.fromhex("e8329bfd4697d9ec37")]


@pytest.mark.parametrize(("text", "alphabet", "octets_max"), [("a[", "gsm7", 1), ("😀", "ucs2", 2), ("ab", "ucs2", 1), ("ab", "gsm7", 0)])
def test_a_part_too_small_for_a_character_is_refused(text: str, alphabet: str, octets_max: int) -> None:
    with pytest.raises(CharsetError):
        charset.split(text, alphabet, octets_max=octets_max)


@pytest.mark.parametrize("alphabet", ["gsm7", "ucs2", "latin1", "ascii", "octet", "cyrillic", "hebrew", "shift-jis", "euc-kr"])
def test_an_announced_alphabet_is_read_back_as_itself(alphabet: str) -> None:
    assert charset.coding_of(charset.data_coding_of(alphabet)) == alphabet


def test_an_alphabet_without_data_coding_is_refused() -> None:
    assert charset.data_coding_of("utf-8") == 0
    with pytest.raises(CharsetError):
        charset.data_coding_of("ebcdic")


def test_a_decoded_text_does_not_show_in_its_repr() -> None:
    assert "rahasia" not in repr(charset.decode(b"rahasia", 0))
