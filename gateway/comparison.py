"""`lapor-gateway ledger compare`: an operator's list beside ours: what he sent and we never saw, what we have and he does not list.

Lines are matched by sender and time. A sender is known by its keyed tag, so nothing of ours has to be opened. An operator lists whole
messages or their parts; which of both fits better is tried.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import json
import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from forwarder.journal import Ours, listed_operators, looking, ours_of, sealer_at, tagger, unfinished_of
from gateway import operator_list
from gateway.ledger_page import time_of
from gateway.operator_list import Form, ListError, OperatorList, Theirs
from gateway.settings import Site
from gateway.site_journal import sealer_of
from parsers import sender
from parsers.model import Address, mask

EXIT_OK, EXIT_FAILED = 0, 1
ZONES: Mapping[str, int] = {"WIB": 7, "UTC": 0, "WITA": 8, "WIT": 9}
"""Hours ahead of UTC; the first is taken where two fit equally."""
DAY_MS = 86_400_000
TRIED = 2_000  # lines by which the zone is guessed
SET_MS = 1_800_000  # so long before a message its first part may have come, where the parts' own times are forgotten


@dataclass(frozen=True, slots=True)
class Slot:
    """A line that the operator should have, for one of ours: from and to which time, and when exactly."""

    since: int
    until: int
    at: int
    ours: Ours


@dataclass(frozen=True, slots=True)
class Lists:
    """Both lists: their lines with UTC milliseconds, and ours. `tolerance` in milliseconds."""

    lines: Sequence[tuple[int, Theirs]]
    ours: Sequence[Ours]
    tag_of: Callable[[str], bytes]
    tolerance: int


@dataclass(slots=True)
class Compared:
    """What came of it. `differences` are theirs minus ours of what matched, in ms."""

    listing: str
    matched: int = 0
    unseen: list[tuple[Theirs, int]] = field(default_factory=list)
    unlisted: list[Slot] = field(default_factory=list)
    other_parts: list[tuple[Theirs, Ours]] = field(default_factory=list)
    differences: list[int] = field(default_factory=list)


def compare(options: argparse.Namespace, site: Site, say: Callable[[str], None]) -> int:
    """Read, match, tell; 1 where anything differs or was skipped."""
    theirs = operator_list.read(Path(options.file), Form(_mapping(options.map), options.delimiter, options.time_format))
    if not theirs.rows:
        raise ListError(f"{options.file}: no line of it could be read; the first: {next(operator_list.named(theirs.garbage, 1), 'none')}")
    sealer = sealer_at(site.journal_path, sealer_of(site.secrets))
    tag_of = cache(_tagging(tagger(sealer), frozenset(site.settings.house.our_numbers)))
    plain = sorted(_utc(one.at, 0) for one in theirs.rows)
    span = (plain[0] - DAY_MS, plain[-1] + DAY_MS)
    with looking(site.journal_path) as connection:
        operator = options.operator or _only(listed_operators(connection, *span))
        ours = list(ours_of(connection, operator, *span))
        ours += unfinished_of(connection, sealer, operator, span, lambda address: _value(address, site))
    tolerance = round(options.tolerance * 1000)
    zone = options.zone or _zone(theirs, ours, tag_of, tolerance)
    lines = [(_utc(one.at, _hours(zone)), one) for one in theirs.rows]
    alike = theirs.counts_parts or all(len(one.times) == 1 and one.message_id for one in ours)
    both = ("messages",) if alike else ("messages", "parts")
    found = _best(Lists(lines, ours, tag_of, tolerance), both if options.listing == "auto" else (options.listing,))
    said = _as_json(found, theirs, ours, operator, zone)
    if options.json:
        say(json.dumps(said, indent=2))
    else:
        for line in _page(found, theirs, ours, (operator, zone, options.limit)):
            say(line)
    return EXIT_FAILED if found.unseen or found.unlisted or found.other_parts or theirs.garbage else EXIT_OK


def match(
    lines: Sequence[tuple[int, Theirs]], slots: Mapping[bytes, Sequence[Slot]], tag_of: Callable[[str], bytes], found: Compared
) -> None:
    """Give each line the slot of its sender that ends first among those that hold its time: then none is left that could have one."""
    by_sender: dict[bytes, list[tuple[int, int, Theirs]]] = {}
    for order, (at, one) in enumerate(lines):
        by_sender.setdefault(tag_of(one.sender), []).append((at, order, one))
    for tag, theirs in by_sender.items():
        if tag in slots:
            _match(sorted(theirs), sorted(slots[tag], key=lambda slot: slot.since), found)
        else:
            found.unseen += [(one, at) for at, _, one in theirs]
    for tag, missing in slots.items():
        if tag not in by_sender:
            found.unlisted += missing


def _match(theirs: Sequence[tuple[int, int, Theirs]], waiting: Sequence[Slot], found: Compared) -> None:
    """The lines and slots of one sender, both in the order of time."""
    open_: list[tuple[int, int, Slot]] = []
    taken = 0
    for at, _, one in theirs:
        while taken < len(waiting) and waiting[taken].since <= at:
            heapq.heappush(open_, (waiting[taken].until, taken, waiting[taken]))
            taken += 1
        while open_ and open_[0][0] < at:
            found.unlisted.append(heapq.heappop(open_)[2])
        if not open_:
            found.unseen.append((one, at))
            continue
        slot = heapq.heappop(open_)[2]
        found.matched += 1
        found.differences.append(at - slot.at)
        if one.parts and one.parts != len(slot.ours.times):
            found.other_parts.append((one, slot.ours))
    found.unlisted += [slot for _, _, slot in open_] + list(waiting[taken:])


def _best(lists: Lists, ways: Sequence[str]) -> Compared:
    """By whole messages or by parts, whichever leaves less; what lies outside of the list's own time is not missed in it."""
    first, last = min(at for at, _ in lists.lines), max(at for at, _ in lists.lines)
    results = []
    for way in ways:
        found = Compared(way)
        match(lists.lines, _slots(lists.ours, way, lists.tolerance), lists.tag_of, found)
        found.unlisted = sorted((slot for slot in found.unlisted if first <= slot.at <= last), key=lambda slot: slot.at)
        found.unseen.sort(key=lambda pair: pair[1])
        results.append(found)
    return min(results, key=lambda one: len(one.unseen) + len(one.unlisted))


def _slots(ours: Sequence[Ours], way: str, tolerance: int) -> dict[bytes, list[Slot]]:
    found: dict[bytes, list[Slot]] = {}
    for one in ours:
        if one.tag is None:
            continue
        early = 0 if one.exact else SET_MS
        if way == "messages":
            if one.message_id:
                slots = [Slot(one.times[0] - early - tolerance, one.times[-1] + tolerance, one.times[-1], one)]
            else:
                continue  # a part that is no message yet is on no list of messages
        else:
            slots = [Slot(at - early - tolerance, at + tolerance, at, one) for at in one.times]
        found.setdefault(one.tag, []).extend(slots)
    return found


def _zone(theirs: OperatorList, ours: Sequence[Ours], tag_of: Callable[[str], bytes], tolerance: int) -> str:
    """The zone under which most lines have a message of the same sender at the same time."""
    times: dict[bytes, list[int]] = {}
    for one in ours:
        if one.tag is not None:
            times.setdefault(one.tag, []).extend(one.times)
    for known in times.values():
        known.sort()
    step = max(1, len(theirs.rows) // TRIED)

    def fits(zone: str) -> int:
        count = 0
        for line in theirs.rows[::step]:
            known, at = times.get(tag_of(line.sender), []), _utc(line.at, ZONES[zone])
            near = bisect_left(known, at - tolerance)
            count += near < len(known) and known[near] <= at + tolerance
        return count

    if all(one.at.tzinfo is not None for one in theirs.rows):
        theirs.said.append("zone: each time says its own")
        return "UTC"
    best = max(ZONES, key=fits)
    theirs.said.append(f"zone: {best} (guessed; --zone says it)")
    return best


def _utc(at: dt.datetime, hours: float) -> int:
    """UTC milliseconds; `hours` ahead of UTC where the time does not say."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC) - dt.timedelta(hours=hours)
    return round(aware.timestamp() * 1000)


def _hours(zone: str) -> float:
    if zone.upper() in ZONES:
        return ZONES[zone.upper()]
    try:
        hours = float(zone.replace("+", ""))
    except ValueError:
        hours = float("nan")
    if not -14 <= hours <= 14:
        raise ListError(f"--zone {zone[:20]!r}: say {', '.join(ZONES)} or the hours ahead of UTC, such as +7")
    return hours


def _mapping(given: Sequence[str]) -> dict[str, str]:
    """`--map sender=MSISDN`, each field once."""
    found: dict[str, str] = {}
    for one in given:
        name, equal, column = one.partition("=")
        if not equal or not column or name not in operator_list.FIELDS or name in found:
            raise ListError(f"--map {one[:40]!r}: say FIELD=COLUMN, each field once; there are {', '.join(operator_list.FIELDS)}")
        found[name] = column
    return found


def _tagging(tag: Callable[[str], bytes], ours: frozenset[str]) -> Callable[[str], bytes]:
    return lambda written: tag(sender.read(Address(0, 1, written), ours=ours).value)


def _value(address: Address, site: Site) -> str:
    return sender.read(address, ours=frozenset(site.settings.house.our_numbers)).value


def _only(found: Sequence[str]) -> str:
    if len(found) != 1:
        raise ListError(f"whose list is it? say --operator; in its time we have {', '.join(found) or 'no messages of anybody'}")
    return found[0]


def _page(found: Compared, theirs: OperatorList, ours: Sequence[Ours], about: tuple[str, str, int]) -> Iterator[str]:
    operator, _, limit = about
    yield from theirs.said
    yield f"each line is a {'message' if found.listing == 'messages' else 'part of a message'}"
    yield from operator_list.named(theirs.garbage, limit)
    yield ""
    erased = sum(one.tag is None for one in ours)
    if erased:
        yield f"{erased} messages of ours have no number any more and are compared with nothing"
    yield f"{operator}: {len(theirs.rows)} lines read, {len(theirs.garbage)} skipped, {found.matched} are here"
    if found.differences:
        yield f"their clock against ours: {statistics.median(found.differences) / 1000:+.1f} s in the middle"
    yield f"{len(found.unseen)} they list and we never saw" + (":" if found.unseen else "")
    yield from (f"  line {one.line:<8}{time_of(at)}  {mask(one.sender):<16}{one.id}".rstrip() for one, at in found.unseen[:limit])
    yield from _more(len(found.unseen), limit)
    yield f"{len(found.unlisted)} we have and they do not list" + (":" if found.unlisted else "")
    yield from (f"  {_name(slot.ours):<13}{time_of(slot.at)}" for slot in found.unlisted[:limit])
    yield from _more(len(found.unlisted), limit)
    if found.other_parts:
        yield f"{len(found.other_parts)} have other parts here than there:"
        yield from (
            f"  line {one.line:<8}{_name(here):<13}{one.parts} there, {len(here.times)} here" for one, here in found.other_parts[:limit]
        )
        yield from _more(len(found.other_parts), limit)
    if not (found.unseen or found.unlisted or found.other_parts):
        yield "both lists agree"


def _more(count: int, limit: int) -> Iterator[str]:
    if count > limit:
        yield f"  … and {count - limit} more (--limit N, or --json)"


def _name(one: Ours) -> str:
    return one.number or (f"message {one.message_id}" if one.message_id else "a part")


def _as_json(found: Compared, theirs: OperatorList, ours: Sequence[Ours], operator: str, zone: str) -> dict[str, object]:
    return {
        "operator": operator,
        "zone": zone,
        "listing": found.listing,
        "guessed": theirs.said,
        "lines": len(theirs.rows),
        "matched": found.matched,
        "without_number": sum(one.tag is None for one in ours),
        "skipped": [{"line": line, "why": why} for line, why in theirs.garbage],
        "unseen": [{"line": one.line, "at_ms": at, "sender": mask(one.sender), "id": one.id} for one, at in found.unseen],
        "unlisted": [{"number": slot.ours.number, "message_id": slot.ours.message_id, "at_ms": slot.at} for slot in found.unlisted],
        "other_parts": [
            {"line": one.line, "number": here.number, "there": one.parts, "here": len(here.times)} for one, here in found.other_parts
        ],
    }
