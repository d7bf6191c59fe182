"""Hashtags and regions: one decides, two leave it open, the national ones say nothing, and a date outside its span is said."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import keyword, place, tags
from parsers.model import Certainty
from tests.tables import DAY, HASHTAGS, REGIONS, TOPICS, table

EXPLICIT, AMBIGUOUS, NATIONAL, EARLY, LATE = (
    Certainty.EXPLICIT,
    Certainty.AMBIGUOUS,
    Certainty.NATIONAL,
    Certainty.EARLY,
    Certainty.LATE,
)
DATED = table(
    "lapor,,,,,",
    "aduanagam,13.06,,,,",
    "laporlama|lapordulu,33.74,,,2025-12-31,laporbaru",
    "laporbaru,33.74,,2026-01-01,,",
    "laporbesok,34.04,,2027-01-01,,",
    "aduanjogja,34|34.71,,,,",
    "lapordua,33.27|33.74,,,,",
    columns="alias,region,instansi,valid_from,valid_to,successor",
)

CASES = [
    ("#aduanagam jalan rusak", EXPLICIT, "13.06"),
    ("jalan rusak #AduanAgam", EXPLICIT, "13.06"),
    ("jalan rusak \uff03ADUANAGAM!", EXPLICIT, "13.06"),
    ("#lapor #aduanagam", EXPLICIT, "13.06"),
    ("#aduanagam #lapor #aduanagam", EXPLICIT, "13.06"),
    ("#aduanagam #laporsemarang", EXPLICIT, "13.06"),
    ("#lapor jalan rusak", NATIONAL, None),
    ("#entahapa jalan rusak", NATIONAL, None),
    ("jalan rusak", NATIONAL, None),
    ("", NATIONAL, None),
    ("#", NATIONAL, None),
    ("#aduan agam", NATIONAL, None),
    ("aduanagam jalan rusak", NATIONAL, None),
    ("#aduanagamkita jalan rusak", NATIONAL, None),
    ("x#aduanagam", NATIONAL, None),
    ("#aduanagam #laporbaru", AMBIGUOUS, None),
    ("#laporbaru jalan #aduanagam #lapor", AMBIGUOUS, None),
    ("#aduanjogja lampu mati", AMBIGUOUS, None),
    ("#aduanjogja #lapordua", AMBIGUOUS, None),
    ("#laporbaru", EXPLICIT, "33.74"),
    ("#laporlama", LATE, None),
    ("#lapordulu", LATE, None),
    ("#laporbesok", EARLY, None),
    ("#laporlama #laporbaru", EXPLICIT, "33.74"),
    ("#laporbaru #laporlama", EXPLICIT, "33.74"),
    ("lihat https://x.co/#aduanagam", NATIONAL, None),
    ("lihat https://x.co/#aduanagam #laporbaru", EXPLICIT, "33.74"),
]


@pytest.mark.parametrize(("text", "certainty", "region"), CASES, ids=[row[0] for row in CASES])
def test_where_a_post_goes_by_its_tags(text: str, certainty: Certainty, region: str | None) -> None:
    decision = tags.match(DATED, text, DAY)
    assert (decision.certainty, decision.region) == (certainty, region)
    assert decision.body == (0, len(text))
    assert decision.version == DATED.version


def test_two_regions_are_both_proposed() -> None:
    decision = tags.match(DATED, "#aduanagam #laporbaru", DAY)
    assert {one.region for one in decision.candidates} == {"13.06", "33.74"}
    assert "several" in decision.why


def test_two_tags_that_are_each_of_two_regions_propose_all_four() -> None:
    decision = tags.match(DATED, "#aduanjogja #lapordua", DAY)
    assert {one.region for one in decision.candidates} == {"34", "34.71", "33.27", "33.74"}


def test_a_tag_of_yesterday_says_so_and_proposes_its_successor() -> None:
    decision = tags.match(DATED, "#laporlama jalan rusak", DAY)
    assert "2025-12-31" in decision.why
    assert [one.region for one in decision.candidates] == ["33.74"]


SPANS = [
    (dt.date(2025, 12, 31), "laporlama", EXPLICIT),
    (dt.date(2026, 1, 1), "laporlama", LATE),
    (dt.date(2025, 12, 31), "laporbaru", EARLY),
    (dt.date(2026, 1, 1), "laporbaru", EXPLICIT),
]


@pytest.mark.parametrize(("day", "tag", "certainty"), SPANS, ids=[f"{row[1]} on {row[0]}" for row in SPANS])
def test_a_tag_counts_from_its_first_day_to_its_last(day: dt.date, tag: str, certainty: Certainty) -> None:
    assert tags.match_tag(DATED, tag, day).certainty is certainty
    assert tags.match_tag(DATED, f"#{tag}", day).certainty is certainty


SHIPPED = sorted({alias for route in HASHTAGS.routes for alias in route.aliases})


@pytest.mark.parametrize("tag", SHIPPED)
def test_every_shipped_tag_is_found_in_any_case_and_width(tag: str) -> None:
    decisions = [
        tags.match(HASHTAGS, f"jalan rusak {mark}{written}", DAY) for mark in "#\uff03" for written in (tag, tag.upper(), tag.title())
    ]
    assert len({(one.certainty, one.region) for one in decisions}) == 1
    assert decisions[0].keyword is not None
    assert decisions[0].certainty in (EXPLICIT, NATIONAL, AMBIGUOUS)


def test_a_post_without_a_regional_tag_is_hinted_at_by_its_words() -> None:
    text = "#lapor jalan rusak di Lubuk Basung Kabupaten Agam"
    decision = keyword.weigh(HASHTAGS, tags.match(HASHTAGS, text, DAY), place.read(text, REGIONS, TOPICS))
    assert decision.certainty is Certainty.HINTED
    assert "13.06" in [one.region for one in decision.candidates]


@given(
    st.lists(st.sampled_from([f"#{tag}" for tag in SHIPPED] + ["#lain", "#", "jalan", "\uff03", "\ud800", "##lapor"]), max_size=40).map(
        " ".join
    )
)
def test_any_mixture_of_tags_is_decided_the_same_in_any_order(text: str) -> None:
    decision = tags.match(HASHTAGS, text, DAY)
    turned = tags.match(HASHTAGS, " ".join(reversed(text.split())), DAY)
    assert decision.body == (0, len(text))
    if text.count("#") <= tags.TAGS_MAX:
        assert (decision.certainty, decision.region) == (turned.certainty, turned.region)
        assert {one.region for one in decision.candidates} == {one.region for one in turned.candidates} or len(
            decision.candidates
        ) == keyword.CANDIDATES_MAX


@pytest.mark.parametrize("text", ["#" * 10_000, "#aduanagam " * 2_000, "#" + "a" * 25_000, "\ud800#" * 5_000])
def test_hostile_texts_cost_no_more_than_others(text: str) -> None:
    assert tags.match(HASHTAGS, text, DAY).body == (0, len(text))
