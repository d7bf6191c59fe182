"""All partners of the signed webhook as one channel: one door in, and a way back for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from aiohttp import web

from adapters.channel import PostInbox
from adapters.webhook.callback import Callback
from adapters.webhook.intake import Intake
from adapters.webhook.settings import WebhookSettings


class WebhookChannel:
    """To be made inside a running event loop. `now_ms` is UTC in milliseconds, `monotonic` seconds; ValueError when a key is missing."""

    def __init__(self, settings: WebhookSettings, inbox: PostInbox, *, now_ms: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self.intake = Intake(settings, inbox, now_ms=now_ms, monotonic=monotonic)
        self.callbacks = {
            one.account: Callback(one, now_ms=now_ms, monotonic=monotonic, last_in_ms=partial(self.intake.last_in_ms, one.name))
            for one in settings.partner
        }
        """The ways back by account, as the outbox knows them."""

    def routes(self) -> list[web.RouteDef]:
        """For the one HTTP server."""
        return self.intake.routes()

    async def close(self) -> None:
        """Close all connections to partners; after the outbox has stopped."""
        for callback in self.callbacks.values():
            await callback.close()
