"""10,000 citizens, with typos, silence, wrong numbers, numbers of others before them: does each keep his case, and nobody another's?

usage: python -m tests.faults.citizens_10000 [--citizens N] [--seed N]

Months pass by hand; front desk, dialogue and journal are the product's own. An oracle that knows persons reads every text we render: no
number, tracking id, PIN, place or word of a case on the phone of somebody without the right to it. Every text of a citizen is at the core
once, or lies somewhere with a reason, or was a command; and the ledger adds up.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from bench.machine import header
from forwarder.journal.orders import Hand
from forwarder.lifecycle import HeldReason
from forwarder.records import Kind
from gateway.composer import Desk
from tests.faults.length import Progress, pick
from tests.faults.oracle import Oracle, Text, Verdicts
from tests.faults.record import record
from tests.faults.town import Household, Town
from tests.gateway.street import MEMORY, Sms, Street, shipped, street

BUDGET_SECONDS = 300
SEED = 2_611_281_945
CITIZENS = pick(2_000, 10_000)
SOON_SECONDS, AGAIN_SECONDS = 15.0, 600.0
DESK_SECONDS = 86_400.0
REST_DAYS = 3
FORGOTTEN_DAYS = 120
PERSON = Hand("petugas", "dibaca")
LIES = """
SELECT m.id, coalesce(a.state, w.state, f.state, c.state), coalesce(a.reason, w.reason, c.reason, f.reason)
FROM message AS m LEFT JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first
LEFT JOIN addition AS a ON a.message = m.id
LEFT JOIN answer AS s ON s.message = m.id LEFT JOIN complaint AS w ON w.id = s.complaint
"""


class Run:
    """One town and its street; `desk` changes the front desk, `made` the composer: planted faults."""

    def __init__(self, it: Street, seed: int, citizens: int) -> None:
        self.it = it
        self.town = Town(Random(seed), citizens, it.now_ms)
        self.oracle = Oracle(self.town.titles)
        self.found = Verdicts()
        self._turn_ms: int | None = None
        self._desk_ms = it.now_ms
        it.shown = self._shown

    async def live(self) -> Verdicts:
        """Everything everybody says, and the days after it."""
        progress, all_ = Progress("events", self.town.left), self.town.left
        while self.town.left:
            await self._pass_until(self.town.next_ms)
            said = self.town.step()
            if said is not None:
                await self._say(*said)
            progress.say(max(0, all_ - self.town.left))
        await self._pass_until(self.it.now_ms + REST_DAYS * 86_400_000)
        self._judge()
        return self.found

    async def _pass_until(self, at_ms: int) -> None:
        """Let time pass; whatever is due meanwhile happens when it is due."""
        while self._turn_ms is not None and self._turn_ms <= at_ms:
            self._go_to(self._turn_ms)
            await self.it.turn()
            if self.it.now_ms - self._desk_ms > DESK_SECONDS * 1000:
                await self._at_the_desk()
            self._turn_ms = self.it.now_ms + int(AGAIN_SECONDS * 1000) if self.it.busy() else None
        self._go_to(at_ms)

    def _go_to(self, at_ms: int) -> None:
        self.it.house.time.pass_(max(0, at_ms - self.it.now_ms) / 1000)

    async def _say(self, one: Household, words: str, token: str) -> None:
        text = Text(one.id, one.phone, words, token, self.it.now_ms)
        self.oracle.wrote(text)
        verdict = await self.it.say(one.phone, words)
        soon = self.it.now_ms + int(SOON_SECONDS * 1000)
        self._turn_ms = soon if self._turn_ms is None else min(self._turn_ms, soon)
        composed = verdict.composed
        if verdict.error is not None or verdict.kind is None:
            self.found.broke("not stored", f"at {text.at_ms}")
        self.found.counts[f"kind {verdict.kind}"] += 1
        if composed is None:
            if verdict.kind is not Kind.REDELIVERY:
                self.found.broke("not understood", f"{verdict.kind} at {text.at_ms}")
            return
        text.message_id = composed.message.id
        if composed.complaint is not None and verdict.kind is not Kind.RESEND:
            self.oracle.begun(text, composed.complaint.number)
        if not token and composed.complaint is None and verdict.reply_id is None:
            self.found.broke("a command without an answer or a reason", f"at {text.at_ms}")

    def _shown(self, sms: Sms) -> None:
        self.oracle.saw(self.town.holder[sms.phone].id, sms)
        self.town.reads(sms)

    async def _at_the_desk(self) -> None:
        """A person reads half of what is held, each day; one in ten lies at the bottom for months."""
        self._desk_ms = self.it.now_ms
        waits = await self.it.journal.waiting(reason=HeldReason.REVIEW, limit=500)
        old_ms = self.it.now_ms - FORGOTTEN_DAYS * 86_400_000
        found = [one for one in waits if one.since_ms < old_ms or zlib.crc32(one.number.encode()) % 10]
        numbers = [one.number for one in found if self.town.random.random() < 0.5]
        self.found.counts["released after months"] += sum(one.since_ms < old_ms for one in found if one.number in numbers)
        await self.it.journal.release(numbers, PERSON)
        self.found.counts["released by a person"] += len(numbers)
        await self.it.journal.purge(self.it.now_ms)

    def _judge(self) -> None:
        for number, tracking_id in self.it.rows("SELECT number, tracking_id FROM complaint WHERE tracking_id IS NOT NULL"):
            self.oracle.filed(str(number), str(tracking_id))
        self.oracle.judge_shown(self.found)
        lies = {int(str(message)): (str(state or ""), str(reason or "")) for message, state, reason in self.it.rows(LIES)}
        self.oracle.judge_kept(self.found, (isi for several in self.it.filed.values() for isi in several), lies)
        for number, several in self.it.filed.items():
            if len(several) > 1:
                self.found.broke("filed twice", number)
        stored = self.it.look("SELECT count(*) FROM message")
        said = len(self.oracle.texts) - self.found.counts[f"kind {Kind.REDELIVERY}"]
        if stored != said:
            self.found.broke("the ledger", f"{stored} messages of {said} texts")
        for one in self.it.breaks():
            self.found.broke("the ledger", one)


async def _live(folder: Path, seed: int, citizens: int, desk: Callable[[Desk], Desk], made: Callable[[Street], None]) -> Run:
    own, _ = shipped(folder)
    it = street(folder, f"{seed}.db", desk=desk(own))
    made(it)
    try:
        one = Run(it, seed, citizens)
        await one.live()
        return one
    finally:
        await it.journal.close()


def run(
    seed: int, citizens: int, *, desk: Callable[[Desk], Desk] = lambda own: own, made: Callable[[Street], None] = lambda _: None
) -> Run:
    """One town; a planted fault changes the front desk or the street."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        return asyncio.run(_live(Path(name), seed, citizens, desk, made))


def access_for_ever(desk: Desk) -> Desk:
    """Planted: a number sees its case however long ago it wrote."""
    return replace(desk, conversation=replace(desk.conversation, access_days=365))


def main(citizens: int = CITIZENS, seed: int = SEED) -> bool:
    """Print and record the figures."""
    began = time.monotonic()
    one = run(seed, citizens)
    found, counts = one.found, one.found.counts
    for line in found.wrong[:20]:
        print(f"  {line}")
    print(", ".join(f"{name} {count}" for name, count in sorted((one.town.counts + counts).items())))
    shown = sum(counts[kind] for kind in counts if kind.endswith("to a stranger"))
    record(
        "citizens_10000",
        seed=seed,
        citizens=citizens,
        days=(one.it.now_ms - one.oracle.texts[0].at_ms) / 86_400_000,
        texts=len(one.oracle.texts),
        replies=counts["shown"],
        handed_over=one.town.counts["numbers handed over"],
        words_at_core=counts["at the core"],
        words_held=counts["held with a reason"],
        lost=counts["lost"],
        doubled=counts["filed twice"],
        shown_to_strangers=shown,
        breaks=len(found.wrong),
        seconds=time.monotonic() - began,
    )
    return not found.wrong


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=CITIZENS)
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args()
    print(header("citizens_10000", given.seed), flush=True)
    sys.exit(not main(given.citizens, given.seed))
