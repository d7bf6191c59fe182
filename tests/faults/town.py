"""10,000 citizens for weeks: what each writes, when, on whose phone, with which slip; and what they do about what we write back.

A household is whoever has a phone: one citizen, or two who share it; after 60 to 200 days the number may be somebody else's, who knows
nothing of it.
"""

from __future__ import annotations

import csv
import heapq
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from tests.corpus import phrases
from tests.faults.oracle import NUMBER, PIN, TRACKING
from tests.gateway.street import Sms

ROUTES = Path(__file__).parents[2] / "config" / "routes.csv"
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
BEGIN_DAYS = 14.0  # in which everybody writes for the first time
RECYCLED_DAYS = (60.0, 200.0)
SHARED, RECYCLED, SILENT = 0.05, 0.15, 0.45
DELAYS = (MINUTE, 4 * MINUTE, 20 * MINUTE, 2 * HOUR, 9 * HOUR, DAY, 3 * DAY)
FRIENDS = 200  # who may be asked on whose phone: the newest so many numbers
PLACES = ("depan pasar", "dekat masjid raya", "di jorong lawang", "rt 03 rw 01", "km 12 jalan lintas", "belakang puskesmas")
ANGER = ("KOK BELUM ADA TANGGAPAN!!!", "payah sekali pelayanannya", "sudah lapor tidak ada hasil, percuma", "GIMANA INI PAK WOY")
THANKS = ("makasih", "terima kasih pak", "ok", "siap min")
NEWCOMER = ("STATUS", "RAHASIA", "BATAL", "ANONIM", "STATUS laporan saya", "ya", "1", "makasih", "STOP", "TAMBAH")
FOLLOW_UPS: dict[str, float] = {
    "status": 0.14,
    "status number": 0.08,
    "status pin": 0.03,
    "wrong number": 0.05,
    "friend": 0.04,
    "stranger": 0.07,
    "add": 0.09,
    "add number": 0.05,
    "words": 0.07,
    "anger": 0.07,
    "thanks": 0.08,
    "rahasia": 0.03,
    "anonim": 0.02,
    "batal": 0.03,
    "stop": 0.02,
    "again": 0.04,
    "another": 0.09,
}
ASKS = frozenset({"ask_region", "ask_place", "empty"})


@dataclass(slots=True)
class Household:
    """Whoever has a phone at one time; `home` is its keyword and the title of its region."""

    id: int
    phone: str
    home: tuple[str, str]
    words: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    pins: dict[str, str] = field(default_factory=dict)

    def reads(self, sms: Sms) -> None:
        """What a person takes from a text of ours."""
        self.numbers += [one for one in NUMBER.findall(sms.text) if one not in self.numbers]
        self.pins.update(PIN.findall(sms.text))
        self.numbers += [one for one in TRACKING.findall(sms.text) if one not in self.numbers]


Event = tuple[int, int, Callable[[], tuple[Household, str, str] | None]]


class Town:
    """Who writes next. An event gives (household, text, token), or nothing where there is nothing to say."""

    def __init__(self, random: Random, citizens: int, now_ms: int) -> None:
        self.random = random
        self.households: list[Household] = []
        self.holder: dict[str, Household] = {}
        self.titles: dict[int, set[str]] = {}
        self.counts: Counter[str] = Counter()
        self._homes = tuple(_homes())
        self._order = itertools.count()
        self._events: list[Event] = []
        self._tokens = itertools.count()
        self._known: list[str] = []
        self._now_ms = now_ms
        for number in range(citizens):
            self._settle(f"62821{number:08d}", self.random.uniform(0, BEGIN_DAYS) * DAY)

    def _settle(self, phone: str, after: float) -> None:
        """A household begins to write at its time."""
        for _ in range(1 + (self.random.random() < SHARED)):
            self._later(after + self.random.uniform(0, HOUR), lambda: self._report(self.holder[phone]))
        own = self._household(phone)
        self.holder.setdefault(phone, own)
        if self.random.random() < SILENT:
            self._recycle(phone, after)
            return
        at, picked = after, self.random.choices(tuple(FOLLOW_UPS), tuple(FOLLOW_UPS.values()), k=self.random.choice((1, 1, 2, 3)))
        for kind in picked:
            at += self.random.choice(DELAYS) * self.random.uniform(0.5, 1.5)
            self._later(at, partial(self._followed_up, phone, kind))
        self._recycle(phone, at)

    def _household(self, phone: str) -> Household:
        one = Household(len(self.households), phone, self.random.choice(self._homes))
        self.households.append(one)
        self.titles[one.id] = {one.home[1]}
        return one

    def _recycle(self, phone: str, after: float) -> None:
        """The number is given to somebody else, who writes without knowing."""
        if self.random.random() >= RECYCLED:
            return
        at = after + self.random.uniform(*RECYCLED_DAYS) * DAY
        self._later(at, lambda: self._hand_over(phone))
        for _ in range(self.random.choice((1, 2, 3))):
            at += self.random.choice(DELAYS)
            self._later(at, lambda: self._newcomer(self.holder[phone]))

    def _hand_over(self, phone: str) -> None:
        self.counts["numbers handed over"] += 1
        self.holder[phone] = self._household(phone)

    def _later(self, seconds: float, act: Callable[[], tuple[Household, str, str] | None]) -> None:
        heapq.heappush(self._events, (self._now_ms + int(seconds * 1000), next(self._order), act))

    @property
    def left(self) -> int:
        """Events to come."""
        return len(self._events)

    @property
    def next_ms(self) -> int:
        """When the next one is."""
        return self._events[0][0]

    def step(self) -> tuple[Household, str, str] | None:
        """What is said next."""
        _, _, act = heapq.heappop(self._events)
        said = act()
        if said is not None:
            self.counts["texts"] += 1
        return said

    def reads(self, sms: Sms) -> None:
        """A phone shows a text of ours: it is read, and a question may be answered."""
        one = self.holder[sms.phone]
        one.reads(sms)
        self._known = (self._known + NUMBER.findall(sms.text))[-FRIENDS:]
        if sms.kind in ASKS and self.random.random() < 0.55:
            self.counts["questions answered"] += 1
            after = (sms.at_ms - self._now_ms) / 1000 + self.random.choice(DELAYS) * self.random.uniform(0.5, 1.5)
            self._later(after, lambda: self._answer(self.holder[sms.phone], sms.kind))

    # ── what is written ──

    def _report(self, one: Household) -> tuple[Household, str, str]:
        keyword, token = one.home[0], self._token()
        matter = self.random.choice(self.random.choice(tuple(phrases.PROBLEMS.values())))
        place, tail = self.random.choice(PLACES), self.random.choice(phrases.TAILS)
        kind = self.random.choices(
            ("plain", "typo", "nowhere", "keyword", "long", "danger", "oversight", "twin"), (42, 14, 18, 4, 8, 3, 5, 6)
        )[0]
        self.counts[f"report {kind}"] += 1
        if kind == "keyword":
            return one, keyword, ""
        if kind == "typo":
            keyword = _slip(self.random, keyword)
        texts = {
            "nowhere": f"{matter}{tail} {token}",
            "long": f"{keyword} {matter} {place}{tail}, {' lalu '.join(self._matters(4))}, mohon dicek pak {token}",
            "danger": f"{keyword} kebakaran {place} tolong {token}",
            "oversight": f"{keyword} kepala desa minta uang untuk surat pengantar {token}",
            "twin": f"BANJAR BARU {matter} {place} {token}",
        }
        if kind == "twin":
            self.titles[one.id] |= {"Kab. Banjar", "Kota Banjarbaru"}
        words = self._slang(texts.get(kind, f"{keyword} {matter} {place}{tail} {token}"))
        one.words.append(words)
        return one, words, token

    def _matters(self, count: int) -> list[str]:
        return [self.random.choice(self.random.choice(tuple(phrases.PROBLEMS.values()))) for _ in range(count)]

    def _slang(self, text: str) -> str:
        if self.random.random() < 0.5:
            return text
        return " ".join(self.random.choice((word, *phrases.SLANG.get(word, ()))) for word in text.split(" "))

    def _answer(self, one: Household, kind: str) -> tuple[Household, str, str]:
        if kind == "ask_region" and self.random.random() < 0.7:
            return one, self.random.choice(("1", "2", "0", "7", "ya", "tidak", "nomor 1 pak")), ""
        token = self._token()
        return one, f"{self.random.choice(PLACES)} {one.home[0].lower()} {token}", token

    def _newcomer(self, one: Household) -> tuple[Household, str, str]:
        """The new owner of a number, who knows nothing of the old one."""
        self.counts["by a new owner"] += 1
        if self.random.random() < 0.25:
            return self._report(one)
        return one, self.random.choice(NEWCOMER), ""

    def _followed_up(self, phone: str, kind: str) -> tuple[Household, str, str] | None:
        return self._follow_up(self.holder[phone], kind)

    def _follow_up(self, one: Household, kind: str) -> tuple[Household, str, str] | None:
        self.counts[kind] += 1
        number = self.random.choice(one.numbers) if one.numbers else "GA2345"
        if kind in ("add", "words", "add number"):
            token = self._token()
            words = f"{self._matters(1)[0]} {self.random.choice(PLACES)} {token}"
            return one, {"add": "tambahan: ", "words": "", "add number": f"TAMBAH {number} "}[kind] + words, token
        if kind == "another":
            return self._report(one)
        if kind == "anger":
            token = self._token()
            return one, f"{self.random.choice(ANGER)} {token}", token
        if kind == "again":
            return (one, one.words[-1], _token_of(one.words[-1])) if one.words else None
        if kind in ("friend", "stranger", "wrong number"):
            return self._of_another(one, kind, number)
        wrong = f"{self.random.randrange(10_000):04}"
        own = {
            "status": "STATUS",
            "status number": f"STATUS {number}",
            "status pin": f"STATUS {number} {one.pins.get(number, wrong)}",
            "thanks": self.random.choice(THANKS),
            "rahasia": self.random.choice(("RAHASIA", f"RAHASIA {number}")),
            "anonim": self.random.choice(("ANONIM", f"ANONIM {number}")),
            "batal": self.random.choice(("BATAL", f"BATAL {number}")),
            "stop": "STOP",
        }
        return one, own[kind], ""

    def _of_another(self, one: Household, kind: str, number: str) -> tuple[Household, str, str]:
        """On a phone that is not its own: with the PIN a friend gave, with a guessed one, with none; or with one letter wrong."""
        command = self.random.choice(("STATUS", "STATUS", "RAHASIA", "BATAL", "ANONIM"))
        if kind == "wrong number" or not self._known:
            at = self.random.randrange(2, len(number))
            return one, f"{command} {number[:at]}{self.random.choice('23456789ABCDEFGH')}{number[at + 1 :]}", ""
        other = self.random.choice(self.households)
        if kind == "friend" and other.pins:
            theirs = self.random.choice(tuple(other.pins))
            return one, f"{command} {theirs} {other.pins[theirs]}", ""
        theirs = self.random.choice(self._known)
        pin = self.random.choice(("", f" {self.random.randrange(10_000):04}"))
        words = self.random.choice((f"{command} {theirs}{pin}", f"{command} {theirs}{pin}", f"TAMBAH {theirs}{pin} saya juga kena"))
        if words.startswith("TAMBAH"):
            token = self._token()
            return one, f"{words} {token}", token
        return one, words, ""

    def _token(self) -> str:
        """A word that nobody wrote before."""
        number, letters = next(self._tokens), ""
        while number or not letters:
            number, digit = divmod(number, 20)
            letters += "bcdfghjkmnprstvwxyza"[digit]
        return f"qz{letters}q"


def _token_of(words: str) -> str:
    found = re.findall(r"\bqz[a-z]+\b", words)
    return str(found[-1]) if found else ""


def _slip(random: Random, keyword: str) -> str:
    """One letter of it left out, where it is long enough."""
    at = random.randrange(1, len(keyword))
    return keyword[:at] + keyword[at + 1 :] if len(keyword) > 4 else keyword + keyword[-1]


def _homes() -> Iterator[tuple[str, str]]:
    """Keywords of one region in the shipped table, and what people call it."""
    with ROUTES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            if row["region"] and not row["ordinary"] and not row["valid_to"]:
                yield row["alias"].split("|")[0], row["name"]
