"""A power cut after any answer: beyond what was synced by then the log is cut or scribbled over, a half-done checkpoint tears the file.

What is on the platter after a cut is what was synced and anything of the rest. So for every answer the lengths of file and log are kept;
a copy is made that is honest up to there, the rest is cut, garbage, zeros, an older log, or whole pages half right; and pages of the
file that the log holds too are torn, as by a checkpoint that was under way. Each copy is opened as the product opens it.
Environment: REOPENINGS, SEED.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import apsw

from forwarder.journal import Journal, JournalSettings
from forwarder.journal.storage import Storage, check
from tests.faults.length import Progress, Time, pick
from tests.faults.record import record
from tests.journal.people import House
from tests.journal.shaky import copy_files

BUDGET_SECONDS = 70
SEED = 7
ANSWERS = 60
FRAME_OCTETS = 4096 + 24
LOG_HEAD_OCTETS = 32
QUIET = JournalSettings(heartbeat_seconds=60)
WHOLE_SHARE = 0.02  # of the copies are opened by a whole journal, with recovery and all
DATABASE, LOG = "journal.db", "journal.db-wal"


@dataclass(frozen=True, slots=True)
class Answer:
    """The log's length when an answer was given, and the numbers promised by then."""

    length: int
    promised: frozenset[str]


@dataclass(frozen=True, slots=True)
class Life:
    """The files of a journal that was killed, and its answers in order."""

    database: bytes
    log: bytes
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class Outcome:
    """What was reopened and what was missing."""

    reopenings: int = 0
    missing: int = 0
    corrupt: int = 0

    @property
    def good(self) -> bool:
        """Nothing accepted is missing, nothing is corrupt."""
        return not (self.missing or self.corrupt)

    def __str__(self) -> str:
        return f"{self.reopenings} reopenings, {self.missing} accepted rows missing, {self.corrupt} corrupt"


async def live(folder: Path, random: Random, plant: Callable[[Journal], None] | None = None) -> Life:
    """Accept batches of every size; after each answer note how long the log is."""
    house = House(folder / "live", settings=QUIET)
    journal = house.open()
    if plant is not None:
        plant(journal)
    promised: set[str] = set()
    answers = []
    start = 0
    for _ in range(ANSWERS):
        arrivals = house.many(journal, random.choice((1, 1, 2, 5, 20)), start=start)
        await journal.accept(arrivals)
        start += len(arrivals)
        promised |= {one.composed.complaint.number for one in arrivals if one.composed and one.composed.complaint}
        answers.append(Answer((house.directory / LOG).stat().st_size, frozenset(promised)))
    await journal.counts()
    copy_files(house.directory, folder / "killed")
    await journal.close()
    return Life((folder / "killed" / DATABASE).read_bytes(), (folder / "killed" / LOG).read_bytes(), tuple(answers))


def torn(life: Life, answer: Answer, random: Random) -> tuple[bytes, bytes]:
    """File and log as a power cut after this answer may leave them."""
    honest, rest = life.log[: answer.length], life.log[answer.length :]
    cut = random.choice((0, 1, 23, 24, 25, 4119, 4120, 4121, random.randint(0, len(rest)), len(rest)))
    tail = bytearray(rest[:cut])
    match random.randrange(6):
        case 0:
            pass
        case 1:
            tail += random.randbytes(random.choice((1, 24, 512, FRAME_OCTETS)))
        case 2:
            tail += bytes(random.choice((512, 4096, 3 * FRAME_OCTETS)))
        case 3:
            tail += life.log[LOG_HEAD_OCTETS : LOG_HEAD_OCTETS + random.randint(1, 4) * FRAME_OCTETS]
        case 4:  # sectors of what was not synced arrived, others did not
            for at in range(0, len(tail), 512):
                if random.random() < 0.5:
                    tail[at : at + 512] = bytes(len(tail[at : at + 512]))
        case _:
            for _ in range(min(len(tail), 8)):
                tail[random.randrange(len(tail))] ^= 1 << random.randrange(8)
    return _half_copied(life.database, honest, random), honest + bytes(tail)


def _half_copied(database: bytes, honest: bytes, random: Random) -> bytes:
    """The file with a checkpoint of the synced log under way: some of its pages torn in the middle."""
    file = bytearray(database)
    if random.random() < 0.5:
        return bytes(file)
    for at in range(LOG_HEAD_OCTETS, len(honest), FRAME_OCTETS):
        page = int.from_bytes(honest[at : at + 4], "big")
        if random.random() < 0.5:
            continue
        where, half = (page - 1) * 4096, random.choice((512, 2048, 4096))
        file.extend(bytes(max(0, where + 4096 - len(file))))
        file[where : where + half] = random.randbytes(half)
    return bytes(file)


def reopen(folder: Path, life: Life, count: int, random: Random) -> Outcome:
    """Reopen so many torn copies."""
    outcome = Outcome()
    progress, time_is = Progress("reopenings", count), Time(BUDGET_SECONDS)
    for number in range(count):
        if time_is.up:
            break
        answer = random.choice(life.answers)
        target = folder / "torn"
        target.mkdir()
        database, log = torn(life, answer, random)
        (target / DATABASE).write_bytes(database)
        (target / LOG).write_bytes(log)
        try:
            kept = _whole(target) if random.random() < WHOLE_SHARE else _kept(target)
        except apsw.Error as error:
            print(f"BROKEN: {error}", flush=True)
            outcome.corrupt += 1
        else:
            outcome.missing += len(answer.promised - kept)
        outcome.reopenings += 1
        shutil.rmtree(target)
        progress.say(number + 1)
    return outcome


def _kept(folder: Path) -> set[str]:
    """The numbers in a copy, opened and checked as at every start."""
    connection = Storage(folder / DATABASE).writer()
    try:
        check(connection)
        return {row[0] for row in connection.execute("SELECT number FROM complaint")}
    finally:
        connection.close()


def _whole(folder: Path) -> set[str]:
    """The same through a whole journal: recovery, a new run, its end; a journal set aside is empty afterwards."""

    async def run() -> None:
        await House(folder, settings=QUIET).open().close()

    asyncio.run(run())
    return _kept(folder)


def tear(folder: Path, count: int, seed: int, plant: Callable[[Journal], None] | None = None) -> Outcome:
    """One life, and so many power cuts."""
    random = Random(seed)
    life = asyncio.run(live(folder, random, plant))
    return reopen(folder, life, count, random)


def main() -> bool:
    """10,000 reopenings a night, 2,000 when a person waits."""
    count, seed = int(os.environ.get("REOPENINGS", pick(2_000, 10_000))), int(os.environ.get("SEED", SEED))
    with tempfile.TemporaryDirectory(prefix="lapor-torn-") as folder:
        outcome = tear(Path(folder), count, seed)
    print(f"{outcome}, seed={seed}")
    record("torn_log", seed=seed, reopenings=outcome.reopenings, missing=outcome.missing, corrupt=outcome.corrupt)
    return outcome.good


if __name__ == "__main__":
    sys.exit(not main())
