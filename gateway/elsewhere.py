"""STATUS asked here of a case that another gateway has: the reply waits a moment, and says the truth if the others can be asked meanwhile.

The question is on disk and acked before anybody is asked; when Redis is away the citizen hears what is known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forwarder.case_index import CaseIndex, Found
from forwarder.journal import CaseState, Journal
from forwarder.lifecycle import ComplaintState
from forwarder.records import Abroad
from forwarder.shared import SharedDown
from parsers.errors import JournalError
from parsers.model import Reporter, ReporterKind

WAIT_MS = 5_000  # the answer waits so long for the other gateways
TRIES = 4
TRY_SECONDS = 1.0
QUESTIONS_MAX = 1_000  # waiting at once; whoever asks above that hears what is known here

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """Whose case is asked for: by number, or the newest; `first` is the number there of one that is a duplicate here."""

    reporter: Reporter
    asked: str | None
    first: str | None = None


class Elsewhere:
    """Asks the other gateways. `texts` says which reply tells each state."""

    def __init__(self, journal: Journal, cases: CaseIndex, texts: Mapping[ComplaintState, str], wake: Callable[[], None]) -> None:
        self.answered = 0
        """Questions that another gateway's case answered, since the start."""
        self._journal = journal
        self._cases = cases
        self._texts = texts
        self._wake = wake
        self._asked: asyncio.Queue[tuple[int, Question]] = asyncio.Queue(QUESTIONS_MAX)

    def ask(self, reply_id: int, question: Question) -> None:
        """A question is on disk, and its reply waits: look for the case at the other gateways."""
        if not self._asked.full():
            self._asked.put_nowait((reply_id, question))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            reply_id, question = await self._asked.get()
            try:
                await self.answer(reply_id, question)
            except JournalError as error:
                log.warning("an answer about another gateway's case waits for nobody", extra={"cause": str(error)})

    async def answer(self, reply_id: int, question: Question) -> bool:
        """Look for the case and let the reply speak of it; False when no other gateway has it, or none could be asked in time."""
        for at in range(TRIES):
            try:
                found = await self._find(question)
            except SharedDown:
                if at < TRIES - 1:
                    await asyncio.sleep(TRY_SECONDS)
                continue
            return found is not None and await self._tell(reply_id, question, found)
        return False

    async def _find(self, question: Question) -> Found | CaseState | None:
        if question.first is not None:
            return await self._cases.case(question.first)
        found = await self._cases.find(question.reporter.value, question.asked)
        if found is not None and found.state is ComplaintState.DUPLICATE and found.elsewhere is not None:
            return await self._journal.case_of(question.reporter.value, found.elsewhere)
        return found

    async def _tell(self, reply_id: int, question: Question, found: Found | CaseState) -> bool:
        if found.state not in self._texts or (found.rahasia and question.reporter.kind is ReporterKind.ACCOUNT):
            return False
        instansi = found.instansi_name if isinstance(found, Found) else ""
        about = Abroad(found.number, found.tracking_id, instansi, found.rahasia)
        if await self._journal.sharing.redirect(reply_id, self._texts[found.state], about):
            self.answered += 1
            self._wake()
            return True
        return False
