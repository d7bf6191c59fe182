"""A disk that is full, fails or turns read-only under a gateway that runs, and gets well again: no false yes, and no restart needed.

Two ways. strace makes the N-th pwrite64, fdatasync, ftruncate, openat of the gateway fail, once or from there on, until it is taken off;
and the journal lies on a small tmpfs that is filled to the last octet and freed. While it is sick, operators hear "later" (0x64, 0x14)
and /readyz says 503; within 5 s of being well it takes messages again. In the end every accepted message must be in the core, once.
Environment: POINTS, SEED.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import BinaryIO

import aiohttp

from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Mo, Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator
from gateway.logs import LIKE_LINES_MAX
from tests.faults import rest, strace
from tests.faults.gateway_process import GatewayProcess
from tests.faults.ledger import Verdict, judge
from tests.faults.length import Progress, Time, pick
from tests.faults.record import record

BUDGET_SECONDS = 130
INJECTION_SECONDS = 90  # of it; the rest is for the disk that is full
SEED = 9
LATER = frozenset({0x64, 0x14})
WELL_SECONDS_MAX = 5.0
GIVE_UP_SECONDS = 30.0
BURST = 5  # messages while a fault is on
TMPFS_OCTETS = 8 << 20
FLOOR_OCTETS = 1 << 20
FILLED_SECONDS = 3.0
RATE = 50.0


@dataclass(frozen=True, slots=True)
class Ill:
    """What strace makes fail: some calls, each with its error and which of them (strace's `when`)."""

    name: str
    calls: tuple[tuple[str, str, str], ...]

    def inject(self) -> tuple[str, ...]:
        """What strace is told."""
        traced = ",".join(call for call, _, _ in self.calls)
        injections = itertools.chain.from_iterable(("-e", f"inject={call}:error={error}:when={when}") for call, error, when in self.calls)
        return ("-e", f"trace={traced}", *injections)


def ills() -> Iterator[Ill]:
    """Every ill, again and again: the N-th call once, and from the N-th on; and while it is reopened, what opens fails, too."""
    single = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("pwrite64", "EROFS"), ("fdatasync", "EIO"), ("fdatasync", "ENOSPC")]
    opening = [("openat", "EMFILE"), ("openat", "EROFS"), ("openat", "EIO"), ("ftruncate", "EIO"), ("ftruncate", "ENOSPC")]
    for number in itertools.count(1):
        at = (number - 1) % 24 + 1
        for call, error in single:
            nth = at if call == "pwrite64" else (at - 1) % 4 + 1
            yield Ill(f"{call} {error} once", ((call, error, f"{nth}"),))
            yield Ill(f"{call} {error} from there on", ((call, error, f"{nth}+"),))
        for call, error in opening:
            once = ("fdatasync", "EIO", f"{(at - 1) % 3 + 1}")
            yield Ill(f"fdatasync EIO once, then {call} {error}", (once, (call, error, "1+")))


@dataclass(slots=True)
class Outcome:
    """What a sick disk came to."""

    points: int = 0
    refused: int = 0
    """Answers of "later"."""
    false_yes: int = 0
    """Yes after a "later" or beside a /readyz that says no, while the disk was sick."""
    strange_status: int = 0
    ready_while_sick: int = 0
    well_seconds: list[float] = field(default_factory=list)
    silent: int = 0
    """Points at which nothing was refused: what failed was done again, or not needed."""
    log_lines_most: int = 0
    """Of one place in the code in a minute."""
    verdict: Verdict | None = None

    @property
    def good(self) -> bool:
        """Whether every promise held."""
        wrong = self.false_yes or self.strange_status or self.ready_while_sick or self.log_lines_most > 2 * LIKE_LINES_MAX
        return self.verdict is not None and self.verdict.good and not wrong and max(self.well_seconds, default=0.0) <= WELL_SECONDS_MAX

    def __str__(self) -> str:
        return (
            f"{self.points} injections ({self.silent} without effect), {self.refused} times later, {self.false_yes} false yes, "
            f"{self.strange_status} strange statuses, ready while sick {self.ready_while_sick}, well again after at most "
            f"{max(self.well_seconds, default=0.0):.1f} s, at most {self.log_lines_most} like lines a minute; {self.verdict}"
        )


class Ward:
    """A gateway with a disk that falls ill; peers that stay well."""

    def __init__(self, folder: Path, seed: int, *, state: Path | None = None, free: int = 0, planted: str = "", retry: float = 1.0) -> None:
        self.random = Random(seed)
        clocks = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)
        self.smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=10.0), clocks, self.random)
        self.core = CoreSimulator()
        self.outcome = Outcome()
        self.sent: list[tuple[str, Mo]] = []
        self._port = _free_port()
        self._log: BinaryIO = (folder / "log").open("wb")
        port, level = self._port, "WARNING"
        self.gateway = GatewayProcess(folder, self.smsc, state=state, free=free, port=port, level=level, log=self._log, retry=retry)
        self._planted = planted
        self._http: aiohttp.ClientSession | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Ward]:
        """Everything runs as long as the block lasts; afterwards the sums are done."""
        base = await self.core.start()
        await self.smsc.start()
        self.gateway.write(base)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as self._http:
            try:
                await self.gateway.start(planted=self._planted)
                await self.well()
                yield self
                await self._sums()
            finally:
                await self.gateway.end(signal.SIGTERM)
                await self.smsc.stop()
                await self.core.stop()
                self._log.close()

    def post(self) -> Mo:
        """One more citizen writes."""
        number = len(self.sent)
        text = f"AGAM lampu jalan mati di jorong {number}"
        (mo,) = self.smsc.post_mo(f"62813{number:08d}", text)
        self.sent.append((text, mo))
        return mo

    async def ready(self) -> bool:
        """What /readyz says."""
        assert self._http is not None
        async with self._http.get(f"http://127.0.0.1:{self._port}/readyz") as answer:
            await answer.read()
            return answer.status == 200

    async def well(self) -> float:
        """Wait until it is ready and has taken a message; the seconds that took. TimeoutError when it never is."""
        began = time.monotonic()
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while not await self.ready():
                await asyncio.sleep(0.02)
            await self.post().done
        return time.monotonic() - began

    async def suffer(self, ill: Ill) -> None:
        """One injection: attach, write, look, take it off, get well."""
        outcome = self.outcome
        async with strace.attached(self.gateway.pid, *ill.inject()):
            mos = [await self._answered(self.post()) for _ in range(BURST)]
            refused = next((place for place, mo in enumerate(mos) if mo.answers[0] != 0), BURST)
            if _lasting(ill) and not await self.ready():
                mos += [await self._answered(self.post()) for _ in range(2)]
                refused = min(refused, BURST)
                self._judge(ill, mos, refused)
            elif _lasting(ill) and refused < BURST:
                outcome.ready_while_sick += 1
            for mo in mos:
                self._count(mo)
        outcome.points += 1
        outcome.silent += all(mo.answers == [0] for mo in mos)
        outcome.well_seconds.append(await self.well())

    async def _answered(self, mo: Mo) -> Mo:
        """When the gateway said something to it for the first time."""
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while not mo.answers:
                await asyncio.sleep(0.002)
        return mo

    def _judge(self, ill: Ill, mos: Sequence[Mo], refused: int) -> None:
        """The ill lasts and the gateway says so itself: from the first refusal on, every yes is false."""
        wrong = sum(0 in mo.answers for mo in mos[refused:])
        self.outcome.false_yes += wrong
        if wrong:
            print(f"false yes: {ill.name} {[mo.answers for mo in mos]}", flush=True)

    def _count(self, mo: Mo) -> None:
        said = [status for status in mo.answers if status != 0]
        self.outcome.refused += len(said)
        self.outcome.strange_status += sum(status not in LATER for status in said)

    async def _sums(self) -> None:
        """Let it come to rest; every accepted message is in the core once, or seen."""
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await asyncio.gather(*(mo.done for _, mo in self.sent))
        await rest.settle_by_hand(self.gateway, self.core)
        accepted = [text for text, mo in self.sent if mo.accepted_ms is not None]
        core = [entry.text for entries in self.core.stored.values() for entry in entries]
        self.outcome.verdict = judge([text for text, _ in self.sent], accepted, core, await rest.on_desk(self.gateway))
        self.outcome.log_lines_most = most_like_lines(Path(self._log.name))


def _lasting(ill: Ill) -> bool:
    return any(when.endswith("+") for _, _, when in ill.calls)


def most_like_lines(log: Path) -> int:
    """The most lines of one place about one bind within a minute of the clock."""
    counts: Counter[tuple[str, ...]] = Counter()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            where = tuple(str(found.get(key, "")) for key in ("logger", "event", "operator", "bind"))
            counts[found["time"][: len("2026-11-22T10:00")], *where] += 1
    return max(counts.values(), default=0)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def suffer(folder: Path, cases: Iterable[Ill], *, seed: int = SEED, planted: str = "", retry: float = 1.0) -> Outcome:
    """One gateway through these ills, one after another."""
    chosen = list(cases)

    async def run() -> Outcome:
        ward = Ward(folder, seed, planted=planted, retry=retry)
        progress, time_is = Progress("injections", len(chosen)), Time(INJECTION_SECONDS)
        async with ward.open():
            for done, ill in enumerate(chosen, 1):
                try:
                    await ward.suffer(ill)
                except TimeoutError:
                    print(f"BROKEN: not well {GIVE_UP_SECONDS:.0f} s after {ill.name} {ill.calls}", flush=True)
                    raise
                progress.say(done)
                if time_is.up:
                    break
        return ward.outcome

    return asyncio.run(run())


# ── a file system that is full ──


def no_tmpfs(folder: Path) -> str | None:
    """Why no tmpfs can be mounted here; None when one can."""
    if os.geteuid() != 0:
        return "mounting a tmpfs needs root"
    with small_disk(folder) as (_, said):
        return said


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """A tmpfs of 8 MB; or why there is none."""
    path = folder / "disk"
    path.mkdir(exist_ok=True)
    options = f"size={TMPFS_OCTETS},mode=0700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, text=True, check=False)
    try:
        yield path, done.stderr.strip() or "mount failed" if done.returncode else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(path)], capture_output=True, check=False)


def fill(folder: Path, cycles: int, *, seed: int = SEED, floor: int = 0, planted: str = "") -> Outcome:
    """Fill the disk to the last octet under load and free it, so often; the last time kill the gateway on the full disk, too."""

    async def run(state: Path) -> Outcome:
        ward = Ward(folder, seed, state=state / "state", free=floor, planted=planted)
        async with ward.open():
            for cycle in range(cycles):
                await _fill_once(ward, Filler(state / "filler"), kill=cycle == cycles - 1)
        return ward.outcome

    with small_disk(folder) as (disk, why):
        if why is not None:
            raise RuntimeError(why)
        return asyncio.run(run(disk))


class Filler:
    """A file that takes all the room there is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def grow(self) -> None:
        """Write until there is no room for another octet."""
        with self._path.open("wb", buffering=0) as file:
            for size in (1 << 16, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def go(self) -> None:
        """Give the room back."""
        self._path.unlink()


async def _fill_once(ward: Ward, filler: Filler, *, kill: bool) -> None:
    began = len(ward.sent)
    filler.grow()
    until = time.monotonic() + FILLED_SECONDS
    sick = False
    while time.monotonic() < until:
        ward.post()
        await asyncio.sleep(1 / RATE)
        sick = sick or any(status in LATER for _, mo in ward.sent[began:] for status in mo.answers)
    ward.outcome.points += 1
    ward.outcome.silent += not sick
    if sick:
        ward.outcome.ready_while_sick += await ward.ready()
    for _, mo in ward.sent[began:]:
        ward._count(mo)
    if kill:
        await ward.gateway.end(signal.SIGKILL)
        await ward.gateway.launch()  # on the full disk: whatever comes of it must harm nothing
        await asyncio.sleep(FILLED_SECONDS)
        await ward.gateway.end(signal.SIGKILL)
        filler.go()
        await ward.gateway.start()
        await ward.well()
        return
    filler.go()
    ward.outcome.well_seconds.append(await ward.well())


def main() -> bool:
    """500 injections a night, 60 when a person waits; the full disk with and without a floor of free space."""
    points, seed = int(os.environ.get("POINTS", pick(60, 500))), int(os.environ.get("SEED", SEED))
    if (why := strace.missing()) is not None:
        print(f"sick_disk {why}")
        return False
    with tempfile.TemporaryDirectory(prefix="lapor-disk-") as folder:
        found = suffer(Path(folder), itertools.islice(ills(), points), seed=seed)
    print(f"{found}, seed={seed}", flush=True)
    _record("sick_disk", seed, found)
    with tempfile.TemporaryDirectory(prefix="lapor-disk-") as folder:
        if (why := no_tmpfs(Path(folder))) is not None:
            print(f"the full disk is left out: {why}", flush=True)
            return found.good
    held = found.good
    for floor in (0, FLOOR_OCTETS):
        with tempfile.TemporaryDirectory(prefix="lapor-full-") as folder:
            full = fill(Path(folder), pick(2, 5), seed=seed, floor=floor)
        print(f"full disk, floor {floor}: {full}", flush=True)
        _record("full_disk" if floor == 0 else "full_disk_floor", seed, full)
        held = held and full.good and full.silent == 0
    return held


def _record(programme: str, seed: int, found: Outcome) -> None:
    assert found.verdict is not None
    record(
        programme,
        seed=seed,
        injections=found.points,
        without_effect=found.silent,
        later=found.refused,
        false_yes=found.false_yes,
        strange_status=found.strange_status,
        ready_while_sick=found.ready_while_sick,
        well_seconds_most=max(found.well_seconds, default=0.0),
        like_lines_most=found.log_lines_most,
        accepted=found.verdict.accepted,
        lost=len(found.verdict.lost),
        doubled=len(found.verdict.doubled),
    )


if __name__ == "__main__":
    sys.exit(not main())
