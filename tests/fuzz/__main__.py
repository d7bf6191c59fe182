"""Mutate octets and throw them at every target for a while; the seed that is printed repeats the run.

usage: python -m tests.fuzz [--seconds 300] [--seed N] [TARGET…]
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from tests.fuzz.targets import TARGETS, Target

OCTETS_MAX = 4096
CORPUS_MAX = 2_000
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


def run(name: str, target: Target, seconds: float, seed: int) -> int:
    """Throw until the time is over; returns the number of attempts. The first find ends it, with the octets that made it."""
    random, corpus, attempts = Random(f"{name} {seed}"), list(target.corpus), 0
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        octets = mutated(random.choice(corpus), random.choice(corpus), random)
        try:
            target.attempt(octets)
        except Exception:
            print(f"find: {name} seed={seed} attempt={attempts} octets={octets.hex()}", file=sys.stderr)
            raise
        if time.monotonic() - began > ATTEMPT_SECONDS_MAX:
            raise SystemExit(f"find: {name} took longer than a second; octets={octets.hex()}")
        attempts += 1
        if random.random() < 0.01:
            corpus.append(octets)
            del corpus[len(target.corpus) : -CORPUS_MAX]
    return attempts


def main() -> None:
    """Fuzz the targets named, or all."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=300, help="for each target")
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("targets", nargs="*", choices=[[], *TARGETS])
    given = asked.parse_args()
    for name in given.targets or TARGETS:
        attempts = run(name, TARGETS[name], given.seconds, given.seed)
        print(f"{name}: {attempts} attempts, {attempts / given.seconds:.0f}/s, no find, seed={given.seed}", flush=True)


if __name__ == "__main__":
    main()
