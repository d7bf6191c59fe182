"""The poller: reads mentions and searches again and again, each from where the journal says it has been read to.

A window is read whole, newest page first, and stored oldest post first, its cursor with the last of them; so an answer never comes before
what it answers. Nothing is stored of a page that lacks a field we asked for.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from adapters.channel import Answer, Cursor, PostInbox
from adapters.x.answers import Exchange, Failure, Trouble
from adapters.x.gate import SPANS
from adapters.x.meter import Kind, Meter
from adapters.x.settings import XSettings
from adapters.x.window import REACH_MS, Ask, Reach, Window, after, ask, begin, missed
from parsers.errors import JournalError
from parsers.model import Post
from parsers.post import FieldsMissing, Json, Skip, Us, ids_of, includes_of, items_of, more_of, read

log = logging.getLogger(__name__)

PAGE_POSTS = 100
CUT_MAX = 4  # X fails for hours at times, but hardly four times at the same page
BLANK_PAGES = 3  # so often an empty page in the middle of a window is asked for again
BATCH_POSTS = 100  # stored in one transaction
SEEN_MAX = 20_000  # versions of posts remembered as dealt with: days of traffic; an older one is looked up in the journal
ON_SECONDS = 1.0  # between two parts of a long reading
AGAIN_SECONDS = 5.0  # after the journal said later
ALARM_MS = 300_000  # a source that cannot be read for so long is an alarm: people must look
DIALECT_SECONDS = 300.0  # after a page without the fields asked for, or a request that X will not take: people must look

NOT_OURS = "not_ours"

Fetch = Callable[[int, Ask], Awaitable[tuple[Json | Failure, Exchange]]]


@dataclass(slots=True)
class Source:
    """One thing to read: how, how often, and how far it has been read."""

    name: str
    kind: Kind
    fetch: Fetch
    every_seconds: float
    reach: Reach
    window: Window | None = None
    last_ok_ms: int | None = None
    cause: str | None = None
    """What keeps it from being read; None while all is well."""
    failing_ms: int | None = None
    """Since when it has not been read."""
    alarmed: bool = False
    cut: int = 0
    """Readings since the last whole one that had begun well and failed before their end."""


@dataclass(slots=True)
class _Reading:
    """What one reading has gathered so far: its posts, newest first."""

    window: Window
    posts: list[Post] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    pages: int = 0
    blank: int = 0
    """Pages without a post although the one before said that there are more."""
    left: Counter[str] = field(default_factory=Counter)
    """What was not taken, and why; counted when the reading is stored, for one that is begun again brings it again."""
    gaps: list[str] = field(default_factory=list)


class _Turned(NamedTuple):
    """What became of one page: more of the window is left; or the seconds to wait where it could not be read; or neither, all is read."""

    more: bool = False
    wait: float | None = None


class Poller:
    """Reads the sources of one account."""

    def __init__(self, settings: XSettings, us: Callable[[], Us], meter: Meter, inbox: PostInbox, now_ms: Callable[[], int]) -> None:
        self.counts: Counter[str] = Counter()
        """Posts by what became of them: what the journal made of each, and why the others were left."""
        self.gaps = 0
        self.last_in_ms: int | None = None
        self._settings = settings
        self._us = us
        self._meter = meter
        self._inbox = inbox
        self._now_ms = now_ms
        self._seen: dict[str, None] = {}

    async def poll(self, source: Source) -> float:
        """Read what is new of a source; the seconds until it should be read again. Raises nothing."""
        try:
            return await self._poll(source)
        except JournalError as error:
            source.cause = f"the journal: {error}"
            return AGAIN_SECONDS

    async def _poll(self, source: Source) -> float:
        if source.window is None:
            source.window = Window.read(await self._inbox.cursor(self._cursor_name(source)))
        reading = _Reading(begin(source.window, self._now_ms(), source.reach))
        page = _Turned(more=True)
        while page.more and reading.pages < self._settings.pages_max:
            page = await self._page(source, reading)
        if page.wait is not None and self._begins_again(source, reading):
            return page.wait
        if not await self._store(source, reading):
            return AGAIN_SECONDS
        if page.more:
            return ON_SECONDS
        if page.wait is not None:
            return page.wait
        source.last_ok_ms, source.cause, source.failing_ms, source.alarmed, source.cut = self._now_ms(), None, None, False, 0
        return source.every_seconds

    def _begins_again(self, source: Source, reading: _Reading) -> bool:
        """Whether a reading that failed before its end is begun again, and nothing of it stored.

        What was read is newer than the rest, and an addition must not come before its complaint. After some tries what can be read is
        stored all the same, whatever its order. An outage, in which nothing at all is read, takes none of these tries.
        """
        if not reading.ids:
            return True
        source.cut += 1
        return source.cut < CUT_MAX

    async def _page(self, source: Source, reading: _Reading) -> _Turned:
        """Fetch and read one page."""
        now_ms = self._now_ms()
        most = await self._meter.affordable(source.kind, PAGE_POSTS) or PAGE_POSTS
        wanted = ask(reading.window, now_ms, source.reach)
        page = await self._meter.call(source.kind, most, lambda: source.fetch(most, wanted), ids_of)
        if isinstance(page, Failure):
            return _Turned(wait=self._troubled(source, page))
        try:
            items = items_of(page)
        except FieldsMissing as error:
            return _Turned(wait=self._strange(source, str(error)))
        if wanted.gap_ms and not reading.window.under_way and _was_away(source, now_ms):
            reading.gaps.append(f"posts of {wanted.gap_ms / 3_600_000:.1f} hours are out of reach")
        self._partial_errors(source, page, reading)
        more = more_of(page)
        ids = [int(item["id"]) for item in items]
        if not ids and reading.window.under_way and reading.blank < BLANK_PAGES:
            reading.blank += 1  # X gives an empty page now and then; were it believed, the window's rest would be lost
            return _Turned(more=True)
        if not more and missed(reading.window, ids, source.reach):
            reading.gaps.append("X gives no more mentions, and not all of them were read")
        self._read(items, page, source, reading)
        reading.pages += 1
        reading.ids += [str(item["id"]) for item in items]
        reading.window = after(reading.window, ids, more=more)
        return _Turned(more=more and bool(ids))

    def _read(self, items: Sequence[Json], page: Json, source: Source, reading: _Reading) -> None:
        includes, us, now_ms = includes_of(page), self._us(), self._now_ms()
        for item in items:
            if item["id"] in self._seen:
                continue
            post = read(item, includes, us, source=source.name, received_ms=now_ms)
            if isinstance(post, Skip):
                reading.left[post] += 1
            else:
                reading.posts.append(post)

    async def _store(self, source: Source, reading: _Reading) -> bool:
        """Store what was read, oldest first, the cursor with the last; False when the journal did not take it."""
        posts = reading.posts[::-1]
        strange: set[str] = set()  # it may answer an answer of ours that is still unknown: it is asked about again
        begun = reading.window.low > 0 and not reading.window.under_way  # nothing was read of it yet: nothing to remember
        if posts or (reading.window != source.window and not begun):
            cursor = Cursor(self._cursor_name(source), reading.window.value())
            for at in range(0, max(len(posts), 1), BATCH_POSTS):
                batch, last = posts[at : at + BATCH_POSTS], at + BATCH_POSTS >= len(posts)
                taken = await self._inbox.accept_posts(batch, cursor if last else None)
                if any(one.answer is Answer.LATER for one in taken):
                    source.cause, source.window = "the journal takes nothing", None
                    return False
                self.counts.update(one.kind for one in taken)
                strange.update(post.id for post, one in zip(batch, taken, strict=True) if one.kind == NOT_OURS)
        if posts:
            self.last_in_ms = self._now_ms()
        source.window = source.window if begun else reading.window
        self._remember([one for one in reading.ids if one not in strange])
        self.counts.update(reading.left)
        for gap in reading.gaps:
            self.gaps += 1
            log.error("a gap: posts may be lost", extra={"source": source.name, "what": gap})
        return True

    def _remember(self, ids: Sequence[str]) -> None:
        self._seen.update(dict.fromkeys(ids))
        while len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]

    def _troubled(self, source: Source, failure: Failure) -> float:
        now_ms = self._now_ms()
        least = 1.0 if failure.until_ms is not None or failure.trouble in SPANS else DIALECT_SECONDS
        if failure.trouble is Trouble.TOO_OLD and not source.reach.by_time:
            source.reach = replace(source.reach, by_time=True)  # from now on by time, as search
            least = 1.0
        if source.cause is None and failure.trouble is not Trouble.CLOSED:
            log.warning("X cannot be read now", extra={"source": source.name, "trouble": failure.trouble.value, "detail": failure.detail})
        if failure.trouble is not Trouble.CLOSED or source.cause is None:
            source.cause = f"{failure.trouble}: {failure.detail}"
        source.failing_ms = source.failing_ms or now_ms
        if now_ms - source.failing_ms >= ALARM_MS and not source.alarmed:
            source.alarmed = True
            log.error("X is not read for long", extra={"source": source.name, "cause": source.cause})
        named = (failure.until_ms - now_ms) / 1000 if failure.until_ms is not None else 0.0
        return max(named, self._meter.gate.wait(source.kind, now_ms), least)

    def _strange(self, source: Source, cause: str) -> float:
        """Another dialect is spoken: nothing is stored, the cursor stays, people must look."""
        source.cause = f"{cause}: X speaks another dialect, nothing is read"
        log.error("a page lacks fields that were asked for; nothing of it is stored", extra={"source": source.name, "cause": cause})
        return DIALECT_SECONDS

    def _partial_errors(self, source: Source, page: Json, reading: _Reading) -> None:
        errors = page.get("errors")
        if isinstance(errors, list) and errors:
            reading.left["partial"] += len(errors)
            log.info("X could not give all of a page", extra={"source": source.name, "errors": len(errors)})

    def _cursor_name(self, source: Source) -> str:
        return f"x/@{self._settings.handle}/{source.name}"


def _was_away(source: Source, now_ms: int) -> bool:
    """Whether nothing was read for so long that posts may be out of reach; a source that had no post for a week has no gap."""
    return source.last_ok_ms is None or source.last_ok_ms < now_ms - REACH_MS
