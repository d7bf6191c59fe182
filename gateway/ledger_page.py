"""How the ledger looks on a terminal: a line per operator and channel, and every message that breaks a sum by its name."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from forwarder.journal import Account, Line, Wrong, totals
from gateway.privacy import one_line

WIB = dt.timezone(dt.timedelta(hours=7), "WIB")
COLUMNS = (
    ("filed", "filed"),
    ("waiting", "waiting"),
    ("parked", "parked"),
    ("unknown", "unknown"),
    ("duplicate", "again"),
    ("elsewhere", "elsewhere"),
    ("closed", "closed"),
    ("answered", "answered"),
    ("addition", "added"),
    ("unreadable", "unread"),
    ("unfinished", "part of"),
)
"""Classes of the account, and what stands above them."""
LEGEND = """\
again: a resend of a complaint we have · elsewhere: another gateway has it · closed: by a person · answered: a command or question ·
added: to a complaint we have · unread: nobody could read it yet · part of: parts of long messages that are not whole"""


def page(found: Account, span: tuple[str, str], *, open_day: bool, limit: int) -> str:
    """The whole page."""
    return "\n".join(one_line(line) for text in _lines(found, span, open_day=open_day, limit=limit) for line in text.split("\n"))


def _lines(found: Account, span: tuple[str, str], *, open_day: bool, limit: int) -> Iterator[str]:
    yield f"ledger of {span[0]}" + (f" to {span[1]}" if span[1] != span[0] else "") + " (WIB)" + (", which is not over" if open_day else "")
    if not found.lines:
        yield "nothing was received"
    else:
        yield ""
        yield from _table(found)
        yield ""
        yield LEGEND
        yield from _details(totals(found.lines))
    yield from _beside(found)
    yield ""
    yield from _verdict(found, limit)


def _table(found: Account) -> Iterator[str]:
    wide = max([len(operator or "unknown") for operator, _ in found.lines] + [8])
    head = f"{'operator':<{wide}}  {'channel':<9}{'received':>9} ="
    yield head + "".join(f"{title:>{len(title) + 2}}" if len(title) > 6 else f"{title:>8}" for _, title in COLUMNS) + f"{'gap':>6}"
    rows = [((operator or "unknown", channel), line) for (operator, channel), line in sorted(found.lines.items())]
    for (operator, channel), line in [*rows, (("all", ""), totals(found.lines))]:
        yield f"{operator:<{wide}}  {channel:<9}{line.received:>9} =" + _cells(line)


def _cells(line: Line) -> str:
    cells = ""
    for name, title in COLUMNS:
        count = line.of(name)
        cells += f"{count or '·':>{max(8, len(title) + 2)}}"
    gap = line.received - line.accounted
    return cells + f"{gap or '·':>6}"


def _details(whole: Line) -> Iterator[str]:
    """Why what is not settled waits."""
    for name in ("waiting", "parked", "unknown", "addition", "unfinished"):
        why: Counter[str] = Counter()
        for (one, detail), count in whole.accounts.items():
            if one == name and detail:
                why[detail] += count
        if why:
            yield f"{dict(COLUMNS)[name]}: " + ", ".join(f"{detail} {count}" for detail, count in why.most_common(12))


def _beside(found: Account) -> Iterator[str]:
    if found.copies:
        yield "beside: delivered again, changed nothing: " + ", ".join(f"{name} {count}" for name, count in sorted(found.copies.items()))
    if found.refusals:
        told = ", ".join(f"{name} 0x{status:08X} {count}" for (name, status), count in sorted(found.refusals.items()))
        yield f"beside: not taken, the operator keeps it: {told}"


def _verdict(found: Account, limit: int) -> Iterator[str]:
    if not found.breaks:
        yield "the sums agree"
        return
    yield f"{found.breaks} break{'s' if found.breaks == 1 else ''} the sums:"
    for one in found.wrong[:limit]:
        yield "  " + _named(one)
    if found.breaks > limit:
        yield f"  … and {found.breaks - limit} more (--limit N, or --json)"


def _named(one: Wrong) -> str:
    name = one.number or (f"message {one.message_id}" if one.message_id else "?")
    return f"{name:<16}{one.operator or '?':<12}{time_of(one.at_ms)}  {one.what}"


def time_of(at_ms: int) -> str:
    """A time as officers read it."""
    try:
        return f"{dt.datetime.fromtimestamp(at_ms / 1000, WIB):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"{at_ms} ms"
