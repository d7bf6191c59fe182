"""A command without a gateway: the journal is opened here, the command is carried out, the journal is closed again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from forwarder.journal import Journal, numbering, sealer_at
from gateway import audit_desk, breach, control, late, route_desk, settings, tables
from gateway.clock import wall_ms
from gateway.composer import Composer
from gateway.control import Handler, Json, NoGateway, Peer
from gateway.reload import Reload
from gateway.route_desk import RouteDesk
from gateway.secrets import Secrets
from gateway.site_journal import journal_settings, mirror_of, sealer_of
from gateway.subject_desk import SubjectDesk
from gateway.tables import desk_of
from gateway.witness import Witness


async def answers(config: Path, verb: str, **args: Json) -> AsyncIterator[Any]:
    """What the gateway of `config` answers to a verb, or, where none runs, this process with the journal in its hands.

    `Any`: JSON, whose shape the verb's own function tells (route_desk.py, audit_desk.py, subject_desk.py).
    """
    try:
        async with contextlib.aclosing(control.stream(settings.socket_of(config), verb, **args)) as given:
            async for answer in given:
                yield answer
            return
    except NoGateway:
        pass
    async with _handlers(config, verb) as known:
        result = known[verb](args, Peer(os.getpid(), os.getuid(), control.user_of(os.getuid())))
        if isinstance(result, AsyncIterator):
            async for answer in result:
                yield answer
        else:
            yield await result


@contextlib.asynccontextmanager
async def _handlers(config: Path, verb: str) -> AsyncIterator[Mapping[str, Handler]]:
    secrets = Secrets.of_process()
    site = settings.load(config, secrets)
    loaded = tables.load(site)
    sealer = sealer_at(site.journal_path, sealer_of(site.secrets))
    kept = journal_settings(site)
    composer = Composer(desk_of(site, loaded), numbering(sealer, kept).number_of)
    journal = Journal.open(
        site.journal_path,
        sealer=sealer,
        settings=kept,
        clock=wall_ms,
        composer=composer,
        monotonic=time.monotonic,
        mirror=mirror_of(site, sealer),
    )
    try:
        if not verb.startswith("route "):
            witness = Witness(journal.audit, wall_ms, site.settings.privacy.reveal_minutes)
            leak = breach.BreachDesk(journal, witness, lambda: asyncio.sleep(0))
            yield {
                **audit_desk.handlers(audit_desk.AuditDesk(journal.audit)),
                **breach.handlers(leak),
                **late.handlers(witness),
                **SubjectDesk(journal, sealer, secrets.masters).handlers(),
            }
            return
        reload = Reload(journal, site, loaded, lambda _: None)
        await reload.start()
        yield route_desk.handlers(RouteDesk(reload, journal, wall_ms, lambda: asyncio.sleep(0)))
    finally:
        await journal.close()
