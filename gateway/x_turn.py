"""The front desk as X's reader sees it where several gateways have one account: a page is stored by whoever has the lease, and nobody else.

What another gateway has already is left to it; its later edits come by its own look-ups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.channel import Answer, Cursor, Known, Taken
from forwarder.index import Index
from forwarder.lease import Lease
from forwarder.shared import SharedDown
from gateway.intake import FrontDesk
from parsers.errors import JournalError
from parsers.model import Post

LOOK_UP = "look-up"  # adapters.x.channel's name for what is no reading of new posts: every gateway does it for its own


class XTurn:
    """Fulfils adapters.channel.PostInbox."""

    def __init__(self, desk: FrontDesk, lease: Lease, index: Index) -> None:
        self._desk = desk
        self._lease = lease
        self._index = index

    async def accept_posts(self, posts: Sequence[Post], cursor: Cursor | None = None) -> list[Taken]:
        """Store a page, if it is our turn; LATER for all of it where another gateway reads by now, or nobody can say."""
        if cursor is None and posts and all(post.source == LOOK_UP for post in posts):
            return await self._desk.accept_posts(posts)
        try:
            if not await self._lease.check():
                return [Taken(Answer.LATER)] * max(1, len(posts))
            theirs = await self._index.posts_elsewhere([(post.account, post.key) for post in posts])
            ours = [post for post, there in zip(posts, theirs, strict=True) if not there]
            taken = iter(await self._desk.accept_posts(ours, cursor))
            answers = [Taken(Answer.KEPT, "elsewhere") if there else next(taken) for there in theirs]
            if cursor is not None and all(one.answer is Answer.KEPT for one in answers):
                await self._lease.keep(cursor.source, cursor.value)
        except SharedDown:
            return [Taken(Answer.LATER)] * max(1, len(posts))
        return answers

    async def cursor(self, source: str) -> str | None:
        """Where the last reader stopped, whichever gateway it was; else where we did. JournalError while nobody can say."""
        try:
            shared = await self._lease.cursor(source)
        except SharedDown as error:
            raise JournalError(str(error)) from error
        return shared or await self._desk.cursor(source)

    async def keep_cursor(self, cursor: Cursor) -> None:
        """A value of our own: what we have spent."""
        await self._desk.keep_cursor(cursor)

    async def posts_due(self, account: str, now_ms: int, limit: int) -> list[Known]:
        """Our own posts that should be looked up."""
        return await self._desk.posts_due(account, now_ms, limit)

    async def posts_stand(self, account: str, said: Mapping[str, str | None]) -> int:
        """What a look-up said of them."""
        return await self._desk.posts_stand(account, said)
