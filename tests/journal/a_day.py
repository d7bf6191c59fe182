"""A day with one of everything that can become of a message, for the tests of the ledger; and a copy of it to plant faults in."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import apsw

from forwarder.journal import Account, Hand, Settlement, day_begins, day_of, whole_account
from forwarder.journal.claims import Claimed
from forwarder.lifecycle import ComplaintMove, ComplaintState
from forwarder.records import Arrival
from tests.journal.people import EPOCH_MS, House, part, segment
from tests.journal.test_arrivals import unreadable
from tests.journal.test_posts import Life, post

DAY = day_of(EPOCH_MS)
SPAN = (day_begins(DAY), day_begins(DAY + 1))
MOVE = ComplaintMove


@dataclass(frozen=True)
class Refusal:
    """A "no" of that day."""

    operator: str = "telkomsel"
    bind: str = "a"
    command: str = "deliver_sm"
    status: int = 0x58
    cause: str = "too fast"
    at_ms: int = EPOCH_MS + 1_000


async def live(directory: Path) -> House:
    """Live the day and end it in order."""
    life = Life(directory)
    journal, house = life.journal, life.house
    await journal.begin_session("telkomsel", "a")
    verdicts = await journal.accept(house.many(journal, 8))
    ids = [one.complaint_id or 0 for one in verdicts]
    numbers = [journal.number_of(one) for one in ids]
    await journal.start_filing([(one, 1) for one in ids[:5]])
    answers = (MOVE.FILED, MOVE.FILED, MOVE.REFUSED, MOVE.LOST_ANSWER)
    for one, move in zip(ids, answers, strict=False):
        await journal.settle([Settlement(one, 1, move, f"78{one:05}" if move is MOVE.FILED else None, reason="HTTP 4711")])
    assert (await journal.close_cases([numbers[6]], Hand("siti", "the citizen withdrew it")))[0].error is None
    assert await journal.sharing.note_claimed([Claimed(ids[7], "BB2345", EPOCH_MS)]) == [True]
    house.composer.state = ComplaintState.HELD
    await journal.accept([house.arrival(journal, segment("AGAM apa ini", "628990"))])
    house.composer.state = ComplaintState.READY
    house.time.pass_(100)
    await journal.accept([house.arrival(journal, segment("AGAM aduan nomor 0", "6281200000000", received_ms=house.time.ms))])  # a resend
    await journal.accept([house.arrival(journal, segment("STATUS", "628991"))])
    await journal.accept([Arrival(unreadable())])
    await journal.accept([part("AGAM lampu ", 1, 2, source="62877"), part("mati", 2, 2, source="62877")])
    await journal.accept([part("AGAM belum ", 1, 3, source="62878"), part("AGAM belum ", 1, 3, source="62878")])
    await life.take(post(1, thread="t"))
    await life.take(post(2, "dan lagi", thread="t"), post(1))
    journal.note_refusal(Refusal())
    await journal.close()
    return house


def lived(directory: Path) -> Path:
    """The file of a day."""
    return asyncio.run(live(directory)).path


def account_of(path: Path, *span: int) -> Account:
    """Its ledger."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return whole_account(connection, *(span or SPAN))
    finally:
        connection.close()


def planted(path: Path, *statements: str) -> Path:
    """A copy in which something is not as it should be."""
    copy = path.with_name(f"planted{len(list(path.parent.glob('planted*')))}.db")
    shutil.copy(path, copy)
    connection = apsw.Connection(str(copy))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return copy
