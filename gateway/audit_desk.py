"""`lapor-gateway audit`: who saw, settled, exported, erased or restricted what; and whether anybody has touched that list."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from forwarder.journal import audit
from forwarder.journal.trail import Trail, Wanted
from gateway import moments, settings
from gateway.clock import wall_ms
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.privacy import masked_text, one_line
from parsers import sender
from parsers.errors import GatewayError
from parsers.model import Address, ReporterKind

ROWS_MAX = 10_000  # of one answer
Row = dict[str, Any]


class AuditDesk:
    """What a command can ask of the audit of an open journal."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    async def show(self, args: Args, _: Peer) -> AsyncIterator[Json]:
        """`about` (a complaint number or a telephone number), `who`, `since_ms`, `limit`; rows one by one, oldest first, reasons masked."""
        about, who, since_ms, limit = args.get("about"), args.get("who"), args.get("since_ms", 0), args.get("limit", 100)
        if not isinstance(since_ms, int) or isinstance(since_ms, bool) or abs(since_ms) >= 1 << 62:
            raise ControlError("since_ms must be a time in milliseconds")
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= ROWS_MAX:
            raise ControlError(f"limit must be a whole number from 1 to {ROWS_MAX}")
        wanted = Wanted(self._about(about), who if isinstance(who, str) and who else None, since_ms, limit)
        for row in await self._trail.rows(wanted):
            yield {**asdict(row), "reason": masked_text(row.reason)}

    def _about(self, given: object) -> str | None:
        """What stands in the rows: a number of ours as it is, a person by his tag."""
        if not isinstance(given, str) or not given.strip():
            return None
        value = given.strip().lstrip("#").encode("utf-8", "replace").decode()
        reporter = sender.read(Address(0, 0, value), ours=frozenset())
        if reporter.kind is ReporterKind.MSISDN:
            return self._trail.tag(reporter.value)
        return value if len(value) == 32 else value.upper()  # a tag in hex is written small


def handlers(desk: AuditDesk) -> Mapping[str, Handler]:
    """The verbs by name, for the control socket and for a command without a gateway."""
    return {"audit show": desk.show}


def command(options: argparse.Namespace) -> int:
    """One task of `lapor-gateway audit`."""
    return _verify(options) if options.task == "verify" else _show(options)


def page(rows: list[Row]) -> str:
    """The rows for people."""
    if not rows:
        return "No row of the audit is like that."
    lines = [f"{'ROW':>7}  {'WHEN':<17}{'WHO':<22}{'WHAT':<18}{'ABOUT':<34}WHY"]
    for row in rows:
        when, who, what, about = moments.shown(row["at_ms"]), row["who"][:21], row["what"][:17], row["about"][:33]
        lines.append(f"{row['row']:>7}  {when:<17}{who:<22}{what:<18}{about:<34}{row['reason']}".rstrip())
    return "\n".join(map(one_line, lines))


def _show(options: argparse.Namespace) -> int:
    since_ms = moments.moment_of(options.since, wall_ms(), "--since") if options.since else 0
    asked = {"about": options.about, "who": options.who, "since_ms": since_ms, "limit": options.limit}

    from gateway import local  # noqa: PLC0415 - brings the whole gateway: only what needs it waits for that

    async def whole() -> list[Row]:
        return [row async for row in local.answers(settings.find(options.config), "audit show", **asked)]

    rows = asyncio.run(whole())
    say(json.dumps(rows, indent=2) if options.json else page(rows))
    return EXIT_OK


def _verify(options: argparse.Namespace) -> int:
    """Needs no key and no gateway: whoever may read the file may check it."""
    file = Path(options.file) if options.file else settings.without_secrets(settings.find(options.config)).journal_path
    if not file.is_file():
        raise GatewayError(f"{file}: no such file; name a journal or a backup, or see [house] state")
    try:
        found = audit.look(file, options.head)
    except ValueError as error:
        raise GatewayError(f"--head {error}") from None
    if found.broken is not None:
        print(  # noqa: T201
            f"{file}: row {found.broken} of the audit does not hold: {found.why}.\n"
            f"{found.rows} rows before it do. Keep this file as it is, and compare it with the newest backup: `audit verify FILE`.",
            file=sys.stderr,
        )
        return EXIT_FAILED
    if not found.rows:
        say(f"{file}: the audit has no row yet" if not found.why else f"{file}: {found.why}")
        return EXIT_OK
    say(f"{file}: {found.rows} rows hold, {found.first} to {found.head.row}")
    if found.why:
        say(f"note: {found.why}")
    say(f"head {found.head}")
    say("note it where this machine cannot write: `audit verify --head ROW:HASH` then sees also an audit that was made anew")
    return EXIT_OK
