"""What the simulated X makes of a typed text: links shortened, names, tags and links found, characters weighed.

Places are counted in code points of the text as it is handed out, `&` written `&amp;` (seen in X's answers; twitter-text counts likewise).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TEXT_WEIGHT_MAX = 280
LINK_WEIGHT = 23  # whatever its length (X: counting characters)
GENERIC = " com net org info biz edu gov mil int app dev online site xyz web news blog "
COUNTRIES = (
    " id my sg au us uk de nl fr it es jp kr cn hk tw th vn ph in pk bd lk np mm kh la bn tl pg nz ca mx br ar cl ru ua pl cz at ch be "
    "se no fi dk ie pt gr tr ae sa qa kw om eg za ng ke io co me tv ai ly cc to gg fm eu "
)
"""Endings that make a bare domain a link: the usual ones, not all that there are."""
SHORT_COUNTRIES = " co tv "  # `t.co` is a link without a path, `x.id` is none (twitter-text)

_LINK = re.compile(r"https?://[^\s<>\"]+|(?<![\w@#\uff03.-])(?:[a-z0-9-]+\.)+[a-z]{2,6}\b(?:/[^\s<>\"]*)?", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w!#$%&*@\uff20])[@\uff20]([A-Za-z0-9_]{1,15})(?![\w@\uff20])")
_TAG = re.compile(r"(?<![\w&])(?<!&amp;)[#\uff03](\w*[^\W\d]\w*)(?![#\uff03])")
_SHORT = re.compile(r"https://t\.co/[A-Za-z0-9]{10}")
_UNWEIGHED = re.compile("\u200d.|[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_END = ".,:;!?)]}'\u2026"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text; `user_id` is None where nobody has it."""

    start: int
    end: int
    username: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag, without its mark."""

    start: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a short link leads."""

    expanded: str
    display: str
    media_key: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A short link in a text."""

    start: int
    end: int
    url: str
    target: Target


@dataclass(frozen=True, slots=True)
class Entities:
    """Everything found in one text."""

    mentions: tuple[Mention, ...] = ()
    tags: tuple[Tag, ...] = ()
    links: tuple[Link, ...] = ()


def links_in(text: str) -> list[tuple[int, int, str]]:
    """What X would make a link: start, end and address, bare domains too (`lapor.go.id`, but not `a.id`)."""
    found = []
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_END)
        if address.lower().startswith("http") or _is_domain(address):
            found.append((match.start(), match.start() + len(address), address))
    return found


def _is_domain(address: str) -> bool:
    domain, _, path = address.partition("/")
    labels = domain.lower().split(".")
    ending = f" {labels[-1]} "
    return ending in GENERIC or (ending in COUNTRIES and (len(labels) > 2 or bool(path) or ending in SHORT_COUNTRIES))


def shorten(text: str, short: Callable[[], str]) -> tuple[str, dict[str, Target]]:
    """The text as X hands it out: links replaced by short ones, the rest escaped for HTML; and where each short link leads."""
    pieces: list[str] = []
    targets: dict[str, Target] = {}
    done = 0
    for start, end, address in links_in(text):
        url = short()
        expanded = address if "://" in address else f"http://{address}"
        targets[url] = Target(expanded, expanded.partition("://")[2])
        pieces += [escape(text[done:start]), url]
        done = end
    return "".join(pieces) + escape(text[done:]), targets


def escape(text: str) -> str:
    """`&`, `<` and `>` as X writes them."""
    return html.escape(text, quote=False)


def entities(text: str, targets: Mapping[str, Target], user_id: Callable[[str], int | None]) -> Entities:
    """Names, tags and links of a finished text, each with its place."""
    return Entities(
        tuple(Mention(match.start(), match.end(), match.group(1), user_id(match.group(1))) for match in _MENTION.finditer(text)),
        tuple(Tag(match.start(), match.end(), match.group(1)) for match in _TAG.finditer(text)),
        tuple(
            Link(match.start(), match.end(), match.group(), targets[match.group()])
            for match in _SHORT.finditer(text)
            if match.group() in targets
        ),
    )


def weight(text: str) -> int:
    """How long X finds a text: most letters 1, CJK and emoji 2, a link 23 (twitter-text 3)."""
    rest: list[str] = []
    done = total = 0
    for start, end, _ in links_in(text):
        rest.append(text[done:start])
        total += LINK_WEIGHT
        done = end
    plain = _UNWEIGHED.sub("", unicodedata.normalize("NFC", "".join(rest) + text[done:]))
    return total + sum(1 if _light(ord(letter)) else 2 for letter in plain)


def _light(code: int) -> bool:
    return code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037


def head(text: str, weight_max: int) -> str:
    """The longest beginning that weighs no more than this, cut at a code point."""
    total = 0
    for place, letter in enumerate(text):
        total += 1 if _light(ord(letter)) else 2
        if total > weight_max:
            return text[:place]
    return text
