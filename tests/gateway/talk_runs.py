"""Citizens who say anything at any time, against the real journal and the real front desk: does the conversation keep its rules?

usage: python -m tests.gateway.talk_runs [--runs N] [--steps N] [--seed FIRST]

A run has a few phones, a core that takes its time, an operator who refuses now and then, and a clock. After each step, and at its end:
one open question a sender, two questions a case at most, no reply that answers one of ours, nothing about a case to a phone that may not
see it, each complaint filed or held with a reason, and a ledger that adds up. A run is repeated by its seed.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

from bench.machine import header
from forwarder.journal import Journal, ReplyResult, Settlement
from forwarder.journal.breaks import whole_account
from forwarder.lifecycle import ComplaintMove, ReplyMove
from forwarder.records import ReplyJob, Verdict
from gateway import settings, tables
from gateway.composer import Composer
from gateway.secrets import Secrets
from gateway.tables import desk_of
from tests.journal.people import EPOCH_MS, NUMBERS, House, segment

RUNS, STEPS, FIRST_SEED = 200, 100, 2_611_280_000
PHONES = ("6281234500001", "6281234500002", "6281234500003")
MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that needs no sync: what is asked here is not about disks
HOUR, DAY = 3_600.0, 86_400.0
TOLD = frozenset(
    {"status_filed", "status_waiting", "status_desk", "status_closed", "status_asked", "receipt", "receipt_filed", "filed", "added"}
)
"""Replies that say something of a case."""
REPORTS = (
    "AGAM jalan rusak di nagari lawang dekat pasar",
    "jalan berlubang parah banyak yang jatuh",
    "air pdam mati sudah 3 hari",
    "BANJAR BARU sampah menumpuk di pasar",
    "AGM lampu jalan mati",
    "tolong ada kebakaran di pasar",
    "kepala desa minta uang utk surat",
    "AGAM",
    "lampu mati lagi",
    "BADUNG pkl di pantai kuta",
    "lapor 1708! rsud antri dr subuh, bengkulu",
)
ANSWERS = (
    "1",
    "2",
    "0",
    "7",
    "ya",
    "tidak",
    "iyo",
    "ora",
    "henteu",
    "di depan masjid raya lubuk basung",
    "kab agam",
    "Kab Banjar",
    "makasih",
    "ok",
)
COMMANDS = (
    *("STATUS", "STATUS {n}", "STATUS {n} {p}", "RAHASIA", "RAHASIA {n}", "ANONIM", "ANONIM {n} {p}", "BATAL", "BATAL {n}"),
    *("BATAL {n} {p}", "INFO", "STOP", "MULAI", "TAMBAH {n} rumah nomor 7", "TAMBAH", "tambahan: sudah 3 hari", "CEK #{n}"),
)
PAUSES = (1.0, 5.0, 60.0, 600.0, HOUR, 6 * HOUR, DAY, 12 * DAY, 31 * DAY)


@dataclass(slots=True)
class World:
    """One run: the journal, its house, and what the phones may know."""

    house: House
    journal: Journal
    random: Random
    seed: int
    story: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    pins: dict[str, str] = field(default_factory=dict)
    said: dict[tuple[str, str], int] = field(default_factory=dict)
    """When a phone last wrote in a case of its own."""
    opened: set[tuple[str, str]] = field(default_factory=set)
    """(phone, number) for which it gave the right PIN in this very message."""
    counts: Counter[str] = field(default_factory=Counter)


class BrokenRule(AssertionError):
    """A rule of the conversation was broken."""


async def live(folder: Path, composer: Composer, seed: int, steps: int) -> Counter[str]:
    """One run; BrokenRule tells what, with the seed and the last steps."""
    house = House(folder, name=f"{seed}.db", composer=composer)  # type: ignore[arg-type]
    world = World(house, house.open(), Random(seed), seed)
    try:
        for _ in range(steps):
            await _step(world)
            _rules(world)
        await _end(world)
    except BrokenRule as error:
        raise BrokenRule(f"seed {seed}: {error}\n  " + "\n  ".join(world.story[-12:])) from None
    finally:
        await world.journal.close()
        _clear(folder, seed)
    return world.counts


def _clear(folder: Path, seed: int) -> None:
    for left in folder.glob(f"{seed}.db*"):
        left.unlink()


async def _step(world: World) -> None:
    chance = world.random.random()
    if chance < 0.55:
        await _say(world)
    elif chance < 0.72:
        await _send(world)
    elif chance < 0.84:
        await _file(world)
    elif chance < 0.88:
        await world.journal.lapse_questions()
    else:
        pause = world.random.choices(PAUSES, (5, 5, 5, 4, 4, 3, 2, 1, 1))[0]
        world.story.append(f"… {pause:.0f} s")
        world.house.time.pass_(pause)


async def _say(world: World) -> None:
    """One to three texts in one batch, of any phones."""
    arrivals, texts = [], []
    for _ in range(world.random.choice((1, 1, 1, 2, 3))):
        phone, words = world.random.choice(PHONES), _words(world)
        one = segment(words, phone, received_ms=world.house.time.ms, session=world.random.randrange(1, 9))
        arrivals.append(world.house.arrival(world.journal, one))
        texts.append((phone, words))
    verdicts = await world.journal.accept(arrivals)
    for (phone, words), verdict in zip(texts, verdicts, strict=True):
        _heard(world, phone, words, verdict)


def _words(world: World) -> str:
    kind = world.random.random()
    if kind < 0.35:
        return world.random.choice(REPORTS)
    if kind < 0.6:
        return world.random.choice(ANSWERS)
    number = world.random.choice(world.numbers) if world.numbers else "GA2345"
    pin = world.pins.get(number, "0000") if world.random.random() < 0.5 else f"{world.random.randrange(10_000):04}"
    return world.random.choice(COMMANDS).format(n=number, p=pin)


def _heard(world: World, phone: str, words: str, verdict: Verdict) -> None:
    composed = verdict.composed
    reply = None if composed is None else composed.reply
    world.story.append(
        f"{phone[-1]}: {words!r} -> {verdict.kind} {composed and [type(one).__name__ for one in composed.moves]} {reply and reply.kind}"
    )
    if verdict.error is not None:
        raise BrokenRule(f"not stored: {verdict.error}")
    world.counts[f"{verdict.kind}"] += 1
    if composed is None:
        return
    world.counts.update(type(move).__name__ for move in composed.moves)
    if composed.complaint is not None and composed.complaint.number not in world.numbers:
        world.numbers.append(composed.complaint.number)
    if composed.complaint is not None:
        world.said[phone, composed.complaint.number] = world.house.time.ms
    elif verdict.complaint_id is not None and (phone, world.journal.number_of(verdict.complaint_id)) in world.said:
        world.said[phone, world.journal.number_of(verdict.complaint_id)] = world.house.time.ms  # who adds by a PIN is no owner for it
    if reply is not None and reply.about is not None and reply.kind in TOLD and reply.withheld is None and composed.complaint is None:
        _may_hear(world, phone, words, world.journal.number_of(reply.about))


def _may_hear(world: World, phone: str, words: str, number: str) -> None:
    last = world.said.get((phone, number))
    own = last is not None and world.house.time.ms - last <= 30 * DAY * 1000
    if not own and world.pins.get(number, "none") not in words:
        raise BrokenRule(f"{phone} was told of {number}, which is not its own")


async def _send(world: World) -> None:
    """The operator takes what is due, and sometimes refuses."""
    jobs = await world.journal.start_replies(20, world.house.time.ms)
    for job in jobs:
        _learn(world, job)
    moves = (ReplyMove.SENT, ReplyMove.SENT, ReplyMove.SENT, ReplyMove.REFUSED, ReplyMove.POSTPONED, ReplyMove.LOST_ANSWER)
    chosen = [world.random.choice(moves) for _ in jobs]
    world.story.append(f"operator: {[(job.kind, str(move)) for job, move in zip(jobs, chosen, strict=True)]}")
    results = [
        ReplyResult(job.reply_id, move, next_ms=world.house.time.ms + 60_000 if move is ReplyMove.POSTPONED else None)
        for job, move in zip(jobs, chosen, strict=True)
    ]
    await world.journal.settle_replies(results)
    world.counts["told"] += len(jobs)


def _learn(world: World, job: ReplyJob) -> None:
    if job.number is not None and job.pin is not None:
        world.pins[job.number] = job.pin


async def _file(world: World) -> None:
    """The core takes what is ready, refuses some, and loses an answer now and then."""
    for filing in await world.journal.ready(5, world.house.time.ms):
        started = await world.journal.start_filing([(filing.complaint_id, filing.attempt)], None)
        if filing.complaint_id not in started:
            continue
        chance = world.random.random()
        tracking_id = None
        move = ComplaintMove.REFUSED if chance < 0.1 else ComplaintMove.LOST_ANSWER if chance < 0.2 else ComplaintMove.FILED
        if move is ComplaintMove.FILED:
            tracking_id = f"{7_000_000 + filing.complaint_id % 1_000_000}"
        await world.journal.settle([Settlement(filing.complaint_id, filing.attempt, move, tracking_id)])
        world.story.append(f"core: {filing.complaint.number} {move}")


def _rules(world: World) -> None:
    connection = apsw.Connection(str(world.house.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for what, sql in RULES.items():
            found = connection.execute(sql).fetchall()
            if found:
                raise BrokenRule(f"{what}: {found[:3]}")
    finally:
        connection.close()


RULES = {
    "two open questions of one sender": "SELECT hex(reporter_tag) FROM question WHERE ended IS NULL GROUP BY 1 HAVING count(*) > 1",
    "more than two questions of a case": "SELECT complaint FROM question GROUP BY 1 HAVING count(*) > 2",
    "held for a question that is not open": (
        "SELECT number FROM complaint AS c WHERE state = 'held' AND reason = 'question'"
        " AND NOT EXISTS (SELECT 1 FROM question AS q WHERE q.complaint = c.id AND q.ended IS NULL)"
    ),
    "a question of a complaint that goes on": (
        "SELECT c.number FROM question AS q JOIN complaint AS c ON c.id = q.complaint WHERE q.ended IS NULL"
        " AND (c.state <> 'held' OR c.reason <> 'question')"
    ),
    "two answers to one text": (
        "SELECT message FROM reply WHERE kind IN ('receipt', 'info', 'added', 'ask_place', 'ask_region', 'empty')"
        " AND state <> 'none' GROUP BY message HAVING count(*) > 2"
    ),
    "a rahasia wish forgotten": (
        "SELECT c.number FROM addition AS a JOIN complaint AS c ON c.id = a.complaint WHERE a.wish = 'rahasia' AND c.rahasia = 0"
    ),
}


async def _end(world: World) -> None:
    """Days pass, nobody says anything more: all cases end."""
    for _ in range(6):
        world.house.time.pass_(DAY)
        await _send(world)
        await world.journal.lapse_questions()
        for _ in range(40):
            if not await world.journal.ready(1, world.house.time.ms):
                break
            await _file(world)
    connection = apsw.Connection(str(world.house.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        waits = connection.execute("SELECT number, state, reason FROM complaint WHERE state = 'ready' OR reason = 'question'").fetchall()
        found = whole_account(connection, EPOCH_MS - 1, world.house.time.ms + 1)
    finally:
        connection.close()
    if waits:
        raise BrokenRule(f"never ended: {waits[:3]}")
    if found.breaks:
        raise BrokenRule(f"the ledger does not add up: {[one.what for one in found.wrong[:3]]}")


def composer_of(folder: Path) -> Composer:
    """The front desk of a site with the shipped tables."""
    (folder / "gateway.toml").touch()
    (folder / "operators.toml").touch()
    given = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "x"}
    site = settings.load(folder / "gateway.toml", Secrets(given), {})
    return Composer(desk_of(site, tables.load(site)), NUMBERS.number_of)


def main() -> None:
    """Print what the runs came to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=RUNS)
    options.add_argument("--steps", type=int, default=STEPS)
    options.add_argument("--seed", type=int, default=FIRST_SEED)
    given = options.parse_args()
    print(header("talk runs"), flush=True)
    began, counts = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        composer = composer_of(Path(name))
        for number in range(given.runs):
            counts += asyncio.run(live(Path(name), composer, given.seed + number, given.steps))
    seconds = time.monotonic() - began
    print(f"{given.runs} runs of {given.steps} steps, seeds {given.seed} on, in {seconds:.0f} s: 0 rules broken")
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
