"""Which fields and expansions a request asks for, and in which of X's two dialects.

Measured by others against X in August and September 2026: `post.fields` turns the answer into the new dialect, everything else gets the
old one; a name of the other dialect is taken, billed, and its field is missing; `expansions` takes both; a name that neither has is
refused; the new dialect gives author, parent and references only as expansions. The lists are those of X's OpenAPI 2.166 and 2.167.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.x.simulated_problems import Answer, one_of


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BOTH = _names(
    "article attachments card_uri community_id context_annotations conversation_id created_at display_text_range edit_controls entities "
    "geo id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions organic_metrics paid_partnership "
    "possibly_sensitive promoted_metrics public_metrics reply_settings scopes source suggested_source_links "
    "suggested_source_links_with_counts text withheld"
)
_EXPANSIONS = _names(
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids author_id "
    "entities.mentions.username geo.place_id in_reply_to_user_id"
)
TWEET_FIELDS = _BOTH | _names("author_id edit_history_tweet_ids in_reply_to_user_id note_tweet referenced_tweets")
POST_FIELDS = _BOTH | _names("article_title note_post")
TWEET_EXPANSIONS = _EXPANSIONS | _names(
    "edit_history_tweet_ids entities.note.mentions.username referenced_tweets.id referenced_tweets.id.attachments.media_keys "
    "referenced_tweets.id.author_id"
)
POST_EXPANSIONS = _EXPANSIONS | _names("edit_history_post_ids referenced_posts username")
KNOWN_FIELDS = TWEET_FIELDS | POST_FIELDS | POST_EXPANSIONS
USER_FIELDS = _names(
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location most_recent_tweet_id "
    "name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm subscribes_to_you "
    "subscription subscription_type url username verified verified_followers_count verified_type withheld"
)
MEDIA_FIELDS = _names(
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics public_metrics type url "
    "variants width"
)
PLACE_FIELDS = _names("contained_within country country_code full_name geo id name place_type")
SAME = {"referenced_posts": "referenced_tweets.id", "edit_history_post_ids": "edit_history_tweet_ids"}
"""Expansions of the new dialect by their old names, which are used inside."""
PARAMETERS = ("tweet.fields", "post.fields", "expansions", "user.fields", "media.fields", "poll.fields", "place.fields")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, in the old dialect's names; `new` says how the answer writes them."""

    new: bool
    post: frozenset[str]
    expansions: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    place: frozenset[str]


def read_wish(query: Mapping[str, str], *, dialect: str, strict: bool) -> Wish | Answer:
    """The wish of a request; or the 400 for a name that X does not know (`strict`: not in this dialect either)."""
    new = dialect == "new" or (dialect == "both" and "post.fields" in query)
    parameter = "post.fields" if new else "tweet.fields"
    own_fields, own_expansions = (POST_FIELDS, POST_EXPANSIONS) if new else (TWEET_FIELDS, TWEET_EXPANSIONS)
    foreign = "tweet.fields" if new else "post.fields"
    if strict and foreign in query:
        return one_of(foreign, query[foreign], sorted(own_fields))
    checks = (
        (parameter, own_fields if strict else KNOWN_FIELDS, own_fields),
        (foreign, KNOWN_FIELDS, own_fields),
        ("expansions", own_expansions if strict else TWEET_EXPANSIONS | POST_EXPANSIONS, own_expansions),
        ("user.fields", USER_FIELDS, USER_FIELDS),
        ("media.fields", MEDIA_FIELDS, MEDIA_FIELDS),
        ("place.fields", PLACE_FIELDS, PLACE_FIELDS),
    )
    for name, taken, told in checks:
        for value in _values(query, name):
            if value not in taken:
                return one_of(name, value, sorted(told))
    expansions = frozenset(SAME.get(value, value) for value in _values(query, "expansions") if not new or value in POST_EXPANSIONS)
    fields = frozenset("note_tweet" if value == "note_post" else value for value in _values(query, parameter) if value in own_fields)
    return Wish(
        new,
        fields | _fields_of(expansions),
        expansions,
        *(frozenset(_values(query, name)) for name in ("user.fields", "media.fields", "place.fields")),
    )


def _values(query: Mapping[str, str], name: str) -> list[str]:
    return [value for value in query.get(name, "").split(",") if value]


def _fields_of(expansions: frozenset[str]) -> frozenset[str]:
    """An expansion brings the field it expands."""
    return frozenset({"id", "text", "edit_history_tweet_ids"} | {name.partition(".")[0] for name in expansions})
