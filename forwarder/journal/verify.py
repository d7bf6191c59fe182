"""Is this file a journal that can be restored? Its sum, its structure, its key, its counts, and that what is sealed in it opens.

Every finding names what is wrong and what to do. Nothing is written, neither into the file nor beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from forwarder.journal import audit
from forwarder.journal.backup import Manifest, digest, sum_path, whole
from forwarder.journal.books import Ids
from forwarder.journal.masters import KEY_WORD
from forwarder.journal.persons import Keyring, Seals, rooted, row_of
from forwarder.journal.rows import fetch
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.storage import APPLICATION_ID, migrations
from parsers.errors import GatewayError

MAGIC = b"SQLite format 3\0"
SAMPLE = 500  # sealed values opened per column, spread over the whole table
ERRORS_MAX = 5  # of one kind, told one by one
TOLD_EVERY = 2_000  # values between two words about progress

Progress = Callable[[str, int, int], None]
"""What is being opened, how many were, of how many."""

SEALED: dict[str, tuple[str, str, str]] = {
    "message.sealed_sender": ("sender", "m.id", "message AS m"),
    "message.sealed_content": ("content", "m.id", "message AS m"),
    "raw.sealed_pdu": ("pdu", "m.message", "raw AS m"),
    "part.sealed_pdu": ("part", "m.part_set", "part AS m JOIN part_set AS s ON s.id = m.part_set"),
    "history.sealed_reason": ("reason", "m.complaint", "history AS m"),
    "post.sealed_ids": ("post", "m.message", "post AS m"),
    "earlier.sealed_content": ("content", "m.message", "earlier AS m"),
    "course.sealed_answer": ("answer", "m.complaint", "course AS m"),
    "person.sealed_key": ("person", "m.id", "person AS m"),
    "legal_hold.sealed_reason": ("hold", "m.complaint", "legal_hold AS m"),
    "blocked.sealed_reason": ("block", "m.id", "blocked AS m"),
    "audit.sealed_reason": ("audit", "m.id", "audit AS m"),
}
"""Every sealed column: the purpose it is sealed for, the number of its row, and where it is read."""
_COUNTS = {
    "message stored": "SELECT count(*) FROM message",
    "refusal noted": "SELECT count(*) FROM refusal",
    "alarm raised": "SELECT count(*) FROM alarm",
}
_BY_STATE = {noun: f"SELECT state, count(*) FROM {noun} GROUP BY state" for noun in ("complaint", "reply")}  # noqa: S608 - names of our own tables
_BY_STATE["addition"] = "SELECT state, count(*) FROM addition WHERE state IS NOT NULL GROUP BY state"
COUNTED = ("message", "complaint", "addition", "reply", "refusal", "alarm")
ADDITIONS_SINCE = 6  # version of the journal from which on they have states


class VerifyError(GatewayError):
    """A file that cannot be restored; the sentences say why and what to do."""


@dataclass(slots=True)
class Findings:
    """What was found. `problems` is empty for a file that can be restored; `notes` are worth knowing."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    manifest: Manifest | None = None
    version: int = 0
    as_of_ms: int = 0
    """What it knows of the world: when it was made, or when its gateway last wrote."""
    rows: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    sealed: int = 0


def verify(file: Path, sealer: Sealer, *, every: bool = False, tell: Progress | None = None, sum_: str | None = None) -> Findings:
    """Look at a file; `every` opens all that is sealed in place of a sample, `sum_` is known already. OSError when it cannot be read."""
    found = Findings()
    if not _looks_like_one(file, found) or not _sum_agrees(file, found, sum_):
        return found
    try:
        connection = whole(file)
    except apsw.Error as error:
        found.problems.append(f"is damaged ({type(error).__name__}): take another backup")
        return found
    try:
        if _is_ours(connection, sealer, found) and _is_sound(connection, found):
            sealer = _with_keys(connection, sealer)
            _counts_agree(connection, found)
            _audit_holds(connection, found)
            _open_sealed(connection, sealer, found, every=every, tell=tell or _silent)
    except apsw.Error as error:
        found.problems.append(f"is damaged ({type(error).__name__}): take another backup, or bring it back by `journal salvage`")
    finally:
        connection.close()
    return found


def _silent(_: str, __: int, ___: int) -> None:
    """Nobody listens."""


def _looks_like_one(file: Path, found: Findings) -> bool:
    with file.open("rb") as opened:
        head = opened.read(len(MAGIC))
    if head != MAGIC:
        found.problems.append("is no journal: a backup's name is journal-LETTER-TIME.db")
        return False
    log = file.with_name(file.name + "-wal")
    if log.exists() and log.stat().st_size:
        found.problems.append(f"is not whole: {log.name} beside it holds its last transactions; make a backup by `journal backup`")
        return False
    return True


def _sum_agrees(file: Path, found: Findings, known: str | None) -> bool:
    beside = sum_path(file)
    if known is not None:
        return True
    if not beside.exists():
        found.notes.append(f"no {beside.name} beside it: whether it is octet for octet what was written is not known")
        return True
    said = beside.read_text(encoding="utf-8", errors="replace").split()
    if said and said[0] == digest(file):
        return True
    found.problems.append(
        f"has another SHA-256 than {beside.name} says: it was cut or changed since; copy it again, or take another backup"
    )
    return False


def _is_ours(connection: apsw.Connection, sealer: Sealer, found: Findings) -> bool:
    found.version, newest = connection.pragma("user_version"), max(number for number, _ in migrations())
    if connection.pragma("application_id") != APPLICATION_ID:
        found.problems.append("is a database, but no journal")
        return False
    if found.version > newest:
        found.problems.append(
            f"is of version {found.version}, newer than this program ({newest}): use the program that made it, or a newer one"
        )
        return False
    if found.version < newest:
        found.notes.append(f"of version {found.version}; it is brought to version {newest} when it is restored")
    sealed = connection.execute("SELECT value FROM meta WHERE name = 'key_check'").get
    try:
        fits = sealed is not None and sealer.open("key_check", 0, sealed) == KEY_WORD and bool(rooted(sealer, connection))
    except SealError:
        fits = False
    if not fits:
        found.problems.append("is sealed with another key: give the master_key that its gateway had when the backup was made")
    return fits


def _with_keys(connection: apsw.Connection, sealer: Sealer) -> Sealer:
    """The sealer with the data keys of this file; one of an older version has none."""
    one = rooted(sealer, connection)
    return Seals(one, Keyring(one, Ids()), lambda key_id: row_of(connection, key_id) if _has_persons(connection) else None)


def _has_persons(connection: apsw.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'person'").get)


def _is_sound(connection: apsw.Connection, found: Findings) -> bool:
    errors = [str(row[0]) for row in fetch(connection, f"PRAGMA integrity_check({ERRORS_MAX})")]
    if errors == ["ok"]:
        return True
    found.problems += [f"is damaged: {error}" for error in errors]
    found.problems.append("take another backup; if there is none, `journal salvage` brings back what can be read")
    return False


def _counts_agree(connection: apsw.Connection, found: Findings) -> None:
    tally = {f"{noun} {state}": count for noun, state, count in fetch(connection, "SELECT noun, state, count FROM tally") if count}
    counted = {name: connection.execute(sql).get for name, sql in _COUNTS.items()}
    for noun, sql in _BY_STATE.items():
        if noun == "addition" and found.version < ADDITIONS_SINCE:
            continue
        counted |= {f"{noun} {state}": count for state, count in fetch(connection, sql)}
    found.rows = {name: count for name, count in counted.items() if count}
    for name in sorted(tally.keys() | found.rows.keys()):
        if name.partition(" ")[0] in COUNTED and tally.get(name, 0) != found.rows.get(name, 0):
            found.problems.append(
                f"counts {tally.get(name, 0)} of `{name}` in its tally and holds {found.rows.get(name, 0)}: was it changed by hand?"
            )
    found.as_of_ms = connection.execute("SELECT max(seen_ms) FROM run").get or 0
    said = connection.execute("SELECT value FROM meta WHERE name = 'backup'").get
    if said is None:
        found.notes.append("a journal, but no backup: made by copying, not by `journal backup`, so nothing says when")
        return
    found.manifest = Manifest(**json.loads(said))
    found.as_of_ms = found.manifest.made_ms
    if found.manifest.version != found.version or found.manifest.rows != tally:
        found.problems.append("does not hold what its manifest says: it was changed after it was made; take another backup")


def _audit_holds(connection: apsw.Connection, found: Findings) -> None:
    """A broken audit makes no backup worthless: it is told, and `audit verify` says more."""
    checked = audit.check(connection)
    if checked.broken is not None:
        found.notes.append(f"its audit does not hold from row {checked.broken} on: {checked.why}; `audit verify` looks at it alone")


def _open_sealed(connection: apsw.Connection, sealer: Sealer, found: Findings, *, every: bool, tell: Progress) -> None:
    columns = _columns(connection)
    for name, (purpose, row, source) in SEALED.items():
        table, _, column = name.partition(".")
        if name not in columns:  # a file of an older version
            continue
        there = f"m.{column} <> x''" if table != "person" else f"substr(m.{column}, 1, 1) <> x'00'"  # erased, destroyed
        total = connection.execute(f"SELECT count(*) FROM {source} WHERE {there}").get  # noqa: S608 - names of our own tables
        stride = 1 if every else max(1, total // SAMPLE)
        found.sealed += total
        failed = opened = 0
        bound = "s.key_tag" if purpose == "part" else "NULL"
        sql = f"SELECT {row}, {bound}, m.{column} FROM {source} WHERE {there} AND {row} % ?1 = 0"  # noqa: S608 - the same
        for number, key_tag, sealed in _values(connection, sql, stride):
            opened += 1
            failed += not _opens(sealer, purpose, number if key_tag is None else int.from_bytes(key_tag[:8], "big"), sealed)
            if opened % TOLD_EVERY == 0:
                tell(name, opened, total)
        tell(name, opened, total if every else opened)
        found.opened += opened
        if failed:
            found.problems.append(
                f"{failed} of {opened} values of {name} cannot be opened: they were changed, or sealed with a key that is not given"
            )


def _columns(connection: apsw.Connection) -> set[str]:
    sql = "SELECT t.name || '.' || c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'"
    return {str(name) for (name,) in fetch(connection, sql)}


def _values(connection: apsw.Connection, sql: str, stride: int) -> Iterator[tuple[int, bytes | None, bytes]]:
    yield from connection.execute(sql, (stride,))


def _opens(sealer: Sealer, purpose: str, row: int, sealed: bytes) -> bool:
    try:
        sealer.open(purpose, row, sealed)
    except SealError:
        return False
    return True
