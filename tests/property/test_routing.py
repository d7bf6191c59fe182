"""What must hold of every text: nothing raises, nothing is changed, nothing near a keyword routes as if it were one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import command, command_words, complaint, keyword, place, text
from parsers.model import Certainty
from tests.tables import DAY, REGIONS, TABLE, TOPICS, table

HEADS = [
    "AGAM",
    "TANGKAB",
    "INHU",
    "kulonprogo",
    "KULON PROGO",
    "BANJARBARU",
    "MADIUNKOTA",
    "PESSEL",
    "halobupati",
    "HALLO DEMAK",
    "KAB. NGANJUK",
    "Kemsos",
]
GREETINGS = ["", "LAPOR ", "lapor 1708! ", "Assalamualaikum, ", "Ketik ", "min ", "\u201c"]
SEPARATORS = [" ", "#", ": ", " - ", ", ", ". ", "/", "|", "\n", " (spasi) ", "<spasi>", "\u00a0"]
SENTENCE = "lampu jalan mati di depan pasar sudah dua minggu tolong diperbaiki pak gelap rawan air sampah 3 hari rt 06"
BODIES = st.lists(st.sampled_from(SENTENCE.split()), min_size=1, max_size=30).map(" ".join)
ANY_TEXT = st.text(max_size=300) | st.text(alphabet="AGMagm BNJRbanjrspi()<>#:-,./|\"'1708\0\u200b\u0301\U0001f62d", max_size=120)
SEED = 20261122


@given(st.sampled_from(GREETINGS), st.sampled_from(HEADS), st.sampled_from(SEPARATORS), BODIES)
def test_the_body_is_what_followed_the_keyword(greeting: str, head: str, separator: str, body: str) -> None:
    whole = greeting + head + separator + body
    decision = keyword.match(TABLE, whole, DAY)
    assert decision.certainty is Certainty.EXPLICIT
    start, end = decision.body
    assert whole[start:end] == body


@given(ANY_TEXT)
def test_no_text_raises_and_every_range_lies_in_it(written: str) -> None:
    decision = keyword.match(TABLE, written, DAY)
    start, end = decision.body
    assert 0 <= start <= end <= len(written)
    keyword.weigh(TABLE, decision, place.read(written, REGIONS, TOPICS))
    found = command.read(written)
    assert found is None or found.rest is None or written[slice(*found.rest)] == written[found.rest[0] : found.rest[1]]
    complaint.fingerprint(written)


SPOKEN = sorted(command.VOCABULARY | command_words.ADD | command_words.CHOICES.keys())
SAID = st.lists(
    st.sampled_from(SPOKEN)
    | st.sampled_from(["G7K2QP", "6164863", "4821", "2", "lampu", "mati", "TAMBAH", ":", "#", "?", "\u200b", "\U0001f44d"]),
    max_size=14,
).map(" ".join)


@given(SAID | ANY_TEXT)
def test_what_is_added_lies_in_the_text_and_only_an_addition_has_it(written: str) -> None:
    found = command.read(written)
    if found is None:
        return
    assert (found.rest is None) or found.kind is command.CommandKind.ADD
    for begins, ends in filter(None, (found.rest, found.rest_behind_pin)):
        assert 0 <= begins <= ends == len(written)
    if found.rest_behind_pin is not None:
        assert found.rest is not None
        assert str(found.pin) in text.fold(written)[found.rest[0] : found.rest_behind_pin[0]]
    assert found == command.read(text.Shadow(written))


@given(SAID)
def test_a_word_of_a_trouble_makes_a_complaint_of_any_command(written: str) -> None:
    found = command.read(f"{written} jembatan")
    assert found is None or found.kind is command.CommandKind.ADD


@given(st.text(max_size=200))
def test_the_shadow_is_as_long_as_the_text_and_its_own_shadow(written: str) -> None:
    shadow = text.fold(written)
    assert len(shadow) == len(written)
    assert text.fold(shadow) == shadow


@given(
    st.sampled_from([head for head in HEADS if " " not in head]),
    st.integers(0, 20),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    st.sampled_from(["drop", "double", "swap", "change", "append"]),
)
def test_a_near_miss_is_never_explicit(head: str, at: int, letter: str, slip: str) -> None:
    at %= len(head)
    changed = {
        "drop": head[:at] + head[at + 1 :],
        "double": head[:at] + head[at] + head[at:],
        "swap": head[:at] + head[at + 1 : at + 2] + head[at] + head[at + 2 :],
        "change": head[:at] + letter + head[at + 1 :],
        "append": head + letter,
    }[slip]
    decision = keyword.match(TABLE, f"{changed} jalan rusak", DAY)
    assert changed.lower() == head.lower() or decision.certainty is not Certainty.EXPLICIT or changed.lower() in TABLE.aliases


def test_no_region_name_at_the_head_is_taken_for_another_keyword() -> None:
    own = {name: alias[0].route.region for name, alias in TABLE.aliases.items()}
    for region in REGIONS.by_code.values():
        if region.kind in ("kabupaten", "kota"):
            for head in (region.name, region.name.upper(), region.name.replace(" ", ""), f"{region.kind} {region.name}"):
                decision = keyword.match(TABLE, f"{head} jalan rusak", DAY)
                assert (
                    decision.certainty is not Certainty.EXPLICIT
                    or decision.region == region.code
                    or own.get(text.joined(head)) == decision.region
                ), head


HOSTILE = [
    "A" * 10_000,
    "-" * 10_000,
    "( " * 5_000,
    "(spasi" * 1_700,
    "AGAM " + "(" * 10_000,
    "halo " * 2_000,
    "1708 " * 2_000,
    "\u00e9" * 10_000,
    "a1" * 5_000,
    "kirim ke 1708 " * 700,
    "0" * 10_000,
    "1-" * 5_000,
    "1/1/" * 2_500,
    "rt 1/" * 2_000,
    "kec " * 2_500,
    "banjar " * 1_400,
    "lubuk " * 1_600,
    "minta uang " * 900,
    "jangan nama " * 800,
    "3 hari " * 1_400,
    "12.30 " * 1_600,
    "\0" * 10_000,
    "\u200b" * 10_000,
    "\U0001f62d" * 10_000,
    "rt" + " " * 9_998,
    "12:00" + " " * 9_990,
    "AGAM" + "\0" * 9_990,
    "\ud800" * 5_000,
]


@pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
def test_ten_kilobytes_of_malice_are_read_like_any_text(written: str) -> None:
    decision = keyword.match(TABLE, written, DAY)
    hints = place.read(written, REGIONS, TOPICS)
    assert keyword.weigh(TABLE, decision, hints).certainty is not None
    assert len(hints.regions) <= place.REGIONS_MAX
    command.read(written)
    complaint.fingerprint(written)


def test_random_letters_are_never_explicit() -> None:
    draw = random.Random(SEED)
    for _ in range(3000):
        head = "".join(draw.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(draw.randint(2, 12)))
        if head not in TABLE.aliases:
            assert keyword.match(TABLE, f"{head} jalan rusak", DAY).certainty is not Certainty.EXPLICIT, (SEED, head)


BY_NAME: dict[str, str] = {}
for known in REGIONS.by_code.values():
    if known.kind in ("kabupaten", "kota"):
        BY_NAME.setdefault(known.name.upper(), known.code)
ALL_REGIONS = table(*(f"{name},{code}," for name, code in BY_NAME.items()))


def test_with_a_keyword_for_every_region_each_text_goes_to_its_own() -> None:
    draw = random.Random(SEED)
    for name, code in BY_NAME.items():
        for spelling in (name, name.lower(), name.title()):
            written = draw.choice(GREETINGS) + spelling + draw.choice(SEPARATORS) + "jalan rusak"
            decision = keyword.match(ALL_REGIONS, written, DAY)
            assert (decision.certainty, decision.region) == (Certainty.EXPLICIT, code), (SEED, written)


def mistype(draw: random.Random, name: str) -> str:
    at = draw.randrange(len(name))
    return draw.choice((name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:], name[:at] + draw.choice("AEIKRSTU") + name[at + 1 :]))


def test_a_typo_in_a_name_never_ends_in_another_region() -> None:
    draw = random.Random(SEED)
    asked = right = 0
    for name, code in BY_NAME.items():
        for written in {mistype(draw, name) for _ in range(3)} - {name, *BY_NAME}:
            decision = keyword.match(ALL_REGIONS, f"{written} jalan rusak", DAY)
            assert decision.certainty is not Certainty.EXPLICIT or decision.region == code, (SEED, written, decision.keyword)
            asked += 1
            right += code in {candidate.region for candidate in decision.candidates} or decision.region == code
    assert right / asked > 0.95, (SEED, right, asked)
