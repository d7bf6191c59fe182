"""What the control socket answers about alarms, and what it is told of backups that another process looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.control import Args, ControlError, Handler, Json, Peer

if TYPE_CHECKING:
    from gateway.app import Gateway


def handlers(gateway: Gateway) -> Mapping[str, Handler]:
    """The verbs."""

    async def alarms(_: Args, __: Peer) -> Json:
        active: Any = gateway.alarms.active()
        return {"now_ms": gateway.now_ms(), "looked_seconds": gateway.alarms.looked_seconds, "active": active}

    async def verified(args: Args, _: Peer) -> Json:
        """`letter` and `made_ms` (UTC) of a backup that is good."""
        made_ms = args.get("made_ms")
        if not isinstance(made_ms, int) or isinstance(made_ms, bool) or not 0 < made_ms <= gateway.now_ms():
            raise ControlError("made_ms must be when the backup was made, in UTC milliseconds")
        if args.get("letter") != gateway.site.settings.journal.gateway_letter:
            raise ControlError("that backup is another gateway's")
        await gateway.rounds.note_verified(made_ms)
        return None

    return {"alarms": alarms, "journal verified": verified}
