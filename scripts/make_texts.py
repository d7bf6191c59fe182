"""Write what stands under each heading of docs/reply-texts.md: the text, and how long it is with its longest values in every language.

The reasons are written by hand. A kind without a section, or a section without a kind, is an error.

usage: python scripts/make_texts.py [--check]
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from forwarder.replies import FALLBACK, KINDS, PHRASES, POST_CHARACTERS_MAX, POSTS, SMS, Longest, post_characters
from parsers.charset import SEPTETS_OF_ONE_SMS, septets

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reply-texts.md"
SECTION = re.compile(r"^(### `(\w+)`\n)(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)
MADE = re.compile(r"\n<!-- made -->\n.*?<!-- why -->\n", re.DOTALL)


class Shipped(NamedTuple):
    """The file of one language and the longest values that its texts are measured with."""

    sets: Mapping[str, Mapping[str, str]]
    longest: Mapping[str, str]


def shipped() -> dict[str, Shipped]:
    """All of them, by language; Indonesian first."""
    found: dict[str, Shipped] = {}
    for path in sorted((ROOT / "config").glob("replies.*.toml"), key=lambda path: (f".{FALLBACK}." not in path.name, path.name)):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sets = {name: content[name] for name in (SMS, POSTS, *PHRASES)}
        found[content["language"]] = Shipped(sets, asdict(Longest().within(sets)))
    return found


def block(kind: str, languages: Mapping[str, Shipped]) -> str:
    """What stands between a heading and its reasons."""
    lines = [f"> {languages[FALLBACK].sets[SMS][kind]}", "", f"Septets of {SEPTETS_OF_ONE_SMS}: {_lengths(SMS, kind, languages)}."]
    if kind in languages[FALLBACK].sets[POSTS]:
        lines += ["", f"> {languages[FALLBACK].sets[POSTS][kind]}", ""]
        lines.append(f"As a post, characters of {POST_CHARACTERS_MAX}: {_lengths(POSTS, kind, languages)}.")
    return "\n<!-- made -->\n" + "\n".join(lines) + "\n<!-- why -->\n"


def _lengths(each: str, kind: str, languages: Mapping[str, Shipped]) -> str:
    measure = septets if each == SMS else post_characters
    return ", ".join(f"{name} {measure(one.sets[each][kind].format(**one.longest))}" for name, one in languages.items())


def page(text: str) -> str:
    """The page with every block made anew."""
    languages = shipped()
    return SECTION.sub(lambda found: found[1] + block(found[2], languages) + MADE.sub("", found[3], count=1), text)


def problems(text: str) -> Iterator[str]:
    """Kinds without a section, sections without a kind, sections without a reason."""
    sections = {found[2]: MADE.sub("", found[3], count=1).strip() for found in SECTION.finditer(text)}
    yield from (f"{kind} has no section" for kind in KINDS if kind not in sections)
    yield from (f"{kind} is no reply of this version" for kind in sections if kind not in KINDS)
    yield from (f"{kind} does not say why" for kind, why in sections.items() if not why)


def main() -> int:
    """Write the page; with --check only say whether it differs."""
    text = PAGE.read_text(encoding="utf-8")
    found = list(problems(text))
    for problem in found:
        print(f"{PAGE.relative_to(ROOT)}: {problem}", file=sys.stderr)
    if found:
        return 1
    if page(text) == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{PAGE.relative_to(ROOT)} is not up to date: make docs", file=sys.stderr)
        return 1
    PAGE.write_text(page(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
