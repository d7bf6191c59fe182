"""docs/reply-texts.md has a reason for every text, and its script says so where one lacks."""

import importlib.util
from types import ModuleType

import pytest

from forwarder.replies import KINDS
from tests.qa.tracked import ROOT


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_texts", ROOT / "scripts" / "make_texts.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("### `filed`", "### `archived`", "filed has no section"),
        ("### `filed`", "### `archived`", "archived is no reply of this version"),
        ("That there is news, and how to ask.", "", "news_rahasia does not say why"),
    ],
)
def test_a_gap_in_the_page_is_named(old: str, new: str, problem: str) -> None:
    page = script().PAGE.read_text(encoding="utf-8")
    assert problem in list(script().problems(page.replace(old, new)))


def test_making_the_page_twice_changes_nothing_and_every_kind_is_on_it() -> None:
    made = script()
    page = made.PAGE.read_text(encoding="utf-8")
    assert list(made.problems(page)) == []
    assert made.page(made.page(page)) == made.page(page) == page
    assert all(f"### `{kind}`\n" in page for kind in KINDS)
    assert made.page(page.replace("Septets of 160: id ", "Septets of 160: id 9")) == page
