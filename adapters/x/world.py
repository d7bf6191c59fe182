"""The simulated X as a world: users, what they post, edit and delete, and the truth of what our account answered. Pure.

`clock` gives UTC milliseconds; ids are made of it as X makes them, so arithmetic with `since_id` holds. A post may be shown late on each
shelf by itself (mentions, search, our timeline), as X indexes.
"""

from __future__ import annotations

import string
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from adapters.x.simulated_bill import DAY_MS, Bill
from adapters.x.simulated_index import ALL, Index
from adapters.x.simulated_post import Chain, Media, Place, Post, Posted, Shelf, User
from adapters.x.simulated_text import LINK_WEIGHT, TEXT_WEIGHT_MAX, Entities, Target, entities, escape, head, links_in, shorten, weight
from adapters.x.snowflake import first_of

HANDLE = "lapor1708"
ACCOUNT_ID = 170_800
USER_ID_FIRST = 2_244_990_001
MENTIONS_MAX = 800
TIMELINE_MAX = 3_200
REPLIES_REMEMBERED = 10_000  # for "duplicate content"
LETTERS = string.ascii_letters + string.digits
Late = int | Mapping[Shelf, int]


class Denied(ValueError):
    """What a user of X cannot do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which ids are asked for: above < id < below."""

    above: int = 0
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page, newest first; `more` says that there is another."""

    posts: list[Post]
    more: bool


@dataclass(frozen=True, slots=True)
class _Written:
    text: str
    entities: Entities
    display: tuple[int, int]
    body: str | None
    body_entities: Entities | None


class World:
    """Users and posts. `late_ms` is how late each post is shown where nothing else is said."""

    def __init__(self, clock: Callable[[], int], random: Random, *, handle: str = HANDLE, late_ms: Late = 0) -> None:
        self.clock = clock
        self.late_ms = late_ms
        self.reposts_found = False
        """True: mentions and search give reposts too, as X did before May 2026."""
        self.users: dict[int, User] = {}
        self.posts: dict[int, Post] = {}
        self.places: dict[str, Place] = {}
        self.replies: list[Posted] = []
        """What our account posted through the API, in that order."""
        self.bill = Bill()
        self._random = random
        self._names: dict[str, User] = {}
        self._index = Index()
        self._recent: deque[Posted] = deque(maxlen=REPLIES_REMEMBERED)
        self._last_id = 0
        self.account = self.add_user(handle, name="LAPOR! 1708", user_id=ACCOUNT_ID, verified=True)

    # ── people ──

    def add_user(  # noqa: PLR0913 - a profile has these
        self,
        username: str,
        *,
        name: str = "",
        user_id: int | None = None,
        protected: bool = False,
        verified: bool = False,
        location: str = "",
    ) -> User:
        """A new account. Denied when the name is taken."""
        if username.lower() in self._names:
            raise Denied(f"the name {username} is taken")
        new = User(user_id or USER_ID_FIRST + len(self.users), username, name or username, self.clock())
        new.protected, new.verified, new.location = protected, verified, location
        self.users[new.id] = self._names[username.lower()] = new
        return new

    def user(self, username: str) -> User:
        """The account with this name, made when there is none."""
        return self._names.get(username.lower()) or self.add_user(username)

    def find_user(self, username: str) -> User | None:
        """The account with this name."""
        return self._names.get(username.lower())

    def rename(self, user: User, username: str) -> None:
        """Give an account another name; its id stays."""
        if username.lower() in self._names:
            raise Denied(f"the name {username} is taken")
        del self._names[user.username.lower()]
        user.username = username
        self._names[username.lower()] = user

    # ── posting ──

    def write(  # noqa: PLR0913 - what a post can have
        self,
        author: User,
        text: str,
        *,
        reply_to: int | None = None,
        quote: int | None = None,
        media: Sequence[Media] = (),
        place: Place | None = None,
        reply_settings: str = "everyone",
        lang: str = "in",
        late_ms: Late | None = None,
        silent: Collection[int] = (),
    ) -> Post:
        """A new post. A reply inherits the names of what it answers, but for the user ids in `silent`."""
        post_id = self._next_id()
        parent = self.posts.get(reply_to) if reply_to is not None else None
        names = [name for name in self._inherited(author, parent) if self._names[name.lower()].id not in silent]
        written = self._written(post_id, text, names=names, tail=self._tail(post_id, author, quote, media))
        return self._keep(
            Post(
                id=post_id,
                author=author,
                chain=Chain([post_id], self.clock()),
                created_ms=self.clock(),
                typed=text,
                text=written.text,
                entities=written.entities,
                display=written.display,
                conversation_id=parent.conversation_id if parent is not None else post_id,
                body=written.body,
                body_entities=written.body_entities,
                reply_to=reply_to,
                in_reply_to=parent.author.id if parent is not None else None,
                quoted=quote,
                media=tuple(media),
                place=place,
                lang=lang,
                reply_settings=reply_settings,
                shown_ms=self._shown(late_ms),
            )
        )

    def repost(self, author: User, post: Post, *, late_ms: Late | None = None) -> Post:
        """Pass a post on, as `RT @name: …`, cut at 140 characters as X cuts it."""
        post_id, now = self._next_id(), self.clock()
        text = f"RT @{post.author.username}: {post.text}"
        if len(text) > TEXT_WEIGHT_MAX // 2:
            text = text[: TEXT_WEIGHT_MAX // 2 - 1] + "…"
        found = entities(text, {link.url: link.target for link in post.entities.links}, self._id_of)
        new = Post(post_id, author, Chain([post_id], now), now, text, text, found, (0, len(text)), post_id)
        new.reposted, new.shown_ms, new.lang = post.id, self._shown(late_ms), post.lang
        return self._keep(new)

    def edit(self, post: Post, text: str, *, late_ms: Late | None = None) -> Post:
        """A new version under a new id. Denied for replies, after an hour, after five edits, and for what is gone."""
        if post.chain.deleted_ms is not None or not post.editable(self.clock()):
            raise Denied("this post cannot be edited")
        post_id = self._next_id()
        tail = self._tail(post_id, post.author, post.quoted, post.media)
        written = self._written(post_id, text, names=[], tail=tail)
        post.chain.ids.append(post_id)
        new = Post(
            post_id, post.author, post.chain, self.clock(), text, written.text, written.entities, written.display, post.conversation_id
        )
        new.body, new.body_entities, new.quoted, new.media = written.body, written.body_entities, post.quoted, post.media
        new.place, new.lang, new.reply_settings, new.shown_ms = post.place, post.lang, post.reply_settings, self._shown(late_ms)
        return self._keep(new)

    def delete(self, post: Post) -> None:
        """Take a post away, with all its versions."""
        if post.chain.deleted_ms is None:
            post.chain.deleted_ms = self.clock()
        for reply in self._recent if post.author is self.account else ():
            reply.deleted = reply.deleted or reply.id == post.id

    def photo(self, alt_text: str = "") -> Media:
        """A picture to post."""
        return self._media("photo", "3_", "media", ".jpg", alt_text)

    def video(self, alt_text: str = "") -> Media:
        """A film to post: X gives its first picture only, and variants."""
        return self._media("video", "7_", "ext_tw_video_thumb", ".jpg", alt_text)

    # ── our account, through the API ──

    def answer(self, text: str, *, reply_to: int | None = None, quote: int | None = None, silent: Collection[int] = ()) -> Post:
        """What the API posts for our account; the ledger has it from here."""
        target = self.posts.get(reply_to) if reply_to is not None else None
        post = self.write(self.account, text, reply_to=reply_to, quote=quote, silent=silent)
        posted = Posted(
            id=post.id,
            text=post.text,
            reply_to=reply_to,
            root=target.root if target is not None else None,
            at_ms=post.created_ms,
            summoned=target is not None and self.summons(target),
            with_link=bool(links_in(text)),
        )
        self.replies.append(posted)
        self._recent.append(posted)
        return post

    def summons(self, post: Post) -> bool:
        """Whether a post lets us answer it: its author named us himself, or quoted a post of ours, or is us."""
        quoted = self.posts.get(post.quoted) if post.quoted is not None else None
        return post.calls(self.account) or post.author is self.account or (quoted is not None and quoted.author is self.account)

    def said_already(self, text: str, reply_to: int | None) -> bool:
        """Whether our account posted the very same within a day, inherited names included."""
        names = self._inherited(self.account, self.posts.get(reply_to) if reply_to is not None else None)
        whole = "".join(f"@{name} " for name in names) + escape(text)
        since = self.clock() - DAY_MS
        return any(said.at_ms > since and not said.deleted and said.text == whole for said in reversed(self._recent))

    @property
    def doubled(self) -> list[int]:
        """Posts that our account answered more than once (their first ids): must stay empty."""
        answered = Counter(reply.root for reply in self.replies if reply.root is not None)
        return [root for root, count in answered.items() if count > 1]

    # ── reading ──

    def seen(self, post: Post, shelf: Shelf) -> bool:
        """Whether a shelf shows this version now: there, public, not late, and no later version shown yet."""
        if post.chain.deleted_ms is not None or not self.public(post.author) or post.shown_ms[shelf] > self.clock():
            return False
        later = post.chain.ids[post.chain.ids.index(post.id) + 1 :] if len(post.chain.ids) > 1 else ()
        return not any(self.posts[post_id].shown_ms[shelf] <= self.clock() for post_id in later)

    def public(self, user: User) -> bool:
        """Whether the API shows what somebody posts."""
        return user is self.account or not (user.protected or user.suspended)

    def mentions(self, user: User, bounds: Bounds, most: int) -> Found:
        """Posts that name somebody, of the last 800 such; not his own."""
        return self._page(self._last(user, [f"@{user.id}"], Shelf.MENTIONS, MENTIONS_MAX), bounds, most)

    def timeline(self, user: User, bounds: Bounds, most: int) -> Found:
        """What somebody posted, of his last 3,200."""
        return self._page(self._last(None, [f"from:{user.id}"], Shelf.TIMELINE, TIMELINE_MAX), bounds, most)

    def search(self, matches: Callable[[Post], bool], keys: Collection[str] | None, bounds: Bounds, most: int) -> Found:
        """Posts that a query finds; `keys` are those that any of them must be found under, None where nothing is known."""
        found = (self.posts[post_id] for post_id in self._index.newest(keys if keys is not None else [ALL], bounds.above, bounds.below))
        return self._page((post for post in found if self.seen(post, Shelf.SEARCH) and matches(post)), bounds, most)

    def forget(self, before_ms: int) -> None:
        """Drop what is older, as if it had never been, to keep a long run small; the replies stay."""
        limit = first_of(before_ms)
        self._index.forget(limit)
        for post_id in [post_id for post_id in self.posts if post_id < limit]:
            del self.posts[post_id]

    # ── inside ──

    def _last(self, but: User | None, keys: Collection[str], shelf: Shelf, most: int) -> Iterator[Post]:
        count = 0
        for post_id in self._index.newest(keys, 0, None):
            post = self.posts[post_id]
            if post.author is but or not self.seen(post, shelf):
                continue
            yield post
            count += 1
            if count == most:
                return

    def _page(self, newest: Iterator[Post], bounds: Bounds, most: int) -> Found:
        posts: list[Post] = []
        for post in newest:
            if post.id <= bounds.above:
                break
            if bounds.below is not None and post.id >= bounds.below:
                continue
            if len(posts) == most:
                return Found(posts, more=True)
            posts.append(post)
        return Found(posts, more=False)

    def _keep(self, post: Post) -> Post:
        self.posts[post.id] = post
        self._index.add(post, reposts=self.reposts_found)
        return post

    def _next_id(self) -> int:
        self._last_id = max(first_of(self.clock()), self._last_id + 1)
        return self._last_id

    def _shown(self, late_ms: Late | None) -> Mapping[Shelf, int]:
        late = late_ms if late_ms is not None else self.late_ms
        now = self.clock()
        return {shelf: now + (late if isinstance(late, int) else late.get(shelf, 0)) for shelf in Shelf}

    def _id_of(self, username: str) -> int | None:
        user = self._names.get(username.lower())
        return user.id if user is not None else None

    def _inherited(self, author: User, parent: Post | None) -> list[str]:
        """The names a reply begins with: who is answered, and whom he named, each once, the author not."""
        if parent is None:
            return []
        named = [self.users[mention.user_id] for mention in parent.whole.mentions if mention.user_id is not None]
        return list(dict.fromkeys(user.username for user in (parent.author, *named) if user is not author))

    def _tail(self, post_id: int, author: User, quote: int | None, media: Sequence[Media]) -> list[tuple[str, Target]]:
        """The links X appends: to the quoted post, to the pictures (one for all of them)."""
        tail = []
        if quote is not None:
            by = self.posts[quote].author.username if quote in self.posts else "i"
            tail.append(Target(f"https://twitter.com/{by}/status/{quote}", f"twitter.com/{by}/status/…"))
        if media:
            kind = "photo" if media[0].kind == "photo" else "video"
            address = f"https://twitter.com/{author.username}/status/{post_id}/{kind}/1"
            tail.append(Target(address, "pic.twitter.com/" + self._letters(10), media[0].key))
        return [(self._short(), target) for target in tail]

    def _written(self, post_id: int, typed: str, *, names: list[str], tail: list[tuple[str, Target]]) -> _Written:
        prefix = "".join(f"@{name} " for name in names)
        words, targets = shorten(typed, self._short)
        appended = "".join(f" {url}" for url, _ in tail)
        targets |= dict(tail)
        display = (len(prefix), len(prefix + words))
        text = (prefix + words + appended).strip()
        if weight(typed) <= TEXT_WEIGHT_MAX:
            return _Written(text, entities(text, targets, self._id_of), display, None, None)
        more = self._short()
        targets[more] = Target(f"https://twitter.com/i/web/status/{post_id}", "twitter.com/i/web/status/…")
        cut = f"{prefix}{head(words, TEXT_WEIGHT_MAX - LINK_WEIGHT - 2)}… {more}"
        return _Written(cut, entities(cut, targets, self._id_of), (len(prefix), len(cut)), text, entities(text, targets, self._id_of))

    def _media(self, kind: str, key: str, folder: str, ending: str, alt_text: str) -> Media:
        number = self._next_id()
        return Media(f"{key}{number}", kind, f"https://pbs.twimg.com/{folder}/{self._letters(15)}{ending}", alt_text)

    def _short(self) -> str:
        return f"https://t.co/{self._letters(10)}"

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(LETTERS, k=count))
