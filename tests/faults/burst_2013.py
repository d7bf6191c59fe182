"""The burst of June 2013 (DOMAIN §2.4): a broadcast told 240 million numbers to text BBM to 1708. Is anything lost, and who waits how long?

usage: python -m tests.faults.burst_2013 [--scale SHARE]

200 SMS a second for two hours, the operator takes 30 of ours a second, the core is away for the first hour. Time is virtual; front desk,
dialogue, journal, dispatcher and outbox are the product's own. A share takes that much of all rates, so that ages stay what they are:
1 is the whole burst, 1,440,000 SMS.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import cast

import apsw

from adapters.channel import Caps, ChannelHealth, Reply, Sending, SendResult
from bench.machine import header
from forwarder.core.contract import CoreClient, Filed, NotFiled, Outcome
from forwarder.core.settings import DispatchSettings
from forwarder.dispatch import InlineDispatcher
from forwarder.journal import Journal, JournalSettings, Sealer
from forwarder.journal.breaks import whole_account
from forwarder.lifecycle import ComplaintState
from gateway import tables
from gateway.composer import Composer, Desk
from gateway.intake import FrontDesk
from gateway.outbox import Outbox
from gateway.watch import Watch
from parsers import routes
from parsers.model import Answering, Complaint, Segment
from tests.corpus import phrases
from tests.faults.length import Progress
from tests.faults.record import record
from tests.gateway.street import MEMORY, shipped
from tests.journal.people import KEY, NUMBERS, segment
from tests.quiet import quiet
from tests.sim.hands import InlineHands
from tests.sim.world import MORNING_MS, Loop, World
from tests.tables import REGIONS

BUDGET_SECONDS = 500
SEED = 20130617
SCALE = 0.02
BEGAN_MS = 1_371_434_400_000  # 2013-06-17 09:00 WIB
HOUR = 3_600.0
SMS_PER_SECOND, BURST_SECONDS, DOWN_SECONDS, MT_PER_SECOND = 200.0, 2 * HOUR, HOUR, 30.0
ANSWER_SECONDS = 0.2  # of the core, once it is back
EXPIRE_SECONDS = 5.0  # as gateway/app.py looks
LOOK_SECONDS = 5.0
SAMPLE_SECONDS = 60.0
END_SECONDS = 60 * HOUR
WITHOUT_KEYWORD = 0.1
DRESS = ("BBM ", "BBM ", "BBM ", "bbm ", "Bbm ", "BBM(spasi)", "BBM (spasi) ", "ketik BBM ", "BBM#", "BBM: ", '"BBM" ', "BBM  ")
RECEIPTS = frozenset({"receipt", "receipt_filed", "receipt_danger"})
ASKS = frozenset({"ask_region", "ask_place", "empty"})
CAMPAIGN = "BBM,,Kementerian Energi dan Sumber Daya Mineral,Kementerian ESDM,,,2013-12-31,,,,,,the campaign of 2013"
"""The row as a site had it then: at the head BBM is the keyword; today it is an everyday word and needs a mark behind it."""


@dataclass(slots=True)
class Found:
    """What one burst came to."""

    sent: int = 0
    later: int = 0
    stored: int = 0
    filed: int = 0
    lost: int = 0
    doubled: int = 0
    silent: int = 0
    """Citizens who never heard a word."""
    answered_twice: int = 0
    """Citizens with two receipts."""
    asked: int = 0
    told_later: int = 0
    """Those who heard the core's number in a second SMS, because the receipt had gone before."""
    oldest_seconds_max: float = 0.0
    all_answered_seconds: float = 0.0
    all_filed_seconds: float = 0.0
    ages: list[tuple[float, float, int]] = field(default_factory=list)
    """Each virtual hour: its end, the age of the oldest unanswered, how many were unanswered."""
    breaks: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every promise held."""
        wrong = self.lost or self.doubled or self.silent or self.answered_twice or self.breaks or self.later
        return not wrong and self.stored == self.filed == self.sent


class Core:
    """Takes complaints once it is there, and keeps what it took."""

    def __init__(self, loop: Loop) -> None:
        self.back_at = loop.time() + DOWN_SECONDS
        self.stored = Counter[str]()
        self._loop = loop

    async def file(self, complaint: Complaint, _attempt: int) -> Outcome:
        """One complaint."""
        if self._loop.time() < self.back_at:
            return NotFiled("no connection: ClientConnectorError")
        await asyncio.sleep(ANSWER_SECONDS)
        self.stored[complaint.number] += 1
        return Filed(f"{1_000_000 + len(self.stored)}")

    async def probe(self) -> bool:
        """Whether it is there."""
        return self._loop.time() >= self.back_at


class Way:
    """The operator's way out: so many a second, in their order (adapters.channel.Outbound)."""

    caps = Caps(characters_max=160, answering=Answering.NEVER, links=True, can_find=False)

    def __init__(self, burst: Burst, per_second: float) -> None:
        self._burst = burst
        self._apart = 1 / per_second
        self._next = 0.0

    def health(self) -> ChannelHealth:
        """Always well."""
        return ChannelHealth(None)

    async def send(self, reply: Reply) -> Sending:
        """Taken when it is its turn."""
        loop = self._burst.world.loop
        self._next = max(loop.time(), self._next + self._apart)
        await asyncio.sleep(self._next - loop.time())
        self._burst.heard(int(reply.to.value[-8:]), reply.kind)
        return Sending(SendResult.SENT, (reply.key,))

    async def find(self, _reply: Reply) -> Sending:
        """No answer of ours gets lost here."""
        raise NotImplementedError


class Burst:
    """Everything of one burst; `desk` is the front desk's kind, for a planted fault."""

    def __init__(self, loop: Loop, folder: Path, share: float, desk: type[FrontDesk] = FrontDesk) -> None:
        self.world = World(SEED, loop)
        self.world.step_ms = BEGAN_MS - MORNING_MS
        self.found = Found()
        self.core = Core(loop)
        self._rate = SMS_PER_SECOND * share
        self._random = Random(SEED)
        count = int(self._rate * BURST_SECONDS)
        self._receipts, self._asks, self._heard = bytearray(count), bytearray(count), bytearray(count)
        self._oldest, self._unanswered, self._began = 0, 0, loop.time()
        own, texts = shipped(folder)
        composer = Composer(_of_2013(own), NUMBERS.number_of, lambda: self.dispatcher.available)
        self.path = folder / "burst.db"
        self.journal = _journal(self.path, self.world, composer)
        watch = Watch()
        self.dispatcher = InlineDispatcher(
            cast("CoreClient", self.core),
            self.journal,
            DispatchSettings(),
            clock=self.world.wall,
            monotonic=self.world.now,
            random=self._random.random,
            tell=watch.tell,
            settled=lambda settled: self._wake() if any(one.reply_id is not None for one in settled) else None,
            intake_busy=lambda: self.desk.busy,
        )
        self.desk = desk(self.journal, composer, self.dispatcher, watch, self._wake)
        channels = {"telkomsel": Way(self, MT_PER_SECOND * share)}
        self.outbox = Outbox(self.journal, texts, channels, self.world.wall, watch, look_seconds=LOOK_SECONDS)

    @property
    def age(self) -> float:
        """Virtual seconds since the first SMS."""
        return self.world.loop.time() - self._began

    def heard(self, citizen: int, kind: str) -> None:
        """A text of ours is on a citizen's phone."""
        if not self._heard[citizen]:
            self._unanswered -= 1
            self._heard[citizen] = 1
        self._receipts[citizen] += kind in RECEIPTS
        self._asks[citizen] += kind in ASKS
        self.found.told_later += kind == "filed"

    def _wake(self) -> None:
        self.outbox.wake()

    async def run(self) -> Found:
        """The two hours, and until all are filed and answered."""
        running = [asyncio.ensure_future(part) for part in (self.dispatcher.run(), self.outbox.run(), self._expire(), self._sample())]
        try:
            await self._write()
            while self._open() and self.age < END_SECONDS:
                await asyncio.sleep(SAMPLE_SECONDS)
            self.outbox.stop()
            await self.dispatcher.stop()
            await running[1]
            self._sum()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self.journal.close()
        return self.found

    async def _write(self) -> None:
        """A batch each second, as the binds hand them over."""
        progress, sent, total = Progress("SMS", len(self._heard)), 0, len(self._heard)
        while sent < total:
            batch = [self._sms(number) for number in range(sent, min(total, int((self.age + 1) * self._rate)))]
            self._unanswered += len(batch)
            sent += len(batch)
            self.found.sent = sent
            answers = await self.desk.accept(batch)
            self.found.later += sum(one.value == "later" for one in answers)
            progress.say(sent)
            await asyncio.sleep(1 - (self.age % 1))

    def _sms(self, number: int) -> Segment:
        octets = text(self._random).encode("ascii")
        return segment("", f"62812{number:08d}", octets=octets, raw=octets, received_ms=self.world.wall())

    def _open(self) -> bool:
        tally = self.journal.tally
        waits = any(tally[state] for state in (ComplaintState.READY, ComplaintState.SENDING, ComplaintState.HELD))
        if not waits and not self.found.all_filed_seconds:
            self.found.all_filed_seconds = self.age
        return waits or bool(self._look("SELECT count(*) FROM reply WHERE state IN ('due', 'sending', 'later')"))

    def _look(self, sql: str) -> int:
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return int(connection.execute(sql).get)
        finally:
            connection.close()

    async def _expire(self) -> None:
        """As gateway/app.py does."""
        while True:
            if await self.journal.lapse_questions():
                self.dispatcher.wake()
                self.outbox.wake()
            await asyncio.sleep(EXPIRE_SECONDS)

    async def _sample(self) -> None:
        """How old the oldest unanswered SMS is."""
        hours = 0
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            found = self.found
            while self._oldest < found.sent and self._heard[self._oldest]:
                self._oldest += 1
            waits = self._unanswered > 0
            oldest = self.age - self._oldest / self._rate if waits else 0.0
            found.oldest_seconds_max = max(found.oldest_seconds_max, oldest)
            if waits:
                found.all_answered_seconds = self.age
            if self.age >= (hours + 1) * HOUR:
                hours += 1
                found.ages.append((hours, oldest, self._unanswered))
                print(
                    f"  hour {hours}: oldest unanswered {oldest / 60:.0f} min, {self._unanswered} unanswered, {self._filed()} filed",
                    flush=True,
                )

    def _filed(self) -> int:
        return self.journal.tally[ComplaintState.FILED]

    def _sum(self) -> None:
        found = self.found
        found.stored = self._look("SELECT count(*) FROM message")
        found.filed = len(self.core.stored)
        found.lost = found.sent - found.filed
        found.doubled = sum(count > 1 for count in self.core.stored.values())
        found.silent = self._heard.count(0)
        found.answered_twice = sum(count > 1 for count in self._receipts)
        found.asked = sum(map(bool, self._asks))
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            account = whole_account(connection, BEGAN_MS - 1, self.world.wall() + 1)
        finally:
            connection.close()
        found.breaks = [one.what for one in account.wrong] if account.breaks else []


def text(random: Random) -> str:
    """What a citizen of 2013 wrote."""
    words = random.choice(random.choice(tuple(phrases.PROBLEMS.values()))) + random.choice(phrases.TAILS)
    if random.random() < 0.5:
        words = " ".join(random.choice((word, *phrases.SLANG.get(word, ()))) for word in words.split(" "))
    if random.random() < 0.1:
        words = words.upper()
    return words if random.random() < WITHOUT_KEYWORD else random.choice(DRESS) + words


def _of_2013(desk: Desk) -> Desk:
    """The desk with the table of that time."""
    sheet = (Path(__file__).parents[2] / "config" / "routes.csv").read_text(encoding="utf-8").splitlines()
    rows = [CAMPAIGN if row.startswith("BBM,") else row for row in sheet]
    return replace(desk, table=routes.load("\n".join(rows) + "\n", regions=REGIONS, name="routes of 2013"))


def _journal(path: Path, world: World, composer: Composer) -> Journal:
    return Journal.open(
        path,
        sealer=Sealer(KEY),
        settings=JournalSettings(),
        clock=world.wall,
        monotonic=world.now,
        composer=composer,
        hands=InlineHands(world, lambda: None),
        free=lambda _: 1 << 40,
        boot="the first",
    )


def run(share: float, desk: type[FrontDesk] = FrontDesk) -> Found:
    """One burst of this share of all rates."""
    with (
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name,
        quiet({"forwarder": logging.ERROR, "gateway": logging.ERROR}),
        asyncio.Runner(loop_factory=Loop) as runner,
    ):

        async def story() -> Found:
            burst = Burst(cast("Loop", asyncio.get_running_loop()), Path(name), share, desk)
            tables.freeze()
            return await burst.run()

        return runner.run(story())


def main(share: float = SCALE) -> bool:
    """Print and record the figures."""
    began = time.monotonic()
    found = run(share)
    record(
        "burst_2013",
        seed=SEED,
        scale=share,
        sent=found.sent,
        later=found.later,
        stored=found.stored,
        filed=found.filed,
        lost=found.lost,
        doubled=found.doubled,
        silent=found.silent,
        answered_twice=found.answered_twice,
        asked=found.asked,
        told_later=found.told_later,
        oldest_hours_max=found.oldest_seconds_max / HOUR,
        all_answered_hours=found.all_answered_seconds / HOUR,
        all_filed_hours=found.all_filed_seconds / HOUR,
        breaks=len(found.breaks),
        seconds=time.monotonic() - began,
    )
    for one in found.breaks[:5]:
        print(f"the ledger does not add up: {one}")
    return found.good


def _asked(arguments: Sequence[str] | None = None) -> float:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scale", type=float, default=SCALE, metavar="SHARE", help="of all rates; 1 is the whole burst")
    return float(options.parse_args(arguments).scale)


if __name__ == "__main__":
    chosen = _asked()
    print(header("burst_2013", SEED), flush=True)
    sys.exit(not main(chosen))
