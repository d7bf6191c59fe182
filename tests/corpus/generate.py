"""Labelled messages from a seed: region x phrasing x slang x typo x separator x language, against tests/corpus/routes_wide.csv.

`messages(seed, count)` gives the same messages for the same seed on every machine. The labels come from how a text was made, never
from the engine: the aliases are read here with the csv module alone.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from tests.corpus import phrases
from tests.corpus.labelled import WIDE, Labelled

REGIONS = Path(__file__).parents[2] / "config" / "regions.csv"
UNCLEAR_BEFORE_CLOSING = ("...", "terus", "trs", "TERUS", "TRS", "saya")
"""Before `kirim ke 1708` these may belong to the instruction: nobody could say where the body ends."""
NEAR_PAIRS = frozenset({"BADUNG", "BINJAI", "SINJAI", "SABANG", "SUBANG", "KOTA BANDUNG", "KAB BANDUNG"})
LETTERS_MIN = 4  # aliases of three letters have too many neighbours for any typo


@dataclass(frozen=True, slots=True)
class Name:
    """One alias of the wide table and the offices that it names."""

    alias: str
    codes: tuple[str, ...]
    ordinary: frozenset[str]

    @property
    def marked_only(self) -> bool:
        return "*" in self.ordinary


@dataclass(frozen=True, slots=True)
class Body:
    """What a citizen complains of."""

    text: str
    topic: str
    danger: bool


@dataclass(slots=True)
class Gazetteer:
    """All names a typo must not turn into another of."""

    names: tuple[Name, ...]
    offices: dict[str, tuple[str, str]]
    """Code of a kabupaten or kota: its kind and its name, where no other office has that name."""
    taken: frozenset[str]
    starts: frozenset[str]
    spelt: dict[tuple[str, ...], frozenset[str]]
    single: tuple[Name, ...] = field(init=False)
    twins: tuple[Name, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.single = tuple(name for name in self.names if len(name.codes) == 1)
        self.twins = tuple(name for name in self.names if len(name.codes) > 1)


def joined(text: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(filter(str.isalnum, text)).upper()


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(line for line in lines if not line.startswith("#"))


@cache
def gazetteer() -> Gazetteer:
    """The wide table and the regions, read once."""
    names = tuple(
        Name(alias, tuple(row["region"].split("|")), frozenset(filter(None, row["ordinary"].split("|"))))
        for row in _table(WIDE)
        if row["region"]
        for alias in row["alias"].split("|")
        if "+" not in alias
    )
    regions = list(_table(REGIONS))
    official = [row["name"].lower() for row in regions]
    offices = {
        row["code"]: (row["kind"], row["name"])
        for row in regions
        if row["kind"] in ("kabupaten", "kota") and official.count(row["name"].lower()) == 1 and not row["cue"]
    }
    every = [name.alias for name in names] + [row["name"] for row in regions]
    starts = frozenset(" ".join(name.upper().split()[:length]) for name in every for length in range(2, 5) if len(name.split()) >= length)
    spelt = {codes: frozenset(joined(name.alias) for name in names if name.codes == codes) for codes in {name.codes for name in names}}
    return Gazetteer(names, offices, frozenset(map(joined, every)), starts, spelt)


@cache
def prefixes() -> frozenset[str]:
    """Aliases that begin like another office's alias, and those others (BANJAR, BANJARBARU)."""
    spelt = sorted((joined(name.alias), name.codes) for name in gazetteer().names)
    found: set[str] = set()
    for at, (short, codes) in enumerate(spelt):
        for longer, others in spelt[at + 1 :]:
            if not longer.startswith(short):
                break
            if others != codes and len(short) >= LETTERS_MIN:
                found |= {short, longer}
    return frozenset(found)


def messages(seed: int, count: int) -> Iterator[Labelled]:
    """`count` labelled messages; ids are `g<seed>-<number>`."""
    dice = random.Random(seed)
    kinds, weights = zip(*KINDS.items(), strict=True)
    number = 0
    while number < count:
        made = dice.choices(kinds, weights)[0](dice)
        if made is not None:
            yield replace(made, id=f"g{seed}-{number}")
            number += 1


def _explicit(dice: random.Random) -> Labelled | None:
    """A keyword at the head in some dress, then a complaint."""
    name = dice.choice(gazetteer().single)
    body = _wished(dice, _body(dice, name.codes[0]))
    separator = dice.choice(phrases.MARKS if name.marked_only else phrases.SEPARATORS)
    if _continues(name, body.text):
        return None
    head = dice.choice(("", "", "", *phrases.GREETINGS)) + dice.choice(("", "", *phrases.PREFIXES))
    opening, closing = dice.choice((("", ""), ("", ""), ("", " kirim ke 1708"), ("Ketik ", " kirim ke 1708"), ("Ketik ", "")))
    if body.text.endswith(UNCLEAR_BEFORE_CLOSING):
        closing = ""
    keyword = _cased(dice, name.alias)
    if dice.random() < 0.1:
        keyword = dice.choice(('"{}"', "“{}”", "({})", "*{}*")).format(keyword)
    return Labelled(
        id="",
        text=f"{head}{opening}{keyword}{separator}{body.text}{closing}",
        decision=("explicit",),
        region=name.codes[0],
        topic=(body.topic,),
        rahasia=_is_wish(body.text),
        anonim=None if _is_wish(body.text) else False,
        danger=body.danger or None,
        body=body.text,
        tags=("generated", "explicit", *_sets(name)),
    )


def _sets(name: Name) -> Iterator[str]:
    """The sets of names that are easily taken for one another."""
    if name.alias in NEAR_PAIRS:
        yield "near-pair"
    if joined(name.alias) in prefixes():
        yield "prefix-pair"


def _twin(dice: random.Random) -> Labelled | None:
    """A name of two offices: asked, never decided."""
    name = dice.choice(gazetteer().twins)
    body = _body(dice, name.codes[-1])
    if _continues(name, body.text):
        return None
    separator = dice.choice(phrases.SEPARATORS)
    return _asked(name, f"{_cased(dice, name.alias)}{separator}{body.text}", body, ("ambiguous",), "twin")


def _typo(dice: random.Random) -> Labelled | None:
    """A slip in the keyword: proposed or ambiguous, the right region among the candidates."""
    places = gazetteer()
    name = dice.choice(places.names)
    if len(joined(name.alias)) < LETTERS_MIN or name.marked_only:
        return None
    body = _body(dice, name.codes[0])
    operator, slip = dice.choice((*SLIPS.items(), ("joined-body", None)))
    wrong = slip(dice, name.alias) if slip else name.alias + body.text.split(maxsplit=1)[0].upper()
    if wrong is None or joined(wrong) in places.taken or wrong.lower() in phrases.EVERYDAY or _continues(name, body.text):
        return None
    if any(joined(part) in places.spelt.get(name.codes, ()) for part in wrong.split()):
        return None  # the word without a slip is a keyword of the same office
    separator = dice.choice((" ", " ", "#", ": ", ", "))
    text = _cased(dice, wrong) + separator + body.text if slip else name.alias + body.text
    return _asked(name, text, body, ("proposed", "ambiguous"), f"typo-{operator}")


def _hint(dice: random.Random) -> Labelled:
    """A place inside the text, none at the head."""
    code, (kind, name) = dice.choice(tuple(gazetteer().offices.items()))
    body = _body(dice, "")
    word = {"kabupaten": ("kab", "kab.", "kabupaten"), "kota": ("kota",)}[kind]
    place = _cased(dice, name) if dice.random() < 0.4 else f"{dice.choice(word)} {_cased(dice, name)}"
    text = dice.choice(
        (
            "{body} di {place}",
            "tolong pak {body} di {place}",
            "saya warga {place} mau lapor, {body}",
            "mohon {body} di {place} diperhatikan",
        )
    )
    return _plain(text.format(body=body.text.rstrip("!. "), place=place), body, ("hinted",), "hint", region=code)


def _nowhere(dice: random.Random) -> Labelled:
    """No keyword and no place."""
    body = _wished(dice, _body(dice, dice.choice(("", *phrases.SPOKEN))))
    text = dice.choice(("", "", *phrases.GREETINGS)) + dice.choice(("", "", "tolong pak ", "mau lapor ", "kami keluhkan ")) + body.text
    return _plain(text, body, ("national",), "no-place")


def _word_first(dice: random.Random) -> Labelled:
    """A command word or a number, then a complaint."""
    body = _body(dice, "")
    return _plain(f"{dice.choice(phrases.COMMAND_WORDS)} {body.text}", body, ("national",), "command-word", "no-place")


def _near_miss(dice: random.Random) -> Labelled | None:
    """A longer word that only begins like a keyword; anything but explicit will do."""
    name = dice.choice(gazetteer().single)
    word = _cased(dice, name.alias + dice.choice(("KU", "NYA", "AN", "LAH", "ISASI", "MAN")))
    body = _body(dice, "")
    if " " in name.alias or joined(word) in gazetteer().taken:
        return None
    return _plain(f"{word} {body.text}", body, ("national", "hinted", "proposed", "ambiguous"), "near-miss")


def _command(dice: random.Random) -> Labelled:
    """A true command in forgiving spelling."""
    if dice.random() < 0.5:
        number = dice.choice((str(dice.randrange(1_500_000, 9_999_999)), "".join(dice.choice("GHKM24679PQRT") for _ in range(5)) + "7"))
        if not number.isdigit():
            number = "G" + number[1:]
        text, command = dice.choice(phrases.STATUS_SHAPES).format(number), "STATUS"
    else:
        word, command = dice.choice(tuple(phrases.BARE_COMMANDS.items()))
        text = _cased(dice, word) + dice.choice(("", "", ".", "!", " "))
    return Labelled(id="", text=text, kind="command", command=command, classification=(), tags=("generated", "command"))


KINDS: dict[Callable[[random.Random], Labelled | None], int] = {
    _explicit: 45,
    _twin: 6,
    _typo: 16,
    _hint: 9,
    _nowhere: 12,
    _word_first: 5,
    _near_miss: 4,
    _command: 3,
}


def _asked(name: Name, text: str, body: Body, decision: tuple[str, ...], tag: str) -> Labelled:
    made = _plain(text, body, decision, tag)
    return replace(made, candidates_include=name.codes, body=None)


def _plain(text: str, body: Body, decision: tuple[str, ...], *tags: str, region: str | None = None) -> Labelled:
    return Labelled(
        id="",
        text=text,
        decision=decision,
        region=region,
        topic=(body.topic,),
        rahasia=_is_wish(body.text),
        anonim=None if _is_wish(body.text) else False,
        danger=body.danger or None,
        tags=("generated", *tags),
    )


def _body(dice: random.Random, code: str) -> Body:
    """A complaint, in the language of that province now and then, with slang and a tail."""
    spoken = phrases.LANGUAGES.get(phrases.SPOKEN.get(code[:2], ""), {})
    source = spoken if spoken and dice.random() < 0.3 else phrases.PROBLEMS
    topic = dice.choice(tuple(source))
    text = dice.choice(source[topic])
    danger = any(word in text for word in phrases.DANGER_WORDS)
    if dice.random() < 0.6:
        text += dice.choice(phrases.TAILS)
    if dice.random() < 0.6:
        text = " ".join(dice.choice((word, *phrases.SLANG.get(word, ()))) for word in text.split(" "))
    return Body(text.upper() if dice.random() < 0.1 else text, topic, danger)


def _wished(dice: random.Random, body: Body) -> Body:
    return replace(body, text=body.text + dice.choice(phrases.WISHES)) if dice.random() < 0.06 else body


def _is_wish(text: str) -> bool:
    return text.endswith(phrases.WISHES)


def _continues(name: Name, body: str) -> bool:
    """Whether alias and body together are another name, or everyday speech by the table."""
    first = body.split(maxsplit=1)[0].strip("!.,").lower()
    return first in name.ordinary or f"{name.alias} {first}".upper() in gazetteer().starts


def _cased(dice: random.Random, word: str) -> str:
    return dice.choice((word.upper(), word.upper(), word.lower(), word.title()))


def _at(dice: random.Random, alias: str) -> int:
    """The place of a letter that is not the first."""
    return dice.choice([at for at, letter in enumerate(alias) if at and letter.isalpha()])


def _missing(dice: random.Random, alias: str) -> str | None:
    at = _at(dice, alias)
    return alias[:at] + alias[at + 1 :] if len(joined(alias)) > LETTERS_MIN else None


def _doubled(dice: random.Random, alias: str) -> str:
    at = _at(dice, alias)
    return alias[:at] + alias[at] + alias[at:]


def _swapped(dice: random.Random, alias: str) -> str | None:
    at = _at(dice, alias)
    left, right = alias[at - 1], alias[at]
    return alias[: at - 1] + right + left + alias[at + 1 :] if left.isalpha() and left != right else None


def _wrong(dice: random.Random, alias: str) -> str | None:
    at = _at(dice, alias)
    near = phrases.KEYBOARD.get(alias[at])
    return alias[:at] + dice.choice(near) + alias[at + 1 :] if near else None


def _digit(dice: random.Random, alias: str) -> str | None:
    at = _at(dice, alias)
    digit = phrases.DIGITS.get(alias[at])
    return alias[:at] + digit + alias[at + 1 :] if digit else None


SLIPS: dict[str, Callable[[random.Random, str], str | None]] = {
    "missing": _missing,
    "doubled": _doubled,
    "swapped": _swapped,
    "wrong": _wrong,
    "digit-for-letter": _digit,
}
