"""What the simulated X keeps: users, posts with their versions, pictures and places."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.x.simulated_text import Entities

EDITS_MAX = 5
EDIT_MS = 3_600_000  # one hour (X's changelog of 3 Oct 2025 and its payloads; another page of X says 30 minutes)


class Shelf(enum.StrEnum):
    """Where a post is found; each may show it late."""

    MENTIONS = "mentions"
    SEARCH = "search"
    TIMELINE = "timeline"


@dataclass(slots=True, eq=False)
class User:
    """An account; the name may change, the id does not."""

    id: int
    username: str
    name: str
    created_ms: int
    protected: bool = False
    suspended: bool = False
    verified: bool = False
    location: str = ""
    blocks_us: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or film of a post."""

    key: str
    kind: str  # photo | video | animated_gif
    url: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a post carries. `box` is west, south, east, north."""

    id: str
    full_name: str
    name: str
    kind: str = "city"
    country: str = "Indonesia"
    country_code: str = "ID"
    box: tuple[float, float, float, float] = (100.0, -0.5, 100.3, -0.1)


@dataclass(slots=True, eq=False)
class Chain:
    """All versions of one post, the first first; they live and die together."""

    ids: list[int]
    first_ms: int
    deleted_ms: int | None = None


@dataclass(slots=True, eq=False)
class Post:
    """One version of a post, never changed once made. `body` is the whole of a long one, `text` then its head."""

    id: int
    author: User
    chain: Chain
    created_ms: int
    typed: str
    text: str
    entities: Entities
    display: tuple[int, int]
    conversation_id: int
    body: str | None = None
    body_entities: Entities | None = None
    reply_to: int | None = None
    in_reply_to: int | None = None
    quoted: int | None = None
    reposted: int | None = None
    media: tuple[Media, ...] = ()
    place: Place | None = None
    lang: str = "in"
    reply_settings: str = "everyone"
    shown_ms: Mapping[Shelf, int] = field(default_factory=dict)

    @property
    def root(self) -> int:
        """The id of its first version: what a complaint is keyed on."""
        return self.chain.ids[0]

    @property
    def whole(self) -> Entities:
        """The entities of the whole text."""
        return self.body_entities if self.body_entities is not None else self.entities

    def editable(self, now_ms: int) -> bool:
        """Whether X would still take an edit: no reply, no repost, in time, not too often."""
        fresh = self.reply_to is None and self.reposted is None and len(self.chain.ids) <= EDITS_MAX
        return fresh and now_ms < self.chain.first_ms + EDIT_MS

    def mentions(self, user: User) -> bool:
        """Whether its text names somebody, inherited names too."""
        return any(mention.user_id == user.id for mention in self.whole.mentions)

    def calls(self, user: User) -> bool:
        """Whether its author himself named somebody: not among the names a reply inherits."""
        return any(mention.user_id == user.id and mention.start >= self.display[0] for mention in self.whole.mentions)


@dataclass(slots=True)
class Posted:
    """One post that our account made through the API: the truth for a ledger. `root` is the first version of what it answers."""

    id: int
    text: str
    reply_to: int | None
    root: int | None
    at_ms: int
    summoned: bool
    with_link: bool
    deleted: bool = False
