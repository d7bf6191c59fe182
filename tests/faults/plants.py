"""Faults of ours, put into a gateway to show that a check would notice: one program text each, run with `python -c` instead of the gateway.

The product itself has no such switch. planted.py runs every one of them under the check that must catch it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from forwarder.journal import Journal
from forwarder.journal.jobs import deliver
from forwarder.journal.writer import Writer
from forwarder.records import Kind, Verdict

LATE_SECONDS = 0.02
ENDING = """
raise SystemExit(cli.main())
"""
ACK_FIRST = f"""
import asyncio
from adapters.channel import Answer
from gateway import cli, intake
kept = intake.FrontDesk.accept
async def accept(self, batch):
    self._planted = asyncio.ensure_future(kept(self, batch))
    return [Answer.KEPT] * len(batch)
intake.FrontDesk.accept = accept
{ENDING}"""
"""Says yes before the journal has it."""

NO_SYNC = f"""
from forwarder.journal import storage
from gateway import cli
storage._DURABLE = ("synchronous = OFF", "wal_autocheckpoint = 0")
{ENDING}"""
"""Commits without a sync: a killed process loses nothing by it, a power cut does."""

PART_DROPPED = f"""
from adapters.channel import Answer
from gateway import cli, intake
from parsers import segments
from parsers.model import Segment
kept = intake.FrontDesk.accept
async def accept(self, batch):
    def dropped(item):
        place = segments.concat_of(item) if isinstance(item, Segment) else None
        return place is not None and place.part == 2
    answers = iter(await kept(self, [item for item in batch if not dropped(item)]))
    return [Answer.KEPT if dropped(item) else next(answers) for item in batch]
intake.FrontDesk.accept = accept
{ENDING}"""
"""Says yes to every second part of a long message and forgets it."""

POSTED_TWICE = f"""
from forwarder.core import addstream
from gateway import cli
file = addstream.AddStream.file
async def twice(self, complaint, *args, **kwargs):
    await file(self, complaint, *args, **kwargs)
    return await file(self, complaint, *args, **kwargs)
addstream.AddStream.file = twice
{ENDING}"""
"""Files every complaint with two requests."""

FALSE_YES = f"""
from adapters.channel import Answer
from gateway import cli, intake
kept = intake.FrontDesk.accept
async def accept(self, batch):
    return [Answer.KEPT for _ in await kept(self, batch)]
intake.FrontDesk.accept = accept
{ENDING}"""
"""Says yes to what the disk refused."""

ANSWERED_TWICE = f"""
from gateway import cli, outbox
hand_over = outbox.Outbox._hand_over
async def twice(self, job):
    await hand_over(self, job)
    return await hand_over(self, job)
outbox.Outbox._hand_over = twice
{ENDING}"""
"""Sends every reply twice."""

WALL_CLOCK_AGE = f"""
from forwarder.journal import sets, steps
from gateway import cli
steps.move_sets = lambda books: None
def too_late(books, one, part):
    return part.segment.received_ms - one.began_ms > books.settings.late_seconds * 1000
sets._too_late = too_late
{ENDING}"""
"""Counts the age of a long message by the wall clock, which jumps."""


class LateWriter(Writer):
    """Says yes first and commits when the caller has gone on: what a power cut between the two takes away was promised."""

    def _commit(self, jobs: Sequence[Any]) -> None:
        deliver([(job, [Verdict(Kind.STORED)] * len(job.items)) for job in jobs])
        time.sleep(LATE_SECONDS)
        super()._commit(jobs)


def commit_late(journal: Journal) -> None:
    """Put the late writer into a journal that is open."""
    journal._writer.__class__ = LateWriter
