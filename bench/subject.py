"""What one person's rights cost in a journal of a million messages: export and erasure of one, and that nothing of him is left.

usage: python -m bench.subject [--rows N] [--messages N]

Every citizen of the million has a key of his own. Left behind would be, of the one who is erased: his words, his number, what they were
sealed into, his sealed keys, in the file, the write-ahead log, freed pages, or a backup made afterwards; all are searched octet by octet.
"""

from __future__ import annotations

import argparse
import asyncio
import mmap
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from bench.machine import header
from forwarder.journal import Hand, Journal, Settlement
from forwarder.journal.persons import row_of
from forwarder.journal.seal import key_of
from forwarder.lifecycle import ComplaintMove, ComplaintState
from tests.journal.people import Composer, House, segment

ROWS = 1_000_000
MESSAGES = 1_000
SLICE = 100
BATCH = 1_000
PERSON = "6281234500000"
CANARY = "KENARI kuning di pohon"
BY = Hand("bench", "figures")
GOAL_SECONDS = 60.0
HEAD = 12  # octets by which a thing is looked for, before it is compared as a whole
_COLUMNS = (
    "SELECT sealed_sender FROM message WHERE reporter_tag = ?",
    "SELECT sealed_content FROM message WHERE reporter_tag = ?",
    "SELECT r.sealed_pdu FROM message AS m JOIN raw AS r ON r.message = m.id WHERE m.reporter_tag = ?",
    "SELECT h.sealed_reason FROM message AS m JOIN history AS h ON h.complaint = m.complaint WHERE m.reporter_tag = ?",
)


async def others(house: House, journal: Journal, rows: int) -> None:
    """The million, each by a citizen of his own: taken in as any message, and settled."""
    plain = house.composer
    house.composer = Composer(state=ComplaintState.CLOSED, reply=None)
    for start in range(0, rows, BATCH):
        house.time.pass_(1)
        await journal.accept(house.many(journal, min(BATCH, rows - start), start))
    house.composer = plain


async def write(house: House, journal: Journal, count: int) -> None:
    """One person's messages, filed, and every tenth noted by an officer; among those of a neighbour."""
    for start in range(0, count, SLICE):
        house.time.pass_(30)
        texts = [(f"AGAM {CANARY} {number}", PERSON) for number in range(start, min(start + SLICE, count))]
        texts += [(f"AGAM tetangga {number}", "6281299900000") for number in range(start, min(start + SLICE, count))]
        arrivals = [house.arrival(journal, segment(text, source, received_ms=house.time.ms)) for text, source in texts]
        verdicts = await journal.accept(arrivals)
        ids = [verdict.complaint_id or 0 for verdict in verdicts]
        await journal.start_filing([(one, 1) for one in ids])
        await journal.settle([Settlement(one, 1, ComplaintMove.FILED, f"88{one}") for one in ids])
        for one in ids[:SLICE:10]:
            await journal.note(journal.number_of(one), Hand("bench", CANARY))


def canaries(connection: apsw.Connection, tag: bytes) -> list[bytes]:
    """What must be nowhere afterwards."""
    sealed = [value for sql in _COLUMNS for (value,) in connection.execute(sql, (tag,)).fetchall() if isinstance(value, bytes)]
    keys = {row_of(connection, key_of(value)) or b"" for value in sealed}
    return [CANARY.encode(), PERSON.encode(), *sorted(keys), *(value[9:] for value in sealed)]


def found(paths: Sequence[Path], wanted: Sequence[bytes]) -> int:
    """How many of these are in any of the files, free pages and all; one walk over each file for all of them together."""
    seen: set[bytes] = set()
    pattern = re.compile(b"|".join(re.escape(one[:HEAD]) for one in wanted))
    by_head = {one[:HEAD]: one for one in wanted}
    for octets in _files(paths):
        for match in pattern.finditer(octets):
            one = by_head[match[0]]
            if octets[match.start() : match.start() + len(one)] == one:
                seen.add(one)
    return len(seen)


def _files(paths: Sequence[Path]) -> Iterator[mmap.mmap]:
    for path in paths:
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                yield octets


async def measure(folder: Path, rows: int, count: int) -> bool:
    """Print a line per step; whether the goal is met."""
    house = House(folder / "state")
    journal = house.open()
    began = time.monotonic()
    await others(house, journal, rows)
    seconds = time.monotonic() - began
    print(f"{rows} messages, each with complaint, raw PDU and key: {house.path.stat().st_size >> 20} MB in {seconds:.0f} s", flush=True)
    await write(house, journal, count)
    tag = journal.subjects.tag_of("+" + PERSON)
    began = time.monotonic()
    exported = [one async for one in journal.subjects.export(tag, BY)]
    export = time.monotonic() - began
    connection = apsw.Connection(str(house.path), flags=apsw.SQLITE_OPEN_READONLY)
    wanted = canaries(connection, tag)
    connection.close()
    before = found(sorted(house.directory.iterdir()), wanted[2:])
    began = time.monotonic()
    erased = await journal.subjects.erase(tag, BY, force=True)
    erasure = time.monotonic() - began
    backup = folder / "backup"
    async for _ in journal.vault.make(backup):
        pass
    left = found([*sorted(house.directory.iterdir()), *sorted(backup.iterdir())], wanted)
    await journal.close()
    left = max(left, found(sorted(house.directory.iterdir()), wanted))
    print(f"export  {export:>7.2f} s  {len(exported) - 1} messages")
    print(f"erase   {erasure:>7.2f} s  {erased.messages} messages, {erased.keys} keys, log {'left' if erased.log_left else 'emptied'}")
    print(f"search  {before} of {len(wanted) - 2} sealed things found before, {left} of {len(wanted)} afterwards in file, log and backup")
    return max(export, erasure) <= GOAL_SECONDS and left == 0 and before == len(wanted) - 2 and len(exported) - 1 == count


def main() -> None:
    """Print the figures; exit 1 when the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--messages", type=int, default=MESSAGES)
    given, _ = options.parse_known_args()
    if sys.argv[0].endswith("subject.py"):
        print(header("subject"), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        if not asyncio.run(measure(Path(name), given.rows, given.messages)):
            raise SystemExit("the goal is missed")


if __name__ == "__main__":
    main()
