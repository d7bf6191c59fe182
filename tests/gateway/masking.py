"""How well masking tells a person's numbers from the others: `python -m tests.gateway.masking`.

The table is masking.csv: a text in which ⟦…⟧ stands around all that names a person, and what an officer is to see of it. `tuning` are the
texts the rules were made with, `held` those that were written before the rules were tried on them.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import header
from parsers.personal import hide

TABLE = Path(__file__).with_name("masking.csv")
MARKED = re.compile("⟦([^⟧]*)⟧")
NUMBER = re.compile(r"\d[\d.,:/+\-]*")
ROUNDS = 5
HOSTILE = (
    *("1", "0", "1 ", "08 ", "08-", "(", "+", "1.", "a@a.", "@", "0812 3456 7890 ", "1-2-3-", "rek ", "a@b", "+62(0)8", "62 ", "2021 "),
    *("1.000.", "0(", "1:", "+1 ", "(0)", "12-12-", "0 1 2 3 4 5 6 7 8 ", "08.12.", "a.", "1 0812", "\u00a01", "٣", "12/03/2026 "),
)
"""Repeated to 10,000 characters each, none may take longer than its length."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of the table. `marked` has ⟦…⟧ in it."""

    set: str
    marked: str
    masked: str

    @property
    def text(self) -> str:
        return MARKED.sub(r"\1", self.marked)

    @property
    def private(self) -> list[str]:
        return MARKED.findall(self.marked)

    @property
    def public(self) -> list[str]:
        """Every number that an officer needs."""
        return [one.rstrip(".,:/+-") for one in NUMBER.findall(MARKED.sub(" ", self.marked))]


@dataclass
class Score:
    """What was hidden of what should be, and what should not have been."""

    private: int = 0
    hits: int = 0
    public: int = 0
    false_alarms: int = 0
    wrong: list[tuple[Row, str]] = field(default_factory=list)

    def __str__(self) -> str:
        hit, alarm = 100 * self.hits / max(1, self.private), 100 * self.false_alarms / max(1, self.public)
        return (
            f"{self.hits} of {self.private} hidden ({hit:.1f} %), {self.false_alarms} of {self.public} hidden for nothing ({alarm:.1f} %)"
        )


def rows() -> Iterator[Row]:
    """The table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            yield Row(cells["set"], cells["text"], cells["masked"])


def score(kind: str, masked: Callable[[str], str] = hide) -> Score:
    """One set of the table, each marked number and each other number counted once."""
    found = Score()
    for row in rows():
        if row.set != kind:
            continue
        shown = masked(row.text)
        left, seen = Counter(NUMBER.findall(shown)), shown
        for one in row.private:
            found.private += 1
            found.hits += one not in shown and _digits(one) not in _digits(seen)
        for one in row.public:
            found.public += 1
            found.false_alarms += not any(one in word for word in left) and one not in shown
        if shown != row.masked:
            found.wrong.append((row, shown))
    return found


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text)) or text


def microseconds() -> float:
    """Per 160 characters of the labelled texts of citizens, the best of some rounds."""
    from tests.corpus.labelled import HELD_OUT, TUNING, read  # noqa: PLC0415 - the command alone needs them

    texts = [one.text for path in (TUNING, HELD_OUT) for one in read(path)]
    return min(_seconds(texts) for _ in range(ROUNDS)) / sum(map(len, texts)) * 160 * 1e6


def hostile(length: int = 10_000, texts: Sequence[str] = HOSTILE) -> dict[str, float]:
    """Milliseconds of each hostile text of that length, the best of some rounds."""
    return {one: min(_seconds([(one * length)[:length]]) for _ in range(ROUNDS)) * 1000 for one in texts}


def _seconds(texts: list[str]) -> float:
    began = time.thread_time()  # of this thread alone: others use the machine, too
    for text in texts:
        hide(text)
    return time.thread_time() - began


def main() -> int:
    """Print the figures, and every text that is not masked as the table says; 1 when there is one."""
    print(header("masking"))
    wrong = []
    for kind in ("tuning", "held"):
        found = score(kind)
        print(f"{kind:<7} {sum(row.set == kind for row in rows())} texts: {found}")
        wrong += found.wrong
    slowest, taken = max(hostile().items(), key=lambda one: one[1])
    print(f"{microseconds():.1f} µs per 160 characters; the slowest hostile text of 10,000 took {taken:.1f} ms ({slowest!r})")
    for row, shown in wrong:
        print(f"  {row.text}\n    is   {shown}\n    must {row.masked}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
