"""Every call to X goes through here: is its door open, is it paid for, and what did it really cost.

What a call may cost at most is charged and stored before it is made, so that not even a crash passes the day's budget.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from adapters.channel import Cursor, PostInbox
from adapters.x.answers import Exchange, Failure, Trouble
from adapters.x.gate import Gate
from adapters.x.purse import MICRO, Purse, micro
from adapters.x.settings import XSettings
from parsers.errors import JournalError
from parsers.post import Json

log = logging.getLogger(__name__)

JOURNAL_SECONDS = 5.0  # how long a journal that could not store the purse is left alone

ALARMS = frozenset({Trouble.CREDITS, Trouble.UNAUTHORIZED, Trouble.DAY})
"""Troubles that do not pass by themselves: people must look, whatever kind of call met them."""

Call = Callable[[], Awaitable[tuple[Json | Failure, Exchange]]]


class Kind(enum.StrEnum):
    """The kinds of calls, each with a rate limit of its own at X."""

    MENTIONS = "mentions"
    SEARCH = "search"
    POSTS = "posts"
    TIMELINE = "timeline"
    REPLY = "reply"


LEAST = {Kind.MENTIONS: 5, Kind.SEARCH: 10, Kind.POSTS: 1, Kind.TIMELINE: 5, Kind.REPLY: 1}
"""The fewest results that may be asked for."""

KEPT_BACK = {Kind.POSTS: 0.5, Kind.REPLY: 0.2, Kind.TIMELINE: 0.1}
"""Share of the day's budget that a call leaves for what is more urgent: reading comes first, for what is not read in time is lost."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What people see of the purse, in dollars of this UTC day."""

    spent: float
    left: float
    calls: int
    warns: bool


class Meter:
    """Gate and purse of one account."""

    def __init__(self, settings: XSettings, inbox: PostInbox, now_ms: Callable[[], int], random: Callable[[], float]) -> None:
        prices = settings.prices
        self.purse = Purse(micro(settings.budget_per_day), settings.budget_warn)
        self.gate = Gate(random)
        self.calls: dict[tuple[str, str], int] = {}
        """Calls made, by kind and how they ended."""
        self._price = {
            Kind.MENTIONS: micro(prices.mention),
            Kind.TIMELINE: micro(prices.mention),
            Kind.SEARCH: micro(prices.post),
            Kind.POSTS: micro(prices.post),
            Kind.REPLY: micro(prices.reply),
        }
        self._inbox = inbox
        self._now_ms = now_ms
        self._source = f"x/@{settings.handle}/purse"
        self._loaded = False
        self._warned_day = -1
        self._alarmed: set[Trouble] = set()

    def budget(self) -> Budget:
        """How today stands."""
        left = self.purse.left(self._now_ms())
        return Budget(self.purse.spent / MICRO, left / MICRO, self.purse.calls, self.purse.warns)

    async def affordable(self, kind: Kind, most: int) -> int:
        """How many results of a call today's budget still pays for, at most `most`; 0 when it is less than X lets us ask for."""
        await self._load()
        price = self._price[kind]
        paid = most if price == 0 else min(most, self.purse.left(self._now_ms()) // price)
        return paid if paid >= LEAST[kind] else 0

    async def call(self, kind: Kind, most: int, make: Call, ids_of: Callable[[Json], Iterable[str]]) -> Json | Failure:
        """Make a call that gives at most `most` results, when it may be made; what X said, or why not. `ids_of` names what was billed."""
        now_ms = self._now_ms()
        if (seconds := self.gate.wait(kind, now_ms)) > 0:
            return Failure(Trouble.CLOSED, "an earlier trouble", now_ms + round(seconds * 1000), sent=False)
        try:
            taken = await self._charge(kind, most)
        except JournalError as error:
            return Failure(Trouble.CLOSED, str(error), now_ms + round(JOURNAL_SECONDS * 1000), sent=False)
        if taken is None:
            self._count(kind, Trouble.BUDGET)
            return Failure(Trouble.BUDGET, "the day's budget", now_ms + round(self.purse.until_tomorrow(now_ms) * 1000), sent=False)
        day = self.purse.day
        answer, exchange = await make()
        now_ms = self._now_ms()
        if isinstance(answer, Failure):
            self._count(kind, answer.trouble)
            self._alarm(kind, answer)
            self.gate.failed(kind, answer, now_ms)
            if not (answer.sent and _may_be_billed(kind, answer.trouble)):
                self.purse.refund(taken, day)
            return answer
        self._count(kind, "done")
        self._alarmed.clear()
        self.gate.passed(kind, exchange.headers, now_ms)
        self.purse.settle(taken, self._price[kind], ids_of(answer), day)
        return answer

    async def _load(self) -> None:
        """Once, before the first call: what this day has cost already."""
        if not self._loaded:
            stored = await self._inbox.cursor(self._source)
            if not self._loaded:  # another call may have loaded it, and charged something, in the meantime
                self.purse.load(stored)
                self._loaded = True

    async def _charge(self, kind: Kind, most: int) -> int | None:
        """Charge the most that it can cost, on disk before the call; None when the budget does not hold it."""
        await self._load()
        taken = self._price[kind] * most
        kept_back = round(self.purse.budget * KEPT_BACK.get(kind, 0.0))
        if not self.purse.take(taken, self._now_ms(), kept_back):
            return None
        if self.purse.warns and self._warned_day != self.purse.day:
            self._warned_day = self.purse.day
            log.warning("X has cost much of today's budget", extra={"spent": self.purse.spent / MICRO})
        day = self.purse.day
        try:
            await self._inbox.keep_cursor(Cursor(self._source, self.purse.value()))
        except JournalError:
            self.purse.refund(taken, day)  # the call is not made
            raise
        return taken

    def _alarm(self, kind: Kind, failure: Failure) -> None:
        """Once until a call succeeds again."""
        if failure.trouble in ALARMS and failure.trouble not in self._alarmed:
            self._alarmed.add(failure.trouble)
            log.error(
                "X takes no calls from us now", extra={"call": kind.value, "trouble": failure.trouble.value, "detail": failure.detail}
            )

    def _count(self, kind: Kind, how: str) -> None:
        self.calls[kind, how] = self.calls.get((kind, how), 0) + 1


def _may_be_billed(kind: Kind, trouble: Trouble) -> bool:
    """Whether a failed call may have cost something: X bills what it gives or posts, so a clear no is free; a lost answer may not be."""
    return trouble is Trouble.LOST or (kind is Kind.REPLY and trouble is Trouble.OUTAGE)
