"""Who wrote, in every spelling of every operator."""

from __future__ import annotations

import phonenumbers
import pytest

from parsers import sender
from parsers.model import Address, ReporterKind

OURS = frozenset({"1708", "+6281170800000", "LAPOR"})
SPELLINGS = ("62{}", "+62{}", "0{}", "{}", "620{}", "+620{}", "0062{}", "00620{}")
PREFIXES = {
    "Telkomsel": "811 812 813 821 822 823 851 852 853",
    "Indosat": "814 815 816 855 856 857 858",
    "Three": "895 896 897 898 899",
    "XL": "817 818 819 859 877 878 879",
    "AXIS": "831 832 833 838",
    "Smartfren": "881 882 883 887 888 889",
}


@pytest.mark.parametrize(
    ("number", "fixed"),
    [
        ("+6281266010001", False),
        ("+627517051234", True),
        ("+62217654321", True),
        ("+447911123456", False),
        ("+442079460000", True),
        ("+12025550123", False),
    ],
)
def test_a_fixed_line_is_told_from_a_mobile(number: str, fixed: bool) -> None:  # noqa: FBT001 - a table's column
    assert sender.is_fixed_line(number) is fixed


def kind_and_value(value: str, *, ton: int = 0, ours: frozenset[str] = OURS) -> tuple[ReporterKind, str]:
    address = Address(ton, 1, value)
    reporter = sender.read(address, ours=ours)
    assert reporter.address is address
    return reporter.kind, reporter.value


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("prefix", [prefix for prefixes in PREFIXES.values() for prefix in prefixes.split()])
def test_every_operators_numbers_are_one_in_every_spelling(prefix: str, spelling: str) -> None:
    for digits in range(9, 13):
        national = f"{prefix}1234567890"[:digits]
        assert kind_and_value(spelling.format(national)) == (ReporterKind.MSISDN, f"+62{national}")


@pytest.mark.parametrize("prefix", [f"8{second}{third}" for second in range(10) for third in range(10)])
def test_the_fast_path_says_what_phonenumbers_says(prefix: str) -> None:
    for digits in range(7, 15):
        national = f"{prefix}2345678901234"[:digits]
        number = phonenumbers.parse("+62" + national)
        is_mobile = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        for spelling in ("62{}", "+62{}", "0{}", "{}", "0062{}"):
            fast = sender._home_mobile(spelling.format(national), 0)
            assert (fast == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) == is_mobile
            assert (fast is not None) == is_mobile


@pytest.mark.parametrize(
    ("value", "ton", "number"),
    [
        ("62 811-1234-567", 0, "+628111234567"),
        ("+62 (811) 1234.567", 0, "+628111234567"),
        ("62811123456", 5, None),  # eleven characters: a name may look like this
        ("628111234567", 5, "+628111234567"),  # twelve: no name is that long
        ("81312345678", 0, "+6281312345678"),
        ("81312345678", 1, "+81312345678"),  # said to be international: Tokyo
        ("8123456789", 1, "+628123456789"),  # said to be international, and no such number
        ("6591234567", 0, "+6591234567"),  # a visitor's, without plus
        ("6591234567", 1, "+6591234567"),
        ("+14155552671", 0, "+14155552671"),
        ("0014155552671", 0, "+14155552671"),
        ("02112345678", 2, "+622112345678"),
        ("2112345678", 2, "+622112345678"),
        ("622112345678", 1, "+622112345678"),
    ],
)
def test_other_numbers(value: str, ton: int, number: str | None) -> None:
    expected = (ReporterKind.ALPHANUMERIC, value) if number is None else (ReporterKind.MSISDN, number)
    assert kind_and_value(value, ton=ton) == expected


@pytest.mark.parametrize(
    ("value", "ton", "kind"),
    [
        ("3636", 3, ReporterKind.SHORT_CODE),
        ("1", 0, ReporterKind.SHORT_CODE),
        ("+98108", 0, ReporterKind.SHORT_CODE),
        ("123456", 1, ReporterKind.SHORT_CODE),
        ("123456", 5, ReporterKind.SHORT_CODE),
        ("TELKOMSEL", 5, ReporterKind.ALPHANUMERIC),
        ("TELKOMSEL", 0, ReporterKind.ALPHANUMERIC),
        ("my XL 123", 5, ReporterKind.ALPHANUMERIC),
        ("", 0, ReporterKind.ALPHANUMERIC),
        ("+", 1, ReporterKind.ALPHANUMERIC),
        ("a9F3kQ0z77LmP2xw", 0, ReporterKind.OPAQUE),
        ("a9F3kQ0z77LmP2xw", 5, ReporterKind.OPAQUE),
        ("A1B2C3D4", 0, ReporterKind.OPAQUE),
        ("tokenwithlettersonly", 0, ReporterKind.OPAQUE),
        ("99999999999999999999", 0, ReporterKind.OPAQUE),
        ("+99999999999", 1, ReporterKind.OPAQUE),
        ("0099999999999", 0, ReporterKind.OPAQUE),
        ("0000000", 0, ReporterKind.OPAQUE),
        ("628411234567", 1, ReporterKind.OPAQUE),  # no operator has 0841
        ("٠٨١١١٢٣٤٥٦٧", 0, ReporterKind.OPAQUE),  # Arabic digits are not an address
        ("62811\x001234567", 0, ReporterKind.OPAQUE),
    ],
)
def test_what_is_no_number_stays_as_sent(value: str, ton: int, kind: ReporterKind) -> None:
    assert kind_and_value(value, ton=ton) == (kind, value)


@pytest.mark.parametrize(
    "value",
    [
        "1708",
        "+1708",
        "621708",
        "+621708",
        "01708",
        "LAPOR",
        "6281170800000",
        "+6281170800000",
        "081170800000",
        "81170800000",
        "0062 811 7080 0000",
    ],
)
def test_we_know_ourselves_in_every_spelling(value: str) -> None:
    assert kind_and_value(value)[0] is ReporterKind.OURS


@pytest.mark.parametrize("ours", ["6281170800000", "081170800000", "+6281170800000"])
def test_our_own_number_may_be_given_in_any_spelling(ours: str) -> None:
    assert kind_and_value("+6281170800000", ours=frozenset({ours})) == (ReporterKind.OURS, "+6281170800000")


def test_without_numbers_of_our_own_nobody_is_us() -> None:
    assert kind_and_value("1708", ours=frozenset()) == (ReporterKind.SHORT_CODE, "1708")


@pytest.mark.parametrize(
    ("value", "answerable"),
    [("081234567890", True), ("a9F3kQ0z77LmP2xw", True), ("3636", False), ("TSEL", False), ("1708", False), ("", False)],
)
def test_only_people_are_answered(*, value: str, answerable: bool) -> None:
    assert sender.read(Address(0, 0, value), ours=OURS).answerable is answerable
