"""Near names are found like a plain comparison with all names would find them, only faster."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import OSA

from parsers.near import WORD_MAX, Nearby
from tests.tables import REGIONS, TABLE

SEED = 20261122
NAMES = sorted(REGIONS.by_name)
NEARBY = Nearby(NAMES, ["agam", "tangkab"])


def mistype(draw: random.Random, name: str) -> str:
    at = draw.randrange(len(name))
    return draw.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + draw.choice("aeiknrstu") + name[at + 1 :],
            name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        )
    )


def mistyped(slips: int) -> list[str]:
    draw = random.Random(SEED)
    words = []
    for name in draw.sample(NAMES, 150):
        word = name
        for _ in range(slips):
            word = mistype(draw, word) or name
        words.append(word)
    return words


@pytest.mark.parametrize("slips", [0, 1, 2])
def test_one_slip_finds_what_comparing_all_names_finds(slips: int) -> None:
    for word in mistyped(slips):
        plain = {name: distance for name in {*NAMES, "tangkab"} if (distance := OSA.distance(word, name)) <= 1}
        assert NEARBY.find(word, slips=1) == plain, (SEED, word)


@pytest.mark.parametrize("slips", [0, 1, 2, 3])
def test_two_slips_find_all_within_one_and_of_those_within_two_what_can_be_known_again(slips: int) -> None:
    for word in mistyped(slips):
        plain = {name: distance for name in {*NAMES, "agam", "tangkab"} if (distance := OSA.distance(word, name)) <= 2}
        found = NEARBY.find(word, slips=2)
        assert found.items() <= plain.items(), (SEED, word)
        assert {name for name, distance in plain.items() if distance <= 1} <= found.keys(), (SEED, word)
        alike = {name for name in plain if len(name) >= 6 and name[: len(name) // 3] == word[: len(name) // 3]}
        assert alike <= found.keys(), (SEED, word)


@pytest.mark.parametrize("slips", [0, 1, 2, 3])
def test_likely_names_are_all_within_one_slip_and_those_within_two_that_begin_alike(slips: int) -> None:
    for word in mistyped(slips):
        wanted = {name: distance for name, distance in NEARBY.find(word, slips=2).items() if distance < 2 or name[0] == word[0]}
        assert NEARBY.likely(word) == wanted, (SEED, word)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("kulonprgo", {"kulonprogo": 1}),
        ("klonprgo", {"kulonprogo": 2}),
        ("bnadugn", {"badung": 2}),  # BANDUNG with each third touched is not to be known again
        ("", {}),
        ("x" * (WORD_MAX + 1), {}),
    ],
)
def test_two_slips_must_leave_a_third_of_a_name_or_all_letters_but_one(word: str, near: dict[str, int]) -> None:
    assert NEARBY.find(word, slips=2) == near


def test_keywords_are_found_whatever_they_begin_with() -> None:
    assert NEARBY.keywords("ahgam") == {"agam": 1}
    assert NEARBY.keywords("padang") == {}
    assert TABLE.nearby.keywords("kulonprgo") == {"kulonprogo": 1}
