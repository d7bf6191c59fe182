"""Why an alarm stands, in the words of the part that knows: a sentence behind the alarm's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from adapters.smpp.bearer import LinkState

if TYPE_CHECKING:
    from gateway.app import Gateway


def causes(gateway: Gateway) -> Mapping[str, Callable[[str], str | None]]:
    """By code, a function that takes what the alarm is about."""

    def bind(about: str) -> str | None:
        """The last error of a bind (`operator/bind`) or of any bind of an operator."""
        operator, _, name = about.partition("/")
        found = [one for one in gateway.operators[operator].status() if name in ("", one.bind) and one.state is not LinkState.BOUND]
        return next((one.last_error for one in found if one.last_error), None)

    def core(_: str) -> str:
        status = gateway.dispatcher.status()
        waiting = f"{status.waiting}{' or more' if status.backlog else ''} complaints wait"
        return f"{status.stopped_by}, {waiting}" if status.stopped_by else waiting

    def source(about: str) -> str | None:
        sources = gateway.x.sources if gateway.x is not None else ()
        return next((one.cause for one in sources if one.name == about), None)

    return {
        "A01": bind,
        "A02": bind,
        "A05": core,
        "A06": core,
        "A10": lambda _: gateway.journal.health().sick,
        "A13": lambda _: gateway.alarms.jumped,
        "A15": lambda _: gateway.redis_down,
        "A17": lambda _: ", ".join(gateway.cluster.waits_for) if gateway.cluster is not None else None,
        "A18": lambda _: gateway.mirror.cause if gateway.mirror is not None else None,
        "A21": source,
    }
