"""The nudge list: which filed complaints are late by rule, of which instansi, since when. An officer's list, not for publishing.

Pure but for `command` and `handlers`: the journal counts (forwarder.journal.late), a page shows it (late_page). A rahasia complaint and one
of a citizen who asked for restriction stand on it by their number alone, and only with --reveal, of which the audit has a row.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from forwarder.journal import late as journal
from forwarder.journal.late import UNHEARD, Alike, Late, Wanted
from forwarder.journal.terms import OPEN_STEPS
from gateway import late_page, settings, tables
from gateway.clock import wall_ms
from gateway.commands import EXIT_OK, breather, say
from gateway.control import Args, Handler, Json, Peer
from gateway.witness import Witness
from parsers import zones
from parsers.deadlines import Step
from parsers.due import Clocks, next_due
from parsers.errors import GatewayError
from parsers.regions import Regions
from parsers.zones import Zone

LOOK_BACK_DAYS = 90  # that the longest deadline (60 working days) reaches back
NOBODY = "(tanpa instansi)"
HIDDEN = "(rahasia)"
REVEAL, ABOUT = "reveal late", "late"


@dataclass(slots=True)
class Group:
    """One instansi: how many of its complaints are late with which step, and how many working days ago each was received."""

    name: str
    late: Counter[str] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """With whatever step."""
        return sum(self.late.values())

    @property
    def median_age(self) -> int:
        """Half of them are as young, in working days; the lower one of two."""
        left = (self.total + 1) // 2
        for age in sorted(self.ages):
            left -= self.ages[age]
            if left <= 0:
                return age
        return 0


@dataclass(frozen=True, slots=True)
class Line:
    """One complaint, `over` working days behind the day `due`. Of a hidden one instansi, tracking id and status are empty."""

    instansi: str
    number: str
    tracking_id: str
    step: Step
    due: dt.date
    over: int
    status: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """The list as it may be shown: instansi by how many are late, lines by instansi in that order, oldest first; `notes` for its reader."""

    wanted: Wanted
    groups: Sequence[Group]
    total: Group
    lines: Sequence[Line]
    hidden: Counter[str]
    unheard: int
    notes: Sequence[str]


def nudge(wanted: Wanted, found: Mapping[Alike, int], lines: Sequence[Late], *, heard: bool, reveal: bool) -> Nudge:
    """Put it together. `heard`: the core has said of any complaint how it stands; `lines`: as many as were asked for."""
    groups: dict[str, Group] = {}
    total, hidden, unheard = Group("JUMLAH"), Counter[str](), 0
    for one, many in found.items():
        if one.step == UNHEARD:
            unheard += many
        elif one.hidden:
            hidden[one.step] += many
        else:
            group = groups.setdefault(one.instansi, Group(one.instansi or NOBODY))
            for each in (group, total):
                each.late[one.step] += many
                each.ages[one.age] += many
    ordered = sorted(groups.values(), key=lambda group: (-group.total, group.name))
    place = {group.name: at for at, group in enumerate(ordered)}
    shown = [_line(wanted.clocks, one) for one in sorted(lines, key=lambda one: (one.standing.received_ms, one.number))]
    shown.sort(key=lambda line: place.get(line.instansi, len(place)))
    left_out = total.total + (sum(hidden.values()) if reveal else 0) - len(shown)
    counted = Counter[str]() if _is_narrow(wanted) and not reveal else hidden
    unlisted = _unlisted(Counter() if reveal else counted, left_out)
    notes = [*_unknown(unheard, heard=heard), *unlisted, *_calendar(wanted)]
    return Nudge(wanted, ordered, total, shown, counted, unheard, notes)


def handlers(witness: Witness) -> Mapping[str, Handler]:
    """`late reveal`, before the list is read with what is hidden else: the audit has who wants to see it."""

    async def reveal(args: Args, peer: Peer) -> Json:
        await witness.looked(peer.named(args.get("who")), ABOUT, "", REVEAL)
        return {"noted": True}

    return {"late reveal": reveal}


def command(options: argparse.Namespace) -> int:
    """`lapor-gateway late`: read from the journal's file, beside the gateway or without one."""
    config, now_ms = settings.find(options.config), wall_ms()
    site = settings.without_secrets(config)
    known, clocks = tables.measures(site)
    wanted = Wanted(clocks, now_ms, _region(options.region or "", known), (options.instansi or "").strip(), options.days)
    if options.reveal:
        from gateway import local  # noqa: PLC0415 - brings the whole gateway: only what needs it waits for that

        async def note() -> None:
            async for _ in local.answers(config, "late reveal", who=options.who):
                pass

        asyncio.run(note())
    rest, path = breather(), site.journal_path
    found = journal.count(path, wanted, rest)
    lines = journal.lines(path, wanted, options.limit, reveal=options.reveal, rest=rest)
    made = nudge(wanted, found, lines, heard=journal.hears(path), reveal=options.reveal)
    if options.csv:
        sys.stdout.write(late_page.sheet(made))
    else:
        say(json.dumps(late_page.document(made), indent=2, ensure_ascii=False) if options.json else late_page.page(made))
    return EXIT_OK


def _region(code: str, known: Regions) -> str:
    if code and code not in known:
        near = known.meant(code)
        meant = f"; meant {' or '.join(near)}?" if near else "; regions.csv has the codes, such as 13 or 13.06"
        raise GatewayError(f"--region {code[:20]}: no region has this code{meant}")
    return code


def _line(clocks: Clocks, late: Late) -> Line:
    due = next_due(clocks, late.standing)
    assert due is not None  # noqa: S101 - the journal counts it late by the same rule
    if late.hidden:
        return Line(HIDDEN, late.number, "", due.step, due.day, late.over, "")
    status = late.standing.status or ""
    return Line(late.instansi or NOBODY, late.number, late.tracking_id or "", due.step, due.day, late.over, status)


def _is_narrow(wanted: Wanted) -> bool:
    """Whether a count of what is hidden would say of which instansi or region it is."""
    return bool(wanted.region or wanted.instansi)


def _unknown(unheard: int, *, heard: bool) -> Iterable[str]:
    """What nobody can call late, and why."""
    if not heard:
        yield (
            "The core never said how a complaint stands: its dialect cannot be asked, or was not yet (docs/core-dialects.md). "
            "So nothing is called late here."
        )
    if unheard:
        yield f"{unheard} are over the first deadline and not called late: the core never said how they stand"


def _unlisted(hidden: Counter[str], left_out: int) -> Iterable[str]:
    if hidden:
        steps = ", ".join(f"{step} {hidden[step]}" for step in OPEN_STEPS if hidden[step])
        yield f"{hidden.total()} more are rahasia, or of citizens who asked for restriction ({steps}): `--reveal` lists their numbers"
    if left_out > 0:
        yield f"{left_out} more are late and not listed: `--limit` lists more, `--instansi` those of one"


def _calendar(wanted: Wanted) -> Iterable[str]:
    today = zones.day_of(wanted.now_ms, Zone.WIB)
    for year in wanted.clocks.workdays.missing(today - dt.timedelta(days=LOOK_BACK_DAYS), today):
        yield f"holidays.csv has no holidays of {year}: only its weekends are no working days here"
