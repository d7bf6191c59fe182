"""X: a timeline that is read in pages with overlap, and on which our answers appear; a call that breaks off may have posted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from adapters.channel import Answer, Caps, ChannelHealth, Cursor, PostInbox, Reply, Sending, SendResult
from parsers.errors import JournalError
from parsers.model import Address, Answering, Post, Reporter, ReporterKind, Trigger
from tests.sim.citizens import ACCOUNT
from tests.sim.ledger import Ledger, Letter
from tests.sim.road import Owner, Road
from tests.sim.world import World

SOURCE = "mentions"
POLL_SECONDS = 20.0
PAGE = 10
OVERLAP = 3  # posts that are read again each time
ID_FIRST = 1_900_000_000_000_000_000
CALL_SECONDS = 15.0


@dataclass(slots=True)
class Item:
    """One post as it stands on X."""

    id: int
    letter: Letter
    posted_ms: int


class Timeline:
    """What X has; `mood` is how it takes our answers: well, silent (posted or not, no answer), busy."""

    def __init__(self, world: World, ledger: Ledger, filed: Callable[[], Collection[str]]) -> None:
        self.world = world
        self.road = Road(world, "x")
        self.random = world.random("x")
        self.mood = "well"
        self.posts: list[Item] = []
        self.answers: dict[str, str] = {}  # post → id of our answer to it
        self.ledger = ledger
        self._filed = filed
        self._count: Counter[str] = Counter()

    def publish(self, letter: Letter) -> None:
        """A citizen posts."""
        self.posts.append(Item(ID_FIRST + 1000 * len(self.posts), letter, self.world.wall()))

    def answered(self, reply: Reply) -> str:
        """Our answer appears."""
        post = reply.to.value
        self._count[post] += 1
        if self._count[post] > 1:
            self.world.broke(f"post {post} has {self._count[post]} public answers")
        item = self.posts[(int(post) - ID_FIRST) // 1000]
        self.ledger.answered(ACCOUNT, item.letter.sender, reply.text, self._filed())
        self.answers[post] = f"8{post[1:]}"
        self.world.note("x", f"shows an answer of {len(reply.text)} characters to {post}")
        return self.answers[post]

    def heal(self) -> None:
        self.mood, self.road.down = "well", False
        self.road.unclog()

    def unrest(self) -> str | None:
        """What we have not taken yet."""
        waiting = sum(not item.letter.accepted for item in self.posts)
        return f"x has {waiting} not taken" if waiting else None


class Reader:
    """Reads the timeline for one life of the gateway, and carries its answers (adapters.channel.Outbound)."""

    caps = Caps(280, Answering.ONCE, links=False, can_find=True)

    def __init__(self, timeline: Timeline, desk: PostInbox, owner: Owner) -> None:
        self._timeline = timeline
        self._desk = desk
        self._owner = owner

    def health(self) -> ChannelHealth:
        return ChannelHealth()

    async def run(self) -> None:
        """Read pages from where the journal says, a few posts again each time."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    await self._call()
                await self._page()
            except (JournalError, TimeoutError):
                continue

    async def _page(self) -> None:
        timeline = self._timeline
        since = int(await self._desk.cursor(SOURCE) or 0)
        page = timeline.posts[max(0, since - OVERLAP) : since + PAGE]
        if not page or (since == len(timeline.posts) and timeline.random.random() < 0.7):
            return
        now_ms = timeline.world.wall()
        posts = [_post(item, now_ms) for item in page]
        reached = max(since, timeline.posts.index(page[-1]) + 1)
        taken = await self._desk.accept_posts(posts, Cursor(SOURCE, str(reached)))
        for item, one in zip(page, taken, strict=True):
            if one.answer is Answer.KEPT:
                if not item.letter.accepted:
                    timeline.world.note("x", f"{item.letter.token} taken")
                timeline.ledger.accept(item.letter, 0)

    async def send(self, reply: Reply) -> Sending:
        """Post one answer."""
        timeline = self._timeline
        timeline.ledger.handed(reply.key, (ACCOUNT, self._sender(reply), reply.text))
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._call()
        except TimeoutError:
            return Sending(SendResult.LATER, detail="no connection", retry_after_s=30.0)
        if timeline.mood == "busy":
            return Sending(SendResult.LATER, detail="429", retry_after_s=60.0)
        if timeline.mood == "silent":
            if timeline.random.random() < 0.5:
                timeline.answered(reply)
            await asyncio.sleep(5.0)
            return Sending(SendResult.UNKNOWN, detail="no answer")
        post_id = timeline.answered(reply)
        await asyncio.sleep(timeline.random.uniform(0.05, 0.4))
        return Sending(SendResult.SENT, (post_id,))

    async def find(self, reply: Reply) -> Sending:
        """Look for an answer on our own timeline."""
        timeline = self._timeline
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._call()
        except TimeoutError:
            return Sending(SendResult.LATER, detail="no connection", retry_after_s=30.0)
        found = timeline.answers.get(reply.to.value)
        return Sending(SendResult.SENT, (found,)) if found else Sending(SendResult.REFUSED, detail="not there")

    async def _call(self) -> None:
        await self._timeline.road.passable()
        await asyncio.sleep(self._timeline.random.uniform(0.02, 0.2))
        if self._timeline.road.down or not self._owner.alive:
            raise TimeoutError

    def _sender(self, reply: Reply) -> str:
        return self._timeline.posts[(int(reply.to.value) - ID_FIRST) // 1000].letter.sender


def _post(item: Item, now_ms: int) -> Post:
    own = str(item.id)
    author = Reporter(ReporterKind.ACCOUNT, item.letter.sender, Address(0, 0, own))
    return Post(
        channel="X @lapor1708",
        account=ACCOUNT,
        source=SOURCE,
        id=own,
        key=own,
        author=author,
        text=item.letter.text,
        raw=b"{}",
        posted_ms=item.posted_ms,
        received_ms=now_ms,
        trigger=Trigger.MENTION,
        answering=Answering.ONCE,
        thread=own,
    )
