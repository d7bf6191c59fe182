"""A million complaints in a journal within a minute: what it looks like after two months of a busy gateway.

usage: python -m bench.million [FOLDER] [--rows N] [--days N]

The rows are written straight into the file, by statement and not one by one; what is still open is sealed like any other, the rest holds
random octets where texts were (nobody opens them). It is a whole journal: a gateway with the same key opens it, `journal verify` without
`--all` aside. Used by `bench.ledger` and `bench.report`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import apsw

from forwarder.journal import Journal, JournalSettings, Sealer, numbering
from forwarder.journal.documents import Documents
from parsers.model import Segment
from tests.journal.people import KEY, Composer, segment

LONG = True
ROWS = 1_000_000
DAYS = 60
DAY_MS = 86_400_000
WIB_MS = 7 * 3_600_000
OPERATORS = (("telkomsel", 50), ("indosat", 20), ("xl", 15), ("smartfren", 5), ("x", 8), ("app:agam", 2))
TOPICS = ("infrastruktur", "kesehatan", "pendidikan dan pengajaran", "kependudukan", "energi dan sumber daya alam", None)
CLASSES = ("pengaduan", "pengaduan", "pengaduan", "aspirasi", "permintaan informasi")
PARTS_DAYS = 14

# One row per message: who, when, what became of it. `i` is its id; a complaint has the id of its message. h is i, shuffled.
_FATE_TABLE = "CREATE TEMP TABLE fate (i INTEGER PRIMARY KEY, h INTEGER, at_ms INTEGER, operator TEXT, state TEXT, parts INTEGER)"
_FATE = """
INSERT INTO fate
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows),
h AS (SELECT i, (i * 2654435761) & 0xFFFFFFF AS h FROM n)
SELECT i, h, :first + (i - 1) * :span / :rows AS at_ms,
    (SELECT name FROM operators WHERE h % 100 < upto ORDER BY upto LIMIT 1) AS operator,
    CASE WHEN h % 20 = 7 THEN NULL
         WHEN h % 50 = 11 AND i > 100 THEN 'duplicate'
         WHEN h % 1000 = 13 THEN 'closed'
         WHEN i > :rows - :rows / :days AND h % 100 = 17 THEN 'held'
         WHEN h % 2000 = 19 THEN 'parked'
         WHEN h % 5000 = 23 THEN 'unknown'
         ELSE 'filed' END AS state,
    CASE WHEN h % 5 = 1 AND h % 100 < 90 THEN 2 ELSE 1 END AS parts
FROM h
"""
_MESSAGES = """
INSERT INTO message (id, channel, operator, bind, destination, received_ms, sent_ms, alphabet, data_coding, parts, incomplete, damaged,
    complaint, part_set, digest_tag, answer_session, answer_ms, answer_late, reporter_tag, sealed_sender, sealed_content)
SELECT i, CASE operator WHEN 'x' THEN 'X @lapor1708' WHEN 'app:agam' THEN 'Aplikasi Agam' ELSE 'SMS 1708' END, operator, 'a', '1708', at_ms,
    at_ms - 2000, 'gsm7', 0, parts, 0, 0, iif(state IS NULL, NULL, i), iif(parts > 1, i, NULL),
    iif(at_ms > :parts_ms, randomblob(16), NULL), 1, at_ms, 0, randomblob(16),
    iif(state IN ('held', 'parked', 'unknown'), sealed_sender(i), randomblob(80)),
    iif(state IN ('held', 'parked', 'unknown'), sealed_content(i), randomblob(300))
FROM fate
"""
_COMPLAINTS = """
INSERT INTO complaint (id, message, number, first, state, reason, since_ms, next_ms, attempts, tracking_id, transaction_id, region,
    instansi, instansi_name, unit, certainty, keyword, rule, version, topic, classification, language, anonim, rahasia)
SELECT i, i, iif(state = 'duplicate', NULL, number_of(i)), iif(state = 'duplicate',
    (SELECT f.i FROM fate AS f WHERE f.i < fate.i AND f.state = 'filed' ORDER BY f.i DESC LIMIT 1), NULL), state,
    CASE state WHEN 'held' THEN 'review' WHEN 'parked' THEN 'HTTP 422' WHEN 'unknown' THEN 'HTTP 502' END,
    at_ms + 3000, iif(state IN ('held', 'parked', 'unknown'), at_ms + 3000, NULL), iif(state IN ('held', 'duplicate'), 0, 1),
    iif(state = 'filed', CAST(100000000000 + i AS TEXT), NULL), iif(state = 'filed', 't' || i, NULL), region,
    coalesce(region, 'nasional'), iif(region IS NULL, 'meja nasional', place.name), NULL, iif(region IS NULL, 'national', 'explicit'),
    iif(region IS NULL, NULL, 'AGAM'), 'agam-1', 'v1', topic, class, 'id', h % 3 = 0, h % 25 = 0
FROM fate LEFT JOIN place ON place.n = h % 600 LEFT JOIN topics ON topics.n = h % 6 LEFT JOIN classes ON classes.n = h % 5
WHERE state IS NOT NULL ORDER BY i
"""
_REPLIES = """
INSERT INTO reply (id, message, complaint, kind, state, due_ms, attempts, again, settled_ms)
SELECT i, i, iif(state IS NULL, NULL, i), iif(state IS NULL, 'status_unknown', 'receipt_filed'), 'sent', NULL, 1, 0, at_ms + 4000 FROM fate
"""
_SETS = """
INSERT INTO part_set (id, key_tag, sender_tag, operator, total, state, began_ms, closed_ms, message)
SELECT i, randomblob(16), randomblob(16), operator, parts, 'joined', at_ms - 1000, at_ms, i FROM fate
WHERE parts > 1 AND at_ms > :parts_ms ORDER BY i
"""
_PARTS = """
INSERT INTO part (part_set, part, digest_tag, received_ms, sealed_pdu)
SELECT i, p.column1, randomblob(16), at_ms - 2000 + 1000 * p.column1, NULL FROM fate, (VALUES (1), (2)) AS p
WHERE parts > 1 AND at_ms > :parts_ms ORDER BY i, p.column1
"""
_HISTORY = """
INSERT INTO history (complaint, at_ms, who, move, sealed_reason) SELECT i, at_ms + 5000, 'desk', 'close', randomblob(60) FROM fate
WHERE state = 'closed'
"""
_COURSES = """
INSERT INTO course (complaint, status, words, heard_ms, disposed_ms, answered_ms, finished_ms, look_ms)
SELECT i, s, s, :end, iif(s = 'unverified', NULL, min(:end, at_ms + (1 + h % 5) * 43200000)),
    iif(s IN ('in_process', 'done'), min(:end, at_ms + (2 + h % 15) * 86400000), NULL),
    iif(s = 'done', min(:end, at_ms + (3 + h % 40) * 86400000), NULL), NULL
FROM (SELECT *, CASE WHEN at_ms > :end - 5 * 86400000 THEN 'unverified' WHEN h % 10 < 2 THEN 'disposed' WHEN h % 10 < 5 THEN 'in_process'
                     WHEN h % 97 = 0 THEN 'archived' ELSE 'done' END AS s FROM fate WHERE state = 'filed') ORDER BY i
"""
_TALLY = """
INSERT INTO tally (noun, state, count)
SELECT 'message', 'stored', count(*) FROM message UNION ALL SELECT 'complaint', state, count(*) FROM complaint GROUP BY state
UNION ALL SELECT 'reply', state, count(*) FROM reply GROUP BY state
"""


@dataclass(frozen=True, slots=True)
class Million:
    """What was built: `rows` complaints and a twentieth more messages, evenly over whole WIB days from `first_ms` to `end_ms`."""

    path: Path
    rows: int
    messages: int
    first_ms: int
    end_ms: int
    seconds: float

    @property
    def built(self) -> str:
        """What was built, for whoever waits."""
        size = self.path.stat().st_size >> 20
        return f"{self.rows} complaints of {self.messages} messages in {self.seconds:.0f} s, {size} MB"


def build(path: Path, key: bytes, now_ms: int, *, rows: int = ROWS, days: int = DAYS) -> Million:
    """Make the journal at `path`, sealed with `key`; its last day is the WIB day before `now_ms`. Blocks; not inside an event loop."""
    began = time.monotonic()
    end_ms = (now_ms + WIB_MS) // DAY_MS * DAY_MS - WIB_MS
    first_ms, messages = end_ms - days * DAY_MS, rows * 20 // 19
    asyncio.run(_begin(path, key, now_ms))
    connection = apsw.Connection(str(path))
    for pragma in ("synchronous = OFF", "temp_store = MEMORY", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    _functions(connection, Sealer(key))
    parts_ms = end_ms - PARTS_DAYS * DAY_MS
    bound = {"rows": messages, "days": days, "first": first_ms, "span": days * DAY_MS, "end": end_ms, "parts_ms": parts_ms}
    connection.execute("BEGIN IMMEDIATE")
    _small_tables(connection)
    for statement in (_FATE_TABLE, _FATE, _MESSAGES, _COMPLAINTS, _REPLIES, _SETS, _PARTS, _HISTORY, _COURSES, _TALLY):
        connection.execute(statement, bound)
    held = connection.execute("SELECT count(*) FROM complaint").get
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    return Million(path, held, messages, first_ms, end_ms, time.monotonic() - began)


async def _begin(path: Path, key: bytes, now_ms: int) -> None:
    """The file as a gateway begins it: schema, key check, and a run that ended."""
    composer: Any = Composer()  # it understands no posts, and gets none
    path.parent.mkdir(parents=True, exist_ok=True)
    await Journal.open(path, sealer=Sealer(key), settings=JournalSettings(), clock=lambda: now_ms, composer=composer).close()


def _functions(connection: apsw.Connection, sealer: Sealer) -> None:
    """What SQL cannot do by itself: numbers, and sealed columns of what is still open."""
    numbers, documents = numbering(sealer, JournalSettings()), Documents(sealer)
    composer = Composer(numbers)

    def sealed_sender(number: int) -> bytes:
        return documents.sender(number, composer.whole(number, number, _one(number)).message.reporter)

    def sealed_content(number: int) -> bytes:
        composed = composer.whole(number, number, _one(number))
        return documents.content(composed.message, composed.complaint)

    functions: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("number_of", numbers.number_of),
        ("sealed_sender", sealed_sender),
        ("sealed_content", sealed_content),
    )
    for name, function in functions:
        connection.create_scalar_function(name, function, 1)


def _one(number: int) -> Segment:
    return segment(f"AGAM lampu jalan mati, tiang nomor {number}", f"62812{number:08d}")


def _small_tables(connection: apsw.Connection) -> None:
    """Operators by share, regions, topics and kinds: what a message draws from."""
    for table in ("operators (name, upto)", "place (n INTEGER PRIMARY KEY, region, name)", "topics (n, topic)", "classes (n, class)"):
        connection.execute(f"CREATE TEMP TABLE {table}")
    upto = 0
    for name, share in OPERATORS:
        upto += share
        connection.execute("INSERT INTO operators VALUES (?, ?)", (name, upto))
    with Path(str(files("config").joinpath("regions.csv"))).open(encoding="utf-8", newline="") as opened:
        lines = csv.DictReader(line for line in opened if not line.startswith("#"))
        places = [(one["code"], one["name"]) for one in lines if one["kind"] in ("kabupaten", "kota")]
    connection.executemany("INSERT INTO place VALUES (?, ?, ?)", ((at, *place) for at, place in enumerate(places)))
    connection.executemany("INSERT INTO topics VALUES (?, ?)", list(enumerate(TOPICS)))
    connection.executemany("INSERT INTO classes VALUES (?, ?)", list(enumerate(CLASSES)))


def main() -> None:
    """Build one and say what it is."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", help="where; else it is built, timed and removed")
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--days", type=int, default=DAYS)
    given, _ = options.parse_known_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lapor-bench-")))
        built = build(folder / "journal.db", KEY, time.time_ns() // 1_000_000, rows=given.rows, days=given.days)
        print(built.built)


if __name__ == "__main__":
    main()
