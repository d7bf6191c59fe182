"""Ten thousand changes of course over polls and calls at once, with replays, back-and-forth and deaths: who is told what, how often.

    python -m tests.gateway.news_storm [changes] [seed]

A journal is killed at random moments, also between `sending` and what came of it. Every reply that starts counts as read by the citizen;
one that is sent once more after a death is marked, and counted apart. At the end each citizen must have been told each thing once at most,
and how his case stands now, unless the journal says why not.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from forwarder.core.contract import Course, CourseStatus
from forwarder.journal import Journal, ReplyResult, Settlement
from forwarder.lifecycle import ComplaintMove, ReplyMove
from forwarder.records import ReplyJob
from parsers.errors import JournalError
from tests.journal.people import House
from tests.journal.test_arrivals import crash
from tests.journal.test_housekeeping import SETTINGS

CASES = 400
ANSWERS = (None, None, None, "Kami teruskan.", "Besok kami ke sana.", "Sudah kami perbaiki.")
STEPS_SECONDS = (1, 20, 120, 420, 700, 3_600, 20_000)
DEATH_ONE_IN = 60
Told = tuple[str, str | None]


@dataclass
class Outcome:
    """What was seen."""

    changes: int = 0
    replays: int = 0
    heard: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    messages: int = 0
    again: int = 0
    twice: list[tuple[str, Told]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """Cases whose citizen does not know how they stand, and nothing says why."""


class Storm:
    """Cases, their core, and their citizens."""

    def __init__(self, folder: Path, random: Random) -> None:
        limits = {"news_per_case_max": 1_000, "news_per_day_max": 100, "news_silence_days": 3_650, "replies_per_day_max": 10_000}
        self.house = House(folder, settings=replace(SETTINGS, quiet_from="00:00", quiet_to="00:00", **limits))
        self.random = random
        self.outcome = Outcome()
        self.courses: dict[str, Course] = {}
        self.calls: list[tuple[bytes, list[Course]]] = []
        self.told: dict[str, Counter[Told]] = defaultdict(Counter)
        self.ids = itertools.count(1)
        self.journal: Journal = self.house.open()

    async def begin(self) -> None:
        """File the cases; their citizens have their receipts."""
        ids = [one.complaint_id or 0 for one in await self.journal.accept(self.house.many(self.journal, CASES))]
        await self.journal.start_filing([(one, 1) for one in ids])
        await self.journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"T{one}") for one in ids])
        self.courses = {f"T{one}": Course(f"T{one}", CourseStatus.UNVERIFIED, "") for one in ids}
        self.house.time.pass_(20)
        await self.send(dies=False)

    def change(self) -> Course:
        """The core changes a case."""
        name = self.random.choice(list(self.courses))
        was = self.courses[name]
        answer = self.random.choice(ANSWERS) or was.answer
        course = Course(name, self.random.choice(list(CourseStatus)), "", answer=answer, asks=self.random.choice((None, False, True)))
        self.courses[name] = course
        self.outcome.changes += 1
        return course

    async def call(self, course: Course) -> None:
        """The core calls, and now and then sends a call of before again."""
        digest = next(self.ids).to_bytes(32)
        self.calls.append((digest, [course]))
        if self.random.random() < 0.4:
            digest, said = self.random.choice(self.calls)
            self.outcome.replays += 1
        else:
            said = [course]
        await self.hear(said, digest)

    async def poll(self) -> None:
        """How some of them stand, asked for."""
        await self.hear(self.random.sample(list(self.courses.values()), 20), None)

    async def hear(self, said: list[Course], digest: bytes | None) -> None:
        try:
            heard = await self.journal.courses.hear(said, digest=digest)
        except JournalError:
            return
        self.outcome.heard.update(changed=heard.changed, still=heard.still, replayed=heard.replayed)

    async def send(self, *, dies: bool) -> None:
        """The outbox: start what is due, and write down what came of it, unless it dies before."""
        try:
            jobs = await self.journal.start_replies(500, self.house.time.ms)
            for job in jobs:
                self.note(job)
            if dies:
                jobs = jobs[: len(jobs) // 2]
            await self.journal.settle_replies([ReplyResult(one.reply_id, ReplyMove.SENT) for one in jobs])
        except JournalError:
            return

    def note(self, job: ReplyJob) -> None:
        """What the citizen reads."""
        facts: dict[str, Told] = {
            "news": ("status", job.course),
            "news_done": ("status", "done"),
            "news_answer": ("answer", job.answer),
            "news_asks": ("asks", job.answer),
        }
        if job.kind not in facts:
            return
        self.outcome.messages += 1
        self.outcome.again += job.again
        if not job.again:
            self.told[f"{job.tracking_id}"][facts[job.kind]] += 1

    async def die(self) -> None:
        """The process is gone; the next one opens the file."""
        self.outcome.deaths += 1
        await crash(self.journal)
        self.journal = self.house.open()

    async def end(self) -> None:
        """All is polled once more and goes out; then the sums."""
        for _ in range(3):
            await self.hear(list(self.courses.values()), None)
            self.house.time.pass_(100_000)
            await self.send(dies=False)
        for name, told in sorted(self.told.items()):
            self.outcome.twice += [(name, what) for what, times in told.items() if times > 1]
        sql = """
            SELECT c.tracking_id FROM course AS o JOIN complaint AS c ON c.id = o.complaint WHERE o.status <> 'unverified'
            AND NOT EXISTS (SELECT 1 FROM news AS n WHERE n.complaint = c.id AND n.what = o.status AND coalesce(n.reply, n.why) IS NOT NULL)
        """
        self.outcome.silent = [str(name) for (name,) in await self.journal._read(lambda one: list(one.execute(sql)))]
        await self.journal.close()


async def storm(folder: Path, changes: int, random: Random) -> Outcome:
    """The whole."""
    one = Storm(folder, random)
    await one.begin()
    while one.outcome.changes < changes:
        courses = [one.change() for _ in range(random.randrange(1, 12))]
        dies = random.randrange(DEATH_ONE_IN) == 0
        await asyncio.gather(
            *(one.call(course) for course in courses if random.random() < 0.7), one.poll(), one.poll(), one.send(dies=dies)
        )
        if dies:
            await one.die()
        one.house.time.pass_(random.choice(STEPS_SECONDS))
    await one.end()
    return one.outcome


def main() -> int:
    """Run it and print the count."""
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else Random().randrange(10**9)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(storm(Path(folder), changes, Random(seed)))
    print(f"seed {seed}: {found.changes} changes, {found.replays} replayed calls, {found.deaths} deaths; heard {dict(found.heard)}")
    print(f"{found.messages} messages to {CASES} citizens, {found.again} of them once more after a death")
    print(f"told twice: {len(found.twice)}; not told, and nothing says why: {len(found.silent)}")
    return 1 if found.twice or found.silent else 0


if __name__ == "__main__":
    sys.exit(main())
