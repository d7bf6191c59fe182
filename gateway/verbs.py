"""What the control socket can be asked: each verb with its handler. The command line speaks nothing else to a running gateway."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.smpp import reception
from adapters.smpp.reader import read_message
from forwarder.journal import Made, Progress, Vault
from gateway import audit_desk, breach, late, route_desk, status
from gateway.addition_desk import AdditionDesk
from gateway.alarms import desk as alarm_desk
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.desk import Desk
from gateway.entry import EntryDesk
from gateway.subject_desk import SubjectDesk
from gateway.witness import Witness
from parsers.model import Segment

if TYPE_CHECKING:
    from gateway.app import Gateway

BREATH_SECONDS = 0.01  # between slices of long work: three quarters of the time are the messages'
BUSY_SECONDS = 0.2  # the same while many messages wait


def of(gateway: Gateway) -> Mapping[str, Handler]:
    """The verbs of one gateway."""
    settings, journal = gateway.site.settings, gateway.journal
    witness = Witness(journal.audit, gateway.now_ms, settings.privacy.reveal_minutes)
    forget, pattern = gateway.dispatcher.forget, settings.core.tracking_id
    desk = Desk(journal, lambda: gateway.composer, reread, forget, witness=witness, tracking_id=pattern)

    additions = AdditionDesk(journal, gateway.after_filing.supplements.wake, pattern)
    ours, operator = frozenset(settings.house.our_numbers), settings.entry.operator
    entries = EntryDesk(journal, gateway.intake, lambda: gateway.tables, ours, operator, gateway.now_ms)

    async def show_status(_: Args, __: Peer) -> Json:
        binds = [bind for operator in gateway.operators.values() for bind in operator.status()]
        held = await gateway.journal.counts()
        filing, health, head = gateway.dispatcher.status(), gateway.journal.health(), await gateway.journal.audit.head()
        active = gateway.alarms.active()
        return status.report(gateway.now_ms(), binds, filing, held, health, x=gateway.x, audit=head, alarms=active)

    async def watch(_: Args, __: Peer) -> AsyncIterator[Json]:
        with gateway.watch.listening() as events:
            while True:
                yield dict(await events.get())

    async def salvage(args: Args, peer: Peer) -> Json:
        file = args.get("file")
        if not isinstance(file, str):
            raise ControlError("name the file that was set aside")
        await witness.looked(peer.named(None), "journal", f"from {file}", "salvage journal")
        found = await gateway.journal.salvage(Path(file))
        gateway.dispatcher.wake()
        return {name: getattr(found, name) for name in found.__slots__}

    async def saved(args: Args, peer: Peer) -> AsyncIterator[Json]:
        await witness.looked(peer.named(None), "journal", f"to {args.get('folder')}", "back up journal")
        async for one in backup(gateway.journal.vault, args, gateway.rounds.note_backup):
            yield one

    async def breathe() -> None:
        await asyncio.sleep(BUSY_SECONDS if gateway.intake.busy else BREATH_SECONDS)

    return {
        **gateway.workers_desk.handlers(),
        **alarm_desk.handlers(gateway),
        **desk.handlers(),
        **additions.handlers(desk),
        **entries.handlers(),
        **SubjectDesk(journal, gateway.sealer, gateway.site.secrets.masters).handlers(),
        **breach.handlers(breach.BreachDesk(journal, witness, breathe)),
        **audit_desk.handlers(audit_desk.AuditDesk(journal.audit)),
        **late.handlers(witness),
        **route_desk.handlers(route_desk.RouteDesk(gateway.reload, gateway.journal, gateway.now_ms, breathe)),
        "status": show_status,
        "watch": watch,
        "journal backup": saved,
        "journal salvage": salvage,
    }


def reread(frame: bytes, operator: str) -> Segment:
    """A kept raw PDU as a segment again; PduError when it is still no message."""
    return reception.segment_of(read_message(frame), operator, "", 0, 0)


async def backup(vault: Vault, args: Args, made: Callable[[int], Awaitable[None]]) -> AsyncIterator[Json]:
    """`journal backup`: `folder` (a whole path), `keep`; each step as it is done, at last what was made; `made` hears when."""
    folder, keep = args.get("folder"), args.get("keep")
    if not isinstance(folder, str) or not folder.startswith("/"):
        raise ControlError("name the folder that backups are kept in by its whole path")
    if keep is not None and (not isinstance(keep, int) or isinstance(keep, bool)):
        raise ControlError("keep must be a whole number")
    async with contextlib.aclosing(vault.make(Path(folder), keep)) as steps:
        async for one in steps:
            if isinstance(one, Made):
                await made(one.manifest.made_ms)
            yield step(one)


def step(one: Progress | Made) -> dict[str, Any]:
    """One step of a backup, or the backup made, in JSON."""
    return asdict(one) if isinstance(one, Progress) else {**asdict(one), "path": str(one.path), "removed": list(one.removed)}
