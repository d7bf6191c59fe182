"""The numbered line of a question: names whole, digits in order, never longer than its room."""

import random

import pytest

from forwarder.choices import CHOICES_SEPTETS_MAX, WORD_SEPTETS_MAX, WORDS, numbered, offered
from parsers.routes import NAME_MAX

INDONESIAN = {"yes": "ya", "no": "bukan", "other": "lainnya"}
WORDY = dict.fromkeys(WORDS, "w" * WORD_SEPTETS_MAX)
ROWS = [
    (("Kabupaten Banjar", "Kota Banjar"), "1=Kab. Banjar 2=Kota Banjar 0=lainnya"),
    (("Kab. Bandung", "Kota Bandung", "Kabupaten Bandung Barat"), "1=Kab. Bandung 2=Kota Bandung 3=Kab. Bandung Barat 0=lainnya"),
    (("Kabupaten Agam",), "1=ya, Kab. Agam 0=bukan"),
    (("Provinsi Bengkulu",), "1=ya, Prov. Bengkulu 0=bukan"),
    (("Kota Kabupaten",), "1=ya, Kota Kabupaten 0=bukan"),
    ((), ""),
    (("\u4f60",), ""),
    (("Kab. [Agam]",), ""),
    (("x" * 100, "Kab. Agam"), ""),
    (("Kab. Agam", "x" * 100, "Kota Solok"), "1=ya, Kab. Agam 0=bukan"),
    (tuple("abcdefghijkl"), "1=a 2=b 3=c 4=d 5=e 6=f 7=g 8=h 9=i 0=lainnya"),
]


@pytest.mark.parametrize(("names", "line"), ROWS)
def test_the_line_of_a_question(names: tuple[str, ...], line: str) -> None:
    assert numbered(names, CHOICES_SEPTETS_MAX, INDONESIAN) == line


def test_a_region_with_the_longest_name_can_always_be_asked_for() -> None:
    assert offered(("x" * NAME_MAX,)) == ("x" * NAME_MAX,)
    assert len(numbered(("x" * NAME_MAX,), CHOICES_SEPTETS_MAX, WORDY)) <= CHOICES_SEPTETS_MAX


def test_names_are_dropped_from_the_end_and_never_cut_in_any_language() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(2_000):
        names = tuple("n" * dice.randrange(1, 45) for _ in range(dice.randrange(12)))
        room = dice.randrange(100)
        shown = offered(names, room)
        assert shown == names[: len(shown)], (seed, names, room)
        for words in (INDONESIAN, WORDY):
            line = numbered(names, room, words)
            assert len(line) <= room, (seed, names, room)
            assert all(f"{digit}=" in line for digit in range(1, len(shown) + 1)), (seed, names, room)
            assert f"{len(shown) + 1}=" not in line, (seed, names, room)
