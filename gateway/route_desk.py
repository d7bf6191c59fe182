"""What the command line asks of the routing of a gateway: install, roll back, rehearse, count. Plain JSON values, as the desk speaks.

The same answers come from a running gateway through its socket, or, where none runs, from a journal that the command opens itself.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict

from forwarder.journal import Hand, Journal, RoutingVersion
from forwarder.journal.orders import Deed
from gateway import rehearsal
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.reading import reader_of, with_table
from gateway.rehearsal import Rehearsal
from gateway.reload import Reload, Wish
from gateway.tables import Kind, Sheet, compiled, day_of


class RouteDesk:
    """The routing verbs of one gateway. `breathe` is awaited between slices of long work: messages come first."""

    def __init__(self, reload: Reload, journal: Journal, now_ms: Callable[[], int], breathe: Callable[[], Awaitable[None]]) -> None:
        self._reload, self._journal, self._now_ms, self._breathe = reload, journal, now_ms, breathe

    async def install(self, args: Args, peer: Peer) -> Json:
        """Install `csv`, called `name` in errors, for `kind`; `who`, `why`; with `owner` only that region's rows."""
        owner = _text(args, "owner") or None
        sheet = Sheet(_text(args, "name") or "table.csv", _required(args, "csv"))
        return _version(await self._reload.install(Wish(_kind(args), sheet, _hand(args, peer), owner)))

    async def rollback(self, args: Args, peer: Peer) -> Json:
        """Run the table of before again: `kind`, `who`, `why`."""
        return _version(await self._reload.rollback(_kind(args), _hand(args, peer)))

    async def rehearse(self, args: Args, peer: Peer) -> AsyncIterator[Json]:
        """Try `csv` on what arrived since `since_ms`, as of the ISO `day` (else today)."""
        now_ms, since_ms = self._now_ms(), _whole(args, "since_ms")
        sheet = Sheet(_text(args, "name") or "table.csv", _required(args, "csv"))
        before = reader_of(self._reload.tables)
        table = await asyncio.to_thread(compiled, sheet, before.regions, Kind.ROUTES)
        day = dt.date.fromisoformat(_text(args, "day")) if args.get("day") else day_of(now_ms)
        await self._looked(args, peer, f"rehearsed {sheet.name}")
        asked = Rehearsal(before, with_table(before, table), day, since_ms, now_ms)
        async for answer in rehearsal.rehearse(asked, self._journal.routing.recorded(since_ms), self._breathe):
            yield dict(answer)

    async def unmatched(self, args: Args, peer: Peer) -> AsyncIterator[Json]:
        """First words without a route since `since_ms`, with counts."""
        since_ms = _whole(args, "since_ms")
        await self._looked(args, peer, "first words without a route")
        traffic = self._journal.routing.recorded(since_ms, rehearsal.WITHOUT_ROUTE)
        known = reader_of(self._reload.tables)
        async for answer in rehearsal.unmatched(traffic, self._breathe, (since_ms, self._now_ms()), known):
            yield dict(answer)

    async def _looked(self, args: Args, peer: Peer, why: str) -> None:
        """Beginnings of citizens' texts are about to be seen."""
        await self._journal.audit.note(Deed(peer.named(args.get("who")), "look at texts", "texts", why))


def handlers(desk: RouteDesk) -> Mapping[str, Handler]:
    """The verbs by name, for the control socket and for a command without a gateway."""
    return {
        "route install": desk.install,
        "route rollback": desk.rollback,
        "route rehearse": desk.rehearse,
        "route unmatched": desk.unmatched,
    }


def _version(version: RoutingVersion) -> dict[str, Json]:
    return asdict(version)


def _kind(args: Args) -> Kind:
    try:
        return Kind(_text(args, "kind") or Kind.ROUTES)
    except ValueError:
        raise ControlError(f"kind must be one of {', '.join(Kind)}") from None


def _hand(args: Args, peer: Peer) -> Hand:
    why = _text(args, "why").strip()
    if not why:
        raise ControlError("a reason is required (--why): it is kept with the table")
    return Hand(peer.named(args.get("who")), why)


def _text(args: Args, key: str) -> str:
    value = args.get(key)
    return value if isinstance(value, str) else ""


def _required(args: Args, key: str) -> str:
    value = _text(args, key)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ControlError(f"{key} holds characters that are none (lone surrogates)") from None
    if not value:
        raise ControlError(f"{key} is missing")
    return value


def _whole(args: Args, key: str) -> int:
    value = args.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{key} must be a time in milliseconds")
    return value
