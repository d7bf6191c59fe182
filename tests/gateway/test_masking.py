"""Masking: every text of the table is shown as the table says; nothing that is thrown at it takes longer than its length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.journal.audit import Head
from gateway.logs import Mask
from gateway.privacy import masked_text
from parsers.personal import hidden, hide, is_nik
from tests.gateway.masking import HOSTILE, Row, hostile, rows, score

TABLE = list(rows())


def test_the_table_is_as_large_as_its_word() -> None:
    assert len(TABLE) >= 150
    assert {row.set for row in TABLE} == {"tuning", "held"}
    assert len({row.text for row in TABLE}) == len(TABLE)
    assert sum(bool(row.private) for row in TABLE) > 60
    assert sum(bool(row.public) for row in TABLE) > 60


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.text[:40])
def test_a_text_is_shown_as_the_table_says(row: Row) -> None:
    assert hide(row.text) == row.masked
    for one in row.private:
        assert one not in row.masked


@pytest.mark.parametrize("kind", ["tuning", "held"])
def test_the_score_sees_a_number_that_is_shown_and_one_that_is_hidden_for_nothing(kind: str) -> None:
    whole = score(kind)
    assert (whole.hits, whole.false_alarms) == (whole.private, 0)
    assert score(kind, lambda text: text).hits == 0
    assert score(kind, lambda _: "").false_alarms == whole.public


@pytest.mark.parametrize("sign", ["", "+"])
def test_of_a_short_number_only_the_end_is_left(sign: str) -> None:
    assert hidden(f"{sign}71 234") == f"{sign}***34"
    assert hidden(f"{sign}0812-3456-789") == f"{sign}08*******89"


@pytest.mark.parametrize(
    ("digits", "can_be"),
    [
        ("1306071204850003", True),
        ("1306075204850003", True),  # a woman: day + 40
        ("1306073204850003", False),
        ("1306077204850003", False),
        ("1306071213850003", False),
        ("1306070004850003", False),
        ("9906071204850003", False),
        ("0006071204850003", False),
        ("130607120485000", False),
        ("13060712048500031", False),
        ("", False),
    ],
)
def test_a_nik_has_a_province_and_a_day_of_birth(digits: str, can_be: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_nik(digits) is can_be


def test_a_nik_in_odd_groups_is_known_by_its_date() -> None:
    assert hide("13 06 071204 850 003") == "13************03"
    assert hide("99 06 071304 850 003") == "99 06 071304 850 003"


@pytest.mark.parametrize("text", HOSTILE)
def test_twice_the_text_takes_no_four_times_as_long(text: str) -> None:
    short, long = hostile(5_000, [text])[text], hostile(20_000, [text])[text]
    assert long < 8 * short + 5  # ms; a quadratic one would take sixteen times as long


@given(st.text(alphabet="0123456789 .-+()/:,@#ab\u00a0٣\n", max_size=120))
def test_nothing_breaks_it_and_nothing_grows(text: str) -> None:
    shown = hide(text)
    assert len(shown) <= len(text) + 6 * text.count("@")
    assert not any(run for run in ("".join(filter(str.isdecimal, word)) for word in shown.split("*")) if len(run) > len(text))


@given(st.integers(10**8, 10**12 - 1), st.sampled_from(["", "+62", "0"]))
def test_no_mobile_number_is_shown(number: int, prefix: str) -> None:
    text = f"hubungi {prefix}8{number} segera"
    assert str(number) not in masked_text(text)


def test_the_head_of_the_audit_stays_whole_in_a_log() -> None:
    for chain in (bytes(32), b"\x12\x34" * 16, b"\x08\x12\x30\x61" * 8):
        assert Mask().clean(f"head {Head(812, chain)}") == f"head {Head(812, chain)}"


def test_the_log_masks_what_is_spelled_in_groups() -> None:
    clean = Mask().clean
    assert clean("for 0812-3456-7890 at budi@contoh.id") == "for 08********90 at b***@***"
    assert clean("peer 192.168.100.200:2775 at 2026-11-28 10:22:33.123") == "peer 192.168.100.200:2775 at 2026-11-28 10:22:33.123"
