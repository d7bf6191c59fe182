"""A journal whose complaints are known to the last one, for the tests of reports: rows straight into the file, no gateway."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from forwarder.journal import Journal, JournalSettings, Sealer
from tests.journal.people import KEY, Composer

WIB = dt.timezone(dt.timedelta(hours=7))
TAG = b"a tag of one reporter"


@dataclass(frozen=True)
class Filed:
    """One complaint; times as `2026-11-02 08:00` in WIB. `many` of them are all alike."""

    at: str
    status: str | None = None
    state: str = "filed"
    region: str | None = "13.06"
    instansi: str = "Kab. Agam"
    unit: str | None = None
    topic: str | None = "jalan"
    channel: str = "SMS 1708"
    kind: str = "pengaduan"
    disposed: str | None = None
    answered: str | None = None
    finished: str | None = None
    rahasia: bool = False
    tag: bytes | None = TAG
    many: int = 1


def ms(when: str | None) -> int | None:
    """WIB to UTC milliseconds."""
    return None if when is None else int(dt.datetime.fromisoformat(when).replace(tzinfo=WIB).timestamp() * 1000)


def begin(path: Path) -> None:
    """An empty journal."""
    composer: Any = Composer()  # it understands no posts, and gets none

    async def main() -> None:
        journal = Journal.open(
            path, sealer=Sealer(KEY), settings=JournalSettings(free_octets_min=0), clock=lambda: 1_000, composer=composer
        )
        await journal.close()

    asyncio.run(main())


def fill(path: Path, complaints: Iterable[Filed], restricted: Iterable[bytes] = ()) -> None:
    """Put them in, each as a message and its complaint."""
    if not path.exists():
        begin(path)
    connection = apsw.Connection(str(path))
    number = connection.execute("SELECT coalesce(max(id), 0) FROM message").get
    with connection:
        for one in complaints:
            for _ in range(one.many):
                number += 1
                _put(connection, number, one)
        for tag in restricted:
            connection.execute("INSERT INTO restriction VALUES (?, 1)", (tag,))
    connection.close()


def _put(connection: apsw.Connection, number: int, one: Filed) -> None:
    connection.execute(
        "INSERT INTO message (id, channel, operator, bind, destination, received_ms, alphabet, data_coding, parts, incomplete, damaged,"
        " complaint, answer_session, answer_ms, answer_late, reporter_tag)"
        " VALUES (?, ?, 'satu', 'a', '1708', ?, '', 0, 1, 0, 0, ?, 1, 1, 0, ?)",
        (number, one.channel, ms(one.at), number, one.tag),
    )
    connection.execute(
        "INSERT INTO complaint (id, message, state, since_ms, attempts, region, instansi, instansi_name, unit, topic, classification,"
        " language, anonim, rahasia) VALUES (?, ?, ?, 1, 1, ?, ?, ?, ?, ?, ?, 'id', 1, ?)",
        (number, number, one.state, one.region, one.instansi, one.instansi, one.unit, one.topic, one.kind, int(one.rahasia)),
    )
    if one.status is not None:
        connection.execute(
            "INSERT INTO course (complaint, status, words, heard_ms, disposed_ms, answered_ms, finished_ms) VALUES (?, ?, '', 1, ?, ?, ?)",
            (number, one.status, ms(one.disposed), ms(one.answered), ms(one.finished)),
        )
