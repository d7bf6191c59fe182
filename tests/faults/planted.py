"""Every check is shown to fail: one fault of ours at a time is put into the gateway (plants.py), and the check that must see it is run."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.faults import ack_order, canaries, clock_steps, plants, sick_disk, strace, torn_log
from tests.faults.exchange import Stage, Sums
from tests.faults.record import record

BUDGET_SECONDS = 130
SEED = 13
MESSAGES = 300
DISK = (
    sick_disk.Ill("fdatasync EIO from there on", (("fdatasync", "EIO", "2+"),)),
    sick_disk.Ill("pwrite64 ENOSPC from there on", (("pwrite64", "ENOSPC", "3+"),)),
)


async def exchange(folder: Path, planted: str) -> Sums:
    """The scripted exchange without any kill."""
    stage = Stage(folder, SEED, planted)
    async with stage.set_up():
        turn = stage.turn()
        turn.begin()
        return await turn.sums()


def _lost(folder: Path) -> int:
    return len(asyncio.run(exchange(folder, plants.PART_DROPPED)).verdict.lost)


def _doubled(folder: Path) -> int:
    return len(asyncio.run(exchange(folder, plants.POSTED_TWICE)).verdict.doubled)


def _answered_twice(folder: Path) -> int:
    return asyncio.run(exchange(folder, plants.ANSWERED_TWICE)).answers.doubled


def _early(folder: Path, planted: str) -> int:
    return len(asyncio.run(ack_order.trace(folder, MESSAGES, planted)).early)


def _false_yes(folder: Path) -> int:
    return sick_disk.suffer(folder, DISK, seed=SEED, planted=plants.FALSE_YES).false_yes


def _torn(folder: Path) -> int:
    return torn_log.tear(folder, 200, SEED, plants.commit_late).missing


def _in_pieces(folder: Path) -> int:
    (day,) = (step for step in clock_steps.steps(time.time()) if step.name == "a day forward")
    return clock_steps.step_once(folder, day, kill=False, seed=SEED, planted=plants.WALL_CLOCK_AGE).early


def _leaked(folder: Path) -> int:
    return sum(hit.startswith("log ") for hit in asyncio.run(canaries.run(folder, canaries.LEAKING)).hits)


CHECKS: Mapping[str, tuple[Callable[[Path], int], Callable[[], str | None]]] = {
    "part_dropped": (_lost, lambda: None),
    "posted_twice": (_doubled, lambda: None),
    "answered_twice": (_answered_twice, lambda: None),
    "text_logged": (_leaked, lambda: None),
    "commit_late": (_torn, lambda: None),
    "ack_first": (lambda folder: _early(folder, plants.ACK_FIRST), strace.missing),
    "no_sync": (lambda folder: _early(folder, plants.NO_SYNC), strace.missing),
    "false_yes": (_false_yes, strace.missing),
    "wall_clock_age": (_in_pieces, lambda: None if clock_steps.library() else "needs libfaketime"),
}
"""By the fault: how often the check noticed it, and why the check cannot be run here."""


def main() -> bool:
    """How often each check noticed its fault: at least once, or the check is none."""
    noticed = {}
    for name, (check, missing) in CHECKS.items():
        if (why := missing()) is not None:
            print(f"{name} {why}", flush=True)
            return False
        with tempfile.TemporaryDirectory(prefix="lapor-planted-") as folder:
            noticed[name] = check(Path(folder))
        print(f"{name}: noticed {noticed[name]} times", flush=True)
    record("planted", seed=SEED, faults=len(noticed), noticed=sum(count > 0 for count in noticed.values()), **noticed)
    return all(noticed.values())


if __name__ == "__main__":
    sys.exit(not main())
