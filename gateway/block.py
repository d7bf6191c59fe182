"""What `lapor-gateway block` does; cli_persons.py says how it is called. With a running gateway or without."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import getpass
import json
from collections.abc import Mapping
from typing import Any

from gateway import local, settings
from gateway.commands import EXIT_OK, say
from gateway.privacy import one_line


def block(options: argparse.Namespace) -> int:
    """The block list."""
    if options.task == "list":
        return _list(options)
    given = {"who": options.who or getpass.getuser(), "reason": options.reason, "subject": options.number}
    if options.task == "add":
        answer = _ask(options, "block add", **given, days=options.days)
        say(f"blocked until {_day(answer['until_ms'])}: what comes is kept and held (`desk list --reason blocked`), never answered")
        return EXIT_OK
    changed = _ask(options, "block remove", **given)["changed"]
    say("no longer blocked; what was held stays at the desk" if changed else "was not blocked")
    return EXIT_OK


def _list(options: argparse.Namespace) -> int:
    rows = _ask(options, "block list")["blocked"]
    if options.json:
        say(json.dumps(rows, indent=2))
        return EXIT_OK
    for row in rows:
        until, count = f"{_day(row['since_ms'])} to {_day(row['until_ms'])}", f"{row['messages']} since"
        say(one_line(f"{row['number'] or '-':<8}{until}  {count:>12}  {row['who']}: {row['reason']}"))
    if not rows:
        say("Nobody is blocked.")
    return EXIT_OK


def _day(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%d}"


def _ask(options: argparse.Namespace, verb: str, **args: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    async def last() -> Mapping[str, Any]:
        answers = [one async for one in local.answers(settings.find(options.config), verb, **args)]
        found: Mapping[str, Any] = answers[-1]
        return found

    return asyncio.run(last())
