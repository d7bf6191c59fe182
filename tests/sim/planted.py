"""Faults that were planted on purpose, each in the place of a part of the product: the simulation must find every one of them."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.channel import Answer, Inbound
from forwarder.core.addstream import AddStream
from forwarder.core.contract import Outcome, Unknown
from forwarder.journal import Hand, Journal
from forwarder.journal.orders import Grant
from forwarder.lifecycle import ComplaintState
from gateway.intake import FrontDesk
from parsers import segments
from parsers.errors import JournalError
from parsers.model import Complaint, Segment
from tests.sim.house import Life, Product


class AckBeforeSync(Product):
    """(a) Yes is said when the row is in the kernel's cache: a power cut takes it away again."""

    @staticmethod
    def opened(life: Life) -> None:
        life.journal._books.connection.execute("PRAGMA synchronous = OFF")


class Forgetful(FrontDesk):
    """Says yes to every tenth part of a long message, and drops it."""

    seen = 0

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        kept = []
        for item in batch:
            part = isinstance(item, Segment) and segments.concat_of(item) is not None
            self.seen += part
            kept.append(not (part and self.seen % 10 == 0))
        answers = iter(await super().accept([item for item, keep in zip(batch, kept, strict=True) if keep]))
        return [next(answers) if keep else Answer.KEPT for keep in kept]


class DroppedPart(Product):
    """(b) A part is dropped."""

    desk = Forgetful


class Impatient(AddStream):
    """Posts again when the answer got lost."""

    def __init__(self, client: AddStream) -> None:
        self.__dict__ = client.__dict__

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:
        outcome = await super().file(complaint, attempt)
        return await super().file(complaint, attempt) if isinstance(outcome, Unknown) else outcome


class SecondPost(Product):
    """(c) A second POST after a lost answer."""

    core = Impatient


class UnknownReady(Product):
    """(d) After a crash, what is unknown is put back to ready, as if nothing had gone out."""

    @staticmethod
    def opened(life: Life) -> None:
        if not life.journal.opening.clean:
            life.spawn(_put_back(life))


async def _put_back(life: Life) -> None:
    try:
        unknown = await life.journal.waiting(state=ComplaintState.UNKNOWN)
        await life.journal.resend([one.number for one in unknown], Hand("the program itself", "found after a crash"))
    except JournalError:
        return
    life.dispatcher.wake()


class Careless(Journal):
    """Lets complaints be sent without writing down that they are."""

    async def start_filing(self, items: Sequence[tuple[int, int]], grant: Grant | None = None) -> set[int]:  # noqa: ARG002 - so it is careless
        return {complaint_id for complaint_id, _ in items}


class ForgottenAttempt(Product):
    """(e) A claim that forgets its attempt: after a crash nobody knows that something went out."""

    journal = Careless.open


PLANTED: dict[str, type[Product]] = {
    "an ack before the sync": AckBeforeSync,
    "a dropped part": DroppedPart,
    "a second post after a lost answer": SecondPost,
    "an unknown put back to ready after a crash": UnknownReady,
    "a claim that forgets its attempt": ForgottenAttempt,
}
