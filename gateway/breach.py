"""`lapor-gateway breach`: who is affected when what we held has leaked, and the text that UU 27/2022 Pasal 46 asks for.

The running gateway reads the list, slice by slice with a breath between; where none runs, the command opens the journal itself.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from forwarder.journal import Journal
from forwarder.journal.exposure import Exposed, Window
from gateway import moments, settings
from gateway.breach_page import page
from gateway.clock import wall_ms
from gateway.commands import EXIT_FAILED, EXIT_OK, EXIT_USAGE, say
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.privacy import one_line
from gateway.witness import NeedsReason, Witness
from parsers.errors import GatewayError

LIST, REVEAL = "list breach", "reveal breach"
COLUMNS = ("number", "message", "channel", "operator", "received", "held", "rahasia", "person")
RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")  # a cell that begins so is run by a spreadsheet (ASVS 5.0 1.2.10)
Found = dict[str, Any]


class BreachDesk:
    """What a command can ask of an open journal after a leak."""

    def __init__(self, journal: Journal, witness: Witness, breathe: Callable[[], Awaitable[None]]) -> None:
        self._journal, self._witness, self._breathe = journal, witness, breathe

    async def list(self, args: Args, peer: Peer) -> AsyncIterator[Json]:
        """`since_ms`, `until_ms`, `operator`; with `reveal` and a `reason` the persons: `{"rows": […]}` in slices, then `{"beside"}`."""
        window, who, reveal = _window(args), peer.named(args.get("who")), args.get("reveal") is True
        reason = args.get("reason")
        about = f"{moments.shown(window.since_ms)} to {moments.shown(window.until_ms)} {window.operator or ''}".strip()
        why = reason if isinstance(reason, str) else ""
        if reveal:
            example = 'lapor-gateway breach --since "2026-12-31 14:30" --csv --reveal --reason "notice by law, ticket 812" > FILE'
            try:
                await self._witness.revealed(who, about, why, example, REVEAL)
            except NeedsReason as error:
                yield {"wants_reason": str(error)}
                return
        else:
            await self._witness.looked(who, about, why, LIST)
        async for rows in self._journal.exposure.rows(window, reveal=reveal):
            yield {"rows": [_row(one) for one in rows]}
            await self._breathe()
        beside: dict[str, Json] = dict(await self._journal.exposure.beside(window))
        yield {"beside": beside}


def handlers(desk: BreachDesk) -> Mapping[str, Handler]:
    """The verbs by name."""
    return {"breach": desk.list}


def command(options: argparse.Namespace) -> int:
    """Ask, and write a page or a table; 2 when numbers are asked for without a reason."""
    now_ms = wall_ms()
    since_ms = moments.moment_of(options.since, now_ms, "--since")
    until_ms = moments.moment_of(options.until, now_ms, "--until") if options.until else now_ms
    if until_ms <= since_ms:
        raise GatewayError("--until must be after --since: between them somebody had what we held")
    asked = {"since_ms": since_ms, "until_ms": until_ms, "operator": options.operator, "reveal": options.reveal, "reason": options.reason}
    table = Table() if options.csv else None
    sums = Sums()
    try:
        asyncio.run(_take(options, {**asked, "who": options.who}, sums, table))
    except NeedsReason as error:
        print(error, file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    if table is None:
        say(page(sums, since_ms, until_ms, now_ms, options.operator))
    if options.reveal and sums.unreadable:
        print(f"{sums.unreadable} persons cannot be opened with this key", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    return EXIT_OK


class Sums:
    """What a page says of all rows, in little room."""

    def __init__(self) -> None:
        self.messages = 0
        self.kinds: Counter[str] = Counter()
        self.channels: Counter[str] = Counter()
        self.rahasia = 0
        self.unreadable = 0
        self.beside: dict[str, int] = {}
        self.numbers: dict[str, None] = {}
        self._persons: set[int] = set()

    @property
    def persons(self) -> int:
        """How many persons; where a number is forgotten, nobody can say whose it was."""
        return len(self._persons)

    def add(self, rows: list[Found]) -> None:
        """Count some more."""
        for row in rows:
            self.messages += 1
            self.kinds.update(row["kinds"])
            self.channels[row["channel"]] += 1
            self.rahasia += row["rahasia"]
            self.unreadable += row["person"].startswith("(")
            if row["number"]:
                self.numbers[row["number"]] = None
            if row["tag"]:
                self._persons.add(int(row["tag"], 16))


class Table:
    """The list as CSV on standard output (RFC 4180)."""

    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout)
        self._writer.writerow(COLUMNS)

    def add(self, rows: list[Found]) -> None:
        """Write some more."""
        for row in rows:
            person = row["person"].removeprefix("+")
            when = moments.shown(row["received_ms"])
            cells = (row["number"] or "", row["message_id"], row["channel"], row["operator"], when, " ".join(row["kinds"]))
            self._writer.writerow([harmless(str(cell)) for cell in (*cells, "rahasia" if row["rahasia"] else "", person)])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    cell = one_line(cell)
    return f"'{cell}" if cell.startswith(RISKY) else cell


async def _take(options: argparse.Namespace, asked: Mapping[str, Any], sums: Sums, table: Table | None) -> None:
    from gateway import local  # noqa: PLC0415 - brings the whole gateway: only what needs it waits for that

    async for answer in local.answers(settings.find(options.config), "breach", **asked):
        if "wants_reason" in answer:
            raise NeedsReason(answer["wants_reason"])
        if "beside" in answer:
            sums.beside = answer["beside"]
            continue
        sums.add(answer["rows"])
        if table is not None:
            table.add(answer["rows"])


def _row(one: Exposed) -> dict[str, Json]:
    return {  # written out: a million of them
        "message_id": one.message_id,
        "number": one.number,
        "channel": one.channel,
        "operator": one.operator,
        "received_ms": one.received_ms,
        "kinds": list(one.kinds),
        "rahasia": one.rahasia,
        "tag": one.tag,
        "person": one.person,
    }


def _window(args: Args) -> Window:
    since_ms, until_ms, operator = _time(args, "since_ms"), _time(args, "until_ms"), args.get("operator")
    if since_ms >= until_ms:
        raise ControlError("until_ms must be after since_ms")
    return Window(since_ms, until_ms, operator if isinstance(operator, str) and operator else None)


def _time(args: Args, key: str) -> int:
    value = args.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ControlError(f"{key} must be a time in milliseconds")
    return value
