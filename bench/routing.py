"""How long one routing decision takes, with the shipped table and with 5,000 aliases; what hostile texts cost; loading and linting."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from parsers import command, keyword, lint, place, regions, routes, topics
from tests.corpus.generate import messages

CONFIG = Path(__file__).parents[1] / "config"
DAY = dt.date(2026, 11, 22)
ALIASES = 5_000
SEED = 1708
ROUNDS = 2_000
HOSTILE = (
    "a" * 10_000,
    "AGAM " * 2_000,
    "🙂" * 5_000,
    "(spasi)" * 1_400,
    "0" * 10_000,
    "\x00\u202e" * 5_000,
    "kab. " * 2_000,
    '"' * 10_000,
)


def wide_table(known: regions.Regions) -> str:
    """The shipped rows and invented aliases up to 5,000, each for a real region."""
    random = Random(SEED)
    rows = (CONFIG / "routes.csv").read_text(encoding="utf-8").splitlines()
    header = next(line for line in rows if line.startswith("alias"))
    columns = header.split(",")
    codes = [code for code in known.by_code if code.count(".") == 1]
    lines = []
    for number in range(ALIASES):
        name = "".join(random.choices("bcdfghjklmnprstw", k=1) + random.choices("aeiou", k=1)) + f"{_letters(number)}ur"
        cells = {"alias": name.upper(), "region": codes[number % len(codes)], "instansi": "Pemerintah uji"}
        lines.append(",".join(cells.get(column, "") for column in columns))
    return "\n".join([*rows, *lines]) + "\n"


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(3))


def timed(run: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile of one call, in microseconds."""
    taken = []
    for number in range(ROUNDS):
        text = texts[number % len(texts)]
        began = time.perf_counter()
        run(text)
        taken.append((time.perf_counter() - began) * 1e6)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


def _decide(table: routes.Table, text: str) -> object:
    return keyword.match(table, text, DAY)


def main() -> None:
    """One line per figure."""
    known = regions.load((CONFIG / "regions.csv").read_text(encoding="utf-8"))
    subjects = topics.load((CONFIG / "topics.csv").read_text(encoding="utf-8"))
    shipped = routes.load((CONFIG / "routes.csv").read_text(encoding="utf-8"), regions=known, name="routes.csv")
    text = wide_table(known)
    began = time.perf_counter()
    wide = routes.load(text, regions=known, name="wide.csv")
    loaded = time.perf_counter()
    findings = lint.lint(wide, DAY)
    print(f"load {len(wide.routes)} rows {loaded - began:.2f} s, lint {time.perf_counter() - loaded:.2f} s ({len(findings)} findings)")
    short = [f"AGAM {one.body or one.text}"[:120].ljust(120, "a") for one in messages(SEED, 200)]
    long = [(one.text + " jalan rusak parah sekali ") * 40 for one in messages(SEED, 200)]
    for label, table, texts in (
        ("shipped, 120 characters", shipped, short),
        ("5,000 aliases, 120 characters", wide, short),
        ("5,000 aliases, 1,000 characters", wide, [text[:1000] for text in long]),
    ):
        median, p99 = timed(partial(_decide, table), texts)
        print(f"decision, {label:<32} median {median:6.1f} µs  p99 {p99:6.1f} µs")
    median, p99 = timed(lambda text: place.read(text, known, subjects), short)
    print(f"hints, 120 characters                      median {median:6.1f} µs  p99 {p99:6.1f} µs")
    worst = 0.0
    for hostile in HOSTILE:
        began = time.perf_counter()
        keyword.match(wide, hostile, DAY)
        place.read(hostile, known, subjects)
        command.read(hostile)
        worst = max(worst, time.perf_counter() - began)
    print(f"all readers on the worst of {len(HOSTILE)} hostile texts of 10,000 characters: {worst * 1000:.1f} ms")


if __name__ == "__main__":
    main()
