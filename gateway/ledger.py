"""`lapor-gateway ledger …`: whether the sums of a day agree, whether an operator's own list does, and whether the past is what it was.

It reads the journal's file by itself and writes nothing, whether a gateway runs or not, and gently: the messages go first.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gc
import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from forwarder.journal import Account, Line, check_days, day_begins, day_name, day_of, looking, whole_account
from gateway import comparison, ledger_page, settings
from gateway.clock import wall_ms
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.secrets import Secrets
from parsers.errors import GatewayError

EPOCH = dt.date(1970, 1, 1)
DAYS_MAX = 3_660
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LedgerError(GatewayError):
    """The request cannot be carried out as it is; the sentence says why and what would work."""


def ledger(options: argparse.Namespace) -> int:
    """The sums of some days, or one of the tasks."""
    return TASKS[options.task](options)


def _sums(options: argparse.Namespace) -> int:
    first, last = days(options)
    with looking(journal_path(options)) as connection:
        found = whole_account(connection, day_begins(first), day_begins(last + 1))
    span = (day_name(first), day_name(last))
    if options.json:
        say(json.dumps(as_json(found, span), indent=2))
    elif options.csv:
        sys.stdout.write(as_csv(found, span))
    else:
        say(ledger_page.page(found, span, open_day=last >= day_of(wall_ms()), limit=options.limit))
    return EXIT_FAILED if found.breaks else EXIT_OK


def _verify(options: argparse.Namespace) -> int:
    """Whether every closed day is what it was when it was closed."""
    file = Path(options.file) if options.file else journal_path(options)
    since = None if options.since is None else day_typed(options.since, "--since")
    began = time.monotonic()
    with looking(file) as connection:
        found = check_days(connection, since)
    for problem in found.problems:
        print(f"{file}: {problem}", file=sys.stderr)  # noqa: T201
    if found.first is None or found.last is None:
        say(f"{file}: no day is closed yet")
        return EXIT_FAILED if found.problems else EXIT_OK
    span, seconds = f"{day_name(found.first)} to {day_name(found.last)}", time.monotonic() - began
    say(f"{found.days} days closed, {span}, {found.messages} messages ({seconds:.1f} s)")
    say(f"the chain ends with {found.chain.hex()}: note it elsewhere, and nobody can write the past anew")
    if found.problems:
        return EXIT_FAILED
    say("ok: every day holds what it held when it was closed")
    return EXIT_OK


def _compare(options: argparse.Namespace) -> int:
    site = settings.load(settings.find(options.config), Secrets.of_process())
    gc.disable()  # a million small records that all stay: looking for garbage among them is a third of the time
    try:
        return comparison.compare(options, site, say)
    finally:
        gc.enable()


TASKS: Mapping[str | None, Callable[[argparse.Namespace], int]] = {None: _sums, "verify": _verify, "compare": _compare}


def journal_path(options: argparse.Namespace) -> Path:
    """The journal's file; needs no secrets, as nothing is opened."""
    return settings.without_secrets(settings.find(options.config)).journal_path


def days(options: argparse.Namespace) -> tuple[int, int]:
    """The first and last WIB day that are asked for; LedgerError for what is no span of days."""
    if options.day and (options.since or options.until):
        raise LedgerError("--day names one day, --from and --to a span of days: give one or the other")
    if not options.since and not options.until:
        one = day_of(wall_ms()) - 1 if options.day is None else day_typed(options.day, "--day")
        return one, one
    if not options.since:
        raise LedgerError("--to needs --from: the first day")
    first = day_typed(options.since, "--from")
    last = day_of(wall_ms()) - 1 if options.until is None else day_typed(options.until, "--to")
    if last < first:
        raise LedgerError(f"--from {day_name(first)} is after {'yesterday' if options.until is None else f'--to {day_name(last)}'}")
    if last - first >= DAYS_MAX:
        raise LedgerError(f"--from and --to may span {DAYS_MAX} days at most")
    return first, last


def day_typed(text: str, option: str) -> int:
    """A day as people write it, in days since 1970; LedgerError when it is none."""
    try:
        day = (dt.date.fromisoformat(text) - EPOCH).days
    except ValueError:
        raise LedgerError(f"{option} {text[:20]!r}: no day; write 2026-11-28") from None
    if not 0 <= day <= DAYS_MAX * 10:
        raise LedgerError(f"{option} {text[:20]!r}: no day of this gateway's time")
    return day


def as_json(found: Account, span: tuple[str, str]) -> dict[str, Any]:
    """The whole account, for machines; `wrong` names at most a thousand of `breaks`."""
    return {
        "from": span[0],
        "to": span[1],
        "lines": [{"operator": operator, "channel": channel, **_line(line)} for (operator, channel), line in sorted(found.lines.items())],
        "redeliveries": found.copies,
        "refusals": [{"operator": operator, "status": status, "count": n} for (operator, status), n in sorted(found.refusals.items())],
        "breaks": found.breaks,
        "wrong": [
            {"what": one.what, "number": one.number, "message_id": one.message_id, "operator": one.operator, "at_ms": one.at_ms}
            for one in found.wrong
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    accounts = [{"what": name, "detail": detail, "count": count} for (name, detail), count in sorted(line.accounts.items())]
    return {"received": line.received, "parts": line.parts, "accounted": line.accounted, "accounts": accounts}


def as_csv(found: Account, span: tuple[str, str]) -> str:
    """One row for each operator, channel and thing that was counted (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("from", "to", "operator", "channel", "what", "detail", "count"))

    def row(*cells: object) -> None:
        writer.writerow((*span, *(f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells)))

    for (operator, channel), line in sorted(found.lines.items()):
        row(operator, channel, "received", "", line.received)
        row(operator, channel, "parts", "", line.parts)
        for (name, detail), count in sorted(line.accounts.items()):
            row(operator, channel, name, detail, count)
    for operator, copies in sorted(found.copies.items()):
        row(operator, "", "redelivered", "", copies)
    for (operator, status), count in sorted(found.refusals.items()):
        row(operator, "", "refused", f"0x{status:08X}", count)
    for one in found.wrong:
        row(one.operator, "", "wrong", f"{one.number or one.message_id or ''}: {one.what}", 1)
    return text.getvalue()
