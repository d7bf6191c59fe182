"""What the control socket can be asked: each verb with its handler. The command line speaks nothing else to a running gateway."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.smpp import reception
from adapters.smpp.reader import read_message
from forwarder.journal import Made, Progress, Vault
from gateway import route_desk, status
from gateway.cluster import ClusterDesk
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.desk import Desk
from gateway.subject_desk import SubjectDesk
from parsers.model import Segment

if TYPE_CHECKING:
    from gateway.app import Gateway

BREATH_SECONDS = 0.01  # between slices of long work: three quarters of the time are the messages'
BUSY_SECONDS = 0.2  # the same while many messages wait


def of(gateway: Gateway) -> Mapping[str, Handler]:
    """The verbs of one gateway."""
    desk = Desk(gateway.journal, lambda: gateway.composer, reread, gateway.dispatcher.forget, gateway.site.settings.core.tracking_id)

    async def show_status(_: Args, __: Peer) -> Json:
        binds = [bind for operator in gateway.operators.values() for bind in operator.status()]
        held = await gateway.journal.counts()
        return status.report(gateway.now_ms(), binds, gateway.dispatcher.status(), held, gateway.journal.health(), x=gateway.x)

    async def watch(_: Args, __: Peer) -> AsyncIterator[Json]:
        with gateway.watch.listening() as events:
            while True:
                yield dict(await events.get())

    async def salvage(args: Args, _: Peer) -> Json:
        file = args.get("file")
        if not isinstance(file, str):
            raise ControlError("name the file that was set aside")
        found = await gateway.journal.salvage(Path(file))
        gateway.dispatcher.wake()
        return {name: getattr(found, name) for name in found.__slots__}

    async def settle(args: Args, peer: Peer) -> Json:
        named = args.get("who")
        who = f"{named} ({peer.user})" if isinstance(named, str) and named not in ("", peer.user) else peer.user
        return await desk.settle({**args, "who": who})

    async def breathe() -> None:
        await asyncio.sleep(BUSY_SECONDS if gateway.intake.busy else BREATH_SECONDS)

    return {
        **ClusterDesk(gateway.site, gateway.journal, gateway.shared, gateway.cluster, gateway.now_ms).handlers(),
        **SubjectDesk(gateway.journal, gateway.sealer, gateway.site.secrets.masters).handlers(),
        **route_desk.handlers(route_desk.RouteDesk(gateway.reload, gateway.journal, gateway.now_ms, breathe)),
        "status": show_status,
        "watch": watch,
        "desk list": lambda args, peer: desk.waiting({**args, "who": peer.user}),
        "desk show": lambda args, peer: desk.show({**args, "who": peer.user}),
        "desk settle": settle,
        "journal backup": lambda args, _: backup(gateway.journal.vault, args),
        "journal salvage": salvage,
    }


def reread(frame: bytes, operator: str) -> Segment:
    """A kept raw PDU as a segment again; PduError when it is still no message."""
    return reception.segment_of(read_message(frame), operator, "", 0, 0)


async def backup(vault: Vault, args: Args) -> AsyncIterator[Json]:
    """`journal backup`: `folder` (a whole path), `keep`; each step as it is done, at last what was made."""
    folder, keep = args.get("folder"), args.get("keep")
    if not isinstance(folder, str) or not folder.startswith("/"):
        raise ControlError("name the folder that backups are kept in by its whole path")
    if keep is not None and (not isinstance(keep, int) or isinstance(keep, bool)):
        raise ControlError("keep must be a whole number")
    async with contextlib.aclosing(vault.make(Path(folder), keep)) as steps:
        async for one in steps:
            yield step(one)


def step(one: Progress | Made) -> dict[str, Any]:
    """One step of a backup, or the backup made, in JSON."""
    return asdict(one) if isinstance(one, Progress) else {**asdict(one), "path": str(one.path), "removed": list(one.removed)}
