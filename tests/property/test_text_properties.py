"""What must hold of every text, every alphabet, every cut and every octet.

The examples are the same in every run (conftest.py), and the smallest that fails is printed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import charset, segments, sender, septets
from parsers.charset import CharsetError
from parsers.model import Address, Concat, ReporterKind
from parsers.segments import UdhError
from parsers.shift_tables import ESCAPE, LOCKING, SINGLE
from tests.phones import long_message, packed_long_message, segment

TABLES = [(language, language) for language in LOCKING] + [(0, language) for language in SINGLE if language]
WHOLE_OCTETS = ["ucs2", "latin1", "ascii", "octet", "cyrillic"]


def gsm7_texts(locking: int, single: int, *, packed: bool = False) -> st.SearchStrategy[str]:
    """Texts of a pair of tables; packed ones without the two septets that cannot be told from a filler."""
    known = [*LOCKING[locking].values(), *SINGLE[single].values()]
    characters = sorted(set(known) - {chr(ESCAPE)})
    if packed:
        characters = [
            each for each in characters if charset.encode(each, "gsm7", locking=locking, single=single)[-1] not in septets.FILLERS
        ]
    return st.text(st.sampled_from(characters), max_size=60)


def whole_octet_texts(alphabet: str) -> st.SearchStrategy[str]:
    """Texts of an alphabet; UCS-2 ones without the characters U+xx00, a run of which reads as Latin the wrong way round."""
    if alphabet in ("ucs2", "octet"):
        characters = st.characters(exclude_categories=["Cs"]).filter(lambda each: ord(each) & 0xFF or alphabet != "ucs2")
        return st.text(characters, max_size=60).filter(lambda text: not text.startswith(("\ufeff", "\ufffe")))
    readable = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x401, 0x450))]
    return st.text(st.sampled_from([each for each in readable if is_writable(each, alphabet)]), max_size=60)


def is_writable(character: str, alphabet: str) -> bool:
    try:
        charset.encode(character, alphabet)
    except CharsetError:
        return False
    return True


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    """Cut anywhere, in the middle of a character too, as the worst phone does."""
    at = sorted({place % (len(octets) + 1) for place in places} | {0, len(octets)})
    return [octets[start:end] for start, end in itertools.pairwise(at)] or [octets]


PLACES = st.lists(st.integers(0, 400), max_size=5)


# ---- The text that a phone cut is the text we join


@pytest.mark.parametrize(("locking", "single"), TABLES)
@settings(max_examples=25)
@given(data=st.data(), places=PLACES, shuffled=st.randoms(use_true_random=False), wide=st.booleans())
def test_a_7_bit_text_survives_every_cut(
    *, locking: int, single: int, data: st.DataObject, places: list[int], shuffled: Callable[..., None], wide: bool
) -> None:
    text = data.draw(gsm7_texts(locking, single))
    pieces = cut(charset.encode(text, "gsm7", locking=locking, single=single), places)
    parts = long_message(pieces, wide=wide, locking=locking, single=single)
    shuffled.shuffle(parts)
    assert segments.text_of(parts) == (text, "gsm7", False)


@pytest.mark.parametrize(("locking", "single"), TABLES)
@settings(max_examples=25)
@given(data=st.data(), places=PLACES, shuffled=st.randoms(use_true_random=False))
def test_a_packed_text_survives_every_cut(
    locking: int, single: int, data: st.DataObject, places: list[int], shuffled: Callable[..., None]
) -> None:
    text = data.draw(gsm7_texts(locking, single, packed=True))
    parts = packed_long_message(cut(charset.encode(text, "gsm7", locking=locking, single=single), places), locking=locking, single=single)
    shuffled.shuffle(parts)
    assert segments.text_of(parts, packed=True) == (text, "gsm7", False)


@pytest.mark.parametrize("alphabet", WHOLE_OCTETS)
@given(data=st.data(), places=PLACES, shuffled=st.randoms(use_true_random=False), by_sar=st.booleans())
def test_any_other_text_survives_every_cut(
    *, alphabet: str, data: st.DataObject, places: list[int], shuffled: Callable[..., None], by_sar: bool
) -> None:
    text = data.draw(whole_octet_texts(alphabet))
    data_coding = charset.data_coding_of(alphabet)
    pieces = cut(charset.encode(text, alphabet), places)
    parts = long_message(pieces, data_coding=data_coding)
    if by_sar:
        total = len(pieces)
        parts = [segment(each, data_coding=data_coding, sar=Concat(9, total, part, wide=True)) for part, each in enumerate(pieces, 1)]
    shuffled.shuffle(parts)
    assert segments.text_of(parts)[:2] == (text, alphabet)


# ---- Writing and reading are each other's reverse


@pytest.mark.parametrize(("locking", "single"), TABLES)
@settings(max_examples=25)
@given(data=st.data(), octets_max=st.integers(4, 40), header_octets=st.integers(0, 12), packed=st.booleans())
def test_a_7_bit_text_is_the_sum_of_its_parts(
    *, locking: int, single: int, data: st.DataObject, octets_max: int, header_octets: int, packed: bool
) -> None:
    text = data.draw(gsm7_texts(locking, single, packed=packed))
    options = {"locking": locking, "single": single, "packed": packed, "fill": septets.fill_bits(header_octets) if packed else 0}
    parts = charset.split(text, "gsm7", octets_max=octets_max, **options)
    assert all(len(part) <= octets_max for part in parts)
    read = [charset.decode(part, 0, **options) for part in parts]
    assert "".join(each.text for each in read) == text
    assert not any(each.damaged for each in read)
    assert charset.decode(charset.encode(text, "gsm7", **options), 0, **options) == (text, "gsm7", False)


@pytest.mark.parametrize("alphabet", [*WHOLE_OCTETS, "utf-8"])
@given(data=st.data(), octets_max=st.integers(4, 40))
def test_any_other_text_is_the_sum_of_its_parts(alphabet: str, data: st.DataObject, octets_max: int) -> None:
    text = data.draw(whole_octet_texts("octet" if alphabet == "utf-8" else alphabet))
    parts = charset.split(text, alphabet, octets_max=octets_max)
    assert all(len(part) <= octets_max for part in parts)
    assert b"".join(parts) == charset.encode(text, alphabet)
    reread = charset.decode(b"".join(parts), charset.data_coding_of(alphabet), alphabet0=alphabet if alphabet == "utf-8" else "gsm7")
    assert reread[:2] == (text, alphabet)


@given(pieces=st.binary(max_size=40), fill=st.integers(0, 6))
def test_what_is_packed_is_what_is_unpacked(pieces: bytes, fill: int) -> None:
    only_septets = bytes(octet & 0x7F for octet in pieces)
    unpacked = septets.unpack(septets.pack(only_septets, fill=fill), fill=fill, filler=False)
    assert unpacked in (only_septets, only_septets + b"\0")  # seven spare bits look like one more


@given(text=st.text(max_size=40))
def test_what_is_said_to_fit_can_be_written(text: str) -> None:
    assert charset.fits_gsm7(text) == is_writable(text, "gsm7")
    if charset.fits_gsm7(text):
        assert (charset.septets(text) == len(text)) == charset.fits_gsm7(text, extension=False)


# ---- Nothing that arrives can stop us


@settings(max_examples=1000)
@given(
    octets=st.binary(max_size=60),
    data_coding=st.integers(0, 255),
    alphabet0=st.sampled_from(charset.ALPHABETS_OF_ZERO),
    packed=st.booleans(),
    locking=st.integers(0, 255),
    single=st.integers(0, 255),
    fill=st.integers(0, 6),
)
def test_any_octets_are_read(
    *, octets: bytes, data_coding: int, alphabet0: str, packed: bool, locking: int, single: int, fill: int
) -> None:
    decoded = charset.decode(octets, data_coding, alphabet0=alphabet0, packed=packed, locking=locking, single=single, fill=fill)
    assert decoded.alphabet == charset.coding_of(data_coding, alphabet0)


@pytest.mark.parametrize("data_coding", range(256))
@settings(max_examples=10)
@given(octets=st.binary(max_size=20))
def test_no_data_coding_is_refused(data_coding: int, octets: bytes) -> None:
    assert isinstance(charset.decode(octets, data_coding).text, str)


CONCATS = st.none() | st.builds(Concat, st.integers(0, 65535), st.integers(0, 255), st.integers(0, 255), st.just(value=True))
SEGMENTS = st.builds(
    segment,
    st.binary(max_size=30) | st.builds(lambda text: b"\x05\x00\x03" + text, st.binary(max_size=20)),
    data_coding=st.integers(0, 255),
    udh=st.booleans(),
    sar=CONCATS,
)


@settings(max_examples=500)
@given(parts=st.lists(SEGMENTS, max_size=4), packed=st.booleans())
def test_any_segments_become_a_text(*, parts: list[segments.Segment], packed: bool) -> None:
    assert isinstance(segments.text_of(parts, packed=packed).text, str)
    for part in parts:
        concat = segments.concat_of(part)
        assert concat is None or 1 <= concat.part <= concat.total > 1


@settings(max_examples=500)
@given(octets=st.binary(max_size=30))
def test_any_header_is_read_or_refused(octets: bytes) -> None:
    try:
        udh = segments.read_udh(octets)
    except UdhError:
        return
    assert 1 <= udh.octets <= len(octets)


OTHER_ELEMENTS = st.tuples(st.integers(0x70, 0xDF), st.binary(max_size=8)).map(
    lambda element: bytes((element[0], len(element[1]))) + element[1]
)


@given(
    others=st.lists(OTHER_ELEMENTS, max_size=3),
    concat=st.builds(Concat, st.integers(0, 255), st.just(5), st.integers(1, 5), st.booleans()),
    locking=st.integers(1, 13),
    single=st.integers(1, 13),
    order=st.randoms(use_true_random=False),
)
def test_elements_are_found_in_any_order(
    others: list[bytes], concat: Concat, locking: int, single: int, order: Callable[..., None]
) -> None:
    ours = [segments.header(concat)[1:], segments.header(None, locking=locking)[1:], segments.header(None, single=single)[1:]]
    elements = [*ours, *others]
    order.shuffle(elements)
    body = b"".join(elements)
    assert segments.read_udh(bytes((len(body),)) + body + b"AGAM") == segments.Udh(concat, locking, single, len(body) + 1)


NUMBERLIKE = st.text(st.sampled_from("0123456789+ -()aZ"), max_size=22)


@settings(max_examples=500)
@given(ton=st.integers(0, 255), npi=st.integers(0, 255), value=st.text(max_size=25) | NUMBERLIKE)
def test_any_address_is_a_reporter(ton: int, npi: int, value: str) -> None:
    reporter = sender.read(Address(ton, npi, value), ours=frozenset({"1708"}))
    if reporter.kind is ReporterKind.MSISDN:
        assert reporter.value.startswith("+")
        assert reporter.value[1:].isdigit()
        assert sender.read(Address(1, 1, reporter.value), ours=frozenset()).value == reporter.value
    elif reporter.kind is not ReporterKind.OURS:
        assert reporter.value == value
