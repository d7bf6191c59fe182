"""The simulated week on X with its deaths and faulty calls (tests/x/week.py), its clock moved by hand: the books must agree."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path

from tests.faults.record import record
from tests.x.week import lines, play

BUDGET_SECONDS = 120
POSTS, DAYS, KILLS, FAULTY_SHARE = 10_000, 7.0, 60, 0.03


def main() -> bool:
    """10,000 posts in 7 days, 60 deaths, 3 % of the calls faulty; prints its books and says whether they agree."""
    seed, posts = int(os.environ.get("SEED", "1")), int(os.environ.get("POSTS", POSTS))
    logging.getLogger().addHandler(logging.NullHandler())  # X fails all week: the books tell, not the log
    with tempfile.TemporaryDirectory(prefix="lapor-week-") as folder:
        week, life = asyncio.run(play(Path(folder), posts=posts, days=DAYS, seed=seed, kills=KILLS, share=FAULTY_SHARE))
        print("\n".join(lines(week, life)), flush=True)
    book = week.book
    record(
        "x_week",
        seed=seed,
        posts=len(book.sorts),
        deaths=life.deaths,
        edited=len(book.edited),
        deleted=len(book.deleted),
        filed=len(life.filed),
        doubled=sum(count > 1 for count in life.filed.values()),
        answers=len(week.world.replies),
        answered_twice=len(week.world.doubled),
        wrong=book.wrong.total(),
    )
    return not book.wrong


if __name__ == "__main__":
    sys.exit(not main())
