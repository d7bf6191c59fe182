"""The same bytes mean the same however they come: at once, octet by octet, or cut anywhere (RELIABILITY §1 #6).

The streams are runs of good and mutated PDUs before sessions of both roles in every early state; tests/property has the same by chance.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from random import Random

from adapters.smpp.session import Session
from tests.faults.record import record
from tests.fuzz.__main__ import mutated
from tests.fuzz.targets import corpus
from tests.property.test_smpp_session import MAKERS, told
from tests.smpp.sessions import esme, smsc

BUDGET_SECONDS = 30
SEED = 20261128
STREAMS = 10_000
PIECES_MAX = 5
PLAIN_SHARE = 0.7  # a mutated piece often ends the session: most of a stream should be read
ROLES: Sequence[Callable[[], Session]] = (*MAKERS, esme, smsc)
Tell = Callable[[Session, bytes, list[int]], object]


def differing(streams: int, *, seed: int = SEED, tell: Tell = told) -> tuple[int, int]:
    """How many of so many streams meant something else when cut, and how many octets they had."""
    random, files, different, octets = Random(seed), corpus("session"), 0, 0
    for _ in range(streams):
        pieces = [random.choice(files) for _ in range(random.randint(1, PIECES_MAX))]
        stream = b"".join(one if random.random() < PLAIN_SHARE else mutated(one, random.choice(files), random)[:600] for one in pieces)
        make, cuts = random.choice(ROLES), sorted(random.sample(range(len(stream) + 1), min(len(stream), random.randint(1, 12))))
        whole, bytewise, cut = (tell(make(), stream, at) for at in ([], list(range(len(stream))), cuts))
        different += not whole == bytewise == cut
        octets += len(stream)
    return different, octets


def main() -> bool:
    """10,000 streams; prints the figures."""
    began = time.monotonic()
    different, octets = differing(STREAMS)
    record("split_streams", seed=SEED, streams=STREAMS, ways=3, octets=octets, different=different, seconds=time.monotonic() - began)
    return different == 0


if __name__ == "__main__":
    sys.exit(not main())
