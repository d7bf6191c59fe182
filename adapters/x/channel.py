"""X as one channel: reads mentions and searches, asks whether young posts still stand, and answers where X allows it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.channel import Answer, ChannelHealth, PostInbox
from adapters.x.answers import Exchange, Failure
from adapters.x.client import Client
from adapters.x.meter import Budget, Kind, Meter
from adapters.x.poller import Fetch, Poller, Source
from adapters.x.replier import Replier
from adapters.x.settings import XSettings
from adapters.x.window import Ask, Reach
from parsers.errors import JournalError
from parsers.post import FieldsMissing, Json, Skip, Us, ids_of, includes_of, items_of, read, tags_of

log = logging.getLogger(__name__)

QUERY_CHARACTERS_MAX = 512  # X's limit of a search on the plans we can count on
LOOK_UP_POSTS = 100
TURN_SECONDS = 0.5
GONE = {"resource-not-found": "deleted", "not-authorized-for-resource": "protected"}
"""X's words for a post that is there no more, and ours."""


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance: UTC milliseconds, a sleep in seconds, and numbers from 0 to 1."""

    now_ms: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]


class XChannel:
    """One account, both ways. `tags` are the tags that are ours (`Us` compares them); replaced whole when new tables are installed."""

    def __init__(self, settings: XSettings, tags: Iterable[str], inbox: PostInbox, world: World) -> None:
        self.settings = settings
        self.client = Client(settings, world.now_ms)
        self.meter = Meter(settings, inbox, world.now_ms, world.random)
        self.poller = Poller(settings, lambda: self._us, self.meter, inbox, world.now_ms)
        self.replier = Replier(settings, self.client, self.meter, world.now_ms, self.health)
        self.blanked = 0
        self.turn: Callable[[], bool] = lambda: True
        """Whether this gateway reads now; replaced where several have one account."""
        self._us = self._who(tags)
        self._inbox = inbox
        self._world = world
        self._sources = list(self._make_sources())

    @property
    def account(self) -> str:
        """As complaints name it: `@lapor1708`."""
        return self._us.account

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is read."""
        return tuple(self._sources)

    @property
    def tags(self) -> frozenset[str]:
        """The tags that are ours."""
        return self._us.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._us = self._who(tags)
        known = {source.name: source for source in self._sources}
        made = list(self._make_sources())
        for source in made:
            if source.name in known:  # it goes on where it is, and asks for the new tags
                known[source.name].fetch = source.fetch
        self._sources = [known.get(source.name, source) for source in made]

    def budget(self) -> Budget:
        """What this day has cost."""
        return self.meter.budget()

    def health(self) -> ChannelHealth:
        """The worst that keeps X from being read, and how far behind the reading is."""
        now_ms = self._world.now_ms()
        if not self.turn():
            return ChannelHealth(None, self.poller.last_in_ms, 0.0, self.budget().left)
        behind = [(now_ms - source.last_ok_ms) / 1000 for source in self._sources if source.last_ok_ms is not None]
        late = [source for source in self._sources if source.cause is not None]
        cause = f"{late[0].name}: {late[0].cause}" if late else None
        return ChannelHealth(cause, self.poller.last_in_ms, max(behind, default=0.0), self.budget().left)

    async def run(self) -> None:
        """Read and look until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for name in ("mentions", "search"):
                    group.create_task(self._keep_reading(name), name=f"x {name}")
                group.create_task(self._keep_looking(), name="x look-ups")
        finally:
            await self.client.close()

    async def look_up(self) -> int:
        """Ask whether young posts still stand, and take in their edits; how many were asked for, 0 when some must be asked for again.

        A post counts as looked at only when its edit is on disk.
        """
        known = {one.newest: one for one in await self._inbox.posts_due(self.account, self._world.now_ms(), LOOK_UP_POSTS)}
        if not known:
            return 0
        page = await self._posts(list(known))
        if isinstance(page, Failure):
            return 0
        said: dict[str, str | None] = dict.fromkeys([one.key for one in known.values()])  # of whom X says nothing is asked again tomorrow
        said |= {known[post_id].key: why for post_id, why in _gone(page) if post_id in known}
        try:
            edited = {last: item["id"] for item in items_of(page) if (last := _newest(item)) not in known}
        except FieldsMissing:  # what stands and what is gone can be told all the same
            self.blanked += await self._inbox.posts_stand(self.account, said)
            raise
        kept = not edited or await self._take_edits(list(edited))
        if not kept:
            said = {key: why for key, why in said.items() if key not in {known[one].key for one in edited.values() if one in known}}
        self.blanked += await self._inbox.posts_stand(self.account, said)
        return len(known) if kept else 0

    async def _take_edits(self, ids: Sequence[str]) -> bool:
        """Fetch and store the newest versions of posts; False when they must be asked for again."""
        page = await self._posts(ids)
        if isinstance(page, Failure):
            return False
        includes, now_ms = includes_of(page), self._world.now_ms()
        found = [read(item, includes, self._us, source="look-up", received_ms=now_ms) for item in items_of(page)]
        taken = await self._inbox.accept_posts([post for post in found if not isinstance(post, Skip)])
        return all(one.answer is Answer.KEPT for one in taken)

    async def _posts(self, ids: Sequence[str]) -> Json | Failure:
        return await self.meter.call(Kind.POSTS, len(ids), lambda: self.client.posts(ids), ids_of)

    async def _keep_reading(self, name: str) -> None:
        """Mentions, or all searches in turn: each when it is due."""
        due: dict[str, int] = {}
        while True:
            if not self.turn():
                await self._wait_for_turn(name)
                due.clear()
            now_ms = self._world.now_ms()
            for source in [one for one in self._sources if one.name.startswith(name) and due.get(one.name, 0) <= now_ms]:
                due[source.name] = self._world.now_ms() + round(1000 * await self.poller.poll(source))
            names = [one.name for one in self._sources if one.name.startswith(name)]
            soonest = min((due.get(each, 0) for each in names), default=now_ms + 60_000)
            await self._world.sleep(max(0.05, (soonest - self._world.now_ms()) / 1000))

    async def _wait_for_turn(self, name: str) -> None:
        """Another gateway reads; when it is ours again, we go on from where that one stopped."""
        while not self.turn():
            await self._world.sleep(TURN_SECONDS)
        for source in self._sources:
            if source.name.startswith(name):
                source.window = None

    async def _keep_looking(self) -> None:
        while True:
            try:
                while await self.look_up() == LOOK_UP_POSTS:
                    pass
            except (JournalError, ValueError) as error:
                log.warning("posts could not be looked up", extra={"cause": str(error)})
            await self._world.sleep(self.settings.look_up_seconds)

    def _who(self, tags: Iterable[str]) -> Us:
        return Us(self.settings.user_id, self.settings.handle, tags_of(tags), tags_of(one.lstrip("@") for one in self.settings.agencies))

    def _make_sources(self) -> Iterator[Source]:
        settings = self.settings
        overlap_ms, first_ms = round(settings.overlap_seconds * 1000), round(settings.first_hours * 3_600_000)

        async def mentions(most: int, wanted: Ask) -> tuple[Json | Failure, Exchange]:
            return await self.client.mentions(most, since_id=wanted.since_id, until_id=wanted.until_id)

        yield Source("mentions", Kind.MENTIONS, mentions, settings.mentions_seconds, Reach(overlap_ms, first_ms, by_time=False))
        for number, query in enumerate(queries(settings.handle, self._us.tags)):
            name = f"search{number or ''}"
            reach = Reach(overlap_ms, first_ms, by_time=True)
            yield Source(name, Kind.SEARCH, self._searching(query), settings.search_seconds, reach)

    def _searching(self, query: str) -> Fetch:
        async def search(most: int, wanted: Ask) -> tuple[Json | Failure, Exchange]:
            return await self.client.search(query, most, since_id=wanted.since_id, until_id=wanted.until_id)

        return search


def queries(handle: str, tags: Iterable[str]) -> list[str]:
    """The searches for all tags, each within X's limit; mentions are left to the mentions, which are cheaper."""
    tail = f" -is:retweet -from:{handle} -@{handle}"
    found: list[str] = []
    terms: list[str] = []
    for tag in sorted(tags):
        if terms and len(f"({' OR '.join([*terms, f'#{tag}'])}){tail}") > QUERY_CHARACTERS_MAX:
            found.append(f"({' OR '.join(terms)}){tail}")
            terms = []
        terms.append(f"#{tag}")
    return [*found, f"({' OR '.join(terms)}){tail}"] if terms else found


def _gone(page: Json) -> Iterator[tuple[str, str]]:
    """(id, why) of the posts that X has no more, or does not show us."""
    errors = page.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, Mapping):
            kind = str(error.get("type", "")).rpartition("/")[2]
            if kind in GONE:
                yield str(error.get("resource_id") or error.get("value")), GONE[kind]


def _newest(item: Json) -> str:
    """The id of a post's newest version."""
    history = item.get("edit_history_tweet_ids") or item.get("edit_history_post_ids")
    return str(history[-1]) if isinstance(history, list) and history else str(item["id"])
