"""How the simulated X writes posts, users, pictures and places into an answer: only what was asked for, in the dialect it was asked in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from adapters.x import simulated_problems as problems
from adapters.x.simulated_post import EDIT_MS, EDITS_MAX, Media, Place, Post, User
from adapters.x.simulated_text import Entities
from adapters.x.simulated_wish import Wish
from adapters.x.world import World

Json = dict[str, Any]
RENAMED = {
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
}


def moment(at_ms: int) -> str:
    """A time as X writes it."""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _renamed(item: Json) -> Json:
    return {RENAMED.get(name, name): _renamed(value) if name.endswith("metrics") else value for name, value in item.items()}


class View:
    """Writes answers about one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def page(self, posts: Iterable[Post], wish: Wish) -> Json:
        """`data`, `includes` and `errors` for posts; each only where there is something to say."""
        shown = list(posts)
        included: list[Post] = []
        errors: list[Json] = []
        if any(name.startswith("referenced_tweets.id") for name in wish.expansions):
            for post in shown:
                self._referenced(post, included, errors)
        if "edit_history_tweet_ids" in wish.expansions:
            included += [self._world.posts[old] for post in shown for old in post.chain.ids if old != post.id and old in self._world.posts]
        includes = {
            "users": self._users(shown, included, wish),
            "posts" if wish.new else "tweets": [self.post(post, wish) for post in dict.fromkeys(included)],
            "media": self._media(shown, included, wish),
            "places": self._places(shown, wish),
        }
        body: Json = {"data": [self.post(post, wish) for post in shown]} if shown else {}
        if kept := {name: items for name, items in includes.items() if items}:
            body["includes"] = kept
        return body | ({"errors": errors} if errors else {})

    def post(self, post: Post, wish: Wish) -> Json:
        """One post."""
        item: Json = {}
        for name in wish.post:
            value = POST[name](post) if name in POST else None
            if value is not None:
                item[name] = value
        if "edit_controls" in wish.post:
            item["edit_controls"] = self._edit_controls(post)
        if "username" in wish.expansions:
            item["username"] = post.author.username
        return _renamed(item) if wish.new else item

    def user(self, user: User, wish: Wish) -> Json:
        """One account."""
        item = {name: USER[name](user) for name in {"id", "name", "username"} | wish.user if name in USER}
        kept = {name: value for name, value in item.items() if value is not None}
        return _renamed(kept) if wish.new else kept

    def _referenced(self, post: Post, included: list[Post], errors: list[Json]) -> None:
        for _, post_id in _references(post):
            other = self._world.posts.get(post_id)
            if other is None or other.chain.deleted_ms is not None:
                errors.append(problems.not_found(str(post_id), "referenced_tweets.id"))
            elif not self._world.public(other.author):
                errors.append(problems.not_authorized(str(post_id), "referenced_tweets.id", "includes"))
            else:
                included.append(other)

    def _users(self, shown: list[Post], included: list[Post], wish: Wish) -> list[Json]:
        users: list[User] = []
        if "author_id" in wish.expansions:
            users += [post.author for post in shown]
        if "referenced_tweets.id.author_id" in wish.expansions:
            users += [post.author for post in included]
        ids: list[int | None] = []
        if "in_reply_to_user_id" in wish.expansions:
            ids += [post.in_reply_to for post in shown]
        if "entities.mentions.username" in wish.expansions:
            ids += [mention.user_id for post in shown for mention in post.entities.mentions]
        users += [self._world.users[user_id] for user_id in ids if user_id is not None]
        return [self.user(user, wish) for user in dict.fromkeys(users)]

    def _media(self, shown: list[Post], included: list[Post], wish: Wish) -> list[Json]:
        posts = shown if "attachments.media_keys" in wish.expansions else []
        if "referenced_tweets.id.attachments.media_keys" in wish.expansions:
            posts = posts + included
        return [_media(media, wish) for media in dict.fromkeys(media for post in posts for media in post.media)]

    def _places(self, shown: list[Post], wish: Wish) -> list[Json]:
        if "geo.place_id" not in wish.expansions:
            return []
        return [_place(place, wish) for place in dict.fromkeys(post.place for post in shown if post.place is not None)]

    def _edit_controls(self, post: Post) -> Json:
        return {
            "edits_remaining": EDITS_MAX + 1 - len(post.chain.ids),
            "is_edit_eligible": post.reply_to is None and post.reposted is None,
            "editable_until": moment(post.chain.first_ms + EDIT_MS),
        }


def _references(post: Post) -> list[tuple[str, int]]:
    kinds = (("retweeted", post.reposted), ("quoted", post.quoted), ("replied_to", post.reply_to))
    return [(kind, post_id) for kind, post_id in kinds if post_id is not None]


def _entities(found: Entities) -> Json | None:
    lists: Json = {
        "mentions": [
            {"start": mention.start, "end": mention.end, "username": mention.username}
            | ({"id": str(mention.user_id)} if mention.user_id is not None else {})
            for mention in found.mentions
        ],
        "hashtags": [{"start": tag.start, "end": tag.end, "tag": tag.tag} for tag in found.tags],
        "urls": [
            {
                "start": link.start,
                "end": link.end,
                "url": link.url,
                "expanded_url": link.target.expanded,
                "display_url": link.target.display,
            }
            | ({"media_key": link.target.media_key} if link.target.media_key else {})
            for link in found.links
        ],
    }
    return {name: items for name, items in lists.items() if items} or None


def _note(post: Post) -> Json | None:
    if post.body is None or post.body_entities is None:
        return None
    found = _entities(post.body_entities)
    return {"text": post.body} | ({"entities": found} if found else {})


POST: dict[str, Callable[[Post], Any]] = {
    "id": lambda post: str(post.id),
    "text": lambda post: post.text,
    "edit_history_tweet_ids": lambda post: [str(post_id) for post_id in post.chain.ids],
    "author_id": lambda post: str(post.author.id),
    "created_at": lambda post: moment(post.created_ms),
    "conversation_id": lambda post: str(post.conversation_id),
    "in_reply_to_user_id": lambda post: str(post.in_reply_to) if post.in_reply_to is not None else None,
    "referenced_tweets": lambda post: [{"type": kind, "id": str(post_id)} for kind, post_id in _references(post)] or None,
    "entities": lambda post: _entities(post.entities),
    "note_tweet": _note,
    "display_text_range": lambda post: list(post.display),
    "attachments": lambda post: {"media_keys": [media.key for media in post.media]} if post.media else None,
    "geo": lambda post: {"place_id": post.place.id} if post.place is not None else None,
    "lang": lambda post: post.lang,
    "possibly_sensitive": lambda _: False,
    "reply_settings": lambda post: post.reply_settings,
    "public_metrics": lambda _: dict.fromkeys(
        ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count"), 0
    ),
}
USER: dict[str, Callable[[User], Any]] = {
    "id": lambda user: str(user.id),
    "name": lambda user: user.name,
    "username": lambda user: user.username,
    "created_at": lambda user: moment(user.created_ms),
    "protected": lambda user: user.protected,
    "verified": lambda user: user.verified,
    "verified_type": lambda user: "government" if user.verified else "none",
    "location": lambda user: user.location or None,
    "description": lambda _: "",
    "public_metrics": lambda _: dict.fromkeys(("followers_count", "following_count", "tweet_count", "listed_count", "like_count"), 0),
}


def _media(media: Media, wish: Wish) -> Json:
    item: Json = {"media_key": media.key, "type": media.kind, "alt_text": media.alt_text or None, "width": 1200, "height": 900}
    if media.kind == "photo":
        item["url"] = media.url
    else:
        item["preview_image_url"] = media.url
        item["duration_ms"] = 10_000
        item["variants"] = [{"bit_rate": 632_000, "content_type": "video/mp4", "url": "https://video.twimg.com/ext_tw_video/x/vid/x.mp4"}]
    return {name: value for name, value in item.items() if name in wish.media | {"media_key", "type"} and value is not None}


def _place(place: Place, wish: Wish) -> Json:
    item: Json = {
        "id": place.id,
        "full_name": place.full_name,
        "name": place.name,
        "country": place.country,
        "country_code": place.country_code,
        "place_type": place.kind,
        "geo": {"type": "Feature", "bbox": list(place.box), "properties": {}},
    }
    return {name: value for name, value in item.items() if name in wish.place | {"id", "full_name"}}
