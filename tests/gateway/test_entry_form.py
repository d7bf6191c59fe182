"""What an officer may type, and which spreadsheets are read: every garbage is named with its remedy, and none of it is repeated."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import entry_sheet
from gateway.entry_form import CHANNELS, TEXT_CHARACTERS_MAX, FieldWrong, Form
from gateway.entry_sheet import SheetError
from parsers.model import Answering, ReporterKind
from tests.tables import REGIONS

FORM = Form(REGIONS, frozenset(("1708", "6281100001708")))
WORDS = "jalan rusak di Lubuk Basung"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("081266010001", "+6281266010001"),
        ("+62 812-6601-0001", "+6281266010001"),
        ("6281266010001", "+6281266010001"),
        ("81266010001", "+6281266010001"),  # a spreadsheet took the zero
        ("'081266010001", "+6281266010001"),
        ("(0812) 6601.0001", "+6281266010001"),
        ("+60123456789", "+60123456789"),
        ("0044 7911 123456", "+447911123456"),
        ("0751 7051234", "+627517051234"),
        ("", None),
        ("  ", None),
        ("-", None),
    ],
)
def test_the_citizens_number_in_any_spelling(typed: str, number: str | None) -> None:
    assert FORM.number(typed) == number


@pytest.mark.parametrize(
    "typed", ["1708", "0", "12345", "TELKOMSEL", "8,12E+11", "8.12E+11", "0812\x0066010001", "+999123456789", "9" * 40]
)
def test_what_is_no_citizens_number_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(FieldWrong, match=r"^number: ") as refused:
        FORM.number(typed)
    assert len(typed) < 4 or typed not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("...!?", "is empty"),
        ("a" * (TEXT_CHARACTERS_MAX + 1), "may have 25000"),
        ("x" * 1_000_000, "has 1000000 characters"),
        ("jalan \x07 rusak", "character 7 is the control character U+0007"),
        ("jalan\x00rusak", "U+0000"),
        ("jalan \x1b[31m rusak", "U+001B"),
        ("caf\x92", "U+0092"),
        ("jalan \udc80 rusak", "half a character"),
    ],
)
def test_a_text_that_cannot_be_taken(typed: str, said: str) -> None:
    with pytest.raises(FieldWrong, match=r"^text: ") as refused:
        FORM.readers["text"](typed)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("satu\r\ndua\rtiga\x0bempat", "satu\ndua\ntiga\nempat"),
        ("\tmasuk\tke dalam ", "masuk\tke dalam"),
        ("😀 jalan “rusak” ½", "😀 jalan “rusak” ½"),
        ("1", "1"),
        ("x" * TEXT_CHARACTERS_MAX, "x" * TEXT_CHARACTERS_MAX),
    ],
)
def test_a_text_is_kept_as_it_is_written(typed: str, kept: str) -> None:
    assert FORM.readers["text"](typed) == kept


@pytest.mark.parametrize(
    ("typed", "said"), [("13.1", "13.10 or 13.01"), ("1306", "13.06"), ("Agam", "such as 13.06"), ("99", "such as 13.06")]
)
def test_a_destination_is_a_region_code(typed: str, said: str) -> None:
    assert FORM.destination("") is None
    assert FORM.destination(" 13.06 ") == "13.06"
    with pytest.raises(FieldWrong, match=r"^destination: ") as refused:
        FORM.destination(typed)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("field", "typed"), [("channel", "fax"), ("channel", ""), ("rahasia", "mungkin"), ("anonim", "2"), ("key", ""), ("key", "k" * 129)]
)
def test_the_other_fields(field: str, typed: str) -> None:
    with pytest.raises(FieldWrong, match=f"^{field}: "):
        FORM.read({"channel": "loket", "text": WORDS, "key": "k", field: typed})


def test_without_a_number_nobody_is_answered_and_two_are_not_one() -> None:
    one, other = (FORM.read({"channel": "surat", "text": WORDS, "key": key}).post("ani", "satu", now_ms=5, written_ms=9) for key in "ab")
    assert (one.author.kind, one.answering, one.posted_ms) == (ReporterKind.UNNAMED, Answering.NEVER, 5)
    assert not one.author.answerable
    assert one.author.value != other.author.value


def test_nothing_a_citizen_said_is_in_a_repr() -> None:
    slip = FORM.read({"channel": "surat", "text": WORDS, "number": "081266010001", "key": "k"})
    assert WORDS not in repr(slip)
    assert "6601" not in repr(slip) + repr(slip.post("ani", "satu", now_ms=5, written_ms=5))


# Spreadsheets

HEAD = "kanal,nomor,isi,tujuan,rahasia\n"


def fields(octets: bytes | str) -> list[tuple[int, str, str]]:
    """Line, text or problem of each row."""
    read = entry_sheet.read(octets.encode() if isinstance(octets, str) else octets)
    return [(row.line, row.fields.get("text", ""), row.problem[:20]) for row in read.rows]


@pytest.mark.parametrize(
    ("octets", "encoding", "separator"),
    [
        ("kanal,isi\nloket,café".encode(), "UTF-8", ","),
        ("\ufeffkanal,isi\r\nloket,café\r\n".encode(), "UTF-8", ","),
        ("kanal;isi\r\nloket;café".encode("cp1252"), "Windows-1252", ";"),
        ("kanal;isi\nloket;café\x81".encode("latin-1"), "Latin-1", ";"),
        ("kanal\tisi\r\nloket\tcafé\r\n".encode("utf-16"), "UTF-16", "\t"),
    ],
)
def test_whatever_program_saved_it(octets: bytes, encoding: str, separator: str) -> None:
    read = entry_sheet.read(octets)
    assert (read.encoding, read.separator) == (encoding, separator)
    [row] = read.rows
    assert row.fields["text"].startswith("café")


def test_texts_of_several_lines_and_what_lines_are_called_by() -> None:
    assert fields(HEAD + '\nloket,,"satu, dua\ntiga",,\n\n,,,,\nsurat,,empat,,\n') == [(3, "satu, dua\ntiga", ""), (7, "empat", "")]


def test_bad_lines_are_named_and_the_others_read() -> None:
    found = fields(HEAD + 'loket,,satu,,\nloket,,"du"a,,\nloket,,tiga,,,lebih\nloket,,empat\nloket,,"lima,,\nloket,,enam,,\n')
    assert [(line, text) for line, text, problem in found if not problem] == [(2, "satu"), (5, "empat")]
    assert [(line, problem) for line, _, problem in found if problem] == [
        (3, "is no row of CSV (',"),
        (4, "has more cells than "),
        (6, "a quote opens here a"),
    ]


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "names no column for channel and text"),
        (b"nama,alamat\nx,y\n", "names no column for channel and text"),
        (b"kanal,nomor\nloket,1\n", "names no column for text"),
        (b"kanal,isi,laporan\n", "two columns for text"),
        (b"PK\x03\x04\x00\x00xlsx", "is no text file"),
        (b"\xff\xfe\x00", "begins as UTF-16 and is none"),
        (b'"kanal', "names no column"),
    ],
)
def test_a_file_that_is_none(octets: bytes, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        entry_sheet.read(octets)


def test_too_many_and_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_sheet, "ROWS_MAX", 2)
    with pytest.raises(SheetError, match="more than 2 rows"):
        entry_sheet.read(("kanal,isi\n" + "loket,x\n" * 3).encode())
    monkeypatch.setattr(entry_sheet, "OCTETS_MAX", 10)
    with pytest.raises(SheetError, match="larger than"):
        entry_sheet.read(b"kanal,isi\n" * 9)


def test_a_megabyte_in_a_cell_is_the_forms_to_refuse() -> None:
    [row, other] = entry_sheet.read((HEAD + f'loket,,"{"x" * 1_000_000}",,\nloket,,dua,,\n').encode()).rows
    with pytest.raises(FieldWrong, match="has 1000000 characters"):
        FORM.read(row.fields)
    assert FORM.read(other.fields).text == "dua"


def keys(text: str) -> list[str]:
    return [row.fields["key"] for row in entry_sheet.read((HEAD + text).encode()).rows]


def test_a_row_is_known_by_what_it_says_and_by_how_often_it_said_so() -> None:
    first, twin, other = keys("loket,,satu,,\nloket,,satu,,\nloket,,dua,,\n")
    assert len({first, twin, other}) == 3
    assert keys("surat,,baru,,\nloket,,dua,,\nloket,,satu,,\n")[1:] == [other, first]
    assert "satu" not in first


def test_a_key_of_its_own_counts_and_must_not_come_twice() -> None:
    read = entry_sheet.read(b"kanal,isi,No. Agenda\nloket,satu,A-1\nloket,dua,A-1\nloket,tiga,\n")
    assert [(row.line, row.fields.get("key", "")[:4], row.problem[:25]) for row in read.rows] == [
        (2, "A-1", ""),
        (3, "", "has the key of line 2; gi"),
        (4, "row:", ""),
    ]


@pytest.mark.parametrize(
    "octets",
    [b"\xfe\xff" + b"\xd8" * 9, bytes(range(1, 256)), b'"' * 999, b"kanal,isi\n" + b'"\n' * 99, "kanal,isi\n\u2028,\x85\n".encode()],
)
def test_no_octets_bring_it_down(octets: bytes) -> None:
    with contextlib.suppress(SheetError):
        read = entry_sheet.read(octets)
        assert all(row.line > 1 and (row.problem or row.fields["key"]) for row in read.rows)


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: ("kanal,isi,nomor,tujuan,rahasia,kunci\n" + text).encode("utf-16"))
    )
)
def test_whatever_a_file_holds_each_row_is_a_slip_or_a_reason(octets: bytes) -> None:
    with contextlib.suppress(SheetError):
        for row in entry_sheet.read(octets).rows:
            assert row.problem or row.fields["key"].strip()
            with contextlib.suppress(FieldWrong):
                FORM.read(row.fields)


@given(st.dictionaries(st.sampled_from(["channel", "number", "text", "destination", "rahasia", "anonim", "key"]), st.text(max_size=40)))
def test_whatever_is_typed_is_a_slip_or_a_reason(typed: dict[str, str]) -> None:
    with contextlib.suppress(FieldWrong):
        slip = FORM.read(typed)
        assert slip.channel in CHANNELS.values()
        assert slip.text.strip()


def test_channels_are_what_people_read() -> None:
    assert list(CHANNELS.values()) == ["Loket", "Surat", "Telepon"]
