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
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from bench.journal import COMPLAINTS, FILL, REPLIES
from bench.machine import header
from forwarder.journal import Hand, Journal, Sealer, Settlement
from forwarder.journal.persons import PERSON as PERSON_KEY
from forwarder.journal.persons import row_of
from forwarder.journal.rows import fetch
from forwarder.journal.seal import KEY_OCTETS, DataKey, key_of
from forwarder.lifecycle import ComplaintMove
from tests.journal.people import KEY, House, segment

LONG = True
ROWS = 1_000_000
MESSAGES = 1_000
SLICE = 100
PERSON = "6281234500000"
CANARY = "KENARI kuning di pohon"
BY = Hand("bench", "figures")
GOAL_SECONDS = 60.0
WHOLE = 20  # values looked for whole, beside the head that all have
_MESSAGE = """
INSERT INTO message VALUES (?, 'SMS 1708', 'telkomsel', 'a', '1708', 1795000000000, NULL, 'gsm7', 0, 1, 0, 0, NULL, ?, NULL, randomblob(16),
1, 1795000000000, 0, ?, ?, ?, NULL)
"""
_COLUMNS = (
    "SELECT sealed_sender FROM message WHERE reporter_tag = ?",
    "SELECT sealed_content FROM message WHERE reporter_tag = ?",
    "SELECT r.sealed_pdu FROM message AS m JOIN raw AS r ON r.message = m.id WHERE m.reporter_tag = ?",
    "SELECT h.sealed_reason FROM message AS m JOIN history AS h ON h.complaint = m.complaint WHERE m.reporter_tag = ?",
)


def others(path: Path, sealer: Sealer, rows: int) -> None:
    """The million, each by a citizen of his own with a key of his own: filed and answered, straight into the file."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN IMMEDIATE")
    connection.executemany(_MESSAGE, (_message(sealer, number) for number in range(1, rows + 1)))
    connection.executemany("INSERT INTO person VALUES (?, ?, 1795000000000)", _keys(sealer, rows))
    for table in (COMPLAINTS, REPLIES):
        connection.execute(FILL.format(first=1, last=rows) + table)
    for noun, state in (("message", "stored"), ("complaint", "filed"), ("reply", "sent")):
        connection.execute("INSERT INTO tally VALUES (?, ?, ?)", (noun, state, rows))
    connection.execute("COMMIT").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def _message(sealer: Sealer, number: int) -> tuple[bytes | int, ...]:
    value = f"+62813{number:08d}"
    key = DataKey(number, _octets(number))
    sender = sealer.seal("sender", number, f'["msisdn","{value}",1,1,"{value[1:]}"]'.encode(), key)
    content = sealer.seal("content", number, f'["AGAM aduan nomor {number}",null]'.encode(), key)
    return number, number, sealer.tag("reporter", value.encode()), sender, content


def _keys(sealer: Sealer, rows: int) -> Iterator[tuple[int, bytes]]:
    for number in range(1, rows + 1):
        yield number, sealer.seal_by_master(PERSON_KEY, number, _octets(number))


def _octets(number: int) -> bytes:
    """A key of a citizen whom nobody erases: it need not be secret."""
    return number.to_bytes(KEY_OCTETS, "big")


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
    """What must be nowhere afterwards: words, number, sealed keys, the head by which every value names its key, some values whole."""
    sealed: list[bytes] = [value for sql in _COLUMNS for (value,) in fetch(connection, sql, (tag,))]
    heads = {value[:9] for value in sealed}
    keys = {row_of(connection, key_of(value)) or b"" for value in sealed}
    return [CANARY.encode(), PERSON.encode(), *sorted(heads), *sorted(keys), *(value[9:] for value in sealed[:: len(sealed) // WHOLE + 1])]


def found(paths: Sequence[Path], wanted: Sequence[bytes]) -> int:
    """How many of these are in any of the files, free pages and all."""
    left = set(wanted)
    for octets in _files(paths):
        left -= {one for one in left if octets.find(one) >= 0}
    return len(wanted) - len(left)


def _files(paths: Sequence[Path]) -> Iterator[mmap.mmap]:
    for path in paths:
        if path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                yield octets


async def measure(folder: Path, rows: int, count: int) -> bool:
    """Print a line per step; whether the goal is met."""
    house = House(folder / "state")
    await house.open().close()
    began = time.monotonic()
    others(house.path, Sealer(KEY), rows)
    seconds = time.monotonic() - began
    print(f"{rows} messages, each with complaint, reply and key: {house.path.stat().st_size >> 20} MB in {seconds:.0f} s", flush=True)
    house.time.pass_(3600)
    journal = house.open()
    await write(house, journal, count)
    tag = journal.subjects.tag_of("+" + PERSON)
    await journal.counts()  # a large file is checked by the reader after the start; that is no part of the figures
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
