"""What the journal costs: rows per second by batch, processor per message and step, and whether that stays so with a million rows."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import apsw

from forwarder.journal import Journal, ReplyResult, Settlement
from forwarder.journal.hands import Threads
from forwarder.lifecycle import ComplaintMove, ReplyMove
from tests.journal.people import House

Result = TypeVar("Result")
BATCHES = (1, 10, 100, 500)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SAMPLE = 20  # batches per figure
BATCH = 100
STEPS = ("accept", "start", "settle", "start_replies", "settle_replies")

FILL = """
WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
"""
_MESSAGES = """
INSERT INTO message SELECT i, 'SMS 1708', 'telkomsel', 'a', '1708', 1795000000000, NULL, 'gsm7', 0, 1, 0, 0, NULL, i, NULL, randomblob(16),
1, 1795000000000, 0, randomblob(16), randomblob(80), randomblob(350), NULL FROM n
"""
COMPLAINTS = """
INSERT INTO complaint (id, message, number, state, since_ms, next_ms, attempts, tracking_id, region, instansi, instansi_name, certainty,
keyword, rule, version, classification, language, anonim, rahasia)
SELECT i, i, 'X' || i, 'filed', 1795000000000, NULL, 1, 'old' || i, '13.06', 'agam', 'Kab. Agam', 'explicit', 'AGAM', 'agam-1', 'v1',
'pengaduan', 'id', 1, 0 FROM n
"""
REPLIES = """
INSERT INTO reply (id, message, complaint, kind, state, due_ms, attempts, again, settled_ms)
SELECT i, i, i, 'receipt_filed', 'sent', NULL, 1, 0, 1795000000000 FROM n
"""


class Meter:
    """Processor seconds of the writer's thread, and the clock's, by step."""

    def __init__(self, journal: Journal) -> None:
        threads = journal._writer.hands  # noqa: SLF001 - the thread is what we measure
        if not isinstance(threads, Threads) or threads.writer is None:
            raise TypeError("this journal has no thread of its own to measure")
        self._clock = time.pthread_getcpuclockid(threads.writer.ident or 0)
        self.writer = dict.fromkeys(STEPS, 0.0)
        self.wall = dict.fromkeys(STEPS, 0.0)

    async def run(self, step: str, work: Awaitable[Result]) -> Result:
        """Await one step and add what it cost."""
        cpu, wall = time.clock_gettime(self._clock), time.perf_counter()
        result = await work
        self.writer[step] += time.clock_gettime(self._clock) - cpu
        self.wall[step] += time.perf_counter() - wall
        return result


async def walk(house: House, journal: Journal, meter: Meter, start: int, count: int) -> None:
    """The walk of `count` messages: stored, started, filed, answered."""
    house.time.pass_(0.1)
    verdicts = await meter.run("accept", journal.accept(house.many(journal, count, start)))
    ids = [verdict.complaint_id or 0 for verdict in verdicts]
    await meter.run("start", journal.start_filing([(one, 1) for one in ids]))
    results = [Settlement(one, 1, ComplaintMove.FILED, f"78{one}", f"t{one}") for one in ids]
    await meter.run("settle", journal.settle(results))
    jobs = await meter.run("start_replies", journal.start_replies(count, house.time.ms))
    if len(jobs) != count:
        raise AssertionError(f"{len(jobs)} replies for {count} messages")
    sent = [ReplyResult(job.reply_id, ReplyMove.SENT, (f"{job.reply_id:x}",)) for job in jobs]
    await meter.run("settle_replies", journal.settle_replies(sent))


async def by_batch(directory: Path) -> None:
    """Rows per second and processor per message for each batch."""
    print("batch   accept/s   " + "  ".join(f"{step:>14}" for step in STEPS) + "    all (writer us per message)")
    for batch in BATCHES:
        house = House(directory / f"batch{batch}")
        journal = house.open()
        meter = Meter(journal)
        rounds = max(SAMPLE, 2000 // batch)
        for number in range(rounds):
            await walk(house, journal, meter, number * batch, batch)
        await journal.close()
        count = rounds * batch
        each = [meter.writer[step] / count * 1e6 for step in STEPS]
        print(f"{batch:5}  {count / meter.wall['accept']:9.0f}   " + "  ".join(f"{one:14.1f}" for one in each) + f"  {sum(each):6.1f}")


async def by_size(directory: Path, sizes: tuple[int, ...]) -> None:
    """The same at batch 100 in a journal that holds ever more."""
    print("   rows  " + "  ".join(f"{step:>14}" for step in STEPS) + "    (writer us per message, batch 100)")
    house, filled = House(directory / "size"), 0
    await house.open().close()
    for size in sizes:
        fill(house.path, filled + 1, size - filled)
        filled = size + 1_000_000  # ids of the walks below lie in between
        journal = house.open()
        meter = Meter(journal)
        for number in range(SAMPLE):
            await walk(house, journal, meter, size + number * BATCH, BATCH)
        filled = journal.next_message_id()
        await journal.close()
        print(f"{size:7}  " + "  ".join(f"{meter.writer[step] / SAMPLE / BATCH * 1e6:14.1f}" for step in STEPS))


def fill(path: Path, first: int, count: int) -> None:
    """Rows of the past, straight into the file."""
    if count <= 0:
        return
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for table in (_MESSAGES, COMPLAINTS, REPLIES):
        connection.execute(FILL.format(first=first, last=first + count - 1) + table)
    connection.execute("COMMIT")
    connection.close()


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print both tables."""
    steps: tuple[Callable[[Path], Awaitable[None]], ...] = (by_batch, lambda directory: by_size(directory, sizes))
    with tempfile.TemporaryDirectory() as directory:
        for step in steps:
            asyncio.run(step(Path(directory)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(tuple(size for size in SIZES if size <= int(sys.argv[1])) if len(sys.argv) > 1 else SIZES)
