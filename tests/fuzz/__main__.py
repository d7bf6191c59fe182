"""Mutate octets and throw them at every target for a while, or so often; the seed that is printed repeats the run.

usage: python -m tests.fuzz [--seconds 300 | --count N] [--seed N] [TARGET…]

No attempt may take longer than a second of the processor, and a run may not make the process grow by 10 MB.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from random import Random

import psutil

from tests.fuzz.targets import TARGETS, Target, corpus

OCTETS_MAX = 4096
CORPUS_MAX = 500
WARM_ATTEMPTS = 2_000  # caches and tables are full by then
GROWTH_OCTETS_MAX = 10 * 2**20  # RELIABILITY §1 #5
ATTEMPT_SECONDS_MAX = 1.0  # Ours: RELIABILITY §1 #5, no stall above a second
BOUNDARIES = (0, 1, 2, 3, 15, 16, 0x7F, 0x80, 0xFE, 0xFF)


def mutated(octets: bytes, other: bytes, random: Random) -> bytes:
    """A few random changes: another octet, a piece gone, doubled or taken from a second input, a length made to lie."""
    changed = bytearray(octets)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        at, size = random.randint(0, len(changed)), random.choice((1, 1, 2, 4, 32))
        match random.randrange(5):
            case 0:
                changed[at : at + 1] = bytes([random.choice(BOUNDARIES)])
            case 1:
                del changed[at : at + size]
            case 2:
                changed[at:at] = changed[at : at + size]
            case 3:
                changed[at:at] = other[:size] if random.random() < 0.5 else other[-size:]
            case _:
                changed[at : at + size] = random.randbytes(size)
    return bytes(changed[:OCTETS_MAX])


@dataclass(frozen=True, slots=True)
class Run:
    """What one target bore."""

    attempts: int
    seconds: float
    slowest_seconds: float
    """Of the processor: a busy machine stalls nobody here."""
    growth_octets: int

    def __str__(self) -> str:
        speed = f"{self.attempts} attempts, {self.attempts / max(self.seconds, 1e-9):.0f}/s"
        return f"{speed}, slowest {self.slowest_seconds * 1000:.0f} ms, grown by {self.growth_octets / 2**20:.1f} MB, no find"


class Find(Exception):
    """Octets that a target did not bear."""


def run(name: str, target: Target, seed: int, *, seconds: float = float("inf"), count: float = float("inf")) -> Run:
    """Throw until the time or the count is over; Find, with the octets that made it, ends it at once."""
    random, files = Random(f"{name} {seed}"), corpus(name)
    inputs, attempts, slowest, process, before = list(files), 0, 0.0, psutil.Process(), 0
    start = time.monotonic()
    while attempts < count and time.monotonic() - start < seconds:
        octets = files[attempts] if attempts < len(files) else mutated(random.choice(inputs), random.choice(inputs), random)
        began = time.thread_time()
        try:
            target.attempt(octets)
        except Exception as error:
            raise Find(f"{name} seed={seed} attempt={attempts} octets={octets.hex()}") from error
        slowest = max(slowest, time.thread_time() - began)
        if slowest > ATTEMPT_SECONDS_MAX:
            raise Find(f"{name} took {slowest:.1f} s; octets={octets.hex()}")
        attempts += 1
        if attempts == WARM_ATTEMPTS:
            before = process.memory_info().rss
        if random.random() < 0.01:
            inputs.append(octets)
            del inputs[len(files) : -CORPUS_MAX]
    growth = process.memory_info().rss - before if before else 0
    if growth > GROWTH_OCTETS_MAX:
        raise Find(f"{name}: the process grew by {growth / 2**20:.0f} MB in {attempts} attempts")
    return Run(attempts, time.monotonic() - start, slowest, growth)


def main() -> None:
    """Fuzz the targets named, or all."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=300, help="for each target")
    asked.add_argument("--count", type=float, default=float("inf"), help="attempts of each target at most")
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("targets", nargs="*", choices=[[], *TARGETS])
    given = asked.parse_args()
    for name in given.targets or TARGETS:
        try:
            done = run(name, TARGETS[name], given.seed, seconds=given.seconds, count=given.count)
        except Find as find:
            print(f"find: {find}", file=sys.stderr)
            raise
        print(f"{name}: {done}, seed={given.seed}", flush=True)


if __name__ == "__main__":
    main()
