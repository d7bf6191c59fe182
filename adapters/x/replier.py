"""The way out to X: one public answer to one post, never a second one, and none that X does not allow.

Whether a call whose answer got lost posted anything, our own timeline tells; until it did, nothing is posted again. X itself refuses the
same text twice, which then counts as the yes that got lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.channel import Caps, ChannelHealth, Reply, Sending, SendResult
from adapters.x.answers import Failure, Trouble
from adapters.x.client import Client
from adapters.x.meter import Kind, Meter
from adapters.x.settings import XSettings
from adapters.x.snowflake import time_of
from parsers.model import Answering
from parsers.post import FieldsMissing, Json, ids_of, items_of, more_of

CHARACTERS_MAX = 280
TRIES_MAX = 3  # of a refusal in words we do not know: X changes them
UNKNOWN_SECONDS = 900.0  # between such tries
PAGES_MAX = 8  # of our own timeline, when looking for one answer: 800 answers since the post
TIMELINE_POSTS = 100
CAPS = Caps(CHARACTERS_MAX, Answering.ONCE, links=False, can_find=True)

OUTCOMES: Mapping[Trouble, SendResult] = {
    Trouble.NETWORK: SendResult.LATER,
    Trouble.LOST: SendResult.UNKNOWN,
    Trouble.OUTAGE: SendResult.UNKNOWN,
    Trouble.RATE: SendResult.LATER,
    Trouble.DAY: SendResult.LATER,
    Trouble.CREDITS: SendResult.LATER,
    Trouble.UNAUTHORIZED: SendResult.LATER,
    Trouble.DUPLICATE: SendResult.SENT,
    Trouble.NOT_CALLED: SendResult.REFUSED,
    Trouble.TARGET: SendResult.REFUSED,
    Trouble.TOO_OLD: SendResult.REFUSED,
    Trouble.FORBIDDEN: SendResult.LATER,  # TRIES_MAX times, then refused
    Trouble.REFUSED: SendResult.REFUSED,
    Trouble.BUDGET: SendResult.LATER,
    Trouble.CLOSED: SendResult.LATER,
}
"""What a failed post of an answer means for the reply."""


class Replier:
    """Posts answers for one account (adapters.channel.Outbound)."""

    caps = CAPS

    def __init__(
        self, settings: XSettings, client: Client, meter: Meter, now_ms: Callable[[], int], health: Callable[[], ChannelHealth]
    ) -> None:
        self._settings = settings
        self._client = client
        self._meter = meter
        self._now_ms = now_ms
        self._health = health

    def health(self) -> ChannelHealth:
        """The whole account's."""
        return self._health()

    async def send(self, reply: Reply) -> Sending:
        """Answer a post (see adapters.channel.Outbound)."""
        to = reply.to.value
        if self._now_ms() - time_of(int(to)) > self._settings.answer_hours * 3_600_000:
            return Sending(SendResult.REFUSED, detail=f"the post is older than {self._settings.answer_hours:g} h")
        answer = await self._meter.call(Kind.REPLY, 1, lambda: self._client.reply(reply.text, to), lambda _: (reply.key,))
        if isinstance(answer, Failure) and answer.trouble is Trouble.DUPLICATE:
            found = await self.find(reply)  # it is there; with its id, answers to it are known as such
            return found if found.result is SendResult.SENT else self._failed(answer, reply.attempt)
        if isinstance(answer, Failure):
            return self._failed(answer, reply.attempt)
        post_id = _id_of(answer)
        return Sending(SendResult.SENT, (post_id,)) if post_id else Sending(SendResult.UNKNOWN, detail="X gave no id")

    async def find(self, reply: Reply) -> Sending:
        """Look for an answer in our own timeline (see adapters.channel.Outbound)."""
        to, until = reply.to.value, None
        for _ in range(PAGES_MAX):
            page = await self._timeline(int(to), until)
            if isinstance(page, Failure):
                return Sending(SendResult.LATER, detail=page.detail, retry_after_s=self._seconds(page))
            try:
                items = items_of(page)
            except FieldsMissing as error:
                return Sending(SendResult.LATER, detail=str(error), retry_after_s=UNKNOWN_SECONDS)
            found = next((str(item["id"]) for item in items if _answers(item, to)), None)
            if found is not None:
                return Sending(SendResult.SENT, (found,), "found in our own timeline")
            if not items or not more_of(page):
                return Sending(SendResult.REFUSED, detail="not in our own timeline")
            until = int(items[-1]["id"])
        return Sending(SendResult.LATER, detail="our own timeline is too long to look through now")

    async def _timeline(self, since_id: int, until_id: int | None) -> Json | Failure:
        return await self._meter.call(
            Kind.TIMELINE,
            TIMELINE_POSTS,
            lambda: self._client.timeline(TIMELINE_POSTS, since_id, until_id),
            ids_of,
        )

    def _failed(self, failure: Failure, attempt: int) -> Sending:
        result = OUTCOMES[failure.trouble]
        if failure.trouble is Trouble.FORBIDDEN and attempt >= TRIES_MAX:
            result = SendResult.REFUSED
        wait = self._seconds(failure) if result is SendResult.LATER else None
        if failure.trouble is Trouble.FORBIDDEN:
            wait = UNKNOWN_SECONDS
        return Sending(result, detail=failure.detail, retry_after_s=wait)

    def _seconds(self, failure: Failure) -> float:
        """When to come back: at the time the failure names, else when the door opens."""
        now_ms = self._now_ms()
        named = (failure.until_ms - now_ms) / 1000 if failure.until_ms is not None else 0.0
        return max(named, self._meter.gate.wait(Kind.REPLY, now_ms), 1.0)


def _id_of(answer: Json) -> str | None:
    """The id of what was posted."""
    data = answer.get("data")
    found = data.get("id") if isinstance(data, dict) else None
    return found if isinstance(found, str) and found.isdigit() else None


def _answers(item: Json, to: str) -> bool:
    references = item.get("referenced_tweets") or item.get("referenced_posts")
    return isinstance(references, list) and any(
        isinstance(one, dict) and one.get("type") == "replied_to" and one.get("id") == to for one in references
    )
