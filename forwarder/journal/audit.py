"""The audit: who saw, settled, exported, erased or restricted what. Rows are only added, each with the hash of the one before.

Whoever changes, removes or slips in a row breaks every hash after it; reasons stay sealed, and the hash is over what is sealed, so that
it can be checked without any key. The chain may be cut at its beginning alone: the row that says so names the last row that went and
its hash, and is itself a link of the chain. Whoever can write the file can make a whole chain anew: against him the head is noted
outside (`status` shows it, the log has it), and `check` is given what was noted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw

from forwarder.journal.backup import whole
from forwarder.journal.books import Books
from forwarder.journal.orders import Deed
from forwarder.journal.rows import clean, fetch, insert
from forwarder.journal.storage import READ_FLAGS, Storage
from parsers.errors import JournalError

log = logging.getLogger(__name__)

BEGINNING = bytes(32)
"""What the first row is chained to."""
CUT = "cut audit"
"""What the row is called that stands for all that were cut away before it."""
CUT_ROWS = 5_000  # rows taken out by one transaction
WHO_MAX = 200  # characters of a name
NOTED_OCTETS = 16  # of a hash: nobody makes another chain that has them
NOTED_DIGITS_MIN = 16  # of a head that was noted outside: 64 bits

_COLUMNS = ("id", "at_ms", "who", "what", "about", "sealed_reason", "chain")
_AUDIT = insert("audit", *_COLUMNS)
_LAST = "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1"
_ALL = f"SELECT {', '.join(_COLUMNS)} FROM audit ORDER BY id"  # noqa: S608 - names of columns
_CUTS = f"SELECT about FROM audit WHERE what = '{CUT}' ORDER BY id DESC"  # noqa: S608 - a word of ours
_TYPES = (int, int, str, str, str, bytes, bytes)
_OLD = "SELECT id, chain, at_ms FROM audit ORDER BY id LIMIT ?"
_HELD = """
SELECT coalesce(min(a.id), 1 << 62) FROM legal_hold AS h JOIN complaint AS c ON c.id = h.complaint JOIN audit AS a ON a.about = c.number
"""
_THERE = "SELECT count(*) FROM sqlite_schema WHERE name = 'audit'"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row: its number, and the hash that stands for it and all before it."""

    row: int
    chain: bytes

    def __str__(self) -> str:
        """As people note it: 128 bits of the hash in fours, in which no masking of a log sees a long number."""
        return f"{self.row}:{self.chain[:NOTED_OCTETS].hex(':', 2)}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a walk along the chain found. `broken` is the first row that does not hold, `why` what is wrong with it."""

    rows: int
    first: int
    head: Head
    broken: int | None = None
    why: str = ""


def append(books: Books, deeds: Sequence[Deed]) -> list[int]:
    """Add rows in this transaction; their numbers. ValueError for a deed without a name."""
    (last, chain), rows = next(iter(fetch(books.connection, _LAST)), (0, BEGINNING)), []
    for number, given in enumerate(deeds, last + 1):
        if not given.who.strip():
            raise ValueError("an audit row needs a name")
        deed = Deed(clean(given.who)[:WHO_MAX], clean(given.what), clean(given.about), given.reason)
        sealed = books.sealer.seal("audit", number, deed.reason.encode("utf-8", "surrogatepass"))
        chain = link(chain, number, books.now_ms, deed, sealed)
        rows.append((number, books.now_ms, deed.who, deed.what, deed.about, sealed, chain))
    _AUDIT.run(books.connection, rows)
    return [row[0] for row in rows]


def link(chain: bytes, number: int, at_ms: int, deed: Deed, sealed_reason: bytes) -> bytes:
    """The hash of a row: SHA-256 over the hash before it and its fields, each with its length."""
    words = (one.encode("utf-8", "surrogatepass") for one in (str(number), str(at_ms), deed.who, deed.what, deed.about))
    return sha256(b"".join(b"%d:%s" % (len(field), field) for field in (chain, *words, sealed_reason))).digest()


def cut(books: Books, before_ms: int) -> int:
    """Take out the oldest rows, all from before `before_ms`, at most CUT_ROWS, in this transaction; how many.

    A younger row keeps all behind it, also where the clock went back, and so does one about a complaint under legal
    hold. The new row that stands for them is not counted.
    """
    last: Head | None = None
    count = 0
    held = books.connection.execute(_HELD).get
    for number, chain, at_ms in fetch(books.connection, _OLD, (CUT_ROWS,)):
        if at_ms >= before_ms or number >= held:
            break
        last, count = Head(number, chain), count + 1
    if last is None:
        return 0
    append(books, [Deed("gateway", CUT, f"{last.row}:{last.chain.hex()}", "older than the days that the audit is kept")])
    books.connection.execute("DELETE FROM audit WHERE id <= ?", (last.row,))
    return count


def cut_all(books: Books, items: Sequence[int]) -> list[int]:
    """The same, as a job of its own; items: before when (ms)."""
    return [cut(books, before_ms) for before_ms in items]


def head(connection: apsw.Connection) -> Head:
    """The newest row; row 0 before the first."""
    return next((Head(*row) for row in fetch(connection, _LAST)), Head(0, BEGINNING))


def check(connection: apsw.Connection, noted: str | None = None) -> Checked:
    """Walk along the whole chain. `noted` is a head that somebody noted earlier, as ROW:HASH: its row must still have that hash.

    Needs no key. ValueError when `noted` is no head.
    """
    wanted, digits = _noted(noted)
    if not connection.execute(_THERE).get:
        return Checked(0, 0, Head(0, BEGINNING), 0 if wanted else None, "this file is older than the audit" if wanted else "")
    walk = Walk(dict(_cuts(connection)))
    for row in connection.execute(_ALL):
        if walk.broken is None:
            walk.step(row)
        if walk.broken is None and row[0] == wanted and not walk.at.chain.hex().startswith(digits):
            walk.broken, walk.why = wanted, "it has another hash than was noted: the chain was made anew"
    if walk.broken is None and wanted > walk.at.row:
        walk.broken, walk.why = walk.at.row + 1, f"row {wanted} was noted, and the chain ends before it"
    if walk.broken is None and 0 < wanted < walk.first:
        walk.why = f"row {wanted}, which was noted, has been cut away since"
    return Checked(walk.rows, walk.first, walk.at, walk.broken, walk.why)


def look(file: Path, noted: str | None = None) -> Checked:
    """The same for a file: a journal, in use or not, or a backup. JournalError when it is none, or cannot be read."""
    connection: apsw.Connection | None = None
    try:
        log_octets = (beside := file.with_name(file.name + "-wal")).exists() and beside.stat().st_size
        connection = Storage(file).reader() if log_octets else whole(file)
        return check(connection, noted)
    except (apsw.Error, OSError) as error:
        raise JournalError(f"{file}: cannot be read as a journal: {type(error).__name__}") from None
    finally:
        if connection is not None:
            connection.close(force=True)


@dataclass(slots=True)
class Walk:
    """How far a chain holds. `cuts` has the hash of each row that was the last to be cut away."""

    cuts: Mapping[int, bytes]
    at: Head = field(default_factory=lambda: Head(0, BEGINNING))
    first: int = 0
    rows: int = 0
    broken: int | None = None
    why: str = ""

    def step(self, row: Sequence[Any]) -> None:
        """Take the next row (`Any`: of any file), or say why it does not hold."""
        number, at_ms, who, what, about, sealed, chain = row
        if (type(number), type(at_ms), *map(type, (who, what, about)), type(sealed), type(chain)) != _TYPES:
            self.broken, self.why = self.at.row + 1, "a row is not of its types: this table was made by another program"
            return
        if not self.rows:
            self.first = number
            before = BEGINNING if number == 1 else self.cuts.get(number - 1)
            if before is None:
                self.broken, self.why = 1, f"rows 1 to {number - 1} are gone, and no row says that they were cut"
                return
            self.at = Head(number - 1, before)
        if number != self.at.row + 1:
            self.broken, self.why = self.at.row + 1, "it is missing"
        elif link(self.at.chain, number, at_ms, Deed(who, what, about), sealed) != chain:
            self.broken, self.why = number, "its words, its time or the row before it were changed"
        else:
            self.at, self.rows = Head(number, chain), self.rows + 1


def carry_over(connection: apsw.Connection, aside: Path) -> int:
    """Take into the new journal what can be read of a damaged one's audit, as far as its chain is whole; how many rows."""
    rows: list[tuple[Any, ...]] = []
    try:
        damaged = apsw.Connection(str(aside), flags=READ_FLAGS)
        try:
            walk = Walk(dict(_cuts(damaged)))
            for row in damaged.execute(_ALL):
                walk.step(row)
                if walk.broken is not None:
                    break
                rows.append(row)
        finally:
            damaged.close(force=True)
    except apsw.Error:
        log.warning("the audit of the damaged journal cannot be read to its end; what can be goes on", extra={"rows": len(rows)})
    _AUDIT.run(connection, rows)
    return len(rows)


def _cuts(connection: apsw.Connection) -> Iterator[tuple[int, bytes]]:
    """Which row was the last that went, and its hash, for each row that says so."""
    for (about,) in fetch(connection, _CUTS):
        row, _, chain = str(about).partition(":")
        try:
            yield int(row), bytes.fromhex(chain)
        except ValueError:
            continue


def _noted(noted: str | None) -> tuple[int, str]:
    """Row and hexadecimal digits of a head that was noted; row 0 for none."""
    if noted is None:
        return 0, ""
    row, _, digits = noted.strip().lower().partition(":")
    digits = digits.replace(":", "")
    if not row.isdecimal() or len(digits) < NOTED_DIGITS_MIN or set(digits) - set("0123456789abcdef"):
        raise ValueError(f"{noted}: a head is noted as ROW:HASH, as `status` shows it, with {NOTED_DIGITS_MIN} digits of the hash or more")
    return int(row), digits
