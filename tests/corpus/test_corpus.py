"""The corpus has the form, the counts and the split that docs/corpus.md promises; what the engine does with it is `make score`."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from pathlib import Path

import pytest

from parsers.model import Classification
from tests.corpus import generate, score
from tests.corpus.labelled import COMMANDS, DECISIONS, FIELDS, HELD_OUT, KINDS, TUNING, WIDE, in_held_out, read, rows
from tests.tables import CONFIG, REGIONS, TOPICS

MESSAGES = tuple(itertools.chain(read(TUNING), read(HELD_OUT)))
TOPIC_NAMES = frozenset(TOPICS.core)


def count(*tags: str, kind: str = "complaint") -> int:
    return sum(message.kind == kind and bool(set(tags) & set(message.tags)) for message in MESSAGES)


@pytest.mark.parametrize("path", [TUNING, HELD_OUT], ids=lambda path: path.stem)
def test_every_line_has_every_field_in_its_order(path: Path) -> None:
    for row in rows(path):
        assert tuple(name for name in row if name != "day") == FIELDS, row["id"]


@pytest.mark.parametrize("path", [TUNING, HELD_OUT], ids=lambda path: path.stem)
def test_what_was_written_without_the_engine_is_held_out(path: Path) -> None:
    assert all(in_held_out(row["id"]) == (path == HELD_OUT) for row in rows(path))


def test_at_least_a_third_is_held_out() -> None:
    assert len(rows(HELD_OUT)) * 3 >= len(MESSAGES)


def test_no_id_and_no_complaint_comes_twice() -> None:
    """Commands may: there are few ways to write `1` or STATUS, and both sets need them."""
    assert max(Counter(message.id for message in MESSAGES).values()) == 1
    complaints = (message for message in MESSAGES if message.kind == "complaint")
    assert max(Counter((message.text, message.table, message.channel, message.day) for message in complaints).values()) == 1


@pytest.mark.parametrize(
    ("tags", "kind", "least"),
    [
        (("command-word", "digit"), "complaint", 150),
        (("no-place",), "complaint", 150),
        (("typo",), "complaint", 120),
        (("pungli", "rahasia", "identifier"), "complaint", 100),
        (("danger",), "complaint", 80),
        (("hashtag",), "complaint", 40),
        (("command",), "command", 60),
    ],
)
def test_there_are_as_many_of_each_as_promised(tags: tuple[str, ...], kind: str, least: int) -> None:
    assert count(*tags, kind=kind) >= least


def test_there_are_enough_messages_and_all_topics() -> None:
    assert len(MESSAGES) >= 950
    clear = [message.topic[0] for message in MESSAGES if len(message.topic) == 1]
    assert len(clear) >= 200
    assert set(clear) == TOPIC_NAMES


def test_the_labels_are_words_that_exist() -> None:
    for message in MESSAGES:
        assert message.kind in KINDS, message
        assert message.channel in ("sms", "x"), message
        assert message.table in ("shipped", "wide"), message
        assert set(message.decision) <= set(DECISIONS), message
        assert set(message.topic) <= TOPIC_NAMES, message
        assert set(message.classification) <= {str(kind) for kind in Classification}, message
        assert message.region is None or message.region in REGIONS, message
        assert all(code in REGIONS or code.isupper() for code in message.candidates_include), message


def test_the_labels_of_a_message_agree() -> None:
    for message in MESSAGES:
        assert (message.kind == "command") == (message.command in COMMANDS) == (not message.decision), message
        assert message.body is None or message.body in message.text, message
        assert message.decision != ("explicit",) or message.region or message.keyword, message


def test_the_wide_table_has_the_columns_of_the_shipped_one() -> None:
    def columns(path: Path) -> list[str]:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        return next(csv.reader(lines))

    assert columns(WIDE) == columns(CONFIG / "routes.csv")


def test_the_wide_table_names_every_kabupaten_and_kota() -> None:
    named = {code for name in generate.gazetteer().names for code in name.codes}
    assert {region.code for region in REGIONS.by_code.values() if region.kind in ("kabupaten", "kota")} <= named


def test_the_same_seed_gives_the_same_messages() -> None:
    first = list(generate.messages(7, 500))
    assert first == list(generate.messages(7, 500))
    assert first != list(generate.messages(8, 500))
    assert len({message.id for message in first}) == 500


def test_generated_messages_are_of_every_sort() -> None:
    tags = Counter(tag for message in generate.messages(1708, 3000) for tag in message.tags)
    sorts = {"explicit", "twin", "hint", "no-place", "command-word", "near-miss", "near-pair", "prefix-pair", "command"}
    assert sorts | {f"typo-{slip}" for slip in (*generate.SLIPS, "joined-body")} <= set(tags)


def test_a_generated_body_stands_in_its_text() -> None:
    assert all(message.body is None or message.body in message.text for message in generate.messages(3, 1000))


@pytest.mark.parametrize(
    ("errors", "n", "bound"),
    [(0, 3000, 0.000998), (0, 100, 0.0295), (1, 100, 0.0466), (5, 100, 0.1023), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(errors: int, n: int, bound: float) -> None:
    assert score.upper_bound(errors, n) == pytest.approx(bound, rel=0.01)


def test_the_score_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    score.report("some", score.cases(MESSAGES[:50]), listed=2)
    printed = capsys.readouterr().out.splitlines()
    assert "wrong office per 10,000 texts" in printed[2]
    assert "citizens asked who need not have been" in "\n".join(printed)
