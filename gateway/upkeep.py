"""What time alone brings about: long messages that stay incomplete go on, unanswered questions end, and what is old is forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from forwarder.journal import Journal
from gateway.intake import FrontDesk
from parsers.errors import JournalError

LOOK_SECONDS = 5.0  # how often incomplete messages and open questions are looked through
PURGE_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Upkeep:
    """Two tasks of one gateway. `may_expire` says whether parts may not be at another gateway; `lapsed` hears that complaints go on."""

    def __init__(
        self, journal: Journal, intake: FrontDesk, now_ms: Callable[[], int], *, may_expire: Callable[[], bool], lapsed: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._intake = intake
        self._now_ms = now_ms
        self._may_expire = may_expire
        self._lapsed = lapsed

    async def expire(self) -> None:
        """Long messages whose rest did not come in time are filed as they are; so is what we asked about and heard no answer to."""
        while True:
            try:
                if await self._journal.lapse_questions():
                    self._lapsed()
                if self._may_expire():
                    self._intake.take(await self._journal.expire_sets(self._now_ms()))
            except JournalError as error:
                log.warning("incomplete messages and open questions wait for the journal", extra={"cause": str(error)})
            await asyncio.sleep(LOOK_SECONDS)

    async def purge(self) -> None:
        """Every hour; retention is days."""
        while True:
            await asyncio.sleep(PURGE_SECONDS)
            try:
                purged = await self._journal.purge(self._now_ms())
            except JournalError as error:
                log.warning("the purge waits for the journal", extra={"cause": str(error)})
            else:
                log.info("purged", extra={"raw": purged.raw, "texts": purged.texts, "numbers": purged.numbers})
                log.info("audit", extra={"head": str(await self._journal.audit.head())})  # so that an outsider has it
