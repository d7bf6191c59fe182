"""A simulated week on X: thousands of posts of every sort, every trouble X-CHANNEL names, crashes; then the books are compared.

usage: python -m tests.x.week [--posts N] [--days D] [--seed S] [--kills K] [--faults SHARE]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import enum
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from adapters.x.faults import Fault, Faults, seeded
from adapters.x.settings import XSettings
from adapters.x.simulated_post import Post, User
from adapters.x.simulator import XSimulator
from adapters.x.world import Denied, World
from tests.x.life import Fate, Life, Step

START_MS = 1_795_500_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TICK_MS = 30_000
SETTLE_TICK_MS = 300_000
BLANKED_HOURS = 50  # from a deletion to the second look-up at the latest, with an hour between two rounds of them
SETTLE_HOURS = 30
"""After the last post: what is late, lost or postponed comes to its end, and deletions are noticed."""

OUTAGES = tuple(fault for fault in Fault if fault not in (Fault.OK, Fault.SLOW, Fault.HANG_BEFORE, Fault.HANG_AFTER))
PLACES = ("di nagari Lawang", "dekat pasar", "di jorong Batang", "depan puskesmas", "di simpang tiga", "dekat jembatan")
TROUBLES = ("jalan rusak parah", "lampu jalan mati", "air pdam mati 3 hari", "sampah menumpuk", "irigasi jebol", "sekolah bocor")


class Sort(enum.StrEnum):
    """What is posted, and so what must become of it."""

    MENTION = "mention"
    TAGGED = "tag alone"
    BOTH = "mention and tag"
    QUOTE = "quote with mention"
    ADDITION = "addition"
    REPLY_TO_US = "reply to our answer"
    IMPLICIT = "inherited mention"
    REPOST = "repost"
    STATUS = "tracking id"
    STRANGER = "of no concern"
    PUBLICITY = "publicity"


COMPLAINTS = frozenset({Sort.MENTION, Sort.TAGGED, Sort.BOTH, Sort.QUOTE, Sort.PUBLICITY})
ADDITIONS = frozenset({Sort.ADDITION, Sort.REPLY_TO_US})
NOTHING = frozenset({Sort.IMPLICIT, Sort.REPOST, Sort.STRANGER})
WEIGHTS = {
    Sort.MENTION: 40, Sort.TAGGED: 14, Sort.BOTH: 12, Sort.QUOTE: 3, Sort.ADDITION: 6, Sort.REPLY_TO_US: 3, Sort.IMPLICIT: 5,
    Sort.REPOST: 4, Sort.STATUS: 4, Sort.STRANGER: 4, Sort.PUBLICITY: 5,
}  # fmt: skip


@dataclass
class Book:
    """What was posted, by root id; and what the comparison found wrong."""

    sorts: dict[int, Sort] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)
    deleted: dict[int, int] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def blame(self, what: str, example: object) -> None:
        self.wrong[what] += 1
        self.examples.setdefault(what, str(example))


class Clock:
    """UTC milliseconds, moved by hand."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms


class Week:
    """The play: citizens on one side, the gateway on the other."""

    def __init__(self, world: World, life: Life, random: Random, clock: Clock) -> None:
        self.world = world
        self.life = life
        self.random = random
        self.clock = clock
        self.book = Book()
        self._wrote: list[Post] = []  # complaints that can be added to, edited, deleted
        self._people = [world.user(f"warga{number}") for number in range(400)]
        self._office = world.user("dinas_humas")
        self._bystander = world.user("penonton")

    def somebody_posts(self) -> None:
        """One more post of a sort drawn by chance; now and then an edit or a deletion of an earlier one."""
        sort = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        post = self._post(sort)
        if post is not None:
            self.book.sorts[post.root] = sort
            if sort in COMPLAINTS - {Sort.PUBLICITY}:
                self._wrote.append(post)
        chance = self.random.random()
        if chance < 0.04:
            self._edit()
        elif chance < 0.06:
            self._delete()

    def _post(self, sort: Sort) -> Post | None:
        number = len(self.book.sorts)
        said = f"{self.random.choice(TROUBLES)} {self.random.choice(PLACES)} no {number}"
        texts = {
            Sort.MENTION: f"@lapor1708 {said}",
            Sort.TAGGED: f"#aduanagam {said}",
            Sort.BOTH: f"{said} #AduanAgam @LAPOR1708",
            Sort.STRANGER: f"selamat pagi semua {number}",
            Sort.PUBLICITY: f"Yuk Sobat, sampaikan aspirasi dan pengaduan melalui kanal layanan kami #SP4NLAPOR @lapor1708 {number}",
            Sort.STATUS: f"@lapor1708 tracking ID #{5_000_000 + number} sudah 3 minggu belum ada kabar",
        }
        if sort not in texts:
            return self._answering(sort, said)
        author = self._office if sort is Sort.PUBLICITY else self._anybody()
        return self.world.write(author, texts[sort], late_ms=self._late())

    def _answering(self, sort: Sort, said: str) -> Post | None:
        """Posts that need an earlier one; None where there is none yet."""
        earlier = self._earlier_answer() if sort is Sort.REPLY_TO_US else self._earlier_post(called=sort in (Sort.ADDITION, Sort.IMPLICIT))
        if earlier is None:
            return None
        if sort is Sort.QUOTE:
            return self.world.write(self._anybody(), f"@lapor1708 setuju, {said}", quote=earlier.id, late_ms=self._late())
        if sort is Sort.REPOST:
            return self.world.repost(self._anybody(), earlier, late_ms=self._late())
        author = earlier.author if sort is Sort.ADDITION else self._bystander if sort is Sort.IMPLICIT else self._anybody()
        return self.world.write(author, f"tambahan: {said}", reply_to=earlier.id, late_ms=self._late())

    def _earlier_post(self, *, called: bool) -> Post | None:
        old = self.clock.ms - HOUR_MS
        posts = [post for post in self._wrote[-200:] if post.chain.deleted_ms is None and post.created_ms < old]
        fitting = [post for post in posts if not called or post.calls(self.world.account)]
        return self.random.choice(fitting) if fitting else None

    def _earlier_answer(self) -> Post | None:
        old = self.clock.ms - HOUR_MS / 2
        answers = [self.world.posts[one.id] for one in self.world.replies[-100:] if not one.deleted and one.at_ms < old]
        return self.random.choice(answers) if answers else None

    def _anybody(self) -> User:
        return self.random.choice(self._people)

    def _late(self) -> int:
        """Most posts are shown at once, some minutes later: within the overlap."""
        return self.random.choice((0, 0, 0, 2_000, 20_000, 120_000, 600_000))

    def _edit(self) -> None:
        candidates = [post for post in self._wrote[-30:] if post.chain.deleted_ms is None and post.reply_to is None]
        if not candidates:
            return
        post = self.random.choice(candidates)
        newest = self.world.posts[post.chain.ids[-1]]
        with contextlib.suppress(Denied):
            self.world.edit(newest, newest.typed + " (ralat)", late_ms=self._late())
            self.book.edited.add(post.root)

    def _delete(self) -> None:
        candidates = [post for post in self._wrote[-60:] if post.chain.deleted_ms is None]
        if candidates:
            post = self.random.choice(candidates)
            self.world.delete(post)
            self.book.deleted[post.root] = self.clock.ms

    # ── the books ──

    def compare(self) -> Book:
        """Each wanted post exactly one complaint, each addition with its case, nothing else; each filed once, answered once at most."""
        stored = self.life.book()
        for root, sort in self.book.sorts.items():
            self._compare_one(root, sort, stored.get(self.life.key(root)))
        for number, count in self.life.filed.items():
            if count > 1:
                self.book.blame("filed twice", number)
        for root in self.world.doubled:
            self.book.blame("answered twice", root)
        for reply in self.world.replies:
            if not reply.summoned:
                self.book.blame("answered without being called", reply.id)
        for day, bill in self.world.bill.days.items():
            if bill.micros > self.life.settings.budget_per_day * 1_000_000:
                self.book.blame("budget passed", f"{day}: {bill.micros}")
        return self.book

    def _compare_one(self, root: int, sort: Sort, row: Mapping[str, Any] | None) -> None:
        if row is None:
            if sort not in NOTHING and root not in self.book.deleted:  # who deletes at once is never seen
                self.book.blame(f"{sort}: missed", root)
        elif sort in NOTHING:
            self.book.blame(f"{sort}: stored", root)
        else:
            for what in self._faults_of(root, sort, row):
                self.book.blame(what, root)

    def _faults_of(self, root: int, sort: Sort, row: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with a post that is stored and should be."""
        if sort in COMPLAINTS and not row["own"]:
            yield f"{sort}: no complaint of its own"
        if sort in ADDITIONS and (row["number"] is None or (row["own"] and row["state"] != "held")):
            yield f"{sort}: no addition"
        if sort is Sort.PUBLICITY and row["state"] != "held":
            yield "publicity: not held"
        deleted_ms = self.book.deleted.get(root)
        if deleted_ms is not None and row["gone"] is None and self.clock.ms - deleted_ms > BLANKED_HOURS * HOUR_MS:
            yield "deleted: not blanked"
        if root in self.book.edited and deleted_ms is None and "(ralat)" not in self.life.text(row):
            yield "edited: old text"


@contextlib.asynccontextmanager
async def stage(
    folder: Path, clock: Clock, fate: Fate, *, seed: int, share: float, **changes: Any
) -> AsyncIterator[tuple[Week, Life, XSimulator]]:
    """World, simulated X, gateway."""
    random = Random(seed)
    world = World(clock, random)
    simulator = XSimulator(world, faults=Faults(seeded(Random(seed + 1), share, OUTAGES)), signed_clock=lambda: time.time_ns() // 1_000_000)
    await simulator.start()
    ca = folder / "ca.pem"
    ca.write_bytes(simulator.ca_pem)
    settings = XSettings(
        enabled=True,
        user_id=str(world.account.id),
        server=f"127.0.0.1:{simulator.port}",
        ca=ca,
        mentions_seconds=60.0,
        search_seconds=90.0,
        budget_per_day=40.0,
        bearer=simulator.credentials.bearer,
        consumer_key=simulator.credentials.consumer_key,
        consumer_secret=simulator.credentials.consumer_secret,
        access_token=simulator.credentials.access_token,
        access_secret=simulator.credentials.access_secret,
    )
    life = Life(folder, replace(settings, **changes), clock, Random(seed + 2), fate)
    life.begin()
    try:
        yield Week(world, life, random, clock), life, simulator
    finally:
        await life.end()
        await simulator.stop()


async def play(
    folder: Path,
    *,
    posts: int,
    days: float,
    seed: int,
    kills: int = 0,
    share: float = 0.0,
    fate: Fate | None = None,
    **changes: Any,
) -> tuple[Week, Life]:
    """The whole week; then X behaves, time goes on until all is settled, and the books are compared.

    Deaths come at times drawn by chance, or as `fate` says.
    """
    draw = Random(seed + 3)
    ends_ms = START_MS + round(days * DAY_MS)
    deaths = sorted(draw.randrange(START_MS, ends_ms) for _ in range(kills))

    def due(_: Step) -> bool:
        if deaths and clock.ms >= deaths[0] and draw.random() < 0.3:
            deaths.pop(0)
            return True
        return False

    clock = Clock()
    async with stage(folder, clock, fate or Fate(due), seed=seed, share=share, **changes) as (week, life, simulator):
        moments = iter(sorted(draw.randrange(START_MS, ends_ms) for _ in range(posts)))
        upcoming = next(moments, None)
        while clock.ms < ends_ms:
            clock.ms += TICK_MS
            while upcoming is not None and upcoming <= clock.ms:
                week.somebody_posts()
                upcoming = next(moments, None)
            await life.live()
        simulator.faults.choose = lambda _: Fault.OK
        deaths.clear()
        until = clock.ms + SETTLE_HOURS * HOUR_MS
        while clock.ms < until:
            clock.ms += SETTLE_TICK_MS
            await life.live()
        week.compare()
        return week, life


def lines(week: Week, life: Life) -> Iterator[str]:
    """What came of it, for people."""
    book = week.book
    yield "posts: " + ", ".join(f"{sort} {count}" for sort, count in Counter(book.sorts.values()).most_common())
    yield f"edited {len(book.edited)}, deleted {len(book.deleted)}, deaths {life.deaths}"
    wanted = sum(sort in COMPLAINTS for sort in book.sorts.values())
    yield f"wanted {wanted}; filed {len(life.filed)}; answers posted {len(week.world.replies)}"
    worst = max((day.micros for day in week.world.bill.days.values()), default=0)
    yield f"dearest day ${worst / 1e6:.2f} of ${life.settings.budget_per_day:.2f}"
    yield "sources: " + "; ".join(f"{one.name} {one.cause or 'well'}" for one in life.x.sources)
    yield f"reply rows: {dict(life.states())}"
    yield "wrong: " + (", ".join(f"{what} {count} (e.g. {book.examples[what]})" for what, count in book.wrong.items()) or "0")


def main(words: Sequence[str] | None = None) -> int:
    """Play it and print; 1 when anything was wrong."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--posts", type=int, default=10_000)
    reader.add_argument("--days", type=float, default=7.0)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--kills", type=int, default=60)
    reader.add_argument("--faults", type=float, default=0.03, help="share of calls that go wrong (default 0.03)")
    options = reader.parse_args(words)
    logging.getLogger().addHandler(logging.NullHandler())  # X fails all week: the books tell, not the log
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        week, life = asyncio.run(
            play(Path(folder), posts=options.posts, days=options.days, seed=options.seed, kills=options.kills, share=options.faults)
        )
        print(f"a week on X, seed {options.seed}, {dt.datetime.now(dt.UTC):%Y-%m-%d}: {time.monotonic() - began:.0f} s")
        for line in lines(week, life):
            print(f"  {line}")
    return 1 if week.book.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
