"""One life of the X channel in virtual time: a real front desk, journal and client against the simulated X; killed at any named step.

Nothing waits: the harness moves the clock, polls what is due, files, answers, looks up and asks, as the gateway's tasks do.
"""

from __future__ import annotations

import contextlib
import enum
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import apsw

from adapters.channel import Cursor, Known, Taken
from adapters.x import channel as x_channel
from adapters.x.channel import XChannel
from adapters.x.client import Client
from adapters.x.poller import Source
from adapters.x.settings import XSettings
from forwarder import replies
from forwarder.journal import Journal, JournalSettings, Sealer, Settlement, numbering
from forwarder.journal.documents import post_key
from forwarder.lifecycle import ComplaintMove
from forwarder.records import Filing
from gateway.composer import Composer, Desk
from gateway.intake import FrontDesk
from gateway.outbox import Outbox
from gateway.tables import tags_in
from gateway.watch import Watch
from parsers.complaint import Disclosure
from parsers.errors import JournalError
from parsers.model import Post
from tests.journal.test_arrivals import crash
from tests.tables import CONFIG, HASHTAGS, REGIONS, TABLE, TOPICS

KEY = b"a master key for tests, no secret"
TEXTS = replies.load([(f"replies.{one}.toml", (CONFIG / f"replies.{one}.toml").read_text(encoding="utf-8")) for one in ("id", "en")])
SETTINGS = JournalSettings(heartbeat_seconds=60, free_octets_min=0, posts_per_author_hour_max=1000, posts_same_words_max=1000)


class Step(enum.StrEnum):
    """Where the process may die."""

    FETCHED = "after the fetch, before the store"
    STORED = "after the store"
    STARTED = "after the reply is marked, before it is posted"
    POSTED = "after it is posted, before that is recorded"
    RECORDED = "after it is recorded"


class Killed(Exception):
    """The process died here."""


@dataclass
class Fate:
    """When to die: `due(step)` says it each time a step is reached."""

    due: Callable[[Step], bool] = lambda _: False
    reached: Counter[Step] = field(default_factory=Counter)

    def at(self, step: Step) -> None:
        self.reached[step] += 1
        if self.due(step):
            raise Killed(step)


class Inbox:
    """The front desk with a fate before and behind it."""

    def __init__(self, desk: FrontDesk, fate: Fate) -> None:
        self._desk = desk
        self._fate = fate

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        self._fate.at(Step.FETCHED)
        taken = await self._desk.accept_posts(posts, cursor)
        self._fate.at(Step.STORED)
        return taken

    async def cursor(self, source: str) -> str | None:
        return await self._desk.cursor(source)

    async def keep_cursor(self, cursor: Cursor) -> None:
        await self._desk.keep_cursor(cursor)

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        return await self._desk.posts_due(account, now_ms, limit)

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        return await self._desk.posts_stand(account, said)


class Filer:
    """Leaves everything to the journal's own list of what is ready."""

    def offer(self, filings: Sequence[Filing]) -> None:
        """They are read from the journal."""


class Life:
    """The gateway's X side; `begin` opens it, `die` kills it. The core's truth and the clock outlive it."""

    def __init__(self, folder: Path, settings: XSettings, clock: Callable[[], int], random: Random, fate: Fate) -> None:
        self.settings = settings
        self.fate = fate
        self.filed: Counter[str] = Counter()
        self.deaths = 0
        self.journal: Journal | None = None
        self._path = folder / "journal.db"
        self._clock = clock
        self._random = random
        self._due: dict[str, int] = {}
        self._next_look_ms = 0

    # ── living and dying ──

    def begin(self) -> None:
        sealer = Sealer(KEY)
        desk = Desk(TABLE, HASHTAGS, REGIONS, TOPICS, Disclosure(), frozenset({"1708"}), {}, 10_000)
        composer = Composer(desk, numbering(sealer, SETTINGS).number_of)
        self.journal = Journal.open(
            self._path, sealer=sealer, settings=SETTINGS, clock=self._clock, composer=composer, monotonic=lambda: self._clock() / 1000
        )
        self.desk = FrontDesk(self.journal, composer, Filer(), Watch(), lambda: None)
        world = x_channel.World(self._clock, self._never, self._random.random)
        self.x = XChannel(self.settings, tags_in(HASHTAGS), Inbox(self.desk, self.fate), world)
        self.outbox = Outbox(self.journal, TEXTS, {self.x.account: self.x.replier}, self._clock, Watch())
        self._due = {}

    async def die(self) -> None:
        """SIGKILL: nothing is noted."""
        self.deaths += 1
        await self.x.client.close()
        if self.journal is not None:
            await crash(self.journal)

    async def end(self) -> None:
        await self.x.client.close()
        if self.journal is not None:
            await self.journal.close()

    async def live(self) -> None:
        """All that is due now, once; a death begins a new life."""
        try:
            await self._live()
        except Killed:
            await self.die()
            self.begin()

    async def _live(self) -> None:
        now_ms = self._clock()
        for source in self.x.sources:
            if self._due.get(source.name, 0) <= now_ms:
                self._due[source.name] = now_ms + round(1000 * await self._poll(source))
        await self.file()
        await self.answer()
        if now_ms >= self._next_look_ms:
            self._next_look_ms = now_ms + round(self.settings.look_up_seconds * 1000)
            with contextlib.suppress(ValueError):  # a page without the fields asked for: the next round comes
                while await self.x.look_up() == x_channel.LOOK_UP_POSTS:
                    pass

    async def _poll(self, source: Source) -> float:
        return await self.x.poller.poll(source)

    async def file(self) -> None:
        """Give the core what is ready; it keeps count."""
        journal = self._journal()
        filings = await journal.ready(500, self._clock())
        moved = await journal.start_filing([(one.complaint_id, one.attempt) for one in filings])
        started = [one for one in filings if one.complaint_id in moved]
        self.filed.update(one.complaint.number for one in started)
        await journal.settle(
            [Settlement(one.complaint_id, one.attempt, ComplaintMove.FILED, f"{7_000_000 + one.complaint_id}") for one in started]
        )

    async def answer(self) -> None:
        """What the outbox does: replies that are due, then answers that got lost."""
        journal = self._journal()
        for job in await journal.start_replies(50, self._clock()):
            self.fate.at(Step.STARTED)
            sending = await self.outbox._hand_over(job)
            self.fate.at(Step.POSTED)
            await journal.settle_replies([self.outbox._result(job, sending)])
            self.fate.at(Step.RECORDED)
        lost = await journal.feed.start_look_ups(20, self._clock())
        await journal.feed.resolve_replies([await self.outbox._ask(job) for job in lost])

    # ── the ledger ──

    def book(self) -> dict[bytes, dict[str, Any]]:
        """Every post that is stored, by its key's tag: what it became."""
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        sql = """
SELECT p.key_tag, p.version, p.gone, c.message = p.message, c.state, coalesce(c.number, f.number), m.id, m.sealed_content
FROM post AS p JOIN message AS m ON m.id = p.message LEFT JOIN complaint AS c ON c.id = m.complaint
LEFT JOIN complaint AS f ON f.id = c.first"""
        names = ("key", "version", "gone", "own", "state", "number", "message", "content")
        found = {row[0]: dict(zip(names, row, strict=True)) for row in connection.execute(sql)}
        connection.close()
        return found

    def key(self, post_id: int) -> bytes:
        return post_key(Sealer(KEY), self.x.account, str(post_id))

    def text(self, row: Mapping[str, Any]) -> str:
        return self._journal()._documents.open_text(row["message"], row["content"])

    def states(self) -> Counter[tuple[str, str]]:
        """Replies by kind and state."""
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        found = Counter(
            {(kind, state): count for kind, state, count in connection.execute("SELECT kind, state, count(*) FROM reply GROUP BY 1, 2")}
        )
        connection.close()
        return found

    def _journal(self) -> Journal:
        if self.journal is None:
            raise JournalError("not open")
        return self.journal

    async def _never(self, _: float) -> None:
        raise AssertionError("in virtual time nobody sleeps")


__all__ = ["Client", "Fate", "Killed", "Life", "Step"]
