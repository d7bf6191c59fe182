"""One word for one thing: what docs/reply-texts.md says of the words is true of every shipped file."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from forwarder.replies import CHOICES, MONTHS, POSTS, SMS, STATUS, WISHES
from parsers import command

ROOT = Path(__file__).parents[2]
FILES = {path.name.split(".")[1]: tomllib.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "config").glob("replies.*.toml")}
PAGE = (ROOT / "docs" / "reply-texts.md").read_text(encoding="utf-8")
LANGUAGES = ("id", "en", "jv", "min", "su")
NEVER = {
    "en": ["complaint", "complaints", "ticket", "core", "server", "system", "staff", "clerk", "ministry", "mobile"],
    "jv": ["aduan", "pengaduan", "keluhan", "tiket", "kowe", "sampeyan", "handphone", "dinas", "lembaga", "admin", "operator"],
    "min": ["aduan", "pengaduan", "keluhan", "tiket", "waang", "kau", "anda", "handphone", "dinas", "lembaga", "admin", "operator"],
    "su": ["aduan", "pengaduan", "keluhan", "tiket", "maneh", "anda", "handphone", "dinas", "lembaga", "admin", "operator"],
}
"""Besides those of the page, which are Indonesian's."""
UNANSWERED = {
    "id": "Tanpa jawaban tetap kami teruskan.",
    "en": "Without an answer we forward it.",
    "jv": "Tanpa wangsulan tetep diterusaken.",
    "min": "Tanpa jawaban tatap kami taruihan.",
    "su": "Tanpa waleran tetep diteraskeun.",
}
WORDS_OF_A_SENTENCE_MAX = 20


def table() -> list[list[str]]:
    """The rows of the page's table of words: thing, then the word of each language, then what is never said."""
    rows = re.search(r"\| thing \| id \| en \| jv \| min \| su \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
    assert rows
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()]


def texts(language: str) -> Iterator[str]:
    for name in (SMS, POSTS, STATUS, WISHES, CHOICES):
        yield from FILES[language][name].values()


def has(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def test_the_page_speaks_of_every_shipped_file() -> None:
    assert set(FILES) == set(LANGUAGES)
    assert len(table()) > 5


@pytest.mark.parametrize(("column", "language"), list(enumerate(LANGUAGES, 1)))
def test_the_word_for_a_thing_is_the_one_of_the_page(column: int, language: str) -> None:
    said = " ".join(texts(language))
    missing = [row[column] for row in table() if not has(row[column], said) and not has(row[column].capitalize(), said)]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_second_word_for_a_thing_is_used(language: str) -> None:
    never = NEVER.get(language) or [word.strip().casefold() for row in table() for word in row[-1].split(",")]
    found = [(word, text) for text in texts(language) for word in never if has(word, text.casefold())]
    assert not found


def test_the_reader_is_called_anda_with_a_capital() -> None:
    assert not [text for text in texts("id") if re.search(r"\b(?:anda|kamu|kau)\b", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_says_that_it_goes_on_without_an_answer(language: str) -> None:
    asked = [FILES[language][SMS][kind] for kind in ("ask_region", "ask_place", "empty", "status_asked")]
    assert not [text for text in asked if UNANSWERED[language] not in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_ours_begins_with_our_name(language: str) -> None:
    assert not [text for name in (SMS, POSTS) for text in FILES[language][name].values() if not text.startswith("LAPOR! ")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    sentences = [one for text in texts(language) for one in re.split(r"(?<!\bNo\.)(?<!\bmis\.)(?<=[.!?:;]) ", text)]
    assert not [one for one in sentences if len(one.split()) > WORDS_OF_A_SENTENCE_MAX]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_is_not_called_done_before_the_core_has_agreed(language: str) -> None:
    """The text of a wish says that it is asked today, and shares its word of the result with no text that says it is granted."""
    sms = FILES[language][SMS]
    now = {"id": "sekarang", "en": "now", "jv": "sakniki", "min": "kini", "su": "ayeuna"}[language]
    today = {"id": "hari ini", "en": "Today", "jv": "dinten niki", "min": "hari ko", "su": "dinten ieu"}[language]
    assert not [kind for kind in ("wish_rahasia", "wish_anonim", "wish_batal") if has(now, sms[kind]) or today not in sms[kind]]
    assert not [kind for kind in ("now_rahasia", "now_anonim") if not has(now, sms[kind])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_sent_to_112_and_never_to_us(language: str) -> None:
    for each in (SMS, POSTS):
        assert all(has("112", FILES[language][each][kind]) for kind in ("receipt_danger", "receipt_danger_rahasia"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_a_text_names_are_those_we_read(language: str) -> None:
    named = {word for text in texts(language) for word in re.findall(r"\b[A-Z]{4,}\b", text)} - {"LAPOR", "AGAM"}
    assert {"STATUS", "TAMBAH", "MULAI", "STOP"} <= named
    assert not [word for word in named if word.casefold() not in command.KINDS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_months_are_twelve_short_words(language: str) -> None:
    months = FILES[language][MONTHS].values()
    assert len(set(months)) == 12
    assert {len(month) for month in months} == {3}
