from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.core import header
from forwarder.core.header import Header, HeaderError
from forwarder.talk import Wish
from parsers.model import Candidate, Certainty, Classification, Hints
from tests.core.samples import complaint, supplement

VALUE = st.text(min_size=1, max_size=20).map(header.legal)
CODE = st.from_regex(r"\d{2}(\.\d{2}){0,2}", fullmatch=True)
HEADERS = st.builds(
    Header,
    number=st.from_regex(r"[A-Z][A-Z2-9]{5}", fullmatch=True),
    channel=st.sampled_from(["SMS 1708", "SMS", "X"]) | VALUE,
    destination=VALUE | st.just("1708"),
    received_ms=st.integers(0, 4_000_000_000).map(lambda second: second * 1000),
    instansi=VALUE,
    region=st.none() | CODE,
    unit=st.none() | VALUE,
    certainty=st.sampled_from(Certainty),
    keyword=st.none() | VALUE,
    candidates=st.lists(st.builds(Candidate, st.none() | CODE, VALUE, VALUE), max_size=3).map(tuple),
    places=st.lists(VALUE, max_size=3).map(tuple),
    regions=st.lists(CODE, max_size=3).map(tuple),
    dates=st.lists(VALUE, max_size=2).map(tuple),
    topic=st.none() | VALUE,
    classification=st.sampled_from(Classification),
    oversight=st.booleans(),
    marks=st.lists(VALUE, max_size=3).map(tuple),
    overseer=st.none() | VALUE,
    adds_to=st.none() | st.tuples(VALUE, VALUE),
    wish=st.none() | st.sampled_from(Wish),
)


@given(HEADERS, st.text().map(header.legal))
def test_what_is_built_is_read_back_field_by_field(written: Header, text: str) -> None:
    read, rest = header.parse(f"{written.line()}\n\n{text}")
    assert read == written
    assert rest == text


@given(HEADERS)
def test_the_header_is_one_line_whatever_the_values_hold(written: Header) -> None:
    assert "\n" not in written.line()
    assert "\r" not in written.line()


def test_the_line_reads_as_documented() -> None:
    hints = Hints(places=("Lubuk Basung",), dates=("sejak Senin",), topic="Penerangan jalan", oversight=True)
    isi = header.build(complaint(hints=hints, marks=("tidak lengkap",)))
    assert isi.partition("\n\n")[0] == (
        "[No: G7K2QP] [Kanal: SMS 1708] [Diterima: 2026-11-22 15:15:30 WIB] [Tujuan: Kab. Agam; 13.06] [Dasar: kata kunci; AGAM] "
        "[Lokasi: Lubuk Basung] [Waktu: sejak Senin] [Topik: Penerangan jalan] "
        "[Jenis: pengaduan; berkadar pengawasan] [Tanda: tidak lengkap]"
    )


def test_the_text_stands_below_as_written() -> None:
    text = "AGAM  jln\r\n\trusak [No: ZZZZZZ] \\ & <b>\n\n\nlagi "
    assert header.parse(header.build(complaint(text=text)))[1] == text


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x1f", chr(0xD800), chr(0xDFFF), chr(0xFFFE), chr(0xFFFF)])
def test_what_xml_cannot_carry_becomes_a_replacement_character(character: str) -> None:
    assert header.build(complaint(text=f"a{character}b")).endswith("a�b")


def test_a_place_cannot_feign_a_field() -> None:
    hints = Hints(places=("x] [No: ZZZZZZ] [Tujuan: Kota Lain", "dua\n\nbaris", "a; b\\"))
    read, _ = header.parse(header.build(complaint(hints=hints)))
    assert read.number == "G7K2QP"
    assert read.instansi == "Kab. Agam"
    assert read.places == hints.places


def test_an_addition_names_what_it_adds_to_and_repeats_nothing_of_the_first_text() -> None:
    hints = Hints(places=("Lubuk Basung",), dates=("sejak Senin",), topic="Penerangan jalan", oversight=True)
    isi = header.build_supplement(supplement(text="masih mati\n\n[No: X]", hints=hints, marks=("tidak lengkap",)))
    assert isi == (
        "[No: G7K2QP-2] [Tambahan: 7841120; G7K2QP] [Kanal: SMS 1708] [Diterima: 2026-11-23 09:13:20 WIB] [Tujuan: Kab. Agam; 13.06] "
        "[Dasar: kata kunci; AGAM] [Topik: Penerangan jalan] [Jenis: pengaduan; berkadar pengawasan]\n\nmasih mati\n\n[No: X]"
    )


def test_a_wish_is_said_beside_what_it_is_for() -> None:
    isi = header.build_supplement(replace(supplement("G7K2QP-3", "RAHASIA G7K2QP"), wish=Wish.RAHASIA))
    assert isi.startswith("[No: G7K2QP-3] [Tambahan: 7841120; G7K2QP] [Permintaan: rahasia] [Kanal: SMS 1708] ")
    assert header.parse(isi)[0].wish == "rahasia"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "\n\n",
        "halo",
        "[No: X]",
        "[No: X]\n\n",
        "[No: ]\n\n",
        "[No: A] [Kanal: SMS 1708] [Diterima: kemarin]\n\nx",
        "[[[[\n\n",
        "[No: a\\\n\n",
        "[No: A] [Tambahan: 7] [Kanal: SMS] [Diterima: 2026-11-22 15:15:30 WIB] [Tujuan: X] [Dasar: kata kunci] [Jenis: aspirasi]\n\nx",
    ],
)
def test_what_is_no_header_is_refused(garbage: str) -> None:
    with pytest.raises(HeaderError):
        header.parse(garbage)


@given(st.text())
def test_any_text_is_a_header_or_an_error(text: str) -> None:
    try:
        header.parse(text)
    except HeaderError:
        return


def test_a_long_hostile_line_is_read_in_linear_time() -> None:
    start = time.process_time()
    for line in ("[No: " + "\\[" * 50_000, "[No: " + "a; " * 50_000, "[" * 100_000, "[No: " + "\\" * 99_999 + "]"):
        with pytest.raises(HeaderError):
            header.parse(line + "\n\n")
    assert time.process_time() - start < 5  # quadratic would take minutes
