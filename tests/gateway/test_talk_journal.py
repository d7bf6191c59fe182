"""What citizens say against the real journal and the real front desk, where one text decides on what the one before has written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw

from forwarder.records import Verdict
from tests.gateway.talk_runs import composer_of
from tests.journal.people import House, segment

SARI, BUDI = "6281266010001", "6281266010002"
HOUR = 3_600
PLACELESS, PLACE = "jalan berlubang parah banyak yang jatuh", "di depan masjid raya"


class Phones:
    """Texts of some phones, and the journal that they come to."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, composer=composer_of(folder))  # type: ignore[arg-type]
        self.journal = self.house.open()
        self._session = 0

    async def say(self, *texts: tuple[str, str]) -> list[Verdict]:
        """One batch; no text is a copy of the same delivery."""
        arrivals = []
        for text, phone in texts:
            self._session += 1
            one = segment(text, phone, received_ms=self.house.time.ms, session=self._session)
            arrivals.append(self.house.arrival(self.journal, one))
        return await self.journal.accept(arrivals)

    async def told(self, text: str, phone: str = SARI) -> str | None:
        """The kind of the answer to one text, which comes an hour after whatever came before."""
        self.house.time.pass_(HOUR)
        [verdict] = await self.say((text, phone))
        reply = None if verdict.composed is None else verdict.composed.reply
        return None if reply is None else reply.kind

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = apsw.Connection(str(self.house.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def complaints(self) -> list[tuple[Any, ...]]:
        """(state, reason) of each, in their order."""
        return self.rows("SELECT state, reason FROM complaint ORDER BY id")


def play(folder: Path, story: Callable[[Phones], Awaitable[None]]) -> None:
    async def main() -> None:
        phones = Phones(folder)
        try:
            await story(phones)
        finally:
            await phones.journal.close()

    asyncio.run(main())


def test_an_answer_in_the_batch_of_its_complaint_is_one_though_others_write_between(tmp_path: Path) -> None:
    async def story(phones: Phones) -> None:
        await phones.say((PLACELESS, SARI), ("air pdam mati sudah 3 hari", BUDI), (PLACE, SARI))
        assert phones.complaints() == [("ready", None), ("held", "question")]
        assert phones.rows("SELECT count(*) FROM answer") == [(1,)]

    play(tmp_path, story)
