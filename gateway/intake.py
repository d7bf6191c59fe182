"""The front desk: everything inbound is understood and journalled here, and only then may the channel say yes.

What our own code cannot understand is stored raw for a person; a citizen's message is never refused for what is in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from adapters.channel import Answer, Cursor, DeliveryReport, Inbound, Known, Refusal, Taken
from forwarder.journal import Journal
from forwarder.lifecycle import ComplaintState
from forwarder.records import Arrival, Composed, Filing, Kind, Verdict
from forwarder.talk import Heard, Hide, Wish
from gateway.composer import Composer
from gateway.elsewhere import Elsewhere, Question
from gateway.watch import Watch
from parsers import segments
from parsers.errors import JournalError
from parsers.model import Certainty, Complaint, Post, Segment, Unreadable

log = logging.getLogger(__name__)

BUSY_ITEMS = 50  # messages at the front desk at once: half of a common window


class Filer(Protocol):
    """Whoever takes complaints that are ready for the core."""

    def offer(self, filings: Sequence[Filing]) -> None:
        """Take them now or later; they are in the journal already."""


class FrontDesk:
    """Fulfils adapters.channel.Inbox and PostInbox for every channel."""

    def __init__(self, journal: Journal, composer: Composer, filer: Filer, watch: Watch, wake_outbox: Callable[[], None]) -> None:
        self.composer = composer  # replaced whole when new tables are installed
        self._journal = journal
        self._filer = filer
        self._watch = watch
        self._wake_outbox = wake_outbox
        self._waiting = 0
        self.unkept: Callable[[Composed], None] = lambda _composed: None
        """Hears of each SMS that is no new message: not stored, so that it comes again, or known already."""
        self.stored: Callable[[Complaint], None] = lambda _complaint: None
        """Hears of each complaint that is new on the disk."""
        self.hidden: Callable[[str], None] = lambda _number: None
        """Hears the number of each complaint that its reporter made rahasia."""
        self.elsewhere: Elsewhere | None = None
        """Whoever asks the other gateways, where there are some."""
        self.certainties: dict[str, int] = dict.fromkeys(Certainty, 0)
        self.refusals: dict[tuple[str, int], int] = {}
        self.counts: dict[str, int] = {kind.value: 0 for kind in Kind} | {"later": 0, "report": 0}

    async def accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        """Store a batch and answer each item in its order; a failing journal answers LATER, it never raises."""
        self._waiting += len(batch)
        try:
            return await self._accept(batch)
        finally:
            self._waiting -= len(batch)

    @property
    def busy(self) -> bool:
        """Whether so much waits for the journal that filing should stand back."""
        return self._waiting >= BUSY_ITEMS

    async def _accept(self, batch: Sequence[Inbound]) -> list[Answer]:
        arrivals: list[Arrival] = []
        reports: list[DeliveryReport] = []
        for item in batch:
            if isinstance(item, DeliveryReport):
                reports.append(item)
            else:
                arrivals.append(await self._arrival(item))
        try:
            if reports:
                await self._journal.note_delivery(reports)
            verdicts = await self._store(arrivals) if arrivals else []
        except JournalError as error:
            self.counts["later"] += len(batch)
            self._undo(arrivals)
            log.warning("not stored, the operator is asked to come back", extra={"cause": str(error), "items": len(batch)})
            return [Answer.LATER] * len(batch)
        self.counts["report"] += len(reports)
        self.take(verdicts)
        new = [one.error is None and one.kind is not Kind.REDELIVERY for one in verdicts]
        self._undo([arrival for arrival, kept in zip(arrivals, new, strict=True) if not kept])
        remaining = iter(verdicts)
        return [Answer.KEPT if isinstance(item, DeliveryReport) or next(remaining).error is None else Answer.LATER for item in batch]

    def _undo(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            if arrival.composed is not None:
                self.unkept(arrival.composed)

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        """Store posts and the cursor behind them in one transaction; a failing journal answers LATER, it never raises.

        While a damaged journal waits for its salvage, too: only its rows tell which posts are known.
        """
        if self._journal.health().filing_paused:
            return [Taken(Answer.LATER)] * len(posts)
        self._waiting += len(posts)
        try:
            arrivals = [await self._post(post) for post in posts]
            verdicts = await self._page(arrivals, None if cursor is None else (cursor.source, cursor.value))
        except JournalError as error:
            self.counts["later"] += len(posts)
            log.warning("posts are not stored, they are read again", extra={"cause": str(error), "items": len(posts)})
            return [Taken(Answer.LATER)] * len(posts)
        finally:
            self._waiting -= len(posts)
        self.take(verdicts)
        return [Taken(Answer.KEPT, str(verdict.kind), verdict.of) for verdict in verdicts]

    async def cursor(self, source: str) -> str | None:
        """The value stored last for a source."""
        return await self._journal.feed.cursor(source)

    async def keep_cursor(self, cursor: Cursor) -> None:
        """Store a cursor by itself; JournalError when it cannot be."""
        await self._journal.feed.keep_cursor(cursor.source, cursor.value)

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        """Posts that should be looked up, because they may stand no more."""
        return [Known(one.key, one.newest) for one in await self._journal.feed.due(account, now_ms, limit)]

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        """What a look-up said of posts by key: None while one stands, else why it is gone; how many were blanked."""
        return await self._journal.feed.note_standing(account, said)

    async def session_began(self, operator: str, bind: str) -> int:
        """A connection is bound; the number names it in every Segment that follows."""
        return await self._journal.begin_session(operator, bind)

    async def session_ended(self, session: int) -> None:
        """The connection is gone: a copy of what it last brought is a redelivery."""
        await self._journal.end_session(session)

    def refused(self, refusal: Refusal) -> None:
        """Keep a row of every "no" we gave an operator."""
        key = (refusal.operator, refusal.status)
        self.refusals[key] = self.refusals.get(key, 0) + 1
        self._journal.note_refusal(refusal)

    def answered_late(self, session: int, received_ms: Sequence[int]) -> None:
        """These answers came later than the operator waits for."""
        self._journal.note_late(session, received_ms)

    def take(self, verdicts: Sequence[Verdict]) -> None:
        """After the commit: count, tell, and hand what is ready to the dispatcher. Also for sets that timed out."""
        filings: list[Filing] = []
        for verdict in verdicts:
            if verdict.kind is None:
                self.counts["later"] += 1
                continue
            self.counts[verdict.kind] += 1
            composed = verdict.composed
            if self.elsewhere is not None and composed is not None and verdict.reply_id is not None:
                self._ask_elsewhere(self.elsewhere, composed, verdict.reply_id)
            if composed is None or composed.complaint is None:
                self._heed(composed)
                continue
            self._note(composed.complaint, composed.state)
            if composed.state is ComplaintState.READY and verdict.complaint_id is not None:
                filings.append(Filing(verdict.complaint_id, 1, composed.complaint))
        if filings:
            self._filer.offer(filings)
        if self._watch.watched:
            for verdict in verdicts:
                self._tell(verdict)
        if any(v.composed is not None and v.composed.reply is not None and v.composed.complaint is None for v in verdicts):
            self._wake_outbox()

    def _heed(self, composed: Composed | None) -> None:
        for move in () if composed is None else composed.moves:
            if isinstance(move, Hide) and move.wish is Wish.RAHASIA:
                self.hidden(self._journal.number_of(move.complaint_id))

    def _note(self, complaint: Complaint, state: ComplaintState) -> None:
        self.certainties[complaint.decision.certainty] += 1
        if state is not ComplaintState.DUPLICATE:
            self.stored(complaint)

    async def _arrival(self, item: Segment | Unreadable) -> Arrival:
        if isinstance(item, Unreadable):
            return Arrival(item)
        try:
            concat = segments.concat_of(item)
            if concat is not None:
                return Arrival(item, concat=concat)
            composed = self.composer.whole(self._journal.next_message_id(), self._journal.next_complaint_id(), item)
        except Exception as error:  # whatever our own code stumbles over is kept raw, not refused
            log.exception("a message could not be understood and is kept raw", extra={"operator": item.operator})
            return Arrival(unreadable(item, f"{type(error).__name__} in our own code"))
        return Arrival(item, composed=composed)

    async def _post(self, post: Post) -> Arrival:
        try:
            return Arrival(post, self.composer.post(self._journal.next_message_id(), self._journal.next_complaint_id(), post))
        except Exception:
            log.exception("a post could not be understood and is kept raw", extra={"account": post.account})
            return Arrival(post)

    async def _page(self, arrivals: Sequence[Arrival], cursor: tuple[str, str] | None) -> list[Verdict]:
        """Journal a page; where one post of it cannot be stored, each by itself, that one raw, and the cursor last."""
        feed = self._journal.feed
        try:
            return await feed.accept(arrivals, cursor)
        except JournalError:
            if len(arrivals) == 0 or self._journal.health().cause is not None:
                raise
        log.warning("a page could not be stored; its posts are stored one by one", extra={"items": len(arrivals)})
        verdicts: list[Verdict] = []
        for arrival in arrivals:
            try:
                verdicts += await feed.accept([arrival], None)
            except JournalError:
                verdicts += await feed.accept([Arrival(arrival.source)], None)
        if cursor is not None:
            await feed.keep_cursor(*cursor)
        return verdicts

    async def _store(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        """Journal them; a row that the journal cannot take as a message is offered once more as raw octets."""
        verdicts = await self._journal.accept(arrivals)
        failed = {
            i: arrival.source
            for i, (arrival, verdict) in enumerate(zip(arrivals, verdicts, strict=True))
            if verdict.error is not None and isinstance(arrival.source, Segment)
        }
        if not failed:
            return verdicts
        raw = [Arrival(unreadable(source, verdicts[i].error or "")) for i, source in failed.items()]
        try:
            again = await self._journal.accept(raw)
        except JournalError as error:  # these alone hear "later": their neighbours are on disk and are answered yes
            log.warning("not stored as octets either", extra={"cause": str(error), "items": len(raw)})
            return verdicts
        for i, verdict in zip(failed, again, strict=True):
            verdicts[i] = verdict
        return verdicts

    def _ask_elsewhere(self, elsewhere: Elsewhere, composed: Composed, reply_id: int) -> None:
        """A STATUS of no case here, or of one that another gateway has, may be answered there."""
        said, reply = composed.said, composed.reply
        if said is None or said.heard is not Heard.STATUS or reply is None:
            return
        if reply.kind == "status_unknown" or composed.elsewhere is not None:
            elsewhere.ask(reply_id, Question(composed.message.reporter, said.number, composed.elsewhere))

    def _tell(self, verdict: Verdict) -> None:
        composed = verdict.composed
        complaint = composed.complaint if composed is not None else None
        if composed is None or complaint is None:
            self._watch.tell("kept", kind=verdict.kind, set=verdict.set_id)
            return
        decision = complaint.decision
        self._watch.tell(
            "kept",
            kind=verdict.kind,
            number=complaint.number,
            state=composed.state,
            operator=complaint.message.operator,
            bind=complaint.message.bind,
            alphabet=complaint.message.alphabet,
            parts=complaint.message.parts,
            characters=len(complaint.message.text),
            certainty=decision.certainty,
            region=decision.region,
            instansi=complaint.instansi_name,
            why=decision.why,
            rahasia=complaint.rahasia,
            message_id=composed.message.id,
        )


def unreadable(source: Segment | Unreadable, cause: str) -> Unreadable:
    """The same PDU as raw octets for a person, with the reason."""
    if isinstance(source, Unreadable):
        return source
    return Unreadable(source.operator, source.bind, source.session, source.command, cause, source.raw, source.received_ms)
