"""Machines that answer each of our SMS: how many each hears before nobody talks to it any more (PEERS §4, Loops).

A whole gateway in a process of its own, and phones that are machines: each answers whatever it gets, at once. Beside them a citizen writes
and must be answered every time.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from tests.faults.gateway_process import GatewayProcess
from tests.faults.length import pick
from tests.faults.record import record

BUDGET_SECONDS = 90
SEED = 20261128
EACH = pick(3, 10)  # machines of a kind
ROUNDS = 12  # what each would say, were it answered each time
QUIET_SECONDS = 4.0  # so long nothing is said any more: above the receipt's wait and an answer's delay
LAST_SECONDS = 60.0
ANSWERS_MAX = {"like us": 1, "a mailbox": 1, "a ticket system": 2, "another gateway": 2, "a chatterbox": 3}
"""How many of our SMS each may get; the first text of what nobody knows as a machine yet is answered, as a citizen's is."""
NO_GUARD = """
import sys
from gateway import cli, guard
guard.Guard.judge = lambda self, composed: composed
raise SystemExit(cli.main())
"""
"""Planted: nobody stands guard."""
_WORDS = ("hujan", "cerah", "pasar", "kebun", "sungai", "bukit", "pantai", "taman", "gunung", "sawah", "hutan", "ladang", "danau", "pulau")


def like_us(random: Random) -> Iterator[str]:
    """Sends our own text back."""
    for _ in itertools.count():
        number = f"G{random.randrange(2, 10)}K2QP"
        yield f"LAPOR! Pesan yang sama sudah kami terima, No. {number}. Tidak perlu kirim lagi. Ingin tanya: ketik STATUS {number} ke 1708."


def mailbox(random: Random) -> Iterator[str]:
    """Says that nobody is there."""
    for _ in itertools.count():
        yield f"Balasan otomatis: kantor tutup, kembali pukul {random.randrange(7, 12)}.00"


def ticket(random: Random) -> Iterator[str]:
    """Opens a ticket for each SMS."""
    for _ in itertools.count():
        yield f"Tiket {random.randrange(10_000, 99_999)} dibuka, tim akan datang ke lokasi lampu mati"


def other_gateway(random: Random) -> Iterator[str]:
    """A gateway like ours in another country: a number of its own in each receipt."""
    for _ in itertools.count():
        number = "".join(random.choices("ABCDEFGH23456789", k=8))
        yield f"ADUAN RAKYAT: repot jalan rosak diterima, rujukan {number}, sila simpan nombor ini"


def chatterbox(random: Random) -> Iterator[str]:
    """Says something else each time."""
    for _ in itertools.count():
        yield "lampu mati di " + " ".join(random.sample(_WORDS, 5))


KINDS: dict[str, Callable[[Random], Iterator[str]]] = {
    "like us": like_us,
    "a mailbox": mailbox,
    "a ticket system": ticket,
    "another gateway": other_gateway,
    "a chatterbox": chatterbox,
}


@dataclass(slots=True)
class Found:
    """The most SMS of ours that one machine of a kind got; what the citizen wrote and was answered; what is kept of all that came."""

    answers: dict[str, int] = field(default_factory=dict)
    written: int = 0
    answered: int = 0
    accepted: int = 0
    kept: int = 0

    @property
    def good(self) -> bool:
        return (
            all(count <= ANSWERS_MAX[kind] for kind, count in self.answers.items())
            and self.answered == self.written > 0
            and self.kept == self.accepted > 0
        )


async def play(folder: Path, *, each: int, planted: str = "") -> Found:
    """All machines at once, until everybody is quiet."""
    clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
    smsc, core = Simulator(SimulatorSettings(receipts=False), clocks, Random(SEED)), CoreSimulator()
    gateway = GatewayProcess(folder, smsc, replies=True)
    await smsc.start()
    gateway.write(await core.start())
    found = Found()
    try:
        await gateway.start(planted=planted)
        machines = {f"62812{kind:03}{number:04}": name for kind, name in enumerate(KINDS) for number in range(each)}
        talking = [asyncio.create_task(_talk(smsc, number, name)) for number, name in machines.items()]
        found.written = await _citizen(smsc, found)
        accepted = [await task for task in talking]
        found.accepted = sum(accepted) + found.written
        for number, name in machines.items():
            found.answers[name] = max(found.answers.get(name, 0), len(smsc.phone(number).received))
        held = (await gateway.ask("status"))["holds"]
        assert isinstance(held, dict)
        found.kept = int(held["messages"])
    finally:
        await gateway.end()
        await smsc.stop()
        await core.stop()
    return found


async def _talk(smsc: Simulator, number: str, kind: str) -> int:
    """Say something, then answer whatever comes, until nothing comes any more; how many texts were accepted."""
    texts, phone = KINDS[kind](Random(f"{SEED} {number}")), smsc.phone(number)
    heard, said, last, end = 0, 1, time.monotonic(), time.monotonic() + LAST_SECONDS
    await smsc.send_mo(number, next(texts))
    while said < ROUNDS and time.monotonic() < end and time.monotonic() - last < QUIET_SECONDS:
        if len(phone.received) > heard:
            heard, last = len(phone.received), time.monotonic()
            await smsc.send_mo(number, next(texts))
            said += 1
        await asyncio.sleep(0.02)
    return said


async def _citizen(smsc: Simulator, found: Found) -> int:
    """A story in three pieces, each as soon as the one before is answered."""
    pieces = ["AGAM jalan rusak di lawang", "sudah tiga bulan belum ada perbaikan dari dinas", "anak sekolah jatuh setiap hujan deras"]
    for count, piece in enumerate(pieces, 1):
        await smsc.send_mo("6281399990001", piece)
        await smsc.expect_replies("6281399990001", count, 20.0)
    found.answered = len(smsc.phone("6281399990001").received)
    return len(pieces)


def run(folder: Path, *, each: int, planted: str = "") -> Found:
    """One evening."""
    return asyncio.run(play(folder, each=each, planted=planted))


def main() -> bool:
    """Every kind of machine; prints how many each heard."""
    with tempfile.TemporaryDirectory(prefix="lapor-loops-") as folder:
        found = run(Path(folder), each=EACH)
    for kind, count in found.answers.items():
        print(f"{kind}: {count} of our SMS at most")
    record(
        "loops",
        seed=SEED,
        machines=EACH * len(KINDS),
        answers_max=max(found.answers.values()),
        two_machines=found.answers["another gateway"],
        accepted=found.accepted,
        kept=found.kept,
        citizen_written=found.written,
        citizen_answered=found.answered,
    )
    return found.good


if __name__ == "__main__":
    sys.exit(not main())
