"""The shadow is worked out once and shared: who reads it reads what they would read in the text itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import command, complaint, keyword, place
from parsers.head import CHARACTERS_MAX, head_of
from parsers.text import INVISIBLE, WORD, WORDS_MAX, Shadow, fold
from tests.corpus.labelled import TUNING, rows
from tests.tables import DAY, REGIONS, TABLE, TOPICS

TEXTS = [str(row["text"]) for row in rows(TUNING)]
ODD = [
    "",
    "AGAM",
    "a\0b \0 c",
    "e\u0301l\u200bok",
    "a_b",
    "\u0661\u0662 jalan",
    "-" * 50,
    "kata " * 600,
    "SMS (AGAM (spasi) aduan)",
    "\ud800 x",
]
ANY_TEXT = st.text(max_size=200) | st.text(alphabet="AGMagm 12\0\u200b\u0301_-.\n\u00e9\u0660", max_size=80)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_words_and_spans_are_those_of_the_pattern(text: str) -> None:
    shadow = Shadow(text)
    found = list(WORD.finditer(fold(text)))[:WORDS_MAX]
    assert shadow.words == [match[0].replace(INVISIBLE, "") for match in found]
    assert shadow.spans == [match.span() for match in found]
    assert shadow.digits == sum(character.isdecimal() for character in shadow.folded)


@given(ANY_TEXT)
def test_any_text_is_cut_as_the_pattern_cuts_it(text: str) -> None:
    test_words_and_spans_are_those_of_the_pattern(text)


def test_one_shadow_serves_all_readers_of_every_labelled_text() -> None:
    for text in TEXTS:
        shadow = Shadow(text)
        assert command.read(shadow) == command.read(text)
        assert place.read(shadow, REGIONS, TOPICS) == place.read(text, REGIONS, TOPICS)
        assert keyword.match(TABLE, shadow, DAY) == keyword.match(TABLE, text, DAY)
        assert complaint.fingerprint(shadow) == complaint.fingerprint(text)


def test_a_head_has_no_word_spasi_and_none_beyond_its_end() -> None:
    assert head_of(Shadow("AGAM (spasi) jalan rusak")).words == ["agam", "jalan", "rusak"]
    long = head_of(Shadow("jalan " * 200))
    assert len(long.words) == len(long.spans) == CHARACTERS_MAX // len("jalan ")
    assert head_of(shadow := Shadow("AGAM jalan")) is shadow


def test_a_gap_tells_whether_words_are_one_name() -> None:
    shadow = Shadow("KAB. NGANJUK: jalan -- rusak")
    assert [shadow.gap(index) for index in range(4)] == [". ", ": ", " -- ", "\n"]
    assert [shadow.glued(index) for index in range(4)] == [True, False, False, False]
    assert [shadow.parted(index) for index in range(3)] == [True, True, True]


def test_a_shadow_shows_no_words_in_its_repr() -> None:
    assert "rahasia" not in repr(Shadow("rahasia")).lower()
