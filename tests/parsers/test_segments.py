"""Headers, SAR, and long messages put together again; the traps of real phones and operators."""

from __future__ import annotations

import itertools

import pytest

from parsers import charset, segments, septets
from parsers.charset import Decoded
from parsers.model import Concat
from parsers.segments import Payload, Run, Udh, UdhError
from tests.phones import long_message, packed_long_message, segment, send

# ---- The user data header


@pytest.mark.parametrize(
    ("octets", "udh"),
    [
        ("00", Udh(None, 0, 0, 1)),
        ("050003 2c 02 01", Udh(Concat(44, 2, 1), 0, 0, 6)),
        ("060804 012c 03 02", Udh(Concat(300, 3, 2, wide=True), 0, 0, 7)),
        ("0b 0504 0b8423f0 0003 2c 02 01", Udh(Concat(44, 2, 1), 0, 0, 12)),  # ports first
        ("0a 0003 2c 02 01 7f03 010203", Udh(Concat(44, 2, 1), 0, 0, 11)),  # an element nobody knows
        ("06 7000 2401 01 00", None),
        ("0b 2501 03 0003 2c 02 01 2401 02", Udh(Concat(44, 2, 1), 3, 2, 12)),
        ("03 2401 0d", Udh(None, 0, 13, 4)),
        ("02 7000", Udh(None, 0, 0, 3)),
        ("0b 0804 012c 03 02 0003 2c 02 01", Udh(Concat(44, 2, 1), 0, 0, 12)),  # the last one counts
        ("0b 0003 2c 02 01 0804 012c 03 02", Udh(Concat(300, 3, 2, wide=True), 0, 0, 12)),
        ("0a 0003 2c 02 01 0003 2c 02 00", Udh(Concat(44, 2, 1), 0, 0, 11)),  # part 0 is as good as absent
        ("050003 2c 02 00", Udh(None, 0, 0, 6)),
        ("050003 2c 02 03", Udh(None, 0, 0, 6)),
        ("050003 2c 00 00", Udh(None, 0, 0, 6)),
        ("050003 2c 01 01", Udh(Concat(44, 1, 1), 0, 0, 6)),
        ("06 0004 012c 02 01", Udh(None, 0, 0, 7)),  # an 8-bit element of the 16-bit one's length
        ("05 0803 2c 02 01", Udh(None, 0, 0, 6)),
        ("04 2402 0101", Udh(None, 0, 0, 5)),
    ],
)
def test_headers(octets: str, udh: Udh | None) -> None:
    user_data = bytes.fromhex(octets) + b"AGAM"
    if udh is None:
        with pytest.raises(UdhError):
            segments.read_udh(user_data)
    else:
        assert segments.read_udh(user_data) == udh


@pytest.mark.parametrize(
    "octets",
    [
        "",  # announced, and nothing there
        "05",
        "050003 2c 02",  # the header goes past the octets
        "ff 0003 2c 02 01",
        "01 00",  # an element without a length
        "060003 2c 02 01 41",  # a header one octet longer than its elements
        "040003 2c 02 01",  # an element past the header
        "05 00ff 2c 02 01",
    ],
)
def test_a_header_whose_lengths_lie_is_no_header(octets: str) -> None:
    user_data = bytes.fromhex(octets)
    with pytest.raises(UdhError):
        segments.read_udh(user_data)
    liar = segment(user_data, udh=True)
    assert segments.concat_of(liar) is None
    assert segments.payload(liar) == Payload(user_data, 0, 0)
    assert segments.text_of([liar]) == charset.decode(user_data, 0)._replace(damaged=True)


@pytest.mark.parametrize(
    ("concat", "locking", "single", "octets"),
    [
        (None, 0, 0, ""),
        (Concat(44, 2, 1), 0, 0, "0500032c0201"),
        (Concat(300, 3, 2, wide=True), 0, 0, "060804012c0302"),
        (Concat(44, 2, 1), 3, 2, "0b00032c0201250103240102"),
        (None, 0, 1, "03240101"),
    ],
)
def test_headers_are_built(concat: Concat | None, locking: int, single: int, octets: str) -> None:
    assert segments.header(concat, locking=locking, single=single) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    "concat", [Concat(256, 2, 1), Concat(-1, 2, 1), Concat(65536, 2, 1, wide=True), Concat(-1, 2, 1, wide=True), Concat(1, 256, 1)]
)
def test_numbers_that_do_not_fit_a_header_are_refused(concat: Concat) -> None:
    with pytest.raises(ValueError, match="range"):
        segments.header(concat)


# ---- Where a segment belongs


@pytest.mark.parametrize(
    ("octets", "udh", "sar", "concat"),
    [
        ("", False, None, None),
        ("050003 2c 02 01", False, None, None),  # text that looks like a header
        ("050003 2c 02 01", True, None, Concat(44, 2, 1)),
        ("050003 2c 02 01", True, Concat(7, 3, 3, wide=True), Concat(44, 2, 1)),  # the header wins
        ("03 2401 01", True, Concat(7, 3, 3, wide=True), Concat(7, 3, 3, wide=True)),
        ("050003 2c 02 00", True, Concat(7, 3, 3, wide=True), Concat(7, 3, 3, wide=True)),
        ("ff", True, Concat(7, 3, 3, wide=True), Concat(7, 3, 3, wide=True)),
        ("050003 2c 01 01", True, Concat(7, 3, 3, wide=True), None),  # the header says: one part
        ("", False, Concat(7, 3, 2, wide=True), Concat(7, 3, 2, wide=True)),
        ("", False, Concat(7, 3, 0, wide=True), None),
        ("", False, Concat(7, 3, 4, wide=True), None),
        ("", False, Concat(7, 1, 1, wide=True), None),
        ("", False, Concat(7, 0, 0, wide=True), None),
        ("050003 2c 02 03", True, None, None),
        ("050003 2c 02 00", True, None, None),
    ],
)
def test_where_a_segment_belongs(*, octets: str, udh: bool, sar: Concat | None, concat: Concat | None) -> None:
    assert segments.concat_of(segment(bytes.fromhex(octets) + b"AGAM", udh=udh, sar=sar)) == concat


def test_a_wide_and_a_narrow_reference_are_different_messages() -> None:
    narrow, wide = (long_message([b"a", b"b"], wide=wide)[0] for wide in (False, True))
    assert segments.concat_of(narrow) != segments.concat_of(wide)


def test_a_payload_is_what_stands_behind_the_header() -> None:
    octets = segments.header(Concat(44, 2, 1), locking=3, single=2) + b"AGAM"
    assert segments.payload(segment(octets, udh=True)) == Payload(b"AGAM", 3, 2)
    assert segments.payload(segment(octets)) == Payload(octets, 0, 0)


# ---- Joining

LONG = (
    "AGAM lampu jalan mati di Lubuk Basung sejak Senin, sudah tiga orang jatuh. Mohon segera diperbaiki [dekat SDN 05], terima kasih. " * 3
)


@pytest.mark.parametrize("alphabet", ["gsm7", "ucs2", "latin1", "octet"])
def test_a_long_message_is_whole_in_any_order_of_arrival(alphabet: str) -> None:
    parts = send(LONG, alphabet)
    assert len(parts) > 2
    for arrival in itertools.islice(itertools.permutations(parts), 24):
        assert segments.text_of(arrival) == Decoded(LONG, alphabet, damaged=False)


def test_a_short_message_is_its_only_segment() -> None:
    assert segments.text_of(send("AGAM jalan rusak", "gsm7")) == Decoded("AGAM jalan rusak", "gsm7", damaged=False)


def test_sar_parts_are_joined_like_any_others() -> None:
    parts = [segment(octets, sar=Concat(300, 3, part, wide=True)) for part, octets in ((3, b"rusak"), (1, b"AGAM "), (2, b"jalan "))]
    assert segments.text_of(parts).text == "AGAM jalan rusak"


@pytest.mark.parametrize(
    ("first", "second", "data_coding", "text"),
    [
        (b"a\x1b", b"eb", 0, "a€b"),  # an escape pair
        (b"\x00a\xd8\x3d", b"\xde\x00\x00b", 8, "a😀b"),  # a surrogate pair
        (b"\x00a\x20", b"\xac\x00b", 8, "a€b"),  # one character
        (b"\xff\xfea\x00", b"b\x00", 8, "ab"),  # the byte order mark stands in the first part only
        (b"caf\xc3", b"\xa9", 4, "café"),
    ],
)
def test_a_character_cut_in_two_by_a_bad_phone_is_whole_again(first: bytes, second: bytes, data_coding: int, text: str) -> None:
    decoded = segments.text_of(long_message([first, second], data_coding=data_coding))
    assert (decoded.text, decoded.damaged) == (text, False)


def test_parts_of_different_codings_are_read_run_by_run() -> None:
    plain, unicode_part, end = long_message([b"harga \x1be ", "“murah” ".encode("utf-16-be"), b"kata @dia".replace(b"@", b"\0")])
    parts = [plain, segment(unicode_part.octets, data_coding=8, udh=True), end]
    assert segments.text_of(parts) == Decoded("harga € “murah” kata @dia", "gsm7+ucs2", damaged=False)
    assert [run.data_coding for run in segments.join(parts)] == [0, 8, 0]


def test_a_shift_table_holds_for_its_own_part_only() -> None:
    turkish = segments.header(Concat(44, 3, 1), locking=1, single=1) + b"\x07\x1bg"
    spanish = segments.header(Concat(44, 3, 2), single=2) + b"\x07\x1bo"
    default = segments.header(Concat(44, 3, 3)) + b"\x07\x1bo"
    parts = [segment(octets, udh=True) for octets in (turkish, spanish, default)]
    assert segments.text_of(parts) == Decoded("\u0131ğ" + "ìó" + "ìo", "gsm7", damaged=False)


def test_the_operators_default_alphabet_is_used() -> None:
    parts = long_message(["é".encode()[:1], "é".encode()[1:]])
    assert segments.text_of(parts, alphabet0="utf-8") == Decoded("é", "utf-8", damaged=False)
    assert segments.text_of([segment(b"\xe9")], alphabet0="latin1") == Decoded("é", "latin1", damaged=False)


def test_missing_parts_leave_the_others_readable() -> None:
    first, _, third = long_message([b"AGAM jalan ", b"rusak ", b"sekali"])
    assert segments.text_of([third, first]).text == "AGAM jalan sekali"


def test_an_unreadable_header_damages_the_message_and_not_its_text() -> None:
    whole, liar = segment(b"AGAM ", sar=Concat(7, 2, 1, wide=True)), segment(b"\x7fjalan", sar=Concat(7, 2, 2, wide=True), udh=True)
    decoded = segments.text_of([liar, whole])
    assert decoded == Decoded("AGAM àjalan", "gsm7", damaged=True)
    assert segments.join([liar, whole]) == [Run(b"AGAM \x7fjalan", 0, 0, 0, damaged=True)]


def test_no_segments_are_no_text() -> None:
    assert segments.text_of([]) == Decoded("", "", damaged=False)


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 2, 3, 1), (0, 3, 2, 1), (2, 0, 3, 1)])
def test_two_citizens_with_one_reference_are_told_apart_by_their_senders_alone(order: tuple[int, ...]) -> None:
    a = [segment(each.octets, udh=True, source="628111") for each in long_message([b"A satu ", b"A dua"])]
    b = [segment(each.octets, udh=True, source="628222") for each in long_message([b"B satu ", b"B dua"])]
    arrived = [(a + b)[at] for at in order]
    assert {segments.concat_of(each) for each in arrived} == {Concat(44, 2, 1), Concat(44, 2, 2)}
    for source, text in (("628111", "A satu A dua"), ("628222", "B satu B dua")):
        assert segments.text_of([each for each in arrived if each.source.value == source]).text == text


# ---- Packed septets


def test_a_packed_short_message() -> None:
    assert segments.text_of([segment(bytes.fromhex("e8329bfd4697d9ec37"))], packed=True) == Decoded("hellohello", "gsm7", damaged=False)


@pytest.mark.parametrize(("locking", "single"), [(0, 0), (1, 1), (0, 2), (3, 3)])
@pytest.mark.parametrize("wide", [False, True])
def test_packed_parts_begin_behind_their_own_fill_bits(*, locking: int, single: int, wide: bool) -> None:
    header_octets = len(segments.header(Concat(44, 4, 1, wide), locking=locking, single=single))
    payloads = charset.split(
        LONG,
        "gsm7",
        octets_max=140 - header_octets,
        locking=locking,
        single=single,
        packed=True,
        fill=septets.fill_bits(header_octets),
    )
    parts = long_message(payloads, wide=wide, locking=locking, single=single)
    assert max(len(part.octets) for part in parts) == 140
    assert segments.text_of(parts[::-1], packed=True) == Decoded(LONG, "gsm7", damaged=False)


def test_the_header_shapes_the_bits_and_not_only_the_text() -> None:
    part = segment(bytes.fromhex("0500032c0201") + septets.pack(b"AGAM", fill=1), udh=True)
    assert segments.join([part], packed=True) == [Run(b"AGAM", 0, 0, 0, damaged=False)]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (b"a" * 152 + b"\x00", b"b", "a" * 152 + "@b"),  # a full part: its last septet is text
        (b"a" * 152, b"\x1beb", "a" * 152 + "€b"),  # the escape pair did not fit: zeros
        (b"a" * 152 + b"\x0d", b"\x0ab", "a" * 152 + "\r\nb"),
        (b"a" * 5, b"b", "aaaaab"),
        (b"a" * 12, b"b", "a" * 12 + "b"),  # a part that is not full, with seven bits to spare
        (b"a" * 152 + b"\x00", b"", "a" * 152),  # nothing follows: taken for a filler
    ],
)
def test_a_filler_is_told_from_a_character_by_what_follows(first: bytes, second: bytes, text: str) -> None:
    assert segments.text_of(packed_long_message([first, second]), packed=True).text == text


def test_an_operator_that_packs_sends_ucs2_and_8_bit_as_they_are() -> None:
    assert segments.text_of([segment("“AGAM”".encode("utf-16-be"), data_coding=8)], packed=True).text == "“AGAM”"
    assert segments.text_of([segment(b"AGAM", data_coding=4)], packed=True).text == "AGAM"


def test_nothing_of_a_text_shows_in_a_repr() -> None:
    part = segment(b"rahasia")
    assert "rahasia" not in repr([part, segments.payload(part), *segments.join([part])])
