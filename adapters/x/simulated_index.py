"""Finding posts of the simulated X newest first, without walking all of them.

A key is what a post can be found under: "" (all), "@ID" (names somebody), "#tag", "from:ID". Ids only grow, so each list is sorted.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator

from adapters.x.simulated_post import Post

ALL = ""


def keys_of(post: Post, *, reposts: bool) -> Iterator[str]:
    """Under what a post is found; reposts by their author alone, unless wanted as X had them before May 2026."""
    yield f"from:{post.author.id}"
    if post.reposted is not None and not reposts:
        return
    yield ALL
    yield from {f"@{mention.user_id}" for mention in post.whole.mentions if mention.user_id is not None}
    yield from {f"#{tag.tag.lower()}" for tag in post.whole.tags}


class Index:
    """Ids by key."""

    def __init__(self) -> None:
        self._ids: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, post: Post, *, reposts: bool) -> None:
        """Put a new post under its keys."""
        for key in keys_of(post, reposts=reposts):
            self._ids[key].append(post.id)

    def newest(self, keys: Collection[str], above: int, below: int | None) -> Iterator[int]:
        """Ids under any of the keys, above < id < below, each once, newest first."""
        runs = [self._run(self._ids[key], above, below) for key in keys if key in self._ids]
        last = 0
        for post_id in runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=True):
            if post_id != last:
                last = post_id
                yield post_id

    def forget(self, below: int) -> None:
        """Drop the ids under this one."""
        for key in list(self._ids):
            del self._ids[key][: bisect_left(self._ids[key], below)]
            if not self._ids[key]:
                del self._ids[key]

    @staticmethod
    def _run(ids: list[int], above: int, below: int | None) -> Iterator[int]:
        end = len(ids) if below is None else bisect_left(ids, below)
        for place in range(end - 1, bisect_right(ids, above) - 1, -1):
            yield ids[place]
