"""The writing half of the simulated X: making and deleting posts of our account, with X's reply rules (February 2026) and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.x import simulated_problems as problems
from adapters.x.faults import Endpoint
from adapters.x.simulated_post import Post
from adapters.x.simulated_problems import Answer
from adapters.x.simulated_reading import ID, Call
from adapters.x.simulated_settings import SimulatedSettings
from adapters.x.simulated_text import TEXT_WEIGHT_MAX, weight
from adapters.x.world import World

LONG_WEIGHT_MAX = 25_000
KEYS = frozenset(
    [
        *(
            "card_uri",
            "community_id",
            "direct_message_deep_link",
            "edit_options",
            "for_super_followers_only",
            "geo",
            "made_with_ai",
            "media",
        ),
        *("nullcast", "paid_partnership", "poll", "quote_tweet_id", "reply", "reply_settings", "share_with_followers", "text"),
    ]
)
REPLY_KEYS = frozenset({"auto_populate_reply_metadata", "exclude_reply_user_ids", "in_reply_to_tweet_id"})


class Writing:
    """Answers what writes."""

    def __init__(self, world: World, settings: SimulatedSettings) -> None:
        self._world = world
        self._settings = settings

    def answer(self, call: Call) -> Answer:
        """Make or delete a post."""
        if not call.user:
            return problems.app_only()
        return self._delete(call) if call.endpoint is Endpoint.DELETE else self._create(call)

    def _create(self, call: Call) -> Answer:
        try:
            body = json.loads(call.body)
        except ValueError:
            return problems.invalid("Request body is not valid JSON")
        wrong = _wrong(body)
        if wrong is not None:
            return problems.invalid(wrong)
        text = body["text"]
        reply = body.get("reply", {})
        reply_to = int(reply["in_reply_to_tweet_id"]) if reply else None
        quote = int(body["quote_tweet_id"]) if "quote_tweet_id" in body else None
        refusal = self._refusal(text, reply_to, quote)
        if refusal is not None:
            return refusal
        silent = {int(user_id) for user_id in reply.get("exclude_reply_user_ids", ()) if ID.fullmatch(str(user_id))}
        post = self._world.answer(text, reply_to=reply_to, quote=quote, silent=silent)
        made = self._world.replies[-1]
        micros = self._world.bill.create(post.created_ms, summoned=made.summoned, link=made.with_link)
        data = {"id": str(post.id), "text": post.text, self._history: [str(post.id)]}
        return Answer(201, {"data": data}, 1, micros)

    @property
    def _history(self) -> str:
        return "edit_history_post_ids" if self._settings.dialect == "new" else "edit_history_tweet_ids"

    def _refusal(self, text: str, reply_to: int | None, quote: int | None) -> Answer | None:
        most = LONG_WEIGHT_MAX if self._settings.long_posts else TEXT_WEIGHT_MAX
        if weight(text) > most:
            return problems.forbidden(problems.TOO_LONG)
        for post_id in (reply_to, quote):
            refusal = self._target_refusal(self._world.posts.get(post_id)) if post_id is not None else None
            if refusal is not None:
                return refusal
        return problems.forbidden(problems.DUPLICATE) if self._world.said_already(text, reply_to) else None

    def _target_refusal(self, target: Post | None) -> Answer | None:
        """Why this post may not be answered or quoted."""
        if target is None or target.chain.deleted_ms is not None or not self._world.public(target.author):
            gone = problems.forbidden(problems.GONE)
            if self._settings.gone_status == gone.status:
                return gone
            return problems.problem(self._settings.gone_status, "Bad Request", problems.GONE)
        if target.author.blocks_us:
            return problems.forbidden(problems.BLOCKED)
        if target.reply_settings not in ("everyone", "mentionedUsers") or (
            target.reply_settings == "mentionedUsers" and not target.mentions(self._world.account)
        ):
            return problems.forbidden(problems.RESTRICTED)
        if not self._settings.enterprise and not self._world.summons(target):
            return problems.forbidden(problems.NOT_ENGAGED if self._settings.wording == "engaged" else problems.NOT_MENTIONED)
        return None

    def _delete(self, call: Call) -> Answer:
        if not ID.fullmatch(call.target):
            return problems.invalid(f"The `id` query parameter value [{call.target}] does not match ^[0-9]{{1,19}}$", id=call.target)
        post = self._world.posts.get(int(call.target))
        if post is not None and post.author is not self._world.account:
            return problems.forbidden("You are not authorized to delete this Tweet.")
        if post is not None:
            self._world.delete(post)
        return Answer(200, {"data": {"deleted": True}}, micros=self._world.bill.delete(self._world.clock()))


def _wrong(body: Any) -> str | None:  # noqa: ANN401 - JSON from anybody
    """What of a body X's schema refuses, in X's words; a post without a text (media, polls) is no business of a complaint desk."""
    if not isinstance(body, Mapping):
        return "$: object expected"
    reply = body.get("reply", {})
    if not isinstance(reply, Mapping):
        return "$.reply: object expected"
    for where, part, known in (("$", body, KEYS), ("$.reply", reply, REPLY_KEYS)):
        if strange := [key for key in part if key not in known]:
            return f"{where}.{strange[0]}: is not defined in the schema and the schema does not allow additional properties"
    ids = {"$.reply.in_reply_to_tweet_id": reply.get("in_reply_to_tweet_id", ""), "$.quote_tweet_id": body.get("quote_tweet_id", "0")}
    if "reply" in body and "in_reply_to_tweet_id" not in reply:
        return "$.reply.in_reply_to_tweet_id: is missing but it is required"
    for where, value in ids.items():
        if not ID.fullmatch(str(value)) and ("reply" in body or where == "$.quote_tweet_id"):
            return f"{where}: does not match the regex pattern ^[0-9]{{1,19}}$"
    text = body.get("text")
    return None if isinstance(text, str) and text.strip() else "$.text: is missing but it is required"
